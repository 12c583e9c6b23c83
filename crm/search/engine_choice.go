package search

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/store"
)

// shared is what all views of one Searches have in common.
type shared struct {
	mu       sync.Mutex
	fullText bool
	lookedAt time.Time
	// followed is how far the audit log of each company was read by this process; see follow.go.
	followed map[string]*trail
	// asking bounds how many questions to the host are under way, also those that nobody waits for any more.
	asking chan struct{}
	// engine is set by tests.
	engine engine
}

// mostAsking is how many questions to the host are under way at most.
const mostAsking = 16

func newShared() *shared {
	return &shared{followed: map[string]*trail{}, asking: make(chan struct{}, mostAsking)}
}

// lookAgain is how often SQL Server is asked whether an administrator has set up its full text.
const lookAgain = 5 * time.Minute

// pick gives the engine of the session's database.
func (x *Searches) pick(ctx context.Context, s *store.Session) (engine, error) {
	if x.shared.engine != nil {
		return x.shared.engine, nil
	}
	if s.Dialect() == store.SQLite {
		return fts5{}, nil
	}
	x.shared.mu.Lock()
	looked, has := x.shared.lookedAt, x.shared.fullText
	x.shared.mu.Unlock()
	if looked.IsZero() || s.Now.Sub(looked).Abs() > lookAgain {
		var err error
		if has, err = hasFullText(ctx, s); err != nil {
			return nil, err
		}
		x.shared.mu.Lock()
		x.shared.lookedAt, x.shared.fullText = s.Now, has
		x.shared.mu.Unlock()
	}
	if has {
		return fullText{}, nil
	}
	return wordTable{}, nil
}

// catalogRow reads the server's catalogue through a session, which wants a company.
type catalogRow struct {
	bun.BaseModel `bun:"table:sys.objects,alias:o"`

	Company string `bun:"company"`
}

// hasFullText asks SQL Server's catalogue. Where the table is a synonym for one in another database, or the
// server has no full text, the answer is no.
func hasFullText(ctx context.Context, s *store.Session) (bool, error) {
	var n int
	err := s.Query(ctx, &n, store.From[catalogRow]("o"),
		"SELECT COUNT(*) FROM (SELECT ? AS company, OBJECTPROPERTY(OBJECT_ID('crm_search'), 'TableHasActiveFulltextIndex') AS active) AS o WHERE {scope} AND o.active = 1", s.Actor.Company)
	if err != nil {
		return false, fmt.Errorf("asking for the full text: %w", err)
	}
	return n > 0, nil
}
