package segment

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Environment gives what conditions of the actor's company can speak of, with its custom fields.
func (g *Segments) Environment(ctx context.Context) (*rule.Environment, error) {
	return store.Read(ctx, g.db, Read, g.environment)
}

func (g *Segments) environment(ctx context.Context, s *store.Session) (*rule.Environment, error) {
	custom, err := s.EachKind(ctx)
	if err != nil {
		return nil, err
	}
	depth, err := aliasDepth(ctx, s)
	if err != nil {
		return nil, err
	}
	return environment(surroundings{locale: g.config.Locales(s.Actor.Company), custom: custom, aliases: depth}, g.config.Lists)
}

// surroundings are what differs between environments.
type surroundings struct {
	locale  locale.Locale
	custom  map[string][]store.CustomField
	aliases int
}

func environment(around surroundings, lists []rule.List) (*rule.Environment, error) {
	custom := around.custom
	records := []rule.Record{
		{Name: "party", Doc: "The person or company.", Fields: append(partyFields(), rule.Custom("party.id", custom["party"])...)},
		{Name: "opportunity", Doc: "Its opportunities together.", Fields: opportunitySums(around.locale.Currency)},
		{Name: "quote", Doc: "Its quotes together.", Fields: []rule.Field{
			{Name: "open", Kind: rule.Number, Doc: "how many quotes wait for an answer", Is: `count(quotes, .state == "issued")`},
			{Name: "last_issued_at", Kind: rule.Moment, Doc: "when a quote was issued last", Is: `max(map(quotes, .issued_at))`},
		}},
		{Name: "activity", Doc: "What was done with it.", Fields: []rule.Field{
			{Name: "last_contact_at", Kind: rule.Moment, Doc: "when somebody called, met or wrote last", Is: `max(map(filter(activities, .state == "done" and .kind in ["call", "meeting", "mail", "letter"]), .at))`},
			{Name: "open", Kind: rule.Number, Doc: "how many activities are planned", Is: `count(activities, .open)`},
		}},
	}
	own := []rule.List{leads(custom["lead"]), opportunities(custom["opportunity"]), quotes(custom["quote"]), activities(custom["activity"]), roles()}
	all := append(own, lists...)
	for i := range all {
		all[i] = ofSurvivors(all[i], around.aliases)
	}
	return rule.NewEnvironment(subject, records, all)
}

// subject is a party: whichever was merged or erased is nobody any more.
var subject = rule.Subject{Source: store.From[party.Party]("party"), From: "crm_party AS party", Key: "party.id", Aliases: aliases}

// stands leaves out parties that are nobody any more.
const stands = "party.merged_into IS NULL AND party.erased_at IS NULL"

func partyFields() []rule.Field {
	return []rule.Field{
		{Name: "kind", Kind: rule.Text, Doc: "what it is", Column: "party.kind", Choices: []string{string(party.Person), string(party.Company)}},
		{Name: "name", Kind: rule.Text, Doc: "the whole name", Column: "party.name", Shown: true},
		{Name: "given", Kind: rule.Text, Doc: "the given name", Column: "party.given", Shown: true},
		{Name: "family", Kind: rule.Text, Doc: "the family name", Column: "party.family", Shown: true},
		{Name: "title", Kind: rule.Text, Doc: "the title before the name", Column: "party.title", Shown: true},
		{Name: "gender", Kind: rule.Text, Doc: "f, m, or empty where it is not known", Column: "party.gender"},
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
		{Name: "team", Kind: rule.Text, Doc: "the host's key of that user's team", Column: "party.owner_team"},
		{Name: "created_at", Kind: rule.Moment, Doc: "when it was first known", Column: "party.created_at"},
		{Name: "customer", Kind: rule.YesNo, Doc: "whether it is a customer of the host", Is: `any(roles, .role == "customer")`},
		{Name: "lead", Kind: rule.YesNo, Doc: "whether it ever was a lead", Is: `any(leads, true)`},
	}
}

func opportunitySums(currency string) []rule.Field {
	fields := []rule.Field{
		{Name: "open", Kind: rule.Number, Doc: "how many opportunities are open", Is: `count(opportunities, .state == "open")`},
		{Name: "won", Kind: rule.Number, Doc: "how many opportunities were won", Is: `count(opportunities, .state == "won")`},
		{Name: "last_won_at", Kind: rule.Moment, Doc: "when one was won last", Is: `max(map(filter(opportunities, .state == "won"), .closed_at))`},
	}
	if currency != "" {
		fields = append(fields, rule.Field{
			Name: "won_sum", Kind: rule.Number, Doc: "the revenue of those that were won, net, in " + currency + "; ask sum(...) for other currencies",
			Is: fmt.Sprintf(`sum(filter(opportunities, .state == "won" and .currency == %q), .revenue)`, currency),
		})
	}
	return fields
}

func leads(custom []store.CustomField) rule.List {
	return rule.List{
		Name: "leads", Doc: "the leads of the party", From: "crm_lead AS lead", Key: "lead.party_id", Company: "lead.company", Where: "lead.merged_into IS NULL",
		Fields: append([]rule.Field{
			{Name: "status", Kind: rule.Text, Doc: "the status", Column: "lead.status", Choices: statuses()},
			{Name: "source", Kind: rule.Text, Doc: "the source of its first touch, in small letters", Column: "lead.source"},
			{Name: "medium", Kind: rule.Text, Doc: "the medium of its first touch, in small letters", Column: "lead.medium"},
			{Name: "campaign", Kind: rule.Text, Doc: "the campaign of its first touch", Column: "lead.campaign"},
			{Name: "interest", Kind: rule.Text, Doc: "what is wanted, in the lead's words", Column: "lead.interest", Shown: true},
			{Name: "organization", Kind: rule.Text, Doc: "the company's name as it came with the lead", Column: "lead.organization", Shown: true},
			{Name: "score", Kind: rule.Number, Doc: "the score", Column: "lead.score"},
			{Name: "value", Kind: rule.Number, Doc: "the expected value, in .currency", Column: "lead.expected_value", Places: 4},
			{Name: "currency", Kind: rule.Text, Doc: "the currency, ISO 4217", Column: "lead.currency"},
			{Name: "owner", Kind: rule.Text, Doc: "the host's key of the user who works on it", Column: "lead.owner_user"},
			{Name: "team", Kind: rule.Text, Doc: "the host's key of that user's team", Column: "lead.owner_team"},
			{Name: "arrived_at", Kind: rule.Moment, Doc: "when it came in", Column: "lead.arrived_at"},
			{Name: "assigned_at", Kind: rule.Moment, Doc: "when it was given to somebody", Column: "lead.assigned_at", Optional: true},
			{Name: "answered_at", Kind: rule.Moment, Doc: "when it was first answered", Column: "lead.first_response_at", Optional: true},
			{Name: "converted_at", Kind: rule.Moment, Doc: "when it became a customer or opportunity", Column: "lead.converted_at", Optional: true},
		}, rule.Custom("lead.id", custom)...),
	}
}

func statuses() []string {
	all := make([]string, len(lead.Statuses))
	for i, s := range lead.Statuses {
		all[i] = string(s)
	}
	return all
}

func opportunities(custom []store.CustomField) rule.List {
	return rule.List{
		Name: "opportunities", Doc: "the opportunities of the party", From: "crm_opportunity AS opportunity", Key: "opportunity.party_id", Company: "opportunity.company",
		Fields: append([]rule.Field{
			{Name: "state", Kind: rule.Text, Doc: "the state", Column: "opportunity.state", Choices: []string{"open", "won", "lost"}},
			{Name: "name", Kind: rule.Text, Doc: "the name", Column: "opportunity.name", Shown: true},
			{Name: "stage", Kind: rule.Text, Doc: "the name of the stage", Column: "(SELECT stage.name FROM crm_stage AS stage WHERE stage.id = opportunity.stage_id)", Shown: true},
			{Name: "pipeline", Kind: rule.Text, Doc: "the name of the pipeline", Column: "(SELECT pipeline.name FROM crm_pipeline AS pipeline WHERE pipeline.id = opportunity.pipeline_id)", Shown: true},
			{Name: "chance", Kind: rule.Number, Doc: "the chance in percent, 0 to 100", Column: "opportunity.chance", Places: 4},
			{Name: "revenue", Kind: rule.Number, Doc: "the expected revenue, net, in .currency", Column: "opportunity.expected_revenue", Places: 4},
			{Name: "currency", Kind: rule.Text, Doc: "the currency, ISO 4217", Column: "opportunity.currency"},
			{Name: "source", Kind: rule.Text, Doc: "the source of the lead it came from", Column: "opportunity.source"},
			{Name: "campaign", Kind: rule.Text, Doc: "the campaign of the lead it came from", Column: "opportunity.campaign"},
			{Name: "owner", Kind: rule.Text, Doc: "the host's key of the seller", Column: "opportunity.owner_user"},
			{Name: "lost_to", Kind: rule.Text, Doc: "the competitor who won", Column: "opportunity.lost_to", Shown: true},
			{Name: "expected_close", Kind: rule.Date, Doc: "when it should be decided", Column: "opportunity.expected_close", Optional: true},
			{Name: "created_at", Kind: rule.Moment, Doc: "when it was opened", Column: "opportunity.created_at"},
			{Name: "closed_at", Kind: rule.Moment, Doc: "when it was won or lost", Column: "opportunity.closed_at", Optional: true},
		}, rule.Custom("opportunity.id", custom)...),
	}
}

func quotes(custom []store.CustomField) rule.List {
	return rule.List{
		Name: "quotes", Doc: "the quotes of the party", From: "crm_quote AS quote", Key: "quote.party_id", Company: "quote.company",
		Fields: append([]rule.Field{
			{Name: "state", Kind: rule.Text, Doc: "the state", Column: "quote.state", Choices: []string{"draft", "issued", "accepted", "declined", "expired", "superseded", "withdrawn"}},
			{Name: "number", Kind: rule.Text, Doc: "the number", Column: "quote.number", Shown: true},
			{Name: "language", Kind: rule.Text, Doc: "the language", Column: "quote.language"},
			{Name: "currency", Kind: rule.Text, Doc: "the currency, ISO 4217", Column: "quote.currency"},
			{Name: "net", Kind: rule.Number, Doc: "the net total, in .currency", Column: "quote.net", Places: 4},
			{Name: "owner", Kind: rule.Text, Doc: "the host's key of the seller", Column: "quote.owner_user"},
			{Name: "valid_until", Kind: rule.Date, Doc: "the last day it is good for", Column: "quote.valid_until", Optional: true},
			{Name: "created_at", Kind: rule.Moment, Doc: "when it was begun", Column: "quote.created_at"},
			{Name: "issued_at", Kind: rule.Moment, Doc: "when it was issued", Column: "quote.issued_at", Optional: true},
			{Name: "decided_at", Kind: rule.Moment, Doc: "when it was accepted or declined", Column: "quote.decided_at", Optional: true},
		}, rule.Custom("quote.id", custom)...),
	}
}

func activities(custom []store.CustomField) rule.List {
	return rule.List{
		Name: "activities", Doc: "what was done, and what is planned, with the party", From: "crm_activity AS activity", Key: "activity.party_id", Company: "activity.company",
		Fields: append([]rule.Field{
			{Name: "kind", Kind: rule.Text, Doc: "the kind: call, meeting, task, note, file, mail, letter ...", Column: "activity.kind"},
			{Name: "state", Kind: rule.Text, Doc: "the state: planned, done ...", Column: "activity.state"},
			{Name: "direction", Kind: rule.Text, Doc: "in, out, or empty", Column: "activity.direction"},
			{Name: "subject", Kind: rule.Text, Doc: "the subject", Column: "activity.subject", Shown: true},
			{Name: "owner", Kind: rule.Text, Doc: "the host's key of the user who did it, or will", Column: "activity.owner_user"},
			{Name: "at", Kind: rule.Moment, Doc: "when it was, or will be", Column: "activity.at"},
			{Name: "open", Kind: rule.YesNo, Doc: "whether it is still to be done", Column: "activity.is_open"},
		}, rule.Custom("activity.id", custom)...),
	}
}

func roles() rule.List {
	return rule.List{
		Name: "roles", Doc: "what the party is at the host", From: "crm_role AS role", Key: "role.party_id", Company: "role.company",
		Fields: []rule.Field{
			{Name: "role", Kind: rule.Text, Doc: "the role: customer, contact", Column: "role.role"},
			{Name: "key", Kind: rule.Text, Doc: "the host's key", Column: "role.host_key"},
			{Name: "since", Kind: rule.Moment, Doc: "since when", Column: "role.created_at"},
		},
	}
}

// sees is the predicate on a party's row of those whom the actor sees.
func sees(a actor.Actor) store.Predicate {
	p := store.Predicate{SQL: "party.company IN (" + store.In(len(a.Group)+1) + ")", Args: []any{a.Company}}
	if len(a.Group) == 0 {
		p.SQL = "party.company = ?"
	}
	for _, c := range a.Group {
		p.Args = append(p.Args, c)
	}
	if a.See != actor.All {
		guard := party.Party{}.Guard(a, "party")
		p.SQL += " AND " + guard.SQL
		p.Args = append(p.Args, guard.Args...)
	}
	return p
}
