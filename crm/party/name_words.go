package party

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// titleKey folds a word without its dots and quotes: "Dr." gives "dr", "ד\"ר" gives "דר", "Ph.D."
// gives "phd".
func titleKey(word string) string {
	if len(word) > 40 {
		return ""
	}
	return strings.ReplaceAll(Fold(word), " ", "")
}

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Split(list, ",") {
		set[titleKey(w)] = true
	}
	return set
}

// The words around a name, by what they say of the person.
var (
	titles = wordSet("dr,prof,professor,ing,mag,dipl,rev,habil,др,д-р,доктор,проф,δρ,καθ,ד\"ר,פרופ'")
	ladies = wordSet("mrs,ms,miss,г-жа,госпожа,κα,κυρία,δις,גב',גברת,frau,mme")
	// gentlemen holds κ too, the short form of κύριος; κα is the lady's.
	gentlemen = wordSet("mr,г-н,господин,κ,κος,κύριος,מר,אדון,herr")
	// addresses follow a Hungarian name: Kovács úr.
	addresses = wordSet("úr,úrnő,asszony")
	// namesakes stand before a Hungarian name and tell father from son.
	namesakes = wordSet("ifj,id,özv,legifj")
	suffixes  = wordSet("jr,sr,ii,iii,iv,phd,ph.d.,md,m.d.,mba,esq,dsc,cpa")

	// particles are taken as such in any case, lowerParticles only in lower case: they are also names.
	particles      = wordSet("von,van,de,der,den,di,du,del,della,dos,das,vom,zu,zur,בן,בר,אבן,בת")
	lowerParticles = wordSet("la,le,da,do,ten,ter,ben,bin,ibn,bint,al,el,af,av,y,e,dei,degli,d,фон,ван,де,бен,оглы")
)

func isParticle(word string) bool {
	key := titleKey(word)
	if particles[key] {
		return true
	}
	first, _ := utf8.DecodeRuneInString(word)
	return lowerParticles[key] && unicode.IsLower(first)
}

// isPatronymic reports a Russian отчество by its ending. Family names in -ович exist too; the order
// of the words decides.
func isPatronymic(word string) bool {
	return isMalePatronymic(word) || isFemalePatronymic(word)
}

func isMalePatronymic(word string) bool {
	w := Fold(word)
	return utf8.RuneCountInString(w) >= 5 && strings.HasSuffix(w, "ич")
}

func isFemalePatronymic(word string) bool {
	w := Fold(word)
	return hasAnySuffix(w, "овна", "евна", "ична", "инична")
}

// agree reports whether given name and patronymic can belong to one person: Анна Рабинович is a
// woman with a family name, Илья Петрович a man.
func agree(given, patronymic string) bool {
	if isFemalePatronymic(patronymic) {
		return true
	}
	w := Fold(given)
	return !hasAnySuffix(w, "а", "я") || maleInA[w]
}

// maleInA are Russian names of men that end like those of women.
var maleInA = wordSet("илья,никита,лука,фома,кузьма,данила,савва,гаврила,вавила,саша,женя,слава,миша,коля,ваня,петя,дима,леша,сережа")

// isRussianFamily reports an ending that Russian family names have and given names, but for those
// in givenInIn, have not.
func isRussianFamily(word string) bool {
	w := Fold(word)
	if utf8.RuneCountInString(w) < 4 || givenInIn[w] {
		return false
	}
	return hasAnySuffix(w, "ов", "ова", "ев", "ева", "ин", "ина", "ын", "ына", "ский", "ская", "цкий", "цкая",
		"енко", "чук", "дзе", "швили", "ых", "их")
}

// givenInIn are given names with the ending of a family name.
var givenInIn = wordSet("марина,ирина,екатерина,галина,полина,нина,алина,карина,арина,кристина,ангелина,валентина,валентин," +
	"константин,мартин,регина,сабина,антонина,вениамин,лев,катерина,злата,ева,акулина,августина,августин,марьина,эвелина,эльвина,северин,северина")

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) && len(s) > len(suffix) {
			return true
		}
	}
	return false
}
