// Package tabular reads tables the way people have them: Excel workbooks, and text with semicolons,
// commas, tabs or bars, in UTF-8, UTF-16 or a Windows code page, with a title above the header, a
// quote that was never closed, or three hundred columns of which six matter.
//
// How a value flows: [Open] looks at the first 64 KB, decides kind, encoding and delimiter, and finds
// the header row. [Table.Peek] gives the first rows without consuming them; [GuessLanguage] and
// [GuessMapping] say what the columns are; a person corrects the mapping. [Table.Next] then hands out
// row after row. A row that cannot be read comes with an [RowError] and the reading goes on with the
// next one. What the importer cannot use it hands to [Rejects], which writes a file that can be
// corrected in Excel and opened here again.
//
//	table, err := tabular.Open(file, tabular.Options{})
//	defer table.Close()
//	sample, err := table.Peek(50)
//	columns := tabular.GuessMapping(table.Header, sample, tabular.GuessLanguage(table.Header, sample))
//	for {
//		row, err := table.Next()
//		if err == io.EOF { break }
//		...
//	}
//
// Memory does not grow with the rows of a text file. Of a workbook the compressed file is held, and
// sheets and texts above 16 MB lie in temporary files until [Table.Close].
//
// The package knows nothing of leads: it gives text cells, in Unicode, numbers with a decimal point
// where they come from a workbook, dates of workbooks as 2026-07-13. Text files keep the cells as
// they were typed; crm/locale reads numbers and dates from them.
package tabular
