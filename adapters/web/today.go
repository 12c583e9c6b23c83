package web

import (
	"net/http"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
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
	Waiting []lead.Row
	Names   map[string]string
	HasWork bool
}

func (s *screens) showToday(v *visit) error {
	var d today
	var err error
	if d.Names, err = v.names(); err != nil {
		return err
	}
	if v.may(actor.ActivityRead) {
		d.HasWork = true
		if d.Summary, err = v.module().Activities.Today(v.ctx()); err != nil {
			return err
		}
		for window, into := range map[activity.Window]*[]activity.Item{activity.Overdue: &d.Overdue, activity.Today: &d.Tasks} {
			list, err := v.module().Activities.Tasks(v.ctx(), "", window, store.Page{Limit: 20})
			if err != nil {
				return err
			}
			*into = list.Items
		}
	}
	if v.may(actor.LeadRead) {
		list, err := v.module().Leads.List(v.ctx(), lead.Filter{Statuses: []lead.Status{lead.StatusNew}}, lead.ByArrival, store.Page{Limit: 12})
		if err != nil {
			return err
		}
		d.Waiting = list.Rows
	}
	return v.show(http.StatusOK, "today", head{Title: v.t("menu.today"), Section: "today"}, d)
}

var todayTexts = locale.Texts{
	"today.overdue":  locale.Row("Lejárt", "Overdue", "באיחור", "Просрочено", "Εκπρόθεσμα"),
	"today.today":    locale.Row("Ma esedékes", "Due today", "להיום", "На сегодня", "Για σήμερα"),
	"today.week":     locale.Row("Ezen a héten", "This week", "השבוע", "На этой неделе", "Αυτή την εβδομάδα"),
	"today.accept":   locale.Row("Elfogadásra vár", "To accept", "ממתין לאישורך", "Ждут принятия", "Προς αποδοχή"),
	"today.waiting":  locale.Row("Új érdeklődők, akik válaszra várnak", "New leads waiting for an answer", "לידים חדשים שממתינים לתשובה", "Новые лиды ждут ответа", "Νέοι υποψήφιοι που περιμένουν"),
	"today.none":     locale.Row("Mára nincs teendő", "Nothing is due today", "אין משימות להיום", "На сегодня дел нет", "Τίποτα για σήμερα"),
	"today.none.do":  locale.Row("Tervezzen hívást vagy találkozót egy érdeklődő lapján.", "Plan a call or a meeting on the card of a lead.", "תכננו שיחה או פגישה בכרטיס של ליד.", "Запланируйте звонок или встречу в карточке лида.", "Προγραμματίστε κλήση ή συνάντηση στην καρτέλα ενός υποψηφίου."),
	"today.answered": locale.Row("Minden új érdeklődő kapott választ", "Every new lead was answered", "כל הלידים החדשים נענו", "Все новые лиды получили ответ", "Όλοι οι νέοι υποψήφιοι απαντήθηκαν"),
}
