package regulation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/opportunity"
)

// The passages are those that a walk along the time line finds, instant by instant, with what is open in hand.
func TestPassagesAreThoseOfAWalkInTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC)
		deals := []opportunity.ID{{}, {1}, {2}}
		made := func(name string, first byte) []moment {
			var out []moment
			for i := range rapid.IntRange(0, 8).Draw(t, name) {
				out = append(out, moment{
					ID: clock.RecordID{first, byte(i)}, At: begin.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "at")) * time.Hour),
					Opportunity: rapid.SampledFrom(deals).Draw(t, "deal"),
				})
			}
			return out
		}
		from, to := made("from", 1), made("to", 2)
		lost := map[opportunity.ID]time.Time{}
		if rapid.Bool().Draw(t, "lost") {
			lost[deals[1]] = begin.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "lost at")) * time.Hour)
		}
		var got []string
		for _, p := range pair(slices.Clone(from), slices.Clone(to), lost) {
			got = append(got, line(p))
		}
		slices.Sort(got)
		if want := walk(from, to, lost, begin); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func line(p passage) string {
	return fmt.Sprint(p.ID[1], p.EndedAt.Format("15"), p.VoidAt.Format("15"), p.EndedAt.IsZero(), p.VoidAt.IsZero())
}

// walk goes hour by hour: what begins, what ends, what is lost.
func walk(from, to []moment, lost map[opportunity.ID]time.Time, begin time.Time) []string {
	open := map[opportunity.ID]*passage{}
	closed := map[opportunity.ID]time.Time{}
	var all []*passage
	for hour := range 25 {
		now := begin.Add(time.Duration(hour) * time.Hour)
		for id := byte(0); id < 10; id++ {
			for _, f := range from {
				if f.ID[1] != id || !f.At.Equal(now) || open[f.Opportunity] != nil || closed[f.Opportunity].Equal(now) {
					continue
				}
				p := &passage{moment: f}
				open[f.Opportunity], all = p, append(all, p)
				if comes(to, *p, now) || lost[f.Opportunity].Equal(now) {
					closed[f.Opportunity] = now
				}
			}
		}
		for deal, p := range open {
			switch {
			case p == nil:
			case comes(to, *p, now):
				p.EndedAt, open[deal], closed[deal] = now, nil, now
			case lost[deal].Equal(now):
				p.VoidAt, open[deal], closed[deal] = now, nil, now
			}
		}
	}
	out := make([]string, 0, len(all))
	for _, p := range all {
		out = append(out, line(*p))
	}
	slices.Sort(out)
	return out
}

func comes(to []moment, p passage, now time.Time) bool {
	return slices.ContainsFunc(to, func(t moment) bool {
		return t.At.Equal(now) && (t.Opportunity == p.Opportunity || t.Opportunity == opportunity.ID{} || p.Opportunity == opportunity.ID{})
	})
}
