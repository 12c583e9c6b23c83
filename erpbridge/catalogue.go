package erpbridge

import (
	"context"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
)

// Catalogue reads the host's products.
type Catalogue interface {
	// Product reads one; fault.NotFound where there is none.
	Product(ctx context.Context, s Session, key string) (Product, error)
	// Products searches by code or name, in the order of codes, at most limit.
	Products(ctx context.Context, s Session, text string, limit int) ([]Product, error)
	Groups(ctx context.Context, s Session) ([]ProductGroup, error)
}

// Product is something the host sells.
type Product struct {
	Key, Code, Name, Description string
	Group                        string
	Unit                         string
	VATCode                      string
	// VATRate is in percent.
	VATRate money.Percent
	// Stock is what is on hand now; nil where the host does not know.
	Stock *money.Quantity
	// Cost is what margins are counted from; nil where the host does not tell.
	Cost         *money.Amount
	Discontinued bool
}

// VATCodes is what a [Catalogue] may do besides: tell the VAT codes that the company uses today, those of its
// everyday sales first. They are offered for lines that people write without a product. Where the host does not
// tell, the codes of its products are.
type VATCodes interface {
	VATCodes(ctx context.Context, s Session) ([]VATCode, error)
}

// VATCode is a rate by the host's name for it.
type VATCode struct {
	Code, Name string
	// Rate is in percent.
	Rate money.Percent
}

// ProductGroup is a group of products.
type ProductGroup struct{ Key, Name string }

// Prices reads the host's price lists.
type Prices interface {
	// Price gives the unit price that holds for the question; fault.NotFound where the product has
	// none in that currency.
	Price(ctx context.Context, s Session, q PriceQuestion) (Price, error)
}

// PriceQuestion asks for a price.
type PriceQuestion struct {
	Product string
	// Customer is the host's key, "" for a lead: then the standard list answers.
	Customer string
	Quantity money.Quantity
	Currency string
	Date     civil.Date
}

// Price is an answer.
type Price struct {
	// Unit is the net price of one unit.
	Unit money.Amount
	// Discount is the percentage the list grants beside it.
	Discount money.Percent
	// List names the price list, for people.
	List string
}
