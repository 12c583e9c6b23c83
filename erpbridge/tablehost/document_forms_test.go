package tablehost_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
)

// workshop is a host that does everything differently from the others: one pair of tables for all kinds,
// identities as keys with the number beside them, what is followed on the lines, prices with VAT, discounts
// as amounts, deliveries below zero, states that say open, void or credited only, nothing counted.
const workshop = `
version: 1
name: Workshop
company: {column: firm}
locale: {language: el, zone: Europe/Athens, currency: EUR}
storage: {money: "4", quantity: "3"}
counters:
  numbers: {table: ws_counter, where: {series: series}, column: last, next: true, create: true}
companies:
  fields: {name: {value: "'Εργαστήριο'"}, country: {value: "'GR'"}}
products:
  table: ws_item
  key: code
  fields: {name: name, unit: unit, vat_code: vat_code}
vat: {rates: {"24": "24", "0": "0"}, round: line}
customers:
  table: ws_partner
  key: {column: code, template: "left(letters(ascii(customer.name)), 6) + text(try)"}
  fields: {name: name}
documents:
  quote: &document
    table: ws_doc
    where: {kind: "'Q'"}
    key: {column: id, identity: true}
    number: {counter: numbers, series: "'Q'", format: "'Q-' + pad(n, 4)"}
    token: token
    fields: &header {customer: partner, number: number, date: day, due: due, net: net, vat: vat, gross: gross, paid: paid, note: note,
      state: {column: state, values: {open: "0", cancelled: "9", credited: "8"}}}
    prices: gross
    lines: &lines
      table: ws_line
      parent: doc
      row: pos
      row_start: 100
      row_step: 100
      key: {column: id, identity: true}
      text: product
      text_product: "'TEXT'"
      fields: {product: item, name: title, quantity: qty, unit_price: price, discount: {column: discount, as: amount, storage: "4"}, vat_code: vat_code}
    cancel: &void
      - {set: {state: "9", note: reason}}
  order:
    <<: *document
    where: {kind: "'O'"}
    number: {counter: numbers, series: "'O'", format: "'O-' + pad(n, 4)"}
    source: {from: [quote], key: src_doc, line: src_line, on_lines: true}
  delivery:
    <<: *document
    where: {kind: "'D'"}
    number: {counter: numbers, series: "'D'", format: "'D-' + pad(n, 4)"}
    negative: true
    source: {from: [order], key: src_doc, line: src_line, on_lines: true}
  invoice:
    <<: *document
    where: {kind: "'I'"}
    number: {counter: numbers, series: "'I'", format: "'I-' + pad(n, 4)"}
    source: {from: [order, delivery], kind: src_kind, values: {order: O, delivery: D}, key: src_doc, line: src_line, on_lines: true}
    due_days: "14"
    cancel:
      - {credit: credit, set: {state: "8"}}
  credit:
    <<: *document
    where: {kind: "'C'"}
    number: {counter: numbers, series: "'C'", format: "'C-' + pad(n, 4)"}
    source: {from: [invoice], key: src_doc, line: src_line, on_lines: true}
    cancel: [{refuse: "it is final"}]
  payment_request:
    table: ws_doc
    where: {kind: "'P'"}
    key: {column: id, identity: true}
    fields: *header
    source: {from: [order], key: src_doc, line: src_line, on_lines: true}
    lines: {<<: *lines, text: refuse, duplicates: merge}
    prices: gross
    cancel: [{delete: true}]
`

// workshopTables creates the tables; IDENTITY is a key that the database makes.
var workshopTables = map[string]string{
	"ws_counter": "(firm NVARCHAR(60) NOT NULL, series NVARCHAR(4) NOT NULL, last INT NOT NULL, PRIMARY KEY (firm, series))",
	"ws_item":    "(firm NVARCHAR(60) NOT NULL, code NVARCHAR(10) NOT NULL, name NVARCHAR(60) NOT NULL, unit NVARCHAR(10) NOT NULL, vat_code NVARCHAR(4) NOT NULL, PRIMARY KEY (firm, code))",
	"ws_partner": "(firm NVARCHAR(60) NOT NULL, code NVARCHAR(10) NOT NULL, name NVARCHAR(60) NOT NULL, PRIMARY KEY (firm, code))",
	"ws_doc": `(id IDENTITY, firm NVARCHAR(60) NOT NULL, kind NVARCHAR(2) NOT NULL, number NVARCHAR(20) NULL, partner NVARCHAR(10) NOT NULL, day DATE NOT NULL, due DATE NULL,
		state INT NOT NULL, note NVARCHAR(200) NULL, net DECIMAL(18,4) NOT NULL, vat DECIMAL(18,4) NOT NULL, gross DECIMAL(18,4) NOT NULL, paid DECIMAL(18,4) NOT NULL, token NVARCHAR(80) NULL)`,
	"ws_line": `(id IDENTITY, firm NVARCHAR(60) NOT NULL, doc INT NOT NULL, pos INT NOT NULL, item NVARCHAR(10) NOT NULL, title NVARCHAR(60) NOT NULL, qty DECIMAL(18,3) NOT NULL,
		price DECIMAL(18,4) NOT NULL, discount DECIMAL(18,4) NOT NULL, vat_code NVARCHAR(4) NOT NULL, src_kind NVARCHAR(2) NULL, src_doc INT NULL, src_line INT NULL)`,
}

// bench is a workshop's books, reached by their mapping.
type bench struct {
	*firm
}

func openWorkshop(t *testing.T, env *testutil.Env) bench {
	t.Helper()
	b := bench{&firm{t: t}}
	b.DB, b.Dialect, b.Company = env.DB.SQL(), string(env.DB.Dialect()), env.Company
	for name, columns := range workshopTables {
		identity, create := "INTEGER PRIMARY KEY", "CREATE TABLE IF NOT EXISTS "+name+" "
		if b.Dialect == "mssql" {
			identity, create = "INT IDENTITY(1,1) PRIMARY KEY", "IF OBJECT_ID('"+name+"') IS NULL CREATE TABLE "+name+" "
		}
		b.run(create + strings.Replace(columns, "IDENTITY", identity, 1))
	}
	for _, item := range [][3]string{{"TABLE", "Τραπέζι", "24"}, {"BOOK", "Βιβλίο", "0"}, {"TEXT", "Σημείωση", "0"}} {
		b.exec("INSERT INTO ws_item (firm, code, name, unit, vat_code) VALUES (?, ?, ?, 'τεμ', ?)", item[0], item[1], item[2])
	}
	mapping, err := tablehost.Load(strings.NewReader(workshop))
	b.ok(err)
	b.host = mapped(t, b.DB, mapping)
	b.ok(b.in(func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.host.Customers.Create(ctx, s, erpbridge.Customer{Name: "Ρομάσκα ΕΠΕ"})
		return err
	}))
	return b
}

func (b bench) customer() string {
	b.t.Helper()
	query := "SELECT code FROM ws_partner WHERE firm = ?"
	if b.Dialect == "mssql" {
		query = strings.Replace(query, "?", "@p1", 1)
	}
	var code string
	b.ok(b.DB.QueryRow(query, b.Company).Scan(&code))
	return code
}

func (b bench) amount(what string, got money.Amount, want string) {
	b.t.Helper()
	if !got.Equal(money.MustAmount(want)) {
		b.t.Errorf("%s is %s, want %s", what, got, want)
	}
}

func TestWorkshopChain(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		b := openWorkshop(t, env)
		offer := b.write(erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Quotation}, Customer: b.customer(), Date: july, Lines: []erpbridge.DocumentLine{
			{Product: "TABLE", Quantity: money.MustQuantity("10"), UnitPrice: money.MustAmount("19.99"), Discount: money.MustPercent("10")},
			{Product: "BOOK", Quantity: money.MustQuantity("4.5"), UnitPrice: money.MustAmount("7")},
			{Name: "Παράδοση στον 3ο όροφο", Quantity: money.MustQuantity("1"), UnitPrice: money.MustAmount("5")},
		}})
		if offer.Number != "Q-0001" || offer.Key == offer.Number || offer.Currency != "EUR" || offer.Lines[2].Product != "TEXT" || offer.Lines[0].Unit != "τεμ" {
			t.Errorf("the quote is %+v", offer)
		}
		b.amount("the price that is kept with VAT", offer.Lines[0].UnitPrice, "19.99")
		if !offer.Lines[0].Discount.Equal(money.MustPercent("10")) {
			t.Errorf("the discount that is kept as an amount is %s %%, want 10", offer.Lines[0].Discount)
		}
		b.amount("the net", offer.Net, "216.41") // 179.91 + 31.50 + 5.00
		b.amount("the gross", offer.Gross, "259.59")

		order := b.write(after(erpbridge.Order, offer, "10", "4.5", "1"))
		if order.Source == nil || order.Source.Key != offer.Key || order.Source.Number != "Q-0001" {
			t.Errorf("the order follows %+v", order.Source)
		}
		if _, err := b.cancel(offer.Ref); !slices.Equal(paths(err), []string{"state"}) || !strings.Contains(err.Error(), "O-0001 follows it") {
			t.Errorf("a quote that was ordered is cancelled: %v", err)
		}
		b.state(order, erpbridge.Open)
		note := b.write(after(erpbridge.DeliveryNote, order, "4", "4.5", ""))
		if !note.Lines[0].Quantity.Equal(money.MustQuantity("4")) || !note.Gross.IsPositive() {
			t.Errorf("the delivery, kept below zero, reads %s and %s", note.Lines[0].Quantity, note.Gross)
		}
		order = b.read(order.Ref)
		b.state(order, erpbridge.Partial)
		b.counted(order, 0, "4", "0")
		_, err := b.try(after(erpbridge.DeliveryNote, order, "7", "", ""))
		if !slices.Equal(paths(err), []string{"lines[0].quantity"}) {
			t.Errorf("more than was ordered is delivered: %v", err)
		}
		invoice := b.write(after(erpbridge.Invoice, note, "4", "4.5"))
		rest := b.write(after(erpbridge.Invoice, order, "6", "", "1"))
		if invoice.Due != july.AddDays(14) {
			t.Errorf("the invoice is due on %s", invoice.Due)
		}
		order = b.read(order.Ref)
		b.state(order, erpbridge.Completed)
		b.counted(order, 0, "4", "10")
		b.counted(b.read(note.Ref), 0, "0", "4")
		states := b.states(order.Ref, note.Ref, invoice.Ref, erpbridge.Ref{Kind: erpbridge.Order, Key: "0"})
		if fmt.Sprint(states) != "map[D-0001:completed I-0001:open O-0001:completed]" {
			t.Errorf("the states are %v", states)
		}
		for _, ref := range []erpbridge.Ref{order.Ref, note.Ref} {
			if _, err := b.cancel(ref); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%s %s is cancelled although it is invoiced: %v", ref.Kind, ref.Number, err)
			}
		}

		taken, err := b.cancel(invoice.Ref)
		b.ok(err)
		b.state(taken, erpbridge.Credited)
		if taken.CancelledBy == nil || taken.CancelledBy.Number != "C-0001" {
			t.Fatalf("the invoice was taken back by %+v", taken.CancelledBy)
		}
		credit := b.read(*taken.CancelledBy)
		b.amount("the credit note of "+invoice.Gross.String(), credit.Gross, invoice.Gross.Neg().String())
		if credit.Source == nil || credit.Source.Key != invoice.Key || credit.Lines[0].SourceLine != invoice.Lines[0].Key {
			t.Errorf("the credit note follows %+v", credit.Source)
		}
		b.counted(b.read(order.Ref), 0, "4", "6")
		_, err = b.cancel(rest.Ref)
		b.ok(err)
		_, err = b.cancel(note.Ref)
		b.ok(err)
		b.state(b.read(order.Ref), erpbridge.Open)
		gone, err := b.cancel(order.Ref)
		b.ok(err)
		b.state(gone, erpbridge.Cancelled)
		if _, err := b.cancel(offer.Ref); err != nil {
			t.Errorf("the quote cannot be cancelled after its order: %v", err)
		}
	})
}

// states reads the states of documents by number.
func (b bench) states(refs ...erpbridge.Ref) map[string]erpbridge.State {
	b.t.Helper()
	found := map[string]erpbridge.State{}
	b.ok(b.in(func(ctx context.Context, s erpbridge.Session) error {
		list, err := b.host.Documents.(erpbridge.DocumentStates).States(ctx, s, refs)
		for _, d := range list {
			found[d.Number] = d.State
		}
		return err
	}))
	return found
}

func TestWorkshopDeletesWhatHasNoNumber(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		b := openWorkshop(t, env)
		draft := erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.PaymentRequest}, Customer: b.customer(), Date: july, Lines: []erpbridge.DocumentLine{
			{Product: "TABLE", Quantity: money.MustQuantity("1"), UnitPrice: money.MustAmount("10")},
			{Product: "BOOK", Quantity: money.MustQuantity("1"), UnitPrice: money.MustAmount("3")},
			{Product: "TABLE", Quantity: money.MustQuantity("2"), UnitPrice: money.MustAmount("10")},
		}}
		made := b.write(draft)
		if len(made.Lines) != 2 || !made.Lines[0].Quantity.Equal(money.MustQuantity("3")) || made.Number != "" {
			t.Errorf("two lines of one product became %+v with the number %q", made.Lines, made.Number)
		}
		b.exec("UPDATE ws_doc SET paid = 5 WHERE firm = ?")
		if _, err := b.cancel(made.Ref); !slices.Equal(paths(err), []string{"state"}) {
			t.Errorf("what is paid is deleted: %v", err)
		}
		b.exec("UPDATE ws_doc SET paid = 0 WHERE firm = ?")
		gone, err := b.cancel(made.Ref)
		b.ok(err)
		b.state(gone, erpbridge.Cancelled)
		err = b.in(func(ctx context.Context, s erpbridge.Session) error {
			_, err := b.host.Documents.Document(ctx, s, made.Ref)
			return err
		})
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("the deleted payment request reads %v", err)
		}
		var lines sql.NullInt64
		query := "SELECT COUNT(*) FROM ws_line WHERE firm = ?"
		if b.Dialect == "mssql" {
			query = strings.Replace(query, "?", "@p1", 1)
		}
		b.ok(b.DB.QueryRow(query, b.Company).Scan(&lines))
		if lines.Int64 != 0 {
			t.Errorf("%d lines are left", lines.Int64)
		}
		draft.Lines[2].UnitPrice, draft.Lines[1].Product = money.MustAmount("11"), ""
		_, err = b.try(draft)
		if !slices.Equal(paths(err), []string{"lines[1].name", "lines[1].product", "lines[1].vat_code", "lines[2].product"}) {
			t.Errorf("text and another price are refused at %v: %v", paths(err), err)
		}
	})
}
