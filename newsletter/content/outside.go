package content

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/merge"
)

// Outside is a newsletter whose HTML was made elsewhere. Merge fields may stand in it.
type Outside struct {
	Language locale.Language `json:"language"`
	Subject  string          `json:"subject"`
	// HTML is a whole document, as [Import] gives it.
	HTML string `json:"html"`
	// Text is the plain text; "" makes it from the HTML.
	Text string `json:"text,omitempty"`
}

// Imported is an outside template that was looked at.
type Imported struct {
	// HTML is the cleaned document.
	HTML   string  `json:"html"`
	Title  string  `json:"title"`
	Links  []Link  `json:"links"`
	Images []Asset `json:"images"`
	// Fields are the merge fields that it names.
	Fields []string `json:"fields"`
	// Size is that of HTML in bytes.
	Size int `json:"size"`
	// Faults hinder its use, Warnings do not. Their paths are "html", with line and column of the cleaned
	// document where one place is meant.
	Faults   []fault.Fault `json:"faults"`
	Warnings []fault.Fault `json:"warnings"`
}

// Link is a link of a template, in the order of the document.
type Link struct {
	URL   string `json:"url"`
	Words string `json:"words"`
	// Counted says that clicks on it are.
	Counted bool `json:"counted"`
}

// Asset is an image of a template.
type Asset struct {
	URL   string `json:"url"`
	Alt   string `json:"alt"`
	Width string `json:"width"`
}

// MaxTemplate is the largest file that is read, in bytes.
const MaxTemplate = 1 << 20

// foreign are the fields of other programs for newsletters, which would be printed as they stand.
var foreign = regexp.MustCompile(`\*\|[A-Z0-9_:]{2,40}\|\*|%%[A-Za-z_]{2,40}%%|\[(?i:unsubscribe|webversion|firstname|fname|email)\]`)

// wayOut is the field of the link to unsubscribe.
var wayOut = regexp.MustCompile(`\{\{\s*` + UnsubscribeURL + `\s*[|}]`)

// sheets are the style sheets of a document, remote the ways in which one loads or runs something.
var sheets = regexp.MustCompile(`(?is)<style[^>]*>.*?</style>`)
var remote = regexp.MustCompile(`(?i)@import[^;]*;?|expression\s*\(|behavior\s*:|-moz-binding\s*:`)

// Import reads a file or what was pasted: it finds the encoding (byte order mark, <meta>, else UTF-8 or
// windows-1252), cleans the document of what mails cannot or must not have, and lists what is in it. The
// error is fault.Limit or fault.Invalid where it cannot be read at all; what is wrong inside is in Faults.
func Import(file []byte, fields Fields) (Imported, error) {
	if len(file) > MaxTemplate {
		return Imported{}, fault.New(fault.Limit, "the template has %d KB, at most %d KB are taken; remove what is built into it, such as images", len(file)>>10, MaxTemplate>>10)
	}
	source, err := decode(file)
	if err != nil {
		return Imported{}, err
	}
	clean := whole(sanitize(source, documentPolicy))
	clean = sheets.ReplaceAllStringFunc(clean, func(sheet string) string { return remote.ReplaceAllString(sheet, "") })
	in := Imported{HTML: clean, Size: len(clean)}
	in.list()
	var faults, warnings fault.List
	p, err := merge.Parse(merge.Source{Text: clean, As: merge.Markup, Known: fields.Known()})
	if err != nil {
		faults.Merge("html", fault.Of(err))
	} else {
		in.Fields = p.Fields
	}
	if strings.TrimSpace(plainText(clean)) == "" {
		faults.Add("html", "html.empty", "has no words that a reader could see; choose another file")
	}
	warnRemoved(&warnings, "html", source, clean)
	in.warn(&warnings)
	in.Faults, in.Warnings = faults, warnings
	return in, nil
}

// decode gives the text of a file.
func decode(file []byte) (string, error) {
	if bytes.HasPrefix(file, []byte("\xef\xbb\xbf")) {
		file = file[3:]
	}
	if utf8.Valid(file) && bytes.IndexByte(file, 0) < 0 {
		return string(file), nil
	}
	r, err := charset.NewReader(bytes.NewReader(file), "text/html")
	if err != nil {
		return "", fault.New(fault.Invalid, "the encoding of the template is not known; save it as UTF-8")
	}
	text, err := io.ReadAll(r)
	if err != nil || bytes.IndexByte(text, 0) >= 0 {
		return "", fault.New(fault.Invalid, "the template is no text; save it as HTML in UTF-8")
	}
	return string(text), nil
}

// metaCharset is what a document says of its own encoding; what we send is UTF-8.
var metaCharset = regexp.MustCompile(`(?i)<meta[^>]*charset[^>]*>`)

// whole makes a document of a piece, and says at its beginning what it is.
func whole(clean string) string {
	clean = strings.TrimSpace(metaCharset.ReplaceAllString(clean, ""))
	const head = `<meta charset="utf-8">`
	if at := opened("head", clean); at > 0 {
		clean = clean[:at] + head + clean[at:]
	} else if at := opened("html", clean); at > 0 {
		clean = clean[:at] + "<head>" + head + "</head>" + clean[at:]
	} else {
		if opened("body", clean) == 0 {
			clean = "<body>" + clean + "</body>"
		}
		clean = "<html><head>" + head + "</head>" + clean + "</html>"
	}
	return "<!doctype html>" + clean
}

// opened is where the content of an element begins, 0 where it is not there.
func opened(element, text string) int {
	z := html.NewTokenizer(strings.NewReader(text))
	at := 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return 0
		}
		at += len(z.Raw())
		if name, _ := z.TagName(); kind == html.StartTagToken && string(name) == element {
			return at
		}
	}
}

// list collects title, links and images.
func (in *Imported) list() {
	z := html.NewTokenizer(strings.NewReader(in.HTML))
	open, title := -1, false
	for {
		switch z.Next() {
		case html.ErrorToken:
			for i := range in.Links {
				in.Links[i].Words = strings.Join(strings.Fields(in.Links[i].Words), " ")
			}
			in.Title = strings.TrimSpace(in.Title)
			return
		case html.TextToken:
			if title {
				in.Title += string(z.Text())
			} else if open >= 0 {
				in.Links[open].Words += string(z.Text())
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if string(name) == "a" {
				open = -1
			}
			title = false
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			attr := map[string]string{}
			for _, a := range t.Attr {
				attr[a.Key] = a.Val
			}
			switch t.Data {
			case "title":
				title = true
			case "a":
				if url := strings.TrimSpace(attr["href"]); url != "" {
					counted := strings.HasPrefix(strings.ToLower(url), "http") && !strings.Contains(url, "{{")
					in.Links, open = append(in.Links, Link{URL: url, Counted: counted}), len(in.Links)
				}
			case "img":
				in.Images = append(in.Images, Asset{URL: attr["src"], Alt: attr["alt"], Width: attr["width"]})
				if open >= 0 {
					in.Links[open].Words += " " + attr["alt"]
				}
			}
		}
	}
}

func (in *Imported) warn(warnings *fault.List) {
	if in.Size > Clipped {
		warnings.Add("html", "size.clipped", "has about %d KB; Gmail cuts mails at %d KB and hides the rest; shorten it", in.Size>>10, Clipped>>10)
	}
	if !wayOut.MatchString(in.HTML) {
		warnings.Add("html", "unsubscribe.missing", "has no link to unsubscribe; put in <a href=\"{{%s}}\">", UnsubscribeURL)
	}
	if list := foreign.FindAllString(in.HTML, 20); len(list) > 0 {
		slices.Sort(list)
		warnings.Add("html", "field.foreign", "has fields of another program, which would be printed as they are: %s; replace them", strings.Join(slices.Compact(list), ", "))
	}
	silent := 0
	for i, image := range in.Images {
		path := fmt.Sprintf("images[%d]", i)
		lower := strings.ToLower(strings.TrimSpace(image.URL))
		switch {
		case lower == "":
			warnings.Add(path, "image.none", "lies nowhere that mails can show; give a whole address with https://")
		case strings.HasPrefix(lower, "data:"):
			warnings.Add(path, "image.inside", "is built into the mail; Gmail and Outlook do not show it; put it on a server")
		case strings.HasPrefix(lower, "http:"):
			warnings.Add(path, "image.insecure", "%.80q is not fetched over https; many mail programs do not show it", image.URL)
		}
		if image.Alt == "" {
			silent++
		}
	}
	if silent > 0 {
		warnings.Add("html", "image.silent", "has %d images without alternative text; most readers see that first", silent)
	}
}

// Check finds everything that is wrong with an outside newsletter.
func (o Outside) Check(fields Fields) []fault.Fault {
	_, err := o.Compile(fields)
	return fault.Of(err)
}

// Compile makes programs of an outside newsletter; the HTML is cleaned again. The error is fault.Invalid
// with everything that is wrong.
func (o Outside) Compile(fields Fields) (Programs, error) {
	var faults fault.List
	if !slices.Contains(locale.Languages, o.Language) {
		faults.Add("language", "choice", "%.10q is no language; choose from %v", string(o.Language), locale.Languages)
	}
	faults.Required("subject", o.Subject)
	if n := utf8.RuneCountInString(o.Subject); n > MaxSubject {
		faults.Add("subject", "text.length", "has %d characters, at most %d are taken; shorten it", n, MaxSubject)
	}
	in, err := Import([]byte(o.HTML), fields)
	if err != nil {
		faults.Add("html", "html.form", "%s", err.Error())
		return Programs{}, faults.Err("the newsletter cannot be used")
	}
	p := Programs{Language: o.Language}
	parsed := p.parse(o.Subject, in.HTML, o.Text, fields)
	faults = append(faults, fault.Of(parsed)...)
	for _, f := range in.Faults {
		if f.Code == "html.empty" {
			faults = append(faults, f)
		}
	}
	if err := faults.Err("the newsletter cannot be used"); err != nil {
		return Programs{}, err
	}
	known := slices.Clone(p.Warnings)
	for _, w := range in.Warnings {
		if !slices.ContainsFunc(known, func(f fault.Fault) bool { return f.Code == w.Code }) {
			p.Warnings = append(p.Warnings, w)
		}
	}
	return p, nil
}
