package main

import (
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// timeline is what happened with a party and what is planned, with the form that adds to it.
type timeline struct {
	Planned, Items []activity.Item
	Kinds          []option
	Form           *form
	Action         string
	Users          map[string]string
	Now            time.Time
}

// composed are the kinds that the form at the head of a timeline writes.
var composed = []string{"call-out", "call-in", "meeting", "note", "task", "file"}

func (s *server) timelineOf(v *visit, whom party.ID, f *form, action string) (timeline, error) {
	planned, err := s.module.Activities.Upcoming(v.ctx(), whom, store.Page{})
	if err != nil {
		return timeline{}, err
	}
	happened, err := s.module.Activities.Timeline(v.ctx(), whom, nil, store.Page{Limit: 100})
	if err != nil {
		return timeline{}, err
	}
	return s.newTimeline(v, f, action, planned.Items, happened.Items), nil
}

func (s *server) newTimeline(v *visit, f *form, action string, planned, happened []activity.Item) timeline {
	t := timeline{Planned: planned, Items: happened, Form: f, Action: action, Now: s.db.Now()}
	chosen := f.text("kind")
	for _, kind := range composed {
		t.Kinds = append(t.Kinds, option{kind, v.t("compose." + kind), kind == chosen})
	}
	return t
}

// leadActivity adds to a lead's timeline.
func (s *server) leadActivity(v *visit) error {
	id, err := leadID(v)
	if err != nil {
		return err
	}
	card, err := s.module.Leads.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	f := v.posted()
	done, err := s.compose(v, f, card.Party.ID, activity.OpportunityID{})
	if err != nil || !done {
		if err != nil {
			return err
		}
		return s.drawLead(v, http.StatusUnprocessableEntity, id, f)
	}
	if card.Lead.Status == lead.StatusNew { // whoever works on it should not have to say so
		if _, err := s.module.Leads.SetStatus(v.ctx(), id, 0, lead.Move{To: lead.StatusWorking}); err != nil {
			return err
		}
	}
	return v.redirect("/leads/" + id.String() + "?done=noted#timeline")
}

// compose writes what the form of a timeline says; false where the form has to be shown again.
func (s *server) compose(v *visit, f *form, whom party.ID, deal activity.OpportunityID) (bool, error) {
	due := f.moment("due", v.locale.Location())
	files, err := v.files(f)
	if err != nil {
		return false, err
	}
	if f.wrong() {
		return false, nil
	}
	kind := f.text("kind")
	if kind == "task" {
		_, err = s.module.Activities.Plan(v.ctx(), activity.Plan{
			Party: whom, Opportunity: deal, Kind: activity.Task, Subject: f.text("subject"), Body: f.text("body"), Due: due,
		})
	} else {
		deed := activity.Deed{
			Party: whom, Opportunity: deal, Kind: activity.Kind(kind), Subject: f.text("subject"), Body: f.text("body"),
			Minutes: f.count("minutes"), Files: files,
		}
		switch kind {
		case "call-out":
			deed.Kind, deed.Direction = activity.Call, activity.Out
		case "call-in":
			deed.Kind, deed.Direction = activity.Call, activity.In
		}
		_, err = s.module.Activities.Record(v.ctx(), deed)
	}
	if err != nil {
		f.Values["files"] = nil // so that faults of files find their field
		f.Values["due_at"] = nil
		return false, v.refuse(f, err)
	}
	return true, nil
}

// files reads the files that came with a form.
func (v *visit) files(f *form) ([]activity.File, error) {
	if v.r.MultipartForm == nil {
		return nil, nil
	}
	var files []activity.File
	for _, header := range v.r.MultipartForm.File["file"] {
		content, err := readFile(header, activity.MaxFileSize)
		if err != nil {
			return nil, err
		}
		files = append(files, activity.File{Name: header.Filename, Content: content})
	}
	return files, nil
}

func readFile(header *multipart.FileHeader, limit int64) ([]byte, error) {
	if header.Size > limit {
		return nil, fault.New(fault.Limit, "%s has %d MB; at most %d MB are taken", header.Filename, header.Size>>20, limit>>20)
	}
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit))
}

// completeActivity ticks off a task.
func (s *server) completeActivity(v *visit) error {
	id, err := pathID[activity.Tag](v)
	if err != nil {
		return err
	}
	if _, err := s.module.Activities.Complete(v.ctx(), id, activity.Completion{}); err != nil {
		return err
	}
	return v.redirect(localPath(v.r.PostFormValue("back")))
}

// localPath is the address to come back to, "/" where it is not one of these pages.
func localPath(path string) string {
	if len(path) < 2 || path[0] != '/' || path[1] == '/' || path[1] == '\\' {
		return "/"
	}
	return path
}

// downloadFile sends an attachment. Only pictures and PDFs are shown in the browser.
func (s *server) downloadFile(v *visit) error {
	id, err := pathID[activity.AttachmentTag](v)
	if err != nil {
		return err
	}
	file, err := s.module.Activities.Download(v.ctx(), id)
	if err != nil {
		return err
	}
	disposition := "attachment"
	if file.Inline() {
		disposition = "inline"
	}
	return v.send(file.Name, file.MIME, disposition, file.Content)
}
