package party

import (
	"context"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/store"
)

// EventChanged tells that somebody, or a rule, changed what is known of a person or company; the record is the party,
// the payload a [ChangedFact]. What a lead fills in or hands on with itself is told by the lead's own events.
const EventChanged = "party.changed"

// ChangedFact is the payload of [EventChanged].
type ChangedFact struct {
	ID    ID     `json:"id"`
	Owner string `json:"owner"`
	Team  string `json:"team"`
}

// tell writes the event of a party that was saved; was is the version that it had before.
func (p Party) tell(ctx context.Context, s *store.Session, was int64) error {
	if p.Version == was {
		return nil
	}
	return event.Emit(ctx, s, event.Fact{Kind: EventChanged, Record: p.ID.Bytes(), Version: p.Version, Payload: ChangedFact{p.ID, p.OwnerUser, p.OwnerTeam}})
}
