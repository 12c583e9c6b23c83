package track_test

import (
	"context"
	"log/slog"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/testutil"
)

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	gmail   = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
	apple   = "Mozilla/5.0"
)

var numbers atomic.Int64

// ledger stands for newsletter/campaign: one campaign with three links and its readers.
type ledger struct {
	campaign track.Campaign
	// other is another campaign, which never fails.
	other *track.Campaign
	asked atomic.Int64

	mu     sync.Mutex
	sent   map[uint32]time.Time
	optOut map[uint32]bool
	size   uint32
	gone   error
}

func (l *ledger) TrackedCampaign(_ context.Context, number int64) (track.Campaign, error) {
	l.asked.Add(1)
	if l.other != nil && number == l.other.Number {
		return *l.other, nil
	}
	if number != l.campaign.Number {
		return track.Campaign{}, fault.New(fault.NotFound, "there is no campaign %d", number)
	}
	return l.campaign, nil
}

func (l *ledger) TrackedReaders(_ context.Context, _ *store.Session, number int64, seqs []uint32) ([]track.Reader, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone != nil && number == l.campaign.Number {
		return nil, l.gone
	}
	var all []track.Reader
	for _, seq := range seqs {
		if seq <= l.size {
			all = append(all, track.Reader{Seq: seq, SentAt: l.sent[seq], OptedOut: l.optOut[seq]})
		}
	}
	return all, nil
}

func (l *ledger) PersonalLink(_ context.Context, _ int64, seq uint32, _ uint16) (string, error) {
	if seq == 7 {
		return "https://www.minta.hu/ajánlat?név=Őri Bálint", nil
	}
	return "https://www.minta.hu/ajánlat?név=Őri&x=1", nil
}

// world is a company with a campaign, and what measures it.
type world struct {
	*testutil.Env
	t        testing.TB
	ledger   *ledger
	tracking *track.Tracking
	recorder *track.Recorder
	keys     *track.Keys
}

func newWorld(t testing.TB, env *testutil.Env, rules track.Rules) *world {
	t.Helper()
	w := &world{Env: env, t: t, keys: keys(t, 1), ledger: &ledger{
		size: 1000, sent: map[uint32]time.Time{}, optOut: map[uint32]bool{},
		campaign: track.Campaign{
			Company: env.Company, Number: time.Now().UnixMilli()<<10 + numbers.Add(1),
			Links: []string{"https://www.minta.hu/akcio", "https://www.minta.hu/lampa?szin=feher", "https://www.minta.hu/rolunk", ""},
		},
	}}
	w.tracking = track.New(env.DB, w.ledger, rules)
	w.recorder = w.newRecorder()
	return w
}

func (w *world) newRecorder() *track.Recorder {
	w.t.Helper()
	r, err := track.NewRecorder(w.tracking, track.RecorderConfig{Keys: w.keys, Log: slog.New(slog.NewTextHandler(w.t.Output(), nil))})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // a test closes its recorders itself, where it wants to see what they have written
		_ = r.Close(ctx)
	})
	return r
}

func from(address, agent string) track.Request {
	return track.Request{Address: netip.MustParseAddr(address), Agent: agent}
}

func (w *world) number() int64 { return w.ledger.campaign.Number }

func (w *world) token(kind track.Kind, seq uint32, link uint16) string {
	return w.keys.Token(track.Token{Kind: kind, Campaign: w.number(), Seq: seq, Link: link})
}

func (w *world) click(seq uint32, link uint16, by track.Request) {
	w.t.Helper()
	if _, err := w.recorder.Click(context.Background(), w.token(track.Click, seq, link), by); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open(seq uint32, by track.Request) {
	w.t.Helper()
	if err := w.recorder.Open(context.Background(), w.token(track.Open, seq, 0), by); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) flush() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // a failed write is tried again for ever
	defer cancel()
	if err := w.recorder.Flush(ctx); err != nil {
		w.t.Fatal(err)
	}
}

// figures are the counts that are not zero, by kind, link and verdict.
func (w *world) figures() map[track.Count]bool {
	w.t.Helper()
	f, err := w.tracking.Figures(w.System(), w.number())
	if err != nil {
		w.t.Fatal(err)
	}
	all := map[track.Count]bool{}
	for _, c := range f.Counts {
		if c.Events != 0 || c.Readers != 0 {
			all[c] = true
		}
	}
	return all
}

func (w *world) count(k track.Kind, link int, v track.Verdict) (events, readers int64) {
	w.t.Helper()
	f, err := w.tracking.Figures(w.System(), w.number())
	if err != nil {
		w.t.Fatal(err)
	}
	c := f.Of(k, link, v)
	return c.Events, c.Readers
}

// recount makes the counts from the raw events, as somebody would with a pencil.
func (w *world) recount() map[track.Count]bool {
	w.t.Helper()
	type key struct {
		kind    track.Kind
		link    int
		verdict track.Verdict
	}
	events, readers := map[key]int64{}, map[key]map[uint32]bool{}
	for after := uint32(0); ; {
		page, err := w.tracking.Readers(w.System(), track.ReaderPage{Campaign: w.number(), After: after, Limit: 500})
		if err != nil {
			w.t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, a := range page {
			after = a.Seq
			h, err := w.tracking.Reader(w.System(), w.number(), a.Seq)
			if err != nil {
				w.t.Fatal(err)
			}
			for _, e := range h.Events {
				verdicts := []track.Verdict{e.Verdict, track.Any}
				if e.Verdict == track.Person || e.Verdict == track.Proxy {
					verdicts = append(verdicts, track.Genuine)
				}
				links := []int{track.AllLinks}
				if e.Kind == track.Click {
					links = append(links, int(e.Link))
				}
				for _, v := range verdicts {
					for _, l := range links {
						k := key{e.Kind, l, v}
						events[k]++
						if readers[k] == nil {
							readers[k] = map[uint32]bool{}
						}
						readers[k][a.Seq] = true
					}
				}
			}
		}
	}
	all := map[track.Count]bool{}
	for k, n := range events {
		all[track.Count{Kind: k.kind, Link: k.link, Verdict: k.verdict, Events: n, Readers: int64(len(readers[k]))}] = true
	}
	return all
}

func (w *world) agrees() {
	w.t.Helper()
	kept, counted := w.figures(), w.recount()
	if !maps.Equal(kept, counted) {
		for c := range counted {
			if !kept[c] {
				w.t.Errorf("counted anew there is %+v", c)
			}
		}
		for c := range kept {
			if !counted[c] {
				w.t.Errorf("kept is %+v", c)
			}
		}
	}
	hours, err := w.tracking.Hours(w.System(), w.number(), track.Span{From: w.Clock.Now().Add(-48 * time.Hour), Until: w.Clock.Now().Add(time.Hour)})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range []track.Verdict{track.Any, track.Genuine} {
		for _, k := range []track.Kind{track.Click, track.Open} {
			var events, readers int64
			for _, h := range hours {
				if h.Kind == k && h.Verdict == v {
					events, readers = events+h.Events, readers+h.Readers
				}
			}
			if e, r := w.count(k, track.AllLinks, v); e != events || r != readers {
				w.t.Errorf("%s %s: the hours add up to %d events of %d readers, the campaign has %d of %d", k, v, events, readers, e, r)
			}
		}
	}
}

var errGone = fault.New(fault.Unavailable, "the database is gone")
