package convert

import (
	"context"
	"errors"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// place is where the host keeps a document.
type place struct{ kind, key string }

func placeOf(ref erpbridge.Ref) place { return place{string(ref.Kind), ref.Key} }

// sight is what the host said about a batch of links.
type sight struct {
	// documents and customers are those that exist.
	documents map[place]erpbridge.Document
	customers map[string]erpbridge.Customer
	// moved are customers that were found by their token under another key.
	moved map[string]string
	// contacts are those that exist; asked are those that the host was asked for.
	contacts, asked map[string]bool
	// later are documents that follow ours and may have been made at the host itself.
	later []erpbridge.Document
}

// surroundings is what we know around a batch of links.
type surroundings struct {
	// customers are the host's customers of contacts, by conversion; tokens those of the conversions.
	customers map[ID]string
	tokens    map[ID]string
}

func surroundingsOf(ctx context.Context, s *store.Session, due []tracked) (surroundings, error) {
	a := surroundings{customers: map[ID]string{}, tokens: map[ID]string{}}
	var ids []ID
	for _, l := range due {
		if !l.document() && !slices.Contains(ids, l.ConversionID) {
			ids = append(ids, l.ConversionID)
		}
	}
	if len(ids) == 0 {
		return a, nil
	}
	var links []Link
	err := s.Select(&links).Where("link.conversion_id IN (?)", list(ids)).Where("link.host_kind = ?", party.Customer).Scan(ctx)
	if err != nil {
		return a, err
	}
	for _, l := range links {
		a.customers[l.ConversionID] = l.HostKey
	}
	var rows []row
	if err := s.Select(&rows).Column("id", "token").Where("conversion.id IN (?)", list(ids)).Scan(ctx); err != nil {
		return a, err
	}
	for _, r := range rows {
		a.tokens[r.ID] = r.Token
	}
	return a, nil
}

// enough is how many records must be asked for before finding none of them is taken for a fault of the
// whole: another company, another database, a restore in progress.
const enough = 3

// ask asks the host about the records of links.
func (c *Conversions) ask(ctx context.Context, hs erpbridge.Session, due []tracked, around surroundings) (sight, error) {
	seen := sight{
		moved: map[string]string{}, contacts: map[string]bool{}, asked: map[string]bool{},
	}
	for _, step := range []func(context.Context, erpbridge.Session, []tracked, surroundings, *sight) error{
		c.lookDocuments, c.lookCustomers, c.lookContacts,
	} {
		if err := step(ctx, hs, due, around, &seen); err != nil {
			return seen, err
		}
	}
	if len(due) >= enough && len(seen.documents)+len(seen.customers)+len(seen.contacts) == 0 && c.reads() {
		return seen, fault.New(fault.Conflict,
			"the host %s has none of the %d records that were asked for; see that it is the right database and company, then reconcile", c.config.Host.Name, len(due))
	}
	return seen, c.lookLater(ctx, hs, due, &seen)
}

// reads reports whether the host has documents at all: without them most links cannot be seen.
func (c *Conversions) reads() bool { return c.config.Host.Documents != nil }

func (c *Conversions) lookDocuments(ctx context.Context, hs erpbridge.Session, due []tracked, _ surroundings, seen *sight) error {
	var refs []erpbridge.Ref
	for _, l := range due {
		if l.document() && l.HostKey != "" {
			refs = append(refs, l.ref())
		}
	}
	var err error
	seen.documents, err = c.states(ctx, hs, refs)
	return err
}

// states gives those documents that the host has, read all at once where it can; none where it has no
// documents at all.
func (c *Conversions) states(ctx context.Context, hs erpbridge.Session, refs []erpbridge.Ref) (map[place]erpbridge.Document, error) {
	found := map[place]erpbridge.Document{}
	if len(refs) == 0 || !c.reads() {
		return found, nil
	}
	if port, ok := c.config.Host.Documents.(erpbridge.DocumentStates); ok {
		documents, err := port.States(ctx, hs, refs)
		for _, d := range documents {
			found[placeOf(d.Ref)] = d
		}
		return found, err
	}
	for _, ref := range refs {
		d, err := c.config.Host.Documents.Document(ctx, hs, ref)
		switch {
		case errors.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		default:
			found[placeOf(d.Ref)] = d
		}
	}
	return found, nil
}

// customersBy gives those customers that the host has, by key, read all at once where it can.
func (c *Conversions) customersBy(ctx context.Context, hs erpbridge.Session, keys []string) (map[string]erpbridge.Customer, error) {
	found := map[string]erpbridge.Customer{}
	if len(keys) == 0 {
		return found, nil
	}
	if port, ok := c.config.Host.Customers.(erpbridge.CustomerStates); ok {
		customers, err := port.Customers(ctx, hs, keys)
		for _, one := range customers {
			found[one.Key] = one
		}
		return found, err
	}
	for _, key := range keys {
		one, err := c.config.Host.Customers.Customer(ctx, hs, key)
		switch {
		case errors.Is(err, fault.NotFound):
		case err != nil:
			return nil, err
		default:
			found[one.Key] = one
		}
	}
	return found, nil
}

func (c *Conversions) lookCustomers(ctx context.Context, hs erpbridge.Session, due []tracked, around surroundings, seen *sight) error {
	var keys []string
	for _, l := range due {
		if l.HostKind == string(party.Customer) && !slices.Contains(keys, l.HostKey) {
			keys = append(keys, l.HostKey)
		}
	}
	var err error
	if seen.customers, err = c.customersBy(ctx, hs, keys); err != nil {
		return err
	}
	lookup, ok := c.config.Host.Customers.(erpbridge.CustomerLookup)
	if !ok {
		return nil
	}
	for _, l := range due {
		if _, here := seen.customers[l.HostKey]; here || l.HostKind != string(party.Customer) {
			continue
		}
		one, err := lookup.FindCustomer(ctx, hs, around.tokens[l.ConversionID])
		if errors.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		seen.moved[l.HostKey] = one.Key
	}
	return nil
}

func (c *Conversions) lookContacts(ctx context.Context, hs erpbridge.Session, due []tracked, around surroundings, seen *sight) error {
	read := map[string]bool{}
	for _, l := range due {
		customer := around.customers[l.ConversionID]
		if l.HostKind != string(party.Contact) || customer == "" || c.config.Host.Contacts == nil {
			continue
		}
		customer = firstOf(seen.moved[customer], customer)
		if _, done := read[customer]; !done {
			people, err := c.config.Host.Contacts.ContactsOf(ctx, hs, customer)
			if ignoreMissing(err) != nil {
				return err
			}
			read[customer] = err == nil
			for _, p := range people {
				seen.contacts[p.Key] = true
			}
		}
		// Where the customer is not there, his own link says what became of him and his people.
		seen.asked[l.HostKey] = read[customer]
	}
	return nil
}

// laterPerCustomer is how many of a customer's newest documents are looked through for those that
// follow ours.
const laterPerCustomer = 50

// lookLater finds what the host's own clerks made of our documents. The history of a customer is read
// only where one of his documents changed or is done in part.
func (c *Conversions) lookLater(ctx context.Context, hs erpbridge.Session, due []tracked, seen *sight) error {
	history, ok := c.config.Host.Documents.(erpbridge.DocumentHistory)
	read := map[string]bool{}
	for _, l := range due {
		d, there := seen.documents[place{l.HostKind, l.HostKey}]
		if !there || !l.document() || d.State == l.HostState && d.State != erpbridge.Partial {
			continue
		}
		if by := d.CancelledBy; by != nil {
			back, err := c.config.Host.Documents.Document(ctx, hs, *by)
			if err != nil && !errors.Is(err, fault.NotFound) {
				return err
			}
			if err == nil {
				back.Source = &d.Ref
				seen.later = append(seen.later, back)
			}
		}
		if !ok || d.Customer == "" || read[d.Customer] {
			continue
		}
		read[d.Customer] = true
		list, err := history.History(ctx, hs, d.Customer, laterPerCustomer)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
		slices.Reverse(list) // the order before its delivery note, and that before its invoice
		for _, one := range list {
			if one.Source != nil && one.Source.Key != "" {
				seen.later = append(seen.later, one)
			}
		}
	}
	return nil
}
