package party

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// NameKey is the key by which two spellings of the name of one person or company are equal: folded
// (see [Fold]), without the legal form of a company and the title of a person, the words sorted.
// "Anna Kovács" and "Dr. Kovács Anna" have one key, so have "Minta Kft.", "MINTA K.f.t." and
// "Minta Korlátolt Felelősségű Társaság", "ООО Ромашка" and "Ромашка, ООО".
//
// A name of nothing but a legal form or a title keeps it. A word such as "AG" or "Bt" counts as a
// legal form only at the end, "АО" or "ИП" also at the beginning. Costs one allocation.
func NameKey(text string) string {
	var buf [256]byte
	var words [32][]byte
	kept := distinctive(splitWords(words[:0], appendFold(buf[:0], text)))
	slices.SortFunc(kept, bytes.Compare)
	var out [256]byte
	return string(appendWords(out[:0], kept))
}

// splitWords appends the words of a folded text to words, which point into folded.
func splitWords(words [][]byte, folded []byte) [][]byte {
	for len(folded) > 0 {
		n := bytes.IndexByte(folded, ' ')
		if n < 0 {
			return append(words, folded)
		}
		words = append(words, folded[:n])
		folded = folded[n+1:]
	}
	return words
}

// appendWords appends the words to dst with one blank between them.
func appendWords(dst []byte, words [][]byte) []byte {
	for i, w := range words {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, w...)
	}
	return dst
}

// place says where in a name a word is no part of it.
type place uint8

const (
	atStart place = 1 << iota
	atEnd
	anywhere
)

// longestForm is the number of words of the longest form in forms; written with dots each letter
// is a word.
const longestForm = 5

// distinctive removes titles and legal forms in place and gives what is left, or all of it where
// nothing would be.
func distinctive(words [][]byte) [][]byte {
	var room [32][]byte
	kept := append(room[:0], words...)
	kept = kept[leading(kept):]
	for i := 0; i < len(kept); {
		if n := formAt(kept[i:], anywhere); n > 0 {
			kept = slices.Delete(kept, i, i+n)
		} else {
			i++
		}
	}
	for n := trailing(kept); n > 0; n = trailing(kept) {
		kept = kept[:len(kept)-n]
	}
	if len(kept) == 0 {
		return words
	}
	return words[:copy(words, kept)]
}

// leading counts the words at the start that are titles or legal forms.
func leading(words [][]byte) int {
	skip := 0
	for {
		n := formAt(words[skip:], atStart)
		if n == 0 {
			return skip
		}
		skip += n
	}
}

// trailing counts the words of the legal form at the end.
func trailing(words [][]byte) int {
	for n := min(longestForm, len(words)); n > 0; n-- {
		if formAt(words[len(words)-n:], atEnd) == n {
			return n
		}
	}
	return 0
}

// formAt gives the number of words of the longest form that the words start with and that may
// stand at the place, or 0.
func formAt(words [][]byte, at place) int {
	if len(words) == 0 {
		return 0
	}
	longest := 1
	if utf8.RuneCount(words[0]) == 1 || formStarts[string(words[0])] {
		longest = min(longestForm, len(words))
	}
	var joined [128]byte
	for n := longest; n > 0; n-- {
		key := joined[:0]
		for _, w := range words[:n] {
			key = append(key, w...)
		}
		if forms[string(key)]&at != 0 {
			return n
		}
	}
	return 0
}

// forms maps titles and legal forms, folded and without blanks, to where they are none of the name.
var forms, formStarts = func() (map[string]place, map[string]bool) {
	byText, starts := map[string]place{}, map[string]bool{}
	add := func(at place, list string) {
		for _, form := range strings.Split(list, ",") {
			folded := Fold(form)
			first, _, several := strings.Cut(folded, " ")
			starts[first] = starts[first] || several
			byText[strings.ReplaceAll(folded, " ", "")] |= at
		}
	}
	// Hungarian, the act V of 2013 (Ptk.) and the act CXV of 2009 on sole traders.
	add(anywhere|atEnd, "kft,zrt,nyrt,kkt,kht,korlátolt felelősségű társaság,zártkörűen működő részvénytársaság,"+
		"nyilvánosan működő részvénytársaság,részvénytársaság,betéti társaság,közkereseti társaság,egyéni vállalkozó,egyéni cég")
	add(atEnd, "bt,ev,rt,ec")
	add(anywhere|atEnd, "ltd,limited,llc,llp,gmbh,pty,srl,sarl,spa,doo,spzoo,sp z oo,sro,aktiengesellschaft,"+
		"gesellschaft mit beschränkter haftung,incorporated")
	add(atEnd, "inc,corp,corporation,co,company,plc,ag,kg,ug,se,sa,sas,nv,bv,as,ab,oy,oyj,aps,dd,ad,eood,ood,ae,epe,ike,oe,pc")
	add(anywhere|atStart|atEnd, "ооо,зао,оао,пао,ooo,общество с ограниченной ответственностью,закрытое акционерное общество,"+
		"открытое акционерное общество,публичное акционерное общество,непубличное акционерное общество,акционерное общество,"+
		"индивидуальный предприниматель,тоо,тов")
	add(atStart|atEnd, "ао,ип,нко,sc")
	add(anywhere|atEnd, "επε,ικε,ανώνυμη εταιρεία,ανώνυμη εταιρία,εταιρεία περιορισμένης ευθύνης,ομόρρυθμη εταιρεία,"+
		"ετερόρρυθμη εταιρεία,ιδιωτική κεφαλαιουχική εταιρεία,μονοπρόσωπη")
	add(atEnd, "αε,οε,εε,αβεε,αεβε")
	add(anywhere|atEnd, "בע\"מ,בעמ,חברה בערבון מוגבל,בערבון מוגבל")
	add(atStart, "dr,prof,mr,mrs,ifj,özv,ד\"ר,פרופ,κ,κα,κος,δρ,г н,г жа,д р")
	return byText, starts
}()
