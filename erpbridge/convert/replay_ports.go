package convert

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// ports gives the host with ports that remember. What a conversion never calls stays as it is. In a
// rehearsal the token stands for the keys and numbers that only the host can give.
func (r *recorder) ports(h erpbridge.Host) erpbridge.Host {
	if h.Customers != nil {
		h.Customers = customersPort{r, h.Customers}
	}
	if h.Contacts != nil {
		h.Contacts = contactsPort{r, h.Contacts}
	}
	if h.Catalogue != nil {
		h.Catalogue = cataloguePort{r, h.Catalogue}
	}
	if h.Documents != nil {
		h.Documents = documentsPort{r, h.Documents}
	}
	return h
}

// can gives an optional interface of a port. A port that remembers has the ones of the port below.
func can[T any](port any) (T, bool) {
	var none T
	if p, ok := port.(interface{ below() any }); ok {
		if _, ok := p.below().(T); !ok {
			return none, false
		}
	}
	t, ok := port.(T)
	return t, ok
}

// nothing is the answer of a call that gives only an error.
type nothing struct{}

func only(err error) (nothing, error) { return nothing{}, err }

type customersPort struct {
	r    *recorder
	port erpbridge.Customers
}

func (p customersPort) below() any { return p.port }

func (p customersPort) Match(_ context.Context, hs erpbridge.Session, keys []erpbridge.MatchKey) ([]erpbridge.CustomerMatch, error) {
	return read(p.r, hs, call[[]erpbridge.CustomerMatch]{
		name: "customers.match", about: keys,
		ask: func(ctx context.Context, hs erpbridge.Session) ([]erpbridge.CustomerMatch, error) {
			return p.port.Match(ctx, hs, keys)
		},
	})
}

func (p customersPort) Customer(_ context.Context, hs erpbridge.Session, key string) (erpbridge.Customer, error) {
	c := call[erpbridge.Customer]{
		name: "customers.read", about: key,
		ask: func(ctx context.Context, hs erpbridge.Session) (erpbridge.Customer, error) {
			return p.port.Customer(ctx, hs, key)
		},
	}
	if p.r.purpose == rehearsing {
		c.likely = &erpbridge.Customer{Key: key}
	}
	return read(p.r, hs, c)
}

func (p customersPort) Create(_ context.Context, hs erpbridge.Session, draft erpbridge.Customer) (erpbridge.Customer, error) {
	likely := draft
	likely.Key = hs.Token
	return written(p.r, hs, call[erpbridge.Customer]{
		name: "customers.create", likely: &likely,
		ask: func(ctx context.Context, hs erpbridge.Session) (erpbridge.Customer, error) {
			return p.port.Create(ctx, hs, draft)
		},
		found: func(ctx context.Context, hs erpbridge.Session, f found) (erpbridge.Customer, error) {
			return p.port.Customer(ctx, hs, f.Key)
		},
	})
}

func (p customersPort) FillEmpty(_ context.Context, hs erpbridge.Session, key string, draft erpbridge.Customer) ([]erpbridge.FilledField, error) {
	return written(p.r, hs, call[[]erpbridge.FilledField]{
		name: "customers.fill", likely: new([]erpbridge.FilledField),
		ask: func(ctx context.Context, hs erpbridge.Session) ([]erpbridge.FilledField, error) {
			return p.port.FillEmpty(ctx, hs, key, draft)
		},
	})
}

// checkCall is the only question that is asked of the host before a conversion is pending.
const checkCall = "customers.check"

// Check may be asked of a host that answers from memory or over the network, so it is asked outside of
// the transaction too, and where that cannot be, when the call is sent.
func (p customersPort) Check(_ context.Context, hs erpbridge.Session, draft erpbridge.Customer) ([]fault.Fault, error) {
	c := call[[]fault.Fault]{
		name: checkCall, about: draft,
		ask: func(ctx context.Context, hs erpbridge.Session) ([]fault.Fault, error) {
			return p.port.(erpbridge.CustomerCheck).Check(ctx, hs, draft)
		},
	}
	if p.r.purpose == asking {
		c.likely = new([]fault.Fault)
	}
	return read(p.r, hs, c)
}

func (p customersPort) Remove(_ context.Context, hs erpbridge.Session, key string) error {
	_, err := written(p.r, hs, call[nothing]{
		name: "customers.remove", likely: &nothing{},
		ask: func(ctx context.Context, hs erpbridge.Session) (nothing, error) {
			return only(p.port.(erpbridge.CustomerRemoval).Remove(ctx, hs, key))
		},
	})
	return err
}

func (p customersPort) Restore(_ context.Context, hs erpbridge.Session, key string, fields []erpbridge.FilledField) error {
	_, err := written(p.r, hs, call[nothing]{
		name: "customers.restore", likely: &nothing{},
		ask: func(ctx context.Context, hs erpbridge.Session) (nothing, error) {
			return only(p.port.(erpbridge.CustomerRemoval).Restore(ctx, hs, key, fields))
		},
	})
	return err
}

type contactsPort struct {
	r    *recorder
	port erpbridge.Contacts
}

func (p contactsPort) ContactsOf(_ context.Context, hs erpbridge.Session, customer string) ([]erpbridge.Contact, error) {
	return read(p.r, hs, call[[]erpbridge.Contact]{
		name: "contacts.of", about: customer,
		ask: func(ctx context.Context, hs erpbridge.Session) ([]erpbridge.Contact, error) {
			return p.port.ContactsOf(ctx, hs, customer)
		},
	})
}

func (p contactsPort) CreateContact(_ context.Context, hs erpbridge.Session, draft erpbridge.Contact) (erpbridge.Contact, error) {
	likely := draft
	likely.Key = numbered(hs.Token, p.r.at) // contacts of one conversion differ
	return written(p.r, hs, call[erpbridge.Contact]{
		name: "contacts.create", likely: &likely,
		ask: func(ctx context.Context, hs erpbridge.Session) (erpbridge.Contact, error) {
			return p.port.CreateContact(ctx, hs, draft)
		},
		found: func(_ context.Context, _ erpbridge.Session, f found) (erpbridge.Contact, error) {
			made := draft
			made.Key = f.Key
			return made, nil
		},
	})
}

func (p contactsPort) FillEmptyContact(_ context.Context, hs erpbridge.Session, key string, draft erpbridge.Contact) ([]erpbridge.FilledField, error) {
	return written(p.r, hs, call[[]erpbridge.FilledField]{
		name: "contacts.fill", likely: new([]erpbridge.FilledField),
		ask: func(ctx context.Context, hs erpbridge.Session) ([]erpbridge.FilledField, error) {
			return p.port.FillEmptyContact(ctx, hs, key, draft)
		},
	})
}

func (p contactsPort) RemoveContact(_ context.Context, hs erpbridge.Session, key string) error {
	_, err := written(p.r, hs, call[nothing]{
		name: "contacts.remove", likely: &nothing{},
		ask: func(ctx context.Context, hs erpbridge.Session) (nothing, error) {
			return only(p.port.RemoveContact(ctx, hs, key))
		},
	})
	return err
}

type cataloguePort struct {
	r *recorder
	erpbridge.Catalogue
}

func (p cataloguePort) Product(_ context.Context, hs erpbridge.Session, key string) (erpbridge.Product, error) {
	return read(p.r, hs, call[erpbridge.Product]{
		name: "catalogue.product", about: key,
		ask: func(ctx context.Context, hs erpbridge.Session) (erpbridge.Product, error) {
			return p.Catalogue.Product(ctx, hs, key)
		},
	})
}

type documentsPort struct {
	r    *recorder
	port erpbridge.Documents
}

func (p documentsPort) below() any { return p.port }

// Kinds is known without asking.
func (p documentsPort) Kinds() []erpbridge.Kind { return p.port.Kinds() }

func (p documentsPort) Create(_ context.Context, hs erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	likely := draft
	likely.Key, likely.Number = hs.Token, hs.Token
	for _, l := range draft.Lines {
		if draft.Net.IsZero() {
			likely.Net = likely.Net.Add(l.Net)
		}
	}
	return written(p.r, hs, call[erpbridge.Document]{
		name: "documents.create", likely: &likely,
		ask: func(ctx context.Context, hs erpbridge.Session) (erpbridge.Document, error) {
			return p.port.Create(ctx, hs, draft)
		},
		found: func(ctx context.Context, hs erpbridge.Session, f found) (erpbridge.Document, error) {
			return p.port.Document(ctx, hs, erpbridge.Ref{Kind: draft.Kind, Key: f.Key, Number: f.Number})
		},
	})
}

func (p documentsPort) Document(_ context.Context, hs erpbridge.Session, ref erpbridge.Ref) (erpbridge.Document, error) {
	return read(p.r, hs, call[erpbridge.Document]{
		name: "documents.read", about: ref,
		ask: func(ctx context.Context, hs erpbridge.Session) (erpbridge.Document, error) {
			return p.port.Document(ctx, hs, ref)
		},
	})
}

func (p documentsPort) Cancel(_ context.Context, hs erpbridge.Session, ref erpbridge.Ref, reason string) (erpbridge.Document, error) {
	return written(p.r, hs, call[erpbridge.Document]{
		name: "documents.cancel", likely: &erpbridge.Document{Ref: ref, State: erpbridge.Cancelled},
		ask: func(ctx context.Context, hs erpbridge.Session) (erpbridge.Document, error) {
			return p.port.Cancel(ctx, hs, ref, reason)
		},
		found: func(ctx context.Context, hs erpbridge.Session, _ found) (erpbridge.Document, error) {
			return p.port.Document(ctx, hs, ref)
		},
	})
}
