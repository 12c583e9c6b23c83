package track_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/testutil"
)

func TestClicksAndOpensAreCounted(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, track.Rules{})
		w.ledger.sent[1] = env.Clock.Now().Add(-time.Hour)
		w.open(1, from("203.0.113.77", firefox))
		w.click(1, 0, from("203.0.113.77", firefox))
		env.Clock.Advance(2 * time.Hour)
		w.click(1, 0, from("2001:db8:1:2:3::4", firefox))
		w.click(1, 2, from("2001:db8:1:2:3::4", firefox))
		w.open(2, from("66.249.84.3", gmail))
		w.open(3, from("17.58.97.1", apple))
		w.flush()
		tests := []struct {
			name            string
			kind            track.Kind
			link            int
			verdict         track.Verdict
			events, readers int64
		}{
			{"all opens", track.Open, track.AllLinks, track.Any, 3, 3},
			{"genuine opens", track.Open, track.AllLinks, track.Genuine, 2, 2},
			{"by Gmail's proxy", track.Open, track.AllLinks, track.Proxy, 1, 1},
			{"by Apple's relay", track.Open, track.AllLinks, track.Relay, 1, 1},
			{"all clicks", track.Click, track.AllLinks, track.Any, 3, 1},
			{"clicks on the first link", track.Click, 0, track.Genuine, 2, 1},
			{"clicks on the second link", track.Click, 1, track.Any, 0, 0},
			{"clicks on the third link", track.Click, 2, track.Person, 1, 1},
		}
		for _, test := range tests {
			if e, r := w.count(test.kind, test.link, test.verdict); e != test.events || r != test.readers {
				t.Errorf("%s: %d events of %d readers, want %d of %d", test.name, e, r, test.events, test.readers)
			}
		}
		w.agrees()
		h, err := w.tracking.Reader(env.System(), w.number(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if h.Opens != 1 || h.Clicks != 3 || len(h.Links) != 2 || h.Links[1] != 2 || !h.OpenedAt.Equal(env.Clock.Now().Add(-2*time.Hour)) || !h.LastAt.Equal(env.Clock.Now()) {
			t.Errorf("the reader's row is %+v", h.Activity)
		}
		if len(h.Events) != 4 || h.Events[0].Network != "203.0.113.0/24" || h.Events[3].Network != "2001:db8:1::/48" || h.Events[0].Agent != firefox {
			t.Errorf("the reader's events are %+v", h.Events)
		}
		clicked, err := w.tracking.Readers(env.System(), track.ReaderPage{Campaign: w.number(), Kind: track.Click})
		if err != nil || len(clicked) != 1 || clicked[0].Seq != 1 {
			t.Errorf("who clicked: %+v, %v", clicked, err)
		}
	})
}

// TestScannerIsFoundLater: the first click is written as a person's, and turns when the others follow.
func TestScannerIsFoundLater(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, track.Rules{})
		w.ledger.campaign.Links = w.ledger.campaign.Links[:3]
		by := from("198.51.100.9", firefox)
		w.open(5, by)
		w.click(5, 0, by)
		w.flush()
		if e, r := w.count(track.Click, track.AllLinks, track.Genuine); e != 1 || r != 1 {
			t.Fatalf("after one click there are %d genuine ones of %d readers", e, r)
		}
		env.Clock.Advance(2 * time.Second)
		w.click(5, 1, by)
		w.click(5, 2, by)
		w.flush()
		w.agrees()
		if e, r := w.count(track.Click, track.AllLinks, track.Genuine); e != 0 || r != 0 {
			t.Errorf("after three clicks in two seconds there are %d genuine ones of %d readers", e, r)
		}
		if e, _ := w.count(track.Click, track.AllLinks, track.Any); e != 3 {
			t.Errorf("of all clicks %d are kept", e)
		}
		env.Clock.Advance(time.Hour)
		w.click(5, 1, from("203.0.113.5", firefox))
		w.flush()
		w.agrees()
		if e, r := w.count(track.Click, 1, track.Genuine); e != 1 || r != 1 {
			t.Errorf("when the reader comes an hour later there are %d genuine clicks of %d readers", e, r)
		}
		if a, err := w.tracking.Readers(env.System(), track.ReaderPage{Campaign: w.number()}); err != nil || len(a) != 1 || a[0].Clicks != 1 || a[0].AnyClicks != 4 || a[0].Opens != 0 {
			t.Errorf("the reader's row is %+v, %v", a, err)
		}
	})
}

// TestCountsAreThoseOfTheEvents: whatever comes in whatever pieces, by two recorders, the running counts are
// what somebody finds who counts the events.
func TestCountsAreThoseOfTheEvents(t *testing.T) {
	env := testutil.SQLite(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, env, track.Rules{})
		w.ledger.campaign.Links = w.ledger.campaign.Links[:3]
		env.Clock.Advance(24 * time.Hour)
		second := w.newRecorder()
		first := w.recorder
		agents := []string{firefox, gmail, apple, "Barracuda Link Checker", ""}
		for range rapid.IntRange(1, 30).Draw(rt, "events") {
			w.recorder = []*track.Recorder{first, second}[rapid.IntRange(0, 1).Draw(rt, "recorder")]
			seq := rapid.Uint32Range(1, 4).Draw(rt, "seq")
			by := from("203.0.113.5", rapid.SampledFrom(agents).Draw(rt, "agent"))
			switch rapid.IntRange(0, 5).Draw(rt, "act") {
			case 0:
				w.open(seq, by)
			case 1:
				env.Clock.Advance(time.Duration(rapid.IntRange(0, 4000).Draw(rt, "seconds")) * time.Second)
			case 2:
				w.flush()
			default:
				w.click(seq, rapid.Uint16Range(0, 2).Draw(rt, "link"), by)
			}
		}
		for _, r := range []*track.Recorder{first, second} {
			if err := r.Close(context.Background()); err != nil {
				rt.Fatal(err)
			}
		}
		w.agrees()
	})
}

func TestSeveralRecordersWriteAtOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, track.Rules{})
		var group sync.WaitGroup
		for range 4 {
			r := w.newRecorder()
			group.Go(func() {
				for n := range 200 {
					if _, err := r.Click(context.Background(), w.token(track.Click, uint32(n%20+1), uint16(n%3)), from("203.0.113.5", firefox)); err != nil {
						t.Error(err)
					}
					if n%50 == 49 {
						if err := r.Flush(context.Background()); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		group.Wait()
		if e, r := w.count(track.Click, track.AllLinks, track.Any); e != 800 || r != 20 {
			t.Errorf("%d clicks of %d readers were counted, want 800 of 20", e, r)
		}
		w.agrees()
	})
}

func TestNotMeasured(t *testing.T) {
	tests := []struct {
		name string
		act  func(w *world) error
	}{
		{"the token says so", func(w *world) error {
			_, err := w.recorder.Click(context.Background(), w.keys.Token(track.Token{Kind: track.Click, Campaign: w.number(), Seq: 1, Unmeasured: true}), from("203.0.113.5", firefox))
			return err
		}},
		{"the browser says so", func(w *world) error {
			by := from("203.0.113.5", firefox)
			by.OptedOut = true
			_, err := w.recorder.Click(context.Background(), w.token(track.Click, 1, 0), by)
			return err
		}},
		{"the campaign says so", func(w *world) error {
			w.ledger.optOut[1] = true
			return w.recorder.Open(context.Background(), w.token(track.Open, 1, 0), from("203.0.113.5", firefox))
		}},
		{"a preview", func(w *world) error {
			_, err := w.recorder.Click(context.Background(), w.token(track.Click, 0, 0), from("203.0.113.5", firefox))
			return err
		}},
		{"a row the ledger does not have", func(w *world) error {
			return w.recorder.Open(context.Background(), w.token(track.Open, 5000, 0), from("203.0.113.5", firefox))
		}},
		{"the campaign is closed", func(w *world) error {
			if err := w.tracking.Close(w.System(), w.number()); err != nil {
				return err
			}
			return w.recorder.Open(context.Background(), w.token(track.Open, 1, 0), from("203.0.113.5", firefox))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), track.Rules{})
			if err := test.act(w); err != nil {
				t.Fatal(err)
			}
			w.flush()
			if f := w.figures(); len(f) > 0 || w.recorder.Lost() > 0 {
				t.Errorf("there are %v, lost %d", f, w.recorder.Lost())
			}
			var n int
			if err := w.DB.SQL().QueryRow("SELECT (SELECT COUNT(*) FROM crm_track_event) + (SELECT COUNT(*) FROM crm_track_reader) + (SELECT COUNT(*) FROM crm_track_agent)").Scan(&n); err != nil || n > 0 {
				t.Errorf("%d rows were written, %v", n, err)
			}
		})
	}
}

func TestLinksLeadOnlyWhereTheCampaignSays(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), track.Rules{})
	links := w.ledger.campaign.Links
	w.ledger.campaign.Links = append(links, "javascript:alert(1)", "//evil.example", "https://www.minta.hu/\r\nSet-Cookie: a=b", "https://minta.hu@evil.example/", `https:\\evil.example`, "")
	tests := []struct {
		name string
		seq  uint32
		link uint16
		want string
	}{
		{"the first link", 1, 0, "https://www.minta.hu/akcio"},
		{"a preview", 0, 1, "https://www.minta.hu/lampa?szin=feher"},
		{"one of the reader's own", 1, 3, "https://www.minta.hu/aj%C3%A1nlat?n%C3%A9v=%C5%90ri&x=1"},
		{"one of the reader's own with a blank", 7, 3, ""},
		{"one of the reader's own in a preview", 0, 3, ""},
		{"a script", 1, 4, ""},
		{"no scheme", 1, 5, ""},
		{"a line break", 1, 6, ""},
		{"a user before the host", 1, 7, ""},
		{"backslashes", 1, 8, ""},
		{"beyond the list", 1, 10, ""},
		{"far beyond the list", 1, 65535, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := w.recorder.Click(context.Background(), w.token(track.Click, test.seq, test.link), from("203.0.113.5", firefox))
			if got != test.want || (err != nil) != (test.want == "") || err != nil && !errors.Is(err, fault.NotFound) {
				t.Errorf("leads to %q, %v; want %q", got, err, test.want)
			}
		})
	}
	if n := w.ledger.asked.Load(); n != 1 {
		t.Errorf("the campaign was asked for %d times", n)
	}
	other := w.keys.Token(track.Token{Kind: track.Click, Campaign: w.number() + 1, Seq: 1})
	for range 2 {
		if _, err := w.recorder.Click(context.Background(), other, from("203.0.113.5", firefox)); !errors.Is(err, fault.NotFound) {
			t.Errorf("a deleted campaign gives %v", err)
		}
	}
	if n := w.ledger.asked.Load(); n != 2 {
		t.Errorf("a deleted campaign was asked for %d times", n-1)
	}
}

// TestDatabaseGone: events wait until it is back, and are written once.
func TestDatabaseGone(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), track.Rules{})
	w.ledger.gone = errGone
	for seq := range uint32(20) {
		w.click(seq+1, 0, from("203.0.113.5", firefox))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.recorder.Flush(ctx); err == nil {
		t.Error("writing to a database that is gone succeeds")
	}
	w.ledger.mu.Lock()
	w.ledger.gone = nil
	w.ledger.mu.Unlock()
	if err := w.recorder.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if e, r := w.count(track.Click, 0, track.Any); e != 20 || r != 20 || w.recorder.Lost() != 0 {
		t.Errorf("%d clicks of %d readers, %d lost; want 20 of 20, none lost", e, r, w.recorder.Lost())
	}
}

// TestOneCampaignDoesNotStopOthers: what cannot be written for one campaign is written for another, of the same
// batch and of later ones.
func TestOneCampaignDoesNotStopOthers(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), track.Rules{})
	other := w.number() + 1
	w.ledger.other = &track.Campaign{Company: w.Company, Number: other, Links: w.ledger.campaign.Links}
	w.ledger.gone = errGone // of the first campaign only
	for seq := range uint32(3) {
		w.click(seq+1, 0, from("203.0.113.5", firefox))
		if _, err := w.recorder.Click(context.Background(), w.keys.Token(track.Token{Kind: track.Click, Campaign: other, Seq: seq + 1}), from("203.0.113.5", firefox)); err != nil {
			t.Fatal(err)
		}
		if err := w.recorder.Flush(context.Background()); !errors.Is(err, errGone) {
			t.Errorf("writing gives %v", err)
		}
	}
	f, err := w.tracking.Figures(w.System(), other)
	if err != nil || f.Of(track.Click, 0, track.Any).Readers != 3 {
		t.Errorf("of the other campaign there is %+v, %v", f, err)
	}
	w.ledger.mu.Lock()
	w.ledger.gone = nil
	w.ledger.mu.Unlock()
	w.flush()
	if e, r := w.count(track.Click, 0, track.Any); e != 3 || r != 3 || w.recorder.Lost() != 0 {
		t.Errorf("%d clicks of %d readers, %d lost", e, r, w.recorder.Lost())
	}
}

func TestDatabaseGoneForGood(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), track.Rules{})
	w.ledger.gone = errGone
	w.click(1, 0, from("203.0.113.5", firefox))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.recorder.Close(ctx); !errors.Is(err, fault.Unavailable) {
		t.Errorf("closing gives %v", err)
	}
	w.click(2, 0, from("203.0.113.5", firefox))
	if n := w.recorder.Lost(); n != 2 {
		t.Errorf("%d are counted as lost, want the one that waited and the one that came after the end", n)
	}
}

func TestOneReaderDoesNotFillTheDatabase(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), track.Rules{})
	for n := range 1300 {
		if n%600 == 0 {
			w.flush()
		}
		w.Clock.Advance(time.Minute)
		w.click(1, uint16(n%3), from("203.0.113.5", firefox))
	}
	w.click(2, 0, from("203.0.113.5", firefox))
	w.flush()
	if e, r := w.count(track.Click, track.AllLinks, track.Any); e != 1001 || r != 2 {
		t.Errorf("%d clicks of %d readers were counted, want 1001 of 2", e, r)
	}
	w.agrees()
}

func TestOnlyTheCompanySeesItsFigures(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), track.Rules{})
	w.click(1, 0, from("203.0.113.5", firefox))
	w.flush()
	other := actor.With(context.Background(), actor.System("another", "test"))
	if f, err := w.tracking.Figures(other, w.number()); err != nil || len(f.Counts) > 0 {
		t.Errorf("another company sees %+v, %v", f, err)
	}
	if h, err := w.tracking.Reader(other, w.number(), 1); err != nil || len(h.Events) > 0 || h.AnyClicks > 0 {
		t.Errorf("another company sees %+v, %v", h, err)
	}
	if err := w.tracking.Recompute(other, w.number()); !errors.Is(err, fault.NotFound) {
		t.Errorf("another company judges anew: %v", err)
	}
	if _, err := w.tracking.Figures(w.As("kovacs", actor.Seller, actor.Own), w.number()); !errors.Is(err, fault.Forbidden) {
		t.Errorf("without the right: %v", err)
	}
	if err := w.tracking.Close(w.As("kovacs", actor.Manager, actor.All), w.number()); !errors.Is(err, fault.Forbidden) {
		t.Errorf("without the right to delete: %v", err)
	}
}

func TestNewRulesJudgeAnew(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, track.Rules{})
		for seq := uint32(1); seq <= 600; seq++ {
			w.open(seq, from("203.0.113.5", []string{firefox, "NewScan/1.0"}[seq%2]))
		}
		w.flush()
		rules := track.DefaultRules()
		rules.Agents = append([]track.AgentRule{{Contains: "newscan", Verdict: track.Scanner}}, rules.Agents...)
		w.tracking = track.New(env.DB, w.ledger, rules)
		for range 2 { // the second time changes nothing
			if err := w.tracking.Recompute(env.System(), w.number()); err != nil {
				t.Fatal(err)
			}
			if e, r := w.count(track.Open, track.AllLinks, track.Genuine); e != 300 || r != 300 {
				t.Errorf("under new rules %d opens of %d readers are genuine, want 300 of 300", e, r)
			}
		}
		w.agrees()
	})
}

func TestErasureLeavesTheCounts(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, track.Rules{})
		w.click(1, 0, from("203.0.113.5", firefox))
		w.click(2, 0, from("203.0.113.5", firefox))
		w.flush()
		if err := w.tracking.Forget(env.System(), w.number(), 1); err != nil {
			t.Fatal(err)
		}
		if h, err := w.tracking.Reader(env.System(), w.number(), 1); err != nil || len(h.Events) > 0 || h.AnyClicks > 0 {
			t.Errorf("of a forgotten reader there is %+v, %v", h, err)
		}
		if err := w.tracking.Close(env.System(), w.number()); err != nil {
			t.Fatal(err)
		}
		h, err := w.tracking.Reader(env.System(), w.number(), 2)
		if err != nil || len(h.Events) > 0 || h.Clicks != 1 {
			t.Errorf("of a closed campaign's reader there is %+v, %v", h, err)
		}
		if e, r := w.count(track.Click, 0, track.Any); e != 2 || r != 2 {
			t.Errorf("the counts are %d of %d", e, r)
		}
	})
}

func TestStatementsUseIndexes(t *testing.T) {
	env, plans := testutil.Planned(t)
	w := newWorld(t, env, track.Rules{})
	w.click(1, 0, from("203.0.113.5", firefox))
	w.flush()
	w.open(1, from("203.0.113.5", gmail))
	w.flush()
	w.agrees()
	if err := w.tracking.Recompute(env.System(), w.number()); err != nil {
		t.Fatal(err)
	}
	if err := w.tracking.Forget(env.System(), w.number(), 1); err != nil {
		t.Fatal(err)
	}
	if err := w.tracking.Close(env.System(), w.number()); err != nil {
		t.Fatal(err)
	}
	for _, s := range plans.Scans() {
		t.Errorf("reads a whole table: %s", s)
	}
}
