package lead

import (
	"context"

	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// firms are the companies that the rows of a chunk name.
type firms struct {
	byTax, byName map[string]*firm
	all           []*firm
}

type firm struct {
	prepared *party.Prepared
	id       party.ID
	// row is where the company was met first; the host's answer about it stands there.
	row int
}

// meet gives the company of a prepared one: one with its tax id, or one of equal name without another.
func (f *firms) meet(p *party.Prepared, row int) *firm {
	tax, name := p.Party.TaxID, party.NameKey(p.Party.DisplayName)
	if known := f.byTax[tax]; tax != "" && known != nil {
		return known
	}
	if known := f.byName[name]; known != nil && (tax == "" || known.prepared.Party.TaxID == "") {
		if tax != "" && known.id.IsZero() {
			known.prepared.Complete(p)
			f.byTax[tax] = known
		}
		return known
	}
	fresh := &firm{prepared: p, row: row}
	f.all = append(f.all, fresh)
	f.byName[name] = fresh
	if tax != "" {
		f.byTax[tax] = fresh
	}
	return fresh
}

// organize gives each row the party of its company: one of ours, one of the host's customers, or a new
// one, which is written with the others.
func (w *chunkWriter) organize(ctx context.Context) error {
	f := firms{byTax: map[string]*firm{}, byName: map[string]*firm{}}
	of := make([]*firm, len(w.rows))
	for i := range w.rows {
		p := w.rows[i].p
		if p == nil {
			continue
		}
		p.at, p.firm, p.primary.Party.EmployerID = 0, party.ID{}, party.ID{} // of a try that was repeated
		isNew := w.known[i].Party.ID.IsZero() && w.twin[i] < 0
		switch {
		case isNew && p.primary.Party.Kind == party.Company:
			if met := f.meet(p.primary, i); met.prepared == p.primary {
				if p.primary.Party.ID.IsZero() {
					p.primary.Party.ID = store.NewKey[party.Tag](w.s)
				}
				met.id = p.primary.Party.ID
			}
		case p.employer != nil && w.plan.Known != SkipKnown || p.employer != nil && isNew:
			of[i] = f.meet(p.employer, i)
		}
	}
	if err := w.findFirms(ctx, f.all); err != nil {
		return err
	}
	for i := range w.rows {
		if of[i] == nil {
			continue
		}
		p := w.rows[i].p
		p.firm = of[i].id
		p.primary.Party.EmployerID = of[i].id
	}
	for i := range w.rows {
		if p := w.rows[i].p; p != nil && p.primary.Party.ID.IsZero() {
			p.primary.Party.ID = store.NewKey[party.Tag](w.s)
		}
	}
	return nil
}

// findFirms finds or makes the parties of companies that have none yet.
func (w *chunkWriter) findFirms(ctx context.Context, all []*firm) error {
	var open []*firm
	var batch []*party.Prepared
	for _, f := range all {
		if f.id.IsZero() {
			open, batch = append(open, f), append(batch, f.prepared)
		}
	}
	found, err := w.leads.parties.FindCompanies(ctx, batch)
	if err != nil {
		return err
	}
	for i, f := range open {
		if f.id = found[i]; !f.id.IsZero() {
			continue
		}
		if f.id, err = w.customerFirm(ctx, f); err != nil {
			return err
		}
		if !f.id.IsZero() {
			continue
		}
		if f.prepared.Party.ID.IsZero() {
			f.prepared.Party.ID = store.NewKey[party.Tag](w.s)
		}
		f.id = f.prepared.Party.ID
		w.fresh = append(w.fresh, f.prepared)
	}
	return nil
}

// customerFirm looks for a company among the host's customers.
func (w *chunkWriter) customerFirm(ctx context.Context, f *firm) (party.ID, error) {
	want := f.prepared.Party
	for _, hit := range w.host[f.row].hits(f.prepared.Identity("")) {
		if !hit.isCompany(want) {
			continue
		}
		customer, err := w.leads.parties.OfCustomer(ctx, hit.Customer)
		return customer.ID, err
	}
	return party.ID{}, nil
}

// isCompany reports whether a customer is a company that a lead named: by its tax id, or by an equal
// name without another tax id.
func (h hostHit) isCompany(want party.Party) bool {
	sameID := want.TaxID != "" && want.TaxID == h.identity.TaxID
	open := want.TaxID == "" || h.identity.TaxID == ""
	return !h.Customer.Person && (sameID || open && party.NameKey(want.DisplayName) == party.NameKey(h.Customer.Name))
}
