package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/reports"
)

func (s *screens) exportRoutes() []route {
	if s.module.Newsletters == nil {
		return nil
	}
	return []route{
		{Pattern: "GET /campaigns/{id}/followed", Right: actor.ReportRead, Do: s.showFollowed},
		{Pattern: "GET /campaigns/{id}/report.xlsx", Right: actor.ReportRead, Do: s.downloadCampaign},
		{Pattern: "GET /topics/{id}/report.xlsx", Right: actor.ReportRead, Do: s.downloadTopic},
		{Pattern: "GET /sequences/{id}/report.xlsx", Right: actor.ReportRead, Do: s.downloadSequence},
	}
}

const workbookMIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// download sends a file. It is written to a file of its own before it is sent, so that one that fails half-way does
// not look like a whole one, and memory does not grow with it.
func (v *visit) download(name, mime string, write func(ctx context.Context, w io.Writer) error) error {
	file, err := os.CreateTemp("", "crmplus-report-*")
	if err != nil {
		return err
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	if err := write(v.ctx(), file); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", mime)
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
	v.w.WriteHeader(http.StatusOK)
	_, err = io.Copy(v.w, file)
	return err
}

// followedQuery reads how what followed is credited; nonsense is the usual.
func (f *input) followedQuery() newsletter.FollowedQuery {
	q := newsletter.FollowedQuery{Model: track.LastTouch, Touch: newsletter.ByClick, Days: f.count("days")}
	for _, m := range newsletter.Models {
		if f.text("model") == string(m) {
			q.Model = m
		}
	}
	for _, t := range newsletter.Touchings {
		if f.text("touch") == string(t) {
			q.Touch = t
		}
	}
	if q.Days < 1 || q.Days > 365 {
		q.Days = 30
	}
	return q
}

// followedPage shows the opportunities and the revenue that followed a campaign, with the rows behind the sums.
type followedPage struct {
	Campaign              campaign.Campaign
	Models, Touches, Days []option
	Sums                  []followedSum
	Chart                 bars
	Rows                  []followedRow
	Hidden                int
	Cost                  string
	Partial               bool
	Address, Excel        string
}

type followedSum struct {
	Kind, Value, Credit, Return string
	Count                       int
	Bad                         bool
}

type followedRow struct {
	Kind, Name, Path, Who, WhoPath, Value, Credit, Share string
	At                                                   time.Time
}

// followedRows is how many rows the page shows; the workbook has all.
const followedRows = 200

func (s *screens) showFollowed(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	q := v.asked().followedQuery()
	f, err := s.module.Newsletters.Followed(v.ctx(), c.ID, q)
	if err != nil {
		return err
	}
	lang := v.Locale.Language
	d := followedPage{Campaign: c, Partial: f.Partial, Address: v.r.URL.Path}
	d.Excel = v.link("/campaigns", c.ID.String(), "report.xlsx") + "?" + url.Values{"model": {string(q.Model)}, "touch": {string(q.Touch)}, "days": {strconv.Itoa(q.Days)}}.Encode()
	for _, m := range newsletter.Models {
		d.Models = append(d.Models, option{Value: string(m), Label: v.t("followed.model." + string(m)), On: m == q.Model})
	}
	for _, t := range newsletter.Touchings {
		d.Touches = append(d.Touches, option{Value: string(t), Label: v.t("followed.touch." + string(t)), On: t == q.Touch})
	}
	for _, n := range []int{7, 14, 30, 60, 90, 180} {
		d.Days = append(d.Days, option{Value: strconv.Itoa(n), Label: v.t("followed.days", n), On: n == q.Days})
	}
	if f.Cost.IsPositive() && f.Currency != "" {
		d.Cost = lang.Money(f.Cost, f.Currency)
	}
	var rows []barRow
	var sizes []decimal.Decimal
	for _, sum := range f.Sums {
		row := followedSum{Kind: v.t("followed.kind." + string(sum.Kind)), Count: sum.Count, Value: lang.Money(sum.Value, sum.Currency), Credit: lang.Money(sum.Credit, sum.Currency)}
		if sum.Costed {
			row.Return, row.Bad = lang.Percent(sum.Return), sum.Return.IsNegative()
		}
		d.Sums = append(d.Sums, row)
		if sum.Currency == f.Sums[0].Currency { // bars compare amounts of one currency
			rows = append(rows, barRow{Label: row.Kind, Value: shortMoney(lang, sum.Credit, sum.Currency), Note: countText(lang, sum.Count)})
			sizes = append(sizes, sum.Credit.Decimal)
		}
	}
	d.Chart = newBars(v.t("followed.title"), v.t("followed.is"), rows, sizes)
	for i, o := range f.Rows {
		if i == followedRows {
			d.Hidden = len(f.Rows) - i
			break
		}
		row := followedRow{
			Kind: v.t("followed.kind." + string(o.Kind)), Name: o.Name, Who: o.PartyName, At: o.At, Value: lang.Money(o.Value, o.Currency),
			Credit: lang.Money(o.Credit, o.Currency), Share: lang.Percent(o.Share), WhoPath: v.link("/customers", o.Party.String()),
		}
		if o.Kind != newsletter.Invoiced && v.may(actor.OpportunityRead) {
			row.Path = v.link("/opportunities", o.ID)
		}
		d.Rows = append(d.Rows, row)
	}
	return v.show(http.StatusOK, "newsletter_followed", head{
		Title: v.t("followed.title"), Section: "campaigns", Crumbs: v.campaignCrumbs(crumb{c.Name, v.link("/campaigns", c.ID.String())}),
	}, d)
}

func (s *screens) downloadCampaign(v *visit) error {
	c, err := v.campaignOf()
	if err != nil {
		return err
	}
	q := reports.CampaignQuery{ID: c.ID, Followed: v.asked().followedQuery(), Language: v.Locale.Language}
	return v.download("campaign-"+strconv.FormatInt(c.Number, 36)+".xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Campaign(ctx, s.module.Newsletters, w, q)
	})
}

func (s *screens) downloadTopic(v *visit) error {
	id, err := key[subscription.TopicTag](v, "id")
	if err != nil {
		return err
	}
	t, err := s.module.Newsletters.Subscriptions.Topic(v.ctx(), id)
	if err != nil {
		return err
	}
	q := reports.TopicQuery{ID: t.ID, Language: v.Locale.Language}
	return v.download(t.Code+".xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Topic(ctx, s.module.Newsletters, w, q)
	})
}

func (s *screens) downloadSequence(v *visit) error {
	row, err := v.sequenceOf()
	if err != nil {
		return err
	}
	q := reports.SequenceQuery{ID: row.ID, Language: v.Locale.Language}
	return v.download(row.Name+".xlsx", workbookMIME, func(ctx context.Context, w io.Writer) error {
		return s.module.Reports.Sequence(ctx, s.module.Newsletters, w, q)
	})
}

var exportTexts = locale.Texts{
	"followed.title":            locale.Row("Ami utána következett", "What followed", "מה בא בעקבות", "Что последовало", "Τι ακολούθησε"),
	"followed.is":               locale.Row("A kampánynak jóváírt érték", "The value credited to the campaign", "הערך המיוחס לקמפיין", "Сумма, зачтённая рассылке", "Η αξία που αποδίδεται στην καμπάνια"),
	"followed.link":             locale.Row("Bevétel", "Revenue", "הכנסות", "Выручка", "Έσοδα"),
	"followed.excel":            locale.Row("Munkafüzet", "Workbook", "חוברת עבודה", "Рабочая книга", "Βιβλίο εργασίας"),
	"followed.model":            locale.Row("Jóváírás", "Credited to", "ייחוס אל", "Зачёт", "Απόδοση"),
	"followed.model.last":       locale.Row("Az utolsó érintésnek", "The last touch", "המגע האחרון", "Последнему касанию", "Στην τελευταία επαφή"),
	"followed.model.first":      locale.Row("Az első érintésnek", "The first touch", "המגע הראשון", "Первому касанию", "Στην πρώτη επαφή"),
	"followed.model.linear":     locale.Row("Mindnek egyenlően", "All touches alike", "כל המגעים בשווה", "Всем поровну", "Σε όλες εξίσου"),
	"followed.touch":            locale.Row("Érintés", "Touch", "מגע", "Касание", "Επαφή"),
	"followed.touch.click":      locale.Row("Kattintás", "A click", "הקלקה", "Клик", "Κλικ"),
	"followed.touch.open":       locale.Row("Megnyitás vagy kattintás", "An open or a click", "פתיחה או הקלקה", "Открытие или клик", "Άνοιγμα ή κλικ"),
	"followed.touch.sent":       locale.Row("Kiküldés", "Being sent", "שליחה", "Отправка", "Αποστολή"),
	"followed.window":           locale.Row("Időablak", "Within", "חלון זמן", "Окно", "Εντός"),
	"followed.days":             locale.Row("%d nap", "%d days", "%d ימים", "%d дн.", "%d ημέρες"),
	"followed.kind":             locale.Row("Eredmény", "Outcome", "תוצאה", "Результат", "Αποτέλεσμα"),
	"followed.kind.opportunity": locale.Row("Új lehetőség", "New opportunity", "הזדמנות חדשה", "Новая сделка", "Νέα ευκαιρία"),
	"followed.kind.won":         locale.Row("Megnyert lehetőség", "Won opportunity", "עסקה שנסגרה", "Выигранная сделка", "Κερδισμένη ευκαιρία"),
	"followed.kind.invoice":     locale.Row("Számla", "Invoice", "חשבונית", "Счёт", "Τιμολόγιο"),
	"followed.count":            locale.Row("Darab", "Count", "כמות", "Количество", "Πλήθος"),
	"followed.value":            locale.Row("Teljes érték", "Whole value", "ערך מלא", "Полная сумма", "Συνολική αξία"),
	"followed.credit":           locale.Row("Jóváírva", "Credited", "מיוחס", "Зачтено", "Αποδοθέν"),
	"followed.return":           locale.Row("Megtérülés", "Return", "החזר", "Окупаемость", "Απόδοση"),
	"followed.share":            locale.Row("Rész", "Share", "חלק", "Доля", "Μερίδιο"),
	"followed.when":             locale.Row("Mikor", "When", "מועד", "Когда", "Πότε"),
	"followed.who":              locale.Row("Partner", "Customer", "לקוח", "Клиент", "Πελάτης"),
	"followed.what":             locale.Row("Megnevezés", "Name", "שם", "Название", "Ονομασία"),
	"followed.cost":             locale.Row("A kampány költsége", "Cost of the campaign", "עלות הקמפיין", "Стоимость рассылки", "Κόστος καμπάνιας"),
	"followed.overlap":          locale.Row("Az eredmények átfedik egymást: egy új lehetőségből megnyert lehetőség, abból számla lesz. Ne adja össze őket.", "The outcomes overlap: a new opportunity is won and then invoiced. Do not add them up.", "התוצאות חופפות: הזדמנות חדשה נסגרת ואז מחויבת. אין לחבר אותן.", "Результаты пересекаются: новая сделка выигрывается, затем выставляется счёт. Не складывайте их.", "Τα αποτελέσματα επικαλύπτονται: μια νέα ευκαιρία κερδίζεται και μετά τιμολογείται. Μην τα προσθέτετε."),
	"followed.partial":          locale.Row("Több az eredmény, mint amennyit ez az oldal figyelembe vesz.", "There is more than this page takes into account.", "יש יותר ממה שהדף מביא בחשבון.", "Результатов больше, чем учтено на странице.", "Υπάρχουν περισσότερα από όσα λαμβάνει υπόψη η σελίδα."),
	"followed.hidden":           locale.Row("További %s sor a munkafüzetben.", "%s more rows are in the workbook.", "עוד %s שורות בחוברת העבודה.", "Ещё %s строк в рабочей книге.", "Ακόμη %s γραμμές στο βιβλίο εργασίας."),
	"followed.none":             locale.Row("Még semmi sem következett", "Nothing has followed yet", "עדיין לא בא דבר בעקבות", "Пока ничего не последовало", "Δεν ακολούθησε τίποτα ακόμη"),
	"followed.none.do":          locale.Row("Ha az olvasók lehetőséget nyitnak vagy vásárolnak, itt jelenik meg. Próbáljon hosszabb időablakot.", "When readers open opportunities or buy, it stands here. Try a longer window.", "כשקוראים יפתחו הזדמנויות או יקנו, זה יופיע כאן. נסו חלון ארוך יותר.", "Когда читатели откроют сделки или купят, это появится здесь. Попробуйте окно подлиннее.", "Όταν οι αναγνώστες ανοίξουν ευκαιρίες ή αγοράσουν, θα φανεί εδώ. Δοκιμάστε μεγαλύτερο παράθυρο."),
}
