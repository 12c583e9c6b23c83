package quantity_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/reports/quantity"
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

// TestQuantitiesOfAnERPBehindAnAPI: what its customers ordered stands in the table, and while it hangs everybody else writes.
func TestQuantitiesOfAnERPBehindAnAPI(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, shared *testutil.Env) {
		env := *shared
		erp := erpapi.BusinessOne(t, erpapi.Options{Now: env.Clock.Now, Page: 2})
		env.Company = erp.Company
		d, err := apihost.Open("sap-business-one")
		if err != nil {
			t.Fatal(err)
		}
		d.Limits.PerSecond, d.Limits.Burst = 1e6, 1e6
		way := &gate{arrived: make(chan struct{}), open: make(chan struct{})}
		way.DisableKeepAlives = true
		host, err := apihost.New(d, apihost.Options{Settings: erp.Settings(), PlainHTTP: true, Transport: way, Now: env.Clock.Now, Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		today := civil.Of(env.Clock.Now())
		for i := range 5 {
			s := erpbridge.Session{Company: erp.Company, UserID: erp.UserID, Token: fmt.Sprint("t", i), Now: env.Clock.Now(), Today: today}
			draft := erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: erp.Customer, Date: today.AddDays(-i), Due: today, Currency: erp.Currency}
			draft.Lines = []erpbridge.DocumentLine{{Product: erp.Products[0], Quantity: money.MustQuantity("2.5"), UnitPrice: money.MustAmount("10"), VATCode: erp.VATCode}}
			if _, err := host.Documents.Create(t.Context(), s, draft); err != nil {
				t.Fatal(err)
			}
		}
		locales := func(string) locale.Locale { return locale.Locale{Language: locale.Hungarian, Currency: "HUF"} }
		quantities := quantity.New(env.DB, quantity.Config{Host: host, Locales: locales})
		boss := env.As("vezető", actor.Admin, actor.All)
		right := func(table quantity.Table, err error) {
			t.Helper()
			if err != nil || !table.Known || len(table.Rows) != 1 || !table.Rows[0].Sum.Ordered.Equal(money.MustQuantity("12.5")) || table.Rows[0].Product != erp.Products[0] || table.Rows[0].Group != "100" {
				t.Errorf("the table is %+v (%v)", table, err)
			}
		}
		right(quantities.Table(boss, quantity.Query{Group: "100"}))
		behind, err := quantities.Behind(boss, erp.Products[0])
		if err != nil || len(behind.Orders) != 5 || behind.Orders[0].Customer != erp.Customer {
			t.Errorf("behind it stand %+v (%v)", behind, err)
		}

		way.shut.Store(true)
		type answer struct {
			table quantity.Table
			err   error
		}
		came := make(chan answer, 1)
		go func() {
			table, err := quantities.Table(boss, quantity.Query{})
			came <- answer{table, err}
		}()
		<-way.arrived
		if _, err := party.New(env.DB, locales).Add(env.System(), party.Draft{Kind: party.Company, FullName: "Közben Kft."}); err != nil {
			t.Errorf("while the ERP hangs nobody can write: %v", err)
		}
		way.shut.Store(false)
		close(way.open)
		a := <-came
		right(a.table, a.err)

		// Within a unit of work that writes it is not asked at all.
		before := len(erp.Journal())
		err = env.DB.Write(boss, func(ctx context.Context, s *store.Session) error {
			table, err := quantities.In(s).Table(ctx, quantity.Query{})
			if err == nil && (table.Known || len(table.Rows) != 0) {
				t.Errorf("within a unit of work the table is %+v", table)
			}
			return err
		})
		if err != nil || len(erp.Journal()) != before {
			t.Errorf("within a unit of work %d requests were sent (%v)", len(erp.Journal())-before, err)
		}
	})
}
