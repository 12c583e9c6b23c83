package signon_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/signon"
	"github.com/crmplus/crmplus/testutil"
)

var (
	key    = []byte("a key of at least thirty-two bytes for tests")
	config = signon.Config{Secrets: []string{base64.StdEncoding.EncodeToString(key)}, Issuer: "erp", Audience: "crmplus"}
)

func tokens(t *testing.T, env *testutil.Env, c signon.Config) *signon.Tokens {
	t.Helper()
	door, err := signon.New(env.DB, c)
	if err != nil {
		t.Fatal(err)
	}
	return door
}

func claims(env *testutil.Env) map[string]any {
	now := env.Clock.Now().Unix()
	return map[string]any{
		"iss": "erp", "aud": "crmplus", "sub": "kovacs", "company": env.Company, "name": "Kovács Anna", "teams": []string{"észak"},
		"role": "seller", "see": "team", "lang": "hu", "iat": now, "exp": now + 60, "jti": "0123456789abcdef" + env.Company,
	}
}

// sign makes a token by hand, as a host in another language does, without the library.
func sign(header string, claims map[string]any, key []byte) string {
	payload, _ := json.Marshal(claims)
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

const hs256 = `{"alg":"HS256","typ":"JWT"}`

func TestRedeemGivesTheVisitorOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		door := tokens(t, env, config)
		token := sign(hs256, claims(env), key)
		v, err := door.Redeem(context.Background(), token)
		if err != nil {
			t.Fatal(err)
		}
		a := v.Actor
		if a.Company != env.Company || a.UserID != "kovacs" || a.Name != "Kovács Anna" || a.Team() != "észak" || a.See != actor.Team ||
			!a.May(actor.QuoteIssue) || a.May(actor.Settings) || v.Language != locale.Hungarian {
			t.Errorf("got %+v", v)
		}
		for range 2 {
			if _, err := tokens(t, env, config).Redeem(context.Background(), token); !errors.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "used before") {
				t.Errorf("again: %v", err)
			}
		}
	})
}

func TestTwoWhoBringOneTokenAtOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		door, token := tokens(t, env, config), sign(hs256, claims(env), key)
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := door.Redeem(context.Background(), token)
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, fault.Forbidden) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d were let in", won.Load())
		}
	})
}

func TestTokensThatAreNotBelieved(t *testing.T) {
	env := testutil.SQLite(t)
	door := tokens(t, env, config)
	now := env.Clock.Now().Unix()
	other := []byte("another key of at least thirty-two bytes!")
	for _, row := range []struct {
		name   string
		token  func(c map[string]any) string
		code   fault.Code
		reason string
	}{
		{"forged", func(c map[string]any) string { return sign(hs256, c, other) }, fault.Forbidden, "not signed"},
		{"alg none", func(c map[string]any) string {
			text := sign(`{"alg":"none","typ":"JWT"}`, c, key)
			return text[:strings.LastIndex(text, ".")+1]
		}, fault.Forbidden, "not signed"},
		{"alg none with a signature", func(c map[string]any) string { return sign(`{"alg":"none"}`, c, key) }, fault.Forbidden, "not signed"},
		{"another algorithm", func(c map[string]any) string { return sign(`{"alg":"HS512"}`, c, key) }, fault.Forbidden, "not signed"},
		{"a public-key algorithm", func(c map[string]any) string { return sign(`{"alg":"RS256"}`, c, key) }, fault.Forbidden, "not signed"},
		{"a changed company", func(c map[string]any) string {
			good := strings.Split(sign(hs256, c, key), ".")
			c["company"] = "other"
			bad := strings.Split(sign(hs256, c, key), ".")
			return good[0] + "." + bad[1] + "." + good[2]
		}, fault.Forbidden, "not signed"},
		{"nothing", func(map[string]any) string { return "" }, fault.Forbidden, "not signed"},
		{"no token", func(map[string]any) string { return strings.Repeat("a.", 5000) }, fault.Forbidden, "longer than"},
		{"too old", func(c map[string]any) string {
			c["iat"], c["exp"] = now-200, now-31
			return sign(hs256, c, key)
		}, fault.Forbidden, "too old"},
		{"from the future", func(c map[string]any) string {
			c["iat"], c["exp"] = now+60, now+120
			return sign(hs256, c, key)
		}, fault.Forbidden, "future"},
		{"no end", func(c map[string]any) string { delete(c, "exp"); return sign(hs256, c, key) }, fault.Forbidden, ""},
		{"another issuer", func(c map[string]any) string { c["iss"] = "shop"; return sign(hs256, c, key) }, fault.Forbidden, "somebody else"},
		{"another audience", func(c map[string]any) string { c["aud"] = "shop"; return sign(hs256, c, key) }, fault.Forbidden, "somebody else"},
		{"good for a day", func(c map[string]any) string { c["exp"] = now + 86400; return sign(hs256, c, key) }, fault.Invalid, "exp: must be after iat"},
		{"no iat", func(c map[string]any) string { delete(c, "iat"); return sign(hs256, c, key) }, fault.Invalid, "exp: must be after iat"},
		{"no id", func(c map[string]any) string { delete(c, "jti"); return sign(hs256, c, key) }, fault.Invalid, "jti: must be"},
		{"everything wrong", func(c map[string]any) string {
			c["sub"], c["company"], c["name"], c["role"], c["see"], c["lang"], c["rights"] = "", " ", "a\nb", "boss", "everything", "xx", []string{"lead.read", "fly"}
			return sign(hs256, c, key)
		}, fault.Invalid, "sub: is missing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := door.Redeem(context.Background(), row.token(claims(env)))
			if !errors.Is(err, row.code) || !strings.Contains(err.Error(), row.reason) {
				t.Errorf("got %v", err)
			}
			if row.name == "everything wrong" && len(fault.Of(err)) != 7 {
				t.Errorf("%d faults: %v", len(fault.Of(err)), err)
			}
		})
	}
}

func TestSecretsAreReplacedWithoutAGap(t *testing.T) {
	env := testutil.SQLite(t)
	next := base64.StdEncoding.EncodeToString([]byte("the next key of at least thirty-two bytes"))
	door := tokens(t, env, signon.Config{Secrets: []string{next, config.Secrets[0]}, Issuer: "erp", Audience: "crmplus"})
	if _, err := door.Redeem(context.Background(), sign(hs256, claims(env), key)); err != nil {
		t.Error(err)
	}
	now := env.Clock.Now().Unix()
	made, err := door.Make(signon.Claims{User: "papp", Company: env.Company, Name: "Papp", Rights: []string{"lead.read"}, IssuedAt: now, Expires: now + 60, ID: "abcdefghijklmnop"})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := door.Redeem(context.Background(), made); err != nil || !v.Actor.May(actor.LeadRead) || v.Actor.May(actor.LeadWrite) {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestUsedTokensAreForgottenWhenTooOld(t *testing.T) {
	env := testutil.SQLite(t)
	door := tokens(t, env, config)
	for _, id := range []string{"0000000000000001", "0000000000000002"} {
		c := claims(env)
		c["jti"] = id
		if _, err := door.Redeem(context.Background(), sign(hs256, c, key)); err != nil {
			t.Fatal(err)
		}
		env.Clock.Advance(time.Hour)
	}
	var n int
	if err := env.DB.SQL().QueryRow("SELECT COUNT(*) FROM crm_sign_on").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d tokens are kept, %v", n, err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	faults := signon.Config{Secrets: []string{"short", "c2hvcnQ="}}.Check()
	if len(faults) != 4 {
		t.Errorf("got %v", faults)
	}
}

func FuzzRedeem(f *testing.F) {
	env := testutil.SQLite(f)
	door, err := signon.New(env.DB, config)
	if err != nil {
		f.Fatal(err)
	}
	good := sign(hs256, claims(env), key)
	f.Add(good)
	f.Add(good + "=")
	f.Add("e30.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if v, err := door.Redeem(context.Background(), token); err == nil && token != good {
			t.Errorf("%q lets %+v in", token, v)
		}
	})
}
