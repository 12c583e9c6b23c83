package convert

import (
	"context"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// asking reads our side in a transaction, then asks the host: in the same transaction where the host is
// in it, after it where the host is elsewhere, because nobody may wait for that.
func (c *Conversions) asking(ctx context.Context, prepare func(ctx context.Context, s *store.Session, in *Conversions) error, ask func(ctx context.Context, hs erpbridge.Session) error) error {
	return c.askingBy(ctx, actor.Convert, prepare, ask)
}

// askingBy is asking for whoever has a right.
func (c *Conversions) askingBy(ctx context.Context, right actor.Right, prepare func(ctx context.Context, s *store.Session, in *Conversions) error, ask func(ctx context.Context, hs erpbridge.Session) error) error {
	var hs erpbridge.Session
	elsewhere := c.config.Host.Place == erpbridge.Elsewhere
	err := c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(right); err != nil {
			return err
		}
		if err := prepare(ctx, s, c.In(s)); err != nil {
			return err
		}
		hs = c.session(s, "")
		if elsewhere {
			return nil
		}
		return ask(ctx, hs)
	})
	if err == nil && elsewhere {
		err = ask(ctx, hs)
	}
	return err
}

// Remaining is a document of the host with what may still follow it.
type Remaining struct {
	// Document has no lines; they are below.
	Document erpbridge.Document `json:"document"`
	Lines    []RemainingLine    `json:"lines"`
}

// RemainingLine is one line of the document.
type RemainingLine struct {
	// Line is the host's key, as [LineChoice] takes it.
	Line      string         `json:"line"`
	Product   string         `json:"product"`
	Name      string         `json:"name"`
	Unit      string         `json:"unit"`
	Quantity  money.Quantity `json:"quantity"`
	Delivered money.Quantity `json:"delivered"`
	Invoiced  money.Quantity `json:"invoiced"`
	// ToDeliver and ToInvoice are what is left, never below zero.
	ToDeliver money.Quantity `json:"to_deliver"`
	ToInvoice money.Quantity `json:"to_invoice"`
}

// Remaining reads the document that a conversion made, as the host keeps it now, with the quantities
// that may still be delivered and invoiced. Where the host counts nothing on its lines, the documents
// that we know of are counted. It needs actor.Convert, and the party must be visible.
func (c *Conversions) Remaining(ctx context.Context, id ID) (Remaining, error) {
	var out Remaining
	var ref erpbridge.Ref
	var ours followedLines
	err := c.asking(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		before, steps, err := in.documentSteps(ctx, s, id)
		if err != nil {
			return err
		}
		ref, ours = before.Document.Ref, countLines(steps)
		return nil
	}, func(ctx context.Context, hs erpbridge.Session) error {
		d, err := c.config.Host.Documents.Document(ctx, hs, ref)
		if err != nil {
			return err
		}
		out = remainingOf(d, ours)
		return nil
	})
	return out, err
}

// documentSteps reads a conversion that made a document, and what followed it.
func (in *Conversions) documentSteps(ctx context.Context, s *store.Session, id ID) (Result, []*step, error) {
	var r row
	if err := s.Get(ctx, &r, id); err != nil {
		return Result{}, nil, err
	}
	before, err := r.result()
	if err != nil {
		return Result{}, nil, err
	}
	if _, err := in.config.Parties.Get(ctx, before.Party); err != nil {
		return Result{}, nil, err
	}
	if before.Document == nil || in.config.Host.Documents == nil {
		return before, nil, fault.New(fault.Invalid, "conversion %s made no document", id)
	}
	steps, err := stepsOf(ctx, s, []SubjectID{SubjectID(id)})
	return before, steps, err
}

// followedLines are quantities by line of the document at the beginning.
type followedLines struct{ delivered, invoiced map[string]money.Quantity }

// countLines adds up what the steps after a document took of its lines.
func countLines(steps []*step) followedLines {
	out := followedLines{map[string]money.Quantity{}, map[string]money.Quantity{}}
	for _, st := range steps {
		result, err := st.result()
		if err != nil || result.Document == nil || !live(st.link.HostState) {
			continue
		}
		into := out.delivered
		switch erpbridge.Kind(st.link.HostKind) {
		case erpbridge.DeliveryNote:
		case erpbridge.Invoice:
			into = out.invoiced
		default:
			continue
		}
		for _, l := range result.Document.Lines {
			line, ok := lineAtTop(st, l.SourceLine)
			if ok {
				into[line] = into[line].Add(l.Quantity)
			}
		}
	}
	return out
}

// lineAtTop climbs from a source line to that of the first document.
func lineAtTop(st *step, line string) (string, bool) {
	for p := st.parent; p != nil && line != ""; p = p.parent {
		result, err := p.result()
		if err != nil || result.Document == nil {
			return "", false
		}
		above := ""
		for _, l := range result.Document.Lines {
			if l.Key == line {
				above = l.SourceLine
			}
		}
		line = above
	}
	return line, line != ""
}

func remainingOf(d erpbridge.Document, ours followedLines) Remaining {
	out := Remaining{Document: d}
	out.Document.Lines = nil
	for _, l := range d.Lines {
		row := RemainingLine{
			Line: l.Key, Product: l.Product, Name: l.Name, Unit: l.Unit, Quantity: l.Quantity,
			Delivered: most(l.Delivered, ours.delivered[l.Key]), Invoiced: most(l.Invoiced, ours.invoiced[l.Key]),
		}
		row.ToDeliver, row.ToInvoice = most(l.Quantity.Sub(row.Delivered), money.Quantity{}), most(l.Quantity.Sub(row.Invoiced), money.Quantity{})
		if !live(d.State) {
			row.ToDeliver, row.ToInvoice = money.Quantity{}, money.Quantity{}
		}
		out.Lines = append(out.Lines, row)
	}
	return out
}

func most(a, b money.Quantity) money.Quantity {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

// HostCard is what the host knows of a customer.
type HostCard struct {
	Customer erpbridge.Customer `json:"customer"`
	// Documents are the newest of all kinds, without their lines.
	Documents []erpbridge.Document `json:"documents"`
	// Open are what is not paid yet, the oldest due date first.
	Open     []erpbridge.OpenItem `json:"open"`
	Payments []erpbridge.Payment  `json:"payments"`
	// Owed is the sum of Open by currency, Overdue the part of it that was due before today.
	Owed    map[string]money.Amount `json:"owed"`
	Overdue map[string]money.Amount `json:"overdue"`
	// Lacks names the parts that this host does not tell: "documents", "open", "payments".
	Lacks []string `json:"lacks,omitempty"`
}

// cardRows is how many documents and payments a card shows.
const cardRows = 50

// HostCard asks the host for everything about the customer behind a party: the customer, and then his
// documents, open items and payments by one call of a port each. fault.NotFound where the party is no
// customer of the host. It needs actor.Convert.
func (c *Conversions) HostCard(ctx context.Context, id party.ID) (HostCard, error) {
	return c.HostCardOf(ctx, id, nil)
}

// HostCardOf is HostCard for who has just read the customer, which the host is not asked for again; nil for who has not.
func (c *Conversions) HostCardOf(ctx context.Context, id party.ID, known *erpbridge.Customer) (HostCard, error) {
	var out HostCard
	key := ""
	err := c.asking(ctx, func(ctx context.Context, s *store.Session, in *Conversions) (err error) {
		key, err = in.customerKey(ctx, id)
		return err
	}, func(ctx context.Context, hs erpbridge.Session) (err error) {
		out, err = c.cardOf(ctx, hs, key, known)
		return err
	})
	return out, err
}

// customerKey gives what [Conversions.hostKey] does; fault.NotFound for none.
func (in *Conversions) customerKey(ctx context.Context, id party.ID) (string, error) {
	p, err := in.config.Parties.Get(ctx, id)
	if err != nil {
		return "", err
	}
	key, err := in.hostKey(ctx, p)
	if ignoreMissing(err) != nil || key != "" { // the company need not be visible
		return key, err
	}
	return "", fault.New(fault.NotFound, "%s is not a customer of %s", p.DisplayName, in.config.Host.Name)
}

func (c *Conversions) cardOf(ctx context.Context, hs erpbridge.Session, key string, known *erpbridge.Customer) (HostCard, error) {
	card := HostCard{Owed: map[string]money.Amount{}, Overdue: map[string]money.Amount{}}
	var err error
	if known != nil && known.Key == key {
		card.Customer = *known
	} else if card.Customer, err = c.config.Host.Customers.Customer(ctx, hs, key); err != nil {
		return HostCard{}, err
	}
	if history, ok := c.config.Host.Documents.(erpbridge.DocumentHistory); ok {
		if card.Documents, err = history.History(ctx, hs, key, cardRows); err != nil {
			return HostCard{}, err
		}
	} else {
		card.Lacks = append(card.Lacks, "documents")
	}
	if open, ok := c.config.Host.Documents.(erpbridge.OpenItems); ok {
		if card.Open, err = open.OpenItems(ctx, hs, key); err != nil {
			return HostCard{}, err
		}
	} else {
		card.Lacks = append(card.Lacks, "open")
	}
	for _, item := range card.Open {
		card.Owed[item.Currency] = card.Owed[item.Currency].Add(item.Open)
		if !item.Due.IsZero() && item.Due.Before(hs.Today) {
			card.Overdue[item.Currency] = card.Overdue[item.Currency].Add(item.Open)
		}
	}
	if payments, ok := c.config.Host.Documents.(erpbridge.Payments); ok {
		if card.Payments, err = payments.Payments(ctx, hs, key, cardRows); err != nil {
			return HostCard{}, err
		}
	} else {
		card.Lacks = append(card.Lacks, "payments")
	}
	return card, nil
}
