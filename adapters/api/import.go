package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/tabular"
)

// Import is one file that was, or is being, taken in.
type Import struct {
	ID          ID        `json:"id"`
	FileName    string    `json:"file_name"`
	Format      string    `json:"format" enum:"csv,xlsx,vcard"`
	Encoding    string    `json:"encoding,omitempty"`
	State       string    `json:"state" enum:"running,finished,undone" doc:"running also is one that broke off; the same file with the same plan goes on with it."`
	RowsRead    int64     `json:"rows_read"`
	RowsTaken   int64     `json:"rows_taken" doc:"Became leads."`
	RowsMerged  int64     `json:"rows_merged" doc:"Became touches of leads that were there."`
	RowsSkipped int64     `json:"rows_skipped" doc:"Were known and left out."`
	RowsBad     int64     `json:"rows_bad" doc:"Stand in the rejects."`
	FinishedAt  time.Time `json:"finished_at,omitzero"`
	UndoneAt    time.Time `json:"undone_at,omitzero"`
	Failure     string    `json:"failure,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	CreatedBy   string    `json:"created_by"`
}

func importOf(i lead.Import) Import {
	return Import{
		idOf(i.ID), i.FileName, string(i.Format), i.Encoding, string(i.State), i.RowsRead, i.RowsTaken, i.RowsMerged, i.RowsSkipped, i.RowsBad,
		i.FinishedAt, i.UndoneAt, i.Failure, i.CreatedAt, i.CreatedBy,
	}
}

// ImportPlan says how a file is read; a preview proposes one.
type ImportPlan struct {
	Format    string   `json:"format" enum:"csv,xlsx,vcard"`
	Encoding  string   `json:"encoding,omitempty" maxLength:"20"`
	Delimiter string   `json:"delimiter,omitempty" maxLength:"1" doc:"One character."`
	Sheet     string   `json:"sheet,omitempty" maxLength:"100"`
	Language  string   `json:"language" enum:"hu,en,he,ru,el" doc:"What dates and decimal marks are read in."`
	Header    []string `json:"header,omitempty" maxItems:"500" doc:"The names of the columns."`
	Columns   []string `json:"columns,omitempty" maxItems:"500" doc:"What each column holds; empty for one that is left out."`
	Known     string   `json:"known,omitempty" enum:"merge,skip,create" doc:"What becomes of rows whose person or company is known already."`
	Owner     *Owner   `json:"owner,omitempty" doc:"Of leads whose row names none."`
	Source    string   `json:"source,omitempty" maxLength:"60"`
	Medium    string   `json:"medium,omitempty" maxLength:"60"`
	Campaign  string   `json:"campaign,omitempty" maxLength:"80"`
}

func planOf(p lead.Plan) ImportPlan {
	out := ImportPlan{
		Format: string(p.Format), Encoding: string(p.Encoding), Sheet: p.Sheet, Language: string(p.Language), Header: p.Header, Known: string(p.Known),
		Columns: each(p.Columns, func(f tabular.Field) string { return string(f) }), Source: p.Source, Medium: p.Medium, Campaign: p.Campaign,
	}
	if p.Delimiter != 0 {
		out.Delimiter = string(p.Delimiter)
	}
	if p.Owner != (party.Owner{}) {
		out.Owner = &Owner{p.Owner.User, p.Owner.Team}
	}
	return out
}

func (p ImportPlan) plan() lead.Plan {
	out := lead.Plan{
		Format: lead.Format(p.Format), Encoding: tabular.Encoding(p.Encoding), Sheet: p.Sheet, Language: locale.Language(p.Language), Header: p.Header,
		Columns: words[tabular.Field](p.Columns), Known: lead.Policy(p.Known), Owner: p.Owner.owner(), Source: p.Source, Medium: p.Medium, Campaign: p.Campaign,
	}
	for _, r := range p.Delimiter {
		out.Delimiter = r
	}
	return out
}

// ImportPreview is what a file would become; nothing is written for it.
type ImportPreview struct {
	Plan       ImportPlan         `json:"plan" doc:"The proposal: correct it and send it with the file."`
	Remembered bool               `json:"remembered" doc:"The columns are mapped as they were for the last file with this header."`
	Sheets     []string           `json:"sheets"`
	Rows       []ImportPreviewRow `json:"rows" doc:"The first ones as they would be taken in."`
	Faults     []RowFault         `json:"faults" doc:"All that is wrong in the first thousand rows."`
	Looked     int                `json:"looked" doc:"How many rows were looked at."`
}

// ImportPreviewRow is a row as it would be taken in, or what is wrong with it.
type ImportPreviewRow struct {
	Line   int        `json:"line"`
	Cells  []string   `json:"cells"`
	Name   string     `json:"name,omitempty"`
	Email  string     `json:"email,omitempty"`
	Phone  string     `json:"phone,omitempty"`
	Faults []RowFault `json:"faults"`
}

// RowFault is one thing that is wrong with a row.
type RowFault struct {
	Line       int    `json:"line"`
	Column     int    `json:"column,omitempty" doc:"From 1; left out for the whole row."`
	ColumnName string `json:"column_name,omitempty"`
	Code       string `json:"code"`
	Message    string `json:"message"`
}

// importInput is a file with its plan. The form has the part file, and for an import the part plan, which
// is JSON.
type importInput struct{ Upload }

// source gives the one file of the form.
func (in *importInput) source() (lead.Source, error) {
	headers := in.RawBody.File["file"]
	if len(headers) != 1 || len(in.RawBody.File) != 1 {
		return lead.Source{}, invalid("file", "required", "send exactly one file, in the part named file")
	}
	content, err := readPart(headers[0])
	return lead.Source{Name: headers[0].Filename, File: bytes.NewReader(content), Size: int64(len(content))}, err
}

func (in *importInput) bytes() []byte {
	all := in.Upload.bytes()
	for _, text := range in.RawBody.Value["plan"] {
		all = append(all, text...)
	}
	return all
}

func (in *importInput) plan() (lead.Plan, error) {
	texts := in.RawBody.Value["plan"]
	if len(texts) != 1 {
		return lead.Plan{}, invalid("plan", "required", "is missing; send the plan of the preview as JSON in the part named plan")
	}
	var p ImportPlan
	if err := strict([]byte(texts[0]), &p); err != nil {
		return lead.Plan{}, invalid("plan", "json", "is no plan: %s", err)
	}
	return p.plan(), nil
}

func (a *server) imports() {
	const tag = "Imports"
	may := rights(actor.LeadImport)
	add(a, route{ID: "preview-import", Method: http.MethodPost, Path: "/imports/preview", Tag: tag, Rights: may, Media: "multipart/form-data", Body: a.config.Upload, Summary: "Look at a file: how it would be read, and what is wrong in it", Doc: "Writes nothing. The form has one part, file: CSV, Excel or vCard."},
		func(ctx context.Context, m *crm.Module, in *importInput) (*Out[ImportPreview], error) {
			src, err := in.source()
			if err != nil {
				return nil, err
			}
			p, err := m.Leads.Preview(ctx, src, lead.PreviewOptions{})
			return &Out[ImportPreview]{importPreviewOf(callOf(ctx).language(), p)}, err
		})
	add(a, route{ID: "import-leads", Method: http.MethodPost, Path: "/imports", Tag: tag, Rights: may, Status: http.StatusCreated, Apart: true, Media: "multipart/form-data", Body: a.config.Upload, Summary: "Take a file in", Doc: "The form has two parts: file, and plan as JSON. It is taken in chunk by chunk; after a crash the same request goes on where it broke off."},
		func(ctx context.Context, m *crm.Module, in *importInput) (*Made[Import], error) {
			src, err := in.source()
			plan, failed := in.plan()
			if err := errors.Join(err, failed); err != nil {
				return nil, err
			}
			i, err := m.Leads.Import(ctx, src, plan)
			return &Made[Import]{etag(i.Version), callOf(ctx).r.URL.Path + "/" + i.ID.String(), importOf(i)}, err
		})
	add(a, route{ID: "list-imports", Method: http.MethodGet, Path: "/imports", Tag: tag, Rights: may, Summary: "List the imports, the latest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
		}) (*Listed[Import], error) {
			all, err := m.Leads.Imports(ctx, in.page())
			next := ""
			if n := len(all); n > 0 && n == in.page().Size() {
				next = store.Cursor(all[n-1].CreatedAt, all[n-1].ID)
			}
			return listed(callOf(ctx), each(all, importOf), next), err
		})
	importID := func(id ID) lead.ImportID { return keyOf[lead.ImportTag](id) }
	add(a, route{ID: "get-import", Method: http.MethodGet, Path: "/imports/{id}", Tag: tag, Rights: may, Summary: "Read an import, also while it runs"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[Import], error) {
			i, err := m.Leads.GetImport(ctx, importID(in.ID))
			return &Tagged[Import]{etag(i.Version), importOf(i)}, err
		})
	add(a, route{ID: "get-import-rejects", Method: http.MethodGet, Path: "/imports/{id}/rejects.csv", Tag: tag, Rights: may, Gives: "text/csv; charset=utf-8", Summary: "Read the rows that were not taken in, to correct and import again", Doc: "That it was read is noted in the audit log."},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*file, error) {
			var b bytes.Buffer
			_, err := m.Leads.Rejects(ctx, importID(in.ID), &b)
			return &file{"text/csv; charset=utf-8", disposition("rejects.csv"), b.Bytes()}, err
		})
	add(a, route{ID: "undo-import", Method: http.MethodPost, Path: "/imports/{id}/undo", Tag: tag, Rights: may, Apart: true, Summary: "Remove the leads of an import that nobody worked with"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Out[ImportUndone], error) {
			u, err := m.Leads.UndoImport(ctx, importID(in.ID))
			kept := each(u.Kept, func(k lead.KeptLead) KeptLead { return KeptLead{idOf(k.Lead), k.Reason} })
			return &Out[ImportUndone]{ImportUndone{u.Leads, u.Parties, kept, u.KeptCount}}, err
		})
}

// ImportUndone is what taking an import back did.
type ImportUndone struct {
	Leads     int        `json:"leads" doc:"How many were removed."`
	Parties   int        `json:"parties"`
	Kept      []KeptLead `json:"kept" doc:"Leads that somebody works with; at most 1000 are listed."`
	KeptCount int        `json:"kept_count"`
}

// KeptLead is a lead that an undone import left.
type KeptLead struct {
	LeadID ID     `json:"lead_id"`
	Reason string `json:"reason" example:"activity"`
}

func importPreviewOf(lang locale.Language, p lead.Preview) ImportPreview {
	faults := func(all []tabular.RowError) []RowFault {
		return each(all, func(e tabular.RowError) RowFault { return RowFault{e.Line, e.Column, e.ColumnName, e.Code, e.In(lang)} })
	}
	return ImportPreview{
		Plan: planOf(p.Plan), Remembered: p.Remembered, Sheets: some(p.Sheets), Faults: faults(p.Faults), Looked: p.Looked,
		Rows: each(p.Rows, func(r lead.PreviewRow) ImportPreviewRow {
			return ImportPreviewRow{r.Line, some(r.Cells), r.Party.DisplayName, r.Party.Email, r.Party.Phone, faults(r.Faults)}
		}),
	}
}
