package workbook_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/workbook"
)

// lead is one of the 12-column rows that both benchmarks write.
type lead struct {
	number                    int64
	name, contact, mail, city string
	stage                     string
	chance                    money.Percent
	value                     money.Amount
	quantity                  money.Quantity
	due                       civil.Date
	seen                      time.Time
	open                      bool
	// the same numbers for the bare limit, which pays for no conversion
	bareChance, bareValue, bareQuantity float64
}

func leadAt(i int) lead {
	return lead{
		number: int64(i), name: "Kovács és Társa " + strconv.Itoa(i) + " Kft.", contact: "Szőllősy Árpád", mail: "lead" + strconv.Itoa(i) + "@example.com",
		city: "Székesfehérvár", stage: "Ajánlat elküldve", chance: money.NewPercent(decimal.NewFromInt(int64(i % 100))),
		value: money.AmountFromScaled(int64(i) * 12_340_000), quantity: money.QuantityFromScaled(int64(i) * 250_000),
		due: civil.Date{Year: 2026, Month: 7, Day: 1 + i%28}, seen: time.UnixMilli(1_780_000_000_000 + int64(i)*60_000), open: i%2 == 0,
		bareChance: float64(i%100) / 100, bareValue: float64(i) * 1234, bareQuantity: float64(i) / 4,
	}
}

var benchColumns = []workbook.Column{
	{Key: "number", Heading: "Szám", Kind: workbook.KindInteger, Total: workbook.Count},
	{Key: "name", Heading: "Ügyfél", Kind: workbook.KindText},
	{Key: "contact", Heading: "Kapcsolattartó", Kind: workbook.KindText},
	{Key: "mail", Heading: "E-mail", Kind: workbook.KindText},
	{Key: "city", Heading: "Város", Kind: workbook.KindText},
	{Key: "stage", Heading: "Szakasz", Kind: workbook.KindText},
	{Key: "chance", Heading: "Esély", Kind: workbook.KindPercent},
	{Key: "value", Heading: "Érték", Kind: workbook.KindMoney, Currency: "HUF", Total: workbook.Sum},
	{Key: "quantity", Heading: "Mennyiség", Kind: workbook.KindQuantity, Total: workbook.Sum},
	{Key: "due", Heading: "Határidő", Kind: workbook.KindDate},
	{Key: "seen", Heading: "Utolsó kapcsolat", Kind: workbook.KindDateTime},
	{Key: "open", Heading: "Nyitott", Kind: workbook.KindBool},
}

// benchRows is the size that the required number names; the larger shows that memory does not grow.
var benchRows = []int{200_000, 1_000_000}

// BenchmarkBare is the limit: excelize's stream writer with the same cells and as many styles.
func BenchmarkBare(b *testing.B) {
	for _, rows := range benchRows {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) { measure(b, rows, writeBare) })
	}
}

// BenchmarkWorkbook writes the same rows through this package.
func BenchmarkWorkbook(b *testing.B) {
	for _, rows := range benchRows {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) { measure(b, rows, writeBook) })
	}
}

// BenchmarkCSV writes the same rows as CSV.
func BenchmarkCSV(b *testing.B) {
	for _, rows := range benchRows {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) { measure(b, rows, writeCSV) })
	}
}

// wideRows is a large workbook of twenty columns.
const wideRows = 500_000

// BenchmarkWide writes rows of twenty columns, the first eight of them again behind the twelve, bare and by this package.
func BenchmarkWide(b *testing.B) {
	b.Run("bare", func(b *testing.B) { measure(b, wideRows, writeWideBare) })
	b.Run("workbook", func(b *testing.B) { measure(b, wideRows, writeWide) })
}

func writeWide(tb testing.TB, w io.Writer, rows int) {
	columns := slices.Concat(benchColumns, benchColumns[:8])
	for i := len(benchColumns); i < len(columns); i++ {
		columns[i].Key += "2"
		columns[i].Heading += " 2"
	}
	writeColumns(tb, w, rows, columns, func(l lead) []workbook.Value {
		of := values(l)
		return append(of, of[:8]...)
	})
}

func writeWideBare(tb testing.TB, w io.Writer, rows int) {
	writeCells(tb, w, rows, func(cells []any) []any { return append(cells, cells[:8]...) })
}

func measure(b *testing.B, rows int, write func(testing.TB, io.Writer, int)) {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // begins the peak anew, where there is one
	for b.Loop() {
		write(b, io.Discard, rows)
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range bytes.Lines(status) {
		var kB float64
		if n, _ := fmt.Sscanf(string(line), "VmHWM: %f kB", &kB); n == 1 {
			b.ReportMetric(kB/1024, "peak-MB")
		}
	}
}

func writeBook(tb testing.TB, w io.Writer, rows int) { writeColumns(tb, w, rows, benchColumns, values) }

func writeColumns(tb testing.TB, w io.Writer, rows int, columns []workbook.Column, values func(lead) []workbook.Value) {
	book, err := workbook.New(workbook.Options{Locale: locale.Locale{Language: locale.Hungarian}, Title: "Érdeklődők"})
	check(tb, err)
	defer func() { check(tb, book.Close()) }()
	sheet, err := book.Sheet(workbook.SheetSpec{Name: "Érdeklődők", Columns: columns})
	check(tb, err)
	for i := range rows {
		check(tb, sheet.Append(values(leadAt(i))...))
	}
	check(tb, sheet.Close())
	_, err = book.WriteTo(w)
	check(tb, err)
}

func values(l lead) []workbook.Value {
	return []workbook.Value{
		workbook.Integer(l.number), workbook.Text(l.name), workbook.Text(l.contact), workbook.Text(l.mail),
		workbook.Text(l.city), workbook.Text(l.stage), workbook.Percent(l.chance), workbook.Money(l.value, "HUF"),
		workbook.Quantity(l.quantity), workbook.Date(l.due), workbook.DateTime(l.seen), workbook.Bool(l.open),
	}
}

func writeCSV(tb testing.TB, w io.Writer, rows int) {
	file, err := workbook.NewCSV(w, workbook.CSVSpec{Locale: locale.Locale{Language: locale.Hungarian}, Columns: benchColumns})
	check(tb, err)
	for i := range rows {
		check(tb, file.Append(values(leadAt(i))...))
	}
	check(tb, file.Close())
}

func writeBare(tb testing.TB, w io.Writer, rows int) {
	writeCells(tb, w, rows, func(cells []any) []any { return cells })
}

func writeCells(tb testing.TB, w io.Writer, rows int, widen func([]any) []any) {
	file := excelize.NewFile()
	defer func() { check(tb, file.Close()) }()
	var styles []int
	for _, format := range []string{"General", "#,##0", "0%", `#,##0\ "Ft"`, "#,##0.00", `yyyy\.\ mm\.\ dd\.`, `yyyy\.\ mm\.\ dd\.\ hh:mm`} {
		id, err := file.NewStyle(&excelize.Style{CustomNumFmt: &format, Border: []excelize.Border{{Type: "bottom", Color: "D9DEE5", Style: 1}}})
		check(tb, err)
		styles = append(styles, id)
	}
	stream, err := file.NewStreamWriter("Sheet1")
	check(tb, err)
	for i := range rows {
		l := leadAt(i)
		open := "Nem"
		if l.open {
			open = "Igen"
		}
		check(tb, stream.SetRow("A"+strconv.Itoa(i+1), widen([]any{
			excelize.Cell{StyleID: styles[1], Value: l.number}, excelize.Cell{StyleID: styles[0], Value: l.name},
			excelize.Cell{StyleID: styles[0], Value: l.contact}, excelize.Cell{StyleID: styles[0], Value: l.mail},
			excelize.Cell{StyleID: styles[0], Value: l.city}, excelize.Cell{StyleID: styles[0], Value: l.stage},
			excelize.Cell{StyleID: styles[2], Value: l.bareChance}, excelize.Cell{StyleID: styles[3], Value: l.bareValue},
			excelize.Cell{StyleID: styles[4], Value: l.bareQuantity}, excelize.Cell{StyleID: styles[5], Value: l.due.Time(nil)},
			excelize.Cell{StyleID: styles[6], Value: l.seen.UTC()}, excelize.Cell{StyleID: styles[0], Value: open},
		})))
	}
	check(tb, stream.Flush())
	check(tb, file.Write(w))
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
