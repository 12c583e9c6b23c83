package lead

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/tabular"
)

// ImportTag is the noun of import ids.
type ImportTag struct{}

// ImportID identifies an import.
type ImportID = store.Key[ImportTag]

// Import is one file that was, or is being, taken in.
type Import struct {
	bun.BaseModel `bun:"table:crm_import,alias:import_row"`

	ID ImportID `bun:"id,pk" json:"id"`
	store.Record
	FileName string `bun:"file_name,type:nvarchar(200)" json:"file_name"`
	// FileHash is the SHA-256 of the file in hexadecimal; by it an import that broke off is found again.
	FileHash string `bun:"file_hash,type:nvarchar(64)" json:"file_hash"`
	Format   Format `bun:"format,type:nvarchar(10)" json:"format"`
	Encoding string `bun:"encoding,type:nvarchar(20)" json:"encoding"`
	// Mapping is JSON: the [Plan].
	Mapping string      `bun:"mapping" json:"-"`
	State   ImportState `bun:"state,type:nvarchar(12)" json:"state"`
	// RowsRead are all rows so far: RowsTaken became leads, RowsMerged touches of leads that were
	// there, RowsSkipped were known and left out, RowsBad stand in the rejects.
	RowsRead    int64 `bun:"rows_read" json:"rows_read"`
	RowsTaken   int64 `bun:"rows_taken" json:"rows_taken"`
	RowsMerged  int64 `bun:"rows_merged" json:"rows_merged"`
	RowsSkipped int64 `bun:"rows_skipped" json:"rows_skipped"`
	RowsBad     int64 `bun:"rows_bad" json:"rows_bad"`
	// NextRow is the row, from 0, with which an import that broke off goes on.
	NextRow    int64     `bun:"next_row" json:"next_row"`
	FinishedAt time.Time `bun:"finished_at,nullzero" json:"finished_at"`
	UndoneAt   time.Time `bun:"undone_at,nullzero" json:"undone_at"`
	// Failure is why the file could not be read to its end, "" for none.
	Failure string `bun:"failure,type:nvarchar(1000)" json:"failure"`
}

// ImportState is where an import stands.
type ImportState string

// The states of an import.
const (
	// Running also is one that broke off; the same file with the same plan goes on with it.
	Running  ImportState = "running"
	Finished ImportState = "finished"
	Undone   ImportState = "undone"
)

// Format is the kind of a file.
type Format string

// The formats.
const (
	CSV      Format = "csv"
	Workbook Format = "xlsx"
	VCard    Format = "vcard"
)

// Source is a file: an *os.File, a bytes.Reader, an upload.
type Source struct {
	// Name is shown, and its ending counts where the bytes do not tell.
	Name string
	File io.ReaderAt
	Size int64
}

func (src Source) reader() *io.SectionReader { return io.NewSectionReader(src.File, 0, src.Size) }

// Policy says what becomes of a row whose person or company is certainly known already, from before
// or from the same file.
type Policy string

// The policies.
const (
	// MergeKnown adds a touch to the open lead and fills its empty fields; where there is no open lead
	// the row becomes a new lead of the known party. It is the default.
	MergeKnown Policy = "merge"
	// SkipKnown leaves the row out.
	SkipKnown Policy = "skip"
	// CreateAnyway makes a lead with a party of its own.
	CreateAnyway Policy = "create"
)

// Plan says how a file is read. [Leads.Preview] proposes one.
type Plan struct {
	Format    Format           `json:"format"`
	Encoding  tabular.Encoding `json:"encoding,omitempty"`
	Delimiter rune             `json:"delimiter,omitempty"`
	Sheet     string           `json:"sheet,omitempty"`
	// Language is what dates and decimal marks are read in, and what is spoken to leads whose row
	// does not say.
	Language locale.Language `json:"language"`
	// Header are the names of the columns, Columns what they hold: a tabular field, "custom." with the
	// name of a custom field, or "" for a column that is left out. Both are empty for vCards.
	Header  []string        `json:"header,omitempty"`
	Columns []tabular.Field `json:"columns,omitempty"`
	Known   Policy          `json:"known"`
	// Owner is given to all leads whose row names none.
	Owner party.Owner `json:"owner"`
	// Source, Medium and Campaign stand for rows that have none.
	Source   string `json:"source,omitempty"`
	Medium   string `json:"medium,omitempty"`
	Campaign string `json:"campaign,omitempty"`
}

// customField is how columns that hold a custom field are marked.
const customField = "custom."

func (p Plan) validate() error {
	var faults fault.List
	if !slices.Contains([]Format{CSV, Workbook, VCard}, p.Format) {
		faults.Add("format", "choice", "%q is no format; choose csv, xlsx or vcard", string(p.Format))
	}
	if !slices.Contains([]Policy{MergeKnown, SkipKnown, CreateAnyway}, p.Known) {
		faults.Add("known", "choice", "%q is no policy; choose merge, skip or create", string(p.Known))
	}
	if !slices.Contains(locale.Languages, p.Language) {
		faults.Add("language", "choice", "%q is no language; choose one of %v", string(p.Language), locale.Languages)
	}
	if p.Format != VCard {
		p.validateColumns(&faults)
	}
	return faults.Err("the file cannot be imported this way")
}

func (p Plan) validateColumns(faults *fault.List) {
	if len(p.Columns) != len(p.Header) {
		faults.Add("columns", "length", "%d columns are mapped, the header has %d", len(p.Columns), len(p.Header))
		return
	}
	seen := map[tabular.Field]int{}
	for i, field := range p.Columns {
		path := fmt.Sprintf("columns[%d]", i)
		switch before, twice := seen[field]; {
		case field == "":
			continue
		case twice:
			faults.Add(path, "duplicate", "%q and %q both are %s; leave one out", p.Header[before], p.Header[i], field)
		case !slices.Contains(tabular.Fields, field) && !strings.HasPrefix(string(field), customField):
			faults.Add(path, "choice", "%q is no field", string(field))
		}
		seen[field] = i
	}
	if len(seen) == 0 {
		faults.Add("columns", "required", "no column is mapped; say what at least one of them holds")
	}
}

// Import takes a file in, chunk by chunk, each in a transaction of its own, so that nobody waits long
// and a crash loses nothing: the same file with the same plan goes on where it broke off, also in
// another process. A file that was imported to the end is refused the second time, until that import
// is undone. Bad rows are kept with line, column and reason; see [Leads.Rejects].
//
// It must not be called inside a transaction of the host. It needs the right actor.LeadImport; the
// leads belong to whom the plan or the row names, else to nobody. Memory does not grow with the file.
func (l *Leads) Import(ctx context.Context, src Source, plan Plan) (Import, error) {
	if l.db.Bound() {
		return Import{}, fault.New(fault.Invalid, "an import commits chunk by chunk and cannot run inside another transaction; call it outside")
	}
	a, err := actor.From(ctx)
	if err != nil {
		return Import{}, err
	}
	if err := a.Require(actor.LeadImport); err != nil {
		return Import{}, err
	}
	if plan.Known == "" {
		plan.Known = MergeKnown
	}
	if err := plan.validate(); err != nil {
		return Import{}, err
	}
	run, err := l.begin(ctx, src, plan)
	if err != nil {
		return Import{}, err
	}
	return run.all(ctx)
}

// begin finds the import that broke off, or writes a new one.
func (l *Leads) begin(ctx context.Context, src Source, plan Plan) (*importRun, error) {
	hash, err := hashOf(ctx, src)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return nil, fmt.Errorf("the plan of the import: %w", err)
	}
	run := &importRun{leads: l, src: src, plan: plan}
	err = l.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadImport); err != nil {
			return err
		}
		if err := l.serialize(ctx, s, []string{"import " + hash}); err != nil {
			return err
		}
		var before []Import
		if err := s.Select(&before).Where("import_row.file_hash = ?", hash).OrderExpr("import_row.id DESC").Scan(ctx); err != nil {
			return fmt.Errorf("looking for the import that broke off: %w", err)
		}
		for _, b := range before {
			switch {
			case b.State == Running && b.Mapping == string(text):
				run.row = b
				return nil
			case b.State == Running:
				return fault.New(fault.Conflict, "the import of %s from %s broke off; go on with its plan, or undo it first", b.FileName, b.CreatedAt.Format("2006-01-02 15:04"))
			case b.State == Finished:
				return fault.New(fault.Conflict, "the file was already imported as %s on %s; undo that import first", b.FileName, b.CreatedAt.Format("2006-01-02 15:04"))
			}
		}
		run.row = Import{
			ID: store.NewKey[ImportTag](s), FileName: party.Clean(src.Name, 200), FileHash: hash, Format: plan.Format,
			Encoding: string(plan.Encoding), Mapping: string(text), State: Running,
		}
		if err := s.Insert(ctx, &run.row); err != nil {
			return err
		}
		return l.remember(ctx, s, plan)
	})
	return run, err
}

// hashOf reads the file once for its SHA-256.
func hashOf(ctx context.Context, src Source) (string, error) {
	h := sha256.New()
	r := src.reader()
	for {
		if err := ctx.Err(); err != nil {
			return "", fault.Wrap(err, fault.Unavailable, "the work was cancelled; nothing was written")
		}
		_, err := io.CopyN(h, r, 1<<20)
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", fault.Wrap(err, fault.Unavailable, "the file %s cannot be read", src.Name)
		}
	}
}

// GetImport reads an import, also while it runs.
func (l *Leads) GetImport(ctx context.Context, id ImportID) (Import, error) {
	var out Import
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadImport); err != nil {
			return err
		}
		out = Import{}
		return s.Get(ctx, &out, id)
	})
	return out, err
}

// Imports lists the company's imports, the latest first; the next page is asked for with
// store.Cursor(last.CreatedAt, last.ID).
func (l *Leads) Imports(ctx context.Context, page store.Page) ([]Import, error) {
	var out []Import
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadImport); err != nil {
			return err
		}
		out = nil
		return s.Paged(s.Select(&out), store.Order{Column: "import_row.created_at", ID: "import_row.id", Desc: true}, page).Scan(ctx)
	})
	return out, err
}

// importFault is a row that was not taken in.
type importFault struct {
	bun.BaseModel `bun:"table:crm_import_fault,alias:import_fault"`

	ImportID   ImportID `bun:"import_id,pk"`
	Line       int64    `bun:"line,pk"`
	Company    string   `bun:"company,type:nvarchar(40)"`
	Column     int      `bun:"column_no"`
	ColumnName string   `bun:"column_name,type:nvarchar(120)"`
	Reason     string   `bun:"reason,type:nvarchar(400)"`
	// Cells is a JSON list of the row's cells.
	Cells string `bun:"cells"`
}

// Rejects writes the rows of an import that were not taken in, with line, column and reason in front,
// as a CSV file that can be corrected in a spreadsheet and imported again. It gives their number. Who asked for it is noted in
// the log of changes before anything leaves.
func (l *Leads) Rejects(ctx context.Context, id ImportID, w io.Writer) (int, error) {
	err := l.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadImport); err != nil {
			return err
		}
		var row Import
		if err := s.Get(ctx, &row, id); err != nil {
			return err
		}
		return s.Audit(ctx, store.Entry{Action: "export", Kind: "import", Record: id.Bytes(), Changes: []store.Change{{Field: "rows", To: strconv.FormatInt(row.RowsBad, 10)}}})
	})
	if err != nil {
		return 0, err
	}
	n := 0
	err = l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadImport); err != nil {
			return err
		}
		var row Import
		if err := s.Get(ctx, &row, id); err != nil {
			return err
		}
		var plan Plan
		if err := json.Unmarshal([]byte(row.Mapping), &plan); err != nil {
			return fmt.Errorf("the plan of import %s: %w", id, err)
		}
		header := plan.Header
		if plan.Format == VCard {
			header = cardHeader()
		}
		out := tabular.NewRejects(w, header, tabular.RejectsOptions{Delimiter: plan.Delimiter, Language: plan.Language})
		for after := int64(-1); ; {
			var faults []importFault
			err := s.Query(ctx, &faults, store.From[importFault]("f"),
				"SELECT f.* FROM crm_import_fault AS f WHERE {scope} AND f.import_id = ? AND f.line > ? ORDER BY f.line"+s.Limit(store.MaxLimit), id, after)
			if err != nil {
				return fmt.Errorf("reading rejected rows: %w", err)
			}
			for _, f := range faults {
				var cells []string
				if err := json.Unmarshal([]byte(f.Cells), &cells); err != nil {
					return fmt.Errorf("line %d of import %s: %w", f.Line, id, err)
				}
				out.Write(tabular.Row{Line: int(f.Line), Cells: cells}, tabular.RowError{Line: int(f.Line), Column: f.Column, ColumnName: f.ColumnName, Reason: f.Reason})
				after = f.Line
			}
			if len(faults) < store.MaxLimit {
				break
			}
		}
		n = out.Rows()
		return out.Flush()
	})
	return n, err
}
