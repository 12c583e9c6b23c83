// Package prochost makes an erpbridge.Host of an ERP that is written through its own stored procedures, from
// a description in YAML or Go structs. It is for SQL Server; procedures are what SQLite does not have.
//
//	d, err := prochost.Parse(file)                            // all mistakes in the file at once
//	host, err := prochost.New(ctx, db, d, prochost.Options{}) // all that does not fit the database at once
//	module, err := crm.New(store, crm.Config{Host: host})
//
// A value goes from a formula (crm/formula) over the draft, the session and what earlier calls gave into a
// parameter. The catalogue knows the parameter's type: the value is checked against it before anything is
// sent, and travels as a typed parameter in a CAST, never as text of the statement. Names of procedures,
// parameters, types, tables and columns come from the catalogue, quoted. Lines go as a table-valued
// parameter, as JSON or XML, or by a procedure for each line.
//
// One call is one batch on the raw transaction: variables, EXEC with named parameters, and a last SELECT with
// the return code, the OUT parameters, what became of @@TRANCOUNT, and XACT_STATE(). All rows are read before anything else
// is sent. What the answer means the description says: return codes and error numbers that refuse become
// fault.Invalid with the sentence of the description or of the host; a transaction that the host ended or
// doomed is an error of the whole unit of work, whatever the procedure said; a deadlock is fault.Retryable.
//
// Where a procedure gives no key back, what it made is looked up by the session's token, by a procedure or
// by a described SELECT. Documents and customers are looked up before they are made too, so that the same
// token gives the same record.
package prochost
