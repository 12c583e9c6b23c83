package web

import (
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/newsletter/content"
)

// outsideView is what is in an HTML that was made elsewhere.
type outsideView struct {
	Links  []content.Link
	Images []content.Asset
	// Size is in bytes, Limit the size from which on Gmail cuts a letter.
	Size, Limit int64
	Faults      []outsideFinding
	// NoWayOut says that there is no link to unsubscribe, which one press puts in.
	NoWayOut bool
}

// outsideFinding is what is wrong, or could be better.
type outsideFinding struct {
	Bad bool
	// Text is in the reader's language, Detail what the check itself says.
	Text, Detail, Subject string
}

// outsideView lists what was found. The HTML as it is stands in the form's field html.
func (v *visit) outsideView(e *contentEditor, d content.Design, faults []fault.Fault) (*outsideView, error) {
	out := &outsideView{Limit: content.Clipped}
	fields, err := v.s.module.Newsletters.Fields(v.ctx())
	if err != nil {
		return nil, err
	}
	in, err := content.Import([]byte(d.HTML), fields)
	if err != nil {
		return nil, err
	}
	out.Links, out.Images, out.Size = in.Links, in.Images, int64(in.Size)
	if !e.Form.has("html") {
		e.Form.Values.Set("html", d.HTML)
	}
	seen := map[string]bool{}
	add := func(f fault.Fault, bad bool) {
		if seen[f.Code+f.Message] {
			return
		}
		seen[f.Code+f.Message] = true
		finding := outsideFinding{Bad: bad, Text: v.faultText(f), Detail: v.sentence(f.Message)}
		if n, ok := imageIndex(f.Path); ok && n < len(in.Images) {
			finding.Subject = in.Images[n].URL
		}
		out.Faults = append(out.Faults, finding)
	}
	for _, f := range faults {
		if f.Path == "subject" {
			e.Form.Faults["subject"] = append(e.Form.Faults["subject"], v.faultText(f))
			continue
		}
		out.NoWayOut = out.NoWayOut || f.Code == "unsubscribe.missing"
		add(f, true)
	}
	for _, f := range in.Warnings {
		if f.Code != "unsubscribe.missing" {
			add(f, false)
		}
	}
	return out, nil
}

// imageIndex reads "images[3]".
func imageIndex(path string) (int, bool) {
	text, ok := strings.CutPrefix(path, "images[")
	n := 0
	for _, c := range strings.TrimSuffix(text, "]") {
		if c < '0' || c > '9' || n > 10000 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, ok
}

// changeOutside takes an HTML that was made elsewhere from a file or from what was pasted, cleans it, and does what
// a button asked for: a footer at its end, or back to the blocks. What was taken away is said.
func (v *visit) changeOutside(f *input, d content.Design, step *string) (content.Design, error) {
	source := []byte(f.Get("html"))
	if *step == "outside" {
		source = []byte(f.Get("paste"))
	}
	if v.r.MultipartForm != nil && len(v.r.MultipartForm.File["file"]) > 0 && v.r.MultipartForm.File["file"][0].Size > 0 {
		file, err := readUpload(v.r.MultipartForm.File["file"][0])
		if err != nil {
			return d, err
		}
		source = file
	}
	switch {
	case *step == "blocks":
		d.HTML = ""
		return d, nil
	case *step == "drop":
		return d, nil
	case strings.TrimSpace(string(source)) == "":
		f.wrong("paste", "outside.none")
		return d, nil
	}
	if *step == "footer" {
		footer, err := v.ownFooter(d)
		if err != nil {
			return d, err
		}
		source = []byte(content.WithFooter(string(source), footer, d))
	}
	fields, err := v.s.module.Newsletters.Fields(v.ctx())
	if err != nil {
		return d, err
	}
	in, err := content.Import(source, fields)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return d, err
		}
		return d, nil
	}
	for _, w := range in.Warnings {
		if w.Code == "html.removed" {
			_, list, _ := strings.Cut(w.Message, ": ")
			v.toast(toast{Text: v.t("outside.removed", list)})
		}
	}
	d.HTML = in.HTML
	if d.Subject == "" {
		d.Subject = in.Title
	}
	return d, nil
}

// ownFooter is the footer of the blocks where they have one, else one of the company.
func (v *visit) ownFooter(d content.Design) (content.Footer, error) {
	if n := len(d.Blocks); n > 0 && d.Blocks[n-1].Footer != nil {
		return *d.Blocks[n-1].Footer, nil
	}
	fresh, err := v.designAt(nil, place{Language: d.Language})
	if err != nil {
		return content.Footer{}, err
	}
	return *fresh.Blocks[len(fresh.Blocks)-1].Footer, nil
}
