// Package erp is a small but real ERP: customers, contacts, products, price lists by customer,
// quantity and date, stock, orders, delivery notes, invoices with posting, payments and credit notes,
// payment requests, advance invoices, completion acts, VAT by code, gapless numbers, several companies.
// It keeps its own tables (erp_...) in its own style, on SQLite and on SQL Server, knows nothing of
// CRM+'s tables, and plays the host: tests convert into it, the examples embed CRM+ in it, and a vendor
// reads it to see what the ports of erpbridge ask of him.
//
//	books := erp.New(db, "sqlite")
//	err := books.Install(ctx)
//	err = books.Seed(ctx, erp.Sample{})
//	module, err := crm.New(store, crm.Config{Host: books.Host()})
//
// A value enters through a port of [ERP.Host] with an erpbridge.Session. The draft is checked as a
// whole, every fault named at once; the counter's row is locked, so that whoever comes second with
// the same token finds what the first one wrote; then the rows are written through Session.Tx, which
// its owner commits. The same functions serve the ERP's own pages: [ERP.Work] opens a transaction
// and makes a session for them.
//
// Numbers are exact: scaled integers on SQLite, DECIMAL on SQL Server. The net of each line is
// rounded to the currency, the VAT of each code is counted once from the sum of its lines and rounded.
package erp
