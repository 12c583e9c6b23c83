package api

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// Topic is something that readers subscribe to.
type Topic struct {
	ID          ID                   `json:"id"`
	Version     int64                `json:"version"`
	Channel     string               `json:"channel" enum:"email,sms"`
	Code        string               `json:"code" example:"price-news"`
	Offer       string               `json:"offer" enum:"public,staff" doc:"public: readers find it on their preference page, and strangers may ask for it."`
	Position    int                  `json:"position"`
	TextVersion int                  `json:"text_version" doc:"Counts the versions of the texts; old ones are kept, because readers agreed to them."`
	Texts       map[string]TopicText `json:"texts" doc:"By language: hu, en, he, ru, el."`
	ClosedAt    time.Time            `json:"closed_at,omitzero" doc:"Set where it takes no more subscribers."`
	CreatedAt   time.Time            `json:"created_at"`
	UpdatedAt   time.Time            `json:"updated_at"`
}

// TopicText is how a topic presents itself in one language.
type TopicText struct {
	Name        string `json:"name" maxLength:"120"`
	Description string `json:"description,omitempty" maxLength:"1000"`
	Consent     string `json:"consent,omitempty" maxLength:"2000" doc:"What a reader agrees to, word by word; left out of a request it becomes the usual sentence."`
}

// TopicDraft is a topic as people write it.
type TopicDraft struct {
	Channel  string               `json:"channel,omitempty" enum:"email,sms" doc:"email where it is left out; it stays once the topic is there."`
	Code     string               `json:"code" maxLength:"40" doc:"Lower-case letters, digits and hyphens, unique in the company; it stays once the topic is there." example:"price-news"`
	Offer    string               `json:"offer,omitempty" enum:"public,staff" doc:"public where it is left out."`
	Position int                  `json:"position,omitempty" minimum:"0" maximum:"100000"`
	Texts    map[string]TopicText `json:"texts" doc:"By language; one at least."`
}

// TopicCount is how many subscriptions of a topic are in a state.
type TopicCount struct {
	TopicID ID     `json:"topic_id"`
	State   string `json:"state" enum:"pending,active,unsubscribed,suppressed"`
	Count   int64  `json:"count"`
}

func topicOf(t subscription.Topic) Topic {
	out := Topic{
		ID: idOf(t.ID), Version: t.Version, Channel: string(t.Channel), Code: t.Code, Offer: string(t.Offer), Position: t.Position, TextVersion: t.TextVersion,
		Texts: map[string]TopicText{}, ClosedAt: t.ClosedAt, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
	}
	for l, text := range t.Texts {
		out.Texts[string(l)] = TopicText(text)
	}
	return out
}

func (d TopicDraft) draft() subscription.TopicDraft {
	texts := make(map[locale.Language]subscription.TopicText, len(d.Texts))
	for l, text := range maps.All(d.Texts) {
		texts[locale.Language(l)] = subscription.TopicText(text)
	}
	return subscription.TopicDraft{Channel: subscription.Channel(d.Channel), Code: d.Code, Offer: subscription.Offer(d.Offer), Position: d.Position, Texts: texts}
}

func topicID(id ID) subscription.TopicID { return keyOf[subscription.TopicTag](id) }

var topicNoun = noun[subscription.Topic, Topic]{topicOf, func(t subscription.Topic) (string, int64) { return t.ID.String(), t.Version }}

func (a *server) topics() {
	read, write := rights(subscription.Read), rights(subscription.Write)
	r := post("add-topic", "/topics", newsletterTag, "Add a topic that readers can subscribe to")
	r.Rights, r.Status = write, http.StatusCreated
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body TopicDraft }) (*Made[Topic], error) {
		t, err := n.Subscriptions.AddTopic(ctx, in.Body.draft())
		return topicNoun.made(ctx, t, err)
	}))
	r = get("list-topics", "/topics", newsletterTag, "List all topics by position, closed ones too")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, _ *struct{ Fields }) (*Listed[Topic], error) {
		all, err := n.Subscriptions.Topics(ctx)
		return listed(callOf(ctx), each(all, topicOf), ""), err
	}))
	r = get("count-subscribers", "/topics/counts", newsletterTag, "Count the subscriptions of each topic by state")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, _ *struct{}) (*Listed[TopicCount], error) {
		all, err := n.Subscriptions.Counts(ctx)
		return listed(callOf(ctx), each(all, func(c subscription.Count) TopicCount { return TopicCount{idOf(c.Topic), string(c.State), c.Count} }), ""), err
	}))
	r = get("get-topic", "/topics/{id}", newsletterTag, "Read a topic")
	r.Rights = read
	add(a, r, topicNoun.reads(func(ctx context.Context, n *newsletter.Newsletters, id ID) (subscription.Topic, error) {
		return n.Subscriptions.Topic(ctx, topicID(id))
	}))
	add(a, route{ID: "edit-topic", Method: http.MethodPut, Path: "/topics/{id}", Tag: newsletterTag, Rights: write, Summary: "Replace the offer, place and texts of a topic", Doc: "New texts are a new version: who agreed to the old ones has agreed to the old ones."},
		changes(topicNoun, func(ctx context.Context, n *newsletter.Newsletters, now subscription.Topic, b TopicDraft) (subscription.Topic, error) {
			return n.Subscriptions.ChangeTopic(ctx, now.ID, now.Version, b.draft())
		}))
	for _, step := range []struct {
		name, summary string
		do            func(*subscription.Subscriptions) func(context.Context, subscription.TopicID, int64) (subscription.Topic, error)
	}{
		{"close", "Let a topic take no more subscribers; those it has stay", func(s *subscription.Subscriptions) func(context.Context, subscription.TopicID, int64) (subscription.Topic, error) {
			return s.CloseTopic
		}},
		{"open", "Let a closed topic take subscribers again", func(s *subscription.Subscriptions) func(context.Context, subscription.TopicID, int64) (subscription.Topic, error) {
			return s.OpenTopic
		}},
	} {
		r := post(step.name+"-topic", "/topics/{id}/"+step.name, newsletterTag, step.summary)
		r.Rights = write
		add(a, r, matches(topicNoun, func(ctx context.Context, n *newsletter.Newsletters, now subscription.Topic) (subscription.Topic, error) {
			return step.do(n.Subscriptions)(ctx, now.ID, now.Version)
		}))
	}
}
