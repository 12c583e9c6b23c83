package api

import (
	"context"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/reports/quantity"
)

// Quantities are the products that will be needed, by month.
type Quantities struct {
	Periods      []Period      `json:"periods" doc:"The months."`
	Rows         []QuantityRow `json:"rows" doc:"The largest need first."`
	OrderedKnown bool          `json:"ordered_known" doc:"Whether what was ordered is told: by the ERP, to who sees everything."`
	MoreOrders   bool          `json:"more_orders,omitempty" doc:"There are more open orders than were counted."`
}

// QuantityRow is a product.
type QuantityRow struct {
	Product      string         `json:"product"`
	Name         string         `json:"name"`
	ProductGroup string         `json:"product_group,omitempty"`
	Unit         string         `json:"unit"`
	Cells        []QuantityCell `json:"cells" doc:"One for each month."`
	Sum          QuantityCell   `json:"sum" doc:"Of all cells."`
	Undated      QuantityCell   `json:"undated" doc:"Without a date, or of opportunities with one that is past; in no sum."`
	Later        QuantityCell   `json:"later" doc:"Expected behind the last month; in no sum."`
}

// QuantityCell is a product in a month.
type QuantityCell struct {
	Weighted      Decimal `json:"weighted" doc:"Of open opportunities and their issued quotes, times the chance; what is won and not ordered counts in full."`
	Commit        Decimal `json:"commit" doc:"What is as good as sure."`
	Best          Decimal `json:"best" doc:"What belongs to the best case."`
	All           Decimal `json:"all"`
	Opportunities int64   `json:"opportunities" doc:"How many that is of."`
	Ordered       Decimal `json:"ordered" doc:"Ordered in the ERP and not delivered yet; in none of the others."`
}

// QuantityBehind is what stands behind a product.
type QuantityBehind struct {
	Opportunities []QuantityDeal  `json:"opportunities" doc:"The nearest close first, at most 500."`
	Orders        []QuantityOrder `json:"orders" doc:"The nearest delivery first, at most 500."`
}

// QuantityDeal is an opportunity that a product will be needed for.
type QuantityDeal struct {
	OpportunityID ID      `json:"opportunity_id"`
	Name          string  `json:"name"`
	Customer      string  `json:"customer"`
	OwnerUser     string  `json:"owner_user"`
	State         string  `json:"state" enum:"open,won"`
	ExpectedClose Date    `json:"expected_close,omitempty"`
	Chance        Decimal `json:"chance" doc:"In percent."`
	Quantity      Decimal `json:"quantity"`
	Unit          string  `json:"unit"`
}

// QuantityOrder is what is left of a product on an order of the ERP.
type QuantityOrder struct {
	Key      string  `json:"key"`
	Number   string  `json:"number"`
	Customer string  `json:"customer" doc:"The ERP's key."`
	Date     Date    `json:"date"`
	Due      Date    `json:"due,omitempty" doc:"The promised day of delivery."`
	Left     Decimal `json:"left"`
	Unit     string  `json:"unit"`
}

func quantityCellOf(c quantity.Cell) QuantityCell {
	return QuantityCell{decimalOf(c.Weighted), decimalOf(c.Commit), decimalOf(c.Best), decimalOf(c.All), c.Deals, decimalOf(c.Ordered)}
}

// QuantityQuestion asks which products will be needed.
type QuantityQuestion struct {
	Months       int    `query:"months" minimum:"1" maximum:"24" default:"6" doc:"From this one on."`
	ProductGroup string `query:"product_group"`
}

func (a *server) quantities() {
	r := get("list-quantities", "/quantities", figureTag, "Read which products will be needed by month, for those who buy")
	r.Rights = rights(actor.OpportunityRead)
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		QuantityQuestion
	}) (*Out[Quantities], error) {
		t, err := m.Quantities.Table(ctx, quantity.Query{Months: in.Months, Group: in.ProductGroup})
		return &Out[Quantities]{Quantities{each(t.Periods, periodOf), each(t.Rows, func(r quantity.Row) QuantityRow {
			return QuantityRow{r.Product, r.Name, r.Group, r.Unit, each(r.Cells, quantityCellOf), quantityCellOf(r.Sum), quantityCellOf(r.Undated), quantityCellOf(r.Later)}
		}), t.Known, t.More}}, err
	})
	r = get("get-quantity", "/quantities/{product}", figureTag, "Read the opportunities and orders behind a product")
	r.Rights = rights(actor.OpportunityRead)
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Product string `path:"product" doc:"The ERP's key of the product."`
	}) (*Out[QuantityBehind], error) {
		b, err := m.Quantities.Behind(ctx, in.Product)
		return &Out[QuantityBehind]{QuantityBehind{
			each(b.Deals, func(d quantity.Deal) QuantityDeal {
				return QuantityDeal{idOf(d.ID), d.Name, d.Customer, d.Owner, string(d.State), dateOf(d.ExpectedClose), decimalOf(d.Chance), decimalOf(d.Quantity), d.Unit}
			}),
			each(b.Orders, func(o quantity.Order) QuantityOrder {
				return QuantityOrder{o.Document.Key, o.Document.Number, o.Customer, dateOf(o.Date), dateOf(o.Due), decimalOf(o.Left), o.Unit}
			}),
		}}, err
	})
}
