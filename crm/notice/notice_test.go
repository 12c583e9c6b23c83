package notice_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/notice"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

type world struct {
	*testutil.Env
	parties       *party.Parties
	leads         *lead.Leads
	opportunities *opportunity.Opportunities
	activities    *activity.Activities
	settings      *setting.Settings
	notices       *notice.Notices
	registry      *event.Registry
}

func newWorld(env *testutil.Env) *world {
	here := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
	w := &world{Env: env, parties: party.New(env.DB, here), settings: setting.New(env.DB, setting.Config{}), registry: event.NewRegistry()}
	w.leads = lead.New(env.DB, lead.Config{Parties: w.parties})
	w.activities = activity.New(env.DB, w.parties)
	w.opportunities = opportunity.New(env.DB, opportunity.Config{Locale: here})
	w.notices = notice.New(env.DB, w.settings)
	w.notices.Register(w.registry)
	return w
}

func (w *world) work(t *testing.T) {
	t.Helper()
	worker := event.Worker{DB: w.DB, Registry: w.registry, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if _, err := worker.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) user(id string) context.Context {
	u := actor.User{Company: w.Company, ID: id, Name: names[id], Rights: actor.Admin, See: actor.All}
	return actor.With(context.Background(), u.Actor())
}

var names = map[string]string{"anna": "Kovács Anna", "boris": "Борис Иванов", "dana": "דנה לוי", "nikos": "Νίκος"}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) told(t *testing.T, user string, l locale.Language) []string {
	t.Helper()
	got := must(w.notices.List(w.user(user), notice.Filter{}))(t)
	out := []string{}
	for _, n := range got.Notices {
		out = append(out, notice.Text(n, l))
	}
	return out
}

func TestTextsAreComplete(t *testing.T) {
	if missing := notice.Texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	for _, k := range notice.Kinds {
		if _, ok := notice.Texts[string(k)]; !ok {
			t.Errorf("%s has no text", k)
		}
	}
}

// What people do with leads, opportunities and activities reaches whom it concerns, and nobody else.
func TestWorkReachesWhomItConcerns(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(env)
		anna, boris := w.user("anna"), w.user("boris")
		l := must(w.leads.Capture(anna, lead.Draft{Name: "Nagy Béla", Emails: []string{"bela@minta.hu"}}))(t)
		must(w.leads.Assign(anna, l.Lead, 0, party.Owner{User: "boris"}))(t)
		company := must(w.parties.Add(anna, party.Draft{Kind: party.Company, FullName: "Minta Kft."}))(t)
		o := must(w.opportunities.Create(anna, opportunity.Draft{PartyID: company.ID, Name: "Új raktár"}))(t)
		must(w.opportunities.Comment(anna, o.ID, "Kérlek nézd meg @boris, @anna"))(t)
		a := must(w.activities.Plan(anna, activity.Plan{Party: company.ID, Kind: activity.Call, Subject: "Visszahívás", Due: env.Clock.Now().Add(time.Hour)}))(t)
		must(w.activities.Delegate(anna, a.ID, activity.Delegation{To: "boris"}))(t)
		must(w.activities.Decline(boris, a.ID, "szabadságon leszek"))(t)
		w.work(t)
		w.work(t) // nothing comes twice
		for user, want := range map[string][]string{
			"anna":  {"Visszaadták, amit kiosztott: Visszahívás – szabadságon leszek (Борис Иванов)"},
			"boris": {"Feladatot kapott: Visszahívás (Kovács Anna)", "Megemlítették egy hozzászólásban: Új raktár (Kovács Anna)", "Érdeklődőt kapott: Nagy Béla (Kovács Anna)"},
			"dana":  {},
		} {
			got := w.told(t, user, locale.Hungarian)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s is told\n%s\nwant\n%s", user, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// sent are events of packages above, as they write them.
func (w *world) emit(t *testing.T, by, kind string, record byte, payload any) {
	t.Helper()
	err := w.DB.Write(w.user(by), func(ctx context.Context, s *store.Session) error {
		id := s.NewID()
		id[15] = record
		return event.Emit(ctx, s, event.Fact{Kind: kind, Record: id[:], Version: 1, Payload: payload})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEventsOfOthersAreTold(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(env)
		q := quote.Summary{ID: quote.ID{1}, Number: "AJ-2026/17", Title: "Polcrendszer", Owner: "anna", Note: "túl drága"}
		later := env.Clock.Now().Add(time.Minute)
		for i, row := range []struct {
			kind    string
			payload any
			want    string
		}{
			{"quote.declined", q, "Your quote was declined: AJ-2026/17 Polcrendszer – túl drága"},
			{"quote.asked", q, "A question about your quote has come in: AJ-2026/17 Polcrendszer – túl drága"},
			{"mail.failed", map[string]any{"owner": "anna", "subject": "Ajánlat", "recipients": "bela@minta.hu", "reason": "no such mailbox"}, "A mail could not be sent: Ajánlat – bela@minta.hu: no such mailbox"},
			{"hostcall.failed", map[string]any{"conversion_id": "0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f", "created_by": "request:anna", "reason": "the VAT code is missing"}, "The ERP refused the conversion: the VAT code is missing"},
			{"hostcall.unknown", map[string]any{"conversion_id": "0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f", "created_by": "anna", "due_at": later}, ""},
			{"hostcall.unknown", map[string]any{"conversion_id": "0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f", "created_by": "anna", "reason": "no answer"}, "A conversion waits for your decision: no answer"},
			{"webhook.disabled", webhook.Notice{Webhook: webhook.ID{1}, Owner: "anna", Name: "Raktár", Reason: "410 Gone"}, "A webhook was disabled: Raktár – 410 Gone"},
			{"webhook.failed", webhook.Notice{Webhook: webhook.ID{1}, Owner: "anna", Name: "Raktár", Reason: "500"}, "A notification of a webhook did not get through: Raktár – 500"},
			{"webhook.failed", webhook.Notice{Owner: "", Name: "Raktár"}, ""},
			{"lead.import_finished", lead.ImportFinishedFact{By: "anna", File: "vásár.csv", Taken: 12, Merged: 3, Bad: 1}, "The import is finished: vásár.csv – new: 12, merged: 3, bad: 1"},
			{"quote.issued", q, ""},
			{"quote.accepted", quote.Summary{Owner: ""}, ""},
		} {
			before := w.told(t, "anna", locale.English)
			env.Clock.Advance(time.Second)
			w.emit(t, "anna", row.kind, byte(i), row.payload)
			if strings.HasPrefix(row.kind, "quote.") { // one does not hear of what one did oneself
				w.emit(t, "boris", row.kind, byte(100+i), row.payload)
			}
			w.work(t)
			got := w.told(t, "anna", locale.English)
			added := got[:len(got)-len(before)]
			want := []string{row.want}
			if row.want == "" {
				want = nil
			}
			if !slices.Equal(added, want) {
				t.Errorf("%s: told %q, want %q", row.kind, added, want)
			}
		}
	})
}

func TestHebrewLinesAreNotTurned(t *testing.T) {
	n := notice.Notice{Kind: notice.Mentioned, ActorName: "Kovács Anna", Parameters: notice.Parameters{Subject: "ERP 2.0 (v3)"}}
	want := "הוזכרת בתגובה: \u2068ERP 2.0 (v3)\u2069 (\u2068Kovács Anna\u2069)"
	if got := notice.Text(n, locale.Hebrew); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMutedKindsAreNotTold(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(env)
		muted := []string{string(notice.QuoteDeclined)}
		must(w.settings.SetPreferences(w.user("anna"), setting.Patch{Muted: &muted}))(t)
		for i, kind := range []string{"quote.declined", "quote.accepted"} {
			w.emit(t, "boris", kind, byte(i), quote.Summary{ID: quote.ID{1}, Number: "1", Owner: "anna"})
		}
		w.work(t)
		if got := w.told(t, "anna", locale.English); len(got) != 1 || !strings.HasPrefix(got[0], "Your quote was accepted") {
			t.Errorf("told %q", got)
		}
	})
}

func TestReadingAndPurging(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(env)
		anna, boris := w.user("anna"), w.user("boris")
		for i := range 5 {
			env.Clock.Advance(time.Second)
			w.emit(t, "boris", "quote.accepted", byte(i), quote.Summary{ID: quote.ID{byte(i + 1)}, Number: fmt.Sprint(i), Owner: "anna"})
		}
		w.emit(t, "anna", "quote.accepted", 9, quote.Summary{ID: quote.ID{9}, Number: "B", Owner: "boris"})
		w.work(t)
		unread := func(ctx context.Context, want int) {
			t.Helper()
			if n := must(w.notices.Unread(ctx))(t); n != want {
				t.Errorf("%d unread, want %d", n, want)
			}
		}
		unread(anna, 5)
		first := must(w.notices.List(anna, notice.Filter{Page: store.Page{Limit: 2}}))(t)
		second := must(w.notices.List(anna, notice.Filter{Page: store.Page{Limit: 3, After: first.Next}}))(t)
		var numbers []string
		for _, n := range slices.Concat(first.Notices, second.Notices) {
			numbers = append(numbers, n.Parameters.Subject)
		}
		if want := []string{"4", "3", "2", "1", "0"}; !slices.Equal(numbers, want) {
			t.Errorf("paged %v, want %v", numbers, want)
		}
		id := first.Notices[0].ID
		if err := w.notices.MarkRead(boris, id); err != nil { // not his: nothing happens
			t.Error(err)
		}
		unread(anna, 5)
		if err := w.notices.MarkRead(anna, id); err != nil {
			t.Error(err)
		}
		unread(anna, 4)
		if got := must(w.notices.List(anna, notice.Filter{Unread: true}))(t); len(got.Notices) != 4 {
			t.Errorf("%d unread are listed", len(got.Notices))
		}
		if err := w.notices.MarkAllRead(anna, second.Notices[1].At); err != nil {
			t.Error(err)
		}
		unread(anna, 2)
		unread(boris, 1)
		for _, row := range []struct {
			after time.Duration
			gone  int
		}{{89 * 24 * time.Hour, 0}, {2 * 24 * time.Hour, 3}, {300 * 24 * time.Hour, 3}} {
			env.Clock.Advance(row.after)
			if n := must(w.notices.Purge(env.System()))(t); n != row.gone {
				t.Errorf("after %s more, %d went, want %d", row.after, n, row.gone)
			}
		}
		if _, err := w.notices.Unread(env.System()); !errors.Is(err, fault.Forbidden) {
			t.Errorf("background work has notices: %v", err)
		}
	})
}

func TestEveryStatementUsesAnIndex(t *testing.T) {
	env, plans := testutil.Planned(t)
	w := newWorld(env)
	w.emit(t, "boris", "quote.accepted", 1, quote.Summary{ID: quote.ID{1}, Number: "1", Owner: "anna"})
	w.work(t)
	anna := w.user("anna")
	got := must(w.notices.List(anna, notice.Filter{Unread: true}))(t)
	must(w.notices.List(anna, notice.Filter{Page: store.Page{After: store.Cursor(env.Clock.Now(), notice.ID{1})}}))(t)
	must(w.notices.Unread(anna))(t)
	if err := errors.Join(w.notices.MarkRead(anna, got.Notices[0].ID), w.notices.MarkAllRead(anna, time.Time{})); err != nil {
		t.Fatal(err)
	}
	must(w.notices.Purge(env.System()))(t)
	for _, scan := range plans.Scans() {
		if !strings.Contains(scan, "crm_event ") { // the queue's own
			t.Errorf("reads a whole table:\n%s", scan)
		}
	}
	for statement, plan := range plans.Each {
		if strings.Contains(statement, "crm_notice") && strings.Contains(plan, "TEMP B-TREE") && !strings.Contains(statement, "DELETE") {
			t.Errorf("sorts:\n%s\n%s", statement, plan)
		}
	}
}
