package pdf

import (
	"bytes"
	"fmt"
	"io"

	"github.com/jung-kurt/gofpdf"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

// Render writes the quote as a PDF file. Nothing is written when the document has faults: the error
// is then a *fault.Error that names every field that is wrong.
func Render(w io.Writer, doc Document) error {
	file, err := compose(doc, nil)
	if err != nil {
		return err
	}
	if _, err := w.Write(file); err != nil {
		return fault.Wrap(err, fault.Unavailable, "the quote cannot be written")
	}
	return nil
}

// draft is one document on its way to paper.
type draft struct {
	*sheet
	doc  Document
	lang locale.Language
}

// compose gives the file; marks go to trace where it is not nil.
func compose(doc Document, trace *[]mark) ([]byte, error) {
	if err := check(&doc); err != nil {
		return nil, err
	}
	table, err := advances()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the quote cannot be drawn")
	}
	mirror := doc.Language.RightToLeft()
	f := gofpdf.New("P", "mm", "A4", "")
	d := &draft{
		sheet: &sheet{f: f, mirror: mirror, wide: pageWidth, looks: newLooks(doc.Accent), trace: trace, set: &setter{advances: table, rightToLeft: mirror}},
		doc:   cleaned(doc), lang: doc.Language,
	}
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	f.SetCatalogSort(true)
	if err := load(f); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the quote cannot be drawn")
	}
	d.describe()
	d.begin = d.beginPage
	d.nextPage()
	d.letterhead()
	d.table()
	d.totals()
	d.closing()
	d.footers()
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "the quote cannot be drawn")
	}
	return finish(b.Bytes(), doc.Language)
}

// describe fills the metadata.
func (d *draft) describe() {
	d.f.SetTitle(d.headline(), true)
	d.f.SetSubject(d.doc.Title, true)
	d.f.SetAuthor(d.doc.Seller.Name, true)
	d.f.SetProducer("CRM+", true)
	created := d.doc.created()
	d.f.SetCreationDate(created)
	d.f.SetModificationDate(created)
}

// headline is "Quote Q-2026/0042".
func (d *draft) headline() string {
	if d.doc.Number == "" {
		return d.t("quote")
	}
	return d.t("quote") + " " + d.doc.Number
}

func (d *draft) t(key string, args ...any) string { return texts.T(d.lang, key, args...) }

// finish completes what gofpdf cannot write: the language of the text and the direction of pages, in
// the catalogue (ISO 32000-1, 14.9.2 and 12.2). The catalogue is the last object, so that only the
// place of the table of objects behind it moves.
func finish(file []byte, lang locale.Language) ([]byte, error) {
	catalogue := bytes.LastIndex(file, []byte("/Type /Catalog\n"))
	table := bytes.LastIndex(file, []byte("\nxref\n"))
	tail := bytes.LastIndex(file, []byte("\nstartxref\n"))
	if catalogue < 0 || table < catalogue || tail < table || !bytes.HasPrefix(file, []byte("%PDF-1.")) {
		return nil, fault.New(fault.Unavailable, "the quote cannot be drawn: the file has no catalogue")
	}
	direction := "L2R"
	if lang.RightToLeft() {
		direction = "R2L"
	}
	entry := fmt.Sprintf("/Lang (%s)\n/ViewerPreferences <</DisplayDocTitle true /Direction /%s>>\n", string(lang), direction)
	out := make([]byte, 0, len(file)+len(entry)+8)
	out = append(out, file[:catalogue]...)
	out = append(out, entry...)
	out = append(out, file[catalogue:tail]...)
	out = fmt.Appendf(out, "\nstartxref\n%d\n%%%%EOF\n", table+1+len(entry))
	copy(out, "%PDF-1.4") // the version that has /Lang and /DisplayDocTitle
	return out, nil
}
