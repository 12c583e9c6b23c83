package regional_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/regional"
)

var july = civil.Date{Year: 2026, Month: 7, Day: 13}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// office is a seeded company on a database.
type office struct {
	regional.Books
	t *testing.T
}

func open(t *testing.T, env *testutil.Env) office {
	t.Helper()
	o := office{regional.Books{DB: env.DB.SQL(), Dialect: string(env.DB.Dialect()), Company: env.Company}, t}
	for range 2 { // the second time changes nothing
		o.ok(regional.Install(t.Context(), o.DB, o.Dialect))
		o.ok(o.Seed(t.Context()))
	}
	return o
}

func (o office) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o office) write(p regional.Paper) string {
	o.t.Helper()
	if p.Customer == "" {
		p.Customer, p.Currency = regional.Buyer, "HUF"
	}
	if p.Day.IsZero() {
		p.Day = july
	}
	number, err := o.Write(o.t.Context(), p)
	o.ok(err)
	return number
}

// query reads one row as texts; numbers on SQLite are the scaled ones.
func (o office) query(query string, args ...any) string {
	o.t.Helper()
	args = append([]any{o.Company}, args...)
	if o.Dialect == regional.MSSQL {
		for i := range args {
			query = strings.Replace(query, "?", fmt.Sprintf("@p%d", i+1), 1)
		}
	}
	var text sql.NullString
	if err := o.DB.QueryRowContext(o.t.Context(), query, args...).Scan(&text); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	return text.String
}

// amount reads a DECIMAL with that many places.
func (o office) amount(places int32, query string, args ...any) string {
	o.t.Helper()
	d := dec(o.query(query, args...))
	if o.Dialect == regional.SQLite {
		d = d.Shift(-places)
	}
	return d.StringFixed(places)
}

func (o office) totals(number string) string {
	o.t.Helper()
	var list []string
	for _, column := range []string{"NETTO", "AFA", "BRUTTO", "HATRALEK"} {
		list = append(list, o.amount(2, "SELECT "+column+" FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?", number))
	}
	return strings.Join(list, " ")
}

func (o office) state(number string) string {
	o.t.Helper()
	return o.query("SELECT ALLAPOT FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?", number)
}

// exec runs a statement of one of the office's other programs.
func (o office) exec(query string, args ...any) error {
	args = append([]any{o.Company}, args...)
	if o.Dialect == regional.MSSQL {
		for i := range args {
			query = strings.Replace(query, "?", fmt.Sprintf("@p%d", i+1), 1)
		}
	}
	_, err := o.DB.ExecContext(o.t.Context(), query, args...)
	return err
}

func desk(quantity, price, discount string) regional.PaperLine {
	return regional.PaperLine{Product: regional.Desk, Name: "Íróasztal", Unit: "db", Quantity: dec(quantity), Price: dec(price), Discount: dec(discount), VATCode: regional.VATCode}
}

func shelf(quantity, price, discount string) regional.PaperLine {
	return regional.PaperLine{Product: regional.Shelf, Name: "Könyvespolc", Unit: "db", Quantity: dec(quantity), Price: dec(price), Discount: dec(discount), VATCode: regional.ReducedVAT}
}

func TestTriggerCountsTotals(t *testing.T) {
	tests := []struct {
		name, customer, currency string
		lines                    []regional.PaperLine
		want                     string
	}{
		{"one line in forints", regional.Buyer, "HUF", []regional.PaperLine{desk("3", "1000", "0")}, "3000.00 810.00 3810.00 3810.00"},
		{"VAT is rounded once for a code", regional.Buyer, "HUF", []regional.PaperLine{desk("1", "101", "0"), desk("1", "101", "0")}, "202.00 55.00 257.00 257.00"},
		{"half a forint goes up", regional.Buyer, "HUF", []regional.PaperLine{shelf("1", "10", "0")}, "10.00 1.00 11.00 11.00"},
		{"two codes", regional.Buyer, "HUF", []regional.PaperLine{desk("2", "84900", "12.5"), shelf("0.5", "39900.5", "0")}, "168525.00 41113.00 209638.00 209638.00"},
		{"cents", regional.Foreigner, "EUR", []regional.PaperLine{desk("3", "19.99", "33.3333"), shelf("1.125", "7.7777", "0")}, "48.73 11.23 59.96 59.96"},
		{"without VAT", regional.Foreigner, "EUR", []regional.PaperLine{{Name: "Fuvar", Quantity: dec("1"), Price: dec("0.01"), VATCode: regional.ExemptVAT}}, "0.01 0.00 0.01 0.01"},
		{"no lines", regional.Buyer, "HUF", nil, "0.00 0.00 0.00 0.00"},
	}
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := open(t, env)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				o := office{o.Books, t}
				number := o.write(regional.Paper{Kind: regional.Order, Customer: test.customer, Currency: test.currency, Day: july, Lines: test.lines})
				if got := o.totals(number); got != test.want {
					t.Errorf("the totals are %s, want %s", got, test.want)
				}
				if len(test.lines) == 0 {
					return
				}
				o.ok(o.exec("DELETE FROM BIZSOR WHERE CEGKOD = ? AND BIZSZAM = ?", number))
				if got, want := o.totals(number), "0.00 0.00 0.00 0.00"; got != want {
					t.Errorf("without lines the totals are %s, want %s", got, want)
				}
			})
		}
		t.Run("negative", func(t *testing.T) {
			o := office{o.Books, t}
			number := o.write(regional.Paper{Kind: regional.CreditNote, Lines: []regional.PaperLine{shelf("-1", "10", "0")}})
			if got, want := o.totals(number), "-10.00 -1.00 -11.00 -11.00"; got != want {
				t.Errorf("the totals are %s, want %s", got, want)
			}
		})
	})
}

func TestPostedDocumentsAndClosedPeriods(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := open(t, env)
		invoice := o.write(regional.Paper{Kind: regional.Invoice, Lines: []regional.PaperLine{desk("1", "1000", "0")}})
		draft := o.write(regional.Paper{Kind: regional.Invoice, Lines: []regional.PaperLine{desk("1", "1000", "0")}})
		o.ok(o.Post(t.Context(), invoice))
		refused := []struct{ name, query, number, reason string }{
			{"date", "UPDATE BIZFEJ SET HATARIDO = '2026-08-01T00:00:00.000' WHERE CEGKOD = ? AND BIZSZAM = ?", invoice, "bizonylat nem módosítható"},
			{"back to open", "UPDATE BIZFEJ SET ALLAPOT = 'N' WHERE CEGKOD = ? AND BIZSZAM = ?", invoice, "bizonylat nem módosítható"},
			{"total", "UPDATE BIZFEJ SET NETTO = NETTO + 1 WHERE CEGKOD = ? AND BIZSZAM = ?", invoice, "bizonylat nem módosítható"},
			{"new line", "INSERT INTO BIZSOR (CEGKOD, BIZSZAM, SORSZ, MEGNEVEZES, MENNYISEG, EGYSEGAR, ENGEDMENY, AFAKOD, AFAKULCS, NETTO, ROGZITO, ROGZIDO) SELECT CEGKOD, BIZSZAM, 99, MEGNEVEZES, MENNYISEG, EGYSEGAR, ENGEDMENY, AFAKOD, AFAKULCS, NETTO, ROGZITO, ROGZIDO FROM BIZSOR WHERE CEGKOD = ? AND BIZSZAM = ?", invoice, "sorai nem módosíthatók"},
			{"changed line", "UPDATE BIZSOR SET NETTO = NETTO + 1 WHERE CEGKOD = ? AND BIZSZAM = ?", invoice, "sorai nem módosíthatók"},
			{"deleted line", "DELETE FROM BIZSOR WHERE CEGKOD = ? AND BIZSZAM = ?", invoice, "sorai nem módosíthatók"},
			{"VAT summary", "UPDATE BIZAFA SET AFA = AFA + 1 WHERE CEGKOD = ? AND BIZSZAM = ?", invoice, "áfaösszesítője"},
			{"deleted VAT summary", "DELETE FROM BIZAFA WHERE CEGKOD = ? AND BIZSZAM = ?", invoice, "áfaösszesítője"},
			{"dated into a closed period", "UPDATE BIZFEJ SET KELT = '2025-12-31T00:00:00.000' WHERE CEGKOD = ? AND BIZSZAM = ?", draft, "időszakba"},
			{"unknown state", "UPDATE BIZFEJ SET ALLAPOT = 'X' WHERE CEGKOD = ? AND BIZSZAM = ?", draft, "CK_BIZFEJ_ALLAPOT"},
			{"due before its date", "UPDATE BIZFEJ SET HATARIDO = '2026-07-01T00:00:00.000' WHERE CEGKOD = ? AND BIZSZAM = ?", draft, "CK_BIZFEJ_HATARIDO"},
			{"unknown customer", "UPDATE BIZFEJ SET VEVOKOD = 'C999999' WHERE CEGKOD = ? AND BIZSZAM = ?", draft, "FOREIGN KEY"},
			{"computed column", "UPDATE BIZFEJ SET HATRALEK = 0 WHERE CEGKOD = ? AND BIZSZAM = ?", draft, "HATRALEK"},
		}
		before := o.totals(invoice)
		for _, test := range refused {
			t.Run(test.name, func(t *testing.T) {
				err := o.exec(test.query, test.number)
				if err == nil || !strings.Contains(strings.ToUpper(err.Error()), strings.ToUpper(test.reason)) {
					t.Errorf("got %v, want a refusal that says %q", err, test.reason)
				}
			})
		}
		if after := o.totals(invoice); after != before || o.state(invoice) != regional.Posted {
			t.Errorf("after all that the invoice says %s (%s), it said %s", after, o.state(invoice), before)
		}
		o.ok(o.ClosePeriod(t.Context(), july))
		_, err := o.Write(t.Context(), regional.Paper{Kind: regional.Invoice, Customer: regional.Buyer, Currency: "HUF", Day: july, Lines: []regional.PaperLine{desk("1", "1", "0")}})
		if err == nil || !strings.Contains(err.Error(), "időszakba") {
			t.Errorf("an invoice in a closed period: %v", err)
		}
		o.ok(o.Gapless(t.Context(), regional.Series{Kind: regional.Invoice, Year: 2026}))
		// Money still comes in for what is posted.
		o.ok(o.Pay(t.Context(), regional.Payment{Document: invoice, Day: july.AddDays(30)}))
		if o.state(invoice) != regional.Paid {
			t.Errorf("the paid invoice is in the state %s", o.state(invoice))
		}
	})
}

func TestChain(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := open(t, env)
		order := o.write(regional.Paper{Kind: regional.Order, Lines: []regional.PaperLine{desk("10", "84900", "0"), shelf("4", "39900.5", "10")}})
		note := o.write(regional.Paper{Kind: regional.DeliveryNote, Source: order, Lines: []regional.PaperLine{{Row: 10, Quantity: dec("4")}, {Row: 20, Quantity: dec("4")}}})
		if o.state(order) != regional.Partial {
			t.Errorf("the order is in the state %s", o.state(order))
		}
		stock := o.amount(3, "SELECT MENNYISEG FROM KESZLET WHERE CEGKOD = ? AND CIKKSZAM = ? AND RAKTARKOD = ?", regional.Desk, regional.Warehouse)
		if stock != "996.000" {
			t.Errorf("the stock is %s", stock)
		}
		first := o.write(regional.Paper{Kind: regional.Invoice, Source: note, Lines: []regional.PaperLine{{Row: 10, Quantity: dec("4")}, {Row: 20, Quantity: dec("4")}}})
		if o.state(note) != regional.Completed {
			t.Errorf("the delivery note is in the state %s", o.state(note))
		}
		second := o.write(regional.Paper{Kind: regional.Invoice, Source: order, Lines: []regional.PaperLine{{Row: 10, Quantity: dec("6")}}})
		if o.state(order) != regional.Completed {
			t.Errorf("the order is in the state %s", o.state(order))
		}
		for _, number := range []string{first, second} {
			o.ok(o.Post(t.Context(), number))
		}
		o.ok(o.Pay(t.Context(), regional.Payment{Document: first, Day: july, Amount: dec("1000")}))
		if got := o.amount(2, "SELECT NYITOTT FROM NYITTETEL WHERE CEGKOD = ? AND BIZSZAM = ?", first); got != o.amount(2, "SELECT HATRALEK FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?", first) {
			t.Errorf("the open item says %s, the invoice %s", got, o.totals(first))
		}
		credit, err := o.Credit(t.Context(), second, july)
		o.ok(err)
		if o.state(second) != regional.Credited || o.state(credit) != regional.Posted || o.state(order) != regional.Partial {
			t.Errorf("after the credit note: invoice %s, credit note %s, order %s", o.state(second), o.state(credit), o.state(order))
		}
		if got := o.query("SELECT STORNOBIZ FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?", second); got != credit {
			t.Errorf("the invoice names %q, want %q", got, credit)
		}
		for _, kind := range regional.Kinds {
			o.ok(o.Gapless(t.Context(), regional.Series{Kind: kind, Year: 2026}))
		}
		request := o.write(regional.Paper{Kind: regional.PaymentRequest, Lines: []regional.PaperLine{desk("1", "500", "0")}})
		o.ok(o.Pay(t.Context(), regional.Payment{Document: request, Day: july}))
		if o.state(request) != regional.Paid {
			t.Errorf("the payment request is in the state %s", o.state(request))
		}
	})
}

func TestNumbersHaveNoGaps(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := open(t, env)
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				for i := range 5 {
					p := regional.Paper{Kind: regional.Order, Customer: regional.Buyer, Currency: "HUF", Day: july, Lines: []regional.PaperLine{desk("1", "1", "0")}}
					if (worker+i)%2 == 1 {
						p.Lines = append(p.Lines, regional.PaperLine{Product: "nincs", VATCode: "??"}) // refused after the number was taken
					}
					_, err := o.Write(t.Context(), p)
					if refused := len(p.Lines) > 1; refused != (err != nil) {
						t.Errorf("worker %d: %v", worker, err)
					}
				}
			})
		}
		wg.Wait()
		o.ok(o.Gapless(t.Context(), regional.Series{Kind: regional.Order, Year: 2026}))
		c, err := o.Numbers(t.Context(), regional.Series{Kind: regional.Order, Year: 2026})
		o.ok(err)
		if len(c.Taken) != 10 {
			t.Errorf("%d numbers, want 10: %v", len(c.Taken), c.Taken)
		}
	})
}

func TestCustomersChange(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := open(t, env)
		order := o.write(regional.Paper{Kind: regional.Order, Lines: []regional.PaperLine{desk("1", "1", "0")}})
		invoice := o.write(regional.Paper{Kind: regional.Invoice, Lines: []regional.PaperLine{desk("1", "1", "0")}})
		o.ok(o.Post(t.Context(), invoice))
		o.ok(o.exec("UPDATE VEVO SET KULSOAZON = 'token-1' WHERE CEGKOD = ? AND VEVOKOD = ?", regional.Buyer))
		of := func(number string) string {
			return o.query("SELECT VEVOKOD FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?", number)
		}

		o.ok(o.Renumber(t.Context(), regional.Buyer, "C123456"))
		if of(order) != "C123456" || of(invoice) != "C123456" {
			t.Errorf("after the renumbering the documents are of %s and %s", of(order), of(invoice))
		}
		if got := o.query("SELECT VEVOKOD FROM VEVO WHERE CEGKOD = ? AND KULSOAZON = 'token-1'"); got != "C123456" {
			t.Errorf("the token leads to %q", got)
		}
		if err := o.Block(t.Context(), regional.Buyer); err == nil {
			t.Error("the old code is still there")
		}
		o.ok(o.Merge(t.Context(), "C123456", regional.Person))
		if of(order) != regional.Person || o.query("SELECT UTODKOD FROM VEVO WHERE CEGKOD = ? AND VEVOKOD = 'C123456'") != regional.Person {
			t.Errorf("after the merge the order is of %s", of(order))
		}
		if err := o.Delete(t.Context(), regional.Person); err == nil {
			t.Error("a customer with documents was deleted")
		}
		o.ok(o.Delete(t.Context(), "C000007"))
		o.ok(o.Block(t.Context(), "C000005"))
		if got := o.query("SELECT TILTOTT FROM VEVO WHERE CEGKOD = ? AND VEVOKOD = 'C000005'"); got != "I" {
			t.Errorf("the blocked customer has TILTOTT = %s", got)
		}
	})
}

func TestEveryNameIsTranslated(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		o := open(t, env)
		query := "SELECT m.name, p.name FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS p WHERE m.type = 'table'"
		if o.Dialect == regional.MSSQL {
			query = "SELECT TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS"
		}
		rows, err := o.DB.QueryContext(context.Background(), query)
		o.ok(err)
		defer rows.Close()
		seen := map[string]bool{}
		for rows.Next() {
			var table, column string
			o.ok(rows.Scan(&table, &column))
			if table != strings.ToUpper(table) {
				continue // of CRM+
			}
			seen[table] = true
			if regional.Meaning(table, "") == "" || regional.Meaning(table, column) == "" {
				t.Errorf("%s.%s is not translated", table, column)
			}
		}
		o.ok(rows.Err())
		var missing []string
		for _, n := range regional.Names() {
			if n.Column == "" && !seen[n.Table] && !strings.HasSuffix(n.Table, "LISTA") {
				missing = append(missing, n.Table)
			}
		}
		if diff := cmp.Diff([]string(nil), missing); diff != "" {
			t.Errorf("tables that are translated and do not exist: %s", diff)
		}
	})
}

func TestUnknownDialect(t *testing.T) {
	if err := regional.Install(t.Context(), nil, "oracle"); err == nil || errors.Is(err, sql.ErrConnDone) {
		t.Errorf("an unknown dialect: %v", err)
	}
}
