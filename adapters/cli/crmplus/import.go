package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
)

// imported is the answer of import.
type imported struct {
	OK      bool            `json:"ok"`
	File    string          `json:"file"`
	Format  string          `json:"format"`
	Columns []importedField `json:"columns"`
	Read    int64           `json:"rows_read"`
	Taken   int64           `json:"leads"`
	Merged  int64           `json:"merged"`
	Skipped int64           `json:"skipped"`
	Bad     int64           `json:"bad"`
	// Faults are what is wrong with the first rows, in a preview.
	Faults []string `json:"faults,omitempty"`
	ID     string   `json:"import,omitempty"`
}

type importedField struct {
	Header string `json:"header"`
	Field  string `json:"field"`
}

func importLeads(ctx context.Context, c *call) (int, error) {
	if err := c.needs("db", "map", "file", "company", "user"); err != nil {
		return misused, err
	}
	file, err := os.Open(c.file)
	if err != nil {
		return misused, misuse("the file %s cannot be opened: %s", c.file, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return misused, err
	}
	return c.with(ctx, func(module *crm.Module) (int, error) {
		return c.takeIn(c.importer(ctx), module, lead.Source{Name: filepath.Base(c.file), File: file, Size: info.Size()})
	})
}

// importer is the user who imports, with the rights that takes.
func (c *call) importer(ctx context.Context) context.Context {
	who := actor.User{
		Company: c.company, ID: c.user, Name: c.user, See: actor.All,
		Rights: actor.Rights{actor.LeadRead, actor.LeadWrite, actor.LeadCapture, actor.LeadAssign, actor.LeadImport},
	}
	return actor.With(ctx, who.Actor())
}

func (c *call) takeIn(ctx context.Context, module *crm.Module, src lead.Source) (int, error) {
	preview, err := module.Leads.Preview(ctx, src, lead.PreviewOptions{})
	if err != nil {
		return problems, err
	}
	plan := preview.Plan
	plan.Source, plan.Known = c.source, lead.Policy(c.known)
	out := imported{File: src.Name, Format: string(plan.Format), Columns: []importedField{}}
	for i, name := range plan.Header {
		out.Columns = append(out.Columns, importedField{name, string(plan.Columns[i])})
	}
	if c.preview {
		for _, f := range preview.Faults {
			out.Faults = append(out.Faults, fmt.Sprintf("line %d, %s: %s", f.Line, f.ColumnName, f.Reason))
		}
		out.OK, out.Bad, out.Read = true, int64(len(preview.Faults)), int64(preview.Looked)
		return well, c.tell(out, "")
	}
	done, err := module.Leads.Import(ctx, src, plan)
	if err != nil {
		return problems, err
	}
	out.OK = done.RowsBad == 0 && done.Failure == ""
	out.Read, out.Taken, out.Merged, out.Skipped, out.Bad = done.RowsRead, done.RowsTaken, done.RowsMerged, done.RowsSkipped, done.RowsBad
	out.ID = done.ID.String()
	if done.RowsBad > 0 && c.rejects != "" {
		if err := c.writeRejects(ctx, module, done.ID); err != nil {
			return problems, err
		}
	}
	code := well
	if !out.OK {
		code = problems
	}
	return code, c.tell(out, done.Failure)
}

func (c *call) writeRejects(ctx context.Context, module *crm.Module, id lead.ImportID) error {
	file, err := os.Create(c.rejects)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the rejects cannot be written")
	}
	if _, err := module.Leads.Rejects(ctx, id, file); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

// tell prints what became of the file.
func (c *call) tell(out imported, failure string) error {
	if c.json {
		return c.answer(out)
	}
	c.say("%s (%s)", out.File, out.Format)
	width := 0
	for _, f := range out.Columns {
		width = max(width, len([]rune(f.Header)))
	}
	for _, f := range out.Columns {
		field := f.Field
		if field == "" {
			field = "(left out)"
		}
		c.say("  %-*s -> %s", width, f.Header, field)
	}
	for _, f := range out.Faults {
		c.say("  %s", f)
	}
	if out.ID == "" {
		c.say("%s looked at, %d of them bad; nothing was written.", counted(out.Read, "row"), out.Bad)
		return nil
	}
	c.say("%s: %s, %d merged, %d skipped, %d bad.", counted(out.Read, "row"), counted(out.Taken, "lead"), out.Merged, out.Skipped, out.Bad)
	switch {
	case failure != "":
		c.say("The file could not be read to its end: %s", failure)
	case out.Bad > 0 && c.rejects != "":
		c.say("The bad rows are in %s, each with its reason; correct them there and import that file.", c.rejects)
	case out.Bad > 0:
		c.say("Import %s: give -rejects FILE to have the bad rows written into a file. They are kept until then.", strconv.Quote(out.ID))
	}
	return nil
}
