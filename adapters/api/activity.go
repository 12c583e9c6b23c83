package api

import (
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/opportunity"
)

// Activity is one entry of a timeline.
type Activity struct {
	ID            ID           `json:"id"`
	Version       int64        `json:"version"`
	PartyID       ID           `json:"party_id"`
	PartyName     string       `json:"party_name,omitempty"`
	OpportunityID ID           `json:"opportunity_id,omitempty"`
	Kind          string       `json:"kind" enum:"call,meeting,task,note,file,mail,letter,quote,document,conversion,stage,merge,touch"`
	State         string       `json:"state" enum:"planned,waiting,done,cancelled" doc:"waiting: it was delegated and not accepted yet."`
	Direction     string       `json:"direction,omitempty" enum:"in,out"`
	Subject       string       `json:"subject"`
	Body          string       `json:"body,omitempty" doc:"Cut to 500 characters in lists."`
	Outcome       string       `json:"outcome,omitempty"`
	At            time.Time    `json:"at" doc:"When it happened; while it is open, when it is due."`
	DueAt         time.Time    `json:"due_at,omitzero"`
	RemindAt      time.Time    `json:"remind_at,omitzero"`
	RemindedAt    time.Time    `json:"reminded_at,omitzero"`
	DoneAt        time.Time    `json:"done_at,omitzero"`
	Minutes       int          `json:"minutes,omitempty"`
	DelegatedBy   string       `json:"delegated_by,omitempty"`
	AcceptedAt    time.Time    `json:"accepted_at,omitzero"`
	DeclineReason string       `json:"decline_reason,omitempty"`
	FollowsID     ID           `json:"follows_id,omitempty"`
	RefKind       string       `json:"ref_kind,omitempty" doc:"The noun of the record it is about."`
	RefID         ID           `json:"ref_id,omitempty"`
	RefText       string       `json:"ref_text,omitempty"`
	Files         []Attachment `json:"files,omitempty"`
	OwnerUser     string       `json:"owner_user"`
	OwnerTeam     string       `json:"owner_team"`
	CreatedAt     time.Time    `json:"created_at"`
	CreatedBy     string       `json:"created_by"`
	UpdatedAt     time.Time    `json:"updated_at"`
	// Custom are values of custom fields.
	Custom map[string]any `json:"custom,omitempty" doc:"Values of custom fields by name, where one activity is read."`
}

// Attachment is a file on an activity.
type Attachment struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
	MIME string `json:"mime"`
	Size int64  `json:"size" doc:"In bytes."`
}

func attachmentOf(a activity.Attachment) Attachment {
	return Attachment{idOf(a.ID), a.Name, a.MIME, a.Size}
}

func activityOf(a activity.Activity) Activity {
	return Activity{
		ID: idOf(a.ID), Version: a.Version, PartyID: idOf(a.PartyID), OpportunityID: idOf(a.OpportunityID), Kind: string(a.Kind), State: string(a.State),
		Direction: string(a.Direction), Subject: a.Subject, Body: a.Body, Outcome: a.Outcome, At: a.At, DueAt: a.DueAt, RemindAt: a.RemindAt,
		RemindedAt: a.RemindedAt, DoneAt: a.DoneAt, Minutes: a.Minutes, DelegatedBy: a.DelegatedBy, AcceptedAt: a.AcceptedAt, DeclineReason: a.DeclineReason,
		FollowsID: idOf(a.FollowsID), RefKind: a.RefKind, RefID: idOf(a.RefID), RefText: a.RefText, OwnerUser: a.OwnerUser, OwnerTeam: a.OwnerTeam,
		CreatedAt: a.CreatedAt, CreatedBy: a.CreatedBy, UpdatedAt: a.UpdatedAt,
	}
}

func itemOf(i activity.Item) Activity {
	a := activityOf(i.Activity)
	a.PartyName, a.Files = i.PartyName, each(i.Files, attachmentOf)
	return a
}

// ActivityPlan is something to be done.
type ActivityPlan struct {
	PartyID       ID         `json:"party_id,omitempty" doc:"Of a follow-up, the activity's own where it is left out."`
	OpportunityID ID         `json:"opportunity_id,omitempty"`
	Kind          string     `json:"kind" enum:"call,meeting,task"`
	Subject       string     `json:"subject" maxLength:"240"`
	Body          string     `json:"body,omitempty" maxLength:"100000"`
	DueAt         time.Time  `json:"due_at"`
	RemindAt      *time.Time `json:"remind_at,omitempty"`
	Minutes       int        `json:"minutes,omitempty" minimum:"0" maximum:"1440"`
	Owner         string     `json:"owner,omitempty" maxLength:"64" doc:"The user who is to do it, the key's user where it is left out; somebody else has to accept it."`
	Team          string     `json:"team,omitempty" maxLength:"64"`
	// Custom are values of custom fields.
	Custom map[string]any `json:"custom,omitempty" doc:"Values of custom fields by name."`
}

func (p *ActivityPlan) plan() *activity.Plan {
	if p == nil {
		return nil
	}
	return &activity.Plan{
		Party: partyID(p.PartyID), Opportunity: keyOf[activity.OpportunityTag](p.OpportunityID), Kind: activity.Kind(p.Kind), Subject: p.Subject,
		Body: p.Body, Due: p.DueAt, Remind: timesOf(p.RemindAt), Minutes: p.Minutes, Owner: p.Owner, Team: p.Team, Custom: p.Custom,
	}
}

// Deed is something that happened.
type Deed struct {
	PartyID       ID            `json:"party_id"`
	OpportunityID ID            `json:"opportunity_id,omitempty"`
	Kind          string        `json:"kind" enum:"call,meeting,task,note,file,mail,letter"`
	Direction     string        `json:"direction,omitempty" enum:"in,out" doc:"Needed for calls, mails and letters."`
	Subject       string        `json:"subject" maxLength:"240"`
	Body          string        `json:"body,omitempty" maxLength:"100000"`
	Outcome       string        `json:"outcome,omitempty" maxLength:"240"`
	At            *time.Time    `json:"at,omitempty" doc:"Now where it is left out."`
	Minutes       int           `json:"minutes,omitempty" minimum:"0" maximum:"1440"`
	Owner         string        `json:"owner,omitempty" maxLength:"64"`
	Team          string        `json:"team,omitempty" maxLength:"64"`
	FollowUp      *ActivityPlan `json:"follow_up,omitempty"`
	// Custom are values of custom fields.
	Custom map[string]any `json:"custom,omitempty" doc:"Values of custom fields by name."`
}

// Completion is how an activity ended.
type Completion struct {
	Outcome  string        `json:"outcome,omitempty" maxLength:"240"`
	Minutes  int           `json:"minutes,omitempty" minimum:"0" maximum:"1440"`
	At       *time.Time    `json:"at,omitempty" doc:"Now where it is left out."`
	FollowUp *ActivityPlan `json:"follow_up,omitempty"`
}

// Recorded is what recording or completing an activity wrote.
type Recorded struct {
	Activity Activity  `json:"activity"`
	FollowUp *Activity `json:"follow_up,omitempty"`
}

func recordedOf(r activity.Result) Recorded {
	out := Recorded{Activity: activityOf(r.Activity)}
	out.Activity.Files = each(r.Files, attachmentOf)
	if r.FollowUp != nil {
		next := activityOf(*r.FollowUp)
		out.FollowUp = &next
	}
	return out
}

// ActivityPatch changes an activity; what is left out stays.
type ActivityPatch struct {
	PartyID       *ID        `json:"party_id,omitempty"`
	OpportunityID *ID        `json:"opportunity_id,omitempty"`
	Direction     *string    `json:"direction,omitempty" enum:"in,out"`
	Subject       *string    `json:"subject,omitempty" maxLength:"240"`
	Body          *string    `json:"body,omitempty" maxLength:"100000"`
	Outcome       *string    `json:"outcome,omitempty" maxLength:"240"`
	Minutes       *int       `json:"minutes,omitempty" minimum:"0" maximum:"1440"`
	DueAt         *time.Time `json:"due_at,omitempty"`
	RemindAt      *time.Time `json:"remind_at,omitempty"`
	At            *time.Time `json:"at,omitempty"`
	// Custom are values of custom fields.
	Custom map[string]any `json:"custom,omitempty" doc:"Values of custom fields by name; null clears one."`
}

// Delegation says who is to do it.
type Delegation struct {
	To   string `json:"to" maxLength:"64"`
	Team string `json:"team,omitempty" maxLength:"64"`
}

// Reason says why.
type Reason struct {
	Reason string `json:"reason" maxLength:"1000"`
}

// Snooze sets another time for a reminder.
type Snooze struct {
	Until time.Time `json:"until"`
}

// Today counts what the key's user has to do.
type Today struct {
	Overdue   int `json:"overdue"`
	Today     int `json:"today"`
	Week      int `json:"week"`
	Open      int `json:"open"`
	ToAccept  int `json:"to_accept"`
	Delegated int `json:"delegated" doc:"Given to others and not done."`
}

func activityID(id ID) activity.ID { return keyOf[activity.Tag](id) }

func tagActivity(act activity.Activity, err error) (*Tagged[Activity], error) {
	return &Tagged[Activity]{etag(act.Version), activityOf(act)}, err
}

// onActivity makes a verb of a function that changes an activity, under the version that was read.
func onActivity[B any](do func(ctx context.Context, m *crm.Module, id activity.ID, in *changing[B]) (activity.Activity, error)) verb[changing[B], Tagged[Activity]] {
	return func(ctx context.Context, m *crm.Module, in *changing[B]) (*Tagged[Activity], error) {
		if err := locked(ctx, m, &activity.Activity{}, activityID(in.ID), in.version); err != nil {
			return nil, err
		}
		return tagActivity(do(ctx, m, activityID(in.ID), in))
	}
}

// ownValues reads the values of custom fields that come with an activity and with what follows it.
func ownValues(ctx context.Context, m *crm.Module, values map[string]any, next *ActivityPlan) error {
	if err := convertCustom(ctx, m, "activity", values); err != nil || next == nil {
		return err
	}
	return convertCustom(ctx, m, "activity", next.Custom)
}

func (a *server) activities() {
	const tag = "Activities"
	write := rights(actor.ActivityWrite)
	add(a, route{ID: "plan-activity", Method: http.MethodPost, Path: "/activities/planned", Tag: tag, Rights: write, Status: http.StatusCreated, Summary: "Plan a call, meeting or task"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body ActivityPlan }) (*Made[Activity], error) {
			if err := convertCustom(ctx, m, "activity", in.Body.Custom); err != nil {
				return nil, err
			}
			act, err := m.Activities.Plan(ctx, *in.Body.plan())
			return &Made[Activity]{etag(act.Version), a.config.Path + "/activities/" + act.ID.String(), activityOf(act)}, err
		})
	add(a, route{ID: "record-activity", Method: http.MethodPost, Path: "/activities", Tag: tag, Rights: write, Status: http.StatusCreated, Summary: "Record something that happened", Doc: "Files are attached by POST /activities/{id}/files."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body Deed }) (*Made[Recorded], error) {
			b := in.Body
			if err := ownValues(ctx, m, b.Custom, b.FollowUp); err != nil {
				return nil, err
			}
			r, err := m.Activities.Record(ctx, activity.Deed{
				Party: partyID(b.PartyID), Opportunity: keyOf[activity.OpportunityTag](b.OpportunityID), Kind: activity.Kind(b.Kind), Direction: activity.Direction(b.Direction),
				Subject: b.Subject, Body: b.Body, Outcome: b.Outcome, At: timesOf(b.At), Minutes: b.Minutes, Owner: b.Owner, Team: b.Team, FollowUp: b.FollowUp.plan(), Custom: b.Custom,
			})
			return &Made[Recorded]{etag(r.Activity.Version), callOf(ctx).r.URL.Path + "/" + r.Activity.ID.String(), recordedOf(r)}, err
		})
	add(a, route{ID: "get-activity", Method: http.MethodGet, Path: "/activities/{id}", Tag: tag, Rights: rights(actor.ActivityRead), Summary: "Read an activity whole, with its files"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[Activity], error) {
			item, err := m.Activities.Get(ctx, activityID(in.ID))
			out := itemOf(item)
			out.Custom = customOf(item.Sheet.Values)
			return &Tagged[Activity]{etag(item.Version), out}, err
		})
	add(a, route{ID: "edit-activity", Method: http.MethodPatch, Path: "/activities/{id}", Tag: tag, Rights: write, Summary: "Change an activity that people wrote"},
		onActivity(func(ctx context.Context, m *crm.Module, id activity.ID, in *changing[ActivityPatch]) (activity.Activity, error) {
			b := in.Body
			if err := convertCustom(ctx, m, "activity", b.Custom); err != nil {
				return activity.Activity{}, err
			}
			e := activity.Edit{Custom: b.Custom, Version: in.version, Subject: b.Subject, Body: b.Body, Outcome: b.Outcome, Minutes: b.Minutes, Due: b.DueAt, Remind: b.RemindAt, At: b.At}
			if b.PartyID != nil {
				id := partyID(*b.PartyID)
				e.Party = &id
			}
			if b.OpportunityID != nil {
				id := keyOf[activity.OpportunityTag](*b.OpportunityID)
				e.Opportunity = &id
			}
			if b.Direction != nil {
				d := activity.Direction(*b.Direction)
				e.Direction = &d
			}
			return m.Activities.Edit(ctx, id, e)
		}))
	add(a, route{ID: "complete-activity", Method: http.MethodPost, Path: "/activities/{id}/complete", Tag: tag, Rights: write, Summary: "Note that an activity was done, and plan what follows"},
		func(ctx context.Context, m *crm.Module, in *changing[Completion]) (*Tagged[Recorded], error) {
			if err := locked(ctx, m, &activity.Activity{}, activityID(in.ID), in.version); err != nil {
				return nil, err
			}
			b := in.Body
			if err := ownValues(ctx, m, nil, b.FollowUp); err != nil {
				return nil, err
			}
			r, err := m.Activities.Complete(ctx, activityID(in.ID), activity.Completion{Outcome: b.Outcome, Minutes: b.Minutes, At: timesOf(b.At), FollowUp: b.FollowUp.plan()})
			return &Tagged[Recorded]{etag(r.Activity.Version), recordedOf(r)}, err
		})
	a.activityHands(tag, write)
	a.activityLists(tag)
	a.files(tag)
}

// activityHands adds what passes an activity from hand to hand.
func (a *server) activityHands(tag string, write []actor.Right) {
	add(a, route{ID: "delegate-activity", Method: http.MethodPost, Path: "/activities/{id}/delegate", Tag: tag, Rights: write, Summary: "Give an activity to somebody else, who accepts or declines it"},
		onActivity(func(ctx context.Context, m *crm.Module, id activity.ID, in *changing[Delegation]) (activity.Activity, error) {
			return m.Activities.Delegate(ctx, id, activity.Delegation{To: in.Body.To, Team: in.Body.Team})
		}))
	for _, hand := range []struct {
		name, summary string
		do            func(a *activity.Activities) func(context.Context, activity.ID) (activity.Activity, error)
	}{
		{"accept", "Take on what was delegated", func(a *activity.Activities) func(context.Context, activity.ID) (activity.Activity, error) {
			return a.Accept
		}},
		{"reopen", "Put a done or cancelled activity back among the planned ones", func(a *activity.Activities) func(context.Context, activity.ID) (activity.Activity, error) {
			return a.Reopen
		}},
	} {
		add(a, route{ID: hand.name + "-activity", Method: http.MethodPost, Path: "/activities/{id}/" + hand.name, Tag: tag, Rights: write, Summary: hand.summary},
			func(ctx context.Context, m *crm.Module, in *matched) (*Tagged[Activity], error) {
				if err := locked(ctx, m, &activity.Activity{}, activityID(in.ID), in.version); err != nil {
					return nil, err
				}
				return tagActivity(hand.do(m.Activities)(ctx, activityID(in.ID)))
			})
	}
	add(a, route{ID: "decline-activity", Method: http.MethodPost, Path: "/activities/{id}/decline", Tag: tag, Rights: write, Summary: "Give back what was delegated, and say why"},
		onActivity(func(ctx context.Context, m *crm.Module, id activity.ID, in *changing[Reason]) (activity.Activity, error) {
			return m.Activities.Decline(ctx, id, in.Body.Reason)
		}))
	add(a, route{ID: "cancel-activity", Method: http.MethodPost, Path: "/activities/{id}/cancel", Tag: tag, Rights: write, Summary: "Note that a planned activity will not happen"},
		onActivity(func(ctx context.Context, m *crm.Module, id activity.ID, in *changing[Reason]) (activity.Activity, error) {
			return m.Activities.Cancel(ctx, id, in.Body.Reason)
		}))
	add(a, route{ID: "snooze-activity", Method: http.MethodPost, Path: "/activities/{id}/snooze", Tag: tag, Rights: write, Summary: "Have the reminder ring at another time"},
		onActivity(func(ctx context.Context, m *crm.Module, id activity.ID, in *changing[Snooze]) (activity.Activity, error) {
			return m.Activities.Snooze(ctx, id, in.Body.Until)
		}))
}

// timelineInput asks for a page of what happened.
type timelineInput struct {
	ByID
	Fields
	Paging
	Kind []string `query:"kind" enum:"call,meeting,task,note,file,mail,letter,quote,document,conversion,stage,merge,touch" doc:"Any of them, by comma; all where it is left out."`
}

// upcomingInput asks for a page of what is planned.
type upcomingInput struct {
	ByID
	Fields
	Paging
}

func items(ctx context.Context, l activity.List, err error) (*Listed[Activity], error) {
	return listed(callOf(ctx), each(l.Items, itemOf), l.Next), err
}

func (a *server) activityLists(tag string) {
	read := rights(actor.ActivityRead)
	add(a, route{ID: "list-party-timeline", Method: http.MethodGet, Path: "/parties/{id}/timeline", Tag: tag, Rights: read, Summary: "List what happened with a party, newest first"},
		func(ctx context.Context, m *crm.Module, in *timelineInput) (*Listed[Activity], error) {
			l, err := m.Activities.Timeline(ctx, partyID(in.ID), words[activity.Kind](in.Kind), in.page())
			return items(ctx, l, err)
		})
	add(a, route{ID: "list-party-upcoming", Method: http.MethodGet, Path: "/parties/{id}/upcoming", Tag: tag, Rights: read, Summary: "List what is planned with a party, soonest first"},
		func(ctx context.Context, m *crm.Module, in *upcomingInput) (*Listed[Activity], error) {
			l, err := m.Activities.Upcoming(ctx, partyID(in.ID), in.page())
			return items(ctx, l, err)
		})
	add(a, route{ID: "list-opportunity-timeline", Method: http.MethodGet, Path: "/opportunities/{id}/timeline", Tag: tag, Rights: read, Summary: "List what happened for an opportunity, newest first"},
		func(ctx context.Context, m *crm.Module, in *timelineInput) (*Listed[Activity], error) {
			if err := visible(ctx, m, &opportunity.Opportunity{}, opportunityID(in.ID)); err != nil {
				return nil, err
			}
			l, err := m.Activities.OpportunityTimeline(ctx, keyOf[activity.OpportunityTag](in.ID), words[activity.Kind](in.Kind), in.page())
			return items(ctx, l, err)
		})
	add(a, route{ID: "list-opportunity-upcoming", Method: http.MethodGet, Path: "/opportunities/{id}/upcoming", Tag: tag, Rights: read, Summary: "List what is planned for an opportunity, soonest first"},
		func(ctx context.Context, m *crm.Module, in *upcomingInput) (*Listed[Activity], error) {
			if err := visible(ctx, m, &opportunity.Opportunity{}, opportunityID(in.ID)); err != nil {
				return nil, err
			}
			l, err := m.Activities.OpportunityUpcoming(ctx, keyOf[activity.OpportunityTag](in.ID), in.page())
			return items(ctx, l, err)
		})
	add(a, route{ID: "list-tasks", Method: http.MethodGet, Path: "/tasks", Tag: tag, Rights: read, Summary: "List what an owner has to do, soonest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
			Owner  string `query:"owner" maxLength:"64" doc:"The key's user where it is left out, * for everybody it sees."`
			Window string `query:"window" enum:"overdue,today,week,all" default:"all"`
		}) (*Listed[Activity], error) {
			l, err := m.Activities.Tasks(ctx, in.Owner, activity.Window(in.Window), in.page())
			return items(ctx, l, err)
		})
	add(a, route{ID: "list-delegated", Method: http.MethodGet, Path: "/tasks/delegated", Tag: tag, Rights: read, Summary: "List what the key's user gave to others, soonest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
		}) (*Listed[Activity], error) {
			l, err := m.Activities.Delegated(ctx, in.page())
			return items(ctx, l, err)
		})
	add(a, route{ID: "get-today", Method: http.MethodGet, Path: "/tasks/today", Tag: tag, Rights: read, Summary: "Count what the key's user has to do"},
		func(ctx context.Context, m *crm.Module, _ *struct{}) (*Out[Today], error) {
			s, err := m.Activities.Today(ctx)
			return &Out[Today]{Today{s.Overdue, s.Today, s.Week, s.Open, s.ToAccept, s.Delegated}}, err
		})
}

// Upload is one or more files in a form.
type Upload struct{ RawBody multipart.Form }

// bytes are what counts of a form for its repetition: the names and contents of its files.
func (u *Upload) bytes() []byte {
	var all []byte
	for _, headers := range u.RawBody.File {
		for _, h := range headers {
			all = append(all, h.Filename...)
			if content, err := readPart(h); err == nil {
				all = append(all, content...)
			}
		}
	}
	return all
}

// files reads them.
func (u *Upload) files() (files []activity.File, err error) {
	for _, headers := range u.RawBody.File {
		for _, h := range headers {
			content, err := readPart(h)
			if err != nil {
				return nil, err
			}
			files = append(files, activity.File{Name: h.Filename, Content: content})
		}
	}
	return files, nil
}

func readPart(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// file is an answer that is a file.
type file struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (a *server) files(tag string) {
	add(a, route{ID: "attach-files", Method: http.MethodPost, Path: "/activities/{id}/files", Tag: tag, Rights: rights(actor.ActivityWrite), Status: http.StatusCreated,
		Media: "multipart/form-data", Body: a.config.Upload, Summary: "Attach files to an activity", Doc: "Up to 20 files of 25 MiB each stand on an activity; programs are refused."},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Upload
		}) (*Listed[Attachment], error) {
			files, err := in.files()
			if err != nil {
				return nil, err
			}
			if len(files) == 0 {
				return nil, invalid("file", "required", "is missing; send at least one file")
			}
			all, err := m.Activities.Attach(ctx, activityID(in.ID), files...)
			return listed(callOf(ctx), each(all, attachmentOf), ""), err
		})
	add(a, route{ID: "download-file", Method: http.MethodGet, Path: "/files/{id}", Tag: tag, Rights: rights(actor.ActivityRead), Gives: "application/octet-stream", Summary: "Download a file"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*file, error) {
			f, err := m.Activities.Download(ctx, keyOf[activity.AttachmentTag](in.ID))
			return &file{f.MIME, disposition(f.Name), f.Content}, err
		})
	add(a, route{ID: "detach-file", Method: http.MethodDelete, Path: "/files/{id}", Tag: tag, Rights: rights(actor.ActivityWrite), Summary: "Take a file off its activity"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Empty, error) {
			return nil, m.Activities.Detach(ctx, keyOf[activity.AttachmentTag](in.ID))
		})
}
