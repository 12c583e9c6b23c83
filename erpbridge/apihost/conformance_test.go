package apihost_test

import (
	"context"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/apihost"
	"github.com/crmplus/crmplus/testutil/erpapi"
	"github.com/crmplus/crmplus/testutil/hosttest"
)

// open makes a host of a shipped description, without its rate limit, that reaches a server of the test.
func open(t testing.TB, name string, erp *erpapi.Server, change func(*apihost.Description, *apihost.Options)) erpbridge.Host {
	t.Helper()
	d, err := apihost.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	d.Limits.PerSecond, d.Limits.Burst = 100_000, 100_000
	o := apihost.Options{Settings: erp.Settings(), PlainHTTP: true, Timeout: 20 * time.Second}
	if change != nil {
		change(d, &o)
	}
	host, err := apihost.New(d, o)
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// clerk pays invoices at the ERP.
func clerk(erp *erpapi.Server) hosttest.Clerk {
	return hosttest.Clerk{Pay: func(_ context.Context, _ erpbridge.Session, invoice erpbridge.Ref, amount money.Amount) error {
		return erp.Pay(invoice.Key, amount.Decimal)
	}}
}

func TestConformanceOfBusinessCentral(t *testing.T) {
	erp := erpapi.BusinessCentral(t, erpapi.Options{})
	hosttest.Run(t, hosttest.Subject{
		Host: open(t, "business-central", erp, nil), Company: erp.Company, OtherCompany: erp.OtherCompany, UserID: erp.UserID,
		Customer: erp.Customer, BlockedCustomer: erp.BlockedCustomer, Products: erp.Products, VATCode: erp.VATCode, Currency: erp.Currency,
		Prices: []hosttest.PriceCase{{Name: "of the card", Question: erpbridge.PriceQuestion{Product: erp.Products[0], Quantity: money.MustQuantity("1"), Currency: "EUR"}, Unit: money.MustAmount("649")}},
		Drops:  []string{"given", "family", "language", "payment_days"},
		Clerk:  clerk(erp),
		Lacks: []hosttest.Feature{
			hosttest.Users, hosttest.Contacts, hosttest.Deliveries, hosttest.CreditNotes, hosttest.PaymentRequests, hosttest.AdvanceInvoices, hosttest.CompletionActs,
			hosttest.Payments, hosttest.Sales, hosttest.Gapless, hosttest.Rollback, hosttest.FreeText,
		},
	})
}

func TestConformanceOfBusinessOne(t *testing.T) {
	erp := erpapi.BusinessOne(t, erpapi.Options{})
	host := open(t, "sap-business-one", erp, func(d *apihost.Description, _ *apihost.Options) {
		d.Contacts = nil                            // they have no language there
		delete(d.Documents, erpbridge.DeliveryNote) // what is delivered is invoiced from the delivery only
	})
	hosttest.Run(t, hosttest.Subject{
		Host: host, Company: erp.Company, OtherCompany: erp.OtherCompany, UserID: erp.UserID,
		Customer: erp.Customer, BlockedCustomer: erp.BlockedCustomer, Products: erp.Products, VATCode: erp.VATCode, Currency: erp.Currency,
		Drops: []string{"given", "family", "payment_days"},
		Clerk: clerk(erp),
		Lacks: []hosttest.Feature{
			hosttest.Contacts, hosttest.Deliveries, hosttest.Quotations, hosttest.PaymentRequests, hosttest.AdvanceInvoices, hosttest.CompletionActs,
			hosttest.Payments, hosttest.Sales, hosttest.Gapless, hosttest.Rollback, hosttest.FreeText,
		},
	})
}
