package api

import (
	"crypto/sha256"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/crmplus/crmplus/crm/apikey"
)

// limits bounds how often each key is used.
type limits struct {
	rate   rate.Limit
	burst  int
	now    func() time.Time
	policy string

	mu   sync.Mutex
	keys map[apikey.ID]*rate.Limiter
}

// mostLimited is how many keys are counted at once; past that, counting begins anew.
const mostLimited = 10_000

func newLimits(perSecond float64, burst int, now func() time.Time) *limits {
	l := &limits{rate: rate.Limit(perSecond), burst: burst, now: now, keys: map[apikey.ID]*rate.Limiter{}}
	if perSecond > 0 {
		window := max(1, int(math.Ceil(float64(burst)/perSecond)))
		l.policy = `"key";q=` + strconv.Itoa(burst) + ";w=" + strconv.Itoa(window)
	}
	return l
}

// take counts a request. It says in the headers of the IETF draft "RateLimit header fields for HTTP" how
// many more may come, and after how many seconds all of them again.
func (l *limits) take(h http.Header, key apikey.ID) error {
	if l.rate < 0 {
		return nil
	}
	limiter, now := l.of(key), l.now()
	ok := limiter.AllowN(now, 1)
	left := limiter.TokensAt(now)
	full := math.Ceil((float64(l.burst) - left) / float64(l.rate))
	h["Ratelimit-Policy"] = []string{l.policy}
	h["Ratelimit"] = []string{`"key";r=` + strconv.Itoa(max(0, int(left))) + ";t=" + strconv.Itoa(int(full))}
	if ok {
		return nil
	}
	wait := math.Ceil((1 - left) / float64(l.rate))
	h.Set("Retry-After", strconv.Itoa(max(1, int(wait))))
	return errTooMany
}

func (l *limits) of(key apikey.ID) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.keys[key]
	if limiter == nil {
		if len(l.keys) >= mostLimited {
			clear(l.keys)
		}
		limiter = rate.NewLimiter(l.rate, l.burst)
		l.keys[key] = limiter
	}
	return limiter
}

// door bounds how many keys that are none an address may show, so that a program which goes on with a
// revoked key, or tries keys, does not keep the database busy. A key that worked here lately passes all the
// same: programs of one network share an address.
type door struct {
	most rate.Limit // keys a second in the long run
	// burst is how many at once, negative for no bound.
	burst int
	now   func() time.Time

	mu        sync.Mutex
	addresses map[netip.Prefix]*rate.Limiter
	known     map[[sha256.Size]byte]struct{}
}

// wrongKeys is how many keys that are none an address may show at once where the configuration does not say;
// wrongEvery is when it may show one more.
const (
	wrongKeys  = 20
	wrongEvery = 3 * time.Second
)

func newDoor(burst int, now func() time.Time) *door {
	return &door{
		most: rate.Every(wrongEvery), burst: burst, now: now,
		addresses: map[netip.Prefix]*rate.Limiter{}, known: map[[sha256.Size]byte]struct{}{},
	}
}

// shut refuses an address that has shown too many wrong keys.
func (d *door) shut(h http.Header, address, secret string) error {
	if d.burst < 0 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	limiter := d.addresses[network(address)]
	if limiter == nil {
		return nil
	}
	left := limiter.TokensAt(d.now())
	if left >= 1 {
		return nil
	}
	if _, worked := d.known[sha256.Sum256([]byte(secret))]; worked {
		return nil
	}
	h.Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil((1-left)/float64(d.most))))))
	return errTooManyWrong
}

// wrong counts a key that is none.
func (d *door) wrong(address, secret string) {
	if d.burst < 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.known, sha256.Sum256([]byte(secret)))
	at := network(address)
	limiter := d.addresses[at]
	if limiter == nil {
		if len(d.addresses) >= mostLimited {
			clear(d.addresses)
		}
		limiter = rate.NewLimiter(d.most, d.burst)
		d.addresses[at] = limiter
	}
	limiter.AllowN(d.now(), 1)
}

// worked notes a key that let somebody in.
func (d *door) worked(secret string) {
	if d.burst < 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.known) >= mostLimited {
		clear(d.known)
	}
	d.known[sha256.Sum256([]byte(secret))] = struct{}{}
}

// network is what counts as one address: of IPv6 the /64 that one customer has.
func network(address string) netip.Prefix {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return netip.Prefix{}
	}
	ip, bits := ap.Addr().Unmap().WithZone(""), 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits) // fits the kind of address
	return p
}
