package tablehost

import (
	"context"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/testutil"
)

func TestFieldsGoThereAndBack(t *testing.T) {
	day := civil.Date{Year: 2026, Month: 7, Day: 13}
	m := Mapping{Lookups: map[string]Lookup{
		"code": {Table: "core_code", Parameters: []string{"name"}, Where: map[string]Condition{"name": {Value: "name"}}, Column: "code"},
	}}
	tests := []struct {
		name string
		def  Field
		part holds
		ours any
		// host is what stands in the column, read what we read again where it is not ours.
		host string
		read any
	}{
		{"plain text", Field{}, ofText, "árvíztűrő", "árvíztűrő", nil},
		{"a value of the host's own", Field{Values: map[string]string{"hu": "HUN", "en": "ENG"}}, ofText, "hu", "HUN", nil},
		{"a value that is not listed", Field{Values: map[string]string{"hu": "HUN"}}, ofText, "el", "el", nil},
		{"yes", Field{Values: map[string]string{"true": "I", "false": "N"}}, ofFlag, true, "I", nil},
		{"no", Field{Values: map[string]string{"true": "I", "false": "N"}}, ofFlag, false, "N", nil},
		{"yes as a digit", Field{}, ofFlag, true, "1", nil},
		{"nothing that has a sign", Field{Empty: "-"}, ofText, "", "-", nil},
		{"something in spite of the sign", Field{Empty: "-"}, ofText, "x", "x", nil},
		{"formulas both ways", Field{Write: "upper(value)", Read: "lower(value)"}, ofText, "Őrsi", "ŐRSI", "őrsi"},
		{"a default for what is left open", Field{Default: "customer.name + '!'"}, ofText, "", "Kovács!", "Kovács!"},
		{"a lookup", Field{Lookup: "code", Read: "value == 'K1' ? 'Kis' : value"}, ofText, "Kis", "K1", nil},
		{"a fraction", Field{As: asFraction, Storage: "text"}, ofPercent, decimal.RequireFromString("12.5"), "0.125", nil},
		{"a factor", Field{As: asFactor, Storage: "text"}, ofPercent, decimal.RequireFromString("12.5"), "0.875", nil},
		{"a cascade", Field{As: asCascade}, ofPercent, decimal.RequireFromString("14.5"), "14.5", nil},
		{"a day as text", Field{}, ofDay, day, "2026-07-13", nil},
		{"a day in the host's form", Field{Write: `format(value, "20060102")`, Read: `date(left(value, 4) + "-" + mid(value, 5, 2) + "-" + right(value, 2))`}, ofDay, day, "20260713", nil},
		{"a number as text", Field{}, ofWhole, int64(30), "30", nil},
	}
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, m, Options{})
		c.must(t, func(ctx context.Context, w work) error {
			e := c.rowsOf(t, Entity{Table: "core_code", Key: Key{Column: "code"}, Fields: map[string]Field{"name": {Column: "name"}}})
			return w.insertRows(ctx, e.table, [][]assignment{{{column: e.columns["code"], value: "K1"}, {column: e.columns["name"], value: "Kis"}}})
		})
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				if test.def.Storage == "text" && env.File == "" {
					t.Skip("a decimal in a text column is of SQLite")
				}
				def := test.def
				def.Column = "name"
				mapping := m
				mapping.Products = &Entity{Table: "core_code", Key: Key{Column: "code"}, Fields: map[string]Field{"stock": {Column: "name", Storage: def.Storage}}}
				if def.Storage == "" {
					mapping.Products = nil
				}
				def.Storage = ""
				c := c.with(mapping)
				e := c.entity(entityAt{"test", part{"x": test.part}, c.environments().customer, c.environments().customer},
					&Entity{Table: "core_code", Key: Key{Column: "code"}, Fields: map[string]Field{"x": def}})
				if err := c.compiler.faults.Err("the field"); err != nil {
					t.Fatal(err)
				}
				key := "T" + string(rune('A'+i))
				c.must(t, func(ctx context.Context, w work) error {
					var faults fault.List
					draft := map[string]any{"x": test.ours}
					with := w.vars(vars{"customer": map[string]any{"name": "Kovács"}})
					if err := w.preset(ctx, e, draft, with); err != nil {
						return err
					}
					set, err := w.assign(ctx, e, draft, with, &faults)
					if err == nil {
						err = faults.Err("the draft")
					}
					if err != nil {
						return err
					}
					set = append(set, assignment{column: e.key.column, value: key})
					if _, err := w.insert(ctx, e.table, e.key, set, with); err != nil {
						return err
					}
					r, _, err := w.one(ctx, question{of: e, where: []cond{e.key.is(key)}})
					if err != nil {
						return err
					}
					if host := textOf(r.raw[e.fields["x"].at]); host != test.host {
						t.Errorf("the host has %q, want %q", host, test.host)
					}
					want := test.read
					if want == nil {
						want = test.ours
					}
					if got := r.value("x"); textOf(got) != textOf(want) {
						t.Errorf("read again it is %v, want %v", got, want)
					}
					return nil
				})
			})
		}
	})
}

func TestWhatDoesNotFitIsNamedAtItsField(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{Lookups: map[string]Lookup{
			"code": {Table: "core_code", Parameters: []string{"name"}, Where: map[string]Condition{"name": {Value: "name"}}, Column: "code", Message: "open it first"},
		}}, Options{})
		e := c.rowsOf(t, Entity{Table: "core_party", Key: Key{Column: "id", Identity: true}, Fields: map[string]Field{
			"name": {Column: "name"}, "city": {Column: "kind"}, "region": {Column: "name", Write: "whole(value)"}, "country": {Column: "kind", Lookup: "code"},
		}})
		var faults fault.List
		c.must(t, func(ctx context.Context, w work) error {
			draft := map[string]any{"name": strings.Repeat("ő", 41), "city": strings.Repeat("x", 11), "region": "x", "country": "none"}
			_, err := w.assign(ctx, e, draft, w.vars(), &faults)
			return err
		})
		want := map[string]string{"name": "the column takes 40", "address.city": "the column takes 10", "address.region": "customers.fields.region.write", "address.country": "open it first"}
		for _, f := range faults {
			if text, expected := want[f.Path]; !expected || !strings.Contains(f.Message, text) {
				t.Errorf("unexpected fault %+v", f)
			}
			delete(want, f.Path)
		}
		if len(want) > 0 {
			t.Errorf("no fault at %v", want)
		}
	})
}
