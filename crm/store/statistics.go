package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
)

// planned is what the migrations say to SQLite's planner: one statement that fills its statistics, and the
// rows in it.
var (
	planned      = regexp.MustCompile(`(?s)INSERT INTO sqlite_stat1 \(tbl, idx, stat\) VALUES(.*?);`)
	plannedTable = regexp.MustCompile(`\('(crm_[a-z_]+)', `)
)

// Optimize refreshes the planner's statistics where the database leaves that to its users. It is bounded
// and does nothing most of the time.
//
// What SQLite finds by looking at a few hundred rows is that each company has a few hundred rows; a list of
// one owner would then be read through any index at all. So the tables whose statistics are set by the
// migrations keep those, at whatever size the file is.
func (db *DB) Optimize(ctx context.Context) (err error) {
	if db.Dialect() != SQLite {
		return nil
	}
	conn, err := db.sql.Conn(ctx)
	if err != nil {
		return db.translate(ctx, err)
	}
	defer conn.Close()
	var schema string
	if err := conn.QueryRowContext(ctx, "SELECT schema FROM pragma_table_list WHERE name = 'crm_lead'").Scan(&schema); err != nil {
		return db.translate(ctx, err)
	}
	statements := append([]string{"BEGIN IMMEDIATE", "PRAGMA optimize"}, planWith(schema)...)
	for _, statement := range append(statements, "COMMIT", fmt.Sprintf("ANALYZE %q.sqlite_schema", schema)) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			return db.translate(ctx, err)
		}
	}
	return nil
}

// planWith are the statements that set the statistics of the migrations anew in a schema of a connection.
func planWith(schema string) []string {
	var tables, fill []string
	for _, step := range Migrations(SQLite) {
		for _, found := range planned.FindAllStringSubmatch(step.Up, -1) {
			fill = append(fill, fmt.Sprintf("INSERT INTO %q.sqlite_stat1 (tbl, idx, stat) VALUES%s", schema, found[1]))
			for _, table := range plannedTable.FindAllStringSubmatch(found[1], -1) {
				tables = append(tables, table[1])
			}
		}
	}
	slices.Sort(tables)
	var clear []string
	for _, table := range slices.Compact(tables) {
		clear = append(clear, fmt.Sprintf("DELETE FROM %q.sqlite_stat1 WHERE tbl = '%s'", schema, table))
	}
	// An index that a later migration dropped has left no statistics; one without rowid bears its table's name.
	gone := fmt.Sprintf("DELETE FROM %[1]q.sqlite_stat1 WHERE tbl LIKE 'crm@_%%' ESCAPE '@' AND idx NOT IN (SELECT name FROM %[1]q.sqlite_schema)", schema)
	return append(append(clear, fill...), gone)
}
