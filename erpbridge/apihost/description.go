package apihost

import "github.com/crmplus/crmplus/erpbridge"

// Description says how one ERP is reached over HTTP. Every part but Name, Base and Customers may be
// missing; what is missing the host does not have. The package comment tells how to write one.
type Description struct {
	// Version of the description language; 1.
	Version int `yaml:"version"`
	// Name of the ERP, shown to people.
	Name string `yaml:"name"`
	// Base is the URL that paths are below. ${NAME} is taken from Options.Setting.
	Base string `yaml:"base"`
	// Settings are the names that Base, Login and Headers take from Options.Setting, with what they mean.
	Settings map[string]string `yaml:"settings,omitempty"`
	// Values says how values are written into URLs: "odata" (texts between ' with ' doubled; bare ones
	// may only have letters, digits and . _ : -) or "plain" (escaped for their place).
	Values string `yaml:"values,omitempty"`
	// Tolerance is how far the host's total of a document may lie from ours: "0.05". Empty means equal.
	Tolerance string `yaml:"tolerance,omitempty"`
	// Headers are sent with every request.
	Headers map[string]string `yaml:"headers,omitempty"`
	Login   Login             `yaml:"login"`
	Limits  Limits            `yaml:"limits,omitempty"`
	Token   Token             `yaml:"token"`
	Paging  Paging            `yaml:"paging,omitempty"`
	Errors  Errors            `yaml:"errors,omitempty"`
	// ETag is the path of the version tag in an answer, which requests with if_match send back.
	ETag string `yaml:"etag,omitempty"`

	Company   *Company                     `yaml:"company,omitempty"`
	Customers *Customers                   `yaml:"customers"`
	Contacts  *Contacts                    `yaml:"contacts,omitempty"`
	Products  *Products                    `yaml:"products,omitempty"`
	Prices    *Prices                      `yaml:"prices,omitempty"`
	Users     *Users                       `yaml:"users,omitempty"`
	Documents map[erpbridge.Kind]*Document `yaml:"documents,omitempty"`
}

// Login says how requests prove who sends them. Its texts take secrets as ${NAME} from Options.Setting.
type Login struct {
	// Kind is "oauth2" (client credentials), "basic", "header" (an API key), "session" (a cookie from a
	// login request), or "none".
	Kind string `yaml:"kind"`
	// TokenURL, ClientID, ClientSecret and Scopes are those of oauth2.
	TokenURL     string   `yaml:"token_url,omitempty"`
	ClientID     string   `yaml:"client_id,omitempty"`
	ClientSecret string   `yaml:"client_secret,omitempty"`
	Scopes       []string `yaml:"scopes,omitempty"`
	// User and Password are those of basic.
	User     string `yaml:"user,omitempty"`
	Password string `yaml:"password,omitempty"`
	// Header and Key are the name and value of an API key.
	Header string `yaml:"header,omitempty"`
	Key    string `yaml:"key,omitempty"`
	// Path and Body are the login request of a session: it is posted without a cookie, and the cookies of
	// its answer go with the requests of that company. Body is a template over session; texts may hold ${NAME}.
	Path string         `yaml:"path,omitempty"`
	Body map[string]any `yaml:"body,omitempty"`
	// Cookie is the cookie without which the login failed.
	Cookie string `yaml:"cookie,omitempty"`
}

// Limits bound what a host can cost.
type Limits struct {
	// AnswerBytes is the longest answer, 8 MB where it is 0.
	AnswerBytes int64 `yaml:"answer_bytes,omitempty"`
	// Seconds is the time-out of one request, 30 where it is 0.
	Seconds int `yaml:"seconds,omitempty"`
	// PerSecond and Burst are how many requests are sent; 10 and 20 where they are 0.
	PerSecond float64 `yaml:"per_second,omitempty"`
	Burst     int     `yaml:"burst,omitempty"`
	// Pages is how many pages of a list are read at most, 50 where it is 0.
	Pages int `yaml:"pages,omitempty"`
}

// Token says what the host keeps of a token, so that what was made under it is found again.
type Token struct {
	// Length: the token becomes that many capital letters and digits (a hash in base 32; 16 are 80 bits).
	// 0 keeps it as it is.
	Length int `yaml:"length,omitempty"`
	// None says that the API has no field for a token and answers no repeated one: what was sent and not
	// answered stays unknown until a person has looked.
	None bool `yaml:"none,omitempty"`
}

// Paging says how lists go on.
type Paging struct {
	// Items is the path of a list in its answer; empty where the answer itself is the list.
	Items string `yaml:"items,omitempty"`
	// Next is the path of the next page's URL, which has to be below Base.
	Next string `yaml:"next,omitempty"`
}

// Errors says how errors look.
type Errors struct {
	// Message and Code are the paths in an error's body; of several, separated by |, the first that is there.
	Message string `yaml:"message,omitempty"`
	Code    string `yaml:"code,omitempty"`
	// Line is a regular expression with one group that finds in a message the number of the line it is about,
	// counted from 1.
	Line string `yaml:"line,omitempty"`
	// Rules are tried in order before the statuses decide.
	Rules []ErrorRule `yaml:"rules,omitempty"`
}

// ErrorRule says what an answer means that has all of the given signs.
type ErrorRule struct {
	Status int    `yaml:"status,omitempty"`
	Code   string `yaml:"code,omitempty"`
	// Message is a part of the host's message, capitals do not matter.
	Message string `yaml:"message,omitempty"`
	// Means is refused, later, unknown, missing, changed (somebody was faster), exists (the token or key was
	// used before: the record is looked up and given), or login (the session ended, nothing was done).
	Means string `yaml:"means"`
	// Field is the path of ours that a refusal is about: "email", "lines.quantity" (with the line's number
	// filled in where the request was for one line).
	Field string `yaml:"field,omitempty"`
}

// Request is one HTTP request. Paths and queries are texts with {formula} places; a body is a tree in which
// texts that begin with = are formulas and all others stand for themselves.
type Request struct {
	// Name makes the answer readable by later requests: header.id.
	Name string `yaml:"name,omitempty"`
	// If is a formula; where it is false the request is left out.
	If string `yaml:"if,omitempty"`
	// Done is a formula over found, the record that the token found; where it holds, an earlier attempt
	// sent this request already and it is left out.
	Done string `yaml:"done,omitempty"`
	// Method is GET, POST, PATCH, PUT or DELETE; GET where it is empty.
	Method string `yaml:"method,omitempty"`
	// Path is below Base and begins with /.
	Path    string            `yaml:"path"`
	Query   map[string]string `yaml:"query,omitempty"`
	Headers map[string]string `yaml:"headers,omitempty"`
	Body    any               `yaml:"body,omitempty"`
	// Each "line" sends the request once for every line of the draft, with line and index (from 0);
	// "source_line" once for every line of the document that the draft follows, with the quantity that the
	// draft takes of it, 0 for none.
	Each string `yaml:"each,omitempty"`
	// There tells by a list in found whether an earlier attempt sent this request, for Each line by line.
	There *There `yaml:"there,omitempty"`
	// IfMatch is the name of the answer whose version tag is sent as If-Match; "*" sends *.
	IfMatch string `yaml:"if_match,omitempty"`
	// Idempotency is a header by which the API itself answers a repeated token with what it did first. Only
	// name one that the API documents.
	Idempotency string `yaml:"idempotency,omitempty"`
	// Prepares says that the request makes nothing yet and may be sent any number of times: it sets fields of
	// a document that a later request works on. A failure here or a refusal after it leaves nothing behind
	// that matters.
	Prepares bool `yaml:"prepares,omitempty"`
	// Reads says that a POST changes nothing, so that a broken one may simply be repeated.
	Reads bool `yaml:"reads,omitempty"`
}

// There looks for a value in a list of the record that the token found.
type There struct {
	// List is the path of the lines in found, Field that of the value in each.
	List  string `yaml:"list"`
	Field string `yaml:"field"`
	// Equals is a formula over line and index that gives the line's value.
	Equals string `yaml:"equals"`
}

// Reading says where our fields stand in an answer: a path ("address.city", "lines[0].id",
// "rows[type=Comment].text"), or a formula over answer that begins with =.
type Reading map[string]string

// Translation gives for the host's values of a field ours; "*" for all others, without it a value that is
// not listed stays as it is.
type Translation map[string]map[string]string

// Fields are rules for the fields of a draft, checked here before anything is sent.
type Fields struct {
	// Required are the fields without which the host makes no record.
	Required []string `yaml:"required,omitempty"`
	// Lengths are the most characters of texts.
	Lengths map[string]int `yaml:"lengths,omitempty"`
	// Lines are rules for the lines of a document.
	LineRequired []string       `yaml:"line_required,omitempty"`
	LineLengths  map[string]int `yaml:"line_lengths,omitempty"`
}

// Company reads the host's company. Fields: key, name, tax_id, eu_vat_id, line1, line2, postal_code, city,
// region, country, phone, email, website, bank_account, iban, language, zone, currency.
type Company struct {
	Get  Request `yaml:"get"`
	Read Reading `yaml:"read"`
	// Locale holds where the answer does not say language, zone or currency.
	Locale Locale `yaml:"locale,omitempty"`
}

// Locale is language ("hu"), zone ("Europe/Budapest") and currency ("HUF").
type Locale struct {
	Language string `yaml:"language,omitempty"`
	Zone     string `yaml:"zone,omitempty"`
	Currency string `yaml:"currency,omitempty"`
}

// Customers reads and writes customers. Fields: key, code, person, name, given, family, tax_id, eu_vat_id,
// email, phone, website, line1, line2, postal_code, city, region, country, currency, price_list,
// payment_days, language, blocked.
type Customers struct {
	Read      Reading     `yaml:"read"`
	Translate Translation `yaml:"translate,omitempty"`
	Fields    Fields      `yaml:"fields,omitempty"`
	// Get reads one by key.
	Get Request `yaml:"get"`
	// Find lists the customer that was made under token.
	Find *Request `yaml:"find,omitempty"`
	// Create are the requests that make a customer, in order; the last answer with a key is read, or Get.
	Create []Request `yaml:"create"`
	// Update writes fields that are empty at the host: Write gives for each of our fields the place in the
	// body and its value.
	Update *Request          `yaml:"update,omitempty"`
	Write  map[string]string `yaml:"write,omitempty"`
	// Values are the formulas of Write where the value is not customer.FIELD.
	Values map[string]string `yaml:"values_of,omitempty"`
	// Match are the lists by which customers are found.
	Match *Match `yaml:"match,omitempty"`
	// Search are the lists that answer a text of a person; what they give is joined.
	Search []Request `yaml:"search,omitempty"`
	// Remove deletes or blocks a customer without documents.
	Remove []Request `yaml:"remove,omitempty"`
	// Among lists many by their keys; without it each is read alone.
	Among *Among `yaml:"among,omitempty"`
}

// Among lists many records by their keys at once.
type Among struct {
	// List is the request; {filter} in its query is where the conditions go.
	List Request `yaml:"list"`
	// By is the condition over value, the key of one record: "number eq '{value}'".
	By string `yaml:"by"`
	// Or joins conditions, " or " where it is empty; AtOnce is how many one request takes, 20 where it is 0.
	Or     string `yaml:"or,omitempty"`
	AtOnce int    `yaml:"at_once,omitempty"`
}

// Match finds customers by many keys at once.
type Match struct {
	// List is the request; {filter} in its query is where the conditions go.
	List Request `yaml:"list"`
	// By gives for email, phone, tax_id and name a condition over value: "email eq '{value}'". The
	// value is in lower case for email, E.164 for phone, "HU12345676" for tax_id (national: "12345676"), and
	// the longest word of the name for name. What the list gives is compared here once more.
	By map[string]string `yaml:"by"`
	// Or joins conditions, " or " where it is empty; AtOnce is how many one request takes, 20 where it is 0.
	Or     string `yaml:"or,omitempty"`
	AtOnce int    `yaml:"at_once,omitempty"`
}

// Contacts reads and writes contact persons. Fields: key, customer, name, given, family, job_title, email,
// phone, mobile, language. The key is "customer|key at the host" where the host keeps contacts within their
// customers; formulas see both parts as contact.customer and contact.key.
type Contacts struct {
	Read      Reading     `yaml:"read"`
	Translate Translation `yaml:"translate,omitempty"`
	Fields    Fields      `yaml:"fields,omitempty"`
	// List gives the contacts of customer; Items their path where it is not the paging's.
	List  Request `yaml:"list"`
	Items string  `yaml:"items,omitempty"`
	// Token is the path in a contact where token is kept.
	Token  string            `yaml:"token,omitempty"`
	Create []Request         `yaml:"create"`
	Update *Request          `yaml:"update,omitempty"`
	Write  map[string]string `yaml:"write,omitempty"`
	Values map[string]string `yaml:"values_of,omitempty"`
	Remove []Request         `yaml:"remove,omitempty"`
}

// Products reads products. Fields: key, code, name, description, group, unit, vat_code, vat_rate, stock,
// cost, discontinued.
type Products struct {
	Read      Reading     `yaml:"read"`
	Translate Translation `yaml:"translate,omitempty"`
	Get       Request     `yaml:"get"`
	// Search are the lists that answer text, of at most limit products.
	Search []Request `yaml:"search"`
	// Groups lists the groups of products; GroupRead has the fields key and name.
	Groups    *Request `yaml:"groups,omitempty"`
	GroupRead Reading  `yaml:"group_read,omitempty"`
	// VAT lists the VAT codes; VATRead has the fields code and rate. Documents are checked against it.
	VAT     *Request `yaml:"vat,omitempty"`
	VATRead Reading  `yaml:"vat_read,omitempty"`
	// Among lists many by their keys, for the groups of what is still to be delivered; without it each
	// product is read alone.
	Among *Among `yaml:"among,omitempty"`
}

// Prices reads prices. Formulas see question: product, customer, quantity, currency, date. Fields: unit,
// discount, list, currency.
type Prices struct {
	Get Request `yaml:"get"`
	// More are requests sent before whose answers Read sees by their names.
	More []Request `yaml:"more,omitempty"`
	Read Reading   `yaml:"read"`
}

// Users reads the host's users. Fields: id, name, email, phone, job_title, manager, absent.
type Users struct {
	List Request `yaml:"list"`
	Read Reading `yaml:"read"`
}

// Document reads and writes one kind of document. Fields: key, number, customer, date, due, currency,
// reference, note, source_kind, source_key, net, vat, gross, state, paid, cancelled_by_kind,
// cancelled_by_key. Those of lines: key, source_line, product, name, quantity, unit, unit_price, discount,
// vat_code, vat_rate, net, delivered, invoiced.
type Document struct {
	Read Reading `yaml:"read"`
	// Lines is the path of the lines in the document, Where the value that fields of a line must have.
	Lines     string            `yaml:"lines"`
	Where     map[string]string `yaml:"where,omitempty"`
	LineRead  Reading           `yaml:"line_read"`
	Translate Translation       `yaml:"translate,omitempty"`
	Fields    Fields            `yaml:"fields,omitempty"`
	// Get reads one by key, with its lines.
	Get Request `yaml:"get"`
	// More are further requests whose answers formulas of Read and LineRead see by their names.
	More []Request `yaml:"more,omitempty"`
	// Find lists what was made under token.
	Find *Request `yaml:"find,omitempty"`
	// Ways are the ways to make one; the first whose From fits is taken.
	Ways []Way `yaml:"ways,omitempty"`
	// Cancel are the ways to take one back, the first whose If holds is taken; {reason}.
	Cancel []Cancel `yaml:"cancel,omitempty"`
	// History lists the customer's documents of this kind, the newest first.
	History *Request `yaml:"history,omitempty"`
	// OpenItems lists what the customer owes; OpenRead has the fields key, number, date, due, currency,
	// amount, open, and customer where Receivables is given.
	OpenItems *Request `yaml:"open_items,omitempty"`
	OpenRead  Reading  `yaml:"open_read,omitempty"`
	// Backlog lists the orders of which something is still to be delivered; of the kind order only.
	Backlog *Backlog `yaml:"backlog,omitempty"`
	// Receivables lists what all customers owe in documents of this kind; OpenItems is needed beside it.
	Receivables *Receivables `yaml:"receivables,omitempty"`
	// Settled lists the invoices that were paid; of the kind invoice only, Receivables is needed beside it.
	Settled *Settled `yaml:"settled,omitempty"`
}

// Backlog lists the orders of which something is still to be delivered. They are read by Read and LineRead,
// which needs delivered; an order that the list gives without its lines is read by Get.
type Backlog struct {
	// List gives the orders from the day in from on, 1900-01-01 for all. It may give more: what is older or
	// delivered is left out here. It must not be cut: no limit, page after page.
	List Request `yaml:"list"`
	// Sorted says that the list is in the order of the orders' dates, so that no more of it is read than a
	// page needs. Without it all of the list is read for every page. Orders of one day are ordered here, by
	// their keys.
	Sorted bool `yaml:"sorted,omitempty"`
	// Where is the value that fields of a line must have, beside Where of the document: what was closed by hand
	// will not be delivered.
	Where map[string]string `yaml:"where,omitempty"`
}

// Receivables lists what all customers owe, read by OpenRead.
type Receivables struct {
	// More are requests sent before whose answers List sees by their names.
	More []Request `yaml:"more,omitempty"`
	// List gives the open items of all customers. It must not be cut: no limit, page after page.
	List Request `yaml:"list"`
	// Sorted says that the list is ordered by customers, in whatever order the API has for them, and begins
	// behind the customer whose key is in after (empty for the first page): then no more of it is read than
	// a page needs. Without it all of the list is read for every page, and customers are ordered here by
	// their keys. Only one kind of documents can be sorted, and then no other can have receivables.
	Sorted bool `yaml:"sorted,omitempty"`
}

// Settled lists the invoices that customers paid in full since a day.
type Settled struct {
	// Payments lists what customers, by their keys, paid since the day in since: their payments, or their
	// invoices where those say when they were paid.
	Payments Among `yaml:"payments"`
	// Items is the path of the invoices in a payment, which may pay several, and Where the value that fields of
	// one must have; empty where what is listed is the invoice.
	Items string            `yaml:"items,omitempty"`
	Where map[string]string `yaml:"where,omitempty"`
	// Read has the fields customer, key, number, due, paid; formulas see the payment as parent.
	Read Reading `yaml:"read"`
	// Invoices lists the invoices by their keys where payments do not say what became of them: those that Read
	// and LineRead of the document find paid are given, with their customer, number and due date.
	Invoices *Among `yaml:"invoices,omitempty"`
}

// Way makes a document.
type Way struct {
	// From is the kind of document it follows; empty for one that follows none.
	From erpbridge.Kind `yaml:"from,omitempty"`
	// Steps are sent in order. When one is refused after an earlier one wrote, Undo is sent.
	Steps []Request `yaml:"steps"`
	Undo  []Request `yaml:"undo,omitempty"`
}

// Cancel takes a document back.
type Cancel struct {
	// If is a formula over document and found (the host's answer).
	If string `yaml:"if,omitempty"`
	// Refuse is the sentence that answers instead of sending anything.
	Refuse string    `yaml:"refuse,omitempty"`
	Steps  []Request `yaml:"steps,omitempty"`
	// Gone says that the host deletes the document: its last state is given as cancelled.
	Gone bool `yaml:"gone,omitempty"`
}
