package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// statistic is what the planner goes by for an index: the rows of the table, and how many of them share the
// first column's value, the first two columns' values and so on (https://www.sqlite.org/fileformat2.html#stat1tab).
type statistic struct{ table, index, stat string }

// What the migrations say to the planner: one statement that fills its statistics, and the rows in it.
var (
	planStatement = regexp.MustCompile(`(?s)INSERT INTO sqlite_stat1 \(tbl, idx, stat\) VALUES(.*?);`)
	planRow       = regexp.MustCompile(`\('(crm_[a-z_]+)', '([a-z_0-9]+)', '([0-9 ]+)'\)`)
)

// Optimize sets the planner's statistics where the database leaves them to its users: on SQLite, to those
// that the migrations say, at whatever size the file is. It does nothing where they stand.
//
// SQLite's own way, PRAGMA optimize, looks at a few hundred rows of each index and finds that each company has
// a few hundred rows; a list of one owner among a million leads is then read through any index at all, a
// thousand times slower. A host that analyses its file brings such figures into it too, so this is done
// at each Migrate and each hour.
func (db *DB) Optimize(ctx context.Context) error {
	if db.Dialect() != SQLite {
		return nil
	}
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return db.translate(ctx, err)
	}
	defer conn.Close()
	var schema, found string
	if err := conn.QueryRowContext(ctx, "SELECT schema FROM pragma_table_list WHERE name = 'crm_lead'").Scan(&schema); err != nil {
		return db.translate(ctx, err)
	}
	rows := fmt.Sprintf("SELECT COALESCE(GROUP_CONCAT(tbl || ' ' || idx || ' ' || stat, ';'), '') FROM (SELECT tbl, idx, stat FROM %q.sqlite_stat1 WHERE tbl LIKE 'crm@_%%' ESCAPE '@' ORDER BY tbl, idx)", schema)
	if err := conn.QueryRowContext(ctx, rows).Scan(&found); err != nil {
		return db.translate(ctx, err)
	}
	indexes, err := indexesOf(ctx, conn, schema)
	if err != nil {
		return db.translate(ctx, err)
	}
	set := planned(indexes)
	var all []string
	for _, one := range set {
		all = append(all, one.table+" "+one.index+" "+one.stat)
	}
	if found == strings.Join(all, ";") {
		return nil
	}
	return db.translate(ctx, plan(ctx, conn, schema, set))
}

// plan writes the statistics and has the connection go by them; the others of the pool follow when they are
// made anew.
func plan(ctx context.Context, conn *sql.Conn, schema string, set []statistic) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %q.sqlite_stat1 WHERE tbl LIKE 'crm@_%%' ESCAPE '@'", schema)); err != nil {
		return err
	}
	for _, one := range set {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %q.sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", schema), one.table, one.index, one.stat); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf("ANALYZE %q.sqlite_schema", schema))
	return err
}

func indexesOf(ctx context.Context, conn *sql.Conn, schema string) (map[string]bool, error) {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf("SELECT name FROM %q.sqlite_schema WHERE tbl_name LIKE 'crm@_%%' ESCAPE '@'", schema))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out[name] = true
	}
	return out, rows.Err()
}

// planned are the statistics of the indexes that are there, in order. The key of a table without rowid bears
// the table's name.
func planned(indexes map[string]bool) []statistic {
	all := map[string]statistic{}
	for _, step := range Migrations(SQLite) {
		for _, fill := range planStatement.FindAllStringSubmatch(step.Up, -1) {
			for _, row := range planRow.FindAllStringSubmatch(fill[1], -1) {
				if indexes[row[2]] {
					all[row[2]] = statistic{row[1], row[2], row[3]}
				}
			}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b statistic) int {
		return cmp.Or(strings.Compare(a.table, b.table), strings.Compare(a.index, b.index))
	})
}
