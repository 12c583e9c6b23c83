// Package exchange turns sums of several currencies into the company's own at the rates of their days.
//
// Rates come from the host's port ([Source]) or are noted by hand ([Rates.Note]); each is valid from the
// beginning of its day in the company's zone until the next one. A figure is added up in the database by
// currency and by rate ([Since] names the rate in SQL), read as a few rows, and multiplied and added here as
// exact decimals; it is rounded once, at its end, so that parts always add up to their whole. Money of a
// currency without a rate is not guessed at: it is left out, and the currency is named beside the figure.
package exchange

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// Quote is the rate of one day: one unit of Currency in the company's own.
type Quote struct {
	Currency string     `json:"currency"`
	Day      civil.Date `json:"day"`
	Rate     money.Rate `json:"rate"`
}

// Source is where a host gives the rates that its own documents use.
type Source interface {
	// Rates gives the rates of a currency against the company's own on the days from first to last, those
	// days only that have one.
	Rates(ctx context.Context, company, currency string, first, last civil.Date) ([]Quote, error)
}

// rate is a row.
type rate struct {
	bun.BaseModel `bun:"table:crm_rate,alias:rate"`

	Company  string     `bun:"company,pk,type:nvarchar(40)"`
	Currency string     `bun:"currency,pk,type:nvarchar(3)"`
	Since    time.Time  `bun:"since,pk"`
	Day      civil.Date `bun:"day"`
	Rate     money.Rate `bun:"rate"`
	NotedAt  time.Time  `bun:"noted_at"`
	NotedBy  string     `bun:"noted_by,type:nvarchar(64)"`
}

// Rates keeps the rates of companies.
type Rates struct {
	db      *store.DB
	locales func(company string) locale.Locale
}

// New makes Rates on a database.
func New(db *store.DB, locales func(company string) locale.Locale) *Rates {
	return &Rates{db: db, locales: locales}
}

// Note writes rates; a day that has one already gets the new one. It needs actor.Settings. Figures of the past
// follow: a rate that was wrong is wrong in none of them any longer.
func (r *Rates) Note(ctx context.Context, quotes ...Quote) error {
	return r.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.Settings); err != nil {
			return err
		}
		home := r.locales(s.Actor.Company)
		if err := check(quotes, home.Currency).Err("the rates cannot be noted"); err != nil {
			return err
		}
		for _, q := range quotes {
			since := q.Day.Time(home.Location())
			if _, err := s.Exec(ctx, store.From[rate](""), "DELETE FROM crm_rate WHERE {scope} AND currency = ? AND since = ?", q.Currency, since); err != nil {
				return err
			}
			row := rate{Currency: q.Currency, Since: since, Day: q.Day, Rate: q.Rate, NotedAt: s.Now, NotedBy: s.Actor.UserID}
			if err := s.InsertQuiet(ctx, &row); err != nil {
				return err
			}
		}
		return nil
	})
}

// Remove takes away the rate that was noted for a day; where there is none, nothing happens. The one before it holds then.
// It needs actor.Settings.
func (r *Rates) Remove(ctx context.Context, currency string, day civil.Date) error {
	return r.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Actor.Require(actor.Settings); err != nil {
			return err
		}
		_, err := s.Exec(ctx, store.From[rate](""), "DELETE FROM crm_rate WHERE {scope} AND currency = ? AND since = ?", currency, day.Time(r.locales(s.Actor.Company).Location()))
		return err
	})
}

func check(quotes []Quote, own string) fault.List {
	var faults fault.List
	for i, q := range quotes {
		at := fmt.Sprintf("rates[%d].", i)
		switch {
		case !money.ValidCurrency(q.Currency):
			faults.Add(at+"currency", "currency", "%.20q is no currency; give a code of ISO 4217 as EUR", q.Currency)
		case q.Currency == own:
			faults.Add(at+"currency", "own", "%s is the company's own currency and has no rate", own)
		}
		if q.Day.IsZero() {
			faults.Add(at+"day", "required", "is missing; say from which day the rate holds")
		}
		if !q.Rate.IsPositive() {
			faults.Add(at+"rate", "range", "is %s; give what one %s is worth in %s", q.Rate, q.Currency, own)
		}
	}
	return faults
}

// MaxNoted is how many days [Rates.Noted] gives at once.
const MaxNoted = 366

// Noted lists the rates of the days from first to last, at most [MaxNoted], by currency and day; of one currency, or of all
// where it is "". It needs actor.ReportRead or actor.Settings.
func (r *Rates) Noted(ctx context.Context, currency string, first, last civil.Date) ([]Quote, error) {
	needs := actor.ReportRead
	if a, err := actor.From(ctx); err == nil && a.May(actor.Settings) {
		needs = actor.Settings
	}
	return store.Read(ctx, r.db, needs, func(ctx context.Context, s *store.Session) ([]Quote, error) {
		var faults fault.List
		if n := first.DaysUntil(last); first.IsZero() || n < 0 || n >= MaxNoted {
			faults.Add("first", "range", "%s to %s is no span of at most %d days; give the earlier day first", first, last, MaxNoted)
		}
		if err := faults.Err("the rates cannot be listed"); err != nil {
			return nil, err
		}
		own, args := "", []any{s.Actor.Company, first, last}
		if currency != "" {
			own, args = " AND r.currency = ?", append(args, currency)
		}
		var rows []rate
		err := s.Query(ctx, &rows, store.From[rate]("r"), "SELECT r.currency, r.day, r.rate FROM crm_rate AS r WHERE {scope} AND r.company = ? AND r.day >= ? AND r.day <= ?"+own+" ORDER BY r.currency, r.since", args...)
		out := make([]Quote, len(rows))
		for i, row := range rows {
			out[i] = Quote{Currency: row.Currency, Day: row.Day, Rate: row.Rate}
		}
		return out, err
	})
}

// Fetch reads from a source what is missing between the last rate of each foreign currency that the company's
// opportunities use and today, at most a year. It is background work and needs the system's rights.
func (r *Rates) Fetch(ctx context.Context, from Source) (int, error) {
	var home locale.Locale
	var today civil.Date
	var company string
	type last struct {
		Currency string    `bun:"currency"`
		Since    time.Time `bun:"since"`
	}
	var used []last
	err := r.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		used, company, home = nil, s.Actor.Company, r.locales(s.Actor.Company)
		today = civil.In(s.Now, home.Location())
		return s.Query(ctx, &used, store.From[currencies]("o"), `SELECT x.currency, (SELECT MAX(r.since) FROM crm_rate AS r WHERE r.company = x.company AND r.currency = x.currency) AS since
FROM (SELECT DISTINCT o.company, o.currency FROM crm_opportunity AS o WHERE {scope} AND o.currency <> ?) AS x ORDER BY x.currency`, home.Currency)
	})
	if err != nil {
		return 0, err
	}
	noted := 0
	for _, u := range used {
		first := today.AddDays(-365)
		if !u.Since.IsZero() {
			first = civil.In(u.Since, home.Location()).AddDays(1)
		}
		if first.After(today) {
			continue
		}
		quotes, err := from.Rates(ctx, company, u.Currency, first, today)
		if err != nil {
			return noted, fmt.Errorf("rates of %s: %w", u.Currency, err)
		}
		for part := range slices.Chunk(quotes, 100) {
			if err := r.Note(ctx, part...); err != nil {
				return noted, err
			}
			noted += len(part)
		}
	}
	return noted, nil
}

// currencies is the scope of all opportunities of a company, whoever's they are.
type currencies struct {
	bun.BaseModel `bun:"table:crm_opportunity,alias:opportunity"`

	Company string `bun:"company"`
}

// Since is the SQL of the moment since which the rate holds that an amount is turned by: NULL in the company's
// own currency, which stands as the one parameter of the text, and where no rate is known. alias is the table
// with the columns company and currency, at the column or parameter of the instant.
func Since(alias, at string) string {
	return "CASE WHEN " + alias + ".currency = ? THEN NULL ELSE (SELECT MAX(r.since) FROM crm_rate AS r WHERE r.company = " + alias + ".company AND r.currency = " +
		alias + ".currency AND r.since <= " + at + ") END"
}

// Book is the rates of a company as they were read for one figure.
type Book struct {
	// Own is the company's currency.
	Own   string
	rates map[string][]rate
}

// In reads the rates of the company that a session works for.
func (r *Rates) In(ctx context.Context, s *store.Session) (*Book, error) {
	return Open(ctx, s, r.locales(s.Actor.Company).Currency)
}

// Open reads the rates against a company's own currency.
func Open(ctx context.Context, s *store.Session, own string) (*Book, error) {
	var rows []rate
	err := s.Query(ctx, &rows, store.From[rate]("r"), "SELECT r.currency, r.since, r.day, r.rate FROM crm_rate AS r WHERE {scope} AND r.company = ? ORDER BY r.currency, r.since", s.Actor.Company)
	if err != nil {
		return nil, err
	}
	b := &Book{Own: own, rates: map[string][]rate{}}
	for _, row := range rows {
		b.rates[row.Currency] = append(b.rates[row.Currency], row)
	}
	return b, nil
}

// Rate gives the rate that holds at an instant; false where none is known yet.
func (b *Book) Rate(currency string, at time.Time) (decimal.Decimal, bool) {
	if currency == b.Own {
		return decimal.NewFromInt(1), true
	}
	all := b.rates[currency]
	n, found := slices.BinarySearchFunc(all, at, func(r rate, at time.Time) int { return r.Since.Compare(at) })
	if !found {
		n--
	}
	if n < 0 {
		return decimal.Zero, false
	}
	return all[n].Rate.Decimal, true
}

// Value turns a sum that was added up by currency and [Since] into the company's currency, not rounded.
func (b *Book) Value(sum money.Amount, currency string, since time.Time) (decimal.Decimal, bool) {
	if currency != b.Own && since.IsZero() {
		return decimal.Zero, false
	}
	rate, ok := b.Rate(currency, since)
	return sum.Mul(rate), ok
}

// Round is the end of a figure: it has the decimals of the company's currency.
func (b *Book) Round(sum decimal.Decimal) money.Amount {
	return money.Round(money.NewAmount(sum), b.Own)
}
