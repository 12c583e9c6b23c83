// Package workbook writes typed rows as an Excel workbook (Office Open XML, ISO/IEC 29500) or as
// CSV, in the reader's language, without holding the rows in memory.
//
// A caller describes its columns once and appends rows of [Value]s; [Book] and [CSV] take the same
// columns and the same rows:
//
//	book, err := workbook.New(workbook.Options{Locale: reader, Title: "Nyitott lehetőségek"})
//	defer book.Close()
//	sheet, err := book.Sheet(workbook.SheetSpec{Name: "Lehetőségek", Columns: []workbook.Column{
//		{Key: "name", Heading: "Név", Kind: workbook.KindText},
//		{Key: "amount", Heading: "Érték", Kind: workbook.KindMoney, Currency: "HUF", Total: workbook.Sum},
//	}})
//	err = sheet.Append(workbook.Text("Kovács Kft."), workbook.Money(amount, "HUF"))
//	err = sheet.Close()
//	_, err = book.WriteTo(w)
//
// # How a value flows
//
// Append checks a row against the columns: all faults at once, and a row with a fault is not
// written. The first 200 rows are held back to choose column widths and decimals; every later row
// goes through excelize's stream writer into a temporary file. Close writes the totals and charts.
// WriteTo zips the parts straight into the output. Memory is therefore bounded by the sample and
// two buffers of 16 MB a sheet; the disk holds the sheets' XML, about 50 bytes a cell, until
// [Book.Close].
//
// The rows of each sheet are a table (Data_1, Data_2 and so on), so that pivot tables and filters take them as they are; the
// totals stand apart below it. Where two columns have the same heading there is a filter alone. A number may be a formula
// over other sheets ([Computed], [WholeColumn]), with its exact figure beside it.
//
// # Exactness
//
// Amounts are decimals up to the cell. A spreadsheet holds IEEE 754 doubles, which keep 15
// significant digits; a number with more is written as text with all its digits, and the total of
// its column as a fixed exact figure instead of a formula, with a note below. All other totals are
// formulas with a cached value computed from the decimals, so that a program which does not
// recalculate shows them too. Currencies are never added up together: a column of several
// currencies has one total row each.
//
// # Hostile text
//
// Text stays text. In a workbook it is an inline string, and text that a spreadsheet could take
// for a formula (it begins with = + - @, a tab or a line break) carries the quote prefix, so that
// it stays text when somebody edits the cell. In CSV it gets an apostrophe in front (OWASP, "CSV
// injection"). Characters that XML 1.0 forbids are dropped, and text is cut at the 32,767
// characters of a cell.
package workbook
