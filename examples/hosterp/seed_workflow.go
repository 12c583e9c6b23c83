package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/quote"
)

// workflowWords are what companies have done by itself, and how their processes go, in their languages: names of rules
// and what those write, then the two processes with their steps.
var workflowWords = map[locale.Language][]string{
	locale.Hungarian: {
		"Új érdeklődő két órája vár", "Hívja fel: {party.name}", "Elfogadott ajánlat a vezetőnek", "Elfogadták: {quote.number}, {quote.net} {quote.currency}", "Öt napja nem mozdul", "Következő lépés: {opportunity.name}",
		"Első rendelés: új vevő fogadása", "Lejár az ajánlat", "Három nap múlva lejár: {quote.number}",
		"Új vevő fogadása", "Üdvözlő hívás", "Fizetési feltételek egyeztetése", "Szállítási cím és kapcsolattartó felvétele", "Első szállítás ellenőrzése", "Elégedettségi hívás",
		"Pályázat", "Kiírás átolvasása", "Műszaki tartalom", "Árazás", "Jóváhagyás", "Beadás",
	},
	locale.Greek: {
		"Νέος ενδιαφερόμενος περιμένει δύο ώρες", "Καλέστε: {party.name}", "Αποδεκτή προσφορά στον διευθυντή", "Έγινε αποδεκτή: {quote.number}, {quote.net} {quote.currency}", "Πέντε μέρες χωρίς κίνηση", "Επόμενο βήμα: {opportunity.name}",
		"Πρώτη παραγγελία: υποδοχή νέου πελάτη", "Η προσφορά λήγει", "Λήγει σε τρεις μέρες: {quote.number}",
		"Υποδοχή νέου πελάτη", "Κλήση καλωσορίσματος", "Συμφωνία όρων πληρωμής", "Διεύθυνση παράδοσης και υπεύθυνος επικοινωνίας", "Έλεγχος πρώτης παράδοσης", "Κλήση ικανοποίησης",
		"Διαγωνισμός", "Ανάγνωση προκήρυξης", "Τεχνικό περιεχόμενο", "Τιμολόγηση", "Έγκριση", "Υποβολή",
	},
	locale.Hebrew: {
		"ליד חדש ממתין שעתיים", "להתקשר: {party.name}", "הצעה שאושרה, לידיעת המנהל", "אושרה: {quote.number}, {quote.net} {quote.currency}", "חמישה ימים בלי תזוזה", "הצעד הבא: {opportunity.name}",
		"הזמנה ראשונה: קליטת לקוח חדש", "ההצעה עומדת לפוג", "פגה בעוד שלושה ימים: {quote.number}",
		"קליטת לקוח חדש", "שיחת היכרות", "סיכום תנאי תשלום", "כתובת למשלוח ואיש קשר", "בדיקת המשלוח הראשון", "שיחת שביעות רצון",
		"מכרז", "קריאת המכרז", "תוכן טכני", "תמחור", "אישור", "הגשה",
	},
}

// routine is what one company has done by itself.
type routine struct {
	word    []string
	manager string
	team    string
}

// rules are told of new leads, of what waits, and of quotes that are accepted or will expire.
func (r routine) rules() []workflow.Drafting {
	return []workflow.Drafting{
		{Name: r.word[0], Noun: leadrule.Lead, Plan: workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.After, Events: []string{"lead.captured"}, Count: 2, Unit: workflow.WorkingHours, Unless: workflow.Contact},
			When:    `lead.status == "new"`,
			Actions: []workflow.Action{{Step: "task.plan", Given: map[string]string{"subject": r.word[1], "kind": "call", "to": "owner"}}},
		}},
		{Name: r.word[2], Noun: leadrule.Quote, Plan: workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{"quote.accepted"}},
			Actions: []workflow.Action{{Step: "notice.tell", Given: map[string]string{"to": "manager", "text": r.word[3]}}},
		}},
		{Name: r.word[4], Noun: leadrule.Opportunity, Plan: workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.Idle, Count: 5, Hour: 8},
			When:    `opportunity.chance >= 50`,
			Actions: []workflow.Action{{Step: "task.plan", Given: map[string]string{"subject": r.word[5], "to": "owner", "days": "1"}}},
		}},
		{Name: r.word[6], Noun: leadrule.Party, Plan: workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.OnEvent, Events: []string{"document.made"}},
			Actions: []workflow.Action{{Step: process.StepStart, Given: map[string]string{"template": r.onboarding().Name, "again": "once"}}},
		}},
		{Name: r.word[7], Noun: leadrule.Quote, Plan: workflow.Plan{
			Trigger: workflow.Trigger{Kind: workflow.OnDate, Field: "quote.valid_until", Count: 3, Hour: 8},
			When:    `quote.state == "issued"`,
			Actions: []workflow.Action{{Step: "notice.tell", Given: map[string]string{"to": "owner", "text": r.word[8]}}},
		}},
	}
}

// onboarding is what is done for a customer who orders for the first time.
func (r routine) onboarding() process.Template {
	return process.Template{Name: r.word[9], On: []process.Noun{process.Party}, Steps: []process.StepPlan{
		{Name: r.word[10], Who: process.Owner, Days: 1},
		{Name: r.word[11], Who: process.Owner, Days: 2},
		{Name: r.word[12], Who: process.Team + process.Who(r.team), Days: 2, Along: true, Skippable: true},
		{Name: r.word[13], Who: process.Owner, Days: 5},
		{Name: r.word[14], Who: process.Owner, Days: 20, FromStart: true},
	}}
}

// tender is what a tender takes.
func (r routine) tender() process.Template {
	return process.Template{Name: r.word[15], On: []process.Noun{process.Lead, process.Opportunity}, Steps: []process.StepPlan{
		{Name: r.word[16], Who: process.Owner, Days: 1},
		{Name: r.word[17], Who: process.Owner, Days: 3},
		{Name: r.word[18], Who: process.Owner, Days: 3, Along: true},
		{Name: r.word[19], Who: process.User + process.Who(r.manager), Days: 1},
		{Name: r.word[20], Who: process.Owner, Days: 1},
	}}
}

// seedProcesses gives the company its processes, and starts some on its open opportunities.
func (s *shop) seedProcesses(ctx context.Context, r routine) error {
	d, err := s.module.Processes.Publish(ctx, 0, process.Plan{Templates: []process.Template{r.onboarding(), r.tender()}})
	if err != nil {
		return err
	}
	open, err := s.module.Opportunities.List(ctx, opportunity.Filter{States: []opportunity.State{opportunity.Open}, Sort: opportunity.ByCreated, Page: store.Page{Limit: 4}})
	if err != nil {
		return err
	}
	for i, o := range open.Rows {
		row, err := s.module.Processes.Start(ctx, d.Plan.Templates[1].ID, process.Opportunity, process.RecordID(o.ID))
		if err != nil {
			return err
		}
		card, err := s.module.Processes.Get(ctx, row.ID)
		if err != nil {
			return err
		}
		if i%2 == 0 {
			if _, err := s.module.Processes.Complete(ctx, card.Line[0].ID, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// seedWorkflows gives the companies their rules, where they have none, and lets them see something at once: two customers
// accept their quotes.
func (s *shop) seedWorkflows(ctx context.Context) error {
	teams := map[string]string{"HU01": "budapest", "GR01": "athina", "IL01": "merkaz"}
	for _, c := range s.companies {
		r := routine{word: workflowWords[s.locale(c.Key).Language], manager: "manager-" + strings.ToLower(c.Key[:2]), team: teams[c.Key]}
		if err := s.seedRoutine(ctx, c.Key, r); err != nil {
			return fmt.Errorf("what %s has done by itself: %w", c.Key, err)
		}
	}
	return nil
}

func (s *shop) seedRoutine(ctx context.Context, company string, r routine) error {
	by, err := s.user(ctx, company, r.manager)
	if err != nil {
		return err
	}
	acting := actorOf(company, by)
	acting.Rights, acting.See = actor.Admin, actor.All
	ctx = actor.With(ctx, acting)
	there, err := s.module.Workflows.List(ctx)
	if err != nil || len(there) > 0 {
		return err
	}
	if err := s.seedProcesses(ctx, r); err != nil {
		return fmt.Errorf("processes: %w", err)
	}
	for _, d := range r.rules() {
		row, err := s.module.Workflows.Save(ctx, d)
		if err == nil {
			_, err = s.module.Workflows.Publish(ctx, row.ID, row.Version)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", d.Name, err)
		}
	}
	issued, err := s.module.Quotes.List(ctx, quote.Filter{States: []quote.State{quote.Issued}, Page: store.Page{Limit: 2}})
	if err != nil {
		return err
	}
	for _, q := range issued.Rows {
		if _, err := s.module.Quotes.Accept(ctx, q.ID, quote.Answer{By: q.PartyName}); err != nil {
			return err
		}
	}
	return nil
}
