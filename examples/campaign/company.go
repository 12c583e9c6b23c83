package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"time"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
)

const (
	// lightCompany is the company that sends.
	lightCompany = "HU01"
	// pages is where readers' pages would be reached from outside.
	pages = "https://hirlevel.fenyforras.example/n/"
	// lease is how long a dead worker's claims last: short, so that nobody waits long for the story's end.
	lease = 2 * time.Second
	// chunk is how many recipients a worker claims at once: few, so that both have some of few readers.
	chunk = 100
	// window is how many messages of a worker are under way at most, and unknown when it is killed.
	window = 50
)

// secret stands for random bytes that a host keeps with its other secrets.
func secret(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

// company is everything that a newsletter needs, put together on one database.
type company struct {
	db            *store.DB
	subscriptions *subscription.Subscriptions
	letters       *campaign.Letters
	keys          *track.Keys
	campaigns     *campaign.Campaigns
	tracking      *track.Tracking
	directory     campaign.Directory
}

// marketing is a user of the host who may do everything here.
func marketing(ctx context.Context) context.Context {
	return actor.With(ctx, actor.User{
		Company: lightCompany, ID: "szabo.vera", Name: "Szabó Vera", See: actor.All,
		Rights: actor.Rights{campaign.Read, campaign.Write, campaign.Send, subscription.Read, subscription.Write, actor.LeadRead, actor.ReportRead},
	}.Actor())
}

// background is the system at work for the company.
func background(ctx context.Context) context.Context {
	return actor.With(ctx, actor.System(lightCompany, "campaigns"))
}

func open(file string, port int) (*company, error) {
	db, err := sqlite.Open(file)
	if err != nil {
		return nil, err
	}
	locales := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
	c := &company{db: db}
	if c.subscriptions, err = subscription.New(db, subscription.Config{Parties: party.New(db, locales), Locales: locales, HashKey: secret('h')}); err != nil {
		return nil, err
	}
	if c.keys, err = track.NewKeys(track.Key{ID: 1, Secret: secret('t')}); err != nil {
		return nil, err
	}
	c.letters, err = campaign.NewLetters(campaign.LettersConfig{
		Keys: c.keys, Base: pages, Readers: c.readers,
		Finish: func(_ context.Context, _ *store.Session, _ campaign.Campaign, d *message.Draft) error {
			d.List = message.List{ID: "hirlevel.fenyforras.example", Name: "Fényforrás hírlevél"}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	bulk, err := smtp.NewBulk(smtp.BulkConfig{Config: smtp.Config{Host: "127.0.0.1", Port: port, TLS: smtp.None}})
	if err != nil {
		return nil, err
	}
	c.campaigns = campaign.New(db, campaign.Config{
		Audience: audience, Composer: c.letters, Transports: map[string]campaign.Transport{"": {Transport: bulk}},
		Refused: c.refused, Sieve: c.sieve, Chunk: chunk, Window: window, Lease: lease, Pause: time.Second, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	c.tracking = track.New(db, campaign.Tracked{Campaigns: c.campaigns, Letters: c.letters}, track.Rules{})
	return c, nil
}

// readers gives them the addresses by which they leave, and choose.
func (c *company) readers(ctx context.Context, s *store.Session, q campaign.ReaderQuery) ([]content.Reader, error) {
	list, err := c.directory.Readers(ctx, s, q)
	for i, r := range q.Rows {
		token := track.Token{Kind: track.Unsubscribe, Campaign: q.Campaign.Number, Seq: uint32(r.Seq)}
		list[i].Unsubscribe = pages + leavePath + c.keys.Token(token)
		token.Kind = track.Preference
		list[i].Preference = pages + choosePath + c.keys.Token(token)
	}
	return list, err
}

// leavePath and choosePath are where those pages would be, below pages.
const leavePath, choosePath = "u/", "p/"

// audience reads what write.go wrote: the topic whose subscribers get the campaign.
func audience(_ context.Context, _ *store.Session, c campaign.Campaign) (campaign.Audience, error) {
	var chosen struct {
		Topic subscription.TopicID `json:"topic"`
	}
	if err := json.Unmarshal([]byte(c.Audience), &chosen); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the audience of %q is damaged; choose it again", c.Name)
	}
	return subscription.Audience{Topics: []subscription.TopicID{chosen.Topic}}, nil
}

// refused lets a mailbox that does not exist be written to no more.
func (c *company) refused(ctx context.Context, s *store.Session, list []campaign.Refusal) error {
	for _, r := range list {
		if r.Answer.Class != bounce.Hard {
			continue
		}
		err := c.subscriptions.In(s).Suppress(ctx, subscription.Block{Channel: subscription.Email, Address: r.Address, Reason: subscription.HardBounce, Source: r.Answer.Text})
		if err != nil {
			return err
		}
	}
	return nil
}

// sieve holds back who has left since the audience was frozen.
func (c *company) sieve(ctx context.Context, s *store.Session, _ campaign.Channel, addresses []string) (map[string]string, error) {
	found, err := c.subscriptions.Sieve(ctx, s, subscription.Email, addresses)
	out := make(map[string]string, len(found))
	for address, reason := range found {
		out[address] = string(reason)
	}
	return out, err
}
