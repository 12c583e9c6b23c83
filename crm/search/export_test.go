package search

// UseWordTable has a search on SQLite use the engine for servers without full text.
func UseWordTable(x *Searches) { x.shared.engine = wordTable{} }

// Contains is the question as SQL Server's full text is asked.
func Contains(text string) string { return parse(text).contains() }

// Match is the question as FTS5 is asked.
func Match(text string, marks ...string) string {
	return wanted{marks: marks, phrase: parse(text)}.expression(longestList)
}

// BuildChunk is how many records one transaction of a rebuild reads.
const BuildChunk = buildChunk

// Entry is a row of the index.
type Entry = entry
