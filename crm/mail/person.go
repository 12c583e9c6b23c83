package mail

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Cancel takes back a mail that has not gone out yet. The same call again changes nothing. It needs
// actor.ActivityWrite.
func (m *Mails) Cancel(ctx context.Context, id ID) (Mail, error) {
	return m.byHand(ctx, id, EventCancelled, func(s *store.Session, row Mail) (Mail, error) {
		switch row.State {
		case Queued, Deferred:
			row.State, row.DueAt = Cancelled, time.Time{}
			return row, nil
		case Cancelled:
			return row, nil
		}
		return row, wrongState(row, "it can no longer be taken back")
	})
}

// Resend has a mail sent again, or sent now: one that failed, after what was wrong has been corrected;
// one without an answer, by a person who has found out that it did not arrive; one that was put off. It
// keeps its Message-ID. It needs actor.ActivityWrite.
func (m *Mails) Resend(ctx context.Context, id ID) (Mail, error) {
	return m.byHand(ctx, id, EventResent, func(s *store.Session, row Mail) (Mail, error) {
		switch row.State {
		case Failed, NoAnswer, Deferred, Cancelled, Dismissed:
			row.State, row.DueAt, row.GiveUpAt = Queued, s.Now, s.Now.Add(m.config.GiveUp)
			row.Attempts, row.ReasonCode, row.Reason, row.LeaseOwner = 0, "", "", ""
			s.Wake()
			return row, nil
		case Queued:
			return row, nil
		}
		return row, wrongState(row, "write a new one instead")
	})
}

// Dismiss says that a person has dealt with a mail that failed or has no answer: nothing more happens
// with it. The same call again changes nothing. It needs actor.ActivityWrite.
func (m *Mails) Dismiss(ctx context.Context, id ID) (Mail, error) {
	return m.byHand(ctx, id, EventDismissed, func(_ *store.Session, row Mail) (Mail, error) {
		switch row.State {
		case Failed, NoAnswer:
			row.State, row.DueAt, row.LeaseOwner = Dismissed, time.Time{}, ""
			return row, nil
		case Dismissed:
			return row, nil
		}
		return row, wrongState(row, "only one that failed or has no answer is dismissed")
	})
}

func wrongState(row Mail, remedy string) error {
	if row.State == Sending {
		return fault.New(fault.Conflict, "the mail is being sent at this moment; look again in a minute")
	}
	var faults fault.List
	faults.Add("state", "state."+string(row.State), "the mail is %s; %s", row.State, remedy)
	return faults.Err("the mail cannot be changed")
}

// byHand changes a mail that no process is at.
func (m *Mails) byHand(ctx context.Context, id ID, kind string, decide func(s *store.Session, row Mail) (Mail, error)) (Mail, error) {
	return store.Write(ctx, m.db, actor.ActivityWrite, func(ctx context.Context, s *store.Session) (Mail, error) {
		var row Mail
		if err := s.Lock(ctx, &row, id); err != nil {
			return Mail{}, err
		}
		next, err := decide(s, row)
		if err != nil || next.State == row.State {
			return row, err
		}
		if err := s.Save(ctx, &row, &next); err != nil {
			return Mail{}, err
		}
		return next, emit(ctx, s, kind, next)
	})
}
