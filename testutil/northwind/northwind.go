// Package northwind is a fixture of our own in the shape of the well-known sample: the same tables and columns
// with the same types, and a few rows that are not the sample's. It stands for the host that has almost
// nothing: natural five-letter customer codes that the writer makes up, identities for everything else, no
// companies, no VAT, no currency, no terms, no triggers, no audit columns, and [Order Details], whose key
// refuses one product twice.
//
// On SQL Server money is MONEY. On SQLite it is TEXT holding a decimal with four places ("219.9000"), so that
// it stays exact; a Discount is REAL on both, a fraction of one. Moments are texts as 2026-07-13T00:00:00.000 on
// SQLite and DATETIME on SQL Server.
//
// There is no company column: on a server that several tests share they share the rows too, so a test
// counts only what it wrote itself.
package northwind

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

// The databases that the fixture runs on.
const (
	SQLite = "sqlite"
	MSSQL  = "mssql"
)

// Rows by the names tests use.
const (
	// Buyer is a customer with two orders, NewBuyer one without any.
	Buyer, NewBuyer = "MINTA", "EPIPL"
	// Desk and Shelf are products with stock, Chair is discontinued.
	Desk, Shelf, Chair = 1, 2, 6
	// Manager and Seller are employees, Shipper is a shipper.
	Manager, Seller, Shipper = 1, 2, 1
	// InvoicedOrder appears in the view Invoices, UnshippedOrder does not because it has no shipper.
	InvoicedOrder, UnshippedOrder = 1, 2
)

//go:embed northwind.sql
var script string

// rewrite is one word of the script in the language of a database.
type rewrite struct {
	word *regexp.Regexp
	by   string
}

var (
	keyed    = regexp.MustCompile(`\bKEYED (INSERT INTO (\w+)[\s\S]*)`)
	extended = regexp.MustCompile(`\bEXTENDED\((\w+)\)`)
	joined   = regexp.MustCompile(`\bJOINED\(([\w.]+), ([\w.]+)\)`)
	valueOf  = regexp.MustCompile(`\bVALUEOF\((\w+)\)`)
	identity = regexp.MustCompile(`\bIDENTITYKEY\b`)
	long     = regexp.MustCompile(`\bLONG\b`)
	money    = regexp.MustCompile(`\bMONEY\b`)
	zero     = regexp.MustCompile(`\bZERO\b`)
	floats   = regexp.MustCompile(`\bFLOATS\b`)
	unicode  = regexp.MustCompile(`\bN'`)
)

var rewrites = map[string][]rewrite{
	MSSQL: {
		{keyed, "SET IDENTITY_INSERT $2 ON; $1; SET IDENTITY_INSERT $2 OFF"},
		{extended, "CONVERT(money, $1.UnitPrice * $1.Quantity * (1 - $1.Discount))"},
		{joined, "$1 + N' ' + $2"},
		{valueOf, "$1"},
		{identity, "int IDENTITY(1,1) NOT NULL PRIMARY KEY"},
		{long, "nvarchar(max)"},
		{money, "money"},
		{zero, "0"},
		{floats, "real"},
	},
	SQLite: {
		{keyed, "$1"},
		{extended, "CAST(ROUND($1.UnitPrice * $1.Quantity * (1 - $1.Discount), 2) AS TEXT)"},
		{joined, "$1 || ' ' || $2"},
		{valueOf, "CAST($1 AS REAL)"},
		{identity, "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
		{long, "text"},
		{money, "text"},
		{zero, "'0.0000'"},
		{floats, "real"},
		{unicode, "'"},
	},
}

// Install creates the tables, views and rows in one transaction. Calling it again changes nothing.
func Install(ctx context.Context, db *sql.DB, dialect string) error {
	words, known := rewrites[dialect]
	if !known {
		return fmt.Errorf("northwind: the dialect %q is not known; use %q or %q", dialect, SQLite, MSSQL)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("northwind: installing: %w", err)
	}
	defer tx.Rollback() // after the commit it does nothing
	there, err := installed(ctx, tx, dialect)
	if err != nil || there {
		return err
	}
	for statement := range strings.SplitSeq(script, "\nGO\n") {
		for _, r := range words {
			statement = r.word.ReplaceAllString(statement, r.by)
		}
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			first, _, _ := strings.Cut(statement, "\n")
			return fmt.Errorf("northwind: installing %s: %w", first, err)
		}
	}
	return tx.Commit()
}

// installed lets one installation in after the other and reports whether the tables are there.
func installed(ctx context.Context, tx *sql.Tx, dialect string) (bool, error) {
	query := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'Categories'"
	if dialect == MSSQL {
		const lock = "EXEC sp_getapplock @Resource = 'northwind_install', @LockMode = 'Exclusive', @LockOwner = 'Transaction'"
		if _, err := tx.ExecContext(ctx, lock); err != nil {
			return false, fmt.Errorf("northwind: installing: %w", err)
		}
		query = "SELECT CASE WHEN OBJECT_ID(N'Categories') IS NULL THEN 0 ELSE 1 END"
	}
	n := 0
	err := tx.QueryRowContext(ctx, query).Scan(&n)
	return n > 0, err
}
