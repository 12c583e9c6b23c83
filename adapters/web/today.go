package web

import (
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) todayRoutes() []route {
	return []route{{Pattern: "GET /today", Do: s.showToday}}
}

// today is the page that a day begins with.
type today struct {
	Summary activity.Summary
	Overdue []activity.Item
	Tasks   []activity.Item
	Later   []activity.Item
	Accept  []activity.Item
	Waiting []waitingLead
	Stages  []stageClock
	HasWork bool
	MayAct  bool
}

// waitingLead is a new lead nobody has answered yet, with its clock.
type waitingLead struct {
	lead.Row
	deadline

	// Waited is how long, in words.
	Waited string
}

// stageClock is one of the visitor's opportunities whose stage has a limit.
type stageClock struct {
	clock.Watched
	deadline
}

// deadline is how a clock stands, in working time.
type deadline struct {
	// Text is what is left, or by how much it is late; "" where nothing is to be said.
	Text string
	At   time.Time
	Late bool
	// Soon says that less than a quarter is left.
	Soon bool
}

func (v *visit) deadlineOf(c clock.Clock, cal *calendar.Calendar) deadline {
	if c.State != clock.Running {
		return deadline{}
	}
	left := int64(c.Left(cal, v.s.now()) / time.Second)
	d := deadline{At: c.DueAt, Late: c.Late(v.s.now())}
	if d.Late {
		if d.Text = v.t("today.late"); left <= -60 { // outside of working hours it does not grow
			d.Text = v.t("today.over", v.workText(-left))
		}
		return d
	}
	d.Text, d.Soon = v.t("deal.left", v.workText(left)), 4*left < c.Limit
	return d
}

func (s *screens) showToday(v *visit) error {
	var d today
	var err error
	if v.may(actor.ActivityRead) {
		d.HasWork = true
		if d.Summary, err = v.module().Activities.Today(v.ctx()); err != nil {
			return err
		}
		if err := d.tasks(v); err != nil {
			return err
		}
	}
	if v.may(actor.LeadRead) {
		list, err := v.module().Leads.List(v.ctx(), lead.Filter{Waiting: true}, lead.ByWaiting, store.Page{Limit: 12})
		if err != nil {
			return err
		}
		for _, row := range list.Rows {
			d.Waiting = append(d.Waiting, waitingLead{Row: row, Waited: durationText(v.Locale.Language, s.now().Sub(row.ArrivedAt))})
		}
	}
	if err := d.clocks(v); err != nil {
		return err
	}
	d.MayAct = v.may(actor.ActivityWrite)
	if v.part() {
		return v.fill(http.StatusOK, "today", "day", d)
	}
	return v.show(http.StatusOK, "today", head{Title: v.t("menu.today"), Section: "today"}, d)
}

// clocks puts by when to the leads that wait, and reads which of the visitor's opportunities are due to move on.
func (d *today) clocks(v *visit) error {
	var ids []clock.RecordID
	for _, row := range d.Waiting {
		ids = append(ids, clock.RecordID(row.ID))
	}
	answers, err := v.module().Clocks.Of(v.ctx(), clock.Answer, ids...)
	if err != nil {
		return err
	}
	var stages []clock.Watched
	if v.may(actor.OpportunityRead) {
		if stages, err = v.module().Clocks.Mine(v.ctx()); err != nil {
			return err
		}
	}
	if len(answers)+len(stages) == 0 {
		return nil
	}
	cal, err := v.module().Calendars.Current(v.ctx())
	if err != nil {
		return err
	}
	for i := range d.Waiting {
		if c, has := answers[clock.RecordID(d.Waiting[i].ID)]; has {
			d.Waiting[i].deadline = v.deadlineOf(c, cal)
		}
	}
	for _, c := range stages {
		d.Stages = append(d.Stages, stageClock{c, v.deadlineOf(c.Clock, cal)})
	}
	return nil
}

// tasks reads what is to be done: late, today, and in the days after.
func (d *today) tasks(v *visit) error {
	for _, one := range []struct {
		window activity.Window
		into   *[]activity.Item
	}{{activity.Overdue, &d.Overdue}, {activity.Today, &d.Tasks}, {activity.Week, &d.Later}} {
		list, err := v.module().Activities.Tasks(v.ctx(), "", one.window, store.Page{Limit: 20})
		if err != nil {
			return err
		}
		for _, item := range list.Items {
			switch {
			case item.State == activity.Waiting && one.window != activity.Week:
				d.Accept = append(d.Accept, item)
			case one.window == activity.Today && item.At.Before(v.s.now()): // it stands among those that are late
			case one.window == activity.Week && sameDay(item.At, v.s.now(), v.zone()):
			default:
				*one.into = append(*one.into, item)
			}
		}
	}
	return nil
}

func sameDay(a, b time.Time, zone *time.Location) bool { return civil.In(a, zone) == civil.In(b, zone) }

// durationText says how long something took or takes, in one unit.
func durationText(lang locale.Language, d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return texts.T(lang, "for.days", int(d/(24*time.Hour)))
	case d >= time.Hour:
		return texts.T(lang, "for.hours", int(d/time.Hour))
	}
	return texts.T(lang, "for.minutes", max(1, int(d/time.Minute)))
}

var todayTexts = locale.Texts{
	"today.overdue":  locale.Row("Lejárt", "Overdue", "באיחור", "Просрочено", "Εκπρόθεσμα"),
	"today.today":    locale.Row("Ma esedékes", "Due today", "להיום", "На сегодня", "Για σήμερα"),
	"today.week":     locale.Row("Ezen a héten", "This week", "השבוע", "На этой неделе", "Αυτή την εβδομάδα"),
	"today.accept":   locale.Row("Elfogadásra vár", "To accept", "ממתין לאישורך", "Ждут принятия", "Προς αποδοχή"),
	"today.waiting":  locale.Row("Új érdeklődők, akik válaszra várnak", "New leads waiting for an answer", "לידים חדשים שממתינים לתשובה", "Новые лиды ждут ответа", "Νέοι υποψήφιοι που περιμένουν"),
	"today.later":    locale.Row("A következő napokban", "In the days ahead", "בימים הקרובים", "В ближайшие дни", "Τις επόμενες μέρες"),
	"today.capture":  locale.Row("Gyors felvétel", "Quick capture", "קליטה מהירה", "Быстрый ввод", "Γρήγορη καταχώριση"),
	"today.over":     locale.Row("késés: %s", "%s late", "באיחור של %s", "опоздание: %s", "καθυστέρηση %s"),
	"today.stages":   locale.Row("Lehetőségek, amelyeknek tovább kell lépniük", "Opportunities that should move on", "הזדמנויות שצריכות להתקדם", "Сделки, которым пора дальше", "Ευκαιρίες που πρέπει να προχωρήσουν"),
	"today.late":     locale.Row("késik", "late", "מאחר", "опаздывает", "αργεί"),
	"for.minutes":    locale.Row("%d perce vár", "waiting %d min", "ממתין %d דק׳", "ждёт %d мин", "περιμένει %d λ."),
	"for.hours":      locale.Row("%d órája vár", "waiting %d h", "ממתין %d שע׳", "ждёт %d ч", "περιμένει %d ώ."),
	"for.days":       locale.Row("%d napja vár", "waiting %d d", "ממתין %d ימ׳", "ждёт %d дн.", "περιμένει %d ημ."),
	"today.none":     locale.Row("Mára nincs teendő", "Nothing is due today", "אין משימות להיום", "На сегодня дел нет", "Τίποτα για σήμερα"),
	"today.none.do":  locale.Row("Tervezzen hívást vagy találkozót egy érdeklődő lapján.", "Plan a call or a meeting on the card of a lead.", "תכננו שיחה או פגישה בכרטיס של ליד.", "Запланируйте звонок или встречу в карточке лида.", "Προγραμματίστε κλήση ή συνάντηση στην καρτέλα ενός υποψηφίου."),
	"today.answered": locale.Row("Minden új érdeklődő kapott választ", "Every new lead was answered", "כל הלידים החדשים נענו", "Все новые лиды получили ответ", "Όλοι οι νέοι υποψήφιοι απαντήθηκαν"),
}
