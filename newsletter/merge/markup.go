package merge

import (
	"bytes"
	"html"
	"strings"
)

// state is where in HTML the position is (after the WHATWG tokenizer, with states joined that treat fields
// alike).
type state uint8

const (
	betweenTags state = iota
	// inTag is behind the name of a tag, where attributes stand.
	inTag
	// inName is an attribute's name.
	inName
	// afterName is behind an attribute's name, where = may follow.
	afterName
	// beforeValue is behind the =.
	beforeValue
	inValue
	inComment
	// inDeclaration is <!…> or <?…>.
	inDeclaration
	// inRaw is the content of an element in which there is no markup: style, script.
	inRaw
)

// markup is what the parser knows of the HTML it is in.
type markup struct {
	state   state
	element string
	closing bool
	attr    string
	// quote is ", ' or 0 for a value without quotes.
	quote byte
	// value is where in parser.literal the value begins, at where in the source; dynamic says that a tag
	// was in it, prefix is the fixed part of the address before the last one.
	value, at int
	dynamic   bool
	prefix    string
}

// raw are the elements whose content is not markup.
var raw = map[string]bool{"style": true, "script": true, "xmp": true, "iframe": true, "noembed": true, "noframes": true, "plaintext": true}

// worded are the attributes that are shown or read out.
var worded = map[string]bool{"alt": true, "title": true, "summary": true, "abbr": true, "aria-label": true, "aria-description": true}

// where names the place for a message.
func (m *markup) where() string {
	switch m.state {
	case inValue:
		return "the attribute " + m.attr
	case inComment:
		return "a comment"
	case inRaw:
		return "<" + m.element + ">"
	case inDeclaration:
		return "a declaration"
	}
	return "the tag <" + m.element + ">"
}

// markupWords reads HTML up to end.
func (p *parser) markupWords(end int) {
	for p.pos < end && len(p.faults) < maxFaults {
		switch p.markup.state {
		case betweenTags:
			p.betweenTags(end)
		case inComment:
			p.until(end, "-->")
		case inDeclaration:
			p.until(end, ">")
		case inRaw:
			p.inRaw(end)
		default:
			p.insideTag(end)
		}
	}
}

// until copies up to and with the mark that ends a comment or declaration.
func (p *parser) until(end int, mark string) {
	if i := strings.Index(p.source.Text[p.pos:end], mark); i >= 0 {
		end = p.pos + i + len(mark)
		p.markup.state = betweenTags
	}
	p.copy(end)
}

// copy takes the source up to end as it is.
func (p *parser) copy(end int) {
	p.literal = append(p.literal, p.source.Text[p.pos:end]...)
	p.pos = end
}

func (p *parser) betweenTags(end int) {
	text := p.source.Text
	i := strings.IndexByte(text[p.pos:end], '<')
	if i < 0 {
		p.copy(end)
		return
	}
	p.copy(p.pos + i)
	rest := text[p.pos:end]
	switch {
	case strings.HasPrefix(rest, "<!--[if "):
		// What a condition for Outlook holds is read by it as HTML, so it is HTML to us.
		p.until(end, "]>")
		if p.markup.state = betweenTags; !bytes.HasSuffix(p.literal, []byte("]>")) {
			p.markup.state = inComment
		}
		for _, mark := range []string{"<!-->", "-->"} {
			if strings.HasPrefix(text[p.pos:end], mark) {
				p.copy(p.pos + len(mark))
			}
		}
	case strings.HasPrefix(rest, "<!-->"), strings.HasPrefix(rest, "<!--->"):
		p.until(end, ">")
	case strings.HasPrefix(rest, "<!--"):
		p.copy(p.pos + 4)
		p.markup.state = inComment
	case strings.HasPrefix(rest, "<!"), strings.HasPrefix(rest, "<?"):
		p.copy(p.pos + 2)
		p.markup.state = inDeclaration
	case len(rest) > 1 && letter(rest[1]), len(rest) > 2 && rest[1] == '/' && letter(rest[2]):
		p.startTag(end)
	case strings.HasPrefix(rest, "</"):
		p.copy(p.pos + 2)
		p.markup.state = inDeclaration
	default:
		p.literal = append(p.literal, "&lt;"...) // or a field behind it could name a tag
		p.pos++
	}
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// blank reports the white space of HTML.
func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// startTag reads < or </ and a name.
func (p *parser) startTag(end int) {
	text, from := p.source.Text, p.pos+1
	p.markup = markup{state: inTag, closing: text[from] == '/'}
	if p.markup.closing {
		from++
	}
	to := from
	for to < end && !blank(text[to]) && text[to] != '/' && text[to] != '>' {
		to++
	}
	p.markup.element = strings.ToLower(text[from:to])
	p.copy(to)
}

// insideTag reads attributes, a byte or a run of bytes at a time.
func (p *parser) insideTag(end int) {
	m, c := &p.markup, p.source.Text[p.pos]
	switch m.state {
	case inValue:
		p.attributeValue(end)
	case inName:
		if blank(c) || c == '=' || c == '>' || c == '/' {
			m.state = afterName
			return
		}
		if len(m.attr) < maxName {
			m.attr += strings.ToLower(string(rune(c)))
		}
		p.copy(p.pos + 1)
	case beforeValue:
		if blank(c) {
			p.copy(p.pos + 1)
			return
		}
		if c == '>' {
			p.tagEnd()
			return
		}
		m.quote, m.at = 0, p.pos
		if c == '"' || c == '\'' {
			m.quote = c
			p.copy(p.pos + 1)
		}
		m.state, m.value, m.dynamic, m.prefix = inValue, len(p.literal), false, ""
	case afterName:
		if c == '=' {
			m.state = beforeValue
			p.copy(p.pos + 1)
			return
		}
		if blank(c) {
			p.copy(p.pos + 1)
			return
		}
		fallthrough
	default:
		switch {
		case c == '>':
			p.tagEnd()
		case blank(c) || c == '/':
			m.state = inTag
			p.copy(p.pos + 1)
		default:
			m.state, m.attr = inName, strings.ToLower(string(rune(c)))
			p.copy(p.pos + 1)
		}
	}
}

// tagEnd reads the > of a tag.
func (p *parser) tagEnd() {
	m := &p.markup
	p.copy(p.pos + 1)
	m.state = betweenTags
	if !m.closing && raw[m.element] {
		m.state = inRaw
	}
}

func (p *parser) inRaw(end int) {
	text := p.source.Text
	for i := p.pos; i < end; i++ {
		rest := text[i:end]
		if !strings.HasPrefix(rest, "</") || len(rest) < 2+len(p.markup.element) || !strings.EqualFold(rest[2:2+len(p.markup.element)], p.markup.element) {
			continue
		}
		if after := 2 + len(p.markup.element); after == len(rest) || blank(rest[after]) || rest[after] == '>' || rest[after] == '/' {
			p.copy(i)
			p.startTag(end)
			return
		}
	}
	p.copy(end)
}

// attributeValue reads a value up to its end, or to the next field.
func (p *parser) attributeValue(end int) {
	m, text := &p.markup, p.source.Text
	to := p.pos
	for to < end && (m.quote != 0 && text[to] != m.quote || m.quote == 0 && !blank(text[to]) && text[to] != '>') {
		to++
	}
	p.copy(to)
	if to == end && to < len(text) {
		return // a field follows
	}
	p.valueEnd()
	m.state = inTag
	if m.quote != 0 && to < end {
		p.copy(to + 1)
	}
}

// valueEnd looks at a whole value: an address that is the same for everybody is checked, and counted where
// it is a link.
func (p *parser) valueEnd() {
	m := &p.markup
	if m.dynamic || m.closing {
		return
	}
	address := tidy(html.UnescapeString(string(p.literal[m.value:])))
	var code, wrong string
	switch {
	case m.isLink():
		code, wrong = checkTarget(address)
	case m.isPicture():
		code, wrong = checkPicture(address)
	default:
		return
	}
	if wrong != "" {
		p.fault(m.at, code, "%.60q %s", address, wrong)
		return
	}
	if !m.isLink() || !hasWebScheme(address) {
		return
	}
	p.literal = p.literal[:m.value]
	if m.quote == 0 {
		p.literal = append(p.literal, '"')
	}
	p.emit(Op{Kind: Link, Link: p.link(address, m.at), Escape: HTML})
	if m.quote == 0 {
		p.literal = append(p.literal, '"')
	}
}

// isLink reports where a reader is led to when he presses: a, area, and the shapes that Outlook draws
// buttons with (v:roundrect).
func (m *markup) isLink() bool {
	return m.attr == "href" && (m.element == "a" || m.element == "area" || strings.HasPrefix(m.element, "v:"))
}

// isPicture reports an address that is loaded as an image.
func (m *markup) isPicture() bool {
	return m.attr == "src" && (m.element == "img" || strings.HasPrefix(m.element, "v:")) || m.attr == "background"
}

// markupEscape says how a field is written where the position is.
func (p *parser) markupEscape(at int, locator bool) (Escape, bool) {
	m := &p.markup
	if m.state == betweenTags {
		if locator {
			return HTMLAddress, true
		}
		return HTML, true
	}
	switch {
	case m.state == beforeValue || m.state == inValue && m.quote == 0:
		p.fault(at, "field.quotes", "a field stands in the attribute %s without quotes; put the value in quotes", m.attr)
	case m.state != inValue:
		p.fault(at, "field.place", "a field cannot stand inside of %s; put it into the text", m.where())
	case worded[m.attr]:
		return HTML, true
	case m.isLink() || m.isPicture():
		return p.addressEscape(at, locator)
	default:
		p.fault(at, "field.place", "a field cannot stand in %s; it can be in alt, title, and in addresses", m.where())
	}
	return HTML, false
}

// addressEscape says how a field is written in an address: as the whole of it, or as a part behind the name
// of the server.
func (p *parser) addressEscape(at int, locator bool) (Escape, bool) {
	m, from := &p.markup, 0
	if !m.dynamic {
		from = m.value
	}
	m.prefix += tidy(html.UnescapeString(string(p.literal[from:])))
	switch {
	case m.prefix == "" && locator:
		m.prefix = "https://reader" // a field behind it needs a / or ? between, as behind any server
		return HTMLAddress, true
	case len(m.prefix) >= 4 && strings.EqualFold(m.prefix[:4], "tel:"):
		return HTML, true // telephones do not know %2B
	case placed.MatchString(m.prefix):
		return Query, true
	}
	p.fault(at, "field.address", "a field cannot choose where a link or image leads; write the server before it, as https://example.com/{{…}}")
	return HTML, false
}

// markupEnd finds what is still open.
func (p *parser) markupEnd() {
	m := &p.markup
	switch m.state {
	case betweenTags, inDeclaration:
	case inRaw:
		p.fault(len(p.source.Text), "html.open", "<%s> is not closed; write </%s>", m.element, m.element)
	default:
		p.fault(len(p.source.Text), "html.open", "the text ends inside of %s; close it", m.where())
	}
}
