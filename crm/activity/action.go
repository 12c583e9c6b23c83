package activity

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// The actions that this package answers to; see [Activities.Register].
const (
	// ActionPlan takes a [Plan] as JSON and answers with the [Activity].
	ActionPlan = "activity.plan"
	// ActionRecord takes a [Deed] as JSON and answers with the [Result].
	ActionRecord = "activity.record"
)

// Register puts the actions into the registry, so that a host in any language, a rule or a workflow
// can ask for a task or note what happened.
func (a *Activities) Register(r *event.Registry) {
	r.Action(ActionPlan, func(ctx context.Context, s *store.Session, request json.RawMessage) (any, error) {
		var p Plan
		if err := decode(request, &p); err != nil {
			return nil, err
		}
		return a.In(s).Plan(ctx, p)
	})
	r.Action(ActionRecord, func(ctx context.Context, s *store.Session, request json.RawMessage) (any, error) {
		var d Deed
		if err := decode(request, &d); err != nil {
			return nil, err
		}
		return a.In(s).Record(ctx, d)
	})
}

func decode(request json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(request))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fault.List{{Path: "payload", Code: "json.form", Message: "cannot be read: " + err.Error()}}.Err("the request cannot be carried out")
	}
	return nil
}
