package suggest

import (
	"context"

	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/buying"
)

// key tells the suggestions of a company apart.
type key struct {
	customer string
	kind     buying.Kind
	product  string
}

// Keep brings the suggestions of some customers to what was found, inside the session that writes their values.
func (g *Suggestions) Keep(ctx context.Context, s *store.Session, found *buying.Found, some []*buying.Customer) error {
	if len(some) == 0 {
		return nil
	}
	args := make([]any, len(some))
	for i, c := range some {
		args[i] = c.Key
	}
	var rows []row
	err := s.Query(ctx, &rows, store.From[row]("sg"), "SELECT sg.* FROM crm_suggestion AS sg WHERE {scope} AND sg.customer IN ("+store.In(len(args))+")", args...)
	if err != nil {
		return err
	}
	was := make(map[key]row, len(rows))
	for _, r := range rows {
		was[key{r.Customer, r.Kind, r.Product}] = r
	}
	var fresh []row
	for _, c := range some {
		for _, one := range append(c.Wants, found.Similar(c)...) {
			next, err := of(c.Key, one)
			if err != nil {
				return err
			}
			k := key{c.Key, one.Kind, one.Product}
			before, known := was[k]
			delete(was, k)
			if !known {
				next.ID = store.NewKey[Tag](s)
				fresh = append(fresh, next)
				continue
			}
			if err := refresh(ctx, s, before, next, found); err != nil {
				return err
			}
		}
	}
	for _, r := range was { // hold no longer; what rests is kept, so that it does not come back
		if r.State != Open && !r.RestUntil.Before(found.Today) {
			continue
		}
		if _, err := s.Exec(ctx, store.From[row](""), "DELETE FROM crm_suggestion WHERE {scope} AND id = ?", r.ID); err != nil {
			return err
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return s.InsertMany(ctx, &fresh)
}

// refresh gives a suggestion the numbers of the day; one that has rested long enough stands again.
func refresh(ctx context.Context, s *store.Session, was, next row, found *buying.Found) error {
	if was.State != Open && !was.RestUntil.Before(found.Today) {
		return nil
	}
	if was.State == Open && was.Items == next.Items && was.Because == next.Because && was.Worth.Equal(next.Worth) && was.Due == next.Due {
		return nil
	}
	_, err := s.Exec(ctx, store.From[row](""), "UPDATE crm_suggestion SET version = version + 1, updated_at = ?, updated_by = ?, items = ?, because = ?, worth = ?, due_on = ?, state = ?, rest_until = NULL, opportunity_id = NULL WHERE {scope} AND id = ?",
		s.Now, s.Actor.UserID, next.Items, next.Because, next.Worth, next.Due, string(Open), was.ID)
	return err
}
