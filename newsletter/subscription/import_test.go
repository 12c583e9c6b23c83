package subscription_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/tabular"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

func TestImportHonoursWhoDoesNotWantToBeWrittenTo(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		customer := w.add("Kovács Anna", "anna@ugyfel.example")
		left := w.subscribed("pal@elment.example")
		w.ok(w.n.Leave(w.anna, subscription.Leaving{Party: left, Topic: w.news.ID}))
		w.ok(w.request("nem@erositette.example"))
		w.letters()
		w.subscribed("mar@feliratkozott.example")
		gone := w.subscribed("torolt@minta.example")
		w.ok(w.n.Erase(w.privacy, gone))
		w.ok(w.n.Suppress(w.system, subscription.Block{Channel: subscription.Email, Address: "visszajott@minta.example", Reason: subscription.HardBounce}))
		parties := w.count("crm_party")

		file := "Név;E-mail;Nyelv\nSzabó Éva;EVA@minta.example;\nКузнецов Иван;ivan@minta.example;ru\nKovács Anna;anna@ugyfel.example;\n" +
			"Nagy Pál;pal@elment.example;\nKis Ferenc;nem@erositette.example;\nTóth Béla;mar@feliratkozott.example;\nTörölt;torolt@minta.example;\n" +
			"Vissza;visszajott@minta.example;\nSzabó Éva;eva@minta.example;\nHibás;nem cím;\n"
		var rejects bytes.Buffer
		plan := subscription.ImportPlan{Topics: []subscription.TopicID{w.news.ID}, Ground: fair, Rejects: &rejects}
		got, err := w.n.Import(w.anna, plan, strings.NewReader(file))
		w.ok(err)
		id := got.ID
		got.ID = [16]byte{}
		if want := (subscription.ImportResult{Read: 10, Subscribed: 3, Known: 2, Unwilling: 2, Suppressed: 2, Bad: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		is(t, "new parties", w.count("crm_party")-parties, 2)
		is(t, "the audience", w.audience(w.news.ID), "anna@ugyfel.example/hu eva@minta.example/hu ivan@minta.example/ru mar@feliratkozott.example/hu")
		is(t, "who left", w.states(left), "news=unsubscribed")
		is(t, "the customer", w.states(customer.ID), "news=active")
		proof, err := w.n.EvidenceOf(w.privacy, customer.ID)
		w.ok(err)
		if e := proof[0]; e.Act != subscription.Imported || e.Text != fair.Statement || e.Source != fair.Source || e.EnteredBy != "kovacs.anna" {
			t.Errorf("what is proved: %+v", e)
		}
		if !strings.Contains(rejects.String(), "nem cím") || strings.Count(rejects.String(), "\n") != 2 {
			t.Errorf("rejected: %s", rejects.String())
		}
		if !strings.HasSuffix(w.events(), "subscription.imported") || id.IsZero() {
			t.Errorf("events: %s", w.events())
		}

		again, err := w.n.Import(w.anna, plan, strings.NewReader(file)) // after a crash, say
		w.ok(err)
		is(t, "subscribed by the second run", again.Subscribed, 0)
		is(t, "known to the second run", again.Known, 5)
	})
}

func TestImportOfManyChunksAndTopics(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	var file strings.Builder
	file.WriteString("email,first name,last name\n")
	for i := range 600 {
		file.WriteString(strings.Repeat("x", 1+i/26) + string(rune('a'+i%26)) + "@minta.example,Anna,Kovács\n")
	}
	topics := []subscription.TopicID{w.news.ID, w.prices.ID}
	got, err := w.n.Import(w.anna, subscription.ImportPlan{Topics: topics, Ground: fair}, strings.NewReader(file.String()))
	w.ok(err)
	is(t, "subscribed", got.Subscribed, 1200)
	is(t, "parties", w.count("crm_party"), 600)
	is(t, "pieces of evidence", w.count("crm_consent"), 1200)
	is(t, "readers of both", strings.Count(w.audience(topics...), "@"), 600)
	counts, err := w.n.Counts(w.anna)
	w.ok(err)
	is(t, "counts", len(counts), 2)
	is(t, "of one", counts[0].Count, 600)

	seen, page := map[string]bool{}, subscription.Filter{Topic: w.news.ID}
	for {
		page.Page.Limit = 250
		list, err := w.n.List(w.anna, page)
		w.ok(err)
		for _, r := range list.Rows {
			seen[r.Address] = true
			if r.Name != "Kovács Anna" {
				t.Fatalf("%s is called %q", r.Address, r.Name)
			}
		}
		if page.Page.After = list.Next; list.Next == "" {
			break
		}
	}
	is(t, "listed", len(seen), 600)
}

func TestImportOfPhoneNumbersWithColumnsNamed(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	plan := subscription.ImportPlan{Topics: []subscription.TopicID{w.alerts.ID}, Ground: fair, Columns: map[int]tabular.Field{0: tabular.FullName, 1: tabular.Mobile}}
	got, err := w.n.Import(w.anna, plan, strings.NewReader("Kit;Hol\nNagy Pál;06 30 123 4567\nSzabó Éva;+36301234567\nKis Ödön;12\n"))
	w.ok(err)
	got.ID = [16]byte{}
	if want := (subscription.ImportResult{Read: 3, Subscribed: 1, Known: 1, Bad: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	is(t, "the audience", w.audience(w.alerts.ID), "+36301234567/hu")
}

func TestImportIsRefusedWithoutAGroundOrAddresses(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	topics := []subscription.TopicID{w.news.ID}
	for name, row := range map[string]struct {
		plan subscription.ImportPlan
		file string
		want string
	}{
		"no ground":    {subscription.ImportPlan{Topics: topics}, "e-mail\na@b.example\n", "ground.basis:choice ground.source:required"},
		"no statement": {subscription.ImportPlan{Topics: topics, Ground: subscription.Ground{Basis: subscription.Consent, Source: "vásár"}}, "e-mail\na@b.example\n", "ground.statement:required"},
		"no topic":     {subscription.ImportPlan{Ground: fair}, "e-mail\na@b.example\n", "topics:required"},
		"no address":   {subscription.ImportPlan{Topics: topics, Ground: fair}, "Név;Város\nKovács Anna;Győr\n", "columns:required"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.n.Import(w.anna, row.plan, strings.NewReader(row.file))
			is(t, "faults", paths(err), row.want)
		})
	}
	_, err := w.n.Import(w.anna, subscription.ImportPlan{Topics: topics, Ground: subscription.Ground{Basis: subscription.Contract, Source: "ügyfélkör", Language: locale.Hungarian}}, strings.NewReader("e-mail\na@b.example\n"))
	w.ok(err)
	ctx, cancel := context.WithCancel(w.anna)
	cancel()
	if _, err := w.n.Import(ctx, subscription.ImportPlan{Topics: topics, Ground: fair}, strings.NewReader("e-mail\nc@b.example\n")); err == nil {
		t.Error("an import that was stopped says nothing")
	}
}
