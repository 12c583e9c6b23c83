package tablehost_test

import (
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
)

// customerRow is a customer who is there already, with a country and a currency as the host writes them.
func customerRow(country, currency string) string {
	return "INSERT INTO $CUST (CUSTNO, FIRM, NAME, COUNTRY, CURRENCY, BLOCKED, CREATED) VALUES ('C1', '01', 'Tischlerei Ahorn', '" + country + "', '" + currency + "', 'N', '2026-01-05T00:00:00')"
}

// orderRows are an order with lines of those discounts.
func orderRows(discounts ...string) []string {
	list := []string{
		"", "INSERT INTO $VATS (FIRM, CODE, RATE) VALUES ('01', 'V000', 0)",
		"", customerRow("DE", "EUR"),
		"", "INSERT INTO $ORDHDR (FIRM, NUMBER, CUSTNO, ODATE, CURRENCY, WHOUSE, NET, VAT, GROSS, STATE, CREATED) VALUES ('01', 'O-1', 'C1', '2026-01-05', 'EUR', 'W01', 0, 0, 0, 'N', '2026-01-05T00:00:00')",
	}
	for i, d := range discounts {
		list = append(list, "", "INSERT INTO $ORDLIN (FIRM, ORDER_ID, LINE, NAME, QTY, PRICE, DISC, VATCODE, VATRATE, NET) VALUES ('01', 1, "+string(rune('1'+i))+", 'Chair', 1000, 0, "+d+", 'V000', 0, 0)")
	}
	return append([]string{"DISC decimal(7,4) NOT NULL", "DISC real NOT NULL"}, list...)
}

// asKept gives the discount a form, in a column that is not scaled.
func asKept(form string) func(m *tablehost.Mapping) {
	return func(m *tablehost.Mapping) {
		m.Storage.Percent = ""
		f := orderIn(m).Lines.Fields["discount"]
		f.As = form
		orderIn(m).Lines.Fields["discount"] = f
	}
}

// mistakesOfRows are those that only the rows show which are there already.
var mistakesOfRows = []mistake{
	{name: "countries by their names", ddl: []string{"COUNTRY char(2)", "COUNTRY nvarchar(30)", "", customerRow("Germany", "EUR")},
		severity: warning, path: "customers.fields.country", code: "code.unlisted", says: "rows hold Germany, and CRM+ knows countries by their ISO code of two letters; list what the host writes for each: values: {DE: Germany}"},
	{name: "a currency by its sign", ddl: []string{"", customerRow("HU", "Ft")},
		severity: warning, path: "customers.fields.currency", code: "code.unlisted", says: "rows hold Ft, and CRM+ knows currencies"},
	{name: "binary fractions where scaled whole numbers are meant", only: catalog.SQLite, ddl: []string{"", "INSERT INTO $VATS (FIRM, CODE, RATE) VALUES ('01', 'V275', 27.5)"},
		path: "vat.fields.rate", code: "column.storage", says: "a row holds 27.5, which is not what the mapping's storage says; say storage: {percent: float}"},
	{name: "percentages where fractions are meant", ddl: orderRows("10"), spoil: asKept("fraction"),
		severity: warning, path: "documents.order.lines.fields.discount", code: "discount.form", says: "a row holds 10, which as a fraction is 1000 %"},
	{name: "fractions where percentages are meant", ddl: orderRows("0.1", "0.25", "0.05"), spoil: asKept(""),
		severity: warning, path: "documents.order.lines.fields.discount", code: "discount.form", says: "at most 0.25, and none above 1 %"},
}
