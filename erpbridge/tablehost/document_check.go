package tablehost

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

// rules are what the mapping says about drafts of one kind.
type rules struct {
	kind erpbridge.Kind
	// follows are the kinds that the draft may follow; direct says that it need not.
	follows []erpbridge.Kind
	direct  bool
	// whole: the followed document is taken as it is, all lines with all that remains of them.
	whole bool
	// taken gives how much of a line was followed by documents of this kind; zero where that is not
	// counted, because one may be asked for again.
	taken func(erpbridge.DocumentLine) money.Quantity
	// invoice: the customer needs what Customers.ToInvoice names.
	invoice bool
	// sold: products that are discontinued are refused.
	sold bool
	// taxed: lines carry a VAT code.
	taxed bool
	// currency is the only one the host has, "" where documents say theirs.
	currency string
	perLine  bool
	// text and duplicates are those of Lines.
	text, duplicates string
}

// rulesOf gives what holds for a kind beside what its mapping says.
func rulesOf(kind erpbridge.Kind, spec *Document) rules {
	r := rules{kind: kind, direct: kind != erpbridge.DeliveryNote, taxed: true}
	r.taken = func(erpbridge.DocumentLine) money.Quantity { return money.Quantity{} }
	if spec.Direct != nil {
		r.direct = *spec.Direct
	}
	if spec.Of != "" {
		r.whole, r.direct, r.follows = true, false, []erpbridge.Kind{spec.Of}
	}
	if spec.Source != nil {
		r.follows = spec.Source.From
	}
	if spec.Lines != nil {
		r.text, r.duplicates = spec.Lines.Text, spec.Lines.Duplicates
	}
	switch kind {
	case erpbridge.DeliveryNote:
		r.taken = func(l erpbridge.DocumentLine) money.Quantity { return l.Delivered }
	case erpbridge.Invoice:
		r.taken = func(l erpbridge.DocumentLine) money.Quantity { return l.Invoiced }
		r.invoice = true
	case erpbridge.AdvanceInvoice:
		r.invoice = true
	case erpbridge.Order, erpbridge.Quotation:
		r.sold = true
	}
	return r
}

// dossier is what a draft is judged by. Everything in it was read before; what does not exist is
// missing in it.
type dossier struct {
	// source is the followed document, nil where it does not exist; order the one behind a delivery.
	source, order *erpbridge.Document
	customer      *erpbridge.Customer
	// missing is what an invoice lacks of the customer.
	missing []fault.Fault
	// credited is how much of each line of a followed invoice was credited; uncreditable says why nothing of it
	// can be.
	credited     map[string]money.Quantity
	uncreditable string
	// products by key, the one that stands for a line of text under textProduct.
	products    map[string]erpbridge.Product
	textProduct string
	vat         map[string]vatRate
	// due gives the date of payment or delivery where the draft has none.
	due func(erpbridge.Document) (civil.Date, error)
}

// vatRate is a rate and the days on which it is in force; zero dates are open ends.
type vatRate struct {
	Rate     money.Percent
	From, To civil.Date
}

func (v vatRate) inForce(day civil.Date) bool {
	return !day.Before(v.From) && (v.To.IsZero() || !day.After(v.To))
}

// examination judges one draft. Faults are collected to the end; what the draft leaves open is completed
// on the way, from the followed document, the product and the customer.
type examination struct {
	rules
	dossier
	draft  erpbridge.Document
	faults fault.List
	// left is what may still follow, by line of the source and by line of the order behind it.
	left map[leftKey]money.Quantity
}

type leftKey struct {
	kind erpbridge.Kind
	line string
}

// examine judges a draft and completes it. The lines are not merged yet, so that paths name the draft's own.
func examine(r rules, d dossier, draft erpbridge.Document) (*examination, error) {
	e := &examination{rules: r, dossier: d, draft: draft, left: map[leftKey]money.Quantity{}}
	e.draft.Lines = slices.Clone(draft.Lines)
	if e.draft.Date.IsZero() {
		e.faults.Required("date", "")
	}
	e.checkSource()
	if err := e.checkCustomer(); err != nil {
		return nil, err
	}
	e.checkCurrency()
	e.checkLines()
	checkText(&e.faults, "reference", draft.Reference)
	checkText(&e.faults, "note", draft.Note)
	counting{e.draft.Currency, e.perLine}.count(&e.draft)
	return e, nil
}

// checkSource holds the draft against the document it follows, and counts what is left of that.
func (e *examination) checkSource() {
	d := &e.draft
	if d.Source == nil {
		if !e.direct {
			e.faults.Add("source", "required", "is missing; a document of the kind %q follows one of the kind %s", e.kind, kindList(e.follows))
		}
		return
	}
	if !slices.Contains(e.follows, d.Source.Kind) {
		e.faults.Add("source", "source.kind", "a document of the kind %q cannot follow one of the kind %q", d.Kind, d.Source.Kind)
		e.source = nil
		return
	}
	source := e.source
	if source == nil {
		e.faults.Add("source", "source.unknown", "there is no %s %q", d.Source.Kind, d.Source.Key)
		return
	}
	if source.State == erpbridge.Cancelled || source.State == erpbridge.Credited {
		e.faults.Add("source", "source.cancelled", "%s %s is %s; nothing can follow it", source.Kind, source.Number, source.State)
	}
	if e.uncreditable != "" {
		e.faults.Add("source", "source.state", "%s", e.uncreditable)
	}
	if d.Customer == "" {
		d.Customer = source.Customer
	} else if d.Customer != source.Customer {
		e.faults.Add("customer", "source.customer", "is %s, but %s %s is for %s", d.Customer, source.Kind, source.Number, source.Customer)
	}
	if d.Currency == "" {
		d.Currency = source.Currency
	} else if d.Currency != source.Currency {
		e.faults.Add("currency", "source.currency", "is %s, but %s %s is in %s", d.Currency, source.Kind, source.Number, source.Currency)
	}
	d.Source = &source.Ref
	for _, l := range source.Lines {
		e.left[leftKey{source.Kind, l.Key}] = l.Quantity.Sub(e.taken(l)).Sub(e.credited[l.Key])
	}
	if e.order == nil || e.kind != erpbridge.Invoice {
		e.order = nil
		return
	}
	// What was invoiced from the order directly cannot be invoiced again from its delivery note.
	for _, l := range e.order.Lines {
		e.left[leftKey{e.order.Kind, l.Key}] = l.Quantity.Sub(e.taken(l))
	}
}

func kindList(kinds []erpbridge.Kind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = fmt.Sprintf("%q", k)
	}
	if len(words) == 0 {
		return "(the mapping names none)"
	}
	return strings.Join(words, " or ")
}

func (e *examination) checkCustomer() error {
	d := &e.draft
	if d.Customer == "" {
		e.faults.Required("customer", "")
		return nil
	}
	if e.customer == nil {
		e.faults.Add("customer", "customer.unknown", "there is no customer %q", d.Customer)
		return nil
	}
	if e.customer.Blocked {
		e.faults.Add("customer", "customer.blocked", "%s (%s) is blocked; have the account opened first", e.customer.Name, e.customer.Key)
	}
	if d.Currency == "" {
		d.Currency = e.customer.Currency
	}
	if e.invoice {
		e.faults.Merge("customer", e.missing)
	}
	if d.Due.IsZero() {
		due, err := e.due(*d)
		if err != nil {
			return err
		}
		d.Due = due
	}
	if d.Due.Before(d.Date) {
		e.faults.Add("due", "due.before", "%s is before the document's date %s", d.Due, d.Date)
	}
	return nil
}

func (e *examination) checkCurrency() {
	d := &e.draft
	if d.Currency == "" {
		d.Currency = e.currency
	}
	switch {
	case d.Currency == "":
		e.faults.Required("currency", "")
	case !money.ValidCurrency(d.Currency):
		e.faults.Add("currency", "currency.form", "%q is not a currency; write its code of three letters, as EUR", d.Currency)
	case e.currency != "" && d.Currency != e.currency:
		e.faults.Add("currency", "currency.only", "is %s; this ERP keeps its documents in %s", d.Currency, e.currency)
	}
}

// checkText refuses what no column keeps.
func checkText(faults *fault.List, path, text string) {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		faults.Add(path, "text.characters", "contains broken text; type it again")
	}
}
