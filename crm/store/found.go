package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/crmplus/crmplus/crm/fault"
)

// CompanyOf says which company a record of a table belongs to; fault.NotFound where there is none. It is
// for doors at which somebody shows nothing but a record's key (an API key), before it is known who acts:
// the record itself is then read by a session of its company.
func (db *DB) CompanyOf(ctx context.Context, table string, id []byte) (string, error) {
	s := &Session{db: db}
	var company string
	err := db.sql.QueryRowContext(ctx, s.positional("SELECT company FROM "+table+" WHERE id = ?"), id).Scan(&company)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.New(fault.NotFound, "there is no such %s", Noun(table))
	}
	return company, db.translate(ctx, err)
}

// LockVersion is [Session.Lock] for a caller who has read the record before: where its version is not the
// one he read, the error is fault.Conflict and names who changed what.
func (s *Session) LockVersion(ctx context.Context, model any, id any, version int64) error {
	if err := s.Lock(ctx, model, id); err != nil {
		return err
	}
	if r, ok := model.(recorded); ok && r.record().Version == version {
		return nil
	}
	table, err := s.tableOf(model)
	if err != nil {
		return err
	}
	return s.conflict(ctx, table, id, version)
}
