package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil/erp"
)

// The companies of the example ERP.
const (
	hungary = "HU01"
	greece  = "GR01"
	israel  = "IL01"
)

// shop is an ERP with CRM+ inside, on one database.
type shop struct {
	db     *store.DB
	books  *erp.ERP
	module *crm.Module
	locale func(company string) locale.Locale
	// folder holds the temporary database, "" where the caller named one.
	folder string
}

// open opens the database that the ERP and CRM+ share.
func open(ctx context.Context, dsn string) (*shop, error) {
	s := &shop{}
	var err error
	switch {
	case strings.HasPrefix(dsn, "sqlserver://"):
		s.db, err = mssql.Open(dsn)
	case dsn != "":
		s.db, err = sqlite.Open(dsn)
	default:
		if s.folder, err = os.MkdirTemp("", "crmplus-quickstart"); err != nil {
			return nil, err
		}
		s.db, err = sqlite.Open(filepath.Join(s.folder, "erp.db"))
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	s.books = erp.New(s.db.SQL(), string(s.db.Dialect()))
	return s, nil
}

func (s *shop) close() error {
	return errors.Join(s.db.SQL().Close(), os.RemoveAll(s.folder))
}

// install makes the tables of the ERP and of CRM+ beside each other, and puts the module together. A
// host writes these lines once, at its own start.
func (s *story) install(ctx context.Context) error {
	if err := s.books.Install(ctx); err != nil {
		return err
	}
	if err := s.books.Seed(ctx, erp.Sample{SkipHistory: true}); err != nil {
		return err
	}
	var err error
	if s.locale, err = erpbridge.Locales(ctx, s.db.SQL(), s.books.Host(), hungary, greece, israel); err != nil {
		return err
	}
	if s.module, err = crm.New(s.db, crm.Config{Host: s.books.Host(), Locale: s.locale}); err != nil {
		return err
	}
	if err := s.module.Migrate(ctx); err != nil {
		return err
	}
	companies, err := s.books.ListCompanies(ctx)
	if err != nil {
		return err
	}
	for _, c := range companies {
		s.say("%s  %s", c.Key, c.Name)
	}
	return nil
}

// as puts one of the ERP's users into the context: who acts comes with every call.
func (s *story) as(ctx context.Context, company, user string) (context.Context, error) {
	var who erp.User
	err := s.books.Work(ctx, erp.Clerk{Company: company}, func(ctx context.Context, hs erpbridge.Session) (err error) {
		who, err = s.books.LoginUser(ctx, hs, user)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the user %s of %s: %w", user, company, err)
	}
	rights, see := actor.Seller, actor.Team
	if who.Role != erp.Seller {
		rights, see = actor.Manager, actor.All
	}
	return actor.With(ctx, actor.User{
		Company: company, ID: who.ID, Name: who.Name, Teams: who.Teams, Rights: rights, See: see,
	}.Actor()), nil
}
