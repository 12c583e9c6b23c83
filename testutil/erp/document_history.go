package erp

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// History implements erpbridge.DocumentHistory: one statement for all kinds, without the lines.
func (p documents) History(ctx context.Context, s erpbridge.Session, customer string, limit int) ([]erpbridge.Document, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	newest := " ORDER BY doc_date DESC, number DESC" + w.limit(max(limit, 1))
	parts := make([]string, len(families))
	var args []any
	for i, f := range families {
		parts[i] = "SELECT * FROM (SELECT '" + string(f.kind) + "' AS kind, " + f.columns() + " FROM " + f.table + " WHERE company = ?" + f.where + " AND customer = ?" + newest + ") AS " + f.letter
		args = append(args, w.Company, customer)
	}
	var list []erpbridge.Document
	err = w.rows(ctx, func(r *sql.Rows) error {
		var d erpbridge.Document
		err := scanHeader(r, &d, &d.Kind)
		list = append(list, d)
		return err
	}, "SELECT * FROM ("+strings.Join(parts, " UNION ALL ")+") AS history"+newest, args...)
	return list, err
}

// States implements erpbridge.DocumentStates: one statement for each kind and chunk of keys.
func (p documents) States(ctx context.Context, s erpbridge.Session, refs []erpbridge.Ref) ([]erpbridge.Document, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	byKind := map[erpbridge.Kind][]any{}
	for _, ref := range refs {
		byKind[ref.Kind] = append(byKind[ref.Kind], ref.Key)
	}
	var all []erpbridge.Document
	for _, f := range families {
		for chunk := range slices.Chunk(byKind[f.kind], matchChunk) {
			list, err := w.headers(ctx, f, "AND number IN ("+marks(len(chunk))+")", chunk...)
			if err != nil {
				return nil, err
			}
			all = append(all, list...)
		}
	}
	return all, nil
}

// FindDocument implements erpbridge.DocumentLookup.
func (p documents) FindDocument(ctx context.Context, s erpbridge.Session, kind erpbridge.Kind, token string) (erpbridge.Document, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	f, known := familyOf(kind)
	if known && token != "" {
		list, err := w.headers(ctx, f, "AND token = ?", token)
		if err != nil {
			return erpbridge.Document{}, err
		}
		if len(list) > 0 {
			return w.document(ctx, list[0].Ref)
		}
	}
	return erpbridge.Document{}, fault.New(fault.NotFound, "no %s was made under that token", kind)
}

// FindCustomer implements erpbridge.CustomerLookup.
func (p customers) FindCustomer(ctx context.Context, s erpbridge.Session, token string) (erpbridge.Customer, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	list, err := w.customers(ctx, "AND token = ?", token)
	if err == nil && (len(list) == 0 || token == "") {
		err = fault.New(fault.NotFound, "no customer was made under that token")
	}
	if err != nil {
		return erpbridge.Customer{}, err
	}
	return list[0], nil
}

// Customers implements erpbridge.CustomerStates: one statement for each chunk of keys.
func (p customers) Customers(ctx context.Context, s erpbridge.Session, asked []string) ([]erpbridge.Customer, error) {
	w, err := p.e.work(s)
	if err != nil {
		return nil, err
	}
	var all []erpbridge.Customer
	for chunk := range slices.Chunk(asked, matchChunk) {
		args := make([]any, len(chunk))
		for i, key := range chunk {
			args[i] = key
		}
		list, err := w.customers(ctx, "AND code IN ("+marks(len(args))+")", args...)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}
