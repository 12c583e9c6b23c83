package campaign

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Work makes one round of everything that is due for the campaigns of the actor's company: it begins those
// whose time has come, freezes audiences, chooses winners, and sends, each campaign for one turn. It reports
// how many recipients it froze or dealt with; where that is 0, nothing is to be done now. It is background
// work: only the system may, and never inside a transaction. Several processes may do it at once. When the
// context ends, what is under way comes to its end, and nothing is left unknown.
func (c *Campaigns) Work(ctx context.Context) (int, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return 0, err
	}
	if a.Kind != actor.KindSystem {
		return 0, fault.New(fault.Forbidden, "only the background sends campaigns; use Resume to have one go on")
	}
	if c.db.Bound() {
		return 0, fault.New(fault.Invalid, "campaigns are sent outside of transactions")
	}
	if !c.Ready() {
		return 0, nil
	}
	if err := c.before(ctx); err != nil {
		return 0, err
	}
	if err := c.begin(ctx); err != nil {
		return 0, err
	}
	var rows []Campaign
	err = c.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		if rows, err = inStates(ctx, s, Freezing, Running); err == nil {
			rows, err = c.due(ctx, s, rows)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	until := time.Now().Add(c.config.Turn)
	var wg sync.WaitGroup
	done, errs := make([]int, len(rows)), make([]error, len(rows))
	for i, row := range rows {
		wg.Go(func() {
			if done[i], errs[i] = c.advance(ctx, row, until); errs[i] != nil {
				errs[i] = fmt.Errorf("campaign %s: %w", row.ID, errs[i])
			}
		})
	}
	wg.Wait()
	total := 0
	for _, n := range done {
		total += n
	}
	return total, errors.Join(errs...)
}

// advance does what one campaign needs.
func (c *Campaigns) advance(ctx context.Context, row Campaign, until time.Time) (total int, err error) {
	if row.State == Freezing {
		if total, err = c.freeze(ctx, row.ID, until); err != nil || ctx.Err() != nil || !time.Now().Before(until) {
			return total, err
		}
	}
	if row.Channel == SMS && row.State == Freezing && ctx.Err() == nil {
		if err := c.price(ctx, row.ID, until); err != nil || !time.Now().Before(until) {
			return total, err
		}
	}
	if _, quiet := row.quiet(c.db.Now(), c.config.Zone(row.Company)); quiet && row.QuietZone != ReaderClock {
		return total, nil
	}
	decided, err := c.decide(ctx, row.ID)
	if err != nil {
		return total, err
	}
	n, err := c.serve(ctx, row.ID, until)
	if total += n; err != nil || ctx.Err() != nil {
		return total, err
	}
	if decided {
		total++
	}
	ended, err := c.conclude(ctx, row.ID)
	if ended {
		total++
	}
	return total, err
}

// conclude notes when the test of the variants is through, and when the campaign is. It reports whether
// either is so now.
func (c *Campaigns) conclude(ctx context.Context, id ID) (ended bool, err error) {
	err = c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		ended = false
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil || row.State != Running || row.Standing {
			return err
		}
		progress, err := runOf(ctx, s, id)
		if err != nil || progress.NextTest <= progress.Total {
			return err
		}
		var held []chunk
		if err := s.Select(&held).Where("campaign_chunk.campaign_id = ?", id).Scan(ctx); err != nil || len(held) > 0 {
			return err
		}
		counts, err := countsOf(ctx, s, id)
		if err != nil {
			return err
		}
		if progress.TestedAt.IsZero() && len(counts) > 1 {
			ended = true
			if _, err := s.Exec(ctx, store.From[run](""), "UPDATE crm_campaign_run SET tested_at = ? WHERE {scope} AND campaign_id = ? AND tested_at IS NULL", s.Now, id); err != nil {
				return err
			}
		}
		var all count
		for _, n := range counts {
			all.Pending, all.Sending, all.Deferred, all.Unknown = all.Pending+n.Pending, all.Sending+n.Sending, all.Deferred+n.Deferred, all.Unknown+n.Unknown
		}
		if all.Pending+all.Sending+all.Deferred > 0 {
			return nil
		}
		if again, err := unknownDue(ctx, s, id); err != nil || again {
			return err
		}
		ended = true
		_, err = c.move(ctx, s, id, move{kind: EventDone, from: []State{Running}, done: "ended", remedy: "it has ended", notice: Notice{Unknown: all.Unknown},
			change: func(_ context.Context, s *store.Session, next *Campaign) error {
				next.State, next.EndedAt = Done, s.Now
				return nil
			}})
		return err
	})
	return ended, err
}

// unknownDue reports whether somebody of whom nobody knows is still to be tried again by himself.
func unknownDue(ctx context.Context, s *store.Session, id ID) (bool, error) {
	var rows []answer
	err := s.Select(&rows).Where("campaign_answer.campaign_id = ?", id).Where("campaign_answer.state = 'unknown'").Where("campaign_answer.due_at IS NOT NULL").
		OrderExpr("campaign_answer.seq").Limit(1).Scan(ctx)
	return len(rows) > 0, err
}

// before prepares what is read from outside, unless this is inside a transaction.
func (c *Campaigns) before(ctx context.Context) error {
	if c.config.Before == nil || c.db.Bound() {
		return nil
	}
	return c.config.Before(ctx)
}
