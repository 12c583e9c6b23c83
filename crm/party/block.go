package party

import (
	"slices"
	"unicode/utf8"
)

// BlockKeys gives at most two short keys, such that the names of one person or company share one of
// them even when words are swapped or one has a typing error. They are stored in an index; whoever
// looks for duplicates reads the rows that share a key, and scores them with [Compare].
//
// The first key holds the beginnings of all words, the second the ends: an error at one end of a
// word leaves the other key whole. Words are as in [NameKey]; of more than four, four are used.
//
// Over generated names in five languages with one random typing error, 98 of 100 people and 98 of
// 100 companies share a key with the right name, all of them where words are only swapped; about
// six times as many people share a key as have the very name (TestBlockKeysRecall prints both).
func BlockKeys(text string) []string {
	var buf [256]byte
	var room [32][]byte
	words := distinctive(splitWords(room[:0], appendFold(buf[:0], text)))
	if len(words) == 0 {
		return nil
	}
	heads, tails := make([]string, len(words)), make([]string, len(words))
	n := blockLength(len(words))
	for i, w := range words {
		heads[i], tails[i] = string(headRunes(w, n)), string(tailRunes(w, n))
	}
	return []string{"<" + joinBlocks(heads), ">" + joinBlocks(tails)}
}

const blockWords = 4

// blockLength is the number of letters of each word that go into a key. It must not depend on the
// length of the word: a letter too many would then change both keys.
func blockLength(words int) int {
	if words == 1 {
		return 3
	}
	return 2
}

func headRunes(w []byte, n int) []byte {
	for i := range string(w) {
		if n == 0 {
			return w[:i]
		}
		n--
	}
	return w
}

func tailRunes(w []byte, n int) []byte {
	end := len(w)
	for ; n > 0 && end > 0; n-- {
		_, size := utf8.DecodeLastRune(w[:end])
		end -= size
	}
	return w[end:]
}

func joinBlocks(parts []string) string {
	slices.Sort(parts)
	return joinWords(parts[:min(len(parts), blockWords)]...)
}
