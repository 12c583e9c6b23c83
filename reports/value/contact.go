package value

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/buying"
)

// contact is a customer whom his owner may have to speak to.
type contact struct {
	ID       ID           `bun:"id"`
	Customer string       `bun:"customer"`
	Class    buying.Class `bun:"class"`
	Revenue  money.Amount `bun:"revenue"`
	TaskedOn civil.Date   `bun:"tasked_on"`
	PartyID  party.ID     `bun:"party_id"`
	Name     string       `bun:"name"`
	Owner    string       `bun:"owner_user"`
	Team     string       `bun:"owner_team"`
}

// soon is in how much working time a planned contact is due.
const soon = 8 * time.Hour

// contacts plans those that are due today.
func (j *job) contacts(ctx context.Context) (int, error) {
	if j.plan.ContactA+j.plan.ContactB+j.plan.ContactC == 0 {
		return 0, nil
	}
	var all []contact
	err := j.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &all, store.From[Value]("v"), "SELECT v.id, v.customer, v.class, v.revenue, v.tasked_on, p.id AS party_id, p.name, p.owner_user, p.owner_team FROM crm_customer_value AS v"+
			" JOIN crm_role AS r ON r.company = v.company AND r.role = 'customer' AND r.host_key = v.customer JOIN crm_party AS p ON p.id = r.party_id WHERE {scope} AND p.owner_user <> '' AND p.merged_into IS NULL AND p.erased_at IS NULL")
	})
	if err != nil {
		return 0, err
	}
	made := map[string]int{}
	for _, c := range all {
		if c.TaskedOn == j.today {
			made[c.Owner]++
		}
	}
	slices.SortFunc(all, byWorth)
	total := 0
	for _, c := range all {
		days := j.plan.Contact(c.Class)
		if days == 0 || made[c.Owner] >= j.plan.PerDay || !c.TaskedOn.IsZero() && c.TaskedOn.DaysUntil(j.today) < days {
			continue
		}
		planned, err := j.contact(ctx, c, days)
		if err != nil {
			return total, err
		}
		if planned {
			made[c.Owner]++
			total++
		}
		if err := j.hold(ctx); err != nil {
			return total, err
		}
	}
	return total, nil
}

// contact plans one, unless he was spoken to or somebody has planned to.
func (j *job) contact(ctx context.Context, c contact, days int) (planned bool, err error) {
	unit := func(ctx context.Context, s *store.Session) error {
		planned = false
		needed, err := j.needed(ctx, s, c, days)
		if err != nil || !needed {
			return err
		}
		n, err := s.Exec(ctx, store.From[Value](""), "UPDATE crm_customer_value SET tasked_on = ? WHERE {scope} AND id = ? AND (tasked_on IS NULL OR tasked_on <= ?)", j.today, c.ID, j.today.AddDays(-days))
		if err != nil || n == 0 {
			return err // another process was faster
		}
		cal, err := j.config.Calendars.In(s).Of(ctx, s)
		if err != nil {
			return err
		}
		due, ok := cal.Add(s.Now, soon)
		if !ok {
			due = s.Now.Add(24 * time.Hour)
		}
		language := j.config.Locales(s.Actor.Company).Language
		_, err = j.config.Activities.In(s).Plan(ctx, activity.Plan{
			Party: c.PartyID, Kind: activity.Task, Owner: c.Owner, Team: c.Team, Due: due,
			Subject: party.Clean(Texts.T(language, "contact", c.Name), activity.MaxSubject), Body: Texts.T(language, "contact.why", string(c.Class), days),
		})
		planned = err == nil
		return err
	}
	var needed bool
	err = j.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) { // who needs none costs no write
		needed, err = j.needed(ctx, s, c, days)
		return err
	})
	if err != nil || !needed {
		return false, err
	}
	err = j.db.Write(ctx, unit)
	if errors.Is(err, fault.Invalid) { // a party that takes no task is no reason to leave out the others
		return false, nil
	}
	return planned, err
}

// needed reports whether nobody has spoken to the customer in the days of his class, and nobody has planned to.
func (j *job) needed(ctx context.Context, s *store.Session, c contact, days int) (bool, error) {
	family, err := j.config.Parties.In(s).Family(ctx, c.PartyID)
	if err != nil {
		return false, err
	}
	args := make([]any, 0, len(family)+1)
	for _, id := range family {
		args = append(args, id)
	}
	since := j.today.AddDays(-days + 1).Time(j.config.Locales(s.Actor.Company).Location())
	var n int
	// What is open has its due time in at, whenever that is.
	err = s.Query(ctx, &n, store.From[activity.Activity]("a"), "SELECT COUNT(*) FROM crm_activity AS a WHERE {scope} AND a.party_id IN ("+store.In(len(family))+") AND (a.is_open = 1 OR a.is_open = 0 AND a.at >= ? AND a.state = 'done' AND (a.kind IN ('meeting', 'call') OR a.kind IN ('mail', 'letter') AND a.direction = 'out'))",
		append(args, since)...)
	return n == 0, err
}

// Texts are the words of tasks: the subject (name) and the reason (class, days).
var Texts = locale.Texts{
	"contact":     locale.Row("Kapcsolatfelvétel: %s", "Get in touch: %s", "ליצור קשר: %s", "Связаться: %s", "Επικοινωνία: %s"),
	"contact.why": locale.Row("%s osztályú vevő: %d naponta beszélünk vele.", "A customer of class %s: we speak every %d days.", "לקוח בדרגה %s: מדברים כל %d ימים.", "Клиент класса %s: связываемся каждые %d дн.", "Πελάτης κατηγορίας %s: μιλάμε κάθε %d ημέρες."),
}
