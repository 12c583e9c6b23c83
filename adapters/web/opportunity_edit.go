package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
)

// factsView are the facts beside a card, to be read or, where Edit is set, to be changed in place.
type factsView struct {
	// Source is where it came from, in words.
	Source      string
	Card        opportunity.Card
	Owner       string
	Form        *input
	Edit, Write bool
	People      []option
	// Custom are the company's own fields: to be changed, Own to be read.
	Custom   []field
	Own      []cardFact
	Weighted money.Amount
	// NextStep is the soonest of what somebody typed and what is planned.
	NextStep time.Time
}

// factFields are those that others may change too while somebody edits them.
var factFields = []shared{
	{Name: "name", Label: "deal.name"}, {Name: "expected_revenue", Label: "deal.revenue"}, {Name: "chance", Label: "deal.chance"},
	{Name: "expected_close", Label: "deal.close"}, {Name: "next_step_at", Label: "deal.next"}, {Name: "next_step_at_time", Label: "deal.next.time"},
	{Name: "contact_id", Label: "deal.contact"}, {Name: "goal", Label: "deal.goal"}, {Name: "source", Label: "deal.source"}, {Name: "campaign", Label: "deal.campaign"},
}

// factsForm is what stands in the form of facts when it is opened.
func (v *visit) factsForm(card opportunity.Card) *input {
	lang := v.Locale.Language
	f := v.blank(
		"name", card.Name, "goal", card.Goal, "source", card.Source, "campaign", card.Campaign, "expected_close", card.ExpectedClose.String(),
		"expected_revenue", lang.Number(card.ExpectedRevenue.Decimal, money.Digits(card.Currency)), "chance", lang.Quantity(card.Chance.Decimal),
		"contact_id", card.ContactID.String(), "version", strconv.FormatInt(card.Version, 10), "next_step_at", "", "next_step_at_time", "",
	)
	if card.ExpectedClose.IsZero() {
		f.Values.Set("expected_close", "")
	}
	if card.ContactID.IsZero() {
		f.Values.Set("contact_id", "")
	}
	if !card.NextStepAt.IsZero() {
		at := card.NextStepAt.In(v.zone())
		f.Values.Set("next_step_at", civil.In(at, v.zone()).String())
		f.Values.Set("next_step_at_time", at.Format("15:04"))
	}
	v.putCustom(f, card.Sheet.Fields, card.Sheet.Values)
	return f
}

func (v *visit) facts(card opportunity.Card, refused *input, edit bool) (factsView, error) {
	names, err := v.names()
	if err != nil {
		return factsView{}, err
	}
	steps := []opportunity.Row{{Opportunity: card.Opportunity}}
	if err := v.plannedSteps(steps); err != nil {
		return factsView{}, err
	}
	sources, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return factsView{}, err
	}
	d := factsView{
		Source: sources.Text(v.Locale.Language, card.Source), Card: card, Owner: nameIn(names, card.OwnerUser), Form: refused, Write: v.may(actor.OpportunityWrite), Weighted: card.Weighted,
		NextStep: steps[0].NextStepAt,
	}
	if d.Edit = refused != nil || edit && d.Write; d.Edit {
		if d.People, err = v.peopleOf(card.PartyID, card.ContactID); err != nil {
			return d, err
		}
	}
	if d.Form == nil {
		d.Form = v.factsForm(card)
	}
	d.Custom, d.Own = v.customInputs(d.Form, card.Sheet.Fields), v.customFacts(card.Sheet)
	return d, nil
}

// panel opens a panel of the card for editing, or shuts it: in place, or without script on the card.
func (s *screens) panel(v *visit, name string, draw func(card opportunity.Card, edit bool) (any, error)) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	if !v.part() {
		return v.redirect(v.link("/opportunities", id.String()) + "?edit=" + name + "#" + name)
	}
	card, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	d, err := draw(card, v.r.URL.Query().Get("edit") != "")
	if err != nil {
		return err
	}
	return v.fill(http.StatusOK, "opportunity_card", name, d)
}

func (s *screens) showFacts(v *visit) error {
	return s.panel(v, "facts", func(card opportunity.Card, edit bool) (any, error) { return v.facts(card, nil, edit) })
}

func (s *screens) showTeam(v *visit) error {
	return s.panel(v, "team", func(card opportunity.Card, edit bool) (any, error) { return v.team(card, nil, edit) })
}

func (s *screens) showCompetitors(v *visit) error {
	return s.panel(v, "competitors", func(card opportunity.Card, edit bool) (any, error) { return v.rivals(card, nil, edit), nil })
}

// saved goes back to the card after a panel was saved.
func (s *screens) saved(v *visit, id opportunity.ID) error {
	v.done("sale.saved")
	return v.redirect(v.back(v.link("/opportunities", id.String())))
}

// refusedPanel draws a panel again: in place, or on the card.
func (s *screens) refusedPanel(v *visit, id opportunity.ID, name string, forms opportunityForms) error {
	status, f := http.StatusUnprocessableEntity, forms.Facts
	if f != nil {
		status = f.statusOf()
	}
	if !v.part() {
		return s.drawOpportunity(v, status, id, forms)
	}
	card, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	var d any
	switch name {
	case "facts":
		d, err = v.facts(card, forms.Facts, true)
	case "team":
		d, err = v.team(card, forms.Team, true)
	default:
		d = v.rivals(card, forms.Rivals, true)
	}
	if err != nil {
		return err
	}
	return v.fill(status, "opportunity_card", name, d)
}

func (s *screens) saveFacts(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	for range 3 {
		card, err := v.module().Opportunities.Get(v.ctx(), id)
		if err != nil {
			return err
		}
		edit := v.factsEdit(f, card)
		if f.bad() {
			break
		}
		if _, err = v.module().Opportunities.Edit(v.ctx(), id, edit); err == nil {
			return s.saved(v, id)
		}
		if fault.CodeOf(err) != fault.Conflict {
			if err := v.refuse(f, err); err != nil {
				return err
			}
			break
		}
		now, err := v.module().Opportunities.Get(v.ctx(), id)
		if err != nil {
			return err
		}
		if asks, err := v.clash(f, v.factsForm(now), now.Record, append(slices.Clone(factFields), v.customShared(now.Sheet.Fields)...)); err != nil {
			return err
		} else if asks {
			break
		}
	}
	return s.refusedPanel(v, id, "facts", opportunityForms{Facts: f, Open: "facts"})
}

// factsEdit are the changes that a form asks for; what stands as it was is left alone, so that a computed
// revenue stays computed.
func (v *visit) factsEdit(f *input, card opportunity.Card) opportunity.Edit {
	e := opportunity.Edit{Version: f.version("version")}
	was := v.factsForm(card)
	for name, to := range map[string]**string{"name": &e.Name, "goal": &e.Goal, "source": &e.Source, "campaign": &e.Campaign} {
		if text := f.text(name); f.has(name) {
			*to = &text
		}
	}
	if f.has("expected_revenue") && f.text("expected_revenue") != was.text("expected_revenue") {
		if e.ExpectedRevenue = f.amount("expected_revenue"); e.ExpectedRevenue == nil {
			e.LineRevenue = true
		}
	}
	if f.has("chance") && f.text("chance") != was.text("chance") {
		if e.Chance = f.percent("chance"); e.Chance == nil {
			e.StageChance = true
		}
	}
	if f.has("expected_close") {
		day := f.day("expected_close")
		e.ExpectedClose = &day
	}
	if f.has("next_step_at") && (f.text("next_step_at") != was.text("next_step_at") || f.text("next_step_at_time") != was.text("next_step_at_time")) {
		at := f.moment("next_step_at")
		e.NextStepAt = &at
	}
	if f.has("contact_id") {
		if contact, err := store.ParseKey[party.Tag](f.text("contact_id")); err == nil {
			e.ContactID = &contact
		}
	}
	e.Custom = v.readCustom(f, card.Sheet.Fields)
	return e
}

// teamView is who works on an opportunity, with shares that add up to 100 %.
type teamView struct {
	Card        opportunity.Card
	Form        *input
	Edit, Write bool
	Rows        []teamRow
}

type teamRow struct {
	User, Name, Role, Share, Percent string
	Part                             money.Amount
	Owner                            bool
	Users                            []option
}

func (v *visit) team(card opportunity.Card, refused *input, edit bool) (teamView, error) {
	d := teamView{Card: card, Form: refused, Write: v.may(actor.OpportunityWrite)}
	names, err := v.names()
	if err != nil {
		return d, err
	}
	parts, err := card.Divided()
	if err != nil {
		return d, err
	}
	if refused == nil {
		d.Form = v.blank("version", strconv.FormatInt(card.Version, 10))
		for i, one := range card.Sellers {
			d.Rows = append(d.Rows, teamRow{
				User: one.User, Name: nameIn(names, one.User), Role: roleText(one.Role), Share: v.Locale.Language.Quantity(one.Share.Decimal),
				Percent: v.Locale.Language.Percent(one.Share), Part: parts[i], Owner: one.User == card.OwnerUser,
			})
		}
	} else {
		for i, user := range refused.Values["user"] {
			d.Rows = append(d.Rows, teamRow{User: user, Role: nth(refused, "role", i), Share: nth(refused, "share", i), Owner: strconv.Itoa(i) == refused.text("owner")})
		}
	}
	if d.Edit = refused != nil || edit && d.Write; !d.Edit {
		return d, nil
	}
	if refused == nil {
		d.Rows = append(d.Rows, teamRow{}, teamRow{})
	}
	for i := range d.Rows {
		users, err := v.owners(d.Rows[i].User)
		if err != nil {
			return d, err
		}
		d.Rows[i].Users = append([]option{{Label: v.t("sale.nobody"), On: d.Rows[i].User == ""}}, users...)
	}
	return d, nil
}

// nth is one of several fields with the same name.
func nth(f *input, name string, i int) string {
	if all := f.Values[name]; i < len(all) {
		return strings.TrimSpace(all[i])
	}
	return ""
}

func (s *screens) saveTeam(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	var team opportunity.Team
	for i := range f.Values["user"] {
		user := nth(f, "user", i)
		if user == "" {
			continue
		}
		one := opportunity.Seller{User: user, Role: nth(f, "role", i)}
		if text := strings.TrimSuffix(nth(f, "share", i), "%"); text != "" {
			share, err := v.Locale.Language.ParseNumber(text)
			if err != nil {
				f.wrong("", "fault.number")
			}
			one.Share = money.NewPercent(share)
		}
		if strconv.Itoa(i) == f.text("owner") {
			team.Owner = user
		}
		team.Sellers = append(team.Sellers, one)
	}
	if f.on("even") {
		team.Sellers = evenly(team.Sellers)
	}
	if !f.bad() {
		_, err = v.module().Opportunities.SetTeam(v.ctx(), id, f.version("version"), team)
		if err == nil {
			return s.saved(v, id)
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	return s.refusedPanel(v, id, "team", opportunityForms{Team: f, Open: "team"})
}

// evenly gives everybody the same share.
func evenly(sellers []opportunity.Seller) []opportunity.Seller {
	users := make([]string, len(sellers))
	for i, one := range sellers {
		users[i] = one.User
	}
	out := slices.Clone(sellers)
	for i, one := range opportunity.Even(users...) {
		out[i].Share = one.Share
	}
	return out
}

// rivalsView are the competitors.
type rivalsView struct {
	Card        opportunity.Card
	Form        *input
	Edit, Write bool
	Rows        []rivalRow
}

type rivalRow struct {
	ID, Name, Strengths, Weaknesses, Price string
	Asks                                   money.Amount
	Won                                    bool
}

func (v *visit) rivals(card opportunity.Card, refused *input, edit bool) rivalsView {
	d := rivalsView{Card: card, Form: refused, Write: v.may(actor.OpportunityWrite)}
	d.Edit = refused != nil || edit && d.Write
	if refused != nil {
		for i := range refused.Values["name"] {
			d.Rows = append(d.Rows, rivalRow{ID: nth(refused, "rival", i), Name: nth(refused, "name", i), Strengths: nth(refused, "strengths", i), Weaknesses: nth(refused, "weaknesses", i), Price: nth(refused, "price", i)})
		}
		return d
	}
	d.Form = v.blank("version", strconv.FormatInt(card.Version, 10))
	for _, c := range card.Competitors {
		row := rivalRow{ID: c.ID.String(), Name: c.Name, Strengths: c.Strengths, Weaknesses: c.Weaknesses, Asks: c.Price, Won: c.Won}
		if !c.Price.IsZero() {
			row.Price = v.Locale.Language.Number(c.Price.Decimal, money.Digits(card.Currency))
		}
		d.Rows = append(d.Rows, row)
	}
	if d.Edit {
		d.Rows = append(d.Rows, rivalRow{})
	}
	return d
}

func (s *screens) saveCompetitors(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	card, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	var all []opportunity.Competitor
	for i := range f.Values["name"] {
		name := nth(f, "name", i)
		if name == "" && nth(f, "strengths", i) == "" && nth(f, "weaknesses", i) == "" {
			continue
		}
		one := opportunity.Competitor{Name: name, Strengths: nth(f, "strengths", i), Weaknesses: nth(f, "weaknesses", i)}
		for _, known := range card.Competitors {
			if known.ID.String() == nth(f, "rival", i) {
				one.ID, one.Won = known.ID, known.Won
			}
		}
		if text := nth(f, "price", i); text != "" {
			price, err := v.Locale.Language.ParseNumber(text)
			if err != nil {
				f.wrong("", "fault.number")
			}
			one.Price = money.NewAmount(price)
		}
		all = append(all, one)
	}
	if !f.bad() {
		_, err = v.module().Opportunities.SetCompetitors(v.ctx(), id, f.version("version"), all)
		if err == nil {
			return s.saved(v, id)
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	return s.refusedPanel(v, id, "competitors", opportunityForms{Rivals: f, Open: "competitors"})
}

// roleText is what a seller's part in the team is called; that of the owner is told by being the owner.
func roleText(role string) string {
	if role == opportunity.RoleOwner {
		return ""
	}
	return role
}
