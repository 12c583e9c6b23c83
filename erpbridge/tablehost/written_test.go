package tablehost

import (
	"context"
	"reflect"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/testutil"
)

// TestWrittenRowsAreAsTheyAreRead compares what is told of a row that was just written with what reading it
// gives, and holds that nothing is told where a trigger, a default or a condition has its say.
func TestWrittenRowsAreAsTheyAreRead(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{}, Options{})
		code := Key{Column: "code", Template: "upper(left(letters(ascii(customer.name)) + 'XXXXX', 4)) + text(try)"}
		fields := map[string]Field{"name": {Column: "name"}}
		tests := []struct {
			name    string
			def     Entity
			certain bool
		}{
			{"a plain table, with a code that is filled up with blanks", Entity{Table: "core_code", Key: code, Fields: fields}, true},
			{"a column that nothing is written into", Entity{Table: "core_code", Key: code, Fields: map[string]Field{"city": {Column: "name"}}}, true},
			{"a trigger", Entity{Table: "core_party", Key: Key{Column: "id", Identity: true}, Fields: fields}, false},
			{"a default", Entity{Table: "core_stock", Key: Key{Column: "product", Template: "left(letters(ascii(customer.name)), 5) + text(try)"}, Fields: map[string]Field{"stock": {Column: "moved"}}}, false},
			{"a condition", Entity{Table: "core_code", Key: code, Fields: fields, Where: map[string]Condition{"name": {Op: "<>", Value: "'Kovács'"}}}, false},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				e := c.rowsOf(t, test.def)
				c.must(t, func(ctx context.Context, w work) error {
					var faults fault.List
					with := w.vars(vars{"customer": named("Őrsi")})
					values, err := w.assign(ctx, e, named("Őrsi"), with, &faults)
					if err != nil {
						return err
					}
					row := freshRow{table: e.table, key: e.key, values: values}
					if err := w.identify(ctx, &row, with); err != nil {
						return err
					}
					if err := w.place(ctx, &row); err != nil {
						return err
					}
					told, certain := w.kept(e, &row)
					if certain != test.certain {
						t.Fatalf("told without reading: %t, want %t", certain, test.certain)
					}
					if !certain {
						return nil
					}
					if err := w.interpret(ctx, &told); err != nil {
						return err
					}
					read, _, err := w.one(ctx, question{of: e, where: []cond{e.key.is(row.made)}})
					if !reflect.DeepEqual(told, read) {
						t.Errorf("told is %+v, read %+v", told, read)
					}
					return err
				})
			})
		}
	})
}
