package activity

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Entry is something that the program did with a party: a quote was issued, a stage was reached, an
// order was written at the host.
type Entry struct {
	Party       party.ID
	Opportunity OpportunityID
	// Kind is one that is logged; see [Kind.Logged].
	Kind    Kind
	Subject string
	Body    string
	// At is when it happened, zero for now.
	At time.Time
	// RefKind is the noun of the record the entry is about ("quote", "order"), RefID its id where it is
	// ours, RefText what people know it by ("Q-2026/17").
	RefKind string
	RefID   RefID
	RefText string
}

// The longest references, in UTF-16 code units.
const (
	MaxRefKind = 20
	MaxRefText = 80
)

// Log notes entries on timelines, in one insert. Inside another package's session ([Activities.In])
// the verb there has decided what the actor may do; otherwise Log needs actor.ActivityWrite, and the
// parties must be visible.
func (a *Activities) Log(ctx context.Context, entries ...Entry) error {
	return a.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if !a.trusted {
			if err := s.Actor.Require(actor.ActivityWrite); err != nil {
				return err
			}
		}
		rows := make([]Activity, len(entries))
		var faults fault.List
		for i, e := range entries {
			var wrong []fault.Fault
			rows[i], wrong = e.activity(s)
			faults.Merge("["+strconv.Itoa(i)+"]", wrong)
		}
		if err := faults.Err("the timeline cannot be written"); err != nil {
			return err
		}
		if !a.trusted {
			for i := range rows {
				if _, err := a.parties.In(s).Get(ctx, rows[i].PartyID); err != nil {
					return err
				}
			}
		}
		return s.InsertQuiet(ctx, &rows)
	})
}

func (e Entry) activity(s *store.Session) (Activity, []fault.Fault) {
	act := Activity{
		ID: store.NewKey[Tag](s), PartyID: e.Party, OpportunityID: e.Opportunity, Kind: e.Kind, State: Done,
		Subject: strings.TrimSpace(e.Subject), Body: strings.TrimSpace(e.Body),
		RefKind: e.RefKind, RefID: e.RefID, RefText: strings.TrimSpace(e.RefText),
		OwnerUser: s.Actor.UserID, OwnerTeam: s.Actor.Team(),
	}
	at := store.UTC(e.At)
	if at.IsZero() {
		at = s.Now
	}
	act.settle(at)
	var faults fault.List
	if act.PartyID.IsZero() {
		faults.Add("party", "required", "is missing; say whose timeline it stands on")
	}
	if !act.Kind.Logged() {
		faults.Add("kind", "choice", "%.20q is not logged; choose quote, document, conversion, stage, merge or touch", string(act.Kind))
	}
	if act.Subject == "" && act.RefText == "" {
		faults.Add("subject", "required", "is missing; give a subject or a reference")
	}
	checkText(&faults, "subject", act.Subject, MaxSubject)
	checkText(&faults, "body", act.Body, MaxBody)
	checkText(&faults, "ref_kind", act.RefKind, MaxRefKind)
	checkText(&faults, "ref_text", act.RefText, MaxRefText)
	checkTime(&faults, "at", at)
	return act, faults
}
