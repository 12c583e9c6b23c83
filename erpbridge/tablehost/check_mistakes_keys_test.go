package tablehost_test

import (
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
)

var mistakesOfKeys = []mistake{
	{name: "an identity that is none", spoil: func(m *tablehost.Mapping) { m.Customers.Key = tablehost.Key{Column: "CUSTNO", Identity: true} },
		path: "customers.key", code: "key.identity", says: "CUST.CUSTNO varchar(8) NOT NULL does not count by itself"},
	{name: "a key that nobody makes", spoil: func(m *tablehost.Mapping) { m.Customers.Key = tablehost.Key{Column: "CUSTNO"} },
		path: "customers.key", code: "key.missing", says: "nothing says how a new row gets"},
	{name: "an identity that nobody declares", spoil: func(m *tablehost.Mapping) { orderIn(m).Key = tablehost.Key{Column: "ID"} },
		path: "documents.order.key", code: "key.missing", says: "say so with identity: true"},
	{name: "a key made twice", spoil: func(m *tablehost.Mapping) { orderIn(m).Key.GUID = true },
		path: "documents.order.key", code: "key.ways", says: "in one way only"},
	{name: "a number for an identity", only: catalog.MSSQL, spoil: func(m *tablehost.Mapping) { orderIn(m).Key = tablehost.Key{Column: "ID", Highest: true} },
		path: "documents.order.key", code: "key.written", says: "is an identity"},
	{name: "a GUID that does not fit", spoil: func(m *tablehost.Mapping) { m.Customers.Key = tablehost.Key{Column: "CUSTNO", GUID: true} },
		path: "customers.key", code: "key.type", says: "cannot hold a GUID"},
	{name: "a sequence that is not there", only: catalog.MSSQL, spoil: func(m *tablehost.Mapping) { m.Customers.Key = tablehost.Key{Column: "CUSTNO", Sequence: "seq_cust"} },
		path: "customers.key.sequence", code: "key.sequence", says: "there is no sequence"},
	{name: "a code that is too long", spoil: func(m *tablehost.Mapping) {
		m.Customers.Key = tablehost.Key{Column: "CUSTNO", Template: "upper(left(letters(customer.name), 12)) + (try == 0 ? '' : text(try))"}
	}, path: "customers.key.template", code: "column.length", says: "the column takes 8"},
	{name: "a code that is too long at the twelfth try", spoil: func(m *tablehost.Mapping) {
		m.Customers.Key = tablehost.Key{Column: "CUSTNO", Template: "upper(left(letters(customer.name), 7)) + (try == 0 ? '' : text(try))"}
	}, path: "customers.key.template", code: "column.length", says: "the column takes 8"},
	{name: "a code that knows no second try", spoil: func(m *tablehost.Mapping) {
		m.Customers.Key = tablehost.Key{Column: "CUSTNO", Template: "upper(left(letters(customer.name), 5))"}
	}, severity: warning, path: "customers.key.template", code: "key.template", says: "does not depend on try"},
	{name: "a counted code that is too long", spoil: func(m *tablehost.Mapping) { m.Customers.Key.Counter.Format = "'CUST' + pad(n, 6)" },
		path: "customers.key.counter.format", code: "column.length", says: `"CUST099999" has 10 characters, the column takes 8`},
	{name: "a key without an index", ddl: []string{"PRIMARY KEY (FIRM, CUSTNO),\n\tUNIQUE", "UNIQUE", "CONSTRAINT FK_LOG FOREIGN KEY (FIRM, CUSTNO) REFERENCES $CUST (FIRM, CUSTNO)", "CHECK (WHAT <> '')", "CONSTRAINT FK_ORD_CUST FOREIGN KEY (FIRM, CUSTNO) REFERENCES $CUST (FIRM, CUSTNO),", ""},
		severity: warning, path: "customers.key", code: "key.unique", says: "no unique index or primary key of"},
	{name: "a number that is too long", spoil: func(m *tablehost.Mapping) { orderIn(m).Number.Format = "'ORDER-' + text(year) + '-' + pad(n, 12)" },
		path: "documents.order.number.format", code: "column.length", says: "the column takes 20"},
	{name: "a number that is written nowhere", spoil: func(m *tablehost.Mapping) {
		delete(orderIn(m).Fields, "number")
		orderIn(m).Set["NUMBER"] = formulaOf("'?'")
	},
		severity: warning, path: "documents.order.number", code: "number.column", says: "written nowhere"},
	{name: "a key that is a number that nobody takes", spoil: func(m *tablehost.Mapping) {
		orderIn(m).Key, orderIn(m).Number = tablehost.Key{Column: "NUMBER", Number: true}, nil
		delete(orderIn(m).Fields, "number")
	}, path: "documents.order.key", code: "key.number", says: "nothing makes one"},
	{name: "a counter that finds several rows", spoil: func(m *tablehost.Mapping) { delete(m.Counters["numbers"].Where, "YEAR") },
		path: "counters.numbers.where", code: "counter.unique", says: "NUMBERS says that where finds one row"},
	{name: "a counter that counts in text", ddl: []string{"LAST int NOT NULL", "LAST varchar(10) NOT NULL"},
		path: "counters.numbers.column", code: "column.type", says: "a counter needs a number"},
	{name: "a counter's series that does not fit", spoil: func(m *tablehost.Mapping) {
		m.Counters["numbers"].Where["SERIES"] = formulaOf("'CUSTOMERS-AND-ORDERS'")
	},
		path: "counters.numbers.where.SERIES", code: "column.length", says: "the column takes 8"},
	{name: "a lookup that finds several rows", ddl: []string{", UNIQUE (FIRM, DAYS)", ""},
		severity: warning, path: "lookups.terms.where", code: "lookup.unique", says: "of several any one answers"},
	{name: "a token that is cut", ddl: []string{"STATE char(1) NOT NULL, TOKEN varchar(60)", "STATE char(1) NOT NULL, TOKEN varchar(20)"},
		path: "documents.order.token", code: "token.length", says: "is too short for a token"},
	{name: "a token that is a number", ddl: []string{"STATE char(1) NOT NULL, TOKEN varchar(60)", "STATE char(1) NOT NULL, TOKEN int"},
		path: "documents.order.token", code: "token.type", says: "cannot keep a token"},
	{name: "a token without an index", ddl: []string{"UNIQUE (FIRM, NUMBER),\n\tUNIQUE (FIRM, TOKEN),", "UNIQUE (FIRM, NUMBER),"},
		severity: warning, path: "documents.order.token", code: "token.unique", says: "no unique index covers"},
	{name: "a customer's key of another type", ddl: []string{"NUMBER varchar(20) NOT NULL, CUSTNO varchar(8) NOT NULL", "NUMBER varchar(20) NOT NULL, CUSTNO int NOT NULL", "CONSTRAINT FK_ORD_CUST FOREIGN KEY (FIRM, CUSTNO) REFERENCES $CUST (FIRM, CUSTNO),", ""},
		path: "documents.order.fields.customer", code: "key.reference", says: "of another type"},
	{name: "a customer's key that is cut", ddl: []string{"NUMBER varchar(20) NOT NULL, CUSTNO varchar(8) NOT NULL", "NUMBER varchar(20) NOT NULL, CUSTNO varchar(6) NOT NULL", "CONSTRAINT FK_ORD_CUST FOREIGN KEY (FIRM, CUSTNO) REFERENCES $CUST (FIRM, CUSTNO),", ""},
		severity: warning, path: "documents.order.fields.customer", code: "key.reference", says: "is shorter than"},
}

var mistakesOfDocuments = []mistake{
	{name: "one product twice in one order", ddl: []string{"PRIMARY KEY (ORDER_ID, LINE)", "PRIMARY KEY (ORDER_ID, LINE), UNIQUE (ORDER_ID, ITEM)"},
		path: "documents.order.lines.duplicates", code: "lines.duplicates", says: "merge or refuse"},
	{name: "a line of text where a product is needed", ddl: []string{"ITEM varchar(20) NULL", "ITEM varchar(20) NOT NULL"},
		path: "documents.order.lines.text", code: "lines.text", says: "say text: refuse"},
	{name: "one line for each order", ddl: []string{"LINE smallint NOT NULL, ITEM", "ITEM", "PRIMARY KEY (ORDER_ID, LINE)", "PRIMARY KEY (ORDER_ID)"},
		spoil: func(m *tablehost.Mapping) {
			orderIn(m).Lines.Row, orderIn(m).Lines.Key = "", tablehost.Key{Column: "ITEM"}
		},
		path: "documents.order.lines.row", code: "lines.row", says: "one line for each document"},
	{name: "quantities below zero", ddl: []string{"QTY decimal(15,3) NOT NULL", "QTY decimal(15,3) NOT NULL CHECK (QTY > 0)"}, spoil: func(m *tablehost.Mapping) { orderIn(m).Negative = true },
		path: "documents.order.lines.fields.quantity", code: "check", says: "are below zero"},
	{name: "totals that nobody counts", spoil: func(m *tablehost.Mapping) { orderIn(m).Totals = "host" },
		path: "documents.order.fields.net", code: "totals", says: "nothing counts it"},
	{name: "totals that a trigger counts too", only: catalog.SQLite, ddl: []string{"", "CREATE TRIGGER TR_SUM AFTER INSERT ON ORDLIN BEGIN UPDATE ORDHDR SET NET = NET + NEW.NET WHERE ID = NEW.ORDER_ID; END"},
		severity: warning, path: "documents.order.fields.net", code: "totals", says: "TR_SUM"},
	{name: "totals that a trigger counts too, on SQL Server", only: catalog.MSSQL, ddl: []string{"", "CREATE TRIGGER TR_SUM ON $ORDLIN AFTER INSERT AS UPDATE $ORDHDR SET NET = 0 WHERE ID = 0"},
		severity: warning, path: "documents.order.fields.net", code: "totals", says: "TR_SUM"},
	{name: "a numbered document that is deleted", spoil: func(m *tablehost.Mapping) { orderIn(m).Cancel = []tablehost.Cancel{{Delete: true}} },
		path: "documents.order.cancel[0].delete", code: "cancel.delete", says: "leaves a hole"},
	{name: "an order for nobody", spoil: func(m *tablehost.Mapping) { delete(orderIn(m).Fields, "customer") },
		path: "documents.order.fields.customer", code: "required", says: "has to tell its customer"},
	{name: "an order without a date", spoil: func(m *tablehost.Mapping) { delete(orderIn(m).Fields, "date") },
		path: "documents.order.fields.date", code: "required", says: "has to tell its date"},
	{name: "an order without lines", spoil: func(m *tablehost.Mapping) { orderIn(m).Lines = nil },
		path: "documents.order.lines", code: "required", says: "without lines"},
	{name: "lines without a price", spoil: func(m *tablehost.Mapping) { delete(orderIn(m).Lines.Fields, "unit_price") },
		path: "documents.order.lines.fields.unit_price", code: "required", says: "has to tell its unit_price"},
	{name: "a document that follows what is not described", spoil: func(m *tablehost.Mapping) {
		orderIn(m).Source = &tablehost.DocumentSource{From: []erpbridge.Kind{erpbridge.Quotation}, Key: "WHOUSE"}
	}, path: "documents.order.source.from", code: "source.unknown", says: `no documents of the kind "quote"`},
	{name: "a kind that is no kind", spoil: func(m *tablehost.Mapping) {
		m.Documents["ordr"] = &tablehost.Document{Of: erpbridge.Order, Done: "true"}
	},
		path: "documents.ordr", code: "kind.unknown", says: "did you mean order?"},
	{name: "a credit note that is not described", spoil: func(m *tablehost.Mapping) { orderIn(m).Cancel[0].Credit = erpbridge.CreditNote },
		path: "documents.order.cancel[0].credit", code: "cancel.credit", says: "no documents of the kind"},
}

var mistakesOfTables = []mistake{
	{name: "a step before what it refers to", spoil: func(m *tablehost.Mapping) {
		m.Customers.Before = []tablehost.Step{{Insert: "LOG", Key: &tablehost.Key{Column: "ID", Identity: true}, Set: map[string]tablehost.Value{"CUSTNO": formulaOf("customer.code"), "WHAT": formulaOf("'new'")}}}
	}, path: "customers.before[0]", code: "foreign_key.order", says: "which is written only afterwards"},
	{name: "a step about all rows", spoil: func(m *tablehost.Mapping) {
		m.Customers.After = []tablehost.Step{{Update: "LOG", Set: map[string]tablehost.Value{"WHAT": formulaOf("'new'")}}}
	}, path: "customers.after[0].where", code: "step.where", says: "would be about all of them"},
	{name: "a step that does two things", spoil: func(m *tablehost.Mapping) {
		m.Customers.After = []tablehost.Step{{Update: "LOG", Insert: "LOG"}}
	}, path: "customers.after[0]", code: "step.verbs", says: "two things"},
	{name: "a statement of the host's own", spoil: func(m *tablehost.Mapping) { m.Customers.After = []tablehost.Step{{UnsafeSQL: "DELETE FROM LOG"}} },
		severity: warning, path: "customers.after[0]", code: "unsafe_sql", says: "AllowUnsafeSQL"},
	{name: "a trigger that refuses", only: catalog.SQLite, ddl: []string{"", "CREATE TRIGGER TR_CLOSED BEFORE INSERT ON ORDHDR BEGIN SELECT RAISE(ABORT, 'closed'); END"},
		severity: warning, path: "documents.order", code: "trigger.rollback", says: "TR_CLOSED"},
	{name: "a trigger that rolls back", only: catalog.MSSQL, ddl: []string{"", "CREATE TRIGGER TR_CLOSED ON $ORDHDR AFTER INSERT AS IF 1 = 0 ROLLBACK"},
		severity: warning, path: "documents.order", code: "trigger.rollback", says: "TR_CLOSED"},
	{name: "a trigger in the place of an insert", only: catalog.MSSQL, ddl: []string{"", "CREATE TRIGGER TR_INSTEAD ON $ORDHDR INSTEAD OF INSERT AS SELECT 1"},
		path: "documents.order.key", code: "trigger.instead", says: "TR_INSTEAD"},
	{name: "a view that takes no writes", only: catalog.SQLite, ddl: []string{"", "CREATE VIEW CUSTOMERS AS SELECT * FROM CUST"}, spoil: func(m *tablehost.Mapping) { m.Customers.Table = "CUSTOMERS" },
		path: "customers", code: "table.view", says: "is a view without an INSTEAD OF trigger"},
	{name: "a view that may take writes", only: catalog.MSSQL, ddl: []string{"", "CREATE VIEW $CUSTOMERS AS SELECT * FROM $CUST"}, spoil: func(m *tablehost.Mapping) { m.Customers.Table = "CUSTOMERS" },
		severity: warning, path: "customers", code: "table.view", says: "name the table behind it"},
	{name: "a join of two types", spoil: func(m *tablehost.Mapping) {
		m.Customers.Join = []tablehost.Join{{Name: "terms", Table: "TERMS", On: map[string]string{"DAYS": "TERMS"}}}
	}, severity: warning, path: "customers.join.terms", code: "join.type", says: "which is of another type"},
	{name: "a join of two collations", only: catalog.MSSQL, ddl: []string{"TERMS varchar(6) NULL", "TERMS varchar(6) COLLATE Latin1_General_CS_AS NULL", "CONSTRAINT FK_CUST_TERMS FOREIGN KEY (FIRM, TERMS) REFERENCES $TERMS (FIRM, CODE),", ""},
		spoil: func(m *tablehost.Mapping) {
			m.Customers.Join = []tablehost.Join{{Name: "terms", Table: "TERMS", On: map[string]string{"CODE": "TERMS"}}}
		}, path: "customers.join.terms", code: "join.collation", says: "give both one collation"},
}
