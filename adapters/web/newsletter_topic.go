package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// subscriberRoutes are the topics and their readers.
func (s *screens) subscriberRoutes() []route {
	read, write := subscription.Read, subscription.Write
	return []route{
		{Pattern: "GET /topics", Right: read, Do: s.listTopics},
		{Pattern: "GET /topics/new", Right: write, Do: s.newTopic},
		{Pattern: "POST /topics/new", Right: write, Do: s.addTopic},
		{Pattern: "GET /topics/{id}", Right: write, Do: s.editTopic},
		{Pattern: "POST /topics/{id}", Right: write, Do: s.saveTopic},
		{Pattern: "POST /topics/{id}/close", Right: write, Do: s.closeTopic},
		{Pattern: "POST /topics/{id}/open", Right: write, Do: s.openTopic},
		{Pattern: "GET /readers", Right: read, Do: s.listReaders},
		{Pattern: "GET /readers/import", Right: write, Do: s.newReaderImport},
		{Pattern: "POST /readers/import", Right: write, Do: s.importReaders, Body: uploadBytes + 1<<20},
		{Pattern: "GET /readers/{id}/evidence", Right: actor.Privacy, Do: s.showEvidence},
	}
}

// topicList is the page of what readers subscribe to.
type topicList struct {
	Tabs []menuItem
	Rows []topicRow
}

type topicRow struct {
	subscription.Topic
	Name, Description, ChannelText, OfferText string
	// Languages are those that the topic has a name in.
	Languages       []string
	Active, Pending int64
}

func (s *screens) listTopics(v *visit) error {
	all := s.module.Newsletters.Subscriptions
	topics, err := all.Topics(v.ctx())
	if err != nil {
		return err
	}
	counts, err := all.Counts(v.ctx())
	if err != nil {
		return err
	}
	d := topicList{Tabs: v.newsletterTabs("/topics")}
	for _, t := range topics {
		text, _ := t.In(v.Locale.Language)
		row := topicRow{Topic: t, Name: text.Name, Description: text.Description, ChannelText: v.t("topic.channel." + string(t.Channel)), OfferText: v.t("topic.offer." + string(t.Offer))}
		for _, l := range locale.Languages {
			if t.Texts[l].Name != "" {
				row.Languages = append(row.Languages, strings.ToUpper(string(l)))
			}
		}
		for _, c := range counts {
			switch {
			case c.Topic != t.ID:
			case c.State == subscription.Active:
				row.Active = c.Count
			case c.State == subscription.Pending:
				row.Pending = c.Count
			}
		}
		d.Rows = append(d.Rows, row)
	}
	return v.show(http.StatusOK, "newsletter_topics", head{Title: v.t("topic.list"), Section: "campaigns", Crumbs: v.campaignCrumbs()}, d)
}

// topicForm is the page on which a topic is written in all languages.
type topicForm struct {
	Form      *input
	Topic     *subscription.Topic
	Channels  []option
	Offers    []option
	Languages []option
	Action    string
}

func (s *screens) newTopic(v *visit) error {
	f := v.blank("channel", string(subscription.Email), "code", "", "offer", string(subscription.Public), "position", "")
	topicTexts(f, nil)
	return s.drawTopic(v, f, nil)
}

func topicTexts(f *input, all map[locale.Language]subscription.TopicText) {
	for _, l := range locale.Languages {
		text := all[l]
		f.Values.Set("name."+string(l), text.Name)
		f.Values.Set("description."+string(l), text.Description)
		f.Values.Set("consent."+string(l), text.Consent)
	}
}

func (s *screens) drawTopic(v *visit, f *input, t *subscription.Topic) error {
	d := topicForm{Form: f, Topic: t, Languages: languageOptions(string(v.Locale.Language)), Action: v.link("/topics/new")}
	d.Channels = v.options("topic.channel.", f.text("channel"), string(subscription.Email), string(subscription.SMS))
	d.Offers = v.options("topic.offer.", f.text("offer"), string(subscription.Public), string(subscription.Staff))
	h := head{Title: v.t("topic.new"), Section: "campaigns", Crumbs: v.campaignCrumbs(crumb{v.t("topic.list"), v.link("/topics")})}
	if t != nil {
		text, _ := t.In(v.Locale.Language)
		h.Title, d.Action = text.Name, v.link("/topics", t.ID.String())
	}
	return v.show(f.statusOf(), "newsletter_topic", h, d)
}

func (v *visit) topicDraft(f *input) subscription.TopicDraft {
	d := subscription.TopicDraft{
		Channel: subscription.Channel(f.text("channel")), Code: f.text("code"), Offer: subscription.Offer(f.text("offer")), Position: f.whole("position"),
		Texts: map[locale.Language]subscription.TopicText{},
	}
	for _, l := range locale.Languages {
		text := subscription.TopicText{Name: f.text("name." + string(l)), Description: f.text("description." + string(l)), Consent: f.text("consent." + string(l))}
		if text != (subscription.TopicText{}) {
			d.Texts[l] = text
		}
	}
	return d
}

func (s *screens) addTopic(v *visit) error {
	f := v.posted()
	draft := v.topicDraft(f)
	if !f.bad() {
		t, err := s.module.Newsletters.Subscriptions.AddTopic(v.ctx(), draft)
		if err == nil {
			return v.topicSaved(t)
		}
		if err := v.refuse(f, err); err != nil {
			return err
		}
	}
	return s.drawTopic(v, f, nil)
}

func (v *visit) topicSaved(t subscription.Topic) error {
	text, _ := t.In(v.Locale.Language)
	v.done("topic.saved", text.Name)
	return v.redirect(v.link("/topics"))
}

func (v *visit) topicOf() (subscription.Topic, error) {
	id, err := key[subscription.TopicTag](v, "id")
	if err != nil {
		return subscription.Topic{}, err
	}
	return v.s.module.Newsletters.Subscriptions.Topic(v.ctx(), id)
}

func (v *visit) topicValues(t subscription.Topic) *input {
	f := v.blank("channel", string(t.Channel), "code", t.Code, "offer", string(t.Offer), "position", strconv.Itoa(t.Position), "version", strconv.FormatInt(t.Version, 10))
	topicTexts(f, t.Texts)
	return f
}

func (s *screens) editTopic(v *visit) error {
	t, err := v.topicOf()
	if err != nil {
		return err
	}
	return s.drawTopic(v, v.topicValues(t), &t)
}

func (s *screens) saveTopic(v *visit) error {
	t, err := v.topicOf()
	if err != nil {
		return err
	}
	f := v.posted()
	for range 2 { // once more, when what others changed meanwhile touches nothing that the visitor did
		draft := v.topicDraft(f)
		draft.Channel, draft.Code = t.Channel, t.Code
		if f.bad() {
			break
		}
		saved, err := s.module.Newsletters.Subscriptions.ChangeTopic(v.ctx(), t.ID, f.version("version"), draft)
		if err == nil {
			return v.topicSaved(saved)
		}
		if fault.CodeOf(err) != fault.Conflict {
			if err := v.refuse(f, err); err != nil {
				return err
			}
			break
		}
		asks, err := v.clash(f, v.topicValues(t), t.Record, topicShared())
		if err != nil {
			return err
		}
		if asks {
			break
		}
	}
	return s.drawTopic(v, f, &t)
}

// topicShared are the fields that others may change too.
func topicShared() []shared {
	out := []shared{{Name: "offer", Label: "topic.offer"}, {Name: "position", Label: "topic.position"}}
	for _, l := range locale.Languages {
		for _, name := range []string{"name", "description", "consent"} {
			out = append(out, shared{Name: name + "." + string(l), Label: "topic." + name})
		}
	}
	return out
}

func (s *screens) closeTopic(v *visit) error {
	t, err := v.topicOf()
	if err != nil {
		return err
	}
	next, err := s.module.Newsletters.Subscriptions.CloseTopic(v.ctx(), t.ID, t.Version)
	if err != nil {
		return err
	}
	text, _ := next.In(v.Locale.Language)
	v.toast(toast{Text: v.t("topic.closed.done", text.Name), Undo: v.link("/topics", t.ID.String(), "open")})
	return v.redirect(v.link("/topics"))
}

func (s *screens) openTopic(v *visit) error {
	t, err := v.topicOf()
	if err != nil {
		return err
	}
	next, err := s.module.Newsletters.Subscriptions.OpenTopic(v.ctx(), t.ID, t.Version)
	if err != nil {
		return err
	}
	text, _ := next.In(v.Locale.Language)
	v.done("topic.opened.done", text.Name)
	return v.redirect(v.link("/topics"))
}
