package convert

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
)

// FindingCode says what does not agree between our records and the host's.
type FindingCode string

// The findings.
const (
	// Lost: the host does not have it any more, under no key. The host was restored to an older state.
	// The repair takes the conversion back, so that the record can be converted again.
	Lost FindingCode = "lost"
	// Replaced: the key is that of another record by now, and ours is nowhere: lost, and its number used
	// again. The repair is that of Lost; the other record stays untouched.
	Replaced FindingCode = "replaced"
	// Moved: it was found by its token under another key. The repair links it there.
	Moved FindingCode = "moved"
	// Differs: state or total are others. The repair takes the host's.
	Differs FindingCode = "differs"
	// Unlinked: the host has a document that follows one of ours, or was made of one of our quotes, and
	// we do not know it: our tables were restored to an older state, or a clerk made it. The repair links
	// it, so that converting the quote gives this document instead of a second one.
	Unlinked FindingCode = "unlinked"
	// Doubtful: the host has a document that names one of our quotes, but for another customer or total:
	// the number of a quote that was lost with a restore was given again. A person has to look.
	Doubtful FindingCode = "doubtful"
)

// Finding is one thing that does not agree.
type Finding struct {
	Code FindingCode `json:"code"`
	// Conversion is ours, zero for what we do not know.
	Conversion ID `json:"conversion,omitzero"`
	// Record is the record as we know it, or as the host has it where we do not. Its kind is customer or
	// a kind of document.
	Record erpbridge.Ref `json:"record"`
	// Found is where the host has it now.
	Found *erpbridge.Ref `json:"found,omitempty"`
	// Follows is our record that an unlinked document belongs to.
	Follows Subject  `json:"follows,omitzero"`
	Party   party.ID `json:"party,omitzero"`
	// Was and Is are state and total, ours and the host's.
	Was string `json:"was,omitempty"`
	Is  string `json:"is,omitempty"`
	// Message says it in a sentence with the remedy.
	Message string `json:"message"`
}

// Report is what [Conversions.Reconcile] found on one page.
type Report struct {
	Since time.Time `json:"since"`
	// Checked is how many conversions were held against the host.
	Checked  int       `json:"checked"`
	Findings []Finding `json:"findings"`
	// Limits are what this host cannot tell, so that it was not checked, in sentences.
	Limits []string `json:"limits,omitempty"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// Reconcile holds the conversions since an instant against the host, for the day on which one of the two
// databases was restored alone. It changes nothing: each finding is given to [Conversions.Repair] by a
// person who has read it. Records are looked up by key first, and by token where the key gives nothing
// or something else. The first page also looks for documents of the host that we should know: those
// that follow ours, and those that carry the number of an accepted quote (a document that was made
// before our tables were restored has a token that nobody knows any more; the quote's number is what is
// left). It needs actor.ConvertUndo.
func (c *Conversions) Reconcile(ctx context.Context, since time.Time, page store.Page) (Report, error) {
	report := Report{Since: store.UTC(since)}
	var batch reconciled
	err := c.asking(ctx, func(ctx context.Context, s *store.Session, in *Conversions) (err error) {
		if err := s.Actor.Require(actor.ConvertUndo); err != nil {
			return err
		}
		batch, err = in.reconciled(ctx, s, report.Since, page)
		return err
	}, func(ctx context.Context, hs erpbridge.Session) error {
		return c.compareAll(ctx, hs, &batch, &report)
	})
	if err == nil {
		err = c.judgeHistories(ctx, &batch, &report)
	}
	if err != nil {
		return Report{}, err
	}
	report.Checked, report.Next, report.Limits = len(batch.items), batch.next, c.limits()
	return report, nil
}

// limits says what the host cannot tell.
func (c *Conversions) limits() []string {
	var out []string
	if _, ok := c.config.Host.Customers.(erpbridge.CustomerLookup); !ok {
		out = append(out, "the host finds no customer by its token; one that was renumbered cannot be told from one that was lost")
	}
	if c.config.Host.Documents == nil {
		return append(out, "the host has no documents")
	}
	if _, ok := c.config.Host.Documents.(erpbridge.DocumentLookup); !ok {
		out = append(out, "the host finds no document by its token; one that was renumbered cannot be told from one that was lost")
	}
	if _, ok := c.config.Host.Documents.(erpbridge.DocumentHistory); !ok {
		out = append(out, "the host does not list a customer's documents; those that we do not know of cannot be found")
	}
	return out
}

// reconciled is our side of one page.
type reconciled struct {
	items []recorded
	// customers are those whose history is read.
	customers map[string]party.ID
	// histories are the documents of those customers, with whose they are.
	histories []erpbridge.Document
	owners    map[place]party.ID
	// quotes are accepted ones that were not converted, by number.
	quotes map[string]awaited
	next   string
}

// recorded is a conversion with its link and result.
type recorded struct {
	row
	link   tracked
	result Result
}

// made reports whether the conversion's token is known at the host.
func (r recorded) made() bool {
	return !strings.HasPrefix(r.Request, foundMark) && (r.Kind != ToCustomer || r.result.CreatedCustomer)
}

// awaited is an accepted quote without a document.
type awaited struct {
	quote    quote.Quote
	customer string
}

func (in *Conversions) reconciled(ctx context.Context, s *store.Session, since time.Time, page store.Page) (reconciled, error) {
	out := reconciled{customers: map[string]party.ID{}, quotes: map[string]awaited{}, owners: map[place]party.ID{}}
	var rows []row
	q := s.Select(&rows).Where("conversion.company = ?", s.Actor.Company).Where("conversion.created_at >= ?", since)
	if err := s.Paged(q, store.Order{Column: "conversion.created_at", ID: "conversion.id"}, page).Scan(ctx); err != nil {
		return out, err
	}
	if n := len(rows); n == page.Size() {
		out.next = store.Cursor(rows[n-1].CreatedAt, rows[n-1].ID)
	}
	var ids []ID
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	links := map[ID]tracked{}
	if len(ids) > 0 {
		var all []tracked
		if err := s.Select(&all).Where("link.conversion_id IN (?)", list(ids)).Where("link.host_kind <> ?", party.Contact).OrderExpr("link.id").Scan(ctx); err != nil {
			return out, err
		}
		for _, l := range all {
			links[l.ConversionID] = l
		}
	}
	for _, r := range rows {
		l, linked := links[r.ID]
		if r.State != Done || !linked {
			continue
		}
		result, err := r.result()
		if err != nil {
			return out, err
		}
		out.items = append(out.items, recorded{r, l, result})
		if !l.document() {
			out.customers[l.HostKey] = l.PartyID
		} else if result.Document != nil && result.Document.Customer != "" {
			out.customers[result.Document.Customer] = l.PartyID
		}
	}
	if page.After != "" {
		return out, nil
	}
	return out, in.awaited(ctx, s, since, &out)
}

// awaited finds accepted quotes that nothing was made of.
func (in *Conversions) awaited(ctx context.Context, s *store.Session, since time.Time, out *reconciled) error {
	var quotes []quote.Quote
	err := s.Select(&quotes).Where("quote.company = ?", s.Actor.Company).Where("quote.state = ?", quote.Accepted).Where("quote.decided_at >= ?", since).
		OrderExpr("quote.created_at DESC, quote.id DESC").Limit(store.MaxLimit).Scan(ctx)
	if err != nil {
		return err
	}
	for _, q := range quotes {
		steps, err := stepsOf(ctx, s, []SubjectID{SubjectID(q.ID)})
		if err != nil {
			return err
		}
		if len(steps) > 0 {
			continue
		}
		key, err := in.customerKey(ctx, q.PartyID)
		if ignoreMissing(err) != nil {
			return err
		}
		if err == nil {
			out.customers[key] = q.PartyID
			out.quotes[q.Number] = awaited{q, key}
		}
	}
	return nil
}

// compareAll asks the host and judges.
func (c *Conversions) compareAll(ctx context.Context, hs erpbridge.Session, batch *reconciled, report *Report) error {
	report.Findings, batch.histories = nil, nil // the reading may have been repeated
	var keys []string
	var refs []erpbridge.Ref
	for _, r := range batch.items {
		if r.link.document() {
			refs = append(refs, r.link.ref())
		} else {
			keys = append(keys, r.link.HostKey)
		}
	}
	customers, err := c.customersBy(ctx, hs, keys)
	if err != nil {
		return err
	}
	documents, err := c.states(ctx, hs, refs)
	if err != nil {
		return err
	}
	for _, r := range batch.items {
		var f *Finding
		var err error
		if r.link.document() {
			f, err = c.judgeDocument(ctx, hs, r, documents)
		} else {
			f, err = c.judgeCustomer(ctx, hs, r, customers)
		}
		if err != nil {
			return err
		}
		if f != nil {
			report.Findings = append(report.Findings, *f)
		}
	}
	return c.readHistories(ctx, hs, batch)
}

// readHistories reads the documents of the page's customers.
func (c *Conversions) readHistories(ctx context.Context, hs erpbridge.Session, batch *reconciled) error {
	history, ok := c.config.Host.Documents.(erpbridge.DocumentHistory)
	if !ok {
		return nil
	}
	for key, owner := range batch.customers {
		documents, err := history.History(ctx, hs, key, store.MaxLimit)
		if ignoreMissing(err) != nil {
			return err
		}
		slices.Reverse(documents) // what is followed before what follows it
		for _, d := range documents {
			batch.owners[placeOf(d.Ref)] = owner
		}
		batch.histories = append(batch.histories, documents...)
	}
	return nil
}

// judgeHistories finds the documents that we should know.
func (c *Conversions) judgeHistories(ctx context.Context, batch *reconciled, report *Report) error {
	known := map[place]tracked{}
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		for _, d := range batch.histories {
			for _, ref := range []*erpbridge.Ref{&d.Ref, d.Source} {
				if ref == nil {
					continue
				}
				links, err := linked(ctx, s, *ref)
				if err != nil {
					return err
				}
				if len(links) > 0 {
					known[placeOf(*ref)] = links[0]
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, d := range batch.histories {
		at := placeOf(d.Ref)
		if _, linked := known[at]; linked || !live(d.State) {
			continue
		}
		if f := judgeUnknown(d, known, batch.quotes, c.config.Host.Tolerance); f != nil {
			f.Party = batch.owners[at]
			report.Findings = append(report.Findings, *f)
		}
	}
	return nil
}

// judgeUnknown says what a document is that we have no link for; nil where it is none of our business.
func judgeUnknown(d erpbridge.Document, known map[place]tracked, quotes map[string]awaited, tolerance money.Amount) *Finding {
	f := &Finding{Code: Unlinked, Record: d.Ref, Found: &d.Ref, Is: stateAndTotal(d.State, d.Gross, d.Currency)}
	if d.Source != nil {
		parent, ok := known[placeOf(*d.Source)]
		if ok {
			f.Follows = Subject{Conversion, SubjectID(parent.ConversionID)}
			f.Message = fmt.Sprintf("the host has %s %s, which follows our %s %s; link it", d.Kind, d.Number, d.Source.Kind, firstOf(d.Source.Number, d.Source.Key))
			return f
		}
	}
	a, ok := quotes[d.Reference]
	if !ok || d.Reference == "" || !ofQuote(d) {
		return nil
	}
	f.Follows = Subject{Quote, SubjectID(a.quote.ID)}
	f.Was = stateAndTotal(erpbridge.State(a.quote.State), a.quote.Gross, a.quote.Currency)
	if d.Customer != a.customer || d.Currency != a.quote.Currency || d.Gross.Sub(a.quote.Gross).Abs().GreaterThan(tolerance.Decimal) {
		f.Code = Doubtful
		f.Message = fmt.Sprintf("the host has %s %s for the number %s, but for another customer or total than our quote of that number; see whose it is before the quote is converted", d.Kind, d.Number, d.Reference)
		return f
	}
	f.Message = fmt.Sprintf("the host has %s %s made of quote %s, which we do not know of; link it before the quote is converted a second time", d.Kind, d.Number, d.Reference)
	return f
}

// ofQuote reports whether a document can have been made of a quote of ours: what follows another
// document of the host is known when that one is.
func ofQuote(d erpbridge.Document) bool {
	return d.Source == nil || d.Source.Kind == erpbridge.Quotation
}

func stateAndTotal(state erpbridge.State, total money.Amount, currency string) string {
	return strings.TrimSpace(fmt.Sprintf("%s, %s %s", state, total, currency))
}

// Already gives the documents of the host that carry the number of a quote although no conversion of
// ours made them: what a dialog shows before the quote is ordered a second time. It is empty where the
// host lists no documents. It needs actor.Convert, and the quote must be visible.
func (c *Conversions) Already(ctx context.Context, id quote.ID) ([]erpbridge.Document, error) {
	var already []erpbridge.Document
	var q quote.Quote
	var key string
	err := c.asking(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		card, err := in.config.Quotes.Get(ctx, id)
		if err != nil {
			return err
		}
		q = card.Quote
		key, err = in.customerKey(ctx, q.PartyID)
		return err
	}, func(ctx context.Context, hs erpbridge.Session) error {
		history, ok := c.config.Host.Documents.(erpbridge.DocumentHistory)
		if !ok || q.Number == "" {
			return nil
		}
		documents, err := history.History(ctx, hs, key, store.MaxLimit)
		for _, d := range documents {
			if d.Reference == q.Number && live(d.State) && ofQuote(d) {
				already = append(already, d)
			}
		}
		return err
	})
	if err != nil || len(already) == 0 {
		return nil, ignoreMissing(err) // who is no customer yet has no documents
	}
	err = c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		var failed error
		already = slices.DeleteFunc(already, func(d erpbridge.Document) bool {
			links, err := linked(ctx, s, d.Ref)
			if err != nil {
				failed = err
			}
			return len(links) > 0
		})
		return failed
	})
	return already, err
}
