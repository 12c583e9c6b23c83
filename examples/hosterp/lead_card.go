package main

import (
	"context"
	"net/http"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil/erp"
)

// leadCard is all that the card of a lead shows.
type leadCard struct {
	lead.Card
	Owner      string
	Duplicates []duplicate
	Quotes     []quote.Row
	Links      []convert.Link
	Timeline   timeline
	Moves      []lead.Status
	// Open, Mine and Unowned say which buttons there are.
	Open, Mine, Unowned bool
}

// duplicate is a candidate with its reasons in the reader's language.
type duplicate struct {
	lead.Duplicate
	Reasons []string
}

func leadID(v *visit) (lead.ID, error) { return pathID[lead.Tag](v) }

// pathID reads the id in the address of a page.
func pathID[Noun any](v *visit) (store.Key[Noun], error) {
	id, err := store.ParseKey[Noun](v.r.PathValue("id"))
	if err != nil || id.IsZero() {
		return id, fault.New(fault.NotFound, "there is no such page")
	}
	return id, nil
}

func (s *server) showLead(v *visit) error {
	id, err := leadID(v)
	if err != nil {
		return err
	}
	return s.drawLead(v, http.StatusOK, id, v.blank("kind", "call-out"))
}

// drawLead draws the card; composer is the form of the activity at the foot of the header.
func (s *server) drawLead(v *visit, status int, id lead.ID, composer *form) error {
	ctx := v.ctx()
	card, err := s.module.Leads.Get(ctx, id)
	if err != nil {
		return err
	}
	users, err := v.users()
	if err != nil {
		return err
	}
	view := leadCard{Card: card, Owner: users[card.Lead.OwnerUser], Open: card.Lead.Status.Open()}
	view.Mine, view.Unowned = card.Lead.OwnerUser == v.who.ID, card.Lead.OwnerUser == ""
	for _, to := range card.Lead.Status.Next() {
		if to != lead.StatusConverted {
			view.Moves = append(view.Moves, to)
		}
	}
	found, err := s.module.Leads.Duplicates(ctx, card.Lead.ID)
	if err != nil {
		return err
	}
	for _, d := range found {
		if d.Party == card.Party.EmployerID && !d.Party.IsZero() {
			continue // a person and his company share what they are reached by
		}
		one := duplicate{Duplicate: d}
		for _, reason := range d.Match.Reasons {
			one.Reasons = append(one.Reasons, reason.Text(v.locale.Language))
		}
		view.Duplicates = append(view.Duplicates, one)
	}
	whom := card.Party.ID
	if card.Employer != nil {
		whom = card.Employer.ID
	}
	listing, err := s.module.Quotes.List(ctx, quote.Filter{Party: whom})
	if err != nil {
		return err
	}
	view.Quotes = listing.Rows
	if view.Links, err = s.module.Convert.LinksOfParty(ctx, whom); err != nil {
		return err
	}
	if view.Timeline, err = s.timelineOf(v, whom, composer, "/leads/"+card.Lead.ID.String()+"/activity"); err != nil {
		return err
	}
	view.Timeline.Users = users
	return v.show(status, "lead.html", card.Party.DisplayName, view)
}

// leadForm is the page on which a lead is typed in or changed.
type leadForm struct {
	Form      *form
	Lead      *lead.Lead
	Languages []option
	// Found are leads and customers that may be the same, shown after capturing.
	Found []lead.Duplicate
}

func (s *server) newLead(v *visit) error {
	return s.drawLeadForm(v, http.StatusOK, v.blank("language", string(v.s.locale(v.login.company).Language)), nil)
}

func (s *server) drawLeadForm(v *visit, status int, f *form, l *lead.Lead) error {
	view := leadForm{Form: f, Lead: l}
	for _, language := range locale.Languages {
		view.Languages = append(view.Languages, option{string(language), languageNames[language], f.text("language") == string(language)})
	}
	title := "lead.new"
	if l != nil {
		title = "lead.edit"
	}
	return v.show(status, "lead_form.html", title, view)
}

// captureLead takes a lead in that was typed by hand.
func (s *server) captureLead(v *visit) error {
	f := v.posted()
	value := f.amount("expected_value")
	if f.wrong() {
		return s.drawLeadForm(v, http.StatusUnprocessableEntity, f, nil)
	}
	draft := lead.Draft{
		Name: f.text("name"), JobTitle: f.text("job_title"), Organization: f.text("organization"), TaxID: f.text("tax_id"),
		Website: f.text("website"), Emails: given(f.text("email")), Phones: given(f.text("phone")), Mobile: f.text("mobile"),
		Address: addressOf(f), Interest: f.text("interest"), Language: locale.Language(f.text("language")),
		Origin: lead.Origin{Channel: lead.ByHand, Source: f.text("source")},
	}
	if value != nil {
		draft.ExpectedValue = *value
	}
	done, err := s.module.Leads.Capture(v.ctx(), draft)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawLeadForm(v, http.StatusUnprocessableEntity, f, nil)
	}
	return v.redirect("/leads/" + done.Lead.String() + "?done=" + string(done.Outcome))
}

func given(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func addressOf(f *form) party.Address {
	return party.Address{
		Line1: f.text("line1"), Line2: f.text("line2"), PostalCode: f.text("postal_code"), City: f.text("city"),
		Country: party.CountryOf(f.text("country")),
	}
}

func (s *server) editLead(v *visit) error {
	id, err := leadID(v)
	if err != nil {
		return err
	}
	card, err := s.module.Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	p := card.Party
	f := v.blank(
		"name", p.DisplayName, "job_title", p.JobTitle, "organization", card.Lead.Organization, "email", p.Email, "phone", party.FormatPhone(p.Phone),
		"mobile", party.FormatPhone(p.Mobile), "website", p.Website, "tax_id", p.TaxID, "line1", p.Line1, "line2", p.Line2, "postal_code", p.PostalCode, "city", p.City,
		"country", p.Country, "language", string(p.Language), "interest", card.Lead.Interest, "source", card.Lead.Source,
		"version", str(card.Lead.Version), "party_version", str(p.Version),
	)
	if !card.Lead.ExpectedValue.IsZero() {
		f.Values.Set("expected_value", v.locale.Language.Number(card.Lead.ExpectedValue.Decimal, digits(card.Lead.Currency)))
	}
	return s.drawLeadForm(v, http.StatusOK, f, &card.Lead)
}

// saveLead changes a lead and who it is about, in one go.
func (s *server) saveLead(v *visit) error {
	id, err := leadID(v)
	if err != nil {
		return err
	}
	card, err := s.module.Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	f := v.posted()
	value := f.amount("expected_value")
	if f.wrong() {
		return s.drawLeadForm(v, http.StatusUnprocessableEntity, f, &card.Lead)
	}
	interest, source, organization := f.text("interest"), f.text("source"), f.text("organization")
	draft := party.Draft{
		Kind: card.Party.Kind, FullName: f.text("name"), Language: locale.Language(f.text("language")), Gender: card.Party.Gender, BirthDate: card.Party.BirthDate,
		Emails: given(f.text("email")), Phones: given(f.text("phone")), Mobile: f.text("mobile"), Website: f.text("website"),
		JobTitle: f.text("job_title"), TaxID: f.text("tax_id"), Address: addressOf(f), Owner: card.Lead.Owner(),
	}
	patch := lead.Patch{Interest: &interest, Source: &source, ExpectedValue: value, Party: &draft, PartyVersion: f.version("party_version")}
	if card.Party.Kind == party.Person {
		patch.Organization = &organization
	}
	if _, err := s.module.Leads.Edit(v.ctx(), id, f.version("version"), patch); err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawLeadForm(v, http.StatusUnprocessableEntity, f, &card.Lead)
	}
	return v.redirect("/leads/" + id.String() + "?done=saved")
}

func (s *server) moveLead(v *visit) error {
	id, err := leadID(v)
	if err != nil {
		return err
	}
	f := v.posted()
	_, err = s.module.Leads.SetStatus(v.ctx(), id, f.version("version"), lead.Move{To: lead.Status(f.text("to")), Reason: f.text("reason")})
	if err != nil {
		return err
	}
	return v.redirect("/leads/" + id.String() + "?done=saved")
}

// takeLead makes the person who presses the owner.
func (s *server) takeLead(v *visit) error {
	id, err := leadID(v)
	if err != nil {
		return err
	}
	me, err := actor.From(v.ctx())
	if err != nil {
		return err
	}
	if _, err := s.module.Leads.Assign(v.ctx(), id, v.posted().version("version"), party.Owner{User: me.UserID, Team: me.Team()}); err != nil {
		return err
	}
	return v.redirect("/leads/" + id.String() + "?done=taken")
}

// colleagues are the users of the company.
func (v *visit) colleagues() ([]erp.User, error) {
	var all []erp.User
	err := v.host(func(ctx context.Context, hs erpbridge.Session) (err error) {
		all, err = v.s.books.LoginUsers(ctx, hs)
		return err
	})
	return all, err
}
