package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

// bodies are the smallest bodies that the document allows, by operation; ID stands for an id.
var bodies = map[string]string{
	"capture-lead": person, "edit-lead": `{"interest":"x"}`, "move-lead": `{"status":"working"}`, "assign-lead": `{"user":"nagy"}`, "merge-lead": `{"loser":"ID"}`,
	"add-party": `{"name":"Kiss Pál"}`, "change-party": `{"name":"Kiss Pál"}`, "set-party-custom": `{"custom":{}}`,
	"create-opportunity": `{"party_id":"ID","name":"x"}`, "edit-opportunity": `{"name":"x"}`, "set-opportunity-lines": `{"lines":[]}`, "set-opportunity-team": `{"owner":"kovacs"}`,
	"set-opportunity-competitors": `{"competitors":[]}`, "move-opportunity": `{"stage_id":"ID"}`, "win-opportunity": `{}`,
	"lose-opportunity": `{"lost_reason":"x","lost_to":"-","lesson":"x"}`, "reopen-opportunity": `{}`, "comment-opportunity": `{"body":"x"}`,
	"add-pipeline": `{"name":"x"}`, "arrange-pipelines": `{"ids":["ID"]}`, "edit-pipeline": `{"name":"x"}`, "add-stage": `{"name":"x"}`, "arrange-stages": `{"ids":["ID"]}`, "edit-stage": `{"name":"x"}`,
	"plan-activity": `{"party_id":"ID","kind":"call","subject":"x","due_at":"2026-07-14T08:00:00Z"}`, "record-activity": `{"party_id":"ID","kind":"note","subject":"x"}`,
	"edit-activity": `{"subject":"x"}`, "complete-activity": `{}`, "delegate-activity": `{"to":"nagy"}`, "decline-activity": `{"reason":"x"}`, "cancel-activity": `{"reason":"x"}`,
	"snooze-activity": `{"until":"2026-07-14T08:00:00Z"}`,
	"draft-quote":     `{"party_id":"ID"}`, "preview-quote": `{"party_id":"ID"}`, "edit-quote": `{"title":"x"}`, "set-quote-lines": `{"lines":[]}`, "withdraw-quote": `{"reason":"x"}`,
	"accept-quote": `{"by":"x"}`, "decline-quote": `{"by":"x"}`,
	"preview-lead-conversion": `{}`, "convert-lead": `{}`, "make-order": `{"from":{"kind":"quote","id":"ID"}}`, "make-delivery": `{"from":{"kind":"quote","id":"ID"}}`,
	"make-invoice": `{"from":{"kind":"quote","id":"ID"}}`, "request-payment": `{"from":{"kind":"quote","id":"ID"}}`, "make-advance-invoice": `{"from":{"kind":"quote","id":"ID"}}`,
	"make-completion-act": `{"from":{"kind":"quote","id":"ID"}}`, "make-credit-note": `{"from":{"kind":"quote","id":"ID"}}`, "undo-conversion": `{"reason":"x"}`,
	"change-leads": `{"leads":[{"id":"ID"}],"move":{"status":"working"}}`, "preview-lead-changes": `{"leads":[{"id":"ID"}],"move":{"status":"working"}}`, "read-lead-from-text": `{"text":"x"}`,
	"employ-party": `{}`, "assign-party": `{"user":"nagy"}`, "share-party": `{"user":"nagy"}`, "merge-party": `{"loser":"ID"}`,
	"send-quote":   `{"to":[{"email":"eva@example.hu"}],"subject":"x","text":"x"}`,
	"read-notices": `{"ids":["ID"]}`, "read-all-notices": `{}`, "edit-preferences": `{"theme":"dark"}`,
	"save-view": `{"page":"leads","name":"x"}`, "change-view": `{"page":"leads","name":"x"}`, "arrange-views": `{"page":"leads","ids":["ID"]}`,
	"set-choice-list": `{"choices":[]}`, "set-company-text": `{"body":"x"}`, "set-mail-template": `{"subject":"x","body":"x"}`, "set-user-rights": `{"name":"x","role":"seller"}`,
	"create-webhook": `{"name":"x","url":"https://example.com/x","kinds":["*"]}`, "edit-webhook": `{"name":"x","url":"https://example.com/x","kinds":["*"]}`, "recover-webhook": `{"since":"2026-07-01T00:00:00Z"}`,
	"resolve-host-call": `{"outcome":"not_made"}`, "abandon-host-call": `{}`, "create-key": `{"name":"x","rights":["lead.read"]}`,
	"add-topic": topicBody, "edit-topic": topicBody, "enter-subscriber": `{"address":"eva@example.hu","topics":["ID"],"ground":` + groundBody + `}`,
	"request-subscription": `{"address":"eva@example.hu","topics":["ID"]}`, "unsubscribe": `{}`, "resubscribe": groundBody, "find-consents": addressBody,
	"suppress-address": `{"channel":"email","address":"x@example.hu","reason":"manual"}`, "find-suppression": addressBody, "lift-suppression": `{"channel":"email","address":"x@example.hu","why":"x"}`,
	"create-segment": `{"name":"x","condition":"party.country == \"HU\""}`, "edit-segment": `{"name":"x","condition":"party.country == \"HU\""}`,
	"check-condition": `{"condition":"party.country == \"HU\""}`, "count-segment": `{"condition":"party.country == \"HU\""}`, "sample-segment": `{"condition":"party.country == \"HU\""}`,
	"add-members": `{"parties":["ID"]}`, "remove-members": `{"parties":["ID"]}`, "fill-members": `{"condition":"party.country == \"HU\""}`,
	"create-campaign": campaignBody, "edit-campaign": campaignBody, "restore-campaign-letter": `{"edition_id":"ID"}`, "set-campaign-letters": `{"letters":[{"variant":"A","language":"hu","subject":"x","design":{}}]}`,
	"preview-letter": `{"design":{}}`, "check-template": `{"html":"<p>x</p>"}`, "schedule-campaign": `{}`, "test-campaign": `{"language":"hu","to":["eva@example.hu"]}`, "choose-campaign-winner": `{"variant":"A"}`,
	"set-scoring-policy": scoringBody, "draft-scoring-policy": scoringBody, "try-scoring-policy": scoringBody, "set-routing-policy": routingBody, "draft-routing-policy": routingBody, "try-routing-policy": routingBody,
	"match-routing-rule": `{"name":"x","to":{"method":"known"}}`, "set-clocks-policy": clockBody, "set-regulations-policy": regulationBody, "set-working-time-policy": workingTimeBody, "set-values-policy": valueBody, "add-absence": `{"user":"nagy","from":"2026-07-20","until":"2026-07-24"}`,
	"set-quotas": `{"quotas":[{"kind":"company","measure":"count","starts_on":"2026-07-01","months":3,"target":"40"}]}`, "note-exchange-rates": `{"rates":[{"currency":"EUR","day":"2026-07-13","rate":"402.15"}]}`,
	"set-quota": `{"kind":"company","measure":"count","starts_on":"2026-07-01","months":3,"target":"40"}`, "add-report-schedule": `{"report":"kpis","name":"x","rhythm":"day","minute":480,"recipient":"eva@example.hu"}`,
	"create-workflow-rule": workflowBody, "edit-workflow-rule": workflowBody, "try-workflow-rule": workflowTrial, "enter-sequence": `{"parties":["ID"]}`,
	"create-sequence": sequenceBody, "edit-sequence": sequenceBody, "start-sequence": `{}`, "set-sequence-rule": `{"gap_hours":24}`,
	"add-custom-field": `{"kinds":["lead"],"name":"fleet","type":"number","label":"Autók"}`, "edit-custom-field": `{"label":"Autók"}`, "arrange-custom-fields": `{"kind":"lead","ids":["ID"]}`,
	"set-processes-policy": processesBody, "start-process": `{"template_id":"ID","record_kind":"lead","record_id":"ID"}`, "cancel-process": `{"reason":"x"}`,
	"complete-process-step": `{"outcome":"x"}`, "skip-process-step": `{"reason":"x"}`, "hand-over-process-step": `{"user":"nagy"}`,
	"set-commissions-policy": commissionsBody, "draft-commissions-policy": commissionsBody, "try-commissions-policy": `{"from":"2026-07-01","to":"2026-07-31","plan":` + commissionsBody + `}`,
	"close-commissions":   `{"month":"2026-07-01"}`,
	"set-campaign-budget": `{"budget":"1"}`, "resolve-recipients": `{"seqs":[1],"decision":"lost"}`,
}

// words stand for the parts of paths that are no ids.
var words = strings.NewReplacer("/choice-lists/{name}", "/choice-lists/lead_source", "{name}", "quote.cover", "{language}", "hu", "{purpose}", "quote.sent", "{user}", "kovacs", "{code}", "revenue", "{party}", "0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f", "{edition}", "0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f")

// queries are what an operation cannot be asked without.
var queries = map[string]string{
	"find-party-of-host": "?role=customer&key=none", "search": "?q=anna", "list-views": "?page=leads",
	"read-figures": "?first=2026-07-01&last=2026-07-31", "list-figure-records": "?first=2026-07-01&last=2026-07-31", "report-figures": "?first=2026-07-01&last=2026-07-31", "report-dashboard": "?first=2026-07-01&last=2026-07-31",
	"list-forecast-standing": "?on=2026-07-01", "list-forecast-test-deals": "?month=2026-06-01",
	"get-forecast-waterfall": "?from=2026-07-01&to=2026-07-13", "list-clocks": "?kind=answer", "list-clock-results": "?kind=answer&from=2026-07-01T00:00:00Z&until=2026-08-01T00:00:00Z",
	"list-regulation-results": "?from=2026-07-01T00:00:00Z&until=2026-08-01T00:00:00Z", "report-regulations": "?from=2026-07-01T00:00:00Z&until=2026-08-01T00:00:00Z", "report-plan": "?year=2026",
	"list-public-holidays": "?country=HU&year=2026", "list-readings": "?user=kovacs",
	"get-plan": "?year=2026", "list-exchange-rates": "?first=2026-07-01&last=2026-07-31", "get-customer-sales": "?customer=none",
	"get-workflow-terms": "?noun=lead", "get-customer-value": "?customer=none", "list-custom-fields": "?kind=lead",
	"get-calendar": "?from=2026-07-01T00:00:00Z&until=2026-08-01T00:00:00Z",
}

// personal are operations on what belongs to the key's user alone: they take no right.
var personal = []string{"Personal", "Notices"}

// seeded are records of the company, by the first part of the path.
func (w *world) seeded() map[string]string {
	w.t.Helper()
	l := w.capture(w.admin, person)
	id := func(a answer, path ...string) string {
		var v any
		a.decode(w.t, &v)
		for _, p := range path {
			if list, ok := v.([]any); ok {
				v = list[0]
			}
			v = v.(map[string]any)[p]
		}
		return v.(string)
	}
	var pipelines struct {
		Items []struct {
			ID     string
			Stages []struct{ ID string }
		}
	}
	w.must(200, w.admin, "GET", "/pipelines", "").decode(w.t, &pipelines)
	topic := id(w.must(201, w.admin, "POST", "/topics", topicBody), "id")
	template := id(w.must(200, w.admin, "PUT", "/policies/processes", processesBody, "If-Match", `"0"`), "plan", "templates", "id")
	running := w.must(201, w.admin, "POST", "/processes", fmt.Sprintf(`{"template_id":%q,"record_kind":"lead","record_id":%q}`, template, l.LeadID))
	party := func(body string) string { return strings.ReplaceAll(body, "ID", l.PartyID) }
	return map[string]string{
		"leads": l.LeadID, "parties": l.PartyID, "pipelines": pipelines.Items[0].ID, "stages": pipelines.Items[0].Stages[0].ID,
		"opportunities":  id(w.must(201, w.admin, "POST", "/opportunities", party(bodies["create-opportunity"])), "id"),
		"activities":     id(w.must(201, w.admin, "POST", "/activities/planned", party(bodies["plan-activity"])), "id"),
		"quotes":         id(w.must(201, w.admin, "POST", "/quotes", party(bodies["draft-quote"])), "quote", "id"),
		"keys":           id(w.must(201, w.admin, "POST", "/keys", bodies["create-key"]), "key", "id"),
		"views":          id(w.must(201, w.admin, "POST", "/views", bodies["save-view"]), "id"),
		"topics":         topic,
		"processes":      running.id(w.t),
		"process-steps":  id(running, "line", "id"),
		"subscriptions":  id(w.must(201, w.admin, "POST", "/subscriptions", strings.ReplaceAll(bodies["enter-subscriber"], "ID", topic)), "items", "id"),
		"segments":       id(w.must(201, w.admin, "POST", "/segments", `{"name":"Lista","kind":"static"}`), "id"),
		"sequences":      id(w.must(201, w.admin, "POST", "/sequences", strings.ReplaceAll(sequenceBody, "ID", topic)), "id"),
		"campaigns":      id(w.must(201, w.admin, "POST", "/campaigns", bodies["create-campaign"]), "id"),
		"workflow-rules": id(w.must(201, w.admin, "POST", "/workflow-rules", workflowBody), "id"),
		"custom-fields":  id(w.must(201, w.admin, "POST", "/custom-fields", bodies["add-custom-field"]), "items", "id"),
		"webhooks":       id(w.must(201, w.admin, "POST", "/webhooks", bodies["create-webhook"]), "webhook", "id"),
	}
}

// state tells whether anything was written: the number and the versions of the rows of all tables. A server's are shared with
// other tests: there only those count that belong to the companies of this one.
func (w *world) state() string {
	w.t.Helper()
	db, where := w.module.DB().SQL(), ""
	tables := "SELECT name, (SELECT COUNT(*) FROM pragma_table_info(m.name) AS c WHERE c.name = 'version') FROM sqlite_master AS m WHERE type = 'table' AND (name LIKE 'crm%' OR name LIKE 'erp%') ORDER BY name"
	if w.module.DB().Dialect() == store.MSSQL {
		tables = "SELECT t.TABLE_NAME, (SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS AS c WHERE c.TABLE_NAME = t.TABLE_NAME AND c.COLUMN_NAME = 'version') FROM INFORMATION_SCHEMA.TABLES AS t" +
			" WHERE t.TABLE_TYPE = 'BASE TABLE' AND (t.TABLE_NAME LIKE 'crm%' OR t.TABLE_NAME LIKE 'erp%') AND EXISTS (SELECT 1 FROM INFORMATION_SCHEMA.COLUMNS AS c WHERE c.TABLE_NAME = t.TABLE_NAME AND c.COLUMN_NAME = 'company') ORDER BY t.TABLE_NAME"
		where = " WHERE company IN ('" + w.company + "', '" + w.other + "')"
	}
	rows, err := db.Query(tables)
	if err != nil {
		w.t.Fatal(err)
	}
	var names [][2]string
	for rows.Next() {
		var name, versions string
		if err := rows.Scan(&name, &versions); err != nil {
			w.t.Fatal(err)
		}
		names = append(names, [2]string{name, versions})
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(names) < 80 {
		w.t.Fatalf("%d tables, %v", len(names), err)
	}
	var all strings.Builder
	for _, t := range names {
		query, n, v := "SELECT COUNT(*), 0 FROM ["+t[0]+"]", 0, 0
		if t[1] == "1" {
			query = "SELECT COUNT(*), COALESCE(SUM(version), 0) FROM [" + t[0] + "]"
		}
		if err := db.QueryRow(query+where).Scan(&n, &v); err != nil {
			continue // a virtual table's own
		}
		fmt.Fprintf(&all, "%s %d %d\n", t[0], n, v)
	}
	return all.String()
}

// TestEveryRoute walks all operations of the document with requests that must be refused.
func TestEveryRoute(t *testing.T) {
	w := newWorld(t)
	seeded := w.seeded()
	w.must(200, w.alien, "GET", "/pipelines", "") // a company gets its first pipeline when it is asked for
	revoked := w.key(w.company, actor.Seller, actor.Own)
	var me struct{ Items []struct{ ID string } }
	w.must(200, w.admin, "GET", "/keys?limit=1", "").decode(t, &me)
	w.must(204, w.admin, "DELETE", "/keys/"+me.Items[0].ID, "")
	bare := map[string]string{ // keys with one right each, to ask for what takes another
		"lead.read": w.key(w.company, actor.Rights{actor.LeadRead}, actor.All), "report.read": w.key(w.company, actor.Rights{actor.ReportRead}, actor.All),
	}
	before := w.state()
	for _, op := range w.contract().operations {
		t.Run(op.ID, func(t *testing.T) {
			noun, _, _ := strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
			id := seeded[noun]
			if id == "" {
				id = seeded["leads"]
			}
			path := words.Replace(strings.ReplaceAll(op.Path, "{id}", id)) + queries[op.ID]
			other := seeded["leads"]
			if strings.Contains(bodies[op.ID], "party_id") {
				other = seeded["parties"]
			}
			body := strings.ReplaceAll(bodies[op.ID], "ID", other)
			if op.Media == "application/json" && body == "" {
				t.Fatal("the walk has no body for this operation; add one")
			}
			headers := []string{}
			if op.Match {
				headers = append(headers, "If-Match", "*")
			}
			if op.Media == "multipart/form-data" {
				headers = append(headers, "Content-Type", "multipart/form-data; boundary=x")
				body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nNév;E-mail\r\nA;a@example.hu\r\n--x\r\nContent-Disposition: form-data; name=\"plan\"\r\n\r\n{}\r\n--x--\r\n"
			}
			refused := func(name string, want int, key, body string, more ...string) {
				t.Helper()
				a := w.ask(key, op.Method, path, body, append(append([]string{}, headers...), more...)...)
				if a.status != want {
					t.Errorf("%s: %d, want %d: %.300s", name, a.status, want, a.body)
				}
				if p := a.problem(t); p.Code == "" || p.Title == "" || p.Title == p.Code {
					t.Errorf("%s: %s", name, a.body)
				}
			}
			refused("no key", 401, "", body)
			refused("wrong key", 401, w.seller[:len(w.seller)-2]+"AA", body)
			refused("no secret at all", 401, "crmp_", body)
			refused("revoked key", 401, revoked, body)
			if len(op.Rights) == 0 && op.ID != "get-myself" && !slices.Contains(personal, op.Tag) {
				t.Error("the operation names no right")
			}
			if len(op.Rights) > 0 {
				key := bare["lead.read"]
				if strings.Contains(fmt.Sprint(op.Rights), "lead.read") {
					key = bare["report.read"]
				}
				refused("missing right", 403, key, body)
			}
			if strings.Contains(op.Path, "{id}") && !strings.HasPrefix(op.ID, "preview-import") {
				refused("other company's record", 404, w.alien, body)
				whole := path
				path = strings.ReplaceAll(op.Path, "{id}", "0190a3c2")
				refused("no id", 422, w.admin, body)
				path = strings.ReplaceAll(op.Path, "{id}", "%00")
				refused("NUL in the path", 422, w.admin, body)
				path = whole
			}
			if op.Match {
				refused("stale version", http.StatusPreconditionFailed, w.admin, body, "If-Match", `"99"`)
				refused("no version", http.StatusPreconditionRequired, w.admin, body, "If-Match", "")
				refused("broken version", http.StatusBadRequest, w.admin, body, "If-Match", "three")
			}
			if op.Media == "application/json" {
				open := strings.TrimSuffix(body, "}")
				if open != "{" {
					open += ","
				}
				refused("oversized", 413, w.admin, open+`"x":"`+strings.Repeat("x", 1<<20)+`"}`)
				refused("malformed", 400, w.admin, body[:len(body)-1])
				refused("wrong type of content", 415, w.admin, body, "Content-Type", "text/plain")
				refused("unknown field", 422, w.admin, open+`"colour":"red"}`)
				refused("NUL", 400, w.admin, open+`"x\u0000":1}`)
				refused("no UTF-8", 400, w.admin, open+"\"x\":\"\xff\"}")
				refused("no object", 422, w.admin, `[1]`)
				refused("deep nesting", 422, w.admin, strings.Repeat("[", 5000)+strings.Repeat("]", 5000))
			}
		})
	}
	if after := w.state(); after != before {
		t.Errorf("something was written:\n%s\nbefore:\n%s", after, before)
	}
	if log := w.log.String(); strings.Contains(log, "crmp_") || strings.Contains(log, "eva@example.hu") {
		t.Errorf("the log tells too much: %s", log)
	}
}

// TestEveryFileIsNoted: whoever takes data out as a file over the API stands in the log of changes.
func TestEveryFileIsNoted(t *testing.T) {
	w := newWorld(t)
	seeded, files, before := w.seeded(), 0, 0
	for _, op := range w.contract().operations {
		named := strings.HasSuffix(op.Path, ".xlsx") || strings.HasSuffix(op.Path, ".csv") || strings.HasSuffix(op.Path, ".pdf")
		if op.Method != http.MethodGet || op.ID == "get-import-rejects" { // nobody imported anything
			continue
		}
		if !named && !strings.HasPrefix(op.ID, "report-") {
			continue
		}
		files++
		noun, _, _ := strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
		path := words.Replace(strings.ReplaceAll(op.Path, "{id}", seeded[noun])) + queries[op.ID]
		a := w.must(http.StatusOK, w.admin, "GET", path, "")
		if !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s comes as %q", op.ID, a.header.Get("Content-Disposition"))
		}
		n := 0
		if err := w.module.DB().SQL().QueryRow("SELECT COUNT(*) FROM crm_audit WHERE action = 'export' AND company = '" + w.company + "'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != before+1 {
			t.Errorf("%s leaves %d entries in the log of changes, want one", op.ID, n-before)
		}
		before = n
	}
	if files < 20 {
		t.Errorf("only %d operations give a file", files)
	}
}
