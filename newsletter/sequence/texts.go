package sequence

import (
	"strconv"

	"github.com/crmplus/crmplus/crm/locale"
)

// Texts are the words for the states of sequences and readers, for steps and what came of them, and for why readers
// left.
var Texts = locale.Texts{
	"sequence.state.draft":    locale.Row("Piszkozat", "Draft", "טיוטה", "Черновик", "Πρόχειρο"),
	"sequence.state.running":  locale.Row("Fut", "Running", "פעיל", "Работает", "Σε εξέλιξη"),
	"sequence.state.paused":   locale.Row("Szünetel", "Paused", "מושהה", "На паузе", "Σε παύση"),
	"sequence.state.archived": locale.Row("Lezárva", "Archived", "בארכיון", "В архиве", "Αρχειοθετημένη"),

	"sequence.step.n": locale.Row("%d. lépés", "Step %d", "שלב %d", "Шаг %d", "Βήμα %d"),

	"sequence.kind.mail":      locale.Row("Levél", "Letter", "מכתב", "Письмо", "Επιστολή"),
	"sequence.kind.sms":       locale.Row("SMS", "SMS", "SMS", "SMS", "SMS"),
	"sequence.kind.task":      locale.Row("Teendő", "Task", "משימה", "Задача", "Εργασία"),
	"sequence.kind.wait":      locale.Row("Várakozás", "Wait", "המתנה", "Пауза", "Αναμονή"),
	"sequence.kind.condition": locale.Row("Feltétel", "Condition", "תנאי", "Условие", "Συνθήκη"),

	"sequence.wait.hours":        locale.Row("%d óra", "%d hours", "%d שעות", "%d ч", "%d ώρες"),
	"sequence.wait.days":         locale.Row("%d nap", "%d days", "%d ימים", "%d дн.", "%d ημέρες"),
	"sequence.wait.working_days": locale.Row("%d munkanap", "%d working days", "%d ימי עבודה", "%d раб. дн.", "%d εργάσιμες"),
	"sequence.wait.at":           locale.Row("%s, majd %s", "%s, then %s", "%s, ואז %s", "%s, затем %s", "%s, μετά %s"),

	"sequence.asks.opened":       locale.Row("megnyitotta a levelet", "opened the letter", "פתח את המכתב", "открыл письмо", "άνοιξε την επιστολή"),
	"sequence.asks.clicked":      locale.Row("kattintott a levélben", "clicked in the letter", "לחץ במכתב", "перешёл по ссылке", "πάτησε σύνδεσμο"),
	"sequence.asks.replied":      locale.Row("írt vagy telefonált", "wrote or called", "כתב או התקשר", "написал или позвонил", "έγραψε ή τηλεφώνησε"),
	"sequence.asks.score":        locale.Row("pontszáma legalább", "has a score of at least", "ניקוד של לפחות", "балл не ниже", "βαθμολογία τουλάχιστον"),
	"sequence.asks.stage":        locale.Row("lehetősége ebben a szakaszban", "has an opportunity at stage", "הזדמנות בשלב", "сделка на этапе", "ευκαιρία στο στάδιο"),
	"sequence.asks.unsubscribed": locale.Row("leiratkozott valamelyik témáról", "unsubscribed from any topic", "ביטל הרשמה לנושא כלשהו", "отписался от какой-либо темы", "διαγράφηκε από κάποιο θέμα"),
	"sequence.asks.rule":         locale.Row("teljesül rá a feltétel", "the condition is true", "התנאי מתקיים", "условие выполнено", "ισχύει η συνθήκη"),
	"sequence.asks.of":           locale.Row("%s (%d. lépés)", "%s (step %d)", "%s (שלב %d)", "%s (шаг %d)", "%s (βήμα %d)"),
	"sequence.asks.value":        locale.Row("%s: %s", "%s: %s", "%s: %s", "%s: %s", "%s: %s"),

	"sequence.standing.active": locale.Row("Úton", "Under way", "בדרך", "В пути", "Καθ' οδόν"),
	"sequence.standing.paused": locale.Row("Megállítva", "Stopped", "נעצר", "Остановлен", "Σταματημένος"),
	"sequence.standing.done":   locale.Row("Végigért", "Through", "סיים", "Прошёл", "Ολοκλήρωσε"),
	"sequence.standing.left":   locale.Row("Kilépett", "Left", "יצא", "Вышел", "Βγήκε"),

	"sequence.source.hand":    locale.Row("kézzel", "by hand", "ידנית", "вручную", "με το χέρι"),
	"sequence.source.segment": locale.Row("szegmensből", "by a segment", "מפלח", "из сегмента", "από τμήμα"),
	"sequence.source.topic":   locale.Row("feliratkozással", "by subscribing", "בהרשמה", "по подписке", "με εγγραφή"),
	"sequence.source.capture": locale.Row("érdeklődéssel", "as a new lead", "בפנייה", "по обращению", "ως ενδιαφερόμενος"),

	"sequence.reason.through":      locale.Row("minden lépés megvolt", "all steps were done", "כל השלבים בוצעו", "все шаги пройдены", "έγιναν όλα τα βήματα"),
	"sequence.reason.responded":    locale.Row("kattintott vagy válaszolt", "clicked or answered", "לחץ או ענה", "перешёл по ссылке или ответил", "πάτησε ή απάντησε"),
	"sequence.reason.no_response":  locale.Row("nem válaszolt", "did not answer", "לא ענה", "не ответил", "δεν απάντησε"),
	"sequence.reason.replied":      locale.Row("írt vagy telefonált", "wrote or called", "כתב או התקשר", "написал или позвонил", "έγραψε ή τηλεφώνησε"),
	"sequence.reason.converted":    locale.Row("lehetőség vagy ügyfél lett", "was converted", "הומר", "стал сделкой или клиентом", "έγινε ευκαιρία ή πελάτης"),
	"sequence.reason.customer":     locale.Row("vevő lett", "became a customer", "נהיה לקוח", "стал покупателем", "έγινε πελάτης"),
	"sequence.reason.unsubscribed": locale.Row("leiratkozott", "unsubscribed", "ביטל הרשמה", "отписался", "διαγράφηκε"),
	"sequence.reason.suppressed":   locale.Row("a címe le van tiltva", "the address is closed", "הכתובת חסומה", "адрес закрыт", "η διεύθυνση είναι κλειστή"),
	"sequence.reason.goal":         locale.Row("elérte a célt", "reached the goal", "הגיע ליעד", "достиг цели", "έφτασε τον στόχο"),
	"sequence.reason.condition":    locale.Row("egy feltétel nem teljesült", "a condition was not true", "תנאי לא התקיים", "условие не выполнено", "δεν ίσχυσε μια συνθήκη"),
	"sequence.reason.person":       locale.Row("kivették", "was taken out", "הוצא", "его убрали", "αφαιρέθηκε"),
	"sequence.reason.erased":       locale.Row("adatait törölték", "the data were erased", "הנתונים נמחקו", "данные удалены", "τα δεδομένα διαγράφηκαν"),
	"sequence.reason.archived":     locale.Row("a sorozat lezárult", "the sequence was archived", "הרצף הועבר לארכיון", "цепочка закрыта", "η ακολουθία αρχειοθετήθηκε"),

	"sequence.result.sent":       locale.Row("elküldve", "sent", "נשלח", "отправлено", "στάλθηκε"),
	"sequence.result.planned":    locale.Row("kiadva", "planned", "תוכנן", "поставлена", "ορίστηκε"),
	"sequence.result.true":       locale.Row("igen", "yes", "כן", "да", "ναι"),
	"sequence.result.false":      locale.Row("nem", "no", "לא", "нет", "όχι"),
	"sequence.result.skipped":    locale.Row("kihagyva", "skipped", "דולג", "пропущен", "παραλείφθηκε"),
	"sequence.result.no_address": locale.Row("nincs hozzájárulás", "no consent", "אין הסכמה", "нет согласия", "χωρίς συγκατάθεση"),
	"sequence.result.no_owner":   locale.Row("nincs felelős", "no owner", "אין אחראי", "нет ответственного", "χωρίς υπεύθυνο"),
}

// In is the state in words.
func (s State) In(l locale.Language) string { return Texts.T(l, "sequence.state."+string(s)) }

// In is the standing in words.
func (s Standing) In(l locale.Language) string { return Texts.T(l, "sequence.standing."+string(s)) }

// In is the reason in words.
func (r Reason) In(l locale.Language) string { return Texts.T(l, "sequence.reason."+string(r)) }

// In is the way in in words.
func (s Source) In(l locale.Language) string { return Texts.T(l, "sequence.source."+string(s)) }

// In is the kind in words.
func (k Kind) In(l locale.Language) string { return Texts.T(l, "sequence.kind."+string(k)) }

// In is the result in words.
func (r Result) In(l locale.Language) string { return Texts.T(l, "sequence.result."+string(r)) }

// In says how long a wait takes: "3 working days, then 09:30".
func (p Pause) In(l locale.Language) string {
	text := Texts.T(l, "sequence.wait."+string(p.Unit), p.Count)
	if p.At != "" && p.Unit != Hours {
		return Texts.T(l, "sequence.wait.at", text, p.At)
	}
	return text
}

// Asked says what a condition of the plan asks: "clicked in the letter (step 2)".
func (p Plan) Asked(q Question, l locale.Language) string {
	text := Texts.T(l, "sequence.asks."+string(q.Asks))
	switch q.Asks {
	case Opened, Clicked:
		if at := p.Number(q.Of); at > 0 {
			return Texts.T(l, "sequence.asks.of", text, at)
		}
	case Scored:
		return Texts.T(l, "sequence.asks.value", text, strconv.Itoa(q.Number))
	case AtStage, ByRule:
		return Texts.T(l, "sequence.asks.value", text, q.Of)
	case Answered, Quit:
	}
	return text
}
