package campaign

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/store"
)

// claim is a piece of the ledger that this process holds: rows that wait for their first try, or some that
// are due again.
type claim struct {
	// part is 0 where rows are due again.
	part        int
	first, last int
	owner       string
	until       time.Time
	// left counts its rows that have no end yet.
	left int
	// gone says that another process has taken it over.
	gone bool
}

func (k *claim) again() bool { return k.part == 0 }

// claim takes a piece of work, or gives nil where none is to be had now. What is due again comes first, then
// what a process that died has left behind, then what nobody has claimed.
func (v *server) claim(ctx context.Context) (*claim, error) {
	var got *claim
	err := v.c.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
		got = nil
		var row Campaign
		if err := s.Get(ctx, &row, v.row.ID); err != nil {
			return err
		}
		if row.State != Running {
			return nil
		}
		v.row.Winner = row.Winner
		for _, take := range []func(context.Context, *store.Session) (*claim, error){v.due, v.left, v.fresh} {
			if got, err = take(ctx, s); err != nil || got != nil {
				return err
			}
		}
		return nil
	})
	return got, err
}

func (v *server) newClaim(s *store.Session, part, first, last int) *claim {
	return &claim{part: part, first: first, last: last, owner: uuid.UUID(s.NewID()).String(), until: s.Now.Add(v.c.config.Lease)}
}

// due takes rows that are due again. Rows of a process that died while it sent them become unknown first.
func (v *server) due(ctx context.Context, s *store.Session) (*claim, error) {
	var rows []answer
	err := s.Select(&rows).Where("campaign_answer.campaign_id = ?", v.row.ID).Where("campaign_answer.due_at <= ?", s.Now).
		OrderExpr("campaign_answer.due_at, campaign_answer.seq").Limit(int64(v.c.config.Window)).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	k := v.newClaim(s, 0, 0, 0)
	b := v.book(s)
	for _, r := range rows {
		if r.State == Sending {
			if err := b.lost(ctx, r, v.againAt(s)); err != nil {
				return nil, err
			}
			continue
		}
		// The condition re-checks the time: on SQL Server two processes may read the same rows, and the second
		// one waits for the row and then finds it taken.
		n, err := s.Exec(ctx, store.From[answer](""), "UPDATE crm_campaign_answer SET lease_owner = ?, due_at = ? WHERE {scope} AND campaign_id = ? AND seq = ?"+
			" AND due_at <= ? AND state IN ('deferred', 'unknown')", k.owner, k.until, v.row.ID, r.Seq, s.Now)
		if err != nil {
			return nil, err
		}
		k.left += int(n)
	}
	return k, b.close(ctx)
}

// againAt is when a recipient of whom nobody knows is tried again by itself, zero for never. The process that
// was sending may only be slow, and still tell what became of it.
func (v *server) againAt(s *store.Session) time.Time {
	if v.row.UnknownPolicy == Again || v.repeats {
		return s.Now.Add(v.c.config.Lease)
	}
	return time.Time{}
}

// left takes over a chunk whose process died. What that one was sending is unknown now; the rest is simply
// pending.
func (v *server) left(ctx context.Context, s *store.Session) (*claim, error) {
	var rows []chunk
	err := s.Select(&rows).Where("campaign_chunk.campaign_id = ?", v.row.ID).Where("campaign_chunk.lease_until <= ?", s.Now).
		OrderExpr("campaign_chunk.part, campaign_chunk.first_seq").Scan(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		k := v.newClaim(s, r.Part, r.FirstSeq, r.LastSeq)
		n, err := s.Exec(ctx, store.From[chunk](""), "UPDATE crm_campaign_chunk SET lease_owner = ?, lease_until = ? WHERE {scope} AND campaign_id = ? AND part = ? AND first_seq = ?"+
			" AND lease_owner = ? AND lease_until <= ?", k.owner, k.until, v.row.ID, r.Part, r.FirstSeq, r.LeaseOwner, s.Now)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue // another process was faster
		}
		b := v.book(s)
		if err := b.abandoned(ctx, k, v.againAt(s)); err != nil {
			return nil, err
		}
		return k, b.close(ctx)
	}
	return nil, nil
}

// fresh claims the next rows that nobody has claimed: first those with a variant, then, when there is a
// winner, those that waited for it.
func (v *server) fresh(ctx context.Context, s *store.Session) (*claim, error) {
	progress, err := lockRun(ctx, s, v.row.ID)
	if err != nil {
		return nil, err
	}
	part, column, next := testPart, "next_test", progress.NextTest
	if next > progress.Total {
		part, column, next = restPart, "next_rest", progress.NextRest
		if !v.waits || v.row.Winner == "" || next > progress.Total {
			return nil, nil
		}
	}
	size := int64(v.c.config.Chunk)
	if v.row.PerHour > 0 {
		size = min(size, int64(max(1, v.row.PerHour/minutesOfHour)))
	}
	last := min(next+size-1, progress.Total)
	n, err := s.Exec(ctx, store.From[run](""), "UPDATE crm_campaign_run SET "+column+" = ? WHERE {scope} AND campaign_id = ? AND "+column+" = ?", last+1, v.row.ID, next)
	if err != nil || n == 0 {
		return nil, err
	}
	k := v.newClaim(s, part, int(next), int(last))
	return k, s.InsertQuiet(ctx, &chunk{CampaignID: v.row.ID, Part: part, FirstSeq: k.first, LastSeq: k.last, LeaseOwner: k.owner, LeaseUntil: k.until})
}

const minutesOfHour = 60

// loaded is a row of the ledger as it is read to be sent.
type loaded struct {
	Recipient

	Attempts int       `bun:"attempts"`
	GiveUpAt time.Time `bun:"give_up_at,nullzero"`
	// Gone is 1 where the address must not be written to any more.
	Gone int `bun:"gone"`
}

// load reads the rows of a claim that are to be sent, with what differs from reader to reader.
func (v *server) load(ctx context.Context, k *claim) (list []*parcel, err error) {
	err = v.c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		rows, err := v.rows(ctx, s, k)
		if err != nil {
			return err
		}
		if list, err = v.address(ctx, s, k, rows); err != nil || v.c.config.Sieve == nil {
			return err
		}
		return v.sieve(ctx, s, list)
	})
	k.left = len(list)
	return list, err
}

func (v *server) rows(ctx context.Context, s *store.Session, k *claim) (rows []loaded, err error) {
	gone := "0"
	var args []any
	if v.c.config.Left != nil {
		p, err := v.c.config.Left(s, v.row, "r.party_id")
		if err != nil {
			return nil, err
		}
		gone, args = "CASE WHEN "+p.SQL+" THEN 1 ELSE 0 END", append(args, p.Args...)
	}
	columns := "SELECT r.campaign_id, r.seq, r.company, r.party_id, r.address, r.name, r.language, r.country, r.variant, r.state, " + gone + " AS gone"
	if k.again() {
		err = s.Query(ctx, &rows, store.From[Recipient]("r"), columns+", a.attempts, a.give_up_at FROM crm_campaign_answer AS a"+
			" JOIN crm_campaign_recipient AS r ON r.campaign_id = a.campaign_id AND r.seq = a.seq"+
			" WHERE {scope} AND a.campaign_id = ? AND a.due_at = ? AND a.lease_owner = ? ORDER BY a.seq", append(args, v.row.ID, k.until, k.owner)...)
		return rows, err
	}
	part := "<> ''"
	if k.part == restPart {
		part = "= ''"
	}
	err = s.Query(ctx, &rows, store.From[Recipient]("r"), columns+" FROM crm_campaign_recipient AS r WHERE {scope} AND r.campaign_id = ? AND r.seq >= ? AND r.seq <= ?"+
		" AND r.state = 'pending' AND r.variant "+part+" ORDER BY r.seq", append(args, v.row.ID, k.first, k.last)...)
	return rows, err
}

// sieve finds out who must not be written to any more.
func (v *server) sieve(ctx context.Context, s *store.Session, list []*parcel) error {
	addresses := make([]string, len(list))
	for i, p := range list {
		addresses[i] = p.Address
	}
	out, err := v.c.config.Sieve(ctx, s, v.row.Channel, addresses)
	for _, p := range list {
		if _, found := out[p.Address]; found {
			p.gone = true
		}
	}
	return err
}

// address joins the rows to their letters.
func (v *server) address(ctx context.Context, s *store.Session, k *claim, rows []loaded) ([]*parcel, error) {
	list := make([]*parcel, len(rows))
	parcels := make([]parcel, len(rows))
	readers := make([]Recipient, len(rows))
	for i := range rows {
		p := &parcels[i]
		*p = parcel{Recipient: rows[i].Recipient, claim: k, attempts: rows[i].Attempts, giveUp: rows[i].GiveUpAt, home: rows[i].State, gone: rows[i].Gone == 1}
		if p.Variant == "" {
			p.Variant, p.waited = v.row.Winner, true
		}
		if p.giveUp.IsZero() {
			p.giveUp = s.Now.Add(v.c.config.GiveUp)
		}
		p.domain = domainOf(p.Address)
		p.words = v.wordsFor(p.Variant, p.Language)
		readers[i], list[i] = p.Recipient, p
	}
	addressed, err := v.addressed(ctx, s, readers)
	if err != nil {
		return nil, err
	}
	for i, p := range list {
		if p.Addressed = addressed[i]; p.Text != nil {
			p.Country = p.Text.Country
		}
	}
	return list, nil
}

// addressed reads what differs from reader to reader, content by content, in their order.
func (v *server) addressed(ctx context.Context, s *store.Session, readers []Recipient) ([]Addressed, error) {
	by := map[*words][]int{}
	for i, r := range readers {
		w := v.wordsFor(r.Variant, r.Language)
		by[w] = append(by[w], i)
	}
	out := make([]Addressed, len(readers))
	for w, places := range by {
		some := make([]Recipient, len(places))
		for i, at := range places {
			some[i] = readers[at]
		}
		addressed, err := w.loader.Load(ctx, s, some)
		if err != nil {
			return nil, err
		}
		for i, at := range places {
			out[at] = addressed[i]
		}
	}
	return out, nil
}
