package erpbridge

import (
	"context"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
)

// Sales is implemented beside [Documents] by hosts whose orders can be read through, line by line: for what customers
// buy and how often.
type Sales interface {
	// Sales gives the orders that were not cancelled, in the order of customer, date and key, as the host's database
	// orders them.
	Sales(ctx context.Context, s Session, q SalesQuery) ([]Sale, error)
}

// SalesQuery asks for a page of orders.
type SalesQuery struct {
	// Customer is the one who ordered, "" for all.
	Customer string
	// From is the first day, zero for all.
	From civil.Date
	// After is the last order of the page before, nil for the first page; its lines are not looked at.
	After *Sale
	// Limit is the most orders, at least 1. A page with none is the end.
	Limit int
}

// Sale is an order.
type Sale struct {
	Customer string
	Key      string
	Date     civil.Date
	Currency string
	// Lines are those of products; what was written as free text may be left out.
	Lines []SoldLine
}

// SoldLine is a product on an order.
type SoldLine struct {
	Product, Name string
	// Group is the key of the product's group, "" for none.
	Group    string
	Quantity money.Quantity
	// Net is what the line costs without VAT.
	Net money.Amount
}
