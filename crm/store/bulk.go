package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun/schema"

	"github.com/crmplus/crmplus/crm/fault"
)

// maxParameters is how many parameters one statement carries: SQL Server takes 2100.
const maxParameters = 2000

// InsertMany writes many new records of one type, a pointer to a slice of structs. It does what
// InsertQuiet does, for imports of any size: the rows travel as parameters of prepared statements
// that carry as many rows as fit, so that the database reads each statement's text once.
func (s *Session) InsertMany(ctx context.Context, models any) error {
	table, err := s.tableOf(models)
	if err != nil {
		return err
	}
	rows, err := each(models)
	if err != nil || len(rows) == 0 {
		return err
	}
	b := s.bulkOf(table)
	var faults fault.List
	for i, row := range rows {
		s.stamp(table, row)
		if found := b.check(row); len(found) > 0 {
			faults.Merge("["+strconv.Itoa(i)+"]", found)
		}
	}
	if err := faults.Err("the %s cannot be saved", Noun(table.Name)); err != nil {
		return err
	}
	return wrapSQL(b.insert(ctx, rows), "inserting into "+table.Name)
}

// bulk writes rows of one table.
type bulk struct {
	s     *Session
	table *schema.Table
	*tableForm
	// lastTime and lastForm spare the conversion of an instant that comes again, as those of one
	// unit of work do.
	lastTime time.Time
	lastForm any
}

// tableForm is what rows of a table are written by.
type tableForm struct {
	columns []bulkColumn
	// texts are the statements for up to fewRows rows.
	texts [fewRows]string
}

type bulkColumn struct {
	field *schema.Field
	form  columnForm
	// limit is the length of an NVARCHAR, 0 for none.
	limit int
	key   bool
}

// columnForm says how a field's value becomes a parameter.
type columnForm int

const (
	textForm columnForm = iota
	wholeForm
	keyForm
	timeForm
	bytesForm
	otherForm
)

func (s *Session) bulkOf(table *schema.Table) *bulk {
	if known, ok := s.db.forms.Load(table); ok {
		return &bulk{s: s, table: table, tableForm: known.(*tableForm)}
	}
	form := &tableForm{columns: make([]bulkColumn, len(table.Fields))}
	for i, f := range table.Fields {
		form.columns[i] = bulkColumn{field: f, form: formOf(f.StructField.Type), limit: columnLength(f), key: f.IsPK}
	}
	b := &bulk{s: s, table: table, tableForm: form}
	for i := range form.texts {
		form.texts[i] = b.compose(i + 1)
	}
	s.db.forms.Store(table, form)
	return b
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	valuerType = reflect.TypeFor[driver.Valuer]()
)

func formOf(t reflect.Type) columnForm {
	switch {
	case t == timeType:
		return timeForm
	case t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8:
		return keyForm
	case t.Implements(valuerType):
		return otherForm
	case t.Kind() == reflect.String:
		return textForm
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return wholeForm
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return bytesForm
	}
	return otherForm
}

// check is checkLengths with the limits read once.
func (b *bulk) check(row reflect.Value) []fault.Fault {
	for i := range b.columns {
		c := &b.columns[i]
		if c.key && c.field.HasZeroValue(row) {
			return []fault.Fault{{Path: c.field.Name, Code: "required", Message: "a new " + Noun(b.table.Name) + " has none"}}
		}
		if c.form != textForm {
			continue
		}
		text := c.field.Value(row).String()
		if c.limit > 0 && len(text) > c.limit && utf16Length(text) > c.limit || strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
			return checkLengths(b.table, row) // words it
		}
	}
	return nil
}

func (b *bulk) insert(ctx context.Context, rows []reflect.Value) error {
	per := min(maxRows, max(1, maxParameters/len(b.columns)))
	args := make([]any, 0, min(per, len(rows))*len(b.columns))
	ctx, err := b.s.still(ctx)
	if err != nil {
		return err
	}
	if full := len(rows) / per; full > 1 {
		stmt, err := b.s.tx.PrepareContext(ctx, b.statement(per))
		if err != nil {
			return err
		}
		defer stmt.Close()
		for range full {
			if args, err = b.parameters(args[:0], rows[:per]); err != nil {
				return err
			}
			if _, err := stmt.ExecContext(ctx, args...); err != nil {
				return err
			}
			rows = rows[per:]
		}
	}
	for len(rows) > 0 {
		n := min(per, len(rows))
		args, err := b.parameters(args[:0], rows[:n])
		if err != nil {
			return err
		}
		if _, err := b.s.tx.ExecContext(ctx, b.statement(n), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (b *bulk) statement(rows int) string {
	if rows <= len(b.texts) {
		return b.texts[rows-1]
	}
	return b.compose(rows)
}

func (b *bulk) compose(rows int) string {
	var text strings.Builder
	text.WriteString("INSERT INTO " + b.table.Name + " (")
	for i, c := range b.columns {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(c.field.Name)
	}
	text.WriteString(") VALUES ")
	n := 0
	for row := range rows {
		if row > 0 {
			text.WriteString(", ")
		}
		for i := range b.columns {
			text.WriteByte("(,"[min(i, 1)])
			n++
			if b.s.Dialect() == MSSQL {
				text.WriteString("@p")
				text.WriteString(strconv.Itoa(n))
			} else {
				text.WriteByte('?')
			}
		}
		text.WriteByte(')')
	}
	return text.String()
}

func (b *bulk) parameters(args []any, rows []reflect.Value) ([]any, error) {
	for _, row := range rows {
		for i := range b.columns {
			arg, err := b.parameter(&b.columns[i], row)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", b.columns[i].field.Name, err)
			}
			args = append(args, arg)
		}
	}
	return args, nil
}

func (b *bulk) parameter(c *bulkColumn, row reflect.Value) (any, error) {
	v := c.field.Value(row)
	switch c.form {
	case textForm:
		return v.String(), nil
	case wholeForm:
		return v.Int(), nil
	case bytesForm:
		return v.Bytes(), nil
	case keyForm:
		switch {
		case !v.IsZero():
			return v.Bytes(), nil
		case b.s.Dialect() == MSSQL: // an untyped NULL would travel as NVARCHAR
			return []byte(nil), nil
		}
		return nil, nil
	case timeForm:
		return b.instant(*v.Addr().Interface().(*time.Time)), nil
	case otherForm:
	}
	if valuer, ok := v.Interface().(driver.Valuer); ok {
		return valuer.Value()
	}
	return v.Interface(), nil
}

func (b *bulk) instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	if b.lastForm == nil || !t.Equal(b.lastTime) {
		b.lastTime, b.lastForm = t, b.s.db.driver.Time(UTC(t))
	}
	return b.lastForm
}
