package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/notice"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) noticeRoutes() []route {
	return []route{
		{Pattern: "GET /notices", Do: s.listNotices},
		{Pattern: "GET /notices/unread", Do: s.unreadNotices},
		{Pattern: "GET /notices/{id}", Do: s.openNotice},
		{Pattern: "POST /notices/read", Do: s.readNotices},
	}
}

// noticePage are the visitor's notices, the newest first.
type noticePage struct {
	Runs        []noticeRun
	First, Next string
	Unread      bool
	// At is the instant up to which "mark all as read" reads.
	At time.Time
}

type noticeRow struct {
	notice.Notice
	What, About, Icon string
}

// noticeRun are notices one after the other: of one kind, where they are many, and then folded but for the first ones.
type noticeRun struct {
	Rows, More []noticeRow
}

// The notices of one kind that follow each other are folded where they are more than shownOfRun and foldedOfRun.
const (
	shownOfRun  = 2
	foldedOfRun = 3
)

// runsOf folds notices of one kind and day that follow each other.
func runsOf(rows []noticeRow, day func(time.Time) civil.Date) []noticeRun {
	var out []noticeRun
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Kind == rows[0].Kind && day(rows[n].At) == day(rows[0].At) && rows[n].ReadAt.IsZero() == rows[0].ReadAt.IsZero() {
			n++
		}
		run := noticeRun{Rows: rows[:n]}
		if n >= shownOfRun+foldedOfRun {
			run = noticeRun{Rows: rows[:shownOfRun], More: rows[shownOfRun:n]}
		}
		out, rows = append(out, run), rows[n:]
	}
	return out
}

var noticeIcons = map[notice.Kind]string{
	notice.Mentioned: "at-sign", notice.Delegated: "user-check", notice.Accepted: "check", notice.Declined: "reply", notice.Reminder: "alarm-clock",
	notice.LeadAssigned: "user-round-plus", notice.OpportunityHanded: "handshake", notice.OpportunityJoined: "users", notice.QuoteAccepted: "file-check",
	notice.QuoteDeclined: "file-x", notice.QuoteAsked: "message-square", notice.MailFailed: "mail", notice.ConversionFailed: "triangle-alert",
	notice.WebhookDisabled: "triangle-alert", notice.WebhookFailed: "triangle-alert", notice.ConversionWaiting: "hourglass", notice.ClockReminded: "alarm-clock", notice.ClockEscalated: "triangle-alert", notice.RuleTold: "bell", notice.RuleFailed: "triangle-alert", notice.RuleStopped: "triangle-alert", notice.ImportFinished: "upload",
}

func (s *screens) listNotices(v *visit) error {
	query := v.r.URL.Query()
	d := noticePage{Unread: query.Get("show") == "unread", At: s.now()}
	list, err := v.module().Notices.List(v.ctx(), notice.Filter{Unread: d.Unread, Page: store.Page{After: query.Get("after"), Limit: 40}})
	if err != nil {
		return err
	}
	var rows []noticeRow
	for _, n := range list.Notices {
		rows = append(rows, noticeRow{Notice: n, What: n.What(v.Locale.Language), About: n.About(v.Locale.Language), Icon: noticeIcons[n.Kind]})
	}
	d.Runs = runsOf(rows, func(at time.Time) civil.Date { return civil.Of(at.In(v.Locale.Location())) })
	d.First, d.Next = pages2(v, list.Next)
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "notices", "list", d)
	}
	return v.show(http.StatusOK, "notices", head{Title: v.t("frame.notices"), Section: "notices"}, d)
}

// unreadNotices is the bell's number, for pages that heard of a notice.
func (s *screens) unreadNotices(v *visit) error {
	n, err := v.module().Notices.Unread(v.ctx())
	if err != nil {
		return err
	}
	return v.fill(http.StatusOK, "notices", "bell", n)
}

// openNotice marks a notice as read and goes to what it is about. It is a link, so that it can be opened in
// another tab; reading twice does nothing.
func (s *screens) openNotice(v *visit) error {
	id, err := key[notice.Tag](v, "id")
	if err != nil {
		return err
	}
	n, err := v.module().Notices.Get(v.ctx(), id)
	if errors.Is(err, fault.NotFound) { // it was cleared away
		return v.redirect(v.link("/notices"))
	}
	if err != nil {
		return err
	}
	if err := v.module().Notices.MarkRead(v.ctx(), id); err != nil {
		return err
	}
	return v.redirect(v.noticeLink(n))
}

// noticeLink is the page of what a notice is about.
func (v *visit) noticeLink(n notice.Notice) string {
	record := n.RecordID.String()
	switch n.RecordKind {
	case "lead":
		return v.link("/leads", record)
	case "opportunity":
		return v.link("/opportunities", record)
	case "quote":
		return v.link("/quotes", record)
	case "activity":
		return v.link("/activities", record)
	case "import":
		return v.link("/leads/import", record)
	case "party":
		return v.link("/parties", record)
	case "workflow":
		return v.link("/rules", record)
	}
	return v.link("/notices")
}

func (s *screens) readNotices(v *visit) error {
	until, err := time.Parse(time.RFC3339Nano, v.r.PostFormValue("until"))
	if err != nil || until.After(s.now()) {
		until = s.now()
	}
	if err := v.module().Notices.MarkAllRead(v.ctx(), until); err != nil {
		return err
	}
	v.done("notices.read")
	return v.redirect(v.link("/notices"))
}

// pages2 are the addresses of the first and of the next page of a list.
func pages2(v *visit, next string) (first, following string) {
	here := v.here()
	if v.r.URL.Query().Get("after") != "" {
		first = queryWith(here, "after", "")
	}
	if next != "" {
		following = queryWith(here, "after", next)
	}
	return first, following
}

var noticeTexts = locale.Texts{
	"notices.none":   locale.Row("Nincs értesítés", "No notifications", "אין התראות", "Уведомлений нет", "Καμία ειδοποίηση"),
	"notices.for":    locale.Row("Itt jelenik meg, ha megemlítik, feladatot kap, vagy egy vevő válaszol az ajánlatára.", "You will see here when somebody mentions you, gives you work, or a customer answers your quote.", "כאן יופיע כשיזכירו אותך, יעבירו אליך משימה או כשלקוח ישיב להצעה.", "Здесь появится, когда вас упомянут, поручат дело или клиент ответит на предложение.", "Εδώ θα δείτε όταν σας αναφέρουν, σας αναθέσουν κάτι ή ένας πελάτης απαντήσει στην προσφορά."),
	"notices.all":    locale.Row("Mind", "All", "הכול", "Все", "Όλες"),
	"notices.unread": locale.Row("Olvasatlan", "Unread", "לא נקראו", "Непрочитанные", "Μη αναγνωσμένες"),
	"notices.mark":   locale.Row("Mind olvasott", "Mark all as read", "סימון הכול כנקרא", "Отметить всё прочитанным", "Όλες αναγνωσμένες"),
	"notices.more":   locale.Row("További %d ilyen értesítés", "%d more of these", "עוד %d התראות כאלה", "Ещё таких уведомлений: %d", "Άλλες %d τέτοιες ειδοποιήσεις"),
	"notices.read":   locale.Row("Minden értesítés olvasott.", "All notifications are marked as read.", "כל ההתראות סומנו כנקראו.", "Все уведомления отмечены прочитанными.", "Όλες οι ειδοποιήσεις σημειώθηκαν ως αναγνωσμένες."),
}
