package tablehost

import (
	"context"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// documents implements erpbridge.Documents for the kinds that the mapping describes, and the optional
// interfaces DocumentCheck, DocumentLookup, DocumentStates and DocumentHistory.
//
// A draft goes this way: its counter, its token and what it follows are locked, in that order everywhere;
// everything it is judged by is read (dossier), and all that is wrong is said at once (examination); then the
// steps before, the number, header, lines and taxes, the steps after, and what is counted on the
// followed documents. In the end the document is read again where triggers may have had their say.
type documents struct{ h *host }

// trade lists the kinds in the order in which they follow each other.
var trade = []erpbridge.Kind{
	erpbridge.Quotation, erpbridge.Order, erpbridge.DeliveryNote, erpbridge.Invoice, erpbridge.CreditNote,
	erpbridge.PaymentRequest, erpbridge.AdvanceInvoice, erpbridge.CompletionAct,
}

// Kinds implements erpbridge.Documents; those that are only read are among them.
func (p documents) Kinds() []erpbridge.Kind {
	var kinds []erpbridge.Kind
	for _, kind := range trade {
		if p.h.papers[kind] != nil {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Document implements erpbridge.Documents.
func (p documents) Document(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref) (erpbridge.Document, error) {
	k, err := p.desk(ctx, s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	f, err := k.open(ctx, ref)
	if err != nil {
		return erpbridge.Document{}, err
	}
	return f.Document, nil
}

// FindDocument implements erpbridge.DocumentLookup.
func (p documents) FindDocument(ctx context.Context, s erpbridge.Session, kind erpbridge.Kind, token string) (erpbridge.Document, error) {
	k, err := p.desk(ctx, s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	d, err := k.kind(kind)
	if err != nil {
		return erpbridge.Document{}, err
	}
	key, err := k.made(ctx, d, token)
	if err == nil && key == "" {
		err = fault.New(fault.NotFound, "no %s was made under the token %q", kind, token)
	}
	if err != nil {
		return erpbridge.Document{}, err
	}
	f, err := k.open(ctx, erpbridge.Ref{Kind: kind, Key: key})
	if err != nil {
		return erpbridge.Document{}, err
	}
	return f.Document, nil
}

// States implements erpbridge.DocumentStates. The documents come without lines, unless their state has to
// be made out from those.
func (p documents) States(ctx context.Context, s erpbridge.Session, refs []erpbridge.Ref) ([]erpbridge.Document, error) {
	k, err := p.desk(ctx, s)
	if err != nil {
		return nil, err
	}
	keys := map[erpbridge.Kind][]any{}
	for _, ref := range refs {
		keys[ref.Kind] = append(keys[ref.Kind], ref.Key)
	}
	var list []erpbridge.Document
	for _, kind := range trade {
		d := k.h.papers[kind]
		if d == nil {
			continue
		}
		files, err := k.keyed(ctx, d, keys[kind], reading{headers: true})
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			list = append(list, f.Document)
		}
	}
	return list, nil
}

// desk is one call, with what it has read already.
type desk struct {
	work
	vat   map[string][]vatRate
	goods map[string]record
}

func (p documents) desk(ctx context.Context, s erpbridge.Session) (*desk, error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	return &desk{work: w}, nil
}

// kind gives the documents of a kind; fault.NotFound where the host has none.
func (k *desk) kind(kind erpbridge.Kind) (*paper, error) {
	d := k.h.papers[kind]
	if d == nil {
		return nil, fault.New(fault.NotFound, "%s has no documents of the kind %q", k.h.mapping.Name, kind)
	}
	return d, nil
}

// vatRates reads the rates once.
func (k *desk) vatRates(ctx context.Context) (map[string][]vatRate, error) {
	if k.vat == nil {
		list, err := k.rates(ctx)
		if err != nil {
			return nil, err
		}
		k.vat = list
	}
	return k.vat, nil
}

// wares reads the products of the keys that were not read yet. Those that do not exist are missing.
func (k *desk) wares(ctx context.Context, keys map[string]bool) (map[string]record, error) {
	if k.goods == nil {
		k.goods = map[string]record{}
	}
	if k.h.goods == nil {
		return k.goods, nil
	}
	var missing []any
	for _, key := range sorted(keys) {
		if _, known := k.goods[key]; !known && key != "" {
			missing = append(missing, key)
		}
	}
	for len(missing) > 0 {
		n := min(len(missing), mostKeys)
		rows, err := k.read(ctx, question{of: k.h.goods, where: []cond{{column: k.h.goods.key.column, op: "in", values: missing[:n]}}})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			k.goods[r.key] = r
		}
		missing = missing[n:]
	}
	return k.goods, nil
}

// mostKeys is how many keys one statement asks for; SQL Server takes 2100 parameters.
const mostKeys = 500
