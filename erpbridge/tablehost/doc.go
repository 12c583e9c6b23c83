// Package tablehost makes an [erpbridge.Host] from a declarative mapping of the host's tables, so that an
// integrator who knows the tables needs no Go.
//
// A [Mapping] (YAML, or the same as Go structs) says where customers, contacts, products, prices, VAT,
// users and documents stand and how a new one is written: which column holds which field, how keys and
// numbers come about, what is set beside, which further tables follow. Values are formulas (crm/formula)
// over a typed environment; there is no SQL in a mapping, except in fields named unsafe_sql, which work
// only where the Go configuration allows them.
//
//	mapping, err := tablehost.Load(file)
//	host, err := tablehost.New(ctx, db, mapping, tablehost.Options{})
//
// New reads the database's catalogue (erpbridge/catalog), refuses a mapping with problems ([Check] names
// all of them at once) and compiles the rest: every identifier is the catalogue's own, quoted; every value
// is a parameter, cast to its column's type. A call works in the transaction of its session: what is
// wrong with a draft is answered before anything is written, then the steps run in their order, then the
// record is given as the host keeps it: read again where a trigger, a default or a type may have made
// something else of it (written.go). The same mapping runs on SQL Server and on SQLite.
package tablehost
