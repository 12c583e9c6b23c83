package kpi_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil"
)

// The share of regulations kept is that of a count minute by minute, on a calendar on the wall, of every deal.
func TestRegulationsKeptEqualARecount(t *testing.T) {
	shared := testutil.SQLite(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		env := *shared
		env.Company = fmt.Sprintf("%s-r%d", shared.Company, n)
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ok(err)
		locales := func(string) locale.Locale {
			return locale.Locale{Language: locale.Greek, Zone: zone, Currency: "EUR"}
		}
		parties, opps := party.New(env.DB, locales), opportunity.New(env.DB, opportunity.Config{Locale: locales})
		all := regulation.New(env.DB, regulation.Config{Calendars: calendar.New(env.DB, locales), Parties: parties})
		admin := env.As("admin", actor.Admin, actor.All)
		hours := rapid.IntRange(1, 30).Draw(t, "hours")
		_, err = all.Publish(admin, 0, regulation.Plan{Regulations: []regulation.Regulation{{Name: "Νίκη", From: regulation.Moment{Step: regulation.Opened}, To: regulation.Moment{Step: regulation.Won}, Minutes: hours * 60}}})
		ok(err)
		firm, err := parties.Add(env.System(), party.Draft{Kind: party.Company, FullName: "Ελένη ΕΠΕ"})
		ok(err)
		type made struct {
			id      opportunity.ID
			at, won time.Time
			lost    bool
			owner   string
		}
		var deals []*made
		for range rapid.IntRange(1, 12).Draw(t, "deeds") {
			env.Clock.Advance(time.Duration(rapid.IntRange(0, 3000).Draw(t, "minutes")) * time.Minute)
			now := env.Clock.Now()
			switch what := rapid.IntRange(0, 4).Draw(t, "what"); {
			case what < 2 || len(deals) == 0:
				owner := rapid.SampledFrom(sellers).Draw(t, "owner")
				o, err := opps.Create(env.As(owner, actor.Admin, actor.All), opportunity.Draft{PartyID: firm.ID, Name: "x"})
				ok(err)
				deals = append(deals, &made{id: o.ID, at: now, owner: owner})
			default:
				d := rapid.SampledFrom(deals).Draw(t, "deal")
				closed := d.lost || !d.won.IsZero()
				switch {
				case closed:
					_, err = opps.Reopen(admin, d.id, opportunity.Reopening{})
					d.lost, d.won = false, time.Time{}
				case what == 4:
					_, err = opps.CloseLost(admin, d.id, opportunity.Loss{Reason: "ár", Competitor: opportunity.NoCompetitor, Lesson: "x"})
					d.lost = true
				default:
					_, err = opps.CloseWon(admin, d.id, opportunity.Win{})
					d.won = now
				}
				ok(err)
			}
		}
		registry := event.NewRegistry()
		all.Register(registry)
		_, err = (&event.Worker{DB: env.DB, Registry: registry}).RunOnce(context.Background())
		ok(err)
		today := civil.In(env.Clock.Now(), zone)
		q := kpi.Query{Period: kpi.Period{First: today.AddDays(-100), Last: today.AddDays(100)}}
		kept, judged := 0, 0
		seller := rapid.SampledFrom(append(sellers, "")).Draw(t, "seller")
		q.Of.Seller = seller
		for _, d := range deals {
			due, now := after(d.at.In(zone), hours*60), env.Clock.Now()
			if d.lost || d.won.IsZero() && !due.Before(now) || seller != "" && d.owner != seller {
				continue
			}
			if judged++; !d.won.IsZero() && worked(d.at.In(zone), d.won.In(zone)) <= hours*60 {
				kept++
			}
		}
		f, err := kpi.New(env.DB, locales).Figure(admin, kpi.RegulationsKept, q)
		ok(err)
		if f.Count != int64(judged) || judged > 0 && !f.Value.Round(2).Equal(decimal.NewFromInt(int64(100*kept)).DivRound(decimal.NewFromInt(int64(judged)), 2)) {
			t.Fatalf("the figure is %s of %d, the recount %d of %d", f.Value, f.Count, kept, judged)
		}
		rows, err := kpi.New(env.DB, locales).Behind(admin, kpi.RegulationsKept, q, "", store.Page{Limit: 50})
		ok(err)
		if len(rows.Rows) != judged {
			t.Fatalf("%d rows behind %d", len(rows.Rows), judged)
		}
	})
}

// open reports whether a minute on the wall is working time.
func open(wall time.Time) bool {
	return wall.Weekday() != time.Saturday && wall.Weekday() != time.Sunday && wall.Hour() >= 9 && wall.Hour() < 17
}

// after is when so many minutes of work have passed.
func after(from time.Time, minutes int) time.Time {
	for at := from; ; at = at.Add(time.Minute) {
		if minutes == 0 {
			return at
		}
		if open(at) {
			minutes--
		}
	}
}

// worked is how many minutes of work are between two instants.
func worked(from, to time.Time) int {
	n := 0
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		if open(at) {
			n++
		}
	}
	return n
}
