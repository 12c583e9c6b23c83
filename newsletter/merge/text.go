package merge

import (
	"strings"
)

// reach says how far an address of plain text has come that a field may stand in.
type reach uint8

const (
	noAddress reach = iota
	// inHost means that the name of the server is not over yet.
	inHost
	inPath
)

// textWords reads plain text up to end; addresses in it become counted links, where no field is a part of
// them.
func (p *parser) textWords(end int) {
	text := p.source.Text[p.pos:end]
	open := p.fieldFollows(end)
	if p.reach != noAddress {
		n := rawLength(text)
		p.addressPart(text[:n], 0)
		if n < len(text) || !open {
			p.reach = noAddress
		}
		text = text[n:]
	}
	for len(text) > 0 {
		start := webAddress(text)
		if start < 0 {
			break
		}
		p.literal = append(p.literal, text[:start]...)
		text = text[start:]
		n := rawLength(text)
		if n == len(text) && open {
			p.reach = inHost
			p.addressPart(text, strings.Index(text, "://")+3)
			text = ""
			break
		}
		at := end - len(text)
		address := trimAddress(text[:n])
		text = text[len(address):]
		if n == len(address) && text == "" && p.goesOn(end) {
			p.fault(at, "link.condition", "%.60q goes on behind a condition; write the whole address in each half, with a blank behind it", address)
			break
		}
		if checkAddress(address) != "" {
			p.literal = append(p.literal, address...)
			continue
		}
		p.emit(Op{Kind: Link, Link: p.link(address, at), Escape: Plain})
	}
	p.literal = append(p.literal, text...)
	p.pos = end
}

// fieldFollows reports whether a field, rather than a condition, starts at a byte.
func (p *parser) fieldFollows(at int) bool {
	inside, ok := strings.CutPrefix(p.source.Text[at:], "{{")
	inside = strings.TrimLeft(inside, " ")
	return ok && !strings.HasPrefix(inside, "#") && !strings.HasPrefix(inside, "/") && !strings.HasPrefix(inside, "else")
}

// goesOn reports whether behind the conditions that start at a byte there is more of an address.
func (p *parser) goesOn(at int) bool {
	rest := p.source.Text[at:]
	for strings.HasPrefix(rest, "{{") && !p.fieldFollows(len(p.source.Text)-len(rest)) {
		end := strings.Index(rest, "}}")
		if end < 0 {
			return false
		}
		rest = rest[end+2:]
	}
	return at < len(p.source.Text)-len(rest) && (strings.HasPrefix(rest, "{{") || rawLength(rest) > 0 && len(trimAddress(rest[:rawLength(rest)])) > 0)
}

// addressPart keeps a part of an address that fields stand in; the path begins behind from.
func (p *parser) addressPart(part string, from int) {
	if strings.ContainsAny(part[from:], "/?#") {
		p.reach = inPath
	}
	p.literal = append(p.literal, part...)
}

// webAddress is where the first address starts, -1 for none.
func webAddress(text string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], "://")
		if i < 0 {
			return -1
		}
		i += from
		for _, scheme := range []string{"https", "http"} {
			if start := i - len(scheme); start >= from && strings.EqualFold(text[start:i], scheme) {
				return start
			}
		}
		from = i + 3
	}
}

// rawLength is how far an address reaches: to a blank or a bracket.
func rawLength(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool {
		return r <= ' ' || strings.ContainsRune("<>\"{}|\\^`\u00a0\u2028\u2029", r)
	})
	if end < 0 {
		return len(text)
	}
	return end
}

// trimAddress leaves out the punctuation of the sentence that an address ends.
func trimAddress(address string) string {
	address = strings.TrimRight(address, ".,;:!?'")
	if strings.HasSuffix(address, ")") && !strings.Contains(address, "(") {
		address = strings.TrimRight(address, ")")
	}
	return address
}
