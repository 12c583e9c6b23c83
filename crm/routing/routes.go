package routing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/policy"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Staff tells about a user of the host, inside a transaction; fault.NotFound for whom it does not know.
type Staff func(ctx context.Context, s *store.Session, id string) (erpbridge.User, error)

// Config is what the package is told by its surroundings.
type Config struct {
	// Terms are what conditions speak of; Leads, Activities and Locales are needed too.
	Terms      *leadrule.Terms
	Leads      *lead.Leads
	Activities *activity.Activities
	Locales    func(company string) locale.Locale
	// Staff says who is away, in which team, and where mails go; nil where the host does not tell.
	Staff Staff
	// Score counts a lead that has just been written, where a rule asks how many points it has; nil where nobody scores.
	Score func(ctx context.Context, s *store.Session, id lead.ID) error
	// Due is by when a lead is to be answered; zero, or nil, where nobody says.
	Due func(ctx context.Context, s *store.Session, l lead.Lead) (time.Time, error)
	// Mails sends; Sender is the mailbox of a company's own mails to its users. Without them there is the task and the
	// notice.
	Mails  *mail.Mails
	Sender func(ctx context.Context, s *store.Session) (mail.Address, error)
	// Link is the address of a lead's card, "" or nil for none.
	Link func(company string, id lead.ID) string
}

// Routes gives leads to people, by a plan that the company keeps: reading it needs actor.LeadRead. It is safe for many
// goroutines.
//
// What the company decides is read and changed by Plan, SaveDraft, Discard, Publish and Versions of [policy.Keeper].
type Routes struct {
	policy.Keeper[Plan]

	db     *store.DB
	config Config
}

// New makes a Routes on a database.
func New(db *store.DB, c Config) *Routes {
	r := &Routes{db: db, config: c}
	r.Keeper = policy.Keep(db, plans, policy.Terms[Plan]{Check: r.faults, Publishing: r.strangers})
	return r
}

// In gives a view that works inside an open session.
func (r *Routes) In(s *store.Session) *Routes {
	c := r.config
	c.Leads, c.Activities = c.Leads.In(s), c.Activities.In(s)
	return New(s.Inside(), c)
}

// Document is a company's plan with its draft.
type Document = policy.Document[Plan]

var plans = policy.Kind[Plan]{Name: "routing", Noun: "the rules", Reads: actor.LeadRead}

func (r *Routes) prepare(ctx context.Context, s *store.Session, p *Plan) error {
	faults, err := r.faults(ctx, s, p)
	if err != nil {
		return err
	}
	return faults.Err("the rules cannot be used")
}

func (r *Routes) faults(ctx context.Context, s *store.Session, p *Plan) (fault.List, error) {
	env, err := r.config.Terms.Environment(ctx, s)
	if err != nil {
		return nil, err
	}
	return p.check(env, s.Actor, func() string { return store.NewKey[Tag](s).String() }), nil
}

// strangers refuses a plan that names users whom the host does not have, where it tells its users: a lead that one of them
// got would have nobody who sees it. Rules that are off may keep who left.
func (r *Routes) strangers(ctx context.Context, s *store.Session, _ Document, p *Plan) error {
	if r.config.Staff == nil {
		return nil
	}
	var faults fault.List
	known := map[string]bool{"": true}
	look := func(at, id string) error {
		if _, asked := known[id]; !asked {
			_, err := r.config.Staff(ctx, s, id)
			if err != nil && !errors.Is(err, fault.NotFound) {
				return err
			}
			known[id] = err == nil
		}
		if !known[id] {
			faults.Add(at+".user", "user", "there is no user %.64q at the host; name one by his key there", id)
		}
		return nil
	}
	each := func(at string, t Target) error {
		err := look(at, t.User)
		for i, m := range t.Members {
			err = errors.Join(err, look(fmt.Sprintf("%s.members[%d]", at, i), m.User))
		}
		return err
	}
	err := each("fallback", p.Fallback)
	for i, one := range p.Rules {
		if !one.Off {
			err = errors.Join(err, each(fmt.Sprintf("rules[%d].to", i), one.To))
		}
	}
	if err != nil {
		return err
	}
	return faults.Err("the rules cannot be used")
}

// Environment gives what conditions of rules can speak of, for forms.
func (r *Routes) Environment(ctx context.Context) (*rule.Environment, error) {
	return store.Read(ctx, r.db, actor.LeadRead, r.config.Terms.Environment)
}

// EventRouted tells of a decision that gave a lead to somebody; the record is the decision.
const EventRouted = "lead.routed"

// RoutedFact is the payload of EventRouted.
type RoutedFact struct {
	Lead  lead.ID  `json:"lead"`
	Party party.ID `json:"party"`
	User  string   `json:"user"`
	Team  string   `json:"team"`
	Rule  string   `json:"rule"`
}

// Route decides who gets a lead that has just been written, in the session of the one who writes it, and keeps the
// decision; it does not change the lead. It reports false where the company has no rules. The session must see all of
// its company.
func (r *Routes) Route(ctx context.Context, s *store.Session, l lead.Lead) (Decision, bool, error) {
	doc, err := plans.Read(ctx, s)
	if err != nil || !doc.Published || len(doc.Plan.Rules) == 0 && doc.Plan.Fallback.Method == "" {
		return Decision{}, false, err
	}
	j, err := r.judge(ctx, s, doc.Plan, doc.Version)
	if err != nil {
		return Decision{}, false, err
	}
	if fields, _ := j.all.Reads(); r.config.Score != nil && slices.Contains(fields, "lead.score") {
		if err := r.config.Score(ctx, s, l.ID); err != nil {
			return Decision{}, false, err
		}
	}
	values, err := j.all.Load(ctx, s, j.at, [][16]byte{l.ID})
	if err != nil {
		return Decision{}, false, err
	}
	v, seen := values[l.ID]
	if !seen {
		return Decision{}, false, fmt.Errorf("routing: lead %s is not seen by who routes it", l.ID)
	}
	d, err := j.decide(ctx, s, l.ID, v)
	if err != nil {
		return d, false, err
	}
	d.ID = store.NewKey[Tag](s)
	if err := s.InsertQuiet(ctx, &d); err != nil || d.User == "" {
		return d, true, err
	}
	return d, true, event.Emit(ctx, s, event.Fact{Kind: EventRouted, Record: d.ID[:], Version: 1, Payload: RoutedFact{
		Lead: l.ID, Party: l.PartyID, User: d.User, Team: d.Team, Rule: d.RuleName,
	}})
}

// Assign has the rules decide about a lead that is there already, and gives it to whom they say. It needs
// actor.LeadAssign. Where they say nobody the lead stays where it is.
func (r *Routes) Assign(ctx context.Context, id lead.ID) (Decision, error) {
	return store.Write(ctx, r.db, actor.LeadAssign, func(ctx context.Context, s *store.Session) (Decision, error) {
		var l lead.Lead
		if err := s.Lock(ctx, &l, id); err != nil {
			return Decision{}, err
		}
		if !l.Status.Open() || !l.MergedInto.IsZero() {
			return Decision{}, fault.New(fault.Invalid, "the lead is %s; nobody works on it any more", l.Status)
		}
		in := r.In(s)
		restore := widen(s)
		defer restore()
		d, ruled, err := in.Route(ctx, s, l)
		if err != nil {
			return d, err
		}
		if !ruled {
			return d, fault.New(fault.Invalid, "there are no rules yet that say who gets leads; an administrator can make some")
		}
		if d.Owner() == (party.Owner{}) {
			return d, nil
		}
		_, err = in.config.Leads.Assign(ctx, id, l.Version, d.Owner())
		return d, err
	})
}

// widen lets the session see every row of its company until restore is called.
func widen(s *store.Session) (restore func()) {
	was := s.Actor
	s.Actor.See, s.Actor.Group = actor.All, nil
	return func() { s.Actor = was }
}

// Filter picks decisions; zero fields do not narrow it.
type Filter struct {
	Lead lead.ID
	User string
	Page store.Page
}

// Listing is one page of decisions, the newest first.
type Listing struct {
	Rows []Decision `json:"rows"`
	// Next asks for the page behind this one; "" where there is none.
	Next string `json:"next,omitempty"`
}

// Decisions lists who got what and why. Whoever sees the lead sees why he got it; all of the company's need
// actor.LeadAssign.
func (r *Routes) Decisions(ctx context.Context, f Filter) (Listing, error) {
	return store.Read(ctx, r.db, actor.LeadRead, func(ctx context.Context, s *store.Session) (Listing, error) {
		var out Listing
		q := s.Select(&out.Rows).Where("route_decision.company = ?", s.Actor.Company)
		if f.Lead.IsZero() {
			if err := s.Actor.Require(actor.LeadAssign); err != nil {
				return out, err
			}
		} else {
			var l lead.Lead
			if err := s.Get(ctx, &l, f.Lead); err != nil {
				return out, err
			}
			q = q.Where("route_decision.lead_id = ?", f.Lead)
		}
		if f.User != "" {
			q = q.Where("route_decision.user_id = ?", f.User)
		}
		err := s.Paged(q, store.Order{Column: "route_decision.at", ID: "route_decision.id", Desc: true}, f.Page).Scan(ctx)
		if n := len(out.Rows); err == nil && n == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].At, out.Rows[n-1].ID)
		}
		return out, err
	})
}

// reasons of a mail that is not sent although somebody was told: he has no address, or there is no sender.
var errNoAddress = errors.New("no address")

// Register adds the handlers that tell who was given a lead, and that give back the turn of who lost one.
func (r *Routes) Register(reg *event.Registry) {
	reg.On(event.Handler{Name: "routing.tell", Kinds: []string{EventRouted}, Do: r.tell})
	reg.On(event.Handler{Name: "routing.return", Kinds: []string{lead.EventAssigned}, Do: r.giveBack, Wanted: func(ctx context.Context, s *store.Session, _ event.Event) (bool, error) {
		d, err := plans.Read(ctx, s)
		return d.Published, err
	}})
}

// tell plans the task and queues the mail, once each per decision.
func (r *Routes) tell(ctx context.Context, s *store.Session, e event.Event) error {
	var f RoutedFact
	if err := e.Decode(&f); err != nil {
		return err
	}
	in := r.In(s)
	card, err := in.config.Leads.Get(ctx, f.Lead)
	if errors.Is(err, fault.NotFound) || err == nil && card.Lead.OwnerUser != f.User {
		return nil // it went on to somebody else, who is told himself
	}
	if err != nil {
		return err
	}
	due := time.Time{}
	if r.config.Due != nil {
		if due, err = r.config.Due(ctx, s, card.Lead); err != nil {
			return err
		}
	}
	l := r.config.Locales(s.Actor.Company)
	name := card.Party.DisplayName
	if card.Lead.Organization != "" && card.Lead.Organization != name {
		name = strings.Trim(name+" ("+card.Lead.Organization+")", " ")
	}
	if card.Lead.FirstResponseAt.IsZero() {
		if due.Before(s.Now) {
			due = s.Now.Add(time.Hour)
		}
		subject := party.Clean(Texts.T(l.Language, "task.subject", name), activity.MaxSubject)
		_, err = in.config.Activities.Plan(ctx, activity.Plan{Party: card.Lead.PartyID, Kind: activity.Task, Subject: subject, Due: due, Owner: f.User, Team: f.Team})
		if err != nil {
			return err
		}
	}
	err = r.write(ctx, s, letter{user: f.User, name: name, rule: f.Rule, due: due, lead: card.Lead, key: "routed:" + e.ID.String(), locale: l})
	if errors.Is(err, errNoAddress) || errors.Is(err, fault.Invalid) { // an address that is none
		return nil
	}
	return err
}

// giveBack owes a turn to whom a lead was taken from before anybody answered it.
func (r *Routes) giveBack(ctx context.Context, s *store.Session, e event.Event) error {
	var f lead.AssignedFact
	if err := e.Decode(&f); err != nil || f.From == "" || f.From == f.To {
		return err
	}
	var rows []Decision
	err := s.Select(&rows).Where("route_decision.lead_id = ?", e.RecordID).Where("route_decision.user_id = ?", f.From).
		Where("route_decision.returned_at IS NULL").Where("route_decision.at < ?", e.At).OrderExpr("route_decision.at DESC").Scan(ctx)
	if err != nil || len(rows) == 0 || rows[0].Pool == "" {
		return err
	}
	var l lead.Lead
	if err := s.Get(ctx, &l, e.RecordID); err != nil || !l.FirstResponseAt.IsZero() {
		return ignoreMissing(err)
	}
	if _, err := s.Exec(ctx, store.From[Decision](""), "UPDATE crm_route_decision SET returned_at = ? WHERE {scope} AND id = ? AND returned_at IS NULL", e.At, rows[0].ID); err != nil {
		return err
	}
	_, err = s.Exec(ctx, store.From[seat](""), "UPDATE crm_route_member SET owed = owed + 1 WHERE {scope} AND pool = ? AND user_id = ?", rows[0].Pool, f.From)
	return err
}

func ignoreMissing(err error) error {
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
