package content

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/merge"
)

// Clipped is from how many bytes of HTML on Gmail shows only the beginning of a mail, with the link to
// unsubscribe gone.
const Clipped = 102 << 10

// linkSize is about what the address of a counted link has, in bytes.
const linkSize = 100

// Programs are a newsletter in one language, ready for any reader.
type Programs struct {
	Language locale.Language
	// Subject, HTML and Text are to be merged with a reader's values; a link has the same number in each.
	Subject, HTML, Text *merge.Program
	// Links are the counted links by their numbers.
	Links []string
	// Warnings are what does not hinder the sending but should be looked at, with the paths of faults.
	Warnings fault.List
}

// Compile makes programs of a design. The error is fault.Invalid with everything that is wrong (see
// [Design.Check]).
func (d Design) Compile(fields Fields) (Programs, error) {
	if err := fault.List(d.Check(fields)).Err("the newsletter cannot be used"); err != nil {
		return Programs{}, err
	}
	if d.HTML != "" {
		return d.outside().Compile(fields)
	}
	p := Programs{Language: d.Language}
	if err := p.parse(d.Subject, d.render(), "", fields); err != nil {
		return Programs{}, err
	}
	d.warn(&p.Warnings, "blocks", d.Blocks)
	return p, nil
}

// parse makes the three programs; where text is "" it is made from the HTML.
func (p *Programs) parse(subject, markup, text string, fields Fields) error {
	known := fields.Known()
	var faults fault.List
	part := func(path, text string, as merge.Format) *merge.Program {
		program, err := merge.Parse(merge.Source{Text: text, As: as, Known: known, Links: p.Links})
		if err != nil {
			faults.Merge(path, fault.Of(err))
			return nil
		}
		p.Links = program.Links
		return program
	}
	p.Subject = part("subject", subject, merge.Line)
	p.HTML = part("html", markup, merge.Markup)
	if text == "" && p.HTML != nil {
		text = plainText(markup)
	}
	if p.HTML != nil || text != "" {
		p.Text = part("text", text, merge.Text)
	}
	if err := faults.Err("the newsletter cannot be used"); err != nil {
		return err
	}
	p.Subject.Links, p.HTML.Links = p.Links, p.Links
	p.weigh(markup)
	return nil
}

// Size is about how many bytes the HTML of a reader has.
func (p *Programs) Size() int {
	size := p.HTML.Size()
	for _, op := range p.HTML.Ops {
		if op.Kind == merge.Link {
			size += linkSize
		}
	}
	return size
}

// weigh warns of what the whole has too much of.
func (p *Programs) weigh(markup string) {
	if size := p.Size(); size > Clipped {
		p.Warnings.Add("html", "size.clipped", "has about %d KB; Gmail cuts mails at %d KB and hides the rest; shorten it", size>>10, Clipped>>10)
	}
	in := Imported{HTML: markup}
	in.list()
	for _, link := range in.Links {
		if !link.Counted && strings.HasPrefix(strings.ToLower(link.URL), "http") {
			p.Warnings.Add("html", "link.uncounted", "clicks on %.80q are not counted, since it has a field in it", link.URL)
		}
	}
}

// warn notes what cleaning takes away, and pictures without words.
func (d *Design) warn(warnings *fault.List, path string, blocks []Block) {
	for i := range blocks {
		b, at := &blocks[i], fmt.Sprintf("%s[%d]", path, i)
		switch {
		case b.Text != nil && tagged(b.Text.HTML):
			warnRemoved(warnings, at+".text.html", b.Text.HTML, sanitize(b.Text.HTML, inlinePolicy))
		case b.HTML != nil:
			warnRemoved(warnings, at+".html.html", b.HTML.HTML, sanitize(b.HTML.HTML, markupPolicy))
		case b.Image != nil && strings.HasPrefix(strings.ToLower(b.Image.URL), "http:"):
			warnings.Add(at+".image.url", "image.insecure", "is not fetched over https; many mail programs do not show it")
		case b.Columns != nil:
			for n := range b.Columns.Columns {
				d.warn(warnings, fmt.Sprintf("%s.columns.columns[%d].blocks", at, n), b.Columns.Columns[n].Blocks)
			}
		}
	}
}

func warnRemoved(warnings *fault.List, path, source, clean string) {
	if list := removed(source, clean); len(list) > 0 {
		warnings.Add(path, "html.removed", "has what mails cannot have; it is left out: %s", strings.Join(list, ", "))
	}
}

// Fields are all that the newsletter names, each once, sorted.
func (p *Programs) Fields() []string {
	all := slices.Concat(p.Subject.Fields, p.HTML.Fields, p.Text.Fields)
	slices.Sort(all)
	return slices.Compact(all)
}
