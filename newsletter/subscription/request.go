package subscription

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// RequestTag is the noun of [RequestID].
type RequestTag struct{}

// RequestID identifies a request for a subscription.
type RequestID = store.Key[RequestTag]

// request is what a stranger asked for, until he confirms it.
type request struct {
	bun.BaseModel `bun:"table:crm_subscription_request,alias:request"`

	ID          RequestID       `bun:"id,pk"`
	Company     string          `bun:"company,type:nvarchar(40)"`
	Channel     Channel         `bun:"channel,type:nvarchar(10)"`
	PartyID     party.ID        `bun:"party_id"`
	Address     string          `bun:"address,type:nvarchar(254)"`
	AddressHash Hash            `bun:"address_hash"`
	Client      string          `bun:"client,type:nvarchar(50)"`
	Language    locale.Language `bun:"language,type:nvarchar(5)"`
	Topics      topicIDs        `bun:"topics,type:nvarchar(2000)"`
	Source      string          `bun:"source,type:nvarchar(200)"`
	MessageID   string          `bun:"message_id,type:nvarchar(200)"`
	CreatedAt   time.Time       `bun:"created_at"`
	ConfirmedAt time.Time       `bun:"confirmed_at,nullzero"`
}

// topicIDs are kept as JSON.
type topicIDs []TopicID

// Value stores JSON.
func (t topicIDs) Value() (driver.Value, error) {
	b, err := json.Marshal([]TopicID(t))
	return string(b), err
}

// Scan reads JSON.
func (t *topicIDs) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), (*[]TopicID)(t))
	case []byte:
		return json.Unmarshal(v, (*[]TopicID)(t))
	}
	return fmt.Errorf("subscription: cannot read topics from %T", src)
}

// RequestInput is what a stranger asks for.
type RequestInput struct {
	Channel Channel   `json:"channel"`
	Address string    `json:"address"`
	Topics  []TopicID `json:"topics"`
	// Person is kept where the address is not known yet; it is not compared, and stands in no letter.
	Person Person `json:"person"`
	Visit  Visit  `json:"-"`
}

// Request asks for topics in the name of an address. A letter with a link goes there, and nothing else until its reader
// presses the button behind it. The answer does not tell whether the address is known, subscribed or suppressed, and
// more requests for one address than Config.AddressRate are taken without a letter; more from one network than
// Config.ClientRate are fault.Limit. The public actor may.
func (n *Subscriptions) Request(ctx context.Context, in RequestInput) error {
	return n.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := mayAnswer(s); err != nil {
			return err
		}
		topics, to, err := n.asked(ctx, s, &in)
		if err != nil {
			return err
		}
		row := request{
			ID: store.NewKey[RequestTag](s), Channel: to.channel, Address: to.address, AddressHash: to.hash, Client: minimize(in.Visit.IP),
			Language: languageOf(in.Person.Language, n.language(s)), Source: oneLine(in.Visit.Source, 200), CreatedAt: s.Now,
		}
		if err := n.limit(ctx, s, row); err != nil {
			return err
		}
		tired, err := n.tired(ctx, s, row)
		if err != nil || tired {
			return err
		}
		return n.request(ctx, s, &row, topics, in.Person)
	})
}

// asked checks what a stranger typed.
func (n *Subscriptions) asked(ctx context.Context, s *store.Session, in *RequestInput) ([]Topic, destination, error) {
	topics, found, err := offered(ctx, s, in.Topics, Public)
	if err != nil {
		return nil, destination{}, err
	}
	faults := fault.List(found)
	if in.Channel == "" {
		in.Channel = Email
	}
	to, wrong := n.channelled(s, in.Channel, in.Address)
	faults.Merge("", wrong)
	if len(topics) > 0 && topics[0].Channel != in.Channel {
		faults.Add("topics", "channel", "go by %s; give an address of that kind", topics[0].Channel)
	}
	if err := faults.Err("the subscription cannot be asked for"); err != nil {
		return nil, to, err
	}
	if in.Channel == Email && n.config.Mails == nil || in.Channel == SMS && n.config.Texter == nil {
		return nil, to, fault.New(fault.Unavailable, "nothing can be sent by %s here, so that nobody could confirm; ask the company", in.Channel)
	}
	return topics, to, nil
}

// limit refuses more requests from one network than an hour may bring.
func (n *Subscriptions) limit(ctx context.Context, s *store.Session, r request) error {
	if r.Client == "" {
		return nil
	}
	var asked int
	err := s.Query(ctx, &asked, store.From[request]("r"), "SELECT COUNT(*) FROM crm_subscription_request AS r WHERE {scope} AND r.client = ? AND r.created_at > ?",
		r.Client, s.Now.Add(-time.Hour))
	if err == nil && asked >= n.config.ClientRate {
		return fault.New(fault.Limit, "too many subscriptions were asked for from here; try again in an hour")
	}
	return err
}

// tired reports whether an address was asked for so often that it gets no more letters for an hour.
func (n *Subscriptions) tired(ctx context.Context, s *store.Session, r request) (bool, error) {
	var asked int
	err := s.Query(ctx, &asked, store.From[request]("r"), "SELECT COUNT(*) FROM crm_subscription_request AS r WHERE {scope} AND r.address_hash = ? AND r.created_at > ?",
		r.AddressHash, s.Now.Add(-time.Hour))
	return asked >= n.config.AddressRate, err
}

func (n *Subscriptions) request(ctx context.Context, s *store.Session, r *request, topics []Topic, who Person) error {
	to := destination{r.Channel, r.Address, r.AddressHash}
	list, suppressed, err := listed(ctx, s, to.channel, to.hash)
	if err != nil {
		return err
	}
	if suppressed && list.Reason.lasts() { // counted, and told to nobody
		return s.InsertQuiet(ctx, r)
	}
	who.Language = r.Language
	whom, err := n.partyOfAddress(ctx, s, to, who)
	if err != nil {
		return err
	}
	r.PartyID = whom.ID
	var open, have []Topic
	for _, t := range topics {
		now, err := hold(ctx, s, wish{topic: t, party: whom.ID, to: to})
		if err != nil {
			return err
		}
		if now.State == Active && now.AddressHash == to.hash {
			have = append(have, t)
			continue
		}
		open = append(open, t)
		r.Topics = append(r.Topics, t.ID)
	}
	if err := n.answer(ctx, s, r, open, have); err != nil {
		return err
	}
	if err := s.InsertQuiet(ctx, r); err != nil {
		return err
	}
	return n.pend(ctx, s, *r, open)
}

// answer sends the one letter or the other.
func (n *Subscriptions) answer(ctx context.Context, s *store.Session, r *request, open, have []Topic) error {
	expires := s.Now.Add(LinkLife)
	purpose, about := ConfirmPurpose, open
	link := n.address(Link{ConfirmLink, s.Actor.Company, r.PartyID, r.ID, expires})
	if len(open) == 0 {
		purpose, about = KnownPurpose, have
		link = n.address(Link{PreferenceLink, s.Actor.Company, r.PartyID, r.AddressHash, expires})
	}
	var err error
	if r.Channel == SMS {
		r.MessageID, err = n.config.Texter.Text(ctx, s, r.Address, Texts.T(r.Language, "text."+purpose.Key, n.companyName(s.Actor.Company), link))
	} else {
		r.MessageID, err = n.letter(ctx, s, purpose, *r, about, link)
	}
	return err
}

// pend writes down what waits for its confirmation.
func (n *Subscriptions) pend(ctx context.Context, s *store.Session, r request, topics []Topic) error {
	var list []Evidence
	for _, t := range topics {
		_, err := n.bring(ctx, s, wish{t, r.PartyID, destination{r.Channel, r.Address, r.AddressHash}, r.Language, Consent, r.Source}, Pending)
		if err != nil {
			return err
		}
		e, err := agreed(ctx, s, t, r.Language)
		if err != nil {
			return err
		}
		e.PartyID, e.AddressHash, e.Act, e.Source, e.IP, e.MessageID = r.PartyID, r.AddressHash, Requested, r.Source, r.Client, r.MessageID
		list = append(list, e)
	}
	return keep(ctx, s, list...)
}

// Confirmation is what the page behind a letter's link shows.
type Confirmation struct {
	Company  string          `json:"company"`
	Name     string          `json:"name"`
	Language locale.Language `json:"language"`
	// Address is the one that was asked for.
	Address string `json:"address"`
	// Topics are what is to be confirmed, with the texts that are agreed to.
	Topics []Topic `json:"topics"`
	// Done is set where it was confirmed, Ended where the reader has ended all of it since.
	Done  bool `json:"done"`
	Ended bool `json:"ended"`
	// Preference is the address of the preference page.
	Preference string `json:"preference"`
}

// Confirmation shows what a link would confirm, and changes nothing. Bad links are fault.NotFound. The public actor of the
// link's company may.
func (n *Subscriptions) Confirmation(ctx context.Context, token string) (Confirmation, error) {
	var out Confirmation
	err := n.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		r, err := n.requestOf(ctx, s, token)
		if err == nil {
			out, err = n.confirmation(ctx, s, r)
		}
		return err
	})
	return out, err
}

func (n *Subscriptions) requestOf(ctx context.Context, s *store.Session, token string) (request, error) {
	l, err := n.follow(s, token, ConfirmLink)
	if err != nil {
		return request{}, err
	}
	var rows []request
	if err := s.Select(&rows).Where("request.company = ?", s.Actor.Company).Where("request.id = ?", RequestID(l.Subject)).Scan(ctx); err != nil {
		return request{}, err
	}
	if len(rows) == 0 || len(rows[0].Topics) == 0 {
		return request{}, errLink
	}
	return rows[0], nil
}

// follow reads a link of one of the kinds, for an actor of its company.
func (n *Subscriptions) follow(s *store.Session, token string, kinds ...LinkKind) (Link, error) {
	if err := mayAnswer(s); err != nil {
		return Link{}, err
	}
	l, err := n.config.Signer.Read(token, s.Now)
	if err != nil {
		return Link{}, err
	}
	for _, k := range kinds {
		if l.Kind == k && l.Company == s.Actor.Company {
			return l, nil
		}
	}
	return Link{}, errLink
}

func (n *Subscriptions) confirmation(ctx context.Context, s *store.Session, r request) (Confirmation, error) {
	out := Confirmation{
		Company: s.Actor.Company, Name: n.companyName(s.Actor.Company), Language: r.Language, Address: r.Address, Done: !r.ConfirmedAt.IsZero(),
		Preference: n.address(Link{PreferenceLink, s.Actor.Company, r.PartyID, r.AddressHash, s.Now.Add(LinkLife)}),
	}
	for _, id := range r.Topics {
		t, err := topicByID(ctx, s, id)
		if err != nil {
			return out, err
		}
		if t.Open() {
			out.Topics = append(out.Topics, t)
		}
	}
	if !out.Done {
		return out, nil
	}
	now, err := ofAddress(ctx, s, r.AddressHash)
	out.Ended = !slices.ContainsFunc(now, func(has sealed) bool { return has.State == Active && slices.Contains(r.Topics, has.TopicID) })
	return out, err
}

// Confirm subscribes: the reader of the letter has pressed the button. Pressed twice it does nothing more, also where the
// reader has ended the topics since. It takes the address off the suppression list, unless that is for a complaint or the
// company's own decision. Bad links are fault.NotFound. The public actor of the link's company may.
func (n *Subscriptions) Confirm(ctx context.Context, token string, v Visit) (Confirmation, error) {
	var out Confirmation
	err := n.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		r, err := n.requestOf(ctx, s, token)
		if err != nil {
			return err
		}
		if out, err = n.confirmation(ctx, s, r); err != nil || len(out.Topics) == 0 {
			return err
		}
		first, err := s.Exec(ctx, store.From[request](""), "UPDATE crm_subscription_request SET confirmed_at = ? WHERE {scope} AND id = ? AND confirmed_at IS NULL", s.Now, r.ID)
		if out.Done = true; err != nil || first == 0 {
			return err
		}
		to := destination{r.Channel, r.Address, r.AddressHash}
		if err := n.welcome(ctx, s, to, r.PartyID, v); err != nil {
			return err
		}
		return n.subscribe(ctx, s, out.Topics, wish{party: r.PartyID, to: to, language: r.Language, basis: Consent, source: r.Source},
			Evidence{Act: Confirmed, MessageID: r.MessageID}.from(v))
	})
	return out, err
}

// welcome takes an address off the list whose reader wants to be written to again.
func (n *Subscriptions) welcome(ctx context.Context, s *store.Session, to destination, who party.ID, v Visit) error {
	list, ok, err := listed(ctx, s, to.channel, to.hash)
	if err != nil || !ok {
		return err
	}
	if list.Reason.lasts() {
		return fault.New(fault.Conflict, "this address cannot be subscribed; write to us")
	}
	if _, err := unlist(ctx, s, to); err != nil {
		return err
	}
	return keep(ctx, s, Evidence{PartyID: who, Channel: to.channel, AddressHash: to.hash, Act: Lifted, Note: string(list.Reason)}.from(v))
}

// subscribe makes topics active and keeps what was agreed to.
func (n *Subscriptions) subscribe(ctx context.Context, s *store.Session, topics []Topic, w wish, proof Evidence) error {
	var list []Evidence
	for _, t := range topics {
		w.topic = t
		row, err := n.bring(ctx, s, w, Active)
		if err != nil {
			return err
		}
		e, err := agreed(ctx, s, t, w.language)
		if err != nil {
			return err
		}
		e.PartyID, e.AddressHash, e.Act, e.Source, e.IP, e.MessageID = row.PartyID, w.to.hash, proof.Act, proof.Source, proof.IP, proof.MessageID
		list = append(list, e)
	}
	return keep(ctx, s, list...)
}
