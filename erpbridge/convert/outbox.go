package convert

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Outbox says how a host that is elsewhere is called; the zero Outbox works.
type Outbox struct {
	// Settle is how long a call without an answer is left alone before the host is searched for what it
	// did: longer than the host may still work on it. 2 minutes where it is 0.
	Settle time.Duration
	// Patience is how long one call may take; 1 minute where it is 0.
	Patience time.Duration
	// Pause is the first pause after a failure; it doubles each time, up to an hour, and half of it is
	// random. 10 seconds where it is 0.
	Pause time.Duration
	// Attempts is how often a call is tried before it waits for a person; 20 where it is 0.
	Attempts int
	// Senders is how many calls one process makes at once, each for another customer; 4 where it is 0.
	Senders int
}

func (o Outbox) settle() time.Duration   { return cmp.Or(o.Settle, 2*time.Minute) }
func (o Outbox) patience() time.Duration { return cmp.Or(o.Patience, time.Minute) }
func (o Outbox) attempts() int           { return cmp.Or(o.Attempts, 20) }
func (o Outbox) senders() int            { return cmp.Or(o.Senders, 4) }

// Check names what is wrong with the values.
func (o Outbox) Check() []fault.Fault {
	var faults fault.List
	for name, d := range map[string]time.Duration{"settle": o.Settle, "patience": o.Patience, "pause": o.Pause} {
		if d < 0 {
			faults.Add(name, "negative", "is %s; give how long, or zero for the usual", d)
		}
	}
	for name, n := range map[string]int{"attempts": o.Attempts, "senders": o.Senders} {
		if n < 0 {
			faults.Add(name, "negative", "is %d; give how many, or zero for the usual", n)
		}
	}
	return faults
}

// CallTag is the noun of the ids of host calls.
type CallTag struct{}

// CallID identifies a host call.
type CallID = store.Key[CallTag]

// Operation is what the host is called for.
type Operation string

// The operations.
const (
	LeadCall     Operation = "lead"
	DocumentCall Operation = "document"
	UndoCall     Operation = "undo"
)

// CallState is where a host call stands.
type CallState string

// The states of a host call.
const (
	// CallPending: it waits for its turn, or for its next try.
	CallPending CallState = "pending"
	// CallSending: a process is at it.
	CallSending CallState = "sending"
	// CallDone: the host did it, and everything of ours is written.
	CallDone CallState = "done"
	// CallFailed: the host, or a rule of ours, refused; a person has to act.
	CallFailed CallState = "failed"
	// CallUnknown: the host gave no answer. It is searched for what it did before it is asked again;
	// without a due time a person has to look.
	CallUnknown CallState = "unknown"
	// CallAbandoned: a person gave it up.
	CallAbandoned CallState = "abandoned"
)

// Call is a conversion, or the undoing of one, on its way to a host that is elsewhere. Calls for one
// customer are made in the order in which they were asked for; one that waits for a person does not
// hold up the others.
type Call struct {
	bun.BaseModel `bun:"table:crm_host_call,alias:host_call"`

	ID CallID `bun:"id,pk" json:"id"`
	store.Record
	ConversionID ID        `bun:"conversion_id" json:"conversion_id"`
	PartyID      party.ID  `bun:"party_id" json:"party_id"`
	LaneID       party.ID  `bun:"lane_id" json:"-"`
	Operation    Operation `bun:"operation,type:nvarchar(12)" json:"operation"`
	State        CallState `bun:"state,type:nvarchar(10)" json:"state"`
	// Attempts is how often it was tried since the host last answered.
	Attempts int `bun:"attempts" json:"attempts"`
	// DueAt is when it is tried next; while it is being sent, when another process may take it over. Zero
	// where nothing happens by itself any more.
	DueAt      time.Time `bun:"due_at,nullzero" json:"due_at,omitzero"`
	LeaseOwner string    `bun:"lease_owner,type:nvarchar(64)" json:"-"`
	// ReasonCode is one of refused, ours, unreachable, no_answer, by_hand; "" where nothing went wrong.
	ReasonCode string `bun:"reason_code,type:nvarchar(20)" json:"reason_code"`
	// Reason is what went wrong last, in a sentence that a person can act on.
	Reason     string    `bun:"reason,type:nvarchar(1000)" json:"reason"`
	Progress   string    `bun:"progress" json:"-"`
	FinishedAt time.Time `bun:"finished_at,nullzero" json:"finished_at,omitzero"`
}

// Guard shows a call to whoever sees its party.
func (Call) Guard(a actor.Actor, alias string) store.Predicate { return byParty(a, alias) }

func (c *Call) progress() (*progress, error) {
	var p progress
	if err := json.Unmarshal([]byte(c.Progress), &p); err != nil {
		return nil, fmt.Errorf("the progress of host call %s: %w", c.ID, err)
	}
	return &p, nil
}

// errand is a conversion, or the undoing of one, ready to be carried out in a session.
type errand struct {
	operation Operation
	row       *row
	// note is the reason of an undo.
	note string
	do   func(out *Result) error
	// result is set where there is nothing to do any more.
	result *Result
}

// opening finds out, in a session, what is to be done.
type opening func(ctx context.Context, s *store.Session, in *Conversions) (errand, error)

// already is the errand of a conversion that was made, or asked for, before.
func already(earlier *row, err error) (errand, error) {
	if err != nil {
		return errand{}, err
	}
	out, err := earlier.result()
	return errand{result: &out}, err
}

// errRehearsed ends a rehearsal, whose transaction is rolled back.
var errRehearsed = errors.New("rehearsed")

// run carries an errand out. For a host that is elsewhere it is rehearsed, in a transaction of our own
// that is rolled back, so that what our own rules refuse is refused at once; then it goes into the
// outbox. Inside somebody else's transaction, where nothing can be rolled back, what would be refused
// after the host's answer is found when the call is sent.
func (c *Conversions) run(ctx context.Context, right actor.Right, open opening) (Result, error) {
	var rec *recorder
	if c.config.Host.Place == erpbridge.Elsewhere {
		rec = newRecorder(asking, &progress{})
		if !c.db.Bound() {
			if err := c.rehearse(ctx, right, open, rec); err != nil {
				return Result{}, err
			}
		}
	}
	var out Result
	err := c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		in := c.recalling(rec, asking).In(s)
		e, err := in.open(ctx, s, right, open)
		if err != nil {
			return err
		}
		if e.result != nil {
			out = *e.result
			return nil
		}
		out = Result{ID: e.row.ID, Kind: e.row.Kind}
		err = e.do(&out)
		if missingIn(err) != nil {
			out, err = in.post(ctx, s, e, out)
		}
		return err
	})
	if err != nil {
		return Result{}, err
	}
	return out, nil
}

func (in *Conversions) open(ctx context.Context, s *store.Session, right actor.Right, open opening) (errand, error) {
	if err := s.Actor.Require(right); err != nil {
		return errand{}, err
	}
	return open(ctx, s, in)
}

// rehearse finds what would be refused. Only whether a customer is complete is asked of the host, where
// it can say; a host that cannot be reached keeps nobody from converting.
func (c *Conversions) rehearse(ctx context.Context, right actor.Right, open opening, rec *recorder) error {
	for {
		err := c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
			in := c.recalling(rec, rehearsing).In(s)
			e, err := in.open(ctx, s, right, open)
			if err == nil && e.result == nil {
				err = e.do(&Result{ID: e.row.ID, Kind: e.row.Kind})
			}
			if err == nil {
				err = errRehearsed
			}
			return err
		})
		m := missingIn(err)
		switch {
		case m == nil && !errors.Is(err, errRehearsed):
			return err
		case m == nil || m.call != checkCall:
			return nil
		}
		asked, cancel := context.WithTimeout(ctx, c.config.Outbox.patience())
		if rec.look(asked, m) != nil {
			rec.memo[m.key] = reply{value: []fault.Fault(nil)}
		}
		cancel()
	}
}

// post puts an errand into the outbox, in the transaction that asked for it. Nothing of ours was written
// before the host would have been called.
func (in *Conversions) post(ctx context.Context, s *store.Session, e errand, out Result) (Result, error) {
	lane, err := in.laneOf(ctx, out.Party)
	if err != nil {
		return Result{}, err
	}
	r := e.row
	if e.operation == UndoCall {
		next := *r
		next.State = Undoing
		if err := s.Save(ctx, r, &next); err != nil {
			return Result{}, err
		}
		if again, err := in.repost(ctx, s, r.ID, e.note); err != nil || again {
			return out, err
		}
	} else {
		r.State = Pending
		out = Result{Party: out.Party, Opportunity: out.Opportunity}
		if err := r.keep(&out, manifest{}); err != nil {
			return Result{}, err
		}
		if err := r.insert(ctx, s); err != nil {
			return Result{}, err
		}
	}
	p := progress{By: asker{Kind: string(s.Actor.Kind), Name: s.Actor.Name, Teams: s.Actor.Teams, For: s.Actor.OnBehalfOf}, Note: e.note}
	text, err := json.Marshal(p)
	if err != nil {
		return Result{}, err
	}
	call := Call{
		ID: store.NewKey[CallTag](s), ConversionID: r.ID, PartyID: out.Party, LaneID: lane, Operation: e.operation,
		State: CallPending, DueAt: s.Now, Progress: string(text),
	}
	if err := s.Insert(ctx, &call); err != nil {
		return Result{}, err
	}
	return out, event.Emit(ctx, s, event.Fact{Kind: "hostcall.asked", Record: call.ID.Bytes(), Version: call.Version, Payload: call})
}

// repost makes an undo that the host refused before pending again, and reports whether there was one.
func (in *Conversions) repost(ctx context.Context, s *store.Session, id ID, note string) (bool, error) {
	var calls []Call
	err := s.Select(&calls).Where("host_call.conversion_id = ?", id).Where("host_call.operation = ?", UndoCall).
		Where("host_call.state = ?", CallFailed).OrderExpr("host_call.id").Scan(ctx)
	if err != nil || len(calls) == 0 {
		return false, err
	}
	p, err := calls[0].progress()
	if err != nil {
		return false, err
	}
	p.Note = note
	return true, reopen(ctx, s, &calls[0], p, Call{State: CallPending})
}

// laneOf is the party whose calls are made one after the other: the company of a person who has one.
func (in *Conversions) laneOf(ctx context.Context, id party.ID) (party.ID, error) {
	p, err := in.config.Parties.Get(ctx, id)
	if p.Kind == party.Person && !p.EmployerID.IsZero() {
		return p.EmployerID, err
	}
	return p.ID, err
}

// coming reports whether a party is on its way to become a customer of a host that is elsewhere.
func (in *Conversions) coming(ctx context.Context, s *store.Session, p party.Party) (bool, error) {
	if in.config.Host.Place != erpbridge.Elsewhere {
		return false, nil
	}
	lane, err := in.laneOf(ctx, p.ID)
	if err != nil {
		return false, err
	}
	var n int
	err = s.Query(ctx, &n, store.From[Call]("c"), "SELECT COUNT(*) FROM crm_host_call AS c WHERE {scope} AND c.lane_id = ?"+
		" AND c.state IN ('pending', 'sending', 'unknown') AND c.operation = ?", lane, LeadCall)
	return n > 0, err
}
