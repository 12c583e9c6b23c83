package convert

import (
	"context"
	"errors"
	"fmt"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// judgeDocument holds our document against the host's; nil where they agree.
func (c *Conversions) judgeDocument(ctx context.Context, hs erpbridge.Session, r recorded, documents map[place]erpbridge.Document) (*Finding, error) {
	l := r.link
	f := &Finding{Conversion: r.ID, Record: l.ref(), Party: l.PartyID, Was: stateAndTotal(l.HostState, l.Total, l.Currency)}
	name := l.HostKind + " " + firstOf(l.HostNumber, l.HostKey)
	d, there := documents[place{l.HostKind, l.HostKey}]
	if there && r.same(d) {
		return judgeSame(f, l, d, name), nil
	}
	lookup, canFind := c.config.Host.Documents.(erpbridge.DocumentLookup)
	canFind = canFind && r.made()
	var byToken erpbridge.Document
	if canFind {
		var err error
		if byToken, err = lookup.FindDocument(ctx, hs, erpbridge.Kind(l.HostKind), r.Token); ignoreMissing(err) != nil {
			return nil, err
		}
	}
	switch {
	case byToken.Key != "" && byToken.Key == l.HostKey:
		return judgeSame(f, l, byToken, name), nil
	case byToken.Key != "":
		f.Code, f.Found, f.Is = Moved, &byToken.Ref, stateAndTotal(byToken.State, byToken.Gross, byToken.Currency)
		f.Message = fmt.Sprintf("%s is %s at the host now; link it there", name, firstOf(byToken.Number, byToken.Key))
	case there && (canFind || r.other(d)):
		f.Code, f.Found, f.Is = Replaced, &d.Ref, stateAndTotal(d.State, d.Gross, d.Currency)
		f.Message = fmt.Sprintf("%s is another document at the host by now (customer %s, reference %q); ours is lost: mark it so, and convert again", name, d.Customer, d.Reference)
	case there:
		return judgeSame(f, l, d, name), nil
	default:
		f.Code = Lost
		f.Message = fmt.Sprintf("the host does not have %s any more; mark it as lost, and convert again", name)
	}
	return f, nil
}

// same reports whether a document is certainly the one that the conversion made.
func (r recorded) same(d erpbridge.Document) bool {
	was := r.result.Document
	return was != nil && d.Customer == was.Customer && d.Reference == was.Reference && d.Date == was.Date && d.Currency == was.Currency && d.Gross.Equal(was.Gross)
}

// other reports whether a document is certainly another one: it carries another number of ours.
func (r recorded) other(d erpbridge.Document) bool {
	was := r.result.Document
	return was == nil || was.Reference != "" && d.Reference != was.Reference || d.Customer != was.Customer && d.Date != was.Date
}

func judgeSame(f *Finding, l tracked, d erpbridge.Document, name string) *Finding {
	if now := freshOf(d); now.state == l.HostState && now.total.Equal(l.Total) && now.paid.Equal(l.Paid) {
		return nil
	}
	f.Code, f.Found, f.Is = Differs, &d.Ref, stateAndTotal(d.State, d.Gross, d.Currency)
	f.Message = fmt.Sprintf("%s is %s at the host, and %s with us; take over what the host says", name, f.Is, f.Was)
	if f.Is == f.Was {
		f.Message = fmt.Sprintf("of %s the host says %s paid, and we %s; take over what the host says", name, freshOf(d).paid, l.Paid)
	}
	return f
}

// judgeCustomer holds our customer against the host's; nil where they agree.
func (c *Conversions) judgeCustomer(ctx context.Context, hs erpbridge.Session, r recorded, customers map[string]erpbridge.Customer) (*Finding, error) {
	l := r.link
	f := &Finding{Conversion: r.ID, Record: erpbridge.Ref{Kind: erpbridge.Kind(party.Customer), Key: l.HostKey, Number: l.HostNumber}, Party: l.PartyID}
	was := r.result.Customer
	one, there := customers[l.HostKey]
	if was != nil {
		f.Was = was.Name
	}
	if there && was != nil && one.Name == was.Name {
		return nil, nil
	}
	lookup, canFind := c.config.Host.Customers.(erpbridge.CustomerLookup)
	if canFind && r.made() {
		byToken, err := lookup.FindCustomer(ctx, hs, r.Token)
		switch {
		case err == nil && byToken.Key == l.HostKey:
			return nil, nil
		case err == nil:
			f.Code, f.Is = Moved, byToken.Name
			f.Found = &erpbridge.Ref{Kind: f.Record.Kind, Key: byToken.Key, Number: firstOf(byToken.Code, byToken.Key)}
			f.Message = fmt.Sprintf("customer %s is %s at the host now; link it there", l.HostNumber, f.Found.Number)
			return f, nil
		case !errors.Is(err, fault.NotFound):
			return nil, err
		}
	}
	switch {
	case there && canFind && r.made():
		f.Code, f.Found, f.Is = Replaced, &erpbridge.Ref{Kind: f.Record.Kind, Key: one.Key, Number: one.Code}, one.Name
		f.Message = fmt.Sprintf("customer %s is %s at the host by now, ours was %s and is lost: mark it so, and convert again", l.HostNumber, one.Name, f.Was)
	case there: // renamed at the host, as far as it can be told
		return nil, nil
	default:
		f.Code = Lost
		f.Message = fmt.Sprintf("the host does not have customer %s (%s) any more; mark it as lost, and convert again", l.HostNumber, f.Was)
	}
	return f, nil
}
