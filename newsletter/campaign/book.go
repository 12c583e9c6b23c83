package campaign

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/bounce"
)

// entry moves a recipient from one standing to another.
type entry struct {
	p        *parcel
	from, to Standing
	// due is when a deferred one is tried; back says that it never left and goes back to where it was.
	due  time.Time
	back bool
	// code and reason say why, where it did not simply go out.
	code, reason string
	// answer is what the server said for good, receipt the gateway's key of a text message.
	answer  bounce.Answer
	receipt string
}

// book writes entries and keeps the counts with them, in one session.
type book struct {
	v      *server
	s      *store.Session
	deltas map[string]map[Standing]int64
	// spent and parts are what text messages cost by what was written.
	spent money.Amount
	parts int64
	// revived says that somebody who was taken for unknown is to be tried again.
	revived bool
}

func (v *server) book(s *store.Session) *book {
	return &book{v: v, s: s, deltas: map[string]map[Standing]int64{}}
}

func (b *book) count(variant string, to Standing, n int64) {
	if b.deltas[variant] == nil {
		b.deltas[variant] = map[Standing]int64{}
	}
	b.deltas[variant][to] += n
}

// counted is the variant under which a recipient is counted in a standing: who waits for a winner has none
// before the first try.
func (p *parcel) counted(in Standing) string {
	if p.waited && in == Pending {
		return ""
	}
	return p.Variant
}

// group is entries that one statement moves.
type group struct {
	from, to Standing
	// variant is set where the rows get it with the move, or lose it again.
	variant string
	set     bool
}

func groupOf(e entry) group {
	g := group{from: e.from, to: e.to}
	if e.p.waited && (e.from == Pending || e.to == Pending) {
		g.set, g.variant = true, e.p.counted(e.to)
	}
	return g
}

// inBulk moves rows of chunks that this process holds for certain, run by run.
func (b *book) inBulk(ctx context.Context, list []entry) error {
	var order []group
	by := map[group][]entry{}
	for _, e := range list {
		g := groupOf(e)
		if by[g] == nil {
			order = append(order, g)
		}
		by[g] = append(by[g], e)
	}
	for _, g := range order {
		entries := by[g]
		slices.SortFunc(entries, func(x, y entry) int { return x.p.Seq - y.p.Seq })
		for from := 0; from < len(entries); {
			to := from + 1
			for to < len(entries) && entries[to].p.Seq == entries[to-1].p.Seq+1 {
				to++
			}
			if err := b.stretch(ctx, g, entries[from:to]); err != nil {
				return err
			}
			from = to
		}
	}
	return nil
}

// stretch moves rows with consecutive numbers.
func (b *book) stretch(ctx context.Context, g group, entries []entry) error {
	n, err := b.update(ctx, g, entries[0].p.Seq, entries[len(entries)-1].p.Seq)
	if err != nil {
		return err
	}
	if int(n) != len(entries) { // the commit before failed, and was one after all
		return errUnsure
	}
	for _, e := range entries {
		b.count(e.p.counted(e.from), e.from, -1)
		b.count(e.p.counted(e.to), e.to, 1)
		b.charge(e.p, e.from, e.to)
	}
	return nil
}

func (b *book) update(ctx context.Context, g group, first, last int) (int64, error) {
	set := "state = ?"
	args := []any{string(g.to)}
	if g.to == Sent {
		set += ", sent_at = ?"
		args = append(args, b.s.Now)
	}
	if g.set {
		set += ", variant = ?"
		args = append(args, g.variant)
	}
	args = append(args, b.v.row.ID, first, last, string(g.from))
	return b.s.Exec(ctx, store.From[Recipient](""), "UPDATE crm_campaign_recipient SET "+set+" WHERE {scope} AND campaign_id = ? AND seq >= ? AND seq <= ? AND state = ?", args...)
}

// one moves a single row, whatever is true of it: what is known about it counts also where the lease ran out
// meanwhile and somebody noted that nothing was known. It reports whether it did.
func (b *book) one(ctx context.Context, e entry) (bool, error) {
	froms := []Standing{e.from}
	if e.from == Sending {
		froms = append(froms, Unknown)
	}
	for _, from := range froms {
		if from == Unknown && e.back { // another process took it for lost, and it never left
			e.to, e.due = Deferred, b.s.Now
		}
		g := groupOf(e)
		g.from, g.to = from, e.to
		n, err := b.update(ctx, g, e.p.Seq, e.p.Seq)
		if err != nil {
			return false, err
		}
		if n == 0 {
			continue
		}
		b.count(e.p.counted(from), from, -1)
		b.count(e.p.counted(e.to), e.to, 1)
		b.charge(e.p, from, e.to)
		b.revived = b.revived || from == Unknown && e.to == Deferred
		return true, b.note(ctx, e)
	}
	return false, nil
}

// answerOf is what is kept of a recipient beside the ledger.
func (b *book) answerOf(e entry) answer {
	a := answer{
		CampaignID: b.v.row.ID, Seq: e.p.Seq, State: e.to, Attempts: e.p.attempts, DueAt: e.due, GiveUpAt: e.p.giveUp,
		AnsweredAt: b.s.Now, Code: e.code, Reason: cut(e.reason, mostReason),
	}
	if a.Attempts == 0 { // the time for trying begins with the first try
		a.GiveUpAt = time.Time{}
	}
	return a
}

const mostReason = 500

// note keeps why a row stands where it does: in the answer that is there, or in a new one where it is needed.
func (b *book) note(ctx context.Context, e entry) error {
	a := b.answerOf(e)
	n, err := b.s.Exec(ctx, store.From[answer](""), "UPDATE crm_campaign_answer SET state = ?, attempts = ?, due_at = ?, lease_owner = '', give_up_at = ?, answered_at = ?, code = ?, reason = ?"+
		" WHERE {scope} AND campaign_id = ? AND seq = ?", string(a.State), a.Attempts, a.DueAt, a.GiveUpAt, a.AnsweredAt, a.Code, a.Reason, a.CampaignID, a.Seq)
	if err != nil || n > 0 || e.to == Sent || e.to == Pending {
		return err
	}
	return b.s.InsertQuiet(ctx, &a)
}

// mark lets a row that is tried again leave, if it is still ours.
func (b *book) mark(ctx context.Context, e entry, until time.Time) (bool, error) {
	k := e.p.claim
	n, err := b.s.Exec(ctx, store.From[answer](""), "UPDATE crm_campaign_answer SET state = 'sending', due_at = ?"+
		" WHERE {scope} AND campaign_id = ? AND seq = ? AND lease_owner = ? AND state = ?", until, b.v.row.ID, e.p.Seq, k.owner, string(e.from))
	if err != nil || n == 0 {
		return false, err
	}
	n, err = b.update(ctx, group{from: e.from, to: Sending}, e.p.Seq, e.p.Seq)
	if err != nil || n == 0 {
		return false, err
	}
	b.count(e.p.Variant, e.from, -1)
	b.count(e.p.Variant, Sending, 1)
	b.charge(e.p, e.from, Sending)
	return true, nil
}

// unmark takes a row that is tried again back to where it was: it never left. Where it is kept, it stays ours.
func (b *book) unmark(ctx context.Context, e entry, keep bool, until time.Time) error {
	owner, due := e.p.claim.owner, until
	if !keep {
		owner, due = "", b.s.Now
	}
	n, err := b.s.Exec(ctx, store.From[answer](""), "UPDATE crm_campaign_answer SET state = ?, due_at = ?, lease_owner = ? WHERE {scope} AND campaign_id = ? AND seq = ?"+
		" AND lease_owner = ? AND state = 'sending'", string(e.to), due, owner, b.v.row.ID, e.p.Seq, e.p.claim.owner)
	if err != nil {
		return err
	}
	if n == 0 {
		_, err := b.one(ctx, e)
		return err
	}
	if n, err = b.update(ctx, group{from: Sending, to: e.to}, e.p.Seq, e.p.Seq); err != nil || n == 0 {
		return err
	}
	b.count(e.p.Variant, Sending, -1)
	b.count(e.p.Variant, e.to, 1)
	b.charge(e.p, Sending, e.to)
	return nil
}

// The reasons of recipients that nobody knows of.
const (
	codeDied     = "died"
	codeNoAnswer = "no_answer"
	diedReason   = "the program ended while the message was being sent; look into the mail server's log, or ask the reader, before it is sent again"
)

// abandoned notes what a dead process was sending of a chunk: rows that are tried again have leases of their
// own.
func (b *book) abandoned(ctx context.Context, k *claim, again time.Time) error {
	var rows []Recipient
	err := b.s.Query(ctx, &rows, store.From[Recipient]("r"), "SELECT r.seq, r.variant FROM crm_campaign_recipient AS r WHERE {scope} AND r.campaign_id = ? AND r.seq >= ? AND r.seq <= ?"+
		" AND r.state = 'sending' AND NOT EXISTS (SELECT 1 FROM crm_campaign_answer AS a WHERE a.campaign_id = r.campaign_id AND a.seq = r.seq)"+
		" ORDER BY r.seq", b.v.row.ID, k.first, k.last)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if (b.v.parts.variant(int64(r.Seq)) == "") != (k.part == restPart) {
			continue // it is of the other part, whose chunk another process holds
		}
		p := &parcel{Recipient: r, attempts: 1, giveUp: b.s.Now.Add(b.v.c.config.GiveUp), claim: k}
		if _, err := b.one(ctx, entry{p: p, from: Sending, to: Unknown, due: again, code: codeDied, reason: diedReason}); err != nil {
			return err
		}
	}
	return nil
}

// lost notes that nobody knows what became of a row whose process died while it tried it again.
func (b *book) lost(ctx context.Context, a answer, again time.Time) error {
	n, err := b.s.Exec(ctx, store.From[answer](""), "UPDATE crm_campaign_answer SET state = 'unknown', due_at = ?, lease_owner = '', answered_at = ?, code = ?, reason = ?"+
		" WHERE {scope} AND campaign_id = ? AND seq = ? AND state = 'sending' AND lease_owner = ? AND due_at <= ?",
		again, b.s.Now, codeDied, diedReason, a.CampaignID, a.Seq, a.LeaseOwner, b.s.Now)
	if err != nil || n == 0 {
		return err
	}
	var rows []Recipient
	if err := b.s.Select(&rows).Where("campaign_recipient.campaign_id = ?", a.CampaignID).Where("campaign_recipient.seq = ?", a.Seq).Scan(ctx); err != nil || len(rows) == 0 {
		return err
	}
	if n, err = b.update(ctx, group{from: Sending, to: Unknown}, a.Seq, a.Seq); err != nil || n == 0 {
		return err
	}
	b.count(rows[0].Variant, Sending, -1)
	b.count(rows[0].Variant, Unknown, 1)
	return nil
}

// close writes the counts, and what was spent.
func (b *book) close(ctx context.Context) error {
	variants := make([]string, 0, len(b.deltas))
	for v := range b.deltas {
		variants = append(variants, v)
	}
	slices.Sort(variants) // every process locks them in one order
	for _, v := range variants {
		d := b.deltas[v]
		_, err := b.s.Exec(ctx, store.From[count](""), "UPDATE crm_campaign_count SET pending = pending + ?, sending = sending + ?, sent = sent + ?, deferred = deferred + ?,"+
			" failed = failed + ?, bounced = bounced + ?, complained = complained + ?, unknown = unknown + ? WHERE {scope} AND campaign_id = ? AND variant = ?",
			d[Pending], d[Sending], d[Sent], d[Deferred], d[Failed], d[Bounced], d[Complained], d[Unknown], b.v.row.ID, v)
		if err != nil {
			return err
		}
	}
	return b.closeBill(ctx)
}
