package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
)

// segmentEditor is the page on which a segment is written: its condition as the lines of a form, or as an
// expression.
type segmentEditor struct {
	Form    *input
	Segment *segment.Segment
	Action  string
	// Mode is form or text.
	Mode     string
	Rules    []ruleRow
	Faults   []ruleFault
	Excluded []topicChoice
	Look     segmentLook
	Uses     []segmentUse
	Versions []segmentVersion
	// Document is what conditions can speak of.
	Document  []fieldDoc
	Functions []rule.Function
	Clash     string
	Write     bool
}

// segmentLook is how many are in a segment, and some of them.
type segmentLook struct {
	Asked  bool
	Count  int
	Rows   []segment.Row
	Faults []string
	// Expression is the condition as it is kept.
	Expression string
}

type segmentUse struct{ Name, Path, Icon, Text string }

type segmentVersion struct {
	segment.Version
	By, Path string
	Now      bool
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

func (s *screens) newSegment(v *visit) error {
	if v.asked().text("kind") == string(segment.Static) {
		return s.drawSegment(v, segmentEditor{Form: v.blank("name", "", "description", "", "kind", string(segment.Static))})
	}
	f := v.blank("name", "", "description", "", "kind", string(segment.Dynamic), "mode", byForm)
	return s.drawSegment(v, segmentEditor{Form: f, Mode: byForm, Rules: []ruleRow{{Kind: "group", Op: "all"}, {Index: 1, Depth: 1, Kind: "row"}}})
}

func (v *visit) segmentOf() (segment.Segment, error) {
	id, err := key[segment.Tag](v, "id")
	if err != nil {
		return segment.Segment{}, err
	}
	return v.s.module.Newsletters.Segments.Get(v.ctx(), id)
}

// editSegment shows a segment as it is, or as it was in one of its versions.
func (s *screens) editSegment(v *visit) error {
	g, err := v.segmentOf()
	if err != nil {
		return err
	}
	f := v.blank("name", g.Name, "description", g.Description, "kind", string(g.Kind), "mode", byForm, "version", strconv.FormatInt(g.Version, 10))
	if g.Kind == segment.Static {
		return s.drawSegment(v, segmentEditor{Form: f, Segment: &g})
	}
	condition, excluded := g.Condition, g.Exclusions()
	if n := v.asked().count("of"); n > 0 {
		all, err := s.module.Newsletters.Segments.Versions(v.ctx(), g.ID)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(one segment.Version) bool { return one.Number == int64(n) }); i >= 0 {
			condition, excluded = all[i].Condition, segment.Segment{Excluded: all[i].Excluded}.Exclusions()
		}
	}
	for _, id := range excluded {
		f.Values.Set("exclude."+id.String(), "on")
	}
	f.Values.Set("condition", condition)
	e := segmentEditor{Form: f, Segment: &g, Mode: byForm}
	env, err := s.module.Newsletters.Segments.Environment(v.ctx())
	if err != nil {
		return err
	}
	c, err := env.Parse(condition)
	if err != nil { // a field is gone, say: the expression shows which
		e.Mode = byText
		for _, one := range fault.Of(err) {
			e.Faults = append(e.Faults, v.placedFault(one, condition))
		}
	} else {
		e.Rules = ruleRows(env, c.Node())
	}
	if v.asked().text("mode") == byText {
		e.Mode = byText
	}
	return s.drawSegment(v, e)
}

func (s *screens) drawSegment(v *visit, e segmentEditor) error {
	e.Write, e.Action = v.may(segment.Write), v.link("/segments/new")
	h := head{Title: v.t("segment.new"), Section: "campaigns", Wide: true, Crumbs: v.campaignCrumbs(crumb{v.t("segment.list"), v.link("/segments")})}
	if e.Segment != nil {
		e.Action = v.link("/segments", e.Segment.ID.String())
		h.Title = e.Segment.Name
		if err := v.segmentSurroundings(&e); err != nil {
			return err
		}
	}
	status := e.Form.statusOf()
	if e.Clash != "" {
		status = http.StatusConflict
	}
	if e.Form.text("kind") == string(segment.Static) {
		if e.Segment == nil {
			h.Title = v.t("segment.new.static")
			return v.show(status, "segment_static", h, segmentMembers{segmentEditor: e})
		}
		return s.drawMembers(v, e, h, status)
	}
	env, err := s.module.Newsletters.Segments.Environment(v.ctx())
	if err != nil {
		return err
	}
	if e.Rules, err = v.dressed(env, e.Rules); err != nil {
		return err
	}
	e.Form.Values.Set("mode", e.Mode)
	if err := v.exclusions(&e); err != nil {
		return err
	}
	if e.Mode == byText {
		e.Document, e.Functions = v.fieldDocs(env), rule.Functions()
	}
	if v.part() && v.target() == "segment-rules" {
		return v.fill(http.StatusOK, "segment_edit", "rules", e)
	}
	return v.show(status, "segment_edit", h, e)
}

// segmentSurroundings are where a segment is used, and what it was before.
func (v *visit) segmentSurroundings(e *segmentEditor) error {
	uses, err := v.s.module.Newsletters.SegmentUses(v.ctx(), e.Segment.ID)
	if err != nil {
		return err
	}
	for _, u := range uses {
		switch u.Kind {
		case newsletter.UsedByCampaign:
			e.Uses = append(e.Uses, segmentUse{Name: u.Name, Icon: "megaphone", Text: campaign.State(u.State).In(v.Locale.Language), Path: v.link("/campaigns", u.ID)})
		case newsletter.UsedBySegment:
			e.Uses = append(e.Uses, segmentUse{Name: u.Name, Icon: "filter", Text: v.t("segment.use.excludes"), Path: v.link("/segments", u.ID)})
		}
	}
	if e.Segment.Kind == segment.Static {
		return nil
	}
	all, err := v.s.module.Newsletters.Segments.Versions(v.ctx(), e.Segment.ID)
	if err != nil {
		return err
	}
	names, err := v.names()
	for _, one := range all[:min(len(all), 10)] {
		row := segmentVersion{Version: one, By: firstText(nameIn(names, one.SavedBy), one.SavedBy), Now: one.Number == e.Segment.Version}
		row.Path = e.Action + "?of=" + strconv.FormatInt(one.Number, 10)
		e.Versions = append(e.Versions, row)
	}
	return err
}

// exclusions are the other segments, each with a box.
func (v *visit) exclusions(e *segmentEditor) error {
	found, err := v.s.module.Newsletters.Segments.List(v.ctx(), segment.Filter{Page: store.Page{Limit: 200}})
	if err != nil {
		return err
	}
	for _, g := range found.Rows {
		if e.Segment == nil || e.Segment.ID != g.ID {
			name := "exclude." + g.ID.String()
			e.Excluded = append(e.Excluded, topicChoice{Name: name, Label: g.Name, Note: v.t("segment.kind." + string(g.Kind)), On: e.Form.on(name)})
		}
	}
	return nil
}

func (f *input) excludedSegments() []segment.ID {
	var out []segment.ID
	for name := range f.Values {
		if text, ok := strings.CutPrefix(name, "exclude."); ok && f.on(name) {
			if id, err := store.ParseKey[segment.Tag](text); err == nil {
				out = append(out, id)
			}
		}
	}
	slices.SortFunc(out, func(a, b segment.ID) int { return slices.Compare(a[:], b[:]) })
	return out
}

// saveSegment takes the form of a new segment or of one that is there: a step of the form, a look, or the end.
func (s *screens) saveSegment(v *visit) error {
	f := v.posted()
	e := segmentEditor{Form: f, Mode: f.text("mode")}
	if v.r.PathValue("id") != "" {
		g, err := v.segmentOf()
		if err != nil {
			return err
		}
		e.Segment = &g
		f.Values.Set("kind", string(g.Kind))
	}
	if f.text("kind") == string(segment.Static) {
		return s.keepSegment(v, e, segment.Draft{Kind: segment.Static})
	}
	if e.Mode != byText {
		e.Mode = byForm
	}
	env, err := s.module.Newsletters.Segments.Environment(v.ctx())
	if err != nil {
		return err
	}
	step := f.text("do")
	if e.Mode == byForm {
		e.Rules = changeRules(rowsPosted(f), step)
	} else if strings.HasPrefix(step, "fix:") {
		f.Values.Set("condition", mended(f.Get("condition"), step))
	}
	look := step == "look" || v.part() && v.target() == "segment-look"
	asks := step == "" || step == "save" || look || strings.HasPrefix(step, "mode:")
	if !asks {
		return s.drawSegment(v, e)
	}
	condition, good := v.writtenCondition(env, &e)
	switch {
	case look:
		e.Look = v.lookAt(e, condition, good)
		if v.part() {
			return v.fill(http.StatusOK, "segment_edit", "look", e)
		}
		return s.drawSegment(v, e)
	case strings.HasPrefix(step, "mode:"):
		if good {
			v.switchMode(env, &e, condition, strings.TrimPrefix(step, "mode:"))
		}
		return s.drawSegment(v, e)
	case !good:
		f.Faults[""] = append(f.Faults[""], v.t("segment.faulty"))
		return s.drawSegment(v, e)
	}
	return s.keepSegment(v, e, segment.Draft{Kind: segment.Dynamic, Condition: condition, Exclude: f.excludedSegments()})
}

// writtenCondition is the expression that stands in the form, in its one form, with what is wrong put in place.
func (v *visit) writtenCondition(env *rule.Environment, e *segmentEditor) (string, bool) {
	if e.Mode == byForm {
		tree, good := v.ruleTree(env, e.Rules)
		if !good {
			return "", false
		}
		c, err := env.Build(tree)
		if err != nil {
			for _, one := range fault.Of(err) {
				e.Rules[0].Faults = append(e.Rules[0].Faults, v.ruleFault(one).Text)
			}
			return "", false
		}
		return c.String(), true
	}
	source := e.Form.Get("condition")
	if strings.TrimSpace(source) == "" {
		return "true", true
	}
	c, err := env.Parse(source)
	if err != nil {
		for _, one := range fault.Of(err) {
			e.Faults = append(e.Faults, v.placedFault(one, source))
		}
		return "", false
	}
	return c.String(), true
}

// switchMode shows the same condition the other way.
func (v *visit) switchMode(env *rule.Environment, e *segmentEditor, condition, mode string) {
	if mode == byText {
		e.Mode = byText
		e.Form.Values.Set("condition", condition)
		return
	}
	if c, err := env.Parse(condition); err == nil {
		e.Mode, e.Rules = byForm, ruleRows(env, c.Node())
	}
}

// lookAt counts who is in what is being written, and shows some of them.
func (v *visit) lookAt(e segmentEditor, condition string, good bool) segmentLook {
	if e.Mode == byForm && len(e.Rules) == 2 && e.Rules[1].Kind == "row" && e.Rules[1].Field == "" {
		return segmentLook{} // nothing was written yet
	}
	look := segmentLook{Asked: true, Expression: condition}
	if !good {
		for _, r := range e.Rules {
			look.Faults = append(look.Faults, r.Faults...)
		}
		for _, one := range e.Faults {
			look.Faults = append(look.Faults, one.Text)
		}
		slices.Sort(look.Faults)
		look.Faults = slices.Compact(look.Faults)
		return look
	}
	sel := segment.Selection{Condition: condition, Exclude: e.Form.excludedSegments()}
	n := v.s.module.Newsletters.Segments
	var err error
	if look.Count, err = n.Count(v.ctx(), sel); err == nil && look.Count > 0 {
		look.Rows, err = n.Sample(v.ctx(), sel)
	}
	if err != nil {
		look.Faults = []string{v.lookFault(err)}
	}
	return look
}

func (v *visit) lookFault(err error) string {
	var told *fault.Error
	switch {
	case errors.As(err, &told) && len(told.Faults) > 0:
		return v.faultText(told.Faults[0])
	case errors.As(err, &told) && told.Code != fault.Unknown:
		return v.sentence(told.Message)
	case errors.Is(err, context.Canceled):
		return ""
	}
	v.s.config.Log.ErrorContext(v.ctx(), "a segment could not be counted", "error", err)
	return v.t("error.ours")
}

// keepSegment saves.
func (s *screens) keepSegment(v *visit, e segmentEditor, d segment.Draft) error {
	f := e.Form
	d.Name, d.Description = f.text("name"), f.text("description")
	if e.Segment != nil {
		d.ID, d.Version = e.Segment.ID, f.version("version")
	}
	saved, err := s.module.Newsletters.Segments.Save(v.ctx(), d)
	if fault.CodeOf(err) == fault.Conflict && e.Segment != nil { // what was written stays, and can be saved over the other's
		names, err := v.names()
		if err != nil {
			return err
		}
		by := firstText(nameIn(names, e.Segment.UpdatedBy), e.Segment.UpdatedBy)
		e.Clash = v.t("conflict.title", by, whenText(v.Locale, e.Segment.UpdatedAt))
		f.Values.Set("version", strconv.FormatInt(e.Segment.Version, 10))
		return s.drawSegment(v, e)
	}
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawSegment(v, e)
	}
	v.done("segment.saved", saved.Name)
	return v.redirect(v.link("/segments", saved.ID.String()))
}

// dressed gives each line what its form shows.
func (v *visit) dressed(env *rule.Environment, rows []ruleRow) ([]ruleRow, error) {
	choices, err := v.ruleChoices()
	if err != nil {
		return nil, err
	}
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
	return rows, nil
}

func (v *visit) dressRow(r *ruleRow, f rule.Field, choices map[string][]option) {
	name := r.Field
	if r.List != "" {
		name = r.List + r.Field
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
	ops := opsOf(f, len(own) > 0)
	if r.Op == "after" || r.Op == "until" {
		ops = append(ops, r.Op)
	} else if !slices.Contains(ops, r.Op) {
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
		if r.Value != "" && !r.Many && !slices.ContainsFunc(r.Choices, func(o option) bool { return o.Value == r.Value }) {
			r.Choices = append(r.Choices, option{Value: r.Value, Label: r.Value, On: true})
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

// ruleChoices are the values of fields that the company itself keeps: its topics, campaigns, users and languages.
func (v *visit) ruleChoices() (map[string][]option, error) {
	out := map[string][]option{}
	topics, err := v.s.module.Newsletters.Subscriptions.Topics(v.ctx())
	if err != nil {
		return nil, err
	}
	for _, t := range topics {
		text, _ := t.In(v.Locale.Language)
		out["subscriptions.topic"] = append(out["subscriptions.topic"], option{Value: t.Code, Label: firstText(text.Name, t.Code)})
	}
	if v.may(campaign.Read) {
		found, err := v.s.module.Newsletters.Campaigns.List(v.ctx(), campaign.Filter{Page: store.Page{Limit: 100}})
		if err != nil {
			return nil, err
		}
		for _, c := range found.Rows {
			out["mails.campaign"] = append(out["mails.campaign"], option{Value: strconv.FormatInt(c.Number, 10), Label: c.Name})
		}
	}
	colleagues, err := v.module().Colleagues(v.ctx())
	if err != nil {
		return nil, err
	}
	for _, u := range colleagues {
		out["*owner"] = append(out["*owner"], option{Value: u.ID, Label: u.Name})
	}
	for _, l := range locale.Languages {
		out["*language"] = append(out["*language"], option{Value: string(l), Label: languageNames[l]})
	}
	return out, nil
}

// fieldName is a field in the reader's language; one that the host or the company has made has its own words.
func (v *visit) ruleFieldName(of string, f rule.Field) string {
	if custom, ok := strings.CutPrefix(f.Name, "custom."); ok {
		return firstText(f.Doc, custom)
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
