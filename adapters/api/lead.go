package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Lead is one interest of a person or company.
type Lead struct {
	ID             ID     `json:"id"`
	Version        int64  `json:"version" doc:"What ETag says." example:"3"`
	Status         string `json:"status" enum:"new,working,qualified,nurturing,disqualified,converted"`
	StatusReason   string `json:"status_reason,omitempty"`
	Kind           string `json:"kind" enum:"person,company" doc:"What the lead's party is."`
	Name           string `json:"name" example:"Kovács Anna"`
	Email          string `json:"email,omitempty" example:"anna@example.hu"`
	Phone          string `json:"phone,omitempty" doc:"E.164" example:"+36301234567"`
	Mobile         string `json:"mobile,omitempty" doc:"E.164"`
	City           string `json:"city,omitempty"`
	PartyID        ID     `json:"party_id"`
	Organization   string `json:"organization,omitempty" example:"Minta Kft."`
	OrganizationID ID     `json:"organization_id,omitempty"`
	Interest       string `json:"interest,omitempty" doc:"What is wanted, in the lead's words."`

	ExpectedValue Decimal `json:"expected_value,omitempty" doc:"In currency; left out where nobody knows."`
	Currency      string  `json:"currency,omitempty" doc:"ISO 4217" example:"HUF"`

	Source     string `json:"source,omitempty" example:"google"`
	Medium     string `json:"medium,omitempty" example:"cpc"`
	Campaign   string `json:"campaign,omitempty"`
	ExternalID string `json:"external_id,omitempty" doc:"The lead's key in the system it came from."`
	Score      int    `json:"score"`

	ArrivedAt       time.Time `json:"arrived_at"`
	AssignedAt      time.Time `json:"assigned_at,omitzero"`
	FirstResponseAt time.Time `json:"first_response_at,omitzero"`
	ConvertedAt     time.Time `json:"converted_at,omitzero"`
	ImportID        ID        `json:"import_id,omitempty"`
	ConversionID    ID        `json:"conversion_id,omitempty"`
	OwnerUser       string    `json:"owner_user" doc:"The host's key of the user who looks after it, empty for nobody."`
	OwnerTeam       string    `json:"owner_team"`
	CreatedAt       time.Time `json:"created_at"`
	CreatedBy       string    `json:"created_by"`
	UpdatedAt       time.Time `json:"updated_at"`
	UpdatedBy       string    `json:"updated_by"`
}

func leadOf(r lead.Row) Lead {
	return Lead{
		ID: idOf(r.ID), Version: r.Version, Status: string(r.Status), StatusReason: r.StatusReason, Kind: string(r.Kind), Name: r.Name,
		Email: r.Email, Phone: r.Phone, Mobile: r.Mobile, City: r.City, PartyID: idOf(r.PartyID), Organization: r.Organization,
		OrganizationID: idOf(r.OrganizationID), Interest: r.Interest, ExpectedValue: known(r.ExpectedValue), Currency: r.Currency,
		Source: r.Source, Medium: r.Medium, Campaign: r.Campaign, ExternalID: r.ExternalID, Score: r.Score,
		ArrivedAt: r.ArrivedAt, AssignedAt: r.AssignedAt, FirstResponseAt: r.FirstResponseAt, ConvertedAt: r.ConvertedAt,
		ImportID: idOf(r.ImportID), ConversionID: idOf(r.ConversionID), OwnerUser: r.OwnerUser, OwnerTeam: r.OwnerTeam,
		CreatedAt: r.CreatedAt, CreatedBy: r.CreatedBy, UpdatedAt: r.UpdatedAt, UpdatedBy: r.UpdatedBy,
	}
}

// leadNow reads a lead as it is after a change.
func leadNow(ctx context.Context, m *crm.Module, id lead.ID, err error) (*Tagged[Lead], error) {
	if err != nil {
		return nil, err
	}
	row, err := m.Leads.Row(ctx, id)
	return &Tagged[Lead]{etag(row.Version), leadOf(row)}, err
}

// Origin is where a lead came from.
type Origin struct {
	Channel  string `json:"channel,omitempty" enum:"form,hand,file,card,email,phone,ad,host,meeting,other" doc:"The way it came in."`
	Source   string `json:"source,omitempty" maxLength:"1000" doc:"utm_source" example:"google"`
	Medium   string `json:"medium,omitempty" maxLength:"1000" doc:"utm_medium" example:"cpc"`
	Campaign string `json:"campaign,omitempty" maxLength:"1000" doc:"utm_campaign"`
	Term     string `json:"term,omitempty" maxLength:"1000" doc:"utm_term"`
	Content  string `json:"content,omitempty" maxLength:"1000" doc:"utm_content"`
	ClickID  string `json:"click_id,omitempty" maxLength:"1000" doc:"The advertiser's id of the click."`
	Referrer string `json:"referrer,omitempty" maxLength:"4000"`
	Page     string `json:"page,omitempty" maxLength:"4000"`
}

func (o Origin) origin() lead.Origin {
	return lead.Origin{
		Channel: lead.Channel(o.Channel), Source: o.Source, Medium: o.Medium, Campaign: o.Campaign, Term: o.Term, Content: o.Content,
		ClickID: o.ClickID, Referrer: o.Referrer, Page: o.Page,
	}
}

// Owner is who looks after a record.
type Owner struct {
	User string `json:"user,omitempty" maxLength:"64" doc:"The host's key of the user." example:"kovacs"`
	Team string `json:"team,omitempty" maxLength:"64" doc:"The host's key of the team."`
}

func (o *Owner) owner() party.Owner {
	if o == nil {
		return party.Owner{}
	}
	return party.Owner{User: o.User, Team: o.Team}
}

// LeadDraft is what is known of a new lead. Any field may be left out, as long as there is one way to
// reach the lead.
type LeadDraft struct {
	Name       string `json:"name,omitempty" maxLength:"240" doc:"The whole name, read in the order of the language." example:"Kovács Anna"`
	Title      string `json:"title,omitempty" maxLength:"40"`
	Given      string `json:"given,omitempty" maxLength:"80"`
	Middle     string `json:"middle,omitempty" maxLength:"80"`
	Patronymic string `json:"patronymic,omitempty" maxLength:"80"`
	Family     string `json:"family,omitempty" maxLength:"120"`
	Gender     string `json:"gender,omitempty" enum:"f,m"`
	BirthDate  Date   `json:"birth_date,omitempty"`
	JobTitle   string `json:"job_title,omitempty" maxLength:"120"`
	Language   string `json:"language,omitempty" enum:"hu,en,he,ru,el" doc:"What the lead is written to in; the company's where it is left out."`

	Organization string   `json:"organization,omitempty" maxLength:"240" doc:"The company's name. With a person it is the employer; alone it is the lead." example:"Minta Kft."`
	TaxID        string   `json:"tax_id,omitempty" maxLength:"60"`
	Website      string   `json:"website,omitempty" maxLength:"200"`
	Emails       []string `json:"emails,omitempty" maxItems:"20" maxLength:"320" doc:"The first one is the main one."`
	Phones       []string `json:"phones,omitempty" maxItems:"20" maxLength:"60" doc:"In any habit of writing; the first one is the main one."`
	Mobile       string   `json:"mobile,omitempty" maxLength:"60"`
	Address      *Address `json:"address,omitempty"`

	Interest      string         `json:"interest,omitempty" maxLength:"20000" example:"40 lámpatest"`
	ExpectedValue Decimal        `json:"expected_value,omitempty"`
	Currency      string         `json:"currency,omitempty" maxLength:"3" doc:"ISO 4217; the company's own where it is left out." example:"HUF"`
	Origin        Origin         `json:"origin,omitempty"`
	Consent       string         `json:"consent,omitempty" maxLength:"1000" doc:"The text that was agreed to, as it stood beside the box."`
	Owner         *Owner         `json:"owner,omitempty" doc:"The key's user where it is left out."`
	ExternalID    string         `json:"external_id,omitempty" maxLength:"80"`
	ArrivedAt     *time.Time     `json:"arrived_at,omitempty" doc:"Now where it is left out."`
	Custom        map[string]any `json:"custom,omitempty" doc:"Values of custom fields by name."`
}

func (d LeadDraft) draft(n *numbers) lead.Draft {
	return lead.Draft{
		Name: d.Name, Title: d.Title, Given: d.Given, Middle: d.Middle, Patronymic: d.Patronymic, Family: d.Family,
		Gender: party.Gender(d.Gender), BirthDate: day(d.BirthDate), JobTitle: d.JobTitle, Language: locale.Language(d.Language),
		Organization: d.Organization, TaxID: d.TaxID, Website: d.Website, Emails: d.Emails, Phones: d.Phones, Mobile: d.Mobile,
		Address: d.Address.address(), Interest: d.Interest, ExpectedValue: n.amount("expected_value", d.ExpectedValue), Currency: d.Currency,
		Origin: d.Origin.origin(), Consent: d.Consent, Owner: d.Owner.owner(), ExternalID: d.ExternalID, ArrivedAt: timesOf(d.ArrivedAt), Custom: d.Custom,
	}
}

// Captured is what became of a lead that was taken in.
type Captured struct {
	Outcome    string          `json:"outcome" enum:"created,again,repeated" doc:"created: there is a new lead; again: who is known and has an open lead, which got a touch."`
	Lead       *Lead           `json:"lead,omitempty" doc:"Left out where the key may not read leads."`
	LeadID     ID              `json:"lead_id"`
	PartyID    ID              `json:"party_id"`
	TouchID    ID              `json:"touch_id"`
	Filled     []string        `json:"filled,omitempty" doc:"The fields of the party that a returning lead completed."`
	Duplicates []LeadDuplicate `json:"duplicates" doc:"Who may be the same, the likeliest first."`
	// HostUnchecked stands beside Duplicates.
	HostUnchecked bool `json:"host_unchecked,omitempty" doc:"The host did not answer, so that its customers were not compared."`
}

// LeadDuplicate is somebody who may be the same.
type LeadDuplicate struct {
	PartyID  ID            `json:"party_id,omitempty"`
	LeadID   ID            `json:"lead_id,omitempty"`
	Status   string        `json:"status,omitempty"`
	Customer string        `json:"customer,omitempty" doc:"The host's key of the customer."`
	Name     string        `json:"name,omitempty"`
	Owner    Owner         `json:"owner"`
	Score    int           `json:"score" doc:"0 to 100; from 90 it is certain, from 65 likely, from 35 possible."`
	Reasons  []MatchReason `json:"reasons"`
	Hidden   bool          `json:"hidden,omitempty" doc:"The key may not see the record; the owner says whom to ask."`
}

// MatchReason is one thing that speaks for or against two records being one.
type MatchReason struct {
	Code   string `json:"code" example:"match.email"`
	Points int    `json:"points"`
	Text   string `json:"text" doc:"In the reader's language." example:"Same e-mail: anna@example.hu"`
}

func matchOf(lang locale.Language, m party.Match) []MatchReason {
	return each(m.Reasons, func(r party.Reason) MatchReason {
		return MatchReason{Code: r.Code, Points: r.Points, Text: r.Text(lang)}
	})
}

func duplicateOf(lang locale.Language) func(lead.Duplicate) LeadDuplicate {
	return func(d lead.Duplicate) LeadDuplicate {
		return LeadDuplicate{
			PartyID: idOf(d.Party), LeadID: idOf(d.Lead), Status: string(d.Status), Customer: d.Customer, Name: d.Name,
			Owner: Owner{d.Owner.User, d.Owner.Team}, Score: d.Match.Score, Reasons: matchOf(lang, d.Match), Hidden: d.Hidden,
		}
	}
}

// LeadPatch changes a lead; what is left out stays as it is.
type LeadPatch struct {
	Interest      *string        `json:"interest,omitempty" maxLength:"20000"`
	ExpectedValue *Decimal       `json:"expected_value,omitempty"`
	Currency      *string        `json:"currency,omitempty" maxLength:"3"`
	Source        *string        `json:"source,omitempty" maxLength:"200"`
	Medium        *string        `json:"medium,omitempty" maxLength:"200"`
	Campaign      *string        `json:"campaign,omitempty" maxLength:"200"`
	ExternalID    *string        `json:"external_id,omitempty" maxLength:"200"`
	Organization  *string        `json:"organization,omitempty" maxLength:"300" doc:"Empty takes the link to the company away."`
	Party         *PartyDraft    `json:"party,omitempty" doc:"Replaces what is known of the person or company."`
	PartyVersion  int64          `json:"party_version,omitempty" doc:"The version of the party that was read; needed with party." minimum:"1"`
	Custom        map[string]any `json:"custom,omitempty" doc:"Values of custom fields by name; null clears one."`
}

func (p LeadPatch) patch(n *numbers) lead.Patch {
	out := lead.Patch{
		Interest: p.Interest, ExpectedValue: optional(n, "expected_value", p.ExpectedValue, money.ParseAmount), Currency: p.Currency,
		Source: p.Source, Medium: p.Medium, Campaign: p.Campaign, ExternalID: p.ExternalID, Organization: p.Organization,
		PartyVersion: p.PartyVersion, Custom: p.Custom,
	}
	if p.Party != nil {
		d := p.Party.draft()
		out.Party = &d
	}
	return out
}

// LeadMove is a change of status.
type LeadMove struct {
	Status string `json:"status" enum:"new,working,qualified,nurturing,disqualified"`
	Reason string `json:"reason,omitempty" maxLength:"400" doc:"Needed for disqualified."`
}

// Touch is one arrival of a lead.
type Touch struct {
	ID      ID        `json:"id"`
	LeadID  ID        `json:"lead_id"`
	PartyID ID        `json:"party_id"`
	At      time.Time `json:"at"`
	Origin  Origin    `json:"origin"`
	Consent string    `json:"consent,omitempty"`
}

func touchOf(t lead.Touch) Touch {
	o := t.Origin
	return Touch{
		ID: idOf(t.ID), LeadID: idOf(t.LeadID), PartyID: idOf(t.PartyID), At: t.At, Consent: t.Consent,
		Origin: Origin{string(o.Channel), o.Source, o.Medium, o.Campaign, o.Term, o.Content, o.ClickID, o.Referrer, o.Page},
	}
}

// LeadCard is a lead with all that belongs to it.
type LeadCard struct {
	Lead     Lead           `json:"lead"`
	Party    Party          `json:"party"`
	Points   []Point        `json:"points" doc:"Further e-mails and phones."`
	Employer *Party         `json:"employer,omitempty"`
	First    *Touch         `json:"first_touch,omitempty"`
	Touches  []Touch        `json:"touches" doc:"The latest first."`
	Links    []HostLink     `json:"links" doc:"What the party is at the host."`
	Custom   map[string]any `json:"custom"`
}

type leadListInput struct {
	Fields
	Paging
	LeadQuestion
}

// LeadQuestion asks for leads; what is left out does not narrow.
type LeadQuestion struct {
	OwnFilter
	Status       []string  `query:"status" enum:"new,working,qualified,nurturing,disqualified,converted" doc:"Any of them, by comma."`
	OwnerUser    string    `query:"owner_user" maxLength:"64"`
	OwnerTeam    string    `query:"owner_team" maxLength:"64"`
	Unowned      bool      `query:"unowned" doc:"Leads that nobody owns."`
	Source       string    `query:"source" maxLength:"60"`
	Campaign     string    `query:"campaign" maxLength:"80"`
	Name         string    `query:"name" maxLength:"100" doc:"The beginning of the name as lists are sorted. Such a list comes in the order of names."`
	From         time.Time `query:"from" doc:"The first arrival."`
	Until        time.Time `query:"until" doc:"The instant after the last arrival."`
	Import       ID        `query:"import"`
	Organization ID        `query:"organization"`
	Sort         string    `query:"sort" enum:"arrival,score,name" default:"arrival"`
}

func (in LeadQuestion) filter(ctx context.Context, m *crm.Module) (lead.Filter, error) {
	own, err := in.own(ctx, m, "lead")
	return lead.Filter{
		Custom:   own,
		Statuses: words[lead.Status](in.Status), OwnerUser: in.OwnerUser, OwnerTeam: in.OwnerTeam, Unowned: in.Unowned, Source: in.Source,
		Campaign: in.Campaign, Name: in.Name, From: in.From, Until: in.Until, Import: keyOf[lead.ImportTag](in.Import), Organization: keyOf[party.Tag](in.Organization),
	}, err
}

func leadID(id ID) lead.ID { return keyOf[lead.Tag](id) }

func (a *server) leads() {
	const tag = "Leads"
	add(a, route{ID: "capture-lead", Method: http.MethodPost, Path: "/leads", Tag: tag, Rights: rights(actor.LeadCapture), Status: http.StatusCreated, Apart: a.elsewhere(),
		Summary: "Take a lead in", Doc: "Who certainly is known and has an open lead gets no second one: the lead gets a touch and what was new. Everybody else becomes a lead, and the answer lists who may be the same. The lead belongs to the owner that is named, else to the key's user; POST /leads/{id}/routing has the company's rules decide whose it is."},
		captureLead)
	add(a, route{ID: "list-leads", Method: http.MethodGet, Path: "/leads", Tag: tag, Rights: rights(actor.LeadRead), Summary: "List leads"},
		func(ctx context.Context, m *crm.Module, in *leadListInput) (*Listed[Lead], error) {
			filter, err := in.filter(ctx, m)
			if err != nil {
				return nil, err
			}
			list, err := m.Leads.List(ctx, filter, lead.Sort(in.Sort), in.page())
			return listed(callOf(ctx), each(list.Rows, leadOf), list.Next), err
		})
	add(a, route{ID: "count-leads", Method: http.MethodGet, Path: "/leads/count", Tag: tag, Rights: rights(actor.LeadRead), Summary: "Count leads", Doc: "Counts up to 1000; more_than says that there are more."},
		func(ctx context.Context, m *crm.Module, in *leadListInput) (*Out[Count], error) {
			filter, err := in.filter(ctx, m)
			if err != nil {
				return nil, err
			}
			n, err := m.Leads.Count(ctx, filter)
			return &Out[Count]{Count{min(n, lead.CountLimit), n > lead.CountLimit}}, err
		})
	add(a, route{ID: "get-lead", Method: http.MethodGet, Path: "/leads/{id}", Tag: tag, Rights: rights(actor.LeadRead), Summary: "Read a lead", Doc: "A merged lead is followed to the one it stands for."},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[Lead], error) {
			return leadNow(ctx, m, leadID(in.ID), nil)
		})
	add(a, route{ID: "get-lead-card", Method: http.MethodGet, Path: "/leads/{id}/card", Tag: tag, Rights: rights(actor.LeadRead), Summary: "Read a lead with all that belongs to it"},
		leadCard)
	add(a, route{ID: "edit-lead", Method: http.MethodPatch, Path: "/leads/{id}", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Change a lead and its party"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Match
			Body LeadPatch
		}) (*Tagged[Lead], error) {
			var n numbers
			patch := in.Body.patch(&n)
			if err := n.err(); err != nil {
				return nil, err
			}
			if err := convertCustom(ctx, m, "lead", patch.Custom); err != nil {
				return nil, err
			}
			return changeLead(ctx, m, in.ID, in.version, func(id lead.ID) error {
				_, err := m.Leads.Edit(ctx, id, in.version, patch)
				return err
			})
		})
	add(a, route{ID: "move-lead", Method: http.MethodPost, Path: "/leads/{id}/status", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Move a lead to another status"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Match
			Body LeadMove
		}) (*Tagged[Lead], error) {
			return changeLead(ctx, m, in.ID, in.version, func(id lead.ID) error {
				_, err := m.Leads.SetStatus(ctx, id, in.version, lead.Move{To: lead.Status(in.Body.Status), Reason: in.Body.Reason})
				return err
			})
		})
	add(a, route{ID: "assign-lead", Method: http.MethodPost, Path: "/leads/{id}/owner", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Give a lead to another owner"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Match
			Body Owner
		}) (*Tagged[Lead], error) {
			return changeLead(ctx, m, in.ID, in.version, func(id lead.ID) error {
				_, err := m.Leads.Assign(ctx, id, in.version, in.Body.owner())
				return err
			})
		})
	add(a, route{ID: "respond-lead", Method: http.MethodPost, Path: "/leads/{id}/response", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Note the first human contact with a lead", Doc: "Later calls change nothing."},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Tagged[Lead], error) {
			_, err := m.Leads.Responded(ctx, leadID(in.ID))
			return leadNow(ctx, m, leadID(in.ID), err)
		})
	a.leadDuplicates(tag)
}

// leadDuplicates adds what is about leads being one and the same, and their arrivals.
func (a *server) leadDuplicates(tag string) {
	add(a, route{ID: "list-lead-touches", Method: http.MethodGet, Path: "/leads/{id}/touches", Tag: tag, Rights: rights(actor.LeadRead), Summary: "List the arrivals of a lead, the latest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Paging
		}) (*Listed[Touch], error) {
			touches, err := m.Leads.Touches(ctx, leadID(in.ID), in.page())
			next := ""
			if n := len(touches); n > 0 && n == in.page().Size() {
				next = store.Cursor(touches[n-1].At, touches[n-1].ID)
			}
			return listed(callOf(ctx), each(touches, touchOf), next), err
		})
	add(a, route{ID: "list-lead-duplicates", Method: http.MethodGet, Path: "/leads/{id}/duplicates", Tag: tag, Rights: rights(actor.LeadRead), Summary: "Look who may be the same as a lead"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Listed[LeadDuplicate], error) {
			found, err := m.Leads.Duplicates(ctx, leadID(in.ID))
			return listed(callOf(ctx), each(found, duplicateOf(callOf(ctx).language())), ""), err
		})
	add(a, route{ID: "merge-lead", Method: http.MethodPost, Path: "/leads/{id}/merge", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Say that another lead is this one", Doc: "Nothing is lost, and DELETE /merges/{id} takes it back."},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Match
			Body LeadMerge
		}) (*Out[Merged], error) {
			if err := locked(ctx, m, &lead.Lead{}, leadID(in.ID), in.version); err != nil {
				return nil, err
			}
			id, err := m.Leads.Merge(ctx, leadID(in.ID), leadID(in.Body.Loser))
			if err != nil {
				return nil, err
			}
			survivor, err := leadNow(ctx, m, leadID(in.ID), nil)
			if err != nil {
				return nil, err
			}
			return &Out[Merged]{Merged{MergeID: idOf(id), Lead: survivor.Body}}, nil
		})
	add(a, route{ID: "unmerge-leads", Method: http.MethodDelete, Path: "/merges/{id}", Tag: tag, Rights: rights(actor.LeadWrite), Summary: "Take a merge of leads back", Doc: "Done twice it changes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Empty, error) {
			return nil, m.Leads.Unmerge(ctx, keyOf[party.MergeTag](in.ID))
		})
}

// LeadMerge names the lead that is given up.
type LeadMerge struct {
	Loser ID `json:"loser" doc:"The lead that is the same and is given up."`
}

// Merged is a merge of two leads.
type Merged struct {
	MergeID ID   `json:"merge_id" doc:"For taking it back."`
	Lead    Lead `json:"lead" doc:"The one that stays."`
}

// Count is how many records there are.
type Count struct {
	Count    int  `json:"count"`
	MoreThan bool `json:"more_than" doc:"There are more than count says."`
}

// changeLead runs a change under the version that was read.
func changeLead(ctx context.Context, m *crm.Module, id ID, version int64, do func(lead.ID) error) (*Tagged[Lead], error) {
	key := leadID(id)
	if version != 0 {
		if err := locked(ctx, m, &lead.Lead{}, key, version); err != nil {
			return nil, err
		}
	}
	return leadNow(ctx, m, key, do(key))
}

func captureLead(ctx context.Context, m *crm.Module, in *struct{ Body LeadDraft }) (*Made[Captured], error) {
	var n numbers
	draft := in.Body.draft(&n)
	if err := n.err(); err != nil {
		return nil, err
	}
	if err := convertCustom(ctx, m, "lead", draft.Custom); err != nil {
		return nil, err
	}
	if draft.Origin.Channel == "" {
		draft.Origin.Channel = lead.ByOther
	}
	result, err := m.Leads.Capture(ctx, draft)
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	out := &Made[Captured]{Location: c.r.URL.Path + "/" + result.Lead.String(), Body: Captured{
		Outcome: string(result.Outcome), LeadID: idOf(result.Lead), PartyID: idOf(result.Party), TouchID: idOf(result.Touch), Filled: result.Filled,
		Duplicates: each(result.Duplicates, duplicateOf(c.language())), HostUnchecked: result.HostUnchecked,
	}}
	if !c.holder.Actor.May(actor.LeadRead) {
		return out, nil
	}
	row := result.Written
	if row == nil {
		var read lead.Row
		read, err = m.Leads.Row(ctx, result.Lead)
		row = &read
	}
	switch {
	case err == nil:
		l := leadOf(*row)
		out.Body.Lead, out.ETag = &l, etag(row.Version)
	case fault.CodeOf(err) == fault.NotFound: // it is a colleague's, whom this key may not see
		err = nil
	}
	return out, err
}

func leadCard(ctx context.Context, m *crm.Module, in *struct {
	ByID
	Fields
}) (*Tagged[LeadCard], error) {
	card, err := m.Leads.Get(ctx, leadID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := m.Reads.Note(ctx, "lead", card.Lead.ID.Bytes()); err != nil {
		return nil, err
	}
	p := card.Party
	row := lead.Row{Lead: card.Lead, Kind: p.Kind, Name: p.DisplayName, Email: p.Email, Phone: p.Phone, Mobile: p.Mobile, City: p.City}
	out := LeadCard{
		Lead: leadOf(row), Party: partyOf(p), Points: each(card.Points, pointOf), Touches: each(card.Touches, touchOf),
		Links: each(card.Links, linkOf), Custom: customOf(card.Sheet.Values),
	}
	if !card.First.ID.IsZero() {
		first := touchOf(card.First)
		out.First = &first
	}
	if card.Employer != nil {
		employer := partyOf(*card.Employer)
		out.Employer = &employer
	}
	return &Tagged[LeadCard]{etag(card.Lead.Version), out}, nil
}

// rights are those of which any one lets in.
func rights(any ...actor.Right) []actor.Right { return any }
