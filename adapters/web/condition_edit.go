package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
)

// conditionForm is the part of a page in which a condition is written: as the lines of a form, or as an expression. Its
// fields are drawn by the template "rulesbox", the guide beside it by "ruleguide". A handler reads it by
// [postedCondition], takes the condition by [visit.writtenCondition], and draws the page again after
// [visit.dressCondition].
type conditionForm struct {
	Form *input
	// Mode is form or text.
	Mode   string
	Rules  []ruleRow
	Faults []ruleFault
	// Writing says that it is read while somebody still writes it: what is missing is then no fault yet.
	Writing bool
	// List makes it a condition on a row of that list, "" one on the subject itself.
	List string
	// Document is what conditions can speak of.
	Document  []fieldDoc
	Functions []rule.Function
	// Example shows how expressions look.
	Example string
}

// fieldDoc is a group of fields in the guide beside the expression.
type fieldDoc struct {
	Label  string
	Fields []fieldLine
}

type fieldLine struct{ Name, Label, Kind string }

// The ways of writing a condition.
const (
	byForm = "form"
	byText = "text"
)

// conditionExample speaks of what every environment about people has.
const conditionExample = `party.country in ["HU", "AT"] and party.email != nil
any(activities, .at >= days_ago(30)) or any(quotes, .net >= 100000)
none(opportunities, .state == "open") or not party.customer`

// rulesTarget is the part of the page that is drawn again where only a line has changed.
const rulesTarget = "rules"

// emptyCondition is one in which nothing was written yet.
func emptyCondition(f *input, list string) conditionForm {
	return conditionForm{Form: f, Mode: byForm, List: list, Rules: settled([]ruleRow{{Kind: "group", Op: "all"}, {Depth: 1, Kind: "row"}}, list)}
}

// conditionOf shows a condition that is kept; one that does not hold water any more, because a field is gone, is shown
// as an expression with what is wrong.
func (v *visit) conditionOf(env *rule.Environment, f *input, condition, list string) conditionForm {
	if condition == "" {
		return emptyCondition(f, list)
	}
	f.Values.Set("condition", condition)
	c := conditionForm{Form: f, Mode: byForm, List: list}
	n, faults := v.parsed(env, condition, list)
	if len(faults) > 0 {
		c.Mode, c.Faults = byText, faults
		return c
	}
	c.Rules = ruleRows(env, n, list)
	return c
}

// postedCondition reads it back from the form, with the step that was pressed taken: a line more, a line less, a
// mistake mended. What was written about the rows of another list is gone.
func postedCondition(f *input, list string) conditionForm {
	if f.text("list") != list {
		return emptyCondition(f, list)
	}
	c := conditionForm{Form: f, Mode: f.text("mode"), List: list}
	step := f.text("do")
	if c.Mode != byText {
		c.Mode = byForm
		c.Rules = changeRules(rowsPosted(f, list), step)
	} else if strings.HasPrefix(step, "fix:") {
		f.Values.Set("condition", mended(f.Get("condition"), step))
	}
	return c
}

// dressCondition gives the form what it shows beside what was written.
func (v *visit) dressCondition(env *rule.Environment, c *conditionForm) error {
	var err error
	if c.Rules, err = v.dressed(env, c.Rules); err != nil {
		return err
	}
	c.Form.Values.Set("mode", c.Mode)
	if c.Mode == byText {
		c.Document, c.Functions, c.Example = v.fieldDocs(env), rule.Functions(), conditionExample
	}
	return nil
}

// blank reports whether nothing was written yet.
func (c conditionForm) blank() bool {
	return c.Mode == byForm && len(c.Rules) == 2 && c.Rules[1].Kind == "row" && c.Rules[1].Field == ""
}

// allFaults are the words of all that is wrong, each once.
func (c conditionForm) allFaults() []string {
	var out []string
	for _, r := range c.Rules {
		out = append(out, r.Faults...)
	}
	for _, one := range c.Faults {
		out = append(out, one.Text)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// parsed reads an expression; list makes it one on a row of that list.
func (v *visit) parsed(env *rule.Environment, source, list string) (rule.Node, []ruleFault) {
	before, after := "", ""
	if list != "" {
		before, after = "any("+list+", ", ")"
	}
	c, err := env.Parse(before + source + after)
	if err != nil {
		var out []ruleFault
		for _, one := range fault.Of(err) {
			if at, ok := strings.CutPrefix(one.Path, "condition:"); ok && list != "" {
				n, _ := strconv.Atoi(at)
				one.Path = "condition:" + strconv.Itoa(min(n-len(before), len([]rune(source))+1))
			}
			out = append(out, v.placedFault(one, source))
		}
		return rule.Node{}, out
	}
	return rowsOf(c.Node(), list), nil
}

// rowsOf is what a condition on rows of a list says of each of them.
func rowsOf(n rule.Node, list string) rule.Node {
	switch {
	case list == "":
		return n
	case n.Where == nil:
		return rule.Node{Op: rule.And}
	}
	return *n.Where
}

// writtenCondition is the expression that stands in the form, in its one form, with what is wrong put in place; "true"
// where nothing is asked.
func (v *visit) writtenCondition(env *rule.Environment, c *conditionForm) (string, bool) {
	if c.Mode == byForm {
		tree, good := v.ruleTree(env, c.Rules, c.Writing)
		if !good {
			return "", false
		}
		whole := tree
		if c.List != "" {
			whole = rule.Node{Op: rule.Any, List: c.List, Where: &tree}
		}
		built, err := env.Build(whole)
		if err != nil {
			for _, one := range fault.Of(err) {
				c.Rules[0].Faults = append(c.Rules[0].Faults, v.ruleFault(one).Text)
			}
			return "", false
		}
		return rowsOf(built.Node(), c.List).String(), true
	}
	source := c.Form.Get("condition")
	if strings.TrimSpace(source) == "" {
		return "true", true
	}
	n, faults := v.parsed(env, source, c.List)
	c.Faults = append(c.Faults, faults...)
	return n.String(), len(faults) == 0
}

// switchMode shows the same condition the other way.
func (v *visit) switchMode(env *rule.Environment, c *conditionForm, condition, mode string) {
	if mode == byText {
		c.Mode = byText
		c.Form.Values.Set("condition", condition)
		return
	}
	if condition == "" {
		*c = emptyCondition(c.Form, c.List)
	} else if n, faults := v.parsed(env, condition, c.List); len(faults) == 0 {
		c.Mode, c.Rules = byForm, ruleRows(env, n, c.List)
	}
}

// dressed gives each line what its form shows.
func (v *visit) dressed(env *rule.Environment, rows []ruleRow) ([]ruleRow, error) {
	choices, err := v.ruleChoices(env)
	if err != nil {
		return nil, err
	}
	return v.dressRows(env, rows, choices), nil
}

func (v *visit) dressRows(env *rule.Environment, rows []ruleRow, choices map[string][]option) []ruleRow {
	subject := v.subjectFields(env)
	for i := range rows {
		r := &rows[i]
		r.Index = i
		switch r.Kind {
		case "list":
			for _, l := range env.Lists() {
				r.Lists = append(r.Lists, option{Value: l.Name, Label: v.ruleListName(l), On: l.Name == r.List})
			}
			r.Ops = v.options("segment.list.", r.Op, "any", "none", "all")
		case "group":
			r.Ops = v.options("segment.group.", r.Op, "all", "any", "none")
		case "row":
			r.Fields = subject
			if r.List != "" {
				r.Fields = v.listFields(env, r.List)
			}
			if f, ok := fieldOf(env, r.List, r.Field); ok {
				v.dressRow(r, f, choices)
			}
		}
	}
	for i := range rows { // where groups and lists end
		if rows[i].Kind != "group" && rows[i].Kind != "list" {
			continue
		}
		last := &rows[ruleSpan(rows, i)-1]
		inside := rows[i].List
		end := ruleEnd{Index: i, Depth: rows[i].Depth, Group: rows[i].Depth < maxRuleDepth-1 && rows[i].Kind == "group", List: inside == "" && rows[i].Kind == "group"}
		last.Ends = append([]ruleEnd{end}, last.Ends...)
	}
	return rows
}

// valuesOf are the values that a field has, nil where they are any. A company's own field has no others than its own,
// whatever it is called.
func (v *visit) valuesOf(r *ruleRow, f rule.Field, name string, choices map[string][]option) []option {
	if f.Own != nil {
		var out []option
		for _, c := range f.Own.Rules.Choices {
			if !c.Archived || slices.Contains(r.Values, c.Value) {
				out = append(out, option{Value: c.Value, Label: c.Text(v.Locale.Language)})
			}
		}
		return out
	}
	own := choices[name]
	if own == nil {
		own = choices["*"+r.Field[strings.LastIndexByte(r.Field, '.')+1:]]
	}
	if f.Kind == rule.Text && own == nil {
		for _, c := range f.Choices {
			own = append(own, option{Value: c, Label: v.ruleChoice(r.List, c)})
		}
	}
	return own
}

func (v *visit) dressRow(r *ruleRow, f rule.Field, choices map[string][]option) {
	name := r.Field
	if r.List != "" {
		name = r.List + r.Field
	}
	own := v.valuesOf(r, f, name, choices)
	ops := opsOf(f, len(own) > 0 && !openFields[name[strings.LastIndexByte(name, '.')+1:]])
	switch {
	case r.Op == "after", r.Op == "until", !slices.Contains(ops, r.Op) && slices.Contains(opsOf(f, false), r.Op):
		ops = append(ops, r.Op)
	case !slices.Contains(ops, r.Op):
		r.Op = ops[0]
	}
	kind := "op."
	if f.Kind == rule.Number {
		kind = "op.number."
	}
	for _, op := range ops {
		key := "segment." + kind + op
		if texts[key] == nil {
			key = "segment.op." + op
		}
		r.Ops = append(r.Ops, option{Value: op, Label: v.t(key), On: op == r.Op})
	}
	switch r.Op {
	case "yes", "no", "empty", "filled":
		return
	case "older", "within", "ahead":
		r.Input = "days"
		return
	case "contains", "notcontains", "starts", "ends":
		own = nil // a part of a word is typed
	case "in", "notin":
		r.Many = len(own) > 0
	}
	switch {
	case len(own) > 0:
		chosen := valuesIn(r.Values)
		for _, o := range own {
			o.On = slices.Contains(chosen, o.Value)
			r.Choices = append(r.Choices, o)
		}
		for _, value := range chosen {
			if !slices.ContainsFunc(own, func(o option) bool { return o.Value == value }) {
				r.Choices = append(r.Choices, option{Value: value, Label: value, On: true})
			}
		}
		r.Input = "choice"
	case f.Kind == rule.Number:
		r.Input = "number"
	case f.Kind == rule.Date || f.Kind == rule.Moment:
		r.Input = "date"
	default:
		r.Input = "text"
	}
}

// openFields are texts whose values the company lists, and that can hold others all the same: what a visitor's address
// said, for example.
var openFields = map[string]bool{"source": true}

// knownValues are the values of fields that the program knows, with where their words are; a list of its own keeps what
// else may stand there.
var knownValues = map[string]struct {
	texts  string
	values []string
}{
	"touches.channel":      {"channel.", []string{"form", "hand", "file", "card", "email", "phone", "ad", "host", "meeting", "other"}},
	"activities.kind":      {"segment.v.kind.", []string{"call", "meeting", "task", "note", "file", "mail", "letter", "quote", "document"}},
	"activities.state":     {"segment.v.state.", []string{"planned", "waiting", "done", "cancelled"}},
	"activities.direction": {"segment.v.direction.", []string{"in", "out"}},
	"roles.role":           {"segment.v.role.", []string{"customer", "contact"}},
}

// ruleChoices are the values of an environment's fields that the company itself keeps, as its sources, groups of
// products, stages, topics, campaigns and users, and those that the program knows. They are kept by the list and the
// field, or with a star by the last word of the field wherever it stands.
func (v *visit) ruleChoices(env *rule.Environment) (map[string][]option, error) {
	out := map[string][]option{}
	if v.module().Newsletters != nil {
		if err := v.letterChoices(out); err != nil {
			return nil, err
		}
	}
	colleagues, err := v.colleagues()
	if err != nil {
		return nil, err
	}
	var teams []string
	for _, u := range colleagues {
		out["*owner"] = append(out["*owner"], option{Value: u.ID, Label: u.Name})
		teams = append(teams, u.Teams...)
	}
	slices.Sort(teams)
	for _, t := range slices.Compact(teams) {
		out["*team"] = append(out["*team"], option{Value: t, Label: t})
	}
	for _, l := range locale.Languages {
		out["*language"] = append(out["*language"], option{Value: string(l), Label: l.Name()})
	}
	for field, known := range knownValues {
		for _, value := range known.values {
			out[field] = append(out[field], option{Value: value, Label: v.t(known.texts + value)})
		}
	}
	return out, v.saleChoices(env, out)
}

// saleChoices are the company's sources, pipelines and stages, and the groups of products where the environment has
// lines.
func (v *visit) saleChoices(env *rule.Environment, out map[string][]option) error {
	sources, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return err
	}
	for _, c := range sources.Choices {
		out["*source"] = append(out["*source"], option{Value: c.Value, Label: c.Text(v.Locale.Language)})
	}
	pipelines, err := v.module().Opportunities.Pipelines().List(v.ctx())
	if err != nil {
		return err
	}
	for _, p := range pipelines {
		out["*pipeline"] = append(out["*pipeline"], option{Value: p.Name, Label: p.Name})
		for _, st := range p.Stages {
			if !slices.ContainsFunc(out["*stage"], func(o option) bool { return o.Value == st.Name }) { // two pipelines can have stages of one name
				out["*stage"] = append(out["*stage"], option{Value: st.Name, Label: st.Name})
			}
		}
	}
	if !slices.ContainsFunc(env.Lists(), func(l rule.List) bool { return l.Name == leadrule.Lines }) {
		return nil
	}
	groups, err := v.module().ProductGroups(v.ctx())
	for _, g := range groups {
		out[leadrule.Lines+".group"] = append(out[leadrule.Lines+".group"], option{Value: g.Key, Label: g.Name})
	}
	return err
}

// letterChoices are the company's topics, and its campaigns where the visitor sees them.
func (v *visit) letterChoices(out map[string][]option) error {
	topics, err := v.module().Newsletters.Subscriptions.Topics(v.ctx())
	if err != nil {
		return err
	}
	for _, t := range topics {
		text, _ := t.In(v.Locale.Language)
		out["subscriptions.topic"] = append(out["subscriptions.topic"], option{Value: t.Code, Label: firstText(text.Name, t.Code)})
	}
	if v.may(campaign.Read) {
		found, err := v.module().Newsletters.Campaigns.List(v.ctx(), campaign.Filter{Page: store.Page{Limit: 100}})
		if err != nil {
			return err
		}
		for _, c := range found.Rows {
			out["mails.campaign"] = append(out["mails.campaign"], option{Value: strconv.FormatInt(c.Number, 10), Label: c.Name})
		}
	}
	return nil
}

// fieldName is a field in the reader's language; one that the host or the company has made has its own words.
func (v *visit) ruleFieldName(of string, f rule.Field) string {
	if f.Own != nil {
		return f.Own.Text(v.Locale.Language)
	}
	for _, key := range []string{"segment.f." + of + "." + f.Name, "segment.f." + f.Name} {
		if texts[key] != nil {
			return v.t(key)
		}
	}
	return firstText(f.Doc, f.Name)
}

func (v *visit) ruleListName(l rule.List) string {
	if key := "segment.l." + l.Name; texts[key] != nil {
		return v.t(key)
	}
	return firstText(l.Doc, l.Name)
}

// ruleChoice is a value that the program knows, in the reader's language.
func (v *visit) ruleChoice(list, value string) string {
	for _, key := range []string{"segment.v." + list + "." + value, "segment.v." + value, "lead.status." + value} {
		if texts[key] != nil {
			return v.t(key)
		}
	}
	return value
}

func (v *visit) subjectFields(env *rule.Environment) []fieldGroup {
	var out []fieldGroup
	for _, r := range env.Records() {
		g := fieldGroup{Label: v.t("segment.g." + r.Name)}
		for _, f := range r.Fields {
			g.Fields = append(g.Fields, option{Value: r.Name + "." + f.Name, Label: v.ruleFieldName(r.Name, f)})
		}
		out = append(out, g)
	}
	return out
}

func (v *visit) listFields(env *rule.Environment, name string) []fieldGroup {
	for _, l := range env.Lists() {
		if l.Name == name {
			g := fieldGroup{Label: v.ruleListName(l)}
			for _, f := range l.Fields {
				g.Fields = append(g.Fields, option{Value: "." + f.Name, Label: v.ruleFieldName(name, f)})
			}
			return []fieldGroup{g}
		}
	}
	return nil
}

// fieldDocs are the names that expressions use, with what they mean.
func (v *visit) fieldDocs(env *rule.Environment) []fieldDoc {
	var out []fieldDoc
	line := func(of, name string, f rule.Field) fieldLine {
		l := fieldLine{Name: name, Label: v.ruleFieldName(of, f), Kind: v.t("segment.kind." + strings.ReplaceAll(string(f.Kind), "/", ""))}
		if len(f.Choices) > 0 {
			l.Kind = strings.Join(f.Choices, ", ")
		}
		return l
	}
	for _, r := range env.Records() {
		d := fieldDoc{Label: v.t("segment.g." + r.Name)}
		for _, f := range r.Fields {
			d.Fields = append(d.Fields, line(r.Name, r.Name+"."+f.Name, f))
		}
		out = append(out, d)
	}
	for _, l := range env.Lists() {
		d := fieldDoc{Label: v.ruleListName(l) + ": any(" + l.Name + ", …)"}
		for _, f := range l.Fields {
			d.Fields = append(d.Fields, line(l.Name, "."+f.Name, f))
		}
		out = append(out, d)
	}
	return out
}
