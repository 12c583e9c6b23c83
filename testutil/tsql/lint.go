package tsql

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// The most that SQL Server takes in one statement.
const (
	maxValues     = 1000 // rows of one VALUES, error 10738
	maxParameters = 2100 // error 8003
)

// Lint names what SQL Server would refuse, or take for something else, in a T-SQL statement that
// other servers and drivers let pass; each fault says what to write instead. It knows the traps that
// code for several databases runs into; it is no parser, and no fault is no proof that the statement
// is right.
//
//   - words of other databases: LIMIT, RETURNING, ON CONFLICT, NULLS FIRST, TRUE, FALSE, WITH
//     RECURSIVE, ILIKE, ::, ||, FOR UPDATE, tuples before IN, an alias in UPDATE and DELETE, and
//     functions like LENGTH, SUBSTR, NOW;
//   - pages without a fixed order: OFFSET, FETCH and TOP need an ORDER BY that ends in a key (a
//     column id, *_id, *_key, a host's code or number, or with GROUP BY all its columns);
//   - literals: text with other than ASCII letters without N, instants with a blank in place of T,
//     backslash before a line break, which T-SQL deletes;
//   - comparisons that are never true: = NULL, <> NULL, IN (NULL);
//   - @@IDENTITY, OUTPUT without INTO, uniqueidentifier, SET of session options, which is the host's;
//   - more than 1000 rows in VALUES, more than 2100 parameters;
//   - marks that were not replaced: ?, {scope}.
func Lint(statement string) []string {
	l := linter{tokens: tokens(statement)}
	for i, t := range l.tokens {
		l.literal(t)
		l.foreign(i)
		l.null(i)
		l.shape(i)
	}
	l.pages()
	l.sizes()
	return l.faults
}

type linter struct {
	tokens []token
	faults []string
}

func (l *linter) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// at reports whether the tokens from i on are these words and symbols.
func (l *linter) at(i int, words ...string) bool {
	if i < 0 || i+len(words) > len(l.tokens) {
		return false
	}
	for j, w := range words {
		if l.tokens[i+j].upper != w {
			return false
		}
	}
	return true
}

// blankInstant is what DATEFORMAT makes another day of in a DATETIME column.
var blankInstant = regexp.MustCompile(`^\d{4}-\d\d-\d\d +\d\d:\d\d`)

func (l *linter) literal(t token) {
	if t.kind != text && t.kind != utext {
		return
	}
	if strings.Contains(t.text, "\\\n") || strings.Contains(t.text, "\\\r") {
		l.fault("a backslash before a line break in a literal: T-SQL deletes both; end the literal after the backslash and join by +")
	}
	if t.kind == utext {
		return
	}
	if strings.IndexFunc(t.text, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
		l.fault("the literal '%.40s' has letters that only N'...' keeps", t.text)
	}
	if blankInstant.MatchString(t.text) {
		l.fault("the instant '%s' depends on DATEFORMAT; put T in place of the blank", t.text)
	}
}

// foreignWords are words and functions of other databases. A name ending in ( is one only as a
// function.
var foreignWords = map[string]string{
	"LIMIT": "OFFSET 0 ROWS FETCH NEXT n ROWS ONLY after an ORDER BY", "RETURNING": "OUTPUT ... INTO @t",
	"TRUE": "1", "FALSE": "0", "ILIKE": "LIKE over a folded column", "RECURSIVE": "WITH alone",
	"AUTOINCREMENT": "keys made by the program", "UNIQUEIDENTIFIER": "VARBINARY(16)", "BOOLEAN": "BIT", "BYTEA": "VARBINARY",
	"@@IDENTITY":   "keys made by the program, or SCOPE_IDENTITY() for a host's table",
	"CURRENT_DATE": "a parameter", "GLOB": "LIKE",
	"LENGTH(": "LEN or DATALENGTH", "SUBSTR(": "SUBSTRING", "IFNULL(": "COALESCE", "NOW(": "a parameter", "STRFTIME(": "a parameter or DATEPART",
	"JULIANDAY(": "DATEDIFF", "JSON_EXTRACT(": "JSON_VALUE", "GROUP_CONCAT(": "STRING_AGG", "INSTR(": "CHARINDEX", "STRPOS(": "CHARINDEX",
	"RANDOM(": "a parameter", "LPAD(": "RIGHT(REPLICATE(...) + ...)", "RPAD(": "LEFT(... + REPLICATE(...))", "GREATEST(": "CASE", "LEAST(": "CASE",
	"TO_CHAR(": "CONVERT", "DATE_TRUNC(": "DATEADD(..., DATEDIFF(...))", "DATE_PART(": "DATEPART", "EXTRACT(": "DATEPART",
	"BTRIM(": "TRIM", "INITCAP(": "the program", "BOOL_AND(": "MIN(CASE ...)", "BOOL_OR(": "MAX(CASE ...)", "ARRAY_AGG(": "rows",
	"MOD(": "%", "PRINTF(": "the program", "DATETIME(": "a parameter", "TOTAL(": "COALESCE(SUM(...), 0)", "NEWID(": "keys made by the program",
}

func (l *linter) foreign(i int) {
	t := l.tokens[i]
	if i > 0 && l.tokens[i-1].upper == "." || l.at(i+1, ".") || l.at(i-1, "AS") {
		return // a column, a table or an alias
	}
	if instead, ok := foreignWords[t.upper]; ok {
		l.fault("%s is not T-SQL or not ours; write %s", t.upper, instead)
	}
	if instead, ok := foreignWords[t.upper+"("]; ok && l.at(i+1, "(") && !l.at(i-1, "INTO") {
		l.fault("%s() is not T-SQL or not ours; write %s", t.upper, instead)
	}
	switch {
	case l.at(i, "ON", "CONFLICT"):
		l.fault("ON CONFLICT is not T-SQL; lock, look, then insert")
	case l.at(i, "NULLS", "FIRST"), l.at(i, "NULLS", "LAST"):
		l.fault("NULLS %s is not T-SQL; order by a column that is never NULL", l.tokens[i+1].upper)
	case l.at(i, "DISTINCT", "ON"):
		l.fault("DISTINCT ON is not T-SQL; use ROW_NUMBER()")
	case l.at(i, "FOR", "UPDATE"):
		l.fault("FOR UPDATE is not T-SQL; lock by an UPDATE that changes nothing")
	case l.at(i, ":", ":"):
		l.fault(":: is not T-SQL; write CAST")
	case l.at(i, "|", "|"):
		l.fault("|| is not T-SQL before 2025; write + or CONCAT")
	case t.upper == "?":
		l.fault("a ? was not turned into a parameter")
	case l.at(i, "{", "SCOPE", "}"):
		l.fault("{scope} was not replaced")
	}
}

// null finds comparisons with NULL; in SET and VALUES it is a value.
func (l *linter) null(i int) {
	t := l.tokens[i]
	if l.at(i, "IN", "(", "NULL", ")") {
		l.fault("IN (NULL) is never true; do not ask with an empty list")
	}
	if t.upper != "NULL" || !l.at(i-1, "=") && !l.at(i-1, ">") && !l.at(i-1, "<") {
		return
	}
	for j := i - 1; j >= 0; j-- {
		switch l.tokens[j].upper {
		case "SET":
			return
		case "WHERE", "ON", "HAVING", "WHEN":
			l.fault("a comparison with NULL is never true; write IS NULL, or refuse the empty key before")
			return
		}
	}
}

// options are what a session's SET can change; SET at the start of a statement is no UPDATE's.
var options = regexp.MustCompile(`^(NOCOUNT|XACT_ABORT|DATEFORMAT|DATEFIRST|LANGUAGE|TRANSACTION|LOCK_TIMEOUT|ANSI_\w+|ARITHABORT|QUOTED_IDENTIFIER|IDENTITY_INSERT|ROWCOUNT|IMPLICIT_TRANSACTIONS|DEADLOCK_PRIORITY)$`)

// shape checks statements whose words are T-SQL but whose form is not.
func (l *linter) shape(i int) {
	t := l.tokens[i]
	next := func(n int) string {
		if i+n < len(l.tokens) {
			return l.tokens[i+n].upper
		}
		return ""
	}
	switch t.upper {
	case "SET":
		if options.MatchString(next(1)) && next(2) != "=" {
			l.fault("SET %s changes the host's session; leave it as it is", next(1))
		}
	case "UPDATE":
		if next(2) == "AS" {
			l.fault("UPDATE takes no alias; name the table")
		}
	case "DELETE":
		if next(1) == "FROM" && next(3) == "AS" {
			l.fault("DELETE takes no alias; name the table")
		}
	case "OUTPUT":
		if (next(1) == "INSERTED" || next(1) == "DELETED") && !l.before(i, "INTO", "VALUES", "WHERE", "SELECT", ";") {
			l.fault("OUTPUT without INTO fails on a table with a trigger (334); write OUTPUT ... INTO @t")
		}
	case "IN":
		if l.tupleBefore(i) {
			l.fault("a tuple before IN is not T-SQL; compare column by column or use EXISTS")
		}
	}
}

// before reports whether the word comes after i before any of the others.
func (l *linter) before(i int, want string, others ...string) bool {
	for _, t := range l.tokens[i+1:] {
		if t.upper == want {
			return true
		}
		for _, o := range others {
			if t.upper == o {
				return false
			}
		}
	}
	return false
}

// tupleBefore reports whether (a, b) stands before the IN at i.
func (l *linter) tupleBefore(i int) bool {
	if l.at(i-1, "NOT") {
		i--
	}
	if !l.at(i-1, ")") {
		return false
	}
	commas := 0
	j := i - 2
	for ; j >= 0 && l.tokens[j].depth > l.tokens[i].depth; j-- {
		if l.tokens[j].upper == "," && l.tokens[j].depth == l.tokens[i].depth+1 {
			commas++
		}
	}
	function := j > 0 && l.tokens[j-1].kind == word && !l.at(j-1, "WHERE") && !l.at(j-1, "AND") && !l.at(j-1, "OR") && !l.at(j-1, "NOT") && !l.at(j-1, "ON")
	return commas > 0 && !function
}

// sizes counts rows of VALUES and parameters.
func (l *linter) sizes() {
	parameters := map[string]bool{}
	for i, t := range l.tokens {
		if t.kind == param && !strings.HasPrefix(t.text, "@@") {
			parameters[t.upper] = true
		}
		if t.upper != "VALUES" {
			continue
		}
		rows := 0
		for _, u := range l.tokens[i+1:] {
			if u.depth < t.depth || u.depth == t.depth && u.kind == word {
				break
			}
			if u.depth == t.depth && u.upper == "(" {
				rows++
			}
		}
		if rows > maxValues {
			l.fault("VALUES with %d rows; SQL Server takes %d", rows, maxValues)
		}
	}
	if len(parameters) > maxParameters {
		l.fault("%d parameters; SQL Server takes %d", len(parameters), maxParameters)
	}
}
