package apihost

import (
	"slices"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge"
)

// everyone compiles the lists of all customers that a kind of documents has.
func (c *compiler) everyone(at string, kind erpbridge.Kind, d *Document, plan *documentPlan) {
	if d.Backlog != nil {
		if kind != erpbridge.Order {
			c.add(at+".backlog", "kind", "what is still to be delivered is told of orders only; move it to documents.order")
		}
		c.need(at+".line_read", d.LineRead, "delivered")
		plan.backlog = c.call(at+".backlog.list", &d.Backlog.List, c.base.With(formula.Field{Name: "from", Kind: formula.Date, Doc: "the first day that is asked for, 1900-01-01 for all"}))
	}
	if d.Receivables != nil {
		plan.owed = c.owed(at, d)
	}
	if d.Settled != nil {
		plan.settled = c.settled(at, kind, d)
	}
}

func (c *compiler) owed(at string, d *Document) *owedPlan {
	if d.OpenItems == nil {
		c.add(at+".receivables", "required", "needs %s.open_items beside it: what one customer owes; describe that too", at)
	}
	c.need(at+".open_read", d.OpenRead, "customer")
	at += ".receivables"
	env := c.base
	if d.Receivables.Sorted {
		env = env.With(text1("after", "the last customer of the page before, empty for the first page"))
	}
	out := &owedPlan{}
	out.more, env = c.calls(at+".more", d.Receivables.More, env)
	out.list = c.call(at+".list", &d.Receivables.List, env)
	looks := func(q *call) bool { return slices.Contains(q.names(), "after") }
	if d.Receivables.Sorted && !looks(out.list) && !slices.ContainsFunc(out.more, looks) {
		c.add(at+".sorted", "sorted", "the list does not look at after, so every page would be the first one; begin it behind the customer in after, or take sorted away")
	}
	return out
}

func (c *compiler) settled(at string, kind erpbridge.Kind, d *Document) *settledPlan {
	s := d.Settled
	if kind != erpbridge.Invoice {
		c.add(at+".settled", "kind", "invoices are what is settled; move it to documents.invoice")
	}
	if d.Receivables == nil {
		c.add(at+".settled", "required", "needs %s.receivables beside it; describe that too", at)
	}
	at += ".settled"
	out := &settledPlan{
		payments: c.among(at+".payments", &s.Payments, c.base.With(formula.Field{Name: "since", Kind: formula.Date, Doc: "the first day of payment"})),
		invoices: c.among(at+".invoices", s.Invoices, c.base), items: c.path(at+".items", s.Items), where: s.Where,
		read: reading(c, at+".read", s.Read, nil, settledColumns, answerEnv(c.base).With(openRecord("parent", "the payment"))),
	}
	c.need(at+".read", s.Read, "key", "paid")
	if s.Invoices == nil {
		c.need(at+".read", s.Read, "customer", "due")
	}
	return out
}

// joined checks what the kinds of documents say together.
func (c *compiler) joined(d *Description) {
	var lists []erpbridge.Kind
	for _, kind := range kinds {
		if one := d.Documents[kind]; one != nil && one.Receivables != nil {
			lists = append(lists, kind)
		}
	}
	for _, kind := range lists {
		if len(lists) > 1 && d.Documents[kind].Receivables.Sorted {
			c.add("documents."+string(kind)+".receivables.sorted", "sorted", "the receivables of %v are joined here, customer by customer, which two orders of an API do not allow; take sorted away", lists)
		}
	}
}

// names are what the formulas of a request read.
func (q *call) names() []string {
	var out []string
	add := func(p *formula.Program) {
		if p != nil {
			out = append(out, p.Names()...)
		}
	}
	texts := []template{q.path}
	for _, p := range slices.Concat(q.query, q.headers) {
		texts = append(texts, p.value)
	}
	for _, t := range texts {
		for _, p := range t.pieces {
			add(p.program)
		}
	}
	add(q.when)
	visit(q.body, add)
	return out
}

// visit shows the formulas of a body.
func visit(n node, see func(*formula.Program)) {
	switch x := n.(type) {
	case computed:
		see(x.program)
	case sequence:
		for _, inner := range x {
			visit(inner, see)
		}
	case record:
		see(x.where)
		for _, inner := range x.nodes {
			visit(inner, see)
		}
	}
}
