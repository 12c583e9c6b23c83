package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
)

// past is a clock that the seeding moves, so that what it makes has an age.
type past struct {
	mu sync.Mutex
	at time.Time
}

func (p *past) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = p.at.Add(time.Millisecond)
	return p.at
}

func (p *past) move(to time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = to
}

// scene is one company's sales while they are made up: the last two months of work on its leads.
type scene struct {
	module   *crm.Module
	clock    *past
	today    time.Time
	rand     *rand.Rand
	company  string
	language locale.Language
	people   []actor.Actor
	emails   map[string]string
	stages   []opportunity.Stage
	products []erpbridge.Product
}

// seedSales gives the companies a pipeline that looks alive. Where there are opportunities it does nothing.
func (s *shop) seedSales(ctx context.Context) error {
	now := time.Now().UTC()
	clock := &past{at: now}
	c := s.config
	c.Now = clock.now
	module, err := crm.New(s.db, c)
	if err != nil {
		return err
	}
	for i, company := range s.companies {
		sc := &scene{module: module, clock: clock, today: now, rand: rand.New(rand.NewPCG(uint64(i), 7)), company: company.Key, language: s.locale(company.Key).Language}
		if err := sc.play(ctx, s); err != nil {
			return fmt.Errorf("the sales of %s: %w", company.Key, err)
		}
	}
	return nil
}

// giveTime makes the stages' limits those of a trade in which sales take months, and keeps the open ones for the scene.
func (sc *scene) giveTime(ctx context.Context, p opportunity.Pipeline) error {
	const longer = 3
	for _, st := range p.Stages {
		if st.Kind != opportunity.Open {
			continue
		}
		limit := longer * st.LimitHours
		changed, err := sc.module.Opportunities.Pipelines().EditStage(ctx, st.ID, opportunity.StageEdit{Version: st.Version, LimitHours: &limit})
		if err != nil {
			return err
		}
		at := slices.IndexFunc(changed.Stages, func(one opportunity.Stage) bool { return one.ID == st.ID })
		sc.stages = append(sc.stages, changed.Stages[at])
	}
	return nil
}

func (sc *scene) play(ctx context.Context, s *shop) error {
	system := actor.With(ctx, actor.System(sc.company, "example sales"))
	there, err := sc.module.Opportunities.List(system, opportunity.Filter{Page: store.Page{Limit: 1}})
	if err != nil || len(there.Rows) > 0 {
		return err
	}
	pipelines, err := sc.module.Opportunities.Pipelines().List(system)
	if err != nil {
		return err
	}
	if err := sc.giveTime(system, pipelines[0]); err != nil {
		return err
	}
	if sc.products, err = sc.goods(system); err != nil {
		return err
	}
	if err := sc.hire(ctx, s); err != nil {
		return err
	}
	before, err := sc.earlier(system)
	if err != nil {
		return err
	}
	leads, err := sc.module.Leads.List(system, lead.Filter{Statuses: []lead.Status{lead.StatusNew}, Until: sc.today.Add(-3 * day)}, lead.ByArrival, store.Page{Limit: 80})
	if err != nil {
		return err
	}
	deeds, err := sc.year(ctx, before)
	if err != nil {
		return err
	}
	came, err := sc.visitors(system)
	if err != nil {
		return err
	}
	deeds = append(deeds, came...)
	for i, row := range leads.Rows {
		if i%8 != 7 { // somebody has to wait for an answer
			deeds = append(deeds, sc.work(ctx, row, i)...)
		}
	}
	if err := sc.live(system, deeds); err != nil {
		return err
	}
	if err := sc.fields(system); err != nil {
		return err
	}
	if err := sc.fillFields(system, leads.Rows); err != nil {
		return err
	}
	if err := sc.settle(actor.With(ctx, sc.people[0])); err != nil {
		return err
	}
	return sc.habits(ctx, s)
}

// settle puts what came long ago among those that are written to now and then, so that only the latest
// wait for an answer.
func (sc *scene) settle(ctx context.Context) error {
	sc.clock.move(sc.today.Add(-2 * day))
	_, err := sc.module.Leads.Bulk(ctx, lead.Bulk{
		Filter: &lead.Filter{Statuses: []lead.Status{lead.StatusNew}, Until: sc.today.Add(-3 * day)}, Move: &lead.Move{To: lead.StatusNurturing},
	})
	return err
}

// goods are products that are sold.
func (sc *scene) goods(ctx context.Context) ([]erpbridge.Product, error) {
	all, err := sc.module.Products(ctx, "", 40)
	return slices.DeleteFunc(all, func(p erpbridge.Product) bool { return p.Discontinued }), err
}

// hire takes the company's sellers.
func (sc *scene) hire(ctx context.Context, s *shop) error {
	users, err := sc.module.Colleagues(actor.With(ctx, actor.System(sc.company, "example sales")))
	if err != nil {
		return err
	}
	sc.emails = map[string]string{}
	for _, u := range users {
		sc.emails[u.ID] = u.Email
		who, err := s.user(ctx, sc.company, u.ID)
		if err != nil {
			return err
		}
		if a := actorOf(sc.company, who); a.May(actor.OpportunityWrite) && who.Role != "admin" {
			a.See, a.Rights = actor.All, actor.Manager // whoever plays may meet every lead
			sc.people = append(sc.people, a)
		}
	}
	return nil
}

// phrases are what people of the company write, in its language.
var phrases = map[locale.Language][]string{
	locale.Hungarian: {"Bővítés", "Gépcsere", "Éves keretszerződés", "Első megrendelés", "Telephely felszerelése", "Visszahívást kért az ajánlat miatt", "Helyszíni felmérés", "Ár egyeztetése", "Referencia küldése", "Tavasszal újra kérdezni", "Versenytárs olcsóbb", "Gyors szállítás", "Drágább a szerviz", "@%s ránéznél az árra?", "Alaprajz és méretek", "alaprajz.png", "Aláírt ajánlat"},
	locale.Greek:     {"Επέκταση", "Αντικατάσταση εξοπλισμού", "Ετήσια συμφωνία", "Πρώτη παραγγελία", "Εξοπλισμός νέου χώρου", "Ζήτησε να τον καλέσουμε για την προσφορά", "Επίσκεψη στον χώρο", "Συζήτηση τιμής", "Αποστολή συστάσεων", "Να ρωτήσουμε ξανά την άνοιξη", "Ο ανταγωνιστής είναι φθηνότερος", "Γρήγορη παράδοση", "Ακριβότερο σέρβις", "@%s θα δεις την τιμή;", "Κάτοψη και διαστάσεις", "κάτοψη.png", "Υπογεγραμμένη προσφορά"},
	locale.Hebrew:    {"הרחבה", "החלפת ציוד", "הסכם שנתי", "הזמנה ראשונה", "ציוד לסניף חדש", "ביקש שיחזרו אליו בעניין ההצעה", "ביקור במקום", "סיכום מחיר", "שליחת המלצות", "לשאול שוב באביב", "המתחרה זול יותר", "אספקה מהירה", "שירות יקר יותר", "@%s אפשר לבדוק את המחיר?", "תוכנית ומידות", "תוכנית.png", "הצעה חתומה"},
	locale.English:   {"Extension", "Replacement", "Yearly agreement", "First order", "New site", "Asked for a call about the quote", "Visit on site", "Agree on the price", "Send references", "Ask again in spring", "The competitor is cheaper", "Fast delivery", "Service costs more", "@%s would you look at the price?", "Floor plan and sizes", "floor plan.png", "Signed quote"},
}

func (sc *scene) phrase(i int) string {
	all := phrases[sc.language]
	if all == nil {
		all = phrases[locale.English]
	}
	return all[i]
}

// work is what happened to one lead: a call, perhaps an opportunity, a quote, an order.
func (sc *scene) work(ctx context.Context, row lead.Row, i int) []deed {
	seller := sc.people[(i+i/len(sc.people))%len(sc.people)] // so that what happens to every third or fifth lead happens to each of them
	ctx = actor.With(ctx, seller)
	began := sc.today.Add(-time.Duration(55-i%50) * day)
	st := &story{last: sc.today.Add(-2 * time.Hour)}
	st.then(began, func() error {
		if row.OwnerUser != seller.UserID {
			if _, err := sc.module.Leads.Assign(ctx, row.ID, 0, party.Owner{User: seller.UserID, Team: seller.Team()}); err != nil {
				return err
			}
		}
		if _, err := sc.module.Activities.Record(ctx, activity.Deed{Party: row.PartyID, Kind: activity.Call, Direction: activity.Out, Subject: sc.phrase(5), At: began, Minutes: 5 + sc.rand.IntN(25)}); err != nil {
			return err
		}
		_, err := sc.module.Leads.Responded(ctx, row.ID)
		return err
	})
	if i%4 == 0 {
		st.then(began, func() error { return sc.again(ctx, row) })
		st.then(sc.today.Add(-3*day), func() error { return sc.plan(ctx, row.PartyID, activity.OpportunityID{}, i) })
		return st.deeds
	}
	value, close := sc.lines(), civil.In(sc.today.Add(time.Duration(sc.rand.IntN(70)-12)*24*time.Hour), time.UTC)
	draft := opportunity.Draft{
		PartyID: row.PartyID, LeadID: opportunity.LeadID(row.ID), Name: sc.phrase(i%5) + " – " + cmp.Or(row.Organization, row.Name),
		Source: row.Source, ExpectedClose: close, Lines: value, Goal: row.Interest, Team: opportunity.Team{Owner: seller.UserID},
	}
	if i%7 == 1 {
		draft.Competitors = []opportunity.Competitor{{Name: "Alfa & Co.", Strengths: sc.phrase(11), Weaknesses: sc.phrase(12)}}
	}
	var o opportunity.Opportunity
	st.then(began, func() (err error) {
		o, err = sc.module.Opportunities.Create(ctx, draft)
		return err
	})
	if i%5 < 2 {
		st.then(began.Add(2*day), func() error { return sc.measure(ctx, row, o, sc.clock.now()) })
	}
	for step := 1; step <= i%len(sc.stages); step++ {
		st.then(began.Add(time.Duration(step*4)*day), func() error {
			_, err := sc.module.Opportunities.Move(ctx, o.ID, opportunity.Step{Stage: sc.stages[step].ID})
			return err
		})
	}
	for _, d := range sc.think(ctx, &o, draft, i) {
		st.then(began.Add(9*day), d)
	}
	if i%3 == 0 {
		other := sc.people[(i+1)%len(sc.people)]
		st.then(began, func() error {
			_, err := sc.module.Opportunities.Comment(ctx, o.ID, fmt.Sprintf(sc.phrase(13), other.UserID))
			return err
		})
	}
	if i%9 == 5 {
		st.then(sc.today.Add(-time.Duration(i%20)*day), func() error {
			_, err := sc.module.Opportunities.CloseLost(ctx, o.ID, opportunity.Loss{Reason: sc.phrase(10), Competitor: "Alfa & Co.", Lesson: sc.phrase(7)})
			return err
		})
		return st.deeds
	}
	if i%11 == 2 {
		st.then(began.Add(20*day), func() error {
			_, err := sc.module.Opportunities.CloseWon(ctx, o.ID, opportunity.Win{})
			return err
		})
		return st.deeds
	}
	if i%3 != 1 {
		st.then(sc.today.Add(-time.Duration(1+i%14)*day), func() error { return sc.offer(ctx, row, o, i) })
	}
	if i%6 != 4 {
		st.then(sc.today.Add(-3*day), func() error { return sc.plan(ctx, row.PartyID, activity.OpportunityID(o.ID), i) })
	}
	return st.deeds
}

// think is what a seller thinks otherwise of an opportunity some days later: that it will take longer, that it will be
// more, that it is as good as sure.
func (sc *scene) think(ctx context.Context, o *opportunity.Opportunity, draft opportunity.Draft, n int) (out []func() error) {
	edit := func(e opportunity.Edit) {
		out = append(out, func() error {
			_, err := sc.module.Opportunities.Edit(ctx, o.ID, e)
			return err
		})
	}
	if n%5 == 1 {
		later := draft.ExpectedClose.AddDays(24)
		edit(opportunity.Edit{ExpectedClose: &later})
	}
	if n%7 == 3 {
		edit(opportunity.Edit{Chance: new(money.MustPercent("85"))})
	}
	if n%6 == 1 || n%6 == 5 {
		more := slices.Clone(draft.Lines)
		more[0].Quantity = money.NewQuantity(more[0].Quantity.Decimal.Add(decimal.NewFromInt(int64(n%4 + 1))))
		out = append(out, func() error {
			_, err := sc.module.Opportunities.SetLines(ctx, o.ID, 0, more)
			return err
		})
	}
	return out
}

// again takes somebody in who had asked before, as it happens when a colleague answers the telephone.
func (sc *scene) again(ctx context.Context, row lead.Row) error {
	_, domain, ok := strings.Cut(row.Email, "@")
	if !ok || row.Organization == "" {
		return nil
	}
	_, err := sc.module.Leads.Capture(ctx, lead.Draft{
		Name: row.Name, Organization: row.Organization, Emails: []string{"office@" + domain}, Interest: sc.phrase(5),
		Origin: lead.Origin{Channel: lead.ByHand, Source: row.Source},
	})
	return err
}

// lines are two or three products of the catalogue.
func (sc *scene) lines() []opportunity.Line {
	var out []opportunity.Line
	for range 2 + sc.rand.IntN(2) {
		p := sc.products[sc.rand.IntN(len(sc.products))]
		line := opportunity.Line{ProductKey: p.Key, ProductGroup: p.Group, Name: p.Name, Unit: p.Unit, Quantity: money.MustQuantity(fmt.Sprint(1 + sc.rand.IntN(12)))}
		if price := p.Cost; price != nil {
			line.UnitPrice = money.NewAmount(price.Decimal.Mul(money.MustQuantity("1.4").Decimal).Round(0))
		}
		out = append(out, line)
	}
	return out
}

// plan is the next step, some of them late.
func (sc *scene) plan(ctx context.Context, who party.ID, deal activity.OpportunityID, i int) error {
	due := sc.today.Add(time.Duration(sc.rand.IntN(9)-2) * 24 * time.Hour).Truncate(time.Hour).Add(time.Duration(sc.rand.IntN(6)) * time.Hour)
	kind := []activity.Kind{activity.Call, activity.Meeting, activity.Task}[i%3]
	_, err := sc.module.Activities.Plan(ctx, activity.Plan{Party: who, Opportunity: deal, Kind: kind, Subject: sc.phrase(6 + i%4), Due: due, Minutes: 30})
	return err
}

// offer writes a quote; some are issued, some accepted, and a few of those become orders and invoices.
func (sc *scene) offer(ctx context.Context, row lead.Row, o opportunity.Opportunity, i int) error {
	var lines []quote.DraftLine
	for range 2 + i%3 {
		p := sc.products[sc.rand.IntN(len(sc.products))]
		lines = append(lines, quote.DraftLine{Product: p.Key, Quantity: money.MustQuantity(fmt.Sprint(1 + sc.rand.IntN(9)))})
	}
	card, err := sc.module.Quotes.Draft(ctx, quote.DraftInput{Party: row.PartyID, Header: quote.Header{Opportunity: quote.OpportunityID(o.ID), Title: o.Name}, Lines: lines})
	if err != nil || i%5 == 0 {
		return err
	}
	if card, err = sc.module.Quotes.Issue(ctx, card.Quote.ID); err != nil {
		return err
	}
	if i%5 < 3 {
		return sc.send(ctx, card.Quote, i)
	}
	if _, err = sc.module.Quotes.Accept(ctx, card.Quote.ID, quote.Answer{By: row.Name}); err != nil {
		return err
	}
	if err := sc.file(ctx, row, card.Quote); err != nil {
		return err
	}
	buyer := convert.CustomerChoice{Completed: sc.asked(i)}
	preview, err := sc.module.Convert.PreviewLead(ctx, row.ID, buyer)
	if err != nil || len(preview.Missing) > 0 || preview.Already != nil {
		return err
	}
	if _, err := sc.module.Convert.Lead(ctx, row.ID, convert.LeadChoice{Customer: buyer}); err != nil {
		return err
	}
	if i%4 == 0 {
		return nil
	}
	order, err := sc.module.Convert.Order(ctx, convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(card.Quote.ID)}})
	if err != nil || i%3 == 2 {
		return err
	}
	_, err = sc.module.Convert.Invoice(ctx, convert.DocumentInput{From: convert.Subject{Kind: convert.Conversion, ID: convert.SubjectID(order.ID)}})
	return err
}

// addresses are where customers have their invoices sent, by company.
var addresses = map[string]erpbridge.Address{
	"HU01": {Line1: "Petőfi Sándor utca 12.", PostalCode: "6720", City: "Szeged", Country: "HU"},
	"IL01": {Line1: "רחוב הרצל 15", PostalCode: "6688102", City: "תל אביב", Country: "IL"},
}

// asked is what a seller asks for on the telephone before the first invoice: address and tax id. Zero where
// the leads of the company know it.
func (sc *scene) asked(i int) erpbridge.Customer {
	var c erpbridge.Customer
	switch sc.company {
	case "HU01":
		c.TaxID = withCheckDigit(fmt.Sprint(4711000+i), []int{9, 7, 3, 1}) + "-2-41"
	case "IL01":
		c.TaxID = withCheckDigit(fmt.Sprint(51471100+i), []int{1, 2})
	}
	c.Address = addresses[sc.company]
	return c
}

// withCheckDigit adds the digit that makes the sum of the weighted digits a multiple of ten; those of one
// place times two are added digit by digit, as in Israel.
func withCheckDigit(digits string, weights []int) string {
	sum := 0
	for i, d := range digits {
		n := int(d-'0') * weights[i%len(weights)]
		if len(weights) == 2 && n > 9 {
			n -= 9
		}
		sum += n
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}
