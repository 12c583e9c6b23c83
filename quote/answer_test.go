package quote_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

func TestAccept(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		card := w.issued(func(in *quote.DraftInput) {
			in.Lines = append(in.Lines, quote.DraftLine{Kind: quote.Optional, Product: "BOOK", Quantity: money.MustQuantity("1")})
		})
		id := card.Quote.ID
		first, err := w.quotes.Accept(w.reader, id, quote.Answer{By: " Szabó  Éva ", Note: "Kérjük szeptemberre.",
			Evidence: quote.Evidence{Address: "2001:db8::1", UserAgent: "Firefox", Email: "eva@minta.example", Options: []int{2}}})
		w.ok(err)
		is(t, "decision", first.Number+" "+string(first.State)+" "+first.By, "Q-2026-00001 accepted Szabó Éva")
		env.Clock.Advance(time.Hour)
		again, err := w.quotes.Accept(w.reader, id, quote.Answer{By: "Nagy Pál"})
		w.ok(err)
		is(t, "second call", again, first)
		_, err = w.quotes.Decline(w.reader, id, quote.Answer{By: "Szabó Éva"})
		wantCode(t, err, fault.Conflict)
		_, err = w.quotes.Withdraw(w.anna, id, "elírás")
		wantCode(t, err, fault.Conflict)

		q := w.get(id).Quote
		is(t, "by", q.DecidedBy, "Szabó Éva")
		is(t, "note", q.DecisionNote, "Kérjük szeptemberre.")
		is(t, "evidence", q.Evidence.Address+" "+q.Evidence.Email, "2001:db8::1 eva@minta.example")
		is(t, "what was accepted", q.Evidence.DocumentHash, card.Quote.DocumentHash)
		is(t, "options", slices.Equal(q.Evidence.Options, []int{2}), true)
		w.sameEvents(id, "quote.drafted", "quote.issued", "quote.accepted")
	})
}

func TestAnswerFaults(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	id := w.issued(nil).Quote.ID
	_, err := w.quotes.Accept(w.reader, id, quote.Answer{Note: strings.Repeat("x", 1001), Evidence: quote.Evidence{UserAgent: "\xff", Options: []int{7}}})
	wantCode(t, err, fault.Invalid)
	is(t, "faults", strings.Join(paths(err), " "), "by evidence.options[0] evidence.user_agent note")

	draft := w.draft(nil).Quote.ID
	_, err = w.quotes.Accept(w.reader, draft, quote.Answer{By: "Szabó Éva"})
	wantCode(t, err, fault.NotFound)
	_, err = w.quotes.Accept(w.anna, draft, quote.Answer{By: "Szabó Éva"})
	wantCode(t, err, fault.Invalid)
}

func TestAcceptAgainstDecline(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		for range 5 {
			id := w.issued(nil).Quote.ID
			decisions := make([]quote.Decision, 8)
			inParallel(len(decisions), func(i int) {
				var err error
				if i%2 == 0 {
					decisions[i], err = w.quotes.Accept(w.reader, id, quote.Answer{By: "Szabó Éva"})
				} else {
					decisions[i], err = w.quotes.Decline(w.reader, id, quote.Answer{By: "Nagy Pál"})
				}
				if err != nil && fault.CodeOf(err) != fault.Conflict {
					t.Error(err)
				}
			})
			q := w.get(id).Quote
			winners := 0
			for _, d := range decisions {
				if d.State != "" {
					is(t, "decision", d, quote.Decision{Number: q.Number, State: q.State, By: q.DecidedBy, At: q.DecidedAt})
					winners++
				}
			}
			is(t, "calls that agree", winners, 4)
			is(t, "events", len(w.events(id)), 3)
		}
	})
}

func TestExpiry(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		var ids []quote.ID
		for range 23 {
			ids = append(ids, w.issued(nil).Quote.ID)
		}
		answered := w.issued(nil).Quote.ID
		_, err := w.quotes.Accept(w.anna, answered, quote.Answer{By: "Szabó Éva"})
		w.ok(err)
		draft := w.draft(nil).Quote.ID

		// 12 August in Budapest ends at 22:00 UTC
		env.Clock.Advance(time.Date(2026, 8, 12, 21, 59, 0, 0, time.UTC).Sub(env.Clock.Now()))
		n, err := w.quotes.ExpireDue(env.System())
		w.ok(err)
		is(t, "on the last day", n, 0)
		env.Clock.Advance(2 * time.Minute)
		_, err = w.quotes.Accept(w.reader, ids[0], quote.Answer{By: "Szabó Éva"})
		wantCode(t, err, fault.Invalid)
		n, err = w.quotes.ExpireDue(env.System())
		w.ok(err)
		is(t, "expired", n, len(ids))
		is(t, "state", w.get(ids[0]).Quote.State, quote.Expired)
		is(t, "answered", w.get(answered).Quote.State, quote.Accepted)
		is(t, "draft", w.get(draft).Quote.State, quote.Draft)
		w.sameEvents(ids[0], "quote.drafted", "quote.issued", "quote.expired")
		n, err = w.quotes.ExpireDue(env.System())
		w.ok(err)
		is(t, "second sweep", n, 0)

		again, err := w.quotes.NewVersion(w.anna, ids[0])
		w.ok(err)
		is(t, "new validity", again.Quote.ValidUntil.String(), "2026-09-12")
	})
}

func TestWithdraw(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		id := w.issued(nil).Quote.ID
		card, err := w.quotes.Withdraw(w.anna, id, "hibás ár")
		w.ok(err)
		is(t, "state", card.Quote.State, quote.Withdrawn)
		again, err := w.quotes.Withdraw(w.anna, id, "még egyszer")
		w.ok(err)
		is(t, "reason", again.Quote.DecisionNote, "hibás ár")
		_, err = w.quotes.Accept(w.reader, id, quote.Answer{By: "Szabó Éva"})
		wantCode(t, err, fault.Conflict)
		w.sameEvents(id, "quote.drafted", "quote.issued", "quote.withdrawn")
	})
}

// advancer notes what it is told.
type advancer struct {
	hidden quote.OpportunityID
	told   []string
}

func (a *advancer) Reach(_ context.Context, _ *store.Session, id quote.OpportunityID) error {
	if id == a.hidden {
		return fault.New(fault.NotFound, "no opportunity")
	}
	return nil
}

func (a *advancer) Advance(_ context.Context, s *store.Session, q quote.Quote) error {
	a.told = append(a.told, string(q.State)+" as "+string(s.Actor.Kind))
	return nil
}

func TestOpportunityAndSellerAreTold(t *testing.T) {
	env := testutil.SQLite(t) // a worker takes the events of all companies, which on a server others test with
	w := newWorld(t, env)
	door := &advancer{hidden: quote.OpportunityID{9}}
	w.config.Advancer = door
	w.quotes = quote.New(env.DB, w.config)
	_, err := w.quotes.Draft(w.anna, quote.DraftInput{Party: w.minta.ID, Header: quote.Header{Opportunity: door.hidden}})
	is(t, "hidden opportunity", strings.Join(paths(err), " "), "opportunity")

	id := w.issued(func(in *quote.DraftInput) { in.Opportunity = quote.OpportunityID{1} }).Quote.ID
	_, err = w.quotes.Accept(w.reader, id, quote.Answer{By: "Szabó Éva", Note: "Rendben."})
	w.ok(err)
	registry := event.NewRegistry()
	w.quotes.Register(registry)
	worker := event.Worker{DB: env.DB, Registry: registry}
	_, err = worker.RunOnce(env.System())
	w.ok(err)
	is(t, "told", strings.Join(door.told, ", "), "issued as system, accepted as system")

	tasks, err := w.activities.Tasks(w.anna, "kovacs.anna", activity.AllOpen, store.Page{})
	w.ok(err)
	is(t, "tasks", len(tasks.Items), 1)
	is(t, "task", tasks.Items[0].Subject+"|"+tasks.Items[0].Body, "Q-2026-00001 árajánlatot elfogadták: rendelés következik|Raktár világítása\nSzabó Éva\nRendben.")
	is(t, "its owner", tasks.Items[0].OwnerUser, "kovacs.anna")
}
