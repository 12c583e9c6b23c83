package content

import (
	"cmp"
	"slices"
)

// Preview is a newsletter as one reader gets it, with the links as they were written.
type Preview struct {
	Subject string `json:"subject"`
	HTML    string `json:"html"`
	Text    string `json:"text"`
	// Missing are the fields that leave a gap for this reader.
	Missing []string `json:"missing,omitempty"`
}

// Preview shows the newsletter to the one who writes it. What is shown belongs into a frame that runs no
// scripts (sandbox), as all HTML that somebody typed.
func (p *Programs) Preview(r Reader) Preview {
	v := p.Values(&r)
	return Preview{
		Subject: string(p.Subject.Append(nil, v.Subject, nil)), HTML: string(p.HTML.Append(nil, v.HTML, nil)), Text: string(p.Text.Append(nil, v.Text, nil)),
		Missing: p.missing(v),
	}
}

// Values are those of a reader for each part, in the order of its fields.
type Values struct{ Subject, HTML, Text []string }

// Values gives what package message wants of a reader. The greeting is in the language of the newsletter.
func (p *Programs) Values(r *Reader) Values {
	own := *r
	own.Language = p.Language
	name := own.person()
	known := make(map[string]string, len(p.HTML.Fields))
	part := func(fields []string) []string {
		values := make([]string, len(fields))
		for i, f := range fields {
			v, ok := known[f]
			if !ok {
				v = own.value(f, name)
				known[f] = v
			}
			values[i] = v
		}
		return values
	}
	return Values{Subject: part(p.Subject.Fields), HTML: part(p.HTML.Fields), Text: part(p.Text.Fields)}
}

// Missing lists the fields that leave a gap in what the reader gets, sorted: no value, no default, and no
// condition round them.
func (p *Programs) Missing(r Reader) []string { return p.missing(p.Values(&r)) }

func (p *Programs) missing(v Values) []string {
	all := slices.Concat(p.Subject.Missing(v.Subject), p.HTML.Missing(v.HTML), p.Text.Missing(v.Text))
	slices.Sort(all)
	return slices.Compact(all)
}

// Gap is a field that some readers have no value for.
type Gap struct {
	Field string `json:"field"`
	// Readers is how many they are, Examples who some of them are.
	Readers  int      `json:"readers"`
	Examples []string `json:"examples"`
}

// Gaps counts what is missing over many readers, before anything is sent. The zero value is ready.
type Gaps struct {
	// Readers is how many were looked at, Affected how many of them lack something.
	Readers, Affected int

	fields map[string]*Gap
}

// gapExamples is how many readers are named for each field.
const gapExamples = 10

// Add notes what a reader lacks; name is how he is listed, such as his address.
func (g *Gaps) Add(name string, missing []string) {
	g.Readers++
	if len(missing) == 0 {
		return
	}
	g.Affected++
	if g.fields == nil {
		g.fields = map[string]*Gap{}
	}
	for _, field := range missing {
		gap := g.fields[field]
		if gap == nil {
			gap = &Gap{Field: field}
			g.fields[field] = gap
		}
		if gap.Readers++; len(gap.Examples) < gapExamples {
			gap.Examples = append(gap.Examples, name)
		}
	}
}

// List gives the fields, those that most readers lack first.
func (g *Gaps) List() []Gap {
	var list []Gap
	for _, gap := range g.fields {
		list = append(list, *gap)
	}
	slices.SortFunc(list, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(b.Readers, a.Readers), cmp.Compare(a.Field, b.Field))
	})
	return list
}
