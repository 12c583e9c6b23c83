package track

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"slices"
	"strconv"
	"sync"

	"github.com/crmplus/crmplus/crm/fault"
)

// Key signs tokens and return paths.
type Key struct {
	// ID is written into each token, so that it is known which key signed it; 1 to 255, never used again
	// for another secret.
	ID uint8
	// Secret is at least 32 random bytes, the same in all processes and after a restart.
	Secret []byte
}

// secretLength is the least number of bytes of a secret: what SHA-256 gives (RFC 2104, section 3).
const secretLength = 32

// Keys signs with one key and reads what any of its keys signed. It is safe for many goroutines.
//
// Keys are changed by putting a new one in front and keeping the old ones for as long as the mails they
// signed are to work: two years for links by which readers unsubscribe.
type Keys struct {
	active *signer
	byID   [256]*signer
	all    []*signer
}

// signer is a key with hashes that are made ready: HMAC's two paddings cost as much as the token itself.
type signer struct {
	id     uint8
	hashes sync.Pool
}

// hashing is a hash with room for its sum, so that signing allocates nothing.
type hashing struct {
	hash.Hash
	sum [sha256.Size]byte
}

// NewKeys makes Keys that sign with the first key. The error is fault.Invalid with a fault for each key that
// cannot be used.
func NewKeys(keys ...Key) (*Keys, error) {
	var faults fault.List
	if len(keys) == 0 {
		faults.Add("keys", "required", "are missing; give one key with %d random bytes or more", secretLength)
	}
	k := &Keys{}
	for i, key := range keys {
		at := "keys[" + strconv.Itoa(i) + "]"
		switch {
		case key.ID == 0:
			faults.Add(at+".id", "required", "is missing; give each key a number from 1 to 255")
		case k.byID[key.ID] != nil:
			faults.Add(at+".id", "same", "%d is the number of another key, too; a number is never used twice", key.ID)
		}
		if len(key.Secret) < secretLength {
			faults.Add(at+".secret", "length", "has %d bytes; give %d random bytes or more", len(key.Secret), secretLength)
		}
		secret := slices.Clone(key.Secret)
		s := &signer{id: key.ID, hashes: sync.Pool{New: func() any { return &hashing{Hash: hmac.New(sha256.New, secret)} }}}
		k.byID[key.ID] = s
		k.all = append(k.all, s)
	}
	if err := faults.Err("links and pixels cannot be signed"); err != nil {
		return nil, err
	}
	k.active = k.all[0]
	return k, nil
}

// appendMAC appends the first n bytes of HMAC-SHA-256 (RFC 2104) over text; n is at most 32.
func (s *signer) appendMAC(dst, text []byte, n int) []byte {
	h := s.hashes.Get().(*hashing)
	h.Reset()
	_, _ = h.Write(text) // a hash never fails
	h.Sum(h.sum[:0])
	dst = append(dst, h.sum[:n]...)
	s.hashes.Put(h)
	return dst
}

// signed reports whether mac begins the HMAC over text.
func (s *signer) signed(text, mac []byte) bool {
	h := s.hashes.Get().(*hashing)
	h.Reset()
	_, _ = h.Write(text) // a hash never fails
	h.Sum(h.sum[:0])
	same := hmac.Equal(h.sum[:len(mac)], mac)
	s.hashes.Put(h)
	return same
}
