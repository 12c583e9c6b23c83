package opportunity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/testutil"
)

func sum(sellers []opportunity.Seller) money.Percent {
	var total money.Percent
	for _, s := range sellers {
		total = total.Add(s.Share)
	}
	return total
}

// TestSplitIsAlwaysWhole sets teams with random shares: those that do not add up to 100 % are refused
// and leave the team as it was, and what stands in the database always adds up.
func TestSplitIsAlwaysWhole(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	o := w.create(nil)
	rapid.Check(t, func(rt *rapid.T) {
		before := w.card(o.ID)
		n := rapid.IntRange(1, 5).Draw(rt, "sellers")
		left := int64(1000000)
		team := opportunity.Team{Owner: staff[rapid.IntRange(0, n-1).Draw(rt, "owner")]}
		for i := range n {
			share := left
			if i < n-1 {
				share = rapid.Int64Range(0, left).Draw(rt, "share")
			}
			left -= share
			team.Sellers = append(team.Sellers, opportunity.Seller{User: staff[i], Share: money.NewPercent(decimal.New(share, -4))})
		}
		off := rapid.SampledFrom([]int64{0, 0, 1, -1, 50}).Draw(rt, "off")
		i := rapid.IntRange(0, n-1).Draw(rt, "at")
		team.Sellers[i].Share = team.Sellers[i].Share.Add(money.NewPercent(decimal.New(off, -4)))

		_, err := w.opps.SetTeam(w.admin, o.ID, 0, team)
		after := w.card(o.ID)
		if !sum(after.Sellers).Equal(percent("100")) {
			rt.Fatalf("the split adds up to %s", sum(after.Sellers))
		}
		if !slices.ContainsFunc(after.Sellers, func(s opportunity.Seller) bool { return s.User == after.OwnerUser }) {
			rt.Fatalf("the owner %s is not among the sellers", after.OwnerUser)
		}
		if off != 0 && (len(fault.Of(err)) == 0 || after.Version != before.Version) {
			rt.Fatalf("a split of %s was taken: %v", sum(team.Sellers), err)
		}
		if off == 0 && (err != nil || len(after.Sellers) != n) {
			rt.Fatalf("a whole split was refused: %v", err)
		}
	})
}

func TestEvenSharesAndParts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, opportunity.MaxParts).Draw(rt, "sellers")
		users := make([]string, n)
		for i := range users {
			users[i] = fmt.Sprint("user", i)
		}
		sellers := opportunity.Even(users...)
		if !sum(sellers).Equal(percent("100")) {
			rt.Fatalf("%d even shares add up to %s", n, sum(sellers))
		}
		if most := sellers[0].Share.Sub(sellers[n-1].Share); most.GreaterThan(decimal.New(1, -4)) {
			rt.Fatalf("even shares differ by %s", most)
		}
		total := money.NewAmount(decimal.New(rapid.Int64Range(0, 1<<50).Draw(rt, "cents"), -2))
		parts, err := opportunity.Divide(total, "EUR", sellers)
		if err != nil {
			rt.Fatal(err)
		}
		var all money.Amount
		for _, p := range parts {
			all = all.Add(p)
		}
		if !all.Equal(total) {
			rt.Fatalf("the parts of %s add up to %s", total, all)
		}
	})
}

func TestMentions(t *testing.T) {
	for _, row := range []struct {
		name, body string
		want       []string
	}{
		{"at the beginning, with a stop behind", "@kovacs.anna. Kész.", []string{"kovacs.anna"}},
		{"in brackets", "lásd @[kovacs anna], @[]", []string{"kovacs anna"}},
		{"each once", "@a @b @a", []string{"a", "b"}},
		{"right to left", "שלום @כהן, תודה", []string{"כהן"}},
		{"Cyrillic and Greek", "(@иванов) @δημήτρης;", []string{"иванов", "δημήτρης"}},
		{"an accent of its own", "@kova\u0301cs", []string{"kova\u0301cs"}},
		{"an e-mail address names nobody", "anna@minta.hu, a.b@c @@x", nil},
		{"a lone sign", "@ 5 Ft, @", nil},
		{"a bracket that is never closed", "@[kovacs", nil},
	} {
		t.Run(row.name, func(t *testing.T) { same(t, "mentions", opportunity.Mentions(row.body), row.want) })
	}
}

func FuzzMentions(f *testing.F) {
	for _, seed := range []string{"@kovacs.anna és @[kovacs anna]", "anna@minta.hu", "@כהן, @иванов", "@[", "@@@", "@[a,b]", "@\xff", "@a\x00b", "@[\xff]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		for _, m := range opportunity.Mentions(body) {
			if m == "" || !strings.Contains(body, m) || strings.ContainsAny(m, ",@\x00") || utf8.ValidString(body) && !utf8.ValidString(m) {
				t.Errorf("%q names %q", body, m)
			}
		}
	})
}
