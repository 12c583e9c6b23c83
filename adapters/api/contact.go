package api

import (
	"context"
	"net/http"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
)

// Contact is a person or company in a list.
type Contact struct {
	Party
	Employer string `json:"employer,omitempty" doc:"The name of the company that a person works for."`
	Role     string `json:"role,omitempty" enum:"customer,contact" doc:"What the party is at the host."`
	HostKey  string `json:"host_key,omitempty"`
}

func contactRow(r party.ListRow) Contact {
	return Contact{partyOf(r.Party), r.Employer, string(r.Role), r.HostKey}
}

// CustomerRow is a customer of the host that CRM+ knows.
type CustomerRow struct {
	HostKey string `json:"host_key"`
	Number  string `json:"number,omitempty" doc:"What people know the customer by at the host."`
	PartyID ID     `json:"party_id"`
	Name    string `json:"name"`
	Email   string `json:"email,omitempty"`
	Phone   string `json:"phone,omitempty"`
	City    string `json:"city,omitempty"`
	TaxID   string `json:"tax_id,omitempty"`
	Owner   string `json:"owner"`
}

func customerRow(r party.CustomerRow) CustomerRow {
	return CustomerRow{r.HostKey, r.Number, idOf(r.PartyID), r.Name, r.Email, r.Phone, r.City, r.TaxID, r.Owner}
}

// CustomerCard is what CRM+ knows of a person or company.
type CustomerCard struct {
	Party         Party         `json:"party"`
	Links         []HostLink    `json:"links" doc:"What the party is at the host."`
	People        []Party       `json:"people" doc:"Who works for the company."`
	Leads         []Lead        `json:"leads" doc:"The first 20; none where the key has no right to them. So with the lists that follow."`
	Opportunities []Opportunity `json:"opportunities"`
	Quotes        []Quote       `json:"quotes"`
	Upcoming      []Activity    `json:"upcoming" doc:"What is to be done, soonest first."`
}

// PartyMerge names the party that is given up.
type PartyMerge struct {
	Loser ID `json:"loser" doc:"The party that is the same and is given up."`
}

// MergedParties is a merge of two parties.
type MergedParties struct {
	MergeID ID    `json:"merge_id" doc:"For taking it back."`
	Party   Party `json:"party" doc:"The one that stays."`
}

// Employer names the company that a person works for.
type Employer struct {
	CompanyID ID `json:"company_id,omitempty" doc:"Left out says that nobody knows."`
}

// Share names a user.
type Share struct {
	User string `json:"user" minLength:"1" maxLength:"64" doc:"The host's key of the user."`
}

// PartyQuestion asks for people and companies; what is left out does not narrow.
type PartyQuestion struct {
	OwnFilter
	Kind     string `query:"kind" enum:"person,company" doc:"person for contacts; both where it is left out."`
	Name     string `query:"name" maxLength:"100" doc:"The beginning of the name as lists are sorted: the family name, then the given one."`
	Employer ID     `query:"employer" doc:"The people of one company."`
}

func (q PartyQuestion) filter(ctx context.Context, m *crm.Module) (party.ListFilter, error) {
	own, err := q.own(ctx, m, "party")
	return party.ListFilter{Custom: own, Kind: party.Kind(q.Kind), Name: q.Name, Employer: partyID(q.Employer)}, err
}

func (a *server) contacts() {
	const tag = "Parties"
	add(a, route{ID: "list-parties", Method: http.MethodGet, Path: "/parties", Tag: tag, Rights: readers, Summary: "List people and companies, by name"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			PartyQuestion
		}) (*Listed[Contact], error) {
			filter, err := in.filter(ctx, m)
			if err != nil {
				return nil, err
			}
			filter.Page = in.page()
			list, err := m.Parties.List(ctx, filter)
			return listed(callOf(ctx), each(list.Rows, contactRow), list.Next), err
		})
	add(a, route{ID: "list-customers", Method: http.MethodGet, Path: "/customers", Tag: tag, Rights: readers, Summary: "List the customers of the host that CRM+ knows", Doc: "With a name in the order of names, else in that of the host's keys."},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			Name    string `query:"name" maxLength:"100" doc:"The beginning of the name."`
			HostKey string `query:"host_key" maxLength:"80" doc:"The beginning of the host's key."`
		}) (*Listed[CustomerRow], error) {
			list, err := m.Parties.ListCustomers(ctx, party.CustomerFilter{Name: in.Name, HostKey: in.HostKey, Page: in.page()})
			return listed(callOf(ctx), each(list.Rows, customerRow), list.Next), err
		})
	add(a, route{ID: "get-customer-card", Method: http.MethodGet, Path: "/parties/{id}/card", Tag: tag, Rights: readers, Summary: "Read what CRM+ knows of a person or company", Doc: "What the host knows is asked for apart, by GET /parties/{id}/host-card. It is noted who read it."},
		customerCard)
	add(a, route{ID: "employ-party", Method: http.MethodPut, Path: "/parties/{id}/employer", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Say which company a person works for"},
		employ)
	add(a, route{ID: "assign-party", Method: http.MethodPut, Path: "/parties/{id}/owner", Tag: tag, Rights: rights(actor.LeadAssign), Summary: "Give a person or company to another owner"},
		func(ctx context.Context, m *crm.Module, in *changing[Owner]) (*Tagged[Party], error) {
			if err := locked(ctx, m, &party.Party{}, partyID(in.ID), in.version); err != nil {
				return nil, err
			}
			if err := m.Parties.Assign(ctx, partyID(in.ID), in.Body.owner()); err != nil {
				return nil, err
			}
			return partyNow(ctx, m, partyID(in.ID), nil)
		})
	add(a, route{ID: "share-party", Method: http.MethodPost, Path: "/parties/{id}/shares", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Let a user see a person or company beside its owner", Doc: "Done twice it changes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Body Share
		}) (*Empty, error) {
			return nil, m.Parties.Share(ctx, partyID(in.ID), in.Body.User)
		})
	add(a, route{ID: "merge-party", Method: http.MethodPost, Path: "/parties/{id}/merge", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Say that another person or company is this one", Doc: "Nothing is lost, and DELETE /party-merges/{id} takes it back."},
		mergeParty)
	add(a, route{ID: "unmerge-parties", Method: http.MethodDelete, Path: "/party-merges/{id}", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Take a merge of people or companies back", Doc: "Done twice it changes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Empty, error) {
			return nil, m.Parties.Unmerge(ctx, keyOf[party.MergeTag](in.ID))
		})
}

func customerCard(ctx context.Context, m *crm.Module, in *struct {
	ByID
	Fields
}) (*Tagged[CustomerCard], error) {
	c, err := m.CustomerCard(ctx, partyID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := m.Reads.Note(ctx, "customer", c.Party.ID.Bytes()); err != nil {
		return nil, err
	}
	return &Tagged[CustomerCard]{etag(c.Party.Version), CustomerCard{
		partyOf(c.Party), each(c.Links, linkOf), each(c.People, partyOf), each(c.Leads, leadOf), each(c.Opportunities, opportunityRow),
		each(c.Quotes, quoteRow), each(c.Upcoming, itemOf),
	}}, nil
}

// employ names both parties before it writes: a company that the key does not see cannot be anybody's.
func employ(ctx context.Context, m *crm.Module, in *changing[Employer]) (*Tagged[Party], error) {
	var who party.Party
	if err := locked(ctx, m, &who, partyID(in.ID), in.version); err != nil {
		return nil, err
	}
	if who.Kind != party.Person {
		return nil, invalid("id", "choice", "is a company; only people work for one")
	}
	if company := partyID(in.Body.CompanyID); !company.IsZero() {
		known, err := m.Parties.GetMany(ctx, []party.ID{company})
		if err != nil {
			return nil, err
		}
		if found, ok := known[company]; !ok || found.Kind != party.Company {
			return nil, invalid("company_id", "unknown", "is no company that the key sees; choose one of GET /parties?kind=company")
		}
	}
	err := m.Parties.Employ(ctx, partyID(in.ID), partyID(in.Body.CompanyID))
	return partyNow(ctx, m, partyID(in.ID), err)
}

func mergeParty(ctx context.Context, m *crm.Module, in *changing[PartyMerge]) (*Out[MergedParties], error) {
	if err := locked(ctx, m, &party.Party{}, partyID(in.ID), in.version); err != nil {
		return nil, err
	}
	id, err := m.Parties.Merge(ctx, partyID(in.ID), partyID(in.Body.Loser))
	if err != nil {
		return nil, err
	}
	now, err := partyNow(ctx, m, partyID(in.ID), nil)
	if err != nil {
		return nil, err
	}
	return &Out[MergedParties]{MergedParties{idOf(id), now.Body}}, nil
}
