package campaign

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/store"
)

// split says which rows of a ledger get which variant. It goes by the row's number alone, so that the
// statement that writes the rows and the figures about them agree; step spreads the parts evenly over the
// ledger, whose order is that of the readers' age.
type split struct {
	variants          []string
	modulus, step, of int
}

func splitOf(variants []string, share int) split {
	switch {
	case len(variants) == 1:
		return split{variants: variants, modulus: 1, step: 1, of: 1}
	case share >= 100:
		return split{variants: variants, modulus: len(variants), step: 1, of: 1}
	}
	// 61 has no divisor in common with 100: every slot comes once in a hundred rows.
	return split{variants: variants, modulus: 100, step: 61, of: max(1, share/len(variants))}
}

// waits reports whether some rows wait for a winner.
func (p split) waits() bool { return p.of*len(p.variants) < p.modulus }

// variant of the row with a number, "" where it waits for the winner.
func (p split) variant(seq int64) string {
	i := int(seq*int64(p.step)%int64(p.modulus)) / p.of
	if i < len(p.variants) {
		return p.variants[i]
	}
	return ""
}

// sql is variant as an expression over a column with the number.
func (p split) sql(column string) string {
	if len(p.variants) == 1 {
		return "'" + p.variants[0] + "'"
	}
	var b strings.Builder
	b.WriteString("CASE")
	for i, v := range p.variants {
		fmt.Fprintf(&b, " WHEN (%s * %d) %% %d < %d THEN '%s'", column, p.step, p.modulus, (i+1)*p.of, v)
	}
	b.WriteString(" ELSE '' END")
	return b.String()
}

// counts are how many of so many rows get each variant, "" included.
func (p split) counts(total int64) map[string]int64 {
	list := map[string]int64{}
	whole := total / int64(p.modulus)
	for slot := range int64(p.modulus) {
		n := whole
		if slot != 0 && slot <= total%int64(p.modulus) {
			n++
		}
		if n > 0 {
			list[p.variant(slot)] += n
		}
	}
	return list
}

// decide chooses the winner of a test whose time has come: the variant with the most readers who clicked for
// each mail that was sent, the earlier letter where two are level. It reports whether it did.
func (c *Campaigns) decide(ctx context.Context, id ID) (bool, error) {
	decided := false
	err := c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		decided = false
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return err
		}
		progress, err := runOf(ctx, s, id)
		if err != nil || row.State != Running || row.Winner != "" || row.DecideAfter == 0 || c.config.Clicks == nil || progress.TestedAt.IsZero() ||
			s.Now.Before(progress.TestedAt.Add(time.Duration(row.DecideAfter)*time.Minute)) {
			return err
		}
		scores, err := c.scores(ctx, s, row)
		if err != nil || len(scores) == 0 {
			return err
		}
		best := scores[0]
		for _, v := range scores[1:] {
			if v.Clicks*max(best.Sent, 1) > best.Clicks*max(v.Sent, 1) {
				best = v
			}
		}
		decided = true
		_, err = c.choose(ctx, s, id, best.Variant)
		return err
	})
	return decided, err
}

// scores are what is known of each variant, in their order.
func (c *Campaigns) scores(ctx context.Context, s *store.Session, row Campaign) ([]Score, error) {
	counts, err := countsOf(ctx, s, row.ID)
	if err != nil {
		return nil, err
	}
	clicks := map[string]int64{}
	if c.config.Clicks != nil {
		if clicks, err = c.config.Clicks(ctx, s, row); err != nil {
			return nil, err
		}
	}
	var list []Score
	for _, n := range counts {
		if n.Variant != "" {
			list = append(list, Score{Variant: n.Variant, Sent: n.Sent + n.Bounced + n.Complained + n.Unknown, Clicks: clicks[n.Variant]})
		}
	}
	return list, nil
}

// Scores are what is known about each variant of a campaign by now. It needs [Read].
func (c *Campaigns) Scores(ctx context.Context, id ID) ([]Score, error) {
	return store.Read(ctx, c.db, Read, func(ctx context.Context, s *store.Session) ([]Score, error) {
		var row Campaign
		if err := s.Get(ctx, &row, id); err != nil {
			return nil, err
		}
		return c.scores(ctx, s, row)
	})
}
