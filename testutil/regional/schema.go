package regional

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

// The databases that the ERP runs on.
const (
	SQLite = "sqlite"
	MSSQL  = "mssql"
)

var (
	//go:embed schema.sql
	tablesSQL string
	//go:embed triggers_mssql.sql
	triggersMSSQL string
	//go:embed triggers_sqlite.sql
	triggersSQLite string
)

// totals is what the triggers of SQLite do for the header of a row; those of SQL Server do it for a set.
const totals = `UPDATE BIZFEJ SET
	NETTO = COALESCE((SELECT SUM(NETTO) FROM BIZSOR WHERE CEGKOD = $1.CEGKOD AND BIZSZAM = $1.BIZSZAM), 0),
	AFA = COALESCE((SELECT SUM(sign(X) * ((abs(X) * 2 + D) / (2 * D)) * (D / 10000)) FROM (
		SELECT SUM(S.NETTO) * S.AFAKULCS AS X, CASE P.TIZEDES WHEN 0 THEN 1000000 WHEN 1 THEN 100000 ELSE 10000 END AS D
		FROM BIZSOR AS S JOIN BIZFEJ AS B ON B.CEGKOD = S.CEGKOD AND B.BIZSZAM = S.BIZSZAM JOIN DEVIZAK AS P ON P.CEGKOD = B.CEGKOD AND P.DEVIZANEM = B.DEVIZANEM
		WHERE S.CEGKOD = $1.CEGKOD AND S.BIZSZAM = $1.BIZSZAM GROUP BY S.AFAKOD, S.AFAKULCS, P.TIZEDES)), 0)
	WHERE CEGKOD = $1.CEGKOD AND BIZSZAM = $1.BIZSZAM;
	UPDATE BIZFEJ SET BRUTTO = NETTO + AFA WHERE CEGKOD = $1.CEGKOD AND BIZSZAM = $1.BIZSZAM`

// rewrite is one word of schema.sql in the language of a database.
type rewrite struct {
	word *regexp.Regexp
	by   string
}

var rewrites = map[string][]rewrite{
	MSSQL: {
		{regexp.MustCompile(`\bLOCAL\((\d+)\)`), "VARCHAR($1) COLLATE SQL_Latin1_General_CP1250_CI_AS"},
		{regexp.MustCompile(`(\w+) (?:NAME|DECIMAL)\([\d,]+\) COMPUTED\b`), "$1 AS "},
		{regexp.MustCompile(`\bIDENTITYKEY\b`), "INT IDENTITY(1,1) NOT NULL PRIMARY KEY"},
		{regexp.MustCompile(`\bVERSIONED\b`), "VERZIO ROWVERSION,"},
		{regexp.MustCompile(`\bPERCENT\((\d+)\)`), "$1"},
	},
	SQLite: {
		{regexp.MustCompile(`\bLOCAL\(`), "VARCHAR("},
		{regexp.MustCompile(`\bCOMPUTED\b`), "GENERATED ALWAYS AS "},
		{regexp.MustCompile(`\bIDENTITYKEY\b`), "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
		{regexp.MustCompile(`\bVERSIONED\b`), ""},
		{regexp.MustCompile(`\bPERCENT\((\d+)\)`), "${1}0000"},
		{regexp.MustCompile(`\bTOTALS\((\w+)\)`), totals},
	},
}

var sized = []rewrite{{regexp.MustCompile(`\bCODE\(`), "VARCHAR("}, {regexp.MustCompile(`\bNAME\(`), "NVARCHAR("}}

// Statements gives the DDL for a database, a statement each, in the order in which it runs.
func Statements(dialect string) ([]string, error) {
	words, known := rewrites[dialect]
	if !known {
		return nil, fmt.Errorf("regional: the dialect %q is not known; use %q or %q", dialect, SQLite, MSSQL)
	}
	script := tablesSQL + triggersSQLite
	if dialect == MSSQL {
		script = tablesSQL + triggersMSSQL + proceduresMSSQL
	}
	for _, r := range append(words, sized...) {
		script = r.word.ReplaceAllString(script, r.by)
	}
	var list []string
	for statement := range strings.SplitSeq(script, "\nGO\n") {
		if strings.TrimSpace(statement) != "" {
			list = append(list, statement)
		}
	}
	return list, nil
}

// Install creates the tables, triggers and, on SQL Server, the procedures, in one transaction. Calling it
// again changes nothing, but for procedures that have come since.
func Install(ctx context.Context, db *sql.DB, dialect string) error {
	statements, err := Statements(dialect)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("regional: installing: %w", err)
	}
	defer tx.Rollback() // after the commit it does nothing
	there, err := prepare(ctx, tx, dialect)
	if err == nil && there {
		statements, err = lacking(ctx, tx, dialect, statements)
	}
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			first, _, _ := strings.Cut(strings.TrimSpace(statement), "\n")
			return fmt.Errorf("regional: installing %s: %w", first, err)
		}
	}
	return tx.Commit()
}

var made = regexp.MustCompile(`(?m)^CREATE (PROCEDURE|TYPE) (\w+)`)

// lacking are the statements for procedures and their types that a database of an earlier day has not.
func lacking(ctx context.Context, tx *sql.Tx, dialect string, statements []string) (list []string, err error) {
	for _, statement := range statements {
		what := made.FindStringSubmatch(statement)
		if what == nil || dialect != MSSQL {
			continue
		}
		query := map[string]string{"PROCEDURE": "SELECT CASE WHEN OBJECT_ID(@p1) IS NULL THEN 0 ELSE 1 END", "TYPE": "SELECT CASE WHEN TYPE_ID(@p1) IS NULL THEN 0 ELSE 1 END"}[what[1]]
		there := 0
		if err := tx.QueryRowContext(ctx, query, what[2]).Scan(&there); err != nil {
			return nil, fmt.Errorf("regional: looking for %s: %w", what[2], err)
		}
		if there == 0 {
			list = append(list, statement)
		}
	}
	return list, nil
}

// prepare lets one installation in after the other and reports whether the tables are there.
func prepare(ctx context.Context, tx *sql.Tx, dialect string) (bool, error) {
	query := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'CEGTORZS'"
	if dialect == MSSQL {
		query = "SELECT CASE WHEN OBJECT_ID(N'CEGTORZS') IS NULL THEN 0 ELSE 1 END"
		const lock = "EXEC sp_getapplock @Resource = 'regional_install', @LockMode = 'Exclusive', @LockOwner = 'Transaction'"
		if _, err := tx.ExecContext(ctx, lock); err != nil {
			return false, fmt.Errorf("regional: installing: %w", err)
		}
		if err := allowRowVersion(ctx, tx); err != nil {
			return false, fmt.Errorf("regional: installing: %w", err)
		}
	}
	n := 0
	err := tx.QueryRowContext(ctx, query).Scan(&n)
	return n > 0, err
}

// allowRowVersion tells Babelfish, which takes a ROWVERSION column only then, that gaps do not matter.
func allowRowVersion(ctx context.Context, tx *sql.Tx) error {
	var version string
	if err := tx.QueryRowContext(ctx, "SELECT @@VERSION").Scan(&version); err != nil || !strings.Contains(version, "Babelfish") {
		return err
	}
	_, err := tx.ExecContext(ctx, "EXEC sp_babelfish_configure 'babelfishpg_tsql.escape_hatch_rowversion', 'ignore'")
	return err
}
