package prochost_test

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/prochost"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/regional"
)

// apart gives the office connections of its own: what a test does to their sessions the others do not see.
func (o office) apart(t *testing.T) office {
	t.Helper()
	u, err := url.Parse(os.Getenv(testutil.MSSQLVariable))
	if err != nil {
		t.Fatal(err)
	}
	var name string
	if err := o.DB.QueryRowContext(t.Context(), "SELECT DB_NAME()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("database", name)
	u.RawQuery = q.Encode()
	if o.DB, err = sql.Open("sqlserver", u.String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.DB.Close() })
	return o
}

// session is a session of the company in a transaction that is rolled back when the test ends.
func (o office) session(t *testing.T, token string) erpbridge.Session {
	t.Helper()
	tx, err := o.DB.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	now := o.env.Clock.Now()
	return erpbridge.Session{Company: o.Company, UserID: regional.Clerk, Token: token, Tx: tx, Now: now, Today: july}
}

// TestBrokenTransactions lets a procedure do to the transaction what it must not, and say what it may.
func TestBrokenTransactions(t *testing.T) {
	o := open(t).apart(t)
	tests := []struct {
		name, body string
		code       fault.Code
		// path and says are of the one fault where the code is Invalid, says is in the message otherwise.
		path, says string
	}{
		{"declared error", "THROW 51020, N'Nincs ilyen fizetési mód.', 1;", fault.Invalid, "payment_days", "Nincs ilyen fizetési mód."},
		{"RAISERROR of a declared number", "RAISERROR(N'A vevő hitelkerete betelt.', 16, 1);", fault.Invalid, "name", "A vevő hitelkerete betelt."},
		{"declared error after a rollback", "ROLLBACK TRANSACTION; THROW 51020, N'Lezárva.', 1;", fault.Invalid, "payment_days", "rolled the transaction back"},
		{"declared return code with a sentence", "RETURN 2;", fault.Invalid, "name", "A vevő neve hiányzik."},
		{"undeclared error", "THROW 60001, N'Belső hiba.', 1;", fault.Unavailable, "", "Belső hiba."},
		{"return code that is not explained", "RETURN 77;", fault.Unavailable, "", "return code 77"},
		{"rollback", "ROLLBACK TRANSACTION; RETURN 0;", fault.Unavailable, "", ""},
		{"commit", "COMMIT TRANSACTION; RETURN 0;", fault.Unavailable, "", ""},
		{"transaction of its own left open", "BEGIN TRANSACTION; RETURN 0;", fault.Unavailable, "", ""},
		{"constraint", "INSERT INTO VEVO (CEGKOD, VEVOKOD) VALUES ('x', 'y');", fault.Unavailable, "", "failed"},
		{"nothing made", "RETURN 0;", fault.Unavailable, "", "token"},
		{"a message is no error", "PRINT N'Őrizd meg'; RAISERROR(N'Csak figyelem.', 10, 1); RETURN 1;", fault.Unavailable, "", "token"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := description(t)
			d.Customers.Create.Call = prochost.Call{
				Procedure: "TESZTFELV", Parameters: map[string]prochost.Parameter{"NEV": {Value: "customer.name"}, "KOD": {Out: "key"}}, Codes: d.Customers.Create.Codes,
				Refusals: map[string]prochost.Refusal{"51020": {Path: "payment_days"}, "50000-51099": {Path: "name"}},
			}
			o.exec(t, "DROP PROCEDURE IF EXISTS TESZTFELV")
			o.exec(t, "CREATE PROCEDURE TESZTFELV @NEV NVARCHAR(100), @KOD VARCHAR(7) = NULL OUTPUT AS BEGIN SET NOCOUNT ON; "+test.body+" END")
			host, err := prochost.New(t.Context(), o.DB, d, prochost.Options{})
			if err != nil {
				t.Fatal(err)
			}
			made, err := host.Customers.Create(t.Context(), o.session(t, "token "+test.name), erpbridge.Customer{Name: "Őrsi Zsófia", Person: true})
			if fault.CodeOf(err) != test.code || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %+v, %v; want %s that says %q", made, err, test.code, test.says)
			}
			if faults := fault.Of(err); test.code == fault.Invalid && (len(faults) != 1 || faults[0].Path != test.path || faults[0].Code == "") {
				t.Errorf("the faults are %+v, want one at %s", faults, test.path)
			}
		})
	}
}

func (o office) exec(t *testing.T, statement string) {
	t.Helper()
	if _, err := o.DB.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// TestTriggerRefuses: the closed period is defended by a trigger, and nothing is left of the number.
func TestTriggerRefuses(t *testing.T) {
	o := open(t)
	d := description(t)
	d.Documents[erpbridge.Order].Check = nil // so that the procedure is asked
	host, err := prochost.New(t.Context(), o.DB, d, prochost.Options{})
	if err != nil {
		t.Fatal(err)
	}
	draft := o.order()
	draft.Date = regional.OpenFrom.AddDays(-1)
	_, err = host.Documents.Create(t.Context(), o.session(t, "closed"), draft)
	if faults := fault.Of(err); !errors.Is(err, fault.Invalid) || len(faults) != 1 || faults[0].Path != "date" || faults[0].Code != "period.closed" || !strings.Contains(faults[0].Message, "lezárt") {
		t.Errorf("an order in a closed period: %v", err)
	}
	draft.Date, draft.Customer = july, regional.Barred
	_, err = host.Documents.Create(t.Context(), o.session(t, "barred"), draft)
	if faults := fault.Of(err); !errors.Is(err, fault.Invalid) || len(faults) != 1 || faults[0].Path != "customer" {
		t.Errorf("an order of a blocked customer: %v", err)
	}
	for _, year := range []int{2025, 2026} {
		if err := o.Gapless(t.Context(), regional.Series{Kind: regional.Order, Year: year}); err != nil {
			t.Error(err)
		}
	}
}

// TestSessionIsAskedFor: procedures are called in the caller's transaction, for a company.
func TestSessionIsAskedFor(t *testing.T) {
	o := open(t)
	for name, s := range map[string]erpbridge.Session{
		"without a transaction": {Company: o.Company, Now: o.env.Clock.Now()},
		"without a company":     {Tx: o.session(t, "").Tx, Now: o.env.Clock.Now()},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := o.host.Customers.Customer(t.Context(), s, regional.Buyer); !errors.Is(err, fault.Invalid) {
				t.Errorf("got %v, want fault.Invalid", err)
			}
		})
	}
}

func (o office) order() erpbridge.Document {
	return erpbridge.Document{
		Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: regional.Buyer, Date: july, Currency: "HUF", Reference: "AJ-1",
		Lines: []erpbridge.DocumentLine{{Product: regional.Desk, Quantity: quantity("2"), UnitPrice: amount("84900"), VATCode: regional.VATCode}},
	}
}
