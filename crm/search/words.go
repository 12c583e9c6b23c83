package search

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/crmplus/crmplus/crm/party"
)

// Words beginning with these letters are made by us. party.Fold never leaves either, so nobody can ask for
// one.
const (
	// ownerMark begins a word that says whose the record is.
	ownerMark = "þ"
	// backwardsMark begins the digits of a phone number from the last to the first, so that what a number ends
	// with is found as a beginning.
	backwardsMark = "ð"
)

const (
	// maxWord is the most UTF-16 units of a word; longer ones are cut, in the index and in questions alike.
	maxWord = 40
	// maxWords is how many different words of one record are kept.
	maxWords = 80
)

// wordsOf gives the words that a field is found by.
func wordsOf(f field) []string {
	if f.in == InPhone {
		return phoneWords(f.text)
	}
	words := strings.Fields(party.Fold(f.text))
	for i, w := range words {
		words[i] = cut(w)
	}
	for _, w := range words {
		if t := latin(w); t != "" {
			words = append(words, t)
		}
	}
	if f.in == InTaxID {
		words = append(words, cut(digitsOf(f.text)))
	}
	return words
}

// latin is a folded word in Latin letters, "" where it already is, or has no Latin spelling.
func latin(word string) string {
	if t := party.Transliterate(word); t != word && !strings.Contains(t, " ") {
		return cut(t)
	}
	return ""
}

// phoneWords are a number with its country, without it, and backwards.
func phoneWords(number string) []string {
	digits := digitsOf(number)
	if digits == "" {
		return nil
	}
	words := []string{cut(digits), cut(backwardsMark + backwards(digits))}
	if strings.HasPrefix(number, "+") {
		// Written for people, the country code stands by itself.
		if _, national, ok := strings.Cut(party.FormatPhone(number), " "); ok {
			words = append(words, cut(digitsOf(national)))
		}
	}
	return words
}

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

func backwards(digits string) string {
	b := []byte(digits)
	slices.Reverse(b)
	return string(b)
}

func cut(word string) string {
	if len(word) <= maxWord {
		return word
	}
	n := 0
	for i, r := range word {
		if n += utf16.RuneLen(r); n > maxWord {
			return word[:i]
		}
	}
	return word
}

// line is words as they are stored: each once, with a blank before and behind, so that a word that begins
// with x is found by " x".
func line(words []string, marks ...string) string {
	var b strings.Builder
	seen := make(map[string]bool, len(words))
	b.WriteByte(' ')
	for _, w := range words {
		if w == "" || seen[w] || len(seen) == maxWords {
			continue
		}
		seen[w] = true
		b.WriteString(w)
		b.WriteByte(' ')
	}
	for _, m := range marks {
		b.WriteString(m)
		b.WriteByte(' ')
	}
	return b.String()
}

// The ways in which a record belongs to somebody.
const (
	toCompany = ""
	toUser    = "u"
	toTeam    = "t"
	toNobody  = "-"
)

var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// mark is the word of all records of a kind that belong to a company, a user of it, a team, or nobody. Two
// owners sharing a mark would only cost time: what is found is held against the record's own guard.
func mark(company string, kind Kind, way, owner string) string {
	sum := sha256.Sum256([]byte(company + "\x00" + string(kind) + "\x00" + way + "\x00" + owner))
	return ownerMark + letters.EncodeToString(sum[:6])
}

// words are all words of a record: of its fields, and of those it belongs to.
func (d *doc) words() string {
	var words []string
	for _, f := range d.fields {
		words = append(words, wordsOf(f)...)
	}
	marks := []string{mark(d.company, d.kind, toCompany, "")}
	if d.user != "" {
		marks = append(marks, mark(d.company, d.kind, toUser, d.user))
	}
	if d.team != "" {
		marks = append(marks, mark(d.company, d.kind, toTeam, d.team))
	}
	if d.user == "" && d.team == "" {
		marks = append(marks, mark(d.company, d.kind, toNobody, ""))
	}
	return line(words, marks...)
}
