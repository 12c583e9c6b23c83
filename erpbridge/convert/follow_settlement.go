package convert

import (
	"context"
	"errors"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
)

// Settlement is a deal from the promise to the payment: gross totals in one currency.
type Settlement struct {
	Currency string               `json:"currency"`
	Progress opportunity.Progress `json:"progress"`
	// Promised is what the accepted quotes say, with the options that were taken; zero where an
	// opportunity was ordered without a quote.
	Promised  money.Amount `json:"promised"`
	Ordered   money.Amount `json:"ordered"`
	Delivered money.Amount `json:"delivered"`
	Invoiced  money.Amount `json:"invoiced"`
	// Credited is what credit notes took off invoices that still stand.
	Credited money.Amount `json:"credited"`
	Paid     money.Amount `json:"paid"`
	// Open is what was invoiced and neither credited nor paid.
	Open      money.Amount      `json:"open"`
	Documents []SettledDocument `json:"documents"`
	Lines     []SettledLine     `json:"lines"`
	// Differences are what does not agree or is still to do, in the company's language.
	Differences []Difference `json:"differences"`
}

// SettledDocument is one document of a deal, as the host has it now.
type SettledDocument struct {
	Conversion ID              `json:"conversion"`
	Document   erpbridge.Ref   `json:"document"`
	Follows    *erpbridge.Ref  `json:"follows,omitempty"`
	State      erpbridge.State `json:"state"`
	Total      money.Amount    `json:"total"`
	Paid       money.Amount    `json:"paid"`
	Currency   string          `json:"currency"`
}

// SettledLine is one product of a deal with its quantities.
type SettledLine struct {
	Product   string         `json:"product"`
	Name      string         `json:"name"`
	Unit      string         `json:"unit"`
	Promised  money.Quantity `json:"promised"`
	Ordered   money.Quantity `json:"ordered"`
	Delivered money.Quantity `json:"delivered"`
	Invoiced  money.Quantity `json:"invoiced"`
}

// Difference is one thing that does not agree, or is still to do.
type Difference struct {
	// Code is order.missing, order.total, order.lines, invoice.over, to_deliver, to_invoice, to_pay or
	// overpaid.
	Code    string       `json:"code"`
	Amount  money.Amount `json:"amount"`
	Message string       `json:"message"`
}

// Settlement holds what a quote, or all quotes of an opportunity, promised against what the host made
// and got for it. The host is asked for the state of every document and for the orders' lines. It needs
// actor.Convert, and the quote or opportunity must be visible.
func (c *Conversions) Settlement(ctx context.Context, subject Subject) (Settlement, error) {
	var out Settlement
	var p promise
	var l locale.Language
	err := c.asking(ctx, func(ctx context.Context, s *store.Session, in *Conversions) (err error) {
		l = c.config.Locales(s.Actor.Company).Language
		p, err = in.promised(ctx, s, subject)
		return err
	}, func(ctx context.Context, hs erpbridge.Session) (err error) {
		out, err = c.settle(ctx, hs, p)
		return err
	})
	if err != nil {
		return Settlement{}, err
	}
	out.Differences = out.differences(c.config.Host.Tolerance, l)
	return out, nil
}

// promise is our side of a settlement.
type promise struct {
	currency string
	gross    money.Amount
	lines    []quote.Line
	steps    []*step
}

func (in *Conversions) promised(ctx context.Context, s *store.Session, subject Subject) (promise, error) {
	var p promise
	roots := []SubjectID{subject.ID}
	var quotes []quote.ID
	switch subject.Kind {
	case Quote:
		quotes = []quote.ID{quote.ID(subject.ID)}
	case Opportunity:
		card, err := in.config.Opportunities.Get(ctx, opportunity.ID(subject.ID))
		if err != nil {
			return p, err
		}
		p.currency = card.Currency
		list, err := in.config.Quotes.List(ctx, quote.Filter{
			Opportunity: quote.OpportunityID(subject.ID), States: []quote.State{quote.Accepted}, Page: store.Page{Limit: store.MaxLimit},
		})
		if err != nil {
			return p, err
		}
		for _, q := range list.Rows {
			quotes, roots = append(quotes, q.Quote.ID), append(roots, SubjectID(q.Quote.ID))
		}
	default:
		return p, fault.New(fault.Invalid, "a settlement is made of a quote or an opportunity, not of %q", subject.Kind)
	}
	for _, id := range quotes {
		card, err := in.config.Quotes.Get(ctx, id)
		if err != nil {
			return p, err
		}
		if p.currency == "" || len(p.lines) == 0 {
			p.currency = card.Quote.Currency
		}
		lines, totals, err := card.Chosen(card.Quote.Evidence.Options)
		if err != nil {
			return p, err
		}
		if card.Quote.Currency == p.currency {
			p.gross, p.lines = p.gross.Add(totals.Gross), append(p.lines, lines...)
		}
	}
	var err error
	p.steps, err = stepsOf(ctx, s, roots)
	return p, err
}

// settle asks the host and adds up.
func (c *Conversions) settle(ctx context.Context, hs erpbridge.Session, p promise) (Settlement, error) {
	out := Settlement{Currency: p.currency, Promised: p.gross}
	var refs []erpbridge.Ref
	for _, st := range p.steps {
		refs = append(refs, st.link.ref())
	}
	now, err := c.states(ctx, hs, refs)
	if err != nil {
		return out, err
	}
	table := tableOf(p.lines)
	for _, st := range p.steps {
		d, there := now[place{st.link.HostKind, st.link.HostKey}]
		fresh := freshOf(d)
		if !there {
			fresh.state, fresh.total = Missing, st.link.Total
		}
		st.link.HostState, st.link.Total, st.link.Paid = fresh.state, fresh.total, fresh.paid
		settled := SettledDocument{
			Conversion: st.ID, Document: st.link.ref(), State: fresh.state, Total: fresh.total, Paid: fresh.paid, Currency: st.link.Currency,
		}
		if st.parent != nil {
			ref := st.parent.link.ref()
			settled.Follows = &ref
		}
		out.Documents = append(out.Documents, settled)
		if err := c.settleLines(ctx, hs, st, table); err != nil {
			return out, err
		}
	}
	t := sumOf(p.steps)
	out.Ordered, out.Delivered, out.Invoiced, out.Credited, out.Paid = t.ordered, t.delivered, t.invoiced, t.credited, t.paid
	out.Open = t.invoiced.Sub(t.credited).Sub(t.paid)
	out.Progress = t.progress(c.config.Host.Tolerance)
	out.Lines = table.rows
	return out, nil
}

// settleLines counts the lines of an order, or of a document that was made without one.
func (c *Conversions) settleLines(ctx context.Context, hs erpbridge.Session, st *step, table *lineTable) error {
	kind := erpbridge.Kind(st.link.HostKind)
	if st.parent != nil || !live(st.link.HostState) {
		return nil
	}
	d, err := c.config.Host.Documents.Document(ctx, hs, st.link.ref())
	if err != nil {
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		return err
	}
	for _, l := range d.Lines {
		row := table.row(l.Product, l.Name, l.Unit)
		switch kind {
		case erpbridge.Order:
			row.Ordered, row.Delivered, row.Invoiced = row.Ordered.Add(l.Quantity), row.Delivered.Add(l.Delivered), row.Invoiced.Add(l.Invoiced)
		case erpbridge.DeliveryNote:
			row.Delivered, row.Invoiced = row.Delivered.Add(l.Quantity), row.Invoiced.Add(l.Invoiced)
		case erpbridge.Invoice:
			row.Invoiced = row.Invoiced.Add(l.Quantity)
		}
	}
	return nil
}

// lineTable has a row for each product, and for each text without one.
type lineTable struct{ rows []SettledLine }

func tableOf(lines []quote.Line) *lineTable {
	t := &lineTable{}
	for _, l := range lines {
		row := t.row(l.ProductKey, l.Name, l.Unit)
		row.Promised = row.Promised.Add(l.Quantity)
	}
	return t
}

func (t *lineTable) row(product, name, unit string) *SettledLine {
	for i, r := range t.rows {
		if r.Product == product && (product != "" || r.Name == name) {
			return &t.rows[i]
		}
	}
	t.rows = append(t.rows, SettledLine{Product: product, Name: name, Unit: unit})
	return &t.rows[len(t.rows)-1]
}

// differences says what does not agree and what is still to do, in the order of a deal's way.
func (t Settlement) differences(tolerance money.Amount, l locale.Language) []Difference {
	var out []Difference
	add := func(code string, amount money.Amount) {
		out = append(out, Difference{Code: code, Amount: amount, Message: Texts.T(l, "differs."+code, l.Money(amount, t.Currency))})
	}
	beyond := func(a money.Amount) bool { return a.Abs().GreaterThan(tolerance.Decimal) }
	invoiced := t.Invoiced.Sub(t.Credited)
	switch {
	case t.Promised.IsPositive() && t.Ordered.IsZero() && invoiced.IsZero():
		add("order.missing", t.Promised)
	case t.Promised.IsPositive() && t.Ordered.IsPositive() && beyond(t.Ordered.Sub(t.Promised)):
		add("order.total", t.Ordered.Sub(t.Promised))
	}
	toDeliver, fewer := false, false
	for _, line := range t.Lines {
		toDeliver = toDeliver || line.Delivered.Cmp(line.Ordered) < 0
		fewer = fewer || t.Ordered.IsPositive() && t.Promised.IsPositive() && !line.Promised.Equal(line.Ordered)
	}
	if fewer {
		add("order.lines", t.Ordered.Sub(t.Promised))
	}
	if toDeliver {
		add("to_deliver", t.Ordered.Sub(t.Delivered))
	}
	goal := t.Ordered
	if goal.IsZero() {
		goal = t.Promised
	}
	switch rest := goal.Sub(invoiced); {
	case goal.IsZero() || t.Ordered.IsZero() && invoiced.IsZero() || !beyond(rest):
	case rest.IsNegative():
		add("invoice.over", money.NewAmount(rest.Neg()))
	default:
		add("to_invoice", rest)
	}
	switch {
	case t.Open.IsPositive():
		add("to_pay", t.Open)
	case t.Open.IsNegative() && t.Invoiced.IsPositive():
		add("overpaid", money.NewAmount(t.Open.Neg()))
	}
	return out
}
