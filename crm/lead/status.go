package lead

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Status is where a lead stands.
type Status string

// The statuses.
const (
	StatusNew          Status = "new"
	StatusWorking      Status = "working"
	StatusQualified    Status = "qualified"
	StatusNurturing    Status = "nurturing"
	StatusDisqualified Status = "disqualified"
	// StatusConverted is set by a conversion alone.
	StatusConverted Status = "converted"
)

// Statuses are all of them in the order of their life.
var Statuses = []Status{StatusNew, StatusWorking, StatusQualified, StatusNurturing, StatusDisqualified, StatusConverted}

// moves are the transitions that people make.
var moves = map[Status][]Status{
	StatusNew:          {StatusWorking, StatusQualified, StatusNurturing, StatusDisqualified},
	StatusWorking:      {StatusQualified, StatusNurturing, StatusDisqualified},
	StatusQualified:    {StatusWorking, StatusNurturing, StatusDisqualified},
	StatusNurturing:    {StatusWorking, StatusQualified, StatusDisqualified},
	StatusDisqualified: {StatusWorking},
}

// Open reports whether somebody works, or should work, on a lead of this status.
func (s Status) Open() bool { return s != StatusDisqualified && s != StatusConverted }

// Next gives the statuses a person may move a lead of this status to.
func (s Status) Next() []Status { return slices.Clone(moves[s]) }

// Move is a change of status.
type Move struct {
	To Status
	// Reason is required for StatusDisqualified.
	Reason string
}

// SetStatus moves a lead from one status to another. version is the one that was read. Moving to the
// status it already has changes nothing.
func (l *Leads) SetStatus(ctx context.Context, id ID, version int64, move Move) (Lead, error) {
	return l.change(ctx, id, opening{actor.LeadWrite, version}, func(ctx context.Context, s *store.Session, was Lead) (Lead, error) {
		next := was
		next.Status, next.StatusReason = move.To, party.Clean(move.Reason, 400)
		if err := checkMove(was, next); err != nil || was.Status == next.Status {
			return was, err
		}
		return l.saveStatus(ctx, s, was, next)
	})
}

func checkMove(was, next Lead) error {
	var faults fault.List
	switch {
	case was.Status == next.Status:
	case !slices.Contains(Statuses, next.Status):
		faults.Add("status", "choice", "%q is no status; choose one of %v", next.Status, moves[was.Status])
	case was.Status == StatusConverted:
		faults.Add("status", "converted", "the lead is converted; undo the conversion first")
	case next.Status == StatusConverted:
		faults.Add("status", "converted", "a lead becomes converted by a conversion only; convert it")
	case !slices.Contains(moves[was.Status], next.Status):
		faults.Add("status", "transition", "a lead that is %s cannot become %s; it can become %v", was.Status, next.Status, moves[was.Status])
	}
	if next.Status == StatusDisqualified && was.Status != StatusDisqualified {
		faults.Required("reason", next.StatusReason)
	}
	return faults.Err("the status cannot be changed")
}

func (l *Leads) saveStatus(ctx context.Context, s *store.Session, was, next Lead) (Lead, error) {
	if err := s.Save(ctx, &was, &next); err != nil {
		return Lead{}, err
	}
	return next, event.Emit(ctx, s, event.Fact{Kind: EventStatus, Record: next.ID[:], Version: next.Version, Payload: StatusFact{
		Party: next.PartyID, From: was.Status, To: next.Status, Reason: next.StatusReason,
	}})
}

// MarkConverted sets the status StatusConverted on behalf of a conversion, in the session of erpbridge/convert.
// A lead that another conversion converted is fault.Conflict; the same conversion again changes
// nothing.
func (l *Leads) MarkConverted(ctx context.Context, id ID, conversionID [16]byte) (Lead, error) {
	return l.change(ctx, id, opening{actor.Convert, anyVersion}, func(ctx context.Context, s *store.Session, was Lead) (Lead, error) {
		conversion := store.Key[ConversionTag](conversionID)
		switch {
		case was.ConversionID == conversion:
			return was, nil
		case was.Status == StatusConverted:
			return Lead{}, fault.New(fault.Conflict, "the lead was already converted on %s; undo that conversion first", was.ConvertedAt.Format("2006-01-02 15:04"))
		case conversion.IsZero():
			return Lead{}, fault.New(fault.Invalid, "the conversion has no id")
		}
		next := was
		next.Status, next.ConversionID, next.ConvertedAt, next.StatusReason = StatusConverted, conversion, s.Now, ""
		return l.saveStatus(ctx, s, was, next)
	})
}

// UnmarkConverted takes MarkConverted back for an undone conversion: the lead is qualified again.
func (l *Leads) UnmarkConverted(ctx context.Context, id ID, conversionID [16]byte) (Lead, error) {
	return l.change(ctx, id, opening{actor.ConvertUndo, anyVersion}, func(ctx context.Context, s *store.Session, was Lead) (Lead, error) {
		if was.ConversionID != store.Key[ConversionTag](conversionID) {
			return Lead{}, fault.New(fault.Conflict, "the lead is not converted by this conversion; reload it")
		}
		next := was
		next.Status, next.ConversionID, next.ConvertedAt = StatusQualified, store.Key[ConversionTag]{}, noTime
		return l.saveStatus(ctx, s, was, next)
	})
}
