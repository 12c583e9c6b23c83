package crm

import (
	"context"
	"errors"
	"time"

	"github.com/crmplus/crmplus/crm/calendar"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/reports/value"
)

// terms are what conditions about leads speak of: beside what the lead did, what campaigns sent to it, and what the
// host says of it.
func (c Config) terms() *leadrule.Terms {
	return leadrule.New(c.Locale, append([]rule.List{segment.Mails(), value.List()}, c.Newsletter.Lists...)...)
}

// assembleRhythm makes what gives leads to people, and watches over their time and worth.
func (m *Module) assembleRhythm(db *store.DB) {
	c, terms := m.config, m.config.terms()
	m.Calendars = calendar.New(db, c.Locale)
	if m.Scores == nil {
		m.Scores = scoring.New(db, terms)
	} else {
		m.Scores = m.Scores.On(db)
	}
	clocks := clock.Config{Calendars: m.Calendars, Terms: terms, Locales: c.Locale, Staff: m.staff(), Mails: m.Mails, Sender: m.staffSender}
	routes := routing.Config{Terms: terms, Leads: m.Leads, Activities: m.Activities, Locales: c.Locale, Staff: m.staff(), Mails: m.Mails, Sender: m.staffSender}
	if url := c.Figures.ScreensURL; url != nil {
		clocks.Link = func(company, noun string, id clock.RecordID) string { return url(company) + cards[noun] + id.String() }
		clocks.Told = func(company string) string { return url(company) + "/notices?show=unread" }
		routes.Link = func(company string, id lead.ID) string { return url(company) + "/leads/" + id.String() }
	}
	m.Clocks = clock.New(db, clocks)
	m.Processes = process.New(db, process.Config{Calendars: m.Calendars, Activities: m.Activities, Members: m.members()})
	m.Regulations = regulation.New(db, regulation.Config{Calendars: m.Calendars, Parties: m.Parties})
	routes.Due = func(ctx context.Context, s *store.Session, l lead.Lead) (time.Time, error) {
		return m.Clocks.Due(ctx, s, l)
	}
	routes.Score = func(ctx context.Context, s *store.Session, id lead.ID) error { return m.Scores.Count(ctx, s, id) }
	m.Routing = routing.New(db, routes)
}

// cards are where the screens show the records of nouns.
var cards = map[string]string{"lead": "/leads/", "opportunity": "/opportunities/", "quote": "/quotes/", "party": "/parties/"}

// route decides who gets a lead that nobody was named for.
func (m *Module) route(ctx context.Context, s *store.Session, l lead.Lead) (party.Owner, error) {
	d, _, err := m.Routing.In(s).Route(ctx, s, l)
	return d.Owner(), err
}

// scorePart counts some of the leads whose score time or a new model has changed.
func (m *Module) scorePart(ctx context.Context) (int, error) {
	return m.eachCompany(ctx, "crm_policy", m.Scores.Work)
}

// scoreAll counts until nothing is to be counted.
func (m *Module) scoreAll(ctx context.Context) (total int, err error) {
	for {
		n, err := m.scorePart(ctx)
		if total += n; err != nil || n == 0 || ctx.Err() != nil {
			return total, err
		}
	}
}

// scoreAtEase counts a part and rests for as long as it took: a new model concerns all leads, and clerks who work
// meanwhile should have more of the machine than it.
func (m *Module) scoreAtEase(ctx context.Context) (int, error) {
	start := time.Now()
	n, err := m.scorePart(ctx)
	if n == 0 || err != nil {
		return n, err
	}
	rest := time.NewTimer(time.Since(start))
	defer rest.Stop()
	select {
	case <-ctx.Done():
	case <-rest.C:
		m.Wake() // the next part, and rules that look at scores
	}
	return n, nil
}

func (m *Module) hostSession(s *store.Session) erpbridge.Session {
	return erpbridge.Session{
		Company: s.Actor.Company, Tx: s.Tx(), UserID: s.Actor.HostUser(), Now: s.Now,
		Today: civil.In(s.Now, m.config.Locale(s.Actor.Company).Location()),
	}
}

// staffSender is the mailbox that a company's mails to its own users come from: that of reports, else of quotes, else
// the company's own address.
func (m *Module) staffSender(ctx context.Context, s *store.Session) (mail.Address, error) {
	for _, sender := range []func(string) mail.Address{m.config.Figures.Sender, m.config.Quotes.Sender} {
		if sender == nil {
			continue
		}
		if from := sender(s.Actor.Company); from.Email != "" {
			return from, nil
		}
	}
	companies := m.config.Host.Companies
	if companies == nil || m.config.Host.Place == erpbridge.Elsewhere {
		return mail.Address{}, nil
	}
	own, err := companies.Company(ctx, m.hostSession(s))
	if errors.Is(err, fault.NotFound) {
		return mail.Address{}, nil
	}
	return mail.Address{Name: own.Name, Email: own.Email}, err
}
