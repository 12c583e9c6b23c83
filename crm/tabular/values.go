package tabular

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/crmplus/crmplus/crm/locale"
)

// look tells which share of the values has the look of each field.
func look(values []string) map[Field]float64 {
	counts := map[Field]int{}
	days, births := 0, 0
	for _, v := range values {
		v = strings.TrimSpace(v)
		switch {
		case isEmail(v):
			counts[Email]++
		case isWebsite(v):
			counts[Website]++
		case isDate(v):
			days++
			if year := yearOf(v); year > 1900 && year < time.Now().Year()-15 {
				births++
			}
		case isTaxID(v):
			counts[TaxID]++
			if isPhone(v) {
				counts[Phone]++
			}
		case isPhone(v):
			counts[Phone]++
		case isCompany(v):
			counts[Company]++
		case isPersonName(v):
			counts[FullName]++
		}
	}
	counts[CreatedAt] = days
	if births*2 > days {
		counts[BirthDate] = days
	}
	shares := make(map[Field]float64, len(counts))
	for f, n := range counts {
		if n > 0 {
			shares[f] = float64(n) / float64(len(values))
		}
	}
	return shares
}

var (
	emailForm   = regexp.MustCompile(`^[^\s@<>",;]+@[^\s@<>",;]+\.[\p{L}]{2,}$`)
	websiteForm = regexp.MustCompile(`^(?i)(https?://\S+|www\.\S+\.\S+|[a-z0-9-]+(\.[a-z0-9-]+)*\.(hu|com|eu|net|org|ru|gr|il|io|de|at|cy|uk))/?$`)
	phoneForm   = regexp.MustCompile(`^\+?[\d\s()/.\x{a0}-]{6,24}$`)
	dateForm    = regexp.MustCompile(`^(\d{4}[-./]\s?\d{1,2}[-./]\s?\d{1,2}\.?|\d{1,2}[-./]\s?\d{1,2}[-./]\s?(\d{4}|\d{2}))([ T]+\d{1,2}:\d{2}.*)?$`)
	// Hungarian adószám 12345678-2-41, EU VAT numbers of the five countries, INN of 10 and 12 digits,
	// AFM and Israeli company numbers of 9 digits.
	taxForm = regexp.MustCompile(`^(\d{8}-\d-\d{2}|(HU\d{8}|EL\d{9}|GB\d{9}|CY\d{8}[A-Z])|\d{9}|\d{10}|\d{12})$`)
)

func isEmail(v string) bool { return len(v) <= 254 && emailForm.MatchString(v) }

func isWebsite(v string) bool { return len(v) <= 500 && websiteForm.MatchString(v) }

func isDate(v string) bool { return len(v) <= 40 && dateForm.MatchString(v) }

// isTaxID looks at the form only: the check digits are the business of who stores the number.
func isTaxID(v string) bool { return taxForm.MatchString(v) && (v[0] != '0' || len(v) == 9) }

func isPhone(v string) bool {
	if !phoneForm.MatchString(v) || isDate(v) {
		return false
	}
	digits := 0
	for _, r := range v {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	written := strings.ContainsAny(v, "+ ()/-") || v[0] == '0'
	return digits >= 7 && digits <= 15 && (written || digits >= 9)
}

// isNumeric reports whether a value is made of digits and what surrounds them: numbers, dates,
// amounts with a currency.
func isNumeric(v string) bool {
	digits := 0
	for _, r := range v {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsLetter(r):
			return false
		}
	}
	return digits > 0
}

func yearOf(date string) int {
	year, digits := 0, 0
	for _, r := range date + " " {
		if r >= '0' && r <= '9' {
			year, digits = year*10+int(r-'0'), digits+1
			continue
		}
		if digits == 4 {
			return year
		}
		year, digits = 0, 0
	}
	return 0
}

// legalForms of companies, folded, in the countries of the five languages.
var legalForms = []string{
	"kft", "zrt", "bt", "nyrt", "rt", "kkt", "ev", "ltd", "limited", "llc", "inc", "plc", "gmbh", "corp", "ag",
	"ооо", "оао", "зао", "пао", "ао", "ип", "αε", "επε", "οε", "εε", "ικε", "בעמ",
}

func isCompany(v string) bool {
	words := strings.Fields(v)
	if len(words) < 2 || len(words) > 10 {
		return false
	}
	first, _ := fold(words[0])
	last, _ := fold(words[len(words)-1])
	return slices.Contains(legalForms, last) || slices.Contains(legalForms, first)
}

// isPersonName takes two to four words of letters that begin with capitals, where the script has
// them.
func isPersonName(v string) bool {
	words := strings.Fields(v)
	if len(words) < 2 || len(words) > 4 {
		return false
	}
	for _, w := range words {
		for i, r := range w {
			if i == 0 && unicode.IsLower(r) || !unicode.IsLetter(r) && r != '.' && r != '-' && r != '\'' {
				return false
			}
		}
	}
	return true
}

// GuessLanguage says which of the five languages a file is in, that is, how its dates and decimal
// marks are to be read. The names of the columns count most, then the letters of the values, then
// country codes of phones and addresses. English where nothing speaks.
func GuessLanguage(header []string, sample []Row) locale.Language {
	score := map[locale.Language]float64{}
	for _, name := range header {
		found := lookUp(name)
		spoken := map[locale.Language]bool{}
		for _, m := range found.meanings {
			spoken[m.language] = true
		}
		// A name that means something in all languages ("email") says nothing about any.
		for l := range spoken {
			score[l] += 3 / float64(len(spoken))
		}
		countLetters(name, 1, score)
	}
	weight := 0.3
	if len(sample) > 0 {
		weight = min(weight, 6/float64(len(sample)))
	}
	for _, row := range sample {
		for _, cell := range row.Cells {
			countLetters(cell, weight, score)
			countTraces(strings.ToLower(strings.TrimSpace(cell)), weight, score)
		}
	}
	best := locale.English
	for _, l := range locale.Languages {
		if score[l] > score[best] {
			best = l
		}
	}
	return best
}

// countLetters counts a text for the language its letters belong to alone.
func countLetters(text string, weight float64, score map[locale.Language]float64) {
	for _, r := range text {
		if r < 0x80 {
			continue
		}
		switch {
		case strings.ContainsRune("őűŐŰ", r):
			score[locale.Hungarian] += 2 * weight
		case strings.ContainsRune("áéíóöüúÁÉÍÓÖÜÚ", r):
			score[locale.Hungarian] += weight
		case unicode.Is(unicode.Cyrillic, r):
			score[locale.Russian] += weight
		case unicode.Is(unicode.Greek, r):
			score[locale.Greek] += weight
		case unicode.Is(unicode.Hebrew, r):
			score[locale.Hebrew] += weight
		default:
			continue
		}
		return
	}
}

var (
	hungarianDate = regexp.MustCompile(`^\d{4}\.\s?\d{1,2}\.\s?\d{1,2}\.?( |$)`)
	traces        = []struct {
		prefix, suffix string
		language       locale.Language
	}{
		{"+36", ".hu", locale.Hungarian}, {"+972", ".il", locale.Hebrew}, {"+7", ".ru", locale.Russian},
		{"+30", ".gr", locale.Greek}, {"+44", ".uk", locale.English}, {"+1 ", ".us", locale.English},
	}
)

// countTraces counts phone prefixes, domains and the Hungarian way to write dates.
func countTraces(cell string, weight float64, score map[locale.Language]float64) {
	for _, t := range traces {
		if strings.HasPrefix(cell, t.prefix) || strings.HasSuffix(cell, t.suffix) {
			score[t.language] += weight
		}
	}
	if len(cell) < 24 && hungarianDate.MatchString(cell) {
		score[locale.Hungarian] += weight
	}
}
