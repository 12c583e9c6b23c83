package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

func (s *screens) leadCardRoutes() []route {
	return []route{
		{Pattern: "GET /leads/{id}", Right: actor.LeadRead, Do: s.showLead},
		{Pattern: "GET /leads/{id}/group/{name}", Right: actor.LeadWrite, Do: s.askLeadGroup},
		{Pattern: "GET /leads/{id}/group/{name}/shown", Right: actor.LeadRead, Do: s.showLeadGroup},
		{Pattern: "POST /leads/{id}/group/{name}", Right: actor.LeadWrite, Do: s.saveLeadGroup},
		{Pattern: "POST /leads/{id}/take", Right: actor.LeadWrite, Do: s.takeLead},
		{Pattern: "POST /leads/{id}/route", Right: actor.LeadAssign, Do: s.routeLead},
		{Pattern: "POST /leads/{id}/clock/{verb}", Right: actor.LeadWrite, Do: s.turnClock},
		{Pattern: "GET /leads/{id}/convert", Right: actor.Convert, Do: s.askConvert},
		{Pattern: "POST /leads/{id}/convert", Right: actor.Convert, Do: s.convertLead},
		{Pattern: "GET /conversions/{id}", Right: actor.Convert, Do: s.showConversion},
	}
}

// leadCard is all that the card of a lead shows.
type leadCard struct {
	lead.Card
	// Account is the party that becomes the customer: the company, or the person where there is none.
	Account party.Party
	// Sources are the words for where the lead came from.
	Sources  map[string]string
	Owner    string
	Mine     bool
	Moves    []lead.Status
	Groups   []cardGroup
	Needs    *checklist
	Timeline timelineView
	Similar  []similarRow
	Quotes   []quote.Row
	Deals    []opportunity.Row
	Stages   map[opportunity.StageID]string
	Links    []hostRecord
	Changes  []fieldChange
	Reach    reach
	Path     string
	Names    map[string]string
	// Rhythm is nil where nothing is known of it.
	Rhythm *leadRhythm
	// NewDeal and NewQuote are where one is made, "" for who may not.
	NewDeal, NewQuote string
	// Sequences are those that the person is or was in; nil for who may not see them.
	Sequences *partySequences
	// Processes are those on the lead; nil where there is nothing to show.
	Processes *cardProcesses
	// Open says that the lead may still be converted.
	Open bool
}

// Dot is how the lead's status looks.
func (d leadCard) Dot() string { return statusDot(d.Lead.Status) }

// reach is how somebody is got hold of with one press.
type reach struct{ Phone, Mobile, Email, Map, Note string }

// Phones are the numbers, the mobile first.
func (r reach) Phones() []string {
	var out []string
	for _, n := range []string{r.Mobile, r.Phone} {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}

// mapLink is where an address is on a map; "" where nothing of it is known.
func mapLink(a party.Address) string {
	var parts []string
	for _, part := range []string{a.Line1, a.PostalCode, a.City, a.Country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if a.City == "" && a.Line1 == "" {
		return ""
	}
	return "https://www.openstreetmap.org/search?query=" + url.QueryEscape(strings.Join(parts, ", "))
}

func (v *visit) reachOf(p party.Party) reach {
	r := reach{Phone: p.Phone, Mobile: p.Mobile, Email: p.Email, Map: mapLink(p.Address())}
	if v.may(actor.ActivityWrite) {
		r.Note = v.link("/activities/new") + "?kind=note&party=" + p.ID.String() + "&next=" + url.QueryEscape(v.here())
	}
	return r
}

// hostRecord is a record of the host with its own page.
type hostRecord struct {
	convert.Link
	Path, Name string
}

// checklist is what invoicing needs and what of it is known.
type checklist struct {
	Items []checkItem
	Known int
	// Customer is the host's customer where there is one already.
	Customer, CustomerPath string
	OOB                    bool
}

type checkItem struct {
	Label string
	OK    bool
	// Why says what is wrong with what is there.
	Why, Group string
}

// needed are the fields that a host asks for, with the group of the card that holds each.
var needed = []struct{ path, label, group string }{
	{"name", "card.name", "contact"}, {"tax_id", "card.tax_id", "billing"}, {"address.line1", "card.line1", "billing"},
	{"address.postal_code", "card.postal_code", "billing"}, {"address.city", "card.city", "billing"}, {"address.country", "card.country", "billing"},
	{"email", "card.email", "contact"}, {"currency", "card.currency", "interest"},
}

// needs says what invoicing needs of a lead; nil for who may not convert.
func (v *visit) needs(id lead.ID) (*checklist, error) {
	if !v.may(actor.Convert) {
		return nil, nil
	}
	preview, err := v.module().Convert.PreviewLead(v.ctx(), id, convert.CustomerChoice{})
	if code := fault.CodeOf(err); code == fault.Unavailable || code == fault.NotFound {
		return nil, nil // a host that does not answer must not take the card away
	}
	if err != nil {
		return nil, err
	}
	return v.checklist(preview), nil
}

func (v *visit) checklist(preview convert.LeadPreview) *checklist {
	out := &checklist{}
	if preview.Already != nil {
		out.Customer, out.CustomerPath = preview.Already.Name, v.link("/customers", preview.Already.Key)
		return out
	}
	missing := map[string]string{}
	for _, m := range preview.Missing {
		missing[m.Path] = v.faultText(m)
	}
	for _, n := range needed {
		why, bad := missing[n.path]
		delete(missing, n.path)
		item := checkItem{Label: v.t(n.label), OK: !bad, Why: why, Group: n.group}
		if !bad {
			out.Known++
		}
		out.Items = append(out.Items, item)
	}
	for _, m := range preview.Missing {
		if why, left := missing[m.Path]; left {
			out.Items = append(out.Items, checkItem{Label: m.Path, Why: why, Group: "billing"})
		}
	}
	return out
}

func (s *screens) showLead(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	if card.Lead.ID != id { // it was merged
		return v.redirect(v.link("/leads", card.Lead.ID.String()))
	}
	if err := v.module().Reads.Note(v.ctx(), "lead", id.Bytes()); err != nil {
		return err
	}
	d, err := v.leadCard(card)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "lead_card", head{
		Title: card.Party.DisplayName, Section: "leads", Crumbs: []crumb{{v.t("menu.leads"), v.link("/leads")}}, Scripts: timelineScripts,
	}, d)
}

// account is the party that becomes the customer.
func account(card lead.Card) party.Party {
	if card.Employer != nil {
		return *card.Employer
	}
	return card.Party
}

func (v *visit) leadCard(card lead.Card) (leadCard, error) {
	d := leadCard{Card: card, Account: account(card), Path: v.link("/leads", card.Lead.ID.String()), Reach: v.reachOf(card.Party)}
	d.Open = card.Lead.Status.Open() && card.Lead.ConversionID.IsZero()
	if v.may(actor.OpportunityWrite) {
		d.NewDeal = v.link("/opportunities/new") + "?lead=" + card.Lead.ID.String()
	}
	if v.may(actor.QuoteWrite) {
		d.NewQuote = v.link("/quotes/new") + "?lead=" + card.Lead.ID.String()
	}
	d.Mine = card.Lead.OwnerUser == v.Actor.UserID
	if d.Reach.Map == "" {
		d.Reach.Map = mapLink(d.Account.Address())
	}
	for _, to := range card.Lead.Status.Next() {
		if to != lead.StatusConverted {
			d.Moves = append(d.Moves, to)
		}
	}
	var err error
	if d.Names, err = v.names(); err != nil {
		return d, err
	}
	if d.Owner = d.Names[card.Lead.OwnerUser]; d.Owner == "" {
		d.Owner = card.Lead.OwnerUser
	}
	if d.Needs, err = v.needs(card.Lead.ID); err != nil {
		return d, err
	}
	if d.Rhythm, err = v.rhythmOf(card, d.Names); err != nil {
		return d, err
	}
	if d.Sequences, err = v.sequencesOf(card.Lead); err != nil {
		return d, err
	}
	if d.Processes, err = v.processesOn(process.Lead, process.RecordID(card.Lead.ID)); err != nil {
		return d, err
	}
	sources, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return d, err
	}
	d.Sources = map[string]string{}
	for _, touch := range card.Touches {
		d.Sources[touch.Source] = sources.Text(v.Locale.Language, touch.Source)
	}
	if d.Groups, err = v.leadGroups(card); err != nil {
		return d, err
	}
	if d.Similar, err = v.similarTo(card); err != nil {
		return d, err
	}
	about := subject{Party: d.Account.ID, Lead: card.Lead.ID, Path: d.Path}
	if d.Timeline, err = v.timeline(about); err != nil {
		return d, err
	}
	if d.Timeline.Colleague {
		d.NewDeal, d.NewQuote = "", ""
	}
	if d.Changes, err = v.changesOf(card); err != nil {
		return d, err
	}
	return d, v.sales(&d)
}

// sales fills what is being sold to the lead and what the host has of it.
func (v *visit) sales(d *leadCard) error {
	if d.Timeline.Colleague { // what is sold to the customer is his, too
		return nil
	}
	var err error
	if d.Quotes, d.Deals, d.Stages, err = v.salesOf(d.Account.ID); err != nil {
		return err
	}
	d.Links, err = v.hostRecords(d.Account.ID)
	return err
}

// cardRows is how many quotes or opportunities a card shows.
const cardRows = 8

func (v *visit) salesOf(id party.ID) ([]quote.Row, []opportunity.Row, map[opportunity.StageID]string, error) {
	var quotes []quote.Row
	var deals []opportunity.Row
	var stages map[opportunity.StageID]string
	if v.may(actor.QuoteRead) {
		list, err := v.module().Quotes.List(v.ctx(), quote.Filter{Party: id, Page: store.Page{Limit: cardRows}})
		if err != nil {
			return nil, nil, nil, err
		}
		quotes = list.Rows
	}
	if v.may(actor.OpportunityRead) {
		list, err := v.module().Opportunities.List(v.ctx(), opportunity.Filter{Party: id, Page: store.Page{Limit: cardRows}})
		if err != nil {
			return nil, nil, nil, err
		}
		if deals = list.Rows; len(deals) > 0 {
			if stages, err = v.stageNames(); err != nil {
				return nil, nil, nil, err
			}
		}
	}
	return quotes, deals, stages, nil
}

func (v *visit) hostRecords(id party.ID) ([]hostRecord, error) {
	links, err := v.module().Convert.LinksOfParty(v.ctx(), id)
	if err != nil {
		return nil, err
	}
	var out []hostRecord
	seen := map[string]bool{}
	for _, l := range links {
		if seen[l.HostKind+l.HostKey] {
			continue
		}
		seen[l.HostKind+l.HostKey] = true
		r := hostRecord{Link: l, Path: hostLink(v.s.config.Links, l.HostKind, l.HostKey), Name: l.HostNumber}
		if r.Name == "" {
			r.Name = l.HostKey
		}
		out = append(out, r)
	}
	return out, nil
}

// similarTo looks for who may be the same as a lead.
func (v *visit) similarTo(card lead.Card) ([]similarRow, error) {
	found, err := v.module().Leads.Duplicates(v.ctx(), card.Lead.ID)
	if fault.CodeOf(err) == fault.Unavailable {
		return nil, nil // the host does not answer; the card goes without
	}
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(d lead.Duplicate) bool { // a person and his company share what they are reached by
		return !d.Party.IsZero() && d.Party == card.Party.EmployerID
	})
	return v.similarRows(found, 0)
}

// takeLead makes the person who presses the owner.
func (s *screens) takeLead(v *visit) error {
	id, err := key[lead.Tag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	if _, err := v.module().Leads.Assign(v.ctx(), id, f.version("version"), party.Owner{User: v.Actor.UserID, Team: v.Actor.Team()}); err != nil {
		return err
	}
	v.done("card.taken")
	return v.redirect(v.back(v.link("/leads", id.String())))
}

// showParty leads to the card of a party: that of the customer, the lead or the contact it is.
func (s *screens) showParty(v *visit) error {
	id, err := key[party.Tag](v, "id")
	if err != nil {
		return err
	}
	p, err := v.module().Parties.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	path, err := v.partyPath(p)
	if err != nil {
		return err
	}
	return v.redirect(path)
}

func (v *visit) partyPath(p party.Party) (string, error) {
	links, err := v.module().Parties.Links(v.ctx(), p.ID)
	if err != nil {
		return "", err
	}
	for _, l := range links {
		if l.Role == party.Customer {
			return v.link("/customers", l.HostKey), nil
		}
	}
	if p.Kind == party.Company {
		leads, err := v.module().Leads.List(v.ctx(), lead.Filter{Organization: p.ID}, lead.ByArrival, store.Page{Limit: 1})
		if err != nil {
			return "", err
		}
		if len(leads.Rows) > 0 {
			return v.link("/leads", leads.Rows[0].ID.String()), nil
		}
	}
	return v.link("/contacts", p.ID.String()), nil
}
