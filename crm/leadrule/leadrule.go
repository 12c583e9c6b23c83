// Package leadrule says what conditions about leads can speak of: the lead, the person or company it is, where it
// came from, and what was done with it since. Routing and scoring share it, so that a condition that was tried in
// one place means the same in the other. [Terms.About] says the like of opportunities, quotes, and persons and companies.
package leadrule

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Terms makes environments. It is safe for many goroutines.
type Terms struct {
	locales func(company string) locale.Locale
	lists   []rule.List
}

// New makes the terms of all companies. Lists are further ones of parties, with [rule.List.Key] referring to a party:
// what campaigns sent, what the host sold. Each of them counts for the leads of the party.
func New(locales func(company string) locale.Locale, lists ...rule.List) *Terms {
	return &Terms{locales: locales, lists: lists}
}

// Environment gives what conditions of the session's company can speak of, with its custom fields.
func (t *Terms) Environment(ctx context.Context, s *store.Session) (*rule.Environment, error) {
	custom, err := s.EachKind(ctx)
	if err != nil {
		return nil, err
	}
	return environment(custom, t.lists)
}

// At is the moment of a session, with the company's days.
func (t *Terms) At(s *store.Session) rule.At {
	return rule.At{Now: s.Now, Zone: t.locales(s.Actor.Company).Location()}
}

var subject = rule.Subject{
	Source: store.From[lead.Lead]("lead"), Key: "lead.id",
	From: "crm_lead AS lead JOIN crm_party AS party ON party.id = lead.party_id",
}

func environment(custom map[string][]store.CustomField, lists []rule.List) (*rule.Environment, error) {
	records := []rule.Record{
		{Name: "lead", Doc: "The lead.", Fields: append(leadFields(), rule.Custom("lead.id", custom["lead"])...)},
		{Name: "party", Doc: "The person or company.", Fields: append(partyFields(), rule.Custom("party.id", custom["party"])...)},
		{Name: "behaviour", Doc: "What it did.", Fields: []rule.Field{
			{Name: "touches", Kind: rule.Number, Doc: "how often it came in", Is: `count(touches, true)`},
			{Name: "last_touch_at", Kind: rule.Moment, Doc: "when it came in last", Is: `max(map(touches, .at))`},
			{Name: "last_contact_at", Kind: rule.Moment, Doc: "when somebody called, met or wrote last", Is: `max(map(filter(activities, .contact), .at))`},
		}},
	}
	all := []rule.List{touches(), activities(custom), opportunities(custom), quotes(custom)}
	for _, l := range lists {
		all = append(all, ofLeads(l))
	}
	return rule.NewEnvironment(subject, records, all)
}

func leadFields() []rule.Field {
	statuses := make([]string, len(lead.Statuses))
	for i, s := range lead.Statuses {
		statuses[i] = string(s)
	}
	return []rule.Field{
		{Name: "status", Kind: rule.Text, Doc: "the status", Column: "lead.status", Choices: statuses},
		{Name: "source", Kind: rule.Text, Doc: "the source of its first touch, in small letters", Column: "lead.source"},
		{Name: "medium", Kind: rule.Text, Doc: "the medium of its first touch, in small letters", Column: "lead.medium"},
		{Name: "campaign", Kind: rule.Text, Doc: "the campaign of its first touch", Column: "lead.campaign"},
		{Name: "interest", Kind: rule.Text, Doc: "what is wanted, in the lead's words", Column: "lead.interest", Shown: true},
		{Name: "organization", Kind: rule.Text, Doc: "the company's name as it came with the lead", Column: "lead.organization", Shown: true},
		{Name: "value", Kind: rule.Number, Doc: "the expected value, in lead.currency", Column: "lead.expected_value", Places: 4},
		{Name: "currency", Kind: rule.Text, Doc: "the currency, ISO 4217", Column: "lead.currency"},
		{Name: "score", Kind: rule.Number, Doc: "the score", Column: "lead.score"},
		{Name: "owner", Kind: rule.Text, Doc: "the host's key of the user who works on it", Column: "lead.owner_user"},
		{Name: "team", Kind: rule.Text, Doc: "the host's key of that user's team", Column: "lead.owner_team"},
		{Name: "imported", Kind: rule.YesNo, Doc: "whether a file brought it", Column: "CASE WHEN lead.import_id IS NULL THEN 0 ELSE 1 END"},
		{Name: "arrived_at", Kind: rule.Moment, Doc: "when it came in", Column: "lead.arrived_at"},
		{Name: "answered_at", Kind: rule.Moment, Doc: "when it was first answered", Column: "lead.first_response_at", Optional: true},
	}
}

func partyFields() []rule.Field {
	return []rule.Field{
		{Name: "kind", Kind: rule.Text, Doc: "what it is", Column: "party.kind", Choices: []string{string(party.Person), string(party.Company)}},
		{Name: "name", Kind: rule.Text, Doc: "the whole name", Column: "party.name", Shown: true},
		{Name: "title", Kind: rule.Text, Doc: "the title before the name", Column: "party.title", Shown: true},
		{Name: "language", Kind: rule.Text, Doc: "the language it is written to in: hu, en, he, ru, el", Column: "party.language"},
		{Name: "birth_date", Kind: rule.Date, Doc: "the date of birth", Column: "party.birth_date", Optional: true},
		{Name: "email", Kind: rule.Text, Doc: "the first e-mail address", Column: "party.email", Shown: true},
		{Name: "phone", Kind: rule.Text, Doc: "the phone, as +36301234567", Column: "party.phone", Shown: true},
		{Name: "mobile", Kind: rule.Text, Doc: "the mobile phone, as +36301234567", Column: "party.mobile", Shown: true},
		{Name: "job_title", Kind: rule.Text, Doc: "the position", Column: "party.job_title", Shown: true},
		{Name: "tax_id", Kind: rule.Text, Doc: "the tax id with its country: HU12345676", Column: "party.tax_id", Shown: true},
		{Name: "country", Kind: rule.Text, Doc: "the country, ISO 3166-1: HU", Column: "party.country"},
		{Name: "region", Kind: rule.Text, Doc: "the region or county", Column: "party.region", Shown: true},
		{Name: "city", Kind: rule.Text, Doc: "the city", Column: "party.city", Shown: true},
		{Name: "postal_code", Kind: rule.Text, Doc: "the postal code", Column: "party.postal_code", Shown: true},
		{Name: "owner", Kind: rule.Text, Doc: "the host's key of the user who looks after it", Column: "party.owner_user"},
		{Name: "customer", Kind: rule.YesNo, Doc: "whether it is a customer of the host", Column: "CASE WHEN EXISTS (SELECT 1 FROM crm_role AS role WHERE role.party_id = party.id AND role.role = 'customer') THEN 1 ELSE 0 END"},
	}
}

func touches() rule.List {
	return rule.List{
		Name: "touches", Doc: "how the lead came in, each time", From: "crm_touch AS touch", Key: "touch.lead_id", Company: "touch.company",
		Fields: []rule.Field{
			{Name: "at", Kind: rule.Moment, Doc: "when", Column: "touch.at"},
			{Name: "channel", Kind: rule.Text, Doc: "the way: form, hand, file, card, email, phone, ad, host, meeting, other", Column: "touch.channel"},
			{Name: "source", Kind: rule.Text, Doc: "the source, in small letters", Column: "touch.source"},
			{Name: "medium", Kind: rule.Text, Doc: "the medium, in small letters", Column: "touch.medium"},
			{Name: "campaign", Kind: rule.Text, Doc: "the campaign", Column: "touch.campaign"},
			{Name: "page", Kind: rule.Text, Doc: "the page of the form", Column: "touch.page", Shown: true},
		},
	}
}

// ofParty is the table of a list of parties with the leads that its rows count for.
func ofParty(table, column string) string {
	return table + " JOIN crm_lead AS of_lead ON of_lead.party_id = " + column
}

func activities(custom map[string][]store.CustomField) rule.List {
	return rule.List{
		Name: "activities", Doc: "what was done, and what is planned, with the person or company", From: ofParty("crm_activity AS activity", "activity.party_id"), Key: "of_lead.id", Company: "activity.company",
		Fields: append([]rule.Field{
			{Name: "at", Kind: rule.Moment, Doc: "when it was, or will be", Column: "activity.at"},
			{Name: "kind", Kind: rule.Text, Doc: "the kind: call, meeting, task, note, file, mail, letter ...", Column: "activity.kind"},
			{Name: "state", Kind: rule.Text, Doc: "the state: planned, done ...", Column: "activity.state"},
			{Name: "direction", Kind: rule.Text, Doc: "in, out, or empty", Column: "activity.direction"},
			{Name: "subject", Kind: rule.Text, Doc: "the subject", Column: "activity.subject", Shown: true},
			{Name: "contact", Kind: rule.YesNo, Doc: "whether it was a human contact, by us or them", Column: "CASE WHEN activity.state = 'done' AND activity.kind IN ('call', 'meeting', 'mail', 'letter') THEN 1 ELSE 0 END"},
			{Name: "reply", Kind: rule.YesNo, Doc: "whether they wrote or called", Column: "CASE WHEN activity.state = 'done' AND activity.kind IN ('call', 'mail', 'letter') AND activity.direction = 'in' THEN 1 ELSE 0 END"},
		}, rule.Custom("activity.id", custom["activity"])...),
	}
}

func opportunities(custom map[string][]store.CustomField) rule.List {
	return rule.List{
		Name: "opportunities", Doc: "the opportunities of the person or company", From: ofParty("crm_opportunity AS opportunity", "opportunity.party_id"), Key: "of_lead.id", Company: "opportunity.company",
		Fields: append([]rule.Field{
			{Name: "at", Kind: rule.Moment, Doc: "when it was opened", Column: "opportunity.created_at"},
			{Name: "state", Kind: rule.Text, Doc: "the state", Column: "opportunity.state", Choices: []string{"open", "won", "lost"}},
			{Name: "revenue", Kind: rule.Number, Doc: "the expected revenue, net, in .currency", Column: "opportunity.expected_revenue", Places: 4},
			{Name: "currency", Kind: rule.Text, Doc: "the currency, ISO 4217", Column: "opportunity.currency"},
		}, rule.Custom("opportunity.id", custom["opportunity"])...),
	}
}

func quotes(custom map[string][]store.CustomField) rule.List {
	return rule.List{
		Name: "quotes", Doc: "the quotes of the person or company", From: ofParty("crm_quote AS quote", "quote.party_id"), Key: "of_lead.id", Company: "quote.company",
		Fields: append([]rule.Field{
			{Name: "at", Kind: rule.Moment, Doc: "when it was begun", Column: "quote.created_at"},
			{Name: "state", Kind: rule.Text, Doc: "the state", Column: "quote.state", Choices: []string{"draft", "issued", "accepted", "declined", "expired", "superseded", "withdrawn"}},
			{Name: "net", Kind: rule.Number, Doc: "the net total, in .currency", Column: "quote.net", Places: 4},
			{Name: "currency", Kind: rule.Text, Doc: "the currency, ISO 4217", Column: "quote.currency"},
		}, rule.Custom("quote.id", custom["quote"])...),
	}
}

// ofLeads turns a list of parties into one of leads.
func ofLeads(l rule.List) rule.List {
	if l.From != "" {
		l.From, l.Key, l.Own = ofParty(l.From, l.Key), "of_lead.id", ""
		return l
	}
	load := l.Load
	l.Load = func(ctx context.Context, s *store.Session, leads [][16]byte) (map[[16]byte][]rule.Values, error) {
		of, parties, err := partiesOf(ctx, s, leads)
		if err != nil || len(parties) == 0 {
			return nil, err
		}
		found, err := load(ctx, s, parties)
		if err != nil {
			return nil, err
		}
		out := make(map[[16]byte][]rule.Values, len(of))
		for id, p := range of {
			out[id] = found[p]
		}
		return out, nil
	}
	return l
}

func partiesOf(ctx context.Context, s *store.Session, leads [][16]byte) (map[[16]byte][16]byte, [][16]byte, error) {
	var rows []struct {
		ID      lead.ID  `bun:"id"`
		PartyID party.ID `bun:"party_id"`
	}
	args := make([]any, len(leads))
	for i := range leads {
		args[i] = leads[i][:]
	}
	err := s.Query(ctx, &rows, store.From[lead.Lead]("lead"), "SELECT lead.id, lead.party_id FROM crm_lead AS lead WHERE {scope} AND lead.id IN ("+store.In(len(args))+")", args...)
	of, seen, parties := map[[16]byte][16]byte{}, map[[16]byte]bool{}, [][16]byte(nil)
	for _, r := range rows {
		of[r.ID] = r.PartyID
		if !seen[r.PartyID] {
			seen[r.PartyID] = true
			parties = append(parties, r.PartyID)
		}
	}
	return of, parties, err
}

// Refused are the faults of a condition as those of the field at path; their words say the place in the condition.
func Refused(path string, err error) fault.List {
	var out fault.List
	for _, f := range fault.Of(err) {
		out.Add(path, f.Code, "%s", f.Message)
	}
	return out
}

// Check names what is wrong with the lists that were given.
func (t *Terms) Check() error {
	_, err := environment(nil, t.lists)
	return err
}
