package campaign

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// textRun is what a campaign of text messages costs, and what gateways reported. It is apart from the
// campaign, so that the work raises no versions.
type textRun struct {
	bun.BaseModel `bun:"table:crm_sms_run,alias:sms_run"`

	CampaignID ID     `bun:"campaign_id"`
	Company    string `bun:"company,type:nvarchar(40)"`
	// PricedTo is the last row of the ledger that was priced, Estimate the JSON of what came of it, and
	// Expected its total.
	PricedTo int64        `bun:"priced_to"`
	Estimate string       `bun:"estimate"`
	Expected money.Amount `bun:"expected"`
	// Spent and Parts are those of messages that gateways have taken, or may have.
	Spent money.Amount `bun:"spent"`
	Parts int64        `bun:"parts"`
	// Delivered, Undelivered and Lost count the messages that are reported so.
	Delivered   int64 `bun:"delivered"`
	Undelivered int64 `bun:"undelivered"`
	Lost        int64 `bun:"lost"`
}

// textMessage is a message that a gateway has taken, or may have.
type textMessage struct {
	bun.BaseModel `bun:"table:crm_sms_message,alias:sms_message"`

	CampaignID ID           `bun:"campaign_id"`
	Seq        int          `bun:"seq"`
	Company    string       `bun:"company,type:nvarchar(40)"`
	GatewayID  string       `bun:"gateway_id,type:nvarchar(200)"`
	Parts      int          `bun:"parts"`
	Cost       money.Amount `bun:"cost"`
	// State is "" before the gateway reports.
	State      sms.State `bun:"state,type:nvarchar(20)"`
	ReportedAt time.Time `bun:"reported_at,nullzero"`
	Reason     string    `bun:"reason,type:nvarchar(200)"`
}

// textRunOf reads what a campaign costs; a zero one where it has not begun.
func textRunOf(ctx context.Context, s *store.Session, id ID) (textRun, error) {
	var rows []textRun
	err := s.Select(&rows).Where("sms_run.campaign_id = ?", id).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return textRun{CampaignID: id}, err
	}
	return rows[0], nil
}

// paid reports whether a standing is one in which the gateway has the message, or may have it.
func paid(s Standing) bool { return s == Sending || s == Sent || s == Unknown }

// charge notes what a recipient's move costs, or gives back.
func (b *book) charge(p *parcel, from, to Standing) {
	if p.Text == nil || paid(from) == paid(to) {
		return
	}
	if paid(to) {
		b.spent, b.parts = b.spent.Add(p.Text.Cost), b.parts+int64(p.Text.Size.Parts)
		return
	}
	b.spent, b.parts = b.spent.Sub(p.Text.Cost), b.parts-int64(p.Text.Size.Parts)
}

// refund gives back what a message cost of which it turned out that nobody took it.
func (b *book) refund(ctx context.Context, seq int) error {
	var rows []textMessage
	err := b.s.Select(&rows).Where("sms_message.campaign_id = ?", b.v.row.ID).Where("sms_message.seq = ?", seq).Scan(ctx)
	for _, r := range rows {
		b.spent, b.parts = b.spent.Sub(r.Cost), b.parts-int64(r.Parts)
	}
	return err
}

// closeBill writes what was spent.
func (b *book) closeBill(ctx context.Context) error {
	if b.spent.IsZero() && b.parts == 0 {
		return nil
	}
	n, err := b.s.Exec(ctx, store.From[textRun](""), "UPDATE crm_sms_run SET spent = spent + ?, parts = parts + ? WHERE {scope} AND campaign_id = ?", b.spent, b.parts, b.v.row.ID)
	if err != nil || n > 0 {
		return err
	}
	return b.s.InsertQuiet(ctx, &textRun{CampaignID: b.v.row.ID, Spent: b.spent, Parts: b.parts}) // one that was never frozen
}

// keepTexts writes down which messages left, under which keys the gateway reports them, and what they cost.
func (w *window) keepTexts(ctx context.Context) error {
	var fresh []textMessage
	for _, e := range w.ends {
		if e.back || e.p.Text == nil || e.to != Sent && e.to != Unknown {
			continue
		}
		m := textMessage{CampaignID: w.server.row.ID, Seq: e.p.Seq, GatewayID: cut(e.receipt, mostGatewayID), Parts: e.p.Text.Size.Parts, Cost: e.p.Text.Cost}
		if w.sure(e) {
			fresh = append(fresh, m)
			continue
		}
		n, err := w.book.s.Exec(ctx, store.From[textMessage](""), "UPDATE crm_sms_message SET gateway_id = ?, parts = ?, cost = ? WHERE {scope} AND campaign_id = ? AND seq = ?",
			m.GatewayID, m.Parts, m.Cost, m.CampaignID, m.Seq)
		if err != nil {
			return err
		}
		if n == 0 {
			fresh = append(fresh, m)
		}
	}
	return w.book.s.InsertQuiet(ctx, &fresh)
}

const mostGatewayID = 200

// afford cuts the marks to what the budget still has, over all processes. Where the next one does not fit the
// campaign is paused at the end of the window.
func (w *window) afford(ctx context.Context, marks []entry) ([]entry, error) {
	row := w.server.row
	if row.Channel != SMS || row.Budget.IsZero() || len(marks) == 0 {
		return marks, nil
	}
	s := w.book.s
	if _, err := lockRun(ctx, s, row.ID); err != nil { // before anybody else reads what was spent
		return nil, err
	}
	r, err := textRunOf(ctx, s, row.ID)
	if err != nil {
		return nil, err
	}
	spent := row.CostFixed.Add(r.Spent).Add(w.book.spent)
	for i, e := range marks {
		next := spent
		if !paid(e.from) {
			next = spent.Add(e.p.Text.Cost)
		}
		if next.Cmp(row.Budget) > 0 {
			w.unmarked, w.blocked = append(w.unmarked, marks[i:]...), true
			if i == 0 && w.server.flying == len(w.ends) { // what is under way is seen through before
				w.short = next
			}
			return marks[:i], nil
		}
		spent = next
	}
	return marks, nil
}

// stopAtBudget pauses a campaign whose next message would cost more than it may.
func (w *window) stopAtBudget(ctx context.Context) error {
	if w.short.IsZero() {
		return nil
	}
	s, row := w.book.s, w.server.row
	needs := w.short.Sub(row.CostFixed)
	if _, err := s.Exec(ctx, store.From[textRun](""), "UPDATE crm_sms_run SET expected = ? WHERE {scope} AND campaign_id = ? AND expected < ?", needs, row.ID, needs); err != nil {
		return err
	}
	_, err := w.server.c.pause(ctx, s, row.ID, ByBudget, "the next message would cost more than its budget; raise the budget to go on")
	return err
}

// pricePiece is how many rows of a ledger are priced at once.
const pricePiece = 500

// price goes through the ledger of a campaign on SMS before its first message leaves, and adds up what it
// will cost; when all of it is priced the campaign begins, if its budget allows. Where it stops, by whatever,
// it goes on from the last committed piece.
func (c *Campaigns) price(ctx context.Context, id ID, until time.Time) error {
	for ctx.Err() == nil && time.Now().Before(until) {
		v, r, e, last, err := c.pricedPiece(ctx, id)
		if err != nil || v == nil {
			return err
		}
		done := false
		err = c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
			done = false
			progress, err := lockRun(ctx, s, id)
			if err != nil {
				return err
			}
			raw, err := json.Marshal(e)
			if err != nil {
				return err
			}
			n, err := s.Exec(ctx, store.From[textRun](""), "UPDATE crm_sms_run SET priced_to = ?, estimate = ?, expected = ? WHERE {scope} AND campaign_id = ? AND priced_to = ?",
				last, string(raw), e.Total, id, r.PricedTo)
			if done = last >= progress.Total; err != nil || !done || n == 0 {
				return err
			}
			var row Campaign
			if err := s.Get(ctx, &row, id); err != nil || row.State != Freezing {
				return err
			}
			return c.start(ctx, s, row, progress.Total)
		})
		if err != nil || done {
			return err
		}
	}
	return nil
}

// pricedPiece prices the next rows; a nil server where there is nothing to price.
func (c *Campaigns) pricedPiece(ctx context.Context, id ID) (v *server, r textRun, e sms.Estimate, last int64, err error) {
	var unfit error
	err = c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		v, unfit, last = nil, nil, 0
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil || row.State != Freezing {
			return err
		}
		progress, err := runOf(ctx, s, id)
		if err != nil || progress.Frozen == 0 {
			return err
		}
		if r, err = textRunOf(ctx, s, id); err != nil {
			return err
		}
		if e, err = r.estimate(); err != nil {
			return err
		}
		p := c.pricing(row)
		contents, err := contentsOf(ctx, s, id)
		if err != nil {
			return err
		}
		if unfit = p.composeAll(ctx, s, contents); unfit != nil {
			return nil //nolint:nilerr // what was priced so far stays; the campaign pauses for what cannot be written
		}
		var rows []Recipient
		err = s.Select(&rows).Where("campaign_recipient.campaign_id = ?", id).Where("campaign_recipient.seq > ?", r.PricedTo).
			OrderExpr("campaign_recipient.seq").Limit(pricePiece).Scan(ctx)
		if err != nil {
			return err
		}
		if last = r.PricedTo; len(rows) > 0 {
			last = int64(rows[len(rows)-1].Seq)
		}
		v = p
		_, err = p.estimate(ctx, s, rows, &e)
		return err
	})
	if err == nil && unfit != nil {
		return nil, r, e, 0, c.unfit(ctx, id, unfit)
	}
	return v, r, e, last, err
}

// estimate reads what the priced part of the ledger comes to.
func (r textRun) estimate() (e sms.Estimate, err error) {
	if r.Estimate != "" {
		err = json.Unmarshal([]byte(r.Estimate), &e)
	}
	return e, err
}

// pricing is a server that sends nothing: it composes, to say what that costs.
func (c *Campaigns) pricing(row Campaign) *server {
	v := c.newServer()
	v.row = row
	return v
}

// estimate adds messages for readers to an estimate, and counts those who cannot be written to.
func (v *server) estimate(ctx context.Context, s *store.Session, rows []Recipient, e *sms.Estimate) (unfit int, err error) {
	e.Tariff = v.c.config.Messages.Tariff(v.row)
	for i := range rows {
		if rows[i].Variant == "" { // it waits for a winner that nobody knows yet
			rows[i].Variant = v.parts.variants[0]
		}
	}
	list, err := v.addressed(ctx, s, rows)
	if err != nil {
		return 0, err
	}
	for i, a := range list {
		if a.Err != nil {
			unfit++
			continue
		}
		e.Add(rows[i].Address, a.Text.Text)
	}
	return unfit, nil
}

// expectedCost is what a campaign costs when its whole ledger has got it, and how many of its messages have no
// price.
func expectedCost(ctx context.Context, s *store.Session, row Campaign, total int64) (cost money.Amount, unpriced int, err error) {
	if row.Channel != SMS {
		return row.cost(total), 0, nil
	}
	r, err := textRunOf(ctx, s, row.ID)
	if err != nil {
		return cost, 0, err
	}
	e, err := r.estimate()
	if cost = r.Expected; r.Spent.Cmp(cost) > 0 {
		cost = r.Spent
	}
	return row.CostFixed.Add(cost), e.Unpriced, err
}

// overBudget says why a campaign may not begin, or go on: "" where it may.
func overBudget(ctx context.Context, s *store.Session, row Campaign, total int64) (string, error) {
	if row.Budget.IsZero() {
		return "", nil
	}
	cost, unpriced, err := expectedCost(ctx, s, row, total)
	switch {
	case err != nil:
		return "", err
	case unpriced > 0:
		return overUnpriced(unpriced), nil
	case cost.Cmp(row.Budget) > 0:
		return "it costs " + cost.String() + " " + row.Currency + " for its audience, which is more than its budget of " + row.Budget.String() + "; raise the budget or choose fewer readers", nil
	}
	return "", nil
}

func overUnpriced(n int) string {
	return strconv.Itoa(n) + " of its messages have no price, so that its budget cannot be kept; give a price for a part, or take the budget away"
}

// budgetFault refuses by a reason.
func budgetFault(reason, what string) error {
	if reason == "" {
		return nil
	}
	var faults fault.List
	faults.Add("budget", "budget", "%s", reason)
	return faults.Err("%s", what)
}

// priced reports whether the ledger of a campaign is complete, and on SMS what it costs is known.
func priced(ctx context.Context, s *store.Session, row Campaign, progress run) (bool, error) {
	if progress.Frozen == 0 || row.Channel != SMS {
		return progress.Frozen == 1, nil
	}
	bill, err := textRunOf(ctx, s, row.ID)
	return !row.StartedAt.IsZero() || progress.Total > 0 && bill.PricedTo >= progress.Total, err
}
