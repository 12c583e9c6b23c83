// Package newsletter puts the parts of newsletters together:
//
//	subscription  who wants what, and the evidence for it
//	segment       whom of them, by what is known about them
//	content       what it says: blocks or an outside template, in each language, merged (merge) with each reader
//	message       how it travels: headers, encodings, signatures
//	campaign      one newsletter to many readers, exactly one each
//	sequence      several of them and tasks, one after the other, until the reader answers
//	track         what readers did with it
//	bounce        what came back
//	sms           the same on phones
//
// A value's way: a reader subscribes and confirms (subscription); a clerk writes a campaign for topics and a
// segment; at its hour the audience is frozen into a ledger inside the database; workers compose a mail for each
// row and hand it to a transport; readers press links (track) and leave by one press (subscription); what
// bounces marks the row and closes the address. The leads, opportunities and invoices that follow find the
// campaign by its readers.
package newsletter

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
)

// SecretLength is how many bytes of Config.Secret there must be.
const SecretLength = 32

// Config is what newsletters are told by their surroundings.
type Config struct {
	// Parties and Mails (needed) are who readers are, and the outbox for confirmations.
	Parties *party.Parties
	Mails   *mail.Mails
	// Locales gives language and zone of a company.
	Locales func(company string) locale.Locale
	// Secret (needed) signs links and return paths and makes the suppression list: at least 32 random bytes, the
	// same in all processes and for ever, because a list made with another one is forgotten.
	Secret []byte
	// PublicURL (needed) is the address below which the readers' pages are reached from outside, with a slash at
	// its end: "https://erp.example.com/n/". Below it are s/ (adapters/web's ReaderPages), c/ and o/ (TrackPages).
	PublicURL string
	// Sender (needed) is the mailbox that a company's letters come from, and its name.
	Sender func(company string) mail.Address
	// ReturnDomain is where the bounces of a company's campaigns go that name no domain of their own: its mailbox,
	// which takes every address there, is given to Returned. Where it is nil they go to the sender.
	ReturnDomain func(company string) string
	// Transports are the ways out by name; "" is for campaigns that name none. Without any campaigns wait.
	Transports map[string]campaign.Transport
	// Keys gives the keys that sign the mails of a campaign; nil leaves it to the server.
	Keys func(c campaign.Campaign) []message.Key
	// Lists are what segments can speak of beside what CRM+ knows: purchases of the host.
	Lists []rule.List
	// Calendar knows the working days of companies, for the waits of sequences; Monday to Friday where it is nil.
	Calendar sequence.Calendar
	// Texter sends confirmations of SMS topics; see subscription.Config.
	Texter subscription.Texter
	// Texts say how campaigns on SMS leave.
	Texts TextConfig
	// Documents gives the documents of some of the host's customers, by their keys, for what followed a campaign; nil
	// where the host does not tell. Elsewhere says that each customer is a call over a network.
	Documents func(ctx context.Context, customers []string) (map[string][]erpbridge.Document, error)
	Elsewhere bool
	// Colleagues and Numbers are the host's users and what it calls its customers, for letters that name who looks after
	// a reader and his customer number; see campaign.Directory.
	Colleagues func(ctx context.Context) (map[string]content.Owner, error)
	Numbers    func(ctx context.Context, s *store.Session, keys []string) (map[string]string, error)
	// Limits say after how many bounces an address is closed; bounce.DefaultLimits where they are zero.
	Limits bounce.Limits
	// Log gets warnings; slog.Default where it is nil.
	Log *slog.Logger
}

// Check names what is wrong with the values.
func (c Config) Check() []fault.Fault {
	var faults fault.List
	if len(c.Secret) < SecretLength {
		faults.Add("secret", "length", "has %d bytes; give at least %d random ones", len(c.Secret), SecretLength)
	}
	if !strings.HasPrefix(c.PublicURL, "https://") && !strings.HasPrefix(c.PublicURL, "http://") || !strings.HasSuffix(c.PublicURL, "/") {
		faults.Add("public_url", "url.form", "%.80q is no address with a slash at its end; write it as https://erp.example.com/n/", c.PublicURL)
	}
	if c.Sender == nil {
		faults.Add("sender", "required", "is missing; say which mailbox a company's letters come from")
	}
	return faults
}

// The places of the readers' pages below Config.PublicURL.
const (
	// SubscriptionPath is where adapters/web's ReaderPages are.
	SubscriptionPath = "s/"
	// BouncePath is where [Newsletters.BounceHook] is, with the secret behind it.
	BouncePath = "b/"
	// ClickPath, PixelPath and ViewPath are where adapters/web's TrackPages are.
	ClickPath, PixelPath, ViewPath = campaign.ClickPath, campaign.PixelPath, campaign.ViewPath
)

// Newsletters are the parts, wired to each other.
type Newsletters struct {
	Subscriptions *subscription.Subscriptions
	Segments      *segment.Segments
	Campaigns     *campaign.Campaigns
	Sequences     *sequence.Sequences
	Letters       *campaign.Letters
	Tracking      *track.Tracking

	db        *store.DB
	config    Config
	keys      *track.Keys
	directory *campaign.Directory
}

// New wires newsletters on a database. The error names everything that is wrong with the configuration.
func New(db *store.DB, config Config) (*Newsletters, error) {
	faults := fault.List(config.Check())
	if err := faults.Err("newsletters cannot be sent with this configuration"); err != nil {
		return nil, err
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	n := &Newsletters{db: db, config: config, directory: &campaign.Directory{Colleagues: config.Colleagues, Numbers: config.Numbers}}
	signer, err := subscription.NewSigner(subscription.Key{ID: 1, Secret: n.derive("links of subscriptions")})
	if err != nil {
		return nil, err
	}
	if n.keys, err = track.NewKeys(track.Key{ID: 1, Secret: n.derive("tokens of campaigns")}); err != nil {
		return nil, err
	}
	n.Subscriptions, err = subscription.New(db, subscription.Config{
		Parties: config.Parties, Mails: config.Mails, Texter: config.Texter, Sender: config.Sender, Locales: config.Locales,
		Signer: signer, HashKey: n.derive("suppression list"), PublicURL: func(string) string { return config.PublicURL + SubscriptionPath },
	})
	if err != nil {
		return nil, err
	}
	n.Letters, err = campaign.NewLetters(campaign.LettersConfig{
		Keys: n.keys, Base: config.PublicURL, Finish: n.finish, Readers: n.readers, Locales: config.Locales, ReturnDomain: config.ReturnDomain,
	})
	if err != nil {
		return nil, err
	}
	n.Campaigns = campaign.New(db, campaign.Config{
		Audience: n.audience, Left: left, Sieve: n.sieve, Composer: n.Letters, Transports: config.Transports, Messages: n.messages(), Gateways: config.Texts.Gateways,
		Refused: n.refusedBy, Clicks: campaign.Clicks, Zone: n.zone, Before: n.directory.Refresh, Log: config.Log,
	})
	n.Tracking = track.New(db, n.tracked(), track.DefaultRules())
	n.Segments, err = segment.New(db, segment.Config{
		Locales: config.Locales, Lists: append([]rule.List{segment.Subscriptions(), segment.Mails()}, config.Lists...),
	})
	if err != nil {
		return nil, err
	}
	n.Sequences, err = sequence.New(db, sequence.Config{
		Campaigns: n.Campaigns, Segments: n.Segments, Activities: activity.New(db, config.Parties), Leads: lead.New(db, lead.Config{Parties: config.Parties}),
		Audience: func(t subscription.TopicID) string { return Choice{Topics: []subscription.TopicID{t}}.String() },
		Locales:  config.Locales, Calendar: config.Calendar, Log: config.Log,
	})
	return n, err
}

// On gives the same newsletters on another view of the database.
func (n *Newsletters) On(db *store.DB) *Newsletters {
	out := *n
	out.db, out.Subscriptions, out.Campaigns, out.Segments = db, n.Subscriptions.On(db), n.Campaigns.On(db), n.Segments.On(db)
	out.Sequences = n.Sequences.On(db)
	out.Tracking = n.Tracking.On(db, out.tracked())
	return &out
}

// tracked are the campaigns as newsletter/track and the page of a letter ask for them.
func (n *Newsletters) tracked() campaign.Tracked {
	return campaign.Tracked{Campaigns: n.Campaigns, Letters: n.Letters}
}

// Links are the counted links of a campaign, by their numbers; see campaign.Letters.Links.
func (n *Newsletters) Links(c campaign.Campaign, contents []campaign.Content) ([]string, error) {
	return n.tracked().Links(c, contents)
}

// Recorder takes the clicks and opens of a process: adapters/web's TrackPages hand them to it. Close it when the
// process stops, so that the last second of them is written.
func (n *Newsletters) Recorder() (*track.Recorder, error) {
	return track.NewRecorder(n.Tracking, track.RecorderConfig{Keys: n.keys, Log: n.config.Log})
}

// Token signs what a link of a letter says.
func (n *Newsletters) Token(t track.Token) string { return n.keys.Token(t) }

// View is a reader's letter as a page, by the token of its link; adapters/web's TrackPages show it.
func (n *Newsletters) View(ctx context.Context, token string) ([]byte, error) {
	return n.tracked().View(ctx, n.keys, token)
}

// derive makes a secret of its own for each use.
func (n *Newsletters) derive(use string) []byte {
	mac := hmac.New(sha256.New, n.config.Secret)
	mac.Write([]byte("crm+ newsletter: " + use))
	return mac.Sum(nil)
}

// Now is the clock of the database.
func (n *Newsletters) Now() time.Time { return n.db.Now() }

func (n *Newsletters) zone(company string) *time.Location {
	return n.config.Locales(company).Location()
}

// Choice is the audience of a campaign, as JSON in campaign.Plan.Audience.
type Choice struct {
	// Topics (needed) are what its readers have subscribed to.
	Topics []subscription.TopicID `json:"topics"`
	// Segment narrows them to those who are in it.
	Segment segment.ID `json:"segment,omitzero"`
}

// ParseChoice reads the audience of a campaign.
func ParseChoice(text string) (Choice, error) {
	var c Choice
	if err := json.Unmarshal([]byte(text), &c); err != nil || len(c.Topics) == 0 {
		return c, fault.List{{Path: "audience", Code: "required", Message: "names no topic; choose whose readers get it"}}.Err("the campaign has no audience")
	}
	return c, nil
}

// String is the JSON of the choice.
func (c Choice) String() string {
	raw, err := json.Marshal(c)
	if err != nil {
		panic("newsletter: " + err.Error()) // ids always have a text
	}
	return string(raw)
}

func (n *Newsletters) audience(ctx context.Context, s *store.Session, c campaign.Campaign) (campaign.Audience, error) {
	choice, err := ParseChoice(c.Audience)
	if err != nil {
		return nil, err
	}
	if err := n.sameChannel(ctx, s, c, choice.Topics); err != nil {
		return nil, err
	}
	readers := subscription.Audience{Topics: choice.Topics}
	if choice.Segment.IsZero() {
		return readers, nil
	}
	among, err := n.Segments.In(s).Audience(ctx, choice.Segment, byOf(c.Channel))
	if err != nil {
		return nil, err
	}
	return among.Of(readers), nil
}

// left is the condition that a reader in the ledger has ended all topics of the campaign since.
func left(s *store.Session, c campaign.Campaign, party string) (store.Predicate, error) {
	choice, err := ParseChoice(c.Audience)
	return subscription.Audience{Topics: choice.Topics}.Left(s, party), err
}

// byOf is the address of a party that a channel goes to.
func byOf(ch campaign.Channel) segment.By {
	if ch == campaign.SMS {
		return segment.ByMobile
	}
	return segment.ByEmail
}

func (n *Newsletters) sieve(ctx context.Context, s *store.Session, ch campaign.Channel, addresses []string) (map[string]string, error) {
	found, err := n.Subscriptions.Sieve(ctx, s, subscription.Channel(ch), addresses)
	out := make(map[string]string, len(found))
	for address, reason := range found {
		out[address] = string(reason)
	}
	return out, err
}

// finish names the list in the headers: the first topic of the campaign.
func (n *Newsletters) finish(ctx context.Context, s *store.Session, c campaign.Campaign, d *message.Draft) error {
	choice, err := ParseChoice(c.Audience)
	if err != nil {
		return err
	}
	topic, err := n.Subscriptions.In(s).Topic(ctx, choice.Topics[0])
	if err != nil {
		return err
	}
	_, domain, _ := strings.Cut(c.SenderAddress, "@")
	d.List = message.List{ID: topic.Code + ".newsletter." + domain}
	d.FeedbackID = strconv.FormatInt(c.Number, 36) + ":" + topic.Code + ":" + strings.ToLower(c.Company) + ":crmplus"
	if n.config.Keys != nil {
		d.Keys = n.config.Keys(c)
	}
	return nil
}

// refresh has the directory ask the host, unless this is inside a transaction, where nobody waits for a network.
func (n *Newsletters) refresh(ctx context.Context) error {
	if n.db.Bound() {
		return nil
	}
	return n.directory.Refresh(ctx)
}

// readers gives them the addresses by which they leave, or choose what they get.
func (n *Newsletters) readers(ctx context.Context, s *store.Session, q campaign.ReaderQuery) ([]content.Reader, error) {
	list, err := n.directory.Readers(ctx, s, q)
	if err != nil {
		return nil, err
	}
	choice, err := ParseChoice(q.Campaign.Audience)
	if err != nil {
		return nil, err
	}
	letter := subscription.Letter{Company: q.Campaign.Company, Channel: subscription.Channel(q.Campaign.Channel), At: q.Campaign.Dated(s.Now)}
	if len(choice.Topics) == 1 {
		letter.Topic = choice.Topics[0]
	}
	for i, r := range q.Rows {
		letter.Party, letter.Address = r.PartyID, r.Address
		links := n.Subscriptions.Links(letter)
		list[i].Unsubscribe, list[i].Preference = links.Unsubscribe, links.Preference
	}
	return list, nil
}
