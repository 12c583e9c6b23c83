package web

import (
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

// dealView are the host's documents of a quote or an opportunity, and what can be made next.
type dealView struct {
	// Path is that of the quote or opportunity.
	Path string
	Docs []dealDoc
	// Ordered, Delivered and Invoiced say that documents of the kind stand.
	Ordered, Delivered, Invoiced bool
	Calls                        []dealCall
	// Next is the step that the chain asks for, Others what else can be made.
	Next   *dealStep
	Others []dealStep
}

// dealDoc is one document of the host. Depth says how far down the chain it stands.
type dealDoc struct {
	convert.Link
	Depth        int
	Kind, State  string
	Dot          string
	Href         string
	Void         bool
	Steps        []dealStep
	Undo         string
	CreatedAtDay time.Time
}

// dealStep is a document that can be made: its kind, its words and the dialog that makes it.
type dealStep struct {
	Kind erpbridge.Kind
	Text string
	Path string
	Icon string
}

// dealCall is a document on its way to a host that is elsewhere.
type dealCall struct {
	convert.Call
	Text, StateText, Dot string
	Retry, Resolve       bool
}

func opportunitySubject(id opportunity.ID) convert.Subject {
	return convert.Subject{Kind: convert.Opportunity, ID: convert.SubjectID(id)}
}

func quoteSubject(id quote.ID) convert.Subject {
	return convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(id)}
}

// docDots are the states of documents as dots.
var docDots = map[erpbridge.State]string{
	erpbridge.Open: "busy", erpbridge.Partial: "watch", erpbridge.Completed: "good", erpbridge.Posted: "busy", erpbridge.Paid: "good",
	erpbridge.Cancelled: "quiet", erpbridge.Credited: "quiet", convert.Missing: "bad", convert.Gone: "bad",
}

var docIcons = map[erpbridge.Kind]string{
	erpbridge.Order: "shopping-cart", erpbridge.DeliveryNote: "truck", erpbridge.Invoice: "receipt", erpbridge.CreditNote: "undo-2",
	erpbridge.PaymentRequest: "credit-card", erpbridge.AdvanceInvoice: "wallet", erpbridge.CompletionAct: "clipboard-check",
}

// follows are the documents that can be made of another one, in the order of the chain.
var follows = map[erpbridge.Kind][]erpbridge.Kind{
	erpbridge.Order:        {erpbridge.DeliveryNote, erpbridge.Invoice, erpbridge.PaymentRequest, erpbridge.AdvanceInvoice, erpbridge.CompletionAct},
	erpbridge.DeliveryNote: {erpbridge.Invoice, erpbridge.CompletionAct},
	erpbridge.Invoice:      {erpbridge.CreditNote},
}

// startKinds can be made of a quote or an opportunity directly.
var startKinds = []erpbridge.Kind{erpbridge.Order, erpbridge.DeliveryNote, erpbridge.Invoice, erpbridge.PaymentRequest, erpbridge.AdvanceInvoice}

// dealOf reads the documents of a quote or opportunity, and of its documents. Those of an opportunity are
// made from its accepted quotes, where it has any.
func (v *visit) dealOf(about convert.Subject, who party.ID, accepted ...convert.Subject) (dealView, error) {
	var d dealView
	if v.module().Host().Documents == nil {
		return d, nil
	}
	kinds := v.module().Host().Documents.Kinds()
	seen := map[convert.ID]bool{}
	var walk func(of convert.Subject, depth int) error
	walk = func(of convert.Subject, depth int) error {
		links, err := v.module().Convert.Links(v.ctx(), of)
		if err != nil {
			return err
		}
		for _, l := range links {
			kind := erpbridge.Kind(l.HostKind)
			if seen[l.ConversionID] || docIcons[kind] == "" {
				continue
			}
			seen[l.ConversionID] = true
			doc := v.dealDoc(l, depth, kinds)
			if !doc.Void {
				d.Ordered = d.Ordered || kind == erpbridge.Order
				d.Delivered = d.Delivered || kind == erpbridge.DeliveryNote
				d.Invoiced = d.Invoiced || kind == erpbridge.Invoice
			}
			d.Docs = append(d.Docs, doc)
			if err := walk(convert.Subject{Kind: convert.Conversion, ID: convert.SubjectID(l.ConversionID)}, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	for _, of := range append([]convert.Subject{about}, accepted...) {
		if err := walk(of, 0); err != nil {
			return d, err
		}
	}
	path := v.link("/opportunities", about.ID.String())
	if about.Kind == convert.Quote {
		path = v.link("/quotes", about.ID.String())
	}
	d.Path = path
	if len(accepted) > 0 {
		path = v.link("/quotes", accepted[0].ID.String())
	}
	if !v.mayConvert() {
		return d, nil
	}
	if err := v.nextStep(&d, path, kinds); err != nil {
		return d, err
	}
	return d, v.dealCalls(&d, who)
}

func (v *visit) dealDoc(l convert.Link, depth int, kinds []erpbridge.Kind) dealDoc {
	lang, kind := v.Locale.Language, erpbridge.Kind(l.HostKind)
	doc := dealDoc{
		Link: l, Depth: depth, Kind: convert.Texts.T(lang, "kind."+l.HostKind), State: convert.Texts.T(lang, "state."+string(l.HostState)), Dot: docDots[l.HostState],
		Href: hostLink(v.s.config.Links, l.HostKind, l.HostKey),
		Void: slices.Contains([]erpbridge.State{erpbridge.Cancelled, erpbridge.Credited, convert.Missing, convert.Gone}, l.HostState),
	}
	if l.HostState == "" {
		doc.State, doc.Dot = convert.Texts.T(lang, "state.open"), "busy"
	}
	if !v.mayConvert() {
		return doc
	}
	if !doc.Void && !l.ConversionID.IsZero() {
		for _, next := range follows[kind] {
			if slices.Contains(kinds, next) {
				doc.Steps = append(doc.Steps, v.dealStep(next, v.link("/conversions", l.ConversionID.String(), "make", string(next))))
			}
		}
		if v.may(actor.ConvertUndo) {
			doc.Undo = v.link("/conversions", l.ConversionID.String(), "undo")
		}
	}
	return doc
}

func (v *visit) dealStep(kind erpbridge.Kind, path string) dealStep {
	return dealStep{Kind: kind, Text: v.t("doc.make." + string(kind)), Path: path, Icon: docIcons[kind]}
}

// nextStep says what the chain asks for: the order, then what is left to deliver, then what is left to
// invoice. A host that is elsewhere is not asked while a page is drawn; its states say enough.
func (v *visit) nextStep(d *dealView, path string, kinds []erpbridge.Kind) error {
	for _, kind := range startKinds {
		if slices.Contains(kinds, kind) {
			d.Others = append(d.Others, v.dealStep(kind, path+"/make/"+string(kind)))
		}
	}
	if !d.Ordered && !d.Delivered && !d.Invoiced {
		if len(d.Others) > 0 {
			first := d.Others[0]
			d.Next, d.Others = &first, d.Others[1:]
		}
		return nil
	}
	d.Others = nil
	at := slices.IndexFunc(d.Docs, func(doc dealDoc) bool {
		return !doc.Void && (erpbridge.Kind(doc.HostKind) == erpbridge.Order || !d.Ordered && erpbridge.Kind(doc.HostKind) == erpbridge.DeliveryNote)
	})
	if at < 0 || len(d.Docs[at].Steps) == 0 {
		return nil
	}
	doc := d.Docs[at]
	if v.module().Host().Place == erpbridge.Elsewhere {
		if doc.HostState != erpbridge.Completed {
			d.Next = &doc.Steps[0]
		}
		return nil
	}
	left, err := v.module().Convert.Remaining(v.ctx(), doc.ConversionID)
	if code := fault.CodeOf(err); code == fault.NotFound || code == fault.Unavailable || code == fault.Invalid {
		return nil // the host cannot tell; what can be made still stands at the document
	}
	if err != nil {
		return err
	}
	deliver, invoice := leftOf(left)
	for _, step := range doc.Steps {
		if step.Kind == erpbridge.DeliveryNote && deliver || step.Kind == erpbridge.Invoice && invoice {
			one := step
			d.Next = &one
			return nil
		}
	}
	return nil
}

// leftOf reports whether something is left to deliver, and to invoice.
func leftOf(r convert.Remaining) (deliver, invoice bool) {
	for _, l := range r.Lines {
		deliver = deliver || l.ToDeliver.IsPositive()
		invoice = invoice || l.ToInvoice.IsPositive()
	}
	return deliver, invoice
}

// dealCalls are the conversions of the party that the host has not answered yet.
func (v *visit) dealCalls(d *dealView, who party.ID) error {
	if v.module().Host().Place != erpbridge.Elsewhere {
		return nil
	}
	open := []convert.CallState{convert.CallPending, convert.CallSending, convert.CallFailed, convert.CallUnknown}
	found, err := v.module().Convert.Calls(v.ctx(), convert.CallFilter{States: open, Party: who, Page: store.Page{Limit: 10}})
	if err != nil {
		return err
	}
	for _, c := range found.Rows {
		made, err := v.module().Convert.Get(v.ctx(), c.ConversionID)
		if err != nil {
			return err
		}
		one := dealCall{Call: c, Text: convert.Texts.T(v.Locale.Language, "kind."+string(made.Kind)), StateText: v.t("call." + string(c.State)), Dot: "busy"}
		if made.Kind == convert.ToCustomer {
			one.Text = v.t("call.customer")
		}
		switch c.State {
		case convert.CallFailed:
			one.Dot, one.Retry = "bad", true
		case convert.CallUnknown:
			one.Dot, one.Retry, one.Resolve = "watch", true, c.DueAt.IsZero()
		case convert.CallPending, convert.CallSending, convert.CallDone, convert.CallAbandoned:
		}
		d.Calls = append(d.Calls, one)
	}
	return nil
}

// leadOf finds a lead by which a party can become a customer of the host; zero where there is none.
func (v *visit) leadOf(who party.ID, of opportunity.LeadID) (lead.ID, error) {
	if !of.IsZero() {
		return lead.ID(of), nil
	}
	if !v.may(actor.LeadRead) || who.IsZero() {
		return lead.ID{}, nil
	}
	p, err := v.module().Parties.Get(v.ctx(), who)
	if err != nil {
		return lead.ID{}, err
	}
	wish := lead.Filter{Organization: who}
	if p.Kind == party.Person {
		wish = lead.Filter{Name: p.Family}
	}
	found, err := v.module().Leads.List(v.ctx(), wish, lead.ByArrival, store.Page{Limit: 50})
	if err != nil {
		return lead.ID{}, err
	}
	for _, l := range found.Rows {
		if p.Kind != party.Person || l.PartyID == who {
			return l.ID, nil
		}
	}
	return lead.ID{}, nil
}
