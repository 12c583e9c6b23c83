package web_test

import (
	"bytes"
	"context"
	"fmt"
	"image/gif"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/testutil"
)

// ledger stands for newsletter/campaign: every row exists.
type ledger struct {
	campaign track.Campaign
	away     bool
}

func (l *ledger) TrackedCampaign(_ context.Context, number int64) (track.Campaign, error) {
	switch {
	case l.away:
		return track.Campaign{}, fault.New(fault.Unavailable, "the database is away")
	case number != l.campaign.Number:
		return track.Campaign{}, fault.New(fault.NotFound, "there is no campaign %d", number)
	}
	return l.campaign, nil
}

func (l *ledger) TrackedReaders(_ context.Context, _ *store.Session, _ int64, seqs []uint32) ([]track.Reader, error) {
	all := make([]track.Reader, len(seqs))
	for i, seq := range seqs {
		all[i] = track.Reader{Seq: seq}
	}
	return all, nil
}

type tracked struct {
	*testutil.Env
	ledger   *ledger
	keys     *track.Keys
	tracking *track.Tracking
	recorder *track.Recorder
	pages    *web.TrackPages
}

func newTracked(t testing.TB) *tracked {
	t.Helper()
	w := &tracked{Env: testutil.SQLite(t)}
	var err error
	w.keys, err = track.NewKeys(track.Key{ID: 1, Secret: bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	w.ledger = &ledger{campaign: track.Campaign{Company: w.Company, Number: 42, Links: []string{"https://www.minta.hu/akcio", "https://www.minta.hu/lampa", "https://www.minta.hu/rolunk", "https://www.minta.hu/bolt", "https://www.minta.hu/blog"}}}
	w.tracking = track.New(w.DB, w.ledger, track.Rules{})
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	w.recorder, err = track.NewRecorder(w.tracking, track.RecorderConfig{Keys: w.keys, Log: log, Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = w.recorder.Close(ctx)
	})
	w.pages = web.NewTrackPages(w.recorder, web.TrackConfig{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Log: log})
	return w
}

func TestLinksAndPixelsOfNewsletters(t *testing.T) {
	w := newTracked(t)
	click := w.keys.Token(track.Token{Kind: track.Click, Campaign: 42, Seq: 1, Link: 1})
	open := w.keys.Token(track.Token{Kind: track.Open, Campaign: 42, Seq: 1})
	other := w.keys.Token(track.Token{Kind: track.Click, Campaign: 43, Seq: 1})
	tests := []struct {
		name, method, path string
		header             map[string]string
		away               bool
		handler            http.HandlerFunc
		status             int
		location, body     string
	}{
		{name: "a click", path: "/n/c/" + click, handler: w.pages.Click, status: 302, location: "https://www.minta.hu/lampa"},
		{name: "a link checker", method: "HEAD", path: "/n/c/" + click, handler: w.pages.Click, status: 302, location: "https://www.minta.hu/lampa"},
		{name: "under another prefix, with a query", path: "/a/b/" + click + "?url=https://evil.example", handler: w.pages.Click, status: 302, location: "https://www.minta.hu/lampa"},
		{name: "a pixel's token at a link", path: "/n/c/" + open, handler: w.pages.Click, status: 404, body: "This link does not lead anywhere"},
		{name: "a forged token", path: "/n/c/" + strings.ToLower(click), handler: w.pages.Click, status: 404, body: "This link"},
		{name: "an address for a token", path: "/n/c/https://evil.example", handler: w.pages.Click, status: 404, body: "This link"},
		{name: "no token, in Hungarian", path: "/n/c/", header: map[string]string{"Accept-Language": "de, hu-HU;q=0.8"}, handler: w.pages.Click, status: 404, body: "Ez a hivatkozás nem él"},
		{name: "no token, in Hebrew", path: "/n/c/", header: map[string]string{"Accept-Language": "he"}, handler: w.pages.Click, status: 404, body: "הקישור אינו פעיל"},
		{name: "a campaign that is gone", path: "/n/c/" + other, handler: w.pages.Click, status: 404, body: "This link"},
		{name: "the database is away", path: "/n/c/" + w.keys.Token(track.Token{Kind: track.Click, Campaign: 44, Seq: 1}), away: true, handler: w.pages.Click, status: 503, body: "Try again in a minute"},
		{name: "a post", method: "POST", path: "/n/c/" + click, handler: w.pages.Click, status: 405},
		{name: "an open", path: "/n/o/" + open, handler: w.pages.Open, status: 200, body: "GIF89a"},
		{name: "an open with the name of a picture", path: "/n/o/" + open + ".gif", handler: w.pages.Open, status: 200, body: "GIF89a"},
		{name: "an open, headers only", method: "HEAD", path: "/n/o/" + open, handler: w.pages.Open, status: 200},
		{name: "an open with a forged token", path: "/n/o/abc", handler: w.pages.Open, status: 200, body: "GIF89a"},
		{name: "an open while the database is away", path: "/n/o/" + w.keys.Token(track.Token{Kind: track.Open, Campaign: 45, Seq: 1}), away: true, handler: w.pages.Open, status: 200, body: "GIF89a"},
		{name: "a delete", method: "DELETE", path: "/n/o/" + open, handler: w.pages.Open, status: 405},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.method == "" {
				test.method = http.MethodGet
			}
			r := httptest.NewRequest(test.method, test.path, nil)
			for k, v := range test.header {
				r.Header.Set(k, v)
			}
			w.ledger.away = test.away
			answer := httptest.NewRecorder()
			test.handler(answer, r)
			w.ledger.away = false
			if answer.Code != test.status || answer.Header().Get("Location") != test.location || !strings.HasPrefix(answer.Body.String(), test.body) && !strings.Contains(answer.Body.String(), test.body) || test.body == "" && answer.Body.Len() > 0 {
				t.Errorf("status %d, to %q, %q; want %d, to %q, %q", answer.Code, answer.Header().Get("Location"), answer.Body, test.status, test.location, test.body)
			}
			for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"} {
				if !strings.Contains(answer.Header().Get(name), want) {
					t.Errorf("%s is %q", name, answer.Header().Get(name))
				}
			}
		})
	}
}

func TestPixelIsAPicture(t *testing.T) {
	w := newTracked(t)
	answer := httptest.NewRecorder()
	w.pages.Open(answer, httptest.NewRequest(http.MethodGet, "/n/o/x", nil))
	picture, err := gif.Decode(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != 1 || size.Y != 1 {
		t.Errorf("the pixel is %v", size)
	}
	if _, _, _, alpha := picture.At(0, 0).RGBA(); alpha != 0 {
		t.Error("the pixel can be seen")
	}
}

func TestWhatIsRecordedOfARequest(t *testing.T) {
	w := newTracked(t)
	token := "/n/c/" + w.keys.Token(track.Token{Kind: track.Click, Campaign: 42, Seq: 1})
	tests := []struct {
		name, method, peer string
		header             map[string]string
		network            string
		verdict            track.Verdict
	}{
		{"a browser", http.MethodGet, "203.0.113.77:1", nil, "203.0.113.0/24", track.Person},
		{"behind a proxy of ours", http.MethodGet, "10.1.2.3:1", map[string]string{"X-Forwarded-For": "6.6.6.6, 198.51.100.7"}, "198.51.100.0/24", track.Person},
		{"a proxy that is not ours", http.MethodGet, "203.0.113.77:1", map[string]string{"X-Forwarded-For": "198.51.100.7"}, "203.0.113.0/24", track.Person},
		{"a link checker", "HEAD", "203.0.113.77:1", nil, "203.0.113.0/24", track.Scanner},
		{"a browser that fetches ahead", http.MethodGet, "203.0.113.77:1", map[string]string{"Sec-Purpose": "prefetch;prerender"}, "203.0.113.0/24", track.Relay},
		{"somebody who does not want to be measured", http.MethodGet, "203.0.113.77:1", map[string]string{"Sec-GPC": "1"}, "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w.Clock.Advance(time.Hour)
			r := httptest.NewRequest(test.method, token, nil)
			r.RemoteAddr = test.peer
			r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
			for k, v := range test.header {
				r.Header.Set(k, v)
			}
			w.pages.Click(httptest.NewRecorder(), r)
			if err := w.recorder.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
			h, err := w.tracking.Reader(w.System(), 42, 1)
			if err != nil {
				t.Fatal(err)
			}
			var last track.Event
			if n := len(h.Events); n > 0 && h.Events[n-1].At.Equal(w.Clock.Now()) {
				last = h.Events[n-1]
			}
			if last.Network != test.network || last.Verdict != test.verdict {
				t.Errorf("recorded are network %q and verdict %s, want %q and %s", last.Network, last.Verdict, test.network, test.verdict)
			}
		})
	}
}

// silent is an answer that nobody reads.
type silent struct{ header http.Header }

func (s silent) Header() http.Header         { return s.header }
func (s silent) Write(b []byte) (int, error) { return len(b), nil }
func (s silent) WriteString(b string) (int, error) {
	return len(b), nil
}
func (silent) WriteHeader(int) {}

// BenchmarkTrack has clicks and opens recorded through the handlers until they are in the database
// (synchronous=FULL), beside the same handlers with a recorder that forgets.
func BenchmarkTrack(b *testing.B) {
	w := newTracked(b)
	bare := web.NewTrackPages(forgetful{w.keys}, web.TrackConfig{})
	// As many readers as there are tokens click or open, again and again, from a few hundred browsers.
	paths := make([]string, 1<<17)
	for i := range paths {
		token := track.Token{Kind: track.Open, Campaign: 42, Seq: uint32(i*7919)%1000000 + 1}
		paths[i] = "/n/o/" + w.keys.Token(token)
		if i%3 == 0 {
			token.Kind, token.Link = track.Click, uint16(i/3%5)
			paths[i] = "/n/c/" + w.keys.Token(token)
		}
	}
	requests := make([]*http.Request, 256)
	for i := range requests {
		requests[i] = httptest.NewRequest(http.MethodGet, "/", nil)
		requests[i].RemoteAddr = fmt.Sprintf("203.0.%d.77:1", i)
		requests[i].Header.Set("User-Agent", fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0", 100+i%50, 100+i%50))
	}
	run := func(b *testing.B, p *web.TrackPages, end func()) {
		answer := silent{http.Header{}}
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			r := requests[i%len(requests)]
			r.URL.Path = paths[i%len(paths)]
			if r.URL.Path[3] == 'c' {
				p.Click(answer, r)
			} else {
				p.Open(answer, r)
			}
		}
		end()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	}
	b.Run("recorded", func(b *testing.B) {
		run(b, w.pages, func() {
			if err := w.recorder.Flush(context.Background()); err != nil {
				b.Fatal(err)
			}
		})
		if n := w.recorder.Lost(); n > 0 {
			b.Errorf("%d were lost", n)
		}
	})
	b.Run("bare", func(b *testing.B) { run(b, bare, func() {}) })
}

// forgetful reads the tokens and records nothing.
type forgetful struct{ keys *track.Keys }

func (f forgetful) Click(_ context.Context, token string, _ track.Request) (string, error) {
	_, err := f.keys.Read(track.Click, token)
	return "https://www.minta.hu/akcio", err
}

func (f forgetful) Open(_ context.Context, token string, _ track.Request) error {
	_, err := f.keys.Read(track.Open, token)
	return err
}
