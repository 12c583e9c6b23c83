// Package setting keeps what people and companies set for their screens: saved views of lists, preferences
// of a user, lists of choices, texts of the company, and, where the host wants CRM+ to keep them, the rights
// of its users.
//
//	views, err := module.Settings.Views(ctx, "leads")
//	mine, err := module.Settings.Preferences(ctx)
//	reasons, err := module.Settings.Choices(ctx, setting.LostReasons)
//
// Nothing has to be set before it is used: a company without choices and texts of its own has the built-in
// ones in five languages, a user without preferences the zero ones. The first change writes them.
package setting

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Settings keeps the settings of all companies and users.
type Settings struct {
	db     *store.DB
	config Config
}

// Config is what the package is told by its surroundings.
type Config struct {
	// Words finds what is wrong with a text of the company beside its length, by the rules of what it is for; nil finds
	// nothing. Paths are "body".
	Words func(ctx context.Context, s *store.Session, t CompanyText) ([]fault.Fault, error)
}

// New makes a Settings on a database.
func New(db *store.DB, config Config) *Settings { return &Settings{db, config} }

// In gives a view that works inside an open session.
func (t *Settings) In(s *store.Session) *Settings { return &Settings{s.Inside(), t.config} }

// person is the user of the host who acts. Background jobs and the public have no views and preferences.
func person(s *store.Session) (string, error) {
	if id := s.Actor.HostUser(); id != "" {
		return id, nil
	}
	return "", fault.New(fault.Forbidden, "%s is no user of the host; only users have views and preferences", s.Actor.UserID)
}

// Words is a list of words without commas, stored with commas between them.
type Words []string

// Value joins the words.
func (w Words) Value() (driver.Value, error) { return strings.Join(w, ","), nil }

// Scan reads joined words.
func (w *Words) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case nil:
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("setting: cannot read words from %T", src)
	}
	*w = nil
	if text != "" {
		*w = strings.Split(text, ",")
	}
	return nil
}

// Equal reports whether both lists are the same, in the same order.
func (w Words) Equal(o Words) bool { return slices.Equal(w, o) }

// slug reports whether text is a name that programs give: a small letter, then letters, digits, points,
// dashes and underscores, at most n bytes.
func slug(text string, n int) bool {
	if text == "" || len(text) > n {
		return false
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z':
		case i > 0 && (c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return true
}

// checkWords adds a fault for each word that is none, for one that comes twice, and where they are too many.
func checkWords(faults *fault.List, path string, words []string, most int) {
	if len(words) > most {
		faults.Add(path, "list.length", "are %d, at most %d are kept; leave some out", len(words), most)
		return
	}
	seen := map[string]bool{}
	for i, w := range words {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case !slug(w, 40):
			faults.Add(at, "text.form", "%.40q is no name; give small letters, digits, points, dashes and underscores, at most 40", w)
		case seen[w]:
			faults.Add(at, "duplicate", "%q comes twice; leave one out", w)
		}
		seen[w] = true
	}
}

// checkText adds a fault where a text is no text or longer than n characters.
func checkText(faults *fault.List, path, text string, n int) {
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		faults.Add(path, "text.form", "holds bytes that are not text; remove them")
		return
	}
	units := 0
	for _, r := range text {
		units += utf16Units(r)
	}
	if units > n {
		faults.Add(path, "text.length", "is %d characters long, at most %d fit; shorten it", units, n)
	}
}

// utf16Units is how many characters NVARCHAR counts for a rune.
func utf16Units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}
