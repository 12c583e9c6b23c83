package store

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun/schema"

	"github.com/crmplus/crmplus/crm/fault"
)

// Record is embedded in every model that people change: who made and changed it, and its version.
type Record struct {
	Company   string    `bun:"company,type:nvarchar(40)" json:"-"`
	Version   int64     `bun:"version" json:"version"`
	CreatedAt time.Time `bun:"created_at,nullzero" json:"created_at"`
	CreatedBy string    `bun:"created_by,type:nvarchar(64)" json:"created_by"`
	UpdatedAt time.Time `bun:"updated_at,nullzero" json:"updated_at"`
	UpdatedBy string    `bun:"updated_by,type:nvarchar(64)" json:"updated_by"`
}

func (r *Record) record() *Record { return r }

type recorded interface{ record() *Record }

// fewRows is up to how many rows are written by parameters in one go.
const fewRows = 8

// maxRows is how many rows one INSERT carries: SQL Server allows 1000.
const maxRows = 500

// Insert writes new records of one type: a pointer to a struct or to a slice of structs. It fills
// company, version, and who and when; it checks the length of every text against its column. With
// [Audited] models it writes one audit entry per record.
func (s *Session) Insert(ctx context.Context, models any) error {
	if err := s.InsertQuiet(ctx, models); err != nil {
		return err
	}
	return s.auditInserts(ctx, models)
}

// InsertQuiet is Insert without audit entries, for imports, which leave one entry for the batch.
func (s *Session) InsertQuiet(ctx context.Context, models any) error {
	table, err := s.tableOf(models)
	if err != nil {
		return err
	}
	rows, err := each(models)
	if err != nil || len(rows) == 0 {
		return err
	}
	var faults fault.List
	b := s.bulkOf(table)
	for i, row := range rows {
		s.stamp(table, row)
		for _, pk := range table.PKs {
			if pk.HasZeroValue(row) {
				return fmt.Errorf("store: a new %s has no %s", table.Name, pk.Name)
			}
		}
		if found := b.check(row); len(found) > 0 {
			at := ""
			if len(rows) > 1 {
				at = "[" + strconv.Itoa(i) + "]"
			}
			faults.Merge(at, found)
		}
	}
	if err := faults.Err("the %s cannot be saved", Noun(table.Name)); err != nil {
		return err
	}
	if s.Dialect() == SQLite && len(rows) <= fewRows { // one text for all values, which the adapter compiles once
		return wrapSQL(b.insert(ctx, rows), "inserting into "+table.Name)
	}
	return s.insertRows(ctx, table, models, len(rows))
}

func (s *Session) insertRows(ctx context.Context, table *schema.Table, models any, n int) error {
	columns := columnNames(table)
	v := reflect.Indirect(reflect.ValueOf(models))
	if v.Kind() == reflect.Struct {
		_, err := s.db.bun.NewInsert().Conn(s.tx).Model(models).Column(columns...).Exec(ctx)
		return wrapSQL(err, "inserting into "+table.Name)
	}
	for from := 0; from < n; from += maxRows {
		part := reflect.New(v.Type())
		part.Elem().Set(v.Slice(from, min(from+maxRows, n)))
		if _, err := s.db.bun.NewInsert().Conn(s.tx).Model(part.Interface()).Column(columns...).Exec(ctx); err != nil {
			return wrapSQL(err, "inserting into "+table.Name)
		}
	}
	return nil
}

func wrapSQL(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func columnNames(table *schema.Table) []string {
	names := make([]string, len(table.Fields))
	for i, f := range table.Fields {
		names[i] = f.Name
	}
	return names
}

// each gives the addressable struct values behind a pointer to a struct or to a slice of structs.
func each(models any) ([]reflect.Value, error) {
	p := reflect.ValueOf(models)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return nil, fmt.Errorf("store: %T is not a pointer to a model or to a slice of models", models)
	}
	v := p.Elem()
	if v.Kind() == reflect.Struct {
		return []reflect.Value{v}, nil
	}
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("store: %T is not a pointer to a model or to a slice of models", models)
	}
	rows := make([]reflect.Value, v.Len())
	for i := range rows {
		rows[i] = v.Index(i)
	}
	return rows, nil
}

func (s *Session) stamp(table *schema.Table, row reflect.Value) {
	if r, ok := row.Addr().Interface().(recorded); ok {
		record := r.record()
		record.Company = s.Actor.Company
		record.Version = 1
		record.CreatedAt, record.UpdatedAt = s.Now, s.Now
		record.CreatedBy, record.UpdatedBy = s.Actor.UserID, s.Actor.UserID
		return
	}
	table.FieldMap["company"].Value(row).SetString(s.Actor.Company)
}

// Save writes what differs between before, the record as it was read, and after, in one UPDATE that
// also checks that the version is still the one that was read. It raises the version in after and
// writes an audit entry with the old and new values. Where somebody else was faster the error is
// fault.Conflict and names who changed what. Nothing is written where nothing differs.
func (s *Session) Save(ctx context.Context, before, after any) error {
	table, err := s.tableOf(after)
	if err != nil {
		return err
	}
	oldRow, newRow := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	changed := changedFields(table, oldRow, newRow)
	if len(changed) == 0 {
		return nil
	}
	if err := fault.List(checkLengths(table, newRow)).Err("the %s cannot be saved", Noun(table.Name)); err != nil {
		return err
	}
	id := table.FieldMap["id"]
	if id == nil || id.HasZeroValue(newRow) {
		return fmt.Errorf("store: %s has no id", table.Name)
	}
	was, next := before.(recorded).record(), after.(recorded).record()
	next.Version, next.UpdatedAt, next.UpdatedBy = was.Version+1, s.Now, s.Actor.UserID

	var set strings.Builder
	args := make([]any, 0, len(changed)+6)
	for _, f := range changed {
		set.WriteString(f.Name + " = ?, ")
		args = append(args, fieldValue(f, newRow))
	}
	set.WriteString("version = ?, updated_at = ?, updated_by = ?")
	args = append(args, next.Version, next.UpdatedAt, next.UpdatedBy)
	p := s.scope(table, table.Name, writing)
	args = append(args, id.Value(newRow).Interface(), was.Version)
	args = append(args, p.Args...)
	n, err := s.exec(ctx, "UPDATE "+table.Name+" SET "+set.String()+" WHERE id = ? AND version = ? AND "+p.SQL, args)
	if err != nil {
		return wrapSQL(err, "updating "+table.Name)
	}
	if n == 0 {
		return s.conflict(ctx, table, id.Value(newRow).Interface(), was.Version)
	}
	return s.auditChange(ctx, table, changed, oldRow, newRow, next.Version)
}

// fieldValue is a field's value as a parameter: zero times are NULL.
func fieldValue(f *schema.Field, row reflect.Value) any {
	v := f.Value(row)
	if f.NullZero && f.HasZeroValue(row) {
		return nil
	}
	return v.Interface()
}

// stamped are the columns Save sets itself.
var stamped = map[string]bool{
	"id": true, "company": true, "version": true, "created_at": true, "created_by": true, "updated_at": true, "updated_by": true,
}

func changedFields(table *schema.Table, before, after reflect.Value) []*schema.Field {
	var changed []*schema.Field
	for _, f := range table.Fields {
		if !stamped[f.Name] && !same(f.Value(before), f.Value(after)) {
			changed = append(changed, f)
		}
	}
	return changed
}

func same(a, b reflect.Value) bool {
	x, y := a.Interface(), b.Interface()
	if t, ok := x.(time.Time); ok {
		return t.Equal(y.(time.Time))
	}
	if m := a.MethodByName("Equal"); m.IsValid() && m.Type().NumIn() == 1 && m.Type().In(0) == b.Type() && m.Type().NumOut() == 1 {
		return m.Call([]reflect.Value{b})[0].Bool()
	}
	return reflect.DeepEqual(x, y)
}

// Touch raises a record's version without changing anything else, for records whose parts changed
// (the lines of a quote), so that two people who edit the parts at once collide as they should.
func (s *Session) Touch(ctx context.Context, model any) error {
	table, err := s.tableOf(model)
	if err != nil {
		return err
	}
	row := reflect.ValueOf(model).Elem()
	r := model.(recorded).record()
	id := table.FieldMap["id"].Value(row).Interface()
	p := s.scope(table, table.Name, writing)
	args := append([]any{s.Now, s.Actor.UserID, id, r.Version}, p.Args...)
	n, err := s.exec(ctx, "UPDATE "+table.Name+" SET version = version + 1, updated_at = ?, updated_by = ? WHERE id = ? AND version = ? AND "+p.SQL, args)
	if err != nil {
		return wrapSQL(err, "updating "+table.Name)
	}
	if n == 0 {
		return s.conflict(ctx, table, id, r.Version)
	}
	r.Version, r.UpdatedAt, r.UpdatedBy = r.Version+1, s.Now, s.Actor.UserID
	return nil
}

// Delete removes one record, whose version must still be the one that was read.
func (s *Session) Delete(ctx context.Context, model any) error {
	table, err := s.tableOf(model)
	if err != nil {
		return err
	}
	row := reflect.ValueOf(model).Elem()
	r := model.(recorded).record()
	id := table.FieldMap["id"].Value(row).Interface()
	p := s.scope(table, table.Name, writing)
	args := append([]any{id, r.Version}, p.Args...)
	n, err := s.exec(ctx, "DELETE FROM "+table.Name+" WHERE id = ? AND version = ? AND "+p.SQL, args)
	if err != nil {
		return wrapSQL(err, "deleting from "+table.Name)
	}
	if n == 0 {
		return s.conflict(ctx, table, id, r.Version)
	}
	return s.Audit(ctx, Entry{Action: "delete", Kind: Noun(table.Name), Record: keyBytes(id), Version: r.Version})
}

// conflict says who changed the record since it was read, from the audit log.
func (s *Session) conflict(ctx context.Context, table *schema.Table, id any, version int64) error {
	q := s.db.bun.NewSelect().Conn(s.tx).Table(table.Name).ColumnExpr("updated_by, updated_at, version").
		Where("id = ?", id).Where("company = ?", s.Actor.Company)
	var now struct {
		UpdatedBy string    `bun:"updated_by"`
		UpdatedAt time.Time `bun:"updated_at"`
		Version   int64     `bun:"version"`
	}
	if err := q.Scan(ctx, &now); err != nil || now.Version == version {
		return s.missing(nil, table.Name, id)
	}
	e := fault.New(fault.Conflict, "%s changed this %s at %s UTC; reload it and repeat your change",
		now.UpdatedBy, Noun(table.Name), now.UpdatedAt.Format("2006-01-02 15:04:05"))
	for _, c := range s.changesSince(ctx, keyBytes(id), version) {
		e.Faults = append(e.Faults, fault.Fault{Path: c.Field, Code: "conflict", Message: fmt.Sprintf("%s is now %q", c.Field, c.To)})
	}
	return e
}

// checkLengths holds every text against the length of its column (in UTF-16 code units, as
// NVARCHAR counts) and refuses what no database stores: NUL and broken UTF-8.
func checkLengths(table *schema.Table, row reflect.Value) []fault.Fault {
	var faults fault.List
	for _, f := range table.Fields {
		v := f.Value(row)
		if v.Kind() != reflect.String {
			continue
		}
		text := v.String()
		if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
			faults.Add(f.Name, "text.form", "holds bytes that are not text; remove them")
			continue
		}
		limit := columnLength(f)
		if limit == 0 || len(text) <= limit {
			continue
		}
		if n := utf16Length(text); n > limit {
			faults.Add(f.Name, "text.length", "is %d characters long, at most %d fit; shorten it", n, limit)
		}
	}
	return faults
}

func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// columnLength reads n from the tag type:nvarchar(n); 0 means no limit.
func columnLength(f *schema.Field) int {
	_, rest, ok := strings.Cut(f.UserSQLType, "(")
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSuffix(rest, ")"))
	if err != nil {
		return 0
	}
	return n
}

func keyBytes(id any) []byte {
	if b, ok := id.(interface{ Bytes() []byte }); ok {
		return b.Bytes()
	}
	return nil
}
