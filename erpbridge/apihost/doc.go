// Package apihost makes an [erpbridge.Host] out of a description of the host's HTTP API: for ERPs that
// forbid direct writes, or run elsewhere. The description is YAML, or the same as Go structs; there is no
// code in it.
//
//	description, err := apihost.Open("business-central") // or apihost.Load(file)
//	host, err := apihost.New(description, apihost.Options{
//		Settings: map[string]string{"BC_URL": "https://api.businesscentral.dynamics.com", ...},
//		Secret:   func(name string) (string, error) { return os.Getenv(name), nil },
//	})
//
// Two descriptions come with the package: "business-central" (Microsoft Dynamics 365 Business Central, API
// v2.0) and "sap-business-one" (SAP Business One, Service Layer). [Source] gives their text to start an own
// one from; what has to be set up at the ERP stands at their head.
//
// # What a call does
//
// A port fills the templates of a request with the session, the draft and earlier answers, signs it with
// the login, waits for the rate limit, sends it once and reads our fields out of the answer. A write is
// always preceded by a search for its token: what an earlier attempt made is given again, or completed
// where it was begun. Before a document is sent, everything that reading can tell is checked (customer,
// products, VAT codes, what remains of the document it follows), so that all faults are named at once.
//
// # What a failure means
//
//   - fault.Invalid: the host refused for good; faults carry our field names where rules map them.
//   - fault.Unavailable: nothing was done. Nobody answered before the request was sent, 408, 429, 503, or the
//     login does not work, which an administrator has to look at (401, 403, redirects). Where the host said
//     when to come back, the cause is a [*Later], and nothing is sent until then.
//   - fault.Retryable: somebody else changed the record first (409, 412).
//   - fault.Unknown: a write was sent and no whole answer came (time-out, broken connection, half a body,
//     500, 502, 504), or a later one of several requests failed. The next call, with Session.Attempt
//     counted up, searches for the token and completes. An API that acts long after it was given up can
//     be ahead of that search: leave more time between attempts than it takes to finish, or make the key
//     itself out of the token, as both shipped descriptions do for customers.
//   - fault.NotFound: there is no such record.
//
// # How to write a description
//
// Begin with name, base, values and login, then company and customers; [Check] names everything that is
// wrong or missing at once, [Explain] says in plain words what will be sent.
//
//	version: 1
//	name: Acme ERP
//	base: https://erp.acme.example/api       # paths are below it; ${NAME} is a setting
//	values: plain                            # odata: 'texts' with doubled quotes
//	login: {kind: header, header: X-Api-Key, key: "${ACME_KEY}"}
//	settings: {ACME_KEY: the key of the CRM user}
//	token: {length: 16}                      # what the host keeps of the token
//	errors: {message: detail, code: type}    # where an error says what is wrong
//	customers:
//	  read: {key: id, name: title, line1: address.street, email: "contacts[kind=email].value"}
//	  get: {path: "/customers/{customer.key}"}
//	  find: {path: /customers, query: {external_id: "{token}"}}
//	  create:
//	    - name: made
//	      method: POST
//	      path: /customers
//	      body: {external_id: =token, title: =customer.name, kind: CUSTOMER}
//
// The rules:
//
//   - A body is a tree. A text that begins with = is a formula (crm/formula), any other stands for itself
//     (\= begins a text with =). Values can never become JSON of their own. A formula without a value leaves
//     its field out. A record with "$each: line" is repeated for each line of the draft, "$if" leaves it out.
//   - A path or a query holds {formula} places, written so that a value cannot leave its place.
//   - read names for our fields the path in the answer, or a formula over answer. translate gives for the
//     host's values ours. A path may search a list, name alternatives, or begin in another answer:
//     "rows[kind=note].text", "message|detail", "$company.currency".
//   - find is the list that gives what was made under token. Without it, and without an idempotency header
//     that the API really has, a description is refused.
//   - Requests of a list run in order; the answer of one with a name is read by later ones. The answer named
//     made is the new record. After an interrupted attempt found holds what the token found: requests that
//     write are left out then, unless done (a condition) or there (a value in a list of found) say that theirs
//     is missing.
//   - ways of a document: one for each kind of document that it may follow, and one without from. Each: line
//     sends a request per line, source_line per line of the document that is followed. When the host
//     refuses a step after an earlier one wrote, undo takes the begun document back.
//   - What all customers ordered and did not receive (documents.order.backlog), owe (receivables of a kind of
//     documents, beside its open_items) and paid (documents.invoice.settled) is told where it is described. The
//     lists go on page after page like all others and must not be cut: a limit in the request would lose what is
//     behind it. sorted says that the API orders the list, orders by their date, open items by customer from the
//     one in after on; then no more is read than a page needs, and a list in another order is refused. Without it
//     the whole list is read for each page. Never more than a page is held.
//   - among lists many records by their keys: customers and products are read one by one without it.
//   - errors.rules turn statuses, codes and messages into what they mean, with our field. errors.line finds
//     the number of the line in a message.
//
// Addresses have to begin with https://, redirects are followed for reads at the same address only, answers
// are bounded in size and time. Secrets come from Options, never from the description, and are taken out of
// every message.
package apihost
