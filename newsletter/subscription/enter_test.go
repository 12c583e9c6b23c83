package subscription_test

import (
	"context"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

func TestStaffEnterWhomTheyCanProve(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		customer := w.add("Kovács Anna", "anna@ugyfel.example")
		interest := subscription.Ground{Basis: subscription.LegitimateInterest, Source: "vevő, 2025-ös szerződés"}
		both := []subscription.TopicID{w.news.ID, w.prices.ID}
		rows, err := w.n.Enter(w.anna, subscription.Entry{Party: customer.ID, Topics: both, Ground: interest})
		w.ok(err)
		is(t, "entered", w.states(customer.ID), "news=active prices=active")
		is(t, "address", rows[0].Address, "anna@ugyfel.example")
		is(t, "basis", rows[0].Basis, subscription.LegitimateInterest)
		_, err = w.n.Enter(w.anna, subscription.Entry{Party: customer.ID, Topics: both, Ground: interest})
		w.ok(err) // once more changes nothing
		is(t, "twice", w.states(customer.ID), "news=active prices=active")
		is(t, "once in the audience of both", w.audience(both...), "anna@ugyfel.example/hu")

		rows, err = w.n.Enter(w.anna, subscription.Entry{
			Address: "Moshe@Levi.example", Person: subscription.Person{Name: "משה לוי", Language: locale.Hebrew}, Topics: both[:1], Ground: fair,
		})
		w.ok(err)
		p, err := w.parties.Get(w.anna, rows[0].PartyID)
		w.ok(err)
		is(t, "the new party", p.DisplayName+" "+p.Email, "משה לוי moshe@levi.example")
		is(t, "the audience", w.audience(w.news.ID), "anna@ugyfel.example/hu moshe@levi.example/he")
	})
}

func TestEntryNeedsAGround(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	topics := []subscription.TopicID{w.news.ID}
	for name, row := range map[string]struct {
		entry subscription.Entry
		want  string
	}{
		"nothing":              {subscription.Entry{}, "topics:required ground.basis:choice ground.source:required"},
		"consent without text": {subscription.Entry{Topics: topics, Address: "eva@minta.example", Ground: subscription.Ground{Basis: subscription.Consent, Source: "vásár"}}, "ground.statement:required"},
		"no address":           {subscription.Entry{Topics: topics, Ground: fair}, "address:required"},
		"another basis":        {subscription.Entry{Topics: topics, Address: "eva@minta.example", Ground: subscription.Ground{Basis: "guess", Source: "vásár"}}, "ground.basis:choice"},
	} {
		t.Run(name, func(t *testing.T) { is(t, "faults", paths(second(w.n.Enter(w.anna, row.entry))), row.want) })
	}
	is(t, "written", w.count("crm_subscription")+w.count("crm_consent"), 0)
}

func TestRightsAndVisibility(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	who := w.subscribed("eva@minta.example")
	seller := w.As("szabo", append(actor.Rights{subscription.Read, subscription.Write}, actor.Seller...), actor.Own)
	for name, err := range map[string]error{
		"topics without the right":      second(w.n.Topics(env(w))),
		"list without the right":        second(w.n.List(env(w), subscription.Filter{Topic: w.news.ID})),
		"evidence without the right":    second(w.n.EvidenceOf(w.anna, who)),
		"erasing without the right":     w.n.Erase(w.anna, who),
		"suppressing by the public":     w.n.Suppress(w.out, subscription.Block{Channel: subscription.Email, Address: "a@b.example", Reason: subscription.Manual}),
		"entering by the public":        second(w.n.Enter(w.out, subscription.Entry{Address: "a@b.example", Topics: []subscription.TopicID{w.news.ID}, Ground: fair})),
		"asking without being anybody":  w.n.Request(env(w), subscription.RequestInput{}),
		"tidying by the outside world":  second(w.n.Tidy(w.out, 1)),
		"reading counts by the outside": second(w.n.Counts(w.out)),
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, err, fault.Forbidden) })
	}
	wantCode(t, second(w.n.Of(seller, who)), fault.NotFound)
	wantCode(t, second(w.n.Enter(seller, subscription.Entry{Party: who, Topics: []subscription.TopicID{w.prices.ID}, Ground: fair})), fault.NotFound)
	wantCode(t, w.n.Leave(seller, subscription.Leaving{Party: who, Topic: w.news.ID}), fault.NotFound)
	page, err := w.n.List(seller, subscription.Filter{Topic: w.news.ID})
	w.ok(err)
	is(t, "what a seller sees of others' readers", len(page.Rows), 0)
	w.ok(w.parties.Share(w.anna, who, "szabo"))
	page, err = w.n.List(seller, subscription.Filter{Topic: w.news.ID})
	w.ok(err)
	is(t, "when it is shared", len(page.Rows), 1)
}

func TestSuppressionEndsAndStays(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		who := w.subscribed("eva@minta.example")
		bounce := subscription.Block{Channel: subscription.Email, Address: "Eva@minta.example", Reason: subscription.HardBounce, Source: "550 5.1.1"}
		for range 2 {
			w.ok(w.n.Suppress(w.system, bounce))
		}
		is(t, "after the bounce", w.states(who), "news=suppressed")
		is(t, "the audience", w.audience(w.news.ID), "")
		w.ok(w.n.Suppress(w.system, subscription.Block{Channel: subscription.Email, Address: "eva@minta.example", Reason: subscription.OptedOut}))
		row, err := w.n.Suppressed(w.anna, subscription.Email, "eva@minta.example")
		w.ok(err)
		is(t, "a weaker reason changes nothing", row.Reason, subscription.HardBounce)
		w.ok(w.n.Suppress(w.anna, subscription.Block{Channel: subscription.Email, Address: "eva@minta.example", Reason: subscription.Manual}))
		tally, err := w.n.Suppressions(w.anna)
		w.ok(err)
		is(t, "a stronger one does", tally, "[{email manual 1}]")
		wantCode(t, w.n.Lift(w.anna, subscription.Email, "eva@minta.example", " "), fault.Invalid)
		w.ok(w.n.Lift(w.anna, subscription.Email, "eva@minta.example", "telefonon kérte, 2026. 7. 13."))
		is(t, "lifted, not subscribed", w.states(who), "news=unsubscribed")
		wantCode(t, w.n.Lift(w.anna, subscription.Email, "eva@minta.example", "újra"), fault.NotFound)
		is(t, "proved", w.acts(who), "requested confirmed blocked blocked lifted")
	})
}

func TestSuppressionKeepsAnAddressOutWhateverItsRowSays(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.subscribed("eva@minta.example")
	w.ok(w.n.Suppress(w.system, subscription.Block{Channel: subscription.Email, Address: "eva@minta.example", Reason: subscription.Complaint}))
	_, err := w.DB.SQL().Exec("UPDATE crm_subscription SET state = 'active'") // a restored backup
	w.ok(err)
	is(t, "the audience", w.audience(w.news.ID), "")
}

func TestErasureTakesAddressesAwayAndIsRemembered(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		p, err := w.parties.Add(w.anna, party.Draft{FullName: "Szabó Éva", Emails: []string{"eva@minta.example", "eva@home.example"}, Mobile: "+36301234567"})
		w.ok(err)
		w.subscribed("eva@minta.example")
		for range 2 {
			w.ok(w.n.Erase(w.privacy, p.ID))
		}
		is(t, "rows with addresses", w.count("crm_subscription")+w.count("crm_subscription_request"), 0)
		is(t, "proved", w.acts(p.ID), "requested confirmed erased erased erased")
		for ch, a := range map[subscription.Channel]string{subscription.Email: "eva@home.example", subscription.SMS: "+36301234567"} {
			row, err := w.n.Suppressed(w.anna, ch, a)
			w.ok(err)
			is(t, a, row.Reason, subscription.GotErased)
		}
		proof, err := w.n.EvidenceOfAddress(w.privacy, subscription.Email, "Eva@minta.example")
		w.ok(err)
		is(t, "proved of the address", len(proof), 3)
		_, err = w.n.Enter(w.anna, subscription.Entry{Address: "eva@minta.example", Topics: []subscription.TopicID{w.news.ID}, Ground: fair})
		wantCode(t, err, fault.Conflict)
	})
}

func TestHashesOfTwoCompaniesHaveNothingInCommon(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	a, b := subscription.Letter{Company: "HU01", Channel: subscription.Email, Address: "eva@minta.example"}, subscription.Letter{Company: "HU02", Channel: subscription.Email, Address: "eva@minta.example"}
	sms := a
	sms.Channel = subscription.SMS
	seen := map[[16]byte]bool{}
	for _, l := range []subscription.Letter{a, b, sms} {
		seen[must(w.n.LinkOf(w.n.Links(l).Preference[len("https://erp.example.com/crm/s/p/"):])).Subject] = true
	}
	is(t, "hashes of one address in two companies and two channels", len(seen), 3)
}

func TestSieveFindsTheSuppressed(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.ok(w.n.Suppress(w.system, subscription.Block{Channel: subscription.Email, Address: "eva@minta.example", Reason: subscription.Manual}))
		many := make([]string, 300)
		for i := range many {
			many[i] = string(rune('a'+i%26)) + string(rune('a'+i/26)) + "@minta.example"
		}
		many[7] = "eva@minta.example"
		w.ok(w.DB.Read(w.system, func(ctx context.Context, s *store.Session) error {
			found, err := w.n.Sieve(ctx, s, subscription.Email, many)
			is(t, "found", found, "map[eva@minta.example:manual]")
			return err
		}))
	})
}
