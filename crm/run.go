package crm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/erpbridge"
)

// Wake tells Run that there is work, so that it does not wait for its next look. It never blocks, and
// is called by the module itself after its own transactions; a host calls it after committing one of
// its own.
func (m *Module) Wake() {
	for _, c := range []chan struct{}{m.woken, m.calls, m.hooks, m.posts, m.letters, m.counts, m.scored} {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	m.Live.Wake()
}

// Run works in the background until the context ends: requests of the host, events, reminders, quotes
// that expire, events that are old enough to go, and beside them, because nobody should wait for a slow
// network, calls to a host that is elsewhere, webhooks and mails. Several processes may run it; each piece of work is done by
// one of them. What fails is logged and tried again.
func (m *Module) Run(ctx context.Context) error {
	var sending sync.WaitGroup
	if m.config.Host.Place == erpbridge.Elsewhere {
		m.firstStaff(ctx)
		sending.Go(func() { m.loop(ctx, hostCalls, m.calls, m.sendCalls) })
	}
	sending.Go(func() { m.loop(ctx, webhooks, m.hooks, m.sendHooks) })
	sending.Go(func() { m.loop(ctx, mails, m.posts, m.sendMails) })
	if m.Newsletters != nil {
		sending.Go(func() { m.loop(ctx, newsletters, m.letters, m.sendNewsletters) })
	}
	if m.Values.Known() {
		sending.Go(func() { m.loop(ctx, values, m.counts, m.countValues) })
	}
	sending.Go(func() { m.loop(ctx, scores, m.scored, m.scoreAtEase) })
	m.loop(ctx, own, m.woken, m.ownWork)
	sending.Wait()
	return m.lastReads(ctx)
}

// firstStaff asks a host that is elsewhere for its users before work begins that tells them something; a host that does not
// answer within a few seconds is not waited for.
func (m *Module) firstStaff(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := m.eachCompany(ctx, "crm_party", m.askStaff); err != nil {
		m.config.Log.Warn("the host has not told who its users are; until it does they are not written to", "error", err)
	}
}

// lastReads writes what has gathered in the log of readings when the background stops.
func (m *Module) lastReads(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, err := m.Reads.Flush(ctx)
	return err
}

// loop does a piece of work when it is woken, and from time to time.
func (m *Module) loop(ctx context.Context, name string, woken <-chan struct{}, work func(ctx context.Context) (int, error)) {
	tick := time.NewTicker(m.config.Poll)
	defer tick.Stop()
	for {
		m.beats.begin(name, m.config.Poll)
		_, err := work(ctx)
		m.beats.end(name, err != nil && ctx.Err() == nil)
		if err != nil && ctx.Err() == nil {
			m.config.Log.Error("background work failed; it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-woken:
		}
	}
}

// RunOnce does all work that is due now and reports how many pieces it did. Hosts with a scheduler of
// their own call it instead of Run.
func (m *Module) RunOnce(ctx context.Context) (int, error) {
	var total int
	var err error
	if m.config.Host.Place == erpbridge.Elsewhere {
		_, err = m.eachCompany(ctx, "crm_party", m.askStaff)
	}
	own, failed := m.ownWork(ctx)
	total, err = total+own, errors.Join(err, failed)
	if m.config.Host.Place == erpbridge.Elsewhere {
		calls, failed := m.sendCalls(ctx)
		total, err = total+calls, errors.Join(err, failed)
	}
	scored, unscored := m.scoreAll(ctx)
	counted, uncounted := m.countValues(ctx)
	sent, failed := m.sendHooks(ctx)
	posted, unposted := m.sendMails(ctx)
	lettered, unlettered := m.sendNewsletters(ctx)
	total, err = total+scored+counted+sent+posted+lettered, errors.Join(err, unscored, uncounted, failed, unposted, unlettered)
	if posted+scored > 0 && err == nil { // what became of mails is written down by handlers of events, and rules look at scores
		again, failed := m.ownWork(ctx)
		total, err = total+again, failed
	}
	return total, err
}

// sendHooks tells other systems what happened, until nothing is due.
func (m *Module) sendHooks(ctx context.Context) (total int, err error) {
	for {
		n, err := m.Webhooks.Send(ctx)
		if total += n; err != nil || n == 0 || ctx.Err() != nil {
			return total, err
		}
	}
}

// sendCalls makes the calls to the host that are due, and looks what became of earlier ones.
func (m *Module) sendCalls(ctx context.Context) (int, error) {
	sent, err := m.eachCompany(ctx, "crm_host_call", func(ctx context.Context) (int, error) { return m.Convert.Send(ctx, 0) })
	followed, failed := m.follow(ctx)
	_, unasked := m.eachCompany(ctx, "crm_opportunity", m.askCosts)
	_, untold := m.eachCompany(ctx, "crm_party", m.askStaff)
	return sent + followed, errors.Join(err, failed, unasked, untold)
}

// followed is how many records of the host one look is for.
const followed = 100

// follow looks what became of the records that conversions made at the host.
func (m *Module) follow(ctx context.Context) (int, error) {
	return m.eachCompany(ctx, "crm_link", func(ctx context.Context) (int, error) { return m.Convert.Follow(ctx, followed) })
}

// ownWork does what waits for no network. What fails, for one company or in one job, does not keep the others from theirs.
func (m *Module) ownWork(ctx context.Context) (int, error) {
	worker := event.Worker{DB: m.db, Registry: m.Events, Log: m.config.Log, Keep: m.config.KeepEvents}
	total, err := m.Reads.Flush(ctx)
	for more := true; more && ctx.Err() == nil; { // what rules do makes events, which set rules off
		done, failed := worker.RunOnce(ctx)
		ruled, unruled := m.carryOut(ctx)
		total += done + ruled
		more = ruled > 0 && failed == nil && unruled == nil
		err = errors.Join(err, failed, unruled)
	}
	for _, job := range []struct {
		table string
		do    func(ctx context.Context) (int, error)
	}{
		{"crm_activity", m.Activities.DueReminders},
		{"crm_quote", m.Quotes.ExpireDue},
		{"crm_clock", m.Clocks.Work},
		{"crm_opportunity", m.fetchRates},
		{"crm_opportunity", m.snapshot},
		{"crm_opportunity", m.noteCosts},
		{"crm_report_schedule", m.Schedules.Due},
	} {
		if ctx.Err() != nil {
			return total, errors.Join(err, ctx.Err())
		}
		n, failed := m.eachCompany(ctx, job.table, job.do)
		total, err = total+n, errors.Join(err, failed)
	}
	if m.config.Host.Place != erpbridge.Elsewhere { // nobody waits here for a network
		n, failed := m.follow(ctx)
		total, err = total+n, errors.Join(err, failed)
	}
	return total, errors.Join(err, m.index(ctx), m.tidy(ctx, worker))
}

// index looks after what searches go by; a long piece of work goes on at once, after what waits meanwhile.
func (m *Module) index(ctx context.Context) error {
	_, err := m.eachCompany(ctx, "crm_party", func(ctx context.Context) (int, error) {
		more, err := m.Search.Index(ctx)
		if more {
			m.Wake()
		}
		return 0, err
	})
	return err
}

// tidyEvery is the pause between two clean-ups.
const tidyEvery = time.Hour

// tidy removes old events and refreshes the planner's statistics, at most once an hour per process.
func (m *Module) tidy(ctx context.Context, w event.Worker) error {
	now, last := m.db.Now(), m.tidied.Load()
	if last != nil && now.Sub(*last) < tidyEvery || !m.tidied.CompareAndSwap(last, &now) {
		return nil
	}
	return errors.Join(w.Tidy(ctx), m.tidyCalls(ctx, now.Add(-m.config.KeepEvents)), m.tidyAnswers(ctx), m.tidyNotices(ctx), m.tidySubscriptions(ctx), m.Webhooks.Tidy(ctx), m.Workflows.Tidy(ctx), m.db.Optimize(ctx))
}

func (m *Module) tidyNotices(ctx context.Context) error {
	_, err := m.eachCompany(ctx, "crm_notice", m.Notices.Purge)
	_, failed := m.eachCompany(ctx, "crm_read_log", m.Reads.Purge)
	_, kept := m.eachCompany(ctx, "crm_lead_upload", m.Leads.ForgetUploads)
	return errors.Join(err, failed, kept)
}

func (m *Module) tidyCalls(ctx context.Context, before time.Time) error {
	_, err := m.eachCompany(ctx, "crm_host_call", func(ctx context.Context) (total int, err error) {
		for {
			n, err := m.Convert.Forget(ctx, before)
			if total += n; err != nil || n == 0 {
				return total, err
			}
		}
	})
	return err
}

// tidyAnswers forgets what requests to the API were answered with, once nobody repeats them any more.
func (m *Module) tidyAnswers(ctx context.Context) error {
	_, err := m.eachCompany(ctx, "crm_api_answer", m.Keys.Forget)
	return err
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
