package main

import (
	"context"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// workLead takes one of the imported leads, calls it, plans what follows and keeps the plan it sent.
func (s *story) workLead(ctx context.Context) error {
	ctx, err := s.as(ctx, hungary, "kovacs")
	if err != nil {
		return err
	}
	found, err := s.module.Leads.List(ctx, lead.Filter{Name: "Őri Gy"}, lead.ByName, store.Page{})
	if err != nil {
		return err
	}
	if len(found.Rows) != 1 {
		return fmt.Errorf("the leads whose names begin with Őri Gy are %d and should be one", len(found.Rows))
	}
	row := found.Rows[0]
	me, err := actor.From(ctx)
	if err != nil {
		return err
	}
	mine, err := s.module.Leads.Assign(ctx, row.ID, row.Version, party.Owner{User: me.UserID, Team: me.Team()})
	if err != nil {
		return err
	}
	working, err := s.module.Leads.SetStatus(ctx, mine.ID, mine.Version, lead.Move{To: lead.StatusWorking})
	if err != nil {
		return err
	}
	s.sale.lead = working
	s.say("%s, %s: %q", row.Name, row.Organization, row.Interest)

	called, err := s.module.Activities.Record(ctx, activity.Deed{
		Party: row.PartyID, Kind: activity.Call, Direction: activity.Out, Subject: "Felmérés", Minutes: 12,
		Outcome: "12 munkahely, két ütemben; ajánlatot kér",
		FollowUp: &activity.Plan{
			Kind: activity.Task, Subject: "Ajánlat elküldése", Due: s.db.Now().Add(24 * time.Hour), Remind: s.db.Now().Add(20 * time.Hour),
		},
	})
	if err != nil {
		return err
	}
	s.say("called for %d minutes: %s", called.Activity.Minutes, called.Activity.Outcome)
	s.sale.task = called.FollowUp.ID
	s.say("task planned: %s", called.FollowUp.Subject)

	kept, err := s.module.Activities.Record(ctx, activity.Deed{
		Party: row.PartyID, Kind: activity.FileEntry, Subject: "Alaprajz az ügyféltől",
		Files: []activity.File{{Name: "alaprajz.txt", Content: []byte("Iroda: 14 x 9 m, 12 munkahely, 1 tárgyaló\r\n")}},
	})
	if err != nil {
		return err
	}
	s.say("file kept: %s, %d bytes", kept.Files[0].Name, kept.Files[0].Size)

	_, err = s.module.Leads.SetStatus(ctx, working.ID, 0, lead.Move{To: lead.StatusQualified})
	return err
}
