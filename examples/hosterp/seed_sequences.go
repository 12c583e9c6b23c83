package main

import (
	"context"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// sequenceReaders is how many leads the example sequence leads.
const sequenceReaders = 40

// seedSequence gives the company a sequence that began two weeks ago, with readers at all of its steps. system is
// the background, clock the one of the module.
func (s *shop) seedSequence(ctx, system context.Context, module *crm.Module, clock *past, topic subscription.TopicID) error {
	n := module.Newsletters
	was := clock.now()
	defer clock.move(was)
	clock.move(was.Add(-14 * day))
	var letters []campaign.ID
	for _, l := range []struct{ name, subject string }{
		{"Bemutatkozás: ezt tudjuk", "{{first_name|Olvasónk}}, így rendezünk be egy irodát"}, {"Bemutatkozás: referenciák", "Három iroda, amelyet mi rendeztünk be"},
	} {
		c, err := s.writeLetter(ctx, n, l.name, l.subject, []subscription.TopicID{topic})
		if err != nil {
			return err
		}
		letters = append(letters, c.ID)
	}
	row, err := n.Sequences.Create(ctx, sequence.Drafting{Name: "Új érdeklődők felkeresése", Topic: topic, Plan: sequence.Plan{
		Steps: []sequence.Step{
			{Key: "1", Kind: sequence.Mail, Letter: letters[0]},
			{Key: "2", Kind: sequence.Wait, Wait: sequence.Pause{Count: 3, Unit: sequence.WorkingDays, At: "09:30"}},
			{Key: "3", Kind: sequence.Condition, If: sequence.Question{Asks: sequence.Opened, Of: "1"}, Else: "5"},
			{Key: "4", Kind: sequence.Task, Subject: "Felhívni: megnyitotta a bemutatkozó levelet", Days: 1},
			{Key: "5", Kind: sequence.Wait, Wait: sequence.Pause{Count: 8, Unit: sequence.Days, At: "10:00"}},
			{Key: "6", Kind: sequence.Mail, Letter: letters[1]},
		},
		Entry: sequence.Entry{Topic: true, Capture: true, LeadSource: "web"}, Exit: sequence.Exit{Replied: true, Converted: true}, End: sequence.End{Do: sequence.Nurture, Days: 14},
	}})
	if err != nil {
		return err
	}
	if row, err = n.Sequences.Start(ctx, row.ID, row.Version, sequence.Finish); err != nil {
		return err
	}
	found, err := module.Leads.List(ctx, lead.Filter{}, "", store.Page{Limit: sequenceReaders})
	if err != nil {
		return err
	}
	for i := 0; i < len(found.Rows); i += 8 { // some every other day
		var list []sequence.Who
		for _, r := range found.Rows[i:min(i+8, len(found.Rows))] {
			list = append(list, sequence.Who{Lead: r.ID})
		}
		if _, err := n.Sequences.Enter(ctx, row.ID, list); err != nil {
			return err
		}
		for range 16 { // every third hour
			if err := workSequences(system, module); err != nil {
				return err
			}
			clock.move(clock.now().Add(3 * time.Hour))
		}
	}
	for clock.now().Before(was) {
		if err := workSequences(system, module); err != nil {
			return err
		}
		clock.move(clock.now().Add(12 * time.Hour))
	}
	return nil
}

// workSequences takes the steps that are due and sends their letters.
func workSequences(system context.Context, module *crm.Module) error {
	for range 20 {
		n, err := module.Newsletters.Sequences.Work(system)
		if err != nil {
			return err
		}
		m, err := module.Newsletters.Campaigns.Work(system)
		if err != nil || n+m == 0 {
			return err
		}
	}
	return fmt.Errorf("the example sequence comes to no end")
}
