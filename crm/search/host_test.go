package search_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/search"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

// customers is the little of an ERP that a search asks.
type customers struct {
	erpbridge.Customers
	do func(ctx context.Context, s erpbridge.Session, text string) ([]erpbridge.Customer, error)
}

func (c customers) Search(ctx context.Context, s erpbridge.Session, text, _ string, _ int) ([]erpbridge.Customer, error) {
	return c.do(ctx, s, text)
}

func TestCustomersOfTheHostAreMixedIn(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		asked := make(chan string, 10)
		host := customers{do: func(_ context.Context, s erpbridge.Session, text string) ([]erpbridge.Customer, error) {
			if s.Company != env.Company || s.Tx == nil || s.Today.IsZero() {
				t.Errorf("the host is asked in %+v", s)
			}
			asked <- text
			return []erpbridge.Customer{
				{Key: "C1", Name: "Tölgyfa Bútor Kft."},
				{Key: "C2", Code: "V-0002", Name: "Tölgyfa Erdő Zrt.", Phone: "06 30 765 4321", Address: erpbridge.Address{City: "Zirc", Country: "HU"}},
				{Key: "C3", Name: "Tölgyfa Panzió"},
				{Key: "C4", Name: "Akácfa Bt."},
			}, nil
		}}
		w := newWorldAt(t, env, search.Config{Host: erpbridge.Host{Customers: host}, Locale: func(string) locale.Locale { return budapest }, HostWait: 10 * time.Second})
		w.customer(t, "C1", "Tölgyfa Bútor Kft.", "Őrsi Zsófia", party.Owner{User: "anna"})
		w.index(t)
		for _, row := range []struct {
			name, text, asked string
			ctx               context.Context
			want              []string
			answer            search.HostAnswer
		}{
			{"touched and untouched", "tolgyfa", "tolgyfa", w.boss(), []string{"customer Tölgyfa Bútor Kft.", "customer Tölgyfa Erdő Zrt.", "customer Tölgyfa Panzió", "contact Őrsi Zsófia"}, search.HostAnswered},
			{"the host finds one word, we compare all", "erd Tölgyfa", "Tölgyfa", w.boss(), []string{"customer Tölgyfa Erdő Zrt."}, search.HostAnswered},
			{"by code", "v-0002", "v-0002", w.boss(), []string{"customer Tölgyfa Erdő Zrt."}, search.HostAnswered},
			{"by phone", "+36 30 765 4321", "+36 30 765 4321", w.boss(), []string{"customer Tölgyfa Erdő Zrt."}, search.HostAnswered},
			{"somebody else's stays hidden", "tolgyfa", "tolgyfa", w.As("bela", actor.Seller, actor.Team, "pest"), []string{"customer Tölgyfa Erdő Zrt.", "customer Tölgyfa Panzió"}, search.HostAnswered},
			{"who sees his own is not shown nobody's", "tolgyfa", "", w.As("anna", actor.Seller, actor.Own), []string{"customer Tölgyfa Bútor Kft.", "contact Őrsi Zsófia"}, search.HostNotNeeded},
		} {
			t.Run(row.name, func(t *testing.T) {
				out, err := w.search.Find(row.ctx, search.Query{Text: row.text})
				if err != nil || out.Customers != row.answer || out.CustomersMissing() {
					t.Fatalf("the host %s, %v", out.Customers, err)
				}
				w.expect(t, row.ctx, row.text, row.want...)
				if row.asked == "" {
					return
				}
				for range 2 {
					if got := <-asked; got != row.asked {
						t.Errorf("the host was asked for %q, want %q", got, row.asked)
					}
				}
			})
		}
		err := env.DB.Read(w.boss(), func(ctx context.Context, s *store.Session) error {
			out, err := w.search.In(s).Find(ctx, search.Query{Text: "tölgyfa"})
			if out.Customers != search.HostNotAsked || !out.CustomersMissing() || len(out.Groups) != 2 {
				t.Errorf("inside a session: %+v", out)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestAHostThatFailsSpoilsNothing(t *testing.T) {
	free := make(chan struct{})
	defer close(free)
	for _, row := range []struct {
		name string
		host erpbridge.Customers
		wait time.Duration
		want search.HostAnswer
	}{
		{"error", customers{do: func(context.Context, erpbridge.Session, string) ([]erpbridge.Customer, error) {
			return nil, errors.New("no")
		}}, 10 * time.Second, search.HostFailed},
		{"panic", customers{do: func(context.Context, erpbridge.Session, string) ([]erpbridge.Customer, error) { panic("no") }}, 10 * time.Second, search.HostFailed},
		{"bad SQL", customers{do: func(ctx context.Context, s erpbridge.Session, _ string) ([]erpbridge.Customer, error) {
			_, err := s.Tx.QueryContext(ctx, "SELECT nothing FROM nowhere")
			return nil, err
		}}, 10 * time.Second, search.HostFailed},
		{"slow", customers{do: func(ctx context.Context, _ erpbridge.Session, _ string) ([]erpbridge.Customer, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}, time.Millisecond, search.HostSlow},
		{"deaf", customers{do: func(context.Context, erpbridge.Session, string) ([]erpbridge.Customer, error) {
			<-free
			return nil, nil
		}}, time.Millisecond, search.HostSlow},
		{"no search", struct{ erpbridge.Customers }{}, 0, search.HostCannot},
	} {
		t.Run(row.name, func(t *testing.T) {
			told := make(chan error, 100)
			w := newWorldAt(t, testutil.SQLite(t), search.Config{
				Host: erpbridge.Host{Customers: row.host}, HostWait: row.wait, Failed: func(_ string, err error) { told <- err },
			})
			w.people(t)
			w.index(t)
			for range 20 { // more than may be under way at once
				out, err := w.search.Find(w.boss(), search.Query{Text: "kovács"})
				if err != nil || out.Customers != row.want || !out.CustomersMissing() || len(out.Groups) != 1 || len(out.Groups[0].Hits) != 2 {
					t.Fatalf("%+v, %v", out, err)
				}
				if out.Note(locale.Hungarian) == "" {
					t.Error("nobody is told")
				}
			}
			if row.want == search.HostFailed && len(told) != 20 {
				t.Errorf("%d failures were told, want 20", len(told))
			}
		})
	}
}

func TestTextsAreThere(t *testing.T) {
	for _, l := range locale.Languages {
		for _, k := range search.Kinds {
			if k.In(l) == "" || k.In(l) == string(k) {
				t.Errorf("%s: kind %s has no name", l, k)
			}
		}
		for _, f := range search.Fields {
			if f.In(l) == "" || f.In(l) == "field."+string(f) {
				t.Errorf("%s: field %s has no name", l, f)
			}
		}
	}
	if !slices.Contains(search.Kinds, search.Quote) {
		t.Error("quotes are no kind")
	}
}
