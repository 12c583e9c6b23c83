package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
)

const (
	scoringBody     = `{"groups":[{"key":"form","name":"Űrlapok","cap":60}],"rules":[{"name":"Magyar cég","when":"party.country == \"HU\"","points":10},{"name":"Űrlap","group":"form","list":"touches","where":".channel == \"form\"","points":20,"half_life":30}],"bands":[{"from":0,"name":"Hideg"},{"from":50,"name":"Forró","action":"Hívja fel ma"}]}`
	routingBody     = `{"rules":[{"name":"Budapest","areas":[{"country":"HU","from":"1000","to":"1999"}],"to":{"method":"turn","members":[{"user":"kovacs","cap":20},{"user":"nagy"}]}}],"fallback":{"method":"user","user":"kovacs"}}`
	processesBody   = `{"templates":[{"name":"Bevezetés","on":["lead"],"steps":[{"name":"Felmérés","who":"owner","days":2},{"name":"Oktatás","who":"user:nagy","days":5,"skippable":true}]}]}`
	commissionsBody = `{"starts":"2026-07-01","earned":"won","rules":[{"name":"Minden","base":"revenue","rate":"2.5","cap":"20000","steps":[{"from":"100","rate":"4"}]}]}`
	clockBody       = `{"responses":[{"name":"Sürgős","when":"lead.score >= 50","minutes":60,"remind":15}],"otherwise":{"minutes":480},"stages":{"manager_after":240,"planned":true,"reset":["contact"]}}`
	regulationBody  = `{"regulations":[{"name":"Ajánlat egy napon belül","from":{"step":"captured"},"to":{"step":"answered"},"days":1,"remind":60}]}`
	workingTimeBody = `{"zone":"Europe/Budapest","week":{"sunday":"","monday":"08:00-12:00, 13:00-17:00","tuesday":"08:00-17:00","wednesday":"08:00-17:00","thursday":"08:00-17:00","friday":"08:00-14:00","saturday":""},"days":[{"date":"2026-10-23","name":"Nemzeti ünnep","country":"HU"},{"date":"2026-12-12","name":"Áthelyezett munkanap","hours":"08:00-16:00"}]}`
	valueBody       = `{"months":12,"a":"80","b":"95","late":"150","support":5,"confidence":"30","lift":"150","contact_a":30,"contact_b":60,"contact_c":0,"per_day":5}`
	workflowPlan    = `"noun":"lead","trigger":{"kind":"event","events":["lead.captured"]},"when":"party.country == \"HU\"","actions":[{"step":"task.plan","given":{"kind":"call","subject":"Hívja fel: {party.name}","days":"1","to":"owner"}}]}`
	workflowTrial   = `{` + workflowPlan
	workflowBody    = `{"name":"Új érdeklődő",` + workflowPlan
)

// hungarian is a lead that the rules of these tests speak of.
func hungarian(name string) string {
	return fmt.Sprintf(`{"name":%q,"emails":["%x@example.hu"],"address":{"country":"HU","postal_code":"1117"}}`, name, name)
}

// TestProcess walks through all by which the sales process runs itself.
func TestProcess(t *testing.T) {
	w := newWorld(t)
	customFields(t, w)
	policies(t, w)
	routedAndScored(t, w)
	rules(t, w)
	lettersOfRules(t, w)
	figures(t, w)
	steps(t, w)
	commissions(t, w)
	regulationsAndWorkingTime(t, w)
	readings(t, w)
}

// holds fails where an answer does not speak of everything it should.
func (a answer) holds(t *testing.T, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(string(a.body), part) {
			t.Errorf("want %s in %s", part, a.body)
		}
	}
}

func policies(t *testing.T, w *world) {
	w.capture(w.admin, hungarian("Szabó Éva"))
	for name, body := range map[string]string{"scoring": scoringBody, "routing": routingBody} {
		path := "/policies/" + name
		first := w.must(200, w.admin, "GET", path, "")
		first.holds(t, `"version":0`, `"published":false`)
		if tag := first.header.Get("ETag"); tag != `"0"` {
			t.Errorf("nobody has decided, but the tag is %s", tag)
		}
		w.must(422, w.admin, "POST", path+"/publish", "", "If-Match", `"0"`) // there is no draft
		w.must(422, w.admin, "PUT", path+"/draft", strings.Replace(body, `"name":"`, `"name":"`+strings.Repeat("x", 200), 1), "If-Match", `"0"`)
		w.must(200, w.admin, "PUT", path+"/draft", body, "If-Match", `"0"`).holds(t, `"draft":{`, `"published":false`)
		w.must(412, w.admin, "PUT", path+"/draft", body, "If-Match", `"0"`)
		w.must(200, w.admin, "POST", path+"/try", body).holds(t, `"leads":`)
		w.must(200, w.admin, "DELETE", path+"/draft", "", "If-Match", "*")
		w.must(200, w.admin, "PUT", path+"/draft", body, "If-Match", "*", "Idempotency-Key", name)
		w.must(200, w.admin, "PUT", path+"/draft", body, "If-Match", "*", "Idempotency-Key", name)
		held := w.must(200, w.admin, "POST", path+"/publish", "", "If-Match", "*")
		held.holds(t, `"published":true`)
		changed := strings.Replace(body, `"name":"`, `"name":"Új `, 1)
		w.must(200, w.admin, "PUT", path, changed, "If-Match", held.header.Get("ETag"))
		w.must(412, w.admin, "PUT", path, body, "If-Match", held.header.Get("ETag"))
		w.must(200, w.reader, "GET", path, "").holds(t, `"plan":{`)
		w.must(403, w.reader, "GET", path+"/versions", "")
		w.must(200, w.admin, "GET", path+"/versions", "").holds(t, `"number":`)
	}
	w.must(200, w.admin, "PUT", "/policies/clocks", clockBody, "If-Match", `"0"`).holds(t, `"reset":["contact"]`)
	w.must(200, w.admin, "GET", "/policies/clocks/versions", "").holds(t, `"Sürgős"`)
	w.must(200, w.admin, "PUT", "/policies/values", valueBody, "If-Match", `"0"`).holds(t, `"a":"80"`)
	w.must(422, w.admin, "PUT", "/policies/values", strings.Replace(valueBody, `"months":12`, `"months":0`, 1), "If-Match", "*")
	w.must(200, w.admin, "POST", "/policies/routing/match", `{"name":"x","areas":[{"country":"HU"}],"to":{"method":"known"}}`).holds(t, `"name":"Szabó Éva"`)
}

// regulationsAndWorkingTime has a company say when it works and how soon a lead is answered, and reads who kept that.
func regulationsAndWorkingTime(t *testing.T, w *world) {
	first := w.must(200, w.admin, "GET", "/policies/working-time", "")
	first.holds(t, `"version":0`, `"monday":"09:00-17:00"`, `"sunday":""`, `"days":[]`)
	w.must(200, w.admin, "GET", "/public-holidays?country=HU&year=2026", "", "Accept-Language", "hu").holds(t, `"date":"2026-08-20"`)
	w.must(422, w.admin, "GET", "/public-holidays?country=XX&year=2026", "")
	held := w.must(200, w.admin, "PUT", "/policies/working-time", workingTimeBody, "If-Match", `"0"`)
	held.holds(t, `"monday":"08:00-12:00, 13:00-17:00"`, `{"date":"2026-10-23","name":"Nemzeti ünnep","country":"HU"}`, `"hours":"08:00-16:00"`)
	if p := w.must(422, w.admin, "PUT", "/policies/working-time", strings.Replace(workingTimeBody, "08:00-14:00", "delelott", 1), "If-Match", "*").problem(t); len(p.Faults) != 1 || p.Faults[0].Path != "week.friday" {
		t.Errorf("%+v", p)
	}
	w.must(422, w.admin, "PUT", "/policies/working-time", strings.Replace(workingTimeBody, "Europe/Budapest", "Europe/Atlantis", 1), "If-Match", "*")
	w.must(412, w.admin, "PUT", "/policies/working-time", workingTimeBody, "If-Match", `"0"`)
	w.must(403, w.seller, "PUT", "/policies/working-time", workingTimeBody, "If-Match", "*")
	w.must(200, w.admin, "GET", "/policies/working-time/versions", "").holds(t, `"number":1`)

	var plan struct {
		Plan struct{ Regulations []struct{ ID string } }
	}
	made := w.must(200, w.admin, "PUT", "/policies/regulations", regulationBody, "If-Match", `"0"`)
	made.decode(t, &plan)
	if len(plan.Plan.Regulations) != 1 || plan.Plan.Regulations[0].ID == "" {
		t.Fatalf("%s", made.body)
	}
	id := plan.Plan.Regulations[0].ID
	renamed := strings.Replace(strings.Replace(regulationBody, `{"name":"`, `{"id":"`+id+`","name":"`, 1), "Ajánlat", "Válasz", 1)
	w.must(200, w.admin, "PUT", "/policies/regulations", renamed, "If-Match", made.header.Get("ETag")).holds(t, id, "Válasz")
	w.must(422, w.admin, "PUT", "/policies/regulations", strings.Replace(regulationBody, `"days":1`, `"days":0`, 1), "If-Match", "*")
	w.must(200, w.reader, "GET", "/policies/regulations", "").holds(t, `"since":"`)
	w.must(200, w.admin, "GET", "/policies/regulations/versions", "").holds(t, "Ajánlat")

	l := w.capture(w.admin, hungarian("Fodor Imre"))
	w.turn()
	w.must(200, w.admin, "GET", "/regulations/passages?standing=open&regulation="+id, "").holds(t, `"standing":"open"`, `"noun":"lead"`, `"record_id":"`+l.LeadID+`"`, `"name":"Fodor Imre"`)
	w.must(200, w.admin, "GET", "/leads/"+l.LeadID+"/clocks", "").holds(t, `"kind":"regulation"`, `"regulation_id":"`+id+`"`, `"kind":"answer"`)
	w.must(200, w.admin, "POST", "/leads/"+l.LeadID+"/response", "")
	w.turn()
	if got := w.must(200, w.admin, "GET", "/regulations/passages?standing=open&regulation="+id, ""); strings.Contains(string(got.body), l.LeadID) {
		t.Errorf("a lead that was answered is open: %s", got.body)
	}
	w.must(200, w.admin, "GET", "/regulations/passages?standing=kept&limit=1", "").holds(t, `"record_id":"`+l.LeadID+`"`, `"standing":"kept"`)
	const year = "from=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z"
	w.must(200, w.admin, "GET", "/regulations/results?"+year, "").holds(t, `"regulation":"Válasz egy napon belül"`, `"kept":1`, `"broken":0`)
	w.must(200, w.admin, "GET", "/regulations/results?"+year+"&owner=nobody", "").holds(t, `"items":[]`)
	for _, book := range []string{"/reports/regulations.xlsx?" + year, "/reports/plan.xlsx?year=2026&measure=margin&step=year"} {
		if got := w.must(200, w.admin, "GET", book, "", "Accept-Language", "hu"); !strings.HasPrefix(string(got.body), "PK") {
			t.Errorf("%s gives %.100s", book, got.body)
		}
	}
}

// readings are who opened a person's card, over the API as well.
func readings(t *testing.T, w *world) {
	l := w.capture(w.admin, hungarian("Olvasott Olga"))
	w.must(422, w.admin, "GET", "/readings", "")
	w.must(422, w.admin, "GET", "/readings?user=kovacs&record="+l.LeadID, "")
	w.must(200, w.admin, "GET", "/readings?record="+l.LeadID, "").holds(t, `"items":[]`)
	for range 2 {
		w.must(200, w.admin, "GET", "/leads/"+l.LeadID+"/card", "")
	}
	w.must(200, w.admin, "GET", "/parties/"+l.PartyID, "")
	got := w.must(200, w.admin, "GET", "/readings?record="+l.LeadID, "")
	got.holds(t, `"kind":"lead"`, `"times":2`, `"record_id":"`+l.LeadID+`"`)
	w.must(200, w.admin, "GET", "/readings?record="+l.PartyID, "").holds(t, `"kind":"contact"`, `"times":1`)
	w.must(403, w.seller, "GET", "/readings?record="+l.LeadID, "")
	w.must(200, w.alien, "GET", "/readings?record="+l.LeadID, "").holds(t, `"items":[]`)
}

func routedAndScored(t *testing.T, w *world) {
	w.must(200, w.admin, "PUT", "/policies/routing", routingBody, "If-Match", "*")
	w.must(200, w.admin, "PUT", "/policies/scoring", scoringBody, "If-Match", "*")
	away := w.must(201, w.admin, "POST", "/absences", `{"user":"nagy","from":"2026-07-01","until":"2026-07-24","deputy":"kovacs"}`)
	w.must(403, w.seller, "POST", "/absences", `{"user":"nagy","from":"2026-07-01","until":"2026-07-24"}`)
	w.must(200, w.admin, "GET", "/absences", "").holds(t, `"deputy":"kovacs"`)
	l := w.capture(w.admin, hungarian("Kiss Pál"))
	lead := "/leads/" + l.LeadID
	w.must(200, w.admin, "POST", lead+"/routing", "").holds(t, `"why":[{`)
	w.must(200, w.admin, "GET", lead+"/routing", "").holds(t, `"outcome":"chosen"`)
	w.must(200, w.admin, "GET", "/routing-decisions?user=kovacs&limit=1", "")
	w.must(204, w.admin, "DELETE", "/absences/"+away.id(t), "")
	w.must(404, w.admin, "DELETE", "/absences/"+away.id(t), "")
	w.turn()
	w.must(200, w.admin, "GET", lead+"/score", "").holds(t, `"rule":"Magyar cég"`, `"points":"10"`, `"history":[{`)
	w.must(200, w.admin, "GET", "/clocks?kind=answer", "").holds(t, `"record_id":"`+l.LeadID+`"`, `"state":"running"`, `"late":false`)
	w.must(200, w.admin, "GET", "/clocks?kind=answer&late=true", "").holds(t, `"items":[]`)
	clocks := w.must(200, w.admin, "GET", lead+"/clocks", "")
	for range 2 {
		w.must(200, w.admin, "POST", "/clocks/"+clocks.id(t)+"/hold", "").holds(t, `"state":"held"`)
	}
	if got := w.must(200, w.admin, "GET", "/clocks?kind=answer", ""); strings.Contains(string(got.body), clocks.id(t)) {
		t.Errorf("a clock that is held runs: %s", got.body)
	}
	w.must(200, w.admin, "POST", "/clocks/"+clocks.id(t)+"/resume", "").holds(t, `"state":"running"`)
	w.must(200, w.admin, "POST", lead+"/response", "")
	w.turn()
	w.must(200, w.admin, "GET", "/clocks/results?kind=answer&from=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z", "").holds(t, `"kept":1`)
}

// lettersOfRules words a letter in two languages, and has a rule about quotes send it and set a field of the company's own.
func lettersOfRules(t *testing.T, w *world) {
	at := "/mail-templates/rule.quote.K%C3%B6sz%C3%B6n%C3%A9s/"
	w.must(422, w.admin, "PUT", at+"hu", `{"subject":"Köszönjük","body":"{quote.colour}"}`, "If-Match", `"0"`)
	w.must(422, w.admin, "PUT", "/mail-templates/rule.coffee.x/hu", `{"subject":"x","body":"x"}`, "If-Match", `"0"`)
	w.must(200, w.admin, "PUT", at+"hu", `{"subject":"Köszönjük","body":"{reader.greeting} {quote.net} {quote.custom.fleet}"}`, "If-Match", `"0"`).holds(t, `"purpose":"rule.quote.Köszönés"`, `"own":true`)
	w.must(412, w.admin, "PUT", at+"hu", `{"subject":"x","body":"x"}`, "If-Match", `"0"`)
	w.must(200, w.admin, "PUT", at+"he", `{"subject":"תודה","body":"{quote.net}"}`, "If-Match", `"0"`)
	w.must(200, w.admin, "GET", "/mail-templates", "").holds(t, `"rule.quote.Köszönés"`, `"תודה"`)
	w.must(200, w.admin, "GET", "/workflow-terms?noun=quote", "").holds(t, `"quote.set"`, `"valid_until"`, `"custom.fleet"`, `"kind":"template"`, `"rule.quote.Köszönés"`)
	w.must(200, w.admin, "GET", "/workflow-terms?noun=party", "").holds(t, `"party.set"`, `"job_title"`, `"party.changed"`)
	rule := func(value string) string {
		return `{"name":"Köszönet","noun":"quote","trigger":{"kind":"event","events":["quote.drafted"]},"when":"any(activities, .kind == \"call\")","actions":[` +
			`{"step":"mail.send","given":{"to":"customer","letter":"rule.quote.Köszönés"}},{"step":"quote.set","given":{"field":"custom.fleet","value":"` + value + `"}}]}`
	}
	w.must(422, w.admin, "POST", "/workflow-rules", rule("501")).holds(t, "actions[1].given.value")
	made := w.must(201, w.admin, "POST", "/workflow-rules", rule("12"))
	w.must(200, w.admin, "POST", "/workflow-rules/try", strings.Replace(rule("12"), `"name":"Köszönet",`, "", 1)).holds(t, `"matched":0`)
	w.must(204, w.admin, "DELETE", "/workflow-rules/"+made.id(t), "", "If-Match", "*")
	for range 2 {
		w.must(204, w.admin, "DELETE", at+"he", "")
	}
}

func rules(t *testing.T, w *world) {
	w.must(200, w.admin, "GET", "/workflow-terms?noun=lead", "").holds(t, `"lead.captured"`, `"task.plan"`, `"environment":{`)
	made := w.must(201, w.admin, "POST", "/workflow-rules", workflowBody)
	path := "/workflow-rules/" + made.id(t)
	w.must(422, w.admin, "PUT", path, strings.Replace(workflowBody, `"noun":"lead"`, `"noun":"quote"`, 1), "If-Match", "*")
	w.must(422, w.admin, "PUT", path, strings.Replace(workflowBody, `HU\"`, `HU`, 1), "If-Match", "*")
	w.must(200, w.admin, "PUT", path, strings.Replace(workflowBody, "Új é", "É", 1), "If-Match", made.header.Get("ETag"))
	w.must(412, w.admin, "PUT", path, workflowBody, "If-Match", made.header.Get("ETag"))
	w.must(200, w.admin, "POST", path+"/publish", "", "If-Match", "*").holds(t, `"state":"live"`, `"live":1`)
	w.must(422, w.admin, "DELETE", path, "", "If-Match", "*") // it held
	l := w.capture(w.admin, hungarian("Nagy Anna"))
	w.turn()
	runs := w.must(200, w.admin, "GET", "/workflow-runs?record="+l.LeadID+"&outcome=acted", "")
	runs.holds(t, `"rule":"Érdeklődő"`, `"held":"yes"`, `"step":"task.plan"`, `"event":"lead.captured"`)
	w.must(422, w.admin, "POST", "/workflow-runs/"+runs.id(t)+"/retry", "") // it did not fail
	w.must(200, w.admin, "POST", "/workflow-rules/try", workflowTrial).holds(t, `"matched":`, l.LeadID)
	w.must(200, w.admin, "POST", path+"/stop", "", "If-Match", "*").holds(t, `"state":"off"`)
	w.must(200, w.admin, "GET", path+"/versions", "").holds(t, `"number":1`)
	w.must(200, w.admin, "GET", "/workflow-rules", "").holds(t, `"acted":1`)
	other := "/workflow-rules/" + w.must(201, w.admin, "POST", "/workflow-rules", workflowBody).id(t)
	w.must(204, w.admin, "DELETE", other, "", "If-Match", "*")
}

func figures(t *testing.T, w *world) {
	l := w.capture(w.admin, hungarian("Tóth Béla"))
	deal := w.must(201, w.admin, "POST", "/opportunities", fmt.Sprintf(`{"party_id":%q,"name":"Lámpák","expected_revenue":"400000","currency":"EUR"}`, l.PartyID))
	const period = "first=2026-07-01&last=2026-09-30"
	w.must(200, w.admin, "GET", "/figures", "", "Accept-Language", "hu").holds(t, `"name":"Nyerési arány (darab)"`, `"formula":`)
	w.must(200, w.admin, "GET", "/figures/values?codes=deals_created,win_rate&by=month&"+period, "").holds(t, `"code":"deals_created"`, `"value":"1"`, `"key":"2026-07"`, `"before":"0"`)
	w.must(200, w.seller, "GET", "/figures/values?seller=nagy&"+period, "").holds(t, `"code":"leads"`)
	w.must(422, w.admin, "GET", "/figures/values?first=2026-07-31&last=2026-07-01", "")
	w.must(200, w.admin, "GET", "/figures/deals_created/records?"+period, "").holds(t, deal.id(t), `"value":"400000"`)
	w.must(404, w.admin, "GET", "/figures/none/records?"+period, "")
	w.must(201, w.admin, "POST", "/custom-fields", `{"kinds":["opportunity"],"name":"branch","type":"choice","label":"Ágazat","choices":[{"value":"food","texts":{}},{"value":"metal","texts":{}}]}`)
	w.must(200, w.admin, "PATCH", "/opportunities/"+deal.id(t), `{"custom":{"branch":"food"}}`, "If-Match", "*")
	w.must(200, w.admin, "GET", "/figures/values?codes=deals_created,leads&custom=branch:food&"+period, "").holds(t, `"code":"deals_created"`, `"value":"1"`)
	w.must(200, w.admin, "GET", "/figures/values?codes=deals_created&custom=branch:metal&"+period, "").holds(t, `"value":"0"`)
	w.must(200, w.admin, "GET", "/figures/deals_created/records?custom=branch:metal&"+period, "").holds(t, `"items":[]`)
	w.must(422, w.admin, "GET", "/figures/values?custom=colour:red&"+period, "")
	w.must(201, w.admin, "POST", "/custom-fields", `{"kinds":["lead","activity"],"name":"fair","type":"text","label":"Vásár"}`)
	w.must(200, w.admin, "PATCH", "/leads/"+l.LeadID, `{"custom":{"fair":"Brno"}}`, "If-Match", "*")
	only := w.must(200, w.admin, "GET", "/figures/values?codes=deals_created,leads,meetings&custom=fair:Brno&"+period, "")
	only.holds(t, `"code":"leads"`, `"value":"1"`, `"code":"meetings"`)
	if strings.Contains(string(only.body), "deals_created") {
		t.Errorf("opportunities have no such field: %s", only.body)
	}
	w.must(200, w.admin, "GET", "/figures/leads/records?custom=fair:Han&"+period, "").holds(t, `"items":[]`)
	w.must(200, w.admin, "GET", "/figures/leads/records?custom=fair:brn&"+period, "").holds(t, l.LeadID)
	w.must(422, w.admin, "GET", "/figures/deals_created/records?custom=fair:Brno&"+period, "")
	w.must(200, w.admin, "GET", "/reports/figures.xlsx?custom=fair:Brno&"+period, "")
	w.must(422, w.admin, "GET", "/forecast?custom=fair:Brno", "")
	w.must(200, w.admin, "GET", "/forecast?step=quarter&by=seller", "").holds(t, `"chances":[`, `"key":"kovacs"`)
	w.must(200, w.admin, "GET", "/forecast?by=seller&custom=branch:food", "").holds(t, `"key":"kovacs"`, `"open":"400000"`)
	w.must(200, w.admin, "GET", "/forecast/deals?by=seller&row=kovacs&measure=open&custom=branch:food&column=undated", "").holds(t, `"sum":"400000"`, `"count":1`, `"part":"400000"`)
	w.must(200, w.admin, "GET", "/forecast/deals?by=seller&row=kovacs&measure=won&custom=branch:food", "").holds(t, `"sum":"0"`, `"count":0`, `"items":[]`)
	w.must(422, w.admin, "GET", "/forecast/deals?column=2026-07-02", "")
	w.must(200, w.admin, "GET", "/forecast/standing?on=2026-07-13", "").holds(t, `"items":`)
	w.must(200, w.admin, "GET", "/forecast/back-test/deals?month=2026-07-13&measure=won", "").holds(t, `"items":`)
	w.must(422, w.admin, "GET", "/forecast/back-test/deals?month=2026-07-13&product_group=x", "")
	w.must(200, w.admin, "GET", "/forecast?by=seller&custom=branch:metal", "").holds(t, `"rows":[]`)
	for _, path := range []string{"/forecast?", "/forecast/back-test?", "/forecast/waterfall?from=2026-07-01&to=2026-07-13&", "/reports/forecast.xlsx?"} {
		w.must(422, w.admin, "GET", path+"custom=colour:red", "")
		w.must(200, w.admin, "GET", path+"custom=branch:food", "")
	}
	w.must(200, w.admin, "GET", "/forecast/waterfall?from=2026-07-01&to=2026-07-13", "").holds(t, `"bars":`)
	w.must(422, w.admin, "GET", "/forecast/waterfall?from=2026-07-13&to=2026-07-01", "")
	w.must(200, w.admin, "GET", "/forecast/back-test?months=2", "").holds(t, `"known":false`)

	w.must(200, w.admin, "GET", "/quantities?months=3", "").holds(t, `"periods":[`)
	w.must(200, w.admin, "GET", "/quantities/DSK-010", "").holds(t, `"opportunities":[`)
	w.must(200, w.admin, "GET", "/receipts?step=week&items=all", "").holds(t, `"owed_known":`, deal.id(t), `"place":"undated"`, `"without_vat":true`)
	w.must(422, w.admin, "GET", "/receipts?columns=40", "")
	w.must(200, w.admin, "GET", "/retention?step=half&seller=kovacs", "").holds(t, `"known_from":"2023-07-01"`, `"at_risk":0`, `"running":true`)
	w.must(200, w.admin, "GET", "/retention/cohorts", "").holds(t, `"step":3`, `"earlier":true`)
	w.must(200, w.admin, "GET", "/figures/values?codes=order_retention&first=2026-04-01&last=2026-06-30", "").holds(t, `"code":"order_retention"`, `"count":0`)
	w.must(200, w.admin, "GET", "/retention/customers?first=2026-04-01&last=2026-06-30&kind=fresh", "").holds(t, `"items":[]`)
	for _, bad := range []string{"/retention?step=week", "/retention?columns=41", "/retention?source=web", "/retention/cohorts?pipeline=x", "/retention/customers?first=2026-04-02&last=2026-06-30"} {
		w.must(422, w.admin, "GET", bad, "")
	}
	w.must(403, w.seller, "GET", "/retention", "")

	quota := `{"kind":"seller","subject":"kovacs","measure":"revenue","starts_on":"2026-07-01","months":3,"target":"%s"}`
	set := w.must(200, w.admin, "PUT", "/quotas", fmt.Sprintf(quota, "1000000"))
	w.must(200, w.admin, "PUT", "/quotas", fmt.Sprintf(quota, "2000000")).holds(t, set.id(t))
	w.must(422, w.admin, "PUT", "/quotas", strings.Replace(fmt.Sprintf(quota, "1"), "07-01", "07-02", 1))
	w.must(200, w.seller, "GET", "/quotas?on=2026-08-01", "").holds(t, `"target":"2000000"`, `"attained":"0"`, `"last":"2026-09-30"`)
	w.must(403, w.seller, "PUT", "/quotas", fmt.Sprintf(quota, "1"))
	many := `{"quotas":[{"kind":"company","measure":"revenue","starts_on":"2026-07-01","months":3,"target":"9000000"},{"kind":"group","subject":"DSK","measure":"revenue","starts_on":"2026-%s","months":3,"target":"300"}]}`
	w.must(422, w.admin, "PUT", "/quotas/bulk", fmt.Sprintf(many, "07-02")).holds(t, `"path":"quotas[1].starts_on"`)
	w.must(200, w.admin, "GET", "/plan?year=2026", "").holds(t, `"sellers":["0","0","2000000","0"]`, `"now":{"target":"0"`) // all or none
	w.must(403, w.seller, "PUT", "/quotas/bulk", fmt.Sprintf(many, "07-01"))
	w.must(204, w.admin, "PUT", "/quotas/bulk", fmt.Sprintf(many, "07-01"))
	w.must(200, w.admin, "GET", "/plan?year=2026&step=quarter", "").holds(t, `"kind":"company"`, `"target":"9000000"`, `"kind":"group","subject":"DSK"`, `"target":"300"`)
	w.must(422, w.admin, "GET", "/plan?year=2026&step=week", "")
	w.must(403, w.seller, "GET", "/plan?year=2026", "")

	w.must(204, w.admin, "PUT", "/exchange-rates", `{"rates":[{"currency":"CHF","day":"2026-07-01","rate":"402.15"},{"currency":"CHF","day":"2026-07-02","rate":"403"},{"currency":"USD","day":"2026-07-01","rate":"350.5"}]}`)
	w.must(204, w.admin, "PUT", "/exchange-rates", `{"rates":[{"currency":"CHF","day":"2026-07-02","rate":"404"}]}`)
	w.must(422, w.admin, "PUT", "/exchange-rates", `{"rates":[{"currency":"EUR","day":"2026-07-02","rate":"0"}]}`).holds(t, `"path":"rates[0].currency"`, `"path":"rates[0].rate"`)
	w.must(403, w.seller, "PUT", "/exchange-rates", `{"rates":[{"currency":"CHF","day":"2026-07-02","rate":"404"}]}`)
	w.must(200, w.admin, "GET", "/exchange-rates?currency=CHF&first=2026-07-01&last=2026-07-31", "").holds(t, `"items":[{"currency":"CHF","day":"2026-07-01","rate":"402.15"},{"currency":"CHF","day":"2026-07-02","rate":"404"}]`)
	w.must(200, w.alien, "GET", "/exchange-rates?first=2026-07-01&last=2026-07-31", "").holds(t, `"items":[]`)
	w.must(422, w.admin, "GET", "/exchange-rates?first=2026-07-01&last=2027-07-31", "")
	for _, book := range []string{"figures.xlsx?" + period, "forecast.xlsx", "quotas.xlsx", "quantities.xlsx", "receipts.xlsx?step=week", "retention.xlsx?step=year", "commissions.xlsx?month=2026-07-01", "customer-values.xlsx", "quotes.xlsx?state=draft,issued", "lead-list.xlsx?custom=fair:Brno&sort=name", "opportunities.xlsx?custom=branch:food", "activities.xlsx?owner=*&window=all", "contacts.xlsx?kind=person", "customers.xlsx?find=a", "suggestions.xlsx?kind=less"} {
		if got := w.must(200, w.admin, "GET", "/reports/"+book, "", "Accept-Language", "hu"); !strings.HasPrefix(string(got.body), "PK") {
			t.Errorf("%s is no workbook: %.40q", book, got.body)
		}
	}
	for _, asked := range []string{"", "&codes=leads,revenue&custom=fair:Brno", "&codes=revenue&custom=fair:Brno"} {
		if got := w.must(200, w.seller, "GET", "/reports/dashboard.pdf?"+period+asked, "", "Accept-Language", "he"); !strings.HasPrefix(string(got.body), "%PDF-") {
			t.Errorf("the dashboard %s is no PDF: %.40q", asked, got.body)
		}
	}
	w.must(422, w.admin, "GET", "/reports/dashboard.pdf?last=2026-07-31", "")
	w.must(204, w.admin, "DELETE", "/quotas/"+set.id(t), "")
	plan := w.must(201, w.admin, "POST", "/report-schedules", `{"report":"quotas","name":"Hétfői","rhythm":"week","weekday":1,"minute":480,"recipient":"eva@example.hu"}`)
	plan.holds(t, `"next_at":`)
	w.must(200, w.admin, "GET", "/report-schedules", "").holds(t, `"Hétfői"`)
	w.must(204, w.admin, "DELETE", "/report-schedules/"+plan.id(t), "")
	for _, path := range []string{"/customer-values?class=A&quiet=true", "/customer-values/summary", "/suggestions?kind=quiet", "/sequences?state=running", "/parties/" + l.PartyID + "/sequences"} {
		w.must(200, w.admin, "GET", path, "")
	}
}

// steps walks a process from its template to its end.
func steps(t *testing.T, w *world) {
	const body = processesBody
	w.must(422, w.admin, "PUT", "/policies/processes", strings.Replace(body, "Felmérés", "", 1), "If-Match", `"0"`)
	w.must(403, w.seller, "PUT", "/policies/processes", body, "If-Match", `"0"`)
	held := w.must(200, w.admin, "PUT", "/policies/processes", body, "If-Match", `"0"`)
	held.holds(t, `"published":true`, `"on":["lead"]`)
	w.must(412, w.admin, "PUT", "/policies/processes", body, "If-Match", `"0"`)
	w.must(200, w.admin, "GET", "/policies/processes/versions", "").holds(t, `"items":`)
	var plan struct {
		Plan struct{ Templates []struct{ ID string } }
	}
	held.decode(t, &plan)
	l := w.capture(w.admin, hungarian("Pintér Zsófia"))
	start := fmt.Sprintf(`{"template_id":%q,"record_kind":"lead","record_id":%q}`, plan.Plan.Templates[0].ID, l.LeadID)
	w.must(422, w.admin, "POST", "/processes", strings.Replace(start, `"lead"`, `"party"`, 1))
	made := w.must(201, w.admin, "POST", "/processes", start, "Idempotency-Key", "bevezetés")
	w.must(201, w.admin, "POST", "/processes", start, "Idempotency-Key", "bevezetés").holds(t, made.id(t))
	made.holds(t, `"at":"Felmérés"`, `"steps_over":0`, `"state":"waiting"`)
	var card struct{ Line []struct{ ID string } }
	made.decode(t, &card)
	step := func(i int) string { return "/process-steps/" + card.Line[i].ID }
	w.must(422, w.admin, "POST", step(0)+"/skip", `{"reason":"nem kell"}`) // it must be done
	w.must(200, w.admin, "POST", step(0)+"/complete", `{"outcome":"Három iroda"}`).holds(t, `"at":"Oktatás"`, `"steps_over":1`)
	w.must(422, w.admin, "POST", step(0)+"/complete", `{}`)
	w.must(200, w.admin, "POST", step(0)+"/reopen", "").holds(t, `"steps_over":0`)
	w.must(200, w.admin, "POST", step(1)+"/hand-over", `{"user":"kovacs"}`).holds(t, `"user":"kovacs"`)
	w.must(200, w.admin, "POST", step(1)+"/skip", `{"reason":"tudják"}`).holds(t, `"state":"skipped"`)
	w.must(200, w.admin, "GET", "/processes?state=running&record_kind=lead&record="+l.LeadID, "").holds(t, made.id(t), `"about":"Pintér Zsófia"`)
	w.must(422, w.admin, "GET", "/processes?record="+l.LeadID, "")
	path := "/processes/" + made.id(t)
	w.must(412, w.admin, "POST", path+"/cancel", `{"reason":"elállt"}`, "If-Match", made.header.Get("ETag"))
	w.must(200, w.admin, "POST", path+"/cancel", `{"reason":"elállt"}`, "If-Match", w.must(200, w.admin, "GET", path, "").header.Get("ETag")).holds(t, `"state":"cancelled"`, `"reason":"elállt"`)
}

// commissions pays a seller for what he won, and settles the month when it is over.
func commissions(t *testing.T, w *world) {
	const body = commissionsBody
	const path = "/policies/commissions"
	l := w.capture(w.admin, hungarian("Balogh Imre"))
	deal := w.must(201, w.admin, "POST", "/opportunities", fmt.Sprintf(`{"party_id":%q,"name":"Polcok","expected_revenue":"400000","currency":"EUR"}`, l.PartyID))
	w.must(200, w.admin, "POST", "/opportunities/"+deal.id(t)+"/win", `{}`, "If-Match", "*")
	w.must(422, w.admin, "PUT", path+"/draft", strings.Replace(body, `"2.5"`, `"0.00000000000000001"`, 1), "If-Match", `"0"`).holds(t, `rules[0].rate`)
	w.must(200, w.admin, "PUT", path+"/draft", body, "If-Match", `"0"`).holds(t, `"draft":{`, `"cap":"20000"`)
	w.must(200, w.admin, "POST", path+"/try", `{"from":"2026-07-01","to":"2026-07-31","plan":`+body+`}`).holds(t, `"total":"10000"`, `"held":false`)
	w.must(403, w.reader, "GET", path, "")
	w.must(200, w.admin, "POST", path+"/publish", "", "If-Match", "*").holds(t, `"published":true`)
	w.must(200, w.admin, "GET", "/commissions?month=2026-07-15", "").holds(t, `"total":"10000"`, `"state":"open"`, deal.id(t), `"rate":"2.5"`)
	all := actor.Rights{actor.OpportunityRead, actor.ReportRead}
	w.must(200, w.keyOf("nagy", w.company, all, actor.All), "GET", "/commissions?month=2026-07-15", "").holds(t, `"total":"0"`, `"rows":[]`) // it is kovacs who earns
	w.must(200, w.keyOf("nagy", w.company, append(all, actor.CommissionRead), actor.All), "GET", "/commissions?month=2026-07-15", "").holds(t, `"total":"10000"`)
	w.must(422, w.admin, "POST", "/commissions/close", `{"month":"2026-07-01"}`) // it is not over
	w.must(403, w.seller, "POST", "/commissions/close", `{"month":"2026-07-01"}`)
}

func customFields(t *testing.T, w *world) {
	made := w.must(201, w.admin, "POST", "/custom-fields", `{"kinds":["lead","quote"],"name":"fleet","type":"number","label":"Autók","min":"0","max":"500"}`)
	made.holds(t, `"kind":"lead"`, `"kind":"quote"`, `"max":"500"`)
	w.must(422, w.admin, "POST", "/custom-fields", `{"kinds":["lead"],"name":"fleet","type":"text","label":"Autók"}`)
	path := "/custom-fields/" + made.id(t)
	now := w.must(200, w.admin, "PUT", path, `{"label":"Járművek","labels":{"en":"Vehicles"}}`, "If-Match", `"1"`)
	now.holds(t, `"Vehicles"`)
	w.must(412, w.admin, "PUT", path, `{"label":"x"}`, "If-Match", `"1"`)
	w.must(204, w.admin, "PUT", "/custom-fields/order", fmt.Sprintf(`{"kind":"lead","ids":[%q]}`, made.id(t)))
	l := w.capture(w.admin, strings.TrimSuffix(hungarian("Varga Ilona"), "}")+`,"custom":{"fleet":"12"}}`)
	w.must(200, w.admin, "GET", "/reports/leads.csv", "", "Accept-Language", "hu").holds(t, ";Járművek", ";12")
	w.must(200, w.admin, "GET", "/reports/sales.xlsx", "")
	for range 2 {
		w.must(200, w.admin, "DELETE", path, "").holds(t, `"removed_at"`)
	}
	w.must(200, w.reader, "GET", "/custom-fields?kind=lead", "").holds(t, `"items":[]`)
	w.must(403, w.reader, "GET", "/custom-fields?kind=lead&removed=true", "")
	w.must(200, w.admin, "GET", "/custom-fields?kind=lead&removed=true", "").holds(t, `"fleet"`)
	w.must(200, w.admin, "POST", path+"/restore", "")
	w.must(200, w.admin, "GET", "/leads/"+l.LeadID+"/card", "").holds(t, `"fleet":"12"`)
	w.must(200, w.admin, "DELETE", path, "")
	if got := w.must(200, w.key(w.company, actor.Admin, actor.All), "DELETE", path+"/values", ""); string(got.body) != `{"count":1}`+"\n" {
		t.Errorf("purged %s", got.body)
	}
	w.must(404, w.admin, "GET", path, "")
}

// turn has the background do what waits.
func (w *world) turn() {
	w.t.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = w.module.RunOnce(context.Background()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestCustomerSales: what a customer ordered at the host is told by year, group and month to those who may see its money.
func TestCustomerSales(t *testing.T) {
	w := newWorld(t)
	l := w.capture(w.admin, hungarian("Vevő Vilma"))
	var made struct {
		Customer struct {
			Key string `json:"key"`
		} `json:"customer"`
	}
	w.must(200, w.admin, "POST", "/leads/"+l.LeadID+"/conversion", `{"customer":{"completed":{"name":"Vevő Vilma","address":{"country":"HU","city":"Pécs","postal_code":"7621","line1":"Fő tér 1."}}}}`).decode(t, &made)
	w.must(200, w.admin, "GET", "/customer-sales?customer="+made.Customer.Key, "").holds(t, `"orders":0`, `"years":[2024,2025,2026]`)
	deal := w.must(201, w.admin, "POST", "/opportunities", fmt.Sprintf(`{"party_id":%q,"name":"Asztalok","lines":[{"product_key":"DSK-010","name":"Asztal","quantity":"2","unit_price":"1000"}]}`, l.PartyID))
	w.must(200, w.admin, "POST", "/orders", fmt.Sprintf(`{"from":{"kind":"opportunity","id":%q}}`, deal.id(t)))
	w.must(200, w.admin, "GET", "/customer-sales?customer="+made.Customer.Key, "").holds(t, `"orders":1`, `"totals":["0","0","2000"]`, `"first":"2026-07-13"`)
	w.must(403, w.reader, "GET", "/customer-sales?customer="+made.Customer.Key, "")
	w.must(404, w.seller, "GET", "/customer-sales?customer=none", "")
}
