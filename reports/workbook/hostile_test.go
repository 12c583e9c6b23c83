package workbook_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/workbook"
	"github.com/crmplus/crmplus/testutil"
)

// part gives one file of the workbook.
func part(tb testing.TB, b []byte, name string) []byte {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	check(tb, err)
	file, err := z.Open(name)
	check(tb, err)
	content, err := io.ReadAll(file)
	check(tb, err)
	return content
}

// TestHostileText: no text becomes a formula or breaks the file, in cells, headings and names.
func TestHostileText(t *testing.T) {
	tests := map[string]struct {
		text, want string
		quoted     bool
	}{
		"formula":            {"=1+1", "=1+1", true},
		"DDE":                {`=cmd|' /C calc'!A0`, `=cmd|' /C calc'!A0`, true},
		"plus":               {"+36 30 123 4567", "+36 30 123 4567", true},
		"minus":              {"-2+3", "-2+3", true},
		"at":                 {"@SUM(1)", "@SUM(1)", true},
		"tab":                {"\t=1", "\t=1", true},
		"carriage return":    {"\r=1", "\n=1", true},
		"space before":       {" =1", " =1", true},
		"closes the element": {"</t></is></c><c><f>1</f>", "</t></is></c><c><f>1</f>", false},
		"entities":           {"&lt;&#61;", "&lt;&#61;", false},
		"escape of Excel":    {"_x003D_1+1", "_x003D_1+1", false},
		"escaped escape":     {"_x005F_x003D_", "_x005F_x003D_", false},
		"NUL":                {"a\x00=b", "a=b", false},
		"apostrophe":         {"'=1", "'=1", false},
		"Hebrew with marks":  {"\u200fכהן בע״מ", "\u200fכהן בע״מ", false},
		"emoji":              {"👩‍💻 Ő", "👩‍💻 Ő", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec := workbook.SheetSpec{Name: test.text, Columns: []workbook.Column{{Key: "a", Heading: test.text, Kind: workbook.KindText}}}
			options := in(locale.English)
			options.Title, options.Author = test.text, test.text
			b := write(t, options, spec, []workbook.Value{workbook.Text(test.text)})
			if sheet := part(t, b, "xl/worksheets/sheet1.xml"); bytes.Contains(sheet, []byte("<f>")) {
				t.Errorf("the sheet has a formula: %s", sheet)
			}
			f := open(t, b)
			for _, ref := range []string{"A1", "A2"} {
				if got := cell(t, f, f.GetSheetName(0), ref); got != test.want {
					t.Errorf("%s reads %q, want %q", ref, got, test.want)
				}
			}
			id, err := f.GetCellStyle(f.GetSheetName(0), "A2")
			check(t, err)
			prefix := f.Styles.CellXfs.Xf[id].QuotePrefix
			if (prefix != nil && *prefix) != test.quoted {
				t.Errorf("the quote prefix is %v, want %v", prefix, test.quoted)
			}
		})
	}
}

// TestDatesAreNotQuoted: the quote prefix stays with the styles of text.
func TestDatesAreNotQuoted(t *testing.T) {
	f := open(t, write(t, in(locale.Hungarian), workbook.SheetSpec{Name: "S", Columns: benchColumns}, values(leadAt(5))))
	for _, ref := range []string{"A2", "G2", "H2", "I2", "J2", "K2"} {
		id, err := f.GetCellStyle("S", ref)
		check(t, err)
		if prefix := f.Styles.CellXfs.Xf[id].QuotePrefix; prefix != nil && *prefix {
			t.Errorf("%s has the quote prefix", ref)
		}
	}
}

func FuzzTextSurvives(f *testing.F) {
	for _, s := range []string{"=1+1", "_x0041_", " a ", "<&>", "\r\n\t", "שלום", "\ufeff", "a\x00b", "_x005F_x0041_"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1000 {
			return
		}
		spec := workbook.SheetSpec{Name: s, Columns: []workbook.Column{
			{Key: "a", Heading: "A", Kind: workbook.KindText}, {Key: "b", Heading: "B", Kind: workbook.KindLink},
		}}
		b := write(t, workbook.Options{Title: s, Author: s}, spec, []workbook.Value{workbook.Text(s), workbook.Link(s, s)})
		for _, name := range []string{"xl/worksheets/sheet1.xml", "xl/workbook.xml", "docProps/core.xml"} {
			d := xml.NewDecoder(bytes.NewReader(part(t, b, name)))
			for {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
	})
}

// TestGolden holds the XML of a small sheet with a chart, totals of two currencies and a link.
func TestGolden(t *testing.T) {
	spec := workbook.SheetSpec{Name: "Tölcsér", Columns: []workbook.Column{
		{Key: "stage", Heading: "Szakasz", Kind: workbook.KindText},
		{Key: "count", Heading: "Darab", Kind: workbook.KindInteger, Total: workbook.Sum},
		{Key: "value", Heading: "Érték", Kind: workbook.KindMoney, CurrencyColumn: "currency", Total: workbook.Sum},
		{Key: "currency", Heading: "Pénznem", Kind: workbook.KindText},
		{Key: "page", Heading: "Honlap", Kind: workbook.KindLink},
	}, Charts: []workbook.Chart{{Kind: workbook.FunnelChart, Title: "Értékesítési tölcsér", Category: "stage", Values: []string{"count"}}}}
	amount := func(s, currency string) workbook.Value { return workbook.Money(money.MustAmount(s), currency) }
	options := in(locale.Hungarian)
	options.Title = "Nyitott lehetőségek"
	b := write(t, options, spec,
		[]workbook.Value{workbook.Text("Új"), workbook.Integer(12), amount("1250000", "HUF"), workbook.Text("HUF"), workbook.Link("Kovács Kft.", "https://kovacs.hu")},
		[]workbook.Value{workbook.Text("=Ajánlat"), workbook.Integer(5), amount("-99.9", "EUR"), workbook.Text("EUR"), workbook.Empty()},
	)
	for _, name := range []string{"worksheets/sheet1.xml", "styles.xml", "charts/chart1.xml"} {
		// One element a line; the namespaces excelize declares are not ours.
		text := strings.ReplaceAll(string(part(t, b, "xl/"+name)), "><", ">\n<")
		var lines []string
		for line := range strings.SplitSeq(text, "\n") {
			if !strings.HasPrefix(line, "<worksheet ") {
				lines = append(lines, line)
			}
		}
		testutil.Golden(t, strings.ReplaceAll(name, "/", "_"), []byte(strings.Join(lines, "\n")+"\n"))
	}
}

func TestCharts(t *testing.T) {
	spec := workbook.SheetSpec{Name: "Chart", Columns: []workbook.Column{
		{Key: "stage", Heading: "Stage", Kind: workbook.KindText},
		{Key: "count", Heading: "Deals", Kind: workbook.KindInteger},
		{Key: "share", Heading: "Share", Kind: workbook.KindPercent},
	}, Charts: []workbook.Chart{
		{Kind: workbook.FunnelChart, Title: "Funnel", Category: "stage", Values: []string{"count"}},
		{Kind: workbook.ColumnChart, Title: "Columns", Category: "stage", Values: []string{"count", "share"}},
		{Kind: workbook.BarChart, Title: "Bars", Category: "stage", Values: []string{"share"}},
	}}
	row := func(stage string, n int64) []workbook.Value {
		return []workbook.Value{workbook.Text(stage), workbook.Integer(n), workbook.Percent(money.MustPercent("10"))}
	}
	t.Run("a few rows", func(t *testing.T) {
		b := write(t, in(locale.English), spec, row("New", 10), row("Quoted", 4))
		f := open(t, b)
		if got := formula(t, f, "Chart", "E3"); got != "(MAX(B$2:B$3,0)-B3)/2" {
			t.Errorf("the funnel's spacer is %q", got)
		}
		if got := cell(t, f, "Chart", "E3"); got != "3" {
			t.Errorf("the funnel's spacer is cached as %q", got)
		}
		for chart, want := range map[string][]string{
			"xl/charts/chart1.xml": {"'Chart'!$E$2:$E$3", "'Chart'!$B$2:$B$3", "stacked", "Funnel"},
			"xl/charts/chart2.xml": {"'Chart'!$B$2:$B$3", "'Chart'!$C$2:$C$3", "clustered", "Columns"},
			"xl/charts/chart3.xml": {"'Chart'!$A$2:$A$3", "'Chart'!$C$2:$C$3", "Bars"},
		} {
			content := string(part(t, b, chart))
			for _, w := range want {
				if !strings.Contains(strings.ReplaceAll(content, "&#39;", "'"), w) {
					t.Errorf("%s lacks %s", chart, w)
				}
			}
		}
	})
	t.Run("more rows than are drawn", func(t *testing.T) {
		rows := make([][]workbook.Value, 300)
		for i := range rows {
			rows[i] = row("x", int64(i))
		}
		content := string(part(t, write(t, in(locale.English), spec, rows...), "xl/charts/chart1.xml"))
		if !strings.Contains(content, "$B$2:$B$201") {
			t.Error("the chart does not draw the first 200 rows")
		}
	})
	t.Run("no rows", func(t *testing.T) {
		if f := open(t, write(t, in(locale.English), spec)); cell(t, f, "Chart", "A2") != "No data" {
			t.Error("an empty sheet with charts does not say so")
		}
	})
}
