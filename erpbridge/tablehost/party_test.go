package tablehost_test

import (
	"context"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
)

// parties is a host that keeps a customer in a chain of rows: a party that counts itself, the customer with the
// party's key, who is invoiced as himself, and an address after him. Its orders hold what one unit of the
// company's money is in the document's currency, while its rates say it the other way round.
const parties = `
version: 1
name: Parties
company: {column: firm}
locale: {language: en, zone: Europe/Budapest, currency: EUR}
storage: {money: "2", quantity: "3"}
companies:
  fields: {name: {value: "'Parties Ltd'"}, country: {value: "'HU'"}}
products: {table: pa_item, key: code, fields: {name: name, unit: unit, vat_code: {value: "'0'"}}}
vat: {rates: {"0": "0"}}
lookups:
  rate: {table: pa_rate, parameters: [code], where: {code: code}, column: rate, message: "there is no rate of this currency; enter today's first"}
customers:
  table: pa_customer
  key: id
  join:
    - {name: party, table: pa_party, on: {id: id}}
    - {name: address, table: pa_address, on: {party: id}}
  fields: {name: {column: party.name, read_only: true}, city: {column: address.city, read_only: true}}
  before:
    - {name: party, insert: pa_party, key: {column: id, identity: true}, set: {name: customer.name}}
  set: {id: steps.party, bill_to: steps.party}
  after:
    - {insert: pa_address, key: {column: id, identity: true}, set: {party: customer.key, city: customer.city}}
    - unsafe_sql: "UPDATE pa_party SET note = :note WHERE id = :id"
      with: {note: "customer.name + ' :id'", id: customer.key}
documents:
  order:
    table: pa_order
    key: {column: id, identity: true}
    fields: {customer: customer, date: day, currency: currency, state: {column: state, values: {open: N, cancelled: X}}}
    set: {rate: {lookup: rate, with: [document.currency], formula: "fixed(1 / value, 4)"}}
    lines:
      table: pa_line
      parent: doc
      row: pos
      fields: {product: item, name: title, quantity: qty, unit_price: price}
    cancel: [{set: {state: "'X'"}}]
`

var partyTables = []string{
	"pa_party (id IDENTITY, firm NVARCHAR(60) NOT NULL, name NVARCHAR(80) NOT NULL, note NVARCHAR(200) NULL)",
	"pa_customer (id INT NOT NULL PRIMARY KEY, firm NVARCHAR(60) NOT NULL, bill_to INT NOT NULL, FOREIGN KEY (id) REFERENCES pa_party (id), FOREIGN KEY (bill_to) REFERENCES pa_customer (id))",
	"pa_address (id IDENTITY, firm NVARCHAR(60) NOT NULL, party INT NOT NULL, city NVARCHAR(40) NULL, FOREIGN KEY (party) REFERENCES pa_customer (id))",
	"pa_item (firm NVARCHAR(60) NOT NULL, code NVARCHAR(10) NOT NULL, name NVARCHAR(60) NOT NULL, unit NVARCHAR(10) NOT NULL, PRIMARY KEY (firm, code))",
	"pa_rate (firm NVARCHAR(60) NOT NULL, code NVARCHAR(3) NOT NULL, rate INT NOT NULL, PRIMARY KEY (firm, code))",
	"pa_order (id IDENTITY, firm NVARCHAR(60) NOT NULL, customer INT NOT NULL, day DATE NOT NULL, currency NVARCHAR(3) NOT NULL, rate NVARCHAR(20) NOT NULL, state NVARCHAR(1) NOT NULL)",
	"pa_line (firm NVARCHAR(60) NOT NULL, doc INT NOT NULL, pos INT NOT NULL, item NVARCHAR(10) NULL, title NVARCHAR(60) NOT NULL, qty DECIMAL(15,3) NOT NULL, price DECIMAL(15,2) NOT NULL, PRIMARY KEY (doc, pos))",
}

func openParties(t *testing.T, env *testutil.Env, options tablehost.Options) (*firm, error) {
	t.Helper()
	o := &firm{t: t}
	o.DB, o.Dialect, o.Company = env.DB.SQL(), string(env.DB.Dialect()), env.Company
	for _, table := range partyTables {
		name, _, _ := strings.Cut(table, " ")
		identity, create := "INTEGER PRIMARY KEY AUTOINCREMENT", "CREATE TABLE IF NOT EXISTS "
		if o.Dialect == "mssql" {
			identity, create = "INT IDENTITY(1,1) PRIMARY KEY", "IF OBJECT_ID('"+name+"') IS NULL CREATE TABLE "
		}
		o.run(create + strings.Replace(table, "IDENTITY", identity, 1))
	}
	o.exec("INSERT INTO pa_item (firm, code, name, unit) VALUES (?, 'TABLE', 'Table', 'pc')")
	o.exec("INSERT INTO pa_rate (firm, code, rate) VALUES (?, 'HUF', 400)")
	mapping, err := tablehost.Load(strings.NewReader(parties))
	o.ok(err)
	o.host, err = tablehost.New(t.Context(), o.DB, mapping, options)
	return o, err
}

// cell reads one value as text.
func (o *firm) cell(query string, args ...any) (text string) {
	o.t.Helper()
	if o.Dialect == "mssql" {
		query = strings.Replace(query, "?", "@p1", 1)
	}
	o.ok(o.DB.QueryRowContext(o.t.Context(), query, args...).Scan(&text))
	return text
}

// TestChainOfKeys: rows of several tables take their keys from each other, one from itself, and a statement of
// the host's own gets what people typed as a value only.
func TestChainOfKeys(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o, err := openParties(t, env, tablehost.Options{AllowUnsafeSQL: true})
		o.ok(err)
		const hostile = "Robert'); DROP TABLE pa_party; --"
		var made erpbridge.Customer
		o.ok(o.in(func(ctx context.Context, s erpbridge.Session) (err error) {
			made, err = o.host.Customers.Create(ctx, s, erpbridge.Customer{Name: hostile, Address: erpbridge.Address{City: "Győr"}})
			return err
		}))
		for query, want := range map[string]string{
			"SELECT name FROM pa_party WHERE id = ?":       hostile,
			"SELECT note FROM pa_party WHERE id = ?":       hostile + " :id",
			"SELECT bill_to FROM pa_customer WHERE id = ?": made.Key,
			"SELECT city FROM pa_address WHERE party = ?":  "Győr",
		} {
			if got := o.cell(query, made.Key); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		o.ok(o.in(func(ctx context.Context, s erpbridge.Session) error {
			read, err := o.host.Customers.Customer(ctx, s, made.Key)
			if read.Name != hostile || read.Address.City != "Győr" {
				t.Errorf("read as %+v", read)
			}
			return err
		}))
		order := erpbridge.Document{
			Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: made.Key, Date: july, Currency: "HUF",
			Lines: []erpbridge.DocumentLine{{Product: "TABLE", Name: "Table", Quantity: money.MustQuantity("2"), UnitPrice: money.MustAmount("1500"), VATCode: "0"}},
		}
		if got := o.cell("SELECT rate FROM pa_order WHERE id = ?", o.write(order).Key); got != "0.0025" {
			t.Errorf("one euro's share of a forint is kept as %s, want 0.0025", got)
		}
		order.Currency = "GBP"
		if _, err := o.try(order); err == nil || !strings.Contains(err.Error(), "enter today's first") {
			t.Errorf("a currency without a rate: %v", err)
		}
	})
}

// TestOwnStatementsNeedLeave: a mapping alone cannot bring SQL of its own.
func TestOwnStatementsNeedLeave(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		_, err := openParties(t, env, tablehost.Options{})
		list := fault.Of(err)
		if len(list) != 1 || list[0].Path != "customers.after[1].unsafe_sql" || !strings.Contains(list[0].Message, "set Options.AllowUnsafeSQL in the program, or write the step without one") {
			t.Errorf("%v", err)
		}
	})
}
