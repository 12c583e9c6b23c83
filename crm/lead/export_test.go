package lead

import (
	"fmt"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// Fits holds the prepared texts against the widths of their columns.
func (p *Prepared) Fits() error {
	who := p.primary.Party
	for _, f := range []struct {
		name, text string
		limit      int
	}{
		{"organization", p.lead.Organization, 240}, {"source", p.touch.Source, 60}, {"medium", p.touch.Medium, 60}, {"term", p.touch.Term, 120},
		{"click_id", p.touch.ClickID, 160}, {"referrer", p.touch.Referrer, 400}, {"page", p.touch.Page, 400}, {"consent", p.touch.Consent, 1000},
		{"external_id", p.lead.ExternalID, 80}, {"interest", p.lead.Interest, 2 * interestLimit}, {"email", who.Email, 254}, {"phone", who.Phone, 40},
	} {
		if n := len(utf16.Encode([]rune(f.text))); n > f.limit {
			return fmt.Errorf("%s has %d characters, %d fit", f.name, n, f.limit)
		}
		if !utf8.ValidString(f.text) {
			return fmt.Errorf("%s is no text: %q", f.name, f.text)
		}
	}
	return nil
}

// Hangs reports whether an undone import looks at a column before it removes a lead or a party.
func Hangs(table, column string) bool {
	for _, h := range slices.Concat(leadHangers, partyHangers, ownHangers) {
		if h.table == table && h.column == column {
			return true
		}
	}
	return false
}

// SetWide has lists by name go along so many names of the company where there are as many leads as from, until it is
// called back.
func SetWide(from, names int) (back func()) {
	f, n := wideFrom, namesTried
	wideFrom, namesTried = from, names
	return func() { wideFrom, namesTried = f, n }
}
