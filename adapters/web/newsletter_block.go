package web

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter/content"
)

// blockKinds are what can be added in the editor, in the order in which it is offered.
var blockKinds = []string{"heading", "text", "image", "button", "columns", "product", "divider", "html", "footer"}

// otherBlock is the kind of blocks that the editor moves and removes, and does not show in fields: columns with
// more than two texts, as other programs write them.
const otherBlock = "other"

func blockField(i int, name string) string { return "b." + strconv.Itoa(i) + "." + name }

func blockKindOf(b content.Block) string {
	switch {
	case b.Heading != nil:
		return "heading"
	case b.Text != nil:
		return "text"
	case b.Image != nil:
		return "image"
	case b.Button != nil:
		return "button"
	case b.Columns != nil && twoTexts(b.Columns):
		return "columns"
	case b.Product != nil:
		return "product"
	case b.Divider != nil:
		return "divider"
	case b.HTML != nil:
		return "html"
	case b.Footer != nil:
		return "footer"
	}
	return otherBlock
}

func twoTexts(c *content.Columns) bool {
	if len(c.Columns) != 2 {
		return false
	}
	for _, one := range c.Columns {
		if len(one.Blocks) != 1 || one.Blocks[0].Text == nil {
			return false
		}
	}
	return true
}

// designValues writes a design into the fields of the editor.
func designValues(f *input, d content.Design) {
	set := f.Values.Set
	set("subject", d.Subject)
	set("preheader", d.Preheader)
	set("accent", d.Theme.Accent)
	theme, _ := json.Marshal(d.Theme)
	set("theme", string(theme))
	set("blocks", strconv.Itoa(len(d.Blocks)))
	files, _ := json.Marshal(d.Files)
	set("files", string(files))
	for i, b := range d.Blocks {
		at := func(name, value string) { set(blockField(i, name), value) }
		at("kind", blockKindOf(b))
		at("if", b.If)
		at("unless", b.Unless)
		switch blockKindOf(b) {
		case "heading":
			at("text", b.Heading.Text)
			at("level", strconv.Itoa(max(b.Heading.Level, 1)))
			at("align", string(b.Heading.Align))
		case "text":
			at("text", b.Text.HTML)
			at("align", string(b.Text.Align))
		case "image":
			at("url", b.Image.URL)
			at("alt", b.Image.Alt)
			at("link", b.Image.Link)
			at("align", string(b.Image.Align))
			at("width", "")
			if b.Image.Width > 0 {
				at("width", strconv.Itoa(b.Image.Width))
			}
		case "button":
			at("label", b.Button.Label)
			at("url", b.Button.URL)
			at("align", string(b.Button.Align))
		case "columns":
			at("left", b.Columns.Columns[0].Blocks[0].Text.HTML)
			at("right", b.Columns.Columns[1].Blocks[0].Text.HTML)
		case "product":
			p := b.Product
			for name, value := range map[string]string{"key": p.Key, "name": p.Name, "description": p.Description, "price": p.Price, "image": p.Image, "url": p.URL, "label": p.Button} {
				at(name, value)
			}
		case "html":
			at("html", b.HTML.HTML)
		case "footer":
			at("company", b.Footer.Company)
			at("address", b.Footer.Address)
			at("reason", b.Footer.Reason)
		case otherBlock:
			raw, _ := json.Marshal(b)
			at("raw", string(raw))
		}
	}
}

// designOf reads the design back from the form.
func designOf(f *input, l locale.Language) content.Design {
	d := content.Design{Subject: f.text("subject"), Preheader: f.text("preheader"), Language: l}
	_ = json.Unmarshal([]byte(f.Get("theme")), &d.Theme) // what is damaged there counts as none
	d.Theme.Accent = f.text("accent")
	d.Files = filesOf(f)
	for i := range min(f.count("blocks"), content.MaxBlocks+1) {
		get := func(name string) string { return f.text(blockField(i, name)) }
		b := blockOf(get)
		b.If, b.Unless = get("if"), get("unless")
		d.Blocks = append(d.Blocks, b)
	}
	return d
}

// filesOf are the files of the letter as the form has them; what is damaged there counts as none.
func filesOf(f *input) (files []content.File) {
	_ = json.Unmarshal([]byte(f.Get("files")), &files)
	return files
}

// attachFiles takes in the files that came with the form, and takes the one away whose button was pressed.
func (v *visit) attachFiles(d *content.Design, f *input, step string) error {
	verb, which, _ := strings.Cut(step, ":")
	if i, err := strconv.Atoi(which); verb == "unfile" && err == nil && i >= 0 && i < len(d.Files) {
		d.Files = slices.Delete(d.Files, i, i+1)
	}
	files, err := v.files("attach")
	if err != nil {
		return v.refuse(f, err)
	}
	for _, one := range files {
		if len(one.Content) == 0 && one.Name == "" { // nothing was chosen
			continue
		}
		kept, err := v.s.module.Newsletters.Campaigns.KeepFile(v.ctx(), one)
		if err != nil {
			faults := fault.List(slices.Clone(fault.Of(err)))
			for i := range faults {
				faults[i].Path = "files"
			}
			if len(faults) > 0 {
				err = faults.Err("the file cannot go with the letter")
			}
			return v.refuse(f, err)
		}
		d.Files = append(d.Files, kept)
	}
	return nil
}

func blockOf(get func(string) string) content.Block {
	align := content.Align(get("align"))
	number := func(name string) int { n, _ := strconv.Atoi(get(name)); return n }
	switch get("kind") {
	case "heading":
		return content.Block{Heading: &content.Heading{Text: get("text"), Level: number("level"), Align: align}}
	case "image":
		return content.Block{Image: &content.Image{URL: get("url"), Alt: get("alt"), Link: get("link"), Width: number("width"), Align: align}}
	case "button":
		return content.Block{Button: &content.Button{Label: get("label"), URL: get("url"), Align: align}}
	case "columns":
		column := func(name string) content.Column {
			return content.Column{Blocks: []content.Block{{Text: &content.Text{HTML: get(name)}}}}
		}
		return content.Block{Columns: &content.Columns{Columns: []content.Column{column("left"), column("right")}}}
	case "product":
		return content.Block{Product: &content.Product{Key: get("key"), Name: get("name"), Description: get("description"), Price: get("price"), Image: get("image"), URL: get("url"), Button: get("label")}}
	case "divider":
		return content.Block{Divider: &content.Divider{}}
	case "html":
		return content.Block{HTML: &content.HTML{HTML: get("html")}}
	case "footer":
		return content.Block{Footer: &content.Footer{Company: get("company"), Address: get("address"), Reason: get("reason")}}
	case otherBlock:
		var b content.Block
		if json.Unmarshal([]byte(get("raw")), &b) == nil {
			return b
		}
	}
	return content.Block{Text: &content.Text{HTML: get("text"), Align: align}}
}

// changeDesign takes one step: "add:kind", "up:2", "down:2", "delete:2", "find:2", "take:2:KEY", "prices". It gives
// what is put behind the page's address, so that the person stays where he was.
func (v *visit) changeDesign(d *content.Design, f *input, step string) (string, error) {
	verb, rest, _ := strings.Cut(step, ":")
	at, product, _ := strings.Cut(rest, ":")
	i, err := strconv.Atoi(at)
	known := err == nil && i >= 0 && i < len(d.Blocks)
	switch {
	case verb == "add":
		kind := firstText(rest, f.text("kind"))
		if !slices.Contains(blockKinds, kind) {
			return "", nil
		}
		i = len(d.Blocks) // before the footer, which is the last
		if i > 0 && d.Blocks[i-1].Footer != nil && kind != "footer" {
			i--
		}
		d.Blocks = slices.Insert(d.Blocks, i, blockOf(func(name string) string { return map[string]string{"kind": kind, "level": "2"}[name] }))
	case verb == "up" && known && i > 0:
		d.Blocks[i-1], d.Blocks[i] = d.Blocks[i], d.Blocks[i-1]
		i--
	case verb == "down" && known && i < len(d.Blocks)-1:
		d.Blocks[i+1], d.Blocks[i] = d.Blocks[i], d.Blocks[i+1]
		i++
	case verb == "delete" && known:
		d.Blocks = slices.Delete(d.Blocks, i, i+1)
		i = max(0, i-1)
	case verb == "find" && known:
		return "&find=" + at + "&q=" + url.QueryEscape(f.text(blockField(i, "find"))) + "#block-" + at, nil
	case verb == "take" && known && d.Blocks[i].Product != nil:
		if err := v.takeProduct(d.Blocks[i].Product, product, f.text(blockField(i, "find")), d.Language); err != nil {
			return "", err
		}
	case verb == "prices":
		return "", v.freshPrices(d)
	default:
		return "", nil
	}
	return "#block-" + strconv.Itoa(i), nil
}

// takeProduct fills a block with one of the products that a search found.
func (v *visit) takeProduct(p *content.Product, key, search string, l locale.Language) error {
	found, err := v.module().Products(v.ctx(), search, productHits)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(found, func(one erpbridge.Product) bool { return one.Key == key })
	if at < 0 {
		return errNoPage
	}
	p.Key, p.Name, p.Description = found[at].Key, found[at].Name, found[at].Description
	p.Price, err = productPrices{v}.Price(v.ctx(), key, l)
	if fault.CodeOf(err) == fault.NotFound {
		return nil
	}
	return err
}

// freshPrices asks what the products cost today; those without a price keep what stands there, and are named.
func (v *visit) freshPrices(d *content.Design) error {
	priced, err := d.Priced(v.ctx(), productPrices{v})
	var told *fault.Error
	if errors.As(err, &told) && told.Code == fault.Invalid {
		v.toast(toast{Text: v.t("block.product.gone"), Bad: true})
		return nil
	}
	if err != nil {
		return err
	}
	*d = priced
	v.done("content.priced")
	return nil
}

var blockPathForm = regexp.MustCompile(`^blocks\[(\d+)\]\.?(.*?)(?:\[\d+:\d+\])?$`)

// blockPath gives the block and the field of the editor that a path of a design means; -1 and the path where it
// is no block.
func blockPath(path string) (int, string) {
	m := blockPathForm.FindStringSubmatch(path)
	if m == nil {
		return -1, path
	}
	i, _ := strconv.Atoi(m[1])
	kind, name, _ := strings.Cut(m[2], ".")
	switch {
	case strings.HasPrefix(m[2], "columns.columns[0]"):
		name = "left"
	case strings.HasPrefix(m[2], "columns.columns[1]"):
		name = "right"
	case m[2] == "text.html":
		name = "text"
	case m[2] == "product.button":
		name = "label"
	case name == "":
		name = kind
	}
	return i, name
}
