package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

func (s *screens) documentRoutes() []route {
	make1 := func(kind convert.SubjectKind, do func(*visit, convert.SubjectKind) error) page {
		return func(v *visit) error { return do(v, kind) }
	}
	return []route{
		{Pattern: "GET /quotes/{id}/make/{kind}", Right: actor.Convert, Do: make1(convert.Quote, s.askDocument)},
		{Pattern: "POST /quotes/{id}/make/{kind}", Right: actor.Convert, Do: make1(convert.Quote, s.makeDocument)},
		{Pattern: "GET /opportunities/{id}/make/{kind}", Right: actor.Convert, Do: make1(convert.Opportunity, s.askDocument)},
		{Pattern: "POST /opportunities/{id}/make/{kind}", Right: actor.Convert, Do: make1(convert.Opportunity, s.makeDocument)},
		{Pattern: "GET /conversions/{id}/make/{kind}", Right: actor.Convert, Do: make1(convert.Conversion, s.askDocument)},
		{Pattern: "POST /conversions/{id}/make/{kind}", Right: actor.Convert, Do: make1(convert.Conversion, s.makeDocument)},
		{Pattern: "GET /conversions/{id}/undo", Right: actor.ConvertUndo, Do: s.askUndo},
		{Pattern: "POST /conversions/{id}/undo", Right: actor.ConvertUndo, Do: s.undoConversion},
		{Pattern: "POST /calls/{id}/retry", Right: actor.Convert, Do: s.retryCall},
		{Pattern: "GET /calls/{id}/resolve", Right: actor.Convert, Do: s.askResolve},
		{Pattern: "POST /calls/{id}/resolve", Right: actor.Convert, Do: s.resolveCall},
		{Pattern: "GET /quotes/{id}/settlement", Right: actor.Convert, Do: make1(convert.Quote, s.showSettlement)},
		{Pattern: "GET /opportunities/{id}/settlement", Right: actor.Convert, Do: make1(convert.Opportunity, s.showSettlement)},
	}
}

// makeDialog shows what document of the host will be made.
type makeDialog struct {
	Form   *input
	Kind   erpbridge.Kind
	Action string
	Next   string
	// Title says what is made, From of what.
	Title, From, Button string
	Currency            string
	Lines               []makeLine
	// Parts says that quantities can be changed: it follows another document.
	Parts bool
	// Options are lines of the quote that can be taken beside or instead of others.
	Options  []makeOption
	Totals   *quote.Totals
	Already  []erpbridge.Document
	Host     string
	NeedsDue bool
	// Party is who has to be a customer first; Convert where he becomes one.
	NoCustomer string
	Convert    string
}

type makeLine struct {
	Key, Name, Unit    string
	Quantity, Left     money.Quantity
	Take               string
	Net                money.Amount
	Faults             []string
	Done               bool
	Product            string
	Delivered, Charged money.Quantity
}

type makeOption struct {
	Position int
	Name     string
	Net      money.Amount
	Group    string
	On       bool
}

// madeFrom is the subject in the address and the kind of document that is asked for.
func (v *visit) madeFrom(kind convert.SubjectKind) (convert.Subject, erpbridge.Kind, error) {
	id, err := key[any](v, "id")
	if err != nil {
		return convert.Subject{}, "", err
	}
	document := erpbridge.Kind(v.r.PathValue("kind"))
	port := v.module().Host().Documents
	if port == nil || docIcons[document] == "" || !slices.Contains(port.Kinds(), document) {
		return convert.Subject{}, "", errNoPage
	}
	return convert.Subject{Kind: kind, ID: id}, document, nil
}

func (s *screens) askDocument(v *visit, kind convert.SubjectKind) error {
	from, document, err := v.madeFrom(kind)
	if err != nil {
		return err
	}
	f := v.blank("key", rand.Text(), "due", "", "note", "")
	if next := v.here(); v.part() {
		f.Values.Set("next", next)
	}
	return s.drawMake(v, f, from, document)
}

func (s *screens) drawMake(v *visit, f *input, from convert.Subject, document erpbridge.Kind) error {
	d := makeDialog{
		Form: f, Kind: document, Action: v.r.URL.Path, Next: f.Get("next"), Title: v.t("doc.make." + string(document)), Button: v.t("doc.make." + string(document)),
		Host: v.module().Host().Name, NeedsDue: document != erpbridge.CompletionAct && document != erpbridge.CreditNote,
	}
	var err error
	switch from.Kind {
	case convert.Quote:
		err = v.makeOfQuote(&d, quote.ID(from.ID))
	case convert.Opportunity:
		err = v.makeOfOpportunity(&d, opportunity.ID(from.ID))
	case convert.Conversion:
		err = v.makeOfDocument(&d, convert.ID(from.ID))
	case convert.Lead:
		err = errNoPage
	}
	if err != nil {
		return err
	}
	return s.saleDialog(v, f.statusOf(), "sale_make", head{Title: d.Title, Section: "quotes"}, d)
}

func (v *visit) makeOfQuote(d *makeDialog, id quote.ID) error {
	card, err := v.module().Quotes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	d.From, d.Currency = card.Quote.Number, card.Quote.Currency
	if d.Next == "" {
		d.Next = v.link("/quotes", id.String())
	}
	options := card.Quote.Evidence.Options
	if d.Form.has("chosen") {
		options = chosenOptions(d.Form)
	}
	lines, totals, err := card.Chosen(options)
	if err != nil {
		lines, totals, err = card.Chosen(nil)
	}
	if err != nil {
		return err
	}
	d.Totals = &totals
	for _, l := range lines {
		d.Lines = append(d.Lines, makeLine{Name: l.Name, Unit: l.Unit, Quantity: l.Quantity, Net: l.Net})
	}
	d.Options = optionsOf(card, options)
	if d.Already, err = v.module().Convert.Already(v.ctx(), id); err != nil {
		return err
	}
	return v.needsCustomer(d, card.Quote.PartyID, opportunity.ID(card.Quote.OpportunityID))
}

// optionsOf are the lines of a quote that the reader can choose.
func optionsOf(card quote.Card, taken []int) []makeOption {
	var out []makeOption
	seen := map[string]bool{}
	for _, l := range card.Lines {
		if !l.Kind.Priced() || l.Kind == quote.Item && l.AlternativeGroup == "" {
			continue
		}
		on := slices.Contains(taken, l.Position)
		if l.AlternativeGroup != "" && l.Kind == quote.Item && !seen[l.AlternativeGroup] {
			seen[l.AlternativeGroup] = true
			on = on || !groupTaken(card, l.AlternativeGroup, taken)
		}
		out = append(out, makeOption{Position: l.Position, Name: l.Name, Net: l.Net, Group: l.AlternativeGroup, On: on})
	}
	return out
}

func groupTaken(card quote.Card, group string, taken []int) bool {
	return slices.ContainsFunc(card.Lines, func(l quote.Line) bool { return l.AlternativeGroup == group && slices.Contains(taken, l.Position) })
}

// chosenOptions are the positions that were ticked.
func chosenOptions(f *input) []int {
	var out []int
	for name, values := range f.Values {
		if name != "option" && !strings.HasPrefix(name, "option.") {
			continue
		}
		for _, text := range values {
			if n, err := strconv.Atoi(text); err == nil {
				out = append(out, n)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (v *visit) makeOfOpportunity(d *makeDialog, id opportunity.ID) error {
	card, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	d.From, d.Currency = card.Name, card.Currency
	if d.Next == "" {
		d.Next = v.link("/opportunities", id.String())
	}
	for _, l := range card.Lines {
		d.Lines = append(d.Lines, makeLine{Name: l.Name, Unit: l.Unit, Quantity: l.Quantity, Net: l.Amount})
	}
	return v.needsCustomer(d, card.PartyID, id)
}

// needsCustomer says where somebody becomes a customer who is none yet.
func (v *visit) needsCustomer(d *makeDialog, who party.ID, deal opportunity.ID) error {
	customer, err := v.customerKey(who)
	if err != nil || customer != "" {
		return err
	}
	p, err := v.module().Parties.Get(v.ctx(), who)
	if err != nil {
		return err
	}
	if !p.EmployerID.IsZero() {
		if customer, err = v.customerKey(p.EmployerID); err != nil || customer != "" {
			return err
		}
	}
	d.NoCustomer = p.DisplayName
	var of opportunity.LeadID
	if !deal.IsZero() && v.may(actor.OpportunityRead) {
		if card, err := v.module().Opportunities.Get(v.ctx(), deal); err == nil {
			of = card.LeadID
		}
	}
	found, err := v.leadOf(who, of)
	if err == nil && found != (lead.ID{}) {
		d.Convert = v.link("/leads", found.String(), "convert")
	}
	return err
}

func (v *visit) makeOfDocument(d *makeDialog, id convert.ID) error {
	left, err := v.module().Convert.Remaining(v.ctx(), id)
	if err != nil {
		return err
	}
	lang := v.Locale.Language
	d.Parts, d.Currency = true, left.Document.Currency
	d.From = convert.Texts.T(lang, "kind."+string(left.Document.Kind)) + " " + left.Document.Number
	if d.Next == "" {
		d.Next = v.link("/quotes")
	}
	for _, l := range left.Lines {
		one := makeLine{Key: l.Line, Product: l.Product, Name: l.Name, Unit: l.Unit, Quantity: l.Quantity, Delivered: l.Delivered, Charged: l.Invoiced}
		switch d.Kind {
		case erpbridge.DeliveryNote:
			one.Left = l.ToDeliver
		case erpbridge.Invoice:
			one.Left = l.ToInvoice
		default:
			one.Left = l.Quantity
		}
		one.Done = !one.Left.IsPositive()
		if one.Take = lang.Quantity(one.Left.Decimal); d.Form.has("take." + l.Line) {
			one.Take = d.Form.Get("take." + l.Line)
		}
		one.Faults = d.Form.Faults["take."+l.Line]
		d.Lines = append(d.Lines, one)
	}
	return nil
}

// makers are the verbs of the kinds of documents.
func (v *visit) makers() map[erpbridge.Kind]func(context.Context, convert.DocumentInput) (convert.Result, error) {
	c := v.module().Convert
	return map[erpbridge.Kind]func(context.Context, convert.DocumentInput) (convert.Result, error){
		erpbridge.Order: c.Order, erpbridge.DeliveryNote: c.Deliver, erpbridge.Invoice: c.Invoice, erpbridge.PaymentRequest: c.RequestPayment,
		erpbridge.AdvanceInvoice: c.Advance, erpbridge.CompletionAct: c.Complete, erpbridge.CreditNote: c.Credit,
	}
}

func (s *screens) makeDocument(v *visit, kind convert.SubjectKind) error {
	from, document, err := v.madeFrom(kind)
	if err != nil {
		return err
	}
	f := v.posted()
	in := convert.DocumentInput{From: from, Due: f.day("due"), Note: f.text("note")}
	if kind == convert.Conversion {
		in.Key = f.text("key")
		if in.Lines, err = v.takenLines(f, convert.ID(from.ID), document); err != nil {
			return err
		}
	}
	if kind == convert.Quote && f.has("chosen") {
		in.Options = chosenOptions(f)
	}
	if f.bad() {
		return s.drawMake(v, f, from, document)
	}
	made, err := v.makers()[document](v.ctx(), in)
	if err != nil {
		if err := v.refuse(f, takenFaults(err)); err != nil {
			return err
		}
		return s.drawMake(v, f, from, document)
	}
	v.toastMade(made, document)
	otherwise := v.link("/quotes")
	switch kind {
	case convert.Quote:
		otherwise = v.link("/quotes", from.ID.String())
	case convert.Opportunity:
		otherwise = v.link("/opportunities", from.ID.String())
	case convert.Lead, convert.Conversion:
	}
	return v.redirect(v.back(otherwise))
}

// takenLines are the quantities that were typed; none where everything that remains is taken.
func (v *visit) takenLines(f *input, id convert.ID, document erpbridge.Kind) ([]convert.LineChoice, error) {
	left, err := v.module().Convert.Remaining(v.ctx(), id)
	if err != nil {
		return nil, err
	}
	var lines []convert.LineChoice
	all := document == erpbridge.DeliveryNote || document == erpbridge.Invoice
	for _, l := range left.Lines {
		name := "take." + l.Line
		remains := l.ToInvoice
		if document == erpbridge.DeliveryNote {
			remains = l.ToDeliver
		}
		if !f.has(name) || f.text(name) == "" {
			all = all && !remains.IsPositive()
			continue
		}
		q := f.quantity(name)
		if all = all && q.Equal(remains); !q.IsZero() {
			lines = append(lines, convert.LineChoice{Line: l.Line, Quantity: q})
		}
	}
	if all {
		return nil, nil
	}
	if len(lines) == 0 && !f.bad() {
		f.wrong("", "doc.make.nothing")
	}
	return lines, nil
}

// takenFaults puts the faults of lines at the fields of their quantities, and the others at the form.
func takenFaults(err error) error {
	names := map[string]string{"customer": "", "state": "", "from": "", "lines": "", "gross": "", "net": "", "conversion": ""}
	for _, one := range fault.Of(err) {
		if line, ok := strings.CutSuffix(strings.TrimPrefix(one.Path, "lines."), ".quantity"); ok && strings.HasPrefix(one.Path, "lines.") {
			names[one.Path] = "take." + line
		}
	}
	return repathed(err, names)
}

// toastMade says what the host made, with the way to it; or that it has not answered yet.
func (v *visit) toastMade(made convert.Result, document erpbridge.Kind) {
	kind := convert.Texts.T(v.Locale.Language, "kind."+string(document))
	switch {
	case made.State == convert.Done && made.Document != nil:
		t := toast{Text: v.t("doc.made", kind, made.Document.Number)}
		if made.Repeated {
			t.Text = v.t("doc.made.before", kind, made.Document.Number)
		}
		if href := v.s.documentLink(made.Document.Ref); href != "" {
			t.Link, t.Name = href, v.t("button.show")
		}
		v.toast(t)
	case made.State == convert.Failed:
		v.toast(toast{Text: v.t("doc.failed", kind, made.Reason), Bad: true})
	default:
		v.done("doc.pending", kind, v.module().Host().Name)
	}
}

// undoDialog asks why a document is taken back.
type undoDialog struct {
	Form                *input
	Action, Name, State string
}

func (s *screens) askUndo(v *visit) error {
	f := v.blank("reason", "", "next", v.link("/quotes"))
	if v.part() {
		f.Values.Set("next", v.here())
	}
	return s.drawUndo(v, f)
}

func (s *screens) drawUndo(v *visit, f *input) error {
	id, err := key[convert.Tag](v, "id")
	if err != nil {
		return err
	}
	made, err := v.module().Convert.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	d := undoDialog{Form: f, Action: v.r.URL.Path, Name: convert.Texts.T(v.Locale.Language, "kind."+string(made.Kind))}
	if made.Kind == convert.ToCustomer {
		d.Name = v.t("call.customer")
	}
	if made.Document != nil {
		d.Name += " " + made.Document.Number
	}
	return s.saleDialog(v, f.statusOf(), "sale_undo", head{Title: v.t("doc.undo"), Section: "quotes"}, d)
}

func (s *screens) undoConversion(v *visit) error {
	id, err := key[convert.Tag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	if f.text("reason") == "" {
		f.wrong("reason", "fault.required")
		return s.drawUndo(v, f)
	}
	if err := v.module().Convert.Undo(v.ctx(), id, f.text("reason")); err != nil {
		if err := v.refuse(f, takenFaults(err)); err != nil {
			return err
		}
		return s.drawUndo(v, f)
	}
	v.done("doc.undone")
	return v.redirect(v.back(v.link("/quotes")))
}

func (s *screens) retryCall(v *visit) error {
	id, err := key[convert.CallTag](v, "id")
	if err != nil {
		return err
	}
	if _, err := v.module().Convert.Retry(v.ctx(), id); err != nil {
		return err
	}
	v.done("call.retried")
	return v.redirect(v.back(v.link("/quotes")))
}

// resolveDialog asks a person what the host did.
type resolveDialog struct {
	Form   *input
	Action string
	Host   string
}

func (s *screens) askResolve(v *visit) error {
	if _, err := key[convert.CallTag](v, "id"); err != nil {
		return err
	}
	f := v.blank("outcome", string(convert.Made), "host_key", "", "host_number", "", "note", "", "next", v.here())
	return s.drawResolve(v, f)
}

func (s *screens) drawResolve(v *visit, f *input) error {
	return s.saleDialog(v, f.statusOf(), "sale_resolve", head{Title: v.t("call.resolve"), Section: "quotes"},
		resolveDialog{Form: f, Action: v.r.URL.Path, Host: v.module().Host().Name})
}

func (s *screens) resolveCall(v *visit) error {
	id, err := key[convert.CallTag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	_, err = v.module().Convert.Resolve(v.ctx(), id, convert.Resolution{
		Outcome: convert.Outcome(f.text("outcome")), Key: f.text("host_key"), Number: f.text("host_number"), Note: f.text("note"),
	})
	if err != nil {
		if err := v.refuse(f, repathed(err, map[string]string{"key": "host_key"})); err != nil {
			return err
		}
		return s.drawResolve(v, f)
	}
	v.done("call.resolved")
	return v.redirect(v.back(v.link("/quotes")))
}

// showSettlement holds what was promised against what the host did, asked for when the page is there.
func (s *screens) showSettlement(v *visit, kind convert.SubjectKind) error {
	id, err := key[any](v, "id")
	if err != nil {
		return err
	}
	if !v.part() {
		path := "/quotes"
		if kind == convert.Opportunity {
			path = "/opportunities"
		}
		return v.redirect(v.link(path, id.String()))
	}
	settled, err := v.module().Convert.Settlement(v.ctx(), convert.Subject{Kind: kind, ID: id})
	if code := fault.CodeOf(err); code == fault.Unavailable || code == fault.Unknown || code == fault.Retryable {
		return v.fill(http.StatusOK, "sale_settlement", "settlement", nil)
	}
	if err != nil {
		return err
	}
	for i, d := range settled.Differences { // in the reader's language, not the company's
		settled.Differences[i].Message = convert.Texts.T(v.Locale.Language, "differs."+d.Code, v.Locale.Language.Money(d.Amount, settled.Currency))
	}
	return v.fill(http.StatusOK, "sale_settlement", "settlement", settled)
}
