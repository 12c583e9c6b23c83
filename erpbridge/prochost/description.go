package prochost

import "github.com/crmplus/crmplus/erpbridge"

// Description says by which procedures one ERP is read and written. Every part but Name, Companies and
// Customers may be missing; what is missing the host does not have.
//
// All formulas see company (the key), user (the id), token, now (local date and time) and today, beside
// what their place says.
type Description struct {
	// Version of the language; 1.
	Version int `yaml:"version"`
	// Name of the ERP, shown to people.
	Name string `yaml:"name"`
	// Tolerance is how far the host's total of a document may lie from ours: "0.05". Empty means equal.
	Tolerance string `yaml:"tolerance,omitempty"`
	// Companies reads the session's company: name, tax_id, eu_vat_id, line1, line2, postal_code, city, region,
	// country, phone, email, website, bank_account, iban, language, zone, currency.
	Companies *Read `yaml:"companies"`
	// Users reads the user whose id is in key, or all where key is empty: key, name, email, phone,
	// job_title, teams (words with blanks between), manager, absent.
	Users *Read `yaml:"users,omitempty"`
	// Groups reads all groups of products: key, name.
	Groups *Read `yaml:"groups,omitempty"`
	// Products reads the product in key, or those that text finds, at most limit: key, code, name,
	// description, group, unit, vat_code, vat_rate, stock, cost, discontinued.
	Products *Read `yaml:"products,omitempty"`
	// Prices answers a question (product, customer, quantity, currency, date) in the record question: unit,
	// discount, list. No row, or no unit, means that there is no price.
	Prices    *Read      `yaml:"prices,omitempty"`
	Customers *Customers `yaml:"customers"`
	Contacts  *Contacts  `yaml:"contacts,omitempty"`
	// Documents by kind: quote, order, delivery, invoice, credit, payment_request, advance_invoice,
	// completion_act.
	Documents map[erpbridge.Kind]*Document `yaml:"documents,omitempty"`
	// History reads the newest documents of the customer in key, at most limit, with the fields of a document
	// and kind. OpenItems: kind, document, number, date, due, currency, amount, open. Payments: key, date,
	// currency, amount, kind, document, number.
	History   *Read `yaml:"history,omitempty"`
	OpenItems *Read `yaml:"open_items,omitempty"`
	Payments  *Read `yaml:"payments,omitempty"`
	// Backlog reads the lines of which something is still to be delivered, order after order by date and key: of the
	// orders from the day in from on, where it is given, and behind the order with the date after_date and the key after,
	// where they are; at most limit orders, each with all its lines. Fields: key, number, customer, date, due, product,
	// name, unit, group, left.
	Backlog *Read `yaml:"backlog,omitempty"`
	// Receivables reads what all customers owe, customer after customer by key, behind the customer in after, at most
	// limit rows, each customer's in the order of OpenItems, which is needed beside it. Fields: those of OpenItems, and
	// customer. Settled reads the invoices that customers have paid in full since the day in since: a parameter with Rows
	// gets all customers at once (record payer: key), without one it is called for each. Fields: customer, document,
	// number, due, paid.
	Receivables *Read `yaml:"receivables,omitempty"`
	Settled     *Read `yaml:"settled,omitempty"`
}

// Call is one call of a stored procedure.
type Call struct {
	// Procedure as the database calls it: VEVOFELV, dbo.VEVOFELV.
	Procedure string `yaml:"procedure,omitempty"`
	// Parameters by name, with or without the @. In YAML a plain text is a formula.
	Parameters map[string]Parameter `yaml:"parameters,omitempty"`
	// Codes says what return codes mean. In YAML "done" is a code that means success. 0 means success unless
	// it stands here; a code that does not is an error.
	Codes map[int]Code `yaml:"codes,omitempty"`
	// Refusals are the numbers of errors by which the procedure refuses: "51020", or a range "51000-51099".
	// All other errors are failures.
	Refusals map[string]Refusal `yaml:"refusals,omitempty"`
}

// Parameter is what goes into one parameter of a procedure, or comes out of it.
type Parameter struct {
	// Value is a formula. An empty text and a missing date become NULL.
	Value string `yaml:"value,omitempty"`
	// Values gives the host's value for each of ours: {open: N, posted: K}. Others stay as they are.
	Values map[string]string `yaml:"values,omitempty"`
	// Out is the name under which what comes out is known afterwards: out.key.
	Out string `yaml:"out,omitempty"`
	// Rows gives formulas by column for each line (line.index counts from 0) or, in Match, for each key. The
	// parameter is table-valued, or a text that As says.
	Rows map[string]string `yaml:"rows,omitempty"`
	// As is table (default), json (an array of objects) or xml (<rows><row column="..."/></rows>).
	As string `yaml:"as,omitempty"`
}

// Code is what a return code means: success, or a refusal.
type Code struct {
	// Done is "done" for success.
	Done string `yaml:"done,omitempty"`
	// Missing: what was asked for does not exist.
	Missing bool `yaml:"missing,omitempty"`
	Refusal `yaml:",inline"`
}

// Refusal is how a person reads that the host refused.
type Refusal struct {
	// Path is the field it is about: name, address.city, lines.
	Path string `yaml:"path,omitempty"`
	// Code is stable and names the rule: customer.blocked. Empty means host.refused.
	Code string `yaml:"code,omitempty"`
	// Message says what is wrong and what to do; empty for the host's own sentence.
	Message string `yaml:"message,omitempty"`
}

// Read is a call whose result set holds rows, or a SELECT on one table.
type Read struct {
	Call `yaml:",inline"`
	// Select reads a table instead of calling a procedure.
	Select *Select `yaml:"select,omitempty"`
	// Set is the result set that holds the rows, counted from 0.
	Set int `yaml:"set,omitempty"`
	// Out: the fields are read from the OUT parameters, which count as one row.
	Out bool `yaml:"out,omitempty"`
	// Fields by our name. In YAML a plain text is a column.
	Fields map[string]Field `yaml:"fields,omitempty"`
}

// Select reads the rows of a table or view.
type Select struct {
	Table string `yaml:"table"`
	// Where compares columns with formulas; an empty value is not compared. The company has to be among them.
	Where map[string]string `yaml:"where"`
	// Order names columns; a leading - turns it round.
	Order []string `yaml:"order,omitempty"`
}

// Field is where one field of ours stands in a row.
type Field struct {
	Column string `yaml:"column,omitempty"`
	// Read is a formula over row (its columns) and value (that of Column) that makes our value.
	Read string `yaml:"read,omitempty"`
	// Values gives the host's value for each of ours, as in Parameter.
	Values map[string]string `yaml:"values,omitempty"`
}

// Write is a call that makes something.
type Write struct {
	Call `yaml:",inline"`
	// EachLine is called for each line (record line) after the procedure, Finish once after that. Both see
	// out.
	EachLine *Call `yaml:"each_line,omitempty"`
	Finish   *Call `yaml:"finish,omitempty"`
	// Key is a formula over out that gives the key of what was made; without it, or where it gives nothing,
	// Find looks for the token.
	Key string `yaml:"key,omitempty"`
}

// Customers are the host's customers. Fields: key, code, person, name, given, family, tax_id, eu_vat_id,
// email, phone, website, line1, line2, postal_code, city, region, country, currency, price_list,
// payment_days, language, blocked. Formulas that write see them in the record customer.
type Customers struct {
	// Fields are those of every result set below that has none of its own.
	Fields map[string]Field `yaml:"fields"`
	// Read reads the customer in key, Find the one made under token.
	Read *Read `yaml:"read"`
	Find *Read `yaml:"find"`
	// Match finds customers by keys. Parameters with Rows get all keys at once (record match: index, email,
	// phone, tax_id, name) and the field match says which key a row answers; without one it is called for each key.
	Match *Read `yaml:"match"`
	// Search finds customers whom people look for: text, after (a key), limit.
	Search *Read `yaml:"search,omitempty"`
	// Check gives a row for each fault of the customer: field (ours), code, message. In the formula of a
	// parameter for_invoice tells that an invoice is meant.
	Check  *Read  `yaml:"check,omitempty"`
	Create *Write `yaml:"create"`
	// Fill writes what is empty: the record fill holds nothing but the fields that are to be written, customer
	// the whole customer as it will be. The fields it reads from fill are those that can be filled.
	Fill *Call `yaml:"fill"`
	// Remove takes back the customer in key, Restore one field of it (field, from, to). Both or neither.
	Remove  *Call `yaml:"remove,omitempty"`
	Restore *Call `yaml:"restore,omitempty"`
}

// Contacts are contact persons. Fields: key, customer, name, given, family, job_title, email, phone,
// mobile, language; formulas see them in the record contact.
type Contacts struct {
	Fields map[string]Field `yaml:"fields"`
	// List reads those of the customer in key, Read the one in key, Find those made under token for the
	// customer contact.customer.
	List *Read `yaml:"list"`
	Read *Read `yaml:"read"`
	Find *Read `yaml:"find"`
	// Check, Create, Fill and Remove as for customers.
	Check  *Read  `yaml:"check,omitempty"`
	Create *Write `yaml:"create"`
	Fill   *Call  `yaml:"fill"`
	Remove *Call  `yaml:"remove"`
}

// Document is one kind of document. Fields: key, number (the key where it is missing), customer, date, due,
// currency, reference, note, source_kind, source, source_number, net, vat, gross, state, paid,
// cancelled_by. Fields of a line: key, source_line, product, name, quantity, unit, unit_price, discount,
// vat_code, vat_rate, net, delivered, invoiced. Formulas see them in document and line.
type Document struct {
	Fields     map[string]Field `yaml:"fields"`
	LineFields map[string]Field `yaml:"line_fields"`
	// Read reads the document in key, Find the one made under token.
	Read *Read `yaml:"read"`
	Find *Read `yaml:"find"`
	// Lines reads the lines of the document in key; without it they are the result set behind the header's.
	Lines *Read `yaml:"lines,omitempty"`
	// Check gives a row for each fault of the draft: line (index from 0, below 0 for the header), field
	// (ours), code, message.
	Check *Read `yaml:"check,omitempty"`
	// Create makes one; without it the kind is only read. Cancel takes back the one in key for reason.
	Create *Write `yaml:"create,omitempty"`
	Cancel *Call  `yaml:"cancel,omitempty"`
}
