package opportunity

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// Step says where an opportunity moves.
type Step struct {
	// Stage is an open stage, of the same or of another pipeline.
	Stage StageID `json:"stage_id"`
	// From, where it is given, is the stage the mover saw it in; the move fails with fault.Conflict
	// where somebody else has moved it meanwhile.
	From StageID `json:"from"`
	// Chance in percent is set by hand where it is given; nil takes the stage's.
	Chance *money.Percent `json:"chance"`
	// KeepChance leaves the chance as it is.
	KeepChance bool `json:"keep_chance"`
}

// Move brings an open opportunity into another open stage. What the stage requires must be there: each
// missing field and activity is a fault of its own. Only the stage that is entered counts, so going
// back is as free as that stage allows, and a stage that is skipped asks for nothing. Moving into the
// stage it is in changes the chance where one is given, and nothing else.
func (o *Opportunities) Move(ctx context.Context, id ID, step Step) (Opportunity, error) {
	return o.change(ctx, id, 0, func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error) {
		to, err := o.target(ctx, s, row, step)
		if err != nil {
			return row, err
		}
		next := row
		switch {
		case step.Chance != nil:
			next.Chance, next.ChanceManual = *step.Chance, true
		case !step.KeepChance && to.ID != row.StageID:
			next.Chance, next.ChanceManual = to.Chance, false
		}
		if to.ID == row.StageID {
			next.weigh()
			return next, o.saveEdit(ctx, s, row, &next, nil)
		}
		move, err := o.enter(ctx, s, &row, &next, to)
		if err != nil {
			return row, err
		}
		return next, emit(ctx, s, EventMoved, next, moved(next, move))
	})
}

// target finds the stage of a step and everything that speaks against entering it.
func (o *Opportunities) target(ctx context.Context, s *store.Session, row Opportunity, step Step) (Stage, error) {
	faults := mustBeOpen(row)
	if step.Chance != nil {
		checkPercent(&faults, "chance", *step.Chance)
		if step.KeepChance {
			faults.Add("chance", "choice", "is given and to be kept; do one of them")
		}
	}
	var to Stage
	if err := s.Get(ctx, &to, step.Stage); err != nil {
		if err := misplaced(err, &faults, "stage_id"); err != nil {
			return to, err
		}
		return to, faults.Err("the opportunity cannot be moved")
	}
	if row.State == Open && !step.From.IsZero() && step.From != row.StageID && to.ID != row.StageID {
		return to, overtaken(ctx, s, row)
	}
	unfit, err := o.unfit(ctx, s, row, to, Open)
	if err != nil {
		return to, err
	}
	faults.Merge("", unfit)
	return to, faults.Err("the opportunity cannot be moved")
}

// overtaken says who moved the opportunity last.
func overtaken(ctx context.Context, s *store.Session, row Opportunity) error {
	moves, err := movesOf(ctx, s, row.ID)
	if err != nil || len(moves) == 0 {
		return err
	}
	last := moves[len(moves)-1]
	return fault.New(fault.Conflict, "%s moved this opportunity at %s UTC; look at it again and repeat your move", last.By, last.At.Format("2006-01-02 15:04:05"))
}

// unfit is what speaks against an opportunity entering a stage as the given state.
func (o *Opportunities) unfit(ctx context.Context, s *store.Session, row Opportunity, to Stage, as State) (fault.List, error) {
	var faults fault.List
	if to.ID == row.StageID {
		return nil, nil
	}
	switch {
	case to.Company != s.Actor.Company || !to.ArchivedAt.IsZero():
		faults.Add("stage_id", "archived", "the stage %q is not in use; choose another one", to.Name)
	case to.Kind != as && as == Open:
		faults.Add("stage_id", "stage.closed", "%q is a %s stage; close the opportunity instead of moving it", to.Name, to.Kind)
	case to.Kind != as:
		faults.Add("stage_id", "stage.kind", "%q is not a %s stage; choose one that is", to.Name, as)
	default:
		return o.unmet(ctx, s, row, to)
	}
	return faults, nil
}

// enter writes a checked step: the record and the move. The chance is set by the caller.
func (o *Opportunities) enter(ctx context.Context, s *store.Session, before, next *Opportunity, to Stage) (StageMove, error) {
	// A clock that jumps back must not turn the order of the moves round.
	at := s.Now
	if at.Before(before.StageSince) {
		at = before.StageSince
	}
	next.PipelineID, next.StageID, next.StageSince = to.PipelineID, to.ID, at
	next.State, next.ClosedAt = to.Kind, time.Time{}
	if to.Kind != Open {
		next.ClosedAt = at
	}
	next.weigh()
	if err := keep(ctx, s, before, next); err != nil {
		return StageMove{}, err
	}
	move := StageMove{
		ID: store.NewKey[MoveTag](s), OpportunityID: next.ID, From: before.StageID, To: to.ID, By: s.Actor.UserID, At: at,
		Seconds: int64(at.Sub(before.StageSince) / time.Second), FromChance: before.Chance, ToChance: next.Chance,
	}
	return move, s.Insert(ctx, &move)
}

func moved(o Opportunity, m StageMove) Moved {
	return Moved{
		Summary: o.summary(), From: m.From, To: m.To, Seconds: m.Seconds, FromChance: m.FromChance,
		Reason: o.LostReason, Competitor: o.LostTo, Lesson: o.Lesson,
	}
}

// History gives all moves of an opportunity, the first one first.
func (o *Opportunities) History(ctx context.Context, id ID) ([]StageMove, error) {
	return store.Read(ctx, o.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) ([]StageMove, error) {
		var row Opportunity
		if err := s.Get(ctx, &row, id); err != nil {
			return nil, err
		}
		return movesOf(ctx, s, id)
	})
}

func movesOf(ctx context.Context, s *store.Session, id ID) ([]StageMove, error) {
	var moves []StageMove
	err := s.Select(&moves).Where("stage_move.opportunity_id = ?", id).OrderExpr("stage_move.moved_at, stage_move.id").Scan(ctx)
	return moves, err
}
