// Command hosttx shows CRM+ inside a transaction of its host, who uses plain database/sql: the host
// begins, writes a row of its own, lets CRM+ convert a lead, and rolls back. Nothing remains, of the
// host or of CRM+. Then it does the same again and commits.
//
//	go run ./examples/hosttx
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil/erp"
)

func main() {
	dsn := flag.String("db", "", "a SQLite file or a sqlserver:// data source name; empty for a fresh temporary file")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "hosttx:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, dsn string) (err error) {
	folder, err := os.MkdirTemp("", "crmplus-hosttx")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	db, err := open(dsn, folder)
	if err != nil {
		return err
	}
	hostDB := db.SQL() // all that the host itself works with
	defer func() { err = errors.Join(err, hostDB.Close()) }()

	module, id, err := prepare(ctx, db)
	if err != nil {
		return err
	}
	ctx = actor.With(ctx, actor.User{Company: "HU01", ID: "kovacs", Name: "Kovács Anna", Rights: actor.Seller}.Actor())

	fmt.Fprintln(w, "The host rolls back:")
	if err := convertInHostTx(ctx, w, hostDB, module, id, (*sql.Tx).Rollback); err != nil {
		return err
	}
	if err := look(ctx, w, hostDB, module, id); err != nil {
		return err
	}
	fmt.Fprintln(w, "The host commits:")
	if err := convertInHostTx(ctx, w, hostDB, module, id, (*sql.Tx).Commit); err != nil {
		return err
	}
	return look(ctx, w, hostDB, module, id)
}

// convertInHostTx is what a host writes: its transaction, its row, our conversion, its end.
func convertInHostTx(ctx context.Context, w io.Writer, hostDB *sql.DB, module *crm.Module, id lead.ID, end func(*sql.Tx) error) error {
	tx, err := hostDB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after the end it does nothing
	if _, err := tx.ExecContext(ctx, "INSERT INTO host_diary (entry) VALUES ('lead converted')"); err != nil {
		return err
	}
	result, err := module.WithTx(tx).Convert.Lead(ctx, id, convert.LeadChoice{})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  inside:  customer %s %s, %d contact, lead converted\n", result.Customer.Key, result.Customer.Name, len(result.Contacts))
	if err := end(tx); err != nil {
		return err
	}
	module.Wake() // background work starts now instead of at the next poll
	return nil
}

// look counts what is there after the host's transaction has ended.
func look(ctx context.Context, w io.Writer, hostDB *sql.DB, module *crm.Module, id lead.ID) error {
	card, err := module.Leads.Get(ctx, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  after:   lead is %s", card.Lead.Status)
	for _, count := range []struct{ what, query string }{
		{"rows of the host", "SELECT COUNT(*) FROM host_diary"},
		{"customers", "SELECT COUNT(*) FROM erp_customer WHERE company = 'HU01' AND name = 'Tűzliliom Építésziroda Kft.'"},
		{"contacts", "SELECT COUNT(*) FROM erp_contact WHERE company = 'HU01' AND email = 'gyozo.ori@tuzliliom.test'"},
		{"conversions", "SELECT COUNT(*) FROM crm_conversion"},
		{"links", "SELECT COUNT(*) FROM crm_link"},
		{"events", "SELECT COUNT(*) FROM crm_event WHERE kind = 'lead.converted'"},
	} {
		var n int
		if err := hostDB.QueryRowContext(ctx, count.query).Scan(&n); err != nil {
			return fmt.Errorf("counting %s: %w", count.what, err)
		}
		fmt.Fprintf(w, ", %s %d", count.what, n)
	}
	_, err = fmt.Fprintln(w)
	return err
}

func open(dsn, folder string) (*store.DB, error) {
	switch {
	case strings.HasPrefix(dsn, "sqlserver://"):
		return mssql.Open(dsn)
	case dsn != "":
		return sqlite.Open(dsn)
	}
	return sqlite.Open(filepath.Join(folder, "erp.db"))
}

// prepare installs the ERP and CRM+ and captures the lead that is converted.
func prepare(ctx context.Context, db *store.DB) (*crm.Module, lead.ID, error) {
	books := erp.New(db.SQL(), string(db.Dialect()))
	if err := books.Install(ctx); err != nil {
		return nil, lead.ID{}, err
	}
	if err := books.Seed(ctx, erp.Sample{SkipHistory: true}); err != nil {
		return nil, lead.ID{}, err
	}
	diary := "CREATE TABLE host_diary (entry NVARCHAR(40) NOT NULL)"
	if _, err := db.SQL().ExecContext(ctx, diary); err != nil {
		return nil, lead.ID{}, err
	}
	locales, err := erpbridge.Locales(ctx, db.SQL(), books.Host(), "HU01")
	if err != nil {
		return nil, lead.ID{}, err
	}
	module, err := crm.New(db, crm.Config{Host: books.Host(), Locale: locales})
	if err != nil {
		return nil, lead.ID{}, err
	}
	if err := module.Migrate(ctx); err != nil {
		return nil, lead.ID{}, err
	}
	ctx = actor.With(ctx, actor.User{Company: "HU01", ID: "kovacs", Name: "Kovács Anna", Rights: actor.Seller}.Actor())
	captured, err := module.Leads.Capture(ctx, lead.Draft{
		Name: "Őri Győző", Organization: "Tűzliliom Építésziroda Kft.", TaxID: "47110018-2-41", Emails: []string{"gyozo.ori@tuzliliom.test"},
		Address: party.Address{Line1: "Bartók Béla út 42.", PostalCode: "1117", City: "Budapest", Country: "HU"},
	})
	return module, captured.Lead, err
}
