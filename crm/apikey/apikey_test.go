package apikey_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func boss(env *testutil.Env) context.Context {
	return env.As("kovacs", apikey.Rights(), actor.All, "budapest")
}

func create(t *testing.T, env *testutil.Env, keys *apikey.Keys, d apikey.Draft) apikey.Issued {
	t.Helper()
	if d.Name == "" {
		d.Name = "Webshop"
	}
	if d.Rights == nil {
		d.Rights = actor.Seller
	}
	issued, err := keys.Create(boss(env), d)
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

func TestKeyActsForItsUser(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		keys := apikey.New(env.DB, apikey.Config{})
		issued := create(t, env, keys, apikey.Draft{Name: "Áruház", User: "nagy", UserName: "Nagy Péter", Teams: []string{"videk"}, See: actor.Team})
		h, err := keys.Verify(context.Background(), issued.Secret)
		if err != nil {
			t.Fatal(err)
		}
		a := h.Actor
		if a.Company != env.Company || a.UserID != "nagy" || a.Name != "Nagy Péter (Áruház)" || a.See != actor.Team || a.Team() != "videk" || a.Kind != actor.KindUser {
			t.Errorf("the key acts as %+v", a)
		}
		if !a.May(actor.LeadWrite) || a.May(actor.Settings) {
			t.Errorf("its rights are %v", a.Rights)
		}
		if strings.Contains(issued.Key.Hash, issued.Secret) || len(issued.Key.Hash) != 64 {
			t.Errorf("the database keeps %q", issued.Key.Hash)
		}
		got, err := keys.Get(boss(env), issued.Key.ID)
		if err != nil || !got.LastUsedAt.Equal(env.DB.Now()) {
			t.Errorf("last used %s, %v", got.LastUsedAt, err)
		}
	})
}

func TestSecretsThatDoNotWork(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		keys := apikey.New(env.DB, apikey.Config{})
		issued := create(t, env, keys, apikey.Draft{Expires: env.DB.Now().Add(time.Hour)})
		s := issued.Secret
		for name, secret := range map[string]string{
			"nothing": "", "no prefix": s[5:], "cut": s[:len(s)-1], "longer": s + "A", "another random part": s[:len(s)-1] + string(s[len(s)-1]^1),
			"another id": "crmp_" + strings.Repeat("0", 32) + s[37:], "no id": "crmp_" + strings.Repeat("x", 32) + s[37:], "huge": strings.Repeat("crmp_", 100_000),
		} {
			if _, err := keys.Verify(context.Background(), secret); !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := keys.Verify(context.Background(), s); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Hour)
		if _, err := keys.Verify(context.Background(), s); !errors.Is(err, fault.Forbidden) {
			t.Errorf("an expired key: %v", err)
		}
	})
}

func TestRevoke(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		here, elsewhere := apikey.New(env.DB, apikey.Config{}), apikey.New(env.DB, apikey.Config{})
		issued := create(t, env, here, apikey.Draft{})
		for _, keys := range []*apikey.Keys{here, elsewhere} {
			if _, err := keys.Verify(context.Background(), issued.Secret); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if k, err := here.Revoke(boss(env), issued.Key.ID); err != nil || k.StateAt(env.DB.Now()) != apikey.Revoked {
				t.Fatal(k, err)
			}
		}
		if _, err := here.Verify(context.Background(), issued.Secret); !errors.Is(err, fault.Forbidden) {
			t.Errorf("here it still works: %v", err)
		}
		env.Clock.Advance(apikey.CacheFor)
		if _, err := elsewhere.Verify(context.Background(), issued.Secret); !errors.Is(err, fault.Forbidden) {
			t.Errorf("in another process it works after %s: %v", apikey.CacheFor, err)
		}
	})
}

func TestDraftsAreRefused(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		users := func(context.Context, *store.Session, []string) ([]string, error) { return nil, nil }
		keys := apikey.New(env.DB, apikey.Config{Users: users})
		clerk := env.As("nagy", actor.Rights{actor.Settings, actor.LeadRead}, actor.Team)
		_, err := keys.Create(clerk, apikey.Draft{User: "nobody", Rights: actor.Rights{actor.LeadRead, actor.Privacy, "fly"}, See: actor.All, Expires: env.DB.Now()})
		var paths []string
		for _, f := range fault.Of(err) {
			paths = append(paths, f.Path+" "+f.Code)
		}
		slices.Sort(paths)
		want := []string{"expires_at date.past", "name required", "rights[1] exceeds", "rights[2] choice", "see exceeds", "user unknown"}
		if !slices.Equal(paths, want) {
			t.Errorf("faults %v, want %v", paths, want)
		}
		if _, err := keys.Create(env.As("nagy", actor.Manager, actor.All), apikey.Draft{Name: "x", Rights: actor.Reader}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("without the right: %v", err)
		}
		if list, err := keys.List(boss(env), store.Page{}); err != nil || len(list.Keys) != 0 {
			t.Errorf("%d keys were written, %v", len(list.Keys), err)
		}
	})
}

func TestKeysOfOtherCompanies(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		keys := apikey.New(env.DB, apikey.Config{})
		issued := create(t, env, keys, apikey.Draft{})
		stranger := actor.With(context.Background(), actor.System(env.Company+"-other", "test"))
		if _, err := keys.Get(stranger, issued.Key.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("read: %v", err)
		}
		if _, err := keys.Revoke(stranger, issued.Key.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("revoke: %v", err)
		}
	})
}

// noted counts how often a request was carried out, by a row that its transaction writes.
func noted(t *testing.T, env *testutil.Env) int {
	t.Helper()
	var n int
	err := env.DB.Read(env.System(), func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &n, store.From[store.AuditEntry]("a"), "SELECT COUNT(*) FROM crm_audit AS a WHERE {scope} AND a.action = ?", "carried out")
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func carryOut(ctx context.Context, s *store.Session) (apikey.Answer, error) {
	return apikey.Answer{Status: 201, Headers: `{"Etag":["\"1\""]}`, Body: `{"név":"Szabó Éva"}`}, s.Audit(ctx, store.Entry{Action: "carried out", Kind: "test"})
}

func TestOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		keys := apikey.New(env.DB, apikey.Config{})
		one, two := create(t, env, keys, apikey.Draft{}).Key.ID, create(t, env, keys, apikey.Draft{}).Key.ID
		ctx := boss(env)
		request := apikey.Request{Key: one, Token: "order-1", Hash: "aa"}
		broken := errors.New("broken")
		if _, err := keys.Once(ctx, request, func(ctx context.Context, s *store.Session) (apikey.Answer, error) {
			a, _ := carryOut(ctx, s)
			return a, broken
		}); !errors.Is(err, broken) || noted(t, env) != 0 {
			t.Fatalf("a request that fails: %v, carried out %d times", err, noted(t, env))
		}
		for i, want := range []bool{false, true, true} {
			a, err := keys.Once(ctx, request, carryOut)
			if err != nil || a.Status != 201 || a.Body != `{"név":"Szabó Éva"}` || a.Headers != `{"Etag":["\"1\""]}` || a.Repeated != want {
				t.Errorf("call %d gives %+v, %v", i, a, err)
			}
		}
		if n := noted(t, env); n != 1 {
			t.Errorf("carried out %d times", n)
		}
		if _, err := keys.Once(ctx, apikey.Request{Key: one, Token: "order-1", Hash: "bb"}, carryOut); !errors.Is(err, fault.Invalid) || !errors.Is(err, apikey.Reused) {
			t.Errorf("another request with the token: %v", err)
		}
		if a, err := keys.Once(ctx, apikey.Request{Key: two, Token: "order-1", Hash: "cc"}, carryOut); err != nil || a.Repeated {
			t.Errorf("the token of another key: %+v, %v", a, err)
		}
		for _, token := range []string{"", strings.Repeat("x", apikey.MaxToken+1)} {
			if _, err := keys.Once(ctx, apikey.Request{Key: one, Token: token, Hash: "aa"}, carryOut); !errors.Is(err, fault.Invalid) {
				t.Errorf("a token of %d characters: %v", len(token), err)
			}
		}
	})
}

func TestOnceAtOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		keys := apikey.New(env.DB, apikey.Config{})
		request := apikey.Request{Key: create(t, env, keys, apikey.Draft{}).Key.ID, Token: "order-1", Hash: "aa"}
		var all sync.WaitGroup
		var first atomic.Int64
		for range 8 {
			all.Go(func() {
				a, err := keys.Once(boss(env), request, carryOut)
				if err != nil || a.Status != 201 {
					t.Errorf("%+v, %v", a, err)
				}
				if !a.Repeated {
					first.Add(1)
				}
			})
		}
		all.Wait()
		if n := noted(t, env); n != 1 || first.Load() != 1 {
			t.Errorf("carried out %d times, %d first answers", n, first.Load())
		}
	})
}

func TestApart(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		keys := apikey.New(env.DB, apikey.Config{})
		request := apikey.Request{Key: create(t, env, keys, apikey.Draft{}).Key.ID, Token: "file-1", Hash: "aa"}
		answer := func(context.Context) (apikey.Answer, error) {
			return apikey.Answer{Status: 200, Headers: "{}", Body: "1"}, nil
		}
		broken := errors.New("broken")
		if _, err := keys.Apart(boss(env), request, func(context.Context) (apikey.Answer, error) { return apikey.Answer{}, broken }); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		_, err := keys.Apart(boss(env), request, func(ctx context.Context) (apikey.Answer, error) {
			if _, err := keys.Apart(boss(env), request, answer); !errors.Is(err, apikey.Running) || !errors.Is(err, fault.Conflict) {
				t.Errorf("a repetition under way: %v", err)
			}
			env.Clock.Advance(apikey.Patience) // as if this process had died
			a, err := keys.Apart(boss(env), request, answer)
			if err != nil || a.Repeated {
				t.Errorf("after the patience: %+v, %v", a, err)
			}
			return a, err
		})
		if err != nil {
			t.Fatal(err)
		}
		if a, err := keys.Apart(boss(env), request, answer); err != nil || !a.Repeated || a.Body != "1" {
			t.Errorf("repeated: %+v, %v", a, err)
		}
	})
}

func TestForget(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		keys := apikey.New(env.DB, apikey.Config{})
		key := create(t, env, keys, apikey.Draft{}).Key.ID
		for _, token := range []string{"old", "new"} {
			if _, err := keys.Once(boss(env), apikey.Request{Key: key, Token: token, Hash: "aa"}, carryOut); err != nil {
				t.Fatal(err)
			}
			env.Clock.Advance(apikey.KeepAnswers)
		}
		if _, err := keys.Forget(boss(env)); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a user forgets: %v", err)
		}
		if n, err := keys.Forget(env.System()); n != 1 || err != nil {
			t.Errorf("%d forgotten, %v", n, err)
		}
		if a, err := keys.Once(boss(env), apikey.Request{Key: key, Token: "new", Hash: "aa"}, carryOut); err != nil || !a.Repeated {
			t.Errorf("the younger answer: %+v, %v", a, err)
		}
	})
}
