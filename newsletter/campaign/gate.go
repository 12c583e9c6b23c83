package campaign

import (
	"cmp"
	"strings"
	"sync"
	"time"
)

// gates are what this process has learnt about its ways out: which rest because their server was not to be
// had, and which receiving domains want less.
type gates struct {
	mu sync.Mutex
	by map[string]*gate
}

func newGates() *gates { return &gates{by: map[string]*gate{}} }

// of gives the gate of a company's transport.
func (g *gates) of(company, transport string) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := company + "\x00" + transport
	if g.by[key] == nil {
		g.by[key] = &gate{lanes: map[string]*lane{}}
	}
	return g.by[key]
}

// gate is the way out of one company over one transport.
type gate struct {
	mu sync.Mutex
	// rest is until when nothing leaves; downs counts the times the server was not to be had since it last
	// took a message.
	rest  time.Time
	downs int
	// next is when the next message may leave where there is a bound in a second.
	next  time.Time
	lanes map[string]*lane
}

// lane is one receiving domain.
type lane struct {
	// next is when the next message to it may leave, booked up to when places behind it are given away.
	next, booked time.Time
	// rest is until when nothing goes there, because it said "later" laters times in a row.
	rest   time.Time
	laters int
}

// The bounds of rests.
const (
	longestRest = 5 * time.Minute
	// patience is how often a domain may say "later" in a row before it is left alone for a while, and
	// laneRest how long at first.
	patience = 3
	laneRest = 15 * time.Second
	// burst is for how long unused places of a domain or transport are kept.
	burst = time.Second
	// mostLanes bounds how many domains are remembered.
	mostLanes = 10_000
)

// resting reports whether the transport rests.
func (g *gate) resting(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return now.Before(g.rest)
}

// down notes that the server was not to be had: where a message had passed since the last time, another
// connection is tried at once, else the transport rests, longer each time.
func (g *gate) down(now time.Time, first time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Before(g.rest) {
		return // several connections notice it together
	}
	g.downs++
	if g.downs > 1 {
		g.rest = now.Add(min(first<<min(g.downs-2, 10), longestRest))
	}
}

// unreachable notes that there was no connecting at all.
func (g *gate) unreachable(now time.Time, first time.Duration) {
	g.mu.Lock()
	g.downs = max(g.downs, 1)
	g.mu.Unlock()
	g.down(now, first)
}

// up notes that the server answers.
func (g *gate) up(domain string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.downs = 0
	if l := g.lanes[domain]; l != nil {
		l.laters, l.rest = 0, time.Time{}
	}
}

// later notes that a domain said "later".
func (g *gate) later(now time.Time, domain string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.downs = 0 // it is the domain's answer, so the server is there
	l := g.lane(domain)
	if now.Before(l.rest) {
		return
	}
	if l.laters++; l.laters >= patience {
		l.rest = now.Add(min(laneRest<<min(l.laters-patience, 10), longestRest))
	}
}

func (g *gate) lane(domain string) *lane {
	l := g.lanes[domain]
	if l == nil {
		if len(g.lanes) >= mostLanes { // what is learnt about so many is learnt again
			clear(g.lanes)
		}
		l = &lane{}
		g.lanes[domain] = l
	}
	return l
}

// admit reports whether a message to a domain may leave now. Where it may not, it says when it is to be tried:
// each such message gets a place of its own, so that they come back one by one.
func (g *gate) admit(now time.Time, t Transport, domain string) (at time.Time, ok bool) {
	perSecond := cmp.Or(t.Domains[domain], t.Domains[""])
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.lanes[domain]
	if l == nil && perSecond == 0 {
		return now, true
	}
	if l == nil {
		l = g.lane(domain)
	}
	gap := time.Duration(0)
	if perSecond > 0 {
		gap = time.Duration(float64(time.Second) / perSecond)
	}
	if !now.Before(l.rest) && !l.next.After(now) {
		l.next = later(l.next, now.Add(-burst)).Add(gap)
		return now, true
	}
	l.booked = later(l.booked, later(l.next, later(l.rest, now))).Add(max(gap, time.Millisecond))
	return l.booked, false
}

// take takes up to n places of the transport's bound in a second, and says when the next one is free.
func (g *gate) take(now time.Time, perSecond float64, n int) (taken int, next time.Time) {
	if perSecond == 0 || n == 0 {
		return n, now
	}
	gap := time.Duration(float64(time.Second) / perSecond)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next = later(g.next, now.Add(-burst))
	for taken < n && !g.next.After(now) {
		g.next = g.next.Add(gap)
		taken++
	}
	return taken, g.next
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// domainOf is the receiving domain of an address; "" for a phone number.
func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}

// zones are the time zones of countries that have one, or nearly all of their people in one. Others keep the
// company's hours.
var zones = map[string]string{
	"AL": "Europe/Tirane", "AT": "Europe/Vienna", "BA": "Europe/Sarajevo", "BE": "Europe/Brussels", "BG": "Europe/Sofia", "BY": "Europe/Minsk",
	"CH": "Europe/Zurich", "CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn",
	"FI": "Europe/Helsinki", "FR": "Europe/Paris", "GB": "Europe/London", "GE": "Asia/Tbilisi", "GR": "Europe/Athens", "HR": "Europe/Zagreb",
	"HU": "Europe/Budapest", "IE": "Europe/Dublin", "IL": "Asia/Jerusalem", "IN": "Asia/Kolkata", "IS": "Atlantic/Reykjavik", "IT": "Europe/Rome",
	"JP": "Asia/Tokyo", "LI": "Europe/Vaduz", "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MD": "Europe/Chisinau",
	"ME": "Europe/Podgorica", "MK": "Europe/Skopje", "MT": "Europe/Malta", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "PL": "Europe/Warsaw",
	"RO": "Europe/Bucharest", "RS": "Europe/Belgrade", "SE": "Europe/Stockholm", "SI": "Europe/Ljubljana", "SK": "Europe/Bratislava",
	"TR": "Europe/Istanbul", "UA": "Europe/Kyiv",
}

// located keeps zones that were loaded; a machine without a database of zones has none.
var located sync.Map

func zoneOf(country string, company *time.Location) *time.Location {
	name, ok := zones[country]
	if !ok {
		return company
	}
	if z, ok := located.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return company
	}
	located.Store(name, z)
	return z
}
