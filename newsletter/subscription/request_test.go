package subscription_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

func TestStrangerIsSubscribedByAPressOnly(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.ok(w.request(" Éva <Eva@Minta.example> "))
		sent := w.letters()
		if len(sent) != 1 || sent[0].To[0].Email != "eva@minta.example" || sent[0].Language != locale.Hungarian {
			t.Fatalf("sent: %+v", sent)
		}
		if strings.Contains(sent[0].Text+sent[0].HTML+sent[0].To[0].Name, "Szabó") {
			t.Error("the letter holds what a stranger has typed")
		}
		if !strings.Contains(sent[0].Text, "Fényforrás hírlevél") || !strings.Contains(sent[0].Subject, "Fényforrás Zrt.") {
			t.Errorf("the letter does not say what it is about: %s", sent[0].Text)
		}
		link := token(t, sent[0], subscription.ConfirmPage)
		who := must(w.n.LinkOf(link)).Party

		seen, err := w.n.Confirmation(w.out, link)
		w.ok(err)
		is(t, "the page's address", seen.Address, "eva@minta.example")
		is(t, "the page's topics", len(seen.Topics), 1)
		is(t, "done before the press", seen.Done, false)
		is(t, "after looking", w.states(who), "news=pending")
		is(t, "the audience after looking", w.audience(w.news.ID), "")

		w.Clock.Advance(hour)
		done, err := w.n.Confirm(w.out, link, visit)
		w.ok(err)
		is(t, "done after the press", done.Done, true)
		is(t, "after the press", w.states(who), "news=active")
		is(t, "the audience", w.audience(w.news.ID), "eva@minta.example/hu")
		p, err := w.parties.Get(w.anna, who)
		w.ok(err)
		is(t, "the party's name", p.DisplayName, "Szabó Éva")
		is(t, "events", w.events(), "subscription.requested subscription.subscribed")

		_, err = w.n.Confirm(w.out, link, visit) // pressed twice
		w.ok(err)
		is(t, "proved", w.acts(who), "requested confirmed")
	})
}

func TestOldConfirmationDoesNotBringBackWhoLeft(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.ok(w.request("eva@minta.example"))
	link := token(t, w.letters()[0], subscription.ConfirmPage)
	who := must(w.n.LinkOf(link)).Party
	_, err := w.n.Confirm(w.out, link, visit)
	w.ok(err)
	w.ok(w.n.Leave(w.anna, subscription.Leaving{Party: who, Topic: w.news.ID}))
	again, err := w.n.Confirm(w.out, link, visit)
	w.ok(err)
	is(t, "after the old link", w.states(who), "news=unsubscribed")
	is(t, "done and ended", fmt.Sprint(again.Done, again.Ended), "true true")
}

func TestClosedTopicIsNotConfirmed(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.ok(w.request("eva@minta.example"))
	link := token(t, w.letters()[0], subscription.ConfirmPage)
	_, err := w.n.CloseTopic(w.anna, w.news.ID, w.news.Version)
	w.ok(err)
	done, err := w.n.Confirm(w.out, link, visit)
	w.ok(err)
	is(t, "done", done.Done, false)
	is(t, "the audience", w.audience(w.news.ID), "")
}

func TestNobodyLearnsWhoIsKnown(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.add("Kovács Anna", "anna@ugyfel.example")
		w.subscribed("eva@minta.example")
		w.ok(w.n.Suppress(w.system, subscription.Block{Channel: subscription.Email, Address: "panasz@minta.example", Reason: subscription.Complaint}))
		parties := w.count("crm_party")
		for address, letter := range map[string]string{
			"anna@ugyfel.example":  subscription.ConfirmPage,    // a customer
			"uj@minta.example":     subscription.ConfirmPage,    // a stranger
			"eva@minta.example":    subscription.PreferencePage, // who has it already
			"panasz@minta.example": "",                          // who complained
		} {
			w.ok(w.request(address)) // one answer for all
			sent := w.letters()
			if letter == "" {
				is(t, "letters to "+address, len(sent), 0)
				continue
			}
			if len(sent) != 1 {
				t.Fatalf("%d letters to %s", len(sent), address)
			}
			token(t, sent[0], letter)
		}
		is(t, "parties made", w.count("crm_party")-parties, 1)
	})
}

func TestRequestsAreLimited(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	for range 3 {
		w.ok(w.request("eva@minta.example"))
	}
	is(t, "letters to one address", len(w.letters()), 2)
	var err error
	for _, a := range []string{"a", "b", "c", "d"} {
		err = w.request(a + "@minta.example")
	}
	wantCode(t, err, fault.Limit)
	elsewhere := subscription.RequestInput{Address: "f@minta.example", Topics: []subscription.TopicID{w.news.ID}, Visit: subscription.Visit{IP: netip.MustParseAddr("2001:db8:1:2::3")}}
	w.ok(w.n.Request(w.out, elsewhere))
	w.Clock.Advance(hour)
	w.ok(w.request("eva@minta.example"))
	is(t, "letters after an hour and from elsewhere", len(w.letters()), 3+1+1)
}

func TestRequestNamesAllThatIsWrong(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	closed := w.topic("regi", subscription.Email, subscription.Public, map[locale.Language]string{locale.Greek: "Παλιά νέα"})
	_, err := w.n.CloseTopic(w.system, closed.ID, closed.Version)
	w.ok(err)
	for name, row := range map[string]struct {
		in   subscription.RequestInput
		want string
	}{
		"nothing":        {subscription.RequestInput{}, "topics:required address:required"},
		"no address":     {subscription.RequestInput{Address: "eva", Topics: []subscription.TopicID{w.news.ID}}, "address:email.form"},
		"for staff only": {subscription.RequestInput{Address: "eva@minta.example", Topics: []subscription.TopicID{w.prices.ID}}, "topics:choice"},
		"closed":         {subscription.RequestInput{Address: "eva@minta.example", Topics: []subscription.TopicID{closed.ID}}, "topics:choice"},
		"unknown":        {subscription.RequestInput{Address: "eva@minta.example", Topics: []subscription.TopicID{{1}}}, "topics:choice"},
		"two channels":   {subscription.RequestInput{Address: "eva@minta.example", Topics: []subscription.TopicID{w.news.ID, w.alerts.ID}}, "topics:channel"},
		"other channel":  {subscription.RequestInput{Address: "eva@minta.example", Topics: []subscription.TopicID{w.alerts.ID}}, "topics:channel"},
		"no channel":     {subscription.RequestInput{Channel: "fax", Address: "1", Topics: []subscription.TopicID{w.news.ID}}, "channel:choice topics:channel"},
	} {
		t.Run(name, func(t *testing.T) { is(t, "faults", paths(w.n.Request(w.out, row.in)), row.want) })
	}
	err = w.n.Request(w.out, subscription.RequestInput{Channel: subscription.SMS, Address: "+36301234567", Topics: []subscription.TopicID{w.alerts.ID}})
	wantCode(t, err, fault.Unavailable)
	is(t, "requests kept", w.count("crm_subscription_request"), 0)
}

func TestTwoPressesAtOnceSubscribeOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.ok(w.request("eva@minta.example"))
		link := token(t, w.letters()[0], subscription.ConfirmPage)
		var wait sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wait.Go(func() { _, errs[i] = w.n.Confirm(w.out, link, visit) })
		}
		wait.Wait()
		for _, err := range errs {
			w.ok(err)
		}
		is(t, "proved", w.acts(must(w.n.LinkOf(link)).Party), "requested confirmed")
	})
}

func TestSecondAddressOfAReaderReplacesTheFirstWhenConfirmed(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	p, err := w.parties.Add(w.anna, partyOf("Папандреу Никос", "nikos@work.example", "nikos@home.example"))
	w.ok(err)
	is(t, "the reader", w.subscribed("nikos@work.example"), p.ID)
	w.ok(w.request("nikos@home.example"))
	is(t, "before the press", w.audience(w.news.ID), "nikos@work.example/hu")
	_, err = w.n.Confirm(w.out, token(t, w.letters()[0], subscription.ConfirmPage), visit)
	w.ok(err)
	is(t, "one reader, one letter", w.audience(w.news.ID), "nikos@home.example/hu")
	is(t, "subscriptions", w.states(p.ID), "news=active")
}

func TestOldRequestsAreTidiedAway(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.ok(w.request("eva@minta.example"))
	w.ok(w.request("anna@minta.example"))
	gone, err := w.n.Tidy(w.system, 10)
	w.ok(err)
	is(t, "young ones", gone, 0)
	w.Clock.Advance(subscription.LinkLife + hour)
	gone, err = w.n.Tidy(w.system, 1)
	w.ok(err)
	is(t, "at once", gone, 1)
	is(t, "left", w.count("crm_subscription_request"), 1)
}

// gateway takes short messages.
type gateway struct{ sent []string }

func (g *gateway) Text(_ context.Context, _ *store.Session, to, text string) (string, error) {
	g.sent = append(g.sent, to+" "+text)
	return "sms-1", nil
}

func TestTopicByShortMessageIsConfirmedByOne(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	g := &gateway{}
	config := w.config()
	config.Texter = g
	w.n = must(subscription.New(w.DB, config))
	w.ok(w.n.Request(w.out, subscription.RequestInput{
		Channel: subscription.SMS, Address: "06 30 123 4567", Topics: []subscription.TopicID{w.alerts.ID}, Person: subscription.Person{Language: locale.Russian}, Visit: visit,
	}))
	if len(g.sent) != 1 || !strings.HasPrefix(g.sent[0], "+36301234567 Fényforrás Zrt.: подтвердите") {
		t.Fatalf("sent: %v", g.sent)
	}
	link := token(t, mail.Message{Text: g.sent[0]}, subscription.ConfirmPage)
	_, err := w.n.Confirm(w.out, link, visit)
	w.ok(err)
	is(t, "the audience", w.audience(w.alerts.ID), "+36301234567/ru")
	list, err := w.n.EvidenceOf(w.privacy, must(w.n.LinkOf(link)).Party)
	w.ok(err)
	is(t, "the message", list[1].MessageID, "sms-1")
}
