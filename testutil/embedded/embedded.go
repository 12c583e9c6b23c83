// Package embedded is CRM+ inside the small ERP of testutil/erp, on a SQLite file of its own, for the examples of other
// packages: they begin where a host that has embedded CRM+ stands.
//
//	shop, err := embedded.Open()
//	defer shop.Close()
//	leads, err := shop.Module.Leads.List(shop.Seller, ...)
//
// It is always Monday, 13 July 2026, ten o'clock in Budapest, so that what an example prints is the same each time.
package embedded

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil/erp"
)

// Company is the company of the ERP that the examples work in; it keeps its books in forints.
const Company = "HU01"

// Shop is an ERP with CRM+ in it.
type Shop struct {
	// DB is the database of both, ERP the host, Module CRM+.
	DB     *store.DB
	ERP    *erp.ERP
	Module *crm.Module
	// Seller, Manager and Admin are contexts of users of the ERP: of Kovács Anna, her manager and the administrator. Public is
	// the outside world, as at a web form.
	Seller, Manager, Admin, Public context.Context
	// Mails is the folder that mails are written to.
	Mails string

	folder string
}

// Open installs ERP and CRM+ in a new folder.
func Open() (*Shop, error) {
	folder, err := os.MkdirTemp("", "crmplus-example-")
	if err != nil {
		return nil, err
	}
	s := &Shop{folder: folder, Mails: filepath.Join(folder, "mails")}
	if err := s.install(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Shop) install() error {
	ctx := context.Background()
	var err error
	if s.DB, err = sqlite.Open(filepath.Join(s.folder, "erp.db")); err != nil {
		return err
	}
	now := func() time.Time { return time.Date(2026, 7, 13, 8, 0, 0, 0, time.UTC) }
	s.ERP = erp.New(s.DB.SQL(), erp.SQLite).WithClock(now)
	if err := s.ERP.Install(ctx); err != nil {
		return err
	}
	if err := s.ERP.Seed(ctx, erp.Sample{Companies: []string{Company}, SkipHistory: true}); err != nil {
		return err
	}
	host := s.ERP.Host()
	locales, err := erpbridge.Locales(ctx, s.DB.SQL(), host, Company)
	if err != nil {
		return err
	}
	s.Module, err = crm.New(s.DB, crm.Config{
		Host: host, Locale: locales, Now: now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Mailer: smtp.Folder{Path: s.Mails},
		Figures: crm.FigureConfig{
			ScreensURL: func(string) string { return "https://erp.example.com/crm" },
			Sender:     func(string) mail.Address { return mail.Address{Name: "ERP", Email: "erp@example.com"} },
		},
	})
	if err != nil {
		return err
	}
	as := func(id, name string, rights actor.Rights, see actor.Visibility) context.Context {
		return actor.With(ctx, actor.User{Company: Company, ID: id, Name: name, Teams: []string{"budapest"}, Rights: rights, See: see}.Actor())
	}
	s.Seller = as("kovacs", "Kovács Anna", actor.Seller, actor.Team)
	s.Manager = as("manager-hu", "Tóth Gábor", actor.Manager, actor.All)
	s.Admin = as("admin-hu", "Szabó Katalin", actor.Admin, actor.All)
	s.Public = actor.With(ctx, actor.Public(Company))
	return s.Module.Migrate(ctx)
}

// Close ends the database and removes its folder.
func (s *Shop) Close() error {
	var err error
	if s.DB != nil {
		err = s.DB.SQL().Close()
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}
