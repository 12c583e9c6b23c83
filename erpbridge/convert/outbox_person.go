package convert

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// CallFilter picks calls; the zero CallFilter gives all.
type CallFilter struct {
	States []CallState
	// Party is whose conversions they are.
	Party      party.ID
	Conversion ID
	// Waiting picks those that a person has to deal with.
	Waiting Waiting
	Page    store.Page
}

// Waiting says whether only calls are given that wait for a person.
type Waiting string

// WaitingForPerson picks calls with which nothing happens by itself any more.
const WaitingForPerson Waiting = "person"

// CallList is a page of calls.
type CallList struct {
	Rows []Call
	// Next is the page.After of the next page, "" where this is the last one.
	Next string
}

// Calls lists the calls to a host that is elsewhere, the newest first, for whoever may convert or take
// back and sees whose they are.
func (c *Conversions) Calls(ctx context.Context, f CallFilter) (CallList, error) {
	var out CallList
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		out = CallList{}
		if !s.Actor.May(actor.ConvertUndo) {
			if err := s.Actor.Require(actor.Convert); err != nil {
				return err
			}
		}
		q := s.Select(&out.Rows)
		if len(f.States) > 0 {
			q = q.Where("host_call.state IN (?)", list(f.States))
		}
		if !f.Party.IsZero() {
			q = q.Where("host_call.party_id = ?", f.Party)
		}
		if !f.Conversion.IsZero() {
			q = q.Where("host_call.conversion_id = ?", f.Conversion)
		}
		if f.Waiting == WaitingForPerson {
			q = q.Where("host_call.state IN (?)", list([]CallState{CallFailed, CallUnknown})).Where("host_call.due_at IS NULL")
		}
		order := store.Order{Column: "host_call.created_at", ID: "host_call.id", Desc: true}
		if err := s.Paged(q, order, f.Page).Scan(ctx); err != nil {
			return err
		}
		if n := len(out.Rows); n == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].CreatedAt, out.Rows[n-1].ID)
		}
		return nil
	})
	return out, err
}

// Retry has a call made now: one that waits for its next try, or one that failed, after what was wrong
// has been corrected. What the host did already is not done again. Where it gave no answer it is searched
// first, when it has had the time to settle.
func (c *Conversions) Retry(ctx context.Context, id CallID) (Call, error) {
	return c.byHand(ctx, id, func(_ context.Context, _ *store.Session, call *Call, p *progress) (Call, error) {
		if p.Open != nil && p.Open.Sent > 0 {
			return Call{State: CallUnknown, DueAt: call.UpdatedAt.Add(c.config.Outbox.settle())}, nil
		}
		return Call{State: CallPending}, nil
	})
}

// Resolution is what a person found at the host.
type Resolution struct {
	Outcome Outcome `json:"outcome"`
	// Key is the host's key of what was made, Number its number; the key is required for what was made.
	Key    string `json:"key,omitempty"`
	Number string `json:"number,omitempty"`
	// Note says how that was found out, for the audit log.
	Note string `json:"note,omitempty"`
}

// Outcome says whether the host did what it was asked.
type Outcome string

// The outcomes.
const (
	// Made: the host did it.
	Made Outcome = "made"
	// NotMade: the host did not do it, and will not do it any more; it is asked again.
	NotMade Outcome = "not_made"
)

// Resolve tells, for a call that failed or has no answer, what the host did with the next step of it,
// and has the rest done. What a person says was made is read from the host by its key.
func (c *Conversions) Resolve(ctx context.Context, id CallID, resolution Resolution) (Call, error) {
	return c.byHand(ctx, id, func(ctx context.Context, s *store.Session, call *Call, p *progress) (Call, error) {
		var faults fault.List
		switch resolution.Outcome {
		case Made:
			if call.Operation != UndoCall {
				faults.Required("key", resolution.Key)
			}
		case NotMade:
		default:
			faults.Add("outcome", "choice", "%q is no outcome; say %s or %s", resolution.Outcome, Made, NotMade)
		}
		if call.State != CallFailed && call.State != CallUnknown {
			faults.Add("state", "state", "the call is %s; only one that failed or has no answer is resolved by hand", call.State)
		}
		if err := faults.Err("the call cannot be resolved"); err != nil {
			return Call{}, err
		}
		p.Open, p.Found = nil, nil
		if resolution.Outcome == Made {
			p.Found = &found{Key: resolution.Key, Number: resolution.Number}
		}
		text := fmt.Sprintf("%s says: %s", s.Actor.Name, resolution.Outcome)
		return Call{State: CallPending, ReasonCode: "by_hand", Reason: text}, s.Audit(ctx, store.Entry{
			Action: "resolve", Kind: store.Noun("crm_host_call"), Record: call.ID.Bytes(), Version: call.Version + 1, Changes: []store.Change{
				{Field: "outcome", To: string(resolution.Outcome)}, {Field: "key", To: resolution.Key},
				{Field: "number", To: resolution.Number}, {Field: "note", To: resolution.Note},
			},
		})
	})
}

// Abandonment says why a call is given up.
type Abandonment struct {
	// Checked is set by a person who looked and says that the host has nothing of it. Without it only a
	// call is given up of which that is certain.
	Checked bool   `json:"checked,omitempty"`
	Note    string `json:"note,omitempty"`
}

// Abandon gives a call up: its lead, quote or opportunity can be converted again, with other choices; a
// conversion that was to be taken back is done as before.
func (c *Conversions) Abandon(ctx context.Context, id CallID, abandonment Abandonment) (Call, error) {
	return c.byHand(ctx, id, func(ctx context.Context, s *store.Session, call *Call, p *progress) (Call, error) {
		if p.has() && !abandonment.Checked {
			var faults fault.List
			faults.Add("checked", "required", "%s has, or may have, a part of it already; look there, take it back, and say that you did", c.config.Host.Name)
			return Call{}, faults.Err("the call cannot be abandoned")
		}
		return Call{State: CallAbandoned, FinishedAt: s.Now, ReasonCode: "by_hand", Reason: cut(abandonment.Note, 1000)}, s.Audit(ctx, store.Entry{
			Action: "abandon", Kind: store.Noun("crm_host_call"), Record: call.ID.Bytes(), Version: call.Version + 1,
			Changes: []store.Change{{Field: "checked", To: fmt.Sprint(abandonment.Checked)}, {Field: "note", To: abandonment.Note}},
		})
	})
}

// byHand changes a call that no process is at.
func (c *Conversions) byHand(ctx context.Context, id CallID, decide func(ctx context.Context, s *store.Session, call *Call, p *progress) (Call, error)) (Call, error) {
	var call Call
	err := c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		call = Call{}
		if err := s.Actor.Require(actor.Convert); err != nil {
			return err
		}
		if err := s.Lock(ctx, &call, id); err != nil {
			return err
		}
		if call.Operation == UndoCall {
			if err := s.Actor.Require(actor.ConvertUndo); err != nil {
				return err
			}
		}
		switch call.State {
		case CallDone, CallAbandoned:
			return fault.New(fault.Invalid, "the call is %s; there is nothing left to decide", call.State)
		case CallSending:
			if call.DueAt.After(s.Now) {
				return fault.New(fault.Conflict, "the call is being made at this moment; look again in a minute")
			}
		}
		p, err := call.progress()
		if err != nil {
			return err
		}
		next, err := decide(ctx, s, &call, p)
		if err != nil {
			return err
		}
		return reopen(ctx, s, &call, p, next)
	})
	if err != nil {
		return Call{}, err
	}
	return call, nil
}

// reopen writes what was decided about a call, and shows it in the conversion. What is not at its end is
// due at once.
func reopen(ctx context.Context, s *store.Session, call *Call, p *progress, decided Call) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	next := *call
	next.State, next.ReasonCode, next.Reason, next.FinishedAt = decided.State, decided.ReasonCode, decided.Reason, decided.FinishedAt
	next.Progress, next.Attempts, next.DueAt, next.LeaseOwner = string(text), 0, latest(s.Now, decided.DueAt), ""
	if next.State == CallAbandoned {
		next.Progress, next.DueAt = "{}", time.Time{}
	}
	if err := s.Save(ctx, call, &next); err != nil || next.Version == call.Version { // nothing to change
		return err
	}
	*call = next
	if err := mirror(ctx, s, next, decided); err != nil {
		return err
	}
	kind := "hostcall.retried"
	switch {
	case next.State == CallAbandoned:
		kind = "hostcall.abandoned"
	case next.ReasonCode == "by_hand":
		kind = "hostcall.resolved"
	}
	return event.Emit(ctx, s, event.Fact{Kind: kind, Record: next.ID.Bytes(), Version: next.Version, Payload: next})
}
