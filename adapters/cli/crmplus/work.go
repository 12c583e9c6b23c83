package main

import (
	"context"
	"log/slog"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
)

// module puts CRM+ together on the database and the host that the mapping describes.
func (c *call) module(ctx context.Context, db *store.DB, m tablehost.Mapping) (*crm.Module, error) {
	if err := db.Check(ctx); err != nil {
		return nil, err
	}
	host, err := tablehost.New(ctx, db.SQL(), m, tablehost.Options{AllowUnsafeSQL: c.unsafe})
	if err != nil {
		return nil, err
	}
	config := crm.Config{Host: host, Log: slog.New(slog.NewTextHandler(c.err, nil))}
	if config.Locale, err = c.locales(ctx, db, host); err != nil {
		return nil, err
	}
	return crm.New(db, config)
}

// locales reads what language, zone and currency the companies that CRM+ works for have.
func (c *call) locales(ctx context.Context, db *store.DB, host erpbridge.Host) (func(string) locale.Locale, error) {
	if host.Companies == nil {
		return nil, nil
	}
	companies := []string{c.company}
	if c.company == "" {
		known := map[string]bool{}
		companies = nil
		for _, table := range []string{"crm_lead", "crm_request"} {
			found, err := db.Companies(ctx, table)
			if err != nil {
				return nil, err
			}
			for _, key := range found {
				if !known[key] {
					known[key] = true
					companies = append(companies, key)
				}
			}
		}
	}
	return erpbridge.Locales(ctx, db.SQL(), host, companies...)
}

// with opens the database and runs a command on the module that works on it by the mapping.
func (c *call) with(ctx context.Context, do func(*crm.Module) (int, error)) (int, error) {
	m, err := c.loadMapping()
	if err != nil {
		return problems, err
	}
	db, err := c.store(false)
	if err != nil {
		return misused, err
	}
	defer db.SQL().Close()
	module, err := c.module(ctx, db, m)
	if err != nil {
		return problems, err
	}
	return do(module)
}

// work does what waits in the background: the host's requests, reminders, deadlines.
func work(ctx context.Context, c *call) (int, error) {
	if err := c.needs("db", "map"); err != nil {
		return misused, err
	}
	return c.with(ctx, func(module *crm.Module) (int, error) { return c.background(ctx, module) })
}

func (c *call) background(ctx context.Context, module *crm.Module) (int, error) {
	if !c.once {
		c.say("Working; Ctrl-C ends it.")
		return well, module.Run(ctx)
	}
	n, err := module.RunOnce(ctx)
	if err != nil {
		return problems, err
	}
	if c.json {
		return well, c.answer(map[string]any{"ok": true, "done": n})
	}
	c.say("%s of work done.", counted(n, "piece"))
	return well, nil
}
