package tsql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"

	mssql "github.com/microsoft/go-mssqldb"
)

// connector stands before go-mssqldb, or while replaying, when inner is nil, in its place.
type connector struct {
	script *script
	inner  driver.Connector
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	if c.inner == nil {
		// Of an unconnected Conn only CheckNamedValue is used, which asks no server.
		return &conn{script: c.script, inner: &mssql.Conn{}}, nil
	}
	inner, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{script: c.script, inner: inner.(*mssql.Conn), live: true}, nil
}

func (c *connector) Driver() driver.Driver { return &mssql.Driver{} }

type conn struct {
	script *script
	inner  *mssql.Conn
	live   bool
	// reading says that rows are open.
	reading bool
}

var (
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
)

func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	stmt, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer stmt.Close()
	return stmt.(*statement).QueryContext(ctx, args)
}

func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	stmt, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer stmt.Close()
	return stmt.(*statement).ExecContext(ctx, args)
}

func (c *conn) Prepare(text string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), text)
}

func (c *conn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	s := &statement{conn: c, text: text}
	if c.live {
		inner, err := c.inner.PrepareContext(ctx, text)
		if err != nil {
			return nil, err
		}
		s.inner = inner
	}
	return s, nil
}

func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if opts.ReadOnly {
		return nil, errors.New("read-only transactions are not supported") // as go-mssqldb says
	}
	tx := &transaction{conn: c}
	r := request{kind: begin}
	if level := sql.IsolationLevel(opts.Isolation); level != sql.LevelDefault {
		r.statement = level.String()
	}
	a, err := c.script.send(r, func() (a answer, err error) {
		tx.inner, err = c.inner.BeginTx(ctx, opts)
		return fromServer(a, err)
	})
	return tx, a.failure(err)
}

func (c *conn) Ping(ctx context.Context) error {
	if c.live {
		return c.inner.Ping(ctx)
	}
	return nil
}

func (c *conn) ResetSession(ctx context.Context) error {
	if c.live {
		return c.inner.ResetSession(ctx)
	}
	return nil
}

func (c *conn) IsValid() bool { return !c.live || c.inner.IsValid() }

func (c *conn) Close() error {
	if c.live {
		return c.inner.Close()
	}
	return nil
}

// CheckNamedValue is the driver's own, in every mode, so that arguments are the same in all.
func (c *conn) CheckNamedValue(nv *driver.NamedValue) error {
	switch nv.Value.(type) {
	case sql.Out, *mssql.ReturnStatus:
		return errors.New("tsql: output parameters are not recorded; SELECT the value in the same batch")
	}
	return c.inner.CheckNamedValue(nv)
}

type transaction struct {
	conn  *conn
	inner driver.Tx
}

func (t *transaction) Commit() error {
	a, err := t.conn.script.send(request{kind: commit}, func() (answer, error) { return fromServer(answer{}, t.inner.Commit()) })
	return a.failure(err)
}

// Rollback reaches the server even when the test has failed, so that nothing stays locked.
func (t *transaction) Rollback() error {
	sent := false
	undo := func() (answer, error) {
		sent = true
		return fromServer(answer{}, t.inner.Rollback())
	}
	a, err := t.conn.script.send(request{kind: rollback}, undo)
	if !sent && t.conn.live {
		_, _ = undo()
	}
	return a.failure(err)
}

type statement struct {
	conn  *conn
	text  string
	inner driver.Stmt
}

func (s *statement) NumInput() int { return -1 }

func (s *statement) Close() error {
	if s.inner != nil {
		return s.inner.Close()
	}
	return nil
}

func (s *statement) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }
func (s *statement) Query([]driver.Value) (driver.Rows, error)  { return nil, driver.ErrSkip }

func (s *statement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	a, err := s.send(exec, args, func() (a answer, err error) {
		result, err := s.inner.(driver.StmtExecContext).ExecContext(ctx, args)
		if err == nil {
			a.affected, err = result.RowsAffected()
		}
		return fromServer(a, err)
	})
	if err := a.failure(err); err != nil {
		return nil, err
	}
	return affected(a.affected), nil
}

func (s *statement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	a, err := s.send(query, args, func() (answer, error) {
		r, err := s.inner.(driver.StmtQueryContext).QueryContext(ctx, args)
		if err != nil {
			return fromServer(answer{}, err)
		}
		a, err := drain(r)
		return fromServer(a, errors.Join(err, r.Close()))
	})
	if err != nil || len(a.sets) == 0 {
		return nil, a.failure(err)
	}
	s.conn.reading = true
	return &rows{conn: s.conn, answer: a}, nil
}

func (s *statement) send(k kind, args []driver.NamedValue, ask func() (answer, error)) (answer, error) {
	if s.conn.reading {
		return answer{}, s.conn.script.refuse("%s: sent while the rows of another statement are open on the connection, which SQL Server does not take:\n%s", s.conn.script.path, s.text)
	}
	r := request{kind: k, statement: s.text}
	for _, a := range args {
		r.arguments = append(r.arguments, argument(a))
	}
	return s.conn.script.send(r, ask)
}

// fromServer keeps an error that the server gave as part of its answer; other errors are none.
func fromServer(a answer, err error) (answer, error) {
	var e mssql.Error
	if errors.As(err, &e) {
		a.err = &e
		return a, nil
	}
	return a, err
}

// failure is what the caller is told.
func (a answer) failure(err error) error {
	if err == nil && a.err != nil {
		return *a.err
	}
	return err
}

// affected is a Result; go-mssqldb has no LastInsertId either.
type affected int64

func (n affected) RowsAffected() (int64, error) { return int64(n), nil }
func (n affected) LastInsertId() (int64, error) {
	return -1, errors.New("LastInsertId is not supported")
}

// drain reads the server's whole answer.
func drain(r driver.Rows) (answer, error) {
	var a answer
	for {
		names := r.Columns()
		set := resultSet{columns: make([]column, len(names))}
		for i, n := range names {
			set.columns[i] = column{n, r.(driver.RowsColumnTypeDatabaseTypeName).ColumnTypeDatabaseTypeName(i)}
		}
		a.sets = append(a.sets, set)
		last := &a.sets[len(a.sets)-1]
		for {
			row := make([]driver.Value, len(names))
			err := r.Next(row)
			if err == io.EOF {
				break
			}
			if err != nil {
				return a, err
			}
			last.rows = append(last.rows, row)
		}
		more := r.(driver.RowsNextResultSet)
		if !more.HasNextResultSet() {
			return a, nil
		}
		if err := more.NextResultSet(); err == io.EOF {
			return a, nil
		} else if err != nil {
			return a, err
		}
	}
}

// rows gives an answer out.
type rows struct {
	conn *conn
	answer
	set, row int
}

func (r *rows) Columns() []string {
	names := make([]string, len(r.sets[r.set].columns))
	for i, c := range r.sets[r.set].columns {
		names[i] = c.name
	}
	return names
}

func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.sets[r.set].columns[i].kind }

func (r *rows) Next(dest []driver.Value) error {
	set := r.sets[r.set]
	if r.row < len(set.rows) {
		copy(dest, set.rows[r.row])
		r.row++
		return nil
	}
	if r.err != nil && !r.HasNextResultSet() {
		return *r.err
	}
	return io.EOF
}

func (r *rows) HasNextResultSet() bool { return r.set+1 < len(r.sets) }

func (r *rows) NextResultSet() error {
	if !r.HasNextResultSet() {
		return io.EOF
	}
	r.set, r.row = r.set+1, 0
	return nil
}

func (r *rows) Close() error {
	r.conn.reading = false
	return nil
}
