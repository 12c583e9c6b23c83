package erpbridge

import (
	"context"

	"github.com/crmplus/crmplus/crm/civil"
)

// Receivables is implemented beside [Documents] by hosts that tell what all customers owe: for what money will come in.
type Receivables interface {
	// Receivables gives what is not paid yet, customer after customer in the order of their keys, as the host's database
	// orders them. A page has whole customers: at most the limit, or one customer who alone has more. fault.NotFound where
	// the host does not tell what they owe.
	Receivables(ctx context.Context, s Session, q ReceivablesQuery) ([]Receivable, error)
	// Settled gives the invoices of the customers that have been paid in full since a day, in no order; nothing where the
	// host does not keep those days.
	Settled(ctx context.Context, s Session, customers []string, since civil.Date) ([]Settled, error)
}

// ReceivablesQuery asks for a page of what is owed.
type ReceivablesQuery struct {
	// After is the last customer of the page before, "" for the first page.
	After string
	// Limit is the most items, at least 1. A page with none is the end.
	Limit int
}

// Receivable is what a customer owes.
type Receivable struct {
	Customer string `json:"customer"`
	OpenItem
}

// Settled is an invoice that was paid.
type Settled struct {
	Customer string
	Document Ref
	// Due is when it should have been paid, Paid when the last of it was.
	Due, Paid civil.Date
}
