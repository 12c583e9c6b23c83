package campaign

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/track"
)

// View is the letter of a reader as a page, with his own greeting and links, for those whose mail program does not
// show it; the token is that of its link (track.View). fault.NotFound where there is no such letter, or not any
// more. Nothing is counted by it.
func (t Tracked) View(ctx context.Context, keys *track.Keys, token string) ([]byte, error) {
	read, err := keys.Read(track.View, token)
	if err != nil {
		return nil, err
	}
	row, err := t.Campaigns.Numbered(ctx, read.Campaign)
	if err != nil {
		return nil, err
	}
	reader, err := t.Campaigns.Reader(ctx, read)
	if err != nil {
		return nil, err
	}
	ctx = actor.With(ctx, actor.System(row.Company, "view"))
	return store.Read(ctx, t.Campaigns.db, Read, func(ctx context.Context, s *store.Session) ([]byte, error) {
		contents, err := contentsOf(ctx, s, row.ID)
		if err != nil {
			return nil, err
		}
		content, ok := contentFor(contents, row, reader)
		if !ok {
			return nil, fault.New(fault.NotFound, "campaign %d has nothing to show", row.Number)
		}
		return t.Letters.page(ctx, s, row, content, reader)
	})
}

// contentFor is what a reader got: his variant in his language, else in the campaign's.
func contentFor(contents []Content, row Campaign, reader Recipient) (found Content, ok bool) {
	variant := reader.Variant
	if variant == "" {
		variant = row.Winner
	}
	for _, language := range []bool{true, false} {
		for _, c := range contents {
			if (variant == "" || c.Variant == variant) && (language && c.Language == reader.Language || !language && c.Language == row.Language) {
				return c, true
			}
		}
	}
	return found, false
}

// page is the HTML of a letter as its reader got it, without the picture that counts.
func (l *Letters) page(ctx context.Context, s *store.Session, c Campaign, p Content, r Recipient) ([]byte, error) {
	composed, err := l.Compose(ctx, s, c, p)
	if err != nil {
		return nil, err
	}
	d := composed.(*designed)
	list, err := d.Load(ctx, s, []Recipient{r})
	if err != nil {
		return nil, err
	}
	if list[0].Err != nil {
		return nil, list[0].Err
	}
	return d.programs.HTML.Append(nil, list[0].Recipient.HTML, list[0].Recipient.Link), nil
}
