package campaign

import (
	"context"
	"errors"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// Gateway is a way out for text messages with its bounds.
type Gateway struct {
	sms.Gateway
	// Sender is the number or name that messages come from whose campaign names none.
	Sender string
	// Connections is how many messages one process hands over at a time; 4 where it is 0.
	Connections int
	// PerSecond is how many one process hands over in a second; 0 for no limit.
	PerSecond float64
}

// flightOf is how many messages of each connection are marked at most: a gateway answers slowly, and what is
// marked is unknown when the process dies.
const flightOf = 4

// gatewayFor gives the way out of a campaign on SMS, and the campaign with the sender it gets there.
func (c *Campaigns) gatewayFor(row Campaign) (Gateway, Campaign, bool) {
	g, known := c.config.Gateways[row.Transport]
	if row.SenderAddress == "" {
		row.SenderAddress = g.Sender
	}
	return g, row, known
}

// Sending is the campaign as it is sent: with the gateway's own sender where it names none.
func (c *Campaigns) Sending(row Campaign) Campaign {
	if row.Channel == SMS {
		_, row, _ = c.gatewayFor(row)
	}
	return row
}

// overGateway makes the server one of text messages.
func (v *server) overGateway(g Gateway) {
	if g.Connections == 0 {
		g.Connections = usualConnections
	}
	narrow := *v.c
	narrow.config.Window = min(narrow.config.Window, flightOf*g.Connections)
	v.c, v.gateway = &narrow, g.Gateway
	v.transport = Transport{Connections: g.Connections, PerSecond: g.PerSecond}
	v.gate = v.c.gates.of(v.row.Company, "sms\x00"+v.row.Transport)
	v.repeats = repeatable(g.Gateway)
}

// repeatable reports whether a message of which nobody knows can be tried again without anybody getting it
// twice: its gateway carries a key once, or can be asked.
func repeatable(g sms.Gateway) bool {
	if _, asked := g.(sms.Finder); asked {
		return true
	}
	once, ok := g.(sms.Repeater)
	return ok && once.Repeats()
}

// texter hands over what the ledger has marked, one message at a time.
func (v *server) texter(ctx context.Context) {
	for p := range v.out {
		if v.halted.Load() || time.Now().After(p.before) {
			v.end(ending{p: p, back: true})
			continue
		}
		v.end(v.hand(ctx, p))
	}
}

// hand hands one message over. Where nobody knows of an earlier try, the gateway is asked before.
func (v *server) hand(ctx context.Context, p *parcel) ending {
	key := TextKey(v.row.Number, p.Seq)
	if finder, ok := v.gateway.(sms.Finder); ok && p.home == Unknown {
		report, err := finder.Find(ctx, key)
		switch {
		case err == nil:
			return ending{p: p, receipt: report.GatewayID, err: found(report)}
		case !errors.Is(err, fault.NotFound):
			return ending{p: p, err: mail.NewFailure(mail.Unknown, err, "the gateway does not say whether it has the message")}
		}
	}
	receipt, err := v.gateway.Send(ctx, sms.Message{ID: key, From: p.ReturnPath, To: p.Address, Text: p.Text.Text})
	return ending{p: p, receipt: receipt.GatewayID, err: err}
}

// found is what a report says of a message that the gateway was asked about.
func found(r sms.Report) error {
	switch r.State {
	case sms.Undelivered:
		return mail.NewFailure(mail.Permanent, nil, "it was not delivered: %s", r.Reason)
	case sms.NoSuchNumber:
		return mail.NewFailure(mail.Permanent, sms.ErrNoNumber, "%s", r.Reason)
	case sms.Lost:
		return mail.NewFailure(mail.Unknown, nil, "the gateway does not know: %s", r.Reason)
	case sms.Carried, sms.Delivered:
	}
	return nil
}

// quietThere says until when the reader's country wants quiet.
func (v *server) quietThere(now time.Time, p *parcel) (time.Time, bool) {
	if p.Text == nil {
		return time.Time{}, false
	}
	zone := p.Text.Rule.Zone
	if p.Text.Rule.Country == "" { // one that the rules do not name
		zone = zoneOf(p.Text.Country, v.zone)
	}
	until := p.Text.Rule.Quiet.Next(now, zone)
	return until.UTC(), until.After(now)
}

// composeTexts prepares what is the same for all readers of a campaign on SMS.
func (v *server) composeTexts(s *store.Session, contents []Content) error {
	if v.c.config.Messages == nil {
		return fault.New(fault.Unavailable, "no text messages are sent here; set Config.Messages")
	}
	links := 0
	for _, p := range contents {
		t, err := v.c.config.Messages.compose(v.row, p, s.Now)
		if err != nil {
			return err
		}
		if t.links = links; t.counted {
			links += len(t.program.Links)
		}
		v.languages[p.Variant] = append(v.languages[p.Variant], p.Language)
		v.words[p.Variant+"/"+string(p.Language)] = &words{loader: t}
	}
	return nil
}
