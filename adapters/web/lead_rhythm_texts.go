package web

import "github.com/crmplus/crmplus/crm/locale"

var rhythmTexts = locale.Texts{
	"rhythm.title":        locale.Row("Sürgősség", "Priority", "עדיפות", "Приоритет", "Προτεραιότητα"),
	"rhythm.score":        locale.Row("Pontszám", "Score", "ניקוד", "Баллы", "Βαθμολογία"),
	"rhythm.why":          locale.Row("Miből áll össze", "How it came to be", "איך חושב", "Из чего складывается", "Πώς προέκυψε"),
	"rhythm.history":      locale.Row("Hogyan alakult", "How it changed", "איך השתנה", "Как менялись", "Πώς άλλαξε"),
	"rhythm.stopped":      locale.Row("%s: a feltétel túl sok adatot nézett, ezért leállt", "%s: the condition looked at too much and was stopped", "%s: התנאי בדק יותר מדי נתונים ונעצר", "%s: условие просматривало слишком много и было остановлено", "%s: ο όρος εξέταζε πάρα πολλά και σταμάτησε"),
	"rhythm.capped":       locale.Row("%s: a csoport felső határa", "%s: limit of the group", "%s: תקרת הקבוצה", "%s: предел группы", "%s: όριο της ομάδας"),
	"rhythm.due":          locale.Row("Válaszoljon eddig: %s", "Answer by %s", "יש לענות עד %s", "Ответить до %s", "Απάντηση έως %s"),
	"rhythm.late":         locale.Row("A válasz késik; a határidő %s volt", "The answer is late; it was due by %s", "המענה מתעכב; המועד היה %s", "Ответ просрочен; срок был %s", "Η απάντηση καθυστερεί· προθεσμία: %s"),
	"rhythm.paused":       locale.Row("Az óra áll, amíg gondozzák; munkaidőből hátravan: %s", "Paused while it is nurtured; working time left: %s", "מושהה בזמן הטיפוח; נותר זמן עבודה: %s", "На паузе; осталось рабочего времени: %s", "Σε παύση· απομένων χρόνος εργασίας: %s"),
	"rhythm.held":         locale.Row("Felfüggesztve; munkaidőből hátravan: %s", "Held; working time left: %s", "מוקפא; נותר זמן עבודה: %s", "Остановлено; осталось рабочего времени: %s", "Σε αναμονή· απομένων χρόνος εργασίας: %s"),
	"rhythm.kept":         locale.Row("Időben megválaszolva; munkaidőben: %s", "Answered in time; in working time: %s", "נענה בזמן; בזמן עבודה: %s", "Ответ дан вовремя; по рабочему времени: %s", "Απαντήθηκε εγκαίρως· σε χρόνο εργασίας: %s"),
	"rhythm.missed":       locale.Row("Késve megválaszolva; munkaidőben: %s", "Answered late; in working time: %s", "נענה באיחור; בזמן עבודה: %s", "Ответ дан с опозданием; по рабочему времени: %s", "Απαντήθηκε με καθυστέρηση· σε χρόνο εργασίας: %s"),
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
	"rhythm.step.stopped": locale.Row("a feltétel túl sok adatot nézett, ezért leállt", "the condition looked at too much and was stopped", "התנאי בדק יותר מדי נתונים ונעצר", "условие просматривало слишком много и было остановлено", "ο όρος εξέταζε πάρα πολλά και σταμάτησε"),
	"rhythm.step.broken":  locale.Row("a feltétel hibás", "the condition is broken", "התנאי שגוי", "условие с ошибкой", "λανθασμένος όρος"),
	"rhythm.step.away":    locale.Row("távol van", "is away", "נעדר", "отсутствует", "απουσιάζει"),
	"rhythm.step.full":    locale.Row("elérte a havi keretét", "has had this month's share", "מילא את מכסת החודש", "месячный лимит исчерпан", "έφτασε το μηνιαίο όριο"),
	"rhythm.step.nobody":  locale.Row("nincs, aki megkapja", "nobody to give it to", "אין למי להקצות", "некому назначить", "δεν υπάρχει κανείς"),
}
