package buying

import (
	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// In names the kind of a suggestion.
func (k Kind) In(l locale.Language) string { return texts.T(l, "kind."+string(k)) }

// Why words the reason of a suggestion; its amounts are in the company's currency, that of l.
func (s Suggestion) Why(l locale.Locale) string {
	b, lang := s.Because, l.Language
	amount := func(a money.Amount) string { return lang.Money(money.Round(a, l.Currency), l.Currency) }
	switch s.Kind {
	case Quiet:
		return texts.T(lang, "why.quiet", b.Gap, b.Times, b.Since)
	case Less:
		return texts.T(lang, "why.less", amount(b.Recent), amount(b.Usual))
	case Lapsed:
		return texts.T(lang, "why.lapsed", b.Times, b.Gap, b.Since)
	case Renewal:
		return texts.T(lang, "why.renewal", lang.Date(b.Last), lang.Date(s.Due))
	case Similar:
		// How many times more of those who buy the one buy the other than of all customers.
		lift := decimal.NewFromInt(int64(b.Both*b.All)).DivRound(decimal.NewFromInt(int64(max(1, b.Of*b.Also))), 1)
		return texts.T(lang, "why.similar", b.Both, b.Of, b.WithName, lang.Number(lift, 1))
	}
	return ""
}

var texts = locale.Texts{
	"kind.quiet":   locale.Row("Elmaradt rendelés", "No order for long", "ללא הזמנה זמן רב", "Давно нет заказа", "Καιρό χωρίς παραγγελία"),
	"kind.less":    locale.Row("Kevesebbet vesz", "Buys less", "קונה פחות", "Покупает меньше", "Αγοράζει λιγότερα"),
	"kind.lapsed":  locale.Row("Elmaradt termék", "Lapsed product", "מוצר שנפסק", "Ушедший товар", "Προϊόν που σταμάτησε"),
	"kind.renewal": locale.Row("Megújítás", "Renewal", "חידוש", "Продление", "Ανανέωση"),
	"kind.similar": locale.Row("Hasonló vevők veszik", "Similar customers buy it", "לקוחות דומים קונים", "Берут похожие клиенты", "Το αγοράζουν παρόμοιοι πελάτες"),
	"why.quiet":    locale.Row("Általában %d naponta rendel (%d napon rendelt); utoljára %d napja.", "Usually orders every %d days (on %d days so far); the last time %d days ago.", "מזמין בדרך כלל כל %d ימים (ב-%d ימים עד כה); לאחרונה לפני %d ימים.", "Обычно заказывает каждые %d дн. (дней с заказами: %d); последний раз %d дн. назад.", "Συνήθως παραγγέλνει κάθε %d ημέρες (σε %d ημέρες έως τώρα)· τελευταία φορά πριν %d ημέρες."),
	"why.less":     locale.Row("Az utolsó negyedévben %s, előtte negyedévente %s.", "%s in the last quarter, %s in each quarter before.", "%s ברבעון האחרון, %s בכל רבעון לפניו.", "%s за последний квартал, прежде %s за квартал.", "%s το τελευταίο τρίμηνο, %s ανά τρίμηνο πριν."),
	"why.lapsed":   locale.Row("%d alkalommal vette, általában %d naponta; utoljára %d napja.", "Bought %d times, usually every %d days; the last time %d days ago.", "נקנה %d פעמים, בדרך כלל כל %d ימים; לאחרונה לפני %d ימים.", "Покупали %d раз, обычно каждые %d дн.; последний раз %d дн. назад.", "Αγοράστηκε %d φορές, συνήθως κάθε %d ημέρες· τελευταία φορά πριν %d ημέρες."),
	"why.renewal":  locale.Row("Évente veszi; utoljára: %s, most esedékes: %s", "Bought once a year; last on %s, due on %s.", "נקנה פעם בשנה; לאחרונה ב-%s, מועד: %s.", "Покупают раз в год; последний раз %s, срок %s.", "Αγοράζεται κάθε χρόνο· τελευταία στις %s, λήγει στις %s."),
	"why.similar":  locale.Row("%d vevő %d közül, aki ezt veszi: %s, ezt is veszi; arányuk az összes vevőéhez képest %s×.", "%d of %d customers who buy %s also buy this, %s times as many as among all customers.", "%d מתוך %d לקוחות שקונים %s קונים גם את זה, פי %s מאשר בכלל הלקוחות.", "%d из %d клиентов, покупающих %s, берут и это – в %s раза чаще, чем все клиенты.", "%d από τους %d πελάτες που αγοράζουν %s αγοράζουν και αυτό, %s φορές περισσότεροι από το σύνολο."),
}
