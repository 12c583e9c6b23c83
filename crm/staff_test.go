package crm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

// farUsers are the users of a host on the other side of a network.
type farUsers struct {
	down  bool
	asked int
	list  []erpbridge.User
}

func (f *farUsers) ListUsers(_ context.Context, s erpbridge.Session) ([]erpbridge.User, error) {
	f.asked++
	if s.Tx != nil {
		return nil, errors.New("asked inside a transaction")
	}
	if f.down {
		return nil, fault.New(fault.Unavailable, "the host is down")
	}
	return f.list, nil
}

func (f *farUsers) User(context.Context, erpbridge.Session, string) (erpbridge.User, error) {
	return erpbridge.User{}, errors.New("asked for one user, which is a call each")
}

// TestAHostElsewhereTellsWhoseManagerToWriteTo: its users are asked outside of transactions, now and then; letters go to them
// also while it is down.
func TestAHostElsewhereTellsWhoseManagerToWriteTo(t *testing.T) {
	env := testutil.SQLite(t)
	w := newWorld(t, env)
	far := &farUsers{down: true, list: []erpbridge.User{
		{ID: "kovacs", Name: "Kovács Anna", Email: "anna@feherlo.test", Manager: "toth", Teams: []string{"budapest"}}, {ID: "toth", Name: "Tóth Gábor", Email: "gabor@feherlo.test"},
	}}
	module, err := crm.New(w.db, crm.Config{Host: erpbridge.Host{Name: "far", Place: erpbridge.Elsewhere, Customers: w.books.Host().Customers, Users: far}, Log: quiet, Figures: crm.FigureConfig{Sender: func(string) mail.Address { return mail.Address{Email: "erp@feherlo.test"} }}})
	if err != nil {
		t.Fatal(err)
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	boss := w.boss()
	_, err = module.Clocks.Publish(boss, 0, clock.Plan{Otherwise: clock.Response{Minutes: 1}})
	ok(err)
	late := func(name string) []string {
		t.Helper()
		_, err := module.Leads.Capture(boss, lead.Draft{Name: name, Emails: []string{strings.ToLower(name) + "@example.com"}, Owner: party.Owner{User: "kovacs"}})
		ok(err)
		_, _ = module.RunOnce(context.Background()) // what is down is told of; the test below looks at what came of the rest
		env.Clock.Advance(7 * 24 * time.Hour)
		_, _ = module.RunOnce(context.Background())
		mails, err := module.Mails.List(boss, mail.Filter{})
		ok(err)
		var out []string
		for _, m := range mails.Rows {
			if m.Purpose == clock.EventEscalated {
				out = append(out, m.Subject)
			}
		}
		return out
	}
	if got := late("Alma"); len(got) != 0 {
		t.Errorf("nobody knows the manager, and written was %q", got)
	}
	to := func(user string) routing.Plan {
		return routing.Plan{Fallback: routing.Target{Method: routing.ToUser, User: user}}
	}
	d, err := module.Routing.Publish(boss, 0, to("nobody-knows"))
	if err != nil {
		t.Errorf("before the host told its users any may be named: %v", err)
	}
	far.down = false
	if got := late("Barack"); len(got) != 1 || !strings.Contains(got[0], "Barack") {
		t.Errorf("the letters are %q", got)
	}
	if _, err := module.Routing.Publish(boss, d.Version, to("nobody")); len(fault.Of(err)) != 1 {
		t.Errorf("it told that it has no such user: %v", err)
	}
	far.down = true
	if got := late("Citrom"); len(got) != 2 || !strings.Contains(got[0]+got[1], "Citrom") {
		t.Errorf("while the host is down the letters are %q", got)
	}
	asked := far.asked
	for range 5 {
		_, _ = module.RunOnce(context.Background())
	}
	if far.asked > asked {
		t.Errorf("the host was asked %d times more within a moment", far.asked-asked)
	}
}
