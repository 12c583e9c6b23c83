package mail

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// LetterPrefix begins the keys of the letters that a company words for its rules, rule.<noun>.<name>: templates like those
// of any [Purpose], in as many languages as the company writes, without built-in words. A rule sends one in the language
// of whom it goes to.
const LetterPrefix = "rule."

// Letter is the key of a letter about records of a noun; a letter about a party suits records of every noun, since each of
// them has one.
func Letter(noun, name string) string { return LetterPrefix + noun + "." + name }

// everybody is the noun whose letters suit all records.
const everybody = "party"

// mostKey is how many characters the key of a letter has at most.
const mostKey = 40

// ReadLetter takes the key of a letter apart.
func ReadLetter(key string) (noun, name string, is bool) {
	rest, is := strings.CutPrefix(key, LetterPrefix)
	noun, name, found := strings.Cut(rest, ".")
	return noun, name, is && found
}

// letterFields are what every letter can merge in.
var letterFields = []string{"reader.greeting", "reader.name", "owner.name", "owner.email"}

// letter is the purpose of a letter of the company's own.
func (m *Mails) letter(key string) (Purpose, error) {
	noun, name, _ := ReadLetter(key)
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -_", r)
	}
	if strings.TrimSpace(name) != name || name == "" || utf16Length(key) > mostKey || strings.ContainsFunc(name, odd) {
		var faults fault.List
		faults.Add("purpose", "name.form", "%.60q is no name of a letter; write at most %d letters, digits and blanks", name, mostKey-len(Letter(noun, "")))
		return Purpose{}, faults.Err("there is no such template")
	}
	p := Purpose{Key: key, Own: slices.Compact([]string{noun, everybody})}
	for _, field := range letterFields {
		p.Fields = append(p.Fields, Field{Name: field, Label: Texts["field."+field]})
	}
	p.more = func(ctx context.Context, s *store.Session) ([]Field, error) { return m.config.Letters(ctx, s, noun) }
	return p, nil
}

// letterRow is what is read of the templates of letters.
type letterRow struct {
	Purpose  string          `bun:"purpose"`
	Language locale.Language `bun:"language"`
}

// Letters gives the keys of the letters that the company has worded for its rules, by their names. It needs
// actor.ActivityRead.
func (m *Mails) Letters(ctx context.Context) ([]string, error) {
	return store.Read(ctx, m.db, actor.ActivityRead, func(ctx context.Context, s *store.Session) ([]string, error) {
		return letters(ctx, s, "")
	})
}

// letters are the keys of the company's letters that suit records of a noun, all of them for "".
func letters(ctx context.Context, s *store.Session, noun string) ([]string, error) {
	var rows []letterRow
	err := s.Query(ctx, &rows, store.From[Template]("t"), "SELECT DISTINCT t.purpose FROM crm_mail_template AS t WHERE {scope} AND t.purpose LIKE 'rule.%' ORDER BY t.purpose")
	var out []string
	for _, r := range rows {
		if of, _, is := ReadLetter(r.Purpose); is && (noun == "" || of == noun || of == everybody) {
			out = append(out, r.Purpose)
		}
	}
	return out, err
}

// wordsFor picks the words of a letter for a reader: in his language, else in the company's, else in English, else in the
// first that it is written in.
func wordsFor(ctx context.Context, s *store.Session, key string, languages ...locale.Language) (Template, error) {
	own, err := ownTemplates(ctx, s, key)
	if err != nil {
		return Template{}, err
	}
	for _, l := range append(append(languages, locale.English), locale.Languages...) {
		if t, written := own[l]; written {
			return t, nil
		}
	}
	_, name, _ := ReadLetter(key)
	return Template{}, fault.New(fault.Invalid, "the letter %q is not written in any language any more; word it again, or change the rule", name)
}
