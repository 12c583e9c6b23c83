package track

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// Touch is one contact of a campaign with a party: a genuine click or open, or that its mail was delivered, as
// whoever asks decides.
type Touch struct {
	Campaign int64
	// Party is whose touch it was, in whatever form the outcomes name it.
	Party string
	At    time.Time
}

// Outcome is something of value that followed: an opportunity, an order, an invoice.
type Outcome struct {
	// ID names it for whoever asks.
	ID       string
	Party    string
	At       time.Time
	Value    money.Amount
	Currency string
}

// Model says which touches an outcome is credited to.
type Model string

// The models.
const (
	// FirstTouch credits the first touch of the window: what brought somebody.
	FirstTouch Model = "first"
	// LastTouch credits the last touch before the outcome: what made somebody decide.
	LastTouch Model = "last"
	// LinearTouch credits all campaigns of the window alike, however often each touched.
	LinearTouch Model = "linear"
)

// Credit is what a campaign gets of one outcome.
type Credit struct {
	Campaign int64
	Outcome  string
	Value    money.Amount
	Currency string
	// Share is the campaign's part of the outcome in percent, so that outcomes can be counted as well as their
	// value.
	Share money.Percent
}

// Attribution says how outcomes are credited.
type Attribution struct {
	Model Model
	// Window is how long before an outcome a touch counts; 30 days where it is 0.
	Window time.Duration
}

// defaultWindow is how long a touch counts.
const defaultWindow = 30 * 24 * time.Hour

// whole is all of an outcome, in percent.
var whole = money.MustPercent("100")

// Credits divides outcomes among the campaigns that touched their party before, in order of the outcomes and
// then of the touches. An outcome that no touch precedes gets no credit. The parts of an outcome add up to its
// value exactly, rounded to its currency (money.Split). It is a pure function: the order of the touches does
// not matter; of two touches in the same millisecond that of the lower campaign comes first.
func (a Attribution) Credits(touches []Touch, outcomes []Outcome) ([]Credit, error) {
	if !slices.Contains([]Model{FirstTouch, LastTouch, LinearTouch}, a.Model) {
		var faults fault.List
		faults.Add("model", "unknown", "%q is not known; use %q, %q or %q", a.Model, FirstTouch, LastTouch, LinearTouch)
		return nil, faults.Err("outcomes cannot be credited")
	}
	window := cmp.Or(a.Window, defaultWindow)
	of := map[string][]Touch{}
	for _, t := range touches {
		of[t.Party] = append(of[t.Party], t)
	}
	for _, all := range of {
		slices.SortFunc(all, func(x, y Touch) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Campaign, y.Campaign)) })
	}
	var credits []Credit
	for _, o := range outcomes {
		campaigns := a.campaigns(of[o.Party], o.At.Add(-window), o.At)
		if len(campaigns) == 0 {
			continue
		}
		weights := make([]money.Percent, len(campaigns))
		for i := range weights {
			weights[i] = whole
		}
		values, err := money.Split(o.Value, o.Currency, weights)
		if err != nil {
			return nil, err
		}
		for i, share := range shares(len(campaigns)) {
			credits = append(credits, Credit{Campaign: campaigns[i], Outcome: o.ID, Value: values[i], Currency: o.Currency, Share: share})
		}
	}
	return credits, nil
}

// campaigns gives those that are credited, each once, in order of their first touch; from and until count.
func (a Attribution) campaigns(touches []Touch, from, until time.Time) []int64 {
	var found []int64
	for _, t := range touches {
		if t.At.Before(from) || t.At.After(until) {
			continue
		}
		switch {
		case a.Model == LastTouch:
			found = append(found[:0], t.Campaign)
		case a.Model == FirstTouch && len(found) > 0:
			return found
		case !slices.Contains(found, t.Campaign):
			found = append(found, t.Campaign)
		}
	}
	return found
}

// scale is how many of the smallest parts of a percentage make one percent (money keeps four places).
const scale = 10000

// shares divides 100 percent into n parts that add up to it.
func shares(n int) []money.Percent {
	parts := make([]money.Percent, n)
	left := int64(100 * scale)
	for i := range parts {
		part := left / int64(n-i)
		if left%int64(n-i) > 0 {
			part++
		}
		parts[i] = money.NewPercent(decimal.New(part, -4))
		left -= part
	}
	return parts
}
