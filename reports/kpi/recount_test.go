package kpi_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/big"
	"os"
	"sort"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/cost"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/testutil"
)

// A history is a company's work as the test remembers it, deal by deal, to be counted in another way than the
// database does: one record after the other, in fractions, by calendar days.
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", "6") // each is a company with some fifty deeds
	}
	os.Exit(m.Run())
}

type soldLine struct {
	group, product            string
	quantity, price, discount string
	amount                    *big.Rat
}

type move struct {
	at       time.Time
	from, to opportunity.StageID
	seconds  int64
}

type deal struct {
	id                            opportunity.ID
	owner, team, source, campaign string
	branch, home                  string
	currency, state, reason       string
	lines                         []soldLine
	value                         *big.Rat
	shares                        map[string]*big.Rat
	rivals                        map[string]bool
	created, closed, since        time.Time
	stage                         opportunity.StageID
	moves                         []move
	minutes                       int64
}

type deed struct {
	kind, owner string
	// branch is the deed's own, whatever that of its deal is.
	branch string
	deal   int
	at     time.Time
}

type arrival struct {
	source, owner     string
	branch            string
	arrived, answered time.Time
	id                lead.ID
}

type history struct {
	t     *rapid.T
	env   *testutil.Env
	zone  *time.Location
	kpis  *kpi.KPIs
	opps  *opportunity.Opportunities
	acts  *activity.Activities
	leads *lead.Leads
	costs *cost.Costs
	firm  party.ID
	// homes are firms by where they are.
	homes map[string]party.ID
	steps []opportunity.Stage
	rates map[string]map[string]string // currency, day
	deals []*deal
	deeds []deed
	in    []*arrival
}

var (
	sellers  = []string{"anna", "béla", "Δήμος"}
	sources  = []string{"web", "vásár"}
	groups   = []string{"lamps", "desks"}
	branches = []string{"élelmiszer", "fém", ""}
	homes    = []string{"", "Pest", "PEST", "GR"}
	rivals   = []string{"Alfa", "alfa", "Бета"}
	reasons  = []string{"ár", "Ár", "határidő"}
	zones    = []string{"Europe/Budapest", "Asia/Jerusalem", "America/New_York"}
	campaign = []string{"", "őszi"}
	products = []string{"", "P-1", "P-2", "P-3"}
	// unitCosts are what the host says; of P-3 it says nothing, and "" is free text.
	unitCosts = map[string]string{"P-1": "611.1234", "P-2": "8.05"}
)

// catalogue is a host's.
type catalogue struct{ erpbridge.Catalogue }

func (catalogue) Product(_ context.Context, _ erpbridge.Session, key string) (erpbridge.Product, error) {
	p := erpbridge.Product{Key: key}
	if text, known := unitCosts[key]; known {
		unit := money.MustAmount(text)
		p.Cost = &unit
	}
	return p, nil
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

func (h *history) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) as(user string) context.Context {
	return h.env.As(user, actor.Admin, actor.All, "team-"+user)
}

func begin(t *rapid.T, shared *testutil.Env, n int) *history {
	env := *shared
	env.Company = fmt.Sprintf("%s-%d", shared.Company, n)
	zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	locales := func(string) locale.Locale {
		return locale.Locale{Language: locale.Hungarian, Zone: zone, Currency: "HUF"}
	}
	parties := party.New(env.DB, locales)
	h := &history{t: t, env: &env, zone: zone, kpis: kpi.New(env.DB, locales), opps: opportunity.New(env.DB, opportunity.Config{Locale: locales}),
		acts: activity.New(env.DB, parties), leads: lead.New(env.DB, lead.Config{Parties: parties, Host: erpbridge.Host{}}), rates: map[string]map[string]string{"EUR": {}}}
	h.costs = cost.New(env.DB, erpbridge.Host{Catalogue: catalogue{}}, locales)
	firm, err := parties.Add(env.System(), party.Draft{Kind: party.Company, FullName: "Minta Kft."})
	h.ok(err)
	_, err = custom.New(env.DB).Add(env.System(), custom.Draft{Kinds: []string{"opportunity", "lead", "activity"}, Name: "branch", Label: "Ágazat", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: branches[0]}, {Value: branches[1]}}}})
	h.ok(err)
	h.firm = firm.ID
	h.homes = map[string]party.ID{"": firm.ID}
	for i, at := range []party.Address{{Region: "Pest", Country: "HU"}, {Region: "PEST", Country: "HU"}, {Country: "GR"}} {
		one, err := parties.Add(env.System(), party.Draft{Kind: party.Company, FullName: fmt.Sprintf("Νέα %d ΕΠΕ", i), Address: at})
		h.ok(err)
		h.homes[cmp.Or(at.Region, at.Country)] = one.ID
	}
	all, err := h.opps.Pipelines().List(h.as("anna"))
	h.ok(err)
	h.steps = all[0].Stages
	noted := exchange.New(env.DB, locales)
	day := civil.In(env.Clock.Now(), zone).AddDays(rapid.IntRange(-3, 60).Draw(t, "first rate"))
	for range 5 {
		value := fmt.Sprintf("%d.%02d", rapid.IntRange(350, 420).Draw(t, "rate"), rapid.IntRange(0, 99).Draw(t, "cents"))
		h.ok(noted.Note(h.as("anna"), exchange.Quote{Currency: "EUR", Day: day, Rate: money.MustRate(value)}))
		h.rates["EUR"][day.String()] = value
		day = day.AddDays(rapid.IntRange(1, 40).Draw(t, "days"))
	}
	return h
}

func (h *history) create() {
	t := h.t
	owner := rapid.SampledFrom(sellers).Draw(t, "owner")
	d := &deal{owner: owner, team: "team-" + owner, source: rapid.SampledFrom(sources).Draw(t, "source"), campaign: rapid.SampledFrom(campaign).Draw(t, "campaign"),
		branch: rapid.SampledFrom(branches).Draw(t, "branch"), home: rapid.SampledFrom(homes).Draw(t, "home"),
		currency: rapid.SampledFrom([]string{"HUF", "HUF", "EUR", "USD"}).Draw(t, "currency"), value: new(big.Rat), shares: map[string]*big.Rat{}, rivals: map[string]bool{}, state: "open"}
	draft := opportunity.Draft{PartyID: h.homes[d.home], Name: "Polcok", Source: d.source, Campaign: d.campaign, Currency: d.currency, Team: opportunity.Team{Owner: owner, OwnerTeam: d.team}}
	if d.branch != "" {
		draft.Custom = map[string]any{"branch": d.branch}
	}
	for range rapid.IntRange(1, 3).Draw(t, "lines") {
		l := soldLine{product: rapid.SampledFrom(products).Draw(t, "product"), group: rapid.SampledFrom(groups).Draw(t, "group"), quantity: rapid.SampledFrom([]string{"1", "3", "2.5", "0.333333", "40"}).Draw(t, "quantity"),
			price: rapid.SampledFrom([]string{"1000", "99.9", "12500.5", "7.77"}).Draw(t, "price"), discount: rapid.SampledFrom([]string{"0", "5", "12.5", "100"}).Draw(t, "discount")}
		d.lines = append(d.lines, l)
		draft.Lines = append(draft.Lines, opportunity.Line{Name: "Polc", ProductKey: l.product, ProductGroup: l.group, Quantity: money.MustQuantity(l.quantity), UnitPrice: money.MustAmount(l.price), Discount: money.MustPercent(l.discount)})
	}
	if rapid.Bool().Draw(t, "shared") {
		draft.Team.Sellers = opportunity.Even(sellers...)
	}
	for _, name := range rivals {
		if rapid.IntRange(0, 3).Draw(t, "rival") == 0 {
			draft.Competitors = append(draft.Competitors, opportunity.Competitor{Name: name})
		}
	}
	o, err := h.opps.Create(h.as(owner), draft)
	if err != nil && len(draft.Competitors) > 1 { // names that differ in case only may be refused
		draft.Competitors = draft.Competitors[:1]
		o, err = h.opps.Create(h.as(owner), draft)
	}
	h.ok(err)
	for _, c := range draft.Competitors {
		d.rivals[c.Name] = true
	}
	card, err := h.opps.Get(h.as(owner), o.ID)
	h.ok(err)
	for i, l := range card.Lines {
		d.lines[i].amount = rat(l.Amount.String())
		d.value.Add(d.value, d.lines[i].amount)
	}
	for _, s := range card.Sellers {
		d.shares[s.User] = rat(s.Share.String())
	}
	d.id, d.created, d.since, d.stage = o.ID, o.CreatedAt, o.CreatedAt, o.StageID
	d.moves = append(d.moves, move{at: o.CreatedAt, to: o.StageID})
	h.deals = append(h.deals, d)
}

// step notes that a deal came into another stage.
func (d *deal) step(o opportunity.Opportunity) {
	d.moves = append(d.moves, move{at: o.StageSince, from: d.stage, to: o.StageID, seconds: int64(o.StageSince.Sub(d.since) / time.Second)})
	d.stage, d.since, d.state, d.closed = o.StageID, o.StageSince, string(o.State), time.Time{}
	if o.State != opportunity.Open {
		d.closed = o.StageSince
	}
}

func (h *history) work() {
	t := h.t
	if len(h.deals) == 0 {
		return
	}
	n := rapid.IntRange(0, len(h.deals)-1).Draw(t, "deal")
	d := h.deals[n]
	ctx := h.as(d.owner)
	switch what := rapid.IntRange(0, 9).Draw(t, "what"); {
	case d.state != "open":
		if what > 5 {
			return
		}
		o, err := h.opps.Reopen(ctx, d.id, opportunity.Reopening{})
		h.ok(err)
		d.step(o)
		d.reason = ""
	case what < 3:
		o, err := h.opps.CloseWon(ctx, d.id, opportunity.Win{})
		h.ok(err)
		d.step(o)
	case what < 5:
		l := opportunity.Loss{Reason: rapid.SampledFrom(reasons).Draw(t, "reason"), Competitor: opportunity.NoCompetitor, Lesson: "olcsóbban"}
		o, err := h.opps.CloseLost(ctx, d.id, l)
		h.ok(err)
		d.step(o)
		d.reason = l.Reason
	case what < 7:
		to := h.steps[rapid.IntRange(0, 2).Draw(t, "stage")]
		if to.ID == d.stage || to.Kind != opportunity.Open {
			return
		}
		o, err := h.opps.Move(ctx, d.id, opportunity.Step{Stage: to.ID})
		h.ok(err)
		d.step(o)
	default:
		kind := rapid.SampledFrom([]activity.Kind{activity.Call, activity.Meeting}).Draw(t, "kind")
		in := activity.Deed{Party: h.homes[d.home], Opportunity: activity.OpportunityID(d.id), Kind: kind, Subject: "Egyeztetés", Minutes: rapid.IntRange(0, 90).Draw(t, "minutes")}
		if kind == activity.Call {
			in.Direction = activity.Out
		}
		branch := rapid.SampledFrom(branches).Draw(t, "deed's branch")
		if branch != "" {
			in.Custom = map[string]any{"branch": branch}
		}
		done, err := h.acts.Record(ctx, in)
		h.ok(err)
		d.minutes += int64(in.Minutes)
		h.deeds = append(h.deeds, deed{string(kind), d.owner, branch, n, done.Activity.At})
	}
}

func (h *history) ask() {
	owner := rapid.SampledFrom(sellers).Draw(h.t, "lead owner")
	if len(h.in) > 0 && rapid.Bool().Draw(h.t, "answer") {
		a := rapid.SampledFrom(h.in).Draw(h.t, "lead")
		answered, err := h.leads.Responded(h.as(owner), a.id)
		h.ok(err)
		a.answered = answered.FirstResponseAt
		return
	}
	a := &arrival{source: rapid.SampledFrom(sources).Draw(h.t, "lead source"), owner: owner}
	a.branch = rapid.SampledFrom(branches).Draw(h.t, "lead's branch")
	var own map[string]any
	if a.branch != "" {
		own = map[string]any{"branch": a.branch}
	}
	got, err := h.leads.Capture(h.as(owner), lead.Draft{Custom: own, Name: "Kovács Anna", Emails: []string{fmt.Sprintf("a%d@%s.example.com", len(h.in), "x")}, Origin: lead.Origin{Channel: rapid.SampledFrom([]lead.Channel{lead.ByForm, lead.ByHand, lead.ByCard}).Draw(h.t, "channel"), Source: a.source}, Owner: party.Owner{User: owner, Team: "t"}})
	h.ok(err)
	a.id, a.arrived = got.Lead, h.arrivedAt(got.Lead)
	h.in = append(h.in, a)
}

// arrivedAt reads when a lead arrived.
func (h *history) arrivedAt(id lead.ID) time.Time {
	card, err := h.leads.Get(h.as("anna"), id)
	h.ok(err)
	return card.Lead.ArrivedAt
}

// within reports whether an instant is on one of the days, by the calendar of the zone.
func (h *history) within(at time.Time, p kpi.Period) bool {
	if at.IsZero() {
		return false
	}
	day := at.In(h.zone).Format(time.DateOnly)
	return day >= p.First.String() && day <= p.Last.String()
}

// home is an amount in forints at the rate of the day; false where none is known.
func (h *history) home(v *big.Rat, currency string, at time.Time) (*big.Rat, bool) {
	if currency == "HUF" {
		return v, true
	}
	day, best := at.In(h.zone).Format(time.DateOnly), ""
	for d := range h.rates[currency] {
		if d <= day && d > best {
			best = d
		}
	}
	if best == "" {
		return nil, false
	}
	return new(big.Rat).Mul(v, rat(h.rates[currency][best])), true
}

// sums are over and under of a quotient, by key.
type sums struct{ over, under map[string]*big.Rat }

func (s sums) add(key string, over, under *big.Rat) {
	for m, v := range map[*map[string]*big.Rat]*big.Rat{&s.over: over, &s.under: under} {
		if (*m)[key] == nil {
			(*m)[key] = new(big.Rat)
		}
		(*m)[key].Add((*m)[key], v)
	}
}

func one(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// recount counts a figure one record after the other. by is "" or a dimension.
func (h *history) recount(code kpi.Code, q kpi.Query) sums {
	out := sums{map[string]*big.Rat{}, map[string]*big.Rat{}}
	switch code {
	case kpi.Meetings, kpi.Calls:
		for _, d := range h.deeds {
			if d.kind+"s" == string(code) && h.within(d.at, q.Period) && ofBranch(q, d.branch) && (q.Of.Seller == "" || d.owner == q.Of.Seller) &&
				(q.Of.Source == "" || h.deals[d.deal].source == q.Of.Source) && (q.Of.ProductGroup == "" || h.deals[d.deal].has(q.Of.ProductGroup)) {
				out.add(map[kpi.Dimension]string{kpi.Seller: d.owner}[q.By], one(1), one(1))
			}
		}
	case kpi.Leads, kpi.LeadConversion, kpi.ResponseTime:
		for _, a := range h.in {
			if !h.within(a.arrived, q.Period) || q.Of.Seller != "" && a.owner != q.Of.Seller || q.Of.Source != "" && a.source != q.Of.Source || !ofBranch(q, a.branch) {
				continue
			}
			key := map[kpi.Dimension]string{kpi.Seller: a.owner, kpi.Source: a.source}[q.By]
			over := one(0)
			switch {
			case code == kpi.Leads:
				over = one(1)
			case code == kpi.ResponseTime && !a.answered.After(a.arrived):
				continue
			case code == kpi.ResponseTime:
				over = one(a.answered.Unix() - a.arrived.Unix())
			}
			out.add(key, over, one(1))
		}
	case kpi.CustomerRetention, kpi.CustomerChurn, kpi.RevenueChurn:
		h.recountAgain(code, q, out)
	default:
		for _, d := range h.deals {
			h.recountDeal(code, q, d, out)
		}
	}
	return out
}

// bought is what a customer bought of a part: what it was worth before, how often, and whether he came again.
type bought struct {
	before *big.Rat
	deals  int
	again  bool
}

// recountAgain goes from customer to customer.
func (h *history) recountAgain(code kpi.Code, q kpi.Query, out sums) {
	length := q.Period.First.DaysUntil(q.Period.Last) + 1
	before := kpi.Period{First: q.Period.First.AddDays(-length), Last: q.Period.First.AddDays(-1)}
	if next := q.Period.Last.AddDays(1); q.Period.First.Day == 1 && next.Day == 1 { // whole months are held against as many
		months := (next.Year-q.Period.First.Year)*12 + int(next.Month-q.Period.First.Month)
		before.First = civil.Of(time.Date(q.Period.First.Year, q.Period.First.Month-time.Month(months), 1, 0, 0, 0, 0, time.UTC))
	}
	for _, home := range homes {
		of := map[string]*bought{}
		for _, d := range h.deals {
			if d.home == home && d.state == "won" && ofBranch(q, d.branch) && (q.Of.Source == "" || d.source == q.Of.Source) && (q.Of.Team == "" || d.team == q.Of.Team) && (q.Of.Seller == "" || d.owner == q.Of.Seller) {
				h.buy(q, before, d, of)
			}
		}
		for key, b := range of {
			if b.deals == 0 {
				continue
			}
			over, under := one(0), one(1)
			if code == kpi.RevenueChurn {
				under = b.before
			}
			if b.again == (code == kpi.CustomerRetention) {
				over = under
			}
			out.add(key, over, under)
		}
	}
}

// buy notes a deal that was won with its customer.
func (h *history) buy(q kpi.Query, before kpi.Period, d *deal, of map[string]*bought) {
	for group, value := range d.parts(q) {
		for _, key := range d.keys(q, group) {
			b := of[key]
			if b == nil {
				b = &bought{before: new(big.Rat)}
				of[key] = b
			}
			b.again = b.again || h.within(d.closed, q.Period)
			if h.within(d.closed, before) {
				b.deals++
				if worth, known := h.home(value, d.currency, d.closed); known {
					b.before.Add(b.before, worth)
				}
			}
		}
	}
}

// ofBranch reports whether a record of a branch passes the filter.
func ofBranch(q kpi.Query, branch string) bool {
	return len(q.Of.Custom) == 0 || branch == q.Of.Custom[0].Is
}

func (d *deal) has(group string) bool {
	for _, l := range d.lines {
		if l.group == group {
			return true
		}
	}
	return false
}

// parts are the lines of a deal that count, and what they are worth.
func (d *deal) parts(q kpi.Query) map[string]*big.Rat {
	if q.Of.ProductGroup == "" && q.By != kpi.ProductGroup {
		return map[string]*big.Rat{"": d.value}
	}
	out := map[string]*big.Rat{}
	for _, l := range d.lines {
		if q.Of.ProductGroup != "" && q.Of.ProductGroup != l.group {
			continue
		}
		key := ""
		if q.By == kpi.ProductGroup {
			key = l.group
		}
		if out[key] == nil {
			out[key] = new(big.Rat)
		}
		out[key].Add(out[key], l.amount)
	}
	return out
}

func (d *deal) keys(q kpi.Query, group string) []string {
	switch q.By {
	case kpi.Seller:
		return []string{d.owner}
	case kpi.Team:
		return []string{d.team}
	case kpi.Source:
		return []string{d.source}
	case kpi.Region:
		return []string{d.home}
	case kpi.Campaign:
		return []string{d.campaign}
	case kpi.LostReason:
		return []string{d.reason}
	case kpi.ProductGroup:
		return []string{group}
	case kpi.Competitor:
		var out []string
		for name := range d.rivals {
			out = append(out, name)
		}
		return out
	default:
		return []string{""}
	}
}

func (h *history) recountDeal(code kpi.Code, q kpi.Query, d *deal, out sums) {
	split := code == kpi.Margin || code == kpi.Revenue || code == kpi.CampaignRevenue
	if !ofBranch(q, d.branch) {
		return
	}
	if q.Of.Source != "" && d.source != q.Of.Source || q.Of.Team != "" && d.team != q.Of.Team || q.Of.Seller != "" && !split && d.owner != q.Of.Seller {
		return
	}
	switch code {
	case kpi.Funnel, kpi.StageTime:
		seen := map[string]bool{}
		for _, m := range d.moves {
			if !h.within(m.at, q.Period) || q.Of.ProductGroup != "" && !d.has(q.Of.ProductGroup) {
				continue
			}
			key := d.keys(q, "")[0]
			if code == kpi.StageTime {
				if q.By == kpi.Stage {
					key = m.from.String()
				}
				if !m.from.IsZero() {
					out.add(key, one(m.seconds), one(1))
				}
				continue
			}
			if q.By == kpi.Stage {
				key = m.to.String()
			}
			if !seen[key] {
				out.add(key, one(1), one(1))
			}
			seen[key] = true
		}
		return
	}
	if code == kpi.Margin {
		h.recountMargin(q, d, out)
		return
	}
	at := d.closed
	if code == kpi.DealsCreated {
		at = d.created
	}
	if !h.within(at, q.Period) || code == kpi.CampaignRevenue && d.campaign == "" || code == kpi.CompetitorWinRate && len(d.rivals) == 0 {
		return
	}
	for group, value := range d.parts(q) {
		for _, key := range d.keys(q, group) {
			h.recountPart(code, q, d, out, key, value)
		}
	}
}

// recountMargin takes line after line of a deal that was won.
func (h *history) recountMargin(q kpi.Query, d *deal, out sums) {
	if d.state != "won" || !h.within(d.closed, q.Period) {
		return
	}
	for _, l := range d.lines {
		unit, known := unitCosts[l.product]
		net, rated := h.home(l.amount, d.currency, d.closed)
		if !known || q.Of.ProductGroup != "" && q.Of.ProductGroup != l.group {
			continue
		}
		left := new(big.Rat)
		if rated {
			left.Sub(net, new(big.Rat).Mul(rat(l.quantity), rat(unit)))
		}
		for _, key := range d.keys(q, l.group) {
			if q.By != kpi.Seller && q.Of.Seller == "" {
				out.add(key, left, one(1))
				continue
			}
			for user, share := range d.shares {
				if q.Of.Seller != "" && user != q.Of.Seller {
					continue
				}
				if q.By == kpi.Seller {
					key = user
				}
				out.add(key, new(big.Rat).Quo(new(big.Rat).Mul(left, share), one(100)), one(1))
			}
		}
	}
}

func (h *history) recountPart(code kpi.Code, q kpi.Query, d *deal, out sums, key string, value *big.Rat) {
	won := d.state == "won"
	home, known := h.home(value, d.currency, d.closed)
	if !known {
		home = new(big.Rat)
	}
	switch code {
	case kpi.DealsWon, kpi.DealsLost, kpi.LostReasons, kpi.DealsCreated:
		if code == kpi.DealsCreated || won == (code == kpi.DealsWon) {
			out.add(key, one(1), one(1))
		}
	case kpi.WinRate, kpi.CompetitorWinRate:
		over := one(0)
		if won {
			over = one(1)
		}
		out.add(key, over, one(1))
	case kpi.WinRateValue:
		over := new(big.Rat)
		if won {
			over = home
		}
		out.add(key, over, home)
	case kpi.Revenue, kpi.CampaignRevenue:
		if !won {
			return
		}
		if q.By != kpi.Seller && q.Of.Seller == "" {
			out.add(key, home, one(1))
			return
		}
		for user, share := range d.shares {
			if q.Of.Seller != "" && user != q.Of.Seller {
				continue
			}
			if q.By == kpi.Seller {
				key = user
			}
			out.add(key, new(big.Rat).Quo(new(big.Rat).Mul(home, share), one(100)), one(1))
		}
	case kpi.AverageDeal, kpi.SalesCycle, kpi.WorkTime:
		if !won {
			return
		}
		switch code {
		case kpi.SalesCycle:
			home = one(d.closed.Unix() - d.created.Unix())
		case kpi.WorkTime:
			home = one(d.minutes)
		}
		out.add(key, home, one(1))
	case kpi.AverageDiscount:
		if !won {
			return
		}
		for _, l := range d.lines {
			if q.Of.ProductGroup != "" && l.group != q.Of.ProductGroup || q.By == kpi.ProductGroup && l.group != key {
				continue
			}
			list, ok := h.home(new(big.Rat).Mul(rat(l.quantity), rat(l.price)), d.currency, d.closed)
			net, _ := h.home(l.amount, d.currency, d.closed)
			if !ok {
				list, net = new(big.Rat), new(big.Rat)
			}
			out.add(key, new(big.Rat).Sub(list, net), list)
		}
	}
}

// value is a quotient as the figure shows it.
func shown(d kpi.Definition, over, under *big.Rat) string {
	if over == nil {
		over, under = new(big.Rat), new(big.Rat)
	}
	divides := d.Unit != kpi.Count && d.Code != kpi.Revenue && d.Code != kpi.Margin && d.Code != kpi.CampaignRevenue
	if divides && under.Sign() == 0 {
		return "-"
	}
	v := new(big.Rat).Set(over)
	places := 0
	if divides {
		v.Quo(v, under)
		if d.Unit == kpi.Percent {
			v.Mul(v, one(100))
			places = 4
		}
	}
	return decimal.RequireFromString(v.FloatString(places)).String()
}

func text(v kpi.Value) string {
	if !v.Known {
		return "-"
	}
	return v.Decimal.String()
}

func (h *history) compare() {
	t := h.t
	_, err := h.costs.Work(h.env.System())
	h.ok(err)
	today := civil.In(h.env.Clock.Now(), h.zone)
	first := today.AddDays(-rapid.IntRange(0, 300).Draw(t, "from"))
	q := kpi.Query{Period: kpi.Period{First: first, Last: first.AddDays(rapid.IntRange(0, 200).Draw(t, "length"))}}
	switch rapid.IntRange(0, 5).Draw(t, "filter") {
	case 3:
		q.Of.Custom = []store.CustomFilter{{Field: "branch", Is: rapid.SampledFrom(branches[:2]).Draw(t, "of branch")}}
	case 0:
		q.Of.Seller = rapid.SampledFrom(sellers).Draw(t, "seller")
	case 1:
		q.Of.Source = rapid.SampledFrom(sources).Draw(t, "of source")
	case 2:
		q.Of.ProductGroup = rapid.SampledFrom(groups).Draw(t, "of group")
	}
	for _, d := range kpi.Definitions() {
		if d.Code == kpi.CampaignReturn || d.Of == kpi.CustomerKind || !d.Fits(q.Of) {
			continue
		}
		for _, by := range append([]kpi.Dimension{kpi.Whole}, d.By...) {
			if by == kpi.Pipeline || d.Of != kpi.OpportunityKind && (by == kpi.Team || by == kpi.Campaign) {
				continue
			}
			q.By = by
			got, err := h.kpis.Figure(h.as("anna"), d.Code, q)
			h.ok(err)
			whole := q
			whole.By = kpi.Whole
			want := h.recount(d.Code, whole)
			if is, should := text(got.Value), shown(d, want.over[""], want.under[""]); is != should {
				t.Fatalf("%s of %+v is %s, counted by hand %s", d.Code, whole, is, should)
			}
			h.compareRows(d, q, got)
			h.compareBehind(d, q, got)
		}
	}
}

// compareBehind holds the numbers of records of a figure and of its rows against the lists that they lead to.
func (h *history) compareBehind(d kpi.Definition, q kpi.Query, got kpi.Figure) {
	listed := func(q kpi.Query, key string) int64 {
		n := int64(0)
		for page := (store.Page{Limit: store.MaxLimit}); ; {
			list, err := h.kpis.Behind(h.as("anna"), d.Code, q, key, page)
			h.ok(err)
			n += int64(len(list.Rows))
			if page.After = list.Next; page.After == "" {
				return n
			}
		}
	}
	if d.Code == kpi.StageTime { // it counts steps, and leads to the opportunities that took them
		whole := map[opportunity.ID]bool{}
		for _, one := range h.deals {
			for _, m := range one.moves {
				if len(q.Of.Used()) == 0 && h.within(m.at, q.Period) && !m.from.IsZero() {
					whole[one.id] = true
				}
			}
		}
		if q.By == kpi.Whole && len(q.Of.Used()) == 0 && listed(q, "") != int64(len(whole)) {
			h.t.Fatalf("behind %s of %+v stand %d opportunities, %d went on", d.Code, q, listed(q, ""), len(whole))
		}
		return
	}
	whole := q
	whole.By = kpi.Whole
	if is := listed(whole, ""); is != got.Count {
		h.t.Fatalf("%s of %+v is of %d records, behind it stand %d", d.Code, whole, got.Count, is)
	}
	for _, row := range got.Rows {
		if is := listed(q, row.Key); is != row.Count {
			h.t.Fatalf("%s of %+v: the row %q is of %d records, behind it stand %d", d.Code, q, row.Key, row.Count, is)
		}
	}
}

func (h *history) compareRows(d kpi.Definition, q kpi.Query, got kpi.Figure) {
	if q.By == kpi.Whole {
		return
	}
	var is, should []string
	for _, r := range got.Rows {
		is = append(is, r.Key+"="+text(r.Value))
	}
	if q.By == kpi.Month {
		today := civil.In(h.env.Clock.Now(), h.zone) // months that are still to come are not told
		for day := q.Period.First; !day.After(q.Period.Last) && (!day.After(today) || day.Month == today.Month && day.Year == today.Year); day = day.AddDays(1) {
			part := q
			part.By, part.Period.First, part.Period.Last = kpi.Whole, day, day
			for next := day.AddDays(1); next.Month == day.Month && !next.After(q.Period.Last); next = next.AddDays(1) {
				part.Period.Last = next
			}
			want := h.recount(d.Code, part)
			should = append(should, day.String()[:7]+"="+shown(d, want.over[""], want.under[""]))
			day = part.Period.Last
		}
	} else {
		want := h.recount(d.Code, q)
		for key := range want.under {
			should = append(should, key+"="+shown(d, want.over[key], want.under[key]))
		}
	}
	sort.Strings(is)
	sort.Strings(should)
	if fmt.Sprint(is) != fmt.Sprint(should) {
		h.t.Fatalf("%s of %+v:\n got %q\nwant %q", d.Code, q, is, should)
	}
}

func TestFiguresEqualARecount(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		n := 0
		rapid.Check(t, func(t *rapid.T) {
			n++
			h := begin(t, env, n)
			for range 45 {
				env.Clock.Advance(time.Duration(rapid.IntRange(0, 170*3600).Draw(t, "pause")) * time.Second)
				switch rapid.IntRange(0, 9).Draw(t, "act") {
				case 0, 1, 2:
					h.create()
				case 3:
					h.ask()
				default:
					h.work()
				}
			}
			h.compare()
			h.compare()
		})
	})
}
