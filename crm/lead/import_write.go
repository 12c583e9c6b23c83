package lead

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// slowRows is how many rows one transaction takes that change what is there already, row by row; the
// rest of the chunk waits for the next one, so that no transaction becomes long.
const slowRows = 60

// write takes a chunk in, in one transaction or, where many of its rows are known, in several.
func (r *importRun) write(ctx context.Context, c *chunk) error {
	answers, err := r.askElsewhere(ctx, c.rows)
	if err != nil {
		return err
	}
	for len(c.rows) > 0 {
		var w *chunkWriter
		err := r.leads.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error {
			if err := s.Actor.Require(actor.LeadImport); err != nil {
				return err
			}
			w = &chunkWriter{leads: r.leads.In(s), s: s, plan: r.plan, host: answers}
			if err := s.Lock(ctx, &w.row, r.row.ID); err != nil {
				return err
			}
			if w.row.State != Running || w.row.NextRow != c.first {
				return fault.New(fault.Conflict, "the import is being run by somebody else, or was undone; look at it again")
			}
			return w.run(ctx, c.rows)
		})
		if err != nil {
			return err
		}
		r.row = w.row
		n := len(w.rows)
		c.first, c.rows = c.first+int64(n), c.rows[n:]
		if answers != nil {
			answers = answers[n:]
		}
	}
	return nil
}

// chunkWriter writes rows in one transaction. The slices run beside rows.
type chunkWriter struct {
	leads *Leads
	s     *store.Session
	plan  Plan
	row   Import
	rows  []importRow
	host  []hostAnswer

	// known is the party that a row certainly is, open its open lead.
	known []party.Known
	open  []*Lead
	// twin is the earlier row that is the same, -1 for none.
	twin []int

	fresh   []*party.Prepared
	added   []Lead
	touches []Touch
	fact    ImportedFact
}

func (w *chunkWriter) run(ctx context.Context, rows []importRow) error {
	if err := w.leads.serializeAll(ctx, w.s); err != nil {
		return err
	}
	restore := widen(w.s)
	defer restore()
	w.rows = rows
	if err := w.recognise(ctx); err != nil {
		return err
	}
	w.cut()
	if err := w.organize(ctx); err != nil {
		return err
	}
	for i := range w.rows {
		if err := w.place(ctx, i); err != nil {
			return fmt.Errorf("line %d: %w", w.rows[i].line, err)
		}
	}
	if err := w.leads.parties.AddMany(ctx, w.fresh); err != nil {
		return err
	}
	if err := w.s.InsertMany(ctx, &w.added); err != nil {
		return err
	}
	if err := w.s.InsertMany(ctx, &w.touches); err != nil {
		return err
	}
	if err := w.custom(ctx); err != nil {
		return err
	}
	if err := w.reject(ctx); err != nil {
		return err
	}
	return w.progress(ctx)
}

// cut leaves the rows behind the last one that this transaction has time for.
func (w *chunkWriter) cut() {
	slow := 0
	for i := range w.rows {
		if w.slow(i) {
			slow++
		}
		if slow == slowRows {
			w.rows = w.rows[:i+1]
			return
		}
	}
}

// slow reports whether a row changes what is there already.
func (w *chunkWriter) slow(i int) bool {
	p := w.rows[i].p
	if p == nil || w.known[i].Party.ID.IsZero() || w.plan.Known == SkipKnown {
		return len(p.customValues()) > 0
	}
	if w.known[i].Adds(p.primary) || w.open[i] == nil || w.open[i].ID.IsZero() {
		return true
	}
	next := *w.open[i]
	complete(&next, p, w.leads.parties.LocaleOf(w.s))
	return next.Interest != w.open[i].Interest || next.ExternalID != w.open[i].ExternalID || next.Organization != w.open[i].Organization || !next.ExpectedValue.Equal(w.open[i].ExpectedValue)
}

// place decides what becomes of a row.
func (w *chunkWriter) place(ctx context.Context, i int) error {
	p := w.rows[i].p
	w.row.RowsRead++
	known := w.known[i].Party.ID
	switch {
	case p == nil:
		w.row.RowsBad++
	case w.plan.Known == SkipKnown && (!known.IsZero() || w.twin[i] >= 0):
		w.row.RowsSkipped++
	case w.twin[i] >= 0:
		first := w.rows[w.twin[i]].p
		first.primary.Complete(p.primary)
		at := first.at - 1
		complete(&w.added[at], p, w.leads.parties.LocaleOf(w.s))
		w.touch(p, w.added[at])
		w.row.RowsMerged++
	case !known.IsZero() && !w.open[i].ID.IsZero():
		w.row.RowsMerged++
		return w.again(ctx, i)
	case !known.IsZero():
		if _, err := w.leads.parties.Fill(ctx, known, p.primary); err != nil {
			return err
		}
		lead := w.add(p, known)
		*w.open[i] = lead
	default:
		w.fresh = append(w.fresh, p.primary)
		w.add(p, p.primary.Party.ID)
	}
	return nil
}

// add makes the new lead of a row, to be inserted with the others.
func (w *chunkWriter) add(p *Prepared, who party.ID) Lead {
	lead := p.lead
	if !p.dated { // rows without a date come one chunk after the other, not all at one instant
		lead.ArrivedAt, p.touch.At = w.s.Now, w.s.Now
	}
	lead.ID, lead.PartyID, lead.ImportID = store.NewKey[Tag](w.s), who, w.row.ID
	if lead.OrganizationID = p.firm; p.primary.Party.Kind == party.Company {
		lead.OrganizationID = who
	}
	w.added = append(w.added, lead)
	p.at = len(w.added)
	w.fact.Leads = append(w.fact.Leads, lead.ID)
	w.touch(p, lead)
	w.row.RowsTaken++
	return lead
}

func (w *chunkWriter) touch(p *Prepared, lead Lead) {
	touch := p.touch
	touch.ID, touch.LeadID, touch.PartyID = store.NewKey[TouchTag](w.s), lead.ID, lead.PartyID
	w.touches = append(w.touches, touch)
}

// again adds a row to the open lead that is there.
func (w *chunkWriter) again(ctx context.Context, i int) error {
	p, open := w.rows[i].p, w.open[i]
	w.touch(p, *open)
	w.fact.Returned = append(w.fact.Returned, open.ID)
	if w.known[i].Adds(p.primary) {
		if _, err := w.leads.parties.Fill(ctx, w.known[i].Party.ID, p.primary); err != nil {
			return err
		}
	}
	for j := range w.added { // the lead came with an earlier row of this chunk and is not written yet
		if w.added[j].ID == open.ID {
			complete(&w.added[j], p, w.leads.parties.LocaleOf(w.s))
			*open = w.added[j]
			return nil
		}
	}
	next := *open
	complete(&next, p, w.leads.parties.LocaleOf(w.s))
	if err := w.s.Save(ctx, open, &next); err != nil {
		return err
	}
	*open = next
	return nil
}

// custom writes the values of custom fields, which were checked when their rows were read.
func (w *chunkWriter) custom(ctx context.Context) error {
	values := map[[16]byte]map[string]any{}
	for i := range w.rows {
		p := w.rows[i].p
		if p.customValues() != nil && p.at > 0 && w.twin[i] < 0 {
			values[w.added[p.at-1].ID] = p.custom
		}
	}
	if len(values) == 0 {
		return nil
	}
	fields, err := w.s.Fields(ctx, customKind)
	if err != nil {
		return err
	}
	return w.s.AddCustom(ctx, fields, values)
}

// reject keeps the bad rows.
func (w *chunkWriter) reject(ctx context.Context) error {
	var faults []importFault
	for _, row := range w.rows {
		if len(row.bad) == 0 {
			continue
		}
		cells, err := json.Marshal(row.cells)
		if err != nil {
			return err
		}
		f := importFault{ImportID: w.row.ID, Line: int64(row.line), Column: row.bad[0].Column, ColumnName: fit(row.bad[0].ColumnName, 120), Cells: string(cells)}
		reasons := make([]string, len(row.bad))
		for i := range row.bad {
			reasons[i] = row.bad[i].In(w.plan.Language)
			if i > 0 && row.bad[i].ColumnName != "" {
				reasons[i] = row.bad[i].ColumnName + ": " + reasons[i]
			}
		}
		f.Reason = fit(party.Clean(strings.Join(reasons, "; "), 400), 400)
		if last := len(faults) - 1; last >= 0 && faults[last].Line == f.Line { // two pieces of one line
			continue
		}
		faults = append(faults, f)
	}
	return w.s.InsertMany(ctx, &faults)
}

// progress moves the import on; the same transaction holds the rows.
func (w *chunkWriter) progress(ctx context.Context) error {
	r := &w.row
	was := r.Version
	r.NextRow, r.Version, r.UpdatedAt, r.UpdatedBy = r.NextRow+int64(len(w.rows)), was+1, w.s.Now, w.s.Actor.UserID
	n, err := w.s.Exec(ctx, store.From[Import](""),
		"UPDATE crm_import SET rows_read = ?, rows_taken = ?, rows_merged = ?, rows_skipped = ?, rows_bad = ?, next_row = ?, version = ?, updated_at = ?, updated_by = ? WHERE {scope} AND id = ? AND version = ?",
		r.RowsRead, r.RowsTaken, r.RowsMerged, r.RowsSkipped, r.RowsBad, r.NextRow, r.Version, r.UpdatedAt, r.UpdatedBy, r.ID, was)
	if err != nil {
		return fmt.Errorf("noting the progress of the import: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "the import was changed by somebody else; look at it again")
	}
	if len(w.fact.Leads) == 0 && len(w.fact.Returned) == 0 {
		return nil
	}
	return event.Emit(ctx, w.s, event.Fact{Kind: EventImported, Record: r.ID[:], Version: r.Version, Payload: w.fact})
}
