package convert

import (
	"context"
	"errors"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// manifest is what a conversion changed beside what its result says.
type manifest struct {
	// Already says that the party was a customer before, so that an undo leaves it one.
	Already bool `json:"already,omitempty"`
	// Won says that the conversion closed the opportunity.
	Won bool `json:"won,omitempty"`
	// madeUnder is the token that the host knows the record by, "" for the conversion's own.
	madeUnder string
}

// Undo takes a conversion back. A document is cancelled by the host's own means; a customer that the
// conversion made is removed where the host can do that and has no documents for it; fields it filled
// are emptied again; links are removed, and an opportunity that was won by it is open again. It is
// refused with the reason where later documents follow, or where the host refuses. An opportunity that
// came with a lead stays: it hangs on the same person or company. A second call does nothing. Where the
// host is elsewhere the conversion is [Undoing] until the host has done its part, and [Done] again where
// it refuses.
func (c *Conversions) Undo(ctx context.Context, id ID, reason string) error {
	_, err := c.run(ctx, actor.ConvertUndo, func(ctx context.Context, s *store.Session, in *Conversions) (errand, error) {
		var r row
		if err := s.Lock(ctx, &r, id); err != nil {
			return errand{}, err
		}
		return in.undoErrand(ctx, s, &r, reason)
	})
	return err
}

// undoErrand is the undoing of a conversion whose row is locked.
func (in *Conversions) undoErrand(ctx context.Context, s *store.Session, r *row, reason string) (errand, error) {
	made, err := r.result()
	if err != nil {
		return errand{}, err
	}
	if _, err := in.config.Parties.Get(ctx, made.Party); err != nil {
		return errand{}, err
	}
	switch r.State {
	case Undone, Abandoned:
		return errand{result: &made}, nil
	case Undoing:
		if !in.replays() {
			return errand{result: &made}, nil
		}
	case Pending, Unknown, Failed:
		return errand{}, fault.New(fault.Invalid, "the conversion is not done; abandon its call to the host instead")
	}
	m, err := r.manifest()
	if err != nil {
		return errand{}, err
	}
	if err := in.nothingFollows(ctx, s, r.ID); err != nil {
		return errand{}, err
	}
	return errand{operation: UndoCall, row: r, note: reason, do: func(out *Result) error {
		*out = made
		return in.undo(ctx, s, r, made, m, reason)
	}}, nil
}

func (in *Conversions) undo(ctx context.Context, s *store.Session, r *row, out Result, m manifest, reason string) error {
	var err error
	if r.Kind == ToCustomer {
		err = in.undoLead(ctx, s, r, out, m)
	} else {
		err = in.undoDocument(ctx, s, r, out, m, reason)
	}
	if err != nil {
		return err
	}
	next := *r
	next.State, next.Step, next.UndoneAt, next.UndoneBy = Undone, "undone "+r.ID.String(), s.Now, s.Actor.UserID
	if err := s.Save(ctx, r, &next); err != nil {
		return err
	}
	return event.Emit(ctx, s, event.Fact{Kind: "conversion.undone", Record: r.ID.Bytes(), Version: next.Version, Payload: out})
}

// void are the states of documents that nobody has to take back any more.
var void = []erpbridge.State{erpbridge.Cancelled, erpbridge.Credited, Missing, Gone}

// nothingFollows refuses the undo of a document that later ones follow. A credit note takes back and
// needs not be taken back, and what the host cancelled or credited itself is over.
func (in *Conversions) nothingFollows(ctx context.Context, s *store.Session, id ID) error {
	var later []row
	err := s.Select(&later).Where("conversion.subject_id = ?", id).Where("conversion.state <> ?", Undone).Where("conversion.state <> ?", Abandoned).
		Where("conversion.kind <> ?", ToCredit).OrderExpr("conversion.id").Scan(ctx)
	if err != nil || len(later) == 0 {
		return err
	}
	ids := make([]ID, len(later))
	for i, r := range later {
		ids[i] = r.ID
	}
	var over []Link
	err = s.Select(&over).Where("link.conversion_id IN (?)", list(ids)).Where("link.host_state IN (?)", list(void)).Scan(ctx)
	if err != nil {
		return err
	}
	var faults fault.List
	for _, r := range later {
		if slices.ContainsFunc(over, func(l Link) bool { return l.ConversionID == r.ID }) {
			continue
		}
		out, err := r.result()
		switch {
		case err != nil:
			return err
		case out.Document != nil:
			faults.Add("conversion", "followed", "%s %s follows; take it back first", out.Document.Kind, out.Document.Number)
		default:
			faults.Add("conversion", "followed", "a conversion of the kind %q follows and is %s; wait for it, or abandon its call", r.Kind, r.State)
		}
	}
	return faults.Err("the conversion cannot be taken back")
}

func (in *Conversions) undoDocument(ctx context.Context, s *store.Session, r *row, out Result, m manifest, reason string) error {
	cancelled, err := in.config.Host.Documents.Cancel(ctx, in.session(s, r.Token+":undo"), out.Document.Ref, reason)
	if err != nil {
		return err
	}
	_, err = s.Exec(ctx, store.From[Link](""), "UPDATE crm_link SET host_state = ? WHERE {scope} AND conversion_id = ?", cancelled.State, r.ID)
	if err != nil {
		return err
	}
	if !m.Won || out.Opportunity.IsZero() {
		return nil
	}
	_, err = in.config.Opportunities.Reopen(ctx, opportunity.ID(out.Opportunity), opportunity.Reopening{})
	return err
}

func (in *Conversions) undoLead(ctx context.Context, s *store.Session, r *row, out Result, m manifest) error {
	hs := in.session(s, r.Token+":undo")
	for _, contact := range out.Contacts {
		err := in.config.Host.Contacts.RemoveContact(ctx, hs, contact.Key)
		if err != nil && !errors.Is(err, fault.NotFound) { // the host may have removed him itself
			return under("contact", err)
		}
		if err := in.unlink(ctx, party.Link{Role: party.Contact, HostKey: contact.Key}); err != nil {
			return err
		}
	}
	if err := in.removeCustomer(ctx, hs, out); err != nil {
		return err
	}
	if !m.Already {
		if err := in.unlink(ctx, party.Link{Role: party.Customer, HostKey: out.Customer.Key}); err != nil {
			return err
		}
	}
	return in.reopenLeads(ctx, s, r, out)
}

// reopenLeads removes the links of a lead's conversion and opens its leads again.
func (in *Conversions) reopenLeads(ctx context.Context, s *store.Session, r *row, out Result) error {
	if _, err := s.Exec(ctx, store.From[Link](""), "DELETE FROM crm_link WHERE {scope} AND conversion_id = ?", r.ID); err != nil {
		return err
	}
	for _, id := range out.Leads {
		if _, err := in.config.Leads.UnmarkConverted(ctx, lead.ID(id), [16]byte(r.ID)); err != nil {
			return err
		}
	}
	return nil
}

func (in *Conversions) unlink(ctx context.Context, link party.Link) error {
	p, err := in.config.Parties.ByRole(ctx, link)
	if err != nil {
		return ignoreMissing(err)
	}
	return in.config.Parties.RemoveRole(ctx, p.ID, link)
}

// removeCustomer takes back what the conversion did to the host's customer.
func (in *Conversions) removeCustomer(ctx context.Context, hs erpbridge.Session, out Result) error {
	removal, able := can[erpbridge.CustomerRemoval](in.config.Host.Customers)
	switch {
	case out.CreatedCustomer && able:
		return under("customer", removal.Remove(ctx, hs, out.Customer.Key))
	case len(out.Filled) > 0 && able:
		return under("customer", removal.Restore(ctx, hs, out.Customer.Key, out.Filled))
	}
	return nil
}
