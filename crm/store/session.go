package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
)

// Session is one unit of work: a transaction, who acts, and when. It is not safe for several
// goroutines, and rows must be read to the end before the next statement (SQL Server allows one at
// a time), which its methods do.
type Session struct {
	db *DB
	tx *sql.Tx
	// shared is the connection of tx where other units of work share it.
	shared *sql.Conn

	// Actor is who acts.
	Actor actor.Actor
	// Now is the instant of the whole unit of work, UTC in milliseconds.
	Now time.Time

	committed []func()
	waking    bool
	// reading: it is that of a Read.
	reading bool
	// sole: see [Session.Sole].
	sole bool
}

// Inside gives a view of the DB that works in this session, for calling operations of other
// packages as part of the same unit of work.
func (s *Session) Inside() *DB {
	view := *s.db
	view.inside, view.bound = s, nil
	return &view
}

// Tx is the raw transaction. The ports of the host work on it; CRM+'s own tables are reached through
// the session's methods only.
func (s *Session) Tx() *sql.Tx { return s.tx }

// Dialect says which database this is.
func (s *Session) Dialect() Dialect { return s.db.driver.Dialect }

// NewID gives the 16 bytes of a new UUID v7.
func (s *Session) NewID() [16]byte { return s.db.newID() }

// OnCommit calls f after our own transaction has committed; f only signals, it must not write itself.
// Inside a host's transaction it is never called, because only the host knows.
func (s *Session) OnCommit(f func()) { s.committed = append(s.committed, f) }

// Wake tells the background, once our own transaction has committed, that there is work.
func (s *Session) Wake() {
	if s.db.wake != nil && !s.waking {
		s.waking = true
		s.OnCommit(s.db.wake)
	}
}

// Duplicate reports whether err is the violation of a unique key.
func (s *Session) Duplicate(err error) bool { return s.db.driver.Duplicate(err) }

// Select starts a query on a model (a pointer to a struct or to a slice of structs, or a nil pointer
// of the struct type when something else is scanned) that sees only rows of the actor's companies and
// only rows the actor may see. Joined tables must be reached through ids of such rows.
func (s *Session) Select(model any) *bun.SelectQuery {
	q := s.db.bun.NewSelect().Conn(s.tx).Model(model)
	table, err := s.tableOf(model)
	if err != nil {
		return q.Err(err)
	}
	p := s.scope(table, table.Alias, reading)
	return q.Where(p.SQL, p.Args...)
}

// Get reads one record by its key into model. It is fault.NotFound where the record does not exist
// or the actor may not see it; the error does not tell which.
func (s *Session) Get(ctx context.Context, model any, id any) error {
	table, err := s.tableOf(model)
	if err != nil {
		return err
	}
	found := reflect.New(reflect.SliceOf(table.Type))
	text := "SELECT " + strings.Join(columnNames(table), ", ") + " FROM " + table.Name + " AS " + table.Alias + " WHERE {scope} AND " + table.Alias + ".id = ?"
	err = s.Query(ctx, found.Interface(), Source{model, table.Alias}, text, id)
	if err != nil || found.Elem().Len() == 0 {
		return s.missing(err, table.Name, id)
	}
	reflect.ValueOf(model).Elem().Set(found.Elem().Index(0))
	return nil
}

func (s *Session) missing(err error, table string, id any) error {
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("reading %s: %w", table, err)
	}
	return fault.New(fault.NotFound, "there is no %s %v, or you may not see it", Noun(table), id)
}

// Noun is the word for a table's records in messages: "lead" for crm_lead.
func Noun(table string) string {
	return strings.ReplaceAll(strings.TrimPrefix(table, "crm_"), "_", " ")
}

// Lock locks the record's row until the end of the transaction, then reads it into model. The lock
// is an UPDATE that changes nothing, because that locks on every database.
func (s *Session) Lock(ctx context.Context, model any, id any) error {
	table, err := s.tableOf(model)
	if err != nil {
		return err
	}
	p := s.scope(table, table.Name, writing)
	args := append([]any{id}, p.Args...)
	n, err := s.exec(ctx, "UPDATE "+table.Name+" SET version = version WHERE id = ? AND "+p.SQL, args)
	if err != nil {
		return fmt.Errorf("locking %s: %w", table.Name, err)
	}
	if n == 0 {
		return s.missing(nil, table.Name, id)
	}
	return s.Get(ctx, model, id)
}

// Sole reports whether nobody else can write before the end of the transaction, as in one of our own on SQLite: what is
// read then stays as it is, and nothing needs to be locked.
func (s *Session) Sole() bool { return s.sole }

// Query reads rows of hand-written SQL into dest (a pointer to a slice of structs or of scalars, to
// a struct, or to a scalar). The statement has ? for parameters and must contain {scope}, which
// becomes the company and visibility predicate of the table that from names, under its alias, in each
// part of a UNION that has one:
//
//	s.Query(ctx, &n, store.From[Lead]("l"), "SELECT COUNT(*) FROM crm_lead AS l WHERE {scope} AND l.status = ?", New)
//
// Values travel as parameters, so that hot statements share one plan.
func (s *Session) Query(ctx context.Context, dest any, from Source, query string, args ...any) error {
	query, args, err := s.expand(from, query, args, reading)
	if err != nil {
		return err
	}
	rows, err := s.rows(ctx, query, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := s.db.bun.ScanRows(ctx, rows, dest); err != nil {
		return err
	}
	return rows.Err()
}

// Columns gives the list of a table's columns for a hand-written SELECT that reads many rows. On SQLite
// instants are read as the text they are: of columns that are declared DATETIME the driver tries several
// forms, and each one that does not fit costs more than reading the row.
func (s *Session) Columns(from Source) string {
	table, err := s.tableOf(from.model)
	if err != nil || s.Dialect() != SQLite {
		return from.alias + ".*" // Query reports a model that is none
	}
	var list strings.Builder
	for i, c := range s.bulkOf(table).columns {
		if i > 0 {
			list.WriteString(", ")
		}
		list.WriteString(from.alias + "." + c.field.Name)
		if c.form == timeForm {
			list.WriteString(" || '' AS " + c.field.Name)
		}
	}
	return list.String()
}

// Exec runs a hand-written UPDATE or DELETE with {scope} as in [Session.Query] and gives the exact
// number of rows it changed, also where the connection says NOCOUNT. The table has no alias there:
// store.From[Lead]("").
func (s *Session) Exec(ctx context.Context, from Source, query string, args ...any) (int64, error) {
	query, args, err := s.expand(from, query, args, writing)
	if err != nil {
		return 0, err
	}
	return s.execute(ctx, query, args)
}

// exec runs SQL with ? parameters that already carries its scope.
func (s *Session) exec(ctx context.Context, query string, args []any) (int64, error) {
	return s.execute(ctx, s.positional(query), s.bind(args))
}

// execute runs one statement whose parameters are in the driver's form.
func (s *Session) execute(ctx context.Context, query string, args []any) (int64, error) {
	if s.Dialect() == MSSQL {
		var n int64
		err := s.tx.QueryRowContext(ctx, query+"; SELECT @@ROWCOUNT", args...).Scan(&n)
		return n, err
	}
	ctx, err := s.still(ctx)
	if err != nil {
		return 0, err
	}
	result, err := s.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// still is the context of one statement. Where others share the transaction nobody's end interrupts it: SQLite would roll
// back what all of them wrote. The statements of such units are short, and watching over the context costs a goroutine
// for each of them.
func (s *Session) still(ctx context.Context) (context.Context, error) {
	if s.shared == nil {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// rows runs a statement that reads. On a shared transaction it goes to its connection: database/sql would set a goroutine
// beside the rows that waits for the transaction's end.
func (s *Session) rows(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	if s.shared == nil {
		return s.tx.QueryContext(ctx, query, args...)
	}
	ctx, err := s.still(ctx)
	if err != nil {
		return nil, err
	}
	return s.shared.QueryContext(ctx, query, args...)
}

const scopeMark = "{scope}"

func (s *Session) expand(from Source, query string, args []any, m mode) (string, []any, error) {
	parts := strings.Split(query, scopeMark)
	if len(parts) == 1 || len(parts) > 2 && strings.Count(query, " UNION ALL ") != len(parts)-2 {
		return "", nil, fmt.Errorf("store: the statement must contain {scope} once, or once in each part of a UNION ALL: %s", query)
	}
	table, err := s.tableOf(from.model)
	if err != nil {
		return "", nil, err
	}
	alias := from.alias
	if alias == "" {
		alias = table.Name
	}
	p := s.scope(table, alias, m)
	all := make([]any, 0, len(args)+len(p.Args)*(len(parts)-1))
	for _, before := range parts[:len(parts)-1] {
		n := strings.Count(before, "?")
		if n > len(args) {
			return "", nil, fmt.Errorf("store: the statement has more ? than arguments: %s", query)
		}
		all = append(append(all, args[:n]...), p.Args...)
		args = args[n:]
	}
	return s.positional(strings.Join(parts, p.SQL)), s.bind(append(all, args...)), nil
}

// positional turns ? into @p1, @p2 ... for SQL Server. Our statements have no ? in literals.
func (s *Session) positional(query string) string {
	if s.Dialect() != MSSQL {
		return query
	}
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r == '?' {
			n++
			b.WriteString("@p")
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (s *Session) bind(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case time.Time:
			args[i] = nil
			if !v.IsZero() {
				args[i] = s.db.driver.Time(UTC(v))
			}
		case interface {
			IsZero() bool
			Bytes() []byte
		}: // a Key; an untyped NULL would travel as NVARCHAR, which SQL Server does not turn into VARBINARY
			switch {
			case !v.IsZero():
				args[i] = v.Bytes()
			case s.Dialect() == MSSQL:
				args[i] = []byte(nil)
			default:
				args[i] = nil
			}
		}
	}
	return args
}

// In gives "?, ?, ?" for n parameters; n must not be zero.
func In(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Limit gives the text that ends an ordered SELECT after n rows; it needs an ORDER BY before it.
func (s *Session) Limit(n int) string {
	if s.Dialect() == MSSQL {
		return " OFFSET 0 ROWS FETCH NEXT " + strconv.Itoa(n) + " ROWS ONLY"
	}
	return " LIMIT " + strconv.Itoa(n)
}
