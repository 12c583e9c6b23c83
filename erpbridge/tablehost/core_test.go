package tablehost

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/catalog"
	"github.com/crmplus/crmplus/testutil"
)

// coreTables are small tables with what is hard about keys and numbers: an identity whose trigger inserts
// elsewhere and talks, natural codes, codes that are counted on, a default that makes the key, a number
// table, and a stock that is kept as text on SQLite.
var coreTables = map[catalog.Dialect]string{
	catalog.SQLite: `
CREATE TABLE core_log (id INTEGER PRIMARY KEY AUTOINCREMENT, said VARCHAR(40));
INSERT INTO core_log (id, said) VALUES (7000, 'begin');
CREATE TABLE core_party (id INTEGER PRIMARY KEY, company VARCHAR(40) NOT NULL, name VARCHAR(40) NOT NULL, kind VARCHAR(10) NOT NULL DEFAULT 'new');
CREATE TRIGGER core_party_says AFTER INSERT ON core_party BEGIN INSERT INTO core_log (said) VALUES (NEW.name); END;
CREATE TABLE core_code (company VARCHAR(40) NOT NULL, code CHAR(5) NOT NULL, name VARCHAR(40), PRIMARY KEY (company, code));
CREATE TABLE core_high (company VARCHAR(40) NOT NULL, code VARCHAR(8) NOT NULL, n INT NOT NULL, PRIMARY KEY (company, code));
CREATE TABLE core_made (id VARCHAR(36) NOT NULL DEFAULT (lower(hex(randomblob(4)) || '-0000-0000-0000-' || hex(randomblob(6)))) PRIMARY KEY, company VARCHAR(40) NOT NULL, name VARCHAR(40));
CREATE TABLE core_number (company VARCHAR(40) NOT NULL, series VARCHAR(10) NOT NULL, year INT NOT NULL, last INT NOT NULL, note VARCHAR(20), PRIMARY KEY (company, series, year));
CREATE TABLE core_stock (company VARCHAR(40) NOT NULL, product VARCHAR(10) NOT NULL, amount TEXT NULL, moved INT NOT NULL DEFAULT 0, PRIMARY KEY (company, product));
CREATE TRIGGER core_stock_says AFTER UPDATE ON core_stock BEGIN INSERT INTO core_log (said) VALUES (NEW.product); END`,
	catalog.MSSQL: `
IF OBJECT_ID('core_log') IS NULL CREATE TABLE core_log (id INT IDENTITY(7000,1) PRIMARY KEY, said NVARCHAR(40));
IF OBJECT_ID('core_party') IS NULL CREATE TABLE core_party (id INT IDENTITY(1,1) PRIMARY KEY, company VARCHAR(40) NOT NULL, name NVARCHAR(40) NOT NULL, kind VARCHAR(10) NOT NULL DEFAULT 'new');
IF OBJECT_ID('core_party_says') IS NULL EXEC('CREATE TRIGGER core_party_says ON core_party AFTER INSERT AS BEGIN INSERT INTO core_log (said) SELECT name FROM inserted END');
IF OBJECT_ID('core_code') IS NULL CREATE TABLE core_code (company VARCHAR(40) NOT NULL, code NCHAR(5) NOT NULL, name NVARCHAR(40), PRIMARY KEY (company, code));
IF OBJECT_ID('core_high') IS NULL CREATE TABLE core_high (company VARCHAR(40) NOT NULL, code VARCHAR(8) NOT NULL, n INT NOT NULL, PRIMARY KEY (company, code));
IF OBJECT_ID('core_made') IS NULL CREATE TABLE core_made (id UNIQUEIDENTIFIER NOT NULL DEFAULT NEWID() PRIMARY KEY, company VARCHAR(40) NOT NULL, name NVARCHAR(40));
IF OBJECT_ID('core_number') IS NULL CREATE TABLE core_number (company VARCHAR(40) NOT NULL, series VARCHAR(10) NOT NULL, year INT NOT NULL, last INT NOT NULL, note VARCHAR(20), PRIMARY KEY (company, series, year));
IF OBJECT_ID('core_stock') IS NULL CREATE TABLE core_stock (company VARCHAR(40) NOT NULL, product VARCHAR(10) NOT NULL, amount DECIMAL(18,4) NULL, moved INT NOT NULL DEFAULT 0, PRIMARY KEY (company, product));
IF OBJECT_ID('core_stock_says') IS NULL EXEC('CREATE TRIGGER core_stock_says ON core_stock AFTER UPDATE AS BEGIN INSERT INTO core_log (said) SELECT product FROM inserted END');
IF OBJECT_ID('core_numbers') IS NULL CREATE SEQUENCE core_numbers AS BIGINT START WITH 5000`,
}

// core is the machinery below the ports, on the tables above.
type core struct {
	*host
	*compiler
	env *testutil.Env
}

func openCore(t *testing.T, env *testutil.Env, mapping Mapping, options Options) core {
	t.Helper()
	dialect := catalog.Dialect(env.DB.Dialect())
	separator := map[catalog.Dialect]string{catalog.SQLite: ";\nCREATE ", catalog.MSSQL: ";\n"}[dialect]
	for i, statement := range strings.Split(coreTables[dialect], separator) {
		if i > 0 && dialect == catalog.SQLite {
			statement = "CREATE " + statement
		}
		if _, err := env.DB.SQL().Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	cat, err := catalog.Read(t.Context(), env.DB.SQL(), dialect)
	if err != nil {
		t.Fatal(err)
	}
	return core{nil, &compiler{catalog: cat, options: options}, env}.with(mapping)
}

// with has another mapping of the same tables.
func (c core) with(mapping Mapping) core {
	mapping.Company.Column = "company"
	next := &compiler{mapping: &mapping, catalog: c.compiler.catalog, options: c.compiler.options}
	return core{next.compile(), next, c.env}
}

// at is a place whose formulas see a customer.
func (c core) spot(path string) spot { return spot{path, c.environments().customer} }

// in runs do in a transaction that is committed when it returns nil.
func (c core) in(t *testing.T, do func(ctx context.Context, w work) error) error {
	t.Helper()
	tx, err := c.env.DB.SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() // after the commit it does nothing
	w, err := c.begin(t.Context(), erpbridge.Session{Company: c.env.Company, Tx: tx, UserID: "kovacs", Now: c.env.Clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := do(t.Context(), w); err != nil {
		return err
	}
	return tx.Commit()
}

func (c core) must(t *testing.T, do func(ctx context.Context, w work) error) {
	t.Helper()
	if err := c.in(t, do); err != nil {
		t.Fatal(err)
	}
}

// rowsOf compiles an entity of the test.
func (c core) rowsOf(t *testing.T, def Entity) *entity {
	t.Helper()
	all := maps.Clone(customerPart)
	maps.Copy(all, productPart)
	e := c.entity(entityAt{"customers", all, c.environments().read, c.environments().customer}, &def)
	if err := c.compiler.faults.Err("the test's mapping"); err != nil {
		t.Fatal(err)
	}
	return e
}

func named(name string) map[string]any { return map[string]any{"name": name} }

// add writes a row with a name and gives its key.
func (c core) add(t *testing.T, e *entity, name string) (key string) {
	t.Helper()
	c.must(t, func(ctx context.Context, w work) (err error) {
		var faults fault.List
		with := w.vars(vars{"customer": named(name)})
		set, err := w.assign(ctx, e, named(name), with, &faults)
		if err == nil {
			err = faults.Err("the draft")
		}
		if err != nil {
			return err
		}
		key, err = w.insert(ctx, e.table, e.key, set, with)
		return err
	})
	return key
}

func TestKeys(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{Counters: map[string]Counter{"core": {
			Table: "core_number", Where: map[string]Value{"series": {Formula: "series"}, "year": {Formula: "year"}}, Column: "last", Next: true, Create: true,
		}}}, Options{})
		fields := map[string]Field{"name": {Column: "name"}}
		tests := []struct {
			name string
			def  Entity
			// want are the keys of rows called Kovács, Kovács and Őrsi, as far as they are known beforehand.
			want []string
		}{
			{"identity with a trigger that inserts elsewhere", Entity{Table: "core_party", Key: Key{Column: "id", Identity: true}, Fields: fields}, nil},
			{"default that the database computes", Entity{Table: "core_made", Key: Key{Column: "id", Identity: true}, Fields: fields}, nil},
			{"GUID", Entity{Table: "core_made", Key: Key{Column: "id", GUID: true}, Fields: fields}, nil},
			{"template", Entity{Table: "core_code", Fields: fields, Key: Key{
				Column: "code", Template: "upper(left(letters(ascii(customer.name)) + 'XXXXX', try == 0 ? 5 : 4)) + (try == 0 ? '' : text(try))",
			}}, []string{"KOVAC", "KOVA1", "ORSIX"}},
			{"counter that holds the next number", Entity{Table: "core_code", Fields: fields, Key: Key{
				Column: "code", Counter: &Numbering{Counter: "core", Series: "'K'", Format: "series + pad(n, 3)"},
			}}, []string{"K001", "K002", "K003"}},
			{"counter without a format", Entity{Table: "core_code", Fields: fields, Key: Key{Column: "code", Counter: &Numbering{Counter: "core", Series: "'other'"}}}, []string{"1", "2", "3"}},
			{"highest text", Entity{Table: "core_high", Fields: map[string]Field{"payment_days": {Column: "n"}}, Key: Key{Column: "code", Highest: true}}, []string{"V0099", "V0100", "V0101"}},
			{"sequence", Entity{Table: "core_high", Fields: map[string]Field{"payment_days": {Column: "n"}}, Key: Key{Column: "code", Sequence: "core_numbers"}}, nil},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				e := c.rowsOf(t, test.def)
				if test.def.Key.Highest {
					c.must(t, func(ctx context.Context, w work) error {
						return w.insertRows(ctx, e.table, [][]assignment{{{column: e.columns["code"], value: "V0098"}, {column: e.columns["n"], value: 1}}})
					})
				}
				seen := map[string]bool{}
				for i, name := range []string{"Kovács", "Kovács", "Őrsi"} {
					key := ""
					if e.has("name") {
						key = c.add(t, e, name)
					} else {
						c.must(t, func(ctx context.Context, w work) (err error) {
							key, err = w.insert(ctx, e.table, e.key, []assignment{{column: e.columns["n"], value: i}}, w.vars())
							return err
						})
					}
					if seen[key] || key == "" || test.want != nil && key != test.want[i] {
						t.Errorf("row %d has the key %q, want one of %v", i, key, test.want)
					}
					seen[key] = true
					c.must(t, func(ctx context.Context, w work) error {
						r, found, err := w.one(ctx, question{of: e, where: []cond{e.key.is(key)}})
						if err == nil && (!found || r.key != key || e.has("name") && r.text("name") != name) {
							t.Errorf("the row under %q is %+v (found: %t)", key, r.values, found)
						}
						return err
					})
				}
			})
		}
	})
}

func TestKeysThatNoColumnCanHoldFindNothing(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{}, Options{})
		fields := map[string]Field{"name": {Column: "name"}}
		for _, e := range []*entity{
			c.rowsOf(t, Entity{Table: "core_party", Key: Key{Column: "id"}, Fields: fields}),
			c.rowsOf(t, Entity{Table: "core_made", Key: Key{Column: "id"}, Fields: fields}),
			c.rowsOf(t, Entity{Table: "core_code", Key: Key{Column: "code"}, Fields: fields}),
		} {
			for _, key := range []string{"none", "12345678901234567890", "1; DROP TABLE core_code", "árvíztűrő tükörfúrógép", "\x00", "1.5"} {
				c.must(t, func(ctx context.Context, w work) error {
					rows, err := w.read(ctx, question{of: e, where: []cond{e.key.is(key)}})
					many, err2 := w.read(ctx, question{of: e, where: []cond{{column: e.key.column, op: "in", values: []any{key, key}}}})
					if len(rows)+len(many) > 0 {
						t.Errorf("%s: the key %q finds %d rows", e.Table, key, len(rows)+len(many))
					}
					return errors.Join(err, err2)
				})
			}
		}
	})
}

func TestTemplatesThatMakeNoCode(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{}, Options{})
		for template, want := range map[string]string{
			"upper(left(letters(ascii(customer.name)), 5))": "let it depend on try",
			"digits(customer.name)":                         "something to fall back on",
			"customer.name + '-' + text(try)":               "the column takes 5",
		} {
			e := c.rowsOf(t, Entity{Table: "core_code", Key: Key{Column: "code", Template: template}, Fields: map[string]Field{"name": {Column: "name"}}})
			err := error(nil)
			for range 2 {
				err = errors.Join(err, c.in(t, func(ctx context.Context, w work) error {
					with := w.vars(vars{"customer": named("Sárközi")})
					_, err := w.insert(ctx, e.table, e.key, nil, with)
					return err
				}))
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", template, err, want)
			}
		}
	})
}

func TestNumbersOfOneSeriesAreGaplessUnderLoad(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{Counters: map[string]Counter{"core": {
			Table: "core_number", Where: map[string]Value{"series": {Formula: "series"}, "year": {Formula: "year"}}, Column: "last", Create: true,
			Set: map[string]Value{"note": {Formula: "'opened ' + text(year)"}},
		}}}, Options{})
		n := c.numbering(c.spot("customers.number"), &Numbering{Counter: "core", Series: "'R'", Format: "series + text(year) + '-' + pad(n, 4)"})
		take := func(fail bool) (number string, err error) {
			err = c.in(t, func(ctx context.Context, w work) (err error) {
				number, err = w.take(ctx, n, w.vars(vars{"year": 2026}))
				if err == nil && fail {
					err = errors.New("rolled back")
				}
				return err
			})
			return number, err
		}
		if first, err := take(false); first != "R2026-0001" || err != nil {
			t.Fatalf("the first number is %q, %v", first, err)
		}
		var mu sync.Mutex
		taken := map[string]bool{}
		var wg sync.WaitGroup
		for worker := range 6 {
			wg.Go(func() {
				for i := range 5 {
					for {
						number, err := take((worker+i)%3 == 0)
						if err == nil {
							mu.Lock()
							taken[number] = true
							mu.Unlock()
						} else if err.Error() != "rolled back" && !errors.Is(err, fault.Retryable) && fault.CodeOf(err) != "" {
							t.Error(err)
						} else if err.Error() != "rolled back" {
							continue // a deadlock, or a busy database
						}
						break
					}
				}
			})
		}
		wg.Wait()
		last, err := take(false)
		if want := "R2026-" + pad4(len(taken)+2); last != want || err != nil {
			t.Errorf("after %d numbers comes %q (%v), want %q", len(taken)+1, last, err, want)
		}
	})
}

func pad4(n int) string {
	s := decimal.NewFromInt(int64(n)).String()
	return strings.Repeat("0", 4-len(s)) + s
}

func TestSeriesThatTheHostHasToOpen(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{Counters: map[string]Counter{"core": {
			Table: "core_number", Where: map[string]Value{"series": {Formula: "series"}, "year": {Formula: "year"}}, Column: "last",
		}}}, Options{})
		n := c.numbering(c.spot("customers.number"), &Numbering{Counter: "core", Series: "'closed'"})
		err := c.in(t, func(ctx context.Context, w work) error {
			_, err := w.take(ctx, n, w.vars(vars{"year": 2031}))
			return err
		})
		if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "series = closed, year = 2031") {
			t.Errorf("got %v", err)
		}
	})
}

func TestSteps(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		m := Mapping{
			// The field is what says how the column is kept on SQLite.
			Products: &Entity{Table: "core_stock", Key: Key{Column: "product"}, Fields: map[string]Field{"stock": {Column: "amount", Storage: "text"}}},
			Lookups:  map[string]Lookup{"moved": {Table: "core_stock", Parameters: []string{"product"}, Where: map[string]Condition{"product": {Value: "product"}}, Column: "moved", Missing: "99"}},
		}
		c := openCore(t, env, m, Options{})
		defs := []Step{
			{Name: "party", Insert: "core_party", Key: &Key{Column: "id", Identity: true}, Set: map[string]Value{"name": {Formula: "customer.name"}}},
			{Ensure: "core_code", Where: map[string]Condition{"code": {Value: "'P' + text(year(today) % 100)"}}, Set: map[string]Value{"name": {Formula: "text(steps.party)"}}},
			{Ensure: "core_stock", Where: map[string]Condition{"product": {Value: "'A'"}}, Set: map[string]Value{"amount": {Formula: "100.5"}, "moved": {Lookup: "moved", With: []string{"'A'"}}}},
			{Update: "core_stock", Where: map[string]Condition{"product": {Value: "'A'"}}, Add: map[string]Value{"amount": {Formula: "-0.1"}, "moved": {Formula: "1"}}},
			{Update: "core_stock", Where: map[string]Condition{"product": {Value: "'none'"}}, Set: map[string]Value{"moved": {Formula: "1"}}, Optional: true},
			{Insert: "core_code", When: "customer.blocked", Set: map[string]Value{"code": {Formula: "'never'"}}},
			{Guard: "core_stock", Where: map[string]Condition{"product": {Value: "'A'"}, "moved": {Op: ">=", Value: "99"}}},
			{Refuse: "core_stock", Where: map[string]Condition{"product": {Value: "'B'"}}, Message: "B is here", Path: "lines"},
		}
		steps := c.steps(c.spot("customers.after"), defs)
		if err := c.compiler.faults.Err("the steps"); err != nil {
			t.Fatal(err)
		}
		stock := c.rowsOf(t, *m.Products)
		left := func() (s string) {
			c.must(t, func(ctx context.Context, w work) error {
				r, _, err := w.one(ctx, question{of: stock, where: []cond{stock.key.is("A")}})
				s = textOf(r.value("stock"))
				return err
			})
			return s
		}
		run := func() error {
			return c.in(t, func(ctx context.Context, w work) error {
				with := w.vars(vars{"customer": map[string]any{"name": "Kovács", "blocked": false}})
				err := w.steps(ctx, steps, with, nil)
				if steps, ok := with["steps"].(map[string]any); err == nil && (!ok || steps["party"] == "") {
					t.Errorf("the key of the first step is not known: %v", with["steps"])
				}
				return err
			})
		}
		for range 2 {
			if err := run(); err != nil {
				t.Fatal(err)
			}
		}
		if got := left(); got != "100.3" {
			t.Errorf("the stock is %s, want 100.3", got)
		}
		c.must(t, func(ctx context.Context, w work) error {
			return w.reversed(ctx, steps, w.vars(vars{"customer": map[string]any{"name": "Kovács", "blocked": false}}), nil)
		})
		if got := left(); got != "100.4" {
			t.Errorf("after taking one back the stock is %s, want 100.4", got)
		}
		c.must(t, func(ctx context.Context, w work) error {
			return w.insertRows(ctx, stock.table, [][]assignment{{{column: stock.columns["product"], value: "B"}}})
		})
		err := run()
		if len(fault.Of(err)) != 1 || fault.Of(err)[0].Path != "lines" || fault.Of(err)[0].Message != "B is here" {
			t.Errorf("the step that refuses says %v", err)
		}
	})
}

func TestUpdatesTellWhetherTheyFoundARow(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{}, Options{})
		stock := c.rowsOf(t, Entity{Table: "core_stock", Key: Key{Column: "product"}, Fields: map[string]Field{"payment_days": {Column: "moved"}}})
		c.must(t, func(ctx context.Context, w work) error {
			return w.insertRows(ctx, stock.table, [][]assignment{{{column: stock.columns["product"], value: "T"}}})
		})
		for key, want := range map[string]bool{"T": true, "U": false} {
			c.must(t, func(ctx context.Context, w work) error {
				if err := w.lock(ctx, stock.table, []cond{stock.key.is(key)}); err != nil {
					return err
				}
				found, err := w.update(ctx, stock.table, []assignment{{column: stock.columns["moved"], value: 1}}, []cond{stock.key.is(key)})
				if found != want {
					t.Errorf("update %s: found is %t", key, found)
				}
				if err != nil {
					return err
				}
				found, err = w.remove(ctx, stock.table, []cond{stock.key.is(key)})
				if found != want {
					t.Errorf("delete %s: found is %t", key, found)
				}
				return err
			})
		}
	})
}
