package prochost

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge"
)

type companyPort struct{ h *host }

// Company implements erpbridge.Companies.
func (p companyPort) Company(ctx context.Context, s erpbridge.Session) (erpbridge.Company, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Company{}, err
	}
	return w.company(ctx)
}

func (w *work) company(ctx context.Context) (erpbridge.Company, error) {
	r, err := w.one(ctx, w.host.company)
	if err == nil && r == nil {
		err = fault.New(fault.NotFound, "there is no company %q", w.Company)
	}
	if err != nil {
		return erpbridge.Company{}, err
	}
	language := r.language("language")
	if language == "" {
		language = locale.English
	}
	return erpbridge.Company{
		Key: w.Company, Name: r.text("name"), TaxID: r.text("tax_id"), EUVatID: r.text("eu_vat_id"), Address: r.address(), Phone: r.text("phone"), Email: r.text("email"),
		Website: r.text("website"), BankAccount: r.text("bank_account"), IBAN: r.text("iban"),
		Locale: locale.Locale{Language: language, Zone: r.zone("zone"), Currency: r.text("currency")},
	}, r.err
}

func (r *record) address() erpbridge.Address {
	return erpbridge.Address{
		Line1: r.text("line1"), Line2: r.text("line2"), PostalCode: r.text("postal_code"), City: r.text("city"), Region: r.text("region"), Country: r.text("country"),
	}
}
