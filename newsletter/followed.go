package newsletter

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/track"
)

// Touching says what counts as a touch of a reader by a campaign.
type Touching string

// The touches.
const (
	// ByClick: he pressed a link, as newsletter/track judged it.
	ByClick Touching = "click"
	// ByOpen: he opened it or pressed a link.
	ByOpen Touching = "open"
	// BySending: it was sent to him.
	BySending Touching = "sent"
)

// Touchings are all of them.
var Touchings = []Touching{ByClick, ByOpen, BySending}

// Models are the ways to credit what followed.
var Models = []track.Model{track.LastTouch, track.FirstTouch, track.LinearTouch}

// FollowedQuery asks what followed a campaign.
type FollowedQuery struct {
	// Model is track.LastTouch where it is "", Touch [ByClick].
	Model track.Model
	Touch Touching
	// Days is how long after a touch an outcome counts, 1 to 365; 30 where it is 0.
	Days int
}

// daysUsual and daysMost bound [FollowedQuery.Days].
const daysUsual, daysMost = 30, 365

func (q *FollowedQuery) check() error {
	q.Model, q.Touch, q.Days = cmp.Or(q.Model, track.LastTouch), cmp.Or(q.Touch, ByClick), cmp.Or(q.Days, daysUsual)
	var faults fault.List
	if !slices.Contains(Models, q.Model) {
		faults.Add("model", "choice", "%.20q is none; choose from %v", string(q.Model), Models)
	}
	if !slices.Contains(Touchings, q.Touch) {
		faults.Add("touch", "choice", "%.20q is none; choose from %v", string(q.Touch), Touchings)
	}
	if q.Days < 1 || q.Days > daysMost {
		faults.Add("days", "range", "is %d; give 1 to %d", q.Days, daysMost)
	}
	return faults.Err("it cannot be said what followed")
}

// OutcomeKind is what followed.
type OutcomeKind string

// The kinds. They overlap, and are never added up: an opportunity is won, and then invoiced.
const (
	// Opened is an opportunity that came to be, with what is expected of it.
	Opened OutcomeKind = "opportunity"
	// WonDeal is one that was won.
	WonDeal OutcomeKind = "won"
	// Invoiced is an invoice of the host, net.
	Invoiced OutcomeKind = "invoice"
)

// OutcomeKinds are all kinds, in the order of a sale.
var OutcomeKinds = []OutcomeKind{Opened, WonDeal, Invoiced}

// Outcome is one thing that followed, and the campaign's part of it.
type Outcome struct {
	Kind OutcomeKind `json:"kind"`
	// ID is that of the opportunity, or the host's key of the document; Name its name or number.
	ID   string `json:"id"`
	Name string `json:"name"`
	// Party is who, with the name.
	Party     party.ID     `json:"party"`
	PartyName string       `json:"party_name"`
	At        time.Time    `json:"at"`
	Value     money.Amount `json:"value"`
	Currency  string       `json:"currency"`
	// Share is the campaign's part in percent, Credit that part of the value.
	Share  money.Percent `json:"share"`
	Credit money.Amount  `json:"credit"`

	// readers are the parties whose touches count: who buys, and the person there.
	readers []party.ID
}

// OutcomeSum are the outcomes of a kind in a currency.
type OutcomeSum struct {
	Kind     OutcomeKind  `json:"kind"`
	Currency string       `json:"currency"`
	Count    int          `json:"count"`
	Value    money.Amount `json:"value"`
	Credit   money.Amount `json:"credit"`
	// Return is what came back of the cost in percent, less the cost itself: 150 where 250 came of 100. Costed says
	// that the campaign has a cost in this currency; nothing is said of opportunities that are not decided.
	Return money.Percent `json:"return"`
	Costed bool          `json:"costed"`
}

// Followed is what followed a campaign.
type Followed struct {
	Query FollowedQuery `json:"query"`
	Sums  []OutcomeSum  `json:"sums"`
	// Rows are what is behind the sums, in order of time.
	Rows []Outcome `json:"rows"`
	// Cost is what the campaign has cost by now, in Currency.
	Cost     money.Amount `json:"cost"`
	Currency string       `json:"currency"`
	// Partial says that there was more than is looked at: over [MostOutcomes] outcomes, or readers who are customers
	// than the host is asked about.
	Partial bool `json:"partial"`
}

// The bounds of what is looked at.
const (
	// MostOutcomes is how many opportunities of each kind are credited.
	MostOutcomes = 5000
	// mostCustomers is how many customers the host is asked about, mostElsewhere where each is a call over a network.
	mostCustomers, mostElsewhere = 500, 50
	// touchBatch is how many parties' touches one statement reads.
	touchBatch = 200
)

// Customer is a customer of the host whose documents are wanted.
type Customer struct {
	Key  string
	Name string
	// Party is who it is here, Reader who of it is a reader: a person of the company, or the same.
	Party, Reader party.ID
}

// Followed gives the opportunities and the revenue that followed a campaign: opportunities of its readers that came to
// be or were won after it began, and the invoices of the host to them, credited by the touches of all campaigns in the
// time before. It shows what the actor sees. It needs actor.ReportRead.
func (n *Newsletters) Followed(ctx context.Context, id campaign.ID, q FollowedQuery) (Followed, error) {
	if err := q.check(); err != nil {
		return Followed{}, err
	}
	c, err := n.Campaigns.Get(ctx, id)
	if err != nil {
		return Followed{}, err
	}
	progress, err := n.Campaigns.Progress(ctx, id)
	if err != nil {
		return Followed{}, err
	}
	out := Followed{Query: q, Cost: progress.Cost, Currency: c.Currency}
	if c.StartedAt.IsZero() {
		return out, nil
	}
	var customers []Customer
	_, err = store.Read(ctx, n.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (struct{}, error) {
		var err error
		if out.Rows, err = deals(ctx, s, c); err == nil {
			customers, err = n.customers(ctx, s, c, q)
		}
		return struct{}{}, err
	})
	if err != nil {
		return out, err
	}
	out.Partial = len(out.Rows) >= MostOutcomes || len(customers) == n.mostAsked()
	invoices, err := n.invoices(ctx, c, customers)
	if err != nil {
		return out, err
	}
	out.Rows = append(out.Rows, invoices...)
	touches, err := store.Read(ctx, n.db, actor.ReportRead, func(ctx context.Context, s *store.Session) (map[party.ID][]track.Touch, error) {
		return touchesOf(ctx, s, out.Rows, q.Touch)
	})
	if err != nil {
		return out, err
	}
	if out.Rows, err = credited(c.Number, q, out.Rows, touches); err != nil {
		return out, err
	}
	out.Sums = sumsOf(out)
	return out, nil
}

// deals are the opportunities of readers that came to be, and those that were won, after the campaign began.
func deals(ctx context.Context, s *store.Session, c campaign.Campaign) ([]Outcome, error) {
	var all []Outcome
	for _, one := range []struct {
		kind     OutcomeKind
		at, more string
	}{{Opened, "o.created_at", ""}, {WonDeal, "o.closed_at", " AND o.state = 'won'"}} {
		var rows []struct {
			ID       opportunity.ID `bun:"id"`
			Name     string         `bun:"name"`
			Party    party.ID       `bun:"party_id"`
			Contact  party.ID       `bun:"contact_id"`
			Who      string         `bun:"who"`
			At       time.Time      `bun:"at"`
			Value    money.Amount   `bun:"expected_revenue"`
			Currency string         `bun:"currency"`
		}
		err := s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), "SELECT o.id, o.name, o.party_id, o.contact_id, w.name AS who, "+one.at+" AS at, o.expected_revenue, o.currency"+
			" FROM crm_opportunity AS o JOIN crm_party AS w ON w.id = o.party_id WHERE {scope} AND "+one.at+" >= ?"+one.more+
			" AND EXISTS (SELECT 1 FROM crm_party AS p JOIN crm_campaign_recipient AS r ON r.party_id = p.id"+
			" WHERE (p.id IN (o.party_id, o.contact_id) OR p.merged_into IN (o.party_id, o.contact_id)) AND r.campaign_id = ?)"+
			" ORDER BY "+one.at+", o.id"+s.Limit(MostOutcomes), c.StartedAt, c.ID)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			all = append(all, Outcome{Kind: one.kind, ID: r.ID.String(), Name: r.Name, Party: r.Party, PartyName: r.Who, At: r.At, Value: r.Value, Currency: r.Currency, readers: []party.ID{r.Party, r.Contact}})
		}
	}
	return all, nil
}

// mostAsked is how many customers the host is asked about.
func (n *Newsletters) mostAsked() int {
	if n.config.Elsewhere {
		return mostElsewhere
	}
	return mostCustomers
}

// customers are the readers whom the campaign touched and who are customers of the host, or work for one.
func (n *Newsletters) customers(ctx context.Context, s *store.Session, c campaign.Campaign, q FollowedQuery) ([]Customer, error) {
	if n.config.Documents == nil {
		return nil, nil
	}
	touched := map[Touching]string{ByClick: "t.clicks > 0", ByOpen: "(t.clicks > 0 OR t.opens > 0)", BySending: "r.sent_at IS NOT NULL"}[q.Touch]
	var rows []struct {
		Key    string   `bun:"host_key"`
		Name   string   `bun:"name"`
		Party  party.ID `bun:"party_id"`
		Reader party.ID `bun:"reader"`
	}
	err := s.Query(ctx, &rows, store.From[party.Party]("p"), "SELECT h.host_key, w.name, h.party_id, p.id AS reader FROM crm_campaign_recipient AS r"+
		" JOIN crm_party AS k ON k.id = r.party_id JOIN crm_party AS p ON p.id = COALESCE(k.merged_into, k.id)"+
		" LEFT JOIN crm_track_reader AS t ON t.campaign = ? AND t.seq = r.seq"+
		" JOIN crm_role AS h ON h.party_id IN (p.id, p.employer_id) AND h.company = r.company AND h.role = 'customer' JOIN crm_party AS w ON w.id = h.party_id"+
		" WHERE r.campaign_id = ? AND "+touched+" AND {scope} ORDER BY r.seq, h.host_key"+s.Limit(n.mostAsked()), c.Number, c.ID)
	out := make([]Customer, len(rows))
	for i, r := range rows {
		out[i] = Customer(r)
	}
	return out, err
}

// invoices are the host's invoices to customers since the campaign began, each once.
func (n *Newsletters) invoices(ctx context.Context, c campaign.Campaign, customers []Customer) ([]Outcome, error) {
	if len(customers) == 0 {
		return nil, nil
	}
	var keys []string
	of := map[string][]Customer{}
	for _, one := range customers {
		if of[one.Key] == nil {
			keys = append(keys, one.Key)
		}
		of[one.Key] = append(of[one.Key], one)
	}
	histories, err := n.config.Documents(ctx, keys)
	if err != nil {
		return nil, err
	}
	zone := n.zone(c.Company)
	var all []Outcome
	for _, key := range keys {
		for _, d := range histories[key] {
			// A document has a day and no hour: what was pressed on the same day came before it.
			at := d.Date.AddDays(1).Time(zone).Add(-time.Millisecond)
			if d.Kind != erpbridge.Invoice || d.State == erpbridge.Cancelled || d.State == erpbridge.Credited || at.Before(c.StartedAt) {
				continue
			}
			o := Outcome{Kind: Invoiced, ID: d.Key, Name: d.Number, Party: of[key][0].Party, PartyName: of[key][0].Name, At: at.UTC(), Value: d.Net, Currency: d.Currency}
			for _, who := range of[key] {
				o.readers = append(o.readers, who.Party, who.Reader)
			}
			all = append(all, o)
		}
	}
	return all, nil
}

// touchesOf reads what touched the parties of outcomes, of all campaigns.
func touchesOf(ctx context.Context, s *store.Session, outcomes []Outcome, by Touching) (map[party.ID][]track.Touch, error) {
	var ids []party.ID
	seen := map[party.ID]bool{{}: true}
	for _, o := range outcomes {
		for _, id := range o.readers {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	out := map[party.ID][]track.Touch{}
	for part := range slices.Chunk(ids, touchBatch) {
		args := make([]any, 0, 2*touchBatch)
		for range 2 {
			for i := range touchBatch { // filled up with the last, so that every piece is the same statement
				args = append(args, part[min(i, len(part)-1)])
			}
		}
		var rows []struct {
			Number    int64     `bun:"number"`
			Party     party.ID  `bun:"party"`
			SentAt    time.Time `bun:"sent_at,nullzero"`
			OpenedAt  int64     `bun:"opened_at"`
			ClickedAt int64     `bun:"clicked_at"`
		}
		err := s.Query(ctx, &rows, store.From[campaign.Recipient]("r"), "SELECT c.number, COALESCE(p.merged_into, p.id) AS party, r.sent_at, COALESCE(t.opened_at, 0) AS opened_at, COALESCE(t.clicked_at, 0) AS clicked_at"+
			" FROM crm_party AS p JOIN crm_campaign_recipient AS r ON r.party_id = p.id JOIN crm_campaign AS c ON c.id = r.campaign_id"+
			" LEFT JOIN crm_track_reader AS t ON t.campaign = c.number AND t.seq = r.seq"+
			" WHERE {scope} AND (p.id IN ("+store.In(touchBatch)+") OR p.merged_into IN ("+store.In(touchBatch)+"))", args...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			at := r.SentAt
			switch first := r.ClickedAt; {
			case by == BySending:
			case by == ByOpen && r.OpenedAt > 0 && (first == 0 || r.OpenedAt < first):
				at = time.UnixMilli(r.OpenedAt).UTC()
			case first > 0:
				at = time.UnixMilli(first).UTC()
			default:
				continue
			}
			if !at.IsZero() {
				out[r.Party] = append(out[r.Party], track.Touch{Campaign: r.Number, At: at})
			}
		}
	}
	return out, nil
}

// credited keeps the outcomes that a campaign has a part in, in order of time.
func credited(number int64, q FollowedQuery, outcomes []Outcome, touches map[party.ID][]track.Touch) ([]Outcome, error) {
	var all []track.Touch
	asked := make([]track.Outcome, len(outcomes))
	at := make(map[string]int, len(outcomes))
	for i, o := range outcomes {
		id := string(o.Kind) + " " + o.ID
		at[id] = i
		asked[i] = track.Outcome{ID: id, Party: id, At: o.At, Value: o.Value, Currency: o.Currency}
		slices.SortFunc(o.readers, func(a, b party.ID) int { return slices.Compare(a[:], b[:]) })
		for _, who := range slices.Compact(o.readers) {
			for _, t := range touches[who] {
				t.Party = id
				all = append(all, t)
			}
		}
	}
	credits, err := track.Attribution{Model: q.Model, Window: time.Duration(q.Days) * 24 * time.Hour}.Credits(all, asked)
	if err != nil {
		return nil, err
	}
	var out []Outcome
	for _, k := range credits {
		if k.Campaign == number {
			o := outcomes[at[k.Outcome]]
			o.Share, o.Credit = k.Share, k.Value
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b Outcome) int { return a.At.Compare(b.At) })
	return out, nil
}

// sumsOf adds up by kind and currency.
func sumsOf(f Followed) []OutcomeSum {
	var sums []OutcomeSum
	for _, o := range f.Rows {
		i := slices.IndexFunc(sums, func(s OutcomeSum) bool { return s.Kind == o.Kind && s.Currency == o.Currency })
		if i < 0 {
			i = len(sums)
			sums = append(sums, OutcomeSum{Kind: o.Kind, Currency: o.Currency})
		}
		s := &sums[i]
		s.Count++
		s.Value, s.Credit = s.Value.Add(o.Value), s.Credit.Add(o.Credit)
	}
	for i := range sums {
		s := &sums[i]
		if s.Kind != Opened && s.Currency == f.Currency && f.Cost.IsPositive() {
			s.Costed = true
			s.Return = money.NewPercent(s.Credit.Decimal.Sub(f.Cost.Decimal).Mul(decimal.NewFromInt(100)).DivRound(f.Cost.Decimal, 1))
		}
	}
	slices.SortFunc(sums, func(a, b OutcomeSum) int {
		return cmp.Or(slices.Index(OutcomeKinds, a.Kind)-slices.Index(OutcomeKinds, b.Kind), cmp.Compare(a.Currency, b.Currency))
	})
	return sums
}
