package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
)

// uploadBody is how much a form with files may bring: the largest file and some more.
const uploadBody = activity.MaxFileSize + 8<<20

// composedKinds are the kinds that the composer writes.
var composedKinds = []activity.Kind{activity.Note, activity.Call, activity.Meeting, activity.Task, activity.Mail, activity.FileEntry}

// composer is the form that adds to a timeline.
type composer struct {
	Subject subject
	Form    *input
	Kinds   []kindChoice
	// Directions, Owners, Reminders and Follow are the choices of its selects.
	Directions, Owners, Reminders, Follow []option
	CSRF, Next, Draft                     string
	Failed                                bool
	// Alone says that the form has a page or dialog of its own. Whom are the parties to choose from there,
	// Search says that one has to be chosen, Name whom it is with.
	Alone, Search bool
	Name          string
	Whom          []whom
	// Custom are the company's own fields.
	Custom []field
}

type kindChoice struct {
	Kind activity.Kind
	Icon string
	On   bool
}

// whom is a party that an activity may be with.
type whom struct {
	ID, Name, More string
	On             bool
}

// remindChoices are how long before the due time one is reminded.
var remindChoices = []string{"", "0", "15", "60", "1440"}

func (v *visit) composer(about subject, f *input, next string) (composer, error) {
	c := composer{Subject: about, Form: f, CSRF: v.csrf(), Next: next, Draft: "activity-" + timelineView{Subject: about}.ID(), Failed: f.bad()}
	chosen := activity.Kind(f.text("kind"))
	for _, k := range composedKinds {
		c.Kinds = append(c.Kinds, kindChoice{k, kindIcons[k], k == chosen})
	}
	c.Directions = v.options("compose.", f.text("direction"), "out", "in")
	c.Reminders = v.options("remind.", f.text("remind"), remindChoices...)
	c.Follow = append([]option{{Label: v.t("follow.none")}}, v.options("kind.", f.text("follow_kind"), "call", "meeting", "task")...)
	owner := f.text("owner")
	if owner == "" {
		owner = v.Actor.UserID
	}
	own, err := v.customFields("activity")
	if err != nil {
		return c, err
	}
	c.Custom = v.customInputs(f, own)
	c.Owners, err = v.owners(owner)
	return c, err
}

func (s *screens) composeRoutes() []route {
	return []route{
		{Pattern: "GET /activities/new", Right: actor.ActivityWrite, Do: s.askActivity},
		{Pattern: "POST /activities", Right: actor.ActivityWrite, Do: s.addActivity, Body: uploadBody},
		{Pattern: "GET /activities/whom", Right: actor.ActivityWrite, Do: s.findWhom},
	}
}

// askActivity is the composer with a page of its own: for the calendar, and for buttons such as "call".
func (s *screens) askActivity(v *visit) error {
	about, err := v.subjectOf(v.r.URL.Query())
	if err != nil {
		return err
	}
	f := v.asked()
	if f.text("kind") == "" {
		f.Values.Set("kind", string(activity.Task))
	}
	if !f.has("direction") {
		f.Values.Set("direction", "out")
	}
	if !f.has("when") && f.text("kind") != string(activity.Note) {
		at := soon(s.now(), v.zone())
		f.Values.Set("when", civil.In(at, v.zone()).String())
		f.Values.Set("when_time", at.Format("15:04"))
	}
	return v.showComposer(http.StatusOK, about, f, v.ours(f.text("next"), v.link("/calendar")))
}

// showComposer draws the form alone, as a page or in the dialog.
func (v *visit) showComposer(status int, about subject, f *input, next string) error {
	c, err := v.composer(about, f, next)
	if err != nil {
		return err
	}
	c.Alone = true
	if about.Party.IsZero() {
		c.Search = true
		if c.Whom, err = v.whom(f.text("find")); err != nil {
			return err
		}
	} else {
		p, err := v.module().Parties.Get(v.ctx(), about.Party)
		if err != nil {
			return err
		}
		c.Name = p.DisplayName
	}
	if v.part() && v.target() == "crm-dialog-body" {
		return v.fill(status, "activity_new", "dialog", c)
	}
	return v.show(status, "activity_new", head{Title: v.t("compose.title"), Section: "calendar", Crumbs: []crumb{{v.t("menu.activities"), v.link("/calendar")}}, Scripts: timelineScripts}, c)
}

var timelineScripts = []string{"timeline.js"}

// findWhom draws the parties that a text finds, for the dialog.
func (s *screens) findWhom(v *visit) error {
	found, err := v.whom(v.asked().text("find"))
	if err != nil {
		return err
	}
	return v.fill(http.StatusOK, "activity_new", "whom", composer{Whom: found, Form: v.asked(), Search: true})
}

// whom are the leads whose names begin with a text, those that came last where there is none.
func (v *visit) whom(text string) ([]whom, error) {
	if !v.may(actor.LeadRead) {
		return nil, nil
	}
	found, err := v.module().Leads.List(v.ctx(), lead.Filter{Name: text}, lead.ByArrival, store.Page{Limit: 8})
	var out []whom
	for _, r := range found.Rows {
		one := whom{ID: r.PartyID.String(), Name: r.Name, More: r.Organization}
		if one.More == one.Name {
			one.More = r.City
		}
		out = append(out, one)
	}
	return out, err
}

// addActivity notes or plans what the composer says.
func (s *screens) addActivity(v *visit) error {
	f := v.posted()
	about, err := v.subjectOf(f.Values)
	if err != nil {
		return err
	}
	next := v.back(v.link("/calendar"))
	if f.text("search") != "" { // the button beside the search for whom it is with
		return v.showComposer(http.StatusOK, about, f, next)
	}
	made, err := v.compose(about, f)
	if err != nil {
		return err
	}
	if made == nil {
		return v.composeAgain(about, f, next)
	}
	if err := v.wake(about.Lead); err != nil {
		return err
	}
	v.toast(made.toast(v))
	return v.redirect(next)
}

// composeAgain shows the form with its faults: in its place, or alone.
func (v *visit) composeAgain(about subject, f *input, next string) error {
	if v.part() && v.target() == "composer" {
		c, err := v.composer(about, f, next)
		if err != nil {
			return err
		}
		return v.fill(http.StatusUnprocessableEntity, "timeline", "composed", c)
	}
	return v.showComposer(http.StatusUnprocessableEntity, about, f, next)
}

// composed is what a composer's form became.
type composed struct {
	activity activity.Activity
	planned  bool
}

func (c composed) toast(v *visit) toast {
	if c.planned {
		return toast{Text: v.t("compose.planned", v.Locale.DateTime(c.activity.At)), Undo: v.link("/activities", c.activity.ID.String(), "cancel"), Fields: map[string]string{"reason": v.t("compose.undone")}}
	}
	return toast{Text: v.t("compose.noted")}
}

// composeNames are the form's names for what activities call otherwise.
var composeNames = map[string]string{
	"due_at": "when", "at": "when", "remind_at": "remind", "party": "party_pick",
	"follow_up.due_at": "follow_when", "follow_up.subject": "follow_subject", "follow_up.kind": "follow_kind",
}

// compose writes what the form says, nil where it has to be shown again.
func (v *visit) compose(about subject, f *input) (*composed, error) {
	when := f.moment("when")
	if f.text("when") != "" && f.text("when_time") == "" {
		when = v.fillTime(f, when)
	}
	follow := v.followUp(f)
	files, err := v.files("file")
	if err := v.refuse(f, err); err != nil {
		return nil, err
	}
	minutes, _ := f.number("minutes")
	fields, err := v.customFields("activity")
	if err != nil {
		return nil, err
	}
	own := v.readCustom(f, fields)
	if f.bad() {
		return nil, nil
	}
	subject := f.text("subject")
	if subject == "" && f.text("body") == "" && len(files) > 0 {
		subject = activity.CleanName(files[0].Name)
	}
	now := v.s.now()
	kind := activity.Kind(f.text("kind"))
	var out composed
	if kind == activity.Task && f.text("done") == "" || kind.Plannable() && when.After(now) {
		plan := activity.Plan{
			Party: about.Party, Opportunity: about.Opportunity, Kind: kind, Subject: f.text("subject"), Body: f.text("body"),
			Due: when, Remind: remindAt(f, when, now), Minutes: int(minutes.IntPart()), Owner: f.text("owner"), Custom: own,
		}
		out.planned = true
		out.activity, err = v.module().Activities.Plan(v.ctx(), plan)
	} else {
		deed := activity.Deed{
			Party: about.Party, Opportunity: about.Opportunity, Kind: kind, Subject: subject, Body: f.text("body"), Outcome: f.text("outcome"),
			At: when, Minutes: int(minutes.IntPart()), Files: files, FollowUp: follow, Custom: own,
		}
		if kind == activity.Call || kind == activity.Mail {
			deed.Direction = activity.Direction(f.text("direction"))
		}
		var result activity.Result
		result, err = v.module().Activities.Record(v.ctx(), deed)
		out.activity = result.Activity
	}
	if err != nil {
		f.Values["file"], f.Values["party_pick"] = nil, nil // so that faults find their field
		return nil, v.refuse(f, renamed(err, composeNames))
	}
	return &out, nil
}

// fillTime gives a day without a time the hour that fits: now for today and what is past, nine otherwise.
func (v *visit) fillTime(f *input, when time.Time) time.Time {
	now := v.s.now()
	if civil.In(now, v.zone()) == f.day("when") && f.text("kind") != string(activity.Task) {
		return now
	}
	if f.text("kind") == string(activity.Task) {
		return when.Add(8 * time.Hour) // a task is due by the end of the working day
	}
	return when
}

// followUp is the plan that the foot of the form asks for, nil for none.
func (v *visit) followUp(f *input) *activity.Plan {
	if f.text("follow_kind") == "" {
		return nil
	}
	due := f.moment("follow_when")
	subject := f.text("follow_subject")
	if subject == "" {
		subject = f.text("subject")
	}
	if subject == "" {
		subject = v.t("kind." + f.text("follow_kind"))
	}
	return &activity.Plan{Kind: activity.Kind(f.text("follow_kind")), Subject: subject, Due: due}
}

func remindAt(f *input, due, now time.Time) time.Time {
	if f.text("remind") == "" || due.IsZero() {
		return time.Time{}
	}
	at := due.Add(-time.Duration(f.count("remind")) * time.Minute)
	if at.Before(now) {
		return due
	}
	return at
}

// renamed gives an error whose faults stand at the form's names; "files[2]" is at "file".
func renamed(err error, names map[string]string) error {
	var told *fault.Error
	if !errors.As(err, &told) {
		return err
	}
	out := *told
	out.Faults = make([]fault.Fault, len(told.Faults))
	for i, one := range told.Faults {
		if name, ok := names[one.Path]; ok {
			one.Path = name
		} else if strings.HasPrefix(one.Path, "files") {
			one.Path = "file"
		}
		out.Faults[i] = one
	}
	return &out
}

// files reads the files that came with a form.
func (v *visit) files(name string) ([]activity.File, error) {
	if v.r.MultipartForm == nil {
		return nil, nil
	}
	var files []activity.File
	for _, header := range v.r.MultipartForm.File[name] {
		content, err := readAttached(header)
		if err != nil {
			return nil, err
		}
		files = append(files, activity.File{Name: header.Filename, Content: content})
	}
	return files, nil
}

func readAttached(header *multipart.FileHeader) ([]byte, error) {
	if header.Size > activity.MaxFileSize {
		return nil, fault.New(fault.Limit, "%s: %d MB > %d MB", header.Filename, header.Size>>20, activity.MaxFileSize>>20)
	}
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, activity.MaxFileSize+1))
}

// wake moves a lead on that somebody works on: nobody should have to say so.
func (v *visit) wake(id lead.ID) error {
	if id.IsZero() || !v.may(actor.LeadWrite) {
		return nil
	}
	row, err := v.module().Leads.Row(v.ctx(), id)
	if err != nil || row.Status != lead.StatusNew {
		return err
	}
	_, err = v.module().Leads.SetStatus(v.ctx(), row.ID, 0, lead.Move{To: lead.StatusWorking})
	return err
}
