package web

import (
	"context"
	"io"
	"mime/multipart"
	"sync"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
)

// uploadBytes is the largest file that a form brings.
const uploadBytes = lead.MaxUpload

// uploadsRead is how many files are held in memory at once to be looked at; more wait. Files wait for their
// import in the database, where a process that ends leaves them for the next one.
const uploadsRead = 4

// importJob is an import under way in this process.
type importJob struct {
	done chan struct{}
	// row and err are there when done is closed.
	row lead.Import
	err error
}

// uploads are the files of leads that this process works at.
type uploads struct {
	places chan struct{}
	mu     sync.Mutex
	// running are the imports under way, by company and upload.
	running map[string]*importJob
}

func newUploads() *uploads {
	return &uploads{places: make(chan struct{}, uploadsRead), running: map[string]*importJob{}}
}

// enter waits for a place to hold a file in memory; leave gives it back.
func (u *uploads) enter(ctx context.Context) (leave func(), err error) {
	select {
	case u.places <- struct{}{}:
		return func() { <-u.places }, nil
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "too many files are being looked at; try again")
	}
}

// start takes a file in, in the background, so that whoever started it may look at other pages; a second press
// meets the first one's run. An import that a process left off goes on where it was.
func (u *uploads) start(ctx context.Context, file *lead.Upload, leads *lead.Leads, plan lead.Plan) *importJob {
	key := file.Company + " " + file.ID.String()
	u.mu.Lock()
	defer u.mu.Unlock()
	if job := u.running[key]; job != nil {
		return job
	}
	job := &importJob{done: make(chan struct{})}
	u.running[key] = job
	ctx = context.WithoutCancel(ctx) // the actor stays, the request ends
	go func() {
		defer close(job.done)
		job.row, job.err = leads.Import(ctx, file.Source(), plan)
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.running, key) // it ended; the next press is another try
	}()
	return job
}

// uploadOf is the file that a request's address names. Whoever looks at it holds it in memory until done.
func (s *screens) uploadOf(v *visit) (file *lead.Upload, done func(), err error) {
	id, err := key[lead.UploadTag](v, "token")
	if err != nil {
		return nil, nil, err
	}
	leave, err := s.uploads.enter(v.ctx())
	if err != nil {
		return nil, nil, err
	}
	found, err := v.module().Leads.Upload(v.ctx(), id)
	if err != nil {
		leave()
		return nil, nil, err
	}
	return &found, leave, nil
}

// takeUpload keeps the file that a form brings.
func (s *screens) takeUpload(v *visit, header *multipart.FileHeader) (*lead.Upload, func(), error) {
	leave, err := s.uploads.enter(v.ctx())
	if err != nil {
		return nil, nil, err
	}
	content, err := readUpload(header)
	if err == nil {
		var kept lead.Upload
		if kept, err = v.module().Leads.KeepUpload(v.ctx(), header.Filename, content); err == nil {
			return &kept, leave, nil
		}
	}
	leave()
	return nil, nil, err
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
