package convert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// DocumentInput says which document is made from what.
type DocumentInput struct {
	// From is a quote, an opportunity, or the conversion that made the order or delivery note which the
	// new document follows.
	From Subject `json:"from"`
	// Lines are the lines and quantities that the document takes from the order or delivery note it
	// follows; none means everything that remains.
	Lines []LineChoice `json:"lines,omitempty"`
	// Options are positions of optional and alternative lines of a quote that the customer takes beside,
	// or instead of, the ones that count in its totals.
	Options []int `json:"options,omitempty"`
	// Key tells documents with the same content apart: two deliveries of ten pieces each carry different
	// keys. The same key with the same content gives the first result again.
	Key string `json:"key,omitempty"`
	// Date is the date of the document, today where it is zero; Due the date of delivery or payment.
	Date civil.Date `json:"date,omitzero"`
	Due  civil.Date `json:"due,omitzero"`
	Note string     `json:"note,omitempty"`
}

// LineChoice is a quantity of one line.
type LineChoice struct {
	// Line is the host's key of the line.
	Line     string         `json:"line"`
	Quantity money.Quantity `json:"quantity"`
}

// Order makes an order of the host from a quote or an opportunity. The opportunity is closed as won.
func (c *Conversions) Order(ctx context.Context, input DocumentInput) (Result, error) {
	return c.document(ctx, ToOrder, erpbridge.Order, input)
}

// Deliver makes a delivery note: of an order, wholly or in parts, or directly of a quote or an
// opportunity where the host allows that.
func (c *Conversions) Deliver(ctx context.Context, input DocumentInput) (Result, error) {
	return c.document(ctx, ToDelivery, erpbridge.DeliveryNote, input)
}

// Invoice makes an invoice: of an order, of a delivery note, or directly of a quote or an opportunity.
func (c *Conversions) Invoice(ctx context.Context, input DocumentInput) (Result, error) {
	return c.document(ctx, ToInvoice, erpbridge.Invoice, input)
}

// source is what a document is made from, whatever that is.
type source struct {
	draft erpbridge.Document
	// expected and expectedNet are the gross or net total that the host's must agree with; nil where
	// there is nothing to compare with.
	expected, expectedNet *money.Amount
}

func (c *Conversions) document(ctx context.Context, kind Kind, document erpbridge.Kind, input DocumentInput) (Result, error) {
	return c.run(ctx, actor.Convert, func(ctx context.Context, s *store.Session, in *Conversions) (errand, error) {
		if err := in.mayMake(document); err != nil {
			return errand{}, err
		}
		if err := in.lockSubject(ctx, s, input.From); err != nil {
			return errand{}, err
		}
		step, err := stepOf(kind, input)
		if err != nil {
			return errand{}, err
		}
		if earlier, err := find(ctx, s, kind, input.From, step); err != nil || earlier != nil {
			return already(earlier, err)
		}
		r, err := begin(s, kind, input.From, step, input)
		return errand{operation: DocumentCall, row: r, do: func(out *Result) error {
			return in.make(ctx, s, r, document, input, out)
		}}, err
	})
}

// documentErrand is a document that was asked for before.
func (in *Conversions) documentErrand(ctx context.Context, s *store.Session, r *row) (errand, error) {
	var input DocumentInput
	if err := r.request(&input); err != nil {
		return errand{}, err
	}
	document := erpbridge.Kind(r.Kind) // they have the same names
	if err := in.mayMake(document); err != nil {
		return errand{}, err
	}
	return errand{operation: DocumentCall, row: r, do: func(out *Result) error {
		return in.make(ctx, s, r, document, input, out)
	}}, in.lockSubject(ctx, s, input.From)
}

func (in *Conversions) mayMake(document erpbridge.Kind) error {
	port := in.config.Host.Documents
	if port == nil || !slices.Contains(port.Kinds(), document) {
		return fault.New(fault.Invalid, "the host %s has no documents of the kind %q", in.config.Host.Name, document)
	}
	return nil
}

// lockSubject locks the record that the document is made from, which also says whether the actor may
// see it.
func (in *Conversions) lockSubject(ctx context.Context, s *store.Session, subject Subject) error {
	switch subject.Kind {
	case Quote:
		return in.lockQuote(ctx, s, subject.ID)
	case Opportunity:
		return in.lockOpportunity(ctx, s, subject.ID)
	case Conversion:
		var r row
		return s.Lock(ctx, &r, subject.ID)
	}
	return fault.New(fault.Invalid, "a document is made from a quote, an opportunity or a conversion, not from %q", subject.Kind)
}

// stepOf names the conversion among those of its subject. From a quote or an opportunity there is one
// of each kind; what follows a document may come in parts, told apart by content and key.
func stepOf(kind Kind, input DocumentInput) (string, error) {
	if input.From.Kind != Conversion {
		return "", nil
	}
	if len(input.Key) > 200 {
		return "", fault.New(fault.Invalid, "the key has %d characters; at most 200 are taken", len(input.Key))
	}
	if input.Key == "" && len(input.Lines) == 0 {
		return "rest", nil
	}
	text, err := json.Marshal([]any{kind, input.Lines, input.Key})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// make reads the source, calls the host, compares the totals and keeps the result.
func (in *Conversions) make(ctx context.Context, s *store.Session, r *row, document erpbridge.Kind, input DocumentInput, out *Result) error {
	hs := in.session(s, r.Token)
	src, err := in.sourceOf(ctx, s, hs, document, input, out)
	if err != nil {
		return err
	}
	src.draft.Kind = document
	src.draft.Date, src.draft.Due, src.draft.Note = input.Date, input.Due, input.Note
	if src.draft.Date.IsZero() {
		src.draft.Date = hs.Today
	}
	made, err := in.config.Host.Documents.Create(ctx, hs, src.draft)
	if err != nil {
		return err
	}
	if err := in.compare(src, made); err != nil {
		return in.giveBack(ctx, hs, made, err)
	}
	out.Document = &made
	m := manifest{madeUnder: in.madeUnder(r.Token, "documents.create")}
	if !out.Opportunity.IsZero() {
		if m.Won, err = in.win(ctx, out.Opportunity, made); err != nil {
			return err
		}
	}
	if err := in.recordDocument(ctx, s, r, input.From, out); err != nil {
		return err
	}
	return r.finish(ctx, s, out, m)
}

// compare holds the host's total against the one that the customer was promised.
func (in *Conversions) compare(src source, made erpbridge.Document) error {
	if made.Currency != src.draft.Currency {
		return fault.New(fault.Invalid, "the host made the document in %s, the customer was promised %s", made.Currency, src.draft.Currency)
	}
	var faults fault.List
	for _, total := range []struct {
		path     string
		host     money.Amount
		promised *money.Amount
	}{{"gross", made.Gross, src.expected}, {"net", made.Net, src.expectedNet}} {
		if total.promised == nil {
			continue
		}
		difference := total.host.Sub(*total.promised)
		if difference.Abs().GreaterThan(in.config.Host.Tolerance.Decimal) {
			faults.Add(total.path, "total.differs", "the host counts %s %s, the customer was promised %s (difference %s, allowed %s); compare prices, discounts and VAT rates",
				total.host, made.Currency, *total.promised, difference, in.config.Host.Tolerance)
		}
	}
	return faults.Err("the host's total differs from what the customer was promised")
}

// giveBack takes back a document that is not what the customer was promised. In our own transaction the
// rollback does; a host that is elsewhere has to cancel it.
func (in *Conversions) giveBack(ctx context.Context, hs erpbridge.Session, made erpbridge.Document, because error) error {
	var e *fault.Error
	if !errors.As(because, &e) {
		return because
	}
	if in.config.Host.Place != erpbridge.Elsewhere {
		return &fault.Error{Code: e.Code, Message: e.Message + "; nothing was written", Faults: e.Faults}
	}
	_, err := in.config.Host.Documents.Cancel(ctx, hs, made.Ref, e.Message)
	if m := missingIn(err); m != nil {
		m.because = because
	}
	if err != nil {
		return err
	}
	number := firstOf(made.Number, made.Key)
	return &takenBack{&fault.Error{Code: e.Code, Message: fmt.Sprintf("%s; %s %s was cancelled again", e.Message, made.Kind, number), Faults: e.Faults}}
}

// takenBack is a refusal after which the host has nothing any more, so that the next try begins anew.
type takenBack struct{ refusal *fault.Error }

func (t *takenBack) Error() string { return t.refusal.Error() }

func (t *takenBack) Unwrap() error { return t.refusal }

// sourceOf reads what the document is made from, and says in out whose it is before the host is called.
func (in *Conversions) sourceOf(ctx context.Context, s *store.Session, hs erpbridge.Session, document erpbridge.Kind, input DocumentInput, out *Result) (source, error) {
	switch input.From.Kind {
	case Quote:
		return in.fromQuote(ctx, s, input, out)
	case Opportunity:
		return in.fromOpportunity(ctx, s, hs, input, out)
	}
	return in.fromConversion(ctx, s, hs, document, input, out)
}

// hostKey gives the host's key of the customer that a party, or the company it works for, is; "" for
// none. fault.NotFound where the company is not visible.
func (in *Conversions) hostKey(ctx context.Context, p party.Party) (string, error) {
	for _, who := range []party.ID{p.ID, p.EmployerID} {
		if who.IsZero() {
			continue
		}
		links, err := in.config.Parties.Links(ctx, who)
		if err != nil {
			return "", err
		}
		for _, l := range links {
			if l.Role == party.Customer {
				return l.HostKey, nil
			}
		}
	}
	return "", nil
}

// customerOf gives the host's key of the customer behind a party, for a document.
func (in *Conversions) customerOf(ctx context.Context, s *store.Session, id party.ID) (string, error) {
	p, err := in.config.Parties.Get(ctx, id)
	if err != nil {
		return "", err
	}
	key, err := in.hostKey(ctx, p)
	if err != nil || key != "" {
		return key, err
	}
	var faults fault.List
	coming, err := in.coming(ctx, s, p)
	if err != nil {
		return "", err
	}
	if coming {
		faults.Add("customer", "customer.pending", "%s is still on the way to %s as a customer; make the document when that is done", p.DisplayName, in.config.Host.Name)
	} else {
		faults.Add("customer", "not_customer", "%s is not a customer of the host yet; convert the lead first", p.DisplayName)
	}
	return "", faults.Err("the document cannot be made")
}

// fromConversion makes the draft that follows an earlier document: what remains of each line, or the
// quantities that were chosen.
func (in *Conversions) fromConversion(ctx context.Context, s *store.Session, hs erpbridge.Session, document erpbridge.Kind, input DocumentInput, out *Result) (source, error) {
	var r row
	if err := s.Get(ctx, &r, input.From.ID); err != nil {
		return source{}, err
	}
	before, err := r.result()
	if err != nil {
		return source{}, err
	}
	if _, err := in.config.Parties.Get(ctx, before.Party); err != nil {
		return source{}, err // whoever does not see the party does not see its documents
	}
	if err := mayFollow(before); err != nil {
		return source{}, err
	}
	out.Party = before.Party
	has, err := in.config.Host.Documents.Document(ctx, hs, before.Document.Ref)
	if err != nil {
		return source{}, err
	}
	src := source{draft: erpbridge.Document{Customer: has.Customer, Currency: has.Currency, Reference: has.Reference, Source: &has.Ref}}
	src.draft.Lines, err = remaining(has, document, input.Lines)
	return src, err
}

// mayFollow says why nothing can follow a conversion.
func mayFollow(before Result) error {
	var faults fault.List
	switch {
	case before.State == Pending, before.State == Unknown:
		faults.Add("from", "pending", "the %s is still on its way to the host; go on when it is done", before.Kind)
	case before.State == Failed:
		faults.Add("from", "failed", "the %s was refused (%s); correct that and repeat it first", before.Kind, before.Reason)
	case before.State == Undoing:
		faults.Add("from", "undoing", "the %s is being taken back", before.Kind)
	case before.State != Done || before.Document == nil:
		faults.Add("from", "document", "conversion %s made no document that another one could follow", before.ID)
	}
	return faults.Err("the document cannot be made")
}

// remaining picks lines of a document: the chosen quantities, or all that is left.
func remaining(has erpbridge.Document, document erpbridge.Kind, chosen []LineChoice) ([]erpbridge.DocumentLine, error) {
	var faults fault.List
	var lines []erpbridge.DocumentLine
	want := map[string]money.Quantity{}
	for i, choice := range chosen {
		path := fmt.Sprintf("lines[%d]", i)
		if !slices.ContainsFunc(has.Lines, func(l erpbridge.DocumentLine) bool { return l.Key == choice.Line }) {
			faults.Add(path+".line", "unknown", "the document %s has no line %q", has.Number, choice.Line)
		}
		if !choice.Quantity.IsPositive() {
			faults.Add(path+".quantity", "positive", "must be more than zero, not %s", choice.Quantity)
		}
		if _, twice := want[choice.Line]; twice {
			faults.Add(path+".line", "duplicate", "line %s is chosen twice; add the quantities", choice.Line)
		}
		want[choice.Line] = choice.Quantity
	}
	for _, l := range has.Lines {
		followed := l.Delivered
		switch document {
		case erpbridge.Invoice, erpbridge.AdvanceInvoice, erpbridge.PaymentRequest:
			followed = l.Invoiced
		}
		left := l.Quantity.Sub(followed)
		take := left
		if len(chosen) > 0 {
			q, ok := want[l.Key]
			if !ok {
				continue
			}
			if q.Cmp(left) > 0 {
				faults.Add("lines."+l.Key+".quantity", "remaining", "%s of %s %s remain, not %s", left, l.Quantity, l.Name, q)
			}
			take = q
		}
		if !take.IsPositive() {
			continue
		}
		next := l
		next.Key, next.SourceLine, next.Quantity = "", l.Key, take
		next.Delivered, next.Invoiced, next.Net = money.Quantity{}, money.Quantity{}, money.Amount{}
		lines = append(lines, next)
	}
	if len(lines) == 0 && len(faults) == 0 {
		faults.Add("lines", "nothing_left", "nothing of %s %s remains for this document", has.Kind, has.Number)
	}
	return lines, faults.Err("the document cannot be made")
}

// recordDocument writes link, timeline and event of a document.
func (in *Conversions) recordDocument(ctx context.Context, s *store.Session, r *row, from Subject, out *Result) error {
	d := out.Document
	link := Link{
		ID: store.NewKey[Link](s), ConversionID: r.ID, RecordKind: from.Kind, RecordID: from.ID, PartyID: out.Party,
		HostKind: string(d.Kind), HostKey: d.Key, HostNumber: d.Number, Total: d.Gross, Currency: d.Currency, HostState: d.State, CreatedAt: s.Now,
	}
	if err := s.InsertQuiet(ctx, &link); err != nil {
		return err
	}
	err := in.config.Activities.Log(ctx, activity.Entry{
		Party: out.Party, Opportunity: activity.OpportunityID(out.Opportunity), Kind: activity.Document,
		Subject: d.Number, RefKind: string(d.Kind), RefID: activity.RefID(r.ID), RefText: d.Number,
	})
	if err != nil {
		return err
	}
	return event.Emit(ctx, s, event.Fact{Kind: "document.made", Record: r.ID.Bytes(), Version: 1, Payload: out})
}
