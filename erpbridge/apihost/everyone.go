package apihost

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// The ports that read all customers at once. An API pages and sorts as it likes; the ports want pages of
// their own size, in an order that the next page can go on from. What is between the two is here.

// misfit is an answer that the description does not expect.
func misfit(format string, args ...any) *failure {
	return &failure{means: admin, message: "the host's answer does not fit the description: " + fmt.Sprintf(format, args...)}
}

// unlisted is the failure of a list. One that the host does not know is a mistake of the description: that a
// record is missing means other things to those who ask.
func unlisted(err error, doing, at string) error {
	if means(err) == missing {
		err = misfit("the host does not know the list; look at %s", at)
	}
	return say(err, "%s", doing)
}

// lacking names the first of the fields that the answer does not have, "" for none: what is left out must not
// count as 0.
func (r reader) lacking(ctx context.Context, vars scope, names ...string) string {
	for _, f := range r.fields {
		if !slices.Contains(names, f.name) {
			continue
		}
		if v, err := f.value(ctx, vars); err != nil || v == nil || v == "" {
			return f.name
		}
	}
	return ""
}

// firstDay stands for all days: older ones are none to the databases of some ERPs.
var firstDay = civil.Date{Year: 1900, Month: time.January, Day: 1}

// ahead are the orders that come next behind the last one of the page before, by date and key, as far as the
// list was read: never more than the page may have.
type ahead struct {
	query erpbridge.BacklogQuery
	found []erpbridge.Undelivered
	// sorted: the list is in the order of dates; last is that of the order before.
	sorted bool
	last   civil.Date
}

func behind(a, b erpbridge.Undelivered) int {
	return cmp.Or(a.Date.Compare(b.Date), strings.Compare(a.Order.Key, b.Order.Key))
}

// wants reports whether an order belongs to the page, as far as is known.
func (a *ahead) wants(o erpbridge.Undelivered) bool {
	if o.Date.Before(a.query.From) || a.query.After != nil && behind(o, *a.query.After) <= 0 {
		return false
	}
	return len(a.found) < a.query.Limit || behind(o, a.found[len(a.found)-1]) < 0
}

func (a *ahead) add(o erpbridge.Undelivered) {
	i, there := slices.BinarySearchFunc(a.found, o, behind)
	if there {
		return // the list moved between two pages of the API, which named it twice
	}
	a.found = slices.Insert(a.found, i, o)
	a.found = a.found[:min(len(a.found), a.query.Limit)]
}

// open reports whether what comes next in the list may belong to the page.
func (a *ahead) open() bool {
	return !a.sorted || len(a.found) < a.query.Limit || a.last.Compare(a.found[len(a.found)-1].Date) <= 0
}

// Backlog reads the list of the description until it has a page: at most the orders of that page and one page
// of the API are held.
func (d documents) Backlog(ctx context.Context, s erpbridge.Session, q erpbridge.BacklogQuery) ([]erpbridge.Undelivered, error) {
	const doing = "reading what is still to be delivered"
	p := d.program.documents[erpbridge.Order]
	if p == nil || p.backlog == nil {
		return nil, fault.New(fault.NotFound, "the description of %s does not say how to read what is still to be delivered", d.spec.Name)
	}
	q.Limit = max(q.Limit, 1)
	a := &ahead{query: q, sorted: p.spec.Backlog.Sorted}
	from := q.From
	if q.After != nil && q.After.Date.After(from) {
		from = q.After.Date
	}
	if from.Before(firstDay) {
		from = firstDay
	}
	err := d.client.pages(ctx, s, p.backlog, d.scope(s).with("from", from), func(body any) (bool, error) {
		items, err := d.client.items.strict(body)
		for _, item := range items {
			if err = d.next(ctx, s, a, item); err != nil {
				return false, err
			}
		}
		return a.open(), err
	})
	if err == nil {
		err = d.grouped(ctx, s, a.found)
	}
	if err != nil {
		return nil, unlisted(err, doing, p.backlog.at)
	}
	return a.found, nil
}

// next takes one order of the list, where something is left of it.
func (d documents) next(ctx context.Context, s erpbridge.Session, a *ahead, item any) error {
	p := d.program.documents[erpbridge.Order]
	doc, vars, err := d.whole(ctx, s, item)
	if err != nil {
		return err
	}
	if name := p.read.lacking(ctx, vars.with("lines", draftedLines(doc.Lines)), "date", "customer"); name != "" {
		return misfit("order %s has no %s; look at documents.order.read.%s", orText(doc.Number, doc.Key), name, name)
	}
	if a.sorted && doc.Date.Before(a.last) {
		return misfit("the orders are not in the order of their dates, %s comes after %s; let documents.order.backlog ask for that order, or take sorted away", doc.Date, a.last)
	}
	a.last = doc.Date
	one := erpbridge.Undelivered{Order: erpbridge.Ref{Kind: erpbridge.Order, Key: doc.Key, Number: orText(doc.Number, doc.Key)}, Customer: doc.Customer, Date: doc.Date, Due: doc.Due}
	if doc.State == erpbridge.Cancelled || doc.State == erpbridge.Completed || !a.wants(one) {
		return nil
	}
	if p.lines.get(item) == nil { // the list gives heads only
		if item, err = d.raw(ctx, s, p, doc.Key); err == nil {
			doc, vars, err = d.whole(ctx, s, item)
		}
		if means(err) == missing {
			return nil // it went while the list was read
		}
		if err != nil {
			return err
		}
	}
	if one.Lines, err = p.left(ctx, vars, doc); err == nil && len(one.Lines) > 0 {
		a.add(one)
	}
	return err
}

// whole reads an order, and gives what formulas saw.
func (d documents) whole(ctx context.Context, s erpbridge.Session, item any) (document, scope, error) {
	r := &run{host: d.host, s: s, vars: d.scope(s).with("answer", item)}
	if err := r.all(ctx, d.program.documents[erpbridge.Order].more); err != nil {
		return document{}, nil, err
	}
	doc, err := d.decode(ctx, erpbridge.Order, r.vars)
	return doc, r.vars, err
}

// left are the lines of products of which something is left. vars are what the order was read from.
func (p *documentPlan) left(ctx context.Context, vars scope, doc document) ([]erpbridge.UndeliveredLine, error) {
	order := vars["answer"]
	if p.lines.list(order) == nil {
		return nil, misfit("order %s has no list of lines at %s; look at documents.order.lines", orText(doc.Number, doc.Key), p.lines.source)
	}
	var out []erpbridge.UndeliveredLine
	for i, raw := range p.ours(order) {
		l := doc.Lines[i]
		if l.Product == "" || !fits(raw, p.spec.Backlog.Where) {
			continue
		}
		if name := p.lineRead.lacking(ctx, vars.with("answer", raw).with("parent", order), "quantity", "delivered"); name != "" {
			return nil, misfit("line %d of order %s has no %s; look at documents.order.line_read.%s", i+1, orText(doc.Number, doc.Key), name, name)
		}
		if left := l.Quantity.Sub(l.Delivered); left.IsPositive() {
			out = append(out, erpbridge.UndeliveredLine{Product: l.Product, Name: l.Name, Unit: l.Unit, Left: left})
		}
	}
	return out, nil
}

const (
	// freshGroups is how long the groups of products are kept, mostGroups of how many products by company.
	freshGroups = 5 * time.Minute
	mostGroups  = 20_000
)

// productGroups are the groups of products by their keys.
type productGroups struct {
	of    map[string]string
	until time.Time
}

// grouped adds the groups of the products, where the description reads them.
func (d documents) grouped(ctx context.Context, s erpbridge.Session, orders []erpbridge.Undelivered) error {
	if d.products == nil || !d.products.read.has("group") {
		return nil
	}
	of := map[string]string{}
	for _, o := range orders {
		for _, l := range o.Lines {
			of[l.Product] = ""
		}
	}
	if err := d.groupsOf(ctx, s, of); err != nil {
		return err
	}
	for _, o := range orders {
		for i := range o.Lines {
			o.Lines[i].Group = of[o.Lines[i].Product]
		}
	}
	return nil
}

// groupsOf fills in the groups of the products, those from before as long as they are fresh.
func (h *host) groupsOf(ctx context.Context, s erpbridge.Session, of map[string]string) error {
	h.mu.Lock()
	known := h.groups[s.Company]
	var ask []string
	for _, key := range sortedKeys(of) {
		if group, ok := known.of[key]; ok && h.now().Before(known.until) {
			of[key] = group
		} else {
			ask = append(ask, key)
		}
	}
	h.mu.Unlock()
	p := h.products
	size := 1
	if p.among != nil {
		size = p.among.atOnce
	}
	for chunk := range slices.Chunk(ask, size) {
		if err := h.someGroups(ctx, s, chunk, of); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	known = h.groups[s.Company]
	if !h.now().Before(known.until) || len(known.of)+len(ask) > mostGroups {
		known = productGroups{of: map[string]string{}, until: h.now().Add(freshGroups)}
	}
	for _, key := range ask {
		known.of[key] = of[key]
	}
	h.groups[s.Company] = known
	return nil
}

// someGroups asks for some products by one request; one by one where the description has none for many, or
// where one of the keys spoils it for all.
func (h *host) someGroups(ctx context.Context, s erpbridge.Session, keys []string, of map[string]string) error {
	p := h.products
	if p.among != nil {
		err := h.by(ctx, s, p.among, h.scope(s), keys, func(items []any) error {
			list, err := many(ctx, p.read, productColumns, h.scope(s), items)
			for _, one := range list {
				if _, asked := of[one.Key]; asked {
					of[one.Key] = one.Group
				}
			}
			return err
		})
		if !refusedOrMissing(err) {
			return err
		}
	}
	for _, key := range keys {
		a, err := h.client.send(ctx, s, p.get, h.scope(s).with("product", values(productColumns, product{Key: key})))
		if refusedOrMissing(err) {
			continue // it is no product any more, and has no group
		}
		if err != nil {
			return err
		}
		one, err := read(ctx, p.read, productColumns, h.scope(s).with("answer", a.body))
		if err != nil {
			return err
		}
		of[key] = one.Group
	}
	return nil
}
