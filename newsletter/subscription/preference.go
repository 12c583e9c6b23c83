package subscription

import (
	"context"
	"slices"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Preference is what a reader's own page shows.
type Preference struct {
	Company string `json:"company"`
	// Name is the company's.
	Name     string          `json:"name"`
	Language locale.Language `json:"language"`
	// Address is where letters go: the page is behind a link that was sent there.
	Address string  `json:"address"`
	Channel Channel `json:"channel"`
	// Choices are the topics of the channel that the reader has or can have, by position.
	Choices []Choice `json:"choices"`
	// OptedOut is set where the reader has ended everything.
	OptedOut bool `json:"opted_out"`
	// Topic is what an unsubscribe link is about, zero for everything of the channel, and of a preference link.
	Topic TopicID `json:"topic"`
	// Page is the address of the preference page.
	Page string `json:"page"`
}

// Choice is one topic on a reader's page.
type Choice struct {
	Topic Topic `json:"topic"`
	// State is "" where the reader never had the topic.
	State State `json:"state"`
}

// On reports whether the reader gets the topic.
func (c Choice) On() bool { return c.State == Active }

// visitor is who came by a link.
type visitor struct {
	// ids are the parties that the reader is, rows what they are subscribed to, addresses where they are reached.
	ids       []party.ID
	rows      []sealed
	addresses []destination
	// topic is what the link is about, zero for everything of channel.
	topic   TopicID
	channel Channel
	// to is the address that the link was sent to, as far as that is known.
	to destination
	// language is that of his letters.
	language locale.Language
}

// visitor finds the reader of a link, and the address it was sent to.
func (n *Subscriptions) visitor(ctx context.Context, s *store.Session, token string, kinds ...LinkKind) (visitor, error) {
	l, err := n.follow(s, token, kinds...)
	if err != nil {
		return visitor{}, err
	}
	v, err := n.known(ctx, s, l.Party)
	if err != nil {
		return visitor{}, notToStrangers(err)
	}
	if l.Kind == PreferenceLink {
		v.aim(func(to destination) bool { return to.hash == Hash(l.Subject) })
	} else if v.channel = channelOf(l.Subject); v.channel != "" {
		v.aim(func(to destination) bool { return to.channel == v.channel })
	} else {
		topic, err := topicByID(ctx, s, TopicID(l.Subject))
		if err != nil {
			return visitor{}, notToStrangers(err)
		}
		v.topic = topic.ID
		v.aim(func(to destination) bool { return to.channel == topic.Channel })
		for _, r := range v.of(v.topic) {
			v.to, v.language = destination{r.Channel, r.Address, r.AddressHash}, languageOf(r.Language, v.language)
		}
	}
	if v.to.address == "" { // it was taken away meanwhile
		return visitor{}, errLink
	}
	v.channel = v.to.channel
	return v, nil
}

// known reads what there is of a reader.
func (n *Subscriptions) known(ctx context.Context, s *store.Session, id party.ID) (visitor, error) {
	var v visitor
	var err error
	if v.ids, err = reader(ctx, s, id); err != nil {
		return v, err
	}
	who, err := partyOf(ctx, s, v.ids[0])
	if err != nil {
		return v, err
	}
	v.language = languageOf(who.Language, n.language(s))
	if v.rows, err = ofReader(ctx, s, v.ids); err != nil {
		return v, err
	}
	v.addresses, err = n.addressesOf(ctx, s, v.ids, v.rows)
	return v, err
}

// aim picks the first of the reader's addresses that fits.
func (v *visitor) aim(fits func(destination) bool) {
	if i := slices.IndexFunc(v.addresses, fits); i >= 0 {
		v.to = v.addresses[i]
	}
}

// Preference shows what a reader has and can have. Bad links are fault.NotFound. The public actor of the link's company may.
func (n *Subscriptions) Preference(ctx context.Context, token string) (Preference, error) {
	var out Preference
	err := n.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		v, err := n.visitor(ctx, s, token, PreferenceLink, UnsubscribeLink)
		if err == nil {
			out, err = n.preference(ctx, s, v)
		}
		return err
	})
	return out, err
}

func (n *Subscriptions) preference(ctx context.Context, s *store.Session, v visitor) (Preference, error) {
	out := Preference{Company: s.Actor.Company, Name: n.companyName(s.Actor.Company), Language: v.language, Address: v.to.address, Channel: v.to.channel, Topic: v.topic}
	out.Page = n.address(Link{PreferenceLink, s.Actor.Company, v.ids[0], v.to.hash, s.Now.Add(LinkLife)})
	topics, err := topicsBy(ctx, s, "topic.channel = ?", v.to.channel)
	if err != nil {
		return out, err
	}
	states := map[TopicID]State{}
	for _, r := range v.rows {
		if has, ok := states[r.TopicID]; !ok || has != Active {
			states[r.TopicID] = r.State
		}
	}
	for _, t := range topics {
		state, has := states[t.ID]
		if t.ID == v.topic || has && state == Active || t.Open() && (t.Offer == Public || has && state != Suppressed) {
			out.Choices = append(out.Choices, Choice{Topic: t, State: state})
		}
	}
	list, ok, err := listed(ctx, s, v.to.channel, v.to.hash)
	out.OptedOut = ok && list.Reason == OptedOut
	return out, err
}

// Choose makes a reader's choices hold: a topic that is true becomes active, one that is false ends, and one that is not
// in choices stays as it is. Ticking a topic is consent, given by whoever reads the address. All else is as in
// [Subscriptions.Preference].
func (n *Subscriptions) Choose(ctx context.Context, token string, choices map[TopicID]bool, from Visit) (Preference, error) {
	var out Preference
	err := n.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		v, err := n.visitor(ctx, s, token, PreferenceLink)
		if err != nil {
			return err
		}
		now, err := n.preference(ctx, s, v)
		if err != nil {
			return err
		}
		var on []Topic
		var off []sealed
		for _, c := range now.Choices {
			want, named := choices[c.Topic.ID]
			switch {
			case !named || want == c.On():
			case want && c.Topic.Open():
				on = append(on, c.Topic)
			case !want:
				off = append(off, v.of(c.Topic.ID)...)
			}
		}
		if len(on) > 0 {
			if err := n.welcome(ctx, s, v.to, v.ids[0], from); err != nil {
				return err
			}
		}
		w := wish{party: v.ids[0], to: v.to, language: v.language, basis: Consent, source: from.Source}
		if err := n.subscribe(ctx, s, on, w, Evidence{Act: Chosen}.from(from)); err != nil {
			return err
		}
		if err := withdraw(ctx, s, off, Evidence{Act: Ended}.from(from)); err != nil {
			return err
		}
		out, err = n.again(ctx, s, v)
		return err
	})
	return out, err
}

// of are the reader's subscriptions to a topic; the zero id means all of his channel.
func (v visitor) of(id TopicID) []sealed {
	var rows []sealed
	for _, r := range v.rows {
		if r.TopicID == id || id.IsZero() && r.Channel == v.channel {
			rows = append(rows, r)
		}
	}
	return rows
}

// again reads what a page shows after a change.
func (n *Subscriptions) again(ctx context.Context, s *store.Session, v visitor) (Preference, error) {
	var err error
	if v.rows, err = ofReader(ctx, s, v.ids); err != nil {
		return Preference{}, err
	}
	return n.preference(ctx, s, v)
}

// Unsubscribe ends the topic of a letter, or everything where its link names none: one press, with nothing else to be
// asked (RFC 8058). Pressed twice it does nothing more. Bad links are fault.NotFound. The public actor of the link's company
// may.
func (n *Subscriptions) Unsubscribe(ctx context.Context, token string, from Visit) (Preference, error) {
	return n.leave(ctx, token, from, func(ctx context.Context, s *store.Session, v visitor) error {
		if v.topic.IsZero() {
			return n.leaveAll(ctx, s, v, from)
		}
		return n.leaveTopic(ctx, s, v, Evidence{Act: Ended}.from(from))
	}, UnsubscribeLink)
}

// UnsubscribeAll ends everything that a reader gets on the link's channel, and puts his addresses onto the suppression
// list. All else is as in [Subscriptions.Unsubscribe].
func (n *Subscriptions) UnsubscribeAll(ctx context.Context, token string, from Visit) (Preference, error) {
	return n.leave(ctx, token, from, func(ctx context.Context, s *store.Session, v visitor) error {
		return n.leaveAll(ctx, s, v, from)
	}, UnsubscribeLink, PreferenceLink)
}

// Resubscribe takes the press of an unsubscribe link back: it was a mistake. What that press ended becomes active again, and
// the reader's address comes off the suppression list where he himself put it there. All else is as in
// [Subscriptions.Unsubscribe].
func (n *Subscriptions) Resubscribe(ctx context.Context, token string, from Visit) (Preference, error) {
	return n.leave(ctx, token, from, func(ctx context.Context, s *store.Session, v visitor) error {
		list, blocked, err := listed(ctx, s, v.to.channel, v.to.hash)
		if err != nil {
			return err
		}
		var topics []Topic
		for _, r := range v.of(v.topic) {
			t, err := topicByID(ctx, s, r.TopicID)
			if err != nil {
				return err
			}
			with := !v.topic.IsZero() || blocked && r.EndedAt.Equal(list.CreatedAt) // and not before, one by one
			if with && r.State != Active && r.State != Pending && t.Open() {
				topics = append(topics, t)
			}
		}
		if len(topics) == 0 && (!v.topic.IsZero() || list.Reason != OptedOut) {
			return nil
		}
		if err := n.welcome(ctx, s, v.to, v.ids[0], from); err != nil {
			return err
		}
		w := wish{party: v.ids[0], to: v.to, language: v.language, basis: Consent, source: from.Source}
		return n.subscribe(ctx, s, topics, w, Evidence{Act: Resubscribed}.from(from))
	}, UnsubscribeLink)
}

func (n *Subscriptions) leave(ctx context.Context, token string, from Visit, do func(context.Context, *store.Session, visitor) error, kinds ...LinkKind) (Preference, error) {
	var out Preference
	err := n.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		v, err := n.visitor(ctx, s, token, kinds...)
		if err != nil {
			return err
		}
		if err := do(ctx, s, v); err != nil {
			return err
		}
		out, err = n.again(ctx, s, v)
		return err
	})
	return out, err
}

// leaveTopic ends one topic. Where the reader was never subscribed to it (he was written to as a customer), it is noted that
// he does not want it.
func (n *Subscriptions) leaveTopic(ctx context.Context, s *store.Session, v visitor, proof Evidence) error {
	rows := v.of(v.topic)
	if len(rows) > 0 || len(v.ids) == 0 || v.to.address == "" {
		return withdraw(ctx, s, rows, proof)
	}
	topic, err := topicByID(ctx, s, v.topic)
	if err != nil {
		return err
	}
	row, err := n.bring(ctx, s, wish{topic: topic, party: v.ids[0], to: v.to, language: v.language, source: proof.Source}, Unsubscribed)
	if err != nil {
		return err
	}
	proof.PartyID, proof.TopicID, proof.Channel, proof.AddressHash = row.PartyID, row.TopicID, row.Channel, row.AddressHash
	return keep(ctx, s, proof)
}

// leaveAll ends everything of a channel and puts all addresses that the reader has there onto the list.
func (n *Subscriptions) leaveAll(ctx context.Context, s *store.Session, v visitor, from Visit) error {
	if err := withdraw(ctx, s, v.of(TopicID{}), Evidence{Act: Ended}.from(from)); err != nil {
		return err
	}
	var list []Evidence
	for _, to := range v.addresses {
		if to.channel != v.channel {
			continue
		}
		fresh, err := enlist(ctx, s, to.channel, to.hash, OptedOut, from.Source)
		if err != nil {
			return err
		}
		if fresh && len(v.ids) > 0 {
			list = append(list, Evidence{PartyID: v.ids[0], Channel: to.channel, AddressHash: to.hash, Act: EndedAll}.from(from))
		}
	}
	return keep(ctx, s, list...)
}

// withdraw ends subscriptions and keeps that as evidence.
func withdraw(ctx context.Context, s *store.Session, rows []sealed, proof Evidence) error {
	ended, err := end(ctx, s, rows, Unsubscribed)
	if err != nil {
		return err
	}
	list := make([]Evidence, 0, len(ended))
	for _, r := range ended {
		e := proof
		e.PartyID, e.TopicID, e.Channel, e.AddressHash, e.Basis = r.PartyID, r.TopicID, r.Channel, r.AddressHash, r.Basis
		list = append(list, e)
	}
	return keep(ctx, s, list...)
}
