package clock

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

// Period chooses clocks by when they ended; Until itself is not in it.
type Period struct {
	Kind        Kind
	From, Until time.Time
}

// Result is how somebody kept his times.
type Result struct {
	Owner string `json:"owner" bun:"owner_user"`
	// Kept and Missed are clocks that ended in the period.
	Kept   int64 `json:"kept" bun:"kept"`
	Missed int64 `json:"missed" bun:"missed"`
	// Seconds is the working time used by all of them together; divided by their number it is the average.
	Seconds int64 `json:"seconds" bun:"seconds"`
	// Late are those that run now and are over their limit.
	Late int64 `json:"late" bun:"-"`
}

// Results says who kept his times in a period, and who is late now. It needs actor.LeadRead, and sees what the actor
// sees.
func (c *Clocks) Results(ctx context.Context, p Period) ([]Result, error) {
	return store.Read(ctx, c.db, actor.LeadRead, func(ctx context.Context, s *store.Session) ([]Result, error) {
		var rows []Result
		err := s.Query(ctx, &rows, store.From[Clock]("c"), "SELECT c.owner_user, SUM(CASE WHEN c.state = 'kept' THEN 1 ELSE 0 END) AS kept, SUM(CASE WHEN c.state = 'missed' THEN 1 ELSE 0 END) AS missed, SUM(c.spent_seconds) AS seconds"+
			" FROM crm_clock AS c WHERE {scope} AND c.kind = ? AND c.state IN ('kept', 'missed') AND c.stopped_at >= ? AND c.stopped_at < ? GROUP BY c.owner_user ORDER BY c.owner_user", p.Kind, p.From, p.Until)
		if err != nil {
			return nil, err
		}
		var late []struct {
			Owner string `bun:"owner_user"`
			N     int64  `bun:"n"`
		}
		err = s.Query(ctx, &late, store.From[Clock]("c"), "SELECT c.owner_user, COUNT(*) AS n FROM crm_clock AS c WHERE {scope} AND c.kind = ? AND c.state = 'running' AND c.due_at < ? GROUP BY c.owner_user ORDER BY c.owner_user", p.Kind, s.Now)
		at := map[string]int{}
		for i, r := range rows {
			at[r.Owner] = i
		}
		for _, l := range late {
			i, known := at[l.Owner]
			if !known {
				i, rows = len(rows), append(rows, Result{Owner: l.Owner})
			}
			rows[i].Late = l.N
		}
		return rows, err
	})
}
