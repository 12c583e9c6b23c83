package newsletter

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/newsletter/track"
)

// refused closes addresses that do not exist, or have refused too often, in the transaction that writes down
// what the server said.
func (n *Newsletters) refused(ctx context.Context, s *store.Session, list []campaign.Refusal) error {
	for _, r := range list {
		now := came{campaign: r.Campaign, seq: r.Seq, party: r.Party, address: r.Address, class: r.Answer.Class, text: r.Answer.Text}
		if err := n.judge(ctx, s, now); err != nil {
			return err
		}
	}
	return nil
}

// Returned takes a mail that came to a return path: a report that a letter was not delivered, a complaint, an
// out-of-office note. What it says is written into the ledger; an address that does not exist or has refused too
// often ([Config.Limits]), and one whose reader complained, are closed. It reports what the mail was; one that is
// about none of ours changes nothing.
func (n *Newsletters) Returned(ctx context.Context, raw []byte) (bounce.Report, error) {
	report := bounce.Parse(raw)
	number, seq, ok := report.Reference.Find(n.keys.ReadReturnPath)
	if !ok {
		return report, nil
	}
	return report, n.reported(ctx, report, track.Token{Campaign: number, Seq: seq})
}

// BounceHook is the address that a mail provider calls with what became of our mails; Take is filled in. The letters
// it speaks of are found by their return path or their Message-ID.
func (n *Newsletters) BounceHook(c bounce.HookConfig) (http.Handler, error) {
	c.Take = func(ctx context.Context, reports []bounce.Report) error {
		for _, report := range reports {
			token, ok := n.letter(ctx, report)
			if !ok {
				continue
			}
			if err := n.reported(ctx, report, token); err != nil {
				return err
			}
		}
		return nil
	}
	if c.Log == nil {
		c.Log = n.config.Log
	}
	return bounce.NewHook(c)
}

// letter finds the letter that a provider reports on. Message-IDs are not signed as return paths are, but the
// provider is known by its secret; that the letter went to the reported address is looked at all the same.
func (n *Newsletters) letter(ctx context.Context, report bounce.Report) (track.Token, bool) {
	if number, seq, ok := report.Reference.Find(n.keys.ReadReturnPath); ok {
		return track.Token{Campaign: number, Seq: seq}, true
	}
	for _, id := range report.Reference.MessageIDs {
		local, _, _ := strings.Cut(id, "@")
		first, second, _ := strings.Cut(local, ".")
		number, err := strconv.ParseInt(first, 36, 64)
		seq, wrong := strconv.ParseUint(second, 36, 32)
		if err != nil || wrong != nil || seq == 0 {
			continue
		}
		token := track.Token{Campaign: number, Seq: uint32(seq)}
		reader, err := n.Campaigns.Reader(ctx, token)
		if err == nil && slices.ContainsFunc(report.Recipients, func(r bounce.Recipient) bool {
			address, err := party.NormalizeEmail(r.Address)
			return err == nil && address == reader.Address
		}) {
			return token, true
		}
	}
	return track.Token{}, false
}

// reported writes down what a report says about one letter. Said twice it changes nothing.
func (n *Newsletters) reported(ctx context.Context, report bounce.Report, token track.Token) error {
	if report.Kind != bounce.Delivery && report.Kind != bounce.Complaint {
		return nil
	}
	row, err := n.Campaigns.Numbered(ctx, token.Campaign)
	if errors.Is(err, fault.NotFound) {
		return nil // of another installation, or its campaign is gone
	}
	if err != nil {
		return err
	}
	ctx = actor.With(ctx, actor.System(row.Company, "bounces"))
	reader, err := n.Campaigns.Reader(ctx, token)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now := came{campaign: row.ID, seq: int(token.Seq), party: reader.PartyID, address: reader.Address, complaint: report.Kind == bounce.Complaint, text: "complaint"}
	to := campaign.Complained
	if !now.complaint {
		now.class, now.text = worst(report)
		switch now.class {
		case bounce.Hard, bounce.Soft:
			to = campaign.Bounced
		case bounce.Own:
			to = campaign.Failed
		case bounce.Temporary, bounce.None:
			return nil
		}
	}
	return n.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if _, err := n.Campaigns.In(s).Returned(ctx, row.ID, []campaign.Return{{Seq: now.seq, To: to, Reason: clip(now.text)}}); err != nil {
			return err
		}
		return n.judge(ctx, s, now)
	})
}

// came is one thing that came back from an address.
type came struct {
	campaign  campaign.ID
	seq       int
	party     party.ID
	address   string
	complaint bool
	class     bounce.Class
	text      string
}

// judge closes an address, or not.
func (n *Newsletters) judge(ctx context.Context, s *store.Session, now came) error {
	block := subscription.Block{Channel: subscription.Email, Address: now.address, Reason: subscription.Complaint, Source: clip(now.text)}
	if !now.complaint {
		if now.class != bounce.Hard && now.class != bounce.Soft {
			return nil
		}
		past, err := n.past(ctx, s, now)
		if err != nil {
			return err
		}
		decision := n.config.Limits.Decide(append(past, bounce.Past{At: s.Now, Class: now.class}))
		if !decision.Stop {
			return nil
		}
		block.Reason = subscription.HardBounce
		if now.class == bounce.Soft {
			block.Source = clip(decision.Reason + ": " + now.text)
		}
	}
	return n.Subscriptions.In(s).Suppress(ctx, block)
}

// past is what came back from an address before, with the presses of links between, in order of time. It is read
// from the ledgers of the reader's campaigns: nothing else is kept of him for it. An address of one's own has none.
func (n *Newsletters) past(ctx context.Context, s *store.Session, now came) ([]bounce.Past, error) {
	if now.party.IsZero() {
		return nil, nil
	}
	var rows []struct {
		Reason    string    `bun:"reason"`
		State     string    `bun:"state"`
		At        time.Time `bun:"answered_at,nullzero"`
		ClickedAt int64     `bun:"clicked_at"`
	}
	err := s.Query(ctx, &rows, store.From[campaign.Recipient]("r"), "SELECT r.state, COALESCE(a.reason, '') AS reason, a.answered_at, COALESCE(t.clicked_at, 0) AS clicked_at"+
		" FROM crm_campaign_recipient AS r JOIN crm_campaign AS c ON c.id = r.campaign_id LEFT JOIN crm_campaign_answer AS a ON a.campaign_id = r.campaign_id AND a.seq = r.seq"+
		" LEFT JOIN crm_track_reader AS t ON t.campaign = c.number AND t.seq = r.seq"+
		" WHERE {scope} AND r.party_id = ? AND r.address = ? AND NOT (r.campaign_id = ? AND r.seq = ?) AND (r.state = 'bounced' OR t.clicks > 0)",
		now.party, now.address, now.campaign, now.seq)
	if err != nil {
		return nil, err
	}
	var past []bounce.Past
	for _, r := range rows {
		if r.ClickedAt > 0 {
			past = append(past, bounce.Past{At: time.UnixMilli(r.ClickedAt).UTC(), Class: bounce.None})
		}
		if r.State == string(campaign.Bounced) && !r.At.IsZero() {
			class := bounce.Soft // of providers that name no code
			if bounce.ParseAnswer(r.Reason).Class == bounce.Hard {
				class = bounce.Hard
			}
			past = append(past, bounce.Past{At: r.At, Class: class})
		}
	}
	slices.SortStableFunc(past, func(a, b bounce.Past) int { return a.At.Compare(b.At) })
	return past, nil
}

// worst is the gravest of what a report says about its recipients.
func worst(r bounce.Report) (bounce.Class, string) {
	for _, class := range []bounce.Class{bounce.Hard, bounce.Own, bounce.Soft, bounce.Temporary} {
		for _, one := range r.Recipients {
			if one.Class == class {
				return class, one.Text
			}
		}
	}
	return bounce.None, ""
}

// clip keeps the beginning of what a server said, as long as it is kept.
func clip(text string) string {
	const most = 200
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}
