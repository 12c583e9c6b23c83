package campaign

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// MessagesReported writes down what a gateway says became of messages: what was delivered, also of recipients
// nobody knew of; what was not bounces, and numbers that do not exist are told to [Config.Refused]. A report
// that is told twice changes nothing, and one about none of ours is passed over; it gives how many changed
// something. While a message is still being handed over nothing can be said yet: that is fault.Unavailable, and
// the gateway tells it again. Only the system may.
func (c *Campaigns) MessagesReported(ctx context.Context, reports []sms.Report) (int, error) {
	changed := 0
	err := c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		changed = 0
		if s.Actor.Kind != actor.KindSystem {
			return fault.New(fault.Forbidden, "only the background writes down what gateways report")
		}
		books := map[ID]*book{}
		for _, r := range reports {
			id, seq, err := c.messageOf(ctx, s, r)
			if err != nil {
				return err
			}
			if id.IsZero() {
				continue
			}
			if books[id] == nil {
				var row Campaign
				if err := s.Get(ctx, &row, id); err != nil {
					return err
				}
				books[id] = (&server{c: c, row: row}).book(s)
			}
			did, err := books[id].reported(ctx, seq, r)
			if err != nil {
				return err
			}
			if did {
				changed++
			}
		}
		return closeBooks(ctx, books)
	})
	return changed, err
}

// closeBooks writes down what was booked for several campaigns; every process locks them in one order.
func closeBooks(ctx context.Context, books map[ID]*book) error {
	ids := slices.SortedFunc(maps.Keys(books), func(a, b ID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range ids {
		if err := books[id].close(ctx); err != nil {
			return err
		}
	}
	return nil
}

// messageOf finds the recipient of a report, by our own key or by the gateway's; a zero id where it is none of
// the company's.
func (c *Campaigns) messageOf(ctx context.Context, s *store.Session, r sms.Report) (id ID, seq int, err error) {
	if number, seq, ok := ReadTextKey(r.ID); ok {
		var ids []ID
		err := s.Query(ctx, &ids, store.From[Campaign]("c"), "SELECT c.id FROM crm_campaign AS c WHERE {scope} AND c.number = ? AND c.channel = 'sms'", number)
		if err != nil || len(ids) == 0 {
			return ID{}, 0, err
		}
		return ids[0], seq, nil
	}
	if r.GatewayID == "" {
		return ID{}, 0, nil
	}
	var rows []textMessage
	err = s.Select(&rows).Where("sms_message.gateway_id = ?", cut(r.GatewayID, mostGatewayID)).OrderExpr("sms_message.campaign_id, sms_message.seq").Limit(1).Scan(ctx)
	if err == nil && len(rows) > 0 {
		return rows[0].CampaignID, rows[0].Seq, nil
	}
	var sending []int64
	if err == nil {
		err = s.Query(ctx, &sending, store.From[Campaign]("c"), "SELECT n.sending FROM crm_campaign AS c JOIN crm_campaign_count AS n ON n.campaign_id = c.id"+
			" WHERE {scope} AND c.state IN ('running', 'paused') AND c.channel = 'sms' AND n.sending > 0")
	}
	if err == nil && len(sending) > 0 {
		err = errUnderWay
	}
	return ID{}, 0, err
}

// errUnderWay says that the ledger does not know yet what a gateway reports already.
var errUnderWay = fault.New(fault.Unavailable, "messages are being handed over; tell it again in a minute")

// reported writes down one report.
func (b *book) reported(ctx context.Context, seq int, r sms.Report) (bool, error) {
	var rows []Recipient
	err := b.s.Select(&rows).Where("campaign_recipient.campaign_id = ?", b.v.row.ID).Where("campaign_recipient.seq = ?", seq).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	row := rows[0]
	if row.State == Sending {
		return false, errUnderWay
	}
	fresh, err := b.delivery(ctx, seq, r)
	if err != nil || !fresh {
		return false, err
	}
	switch r.State {
	case sms.Carried, sms.Delivered:
		if row.State != Unknown {
			return true, nil
		}
		_, err = b.resolve(ctx, seq, Sent)
	case sms.Undelivered, sms.NoSuchNumber:
		if _, err = b.returned(ctx, Return{Seq: seq, To: Bounced, Reason: r.Reason}); err != nil {
			return false, err
		}
		if r.State == sms.NoSuchNumber && b.v.c.config.Refused != nil {
			err = b.v.c.config.Refused(ctx, b.s, []Refusal{{
				Campaign: b.v.row.ID, Channel: SMS, Seq: seq, Party: row.PartyID, Address: row.Address, Answer: bounce.Answer{Class: bounce.Hard, Text: noNumber(r.Reason)},
			}})
		}
	case sms.Lost:
	}
	return true, err
}

// noNumber is a sentence for a number that does not exist.
func noNumber(reason string) string {
	if strings.TrimSpace(reason) == "" {
		return sms.ErrNoNumber.Error()
	}
	return reason
}

// delivery notes the state of a message, and reports whether that says anything new: what is final stays so, but
// that a message which was given up may still be delivered.
func (b *book) delivery(ctx context.Context, seq int, r sms.Report) (bool, error) {
	var rows []textMessage
	err := b.s.Select(&rows).Where("sms_message.campaign_id = ?", b.v.row.ID).Where("sms_message.seq = ?", seq).Scan(ctx)
	if err != nil {
		return false, err
	}
	at := r.At
	if at.IsZero() || at.After(b.s.Now) {
		at = b.s.Now
	}
	m := textMessage{CampaignID: b.v.row.ID, Seq: seq, GatewayID: cut(r.GatewayID, mostGatewayID), State: r.State, ReportedAt: at, Reason: cut(r.Reason, mostGatewayID)}
	if len(rows) == 0 { // the process died before it was written down
		if err := b.s.InsertQuiet(ctx, &m); err != nil {
			return false, err
		}
		return true, b.countDelivery(ctx, "", r.State)
	}
	was := rows[0].State
	if was == r.State || was.Final() && r.State != sms.Delivered {
		return false, nil
	}
	n, err := b.s.Exec(ctx, store.From[textMessage](""), "UPDATE crm_sms_message SET state = ?, reported_at = ?, reason = ? WHERE {scope} AND campaign_id = ? AND seq = ? AND state = ?",
		string(m.State), m.ReportedAt, m.Reason, m.CampaignID, seq, string(was))
	if err != nil || n == 0 {
		return false, err
	}
	return true, b.countDelivery(ctx, was, r.State)
}

// countDelivery keeps the counts of states.
func (b *book) countDelivery(ctx context.Context, from, to sms.State) error {
	one := func(s ...sms.State) int {
		n := 0
		if slices.Contains(s, to) {
			n++
		}
		if slices.Contains(s, from) {
			n--
		}
		return n
	}
	_, err := b.s.Exec(ctx, store.From[textRun](""), "UPDATE crm_sms_run SET delivered = delivered + ?, undelivered = undelivered + ?, lost = lost + ? WHERE {scope} AND campaign_id = ?",
		one(sms.Delivered), one(sms.Undelivered, sms.NoSuchNumber), one(sms.Lost), b.v.row.ID)
	return err
}

// TextReport is what a campaign on SMS came to.
type TextReport struct {
	// Estimate is what its ledger was priced at before its first message left.
	Estimate sms.Estimate `json:"estimate"`
	Currency string       `json:"currency"`
	// Expected and Spent are with what the campaign itself costs; Parts are those that were spent on.
	Expected money.Amount `json:"expected"`
	Spent    money.Amount `json:"spent"`
	Parts    int64        `json:"parts"`
	// Delivered, Undelivered and Lost are what gateways reported; nothing was said of the others.
	Delivered   int64 `json:"delivered"`
	Undelivered int64 `json:"undelivered"`
	Lost        int64 `json:"lost"`
}

// TextReport reads what a campaign on SMS came to, from counts that the work keeps. It needs [Read].
func (c *Campaigns) TextReport(ctx context.Context, id ID) (TextReport, error) {
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) (TextReport, error) {
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return TextReport{}, err
		}
		r, err := textRunOf(ctx, s, id)
		if err != nil {
			return TextReport{}, err
		}
		out := TextReport{
			Currency: row.Currency, Expected: row.CostFixed.Add(r.Expected), Spent: row.CostFixed.Add(r.Spent), Parts: r.Parts,
			Delivered: r.Delivered, Undelivered: r.Undelivered, Lost: r.Lost,
		}
		if c.config.Messages != nil {
			out.Currency = c.config.Messages.Tariff(row).Currency
		}
		out.Estimate, err = r.estimate()
		return out, err
	})
}
