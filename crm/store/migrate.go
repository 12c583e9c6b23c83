package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migration is one numbered step of the schema, with its hand-written SQL for one dialect.
type Migration struct {
	Number int
	Name   string
	Up     string
	Down   string
}

// batchMark separates the batches of a migration, as GO does in SQL Server's own tools.
const batchMark = "\nGO\n"

// Migrations gives the steps for a dialect, in order.
func Migrations(d Dialect) []Migration {
	names, err := fs.Glob(migrationFiles, "migrations/*."+string(d)+".up.sql")
	if err != nil || len(names) == 0 {
		panic("store: no migrations for " + string(d))
	}
	slices.Sort(names)
	steps := make([]Migration, len(names))
	for i, name := range names {
		base := strings.TrimSuffix(path.Base(name), "."+string(d)+".up.sql")
		number, title, _ := strings.Cut(base, "_")
		n, err := strconv.Atoi(number)
		if err != nil || n != i+1 {
			panic("store: migration " + name + " is out of order")
		}
		steps[i] = Migration{Number: n, Name: title, Up: mustRead(name), Down: mustRead(strings.Replace(name, ".up.sql", ".down.sql", 1))}
	}
	return steps
}

func mustRead(name string) string {
	b, err := migrationFiles.ReadFile(name)
	if err != nil {
		panic("store: " + err.Error())
	}
	return string(b)
}

func (m Migration) checksum() string {
	sum := sha256.Sum256([]byte(m.Up))
	return hex.EncodeToString(sum[:8])
}

// Applied is a migration that a database has.
type Applied struct {
	Number   int
	Name     string
	Checksum string
	At       time.Time
}

// SchemaStatus compares a database with this version of CRM+.
type SchemaStatus struct {
	Applied []Applied
	// Pending are the steps that the database still lacks.
	Pending []Migration
	// Faults are steps whose SQL was changed after they were applied, and steps of a newer version.
	Faults []string
}

// Status reads what the database has, without changing anything.
func (db *DB) Status(ctx context.Context) (SchemaStatus, error) {
	var st SchemaStatus
	steps := Migrations(db.Dialect())
	has, err := db.hasTable(ctx, "crm_migration")
	if err != nil {
		return st, db.translate(ctx, err)
	}
	if has {
		if st.Applied, err = db.applied(ctx, db.sql); err != nil {
			return st, db.translate(ctx, err)
		}
	}
	for i, a := range st.Applied {
		switch {
		case i >= len(steps):
			st.Faults = append(st.Faults, fmt.Sprintf("migration %04d_%s is of a newer version of CRM+ than this program; upgrade the program or migrate down with the newer one", a.Number, a.Name))
		case steps[i].checksum() != a.Checksum:
			st.Faults = append(st.Faults, fmt.Sprintf("migration %04d_%s was applied with other SQL than this program has; compare the schema by `migrate sql`", a.Number, a.Name))
		}
	}
	if len(st.Applied) < len(steps) {
		st.Pending = steps[len(st.Applied):]
	}
	return st, nil
}

// hasTable reports whether the database answers for a table under its own name: as a table, or, where
// CRM+ is beside the host's database, through a synonym or an attached file.
func (db *DB) hasTable(ctx context.Context, name string) (bool, error) {
	at, err := db.placeOf(ctx, name)
	return at != nowhere, err
}

// placement says where a table is that is named without its database.
type placement string

const (
	nowhere placement = ""
	here    placement = "here"
	beside  placement = "beside"
)

func (db *DB) placeOf(ctx context.Context, name string) (placement, error) {
	query := "SELECT CASE WHEN schema = 'main' THEN 'here' ELSE 'beside' END FROM pragma_table_list WHERE type = 'table' AND name = '" + name + "' ORDER BY schema = 'main' DESC"
	if db.Dialect() == MSSQL {
		query = "SELECT 'here' FROM sys.tables WHERE name = '" + name + "' UNION ALL SELECT 'beside' FROM sys.synonyms WHERE name = '" + name + "'"
	}
	var at placement
	err := db.sql.QueryRowContext(ctx, query).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return nowhere, nil
	}
	return at, err
}

// created finds the tables and views that a migration makes.
var created = regexp.MustCompile(`(?m)^CREATE (?:VIRTUAL )?(?:TABLE|VIEW) (crm_\w+)`)

// Objects gives the names of all tables and views of CRM+ in a dialect, the list of migrations first: what
// another database of the same server needs synonyms for.
func Objects(d Dialect) []string {
	names := []string{"crm_migration"}
	for _, m := range Migrations(d) {
		for _, found := range created.FindAllStringSubmatch(m.Up, -1) {
			names = append(names, found[1])
		}
	}
	return names
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func (db *DB) applied(ctx context.Context, q queryer) ([]Applied, error) {
	rows, err := q.QueryContext(ctx, "SELECT number, name, checksum, applied_at FROM crm_migration ORDER BY number")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Applied
	for rows.Next() {
		var a Applied
		var at any
		if err := rows.Scan(&a.Number, &a.Name, &a.Checksum, &at); err != nil {
			return nil, err
		}
		switch t := at.(type) {
		case time.Time:
			a.At = t
		case string:
			a.At, _ = time.Parse(timeForms[SQLite], t)
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

// Check fails with fault.Invalid where the database lacks steps or has others than this program.
func (db *DB) Check(ctx context.Context) error {
	st, err := db.Status(ctx)
	if err != nil {
		return err
	}
	var faults fault.List
	for _, f := range st.Faults {
		faults.Add("schema", "schema.differs", "%s", f)
	}
	for _, m := range st.Pending {
		faults.Add("schema", "schema.pending", "migration %04d_%s is not applied; run `migrate up` or let a database administrator run `migrate sql`", m.Number, m.Name)
	}
	return faults.Err("the database is not ready for this version of CRM+")
}

// Migrate applies the missing steps, each in a transaction of its own, under a lock that lets one
// process work at a time. It does nothing where nothing is missing.
func (db *DB) Migrate(ctx context.Context) error {
	err := db.eachStep(ctx, func(ctx context.Context, tx *sql.Tx, applied []Applied) (bool, error) {
		steps := Migrations(db.Dialect())
		if len(applied) > len(steps) {
			return false, fault.New(fault.Invalid, "the database is of a newer version of CRM+ (%d steps) than this program (%d)", len(applied), len(steps))
		}
		for i, a := range applied {
			if steps[i].checksum() != a.Checksum {
				return false, fault.New(fault.Invalid, "migration %04d_%s was applied with other SQL than this program has", a.Number, a.Name)
			}
		}
		if len(applied) == len(steps) {
			return false, nil
		}
		m := steps[len(applied)]
		if err := db.batches(ctx, tx, m.Up); err != nil {
			return false, fmt.Errorf("migration %04d_%s: %w", m.Number, m.Name, err)
		}
		_, err := tx.ExecContext(ctx, db.record(m))
		return true, err
	})
	if err != nil {
		return err
	}
	return db.Optimize(ctx)
}

// MigrateDown takes back all steps above number; 0 removes every table of CRM+ and all their rows.
func (db *DB) MigrateDown(ctx context.Context, number int) error {
	return db.eachStep(ctx, func(ctx context.Context, tx *sql.Tx, applied []Applied) (bool, error) {
		if len(applied) <= number {
			return false, nil
		}
		steps := Migrations(db.Dialect())
		if len(applied) > len(steps) {
			return false, fault.New(fault.Invalid, "the database is of a newer version of CRM+; migrate down with that version")
		}
		m := steps[len(applied)-1]
		if err := db.batches(ctx, tx, m.Down); err != nil {
			return false, fmt.Errorf("taking back migration %04d_%s: %w", m.Number, m.Name, err)
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM crm_migration WHERE number = %d", m.Number))
		return true, err
	})
}

// Uninstall removes every table and view of CRM+, the list of migrations included. The host's own
// tables are never touched.
func (db *DB) Uninstall(ctx context.Context) error {
	if err := db.MigrateDown(ctx, 0); err != nil {
		return err
	}
	_, err := db.sql.ExecContext(ctx, "DROP TABLE crm_migration")
	return db.translate(ctx, err)
}

// eachStep repeats a step, each time in a new transaction under the lock, until it says that there
// is nothing left.
func (db *DB) eachStep(ctx context.Context, step func(context.Context, *sql.Tx, []Applied) (bool, error)) error {
	if db.Bound() {
		return fault.New(fault.Invalid, "the schema is not migrated inside a host's transaction")
	}
	at, err := db.placeOf(ctx, "crm_migration")
	if err != nil {
		return db.translate(ctx, err)
	}
	if at == beside {
		return fault.New(fault.Invalid, "the tables of CRM+ are in another database than the host's; migrate on a connection to that database")
	}
	for deadline := time.Now().Add(migrationPatience); ; {
		more, err := db.oneStep(ctx, step)
		switch {
		case err == nil && more:
		case err == nil:
			return nil
		case db.driver.Retryable(err) && ctx.Err() == nil && time.Now().Before(deadline): // others migrate
		default:
			return db.translate(ctx, err)
		}
	}
}

// migrationPatience is how long a process waits for others that migrate the same database; an index over
// millions of rows takes its time.
const migrationPatience = 5 * time.Minute

func (db *DB) oneStep(ctx context.Context, step func(context.Context, *sql.Tx, []Applied) (bool, error)) (more bool, err error) {
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreDone(tx.Rollback()))
		}
	}()
	if err := db.lockSchema(ctx, tx); err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, migrationTable[db.Dialect()]); err != nil {
		return false, err
	}
	applied, err := db.applied(ctx, tx)
	if err != nil {
		return false, err
	}
	more, err = step(ctx, tx, applied)
	if err != nil {
		return false, err
	}
	return more, tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// lockSchema holds other migrating processes off until the transaction ends. SQLite's immediate
// transaction already does.
func (db *DB) lockSchema(ctx context.Context, tx *sql.Tx) error {
	if db.Dialect() != MSSQL {
		return nil
	}
	var result int
	err := tx.QueryRowContext(ctx, `DECLARE @r INT;
EXEC @r = sp_getapplock @Resource = N'crm_migration', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 60000;
SELECT @r`).Scan(&result)
	if err == nil && result < 0 {
		return fault.New(fault.Retryable, "another process has been migrating the schema for a minute; try again")
	}
	return err
}

var migrationTable = map[Dialect]string{
	SQLite: `CREATE TABLE IF NOT EXISTS crm_migration (
	number INTEGER NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	checksum TEXT NOT NULL,
	applied_at TEXT NOT NULL
)`,
	MSSQL: `IF OBJECT_ID(N'crm_migration', N'U') IS NULL
CREATE TABLE crm_migration (
	number INT NOT NULL CONSTRAINT pk_crm_migration PRIMARY KEY,
	name NVARCHAR(80) NOT NULL,
	checksum NVARCHAR(16) NOT NULL,
	applied_at DATETIME2(3) NOT NULL
)`,
}

// record is the statement that marks a step as applied.
func (db *DB) record(m Migration) string {
	return fmt.Sprintf("INSERT INTO crm_migration (number, name, checksum, applied_at) VALUES (%d, '%s', '%s', '%s')",
		m.Number, m.Name, m.checksum(), db.Now().Format(timeForms[db.Dialect()]))
}

func (db *DB) batches(ctx context.Context, tx *sql.Tx, text string) error {
	for _, batch := range strings.Split(text, batchMark) {
		if strings.TrimSpace(batch) == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, batch); err != nil {
			return fmt.Errorf("%w, in: %.200s", err, strings.TrimSpace(batch))
		}
	}
	return nil
}

// WriteSQL writes the steps above number as one script that a database administrator can read and
// run with the database's own tools, with the entries in crm_migration.
func (db *DB) WriteSQL(w io.Writer, number int) error {
	if _, err := fmt.Fprintf(w, "-- CRM+ schema for %s\n%s;%s", db.Dialect(), migrationTable[db.Dialect()], batchMark); err != nil {
		return err
	}
	for _, m := range Migrations(db.Dialect()) {
		if m.Number <= number {
			continue
		}
		if _, err := fmt.Fprintf(w, "\n-- %04d %s\n%s%s%s;%s", m.Number, m.Name, m.Up, batchMark, db.record(m), batchMark); err != nil {
			return err
		}
	}
	return nil
}
