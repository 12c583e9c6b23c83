package store

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
)

// Key is a record's identity: a UUID v7 (RFC 9562) in 16 bytes, ordered by time of creation, stored
// as VARBINARY(16) or BLOB. Each noun has its own type, so that a lead's key cannot be passed for a
// party's:
//
//	type ID = store.Key[tag]
//
// The zero Key means "none" and is stored as NULL.
type Key[Noun any] [16]byte

// NewKey makes a key for a new record from the session's source of ids.
func NewKey[Noun any](s *Session) Key[Noun] { return Key[Noun](s.NewID()) }

// ParseKey reads the usual text form of a UUID, or its 32 hexadecimal digits, as SQL writes them; ""
// gives the zero Key.
func ParseKey[Noun any](text string) (Key[Noun], error) {
	if text == "" {
		return Key[Noun]{}, nil
	}
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 && len(text) != 32 {
		return Key[Noun]{}, fmt.Errorf("%.60q is not an id; ids look like 0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f", text)
	}
	return Key[Noun](id), nil
}

// IsZero reports whether the key is "none".
func (k Key[Noun]) IsZero() bool { return k == Key[Noun]{} }

// String gives the usual text form of a UUID, "" for none.
func (k Key[Noun]) String() string {
	if k.IsZero() {
		return ""
	}
	return uuid.UUID(k).String()
}

// Bytes gives a copy of the 16 bytes.
func (k Key[Noun]) Bytes() []byte { return append([]byte(nil), k[:]...) }

// Value stores 16 bytes, or NULL.
func (k Key[Noun]) Value() (driver.Value, error) {
	if k.IsZero() {
		return nil, nil
	}
	return k[:], nil
}

// Scan reads 16 bytes, or NULL.
func (k *Key[Noun]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*k = Key[Noun]{}
		return nil
	case []byte:
		if len(v) == 16 {
			copy(k[:], v)
			return nil
		}
		return fmt.Errorf("store: a key has 16 bytes, not %d (%s)", len(v), hex.EncodeToString(v[:min(len(v), 20)]))
	}
	return fmt.Errorf("store: cannot read a key from %T", src)
}

// MarshalText gives the text form.
func (k Key[Noun]) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the text form.
func (k *Key[Noun]) UnmarshalText(b []byte) error {
	p, err := ParseKey[Noun](string(b))
	if err == nil {
		*k = p
	}
	return err
}
