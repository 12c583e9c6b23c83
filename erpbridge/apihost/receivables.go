package apihost

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// Receivables reads the lists of the description until it has a page of whole customers. One list that the API
// sorts by customers is read from the customer on who ended the page before, in the API's own order. Lists that
// are not sorted, or several, are read whole for every page, and their customers stand in the order of their
// keys; what does not belong to the page is not kept.
func (d documents) Receivables(ctx context.Context, s erpbridge.Session, q erpbridge.ReceivablesQuery) ([]erpbridge.Receivable, error) {
	const doing = "reading what all customers owe"
	if !slices.ContainsFunc(d.Kinds(), func(k erpbridge.Kind) bool { return d.program.documents[k].owed != nil }) {
		return nil, fault.New(fault.NotFound, "the description of %s does not say how to read what all customers owe", d.spec.Name)
	}
	q.Limit = max(q.Limit, 1)
	var page debtors = &smallest{query: q, of: map[string]*debtor{}}
	vars := d.scope(s)
	for _, kind := range d.Kinds() {
		p := d.program.documents[kind]
		if p.owed == nil {
			continue
		}
		if p.spec.Receivables.Sorted {
			page, vars = &inOrder{query: q, done: map[string]bool{}}, vars.with("after", q.After)
		}
		if err := d.owing(ctx, s, kind, vars, page); err != nil {
			return nil, unlisted(err, doing, p.owed.list.at)
		}
	}
	return page.list(), nil
}

// owing reads one list.
func (d documents) owing(ctx context.Context, s erpbridge.Session, kind erpbridge.Kind, vars scope, page debtors) error {
	p := d.program.documents[kind]
	r := &run{host: d.host, s: s, vars: vars.with("answer", nil)}
	if err := r.all(ctx, p.owed.more); err != nil {
		if means(err) == missing {
			return &failure{means: later, message: "what the list begins behind is gone at " + d.spec.Name + "; ask for the first page again"}
		}
		return err
	}
	return d.client.pages(ctx, s, p.owed.list, r.vars, func(body any) (bool, error) {
		items, err := d.client.items.strict(body)
		for _, item := range items {
			vars := d.scope(s).with("answer", item)
			if name := p.openRead.lacking(ctx, vars, "customer", "key", "open"); name != "" {
				return false, misfit("an open item of the kind %s has no %s; look at documents.%s.open_read.%s", kind, name, kind, name)
			}
			one, err := read(ctx, p.openRead, openColumns, vars)
			if err != nil {
				return false, err
			}
			one.Document.Kind = kind
			if more, err := page.add(one); !more || err != nil {
				return false, err
			}
		}
		return true, err
	})
}

// debtors are the whole customers of a page.
type debtors interface {
	// add takes the next item of a list and says whether the page can take more.
	add(o owed) (more bool, err error)
	list() []owed
}

// debtor is a customer with what he owes, each document once: a list that moves between two pages of the API
// may name one twice.
type debtor struct {
	items []owed
	seen  map[erpbridge.Ref]bool
}

func (d *debtor) add(o owed) bool {
	if o.Open.IsZero() || d.seen[o.Document] {
		return false
	}
	if d.seen == nil {
		d.seen = map[erpbridge.Ref]bool{}
	}
	d.seen[o.Document] = true
	d.items = append(d.items, o)
	return true
}

// sorted are the items, the oldest due date first.
func (d *debtor) sorted() []owed {
	slices.SortFunc(d.items, func(a, b owed) int {
		return cmp.Or(a.Due.Compare(b.Due), a.Date.Compare(b.Date), strings.Compare(a.Document.Number, b.Document.Number), strings.Compare(a.Document.Key, b.Document.Key))
	})
	return d.items
}

// inOrder takes customers as the API orders them.
type inOrder struct {
	query erpbridge.ReceivablesQuery
	whole []owed
	// of is the customer whose items come, done are those before him.
	of      string
	current debtor
	done    map[string]bool
	// full: the current customer belongs to the next page.
	full bool
}

func (p *inOrder) add(o owed) (bool, error) {
	if o.Customer != p.of {
		if o.Customer == p.query.After && p.of == "" {
			return true, nil // the list begins with him, not behind him
		}
		p.close()
		if p.done[o.Customer] || o.Customer == p.query.After {
			return false, misfit("the open items are not in the order of customers, those of %s stand apart; let receivables ask for that order and begin behind after, or take sorted away", o.Customer)
		}
		if p.full = len(p.whole) >= p.query.Limit; p.full {
			return false, nil
		}
		p.of = o.Customer
	}
	p.current.add(o)
	p.full = len(p.whole) > 0 && len(p.whole)+len(p.current.items) > p.query.Limit
	return !p.full, nil
}

func (p *inOrder) close() {
	if p.of != "" {
		p.whole, p.done[p.of] = append(p.whole, p.current.sorted()...), true
		p.current, p.of = debtor{}, ""
	}
}

func (p *inOrder) list() []owed {
	if !p.full {
		p.close()
	}
	return p.whole
}

// smallest takes the customers with the smallest keys behind the last one of the page before, from lists in
// any order.
type smallest struct {
	query erpbridge.ReceivablesQuery
	of    map[string]*debtor
	// keys are those customers in order, n how many items they have.
	keys []string
	n    int
	// bound is the first customer who is known not to belong to the page, "" for none.
	bound string
}

func (p *smallest) add(o owed) (bool, error) {
	if o.Customer <= p.query.After || p.bound != "" && o.Customer >= p.bound {
		return true, nil
	}
	one := p.of[o.Customer]
	if one == nil {
		one = &debtor{}
	}
	if !one.add(o) {
		return true, nil
	}
	if p.of[o.Customer] == nil {
		i, _ := slices.BinarySearch(p.keys, o.Customer)
		p.keys, p.of[o.Customer] = slices.Insert(p.keys, i, o.Customer), one
	}
	for p.n++; p.n > p.query.Limit && len(p.keys) > 1; { // what the last one has is too much, and can only grow
		p.bound = p.keys[len(p.keys)-1]
		p.n -= len(p.of[p.bound].items)
		delete(p.of, p.bound)
		p.keys = p.keys[:len(p.keys)-1]
	}
	return true, nil
}

func (p *smallest) list() []owed {
	var out []owed
	for _, key := range p.keys {
		out = append(out, p.of[key].sorted()...)
	}
	return out
}

// Settled reads what the customers paid since the day, some of them by one request, and where payments do not
// say what became of their invoices, those invoices.
func (d documents) Settled(ctx context.Context, s erpbridge.Session, customers []string, since civil.Date) ([]erpbridge.Settled, error) {
	const doing = "reading who has paid"
	p := d.program.documents[erpbridge.Invoice]
	if p == nil || p.settled == nil {
		return nil, nil
	}
	if since.Before(firstDay) {
		since = firstDay
	}
	var out []erpbridge.Settled
	for chunk := range slices.Chunk(customers, p.settled.payments.atOnce) {
		found, keys, err := d.paid(ctx, s, chunk, since)
		if err == nil && p.settled.invoices != nil {
			found, keys, err = d.paidInFull(ctx, s, found, keys)
		}
		if err != nil {
			return nil, unlisted(err, doing, "documents.invoice.settled")
		}
		for _, key := range keys {
			if one := found[key]; slices.Contains(chunk, one.Customer) && !one.Due.IsZero() {
				out = append(out, one)
			}
		}
	}
	return out, nil
}

// paid are the invoices that some customers paid for since the day, by their keys, with the day of the last
// payment; keys are in the order in which they were found.
func (d documents) paid(ctx context.Context, s erpbridge.Session, customers []string, since civil.Date) (found map[string]erpbridge.Settled, keys []string, err error) {
	p := d.program.documents[erpbridge.Invoice].settled
	found = map[string]erpbridge.Settled{}
	needed := []string{"key", "paid"}
	if p.invoices == nil {
		needed = append(needed, "customer", "due")
	}
	err = d.by(ctx, s, p.payments, d.scope(s).with("since", since), customers, func(payments []any) error {
		for _, payment := range payments {
			for _, item := range p.invoicesOf(payment) {
				vars := d.scope(s).with("answer", item).with("parent", payment)
				if name := p.read.lacking(ctx, vars, needed...); name != "" {
					return misfit("a payment has no %s; look at documents.invoice.settled.read.%s", name, name)
				}
				one, err := read(ctx, p.read, settledColumns, vars)
				if err != nil {
					return err
				}
				key := one.Document.Key
				last, known := found[key]
				if one.Paid.Before(since) || known && !one.Paid.After(last.Paid) {
					continue
				}
				if !known {
					keys = append(keys, key)
				}
				one.Document = erpbridge.Ref{Kind: erpbridge.Invoice, Key: key, Number: orText(one.Document.Number, key)}
				found[key] = one
			}
		}
		return nil
	})
	return found, keys, err
}

// invoicesOf are the invoices in a payment, or what is listed itself.
func (p *settledPlan) invoicesOf(payment any) []any {
	list := []any{payment}
	if p.items.source != "" {
		list = p.items.list(payment)
	}
	var out []any
	for _, item := range list {
		if fits(item, p.where) {
			out = append(out, item)
		}
	}
	return out
}

// paidInFull reads the invoices and leaves those that are paid.
func (d documents) paidInFull(ctx context.Context, s erpbridge.Session, paid map[string]erpbridge.Settled, asked []string) (found map[string]erpbridge.Settled, keys []string, err error) {
	p := d.program.documents[erpbridge.Invoice].settled
	found = map[string]erpbridge.Settled{}
	for chunk := range slices.Chunk(asked, p.invoices.atOnce) {
		err := d.by(ctx, s, p.invoices, d.scope(s), chunk, func(items []any) error {
			for _, item := range items {
				doc, err := d.read(ctx, s, erpbridge.Invoice, item)
				if err != nil {
					return err
				}
				one, ours := paid[doc.Key]
				if _, twice := found[doc.Key]; !ours || twice || doc.State != erpbridge.Paid {
					continue
				}
				one.Customer, one.Document, one.Due = doc.Customer, doc.Ref, doc.Due
				found[doc.Key], keys = one, append(keys, doc.Key)
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return found, keys, nil
}
