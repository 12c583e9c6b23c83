package message

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"regexp"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
)

// Key signs messages for a domain (RFC 6376). Give one of RSA and one of Ed25519 (RFC 8463) to have two
// signatures: not every receiver knows the second kind, which is faster by far.
type Key struct {
	// Domain is who signs. Selector says where in its DNS the public key is: selector._domainkey.domain.
	Domain, Selector string
	// Signer has an RSA or Ed25519 key, in memory or elsewhere. It serves many goroutines.
	Signer crypto.Signer
}

// ParseKey reads a private key from PEM ("PRIVATE KEY" or "RSA PRIVATE KEY"). Errors never repeat it.
func ParseKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fault.New(fault.Invalid, "there is no key in the text; give a private key in PEM, from -----BEGIN to the end of the line with -----END")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		return nil, fault.New(fault.Invalid, "the key cannot be read; give an RSA or Ed25519 private key in PEM without a password")
	}
	return signer, nil
}

var domainForm = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9])?)*$`)

// check also sees that the signature speaks for the sender, without which DMARC (RFC 7489) ignores it.
func (k Key) check(from string) []fault.Fault {
	var faults fault.List
	for _, f := range []struct{ name, value string }{{"domain", k.Domain}, {"selector", k.Selector}} {
		faults.Required(f.name, f.value)
		if f.value != "" && (!domainForm.MatchString(f.value) || len(f.value) > 200) {
			faults.Add(f.name, "host.form", "%.80q cannot stand in DNS; write it as example.com", f.value)
		}
	}
	_, domain, _ := strings.Cut(from, "@")
	if d := strings.ToLower(k.Domain); domain != "" && d != "" && domain != d && !strings.HasSuffix(domain, "."+d) {
		faults.Add("domain", "dkim.domain", "is %.80s, and the sender is of %.80s; sign for the sender's own domain, or receivers ignore it", k.Domain, domain)
	}
	if k.Signer == nil {
		faults.Add("key", "required", "is missing; give an RSA or Ed25519 private key")
		return faults
	}
	switch public := k.Signer.Public().(type) {
	case ed25519.PublicKey:
	case *rsa.PublicKey:
		if public.N.BitLen() < 1024 {
			faults.Add("key", "weak", "has %d bits; receivers ignore keys under 1024 (RFC 8301), make one of 2048", public.N.BitLen())
		}
	default:
		faults.Add("key", "choice", "is of the kind %T; give an RSA or Ed25519 private key", public)
	}
	return faults
}

// signed are the names that signatures cover, in the order in which [Template] keeps the headers: what is
// the same for all readers first. over are covered once more than they occur, so that nobody on the way can
// add one, or a copy.
var (
	fixed  = []string{"From", "Reply-To", "Date", "List-Id", "Feedback-ID", "Precedence", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type"}
	own    = []string{"To", "Subject", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"}
	over   = []string{"From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post"}
	signed = strings.Join(append(append(append([]string(nil), fixed...), own...), over...), ":")
)

// signature is a DKIM-Signature header with gaps for what differs from message to message.
type signature struct {
	key     Key
	ed25519 bool
	// text is the header. The hash of the body goes to hashAt, the pieces of the signature to gaps.
	text   []byte
	hashAt int
	gaps   [][2]int
	// size is how long the signature is in base64.
	size int
	// before and after are what is hashed of the header itself around the hash of the body (RFC 6376,
	// section 3.7).
	before, after string
}

var hashSize = base64.StdEncoding.EncodedLen(sha256.Size)

func newSignature(k Key) *signature {
	s := &signature{key: k}
	algorithm, bytes := "rsa-sha256", 0
	switch public := k.Signer.Public().(type) {
	case ed25519.PublicKey:
		s.ed25519, algorithm, bytes = true, "ed25519-sha256", ed25519.SignatureSize
	case *rsa.PublicKey:
		bytes = public.Size()
	}
	s.size = base64.StdEncoding.EncodedLen(bytes)
	text := "DKIM-Signature: v=1; a=" + algorithm + "; c=relaxed/relaxed;\r\n d=" + strings.ToLower(k.Domain) + ";\r\n s=" + k.Selector + ";\r\n h="
	column := 3
	for i, name := range strings.Split(signed, ":") {
		if i > 0 {
			text, column = text+":", column+1
		}
		if column+len(name) >= foldAt {
			text, column = text+"\r\n ", 1
		}
		text, column = text+name, column+len(name)
	}
	text += ";\r\n bh="
	s.hashAt = len(text)
	s.before = relaxHeader(text)
	text += strings.Repeat("A", hashSize) + ";\r\n b="
	s.after = "; b="
	for left, column := s.size, 3; left > 0; {
		n := min(left, foldAt-column)
		s.gaps = append(s.gaps, [2]int{len(text), len(text) + n})
		text += strings.Repeat("A", n) + "\r\n"
		if left -= n; left > 0 {
			text, column = text+" ", 1
		}
	}
	s.text = []byte(text)
	return s
}

// fill writes hash and signature into the gaps of header, which begins with s.text. Headers are those that
// are signed, relaxed. Scratch is memory to work in.
func (s *signature) fill(header, bodyHash, headers, scratch []byte) ([]byte, error) {
	base64.StdEncoding.Encode(header[s.hashAt:], bodyHash)
	scratch = append(append(append(append(scratch[:0], headers...), s.before...), header[s.hashAt:s.hashAt+hashSize]...), s.after...)
	digest := sha256.Sum256(scratch)
	options := crypto.SignerOpts(crypto.SHA256)
	if s.ed25519 { // the hash is the message (RFC 8463, section 3)
		options = crypto.Hash(0)
	}
	raw, err := s.key.Signer.Sign(rand.Reader, digest[:], options)
	if err != nil {
		return scratch, err
	}
	if base64.StdEncoding.EncodedLen(len(raw)) != s.size {
		return scratch, errors.New("the signature has another length than its key says")
	}
	scratch = base64.StdEncoding.AppendEncode(scratch[:0], raw)
	from := 0
	for _, gap := range s.gaps {
		from += copy(header[gap[0]:gap[1]], scratch[from:])
	}
	return scratch, nil
}

// relaxHeader is appendRelaxed for one header without the line end.
func relaxHeader(text string) string {
	return strings.TrimSuffix(string(appendRelaxed(nil, []byte(text+"\r\n"))), "\r\n")
}

// appendRelaxed writes headers as DKIM's relaxed canonicalization hashes them (RFC 6376, section 3.4.2):
// names in lower case, lines unfolded, runs of blanks as one, none at the ends.
func appendRelaxed(dst, headers []byte) []byte {
	for len(headers) > 0 {
		colon := bytes.IndexByte(headers, ':')
		for _, c := range headers[:colon+1] {
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			dst = append(dst, c)
		}
		start := len(dst)
		headers = headers[colon+1:]
		for {
			n := bytes.IndexByte(headers, '\n') + 1
			for _, c := range headers[:n-2] {
				if !blank(c) {
					dst = append(dst, c)
				} else if len(dst) > start && dst[len(dst)-1] != ' ' {
					dst = append(dst, ' ')
				}
			}
			if headers = headers[n:]; len(headers) == 0 || !blank(headers[0]) {
				break
			}
		}
		for len(dst) > start && dst[len(dst)-1] == ' ' {
			dst = dst[:len(dst)-1]
		}
		dst = append(dst, '\r', '\n')
	}
	return dst
}
