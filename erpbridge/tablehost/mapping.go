package tablehost

import "github.com/crmplus/crmplus/erpbridge"

// The variables of formulas in a mapping (environment.go declares them, typed):
//
//	company   the company: key and its fields, extra
//	user      the acting user: id and its fields, extra
//	now today token  local date-time, business date, the conversion's token
//	customer contact the draft being written or the document's customer: key, its fields, extra
//	document  the document being written: key, number, kind, its fields; year, its fiscal year; serial, the
//	          whole number that its counter gave; series
//	line tax  in what is repeated: its fields, row (the row number), key, extra (of the source line)
//	product   the line's product; source the followed document, sourceline its line
//	steps     keys made by earlier steps, by name
//	reason    in Cancel, and credit, the document that takes the cancelled one back: key, number
//	n series year date kind try   in Numbering, Counter and Template
//	value row     in Field.Read; value in Field.Write
//
// Beside the functions of crm/formula: fold(text), name_key(text), email_key(text), phone_key(text,
// country), tax_key(text, country), sort_key(text, language) as in crm/party and crm/locale.

// Mapping says how one ERP keeps its things. Every part but Name and Customers may be missing; what is
// missing the host does not have.
type Mapping struct {
	// Version of the mapping language; 1.
	Version int `yaml:"version"`
	// Name of the ERP, shown to people.
	Name string `yaml:"name"`
	// Tolerance is how far the host's total of a document may lie from ours: "0.05". Empty means equal.
	Tolerance string `yaml:"tolerance,omitempty"`
	// Locale holds where a company's row does not say language, zone or currency.
	Locale Locale `yaml:"locale,omitempty"`
	// Company says how the host keeps several companies apart; empty for a host with one company.
	Company CompanyScope `yaml:"company,omitempty"`
	// Storage says how numbers are kept on SQLite, which has no decimal type. SQL Server ignores it.
	Storage Storage `yaml:"storage,omitempty"`
	// FiscalYear is a formula over date and company that gives the fiscal year of a document's date as a
	// whole number; "year(date)" where it is empty.
	FiscalYear string `yaml:"fiscal_year,omitempty"`
	// Counters are number tables, by name.
	Counters map[string]Counter `yaml:"counters,omitempty"`
	// Lookups find the host's code for something, by name: terms of payment, warehouse, unit.
	Lookups map[string]Lookup `yaml:"lookups,omitempty"`

	// Companies has the fields name, tax_id, eu_vat_id, line1, line2, postal_code, city, region, country,
	// phone, email, website, bank_account, iban, language, zone, currency, logo.
	Companies *Entity `yaml:"companies,omitempty"`
	// Users has the fields name, email, phone, job_title, teams (words separated by blanks), manager, absent.
	Users *Entity `yaml:"users,omitempty"`
	// Groups of products have the field name.
	Groups *Entity `yaml:"groups,omitempty"`
	// Products has the fields code (the key where it is missing), name, description, group, unit, vat_code,
	// vat_rate, stock, cost, discontinued, price (the standard net price, where there are no price lists),
	// search (a column in which party.Fold of code and name is kept).
	Products *Entity `yaml:"products,omitempty"`
	// Prices are price lists by product.
	Prices *Prices `yaml:"prices,omitempty"`
	// VAT are the rates by code.
	VAT *VAT `yaml:"vat,omitempty"`
	// Customers has the fields code, person, name, given, family, tax_id, eu_vat_id, email, phone, website,
	// line1, line2, postal_code, city, region, country, currency, price_list, payment_days, language,
	// blocked.
	Customers *Customers `yaml:"customers,omitempty"`
	// Contacts has the fields name, given, family, job_title, email, phone, mobile, language, customer.
	Contacts *Contacts `yaml:"contacts,omitempty"`
	// Documents by kind: quote, order, delivery, invoice, credit, payment_request, advance_invoice,
	// completion_act.
	Documents map[erpbridge.Kind]*Document `yaml:"documents,omitempty"`
	// OpenItems has the fields customer, kind, document (key), number, date, due, currency, amount, open.
	OpenItems *Entity `yaml:"open_items,omitempty"`
	// Payments has the fields customer, date, currency, amount, kind, document (key), number.
	Payments *Entity `yaml:"payments,omitempty"`
}

// Locale is language ("hu"), zone ("Europe/Budapest") and currency ("HUF").
type Locale struct {
	Language string `yaml:"language,omitempty"`
	Zone     string `yaml:"zone,omitempty"`
	Currency string `yaml:"currency,omitempty"`
}

// CompanyScope says how companies are kept apart: by a column of every table, or by a schema or a
// database for each.
type CompanyScope struct {
	// Column that holds the company's key in every table that does not say otherwise.
	Column string `yaml:"column,omitempty"`
	// Key is the only company of a host that has one; sessions of another company see nothing.
	Key string `yaml:"key,omitempty"`
	// Schemas and Databases give each company's schema or database (SQL Server) by its key.
	Schemas   map[string]string `yaml:"schemas,omitempty"`
	Databases map[string]string `yaml:"databases,omitempty"`
}

// Storage says for kinds of numbers on SQLite: "text" (decimal text), or a number of places for integers
// scaled by ten to that power ("4": 12.50 is 125000). Empty: as the column's declared type says.
type Storage struct {
	Money    string `yaml:"money,omitempty"`
	Quantity string `yaml:"quantity,omitempty"`
	Percent  string `yaml:"percent,omitempty"`
}

// Entity is something that is kept in rows of one table, with others joined.
type Entity struct {
	// Table as the database calls it: Orders, dbo.Orders, "Order Details". Empty for an entity of constants
	// (the company of a host without a table of companies).
	Table string `yaml:"table,omitempty"`
	// Company is the column with the company's key where it is not the mapping's; "-" for a table without
	// one.
	Company string `yaml:"company,omitempty"`
	// Key is how a row is told apart, and how a new one gets its key.
	Key Key `yaml:"key,omitempty"`
	// Join are tables that further fields are read from. They are written by steps.
	Join []Join `yaml:"join,omitempty"`
	// Where restricts the rows, and is written into new ones where it tests for equality.
	Where map[string]Condition `yaml:"where,omitempty"`
	// Fields by our name.
	Fields map[string]Field `yaml:"fields"`
	// Extra are columns that only formulas read, by the name they have there: customer.extra.class.
	Extra map[string]string `yaml:"extra,omitempty"`
}

// Join is a table beside an entity's own; its columns are named "name.COLUMN" in fields.
type Join struct {
	Name    string `yaml:"name"`
	Table   string `yaml:"table"`
	Company string `yaml:"company,omitempty"`
	// On gives for columns of this table the column of the entity's table, or "other.COLUMN" of an earlier
	// join, that must be equal.
	On map[string]string `yaml:"on"`
	// Where restricts the joined rows by constants.
	Where map[string]Condition `yaml:"where,omitempty"`
	// Required leaves out rows that have none; otherwise their fields are empty.
	Required bool `yaml:"required,omitempty"`
}

// Field is where one field stands. In YAML a plain text is the column.
type Field struct {
	// Column is read and written: "CompanyName", or "address.CITY" of a join (then only read).
	Column string `yaml:"column,omitempty"`
	// Value is a formula that stands for a field without a column.
	Value string `yaml:"value,omitempty"`
	// Read is a formula over value (the column's) and row (the Columns) that makes our value.
	Read string `yaml:"read,omitempty"`
	// Columns are further columns that Read wants to see in row: row.FirstName.
	Columns []string `yaml:"columns,omitempty"`
	// Default is a formula whose value is taken where a draft leaves the field empty.
	Default string `yaml:"default,omitempty"`
	// Write is a formula that makes the host's value; without it our value is written.
	Write string `yaml:"write,omitempty"`
	// Values gives the host's value for each of ours: {open: "0", posted: "1"}. A value that is not listed
	// stays as it is.
	Values map[string]string `yaml:"values,omitempty"`
	// As says how an amount is kept. Discounts: percent (default), fraction (0.125), factor (0.875), amount
	// (per line), cascade (text, "10+5"). Rates of VAT: percent or fraction.
	As string `yaml:"as,omitempty"`
	// Empty is the value that means nothing at the host, beside NULL and "".
	Empty string `yaml:"empty,omitempty"`
	// Lookup names a lookup that gives the host's value for ours.
	Lookup string `yaml:"lookup,omitempty"`
	// ReadOnly columns are never written: computed ones, those a trigger fills, and all of a view.
	ReadOnly bool `yaml:"read_only,omitempty"`
	// Storage of this column on SQLite where it is not the mapping's.
	Storage string `yaml:"storage,omitempty"`
}

// Value is what is written into a column. In YAML a plain text is a formula; numbers, true and false stand
// for themselves.
type Value struct {
	// Formula makes the value; beside a lookup it makes it of what that found, its value: "round(1 / value, 6)".
	Formula string `yaml:"formula,omitempty"`
	// Lookup names a lookup; With are the formulas of its parameters.
	Lookup string   `yaml:"lookup,omitempty"`
	With   []string `yaml:"with,omitempty"`
}

// Condition compares a column. In YAML a plain text is a formula that the column must equal.
type Condition struct {
	// Op is =, <>, <, <=, >, >=, null or "not null"; = where it is empty.
	Op    string `yaml:"op,omitempty"`
	Value string `yaml:"value,omitempty"`
}

// Key is how a row is told apart. In YAML a plain text is the column of rows that are only read. Of the
// ways in which a new row gets its key one must be given where rows are written.
type Key struct {
	Column string `yaml:"column"`
	// Identity: the database makes it.
	Identity bool `yaml:"identity,omitempty"`
	// Sequence names a sequence that it is taken from before the insert.
	Sequence string `yaml:"sequence,omitempty"`
	// Counter takes it from a number table.
	Counter *Numbering `yaml:"counter,omitempty"`
	// Template is a formula that makes a code from the draft; try counts 0, 1, 2 ... while the code is taken:
	// "upper(left(letters(ascii(customer.name)), 5))".
	Template string `yaml:"template,omitempty"`
	// GUID makes a random one.
	GUID bool `yaml:"guid,omitempty"`
	// Number: the key is the document's number.
	Number bool `yaml:"number,omitempty"`
	// Highest takes the highest key of the company plus one, under a lock of the table's counter row: for
	// hosts that count so themselves. Format as in Numbering.
	Highest bool `yaml:"highest,omitempty"`
}

// Counter is a number table: one row for each series holds the last number given. It is locked by whoever
// takes a number until his transaction ends, so that a rollback leaves no hole.
type Counter struct {
	Table   string `yaml:"table"`
	Company string `yaml:"company,omitempty"`
	// Where finds the row: formulas over series, year (fiscal), date, kind.
	Where map[string]Value `yaml:"where"`
	// Column holds the last number given, or with Next the next one to give.
	Column string `yaml:"column"`
	Next   bool   `yaml:"next,omitempty"`
	// Create inserts a missing row with these further columns; without it a missing row is refused.
	Create bool             `yaml:"create,omitempty"`
	Set    map[string]Value `yaml:"set,omitempty"`
}

// Numbering takes a number from a counter.
type Numbering struct {
	Counter string `yaml:"counter"`
	// Series is a formula whose value the counter's Where sees as series.
	Series string `yaml:"series,omitempty"`
	// Format is a formula over n (the number), series, year and date that makes the text:
	// "'C' + pad(n, 6)". Without it the number itself is taken.
	Format string `yaml:"format,omitempty"`
}

// Lookup finds one value in a table of the host.
type Lookup struct {
	Table   string `yaml:"table"`
	Company string `yaml:"company,omitempty"`
	// Where compares columns with the lookup's parameters, named by Parameters in their order.
	Where      map[string]Condition `yaml:"where"`
	Parameters []string             `yaml:"parameters"`
	// Column holds the value.
	Column string `yaml:"column"`
	// Missing says what happens where no row answers: "refuse" (default), "empty", or a formula.
	Missing string `yaml:"missing,omitempty"`
	// Message is what is said when it is refused.
	Message string `yaml:"message,omitempty"`
}

// Prices are price lists: rows by product. Its fields: product, list, currency, min_quantity, from, to
// (last day), unit (net price of one), discount. Of the rows that hold, the customer's own list answers
// before the standard one, then the largest min_quantity that is reached, then the youngest from.
type Prices struct {
	Entity `yaml:",inline"`
	// Lists is the table of price lists with the fields name and standard (true for the list that holds for
	// everybody).
	Lists *Entity `yaml:"lists,omitempty"`
	// Standard is the key of the standard list, a formula, where Lists does not say it.
	Standard string `yaml:"standard,omitempty"`
}

// VAT is a table of rates by code with the fields rate, name, from, to; or fixed rates.
type VAT struct {
	Entity `yaml:",inline"`
	// Rates are percentages by code, for hosts that keep none: {"0": "0"}.
	Rates map[string]string `yaml:"rates,omitempty"`
	// Round says where VAT is rounded: document (default, on the sum of each code) or line.
	Round string `yaml:"round,omitempty"`
}

// Customers are the host's customers.
type Customers struct {
	Entity `yaml:",inline"`
	// Token is a column that keeps the token of the conversion, so that a customer is found again when one
	// of two databases was restored alone. Without it CRM+ remembers the key in a table of its own. What is
	// written without a token gets "-" and the key there, so that the column can be unique.
	Token string `yaml:"token,omitempty"`
	// Set are further columns of a new row.
	Set map[string]Value `yaml:"set,omitempty"`
	// Changed are columns set whenever a row is changed: who and when.
	Changed map[string]Value `yaml:"changed,omitempty"`
	// Keep are columns that hold what follows from fields, and are written again when those change:
	// normalised keys for the search.
	Keep map[string]Value `yaml:"keep,omitempty"`
	// Match says which columns find a customer: email, phone, tax_id, name.
	Match map[string]Match `yaml:"match,omitempty"`
	// Search are columns that people search in; Sort is the order of lists (the name where it is empty).
	Search []string `yaml:"search,omitempty"`
	Sort   string   `yaml:"sort,omitempty"`
	// Required are fields without which no customer is made; ToInvoice those without which he gets no
	// invoice. tax_id is asked of companies only, and eu_vat_id will do for it.
	Required  []string `yaml:"required,omitempty"`
	ToInvoice []string `yaml:"to_invoice,omitempty"`
	// Before and After are steps around the insert: a party before its customer, an address after it.
	Before []Step `yaml:"before,omitempty"`
	After  []Step `yaml:"after,omitempty"`
	// Remove takes back a customer without documents: "delete", "block", or empty for neither.
	Remove string `yaml:"remove,omitempty"`
}

// Match is a column that customers are found by. In YAML a plain text is the column.
type Match struct {
	Column string `yaml:"column"`
	// Normalised says that the column holds what we compare: e-mail in lower case, phone in E.164, tax id
	// with country, name key. Other columns are read whole and compared in memory, which takes half a
	// second and more for 100,000 customers, however many are looked for.
	Normalised bool `yaml:"normalised,omitempty"`
}

// Contacts are the people of customers.
type Contacts struct {
	Entity `yaml:",inline"`
	// Token as for customers; one conversion may write several contacts under its token, which are told
	// apart by name and e-mail.
	Token string           `yaml:"token,omitempty"`
	Set   map[string]Value `yaml:"set,omitempty"`
	// InCustomer: the customer's own row holds its one contact. A new one is written where the name is
	// empty, and left out where it is not.
	InCustomer bool   `yaml:"in_customer,omitempty"`
	Before     []Step `yaml:"before,omitempty"`
	After      []Step `yaml:"after,omitempty"`
	// Remove takes back a contact: "delete" (default), or a formula bound to columns by RemoveSet.
	RemoveSet map[string]Value `yaml:"remove_set,omitempty"`
}

// Document is one kind of the host's documents. The header has the fields customer, date, due, currency,
// reference, note, net, vat, gross, state, paid, number (where it is not the key), cancelled_by.
type Document struct {
	Entity `yaml:",inline"`
	// Of makes this kind a change of another kind's row instead of a row of its own: delivery of order by
	// setting ShippedDate. Set is then written into that row, and Unset when it is taken back; such a
	// document is whole, never in parts. Done is a formula over row and Columns that tells that it
	// happened.
	Of      erpbridge.Kind   `yaml:"of,omitempty"`
	Unset   map[string]Value `yaml:"unset,omitempty"`
	Done    string           `yaml:"done,omitempty"`
	Columns []string         `yaml:"columns,omitempty"`
	// ReadOnly: the host makes them itself, CRM+ only reads.
	ReadOnly bool `yaml:"read_only,omitempty"`
	// Token is a column for the token, as for customers.
	Token string `yaml:"token,omitempty"`
	// Number takes the document's number from a counter; it goes into the field number, or is the key where
	// Key.Number says so. Without it the number is the key, or what the host puts into the field number.
	Number *Numbering `yaml:"number,omitempty"`
	// Source says where the document that this one follows is kept.
	Source *DocumentSource `yaml:"source,omitempty"`
	// Set are further columns of a new header, Changed those set at every change.
	Set     map[string]Value `yaml:"set,omitempty"`
	Changed map[string]Value `yaml:"changed,omitempty"`
	Lines   *Lines           `yaml:"lines,omitempty"`
	// Taxes is a table with one row for each VAT code or rate: fields code, rate, net, vat, gross, and the
	// parent's key.
	Taxes *Taxes `yaml:"taxes,omitempty"`
	// Before and After are steps around header and lines, in their order. Guards belong into Before.
	Before []Step `yaml:"before,omitempty"`
	After  []Step `yaml:"after,omitempty"`
	// Cancel are the ways to take the document back; the first whose From holds its state is taken.
	Cancel []Cancel `yaml:"cancel,omitempty"`
	// Totals says who counts: ours (default: the columns of net, vat, gross are written) or host (they are
	// read back after the steps, because triggers or computed columns fill them).
	Totals string `yaml:"totals,omitempty"`
	// Prices says whether the host keeps net (default) or gross unit prices.
	Prices string `yaml:"prices,omitempty"`
	// Direct says whether a document of this kind may be written without following another; true where it
	// is not given, except for deliveries.
	Direct *bool `yaml:"direct,omitempty"`
	// Initial is the state a new document is written with; open where it is not given.
	Initial erpbridge.State `yaml:"initial,omitempty"`
	// Negative: the quantities and totals of this kind are kept below zero (credit notes).
	Negative bool `yaml:"negative,omitempty"`
	// DueDays is a formula over customer, company and date that gives the days from date to due where the
	// draft has no due date.
	DueDays string `yaml:"due_days,omitempty"`
}

// DocumentSource is the document that one follows, in columns of the header or of each line.
type DocumentSource struct {
	// From are the kinds that may be followed.
	From []erpbridge.Kind `yaml:"from"`
	// Kind is the column that tells the kind, with Values; not needed where From has one kind.
	Kind   string            `yaml:"kind,omitempty"`
	Values map[string]string `yaml:"values,omitempty"`
	// Key is the column with the key of the followed document, Line the one of a line with the key of the
	// followed line. OnLines: Kind and Key are columns of the lines too, not of the header.
	Key     string `yaml:"key"`
	Line    string `yaml:"line,omitempty"`
	OnLines bool   `yaml:"on_lines,omitempty"`
}

// Lines are the lines of a document: fields product, name, quantity, unit, unit_price, discount, vat_code,
// vat_rate, net, vat, gross, delivered, invoiced, note. Key.Column tells a line apart within its document;
// where it is missing the row number does, or else the product.
type Lines struct {
	Entity `yaml:",inline"`
	// Parent is the column with the header's key.
	Parent string `yaml:"parent"`
	// Row is the column of the row number, which begins at RowStart (1) and grows by RowStep (1).
	Row      string `yaml:"row,omitempty"`
	RowStart int    `yaml:"row_start,omitempty"`
	RowStep  int    `yaml:"row_step,omitempty"`
	// Duplicates says what happens to two lines with one product: keep (default), merge (quantities add up
	// where price, discount and VAT are the same, refused otherwise) or refuse.
	Duplicates string `yaml:"duplicates,omitempty"`
	// Text says what happens to a line without a product: keep (default), refuse, or product: it is written
	// with the product that TextProduct, a formula, gives.
	Text        string           `yaml:"text,omitempty"`
	TextProduct string           `yaml:"text_product,omitempty"`
	Set         map[string]Value `yaml:"set,omitempty"`
	// Counts says who keeps delivered and invoiced: ours (default where they have columns: every following
	// document adds to them), host (triggers do), or sum (default without columns: they are added up from
	// the following documents that this mapping knows and that are not cancelled).
	Counts string `yaml:"counts,omitempty"`
	// After are steps for each line, right after it was written.
	After []Step `yaml:"after,omitempty"`
}

// Taxes are the sums by VAT code.
type Taxes struct {
	Entity `yaml:",inline"`
	Parent string           `yaml:"parent"`
	Set    map[string]Value `yaml:"set,omitempty"`
}

// Step is one further statement of a conversion. Exactly one of Insert, Update, Ensure, Guard, Refuse and
// UnsafeSQL is given; all but the last name a table.
type Step struct {
	// Name is how errors and explanations call the step; Give makes its key known to later formulas as
	// steps.<name>.
	Name string `yaml:"name,omitempty"`
	// Insert writes a row.
	Insert string `yaml:"insert,omitempty"`
	// Update changes the rows that Where finds; it is an error where there is none, unless Optional.
	Update string `yaml:"update,omitempty"`
	// Ensure inserts a row unless Where finds one.
	Ensure string `yaml:"ensure,omitempty"`
	// Guard refuses unless Where finds a row; Refuse refuses where it finds one. Message is what is said.
	Guard  string `yaml:"guard,omitempty"`
	Refuse string `yaml:"refuse,omitempty"`
	// UnsafeSQL is a statement of the host's own with :names for With; it works only where
	// Options.AllowUnsafeSQL is set.
	UnsafeSQL string            `yaml:"unsafe_sql,omitempty"`
	With      map[string]string `yaml:"with,omitempty"`

	Company string               `yaml:"company,omitempty"`
	Where   map[string]Condition `yaml:"where,omitempty"`
	// When is a formula; the step is left out where it is false.
	When string `yaml:"when,omitempty"`
	// Each repeats the step: line or tax.
	Each string `yaml:"each,omitempty"`
	// Key makes the key of an inserted row.
	Key *Key             `yaml:"key,omitempty"`
	Set map[string]Value `yaml:"set,omitempty"`
	// Add are amounts added to columns; when the document is taken back they are subtracted again.
	Add      map[string]Value `yaml:"add,omitempty"`
	Optional bool             `yaml:"optional,omitempty"`
	// Undo is written by an update step when the document is taken back. Rows of Insert steps stay unless
	// Delete says that they go.
	Undo    map[string]Value `yaml:"undo,omitempty"`
	Delete  bool             `yaml:"delete,omitempty"`
	Path    string           `yaml:"path,omitempty"`
	Message string           `yaml:"message,omitempty"`
}

// Cancel is one way of taking a document back.
type Cancel struct {
	// From are the states it is for; empty for all.
	From []erpbridge.State `yaml:"from,omitempty"`
	// Set changes the header: its state, the reason, who and when. The field state is read afterwards.
	Set map[string]Value `yaml:"set,omitempty"`
	// Credit writes a document of this kind that takes it back, with the lines of the first in reverse. Where
	// that kind keeps which line it follows (Source.Line), credit notes of some lines can be written too.
	Credit erpbridge.Kind `yaml:"credit,omitempty"`
	// Delete removes the rows. A number that was taken from a counter is never deleted, so it is only for
	// documents whose key an identity, a sequence or a GUID made, and for those without a number yet.
	Delete bool `yaml:"delete,omitempty"`
	// Refuse is the reason why the host does not take back documents of these states.
	Refuse string `yaml:"refuse,omitempty"`
	// Steps run afterwards.
	Steps []Step `yaml:"steps,omitempty"`
}
