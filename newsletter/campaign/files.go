package campaign

import (
	"context"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/content"
)

// KeepFile keeps a file that is to go with letters, and gives what stands for it in [content.Design.Files]. What it is
// is read from its content and held against its name; programs are refused. It needs [Write].
func (c *Campaigns) KeepFile(ctx context.Context, f activity.File) (content.File, error) {
	return store.Write(ctx, c.db, Write, func(ctx context.Context, s *store.Session) (content.File, error) {
		f, wrong := f.Check()
		faults := fault.List(wrong)
		if len(f.Content) > content.MaxFilesSize {
			faults.Add("files[0]", "files.size", "%q has %.1f MB, at most %d MB go with a letter; put it where readers can fetch it, and link to it", f.Name, float64(len(f.Content))/(1<<20), content.MaxFilesSize>>20)
		}
		if err := faults.Err("the file cannot go with a letter"); err != nil {
			return content.File{}, err
		}
		hash, err := s.PutBlob(ctx, f.Content)
		return content.File{Name: f.Name, Type: f.MIME, Size: int64(len(f.Content)), Hash: hash}, err
	})
}

// Attached reads the files of a design, as they go with a letter; fault.Invalid where one is not there any more.
func Attached(ctx context.Context, s *store.Session, files []content.File) ([]mail.Attachment, error) {
	list := make([]mail.Attachment, len(files))
	for i, f := range files {
		bytes, err := s.Blob(ctx, f.Hash)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "the file %q of the letter is not there any more; attach it again", f.Name)
		}
		list[i] = mail.Attachment{Name: f.Name, Type: f.Type, Hash: f.Hash, Size: f.Size, Content: bytes}
	}
	return list, nil
}

// flightBytes is how many bytes of letters are under way at most in one process.
const flightBytes = 64 << 20

// bounded lets fewer large letters be under way than small ones: each is in memory once until it has its end.
func (v *server) bounded(letter int) {
	if most := max(1, flightBytes/max(letter, 1)); most < v.c.config.Window {
		narrow := *v.c
		narrow.config.Window = most
		v.c = &narrow
	}
}
