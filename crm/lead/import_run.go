package lead

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// chunkRows is how many rows one transaction takes: on SQLite, where a writer holds off all others,
// fewer than a clerk would notice.
const chunkRows = 250

// chunksAhead is how many chunks are read and prepared ahead of the writer.
const chunksAhead = 4

// importRun is an import under way. One goroutine reads the file, several prepare rows, and the
// caller's writes chunk after chunk in the order of the file.
type importRun struct {
	leads *Leads
	src   Source
	plan  Plan
	row   Import
}

// chunk is some rows of the file in their order.
type chunk struct {
	// first is the number of the first row, from 0.
	first int64
	raw   []rawRow
	rows  []importRow
	// ready is closed when rows are prepared.
	ready chan struct{}
	// failed is why the file ends here; nil at its proper end.
	failed error
}

func (r *importRun) all(ctx context.Context) (Import, error) {
	file, err := r.src.open(r.plan)
	if err != nil {
		return r.row, err
	}
	reader, err := r.reader(ctx)
	if err != nil {
		return r.row, errors.Join(err, file.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	chunks := make(chan *chunk, chunksAhead)
	working.Go(func() { r.feed(ctx, file, reader, chunks) })
	err = r.drain(ctx, chunks)
	cancel()
	for range chunks { // lets the reader go
	}
	working.Wait()
	return r.row, errors.Join(err, file.Close())
}

// feed reads the file and has each chunk prepared.
func (r *importRun) feed(ctx context.Context, file rowFile, reader *rowReader, chunks chan<- *chunk) {
	defer close(chunks)
	var preparing sync.WaitGroup
	defer preparing.Wait()
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for at := int64(0); ctx.Err() == nil; {
		c := &chunk{first: at, ready: make(chan struct{})}
		for len(c.raw) < chunkRows && c.failed == nil {
			row, err := file.next()
			if err != nil {
				c.failed = err
				break
			}
			if at++; at > r.row.NextRow {
				c.raw = append(c.raw, row)
			}
		}
		c.first = at - int64(len(c.raw))
		free <- struct{}{}
		preparing.Go(func() {
			defer close(c.ready)
			c.rows = make([]importRow, len(c.raw))
			for i, raw := range c.raw {
				c.rows[i] = reader.read(raw)
			}
			c.raw = nil
			<-free
		})
		select {
		case chunks <- c:
		case <-ctx.Done():
			return
		}
		if c.failed != nil {
			return
		}
	}
}

// drain writes the chunks.
func (r *importRun) drain(ctx context.Context, chunks <-chan *chunk) error {
	for c := range chunks {
		<-c.ready
		if err := ctx.Err(); err != nil {
			return fault.Wrap(err, fault.Unavailable, "the import was stopped after row %d; start it again to go on", r.row.NextRow)
		}
		if len(c.rows) > 0 {
			if err := r.write(ctx, c); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(c.failed, io.EOF):
			return r.finish(ctx)
		case c.failed != nil:
			return errors.Join(c.failed, r.fail(ctx, c.failed))
		}
	}
	return fault.Wrap(ctx.Err(), fault.Unavailable, "the import was stopped after row %d; start it again to go on", r.row.NextRow)
}

// reader makes the row reader with what it needs of the database and the host.
func (r *importRun) reader(ctx context.Context) (*rowReader, error) {
	var out *rowReader
	err := r.leads.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		out = newRowReader(r.plan, r.leads.parties.LocaleOf(s), s.Now)
		return r.leads.In(s).equip(ctx, s, out)
	})
	return out, err
}

// equip gives a row reader the custom fields and the host's users.
func (l *Leads) equip(ctx context.Context, s *store.Session, r *rowReader) error {
	fields, err := s.Fields(ctx, customKind)
	if err != nil {
		return err
	}
	r.custom = fields
	var faults fault.List
	for i, column := range r.plan.Columns {
		name, ok := strings.CutPrefix(string(column), customField)
		if _, err := store.FieldNamed(fields, name); ok && err != nil {
			faults.Add(fmt.Sprintf("columns[%d]", i), "unknown", "there is no custom field %q; add it in the settings", name)
		}
	}
	if err := faults.Err("the file cannot be imported this way"); err != nil {
		return err
	}
	if l.host.Users == nil {
		return nil
	}
	users, err := l.host.Users.ListUsers(ctx, l.hostSession(s))
	if err != nil {
		return fmt.Errorf("reading the host's users: %w", err)
	}
	r.owner = ownersOf(users)
	return nil
}

func (r *importRun) finish(ctx context.Context) error {
	return r.leads.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := r.end(ctx, s, func(next *Import) { next.State, next.FinishedAt, next.Failure = Finished, s.Now, "" }); err != nil {
			return err
		}
		return event.Emit(ctx, s, event.Fact{Kind: EventImportFinished, Record: r.row.ID.Bytes(), Version: r.row.Version, Payload: ImportFinishedFact{
			File: r.row.FileName, By: r.row.CreatedBy, Read: r.row.RowsRead, Taken: r.row.RowsTaken, Merged: r.row.RowsMerged, Bad: r.row.RowsBad,
		}})
	})
}

// fail notes why the file could not be read on.
func (r *importRun) fail(ctx context.Context, failed error) error {
	return r.leads.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		return r.end(ctx, s, func(next *Import) { next.Failure = fit(cleanText(failed.Error(), 1000), 1000) })
	})
}

func (r *importRun) end(ctx context.Context, s *store.Session, change func(*Import)) error {
	if err := s.Actor.Require(actor.LeadImport); err != nil {
		return err
	}
	was := r.row
	if err := s.Lock(ctx, &was, r.row.ID); err != nil {
		return err
	}
	next := was
	change(&next)
	if err := s.Save(ctx, &was, &next); err != nil {
		return err
	}
	r.row = next
	return nil
}
