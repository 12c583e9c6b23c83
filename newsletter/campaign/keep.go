package campaign

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// errUnsure says that rows are not as they were left: the commit before was reported as failed and was made.
var errUnsure = errors.New("the ledger is not as it was left")

// keeper keeps the ledger for one turn.
type keeper struct {
	*server

	until time.Time
	land  func()
	// dry says that no more work was to be had.
	dry    bool
	failed error
	// stopping is since when nothing new may leave.
	stopping time.Time
}

// keep is the ledger's keeper: it claims, marks and writes down the ends, a window at a time. When it has to
// stop, what is under way is seen through, for as long as the grace allows; then land breaks it off.
func (v *server) keep(ctx context.Context, until time.Time, land func()) error {
	k := &keeper{server: v, until: until, land: land}
	for {
		open := k.open(ctx)
		var marks, off []entry
		if open {
			marks, off = v.choose()
		}
		blocked, err := v.commit(context.WithoutCancel(ctx), v.take(), marks, off)
		if err != nil {
			k.fail(err)
		}
		idle := !open || v.halted.Load() || blocked || k.dry && len(v.queue) == 0
		if v.flying == 0 && idle || errors.Is(err, errGone) {
			return k.failed
		}
		k.stop()
		if k.waits(open, !blocked && len(marks)+len(off) > 0) {
			v.wait(ctx, max(1, min(v.c.config.Window/2, v.flying)))
		}
	}
}

func (k *keeper) fail(err error) {
	k.failed = errors.Join(k.failed, err)
	k.halted.Store(true)
}

// open reports whether more may leave, and sees that there is something to choose from.
func (k *keeper) open(ctx context.Context) bool {
	if ctx.Err() != nil {
		k.halted.Store(true)
	}
	if k.halted.Load() || !time.Now().Before(k.until) {
		return false
	}
	if k.dry || len(k.queue) >= k.c.config.Window {
		return true
	}
	var err error
	k.dry, err = k.fetch(ctx)
	switch {
	case err == nil:
		return true
	case ctx.Err() != nil: // the process is to stop, which is no fault
		k.halted.Store(true)
	default:
		k.fail(err)
	}
	return false
}

// stop breaks off what is under way for longer than the grace after nothing new may leave.
func (k *keeper) stop() {
	switch {
	case !k.halted.Load():
	case k.stopping.IsZero():
		k.stopping = time.Now()
	case time.Since(k.stopping) > k.c.config.Grace:
		k.land()
	}
}

// waits reports whether there is nothing to do before more parcels have ended.
func (k *keeper) waits(open, moved bool) bool {
	full := k.flying >= k.c.config.Window
	switch {
	case !open:
		return true
	case len(k.queue) > 0:
		return full || !moved
	}
	return full || k.dry
}

// fetch claims and loads more. It reports whether there is nothing to be had now.
func (v *server) fetch(ctx context.Context) (dry bool, err error) {
	k, err := v.claim(ctx)
	if err != nil || k == nil {
		return err == nil, err
	}
	list, err := v.load(ctx, k)
	v.claims = append(v.claims, k)
	if err != nil {
		k.left = 1 // so that it is given back
		return false, err
	}
	v.queue = append(v.queue, list...)
	return false, nil
}

// choose takes from the queue what may be marked now, and what is put off or given up before it leaves.
func (v *server) choose() (marks, off []entry) {
	now := v.c.db.Now()
	room, _ := v.gate.take(now, v.transport.PerSecond, min(v.c.config.Window-v.flying, len(v.queue)))
	for i := 0; i < len(v.queue) && len(marks) < room; i++ {
		p := v.queue[i]
		e := entry{p: p, from: p.home, to: Sending}
		switch {
		case p.claim.gone:
			continue
		case p.gone:
			e.to, e.code, e.reason = Failed, codeWithdrawn, "the address must not be written to any more"
		case p.Err != nil:
			e.to, e.code, e.reason = Failed, codeContent, p.Err.Error()
		default:
			if e.due, e.code = v.hold(now, p); e.code != "" {
				e.to = Deferred
			}
		}
		if e.to == Sending {
			marks = append(marks, e)
		} else {
			off = append(off, e)
		}
		v.queue[i] = nil
		if len(off) >= mostOff {
			break
		}
	}
	v.queue = slices.DeleteFunc(v.queue, func(p *parcel) bool { return p == nil || p.claim.gone })
	return marks, off
}

// mostOff bounds how many rows one commit puts off.
const mostOff = 500

// hold says until when a parcel has to wait, and why; "" where it may leave.
func (v *server) hold(now time.Time, p *parcel) (time.Time, string) {
	if until, yes := v.quietThere(now, p); yes {
		return until, codeQuiet
	}
	if v.row.QuietZone == ReaderClock {
		if until, yes := v.row.quiet(now, zoneOf(p.Country, v.zone)); yes {
			return until, codeQuiet
		}
	}
	if at, ok := v.gate.admit(now, v.transport, p.domain); !ok {
		return at, codeThrottle
	}
	return time.Time{}, ""
}

// errGone says that the database was not to be had for as long as the leases last.
var errGone = errors.New("the ledger could not be written")

// commit writes down what came to an end and marks what is to leave, in one transaction, and lets it leave.
// While the database is not to be had the ends are kept and tried again. It reports whether the campaign's
// own bound kept everything back.
func (v *server) commit(ctx context.Context, ends []ending, marks, off []entry) (blocked bool, err error) {
	var w *window
	list := v.judge(ends)
	if len(list)+len(marks)+len(off) == 0 && !v.owing() {
		return false, nil
	}
	before := time.Now().Add(v.c.config.Lease / 2)
	for try, began := 0, time.Now(); ; try++ {
		err = v.c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
			w = &window{server: v, book: v.book(s), ends: list, marks: marks, off: off}
			return w.write(ctx)
		})
		if err == nil {
			break
		}
		v.careful = true
		v.halted.Store(v.halted.Load() || !errors.Is(err, errUnsure))
		v.requeue(marks, off)
		marks, off = nil, nil
		if len(list) == 0 {
			return false, err
		}
		if time.Since(began) > v.c.config.Lease {
			return false, errors.Join(errGone, err)
		}
		if !errors.Is(err, errUnsure) {
			v.c.config.Log.Warn("the ledger of a campaign cannot be written; what was sent is kept in mind and tried again", "campaign", v.row.ID.String(), "error", err)
			breathe(ctx, min(10*time.Millisecond<<min(try, 8), v.c.config.Lease/10))
		}
	}
	v.careful = false
	v.settle(w, before)
	return w.blocked, nil
}

// requeue puts back what was not marked.
func (v *server) requeue(lists ...[]entry) {
	var back []*parcel
	for _, list := range lists {
		for _, e := range list {
			back = append(back, e.p)
		}
	}
	v.queue = append(back, v.queue...)
}

// owing reports whether a lease has to be renewed or a chunk is at its end, though nothing else is to be
// written.
func (v *server) owing() bool {
	soon := v.c.db.Now().Add(v.c.config.Lease * 2 / 3)
	return slices.ContainsFunc(v.claims, func(k *claim) bool { return !k.gone && (k.left == 0 || k.until.Before(soon)) })
}

// settle takes over what a window that was committed says.
func (v *server) settle(w *window, before time.Time) {
	for _, k := range w.lost {
		k.gone = true
	}
	for _, k := range v.claims {
		if !k.gone {
			k.until = w.until
		}
	}
	v.flying -= len(w.ends)
	for _, e := range w.ends {
		if e.back && w.kept {
			v.queue = append(v.queue, e.p)
			continue
		}
		if !e.back {
			v.done++
			e.p.claim.left--
		}
	}
	for _, e := range w.off {
		e.p.claim.left--
	}
	if !w.running {
		v.halted.Store(true)
		v.requeue(w.marks, w.off)
	} else {
		v.requeue(w.unmarked)
		v.flying += len(w.marked)
		for _, e := range w.marked {
			e.p.before = before
			v.out <- e.p
		}
	}
	v.claims = slices.DeleteFunc(v.claims, func(k *claim) bool { return k.gone || k.left == 0 })
	if w.sampled {
		v.sampled = time.Now()
	}
}

// release gives back what this process has claimed and not sent.
func (v *server) release(ctx context.Context) error {
	if len(v.claims) == 0 {
		return nil
	}
	return v.c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		for _, k := range v.claims {
			var err error
			switch {
			case k.again():
				_, err = s.Exec(ctx, store.From[answer](""), "UPDATE crm_campaign_answer SET due_at = ?, lease_owner = '' WHERE {scope} AND campaign_id = ? AND due_at = ?"+
					" AND lease_owner = ? AND state <> 'sending'", s.Now, v.row.ID, k.until, k.owner)
			default:
				_, err = s.Exec(ctx, store.From[chunk](""), "UPDATE crm_campaign_chunk SET lease_until = ? WHERE {scope} AND campaign_id = ? AND part = ? AND first_seq = ? AND lease_owner = ?",
					s.Now, v.row.ID, k.part, k.first, k.owner)
			}
			if err != nil && !errors.Is(err, fault.NotFound) {
				return err
			}
		}
		return nil
	})
}
