package track

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"

	"github.com/crmplus/crmplus/crm/fault"
)

// known remembers campaigns that are being read, so that a request asks the database for nothing.
type known struct {
	tracking *Tracking

	mu    sync.RWMutex
	found map[int64]*lookup
}

// lookup is one question to the campaigns, whose answer all who wait for it share.
type lookup struct {
	ready    chan struct{}
	until    time.Time
	campaign *Campaign
	err      error
}

const (
	// knownFor is how long an answer is good for.
	knownFor = time.Minute
	// knownMost bounds the memory.
	knownMost = 1000
)

func newKnown(t *Tracking) *known { return &known{tracking: t, found: map[int64]*lookup{}} }

// campaign gives a campaign with the links that can be followed.
func (k *known) campaign(ctx context.Context, number int64) (*Campaign, error) {
	now := k.tracking.db.Now()
	k.mu.RLock()
	l := k.found[number]
	k.mu.RUnlock()
	if l == nil || now.After(l.until) {
		l = k.look(ctx, number, now)
	}
	select {
	case <-l.ready:
		return l.campaign, l.err
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "the campaign could not be read in time")
	}
}

// look asks the campaigns once for all who want to know.
func (k *known) look(ctx context.Context, number int64, now time.Time) *lookup {
	k.mu.Lock()
	if l := k.found[number]; l != nil && !now.After(l.until) {
		k.mu.Unlock()
		return l
	}
	if len(k.found) >= knownMost {
		clear(k.found)
	}
	l := &lookup{ready: make(chan struct{}), until: now.Add(knownFor)}
	k.found[number] = l
	k.mu.Unlock()
	defer close(l.ready)
	c, err := k.tracking.campaigns.TrackedCampaign(context.WithoutCancel(ctx), number)
	if err != nil {
		l.err = err
		if fault.CodeOf(err) != fault.NotFound { // the next one asks again
			k.mu.Lock()
			if k.found[number] == l {
				delete(k.found, number)
			}
			k.mu.Unlock()
		}
		return l
	}
	c.Number = number
	l.campaign = &c
	return l
}

// personal gives the address of a link that differs from reader to reader.
func (k *known) personal(ctx context.Context, t Token) (string, error) {
	p, ok := k.tracking.campaigns.(PersonalLinks)
	if !ok || t.Seq == 0 {
		return "", errToken
	}
	return p.PersonalLink(ctx, t.Campaign, t.Seq, t.Link)
}

// followable gives the form of an address that a browser is sent to: an absolute one of the web, in ASCII (RFC
// 3987, section 3.1), without control characters, which would end the header it is put in, and without a user's
// name, behind which other addresses are hidden.
func followable(address string) (string, error) {
	ascii := true
	for i := range len(address) {
		if address[i] <= ' ' || address[i] == 0x7f || address[i] == '\\' {
			return "", errToken
		}
		ascii = ascii && address[i] < 0x80
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return "", errToken
	}
	if ascii {
		return address, nil
	}
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil {
		return "", errToken
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	u.Host = host
	u.RawQuery = escaped(u.RawQuery)
	return u.String(), nil
}

// escaped writes the bytes that are not ASCII as %XX.
func escaped(query string) string {
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c < 0x80 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
