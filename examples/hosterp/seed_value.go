package main

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil/erp"
)

// habit is how a customer orders: each so many days, the last time some days ago.
type habit struct{ every, last, times int }

// trades are the habits of a company's first customers: most keep to them, some fell silent, one order is due each year.
var trades = []habit{
	{30, 12, 12}, {30, 96, 10}, {45, 20, 8}, {21, 9, 14}, {60, 35, 6}, {60, 190, 6}, {14, 5, 16}, {90, 40, 5}, {365, 345, 2}, {30, 3, 8}, {45, 30, 7}, {75, 60, 6},
}

// habits gives customers of the ERP some years of orders and an owner among the sellers, and counts what they are worth.
func (sc *scene) habits(ctx context.Context, s *shop) error {
	system := actor.With(ctx, actor.System(sc.company, "example customers"))
	sc.clock.move(sc.today)
	var keys []string
	for i := range trades {
		c, err := sc.module.Customer(system, fmt.Sprintf("C%06d", i+1))
		if err != nil {
			return err
		}
		keys = append(keys, c.Key)
		who, err := sc.module.Parties.OfCustomer(system, c)
		if err != nil {
			return err
		}
		seller := sc.people[i%len(sc.people)]
		if err := sc.module.Parties.Assign(system, who.ID, party.Owner{User: seller.UserID, Team: seller.Team()}); err != nil {
			return err
		}
	}
	err := s.books.Work(ctx, erp.Clerk{Company: sc.company, User: sc.people[0].UserID}, func(ctx context.Context, hs erpbridge.Session) error {
		today := hs.Today
		for i, h := range trades {
			for n := h.times - 1; n >= 0; n-- {
				hs.Token, hs.Today = fmt.Sprintf("%s habit %d %d", sc.company, i, n), today.AddDays(-h.last-n*h.every)
				order, err := sc.order(ctx, s, hs, i, keys[i], n == 0)
				if err == nil && n > 0 {
					hs.Today = today
					err = sc.paid(ctx, s, hs, order, i, n)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = sc.module.Values.Work(system)
	return err
}

// terms is how many days each customer has to pay, and how many he takes more than that.
func terms(i int) (days, late int) { return 15 + i%4*25, i % 3 * 7 }

// paid invoices an order and takes the money, as far as the customer has paid until today: some pay late, and every
// twelfth invoice is forgotten.
func (sc *scene) paid(ctx context.Context, s *shop, hs erpbridge.Session, order erpbridge.Document, i, n int) error {
	today := hs.Today
	days, late := terms(i)
	hs.Token, hs.Today = hs.Token+" invoice", order.Date.AddDays(5)
	if hs.Today.After(today) {
		return nil
	}
	draft := erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Invoice}, Customer: order.Customer, Date: hs.Today, Due: hs.Today.AddDays(days), Source: &order.Ref}
	for _, l := range order.Lines {
		draft.Lines = append(draft.Lines, erpbridge.DocumentLine{SourceLine: l.Key, Quantity: l.Quantity})
	}
	invoice, err := s.books.Host().Documents.Create(ctx, hs, draft)
	if err != nil {
		return err
	}
	if _, err := s.books.PostInvoice(ctx, hs, invoice.Number); err != nil {
		return err
	}
	on := invoice.Due.AddDays(late + n%3)
	if on.After(today) || (i+n)%12 == 7 {
		return nil
	}
	_, err = s.books.PayInvoice(ctx, hs, invoice.Number, on)
	return err
}

// order writes one order of a habit: two products of his own, and for two customers of three a third that goes with the
// first. The last one of every fourth customer lacks the second; last ones are promised for later than eight days.
func (sc *scene) order(ctx context.Context, s *shop, hs erpbridge.Session, i int, customer string, last bool) (erpbridge.Document, error) {
	locale := s.locale(sc.company)
	goods := []erpbridge.Product{sc.products[i%3], sc.products[3+i%5]}
	if i%3 > 0 {
		goods = append(goods, sc.products[9+i%3])
	}
	if last && i%4 == 0 {
		goods = goods[:1]
	}
	draft := erpbridge.Document{
		Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: customer, Date: hs.Today, Due: hs.Today.AddDays(8), Currency: locale.Currency,
	}
	if last {
		draft.Due = draft.Date.AddDays(15 + i*11)
	}
	for k, p := range goods {
		quantity := money.NewQuantity(decimal.NewFromInt(int64(1 + (i*7+k*3)%12)))
		price, err := s.books.Host().Prices.Price(ctx, hs, erpbridge.PriceQuestion{Product: p.Key, Quantity: quantity, Currency: locale.Currency, Date: hs.Today})
		if err != nil {
			return erpbridge.Document{}, err
		}
		draft.Lines = append(draft.Lines, erpbridge.DocumentLine{Product: p.Key, Quantity: quantity, UnitPrice: price.Unit, Discount: price.Discount, VATCode: p.VATCode})
	}
	return s.books.Host().Documents.Create(ctx, hs, draft)
}
