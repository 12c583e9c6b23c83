package tabular

import (
	"cmp"
	"slices"

	"github.com/crmplus/crmplus/crm/locale"
)

// Reason says what a guess rests on.
type Reason string

// The reasons.
const (
	ByHeader     Reason = "header"      // the header is a known name of the field
	ByHeaderPart Reason = "header_part" // its main word is
	ByValues     Reason = "values"      // the values look like it
	ByBoth       Reason = "both"        // header and values agree
)

// ColumnGuess is what a column probably holds.
type ColumnGuess struct {
	// Column is the index into Header and Cells, from 0.
	Column int
	// Field is "" where nothing speaks for any field; the column is left out then.
	Field Field
	// Confidence is from 0 to 1. Below 0.5 a person should look.
	Confidence float64
	Reason     Reason
}

type candidate struct {
	ColumnGuess
	number int
}

// GuessMapping says for each column of the header what it holds, judged by its name in any of the
// five languages, names in lang first, and by the values of the sample. Fifty rows are enough. Each
// field is given to one column at most; a second e-mail address or phone becomes Email2 or Phone2.
func GuessMapping(header []string, sample []Row, lang locale.Language) []ColumnGuess {
	var candidates []candidate
	for i, name := range header {
		candidates = append(candidates, guessColumn(i, name, columnValues(sample, i), lang)...)
	}
	// The surest first. "Phone 2" comes after "Phone" and otherwise left before right.
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.number, b.number), cmp.Compare(a.Column, b.Column))
	})
	guesses := make([]ColumnGuess, len(header))
	for i := range guesses {
		guesses[i].Column = i
	}
	taken := map[Field]bool{}
	place := func(c candidate, field Field) {
		if field == "" || taken[field] || guesses[c.Column].Field != "" {
			return
		}
		taken[field] = true
		c.Field = field
		guesses[c.Column] = c.ColumnGuess
	}
	for _, c := range candidates {
		if c.number < 2 {
			place(c, c.Field)
		}
	}
	for _, c := range candidates {
		if c.Confidence >= 0.5 {
			place(c, second[c.Field])
		}
	}
	// "Phone 2" without a "Phone" is the phone all the same.
	for i := range guesses {
		for main, other := range map[Field]Field{Email: Email2, Phone: Phone2} {
			if guesses[i].Field == other && !taken[main] {
				guesses[i].Field, taken[main], taken[other] = main, true, false
			}
		}
	}
	return guesses
}

// guessColumn lists what one column may hold.
func guessColumn(column int, name string, values []string, lang locale.Language) []candidate {
	byName := lookUp(name)
	looks := look(values)
	var out []candidate
	add := func(f Field, confidence float64, reason Reason) {
		out = append(out, candidate{ColumnGuess{column, f, confidence, reason}, byName.number})
	}
	for _, m := range byName.meanings {
		confidence, reason := 0.89, ByHeader
		if byName.part {
			confidence, reason = 0.7, ByHeaderPart
		}
		if m.language == lang {
			confidence += 0.03
		}
		confidence += float64(min(byName.letters, 20)) / 2000
		checked := lookOf(m.field)
		switch {
		case checked == "" || len(values) == 0:
		case looks[checked] >= 0.5:
			confidence, reason = confidence+0.06, ByBoth
		case looks[checked] < 0.1:
			confidence -= 0.45
		}
		add(m.field, confidence, reason)
	}
	for field, share := range looks {
		if share < 0.6 || (len(byName.meanings) > 0 && field != Email && field != Phone) {
			continue
		}
		add(field, share*looksConfidence[field], ByValues)
	}
	return out
}

// lookOf is the look that values of the field must have, "" where any will do.
func lookOf(f Field) Field {
	switch f {
	case Email, Website, TaxID:
		return f
	case Phone, Mobile:
		return Phone
	case BirthDate, CreatedAt:
		return CreatedAt
	}
	return ""
}

// looksConfidence is how far values alone are trusted when all of them look alike.
var looksConfidence = map[Field]float64{
	Email: 0.85, Phone: 0.65, TaxID: 0.6, Website: 0.6, CreatedAt: 0.35, BirthDate: 0.4, Company: 0.55, FullName: 0.35,
}

// columnValues are the values of one column that are not empty.
func columnValues(sample []Row, column int) []string {
	var values []string
	for _, row := range sample {
		if row.Err == nil && column < len(row.Cells) && !blank(row.Cells[column:column+1]) {
			values = append(values, row.Cells[column])
		}
	}
	return values
}
