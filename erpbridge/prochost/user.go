package prochost

import (
	"context"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

type userPort struct{ h *host }

// User implements erpbridge.Users.
func (p userPort) User(ctx context.Context, s erpbridge.Session, id string) (erpbridge.User, error) {
	list, err := p.read(ctx, s, id)
	i := slices.IndexFunc(list, func(u erpbridge.User) bool { return u.ID == id })
	if err == nil && i < 0 {
		err = fault.New(fault.NotFound, "there is no user %q", id)
	}
	if err != nil {
		return erpbridge.User{}, err
	}
	return list[i], nil
}

// ListUsers implements erpbridge.Users.
func (p userPort) ListUsers(ctx context.Context, s erpbridge.Session) ([]erpbridge.User, error) {
	return p.read(ctx, s, "")
}

func (p userPort) read(ctx context.Context, s erpbridge.Session, id string) (list []erpbridge.User, err error) {
	w, err := p.h.begin(ctx, s)
	if err != nil {
		return nil, err
	}
	records, err := w.with(map[string]any{"key": id}).records(ctx, p.h.users, rowsOf{})
	if err != nil {
		return nil, unlessMisfit(err)
	}
	for _, r := range records {
		list = append(list, erpbridge.User{
			ID: r.text("key"), Name: r.text("name"), Email: r.text("email"), Phone: r.text("phone"), JobTitle: r.text("job_title"), Teams: strings.Fields(r.text("teams")),
			Manager: r.text("manager"), Absent: r.flag("absent"),
		})
		if r.err != nil {
			return nil, r.err
		}
	}
	return list, nil
}
