package subscription

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The kinds of events. Their payload is a [Notice], that of EventImported an [ImportResult].
const (
	EventRequested  = "subscription.requested"
	EventSubscribed = "subscription.subscribed"
	EventEnded      = "subscription.ended"
	EventSuppressed = "subscription.suppressed"
	EventImported   = "subscription.imported"
)

var eventOf = map[State]string{Pending: EventRequested, Active: EventSubscribed, Unsubscribed: EventEnded, Suppressed: EventSuppressed}

// Notice is what events tell of a subscription.
type Notice struct {
	ID      ID       `json:"id"`
	TopicID TopicID  `json:"topic_id"`
	PartyID party.ID `json:"party_id"`
	Channel Channel  `json:"channel"`
	State   State    `json:"state"`
	Source  string   `json:"source"`
}

// wish is what a subscription is to be.
type wish struct {
	topic    Topic
	party    party.ID
	to       destination
	language locale.Language
	basis    Basis
	source   string
}

// hold finds and locks the subscription of a reader to a topic: the one of the address, else the one of any party
// that the reader is, an active one first. The zero sealed stands for none.
func hold(ctx context.Context, s *store.Session, w wish) (sealed, error) {
	ids, err := reader(ctx, s, w.party)
	if err != nil {
		return sealed{}, err
	}
	mine, err := ofReader(ctx, s, ids)
	if err != nil {
		return sealed{}, err
	}
	theirs, err := ofAddress(ctx, s, w.to.hash)
	if err != nil {
		return sealed{}, err
	}
	var best *sealed
	for _, rows := range [][]sealed{theirs, mine} {
		for i := range rows {
			if r := &rows[i]; r.TopicID == w.topic.ID && (best == nil || best.State != Active && r.State == Active) {
				best = r
			}
		}
	}
	if best == nil {
		return sealed{}, nil
	}
	var row sealed
	err = s.Lock(ctx, &row, best.ID)
	return row, err
}

// bring brings a reader's subscription into a state, from whatever it was, and gives it. What is in the state
// already stays as it is, but that an active one follows its reader to another address.
func (n *Subscriptions) bring(ctx context.Context, s *store.Session, w wish, to State) (Subscription, error) {
	was, err := hold(ctx, s, w)
	if err != nil {
		return Subscription{}, err
	}
	if to == Pending && was.State == Active || to == was.State && was.AddressHash == w.to.hash {
		return Subscription(was), nil
	}
	next := was
	next.TopicID, next.Channel, next.State = w.topic.ID, w.topic.Channel, to
	next.Address, next.AddressHash, next.Language, next.Basis, next.Source = w.to.address, w.to.hash, w.language, w.basis, oneLine(w.source, 200)
	if to == Active {
		next.ConfirmedAt, next.EndedAt = s.Now, time.Time{}
	}
	if was.ID.IsZero() {
		if err := was.allow(to); err != nil {
			return Subscription{}, err
		}
		next.ID, next.PartyID = store.NewKey[Tag](s), w.party
		if err := s.Insert(ctx, &next); err != nil {
			return Subscription{}, err
		}
		return Subscription(next), tell(ctx, s, next)
	}
	return Subscription(next), save(ctx, s, was, &next)
}

// allow refuses a transition that there is not.
func (s sealed) allow(to State) error {
	if to == s.State || slices.Contains(transitions[s.State], to) {
		return nil
	}
	var faults fault.List
	faults.Add("state", "state."+string(s.State), "is %s and cannot become %s", s.State, to)
	return faults.Err("the subscription cannot be changed")
}

// save writes a change of a locked subscription, and tells of it.
func save(ctx context.Context, s *store.Session, was sealed, next *sealed) error {
	if err := was.allow(next.State); err != nil {
		return err
	}
	if err := s.Save(ctx, &was, next); err != nil || was.State == next.State {
		return err
	}
	return tell(ctx, s, *next)
}

func tell(ctx context.Context, s *store.Session, row sealed) error {
	return event.Emit(ctx, s, event.Fact{Kind: eventOf[row.State], Record: row.ID.Bytes(), Version: row.Version, Payload: Notice{
		ID: row.ID, TopicID: row.TopicID, PartyID: row.PartyID, Channel: row.Channel, State: row.State, Source: row.Source,
	}})
}

// end brings rows that are pending or active into a final state, and gives those that were.
func end(ctx context.Context, s *store.Session, rows []sealed, to State) ([]sealed, error) {
	var ended []sealed
	for _, r := range rows {
		var was sealed
		if err := s.Lock(ctx, &was, r.ID); err != nil {
			return nil, err
		}
		if was.State == to || was.State == Suppressed {
			continue
		}
		next := was
		next.State, next.EndedAt = to, s.Now
		if err := save(ctx, s, was, &next); err != nil {
			return nil, err
		}
		ended = append(ended, next)
	}
	return ended, nil
}
