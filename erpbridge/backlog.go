package erpbridge

import (
	"context"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
)

// Backlog is implemented beside [Documents] by hosts that tell what all customers have ordered and not received yet: for
// those who buy.
type Backlog interface {
	// Backlog gives the orders of which something is still to be delivered, in the order of date and key, as the host's
	// database orders them; fault.NotFound where the host's orders do not say what was delivered.
	Backlog(ctx context.Context, s Session, q BacklogQuery) ([]Undelivered, error)
}

// BacklogQuery asks for a page of orders.
type BacklogQuery struct {
	// From is the first day they were ordered on, zero for all.
	From civil.Date
	// After is the last order of the page before, nil for the first page; only its date and key are looked at.
	After *Undelivered
	// Limit is the most orders, at least 1. A page with none is the end.
	Limit int
}

// Undelivered is an order with what is left of it.
type Undelivered struct {
	Order    Ref
	Customer string
	Date     civil.Date
	// Due is the promised day of delivery, zero for none.
	Due civil.Date
	// Lines are those of products of which something is left.
	Lines []UndeliveredLine
}

// UndeliveredLine is what is left of one product.
type UndeliveredLine struct {
	Product, Name, Unit string
	// Group is the key of the product's group, "" for none.
	Group string
	// Left is what was ordered less what was delivered, above zero.
	Left money.Quantity
}
