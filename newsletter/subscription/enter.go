package subscription

import (
	"context"
	"errors"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// notToStrangers tells nothing of what is missing.
func notToStrangers(err error) error {
	if errors.Is(err, fault.NotFound) {
		return errLink
	}
	return err
}

// Ground is why somebody may be written to who has not pressed a button: what the company can prove.
type Ground struct {
	Basis Basis `json:"basis"`
	// Source is where it comes from: "BNV fair 2026, paper form".
	Source string `json:"source"`
	// Statement is the text that was agreed to, word by word; it is needed where Basis is [Consent].
	Statement string          `json:"statement"`
	Language  locale.Language `json:"language"`
}

func (g *Ground) check(otherwise locale.Language) []fault.Fault {
	var faults fault.List
	if !slices.Contains(Bases, g.Basis) {
		faults.Add("basis", "choice", "%.20q is none; say on which legal ground they may be written to: %v", string(g.Basis), Bases)
	}
	g.Source, g.Statement = oneLine(g.Source, 1000), party.Clean(g.Statement, 10_000)
	faults.Required("source", g.Source)
	checkLength(&faults, "source", g.Source, 200)
	if g.Basis == Consent {
		faults.Required("statement", g.Statement)
	}
	checkLength(&faults, "statement", g.Statement, 4000)
	g.Language = languageOf(g.Language, otherwise)
	return faults
}

// evidence is what a ground proves for a topic.
func (g Ground) evidence(ctx context.Context, s *store.Session, t Topic, act Act) (Evidence, error) {
	text, _ := t.In(g.Language)
	hash, err := keepText(ctx, s, g.Language, g.Statement)
	return Evidence{TopicID: t.ID, Channel: t.Channel, Purpose: text.Name, Language: g.Language, TextHash: hash, Basis: g.Basis, Act: act, Source: g.Source}, err
}

// Entry is a reader that one of the company's people enters.
type Entry struct {
	// Party is who; zero for whoever has the address, for whom a party is made where there is none.
	Party  party.ID  `json:"party"`
	Person Person    `json:"person"`
	Topics []TopicID `json:"topics"`
	// Address is where; empty for the party's own.
	Address string `json:"address"`
	Ground  Ground `json:"ground"`
}

// Enter subscribes a reader on a ground that the company can prove. An address on the suppression list is fault.Conflict: it
// is taken off first ([Subscriptions.Lift]), or the reader asks himself. It needs [Write], and a party that the actor sees.
func (n *Subscriptions) Enter(ctx context.Context, e Entry) ([]Subscription, error) {
	return store.Write(ctx, n.db, Write, func(ctx context.Context, s *store.Session) ([]Subscription, error) {
		topics, found, err := offered(ctx, s, e.Topics, Staff)
		if err != nil {
			return nil, err
		}
		faults := fault.List(found)
		faults.Merge("ground", e.Ground.check(n.language(s)))
		if len(topics) == 0 {
			return nil, faults.Err("the reader cannot be entered")
		}
		ch := topics[0].Channel
		if !e.Party.IsZero() {
			var seen party.Party
			if err := s.Get(ctx, &seen, e.Party); err != nil {
				return nil, err
			}
			e.Person.Language = languageOf(e.Person.Language, seen.Language)
			if e.Address == "" {
				e.Address = map[Channel]string{Email: seen.Email, SMS: seen.Mobile}[ch]
			}
		}
		to, wrong := n.channelled(s, ch, e.Address)
		faults.Merge("", wrong)
		if err := faults.Err("the reader cannot be entered"); err != nil {
			return nil, err
		}
		return n.enter(ctx, s, topics, to, e)
	})
}

func (n *Subscriptions) enter(ctx context.Context, s *store.Session, topics []Topic, to destination, e Entry) ([]Subscription, error) {
	list, ok, err := listed(ctx, s, to.channel, to.hash)
	if err != nil {
		return nil, err
	}
	if ok {
		return nil, fault.New(fault.Conflict, "the address is suppressed (%s, %s); it is not to be written to", list.Reason, list.CreatedAt.Format("2006-01-02"))
	}
	e.Person.Language = languageOf(e.Person.Language, n.language(s))
	if e.Party.IsZero() {
		who, err := n.partyOfAddress(ctx, s, to, e.Person)
		if err != nil {
			return nil, err
		}
		e.Party = who.ID
	}
	var out []Subscription
	var proof []Evidence
	for _, t := range topics {
		row, err := n.bring(ctx, s, wish{t, e.Party, to, e.Person.Language, e.Ground.Basis, e.Ground.Source}, Active)
		if err != nil {
			return nil, err
		}
		p, err := e.Ground.evidence(ctx, s, t, Entered)
		if err != nil {
			return nil, err
		}
		p.PartyID, p.AddressHash = row.PartyID, to.hash
		out, proof = append(out, row), append(proof, p)
	}
	return out, keep(ctx, s, proof...)
}

// Leaving is a reader's wish to end something that reached the company another way than by a link: by phone, by an answer
// to a short message, by the link of a campaign that its own package has verified.
type Leaving struct {
	// Party is who; zero for whoever has the address.
	Party   party.ID `json:"party"`
	Address string   `json:"address"`
	// Topic is what; zero for everything of Channel, which suppresses the address.
	Topic   TopicID `json:"topic"`
	Channel Channel `json:"channel"`
	Visit   Visit   `json:"-"`
	Note    string  `json:"note"`
}

// Leave ends what a reader gets. What is ended already stays so. It needs [Write], and a party that the actor sees.
func (n *Subscriptions) Leave(ctx context.Context, l Leaving) error {
	_, err := store.Write(ctx, n.db, Write, func(ctx context.Context, s *store.Session) (struct{}, error) {
		v, err := n.leaver(ctx, s, l)
		if err != nil {
			return struct{}{}, err
		}
		if l.Topic.IsZero() {
			return struct{}{}, n.leaveAll(ctx, s, v, l.Visit)
		}
		return struct{}{}, n.leaveTopic(ctx, s, v, Evidence{Act: Ended, Note: oneLine(l.Note, 400)}.from(l.Visit))
	})
	return err
}

// leaver finds who leaves.
func (n *Subscriptions) leaver(ctx context.Context, s *store.Session, l Leaving) (visitor, error) {
	var faults fault.List
	if !l.Topic.IsZero() {
		topic, err := topicByID(ctx, s, l.Topic)
		if err != nil {
			return visitor{}, err
		}
		l.Channel = topic.Channel
	}
	if !slices.Contains(Channels, l.Channel) {
		faults.Add("channel", "choice", "%.20q is none; choose from %v, or name a topic", string(l.Channel), Channels)
	}
	if l.Party.IsZero() && l.Address == "" {
		faults.Add("party", "required", "is missing; say who, or give an address")
	}
	var to destination
	if l.Address != "" {
		var wrong []fault.Fault
		to, wrong = n.channelled(s, l.Channel, l.Address)
		faults.Merge("", wrong)
	}
	if err := faults.Err("nothing can be ended"); err != nil {
		return visitor{}, err
	}
	stranger := visitor{addresses: []destination{to}, channel: l.Channel, to: to, topic: l.Topic}
	if l.Party.IsZero() {
		rows, err := ofAddress(ctx, s, to.hash)
		if err != nil || len(rows) == 0 { // an address that nobody knows is remembered all the same
			return stranger, err
		}
		l.Party = rows[0].PartyID
	} else {
		var seen party.Party
		if err := s.Get(ctx, &seen, l.Party); err != nil {
			return visitor{}, err
		}
	}
	v, err := n.known(ctx, s, l.Party)
	v.topic, v.channel = l.Topic, l.Channel
	v.aim(func(has destination) bool { return has == to || to.address == "" && has.channel == l.Channel })
	return v, err
}
