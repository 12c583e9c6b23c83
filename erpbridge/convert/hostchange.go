package convert

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// DocumentChanged says that a document of the host is now in another state: posted, paid, cancelled,
// credited. Documents that no conversion made are ignored; the same state again changes nothing. What
// it means for opportunity and quote follows in the background: see [opportunity.Progress].
func (c *Conversions) DocumentChanged(ctx context.Context, ref erpbridge.Ref, state erpbridge.State) error {
	return c.DocumentSeen(ctx, erpbridge.Document{Ref: ref, State: state})
}

// DocumentSeen is [Conversions.DocumentChanged] with everything that the host cares to say: a number
// that the document got by now, its gross total, what was paid of it. What is empty stays as it was. A
// document that is not known yet, but says which one of ours it follows, is taken in as
// [Conversions.DocumentFound] does.
func (c *Conversions) DocumentSeen(ctx context.Context, d erpbridge.Document) error {
	var faults fault.List
	faults.Required("kind", string(d.Kind))
	faults.Required("key", d.Key)
	checkState(&faults, d.State)
	if err := faults.Err("the change of a document cannot be taken"); err != nil {
		return err
	}
	known := false
	err := c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		links, err := linked(ctx, s, d.Ref)
		known = len(links) > 0
		for _, l := range links {
			now := fresh{state: d.State, number: firstOf(d.Number, l.HostNumber), total: l.Total, paid: l.Paid}
			if !d.Gross.IsZero() {
				now.total = d.Gross
			}
			switch {
			case !d.Paid.IsZero():
				now.paid = d.Paid
			case d.State == erpbridge.Paid:
				now.paid = now.total
			}
			if now.known(l) {
				continue
			}
			if err := in.take(ctx, s, l, now); err != nil {
				return err
			}
		}
		return err
	})
	if err == nil && !known && d.Source != nil {
		_, err = c.adopt(ctx, d)
	}
	return err
}

// CustomerRenumbered says that a customer of the host has another key now.
func (c *Conversions) CustomerRenumbered(ctx context.Context, from, to string) error {
	return c.rekey(ctx, party.Customer, from, to)
}

func (c *Conversions) rekey(ctx context.Context, role party.Role, from, to string) error {
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		if err := fromTo(from, to); err != nil {
			return err
		}
		err := in.config.Parties.Rekey(ctx, party.Link{Role: role, HostKey: from}, to)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		if err := in.rekeyResults(ctx, s, party.Link{Role: role, HostKey: from}, to); err != nil {
			return err
		}
		_, err = s.Exec(ctx, store.From[Link](""),
			"UPDATE crm_link SET host_key = ?, changes = changes + 1, looked_at = ?, look_at = ? WHERE {scope} AND host_kind = ? AND host_key = ?",
			to, s.Now, s.Now.Add(lookSoon), role, from)
		return err
	})
}

// rekeyResults keeps the key in the results of conversions, which undo goes by.
func (in *Conversions) rekeyResults(ctx context.Context, s *store.Session, link party.Link, to string) error {
	links, err := linked(ctx, s, erpbridge.Ref{Kind: erpbridge.Kind(link.Role), Key: link.HostKey})
	if err != nil {
		return err
	}
	for _, l := range links {
		var r row
		if err := s.Lock(ctx, &r, l.ConversionID); err != nil {
			return err
		}
		err := r.amend(ctx, s, func(out *Result) {
			if link.Role == party.Customer && out.Customer != nil && out.Customer.Key == link.HostKey {
				out.Customer.Key = to
			}
			for i := range out.Contacts {
				if link.Role == party.Contact && out.Contacts[i].Key == link.HostKey {
					out.Contacts[i].Key = to
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func fromTo(from, to string) error {
	var faults fault.List
	faults.Required("from", from)
	faults.Required("to", to)
	if from == to && from != "" {
		faults.Add("to", "same", "is the same as from; nothing would change")
	}
	return faults.Err("the change of a customer cannot be taken")
}

// CustomerMerged says that the host merged one customer into another. Their parties are merged too, so
// that one card shows everything of both.
func (c *Conversions) CustomerMerged(ctx context.Context, from, into string) error {
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		if err := fromTo(from, into); err != nil {
			return err
		}
		loser, err := in.config.Parties.ByRole(ctx, party.Link{Role: party.Customer, HostKey: from})
		if errors.Is(err, fault.NotFound) {
			return nil // nothing of ours hangs on it
		}
		if err != nil {
			return err
		}
		survivor, err := in.config.Parties.ByRole(ctx, party.Link{Role: party.Customer, HostKey: into})
		if errors.Is(err, fault.NotFound) {
			return in.CustomerRenumbered(ctx, from, into)
		}
		if err != nil || survivor.ID == loser.ID {
			return err
		}
		if err := in.config.Parties.RemoveRole(ctx, loser.ID, party.Link{Role: party.Customer, HostKey: from}); err != nil {
			return err
		}
		_, err = in.config.Parties.Merge(ctx, survivor.ID, loser.ID)
		return err
	})
}

// CustomerBlocked says that the host blocked a customer, opened it again, or removed it. It is noted on
// the timeline; a deleted customer's party is no customer any more, and keeps everything else. What is
// known already changes nothing.
func (c *Conversions) CustomerBlocked(ctx context.Context, key string, state CustomerState) error {
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		var faults fault.List
		faults.Required("key", key)
		if !slices.Contains(customerStates, state) {
			faults.Add("state", "choice", "%.20q is no state; choose from %q", string(state), customerStates)
		}
		if err := faults.Err("the change of a customer cannot be taken"); err != nil {
			return err
		}
		if state == DeletedCustomer {
			if err := in.peopleGone(ctx, s, key); err != nil {
				return err
			}
		}
		return in.roleChanged(ctx, s, party.Link{Role: party.Customer, HostKey: key}, state)
	})
}

// peopleGone notes that the contacts of a customer were removed with him.
func (in *Conversions) peopleGone(ctx context.Context, s *store.Session, key string) error {
	links, err := linked(ctx, s, erpbridge.Ref{Kind: erpbridge.Kind(party.Customer), Key: key})
	if err != nil {
		return err
	}
	for _, l := range links {
		var people []Link
		err := s.Select(&people).Where("link.conversion_id = ?", l.ConversionID).Where("link.host_kind = ?", party.Contact).OrderExpr("link.id").Scan(ctx)
		if err != nil {
			return err
		}
		for _, p := range people {
			if err := in.roleChanged(ctx, s, party.Link{Role: party.Contact, HostKey: p.HostKey}, DeletedCustomer); err != nil {
				return err
			}
		}
	}
	return nil
}

// CustomerState is what became of a customer or contact of the host.
type CustomerState string

// The states that the host reports.
const (
	BlockedCustomer   CustomerState = "blocked"
	UnblockedCustomer CustomerState = "unblocked"
	DeletedCustomer   CustomerState = "deleted"
)

var customerStates = []CustomerState{BlockedCustomer, UnblockedCustomer, DeletedCustomer}

// EventCustomerChanged says that the host blocked, opened or removed a customer or contact; its payload
// is CustomerChange, its record the link.
const EventCustomerChanged = "customer.changed"

// CustomerChange is the payload of EventCustomerChanged.
type CustomerChange struct {
	Party party.ID      `json:"party"`
	Role  party.Role    `json:"role"`
	Key   string        `json:"key"`
	State CustomerState `json:"state"`
}

// roleChanged notes what became of a customer or contact: on its links, its party and the timeline.
func (in *Conversions) roleChanged(ctx context.Context, s *store.Session, link party.Link, state CustomerState) error {
	links, err := linked(ctx, s, erpbridge.Ref{Kind: erpbridge.Kind(link.Role), Key: link.HostKey})
	if err != nil {
		return err
	}
	p, err := in.config.Parties.ByRole(ctx, link)
	if errors.Is(err, fault.NotFound) {
		return linkChanged(ctx, s, links, CustomerChange{Role: link.Role, Key: link.HostKey, State: state})
	}
	if err != nil {
		return err
	}
	known := func(l tracked) bool {
		return CustomerState(l.HostState) == state || l.HostState == "" && state == UnblockedCustomer
	}
	if len(links) > 0 && !slices.ContainsFunc(links, func(l tracked) bool { return !known(l) }) {
		return nil
	}
	if state == DeletedCustomer {
		if err := in.config.Parties.RemoveRole(ctx, p.ID, link); err != nil {
			return err
		}
	}
	if err := linkChanged(ctx, s, links, CustomerChange{Party: p.ID, Role: link.Role, Key: link.HostKey, State: state}); err != nil {
		return err
	}
	l := in.config.Locales(s.Actor.Company).Language
	return in.config.Activities.Log(ctx, activity.Entry{
		Party: p.ID, Kind: activity.Document, Subject: Texts.T(l, string(link.Role)+"."+string(state), link.HostKey),
		RefKind: string(link.Role), RefText: link.HostKey,
	})
}

// linkChanged keeps the state on the links of a customer or contact, and tells of it once.
func linkChanged(ctx context.Context, s *store.Session, links []tracked, change CustomerChange) error {
	told := false
	for _, l := range links {
		if CustomerState(l.HostState) == change.State {
			continue
		}
		next := l.next(s.Now, erpbridge.State(change.State), true)
		n, err := s.Exec(ctx, store.From[Link](""),
			"UPDATE crm_link SET host_state = ?, changes = changes + 1, looked_at = ?, look_at = ? WHERE {scope} AND id = ? AND changes = ?",
			change.State, s.Now, next, l.ID, l.Changes)
		if err != nil {
			return err
		}
		if n == 0 || told || change.Party.IsZero() {
			continue
		}
		told = true
		if err := event.Emit(ctx, s, event.Fact{Kind: EventCustomerChanged, Record: l.ID.Bytes(), Version: l.Changes + 1, Payload: change}); err != nil {
			return err
		}
	}
	return nil
}

// ContactRenumbered says that a contact person of the host has another key now.
func (c *Conversions) ContactRenumbered(ctx context.Context, from, to string) error {
	return c.rekey(ctx, party.Contact, from, to)
}

// ContactDeleted says that the host removed a contact person; who it was stays, with everything that
// was done with him.
func (c *Conversions) ContactDeleted(ctx context.Context, key string) error {
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		var faults fault.List
		faults.Required("key", key)
		if err := faults.Err("the change of a contact cannot be taken"); err != nil {
			return err
		}
		return in.roleChanged(ctx, s, party.Link{Role: party.Contact, HostKey: key}, DeletedCustomer)
	})
}

// Register makes conversions available by name: to hosts in any language through crm_request, and to
// rules. The names and their JSON requests:
//
//	lead.convert         {"lead": id, "choice": LeadChoice}
//	order.make           DocumentInput
//	delivery.make        DocumentInput
//	invoice.make         DocumentInput
//	payment_request.make, advance_invoice.make, completion_act.make, credit.make   DocumentInput
//	conversion.undo      {"conversion": id, "reason": text}
//	document.changed     {"kind": "invoice", "key": host key, "state": "posted"}, and where the host likes
//	                     "number", "gross", "paid", "source": {"kind", "key"}; see DocumentSeen
//	document.found       {"kind", "key", "state", "source": {"kind", "key"}, ...}
//	customer.renumbered  {"from": host key, "to": host key}
//	customer.merged      {"from": host key, "to": host key}
//	customer.blocked     {"key": host key, "state": "blocked", "unblocked" or "deleted"}
//	contact.renumbered   {"from": host key, "to": host key}
//	contact.deleted      {"key": host key}
//
// It also registers the handler that reflects what the host did on opportunities and quotes.
func (c *Conversions) Register(r *event.Registry) {
	r.Action("lead.convert", action(c, func(ctx context.Context, in *Conversions, q struct {
		Lead   lead.ID    `json:"lead"`
		Choice LeadChoice `json:"choice"`
	}) (any, error) {
		return in.Lead(ctx, q.Lead, q.Choice)
	}))
	r.Action("order.make", action(c, func(ctx context.Context, in *Conversions, q DocumentInput) (any, error) { return in.Order(ctx, q) }))
	r.Action("delivery.make", action(c, func(ctx context.Context, in *Conversions, q DocumentInput) (any, error) { return in.Deliver(ctx, q) }))
	r.Action("invoice.make", action(c, func(ctx context.Context, in *Conversions, q DocumentInput) (any, error) { return in.Invoice(ctx, q) }))
	c.registerTrade(r)
	r.Action("conversion.undo", action(c, func(ctx context.Context, in *Conversions, q struct {
		Conversion ID     `json:"conversion"`
		Reason     string `json:"reason"`
	}) (any, error) {
		return nil, in.Undo(ctx, q.Conversion, q.Reason)
	}))
	r.Action("document.changed", action(c, func(ctx context.Context, in *Conversions, d erpbridge.Document) (any, error) {
		return nil, in.DocumentSeen(ctx, d)
	}))
	r.Action("document.found", action(c, func(ctx context.Context, in *Conversions, d erpbridge.Document) (any, error) {
		return nil, in.DocumentFound(ctx, d)
	}))
	type change struct{ From, To string }
	r.Action("customer.renumbered", action(c, func(ctx context.Context, in *Conversions, q change) (any, error) {
		return nil, in.CustomerRenumbered(ctx, q.From, q.To)
	}))
	r.Action("customer.merged", action(c, func(ctx context.Context, in *Conversions, q change) (any, error) {
		return nil, in.CustomerMerged(ctx, q.From, q.To)
	}))
	r.Action("customer.blocked", action(c, func(ctx context.Context, in *Conversions, q struct {
		Key   string        `json:"key"`
		State CustomerState `json:"state"`
	}) (any, error) {
		return nil, in.CustomerBlocked(ctx, q.Key, q.State)
	}))
	r.Action("contact.renumbered", action(c, func(ctx context.Context, in *Conversions, q change) (any, error) {
		return nil, in.ContactRenumbered(ctx, q.From, q.To)
	}))
	r.Action("contact.deleted", action(c, func(ctx context.Context, in *Conversions, q struct{ Key string }) (any, error) {
		return nil, in.ContactDeleted(ctx, q.Key)
	}))
	r.On(event.Handler{Name: "convert.reflect", Kinds: reflected, Do: c.reflect})
}

// action decodes a request and runs a verb inside the request's session.
func action[Q any](c *Conversions, verb func(ctx context.Context, in *Conversions, q Q) (any, error)) event.Action {
	return func(ctx context.Context, s *store.Session, request json.RawMessage) (any, error) {
		var q Q
		if err := json.Unmarshal(request, &q); err != nil {
			return nil, fault.New(fault.Invalid, "the request is not understood: %v", err)
		}
		ctx = actor.With(ctx, s.Actor)
		return verb(ctx, c.In(s), q)
	}
}
