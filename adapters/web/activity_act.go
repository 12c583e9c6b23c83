package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
)

func (s *screens) activityRoutes() []route {
	w := actor.ActivityWrite
	return []route{
		{Pattern: "GET /activities/{id}", Right: actor.ActivityRead, Do: s.showActivity},
		{Pattern: "GET /activities/{id}/{verb}", Right: w, Do: s.askAct},
		{Pattern: "POST /activities/{id}/{verb}", Right: w, Do: s.act, Body: uploadBody},
	}
}

// activityView is the page of one activity.
type activityView struct {
	Entry timelineEntry
	// Card is the address of the card that it stands on.
	Card string
	// Own are the company's own fields that have a value.
	Own []cardFact
}

func (s *screens) showActivity(v *visit) error {
	id, err := key[activity.Tag](v, "id")
	if err != nil {
		return err
	}
	item, err := v.module().Activities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	d := activityView{Entry: v.entry(item, subject{Path: v.here()}, names, nil)}
	d.Entry.Next = v.link("/activities", id.String())
	for _, fact := range v.customFacts(item.Sheet) {
		if fact.Value != "" {
			d.Own = append(d.Own, fact)
		}
	}
	if d.Card, err = v.cardOf(item); err != nil {
		return err
	}
	return v.show(http.StatusOK, "activity", head{Title: d.Entry.Title, Section: "calendar", Crumbs: []crumb{{v.t("menu.activities"), v.link("/calendar")}}}, d)
}

// cardOf is the page that an activity stands on.
func (v *visit) cardOf(item activity.Item) (string, error) {
	if !item.OpportunityID.IsZero() {
		return v.link("/opportunities", item.OpportunityID.String()), nil
	}
	return v.link("/parties", item.PartyID.String()), nil
}

// actView is the dialog of one thing that may be done with an activity.
type actView struct {
	Verb   string
	Entry  timelineEntry
	Form   *input
	Owners []option
	// Directions are for calls and mails, Follow for what comes next.
	Directions, Follow []option
	CSRF, Next         string
	// Custom are the company's own fields.
	Custom []field
}

// verbs that have a dialog.
var actVerbs = map[string]bool{"complete": true, "snooze": true, "delegate": true, "decline": true, "cancel": true, "edit": true}

func (s *screens) askAct(v *visit) error {
	id, err := key[activity.Tag](v, "id")
	if err != nil {
		return err
	}
	verb := v.r.PathValue("verb")
	if !actVerbs[verb] {
		return errNoPage
	}
	item, err := v.module().Activities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	return v.showAct(http.StatusOK, verb, item, v.actForm(verb, item))
}

// actForm holds what is known already.
func (v *visit) actForm(verb string, item activity.Item) *input {
	f := v.blank()
	if next := v.r.URL.Query().Get("next"); next != "" {
		f.Values.Set("next", next)
	}
	switch verb {
	case "edit":
		at := item.At.In(v.zone())
		f.Values.Set("subject", item.Subject)
		f.Values.Set("body", item.Body)
		f.Values.Set("outcome", item.Outcome)
		f.Values.Set("direction", string(item.Direction))
		f.Values.Set("when", civil.In(at, v.zone()).String())
		f.Values.Set("when_time", at.Format("15:04"))
		f.Values.Set("version", strconv.FormatInt(item.Version, 10))
		if item.Minutes > 0 {
			f.Values.Set("minutes", strconv.Itoa(item.Minutes))
		}
		v.putCustom(f, item.Sheet.Fields, item.Sheet.Values)
	case "complete":
		if item.Minutes > 0 {
			f.Values.Set("minutes", strconv.Itoa(item.Minutes))
		}
	case "snooze":
		at := soon(v.s.now(), v.zone())
		f.Values.Set("until", civil.In(at, v.zone()).String())
		f.Values.Set("until_time", at.Format("15:04"))
	}
	return f
}

func (v *visit) showAct(status int, verb string, item activity.Item, f *input) error {
	names, err := v.names()
	if err != nil {
		return err
	}
	d := actView{Verb: verb, Entry: v.entry(item, subject{}, names, nil), Form: f, CSRF: v.csrf()}
	d.Next = v.ours(f.Get("next"), v.link("/calendar"))
	if d.Owners, err = v.owners(f.text("to")); err != nil {
		return err
	}
	d.Follow = append([]option{{Label: v.t("follow.none")}}, v.options("kind.", f.text("follow_kind"), "call", "meeting", "task")...)
	d.Directions = v.options("compose.", f.text("direction"), "out", "in")
	if verb == "edit" {
		d.Custom = v.customInputs(f, item.Sheet.Fields)
	}
	if v.part() && v.target() == "crm-dialog-body" {
		return v.fill(status, "activity_act", "dialog", d)
	}
	return v.show(status, "activity_act", head{Title: v.t("activity." + verb), Section: "calendar", Crumbs: []crumb{{v.t("menu.activities"), v.link("/calendar")}}}, d)
}

// actNames are the form's names for what activities call otherwise.
var actNames = map[string]string{
	"due_at": "when", "at": "when", "follow_up.due_at": "follow_when", "follow_up.subject": "follow_subject", "follow_up.kind": "follow_kind",
}

// act does with an activity what its form says.
func (s *screens) act(v *visit) error {
	id, err := key[activity.Tag](v, "id")
	if err != nil {
		return err
	}
	verb, f, next := v.r.PathValue("verb"), v.posted(), v.back(v.link("/calendar"))
	done, err := v.doAct(verb, id, f)
	if err == nil && !f.bad() {
		v.toast(done)
		return v.redirect(next)
	}
	if err != nil && !actVerbs[verb] {
		return err // it has no form to stand at
	}
	item, got := v.module().Activities.Get(v.ctx(), id)
	if got != nil {
		return got
	}
	if fault.CodeOf(err) == fault.Conflict && verb == "edit" {
		asks, err := v.clash(f, v.actForm(verb, item), item.Record, append(slices.Clone(activityShared), v.customShared(item.Sheet.Fields)...))
		if err == nil && !asks {
			if _, err = v.doAct(verb, id, f); err == nil {
				v.toast(done)
				return v.redirect(next)
			}
		}
		if err != nil {
			return err
		}
		return v.showAct(http.StatusConflict, verb, item, f)
	}
	if err != nil {
		if err := v.refuse(f, renamed(err, actNames)); err != nil {
			return err
		}
	}
	return v.showAct(http.StatusUnprocessableEntity, verb, item, f)
}

// activityShared are the fields that two people may change at once.
var activityShared = []shared{
	{Name: "subject", Label: "compose.subject"}, {Name: "body", Label: "compose.body"}, {Name: "outcome", Label: "compose.outcome"},
	{Name: "when", Label: "compose.when"}, {Name: "when_time", Label: "compose.time"}, {Name: "minutes", Label: "compose.minutes"}, {Name: "direction", Label: "compose.direction"},
}

// doAct gives the word about what was done. Nothing was where the form is bad by then.
func (v *visit) doAct(verb string, id activity.ID, f *input) (toast, error) {
	acts := v.module().Activities
	done := toast{Text: v.t("activity.done." + verb)}
	undo := func(verb string) { done.Undo = v.link("/activities", id.String(), verb) }
	var err error
	switch verb {
	case "complete":
		c := activity.Completion{Outcome: f.text("outcome"), FollowUp: v.followUp(f), Minutes: v.minutes(f)}
		if f.bad() {
			return done, nil
		}
		undo("reopen")
		_, err = acts.Complete(v.ctx(), id, c)
	case "reopen":
		_, err = acts.Reopen(v.ctx(), id)
	case "accept":
		_, err = acts.Accept(v.ctx(), id)
	case "decline":
		_, err = acts.Decline(v.ctx(), id, f.text("reason"))
	case "cancel":
		undo("reopen")
		_, err = acts.Cancel(v.ctx(), id, f.text("reason"))
	case "delegate":
		_, err = acts.Delegate(v.ctx(), id, activity.Delegation{To: f.text("to")})
	case "snooze":
		if until := f.moment("until"); !f.bad() {
			_, err = acts.Snooze(v.ctx(), id, until)
		}
	case "edit":
		err = v.editActivity(id, f)
	default:
		err = errNoPage
	}
	return done, err
}

func (v *visit) minutes(f *input) int {
	n, _ := f.number("minutes")
	return int(n.IntPart())
}

func (v *visit) editActivity(id activity.ID, f *input) error {
	item, err := v.module().Activities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	subject, body, outcome, minutes := f.text("subject"), f.text("body"), f.text("outcome"), v.minutes(f)
	at := f.moment("when")
	own := v.readCustom(f, item.Sheet.Fields)
	files, err := v.files("file")
	if err := v.refuse(f, err); err != nil || f.bad() {
		return err
	}
	e := activity.Edit{Custom: own, Version: f.version("version"), Subject: &subject, Body: &body, Minutes: &minutes}
	if f.has("outcome") {
		e.Outcome = &outcome
	}
	if f.has("direction") && item.Direction != "" {
		direction := activity.Direction(f.text("direction"))
		e.Direction = &direction
	}
	if !sameMinute(at, item.At) {
		if item.State.Open() {
			e.Due = &at
		} else {
			e.At = &at
		}
	}
	if len(files) > 0 {
		if _, err := v.module().Activities.Attach(v.ctx(), id, files...); err != nil {
			f.Values["file"] = nil
			return err
		}
	}
	_, err = v.module().Activities.Edit(v.ctx(), id, e)
	return err
}

func sameMinute(a, b time.Time) bool { return a.Truncate(time.Minute).Equal(b.Truncate(time.Minute)) }

// sizeText writes a number of bytes as people read it.
func sizeText(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
