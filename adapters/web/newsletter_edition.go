package web

import (
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
)

// editionRow is what a content was at a time.
type editionRow struct {
	ID, Subject, By string
	At              time.Time
	// Look is the address of its preview.
	Look string
	// Now says that the content is this.
	Now bool
}

// showEditions lists what the content that is being written was before.
func (e *contentEditor) showEditions(v *visit) error {
	all, err := v.s.module.Newsletters.Campaigns.Editions(v.ctx(), e.Campaign.ID)
	if err != nil || len(all) == 0 {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	at := place{e.Variant, e.Language}
	base := v.link("/campaigns", e.Campaign.ID.String(), "preview") + at.query() + "&edition="
	for _, one := range all {
		if one.Variant != at.Variant || one.Language != at.Language {
			continue
		}
		e.Editions = append(e.Editions, editionRow{
			ID: one.ID.String(), Subject: one.Subject, By: firstText(nameIn(names, one.SavedBy), one.SavedBy), At: one.SavedAt,
			Look: base + one.ID.String(), Now: len(e.Editions) == 0 && e.Kept,
		})
	}
	if len(e.Editions) == 1 && e.Kept { // there is nothing earlier
		e.Editions = nil
	}
	return nil
}

// restoreContent makes a content what it was in the edition that a button of the editor names.
func (s *screens) restoreContent(v *visit, c campaign.Campaign, f *input, edition string) error {
	back := v.link("/campaigns", c.ID.String(), "content") + f.placeOf(c).query()
	id, err := store.ParseKey[campaign.Edition](edition)
	if err != nil {
		return errNoPage
	}
	_, err = s.module.Newsletters.Campaigns.Restore(v.ctx(), c.ID, f.version("version"), id)
	switch {
	case err == nil:
		v.done("content.restored")
	case fault.CodeOf(err) == fault.Conflict && c.State == campaign.Draft:
		v.toast(toast{Text: v.t("content.restore.clash"), Bad: true})
	default:
		return err
	}
	return v.redirect(back)
}

// restoring is the edition that the pressed button of an editor wants back, "" where it is another button.
func restoring(f *input) string {
	edition, ok := strings.CutPrefix(f.text("do"), "restore:")
	if !ok {
		return ""
	}
	return edition
}

// shownContents are the contents that a preview shows: those of now, or one as it was in the edition that the address
// names.
func (v *visit) shownContents(c campaign.Campaign, edition string) ([]campaign.Content, error) {
	all := v.s.module.Newsletters.Campaigns
	contents, err := all.Contents(v.ctx(), c.ID)
	if err != nil || edition == "" {
		return contents, err
	}
	id, err := store.ParseKey[campaign.Edition](edition)
	if err != nil {
		return nil, errNoPage
	}
	e, err := all.Edition(v.ctx(), c.ID, id)
	if err != nil {
		return nil, err
	}
	return place{e.Variant, e.Language}.put(contents, campaign.Content{Variant: e.Variant, Language: e.Language, Subject: e.Subject, Design: e.Design}), nil
}
