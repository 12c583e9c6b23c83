package catalog

import (
	"context"
	"database/sql"
)

// Queryer is what statements are sent through: *sql.DB, *sql.Tx or *sql.Conn.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Catalog is what a database says about itself, as far as the login may see it.
type Catalog struct {
	Dialect Dialect
	// Database is the name of the database, on SQLite its file ("" in memory).
	Database string
	// Collation is the database's own, "" on SQLite.
	Collation string
	// Schema is the one in which a name without a schema is looked for first: "dbo".
	Schema string
	// User is the database user that reads, "" on SQLite.
	User string
	// Options are those of the session that read the catalogue.
	Options    SessionOptions
	Tables     []Table
	Procedures []Procedure
	Types      []TableType
	Sequences  []Sequence
}

// SessionOptions are the settings of a session that change what statements mean. The host sets them, by its
// connection string or for the login; they are never changed here.
type SessionOptions struct {
	// NoCount: statements do not report how many rows they changed (@@OPTIONS 512).
	NoCount bool
	// XactAbort: any error rolls back the whole transaction (@@OPTIONS 16384).
	XactAbort bool
	// ImplicitTransactions: a statement begins a transaction that somebody has to commit (@@OPTIONS 2).
	ImplicitTransactions bool
	// NumericRoundAbort: losing precision is an error; indexed views and computed columns refuse writes.
	NumericRoundAbort bool
	// The ANSI settings that writes to indexed views, filtered indexes and indexed computed columns need.
	AnsiNulls, AnsiPadding, AnsiWarnings, ArithAbort, QuotedIdentifier, ConcatNullYieldsNull bool
	// DateFormat is the order in which texts of dates are read: "mdy", "dmy", "ymd".
	DateFormat string
	// Language is that of messages and month names: "us_english", "Italiano".
	Language string
	// Isolation is the level of transactions: "read committed", "snapshot".
	Isolation string
	// ForeignKeys says whether foreign keys are enforced; SQLite does so only where a pragma says so.
	ForeignKeys bool
	// ReadOnly: the database or the session takes no writes.
	ReadOnly bool
}

// Table is a table or a view.
type Table struct {
	// Schema is "" on SQLite.
	Schema, Name string
	View         bool
	Columns      []Column
	// PrimaryKey names the columns in the order of the key; none for a view or a heap.
	PrimaryKey []string
	// Unique are the unique indexes and constraints, without that of the primary key.
	Unique      []Index
	ForeignKeys []ForeignKey
	Triggers    []Trigger
	Checks      []Check
	// What the login may do. On SQLite a view takes the writes that it has INSTEAD OF triggers for.
	CanSelect, CanInsert, CanUpdate, CanDelete bool

	dialect Dialect
}

// Index is a unique index or constraint.
type Index struct {
	Name    string
	Columns []string
	// Filter is the condition of a filtered (partial) index, "" for all rows.
	Filter string
}

// ForeignKey says that the columns hold a key of another table.
type ForeignKey struct {
	Name    string
	Columns []string
	// Schema and Table name the other table, Target its columns in the order of Columns.
	Schema, Table string
	Target        []string
	// Disabled: rows are not checked (SQL Server: NOCHECK).
	Disabled bool
}

// Trigger runs when rows of its table change.
type Trigger struct {
	Name string
	// The statements it runs on.
	Insert, Update, Delete bool
	// InsteadOf: it replaces the statement, which then writes nothing itself.
	InsteadOf bool
	Disabled  bool
	// Body is the text of its definition, "" where the login may not see it or it is encrypted.
	Body string
}

// Check is a condition that each row has to meet.
type Check struct {
	Name string
	// Column is the one column that the condition is about, "" where it is about the row.
	Column     string
	Expression string
	Disabled   bool
}

// Column is a column of a table, a view or a table type, or a parameter of a procedure.
type Column struct {
	Name string
	// Table is what errors call the table: "dbo.ORDLIN".
	Table string
	Type  Type
	// Nullable: the column takes NULL.
	Nullable bool
	// HasDefault: an insert may leave the column out although it is not nullable.
	HasDefault bool
	// Identity: the database counts the values itself. On SQLite it is the INTEGER PRIMARY KEY.
	Identity bool
	// Computed: the value is an expression over other columns, Generated where SQLite calls it so or SQL
	// Server fills it itself (GENERATED ALWAYS AS ROW START and its kind).
	Computed, Generated bool
	// RowVersion: SQL Server changes the value with each write to the row.
	RowVersion bool
	// Default is the expression of the default, or of the computation, as the database gives it.
	Default string
	// Collation is that of a text column: "Hungarian_CI_AS", on SQLite "NOCASE" or "".
	Collation string

	dialect Dialect
	// recode: the column's code page is not that of the database, to which a CAST leads by itself.
	recode bool
}

// Procedure is a stored procedure of SQL Server.
type Procedure struct {
	Schema, Name string
	Parameters   []Parameter
	CanExecute   bool

	// definition is the beginning of its text.
	definition string
}

// Parameter is one of a procedure. Its Name has no @.
type Parameter struct {
	Column
	// Output: the procedure gives a value back through it.
	Output bool
	// Schema and TableType name the table type of a table-valued parameter, "" for any other.
	Schema, TableType string
}

// TableType is a type for table-valued parameters.
type TableType struct {
	Schema, Name string
	Columns      []Column
}

// Sequence counts outside of any table (CREATE SEQUENCE).
type Sequence struct{ Schema, Name string }
