package subscription_test

import (
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

func TestTopicNamesAllThatIsWrong(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	name := map[locale.Language]subscription.TopicText{locale.English: {Name: "News"}}
	for what, row := range map[string]struct {
		draft subscription.TopicDraft
		want  string
	}{
		"nothing":        {subscription.TopicDraft{}, "code:code.form texts:required"},
		"a taken code":   {subscription.TopicDraft{Code: "hirlevel", Texts: name}, "code:duplicate"},
		"a code in caps": {subscription.TopicDraft{Code: "News", Texts: name}, "code:code.form"},
		"no name":        {subscription.TopicDraft{Code: "x", Texts: map[locale.Language]subscription.TopicText{locale.Greek: {Description: "Νέα"}}}, "texts.el.name:required"},
		"too long":       {subscription.TopicDraft{Code: "x", Texts: map[locale.Language]subscription.TopicText{locale.English: {Name: strings.Repeat("n", 121)}}}, "texts.en.name:text.length"},
		"another":        {subscription.TopicDraft{Code: "x", Channel: "fax", Offer: "nobody", Texts: map[locale.Language]subscription.TopicText{"de": {Name: "Neues"}}}, "channel:choice offer:choice texts:choice texts:required"},
	} {
		t.Run(what, func(t *testing.T) { is(t, "faults", paths(second(w.n.AddTopic(w.anna, row.draft))), row.want) })
	}
}

func TestTopicIsClosedAndOpened(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		closed, err := w.n.CloseTopic(w.anna, w.news.ID, w.news.Version)
		w.ok(err)
		is(t, "open", closed.Open(), false)
		is(t, "faults", paths(w.request("eva@minta.example")), "topics:choice")
		_, err = w.n.OpenTopic(w.anna, w.news.ID, w.news.Version)
		wantCode(t, err, fault.Conflict)
		_, err = w.n.OpenTopic(w.anna, w.news.ID, closed.Version)
		w.ok(err)
		w.ok(w.request("eva@minta.example"))
		all, err := w.n.Topics(w.anna)
		w.ok(err)
		is(t, "topics", len(all), 3)
		text, l := all[0].In(locale.Greek)
		is(t, "in the next best language", string(l)+" "+text.Name, "en Light news")
	})
}

func TestWordsAreCompleteInAllLanguages(t *testing.T) {
	if missing := subscription.Texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	for _, s := range subscription.States {
		is(t, "state", strings.Contains(s.In(locale.Greek), "."), false)
	}
	for _, a := range subscription.Acts {
		is(t, "act "+string(a), strings.HasPrefix(a.In(locale.Hebrew), "act."), false)
	}
	for _, r := range subscription.Reasons {
		is(t, "reason "+string(r), strings.HasPrefix(r.In(locale.Russian), "reason."), false)
	}
	for _, b := range subscription.Bases {
		is(t, "basis "+string(b), strings.HasPrefix(b.In(locale.Hungarian), "basis."), false)
	}
	for _, p := range subscription.Purposes {
		for _, l := range locale.Languages {
			words, ok := p.Defaults[l]
			if faults := p.Check(words); !ok || len(faults) > 0 {
				t.Errorf("%s (%s): %v", p.Key, l, faults)
			}
		}
	}
}

func TestConfigNamesAllThatIsWrong(t *testing.T) {
	_, err := subscription.New(nil, subscription.Config{Mails: &mail.Mails{}, HashKey: []byte("short"), AddressRate: -1})
	is(t, "faults", paths(err), "parties:required hash_key:length mails:purpose mails:purpose sender:required public_url:required signer:required rate:negative")
}
