package catalog

import (
	"strings"
	"unicode"
)

// token is a word, a quoted name, a literal or a mark of a definition.
type token struct {
	text       string
	start, end int
}

// tokens splits a definition. Comments are left out; a quoted name or literal is one token with its marks.
func tokens(sql string) []token {
	var out []token
	for i := 0; i < len(sql); {
		end := skipQuoted(sql, i)
		switch {
		case end > i:
			if sql[i] != '-' && sql[i] != '/' {
				out = append(out, token{sql[i:end], i, end})
			}
		case isSpace(sql[i]):
			end = i + 1
		case isWord(sql[i]):
			for end = i + 1; end < len(sql) && isWord(sql[end]); end++ {
			}
			out = append(out, token{sql[i:end], i, end})
		default:
			end = i + 1
			out = append(out, token{sql[i:end], i, end})
		}
		i = end
	}
	return out
}

// words gives the words of a definition in upper case, without literals and quoted names.
func words(sql string) []string {
	var out []string
	for _, t := range tokens(sql) {
		if isWord(t.text[0]) {
			out = append(out, strings.ToUpper(t.text))
		}
	}
	return out
}

func isWord(b byte) bool {
	return b == '_' || b == '@' || b == '#' || b == '$' || b >= 0x80 || unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b))
}

func isSpace(b byte) bool { return b <= ' ' }

// closing gives the index of the token that closes the parenthesis at i, or the last one.
func closing(list []token, i int) int {
	depth := 0
	for k := i; k < len(list); k++ {
		switch list[k].text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return k
			}
		}
	}
	return len(list) - 1
}

// unquoted takes the marks off a name.
func unquoted(text string) string {
	if text == "" || !strings.ContainsRune("\"'[`", rune(text[0])) {
		return text
	}
	name, err := parseColumn(text)
	if err != nil {
		return strings.Trim(text, "\"'`[]")
	}
	return name
}

// checks finds the CHECK constraints in a CREATE TABLE of SQLite, which no pragma tells.
func checks(ddl string) []Check {
	var out []Check
	list := tokens(ddl)
	name := ""
	for i := 0; i+1 < len(list); i++ {
		switch {
		case strings.EqualFold(list[i].text, "CONSTRAINT"):
			name = unquoted(list[i+1].text)
			i++
		case strings.EqualFold(list[i].text, "CHECK") && list[i+1].text == "(":
			end := closing(list, i+1)
			out = append(out, Check{Name: name, Expression: ddl[list[i+1].start:list[end].end]})
			name, i = "", end
		case list[i].text == ",":
			name = ""
		}
	}
	return out
}

// collations finds the COLLATE clauses of the columns in a CREATE TABLE of SQLite.
func collations(t *Table, ddl string) {
	list := tokens(ddl)
	depth, first := 0, false
	var current *Column
	for i := 0; i+1 < len(list); i++ {
		switch text := list[i].text; {
		case text == "(":
			depth++
			first = depth == 1
			continue
		case text == ")":
			depth--
		case text == "," && depth == 1:
			first = true
			continue
		case first:
			current, _ = t.Column(`"` + strings.ReplaceAll(unquoted(text), `"`, `""`) + `"`)
		case depth == 1 && current != nil && strings.EqualFold(text, "COLLATE"):
			current.Collation = unquoted(list[i+1].text)
		}
		first = false
	}
}

// RollsBack reports whether the body, where it can be read, holds a ROLLBACK, THROW, RAISERROR or RAISE: the
// trigger may refuse the row, and with it the whole unit of work.
func (t *Trigger) RollsBack() bool {
	for _, w := range words(t.Body) {
		switch w {
		case "ROLLBACK", "THROW", "RAISERROR", "RAISE":
			return true
		}
	}
	return false
}
