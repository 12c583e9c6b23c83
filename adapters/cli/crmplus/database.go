package main

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"strings"

	"github.com/microsoft/go-mssqldb/msdsn"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// file gives the path of a SQLite database; false for a server.
func (c *call) sqliteFile() (string, bool) {
	if rest, ok := strings.CutPrefix(c.db, "sqlite:"); ok {
		return strings.TrimPrefix(rest, "//"), true
	}
	return c.db, !strings.Contains(c.db, "://") && !strings.Contains(strings.ToLower(c.db), "server=")
}

// named reports what is missing before anything is opened.
func (c *call) needs(what ...string) error {
	values := map[string]string{"db": c.db, "map": c.mapping, "file": c.file, "company": c.company, "user": c.user}
	if scheme, _, ok := strings.Cut(c.db, "://"); ok && scheme != "sqlserver" && scheme != "sqlite" {
		return misuse("%s is no database that this command knows; write a SQLite file, or sqlserver://user:password@server?database=name", scheme)
	}
	var missing []string
	for _, name := range what {
		if values[name] == "" {
			missing = append(missing, "-"+name)
		}
	}
	if len(missing) > 0 {
		return misuse("%s missing; `crmplus help` shows the commands", strings.Join(missing, " and ")+map[bool]string{true: " is", false: " are"}[len(missing) == 1])
	}
	return nil
}

// reading opens the host's database to look at it. A SQLite file is opened as it is: its journal stays,
// and with readOnly nothing can be written.
func (c *call) reading(ctx context.Context, readOnly bool) (*sql.DB, error) {
	file, ok := c.sqliteFile()
	if !ok {
		db, err := mssql.Open(c.db)
		if err != nil {
			return nil, err
		}
		return db.SQL(), nil
	}
	if err := exists(file); err != nil {
		return nil, err
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(5000)", "foreign_keys(1)"}}
	if readOnly {
		q = url.Values{"_pragma": {"busy_timeout(5000)", "foreign_keys(1)", "query_only(1)"}}
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err == nil {
		err = db.PingContext(ctx)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the database %s cannot be opened", file)
	}
	return db, nil
}

// store opens the database with the tables of CRM+.
func (c *call) store(create bool) (*store.DB, error) {
	file, ok := c.sqliteFile()
	if !ok {
		return mssql.Open(c.db)
	}
	if !create {
		if err := exists(file); err != nil {
			return nil, err
		}
	}
	return sqlite.Open(file)
}

func exists(file string) error {
	s, err := os.Stat(file)
	switch {
	case os.IsNotExist(err):
		return misuse("there is no file %s; a server is written as sqlserver://user:password@server?database=name", file)
	case err != nil:
		return misuse("the file %s cannot be opened: %s", file, err)
	case s.IsDir():
		return misuse("%s is a folder, not a database file", file)
	}
	return nil
}

// hide gives the text of an error without the password.
func (c *call) hide(err error) string { return c.hideText(err.Error()) }

func (c *call) hideText(text string) string {
	for _, secret := range c.secrets() {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// secrets are the spellings in which the password of the data source name could appear.
func (c *call) secrets() []string {
	var list []string
	add := func(s string) {
		if s != "" {
			list = append(list, s, url.QueryEscape(s), url.PathEscape(s))
		}
	}
	if u, err := url.Parse(c.db); err == nil && u.User != nil {
		p, _ := u.User.Password()
		add(p)
	} else if _, rest, ok := strings.Cut(c.db, "://"); ok { // no URL, but meant as one
		if credentials, _, ok := strings.Cut(rest, "@"); ok {
			_, p, _ := strings.Cut(credentials, ":")
			add(p)
		}
	}
	if _, isFile := c.sqliteFile(); !isFile {
		if cfg, err := msdsn.Parse(c.db); err == nil {
			add(cfg.Password)
		}
	}
	return list
}
