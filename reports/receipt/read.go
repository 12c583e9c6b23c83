package receipt

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/quantity"
)

const (
	// mostOwed is how many open items are read, chunk how many at a time.
	mostOwed, chunk = 50_000, 1000
	// asked is how many customers are asked about at a time.
	asked = 500
	// past is how many days back customers' habits are learnt from, enough how many invoices make one.
	past, enough = 366, 3
	// wait is how long what was won may be without an invoice; what is older was invoiced some other way.
	wait = 180 * 24 * time.Hour
)

// deal is an opportunity that is not invoiced yet.
type deal struct {
	ID            opportunity.ID    `bun:"id"`
	Name          string            `bun:"name"`
	Party         party.ID          `bun:"party_id"`
	Customer      string            `bun:"customer"`
	Owner         string            `bun:"owner_user"`
	State         opportunity.State `bun:"state"`
	Chance        money.Percent     `bun:"chance"`
	ExpectedClose civil.Date        `bun:"expected_close"`
	ClosedAt      time.Time         `bun:"closed_at"`
	Currency      string            `bun:"currency"`
	Amount        money.Amount      `bun:"amount"`
	// Taxed says that Amount is the gross total of a quote.
	Taxed bool `bun:"taxed"`
}

// deals reads what is open, and what was won lately and is not invoiced: each by its own index, with its newest issued quote.
func (r *Receipts) deals(ctx context.Context, s *store.Session) ([]deal, error) {
	const query = "SELECT o.id, o.name, o.party_id, p.name AS customer, o.owner_user, o.state, o.chance, o.expected_close, o.closed_at, COALESCE(q.currency, o.currency) AS currency," +
		" COALESCE(q.gross, o.expected_revenue) AS amount, CASE WHEN q.id IS NULL THEN 0 ELSE 1 END AS taxed FROM crm_opportunity AS o JOIN crm_party AS p ON p.id = o.party_id" +
		" LEFT JOIN crm_quote AS q ON q.opportunity_id = o.id AND " + quantity.Newest + " WHERE {scope} AND "
	var open, won []deal
	err := s.Query(ctx, &open, store.From[opportunity.Opportunity]("o"), query+"o.state = 'open'")
	if err == nil {
		err = s.Query(ctx, &won, store.From[opportunity.Opportunity]("o"), query+"o.state = 'won' AND o.progress IN ('', 'ordered', 'delivering', 'delivered') AND o.closed_at >= ?", s.Now.Add(-wait))
	}
	return append(open, won...), err
}

// told is what the host tells.
type told struct {
	owed []erpbridge.Receivable
	// keys are the customers that parties are, terms the days they have to pay, late the days they usually take more.
	keys        map[party.ID]string
	terms, late map[string]int
	known, more bool
}

// ask reads what is owed, where the host tells and the actor may know it, and how the customers pay. A host in the same
// database answers inside a reading transaction; nobody waits for a network inside one: a host that is elsewhere is not
// asked within a session or a transaction that somebody else opened, which may be writing.
func (r *Receipts) ask(ctx context.Context, today civil.Date, deals []deal) (told, error) {
	out := told{keys: map[party.ID]string{}, terms: map[string]int{}, late: map[string]int{}}
	a, err := actor.From(ctx)
	if err != nil {
		return out, err
	}
	hs := erpbridge.Session{Company: a.Company, UserID: a.HostUser(), Now: r.db.Now(), Today: today}
	port, ok := r.config.Host.Documents.(erpbridge.Receivables)
	if !ok || a.See != actor.All || !a.May(actor.Convert) {
		port = nil
	}
	elsewhere := r.config.Host.Place == erpbridge.Elsewhere
	err = r.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		var ids []party.ID
		for _, d := range deals {
			ids = append(ids, d.Party)
		}
		slices.SortFunc(ids, func(a, b party.ID) int { return slices.Compare(a[:], b[:]) })
		if out.keys, err = r.config.Parties.In(s).Customers(ctx, slices.Compact(ids)); err != nil || elsewhere {
			return err
		}
		hs.Tx = s.Tx()
		return r.read(ctx, hs, port, &out)
	})
	if err == nil && elsewhere && !r.db.Bound() {
		err = r.read(ctx, hs, port, &out)
	}
	return out, err
}

func (r *Receipts) read(ctx context.Context, hs erpbridge.Session, port erpbridge.Receivables, out *told) error {
	ask := erpbridge.ReceivablesQuery{Limit: chunk}
	for out.owed, out.known, out.more = nil, port != nil, port != nil; out.more; {
		page, err := port.Receivables(ctx, hs, ask)
		if errors.Is(err, fault.NotFound) {
			out.known, out.more = false, false
			break
		}
		if err != nil {
			return err
		}
		out.owed = append(out.owed, page...)
		if out.more = len(page) > 0; !out.more || len(out.owed) >= mostOwed {
			break
		}
		ask.After = page[len(page)-1].Customer
	}
	var keys []string
	for _, one := range out.owed {
		keys = append(keys, one.Customer)
	}
	for _, key := range out.keys {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	states, _ := r.config.Host.Customers.(erpbridge.CustomerStates)
	days := map[string][]int{}
	for some := range slices.Chunk(slices.Compact(keys), asked) {
		if states != nil {
			found, err := states.Customers(ctx, hs, some)
			if err != nil {
				return err
			}
			for _, c := range found {
				out.terms[c.Key] = c.PaymentDays
			}
		}
		if port == nil {
			continue
		}
		settled, err := port.Settled(ctx, hs, some, hs.Today.AddDays(-past))
		if err != nil {
			return err
		}
		for _, one := range settled {
			days[one.Customer] = append(days[one.Customer], one.Due.DaysUntil(one.Paid))
		}
	}
	for customer, all := range days {
		if len(all) >= enough {
			out.late[customer] = usual(all)
		}
	}
	return nil
}

// usual is the median of how many days invoices were paid late, the lower one of two; who pays early is in time.
func usual(days []int) int {
	slices.Sort(days)
	return max(0, days[(len(days)-1)/2])
}
