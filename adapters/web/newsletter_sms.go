package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
)

// textRoutes are the pages that campaigns on SMS have of their own.
func (s *screens) textRoutes() []route {
	return []route{
		{Pattern: "GET /campaigns/sms", Right: campaign.Write, Do: s.newTextCampaign},
		{Pattern: "POST /campaigns/sms", Right: campaign.Write, Do: s.createTextCampaign},
		{Pattern: "POST /campaigns/{id}/sms/count", Right: campaign.Write, Do: s.countText},
		{Pattern: "GET /campaigns/{id}/sms/price", Right: campaign.Read, Do: s.priceTexts},
	}
}

// texting reports whether campaigns go by SMS here.
func (v *visit) texting() bool { return v.s.module.Newsletters.Campaigns.Carries(campaign.SMS) }

// channelTabs lead from the form of one channel to that of the other; none where there is only one.
func (v *visit) channelTabs(here campaign.Channel) []menuItem {
	if !v.texting() {
		return nil
	}
	return []menuItem{
		{Path: v.link("/campaigns/new"), Key: "topic.channel.email", Here: here == campaign.Email}, {Path: v.link("/campaigns/sms"), Key: "topic.channel.sms", Here: here == campaign.SMS},
	}
}

// textForm is the page on which a campaign on SMS is begun or changed.
type textForm struct {
	campaignForm
	// Currency is that of its money, Priced says that the gateway's prices are known.
	Currency string
	Priced   bool
}

func (s *screens) newTextCampaign(v *visit) error {
	c, err := v.module().Company(v.ctx())
	if err != nil {
		return err
	}
	return s.drawTextForm(v, v.blank("name", "", "sender_name", c.Name, "sender_address", "", "language", string(v.Locale.Language), "segment", "", "seeds", "",
		"per_hour", "", "quiet_from", "", "quiet_to", "", "budget", "", "cost_each", "", "test_share", ""), nil)
}

// textCurrency is that of what messages of a campaign cost, the company's own where the gateway names none, and
// whether there are prices.
func (v *visit) textCurrency(c campaign.Campaign) (currency string, priced bool) {
	t := v.s.module.Newsletters.Campaigns.Messages().Tariff(c)
	if t.Currency == "" {
		return v.Locale.Currency, false
	}
	return t.Currency, len(t.Prices) > 0
}

func (s *screens) drawTextForm(v *visit, f *input, c *campaign.Campaign) error {
	d := textForm{campaignForm: campaignForm{Form: f, Campaign: c, Languages: languageOptions(f.text("language")), Action: v.link("/campaigns/sms")}}
	d.Currency, d.Priced = v.textCurrency(campaign.Campaign{Record: store.Record{Company: v.Actor.Company}})
	h, err := d.complete(v, campaign.SMS, v.t("sms.new"))
	if err != nil {
		return err
	}
	return v.show(f.statusOf(), "newsletter_sms_form", h, d)
}

// textPlan is what the form says, on top of what it does not show.
func (v *visit) textPlan(f *input, p campaign.Plan) (campaign.Plan, error) {
	home, err := v.homeCountry()
	if err != nil {
		return p, err
	}
	p = v.campaignPlan(f, p)
	p.Channel, p.QuietZone = campaign.SMS, campaign.ReaderClock
	p.QuietFrom, p.QuietTo = f.minutes("quiet_from"), f.minutes("quiet_to")
	p.Budget, p.CostEach = f.money("budget"), f.money("cost_each")
	p.Currency, _ = v.textCurrency(campaign.Campaign{Record: store.Record{Company: v.Actor.Company}})
	p.Seeds = nil
	for line := range strings.Lines(f.text("seeds")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		number, err := party.NormalizePhone(line, home)
		if err != nil {
			f.Faults["seeds"] = append(f.Faults["seeds"], v.t("sms.seeds.bad", line))
		}
		p.Seeds = append(p.Seeds, number)
	}
	return p, nil
}

// homeCountry is that of the company, in which numbers are dialled that name none.
func (v *visit) homeCountry() (string, error) {
	c, err := v.module().Company(v.ctx())
	if country := party.CountryOf(c.Address.Country); country != "" {
		return country, err
	}
	return c.Locale.Language.Country(), err
}

// minutes reads a time of the day, 0 where none was given.
func (f *input) minutes(name string) int {
	text := f.text(name)
	if text == "" {
		return 0
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		f.wrong(name, "fault.time")
	}
	return t.Hour()*60 + t.Minute()
}

// money reads an amount, nothing where none was given.
func (f *input) money(name string) money.Amount {
	if a := f.amount(name); a != nil {
		return *a
	}
	return money.Amount{}
}

func (s *screens) createTextCampaign(v *visit) error {
	f := v.posted()
	plan, err := v.textPlan(f, campaign.Plan{})
	if err != nil {
		return err
	}
	if !f.bad() {
		c, err := s.module.Newsletters.Campaigns.Create(v.ctx(), plan)
		if err == nil {
			return v.redirect(v.link("/campaigns", c.ID.String(), "content"))
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	return s.drawTextForm(v, f, nil)
}

// textValues is the form of a campaign as it is.
func (v *visit) textValues(c campaign.Campaign) (*input, error) {
	f, err := v.campaignValues(c)
	if err != nil {
		return nil, err
	}
	clock := func(minutes int) string {
		if c.QuietFrom == c.QuietTo {
			return ""
		}
		return time.Date(2000, 1, 1, 0, minutes, 0, 0, time.UTC).Format("15:04")
	}
	typed := func(a money.Amount) string {
		if a.IsZero() {
			return ""
		}
		return v.Locale.Language.Quantity(a.Decimal)
	}
	for name, value := range map[string]string{
		"seeds": strings.Join(c.Seeds(), "\n"), "quiet_from": clock(c.QuietFrom), "quiet_to": clock(c.QuietTo), "budget": typed(c.Budget), "cost_each": typed(c.CostEach),
	} {
		f.Values.Set(name, value)
	}
	return f, nil
}

func (s *screens) editTextCampaign(v *visit, c campaign.Campaign) error {
	f, err := v.textValues(c)
	if err != nil {
		return err
	}
	return s.drawTextForm(v, f, &c)
}

func (s *screens) saveTextCampaign(v *visit, c campaign.Campaign) error {
	f := v.posted()
	for range 2 { // once more, when what others changed meanwhile touches nothing that the visitor did
		plan, err := v.textPlan(f, c.Plan())
		if err != nil {
			return err
		}
		if f.bad() {
			break
		}
		_, err = s.module.Newsletters.Campaigns.Edit(v.ctx(), c.ID, f.version("version"), plan)
		if err == nil {
			v.done("campaign.saved")
			return v.redirect(v.link("/campaigns", c.ID.String()))
		}
		if fault.CodeOf(err) != fault.Conflict || c.State != campaign.Draft {
			if err := v.refuse(f, err); err != nil {
				return err
			}
			break
		}
		now, err := v.textValues(c)
		if err != nil {
			return err
		}
		asks, err := v.clash(f, now, c.Record, textShared())
		if err != nil {
			return err
		}
		if asks {
			break
		}
	}
	return s.drawTextForm(v, f, &c)
}

// textShared are the fields that others may change too.
func textShared() []shared {
	return []shared{
		{Name: "name", Label: "campaign.name"}, {Name: "sender_name", Label: "campaign.sender_name"}, {Name: "sender_address", Label: "sms.sender"},
		{Name: "language", Label: "campaign.language", Show: func(value string) string { return locale.Language(value).Name() }},
		{Name: "seeds", Label: "sms.seeds"}, {Name: "per_hour", Label: "campaign.per_hour"}, {Name: "quiet_from", Label: "sms.quiet_from"}, {Name: "quiet_to", Label: "sms.quiet_to"},
		{Name: "budget", Label: "sms.budget"}, {Name: "cost_each", Label: "sms.cost_each"}, {Name: "test_share", Label: "campaign.test_share"},
	}
}

// textRow is one variant and language of what a campaign on SMS says.
func (v *visit) textRow(c campaign.Campaign, p campaign.Content, fields content.Fields) contentRow {
	const most = 90 // characters of the beginning
	d, err := campaign.ReadTextDesign(p)
	row := contentRow{Variant: p.Variant, Language: p.Language, Subject: strings.Join(strings.Fields(d.Text), " ")}
	if runes := []rune(row.Subject); len(runes) > most {
		row.Subject = string(runes[:most]) + "…"
	}
	query := place{p.Variant, p.Language}.query()
	row.Path, row.Preview = v.link("/campaigns", c.ID.String(), "content")+query, v.link("/campaigns", c.ID.String(), "preview")+query
	if row.Faults = len(d.Check(fields)); err != nil {
		row.Faults = 1
	}
	return row
}

// textCard is what the page of a campaign on SMS shows beside what all have.
type textCard struct {
	Report campaign.TextReport
	// Price is the address at which a draft is priced; Priced what its ledger was priced at.
	Price           string
	Priced          *textPrice
	Delivered, Gone string
}

func (v *visit) textCard(c campaign.Campaign, p campaign.Progress) (*textCard, error) {
	out := &textCard{}
	if c.State == campaign.Draft || c.State == campaign.Scheduled {
		out.Price = v.link("/campaigns", c.ID.String(), "sms", "price")
		return out, nil
	}
	var err error
	if out.Report, err = v.s.module.Newsletters.Campaigns.TextReport(v.ctx(), c.ID); err != nil {
		return nil, err
	}
	taken := p.All.Left()
	out.Delivered, out.Gone = v.share(out.Report.Delivered, taken), v.share(out.Report.Undelivered, taken)
	if out.Report.Estimate.Messages > 0 {
		out.Priced = v.newTextPrice(campaign.TextEstimate{
			Estimate: out.Report.Estimate, Currency: out.Report.Currency, Readers: int(p.Total), Cost: out.Report.Expected, Budget: c.Budget,
		})
	}
	return out, nil
}

// priceTexts says what a campaign would cost now.
func (s *screens) priceTexts(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	if c.Channel != campaign.SMS {
		return errNoPage
	}
	d, err := v.priceOf(c)
	if err != nil {
		return err
	}
	return s.saleDialog(v, http.StatusOK, "newsletter_sms_price", head{Title: v.t("sms.price"), Section: "campaigns", Crumbs: v.campaignCrumbs(crumb{c.Name, v.link("/campaigns", c.ID.String())})}, d)
}

// textPrice is what a campaign on SMS costs, as a page shows it.
type textPrice struct {
	campaign.TextEstimate
	Rows []countryPrice
	Bars []partsBar
	// Plain says that other letters would save something, TooMuch that the budget does not allow it, Fault why
	// nothing can be priced.
	Plain, TooMuch bool
	Fault          string
}

type countryPrice struct {
	Name, Code                      string
	Messages, Parts, UCS2, Unpriced int
	Total                           money.Amount
}

// partsBar is how many messages have so many parts.
type partsBar struct {
	Label       string
	Count, Most int
}

// priceOf prices a draft; what cannot be priced says why.
func (v *visit) priceOf(c campaign.Campaign) (*textPrice, error) {
	e, err := v.s.module.Newsletters.Campaigns.Estimate(v.ctx(), c.ID)
	if err != nil {
		if fault.CodeOf(err) != fault.Invalid {
			return nil, err
		}
		return &textPrice{Fault: v.t("sms.price.none")}, nil
	}
	return v.newTextPrice(e), nil
}

func (v *visit) newTextPrice(e campaign.TextEstimate) *textPrice {
	out := &textPrice{TextEstimate: e, Plain: e.Saves.IsPositive(), TooMuch: !e.Budget.IsZero() && e.Cost.Cmp(e.Budget) > 0}
	if out.Currency == "" {
		out.Currency = v.Locale.Currency
	}
	for _, c := range e.Countries {
		name := party.CountryName(c.Country, v.Locale.Language)
		if c.Country == "" {
			name = v.t("sms.country.none")
		}
		out.Rows = append(out.Rows, countryPrice{Name: name, Code: c.Country, Messages: c.Messages, Parts: c.Parts, UCS2: c.UCS2, Unpriced: c.Unpriced, Total: c.Total})
	}
	most := 0
	for _, n := range e.ByParts {
		most = max(most, n)
	}
	for parts, n := range e.ByParts {
		if n > 0 {
			out.Bars = append(out.Bars, partsBar{Label: v.t("sms.parts", strconv.Itoa(parts)), Count: n, Most: most})
		}
	}
	return out
}
