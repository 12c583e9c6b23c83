package catalog_test

import (
	"testing"

	"github.com/crmplus/crmplus/erpbridge/catalog"
)

func TestCheckConstraints(t *testing.T) {
	for _, row := range []struct {
		name, expression string
		arg              any
		want, unknown    bool
	}{
		{name: "in", expression: "(STATE IN ('N', 'P'))", arg: "P", want: true},
		{name: "not in the list", expression: "(STATE IN ('N', 'P'))", arg: "X"},
		{name: "as SQL Server writes it", expression: "([STATE]='P' OR [STATE]='N')", arg: "N", want: true},
		{name: "as SQL Server writes it, another", expression: "([STATE]='P' OR [STATE]='N')", arg: "open"},
		{name: "case and blanks do not matter", expression: "STATE = N'paid'", arg: "PAID ", want: true},
		{name: "a quote in a literal", expression: "STATE IN ('it''s')", arg: "it's", want: true},
		{name: "bounds", expression: "([STATE]>=(0) AND [STATE]<=(1))", arg: 0.125, want: true},
		{name: "above the bounds", expression: "([STATE]>=(0) AND [STATE]<=(1))", arg: int64(10)},
		{name: "between", expression: "STATE BETWEEN 1 AND 12", arg: int64(12), want: true},
		{name: "not between", expression: "STATE NOT BETWEEN 1 AND 12", arg: int64(12)},
		{name: "a decimal as text", expression: "STATE > 0.5", arg: "0.75", want: true},
		{name: "below zero", expression: "STATE > -1", arg: int64(-2)},
		{name: "not equal", expression: "STATE <> 0", arg: int64(0)},
		{name: "null or more", expression: "STATE IS NULL OR STATE >= 5", arg: int64(4)},
		{name: "negated", expression: "NOT (STATE = 'X')", arg: "N", want: true},
		{name: "NULL passes", expression: "STATE = 'X'", arg: nil, want: true},
		{name: "another column", expression: "OTHER >= STATE", arg: int64(1), unknown: true},
		{name: "a comparison with a column", expression: "STATE >= OTHER", arg: int64(1), unknown: true},
		{name: "a function", expression: "LEN(STATE) = 3", arg: "abc", unknown: true},
		{name: "a pattern", expression: "STATE LIKE 'C%'", arg: "C1", unknown: true},
		{name: "not closed", expression: "(STATE = 1", arg: int64(1), unknown: true},
		{name: "nothing", expression: "", arg: int64(1), unknown: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := catalog.Check{Expression: row.expression}
			permitted, known := c.Permits("STATE", row.arg)
			if known == row.unknown || known && permitted != row.want {
				t.Errorf("permitted %v, known %v", permitted, known)
			}
		})
	}
}

// FuzzCheck: definitions are foreign text; reading them ends, whatever they are.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{"(STATE IN ('N', 'P'))", "([STATE]>=(0) AND [STATE]<=(1))", "NOT NOT (", "STATE BETWEEN 1", "STATE = 1e999999999", "((((((((STATE))))))))=1", "STATE = 'x", "[STATE"} {
		f.Add(s, "5")
	}
	f.Fuzz(func(t *testing.T, expression, arg string) {
		c := catalog.Check{Expression: expression}
		once, known := c.Permits("STATE", arg)
		if twice, again := c.Permits("STATE", arg); once != twice || known != again {
			t.Fatal("it judges differently the second time")
		}
	})
}
