// Package regional is the other kind of ERP that CRM+ has to fit into: one that was there first and was
// not asked. Its tables are those of a regional product of the nineties that lives on: Hungarian names in
// capitals, zero-padded codes (customer C000123), a number table that must stay without gaps, headers and
// lines in one table for all kinds of documents, local time, a company column everywhere, totals that a
// trigger counts, posted documents and closed periods that triggers defend. It knows nothing of CRM+.
//
//	books := regional.Books{DB: db, Dialect: regional.SQLite, Company: "01"}
//	err := regional.Install(ctx, db, regional.SQLite)
//	err = books.Seed(ctx) // company 01 in forints, and a second one, books.Second(), in euros
//
// Tests write into it through a mapping or through stored procedures (SQL Server, see procedures_mssql.sql),
// and play the rest of the office with [Books]: it writes documents that others made, posts, takes
// payments, closes periods, merges, renumbers, blocks and deletes customers, and lists the numbers of a
// series. [Names] translates every table and column.
//
// Codes are VARCHAR, names NVARCHAR, a few texts VARCHAR in the Central European code page 1250 whatever
// the collation of the database. Yes is 'I' (igen), no is 'N' (nem). On SQLite the declared types are the
// same, but every DECIMAL(p,s) holds a whole number scaled by 10^s: 19.99 in a DECIMAL(15,2) is 1999; days
// are texts as 2026-07-13, moments texts as 2026-07-13T10:00:00.000. On SQL Server DATETIME is the old type.
//
// The writer of a document takes the number (the row of SORSZAMOK is locked by whoever takes one), writes
// BIZFEJ without totals, then BIZSOR with the net of each line rounded to the currency and row numbers 10,
// 20, 30, then BIZAFA, and counts what follows an order on the order's lines (SZALLITVA, SZAMLAZVA), its
// state (ALLAPOT) and the stock (KESZLET). The trigger counts NETTO, AFA and BRUTTO of the header.
package regional
