package segment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// What hangs on a party stays there when the party is merged into another one, and then is the other one's.
// Rows are led to the survivor by as many joins as merges followed each other in the companies at hand: none
// where nobody was ever merged.

// maxAliases is how many merges may follow each other.
const maxAliases = 8

// aliasDepth says how many merges follow each other. The bound, which no key is below, leads to the index, where
// IS NOT NULL would read the table.
func aliasDepth(ctx context.Context, s *store.Session) (int, error) {
	for depth := range maxAliases {
		from, where, below := "crm_party AS party", "party.merged_into > ?", "party"
		for i := range depth {
			above := fmt.Sprintf("above%d", i)
			from += " CROSS JOIN crm_party AS " + above
			where += " AND " + above + ".id = " + below + ".merged_into AND " + above + ".merged_into IS NOT NULL"
			below = above
		}
		var found []int
		err := s.Query(ctx, &found, everyone, "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM "+from+" WHERE {scope} AND "+where+")", make([]byte, len(party.ID{})))
		if err != nil || len(found) == 0 {
			return depth, err
		}
	}
	return 0, fault.New(fault.Limit, "parties were merged more than %d times in a row", maxAliases)
}

// survivor gives the joins and the expression that lead from a party's key to the party it stands for.
func survivor(key string, depth int) (joins, expression string) {
	if depth == 0 {
		return "", key
	}
	var steps []string
	from := key
	for i := range depth {
		alias := fmt.Sprintf("alias%d", i)
		joins += " LEFT JOIN crm_party AS " + alias + " ON " + alias + ".id = " + from
		from = alias + ".merged_into"
		steps = append([]string{from}, steps...)
	}
	return joins, "COALESCE(" + strings.Join(append(steps, key), ", ") + ")"
}

// ofSurvivors leads the rows of a list to those who stand.
func ofSurvivors(l rule.List, depth int) rule.List {
	if depth == 0 || l.From == "" {
		return l
	}
	l.Own = l.Key
	joins, key := survivor(l.Key, depth)
	l.From, l.Key = l.From+joins, key
	return l
}

// aliases finds those who were merged into parties, however often.
func aliases(ctx context.Context, s *store.Session, parties [][16]byte) (map[[16]byte][16]byte, error) {
	of := map[[16]byte][16]byte{}
	level := parties
	for len(level) > 0 {
		var below [][16]byte
		for part := range slices.Chunk(level, rule.Chunk) {
			args := make([]any, len(part))
			for i := range part {
				args[i] = part[i][:]
			}
			var found []struct {
				ID         party.ID `bun:"id"`
				MergedInto party.ID `bun:"merged_into"`
			}
			err := s.Query(ctx, &found, everyone, "SELECT party.id, party.merged_into FROM crm_party AS into_party CROSS JOIN crm_party AS party WHERE {scope} AND into_party.id IN ("+store.In(len(part))+") AND party.merged_into = into_party.id", args...)
			if err != nil {
				return nil, err
			}
			for _, f := range found {
				if _, known := of[f.ID]; known {
					continue
				}
				of[f.ID] = f.MergedInto
				if above, merged := of[f.MergedInto]; merged {
					of[f.ID] = above
				}
				below = append(below, f.ID)
			}
		}
		level = below
	}
	return of, nil
}

// companyParty is the table of parties without its guard: whom a party stands for does not depend on who asks.
type companyParty struct {
	bun.BaseModel `bun:"table:crm_party,alias:party"`

	Company string `bun:"company,type:nvarchar(40)"`
}

var everyone = store.From[companyParty]("party")
