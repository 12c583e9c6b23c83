package opportunity

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// Progress says how far the host has come with what was sold: from the order to the payment. It is
// beside [State], which people set: a won opportunity whose order was cancelled stays won until somebody
// reopens it or closes it as lost.
type Progress string

// The steps of progress, in their order.
const (
	// NotOrdered: the host has no document of it.
	NotOrdered Progress = ""
	Ordered    Progress = "ordered"
	// Delivering, Invoicing and Paying: a part is done.
	Delivering Progress = "delivering"
	Delivered  Progress = "delivered"
	Invoicing  Progress = "invoicing"
	Invoiced   Progress = "invoiced"
	Paying     Progress = "paying"
	Paid       Progress = "paid"
	// Void: everything that was made of it was cancelled or credited.
	Void Progress = "void"
)

// Progresses are all steps.
var Progresses = []Progress{NotOrdered, Ordered, Delivering, Delivered, Invoicing, Invoiced, Paying, Paid, Void}

// EventProgressed says that the host has come further, or back; its payload is Progressed.
const EventProgressed = "opportunity.progressed"

// Progressed is the payload of EventProgressed.
type Progressed struct {
	Summary
	Was Progress `json:"was"`
	Is  Progress `json:"is"`
}

// In names the step in a reader's language, "" for nothing ordered.
func (p Progress) In(l locale.Language) string {
	if p == NotOrdered {
		return ""
	}
	return texts.T(l, "progress."+string(p))
}

// Reflect notes how far the host has come, on an opportunity in any state; the state stays as it is. The
// same step again changes nothing.
func (o *Opportunities) Reflect(ctx context.Context, id ID, p Progress) (Opportunity, error) {
	return o.change(ctx, id, 0, func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error) {
		var faults fault.List
		if !slices.Contains(Progresses, p) {
			faults.Add("progress", "choice", "%.20q is no step; choose from %q", string(p), Progresses)
		}
		if err := faults.Err("the progress cannot be noted"); err != nil || p == row.Progress {
			return row, err
		}
		next := row
		next.Progress = p
		if err := s.Save(ctx, &row, &next); err != nil {
			return row, err
		}
		return next, event.Emit(ctx, s, event.Fact{
			Kind: EventProgressed, Record: next.ID.Bytes(), Version: next.Version,
			Payload: Progressed{Summary: next.summary(), Was: row.Progress, Is: next.Progress},
		})
	})
}

// Credit is how much of what the host invoiced or was to invoice its credit notes took back for good, gross, in the
// currency of its documents: Credited of Whole. The zero value is nothing.
type Credit struct {
	Credited money.Amount `json:"credited"`
	Whole    money.Amount `json:"whole"`
}

// creditRow keeps a credit beside its opportunity.
type creditRow struct {
	bun.BaseModel `bun:"table:crm_deal_credit,alias:deal_credit"`

	OpportunityID ID           `bun:"opportunity_id,pk"`
	Company       string       `bun:"company,type:nvarchar(40)"`
	Credited      money.Amount `bun:"credited"`
	Whole         money.Amount `bun:"whole"`
	NotedAt       time.Time    `bun:"noted_at"`
}

// ReflectCredit notes what credit notes took back of an opportunity that the caller holds the lock of. The same again
// changes nothing. It needs actor.OpportunityWrite.
func (o *Opportunities) ReflectCredit(ctx context.Context, id ID, c Credit) error {
	_, err := store.Write(ctx, o.db, actor.OpportunityWrite, func(ctx context.Context, s *store.Session) (struct{}, error) {
		if c.Credited.IsNegative() || c.Whole.Cmp(c.Credited) < 0 {
			return struct{}{}, fault.New(fault.Invalid, "%s of %s cannot be credited; it is between nothing and all", c.Credited, c.Whole)
		}
		var row Opportunity
		if err := s.Get(ctx, &row, id); err != nil {
			return struct{}{}, err
		}
		var rows []creditRow
		if err := s.Select(&rows).Where("deal_credit.opportunity_id = ?", id).Scan(ctx); err != nil {
			return struct{}{}, err
		}
		switch {
		case len(rows) == 0 && c.Credited.IsZero(), len(rows) > 0 && rows[0].Credited.Equal(c.Credited) && rows[0].Whole.Equal(c.Whole):
			return struct{}{}, nil
		case len(rows) == 0:
			return struct{}{}, s.InsertQuiet(ctx, &creditRow{OpportunityID: id, Credited: c.Credited, Whole: c.Whole, NotedAt: s.Now})
		}
		_, err := s.Exec(ctx, store.From[creditRow](""), "UPDATE crm_deal_credit SET credited = ?, whole = ?, noted_at = ? WHERE {scope} AND opportunity_id = ?", c.Credited, c.Whole, s.Now, id)
		return struct{}{}, err
	})
	return err
}
