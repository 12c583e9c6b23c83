package lead

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// KeepUploads is how long a file waits for its import: it is full of people's data.
const KeepUploads = 24 * time.Hour

// MaxUpload is the largest file that waits for its import, in bytes.
const MaxUpload = 25 << 20

// UploadTag is the noun of upload ids.
type UploadTag struct{}

// UploadID is the key of an upload.
type UploadID = store.Key[UploadTag]

// Upload is a file of a user between its preview and the end of its import. It is kept in the database, so that
// a process that ends takes nobody's work with it, and any process of the company may go on.
type Upload struct {
	bun.BaseModel `bun:"table:crm_lead_upload,alias:upload"`

	ID        UploadID  `bun:"id,pk"`
	Company   string    `bun:"company,type:nvarchar(40)"`
	UserID    string    `bun:"user_id,type:nvarchar(64)"`
	CreatedAt time.Time `bun:"created_at"`
	Name      string    `bun:"name,type:nvarchar(200)"`
	// Hash is the SHA-256 of the content in hexadecimal, as imports have it.
	Hash    string `bun:"hash,type:nvarchar(64)"`
	Content []byte `bun:"content"`
}

// Source is the file as [Leads.Preview] and [Leads.Import] take it.
func (u *Upload) Source() Source {
	return Source{Name: u.Name, File: bytes.NewReader(u.Content), Size: int64(len(u.Content))}
}

// KeepUpload keeps a file for the acting user, in the place of his last one, and forgets those of the company
// that nobody came back for within [KeepUploads].
func (l *Leads) KeepUpload(ctx context.Context, name string, content []byte) (Upload, error) {
	if len(content) > MaxUpload {
		return Upload{}, fault.New(fault.Limit, "the file has %d MB; at most %d MB can be sent", len(content)>>20, MaxUpload>>20)
	}
	sum := sha256.Sum256(content)
	return store.Write(store.Alone(ctx), l.db, actor.LeadImport, func(ctx context.Context, s *store.Session) (Upload, error) {
		up := Upload{ID: store.NewKey[UploadTag](s), UserID: s.Actor.UserID, CreatedAt: s.Now, Name: party.Clean(name, 200), Hash: hex.EncodeToString(sum[:]), Content: content}
		if up.Content == nil {
			up.Content = []byte{}
		}
		if _, err := s.Exec(ctx, store.From[Upload](""), "DELETE FROM crm_lead_upload WHERE {scope} AND user_id = ?", s.Actor.UserID); err != nil {
			return up, err
		}
		if _, err := l.forgetUploads(ctx, s); err != nil {
			return up, err
		}
		return up, s.InsertQuiet(ctx, &up)
	})
}

// Upload gives a file to whoever brought it; it is fault.NotFound for everybody else, and once it was forgotten.
func (l *Leads) Upload(ctx context.Context, id UploadID) (Upload, error) {
	return store.Read(ctx, l.db, actor.LeadImport, func(ctx context.Context, s *store.Session) (Upload, error) {
		var found []Upload
		err := s.Select(&found).Where("upload.id = ?", id).Where("upload.user_id = ?", s.Actor.UserID).
			Where("upload.created_at >= ?", s.Now.Add(-KeepUploads)).Scan(ctx)
		if err == nil && len(found) == 0 {
			err = fault.New(fault.NotFound, "the file is not kept any more; choose it again")
		}
		if err != nil {
			return Upload{}, err
		}
		return found[0], nil
	})
}

// ForgetUploads removes the files of the actor's company that nobody came back for, and reports how many. Only
// the system may.
func (l *Leads) ForgetUploads(ctx context.Context) (int, error) {
	var n int64
	err := l.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
		if s.Actor.Kind != actor.KindSystem {
			return fault.New(fault.Forbidden, "only the system forgets files")
		}
		n, err = l.forgetUploads(ctx, s)
		return err
	})
	return int(n), err
}

func (l *Leads) forgetUploads(ctx context.Context, s *store.Session) (int64, error) {
	return s.Exec(ctx, store.From[Upload](""), "DELETE FROM crm_lead_upload WHERE {scope} AND created_at < ?", s.Now.Add(-KeepUploads))
}
