package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/crmplus/crmplus/adapters/api"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
)

// client asks for operations by their names, as a client that was made from the document does: where they
// stand and what they take is looked up there, and what is sent and what comes back is held against it.
type client struct {
	*world
	key string
}

// args are the parameters of an operation, of its path and of its query.
type args map[string]string

// do carries an operation out and expects that it succeeds.
func (c client) do(id string, params args, body string, headers ...string) answer {
	c.t.Helper()
	var op *operation
	for _, o := range c.contract().operations {
		if o.ID == id {
			op = o
		}
	}
	if op == nil {
		c.t.Fatalf("the document has no operation %s", id)
	}
	path, query := op.Path, url.Values{}
	for name, value := range params {
		switch mark := "{" + name + "}"; {
		case strings.Contains(path, mark):
			path = strings.ReplaceAll(path, mark, url.PathEscape(value))
		case op.Query[name]:
			query.Set(name, value)
		default:
			c.t.Fatalf("%s takes no %s", id, name)
		}
	}
	if strings.Contains(path, "{") {
		c.t.Fatalf("%s needs more parameters: %s", id, path)
	}
	if (op.Media == "application/json") != (body != "") {
		c.t.Fatalf("%s takes a body of type %q", id, op.Media)
	}
	if body != "" {
		if err := c.contract().sendable(op, body); err != nil {
			c.t.Fatal(err)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	if op.Match && len(headers) == 0 {
		headers = []string{"If-Match", "*"}
	}
	a := c.ask(c.key, op.Method, path, body, headers...)
	if a.status >= 300 {
		c.t.Fatalf("%s gave %d: %s\n%s", id, a.status, a.body, c.log)
	}
	return a
}

// get is do for a field of the answer.
func (c client) get(field, id string, params args, body string, headers ...string) string {
	c.t.Helper()
	var v any
	c.do(id, params, body, headers...).decode(c.t, &v)
	for name := range strings.SplitSeq(field, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			if len(x) == 0 {
				return ""
			}
			v = x[0].(map[string]any)[name]
		}
	}
	return fmt.Sprint(v)
}

// sendable says what a body has that the document does not allow.
func (c *contract) sendable(op *operation, body string) error {
	pointer := op.pointer + "/requestBody/content/application~1json/schema"
	schema := c.compiled[pointer]
	if schema == nil {
		var err error
		if schema, err = c.compiler.Compile(documentURL + "#" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer)); err != nil {
			return err
		}
		c.compiled[pointer] = schema
	}
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err == nil {
		err = schema.Validate(instance)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", op.ID, err)
	}
	return nil
}

func TestClientSendsAQuote(t *testing.T) {
	w := newWorld(t)
	c := client{w, w.admin}
	who := c.get("party_id", "capture-lead", nil, person)
	id := c.get("quote.id", "draft-quote", nil, `{"party_id":"`+who+`","currency":"HUF","lines":[{"name":"Lámpatest","quantity":"2","unit_price":"1000","vat_rate":"27"}]}`)
	c.do("issue-quote", args{"id": id}, "")
	p := c.do("propose-quote-letter", args{"id": id, "language": "hu"}, "")
	var letter struct {
		Subject, Text string
		To            []struct{ Email string }
		Linked, Ready bool
	}
	p.decode(t, &letter)
	if !letter.Linked || !letter.Ready || len(letter.To) != 1 || letter.To[0].Email != "eva@example.hu" {
		t.Errorf("proposed: %s", p.body)
	}
	body := fmt.Sprintf(`{"to":[{"email":"eva@example.hu"}],"subject":%q,"text":%q,"key":"first"}`, letter.Subject, letter.Text)
	sent := c.do("send-quote", args{"id": id}, body)
	again := c.do("send-quote", args{"id": id}, body)
	if !bytes.Equal(sent.body, again.body) {
		t.Errorf("the same key sent twice:\n%s\n%s", sent.body, again.body)
	}
	var sending struct {
		ID   string
		Mail struct{ ID, State string }
	}
	sent.decode(t, &sending)
	if got := c.get("items.id", "list-quote-sendings", args{"id": id}, ""); got != sending.ID || sending.Mail.State != "queued" {
		t.Errorf("%s is listed, the mail is %q", got, sending.Mail.State)
	}
	if text := c.get("text", "get-mail", args{"id": sending.Mail.ID}, ""); !strings.Contains(text, "https://erp.example.com/crm/q/") {
		t.Errorf("the mail has no link: %s", text)
	}
	if got := c.get("items.id", "list-mails", args{"record": id, "state": "queued"}, ""); got != sending.Mail.ID {
		t.Errorf("listed: %s", got)
	}
	for range 2 {
		if got := c.get("state", "cancel-mail", args{"id": sending.Mail.ID}, ""); got != "cancelled" {
			t.Errorf("the mail is %s", got)
		}
		c.do("revoke-sending", args{"id": sending.ID}, "")
	}
	if a := w.ask(w.admin, "POST", "/mails/"+sending.Mail.ID+"/dismiss", ""); a.status < 400 || a.status >= 500 {
		t.Errorf("a mail that did not fail is dismissed: %d", a.status)
	}
	if got := c.get("state", "resend-mail", args{"id": sending.Mail.ID}, ""); got != "queued" {
		t.Errorf("the mail is %s", got)
	}
}

func TestClientKeepsWebhooks(t *testing.T) {
	w := newWorld(t)
	c := client{w, w.admin}
	const draft = `{"name":"Raktár","url":"https://receiver.invalid/x","kinds":["lead.*"]}`
	made := c.do("create-webhook", nil, draft)
	var hook struct {
		Webhook struct{ ID string }
		Secret  string
	}
	made.decode(t, &hook)
	id := args{"id": hook.Webhook.ID}
	if list := c.do("list-webhooks", nil, ""); !strings.HasPrefix(hook.Secret, "whsec_") || bytes.Contains(list.body, []byte("whsec_")) {
		t.Errorf("the secret is %q, the list %s", hook.Secret, list.body)
	}
	if a := w.ask(w.admin, "POST", "/webhooks", draft, "Idempotency-Key", "x"); a.status != 422 {
		t.Errorf("a secret is kept for repetition: %d", a.status)
	}
	c.do("list-webhook-kinds", nil, "")
	c.do("edit-webhook", id, strings.Replace(draft, "lead.*", "quote.accepted", 1), "If-Match", made.header.Get("ETag"))
	if got := c.get("state", "pause-webhook", id, ""); got != "paused" {
		t.Errorf("it is %s", got)
	}
	if got := c.get("state", "resume-webhook", id, ""); got != "active" {
		t.Errorf("it is %s", got)
	}
	if got := c.get("secret", "rotate-webhook-secret", id, ""); got == hook.Secret {
		t.Error("the secret stays the same")
	}
	if got := c.get("ok", "ping-webhook", id, ""); got != "false" {
		t.Errorf("nobody answered: %s", got)
	}
	if got := c.get("count", "recover-webhook", id, `{"since":"2026-01-01T00:00:00Z"}`); got != "0" {
		t.Errorf("%s were recovered", got)
	}
	c.do("list-deliveries", id, "")
	c.do("remove-webhook", id, "")
	w.must(404, w.admin, "GET", "/webhooks/"+hook.Webhook.ID, "")
}

func TestClientChangesSettings(t *testing.T) {
	w := newWorld(t)
	c := client{w, w.admin}
	if got := c.get("theme", "edit-preferences", nil, `{"theme":"dark","columns":{"leads":["name","city"]}}`); got != "dark" {
		t.Errorf("the theme is %s", got)
	}
	c.do("get-preferences", nil, "")
	view := c.get("id", "save-view", nil, `{"page":"leads","name":"Újak","query":"status=new","columns":["name"]}`)
	c.do("change-view", args{"id": view}, `{"page":"leads","name":"Új érdeklődők","query":"status=new"}`, "If-Match", `"1"`)
	c.do("arrange-views", nil, `{"page":"leads","ids":["`+view+`"]}`)
	if got := c.get("items.name", "list-views", args{"page": "leads"}, ""); got != "Új érdeklődők" || c.get("id", "get-view", args{"id": view}, "") != view {
		t.Errorf("the view is %s", got)
	}
	c.do("delete-view", args{"id": view}, "")

	c.do("list-choice-lists", nil, "")
	list := args{"name": "tag"}
	if etag := c.do("get-choice-list", list, "").header.Get("ETag"); etag != `"0"` {
		t.Errorf("the built-in list is %s", etag)
	}
	const choices = `{"choices":[{"value":"vip","texts":{"hu":"Kiemelt","en":"Key account"}}]}`
	c.do("set-choice-list", list, choices, "If-Match", `"0"`)
	w.must(http.StatusPreconditionFailed, w.admin, "PUT", "/choice-lists/tag", choices, "If-Match", `"0"`)
	c.do("set-choice-list", list, choices)

	text := args{"name": "quote.closing", "language": "hu"}
	if got := c.get("own", "set-company-text", text, `{"body":"Várjuk válaszát."}`, "If-Match", `"0"`); got != "true" {
		t.Errorf("the text is own: %s", got)
	}
	if got := c.get("own", "set-company-text", text, `{"body":""}`, "If-Match", "*"); got != "false" {
		t.Errorf("the text is own: %s", got)
	}
	c.do("list-company-texts", nil, "")
	words := args{"purpose": "quote.sent", "language": "hu"}
	c.do("set-mail-template", words, `{"subject":"{quote.number}","body":"Tisztelt Partnerünk!\n\n{quote.link}"}`, "If-Match", `"0"`)
	c.do("list-mail-templates", nil, "")
	for range 2 {
		c.do("reset-mail-template", words, "")
	}
	w.must(404, w.admin, "DELETE", "/mail-templates/none/hu", "")

	user := args{"user": "szabo"}
	c.do("set-user-rights", user, `{"name":"Szabó Éva","role":"seller","see":"team","teams":["észak"]}`, "If-Match", `"0"`)
	w.must(http.StatusPreconditionFailed, w.admin, "PUT", "/user-rights/szabo", `{"name":"x","role":"admin"}`, "If-Match", `"7"`)
	if got := c.get("items.user", "list-user-rights", nil, ""); got != "szabo" {
		t.Errorf("listed: %s", got)
	}
	c.do("remove-user-rights", user, "")
}

func TestClientReadsNotices(t *testing.T) {
	w := newWorld(t)
	c := client{w, w.seller}
	ctx := actor.With(t.Context(), actor.System(w.company, "test"))
	for i := range 2 {
		draft := lead.Draft{Name: fmt.Sprintf("Szabó Éva %d", i), Emails: []string{fmt.Sprintf("eva%d@example.hu", i)}, Owner: party.Owner{User: "kovacs"}}
		if _, err := w.module.Leads.Capture(ctx, draft); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.module.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.get("count", "count-notices", nil, ""); got != "2" {
		t.Fatalf("%s are unread", got)
	}
	if got := c.get("items.text", "list-notices", args{"unread": "true"}, "", "Accept-Language", "hu"); !strings.HasPrefix(got, "Érdeklődőt kapott: Szabó Éva") {
		t.Errorf("told: %s", got)
	}
	c.do("read-notices", nil, `{"ids":["`+c.get("items.id", "list-notices", nil, "")+`"]}`)
	if got := c.get("count", "count-notices", nil, ""); got != "1" {
		t.Errorf("%s are unread", got)
	}
	c.do("read-all-notices", nil, `{}`)
	if got := c.get("count", "count-notices", nil, ""); got != "0" {
		t.Errorf("%s are unread", got)
	}
	c.do("list-notice-kinds", nil, "")
}

func TestClientKeepsContacts(t *testing.T) {
	w := newWorld(t)
	c := client{w, w.admin}
	company := c.get("id", "add-party", nil, `{"kind":"company","name":"Minta Kft."}`)
	one := args{"id": c.get("id", "add-party", nil, `{"name":"Szabó Éva","emails":["eva@example.hu"]}`)}
	two := c.get("id", "add-party", nil, `{"name":"Szabó Éva Mária"}`)
	if got := c.get("employer_id", "employ-party", one, `{"company_id":"`+company+`"}`, "If-Match", `"1"`); got != company {
		t.Errorf("she works for %s", got)
	}
	for _, none := range []string{two, "0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f"} {
		if p := w.must(422, w.admin, "PUT", "/parties/"+one["id"]+"/employer", `{"company_id":"`+none+`"}`, "If-Match", "*").problem(t); p.Faults[0].Path != "company_id" {
			t.Errorf("%+v", p)
		}
	}
	if got := c.get("owner_user", "assign-party", one, `{"user":"nagy"}`); got != "nagy" {
		t.Errorf("she belongs to %s", got)
	}
	w.must(404, w.seller, "GET", "/parties/"+one["id"], "")
	c.do("share-party", one, `{"user":"kovacs"}`)
	w.must(200, w.seller, "GET", "/parties/"+one["id"], "")
	merge := c.get("merge_id", "merge-party", one, `{"loser":"`+two+`"}`)
	for range 2 {
		c.do("unmerge-parties", args{"id": merge}, "")
	}
	if got := c.get("items.employer", "list-parties", args{"kind": "person", "name": "Éva", "employer": company}, ""); got != "Minta Kft." {
		t.Errorf("listed: %s", got)
	}
	c.do("list-customers", args{"name": "a"}, "")
	if got := c.get("people.id", "get-customer-card", args{"id": company}, ""); got != one["id"] {
		t.Errorf("the card has %s", got)
	}
}

func TestClientWorksWithManyRecords(t *testing.T) {
	w := newWorld(t)
	c := client{w, w.admin}
	if got := c.get("emails", "read-lead-from-text", nil, `{"text":"Szabó Éva\nMinta Kft.\neva@example.hu\n+36 30 123 4567"}`); !strings.Contains(got, "eva@example.hu") {
		t.Errorf("read: %s", got)
	}
	l := w.capture(w.admin, person)
	bulk := `{"leads":[{"id":"` + l.LeadID + `"},{"id":"0190a3c2-8f4e-7cc3-98c4-dc0c0c07398f"}],"move":{"status":"working"}}`
	for _, operation := range []string{"preview-lead-changes", "change-leads"} {
		a := c.do(operation, nil, bulk)
		if !bytes.Contains(a.body, []byte(l.LeadID)) || !bytes.Contains(a.body, []byte(`"not_found"`)) {
			t.Errorf("%s: %s", operation, a.body)
		}
	}
	if got := c.get("status", "get-lead", args{"id": l.LeadID}, ""); got != "working" {
		t.Errorf("the lead is %s", got)
	}
	c.do("change-leads", nil, `{"filter":{"status":["working"]},"assign":{"user":"nagy"}}`)
	c.do("create-opportunity", nil, `{"party_id":"`+l.PartyID+`","name":"Raktárvilágítás"}`)
	c.do("plan-activity", nil, `{"party_id":"`+l.PartyID+`","kind":"call","subject":"Hívás","due_at":"2026-07-14T08:00:00Z"}`)
	if got := c.get("items.subject", "get-calendar", args{"from": "2026-07-01T00:00:00Z", "until": "2026-08-01T00:00:00Z"}, ""); got != "Hívás" {
		t.Errorf("the calendar has %s", got)
	}
	w.must(422, w.admin, "GET", "/calendar?from=2026-07-01T00:00:00Z&until=2027-08-01T00:00:00Z", "")
	c.do("list-files", args{"party": l.PartyID, "sort": "name"}, "")
	if got := c.get("items.created.count", "get-trend", args{"months": "1"}, ""); got != "1" {
		t.Errorf("the trend has %s", got)
	}
	if got := c.get("items.count", "get-funnel", nil, ""); got != "1" {
		t.Errorf("the funnel has %s", got)
	}
}

// TestWrongKeys lets an address show few keys that are none; keys that work here pass all the same.
func TestWrongKeys(t *testing.T) {
	now := time.Date(2026, 7, 13, 10, 0, 0, 0, time.UTC)
	w := newWorld(t, func(c *api.Config) { c.WrongKeys, c.Now = 2, func() time.Time { return now } })
	w.must(200, w.seller, "GET", "/me", "")
	wrong := w.seller[:len(w.seller)-2] + "AA"
	for i, want := range []int{401, 401, 429, 429} {
		if a := w.must(want, wrong, "GET", "/me", ""); want == 429 && (a.header.Get("Retry-After") != "3" || a.problem(t).Code != "key.attempts") {
			t.Errorf("request %d: %v %s", i, a.header, a.body)
		}
	}
	w.must(200, w.seller, "GET", "/me", "")
	w.must(429, w.reader, "GET", "/me", "")
	now = now.Add(4 * time.Second)
	w.must(200, w.reader, "GET", "/me", "")
	w.must(401, wrong, "GET", "/me", "")
	w.must(429, wrong, "GET", "/me", "")
}
