package main

import (
	"context"
	"log/slog"
	"os"
	"strings"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/erpbridge/prochost"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
)

// sqliteFile gives the path of a SQLite database, "" for a server.
func (c config) sqliteFile() string {
	if rest, ok := strings.CutPrefix(c.Database.DSN, "sqlite:"); ok {
		return strings.TrimPrefix(rest, "//")
	}
	if strings.Contains(c.Database.DSN, "://") || strings.Contains(strings.ToLower(c.Database.DSN), "server=") {
		return ""
	}
	return c.Database.DSN
}

// openDatabase opens the ERP's database; a SQLite file must be there already.
func openDatabase(c config) (*store.DB, error) {
	file := c.sqliteFile()
	var db *store.DB
	var err error
	if file == "" {
		db, err = mssql.Open(c.Database.DSN)
	} else {
		if s, failed := os.Stat(file); failed != nil || s.IsDir() {
			return nil, fault.New(fault.Unavailable, "database.dsn: there is no database file %s; a server is written as sqlserver://user:password@server?database=name", file)
		}
		db, err = sqlite.Open(file)
	}
	if err != nil {
		return nil, err
	}
	db.SQL().SetMaxOpenConns(c.Database.Connections)
	db.SQL().SetMaxIdleConns(c.Database.Connections)
	return db, nil
}

// openHost makes the ports to the ERP from whichever description the configuration names.
func openHost(ctx context.Context, c config, db *store.DB) (erpbridge.Host, error) {
	switch {
	case c.Host.Procedures != "":
		text, err := readDescription(c, c.Host.Procedures)
		if err != nil {
			return erpbridge.Host{}, err
		}
		d, err := prochost.Parse(text)
		if err != nil {
			return erpbridge.Host{}, err
		}
		return prochost.New(ctx, db.SQL(), d, prochost.Options{})
	case c.Host.API != "":
		text, err := readDescription(c, c.Host.API)
		if err != nil {
			return erpbridge.Host{}, err
		}
		d, err := apihost.Parse(text)
		if err != nil {
			return erpbridge.Host{}, err
		}
		return apihost.New(d, apihost.Options{Settings: c.Host.Settings, Secret: c.hostSecret})
	}
	m, err := readMapping(c)
	if err != nil {
		return erpbridge.Host{}, err
	}
	return tablehost.New(ctx, db.SQL(), m, tablehost.Options{AllowUnsafeSQL: c.Host.AllowUnsafeSQL})
}

func (c config) hostSecret(name string) (string, error) {
	if value, ok := c.Host.Secrets[name]; ok {
		return value, nil
	}
	return "", fault.New(fault.Invalid, "host.secrets has no %s, which the description of the API asks for", name)
}

func readMapping(c config) (tablehost.Mapping, error) {
	text, err := readDescription(c, c.Host.Mapping)
	if err != nil {
		return tablehost.Mapping{}, err
	}
	return tablehost.Parse(text)
}

func readDescription(c config, name string) ([]byte, error) {
	file := c.path(name)
	if s, err := os.Stat(file); err == nil && s.Size() > tablehost.MaxFile {
		return nil, fault.New(fault.Invalid, "%s is longer than %d bytes", file, tablehost.MaxFile)
	}
	text, err := os.ReadFile(file)
	return text, fault.Wrap(err, fault.Invalid, "%s cannot be read", file)
}

// judgeHost compares the description with the database once more: an ERP's update may have changed tables
// under it. It gives the errors, and the warnings.
func judgeHost(ctx context.Context, c config, db *store.DB) (errs, warnings []string, err error) {
	switch {
	case c.Host.API != "":
		return nil, nil, nil // judged when it was opened; the API itself is asked by every call
	case c.Host.Procedures != "":
		text, err := readDescription(c, c.Host.Procedures)
		if err != nil {
			return nil, nil, err
		}
		d, err := prochost.Parse(text)
		if err != nil {
			return nil, nil, err
		}
		cat, err := catalog.Read(ctx, db.SQL(), catalog.MSSQL)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range prochost.Check(cat, d) {
			errs = append(errs, f.String())
		}
		return errs, nil, nil
	}
	m, err := readMapping(c)
	if err != nil {
		return nil, nil, err
	}
	list, err := tablehost.Check(ctx, db.SQL(), m)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range list {
		switch {
		case p.Code == "unsafe_sql" && c.Host.AllowUnsafeSQL:
		case p.Severity == tablehost.Error:
			errs = append(errs, p.String())
		default:
			warnings = append(warnings, p.String())
		}
	}
	return errs, warnings, nil
}

// opened is CRM+ on the ERP's database.
type opened struct {
	db      *store.DB
	module  *crm.Module
	locales func(company string) locale.Locale
}

// open puts everything together; close with opened.db.SQL().Close().
func open(ctx context.Context, c config, log *slog.Logger) (o opened, err error) {
	if o.db, err = openDatabase(c); err != nil {
		return o, err
	}
	defer func() {
		if err != nil {
			_ = o.db.SQL().Close()
		}
	}()
	if c.Database.Migrate {
		err = o.db.Migrate(ctx)
	} else {
		err = o.db.Check(ctx)
	}
	if err != nil {
		return o, err
	}
	host, err := openHost(ctx, c, o.db)
	if err != nil {
		return o, err
	}
	o.locales = func(string) locale.Locale { return locale.Locale{Language: locale.English, Currency: "EUR"} }
	if host.Companies != nil {
		if o.locales, err = erpbridge.Locales(ctx, o.db.SQL(), host, c.Host.Companies...); err != nil {
			return o, err
		}
	}
	mailer, err := c.mailer()
	if err != nil {
		return o, err
	}
	letters, err := c.letters()
	if err != nil {
		return o, err
	}
	allow, _ := prefixes("", c.Webhooks.Allow) // judged with the configuration
	o.module, err = crm.New(o.db, crm.Config{
		Host: host, Locale: o.locales, Log: log, Poll: c.Worker.Poll, Webhooks: webhook.Config{Allow: allow, Plain: c.Webhooks.Plain},
		Mailer: mailer, LinkKey: c.linkKey(), Quotes: c.quotes(), Newsletter: letters, Figures: c.figures(),
	})
	return o, err
}
