package track_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/newsletter/track"
)

func TestVerdicts(t *testing.T) {
	sent := time.Date(2026, 7, 13, 8, 0, 0, 0, time.UTC)
	at := func(seconds float64) time.Time { return sent.Add(time.Duration(seconds * float64(time.Second))) }
	click := func(seconds float64, link uint16, agent string) track.Event {
		return track.Event{Kind: track.Click, Link: link, At: at(seconds), Agent: agent, Network: "203.0.113.0/24"}
	}
	open := func(seconds float64, agent, network string) track.Event {
		return track.Event{Kind: track.Open, At: at(seconds), Agent: agent, Network: network}
	}
	with := func(e track.Event, f track.Flag) track.Event {
		e.Flags = f
		return e
	}
	elsewhere := func(e track.Event) track.Event {
		e.Network = "198.51.100.0/24"
		return e
	}
	const (
		person, proxy, relay, scanner = track.Person, track.Proxy, track.Relay, track.Scanner
	)
	tests := []struct {
		name   string
		links  int
		events []track.Event
		want   []track.Verdict
	}{
		{"a browser", 5, []track.Event{open(600, firefox, "203.0.113.0/24"), click(610, 0, firefox)}, []track.Verdict{person, person}},
		{"Gmail", 5, []track.Event{open(600, gmail, "66.249.80.0/24")}, []track.Verdict{proxy}},
		{"Gmail by its network alone", 5, []track.Event{open(600, firefox, "66.249.84.0/24")}, []track.Verdict{proxy}},
		{"Gmail that fetches as the mail comes", 5, []track.Event{open(1, gmail, "66.249.80.0/24")}, []track.Verdict{relay}},
		{"Yahoo", 5, []track.Event{open(600, "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "")}, []track.Verdict{proxy}},
		{"Apple's relay by its name", 5, []track.Event{open(600, apple, "104.28.0.0/24")}, []track.Verdict{relay}},
		{"Apple's relay by its network", 5, []track.Event{open(600, firefox, "17.58.97.0/24")}, []track.Verdict{relay}},
		{"a click from Apple's network is a person's", 5, []track.Event{{Kind: track.Click, At: at(600), Agent: firefox, Network: "17.58.97.0/24"}}, []track.Verdict{person}},
		{"a click by what fetches images", 5, []track.Event{click(600, 0, apple), click(700, 0, gmail)}, []track.Verdict{scanner, scanner}},
		{"headers only", 5, []track.Event{with(click(600, 0, firefox), track.Head)}, []track.Verdict{scanner}},
		{"fetched ahead", 5, []track.Event{with(click(600, 0, firefox), track.Prefetched)}, []track.Verdict{relay}},
		{"a scanner by its name", 5, []track.Event{click(600, 0, "Mozilla/5.0 (compatible; Barracuda Sentinel)"), open(600, "python-requests/2.32", "")}, []track.Verdict{scanner, scanner}},
		{"no name", 5, []track.Event{open(600, "", ""), click(600, 0, " ")}, []track.Verdict{scanner, scanner}},
		{"seconds after sending", 5, []track.Event{click(2, 0, firefox), click(60, 0, firefox)}, []track.Verdict{scanner, person}},
		{"before sending, by a clock that is slow", 5, []track.Event{click(-1, 0, firefox)}, []track.Verdict{scanner}},
		{"five links in ten seconds", 8, []track.Event{click(60, 0, firefox), click(62, 1, firefox), click(64, 2, firefox), click(66, 3, firefox), click(70, 4, firefox)}, []track.Verdict{scanner, scanner, scanner, scanner, scanner}},
		{"four links of eight in ten seconds", 8, []track.Event{click(60, 0, firefox), click(62, 1, firefox), click(64, 2, firefox), click(66, 3, firefox)}, []track.Verdict{person, person, person, person}},
		{"all of three links", 3, []track.Event{click(60, 0, firefox), click(62, 1, firefox), click(64, 2, firefox)}, []track.Verdict{scanner, scanner, scanner}},
		{"all of two links", 2, []track.Event{click(60, 0, firefox), click(62, 1, firefox)}, []track.Verdict{person, person}},
		{"one link again and again", 5, []track.Event{click(60, 0, firefox), click(61, 0, firefox), click(62, 0, firefox), click(63, 0, firefox), click(64, 0, firefox)}, []track.Verdict{person, person, person, person, person}},
		{"five links in an hour", 5, []track.Event{click(60, 0, firefox), click(600, 1, firefox), click(1200, 2, firefox), click(1800, 3, firefox), click(3600, 4, firefox)}, []track.Verdict{person, person, person, person, person}},
		{
			"what the scanner opened, and the reader later from elsewhere", 3,
			[]track.Event{open(50, firefox, "203.0.113.0/24"), click(60, 0, firefox), click(62, 1, firefox), click(64, 2, firefox), elsewhere(click(70, 0, firefox)), click(4000, 0, firefox)},
			[]track.Verdict{scanner, scanner, scanner, scanner, scanner, person},
		},
	}
	rules := track.DefaultRules()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := rules.Judge(track.Circumstances{Links: test.links, SentAt: sent}, test.events)
			if !slices.Equal(got, test.want) {
				t.Errorf("judged %v, want %v", got, test.want)
			}
		})
	}
}

// TestVerdictsStandAlone: events long before and after change nothing.
func TestVerdictsStandAlone(t *testing.T) {
	rules := track.DefaultRules()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(from time.Time, n int) (events []track.Event) {
			for range n {
				from = from.Add(time.Duration(rapid.IntRange(0, 8000).Draw(t, "ms")) * time.Millisecond)
				events = append(events, track.Event{
					Kind: rapid.SampledFrom([]track.Kind{track.Click, track.Open}).Draw(t, "kind"), Link: rapid.Uint16Range(0, 4).Draw(t, "link"),
					At: from, Agent: rapid.SampledFrom([]string{firefox, gmail, apple, ""}).Draw(t, "agent"), Network: "203.0.113.0/24",
				})
			}
			return events
		}
		start := time.Date(2026, 7, 13, 8, 0, 0, 0, time.UTC)
		first := draw(start, rapid.IntRange(0, 8).Draw(t, "first"))
		second := draw(start.Add(24*time.Hour), rapid.IntRange(0, 8).Draw(t, "second"))
		c := track.Circumstances{Links: 5}
		apart := append(rules.Judge(c, first), rules.Judge(c, second)...)
		if together := rules.Judge(c, append(slices.Clone(first), second...)); !slices.Equal(apart, together) {
			t.Fatalf("apart %v, together %v", apart, together)
		}
	})
}

func TestMinimise(t *testing.T) {
	tests := []struct{ address, want string }{
		{"203.0.113.77", "203.0.113.0/24"},
		{"::ffff:203.0.113.77", "203.0.113.0/24"},
		{"2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:1234::/48"},
		{"fe80::1%eth0", "fe80::/48"},
	}
	for _, test := range tests {
		if got := track.Minimise(netip.MustParseAddr(test.address)); got != test.want {
			t.Errorf("%s is kept as %s, want %s", test.address, got, test.want)
		}
	}
	if got := track.Minimise(netip.Addr{}); got != "" {
		t.Errorf("no address is kept as %s", got)
	}
}
