package web

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/crmplus/crmplus/erpbridge"
)

// people keeps the names of the companies' users for a short while, so that a page does not ask the host
// again and again.
type people struct {
	mu sync.Mutex
	of map[string]known
}

type known struct {
	users []erpbridge.User
	names map[string]string
	until time.Time
}

const peopleKept = time.Minute

func newPeople() *people { return &people{of: map[string]known{}} }

// colleagues are the users of the visitor's company, in the order of their names.
func (v *visit) colleagues() ([]erpbridge.User, error) {
	k, err := v.known()
	return k.users, err
}

// names are the names of the company's users by their ids; an id without a name stands for itself.
func (v *visit) names() (map[string]string, error) {
	k, err := v.known()
	return k.names, err
}

func (v *visit) known() (known, error) {
	p, now := v.s.people, time.Now()
	p.mu.Lock()
	k, ok := p.of[v.Actor.Company]
	p.mu.Unlock()
	if ok && now.Before(k.until) {
		return k, nil
	}
	users, err := v.module().Colleagues(v.ctx())
	if err != nil {
		return known{}, err
	}
	slices.SortFunc(users, func(a, b erpbridge.User) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	k = known{users: users, names: make(map[string]string, len(users)), until: now.Add(peopleKept)}
	for _, u := range users {
		k.names[u.ID] = u.Name
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of[v.Actor.Company] = k
	return k, nil
}

// owners are the choices of an owner's select.
func (v *visit) owners(chosen string) ([]option, error) {
	users, err := v.colleagues()
	if err != nil {
		return nil, err
	}
	var out []option
	for _, u := range users {
		out = append(out, option{Value: u.ID, Label: u.Name, On: u.ID == chosen})
	}
	if len(out) == 0 {
		out = append(out, option{Value: v.Actor.UserID, Label: v.Actor.Name, On: v.Actor.UserID == chosen})
	}
	return out, nil
}

// option is one choice of a list.
type option struct {
	Value, Label string
	On           bool
}

// options are the choices of a select, with texts by the key prefix+value.
func (v *visit) options(prefix, chosen string, values ...string) []option {
	out := make([]option, len(values))
	for i, value := range values {
		out[i] = option{Value: value, Label: v.t(prefix + value), On: value == chosen}
	}
	return out
}
