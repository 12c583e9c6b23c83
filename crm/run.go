package crm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
)

// Wake tells Run that there is work, so that it does not wait for its next look. It never blocks, and
// is called by the module itself after its own transactions; a host calls it after committing one of
// its own.
func (m *Module) Wake() {
	select {
	case m.woken <- struct{}{}:
	default:
	}
}

// Run works in the background until the context ends: requests of the host, events, reminders, quotes
// that expire, events that are old enough to go. Several processes may run it; each piece of work is
// done by one of them. What fails is logged and tried again.
func (m *Module) Run(ctx context.Context) error {
	tick := time.NewTicker(m.config.Poll)
	defer tick.Stop()
	for {
		if _, err := m.RunOnce(ctx); err != nil && ctx.Err() == nil {
			m.config.Log.Error("background work failed; it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-m.woken:
		}
	}
}

// RunOnce does all work that is due now and reports how many pieces it did. Hosts with a scheduler of
// their own call it instead of Run.
func (m *Module) RunOnce(ctx context.Context) (int, error) {
	worker := event.Worker{DB: m.db, Registry: m.Events, Log: m.config.Log, Keep: m.config.KeepEvents}
	total, err := worker.RunOnce(ctx)
	if err != nil {
		return total, err
	}
	for _, job := range []struct {
		table string
		do    func(ctx context.Context) (int, error)
	}{
		{"crm_activity", m.Activities.DueReminders},
		{"crm_quote", m.Quotes.ExpireDue},
	} {
		n, err := m.eachCompany(ctx, job.table, job.do)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, m.tidy(ctx, worker)
}

// tidyEvery is the pause between two clean-ups.
const tidyEvery = time.Hour

// tidy removes old events and refreshes the planner's statistics, at most once an hour per process.
func (m *Module) tidy(ctx context.Context, w event.Worker) error {
	now, last := m.db.Now(), m.tidied.Load()
	if last != nil && now.Sub(*last) < tidyEvery || !m.tidied.CompareAndSwap(last, &now) {
		return nil
	}
	return errors.Join(w.Tidy(ctx), m.db.Optimize(ctx))
}

// eachCompany runs a job as the system of each company that has rows in a table.
func (m *Module) eachCompany(ctx context.Context, table string, do func(ctx context.Context) (int, error)) (int, error) {
	companies, err := m.db.Companies(ctx, table)
	if err != nil {
		return 0, err
	}
	total := 0
	var failed error
	for _, c := range companies {
		n, err := do(actor.With(ctx, actor.System(c, "background")))
		total += n
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("company %s: %w", c, err))
		}
	}
	return total, failed
}
