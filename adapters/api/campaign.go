package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// LetterFile is a file that goes with each letter; the files of a design are such.
type LetterFile content.File

// Campaign is one newsletter to many readers.
type Campaign struct {
	ID          ID        `json:"id"`
	Version     int64     `json:"version"`
	Number      int64     `json:"number" doc:"Short; links and return paths carry it."`
	State       string    `json:"state" enum:"draft,scheduled,freezing,running,paused,done,cancelled"`
	ReasonCode  string    `json:"reason_code,omitempty" doc:"Why it is paused: person, budget or content."`
	ScheduledAt time.Time `json:"scheduled_at,omitzero"`
	StartedAt   time.Time `json:"started_at,omitzero" doc:"When its audience was fixed."`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	Winner      string    `json:"winner,omitempty"`
	OwnerUser   string    `json:"owner_user"`
	OwnerTeam   string    `json:"owner_team"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	CampaignDraft
}

// CampaignDraft is what people write about a campaign.
type CampaignDraft struct {
	Name          string           `json:"name" maxLength:"200"`
	Channel       string           `json:"channel,omitempty" enum:"email,sms" doc:"email where it is left out."`
	Audience      CampaignAudience `json:"audience,omitzero"`
	SenderName    string           `json:"sender_name,omitempty" maxLength:"120"`
	SenderAddress string           `json:"sender_address,omitempty" maxLength:"254"`
	ReplyTo       string           `json:"reply_to,omitempty" maxLength:"254" doc:"Where answers go, where that is not the sender."`
	ReturnDomain  string           `json:"return_domain,omitempty" maxLength:"253" doc:"Where bounces go." example:"bounce.example.com"`
	SigningKey    string           `json:"signing_key,omitempty" maxLength:"80"`
	Transport     string           `json:"transport,omitempty" maxLength:"40" doc:"The way out; the usual one where it is left out."`
	Language      string           `json:"language" enum:"hu,en,he,ru,el" doc:"For readers whose own language it has no content in."`
	Seeds         []string         `json:"seeds,omitempty" maxItems:"50" doc:"Addresses of one's own that get it too."`
	PerHour       int              `json:"per_hour,omitempty" minimum:"0" doc:"How many may leave in an hour; no limit where it is left out."`
	QuietFrom     int              `json:"quiet_from,omitempty" minimum:"0" maximum:"1439" doc:"The minute of the day from which nothing leaves."`
	QuietTo       int              `json:"quiet_to,omitempty" minimum:"0" maximum:"1439"`
	QuietZone     string           `json:"quiet_zone,omitempty" enum:"company,reader" doc:"By whose clock; company where it is left out."`
	UnknownPolicy string           `json:"unknown_policy,omitempty" enum:"skip,again" doc:"What becomes of recipients of whom nobody knows whether they got it, as after a power cut: skip lists them for a person, again sends once more. skip where it is left out."`
	TestShare     int              `json:"test_share,omitempty" minimum:"0" maximum:"100" doc:"The percentage of readers that variants are tried on; 100 splits all."`
	DecideAfter   int              `json:"decide_after,omitempty" minimum:"0" maximum:"20160" doc:"Minutes after which the winner is chosen by clicks; 0 waits for a person."`
	CostEach      Decimal          `json:"cost_each,omitempty" doc:"What a message costs."`
	CostFixed     Decimal          `json:"cost_fixed,omitempty"`
	Budget        Decimal          `json:"budget,omitempty" doc:"A campaign that would cost more is paused before its first message; none where it is left out."`
	Currency      string           `json:"currency,omitempty" maxLength:"3" example:"EUR"`
}

// CampaignAudience is whom a campaign is for.
type CampaignAudience struct {
	Topics    []ID `json:"topics" maxItems:"50" doc:"What its readers subscribe to."`
	SegmentID ID   `json:"segment_id,omitempty" doc:"Narrows them."`
}

// CampaignReach is how many a campaign would go to if it began now.
type CampaignReach struct {
	Readers   int64            `json:"readers"`
	Languages map[string]int64 `json:"languages" doc:"By the readers' own language."`
}

func campaignOf(c campaign.Campaign) Campaign {
	out := Campaign{
		ID: idOf(c.ID), Version: c.Version, Number: c.Number, State: string(c.State), ReasonCode: c.ReasonCode, ScheduledAt: c.ScheduledAt, StartedAt: c.StartedAt, EndedAt: c.EndedAt,
		Winner: c.Winner, OwnerUser: c.OwnerUser, OwnerTeam: c.OwnerTeam, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		CampaignDraft: CampaignDraft{
			Name: c.Name, Channel: string(c.Channel), SenderName: c.SenderName, SenderAddress: c.SenderAddress, ReplyTo: c.ReplyTo, ReturnDomain: c.ReturnDomain,
			SigningKey: c.SigningKey, Transport: c.Transport, Language: string(c.Language), Seeds: c.Seeds(), PerHour: c.PerHour, QuietFrom: c.QuietFrom, QuietTo: c.QuietTo,
			QuietZone: string(c.QuietZone), UnknownPolicy: string(c.UnknownPolicy), TestShare: c.TestShare, DecideAfter: c.DecideAfter,
			CostEach: known(c.CostEach), CostFixed: known(c.CostFixed), Budget: known(c.Budget), Currency: c.Currency,
		},
	}
	out.Audience.Topics = []ID{}
	if choice, err := newsletter.ParseChoice(c.Audience); err == nil { // else none was chosen yet
		out.Audience = CampaignAudience{idsOf(choice.Topics), idOf(choice.Segment)}
	}
	return out
}

// plan reads what was written; what the API does not speak of stays as it is.
func (d CampaignDraft) plan(now campaign.Plan) (campaign.Plan, error) {
	var n numbers
	p := now
	p.Name, p.Channel, p.SenderName, p.SenderAddress, p.ReplyTo = d.Name, campaign.Channel(d.Channel), d.SenderName, d.SenderAddress, d.ReplyTo
	p.ReturnDomain, p.SigningKey, p.Transport, p.Language, p.Seeds = d.ReturnDomain, d.SigningKey, d.Transport, locale.Language(d.Language), d.Seeds
	p.PerHour, p.QuietFrom, p.QuietTo, p.QuietZone, p.UnknownPolicy = d.PerHour, d.QuietFrom, d.QuietTo, campaign.Clock(d.QuietZone), campaign.Policy(d.UnknownPolicy)
	p.TestShare, p.DecideAfter, p.Currency = d.TestShare, d.DecideAfter, d.Currency
	p.CostEach, p.CostFixed, p.Budget = n.amount("cost_each", d.CostEach), n.amount("cost_fixed", d.CostFixed), n.amount("budget", d.Budget)
	p.Audience = ""
	if len(d.Audience.Topics) > 0 {
		p.Audience = newsletter.Choice{Topics: keysOf[subscription.TopicTag](d.Audience.Topics), Segment: keyOf[segment.Tag](d.Audience.SegmentID)}.String()
	}
	return p, n.err()
}

func campaignID(id ID) campaign.ID { return keyOf[campaign.Tag](id) }

var campaignNoun = noun[campaign.Campaign, Campaign]{campaignOf, func(c campaign.Campaign) (string, int64) { return c.ID.String(), c.Version }}

func (a *server) campaigns() {
	read, write := rights(campaign.Read), rights(campaign.Write)
	r := post("create-campaign", "/campaigns", campaignTag, "Draft a campaign")
	r.Rights, r.Status = write, http.StatusCreated
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body CampaignDraft }) (*Made[Campaign], error) {
		p, err := in.Body.plan(campaign.Plan{})
		if err != nil {
			return nil, err
		}
		c, err := n.Campaigns.Create(ctx, p)
		return campaignNoun.made(ctx, c, err)
	}))
	r = get("list-campaigns", "/campaigns", campaignTag, "List the campaigns, the newest first")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		Fields
		Paging
		State string `query:"state" enum:"draft,scheduled,freezing,running,paused,done,cancelled"`
	}) (*Listed[Campaign], error) {
		list, err := n.Campaigns.List(ctx, campaign.Filter{State: campaign.State(in.State), Page: in.page()})
		return listed(callOf(ctx), each(list.Rows, campaignOf), list.Next), err
	}))
	r = get("get-campaign", "/campaigns/{id}", campaignTag, "Read a campaign")
	r.Rights = read
	add(a, r, campaignNoun.reads(func(ctx context.Context, n *newsletter.Newsletters, id ID) (campaign.Campaign, error) {
		return n.Campaigns.Get(ctx, campaignID(id))
	}))
	add(a, route{ID: "edit-campaign", Method: http.MethodPut, Path: "/campaigns/{id}", Tag: campaignTag, Rights: write, Summary: "Replace what is written about a draft"},
		changes(campaignNoun, func(ctx context.Context, n *newsletter.Newsletters, now campaign.Campaign, b CampaignDraft) (campaign.Campaign, error) {
			p, err := b.plan(now.Plan())
			if err != nil {
				return now, err
			}
			return n.Campaigns.Edit(ctx, now.ID, now.Version, p)
		}))
	add(a, route{ID: "keep-letter-file", Method: http.MethodPost, Path: "/campaigns/files", Tag: campaignTag, Rights: write, Status: http.StatusCreated,
		Media: "multipart/form-data", Body: a.config.Upload, Summary: "Keep a file that is to go with letters", Doc: "The answer stands in the files of a design. Up to 5 files of 3 MiB together go with a letter; programs are refused."},
		news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Upload }) (*Out[LetterFile], error) {
			files, err := in.files()
			if err != nil {
				return nil, err
			}
			if len(files) != 1 {
				return nil, invalid("file", "required", "is to be one; send each file by a request of its own")
			}
			kept, err := n.Campaigns.KeepFile(ctx, files[0])
			return &Out[LetterFile]{Body: LetterFile(kept)}, err
		}))
	r = post("test-campaign", "/campaigns/{id}/test", campaignTag, "Send a letter as a reader would get it, to the campaign's seeds or to the key's user")
	r.Rights, r.Apart = write, true
	r.Doc = "Nothing of it is kept: it stands in no ledger, and its links count nothing. Other addresses are refused."
	add(a, r, testCampaign)
	r = get("get-campaign-reach", "/campaigns/{id}/reach", campaignTag, "Count whom a campaign would go to if it began now")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Out[CampaignReach], error) {
		reach, err := n.Reach(ctx, campaignID(in.ID))
		out := CampaignReach{reach.Readers, map[string]int64{}}
		for l, readers := range reach.Languages {
			out.Languages[string(l)] = readers
		}
		return &Out[CampaignReach]{out}, err
	}))
}

// CampaignTrial is a letter that is tried out.
type CampaignTrial struct {
	Variant  string   `json:"variant,omitempty" maxLength:"10" default:"A" example:"B"`
	Language string   `json:"language" enum:"hu,en,he,ru,el"`
	ReaderID ID       `json:"reader_id,omitempty" doc:"The party whose name and values it carries; nobody's in particular where it is left out."`
	To       []string `json:"to" minItems:"1" maxItems:"50"`
}

func testCampaign(ctx context.Context, m *crm.Module, in *struct {
	ByID
	Body CampaignTrial
},
) (*Empty, error) {
	if m.Newsletters == nil {
		return nil, errNoNewsletters
	}
	c, err := m.Newsletters.Campaigns.Get(ctx, campaignID(in.ID))
	if err != nil {
		return nil, err
	}
	colleagues, err := m.Colleagues(ctx)
	if err != nil {
		return nil, err
	}
	by, err := actor.From(ctx)
	if err != nil {
		return nil, err
	}
	may := c.Seeds()
	for _, u := range colleagues {
		if u.ID == by.UserID && u.Email != "" {
			may = append(may, u.Email)
		}
	}
	for i, address := range in.Body.To {
		if !slices.Contains(may, address) {
			return nil, invalid(fmt.Sprintf("to[%d]", i), "unknown", "is neither a seed of the campaign nor the key's user; add it to the seeds first")
		}
	}
	t := newsletter.Trial{Campaign: c.ID, Variant: in.Body.Variant, Language: locale.Language(in.Body.Language), To: in.Body.To}
	if in.Body.ReaderID != "" {
		t.Reader = partyID(in.Body.ReaderID)
		if err := visible(ctx, m, &party.Party{}, t.Reader); err != nil {
			return nil, err
		}
	}
	return nil, m.Newsletters.SendTest(ctx, t)
}

// Start says when a campaign begins.
type Start struct {
	At *time.Time `json:"at,omitempty" doc:"At once where it is left out or has passed."`
}

// Winner names a variant.
type Winner struct {
	Variant string `json:"variant" maxLength:"10" example:"B"`
}

// Budget is what a campaign may cost.
type Budget struct {
	Budget Decimal `json:"budget" doc:"0 for no bound."`
}

// VariantScore is what is known about a variant.
type VariantScore struct {
	Variant string `json:"variant"`
	Sent    int64  `json:"sent"`
	Clicks  int64  `json:"clicks" doc:"Readers who clicked, as it was judged."`
}

// RecipientCounts are how many recipients stand where.
type RecipientCounts struct {
	Pending    int64 `json:"pending"`
	Sending    int64 `json:"sending"`
	Sent       int64 `json:"sent"`
	Deferred   int64 `json:"deferred"`
	Failed     int64 `json:"failed"`
	Bounced    int64 `json:"bounced"`
	Complained int64 `json:"complained"`
	Unknown    int64 `json:"unknown"`
}

// CampaignProgress is how far a campaign has come.
type CampaignProgress struct {
	State            string                     `json:"state"`
	Frozen           bool                       `json:"frozen" doc:"The audience is fixed."`
	Looked           int64                      `json:"looked_at"`
	Total            int64                      `json:"total"`
	All              RecipientCounts            `json:"all"`
	Variants         map[string]RecipientCounts `json:"variants" doc:"By variant; the empty one are those who wait for the winner."`
	PerSecond        float64                    `json:"per_second" doc:"Sent in a second of late."`
	RemainingSeconds int64                      `json:"remaining_seconds,omitempty" doc:"Left out where that cannot be said."`
	Cost             Decimal                    `json:"cost" doc:"Spent by now."`
	ExpectedCost     Decimal                    `json:"expected_cost"`
	Currency         string                     `json:"currency,omitempty"`
}

func (a *server) campaignSteps() {
	read, send := rights(campaign.Read), rights(campaign.Send)
	for _, begin := range []struct{ name, summary string }{{"schedule", "Let a draft begin at a time"}, {"start", "Let a draft begin at once"}} {
		r := post(begin.name+"-campaign", "/campaigns/{id}/"+begin.name, campaignTag, begin.summary)
		r.Rights, r.Doc = send, "Everything that is missing is named at once. Once its audience is fixed it goes to exactly those."
		do := func(ctx context.Context, n *newsletter.Newsletters, now campaign.Campaign, at time.Time) (campaign.Campaign, error) {
			contents, err := n.Campaigns.Contents(ctx, now.ID)
			if err != nil {
				return now, err
			}
			fields, err := n.Fields(ctx)
			if err != nil {
				return now, err
			}
			if err := checkContents(now, contents, fields); err != nil {
				return now, err
			}
			return n.Campaigns.Schedule(ctx, now.ID, now.Version, at)
		}
		if begin.name == "start" {
			add(a, r, matches(campaignNoun, func(ctx context.Context, n *newsletter.Newsletters, now campaign.Campaign) (campaign.Campaign, error) {
				return do(ctx, n, now, n.Now())
			}))
			continue
		}
		add(a, r, changes(campaignNoun, func(ctx context.Context, n *newsletter.Newsletters, now campaign.Campaign, b Start) (campaign.Campaign, error) {
			if b.At == nil {
				return do(ctx, n, now, n.Now())
			}
			return do(ctx, n, now, *b.At)
		}))
	}
	type step = func(context.Context, campaign.ID) (campaign.Campaign, error)
	for _, s := range []struct {
		name, summary string
		do            func(*campaign.Campaigns) step
	}{
		{"unschedule", "Take a campaign that has not begun back to a draft", func(c *campaign.Campaigns) step { return c.Unschedule }},
		{"pause", "Let nothing more leave than what is under way", func(c *campaign.Campaigns) step { return c.Pause }},
		{"resume", "Let a paused campaign go on where it stopped", func(c *campaign.Campaigns) step { return c.Resume }},
		{"cancel", "End a campaign for good: who has not got it yet gets it no more", func(c *campaign.Campaigns) step { return c.Cancel }},
	} {
		r := post(s.name+"-campaign", "/campaigns/{id}/"+s.name, campaignTag, s.summary)
		r.Rights = send
		add(a, r, campaignNoun.moves(func(ctx context.Context, n *newsletter.Newsletters, id ID) (campaign.Campaign, error) {
			return s.do(n.Campaigns)(ctx, campaignID(id))
		}))
	}
	r := post("choose-campaign-winner", "/campaigns/{id}/winner", campaignTag, "Say which variant those get who wait for one")
	r.Rights = send
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Body Winner
	}) (*Tagged[Campaign], error) {
		return campaignNoun.tagged(n.Campaigns.ChooseWinner(ctx, campaignID(in.ID), in.Body.Variant))
	}))
	add(a, route{ID: "set-campaign-budget", Method: http.MethodPut, Path: "/campaigns/{id}/budget", Tag: campaignTag, Rights: send, Summary: "Change what a campaign may cost, also while it is paused"},
		changes(campaignNoun, func(ctx context.Context, n *newsletter.Newsletters, now campaign.Campaign, b Budget) (campaign.Campaign, error) {
			var number numbers
			budget := number.amount("budget", b.Budget)
			if err := number.err(); err != nil {
				return now, err
			}
			return n.Campaigns.SetBudget(ctx, now.ID, now.Version, budget)
		}))
	r = get("list-campaign-variants", "/campaigns/{id}/variants", campaignTag, "List what is known about each variant")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Listed[VariantScore], error) {
		all, err := n.Campaigns.Scores(ctx, campaignID(in.ID))
		return listed(callOf(ctx), each(all, func(s campaign.Score) VariantScore { return VariantScore(s) }), ""), err
	}))
	r = get("get-campaign-progress", "/campaigns/{id}/progress", campaignTag, "Read how far a campaign has come, how fast it goes and what it costs")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Out[CampaignProgress], error) {
		c, err := n.Campaigns.Get(ctx, campaignID(in.ID))
		if err != nil {
			return nil, err
		}
		p, err := n.Campaigns.Progress(ctx, c.ID)
		return &Out[CampaignProgress]{progressOf(c, p)}, err
	}))
}

func progressOf(c campaign.Campaign, p campaign.Progress) CampaignProgress {
	out := CampaignProgress{
		State: string(p.State), Frozen: p.Frozen, Looked: p.Looked, Total: p.Total, All: RecipientCounts(p.All), Variants: map[string]RecipientCounts{},
		PerSecond: p.PerSecond, RemainingSeconds: int64(p.Remaining / time.Second), Cost: decimalOf(p.Cost), ExpectedCost: decimalOf(p.Expected), Currency: c.Currency,
	}
	for name, f := range p.Variants {
		out.Variants[name] = RecipientCounts(f)
	}
	return out
}
