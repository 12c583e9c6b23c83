package leadrule

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

// Noun is what a condition is about.
type Noun string

// The nouns.
const (
	Lead        Noun = "lead"
	Opportunity Noun = "opportunity"
	Quote       Noun = "quote"
	Party       Noun = "party"
)

// Lines is the list of an opportunity's lines.
const Lines = "lines"

// Nouns are all nouns.
var Nouns = []Noun{Lead, Opportunity, Quote, Party}

// About gives what conditions about records of a noun can speak of in the session's company, with its custom fields:
// [Terms.Environment] for leads, and the like for opportunities, quotes, and persons and companies.
func (t *Terms) About(ctx context.Context, s *store.Session, noun Noun) (*rule.Environment, error) {
	if noun == Lead {
		return t.Environment(ctx, s)
	}
	custom, err := s.EachKind(ctx)
	if err != nil {
		return nil, err
	}
	return about(noun, custom)
}

func about(noun Noun, custom map[string][]store.CustomField) (*rule.Environment, error) {
	who := rule.Record{Name: "party", Doc: "The person or company.", Fields: append(partyFields(), rule.Custom("party.id", custom["party"])...)}
	done := rule.Record{Name: "behaviour", Doc: "What was done.", Fields: []rule.Field{
		{Name: "last_contact_at", Kind: rule.Moment, Doc: "when somebody called, met or wrote last", Is: `max(map(filter(activities, .contact), .at))`},
	}}
	doings := activities(custom)
	doings.From = "crm_activity AS activity"
	own := rule.Record{Name: string(noun)}
	var subject rule.Subject
	lists := []rule.List{}
	switch noun {
	case Opportunity:
		subject = rule.Subject{Source: store.From[opportunity.Opportunity]("opportunity"), Key: "opportunity.id", From: "crm_opportunity AS opportunity JOIN crm_party AS party ON party.id = opportunity.party_id"}
		own.Doc, own.Fields = "The opportunity.", opportunityFields()
		doings.Doc, doings.Key, doings.Where = "what was done, and what is planned, for the opportunity", "activity.opportunity_id", "activity.opportunity_id IS NOT NULL"
		offers := quotes(custom)
		offers.Doc, offers.From, offers.Key, offers.Where = "the quotes of the opportunity", "crm_quote AS quote", "quote.opportunity_id", "quote.opportunity_id IS NOT NULL"
		lists = append(lists, lines(), doings, offers)
	case Quote:
		subject = rule.Subject{Source: store.From[quote.Quote]("quote"), Key: "quote.id", From: "crm_quote AS quote JOIN crm_party AS party ON party.id = quote.party_id"}
		own.Doc, own.Fields = "The quote.", quoteFields()
		doings.From, doings.Key = "crm_activity AS activity JOIN crm_quote AS of_quote ON of_quote.party_id = activity.party_id", "of_quote.id"
		lists = append(lists, doings)
	case Party:
		subject = rule.Subject{Source: store.From[party.Party]("party"), Key: "party.id", From: "crm_party AS party"}
		doings.Key = "activity.party_id"
		sales, offers := opportunities(custom), quotes(custom)
		sales.From, sales.Key = "crm_opportunity AS opportunity", "opportunity.party_id"
		offers.From, offers.Key = "crm_quote AS quote", "quote.party_id"
		lists = append(lists, doings, sales, offers)
		return rule.NewEnvironment(subject, []rule.Record{who, done}, lists)
	default:
		return nil, fmt.Errorf("leadrule: there are no conditions about %q", noun)
	}
	own.Fields = append(own.Fields, rule.Custom(subject.Key, custom[string(noun)])...)
	return rule.NewEnvironment(subject, []rule.Record{own, who, done}, lists)
}

func lines() rule.List {
	return rule.List{
		Name: Lines, Doc: "what may be sold, or was", From: "crm_opportunity_line AS line", Key: "line.opportunity_id", Company: "line.company",
		Fields: []rule.Field{
			{Name: "group", Kind: rule.Text, Doc: "the host's key of the product group", Column: "line.product_group"},
			{Name: "product", Kind: rule.Text, Doc: "the host's key of the product", Column: "line.product_key"},
			{Name: "quantity", Kind: rule.Number, Doc: "the quantity", Column: "line.quantity", Places: 6},
			{Name: "discount", Kind: rule.Number, Doc: "the discount in percent, 0 to 100", Column: "line.discount", Places: 4},
			{Name: "net", Kind: rule.Number, Doc: "what it costs, net, in opportunity.currency", Column: "line.amount", Places: 4},
		},
	}
}

// bought is the SQL of whether the person or company had bought before the opportunity was opened: it was a customer of
// the host, or an opportunity of its was won.
const bought = "CASE WHEN EXISTS (SELECT 1 FROM crm_role AS held WHERE held.party_id = opportunity.party_id AND held.role = 'customer' AND held.created_at < opportunity.created_at)" +
	" OR EXISTS (SELECT 1 FROM crm_opportunity AS earlier WHERE earlier.party_id = opportunity.party_id AND earlier.state = 'won' AND earlier.closed_at < opportunity.created_at) THEN 1 ELSE 0 END"

func opportunityFields() []rule.Field {
	return []rule.Field{
		{Name: "state", Kind: rule.Text, Doc: "the state", Column: "opportunity.state", Choices: []string{"open", "won", "lost"}},
		{Name: "name", Kind: rule.Text, Doc: "the name", Column: "opportunity.name", Shown: true},
		{Name: "pipeline", Kind: rule.Text, Doc: "the name of the pipeline", Column: "(SELECT pipeline.name FROM crm_pipeline AS pipeline WHERE pipeline.id = opportunity.pipeline_id)", Shown: true},
		{Name: "stage", Kind: rule.Text, Doc: "the name of the stage", Column: "(SELECT stage.name FROM crm_stage AS stage WHERE stage.id = opportunity.stage_id)", Shown: true},
		{Name: "stage_since", Kind: rule.Moment, Doc: "when it came into its stage", Column: "opportunity.stage_since"},
		{Name: "chance", Kind: rule.Number, Doc: "the chance in percent, 0 to 100", Column: "opportunity.chance", Places: 4},
		{Name: "revenue", Kind: rule.Number, Doc: "the expected revenue, net, in opportunity.currency", Column: "opportunity.expected_revenue", Places: 4},
		{Name: "currency", Kind: rule.Text, Doc: "the currency, ISO 4217", Column: "opportunity.currency"},
		{Name: "expected_close", Kind: rule.Date, Doc: "when it should be decided", Column: "opportunity.expected_close", Optional: true},
		{Name: "next_step_at", Kind: rule.Moment, Doc: "when something has to be done next", Column: "opportunity.next_step_at", Optional: true},
		{Name: "source", Kind: rule.Text, Doc: "the source of the lead it came from", Column: "opportunity.source"},
		{Name: "campaign", Kind: rule.Text, Doc: "the campaign of the lead it came from", Column: "opportunity.campaign"},
		{Name: "bought_before", Kind: rule.YesNo, Doc: "whether the customer had bought before it was opened", Column: bought},
		{Name: "owner", Kind: rule.Text, Doc: "the host's key of the seller", Column: "opportunity.owner_user"},
		{Name: "team", Kind: rule.Text, Doc: "the host's key of the seller's team", Column: "opportunity.owner_team"},
		{Name: "lost_to", Kind: rule.Text, Doc: "the competitor who won", Column: "opportunity.lost_to", Shown: true},
		{Name: "created_at", Kind: rule.Moment, Doc: "when it was opened", Column: "opportunity.created_at"},
		{Name: "closed_at", Kind: rule.Moment, Doc: "when it was won or lost", Column: "opportunity.closed_at", Optional: true},
	}
}

func quoteFields() []rule.Field {
	return []rule.Field{
		{Name: "state", Kind: rule.Text, Doc: "the state", Column: "quote.state", Choices: []string{"draft", "issued", "accepted", "declined", "expired", "superseded", "withdrawn"}},
		{Name: "number", Kind: rule.Text, Doc: "the number", Column: "quote.number", Shown: true},
		{Name: "title", Kind: rule.Text, Doc: "the title", Column: "quote.title", Shown: true},
		{Name: "net", Kind: rule.Number, Doc: "the net total, in quote.currency", Column: "quote.net", Places: 4},
		{Name: "gross", Kind: rule.Number, Doc: "the gross total, in quote.currency", Column: "quote.gross", Places: 4},
		{Name: "currency", Kind: rule.Text, Doc: "the currency, ISO 4217", Column: "quote.currency"},
		{Name: "valid_until", Kind: rule.Date, Doc: "the last day it is good for", Column: "quote.valid_until", Optional: true},
		{Name: "owner", Kind: rule.Text, Doc: "the host's key of the seller", Column: "quote.owner_user"},
		{Name: "team", Kind: rule.Text, Doc: "the host's key of the seller's team", Column: "quote.owner_team"},
		{Name: "created_at", Kind: rule.Moment, Doc: "when it was begun", Column: "quote.created_at"},
		{Name: "issued_at", Kind: rule.Moment, Doc: "when it was issued", Column: "quote.issued_at", Optional: true},
		{Name: "decided_at", Kind: rule.Moment, Doc: "when it was accepted or declined", Column: "quote.decided_at", Optional: true},
	}
}
