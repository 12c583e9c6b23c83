package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The pieces in which an audience is frozen: so many of its rows in one transaction, more where the database
// is fast and fewer where it is slow, so that a clerk who writes meanwhile waits for less than 100 ms.
const (
	firstPiece    = 500
	smallestPiece = 100
	largestPiece  = 20_000
	pieceTime     = 40 * time.Millisecond
)

// begin starts the scheduled campaigns of the company whose time has come.
func (c *Campaigns) begin(ctx context.Context) error {
	return c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		rows, err := inStates(ctx, s, Scheduled)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.ScheduledAt.After(s.Now) {
				continue
			}
			if err := s.Lock(ctx, &row, row.ID); err != nil {
				return err
			}
			if row.State != Scheduled || row.ScheduledAt.After(s.Now) {
				continue // another process was faster, or somebody took it back
			}
			next := row
			next.State = Freezing
			if err := s.Save(ctx, &row, &next); err != nil {
				return err
			}
			if err := s.InsertQuiet(ctx, &run{CampaignID: row.ID, NextTest: 1, NextRest: 1}); err != nil {
				return err
			}
		}
		return nil
	})
}

// freeze writes the ledger of a campaign, until it is complete, the campaign is paused, or the turn is over.
// Where it stops, by whatever, it goes on from the last committed piece.
func (c *Campaigns) freeze(ctx context.Context, id ID, until time.Time) (total int, err error) {
	size := firstPiece
	for ctx.Err() == nil && time.Now().Before(until) {
		began := time.Now()
		var more bool
		var n int
		err := c.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) (err error) {
			n, more, err = c.freezePiece(ctx, s, id, size)
			return err
		})
		if total += n; err != nil || !more {
			return total, err
		}
		took := time.Since(began)
		switch {
		case took < pieceTime/2:
			size = min(2*size, largestPiece)
		case took > pieceTime:
			size = max(size/2, smallestPiece)
		}
		breathe(ctx, min(took/4, pieceTime/4))
	}
	return total, nil
}

// breathe leaves the database to others for a moment: writers of other processes ask for it from time to
// time only.
func breathe(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (c *Campaigns) freezePiece(ctx context.Context, s *store.Session, id ID, size int) (frozen int, more bool, err error) {
	progress, err := lockRun(ctx, s, id)
	if err != nil || progress.Frozen == 1 {
		return 0, false, err
	}
	var row Campaign
	if err := s.Get(ctx, &row, id); err != nil || row.State != Freezing {
		return 0, false, err
	}
	contents, err := contentsOf(ctx, s, id)
	if err != nil {
		return 0, false, err
	}
	parts := splitOf(variantsOf(contents), row.TestShare)
	if progress.FrozenTo.IsZero() && progress.Total == 0 {
		n, err := insertSeeds(ctx, s, row, parts)
		if err != nil {
			return 0, false, err
		}
		progress.Total = int64(n)
	}
	audience, err := c.config.Audience(ctx, s, row)
	if err != nil {
		return 0, false, err
	}
	f := freezer{config: c.config, row: row, parts: parts, progress: progress}
	if f.sql, f.args, err = audience.Select(s); err != nil {
		return 0, false, err
	}
	to, err := f.bound(ctx, s, size)
	if err != nil {
		return 0, false, err
	}
	seen, twice, err := f.look(ctx, s, to)
	if err != nil {
		return 0, false, err
	}
	if seen == 0 {
		return 0, false, c.frozen(ctx, s, row, parts, progress.Total)
	}
	n, err := f.insert(ctx, s, to, twice)
	if err != nil {
		return 0, false, err
	}
	_, err = s.Exec(ctx, store.From[run](""), "UPDATE crm_campaign_run SET frozen_to = ?, seen = seen + ?, total = ? WHERE {scope} AND campaign_id = ?",
		to, seen, progress.Total+n, id)
	return int(n), true, err
}

// lockRun locks the row that says how far a campaign has come, and reads it.
func lockRun(ctx context.Context, s *store.Session, id ID) (run, error) {
	n, err := s.Exec(ctx, store.From[run](""), "UPDATE crm_campaign_run SET frozen = frozen WHERE {scope} AND campaign_id = ?", id)
	if err != nil {
		return run{}, err
	}
	if n == 0 {
		return run{}, fault.New(fault.NotFound, "campaign %s has not begun", id)
	}
	return runOf(ctx, s, id)
}

// runOf reads how far a campaign has come; a zero run where it has not begun.
func runOf(ctx context.Context, s *store.Session, id ID) (run, error) {
	var rows []run
	err := s.Select(&rows).Where("campaign_run.campaign_id = ?", id).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return run{CampaignID: id}, err
	}
	return rows[0], nil
}

func insertSeeds(ctx context.Context, s *store.Session, row Campaign, parts split) (int, error) {
	rows := make([]Recipient, len(row.Seeds()))
	for i, address := range row.Seeds() {
		rows[i] = Recipient{CampaignID: row.ID, Seq: i + 1, Address: address, Language: row.Language, Variant: parts.variant(int64(i + 1)), State: Pending}
	}
	return len(rows), s.InsertQuiet(ctx, &rows)
}

// freezer writes one piece of a ledger.
type freezer struct {
	config   Config
	row      Campaign
	parts    split
	progress run
	sql      string
	args     []any
}

// after is the key behind which the piece begins: for the first one, what sorts before every key.
func (f freezer) after() []byte {
	if f.progress.FrozenTo.IsZero() {
		return []byte{0}
	}
	return f.progress.FrozenTo.Bytes()
}

// lastParty sorts behind every key.
var lastParty = party.ID{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// bound finds the last party of the piece, so that a party's rows are never torn apart.
func (f freezer) bound(ctx context.Context, s *store.Session, size int) (party.ID, error) {
	skip := fmt.Sprintf(" LIMIT 1 OFFSET %d", size-1)
	if s.Dialect() == store.MSSQL {
		skip = fmt.Sprintf(" OFFSET %d ROWS FETCH NEXT 1 ROWS ONLY", size-1)
	}
	var found []party.ID
	err := s.Query(ctx, &found, store.From[Campaign]("c"), "SELECT a.party_id FROM ("+f.sql+") AS a WHERE a.party_id > ?"+
		" AND EXISTS (SELECT 1 FROM crm_campaign AS c WHERE {scope} AND c.id = ?) ORDER BY a.party_id"+skip,
		append(append([]any{}, f.args...), f.after(), f.row.ID)...)
	if err != nil || len(found) == 0 {
		return lastParty, err
	}
	return found[0], nil
}

// look counts the rows up to a party, and finds out whether an address or a reader is there twice among them.
func (f freezer) look(ctx context.Context, s *store.Session, to party.ID) (seen int64, twice bool, err error) {
	var found []struct {
		Rows      int64 `bun:"rows_there"`
		Parties   int64 `bun:"parties"`
		Addresses int64 `bun:"addresses"`
	}
	err = s.Query(ctx, &found, store.From[Campaign]("c"), "SELECT COUNT(*) AS rows_there, COUNT(DISTINCT a.party_id) AS parties, COUNT(DISTINCT a.address) AS addresses FROM ("+f.sql+
		") AS a WHERE a.party_id > ? AND a.party_id <= ? AND EXISTS (SELECT 1 FROM crm_campaign AS c WHERE {scope} AND c.id = ?)",
		append(append([]any{}, f.args...), f.after(), to, f.row.ID)...)
	if err != nil || len(found) == 0 {
		return 0, false, err
	}
	return found[0].Rows, found[0].Rows != found[0].Parties || found[0].Rows != found[0].Addresses, nil
}

// insert writes the rows up to a party by one statement. It numbers them behind those that are there, and
// takes of several rows with one address, and of several of one reader, the first.
// Where nothing is there twice it does not look for it row by row, which takes longer than all the rest.
func (f freezer) insert(ctx context.Context, s *store.Session, to party.ID, twice bool) (int64, error) {
	var b strings.Builder
	args := []any{f.progress.Total}
	b.WriteString("INSERT INTO crm_campaign_recipient (campaign_id, seq, company, party_id, address, name, language, country, variant, state)" +
		" SELECT c.id, z.n, c.company, z.party_id, z.address, z.name, z.language, z.country, " + f.parts.sql("z.n") + ", 'pending'" +
		" FROM crm_campaign AS c CROSS JOIN (SELECT y.party_id, y.address, SUBSTRING(y.name, 1, 120) AS name, y.language, ")
	if f.row.QuietFrom != f.row.QuietTo && f.row.QuietZone == ReaderClock {
		b.WriteString("COALESCE((SELECT p.country FROM crm_party AS p WHERE p.id = y.party_id), '')")
	} else {
		b.WriteString("''")
	}
	b.WriteString(" AS country, ? + ROW_NUMBER() OVER (ORDER BY y.party_id) AS n FROM (")
	if twice {
		b.WriteString("SELECT x.party_id, x.address, x.name, x.language, ROW_NUMBER() OVER (PARTITION BY x.party_id ORDER BY x.address) AS nth" +
			" FROM (SELECT a.party_id, a.address, a.name, a.language, ROW_NUMBER() OVER (PARTITION BY a.address ORDER BY a.party_id) AS nth FROM (" + f.sql +
			") AS a WHERE a.party_id > ? AND a.party_id <= ?) AS x WHERE x.nth = 1 AND ")
	} else {
		b.WriteString("SELECT x.party_id, x.address, x.name, x.language, 1 AS nth FROM (" + f.sql + ") AS x WHERE x.party_id > ? AND x.party_id <= ? AND ")
	}
	b.WriteString("x.address <> '' AND NOT EXISTS (SELECT 1 FROM crm_campaign_recipient AS r WHERE r.campaign_id = ? AND r.address = x.address)")
	args = append(append(args, f.args...), f.after(), to, f.row.ID)
	b.WriteString(") AS y WHERE y.nth = 1) AS z WHERE {scope} AND c.id = ?")
	return s.Exec(ctx, store.From[Campaign]("c"), b.String(), append(args, f.row.ID)...)
}

// frozen notes that the ledger is complete, and lets the campaign run; one on SMS is priced before.
func (c *Campaigns) frozen(ctx context.Context, s *store.Session, row Campaign, parts split, total int64) error {
	_, err := s.Exec(ctx, store.From[run](""), "UPDATE crm_campaign_run SET frozen = 1, total = ? WHERE {scope} AND campaign_id = ?", total, row.ID)
	if err != nil {
		return err
	}
	var counts []count
	by := parts.counts(total)
	for _, v := range append(append([]string{}, parts.variants...), "") {
		if v != "" || by[v] > 0 {
			counts = append(counts, count{CampaignID: row.ID, Variant: v, Pending: by[v]})
		}
	}
	if err := s.InsertQuiet(ctx, &counts); err != nil {
		return err
	}
	if row.Channel == SMS {
		return s.InsertQuiet(ctx, &textRun{CampaignID: row.ID})
	}
	return c.start(ctx, s, row, total)
}

// start lets a campaign run whose ledger is complete, if its budget allows.
func (c *Campaigns) start(ctx context.Context, s *store.Session, row Campaign, total int64) error {
	over, err := overBudget(ctx, s, row, total)
	if err != nil {
		return err
	}
	if over != "" {
		_, err := c.pause(ctx, s, row.ID, ByBudget, over)
		return err
	}
	_, err = c.move(ctx, s, row.ID, move{kind: EventStarted, from: []State{Freezing}, done: "started", remedy: "resume it",
		change: func(_ context.Context, s *store.Session, next *Campaign) error {
			next.State, next.StartedAt = Running, s.Now
			return nil
		}})
	return err
}
