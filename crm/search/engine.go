package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/store"
)

// engine finds entries by the beginnings of their words.
type engine interface {
	// put takes in the words of entries that were just written, drop takes out those of entries that are about
	// to change or go.
	put(ctx context.Context, s *store.Session, kind Kind, ids []key) error
	drop(ctx context.Context, s *store.Session, kind Kind, ids []key) error
	// open begins to look. It changes nothing.
	open(ctx context.Context, s *store.Session, w wanted) (source, error)
}

// wanted is what is looked for.
type wanted struct {
	kind Kind
	// marks say whose the record may be: one of them.
	marks []string
	phrase
	// everybodys says that the marks are those of every record of the kind.
	everybodys bool
	// size is about how many are needed.
	size int
}

// mostRead is how many entries are read at once.
const mostRead = 500

// page is how many entries are read at once for as many as are needed.
func (w wanted) page() int { return min(w.size, mostRead) }

// answers reports whether an entry is wanted.
func (w wanted) answers(e entry) bool {
	return w.phrase.answers(e.Words) && slices.ContainsFunc(w.marks, func(m string) bool { return strings.Contains(e.Words, " "+m+" ") })
}

// filter keeps what is wanted; engines may find more.
func (w wanted) filter(rows []entry) []entry {
	return slices.DeleteFunc(rows, func(e entry) bool { return !w.answers(e) })
}

// source gives entries that answer, some at a time; it has ended when it gives none.
type source interface {
	next(ctx context.Context, s *store.Session) ([]entry, error)
}

// listed is a source of entries that are known.
type listed []entry

func (l *listed) next(context.Context, *store.Session) ([]entry, error) {
	rows := *l
	*l = nil
	return rows, nil
}

const entryColumns = "search.no, search.company, search.kind, search.record_id, search.party_id, search.words"

// sharedWith is the source of records that are opened to the actor beside those of his visibility: records of
// parties that are shared with him, opportunities that he sells in. They are few, so that they are all read.
//
// more says that they are more than are looked at after all.
func sharedWith(ctx context.Context, s *store.Session, w wanted) (from source, more bool, err error) {
	table, join := "crm_party_share", "search.party_id = mine.party_id"
	if w.kind == Opportunity {
		table, join = "crm_opportunity_seller", "search.record_id = mine.opportunity_id"
	}
	companies := append([]any{s.Actor.Company}, anys(s.Actor.Group)...)
	text := "SELECT " + entryColumns + " FROM " + table + " AS mine CROSS JOIN crm_search AS search WHERE mine.company IN (" + store.In(len(companies)) +
		") AND mine.user_id = ? AND " + join + " AND {scope} AND search.kind = ?"
	like, args := w.likes()
	var rows []entry
	err = s.Query(ctx, &rows, store.From[entry]("search"), text+like+" ORDER BY search.no DESC"+s.Limit(mostShared),
		slices.Concat(companies, []any{s.Actor.UserID, w.kind}, args)...)
	if err != nil {
		return nil, false, fmt.Errorf("searching what is shared: %w", err)
	}
	more = len(rows) >= mostShared
	rows = slices.DeleteFunc(rows, func(e entry) bool { return !w.phrase.answers(e.Words) })
	return (*listed)(&rows), more, nil
}

// mostShared is how many shared records that answer are looked at.
const mostShared = 500

func anys[T any](all []T) []any {
	out := make([]any, len(all))
	for i, v := range all {
		out[i] = v
	}
	return out
}

// likes says of the words of an entry what the groups of the question ask, for the database to sort out what
// cannot answer. Words are letters and digits, so that no pattern can hide in them.
func (p phrase) likes() (text string, args []any) {
	for _, g := range p {
		var ways []string
		for _, w := range g {
			var all []string
			for _, beginning := range w {
				all, args = append(all, "search.words LIKE ?"), append(args, "% "+beginning+"%")
			}
			ways = append(ways, "("+strings.Join(all, " AND ")+")")
		}
		text += " AND (" + strings.Join(ways, " OR ") + ")"
	}
	return text, args
}

// newest is a source that reads downwards by number; rows gives at most n wanted or unwanted entries below one.
type newest struct {
	wanted
	rows  func(ctx context.Context, s *store.Session, below int64, n int) ([]entry, error)
	below int64
	n     int
	ended bool
}

func (r *newest) next(ctx context.Context, s *store.Session) ([]entry, error) {
	for !r.ended {
		rows, err := r.rows(ctx, s, r.below, r.n)
		if err != nil {
			return nil, err
		}
		if r.ended = len(rows) < r.n; len(rows) > 0 {
			r.below = rows[len(rows)-1].No
		}
		if rows = r.filter(rows); len(rows) > 0 {
			return rows, nil
		}
	}
	return nil, nil
}

// fts5 is SQLite's own index of words.
type fts5 struct{}

// longestList is how many letters of a beginning have lists of their own; see the migration.
const longestList = 6

func (fts5) put(ctx context.Context, s *store.Session, kind Kind, ids []key) error {
	return fts5{}.tell(ctx, s, kind, ids, "INSERT INTO crm_search_fts (rowid, words) SELECT search.no, search.words")
}

func (fts5) drop(ctx context.Context, s *store.Session, kind Kind, ids []key) error {
	return fts5{}.tell(ctx, s, kind, ids, "INSERT INTO crm_search_fts (crm_search_fts, rowid, words) SELECT 'delete', search.no, search.words")
}

func (fts5) tell(ctx context.Context, s *store.Session, kind Kind, ids []key, what string) error {
	for part := range slices.Chunk(ids, askMany) {
		args := []any{kind}
		for _, id := range part {
			args = append(args, id.Bytes())
		}
		_, err := s.Exec(ctx, store.From[entry]("search"),
			what+" FROM crm_search AS search WHERE {scope} AND search.kind = ? AND search.record_id IN ("+store.In(len(part))+") ORDER BY search.no", args...)
		if err != nil {
			return fmt.Errorf("writing the index of words: %w", err)
		}
	}
	return nil
}

func (fts5) open(_ context.Context, _ *store.Session, w wanted) (source, error) {
	exact := &newest{wanted: w, rows: fts5{}.reader(w, math.MaxInt), below: math.MaxInt64, n: w.page()}
	if !w.long() {
		return exact, nil
	}
	return &guessed{newest: newest{wanted: w, rows: fts5{}.reader(w, longestList), below: math.MaxInt64}, exact: exact}, nil
}

// guessWindows are how many entries are looked at that begin with as much of a long word as has a list: a few
// first, more where these do not suffice.
var guessWindows = []int{60, 400}

// guessed finds long beginnings. A list holds all entries whose words begin with its first letters; the newest
// of them are looked through first. Where the whole beginning is common they suffice; where it is rare it is
// cheap to have SQLite put its list together.
type guessed struct {
	newest
	exact *newest
	// round counts the windows, found what was in them.
	round, found int
}

func (g *guessed) next(ctx context.Context, s *store.Session) ([]entry, error) {
	for !g.ended && g.found < g.size && g.round < len(guessWindows) {
		n := guessWindows[g.round]
		g.round++
		rows, err := g.rows(ctx, s, g.below, n)
		if err != nil {
			return nil, err
		}
		if g.ended = len(rows) < n; len(rows) > 0 {
			g.below = rows[len(rows)-1].No
		}
		if rows = g.filter(rows); len(rows) > 0 {
			g.found += len(rows)
			return rows, nil
		}
	}
	if g.ended {
		return nil, nil
	}
	g.exact.below = min(g.exact.below, g.below)
	return g.exact.next(ctx, s)
}

// long reports whether the question has a beginning longer than those with lists.
func (p phrase) long() bool {
	for _, g := range p {
		for _, w := range g {
			if slices.ContainsFunc(w, func(beginning string) bool { return len([]rune(beginning)) > longestList }) {
				return true
			}
		}
	}
	return false
}

// reader reads entries downwards; of beginnings it takes at most so many letters.
func (fts5) reader(w wanted, letters int) func(context.Context, *store.Session, int64, int) ([]entry, error) {
	expression := w.expression(letters)
	return func(ctx context.Context, s *store.Session, below int64, n int) ([]entry, error) {
		var rows []entry
		err := s.Query(ctx, &rows, store.From[entry]("search"), "SELECT "+entryColumns+
			" FROM crm_search_fts AS f CROSS JOIN crm_search AS search WHERE f.crm_search_fts MATCH ? AND f.rowid < ? AND search.no = f.rowid AND {scope} AND search.kind = ?"+
			" ORDER BY f.rowid DESC"+s.Limit(n), expression, below, w.kind)
		if err != nil {
			return nil, fmt.Errorf("searching for words: %w", err)
		}
		return rows, nil
	}
}

// expression is the question in the language of FTS5. Every word is quoted and made of letters and digits.
func (w wanted) expression(letters int) string {
	var parts []string
	for _, g := range w.phrase {
		var ways []string
		for _, way := range g {
			var all []string
			for _, beginning := range way {
				if r := []rune(beginning); len(r) > letters {
					beginning = string(r[:letters])
				}
				all = append(all, `"`+strings.ReplaceAll(beginning, `"`, `""`)+`" *`)
			}
			ways = append(ways, "("+strings.Join(all, " AND ")+")")
		}
		parts = append(parts, "("+strings.Join(ways, " OR ")+")")
	}
	words := strings.Join(parts, " AND ")
	if len(w.marks) == 0 {
		return words
	}
	marks := make([]string, len(w.marks))
	for i, m := range w.marks {
		marks[i] = `"` + m + `"`
	}
	if w.everybodys {
		// The mark stands on every record. FTS5 would walk its list beside those of the words; behind an OR with
		// what never is, it is only asked about records that have all the words.
		words = "((" + words + `) OR "` + ownerMark + `")`
	}
	return "(" + strings.Join(marks, " OR ") + ") AND " + words
}
