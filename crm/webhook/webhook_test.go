package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/testutil"
)

func TestDeliversSignedOnceAndInOrderPerRecord(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w, r := newWorld(env, local), newReceiver(t)
		other := newReceiver(t)
		created := w.create(t, r.URL+"/crm", "lead.*")
		w.create(t, other.URL, "quote.issued")
		for version := range int64(4) {
			for record := range byte(12) {
				w.emit(t, record, version+1, "lead.status")
			}
		}
		w.emit(t, 1, 9, "opportunity.moved")
		if n := w.work(t); n != 48 {
			t.Errorf("%d were sent, want 48", n)
		}
		if n := w.work(t); n != 0 {
			t.Errorf("%d were sent again", n)
		}
		last, ids := map[string]int64{}, map[string]bool{}
		for _, m := range r.messages() {
			if err := webhook.Verify(m.header, m.raw, []string{created.Secret}, env.Clock.Now()); err != nil {
				t.Error(err)
			}
			if m.Type != "lead.status" || m.Company != env.Company || m.Version != last[m.Record]+1 {
				t.Errorf("after version %d of %s came %+v", last[m.Record], m.Record, m)
			}
			last[m.Record] = m.Version
			ids[m.header.Get(webhook.HeaderID)] = true
		}
		if len(ids) != 48 || len(other.messages()) != 0 {
			t.Errorf("%d different ids, %d at the other receiver", len(ids), len(other.messages()))
		}
		for _, d := range w.deliveries(t, created.Webhook.ID) {
			if d.State != webhook.Delivered || d.StatusCode != http.StatusNoContent || d.Attempts != 1 || !ids[d.ID.String()] {
				t.Errorf("listed as %+v", d)
			}
		}
		if hook := w.hook(t, created.Webhook.ID); hook.DeliveredAt.IsZero() {
			t.Error("the webhook does not say when something got through")
		}
	})
}

func TestBodyIsStableAndHoldsNoPersonalData(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	w.create(t, r.URL, "*")
	w.emit(t, 1, 1, "lead.status")
	w.emit(t, 2, 1, "host.thing")
	w.work(t)
	var got []string
	for _, m := range r.messages() {
		got = append(got, strings.NewReplacer(m.ID, "EVENT", m.Record, "RECORD", w.Company, "HU01").Replace(string(m.raw)))
	}
	slices.Sort(got)
	want := []string{
		`{"id":"EVENT","type":"host.thing","at":"2026-07-13T08:30:00.000Z","company":"HU01","record":"RECORD","version":1,"data":{}}`,
		`{"id":"EVENT","type":"lead.status","at":"2026-07-13T08:30:00.000Z","company":"HU01","record":"RECORD","version":1,"data":{"from":"new","party":"p1","to":"working"}}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestFailingRecordHoldsUpOnlyItself(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w, r := newWorld(env, local), newReceiver(t)
		w.create(t, r.URL, "lead.status")
		bad := fmt.Sprintf("%x", w.record(1))
		r.says(func(m message, w http.ResponseWriter, _ *http.Request) {
			if strings.ReplaceAll(m.Record, "-", "") == bad {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		for version := range int64(3) {
			for record := range byte(3) {
				w.emit(t, record, version+1, "lead.status")
			}
		}
		w.work(t)
		if n := len(r.messages()); n != 7 { // three of each good record, one try of the bad one
			t.Errorf("%d messages came", n)
		}
		first := r.messages()[slices.IndexFunc(r.messages(), func(m message) bool { return strings.ReplaceAll(m.Record, "-", "") == bad })]
		r.status(http.StatusOK)
		env.Clock.Advance(15 * time.Second)
		w.work(t)
		all := r.messages()
		if len(all) != 10 {
			t.Fatalf("%d messages came in the end", len(all))
		}
		if again := all[7]; again.header.Get(webhook.HeaderID) != first.header.Get(webhook.HeaderID) || string(again.raw) != string(first.raw) {
			t.Errorf("the repetition differs: %s, first %s", again.raw, first.raw)
		}
		if all[7].Version != 1 || all[8].Version != 2 || all[9].Version != 3 {
			t.Errorf("out of order: %v", all[7:])
		}
	})
}

// endless writes until the reader goes away.
func endless(w http.ResponseWriter) {
	for chunk := []byte(strings.Repeat("x", 32<<10)); ; {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func TestReceiversThatMisbehave(t *testing.T) {
	reached := false
	for _, row := range []struct {
		name   string
		answer func(m message, w http.ResponseWriter, r *http.Request)
		state  webhook.DeliveryState
		code   int
		reason string
	}{
		{"slow", func(_ message, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, webhook.Pending, 0, "did not answer within 300ms"},
		{"refuses", func(_ message, w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "no such\tthing", http.StatusInternalServerError)
		}, webhook.Pending, 500, "500 Internal Server Error: no such thing"},
		{"redirects", func(_ message, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				reached = true
			}
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, webhook.Pending, 307, "redirects are not followed"},
		{"takes it and never stops talking", func(_ message, w http.ResponseWriter, _ *http.Request) { endless(w) }, webhook.Delivered, 200, ""},
		{"refuses and never stops talking", func(_ message, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			endless(w)
		}, webhook.Pending, 502, "502 Bad Gateway: xxx"},
		{"dies", func(message, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, webhook.Pending, 0, "could not be reached"},
		{"sends a header without end", func(_ message, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 200<<10))
		}, webhook.Pending, 0, "could not be reached"},
		{"is gone", func(_ message, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, webhook.Failed, 410, "410 Gone"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := local
			c.Timeout = 300 * time.Millisecond
			w, r := newWorld(testutil.SQLite(t), c), newReceiver(t)
			r.says(row.answer)
			id := w.create(t, r.URL+"?token=geheim", "lead.status").Webhook.ID
			w.emit(t, 1, 1, "lead.status")
			w.work(t)
			d := w.deliveries(t, id)[0]
			if d.State != row.state || d.StatusCode != row.code || !strings.Contains(d.Reason, row.reason) || d.Attempts != 1 {
				t.Errorf("got %+v", d)
			}
			if strings.Contains(d.Reason, "geheim") || len(d.Reason) > 1000 {
				t.Errorf("the reason tells too much: %s", d.Reason)
			}
		})
	}
	if reached {
		t.Error("a redirect was followed")
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	r.says(func(_ message, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1800")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	id := w.create(t, r.URL, "lead.status").Webhook.ID
	w.emit(t, 1, 1, "lead.status")
	w.work(t)
	if wait := w.deliveries(t, id)[0].DueAt.Sub(w.Clock.Now()); wait < 30*time.Minute || wait > 40*time.Minute {
		t.Errorf("it is tried again in %s", wait)
	}
}

// told collects the payloads of the package's own events.
func told(w *world) func() []webhook.Notice {
	var mu sync.Mutex
	var list []webhook.Notice
	w.registry.On(event.Handler{Name: "told", Kinds: []string{"webhook."}, Do: func(_ context.Context, _ *store.Session, e event.Event) error {
		var n webhook.Notice
		err := e.Decode(&n)
		mu.Lock()
		defer mu.Unlock()
		list = append(list, n)
		return err
	}})
	return func() []webhook.Notice {
		mu.Lock()
		defer mu.Unlock()
		return list
	}
}

func TestGivesUpAfterThreeDaysDisablesAndGoesOnWhenResumed(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	notices := told(w)
	r.status(http.StatusInternalServerError)
	id := w.create(t, r.URL, "lead.status").Webhook.ID
	w.emit(t, 1, 1, "lead.status")
	w.emit(t, 1, 2, "lead.status")
	begun := w.Clock.Now()
	for range 100 {
		w.work(t)
		if w.hook(t, id).State == webhook.Disabled {
			break
		}
		w.Clock.Advance(10 * time.Minute)
		for _, d := range w.deliveries(t, id) {
			if wait := d.DueAt.Sub(w.Clock.Now()); d.Attempts > 0 && wait > 0 {
				w.Clock.Advance(wait)
			}
		}
	}
	hook := w.hook(t, id)
	took := w.Clock.Now().Sub(begun)
	if hook.State != webhook.Disabled || hook.ReasonCode != "exhausted" || took < 72*time.Hour || took > 96*time.Hour {
		t.Fatalf("after %s: %+v", took, hook)
	}
	if n := len(r.messages()); n != webhook.MaxAttempts {
		t.Errorf("%d tries, want %d", n, webhook.MaxAttempts)
	}
	w.emit(t, 2, 1, "lead.status") // not collected any more
	w.work(t)
	if list := notices(); len(list) != 1 || list[0].Owner != "kovacs" || list[0].ReasonCode != "exhausted" || list[0].Webhook != id {
		t.Errorf("told %+v", list)
	}
	r.status(http.StatusOK)
	if _, err := w.hooks.Resume(w.admin(), id); err != nil {
		t.Fatal(err)
	}
	w.work(t)
	if n, err := w.hooks.Recover(w.admin(), id, begun); n != 1 || err != nil {
		t.Errorf("recovered %d, %v", n, err)
	}
	w.work(t)
	for _, d := range w.deliveries(t, id) {
		if d.State != webhook.Delivered {
			t.Errorf("in the end %+v", d)
		}
	}
	if n := len(w.deliveries(t, id)); n != 2 {
		t.Errorf("%d deliveries", n)
	}
}

func TestOnePoisonousRecordDoesNotDisable(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	notices := told(w)
	bad := fmt.Sprintf("%x", w.record(1))
	r.says(func(m message, w http.ResponseWriter, _ *http.Request) {
		if strings.ReplaceAll(m.Record, "-", "") == bad {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	id := w.create(t, r.URL, "lead.status").Webhook.ID
	w.emit(t, 1, 1, "lead.status")
	for n := range byte(20) {
		w.work(t)
		w.Clock.Advance(15 * time.Hour)
		w.emit(t, 10+n, 1, "lead.status")
	}
	w.work(t)
	if hook := w.hook(t, id); hook.State != webhook.Active {
		t.Errorf("the webhook is %+v", hook)
	}
	if list := notices(); len(list) != 1 || list[0].ReasonCode != "exhausted" {
		t.Errorf("told %+v", list)
	}
}

func TestReceiverThatIsDownIsNotAskedForEachEvent(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	r.status(http.StatusServiceUnavailable)
	w.create(t, r.URL, "lead.status")
	for n := range byte(200) {
		w.emit(t, n, 1, "lead.status")
	}
	w.work(t)
	if n := len(r.messages()); n > 20 {
		t.Errorf("%d messages to a receiver that is down", n)
	}
	r.status(http.StatusOK)
	for range 60 {
		w.Clock.Advance(10 * time.Second)
		w.work(t)
	}
	delivered := map[string]bool{}
	for _, m := range r.messages() {
		delivered[m.Record] = true
	}
	if len(delivered) != 200 {
		t.Errorf("%d of 200 records came", len(delivered))
	}
}

func TestGoneDisablesAtOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w, r := newWorld(env, local), newReceiver(t)
		r.status(http.StatusGone)
		id := w.create(t, r.URL, "lead.status", "webhook.*").Webhook.ID
		w.emit(t, 1, 1, "lead.status")
		w.work(t)
		w.work(t)
		if hook := w.hook(t, id); hook.State != webhook.Disabled || hook.ReasonCode != "gone" || len(r.messages()) != 1 {
			t.Errorf("%+v after %d messages", hook, len(r.messages()))
		}
	})
}

func TestProcessesShareTheWork(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w, r := newWorld(env, local), newReceiver(t)
		w.create(t, r.URL, "lead.status")
		for n := range byte(60) {
			w.emit(t, n, 1, "lead.status")
			w.emit(t, n, 2, "lead.status")
		}
		worker := &event.Worker{DB: w.DB, Registry: w.registry, Log: quiet}
		if _, err := worker.RunOnce(context.Background()); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			process := webhook.New(env.DB, local)
			wg.Go(func() {
				for idle := 0; idle < 3; {
					n, err := process.Send(context.Background())
					if err != nil {
						t.Error(err)
						return
					}
					if idle++; n > 0 {
						idle = 0
					}
				}
			})
		}
		wg.Wait()
		w.work(t)
		seen := map[string]int{}
		last := map[string]int64{}
		for _, m := range r.messages() {
			seen[m.header.Get(webhook.HeaderID)]++
			if m.Version <= last[m.Record] {
				t.Errorf("%s: version %d after %d", m.Record, m.Version, last[m.Record])
			}
			last[m.Record] = m.Version
		}
		if len(seen) != 120 || len(r.messages()) != 120 {
			t.Errorf("%d deliveries in %d messages", len(seen), len(r.messages()))
		}
	})
}

func TestPausedCollectsAndResumedSends(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	id := w.create(t, r.URL, "lead.*").Webhook.ID
	if _, err := w.hooks.Pause(w.admin(), id); err != nil {
		t.Fatal(err)
	}
	w.emit(t, 1, 1, "lead.status")
	w.work(t)
	if n := len(r.messages()); n != 0 {
		t.Errorf("%d messages while paused", n)
	}
	if _, err := w.hooks.Resume(w.admin(), id); err != nil {
		t.Fatal(err)
	}
	w.work(t)
	if n := len(r.messages()); n != 1 {
		t.Errorf("%d messages when resumed", n)
	}
}

func TestRedeliver(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	id := w.create(t, r.URL, "lead.*").Webhook.ID
	w.emit(t, 1, 1, "lead.status")
	w.work(t)
	d := w.deliveries(t, id)[0]
	if err := w.hooks.Redeliver(w.As("gombos", actor.Seller, actor.All), d.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a seller redelivers: %v", err)
	}
	if err := w.hooks.Redeliver(w.admin(), d.ID); err != nil {
		t.Fatal(err)
	}
	w.work(t)
	got := r.messages()
	if len(got) != 2 || got[0].header.Get(webhook.HeaderID) != got[1].header.Get(webhook.HeaderID) {
		t.Errorf("%d messages: %v", len(got), got)
	}
	other := actor.With(context.Background(), actor.User{Company: "other", ID: "x", Rights: actor.Admin, See: actor.All}.Actor())
	if err := w.hooks.Redeliver(other, d.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("another company redelivers: %v", err)
	}
}

func TestRotatedSecretSignsBesideTheNewOne(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	created := w.create(t, r.URL, "lead.*")
	next, err := w.hooks.Rotate(w.admin(), created.Webhook.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.emit(t, 1, 1, "lead.status")
	w.work(t)
	w.Clock.Advance(webhook.Overlap)
	if err := w.hooks.Tidy(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.emit(t, 1, 2, "lead.status")
	w.work(t)
	for i, row := range []struct{ old, next bool }{{true, true}, {false, true}} {
		m := r.messages()[i]
		at := w.Clock.Now()
		if i == 0 {
			at = at.Add(-webhook.Overlap)
		}
		if err := webhook.Verify(m.header, m.raw, []string{created.Secret}, at); (err == nil) != row.old {
			t.Errorf("message %d by the old secret: %v", i, err)
		}
		if err := webhook.Verify(m.header, m.raw, []string{next}, at); (err == nil) != row.next {
			t.Errorf("message %d by the new secret: %v", i, err)
		}
	}
	var audit string
	if err := w.DB.SQL().QueryRow("SELECT GROUP_CONCAT(changes, ' ') FROM crm_audit").Scan(&audit); err != nil || strings.Contains(audit, webhook.SecretPrefix) {
		t.Errorf("the audit log holds %s, %v", audit, err)
	}
}

func TestPing(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	created := w.create(t, r.URL, "lead.*")
	attempt, err := w.hooks.Ping(w.admin(), created.Webhook.ID)
	if err != nil || !attempt.OK || attempt.StatusCode != http.StatusNoContent {
		t.Fatalf("%+v, %v", attempt, err)
	}
	m := r.messages()[0]
	if err := webhook.Verify(m.header, m.raw, []string{created.Secret}, w.Clock.Now()); err != nil || m.Type != webhook.EventPing {
		t.Errorf("%s: %v", m.raw, err)
	}
	r.Close()
	if attempt, err := w.hooks.Ping(w.admin(), created.Webhook.ID); err != nil || attempt.OK || attempt.Reason == "" {
		t.Errorf("a closed receiver: %+v, %v", attempt, err)
	}
}

func TestTidyRemovesOldDeliveries(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	id := w.create(t, r.URL, "lead.*").Webhook.ID
	w.emit(t, 1, 1, "lead.status")
	w.work(t)
	for _, step := range []struct {
		wait time.Duration
		left int
	}{{29 * 24 * time.Hour, 1}, {2 * 24 * time.Hour, 0}} {
		w.Clock.Advance(step.wait)
		if err := w.hooks.Tidy(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := len(w.deliveries(t, id)); n != step.left {
			t.Errorf("%d left, want %d", n, step.left)
		}
	}
}

func TestDeliveryOfAForgottenEventFails(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), local), newReceiver(t)
	notices := told(w)
	id := w.create(t, r.URL, "lead.*").Webhook.ID
	if _, err := w.hooks.Pause(w.admin(), id); err != nil {
		t.Fatal(err)
	}
	w.emit(t, 1, 1, "lead.status")
	w.work(t)
	if _, err := w.DB.SQL().Exec("DELETE FROM crm_event"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.hooks.Resume(w.admin(), id); err != nil {
		t.Fatal(err)
	}
	w.work(t)
	w.work(t)
	if d := w.deliveries(t, id)[0]; d.State != webhook.Failed || len(r.messages()) != 0 {
		t.Errorf("got %+v", d)
	}
	if list := notices(); len(list) != 1 || list[0].ReasonCode != "unfit" || w.hook(t, id).State != webhook.Active {
		t.Errorf("told %+v", list)
	}
}
