package opportunity

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// MaxComment is the longest comment in bytes, MaxMentions the most users that one can name.
const (
	MaxComment  = 16 << 10
	MaxMentions = 20
)

// Comment adds an entry to an opportunity's feed, open or closed. Who is named in it, as [Mentions]
// reads it, must be a user of the company. The opportunity's own version stays as it is, so that
// talking about it disturbs nobody who is editing it.
func (o *Opportunities) Comment(ctx context.Context, id ID, body string) (Comment, error) {
	return store.Write(ctx, o.db, actor.OpportunityWrite, func(ctx context.Context, s *store.Session) (Comment, error) {
		var row Opportunity
		if err := s.Get(ctx, &row, id); err != nil {
			return Comment{}, err
		}
		c := Comment{ID: store.NewKey[CommentTag](s), OpportunityID: id, Body: strings.TrimSpace(body)}
		if row.Company != s.Actor.Company {
			return c, fault.New(fault.Forbidden, "this opportunity belongs to company %s; change over to it to comment", row.Company)
		}
		var faults fault.List
		faults.Required("body", c.Body)
		if len(c.Body) > MaxComment {
			faults.Add("body", "text.length", "is %d bytes long, at most %d fit; shorten it", len(c.Body), MaxComment)
		} else if err := o.mention(ctx, s, &faults, &c); err != nil {
			return c, err
		}
		if err := faults.Err("the comment cannot be saved"); err != nil {
			return c, err
		}
		if err := s.Insert(ctx, &c); err != nil {
			return c, err
		}
		return c, event.Emit(ctx, s, event.Fact{
			Kind: EventCommented, Record: c.ID.Bytes(), Version: c.Version,
			Payload: Commented{Summary: row.summary(), CommentID: c.ID, By: c.CreatedBy, Body: c.Body, Mentions: c.Mentions},
		})
	})
}

func (o *Opportunities) mention(ctx context.Context, s *store.Session, faults *fault.List, c *Comment) error {
	c.Mentions = Mentions(c.Body)
	if len(c.Mentions) > MaxMentions || len(strings.Join(c.Mentions, ",")) > maxWords {
		faults.Add("body", "mention.count", "names %d users; at most %d can be told at once", len(c.Mentions), MaxMentions)
		return nil
	}
	unknown, err := o.unknownUsers(ctx, s, c.Mentions)
	for _, u := range unknown {
		faults.Add("body", "mention.unknown", "@%s is not a user of this company; correct the name, or put a blank behind the @", u)
	}
	return err
}

// Mentions finds the users named in a text, each once, in their order: an @ at the beginning of a
// word, then the user's id of letters, digits, and . _ - inside. Other ids are written in brackets:
// @[kovacs anna]. E-mail addresses name nobody.
func Mentions(body string) []string {
	var found []string
	before := ' '
	for i, r := range body {
		if r == '@' && !wordRune(before) && before != '@' {
			if u := mentioned(body[i+1:]); u != "" && !slices.Contains(found, u) {
				found = append(found, u)
			}
		}
		before = r
	}
	return found
}

func mentioned(rest string) string {
	if inside, ok := strings.CutPrefix(rest, "["); ok {
		id, _, closed := strings.Cut(inside, "]")
		if id = strings.TrimSpace(id); !closed || len(id) > 64 || strings.ContainsAny(id, ",\x00\n@") {
			return ""
		}
		return id
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return !wordRune(r) })
	if end < 0 {
		end = len(rest)
	}
	id := strings.Trim(rest[:end], ".-_")
	if len(id) > 256 {
		return ""
	}
	return id
}

// wordRune tells the characters of an id; combining marks belong to the letter before them.
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) && r != unicode.ReplacementChar || r == '.' || r == '_' || r == '-'
}

// Feed is one page of comments, the newest first.
type Feed struct {
	Comments []Comment `json:"comments"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// Comments reads an opportunity's feed.
func (o *Opportunities) Comments(ctx context.Context, id ID, page store.Page) (Feed, error) {
	return store.Read(ctx, o.db, actor.OpportunityRead, func(ctx context.Context, s *store.Session) (Feed, error) {
		var row Opportunity
		if err := s.Get(ctx, &row, id); err != nil {
			return Feed{}, err
		}
		return feedOf(ctx, s, id, page)
	})
}

func feedOf(ctx context.Context, s *store.Session, id ID, page store.Page) (Feed, error) {
	var f Feed
	q := s.Select(&f.Comments).Where("comment.opportunity_id = ?", id)
	if err := s.Paged(q, store.Order{Column: "comment.created_at", ID: "comment.id", Desc: true}, page).Scan(ctx); err != nil {
		return f, err
	}
	if n := len(f.Comments); n == page.Size() {
		f.Next = store.Cursor(f.Comments[n-1].CreatedAt, f.Comments[n-1].ID)
	}
	return f, nil
}
