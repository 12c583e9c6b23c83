package track

import (
	"context"
	"slices"
	"sync"

	"github.com/crmplus/crmplus/crm/store"
)

// agents remembers which programs' names are stored. What it has forgotten is looked up.
type agents struct {
	mu     sync.Mutex
	stored map[agentKey]string
}

type agentKey struct {
	company string
	id      int64
}

// rememberedAgents bounds the memory: there are some thousands of programs, and whoever makes up names shall
// not fill it.
const rememberedAgents = 20000

func newAgents() *agents { return &agents{stored: map[agentKey]string{}} }

// know remembers names that are committed.
func (a *agents) know(company string, names []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.stored)+len(names) > rememberedAgents {
		clear(a.stored)
	}
	for _, n := range names {
		a.stored[agentKey{company, agentID(n)}] = n
	}
}

func (a *agents) name(company string, id int64) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, ok := a.stored[agentKey{company, id}]
	return n, ok
}

// write stores the names that are new and gives those that are stored once the transaction commits.
func (a *agents) write(ctx context.Context, s *store.Session, events []Event) ([]string, error) {
	unknown := map[int64]string{}
	for i := range events {
		id := agentID(events[i].Agent)
		if _, ok := a.name(s.Actor.Company, id); !ok {
			unknown[id] = events[i].Agent
		}
	}
	if len(unknown) == 0 {
		return nil, nil
	}
	var ids []int64
	var names []string
	for id, name := range unknown {
		ids, names = append(ids, id), append(names, name)
	}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, listed) {
		there, err := a.read(ctx, s, part)
		if err != nil {
			return nil, err
		}
		var rows []agentRow
		for _, id := range part {
			if _, ok := there[id]; !ok {
				rows = append(rows, agentRow{ID: id, Name: unknown[id]})
			}
		}
		if err := s.InsertMany(ctx, &rows); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func (a *agents) read(ctx context.Context, s *store.Session, ids []int64) (map[int64]string, error) {
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	var found []agentRow
	err := s.Query(ctx, &found, store.From[agentRow]("a"), "SELECT a.id, a.name FROM crm_track_agent AS a WHERE {scope} AND a.id IN ("+store.In(len(ids))+")", args...)
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string, len(found))
	for _, r := range found {
		names[r.ID] = r.Name
	}
	return names, nil
}

// names gives the names of the programs of events.
func (a *agents) names(ctx context.Context, s *store.Session, events []eventRow) (map[int64]string, error) {
	names := map[int64]string{}
	missing := map[int64]bool{}
	for i := range events {
		id := events[i].Agent
		if _, ok := names[id]; ok || missing[id] {
			continue
		}
		if n, ok := a.name(s.Actor.Company, id); ok {
			names[id] = n
		} else {
			missing[id] = true
		}
	}
	var ids []int64
	for id := range missing {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, listed) {
		found, err := a.read(ctx, s, part)
		if err != nil {
			return nil, err
		}
		for id, n := range found {
			names[id] = n
		}
	}
	return names, nil
}
