package crm

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
)

// directory are the users of a host that is elsewhere, by company, as it told them last. What works inside a transaction
// looks here, because nobody waits there for a network: who is whose manager, where mails go, who is in a team and who is
// away.
type directory struct {
	mu sync.Mutex
	by map[string][]erpbridge.User
}

func (d *directory) of(company string) []erpbridge.User {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.by[company]
}

func (d *directory) keep(company string, users []erpbridge.User) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.by == nil {
		d.by = map[string][]erpbridge.User{}
	}
	d.by[company] = users
}

// user is one of them. While the host has told none yet, any id is taken for a user of whom nothing else is known.
func (d *directory) user(company, id string) (erpbridge.User, error) {
	all := d.of(company)
	if len(all) == 0 {
		return erpbridge.User{ID: id}, nil
	}
	if i := slices.IndexFunc(all, func(u erpbridge.User) bool { return u.ID == id }); i >= 0 {
		return all[i], nil
	}
	return erpbridge.User{}, fault.New(fault.NotFound, "the host has told of no user %q", id)
}

// staffEvery is the pause between two questions for the users of a host that is elsewhere.
const staffEvery = 5 * time.Minute

// askStaff asks a host that is elsewhere for its users, now and then.
func (m *Module) askStaff(ctx context.Context) (int, error) {
	a, err := actor.From(ctx)
	if err != nil || m.config.Host.Users == nil {
		return 0, err
	}
	now := m.db.Now()
	if now.Sub(m.asked.of(a.Company)) < staffEvery {
		return 0, nil
	}
	m.asked.at(a.Company, now) // also where it does not answer
	_, err = m.Colleagues(ctx)
	return 0, err
}

// staff asks the host about one of its users inside a transaction; nil where the host does not tell.
func (m *Module) staff() func(ctx context.Context, s *store.Session, id string) (erpbridge.User, error) {
	users := m.config.Host.Users
	switch {
	case users == nil:
		return nil
	case m.config.Host.Place == erpbridge.Elsewhere:
		return func(_ context.Context, s *store.Session, id string) (erpbridge.User, error) {
			return m.staffs.user(s.Actor.Company, id)
		}
	}
	return func(ctx context.Context, s *store.Session, id string) (erpbridge.User, error) {
		return users.User(ctx, m.hostSession(s), id)
	}
}

// members are the users of a team who are there, asked of the host inside a transaction; nil where [Module.staff] is.
func (m *Module) members() func(ctx context.Context, s *store.Session, team string) ([]string, error) {
	users := m.config.Host.Users
	if users == nil {
		return nil
	}
	return func(ctx context.Context, s *store.Session, team string) ([]string, error) {
		var all []erpbridge.User
		var err error
		if m.config.Host.Place == erpbridge.Elsewhere {
			all = m.staffs.of(s.Actor.Company)
		} else {
			all, err = users.ListUsers(ctx, m.hostSession(s))
		}
		var out []string
		for _, u := range all {
			if !u.Absent && slices.Contains(u.Teams, team) {
				out = append(out, u.ID)
			}
		}
		return out, err
	}
}
