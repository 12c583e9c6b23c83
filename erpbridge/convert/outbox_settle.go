package convert

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// note commits how far the call is, with another state. What happened at the host is noted also when
// the process is to stop.
func (d *delivery) note(ctx context.Context, next Call) error {
	return d.write(context.WithoutCancel(ctx), func(ctx context.Context, s *store.Session, _ *Conversions) error {
		return d.noteIn(ctx, s, next)
	})
}

func (d *delivery) noteIn(ctx context.Context, s *store.Session, next Call) error {
	text, err := json.Marshal(d.rec.progress)
	if err != nil {
		return err
	}
	next.Progress = string(text)
	return d.hold(ctx, s, next)
}

// hold changes the call's row, if it is still ours.
func (d *delivery) hold(ctx context.Context, s *store.Session, next Call) error {
	n, err := s.Exec(ctx, store.From[Call](""), "UPDATE crm_host_call SET state = ?, attempts = ?, due_at = ?, reason_code = ?, reason = ?, progress = ?, finished_at = ?,"+
		" version = version + 1, updated_at = ? WHERE {scope} AND id = ? AND lease_owner = ? AND state = 'sending'",
		next.State, d.call.Attempts, next.DueAt, next.ReasonCode, cut(next.Reason, 1000), next.Progress, next.FinishedAt, s.Now, d.call.ID, d.call.LeaseOwner)
	if err == nil && n == 0 {
		return errLost
	}
	return err
}

// later puts the call off: until the host can be reached, or until it can be searched for what it did.
// After the last attempt it waits for a person.
func (d *delivery) later(ctx context.Context, code string, cause error) error {
	p, host := d.rec.progress, d.config.Host.Name
	now := d.db.Now()
	next := Call{State: CallPending, DueAt: now.Add(d.config.Outbox.backoff(d.call.Attempts)), ReasonCode: code}
	if code == "ours" {
		host = "CRM+"
	}
	next.Reason = fmt.Sprintf("%s cannot do it now (%s); it is tried again", host, sentence(cause))
	if p.Open != nil && p.Open.Sent > 0 {
		next.State, next.ReasonCode = CallUnknown, "no_answer"
		next.DueAt = latest(next.DueAt, now.Add(d.config.Outbox.settle()))
		next.Reason = fmt.Sprintf("%s did not say whether it did what it was asked (%s); it is searched for that before it is asked again", host, sentence(cause))
	}
	if at := comeBack(cause, now); !at.IsZero() {
		next.DueAt = latest(next.DueAt, at)
		d.rests.rest(d.call.Company, at)
	}
	if d.call.Attempts < d.config.Outbox.attempts() {
		return d.settle(ctx, next, cause)
	}
	next.DueAt = time.Time{}
	next.Reason = fmt.Sprintf("%s could not do it %d times (%s); repeat the call when it can", host, d.call.Attempts, sentence(cause))
	if next.State == CallUnknown {
		next.Reason = fmt.Sprintf("%s did not say whether it did what it was asked, %d times now (%s); look there, and say what you found or repeat the call", host, d.call.Attempts, sentence(cause))
	} else {
		next.State = CallFailed
	}
	return d.settle(ctx, next, cause)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// backoff is the pause after the given number of attempts: doubled each time up to an hour, half of it
// random, so that calls which failed together do not come back together.
func (o Outbox) backoff(attempts int) time.Duration {
	d := min(cmp.Or(o.Pause, 10*time.Second)<<min(max(attempts-1, 0), 12), time.Hour)
	return d/2 + rand.N(d/2+1)
}

// refused ends the work at the call with a refusal that a person has to deal with.
func (d *delivery) refused(ctx context.Context, code string, cause error) error {
	p := d.rec.progress
	var back *takenBack
	if errors.As(cause, &back) {
		p.Answers, p.Open = nil, nil // the host has nothing any more
	}
	next := Call{State: CallFailed, ReasonCode: code, Reason: sentence(cause)}
	switch {
	case p.Open != nil && p.Open.Sent > 0:
		next.State = CallUnknown
		next.Reason = fmt.Sprintf("%s may have done what it was asked, and meanwhile this: %s; look there, say what you found, and repeat the call", d.config.Host.Name, next.Reason)
	case code == "refused":
		next.Reason = fmt.Sprintf("%s refuses: %s", d.config.Host.Name, next.Reason)
	}
	return d.settle(ctx, next, cause)
}

// settle commits a state in which the call waits, together with that of its conversion.
func (d *delivery) settle(ctx context.Context, next Call, cause error) error {
	d.config.Log.Warn("a call to the host did not succeed", "call", d.call.ID.String(), "conversion", d.call.ConversionID.String(), "company", d.call.Company,
		"attempt", d.call.Attempts, "state", string(next.State), "error", cause)
	return d.write(context.WithoutCancel(ctx), func(ctx context.Context, s *store.Session, _ *Conversions) error {
		if err := d.noteIn(ctx, s, next); err != nil {
			return err
		}
		if err := mirror(ctx, s, d.call, next); err != nil || !next.DueAt.IsZero() {
			return err
		}
		var now Call
		if err := s.Get(ctx, &now, d.call.ID); err != nil {
			return err
		}
		return event.Emit(ctx, s, event.Fact{Kind: "hostcall." + string(next.State), Record: now.ID.Bytes(), Version: now.Version, Payload: now})
	})
}

// mirror shows the state of a call in its conversion.
func mirror(ctx context.Context, s *store.Session, call, next Call) error {
	var was row
	if err := s.Lock(ctx, &was, call.ConversionID); err != nil {
		return err
	}
	state := map[CallState]State{CallPending: Pending, CallUnknown: Unknown, CallFailed: Failed, CallAbandoned: Abandoned}[next.State]
	if call.Operation == UndoCall {
		state = Undoing
		if next.State == CallFailed || next.State == CallAbandoned {
			state = Done
		}
	}
	out, err := was.result()
	if err != nil {
		return err
	}
	now := was
	now.State, out.Reason, out.State = state, next.Reason, state
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	now.Result = string(text)
	if state == Abandoned {
		now.Step = "abandoned " + was.ID.String()
	}
	return s.Save(ctx, &was, &now)
}

// sentence is an error as a person reads it, without what lies below.
func sentence(err error) string {
	var e *fault.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	text := (&fault.Error{Message: e.Message, Faults: e.Faults}).Error()
	return strings.TrimSuffix(text, ".")
}

// cut shortens a text to n characters.
func cut(text string, n int) string {
	r := []rune(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "?"))
	if len(r) > n {
		r = append(r[:n-1], '…')
	}
	return string(r)
}
