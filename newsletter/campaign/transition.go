package campaign

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// The kinds of events. Their payload is a [Notice].
const (
	EventScheduled = "campaign.scheduled"
	EventStarted   = "campaign.started"
	EventPaused    = "campaign.paused"
	EventResumed   = "campaign.resumed"
	EventCancelled = "campaign.cancelled"
	EventDecided   = "campaign.decided"
	EventDone      = "campaign.done"
)

// Notice is what events tell of a campaign.
type Notice struct {
	ID         ID     `json:"id"`
	Number     int64  `json:"number"`
	Name       string `json:"name"`
	State      State  `json:"state"`
	ReasonCode string `json:"reason_code,omitempty"`
	Reason     string `json:"reason,omitempty"`
	Winner     string `json:"winner,omitempty"`
	Owner      string `json:"owner"`
	// Unknown is how many recipients nobody knows of, when it is done.
	Unknown int64 `json:"unknown,omitempty"`
}

func emit(ctx context.Context, s *store.Session, kind string, c Campaign, n Notice) error {
	n.ID, n.Number, n.Name, n.State, n.ReasonCode, n.Winner, n.Owner = c.ID, c.Number, c.Name, c.State, c.ReasonCode, c.Winner, c.OwnerUser
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: c.ID.Bytes(), Version: c.Version, Payload: n})
}

// move is a guarded transition: from one of the states that allow it, with its event.
type move struct {
	kind   string
	from   []State
	done   string
	remedy string
	change func(ctx context.Context, s *store.Session, next *Campaign) error
	notice Notice
}

func (c *Campaigns) move(ctx context.Context, s *store.Session, id ID, m move) (Campaign, error) {
	var row Campaign
	if err := s.Lock(ctx, &row, id); err != nil {
		return row, err
	}
	if !slices.Contains(m.from, row.State) {
		return row, wrongState(row, m.done, m.remedy)
	}
	next := row
	if err := m.change(ctx, s, &next); err != nil {
		return row, err
	}
	if err := s.Save(ctx, &row, &next); err != nil {
		return row, err
	}
	s.Wake()
	if m.kind == "" {
		return next, nil
	}
	return next, emit(ctx, s, m.kind, next, m.notice)
}

// Schedule lets a draft begin at an instant, at once where it has passed. Everything that is missing is named
// at once. It needs [Send].
func (c *Campaigns) Schedule(ctx context.Context, id ID, version int64, at time.Time) (Campaign, error) {
	over, err := c.overBefore(ctx, id)
	if err != nil {
		return Campaign{}, err
	}
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (Campaign, error) {
		var row Campaign
		if err := s.LockVersion(ctx, &row, id, version); err != nil {
			return row, err
		}
		return c.move(ctx, s, id, move{
			kind: EventScheduled, from: []State{Draft}, done: "scheduled", remedy: "copy it",
			change: func(ctx context.Context, s *store.Session, next *Campaign) error {
				next.State, next.ScheduledAt = Scheduled, store.UTC(at)
				if at.IsZero() || at.Before(s.Now) {
					next.ScheduledAt = s.Now
				}
				return c.complete(ctx, s, *next, over)
			},
		})
	})
}

// complete names what a campaign lacks before it can begin; over is why its budget does not allow it.
func (c *Campaigns) complete(ctx context.Context, s *store.Session, row Campaign, over string) error {
	var faults fault.List
	faults.Required("audience", row.Audience)
	contents, err := contentsOf(ctx, s, row.ID)
	if err != nil {
		return err
	}
	variants := variantsOf(contents)
	if len(contents) == 0 {
		faults.Add("contents", "required", "are missing; write what the campaign says")
	}
	for _, v := range variants {
		if !slices.ContainsFunc(contents, func(p Content) bool { return p.Variant == v && p.Language == row.Language }) {
			faults.Add("contents", "language", "variant %s says nothing in %s, the language of readers whose own is unknown; write it", v, row.Language)
		}
	}
	switch {
	case len(variants) > 1 && row.TestShare < len(variants):
		faults.Add("test_share", "range", "is %d %%; give each of the %d variants at least one per cent, or 100 to split all", row.TestShare, len(variants))
	case len(variants) > 1 && row.TestShare < 100 && row.DecideAfter > 0 && c.config.Clicks == nil:
		faults.Add("decide_after", "clicks", "clicks are not measured here; set it to 0 and choose the winner yourself")
	}
	if row.Channel == SMS {
		if err := c.completeTexts(ctx, s, row, contents, &faults); err != nil {
			return err
		}
		if over != "" && c.config.Messages != nil {
			faults.Add("budget", "budget", "%s", over)
		}
	}
	if c.config.Audience != nil && row.Audience != "" {
		if _, err := c.config.Audience(ctx, s, row); err != nil {
			if len(fault.Of(err)) == 0 {
				return err
			}
			faults.Merge("audience", fault.Of(err))
		}
	}
	return faults.Err("the campaign cannot be scheduled")
}

// Unschedule takes a campaign that has not begun back to a draft. It needs [Send].
func (c *Campaigns) Unschedule(ctx context.Context, id ID) (Campaign, error) {
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (Campaign, error) {
		return c.move(ctx, s, id, move{from: []State{Scheduled}, done: "taken back", remedy: "pause or cancel it",
			change: func(_ context.Context, _ *store.Session, next *Campaign) error {
				next.State, next.ScheduledAt = Draft, time.Time{}
				return nil
			}})
	})
}

// Pause lets nothing more leave than what is under way. It needs [Send].
func (c *Campaigns) Pause(ctx context.Context, id ID) (Campaign, error) {
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (Campaign, error) {
		return c.pause(ctx, s, id, ByPerson, "")
	})
}

func (c *Campaigns) pause(ctx context.Context, s *store.Session, id ID, code, reason string) (Campaign, error) {
	return c.move(ctx, s, id, move{kind: EventPaused, from: []State{Freezing, Running}, done: "paused", remedy: "only a campaign at work is paused", notice: Notice{Reason: reason},
		change: func(_ context.Context, _ *store.Session, next *Campaign) error {
			next.State, next.ReasonCode = Paused, code
			return nil
		}})
}

// Resume lets a paused campaign go on where it stopped. One that was paused by its budget goes on only when
// the budget was raised by [Campaigns.SetBudget]. It needs [Send].
func (c *Campaigns) Resume(ctx context.Context, id ID) (Campaign, error) {
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (Campaign, error) {
		return c.move(ctx, s, id, move{kind: EventResumed, from: []State{Paused}, done: "resumed", remedy: "only a paused campaign is resumed",
			change: func(ctx context.Context, s *store.Session, next *Campaign) error {
				progress, err := runOf(ctx, s, id)
				if err != nil {
					return err
				}
				next.State, next.ReasonCode = Freezing, ""
				whole, err := priced(ctx, s, *next, progress)
				if err != nil || !whole {
					return err
				}
				next.State = Running
				over, err := overBudget(ctx, s, *next, progress.Total)
				if err != nil {
					return err
				}
				return budgetFault(over, "the campaign stays paused")
			}})
	})
}

// Cancel ends a campaign for good: who has not got it yet gets it no more. It needs [Send].
func (c *Campaigns) Cancel(ctx context.Context, id ID) (Campaign, error) {
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (Campaign, error) {
		return c.move(ctx, s, id, move{kind: EventCancelled, from: []State{Draft, Scheduled, Freezing, Running, Paused}, done: "cancelled", remedy: "it has ended",
			change: func(_ context.Context, s *store.Session, next *Campaign) error {
				next.State, next.ReasonCode, next.EndedAt = Cancelled, "", s.Now
				return nil
			}})
	})
}

// ChooseWinner says which variant those get who wait for one. It needs [Send].
func (c *Campaigns) ChooseWinner(ctx context.Context, id ID, variant string) (Campaign, error) {
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (Campaign, error) {
		return c.choose(ctx, s, id, variant)
	})
}

func (c *Campaigns) choose(ctx context.Context, s *store.Session, id ID, variant string) (Campaign, error) {
	return c.move(ctx, s, id, move{kind: EventDecided, from: []State{Running, Paused}, done: "decided", remedy: "choose while it is being sent",
		change: func(ctx context.Context, s *store.Session, next *Campaign) error {
			contents, err := contentsOf(ctx, s, id)
			if err != nil {
				return err
			}
			var faults fault.List
			if !slices.Contains(variantsOf(contents), variant) {
				faults.Add("winner", "choice", "there is no variant %.10q", variant)
			}
			if next.Winner != "" {
				faults.Add("winner", "decided", "variant %s was chosen before; the others have begun to get it", next.Winner)
			}
			next.Winner = variant
			return faults.Err("no winner was chosen")
		}})
}
