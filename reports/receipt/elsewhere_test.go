package receipt_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/reports/receipt"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erpapi"
)

// gate lets requests through, or keeps them waiting while it is shut.
type gate struct {
	http.Transport
	shut          atomic.Bool
	arrived, open chan struct{}
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.shut.Load() {
		g.arrived <- struct{}{}
		<-g.open
	}
	return g.Transport.RoundTrip(r)
}

// TestReceiptsOfAnERPBehindAnAPI: what its customers owe counts as late as they usually pay, and while it hangs everybody
// else writes.
func TestReceiptsOfAnERPBehindAnAPI(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, shared *testutil.Env) {
		erp := erpapi.BusinessOne(t, erpapi.Options{Now: shared.Clock.Now, Page: 2})
		w := newWorld(*shared, erp.Company, t.Fatal)
		d, err := apihost.Open("sap-business-one")
		if err != nil {
			t.Fatal(err)
		}
		d.Limits.PerSecond, d.Limits.Burst = 1e6, 1e6
		way := &gate{arrived: make(chan struct{}), open: make(chan struct{})}
		way.DisableKeepAlives = true
		host, err := apihost.New(d, apihost.Options{Settings: erp.Settings(), PlainHTTP: true, Transport: way, Now: w.Clock.Now, Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		var open erpbridge.Document
		const late = 9
		for i := range 4 { // three are paid nine days late, one is due in a week
			s := erpbridge.Session{Company: erp.Company, UserID: erp.UserID, Token: fmt.Sprint("t", i), Now: w.Clock.Now(), Today: w.today}
			draft := erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Invoice}, Customer: erp.Customer, Date: w.today.AddDays(-late), Due: w.today.AddDays(-late), Currency: erp.Currency}
			if i == 3 {
				draft.Due = w.today.AddDays(7)
			}
			draft.Lines = []erpbridge.DocumentLine{{Product: erp.Products[0], Quantity: money.MustQuantity("1"), UnitPrice: money.MustAmount("100"), VATCode: erp.VATCode}}
			if open, err = host.Documents.Create(t.Context(), s, draft); err == nil && i < 3 {
				err = erp.Pay(open.Key, open.Gross.Decimal)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		receipts := receipt.New(w.DB, receipt.Config{Host: host, Locales: w.locales, Parties: w.parties, InvoiceDays: 10, PaymentDays: 20})
		boss := w.As("vezető", actor.Admin, actor.All)
		ask := receipt.Query{Behind: receipt.Everywhere}
		right := func(table receipt.Table, err error) {
			t.Helper()
			if err != nil || !table.Known || table.Habits != 1 || len(table.Listed) != 1 {
				t.Fatalf("the table is %+v (%v)", table, err)
			}
			// 127 euros at 391.37
			if one := table.Listed[0]; one.Document.Key != open.Key || one.Expected != w.today.AddDays(7+late) || !one.Amount.Equal(money.MustAmount("49704")) {
				t.Errorf("the item reads %+v", one)
			}
		}
		right(receipts.Table(boss, ask))

		way.shut.Store(true)
		type answer struct {
			table receipt.Table
			err   error
		}
		came := make(chan answer, 1)
		go func() {
			table, err := receipts.Table(boss, ask)
			came <- answer{table, err}
		}()
		<-way.arrived
		if _, err := w.parties.Add(w.System(), party.Draft{Kind: party.Company, FullName: "Közben Kft."}); err != nil {
			t.Errorf("while the ERP hangs nobody can write: %v", err)
		}
		way.shut.Store(false)
		close(way.open)
		a := <-came
		right(a.table, a.err)

		// Within a unit of work that writes it is not asked at all.
		before := len(erp.Journal())
		err = w.DB.Write(boss, func(ctx context.Context, s *store.Session) error {
			table, err := receipts.In(s).Table(ctx, ask)
			if err == nil && (table.Known || len(table.Listed) != 0) {
				t.Errorf("within a unit of work the table is %+v", table)
			}
			return err
		})
		if err != nil || len(erp.Journal()) != before {
			t.Errorf("within a unit of work %d requests were sent (%v)", len(erp.Journal())-before, err)
		}
	})
}
