package api

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// Subscription is what a reader gets of one topic, and at which address.
type Subscription struct {
	ID          ID        `json:"id"`
	Version     int64     `json:"version"`
	TopicID     ID        `json:"topic_id"`
	Channel     string    `json:"channel" enum:"email,sms"`
	PartyID     ID        `json:"party_id"`
	Name        string    `json:"name,omitempty" doc:"The reader's; only in lists of subscribers."`
	Address     string    `json:"address"`
	Language    string    `json:"language,omitempty"`
	State       string    `json:"state" enum:"pending,active,unsubscribed,suppressed" doc:"pending: asked for and not confirmed; nothing is sent but the confirmation."`
	Basis       string    `json:"basis" enum:"consent,contract,legitimate_interest" doc:"The legal ground (Regulation (EU) 2016/679, article 6(1))."`
	Source      string    `json:"source,omitempty"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero" doc:"When it became active last."`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// Ground is why somebody may be written to who has not pressed a button.
type Ground struct {
	Basis     string `json:"basis" enum:"consent,contract,legitimate_interest"`
	Source    string `json:"source" maxLength:"200" doc:"Where it comes from." example:"BNV fair 2026, paper form"`
	Statement string `json:"statement,omitempty" maxLength:"4000" doc:"The text that was agreed to, word by word; needed for consent."`
	Language  string `json:"language,omitempty" enum:"hu,en,he,ru,el" doc:"Of the statement; the company's where it is left out."`
}

func (g Ground) ground() subscription.Ground {
	return subscription.Ground{Basis: subscription.Basis(g.Basis), Source: g.Source, Statement: g.Statement, Language: locale.Language(g.Language)}
}

// SubscriptionEntry subscribes a reader on a ground that the company can prove.
type SubscriptionEntry struct {
	PartyID  ID     `json:"party_id,omitempty" doc:"Who; left out for whoever has the address, for whom a party is made where there is none."`
	Name     string `json:"name,omitempty" maxLength:"240"`
	Language string `json:"language,omitempty" enum:"hu,en,he,ru,el"`
	Address  string `json:"address,omitempty" maxLength:"254" doc:"Where; left out for the party's own."`
	Topics   []ID   `json:"topics" minItems:"1" maxItems:"50" doc:"Of one channel."`
	Ground   Ground `json:"ground"`
}

// SubscriptionRequest asks for topics in the name of an address, whose reader confirms it.
type SubscriptionRequest struct {
	Channel  string `json:"channel,omitempty" enum:"email,sms" doc:"email where it is left out."`
	Address  string `json:"address" maxLength:"254"`
	Topics   []ID   `json:"topics" minItems:"1" maxItems:"50" doc:"Public ones."`
	Name     string `json:"name,omitempty" maxLength:"240"`
	Language string `json:"language,omitempty" enum:"hu,en,he,ru,el"`
	Source   string `json:"source,omitempty" maxLength:"200" doc:"The page it was asked for on."`
	IP       string `json:"ip,omitempty" maxLength:"45" doc:"Of whoever asked; its network is kept, and bounds how many requests come in an hour."`
}

// Note says what was said.
type Note struct {
	Note string `json:"note,omitempty" maxLength:"400"`
}

// ReaderLinks are a reader's own pages.
type ReaderLinks struct {
	Preference  string `json:"preference" doc:"The page on which the reader says what he wants to get."`
	Unsubscribe string `json:"unsubscribe" doc:"Ends the topic: a button for people, one POST for programs (RFC 8058)."`
}

// Evidence is one thing that can be proved about somebody's consent.
type Evidence struct {
	ID          ID        `json:"id"`
	PartyID     ID        `json:"party_id"`
	TopicID     ID        `json:"topic_id,omitempty" doc:"Left out for what concerns the whole channel."`
	Channel     string    `json:"channel" enum:"email,sms"`
	AddressHash ID        `json:"address_hash" doc:"Proves which address it was to whoever names it."`
	Act         string    `json:"act" enum:"requested,confirmed,chosen,resubscribed,entered,imported,ended,ended_all,blocked,lifted,erased"`
	Basis       string    `json:"basis,omitempty"`
	Purpose     string    `json:"purpose,omitempty" doc:"The topic's name as the reader saw it."`
	Language    string    `json:"language,omitempty"`
	TextVersion int       `json:"text_version,omitempty"`
	Text        string    `json:"text,omitempty" doc:"What was agreed to, word by word."`
	Source      string    `json:"source,omitempty"`
	Note        string    `json:"note,omitempty"`
	Network     string    `json:"network,omitempty" doc:"Where the act came from, cut to its network."`
	MessageID   string    `json:"message_id,omitempty" doc:"Of the letter with the link to confirm."`
	At          time.Time `json:"at"`
	ActorKind   string    `json:"actor_kind"`
	EnteredBy   string    `json:"entered_by,omitempty"`
}

// AddressQuery names an address. It stands in a body, so that it is in no log of requests.
type AddressQuery struct {
	Channel string `json:"channel" enum:"email,sms"`
	Address string `json:"address" maxLength:"254"`
}

func subscriptionOf(s subscription.Subscription) Subscription {
	return Subscription{
		ID: idOf(s.ID), Version: s.Version, TopicID: idOf(s.TopicID), Channel: string(s.Channel), PartyID: idOf(s.PartyID), Address: s.Address, Language: string(s.Language),
		State: string(s.State), Basis: string(s.Basis), Source: s.Source, ConfirmedAt: s.ConfirmedAt, EndedAt: s.EndedAt, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
	}
}

func subscriberOf(s subscription.Subscriber) Subscription {
	out := subscriptionOf(s.Subscription)
	out.Name = s.Name
	return out
}

func evidenceOf(e subscription.Evidence) Evidence {
	return Evidence{
		ID: idOf(e.ID), PartyID: idOf(e.PartyID), TopicID: idOf(e.TopicID), Channel: string(e.Channel), AddressHash: idOf(e.AddressHash), Act: string(e.Act), Basis: string(e.Basis),
		Purpose: e.Purpose, Language: string(e.Language), TextVersion: e.TextVersion, Text: e.Text, Source: e.Source, Note: e.Note, Network: e.IP, MessageID: e.MessageID,
		At: e.At, ActorKind: string(e.ActorKind), EnteredBy: e.EnteredBy,
	}
}

func subscriptionID(id ID) subscription.ID { return keyOf[subscription.Tag](id) }

var subscriptionNoun = noun[subscription.Subscription, Subscription]{subscriptionOf, func(s subscription.Subscription) (string, int64) { return s.ID.String(), s.Version }}

// ofParty makes a verb of a function that lists what newsletters know of a person.
func ofParty[T, W any](wire func(T) W, do func(ctx context.Context, n *newsletter.Newsletters, id party.ID) ([]T, error)) verb[one, Listed[W]] {
	return func(ctx context.Context, m *crm.Module, in *one) (*Listed[W], error) {
		if m.Newsletters == nil {
			return nil, errNoNewsletters
		}
		if err := visible(ctx, m, &party.Party{}, partyID(in.ID)); err != nil {
			return nil, err
		}
		all, err := do(ctx, m.Newsletters, partyID(in.ID))
		return listed(callOf(ctx), each(all, wire), ""), err
	}
}

func (a *server) subscribers() {
	read, write, privacy := rights(subscription.Read), rights(subscription.Write), rights(actor.Privacy)
	r := post("enter-subscriber", "/subscriptions", newsletterTag, "Subscribe a reader on a ground that the company can prove")
	r.Rights, r.Status, r.Doc = write, http.StatusCreated, "An address on the suppression list is refused with 409: it is lifted first, or its reader asks himself."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body SubscriptionEntry }) (*Listed[Subscription], error) {
		b := in.Body
		all, err := n.Subscriptions.Enter(ctx, subscription.Entry{
			Party: partyID(b.PartyID), Person: subscription.Person{Name: b.Name, Language: locale.Language(b.Language)}, Topics: keysOf[subscription.TopicTag](b.Topics),
			Address: b.Address, Ground: b.Ground.ground(),
		})
		return listed(callOf(ctx), each(all, subscriptionOf), ""), err
	}))
	r = post("request-subscription", "/subscriptions/requests", newsletterTag, "Ask for topics in the name of an address (double opt-in)")
	r.Rights, r.Doc = write, "A letter with a link goes to the address, and nothing else until its reader presses the button behind it. The answer does not tell whether the address is known."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body SubscriptionRequest }) (*Empty, error) {
		b := in.Body
		ip := netip.Addr{}
		if b.IP != "" {
			var err error
			if ip, err = netip.ParseAddr(b.IP); err != nil {
				return nil, invalid("ip", "form", "is no address of a network; write it as 192.0.2.7 or 2001:db8::7")
			}
		}
		return nil, n.Subscriptions.Request(ctx, subscription.RequestInput{
			Channel: subscription.Channel(b.Channel), Address: b.Address, Topics: keysOf[subscription.TopicTag](b.Topics),
			Person: subscription.Person{Name: b.Name, Language: locale.Language(b.Language)}, Visit: subscription.Visit{IP: ip, Source: b.Source},
		})
	}))
	r = get("list-subscribers", "/topics/{id}/subscribers", newsletterTag, "List the subscribers of a topic, those who came last first")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Fields
		Paging
		State string `query:"state" enum:"pending,active,unsubscribed,suppressed" default:"active"`
	}) (*Listed[Subscription], error) {
		if _, err := n.Subscriptions.Topic(ctx, topicID(in.ID)); err != nil {
			return nil, err
		}
		list, err := n.Subscriptions.List(ctx, subscription.Filter{Topic: topicID(in.ID), State: subscription.State(in.State), Page: in.page()})
		return listed(callOf(ctx), each(list.Rows, subscriberOf), list.Next), err
	}))
	r = get("list-party-subscriptions", "/parties/{id}/subscriptions", newsletterTag, "List what a person or company subscribes to")
	r.Rights = read
	add(a, r, ofParty(subscriptionOf, func(ctx context.Context, n *newsletter.Newsletters, id party.ID) ([]subscription.Subscription, error) {
		return n.Subscriptions.Of(ctx, id)
	}))
	r = get("get-subscription", "/subscriptions/{id}", newsletterTag, "Read a subscription, with whether it was confirmed")
	r.Rights = read
	add(a, r, subscriptionNoun.reads(func(ctx context.Context, n *newsletter.Newsletters, id ID) (subscription.Subscription, error) {
		return n.Subscriptions.Get(ctx, subscriptionID(id))
	}))
	a.leaving(read, write)
	r = get("list-consents", "/parties/{id}/consents", newsletterTag, "List what can be proved of a person's consents, in the order it happened")
	r.Rights = privacy
	add(a, r, ofParty(evidenceOf, func(ctx context.Context, n *newsletter.Newsletters, id party.ID) ([]subscription.Evidence, error) {
		return n.Subscriptions.EvidenceOf(ctx, id)
	}))
	r = post("find-consents", "/consents/find", newsletterTag, "List what can be proved of an address, also after its person was erased")
	r.Rights, r.Doc = privacy, "Writes nothing."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body AddressQuery }) (*Listed[Evidence], error) {
		all, err := n.Subscriptions.EvidenceOfAddress(ctx, subscription.Channel(in.Body.Channel), in.Body.Address)
		return listed(callOf(ctx), each(all, evidenceOf), ""), err
	}))
	add(a, route{ID: "erase-reader", Method: http.MethodDelete, Path: "/parties/{id}/newsletters", Tag: newsletterTag, Rights: privacy, Summary: "Erase what newsletters know of a person",
		Doc: "Subscriptions, clicks and addresses go; the evidence of consents and the suppression list stay, as hashes that name nobody. Done twice it changes nothing."},
		func(ctx context.Context, m *crm.Module, in *ByID) (*Empty, error) {
			if m.Newsletters == nil {
				return nil, errNoNewsletters
			}
			if err := visible(ctx, m, &party.Party{}, partyID(in.ID)); err != nil {
				return nil, err
			}
			return nil, m.Newsletters.Erase(ctx, partyID(in.ID))
		})
}

// leaving adds how a reader leaves, comes back, and chooses.
func (a *server) leaving(read, write []actor.Right) {
	r := post("unsubscribe", "/subscriptions/{id}/unsubscribe", newsletterTag, "End a subscription, as its reader wished")
	r.Rights, r.Doc = write, "Done twice it changes nothing."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Body Note
	}) (*Tagged[Subscription], error) {
		now, err := n.Subscriptions.Get(ctx, subscriptionID(in.ID))
		if err != nil {
			return nil, err
		}
		if err := n.Subscriptions.Leave(ctx, subscription.Leaving{Party: now.PartyID, Address: now.Address, Topic: now.TopicID, Channel: now.Channel, Note: in.Body.Note}); err != nil {
			return nil, err
		}
		return subscriptionNoun.tagged(n.Subscriptions.Get(ctx, now.ID))
	}))
	r = post("resubscribe", "/subscriptions/{id}/resubscribe", newsletterTag, "Make an ended subscription active again, on a new ground")
	r.Rights, r.Doc = write, "An address on the suppression list is refused with 409."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Body Ground
	}) (*Tagged[Subscription], error) {
		now, err := n.Subscriptions.Get(ctx, subscriptionID(in.ID))
		if err != nil {
			return nil, err
		}
		_, err = n.Subscriptions.Enter(ctx, subscription.Entry{
			Party: now.PartyID, Person: subscription.Person{Language: now.Language}, Topics: []subscription.TopicID{now.TopicID}, Address: now.Address, Ground: in.Body.ground(),
		})
		if err != nil {
			return nil, err
		}
		return subscriptionNoun.tagged(n.Subscriptions.Get(ctx, now.ID))
	}))
	r = get("get-reader-links", "/subscriptions/{id}/links", newsletterTag, "Make the links to a reader's own pages")
	r.Rights, r.Doc = write, "Whoever has them can do what the reader can: give them to nobody else."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Out[ReaderLinks], error) {
		now, err := n.Subscriptions.Get(ctx, subscriptionID(in.ID))
		if err != nil {
			return nil, err
		}
		links := n.Subscriptions.Links(subscription.Letter{Company: now.Company, Party: now.PartyID, Topic: now.TopicID, Channel: now.Channel, Address: now.Address, At: n.Now()})
		return &Out[ReaderLinks]{ReaderLinks(links)}, nil
	}))
}

// Suppression is one address that is not to be written to; the list keeps its hash alone.
type Suppression struct {
	Channel     string    `json:"channel" enum:"email,sms"`
	AddressHash ID        `json:"address_hash"`
	Reason      string    `json:"reason" enum:"unsubscribed,hard_bounce,complaint,manual,erased"`
	Source      string    `json:"source,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	CreatedBy   string    `json:"created_by,omitempty"`
}

// Block is an address to be suppressed.
type Block struct {
	AddressQuery
	Reason string `json:"reason" enum:"unsubscribed,hard_bounce,complaint,manual"`
	Source string `json:"source,omitempty" maxLength:"200" doc:"What says so."`
}

// Lift takes an address off the list.
type Lift struct {
	AddressQuery
	Why string `json:"why" maxLength:"400" doc:"It stands in the evidence."`
}

// SuppressionCount is how many addresses are suppressed for a reason.
type SuppressionCount struct {
	Channel string `json:"channel" enum:"email,sms"`
	Reason  string `json:"reason" enum:"unsubscribed,hard_bounce,complaint,manual,erased"`
	Count   int64  `json:"count"`
}

func suppressionOf(s subscription.Suppression) Suppression {
	return Suppression{string(s.Channel), idOf(s.AddressHash), string(s.Reason), s.Source, s.CreatedAt, s.CreatedBy}
}

func (a *server) suppressions() {
	read, write := rights(subscription.Read), rights(subscription.Write)
	found := func(ctx context.Context, n *newsletter.Newsletters, q AddressQuery) (*Out[Suppression], error) {
		s, err := n.Subscriptions.Suppressed(ctx, subscription.Channel(q.Channel), q.Address)
		return &Out[Suppression]{suppressionOf(s)}, err
	}
	r := post("suppress-address", "/suppressions", newsletterTag, "Put an address onto the suppression list, and end what it gets")
	r.Rights, r.Status, r.Doc = write, http.StatusCreated, "Done twice it changes nothing; a stronger reason replaces a weaker one."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body Block }) (*Out[Suppression], error) {
		b := in.Body
		if err := n.Subscriptions.Suppress(ctx, subscription.Block{Channel: subscription.Channel(b.Channel), Address: b.Address, Reason: subscription.Reason(b.Reason), Source: b.Source}); err != nil {
			return nil, err
		}
		return found(ctx, n, b.AddressQuery)
	}))
	r = get("count-suppressions", "/suppressions", newsletterTag, "Count the suppression list by channel and reason")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, _ *struct{}) (*Listed[SuppressionCount], error) {
		all, err := n.Subscriptions.Suppressions(ctx)
		return listed(callOf(ctx), each(all, func(t subscription.Tally) SuppressionCount {
			return SuppressionCount{string(t.Channel), string(t.Reason), t.Count}
		}), ""), err
	}))
	r = post("find-suppression", "/suppressions/find", newsletterTag, "Say whether and why an address is suppressed")
	r.Rights, r.Doc = read, "Writes nothing. 404 where it is not suppressed."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body AddressQuery }) (*Out[Suppression], error) {
		return found(ctx, n, in.Body)
	}))
	r = post("lift-suppression", "/suppressions/lift", newsletterTag, "Take an address off the suppression list, and say why that is lawful")
	r.Rights, r.Doc = write, "What it got does not start again: it is entered anew, or asked for."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body Lift }) (*Empty, error) {
		return nil, n.Subscriptions.Lift(ctx, subscription.Channel(in.Body.Channel), in.Body.Address, in.Body.Why)
	}))
}
