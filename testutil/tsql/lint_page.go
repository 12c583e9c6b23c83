package tsql

import "strings"

// pages checks each SELECT that is cut to some of its rows: without an order that ends in a key the
// server is free to give other rows, or the same one twice.
func (l *linter) pages() {
	for i, t := range l.tokens {
		switch {
		case t.upper == "OFFSET" && l.anyOf(i, "ROWS", "ROW"):
			order := l.back(i, "ORDER")
			if order < 0 {
				l.fault("OFFSET without ORDER BY is a syntax error; order by a column and the key")
				continue
			}
			l.keyed(l.back(order, "SELECT"), order, i)
		case t.upper == "FETCH" && l.at(i+1, "NEXT") && l.back(i, "OFFSET") < 0:
			l.fault("FETCH without OFFSET is a syntax error; write OFFSET 0 ROWS before it")
		case t.upper == "TOP" && (l.at(i-1, "SELECT") || l.at(i-1, "DISTINCT")):
			from := l.back(i, "SELECT")
			if from >= 2 && l.at(from-2, "EXISTS", "(") {
				continue
			}
			order, end := l.orderAfter(i)
			if order < 0 {
				l.fault("SELECT TOP without ORDER BY gives any rows; order by a column and the key")
				continue
			}
			l.keyed(from, order, end)
		}
	}
}

// anyOf reports whether one of the words follows within the next tokens of the same depth, as ROWS
// does after OFFSET and its number.
func (l *linter) anyOf(i int, words ...string) bool {
	for _, t := range l.tokens[i+1:] {
		if t.depth != l.tokens[i].depth {
			continue
		}
		for _, w := range words {
			if t.upper == w {
				return true
			}
		}
		if t.kind == word {
			return false
		}
	}
	return false
}

// back finds the word before i in the same parentheses.
func (l *linter) back(i int, want string) int {
	for j := i - 1; j >= 0 && l.tokens[j].depth >= l.tokens[i].depth; j-- {
		if l.tokens[j].depth == l.tokens[i].depth {
			if l.tokens[j].upper == want {
				return j
			}
			if l.tokens[j].upper == ";" || want != "SELECT" && l.tokens[j].upper == "SELECT" {
				return -1
			}
		}
	}
	return -1
}

// orderAfter finds ORDER BY after i in the same parentheses, and the end of the statement.
func (l *linter) orderAfter(i int) (order, end int) {
	order = -1
	for end = i + 1; end < len(l.tokens) && l.tokens[end].depth >= l.tokens[i].depth; end++ {
		if l.tokens[end].depth != l.tokens[i].depth {
			continue
		}
		if l.tokens[end].upper == ";" {
			break
		}
		if l.tokens[end].upper == "ORDER" {
			order = end
		}
	}
	return order, end
}

// keyed checks that the order of the SELECT at from, whose ORDER BY stands at order and ends before
// end, leaves no two rows equal.
func (l *linter) keyed(from, order, end int) {
	terms := l.columns(order+2, end)
	if from >= 0 {
		if l.at(from+1, "DISTINCT") {
			return // the rows themselves are the key
		}
		for j := from; j < order; j++ {
			if l.at(j, "GROUP", "BY") && l.tokens[j].depth == l.tokens[order].depth {
				stop := order
				for k := j; k < order; k++ {
					if l.tokens[k].upper == "HAVING" && l.tokens[k].depth == l.tokens[order].depth {
						stop = k
						break
					}
				}
				l.grouped(l.columns(j+2, stop), terms)
				return
			}
		}
	}
	last := terms[len(terms)-1]
	column := last[strings.LastIndexByte(last, '.')+1:]
	natural := column == "CODE" || column == "NUMBER" // the keys of many hosts
	if column != "ID" && !strings.HasSuffix(column, "_ID") && !strings.HasSuffix(column, "_KEY") && !natural {
		l.fault("the page is ordered by %s, which several rows can share; end the ORDER BY in the key", strings.ToLower(last))
	}
}

func (l *linter) grouped(groups, terms []string) {
	for _, g := range groups {
		found := false
		for _, t := range terms {
			found = found || t == g || t[strings.LastIndexByte(t, '.')+1:] == g[strings.LastIndexByte(g, '.')+1:]
		}
		if !found {
			l.fault("the page of groups is not ordered by %s too, so that groups can be equal; add it to the ORDER BY", strings.ToLower(g))
		}
	}
}

// columns are the terms of a list from one token to another, in capitals, without ASC and DESC.
func (l *linter) columns(from, to int) []string {
	terms := []string{""}
	for i := from; i < min(to, len(l.tokens)); i++ {
		t := l.tokens[i]
		switch {
		case t.upper == "," && t.depth == l.tokens[from].depth:
			terms = append(terms, "")
		case t.upper == "ASC" || t.upper == "DESC":
		default:
			terms[len(terms)-1] += strings.ToUpper(t.text)
		}
	}
	return terms
}
