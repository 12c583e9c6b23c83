package vcard

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// Limits bound what one card may cost. A zero field takes its default.
type Limits struct {
	// MaxCard is the longest card in bytes without photos, logos, sounds and keys; 256 KB.
	MaxCard int
	// MaxMedia is the longest such property in bytes; it is passed over, not kept; 16 MB.
	MaxMedia int
	// MaxValues is how many properties a card may have; 1,000.
	MaxValues int
}

// Options shape the reading.
type Options struct {
	// Language tells the Windows code page of old cards that are neither UTF-8 nor name a CHARSET.
	Language locale.Language
	Limits   Limits
}

// Error says why a card cannot be read. The card after it may be fine.
type Error struct {
	// Line is the line of BEGIN:VCARD where the fault is the whole card's, else that of the property.
	Line int
	// Code is stable: "card.open", "card.long", "card.values", "card.media", "card.empty",
	// "card.property", "card.encoding".
	Code   string
	Reason string
}

// Error joins line and reason.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Decoder reads one card after the other. It serves one goroutine.
type Decoder struct {
	lines    *lines
	limits   Limits
	fallback encoding.Encoding
	// begun is the line of a BEGIN that was met inside another card.
	begun int
}

// NewDecoder reads cards from r, which stays the caller's to close.
func NewDecoder(r io.Reader, o Options) *Decoder {
	if o.Limits.MaxCard <= 0 {
		o.Limits.MaxCard = 256 << 10
	}
	if o.Limits.MaxMedia <= 0 {
		o.Limits.MaxMedia = 16 << 20
	}
	if o.Limits.MaxValues <= 0 {
		o.Limits.MaxValues = 1000
	}
	return &Decoder{lines: newLines(r, o.Limits), limits: o.Limits, fallback: codePage(o.Language)}
}

func codePage(l locale.Language) encoding.Encoding {
	switch l {
	case locale.Hungarian:
		return charmap.Windows1250
	case locale.Russian:
		return charmap.Windows1251
	case locale.Greek:
		return charmap.Windows1253
	case locale.Hebrew:
		return charmap.Windows1255
	case locale.English:
	}
	return charmap.Windows1252
}

// Next gives the next card. It fails with an *Error where that card is bad, and the next call goes on
// behind it; with io.EOF after the last one; and with fault.Unavailable where the file fails.
func (d *Decoder) Next() (Card, error) {
	start := d.begun
	d.begun = 0
	for start == 0 {
		p, err := d.lines.next()
		var bad *Error
		switch {
		case errors.As(err, &bad):
			continue // between cards, nobody's property
		case err != nil:
			return Card{}, wrap(err)
		case p.is("BEGIN", "VCARD"):
			start = p.line
		}
	}
	card, err := d.card(start)
	if err != nil {
		return Card{}, wrap(err)
	}
	return card, nil
}

func wrap(err error) error {
	var bad *Error
	if errors.Is(err, io.EOF) || errors.As(err, &bad) {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "the file cannot be read")
}

// card reads up to END:VCARD. After a fault it goes on to the end of the card, so that the next call
// finds the next one.
func (d *Decoder) card(start int) (Card, error) {
	card := Card{Line: start}
	var failed *Error
	fail := func(line int, code, format string, args ...any) {
		if failed == nil {
			failed = &Error{Line: line, Code: code, Reason: fmt.Sprintf(format, args...)}
		}
	}
	size, count, nested := 0, 0, 0
	for {
		p, err := d.lines.next()
		var bad *Error
		switch {
		case errors.Is(err, io.EOF):
			return Card{}, &Error{Line: start, Code: "card.open", Reason: "the card has no END:VCARD; the file was cut off, export it again"}
		case errors.As(err, &bad):
			fail(bad.Line, bad.Code, "%s", bad.Reason)
			continue
		case err != nil:
			return Card{}, err
		}
		switch {
		case p.is("BEGIN", "VCARD"):
			// AGENT in 2.1 holds a card within the card; anywhere else the END is missing.
			if p.inAgent {
				nested++
				continue
			}
			d.begun = p.line
			return Card{}, &Error{Line: start, Code: "card.open", Reason: "the card has no END:VCARD before the next one begins; add it"}
		case p.is("END", "VCARD") && nested > 0:
			nested--
			continue
		case p.is("END", "VCARD"):
			if failed != nil {
				return Card{}, failed
			}
			return card.finished()
		case nested > 0 || failed != nil:
			continue
		}
		size += len(p.value)
		count++
		if size > d.limits.MaxCard {
			fail(start, "card.long", "the card is longer than %d bytes; shorten its notes", d.limits.MaxCard)
		} else if count > d.limits.MaxValues {
			fail(start, "card.values", "the card has more than %d properties; delete those not needed", d.limits.MaxValues)
		} else if err := d.take(&card, p); err != nil {
			fail(err.Line, err.Code, "%s", err.Reason)
		}
	}
}

// finished checks that somebody can be told from the card.
func (c Card) finished() (Card, error) {
	if c.FormattedName == "" {
		c.FormattedName = words(c.Prefixes, c.Given, c.Additional, c.Family, c.Suffixes)
	}
	if c.FormattedName == "" {
		c.FormattedName = c.Organization
	}
	if c.FormattedName == "" && len(c.Emails) == 0 && len(c.Phones) == 0 {
		return Card{}, &Error{Line: c.Line, Code: "card.empty", Reason: "the card has no name, company, e-mail or phone; fill one in"}
	}
	return c, nil
}

// take stores one property.
func (d *Decoder) take(c *Card, p property) *Error {
	if p.name == "VERSION" {
		c.Version = clean(string(p.value))
		return nil
	}
	store, known := properties[p.name]
	if !known {
		return nil
	}
	text, err := d.text(p)
	if err != nil {
		return err
	}
	store(c, p, text)
	return nil
}

// text decodes the transfer encoding and the character set of a value.
func (d *Decoder) text(p property) (string, *Error) {
	raw := p.value
	switch {
	case p.quotedPrintable():
		raw = unquote(raw)
	case p.base64():
		decoded, ok := unbase64(raw)
		if !ok {
			return "", &Error{Line: p.line, Code: "card.encoding", Reason: p.name + " is not readable as base64; export the card again"}
		}
		raw = decoded
	}
	return d.lines.decode(raw, p.param("CHARSET"), d.fallback), nil
}

// properties are those that are kept.
var properties = map[string]func(c *Card, p property, text string){
	"FN": func(c *Card, _ property, text string) { first(&c.FormattedName, unescape(text)) },
	"N": func(c *Card, _ property, text string) {
		if c.Family != "" || c.Given != "" {
			return
		}
		parts := components(text, 5)
		c.Family, c.Given, c.Additional, c.Prefixes, c.Suffixes = parts[0], parts[1], parts[2], parts[3], parts[4]
	},
	"NICKNAME": func(c *Card, _ property, text string) { first(&c.Nickname, strings.Join(list(text), ", ")) },
	"ORG": func(c *Card, _ property, text string) {
		if c.Organization != "" {
			return
		}
		parts := split(text, ';')
		c.Organization = unescape(parts[0])
		var units []string
		for _, u := range parts[1:] {
			if u = unescape(u); u != "" {
				units = append(units, u)
			}
		}
		c.Department = strings.Join(units, ", ")
	},
	"TITLE": func(c *Card, _ property, text string) {
		if t := unescape(text); t != "" {
			c.JobTitle = t
		}
	},
	"ROLE": func(c *Card, _ property, text string) { first(&c.JobTitle, unescape(text)) },
	"EMAIL": func(c *Card, p property, text string) {
		c.Emails = appendValue(c.Emails, p, withoutScheme(unescape(text), "mailto:"))
	},
	"TEL": func(c *Card, p property, text string) {
		c.Phones = appendValue(c.Phones, p, withoutScheme(unescape(text), "tel:"))
	},
	"URL": func(c *Card, p property, text string) { c.URLs = appendValue(c.URLs, p, unescape(text)) },
	"ADR": takeAddress,
	"NOTE": func(c *Card, _ property, text string) {
		if n := unescape(text); n != "" && c.Note != "" {
			c.Note += "\n" + n
		} else if n != "" {
			c.Note = n
		}
	},
	"BDAY":       func(c *Card, _ property, text string) { first(&c.Birthday, birthday(unescape(text))) },
	"LANG":       func(c *Card, _ property, text string) { first(&c.Language, unescape(text)) },
	"GENDER":     func(c *Card, _ property, text string) { first(&c.Gender, strings.ToUpper(components(text, 1)[0])) },
	"X-GENDER":   func(c *Card, _ property, text string) { first(&c.Gender, unescape(text)) },
	"UID":        func(c *Card, _ property, text string) { first(&c.UID, unescape(text)) },
	"CATEGORIES": func(c *Card, _ property, text string) { c.Categories = append(c.Categories, list(text)...) },
}

func takeAddress(c *Card, p property, text string) {
	parts := components(text, 7)
	street := parts[2]
	for _, extra := range []string{parts[1], parts[0]} {
		if extra != "" && street != "" {
			street += ", " + extra
		} else if extra != "" {
			street = extra
		}
	}
	a := Address{Street: street, City: parts[3], Region: parts[4], PostalCode: parts[5], Country: parts[6], Types: p.types()}
	if a.Street != "" || a.City != "" || a.Region != "" || a.PostalCode != "" || a.Country != "" {
		c.Addresses = append(c.Addresses, a)
	}
}

func first(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

func appendValue(values []Value, p property, text string) []Value {
	if text == "" {
		return values
	}
	return append(values, Value{Value: text, Types: p.types()})
}

func withoutScheme(text, scheme string) string {
	if len(text) >= len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
		text = text[len(scheme):]
		text, _, _ = strings.Cut(text, ";") // tel:+36-1-234;ext=5
	}
	return text
}

// birthday makes ISO dates of the forms 19800713 and 1980-07-13T00:00:00Z.
func birthday(text string) string {
	day, _, _ := strings.Cut(text, "T")
	if len(day) == 8 && !strings.Contains(day, "-") {
		return day[:4] + "-" + day[4:6] + "-" + day[6:]
	}
	if len(day) == 10 {
		return day
	}
	return text
}
