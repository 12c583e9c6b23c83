package lead

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Outcome says what a capture did.
type Outcome string

// The outcomes.
const (
	// Created: there is a new lead.
	Created Outcome = "created"
	// Again: the person or company already has an open lead; it got a touch and what was new.
	Again Outcome = "again"
	// Repeated: the token was used before; nothing was changed.
	Repeated Outcome = "repeated"
)

// Result is what a capture did. What the public may learn of it is less: adapters show a visitor the
// same page whatever the outcome.
type Result struct {
	Lead    ID
	Party   party.ID
	Touch   TouchID
	Outcome Outcome
	// Filled are the fields of the party that a returning lead completed.
	Filled []string
	// Duplicates are further leads, parties and customers of the host that may be the same, the
	// likeliest first; none for the public actor.
	Duplicates []Duplicate
	// HostUnchecked is set where the host is elsewhere and did not answer, so that its customers were
	// not compared.
	HostUnchecked bool
	// Written is the new lead as [Leads.Row] would read it, where it is certain without reading that the
	// actor may: his own, or one of somebody who sees everything, with a party that is as new. Else nil.
	Written *Row
}

// Capture takes a lead in, wherever it comes from. All faults of the draft are reported at once and
// nothing is written then.
//
// Who certainly is known (a score of [party.Certain], or the same personal e-mail where nothing else is
// known) and has an open lead gets no second one: the lead gets a touch, empty fields are filled, the
// interest is added. Who is known without an open lead gets a new lead on the same party. All others
// get a party of their own, and Result lists who may be the same. Captures of one e-mail, phone or tax
// id wait for each other, so that two at once give one lead.
//
// It needs the right actor.LeadCapture alone; also an actor who can read nothing captures, and
// learns nothing from it.
func (l *Leads) Capture(ctx context.Context, d Draft) (Result, error) {
	var out Result
	answer, err := l.askElsewhere(ctx, d)
	if err != nil {
		return out, err
	}
	err = l.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.LeadCapture); err != nil {
			return err
		}
		p, err := l.prepare(s, d)
		if err != nil {
			return err
		}
		c := &capture{leads: l.In(s), s: s, p: p, host: answer}
		out, err = c.run(ctx)
		return err
	})
	return out, err
}

// prepare normalises a draft with the defaults of the actor.
func (l *Leads) prepare(s *store.Session, d Draft) (*Prepared, error) {
	d = withDefaults(d, s.Actor)
	if d.Owner.User != "" && d.Owner.User != s.Actor.UserID {
		if err := s.Actor.Require(actor.LeadAssign); err != nil {
			return nil, err
		}
	}
	p, faults := Prepare(d, l.parties.LocaleOf(s), s.Now)
	if err := fault.List(faults).Err("the lead cannot be taken in"); err != nil {
		return nil, err
	}
	if d.Owner != (party.Owner{}) {
		p.lead.AssignedAt = s.Now
	}
	return p, nil
}

func withDefaults(d Draft, a actor.Actor) Draft {
	channel := ByOther
	switch a.Kind {
	case actor.KindUser:
		channel = ByHand
		if d.Owner == (party.Owner{}) {
			d.Owner = party.Owner{User: a.UserID, Team: a.Team()}
		}
	case actor.KindPublic:
		channel = ByForm
		d.Owner, d.Custom = party.Owner{}, nil
	case actor.KindSystem:
	}
	if d.Origin.Channel == "" {
		d.Origin.Channel = channel
	}
	return d
}

// capture is one capture under way.
type capture struct {
	leads *Leads
	s     *store.Session
	p     *Prepared
	host  hostAnswer
	// fresh is the lead that was written, where there was none.
	fresh *Lead
}

func (c *capture) run(ctx context.Context) (Result, error) {
	if err := c.leads.serialize(ctx, c.s, c.p.lockKeys()); err != nil {
		return Result{}, err
	}
	c.p.touch.ID = store.NewKey[TouchTag](c.s)
	if c.p.token != "" {
		c.p.touch.ID = tokenID(c.s.Actor.Company, c.p.token)
		if out, ok, err := c.repeated(ctx); err != nil || ok {
			return out, err
		}
	}
	restore := widen(c.s)
	defer restore()
	if !c.host.asked {
		var err error
		if c.host, err = c.leads.askHost(ctx, c.leads.hostSession(c.s), c.p); err != nil {
			return Result{}, err
		}
	}
	found, err := c.leads.parties.Find(ctx, *c.p.primary, c.p.employerName())
	if err != nil {
		return Result{}, err
	}
	known, lead, err := c.recognise(ctx, found)
	if err != nil {
		return Result{}, err
	}
	var out Result
	if lead.ID.IsZero() {
		out, err = c.create(ctx, known)
	} else {
		out, err = c.returned(ctx, lead)
	}
	out.HostUnchecked = c.host.failed
	if err != nil || c.s.Actor.Kind == actor.KindPublic {
		return out, err
	}
	restore()
	out.Written = c.written()
	out.Duplicates, err = c.leads.explain(ctx, c.s, found, c.host.hits(c.p.primaryIdentity()), out.Party)
	return out, err
}

// tokenID is the touch's id where a token makes the capture repeatable: a UUID v8 (RFC 9562) from the
// token's hash, so that the primary key is the last arbiter.
func tokenID(company, token string) TouchID {
	sum := sha256.Sum256([]byte(company + "\x00" + token))
	id := TouchID(sum[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// repeated gives the result of the first call with the token.
func (c *capture) repeated(ctx context.Context) (Result, bool, error) {
	var touch Touch
	err := c.s.Get(ctx, &touch, c.p.touch.ID)
	if errors.Is(err, fault.NotFound) {
		return Result{}, false, nil
	}
	return Result{Lead: touch.LeadID, Party: touch.PartyID, Touch: touch.ID, Outcome: Repeated}, err == nil, err
}

// recognise finds the party that the draft certainly is, and its open lead.
func (c *capture) recognise(ctx context.Context, found []party.Candidate) (party.ID, Lead, error) {
	for _, candidate := range found {
		if candidate.Party.Kind != c.p.primary.Party.Kind || !c.p.sure(candidate.Match, candidate.Party.DisplayName) {
			continue
		}
		lead, err := c.leads.openLead(ctx, c.s, candidate.Party.ID)
		return candidate.Party.ID, lead, err
	}
	for _, hit := range c.host.hits(c.p.primaryIdentity()) {
		if hit.Customer.Person != (c.p.primary.Party.Kind == party.Person) || !c.p.sure(hit.Match, hit.Customer.Name) {
			continue
		}
		customer, err := c.leads.parties.OfCustomer(ctx, hit.Customer)
		if err != nil {
			return party.ID{}, Lead{}, err
		}
		lead, err := c.leads.openLead(ctx, c.s, customer.ID)
		return customer.ID, lead, err
	}
	return party.ID{}, Lead{}, nil
}

// sure reports whether a match is the same beyond asking. Where the draft holds nothing but ways to
// reach somebody, a personal e-mail is all there can be, and so is a shared one between two records
// without a name.
func (p *Prepared) sure(m party.Match, name string) bool {
	return m.Score >= party.Certain || p.nameless() && (m.Score >= party.Likely || name == "")
}

// openLeads are leads without the guard: whoever looks after it, a lead is not taken in twice.
type openLead struct{ Lead }

// Guard is none: the actor's eyes are not the measure here.
func (openLead) Guard(actor.Actor, string) store.Predicate { return store.Predicate{SQL: "1 = 1"} }

// openLead gives the newest open lead of a party and of the parties merged into it; a zero ID where
// there is none.
func (l *Leads) openLead(ctx context.Context, s *store.Session, id party.ID) (Lead, error) {
	var rows []openLead
	err := s.Query(ctx, &rows, store.From[openLead]("lead"),
		"SELECT lead.* FROM crm_party AS p CROSS JOIN crm_lead AS lead WHERE {scope} AND (p.id = ? OR p.merged_into = ?) AND lead.party_id = p.id"+
			" AND lead.merged_into IS NULL AND lead.status NOT IN (?, ?)", id, id, StatusDisqualified, StatusConverted)
	if err != nil {
		return Lead{}, fmt.Errorf("looking for the open lead: %w", err)
	}
	var newest Lead
	for _, row := range rows {
		if row.ArrivedAt.After(newest.ArrivedAt) || row.ArrivedAt.Equal(newest.ArrivedAt) && bytes.Compare(row.ID[:], newest.ID[:]) > 0 {
			newest = row.Lead
		}
	}
	return newest, nil
}

// create writes a new lead; known is its party, where there is one.
func (c *capture) create(ctx context.Context, known party.ID) (Result, error) {
	lead, touch := c.p.lead, c.p.touch
	out := Result{Outcome: Created, Touch: touch.ID}
	if known.IsZero() {
		if err := c.leads.parties.AddPrepared(ctx, c.p.primary); err != nil {
			return out, err
		}
		known = c.p.primary.Party.ID
	} else {
		var err error
		if out.Filled, err = c.leads.parties.Fill(ctx, known, c.p.primary); err != nil {
			return out, err
		}
	}
	lead.PartyID = known
	if err := c.employ(ctx, &lead); err != nil {
		return out, err
	}
	lead.ID = store.NewKey[Tag](c.s)
	touch.LeadID, touch.PartyID = lead.ID, known
	if err := c.s.Insert(ctx, &lead); err != nil {
		return out, err
	}
	if err := c.s.InsertQuiet(ctx, &touch); err != nil {
		return out, err
	}
	if len(c.p.custom) > 0 {
		if err := c.s.SetCustom(ctx, customKind, lead.ID[:], c.p.custom); err != nil {
			return out, err
		}
	}
	out.Lead, out.Party = lead.ID, known
	if err := c.leads.give(ctx, c.s, &lead); err != nil {
		return out, err
	}
	c.fresh = &lead
	return out, event.Emit(ctx, c.s, event.Fact{Kind: EventCaptured, Record: lead.ID[:], Version: lead.Version, Payload: capturedFact(lead, touch, nil)})
}

// written is the lead that was just written, for [Result]; the session has the actor's own eyes again.
func (c *capture) written() *Row {
	p, a := &c.p.primary.Party, c.s.Actor
	switch {
	case c.fresh == nil || c.fresh.PartyID != p.ID || !a.May(actor.LeadRead):
		return nil
	case a.See != actor.All && (a.UserID == "" || c.fresh.OwnerUser != a.UserID):
		return nil
	}
	lead := *c.fresh
	if n, err := lead.ExpectedValue.Scaled(); err == nil {
		lead.ExpectedValue = money.AmountFromScaled(n) // the places that are kept
	}
	return &Row{Lead: lead, Kind: p.Kind, Name: p.DisplayName, Email: p.Email, Phone: p.Phone, Mobile: p.Mobile, City: p.City, SortKey: p.SortKey}
}

func capturedFact(lead Lead, touch Touch, filled []string) CapturedFact {
	return CapturedFact{
		Party: lead.PartyID, ArrivedAt: touch.At, Channel: touch.Channel, Source: touch.Source, Medium: touch.Medium, Campaign: touch.Campaign,
		Owner: lead.OwnerUser, Team: lead.OwnerTeam, Filled: filled,
	}
}

// customKind is the noun that custom fields of leads are kept under.
const customKind = "lead"

// employ links the lead, and its person, to the company.
func (c *capture) employ(ctx context.Context, lead *Lead) error {
	if c.p.primary.Party.Kind == party.Company {
		lead.OrganizationID = lead.PartyID
		return nil
	}
	if c.p.employer == nil {
		return nil
	}
	company, err := c.company(ctx)
	if err != nil {
		return err
	}
	lead.OrganizationID = company
	person, err := c.leads.parties.Get(ctx, lead.PartyID)
	if err != nil || !person.EmployerID.IsZero() {
		return err
	}
	return c.leads.parties.Employ(ctx, person.ID, company)
}

// company finds the employer's party by tax id or equal name, among ours first, then among the
// host's customers, and makes one where there is none.
func (c *capture) company(ctx context.Context) (party.ID, error) {
	found, err := c.leads.parties.FindCompanies(ctx, []*party.Prepared{c.p.employer})
	if err != nil {
		return party.ID{}, err
	}
	if !found[0].IsZero() {
		_, err := c.leads.parties.Fill(ctx, found[0], c.p.employer)
		return found[0], err
	}
	want := c.p.employer.Party
	for _, hit := range c.host.hits(c.p.employer.Identity("")) {
		if hit.isCompany(want) {
			customer, err := c.leads.parties.OfCustomer(ctx, hit.Customer)
			return customer.ID, err
		}
	}
	err = c.leads.parties.AddPrepared(ctx, c.p.employer)
	return c.p.employer.Party.ID, err
}

// returned adds a touch to a lead that is already there, with what is new about it.
func (c *capture) returned(ctx context.Context, known Lead) (Result, error) {
	out := Result{Outcome: Again, Lead: known.ID, Party: known.PartyID, Touch: c.p.touch.ID}
	was, err := c.leads.lock(ctx, c.s, known.ID, anyVersion)
	if err != nil {
		return out, err
	}
	if out.Filled, err = c.leads.parties.Fill(ctx, was.PartyID, c.p.primary); err != nil {
		return out, err
	}
	next := was
	complete(&next, c.p, c.leads.parties.LocaleOf(c.s))
	if was.OrganizationID.IsZero() {
		if err := c.employ(ctx, &next); err != nil {
			return out, err
		}
	}
	if err := c.s.Save(ctx, &was, &next); err != nil {
		return out, err
	}
	if next.Version == was.Version {
		if err := c.s.Touch(ctx, &next); err != nil {
			return out, err
		}
	}
	touch := c.p.touch
	touch.LeadID, touch.PartyID = was.ID, was.PartyID
	if err := c.s.InsertQuiet(ctx, &touch); err != nil {
		return out, err
	}
	return out, event.Emit(ctx, c.s, event.Fact{Kind: EventReturned, Record: next.ID[:], Version: next.Version, Payload: capturedFact(next, touch, out.Filled)})
}

// complete fills the empty fields of a lead and adds the new interest below the old one.
func complete(next *Lead, p *Prepared, l locale.Locale) {
	for _, field := range []struct {
		have *string
		got  string
	}{{&next.Organization, p.lead.Organization}, {&next.ExternalID, p.lead.ExternalID}} {
		if *field.have == "" {
			*field.have = field.got
		}
	}
	if next.ExpectedValue.IsZero() && !p.lead.ExpectedValue.IsZero() {
		next.ExpectedValue, next.Currency = p.lead.ExpectedValue, p.lead.Currency
	}
	switch text := p.lead.Interest; {
	case text == "" || strings.Contains(next.Interest, text):
	case next.Interest == "":
		next.Interest = text
	default:
		day := l.Language.Date(civil.In(p.touch.At, l.Location()))
		next.Interest = cleanText(fmt.Sprintf("%s\n\n%s\n%s", next.Interest, day, text), interestLimit)
	}
}
