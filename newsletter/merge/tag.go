package merge

import (
	"html"
	"maps"
	"slices"
	"strings"

	"github.com/adrg/strutil/metrics"
)

// tag reads what stands in {{ }}.
func (p *parser) tag() {
	at := p.pos
	inside, ok := p.inside()
	if !ok {
		return
	}
	if p.tags++; p.tags > MaxTags {
		if p.tags == MaxTags+1 {
			p.fault(at, "tag.count", "is field or condition number %d, at most %d are taken; shorten the text", p.tags, MaxTags)
		}
		return
	}
	if p.source.As == Markup {
		inside = html.UnescapeString(inside) // editors write &quot; and &nbsp; here too
	}
	inside = strings.TrimSpace(inside)
	switch {
	case strings.HasPrefix(inside, "#"):
		p.open(at, inside)
	case strings.HasPrefix(inside, "/"):
		p.close(at, inside)
	case inside == "else":
		p.otherwise(at)
	default:
		p.value(at, inside)
	}
}

// inside gives what stands between {{ and }} and moves behind it.
func (p *parser) inside() (string, bool) {
	at, text := p.pos, p.source.Text[p.pos+2:]
	end := strings.Index(text, "}}")
	if next := strings.Index(text, "{{"); end < 0 || next >= 0 && next < end || end > maxName+6*maxDefault {
		p.fault(at, "tag.open", "has {{ that no }} closes; close it, or write \\{{ for braces: {{%.20s", text)
		p.dynamic()
		p.pos += 2
		return "", false
	}
	p.pos += end + 4
	return text[:end], true
}

// value is a field that is written.
func (p *parser) value(at int, inside string) {
	name, fallback, _ := strings.Cut(inside, "|")
	name, fallback = strings.TrimSpace(name), strings.TrimSpace(fallback)
	escape, placed := p.escapeHere(at, name)
	p.dynamic()
	if !p.named(at, name) || !placed {
		return
	}
	if len(fallback) > maxDefault {
		p.fault(at, "tag.default", "has a default of %d bytes, at most %d are taken; shorten it", len(fallback), maxDefault)
		return
	}
	p.flush()
	p.out.Ops = append(p.out.Ops, Op{Kind: Field, Field: p.field(name), Escape: escape, Default: fallback})
}

// named checks a name.
func (p *parser) named(at int, name string) bool {
	if !isName(name) {
		p.fault(at, "tag.form", "%.40q is no name of a field; write it in small letters, as {{first_name}} or {{first_name|Reader}}", name)
		return false
	}
	if p.source.Known == nil {
		return true
	}
	if _, ok := p.source.Known[name]; ok {
		return true
	}
	p.fault(at, "field.unknown", "names {{%s}}, which does not exist; %s", name, p.source.Known.Suggest(name))
	return false
}

// Suggest says which field might be meant by a name, for a message.
func (k Known) Suggest(name string) string {
	names := slices.Sorted(maps.Keys(k))
	distance := metrics.NewLevenshtein()
	best, least := "", 1+len(name)/3
	for _, candidate := range names {
		if d := distance.Distance(name, candidate); d <= least && (best == "" || d < least) {
			best, least = candidate, d
		}
	}
	if best != "" {
		return "{{" + best + "}} may be meant"
	}
	if len(names) > 12 {
		names = append(names[:12:12], "…")
	}
	return "there are " + strings.Join(names, ", ")
}

// isName reports small letters of ASCII, digits and _, with dots between parts.
func isName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	last := byte('.')
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z'
		other := c >= '0' && c <= '9' || c == '_' || c == '.'
		if !letter && (!other || last == '.') {
			return false
		}
		last = c
	}
	return last != '.'
}

// escapeHere says how a field is written where the position is.
func (p *parser) escapeHere(at int, name string) (Escape, bool) {
	locator := p.source.Known[name] == Locator
	switch p.source.As {
	case Line:
		return Header, true
	case Text:
		switch {
		case p.reach == inPath:
			return Query, true
		case p.reach == inHost:
			p.fault(at, "field.address", "a field cannot choose the server of an address; write it before the field, as https://example.com/{{%s}}", name)
			return Plain, false
		case locator:
			return Address, true
		}
		return Plain, true
	}
	return p.markupEscape(at, locator)
}

// open starts a condition: #if name, #unless name.
func (p *parser) open(at int, inside string) {
	words := strings.Fields(inside)
	b := block{at: at, unless: words[0] == "#unless"}
	switch {
	case words[0] != "#if" && words[0] != "#unless" || len(words) != 2:
		p.fault(at, "tag.form", "%.40q is no condition; write {{#if field}} or {{#unless field}}", inside)
		b.broken = true
	case !p.named(at, words[1]):
		b.broken = true
	case len(p.blocks) >= MaxDepth:
		p.fault(at, "if.depth", "is the %dth condition inside another, at most %d are taken; split the text", len(p.blocks)+1, MaxDepth)
		b.broken = true
	case !p.conditionHere(at):
		b.broken = true
	}
	if !b.broken {
		kind := If
		if b.unless {
			kind = Unless
		}
		b.field = p.field(words[1])
		b.jump = p.emit(Op{Kind: kind, Field: b.field})
	}
	p.dynamic()
	p.blocks = append(p.blocks, b)
}

// emit writes the waiting words and an op, and gives its number.
func (p *parser) emit(op Op) int {
	p.flush()
	p.out.Ops = append(p.out.Ops, op)
	return len(p.out.Ops) - 1
}

// otherwise starts the second half of a condition. It is left out by a jump that always happens: the field
// is still what it was.
func (p *parser) otherwise(at int) {
	if len(p.blocks) == 0 {
		p.fault(at, "if.close", "{{else}} stands outside of a condition; remove it, or write {{#if field}} before it")
		return
	}
	b := &p.blocks[len(p.blocks)-1]
	switch {
	case b.hasElse:
		p.fault(at, "if.else", "is the second {{else}} of one condition; remove it")
		b.broken = true
	case !b.broken && !p.conditionHere(at):
		b.broken = true
	}
	b.hasElse = true
	p.dynamic()
	if b.broken {
		return
	}
	kind := Unless
	if b.unless {
		kind = If
	}
	over := p.emit(Op{Kind: kind, Field: b.field})
	p.out.Ops[b.jump].Jump = over + 1
	b.jump = over
}

// close ends a condition.
func (p *parser) close(at int, inside string) {
	inside = strings.Join(strings.Fields(inside), "")
	if inside != "/if" && inside != "/unless" {
		p.fault(at, "tag.form", "{{%.40s}} closes nothing that exists; write {{/if}} or {{/unless}}", inside)
		return
	}
	if len(p.blocks) == 0 {
		p.fault(at, "if.close", "{{%s}} closes a condition that was not opened; remove it, or write {{#if field}} before it", inside)
		return
	}
	b := p.blocks[len(p.blocks)-1]
	p.blocks = p.blocks[:len(p.blocks)-1]
	if b.closing() != "{{"+inside+"}}" && !b.broken {
		p.fault(at, "if.close", "{{%s}} closes a condition that %s has to close; write that", inside, b.closing())
		return
	}
	if !p.conditionHere(at) || b.broken {
		p.dynamic()
		return
	}
	p.dynamic()
	p.flush()
	p.out.Ops[b.jump].Jump = len(p.out.Ops)
}

// conditionHere reports whether a condition may begin or end where the position is: anywhere in text and
// headers, in HTML only between tags, so that each half is whole.
func (p *parser) conditionHere(at int) bool {
	if p.source.As != Markup || p.markup.state == betweenTags {
		return true
	}
	p.fault(at, "if.place", "is a condition inside of %s; put it before the tag, round the whole of it", p.markup.where())
	return false
}

// dynamic remembers that what is being read, an address, is not the same for everybody.
func (p *parser) dynamic() { p.markup.dynamic = true }
