package convert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
)

// Repaired is what became of one finding.
type Repaired struct {
	Finding Finding `json:"finding"`
	// Done says what was done; "" where nothing was.
	Done string `json:"done,omitempty"`
	// Refused says why nothing was done.
	Refused string `json:"refused,omitempty"`
}

// Repair does what findings of [Conversions.Reconcile] ask for, each in a transaction of its own, and
// says of each what it did. A finding that is not so any more is refused, because the host is asked
// again; one that needs a person ([Doubtful]) always is. Repairing twice changes nothing. Our side only
// is written: the host's records stay as they are. It needs actor.ConvertUndo.
func (c *Conversions) Repair(ctx context.Context, findings []Finding) ([]Repaired, error) {
	var out []Repaired
	for _, f := range findings {
		done, err := c.repair(ctx, f)
		r := Repaired{Finding: f, Done: done}
		var e *fault.Error
		switch {
		case err == nil:
		case errors.As(err, &e) && e.Code != fault.Forbidden && e.Code != fault.Retryable && e.Code != fault.Unavailable:
			r.Done, r.Refused = "", e.Error()
		default:
			return out, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (c *Conversions) repair(ctx context.Context, f Finding) (string, error) {
	now, err := c.again(ctx, f)
	if err != nil {
		return "", err
	}
	d := now.document
	switch f.Code {
	case Moved:
		return fmt.Sprintf("linked to %s", firstOf(now.Found.Number, now.Found.Key)), c.relink(ctx, now.Finding)
	case Lost, Replaced:
		return "marked as lost; it can be converted again", c.lose(ctx, f.Conversion)
	case Differs:
		return "took over " + now.Is, c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
			links, err := linked(ctx, s, f.Record)
			for _, l := range links {
				if l.ConversionID == f.Conversion && err == nil {
					err = in.take(ctx, s, l, freshOf(d))
				}
			}
			return err
		})
	case Unlinked:
		if f.Follows.Kind == Quote {
			return "linked to the quote", c.adoptForQuote(ctx, quote.ID(f.Follows.ID), d)
		}
		_, err := c.adopt(ctx, d)
		return "linked to the document that it follows", err
	}
	return "", fault.New(fault.Invalid, "this needs a person: %s", f.Message)
}

// confirmed is a finding that still holds, with the host's document as it is now.
type confirmed struct {
	Finding
	document erpbridge.Document
}

// again asks the host whether a finding still holds.
func (c *Conversions) again(ctx context.Context, f Finding) (*confirmed, error) {
	var now *confirmed
	batch := reconciled{}
	err := c.asking(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		if err := s.Actor.Require(actor.ConvertUndo); err != nil || f.Conversion.IsZero() {
			return err
		}
		var r row
		if err := s.Get(ctx, &r, f.Conversion); err != nil {
			return err
		}
		result, err := r.result()
		if err != nil {
			return err
		}
		var links []tracked
		err = s.Select(&links).Where("link.conversion_id = ?", r.ID).Where("link.host_kind <> ?", party.Contact).OrderExpr("link.id").Scan(ctx)
		if r.State == Done && len(links) > 0 {
			batch.items = []recorded{{r, links[len(links)-1], result}}
		}
		return err
	}, func(ctx context.Context, hs erpbridge.Session) (err error) {
		if f.Conversion.IsZero() {
			now = &confirmed{Finding: f}
			now.document, err = c.config.Host.Documents.Document(ctx, hs, f.Record)
			return err
		}
		var report Report
		if err := c.compareAll(ctx, hs, &batch, &report); err != nil || len(report.Findings) == 0 {
			return err
		}
		now = &confirmed{Finding: report.Findings[0]}
		if now.Found != nil && batch.items[0].link.document() {
			now.document, err = c.config.Host.Documents.Document(ctx, hs, *now.Found)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if now == nil || now.Code != f.Code || f.Found != nil && (now.Found == nil || *now.Found != *f.Found) {
		return nil, fault.New(fault.Conflict, "this is not so any more; reconcile again")
	}
	return now, nil
}

// relink follows a record of the host that was found by its token under another key.
func (c *Conversions) relink(ctx context.Context, f Finding) error {
	if f.Record.Kind == erpbridge.Kind(party.Customer) {
		return c.CustomerRenumbered(ctx, f.Record.Key, f.Found.Key)
	}
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		var r row
		if err := s.Lock(ctx, &r, f.Conversion); err != nil {
			return err
		}
		err := r.amend(ctx, s, func(out *Result) {
			if out.Document != nil {
				out.Document.Ref = *f.Found
			}
		})
		if err != nil {
			return err
		}
		_, err = s.Exec(ctx, store.From[Link](""),
			"UPDATE crm_link SET host_key = ?, host_number = ?, changes = changes + 1, look_at = ? WHERE {scope} AND conversion_id = ? AND host_kind = ? AND host_key = ?",
			f.Found.Key, firstOf(f.Found.Number, f.Found.Key), s.Now, r.ID, f.Record.Kind, f.Record.Key)
		return err
	})
}

// amend changes the result of a conversion that is locked.
func (r *row) amend(ctx context.Context, s *store.Session, change func(out *Result)) error {
	out, err := r.result()
	if err != nil {
		return err
	}
	change(&out)
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	next := *r
	next.Result = string(text)
	return s.Save(ctx, r, &next)
}

// lose takes a conversion back whose record the host lost. Its opportunity stays won: the seller is told
// to convert again.
func (c *Conversions) lose(ctx context.Context, id ID) error {
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		var r row
		if err := s.Lock(ctx, &r, id); err != nil || r.State != Done {
			return err
		}
		out, err := r.result()
		if err != nil {
			return err
		}
		if r.Kind == ToCustomer {
			err = in.loseCustomer(ctx, s, &r, out)
		} else {
			_, err = s.Exec(ctx, store.From[Link](""), "UPDATE crm_link SET host_state = ?, changes = changes + 1, looked_at = ?, look_at = ? WHERE {scope} AND conversion_id = ?",
				Gone, s.Now, never, id)
		}
		if err != nil {
			return err
		}
		next := r
		next.State, next.Step, next.UndoneAt, next.UndoneBy = Undone, "lost "+r.ID.String(), s.Now, s.Actor.UserID
		if err := s.Save(ctx, &r, &next); err != nil || out.Document == nil {
			return err
		}
		return event.Emit(ctx, s, event.Fact{Kind: EventDocumentGone, Record: r.ID.Bytes(), Version: next.Version, Payload: out})
	})
}

// loseCustomer unlinks a customer that the host lost, with his contacts, and opens the leads again.
func (in *Conversions) loseCustomer(ctx context.Context, s *store.Session, r *row, out Result) error {
	m, err := r.manifest()
	if err != nil {
		return err
	}
	var gone []party.Link
	for _, contact := range out.Contacts {
		gone = append(gone, party.Link{Role: party.Contact, HostKey: contact.Key})
	}
	if out.Customer != nil && !m.Already {
		gone = append(gone, party.Link{Role: party.Customer, HostKey: out.Customer.Key})
	}
	for _, link := range gone {
		if err := ignoreMissing(in.unlink(ctx, link)); err != nil {
			return err
		}
	}
	return in.reopenLeads(ctx, s, r, out)
}

// adoptForQuote takes in a document that the host has of a quote, as if the quote had been converted
// into it: the next conversion gives it as its first result.
func (c *Conversions) adoptForQuote(ctx context.Context, id quote.ID, d erpbridge.Document) error {
	return c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		if err := in.lockQuote(ctx, s, SubjectID(id)); err != nil {
			return err
		}
		subject := Subject{Quote, SubjectID(id)}
		if links, err := linked(ctx, s, d.Ref); err != nil || len(links) > 0 {
			return err
		}
		if earlier, err := find(ctx, s, Kind(d.Kind), subject, ""); err != nil || earlier != nil {
			if err == nil {
				err = fault.New(fault.Conflict, "the quote has a document of the kind %q already; reconcile again", d.Kind)
			}
			return err
		}
		card, err := in.config.Quotes.Get(ctx, id)
		if err != nil {
			return err
		}
		r, err := begin(s, Kind(d.Kind), subject, "", foundRequest{d.Ref})
		if err != nil {
			return err
		}
		out := Result{ID: r.ID, Document: &d, Party: card.Quote.PartyID, Opportunity: SubjectID(card.Quote.OpportunityID)}
		if !out.Opportunity.IsZero() {
			if _, err := in.win(ctx, out.Opportunity, d); err != nil {
				return err
			}
		}
		return in.recordFound(ctx, s, r, &out)
	})
}
