package web

import (
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
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
	HasWork bool
	MayAct  bool
}

// waitingLead is a new lead nobody has answered yet, with its clock.
type waitingLead struct {
	lead.Row
	// Waited is how long, in words; Late says that it is longer than a working day.
	Waited string
	Late   bool
}

// responseTarget is after how long an unanswered lead is shown as late.
const responseTarget = 8 * time.Hour

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
			waited := s.now().Sub(row.ArrivedAt)
			d.Waiting = append(d.Waiting, waitingLead{Row: row, Waited: durationText(v.Locale.Language, waited), Late: waited > responseTarget})
		}
	}
	d.MayAct = v.may(actor.ActivityWrite)
	if v.part() {
		return v.fill(http.StatusOK, "today", "day", d)
	}
	return v.show(http.StatusOK, "today", head{Title: v.t("menu.today"), Section: "today"}, d)
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
	"today.late":     locale.Row("késik", "late", "מאחר", "опаздывает", "αργεί"),
	"for.minutes":    locale.Row("%d perce vár", "waiting %d min", "ממתין %d דק׳", "ждёт %d мин", "περιμένει %d λ."),
	"for.hours":      locale.Row("%d órája vár", "waiting %d h", "ממתין %d שע׳", "ждёт %d ч", "περιμένει %d ώ."),
	"for.days":       locale.Row("%d napja vár", "waiting %d d", "ממתין %d ימ׳", "ждёт %d дн.", "περιμένει %d ημ."),
	"today.none":     locale.Row("Mára nincs teendő", "Nothing is due today", "אין משימות להיום", "На сегодня дел нет", "Τίποτα για σήμερα"),
	"today.none.do":  locale.Row("Tervezzen hívást vagy találkozót egy érdeklődő lapján.", "Plan a call or a meeting on the card of a lead.", "תכננו שיחה או פגישה בכרטיס של ליד.", "Запланируйте звонок или встречу в карточке лида.", "Προγραμματίστε κλήση ή συνάντηση στην καρτέλα ενός υποψηφίου."),
	"today.answered": locale.Row("Minden új érdeklődő kapott választ", "Every new lead was answered", "כל הלידים החדשים נענו", "Все новые лиды получили ответ", "Όλοι οι νέοι υποψήφιοι απαντήθηκαν"),
}
