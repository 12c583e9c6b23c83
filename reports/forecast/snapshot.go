package forecast

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
)

// day is the snapshot of one day. It is begun and finished once; what is done of it is committed with how far
// it came, so that whoever goes on after a crash repeats and leaves out nothing.
type day struct {
	bun.BaseModel `bun:"table:crm_forecast_day,alias:day"`

	Company string     `bun:"company,pk,type:nvarchar(40)"`
	Day     civil.Date `bun:"day,pk"`
	TakenAt time.Time  `bun:"taken_at"`
	// SeenTo is up to when changes are in it.
	SeenTo  time.Time      `bun:"seen_to,nullzero"`
	State   string         `bun:"state,type:nvarchar(10)"`
	After   opportunity.ID `bun:"after_id"`
	Changes int64          `bun:"changes"`
}

// Entry is what an opportunity looked like from one day to another.
type Entry struct {
	bun.BaseModel `bun:"table:crm_forecast_entry,alias:entry"`

	Company       string         `bun:"company,pk,type:nvarchar(40)"`
	OpportunityID opportunity.ID `bun:"opportunity_id,pk"`
	// FromDay is the first day of whose snapshot it is a part, ToDay the first one after.
	FromDay       civil.Date             `bun:"from_day,pk"`
	ToDay         civil.Date             `bun:"to_day"`
	PipelineID    opportunity.PipelineID `bun:"pipeline_id"`
	StageID       opportunity.StageID    `bun:"stage_id"`
	State         opportunity.State      `bun:"state,type:nvarchar(4)"`
	Chance        money.Percent          `bun:"chance"`
	Amount        money.Amount           `bun:"amount"`
	Weighted      money.Amount           `bun:"weighted"`
	Currency      string                 `bun:"currency,type:nvarchar(3)"`
	ExpectedClose civil.Date             `bun:"expected_close"`
	ClosedAt      time.Time              `bun:"closed_at,nullzero"`
	OwnerUser     string                 `bun:"owner_user,type:nvarchar(64)"`
	OwnerTeam     string                 `bun:"owner_team,type:nvarchar(64)"`
}

// Guard shows what was of an opportunity to its owner of then, his team, and those who sell in it.
func (Entry) Guard(a actor.Actor, alias string) store.Predicate {
	return store.Or(store.OwnedBy(a, alias),
		store.Granted(a, alias+".opportunity_id", store.Grant{Table: "crm_opportunity_seller", Alias: "own", Key: "opportunity_id"}))
}

// forever is the last day of entries that still hold.
var forever = civil.Date{Year: 9999, Month: time.December, Day: 31}

// portion is how many opportunities one transaction looks at, so that no clerk waits for it.
const portion = 400

// lag is how long a transaction may take to commit what it wrote earlier.
const lag = 10 * time.Minute

// Snapshot takes the snapshot of the company's day where it is not taken yet, or goes on with one that was
// interrupted, and reports how many opportunities had changed. It is background work: several processes may do
// it at once, and each opportunity is in each day's snapshot once.
func (f *Forecasts) Snapshot(ctx context.Context) (int, error) {
	total := 0
	if done, err := f.taken(ctx); err != nil || done {
		return 0, err
	}
	for {
		var done bool
		n := 0
		err := f.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
			n, done, err = f.portion(ctx, s)
			return err
		})
		total += n
		if err != nil || done || ctx.Err() != nil {
			return total, err
		}
	}
}

// taken looks, without a lock that clerks would wait for, whether the day's snapshot is there.
func (f *Forecasts) taken(ctx context.Context) (bool, error) {
	var there []day
	err := f.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		today := civil.In(s.Now, f.config.Locales(s.Actor.Company).Location())
		there = nil
		return s.Query(ctx, &there, store.From[day]("d"), "SELECT d.day FROM crm_forecast_day AS d WHERE {scope} AND d.company = ? AND d.day = ? AND d.state = 'done'", s.Actor.Company, today)
	})
	return len(there) > 0, err
}

// portion does one transaction's part of a day.
func (f *Forecasts) portion(ctx context.Context, s *store.Session) (changed int, done bool, err error) {
	if s.Actor.Kind != actor.KindSystem {
		return 0, true, s.Actor.Require(actor.Settings)
	}
	today := civil.In(s.Now, f.config.Locales(s.Actor.Company).Location())
	from := store.From[day]("")
	locked, err := s.Exec(ctx, from, "UPDATE crm_forecast_day SET changes = changes WHERE {scope} AND day = ?", today)
	if err != nil {
		return 0, true, err
	}
	var days []day
	err = s.Query(ctx, &days, store.From[day]("d"), "SELECT d.day, d.taken_at, d.seen_to, d.state, d.after_id, d.changes FROM crm_forecast_day AS d WHERE {scope} AND d.company = ? AND d.day <= ? ORDER BY d.day DESC"+s.Limit(2), s.Actor.Company, today)
	if err != nil {
		return 0, true, err
	}
	d := day{Day: today, TakenAt: s.Now, SeenTo: s.Now.Add(-lag), State: "running"}
	if locked > 0 {
		d, days = days[0], days[1:]
		if d.State == "done" {
			return 0, true, nil
		}
	} else if err := s.InsertQuiet(ctx, &d); err != nil {
		return 0, true, err
	}
	var since time.Time
	if len(days) > 0 && days[0].State == "done" {
		since = days[0].SeenTo
	}
	rows, err := changedAfter(ctx, s, since, d.After)
	if err != nil {
		return 0, true, err
	}
	if changed, err = keep(ctx, s, d.Day, rows); err != nil {
		return 0, true, err
	}
	state := "running"
	if len(rows) < portion {
		state, done = "done", true
	} else {
		d.After = rows[len(rows)-1].ID
	}
	_, err = s.Exec(ctx, from, "UPDATE crm_forecast_day SET changes = changes + ?, after_id = ?, state = ? WHERE {scope} AND day = ?", changed, d.After, state, d.Day)
	return changed, done, err
}

// changedAfter reads the next portion of the opportunities that were written since the last finished snapshot,
// by their ids.
func changedAfter(ctx context.Context, s *store.Session, since time.Time, after opportunity.ID) ([]opportunity.Opportunity, error) {
	query := "SELECT o.id, o.pipeline_id, o.stage_id, o.state, o.chance, o.expected_revenue, o.weighted, o.currency, o.expected_close, o.closed_at, o.owner_user, o.owner_team FROM crm_opportunity AS o WHERE {scope} AND o.company = ?"
	args := []any{s.Actor.Company}
	if !since.IsZero() {
		query += " AND o.updated_at >= ?"
		args = append(args, since)
	}
	if !after.IsZero() {
		query += " AND o.id > ?"
		args = append(args, after)
	}
	var rows []opportunity.Opportunity
	err := s.Query(ctx, &rows, store.From[opportunity.Opportunity]("o"), query+" ORDER BY o.id"+s.Limit(portion), args...)
	return rows, err
}

// keep writes the entries of opportunities that look otherwise than in the snapshot before.
func keep(ctx context.Context, s *store.Session, today civil.Date, rows []opportunity.Opportunity) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	args := []any{s.Actor.Company, forever}
	for _, o := range rows {
		args = append(args, o.ID)
	}
	var known []Entry
	err := s.Query(ctx, &known, store.From[Entry]("e"), "SELECT e.* FROM crm_forecast_entry AS e WHERE {scope} AND e.company = ? AND e.to_day = ? AND e.opportunity_id IN ("+store.In(len(rows))+")", args...)
	if err != nil {
		return 0, err
	}
	was := map[opportunity.ID]Entry{}
	for _, e := range known {
		was[e.OpportunityID] = e
	}
	var fresh []Entry
	for _, o := range rows {
		e := Entry{
			OpportunityID: o.ID, FromDay: today, ToDay: forever, PipelineID: o.PipelineID, StageID: o.StageID, State: o.State, Chance: o.Chance, Amount: o.ExpectedRevenue,
			Weighted: o.Weighted, Currency: o.Currency, ExpectedClose: o.ExpectedClose, ClosedAt: o.ClosedAt, OwnerUser: o.OwnerUser, OwnerTeam: o.OwnerTeam,
		}
		old, there := was[o.ID]
		if there && old.same(e) {
			continue
		}
		if there {
			query, with := "UPDATE crm_forecast_entry SET to_day = ? WHERE {scope} AND opportunity_id = ? AND from_day = ?", []any{today, o.ID, old.FromDay}
			if old.FromDay == today {
				query, with = "DELETE FROM crm_forecast_entry WHERE {scope} AND opportunity_id = ? AND from_day = ?", []any{o.ID, today}
			}
			if _, err := s.Exec(ctx, store.From[Entry](""), query, with...); err != nil {
				return 0, err
			}
		}
		fresh = append(fresh, e)
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	return len(fresh), s.InsertQuiet(ctx, &fresh)
}

// same reports whether nothing changed that a forecast asks for.
func (e Entry) same(o Entry) bool {
	return e.PipelineID == o.PipelineID && e.StageID == o.StageID && e.State == o.State && e.Chance.Equal(o.Chance) && e.Amount.Equal(o.Amount) && e.Weighted.Equal(o.Weighted) &&
		e.Currency == o.Currency && e.ExpectedClose == o.ExpectedClose && e.ClosedAt.Equal(o.ClosedAt) && e.OwnerUser == o.OwnerUser && e.OwnerTeam == o.OwnerTeam
}
