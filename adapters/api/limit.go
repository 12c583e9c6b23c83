package api

import (
	"math"
	"net/http"
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
