package opportunity_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/testutil"
)

// TestSixteenMoveAndClose lets 16 sellers move and close one opportunity at once: the moves form one
// chain, and one of those who close it wins.
func TestSixteenMoveAndClose(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		stages := w.pipeline().Stages
		o := w.create(nil)
		var moved, closed atomic.Int64
		var wait sync.WaitGroup
		for i := range 16 {
			wait.Go(func() {
				for j := range 3 {
					env.Clock.Advance(time.Second)
					_, err := w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: stages[(i+j)%4].ID})
					switch {
					case err == nil:
						moved.Add(1)
					case !errors.Is(err, fault.Invalid):
						t.Errorf("moving: %v", err)
					}
				}
				var err error
				if i%2 == 0 {
					_, err = w.opps.CloseWon(w.anna, o.ID, opportunity.Win{})
				} else {
					_, err = w.opps.CloseLost(w.anna, o.ID, opportunity.Loss{Reason: "ár", Competitor: "Fényár", Lesson: "x"})
				}
				switch {
				case err == nil:
					closed.Add(1)
				case len(codes(err)) != 1 || codes(err)[0] != "state state.closed":
					t.Errorf("closing: %v", err)
				}
			})
		}
		wait.Wait()
		if closed.Load() != 1 || moved.Load() == 0 {
			t.Errorf("%d moves, %d closes, want one close", moved.Load(), closed.Load())
		}
		c := w.card(o.ID)
		for i, m := range c.Moves {
			switch {
			case i == 0:
				if !m.From.IsZero() {
					t.Errorf("the first move comes from %s", m.From)
				}
			case m.From != c.Moves[i-1].To:
				t.Errorf("move %d is from %s, the one before went to %s", i, m.From, c.Moves[i-1].To)
			case m.At.Before(c.Moves[i-1].At) || m.Seconds != int64(m.At.Sub(c.Moves[i-1].At)/time.Second):
				t.Errorf("move %d at %s after %s took %d s", i, m.At, c.Moves[i-1].At, m.Seconds)
			}
		}
		if last := c.Moves[len(c.Moves)-1]; last.To != c.StageID || c.State == opportunity.Open {
			t.Errorf("it stands in %s as %s, the last move went to %s", c.StageID, c.State, last.To)
		}
		if n := len(w.events(o.ID.Bytes())); n != int(c.Version) || n != len(c.Moves) {
			t.Errorf("%d events and %d moves for version %d", n, len(c.Moves), c.Version)
		}
	})
}

func TestClockThatJumpsBackKeepsTheOrder(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	stages := w.pipeline().Stages
	o := w.create(nil)
	w.Clock.Advance(-time.Hour)
	for _, st := range stages[1:4] {
		_, err := w.opps.Move(w.anna, o.ID, opportunity.Step{Stage: st.ID})
		w.ok(err)
	}
	for i, m := range w.card(o.ID).Moves {
		if m.To != stages[i].ID || m.Seconds != 0 {
			t.Errorf("move %d went to %s in %d s", i, m.To, m.Seconds)
		}
	}
}
