package content

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/merge"
)

// Check finds everything that is wrong with a design; the path of a fault is that of the field in JSON, and
// in texts line and column: "blocks[2].text.html[1:14]".
func (d Design) Check(fields Fields) []fault.Fault {
	if d.HTML != "" {
		return append(d.checkOutside(fields), d.checkFiles()...)
	}
	c := checker{known: fields.Known(), faults: d.checkFiles()}
	if !slices.Contains(locale.Languages, d.Language) {
		c.faults.Add("language", "choice", "%.10q is no language; choose from %v", string(d.Language), locale.Languages)
	}
	c.line("subject", d.Subject, merge.Line, MaxSubject)
	c.faults.Required("subject", d.Subject)
	c.line("preheader", d.Preheader, merge.Text, MaxLine)
	c.faults.Merge("theme", d.Theme.check())
	c.faults = append(c.faults, c.blocks("blocks", d.Blocks, false)...)
	if c.count > MaxBlocks {
		c.faults.Add("blocks", "count", "are %d blocks, at most %d are taken; leave some out", c.count, MaxBlocks)
	}
	last := len(d.Blocks) - 1
	footers := 0
	for i, b := range d.Blocks {
		if b.Footer == nil {
			continue
		}
		footers++
		path := "blocks[" + strconv.Itoa(i) + "].footer"
		switch {
		case footers > 1:
			c.faults.Add(path, "footer.twice", "is one footer too many; remove it")
		case i != last:
			c.faults.Add(path, "footer.place", "has to be the last block; move it to the end")
		}
		if b.If != "" || b.Unless != "" {
			c.faults.Add(path, "footer.condition", "must be there for every reader; remove its condition")
		}
	}
	if footers == 0 {
		c.faults.Add("blocks", "footer.missing", "have no footer; put one at the end: readers need the postal address and the link to unsubscribe")
	}
	return c.faults
}

func (d Design) checkFiles() (faults fault.List) {
	size := int64(0)
	for i, f := range d.Files {
		path := "files[" + strconv.Itoa(i) + "]"
		faults.Required(path+".name", f.Name)
		faults.Required(path+".type", f.Type)
		faults.Required(path+".hash", string(f.Hash))
		size += f.Size
	}
	if n := len(d.Files); n > MaxFiles {
		faults.Add("files", "files.count", "are %d, at most %d go with a letter; join some of them", n, MaxFiles)
	}
	if size > MaxFilesSize {
		faults.Add("files", "files.size", "have %.1f MB together, at most %d MB go with a letter; put them where readers can fetch them, and link to them", float64(size)/(1<<20), MaxFilesSize>>20)
	}
	return faults
}

// checker walks through a design.
type checker struct {
	known  merge.Known
	count  int
	faults fault.List
}

func (c *checker) blocks(path string, blocks []Block, inColumn bool) []fault.Fault {
	var all fault.List
	if len(blocks) == 0 {
		all.Add(path, "required", "are empty; put a block in")
	}
	for i := range blocks {
		if c.count++; c.count > MaxBlocks {
			break
		}
		var one checker
		one.known, one.count = c.known, c.count
		one.block(&blocks[i], inColumn)
		c.count = one.count
		all.Merge(path+"["+strconv.Itoa(i)+"]", one.faults)
	}
	return all
}

// block checks one; the paths start inside of it.
func (c *checker) block(b *Block, inColumn bool) {
	for _, condition := range []struct{ path, field string }{{"if", b.If}, {"unless", b.Unless}} {
		if _, ok := c.known[condition.field]; condition.field != "" && !ok {
			c.faults.Add(condition.path, "field.unknown", "names %.80q, which does not exist; %s", condition.field, c.known.Suggest(condition.field))
		}
	}
	kinds := 0
	if h := b.Heading; h != nil {
		kinds++
		c.required("heading.text", h.Text, merge.Text, MaxLine)
		c.align("heading.align", h.Align)
		if h.Level < 0 || h.Level > 3 {
			c.faults.Add("heading.level", "range", "is %d; choose 1 to 3", h.Level)
		}
	}
	if t := b.Text; t != nil {
		kinds++
		c.words(t)
	}
	if i := b.Image; i != nil {
		kinds++
		c.image(i)
	}
	if t := b.Button; t != nil {
		kinds++
		c.required("button.label", t.Label, merge.Text, MaxLine)
		c.faults.Required("button.url", t.URL)
		c.address("button.url", t.URL, "a", "href")
		c.align("button.align", t.Align)
	}
	if t := b.Columns; t != nil {
		kinds++
		c.columns(t, inColumn)
	}
	if p := b.Product; p != nil {
		kinds++
		c.product(p)
	}
	if b.Divider != nil {
		kinds++
	}
	if h := b.HTML; h != nil {
		kinds++
		c.faults.Required("html.html", h.HTML)
		if len(h.HTML) > MaxRaw {
			c.faults.Add("html.html", "text.length", "has %d bytes, at most %d are taken; shorten it", len(h.HTML), MaxRaw)
		} else {
			c.markup("html.html", h.HTML, markupPolicy)
		}
	}
	if f := b.Footer; f != nil {
		kinds++
		c.required("footer.company", f.Company, merge.Text, MaxLine)
		c.required("footer.address", f.Address, merge.Text, MaxLine)
		c.line("footer.reason", f.Reason, merge.Text, MaxLine)
		if inColumn {
			c.faults.Add("footer", "footer.place", "cannot stand in a column; move it to the end")
		}
	}
	if kinds != 1 {
		c.faults.Add("", "block.kind", "has %d kinds; set exactly one of heading, text, image, button, columns, product, divider, html, footer", kinds)
	}
}

func (c *checker) words(t *Text) {
	c.faults.Required("text.html", t.HTML)
	c.align("text.align", t.Align)
	if n := utf8.RuneCountInString(t.HTML); n > MaxWords {
		c.faults.Add("text.html", "text.length", "has %d characters, at most %d are taken; split it", n, MaxWords)
		return
	}
	if !tagged(t.HTML) {
		c.faults.Merge("text.html", merge.Check(merge.Source{Text: t.HTML, Known: c.known}))
		return
	}
	c.markup("text.html", t.HTML, inlinePolicy)
}

// markup checks HTML as it is, where line and column are the writer's, and as it is when it is cleaned: a
// condition may have begun in what is gone.
func (c *checker) markup(path, source string, policy *bluemonday.Policy) {
	if faults := merge.Check(merge.Source{Text: source, As: merge.Markup, Known: c.known}); len(faults) > 0 {
		c.faults.Merge(path, faults)
		return
	}
	for _, f := range merge.Check(merge.Source{Text: sanitize(source, policy), As: merge.Markup, Known: c.known}) {
		message, _, _ := strings.Cut(f.Message, " (line ")
		c.faults.Add(path, f.Code, "%s, when what mails cannot have is left out", message)
	}
}

func (c *checker) image(i *Image) {
	c.faults.Required("image.url", i.URL)
	c.address("image.url", i.URL, "img", "src")
	c.line("image.alt", i.Alt, merge.Text, MaxLine)
	c.address("image.link", i.Link, "a", "href")
	c.align("image.align", i.Align)
	if i.Width < 0 || i.Width > pageWidth {
		c.faults.Add("image.width", "range", "is %d; give 1 to %d pixels, or 0 for all of the place", i.Width, pageWidth)
	}
	if i.Link != "" && strings.TrimSpace(i.Alt) == "" {
		c.faults.Add("image.alt", "required", "is missing; say where the picture leads, for those who do not see it")
	}
}

func (c *checker) columns(t *Columns, inColumn bool) {
	if inColumn {
		c.faults.Add("columns", "columns.nested", "stand in a column; put their blocks there instead")
		return
	}
	if n := len(t.Columns); n < 2 || n > 3 {
		c.faults.Add("columns.columns", "count", "are %d; make two or three", n)
	}
	for i, column := range t.Columns {
		c.faults = append(c.faults, c.blocks("columns.columns["+strconv.Itoa(i)+"].blocks", column.Blocks, true)...)
	}
}

func (c *checker) product(p *Product) {
	c.required("product.name", p.Name, merge.Text, MaxLine)
	c.line("product.description", p.Description, merge.Text, MaxLine)
	c.line("product.price", p.Price, merge.Text, MaxLine)
	c.line("product.button", p.Button, merge.Text, MaxLine)
	c.address("product.image", p.Image, "img", "src")
	c.address("product.url", p.URL, "a", "href")
}

func (c *checker) required(path, text string, as merge.Format, limit int) {
	c.faults.Required(path, text)
	c.line(path, text, as, limit)
}

// line checks a short text.
func (c *checker) line(path, text string, as merge.Format, limit int) {
	if n := utf8.RuneCountInString(text); n > limit {
		c.faults.Add(path, "text.length", "has %d characters, at most %d are taken; shorten it", n, limit)
		return
	}
	c.faults.Merge(path, merge.Check(merge.Source{Text: text, As: as, Known: c.known}))
}

// address checks where a link leads or an image lies, as package merge will see it.
func (c *checker) address(path, address, element, attribute string) {
	source := "<" + element + " " + attribute + `="` + html.EscapeString(address) + `">`
	for _, f := range merge.Check(merge.Source{Text: source, As: merge.Markup, Known: c.known}) {
		message, _, _ := strings.Cut(f.Message, " (line ")
		c.faults.Add(path, f.Code, "%s", message)
	}
}

func (c *checker) align(path string, a Align) {
	if a != "" && a != Start && a != Center && a != End {
		c.faults.Add(path, "choice", "%.20q is no place; choose start, center or end", string(a))
	}
}
