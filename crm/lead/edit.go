package lead

import (
	"context"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Patch is a change to a lead; nil fields stay as they are.
type Patch struct {
	Interest      *string
	ExpectedValue *money.Amount
	Currency      *string
	// Source, Medium and Campaign correct those of the first touch.
	Source, Medium, Campaign *string
	ExternalID               *string
	// Organization names the company: one we know, or a new one. "" takes the link away.
	Organization *string
	// Party replaces what is known of the person or company, PartyVersion is the version that was
	// read; see party.Parties.Change.
	Party        *party.Draft
	PartyVersion int64
	// Custom sets custom fields by name; nil values clear.
	Custom map[string]any
}

// Edit changes a lead and its party in one go. version is the lead's that was read; an older one is
// fault.Conflict naming who changed what.
func (l *Leads) Edit(ctx context.Context, id ID, version int64, patch Patch) (Lead, error) {
	return l.change(ctx, id, opening{actor.LeadWrite, version}, func(ctx context.Context, s *store.Session, was Lead) (Lead, error) {
		next := was
		if err := patch.apply(&next); err != nil {
			return Lead{}, err
		}
		return l.In(s).edit(ctx, s, was, next, patch)
	})
}

// apply sets the lead's own fields and collects what is wrong with them.
func (p Patch) apply(next *Lead) error {
	var faults fault.List
	for _, f := range []struct {
		path     string
		from, to *string
		limit    int
	}{
		{"source", p.Source, &next.Source, 60}, {"medium", p.Medium, &next.Medium, 60}, {"campaign", p.Campaign, &next.Campaign, 80},
		{"external_id", p.ExternalID, &next.ExternalID, 80}, {"organization", p.Organization, &next.Organization, 240},
	} {
		if f.from == nil {
			continue
		}
		*f.to = party.Clean(*f.from, f.limit+1)
		if len(fit(*f.to, f.limit)) < len(*f.to) {
			faults.Add(f.path, "text.length", "is longer than %d characters; shorten it", f.limit)
		}
	}
	next.Source, next.Medium = strings.ToLower(next.Source), strings.ToLower(next.Medium)
	if p.Interest != nil {
		next.Interest = cleanText(*p.Interest, interestLimit)
	}
	if p.ExpectedValue != nil {
		next.ExpectedValue = *p.ExpectedValue
		if _, err := next.ExpectedValue.Scaled(); err != nil {
			faults.Add("expected_value", "number.large", "%s", err)
		} else if next.ExpectedValue.IsNegative() {
			faults.Add("expected_value", "negative", "is %s; an expected value cannot be below zero", next.ExpectedValue)
		}
	}
	if p.Currency != nil {
		next.Currency = strings.ToUpper(strings.TrimSpace(*p.Currency))
		if !money.ValidCurrency(next.Currency) {
			faults.Add("currency", "currency.form", "%q is no currency; give a code such as EUR", party.Clean(next.Currency, 20))
		}
	}
	return faults.Err("the change cannot be saved")
}

func (l *Leads) edit(ctx context.Context, s *store.Session, was, next Lead, patch Patch) (Lead, error) {
	if patch.Party != nil {
		restore := widen(s) // the party of a lead is seen and changed with the lead
		_, err := l.parties.Change(ctx, next.PartyID, patch.PartyVersion, *patch.Party)
		restore()
		if err != nil {
			return Lead{}, err
		}
	}
	if patch.Organization != nil && next.Organization != was.Organization {
		if err := l.reorganize(ctx, s, &next); err != nil {
			return Lead{}, err
		}
	}
	if err := s.Save(ctx, &was, &next); err != nil {
		return Lead{}, err
	}
	if next.Version == was.Version {
		if patch.Party == nil && len(patch.Custom) == 0 {
			return next, nil
		}
		if err := s.Touch(ctx, &next); err != nil {
			return Lead{}, err
		}
	}
	if len(patch.Custom) > 0 {
		if err := s.ChangeCustom(ctx, store.CustomRecord{Kind: customKind, ID: next.ID[:], Version: next.Version}, patch.Custom); err != nil {
			return Lead{}, err
		}
	}
	return next, event.Emit(ctx, s, event.Fact{Kind: EventChanged, Record: next.ID[:], Version: next.Version, Payload: ChangedFact{Party: next.PartyID}})
}

// reorganize links the lead and its person to the company that is now named.
func (l *Leads) reorganize(ctx context.Context, s *store.Session, next *Lead) error {
	restore := widen(s)
	defer restore()
	who, err := l.parties.Get(ctx, next.PartyID)
	if err != nil {
		return err
	}
	if who.Kind == party.Company {
		return fault.New(fault.Invalid, "the lead is a company itself; change its name in the party")
	}
	if next.Organization == "" {
		next.OrganizationID = party.ID{}
		return l.parties.Employ(ctx, who.ID, party.ID{})
	}
	firm, faults := party.Prepare(party.Draft{Kind: party.Company, FullName: next.Organization, Language: who.Language, Owner: next.Owner()}, l.parties.LocaleOf(s))
	if err := fault.List(faults).Err("the company cannot be saved"); err != nil {
		return err
	}
	found, err := l.parties.FindCompanies(ctx, []*party.Prepared{&firm})
	if err != nil {
		return err
	}
	if next.OrganizationID = found[0]; found[0].IsZero() {
		if err := l.parties.AddPrepared(ctx, &firm); err != nil {
			return err
		}
		next.OrganizationID = firm.Party.ID
	}
	return l.parties.Employ(ctx, who.ID, next.OrganizationID)
}
