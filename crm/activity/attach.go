package activity

import (
	"context"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// The bounds of attachments.
const (
	// MaxFileSize is the largest file in bytes.
	MaxFileSize = 25 << 20
	// MaxFiles is how many files one activity holds.
	MaxFiles = 20
)

// AttachmentTag is the noun of attachment ids.
type AttachmentTag struct{}

// AttachmentID identifies an attachment.
type AttachmentID = store.Key[AttachmentTag]

// Attachment is a file on an activity. Its bytes are kept once per company, however often the same
// file is attached.
type Attachment struct {
	bun.BaseModel `bun:"table:crm_attachment,alias:attachment"`

	ID         AttachmentID `bun:"id,pk" json:"id"`
	Company    string       `bun:"company,type:nvarchar(40)" json:"-"`
	ActivityID ID           `bun:"activity_id" json:"activity_id"`
	// Name is safe to save under; see [CleanName].
	Name string `bun:"name,type:nvarchar(200)" json:"name"`
	// NameKey is what files are sorted and found by.
	NameKey string `bun:"name_key,type:nvarchar(200)" json:"-"`
	// MIME is the type found in the content.
	MIME string `bun:"mime,type:nvarchar(120)" json:"mime"`
	// Size is in bytes.
	Size int64      `bun:"size" json:"size"`
	Hash store.Hash `bun:"hash,type:nvarchar(64)" json:"-"`
}

// Guard shows a file to whom its activity is shown.
func (Attachment) Guard(a actor.Actor, alias string) store.Predicate {
	seen := Activity{}.Guard(a, "guard_activity")
	return store.Exists("SELECT 1 FROM crm_activity AS guard_activity WHERE guard_activity.id = "+alias+".activity_id AND "+seen.SQL, seen.Args...)
}

// attachmentRow is the table without the guard, for files of activities that have been checked.
type attachmentRow struct {
	bun.BaseModel `bun:"table:crm_attachment,alias:f"`

	ID      AttachmentID `bun:"id,pk"`
	Company string       `bun:"company"`
}

// File is a file as it comes and goes.
type File struct {
	// Name is cleaned on the way in ([CleanName]).
	Name string
	// MIME is set on the way out; on the way in the content says it.
	MIME    string
	Content []byte
}

// Inline reports whether a browser may show the file in the page's place. Everything else, web pages
// and drawings with scripts above all, must be sent with Content-Disposition: attachment.
func (f File) Inline() bool { return inline[f.MIME] }

// Attach adds files to an activity that people wrote. The type of each is read from its content and
// held against its name; programs are refused. All faults are reported at once.
func (a *Activities) Attach(ctx context.Context, id ID, files ...File) ([]Attachment, error) {
	var out []Attachment
	err := a.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		act, err := a.lock(ctx, s, id, "changed", Planned, Waiting, Done, Cancelled)
		if err != nil {
			return err
		}
		var has int
		err = s.Query(ctx, &has, store.From[attachmentRow]("f"), "SELECT COUNT(*) FROM crm_attachment AS f WHERE {scope} AND f.activity_id = ?", id)
		if err != nil {
			return fmt.Errorf("counting attachments: %w", err)
		}
		var faults fault.List
		if len(files) == 0 {
			faults.Add("files", "required", "are missing; attach at least one file")
		}
		faults.Merge("", checkFiles(files, has))
		if err := faults.Err("the files cannot be attached"); err != nil {
			return err
		}
		if out, err = attach(ctx, s, id, files); err != nil {
			return err
		}
		return auditFiles(ctx, s, &act, "attach", out)
	})
	return out, err
}

// attach writes judged files.
func attach(ctx context.Context, s *store.Session, id ID, files []File) ([]Attachment, error) {
	if len(files) == 0 {
		return nil, nil
	}
	rows := make([]Attachment, len(files))
	for i, f := range files {
		hash, err := s.PutBlob(ctx, f.Content)
		if err != nil {
			return nil, err
		}
		name := CleanName(f.Name)
		mime, _ := fileType(name, f.Content)
		rows[i] = Attachment{ID: store.NewKey[AttachmentTag](s), ActivityID: id, Name: name, NameKey: nameKey(name), MIME: mime, Size: int64(len(f.Content)), Hash: hash}
	}
	return rows, s.Insert(ctx, &rows)
}

func checkFiles(files []File, has int) []fault.Fault {
	var faults fault.List
	if has+len(files) > MaxFiles {
		faults.Add("files", "file.count", "are %d together; an activity holds at most %d, attach the rest to another one", has+len(files), MaxFiles)
	}
	for i, f := range files {
		path := "files[" + strconv.Itoa(i) + "]"
		name := CleanName(f.Name)
		switch {
		case len(f.Content) == 0:
			faults.Add(path, "file.empty", "%q is empty; attach the file itself", name)
			continue
		case len(f.Content) > MaxFileSize:
			faults.Add(path, "file.size", "%q has %d bytes, at most %d are taken; make it smaller or send a link", name, len(f.Content), MaxFileSize)
			continue
		}
		if _, wrong := fileType(name, f.Content); wrong != "" {
			faults.Add(path, "file.type", "%q %s", name, wrong)
		}
	}
	return faults
}

func auditFiles(ctx context.Context, s *store.Session, act *Activity, action string, files []Attachment) error {
	e := store.Entry{Action: action, Kind: "activity", Record: act.ID.Bytes(), Version: act.Version}
	for _, f := range files {
		e.Changes = append(e.Changes, store.Change{Field: "files", To: f.Name})
	}
	return s.Audit(ctx, e)
}

// Download reads a file of an activity the actor may see.
func (a *Activities) Download(ctx context.Context, id AttachmentID) (File, error) {
	var out File
	err := a.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ActivityRead); err != nil {
			return err
		}
		var row Attachment
		if err := s.Get(ctx, &row, id); err != nil {
			return err
		}
		content, err := s.Blob(ctx, row.Hash)
		out = File{Name: row.Name, MIME: row.MIME, Content: content}
		return err
	})
	return out, err
}

// Detach takes a file off its activity; the audit log keeps its name and who did it.
func (a *Activities) Detach(ctx context.Context, id AttachmentID) error {
	return a.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.ActivityWrite); err != nil {
			return err
		}
		var row Attachment
		if err := s.Get(ctx, &row, id); err != nil {
			return err
		}
		act, err := a.lock(ctx, s, row.ActivityID, "changed", Planned, Waiting, Done, Cancelled)
		if err != nil {
			return err
		}
		if _, err := s.Exec(ctx, store.From[Attachment](""), "DELETE FROM crm_attachment WHERE {scope} AND id = ?", id); err != nil {
			return fmt.Errorf("deleting an attachment: %w", err)
		}
		return auditFiles(ctx, s, &act, "detach", []Attachment{row})
	})
}
