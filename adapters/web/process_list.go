package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) processRoutes() []route {
	return []route{
		{Pattern: "GET /processes", Right: actor.ActivityRead, Do: s.listProcesses},
		{Pattern: "POST /processes", Right: actor.ActivityWrite, Do: s.startProcess},
		{Pattern: "GET /processes/{id}", Right: actor.ActivityRead, Do: s.showProcess},
		{Pattern: "POST /processes/{id}/cancel", Right: actor.ActivityWrite, Do: s.cancelProcess},
		{Pattern: "POST /processes/{id}/steps/{step}", Right: actor.ActivityWrite, Do: s.workStep},
		{Pattern: "GET /settings/processes", Right: actor.Settings, Do: s.processPolicy().show},
		{Pattern: "POST /settings/processes", Right: actor.Settings, Do: s.processPolicy().change},
		{Pattern: "GET /settings/processes/{index}", Right: actor.Settings, Do: s.editTemplate},
		{Pattern: "POST /settings/processes/{index}", Right: actor.Settings, Do: s.saveSteps},
	}
}

// processList is the page of processes.
type processList struct {
	Form                      *input
	States, Templates, Owners []option
	Rows                      []processRow
	First, Next               string
}

type processRow struct {
	Path, Name, About, AboutPath, State, Mood, At, Who, Owner string
	Over, Steps                                               int
	Late                                                      bool
	Due, Started                                              time.Time
}

var processMoods = map[process.State]string{process.Running: "busy", process.Done: "good", process.Cancelled: "quiet", process.Open: "busy", process.Skipped: "quiet", process.Waiting: "quiet"}

func (v *visit) processRow(r process.Row, names map[string]string) processRow {
	return processRow{
		Path: v.link("/processes", r.ID.String()), Name: r.Name, About: r.About, AboutPath: v.link(recordPages[string(r.Noun)], r.RecordID.String()), State: v.t("process.state." + string(r.State)), Mood: processMoods[r.State],
		At: r.At, Who: nameIn(names, r.AtUser), Owner: nameIn(names, r.OwnerUser), Over: r.Over, Steps: r.Steps, Late: r.Late(v.s.now()), Due: r.DueAt, Started: r.StartedAt,
	}
}

func (s *screens) listProcesses(v *visit) error {
	f := v.asked()
	state := process.State(firstText(f.text("state"), string(process.Running)))
	filter := process.Filter{State: state, Owner: f.text("owner"), Overdue: f.on("late"), Page: store.Page{Limit: listPage, After: f.text("after")}}
	if state == "all" {
		filter.State = ""
	}
	filter.Template, _ = store.ParseKey[process.TemplateTag](f.text("template"))
	found, err := v.module().Processes.List(v.ctx(), filter)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	doc, err := v.module().Processes.Plan(v.ctx())
	if err != nil {
		return err
	}
	d := processList{Form: f, States: v.options("process.state.", string(state), "running", "done", "cancelled", "all"), Templates: []option{{Label: v.t("process.templates.all")}}}
	for _, t := range doc.Plan.Templates {
		d.Templates = append(d.Templates, option{Value: t.ID.String(), Label: t.Name, On: t.ID == filter.Template})
	}
	if d.Owners, err = v.ownersOr(f.text("owner")); err != nil {
		return err
	}
	for _, r := range found.Rows {
		d.Rows = append(d.Rows, v.processRow(r, names))
	}
	if found.Next != "" {
		d.Next = withAfter(v.r.URL.String(), found.Next)
	}
	if f.text("after") != "" {
		d.First = withAfter(v.r.URL.String(), "")
	}
	return v.show(http.StatusOK, "process_list", head{Title: v.t("menu.processes"), Section: "processes"}, d)
}

// cardProcesses are the processes on the card of a record, with what can be started there.
type cardProcesses struct {
	Rows         []processRow
	Templates    []process.Template
	Noun, Record string
	Next, CSRF   string
}

// processesOn are the processes of a record; nil for who may not see them.
func (v *visit) processesOn(noun process.Noun, record process.RecordID) (*cardProcesses, error) {
	if !v.may(actor.ActivityRead) {
		return nil, nil
	}
	found, err := v.module().Processes.List(v.ctx(), process.Filter{Noun: noun, Record: record, Page: store.Page{Limit: 10}})
	if err != nil {
		return nil, err
	}
	names, err := v.names()
	if err != nil {
		return nil, err
	}
	doc, err := v.module().Processes.Plan(v.ctx())
	out := &cardProcesses{Noun: string(noun), Record: record.String(), Next: v.here(), CSRF: v.csrf()}
	for _, r := range found.Rows {
		out.Rows = append(out.Rows, v.processRow(r, names))
	}
	if v.may(actor.ActivityWrite) {
		out.Templates = slices.DeleteFunc(doc.Plan.Templates, func(t process.Template) bool { return !t.For(noun) })
	}
	if len(out.Rows) == 0 && len(out.Templates) == 0 {
		return nil, err
	}
	return out, err
}

func (s *screens) startProcess(v *visit) error {
	f := v.posted()
	template, err := store.ParseKey[process.TemplateTag](f.text("template"))
	if err != nil {
		return errNoPage
	}
	record, err := store.ParseKey[process.RecordTag](f.text("record"))
	if err != nil {
		return errNoPage
	}
	if _, err := v.module().Processes.Start(v.ctx(), template, process.Noun(f.text("noun")), record); err != nil {
		return err
	}
	v.done("process.started")
	return v.redirect(v.back(v.link("/processes")))
}

// processCard is the page of one process.
type processCard struct {
	processRow

	ID         string
	Running    bool
	Reason     string
	Line       []processStep
	Form       *input
	Write      bool
	Colleagues []option
}

type processStep struct {
	ID, Name, Who, State, Mood, Reason, By, Days string
	Here, Past, Late                             bool
	Open, Undo, Skippable                        bool
	Due, Ended                                   time.Time
}

func (s *screens) showProcess(v *visit) error { return s.drawProcess(v, v.blank()) }

func (s *screens) drawProcess(v *visit, f *input) error {
	id, err := key[process.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Processes.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	d := processCard{processRow: v.processRow(card.Row, names), ID: id.String(), Running: card.State == process.Running, Reason: card.Reason, Form: f, Write: v.may(actor.ActivityWrite)}
	if d.Colleagues, err = v.owners(""); err != nil {
		return err
	}
	for _, one := range card.Line {
		step := processStep{
			ID: one.ID.String(), Name: one.Name, Who: nameIn(names, one.WhoUser), State: v.t("process.state." + string(one.State)), Mood: processMoods[one.State], Reason: one.Reason, By: nameIn(names, one.EndedBy),
			Here: one.State == process.Open, Past: one.State == process.Done || one.State == process.Skipped, Late: one.Late(v.s.now()), Due: one.DueAt, Ended: one.EndedAt, Skippable: one.Skippable,
			Open: one.State == process.Open && card.State == process.Running, Undo: (one.State == process.Done || one.State == process.Skipped) && card.State != process.Cancelled, Days: v.t("regulations.days", one.Days),
		}
		if step.Who == "" {
			step.Who = v.whoText(one.Who, names)
		}
		d.Line = append(d.Line, step)
	}
	return v.show(f.statusOf(), "process_card", head{Title: card.Name, Section: "processes", Crumbs: []crumb{{v.t("menu.processes"), v.link("/processes")}}}, d)
}

// whoText names whom a step is for.
func (v *visit) whoText(who process.Who, names map[string]string) string {
	if user, is := who.After(process.User); is {
		return nameIn(names, user)
	}
	if team, is := who.After(process.Team); is {
		return v.t("quota.kind.team") + ": " + team
	}
	return v.t("process.who.owner")
}

func (s *screens) workStep(v *visit) error {
	id, err := key[process.StepTag](v, "step")
	if err != nil {
		return err
	}
	f, all := v.posted(), v.module().Processes
	switch f.text("do") {
	case "complete":
		_, err = all.Complete(v.ctx(), id, f.text("reason"))
	case "skip":
		_, err = all.Skip(v.ctx(), id, f.text("reason"))
	case "reopen":
		_, err = all.Reopen(v.ctx(), id)
	case "hand":
		_, err = all.HandOver(v.ctx(), id, f.text("user"))
	default:
		return errNoPage
	}
	return s.worked(v, f, err)
}

func (s *screens) cancelProcess(v *visit) error {
	id, err := key[process.Tag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	_, err = v.module().Processes.Cancel(v.ctx(), id, f.text("reason"))
	return s.worked(v, f, err)
}

// worked shows the process again, with what was wrong.
func (s *screens) worked(v *visit, f *input, err error) error {
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return s.drawProcess(v, f)
	}
	v.done("process.saved")
	return v.redirect(v.link("/processes", v.r.PathValue("id")))
}
