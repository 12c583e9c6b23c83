package convert

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
)

// reflected are the events after which opportunity and quote are looked at anew.
var reflected = []string{"document.made", EventDocumentFound, EventDocumentChanged, EventDocumentGone, "conversion.undone"}

// reflect notes what happened to a document on the timeline, and on opportunity and quote how far the
// host has come. It runs after the commit of the change, as the system: whoever posts an invoice at the
// host waits for no opportunity, and need not see it.
func (c *Conversions) reflect(ctx context.Context, s *store.Session, e event.Event) error {
	var p DocumentChange
	if err := e.Decode(&p); err != nil {
		return err
	}
	in := c.In(s)
	d, err := in.dealOf(ctx, s, p.ID)
	if errors.Is(err, fault.NotFound) {
		return nil // the conversion is gone with a restore
	}
	if err != nil {
		return err
	}
	switch e.Kind {
	case EventDocumentChanged, EventDocumentFound, EventDocumentGone:
		if err := in.logChange(ctx, s, e, d); err != nil {
			return err
		}
	}
	if err := in.lookAgain(ctx, s, d.above); err != nil {
		return err
	}
	if err := in.progress(ctx, s, d); err != nil || e.Kind != EventDocumentGone || len(d.above) > 0 || d.opportunity.IsZero() {
		return err
	}
	return in.tellSeller(ctx, s, d.opportunity, "lost")
}

// lookAgain has the documents looked at that another one follows: its making or taking back is likely
// to have changed them.
func (in *Conversions) lookAgain(ctx context.Context, s *store.Session, above []ID) error {
	if len(above) == 0 {
		return nil
	}
	args := []any{s.Now, s.Now, never}
	for _, id := range above {
		args = append(args, id)
	}
	_, err := s.Exec(ctx, store.From[Link](""),
		"UPDATE crm_link SET look_at = ? WHERE {scope} AND look_at > ? AND look_at < ? AND conversion_id IN ("+store.In(len(above))+")", args...)
	return err
}

// deal is what a document was made for.
type deal struct {
	quote       quote.ID
	opportunity opportunity.ID
	// above are the conversions of the documents that this one follows.
	above []ID
}

// maxChain bounds how many documents follow each other: quote, order, delivery note, invoice, credit
// note, and some room.
const maxChain = 10

// dealOf climbs from a conversion to the quote or opportunity at the beginning.
func (in *Conversions) dealOf(ctx context.Context, s *store.Session, id ID) (deal, error) {
	subject := Subject{Conversion, SubjectID(id)}
	var above []ID
	for range maxChain {
		switch subject.Kind {
		case Conversion:
			var r row
			if err := s.Get(ctx, &r, subject.ID); err != nil {
				return deal{}, err
			}
			if r.ID != id {
				above = append(above, r.ID)
			}
			subject = Subject{r.SubjectKind, r.SubjectID}
		case Quote:
			var q quote.Quote
			err := s.Get(ctx, &q, subject.ID)
			return deal{quote.ID(subject.ID), opportunity.ID(q.OpportunityID), above}, err
		case Opportunity:
			return deal{opportunity: opportunity.ID(subject.ID), above: above}, nil
		default:
			return deal{}, nil
		}
	}
	return deal{}, fault.New(fault.Invalid, "the conversions around %s follow each other in a circle", id)
}

// step is a document of a deal: its conversion, its link, and the document it follows.
type step struct {
	row
	link   tracked
	parent *step
}

// stepsOf gives the documents that were made from quotes and opportunities, one after the other, with
// all that followed them; those that were taken back are left out. Each level is two statements.
func stepsOf(ctx context.Context, s *store.Session, roots []SubjectID) ([]*step, error) {
	var steps []*step
	byID := map[SubjectID]*step{}
	for range maxChain {
		if len(roots) == 0 {
			break
		}
		var rows []row
		err := s.Select(&rows).ExcludeColumn("request", "manifest").Where("conversion.subject_id IN (?)", list(roots)).
			Where("conversion.state <> ?", Undone).OrderExpr("conversion.id").Scan(ctx)
		if err != nil || len(rows) == 0 {
			return steps, err
		}
		var ids []ID
		roots = nil
		for _, r := range rows {
			ids = append(ids, r.ID)
			roots = append(roots, SubjectID(r.ID))
		}
		var links []tracked
		if err := s.Select(&links).Where("link.conversion_id IN (?)", list(ids)).OrderExpr("link.id").Scan(ctx); err != nil {
			return nil, err
		}
		byConversion := map[ID]tracked{}
		for _, l := range links {
			if l.document() {
				byConversion[l.ConversionID] = l
			}
		}
		for _, r := range rows {
			l, ok := byConversion[r.ID]
			if !ok { // a conversion that is pending, or of a lead
				continue
			}
			st := &step{row: r, link: l, parent: byID[r.SubjectID]}
			byID[SubjectID(r.ID)] = st
			steps = append(steps, st)
		}
	}
	return steps, nil
}

// live reports whether a document still counts.
func live(state erpbridge.State) bool { return !slices.Contains(void, state) }

// sums are the gross totals of a deal's documents that count, in one currency.
type sums struct {
	currency                                     string
	ordered, delivered, invoiced, credited, paid money.Amount
	// documents counts all, live those that count.
	documents, live int
	// part and complete say that an order is done in part, or wholly.
	part, complete bool
}

// sumOf adds up documents in the currency of the first one.
func sumOf(steps []*step) sums {
	var t sums
	var paidBefore money.Amount
	for _, st := range steps {
		l := st.link
		if t.currency == "" {
			t.currency = l.Currency
		}
		if erpbridge.Kind(l.HostKind) == erpbridge.CreditNote {
			// The credit note of a whole invoice is counted by the invoice's state.
			if st.parent != nil && live(st.parent.link.HostState) && live(l.HostState) {
				t.credited = t.credited.Add(money.NewAmount(l.Total.Abs()))
			}
			continue
		}
		t.documents++
		if !live(l.HostState) {
			continue
		}
		t.live++
		if l.Currency != t.currency {
			continue
		}
		switch erpbridge.Kind(l.HostKind) {
		case erpbridge.Order:
			t.ordered = t.ordered.Add(l.Total)
			t.part = t.part || l.HostState == erpbridge.Partial
			t.complete = t.complete || l.HostState == erpbridge.Completed
		case erpbridge.DeliveryNote:
			t.delivered = t.delivered.Add(l.Total)
			t.part = true
		case erpbridge.Invoice:
			t.invoiced = t.invoiced.Add(l.Total)
			t.paid = t.paid.Add(l.Paid)
		case erpbridge.PaymentRequest, erpbridge.AdvanceInvoice:
			paidBefore = paidBefore.Add(l.Paid)
		}
	}
	if paidBefore.GreaterThan(t.paid.Decimal) { // money on account, not set off against an invoice yet
		t.paid = paidBefore
	}
	return t
}

// progress says how far the documents have come; tolerance is that of one document.
func (t sums) progress(tolerance money.Amount) opportunity.Progress {
	reaches := func(sum, goal money.Amount) bool {
		allowed := tolerance.Mul(decimal.NewFromInt(int64(t.documents)))
		return sum.IsPositive() && sum.Decimal.Add(allowed).GreaterThanOrEqual(goal.Decimal)
	}
	invoiced := t.invoiced.Sub(t.credited)
	goal := t.ordered.Sub(t.credit().Credited) // what was taken back for good is not invoiced again
	if t.ordered.IsZero() {
		goal = invoiced
	}
	switch {
	case t.documents == 0:
		return opportunity.NotOrdered
	case t.live == 0:
		return opportunity.Void
	case reaches(t.paid, goal) && reaches(t.paid, invoiced):
		return opportunity.Paid
	case t.paid.IsPositive():
		return opportunity.Paying
	case reaches(invoiced, goal):
		return opportunity.Invoiced
	case invoiced.IsPositive():
		return opportunity.Invoicing
	case t.complete || reaches(t.delivered, t.ordered):
		return opportunity.Delivered
	case t.part:
		return opportunity.Delivering
	}
	return opportunity.Ordered
}

// credit is what credit notes took back for good: what was invoiced anew beyond the order stands for what was credited.
func (t sums) credit() opportunity.Credit {
	if !t.credited.IsPositive() {
		return opportunity.Credit{}
	}
	whole, lost := t.invoiced, t.credited
	if t.ordered.IsPositive() {
		whole = t.ordered
		if again := t.invoiced.Sub(t.ordered); again.IsPositive() {
			lost = lost.Sub(again)
		}
	}
	return opportunity.Credit{Credited: money.NewAmount(decimal.Max(decimal.Zero, decimal.Min(lost.Decimal, whole.Decimal))), Whole: whole}
}

// progress notes how far the host has come with a deal.
func (in *Conversions) progress(ctx context.Context, s *store.Session, d deal) error {
	roots := []SubjectID{}
	if !d.opportunity.IsZero() {
		// The lock comes before the documents are read: of two at once the second sees all.
		if err := in.lockOpportunity(ctx, s, SubjectID(d.opportunity)); err != nil {
			return ignoreMissing(err)
		}
		roots = append(roots, SubjectID(d.opportunity))
		quotes, err := in.config.Quotes.List(ctx, quote.Filter{Opportunity: quote.OpportunityID(d.opportunity), Page: store.Page{Limit: store.MaxLimit}})
		if err != nil {
			return err
		}
		for _, q := range quotes.Rows {
			roots = append(roots, SubjectID(q.Quote.ID))
		}
	}
	if !d.quote.IsZero() {
		steps, err := stepsOf(ctx, s, []SubjectID{SubjectID(d.quote)})
		if err != nil {
			return err
		}
		if _, err := in.config.Quotes.Reflect(ctx, d.quote, sumOf(steps).progress(in.config.Host.Tolerance)); err != nil {
			return err
		}
	}
	if d.opportunity.IsZero() {
		return nil
	}
	steps, err := stepsOf(ctx, s, roots)
	if err != nil {
		return err
	}
	t := sumOf(steps)
	if err := in.config.Opportunities.ReflectCredit(ctx, d.opportunity, t.credit()); err != nil {
		return ignoreMissing(err)
	}
	return in.reflectOpportunity(ctx, s, d.opportunity, t.progress(in.config.Host.Tolerance))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// reflectOpportunity notes the progress. A won opportunity of which nothing is left at the host stays
// won, because only its seller knows whether it is lost or ordered anew.
func (in *Conversions) reflectOpportunity(ctx context.Context, s *store.Session, id opportunity.ID, p opportunity.Progress) error {
	card, err := in.config.Opportunities.Get(ctx, id)
	if err != nil || card.Progress == p {
		return err
	}
	if _, err = in.config.Opportunities.Reflect(ctx, id, p); err != nil || p != opportunity.Void {
		return err
	}
	return in.tellSeller(ctx, s, id, "void")
}

// tellSeller notes on a won opportunity's timeline that it has nothing at the host any more, and gives
// its seller a task: what says why, "void" or "lost".
func (in *Conversions) tellSeller(ctx context.Context, s *store.Session, id opportunity.ID, what string) error {
	o, err := in.config.Opportunities.Get(ctx, id)
	if err != nil || o.State != opportunity.Won {
		return ignoreMissing(err)
	}
	l := in.config.Locales(s.Actor.Company).Language
	err = in.config.Activities.Log(ctx, activity.Entry{
		Party: o.PartyID, Opportunity: activity.OpportunityID(id), Kind: activity.Document,
		Subject: Texts.T(l, "deal."+what, o.Name), RefKind: "opportunity", RefID: activity.RefID(id),
	})
	if err != nil || o.OwnerUser == "" {
		return err
	}
	_, err = in.config.Activities.Plan(ctx, activity.Plan{
		Party: o.PartyID, Opportunity: activity.OpportunityID(id), Kind: activity.Task,
		Subject: Texts.T(l, "task."+what, o.Name), Due: s.Now.Add(24 * time.Hour), Owner: o.OwnerUser, Team: o.OwnerTeam,
	})
	return err
}

// logChange notes on the timeline what became of a document.
func (in *Conversions) logChange(ctx context.Context, s *store.Session, e event.Event, d deal) error {
	l := in.config.Locales(s.Actor.Company).Language
	entry := activity.Entry{Opportunity: activity.OpportunityID(d.opportunity), Kind: activity.Document, At: e.At}
	if e.Kind != EventDocumentChanged {
		var out Result
		if err := e.Decode(&out); err != nil || out.Document == nil {
			return err
		}
		entry.Party, entry.RefKind, entry.RefID, entry.RefText = out.Party, string(out.Document.Kind), activity.RefID(out.ID), out.Document.Number
		entry.Subject = nameOf(l, out.Document.Ref) + ": " + Texts.T(l, e.Kind)
		if state := out.Document.State; e.Kind == EventDocumentFound && state != "" && state != erpbridge.Open {
			entry.Subject += ", " + Texts.T(l, "state."+string(state))
		}
		return in.config.Activities.Log(ctx, entry)
	}
	var p DocumentChange
	if err := e.Decode(&p); err != nil {
		return err
	}
	entry.Party, entry.RefKind, entry.RefID, entry.RefText = p.Party, string(p.Document.Kind), activity.RefID(p.ID), p.Document.Number
	entry.Subject = nameOf(l, p.Document) + ": " + Texts.T(l, "state."+string(p.Is))
	if p.Paid.IsPositive() {
		entry.Body = Texts.T(l, "document.paid", l.Money(p.Paid, p.Currency), l.Money(p.Total, p.Currency))
	}
	return in.config.Activities.Log(ctx, entry)
}
