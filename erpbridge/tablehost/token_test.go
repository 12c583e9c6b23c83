package tablehost

import (
	"context"
	"errors"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/testutil"
)

func TestTokensAreClaimedOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{}, Options{})
		token := claim{kind: "customer", token: "token-1"}
		make := func(key, stale string) error {
			return c.in(t, func(ctx context.Context, w work) error {
				if _, err := w.remembered(ctx, token); err != nil {
					return err
				}
				if err := w.claim(ctx, token, stale); err != nil {
					return err
				}
				return w.note(ctx, token, key)
			})
		}
		known := func() (key string) {
			c.must(t, func(ctx context.Context, w work) (err error) {
				key, err = w.remembered(ctx, token)
				return err
			})
			return key
		}
		if err := make("C1", ""); err != nil || known() != "C1" {
			t.Fatalf("the first claim gives %v, and %q is remembered", err, known())
		}
		if err := make("C2", ""); !errors.Is(err, fault.Retryable) || known() != "C1" {
			t.Errorf("a second claim gives %v, and %q is remembered", err, known())
		}
		// The host was restored without the row.
		if err := make("C3", "C1"); err != nil || known() != "C3" {
			t.Errorf("claiming what is gone gives %v, and %q is remembered", err, known())
		}
		// A claim that was committed without a result does not lock the token for ever.
		token.token = "token-2"
		c.must(t, func(ctx context.Context, w work) error { return w.claim(ctx, token, "") })
		if err := make("C4", ""); err != nil || known() != "C4" {
			t.Errorf("claiming what came to nothing gives %v, and %q is remembered", err, known())
		}
		// Somebody else was faster between the question and the claim.
		token.token = "token-3"
		err := c.in(t, func(ctx context.Context, w work) error {
			if _, err := w.remembered(ctx, token); err != nil {
				return err
			}
			return w.claim(ctx, token, "C5")
		})
		if !errors.Is(err, fault.Retryable) {
			t.Errorf("a claim that was overtaken gives %v", err)
		}
		// A dry run has no token and needs no table of CRM+.
		c.must(t, func(ctx context.Context, w work) error {
			none := claim{kind: "customer"}
			key, err := w.remembered(ctx, none)
			return errors.Join(err, w.claim(ctx, none, key), w.note(ctx, none, "C6"))
		})
	})
}

func TestTheHostsOwnIndexStandsForTheClaim(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		c := openCore(t, env, Mapping{}, Options{})
		stock := c.rowsOf(t, Entity{Table: "core_stock", Key: Key{Column: "product"}, Fields: map[string]Field{"payment_days": {Column: "moved"}}})
		if stock.uniquely(stock.columns["moved"]) || stock.uniquely(nil) {
			t.Error("a column without a unique index is taken for unique")
		}
	})
}
