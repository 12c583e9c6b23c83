package main

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/store"
)

// step is a migration in an answer.
type step struct {
	Number  int    `json:"number"`
	Name    string `json:"name"`
	Applied string `json:"applied,omitempty"`
}

// state is the answer of migrate.
type state struct {
	OK      bool     `json:"ok"`
	Applied []step   `json:"applied"`
	Pending []step   `json:"pending"`
	Faults  []string `json:"faults"`
}

func migrate(ctx context.Context, c *call) (int, error) {
	word := "status"
	if len(c.words) > 0 {
		word = c.words[0]
	}
	if word == "synonyms" {
		return c.synonyms()
	}
	if err := c.needs("db"); err != nil {
		return misused, err
	}
	if word == "down" && (c.to < 0 || !c.yes) {
		return misused, misuse("migrate down deletes tables of CRM+ with all their rows; say how far with -to NUMBER, and that you mean it with -yes")
	}
	db, err := c.schemaOf(ctx, word)
	if err != nil {
		return misused, err
	}
	defer db.SQL().Close()
	switch word {
	case "up":
		if err := db.Migrate(ctx); err != nil {
			return problems, err
		}
	case "down":
		if err := db.MigrateDown(ctx, c.to); err != nil {
			return problems, err
		}
	case "sql":
		return well, db.WriteSQL(c.out, max(c.to, 0))
	}
	return c.status(ctx, db, word)
}

// schemaOf opens the database: as it is where it is only looked at, a new file where it is to be made.
func (c *call) schemaOf(ctx context.Context, word string) (*store.DB, error) {
	if _, isFile := c.sqliteFile(); !isFile || word == "up" || word == "down" {
		return c.store(word == "up")
	}
	db, err := c.reading(ctx, true)
	if err != nil {
		return nil, err
	}
	return sqlite.Use(db), nil
}

// status shows which steps the database has.
func (c *call) status(ctx context.Context, db *store.DB, word string) (int, error) {
	st, err := db.Status(ctx)
	if err != nil {
		return problems, err
	}
	out := state{OK: len(st.Faults) == 0 && (len(st.Pending) == 0 || word == "down"), Applied: []step{}, Pending: []step{}, Faults: append([]string{}, st.Faults...)}
	for _, a := range st.Applied {
		out.Applied = append(out.Applied, step{a.Number, a.Name, a.At.Format("2006-01-02 15:04")})
	}
	for _, p := range st.Pending {
		out.Pending = append(out.Pending, step{Number: p.Number, Name: p.Name})
	}
	code := well
	if !out.OK {
		code = problems
	}
	if c.json {
		return code, c.answer(out)
	}
	for _, s := range out.Applied {
		c.say("%04d %-14s applied %s", s.Number, s.Name, s.Applied)
	}
	for _, s := range out.Pending {
		c.say("%04d %-14s missing", s.Number, s.Name)
	}
	for _, f := range out.Faults {
		c.say("%s", f)
	}
	switch {
	case out.OK && word == "down":
		c.say("The steps above %04d are taken back.", c.to)
	case out.OK:
		c.say("The tables of CRM+ are those of this version.")
	case len(out.Faults) == 0:
		c.say("%s missing; `crmplus migrate up` applies them, `crmplus migrate sql` prints them for an administrator.", are(len(out.Pending), "step"))
	}
	return code, nil
}

func are(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return fmt.Sprintf("%d %ss are", n, what)
}

// synonyms prints what the host's database needs where the tables of CRM+ are in another one of its server.
func (c *call) synonyms() (int, error) {
	if c.beside == "" {
		return misused, misuse("name the database that holds the tables of CRM+: crmplus migrate synonyms -crm CrmPlus")
	}
	text, err := mssql.SynonymSQL(mssql.Beside{Database: c.beside})
	if err != nil {
		return problems, err
	}
	_, err = fmt.Fprint(c.out, text)
	return well, err
}
