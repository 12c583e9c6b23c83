package lead_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

var budapest = locale.Locale{Language: locale.Hungarian, Zone: time.FixedZone("CEST", 2*3600), Currency: "HUF"}

// world is the leads of a test with what they stand on.
type world struct {
	*testutil.Env
	leads   *lead.Leads
	parties *party.Parties
}

func newWorld(t testing.TB, env *testutil.Env, host erpbridge.Host) world {
	t.Helper()
	parties := party.New(env.DB, func(string) locale.Locale { return budapest })
	leads := lead.New(env.DB, lead.Config{Parties: parties, Host: host})
	return world{env, leads, parties}
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) { test(t, newWorld(t, env, erpbridge.Host{})) })
}

func (w world) capture(t testing.TB, ctx context.Context, d lead.Draft) lead.Result {
	t.Helper()
	out, err := w.leads.Capture(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w world) get(t testing.TB, id lead.ID) lead.Card {
	t.Helper()
	card, err := w.leads.Get(w.System(), id)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func (w world) seller(user string) context.Context { return w.As(user, actor.Seller, actor.Own) }

// events are the kinds of a record's events in their order.
func (w world) events(t testing.TB, record []byte) []string {
	t.Helper()
	var kinds []string
	err := w.DB.Read(w.System(), func(ctx context.Context, s *store.Session) error {
		var rows []event.Event
		if err := s.Select(&rows).Where("event.record_id = ?", record).OrderExpr("event.record_version, event.id").Scan(ctx); err != nil {
			return err
		}
		for _, row := range rows {
			kinds = append(kinds, row.Kind)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

func same[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func sameList[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s are %v, want %v", what, got, want)
	}
}

func point[T any](v T) *T { return &v }

var firstPage store.Page

var anna = party.Owner{User: "anna"}
