package smtp

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/crmplus/crmplus/crm/mail"
)

// Folder is a Mailer that sends nothing: it writes each message into a folder, as a file that mail
// programs open (.eml). It is for trying things out.
type Folder struct {
	// Path is made where it does not exist.
	Path string
}

var _ mail.Mailer = Folder{}

// Send writes the message, once however often it is asked, under its Message-ID.
func (f Folder) Send(ctx context.Context, m mail.Message) error {
	if err := ctx.Err(); err != nil {
		return mail.NewFailure(mail.Temporary, err, "there was no time left")
	}
	content, err := compose(m, nil)
	if err != nil {
		return mail.NewFailure(mail.Permanent, err, "the message cannot be composed")
	}
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return mail.NewFailure(mail.Temporary, err, "the folder %s cannot be made", f.Path)
	}
	id, _, _ := strings.Cut(m.MessageID, "@")
	name := filepath.Join(f.Path, m.Date.UTC().Format("20060102-150405")+"-"+filepath.Base(id)+".eml")
	if _, err := os.Stat(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.WriteFile(name+".part", content, 0o600); err != nil {
		return mail.NewFailure(mail.Temporary, err, "the folder %s cannot be written to", f.Path)
	}
	if err := os.Rename(name+".part", name); err != nil {
		return mail.NewFailure(mail.Temporary, err, "the folder %s cannot be written to", f.Path)
	}
	return nil
}
