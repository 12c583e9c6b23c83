package subscription

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Reason says why an address is not to be written to.
type Reason string

// The reasons.
const (
	// OptedOut: the reader ended everything.
	OptedOut Reason = "unsubscribed"
	// HardBounce: nobody receives mail there.
	HardBounce Reason = "hard_bounce"
	// Complaint: the reader called a letter spam.
	Complaint Reason = "complaint"
	// Manual: the company decided it; only the company takes it back.
	Manual Reason = "manual"
	// GotErased: the person's data were erased.
	GotErased Reason = "erased"
)

// Reasons are all reasons.
var Reasons = []Reason{OptedOut, HardBounce, Complaint, Manual, GotErased}

// In names the reason in a reader's language.
func (r Reason) In(l locale.Language) string { return Texts.T(l, "reason."+string(r)) }

// weight orders reasons: a stronger one replaces a weaker one, and a weaker one changes nothing.
var weight = map[Reason]int{OptedOut: 1, HardBounce: 2, Complaint: 3, GotErased: 4, Manual: 5}

// lasts reports whether the reader's own wish does not take the reason away: a stranger who asks for somebody
// else's address must not be able to, so that even the confirmation is not sent.
func (r Reason) lasts() bool { return r == Manual || r == Complaint }

// Suppression is one address that is not to be written to on a channel, as its hash.
type Suppression struct {
	bun.BaseModel `bun:"table:crm_suppression,alias:suppression"`

	Company     string    `bun:"company,pk,type:nvarchar(40)" json:"-"`
	Channel     Channel   `bun:"channel,pk,type:nvarchar(10)" json:"channel"`
	AddressHash Hash      `bun:"address_hash,pk" json:"address_hash"`
	Reason      Reason    `bun:"reason,type:nvarchar(20)" json:"reason"`
	Source      string    `bun:"source,type:nvarchar(200)" json:"source"`
	CreatedAt   time.Time `bun:"created_at" json:"created_at"`
	CreatedBy   string    `bun:"created_by,type:nvarchar(64)" json:"created_by"`
}

// Block is an address to be suppressed.
type Block struct {
	Channel Channel `json:"channel"`
	Address string  `json:"address"`
	Reason  Reason  `json:"reason"`
	// Source is what says so: the report of a mail server, the letter of a lawyer.
	Source string `json:"source"`
}

// Suppress puts an address onto the list, and ends what it gets. Putting it there twice changes nothing; a stronger
// reason replaces a weaker one. It needs [Write].
func (n *Subscriptions) Suppress(ctx context.Context, b Block) error {
	_, err := store.Write(ctx, n.db, Write, func(ctx context.Context, s *store.Session) (struct{}, error) {
		var faults fault.List
		if !slices.Contains(Reasons, b.Reason) {
			faults.Add("reason", "choice", "%.20q is none; choose from %v", string(b.Reason), Reasons)
		}
		to, wrong := n.channelled(s, b.Channel, b.Address)
		faults.Merge("", wrong)
		if err := faults.Err("the address cannot be suppressed"); err != nil {
			return struct{}{}, err
		}
		fresh, err := enlist(ctx, s, to.channel, to.hash, b.Reason, b.Source)
		if err != nil || !fresh {
			return struct{}{}, err
		}
		rows, err := ofAddress(ctx, s, to.hash)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, block(ctx, s, rows, to, b)
	})
	return err
}

// channelled is destination with a check of the channel.
func (n *Subscriptions) channelled(s *store.Session, ch Channel, address string) (destination, []fault.Fault) {
	if !slices.Contains(Channels, ch) {
		var faults fault.List
		faults.Add("channel", "choice", "%.20q is none; choose from %v", string(ch), Channels)
		return destination{}, faults
	}
	return n.destination(s, ch, address)
}

// block ends subscriptions of an address that came onto the list, and keeps that as evidence.
func block(ctx context.Context, s *store.Session, rows []sealed, to destination, b Block) error {
	if _, err := end(ctx, s, rows, Suppressed); err != nil {
		return err
	}
	e := Evidence{Channel: to.channel, AddressHash: to.hash, Act: Blocked, Note: string(b.Reason), Source: oneLine(b.Source, 200)}
	if len(rows) == 0 { // nobody's; the list itself is the evidence
		return nil
	}
	seen := map[party.ID]bool{}
	var list []Evidence
	for _, r := range rows {
		if !seen[r.PartyID] {
			seen[r.PartyID] = true
			e.PartyID = r.PartyID
			list = append(list, e)
		}
	}
	return keep(ctx, s, list...)
}

// enlist writes the list's row and reports whether anything changed.
func enlist(ctx context.Context, s *store.Session, ch Channel, hash Hash, r Reason, source string) (bool, error) {
	was, ok, err := listed(ctx, s, ch, hash)
	switch {
	case err != nil:
		return false, err
	case !ok:
		row := Suppression{Channel: ch, AddressHash: hash, Reason: r, Source: oneLine(source, 200), CreatedAt: s.Now, CreatedBy: s.Actor.UserID}
		return true, s.InsertQuiet(ctx, &row)
	case weight[r] <= weight[was.Reason]:
		return false, nil
	}
	changed, err := s.Exec(ctx, store.From[Suppression](""), "UPDATE crm_suppression SET reason = ?, source = ?, created_at = ?, created_by = ? WHERE {scope} AND channel = ? AND address_hash = ?",
		string(r), oneLine(source, 200), s.Now, s.Actor.UserID, string(ch), hash)
	return changed > 0, err
}

// listed reads the list's row of an address.
func listed(ctx context.Context, s *store.Session, ch Channel, hash Hash) (Suppression, bool, error) {
	var rows []Suppression
	err := s.Query(ctx, &rows, store.From[Suppression]("x"), "SELECT x.* FROM crm_suppression AS x WHERE {scope} AND x.company = ? AND x.channel = ? AND x.address_hash = ?",
		s.Actor.Company, string(ch), hash)
	if err != nil || len(rows) == 0 {
		return Suppression{}, false, err
	}
	return rows[0], true, nil
}

// Suppressed says whether and why an address is on the list; fault.NotFound where it is not. It needs [Read].
func (n *Subscriptions) Suppressed(ctx context.Context, ch Channel, address string) (Suppression, error) {
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) (Suppression, error) {
		to, faults := n.channelled(s, ch, address)
		if err := fault.List(faults).Err("there is no such address"); err != nil {
			return Suppression{}, err
		}
		row, ok, err := listed(ctx, s, ch, to.hash)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "the address is not suppressed")
		}
		return row, err
	})
}

// Lift takes an address off the list, for a reason that stands in the evidence. What it got does not start again: it
// is entered anew, or asked for. It needs [Write].
func (n *Subscriptions) Lift(ctx context.Context, ch Channel, address, why string) error {
	_, err := store.Write(ctx, n.db, Write, func(ctx context.Context, s *store.Session) (struct{}, error) {
		to, faults := n.channelled(s, ch, address)
		list := fault.List(faults)
		list.Required("why", oneLine(why, 400))
		if err := list.Err("the address stays suppressed"); err != nil {
			return struct{}{}, err
		}
		gone, err := unlist(ctx, s, to)
		if err != nil {
			return struct{}{}, err
		}
		if !gone {
			return struct{}{}, fault.New(fault.NotFound, "the address is not suppressed")
		}
		rows, err := ofAddress(ctx, s, to.hash)
		if err != nil || len(rows) == 0 {
			return struct{}{}, err
		}
		return struct{}{}, keep(ctx, s, Evidence{PartyID: rows[0].PartyID, Channel: ch, AddressHash: to.hash, Act: Lifted, Note: oneLine(why, 400)})
	})
	return err
}

// unlist takes an address off the list; what was suppressed by it counts as ended.
func unlist(ctx context.Context, s *store.Session, to destination) (bool, error) {
	n, err := s.Exec(ctx, store.From[Suppression](""), "DELETE FROM crm_suppression WHERE {scope} AND channel = ? AND address_hash = ?", string(to.channel), to.hash)
	if err != nil || n == 0 {
		return false, err
	}
	rows, err := ofAddress(ctx, s, to.hash)
	if err != nil {
		return false, err
	}
	for _, r := range rows {
		var was sealed
		if err := s.Lock(ctx, &was, r.ID); err != nil {
			return false, err
		}
		if was.State != Suppressed {
			continue
		}
		next := was
		next.State = Unsubscribed
		if err := save(ctx, s, was, &next); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Tally is how many addresses are suppressed for a reason.
type Tally struct {
	Channel Channel `bun:"channel" json:"channel"`
	Reason  Reason  `bun:"reason" json:"reason"`
	Count   int64   `bun:"n" json:"count"`
}

// Suppressions counts the list by channel and reason. It needs [Read].
func (n *Subscriptions) Suppressions(ctx context.Context) ([]Tally, error) {
	return store.Read(ctx, n.db, Read, func(ctx context.Context, s *store.Session) ([]Tally, error) {
		var out []Tally
		err := s.Query(ctx, &out, store.From[Suppression]("x"),
			"SELECT x.channel AS channel, x.reason AS reason, COUNT(*) AS n FROM crm_suppression AS x WHERE {scope} GROUP BY x.channel, x.reason ORDER BY x.channel, x.reason")
		return out, err
	})
}
