package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// feedView is what colleagues say to each other about an opportunity.
type feedView struct {
	ID       opportunity.ID
	Form     *input
	Comments []feedEntry
	// Colleagues can be told by a comment.
	Colleagues []option
	Write      bool
	// More asks for older ones.
	More string
}

type feedEntry struct {
	By    string
	At    time.Time
	Parts []feedPart
}

// feedPart is a piece of a comment; the mention of a colleague is his name.
type feedPart struct {
	Text    string
	Mention bool
}

func (v *visit) feed(card opportunity.Card, refused *input) (feedView, error) {
	return v.feedOf(card.ID, card.Feed, refused)
}

func (v *visit) feedOf(id opportunity.ID, feed opportunity.Feed, refused *input) (feedView, error) {
	d := feedView{ID: id, Form: refused, Write: v.may(actor.OpportunityWrite)}
	if d.Form == nil {
		d.Form = v.blank("body", "", "tell", "")
	}
	names, err := v.names()
	if err != nil {
		return d, err
	}
	all, err := v.colleagues()
	if err != nil {
		return d, err
	}
	d.Colleagues = []option{{Label: v.t("deal.feed.nobody")}}
	for _, u := range all {
		if u.ID != v.Actor.UserID {
			d.Colleagues = append(d.Colleagues, option{Value: u.ID, Label: u.Name})
		}
	}
	for _, c := range feed.Comments {
		d.Comments = append(d.Comments, feedEntry{By: nameIn(names, c.CreatedBy), At: c.CreatedAt, Parts: mentioned(c.Body, c.Mentions, names)})
	}
	if feed.Next != "" {
		d.More = withValues(v.link("/opportunities", id.String(), "feed"), map[string][]string{"after": {feed.Next}})
	}
	return d, nil
}

// mentioned takes a comment apart, so that colleagues stand in it by their names.
func mentioned(body string, users []string, names map[string]string) []feedPart {
	parts := []feedPart{{Text: body}}
	for _, user := range users {
		for _, mark := range []string{"@[" + user + "]", "@" + user} {
			var out []feedPart
			for _, p := range parts {
				if p.Mention {
					out = append(out, p)
					continue
				}
				for i, piece := range strings.Split(p.Text, mark) {
					if i > 0 {
						out = append(out, feedPart{Text: nameIn(names, user), Mention: true})
					}
					if piece != "" {
						out = append(out, feedPart{Text: piece})
					}
				}
			}
			parts = out
		}
	}
	return parts
}

func (s *screens) showFeed(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	if !v.part() {
		return v.redirect(v.link("/opportunities", id.String()))
	}
	after := v.r.URL.Query().Get("after")
	feed, err := v.module().Opportunities.Comments(v.ctx(), id, store.Page{After: after, Limit: 30})
	if err != nil {
		return err
	}
	d, err := v.feedOf(id, feed, nil)
	if err != nil {
		return err
	}
	part := "feed"
	if after != "" || v.r.URL.Query().Get("list") != "" {
		part = "comments"
	}
	return v.fill(http.StatusOK, "opportunity_card", part, d)
}

// comment adds to the feed; a colleague chosen in the list is mentioned in it.
func (s *screens) comment(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	body := f.text("body")
	if user := f.text("tell"); user != "" && body != "" {
		mark := "@[" + user + "]"
		if !strings.ContainsAny(user, " ,()") {
			mark = "@" + user
		}
		if !strings.Contains(body, mark) {
			body = mark + " " + body
		}
	}
	if _, err = v.module().Opportunities.Comment(v.ctx(), id, body); err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		if v.part() {
			feed, err := v.module().Opportunities.Comments(v.ctx(), id, store.Page{Limit: 30})
			if err != nil {
				return err
			}
			d, err := v.feedOf(id, feed, f)
			if err != nil {
				return err
			}
			return v.fill(http.StatusUnprocessableEntity, "opportunity_card", "feed", d)
		}
		return s.drawOpportunity(v, http.StatusUnprocessableEntity, id, opportunityForms{Feed: f})
	}
	if v.part() {
		feed, err := v.module().Opportunities.Comments(v.ctx(), id, store.Page{Limit: 30})
		if err != nil {
			return err
		}
		d, err := v.feedOf(id, feed, nil)
		if err != nil {
			return err
		}
		return v.fill(http.StatusOK, "opportunity_card", "feed", d)
	}
	return v.redirect(v.link("/opportunities", id.String()))
}
