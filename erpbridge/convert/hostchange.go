package convert

import (
	"context"
	"encoding/json"
	"errors"

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
// credited. Documents that no conversion made are ignored.
func (c *Conversions) DocumentChanged(ctx context.Context, ref erpbridge.Ref, state erpbridge.State) error {
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		if ref.Key == "" || ref.Kind == "" || state == "" {
			var faults fault.List
			faults.Required("kind", string(ref.Kind))
			faults.Required("key", ref.Key)
			faults.Required("state", string(state))
			return faults.Err("the change of a document cannot be taken")
		}
		_, err := s.Exec(ctx, store.From[Link](""),
			"UPDATE crm_link SET host_state = ? WHERE {scope} AND host_kind = ? AND host_key = ?", state, ref.Kind, ref.Key)
		return err
	})
}

// CustomerRenumbered says that a customer of the host has another key now.
func (c *Conversions) CustomerRenumbered(ctx context.Context, from, to string) error {
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		if err := fromTo(from, to); err != nil {
			return err
		}
		err := in.config.Parties.Rekey(ctx, party.Link{Role: party.Customer, HostKey: from}, to)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		_, err = s.Exec(ctx, store.From[Link](""),
			"UPDATE crm_link SET host_key = ? WHERE {scope} AND host_kind = ? AND host_key = ?", to, party.Customer, from)
		return err
	})
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

// CustomerBlocked says that the host blocked a customer, or with the state "deleted" removed it. It is
// noted on the timeline; a deleted customer's party is no customer any more, and keeps everything else.
func (c *Conversions) CustomerBlocked(ctx context.Context, key string, state CustomerState) error {
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		var faults fault.List
		faults.Required("key", key)
		if state != BlockedCustomer && state != DeletedCustomer {
			faults.Add("state", "choice", "%q is no state; say %s or %s", state, BlockedCustomer, DeletedCustomer)
		}
		if err := faults.Err("the change of a customer cannot be taken"); err != nil {
			return err
		}
		link := party.Link{Role: party.Customer, HostKey: key}
		p, err := in.config.Parties.ByRole(ctx, link)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if state == DeletedCustomer {
			if err := in.config.Parties.RemoveRole(ctx, p.ID, link); err != nil {
				return err
			}
		}
		return in.config.Activities.Log(ctx, activity.Entry{
			Party: p.ID, Kind: activity.Document, Subject: string(state), RefKind: string(party.Customer), RefText: key,
		})
	})
}

// CustomerState is what became of a customer of the host.
type CustomerState string

// The states that the host reports.
const (
	BlockedCustomer CustomerState = "blocked"
	DeletedCustomer CustomerState = "deleted"
)

// Register makes conversions available by name: to hosts in any language through crm_request, and to
// rules. The names and their JSON requests:
//
//	lead.convert         {"lead": id, "choice": LeadChoice}
//	order.make           DocumentInput
//	delivery.make        DocumentInput
//	invoice.make         DocumentInput
//	conversion.undo      {"conversion": id, "reason": text}
//	document.changed     {"kind": "invoice", "key": host key, "state": "posted"}
//	customer.renumbered  {"from": host key, "to": host key}
//	customer.merged      {"from": host key, "to": host key}
//	customer.blocked     {"key": host key, "state": "blocked" or "deleted"}
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
	r.Action("conversion.undo", action(c, func(ctx context.Context, in *Conversions, q struct {
		Conversion ID     `json:"conversion"`
		Reason     string `json:"reason"`
	}) (any, error) {
		return nil, in.Undo(ctx, q.Conversion, q.Reason)
	}))
	r.Action("document.changed", action(c, func(ctx context.Context, in *Conversions, q struct {
		Kind  erpbridge.Kind  `json:"kind"`
		Key   string          `json:"key"`
		State erpbridge.State `json:"state"`
	}) (any, error) {
		return nil, in.DocumentChanged(ctx, erpbridge.Ref{Kind: q.Kind, Key: q.Key}, q.State)
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
