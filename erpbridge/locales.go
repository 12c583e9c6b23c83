package erpbridge

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/locale"
)

// Locales reads the languages, zones and currencies of the given companies once and answers from memory
// afterwards; a company that was not given is answered with the first one's.
func Locales(ctx context.Context, db *sql.DB, host Host, companies ...string) (func(company string) locale.Locale, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // on SQLite it does not wait for writers
	if err != nil {
		tx, err = db.BeginTx(ctx, nil) // SQL Server has no read-only transactions
	}
	if err != nil {
		return nil, fmt.Errorf("reading the host's companies: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	known := make(map[string]locale.Locale, len(companies))
	for _, key := range companies {
		c, err := host.Companies.Company(ctx, Session{Company: key, Tx: tx, Now: time.Now().UTC()})
		if err != nil {
			return nil, fmt.Errorf("reading company %s: %w", key, err)
		}
		known[key] = c.Locale
	}
	return func(company string) locale.Locale {
		if l, ok := known[company]; ok {
			return l
		}
		if len(companies) > 0 {
			return known[companies[0]]
		}
		return locale.Locale{Language: locale.English, Currency: "EUR"}
	}, nil
}
