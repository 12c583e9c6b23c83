package tablehost_test

import (
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
)

const warning = tablehost.Warning

var mistakesOfNames = []mistake{
	{name: "a table that is not there", spoil: func(m *tablehost.Mapping) { m.Customers.Table = "CUSTS" },
		path: "customers.table", code: "table.unknown", says: `no table or view "CUSTS"`},
	{name: "SQL for a table", spoil: func(m *tablehost.Mapping) { m.Customers.Table = "CUST; DROP TABLE CUST --" },
		path: "customers.table", code: "table.unknown", says: "no table or view"},
	{name: "SQL in brackets for a column", spoil: func(m *tablehost.Mapping) { toColumn(m.Customers.Fields, "name", "[NAME] = 1 OR 1") },
		path: "customers.fields.name", code: "column.unknown", says: "is not the name of a column"},
	{name: "a table of another database", spoil: func(m *tablehost.Mapping) { m.Customers.Table = "master.dbo.CUST" },
		path: "customers.table", code: "table.unknown", says: "synonym"},
	{name: "a column that is misspelt", spoil: func(m *tablehost.Mapping) { toColumn(m.Customers.Fields, "name", "NAEM") },
		path: "customers.fields.name", code: "column.unknown", says: "did you mean NAME?"},
	{name: "a column that was renamed in the database", ddl: []string{"CITY nvarchar(40)", "TOWN nvarchar(40)"},
		path: "customers.fields.city", code: "column.unknown", says: `has no column "CITY"`},
	{name: "a table without the company's column", ddl: []string{"CREATE TABLE $ORDLIN (\n\tFIRM char(2) NOT NULL, ", "CREATE TABLE $ORDLIN (\n\t", "FOREIGN KEY (FIRM, ITEM) REFERENCES $ITEMS (FIRM, CODE)", "CHECK (LINE > 0)", "FOREIGN KEY (FIRM, VATCODE) REFERENCES $VATS (FIRM, CODE)", "CHECK (NET > -1)"},
		path: "company.column", code: "column.unknown", says: `no column "FIRM"`},
	{name: "a field that the language does not have", spoil: func(m *tablehost.Mapping) { m.Customers.Fields["nickname"] = tablehost.Field{Column: "NAME"} },
		path: "customers.fields.nickname", code: "field.unknown", says: `no field "nickname"`},
	{name: "a join with a table that is not there", spoil: func(m *tablehost.Mapping) {
		m.Customers.Join = []tablehost.Join{{Name: "terms", Table: "TERMSS", On: map[string]string{"CODE": "TERMS"}}}
	}, path: "customers.join[0].table", code: "table.unknown", says: "TERMS"},
	{name: "a counter that is not described", spoil: func(m *tablehost.Mapping) { orderIn(m).Number.Counter = "nubmers" },
		path: "documents.order.number.counter", code: "counter.unknown", says: "did you mean numbers?"},
	{name: "a lookup that is not described", spoil: func(m *tablehost.Mapping) {
		m.Customers.Set["TERMS"] = tablehost.Value{Lookup: "therms", With: []string{"30"}}
	}, path: "customers.set.TERMS", code: "lookup.unknown", says: "did you mean terms?"},
	{name: "a lookup with too few parameters", spoil: func(m *tablehost.Mapping) { m.Customers.Set["TERMS"] = tablehost.Value{Lookup: "terms"} },
		path: "customers.set.TERMS", code: "lookup.parameters", says: "takes 1 parameters (days), and 0 are given"},
	{name: "a formula over what is not there", spoil: func(m *tablehost.Mapping) { m.Customers.Set["CREATED"] = formulaOf("nwo") },
		path: "customers.set.CREATED", code: "formula", says: "nwo"},
	{name: "a schema that is not there", spoil: func(m *tablehost.Mapping) {
		m.Company = tablehost.CompanyScope{Schemas: map[string]string{"01": "firm01"}}
	},
		path: "company.schemas.01", code: "table.unknown", says: "firm01"},
	{name: "a database that is not there", only: catalog.MSSQL, spoil: func(m *tablehost.Mapping) {
		m.Company = tablehost.CompanyScope{Databases: map[string]string{"01": "no_such_firm"}}
	}, path: "company.databases.01", code: "company.database", says: `no database "no_such_firm"`},
	{name: "companies kept apart twice", spoil: func(m *tablehost.Mapping) { m.Company.Schemas = map[string]string{"01": "dbo"} },
		path: "company", code: "company.ways", says: "in one way only"},
}

var mistakesOfColumns = []mistake{
	{name: "NOT NULL that nobody fills", spoil: func(m *tablehost.Mapping) { delete(orderIn(m).Lines.Fields, "vat_code") },
		path: "documents.order.lines", code: "column.unmapped", says: "ORDLIN.VATCODE char(4) NOT NULL is not mapped and has no default"},
	{name: "an audit column that is forgotten", spoil: func(m *tablehost.Mapping) { delete(m.Customers.Set, "CREATED") },
		path: "customers", code: "column.unmapped", says: "CUST.CREATED datetime NOT NULL"},
	{name: "a column that the vendor added", ddl: []string{"STATE char(1) NOT NULL, TOKEN", "STATE char(1) NOT NULL, BRANCH int NOT NULL, TOKEN"},
		path: "documents.order", code: "column.unmapped", says: "ORDHDR.BRANCH int NOT NULL"},
	{name: "a counter's row that lacks a value", ddl: []string{"NOTE nvarchar(20) NULL", "NOTE nvarchar(20) NOT NULL"},
		path: "counters.numbers", code: "column.unmapped", says: "NUMBERS.NOTE nvarchar(20) NOT NULL"},
	{name: "a step's row that lacks a value", spoil: func(m *tablehost.Mapping) {
		m.Customers.After = []tablehost.Step{{Insert: "LOG", Key: &tablehost.Key{Column: "ID", Identity: true}, Set: map[string]tablehost.Value{"CUSTNO": formulaOf("customer.key")}}}
	}, path: "customers.after[0]", code: "column.unmapped", says: "LOG.WHAT nvarchar(40) NOT NULL"},
	{name: "a computed column as a field", ddl: []string{"GROSS decimal(15,2) NOT NULL", "GROSS $COMPUTED"},
		severity: warning, path: "documents.order.fields.gross", code: "field.filled", says: "is filled by the database"},
	{name: "a computed column that is set", ddl: []string{"GROSS decimal(15,2) NOT NULL", "GROSS $COMPUTED"}, spoil: func(m *tablehost.Mapping) {
		delete(orderIn(m).Fields, "gross")
		orderIn(m).Set["GROSS"] = formulaOf("document.gross")
	}, path: "documents.order.set.GROSS", code: "column.written", says: "is filled by the database"},
	{name: "an identity that is set", only: catalog.MSSQL, spoil: func(m *tablehost.Mapping) { orderIn(m).Set["ID"] = formulaOf("1") },
		path: "documents.order.set.ID", code: "column.written", says: "cannot be written"},
	{name: "a rowversion that is set", only: catalog.MSSQL, ddl: []string{"STATE char(1) NOT NULL, TOKEN", "STATE char(1) NOT NULL, VER rowversion, TOKEN"},
		spoil: func(m *tablehost.Mapping) { orderIn(m).Set["VER"] = formulaOf("1") },
		path:  "documents.order.set.VER", code: "column.written", says: "cannot be written"},
	{name: "a column written twice", spoil: func(m *tablehost.Mapping) { m.Customers.Set["NAME"] = formulaOf("customer.name") },
		path: "customers.set.NAME", code: "column.twice", says: "is written by customers.fields.name already"},
	{name: "the company written by hand", spoil: func(m *tablehost.Mapping) { m.Customers.Set["FIRM"] = formulaOf("'01'") },
		severity: warning, path: "customers.set.FIRM", code: "column.company", says: "keeps companies apart"},
	{name: "a number in a column of dates", ddl: []string{"NET decimal(15,2) NOT NULL, VAT", "NET datetime NOT NULL, VAT"},
		path: "documents.order.fields.net", code: "column.kind", says: "ORDHDR.NET datetime NOT NULL"},
	{name: "a date in a column of numbers", ddl: []string{"ODATE date NOT NULL", "ODATE int NOT NULL"},
		path: "documents.order.fields.date", code: "column.kind", says: "ORDHDR.ODATE int NOT NULL"},
	{name: "a name in a column of numbers", ddl: []string{"NAME nvarchar(60) NOT NULL", "NAME int NOT NULL"},
		path: "customers.fields.name", code: "column.kind", says: "is not a number"},
	{name: "a country without its second letter", ddl: []string{"COUNTRY char(2)", "COUNTRY char(1)"},
		path: "customers.fields.country", code: "column.length", says: `"HU" has 2 characters, the column takes 1`},
	{name: "a currency that is cut", ddl: []string{"CURRENCY char(3) NOT NULL,\n\tWHOUSE", "CURRENCY char(2) NOT NULL,\n\tWHOUSE"},
		path: "documents.order.fields.currency", code: "column.length", says: "the column takes 2"},
	{name: "names that are cut", ddl: []string{"NAME nvarchar(60) NOT NULL", "NAME nvarchar(20) NOT NULL"},
		severity: warning, path: "customers.fields.name", code: "column.length", says: "the column takes 20"},
	{name: "amounts without cents", ddl: []string{"NET decimal(15,2) NOT NULL, VAT decimal", "NET decimal(15,0) NOT NULL, VAT decimal"},
		severity: warning, path: "documents.order.fields.net", code: "column.precision", says: "more than 0 digits behind the point"},
	{name: "amounts that are too small", ddl: []string{"NET decimal(15,2) NOT NULL, VAT decimal", "NET decimal(5,2) NOT NULL, VAT decimal"},
		path: "documents.order.fields.net", code: "column.range", says: "more than the 3 digits before the point"},
	{name: "quantities that are whole", ddl: []string{"QTY decimal(15,3)", "QTY smallint"}, spoil: func(m *tablehost.Mapping) { m.Storage.Quantity = "" },
		severity: warning, path: "documents.order.lines.fields.quantity", code: "column.precision", says: "keeps whole numbers"},
	{name: "money in a column of text", only: catalog.MSSQL, ddl: []string{"NET decimal(15,2) NOT NULL, VAT", "NET varchar(20) NOT NULL, VAT"},
		path: "documents.order.fields.net", code: "column.storage", says: "the column keeps text"},
	{name: "money without a storage on SQLite", only: catalog.SQLite, spoil: func(m *tablehost.Mapping) { m.Storage.Money = "" },
		path: "documents.order.fields.net", code: "column.storage", says: "SQLite has no decimals"},
	{name: "money as text in a numeric column", only: catalog.SQLite, spoil: func(m *tablehost.Mapping) { m.Storage.Money = "text" },
		path: "documents.order.fields.net", code: "column.storage", says: "declare the column TEXT"},
	{name: "a storage that is none", only: catalog.SQLite, spoil: func(m *tablehost.Mapping) { m.Storage.Money = "cents" },
		path: "documents.order.fields.net", code: "storage", says: `"cents" is no way to keep numbers`},
	{name: "names in a code page", only: catalog.MSSQL, ddl: []string{"CITY nvarchar(40)", "CITY varchar(40)"},
		severity: warning, path: "customers.fields.city", code: "column.codepage", says: "nvarchar keeps all"},
	{name: "an empty text that a key refuses", ddl: []string{"TERMS varchar(6) NULL", "TERMS varchar(6) NOT NULL"}, spoil: func(m *tablehost.Mapping) {
		delete(m.Customers.Set, "TERMS")
		m.Customers.Fields["region"] = tablehost.Field{Column: "TERMS"}
	}, severity: warning, path: "customers.fields.region", code: "column.empty", says: "an empty region is refused there"},
}

var mistakesOfValues = []mistake{
	{name: "nothing where a value is needed", spoil: func(m *tablehost.Mapping) { m.Customers.Set["CREATED"] = formulaOf("nil") },
		path: "customers.set.CREATED", code: "column.null", says: "takes no NULL"},
	{name: "a constant that is too long", spoil: func(m *tablehost.Mapping) { orderIn(m).Set["WHOUSE"] = formulaOf("'MAIN01'") },
		path: "documents.order.set.WHOUSE", code: "column.length", says: `"MAIN01" has 6 characters, the column takes 4`},
	{name: "a constant of another kind", spoil: func(m *tablehost.Mapping) { m.Customers.Set["CREATED"] = formulaOf("'yesterday'") },
		path: "customers.set.CREATED", code: "column.kind", says: `"yesterday" is not a date`},
	{name: "a constant that is too large", spoil: func(m *tablehost.Mapping) {
		orderIn(m).Lines.Row = ""
		orderIn(m).Lines.Set = map[string]tablehost.Value{"LINE": formulaOf("40000")}
	}, path: "documents.order.lines.set.LINE", code: "column.range", says: "-32768 to 32767"},
	{name: "a constant that the catalogue does not know", spoil: func(m *tablehost.Mapping) { orderIn(m).Set["WHOUSE"] = formulaOf("'W99'") },
		path: "documents.order.set.WHOUSE", code: "foreign_key.constant", says: "there is no W99 in"},
	{name: "a value that a CHECK refuses", spoil: func(m *tablehost.Mapping) {
		m.Customers.Fields["blocked"] = tablehost.Field{Column: "BLOCKED", Values: map[string]string{"true": "I", "false": "N"}}
	}, path: "customers.fields.blocked.values.true", code: "check", says: "CK_CUST_BLOCKED refuses I"},
	{name: "a flag that is written as a digit", spoil: func(m *tablehost.Mapping) { m.Customers.Fields["blocked"] = tablehost.Field{Column: "BLOCKED"} },
		path: "customers.fields.blocked", code: "check", says: "CK_CUST_BLOCKED refuses 1"},
	{name: "a state that a CHECK refuses", spoil: func(m *tablehost.Mapping) { orderIn(m).Fields["state"].Values["open"] = "O" },
		path: "documents.order.fields.state.values.open", code: "check", says: "CK_ORD_STATE refuses O"},
	{name: "a state in our own words", spoil: func(m *tablehost.Mapping) { orderIn(m).Fields["state"] = tablehost.Field{Column: "STATE"} },
		path: "documents.order.fields.state", code: "column.length", says: `"open" has 4 characters, the column takes 1`},
	{name: "a first state without a value", spoil: func(m *tablehost.Mapping) { orderIn(m).Initial = erpbridge.Completed },
		path: "documents.order.fields.state", code: "column.length", says: `"completed"`},
	{name: "a state that is no state", spoil: func(m *tablehost.Mapping) { orderIn(m).Fields["state"].Values["opened"] = "N" },
		path: "documents.order.fields.state.values", code: "state.unknown", says: "did you mean open?"},
	{name: "a cancelled state that a CHECK refuses", spoil: func(m *tablehost.Mapping) { orderIn(m).Cancel[0].Set["STATE"] = formulaOf("'S'") },
		path: "documents.order.cancel[0].set.STATE", code: "check", says: "CK_ORD_STATE refuses S"},
	{name: "two states with one value", spoil: func(m *tablehost.Mapping) { orderIn(m).Fields["state"].Values["cancelled"] = "P" },
		severity: warning, path: "documents.order.fields.state.values", code: "values.twice", says: `"P" stands for`},
	{name: "a discount in percent where fractions are kept", ddl: []string{"DISC decimal(7,4) NOT NULL", "DISC real NOT NULL CHECK (DISC >= 0 AND DISC <= 1)"},
		spoil: func(m *tablehost.Mapping) { m.Storage.Percent = "" },
		path:  "documents.order.lines.fields.discount", code: "check", says: "12.5"},
	{name: "a discount kept in a way that there is not", spoil: func(m *tablehost.Mapping) {
		f := orderIn(m).Lines.Fields["discount"]
		f.As = "permille"
		orderIn(m).Lines.Fields["discount"] = f
	}, path: "documents.order.lines.fields.discount.as", code: "field.as", says: `"permille"`},
	{name: "a moment in a short text", ddl: []string{"CREATED datetime NOT NULL,\n\tPRIMARY KEY (FIRM, CUSTNO)", "CREATED char(8) NOT NULL,\n\tPRIMARY KEY (FIRM, CUSTNO)"},
		path: "customers.set.CREATED", code: "column.length", says: "the column takes 8"},
	{name: "a lookup's constant of another kind", spoil: func(m *tablehost.Mapping) {
		l := m.Lookups["terms"]
		l.Where = map[string]tablehost.Condition{"DAYS": {Value: "days"}, "FIRM": {Value: "'0001'"}}
		m.Lookups["terms"] = l
	}, path: "lookups.terms.where.FIRM", code: "column.length", says: "the column takes 2"},
}
