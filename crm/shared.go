package crm

import (
	"sync"
	"sync/atomic"
	"time"
)

// shared is what all views of a module have in common: the bells of its background, and what it remembers.
type shared struct {
	// The bells: woken for its own work, calls for what goes to a host that is elsewhere, hooks for what goes to other systems,
	// posts for mails, letters for newsletters, counts for what customers are worth, scored for leads that are to be scored.
	woken, calls, hooks, posts, letters, counts, scored chan struct{}

	beats *beats
	// When rates were fetched, costs were looked for, and the users of a host that is elsewhere were asked for last.
	rated, costed, asked *rounds
	// tidied is the last clean-up, warned when it was last said that mails wait without a Mailer.
	tidied, warned atomic.Pointer[time.Time]
	staffs         directory
}

func newShared() *shared {
	bell := func() chan struct{} { return make(chan struct{}, 1) }
	return &shared{
		woken: bell(), calls: bell(), hooks: bell(), posts: bell(), letters: bell(), counts: bell(), scored: bell(),
		beats: newBeats(), rated: newRounds(), costed: newRounds(), asked: newRounds(),
	}
}

// rounds remember when something was done for each company, so that it is not done at each look for work.
type rounds struct {
	mu    sync.Mutex
	times map[string]time.Time
}

func newRounds() *rounds { return &rounds{times: map[string]time.Time{}} }

// of is when it was done, zero for never.
func (r *rounds) of(company string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.times[company]
}

func (r *rounds) at(company string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.times[company] = now
}
