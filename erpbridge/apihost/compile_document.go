package apihost

import (
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge"
)

var kinds = []erpbridge.Kind{
	erpbridge.Quotation, erpbridge.Order, erpbridge.DeliveryNote, erpbridge.Invoice, erpbridge.CreditNote,
	erpbridge.PaymentRequest, erpbridge.AdvanceInvoice, erpbridge.CompletionAct,
}

var states = []erpbridge.State{erpbridge.Open, erpbridge.Partial, erpbridge.Completed, erpbridge.Posted, erpbridge.Paid, erpbridge.Cancelled, erpbridge.Credited}

// document compiles one kind of document.
func (c *compiler) document(kind erpbridge.Kind, d *Document, p *program) {
	at := "documents." + string(kind)
	if !slices.Contains(kinds, kind) {
		c.add(at, "kind", "is no kind of document; the kinds are %v", kinds)
	}
	if d == nil {
		c.add(at, "required", "is empty")
		return
	}
	c.need(at+".read", d.Read, "key", "number", "customer", "date", "currency", "net", "gross", "state")
	c.need(at+".line_read", d.LineRead, "key", "product", "quantity", "unit_price")
	c.translation(at, d.Translate, append(namesOf(documentColumns), namesOf(lineColumns)...)...)
	for _, ours := range d.Translate["state"] {
		if !slices.Contains(states, erpbridge.State(ours)) {
			c.add(at+".translate.state", "state", "%q is no state; the states are %v", ours, states)
		}
	}
	draft := recordOf("document", "the draft, or the document that is meant", documentColumns)
	env := c.base.With(draft, recordOf("customer", "the document's customer, as far as it was read", customerColumns),
		formula.Field{Name: "lines", Kind: formula.List, Doc: "the lines of the draft", Fields: fieldsOf(lineColumns)},
		openRecord("found", "the document as the host has it"))
	plan := &documentPlan{spec: d, get: c.call(at+".get", &d.Get, c.base.With(draft)), lines: c.path(at+".lines", d.Lines)}
	more, readEnv := c.calls(at+".more", d.More, answerEnv(c.base))
	plan.more = more
	plan.read = reading(c, at+".read", d.Read, d.Translate, documentColumns, readEnv.With(formula.Field{Name: "lines", Kind: formula.List, Doc: "the lines as they were read", Fields: fieldsOf(lineColumns)}))
	plan.lineRead = reading(c, at+".line_read", d.LineRead, d.Translate, lineColumns, readEnv.With(openRecord("parent", "the document of the line")))
	if d.Find != nil {
		plan.find = c.call(at+".find", d.Find, c.base)
	}
	for i := range d.Ways {
		plan.ways = append(plan.ways, c.way(fmt.Sprintf("%s.ways[%d]", at, i), &d.Ways[i], d, env))
	}
	cancelEnv := env.With(text1("reason", "why it is cancelled"))
	for i := range d.Cancel {
		spec := &d.Cancel[i]
		where := fmt.Sprintf("%s.cancel[%d]", at, i)
		one := cancelPlan{spec: spec, when: c.condition(where+".if", spec.If, cancelEnv)}
		one.steps, _ = c.calls(where+".steps", spec.Steps, cancelEnv)
		if (spec.Refuse == "") == (len(spec.Steps) == 0) {
			c.add(where, "cancel", "needs either steps or a sentence that refuses")
		}
		plan.cancel = append(plan.cancel, one)
	}
	listEnv := c.base.With(recordOf("customer", "the customer's key", customerColumns), formula.Field{Name: "limit", Kind: formula.Whole, Doc: "how many at most"})
	if d.History != nil {
		plan.history = c.call(at+".history", d.History, listEnv)
	}
	if d.OpenItems != nil {
		plan.open = c.call(at+".open_items", d.OpenItems, listEnv)
		plan.openRead = reading(c, at+".open_read", d.OpenRead, nil, openColumns, answerEnv(c.base))
		c.need(at+".open_read", d.OpenRead, "key", "date", "currency", "open")
	}
	c.everyone(at, kind, d, plan)
	c.fields(at+".fields", d.Fields, namesOf(documentColumns), namesOf(lineColumns))
	p.documents[kind] = plan
}

func (c *compiler) way(at string, w *Way, d *Document, env *formula.Env) wayPlan {
	if w.From != "" && !slices.Contains(kinds, w.From) {
		c.add(at+".from", "kind", "%q is no kind of document; the kinds are %v", w.From, kinds)
	}
	if len(w.Steps) == 0 {
		c.add(at+".steps", "required", "is missing")
	}
	out := wayPlan{from: w.From}
	var after *formula.Env
	out.steps, after = c.calls(at+".steps", w.Steps, env)
	out.undo, _ = c.calls(at+".undo", w.Undo, after)
	if d.Find == nil && !c.tokenless && !repeatable(out.steps) {
		c.add(at, "token", "find "+tokenless, "document")
	}
	return out
}
