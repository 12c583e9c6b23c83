package tabular

import (
	"math"
	"strings"
	"unicode"

	"github.com/crmplus/crmplus/crm/locale"
)

// model says how likely a byte above ASCII is in texts of one language in its code page.
type model struct {
	encoding Encoding
	language locale.Language
	// latin: letters above ASCII stand singly among ASCII letters; in the other scripts whole words
	// are made of them.
	latin bool
	// cost is the log likelihood of each byte from 0x80.
	cost [128]float64
	// runes are the bytes decoded.
	runes [128]rune
	// final letters stand only at the end of a word, inner letters never do, and bad initials never
	// begin one.
	final, inner, badInitial string
	// pairs are the usual pairs of letters, lower case.
	pairs string
	pair  map[[2]rune]bool
}

// The letters of each language in descending order of frequency in running text, then those that
// only occur at all. Rank decides the likelihood, which is all that short samples can bear out.
var models = []*model{
	newModel(model{encoding: Windows1250, language: locale.Hungarian, latin: true}, "éáöóőíüúű", "äšžčřěýçëôţşłćżđňľ"),
	newModel(model{encoding: Windows1252, latin: true}, "éáäöüèàçñóíß", "êôâîûëïåøæãõúùìòœšž"),
	newModel(model{encoding: Windows1251, language: locale.Russian, badInitial: "ьъы",
		pairs: "ст но то на ен ни ко ов ра ро ть пр го по ре ос ер не та ва ан ол ор ал ел во ка ли ло ск ев ин ми ет ит ив ом ат те ла од от мо ле да ар ма ри ед ол ам ся ки ск ий ия ая"},
		"оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъ", "ёіїєґ"),
	newModel(model{encoding: Windows1253, language: locale.Greek, final: "ς", inner: "σ",
		pairs: "ου τη αι το ει οι κα ερ ης ος ας αν εν στ τα πο με αρ ρο νο τι λο πα ια ιο ων σε ικ λη κο ις να μα αθ πό ρί ία ίο λα λι ντ ιώ γι ρα πρ σμ δη νι ισ"},
		"αοιετσνρκπμλυηςδγάόίήωχθέφβύξζώψ", "ϊϋΐΰ"),
	newModel(model{encoding: Windows1255, language: locale.Hebrew, final: "ךםןףץ", inner: "כמנצ",
		pairs: "ים של ית את יו לי בי הי וי ור מי אי וא רי הו ני יי לו ות נו שי הא דו כו בו רו מו יר ול ון ין אל הל מה כה הן חי שר בע רה תל זו לא דה אב אר"},
		"יוהלארתמבשנעםדחקפכןגטצסזךףץ", ""),
}

// Log likelihoods beside those by rank.
const (
	unknownLetter = -9.0  // a letter or sign that texts of the language do not have
	undefinedByte = -14.0 // a byte without meaning in the code page
	signByte      = -5.0  // typographic quotes, dashes, the euro: about as frequent everywhere
	rareLetter    = -6.5
)

func newModel(m model, frequent, rare string) *model {
	page := codePages[m.encoding]
	m.pair = map[[2]rune]bool{}
	for pair := range strings.FieldsSeq(m.pairs) {
		letters := []rune(pair)
		m.pair[[2]rune{letters[0], letters[1]}] = true
	}
	likely := map[rune]float64{}
	letters := []rune(frequent)
	var sum float64
	for i := range letters {
		sum += rankWeight(i)
	}
	for i, r := range letters {
		likely[r] = math.Log(rankWeight(i) / sum)
	}
	for _, r := range rare {
		likely[r] = rareLetter
	}
	for i := range m.cost {
		r := page.DecodeByte(byte(i + 0x80))
		m.runes[i] = r
		lower := unicode.ToLower(r)
		cost, ok := likely[lower]
		switch {
		case r == unicode.ReplacementChar || unicode.IsControl(r):
			m.cost[i] = undefinedByte
		case ok && lower != r:
			m.cost[i] = cost
		case ok:
			m.cost[i] = cost
		case unicode.IsLetter(r) || unicode.IsMark(r):
			m.cost[i] = unknownLetter
		case r == 'Ά' || r == '\u00a0' || r >= 0x2000 && r < 0x2100 || r == '§' || r == '«' || r == '»' || r == '°' || r == '№' || r == '·':
			m.cost[i] = signByte
		default:
			m.cost[i] = unknownLetter
		}
	}
	return &m
}

// rankWeight falls as letter frequencies do: slowly, then fast.
func rankWeight(rank int) float64 { return math.Exp(-float64(rank) / 9) }

// score is the log likelihood of the sample's bytes above ASCII.
func (m *model) score(sample []byte) float64 {
	total := 0.0
	for i, b := range sample {
		if b < 0x80 {
			continue
		}
		total += m.cost[b-0x80]
		r := m.runes[b-0x80]
		if !unicode.IsLetter(r) {
			continue
		}
		before, after := m.at(sample, i-1), m.at(sample, i+1)
		total += m.beside(before) + m.beside(after)
		total += letterCase(r, before)
		if !m.latin && unicode.IsLetter(before) {
			if m.pair[[2]rune{unicode.ToLower(before), unicode.ToLower(r)}] {
				total += 0.8
			} else {
				total -= 0.4
			}
		}
		endsWord := !unicode.IsLetter(after) && after != '"' && after != '\''
		total += m.place(r, unicode.IsLetter(before), endsWord)
	}
	return total
}

// letterCase weighs capitals: as likely as not at the beginning of a word, unlikely within one, and
// absurd after a small letter. Hebrew has none and pays nothing.
func letterCase(r, before rune) float64 {
	switch upper := unicode.IsUpper(r); {
	case !upper && !unicode.IsLower(r):
		return 0
	case !unicode.IsLetter(before):
		return -0.7
	case !upper:
		return -0.1
	case unicode.IsLower(before):
		return -4
	default:
		return -1.5
	}
}

// place weighs letters that are bound to a place in the word.
func (m *model) place(r rune, inWord, endsWord bool) float64 {
	for _, f := range m.final {
		if r == f && !endsWord {
			return -5
		}
	}
	for _, f := range m.inner {
		if r == f && endsWord {
			return -4
		}
	}
	for _, f := range m.badInitial {
		if unicode.ToLower(r) == f && !inWord {
			return -4
		}
	}
	return 0
}

// beside weighs a neighbour of a letter above ASCII.
func (m *model) beside(r rune) float64 {
	ascii := r < 0x80
	switch {
	case !unicode.IsLetter(r):
		return -1
	case ascii == m.latin:
		return -0.3
	case m.latin:
		return -3 // two accented letters in a row: "Eötvösné őr" is rare, "éá" rarer
	default:
		return -4 // a Latin letter within a Greek, Russian or Hebrew word
	}
}

func (m *model) at(sample []byte, i int) rune {
	switch {
	case i < 0 || i >= len(sample):
		return ' '
	case sample[i] < 0x80:
		return rune(sample[i])
	}
	return m.runes[sample[i]-0x80]
}
