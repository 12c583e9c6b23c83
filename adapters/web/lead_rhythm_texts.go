package web

import "github.com/crmplus/crmplus/crm/locale"

var rhythmTexts = locale.Texts{
	"rhythm.title":        locale.Row("Sürgősség", "Priority", "עדיפות", "Приоритет", "Προτεραιότητα"),
	"rhythm.score":        locale.Row("Pontszám", "Score", "ניקוד", "Баллы", "Βαθμολογία"),
	"rhythm.why":          locale.Row("Miből áll össze", "How it came to be", "איך חושב", "Из чего складывается", "Πώς προέκυψε"),
	"rhythm.capped":       locale.Row("%s: a csoport felső határa", "%s: limit of the group", "%s: תקרת הקבוצה", "%s: предел группы", "%s: όριο της ομάδας"),
	"rhythm.due":          locale.Row("Válaszoljon eddig: %s", "Answer by %s", "יש לענות עד %s", "Ответить до %s", "Απάντηση έως %s"),
	"rhythm.late":         locale.Row("A válasz késik; a határidő %s volt", "The answer is late; it was due by %s", "המענה מתעכב; המועד היה %s", "Ответ просрочен; срок был %s", "Η απάντηση καθυστερεί· προθεσμία: %s"),
	"rhythm.paused":       locale.Row("Az óra áll, amíg gondozzák; %s óra munkaidő van hátra", "Paused while it is nurtured; %s hours of working time are left", "מושהה בזמן הטיפוח; נותרו %s שעות עבודה", "На паузе; осталось %s рабочих часов", "Σε παύση· απομένουν %s ώρες εργασίας"),
	"rhythm.held":         locale.Row("Felfüggesztve; %s óra munkaidő van hátra", "Held; %s hours of working time are left", "מוקפא; נותרו %s שעות עבודה", "Остановлено; осталось %s рабочих часов", "Σε αναμονή· απομένουν %s ώρες εργασίας"),
	"rhythm.kept":         locale.Row("Időben megválaszolva, %s óra munkaidő alatt", "Answered in time, after %s hours of working time", "נענה בזמן, לאחר %s שעות עבודה", "Ответ дан вовремя, за %s рабочих часов", "Απαντήθηκε εγκαίρως, σε %s ώρες εργασίας"),
	"rhythm.missed":       locale.Row("Késve megválaszolva, %s óra munkaidő alatt", "Answered late, after %s hours of working time", "נענה באיחור, לאחר %s שעות עבודה", "Ответ дан с опозданием, за %s рабочих часов", "Απαντήθηκε με καθυστέρηση, σε %s ώρες εργασίας"),
	"rhythm.hold":         locale.Row("Felfüggesztés", "Hold", "השהיה", "Остановить", "Αναστολή"),
	"rhythm.resume":       locale.Row("Folytatás", "Resume", "המשך", "Продолжить", "Συνέχιση"),
	"rhythm.given":        locale.Row("Szabály adta: %s", "Given by rule: %s", "הוקצה לפי כלל: %s", "Назначено правилом: %s", "Ανατέθηκε με κανόνα: %s"),
	"rhythm.route":        locale.Row("Kiosztás a szabályok szerint", "Assign by the rules", "הקצאה לפי הכללים", "Назначить по правилам", "Ανάθεση με τους κανόνες"),
	"rhythm.routed":       locale.Row("Az érdeklődő gazdája: %s.", "The lead went to %s.", "הליד הוקצה ל: %s.", "Лид назначен: %s.", "Ο υποψήφιος πελάτης πήγε στον/στην %s."),
	"rhythm.nobody":       locale.Row("Egyik szabály sem adta senkinek.", "No rule gave it to anybody.", "אף כלל לא הקצה אותו.", "Ни одно правило никому его не назначило.", "Κανένας κανόνας δεν το έδωσε σε κανέναν."),
	"rhythm.fallback":     locale.Row("tartalék", "fallback", "ברירת מחדל", "запасной вариант", "εφεδρικός"),
	"rhythm.step.chosen":  locale.Row("megkapta", "got it", "קיבל", "назначен", "το πήρε"),
	"rhythm.step.unmet":   locale.Row("a feltétel nem teljesül", "the condition is not met", "התנאי אינו מתקיים", "условие не выполнено", "δεν πληρούται ο όρος"),
	"rhythm.step.outside": locale.Row("más terület", "another area", "אזור אחר", "другая территория", "άλλη περιοχή"),
	"rhythm.step.broken":  locale.Row("a feltétel hibás", "the condition is broken", "התנאי שגוי", "условие с ошибкой", "λανθασμένος όρος"),
	"rhythm.step.away":    locale.Row("távol van", "is away", "נעדר", "отсутствует", "απουσιάζει"),
	"rhythm.step.full":    locale.Row("elérte a havi keretét", "has had this month's share", "מילא את מכסת החודש", "месячный лимит исчерпан", "έφτασε το μηνιαίο όριο"),
	"rhythm.step.nobody":  locale.Row("nincs, aki megkapja", "nobody to give it to", "אין למי להקצות", "некому назначить", "δεν υπάρχει κανείς"),
}
