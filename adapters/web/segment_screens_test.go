package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// pressInRules is what the form of a segment would send now, with one button pressed and fields filled.
func (p *shown) pressInRules(step string, pairs ...string) *shown {
	p.b.w.t.Helper()
	for n := range p.root.Descendants() {
		if id, _ := attribute(n, "id"); n.Data == "form" && id == "condition-form" {
			to, _ := attribute(n, "action")
			values := fieldsIn(n)
			for i := 0; i+1 < len(pairs); i += 2 {
				values.Set(pairs[i], pairs[i+1])
			}
			values.Set("do", step)
			return p.b.send(strings.TrimPrefix(to, p.b.w.screens.path), values)
		}
	}
	p.b.w.t.Fatalf("%s has no form of a segment: %s", p.Path, p.text())
	return nil
}

// TestSegmentByFormAndExpression writes a segment without JavaScript, both ways, and finds who is in it.
func TestSegmentByFormAndExpression(t *testing.T) {
	w, _ := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes", "bela@pelda.test": "Kiss Béla"})
	b := w.browser("kati")
	b.get("/segments").ok(http.StatusOK).has("Még nincs szegmens")
	page := b.get("/segments/new").ok(http.StatusOK).has("Mind teljesül:")
	page = page.pressInRules("refresh", "name", "Ágnesek", "r.1.field", "party.name").ok(http.StatusOK).has("tartalmazza")
	page = page.pressInRules("save", "r.1.op", "contains").ok(http.StatusUnprocessableEntity).has("Adjon meg értéket.")
	page = page.pressInRules("look", "r.1.value", "Ágnes").ok(http.StatusOK).has("Szűcs Ágnes", "1 közülük").lacks("Kiss Béla")
	page = page.pressInRules("add:0:list").ok(http.StatusOK)
	page = page.pressInRules("refresh", "r.2.list", "subscriptions").ok(http.StatusOK)
	page = page.pressInRules("add:2:row").ok(http.StatusOK)
	page = page.pressInRules("refresh", "r.3.field", ".topic").ok(http.StatusOK).has("Havi hírek")
	page = page.pressInRules("mode:text", "r.3.value", "hirek").ok(http.StatusOK)
	const want = `party.name contains "Ágnes" and any(subscriptions, .topic == "hirek")`
	written := func() string { _, values := page.form("/segments"); return values.Get("condition") }
	if got := written(); got != want {
		t.Fatalf("the expression is %s, want %s", got, want)
	}
	page = page.pressInRules("save", "condition", strings.Replace(want, "party.name", "party.nmae", 1)).ok(http.StatusUnprocessableEntity).has("Nincs ilyen: party.nmae.", "party.name")
	page = page.pressInRules("fix:0:party.name").ok(http.StatusOK)
	if got := written(); got != want {
		t.Fatalf("mended, the expression is %s", got)
	}
	page = page.pressInRules("mode:form").ok(http.StatusOK).has("Havi hírek")
	page.pressInRules("save").ok(http.StatusOK).has("Szegmens mentve: Ágnesek", "Még sehol.")
	found, err := w.module.Newsletters.Segments.List(w.system(), segment.Filter{})
	w.must(err)
	if len(found.Rows) != 1 || found.Rows[0].Condition != want {
		t.Fatalf("saved is %+v", found.Rows)
	}
	id := found.Rows[0].ID
	_, err = w.module.Newsletters.Campaigns.Create(w.system(), campaign.Plan{
		Name: "Ágnes-napi", Audience: newsletter.Choice{Topics: []subscription.TopicID{topic.ID}, Segment: id}.String(), SenderAddress: "hirlevel@minta.test", Language: "hu",
	})
	w.must(err)
	b.get("/segments/"+id.String()).ok(http.StatusOK).has("Ágnes-napi", "Piszkozat")
	b.post("/segments/" + id.String() + "/archive").has("Archiválva: Ágnesek")
	b.get("/segments?archived=on").ok(http.StatusOK).has("Ágnesek")
}

// TestStaticSegment puts people in by their addresses, names those whom nobody knows, and takes people out.
func TestStaticSegment(t *testing.T) {
	w, _ := newLettersWorld(t)
	w.topic("hirek", "Havi hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes", "bela@pelda.test": "Kiss Béla"})
	b := w.browser("kati")
	form := b.get("/segments/new?kind=static").ok(http.StatusOK)
	list := form.submit("/segments/new", "name", "Kipróbálók").ok(http.StatusOK).has("Még senki nincs a listán")
	here := strings.TrimPrefix(list.Path, w.screens.path)
	list = list.fillIn("addresses", "Ágnes <AGNES@pelda.test>; rossz@@cim").upload(here+"/members", "file", "cimek.csv", []byte("név,e-mail\nBéla,bela@pelda.test\nSenki,senki@pelda.test\n")).ok(http.StatusOK).has("Szűcs Ágnes", "Kiss Béla", "senki@pelda.test", "rossz@@cim")
	for n := range list.root.Descendants() {
		if name, _ := attribute(n, "name"); name == "party" {
			party, _ := attribute(n, "value")
			b.post(here+"/members", "do", "remove", "party", party).has("Kivéve: 1")
			break
		}
	}
	b.get(here).ok(http.StatusOK).has("1 ember van a listán")
	b.get("/segments/00000000-0000-7000-8000-000000000000").ok(http.StatusNotFound)
}

// TestRulesBothWays holds the form against the language: what a form shows is what the expression says.
func TestRulesBothWays(t *testing.T) {
	w, _ := newLettersWorld(t)
	env, err := w.module.Newsletters.Segments.Environment(w.system())
	w.must(err)
	v := &visit{s: w.screens}
	v.Locale.Language = "hu"
	for _, source := range []string{
		`true`,
		`party.city == "Pécs"`,
		`party.city in ["Pécs", "Győr"] and not party.customer`,
		`party.country not in ["HU"] or party.email != nil or party.birth_date == nil`,
		`not (party.city contains "a") and party.city startsWith "B" and party.city != "Bicske"`,
		`not (party.city == "Pécs" or party.city == "Győr")`,
		`any(leads, .status == "new" and .score >= 50.5) and none(quotes, true) and all(opportunities, .chance > 20 or .state == "won")`,
		`activity.last_contact_at < days_ago(30) and party.created_at >= days_ago(365) and quote.last_issued_at <= days_ahead(3)`,
		`party.birth_date > date("1980-01-31") and party.created_at < date("2026-01-01")`,
		`any(mails, .clicked and not .opened) or (party.city == "Pécs" and (party.lead or party.kind == "person"))`,
		`count(leads, .score > 10) >= 3 and fold(party.city) == "gyor" and age(party.birth_date) >= 18`,
		`none(subscriptions, .topic == "hirek" and (.state == "active" or .state == "pending"))`,
		`any(leads, lower(.source) == "web") and party.city matches "^B.*t$"`,
	} {
		c, err := env.Parse(source)
		w.must(err)
		rows := ruleRows(env, c.Node(), "")
		rows = settled(rows, "")
		tree, good := v.ruleTree(env, rows, false)
		if !good {
			t.Errorf("%s: %+v", source, rows)
			continue
		}
		again, err := env.Build(tree)
		w.must(err)
		if diff := cmp.Diff(c.String(), again.String()); diff != "" {
			t.Errorf("%s:\n%s", source, diff)
		}
	}
}

// TestRulesOfNonsense: whatever is posted, the form draws itself again.
func TestRulesOfNonsense(t *testing.T) {
	w, _ := newLettersWorld(t)
	b := w.browser("kati")
	_, blank := b.get("/segments/new").form("/segments/new")
	for _, values := range []url.Values{
		{"rows": {"99999"}, "do": {"add:0:group"}},
		{"rows": {"3"}, "r.0.kind": {"row"}, "r.0.depth": {"-7"}, "r.1.kind": {"list"}, "r.1.depth": {"99"}, "r.1.list": {"nosuch"}, "r.2.kind": {"list"}, "r.2.depth": {"99"}, "do": {"look"}},
		{"rows": {"2"}, "r.0.kind": {"group"}, "r.0.op": {"xor"}, "r.1.kind": {"expr"}, "r.1.value": {"((("}, "do": {"save"}},
		{"rows": {"1"}, "do": {"delete:0"}}, {"do": {"add:77:row"}}, {"mode": {"text"}, "condition": {"áé"}, "do": {"fix:99:x"}}, {"mode": {"text"}, "condition": {"áé"}, "do": {"fix:1:x"}},
	} {
		values.Set("csrf", blank.Get("csrf"))
		got := b.send("/segments/new", values)
		if got.Status != http.StatusOK && got.Status != http.StatusUnprocessableEntity {
			t.Errorf("%v gives %d", values, got.Status)
		}
	}
}
