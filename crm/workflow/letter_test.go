package workflow_test

import (
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/testutil"
)

func (w *world) worded(key string, l locale.Language, subject, body string) mail.Template {
	w.t.Helper()
	out, err := w.mails.SetTemplate(w.admin, mail.Template{Purpose: key, Language: l, Subject: subject, Body: body})
	w.ok(err)
	return out
}

func letter(to, template string) workflow.Action {
	return workflow.Action{Step: mail.StepSend, Given: map[string]string{"to": to, "letter": template}}
}

var spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2066", "", "\u2069", "")

func TestLettersOfRulesGoOutInTheLanguageOfTheirReader(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.field(store.CustomField{RecordKind: "lead", Name: "fleet", Type: store.NumberField})
		thanks := mail.Letter("lead", "Köszönjük")
		body := "{reader.greeting}\n\n{lead.value} {lead.custom.fleet}"
		w.worded(thanks, locale.Hungarian, "Köszönjük, {party.name}", body)
		w.worded(thanks, locale.English, "Thank you, {party.name}", body)
		w.worded(thanks, locale.Hebrew, "תודה, {party.name}", body)
		w.live("levél", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{letter("customer", thanks), letter("manager", thanks), letter("owner", thanks)}})
		sent := 0
		for _, c := range []struct {
			language            locale.Language
			name, subject, body string
			written             locale.Language
		}{
			{locale.English, "Anna Smith", "Thank you, Anna Smith", "1,234.5 1,250", locale.English},
			{locale.Hungarian, "Kovács Anna", "Köszönjük, Kovács Anna", "1234,5 1250", locale.Hungarian},
			{locale.Greek, "Νίκος Παπαδόπουλος", "Köszönjük, Νίκος Παπαδόπουλος", "1234,5 1250", locale.Hungarian},
		} {
			got, err := w.leads.Capture(w.admin, lead.Draft{
				Name: c.name, Emails: []string{string(c.language) + "@" + strings.ToLower(w.Company) + ".example"}, Language: c.language, ExpectedValue: money.MustAmount("1234.5"), Currency: "HUF",
				Origin: lead.Origin{Source: "fair"}, Owner: party.Owner{User: "anna"}, Custom: map[string]any{"fleet": money.MustQuantity("1250")},
			})
			w.ok(err)
			w.run()
			w.run()
			_, err = w.mails.Send(w.System(), 0)
			w.ok(err)
			written := w.box.Messages()[sent:]
			if sent += len(written); len(written) != 3 {
				t.Fatalf("written: %+v", written)
			}
			for _, m := range written {
				if m.Record != mail.RecordID(got.Lead) {
					t.Errorf("a mail about something else: %+v", m)
				}
				switch m.To[0].Email {
				case "nagy@example.hu": // a manager who reads Hebrew
					if m.Subject != "תודה, "+c.name || m.Language != locale.Hebrew || !strings.Contains(m.HTML, `dir="rtl"`) {
						t.Errorf("the manager gets %q in %s", m.Subject, m.Language)
					}
				case "anna@example.hu":
					if m.Subject != "Köszönjük, "+c.name || m.Language != locale.Hungarian {
						t.Errorf("the owner gets %q in %s", m.Subject, m.Language)
					}
				default:
					if m.Subject != c.subject || m.Language != c.written || !strings.Contains(spaces.Replace(m.Text), c.body) {
						t.Errorf("%s gets %q in %s: %q", m.To[0].Email, m.Subject, m.Language, m.Text)
					}
				}
			}
		}
	})
}

func TestLettersAreJudgedWhenTheRuleIsSaved(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	ours := mail.Letter("lead", "hello")
	everybodys := mail.Letter("party", "hello")
	w.worded(everybodys, locale.English, "Hello", "{party.name}")
	w.worded(mail.Letter("quote", "hello"), locale.English, "Hello", "{party.name}")
	row := w.worded(ours, locale.English, "Hello", "{party.name}")
	for name, c := range map[string]struct {
		given map[string]string
		path  string
	}{
		"one of leads":          {map[string]string{"to": "customer", "letter": ours}, ""},
		"one of everybody":      {map[string]string{"to": "customer", "letter": everybodys}, ""},
		"words of its own":      {map[string]string{"to": "customer", "subject": "x", "body": "y"}, ""},
		"both":                  {map[string]string{"to": "customer", "letter": ours, "subject": "x", "body": "y"}, "letter"},
		"none":                  {map[string]string{"to": "customer"}, "subject"},
		"one of another noun":   {map[string]string{"to": "customer", "letter": mail.Letter("quote", "hello")}, "letter"},
		"one that is not there": {map[string]string{"to": "customer", "letter": mail.Letter("lead", "bye")}, "letter"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.flows.Save(w.admin, workflow.Drafting{Name: name, Noun: leadrule.Lead, Plan: workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{{Step: mail.StepSend, Given: c.given}}}})
			faults := fault.Of(err)
			if c.path == "" && err != nil || c.path != "" && (len(faults) == 0 || faults[0].Path != "actions[0].given."+c.path) {
				t.Errorf("refused with %v", err)
			}
		})
	}
	for _, key := range []string{"rule.lead.", "rule.lead. x", "rule.lead.{x}", "rule.lead." + strings.Repeat("x", 40), "rule.lead"} {
		if _, err := w.mails.SetTemplate(w.admin, mail.Template{Purpose: key, Language: locale.English, Subject: "x", Body: "y"}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%q is a letter: %v", key, err)
		}
	}
	if _, err := w.mails.SetTemplate(w.admin, mail.Template{Purpose: ours, Language: locale.Greek, Subject: "x", Body: "{lead.colour}"}); len(fault.Of(err)) != 1 {
		t.Errorf("a letter names what is not there: %v", err)
	}
	// a letter that is gone stops the rule, and says so
	w.live("levél", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{letter("customer", ours)}})
	w.ok(w.mails.ResetTemplate(w.admin, row.ID, row.Version))
	w.capture("Kovács Anna", 1)
	w.run()
	if rows := w.runs(workflow.Filter{}); len(rows) != 1 || rows[0].Outcome != workflow.Failed || !strings.Contains(rows[0].Failure, `"hello" is not written`) {
		t.Errorf("listed: %+v", rows)
	}
}

func TestPlacesAreFilledInForProgramsWhereTheyGoIntoFields(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	w.field(store.CustomField{RecordKind: "lead", Name: "budget", Type: store.MoneyField})
	w.field(store.CustomField{RecordKind: "lead", Name: "sure", Type: store.YesNoField})
	w.live("költség", leadrule.Lead, workflow.Plan{Trigger: on(lead.EventCaptured), Actions: []workflow.Action{
		set("lead", "custom.budget", "{lead.value}"), set("lead", "custom.sure", "{lead.imported}"), note("{lead.value} {lead.custom.budget}"),
	}})
	got := w.capture("Kovács Anna", 2_500_000)
	w.run()
	card, err := w.leads.Get(w.admin, got.Lead)
	w.ok(err)
	if card.Sheet.Values["sure"] != false || store.CustomShown(card.Sheet.Values["budget"]) != "2500000" || len(w.did) != 1 || spaces.Replace(w.did[0]) != "Kovács Anna 2 500 000 " {
		t.Errorf("set to %v, told %q; %+v", card.Sheet.Values, w.did, w.runs(workflow.Filter{}))
	}
}
