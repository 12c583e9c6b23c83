package web

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/rule"
)

// ruleRow is one line of a condition in a form. The lines stand in the order in which they are read; what belongs
// to a group or list is deeper than it and comes right behind it. The first line is the group of all.
type ruleRow struct {
	Index, Depth int
	// Kind is group, list (rows of leads, quotes ...), row (field, operator, value) or expr, an expression that has
	// no other form.
	Kind string
	// Op is all, any or none for a group, and for a list how many of its rows; else the operator of a row.
	Op string
	// List is what a list asks; for other lines, the list whose rows they speak of.
	List  string
	Field string
	// Match is all or any: how the conditions of a list are taken together.
	Match  string
	Value  string
	Values []string

	// What the form shows.
	Faults []string
	Fields []fieldGroup
	Ops    []option
	// Choices are the values that the field can have; Many says that several can be ticked.
	Choices []option
	Many    bool
	// Input is text, number, date, days or "" where the operator needs no value.
	Input string
	Lists []option
	// Ends are the groups that end behind this line, the innermost first.
	Ends []ruleEnd
}

// ruleEnd is where something can be added to a group or list.
type ruleEnd struct {
	Index, Depth int
	// Nested says that groups and lists can be put in.
	Group, List bool
}

// At is the name of a field of the line.
func (r ruleRow) At(name string) string { return ruleField(r.Index, name) }

func ruleField(i int, name string) string { return "r." + strconv.Itoa(i) + "." + name }

// fieldGroup are fields that belong together.
type fieldGroup struct {
	Label  string
	Fields []option
}

// The bounds of a form; what is beyond them is written as an expression.
const (
	maxRuleRows  = 120
	maxRuleDepth = 4
)

// ruleRows shows a condition as the lines of a form; list makes it one on a row of that list.
func ruleRows(env *rule.Environment, n rule.Node, list string) []ruleRow {
	b := ruleRowing{env: env}
	switch {
	case n.Op == rule.And, n.Op == rule.Or, n.Op == rule.Not && len(n.Nodes) == 1 && n.Nodes[0].Op == rule.Or:
		b.node(n, 0, list)
	default:
		b.put(ruleRow{Kind: "group", Op: "all", List: list})
		b.node(n, 1, list)
	}
	return b.rows
}

type ruleRowing struct {
	env  *rule.Environment
	rows []ruleRow
}

func (b *ruleRowing) put(r ruleRow) {
	r.Index = len(b.rows)
	b.rows = append(b.rows, r)
}

func (b *ruleRowing) node(n rule.Node, depth int, list string) {
	group := func(op string, parts []rule.Node) {
		b.put(ruleRow{Depth: depth, Kind: "group", Op: op, List: list})
		for _, p := range parts {
			b.node(p, depth+1, list)
		}
	}
	switch {
	case depth >= maxRuleDepth && (n.Op == rule.And || n.Op == rule.Or || n.Op == rule.Not && n.Nodes[0].Op == rule.Or):
		b.put(ruleRow{Depth: depth, Kind: "expr", List: list, Value: n.String()})
	case n.Op == rule.And:
		group("all", n.Nodes)
	case n.Op == rule.Or:
		group("any", n.Nodes)
	case n.Op == rule.Not && len(n.Nodes) == 1 && n.Nodes[0].Op == rule.Or:
		group("none", n.Nodes[0].Nodes)
	case n.Op == rule.Any, n.Op == rule.All, n.Op == rule.None:
		row := ruleRow{Depth: depth, Kind: "list", Op: string(n.Op), List: n.List, Match: "all"}
		parts := []rule.Node{}
		if n.Where != nil {
			switch n.Where.Op {
			case rule.And, rule.Or:
				parts = n.Where.Nodes
			default:
				parts = []rule.Node{*n.Where}
			}
			if n.Where.Op == rule.Or {
				row.Match = "any"
			}
		}
		b.put(row)
		for _, p := range parts {
			b.node(p, depth+1, n.List)
		}
	default:
		row, ok := b.leaf(n, list)
		if !ok {
			row = ruleRow{Kind: "expr", Value: n.String()}
		}
		row.Depth, row.List = depth, list
		b.put(row)
	}
}

// negated are the operators of lines that are a not in front of another.
var negated = map[rule.Op]string{rule.Yes: "no", rule.Empty: "filled", rule.In: "notin", rule.Contains: "notcontains"}

// plainOps are those of lines by what a node asks.
var plainOps = map[rule.Op]string{
	rule.Yes: "yes", rule.Empty: "empty", rule.In: "in", rule.Contains: "contains", rule.StartsWith: "starts", rule.EndsWith: "ends",
	rule.Equal: "is", rule.Unequal: "isnot", rule.Less: "lt", rule.AtMost: "le", rule.More: "gt", rule.AtLeast: "ge",
}

func (b *ruleRowing) leaf(n rule.Node, list string) (ruleRow, bool) {
	op := plainOps[n.Op]
	if n.Op == rule.Not && len(n.Nodes) == 1 {
		n = n.Nodes[0]
		op = negated[n.Op]
	}
	if op == "" || n.Left == nil || n.Left.Field == "" {
		return ruleRow{}, false
	}
	f, ok := fieldOf(b.env, list, n.Left.Field)
	if !ok {
		return ruleRow{}, false
	}
	row := ruleRow{Kind: "row", Field: n.Left.Field, Op: op}
	switch op {
	case "yes", "no", "empty", "filled":
		return row, true
	case "in", "notin":
		for _, v := range n.Values {
			switch {
			case v.Text != nil && !strings.ContainsAny(*v.Text, ",;\n"):
				row.Values = append(row.Values, *v.Text)
			case v.Number != "":
				row.Values = append(row.Values, v.Number)
			default:
				return row, false
			}
		}
		row.Value = strings.Join(row.Values, ", ")
		return row, true
	}
	right := n.Right
	switch {
	case right == nil:
		return row, false
	case f.Kind == rule.Text && right.Text != nil, f.Kind == rule.Number && right.Number != "":
		if row.Value = right.Number; right.Text != nil {
			row.Value = *right.Text
		}
		row.Values = []string{row.Value}
		if word := map[string]string{"is": "empty", "isnot": "filled"}[op]; word != "" && right.Text != nil && row.Value == "" {
			// the form has a word for comparing with no text, and no field to leave empty; a value that there may not be is
			// another question
			return ruleRow{Kind: "row", Field: row.Field, Op: word}, !f.Optional
		}
		return row, right.Text == nil || !strings.Contains(row.Value, "\n")
	case f.Kind == rule.Date || f.Kind == rule.Moment:
		return dayRow(row, right)
	}
	return row, false
}

// dayRow shows a comparison with a day, or with so many days ago.
func dayRow(row ruleRow, right *rule.Operand) (ruleRow, bool) {
	if len(right.Args) != 1 {
		return row, false
	}
	arg := right.Args[0]
	switch {
	case right.Call == "date" && arg.Text != nil:
		row.Value = *arg.Text
		row.Op = map[string]string{"is": "on", "lt": "before", "ge": "from", "gt": "after", "le": "until"}[row.Op]
	case right.Call == "days_ago" && arg.Number != "":
		row.Value = arg.Number
		row.Op = map[string]string{"lt": "older", "ge": "within"}[row.Op]
	case right.Call == "days_ahead" && arg.Number != "":
		row.Value = arg.Number
		row.Op = map[string]string{"le": "ahead"}[row.Op]
	default:
		return row, false
	}
	return row, row.Op != ""
}

// fieldOf finds a field of the subject, or with a dot in front one of a list's rows.
func fieldOf(env *rule.Environment, list, name string) (rule.Field, bool) {
	if inRow, ok := strings.CutPrefix(name, "."); ok {
		for _, l := range env.Lists() {
			if l.Name == list {
				if i := slices.IndexFunc(l.Fields, func(f rule.Field) bool { return f.Name == inRow }); i >= 0 {
					return l.Fields[i], true
				}
			}
		}
		return rule.Field{}, false
	}
	for _, r := range env.Records() {
		if own, ok := strings.CutPrefix(name, r.Name+"."); ok {
			if i := slices.IndexFunc(r.Fields, func(f rule.Field) bool { return f.Name == own }); i >= 0 {
				return r.Fields[i], true
			}
		}
	}
	return rule.Field{}, false
}

// opsOf are the operators of a field, the most usual one first.
func opsOf(f rule.Field, choices bool) []string {
	var ops []string
	switch {
	case f.Kind == rule.Text && choices && (len(f.Choices) == 0 || f.Optional): // one of a known set that can be left out
		ops = []string{"is", "isnot", "in", "notin", "filled", "empty"}
	case f.Kind == rule.Text && choices:
		ops = []string{"is", "isnot", "in", "notin"}
	case f.Kind == rule.Text:
		ops = []string{"is", "isnot", "in", "notin", "contains", "notcontains", "starts", "ends", "filled", "empty"}
	case f.Kind == rule.Number:
		ops = []string{"is", "isnot", "ge", "gt", "le", "lt", "in", "notin"}
	case f.Kind == rule.YesNo:
		ops = []string{"yes", "no"}
	default:
		ops = []string{"within", "older", "from", "before", "on", "ahead"}
	}
	if f.Kind != rule.Text && (f.Optional || strings.HasPrefix(f.Is, "max(") || strings.HasPrefix(f.Is, "min(")) {
		ops = append(ops, "filled", "empty")
	}
	return ops
}

// rowsPosted reads the lines back from the form, with the group of all in front, however damaged it came.
func rowsPosted(f *input, list string) []ruleRow {
	var out []ruleRow
	for i := range min(f.count("rows"), maxRuleRows) {
		get := func(name string) string { return f.text(ruleField(i, name)) }
		r := ruleRow{Kind: get("kind"), Op: get("op"), List: get("list"), Field: get("field"), Match: get("match"), Value: get("value"), Values: f.Values[ruleField(i, "value")]}
		r.Depth, _ = strconv.Atoi(get("depth"))
		if !slices.Contains([]string{"group", "list", "row", "expr"}, r.Kind) {
			continue
		}
		if len(r.Values) > 1 {
			r.Value = strings.Join(r.Values, ", ")
		}
		out = append(out, r)
	}
	return settled(out, list)
}

// settled gives lines depths and lists that fit each other.
func settled(rows []ruleRow, list string) []ruleRow {
	if len(rows) == 0 || rows[0].Kind != "group" {
		rows = append([]ruleRow{{Kind: "group", Op: "all"}}, rows...)
	}
	rows[0].Depth, rows[0].List = 0, list
	path := []ruleRow{rows[0]} // the groups and lists that the next line can stand in
	for i := range rows {
		r := &rows[i]
		r.Index = i
		if i == 0 {
			continue
		}
		r.Depth = max(1, min(r.Depth, len(path)))
		path = path[:r.Depth]
		in := path[len(path)-1]
		inside := in.List
		switch {
		case r.Kind == "list" && inside != "": // a list is not asked inside another
			r.Kind, r.Op, r.List = "group", "all", inside
		case r.Kind != "list":
			r.List = inside
		}
		if r.Kind == "group" || r.Kind == "list" {
			path = append(path, *r)
		}
		if r.Kind == "group" && !slices.Contains([]string{"all", "any", "none"}, r.Op) {
			r.Op = "all"
		}
	}
	return rows
}

// span is where what belongs to a line ends.
func ruleSpan(rows []ruleRow, i int) int {
	end := i + 1
	for end < len(rows) && rows[end].Depth > rows[i].Depth {
		end++
	}
	return end
}

// changeRules takes one step of the form: "add:2:row", "add:0:group", "add:0:list", "delete:3".
func changeRules(rows []ruleRow, step string) []ruleRow {
	verb, rest, _ := strings.Cut(step, ":")
	at, kind, _ := strings.Cut(rest, ":")
	i, err := strconv.Atoi(at)
	if err != nil || i < 0 || i >= len(rows) {
		return rows
	}
	switch verb {
	case "add":
		r := ruleRow{Kind: kind, Depth: rows[i].Depth + 1, List: rows[i].List}
		more := []ruleRow{r}
		switch kind {
		case "group":
			more[0].Op = "any"
			more = append(more, ruleRow{Kind: "row", Depth: r.Depth + 1, List: r.List})
		case "list":
			more[0].Op, more[0].Match, more[0].List = "any", "all", ""
		}
		rows = slices.Insert(rows, ruleSpan(rows, i), more...)
	case "delete":
		if i > 0 {
			rows = slices.Delete(rows, i, ruleSpan(rows, i))
		}
	}
	return settled(rows, rows[0].List)
}

// ruleTree is the condition that the lines of a form say, with what is wrong put at each line. While somebody still
// writes, what is only missing is not told.
func (v *visit) ruleTree(env *rule.Environment, rows []ruleRow, writing bool) (rule.Node, bool) {
	b := ruleBuilding{v: v, env: env, rows: rows, good: true, writing: writing}
	root, _ := b.node(0)
	return root, b.good
}

type ruleBuilding struct {
	v             *visit
	env           *rule.Environment
	rows          []ruleRow
	good, writing bool
}

// missing says that something is not written yet, by the key of its words.
func (b *ruleBuilding) missing(i int, key string) {
	if b.good = false; !b.writing {
		b.wrong(i, b.v.t(key))
	}
}

func (b *ruleBuilding) wrong(i int, text string) {
	b.good = false
	b.rows[i].Faults = append(b.rows[i].Faults, text)
}

// node gives the condition of a line, and the line behind all that belongs to it.
func (b *ruleBuilding) node(i int) (rule.Node, int) {
	r := b.rows[i]
	switch r.Kind {
	case "group", "list":
		var parts []rule.Node
		end := ruleSpan(b.rows, i)
		for at := i + 1; at < end; {
			var part rule.Node
			part, at = b.node(at)
			parts = append(parts, part)
		}
		if r.Kind == "group" {
			if i > 0 && len(parts) == 0 {
				b.missing(i, "segment.fault.group")
			}
			return groupNode(r.Op, parts), end
		}
		n := rule.Node{Op: rule.Any, List: r.List}
		if op := rule.Op(r.Op); op == rule.All || op == rule.None {
			n.Op = op
		}
		if !slices.ContainsFunc(b.env.Lists(), func(l rule.List) bool { return l.Name == r.List }) {
			b.missing(i, "segment.fault.list")
		}
		if len(parts) > 0 {
			where := groupNode(r.Match, parts)
			n.Where = &where
		}
		return n, end
	case "expr":
		return b.expression(i), i + 1
	}
	return b.row(i), i + 1
}

func groupNode(op string, parts []rule.Node) rule.Node {
	switch op {
	case "any":
		return rule.Node{Op: rule.Or, Nodes: parts}
	case "none":
		return rule.Node{Op: rule.Not, Nodes: []rule.Node{{Op: rule.Or, Nodes: parts}}}
	}
	return rule.Node{Op: rule.And, Nodes: parts}
}

// expression reads a line that is written as an expression.
func (b *ruleBuilding) expression(i int) rule.Node {
	r := b.rows[i]
	source, inList := r.Value, r.List != ""
	if strings.TrimSpace(source) == "" {
		b.missing(i, "segment.fault.value")
		return rule.Node{Op: rule.And}
	}
	if inList {
		source = "any(" + r.List + ", " + source + ")"
	}
	c, err := b.env.Parse(source)
	if err != nil {
		b.refuse(i, err)
		return rule.Node{Op: rule.And}
	}
	n := c.Node()
	if inList {
		if n.Op != rule.Any || n.Where == nil {
			return rule.Node{Op: rule.And}
		}
		return *n.Where
	}
	return n
}

// refuse puts what the language says about a line at it.
func (b *ruleBuilding) refuse(i int, err error) {
	for _, one := range fault.Of(err) {
		b.wrong(i, b.v.ruleFault(one).Text)
	}
	if len(fault.Of(err)) == 0 {
		b.wrong(i, b.v.sentence(err.Error()))
	}
}

// row reads a line of field, operator and value.
func (b *ruleBuilding) row(i int) rule.Node {
	r := b.rows[i]
	none := rule.Node{Op: rule.And}
	f, ok := fieldOf(b.env, r.List, r.Field)
	if !ok {
		b.missing(i, "segment.fault.field")
		return none
	}
	left := &rule.Operand{Field: r.Field}
	n := rule.Node{Left: left}
	not := func(n rule.Node) rule.Node { return rule.Node{Op: rule.Not, Nodes: []rule.Node{n}} }
	switch r.Op {
	case "yes":
		n.Op = rule.Yes
	case "no":
		n = not(rule.Node{Op: rule.Yes, Left: left})
	case "empty":
		n.Op = rule.Empty
	case "filled":
		n = not(rule.Node{Op: rule.Empty, Left: left})
	case "in", "notin":
		n.Op = rule.In
		for _, one := range valuesIn(r.Values) {
			v, ok := b.constant(i, f, one)
			if !ok {
				return none
			}
			n.Values = append(n.Values, v)
		}
		if len(n.Values) == 0 {
			b.missing(i, "segment.fault.value")
			return none
		}
		if r.Op == "notin" {
			n = not(n)
		}
	default:
		right, ok := b.constant(i, f, r.Value)
		if !ok {
			return none
		}
		n.Right = &right
		if n.Op, ok = ruleOps[r.Op]; !ok {
			b.wrong(i, b.v.t("segment.fault.op"))
			return none
		}
		if r.Op == "notcontains" {
			n = not(n)
		}
	}
	whole := n
	if r.List != "" {
		whole = rule.Node{Op: rule.Any, List: r.List, Where: &n}
	}
	if _, err := b.env.Build(whole); err != nil {
		b.refuse(i, err)
	}
	return n
}

// ruleOps are what the operators of lines with one value ask.
var ruleOps = map[string]rule.Op{
	"is": rule.Equal, "isnot": rule.Unequal, "contains": rule.Contains, "notcontains": rule.Contains, "starts": rule.StartsWith, "ends": rule.EndsWith,
	"lt": rule.Less, "le": rule.AtMost, "gt": rule.More, "ge": rule.AtLeast,
	"on": rule.Equal, "before": rule.Less, "from": rule.AtLeast, "after": rule.More, "until": rule.AtMost, "older": rule.Less, "within": rule.AtLeast, "ahead": rule.AtMost,
}

// valuesIn are values that were ticked, or typed with commas between them.
func valuesIn(values []string) []string {
	var out []string
	for _, one := range values {
		for _, part := range strings.FieldsFunc(one, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

// constant reads a value as a person types it.
func (b *ruleBuilding) constant(i int, f rule.Field, text string) (rule.Operand, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		b.missing(i, "segment.fault.value")
		return rule.Operand{}, false
	}
	lang := b.v.Locale.Language
	switch f.Kind {
	case rule.Number:
		d, err := decimal.NewFromString(text)
		if err != nil {
			d, err = lang.ParseNumber(text)
		}
		if err != nil {
			b.wrong(i, b.v.t("fault.number"))
			return rule.Operand{}, false
		}
		return rule.Operand{Number: d.String()}, true
	case rule.Date, rule.Moment:
		if op := b.rows[i].Op; op == "older" || op == "within" || op == "ahead" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				b.wrong(i, b.v.t("segment.fault.days"))
				return rule.Operand{}, false
			}
			call := "days_ago"
			if op == "ahead" {
				call = "days_ahead"
			}
			return rule.Operand{Call: call, Args: []rule.Operand{{Number: strconv.Itoa(n)}}}, true
		}
		d, err := lang.ParseDate(text)
		if err != nil {
			b.wrong(i, b.v.t("fault.date"))
			return rule.Operand{}, false
		}
		iso := d.String()
		return rule.Operand{Call: "date", Args: []rule.Operand{{Text: &iso}}}, true
	case rule.Text, rule.YesNo:
	}
	return rule.Operand{Text: &text}, true
}

// ruleFault is what is wrong with a condition, in words, with its place in the expression where it has one.
type ruleFault struct {
	Text string
	// Detail is what the language itself says, in English.
	Detail string
	// Before, Here and After are the expression around the place.
	Before, Here, After string
	// Fix is what could stand there instead, Step the button that puts it there.
	Fix, Step string
}

var (
	meant  = regexp.MustCompile(`did you mean ([^\s?]+)\?`)
	named  = regexp.MustCompile(`"([^"]{1,60})"|have no field (\S+?)[;,]|have no field (\S+)$`)
	named1 = regexp.MustCompile(`^[\pL\pN_.]+`)
)

// ruleFault says a fault of a condition in the reader's language.
func (v *visit) ruleFault(f fault.Fault) ruleFault {
	out := ruleFault{Detail: v.sentence(f.Message), Text: v.sentence(f.Message)}
	if key := "segment." + f.Code; texts[key] != nil {
		out.Text = v.t(key)
	}
	if f.Code == "rule.unknown" {
		if m := named.FindStringSubmatch(f.Message); m != nil {
			out.Text = v.t("segment.rule.unknown.name", firstText(m[1], m[2], m[3]))
		}
	}
	if m := meant.FindStringSubmatch(f.Message); m != nil {
		out.Fix = m[1]
		out.Text += " " + v.t("segment.meant", out.Fix)
	}
	return out
}

// placedFault is one of an expression, with the words around its place and, where the language knows what was
// meant, a button that mends it.
func (v *visit) placedFault(f fault.Fault, source string) ruleFault {
	out := v.ruleFault(f)
	at, ok := strings.CutPrefix(f.Path, "condition:")
	n, err := strconv.Atoi(at)
	runes := []rune(source)
	if !ok || err != nil || n < 1 || n > len(runes)+1 {
		out.Fix = ""
		return out
	}
	const around = 24
	n--
	word := named1.FindString(string(runes[n:]))
	end := min(len(runes), n+max(1, len([]rune(word))))
	out.Before, out.Here, out.After = string(runes[max(0, n-around):n]), string(runes[n:end]), string(runes[end:min(len(runes), end+around)])
	if out.Here == "" {
		out.Here = " "
	}
	if out.Fix != "" && word != "" {
		out.Step = "fix:" + strconv.Itoa(n) + ":" + out.Fix
	}
	return out
}

// mended puts a suggestion where it belongs: "fix:14:party.city".
func mended(source, step string) string {
	_, rest, _ := strings.Cut(step, ":")
	at, word, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(at)
	runes := []rune(source)
	if err != nil || n < 0 || n > len(runes) || len(word) > 200 {
		return source
	}
	was := named1.FindString(string(runes[n:]))
	return string(runes[:n]) + word + string(runes[n+len([]rune(was)):])
}
