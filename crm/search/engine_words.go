package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/store"
)

// wordTable keeps one row for each word of each entry. It needs nothing of the database but an index.
type wordTable struct{}

func (wordTable) put(ctx context.Context, s *store.Session, kind Kind, ids []key) error {
	rows, err := entriesOf(ctx, s, kind, ids)
	if err != nil {
		return err
	}
	var words []wordRow
	for _, e := range rows {
		for _, w := range strings.Fields(e.Words) {
			words = append(words, wordRow{Kind: kind, Word: w, No: e.No})
		}
	}
	return s.InsertMany(ctx, &words)
}

func (wordTable) drop(ctx context.Context, s *store.Session, kind Kind, ids []key) error {
	rows, err := entriesOf(ctx, s, kind, ids)
	if err != nil {
		return err
	}
	for _, e := range rows {
		words := strings.Fields(e.Words)
		args := append([]any{kind, e.No}, anys(words)...)
		_, err := s.Exec(ctx, store.From[wordRow](""), "DELETE FROM crm_search_word WHERE {scope} AND kind = ? AND no = ? AND word IN ("+store.In(len(words))+")", args...)
		if err != nil {
			return fmt.Errorf("removing words: %w", err)
		}
	}
	return nil
}

// entriesOf reads the entries of records of a kind.
func entriesOf(ctx context.Context, s *store.Session, kind Kind, ids []key) ([]entry, error) {
	return query[entry](ctx, s, "search", "SELECT "+entryColumns+" FROM crm_search AS search WHERE {scope} AND search.kind = '"+string(kind)+"' AND search.record_id", ids)
}

// few is how many entries are read at once and put in order.
const few = 1000

// span is a part of the words in their order: those that begin with a text, or a mark.
type span struct{ from, to string }

// spanOf ends behind all words that begin with the text, in the order of code points.
func spanOf(beginning string) span { return span{beginning, beginning + "\uffff"} }

// drivers gives for each group of the question, and for whose the record may be, the spans that hold every
// entry which answers it.
func (w wanted) drivers() [][]span {
	var all [][]span
	for _, g := range w.phrase {
		var spans []span
		for _, way := range g {
			longest := slices.MaxFunc(way, func(a, b string) int { return len(a) - len(b) })
			spans = append(spans, spanOf(longest))
		}
		all = append(all, spans)
	}
	var marks []span
	for _, m := range w.marks {
		marks = append(marks, span{m, m})
	}
	return append(all, marks)
}

// rarest gives the spans with the fewest entries, and about how many they are: counted up to few + 1.
func (w wanted) rarest(ctx context.Context, s *store.Session) (best []span, least int, err error) {
	for _, spans := range w.drivers() {
		total := 0
		for _, sp := range spans {
			var n int
			err := s.Query(ctx, &n, store.From[wordRow]("w"), "SELECT COUNT(*) FROM (SELECT w.no FROM crm_search_word AS w WHERE {scope} AND w.kind = ? AND w.word >= ? AND w.word <= ?"+
				" ORDER BY w.word, w.no"+s.Limit(few+1)+") AS counted", w.kind, sp.from, sp.to)
			if err != nil {
				return nil, 0, fmt.Errorf("counting words: %w", err)
			}
			if total += n; total > few {
				break
			}
		}
		if best == nil || total < least {
			best, least = spans, total
		}
		if least == 0 {
			break
		}
	}
	return best, least, nil
}

func (wordTable) open(ctx context.Context, s *store.Session, w wanted) (source, error) {
	spans, n, err := w.rarest(ctx, s)
	if err != nil {
		return nil, err
	}
	if n > few {
		return &inOrder{wanted: w, spans: spans, seen: map[int64]bool{}}, nil
	}
	return w.all(ctx, s, spans)
}

// all reads every entry of few, newest first.
func (w wanted) all(ctx context.Context, s *store.Session, spans []span) (source, error) {
	var found []entry
	for _, sp := range spans {
		var rows []entry
		err := s.Query(ctx, &rows, store.From[entry]("search"), "SELECT "+entryColumns+
			" FROM crm_search_word AS w CROSS JOIN crm_search AS search WHERE w.company = search.company AND w.kind = ? AND w.word >= ? AND w.word <= ? AND search.no = w.no AND "+
			inCompanies(s)+" AND {scope}", append([]any{w.kind, sp.from, sp.to}, companiesOf(s)...)...)
		if err != nil {
			return nil, fmt.Errorf("searching for words: %w", err)
		}
		found = append(found, rows...)
	}
	found = w.filter(found)
	slices.SortFunc(found, func(a, b entry) int { return int(b.No - a.No) })
	found = slices.CompactFunc(found, func(a, b entry) bool { return a.No == b.No })
	return (*listed)(&found), nil
}

// inCompanies says for the table of words, which is read first, what {scope} says for the entries.
func inCompanies(s *store.Session) string {
	return "w.company IN (" + store.In(len(s.Actor.Group)+1) + ")"
}

func companiesOf(s *store.Session) []any {
	return append([]any{s.Actor.Company}, anys(s.Actor.Group)...)
}

// inOrder reads the entries of common words in the order of the words, those with the very word first. What
// else is asked is left to the database, so that a page is full of what answers.
type inOrder struct {
	wanted
	spans []span
	after wordRow
	seen  map[int64]bool
}

// orderedRow is an entry with the word by which it was found.
type orderedRow struct {
	entry
	Word string `bun:"word"`
}

func (r *inOrder) next(ctx context.Context, s *store.Session) ([]entry, error) {
	like, likeArgs := r.likes()
	for len(r.spans) > 0 {
		sp := r.spans[0]
		n := max(2*r.page(), 50)
		var rows []orderedRow
		args := slices.Concat([]any{r.kind, max(sp.from, r.after.Word), sp.to, r.after.Word, r.after.No}, companiesOf(s), likeArgs)
		err := s.Query(ctx, &rows, store.From[entry]("search"), "SELECT "+entryColumns+
			", w.word FROM crm_search_word AS w CROSS JOIN crm_search AS search WHERE w.company = search.company AND w.kind = ? AND w.word >= ? AND w.word <= ? AND (w.word > ? OR w.no > ?)"+
			" AND search.no = w.no AND "+inCompanies(s)+" AND {scope}"+like+" ORDER BY w.word, w.no"+s.Limit(n), args...)
		if err != nil {
			return nil, fmt.Errorf("searching for words: %w", err)
		}
		var found []entry
		for _, row := range rows {
			if r.answers(row.entry) && !r.seen[row.No] {
				r.seen[row.No] = true
				found = append(found, row.entry)
			}
		}
		if len(rows) < n {
			r.spans, r.after = r.spans[1:], wordRow{}
		} else {
			last := rows[len(rows)-1]
			r.after = wordRow{Word: last.Word, No: last.No}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, nil
}
