package crm

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// CustomerSales is what a customer ordered in this year and the two before, as the host keeps it now.
type CustomerSales struct {
	// Currency is that of most orders; orders in Others are counted, and their sums left out.
	Currency string   `json:"currency"`
	Others   []string `json:"others,omitempty"`
	// Years are the three, the latest last; sums below stand in their order.
	Years  []int          `json:"years"`
	Totals []money.Amount `json:"totals"`
	Groups []GroupSales   `json:"groups"`
	// Months are the twelve of each year, without VAT.
	Months [][12]money.Amount `json:"months"`
	Orders int                `json:"orders"`
	First  civil.Date         `json:"first"`
	Last   civil.Date         `json:"last"`
	// More says that there are more orders than were read; the latest are missing.
	More bool `json:"more"`
}

// GroupSales is one product group, by its name; "" is what has none.
type GroupSales struct {
	Key  string         `json:"key"`
	Name string         `json:"name"`
	Sums []money.Amount `json:"sums"`
}

// mostSales is how many orders of a customer a page reads.
const mostSales = 2000

// CustomerSales asks the host what a customer ordered, in two calls of its ports; fault.NotFound where it does not tell.
// It needs actor.Convert, as all of the host's money does, and that the actor sees the customer's party; who sees
// everything sees customers without one, too.
func (m *Module) CustomerSales(ctx context.Context, key string) (CustomerSales, error) {
	port, ok := m.config.Host.Documents.(erpbridge.Sales)
	if !ok {
		return CustomerSales{}, fault.New(fault.NotFound, "%s does not tell what customers ordered", m.config.Host.Name)
	}
	a, err := actor.From(ctx)
	if err == nil && a.See != actor.All {
		_, err = m.Parties.ByRole(ctx, party.Link{Role: party.Customer, HostKey: key})
	}
	if err != nil {
		return CustomerSales{}, err
	}
	return ask(ctx, m, actor.Convert, func(ctx context.Context, hs erpbridge.Session) (CustomerSales, error) {
		first := hs.Today.Year - 2
		list, err := port.Sales(ctx, hs, erpbridge.SalesQuery{Customer: key, From: civil.Date{Year: first, Month: time.January, Day: 1}, Limit: mostSales})
		if err != nil {
			return CustomerSales{}, err
		}
		names := map[string]string{}
		if m.config.Host.Catalogue != nil && len(list) > 0 {
			groups, err := m.config.Host.Catalogue.Groups(ctx, hs)
			if err != nil {
				return CustomerSales{}, err
			}
			for _, g := range groups {
				names[g.Key] = g.Name
			}
		}
		return salesOf(list, first, names), nil
	})
}

func salesOf(list []erpbridge.Sale, first int, names map[string]string) CustomerSales {
	out := CustomerSales{Years: []int{first, first + 1, first + 2}, Totals: make([]money.Amount, 3), Months: make([][12]money.Amount, 3), Orders: len(list), More: len(list) == mostSales}
	currencies := map[string]int{}
	for _, s := range list {
		currencies[s.Currency]++
	}
	for c, n := range currencies {
		if m := currencies[out.Currency]; n > m || n == m && c < out.Currency {
			out.Currency = c
		}
	}
	groups := map[string]*GroupSales{}
	for i, s := range list {
		if i == 0 {
			out.First = s.Date
		}
		out.Last = s.Date
		if s.Currency != out.Currency {
			if !slices.Contains(out.Others, s.Currency) {
				out.Others = append(out.Others, s.Currency)
			}
			continue
		}
		year := s.Date.Year - first
		if year < 0 || year > 2 { // ordered for the future
			continue
		}
		for _, l := range s.Lines {
			g := groups[l.Group]
			if g == nil {
				g = &GroupSales{Key: l.Group, Name: cmp.Or(names[l.Group], l.Group), Sums: make([]money.Amount, 3)}
				groups[l.Group] = g
			}
			g.Sums[year] = g.Sums[year].Add(l.Net)
			out.Totals[year] = out.Totals[year].Add(l.Net)
			month := &out.Months[year][s.Date.Month-1]
			*month = month.Add(l.Net)
		}
	}
	for _, g := range groups {
		out.Groups = append(out.Groups, *g)
	}
	slices.SortFunc(out.Groups, func(a, b GroupSales) int {
		for i := 2; i >= 0; i-- {
			if c := b.Sums[i].Cmp(a.Sums[i]); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.Key, b.Key)
	})
	return out
}

// CustomerNames gives the names of customers of the host by their keys, as far as it tells them at once. It needs
// actor.LeadRead.
func (m *Module) CustomerNames(ctx context.Context, keys []string) (map[string]string, error) {
	out := map[string]string{}
	port, ok := m.config.Host.Customers.(erpbridge.CustomerStates)
	if !ok || len(keys) == 0 {
		return out, nil
	}
	list, err := ask(ctx, m, actor.LeadRead, func(ctx context.Context, hs erpbridge.Session) ([]erpbridge.Customer, error) {
		return port.Customers(ctx, hs, keys)
	})
	for _, c := range list {
		out[c.Key] = c.Name
	}
	return out, err
}
