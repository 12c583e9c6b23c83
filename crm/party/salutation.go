package party

import (
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
)

// Gender is how a person is addressed, as far as it is known.
type Gender string

// The genders that forms of address differ by.
const (
	GenderUnknown Gender = ""
	Female        Gender = "f"
	Male          Gender = "m"
)

// Style is the tone of a letter.
type Style uint8

const (
	// Formal is for offers and contracts: "Tisztelt Kovács Úr!", "Dear Mr Berg,".
	Formal Style = iota
	// Friendly is for newsletters and people one knows: "Kedves Anna!", "Dear John,".
	Friendly
)

// Gender tells how the person is addressed, where the name makes it certain: by a title (Mr, Mrs,
// úr, κ., κα, г-н), a Russian patronymic, or a Hungarian name in -né. A given name alone tells
// nothing: Andrea is a woman in Hungary and a man in Italy.
func (n Name) Gender() Gender {
	for _, word := range strings.Fields(cut(n.Title, 4*nameLimit)) {
		switch key := titleKey(word); {
		case ladies[key] || key == "urno" || key == "asszony":
			return Female
		case gentlemen[key] || key == "ur":
			return Male
		}
	}
	switch {
	case isFemalePatronymic(n.Patronymic):
		return Female
	case isMalePatronymic(n.Patronymic):
		return Male
	}
	for _, word := range strings.Fields(cut(joinWords(n.Family, n.Given, n.Middle), 8*nameLimit)) {
		if isMarried(word) {
			return Female
		}
	}
	if titleKey(n.Suffix) == "ozv" {
		return Female
	}
	return GenderUnknown
}

// Salutation is the first line of a letter to the person, with its punctuation. With an unknown
// gender it takes what the name itself says (see [Name.Gender]), and else words that fit everybody;
// without a name it greets the partner. It never leaves a gap.
func (n Name) Salutation(lang locale.Language, gender Gender, style Style) string {
	n = n.cleaned()
	if gender == GenderUnknown {
		gender = n.Gender()
	}
	switch lang {
	case locale.Hungarian:
		return n.greetHungarian(gender, style)
	case locale.Russian:
		return n.greetRussian(gender, style)
	case locale.Greek:
		return n.greetGreek(gender, style)
	case locale.Hebrew:
		return n.greetHebrew(gender, style)
	}
	return n.greetEnglish(gender, style)
}

// cleaned makes parts that a host or a form set directly fit to be printed in one line.
func (n Name) cleaned() Name {
	for _, part := range []*string{&n.Title, &n.Given, &n.Middle, &n.Patronymic, &n.Particle, &n.Family, &n.Suffix, &n.Full} {
		*part = Clean(*part, nameLimit)
	}
	return n
}

// whole is the name without the titles that a form of address replaces and without suffixes.
func (n Name) whole(lang locale.Language) string {
	n.Suffix = ""
	n.Title = n.degree()
	return n.Display(lang)
}

// degree is what of the title is an academic or professional one, which is kept beside Mr or Úr.
func (n Name) degree() string {
	kept := ""
	for _, word := range strings.Fields(n.Title) {
		if key := titleKey(word); !ladies[key] && !gentlemen[key] && !addresses[key] {
			kept = joinWords(kept, word)
		}
	}
	return kept
}

func (n Name) familyName() string { return joinWords(n.Particle, n.Family) }

func (n Name) greetHungarian(gender Gender, style Style) string {
	switch {
	case style == Friendly && n.Given != "":
		return "Kedves " + n.Given + "!"
	case style == Formal && gender == Male && n.Family != "":
		return "Tisztelt " + joinWords(n.degree(), n.familyName()) + " Úr!"
	case n.whole(locale.Hungarian) == "" && style == Friendly:
		return "Kedves Partnerünk!"
	case n.whole(locale.Hungarian) == "" || n.Given == "" && n.Family != "":
		return "Tisztelt Partnerünk!" // the bare family name would be an order, not an address
	}
	return "Tisztelt " + n.whole(locale.Hungarian) + "!"
}

func (n Name) greetRussian(gender Gender, style Style) string {
	name := joinWords(n.Given, n.Patronymic)
	switch {
	case style == Friendly && n.Given != "":
		return "Здравствуйте, " + n.Given + "!"
	case name != "" && gender == Male:
		return "Уважаемый " + name + "!"
	case name != "" && gender == Female:
		return "Уважаемая " + name + "!"
	case name != "":
		return "Здравствуйте, " + name + "!"
	case n.Family != "" && gender == Male:
		return "Уважаемый господин " + n.familyName() + "!"
	case n.Family != "" && gender == Female:
		return "Уважаемая госпожа " + n.familyName() + "!"
	case n.Family == "" && n.Full != "":
		return "Здравствуйте, " + n.Full + "!"
	}
	return "Здравствуйте!"
}

func (n Name) greetGreek(gender Gender, style Style) string {
	switch {
	case style == Friendly && n.Given != "":
		return "Γεια σας " + vocativeGiven(n.Given) + ","
	case n.Family != "" && gender == Male:
		return "Αγαπητέ κύριε " + joinWords(n.Particle, vocative(n.Family)) + ","
	case n.Family != "" && gender == Female:
		return "Αγαπητή κυρία " + n.familyName() + ","
	case n.Given != "" && gender == Male:
		return "Αγαπητέ " + vocativeGiven(n.Given) + ","
	case n.Given != "" && gender == Female:
		return "Αγαπητή " + n.Given + ","
	case n.whole(locale.Greek) != "":
		return "Αγαπητέ/ή " + n.whole(locale.Greek) + ","
	}
	return "Αγαπητέ συνεργάτη,"
}

// vocative is the form in which a Greek family name is called: Παπαδόπουλε, Ιωαννίδη, Παππά.
func vocative(name string) string {
	for _, ending := range []struct{ from, to string }{
		{"ος", "ε"}, {"ός", "έ"}, {"ης", "η"}, {"ής", "ή"}, {"ας", "α"}, {"άς", "ά"},
		{"ΟΣ", "Ε"}, {"ΗΣ", "Η"}, {"ΑΣ", "Α"},
	} {
		if stem, ok := strings.CutSuffix(name, ending.from); ok && stem != "" {
			return stem + ending.to
		}
	}
	return name
}

// vocativeGiven calls by the given name: two syllables in -ος take -ο (Νίκο, Πέτρο), longer ones -ε
// (Γεώργιε, Αλέξανδρε).
func vocativeGiven(name string) string {
	if stem, ok := strings.CutSuffix(name, "ος"); ok && greekSyllables(stem) == 1 {
		return stem + "ο"
	}
	return vocative(name)
}

// greekSyllables counts groups of vowels, which is exact enough to tell one from several: ι and υ
// before another vowel are spoken with it in Γιώργος.
func greekSyllables(word string) int {
	count, inVowel := 0, false
	for _, r := range Fold(word) {
		vowel := strings.ContainsRune("αεηιουω", r)
		if vowel && !inVowel {
			count++
		}
		inVowel = vowel
	}
	return count
}

func (n Name) greetHebrew(gender Gender, style Style) string {
	switch {
	case style == Friendly && n.Given != "":
		return "שלום " + n.Given + ","
	case n.whole(locale.Hebrew) != "":
		return "שלום " + joinWords(n.hebrewAddress(gender), n.whole(locale.Hebrew)) + ","
	case gender == Male:
		return "נכבדי,"
	case gender == Female:
		return "נכבדתי,"
	}
	return "שלום רב,"
}

// hebrewAddress is מר or גב' where a bare family name needs one.
func (n Name) hebrewAddress(gender Gender) string {
	switch {
	case n.Given != "" || n.Family == "" || n.degree() != "":
		return ""
	case gender == Male:
		return "מר"
	case gender == Female:
		return "גב'"
	}
	return ""
}

func (n Name) greetEnglish(gender Gender, style Style) string {
	family := n.familyName()
	title := n.englishTitle(gender)
	switch {
	case style == Friendly && n.Given != "":
		return "Dear " + n.Given + ","
	case n.Family != "" && title != "":
		return "Dear " + title + " " + family + ","
	case n.whole(locale.English) != "":
		return "Dear " + n.whole(locale.English) + ","
	}
	return "Dear Sir or Madam,"
}

// englishTitle gives the one title that an English letter opens with: the academic one, else the
// one that was written, else by gender.
func (n Name) englishTitle(gender Gender) string {
	written := ""
	for _, word := range strings.Fields(n.Title) {
		switch titleKey(word) {
		case "prof", "professor", "проф", "פרופ", "καθ":
			return "Professor"
		case "dr", "др", "доктор", "δρ", "דר":
			return "Dr"
		case "mrs":
			written = "Mrs"
		case "miss":
			written = "Miss"
		}
	}
	switch {
	case written != "" && gender == Female:
		return written
	case gender == Male:
		return "Mr"
	case gender == Female:
		return "Ms"
	}
	return ""
}

// Greeting addresses whom a formal letter in a language goes to; a company has nobody's name in it.
func (p Party) Greeting(l locale.Language) string {
	var n Name
	if p.Kind == Person {
		n = p.Name()
	}
	return n.Salutation(l, p.Gender, Formal)
}
