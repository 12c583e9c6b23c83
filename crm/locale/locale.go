// Package locale is how a reader sees things: the language of texts, the order of names, the form
// of numbers, money and dates, the zone, and the order of sorted lists.
//
// Five languages are complete: Hungarian, English, Hebrew (right to left), Russian and Greek.
// Texts live in catalogues ([Texts]) beside the package that shows them; [Texts.Missing] is what
// their tests assert to be empty.
package locale

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Language is one of the five reader languages, an ISO 639-1 code.
type Language string

// The languages.
const (
	Hungarian Language = "hu"
	English   Language = "en"
	Hebrew    Language = "he"
	Russian   Language = "ru"
	Greek     Language = "el"
)

// Languages are all languages that texts exist in.
var Languages = []Language{Hungarian, English, Hebrew, Russian, Greek}

// ParseLanguage takes "hu", "hu-HU", "HU_hu"; unknown languages give English and false.
func ParseLanguage(s string) (Language, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if i := strings.IndexAny(s, "-_"); i > 0 {
		s = s[:i]
	}
	if s == "iw" { // the code that Java and old browsers send for Hebrew
		s = "he"
	}
	l := Language(s)
	if slices.Contains(Languages, l) {
		return l, true
	}
	return English, false
}

var names = map[Language]string{Hungarian: "Magyar", English: "English", Hebrew: "עברית", Russian: "Русский", Greek: "Ελληνικά"}

// Name is the language's own name, as its speakers write it; "" for one that is not of ours.
func (l Language) Name() string { return names[l] }

// RightToLeft reports whether the language is written from right to left.
func (l Language) RightToLeft() bool { return l == Hebrew }

// Country is the ISO 3166 code of the country a bare phone number or tax id is read in when
// nothing else says it.
func (l Language) Country() string {
	switch l {
	case Hungarian:
		return "HU"
	case Hebrew:
		return "IL"
	case Russian:
		return "RU"
	case Greek:
		return "GR"
	}
	return "GB"
}

// FamilyFirst reports whether full names are written family name first.
func (l Language) FamilyFirst() bool { return l == Hungarian }

// Locale is how one reader, or one company, sees things.
type Locale struct {
	Language Language
	// Zone is where business dates begin and end; nil means UTC.
	Zone *time.Location
	// Currency is the company's own, an ISO 4217 code.
	Currency string
}

// Location is the zone, UTC where none is set.
func (l Locale) Location() *time.Location {
	if l.Zone == nil {
		return time.UTC
	}
	return l.Zone
}

// Texts is a catalogue: key -> language -> text. Texts may hold fmt verbs.
type Texts map[string]map[Language]string

// T gives the text of a key in a language, in English where it is missing there, and the key
// itself where it is missing everywhere. With args it is formatted by fmt.
func (t Texts) T(l Language, key string, args ...any) string {
	if len(args) > 0 && (args[0] == 1 || args[0] == int64(1) || args[0] == "1") {
		if s := t[key+".one"][l]; s != "" {
			return s
		}
	}
	byLanguage := t[key]
	s, ok := byLanguage[l]
	if !ok {
		if s, ok = byLanguage[English]; !ok {
			return key
		}
	}
	if len(args) > 0 {
		return fmt.Sprintf(s, args...)
	}
	return s
}

// Missing lists "key (language)" for each text that does not exist or is empty, sorted.
func (t Texts) Missing() []string {
	var missing []string
	for _, key := range slices.Sorted(maps.Keys(t)) {
		for _, l := range Languages {
			if t[key][l] == "" {
				missing = append(missing, fmt.Sprintf("%s (%s)", key, l))
			}
		}
	}
	return missing
}

// Row builds one entry of a catalogue in the order of [Languages]: Hungarian, English, Hebrew,
// Russian, Greek.
func Row(hu, en, he, ru, el string) map[Language]string {
	return map[Language]string{Hungarian: hu, English: en, Hebrew: he, Russian: ru, Greek: el}
}
