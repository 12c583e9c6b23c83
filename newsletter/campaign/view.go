package campaign

import (
	"cmp"
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
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
	if err := t.Campaigns.before(ctx); err != nil {
		return nil, err
	}
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

// contentFor is what a reader got: his variant, in the language that the sender chose for him.
func contentFor(contents []Content, row Campaign, reader Recipient) (found Content, ok bool) {
	variant := cmp.Or(reader.Variant, row.Winner)
	in := map[locale.Language]Content{}
	var has []locale.Language
	for _, c := range contents {
		if variant == "" || c.Variant == variant {
			if _, known := in[c.Language]; !known {
				in[c.Language], has = c, append(has, c.Language)
			}
		}
	}
	if len(has) == 0 {
		return found, false
	}
	return in[languageOf(has, reader.Language, row.Language)], true
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
