package search

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
)

// load reads records of a kind as they are now: those of the ids that exist, are no alias of another, and are
// seen by the session's actor.
func load(ctx context.Context, s *store.Session, kind Kind, ids []key) ([]doc, error) {
	switch kind {
	case Lead:
		return loadLeads(ctx, s, ids)
	case Contact, Customer:
		return loadPeople(ctx, s, kind, ids)
	case Opportunity:
		return loadOpportunities(ctx, s, ids)
	case Quote:
		return loadQuotes(ctx, s, ids)
	}
	return nil, nil
}

// leadRow reads leads whoever owns them.
type leadRow struct {
	bun.BaseModel `bun:"table:crm_lead,alias:l"`

	ID             key         `bun:"id,pk"`
	Company        string      `bun:"company"`
	PartyID        party.ID    `bun:"party_id"`
	OrganizationID party.ID    `bun:"organization_id"`
	Organization   string      `bun:"organization"`
	MergedInto     key         `bun:"merged_into"`
	Status         lead.Status `bun:"status"`
}

func loadLeads(ctx context.Context, s *store.Session, ids []key) ([]doc, error) {
	rows, err := query[lead.Lead](ctx, s, "lead",
		"SELECT lead.id, lead.company, lead.party_id, lead.organization, lead.status, lead.external_id, lead.merged_into, lead.owner_user, lead.owner_team"+
			byKeys("crm_lead", "lead"), ids)
	rows = slices.DeleteFunc(rows, func(l lead.Lead) bool { return !l.MergedInto.IsZero() })
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var who []party.ID
	for _, row := range rows {
		who = append(who, row.PartyID)
	}
	persons, err := people(ctx, s, who)
	if err != nil {
		return nil, err
	}
	merged, err := query[leadRow](ctx, s, "l", "SELECT l.organization, l.merged_into"+mergedInto("crm_lead", "l"), ids)
	if err != nil {
		return nil, err
	}
	before := map[key][]string{}
	for _, m := range merged {
		before[m.MergedInto] = append(before[m.MergedInto], m.Organization)
	}
	docs := make([]doc, 0, len(rows))
	for _, row := range rows {
		d := doc{
			kind: Lead, id: key(row.ID), party: row.PartyID, company: row.Company, user: row.OwnerUser, team: row.OwnerTeam,
			title: row.Organization, state: string(row.Status),
		}
		if one := persons[row.PartyID]; one != nil {
			if one.Name != "" {
				d.title = one.Name
			}
			one.describe(&d, InName)
			email, phone := one.reachable()
			d.tell(row.Organization, email, phone)
		}
		d.add(InCompany, row.Organization)
		d.add(InEarlier, before[d.id]...)
		d.add(InNumber, row.ExternalID)
		docs = append(docs, d)
	}
	return docs, nil
}

// loadPeople reads contacts or customers.
func loadPeople(ctx context.Context, s *store.Session, kind Kind, ids []key) ([]doc, error) {
	seen, err := query[party.Party](ctx, s, "party", "SELECT party.id, party.merged_into"+byKeys("crm_party", "party"), ids)
	if err != nil || len(seen) == 0 {
		return nil, err
	}
	var visible []party.ID
	for _, row := range seen {
		if row.MergedInto.IsZero() {
			visible = append(visible, row.ID)
		}
	}
	found, err := people(ctx, s, visible)
	if err != nil {
		return nil, err
	}
	if kind == Contact {
		return loadContacts(ctx, s, visible, found)
	}
	var docs []doc
	for _, id := range visible {
		one := found[id]
		if len(one.customer) == 0 {
			continue
		}
		d := doc{
			kind: Customer, id: key(id), party: id, company: one.Company, user: one.OwnerUser, team: one.OwnerTeam,
			title: one.Name, hostID: one.customer[0],
		}
		one.describe(&d, InName)
		d.add(InNumber, one.customer...)
		email, phone := one.reachable()
		d.tell(d.hostID, one.City, email, phone)
		docs = append(docs, d)
	}
	return docs, nil
}

func loadContacts(ctx context.Context, s *store.Session, visible []party.ID, found map[party.ID]*someone) ([]doc, error) {
	var employers, aliases []party.ID
	for _, one := range found {
		employers, aliases = append(employers, one.EmployerID), append(aliases, one.ids...)
	}
	firms, err := rootsOf(ctx, s, employers)
	if err != nil {
		return nil, err
	}
	leads, err := query[leadRow](ctx, s, "l",
		"SELECT l.party_id, l.merged_into, l.status FROM crm_lead AS k CROSS JOIN crm_lead AS l WHERE {scope} AND l.id = k.id AND k.party_id", aliases)
	if err != nil {
		return nil, err
	}
	isLead := map[party.ID]bool{}
	for _, l := range leads {
		if l.MergedInto.IsZero() && l.Status != lead.StatusConverted {
			isLead[l.PartyID] = true
		}
	}
	var docs []doc
	for _, id := range visible {
		one := found[id]
		firm := firms[one.EmployerID]
		onlyLead := firm == nil
		for _, alias := range one.ids {
			onlyLead = onlyLead || isLead[alias]
		}
		if one.Kind != party.Person || onlyLead && !one.contact {
			continue
		}
		d := doc{kind: Contact, id: key(id), party: id, company: one.Company, user: one.OwnerUser, team: one.OwnerTeam, title: one.Name}
		one.describe(&d, InName)
		if firm != nil {
			d.add(InCompany, firm.Name)
			d.tell(firm.Name)
		}
		email, phone := one.reachable()
		d.tell(one.JobTitle, email, phone)
		docs = append(docs, d)
	}
	return docs, nil
}

// stageRow reads the names of stages.
type stageRow struct {
	bun.BaseModel `bun:"table:crm_stage,alias:stage"`

	ID      opportunity.StageID `bun:"id,pk"`
	Company string              `bun:"company"`
	Name    string              `bun:"name"`
}

func loadOpportunities(ctx context.Context, s *store.Session, ids []key) ([]doc, error) {
	rows, err := query[opportunity.Opportunity](ctx, s, "opportunity",
		"SELECT opportunity.id, opportunity.company, opportunity.party_id, opportunity.contact_id, opportunity.stage_id, opportunity.state, opportunity.name, opportunity.owner_user, opportunity.owner_team"+
			byKeys("crm_opportunity", "opportunity"), ids)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var who []party.ID
	var stages []opportunity.StageID
	for _, row := range rows {
		who, stages = append(who, row.PartyID, row.ContactID), append(stages, row.StageID)
	}
	persons, err := rootsOf(ctx, s, who)
	if err != nil {
		return nil, err
	}
	named, err := query[stageRow](ctx, s, "stage", "SELECT stage.id, stage.name"+byKeys("crm_stage", "stage"), distinct(stages))
	if err != nil {
		return nil, err
	}
	stage := map[opportunity.StageID]string{}
	for _, row := range named {
		stage[row.ID] = row.Name
	}
	docs := make([]doc, 0, len(rows))
	for _, row := range rows {
		d := doc{
			kind: Opportunity, id: key(row.ID), party: row.PartyID, company: row.Company, user: row.OwnerUser, team: row.OwnerTeam,
			title: row.Name, state: string(row.State),
		}
		d.add(InTitle, row.Name)
		d.of(persons[row.PartyID], persons[row.ContactID])
		d.tell(stage[row.StageID])
		docs = append(docs, d)
	}
	return docs, nil
}

// of adds the buyer and the person there.
func (d *doc) of(buyer, contact *someone) {
	if buyer != nil {
		in := InCompany
		if buyer.Kind == party.Person {
			in = InName
		}
		d.add(in, buyer.Name)
		d.tell(buyer.Name)
	}
	if contact != nil {
		d.add(InName, contact.Name)
		d.tell(contact.Name)
	}
}

func loadQuotes(ctx context.Context, s *store.Session, ids []key) ([]doc, error) {
	rows, err := query[quote.Quote](ctx, s, "quote",
		"SELECT quote.id, quote.company, quote.party_id, quote.contact_id, quote.number, quote.state, quote.title, quote.owner_user, quote.owner_team"+
			byKeys("crm_quote", "quote"), ids)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var who []party.ID
	for _, row := range rows {
		who = append(who, row.PartyID, row.ContactID)
	}
	persons, err := rootsOf(ctx, s, who)
	if err != nil {
		return nil, err
	}
	docs := make([]doc, 0, len(rows))
	for _, row := range rows {
		d := doc{
			kind: Quote, id: key(row.ID), party: row.PartyID, company: row.Company, user: row.OwnerUser, team: row.OwnerTeam,
			title: row.Number, state: string(row.State),
		}
		if d.title == "" {
			d.title = row.Title
		}
		d.add(InNumber, row.Number)
		d.add(InTitle, row.Title)
		d.tell(row.Title)
		d.of(persons[row.PartyID], persons[row.ContactID])
		if d.title == "" && len(d.subtitle) > 0 { // a draft without a title is called by its buyer
			d.title, d.subtitle = d.subtitle[0], d.subtitle[1:]
		}
		docs = append(docs, d)
	}
	return docs, nil
}
