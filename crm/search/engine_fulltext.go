package search

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/crmplus/crmplus/crm/store"
)

// fullText is SQL Server's full-text index of the entries. Only the server knows how far it is behind, and
// it does not count, so that questions with a rare word are answered by the table of words, which is kept as
// well; questions of nothing but common words are answered by the full-text index.
type fullText struct{ wordTable }

func (f fullText) open(ctx context.Context, s *store.Session, w wanted) (source, error) {
	spans, n, err := w.rarest(ctx, s)
	if err != nil {
		return nil, err
	}
	if n <= few {
		return w.all(ctx, s, spans)
	}
	expression := w.contains()
	rows := func(ctx context.Context, s *store.Session, below int64, n int) ([]entry, error) {
		marks := strings.TrimSuffix(strings.Repeat("search.words LIKE ? OR ", len(w.marks)), " OR ")
		args := []any{expression, below, w.kind}
		for _, m := range w.marks {
			args = append(args, "% "+m+" %")
		}
		var rows []entry
		err := s.Query(ctx, &rows, store.From[entry]("search"), "SELECT "+entryColumns+
			" FROM crm_search AS search WHERE CONTAINS(search.words, ?) AND search.no < ? AND {scope} AND search.kind = ? AND ("+marks+") ORDER BY search.no DESC"+s.Limit(n), args...)
		if err != nil {
			return nil, fmt.Errorf("searching the full text: %w", err)
		}
		return rows, nil
	}
	return &newest{wanted: w, rows: rows, below: math.MaxInt64, n: w.page()}, nil
}

// contains is the question in the language of CONTAINS. Every word is quoted and made of letters and digits.
func (p phrase) contains() string {
	parts := make([]string, len(p))
	for i, g := range p {
		var ways []string
		for _, way := range g {
			var all []string
			for _, beginning := range way {
				all = append(all, `"`+strings.ReplaceAll(beginning, `"`, "")+`*"`)
			}
			ways = append(ways, "("+strings.Join(all, " AND ")+")")
		}
		parts[i] = "(" + strings.Join(ways, " OR ") + ")"
	}
	return strings.Join(parts, " AND ")
}

// FullTextSQL is the script by which an administrator has SQL Server index the words of crm_search, where its
// full-text feature is installed; it needs the permissions of db_ddladmin and runs outside of any
// transaction. Nothing else is to be done: the index is found and used within minutes. Without it searches
// use a table of words, which is slower only where all words asked for are very common.
//
// The words are folded already, so the catalogue must not fold them, the language is neutral, and there are no
// stop words: "van" is a name, and so is "May". DROP FULLTEXT INDEX ON crm_search takes it back, and must be
// run before the tables of CRM+ are removed.
func FullTextSQL() string {
	return `CREATE FULLTEXT CATALOG crm_search_catalog WITH ACCENT_SENSITIVITY = ON;
GO
CREATE FULLTEXT INDEX ON crm_search (words LANGUAGE 0) KEY INDEX pk_crm_search ON crm_search_catalog
	WITH (CHANGE_TRACKING = AUTO, STOPLIST = OFF);
GO
`
}
