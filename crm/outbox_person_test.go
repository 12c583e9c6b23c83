package crm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
)

// TestElsewhereRefuses: a refusal waits for a person, who corrects and repeats, says what the host has,
// or gives up.
func TestElsewhereRefuses(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := newFar(t, env, rates{})
		ctx := f.boss()
		refuse := func(name string) (convert.Result, convert.Call) {
			t.Helper()
			id := f.lead(t, name)
			f.erp.refused["Tűzliliom "+name+" Kft."] = "the city is unknown"
			r, err := f.module.Convert.Lead(ctx, id, f.choice(nil))
			if err != nil {
				t.Fatal(err)
			}
			if r = f.finish(t, r.ID); r.State != convert.Failed || !strings.Contains(r.Reason, "the city is unknown") {
				t.Fatalf("refused: %+v", r)
			}
			again, err := f.module.Convert.Lead(ctx, id, f.choice(nil))
			if err != nil || again.State != convert.Failed || again.Reason != r.Reason {
				t.Fatalf("again: %+v, %v", again, err)
			}
			calls := f.calls(t, convert.CallFilter{Waiting: convert.WaitingForPerson})
			if len(calls) != 1 || calls[0].ConversionID != r.ID || calls[0].ReasonCode != "refused" || !calls[0].DueAt.IsZero() {
				t.Fatalf("waiting: %+v", calls)
			}
			return r, calls[0]
		}
		t.Run("corrected", func(t *testing.T) {
			r, call := refuse("Javított")
			delete(f.erp.refused, "Tűzliliom Javított Kft.")
			if _, err := f.module.Convert.Retry(ctx, call.ID); err != nil {
				t.Fatal(err)
			}
			if r = f.finish(t, r.ID); r.State != convert.Done || r.Reason != "" {
				t.Errorf("%+v", r)
			}
			if _, err := f.module.Convert.Retry(ctx, call.ID); !errors.Is(err, fault.Invalid) {
				t.Errorf("a call that is done was repeated: %v", err)
			}
		})
		t.Run("made by hand", func(t *testing.T) {
			r, call := refuse("Kézi")
			by := f.erp.act("/make", remoteRequest{Kind: "customer", Name: "Tűzliliom Kézi Kft."})
			if _, err := f.module.Convert.Resolve(ctx, call.ID, convert.Resolution{Outcome: convert.Made}); !errors.Is(err, fault.Invalid) {
				t.Errorf("without a key: %v", err)
			}
			if _, err := f.module.Convert.Resolve(ctx, call.ID, convert.Resolution{Outcome: convert.Made, Key: "customer-77777"}); err != nil {
				t.Fatal(err)
			}
			if r = f.finish(t, r.ID); r.State != convert.Failed || !strings.Contains(r.Reason, "customer-77777") {
				t.Errorf("with a wrong key: %+v", r)
			}
			if _, err := f.module.Convert.Resolve(ctx, call.ID, convert.Resolution{Outcome: convert.Made, Key: by.Key, Note: "Béla vitte fel"}); err != nil {
				t.Fatal(err)
			}
			if r = f.finish(t, r.ID); r.State != convert.Done || r.Customer.Key != by.Key {
				t.Errorf("%+v", r)
			}
		})
		t.Run("given up", func(t *testing.T) {
			r, call := refuse("Feladott")
			if _, err := f.module.Convert.Abandon(ctx, call.ID, convert.Abandonment{Note: "másik cég"}); err != nil {
				t.Fatal(err)
			}
			if r, err := f.module.Convert.Get(ctx, r.ID); err != nil || r.State != convert.Abandoned {
				t.Errorf("%+v, %v", r, err)
			}
			delete(f.erp.refused, "Tűzliliom Feladott Kft.")
			again, err := f.module.Convert.Lead(ctx, lead.ID(leadOf(t, f, r.ID)), f.choice(nil))
			if err != nil || again.ID == r.ID {
				t.Fatalf("%+v, %v", again, err)
			}
			if again = f.finish(t, again.ID); again.State != convert.Done {
				t.Errorf("%+v", again)
			}
		})
		for kind, want := range map[string]int{"hostcall.failed": 4, "hostcall.retried": 1, "hostcall.resolved": 2, "hostcall.abandoned": 1} {
			if n := f.count(t, "crm_event", "kind = ?", kind); n != want {
				t.Errorf("%d events %s, want %d", n, kind, want)
			}
		}
	})
}

// leadOf reads which lead a conversion was for.
func leadOf(t *testing.T, f *far, id convert.ID) store.Key[any] {
	t.Helper()
	query := "SELECT subject_id FROM crm_conversion WHERE id = ?"
	if f.db.Dialect() == store.MSSQL {
		query = strings.Replace(query, "?", "@p1", 1)
	}
	var raw []byte
	if err := f.db.SQL().QueryRow(query, id.Bytes()).Scan(&raw); err != nil {
		t.Fatal(err)
	}
	return store.Key[any](raw)
}

// TestElsewhereUndoIsRefused: the conversion is done as before, and can be taken back later.
func TestElsewhereUndoIsRefused(t *testing.T) {
	f := newFar(t, testutil.SQLite(t), rates{})
	ctx := f.boss()
	r := f.converted(t, "Marad")
	f.erp.refused[""] = "it has documents"
	for range 2 {
		if err := f.module.Convert.Undo(ctx, r.ID, "tévedés"); err != nil {
			t.Fatal(err)
		}
		if r = f.finish(t, r.ID); r.State != convert.Done || !strings.Contains(r.Reason, "it has documents") {
			t.Fatalf("%+v", r)
		}
	}
	delete(f.erp.refused, "")
	if err := f.module.Convert.Undo(ctx, r.ID, "tévedés"); err != nil {
		t.Fatal(err)
	}
	if r = f.finish(t, r.ID); r.State != convert.Undone || r.Customer == nil {
		t.Errorf("%+v", r)
	}
	if n := f.count(t, "crm_host_call", "operation = 'undo'"); n != 1 {
		t.Errorf("%d calls for one undo", n)
	}
	if n := f.count(t, "crm_role", ""); n != 0 {
		t.Errorf("%d roles are left", n)
	}
}

// TestWhoMayDealWithCalls: whoever sees the party and may convert; what takes something back needs more;
// sending is for the background, outside of transactions.
func TestWhoMayDealWithCalls(t *testing.T) {
	f := newFar(t, testutil.SQLite(t), rates{})
	r := f.converted(t, "Védett")
	if err := f.module.Convert.Undo(f.boss(), r.ID, "tévedés"); err != nil {
		t.Fatal(err)
	}
	call := f.calls(t, convert.CallFilter{States: []convert.CallState{convert.CallPending}})[0]
	seller, stranger := f.as("kovacs", actor.Seller, actor.All), f.as("szabo", actor.Manager, actor.Own)
	if got, err := f.module.Convert.Calls(seller, convert.CallFilter{Page: page(1)}); err != nil || len(got.Rows) != 1 || got.Next == "" {
		t.Errorf("a seller: %+v, %v", got, err)
	}
	if got, err := f.module.Convert.Calls(stranger, convert.CallFilter{}); err != nil || len(got.Rows) != 0 {
		t.Errorf("a stranger: %+v, %v", got, err)
	}
	if _, err := f.module.Convert.Calls(f.as("néma", actor.Reader, actor.All), convert.CallFilter{}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a reader: %v", err)
	}
	if _, err := f.module.Convert.Retry(seller, call.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a seller repeats an undo: %v", err)
	}
	if _, err := f.module.Convert.Retry(stranger, call.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("a stranger repeats an undo: %v", err)
	}
	if _, err := f.module.Convert.Send(f.boss(), 0); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a person sends: %v", err)
	}
	tx, err := f.db.SQL().Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	system := actor.With(context.Background(), actor.System(f.company, "background"))
	if _, err := f.module.WithTx(tx).Convert.Send(system, 0); !errors.Is(err, fault.Invalid) {
		t.Errorf("inside a transaction: %v", err)
	}
}

func TestOldCallsAreForgotten(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := newFar(t, env, rates{})
		f.converted(t, "Régi")
		f.erp.refused["Tűzliliom Vár Kft."] = "no"
		waiting, err := f.module.Convert.Lead(f.boss(), f.lead(t, "Vár"), f.choice(nil))
		if err != nil {
			t.Fatal(err)
		}
		f.finish(t, waiting.ID)
		system := actor.With(context.Background(), actor.System(f.company, "background"))
		for i, want := range []int{0, 1} {
			n, err := f.module.Convert.Forget(system, f.clock.Now().Add(-time.Hour))
			if err != nil || n != want {
				t.Errorf("%d: %d calls went, want %d, %v", i, n, want, err)
			}
			f.clock.Advance(3 * time.Hour)
		}
		if n := f.count(t, "crm_host_call", ""); n != 1 {
			t.Errorf("%d calls are left; the one that waits for a person stays", n)
		}
	})
}

// TestElsewhereCountsOtherwise: a document that is not what the customer was promised is cancelled again.
func TestElsewhereCountsOtherwise(t *testing.T) {
	f := newFar(t, testutil.SQLite(t), rates{})
	r := f.converted(t, "Forintos")
	host := f.port.host()
	host.Documents = otherCurrency{remoteDocuments{f.port}}
	module, err := crm.New(f.db, crm.Config{Host: host, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	right := f.module
	f.module = module
	order, err := f.module.Convert.Order(f.boss(), fromDeal(opportunity.ID(r.Opportunity)))
	if err != nil {
		t.Fatal(err)
	}
	order = f.finish(t, order.ID)
	if order.State != convert.Failed || !strings.Contains(order.Reason, "XXX") || !strings.Contains(order.Reason, "cancelled again") {
		t.Fatalf("%+v", order)
	}
	f.module = right
	if _, err := f.module.Convert.Retry(f.boss(), f.calls(t, convert.CallFilter{Waiting: convert.WaitingForPerson})[0].ID); err != nil {
		t.Fatal(err)
	}
	if order = f.finish(t, order.ID); order.State != convert.Done {
		t.Fatalf("%+v", order)
	}
	made := f.erp.made("order")
	if len(made) != 2 || !made[0].Gone || made[1].Gone || made[0].Token == made[1].Token {
		t.Errorf("the host has %+v", made)
	}
}

type otherCurrency struct{ remoteDocuments }

func (o otherCurrency) Create(ctx context.Context, s erpbridge.Session, draft erpbridge.Document) (erpbridge.Document, error) {
	made, err := o.remoteDocuments.Create(ctx, s, draft)
	made.Currency = "XXX"
	return made, err
}
