package campaign

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Detail is a recipient with what is known of it.
type Detail struct {
	Recipient

	// Attempts is how often it was tried, where it was not simply sent.
	Attempts int `bun:"attempts" json:"attempts,omitempty"`
	// DueAt is when it is tried next.
	DueAt time.Time `bun:"due_at,nullzero" json:"due_at,omitzero"`
	// Code is one of temporary, permanent, gave_up, content, withdrawn, quiet, throttle, died, no_answer; ""
	// where nothing went wrong. Reason is what the server said.
	Code   string `bun:"code" json:"code,omitempty"`
	Reason string `bun:"reason" json:"reason,omitempty"`
}

// Choice picks recipients of a campaign.
type Choice struct {
	// State is one standing, "" for all.
	State Standing
	// After is the number of the last row of the page before, 0 for the first page.
	After int
	// Limit is how many rows, 50 where it is 0, at most 500.
	Limit int
}

// Details is one page of recipients, in the order of the ledger.
type Details struct {
	Rows []Detail `json:"rows"`
	// Next is After for the page behind this one; 0 where there is none.
	Next int `json:"next,omitempty"`
}

// Recipients reads one page of a campaign's ledger. It needs [Read].
func (c *Campaigns) Recipients(ctx context.Context, id ID, choice Choice) (Details, error) {
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) (Details, error) {
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return Details{}, err
		}
		if choice.State != "" && !slices.Contains(Standings, choice.State) {
			return Details{}, fault.New(fault.Invalid, "%q is no standing of a recipient", string(choice.State))
		}
		var out Details
		limit := store.Page{Limit: choice.Limit}.Size()
		err := s.Query(ctx, &out.Rows, store.From[Recipient]("r"), choice.query()+s.Limit(limit), choice.args(id)...)
		if n := len(out.Rows); err == nil && n == limit {
			out.Next = out.Rows[n-1].Seq
		}
		return out, err
	})
}

const detailColumns = "SELECT r.seq, r.party_id, r.address, r.name, r.language, r.variant, r.state, r.sent_at," +
	" COALESCE(a.attempts, 0) AS attempts, a.due_at, COALESCE(a.code, '') AS code, COALESCE(a.reason, '') AS reason"

// query begins at the answers where the standing is one that always has an answer: those are few among many.
// Bounces and complaints that came later have one, too.
func (f Choice) query() string {
	switch f.State {
	case Deferred, Failed, Bounced, Complained, Unknown:
		return detailColumns + " FROM crm_campaign_answer AS a JOIN crm_campaign_recipient AS r ON r.campaign_id = a.campaign_id AND r.seq = a.seq" +
			" WHERE {scope} AND a.campaign_id = ? AND a.seq > ? AND a.state = ? ORDER BY a.seq"
	}
	text := detailColumns + " FROM crm_campaign_recipient AS r LEFT JOIN crm_campaign_answer AS a ON a.campaign_id = r.campaign_id AND a.seq = r.seq" +
		" WHERE {scope} AND r.campaign_id = ? AND r.seq > ?"
	if f.State != "" {
		text += " AND r.state = ?"
	}
	return text + " ORDER BY r.seq"
}

func (f Choice) args(id ID) []any {
	args := []any{id, f.After}
	if f.State != "" {
		args = append(args, string(f.State))
	}
	return args
}

// Decision is what a person says about a recipient of whom nobody knows.
type Decision string

// The decisions.
const (
	// Arrived: it was sent, as the mail server's log or the reader says.
	Arrived Decision = "arrived"
	// Lost: it was not sent, and is not to be.
	Lost Decision = "lost"
	// Repeat: it is sent again.
	Repeat Decision = "repeat"
)

// MaxResolved is how many recipients are decided about at once.
const MaxResolved = 500

// Resolve decides about recipients of whom nobody knows whether they got their mail, and reports about how
// many it did: rows that are not unknown any more stay as they are. To send to some again, a campaign that is
// done goes on. It needs [Send].
func (c *Campaigns) Resolve(ctx context.Context, id ID, seqs []int, d Decision) (int, error) {
	return store.Write(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (int, error) {
		to, known := map[Decision]Standing{Arrived: Sent, Lost: Failed, Repeat: Deferred}[d]
		var faults fault.List
		if !known {
			faults.Add("decision", "choice", "%.20q is no decision; choose arrived, lost or repeat", string(d))
		}
		if len(seqs) > MaxResolved {
			faults.Add("recipients", "count", "are %d, at most %d are decided about at once", len(seqs), MaxResolved)
		}
		if err := faults.Err("nothing was decided"); err != nil {
			return 0, err
		}
		var row Campaign
		if err := s.Lock(ctx, &row, id); err != nil {
			return 0, err
		}
		b := (&server{c: c, row: row}).book(s)
		n := 0
		for _, seq := range seqs {
			done, err := b.resolve(ctx, seq, to)
			if err != nil {
				return 0, err
			}
			if done {
				n++
			}
		}
		if err := b.close(ctx); err != nil || n == 0 {
			return n, err
		}
		err := s.Audit(ctx, store.Entry{Action: "resolve", Kind: "campaign", Record: id.Bytes(), Version: row.Version,
			Changes: []store.Change{{Field: "unknown", From: strconv.Itoa(n), To: string(d)}}})
		if err != nil || d != Repeat || row.State != Done {
			return n, err
		}
		return n, c.reopen(ctx, s, id)
	})
}

// reopen lets a campaign that is done go on.
func (c *Campaigns) reopen(ctx context.Context, s *store.Session, id ID) error {
	_, err := c.move(ctx, s, id, move{kind: EventResumed, from: []State{Done}, done: "resumed", remedy: "it has ended",
		change: func(_ context.Context, _ *store.Session, next *Campaign) error {
			next.State, next.EndedAt = Running, time.Time{}
			return nil
		}})
	return err
}

// resolve moves one row that is unknown.
func (b *book) resolve(ctx context.Context, seq int, to Standing) (bool, error) {
	var rows []Recipient
	err := b.s.Select(&rows).Where("campaign_recipient.campaign_id = ?", b.v.row.ID).Where("campaign_recipient.seq = ?", seq).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	n, err := b.update(ctx, group{from: Unknown, to: to}, seq, seq)
	if err != nil || n == 0 {
		return false, err
	}
	if b.v.row.Channel == SMS && !paid(to) {
		if err := b.refund(ctx, seq); err != nil {
			return false, err
		}
	}
	var due time.Time
	if to == Deferred {
		due = b.s.Now
	}
	_, err = b.s.Exec(ctx, store.From[answer](""), "UPDATE crm_campaign_answer SET state = ?, due_at = ?, lease_owner = '', code = 'resolved', answered_at = ? WHERE {scope} AND campaign_id = ? AND seq = ?",
		string(to), due, b.s.Now, b.v.row.ID, seq)
	b.count(rows[0].Variant, Unknown, -1)
	b.count(rows[0].Variant, to, 1)
	return true, err
}

// Return is what came back about a message that was sent.
type Return struct {
	// Seq is the recipient's row.
	Seq int
	// To is Bounced or Complained; Failed where the message was refused for our own sake.
	To Standing
	// Reason is what the report says.
	Reason string
}

// Returned writes down bounces and complaints, as part of the session of the package that read them
// ([Campaigns.In]); only the system may. It reports how many rows it moved: a complaint outweighs a bounce,
// and a second report changes nothing. A report about a recipient nobody knew of says that it had left.
func (c *Campaigns) Returned(ctx context.Context, id ID, list []Return) (int, error) {
	n := 0
	err := c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		n = 0
		if s.Actor.Kind != actor.KindSystem {
			return fault.New(fault.Forbidden, "only the background writes down what came back")
		}
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return err
		}
		b := (&server{c: c, row: row}).book(s)
		for _, r := range list {
			moved, err := b.returned(ctx, r)
			if err != nil {
				return err
			}
			if moved {
				n++
			}
		}
		return b.close(ctx)
	})
	return n, err
}

func (b *book) returned(ctx context.Context, r Return) (bool, error) {
	froms := []Standing{Sent, Unknown}
	switch r.To {
	case Bounced, Failed:
	case Complained:
		froms = append(froms, Bounced)
	default:
		return false, fmt.Errorf("campaign: nothing comes back as %q", r.To)
	}
	var rows []Recipient
	err := b.s.Select(&rows).Where("campaign_recipient.campaign_id = ?", b.v.row.ID).Where("campaign_recipient.seq = ?", r.Seq).Scan(ctx)
	if err != nil || len(rows) == 0 || !slices.Contains(froms, rows[0].State) {
		return false, err
	}
	p := &parcel{Recipient: rows[0], attempts: 1}
	n, err := b.update(ctx, group{from: p.State, to: r.To}, r.Seq, r.Seq)
	if err != nil || n == 0 {
		return false, err
	}
	b.count(p.Variant, p.State, -1)
	b.count(p.Variant, r.To, 1)
	return true, b.note(ctx, entry{p: p, to: r.To, code: codeReport, reason: r.Reason})
}

// codeReport: a report came back after it was sent.
const codeReport = "report"

// Numbered finds a campaign by its number, of whatever company: for doors at which somebody shows nothing but a
// token. What follows is done in the name of its company.
func (c *Campaigns) Numbered(ctx context.Context, number int64) (Campaign, error) {
	place := "?"
	if c.db.Dialect() == store.MSSQL {
		place = "@p1"
	}
	var company string
	var id ID
	err := c.db.SQL().QueryRowContext(ctx, "SELECT company, id FROM crm_campaign WHERE number = "+place, number).Scan(&company, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return Campaign{}, fault.New(fault.NotFound, "there is no campaign %d", number)
	}
	if err != nil {
		return Campaign{}, fault.Wrap(err, fault.Unavailable, "campaign %d cannot be looked up", number)
	}
	return c.Get(actor.With(ctx, actor.System(company, "campaign")), id)
}
