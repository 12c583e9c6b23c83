package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
)

// Calendar is what lies in a range of time.
type Calendar struct {
	Items []Activity `json:"items" doc:"The earliest first."`
	More  bool       `json:"more" doc:"There were more than 1000; the latest are missing."`
}

// File is a file with what it is attached to.
type File struct {
	Attachment
	ActivityID      ID        `json:"activity_id"`
	At              time.Time `json:"at" doc:"Of its activity."`
	Kind            string    `json:"kind" doc:"Of its activity."`
	Subject         string    `json:"subject" doc:"Of its activity."`
	AddedBy         string    `json:"added_by"`
	PartyID         ID        `json:"party_id,omitempty"`
	PartyName       string    `json:"party_name,omitempty"`
	OpportunityID   ID        `json:"opportunity_id,omitempty"`
	OpportunityName string    `json:"opportunity_name,omitempty"`
}

func fileOf(f activity.FileRow) File {
	return File{
		attachmentOf(f.Attachment), idOf(f.ActivityID), f.At, string(f.Kind), f.Subject, f.AddedBy, idOf(f.PartyID), f.PartyName,
		idOf(f.OpportunityID), f.OpportunityName,
	}
}

func (a *server) calendar() {
	const tag = "Activities"
	read := rights(actor.ActivityRead)
	add(a, route{ID: "get-calendar", Method: http.MethodGet, Path: "/calendar", Tag: tag, Rights: read, Summary: "Read what lies in a range of time, the earliest first", Doc: "An activity stands where it happened or is due, however long it takes."},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			From  time.Time `query:"from" required:"true" doc:"The first instant."`
			Until time.Time `query:"until" required:"true" doc:"The instant after the last; at most 45 days later."`
			Owner string    `query:"owner" maxLength:"64" doc:"The key's user where it is left out, * for everybody whose activities the key sees."`
			Team  string    `query:"team" maxLength:"64"`
			Kind  []string  `query:"kind" enum:"call,meeting,task,note,file,mail,letter,quote,document,conversion,stage,merge,touch" doc:"Any of them, by comma."`
			Show  string    `query:"show" enum:"planned,done" doc:"Both where it is left out."`
		}) (*Out[Calendar], error) {
			c, err := m.Activities.Calendar(ctx, activity.CalendarFilter{
				From: in.From, Until: in.Until, Owner: in.Owner, Team: in.Team, Kinds: words[activity.Kind](in.Kind), Show: activity.Show(in.Show),
			})
			return &Out[Calendar]{Calendar{each(c.Items, itemOf), c.More}}, err
		})
	add(a, route{ID: "list-files", Method: http.MethodGet, Path: "/files", Tag: tag, Rights: read, Summary: "List files with what they are attached to"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			Party       ID     `query:"party" doc:"With the people of a company and parties merged into it."`
			Opportunity ID     `query:"opportunity"`
			Name        string `query:"name" maxLength:"100" doc:"The beginning of the name, without regard to case."`
			Sort        string `query:"sort" enum:"newest,name" default:"newest"`
		}) (*Listed[File], error) {
			order := activity.ByNewest
			if in.Sort == "name" {
				order = activity.ByFileName
			}
			list, err := m.Activities.Files(ctx, activity.FileFilter{
				Party: partyID(in.Party), Opportunity: keyOf[activity.OpportunityTag](in.Opportunity), Name: in.Name, Sort: order, Page: in.page(),
			})
			return listed(callOf(ctx), each(list.Files, fileOf), list.Next), err
		})
}
