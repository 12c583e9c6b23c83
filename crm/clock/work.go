package clock

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The kinds of events; the record is the clock, the payload a [Told].
const (
	// EventReminded: the owner is told that the limit is near, or of a stage that it is reached.
	EventReminded = "clock.reminded"
	// EventEscalated: the owner's manager is told.
	EventEscalated = "clock.escalated"
)

// Told is who is told what.
type Told struct {
	Kind Kind `json:"kind"`
	// RecordKind is lead or opportunity, of a regulation also quote or party.
	RecordKind string   `json:"record_kind"`
	Record     RecordID `json:"record"`
	Name       string   `json:"name"`
	Owner      string   `json:"owner"`
	// OwnerName is what the owner is called, where that is somebody else than who is told, and known.
	OwnerName string `json:"owner_name,omitempty"`
	// To is who is told, "" where nobody is known.
	To    string    `json:"to"`
	DueAt time.Time `json:"due_at"`
}

// batch is how many clocks one look takes.
const batch = 100

// Work tells those whose clocks of the actor's company have come to a step, and reports how many. Each clock is a
// transaction of its own, and one about which nobody can be told now keeps nobody from being told of the others. It is
// background work; several processes may do it at once.
func (c *Clocks) Work(ctx context.Context) (int, error) {
	total := 0
	for {
		var due []ID
		err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
			if s.Actor.Kind != actor.KindSystem {
				return fault.New(fault.Forbidden, "only background work tells people of their clocks")
			}
			return s.Query(ctx, &due, store.From[Clock]("c"), "SELECT c.id FROM crm_clock AS c WHERE {scope} AND c.company = ? AND c.state = ? AND c.next_at <= ? ORDER BY c.next_at, c.id"+s.Limit(batch), s.Actor.Company, Running, s.Now)
		})
		if err != nil {
			return total, err
		}
		for _, id := range due {
			if failed := c.step(ctx, id); failed != nil {
				err = errors.Join(err, fmt.Errorf("clock %s: %w", id, failed))
				continue
			}
			total++
		}
		if err != nil || len(due) < batch || ctx.Err() != nil {
			return total, err
		}
	}
}

// step tells the next one about a clock, if it is still time for it.
func (c *Clocks) step(ctx context.Context, id ID) error {
	return c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		var was Clock
		if err := s.Lock(ctx, &was, id); err != nil {
			return ignoreMissing(err)
		}
		if was.State != Running || was.NextAt.IsZero() || was.NextAt.After(s.Now) {
			return nil // somebody else was faster
		}
		d, err := plans.Read(ctx, s)
		if err != nil {
			return err
		}
		next := was
		if was.Kind == Stage && d.Plan.Stages.Planned {
			if next.NextAt, err = planned(ctx, s, was); err != nil {
				return err
			}
			if !next.NextAt.IsZero() {
				return s.Save(ctx, &was, &next)
			}
		}
		told, err := about(ctx, s, was)
		if err != nil {
			return err
		}
		what := EventReminded
		if was.Level == nobodyTold {
			told.To = was.OwnerUser
			err = c.nextStep(ctx, s, d.Plan, &next)
		} else {
			what = EventEscalated
			told.To, err = c.manager(ctx, s, was.OwnerUser, d.Plan.Manager)
			next.Level, next.NextAt, next.ToldManager = managerTold, time.Time{}, told.To
		}
		if err == nil && told.To != told.Owner {
			told.OwnerName, err = c.nameOf(ctx, s, told.Owner)
		}
		if err != nil {
			return err
		}
		if err := s.Save(ctx, &was, &next); err != nil {
			return err
		}
		if err := event.Emit(ctx, s, event.Fact{Kind: what, Record: next.ID[:], Version: next.Version, Payload: told}); err != nil {
			return err
		}
		return c.write(ctx, s, what, next, told)
	})
}

// nextStep says when the manager is told after the owner.
func (c *Clocks) nextStep(ctx context.Context, s *store.Session, p Plan, next *Clock) error {
	next.Level, next.ToldOwner, next.NextAt = ownerTold, next.OwnerUser, next.DueAt
	if next.Kind == Answer || s.Now.Before(next.DueAt) { // he was told ahead; the manager is at the limit
		return nil
	}
	cal, err := c.config.Calendars.In(s).Of(ctx, s)
	if err == nil {
		next.NextAt, _ = cal.Add(next.DueAt, time.Duration(p.Stages.ManagerAfter)*time.Minute)
	}
	return err
}

// planned is when the next thing that is planned for an opportunity is due, zero where that is not to come.
func planned(ctx context.Context, s *store.Session, c Clock) (time.Time, error) {
	var rows []struct {
		At time.Time `bun:"at"`
	}
	err := s.Query(ctx, &rows, store.From[activity.Activity]("a"), "SELECT a.at FROM crm_activity AS a WHERE {scope} AND a.opportunity_id = ? AND a.is_open = 1 AND a.at > ? ORDER BY a.at"+s.Limit(1), c.RecordID, s.Now)
	if err != nil || len(rows) == 0 {
		return time.Time{}, err
	}
	return rows[0].At, nil
}

func about(ctx context.Context, s *store.Session, c Clock) (Told, error) {
	told := Told{Kind: c.Kind, RecordKind: c.Noun, Record: c.RecordID, Owner: c.OwnerUser, DueAt: c.DueAt}
	var names []string
	var err error
	if c.Noun == nouns[Stage] {
		err = s.Query(ctx, &names, store.From[opportunity.Opportunity]("o"), "SELECT o.name FROM crm_opportunity AS o WHERE {scope} AND o.id = ?", c.RecordID)
	} else {
		err = s.Query(ctx, &names, store.From[party.Party]("p"), "SELECT p.name FROM crm_party AS p WHERE {scope} AND p.id = ?", c.PartyID)
	}
	if len(names) > 0 {
		told.Name = names[0]
	}
	if c.Kind == Regulation {
		told.Name += " – " + c.RuleName
	}
	return told, err
}

// manager is who is above a user; the plan's where nobody is known, and nobody above himself.
func (c *Clocks) manager(ctx context.Context, s *store.Session, owner, otherwise string) (string, error) {
	if c.config.Staff != nil && owner != "" {
		u, err := c.config.Staff(ctx, s, owner)
		if ignoreMissing(err) != nil {
			return "", err
		}
		if u.Manager != "" && u.Manager != owner {
			return u.Manager, nil
		}
	}
	if otherwise == owner {
		return "", nil
	}
	return otherwise, nil
}

// nameOf is what a user is called, "" where nobody knows.
func (c *Clocks) nameOf(ctx context.Context, s *store.Session, user string) (string, error) {
	if c.config.Staff == nil || user == "" {
		return "", nil
	}
	u, err := c.config.Staff(ctx, s, user)
	return u.Name, ignoreMissing(err)
}

// MostLetters is how many mails of one kind clocks send to one person within an hour. Then one says that there is more
// where notices stand, and the others are not sent: ten thousand leads imported on Monday are not ten thousand letters to
// the manager on Tuesday.
const MostLetters = 20

// write queues the mail about a step; its key makes it go out once.
func (c *Clocks) write(ctx context.Context, s *store.Session, what string, clock Clock, told Told) error {
	if told.To == "" || c.config.Mails == nil || c.config.Staff == nil || c.config.Sender == nil {
		return nil
	}
	to, err := c.config.Staff(ctx, s, told.To)
	if ignoreMissing(err) != nil {
		return err
	}
	from, err := c.config.Sender(ctx, s)
	if err != nil || to.Email == "" || from.Email == "" {
		return err
	}
	mails := c.config.Mails.In(s)
	sent, err := mails.Recent(ctx, what, told.To, s.Now.Add(-time.Hour), MostLetters)
	if err != nil {
		return err
	}
	msg := mail.Message{From: from, To: []mail.Address{{Name: to.Name, Email: to.Email}}, Purpose: what, Owner: party.Owner{User: told.To}}
	if sent < MostLetters {
		c.word(s, &msg, clock, told)
	} else {
		c.wordMore(s, &msg)
	}
	_, err = mails.Queue(ctx, msg)
	if errors.Is(err, fault.Invalid) { // an address that is none: the notice is there
		return nil
	}
	return err
}

// word says in a mail what a clock tells.
func (c *Clocks) word(s *store.Session, msg *mail.Message, clock Clock, told Told) {
	l := c.config.Locales(s.Actor.Company)
	at := told.DueAt.In(l.Location())
	due := l.Language.Date(civil.Of(at)) + " " + at.Format("15:04")
	words := string(told.Kind) + "." + msg.Purpose
	text := Texts.T(l.Language, words, told.Name, due)
	if msg.Purpose == EventEscalated {
		text = Texts.T(l.Language, words, told.Name, due, cmp.Or(told.OwnerName, told.Owner))
	}
	link := ""
	if c.config.Link != nil {
		link = c.config.Link(s.Actor.Company, told.RecordKind, told.Record)
	}
	msg.Subject = party.Clean(Texts.T(l.Language, words+".subject", told.Name), mail.MaxSubject)
	msg.Key = msg.Purpose + ":" + clock.ID.String() + ":" + clock.StartedAt.Format("20060102150405")
	msg.RecordKind, msg.Record = told.RecordKind, mail.RecordID(told.Record)
	lay(msg, l.Language, text, link, "open")
}

// wordMore says in a mail that there is more than what letters were sent about; one goes out in an hour of the clock.
func (c *Clocks) wordMore(s *store.Session, msg *mail.Message) {
	language := c.config.Locales(s.Actor.Company).Language
	link := ""
	if c.config.Told != nil {
		link = c.config.Told(s.Actor.Company)
	}
	msg.Subject = Texts.T(language, "more."+msg.Purpose+".subject")
	of := sha256.Sum256([]byte(msg.Purpose + "\n" + msg.Owner.User))
	msg.Key = fmt.Sprintf("clock.more:%x:%s", of[:16], s.Now.Format("2006010215"))
	lay(msg, language, Texts.T(language, "more", MostLetters), link, "more.open")
}

// lay puts a text into a mail, with the address of what it is about.
func lay(msg *mail.Message, language locale.Language, text, link, label string) {
	look := mail.Look{Language: language}
	if link != "" {
		text += "\n\n" + link
		look.Links = []mail.Link{{URL: link, Label: Texts.T(language, label)}}
	}
	msg.Language, msg.Text, msg.HTML = language, text, mail.HTML(text, look)
}

// Texts are the words of mails: of each kind of clock and event the subject (name) and the text (name, due time, and
// where the manager is told the owner).
var Texts = locale.Texts{
	"answer.clock.reminded.subject":      locale.Row("Hamarosan válaszolni kell: %s", "An answer is due soon: %s", "בקרוב יש לענות: %s", "Скоро нужно ответить: %s", "Πλησιάζει η ώρα απάντησης: %s"),
	"answer.clock.reminded":              locale.Row("%s válaszra vár. A határidő: %s.", "%s is waiting for an answer. It is due by %s.", "%s ממתין למענה. המועד האחרון: %s.", "%s ждёт ответа. Срок: %s.", "%s περιμένει απάντηση. Προθεσμία: %s."),
	"answer.clock.escalated.subject":     locale.Row("Nem kapott választ: %s", "Not answered in time: %s", "לא נענה בזמן: %s", "Нет ответа в срок: %s", "Δεν απαντήθηκε εγκαίρως: %s"),
	"answer.clock.escalated":             locale.Row("%s nem kapott választ %s előtt. Felelős: %s.", "%s was not answered by %s. Responsible: %s.", "%s לא נענה עד %s. באחריות: %s.", "%s не получил ответа до %s. Ответственный: %s.", "%s δεν πήρε απάντηση έως %s. Υπεύθυνος: %s."),
	"stage.clock.reminded.subject":       locale.Row("Túl régóta áll ebben a szakaszban: %s", "Too long in its stage: %s", "יותר מדי זמן בשלב: %s", "Слишком долго на этапе: %s", "Πολύς χρόνος στο στάδιο: %s"),
	"stage.clock.reminded":               locale.Row("%s elérte a szakasz időkorlátját (%s). Tervezze meg a következő lépést.", "%s reached the limit of its stage (%s). Plan the next step.", "%s הגיעה למגבלת הזמן של השלב (%s). נא לתכנן את הצעד הבא.", "%s: срок этапа истёк (%s). Запланируйте следующий шаг.", "%s: το όριο του σταδίου έληξε (%s). Σχεδιάστε το επόμενο βήμα."),
	"stage.clock.escalated.subject":      locale.Row("Elakadt lehetőség: %s", "An opportunity is stuck: %s", "הזדמנות תקועה: %s", "Сделка застряла: %s", "Ευκαιρία που κόλλησε: %s"),
	"stage.clock.escalated":              locale.Row("%s a határidő (%s) óta nem lépett tovább. Felelős: %s.", "%s has not moved since its limit (%s). Responsible: %s.", "%s לא התקדמה מאז המועד (%s). באחריות: %s.", "%s не сдвинулась после срока (%s). Ответственный: %s.", "%s δεν προχώρησε μετά το όριο (%s). Υπεύθυνος: %s."),
	"regulation.clock.reminded.subject":  locale.Row("Határidő: %s", "A limit: %s", "מועד: %s", "Срок: %s", "Προθεσμία: %s"),
	"regulation.clock.reminded":          locale.Row("%s: a határidő %s.", "%s: the limit is %s.", "%s: המועד האחרון הוא %s.", "%s: срок — %s.", "%s: η προθεσμία είναι %s."),
	"regulation.clock.escalated.subject": locale.Row("Lejárt határidő: %s", "A limit has passed: %s", "מועד שחלף: %s", "Срок истёк: %s", "Έληξε η προθεσμία: %s"),
	"regulation.clock.escalated":         locale.Row("%s: a határidő %s volt. Felelős: %s.", "%s: the limit was %s. Responsible: %s.", "%s: המועד היה %s. באחריות: %s.", "%s: срок был %s. Ответственный: %s.", "%s: η προθεσμία ήταν %s. Υπεύθυνος: %s."),
	"more.clock.reminded.subject":        locale.Row("Sok határidő közeleg", "Many limits are near", "מועדים רבים מתקרבים", "Истекает много сроков", "Πλησιάζουν πολλές προθεσμίες"),
	"more.clock.escalated.subject":       locale.Row("Sok határidő lejárt", "Many limits have passed", "מועדים רבים חלפו", "Истекло много сроков", "Έληξαν πολλές προθεσμίες"),
	"more":                               locale.Row("Egy órán belül %d levelet kapott határidőkről. A továbbiakról nem küldünk külön levelet; mindet megtalálja az értesítései között.", "You were sent %d mails about limits within an hour. There are no more of them about the others; all are among your notifications.", "בשעה אחת נשלחו אליך %d הודעות על מועדים. על היתר לא יישלחו הודעות נפרדות; כולם נמצאים בין ההתראות שלך.", "За час Вам отправлено писем о сроках: %d. Об остальных отдельных писем не будет; все они — среди Ваших уведомлений.", "Μέσα σε μία ώρα σας στάλθηκαν %d μηνύματα για προθεσμίες. Για τις υπόλοιπες δεν στέλνονται άλλα· όλες είναι στις ειδοποιήσεις σας."),
	"more.open":                          locale.Row("Az értesítések megnyitása", "Open the notifications", "פתיחת ההתראות", "Открыть уведомления", "Άνοιγμα ειδοποιήσεων"),
	"open":                               locale.Row("Megnyitás", "Open", "פתיחה", "Открыть", "Άνοιγμα"),
}
