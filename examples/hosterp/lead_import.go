package main

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"strconv"
	"sync"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/tabular"
)

// upload is a file between its preview and its import.
type upload struct {
	Token, Name string
	content     []byte
}

func (u upload) source() lead.Source {
	return lead.Source{Name: u.Name, File: bytes.NewReader(u.content), Size: int64(len(u.content))}
}

// uploads keeps the last file of each person in memory.
type uploads struct {
	mu    *sync.Mutex
	files map[login]upload
}

func newUploads() uploads { return uploads{mu: new(sync.Mutex), files: map[login]upload{}} }

func (u uploads) keep(who login, name string, content []byte) upload {
	u.mu.Lock()
	defer u.mu.Unlock()
	file := upload{Token: rand.Text(), Name: name, content: content}
	u.files[who] = file
	return file
}

func (u uploads) find(who login, token string) (upload, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	file := u.files[who]
	if token == "" || file.Token != token {
		return upload{}, fault.New(fault.NotFound, "the file is not here any more; choose it once more")
	}
	return file, nil
}

func (u uploads) drop(who login) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.files, who)
}

// importView is the page for choosing a file, and after that its preview.
type importView struct {
	Form    *form
	Before  []lead.Import
	File    *upload
	Preview lead.Preview
	// Columns say for each column of the file what it may hold.
	Columns []importColumn
	Owners  []option
	Samples [][]string
}

type importColumn struct {
	Name, Sample string
	Unsure       bool
	Fields       []option
}

func (s *server) newImport(v *visit) error { return s.drawImport(v, http.StatusOK, v.blank()) }

func (s *server) drawImport(v *visit, status int, f *form) error {
	before, err := s.module.Leads.Imports(v.ctx(), store.Page{Limit: 12})
	if err != nil {
		return err
	}
	return v.show(status, "import.html", "import.title", importView{Form: f, Before: before})
}

// previewImport shows what a file would become. Nothing is written.
func (s *server) previewImport(v *visit) error {
	f := v.posted()
	if v.r.MultipartForm == nil || len(v.r.MultipartForm.File["file"]) == 0 {
		f.Faults["file"] = []string{v.t("fault.required")}
		return s.drawImport(v, http.StatusUnprocessableEntity, f)
	}
	header := v.r.MultipartForm.File["file"][0]
	content, err := readFile(header, maxBody)
	if err != nil {
		return err
	}
	file := s.uploads.keep(v.login, header.Filename, content)
	return s.drawPreview(v, http.StatusOK, f, file, lead.PreviewOptions{})
}

func (s *server) drawPreview(v *visit, status int, f *form, file upload, o lead.PreviewOptions) error {
	preview, err := s.module.Leads.Preview(v.ctx(), file.source(), o)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		f.Faults["file"] = f.Faults[""]
		return s.drawImport(v, http.StatusUnprocessableEntity, f)
	}
	view := importView{Form: f, File: &file, Preview: preview}
	for i, name := range preview.Plan.Header {
		column := importColumn{Name: name, Unsure: preview.Plan.Columns[i] == ""}
		if len(preview.Rows) > 0 && i < len(preview.Rows[0].Cells) {
			column.Sample = preview.Rows[0].Cells[i]
		}
		column.Fields = []option{{"", v.t("import.skip"), preview.Plan.Columns[i] == ""}}
		for _, field := range tabular.Fields {
			column.Fields = append(column.Fields, option{string(field), v.t("field." + string(field)), preview.Plan.Columns[i] == field})
		}
		view.Columns = append(view.Columns, column)
	}
	all, err := v.colleagues()
	if err != nil {
		return err
	}
	view.Owners = []option{{"", v.t("filter.unowned"), true}}
	for _, u := range all {
		view.Owners = append(view.Owners, option{u.ID, u.Name, false})
	}
	return v.show(status, "import.html", "import.title", view)
}

// runImport takes the file in, with the columns as the person left them.
func (s *server) runImport(v *visit) error {
	f := v.posted()
	file, err := s.uploads.find(v.login, f.text("file"))
	if err != nil {
		return err
	}
	preview, err := s.module.Leads.Preview(v.ctx(), file.source(), lead.PreviewOptions{})
	if err != nil {
		return err
	}
	plan := preview.Plan
	for i := range plan.Columns {
		plan.Columns[i] = tabular.Field(f.text("column" + strconv.Itoa(i)))
	}
	plan.Source, plan.Known = f.text("source"), lead.Policy(f.text("known"))
	plan.Owner = party.Owner{User: f.text("owner"), Team: v.who.Teams[0]}
	if f.text("again") != "" {
		return s.drawPreview(v, http.StatusOK, f, file, lead.PreviewOptions{Columns: plan.Columns})
	}
	done, err := s.module.Leads.Import(v.ctx(), file.source(), plan)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		for _, found := range f.Faults {
			f.Faults["file"] = append(f.Faults["file"], found...)
		}
		return s.drawImport(v, http.StatusUnprocessableEntity, f)
	}
	s.uploads.drop(v.login)
	return v.redirect("/imports/" + done.ID.String())
}

func (s *server) showImport(v *visit) error {
	id, err := pathID[lead.ImportTag](v)
	if err != nil {
		return err
	}
	done, err := s.module.Leads.GetImport(v.ctx(), id)
	if err != nil {
		return err
	}
	found, err := s.module.Leads.List(v.ctx(), lead.Filter{Import: id}, lead.ByArrival, store.Page{Limit: 20})
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "imported.html", done.FileName, map[string]any{"Import": done, "Rows": found.Rows})
}

func (s *server) importRejects(v *visit) error {
	id, err := pathID[lead.ImportTag](v)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := s.module.Leads.Rejects(v.ctx(), id, &text); err != nil {
		return err
	}
	return v.send("rejects.csv", "text/csv; charset=utf-8", "attachment", text.Bytes())
}
