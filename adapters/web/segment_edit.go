package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
)

// segmentEditor is the page on which a segment is written: its condition as the lines of a form, or as an
// expression.
type segmentEditor struct {
	conditionForm

	Segment  *segment.Segment
	Action   string
	Excluded []topicChoice
	Look     segmentLook
	Uses     []segmentUse
	Versions []segmentVersion
	Clash    string
	Write    bool
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

func (s *screens) newSegment(v *visit) error {
	if v.asked().text("kind") == string(segment.Static) {
		return s.drawSegment(v, segmentEditor{conditionForm: conditionForm{Form: v.blank("name", "", "description", "", "kind", string(segment.Static))}})
	}
	f := v.blank("name", "", "description", "", "kind", string(segment.Dynamic), "mode", byForm)
	return s.drawSegment(v, segmentEditor{conditionForm: emptyCondition(f, "")})
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
		return s.drawSegment(v, segmentEditor{conditionForm: conditionForm{Form: f}, Segment: &g})
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
	env, err := s.module.Newsletters.Segments.Environment(v.ctx())
	if err != nil {
		return err
	}
	e := segmentEditor{conditionForm: v.conditionOf(env, f, condition, ""), Segment: &g}
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
	if err := v.dressCondition(env, &e.conditionForm); err != nil {
		return err
	}
	if err := v.exclusions(&e); err != nil {
		return err
	}
	if v.part() && v.target() == rulesTarget {
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

// segmentsOffered is how many segments forms offer.
const segmentsOffered = 200

// offeredSegments are those that forms offer.
func (v *visit) offeredSegments() ([]segment.Segment, error) {
	found, err := v.s.module.Newsletters.Segments.List(v.ctx(), segment.Filter{Page: store.Page{Limit: segmentsOffered}})
	return found.Rows, err
}

// segmentOptions are those to choose one of, or none, which the text of a key says.
func (v *visit) segmentOptions(none string) ([]option, error) {
	out := []option{{Label: v.t(none)}}
	all, err := v.offeredSegments()
	for _, g := range all {
		out = append(out, option{Value: g.ID.String(), Label: g.Name})
	}
	return out, err
}

// exclusions are the other segments, each with a box.
func (v *visit) exclusions(e *segmentEditor) error {
	all, err := v.offeredSegments()
	if err != nil {
		return err
	}
	for _, g := range all {
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
	e := segmentEditor{conditionForm: conditionForm{Form: f}}
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
	env, err := s.module.Newsletters.Segments.Environment(v.ctx())
	if err != nil {
		return err
	}
	e.conditionForm = postedCondition(f, "")
	step := f.text("do")
	look := step == "look" || v.part() && v.target() == "segment-look"
	asks := step == "" || step == "save" || look || strings.HasPrefix(step, "mode:")
	if !asks || v.part() && v.target() == rulesTarget && !strings.HasPrefix(step, "mode:") {
		return s.drawSegment(v, e)
	}
	e.Writing = step != "" && step != "save" || look
	condition, good := v.writtenCondition(env, &e.conditionForm)
	switch {
	case look:
		e.Look = v.lookAt(e, condition, good)
		if v.part() {
			return v.fill(http.StatusOK, "segment_edit", "look", e)
		}
		return s.drawSegment(v, e)
	case strings.HasPrefix(step, "mode:"):
		if good {
			v.switchMode(env, &e.conditionForm, condition, strings.TrimPrefix(step, "mode:"))
		}
		return s.drawSegment(v, e)
	case !good:
		f.Faults[""] = append(f.Faults[""], v.t("segment.faulty"))
		return s.drawSegment(v, e)
	}
	return s.keepSegment(v, e, segment.Draft{Kind: segment.Dynamic, Condition: condition, Exclude: f.excludedSegments()})
}

// lookAt counts who is in what is being written, and shows some of them.
func (v *visit) lookAt(e segmentEditor, condition string, good bool) segmentLook {
	if e.blank() {
		return segmentLook{}
	}
	look := segmentLook{Asked: true, Expression: condition}
	if !good {
		look.Faults = e.allFaults()
		look.Asked = len(look.Faults) > 0
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
