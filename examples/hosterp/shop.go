package main

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil/erp"
)

// shop is the ERP with CRM+ inside, on one database.
type shop struct {
	db        *store.DB
	books     *erp.ERP
	module    *crm.Module
	config    crm.Config
	companies []erpbridge.Company
	locale    func(company string) locale.Locale
	mails     *mailbox
	// users are those who were asked for, by company and id.
	users sync.Map
	// address is where people reach the program, for the links in mails.
	address string
	// place says where the database is, without its password; folder is removed at the end.
	place, folder string
}

// openShop opens the database, installs what is missing and puts the module together.
func openShop(ctx context.Context, dsn string) (*shop, error) {
	s := &shop{mails: &mailbox{}}
	if err := s.open(dsn); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	if err := s.wire(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *shop) open(dsn string) (err error) {
	switch {
	case strings.HasPrefix(dsn, "sqlserver://"):
		s.place = "SQL Server"
		s.db, err = mssql.Open(dsn)
		return err
	case dsn != "":
		s.place = dsn
	default:
		if s.folder, err = os.MkdirTemp("", "crmplus-hosterp"); err != nil {
			return err
		}
		s.place = filepath.Join(s.folder, "erp.db")
	}
	s.db, err = sqlite.Open(s.place)
	return err
}

// wire is what a host writes once: its own tables, CRM+'s tables beside them, the ports.
func (s *shop) wire(ctx context.Context) error {
	s.books = erp.New(s.db.SQL(), string(s.db.Dialect()))
	if err := s.books.Install(ctx); err != nil {
		return err
	}
	if err := s.books.Seed(ctx, erp.Sample{}); err != nil {
		return err
	}
	companies, err := s.books.ListCompanies(ctx)
	if err != nil {
		return err
	}
	s.companies = companies
	keys := make([]string, len(companies))
	for i, c := range companies {
		keys[i] = c.Key
	}
	if s.locale, err = erpbridge.Locales(ctx, s.db.SQL(), s.books.Host(), keys...); err != nil {
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, says its documentation
	s.config = crm.Config{
		Host: s.books.Host(), Locale: s.locale, Mailer: s.mails, LinkKey: key,
		Quotes: crm.QuoteConfig{PublicURL: func(string) string { return s.address + "/q/" }},
	}
	if s.module, err = crm.New(s.db, s.config); err != nil {
		return err
	}
	return s.module.Migrate(ctx)
}

func (s *shop) close() error {
	return errors.Join(s.db.SQL().Close(), os.RemoveAll(s.folder))
}

// rights maps the ERP's roles to those of CRM+.
func rights(role erp.Role) (actor.Rights, actor.Visibility) {
	switch role {
	case erp.Admin:
		return actor.Admin, actor.All
	case erp.Manager:
		return actor.Manager, actor.All
	case erp.Accountant:
		return append(slices.Clone(actor.Reader), actor.ReportRead), actor.All
	case erp.Seller:
	}
	return actor.Seller, actor.Team
}

// actorOf is the ERP's user as CRM+ sees him.
func actorOf(company string, u erp.User) actor.Actor {
	may, see := rights(u.Role)
	return actor.User{Company: company, ID: u.ID, Name: u.Name, Teams: u.Teams, Rights: may, See: see}.Actor()
}
