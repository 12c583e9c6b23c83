// Package api is the JSON API of CRM+, for hosts and programs that are not written in Go: everything the
// screens do, described by an OpenAPI 3.1 document that is made from the types of this package.
//
//	handler, err := api.Handler(module, api.Config{Path: "/crm/api"})
//	mux.Handle("/crm/api/", handler)
//
//	GET  /crm/api/docs           the document, browsable, without any request to the outside
//	GET  /crm/api/openapi.json   the document; openapi.yaml beside it
//	GET  /crm/api/leads?status=new&limit=50
//	POST /crm/api/leads
//
// A request goes this way: it gets an id (X-Request-Id); the key in its Authorization header says who acts
// (crm/apikey) and how many requests he may send; the route says which right it takes; the body is held
// against size, type and schema; then one function of this package calls one verb of the module, in one
// transaction with the answer that makes the request repeatable (Idempotency-Key). What goes wrong is told
// as application/problem+json (RFC 9457) with a stable code and all faults at once, in the reader's
// language.
//
// # Wire forms
//
// The structs of this package are the API's own and change only compatibly. Names are snake_case; ids are
// UUIDs as text; amounts, quantities and percentages are decimals as text, beside the currency they are
// in; instants are RFC 3339 in UTC, business dates 2026-07-13. What is not known is left out. A request
// with a field that does not exist is refused.
//
// # Versions
//
// Each record that people change has a version, which is its ETag. A change names the version that was
// read in If-Match; it is refused with 412 where somebody else was faster, and the problem names who
// changed what. "If-Match: *" changes whatever is there. A read with If-None-Match gives 304 where nothing
// changed.
//
// There is one file per noun.
package api
