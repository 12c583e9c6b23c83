package prochost_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/prochost"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/regional"
	"github.com/crmplus/crmplus/testutil/tsql"
)

// TestStatements holds the T-SQL of the calls against a golden file: in lower case, because Babelfish gives
// names so, and with the company and the keys that the run made replaced by their names.
func TestStatements(t *testing.T) {
	o := open(t).apart(t)
	var out strings.Builder
	known := []string{o.Company, "COMPANY"}
	sent := []prochost.Statement{}
	host, err := prochost.New(t.Context(), o.DB, description(t), prochost.Options{Trace: func(s prochost.Statement) { sent = append(sent, s) }})
	if err != nil {
		t.Fatal(err)
	}
	s := o.session(t, "token of the golden file")
	// step writes what was sent since the last one.
	step := func(title string, err error, made ...string) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", title, err)
		}
		known = append(made, known...)
		names := strings.NewReplacer(known...)
		fmt.Fprintf(&out, "-- ======== %s\n", title)
		for _, st := range sent {
			for _, broken := range tsql.Lint(st.Text) {
				t.Errorf("%s: %s:\n%s", st.Path, broken, st.Text)
			}
			fmt.Fprintf(&out, "-- %s\n%s\n", st.Path, strings.ToLower(st.Text))
			for i, a := range st.Args {
				fmt.Fprintf(&out, "--   @p%d %T = %q\n", i+1, a, names.Replace(fmt.Sprint(a)))
			}
		}
		sent = nil
	}
	customer, err := host.Customers.Create(t.Context(), s, erpbridge.Customer{
		Person: true, Name: "Szőke Áron", Family: "Szőke", Given: "Áron", Email: "szoke.aron@example.com", PaymentDays: 15, Language: locale.Hungarian, Currency: "HUF",
	})
	step("a customer is created", err, customer.Key, "CUSTOMER")
	_, err = host.Customers.FillEmpty(t.Context(), s, customer.Key, erpbridge.Customer{Name: "other", Phone: "+36301112233"})
	step("an empty field is filled", err)
	_, err = host.Customers.Match(t.Context(), s, []erpbridge.MatchKey{{Email: "szoke.aron@example.com"}, {Phone: "+36301112233", Name: "szoke aron"}})
	step("customers are looked for", err)
	_, err = host.Contacts.CreateContact(t.Context(), s, erpbridge.Contact{Customer: regional.Buyer, Name: "דנה לוי", Email: "dana@example.com"})
	step("a contact person is created, and found by the token", err)
	// A new session: Babelfish maps the schema of a nested procedure twice where one transaction has called
	// too many different ones ("relation does not exist").
	s = o.session(t, "token of the golden file")
	order := o.order()
	order.Lines = append(order.Lines, erpbridge.DocumentLine{Product: regional.Shelf, Name: "Полка «Ёлка»", Quantity: quantity("0.5"), UnitPrice: amount("39900.5"), VATCode: regional.ReducedVAT})
	order, err = host.Documents.Create(t.Context(), s, order)
	step("an order is created: lines as a table", err, order.Key, "ORDER")
	note, err := host.Documents.Create(t.Context(), s, erpbridge.Document{
		Ref: erpbridge.Ref{Kind: erpbridge.DeliveryNote}, Source: &order.Ref, Date: july, Lines: []erpbridge.DocumentLine{{SourceLine: order.Lines[0].Key, Quantity: quantity("1")}},
	})
	step("a delivery note is created: a procedure for each line", err, note.Key, "NOTE")
	invoice, err := host.Documents.Create(t.Context(), s, erpbridge.Document{
		Ref: erpbridge.Ref{Kind: erpbridge.Invoice}, Source: &note.Ref, Date: july, Lines: []erpbridge.DocumentLine{{SourceLine: note.Lines[0].Key, Quantity: quantity("1")}},
	})
	step("an invoice is created: lines as JSON, found by the token", err, invoice.Key, "INVOICE")
	_, err = host.Documents.Cancel(t.Context(), s, invoice.Ref, "téves")
	step("the invoice is cancelled", err)
	price, err := host.Prices.Price(t.Context(), s, erpbridge.PriceQuestion{Product: regional.Desk, Quantity: quantity("10"), Currency: "HUF"})
	step("a price is asked for: OUT parameters", err)
	if !price.Unit.Equal(amount("84900")) {
		t.Errorf("the price is %s", price.Unit)
	}
	s = o.session(t, "token of the golden file")
	_, err = host.Documents.(erpbridge.Backlog).Backlog(t.Context(), s, erpbridge.BacklogQuery{From: july, After: &erpbridge.Undelivered{Order: order.Ref, Date: july}, Limit: 50})
	step("what is still to be delivered: the page behind an order", err)
	_, err = host.Documents.(erpbridge.Receivables).Receivables(t.Context(), s, erpbridge.ReceivablesQuery{After: regional.Buyer, Limit: 50})
	step("what all owe: the page behind a customer", err)
	_, err = host.Documents.(erpbridge.Receivables).Settled(t.Context(), s, []string{regional.Buyer, "a key that no customer has"}, july)
	step("who has paid: customers as a table", err)
	testutil.Golden(t, "calls.sql", []byte(out.String()))
}
