package merge

import (
	"net/url"
	"regexp"
	"strings"
)

// placed matches the fixed beginning of an address behind which a field may stand: the server is named, or
// it is a mailbox or a number.
var placed = regexp.MustCompile(`^(?i:https?://[^/?#\\@\s]+[/?#]|(mailto|tel|sms):)`)

// schemed matches a scheme (RFC 3986, section 3.1).
var schemed = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// tidy reads an address as browsers do: blanks round it and line breaks in it are nothing (WHATWG URL,
// section 4.4), so that "java\nscript:" is seen for what it is.
func tidy(address string) string {
	address = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, address)
	return strings.TrimFunc(address, func(r rune) bool { return r <= ' ' })
}

// checkAddress says what is wrong with an address of http or https, "" for nothing.
func checkAddress(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return "is no address; copy it from the browser's address line"
	case u.User != nil:
		return "has a user or password before the server; remove that"
	case len(address) > maxAddress:
		return "is longer than mail programs take; shorten it"
	}
	return ""
}

// checkTarget says what is wrong with where a link of HTML leads.
func checkTarget(address string) (code, wrong string) {
	scheme := strings.ToLower(schemed.FindString(address))
	switch {
	case address == "" || strings.HasPrefix(address, "#") || scheme == "mailto:" || scheme == "tel:" || scheme == "sms:":
		return "", ""
	case scheme == "http:" || scheme == "https:":
		return "link.form", checkAddress(address)
	case scheme == "":
		return "link.relative", "leads nowhere from a mail; write the whole address with https://"
	}
	return "link.scheme", "is not a kind of link that mails may have; use https, mailto or tel"
}

// checkPicture says what is wrong with where an image lies.
func checkPicture(address string) (code, wrong string) {
	scheme := strings.ToLower(schemed.FindString(address))
	switch {
	case address == "" || scheme == "cid:" || strings.HasPrefix(strings.ToLower(address), "data:image/"):
		return "", ""
	case scheme == "http:" || scheme == "https:":
		return "image.form", checkAddress(address)
	case scheme == "":
		return "image.relative", "is not found from a mail; write the whole address with https://"
	}
	return "image.scheme", "is not a kind of address that images of mails may have; use https"
}
