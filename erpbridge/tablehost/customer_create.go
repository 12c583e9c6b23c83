package tablehost

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// Create implements erpbridge.Customers.
func (p customerPort) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	if !w.ours() {
		return erpbridge.Customer{}, fault.New(fault.NotFound, "there is no company %q", w.Company)
	}
	c := w.h.customers.claim(w.Token)
	had, stale, err := w.madeCustomer(ctx, c)
	switch {
	case err != nil:
		return erpbridge.Customer{}, err
	case had.of != nil:
		return customerOf(had), nil
	}
	row, err := w.draftCustomer(ctx, draft)
	if err != nil {
		return erpbridge.Customer{}, err
	}
	if err := row.faults.Err("the customer cannot be created"); err != nil {
		return erpbridge.Customer{}, err
	}
	r, err := w.insertCustomer(ctx, row, claiming{c, stale})
	if err != nil {
		return erpbridge.Customer{}, err
	}
	return customerOf(r), nil
}

// draftedRow is a draft with what it becomes at the host.
type draftedRow struct {
	draft  map[string]any
	with   vars
	values []assignment
	faults fault.List
}

// draftCustomer completes a draft, judges it, and prepares its columns.
func (w work) draftCustomer(ctx context.Context, c erpbridge.Customer) (row draftedRow, err error) {
	p := w.h.customers
	row.draft = customerDraft(c)
	row.with = w.vars(vars{"customer": row.draft})
	if err := w.preset(ctx, p.entity, row.draft, row.with); err != nil {
		return row, err
	}
	if row.faults, err = w.checkCustomer(ctx, customerFrom(row.draft)); err != nil {
		return row, err
	}
	if row.values, err = w.assign(ctx, p.entity, row.draft, row.with, &row.faults); err != nil || len(row.faults) > 0 {
		return row, err // what follows from wrong fields says nothing more
	}
	return row, w.early(ctx, &row, p.early)
}

// early adds settings that are known before anything is written; what is wrong with them is a fault.
func (w work) early(ctx context.Context, row *draftedRow, list []*setting) error {
	for _, s := range list {
		set, err := w.settings(ctx, []*setting{s}, row.with)
		if err != nil {
			if !collect(&row.faults, s.path, err) {
				return err
			}
			continue
		}
		w.check(&set[0], &row.faults)
		row.values = append(row.values, set[0])
	}
	return nil
}

func (w work) insertCustomer(ctx context.Context, row draftedRow, c claiming) (record, error) {
	p := w.h.customers
	r, err := w.insertDrafted(ctx, row, drafting{p.entity, p.token, p.late, p.before, p.after, c})
	if err != nil || r.of != nil {
		return r, err
	}
	return w.customerRow(ctx, r.key)
}

// drafting is how a draft of a customer or a contact is written.
type drafting struct {
	*entity
	token         *column
	late          []*setting
	before, after []*step
	claiming
}

// insertDrafted writes a draft with its steps, and gives its row as reading it would; of nothing but the
// key where that is not certain.
func (w work) insertDrafted(ctx context.Context, row draftedRow, d drafting) (record, error) {
	// With steps before, the token comes first: they may write what only one can.
	first := len(d.before) > 0 || d.key.way == keyIdentity
	if first {
		if err := w.claim(ctx, d.claim, d.stale); err != nil {
			return record{}, err
		}
	}
	if err := w.steps(ctx, d.before, row.with, nil); err != nil {
		return record{}, err
	}
	late, err := w.settings(ctx, d.late, row.with)
	if err != nil {
		return record{}, err
	}
	conds, err := w.conds(ctx, d.where, row.with)
	if err != nil {
		return record{}, err
	}
	fresh := freshRow{table: d.table, key: d.key, values: unite(append(row.values, late...), equal(conds))}
	if err := w.identify(ctx, &fresh, row.with); err != nil {
		return record{}, err
	}
	if !first {
		d.claim.key = fresh.made
		if err := w.claim(ctx, d.claim, d.stale); err != nil {
			return record{}, err
		}
	}
	if err := w.placeWithToken(ctx, &fresh, d.token); err != nil {
		return record{}, err
	}
	if first {
		if err := w.note(ctx, d.claim, fresh.made); err != nil {
			return record{}, err
		}
	}
	row.draft["key"] = fresh.made
	if err := w.steps(ctx, d.after, row.with, nil); err != nil {
		return record{}, err
	}
	if r, certain := w.kept(d.entity, &fresh); certain && len(d.after) == 0 {
		return r, w.interpret(ctx, &r)
	}
	return record{key: fresh.made}, nil
}

// unite adds the assignments of columns that have none yet.
func unite(values, more []assignment) []assignment {
	for _, a := range more {
		there := false
		for _, b := range values {
			there = there || a.column == b.column
		}
		if !there {
			values = append(values, a)
		}
	}
	return values
}

// placeWithToken writes a row with the token in its column, if it has one: "-" and the key without a token.
func (w work) placeWithToken(ctx context.Context, row *freshRow, column *column) error {
	if column == nil {
		return w.place(ctx, row)
	}
	later := w.Token == "" && row.made == ""
	token := w.tokenValue(w.Token, row.made)
	if later {
		token = "-" + uuid.NewString()[:18]
	}
	row.values = append(row.values, assignment{column: column, value: token, place: row.path + ".token"})
	err := w.place(ctx, row)
	if err == nil && later {
		row.values[len(row.values)-1].value = w.tokenValue("", row.made)
		_, err = w.update(ctx, row.table, row.values[len(row.values)-1:], []cond{row.key.is(row.made)})
	}
	return err
}

// Check implements erpbridge.CustomerCheck.
func (p customerPort) Check(ctx context.Context, s erpbridge.Session, draft erpbridge.Customer) ([]fault.Fault, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	row, err := w.draftCustomer(ctx, draft)
	if err != nil {
		return nil, err
	}
	for _, f := range w.h.customers.lacking(w.h.customers.def.ToInvoice, customerFrom(row.draft)) {
		if !hasFault(row.faults, f.Path) {
			row.faults = append(row.faults, f)
		}
	}
	return row.faults, nil
}

func hasFault(list fault.List, path string) bool {
	for _, f := range list {
		if f.Path == path {
			return true
		}
	}
	return false
}

// missingForInvoice names what the mapping asks of whoever gets an invoice, and the customer lacks.
func (w work) missingForInvoice(c erpbridge.Customer) fault.List {
	return w.h.customers.lacking(w.h.customers.def.ToInvoice, c)
}

// lacking names the fields of a list that a customer lacks. A person has no tax number, and the EU's will do.
func (p *customers) lacking(names []string, c erpbridge.Customer) fault.List {
	var faults fault.List
	draft := customerDraft(c)
	for _, name := range names {
		if name == "tax_id" {
			if !c.Person && c.TaxID == "" && c.EUVatID == "" {
				faults.Add("tax_id", "required", "is missing; an invoice to a company needs it")
			}
			continue
		}
		if isEmpty(draft[name]) {
			faults.Required(placeOf(name), "")
		}
	}
	return faults
}

// mostDays is the longest term of payment that is believed.
const mostDays = 365

// checkCustomer names everything that is wrong in a draft but what its columns refuse.
func (w work) checkCustomer(ctx context.Context, c erpbridge.Customer) (fault.List, error) {
	p := w.h.customers
	faults := p.lacking(p.def.Required, c)
	if !hasFault(faults, "name") {
		faults.Required("name", c.Name)
	}
	checkIDs(&faults, c)
	if c.Address.Country != "" && party.CountryOf(c.Address.Country) != c.Address.Country {
		faults.Add("address.country", "country.code", "%q is not a country; write its code of two letters, as HU", c.Address.Country)
	}
	if c.Currency != "" && !money.ValidCurrency(c.Currency) {
		faults.Add("currency", "currency.form", "%q is not a currency; write its code of three letters, as EUR", c.Currency)
	}
	if c.PaymentDays < 0 || c.PaymentDays > mostDays {
		faults.Add("payment_days", "range", "%d days is no term of payment; it can be 0 to %d", c.PaymentDays, mostDays)
	}
	if l, ok := locale.ParseLanguage(string(c.Language)); c.Language != "" && (!ok || l != c.Language) {
		faults.Add("language", "language.unknown", "%q is not a language; there are %v", c.Language, locale.Languages)
	}
	if c.PriceList != "" && w.h.prices != nil && w.h.prices.lists != nil {
		lists := w.h.prices.lists
		_, found, err := w.one(ctx, question{of: lists, where: []cond{lists.key.is(c.PriceList)}})
		if err != nil {
			return nil, err
		}
		if !found {
			faults.Add("price_list", "price_list.unknown", "there is no price list %q", c.PriceList)
		}
	}
	return faults, nil
}

// checkIDs verifies what can be verified: e-mail and tax ids. Phones are kept as they came.
func checkIDs(faults *fault.List, c erpbridge.Customer) {
	if c.Email != "" {
		_, err := party.NormalizeEmail(c.Email)
		faults.Merge("", fault.Of(err))
	}
	for _, id := range []struct{ place, text string }{{"tax_id", c.TaxID}, {"eu_vat_id", c.EUVatID}} {
		if id.text == "" {
			continue
		}
		_, err := party.NormalizeTaxID(id.text, c.Address.Country)
		var e *fault.Error
		if errors.As(err, &e) {
			for _, f := range e.Faults {
				faults.Add(id.place, f.Code, "%s", f.Message)
			}
		}
	}
}
