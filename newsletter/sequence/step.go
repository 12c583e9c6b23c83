package sequence

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
)

// StepEnter is the step by which rules bring people into a sequence.
const StepEnter = "sequence.enter"

// Offer puts the package's step into the registry.
func (q *Sequences) Offer(r *event.Registry) {
	idOf := func(t event.Task) (ID, error) {
		id, err := store.ParseKey[Tag](t.Given["sequence"])
		if err != nil {
			err = fault.Wrap(err, fault.NotFound, "there is no such sequence")
		}
		return id, err
	}
	r.Offer(event.Step{
		Name: StepEnter, Right: actor.CampaignSend,
		Parameters: []event.Parameter{{Name: "sequence", Kind: event.SequenceChoice, Required: true}},
		Check: func(ctx context.Context, s *store.Session, t event.Task) (fault.List, error) {
			var faults fault.List
			id, err := idOf(t)
			var row Sequence
			if err == nil {
				err = s.Get(ctx, &row, id)
			}
			if fault.CodeOf(err) == fault.NotFound {
				faults.Add("sequence", "choice", "is no sequence; choose from the list")
				err = nil
			}
			return faults, err
		},
		Do: func(ctx context.Context, s *store.Session, t event.Task) (string, error) {
			id, err := idOf(t)
			if err != nil {
				return "", err
			}
			who := Who{Party: t.Party}
			if t.Noun == "lead" {
				who = Who{Lead: lead.ID(t.Record)}
			}
			in, err := q.In(s).Enter(ctx, id, []Who{who})
			if in.In+in.Again == 0 { // he does not get the topic, or is in it
				return event.NobodyThere, err
			}
			return t.Name, err
		},
	})
}
