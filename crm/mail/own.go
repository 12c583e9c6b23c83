package mail

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// OwnField is what stands between the braces for a company's own field of a kind of record: "quote.custom.site".
func OwnField(kind, name string) string { return kind + ownMark + name }

const ownMark = ".custom."

// With gives the purpose as the session's company knows it: with the company's own fields of the records that the purpose
// is about. Fields that hold addresses of pages are left out: what stands in a record never becomes a link.
func (p Purpose) With(ctx context.Context, s *store.Session) (Purpose, error) {
	p.Fields = slices.Clone(p.Fields)
	if p.more != nil {
		more, err := p.more(ctx, s)
		if err != nil {
			return p, err
		}
		p.Fields = append(p.Fields, more...)
	}
	for _, kind := range p.Own {
		own, err := s.Fields(ctx, kind)
		if err != nil {
			return p, err
		}
		for _, f := range own {
			if f.Type == store.LinkField {
				continue
			}
			one := Field{Name: OwnField(kind, f.Name), Label: map[locale.Language]string{}}
			for _, l := range locale.Languages {
				one.Label[l] = Texts.T(l, "own."+kind, f.Text(l))
			}
			p.Fields = append(p.Fields, one)
		}
	}
	return p, nil
}

// Purpose gives a purpose with the company's own fields, for whoever words a template. It needs actor.ActivityRead.
func (m *Mails) Purpose(ctx context.Context, key string) (Purpose, error) {
	p, err := m.purpose(key)
	if err != nil {
		return p, err
	}
	return store.Read(ctx, m.db, actor.ActivityRead, p.With)
}

// NamesOwn reports whether a text names a field of the company's own of a kind of record, so that its values have to be
// read.
func (p Purpose) NamesOwn(kind, text string) bool {
	segments, _ := p.tolerant().compile(text)
	return slices.ContainsFunc(segments, func(s segment) bool { return strings.HasPrefix(s.field, kind+ownMark) })
}

// OwnValues fills the company's own fields of one record.
func OwnValues(kind string, sheet store.CustomSheet, l locale.Locale) map[string]Value {
	out := map[string]Value{}
	for _, f := range sheet.Fields {
		if f.Type == store.LinkField {
			continue
		}
		out[OwnField(kind, f.Name)] = func(in locale.Language) string {
			where := l
			where.Language = in
			return strings.Join(strings.Fields(custom.Text(f, sheet.Values[f.Name], where)), " ")
		}
	}
	return out
}

// tolerant takes each name of a field of the company's own, whether the field is still there or not: what was checked when
// it was written is of use where a field was removed meanwhile, which then has no value.
func (p Purpose) tolerant() Purpose {
	p.anyOwn = true
	return p
}

// has reports whether there is a field of that name.
func (p Purpose) has(name string) bool {
	if slices.ContainsFunc(p.Fields, func(f Field) bool { return f.Name == name }) {
		return true
	}
	kind, rest, ok := strings.Cut(name, ownMark)
	return p.anyOwn && ok && rest != "" && slices.Contains(p.Own, kind)
}

// CheckText finds fields in a text that do not exist, and braces that do not close.
func (p Purpose) CheckText(text string) []fault.Fault {
	_, wrong := p.compile(text)
	return wrong
}

// Fillable reports whether [Purpose.Fill] understands the whole text.
func (p Purpose) Fillable(text string) bool { return len(p.tolerant().CheckText(text)) == 0 }

// Fill fills a text of several lines, as [Purpose.Merge] fills a body.
func (p Purpose) Fill(text string, l locale.Language, values map[string]Value) string {
	p = p.tolerant()
	var lines []string
	for _, line := range strings.Split(paragraphs(text), "\n") {
		segments, _ := p.compile(line)
		if vacant(segments, l, values) {
			if n := len(lines) - 1; n >= 0 && strings.HasSuffix(lines[n], ":") {
				lines = lines[:n]
			}
			continue
		}
		lines = append(lines, strings.TrimRight(fill(segments, l, values), " "))
	}
	return squeeze(lines)
}
