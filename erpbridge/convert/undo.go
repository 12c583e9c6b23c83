package convert

import (
	"context"
	"encoding/json"
	"fmt"

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
}

// Undo takes a conversion back. A document is cancelled by the host's own means; a customer that the
// conversion made is removed where the host can do that and has no documents for it; fields it filled
// are emptied again; links are removed, and an opportunity that was won by it is open again. It is
// refused with the reason where later documents follow, or where the host refuses. An opportunity that
// came with a lead stays: it hangs on the same person or company. A second call does nothing.
func (c *Conversions) Undo(ctx context.Context, id ID, reason string) error {
	return c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ConvertUndo); err != nil {
			return err
		}
		in := c.In(s)
		var r row
		if err := s.Lock(ctx, &r, id); err != nil {
			return err
		}
		out, err := r.result()
		if err != nil {
			return err
		}
		if _, err := in.config.Parties.Get(ctx, out.Party); err != nil {
			return err
		}
		if r.State == Undone {
			return nil
		}
		var m manifest
		if err := json.Unmarshal([]byte(r.Manifest), &m); err != nil {
			return fmt.Errorf("the manifest of conversion %s: %w", id, err)
		}
		if err := in.nothingFollows(ctx, s, id); err != nil {
			return err
		}
		if r.Kind == ToCustomer {
			err = in.undoLead(ctx, s, &r, out, m)
		} else {
			err = in.undoDocument(ctx, s, &r, out, m, reason)
		}
		if err != nil {
			return err
		}
		next := r
		next.State, next.Step, next.UndoneAt, next.UndoneBy = Undone, "undone "+r.ID.String(), s.Now, s.Actor.UserID
		if err := s.Save(ctx, &r, &next); err != nil {
			return err
		}
		return event.Emit(ctx, s, event.Fact{Kind: "conversion.undone", Record: r.ID.Bytes(), Version: next.Version, Payload: out})
	})
}

// nothingFollows refuses the undo of a document that later conversions follow.
func (in *Conversions) nothingFollows(ctx context.Context, s *store.Session, id ID) error {
	var later []row
	err := s.Select(&later).Where("conversion.subject_id = ?", id).Where("conversion.state <> ?", Undone).OrderExpr("conversion.id").Scan(ctx)
	if err != nil {
		return err
	}
	var faults fault.List
	for _, r := range later {
		if out, err := r.result(); err == nil && out.Document != nil {
			faults.Add("conversion", "followed", "%s %s follows; take it back first", out.Document.Kind, out.Document.Number)
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
		if err := in.config.Host.Contacts.RemoveContact(ctx, hs, contact.Key); err != nil {
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
		return err
	}
	return in.config.Parties.RemoveRole(ctx, p.ID, link)
}

// removeCustomer takes back what the conversion did to the host's customer.
func (in *Conversions) removeCustomer(ctx context.Context, hs erpbridge.Session, out Result) error {
	removal, can := in.config.Host.Customers.(erpbridge.CustomerRemoval)
	switch {
	case out.CreatedCustomer && can:
		return under("customer", removal.Remove(ctx, hs, out.Customer.Key))
	case len(out.Filled) > 0 && can:
		return under("customer", removal.Restore(ctx, hs, out.Customer.Key, out.Filled))
	}
	return nil
}
