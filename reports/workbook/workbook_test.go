package workbook_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/workbook"
)

// write makes a workbook of one sheet and gives its bytes.
func write(tb testing.TB, o workbook.Options, spec workbook.SheetSpec, rows ...[]workbook.Value) []byte {
	tb.Helper()
	book, err := workbook.New(o)
	check(tb, err)
	defer func() { check(tb, book.Close()) }()
	sheet, err := book.Sheet(spec)
	check(tb, err)
	for _, row := range rows {
		check(tb, sheet.Append(row...))
	}
	check(tb, sheet.Close())
	var out bytes.Buffer
	n, err := book.WriteTo(&out)
	check(tb, err)
	if n != int64(out.Len()) || n == 0 {
		tb.Fatalf("WriteTo says %d bytes, %d arrived", n, out.Len())
	}
	return out.Bytes()
}

func open(tb testing.TB, b []byte) *excelize.File {
	tb.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	check(tb, err)
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

func cell(tb testing.TB, f *excelize.File, sheet, ref string) string {
	tb.Helper()
	v, err := f.GetCellValue(sheet, ref, excelize.Options{RawCellValue: true})
	check(tb, err)
	return v
}

func formula(tb testing.TB, f *excelize.File, sheet, ref string) string {
	tb.Helper()
	v, err := f.GetCellFormula(sheet, ref)
	check(tb, err)
	return v
}

func format(tb testing.TB, f *excelize.File, sheet, ref string) string {
	tb.Helper()
	id, err := f.GetCellStyle(sheet, ref)
	check(tb, err)
	style, err := f.GetStyle(id)
	check(tb, err)
	if style.CustomNumFmt == nil {
		return ""
	}
	return *style.CustomNumFmt
}

func in(l locale.Language) workbook.Options {
	zone, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		panic(err)
	}
	return workbook.Options{Locale: locale.Locale{Language: l, Zone: zone}}
}

func one(c workbook.Column) workbook.SheetSpec {
	c.Key, c.Heading = "it", "It"
	return workbook.SheetSpec{Name: "S", Columns: []workbook.Column{c}}
}

func TestCells(t *testing.T) {
	day := civil.Date{Year: 2026, Month: 7, Day: 13}
	instant := time.Date(2026, 7, 13, 12, 30, 0, 0, time.UTC) // 14:30 in Budapest
	huf, percent := workbook.Column{Kind: workbook.KindMoney, Currency: "HUF"}, workbook.Column{Kind: workbook.KindPercent}
	tests := map[string]struct {
		language locale.Language
		column   workbook.Column
		value    workbook.Value
		raw      string
		format   string
		kind     excelize.CellType
	}{
		"text in Greek":         {locale.Greek, workbook.Column{Kind: workbook.KindText}, workbook.Text("Παπαδόπουλος ΑΕ"), "Παπαδόπουλος ΑΕ", "", excelize.CellTypeInlineString},
		"integer":               {locale.English, workbook.Column{Kind: workbook.KindInteger}, workbook.Integer(-1234), "-1234", "#,##0", excelize.CellTypeUnset},
		"integer of 16 digits":  {locale.English, workbook.Column{Kind: workbook.KindInteger}, workbook.Integer(1234567890123456), "1,234,567,890,123,456", "", excelize.CellTypeInlineString},
		"quantity":              {locale.English, workbook.Column{Kind: workbook.KindQuantity}, workbook.Quantity(money.MustQuantity("0.125")), "0.125", "#,##0.000", excelize.CellTypeUnset},
		"quantity, least width": {locale.English, workbook.Column{Kind: workbook.KindQuantity, Places: 2}, workbook.Quantity(money.MustQuantity("3")), "3", "#,##0.00", excelize.CellTypeUnset},
		"forint":                {locale.Hungarian, huf, workbook.Money(money.MustAmount("1234"), "HUF"), "1234", `#,##0\ [$Ft-40E];[Red]-#,##0\ [$Ft-40E]`, excelize.CellTypeUnset},
		"euro in English":       {locale.English, workbook.Column{Kind: workbook.KindMoney, Currency: "EUR"}, workbook.Money(money.MustAmount("0.1"), "EUR"), "0.1", `[$€-1]#,##0.00;[Red]-[$€-1]#,##0.00`, excelize.CellTypeUnset},
		"shekel in Hebrew":      {locale.Hebrew, workbook.Column{Kind: workbook.KindMoney, Currency: "ILS"}, workbook.Money(money.MustAmount("-9.99"), "ILS"), "-9.99", `#,##0.00\ [$₪-40D];[Red]-#,##0.00\ [$₪-40D]`, excelize.CellTypeUnset},
		"a currency by code":    {locale.English, workbook.Column{Kind: workbook.KindMoney, Currency: "KWD"}, workbook.Money(money.MustAmount("1.5"), "KWD"), "1.5", `#,##0.000\ [$KWD];[Red]-#,##0.000\ [$KWD]`, excelize.CellTypeUnset},
		"money of 15 digits":    {locale.English, huf, workbook.Money(money.MustAmount("12345678901.2345"), "HUF"), "12345678901.2345", `#,##0\ [$Ft-40E];[Red]-#,##0\ [$Ft-40E]`, excelize.CellTypeUnset},
		"money of 16 digits":    {locale.Hungarian, huf, workbook.Money(money.MustAmount("123456789012.3456"), "HUF"), "123 456 789 012,3456 Ft", "", excelize.CellTypeInlineString},
		"percent":               {locale.Russian, percent, workbook.Percent(money.MustPercent("12.5")), "0.125", "0.0%", excelize.CellTypeUnset},
		"whole percent":         {locale.Russian, percent, workbook.Percent(money.MustPercent("27")), "0.27", "0%", excelize.CellTypeUnset},
		"date in Hungarian":     {locale.Hungarian, workbook.Column{Kind: workbook.KindDate}, workbook.Date(day), "46216", `yyyy\.\ mm\.\ dd\.`, excelize.CellTypeUnset},
		"date in English":       {locale.English, workbook.Column{Kind: workbook.KindDate}, workbook.Date(day), "46216", `dd\/mm\/yyyy`, excelize.CellTypeUnset},
		"date before 1900":      {locale.Russian, workbook.Column{Kind: workbook.KindDate}, workbook.Date(civil.Date{Year: 1848, Month: 3, Day: 15}), "15.03.1848", "", excelize.CellTypeInlineString},
		"first date of Excel":   {locale.Russian, workbook.Column{Kind: workbook.KindDate}, workbook.Date(civil.Date{Year: 1900, Month: 3, Day: 1}), "61", `dd\.mm\.yyyy`, excelize.CellTypeUnset},
		"instant in the zone":   {locale.Hungarian, workbook.Column{Kind: workbook.KindDateTime}, workbook.DateTime(instant), "46216.60416666667", `yyyy\.\ mm\.\ dd\.\ hh:mm`, excelize.CellTypeUnset},
		"yes in Greek":          {locale.Greek, workbook.Column{Kind: workbook.KindBool}, workbook.Bool(true), "Ναι", "", excelize.CellTypeInlineString},
		"no in Hungarian":       {locale.Hungarian, workbook.Column{Kind: workbook.KindBool}, workbook.Bool(false), "Nem", "", excelize.CellTypeInlineString},
		"empty":                 {locale.Hungarian, huf, workbook.Empty(), "", "", excelize.CellTypeUnset},
		"zero date is empty":    {locale.Hungarian, workbook.Column{Kind: workbook.KindDate}, workbook.Date(civil.Date{}), "", `yyyy\.\ mm\.\ dd\.`, excelize.CellTypeUnset},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := open(t, write(t, in(test.language), one(test.column), []workbook.Value{test.value}))
			raw := strings.ReplaceAll(cell(t, f, "S", "A2"), "\u00a0", " ")
			if raw != test.raw {
				t.Errorf("the cell holds %q, want %q", raw, test.raw)
			}
			if got := format(t, f, "S", "A2"); got != test.format {
				t.Errorf("the format is %q, want %q", got, test.format)
			}
			kind, err := f.GetCellType("S", "A2")
			check(t, err)
			if kind != test.kind {
				t.Errorf("the cell is of type %d, want %d", kind, test.kind)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	tests := map[string]struct{ label, address, formula, shown string }{
		"page":                {"Kovács Kft.", "https://kovacs.hu/a?b=\"c\"", `HYPERLINK("https://kovacs.hu/a?b=""c""","Kovács Kft.")`, "Kovács Kft."},
		"mail without label":  {"", "mailto:anna@example.hu", `HYPERLINK("mailto:anna@example.hu","mailto:anna@example.hu")`, "mailto:anna@example.hu"},
		"label breaks out":    {`x")+cmd|' /C calc'!A0+("`, "https://a.hu", `HYPERLINK("https://a.hu","x"")+cmd|' /C calc'!A0+(""")`, `x")+cmd|' /C calc'!A0+("`},
		"script":              {"click", "javascript:alert(1)", "", "click"},
		"file":                {"click", "file:///c:/windows/system32/calc.exe", "", "click"},
		"office command":      {"click", "ms-excel:ofe|u|https://evil", "", "click"},
		"no host":             {"click", "https:", "", "click"},
		"longer than 255":     {"click", "https://a.hu/" + strings.Repeat("x", 250), "", "click"},
		"line break":          {"click", "https://a.hu/\nx", "", "click"},
		"label is a formula":  {"=1+1", "nonsense", "", "=1+1"},
		"no scheme, no label": {"", "example.hu", "", "example.hu"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := open(t, write(t, in(locale.English), one(workbook.Column{Kind: workbook.KindLink}), []workbook.Value{workbook.Link(test.label, test.address)}))
			if got := formula(t, f, "S", "A2"); got != test.formula {
				t.Errorf("the formula is %s, want %s", got, test.formula)
			}
			if got := cell(t, f, "S", "A2"); got != test.shown {
				t.Errorf("shown is %q, want %q", got, test.shown)
			}
		})
	}
}

// deals is a sheet of several currencies.
var deals = workbook.SheetSpec{Name: "Deals", Columns: []workbook.Column{
	{Key: "name", Heading: "Customer", Kind: workbook.KindText},
	{Key: "code", Heading: "Code", Kind: workbook.KindText, Total: workbook.Count},
	{Key: "amount", Heading: "Amount", Kind: workbook.KindMoney, CurrencyColumn: "currency", Total: workbook.Sum},
	{Key: "currency", Heading: "Currency", Kind: workbook.KindText},
	{Key: "own", Heading: "In forint", Kind: workbook.KindMoney, Currency: "HUF", Total: workbook.Sum},
	{Key: "pieces", Heading: "Pieces", Kind: workbook.KindInteger, Total: workbook.Sum},
}}

func deal(name, code, amount, currency, own string, pieces int64) []workbook.Value {
	return []workbook.Value{
		workbook.Text(name), workbook.Text(code), workbook.Money(money.MustAmount(amount), currency), workbook.Text(currency),
		workbook.Money(money.MustAmount(own), "HUF"), workbook.Integer(pieces),
	}
}

func TestTotals(t *testing.T) {
	f := open(t, write(t, in(locale.English), deals,
		deal("כהן בע״מ", "A", "0.1", "ILS", "9", 1), deal("Kovács Kft.", "", "0.2", "EUR", "80", 2),
		deal("Levi", "C", "0.7", "ILS", "700", 3), deal("Иванов", "D", "0.1", "EUR", "-0.5", 4)))
	tests := []struct{ ref, formula, value string }{
		{"A7", "", "Total"}, {"B7", "SUBTOTAL(103,B2:B5)", "3"}, {"C7", "", ""}, {"D7", "", ""},
		{"E7", "SUBTOTAL(109,E2:E5)", "788.5"}, {"F7", "SUBTOTAL(109,F2:F5)", "10"},
		{"A8", "", "Total (unfiltered)"}, {"C8", `SUMIF($D$2:$D$5,"EUR",C$2:C$5)`, "0.3"}, {"D8", "", "EUR"}, {"E8", "", ""},
		{"C9", `SUMIF($D$2:$D$5,"ILS",C$2:C$5)`, "0.8"}, {"D9", "", "ILS"}, {"A10", "", ""},
	}
	for _, test := range tests {
		if got := formula(t, f, "Deals", test.ref); got != test.formula {
			t.Errorf("%s has formula %q, want %q", test.ref, got, test.formula)
		}
		if got := cell(t, f, "Deals", test.ref); got != test.value {
			t.Errorf("%s shows %q, want %q", test.ref, got, test.value)
		}
	}
}

func TestTotalOfInexactNumbersIsFixed(t *testing.T) {
	column := workbook.Column{Kind: workbook.KindMoney, Currency: "EUR", Total: workbook.Sum}
	f := open(t, write(t, in(locale.English), one(column),
		[]workbook.Value{workbook.Money(money.MustAmount("123456789012345.67"), "EUR")}, []workbook.Value{workbook.Money(money.MustAmount("0.04"), "EUR")}))
	if got := formula(t, f, "S", "A5"); got != "" {
		t.Errorf("the total has the formula %s, which would leave out the text above", got)
	}
	if got := cell(t, f, "S", "A5"); got != "123,456,789,012,345.71\u00a0€" {
		t.Errorf("the total shows %q", got)
	}
	if got := cell(t, f, "S", "A6"); !strings.Contains(got, "15 digits") {
		t.Errorf("the note is %q", got)
	}
}

// TestSumsAreExact: whatever the amounts, the cached total is the decimal sum.
func TestSumsAreExact(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		scaled := rapid.SliceOfN(rapid.Int64Range(-9_999_999_999, 9_999_999_999), 1, 450).Draw(r, "amounts")
		rows := make([][]workbook.Value, len(scaled))
		sums := map[string]decimal.Decimal{}
		total := decimal.Zero
		for i, n := range scaled {
			a, currency := money.AmountFromScaled(n), []string{"EUR", "HUF", "ILS"}[i%3]
			sums[currency] = sums[currency].Add(a.Decimal)
			total = total.Add(a.Decimal)
			rows[i] = []workbook.Value{workbook.Empty(), workbook.Empty(), workbook.Money(a, currency), workbook.Text(currency), workbook.Money(a, "HUF"), workbook.Integer(n)}
		}
		f := open(t, write(t, in(locale.English), deals, rows...))
		line := len(rows) + 3
		name := func(column string, line int) string { ref, _ := excelize.JoinCellName(column, line); return ref }
		if got := cell(t, f, "Deals", name("E", line)); got != total.String() {
			r.Fatalf("the total is %s, want %s", got, total)
		}
		for i, currency := range []string{"EUR", "HUF", "ILS"} {
			sum, ok := sums[currency]
			if !ok {
				continue
			}
			if got := cell(t, f, "Deals", name("C", line+1+i)); got != sum.String() {
				r.Fatalf("the total in %s is %s, want %s", currency, got, sum)
			}
			calculated, err := f.CalcCellValue("Deals", name("C", line+1+i), excelize.Options{RawCellValue: true})
			if err != nil {
				r.Fatal(err)
			}
			if d := decimal.RequireFromString(calculated); d.Sub(sum).Abs().GreaterThan(decimal.New(1, -4)) {
				r.Fatalf("the formula gives %s, want %s", d, sum)
			}
		}
	})
}

func TestSheetView(t *testing.T) {
	options := in(locale.Hebrew)
	options.Title, options.Author = "דוח & סיכום", "כהן"
	options.CreatedAt = time.Date(2026, 7, 13, 9, 30, 0, 0, time.UTC)
	f := open(t, write(t, options, deals, deal("לוי", "A", "1", "ILS", "100", 1)))
	view, err := f.GetSheetView("Deals", 0)
	check(t, err)
	if view.RightToLeft == nil || !*view.RightToLeft {
		t.Error("a Hebrew sheet does not run from right to left")
	}
	panes, err := f.GetPanes("Deals")
	check(t, err)
	if !panes.Freeze || panes.YSplit != 1 || panes.TopLeftCell != "A2" {
		t.Errorf("the header is not frozen: %+v", panes)
	}
	layout, err := f.GetPageLayout("Deals")
	check(t, err)
	if *layout.Size != 9 || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 {
		t.Errorf("the page layout is %+v", layout)
	}
	lines, err := f.GetHeaderFooter("Deals")
	check(t, err)
	if want := `&R&"-,Bold"דוח && סיכום&L13.07.2026 11:30`; lines.OddHeader != want {
		t.Errorf("the page header is %q, want %q", lines.OddHeader, want)
	}
	if want := "&R&A&L&P/&N"; lines.OddFooter != want { // a program that does not know the direction shows it right, too
		t.Errorf("the page footer is %q, want %q", lines.OddFooter, want)
	}
	properties, err := f.GetDocProps()
	check(t, err)
	if properties.Title != options.Title || properties.Creator != options.Author || properties.Created != "2026-07-13T09:30:00Z" || properties.Language != "he" {
		t.Errorf("the properties are %+v", properties)
	}
	names := map[string]string{}
	for _, d := range f.GetDefinedName() {
		names[d.Name] = d.RefersTo
	}
	if names["_xlnm.Print_Titles"] != "'Deals'!$1:$1" {
		t.Errorf("the defined names are %v", names)
	}
	tables, err := f.GetTables("Deals")
	check(t, err)
	if len(tables) != 1 || tables[0].Range != "A1:F2" || names["_xlnm._FilterDatabase"] != "" {
		t.Errorf("the rows are the tables %+v, with the names %v", tables, names)
	}
}

func TestEmptySheetSaysSo(t *testing.T) {
	f := open(t, write(t, in(locale.Hungarian), deals))
	if got := cell(t, f, "Deals", "A2"); got != "Nincs adat" {
		t.Errorf("A2 is %q", got)
	}
}

func TestFaultsAllAtOnce(t *testing.T) {
	book, err := workbook.New(in(locale.English))
	check(t, err)
	defer func() { check(t, book.Close()) }()
	_, err = book.Sheet(workbook.SheetSpec{Name: "S", Columns: []workbook.Column{
		{Key: "a", Heading: "A", Kind: workbook.KindMoney},
		{Key: "a", Kind: workbook.KindText, Currency: "HUF", Total: workbook.Sum},
		{Key: "b", Heading: "B", Kind: workbook.KindMoney, Currency: "forint", Width: 300, Places: 9},
		{Key: "c", Heading: "C", Kind: workbook.KindMoney, CurrencyColumn: "b"},
		{Heading: "D"},
	}, Charts: []workbook.Chart{{Kind: workbook.FunnelChart, Category: "x", Values: []string{"c", "y"}}}})
	var got []string
	for _, f := range fault.Of(err) {
		got = append(got, f.Path+" "+f.Code)
	}
	want := []string{
		"columns[1].heading required", "columns[1].key unique", "columns[4].key required",
		"columns[0].currency required", "columns[1].currency currency.kind", "columns[1].total total.kind",
		"columns[2].currency currency.form", "columns[2].places range", "columns[2].width range",
		"columns[3].currency_column currency_column", "columns[4].kind kind",
		"charts[0].category column", "charts[0].values count", "charts[0].values[0] currency", "charts[0].values[1] column",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the faults are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestRowWithFaultsIsNotWritten(t *testing.T) {
	book, err := workbook.New(in(locale.English))
	check(t, err)
	defer func() { check(t, book.Close()) }()
	sheet, err := book.Sheet(deals)
	check(t, err)
	bad := map[string]struct {
		row  []workbook.Value
		want string
	}{
		"too short":                 {deal("x", "", "1", "EUR", "1", 1)[:5], "rows[1] row.length"},
		"wrong kinds":               {[]workbook.Value{workbook.Integer(1), workbook.Bool(true), {}, {}, {}, workbook.Text("7")}, "rows[1].name kind, rows[1].code kind, rows[1].pieces kind"},
		"currency differs from row": {[]workbook.Value{{}, {}, workbook.Money(money.MustAmount("1"), "EUR"), workbook.Text("USD"), {}, {}}, "rows[1].amount currency"},
		"currency of column":        {[]workbook.Value{{}, {}, {}, {}, workbook.Money(money.MustAmount("1"), "EUR"), {}}, "rows[1].own currency"},
		"no currency":               {[]workbook.Value{{}, {}, workbook.Money(money.MustAmount("1"), "="), workbook.Text("="), {}, {}}, "rows[1].amount currency.form"},
	}
	for name, test := range bad {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range fault.Of(sheet.Append(test.row...)) {
				got = append(got, f.Path+" "+f.Code)
			}
			if strings.Join(got, ", ") != test.want {
				t.Errorf("the faults are %q, want %q", strings.Join(got, ", "), test.want)
			}
		})
	}
	check(t, sheet.Append(deal("Smith", "S", "1", "GBP", "450", 1)...))
	check(t, sheet.Close())
	var out bytes.Buffer
	_, err = book.WriteTo(&out)
	check(t, err)
	if got := cell(t, open(t, out.Bytes()), "Deals", "A2"); got != "Smith" {
		t.Errorf("the first row is %q, want the only good one", got)
	}
}
