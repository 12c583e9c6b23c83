package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// A token is base64url of 8 bytes of time (Unix milliseconds, big-endian), 12 random bytes, and the
// first 20 bytes of HMAC-SHA-256 (RFC 2104) over the form's key and both.
const (
	tokenSigned = 8 + 12
	tokenSize   = tokenSigned + 20
)

// tokenState says what a token is worth.
type tokenState int

const (
	tokenGood tokenState = iota
	// tokenEarly: a person could not have filled the form in yet.
	tokenEarly
	// tokenStale: too old, of another form, forged, or none at all.
	tokenStale
)

// issue makes the token of one rendering of a form.
func (f *Forms) issue(key string, at time.Time) string {
	token := make([]byte, tokenSize)
	binary.BigEndian.PutUint64(token, uint64(at.UnixMilli()))
	rand.Read(token[8:tokenSigned]) // never fails, see crypto/rand
	copy(token[tokenSigned:], f.sign(key, token[:tokenSigned]))
	return base64.RawURLEncoding.EncodeToString(token)
}

// renew makes a token for a form that its visitor has filled in already, good at once.
func (f *Forms) renew(key string, now time.Time) string {
	return f.issue(key, now.Add(-f.config.MinFill))
}

// inspect says what a token is worth at an instant. One from the future was made before a clock jumped
// back, and is as good as an old one: the visitor presses once more.
func (f *Forms) inspect(key, token string, now time.Time) tokenState {
	var raw [tokenSize]byte
	if len(token) != base64.RawURLEncoding.EncodedLen(tokenSize) {
		return tokenStale
	}
	if n, err := base64.RawURLEncoding.Strict().Decode(raw[:], []byte(token)); err != nil || n != tokenSize {
		return tokenStale
	}
	if !hmac.Equal(f.sign(key, raw[:tokenSigned]), raw[tokenSigned:]) {
		return tokenStale
	}
	switch age := now.UnixMilli() - int64(binary.BigEndian.Uint64(raw[:])); {
	case age < 0 || age > f.config.TokenLife.Milliseconds():
		return tokenStale
	case age < f.config.MinFill.Milliseconds():
		return tokenEarly
	}
	return tokenGood
}

func (f *Forms) sign(key string, signed []byte) []byte {
	mac := hmac.New(sha256.New, f.config.Secret)
	mac.Write([]byte("form " + key + "\x00"))
	mac.Write(signed)
	return mac.Sum(nil)[:tokenSize-tokenSigned]
}
