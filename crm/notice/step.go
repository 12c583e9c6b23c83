package notice

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/store"
)

// StepTell is the step by which rules tell people something.
const StepTell = "notice.tell"

// ruleFact is the payload of workflow.told, whose record is the telling.
type ruleFact struct {
	RecordKind string   `json:"record_kind"`
	Record     RecordID `json:"record"`
	Name       string   `json:"name"`
	To         string   `json:"to"`
	Text       string   `json:"text"`
}

// Offer puts the package's step into the registry. The notice is made by the handler of [Notices.Register], as all are.
func (n *Notices) Offer(r *event.Registry) {
	r.Offer(event.Step{
		Name: StepTell, Right: actor.ActivityWrite,
		Parameters: []event.Parameter{{Name: "to", Kind: event.Colleague, Required: true}, {Name: "text", Kind: event.Line, Required: true, Most: 400}},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			who, err := t.Who(ctx, t.Given["to"])
			if err != nil || who == "" {
				return event.NobodyThere, err
			}
			id := s.NewID()
			return who, event.Emit(ctx, s, event.Fact{Kind: string(RuleTold), Record: id[:], Version: 1, Payload: ruleFact{
				RecordKind: t.Noun, Record: t.Record, Name: t.Name, To: who, Text: t.Given["text"],
			}})
		},
	})
}

func toldByRule(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
	var p ruleFact
	if err := e.Decode(&p); err != nil {
		return nil, err
	}
	n := about(RuleTold, p.RecordKind, p.Record[:])
	n.UserID, n.Parameters = p.To, Parameters{Subject: p.Name, Note: p.Text}
	return []Notice{n}, nil
}

// workflowFact is what is read of the payload of workflow.failed and workflow.stopped.
type workflowFact struct {
	Rule   RecordID `json:"rule"`
	Name   string   `json:"name"`
	Owner  string   `json:"owner"`
	Reason string   `json:"reason"`
}

// ofWorkflow tells who published the rule; what is opened is the rule.
func ofWorkflow(kind Kind) func(context.Context, *store.Session, event.Event) ([]Notice, error) {
	return func(_ context.Context, _ *store.Session, e event.Event) ([]Notice, error) {
		var p workflowFact
		if err := e.Decode(&p); err != nil {
			return nil, err
		}
		n := about(kind, "workflow", p.Rule[:])
		n.UserID, n.Parameters = p.Owner, Parameters{Subject: p.Name, Note: p.Reason}
		return []Notice{n}, nil
	}
}
