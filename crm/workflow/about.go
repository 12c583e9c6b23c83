package workflow

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

// table is where the records of a noun are.
type table struct {
	from store.Source
	// text is the table with what is joined to it; under the aliases r and p.
	text string
	// columns are id, party_id, opportunity_id, name, owner_user and owner_team.
	columns string
	// stands is which of them are still somebody or something, newest the column by which the latest are found.
	stands, newest string
}

var tables = map[leadrule.Noun]table{
	leadrule.Lead: {
		store.From[lead.Lead]("r"), "crm_lead AS r JOIN crm_party AS p ON p.id = r.party_id",
		"r.id, r.party_id, NULL AS opportunity_id, p.name, r.owner_user, r.owner_team", "r.merged_into IS NULL", "r.arrived_at",
	},
	leadrule.Opportunity: {
		store.From[opportunity.Opportunity]("r"), "crm_opportunity AS r",
		"r.id, r.party_id, r.id AS opportunity_id, r.name, r.owner_user, r.owner_team", "1 = 1", "r.created_at",
	},
	leadrule.Quote: {
		store.From[quote.Quote]("r"), "crm_quote AS r",
		"r.id, r.party_id, r.opportunity_id, r.number + ' ' + r.title AS name, r.owner_user, r.owner_team", "1 = 1", "r.created_at",
	},
	leadrule.Party: {
		store.From[party.Party]("r"), "crm_party AS r",
		"r.id, r.id AS party_id, NULL AS opportunity_id, r.name, r.owner_user, r.owner_team", "r.merged_into IS NULL AND r.erased_at IS NULL", "r.sort_key",
	},
}

// Record is a record that a rule is about.
type Record struct {
	ID            RecordID       `json:"id" bun:"id"`
	PartyID       party.ID       `json:"party_id" bun:"party_id"`
	OpportunityID opportunity.ID `json:"-" bun:"opportunity_id"`
	Name          string         `json:"name" bun:"name"`
	OwnerUser     string         `json:"owner_user" bun:"owner_user"`
	OwnerTeam     string         `json:"owner_team" bun:"owner_team"`
}

// records reads records by their keys, at most 500 of them; those that are gone are left out.
func records(ctx context.Context, s *store.Session, noun leadrule.Noun, ids []RecordID) (map[RecordID]Record, error) {
	out := make(map[RecordID]Record, len(ids))
	t, known := tables[noun]
	if len(ids) == 0 || !known {
		return out, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	var rows []Record
	columns := t.columns
	if s.Dialect() == store.SQLite {
		columns = strings.ReplaceAll(columns, " + ", " || ")
	}
	err := s.Query(ctx, &rows, t.from, "SELECT "+columns+" FROM "+t.text+" WHERE {scope} AND "+t.stands+" AND r.id IN ("+store.In(len(args))+")", args...)
	for _, r := range rows {
		r.Name = strings.TrimSpace(r.Name)
		out[r.ID] = r
	}
	return out, err
}

// task is what all actions of a run are told.
func (w *Workflows) task(s *store.Session, run Run, one *ready, about Record) event.Task {
	t := event.Task{
		Rule: one.Name, Noun: string(run.Noun), Record: run.RecordID, Party: about.PartyID, Opportunity: about.OpportunityID,
		Name: about.Name, Owner: about.OwnerUser, Team: about.OwnerTeam, Locale: w.config.Locales(s.Actor.Company),
	}
	if w.config.Link != nil {
		t.Link = w.config.Link(s.Actor.Company, t.Noun, run.RecordID)
	}
	t.Read = func(ctx context.Context, paths []string) (func(string, locale.Language) string, error) {
		found, err := w.read(ctx, s, run, one, about, paths)
		return func(path string, l locale.Language) string {
			in := t.Locale
			in.Language = l
			return found[path].text(in)
		}, err
	}
	t.Who = func(ctx context.Context, colleague string) (string, error) {
		named, isUser := strings.CutPrefix(colleague, event.User)
		switch {
		case isUser:
			return named, nil
		case colleague != event.Manager:
			return about.OwnerUser, nil
		case w.config.Staff == nil || about.OwnerUser == "":
			return "", nil
		}
		u, err := w.config.Staff(ctx, s, about.OwnerUser)
		if fault.CodeOf(err) == fault.NotFound {
			return "", nil
		}
		return u.Manager, err
	}
	t.Reach = func(ctx context.Context, addressee string) (event.Contact, error) {
		if addressee == event.Customer {
			var p party.Party
			err := s.Get(ctx, &p, about.PartyID)
			return event.Contact{Name: p.DisplayName, Greeting: p.Greeting, Email: p.Email, Mobile: cmp.Or(p.Mobile, p.Phone), Language: cmp.Or(p.Language, t.Locale.Language)}, err
		}
		user, err := t.Who(ctx, addressee)
		to := event.Contact{User: user, Language: t.Locale.Language}
		if err != nil || user == "" || w.config.Staff == nil {
			return to, err
		}
		u, err := w.config.Staff(ctx, s, user)
		if fault.CodeOf(err) == fault.NotFound {
			err = nil
		}
		to.Name, to.Email = u.Name, u.Email
		name := party.ParseName(u.Name, t.Locale.Language)
		to.Greeting = func(l locale.Language) string { return name.Salutation(l, name.Gender(), party.Formal) }
		if err == nil && w.config.Language != nil {
			var own locale.Language
			own, err = w.config.Language(ctx, s, user)
			to.Language = cmp.Or(own, to.Language)
		}
		return to, err
	}
	return t
}

// shown is a value as people read it.
func shown(value any, l locale.Locale) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return Texts.T(l.Language, "yes")
		}
		return Texts.T(l.Language, "no")
	case decimal.Decimal:
		return l.Language.Quantity(v)
	case civil.Date:
		return l.Language.Date(v)
	case time.Time:
		return l.DateTime(v)
	case []rule.Values:
		return fmt.Sprintf("× %d", len(v))
	}
	return fmt.Sprint(value)
}

// Texts are the words that are filled into texts.
var Texts = locale.Texts{
	"yes": locale.Row("igen", "yes", "כן", "да", "ναι"),
	"no":  locale.Row("nem", "no", "לא", "нет", "όχι"),
}
