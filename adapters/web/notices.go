package web

import (
	"net/http"
	"slices"
	"time"

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
	Rows        []noticeRow
	First, Next string
	Unread      bool
	// At is the instant up to which "mark all as read" reads.
	At time.Time
}

type noticeRow struct {
	notice.Notice
	What, About, Icon string
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
	for _, n := range list.Notices {
		d.Rows = append(d.Rows, noticeRow{Notice: n, What: n.What(v.Locale.Language), About: n.About(v.Locale.Language), Icon: noticeIcons[n.Kind]})
	}
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
	list, err := v.module().Notices.List(v.ctx(), notice.Filter{Page: store.Page{Limit: store.MaxLimit}})
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list.Notices, func(n notice.Notice) bool { return n.ID == id })
	if at < 0 {
		return v.redirect(v.link("/notices"))
	}
	if err := v.module().Notices.MarkRead(v.ctx(), id); err != nil {
		return err
	}
	return v.redirect(v.noticeLink(list.Notices[at]))
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
	"notices.read":   locale.Row("Minden értesítés olvasott.", "All notifications are marked as read.", "כל ההתראות סומנו כנקראו.", "Все уведомления отмечены прочитанными.", "Όλες οι ειδοποιήσεις σημειώθηκαν ως αναγνωσμένες."),
}
