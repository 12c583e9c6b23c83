package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
)

// The headers of a delivery, as the Standard Webhooks specification names them.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// Tolerance is how far a delivery's timestamp may be from the receiver's clock: what was recorded and is
// played again later is refused.
const Tolerance = 5 * time.Minute

// SecretPrefix begins every secret; base64 of 24 to 64 random bytes follows.
const SecretPrefix = "whsec_"

const (
	secretBytes    = 32
	leastSecret    = 24
	mostSecret     = 64
	signatureMark  = "v1,"
	mostSignatures = 20
	mostID         = 200
)

func newSecret() string {
	b := make([]byte, secretBytes)
	_, _ = rand.Read(b) // never fails, says its documentation
	return SecretPrefix + base64.StdEncoding.EncodeToString(b)
}

func secretKey(text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, SecretPrefix))
	if err != nil || len(b) < leastSecret || len(b) > mostSecret {
		return nil, fault.New(fault.Invalid, "the secret is not understood; it begins with %s and holds %d to %d bytes in base64", SecretPrefix, leastSecret, mostSecret)
	}
	return b, nil
}

// Message is what is signed.
type Message struct {
	ID   string
	At   time.Time
	Body []byte
}

// Sign gives the value of the signature header for one secret: "v1," and the base64 of the HMAC. Receivers
// need it for tests of their own only.
func Sign(m Message, secret string) (string, error) {
	key, err := secretKey(secret)
	if err != nil {
		return "", err
	}
	return signatureMark + base64.StdEncoding.EncodeToString(m.mac(key)), nil
}

func (m Message) mac(key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(m.ID + "." + strconv.FormatInt(m.At.Unix(), 10) + "."))
	mac.Write(m.Body)
	return mac.Sum(nil)
}

// Verify checks a delivery that a receiver got: that one of the secrets signed exactly this id, timestamp
// and body, and that the timestamp is within [Tolerance] of now. The body must be the bytes as they came.
// The error is fault.Forbidden where the delivery is not to be trusted, and fault.Invalid where a secret is
// not understood. What is repeated within the tolerance is recognised by its webhook-id, which the receiver
// keeps.
func Verify(header http.Header, body []byte, secrets []string, now time.Time) error {
	keys := make([][]byte, len(secrets))
	for i, s := range secrets {
		var err error
		if keys[i], err = secretKey(s); err != nil {
			return err
		}
	}
	m := Message{ID: header.Get(HeaderID), Body: body}
	if m.ID == "" || len(m.ID) > mostID {
		return fault.New(fault.Forbidden, "the delivery has no %s", HeaderID)
	}
	seconds, ok := timestamp(header.Get(HeaderTimestamp))
	if !ok {
		return fault.New(fault.Forbidden, "the delivery has no %s in seconds", HeaderTimestamp)
	}
	m.At = time.Unix(seconds, 0)
	if age := now.Sub(m.At); age > Tolerance || age < -Tolerance {
		return fault.New(fault.Forbidden, "the delivery is of %s and the clock here shows %s; more than %s apart is refused",
			m.At.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339), Tolerance)
	}
	for i, s := range strings.Split(header.Get(HeaderSignature), " ") {
		if i == mostSignatures {
			break
		}
		text, ours := strings.CutPrefix(s, signatureMark)
		given, err := base64.StdEncoding.DecodeString(text)
		if !ours || err != nil {
			continue // another version of the scheme
		}
		for _, key := range keys {
			if hmac.Equal(given, m.mac(key)) {
				return nil
			}
		}
	}
	return fault.New(fault.Forbidden, "no signature of the delivery is by a secret that is known here")
}

// timestamp reads whole seconds in their only spelling: what was signed is what is read.
func timestamp(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0 && n < 1<<40 && strconv.FormatInt(n, 10) == text
}
