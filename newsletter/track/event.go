package track

import (
	"context"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/store"
)

// Flag is something a request said about itself.
type Flag int

// The flags.
const (
	// Head: the request asked for the headers only, as link checkers do.
	Head Flag = 1 << iota
	// Prefetched: the browser said that it fetches ahead (Sec-Purpose, Purpose or X-Moz: prefetch).
	Prefetched
)

// Event is one request for a link or a pixel.
type Event struct {
	Campaign int64
	Seq      uint32
	// Kind is Click or Open.
	Kind Kind
	// Link is the place in the campaign's list of links, from 0; 0 for Open.
	Link uint16
	// At is when the request came, UTC in milliseconds.
	At time.Time
	// Network is where it came from, cut short: see [Minimise].
	Network string
	// Agent is what the program calls itself, at most 300 characters.
	Agent string
	Flags Flag
	// Verdict is what the event was judged to be when it was written or last judged.
	Verdict Verdict
	// nr tells events of one reader in one millisecond apart, over all processes.
	nr int64
}

// Campaign is what the recorder has to know of a campaign.
type Campaign struct {
	Company string
	Number  int64
	// Links are the addresses that Token.Link counts, absolute http or https. An empty one differs from
	// reader to reader, see [PersonalLinks].
	Links []string
}

// Reader is one row of a campaign's ledger.
type Reader struct {
	Seq uint32
	// SentAt is when the mail left, zero where that is not known: programs press links within seconds of it.
	SentAt time.Time
	// OptedOut readers are not measured.
	OptedOut bool
}

// Campaigns is what measuring needs of the campaigns.
type Campaigns interface {
	// TrackedCampaign gives a campaign by its number, of whatever company; fault.NotFound where there is
	// none. It is asked once a minute for each campaign that is being read.
	TrackedCampaign(ctx context.Context, number int64) (Campaign, error)
	// TrackedReaders gives those of the rows that exist, in a session that writes what they did. Events of
	// others are not recorded.
	TrackedReaders(ctx context.Context, s *store.Session, number int64, seqs []uint32) ([]Reader, error)
}

// PersonalLinks is implemented by Campaigns whose links hold merge fields: it gives the address for one
// reader, from the campaign's list and the reader's frozen values.
type PersonalLinks interface {
	PersonalLink(ctx context.Context, number int64, seq uint32, link uint16) (string, error)
}

// The networks that are kept of addresses: enough to know a provider by, too little to know a household by.
const (
	bits4 = 24
	bits6 = 48
)

// Minimise cuts an address down to its network: the first 24 bits of an IPv4 address, the first 48 of an
// IPv6 one, as "203.0.113.0/24"; "" for none. What is cut off is never stored.
func Minimise(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	bits := bits6
	if a.Is4() {
		bits = bits4
	}
	p, err := a.Prefix(bits)
	if err != nil || !p.IsValid() {
		return ""
	}
	return p.String()
}

// agentLimit is how much is kept of what a program calls itself, in bytes.
const agentLimit = 300

// readable makes text of what a browser sent: at most agentLimit bytes, whole characters, no controls.
func readable(agent string) string {
	if len(agent) > agentLimit {
		agent = agent[:agentLimit]
	}
	if plain(agent) {
		return agent
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, agent)
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
