package party

import "strings"

// Transliterate folds a text (see [Fold]) and writes its Cyrillic and Greek letters in Latin ones,
// so that "Иванов" and "Ivanov" can be compared: Cyrillic in the way of passports (ICAO 9303, with
// y for й, ю, я), Greek after ELOT 743. Hebrew stays: without its vowels it has no Latin spelling.
// It is for scoring only; several spellings exist of most names.
func Transliterate(text string) string {
	folded := Fold(text)
	if isFolded(folded) {
		return folded
	}
	var b strings.Builder
	b.Grow(len(folded) + 8)
	before := ' '
	runes := []rune(folded)
	for i, r := range runes {
		to, known := latin[r]
		switch {
		case !known:
			b.WriteRune(r)
		case r == 'υ' && before == 'ο':
			b.WriteByte('u')
		case r == 'υ' && (before == 'α' || before == 'ε'):
			b.WriteByte('v')
		case r == 'μ' && before == ' ' && i+1 < len(runes) && runes[i+1] == 'π':
			// the initial μπ is written b, by the π
		case r == 'π' && before == 'μ' && (i < 2 || runes[i-2] == ' '):
			b.WriteByte('b')
		default:
			b.WriteString(to)
		}
		before = r
	}
	return Fold(b.String())
}

// latin maps folded Cyrillic and Greek letters.
var latin = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh",
	'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'і': "i", 'є': "ye", 'ґ': "g", 'ђ': "dj", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l",
	'μ': "m", 'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch",
	'ψ': "ps", 'ω': "o",
}
