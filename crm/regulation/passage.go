package regulation

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
)

// moment is one time that a step was made.
type moment struct {
	// ID is the row that says so.
	ID          clock.RecordID
	At          time.Time
	Party       party.ID
	Opportunity opportunity.ID
	// Noun and Record are what people open for it, where there is no opportunity.
	Noun   string
	Record clock.RecordID
	Owner  party.Owner
	// Void says that what was begun is not wanted any more: a lead that was disqualified.
	Void bool
}

// passage is a way from the first step to the second; where neither EndedAt nor VoidAt is set, it is open.
type passage struct {
	moment

	EndedAt, VoidAt time.Time
}

// pair finds the passages among the moments of one customer; lost is when opportunities were lost. A moment within an
// earlier passage of its opportunity, or of the customer where it knows none, begins nothing. At the same instant the
// first step comes before the second.
func pair(from, to []moment, lost map[opportunity.ID]time.Time) []passage {
	order := func(a, b moment) int { return cmp.Or(a.At.Compare(b.At), bytes.Compare(a.ID[:], b.ID[:])) }
	slices.SortFunc(from, order)
	slices.SortFunc(to, order)
	var out []passage
	// taken is until when the passage before it goes, of each opportunity; zero for one that is open.
	taken := map[opportunity.ID]time.Time{}
	for _, f := range from {
		if until, begun := taken[f.Opportunity]; begun && (until.IsZero() || !f.At.After(until)) {
			continue
		}
		p := passage{moment: f}
		for _, t := range to {
			if !t.At.Before(f.At) && t.belongs(f) {
				p.EndedAt = t.At
				break
			}
		}
		if at, gone := lost[f.Opportunity]; gone && !at.Before(f.At) && (p.EndedAt.IsZero() || at.Before(p.EndedAt)) {
			p.EndedAt, p.VoidAt = time.Time{}, at
		}
		if f.Void && p.EndedAt.IsZero() && p.VoidAt.IsZero() {
			p.VoidAt = f.At
		}
		taken[f.Opportunity] = cmp.Or(p.EndedAt, p.VoidAt)
		out = append(out, p)
	}
	return out
}

// belongs reports whether a moment can end what another one of the same customer began.
func (m moment) belongs(f moment) bool {
	return m.Opportunity.IsZero() || f.Opportunity.IsZero() || m.Opportunity == f.Opportunity
}
