package campaign

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// window is what one commit of the ledger's keeper writes.
type window struct {
	server *server
	book   *book

	// ends are what came to an end, marks what is to leave, off what is put off or given up before it left.
	ends, marks, off []entry

	// running says that the campaign still runs; kept, that what comes back may be tried again at once.
	running, kept bool
	// marked are those of marks that may leave, unmarked those that must wait for the campaign's bound.
	marked, unmarked []entry
	blocked          bool
	// lost are claims that another process has taken over.
	lost    []*claim
	until   time.Time
	sampled bool
	// short is what the budget of a campaign on SMS would have to be for its next message; zero where it suffices.
	short money.Amount
}

func (w *window) write(ctx context.Context) error {
	s, v := w.book.s, w.server
	w.until = s.Now.Add(v.c.config.Lease)
	var state []State
	if err := s.Query(ctx, &state, store.From[Campaign]("c"), "SELECT c.state FROM crm_campaign AS c WHERE {scope} AND c.id = ?", v.row.ID); err != nil {
		return err
	}
	w.running = len(state) == 1 && state[0] == Running
	w.kept = w.running && !v.halted.Load()
	if err := w.renew(ctx); err != nil {
		return err
	}
	if err := w.finish(ctx); err != nil {
		return err
	}
	if w.running {
		if err := w.leave(ctx); err != nil {
			return err
		}
	}
	if err := w.endChunks(ctx); err != nil {
		return err
	}
	if err := w.book.close(ctx); err != nil {
		return err
	}
	if err := w.stopAtBudget(ctx); err != nil {
		return err
	}
	if w.book.revived && len(state) == 1 && state[0] == Done { // it was over for the others
		if err := v.c.reopen(ctx, s, v.row.ID); err != nil {
			return err
		}
	}
	return w.sample(ctx)
}

// renew prolongs the leases of this process, and finds out which it has lost.
func (w *window) renew(ctx context.Context) error {
	s, v := w.book.s, w.server
	for _, k := range v.claims {
		if k.gone {
			continue
		}
		var n int64
		var err error
		if k.again() {
			_, err = s.Exec(ctx, store.From[answer](""), "UPDATE crm_campaign_answer SET due_at = ? WHERE {scope} AND campaign_id = ? AND due_at = ? AND lease_owner = ?",
				w.until, v.row.ID, k.until, k.owner)
			n = 1 // rows that are tried again are checked one by one
		} else {
			n, err = s.Exec(ctx, store.From[chunk](""), "UPDATE crm_campaign_chunk SET lease_until = ? WHERE {scope} AND campaign_id = ? AND part = ? AND first_seq = ? AND lease_owner = ?",
				w.until, v.row.ID, k.part, k.first, k.owner)
		}
		if err != nil {
			return err
		}
		if n == 0 {
			w.lost = append(w.lost, k)
		}
	}
	return nil
}

// sure reports whether a row is as this process left it.
func (w *window) sure(e entry) bool {
	k := e.p.claim
	return !k.again() && !w.server.careful && !k.gone && !slices.Contains(w.lost, k)
}

// finish writes down the ends.
func (w *window) finish(ctx context.Context) error {
	var bulk []entry
	var answers []answer
	var refused []Refusal
	for _, e := range w.ends {
		switch {
		case w.sure(e):
			bulk = append(bulk, e)
			if e.to != Sent && !e.back {
				answers = append(answers, w.book.answerOf(e))
			}
		case e.back && e.p.claim.again():
			if err := w.book.unmark(ctx, e, w.kept, w.until); err != nil {
				return err
			}
		default:
			if _, err := w.book.one(ctx, e); err != nil {
				return err
			}
		}
		if e.to == Bounced {
			refused = append(refused, Refusal{Campaign: w.server.row.ID, Channel: w.server.row.Channel, Seq: e.p.Seq, Party: e.p.PartyID, Address: e.p.Address, Answer: e.answer})
		}
	}
	if err := w.book.inBulk(ctx, bulk); err != nil {
		return err
	}
	if err := w.book.s.InsertQuiet(ctx, &answers); err != nil {
		return err
	}
	if err := w.keepTexts(ctx); err != nil {
		return err
	}
	if len(refused) > 0 && w.server.c.config.Refused != nil {
		return w.server.c.config.Refused(ctx, w.book.s, refused)
	}
	return nil
}

// leave marks what is to leave, and puts off what is not.
func (w *window) leave(ctx context.Context) error {
	marks, err := w.paced(ctx)
	if err != nil {
		return err
	}
	if marks, err = w.afford(ctx, marks); err != nil {
		return err
	}
	var bulk []entry
	for _, e := range marks {
		switch {
		case w.sure(e):
			bulk = append(bulk, e)
			w.marked = append(w.marked, e)
		case e.p.claim.again():
			ours, err := w.book.mark(ctx, e, w.until)
			if err != nil {
				return err
			}
			if ours {
				w.marked = append(w.marked, e)
			} else {
				w.off = append(w.off, e) // another process has it
			}
		}
	}
	var answers []answer
	for _, e := range w.off {
		switch {
		case e.to == Sending:
		case w.sure(e):
			bulk = append(bulk, e)
			answers = append(answers, w.book.answerOf(e))
		default:
			if _, err := w.book.one(ctx, e); err != nil {
				return err
			}
		}
	}
	if err := w.book.inBulk(ctx, bulk); err != nil {
		return err
	}
	return w.book.s.InsertQuiet(ctx, &answers)
}

// paceKept is for how long unused places of a campaign's bound are kept.
const paceKept = time.Minute

// paced cuts the marks to the campaign's bound in an hour, which holds over all processes.
func (w *window) paced(ctx context.Context) ([]entry, error) {
	s, v := w.book.s, w.server
	if v.row.PerHour == 0 || len(w.marks) == 0 {
		return w.marks, nil
	}
	progress, err := lockRun(ctx, s, v.row.ID)
	if err != nil {
		return nil, err
	}
	gap := time.Hour / time.Duration(v.row.PerHour)
	at := later(progress.PaceAt, s.Now.Add(-paceKept))
	n := 0
	for n < len(w.marks) && !at.After(s.Now) {
		at = at.Add(gap)
		n++
	}
	w.unmarked, w.blocked = w.marks[n:], n == 0
	if n == 0 {
		return nil, nil
	}
	_, err = s.Exec(ctx, store.From[run](""), "UPDATE crm_campaign_run SET pace_at = ? WHERE {scope} AND campaign_id = ?", at, v.row.ID)
	return w.marks[:n], err
}

// endChunks removes the leases of chunks whose last row has its end.
func (w *window) endChunks(ctx context.Context) error {
	left := map[*claim]int{}
	for _, e := range w.ends {
		if !e.back {
			left[e.p.claim]--
		}
	}
	if w.running {
		for _, e := range w.off {
			left[e.p.claim]--
		}
	}
	s, v := w.book.s, w.server
	for _, k := range v.claims {
		if k.again() || k.gone || k.left+left[k] > 0 {
			continue
		}
		_, err := s.Exec(ctx, store.From[chunk](""), "DELETE FROM crm_campaign_chunk WHERE {scope} AND campaign_id = ? AND part = ? AND first_seq = ? AND lease_owner = ?",
			v.row.ID, k.part, k.first, k.owner)
		if err != nil {
			return err
		}
	}
	return nil
}

// sampling is how often the figures for the speed are taken.
const sampling = 5 * time.Second

// sample keeps how many were sent by now, now and then, for the figure per second.
func (w *window) sample(ctx context.Context) error {
	if time.Since(w.server.sampled) < sampling {
		return nil
	}
	s := w.book.s
	_, err := s.Exec(ctx, store.From[run](""), "UPDATE crm_campaign_run SET rate_at = rate_last_at, rate_sent = rate_last_sent, rate_last_at = ?,"+
		" rate_last_sent = (SELECT COALESCE(SUM(n.sent), 0) FROM crm_campaign_count AS n WHERE n.campaign_id = crm_campaign_run.campaign_id)"+
		" WHERE {scope} AND campaign_id = ? AND (rate_last_at IS NULL OR rate_last_at <= ?)", s.Now, w.server.row.ID, s.Now.Add(-sampling))
	w.sampled = err == nil
	return err
}
