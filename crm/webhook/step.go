package webhook

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/store"
)

// EventCalled is what rules tell other systems by the step [StepCall]; each webhook that is for it is told. The record is
// the call, the payload a [Call].
const EventCalled = "workflow.called"

// StepCall is the step by which rules tell other systems.
const StepCall = "webhook.call"

// Call is the payload of EventCalled.
type Call struct {
	Rule        string         `json:"rule"`
	Note        string         `json:"note"`
	RecordKind  string         `json:"record_kind"`
	Record      store.Key[any] `json:"record"`
	Party       store.Key[any] `json:"party"`
	Opportunity store.Key[any] `json:"opportunity"`
	Owner       string         `json:"owner"`
}

// Offer puts the package's step into the registry.
func (w *Webhooks) Offer(r *event.Registry) {
	r.Offer(event.Step{
		Name: StepCall, Right: actor.Settings,
		Parameters: []event.Parameter{{Name: "note", Kind: event.Line}},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			id := s.NewID()
			return "", event.Emit(ctx, s, event.Fact{Kind: EventCalled, Record: id[:], Version: 1, Payload: Call{
				Rule: t.Rule, Note: t.Given["note"], RecordKind: t.Noun, Record: t.Record, Party: t.Party, Opportunity: t.Opportunity, Owner: t.Owner,
			}})
		},
	})
}
