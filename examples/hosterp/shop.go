package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter/track"
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
	// recorder takes what readers do with newsletters.
	recorder *track.Recorder
	// hookKey is the secret of the gateway of text messages.
	hookKey string
	// users are those who were asked for, by company and id.
	users sync.Map
	// address is where people reach the program, for the links in mails.
	address string
	// fresh says that the companies have just got their rules.
	fresh bool
	// place says where the database is, without its password; folder is removed at the end.
	place, folder string
	// secret is what the keys are made of; see keys.go.
	secret []byte
}

// openShop opens the database, installs what is missing and puts the module together.
func openShop(ctx context.Context, dsn string) (*shop, error) {
	return openShopAt(ctx, dsn, "http://127.0.0.1:8080")
}

// openShopAt does so for a program that people reach under an address.
func openShopAt(ctx context.Context, dsn, address string) (*shop, error) {
	s := &shop{mails: &mailbox{}, address: address, hookKey: newHookKey()}
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
		s.place, s.secret = "SQL Server", freshSecret()
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
	if s.secret, err = keptSecret(s.place + ".key"); err != nil {
		return err
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
	s.config = crm.Config{
		Host: s.books.Host(), Locale: s.locale, Mailer: s.mails, LinkKey: s.key("links"),
		Quotes: crm.QuoteConfig{PublicURL: func(string) string { return s.address + "/q/" }},
	}
	s.config.Figures = crm.FigureConfig{
		ScreensURL: func(string) string { return s.address + "/crm" },
		Sender:     s.sender,
	}
	s.config.Newsletter = s.letters()
	if s.module, err = crm.New(s.db, s.config); err != nil {
		return err
	}
	if err := s.module.Migrate(ctx); err != nil {
		return err
	}
	for i, c := range s.companies { // with all that stands on their letters
		if s.companies[i], err = s.module.Company(actor.With(ctx, actor.System(c.Key, "start"))); err != nil {
			return err
		}
	}
	s.recorder, err = s.module.Newsletters.Recorder()
	return err
}

// sender is the mailbox of a company's own mails to its users.
func (s *shop) sender(company string) mail.Address {
	for _, c := range s.companies {
		if c.Key == company && c.Email != "" {
			return mail.Address{Name: c.Name, Email: c.Email}
		}
	}
	return mail.Address{Name: "ERP", Email: "erp@example.com"}
}

func (s *shop) close() error {
	var lost error
	if s.recorder != nil { // what readers did in the last second is written
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		lost = s.recorder.Close(ctx)
	}
	return errors.Join(lost, s.db.SQL().Close(), os.RemoveAll(s.folder))
}

// rights maps the ERP's roles to those of CRM+.
func rights(role erp.Role) (actor.Rights, actor.Visibility) {
	switch role {
	case erp.Admin:
		return actor.Admin, actor.All
	case erp.Manager:
		return actor.Manager, actor.All
	case erp.Accountant:
		return append(slices.Clone(actor.Reader), actor.ReportRead, actor.CommissionRead), actor.All
	case erp.Seller:
	}
	return actor.Seller, actor.Team
}

// actorOf is the ERP's user as CRM+ sees him.
func actorOf(company string, u erp.User) actor.Actor {
	may, see := rights(u.Role)
	return actor.User{Company: company, ID: u.ID, Name: u.Name, Teams: u.Teams, Rights: may, See: see}.Actor()
}
