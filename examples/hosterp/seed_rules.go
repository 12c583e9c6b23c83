package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/reports/schedule"
)

// ruleWords name what a company's rules are called, in its language.
var ruleWords = map[locale.Language][]string{
	locale.Hungarian: {"Akit már ismerünk", "Főváros", "Weboldal", "Cég", "Telefonszáma van", "Megkeresett minket", "Ajánlatot kapott", "Hideg", "Langyos", "Forró", "Küldjön ismertetőt", "Kérdezzen vissza e héten", "Hívja fel most", "Bemutató: ma egész nap nyitva", "Heti mutatók", "Szegedi telephely felszerelése", "Molnár Virág", "Új irodába keresünk bútort, tíz főre.", "Az igény felmérése", "Szűcs Dániel", "Balaton Fogadó Kft."},
	locale.Greek:     {"Όσους γνωρίζουμε", "Πρωτεύουσα", "Ιστοσελίδα", "Εταιρεία", "Έχει τηλέφωνο", "Μας αναζήτησε", "Πήρε προσφορά", "Κρύος", "Χλιαρός", "Θερμός", "Στείλτε ενημερωτικό", "Ρωτήστε αυτή την εβδομάδα", "Καλέστε τώρα", "Επίδειξη: ανοιχτά όλη μέρα σήμερα", "Εβδομαδιαίοι δείκτες", "Εξοπλισμός στην Πάτρα", "Ελένη Νικολάου", "Ζητάμε έπιπλα για νέο γραφείο δέκα ατόμων.", "Καταγραφή αναγκών", "Γιώργος Παππάς", "Ξενοδοχείο Αιγαίο"},
	locale.Hebrew:    {"מי שכבר מוכר", "המרכז", "אתר", "חברה", "יש טלפון", "פנה אלינו", "קיבל הצעה", "קר", "פושר", "חם", "לשלוח חומר", "לחזור אליו השבוע", "להתקשר עכשיו", "הדגמה: פתוח היום כל היום", "מדדים שבועיים", "ציוד לסניף חיפה", "נועה לוי", "מחפשים ריהוט למשרד חדש לעשרה עובדים.", "בירור הצורך", "דניאל כהן", "מלון הכרמל"},
}

// capitals are the postal codes of the area that has sellers of its own.
var capitals = map[string]routing.Area{"HU01": {Country: "HU", From: "1000", To: "1999"}, "GR01": {Country: "GR", From: "10000", To: "18999"}, "IL01": {Country: "IL", From: "6000000", To: "6999999"}}

// stuckIn is how long after the start the limit of the seeded opportunity passes: long enough to open its card.
const stuckIn = 90 * time.Second

// seedRules gives the companies rules, and an opportunity whose limit passes while somebody watches. Where there are
// rules it does nothing.
func (s *shop) seedRules(ctx context.Context) error {
	now := time.Now().UTC()
	past := &past{at: now}
	c := s.config
	c.Now = past.now
	module, err := crm.New(s.db, c)
	if err != nil {
		return err
	}
	for i, company := range s.companies {
		was, err := module.Clocks.Plan(actor.With(ctx, actor.System(company.Key, "example rules")))
		if err != nil {
			return err
		}
		if was.Version > 0 {
			continue
		}
		s.fresh = true
		sc := &scene{module: module, clock: past, today: now, company: company.Key, language: s.locale(company.Key).Language, rand: rand.New(rand.NewPCG(uint64(i), 11))}
		if err := sc.hire(ctx, s); err != nil {
			return err
		}
		if err := sc.rules(ctx); err != nil {
			return fmt.Errorf("the rules of %s: %w", company.Key, err)
		}
	}
	return nil
}

func (sc *scene) rules(ctx context.Context) error {
	sc.clock.move(sc.today)
	admin := actor.With(ctx, actor.User{Company: sc.company, ID: "admin-" + strings.ToLower(sc.company[:2]), Rights: actor.Admin, See: actor.All}.Actor())
	cal, err := sc.workdays(admin)
	if err != nil {
		return err
	}
	if _, err := sc.module.Scores.Publish(admin, 0, sc.model()); err != nil {
		return err
	}
	times := clock.Default()
	times.Responses = []clock.Response{{Name: sc.rule(9), When: "lead.score >= 40", Minutes: 60, Remind: 15}, {Name: sc.rule(2), When: `lead.source == "web"`, Minutes: 120, Remind: 30}}
	times.Stages.ManagerAfter = 1
	if _, err := sc.module.Clocks.Publish(admin, 0, times); err != nil {
		return err
	}
	if _, err := sc.module.Routing.Publish(admin, 0, sc.routes()); err != nil {
		return err
	}
	if err := sc.away(admin); err != nil {
		return err
	}
	sc.clock.move(sc.today.Add(-8 * day)) // a week ago, so that its time has come
	boss := sc.people[max(0, slices.IndexFunc(sc.people, func(p actor.Actor) bool { return strings.HasPrefix(p.UserID, "manager-") }))]
	if _, err := sc.module.Schedules.Add(actor.With(ctx, boss), schedule.Draft{
		Report: schedule.KPIs, Name: sc.rule(14), Rhythm: schedule.Weekly, Weekday: int(sc.today.Weekday()), Minute: 8 * 60, Recipient: sc.emails[boss.UserID], Language: sc.language,
	}); err != nil {
		return err
	}
	return sc.stuck(ctx, cal)
}

func (sc *scene) rule(i int) string {
	all := ruleWords[sc.language]
	if all == nil {
		all = ruleWords[locale.Hungarian]
	}
	return all[i]
}

// workdays gives the company its holidays. So that clocks run whenever the program is tried, at night or on a Sunday too,
// today and tomorrow are open all day, under a name that says so.
func (sc *scene) workdays(ctx context.Context) (*calendar.Calendar, error) {
	d, err := sc.module.Calendars.Plan(ctx)
	if err != nil {
		return nil, err
	}
	p := d.Plan
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return nil, err
	}
	today := civil.In(sc.today, zone)
	for _, day := range []civil.Date{today, today.AddDays(1)} {
		p.Days = append(p.Days, calendar.Day{Date: day, Name: sc.rule(13), Spans: []calendar.Span{{From: 0, To: 24 * 60}}})
	}
	for year := today.Year; year <= today.Year+1; year++ { // days that are noted already stay
		if p, err = p.Load(sc.company[:2], year, sc.language); err != nil {
			return nil, err
		}
	}
	if d, err = sc.module.Calendars.Publish(ctx, d.Version, p); err != nil {
		return nil, err
	}
	return d.Plan.Calendar()
}

// model scores what a lead is and what it did.
func (sc *scene) model() scoring.Model {
	return scoring.Model{
		Groups: []scoring.Group{{Key: "who", Name: sc.rule(3), Cap: 25}, {Key: "did", Name: sc.rule(5), Cap: 60}},
		Rules: []scoring.Rule{
			{Name: sc.rule(3), Group: "who", When: `lead.organization != ""`, Points: 15},
			{Name: sc.rule(4), Group: "who", When: `party.phone != "" or party.mobile != ""`, Points: 10},
			{Name: sc.rule(5), Group: "did", List: "touches", Where: `.channel == "form"`, Points: 30, HalfLife: 30, Most: 3},
			{Name: sc.rule(6), Group: "did", List: "quotes", Where: `.state != "draft"`, Points: 20, Expire: 120, Most: 2},
		},
		Bands: []scoring.Band{{From: 0, Name: sc.rule(7), Action: sc.rule(10)}, {From: 20, Name: sc.rule(8), Action: sc.rule(11)}, {From: 40, Name: sc.rule(9), Action: sc.rule(12)}},
	}
}

// routes gives who is known to whoever knows him, the capital to its sellers in turn, what comes from the web to whom has
// the fewest, and the rest to all.
func (sc *scene) routes() routing.Plan {
	var all, capped []routing.Member
	for _, p := range sc.people {
		all = append(all, routing.Member{User: p.UserID})
		capped = append(capped, routing.Member{User: p.UserID, Cap: 60})
	}
	return routing.Plan{
		Rules: []routing.Rule{
			{Name: sc.rule(0), When: `party.owner != ""`, To: routing.Target{Method: routing.ToKnown}},
			{Name: sc.rule(1), Areas: []routing.Area{capitals[sc.company]}, To: routing.Target{Method: routing.InTurn, Members: capped[:min(2, len(capped))]}},
			{Name: sc.rule(2), When: `lead.source == "web"`, To: routing.Target{Method: routing.ByLoad, Members: capped}},
		},
		Fallback: routing.Target{Method: routing.InTurn, Members: all},
	}
}

// away notes whom of the sellers nobody need wait for in the next weeks.
func (sc *scene) away(ctx context.Context) error {
	for i, p := range sc.people[1:] {
		from := civil.Of(sc.today).AddDays(9 + 12*i)
		if _, err := sc.module.Routing.AddAbsence(ctx, routing.Absence{User: p.UserID, From: from, Until: from.AddDays(4 + 3*i), Deputy: sc.people[0].UserID}); err != nil {
			return err
		}
	}
	return nil
}

// stuck makes an opportunity that came into its stage so long ago, in working time, that the stage's limit passes soon
// after the start: then its seller is told, and a minute later the manager.
func (sc *scene) stuck(ctx context.Context, cal *calendar.Calendar) error {
	seller := sc.people[len(sc.people)-1]
	ctx = actor.With(ctx, seller)
	pipelines, err := sc.module.Opportunities.Pipelines().List(ctx)
	if err != nil {
		return err
	}
	limit := time.Duration(0)
	if first := pipelines[0].Stages[0]; first.Kind == opportunity.Open {
		limit = time.Duration(first.LimitHours) * time.Hour
	}
	if limit == 0 {
		return nil
	}
	if sc.products, err = sc.goods(ctx); err != nil {
		return err
	}
	lines := sc.lines()
	sc.clock.move(began(cal, sc.today.Add(stuckIn), limit))
	got, err := sc.module.Leads.Capture(ctx, lead.Draft{Organization: "Tisza Kft.", Name: sc.rule(16), Emails: []string{"tisza@" + "example.com"}, Owner: party.Owner{User: seller.UserID, Team: seller.Team()}})
	if err != nil {
		return err
	}
	if _, err := sc.module.Activities.Record(ctx, activity.Deed{Party: got.Party, Kind: activity.Call, Direction: activity.Out, Subject: sc.rule(18), Minutes: 12}); err != nil {
		return err
	}
	if _, err := sc.module.Leads.Responded(ctx, got.Lead); err != nil {
		return err
	}
	_, err = sc.module.Opportunities.Create(ctx, opportunity.Draft{
		PartyID: got.Party, LeadID: opportunity.LeadID(got.Lead), Name: sc.rule(15), Team: opportunity.Team{Owner: seller.UserID, OwnerTeam: seller.Team()}, ExpectedClose: civil.Of(sc.today.AddDate(0, 1, 0)), Lines: lines,
	})
	return err
}

// began is the latest instant from which so much working time passes until end.
func began(cal *calendar.Calendar, end time.Time, work time.Duration) time.Time {
	low, high := end.AddDate(-1, 0, 0), end
	for high.Sub(low) > time.Second {
		middle := low.Add(high.Sub(low) / 2)
		if cal.Between(middle, end) >= work {
			low = middle
		} else {
			high = middle
		}
	}
	return low.Add(work - cal.Between(low, end)).Truncate(time.Millisecond)
}

// visitor is somebody who fills in the company's form right after the start; the rules score the lead and give it to a
// seller.
func (sc *scene) visitor(ctx context.Context) (lead.ID, error) {
	got, err := sc.module.Leads.Capture(actor.With(ctx, actor.Public(sc.company)), lead.Draft{
		Name: sc.rule(19), Organization: sc.rule(20), Emails: []string{"iroda@" + "example.org"}, Phones: []string{"+36 1 555 0123"}, Interest: sc.rule(17),
		Origin: lead.Origin{Channel: lead.ByForm, Source: "web", Page: "/kapcsolat"},
	})
	return got.Lead, err
}

// receive lets a visitor fill in the form of a company that has just got its rules, and the seller who is given the lead
// call back half a minute later.
func (s *shop) receive(ctx context.Context) error {
	const company = "HU01"
	if !s.fresh {
		return nil
	}
	sc := &scene{module: s.module, company: company, language: s.locale(company).Language}
	if err := sc.hire(ctx, s); err != nil {
		return err
	}
	id, err := sc.visitor(ctx)
	if err != nil {
		return err
	}
	for done := false; !done && err == nil; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(30 * time.Second):
			done, err = sc.answer(ctx, id)
		}
	}
	return err
}

// answer has the seller who was given a lead call back, once its clock runs; it reports whether he did.
func (sc *scene) answer(ctx context.Context, id lead.ID) (bool, error) {
	system := actor.With(ctx, actor.System(sc.company, "example visitor"))
	card, err := sc.module.Leads.Get(system, id)
	if err != nil || card.Lead.OwnerUser == "" {
		return false, err
	}
	running, err := sc.module.Clocks.Of(system, clock.Answer, clock.RecordID(id))
	if err != nil || running[clock.RecordID(id)].State != clock.Running {
		return false, err
	}
	at := slices.IndexFunc(sc.people, func(p actor.Actor) bool { return p.UserID == card.Lead.OwnerUser })
	if at < 0 {
		return false, nil
	}
	ctx = actor.With(ctx, sc.people[at])
	if _, err := sc.module.Activities.Record(ctx, activity.Deed{Party: card.Lead.PartyID, Kind: activity.Call, Direction: activity.Out, Subject: sc.rule(18), Minutes: 6}); err != nil {
		return false, err
	}
	_, err = sc.module.Leads.Responded(ctx, id)
	return err == nil, err
}
