// Package catalog reads what a host's database says about itself and puts values into its columns
// without losing any of them. It knows SQLite and SQL Server, and makes them look alike.
//
// [Read] asks for all tables, columns, keys, triggers, permissions and session options in a fixed number
// of statements, whatever the number of tables. Names that people wrote in a mapping are looked up in the
// [Catalog], and only names that the catalogue gave go into statements, quoted: text from a mapping never
// becomes SQL.
//
// A value goes to the database by [Column.Bind], which checks it against the column's own type, and gives
// the text for the statement (one "?" in the CAST that the type needs) and the argument. It refuses what
// the database would cut, round or replace in silence: too long a text, a fourth decimal in a column
// with two, a letter that the code page of a varchar lacks, 40000 in a smallint. The reason names the
// table, the column, its type, the value and the remedy. It comes back by [Column.Select], the expression
// to select by, and [Column.Value], which turns what the driver gave into one of string, int64,
// decimal.Decimal, bool, civil.Date, civil.DateTime and []byte, or nil for NULL.
//
// SQLite has no decimals and no dates: a column declared DECIMAL(18,4) keeps 0.1 as a binary fraction. How
// a host keeps its money there is for the mapping to declare, see [Storage]. Dates and times are texts of
// ISO 8601 there.
package catalog
