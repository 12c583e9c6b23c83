package workbook_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/reports/workbook"
)

func TestCSV(t *testing.T) {
	columns := []workbook.Column{
		{Key: "name", Heading: "=Name", Kind: workbook.KindText},
		{Key: "amount", Heading: "Amount", Kind: workbook.KindMoney, CurrencyColumn: "currency"},
		{Key: "currency", Heading: "Currency", Kind: workbook.KindText},
		{Key: "own", Heading: "Own", Kind: workbook.KindMoney, Currency: "HUF"},
		{Key: "quantity", Heading: "Qty", Kind: workbook.KindQuantity},
		{Key: "chance", Heading: "Chance", Kind: workbook.KindPercent},
		{Key: "due", Heading: "Due", Kind: workbook.KindDate},
		{Key: "seen", Heading: "Seen", Kind: workbook.KindDateTime},
		{Key: "open", Heading: "Open", Kind: workbook.KindBool},
		{Key: "page", Heading: "Page", Kind: workbook.KindLink},
	}
	row := []workbook.Value{
		workbook.Text("+36;30 \"x\"\r\ny"), workbook.Money(money.MustAmount("-1234567.5"), "EUR"), workbook.Text("EUR"),
		workbook.Money(money.MustAmount("123456789012345.6789"), "HUF"), workbook.Quantity(money.MustQuantity("0.125")),
		workbook.Percent(money.MustPercent("12.5")), workbook.Date(civil.Date{Year: 1848, Month: 3, Day: 15}),
		workbook.DateTime(time.Date(2026, 7, 13, 12, 30, 0, 0, time.UTC)), workbook.Bool(true), workbook.Link("Label", "https://a.hu"),
	}
	const head = "\ufeff'=Name;Amount;Currency;Own (HUF);Qty;Chance;Due;Seen;Open;Page\r\n"
	tests := map[locale.Language]string{
		locale.Hungarian: head + "\"'+36;30 \"\"x\"\"\r\ny\";-1234567,50;EUR;123456789012345,6789;0,125;12,5%;1848-03-15;2026-07-13 14:30:00;Igen;https://a.hu\r\n",
		locale.Greek:     head + "\"'+36;30 \"\"x\"\"\r\ny\";-1234567,50;EUR;123456789012345,6789;0,125;12,5%;1848-03-15;2026-07-13 14:30:00;Ναι;https://a.hu\r\n",
		locale.Russian:   head + "\"'+36;30 \"\"x\"\"\r\ny\";-1234567,50;EUR;123456789012345,6789;0,125;12,5%;1848-03-15;2026-07-13 14:30:00;Да;https://a.hu\r\n",
		locale.English:   strings.ReplaceAll(head, ";", ",") + "\"'+36;30 \"\"x\"\"\r\ny\",-1234567.50,EUR,123456789012345.6789,0.125,12.5%,1848-03-15,2026-07-13 14:30:00,Yes,https://a.hu\r\n",
		locale.Hebrew:    strings.ReplaceAll(head, ";", ",") + "\"'+36;30 \"\"x\"\"\r\ny\",-1234567.50,EUR,123456789012345.6789,0.125,12.5%,1848-03-15,2026-07-13 14:30:00,כן,https://a.hu\r\n",
	}
	for language, want := range tests {
		t.Run(string(language), func(t *testing.T) {
			var out bytes.Buffer
			file, err := workbook.NewCSV(&out, workbook.CSVSpec{Locale: in(language).Locale, Columns: columns})
			check(t, err)
			check(t, file.Append(row...))
			if err := file.Append(row[:3]...); !errors.Is(err, fault.Invalid) {
				t.Errorf("a short row gives %v", err)
			}
			check(t, file.Close())
			if out.String() != want {
				t.Errorf("got\n%q\nwant\n%q", out.String(), want)
			}
			if err := file.Append(row...); !errors.Is(err, fault.Invalid) {
				t.Errorf("a row after Close gives %v", err)
			}
		})
	}
}

func FuzzCSVText(f *testing.F) {
	for _, s := range []string{"=1+1", ";", "\"", "\r\n", " =1", "a;b\"c\n", "＝1", "\ufeff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var out bytes.Buffer
		file, err := workbook.NewCSV(&out, workbook.CSVSpec{Locale: locale.Locale{Language: locale.Hungarian}, Columns: []workbook.Column{
			{Key: "a", Heading: "A", Kind: workbook.KindText}, {Key: "b", Heading: "B", Kind: workbook.KindText},
		}})
		check(t, err)
		check(t, file.Append(workbook.Text(s), workbook.Text("end")))
		check(t, file.Close())
		r := csv.NewReader(&out)
		r.Comma = ';'
		records, err := r.ReadAll()
		check(t, err)
		if len(records) != 2 || len(records[1]) != 2 || records[1][1] != "end" {
			t.Fatalf("%q reads back as %q", s, records)
		}
		if field := records[1][0]; field != "" && strings.ContainsAny(field[:1], "=+-@\t\r\n") {
			t.Fatalf("%q is written as %q", s, field)
		}
	})
}
