package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// secretBytes is how long the secret is.
const secretBytes = 32

// freshSecret is one that lives as long as the program: where the database is a server's, a real host takes
// it from where it keeps its other secrets.
func freshSecret() []byte {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails, says its documentation
	return secret
}

// keptSecret is the one in a file beside the database, so that logins, open pages and the links in mails
// outlive the program. The first start writes it, for nobody else to read.
func keptSecret(file string) ([]byte, error) {
	secret := freshSecret()
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		_, err = f.Write(secret)
		return secret, errors.Join(err, f.Close())
	case !errors.Is(err, fs.ErrExist):
		return nil, err
	}
	secret, err = os.ReadFile(file)
	if err == nil && len(secret) != secretBytes {
		err = fmt.Errorf("%s has %d bytes instead of %d; remove it to have a new one made (links in mails end then)", file, len(secret), secretBytes)
	}
	return secret, err
}

// key makes one of the secret for a purpose.
func (s *shop) key(purpose string) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}
