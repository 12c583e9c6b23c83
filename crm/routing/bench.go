package routing

import (
	"context"
	"errors"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// bench is who could get a lead now: who is away, whose turn it is, who has how much.
type bench struct {
	staff Staff
	// pretend takes turns in memory only.
	pretend bool
	// deputies are those of who is away today, "" for none.
	deputies map[string]string
	users    map[string]erpbridge.User
	// since is when the month began, in the company's zone.
	since time.Time
	pools map[string]*standing
}

// standing is a pool as it is known.
type standing struct {
	turn  int64
	seats map[string]*seat
	// given counts the leads of the month, load the open ones.
	given, load map[string]int
}

func (r *Routes) bench(ctx context.Context, s *store.Session) (*bench, error) {
	zone := r.config.Terms.At(s).Zone
	today := civil.In(s.Now, zone)
	b := &bench{
		staff: r.config.Staff, deputies: map[string]string{}, users: map[string]erpbridge.User{}, pools: map[string]*standing{},
		since: civil.Date{Year: today.Year, Month: today.Month, Day: 1}.Time(zone),
	}
	var away []Absence
	err := s.Select(&away).Where("absence.company = ?", s.Actor.Company).Where("absence.until_day >= ?", today).Where("absence.from_day <= ?", today).Scan(ctx)
	for _, a := range away {
		if b.deputies[a.User] == "" {
			b.deputies[a.User] = a.Deputy
		}
	}
	return b, err
}

// user asks the host about somebody, once.
func (b *bench) user(ctx context.Context, s *store.Session, id string) (erpbridge.User, error) {
	if u, known := b.users[id]; known || b.staff == nil {
		return u, nil
	}
	u, err := b.staff(ctx, s, id)
	if errors.Is(err, fault.NotFound) {
		u, err = erpbridge.User{}, nil
	}
	if err == nil {
		b.users[id] = u
	}
	return u, err
}

func (b *bench) away(ctx context.Context, s *store.Session, id string) (bool, error) {
	if _, away := b.deputies[id]; away {
		return true, nil
	}
	u, err := b.user(ctx, s, id)
	return u.Absent, err
}

func (b *bench) teamOf(ctx context.Context, s *store.Session, id, given string) (string, error) {
	u, err := b.user(ctx, s, id)
	if given != "" || err != nil || len(u.Teams) == 0 {
		return given, err
	}
	return u.Teams[0], nil
}

// maxDeputies is how long a chain of deputies is followed.
const maxDeputies = 5

// present is the user, or while he is away his deputy; "" where all of them are away.
func (b *bench) present(ctx context.Context, s *store.Session, id string, note func(Step)) (string, error) {
	for range maxDeputies {
		if id == "" {
			return "", nil
		}
		away, err := b.away(ctx, s, id)
		if err != nil || !away {
			return id, err
		}
		note(Step{Outcome: Away, User: id})
		id = b.deputies[id]
	}
	return "", nil
}

// share gives a turn of a pool to the member it belongs to; the zero user where all are away or full.
func (b *bench) share(ctx context.Context, s *store.Session, o offer, note func(Step)) (Step, error) {
	st, err := b.standing(ctx, s, o)
	if err != nil {
		return Step{}, err
	}
	var best *seat
	for _, m := range o.to.Members {
		away, err := b.away(ctx, s, m.User)
		if err != nil {
			return Step{}, err
		}
		switch {
		case away:
			note(Step{Outcome: Away, User: m.User})
			continue
		case m.Cap > 0 && st.given[m.User] >= m.Cap:
			note(Step{Outcome: Full, User: m.User})
			continue
		}
		own := st.seats[m.User]
		if own == nil {
			own = &seat{Pool: o.key, User: m.User}
			st.seats[m.User] = own
		}
		if best == nil || st.before(own, best, o.to.Method) {
			best = own
		}
	}
	if best == nil {
		return Step{}, nil
	}
	step := Step{Outcome: Chosen, User: best.User}
	if o.to.Method == ByLoad {
		step.Load = st.load[best.User]
	} else {
		step.Turn = st.turn
	}
	return step, b.seat(ctx, s, st, best)
}

// before reports whether a comes before b; of equals the first in the list does.
func (st *standing) before(a, b *seat, m Method) bool {
	if m == ByLoad && st.load[a.User] != st.load[b.User] {
		return st.load[a.User] < st.load[b.User]
	}
	if (a.Owed > 0) != (b.Owed > 0) {
		return a.Owed > 0
	}
	return a.Last < b.Last
}

// standing reads a pool; for a decision that counts it holds its row first, so that the next one waits.
func (b *bench) standing(ctx context.Context, s *store.Session, o offer) (*standing, error) {
	if st := b.pools[o.key]; st != nil && b.pretend {
		st.turn++
		return st, nil
	}
	if !b.pretend {
		if err := hold(ctx, s, o.key); err != nil {
			return nil, err
		}
	}
	st := &standing{seats: map[string]*seat{}, given: map[string]int{}, load: map[string]int{}}
	b.pools[o.key] = st
	err := s.Query(ctx, &st.turn, store.From[pool]("p"), "SELECT COALESCE(MAX(p.turn), 0) FROM crm_route_pool AS p WHERE {scope} AND p.pool = ?", o.key)
	if err != nil {
		return nil, err
	}
	if b.pretend { // as if all of them came in now, to people who have none
		st.turn++
		return st, nil
	}
	var seats []seat
	if err := s.Select(&seats).Where("route_member.company = ?", s.Actor.Company).Where("route_member.pool = ?", o.key).Scan(ctx); err != nil {
		return nil, err
	}
	for i := range seats {
		st.seats[seats[i].User] = &seats[i]
	}
	return st, b.count(ctx, s, o, st)
}

// hold takes the pool's row until the end of the transaction, and the next turn with it.
func hold(ctx context.Context, s *store.Session, key string) error {
	n, err := s.Exec(ctx, store.From[pool](""), "UPDATE crm_route_pool SET turn = turn + 1 WHERE {scope} AND pool = ?", key)
	if err != nil || n > 0 {
		return err
	}
	err = s.InsertQuiet(ctx, &pool{Pool: key, Turn: 1})
	if err != nil && s.Duplicate(err) {
		return fault.Wrap(err, fault.Retryable, "the first turn of the rule is just being taken")
	}
	return err
}

type counted struct {
	User string `bun:"user_id"`
	N    int    `bun:"n"`
}

// loadDays is how far back open leads count as load.
const loadDays = 90

func (b *bench) count(ctx context.Context, s *store.Session, o offer, st *standing) error {
	args := []any{s.Actor.Company}
	capped := false
	for _, m := range o.to.Members {
		args = append(args, m.User)
		capped = capped || m.Cap > 0
	}
	in := store.In(len(o.to.Members))
	var rows []counted
	if capped {
		err := s.Query(ctx, &rows, store.From[Decision]("d"), "SELECT d.user_id, COUNT(*) AS n FROM crm_route_decision AS d WHERE {scope} AND d.company = ? AND d.user_id IN ("+in+") AND d.at >= ? AND d.pool = ? AND d.returned_at IS NULL GROUP BY d.user_id", append(args, b.since, o.key)...)
		if err != nil {
			return err
		}
		for _, r := range rows {
			st.given[r.User] = r.N
		}
	}
	if o.to.Method != ByLoad {
		return nil
	}
	rows = nil
	args = append(args, s.Now.AddDate(0, 0, -loadDays), lead.StatusDisqualified, lead.StatusConverted)
	err := s.Query(ctx, &rows, store.From[lead.Lead]("l"), "SELECT l.owner_user AS user_id, COUNT(*) AS n FROM crm_lead AS l WHERE {scope} AND l.company = ? AND l.owner_user IN ("+in+") AND l.arrived_at >= ? AND l.status NOT IN (?, ?) AND l.merged_into IS NULL GROUP BY l.owner_user", args...)
	for _, r := range rows {
		st.load[r.User] = r.N
	}
	return err
}

// seat notes that a member got the turn: one that is owed to him does not move him back in the row.
func (b *bench) seat(ctx context.Context, s *store.Session, st *standing, m *seat) error {
	fresh := m.Last == 0 && m.Owed == 0 && m.Company == ""
	if m.Owed > 0 {
		m.Owed--
	} else {
		m.Last = st.turn
	}
	st.given[m.User]++
	st.load[m.User]++
	if b.pretend {
		return nil
	}
	if fresh {
		return s.InsertQuiet(ctx, m)
	}
	_, err := s.Exec(ctx, store.From[seat](""), "UPDATE crm_route_member SET last_turn = ?, owed = ? WHERE {scope} AND pool = ? AND user_id = ?", m.Last, m.Owed, m.Pool, m.User)
	return err
}
