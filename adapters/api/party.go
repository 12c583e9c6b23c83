package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
)

// Address is a postal address.
type Address struct {
	Line1      string `json:"line1,omitempty" maxLength:"120" doc:"Street and number." example:"Fő tér 1."`
	Line2      string `json:"line2,omitempty" maxLength:"120"`
	PostalCode string `json:"postal_code,omitempty" maxLength:"20" example:"9021"`
	City       string `json:"city,omitempty" maxLength:"80" example:"Győr"`
	Region     string `json:"region,omitempty" maxLength:"80"`
	Country    string `json:"country,omitempty" maxLength:"60" doc:"ISO 3166-1 alpha-2" example:"HU"`
}

func (a *Address) address() party.Address {
	if a == nil {
		return party.Address{}
	}
	return party.Address{Line1: a.Line1, Line2: a.Line2, PostalCode: a.PostalCode, City: a.City, Region: a.Region, Country: a.Country}
}

// Party is one person or company, whatever it is to us: lead, contact, customer.
type Party struct {
	ID         ID        `json:"id"`
	Version    int64     `json:"version"`
	Kind       string    `json:"kind" enum:"person,company"`
	Name       string    `json:"name" doc:"The whole name, in the order of its language."`
	Title      string    `json:"title,omitempty"`
	Given      string    `json:"given,omitempty"`
	Middle     string    `json:"middle,omitempty"`
	Patronymic string    `json:"patronymic,omitempty"`
	Particle   string    `json:"particle,omitempty"`
	Family     string    `json:"family,omitempty"`
	Suffix     string    `json:"suffix,omitempty"`
	Gender     string    `json:"gender,omitempty" enum:"f,m"`
	Language   string    `json:"language" enum:"hu,en,he,ru,el"`
	BirthDate  Date      `json:"birth_date,omitempty"`
	Email      string    `json:"email,omitempty"`
	Phone      string    `json:"phone,omitempty" doc:"E.164; what could not be read as a number is kept as it came."`
	Mobile     string    `json:"mobile,omitempty"`
	Website    string    `json:"website,omitempty"`
	JobTitle   string    `json:"job_title,omitempty"`
	TaxID      string    `json:"tax_id,omitempty" doc:"With its country." example:"HU12345676"`
	Address    Address   `json:"address"`
	EmployerID ID        `json:"employer_id,omitempty" doc:"The company a person works for."`
	ErasedAt   time.Time `json:"erased_at,omitzero"`
	OwnerUser  string    `json:"owner_user"`
	OwnerTeam  string    `json:"owner_team"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	UpdatedBy  string    `json:"updated_by"`
	// Custom are values of custom fields.
	Custom map[string]any `json:"custom,omitempty" doc:"Values of custom fields by name, where one party is read."`
}

// PartyCustom are values of custom fields.
type PartyCustom struct {
	Custom map[string]any `json:"custom" doc:"By name; null clears one, those that are left out stay."`
}

func partyOf(p party.Party) Party {
	return Party{
		ID: idOf(p.ID), Version: p.Version, Kind: string(p.Kind), Name: p.DisplayName, Title: p.Title, Given: p.Given, Middle: p.Middle,
		Patronymic: p.Patronymic, Particle: p.Particle, Family: p.Family, Suffix: p.Suffix, Gender: string(p.Gender), Language: string(p.Language),
		BirthDate: dateOf(p.BirthDate), Email: p.Email, Phone: p.Phone, Mobile: p.Mobile, Website: p.Website, JobTitle: p.JobTitle, TaxID: p.TaxID,
		Address:    Address{p.Line1, p.Line2, p.PostalCode, p.City, p.Region, p.Country},
		EmployerID: idOf(p.EmployerID), ErasedAt: p.ErasedAt, OwnerUser: p.OwnerUser, OwnerTeam: p.OwnerTeam,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, UpdatedBy: p.UpdatedBy,
	}
}

// PartyDraft is what is known of a person or company; what is left out is empty.
type PartyDraft struct {
	Kind       string   `json:"kind,omitempty" enum:"person,company" doc:"A person where it is left out."`
	Name       string   `json:"name,omitempty" maxLength:"240" doc:"The whole name; parts that are given count before it."`
	Title      string   `json:"title,omitempty" maxLength:"40"`
	Given      string   `json:"given,omitempty" maxLength:"80"`
	Middle     string   `json:"middle,omitempty" maxLength:"80"`
	Patronymic string   `json:"patronymic,omitempty" maxLength:"80"`
	Family     string   `json:"family,omitempty" maxLength:"120"`
	Gender     string   `json:"gender,omitempty" enum:"f,m"`
	Language   string   `json:"language,omitempty" enum:"hu,en,he,ru,el"`
	BirthDate  Date     `json:"birth_date,omitempty"`
	Emails     []string `json:"emails,omitempty" maxItems:"20" maxLength:"320"`
	Phones     []string `json:"phones,omitempty" maxItems:"20" maxLength:"60"`
	Mobile     string   `json:"mobile,omitempty" maxLength:"60"`
	Website    string   `json:"website,omitempty" maxLength:"200"`
	JobTitle   string   `json:"job_title,omitempty" maxLength:"120"`
	TaxID      string   `json:"tax_id,omitempty" maxLength:"60"`
	Address    *Address `json:"address,omitempty"`
}

func (d PartyDraft) draft() party.Draft {
	kind := party.Kind(d.Kind)
	if kind == "" {
		kind = party.Person
	}
	return party.Draft{
		Kind: kind, FullName: d.Name, Title: d.Title, Given: d.Given, Middle: d.Middle, Patronymic: d.Patronymic, Family: d.Family,
		Gender: party.Gender(d.Gender), Language: locale.Language(d.Language), BirthDate: day(d.BirthDate), Emails: d.Emails, Phones: d.Phones,
		Mobile: d.Mobile, Website: d.Website, JobTitle: d.JobTitle, TaxID: d.TaxID, Address: d.Address.address(),
	}
}

// Point is a further way to reach somebody.
type Point struct {
	Kind  string `json:"kind" enum:"email,phone"`
	Value string `json:"value"`
	Label string `json:"label,omitempty"`
}

func pointOf(p party.Point) Point { return Point{p.Kind, p.Value, p.Label} }

// HostLink is what a party is at the host.
type HostLink struct {
	Role    string `json:"role" enum:"customer,contact"`
	HostKey string `json:"host_key"`
}

func linkOf(l party.Link) HostLink { return HostLink{string(l.Role), l.HostKey} }

func partyID(id ID) party.ID { return keyOf[party.Tag](id) }

// readers may read the parties they see: whoever works with leads, deals, activities or quotes has to know
// whose they are.
var readers = rights(actor.LeadRead, actor.OpportunityRead, actor.ActivityRead, actor.QuoteRead)

func partyNow(ctx context.Context, m *crm.Module, id party.ID, err error) (*Tagged[Party], error) {
	if err != nil {
		return nil, err
	}
	p, err := m.Parties.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	sheet, err := m.Parties.Sheet(ctx, p.ID)
	out := partyOf(p)
	out.Custom = customOf(sheet.Values)
	return &Tagged[Party]{etag(p.Version), out}, err
}

func (a *server) parties() {
	const tag = "Parties"
	add(a, route{ID: "add-party", Method: http.MethodPost, Path: "/parties", Tag: tag, Rights: rights(actor.LeadWrite), Status: http.StatusCreated, Summary: "Add a person or company", Doc: "Duplicates are not looked for: that is done by POST /leads."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body PartyDraft }) (*Made[Party], error) {
			p, err := m.Parties.Add(ctx, in.Body.draft())
			return &Made[Party]{etag(p.Version), callOf(ctx).r.URL.Path + "/" + p.ID.String(), partyOf(p)}, err
		})
	add(a, route{ID: "get-party", Method: http.MethodGet, Path: "/parties/{id}", Tag: tag, Rights: readers, Summary: "Read a person or company", Doc: "One that was merged is followed to the one it stands for."},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[Party], error) {
			out, err := partyNow(ctx, m, partyID(in.ID), nil)
			if err == nil {
				err = m.Reads.Note(ctx, "contact", keyOf[any](out.Body.ID).Bytes())
			}
			return out, err
		})
	add(a, route{ID: "change-party", Method: http.MethodPut, Path: "/parties/{id}", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Replace what is known of a person or company"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Match
			Body PartyDraft
		}) (*Tagged[Party], error) {
			var was party.Party
			if err := locked(ctx, m, &was, partyID(in.ID), in.version); err != nil {
				return nil, err
			}
			_, err := m.Parties.Change(ctx, partyID(in.ID), was.Version, in.Body.draft())
			return partyNow(ctx, m, partyID(in.ID), err)
		})
	add(a, route{ID: "set-party-custom", Method: http.MethodPatch, Path: "/parties/{id}/custom", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Set custom fields of a person or company"},
		func(ctx context.Context, m *crm.Module, in *changing[PartyCustom]) (*Tagged[Party], error) {
			var was party.Party
			if err := locked(ctx, m, &was, partyID(in.ID), in.version); err != nil {
				return nil, err
			}
			if err := convertCustom(ctx, m, "party", in.Body.Custom); err != nil {
				return nil, err
			}
			_, err := m.Parties.SetCustom(ctx, partyID(in.ID), was.Version, in.Body.Custom)
			return partyNow(ctx, m, partyID(in.ID), err)
		})
	add(a, route{ID: "list-party-people", Method: http.MethodGet, Path: "/parties/{id}/people", Tag: tag, Rights: readers, Summary: "List the people of a company, by name"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Listed[Party], error) {
			if err := visible(ctx, m, &party.Party{}, partyID(in.ID)); err != nil {
				return nil, err
			}
			people, err := m.Parties.People(ctx, partyID(in.ID))
			return listed(callOf(ctx), each(people, partyOf), ""), err
		})
	add(a, route{ID: "list-party-points", Method: http.MethodGet, Path: "/parties/{id}/points", Tag: tag, Rights: readers, Summary: "List further e-mails and phones"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Listed[Point], error) {
			points, err := m.Parties.Points(ctx, partyID(in.ID))
			return listed(callOf(ctx), each(points, pointOf), ""), err
		})
	add(a, route{ID: "list-party-links", Method: http.MethodGet, Path: "/parties/{id}/links", Tag: tag, Rights: readers, Summary: "List what a party is at the host"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Listed[HostLink], error) {
			links, err := m.Parties.Links(ctx, partyID(in.ID))
			return listed(callOf(ctx), each(links, linkOf), ""), err
		})
	add(a, route{ID: "find-party-of-host", Method: http.MethodGet, Path: "/parties/of-host", Tag: tag, Rights: readers, Summary: "Find the party of a customer or contact of the host"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Role string `query:"role" enum:"customer,contact" required:"true"`
			Key  string `query:"key" required:"true" maxLength:"200"`
		}) (*Tagged[Party], error) {
			p, err := m.Parties.ByRole(ctx, party.Link{Role: party.Role(in.Role), HostKey: in.Key})
			return &Tagged[Party]{etag(p.Version), partyOf(p)}, err
		})
}
