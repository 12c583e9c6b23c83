package subscription

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// TopicTag is the noun of [TopicID].
type TopicTag struct{}

// TopicID identifies a topic.
type TopicID = store.Key[TopicTag]

// Offer says who may subscribe to a topic.
type Offer string

// The offers.
const (
	// Public: readers find it on the preference page, and strangers may ask for it.
	Public Offer = "public"
	// Staff: only the company's own people enter readers, who can always end it.
	Staff Offer = "staff"
)

// Topic is something that readers subscribe to: a newsletter, price news, service notices.
type Topic struct {
	bun.BaseModel `bun:"table:crm_topic,alias:topic"`

	ID TopicID `bun:"id,pk" json:"id"`
	store.Record
	Channel Channel `bun:"channel,type:nvarchar(10)" json:"channel"`
	// Code is unique in the company: lower-case letters, digits and hyphens. It stands in List-Id (RFC 2919).
	Code  string `bun:"code,type:nvarchar(40)" json:"code"`
	Offer Offer  `bun:"offer,type:nvarchar(10)" json:"offer"`
	// Position sorts topics, the lowest first.
	Position int `bun:"position" json:"position"`
	// TextVersion counts the versions of the texts from 1; old ones are kept, because readers agreed to them.
	TextVersion int       `bun:"text_version" json:"text_version"`
	ClosedAt    time.Time `bun:"closed_at,nullzero" json:"closed_at,omitzero"`

	// Texts are those of TextVersion, in all languages.
	Texts map[locale.Language]TopicText `bun:"-" json:"texts"`
}

// TopicText is how a topic presents itself in one language.
type TopicText struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Consent is what a reader agrees to, word by word.
	Consent string `json:"consent"`
}

// In gives the texts in a language, or in the next best one, and says which it is.
func (t Topic) In(l locale.Language) (TopicText, locale.Language) {
	for _, try := range append([]locale.Language{l, locale.English}, locale.Languages...) {
		if text, ok := t.Texts[try]; ok {
			return text, try
		}
	}
	return TopicText{Name: t.Code}, l
}

// Open reports whether the topic takes subscribers.
func (t Topic) Open() bool { return t.ClosedAt.IsZero() }

// topicText is one language of one version of a topic's texts; rows are only added.
type topicText struct {
	bun.BaseModel `bun:"table:crm_topic_text,alias:topic_text"`

	TopicID     TopicID         `bun:"topic_id,pk"`
	TextVersion int             `bun:"text_version,pk"`
	Language    locale.Language `bun:"language,pk,type:nvarchar(5)"`
	Company     string          `bun:"company,type:nvarchar(40)"`
	Name        string          `bun:"name,type:nvarchar(120)"`
	Description string          `bun:"description,type:nvarchar(1000)"`
	Consent     string          `bun:"consent,type:nvarchar(2000)"`
	CreatedAt   time.Time       `bun:"created_at"`
	CreatedBy   string          `bun:"created_by,type:nvarchar(64)"`
}

// TopicDraft is a topic as people write it.
type TopicDraft struct {
	// Channel and Code stay as they are once the topic is there.
	Channel  Channel `json:"channel"`
	Code     string  `json:"code"`
	Offer    Offer   `json:"offer"`
	Position int     `json:"position"`
	// Texts: at least one language has a name. An empty Consent becomes the usual sentence.
	Texts map[locale.Language]TopicText `json:"texts"`
}

func (d *TopicDraft) check(company string) []fault.Fault {
	var faults fault.List
	if d.Channel == "" {
		d.Channel = Email
	}
	if !slices.Contains(Channels, d.Channel) {
		faults.Add("channel", "choice", "%.20q is none; choose from %v", string(d.Channel), Channels)
	}
	if d.Offer == "" {
		d.Offer = Public
	}
	if d.Offer != Public && d.Offer != Staff {
		faults.Add("offer", "choice", "%.20q is none; choose public or staff", string(d.Offer))
	}
	if d.Code = strings.TrimSpace(d.Code); !isCode(d.Code) {
		faults.Add("code", "code.form", "%.50q cannot be one; use up to 40 lower-case letters, digits and hyphens", d.Code)
	}
	texts := map[locale.Language]TopicText{}
	for _, l := range slices.Sorted(maps.Keys(d.Texts)) {
		at := "texts." + string(l) + "."
		if !slices.Contains(locale.Languages, l) {
			faults.Add("texts", "choice", "%.10q is no language; choose from %v", string(l), locale.Languages)
			continue
		}
		t := d.Texts[l]
		t = TopicText{Name: oneLine(t.Name, 1000), Description: party.Clean(t.Description, 5000), Consent: party.Clean(t.Consent, 5000)}
		if t == (TopicText{}) {
			continue
		}
		faults.Required(at+"name", t.Name)
		if t.Consent == "" {
			t.Consent = Texts.T(l, "consent."+string(d.Channel), t.Name, company)
		}
		checkLength(&faults, at+"name", t.Name, 120)
		checkLength(&faults, at+"description", t.Description, 1000)
		checkLength(&faults, at+"consent", t.Consent, 2000)
		texts[l] = t
	}
	if len(texts) == 0 {
		faults.Add("texts", "required", "are missing; give the topic a name in at least one language")
	}
	d.Texts = texts
	return faults
}

func checkLength(faults *fault.List, path, text string, most int) {
	if n := len([]rune(text)); n > most {
		faults.Add(path, "text.length", "is %d characters long, at most %d fit; shorten it", n, most)
	}
}

func isCode(code string) bool {
	for _, r := range code {
		if r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return code != "" && len(code) <= 40 && !strings.HasPrefix(code, "-") && !strings.HasSuffix(code, "-")
}

func (n *Subscriptions) companyName(company string) string {
	if n.config.Sender == nil {
		return company
	}
	if from := n.config.Sender(company); from.Name != "" {
		return oneLine(from.Name, 120)
	}
	return company
}

// AddTopic adds a topic. It needs [Write].
func (n *Subscriptions) AddTopic(ctx context.Context, d TopicDraft) (Topic, error) {
	return store.Write(ctx, n.db, Write, func(ctx context.Context, s *store.Session) (Topic, error) {
		faults := fault.List(d.check(n.companyName(s.Actor.Company)))
		same, err := topicsBy(ctx, s, "topic.code = ?", d.Code)
		if err != nil {
			return Topic{}, err
		}
		if len(same) > 0 {
			faults.Add("code", "duplicate", "is taken; choose another one than %q", d.Code)
		}
		if err := faults.Err("the topic cannot be kept"); err != nil {
			return Topic{}, err
		}
		t := Topic{ID: store.NewKey[TopicTag](s), Channel: d.Channel, Code: d.Code, Offer: d.Offer, Position: d.Position, TextVersion: 1, Texts: d.Texts}
		if err := s.Insert(ctx, &t); err != nil {
			return Topic{}, err
		}
		return t, insertTexts(ctx, s, t)
	})
}

func insertTexts(ctx context.Context, s *store.Session, t Topic) error {
	var rows []topicText
	for _, l := range slices.Sorted(maps.Keys(t.Texts)) {
		x := t.Texts[l]
		rows = append(rows, topicText{
			TopicID: t.ID, TextVersion: t.TextVersion, Language: l, Name: x.Name, Description: x.Description, Consent: x.Consent, CreatedAt: s.Now, CreatedBy: s.Actor.UserID,
		})
	}
	return s.InsertQuiet(ctx, &rows)
}

// ChangeTopic replaces a topic's offer, position and texts; new texts are a new version, and who agreed to the old
// ones has agreed to the old ones. Version is the one that was read. It needs [Write].
func (n *Subscriptions) ChangeTopic(ctx context.Context, id TopicID, version int64, d TopicDraft) (Topic, error) {
	return n.editTopic(ctx, id, version, func(next *Topic) []fault.Fault {
		d.Channel, d.Code = next.Channel, next.Code
		faults := d.check(n.companyName(next.Company))
		next.Offer, next.Position = d.Offer, d.Position
		if !maps.Equal(next.Texts, d.Texts) {
			next.Texts, next.TextVersion = d.Texts, next.TextVersion+1
		}
		return faults
	})
}

// CloseTopic lets a topic take no more subscribers; those it has stay, and can end it. It needs [Write].
func (n *Subscriptions) CloseTopic(ctx context.Context, id TopicID, version int64) (Topic, error) {
	now := n.db.Now()
	return n.editTopic(ctx, id, version, func(next *Topic) []fault.Fault {
		if next.Open() {
			next.ClosedAt = now
		}
		return nil
	})
}

// OpenTopic takes CloseTopic back. It needs [Write].
func (n *Subscriptions) OpenTopic(ctx context.Context, id TopicID, version int64) (Topic, error) {
	return n.editTopic(ctx, id, version, func(next *Topic) []fault.Fault { next.ClosedAt = time.Time{}; return nil })
}

func (n *Subscriptions) editTopic(ctx context.Context, id TopicID, version int64, change func(*Topic) []fault.Fault) (Topic, error) {
	return store.Write(ctx, n.db, Write, func(ctx context.Context, s *store.Session) (Topic, error) {
		var was Topic
		if err := s.LockVersion(ctx, &was, id, version); err != nil {
			return Topic{}, err
		}
		all := []Topic{was}
		if err := withTexts(ctx, s, all); err != nil {
			return Topic{}, err
		}
		was = all[0]
		next := was
		if err := fault.List(change(&next)).Err("the topic cannot be kept"); err != nil {
			return Topic{}, err
		}
		if err := s.Save(ctx, &was, &next); err != nil || next.TextVersion == was.TextVersion {
			return next, err
		}
		return next, insertTexts(ctx, s, next)
	})
}

// Topics lists the company's topics by position, closed ones too. It needs [Read].
func (n *Subscriptions) Topics(ctx context.Context) ([]Topic, error) {
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) ([]Topic, error) {
		return topicsBy(ctx, s, "")
	})
}

// Topic reads one topic. It needs [Read].
func (n *Subscriptions) Topic(ctx context.Context, id TopicID) (Topic, error) {
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) (Topic, error) {
		return topicByID(ctx, s, id)
	})
}

func topicByID(ctx context.Context, s *store.Session, id TopicID) (Topic, error) {
	found, err := topicsBy(ctx, s, "topic.id = ?", id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "there is no topic %s", id)
	}
	if err != nil {
		return Topic{}, err
	}
	return found[0], nil
}

// maxTopics bounds how many topics a company has.
const maxTopics = 500

// topicsBy reads topics of the session's own company that fulfil a condition, with their texts.
func topicsBy(ctx context.Context, s *store.Session, where string, args ...any) ([]Topic, error) {
	var rows []Topic
	q := s.Select(&rows).Where("topic.company = ?", s.Actor.Company)
	if where != "" {
		q = q.Where(where, args...)
	}
	if err := q.OrderExpr("topic.position, topic.id").Limit(maxTopics).Scan(ctx); err != nil {
		return nil, err
	}
	return rows, withTexts(ctx, s, rows)
}

func withTexts(ctx context.Context, s *store.Session, topics []Topic) error {
	for i := range topics {
		t := &topics[i]
		var rows []topicText
		if err := s.Select(&rows).Where("topic_text.topic_id = ?", t.ID).Where("topic_text.text_version = ?", t.TextVersion).Scan(ctx); err != nil {
			return err
		}
		t.Texts = make(map[locale.Language]TopicText, len(rows))
		for _, r := range rows {
			t.Texts[r.Language] = TopicText{Name: r.Name, Description: r.Description, Consent: r.Consent}
		}
	}
	return nil
}

// offered reads the topics that somebody names: they are open, of one channel, and public where strangers ask.
func offered(ctx context.Context, s *store.Session, ids []TopicID, least Offer) ([]Topic, []fault.Fault, error) {
	var faults fault.List
	if len(ids) == 0 {
		faults.Add("topics", "required", "are missing; choose at least one")
	}
	if len(ids) > maxChosen {
		faults.Add("topics", "count", "are %d, at most %d are taken at once", len(ids), maxChosen)
		return nil, faults, nil
	}
	var topics []Topic
	for _, id := range ids {
		t, err := topicByID(ctx, s, id)
		switch {
		case errors.Is(err, fault.NotFound), err == nil && (!t.Open() || least == Public && t.Offer != Public):
			faults.Add("topics", "choice", "hold one that is not offered (any more); choose again")
		case err != nil:
			return nil, nil, err
		case len(topics) > 0 && t.Channel != topics[0].Channel:
			faults.Add("topics", "channel", "are of several channels; choose those of one")
		case !slices.ContainsFunc(topics, func(o Topic) bool { return o.ID == id }):
			topics = append(topics, t)
		}
	}
	return topics, faults, nil
}

// maxChosen is how many topics are chosen at once.
const maxChosen = 40
