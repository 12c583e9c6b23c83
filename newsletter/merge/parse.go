package merge

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
)

// The bounds of a text.
const (
	// MaxSource is in bytes, MaxTags counts what stands in {{ }}, MaxLinks the links of one mail.
	MaxSource = 1 << 20
	MaxTags   = 2000
	MaxLinks  = 1000
	// MaxDepth is how deep conditions may stand in each other.
	MaxDepth = 8
	// maxName and maxDefault are in bytes.
	maxName    = 80
	maxDefault = 500
	// maxFaults keeps an answer readable.
	maxFaults = 50
)

// Format says what a text is.
type Format uint8

// The formats.
const (
	// Text is text/plain; addresses of http and https in it are counted links.
	Text Format = iota
	// Line is one line of a header, as the subject.
	Line
	// Markup is HTML; the href of an a or area is a counted link where it leads to http or https and has
	// no field in it.
	Markup
)

// Type says what the values of a field are.
type Type string

// The types; "" is Words.
const (
	// Words are shown; they may stand in an address only as a part of its path or query.
	Words Type = "words"
	// Locator is a whole address, made by the program or the host: that to unsubscribe. Only such a field
	// may be the href of a link or the src of an image.
	Locator Type = "locator"
)

// Known says which fields there are, and what their values are. Where it is nil any name is taken, as
// Words.
type Known map[string]Type

// Source is a text to be parsed.
type Source struct {
	Text string
	As   Format
	// Known are the fields that the text may name.
	Known Known
	// Links are those that another part of the same mail has counted already; a link to the same address
	// takes their number. Program.Links starts with them.
	Links []string
}

// Parse reads a text. The error is fault.Invalid and has everything that is wrong; the path of each fault
// is "[line:column]", both from 1, columns in characters.
func Parse(s Source) (*Program, error) {
	p := parser{source: s, fields: map[string]int{}, out: &Program{Links: append([]string(nil), s.Links...)}, used: make([]bool, len(s.Links))}
	p.parse()
	if err := p.faults.Err("the text cannot be used"); err != nil {
		return nil, err
	}
	return p.out, nil
}

// Check gives the faults that Parse would have, without the program.
func Check(s Source) []fault.Fault {
	_, err := Parse(s)
	return fault.Of(err)
}

// parser walks through a text once. What has been read as fixed words waits in literal.
type parser struct {
	source  Source
	pos     int
	out     *Program
	literal []byte
	fields  map[string]int
	used    []bool
	blocks  []block
	tags    int
	// reach and markup are where the position is, in plain text and in HTML.
	reach  reach
	markup markup
	faults fault.List
}

// block is a condition that is still open.
type block struct {
	at     int
	field  int
	unless bool
	// jump is the op whose Jump is set where the branch ends; hasElse says that {{else}} was there.
	jump    int
	hasElse bool
	// broken blocks had faults; they are followed so that their end is not one more fault.
	broken bool
}

func (p *parser) parse() {
	text := p.source.Text
	if len(text) > MaxSource {
		p.faults.Add("", "size", "has %d bytes, at most %d are taken; shorten it", len(text), MaxSource)
		return
	}
	if i := invalid(text); i >= 0 {
		p.fault(i, "text.form", "holds bytes that are not text; save it as UTF-8")
		return
	}
	for p.pos < len(text) && len(p.faults) < maxFaults {
		switch {
		case strings.HasPrefix(text[p.pos:], `\{{`):
			p.pos++
			p.words(p.pos + 2)
		case strings.HasPrefix(text[p.pos:], "{{"):
			p.tag()
		default:
			p.words(p.nextTag())
		}
	}
	p.finish()
}

// invalid is where the first byte stands that is no text, -1 for none.
func invalid(text string) int {
	if utf8.ValidString(text) {
		return strings.IndexByte(text, 0)
	}
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") || r == 0 {
			return i
		}
	}
	return -1
}

// nextTag is where the next {{ or \{{ stands behind the position, or the end.
func (p *parser) nextTag() int {
	text := p.source.Text
	i := strings.Index(text[p.pos:], "{{")
	if i < 0 {
		return len(text)
	}
	i += p.pos
	if i > p.pos && text[i-1] == '\\' {
		i--
	}
	return i
}

// words reads fixed words up to end.
func (p *parser) words(end int) {
	switch p.source.As {
	case Markup:
		p.markupWords(end)
	case Text:
		p.textWords(end)
	default:
		p.literal = append(p.literal, strings.Map(oneLine, p.source.Text[p.pos:end])...)
		p.pos = end
	}
}

// oneLine makes blanks of line breaks and drops other control characters.
func oneLine(r rune) rune {
	switch {
	case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
		return ' '
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return -1
	}
	return r
}

// flush makes an op of the waiting words.
func (p *parser) flush() {
	if len(p.literal) > 0 {
		p.out.Ops = append(p.out.Ops, Op{Kind: Literal, Text: string(p.literal)})
		p.literal = p.literal[:0]
	}
}

func (p *parser) finish() {
	if p.source.As == Markup {
		p.markupEnd()
	}
	for _, b := range p.blocks {
		if !b.broken {
			p.fault(b.at, "if.open", "opens a condition that nothing closes; write %s where it ends", b.closing())
		}
	}
	p.flush()
}

func (b block) closing() string {
	if b.unless {
		return "{{/unless}}"
	}
	return "{{/if}}"
}

// field gives the number of a name.
func (p *parser) field(name string) int {
	n, ok := p.fields[name]
	if !ok {
		n = len(p.out.Fields)
		p.fields[name] = n
		p.out.Fields = append(p.out.Fields, name)
	}
	return n
}

// link gives the number of an address: that of a link of another part which leads there and has not been
// taken yet, in plain text that of any link which leads there, else a new one.
func (p *parser) link(address string, at int) int {
	same := -1
	for i, other := range p.out.Links {
		if other != address {
			continue
		}
		if i < len(p.used) && !p.used[i] {
			p.used[i] = true
			return i
		}
		same = i
	}
	if same >= 0 && p.source.As == Text {
		return same
	}
	if len(p.out.Links) == MaxLinks {
		p.fault(at, "link.count", "is link number %d, at most %d are counted; remove some", MaxLinks+1, MaxLinks)
		return 0
	}
	p.out.Links = append(p.out.Links, address)
	return len(p.out.Links) - 1
}

func (p *parser) fault(at int, code, format string, args ...any) {
	if len(p.faults) >= maxFaults {
		return
	}
	line, column := place(p.source.Text, at)
	p.faults.Add("["+strconv.Itoa(line)+":"+strconv.Itoa(column)+"]", code, "%s (line %d, column %d)", fmt.Sprintf(format, args...), line, column)
}

// place gives line and column of a byte.
func place(text string, at int) (line, column int) {
	before := text[:min(at, len(text))]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}
