package merge

import (
	"strings"
	"unicode/utf8"
)

// Append writes the text for one reader behind dst. Values are in the order of Fields; what is missing at
// their end counts as empty. Link appends the address of a counted link, unescaped; nil stands for the
// addresses as they were written.
func (p *Program) Append(dst []byte, values []string, link func(dst []byte, n int) []byte) []byte {
	for i := 0; i < len(p.Ops); {
		op := &p.Ops[i]
		i++
		switch op.Kind {
		case Literal:
			dst = append(dst, op.Text...)
		case Field:
			dst = op.AppendValue(dst, at(values, op.Field))
		case Link:
			dst = p.appendLink(dst, op, link)
		case If, Unless:
			if op.Jumps(at(values, op.Field)) {
				i = max(i, op.Jump)
			}
		}
	}
	return dst
}

// AppendValue writes the value, or the default where the value is empty.
func (op *Op) AppendValue(dst []byte, value string) []byte {
	if Empty(value) {
		value = op.Default
	}
	return op.Escape.Append(dst, value)
}

// Jumps reports whether the program goes on at op.Jump for a reader with the value.
func (op *Op) Jumps(value string) bool {
	return op.Kind == If && Empty(value) || op.Kind == Unless && !Empty(value)
}

// Empty reports whether a value counts as none: it has nothing but blanks.
func Empty(value string) bool {
	return value == "" || value[0] <= ' ' && strings.TrimSpace(value) == "" || value[0] >= 0x80 && strings.TrimSpace(value) == ""
}

func at(values []string, i int) string {
	if i < len(values) {
		return values[i]
	}
	return ""
}

func (p *Program) appendLink(dst []byte, op *Op, link func([]byte, int) []byte) []byte {
	from := len(dst)
	switch {
	case link != nil:
		dst = link(dst, op.Link)
	case op.Link < len(p.Links):
		dst = append(dst, p.Links[op.Link]...)
	}
	if op.Escape != HTML {
		return dst
	}
	for _, c := range dst[from:] {
		if c < utf8.RuneSelf && !plain[c] && c != '/' {
			return appendAllMarkup(dst[:from], string(dst[from:]))
		}
	}
	return dst
}

// Missing lists the fields that would leave a gap in the text of a reader with these values: those that
// are written, have no value and no default. Each is named once.
func (p *Program) Missing(values []string) []string {
	var missing []string
	seen := map[int]bool{}
	for i := 0; i < len(p.Ops); {
		op := &p.Ops[i]
		i++
		switch op.Kind {
		case Field:
			if op.Default == "" && !seen[op.Field] && Empty(at(values, op.Field)) {
				seen[op.Field] = true
				missing = append(missing, p.Fields[op.Field])
			}
		case If, Unless:
			if op.Jumps(at(values, op.Field)) {
				i = max(i, op.Jump)
			}
		}
	}
	return missing
}

// Size is the number of bytes of all literals: what the text weighs without values and links, where all
// conditions hold.
func (p *Program) Size() int {
	size := 0
	for i := range p.Ops {
		size += len(p.Ops[i].Text)
	}
	return size
}
