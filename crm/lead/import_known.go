package lead

import (
	"context"
	"fmt"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// askElsewhere asks a host that does not share our transaction about all rows before that begins.
func (r *importRun) askElsewhere(ctx context.Context, rows []importRow) ([]hostAnswer, error) {
	if r.leads.host.Place != erpbridge.Elsewhere || r.leads.host.Customers == nil {
		return nil, nil
	}
	a, err := actor.From(ctx)
	if err != nil {
		return nil, err
	}
	now := r.leads.db.Now()
	zone := r.leads.parties.Locale(a.Company).Location()
	session := erpbridge.Session{Company: a.Company, UserID: a.HostUser(), Now: now, Today: civil.In(now, zone)}
	return r.leads.askHostMany(ctx, session, rows, func(int) bool { return true })
}

// askHostMany is askHost for those rows that pass, in one call.
func (l *Leads) askHostMany(ctx context.Context, h erpbridge.Session, rows []importRow, pass func(i int) bool) ([]hostAnswer, error) {
	answers := make([]hostAnswer, len(rows))
	var keys []erpbridge.MatchKey
	var asked []int // the row of each key
	for i := range rows {
		answers[i].locale = l.parties.Locale(h.Company)
		if rows[i].p == nil || !pass(i) {
			continue
		}
		for _, k := range rows[i].p.matchKeys() {
			keys, asked = append(keys, k), append(asked, i)
		}
	}
	if l.host.Customers == nil || len(keys) == 0 {
		return answers, nil
	}
	matches, err := l.host.Customers.Match(ctx, h, keys)
	if err != nil {
		if l.host.Place == erpbridge.Elsewhere {
			return answers, nil
		}
		return nil, fmt.Errorf("looking for the host's customers: %w", err)
	}
	for _, m := range matches {
		if m.Key >= 0 && m.Key < len(asked) {
			a := &answers[asked[m.Key]]
			a.customers = append(a.customers, m.Customer)
		}
	}
	return answers, nil
}

// recognise finds the party of each row that is there already, among ours, in the chunk itself and
// among the host's customers.
func (w *chunkWriter) recognise(ctx context.Context) error {
	n := len(w.rows)
	w.known, w.open, w.twin = make([]party.Known, n), make([]*Lead, n), make([]int, n)
	var batch []*party.Prepared
	var names []string
	var at []int
	for i := range w.rows {
		w.twin[i] = -1
		if p := w.rows[i].p; p != nil && w.plan.Known != CreateAnyway {
			batch, names, at = append(batch, p.primary), append(names, p.employerName()), append(at, i)
		}
	}
	found, err := w.leads.parties.FindMany(ctx, batch, names)
	if err != nil {
		return err
	}
	for j, k := range found {
		if !k.Party.ID.IsZero() && w.rows[at[j]].p.sure(k.Match, k.Party.DisplayName) {
			w.known[at[j]] = k
		}
	}
	w.pair()
	if err := w.recogniseCustomers(ctx); err != nil {
		return err
	}
	leads := map[party.ID]*Lead{}
	for i := range w.rows {
		id := w.known[i].Party.ID
		if id.IsZero() {
			continue
		}
		if leads[id] == nil {
			lead, err := w.leads.openLead(ctx, w.s, id)
			if err != nil {
				return err
			}
			leads[id] = &lead
		}
		w.open[i] = leads[id]
	}
	return nil
}

// pair finds rows of the chunk that are the same person or company.
func (w *chunkWriter) pair() {
	if w.plan.Known == CreateAnyway {
		return
	}
	rowOf := map[string]int{}
	for i := range w.rows {
		p := w.rows[i].p
		if p == nil {
			continue
		}
		k := p.primary.Keys()
		keys := append(append([]string{k.TaxID}, k.Emails...), k.Phones...)
		for _, key := range keys {
			j, ok := rowOf[key]
			if key == "" || !ok || !w.known[i].Party.ID.IsZero() || w.twin[i] >= 0 {
				continue
			}
			other := w.rows[j].p
			m := party.Compare(p.primaryIdentity(), other.primaryIdentity())
			if p.primary.Party.Kind != other.primary.Party.Kind || !p.sure(m, other.primary.Party.DisplayName) {
				continue
			}
			if w.known[j].Party.ID.IsZero() {
				w.twin[i] = j
			} else {
				w.known[i] = w.known[j]
			}
		}
		for _, key := range keys {
			if _, taken := rowOf[key]; !taken && key != "" && w.twin[i] < 0 {
				rowOf[key] = i
			}
		}
	}
}

// recogniseCustomers looks for the rest among the host's customers, who get a party by it.
func (w *chunkWriter) recogniseCustomers(ctx context.Context) error {
	if w.host == nil {
		var err error
		w.host, err = w.leads.askHostMany(ctx, w.leads.hostSession(w.s), w.rows, func(i int) bool {
			return w.known[i].Party.ID.IsZero() && w.twin[i] < 0
		})
		if err != nil {
			return err
		}
	}
	if w.plan.Known == CreateAnyway {
		return nil
	}
	slow := 0
	for i := range w.rows {
		p := w.rows[i].p
		if p == nil || !w.known[i].Party.ID.IsZero() || w.twin[i] >= 0 || slow == slowRows {
			continue
		}
		for _, hit := range w.host[i].hits(p.primaryIdentity()) {
			if hit.Customer.Person != (p.primary.Party.Kind == party.Person) || !p.sure(hit.Match, hit.Customer.Name) {
				continue
			}
			customer, err := w.leads.parties.OfCustomer(ctx, hit.Customer)
			if err != nil {
				return err
			}
			w.known[i] = party.Known{Candidate: party.Candidate{Party: customer, Match: hit.Match}}
			if slow++; slow == slowRows { // the rows behind this one are looked at in the next transaction
				w.rows = w.rows[:i+1]
				w.known, w.open, w.twin = w.known[:i+1], w.open[:i+1], w.twin[:i+1]
			}
			break
		}
	}
	return nil
}
