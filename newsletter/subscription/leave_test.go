package subscription_test

import (
	"context"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

func partyOf(name string, emails ...string) party.Draft {
	return party.Draft{FullName: name, Emails: emails}
}

// links are those of a letter of the newsletter.
func (w *world) links(id party.ID, topic subscription.TopicID, address string) (preference, unsubscribe string) {
	l := w.n.Links(subscription.Letter{Company: w.Company, Party: id, Topic: topic, Channel: subscription.Email, Address: address, At: w.Clock.Now()})
	cut := len("https://erp.example.com/crm/s/p/")
	return l.Preference[cut:], l.Unsubscribe[cut:]
}

func TestOnePressUnsubscribesAndAnotherTakesItBack(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		who := w.subscribed("eva@minta.example")
		_, link := w.links(who, w.news.ID, "eva@minta.example")
		for range 2 {
			page, err := w.n.Unsubscribe(w.out, link, visit)
			w.ok(err)
			is(t, "still on", page.Choices[0].On(), false)
		}
		is(t, "after the press", w.states(who), "news=unsubscribed")
		is(t, "the audience", w.audience(w.news.ID), "")
		_, err := w.n.Resubscribe(w.out, link, visit)
		w.ok(err)
		is(t, "taken back", w.audience(w.news.ID), "eva@minta.example/hu")
		is(t, "proved", w.acts(who), "requested confirmed ended resubscribed")
	})
}

func TestUnsubscribingFromAllSuppressesAndAConfirmationLifts(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		who := w.subscribed("eva@minta.example")
		_, err := w.n.Enter(w.anna, subscription.Entry{Party: who, Topics: []subscription.TopicID{w.prices.ID}, Ground: fair})
		w.ok(err)
		preference, _ := w.links(who, w.news.ID, "eva@minta.example")
		page, err := w.n.UnsubscribeAll(w.out, preference, visit)
		w.ok(err)
		is(t, "opted out", page.OptedOut, true)
		is(t, "after it", w.states(who), "news=unsubscribed prices=unsubscribed")
		row, err := w.n.Suppressed(w.anna, subscription.Email, "EVA@minta.example")
		w.ok(err)
		is(t, "the reason", row.Reason, subscription.OptedOut)
		_, err = w.n.Enter(w.anna, subscription.Entry{Address: "eva@minta.example", Topics: []subscription.TopicID{w.news.ID}, Ground: fair})
		wantCode(t, err, fault.Conflict)
		is(t, "asked again by the reader", w.subscribed("eva@minta.example"), who)
		is(t, "only what was asked for", w.states(who), "news=active prices=unsubscribed")
		_, err = w.n.Suppressed(w.anna, subscription.Email, "eva@minta.example")
		wantCode(t, err, fault.NotFound)
		is(t, "proved", w.acts(who), "requested confirmed entered ended ended ended_all requested lifted confirmed")
	})
}

func TestPreferencesChangeWhatIsNamedOnly(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		offers := w.topic("akciok", subscription.Email, subscription.Public, map[locale.Language]string{locale.Hebrew: "מבצעים"})
		who := w.subscribed("eva@minta.example")
		link, _ := w.links(who, w.news.ID, "eva@minta.example")
		page, err := w.n.Preference(w.out, link)
		w.ok(err)
		is(t, "choices", len(page.Choices), 2) // not the list for resellers, nor what goes by SMS
		is(t, "address", page.Address, "eva@minta.example")

		_, err = w.n.Choose(w.out, link, map[subscription.TopicID]bool{offers.ID: true, w.prices.ID: true, {9}: true}, visit)
		w.ok(err)
		is(t, "the newsletter", w.audience(w.news.ID), "eva@minta.example/hu")
		is(t, "the offers", w.audience(offers.ID), "eva@minta.example/hu")
		is(t, "what is not offered", w.audience(w.prices.ID), "")
		_, err = w.n.Choose(w.out, link, map[subscription.TopicID]bool{w.news.ID: false}, visit)
		w.ok(err)
		is(t, "the newsletter", w.audience(w.news.ID), "")
		is(t, "both at once", w.audience(w.news.ID, offers.ID), "eva@minta.example/hu")
		is(t, "proved", w.acts(who), "requested confirmed chosen ended")
	})
}

func TestLinksDoOnlyWhatTheyAreFor(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	who := w.subscribed("eva@minta.example")
	preference, unsubscribe := w.links(who, w.news.ID, "eva@minta.example")
	other := actor.With(w.out, actor.Public("another company"))
	w.Clock.Advance(hour)
	for name, err := range map[string]error{
		"confirm by a preference link":      second(w.n.Confirm(w.out, preference, visit)),
		"choose by an unsubscribe link":     second(w.n.Choose(w.out, unsubscribe, map[subscription.TopicID]bool{w.news.ID: true}, visit)),
		"unsubscribe by a preference link":  second(w.n.Unsubscribe(w.out, preference, visit)),
		"resubscribe by a preference link":  second(w.n.Resubscribe(w.out, preference, visit)),
		"as another company":                second(w.n.Unsubscribe(other, unsubscribe, visit)),
		"preferences of an address not his": second(w.n.Preference(w.out, firstOf(w.links(who, w.news.ID, "pal@minta.example")))),
		"of nobody":                         second(w.n.Unsubscribe(w.out, secondOf(w.links(party.ID{5}, w.news.ID, "eva@minta.example")), visit)),
		"of no topic":                       second(w.n.Unsubscribe(w.out, secondOf(w.links(who, subscription.TopicID{5}, "eva@minta.example")), visit)),
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, err, fault.NotFound) })
	}
	wantCode(t, second(w.n.Unsubscribe(env(w), unsubscribe, visit)), fault.Forbidden)
	w.Clock.Advance(subscription.LinkLife)
	wantCode(t, second(w.n.Unsubscribe(w.out, unsubscribe, visit)), fault.NotFound)
	is(t, "after all that", w.states(who), "news=active")
}

func second[T any](_ T, err error) error { return err }
func firstOf(a, _ string) string         { return a }
func secondOf(_, b string) string        { return b }

// env is a user without rights on newsletters.
func env(w *world) context.Context { return w.As("szabo", actor.Rights{actor.LeadRead}, actor.All) }

func TestCustomerWhoNeverSubscribedCanLeaveATopicAndAll(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	p, err := w.parties.Add(w.anna, partyOf("Kovács Anna", "anna@ugyfel.example", "anna@home.example"))
	w.ok(err)
	_, topic := w.links(p.ID, w.news.ID, "anna@ugyfel.example")
	_, err = w.n.Unsubscribe(w.out, topic, visit)
	w.ok(err)
	is(t, "remembered", w.states(p.ID), "news=unsubscribed")
	_, all := w.links(p.ID, subscription.TopicID{}, "anna@ugyfel.example")
	_, err = w.n.Unsubscribe(w.out, all, visit)
	w.ok(err)
	for _, a := range []string{"anna@ugyfel.example", "anna@home.example"} {
		_, err := w.n.Suppressed(w.anna, subscription.Email, a)
		w.ok(err)
	}
	is(t, "proved", w.acts(p.ID), "ended ended_all ended_all")
}

func TestStopByShortMessageEndsTheChannel(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	rows, err := w.n.Enter(w.anna, subscription.Entry{Address: "06 30 123 4567", Person: subscription.Person{Name: "Иванов Пётр", Language: locale.Russian}, Topics: []subscription.TopicID{w.alerts.ID}, Ground: fair})
	w.ok(err)
	w.ok(w.n.Leave(w.system, subscription.Leaving{Channel: subscription.SMS, Address: "+36301234567", Visit: subscription.Visit{Source: "STOP"}}))
	is(t, "after STOP", w.states(rows[0].PartyID), "alerts=unsubscribed")
	_, err = w.n.Suppressed(w.anna, subscription.SMS, "+36 30 123 4567")
	w.ok(err)
	w.ok(w.n.Leave(w.system, subscription.Leaving{Channel: subscription.SMS, Address: "+36301111111"})) // nobody's
	_, err = w.n.Suppressed(w.anna, subscription.SMS, "+36301111111")
	w.ok(err)
	w.ok(w.n.Leave(w.system, subscription.Leaving{Topic: w.alerts.ID, Address: "+36302222222"})) // nothing to end
	is(t, "faults", paths(w.n.Leave(w.system, subscription.Leaving{})), "channel:choice party:required")
}

func TestMergedPartiesAreOneReader(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		first, second := w.subscribed("anna@egy.example"), w.subscribed("anna@ketto.example")
		third := w.subscribed("anna@harom.example")
		_, err := w.parties.Merge(w.anna, first, second)
		w.ok(err)
		is(t, "the survivor's address", w.audience(w.news.ID), "anna@egy.example/hu anna@harom.example/hu")
		_, err = w.parties.Merge(w.anna, first, third)
		w.ok(err)
		is(t, "of three", w.audience(w.news.ID), "anna@egy.example/hu")
		_, link := w.links(second, w.news.ID, "anna@ketto.example")
		_, err = w.n.Unsubscribe(w.out, link, visit)
		w.ok(err)
		is(t, "after one press", w.audience(w.news.ID), "")
		is(t, "all of them", w.states(third), "news=unsubscribed news=unsubscribed news=unsubscribed")
	})
}

func TestMergedPartyStaysAReaderWhereTheSurvivorIsNone(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	survivor := w.add("Kovács Anna", "anna@ugyfel.example")
	for _, a := range []string{"anna@egy.example", "anna@ketto.example"} {
		_, err := w.parties.Merge(w.anna, survivor.ID, w.subscribed(a))
		w.ok(err)
	}
	is(t, "one of the two", w.audience(w.news.ID), "anna@egy.example/hu")
}

func TestLeftIsWhoEndedAllTopics(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		stays, leaves, guest := w.subscribed("anna@ugyfel.example"), w.subscribed("pal@ugyfel.example"), w.add("Szabó Vera", "vera@ugyfel.example")
		left := func(topics ...subscription.TopicID) string {
			var found []string
			w.ok(w.DB.Read(w.system, func(ctx context.Context, s *store.Session) error {
				gone := subscription.Audience{Topics: topics}.Left(s, "p.id")
				return s.Query(ctx, &found, store.From[party.Party]("p"), "SELECT CASE WHEN p.id = ? THEN 'stays' WHEN p.id = ? THEN 'leaves' ELSE 'guest' END FROM crm_party AS p WHERE {scope} AND p.id IN (?, ?, ?) AND "+gone.SQL,
					append([]any{stays, leaves, stays, leaves, guest.ID}, gone.Args...)...)
			}))
			return strings.Join(found, " ")
		}
		is(t, "nobody has left", left(w.news.ID), "")
		w.ok(w.n.Leave(w.anna, subscription.Leaving{Party: leaves, Topic: w.news.ID, Note: "telefonon kérte"}))
		is(t, "who left the news", left(w.news.ID), "leaves")
		_, err := w.n.Enter(w.anna, subscription.Entry{Party: leaves, Topics: []subscription.TopicID{w.prices.ID}, Ground: subscription.Ground{Basis: subscription.Contract, Source: "telefon"}})
		w.ok(err)
		is(t, "he has the other topic", left(w.news.ID, w.prices.ID), "")
	})
}
