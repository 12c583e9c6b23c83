package party

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/crmplus/crmplus/crm/fault"
)

// The limits of RFC 5321, sections 4.5.3.1.1 to 4.5.3.1.3, in bytes: a path of 256 with its angle
// brackets leaves 254 for the address.
const (
	emailLocalLimit = 64
	emailLimit      = 254
	// emailInputLimit leaves room for a display name around the address.
	emailInputLimit = 1024
)

// NormalizeEmail gives the form in which an address is stored and compared. Surrounding blanks,
// "mailto:" and a display name (Anna <anna@example.hu>) are taken off, the domain goes to its
// lower-case ASCII form (IDNA 2008 in the mapping of UTS 46), the part before the @ to lower case:
// RFC 5321 lets a server tell Anna@ from anna@, none in use does, and people type both.
//
// It refuses, by a fault at "email" that says what is wrong: control characters and blanks inside,
// quoted local parts, domains without a dot or in brackets, and what is longer than RFC 5321
// allows (64 bytes before the @, 254 in all).
func NormalizeEmail(text string) (string, error) {
	refuse := func(code, format string, args ...any) (string, error) {
		var faults fault.List
		faults.Add("email", code, format, args...)
		return "", faults.Err("the e-mail address cannot be used")
	}
	if len(text) > emailInputLimit {
		return refuse("email.long", "is longer than the %d bytes an e-mail address can have", emailLimit)
	}
	address := strings.TrimSpace(text)
	if strings.HasSuffix(address, ">") {
		if open := strings.LastIndexByte(address, '<'); open >= 0 {
			address = strings.TrimSpace(address[open+1 : len(address)-1])
		}
	}
	if len(address) > 7 && strings.EqualFold(address[:7], "mailto:") {
		address = address[7:]
	}
	if address == "" {
		return refuse("required", "is missing; write it as name@example.com")
	}
	if hasControl(text) {
		return refuse("email.characters", "contains control characters or broken text; type it again as name@example.com")
	}
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 {
		return refuse("email.form", "%q is not an e-mail address; write it as name@example.com", cut(address, 80))
	}
	local, ok := normalizeLocal(address[:at])
	if !ok {
		return refuse("email.form", "%q has characters before the @ that no address has; write it as name@example.com", cut(address, 80))
	}
	domain, ok := normalizeDomain(address[at+1:])
	if !ok {
		return refuse("email.domain", "%q is not a domain that can receive mail; write it as name@example.com", cut(address[at+1:], 80))
	}
	if len(local) > emailLocalLimit || len(local)+1+len(domain) > emailLimit {
		return refuse("email.long", "is longer than an e-mail address can be: %d bytes before the @, %d in all", emailLocalLimit, emailLimit)
	}
	return local + "@" + domain, nil
}

func hasControl(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' || r == utf8.RuneError {
			return true
		}
	}
	return false
}

// normalizeLocal lowers a dot-atom of RFC 5322, with the letters of RFC 6531.
func normalizeLocal(local string) (string, bool) {
	before, ascii := byte('.'), true
	for i := range len(local) {
		c := local[i]
		switch {
		case c >= 0x80:
			ascii = false
		case c == '.' && before == '.':
			return "", false
		case c != '.' && !isAtom(c):
			return "", false
		}
		before = c
	}
	if before == '.' {
		return "", false
	}
	if ascii {
		return strings.ToLower(local), true
	}
	for _, r := range local {
		if r >= 0x80 && !unicode.In(r, unicode.L, unicode.N, unicode.M) {
			return "", false
		}
	}
	return norm.NFC.String(strings.ToLower(norm.NFC.String(local))), true
}

// isAtom reports whether c is atext of RFC 5322.
func isAtom(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// normalizeDomain gives the ASCII form of a domain name with at least two labels.
func normalizeDomain(domain string) (string, bool) {
	if strings.Contains(domain, "@") {
		return "", false
	}
	domain = strings.TrimSuffix(domain, ".")
	if plain, ok := plainDomain(domain); ok {
		return plain, true
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", false
	}
	return checkedLabels(ascii)
}

// plainDomain takes the fast way for domains of letters, digits, dots and inner hyphens, which IDNA
// only lowers; anything it is not sure of goes to the library.
func plainDomain(domain string) (string, bool) {
	if strings.Contains(domain, "--") {
		return "", false
	}
	return checkedLabels(strings.ToLower(domain))
}

// checkedLabels checks the labels of an ASCII domain (RFC 1035: 63 bytes each, 253 in all).
func checkedLabels(domain string) (string, bool) {
	if len(domain) > 253 {
		return "", false
	}
	labels, start := 0, 0
	for i := 0; i <= len(domain); i++ {
		if i < len(domain) && domain[i] != '.' {
			c := domain[i]
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return "", false
			}
			continue
		}
		label := domain[start:i]
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", false
		}
		labels++
		start = i + 1
	}
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	if labels < 2 || strings.Trim(last, "0123456789") == "" {
		return "", false // a bare host or an IP address
	}
	return domain, true
}
