package convert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// The kinds of events about what the host did with documents.
const (
	EventDocumentChanged = "document.changed" // DocumentChange; the event's record is the link
	EventDocumentFound   = "document.found"   // Result; the event's record is the conversion
	EventDocumentGone    = "document.gone"    // Result; the event's record is the conversion
)

// DocumentChange is the payload of EventDocumentChanged.
type DocumentChange struct {
	// ID is the conversion that the document belongs to.
	ID       ID              `json:"id"`
	Party    party.ID        `json:"party"`
	Document erpbridge.Ref   `json:"document"`
	Was      erpbridge.State `json:"was"`
	Is       erpbridge.State `json:"is"`
	Total    money.Amount    `json:"total"`
	Paid     money.Amount    `json:"paid"`
	Currency string          `json:"currency"`
}

// fresh is what a document is now.
type fresh struct {
	state       erpbridge.State
	number      string
	total, paid money.Amount
}

// freshOf is what the host said of a document that it was asked for.
func freshOf(d erpbridge.Document) fresh {
	f := fresh{state: d.State, number: d.Number, total: d.Gross, paid: d.Paid}
	if f.state == erpbridge.Paid && f.paid.IsZero() { // a host that tells the state only
		f.paid = f.total
	}
	return f
}

// known reports whether a link says all that already.
func (f fresh) known(l tracked) bool {
	return f.state == l.HostState && f.number == l.HostNumber && f.total.Equal(l.Total) && f.paid.Equal(l.Paid)
}

// noteDocument writes what became of a document and reports whether anything did.
func (c *Conversions) noteDocument(ctx context.Context, l tracked, seen sight) (bool, error) {
	if !c.reads() || l.HostKey == "" {
		return false, nil
	}
	now := fresh{Missing, l.HostNumber, l.Total, l.Paid}
	if d, there := seen.documents[place{l.HostKind, l.HostKey}]; there {
		now = freshOf(d)
		now.number = firstOf(now.number, l.HostNumber)
	}
	if now.known(l) {
		return false, nil
	}
	return true, c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		return in.take(ctx, s, l, now)
	})
}

// take keeps what a document is now, and emits it. Of several who have seen the same change one writes
// it.
func (in *Conversions) take(ctx context.Context, s *store.Session, l tracked, now fresh) error {
	n, err := s.Exec(ctx, store.From[Link](""),
		"UPDATE crm_link SET host_state = ?, host_number = ?, total = ?, paid = ?, changes = changes + 1, looked_at = ?, look_at = ? WHERE {scope} AND id = ? AND changes = ?",
		now.state, now.number, now.total, now.paid, s.Now, l.next(s.Now, now.state, true), l.ID, l.Changes)
	if err != nil || n == 0 {
		return err
	}
	return event.Emit(ctx, s, event.Fact{Kind: EventDocumentChanged, Record: l.ID.Bytes(), Version: l.Changes + 1, Payload: DocumentChange{
		ID: l.ConversionID, Party: l.PartyID, Document: erpbridge.Ref{Kind: erpbridge.Kind(l.HostKind), Key: l.HostKey, Number: now.number},
		Was: l.HostState, Is: now.state, Total: now.total, Paid: now.paid, Currency: l.Currency,
	}})
}

// linked gives the links of a document of the host.
func linked(ctx context.Context, s *store.Session, ref erpbridge.Ref) ([]tracked, error) {
	var links []tracked
	err := s.Select(&links).Where("link.company = ?", s.Actor.Company).Where("link.host_kind = ?", ref.Kind).
		Where("link.host_key = ?", ref.Key).OrderExpr("link.id").Scan(ctx)
	return links, err
}

// adoptLater takes in the documents that follow ours and are not known yet. One may follow another that
// is taken in with it.
func (c *Conversions) adoptLater(ctx context.Context, later []erpbridge.Document) error {
	var failed error
	for left := later; len(left) > 0; {
		var orphans []erpbridge.Document
		for _, d := range left {
			taken, err := c.adopt(ctx, d)
			if err != nil {
				failed = errors.Join(failed, err)
			}
			if !taken && err == nil {
				orphans = append(orphans, d)
			}
		}
		if len(orphans) == len(left) {
			break
		}
		left = orphans
	}
	return failed
}

// adopt takes a document of the host in as a conversion of the document it follows, so that it can be
// followed and taken back like our own. It reports false where it follows none of ours.
func (c *Conversions) adopt(ctx context.Context, d erpbridge.Document) (bool, error) {
	taken := false
	known, parents := []tracked(nil), []tracked(nil)
	read := func(ctx context.Context, s *store.Session) (err error) {
		if known, err = linked(ctx, s, d.Ref); err == nil && d.Source != nil {
			parents, err = linked(ctx, s, *d.Source)
		}
		return err
	}
	if err := c.db.Read(ctx, read); err != nil || len(known) > 0 || len(parents) == 0 {
		return len(known) > 0, err
	}
	err := c.write(ctx, func(ctx context.Context, s *store.Session, in *Conversions) error {
		taken = true
		var parent row
		if err := s.Lock(ctx, &parent, parents[0].ConversionID); err != nil {
			return err
		}
		if err := read(ctx, s); err != nil || len(known) > 0 {
			return err // somebody else was faster
		}
		r, err := begin(s, Kind(d.Kind), Subject{Conversion, SubjectID(parent.ID)}, stepFound(d.Ref), foundRequest{d.Ref})
		if err != nil {
			return err
		}
		out := Result{ID: r.ID, Document: &d, Party: parents[0].PartyID}
		return in.recordFound(ctx, s, r, &out)
	})
	return taken, err
}

// foundRequest is the request of a conversion that nobody asked for: the document was found at the host.
type foundRequest struct {
	Found erpbridge.Ref `json:"found"`
}

// foundMark is how such a request begins.
const foundMark = `{"found":`

// stepFound names the conversion of a document that the host made itself.
func stepFound(ref erpbridge.Ref) string {
	sum := sha256.Sum256([]byte(ref.Key))
	return "host " + hex.EncodeToString(sum[:16])
}

// recordFound writes row, link and event of a document that the host made itself.
func (in *Conversions) recordFound(ctx context.Context, s *store.Session, r *row, out *Result) error {
	now := freshOf(*out.Document)
	link := tracked{Link: Link{
		ID: store.NewKey[Link](s), ConversionID: r.ID, RecordKind: r.SubjectKind, RecordID: r.SubjectID, PartyID: out.Party,
		HostKind: string(out.Document.Kind), HostKey: out.Document.Key, HostNumber: firstOf(out.Document.Number, out.Document.Key),
		Total: now.total, Currency: out.Document.Currency, HostState: now.state, CreatedAt: s.Now,
	}, Paid: now.paid, LookedAt: s.Now}
	link.LookAt = link.next(s.Now, now.state, true)
	if err := s.InsertQuiet(ctx, &link); err != nil {
		return err
	}
	if err := r.finish(ctx, s, out, manifest{}); err != nil {
		return err
	}
	return event.Emit(ctx, s, event.Fact{Kind: EventDocumentFound, Record: r.ID.Bytes(), Version: 1, Payload: out})
}

// noteCustomer writes what became of a customer and reports whether anything did.
func (c *Conversions) noteCustomer(ctx context.Context, l tracked, seen sight) (bool, error) {
	is, there := seen.customers[l.HostKey]
	to, moved := seen.moved[l.HostKey]
	was := CustomerState(l.HostState)
	switch {
	case moved && to != l.HostKey:
		return true, c.CustomerRenumbered(ctx, l.HostKey, to)
	case !there:
		return true, c.CustomerBlocked(ctx, l.HostKey, DeletedCustomer)
	case is.Blocked && was != BlockedCustomer:
		return true, c.CustomerBlocked(ctx, l.HostKey, BlockedCustomer)
	case !is.Blocked && was == BlockedCustomer:
		return true, c.CustomerBlocked(ctx, l.HostKey, UnblockedCustomer)
	}
	return false, nil
}

// noteContact writes that a contact is gone, where it is.
func (c *Conversions) noteContact(ctx context.Context, l tracked, seen sight) (bool, error) {
	if !seen.asked[l.HostKey] || seen.contacts[l.HostKey] {
		return false, nil
	}
	return true, c.ContactDeleted(ctx, l.HostKey)
}

// DocumentFound takes in a document that the host's own clerks made of one of ours: the delivery note
// of our order, the invoice of that, a credit note. Source must name the document it follows; one that
// follows none of ours is ignored. It then counts in quantities and progress as our own do.
func (c *Conversions) DocumentFound(ctx context.Context, d erpbridge.Document) error {
	var faults fault.List
	faults.Required("kind", string(d.Kind))
	faults.Required("key", d.Key)
	if d.Source == nil || d.Source.Key == "" || d.Source.Kind == "" {
		faults.Add("source", "required", "is missing; name kind and key of the document that this one follows")
	}
	checkState(&faults, d.State)
	if err := faults.Err("the document cannot be taken in"); err != nil {
		return err
	}
	_, err := c.adopt(ctx, d)
	return err
}

// documentStates are the states that the host may tell.
var documentStates = []erpbridge.State{
	erpbridge.Open, erpbridge.Partial, erpbridge.Completed, erpbridge.Posted, erpbridge.Paid, erpbridge.Cancelled, erpbridge.Credited,
}

func checkState(faults *fault.List, state erpbridge.State) {
	if state == "" {
		faults.Required("state", "")
		return
	}
	if !slices.Contains(documentStates, state) {
		faults.Add("state", "choice", "%.20q is no state; choose from %q", string(state), documentStates)
	}
}
