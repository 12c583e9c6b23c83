package crm

import (
	"context"
	"errors"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/reports/cost"
	"github.com/crmplus/crmplus/reports/exchange"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quantity"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/reports/receipt"
	"github.com/crmplus/crmplus/reports/schedule"
)

// FigureConfig says where exchange rates come from and how reports reach their readers; the zero FigureConfig
// works, without rates but those noted by hand, and without reports by mail.
type FigureConfig struct {
	// Rates are the exchange rates of the host's own documents.
	Rates exchange.Source
	// Commit and Best are from which chance on an opportunity is as good as sure and belongs to the best case; 80
	// and 30 percent where they are 0.
	Commit, Best money.Percent
	// InvoiceDays is how long after closing an invoice goes out, PaymentDays how long those have to pay whom the host does
	// not know as customers; 14 and 30 days where they are 0.
	InvoiceDays, PaymentDays int
	// ScreensURL is where the screens are mounted as people reach them from a mail: "https://erp.example.com/crm".
	ScreensURL func(company string) string
	// Sender is the mailbox that a company's reports come from.
	Sender func(company string) mail.Address
}

func (m *Module) assembleFigures(db *store.DB) {
	c := m.config
	m.KPIs = kpi.New(db, c.Locale)
	m.Forecasts = forecast.New(db, forecast.Config{Locales: c.Locale, Commit: c.Figures.Commit, Best: c.Figures.Best})
	m.Quotas = quota.New(db, c.Locale)
	m.Commissions = commission.New(db, commission.Config{Locales: c.Locale, Terms: c.terms(), Quotas: m.Quotas, Team: m.teamOf()})
	m.Quantities = quantity.New(db, quantity.Config{Host: c.Host, Locales: c.Locale, Commit: c.Figures.Commit, Best: c.Figures.Best})
	m.Receipts = receipt.New(db, receipt.Config{
		Host: c.Host, Locales: c.Locale, Parties: m.Parties, Commit: c.Figures.Commit, Best: c.Figures.Best, InvoiceDays: c.Figures.InvoiceDays, PaymentDays: c.Figures.PaymentDays,
	})
	m.Costs = cost.New(db, c.Host, c.Locale)
	m.Rates = exchange.New(db, c.Locale)
	plans := schedule.Config{Locales: c.Locale, Mails: m.Mails, Sender: c.Figures.Sender}
	if url := c.Figures.ScreensURL; url != nil {
		plans.Link = func(company string, id schedule.ID) string { return url(company) + "/reports/open/" + id.String() }
	}
	m.Schedules = schedule.New(db, plans)
}

// teamOf gives a seller's first team as the host says it; nil where it is not asked.
func (m *Module) teamOf() func(ctx context.Context, s *store.Session, seller string) (string, error) {
	staff := m.staff()
	if staff == nil {
		return nil
	}
	return func(ctx context.Context, s *store.Session, seller string) (string, error) {
		u, err := staff(ctx, s, seller)
		if errors.Is(err, fault.NotFound) || err == nil && len(u.Teams) == 0 {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return u.Teams[0], nil
	}
}

// ratesEvery is the pause between two questions for rates, which hosts get once or twice a day.
const ratesEvery = 4 * time.Hour

// askAgain is the pause before a source of rates that failed is asked again.
const askAgain = 5 * time.Minute

// fetchRates reads the rates that are missing up to today.
func (m *Module) fetchRates(ctx context.Context) (int, error) {
	if m.config.Figures.Rates == nil {
		return 0, nil
	}
	a, err := actor.From(ctx)
	if err != nil {
		return 0, err
	}
	now := m.db.Now()
	if now.Sub(m.rated.of(a.Company)) < ratesEvery {
		return 0, nil
	}
	n, err := m.Rates.Fetch(ctx, m.config.Figures.Rates)
	if err != nil { // a source that does not answer is left alone for a while
		now = now.Add(askAgain - ratesEvery)
	}
	m.rated.at(a.Company, now)
	return n, err
}

// costsEvery is the pause between two looks for lines of won opportunities whose cost nobody has asked.
const costsEvery = 5 * time.Minute

// noteCosts asks the host what the products that were sold lately cost; that is no work that anybody waits for. A host
// that is elsewhere answers over a network: its costs are noted beside the calls to it.
func (m *Module) noteCosts(ctx context.Context) (int, error) {
	if m.config.Host.Place == erpbridge.Elsewhere {
		return 0, nil
	}
	return m.askCosts(ctx)
}

func (m *Module) askCosts(ctx context.Context) (int, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return 0, err
	}
	now := m.db.Now()
	if now.Sub(m.costed.of(a.Company)) < costsEvery {
		return 0, nil
	}
	_, err = m.Costs.Work(ctx)
	m.costed.at(a.Company, now) // also where the host does not answer
	return 0, err
}

// snapshot keeps what forecasts look like, once a day; that is no work that anybody waits for.
func (m *Module) snapshot(ctx context.Context) (int, error) {
	_, err := m.Forecasts.Snapshot(ctx)
	return 0, err
}
