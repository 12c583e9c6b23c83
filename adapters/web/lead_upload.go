package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime/multipart"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
)

// How long a file waits for its import, and how much all of them may hold together.
const (
	uploadKept  = 30 * time.Minute
	uploadBytes = 25 << 20
	uploadsHeld = 256 << 20
)

// upload is a file between its preview and the end of its import.
type upload struct {
	Token, Name, hash string
	session           string
	content           []byte
	until             time.Time
	// run is set while the file is being taken in.
	run *importJob
}

func (u *upload) source() lead.Source {
	return lead.Source{Name: u.Name, File: bytes.NewReader(u.content), Size: int64(len(u.content))}
}

// importJob is an import under way in this process.
type importJob struct {
	done chan struct{}
	// row and err are there when done is closed.
	row lead.Import
	err error
}

// uploads keeps the last file of each session in memory, for a while. A process that ends forgets them: the
// file is chosen once more then, and an import that had begun goes on where it was.
type uploads struct {
	mu    sync.Mutex
	files map[string]*upload // by session
	now   func() time.Time
}

func newUploads(now func() time.Time) *uploads {
	return &uploads{files: map[string]*upload{}, now: now}
}

// keep takes a file in the place of the session's last one.
func (u *uploads) keep(session, name string, content []byte) *upload {
	sum := sha256.Sum256(content)
	file := &upload{Token: rand.Text(), Name: name, hash: hex.EncodeToString(sum[:]), session: session, content: content, until: u.now().Add(uploadKept)}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sweep(len(content))
	u.files[session] = file
	return file
}

// sweep forgets files whose time is over, and the oldest ones where room is needed. Files that are being taken
// in hold themselves.
func (u *uploads) sweep(room int) {
	for held := room; ; held = room {
		var oldest *upload
		for session, f := range u.files {
			if u.now().After(f.until) {
				delete(u.files, session)
				continue
			}
			if held += len(f.content); oldest == nil || f.until.Before(oldest.until) {
				oldest = f
			}
		}
		if held <= uploadsHeld || oldest == nil {
			return
		}
		delete(u.files, oldest.session)
	}
}

// find gives a file to the session that brought it.
func (u *uploads) find(session, token string) (*upload, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sweep(0)
	file := u.files[session]
	if file == nil || file.Token != token {
		return nil, false
	}
	file.until = u.now().Add(uploadKept)
	return file, true
}

// start takes a file in, in the background, so that whoever started it may look at other pages; a second press
// meets the first one's run.
func (u *uploads) start(ctx context.Context, file *upload, leads *lead.Leads, plan lead.Plan) *importJob {
	u.mu.Lock()
	defer u.mu.Unlock()
	if file.run != nil {
		select {
		case <-file.run.done: // it ended; this is another try
		default:
			return file.run
		}
	}
	job := &importJob{done: make(chan struct{})}
	file.run = job
	ctx = context.WithoutCancel(ctx) // the actor stays, the request ends
	go func() {
		defer close(job.done)
		job.row, job.err = leads.Import(ctx, file.source(), plan)
	}()
	return job
}

// readUpload reads the file that a form brings.
func readUpload(header *multipart.FileHeader) ([]byte, error) {
	if header.Size > uploadBytes {
		return nil, fault.New(fault.Limit, "the file has %d MB; at most %d MB can be sent", header.Size>>20, uploadBytes>>20)
	}
	file, err := header.Open()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the file cannot be read")
	}
	content, err := io.ReadAll(file)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the file cannot be read")
	}
	return content, nil
}
