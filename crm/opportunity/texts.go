package opportunity

import (
	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

var texts = locale.Texts{
	"pipeline":      locale.Row("Értékesítés", "Sales", "מכירות", "Продажи", "Πωλήσεις"),
	"qualification": locale.Row("Minősítés", "Qualification", "סינון ראשוני", "Квалификация", "Αξιολόγηση"),
	"needs":         locale.Row("Igényfelmérés", "Needs analysis", "אפיון צרכים", "Выявление потребностей", "Ανάλυση αναγκών"),
	"proposal":      locale.Row("Ajánlat", "Proposal", "הצעת מחיר", "Предложение", "Προσφορά"),
	"negotiation":   locale.Row("Tárgyalás", "Negotiation", "משא ומתן", "Переговоры", "Διαπραγμάτευση"),
	"won":           locale.Row("Megnyert", "Won", "נסגרה בהצלחה", "Выиграна", "Κερδισμένη"),
	"lost":          locale.Row("Elveszett", "Lost", "אבדה", "Проиграна", "Χαμένη"),

	"progress.ordered":    locale.Row("Megrendelve", "Ordered", "הוזמן", "Заказано", "Παραγγέλθηκε"),
	"progress.delivering": locale.Row("Részben szállítva", "Partly delivered", "סופק חלקית", "Частично отгружено", "Παραδόθηκε εν μέρει"),
	"progress.delivered":  locale.Row("Leszállítva", "Delivered", "סופק", "Отгружено", "Παραδόθηκε"),
	"progress.invoicing":  locale.Row("Részben számlázva", "Partly invoiced", "חויב חלקית", "Частично выставлен счёт", "Τιμολογήθηκε εν μέρει"),
	"progress.invoiced":   locale.Row("Kiszámlázva", "Invoiced", "חויב", "Выставлен счёт", "Τιμολογήθηκε"),
	"progress.paying":     locale.Row("Részben fizetve", "Partly paid", "שולם חלקית", "Частично оплачено", "Εξοφλήθηκε εν μέρει"),
	"progress.paid":       locale.Row("Kifizetve", "Paid", "שולם", "Оплачено", "Εξοφλήθηκε"),
	"progress.void":       locale.Row("Visszavonva az ügyvitelben", "Taken back at the ERP", "בוטל במערכת", "Отменено в учётной системе", "Ακυρώθηκε στο σύστημα"),
}

// week is five days of eight hours: limits are in hours of working time.
const week = 5 * 8

// defaultStages are the stages of a pipeline for which none are given.
func defaultStages(l locale.Language) []StageDraft {
	stage := func(key string, kind State, chance int64, limit int) StageDraft {
		return StageDraft{Name: texts.T(l, key), Kind: kind, Chance: percent(chance), LimitHours: limit}
	}
	return []StageDraft{
		stage("qualification", Open, 10, week),
		stage("needs", Open, 25, 2*week),
		stage("proposal", Open, 50, 2*week),
		stage("negotiation", Open, 75, 2*week),
		stage("won", Won, 100, 0),
		stage("lost", Lost, 0, 0),
	}
}

func percent(whole int64) money.Percent { return money.NewPercent(decimal.NewFromInt(whole)) }
