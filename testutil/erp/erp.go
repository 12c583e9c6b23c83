package erp

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// The databases that the ERP runs on.
const (
	SQLite = "sqlite"
	MSSQL  = "mssql"
)

// ERP is the whole of it on one database. It is safe for many goroutines.
type ERP struct {
	db      *sql.DB
	dialect string
	now     func() time.Time
	// prepared holds the statements of one long transaction; only Seed has it.
	prepared statements
}

// New makes an ERP on an open database; dialect is [SQLite] or [MSSQL].
func New(db *sql.DB, dialect string) *ERP {
	return &ERP{db: db, dialect: dialect, now: time.Now}
}

// WithClock gives a view whose [ERP.Work] takes the time from now.
func (e *ERP) WithClock(now func() time.Time) *ERP {
	view := *e
	view.now = now
	return &view
}

// Host gives the ERP as CRM+ sees it: every port but the register of companies.
func (e *ERP) Host() erpbridge.Host {
	return erpbridge.Host{
		Name:      "Minta ERP",
		Place:     erpbridge.SameDatabase,
		Companies: companies{e},
		Customers: customers{e},
		Contacts:  contacts{e},
		Catalogue: catalogue{e},
		Prices:    prices{e},
		Documents: documents{e},
		Users:     users{e},
	}
}

// Clerk is who works in the ERP's own pages: a user in a company.
type Clerk struct{ Company, User string }

// Work runs do in a transaction of its own: committed when it returns nil, rolled back otherwise. The
// session has a fresh token and today's date in the company's zone.
func (e *ERP) Work(ctx context.Context, who Clerk, do func(ctx context.Context, s erpbridge.Session) error) error {
	return e.run(ctx, who, nil, do)
}

// Look is [ERP.Work] for what only reads. On SQLite it waits for nobody who writes, and keeps nobody from it.
func (e *ERP) Look(ctx context.Context, who Clerk, do func(ctx context.Context, s erpbridge.Session) error) error {
	var opts *sql.TxOptions
	if e.dialect == SQLite { // the driver of SQL Server knows no such transactions
		opts = &sql.TxOptions{ReadOnly: true}
	}
	return e.run(ctx, who, opts, do)
}

func (e *ERP) run(ctx context.Context, who Clerk, opts *sql.TxOptions, do func(ctx context.Context, s erpbridge.Session) error) (err error) {
	tx, err := e.db.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	done := false
	defer func() {
		if !done {
			_ = tx.Rollback() // the error, or the panic, of the work is the one that counts
		}
	}()
	s, err := e.Session(ctx, tx, who)
	if err != nil {
		return err
	}
	if err := do(ctx, s); err != nil {
		return err
	}
	done = true
	return tx.Commit()
}

// Session is what the ERP's functions are called with in a transaction that somebody else began and ends.
func (e *ERP) Session(ctx context.Context, tx *sql.Tx, who Clerk) (erpbridge.Session, error) {
	s := erpbridge.Session{Company: who.Company, UserID: who.User, Tx: tx, Token: uuid.NewString(), Now: e.now().UTC()}
	s.Today = civil.In(s.Now, time.UTC)
	company, err := companies{e}.Company(ctx, s)
	switch {
	case err == nil:
		s.Today = civil.In(s.Now, company.Locale.Location())
	case fault.CodeOf(err) != fault.NotFound:
		return s, err
	}
	return s, nil
}
