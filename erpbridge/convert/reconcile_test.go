package convert_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
)

var (
	hostTables = []string{
		"erp_customer", "erp_contact", "erp_number", "erp_order", "erp_order_line", "erp_delivery", "erp_delivery_line", "erp_invoice", "erp_invoice_line",
		"erp_invoice_vat", "erp_paper", "erp_paper_line", "erp_payment", "erp_stock",
	}
	crmTables = []string{
		"crm_conversion", "crm_link", "crm_role", "crm_lead", "crm_opportunity", "crm_stage_move", "crm_quote", "crm_event", "crm_activity", "crm_audit",
	}
)

var snapshots int

// snapshot copies the company's rows of tables; calling what it gives restores them.
func (f *followed) snapshot(tables []string) (restore func()) {
	f.Helper()
	snapshots++
	exec := func(query string) {
		f.Helper()
		if _, err := f.env.DB.SQL().Exec(query); err != nil {
			f.Fatal(err, query)
		}
	}
	name := func(table string) string {
		return fmt.Sprintf("snap_%d_%d_%s", time.Now().UnixNano()%1e9, snapshots, table)
	}
	copies := map[string]string{}
	for _, table := range tables {
		copies[table] = name(table)
		where := " WHERE company = '" + f.company + "'"
		if f.env.DB.Dialect() == store.MSSQL {
			exec("SELECT * INTO " + copies[table] + " FROM " + table + where)
		} else {
			exec("CREATE TABLE " + copies[table] + " AS SELECT * FROM " + table + where)
		}
	}
	f.Cleanup(func() {
		for _, c := range copies {
			_, _ = f.env.DB.SQL().Exec("DROP TABLE " + c)
		}
	})
	return func() {
		f.Helper()
		for _, table := range tables {
			exec("DELETE FROM " + table + " WHERE company = '" + f.company + "'")
			exec("INSERT INTO " + table + " SELECT * FROM " + copies[table])
		}
	}
}

func (f *followed) reconcile() convert.Report {
	f.Helper()
	report, err := f.module.Convert.Reconcile(f.boss(), f.env.Clock.Now().AddDate(0, -1, 0), store.Page{Limit: 100})
	f.ok(err)
	return report
}

// finds asserts the findings by "code kind key".
func (f *followed) finds(report convert.Report, want ...string) {
	f.Helper()
	got := map[string]int{}
	var lines []string
	for _, x := range report.Findings {
		got[fmt.Sprintf("%s %s %s", x.Code, x.Record.Kind, x.Record.Key)]++
		lines = append(lines, string(x.Code)+" "+x.Message)
	}
	for _, w := range want {
		got[w]--
	}
	for _, n := range got {
		if n != 0 {
			f.Fatalf("want %q, got:\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

func (f *followed) repair(report convert.Report) {
	f.Helper()
	done, err := f.module.Convert.Repair(f.boss(), report.Findings)
	f.ok(err)
	for _, d := range done {
		if d.Refused != "" || d.Done == "" {
			f.Errorf("%s %s was not repaired: %s", d.Finding.Record.Kind, d.Finding.Record.Key, d.Refused)
		}
	}
}

func (f *followed) count(table string) (n int) {
	f.Helper()
	f.ok(f.env.DB.SQL().QueryRow("SELECT COUNT(*) FROM " + table + " WHERE company = '" + f.company + "'").Scan(&n))
	return n
}

// The host's database alone was restored to yesterday: what it lost is named, marked, and made again.
func TestHostRestoredAlone(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		old := f.customer("Régi")
		_, kept := f.order(old)
		f.background()
		f.finds(f.reconcile())

		restore := f.snapshot(hostTables)
		env.Clock.Advance(time.Hour)
		lost := f.customer("Elveszett")
		q, ordered := f.order(lost)
		noted, err := f.module.Convert.Deliver(f.boss(), from(kept))
		f.ok(err)
		restore()

		report := f.reconcile()
		f.finds(report, "lost customer "+lost.Customer.Key, "lost order "+ordered.Document.Key, "lost delivery "+noted.Document.Key)
		if again, err := f.module.Convert.Order(f.boss(), convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(q.ID)}}); err != nil || !again.Repeated {
			t.Errorf("before the repair the order is made again: %+v, %v", again, err)
		}
		f.repair(report)
		_, err = f.module.RunOnce(context.Background())
		f.ok(err)
		f.finds(f.reconcile())
		card := f.shows(lost, q, opportunity.NotOrdered)
		if card.State != opportunity.Won {
			t.Errorf("the opportunity became %s by itself", card.State)
		}
		tasks, err := f.module.Activities.Upcoming(f.boss(), lost.Party, store.Page{})
		f.ok(err)
		if len(tasks.Items) != 1 || !strings.Contains(tasks.Items[0].Subject, "rendelje meg újra") {
			t.Errorf("the seller's tasks are %+v", tasks.Items)
		}
		refused, err := f.module.Convert.Repair(f.boss(), report.Findings)
		f.ok(err)
		for _, r := range refused {
			if r.Refused == "" {
				t.Errorf("repairing twice did: %s", r.Done)
			}
		}

		// Everything can be converted again, once.
		choice := convert.LeadChoice{Customer: convert.CustomerChoice{Completed: erpbridge.Customer{TaxID: "47110018-2-41"}}}
		again, err := f.module.Convert.Lead(f.boss(), leadOf(lost), choice)
		f.ok(err)
		if again.Repeated || again.ID == lost.ID {
			t.Errorf("the lost customer was not made again: %+v", again)
		}
		input := convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(q.ID)}}
		first, err := f.module.Convert.Order(f.boss(), input)
		f.ok(err)
		second, err := f.module.Convert.Order(f.boss(), input)
		f.ok(err)
		if first.Repeated || !second.Repeated || first.Document.Key != second.Document.Key {
			t.Errorf("ordered again: %+v, %+v", first, second)
		}
		f.background()
		f.finds(f.reconcile())
		if n := f.count("erp_order"); n != 2 {
			t.Errorf("the ERP has %d orders", n)
		}
	})
}

// After the restore the host gives the lost numbers to others before anybody looks.
func TestLostNumbersGivenAgain(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		old := f.customer("Régi")
		restore := f.snapshot(hostTables)
		env.Clock.Advance(time.Hour)
		lost := f.customer("Elveszett")
		_, ordered := f.order(lost)
		restore()
		f.clerk(func(ctx context.Context, s erpbridge.Session) error {
			other, err := f.books.Host().Customers.Create(ctx, s, erpbridge.Customer{
				Name: "Egészen Más Zrt.", Address: erpbridge.Address{Line1: "Kossuth tér 1.", PostalCode: "1055", City: "Budapest", Country: "HU"},
			})
			if err != nil {
				return err
			}
			if other.Key != lost.Customer.Key {
				return fmt.Errorf("the number %s was not given again, but %s", lost.Customer.Key, other.Key)
			}
			_, err = f.books.Host().Documents.Create(ctx, s, erpbridge.Document{
				Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: old.Customer.Key,
				Lines: []erpbridge.DocumentLine{{Product: "DSK-010", Quantity: money.MustQuantity("1"), UnitPrice: money.MustAmount("100")}},
			})
			return err
		})
		report := f.reconcile()
		f.finds(report, "replaced customer "+lost.Customer.Key, "replaced order "+ordered.Document.Key)
		f.repair(report)
		f.finds(f.reconcile())
		if n := f.count("erp_order"); n != 1 {
			t.Errorf("the other's order was touched: %d orders", n)
		}
	})
}

// The host renumbered an order behind our back.
func TestMovedDocumentIsLinkedAgain(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		_, ordered := f.order(f.customer("Anna"))
		for _, table := range []string{"erp_order", "erp_order_line"} {
			if _, err := env.DB.SQL().Exec("UPDATE " + table + " SET number = 'X-1' WHERE company = '" + f.company + "' AND number = '" + ordered.Document.Key + "'"); err != nil {
				t.Fatal(err)
			}
		}
		report := f.reconcile()
		f.finds(report, "moved order "+ordered.Document.Key)
		f.repair(report)
		f.finds(f.reconcile())
		f.ok(f.module.Convert.Undo(f.boss(), ordered.ID, "tévedés")) // goes by the new key
		left, err := f.module.Convert.Remaining(f.boss(), ordered.ID)
		if err != nil || left.Document.Key != "X-1" || left.Document.State != erpbridge.Cancelled || !left.Lines[0].ToDeliver.IsZero() {
			t.Errorf("after the undo: %+v, %v", left, err)
		}
	})
}

// Our tables alone were restored: the host has an order that we do not know, under a token that nobody
// knows any more. The quote's number is what is left of it.
func TestOwnTablesRestoredAlone(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		customer := f.customer("Béla")
		card := f.accepted(customer)
		restore := f.snapshot(crmTables)
		env.Clock.Advance(time.Hour)
		input := convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(card.ID)}}
		ordered, err := f.module.Convert.Order(f.boss(), input)
		f.ok(err)
		noted, err := f.module.Convert.Deliver(f.boss(), from(ordered))
		f.ok(err)
		restore()

		already, err := f.module.Convert.Already(f.boss(), card.ID)
		f.ok(err)
		if len(already) != 1 || already[0].Key != ordered.Document.Key {
			t.Errorf("the dialog is told of %+v", already)
		}
		report := f.reconcile()
		f.finds(report, "unlinked order "+ordered.Document.Key)
		f.repair(report)
		next := f.reconcile() // what follows is found when what it follows is known
		f.finds(next, "unlinked delivery "+noted.Document.Key)
		f.repair(next)
		f.finds(f.reconcile())
		again, err := f.module.Convert.Order(f.boss(), input)
		f.ok(err)
		if !again.Repeated || again.Document.Key != ordered.Document.Key || f.count("erp_order") != 1 {
			t.Errorf("the quote was ordered a second time: %+v", again)
		}
		f.background()
		seen := f.shows(customer, card, opportunity.Delivered)
		if seen.State != opportunity.Won {
			t.Errorf("the opportunity is %s", seen.State)
		}
	})
}

// A number of a quote that was lost with a restore is given to another quote.
func TestNumberOfALostQuoteIsDoubtful(t *testing.T) {
	env := testutil.SQLite(t)
	f := follow(t, env)
	customer := f.customer("Csilla")
	card := f.accepted(customer)
	f.clerk(func(ctx context.Context, s erpbridge.Session) error {
		_, err := f.books.Host().Documents.Create(ctx, s, erpbridge.Document{
			Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: customer.Customer.Key, Reference: card.Number,
			Lines: []erpbridge.DocumentLine{{Product: "DSK-010", Quantity: money.MustQuantity("1"), UnitPrice: money.MustAmount("100")}},
		})
		return err
	})
	report := f.reconcile()
	if len(report.Findings) != 1 || report.Findings[0].Code != convert.Doubtful {
		t.Fatalf("found %+v", report.Findings)
	}
	done, err := f.module.Convert.Repair(f.boss(), report.Findings)
	f.ok(err)
	if done[0].Refused == "" {
		t.Errorf("it was repaired: %s", done[0].Done)
	}
}

// States that nobody told us of are named, and taken over.
func TestDifferencesAreTakenOver(t *testing.T) {
	env := testutil.SQLite(t)
	f := follow(t, env)
	customer := f.customer("Dóra")
	q, ordered := f.order(customer)
	f.clerk(func(ctx context.Context, s erpbridge.Session) error {
		_, err := f.books.Host().Documents.Cancel(ctx, s, ordered.Document.Ref, "tévedés")
		return err
	})
	report := f.reconcile()
	f.finds(report, "differs order "+ordered.Document.Key)
	f.repair(report)
	f.finds(f.reconcile())
	_, err := f.module.RunOnce(context.Background())
	f.ok(err)
	f.shows(customer, q, opportunity.Void)
}
