package convert

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// errLost ends the work at a call that another process took over.
var errLost = fault.New(fault.Conflict, "another process took the call over")

// delivery is the work of one process at one call.
type delivery struct {
	*Conversions
	call Call
	rec  *recorder
	// until is when the lease ends.
	until time.Time
}

func (c *Conversions) deliver(ctx context.Context, call Call) error {
	p, err := call.progress()
	if err != nil {
		return err
	}
	d := &delivery{c, call, newRecorder(replaying, p), call.DueAt}
	if call.Attempts > c.config.Outbox.attempts() { // the process died with it again and again
		err = d.later(ctx, "unreachable", fault.New(fault.Unavailable, "nobody came to an answer"))
	} else {
		err = d.carryOut(ctx)
	}
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// carryOut replays the conversion and makes the calls that it lacks, until it is done or something
// stands in its way.
func (d *delivery) carryOut(ctx context.Context) error {
	for range maxLooks {
		err := d.replay(ctx)
		m := missingIn(err)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, errLost):
			return err
		case m == nil && ctx.Err() != nil: // the process is to stop, and nothing is under way at the host
			return d.settle(ctx, Call{State: CallPending, DueAt: d.db.Now()}, err)
		case m == nil && !certain(err):
			return d.later(ctx, "ours", err)
		case m == nil:
			return d.refused(ctx, "ours", err)
		}
		going := d.ask
		if m.write {
			going = d.send
		}
		on, err := going(ctx, m)
		if err != nil || !on {
			return err
		}
	}
	return d.refused(ctx, "ours", fault.New(fault.Limit, "more than %d questions to the host", maxLooks))
}

// replay runs the conversion's code in a transaction, which commits where no answer is missing.
func (d *delivery) replay(ctx context.Context) error {
	ctx = d.as(ctx)
	return d.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		in := d.recalling(d.rec, replaying).In(s)
		if err := d.hold(ctx, s, Call{State: CallDone, Progress: "{}", FinishedAt: s.Now}); err != nil {
			return err
		}
		e, err := in.errandOf(ctx, s, d.call)
		if err != nil {
			return err
		}
		return e.do(&Result{ID: e.row.ID, Kind: e.row.Kind})
	})
}

// errandOf reads what a call is for. The subject is locked before the conversion, as by whoever asks.
func (in *Conversions) errandOf(ctx context.Context, s *store.Session, call Call) (errand, error) {
	var r row
	if err := s.Get(ctx, &r, call.ConversionID); err != nil {
		return errand{}, err
	}
	var e errand
	var err error
	switch call.Operation {
	case LeadCall:
		e, err = in.leadErrand(ctx, s, &r)
	case DocumentCall:
		e, err = in.documentErrand(ctx, s, &r)
	}
	if err != nil {
		return errand{}, err
	}
	if err := s.Lock(ctx, &r, call.ConversionID); err != nil || call.Operation != UndoCall {
		return e, err
	}
	return in.undoErrand(ctx, s, &r, in.rec.progress.Note)
}

// as lets the conversion be carried out as whoever asked for it, who had the right to, with eyes for
// everything that he was allowed to name.
func (d *delivery) as(ctx context.Context) context.Context {
	by := d.rec.progress.By
	return actor.With(ctx, actor.Actor{
		Kind: actor.Kind(by.Kind), Company: d.call.Company, UserID: d.call.CreatedBy, Name: by.Name, Teams: by.Teams, OnBehalfOf: by.For,
		Rights: actor.Admin, See: actor.All,
	})
}

// ask makes a reading and remembers what it gave; true says go on.
func (d *delivery) ask(ctx context.Context, m *missing) (bool, error) {
	if d.until.Sub(d.db.Now()) < d.config.Outbox.patience() {
		if err := d.renew(ctx); err != nil {
			return false, err
		}
	}
	asked, cancel := d.patiently(ctx)
	defer cancel()
	if err := d.rec.look(asked, m); err != nil {
		return false, d.later(ctx, "unreachable", err)
	}
	return true, nil
}

// renew commits how far the call is, and begins a new lease.
func (d *delivery) renew(ctx context.Context) error {
	d.until = d.db.Now().Add(d.lease())
	return d.note(ctx, Call{State: CallSending, DueAt: d.until})
}

// send makes a write: that it is about to be made is committed before, its answer after.
func (d *delivery) send(ctx context.Context, m *missing) (bool, error) {
	p := d.rec.progress
	byHand := p.Found
	before := 0
	if byHand == nil {
		var err error
		if before, err = p.begin(m.call); err != nil {
			return false, d.refused(ctx, "ours", err)
		}
	}
	asked, cancel := d.patiently(ctx)
	defer cancel()
	if err := d.renew(ctx); err != nil {
		return false, err
	}
	value, err := guarded(func() (any, error) {
		if byHand != nil {
			return m.found(asked, m.session, *byHand)
		}
		hs := m.session
		hs.Token, hs.Attempt = numbered(hs.Token, p.Open.Number), before
		return m.ask(asked, hs)
	})
	switch {
	case err == nil:
		return d.answered(ctx, m, value)
	case certain(err) && byHand != nil:
		p.Found = nil
		return false, d.refused(ctx, "by_hand", err)
	case certain(err):
		p.Open = nil
		if m.because != nil {
			err = fault.New(fault.Invalid, "%s; it could not be taken back either: %s", sentence(m.because), sentence(err))
		}
		return false, d.refused(ctx, "refused", err)
	case byHand != nil:
		return false, d.later(ctx, "unreachable", err)
	}
	switch fault.CodeOf(err) {
	case fault.Unavailable, fault.Retryable, fault.Limit: // it certainly did nothing
		p.Open.Sent = before
	}
	return false, d.later(ctx, "unreachable", err)
}

// begin notes that a write is about to be made and gives how often it was made before without a known
// outcome.
func (p *progress) begin(name string) (int, error) {
	switch {
	case p.Open != nil && p.Open.Call == name:
	case p.Open != nil && p.Open.Sent > 0:
		return 0, fault.New(fault.Conflict, "the host may have done %q, and the record changed since: %q would follow now; change the record back, or say what the host did", p.Open.Call, name)
	default:
		p.Last++
		p.Open = &openCall{Call: name, Number: p.Last}
	}
	p.Open.Sent++
	return p.Open.Sent - 1, nil
}

// answered keeps the answer to a write.
func (d *delivery) answered(ctx context.Context, m *missing, value any) (bool, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return false, err
	}
	p := d.rec.progress
	a := answer{Call: m.call, Answer: text}
	if p.Open != nil {
		a.Number = p.Open.Number
	}
	p.Answers, p.Open, p.Found = append(p.Answers, a), nil, nil
	d.call.Attempts = 1
	return true, d.renew(ctx)
}

// patiently bounds one call to the host. It outlives the end of the context by [grace].
func (d *delivery) patiently(ctx context.Context) (context.Context, context.CancelFunc) {
	asked, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.config.Outbox.patience())
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return asked, func() { stop(); cancel() }
}
