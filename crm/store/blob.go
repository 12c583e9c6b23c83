package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
)

// MaxBlob is the largest file the database takes, in bytes.
const MaxBlob = 32 << 20

// Hash names a file by its content: SHA-256 in hexadecimal.
type Hash string

type blob struct {
	bun.BaseModel `bun:"table:crm_blob,alias:blob"`

	Company   string    `bun:"company,pk,type:nvarchar(40)"`
	Hash      Hash      `bun:"hash,pk,type:nvarchar(64)"`
	Size      int64     `bun:"size"`
	Content   []byte    `bun:"content"`
	CreatedAt time.Time `bun:"created_at"`
}

// PutBlob keeps a file's bytes, once per company however often the same bytes come.
func (s *Session) PutBlob(ctx context.Context, content []byte) (Hash, error) {
	if len(content) > MaxBlob {
		return "", fault.New(fault.Limit, "the file has %d bytes; at most %d are taken", len(content), MaxBlob)
	}
	sum := sha256.Sum256(content)
	hash := Hash(hex.EncodeToString(sum[:]))
	var n int
	if err := s.Query(ctx, &n, From[blob]("blob"), "SELECT COUNT(*) FROM crm_blob AS blob WHERE {scope} AND blob.hash = ?", hash); err != nil {
		return "", wrapSQL(err, "looking for a file")
	}
	if n > 0 {
		return hash, nil
	}
	row := blob{Company: s.Actor.Company, Hash: hash, Size: int64(len(content)), Content: content, CreatedAt: s.Now}
	if row.Content == nil {
		row.Content = []byte{}
	}
	_, err := s.tx.ExecContext(ctx, s.positional("INSERT INTO crm_blob (company, hash, size, content, created_at) VALUES (?, ?, ?, ?, ?)"),
		s.bind([]any{row.Company, string(row.Hash), row.Size, row.Content, row.CreatedAt})...)
	return hash, wrapSQL(err, "keeping a file")
}

// Blob reads a file's bytes.
func (s *Session) Blob(ctx context.Context, hash Hash) ([]byte, error) {
	var rows []blob
	if err := s.Select(&rows).Where("blob.hash = ?", hash).Scan(ctx); err != nil {
		return nil, wrapSQL(err, "reading a file")
	}
	if len(rows) == 0 {
		return nil, s.missing(nil, "crm_file", hash)
	}
	return rows[0].Content, nil
}
