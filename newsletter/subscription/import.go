package subscription

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/tabular"
)

// chunkRows is how many rows one transaction takes: on SQLite, where a writer holds off all others, fewer than a clerk
// would notice.
const chunkRows = 250

// ImportPlan says what a file of subscribers is.
type ImportPlan struct {
	// Topics are those of one channel that every row is subscribed to.
	Topics []TopicID `json:"topics"`
	// Ground is why they may be written to; a file without one is not taken.
	Ground Ground `json:"ground"`
	// Columns says what the file's columns hold, by their position from 0; nil guesses by their names and values.
	Columns map[int]tabular.Field `json:"columns"`
	// Options override what is guessed of the file's form.
	Options tabular.Options `json:"-"`
	// Rejects takes the rows that cannot be used, as a file that can be corrected and imported again; nil for none.
	Rejects io.Writer `json:"-"`
}

// ImportTag is the noun of an import's id.
type ImportTag struct{}

// ImportResult is what became of a file's rows. Subscribed, Known, Unwilling, Suppressed and Bad add up to Read, times
// the number of topics but for Suppressed and Bad.
type ImportResult struct {
	ID   store.Key[ImportTag] `json:"id"`
	Read int64                `json:"read"`
	// Subscribed are new subscriptions, Known those that were active already.
	Subscribed int64 `json:"subscribed"`
	Known      int64 `json:"known"`
	// Unwilling are readers who ended the topic, or did not confirm it, and stay so.
	Unwilling int64 `json:"unwilling"`
	// Suppressed are addresses on the suppression list.
	Suppressed int64 `json:"suppressed"`
	Bad        int64 `json:"bad"`
}

// incoming is one row of a file, prepared.
type incoming struct {
	out      *party.Prepared
	to       destination
	language locale.Language
}

// Import subscribes the people of a file (CSV in any form, or a workbook; see crm/tabular) to topics, in chunks of a few
// hundred. Who is on the suppression list, has ended the topic, or was asked and did not confirm, stays as he is; a
// reader whom CRM+ knows by his address is not made anew. Stopped in the middle, the file is imported again: what is
// there is known then. It needs [Write].
func (n *Subscriptions) Import(ctx context.Context, plan ImportPlan, file io.Reader) (ImportResult, error) {
	run, err := n.planned(ctx, &plan)
	if err != nil {
		return ImportResult{}, err
	}
	table, err := tabular.Open(file, plan.Options)
	if err != nil {
		return ImportResult{}, err
	}
	defer table.Close()
	if err := run.columns(table); err != nil {
		return ImportResult{}, err
	}
	if plan.Rejects != nil {
		run.rejects = tabular.NewRejects(plan.Rejects, table.Header, tabular.RejectsOptions{Language: run.locale.Language})
	}
	if err := run.all(ctx, table); err != nil {
		return run.result, err
	}
	if run.rejects != nil {
		if err := run.rejects.Flush(); err != nil {
			return run.result, err
		}
	}
	return run.result, run.finish(ctx)
}

// importRun is an import under way.
type importRun struct {
	n       *Subscriptions
	plan    ImportPlan
	topics  []Topic
	proof   []Evidence
	channel Channel
	locale  locale.Locale
	hasher  hasher
	at      map[tabular.Field]int
	rejects *tabular.Rejects
	result  ImportResult
}

// planned checks a plan, and keeps the text that was agreed to.
func (n *Subscriptions) planned(ctx context.Context, plan *ImportPlan) (*importRun, error) {
	return store.Write(ctx, n.db, Write, func(ctx context.Context, s *store.Session) (*importRun, error) {
		run := &importRun{n: n, plan: *plan, locale: n.config.Locales(s.Actor.Company), hasher: n.hasherOf(s.Actor.Company)}
		topics, found, err := offered(ctx, s, plan.Topics, Staff)
		if err != nil {
			return nil, err
		}
		faults := fault.List(found)
		faults.Merge("ground", run.plan.Ground.check(n.language(s)))
		if err := faults.Err("the file cannot be imported"); err != nil {
			return nil, err
		}
		run.topics, run.channel, run.result.ID = topics, topics[0].Channel, store.NewKey[ImportTag](s)
		for _, t := range topics {
			e, err := run.plan.Ground.evidence(ctx, s, t, Imported)
			if err != nil {
				return nil, err
			}
			run.proof = append(run.proof, e)
		}
		return run, nil
	})
}

// columns decides what the columns hold.
func (r *importRun) columns(table *tabular.Table) error {
	r.at = map[tabular.Field]int{}
	if r.plan.Columns == nil {
		sample, err := table.Peek(50)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		for _, g := range tabular.GuessMapping(table.Header, sample, tabular.GuessLanguage(table.Header, sample)) {
			if g.Field != "" {
				r.at[g.Field] = g.Column
			}
		}
	}
	for column, field := range r.plan.Columns {
		if column < 0 || column >= len(table.Header) {
			continue
		}
		r.at[field] = column
	}
	if r.channel == SMS {
		if _, ok := r.at[tabular.Mobile]; !ok {
			if phone, ok := r.at[tabular.Phone]; ok {
				r.at[tabular.Mobile] = phone
			}
		}
	}
	if _, ok := r.at[r.key()]; !ok {
		var faults fault.List
		faults.Add("columns", "required", "hold no %s; say which column has it", r.key())
		return faults.Err("the file cannot be imported")
	}
	return nil
}

// key is the field that holds the address.
func (r *importRun) key() tabular.Field {
	if r.channel == SMS {
		return tabular.Mobile
	}
	return tabular.Email
}

// all takes the file in: one goroutine reads and prepares the next chunk while the caller's writes the last one.
func (r *importRun) all(ctx context.Context, table *tabular.Table) error {
	ctx, cancel := context.WithCancel(ctx)
	chunks := make(chan chunk, 1)
	go func() {
		defer close(chunks)
		for more := true; more; {
			next := r.read(ctx, table)
			more = next.failed == nil && !next.last
			select {
			case chunks <- next:
			case <-ctx.Done():
				return
			}
		}
	}()
	err := r.drain(ctx, chunks)
	cancel()
	for range chunks { // the reader lets the file go
	}
	return err
}

func (r *importRun) drain(ctx context.Context, chunks <-chan chunk) error {
	for c := range chunks {
		if c.failed != nil {
			return c.failed
		}
		if err := r.write(ctx, c); err != nil || c.last {
			return err
		}
	}
	return fault.Wrap(ctx.Err(), fault.Unavailable, "the import was stopped; import the file again to go on")
}

// chunk is some rows of the file.
type chunk struct {
	rows []incoming
	// read and bad count the rows that were read, and those of them that cannot be used.
	read, bad int64
	last      bool
	failed    error
}

// read reads and prepares the rows of one chunk.
func (r *importRun) read(ctx context.Context, table *tabular.Table) chunk {
	c := chunk{rows: make([]incoming, 0, chunkRows)}
	for len(c.rows) < chunkRows {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			c.last = true
			return c
		}
		if ctx.Err() != nil {
			err = fault.Wrap(ctx.Err(), fault.Unavailable, "the import was stopped; import the file again to go on")
		}
		if err != nil {
			c.failed = err
			return c
		}
		c.read++
		in, wrong := r.prepare(row)
		if wrong != nil || row.Err != nil {
			c.bad++
			if r.rejects != nil {
				r.rejects.Write(row, wrong...)
			}
			continue
		}
		c.rows = append(c.rows, in)
	}
	return c
}

func (r *importRun) prepare(row tabular.Row) (incoming, []tabular.RowError) {
	cell := func(f tabular.Field) string {
		if i, ok := r.at[f]; ok && i < len(row.Cells) {
			return row.Cells[i]
		}
		return ""
	}
	reject := func(faults []fault.Fault) (incoming, []tabular.RowError) {
		list := make([]tabular.RowError, len(faults))
		for i, f := range faults {
			list[i] = tabular.RowError{Line: row.Line, Column: r.at[r.key()] + 1, Code: f.Code, Reason: f.Message}
		}
		return incoming{}, list
	}
	if row.Err != nil {
		return incoming{}, nil
	}
	normal, faults := normalize(r.channel, cell(r.key()), r.locale.Language.Country())
	if len(faults) > 0 {
		return reject(faults)
	}
	in := incoming{to: destination{r.channel, normal, r.hasher.hash(r.channel, normal)}, language: r.plan.Ground.Language}
	if l, ok := locale.ParseLanguage(cell(tabular.Language)); ok {
		in.language = l
	}
	d := party.Draft{
		Title: cell(tabular.Title), FullName: cell(tabular.FullName), Given: cell(tabular.GivenName), Family: cell(tabular.FamilyName),
		Patronymic: cell(tabular.Patronymic), JobTitle: cell(tabular.JobTitle), Language: in.language,
	}
	if r.channel == SMS {
		d.Mobile = normal
		d.Emails = []string{cell(tabular.Email)}
	} else {
		d.Emails, d.Mobile = []string{normal}, cell(tabular.Mobile)
	}
	prepared, faults := party.Prepare(d, r.locale)
	if len(faults) > 0 {
		return reject(faults)
	}
	in.out = &prepared
	return in, nil
}

// write takes a chunk in, in one transaction.
func (r *importRun) write(ctx context.Context, c chunk) error {
	r.result.Read, r.result.Bad = r.result.Read+c.read, r.result.Bad+c.bad
	if len(c.rows) == 0 {
		return nil
	}
	before := r.result
	return r.n.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error {
		r.result = before
		if err := s.Actor.Require(Write); err != nil {
			return err
		}
		for i := range c.rows { // a try that failed has given ids away
			c.rows[i].out.Party.ID = party.ID{}
		}
		w := chunkWriter{run: r, s: s, rows: c.rows}
		return w.write(ctx)
	})
}

// finish tells of the whole.
func (r *importRun) finish(ctx context.Context) error {
	return r.n.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		err := s.Audit(ctx, store.Entry{Action: "import", Kind: "subscription", Record: r.result.ID.Bytes(), Version: 1, Changes: []store.Change{
			{Field: "source", To: r.plan.Ground.Source}, {Field: "basis", To: string(r.plan.Ground.Basis)}, {Field: "topics", To: r.names()},
		}})
		if err != nil {
			return err
		}
		return event.Emit(ctx, s, event.Fact{Kind: EventImported, Record: r.result.ID.Bytes(), Version: 1, Payload: r.result})
	})
}

func (r *importRun) names() string {
	codes := make([]string, len(r.topics))
	for i, t := range r.topics {
		codes[i] = t.Code
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}
