package campaign

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// TextEstimate is what a campaign on SMS would cost now.
type TextEstimate struct {
	sms.Estimate
	// Currency is that of all its money.
	Currency string `json:"currency"`
	// Readers is how many rows the audience has. Where Sampled is set, only the first [MostEstimated] were looked
	// at, and Cost goes by them; the ledger is priced to the last row before its first message leaves.
	Readers int  `json:"readers"`
	Sampled bool `json:"sampled"`
	// Unfit is how many cannot be written to, because something that their message needs is missing.
	Unfit int `json:"unfit"`
	// Cost is all of it, with what the campaign itself costs; Saves is what it would be less in the letters of
	// the default alphabet.
	Cost  money.Amount `json:"cost"`
	Saves money.Amount `json:"saves"`
	// Budget is that of the campaign, and Over why it does not allow this, "" where it does.
	Budget money.Amount `json:"budget"`
	Over   string       `json:"over,omitempty"`
}

// MostEstimated is how many readers an estimate looks at.
const MostEstimated = 20_000

// Estimate prices a draft for whoever would get it now, each message as it stands after personalising. A
// content that cannot be sent is fault.Invalid. It needs [Read].
func (c *Campaigns) Estimate(ctx context.Context, id ID) (TextEstimate, error) {
	if err := c.before(ctx); err != nil {
		return TextEstimate{}, err
	}
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) (TextEstimate, error) {
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return TextEstimate{}, err
		}
		if row.Channel != SMS {
			return TextEstimate{}, fault.New(fault.Invalid, "the campaign does not go by SMS; what it costs stands in its plan")
		}
		v := c.pricing(row)
		contents, err := contentsOf(ctx, s, id)
		if err != nil {
			return TextEstimate{}, err
		}
		if len(contents) == 0 {
			return TextEstimate{}, fault.List{{Path: "contents", Code: "required", Message: "are missing; write what the campaign says"}}.Err("nothing can be priced")
		}
		if err := v.composeAll(ctx, s, contents); err != nil {
			return TextEstimate{}, err
		}
		out := TextEstimate{Currency: c.config.Messages.Tariff(row).Currency, Budget: row.Budget}
		if err := v.estimateAudience(ctx, s, &out); err != nil {
			return out, err
		}
		out.close(row)
		return out, nil
	})
}

// audienceRow is one reader of an audience.
type audienceRow struct {
	PartyID  party.ID        `bun:"party_id"`
	Address  string          `bun:"address"`
	Language locale.Language `bun:"language"`
	Name     string          `bun:"name"`
}

// estimateAudience goes through the audience as freezing would: each address once, nobody who must not be
// written to.
func (v *server) estimateAudience(ctx context.Context, s *store.Session, out *TextEstimate) error {
	audience, err := v.c.config.Audience(ctx, s, v.row)
	if err != nil {
		return err
	}
	text, args, err := audience.Select(s)
	if err != nil {
		return err
	}
	known := " FROM (" + text + ") AS a WHERE a.party_id > ? AND a.address <> '' AND EXISTS (SELECT 1 FROM crm_campaign AS c WHERE {scope} AND c.id = ?)"
	var total int
	err = s.Query(ctx, &total, store.From[Campaign]("c"), "SELECT COUNT(*)"+known, append(append([]any{}, args...), []byte{0}, v.row.ID)...)
	if err != nil {
		return err
	}
	out.Readers = total + len(v.row.Seeds())
	var own []Recipient
	seen := map[string]bool{}
	for i, address := range v.row.Seeds() {
		own = append(own, Recipient{Seq: i + 1, Address: address, Language: v.row.Language, Variant: v.parts.variant(int64(i + 1))})
		seen[address] = true
	}
	if out.Unfit, err = v.estimate(ctx, s, own, &out.Estimate); err != nil {
		return err
	}
	after, looked := []byte{0}, 0
	for looked < MostEstimated {
		var rows []audienceRow
		err := s.Query(ctx, &rows, store.From[Campaign]("c"), "SELECT a.party_id, a.address, a.language, a.name"+known+" ORDER BY a.party_id, a.address"+s.Limit(pricePiece),
			append(append([]any{}, args...), after, v.row.ID)...)
		if err != nil {
			return err
		}
		if err := v.estimatePiece(ctx, s, rows, seen, out); err != nil || len(rows) < pricePiece {
			return err
		}
		looked, after = looked+len(rows), rows[len(rows)-1].PartyID.Bytes()
	}
	out.Sampled = looked < total
	return nil
}

func (v *server) estimatePiece(ctx context.Context, s *store.Session, rows []audienceRow, seen map[string]bool, out *TextEstimate) error {
	addresses := make([]string, len(rows))
	for i, r := range rows {
		addresses[i] = r.Address
	}
	closed := map[string]string{}
	if v.c.config.Sieve != nil {
		var err error
		if closed, err = v.c.config.Sieve(ctx, s, SMS, addresses); err != nil {
			return err
		}
	}
	var list []Recipient
	for _, r := range rows {
		if _, gone := closed[r.Address]; gone || seen[r.Address] {
			continue
		}
		seen[r.Address] = true
		seq := len(seen)
		list = append(list, Recipient{Seq: seq, PartyID: r.PartyID, Address: r.Address, Language: r.Language, Name: r.Name, Variant: v.parts.variant(int64(seq))})
	}
	unfit, err := v.estimate(ctx, s, list, &out.Estimate)
	out.Unfit += unfit
	return err
}

// close adds what all of it comes to.
func (e *TextEstimate) close(row Campaign) {
	e.Cost, e.Saves = e.Total, e.Total.Sub(e.PlainTotal)
	if n := e.Messages + e.Unfit; e.Sampled && n > 0 {
		whole := func(a money.Amount) money.Amount {
			return money.Round(money.NewAmount(a.Mul(decimal.NewFromInt(int64(e.Readers))).Div(decimal.NewFromInt(int64(n)))), e.Currency)
		}
		e.Cost, e.Saves = whole(e.Cost), whole(e.Saves)
	}
	e.Cost = e.Cost.Add(row.CostFixed)
	switch {
	case row.Budget.IsZero():
	case e.Unpriced > 0:
		e.Over = overUnpriced(e.Unpriced)
	case e.Cost.Cmp(row.Budget) > 0:
		e.Over = "it would cost " + e.Cost.String() + " " + e.Currency + ", which is more than its budget of " + row.Budget.String() + "; raise the budget, shorten the text or choose fewer readers"
	}
}

// completeTexts names what a campaign on SMS lacks before it can begin.
func (c *Campaigns) completeTexts(ctx context.Context, s *store.Session, row Campaign, contents []Content, faults *fault.List) error {
	if c.config.Messages == nil {
		faults.Add("channel", "channel", "no text messages are sent here; choose another channel")
		return nil
	}
	own, err := OwnFields(ctx, s)
	if err != nil {
		return err
	}
	counted := true
	for _, p := range contents {
		d, err := ReadTextDesign(p)
		counted = counted && d.Counted
		if err == nil {
			_, err = d.compile(slices.Concat(c.config.Messages.config.Fields, own))
		}
		for _, f := range fault.Of(err) {
			faults.Add("contents", f.Code, "%s in variant %s, %s: %s", f.Path, p.Variant, p.Language, f.Message)
		}
	}
	if row.DecideAfter > 0 && !counted && len(variantsOf(contents)) > 1 && row.TestShare < 100 {
		faults.Add("decide_after", "clicks", "clicks of text messages are counted only where each of them says so; have their links counted, or set it to 0 and choose the winner yourself")
	}
	return nil
}

// overBefore says why the budget of a draft does not allow what it would cost now. What else is wrong with it is
// named elsewhere.
func (c *Campaigns) overBefore(ctx context.Context, id ID) (string, error) {
	row, err := store.Read(ctx, c.db, Send, func(ctx context.Context, s *store.Session) (Campaign, error) {
		var row Campaign
		return row, s.Get(ctx, &row, id)
	})
	if err != nil || row.Channel != SMS || row.Budget.IsZero() || row.State != Draft || row.Audience == "" || c.config.Messages == nil || c.config.Audience == nil {
		return "", err
	}
	e, err := c.Estimate(ctx, id)
	if err != nil && fault.CodeOf(err) == fault.Invalid {
		return "", nil
	}
	return e.Over, err
}
