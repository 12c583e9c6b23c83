package convert

import (
	"errors"
	"sync"
	"time"
)

// longestRest bounds how long a host is left alone because it said so.
const longestRest = time.Hour

// comeBack gives the instant before which the host does not want to be asked again, zero where an error
// does not say or the instant is over.
func comeBack(err error, now time.Time) time.Time {
	var says interface{ RetryAt() time.Time }
	if !errors.As(err, &says) || !says.RetryAt().After(now) {
		return time.Time{}
	}
	if at, most := says.RetryAt(), now.Add(longestRest); at.Before(most) {
		return at.UTC()
	}
	return now.Add(longestRest)
}

// rests are the times until which one process leaves the host alone, by company.
type rests struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (r *rests) rest(company string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until[company] = latest(r.until[company], until)
}

func (r *rests) resting(company string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Before(r.until[company])
}
