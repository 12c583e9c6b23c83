package opportunity

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// Win says how an opportunity was won.
type Win struct {
	// Stage is the won stage, the pipeline's first one where it is zero.
	Stage StageID `json:"stage_id"`
	// Revenue is what was really agreed, where that differs from the expected revenue.
	Revenue *money.Amount `json:"expected_revenue"`
}

// NoCompetitor is the competitor of an opportunity that was lost to nobody, because the customer did
// not buy at all.
const NoCompetitor = "-"

// Loss says how an opportunity was lost. Reason, Competitor and Lesson must be given.
type Loss struct {
	// Stage is the lost stage, the pipeline's first one where it is zero.
	Stage StageID `json:"stage_id"`
	// Reason is one of the company's usual reasons, so that they can be counted.
	Reason string `json:"lost_reason"`
	// Competitor is who won it, or NoCompetitor. One that is not on the list is added to it.
	Competitor string `json:"lost_to"`
	// Lesson is what to do better.
	Lesson string `json:"lesson"`
}

// CloseWon closes an open opportunity as won; its chance becomes 100 %. Of several who close it at
// once, one succeeds; the others are told that it is closed.
func (o *Opportunities) CloseWon(ctx context.Context, id ID, w Win) (Opportunity, error) {
	return o.change(ctx, id, 0, func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error) {
		next := row
		next.Chance, next.ChanceManual = hundred, false
		faults := mustBeOpen(row)
		if w.Revenue != nil {
			next.ExpectedRevenue, next.RevenueManual = revenue(&faults, w.Revenue, nil), true
		}
		to, err := o.ending(ctx, s, &faults, next, Won, w.Stage)
		if err != nil {
			return row, err
		}
		if err := faults.Err("the opportunity cannot be closed as won"); err != nil {
			return row, err
		}
		move, err := o.enter(ctx, s, &row, &next, to)
		if err != nil {
			return row, err
		}
		return next, emit(ctx, s, EventWon, next, moved(next, move))
	})
}

// CloseLost closes an open opportunity as lost; its chance becomes 0 %.
func (o *Opportunities) CloseLost(ctx context.Context, id ID, l Loss) (Opportunity, error) {
	return o.change(ctx, id, 0, func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error) {
		next := row
		next.Chance, next.ChanceManual = money.Percent{}, false
		next.LostReason, next.LostTo, next.Lesson = strings.TrimSpace(l.Reason), strings.TrimSpace(l.Competitor), strings.TrimSpace(l.Lesson)
		faults := mustBeOpen(row)
		faults.Required("lost_reason", next.LostReason)
		if next.LostTo == "" {
			faults.Add("lost_to", "required", "is missing; name the competitor who won it, or write %q where nobody did", NoCompetitor)
		}
		faults.Required("lesson", next.Lesson)
		to, err := o.ending(ctx, s, &faults, next, Lost, l.Stage)
		if err != nil {
			return row, err
		}
		if err := faults.Err("the opportunity cannot be closed as lost"); err != nil {
			return row, err
		}
		move, err := o.enter(ctx, s, &row, &next, to)
		if err != nil {
			return row, err
		}
		if err := lostTo(ctx, s, next); err != nil {
			return row, err
		}
		return next, emit(ctx, s, EventLost, next, moved(next, move))
	})
}

// ending finds the stage in which an opportunity ends and what speaks against it.
func (o *Opportunities) ending(ctx context.Context, s *store.Session, faults *fault.List, row Opportunity, as State, id StageID) (Stage, error) {
	var to Stage
	if id.IsZero() {
		stages, err := stagesOf(ctx, s, row.PipelineID)
		if err != nil {
			return to, err
		}
		to = first(stages, as)
	} else if err := s.Get(ctx, &to, id); err != nil {
		return to, misplaced(err, faults, "stage_id")
	}
	if row.State != Open {
		return to, nil
	}
	unfit, err := o.unfit(ctx, s, row, to, as)
	faults.Merge("", unfit)
	return to, err
}

// lostTo marks the competitor who won, who is added where he was not known.
func lostTo(ctx context.Context, s *store.Session, row Opportunity) error {
	if row.LostTo == NoCompetitor {
		return nil
	}
	all, err := competitorsOf(ctx, s, row.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(c Competitor) bool { return strings.EqualFold(c.Name, row.LostTo) })
	if i < 0 {
		added := Competitor{ID: store.NewKey[CompetitorTag](s), OpportunityID: row.ID, Name: row.LostTo, Won: true}
		return s.Insert(ctx, &added)
	}
	_, err = s.Exec(ctx, store.From[Competitor](""), "UPDATE crm_competitor SET won = 1 WHERE {scope} AND id = ?", all[i].ID)
	return err
}

// Reopening says where a closed opportunity goes on.
type Reopening struct {
	// Stage is an open stage; where it is zero the opportunity goes back to the stage it was closed
	// from, with the chance it had there, or where that is not in use any more to the first one.
	Stage StageID `json:"stage_id"`
}

// Reopen opens a closed opportunity again. Reason, competitor and lesson of a lost one are taken off
// it; the audit log keeps them. A stage that is given is held against its requirements; the one it
// came from is not, because it has been there.
func (o *Opportunities) Reopen(ctx context.Context, id ID, r Reopening) (Opportunity, error) {
	return o.change(ctx, id, 0, func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error) {
		var faults fault.List
		if row.State == Open {
			faults.Add("state", "state.open", "it is open already")
			return row, faults.Err("the opportunity cannot be reopened")
		}
		next := row
		next.LostReason, next.LostTo, next.Lesson = "", "", ""
		to, err := o.reopened(ctx, s, &faults, &next, r.Stage)
		if err != nil {
			return row, err
		}
		if err := faults.Err("the opportunity cannot be reopened"); err != nil {
			return row, err
		}
		move, err := o.enter(ctx, s, &row, &next, to)
		if err != nil {
			return row, err
		}
		if _, err := s.Exec(ctx, store.From[Competitor](""), "UPDATE crm_competitor SET won = 0 WHERE {scope} AND opportunity_id = ? AND won = 1", id); err != nil {
			return row, err
		}
		return next, emit(ctx, s, EventReopened, next, moved(next, move))
	})
}

// reopened finds the stage and the chance of an opportunity that is opened again.
func (o *Opportunities) reopened(ctx context.Context, s *store.Session, faults *fault.List, next *Opportunity, id StageID) (Stage, error) {
	var to Stage
	if !id.IsZero() {
		if err := s.Get(ctx, &to, id); err != nil {
			return to, misplaced(err, faults, "stage_id")
		}
		unfit, err := o.unfit(ctx, s, *next, to, Open)
		faults.Merge("", unfit)
		next.Chance, next.ChanceManual = to.Chance, false
		return to, err
	}
	moves, err := movesOf(ctx, s, next.ID)
	if err != nil {
		return to, err
	}
	for i := len(moves) - 1; i >= 0; i-- {
		if moves[i].To != next.StageID || moves[i].From.IsZero() {
			continue
		}
		if err := s.Get(ctx, &to, moves[i].From); err != nil {
			return to, err
		}
		if to.Kind == Open && to.ArchivedAt.IsZero() {
			next.Chance, next.ChanceManual = moves[i].FromChance, !moves[i].FromChance.Equal(to.Chance)
			return to, nil
		}
		break
	}
	stages, err := stagesOf(ctx, s, next.PipelineID)
	to = first(stages, Open)
	next.Chance, next.ChanceManual = to.Chance, false
	return to, err
}
