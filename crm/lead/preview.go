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
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/tabular"
	"github.com/crmplus/crmplus/crm/vcard"
)

// How much of a file a preview looks at.
const (
	previewRows   = 20
	previewFaults = 1000
	guessRows     = 50
)

// Preview is what a file would become; nothing is written for it.
type Preview struct {
	// Plan is the proposal: correct it and hand it to Import.
	Plan Plan
	// Guesses say how sure each column of a table is, in the order of the header.
	Guesses []tabular.ColumnGuess
	// Remembered is set where the columns are mapped as they were for the last file with this header.
	Remembered bool
	// HeaderLine is 0 where the file has no header and the names of the columns are made up.
	HeaderLine int
	Sheets     []string
	// Rows are the first ones as they would be taken in.
	Rows []PreviewRow
	// Faults are all that is wrong in the first thousand rows; Looked is how many there were.
	Faults []tabular.RowError
	Looked int
}

// PreviewRow is a row as it would be taken in, or what is wrong with it.
type PreviewRow struct {
	Line   int
	Cells  []string
	Lead   Lead
	Party  party.Party
	Faults []tabular.RowError
}

// PreviewOptions override what would be guessed. Columns, where given, are mapped as they say.
type PreviewOptions struct {
	Encoding  tabular.Encoding
	Delimiter rune
	Sheet     string
	Language  locale.Language
	Columns   []tabular.Field
}

// Preview looks at the beginning of a file: its kind, encoding, delimiter and language, what its
// columns hold, the first rows as leads, and what is wrong in the first thousand.
func (l *Leads) Preview(ctx context.Context, src Source, o PreviewOptions) (Preview, error) {
	var out Preview
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadImport); err != nil {
			return err
		}
		var err error
		out, err = l.In(s).preview(ctx, s, src, o)
		return err
	})
	return out, err
}

func (l *Leads) preview(ctx context.Context, s *store.Session, src Source, o PreviewOptions) (Preview, error) {
	format, err := formatOf(src)
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Plan: Plan{Format: format, Language: o.Language, Known: MergeKnown}}
	if out.Plan.Language == "" {
		out.Plan.Language = l.parties.LocaleOf(s).Language
	}
	if format == VCard {
		return out, l.previewRows(ctx, s, &out, cardFile{vcard.NewDecoder(src.reader(), vcard.Options{Language: out.Plan.Language})})
	}
	table, err := tabular.Open(src.reader(), tabular.Options{Encoding: o.Encoding, Delimiter: o.Delimiter, Sheet: o.Sheet, Language: out.Plan.Language})
	if err != nil {
		return out, err
	}
	defer table.Close()
	if err := l.mapColumns(ctx, s, &out, table, o); err != nil {
		return out, err
	}
	if err := out.Plan.validate(); err != nil {
		// A file of which nothing is known is shown all the same, for a person to map it.
		if len(o.Columns) > 0 {
			return out, err
		}
	}
	return out, l.previewRows(ctx, s, &out, tableFile{table})
}

// mapColumns proposes the plan for a table.
func (l *Leads) mapColumns(ctx context.Context, s *store.Session, out *Preview, table *tabular.Table, o PreviewOptions) error {
	sample, err := table.Peek(guessRows)
	if err != nil {
		return err
	}
	plan := &out.Plan
	if o.Language == "" {
		plan.Language = tabular.GuessLanguage(table.Header, sample)
	}
	plan.Encoding, plan.Delimiter, plan.Sheet, plan.Header = table.Encoding, table.Delimiter, table.Sheet, table.Header
	out.HeaderLine, out.Sheets = table.HeaderLine, table.Sheets
	out.Guesses = tabular.GuessMapping(table.Header, sample, plan.Language)
	plan.Columns = make([]tabular.Field, len(table.Header))
	for i, g := range out.Guesses {
		if g.Confidence >= 0.5 {
			plan.Columns[i] = g.Field
		}
	}
	fields, err := s.Fields(ctx, customKind)
	if err != nil {
		return err
	}
	ownColumns(plan, fields)
	remembered, err := l.remembered(ctx, s, table.Header)
	if err != nil {
		return err
	}
	switch {
	case len(o.Columns) > 0:
		plan.Columns = o.Columns
	case remembered != nil:
		plan.Columns, plan.Known, out.Remembered = remembered.Columns, remembered.Known, true
		if o.Language == "" {
			plan.Language = remembered.Language
		}
	}
	return nil
}

// ownColumns maps columns that are headed by the name or a label of a custom field.
func ownColumns(plan *Plan, fields []store.CustomField) {
	for i, header := range plan.Header {
		head := party.Fold(header)
		for _, f := range fields {
			column := tabular.Field(customField + f.Name)
			named := head == party.Fold(f.Name) || head == party.Fold(f.Label)
			for _, label := range f.Rules.Labels {
				named = named || head == party.Fold(label)
			}
			if named && head != "" && !slices.Contains(plan.Columns, column) {
				plan.Columns[i] = column
			}
		}
	}
}

func (l *Leads) previewRows(ctx context.Context, s *store.Session, out *Preview, file rowFile) error {
	reader := newRowReader(out.Plan, l.parties.LocaleOf(s), s.Now)
	if err := l.equip(ctx, s, reader); err != nil {
		return err
	}
	for out.Looked < previewFaults {
		if err := ctx.Err(); err != nil {
			return err
		}
		raw, err := file.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		out.Looked++
		row := reader.read(raw)
		out.Faults = append(out.Faults, row.bad...)
		if len(out.Rows) == previewRows {
			continue
		}
		shown := PreviewRow{Line: raw.line, Cells: raw.cells, Faults: row.bad}
		if row.p != nil {
			shown.Lead, shown.Party = row.p.lead, row.p.primary.Party
		}
		out.Rows = append(out.Rows, shown)
	}
	return nil
}

// mappingRow is what is remembered of a mapping.
type mappingRow struct {
	bun.BaseModel `bun:"table:crm_import_mapping,alias:mapping_row"`

	ID store.Key[mappingRow] `bun:"id,pk"`
	store.Record
	// Fingerprint is the SHA-256 of the header.
	Fingerprint string `bun:"fingerprint,type:nvarchar(64)"`
	// Mapping is JSON: the [Plan].
	Mapping string `bun:"mapping"`
}

func fingerprint(header []string) string {
	sum := sha256.Sum256([]byte(strings.Join(header, "\x1f")))
	return hex.EncodeToString(sum[:])
}

// remember keeps the mapping for the next file with this header.
func (l *Leads) remember(ctx context.Context, s *store.Session, plan Plan) error {
	if len(plan.Header) == 0 {
		return nil
	}
	plan.Owner = party.Owner{}
	text, err := json.Marshal(plan)
	if err != nil {
		return fmt.Errorf("the plan of the import: %w", err)
	}
	was, err := l.mapping(ctx, s, plan.Header)
	switch {
	case err != nil:
		return err
	case was.ID.IsZero():
		return s.Insert(ctx, &mappingRow{ID: store.NewKey[mappingRow](s), Fingerprint: fingerprint(plan.Header), Mapping: string(text)})
	}
	next := was
	next.Mapping = string(text)
	return s.Save(ctx, &was, &next)
}

func (l *Leads) mapping(ctx context.Context, s *store.Session, header []string) (mappingRow, error) {
	var rows []mappingRow
	if err := s.Select(&rows).Where("mapping_row.fingerprint = ?", fingerprint(header)).Scan(ctx); err != nil {
		return mappingRow{}, fmt.Errorf("looking for the mapping of the header: %w", err)
	}
	for _, row := range rows {
		if row.Company == s.Actor.Company {
			return row, nil
		}
	}
	return mappingRow{}, nil
}

// remembered gives the plan of the last file with this header, nil where there was none.
func (l *Leads) remembered(ctx context.Context, s *store.Session, header []string) (*Plan, error) {
	row, err := l.mapping(ctx, s, header)
	if err != nil || row.ID.IsZero() {
		return nil, err
	}
	var plan Plan
	if err := json.Unmarshal([]byte(row.Mapping), &plan); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "the remembered mapping is damaged; import the file with columns of your own")
	}
	return &plan, nil
}
