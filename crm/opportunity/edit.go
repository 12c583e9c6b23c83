package opportunity

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Edit changes fields of an opportunity; nil leaves a field as it is.
type Edit struct {
	// Version is the one that was read; where the record is newer the edit fails with fault.Conflict
	// and names who changed what. 0 means whichever there is.
	Version   int64     `json:"version"`
	Name      *string   `json:"name"`
	Goal      *string   `json:"goal"`
	ContactID *party.ID `json:"contact_id"`
	// Chance in percent is set by hand; StageChance takes the stage's back.
	Chance      *money.Percent `json:"chance"`
	StageChance bool           `json:"stage_chance"`
	// ExpectedRevenue is set by hand; LineRevenue takes the sum of the lines back.
	ExpectedRevenue *money.Amount `json:"expected_revenue"`
	LineRevenue     bool          `json:"line_revenue"`
	// Currency can be changed while there are no lines.
	Currency      *string     `json:"currency"`
	ExpectedClose *civil.Date `json:"expected_close"`
	NextStepAt    *time.Time  `json:"next_step_at"`
	Source        *string     `json:"source"`
	Campaign      *string     `json:"campaign"`
	// Custom are values of custom fields, nil to clear one; fields that are not named stay.
	Custom map[string]any `json:"custom"`
}

// Edit changes fields. What was sold is frozen while the opportunity is closed: chance, revenue and
// currency then are refused.
func (o *Opportunities) Edit(ctx context.Context, id ID, e Edit) (Opportunity, error) {
	return o.change(ctx, id, e.Version, func(ctx context.Context, s *store.Session, row Opportunity) (Opportunity, error) {
		next := row
		set(&next.Name, trimmed(e.Name))
		set(&next.Goal, trimmed(e.Goal))
		set(&next.ExpectedClose, e.ExpectedClose)
		set(&next.Source, trimmed(e.Source))
		set(&next.Campaign, trimmed(e.Campaign))
		set(&next.ContactID, e.ContactID)
		if e.NextStepAt != nil {
			next.NextStepAt = store.UTC(*e.NextStepAt)
		}
		var faults fault.List
		if err := o.editContact(ctx, s, &faults, row, &next); err != nil {
			return row, err
		}
		if err := editMoney(ctx, s, &faults, e, &next); err != nil {
			return row, err
		}
		checkRecord(&faults, next)
		if err := faults.Err("the opportunity cannot be saved"); err != nil {
			return row, err
		}
		next.weigh()
		return next, o.saveEdit(ctx, s, row, &next, e.Custom)
	})
}

// editContact lets the whole team see a new contact.
func (o *Opportunities) editContact(ctx context.Context, s *store.Session, faults *fault.List, row Opportunity, next *Opportunity) error {
	if next.ContactID == row.ContactID || next.ContactID.IsZero() {
		return nil
	}
	var err error
	if next.ContactID, err = o.reach(ctx, s, faults, "contact_id", next.ContactID); err != nil || len(*faults) > 0 {
		return err
	}
	sellers, err := sellersOf(ctx, s, row.ID)
	if err != nil {
		return err
	}
	for _, seller := range sellers {
		if err := o.parties(s).Share(ctx, next.ContactID, seller.User); err != nil {
			return err
		}
	}
	return nil
}

// editMoney applies the chance, the revenue and the currency.
func editMoney(ctx context.Context, s *store.Session, faults *fault.List, e Edit, next *Opportunity) error {
	if e.Chance == nil && !e.StageChance && e.ExpectedRevenue == nil && !e.LineRevenue && e.Currency == nil {
		return nil
	}
	if closed := mustBeOpen(*next); len(closed) > 0 {
		faults.Merge("", closed)
		return nil
	}
	if e.Chance != nil && e.StageChance {
		faults.Add("chance", "choice", "is given and asked of the stage; do one of them")
	}
	if e.ExpectedRevenue != nil && e.LineRevenue {
		faults.Add("expected_revenue", "choice", "is given and asked of the lines; do one of them")
	}
	lines, err := linesOf(ctx, s, next.ID)
	if err != nil {
		return err
	}
	if e.Currency != nil && *e.Currency != next.Currency {
		next.Currency = *e.Currency
		if len(lines) > 0 {
			faults.Add("currency", "currency.lines", "the lines are priced in the old currency; remove them first, then price them anew")
		}
	}
	if e.Chance != nil {
		next.Chance, next.ChanceManual = *e.Chance, true
	}
	if e.StageChance {
		var st Stage
		if err := s.Get(ctx, &st, next.StageID); err != nil {
			return err
		}
		next.Chance, next.ChanceManual = st.Chance, false
	}
	if e.ExpectedRevenue != nil || e.LineRevenue {
		next.ExpectedRevenue, next.RevenueManual = revenue(faults, e.ExpectedRevenue, lines), e.ExpectedRevenue != nil
	}
	return nil
}

func (o *Opportunities) saveEdit(ctx context.Context, s *store.Session, row Opportunity, next *Opportunity, custom map[string]any) error {
	save := s.Save
	if len(custom) > 0 {
		save = func(ctx context.Context, before, after any) error {
			return keep(ctx, s, before.(*Opportunity), after.(*Opportunity))
		}
	}
	if err := save(ctx, &row, next); err != nil {
		return err
	}
	if next.Version == row.Version {
		return nil // nothing differed
	}
	if err := s.ChangeCustom(ctx, store.CustomRecord{Kind: recordKind, ID: row.ID.Bytes(), Version: next.Version}, custom); err != nil {
		return err
	}
	fields := changedFields(row, *next)
	if len(custom) > 0 {
		fields = append(fields, "custom")
	}
	return emit(ctx, s, EventChanged, *next, Changed{Summary: next.summary(), Fields: fields})
}

// changedFields names the fields of the record that differ.
func changedFields(a, b Opportunity) []string {
	var fields []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"name", a.Name == b.Name}, {"goal", a.Goal == b.Goal}, {"contact_id", a.ContactID == b.ContactID},
		{"chance", a.Chance.Equal(b.Chance)}, {"expected_revenue", a.ExpectedRevenue.Equal(b.ExpectedRevenue)},
		{"currency", a.Currency == b.Currency}, {"expected_close", a.ExpectedClose == b.ExpectedClose},
		{"next_step_at", a.NextStepAt.Equal(b.NextStepAt)}, {"source", a.Source == b.Source}, {"campaign", a.Campaign == b.Campaign},
		{"owner_user", a.OwnerUser == b.OwnerUser}, {"owner_team", a.OwnerTeam == b.OwnerTeam},
	} {
		if !f.same {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// mustBeOpen is a fault where the opportunity is closed.
func mustBeOpen(row Opportunity) fault.List {
	var faults fault.List
	if row.State != Open {
		faults.Add("state", "state.closed", "it was closed as %s at %s UTC; reopen it first", row.State, row.ClosedAt.Format("2006-01-02 15:04"))
	}
	return faults
}
