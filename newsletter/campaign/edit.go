package campaign

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Plan is what people write about a campaign.
type Plan struct {
	Name string
	// Channel is Email where it is "".
	Channel Channel
	// Audience is JSON for [Config.Audience].
	Audience                            string
	SenderName, SenderAddress, ReplyTo  string
	ReturnDomain, SigningKey, Transport string
	Language                            locale.Language
	Seeds                               []string
	PerHour                             int
	QuietFrom, QuietTo                  int
	QuietZone                           Clock
	UnknownPolicy                       Policy
	TestShare, DecideAfter              int
	CostEach, CostFixed, Budget         money.Amount
	Currency                            string
}

// The bounds of a plan.
const (
	// MaxSeeds is how many addresses of one's own a campaign has.
	MaxSeeds = 50
	// MaxVariants is how many variants are compared.
	MaxVariants = 5
	// minutesOfDay is a day in minutes.
	minutesOfDay = 24 * 60
	// mostDecideAfter is two weeks in minutes.
	mostDecideAfter = 14 * minutesOfDay
)

// check brings addresses into their form and finds everything that is wrong.
func (p *Plan) check(c Config) []fault.Fault {
	var faults fault.List
	faults.Required("name", p.Name)
	if p.Channel == "" {
		p.Channel = Email
	}
	if p.QuietZone == "" {
		p.QuietZone = CompanyClock
	}
	if p.UnknownPolicy == "" {
		p.UnknownPolicy = Skip
	}
	if p.Channel != Email && p.Channel != SMS {
		faults.Add("channel", "choice", "%.20q is no channel; choose email or sms", string(p.Channel))
	}
	if p.QuietZone != CompanyClock && p.QuietZone != ReaderClock {
		faults.Add("quiet_zone", "choice", "%.20q is no clock; choose company or reader", string(p.QuietZone))
	}
	if p.UnknownPolicy != Skip && p.UnknownPolicy != Again {
		faults.Add("unknown_policy", "choice", "%.20q is no policy; choose skip or again", string(p.UnknownPolicy))
	}
	if _, ok := locale.ParseLanguage(string(p.Language)); !ok {
		faults.Add("language", "choice", "%.20q is no language that CRM+ speaks; choose hu, en, he, ru or el", string(p.Language))
	}
	if p.Audience != "" && !json.Valid([]byte(p.Audience)) {
		faults.Add("audience", "json.form", "is no JSON; choose the audience again")
	}
	_, known := c.Transports[p.Transport]
	if p.Channel == SMS {
		_, known = c.Gateways[p.Transport]
	}
	if !known && p.Transport != "" {
		faults.Add("transport", "choice", "there is no transport %.40q; choose one that is set up", p.Transport)
	}
	p.checkBounds(&faults)
	p.checkAddresses(&faults)
	return faults
}

func (p *Plan) checkBounds(faults *fault.List) {
	for _, v := range []struct {
		name    string
		n, most int
	}{
		{"per_hour", p.PerHour, 100_000_000}, {"quiet_from", p.QuietFrom, minutesOfDay - 1}, {"quiet_to", p.QuietTo, minutesOfDay - 1},
		{"test_share", p.TestShare, 100}, {"decide_after", p.DecideAfter, mostDecideAfter},
	} {
		if v.n < 0 || v.n > v.most {
			faults.Add(v.name, "range", "is %d; it goes from 0 to %d", v.n, v.most)
		}
	}
	zero := money.Amount{}
	for _, v := range []struct {
		name string
		a    money.Amount
	}{{"cost_each", p.CostEach}, {"cost_fixed", p.CostFixed}, {"budget", p.Budget}} {
		if v.a.Cmp(zero) < 0 {
			faults.Add(v.name, "negative", "is %s; it cannot be less than nothing", v.a)
		}
		if v.a.Cmp(zero) > 0 && len(p.Currency) != len("EUR") {
			faults.Add("currency", "required", "is missing; give the currency of the cost, as EUR")
		}
	}
}

func (p *Plan) checkAddresses(faults *fault.List) {
	if len(p.Seeds) > MaxSeeds {
		faults.Add("seeds", "count", "are %d, at most %d are taken; leave some out", len(p.Seeds), MaxSeeds)
		return
	}
	p.Seeds = slices.Clone(p.Seeds)
	if p.Channel == SMS {
		faults.Required("sender_name", p.SenderName)
		checkSender(faults, "sender_address", &p.SenderAddress)
		checkNumbers(faults, "seeds", p.Seeds)
		slices.Sort(p.Seeds)
		p.Seeds = slices.Compact(p.Seeds)
		return
	}
	normal := func(path string, text *string) {
		address, err := party.NormalizeEmail(*text)
		if err != nil {
			for _, f := range fault.Of(err) {
				faults.Add(path, f.Code, "%s", f.Message)
			}
			return
		}
		*text = address
	}
	normal("sender_address", &p.SenderAddress)
	if p.ReplyTo != "" {
		normal("reply_to", &p.ReplyTo)
	}
	if p.ReturnDomain != "" {
		if _, err := mail.ParseAddress("b@" + p.ReturnDomain); err != nil || strings.ContainsAny(p.ReturnDomain, "@<>[] ") {
			faults.Add("return_domain", "domain.form", "%.60q is no domain; write it as bounce.example.com", p.ReturnDomain)
		}
	}
	for i := range p.Seeds {
		normal("seeds["+strconv.Itoa(i)+"]", &p.Seeds[i])
	}
	slices.Sort(p.Seeds)
	p.Seeds = slices.Compact(p.Seeds)
}

func (p Plan) onto(c *Campaign) {
	c.Name, c.Channel, c.Audience = strings.TrimSpace(p.Name), p.Channel, p.Audience
	c.SenderName, c.SenderAddress, c.ReplyTo = strings.TrimSpace(p.SenderName), p.SenderAddress, p.ReplyTo
	c.ReturnDomain, c.SigningKey, c.Transport, c.Language = strings.ToLower(p.ReturnDomain), p.SigningKey, p.Transport, p.Language
	c.SeedLines, c.PerHour = strings.Join(p.Seeds, "\n"), p.PerHour
	c.QuietFrom, c.QuietTo, c.QuietZone = p.QuietFrom, p.QuietTo, p.QuietZone
	c.UnknownPolicy, c.TestShare, c.DecideAfter = p.UnknownPolicy, p.TestShare, p.DecideAfter
	c.CostEach, c.CostFixed, c.Budget, c.Currency = p.CostEach, p.CostFixed, p.Budget, p.Currency
}

// Plan gives what people wrote about the campaign, to be changed and given to [Campaigns.Edit].
func (c Campaign) Plan() Plan {
	return Plan{
		Name: c.Name, Channel: c.Channel, Audience: c.Audience, SenderName: c.SenderName, SenderAddress: c.SenderAddress, ReplyTo: c.ReplyTo,
		ReturnDomain: c.ReturnDomain, SigningKey: c.SigningKey, Transport: c.Transport, Language: c.Language, Seeds: c.Seeds(),
		PerHour: c.PerHour, QuietFrom: c.QuietFrom, QuietTo: c.QuietTo, QuietZone: c.QuietZone, UnknownPolicy: c.UnknownPolicy,
		TestShare: c.TestShare, DecideAfter: c.DecideAfter, CostEach: c.CostEach, CostFixed: c.CostFixed, Budget: c.Budget, Currency: c.Currency,
	}
}

// Create writes a new draft. It needs [Write].
func (c *Campaigns) Create(ctx context.Context, p Plan) (Campaign, error) {
	return store.Write(ctx, c.db, Write, func(ctx context.Context, s *store.Session) (Campaign, error) {
		if err := fault.List(p.check(c.config)).Err("the campaign cannot be saved"); err != nil {
			return Campaign{}, err
		}
		row := Campaign{ID: store.NewKey[Tag](s), Number: newNumber(s), State: Draft, OwnerUser: s.Actor.UserID, OwnerTeam: s.Actor.Team()}
		p.onto(&row)
		return row, s.Insert(ctx, &row)
	})
}

// numberBits keeps numbers short: 8 characters to the base of 36.
const numberBits = 40

// newNumber draws a number. Numbers are random, so that a link tells nothing about how many campaigns a
// company sends; where one is taken, the unique index refuses it and the unit of work is repeated.
func newNumber(s *store.Session) int64 {
	id := s.NewID()
	return int64(binary.BigEndian.Uint64(id[8:])&(1<<numberBits-1)) | 1<<(numberBits-1)
}

// Edit changes a draft whose version is still the one that was read. It needs [Write].
func (c *Campaigns) Edit(ctx context.Context, id ID, version int64, p Plan) (Campaign, error) {
	return store.Write(ctx, c.db, Write, func(ctx context.Context, s *store.Session) (Campaign, error) {
		var row Campaign
		if err := s.LockVersion(ctx, &row, id, version); err != nil {
			return row, err
		}
		if err := editable(row); err != nil {
			return row, err
		}
		if err := fault.List(p.check(c.config)).Err("the campaign cannot be saved"); err != nil {
			return row, err
		}
		next := row
		p.onto(&next)
		return next, s.Save(ctx, &row, &next)
	})
}

func editable(row Campaign) error {
	if row.State == Draft {
		return nil
	}
	return wrongState(row, "changed", "take it back to a draft before it begins, or copy it")
}

func wrongState(row Campaign, done, remedy string) error {
	var faults fault.List
	faults.Add("state", "campaign.state", "the campaign is %s and cannot be %s; %s", row.State, done, remedy)
	return faults.Err("the campaign %q stays as it is", row.Name)
}

// SetContents replaces what a draft says, in all variants and languages, and raises its version; what it said before
// stays among its [Campaigns.Editions]. It needs [Write].
func (c *Campaigns) SetContents(ctx context.Context, id ID, version int64, contents []Content) (Campaign, error) {
	return c.setContents(ctx, id, version, false, func(context.Context, *store.Session, []Content) ([]Content, error) { return contents, nil })
}

// setContents writes what next makes of the contents of a draft; anew is that of [editor].
func (c *Campaigns) setContents(ctx context.Context, id ID, version int64, anew bool, next func(ctx context.Context, s *store.Session, now []Content) ([]Content, error)) (Campaign, error) {
	return store.Write(ctx, c.db, Write, func(ctx context.Context, s *store.Session) (Campaign, error) {
		var row Campaign
		if err := s.LockVersion(ctx, &row, id, version); err != nil {
			return row, err
		}
		if err := editable(row); err != nil {
			return row, err
		}
		was, err := contentsOf(ctx, s, id)
		if err != nil {
			return row, err
		}
		contents, err := next(ctx, s, slices.Clone(was))
		if err != nil {
			return row, err
		}
		if err := checkContents(contents); err != nil {
			return row, err
		}
		e := editor{s: s, campaign: id, anew: anew}
		for _, p := range contents {
			if err := e.note(ctx, at(was, p), p); err != nil {
				return row, err
			}
		}
		if _, err := s.Exec(ctx, store.From[Content](""), "DELETE FROM crm_campaign_content WHERE {scope} AND campaign_id = ?", id); err != nil {
			return row, err
		}
		rows := make([]Content, len(contents))
		for i, p := range contents {
			rows[i] = Content{ID: store.NewKey[Content](s), CampaignID: id, Variant: p.Variant, Language: p.Language, Subject: p.Subject, Design: p.Design}
		}
		if err := s.InsertQuiet(ctx, &rows); err != nil {
			return row, err
		}
		return row, s.Touch(ctx, &row)
	})
}

// at is the content in the place of another one; nil where there is none.
func at(contents []Content, p Content) *Content {
	for i := range contents {
		if contents[i].Variant == p.Variant && contents[i].Language == p.Language {
			return &contents[i]
		}
	}
	return nil
}

func checkContents(contents []Content) error {
	var faults fault.List
	seen := map[string]bool{}
	for i := range contents {
		p := &contents[i]
		at := "contents[" + strconv.Itoa(i) + "]"
		if p.Variant == "" {
			p.Variant = "A"
		}
		if len(p.Variant) != 1 || p.Variant[0] < 'A' || p.Variant[0] >= 'A'+MaxVariants {
			faults.Add(at+".variant", "choice", "%.10q is no variant; they are A to %c", p.Variant, 'A'+MaxVariants-1)
		}
		if _, ok := locale.ParseLanguage(string(p.Language)); !ok {
			faults.Add(at+".language", "choice", "%.20q is no language that CRM+ speaks; choose hu, en, he, ru or el", string(p.Language))
		}
		faults.Required(at+".design", p.Design)
		key := p.Variant + "/" + string(p.Language)
		if seen[key] {
			faults.Add(at, "duplicate", "is there twice for variant %s in %s; leave one out", p.Variant, p.Language)
		}
		seen[key] = true
	}
	return faults.Err("the contents cannot be saved")
}

// Contents reads what a campaign says, by variant and language. It needs [Read].
func (c *Campaigns) Contents(ctx context.Context, id ID) ([]Content, error) {
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) ([]Content, error) {
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return nil, err
		}
		return contentsOf(ctx, s, id)
	})
}

func contentsOf(ctx context.Context, s *store.Session, id ID) ([]Content, error) {
	var rows []Content
	err := s.Select(&rows).Where("campaign_content.campaign_id = ?", id).OrderExpr("campaign_content.variant, campaign_content.language").Scan(ctx)
	return rows, err
}

// Get reads one campaign. It needs [Read].
func (c *Campaigns) Get(ctx context.Context, id ID) (Campaign, error) {
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) (Campaign, error) {
		var row Campaign
		return row, s.Get(ctx, &row, id)
	})
}

// Filter picks campaigns; zero fields do not narrow it.
type Filter struct {
	// State is one state.
	State State
	Page  store.Page
}

// Listing is one page of campaigns, the newest first.
type Listing struct {
	Rows []Campaign `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// List reads one page of the campaigns that the actor may see, but for standing ones. It needs [Read].
func (c *Campaigns) List(ctx context.Context, f Filter) (Listing, error) {
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) (Listing, error) {
		var out Listing
		q := s.Select(&out.Rows).Where("campaign.standing = ?", false)
		if f.State != "" {
			q = q.Where("campaign.state = ?", f.State)
		}
		err := s.Paged(q, store.Order{Column: "campaign.created_at", ID: "campaign.id", Desc: true}, f.Page).Scan(ctx)
		if n := len(out.Rows); err == nil && n == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].CreatedAt, out.Rows[n-1].ID)
		}
		return out, err
	})
}

// inStates reads the campaigns of the company in some states, the oldest first.
func inStates(ctx context.Context, s *store.Session, states ...State) (rows []Campaign, err error) {
	err = s.Select(&rows).Where("campaign.state IN (?)", bun.List(states)).OrderExpr("campaign.created_at, campaign.id").Scan(ctx)
	return rows, err
}

// quiet reports whether a campaign must keep quiet at an instant by a clock, and until when.
func (c Campaign) quiet(at time.Time, zone *time.Location) (until time.Time, yes bool) {
	if c.QuietFrom == c.QuietTo {
		return time.Time{}, false
	}
	local := at.In(zone)
	minute := local.Hour()*60 + local.Minute()
	within := minute >= c.QuietFrom && minute < c.QuietTo
	if c.QuietFrom > c.QuietTo { // over midnight
		within = minute >= c.QuietFrom || minute < c.QuietTo
	}
	if !within {
		return time.Time{}, false
	}
	day := local.Day()
	if minute >= c.QuietTo {
		day++
	}
	return time.Date(local.Year(), local.Month(), day, c.QuietTo/60, c.QuietTo%60, 0, 0, zone).UTC(), true
}
