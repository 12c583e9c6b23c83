package opportunity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// filled is what the requirements of a stage are held against.
type filled struct {
	Opportunity
	lines, competitors int
	custom             map[string]any
	// person says that it is of a person, who is his own contact.
	person bool
}

// requirements are the fields that a stage can require, with what counts as filled.
var requirements = map[string]func(filled) bool{
	"goal":             func(f filled) bool { return strings.TrimSpace(f.Goal) != "" },
	"contact_id":       func(f filled) bool { return f.person || !f.ContactID.IsZero() },
	"expected_revenue": func(f filled) bool { return f.ExpectedRevenue.IsPositive() },
	"expected_close":   func(f filled) bool { return !f.ExpectedClose.IsZero() },
	"next_step_at":     func(f filled) bool { return !f.NextStepAt.IsZero() },
	"source":           func(f filled) bool { return f.Source != "" },
	"campaign":         func(f filled) bool { return f.Campaign != "" },
	"owner_user":       func(f filled) bool { return f.OwnerUser != "" },
	"lines":            func(f filled) bool { return f.lines > 0 },
	"competitors":      func(f filled) bool { return f.competitors > 0 },
}

const customPrefix = "custom."

// Requirable lists the fields that a stage can require; custom fields stand beside them as
// "custom.<name>".
func Requirable() []string { return slices.Sorted(maps.Keys(requirements)) }

func requirable(field string) bool {
	return requirements[field] != nil || len(field) > len(customPrefix) && strings.HasPrefix(field, customPrefix)
}

// missingFields is one fault for each field that the stage requires and that is empty.
func missingFields(st Stage, f filled) fault.List {
	var faults fault.List
	for _, field := range st.RequiredFields {
		name, custom := strings.CutPrefix(field, customPrefix)
		if custom && f.custom[name] == nil || !custom && requirements[field] != nil && !requirements[field](f) {
			faults.Add(field, "stage.field", "is empty; the stage %q needs it", st.Name)
		}
	}
	return faults
}

// missingActivities is one fault for each kind of activity that the stage requires and that was not
// finished often enough.
func missingActivities(st Stage, done map[string]int) fault.List {
	need := map[string]int{}
	for _, kind := range st.RequiredActivities {
		need[kind]++
	}
	var faults fault.List
	for _, kind := range slices.Sorted(maps.Keys(need)) {
		if done[kind] < need[kind] {
			faults.Add("activities."+kind, "stage.activity", "%d of %d are finished; the stage %q needs them", done[kind], need[kind], st.Name)
		}
	}
	return faults
}

// unmet holds an opportunity that exists against the stage that it is about to enter. Only the stage
// that is entered counts, not those that are skipped or left: a stage says what must be known in it.
func (o *Opportunities) unmet(ctx context.Context, s *store.Session, row Opportunity, st Stage) (fault.List, error) {
	f := filled{Opportunity: row}
	var err error
	for _, field := range st.RequiredFields {
		switch {
		case field == "lines":
			f.lines, err = countParts[Line](ctx, s, "crm_opportunity_line", row.ID)
		case field == "competitors":
			f.competitors, err = countParts[Competitor](ctx, s, "crm_competitor", row.ID)
		case field == "contact_id":
			f.person, err = ofPerson(ctx, s, row.PartyID)
		case strings.HasPrefix(field, customPrefix) && f.custom == nil:
			f.custom, err = s.Custom(ctx, recordKind, row.ID.Bytes())
		}
		if err != nil {
			return nil, err
		}
	}
	faults := missingFields(st, f)
	if len(st.RequiredActivities) > 0 {
		done := map[string]int{}
		if o.config.DoneActivities != nil {
			if done, err = o.config.DoneActivities(ctx, s, row.ID); err != nil {
				return nil, fmt.Errorf("counting the activities of an opportunity: %w", err)
			}
		}
		faults.Merge("", missingActivities(st, done))
	}
	return faults, nil
}

// ofPerson reports whether a party is a person.
func ofPerson(ctx context.Context, s *store.Session, id party.ID) (bool, error) {
	var found []int64
	err := s.Query(ctx, &found, store.From[party.Party]("p"), "SELECT 1 AS one FROM crm_party AS p WHERE {scope} AND p.id = ? AND p.kind = ?", id, party.Person)
	return len(found) > 0, err
}

// recordKind is the noun of custom fields.
const recordKind = "opportunity"

func countParts[Part any](ctx context.Context, s *store.Session, table string, id ID) (int, error) {
	var n int
	err := s.Query(ctx, &n, store.From[Part]("part"), "SELECT COUNT(*) FROM "+table+" AS part WHERE {scope} AND part.opportunity_id = ?", id)
	return n, err
}
