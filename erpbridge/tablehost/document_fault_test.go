package tablehost_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/tablehost"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/regional"
)

// seeded is a fault that shows only when something is converted.
type seeded struct {
	name string
	// change is made to the mapping, office to the books beforehand.
	change func(*tablehost.Mapping)
	office func(o *firm)
	// draft changes a good order; cancel is done instead of writing one.
	draft  func(*erpbridge.Document)
	cancel func(o *firm) erpbridge.Ref
	// at is the place of a fault, code its code, says a part of the sentence with the remedy.
	at, code, says string
}

// exec runs a statement over the company's rows, ? being the company.
func (o *firm) exec(query string, args ...any) {
	o.t.Helper()
	args = append([]any{o.Company}, args...)
	if o.Dialect == regional.MSSQL {
		for i := range args {
			query = strings.Replace(query, "?", fmt.Sprintf("@p%d", i+1), 1)
		}
	}
	if _, err := o.DB.ExecContext(o.t.Context(), query, args...); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
}

// books says how much stands in the tables that a document is written to.
func (o *firm) books() string {
	o.t.Helper()
	var all []string
	for _, query := range []string{
		"SELECT COUNT(*) FROM BIZFEJ WHERE CEGKOD = ?", "SELECT COUNT(*) FROM BIZSOR WHERE CEGKOD = ?", "SELECT COUNT(*) FROM BIZAFA WHERE CEGKOD = ?",
		"SELECT SUM(UTOLSO) FROM SORSZAMOK WHERE CEGKOD = ?", "SELECT SUM(MENNYISEG) FROM KESZLET WHERE CEGKOD = ?", "SELECT SUM(SZALLITVA + SZAMLAZVA) FROM BIZSOR WHERE CEGKOD = ?",
		"SELECT COUNT(*) FROM BIZFEJ WHERE CEGKOD = ? AND ALLAPOT IN ('N', 'R', 'T')",
	} {
		if o.Dialect == regional.MSSQL {
			query = strings.Replace(query, "?", "@p1", 1)
		}
		var text sql.NullString
		o.ok(o.DB.QueryRowContext(o.t.Context(), query, o.Company).Scan(&text))
		all = append(all, text.String)
	}
	return strings.Join(all, " ")
}

// unguarded takes the mapping's own guards away, so that the host's triggers have to answer.
func unguarded(m *tablehost.Mapping) {
	for _, d := range m.Documents {
		d.Before = nil
	}
}

func setOrder(column, formula string) func(*tablehost.Mapping) {
	return func(m *tablehost.Mapping) {
		order := *m.Documents[erpbridge.Order]
		order.Set = map[string]tablehost.Value{}
		for name, v := range m.Documents[erpbridge.Order].Set {
			order.Set[name] = v
		}
		order.Set[column] = tablehost.Value{Formula: formula}
		if formula == "" {
			delete(order.Set, column)
		}
		m.Documents[erpbridge.Order] = &order
	}
}

func postedInvoice(o *firm) erpbridge.Ref {
	draft := furniture(erpbridge.Invoice, regional.Buyer)
	d := o.write(draft)
	o.ok(o.Post(o.t.Context(), d.Number))
	return d.Ref
}

var december = civil.Date{Year: 2025, Month: 12, Day: 30}

var catalogueOfFaults = []seeded{
	{name: "a reference that is too long", draft: func(d *erpbridge.Document) { d.Reference = strings.Repeat("Ő", 41) },
		at: "reference", code: "column.length", says: "shorten it"},
	{name: "a name that is too long", draft: func(d *erpbridge.Document) { d.Lines[1].Name = strings.Repeat("ש", 401) },
		at: "lines[1].name", code: "column.length", says: "BIZSOR.MEGNEVEZES"},
	{name: "a text that no column keeps", draft: func(d *erpbridge.Document) { d.Note = "délelőtt\x00" },
		at: "note", code: "text.characters", says: "type it again"},
	{name: "a quantity with more decimals than the column", draft: func(d *erpbridge.Document) { d.Lines[0].Quantity = money.MustQuantity("0.0005") },
		at: "lines[0].quantity", code: "column.precision", says: "BIZSOR.MENNYISEG decimal(15,3)"},
	{name: "a quantity that the column cannot hold", draft: func(d *erpbridge.Document) { d.Lines[0].Quantity = money.MustQuantity("1000000000000") },
		at: "lines[0].quantity", code: "column.range", says: "decimal(15,3)"},
	{name: "a total that the column cannot hold", draft: func(d *erpbridge.Document) {
		d.Lines[0].Quantity, d.Lines[0].UnitPrice = money.MustQuantity("999999999"), money.MustAmount("99999999")
	}, at: "lines[0].net", code: "column.range", says: "decimal(15,2)"},
	{name: "a quantity of nothing", draft: func(d *erpbridge.Document) { d.Lines[1].Quantity = money.Quantity{} },
		at: "lines[1].quantity", code: "range", says: "above zero"},
	{name: "an unknown VAT code", draft: func(d *erpbridge.Document) { d.Lines[0].VATCode = "AF99" },
		at: "lines[0].vat_code", code: "vat_code.unknown", says: "AF99"},
	{name: "a VAT code that ended", draft: func(d *erpbridge.Document) { d.Lines[0].VATCode = regional.ExpiredVAT },
		at: "lines[0].vat_code", code: "vat_code.date", says: "2011-12-31"},
	{name: "a product that is not sold any more", draft: func(d *erpbridge.Document) { d.Lines[0].Product = regional.Chair },
		at: "lines[0].product", code: "product.discontinued", says: "not sold any more"},
	{name: "an unknown product", draft: func(d *erpbridge.Document) { d.Lines[0].Product = "ASZTAL-99" },
		at: "lines[0].product", code: "product.unknown", says: "ASZTAL-99"},
	{name: "a blocked customer", draft: func(d *erpbridge.Document) { d.Customer = regional.Barred },
		at: "customer", code: "customer.blocked", says: "have the account opened first"},
	{name: "due before it is written", draft: func(d *erpbridge.Document) { d.Due = july.AddDays(-1) },
		at: "due", code: "due.before", says: "2026-07-12"},
	{name: "a closed period, by the mapping's guard", draft: func(d *erpbridge.Document) { d.Date = december },
		at: "date", code: "step.guard", says: "take a date in an open one"},
	{name: "a closed period, by the host's trigger", change: unguarded, draft: func(d *erpbridge.Document) { d.Date = december },
		at: "document", code: "host.refused", says: "A bizonylat kelte lezárt vagy hiányzó időszakba esik. The host itself forbids it"},
	{name: "a period that is closed while we write", office: func(o *firm) { o.ok(o.ClosePeriod(o.t.Context(), july)) },
		at: "date", code: "step.guard", says: "closed accounting period"},
	{name: "a currency that the host does not have", draft: func(d *erpbridge.Document) { d.Currency = "USD" },
		at: "document", code: "host.reference", says: "add that row first"},
	{name: "a unit that the host does not have", draft: func(d *erpbridge.Document) { d.Lines[0].Unit = "köteg" },
		at: "document", code: "host.reference", says: "add that row first"},
	{name: "a series that nobody opened", office: func(o *firm) {
		o.exec("DELETE FROM SORSZAMOK WHERE CEGKOD = ? AND UZLETIEV = 2026 AND BIZTIPUS = 'RE'")
	},
		at: "counters.numbers", code: "counter.missing", says: "open the series at the host first"},
	{name: "a number that is taken", office: func(o *firm) {
		o.write(furniture(erpbridge.Order, regional.Buyer))
		o.exec("UPDATE SORSZAMOK SET UTOLSO = 0 WHERE CEGKOD = ? AND UZLETIEV = 2026 AND BIZTIPUS = 'RE'")
	}, at: "number", code: "number.taken", says: "set it to the highest number"},
	{name: "a column that nothing fills", change: setOrder("TELJDAT", ""),
		at: "document", code: "host.null", says: "TELJDAT"},
	{name: "a value that breaks a rule of the table", change: setOrder("ARFOLYAM", "-1"),
		at: "document", code: "host.check", says: "correct the value"},
	{name: "a formula that fails", change: setOrder("ARFOLYAM", "1 / (document.net - document.net)"),
		at: "documents.order.set.ARFOLYAM", code: "formula", says: "zero"},
	{name: "a lookup that finds nothing", change: func(m *tablehost.Mapping) {
		setOrder("FIZKOD", "")(m)
		m.Documents[erpbridge.Order].Set["FIZKOD"] = tablehost.Value{Lookup: "terms", With: []string{"17"}}
	}, at: "documents.order.set.FIZKOD", code: "lookup.missing", says: "have them added to FIZMODOK"},
	{name: "a posted document whose lines are written", change: func(m *tablehost.Mapping) {
		order := *m.Documents[erpbridge.Order]
		order.Initial = erpbridge.Posted
		m.Documents[erpbridge.Order] = &order
	}, at: "document", code: "host.refused", says: "A könyvelt bizonylat sorai nem módosíthatók"},
	{name: "a posted document that is voided", change: func(m *tablehost.Mapping) {
		for _, d := range m.Documents {
			d.Cancel = []tablehost.Cancel{{Set: map[string]tablehost.Value{"ALLAPOT": {Formula: "'S'"}}}}
		}
	}, cancel: postedInvoice, at: "document", code: "host.refused", says: "A könyvelt bizonylat nem módosítható"},
	{name: "a paid document that is cancelled", cancel: func(o *firm) erpbridge.Ref {
		ref := postedInvoice(o)
		o.ok(o.Pay(o.t.Context(), regional.Payment{Document: ref.Number, Day: july}))
		return ref
	}, at: "state", code: "document.paid", says: "pay the money back first"},
	{name: "an order that is delivered and cancelled", cancel: func(o *firm) erpbridge.Ref {
		order := o.write(furniture(erpbridge.Order, regional.Buyer))
		o.write(after(erpbridge.DeliveryNote, order, "3", ""))
		return order.Ref
	}, at: "lines[0]", code: "document.delivered", says: "cancel the delivery note first"},
	{name: "a credit note in a closed period", cancel: postedInvoice, office: func(o *firm) { o.ok(o.ClosePeriod(o.t.Context(), july)) },
		at: "date", code: "step.guard", says: "take a date in an open one"},
}

func TestFaultsOfAConversionNameTheirRemedy(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		all := openFirm(t, env)
		for i, c := range catalogueOfFaults {
			t.Run(c.name, func(t *testing.T) {
				o := all.handed(t, c.change)
				if c.office != nil { // which changes what others stand on
					o.Company = fmt.Sprintf("%s/%d", all.Company, i)
					o.seed()
				}
				o.refuses(c)
			})
		}
	})
}

// refuses asserts that a fault is found, says its remedy, and leaves the books as they were.
func (o *firm) refuses(c seeded) {
	o.t.Helper()
	var ref erpbridge.Ref
	if c.cancel != nil {
		ref = c.cancel(o)
	}
	if c.office != nil {
		c.office(o)
	}
	before := o.books()
	err := o.fail(c, ref)
	found := slices.ContainsFunc(fault.Of(err), func(f fault.Fault) bool {
		return f.Path == c.at && f.Code == c.code && strings.Contains(strings.ToLower(f.Message), strings.ToLower(c.says))
	})
	if fault.CodeOf(err) != fault.Invalid || !found {
		o.t.Errorf("got %v\n%+v\nwant %s (%s) that says %q", err, fault.Of(err), c.at, c.code, c.says)
	}
	if now := o.books(); now != before {
		o.t.Errorf("the books are %s, they were %s", now, before)
	}
}

// fail does what has to be refused.
func (o *firm) fail(c seeded, ref erpbridge.Ref) error {
	if c.cancel != nil {
		_, err := o.cancel(ref)
		return err
	}
	draft := furniture(erpbridge.Order, regional.Buyer)
	if c.draft != nil {
		c.draft(&draft)
	}
	d, err := o.try(draft)
	if err == nil {
		o.t.Errorf("the order %s was written", d.Number)
	}
	return err
}

// TestRefusedNumbersAreNotLost mixes good orders with those that are refused at every stage: the series has
// all its numbers.
func TestRefusedNumbersAreNotLost(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := openFirm(t, env).handed(t, unguarded)
		for i := range 12 {
			draft := furniture(erpbridge.Order, regional.Buyer)
			switch i % 4 {
			case 1: // before anything is written
				draft.Lines[0].Quantity = money.Quantity{}
			case 2: // when the header is written, after the number was taken
				draft.Currency = "USD"
			case 3: // when the lines are
				draft.Lines[1].Unit = "köteg"
			}
			if _, err := o.try(draft); (err == nil) != (i%4 == 0) {
				t.Fatalf("order %d: %v", i, err)
			}
		}
		o.gapless(regional.Order)
	})
}

// TestALostPermissionIsSaid takes away a right after the mapping was checked.
func TestALostPermissionIsSaid(t *testing.T) {
	env := testutil.MSSQL(t)
	o := openFirm(t, env)
	login := fmt.Sprintf("clerk_%d", os.Getpid())
	o.run("CREATE LOGIN " + login + " WITH PASSWORD = 'Only-Orders-1'")
	t.Cleanup(func() { _, _ = o.DB.Exec("DROP USER " + login); _, _ = o.DB.Exec("DROP LOGIN " + login) })
	o.run("CREATE USER " + login + " FOR LOGIN " + login)
	for _, table := range []string{"CEGTORZS", "DEVIZAK", "IDOSZAKOK", "AFATORZS", "FIZMODOK", "MERTEGYS", "DOLGOZOK", "CIKKEK", "KESZLET", "VEVO", "SORSZAMOK", "BIZFEJ", "crm_host_token"} {
		o.run("GRANT SELECT, INSERT, UPDATE ON " + table + " TO " + login)
	}
	o.run("GRANT SELECT ON BIZSOR TO " + login)
	u, err := url.Parse(os.Getenv(testutil.MSSQLVariable))
	o.ok(err)
	u.User = url.UserPassword(login, "Only-Orders-1")
	var name string
	o.ok(o.DB.QueryRow("SELECT DB_NAME()").Scan(&name))
	q := u.Query()
	q.Set("database", name)
	u.RawQuery = q.Encode()
	clerk, err := sql.Open("sqlserver", u.String())
	o.ok(err)
	defer clerk.Close()
	before := o.books()
	owner := o.DB
	o.DB = clerk
	_, err = o.try(furniture(erpbridge.Order, regional.Buyer))
	o.DB = owner
	if found := fault.Of(err); len(found) != 1 || found[0].Code != "host.permission" || !strings.Contains(found[0].Message, "grant it the permission") {
		t.Errorf("without the right to write lines: %v", err)
	}
	if now := o.books(); now != before {
		t.Errorf("the books are %s, they were %s", now, before)
	}
}

func (o *firm) run(statement string) {
	o.t.Helper()
	_, err := o.DB.ExecContext(context.Background(), statement)
	o.ok(err)
}
