package web

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/tabular"
)

func (s *screens) importRoutes() []route {
	return []route{
		{Pattern: "GET /leads/import", Right: actor.LeadImport, Do: s.newImport},
		{Pattern: "POST /leads/import", Right: actor.LeadImport, Do: s.takeImportFile, Body: uploadBytes + 1<<20},
		{Pattern: "GET /uploads/{token}", Right: actor.LeadImport, Do: s.previewImport},
		{Pattern: "POST /uploads/{token}", Right: actor.LeadImport, Do: s.runImport},
		{Pattern: "GET /imports/{id}", Right: actor.LeadImport, Do: s.showImport},
		{Pattern: "GET /imports/{id}/rejects.csv", Right: actor.LeadImport, Do: s.importRejects},
		{Pattern: "POST /imports/{id}/undo", Right: actor.LeadImport, Do: s.undoImport},
	}
}

// importStart is the page on which a file is chosen.
type importStart struct {
	Form   *input
	Before []lead.Import
	Names  map[string]string
}

func (s *screens) newImport(v *visit) error { return v.drawImport(v.blank()) }

func (v *visit) drawImport(f *input) error {
	d := importStart{Form: f}
	var err error
	if d.Before, err = v.module().Leads.Imports(v.ctx(), store.Page{Limit: 20}); err != nil {
		return err
	}
	if d.Names, err = v.names(); err != nil {
		return err
	}
	return v.show(f.statusOf(), "lead_import", head{Title: v.t("import.title"), Section: "leads", Crumbs: []crumb{{v.t("menu.leads"), v.link("/leads")}}}, d)
}

// takeImportFile keeps a file and goes on to its preview.
func (s *screens) takeImportFile(v *visit) error {
	f := v.posted()
	if v.r.MultipartForm == nil || len(v.r.MultipartForm.File["file"]) == 0 || v.r.MultipartForm.File["file"][0].Size == 0 {
		f.wrong("file", "import.fault.none")
		return v.drawImport(f)
	}
	header := v.r.MultipartForm.File["file"][0]
	file, done, err := s.takeUpload(v, header)
	if err != nil {
		return err
	}
	defer done()
	if _, err := v.module().Leads.Preview(v.ctx(), file.Source(), lead.PreviewOptions{}); err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		f.Faults["file"], f.Faults[""] = append(f.Faults["file"], f.Faults[""]...), nil
		return v.drawImport(f)
	}
	return v.redirect(v.link("/uploads", file.ID.String()))
}

// importPreview is the page that says what a file would become.
type importPreview struct {
	Form    *input
	File    *lead.Upload
	Preview lead.Preview
	// Columns say for each column of the file what it may hold.
	Columns   []importColumn
	Samples   []importSample
	Owners    []option
	Encodings []option
	Languages []option
	Sheets    []option
	Policies  []option
	// Faults are the first ones, More how many there are besides.
	Faults []importFault
	More   int
	// Before is the import that has taken this very file in already.
	Before *lead.Import
}

type importColumn struct {
	Name, Sample, Field string
	// Unsure columns are for a person to look at.
	Unsure bool
	Fields []option
}

// importFault is what is wrong with a row.
type importFault struct {
	Line             int
	ColumnName, Text string
}

// importSample is a row of the file as it would be taken in.
type importSample struct {
	Line                                int
	Name, Company, Reach, Place, Amount string
	Faults                              []string
}

func (s *screens) previewImport(v *visit) error {
	file, done, err := s.uploadOf(v)
	if err != nil {
		return v.fileGone(err)
	}
	defer done()
	return v.drawPreview(v.blank("source", "", "known", string(lead.MergeKnown), "owner", ""), file, lead.PreviewOptions{})
}

// fileGone asks for the file once more, where it is not kept any more or is somebody else's.
func (v *visit) fileGone(err error) error {
	if fault.CodeOf(err) != fault.NotFound {
		return err
	}
	f := v.blank()
	f.wrong("file", "import.fault.gone")
	return v.drawImport(f)
}

func (v *visit) drawPreview(f *input, file *lead.Upload, o lead.PreviewOptions) error {
	d := importPreview{Form: f, File: file}
	var err error
	if d.Preview, err = v.module().Leads.Preview(v.ctx(), file.Source(), o); err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		f.Faults["file"], f.Faults[""] = append(f.Faults["file"], f.Faults[""]...), nil
		return v.drawImport(f)
	}
	own, err := v.customFields("lead")
	if err != nil {
		return err
	}
	d.fill(v, own)
	if d.Owners, err = v.owners(f.text("owner")); err != nil {
		return err
	}
	d.Owners = append([]option{{Value: "", Label: v.t("owner.none")}}, d.Owners...)
	if d.Before, err = v.importedBefore(file); err != nil {
		return err
	}
	return v.show(f.statusOf(), "lead_import_preview", head{Title: file.Name, Section: "leads", Crumbs: v.importCrumbs()}, d)
}

func (v *visit) importCrumbs() []crumb {
	return []crumb{{v.t("menu.leads"), v.link("/leads")}, {v.t("import.title"), v.link("/leads/import")}}
}

// importedBefore is the import of the same file, unless it was undone.
func (v *visit) importedBefore(file *lead.Upload) (*lead.Import, error) {
	before, err := v.module().Leads.Imports(v.ctx(), store.Page{Limit: 100})
	if err != nil {
		return nil, err
	}
	for i := range before {
		if before[i].FileHash == file.Hash && before[i].State != lead.Undone {
			return &before[i], nil
		}
	}
	return nil, nil //nolint:nilnil // none
}

// previewFaults is how many faults a preview lists.
const previewFaults = 12

// fill puts what was found in the file into the reader's words.
func (d *importPreview) fill(v *visit, own []store.CustomField) {
	p := d.Preview
	ownOf := map[int]store.CustomField{} // by column, from 1
	for i, column := range p.Plan.Columns {
		if f, err := store.FieldNamed(own, strings.TrimPrefix(string(column), customPrefix)); err == nil && strings.HasPrefix(string(column), customPrefix) {
			ownOf[i+1] = f
		}
	}
	for i, name := range p.Plan.Header {
		c := importColumn{Name: name, Field: string(p.Plan.Columns[i]), Unsure: p.Plan.Columns[i] == "" || i < len(p.Guesses) && p.Guesses[i].Confidence < 0.5 && !p.Remembered}
		if f, is := ownOf[i+1]; is && f.Called(name) {
			c.Unsure = false
		}
		for _, row := range p.Rows {
			if i < len(row.Cells) && row.Cells[i] != "" {
				c.Sample = row.Cells[i]
				break
			}
		}
		c.Fields = []option{{Value: "", Label: v.t("import.skip"), On: c.Field == ""}}
		for _, field := range tabular.Fields {
			c.Fields = append(c.Fields, option{Value: string(field), Label: v.t("import.field." + string(field)), On: string(field) == c.Field})
		}
		for _, one := range own {
			name := customPrefix + one.Name
			c.Fields = append(c.Fields, option{Value: name, Label: one.Text(v.Locale.Language), On: name == c.Field})
		}
		d.Columns = append(d.Columns, c)
	}
	for _, row := range p.Rows[:min(len(p.Rows), 8)] {
		d.Samples = append(d.Samples, v.importSample(row, ownOf))
	}
	for i := range p.Faults[:min(len(p.Faults), previewFaults)] {
		d.Faults = append(d.Faults, importFault{p.Faults[i].Line, p.Faults[i].ColumnName, v.rowFault(&p.Faults[i], ownOf)})
	}
	d.More = len(p.Faults) - len(d.Faults)
	for _, e := range tabular.Encodings {
		d.Encodings = append(d.Encodings, option{Value: string(e), Label: string(e), On: e == p.Plan.Encoding})
	}
	for _, l := range locale.Languages {
		d.Languages = append(d.Languages, option{Value: string(l), Label: l.Name(), On: l == p.Plan.Language})
	}
	for _, sheet := range p.Sheets {
		d.Sheets = append(d.Sheets, option{Value: sheet, Label: sheet, On: sheet == p.Plan.Sheet})
	}
	known := d.Form.text("known")
	d.Policies = v.options("import.known.", known, string(lead.MergeKnown), string(lead.SkipKnown), string(lead.CreateAnyway))
}

func (v *visit) importSample(row lead.PreviewRow, own map[int]store.CustomField) importSample {
	one := importSample{Line: row.Line, Name: row.Party.DisplayName, Company: row.Lead.Organization, Reach: row.Party.Email, Place: row.Party.City}
	if one.Reach == "" {
		if one.Reach = row.Party.Mobile; one.Reach == "" {
			one.Reach = row.Party.Phone
		}
		one.Reach = party.FormatPhone(one.Reach)
	}
	if !row.Lead.ExpectedValue.IsZero() {
		one.Amount = v.Locale.Language.Money(row.Lead.ExpectedValue, row.Lead.Currency)
	}
	for i := range row.Faults {
		text := v.rowFault(&row.Faults[i], own)
		if row.Faults[i].ColumnName != "" {
			text = row.Faults[i].ColumnName + ": " + text
		}
		one.Faults = append(one.Faults, text)
	}
	return one
}

// rowFault says what is wrong with a row, by its code where it is a fault of forms too; own are the company's own fields
// by the columns that hold them.
func (v *visit) rowFault(e *tabular.RowError, own map[int]store.CustomField) string {
	if f, is := own[e.Column]; is {
		return v.customFault(f, fault.Fault{Code: e.Code, Message: e.Reason})
	}
	if key := "fault." + e.Code; texts[key] != nil {
		return v.t(key)
	}
	return e.In(v.Locale.Language)
}

// planOf reads how the person wants the file to be read.
func (v *visit) planOf(f *input) (lead.PreviewOptions, error) {
	o := lead.PreviewOptions{Encoding: tabular.Encoding(f.text("encoding")), Sheet: f.text("sheet"), Language: locale.Language(f.text("language"))}
	if o.Encoding != "" && !slices.Contains(tabular.Encodings, o.Encoding) {
		return o, errNoPage
	}
	if text := f.Get("delimiter"); len(text) == 1 {
		o.Delimiter = rune(text[0])
	}
	// Columns hold for the file as it was read: with another sheet or encoding they are guessed anew.
	if f.text("sheet") != f.text("sheet_was") || f.text("encoding") != f.text("encoding_was") {
		return o, nil
	}
	for i := 0; f.has("column" + strconv.Itoa(i)); i++ {
		field := tabular.Field(f.text("column" + strconv.Itoa(i)))
		if field != "" && !slices.Contains(tabular.Fields, field) && !strings.HasPrefix(string(field), customPrefix) {
			return o, errNoPage
		}
		o.Columns = append(o.Columns, field)
	}
	return o, nil
}

// runImport takes the file in, with the columns as the person left them, or shows the preview once more.
func (s *screens) runImport(v *visit) error {
	file, done, err := s.uploadOf(v)
	if err != nil {
		return v.fileGone(err)
	}
	defer done()
	f := v.posted()
	o, err := v.planOf(f)
	if err != nil {
		return err
	}
	if f.text("do") != "run" {
		return v.drawPreview(f, file, o)
	}
	found, err := v.module().Leads.Preview(v.ctx(), file.Source(), o)
	if err != nil {
		return err
	}
	plan := found.Plan
	plan.Source, plan.Campaign, plan.Known = f.text("source"), f.text("campaign"), lead.Policy(f.text("known"))
	plan.Owner = v.ownerOf(f.text("owner"), party.Owner{})
	job := s.uploads.start(v.ctx(), file, v.module().Leads, plan)
	id, err := v.awaitImport(job, file)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return v.drawPreview(f, file, o)
	}
	return v.redirect(v.link("/imports", id.String()))
}

// awaitImport waits until an import has begun, or ended where it is a short one.
func (v *visit) awaitImport(job *importJob, file *lead.Upload) (lead.ImportID, error) {
	look := time.NewTicker(40 * time.Millisecond)
	defer look.Stop()
	begun := time.After(400 * time.Millisecond)
	patient := false
	for {
		select {
		case <-job.done:
			v.module().Wake()
			return job.row.ID, job.err
		case <-v.r.Context().Done():
			return lead.ImportID{}, fault.Wrap(v.r.Context().Err(), fault.Unavailable, "the import goes on")
		case <-begun:
			patient = true
		case <-look.C:
			if !patient {
				continue
			}
			before, err := v.importedBefore(file)
			if err != nil || before != nil {
				if before == nil {
					return lead.ImportID{}, err
				}
				return before.ID, nil
			}
		}
	}
}

// importResult is the page of an import, while it runs and afterwards.
type importResult struct {
	Import lead.Import
	Rows   []lead.Row
	// Running imports are shown anew each second; Stalled ones broke off.
	Running, Stalled bool
	By               string
	Leads            string
}

// importStalls is how long a running import may be silent: each chunk takes well under a second.
const importStalls = time.Minute

func (s *screens) showImport(v *visit) error {
	id, err := key[lead.ImportTag](v, "id")
	if err != nil {
		return err
	}
	d := importResult{Leads: v.link("/leads") + "?status=all&import=" + id.String()}
	if d.Import, err = v.module().Leads.GetImport(v.ctx(), id); err != nil {
		return err
	}
	d.By = v.nameOf(d.Import.CreatedBy)
	if d.Import.State == lead.Running {
		d.Stalled = v.s.now().Sub(d.Import.UpdatedAt) > importStalls
		d.Running = !d.Stalled
	}
	if v.part() {
		if !d.Running {
			return v.redirect(v.link("/imports", id.String()))
		}
		return v.fill(http.StatusOK, "lead_imported", "progress", d)
	}
	if !d.Running && d.Import.State != lead.Undone {
		found, err := v.module().Leads.List(v.ctx(), lead.Filter{Import: id}, lead.ByArrival, store.Page{Limit: 12})
		if err != nil {
			return err
		}
		d.Rows = found.Rows
	}
	return v.show(http.StatusOK, "lead_imported", head{Title: d.Import.FileName, Section: "leads", Crumbs: v.importCrumbs()}, d)
}

// importName is the name of an import's file, or its id where it cannot be read.
func (v *visit) importName(id lead.ImportID) string {
	if v.may(actor.LeadImport) {
		if one, err := v.module().Leads.GetImport(v.ctx(), id); err == nil {
			return one.FileName
		}
	}
	return id.String()
}

func (s *screens) importRejects(v *visit) error {
	id, err := key[lead.ImportTag](v, "id")
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := v.module().Leads.Rejects(v.ctx(), id, &text); err != nil {
		return err
	}
	return v.send(download{Name: "rejects-" + id.String() + ".csv", Type: "text/csv; charset=utf-8", Content: text.Bytes()})
}

func (s *screens) undoImport(v *visit) error {
	id, err := key[lead.ImportTag](v, "id")
	if err != nil {
		return err
	}
	undone, err := v.module().Leads.UndoImport(v.ctx(), id)
	if err != nil {
		return err
	}
	text := v.t("import.undone", countText(v.Locale.Language, undone.Leads))
	if undone.KeptCount > 0 {
		text += " " + v.t("import.kept", countText(v.Locale.Language, undone.KeptCount))
	}
	v.toast(toast{Text: text})
	return v.redirect(v.link("/imports", id.String()))
}
