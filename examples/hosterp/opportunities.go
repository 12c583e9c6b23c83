package main

import (
	"net/http"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

// routeSales are the pages of opportunities, quotes and reports.
func (s *server) routeSales(on func(pattern string, p page)) {
	on("GET /opportunities", s.listOpportunities)
	on("GET /opportunities/{id}", s.showOpportunity)
	on("POST /opportunities/{id}/move", s.moveOpportunity)
	on("POST /opportunities/{id}/lines", s.saveOpportunityLines)
	on("POST /opportunities/{id}/won", s.winOpportunity)
	on("POST /opportunities/{id}/lost", s.loseOpportunity)
	on("POST /opportunities/{id}/reopen", s.reopenOpportunity)
	on("POST /opportunities/{id}/activity", s.opportunityActivity)
	on("POST /opportunities/{id}/quote", s.quoteOpportunity)
	on("GET /quotes", s.listQuotes)
	on("GET /quotes/{id}", s.showQuote)
	on("POST /quotes/{id}", s.saveQuote)
	on("POST /quotes/{id}/issue", s.issueQuote)
	on("POST /quotes/{id}/accept", s.acceptQuote)
	on("POST /quotes/{id}/decline", s.declineQuote)
	on("POST /quotes/{id}/version", s.newVersion)
	on("POST /quotes/{id}/order", s.orderQuote)
	on("GET /quotes/{id}/pdf", s.quotePDF)
	on("POST /conversions/{id}/deliver", s.deliver)
	on("POST /conversions/{id}/invoice", s.invoice)
	on("GET /reports", s.showReports)
	on("GET /reports/{name}", s.downloadReport)
}

// opportunityList is the page of opportunities: the stages with their sums, then the rows.
type opportunityList struct {
	Rows        []opportunity.Row
	Users       map[string]string
	Stages      []stageSum
	StageNames  map[opportunity.StageID]opportunity.Stage
	Chips       []chip
	Next, First string
}

type stageSum struct {
	Stage  opportunity.Stage
	Totals []opportunity.Total
	Path   string
	On     bool
}

func (s *server) listOpportunities(v *visit) error {
	query := v.r.URL.Query()
	state := opportunity.State(query.Get("state"))
	if state == "" {
		state = opportunity.Open
	}
	filter := opportunity.Filter{States: []opportunity.State{state}, Page: store.Page{After: query.Get("after"), Limit: pageSize}}
	if state != opportunity.Open {
		filter.Sort = opportunity.ByCreated
	}
	var err error
	if filter.Stage, err = store.ParseKey[opportunity.StageTag](query.Get("stage")); err != nil {
		filter.Stage = opportunity.StageID{}
	}
	found, err := s.module.Opportunities.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	view := opportunityList{Rows: found.Rows, Next: pagePath(v.r.URL, found.Next), StageNames: map[opportunity.StageID]opportunity.Stage{}}
	if query.Get("after") != "" {
		view.First = pagePath(v.r.URL, "-")
	}
	for _, one := range []opportunity.State{opportunity.Open, opportunity.Won, opportunity.Lost} {
		path := "/opportunities?state=" + string(one)
		view.Chips = append(view.Chips, chip{v.t("deal.state." + string(one)), path, state == one})
	}
	if view.Users, err = v.users(); err != nil {
		return err
	}
	if err := s.sumStages(v, &view, state, filter.Stage); err != nil {
		return err
	}
	return v.show(http.StatusOK, "opportunities.html", "menu.opportunities", view)
}

func (s *server) sumStages(v *visit, view *opportunityList, state opportunity.State, chosen opportunity.StageID) error {
	pipelines, err := s.module.Opportunities.Pipelines().List(v.ctx())
	if err != nil {
		return err
	}
	totals, err := s.module.Opportunities.Totals(v.ctx(), opportunity.Scope{State: state})
	if err != nil {
		return err
	}
	for _, p := range pipelines {
		for _, stage := range p.Stages {
			view.StageNames[stage.ID] = stage
			if stage.Kind != state || !stage.ArchivedAt.IsZero() {
				continue
			}
			sum := stageSum{Stage: stage, Path: withQuery(v.r.URL, "stage", stage.ID.String()), On: stage.ID == chosen}
			if sum.On {
				sum.Path = withQuery(v.r.URL, "stage", "")
			}
			for _, t := range totals {
				if t.StageID == stage.ID {
					sum.Totals = append(sum.Totals, t)
				}
			}
			view.Stages = append(view.Stages, sum)
		}
	}
	return nil
}

// opportunityCard is all that the card of an opportunity shows.
type opportunityCard struct {
	opportunity.Card
	Owner    string
	Stages   []stageStep
	Form     *form
	Lines    lineEditor
	Lost     *form
	Quotes   []quote.Row
	Links    []convert.Link
	Timeline timeline
}

type stageStep struct {
	opportunity.Stage
	Days         int
	Past, Here   bool
	ChancePerson bool
}

func (s *server) showOpportunity(v *visit) error {
	return s.drawOpportunity(v, http.StatusOK, nil)
}

// drawOpportunity draws the card. refused is a form of the page that has to be put right, by its name.
func (s *server) drawOpportunity(v *visit, status int, refused map[string]*form) error {
	id, err := pathID[opportunity.Tag](v)
	if err != nil {
		return err
	}
	card, err := s.module.Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	users, err := v.users()
	if err != nil {
		return err
	}
	view := opportunityCard{Card: card, Owner: users[card.OwnerUser]}
	view.Form, view.Lost = formOf(refused, "card", v.blank()), formOf(refused, "lost", v.blank("reason", "", "competitor", "", "lesson", ""))
	for _, stage := range card.Pipeline.Stages {
		if stage.ArchivedAt.IsZero() && stage.Kind == opportunity.Open {
			view.Stages = append(view.Stages, stageStep{
				Stage: stage, Days: int(card.Path[stage.ID] / 86400), Here: stage.ID == card.StageID, Past: stage.Position < card.Stage.Position,
			})
		}
	}
	if view.Lines, err = s.opportunityLines(v, card, refused["lines"]); err != nil {
		return err
	}
	listing, err := s.module.Quotes.List(v.ctx(), quote.Filter{Opportunity: quote.OpportunityID(id)})
	if err != nil {
		return err
	}
	view.Quotes = listing.Rows
	if view.Links, err = s.module.Convert.LinksOfParty(v.ctx(), card.PartyID); err != nil {
		return err
	}
	action := "/opportunities/" + id.String() + "/activity"
	if view.Timeline, err = s.timelineOf(v, card.PartyID, formOf(refused, "activity", v.blank("kind", "call-out")), action); err != nil {
		return err
	}
	view.Timeline.Users = users
	return v.show(status, "opportunity.html", card.Name, view)
}

func formOf(refused map[string]*form, name string, otherwise *form) *form {
	if f := refused[name]; f != nil {
		return f
	}
	return otherwise
}

// onOpportunity runs what a button of the card does, and comes back to the card.
func (s *server) onOpportunity(v *visit, name string, do func(id opportunity.ID, f *form) error) error {
	id, err := pathID[opportunity.Tag](v)
	if err != nil {
		return err
	}
	f := v.posted()
	err = do(id, f)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	if f.wrong() {
		return s.drawOpportunity(v, http.StatusUnprocessableEntity, map[string]*form{name: f})
	}
	return v.redirect("/opportunities/" + id.String() + "?done=saved")
}

func (s *server) moveOpportunity(v *visit) error {
	return s.onOpportunity(v, "card", func(id opportunity.ID, f *form) error {
		to, err := store.ParseKey[opportunity.StageTag](f.text("stage"))
		if err != nil {
			return err
		}
		_, err = s.module.Opportunities.Move(v.ctx(), id, opportunity.Step{Stage: to})
		return err
	})
}

func (s *server) winOpportunity(v *visit) error {
	return s.onOpportunity(v, "card", func(id opportunity.ID, _ *form) error {
		_, err := s.module.Opportunities.CloseWon(v.ctx(), id, opportunity.Win{})
		return err
	})
}

func (s *server) loseOpportunity(v *visit) error {
	return s.onOpportunity(v, "lost", func(id opportunity.ID, f *form) error {
		_, err := s.module.Opportunities.CloseLost(v.ctx(), id, opportunity.Loss{Reason: f.text("reason"), Competitor: f.text("competitor"), Lesson: f.text("lesson")})
		return err
	})
}

func (s *server) reopenOpportunity(v *visit) error {
	return s.onOpportunity(v, "card", func(id opportunity.ID, _ *form) error {
		_, err := s.module.Opportunities.Reopen(v.ctx(), id, opportunity.Reopening{})
		return err
	})
}

func (s *server) opportunityActivity(v *visit) error {
	return s.onOpportunity(v, "activity", func(id opportunity.ID, f *form) error {
		card, err := s.module.Opportunities.Get(v.ctx(), id)
		if err != nil {
			return err
		}
		_, err = s.compose(v, f, card.PartyID, activity.OpportunityID(id))
		return err
	})
}

func (s *server) opportunityLines(v *visit, card opportunity.Card, refused *form) (lineEditor, error) {
	editor := lineEditor{Form: refused, Currency: card.Currency, Action: "/opportunities/" + card.ID.String() + "/lines", Open: card.State == opportunity.Open}
	if refused == nil {
		editor.Form = v.blank("version", str(card.Version))
		for i, l := range card.Lines {
			editor.set(i, "product", l.ProductKey)
			editor.set(i, "name", l.Name)
			editor.set(i, "quantity", v.locale.Language.Quantity(l.Quantity.Decimal))
			editor.set(i, "price", v.locale.Language.Number(l.UnitPrice.Decimal, digits(card.Currency)))
			if !l.Discount.IsZero() {
				editor.set(i, "discount", v.locale.Language.Quantity(l.Discount.Decimal))
			}
			editor.Nets = append(editor.Nets, v.locale.Language.Money(l.Amount, card.Currency))
		}
	}
	editor.grow(len(card.Lines))
	var err error
	editor.Products, err = v.products(card.Currency)
	return editor, err
}

// saveOpportunityLines replaces the lines; what a product leaves open comes from the price list.
func (s *server) saveOpportunityLines(v *visit) error {
	return s.onOpportunity(v, "lines", func(id opportunity.ID, f *form) error {
		card, err := s.module.Opportunities.Get(v.ctx(), id)
		if err != nil {
			return err
		}
		products, err := v.products(card.Currency)
		if err != nil {
			return err
		}
		var lines []opportunity.Line
		for _, typed := range f.lines() {
			l, err := v.opportunityLine(card.Currency, products, typed)
			if err != nil {
				return err
			}
			lines = append(lines, l)
		}
		if f.wrong() {
			return nil
		}
		_, err = s.module.Opportunities.SetLines(v.ctx(), id, f.version("version"), lines)
		return err
	})
}

// opportunityLine is a row with what the ERP's product and price list say where nothing was typed.
func (v *visit) opportunityLine(currency string, products []product, typed typedLine) (opportunity.Line, error) {
	l := opportunity.Line{ProductKey: typed.product, Name: typed.name, Quantity: typed.quantity}
	if l.Quantity.IsZero() {
		l.Quantity = money.MustQuantity("1")
	}
	for _, p := range products {
		if p.Code != typed.product {
			continue
		}
		listed, err := v.listPrice(p.Key, l.Quantity, currency)
		if err != nil {
			return l, err
		}
		l.Unit, l.UnitPrice = p.Unit, listed.Unit
		if typed.price == nil {
			l.Discount = listed.Discount
		}
		if l.Name == "" {
			l.Name = p.Name
		}
	}
	if typed.price != nil {
		l.UnitPrice = *typed.price
	}
	if typed.discount != nil {
		l.Discount = *typed.discount
	}
	return l, nil
}
