package lead

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// Config is what Leads works with.
type Config struct {
	// Parties is required.
	Parties *party.Parties
	// Host gives its customers as candidates for duplicates and its users as owners; ports it does
	// not have are not asked.
	Host erpbridge.Host
	// Route decides who gets a new lead that nobody was named for, in the session that takes it in, which sees all of
	// its company; the zero Owner leaves it to nobody. nil decides nothing.
	Route func(ctx context.Context, s *store.Session, l Lead) (party.Owner, error)
}

// Leads keeps the leads of all companies.
type Leads struct {
	db      *store.DB
	parties *party.Parties
	host    erpbridge.Host
	route   func(ctx context.Context, s *store.Session, l Lead) (party.Owner, error)
}

// New makes a Leads on a database.
func New(db *store.DB, c Config) *Leads {
	return &Leads{db: db, parties: c.Parties, host: c.Host, route: c.Route}
}

// In gives a view that works inside an open session.
func (l *Leads) In(s *store.Session) *Leads {
	view := *l
	view.db, view.parties = s.Inside(), l.parties.In(s)
	return &view
}

var noTime time.Time

// anyVersion says that the caller did not read the record before.
const anyVersion = 0

// lock locks a lead for a change. A version other than anyVersion must be the current one; the error
// of an older one comes from the database's own check, which names who changed what, so the lead is
// returned with the version that was asked for. A merged lead cannot be changed.
func (l *Leads) lock(ctx context.Context, s *store.Session, id ID, version int64) (Lead, error) {
	var was Lead
	if err := s.Lock(ctx, &was, id); err != nil {
		return was, err
	}
	if !was.MergedInto.IsZero() {
		return was, fault.New(fault.Invalid, "the lead was merged into lead %s; change that one", was.MergedInto)
	}
	if version != anyVersion {
		was.Version = version
	}
	return was, nil
}

// opening says how a lead is opened for a change: the right that it takes, and the version that was read.
type opening struct {
	right   actor.Right
	version int64
}

// change opens a lead in a unit of work of its own and gives what the change makes of it.
func (l *Leads) change(ctx context.Context, id ID, how opening, do func(ctx context.Context, s *store.Session, was Lead) (Lead, error)) (Lead, error) {
	return store.Write(ctx, l.db, how.right, func(ctx context.Context, s *store.Session) (Lead, error) {
		was, err := l.lock(ctx, s, id, how.version)
		if err != nil {
			return Lead{}, err
		}
		return do(ctx, s, was)
	})
}

// widen lets the session see every row of its company, and of no other, until restore is called. The
// actor stays who he is: what is written names him. It is for looking for duplicates and for writing
// to what was found, where a lead that belongs to somebody else counts too; what leaves the package
// afterwards is read again with the actor's own eyes.
func widen(s *store.Session) (restore func()) {
	was := s.Actor
	s.Actor.See, s.Actor.Group = actor.All, nil
	return func() { s.Actor = was }
}

// hostSession is what calls to the host carry. A host elsewhere gets no transaction.
func (l *Leads) hostSession(s *store.Session) erpbridge.Session {
	zone := l.parties.LocaleOf(s).Location()
	h := erpbridge.Session{Company: s.Actor.Company, UserID: s.Actor.HostUser(), Now: s.Now, Today: civil.In(s.Now, zone)}
	if l.host.Place != erpbridge.Elsewhere {
		h.Tx = s.Tx()
	}
	return h
}
