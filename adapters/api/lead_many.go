package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
)

// ChosenLead is a lead in the version in which it was read.
type ChosenLead struct {
	ID      ID    `json:"id"`
	Version int64 `json:"version,omitempty" minimum:"0" doc:"Whichever there is where it is left out."`
}

func chosenOf(c lead.Chosen) ChosenLead { return ChosenLead{idOf(c.ID), c.Version} }

// LeadFilter chooses leads; what is left out does not narrow it.
type LeadFilter struct {
	Status       []string   `json:"status,omitempty" enum:"new,working,qualified,nurturing,disqualified,converted"`
	OwnerUser    string     `json:"owner_user,omitempty" maxLength:"64"`
	OwnerTeam    string     `json:"owner_team,omitempty" maxLength:"64"`
	Unowned      bool       `json:"unowned,omitempty" doc:"Leads that nobody owns."`
	Waiting      bool       `json:"waiting,omitempty" doc:"New leads that nobody has answered yet."`
	Source       string     `json:"source,omitempty" maxLength:"60"`
	Campaign     string     `json:"campaign,omitempty" maxLength:"80"`
	Name         string     `json:"name,omitempty" maxLength:"100" doc:"The beginning of the name."`
	From         *time.Time `json:"from,omitempty" doc:"The first arrival."`
	Until        *time.Time `json:"until,omitempty" doc:"The instant after the last arrival."`
	Import       ID         `json:"import,omitempty"`
	Organization ID         `json:"organization,omitempty"`
}

func (f *LeadFilter) filter() *lead.Filter {
	if f == nil {
		return nil
	}
	return &lead.Filter{
		Statuses: words[lead.Status](f.Status), OwnerUser: f.OwnerUser, OwnerTeam: f.OwnerTeam, Unowned: f.Unowned, Waiting: f.Waiting, Source: f.Source,
		Campaign: f.Campaign, Name: f.Name, From: timesOf(f.From), Until: timesOf(f.Until), Import: keyOf[lead.ImportTag](f.Import), Organization: partyID(f.Organization),
	}
}

// LeadBulk is one change to many leads: those that are named, or those that a filter chooses; they get
// another owner, or another status.
type LeadBulk struct {
	Leads  []ChosenLead `json:"leads,omitempty" maxItems:"1000"`
	Filter *LeadFilter  `json:"filter,omitempty" doc:"Chooses at most 10,000 leads."`
	Assign *Owner       `json:"assign,omitempty"`
	Move   *LeadMove    `json:"move,omitempty"`
}

func (b LeadBulk) bulk() lead.Bulk {
	out := lead.Bulk{Filter: b.Filter.filter()}
	for _, l := range b.Leads {
		out.Leads = append(out.Leads, lead.Chosen{ID: leadID(l.ID), Version: l.Version})
	}
	if b.Assign != nil {
		to := b.Assign.owner()
		out.Assign = &to
	}
	if b.Move != nil {
		out.Move = &lead.Move{To: lead.Status(b.Move.Status), Reason: b.Move.Reason}
	}
	return out
}

// LeadBulkResult is what a change of many leads did, or would do.
type LeadBulkResult struct {
	Done    []ChosenLead  `json:"done" doc:"In the version after the change; in a preview in the version that was read, so that they can be sent as they are."`
	Skipped []SkippedLead `json:"skipped"`
}

// SkippedLead is a lead that stays as it is.
type SkippedLead struct {
	ID     ID     `json:"id"`
	Name   string `json:"name,omitempty"`
	Code   string `json:"code" doc:"not_found, conflict, forbidden, invalid or unchanged."`
	Reason string `json:"reason"`
}

func bulkResultOf(r lead.BulkResult) LeadBulkResult {
	return LeadBulkResult{each(r.Done, chosenOf), each(r.Skipped, func(s lead.Skipped) SkippedLead {
		return SkippedLead{idOf(s.ID), s.Name, string(s.Code), s.Reason}
	})}
}

// PastedText is what somebody pasted.
type PastedText struct {
	Text string `json:"text" maxLength:"20000" doc:"The signature of a mail, the text of a business card, a vCard."`
}

func leadDraftOf(d lead.Draft) LeadDraft {
	out := LeadDraft{
		Name: d.Name, Title: d.Title, Given: d.Given, Middle: d.Middle, Patronymic: d.Patronymic, Family: d.Family, Gender: string(d.Gender),
		BirthDate: dateOf(d.BirthDate), JobTitle: d.JobTitle, Language: string(d.Language), Organization: d.Organization, TaxID: d.TaxID,
		Website: d.Website, Emails: d.Emails, Phones: d.Phones, Mobile: d.Mobile, Interest: d.Interest, ExpectedValue: known(d.ExpectedValue), Currency: d.Currency,
	}
	if x := d.Address; x != (party.Address{}) {
		out.Address = &Address{x.Line1, x.Line2, x.PostalCode, x.City, x.Region, x.Country}
	}
	return out
}

func (a *server) manyLeads() {
	const tag = "Leads"
	write := rights(actor.LeadWrite)
	add(a, route{ID: "change-leads", Method: http.MethodPost, Path: "/leads/bulk", Tag: tag, Rights: write, Apart: true, Summary: "Give many leads to another owner, or move them to another status", Doc: "In transactions of 250. Each lead is changed as if alone: one that somebody else has changed since, or whose status does not allow it, is skipped with its reason."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body LeadBulk }) (*Out[LeadBulkResult], error) {
			r, err := m.Leads.Bulk(ctx, in.Body.bulk())
			return &Out[LeadBulkResult]{bulkResultOf(r)}, err
		})
	add(a, route{ID: "preview-lead-changes", Method: http.MethodPost, Path: "/leads/bulk/preview", Tag: tag, Rights: write, Summary: "See what a change of many leads would do", Doc: "Writes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body LeadBulk }) (*Out[LeadBulkResult], error) {
			r, err := m.Leads.BulkPreview(ctx, in.Body.bulk())
			return &Out[LeadBulkResult]{bulkResultOf(r)}, err
		})
	add(a, route{ID: "read-lead-from-text", Method: http.MethodPost, Path: "/leads/from-text", Tag: tag, Rights: rights(actor.LeadCapture), Summary: "Read a pasted text into a draft of a lead, to be looked over", Doc: "Writes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body PastedText }) (*Out[LeadDraft], error) {
			d := lead.FromText(in.Body.Text, m.Parties.Locale(callOf(ctx).holder.Actor.Company))
			return &Out[LeadDraft]{leadDraftOf(d)}, nil
		})
}
