package reports

import (
	"context"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/reports/workbook"
)

// SequenceQuery asks for the workbook of a sequence.
type SequenceQuery struct {
	ID sequence.ID
	// Language is the reader's; the company's own where it is empty.
	Language locale.Language
}

// Sequence writes every figure of a sequence as a workbook: where its readers stand and why they left, what each step
// came to over all versions, and the readers themselves, as far as the actor sees them. It needs actor.ReportRead and
// sequence.Read.
func (r *Reports) Sequence(ctx context.Context, n *newsletter.Newsletters, w io.Writer, q SequenceQuery) error {
	f, err := r.sequence(ctx, n, q.ID)
	if err != nil {
		return err
	}
	return r.write(ctx, w, Query{Language: q.Language}, export{title: "sequence", kind: "sequence", record: q.ID.Bytes()}, func(l locale.Locale) []table {
		return []table{f.cover(l), f.standings(l), f.reasons(l), f.steps(l), f.readers(l, n.Sequences)}
	})
}

// sequenceFigures are all figures of a sequence.
type sequenceFigures struct {
	row     sequence.Sequence
	plan    sequence.Plan
	figures sequence.Figures
	// before are the plans of its versions, by number.
	before map[int]sequence.Plan
	// letters are the names of the campaigns that its steps send.
	letters map[campaign.ID]string
	topic   subscription.Topic
	segment string
	now     time.Time
}

func (r *Reports) sequence(ctx context.Context, n *newsletter.Newsletters, id sequence.ID) (f sequenceFigures, err error) {
	f.now, f.before, f.letters = r.db.Now(), map[int]sequence.Plan{}, map[campaign.ID]string{}
	if f.row, err = n.Sequences.Get(ctx, id); err != nil {
		return f, err
	}
	if f.plan, err = f.row.Plan(); err != nil {
		return f, err
	}
	if f.figures, err = n.Sequences.Figures(ctx, id); err != nil {
		return f, err
	}
	versions, err := n.Sequences.Versions(ctx, id)
	if err != nil {
		return f, err
	}
	for _, v := range versions {
		if f.before[v.Number], err = v.Plan(); err != nil {
			return f, err
		}
	}
	for _, p := range append(slices.Collect(maps.Values(f.before)), f.plan) {
		for _, t := range p.Steps {
			if _, known := f.letters[t.Letter]; known || t.Letter.IsZero() {
				continue
			}
			c, err := n.Campaigns.Get(ctx, t.Letter)
			if err != nil && !hidden(err) {
				return f, err
			}
			f.letters[t.Letter] = c.Name
		}
	}
	if f.topic, err = n.Subscriptions.Topic(ctx, f.row.TopicID); err != nil && !hidden(err) {
		return f, err
	}
	if !f.plan.Entry.Segment.IsZero() {
		s, err := n.Segments.Get(ctx, f.plan.Entry.Segment)
		if err != nil && !hidden(err) {
			return f, err
		}
		f.segment = s.Name
	}
	return f, nil
}

// hidden says that something is gone, or none of the actor's business: then its name is left out.
func hidden(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.NotFound || code == fault.Forbidden
}

func (f sequenceFigures) cover(l locale.Locale) table {
	topic, _ := f.topic.In(l.Language)
	version := ""
	if f.row.Live > 0 {
		version = strconv.Itoa(f.row.Live)
	}
	return coverOf(l, [][2]string{
		{"sequence", f.row.Name}, {"state", f.row.State.In(l.Language)}, {"topic", topic.Name}, {"segment", f.segment}, {"live", version},
		{"first", moment(l, f.row.StartedAt)}, {"steps", strconv.Itoa(len(f.plan.Steps))}, {"made", moment(l, f.now)},
	})
}

func (f sequenceFigures) standings(l locale.Locale) table {
	c := columns{l.Language}
	var all int64
	for _, n := range f.figures.States {
		all += n
	}
	var rows [][]workbook.Value
	for _, s := range sequence.Standings {
		n := f.figures.States[s]
		rows = append(rows, []workbook.Value{workbook.Text(s.In(l.Language)), workbook.Integer(n), shareOf(n, all)})
	}
	t := sheetOf(l, "places", []workbook.Column{c.text("standing"), c.count("readers"), c.percent("of_all")}, rows)
	t.charts = []workbook.Chart{{Kind: workbook.BarChart, Title: texts.T(l.Language, "sheet.places"), Category: "standing", Values: []string{"readers"}}}
	return t
}

func (f sequenceFigures) reasons(l locale.Locale) table {
	c := columns{l.Language}
	var all int64
	for _, n := range f.figures.Reasons {
		all += n
	}
	var rows [][]workbook.Value
	for _, s := range sequence.Reasons {
		if n := f.figures.Reasons[s]; n > 0 {
			rows = append(rows, []workbook.Value{workbook.Text(s.In(l.Language)), workbook.Integer(n), shareOf(n, all)})
		}
	}
	t := sheetOf(l, "reasons", []workbook.Column{c.text("reason"), c.count("readers"), c.percent("of_all")}, rows)
	if len(rows) > 0 {
		t.charts = []workbook.Chart{{Kind: workbook.BarChart, Title: texts.T(l.Language, "sheet.reasons"), Category: "reason", Values: []string{"readers"}}}
	}
	return t
}

// steps are those of the plan in its order, then those of earlier versions, then what is behind the last one.
func (f sequenceFigures) steps(l locale.Locale) table {
	c := columns{l.Language}
	rows := make([][]workbook.Value, 0, len(f.figures.Steps)+len(f.plan.Steps))
	for i, t := range f.plan.Steps {
		rows = append(rows, stepRow(workbook.Integer(int64(i+1)), t.Kind, [2]string{t.Kind.In(l.Language), f.says(f.plan, t, l.Language)}, f.figures.Steps[t.Key]))
	}
	for _, key := range slices.Sorted(maps.Keys(f.figures.Steps)) {
		if key == "" || f.plan.Number(key) > 0 {
			continue
		}
		var was sequence.Kind
		var words [2]string
		for _, number := range slices.Backward(slices.Sorted(maps.Keys(f.before))) { // the newest one that had it
			if t, ok := f.before[number].Step(key); ok {
				was, words = t.Kind, [2]string{t.Kind.In(l.Language) + " (" + texts.T(l.Language, "step.before") + ")", f.says(f.before[number], t, l.Language)}
				break
			}
		}
		rows = append(rows, stepRow(workbook.Empty(), was, words, f.figures.Steps[key]))
	}
	if behind, ok := f.figures.Steps[""]; ok {
		rows = append(rows, stepRow(workbook.Empty(), "", [2]string{texts.T(l.Language, "step.behind")}, behind))
	}
	what, yes, no := c.text("step_what"), c.count("yes"), c.count("no")
	what.Width, yes.Width, no.Width = 44, 8, 8
	return sheetOf(l, "steps", []workbook.Column{
		c.of("nr", workbook.KindInteger), c.text("step"), what, c.count("waiting"), c.count("sent"), c.of("opened", workbook.KindInteger), c.percent("opened_share"),
		c.of("clicked", workbook.KindInteger), c.percent("clicked_share"), c.count("planned"), yes, no, c.count("skipped"), c.count("no_address"), c.count("no_owner"),
	}, rows)
}

// stepCounts are the results that a kind of step can come to.
var stepCounts = map[sequence.Kind][]sequence.Result{
	sequence.Mail: {sequence.Skipped, sequence.NoAddress}, sequence.Text: {sequence.Skipped, sequence.NoAddress}, sequence.Task: {sequence.Planned, sequence.Skipped, sequence.NoOwner},
	sequence.Condition: {sequence.True, sequence.False, sequence.Skipped},
}

// stepRow is a step with its figures; what it cannot come to stays empty. words are its kind and what it does.
func stepRow(number workbook.Value, kind sequence.Kind, words [2]string, n sequence.StepFigures) []workbook.Value {
	count := func(n int64, may bool) workbook.Value {
		if n == 0 && !may {
			return workbook.Empty()
		}
		return workbook.Integer(n)
	}
	letter, opened := kind == sequence.Mail || kind == sequence.Text, shareOf(n.Opened, n.Mailed)
	if kind == sequence.Text { // nobody knows who read a short message
		opened = workbook.Empty()
	}
	row := []workbook.Value{
		number, workbook.Text(words[0]), workbook.Text(words[1]), workbook.Integer(n.Waiting),
		count(n.Mailed, letter), count(n.Opened, kind == sequence.Mail), opened, count(n.Clicked, letter), shareOf(n.Clicked, n.Mailed),
	}
	for _, r := range []sequence.Result{sequence.Planned, sequence.True, sequence.False, sequence.Skipped, sequence.NoAddress, sequence.NoOwner} {
		row = append(row, count(n.Results[r], slices.Contains(stepCounts[kind], r)))
	}
	return row
}

// says is what a step of a plan does, in words.
func (f sequenceFigures) says(p sequence.Plan, t sequence.Step, l locale.Language) string {
	switch t.Kind {
	case sequence.Mail, sequence.Text:
		return f.letters[t.Letter]
	case sequence.Task:
		return t.Subject
	case sequence.Wait:
		return t.Wait.In(l)
	case sequence.Condition:
		return p.Asked(t.If, l)
	}
	return ""
}

// readers are those whom the actor sees, read page by page.
func (f sequenceFigures) readers(l locale.Locale, all *sequence.Sequences) table {
	c := columns{l.Language}
	step := func(r sequence.Row) string {
		if p := f.before[r.Number]; r.State == sequence.Active || r.State == sequence.Resting {
			if t, ok := p.Step(r.Step); ok {
				return strings.TrimSpace(strconv.Itoa(p.Number(r.Step)) + ". " + t.Kind.In(l.Language) + ": " + f.says(p, t, l.Language))
			}
			return texts.T(l.Language, "step.behind")
		}
		return ""
	}
	instant := func(t time.Time) workbook.Value {
		if t.IsZero() {
			return workbook.Empty()
		}
		return workbook.DateTime(t)
	}
	next := c.text("step_next")
	next.Width = 44
	return table{name: texts.T(l.Language, "sheet.readers"), columns: []workbook.Column{
		c.text("name"), c.text("standing"), next, c.time("waits_until"), c.text("reason"), c.text("came"), c.time("entered"), c.time("left_at"), c.of("lap", workbook.KindInteger), c.of("version", workbook.KindInteger),
	}, rows: func(ctx context.Context, s *store.Session, each func(...workbook.Value) error) error {
		var after party.ID
		for {
			page, err := all.In(s).Readers(ctx, f.row.ID, sequence.Choice{After: after, Limit: chunk})
			if err != nil {
				return err
			}
			for _, r := range page.Rows {
				reason := ""
				if r.Reason != "" {
					reason = r.Reason.In(l.Language)
				}
				err := each(workbook.Text(r.Name), workbook.Text(r.State.In(l.Language)), workbook.Text(step(r)), instant(r.WaitUntil), workbook.Text(reason), workbook.Text(r.Source.In(l.Language)),
					instant(r.EnteredAt), instant(r.LeftAt), workbook.Integer(int64(r.Lap)), workbook.Integer(int64(r.Number)))
				if err != nil {
					return err
				}
			}
			if after = page.Next; after.IsZero() {
				return nil
			}
		}
	}}
}

var sequenceTexts = locale.Texts{
	"report.sequence": locale.Row("Sorozatkimutatás", "Sequence report", "דוח רצף", "Отчёт о цепочке", "Αναφορά ακολουθίας"),

	"sheet.places":  locale.Row("Hol tartanak", "Standings", "מצב הקוראים", "Кто где", "Πού βρίσκονται"),
	"sheet.reasons": locale.Row("Miért nincsenek már benne", "Why they are out", "סיבות יציאה", "Почему вышли", "Γιατί βγήκαν"),
	"sheet.steps":   locale.Row("Lépések", "Steps", "שלבים", "Шаги", "Βήματα"),

	"cover.sequence": locale.Row("Sorozat", "Sequence", "רצף", "Цепочка", "Ακολουθία"),
	"cover.live":     locale.Row("Változat", "Version", "גרסה", "Версия", "Έκδοση"),
	"cover.first":    locale.Row("Elindítva", "Started", "הופעל", "Запущена", "Ξεκίνησε"),
	"cover.steps":    locale.Row("Lépések száma", "Steps", "מספר השלבים", "Шагов", "Βήματα"),

	"step.before": locale.Row("korábbi változat lépése", "of an earlier version", "מגרסה קודמת", "из прежней версии", "προηγούμενης έκδοσης"),
	"step.behind": locale.Row("Minden lépés megvolt", "All steps done", "כל השלבים בוצעו", "Все шаги пройдены", "Έγιναν όλα τα βήματα"),

	"column.reason":        locale.Row("Ok", "Reason", "סיבה", "Причина", "Λόγος"),
	"column.step":          locale.Row("Lépés", "Step", "שלב", "Шаг", "Βήμα"),
	"column.step_what":     locale.Row("Mi az", "What it does", "מה השלב עושה", "Что делает", "Τι κάνει"),
	"column.step_next":     locale.Row("Következő lépés", "Next step", "השלב הבא", "Следующий шаг", "Επόμενο βήμα"),
	"column.waiting":       locale.Row("Most itt", "Here now", "כאן כעת", "Сейчас здесь", "Εδώ τώρα"),
	"column.opened_share":  locale.Row("Megnyitotta, %", "Opened, %", "פתחו, %", "Открыли, %", "Άνοιξαν, %"),
	"column.clicked_share": locale.Row("Kattintott, %", "Clicked, %", "הקליקו, %", "Перешли, %", "Έκαναν κλικ, %"),
	"column.planned":       locale.Row("Kiadott teendő", "Tasks planned", "משימות שתוכננו", "Поставлено задач", "Εργασίες που ορίστηκαν"),
	"column.yes":           locale.Row("Igen", "Yes", "כן", "Да", "Ναι"),
	"column.no":            locale.Row("Nem", "No", "לא", "Нет", "Όχι"),
	"column.skipped":       locale.Row("Kihagyva", "Skipped", "דולג", "Пропущено", "Παραλείφθηκαν"),
	"column.no_address":    locale.Row("Nincs hozzájárulás", "No consent", "אין הסכמה", "Нет согласия", "Χωρίς συγκατάθεση"),
	"column.no_owner":      locale.Row("Nincs felelős", "No owner", "אין אחראי", "Нет ответственного", "Χωρίς υπεύθυνο"),
	"column.waits_until":   locale.Row("Eddig vár", "Waits until", "ממתין עד", "Ждёт до", "Περιμένει ως"),
	"column.came":          locale.Row("Hogyan került bele", "Came in", "אופן הכניסה", "Как попал", "Πώς μπήκε"),
	"column.entered":       locale.Row("Bekerült", "Since", "נכנס", "Попал", "Μπήκε"),
	"column.left_at":       locale.Row("Kikerült", "Left", "יצא", "Вышел", "Βγήκε"),
	"column.lap":           locale.Row("Kör", "Lap", "סיבוב", "Круг", "Γύρος"),
	"column.version":       locale.Row("Változat", "Version", "גרסה", "Версия", "Έκδοση"),
}
