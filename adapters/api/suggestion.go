package api

import (
	"context"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/reports/buying"
	"github.com/crmplus/crmplus/reports/suggest"
	"github.com/crmplus/crmplus/reports/value"
)

const valueTag = "Customer values"

// CustomerValue is what a customer of the host is worth.
type CustomerValue struct {
	Customer   string  `json:"customer" doc:"The host's key."`
	PartyID    ID      `json:"party_id,omitempty" doc:"Left out where nobody has dealt with him in CRM+ yet."`
	Name       string  `json:"name,omitempty"`
	OwnerUser  string  `json:"owner_user,omitempty"`
	Class      string  `json:"class" enum:"A,B,C" doc:"By revenue."`
	WasClass   string  `json:"was_class,omitempty" enum:"A,B,C"`
	ClassSince Date    `json:"class_since,omitempty"`
	Recency    int     `json:"recency" doc:"Quintiles, 5 the best."`
	Frequency  int     `json:"frequency"`
	Money      int     `json:"money"`
	Revenue    Decimal `json:"revenue" doc:"Of the window, in the company's currency."`
	Orders     int     `json:"orders" doc:"Of the window."`
	Gap        int     `json:"gap" doc:"The days that usually lie between orders; 0 where there is no rhythm."`
	First      Date    `json:"first,omitempty"`
	Last       Date    `json:"last,omitempty" doc:"The day of the last order."`
	Silent     int     `json:"silent" doc:"How many days ago that was."`
	Quiet      bool    `json:"quiet" doc:"He did not order for longer than is usual with him."`
	Unrated    bool    `json:"unrated,omitempty" doc:"Money of a currency without a rate is not in the revenue."`
}

func customerValueOf(r value.Row) CustomerValue {
	return CustomerValue{
		r.Customer, idOf(r.PartyID), r.Name, r.Owner, string(r.Class), string(r.WasClass), dateOf(r.ClassSince), r.Recency, r.Frequency, r.Money, decimalOf(r.Revenue), r.Orders,
		r.Gap, dateOf(r.First), dateOf(r.Last), r.Silent, r.Quiet, r.Unrated,
	}
}

// ValueSummary is the classes, with when and from how many orders they were counted.
type ValueSummary struct {
	CountedOn Date         `json:"counted_on,omitempty"`
	Orders    int          `json:"orders"`
	Classes   []ValueClass `json:"classes"`
}

// ValueClass is the customers of a class.
type ValueClass struct {
	Class     string  `json:"class" enum:"A,B,C"`
	Customers int     `json:"customers"`
	Revenue   Decimal `json:"revenue"`
	Quiet     int     `json:"quiet"`
}

// Suggestion is something that a customer may want.
type Suggestion struct {
	ID            ID                `json:"id"`
	Version       int64             `json:"version"`
	Customer      string            `json:"customer" doc:"The host's key."`
	PartyID       ID                `json:"party_id,omitempty"`
	Name          string            `json:"name,omitempty"`
	OwnerUser     string            `json:"owner_user,omitempty"`
	Kind          string            `json:"kind" enum:"quiet,less,lapsed,renewal,similar" doc:"quiet: he did not order for longer than is usual with him; less: he orders for less than half of what he did; lapsed: no longer a product that he bought regularly; renewal: a product that he buys once a year is due; similar: most who buy what he buys also buy it."`
	Items         []SuggestedItem   `json:"items"`
	Worth         Decimal           `json:"worth" doc:"What it may bring, without VAT in the company's currency."`
	Due           Date              `json:"due,omitempty" doc:"When it was, or will be, time for it."`
	Because       SuggestionBecause `json:"because" doc:"The numbers behind it."`
	State         string            `json:"state" enum:"open,taken,dismissed"`
	OpportunityID ID                `json:"opportunity_id,omitempty" doc:"What was made of it."`
}

// SuggestedItem is a product that may be sold, in the quantity of an average order.
type SuggestedItem struct {
	Product  string  `json:"product" doc:"The host's key."`
	Name     string  `json:"name"`
	Quantity Decimal `json:"quantity"`
}

// SuggestionBecause are the numbers behind a suggestion; those that its kind does not need are left out.
type SuggestionBecause struct {
	Times    int     `json:"times,omitempty" doc:"On how many days he bought."`
	Gap      int     `json:"gap,omitempty" doc:"The days that usually lie between."`
	Since    int     `json:"since,omitempty" doc:"The days since the last time."`
	Last     Date    `json:"last,omitempty"`
	Usual    Decimal `json:"usual,omitempty" doc:"What a quarter brought in the year before."`
	Recent   Decimal `json:"recent,omitempty" doc:"What the last quarter brought."`
	With     string  `json:"with,omitempty" doc:"Both of of customers who buy this product also buy the one that is suggested; also of all customers do."`
	WithName string  `json:"with_name,omitempty"`
	Both     int     `json:"both,omitempty"`
	Of       int     `json:"of,omitempty"`
	Also     int     `json:"also,omitempty"`
	All      int     `json:"all,omitempty"`
}

func suggestionOf(s suggest.Suggestion) Suggestion {
	b := s.Because
	return Suggestion{
		idOf(s.ID), s.Version, s.Customer, idOf(s.Party), s.Name, s.Owner, string(s.Kind),
		each(s.Items, func(i buying.Item) SuggestedItem { return SuggestedItem{i.Product, i.Name, decimalOf(i.Quantity)} }),
		decimalOf(s.Worth), dateOf(s.Due),
		SuggestionBecause{b.Times, b.Gap, b.Since, dateOf(b.Last), known(b.Usual), known(b.Recent), b.With, b.WithName, b.Both, b.Of, b.Also, b.All}, string(s.State), idOf(s.Opportunity),
	}
}

func suggestionID(id ID) suggest.ID { return keyOf[suggest.Tag](id) }

// suggestionNow reads a suggestion as it is after a change.
func suggestionNow(ctx context.Context, m *crm.Module, id ID, err error) (*Tagged[Suggestion], error) {
	if err != nil {
		return nil, err
	}
	s, err := m.Suggestions.Get(ctx, suggestionID(id))
	return &Tagged[Suggestion]{etag(s.Version), suggestionOf(s)}, err
}

func (a *server) values() {
	r := get("list-customer-values", "/customer-values", valueTag, "List what customers are worth, the largest revenue first")
	r.Rights = rights(actor.ReportRead)
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		ValueQuestion
	}) (*Listed[CustomerValue], error) {
		filter := in.filter()
		filter.Page = in.page()
		list, err := m.Values.List(ctx, filter)
		return listed(callOf(ctx), each(list.Rows, customerValueOf), list.Next), err
	})
	r = get("get-customer-values", "/customer-values/summary", valueTag, "Count the customers of each class that the key sees")
	r.Rights = rights(actor.ReportRead)
	add(a, r, func(ctx context.Context, m *crm.Module, _ *struct{}) (*Out[ValueSummary], error) {
		s, err := m.Values.Summary(ctx)
		return &Out[ValueSummary]{ValueSummary{dateOf(s.CountedOn), s.Orders, each(s.Groups, func(g value.Group) ValueClass {
			return ValueClass{string(g.Class), g.Customers, decimalOf(g.Revenue), g.Quiet}
		})}}, err
	})
	r = get("get-customer-value", "/customer-values/of", valueTag, "Read what one customer is worth")
	r.Rights = rights(actor.LeadRead)
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Customer string `query:"customer" required:"true" maxLength:"80" doc:"The host's key."`
	}) (*Out[CustomerValue], error) {
		row, err := m.Values.Of(ctx, in.Customer)
		return &Out[CustomerValue]{customerValueOf(row)}, err
	})
	a.suggestions()
}

func (a *server) suggestions() {
	read, write := rights(actor.OpportunityRead), rights(actor.OpportunityWrite)
	r := get("list-suggestions", "/suggestions", valueTag, "List what customers may want, what is worth most first")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		Paging
		SuggestionQuestion
	}) (*Listed[Suggestion], error) {
		filter := in.filter()
		filter.Page = in.page()
		list, err := m.Suggestions.List(ctx, filter)
		return listed(callOf(ctx), each(list.Rows, suggestionOf), list.Next), err
	})
	r = get("get-suggestion", "/suggestions/{id}", valueTag, "Read a suggestion")
	r.Rights = read
	add(a, r, func(ctx context.Context, m *crm.Module, in *one) (*Tagged[Suggestion], error) {
		return suggestionNow(ctx, m, in.ID, nil)
	})
	for _, step := range []struct {
		name, summary string
		apart         bool
		do            func(ctx context.Context, m *crm.Module, id suggest.ID) error
	}{
		{"take", "Make an opportunity of a suggestion, with the products at the prices of today", true, func(ctx context.Context, m *crm.Module, id suggest.ID) error {
			_, err := m.TakeSuggestion(ctx, id)
			return err
		}},
		{"dismiss", "Say that a suggestion is none; it rests then", false, func(ctx context.Context, m *crm.Module, id suggest.ID) error { return m.Suggestions.Dismiss(ctx, id) }},
		{"undo", "Have a suggestion stand as before it was taken or dismissed", false, func(ctx context.Context, m *crm.Module, id suggest.ID) error { return m.UndoSuggestion(ctx, id) }},
	} {
		r := post(step.name+"-suggestion", "/suggestions/{id}/"+step.name, valueTag, step.summary)
		r.Rights, r.Apart, r.Doc = write, step.apart, "Done twice it changes nothing."
		add(a, r, func(ctx context.Context, m *crm.Module, in *ByID) (*Tagged[Suggestion], error) {
			return suggestionNow(ctx, m, in.ID, step.do(ctx, m, suggestionID(in.ID)))
		})
	}
}
