package activity

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
)

// The bounds of what an activity holds. Lengths are UTF-16 code units, as SQL Server counts.
const (
	MaxSubject = 240
	MaxOutcome = 240
	MaxBody    = 100_000
	MaxUser    = 64
	// MaxMinutes is the longest time worked in one activity: a day.
	MaxMinutes = 24 * 60
	// ExcerptLength is how much of a body lists show.
	ExcerptLength = 500
)

// ahead is how far a caller's clock may run before ours when he says that something has happened.
const ahead = 10 * time.Minute

// beginning is before every time that is taken.
var beginning = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

func checkText(faults *fault.List, path, text string, limit int) {
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		faults.Add(path, "text.form", "holds bytes that are not text; remove them")
		return
	}
	if len(text) <= limit {
		return
	}
	if n := utf16Length(text); n > limit {
		faults.Add(path, "text.length", "is %d characters long, at most %d fit; shorten it", n, limit)
	}
}

func checkTime(faults *fault.List, path string, t time.Time) {
	if !t.IsZero() && (t.Before(beginning) || t.Year() > 9000) {
		faults.Add(path, "time.range", "%s is no time anything is done; correct the year", t.Format(time.DateOnly))
	}
}

func checkWords(faults *fault.List, act *Activity) {
	if act.Subject == "" && act.Body == "" {
		faults.Add("subject", "required", "is missing; give a subject or a text")
	}
	checkText(faults, "subject", act.Subject, MaxSubject)
	checkText(faults, "body", act.Body, MaxBody)
	checkText(faults, "outcome", act.Outcome, MaxOutcome)
	checkMinutes(faults, act.Minutes)
}

func checkMinutes(faults *fault.List, minutes int) {
	if minutes < 0 || minutes > MaxMinutes {
		faults.Add("minutes", "minutes.range", "%d is out of range; give 0 to %d minutes", minutes, MaxMinutes)
	}
}

func checkDirection(faults *fault.List, act *Activity) {
	switch {
	case act.Kind.directed() && act.Direction != In && act.Direction != Out:
		faults.Add("direction", "choice", "%q is no direction; choose in or out", act.Direction)
	case !act.Kind.directed() && act.Direction != "":
		faults.Add("direction", "choice", "a %s has no direction; leave it empty", act.Kind)
	}
}

func checkDue(faults *fault.List, act *Activity) {
	if act.DueAt.IsZero() {
		faults.Add("due_at", "required", "is missing; say when it is due")
	}
	checkTime(faults, "due_at", act.DueAt)
	checkTime(faults, "remind_at", act.RemindAt)
	if !act.DueAt.IsZero() && act.RemindAt.After(act.DueAt) {
		faults.Add("remind_at", "remind.after_due", "is after the due time; set the reminder to %s or earlier", act.DueAt.Format("2006-01-02 15:04 UTC"))
	}
}

// checkHappened holds the time something is said to have happened against the clock.
func checkHappened(faults *fault.List, at, now time.Time) {
	checkTime(faults, "at", at)
	if at.After(now.Add(ahead)) {
		faults.Add("at", "at.future", "is in the future; plan the activity, or give the time it happened")
	}
}

func checkReason(path, reason string) []fault.Fault {
	var faults fault.List
	faults.Required(path, reason)
	checkText(&faults, path, reason, MaxOutcome)
	return faults
}
