package catalog

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Permits judges one value, as [Column.Bind] gives it to the driver, by the condition. It understands
// comparisons of the one column with literals (=, <>, <, <=, >, >=, IN, BETWEEN, IS NULL), joined by AND, OR and
// NOT; known is false for everything else: functions, patterns, other columns.
func (c *Check) Permits(column string, arg any) (permitted, known bool) {
	if arg == nil || c.Disabled {
		// NULL makes every comparison unknown, which a CHECK lets pass.
		return true, true
	}
	r := rule{list: tokens(c.Expression), column: column, arg: operand(arg), known: true}
	permitted = r.either()
	return permitted, r.known && r.at == len(r.list)
}

// rule reads a condition from the left to the right and judges the value on the way.
type rule struct {
	list   []token
	at     int
	column string
	arg    literalValue
	known  bool
	depth  int
}

// literalValue is a number, or a text.
type literalValue struct {
	text   string
	number decimal.Decimal
	isText bool
}

func operand(arg any) literalValue {
	switch v := arg.(type) {
	case int64:
		return literalValue{number: decimal.NewFromInt(v)}
	case float64:
		n, err := fromFloat(v, 64)
		if err == nil {
			return literalValue{number: n}
		}
	case string:
		return literalValue{text: v, isText: true}
	}
	return literalValue{isText: true}
}

func (r *rule) peek() string {
	if r.at < len(r.list) {
		return r.list[r.at].text
	}
	return ""
}

// take passes a word or mark over, and reports whether it was there.
func (r *rule) take(word string) bool {
	if strings.EqualFold(r.peek(), word) {
		r.at++
		return true
	}
	return false
}

func (r *rule) unknown() bool {
	r.known = false
	r.at = len(r.list)
	return false
}

func (r *rule) either() bool {
	ok := r.both()
	for r.take("OR") {
		other := r.both()
		ok = ok || other
	}
	return ok
}

func (r *rule) both() bool {
	ok := r.single()
	for r.take("AND") {
		other := r.single()
		ok = ok && other
	}
	return ok
}

// mostNested bounds the recursion: definitions are foreign text.
const mostNested = 50

func (r *rule) single() bool {
	if r.depth++; r.depth > mostNested {
		return r.unknown()
	}
	defer func() { r.depth-- }()
	if r.take("NOT") {
		return !r.single()
	}
	if r.peek() == "(" && !r.columnIn(r.at) {
		r.at++
		ok := r.either()
		if !r.take(")") {
			return r.unknown()
		}
		return ok
	}
	return r.comparison()
}

// columnIn reports whether at i stands the column alone, in parentheses or not.
func (r *rule) columnIn(i int) bool {
	for ; i < len(r.list) && r.list[i].text == "("; i++ {
	}
	if i >= len(r.list) || !strings.EqualFold(unquoted(r.list[i].text), r.column) {
		return false
	}
	return i+1 < len(r.list) && (r.list[i+1].text == ")" && r.list[max(i-1, 0)].text == "(")
}

func (r *rule) comparison() bool {
	open := 0
	for r.take("(") {
		open++
	}
	if !strings.EqualFold(unquoted(r.peek()), r.column) || strings.HasPrefix(r.peek(), "'") {
		return r.unknown()
	}
	r.at++
	for ; open > 0; open-- {
		if !r.take(")") {
			return r.unknown()
		}
	}
	negated := r.take("NOT")
	switch {
	case r.take("IN"):
		return r.among() != negated
	case r.take("BETWEEN"):
		low := r.compare()
		if !r.take("AND") {
			return r.unknown()
		}
		high := r.compare()
		return (low >= 0 && high <= 0) != negated
	case r.take("IS"):
		negated = r.take("NOT")
		if !r.take("NULL") {
			return r.unknown()
		}
		return negated
	}
	op := ""
	for strings.Contains("=<>!", r.peek()) && r.peek() != "" {
		op += r.peek()
		r.at++
	}
	n := r.compare()
	switch op {
	case "=", "==":
		return n == 0
	case "<>", "!=":
		return n != 0
	case "<":
		return n < 0
	case "<=", "!>":
		return n <= 0
	case ">":
		return n > 0
	case ">=", "!<":
		return n >= 0
	}
	return r.unknown()
}

func (r *rule) among() bool {
	if !r.take("(") {
		return r.unknown()
	}
	found := false
	for {
		found = r.compare() == 0 || found
		if r.take(")") {
			return found
		}
		if !r.take(",") {
			return r.unknown()
		}
	}
}

// compare compares the value with the literal that stands here.
func (r *rule) compare() int {
	open := 0
	for r.take("(") {
		open++
	}
	lit, ok := r.literal()
	for ; open > 0; open-- {
		ok = ok && r.take(")")
	}
	if !ok {
		r.unknown()
		return 0
	}
	if lit.isText && r.arg.isText {
		// SQL Server's usual collations ignore case and blanks at the end; SQLite does not, but a mapping that
		// differs only so is not what is looked for here.
		return strings.Compare(strings.ToLower(strings.TrimRight(r.arg.text, " ")), strings.ToLower(strings.TrimRight(lit.text, " ")))
	}
	a, b := r.arg, lit
	if a.isText {
		a.number, ok = readLiteral(a.text)
	}
	if b.isText {
		b.number, ok = readLiteral(b.text)
	}
	if !ok {
		r.unknown()
		return 0
	}
	return a.number.Cmp(b.number)
}

// literal reads 'text', N'text', 12, -3 or 0.5.
func (r *rule) literal() (literalValue, bool) {
	text := r.peek()
	r.at++
	if strings.EqualFold(text, "N") && strings.HasPrefix(r.peek(), "'") {
		text = r.peek()
		r.at++
	}
	if strings.HasPrefix(text, "'") && len(text) > 1 {
		return literalValue{isText: true, text: strings.ReplaceAll(text[1:len(text)-1], "''", "'")}, true
	}
	sign := ""
	if text == "-" || text == "+" {
		sign, text = strings.TrimPrefix(text, "+"), r.peek()
		r.at++
	}
	if r.peek() == "." {
		r.at++
		text += "." + r.peek()
		r.at++
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return literalValue{}, false
	}
	n, ok := readLiteral(sign + text)
	return literalValue{number: n}, ok
}
