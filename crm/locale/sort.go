package locale

import (
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// SortKeyLimit is the longest sort key in bytes; names that agree so far are in the order of their ids.
const SortKeyLimit = 120

// collators are pooled: building one costs more than a thousand keys, and one serves one goroutine.
var collators = func() map[Language]*sync.Pool {
	pools := make(map[Language]*sync.Pool, len(Languages))
	for _, l := range Languages {
		tag := language.MustParse(string(l))
		pools[l] = &sync.Pool{New: func() any {
			return &collator{c: collate.New(tag, collate.IgnoreWidth)}
		}}
	}
	return pools
}()

type collator struct {
	c   *collate.Collator
	buf collate.Buffer
}

// SortKey gives bytes whose order is the order of the texts in the language (Unicode collation
// with CLDR tailoring, by golang.org/x/text/collate). Lists are sorted by it in the database, so
// that SQL Server and SQLite agree.
func (l Language) SortKey(text string) []byte {
	pool, ok := collators[l]
	if !ok {
		pool = collators[English]
	}
	c := pool.Get().(*collator)
	defer pool.Put(c)
	c.buf.Reset()
	if len(text) > 4*SortKeyLimit {
		text = text[:4*SortKeyLimit]
	}
	key := c.c.KeyFromString(&c.buf, text)
	if len(key) > SortKeyLimit {
		key = key[:SortKeyLimit]
	}
	return append([]byte(nil), key...)
}
