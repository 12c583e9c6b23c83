package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// sqliteReader collects what the statements give.
type sqliteReader struct {
	*Catalog
	// at finds the table by its name in lower case.
	at map[string]int
	// ddl are the CREATE statements of tables, for what no pragma tells.
	ddl []string
	// rowid says which tables have one.
	rowid []bool
	// keyed says which primary keys have an index of their own, so that they are not the rowid.
	keyed []bool
}

func readSQLite(ctx context.Context, q Queryer) (*Catalog, error) {
	r := sqliteReader{Catalog: &Catalog{Dialect: SQLite}, at: map[string]int{}}
	for _, step := range []struct {
		what string
		read func(context.Context, Queryer) error
	}{
		{"settings", r.settings}, {"tables and triggers", r.tables}, {"columns", r.columns},
		{"indexes", r.indexes}, {"foreign keys", r.foreignKeys},
	} {
		if err := step.read(ctx, q); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "the %s of the SQLite database cannot be read", step.what)
		}
	}
	r.finish()
	return r.Catalog, nil
}

func (r *sqliteReader) settings(ctx context.Context, q Queryer) error {
	const query = `SELECT f.foreign_keys, o.query_only, COALESCE((SELECT d.file FROM pragma_database_list AS d WHERE d.name = 'main'), '')
FROM pragma_foreign_keys AS f, pragma_query_only AS o`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		return rows.Scan(&r.Options.ForeignKeys, &r.Options.ReadOnly, &r.Database)
	})
}

// tables reads tables, views and triggers; triggers come last.
func (r *sqliteReader) tables(ctx context.Context, q Queryer) error {
	const query = `SELECT m.type, m.name, m.tbl_name, COALESCE(m.sql, ''), COALESCE(l.wr, 0)
FROM sqlite_master AS m LEFT JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = m.name AND m.type = 'table'
WHERE m.type IN ('table', 'view', 'trigger') AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY CASE m.type WHEN 'trigger' THEN 1 ELSE 0 END, m.name`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var kind, name, table, ddl string
		var withoutRowid bool
		if err := rows.Scan(&kind, &name, &table, &ddl, &withoutRowid); err != nil {
			return err
		}
		if kind == "trigger" {
			if i, ok := r.at[strings.ToLower(table)]; ok {
				r.Tables[i].Triggers = append(r.Tables[i].Triggers, sqliteTrigger(name, ddl))
			}
			return nil
		}
		r.at[strings.ToLower(name)] = len(r.Tables)
		r.Tables = append(r.Tables, Table{Name: name, View: kind == "view", dialect: SQLite})
		r.ddl = append(r.ddl, ddl)
		r.rowid = append(r.rowid, kind == "table" && !withoutRowid)
		r.keyed = append(r.keyed, false)
		return nil
	})
}

// sqliteTrigger reads the event from the definition: no pragma tells it.
func sqliteTrigger(name, ddl string) Trigger {
	t := Trigger{Name: name, Body: ddl}
	for _, w := range words(ddl) {
		switch w {
		case "INSTEAD":
			t.InsteadOf = true
		case "INSERT":
			t.Insert = true
		case "UPDATE":
			t.Update = true
		case "DELETE":
			t.Delete = true
		case "ON":
			return t
		}
	}
	return t
}

func (r *sqliteReader) columns(ctx context.Context, q Queryer) error {
	const query = `SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS x
WHERE m.type IN ('table', 'view') AND x.hidden <> 1 ORDER BY m.name, x.cid`
	keys := map[int]map[int]string{}
	err := each(ctx, q, query, func(rows *sql.Rows) error {
		var table, name, declared string
		var notNull bool
		var def sql.NullString
		var pk, hidden int
		if err := rows.Scan(&table, &name, &declared, &notNull, &def, &pk, &hidden); err != nil {
			return err
		}
		i, ok := r.at[strings.ToLower(table)]
		if !ok {
			return nil
		}
		if pk > 0 {
			if keys[i] == nil {
				keys[i] = map[int]string{}
			}
			keys[i][pk] = name
		}
		r.Tables[i].Columns = append(r.Tables[i].Columns, Column{
			Name: name, Table: r.Tables[i].Name, Type: sqliteType(declared), Nullable: !notNull,
			HasDefault: def.Valid && !strings.EqualFold(def.String, "NULL"), Default: def.String, Computed: hidden > 1, Generated: hidden > 1, dialect: SQLite,
		})
		return nil
	})
	for i, columns := range keys {
		for n := 1; n <= len(columns); n++ {
			r.Tables[i].PrimaryKey = append(r.Tables[i].PrimaryKey, columns[n])
		}
	}
	return err
}

func (r *sqliteReader) indexes(ctx context.Context, q Queryer) error {
	const query = `SELECT m.name, l.name, l.origin, l.partial, COALESCE(x.name, ''), COALESCE(i.sql, '')
FROM sqlite_master AS m JOIN pragma_index_list(m.name) AS l JOIN pragma_index_info(l.name) AS x
LEFT JOIN sqlite_master AS i ON i.type = 'index' AND i.name = l.name
WHERE m.type = 'table' AND l."unique" = 1 ORDER BY m.name, l.name, x.seqno`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var table, index, origin, column, ddl string
		var partial bool
		if err := rows.Scan(&table, &index, &origin, &partial, &column, &ddl); err != nil {
			return err
		}
		i, ok := r.at[strings.ToLower(table)]
		if !ok {
			return nil
		}
		if origin == "pk" {
			r.keyed[i] = true
			return nil
		}
		t := &r.Tables[i]
		if n := len(t.Unique); n == 0 || t.Unique[n-1].Name != index {
			filter := ""
			if at := strings.LastIndex(strings.ToUpper(ddl), "WHERE"); partial && at >= 0 {
				filter = strings.TrimSpace(ddl[at+len("WHERE"):])
			}
			t.Unique = append(t.Unique, Index{Name: index, Filter: filter})
		}
		last := &t.Unique[len(t.Unique)-1]
		last.Columns = append(last.Columns, column)
		return nil
	})
}

func (r *sqliteReader) foreignKeys(ctx context.Context, q Queryer) error {
	const query = `SELECT m.name, f.id, f."table", f."from", COALESCE(f."to", '')
FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq`
	return each(ctx, q, query, func(rows *sql.Rows) error {
		var table, target, from, to string
		var id int
		if err := rows.Scan(&table, &id, &target, &from, &to); err != nil {
			return err
		}
		i, ok := r.at[strings.ToLower(table)]
		if !ok {
			return nil
		}
		t := &r.Tables[i]
		name := "#" + strconv.Itoa(id)
		if n := len(t.ForeignKeys); n == 0 || t.ForeignKeys[n-1].Name != name {
			t.ForeignKeys = append(t.ForeignKeys, ForeignKey{Name: name, Table: target, Disabled: !r.Options.ForeignKeys})
		}
		last := &t.ForeignKeys[len(t.ForeignKeys)-1]
		last.Columns = append(last.Columns, from)
		if to != "" {
			last.Target = append(last.Target, to)
		}
		return nil
	})
}

// finish fills in what follows from other statements' answers.
func (r *sqliteReader) finish() {
	for i := range r.Tables {
		t := &r.Tables[i]
		for k := range t.ForeignKeys {
			f := &t.ForeignKeys[k]
			f.Name = fmt.Sprintf("%s(%s)", f.Table, strings.Join(f.Columns, ", "))
			// A reference without columns is to the primary key.
			if at, ok := r.at[strings.ToLower(f.Table)]; ok && len(f.Target) == 0 {
				f.Target = r.Tables[at].PrimaryKey
			}
		}
		if len(t.PrimaryKey) == 1 && r.rowid[i] && !r.keyed[i] {
			c, err := t.Column(Quote(SQLite, t.PrimaryKey[0]))
			if err == nil && strings.EqualFold(c.Type.Name, "integer") {
				c.Identity, c.Nullable = true, false
			}
		}
		t.Checks = checks(r.ddl[i])
		t.CanSelect = true
		write := !r.Options.ReadOnly
		t.CanInsert, t.CanUpdate, t.CanDelete = write && !t.View, write && !t.View, write && !t.View
		for _, trigger := range t.Triggers {
			if trigger.InsteadOf && write {
				t.CanInsert = t.CanInsert || trigger.Insert
				t.CanUpdate = t.CanUpdate || trigger.Update
				t.CanDelete = t.CanDelete || trigger.Delete
			}
		}
		collations(t, r.ddl[i])
	}
}
