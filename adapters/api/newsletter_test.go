package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/message"
)

const (
	topicBody    = `{"code":"hirek","texts":{"hu":{"name":"Hírek"},"en":{"name":"News"}}}`
	groundBody   = `{"basis":"consent","source":"BNV 2026, papír","statement":"Kérem a hírlevelet.","language":"hu"}`
	addressBody  = `{"channel":"email","address":"eva@example.hu"}`
	campaignBody = `{"name":"Ősz","language":"hu","sender_name":"Minta Kft.","sender_address":"hirlevel@minta.example"}`
	sequenceBody = `{"name":"Vásár után","topic_id":"ID","steps":[{"kind":"task","subject":"Felhívni","days":1}],"end":{"do":"nurture","days":14}}`
	designBody   = `{"language":"hu","subject":"Őszi hírek","blocks":[{"text":{"html":"<p>{{salutation}}</p><p><a href=\"https://minta.example/akcio\">Akció</a></p>"}},{"footer":{"company":"Minta Kft.","address":"1117 Budapest"}}]}`
)

// letters are newsletters that leave into a box of the test.
func letters(taken *atomic.Int64) crm.NewsletterConfig {
	return crm.NewsletterConfig{
		PublicURL: "https://erp.example.com/n/", Transports: map[string]campaign.Transport{"": {Transport: taker{taken}}},
		Sender: func(string) mail.Address { return mail.Address{Name: "Minta Kft.", Email: "hirlevel@minta.example"} },
	}
}

// taker is a mail server that takes everything, and counts it.
type taker struct{ taken *atomic.Int64 }

func (t taker) Dial(context.Context) (message.Conn, error) { return t, nil }
func (t taker) Send(_ context.Context, _ message.Envelope, end func(error)) error {
	t.taken.Add(1)
	end(nil)
	return nil
}
func (taker) Close(context.Context) error { return nil }

func (a answer) id(t testing.TB) string {
	t.Helper()
	var v struct {
		ID    string
		Items []struct{ ID string }
	}
	a.decode(t, &v)
	if len(v.Items) > 0 {
		return v.Items[0].ID
	}
	return v.ID
}

func TestSubscriptionFromTheTopicToTheErasure(t *testing.T) {
	w := newWorld(t)
	topic := w.must(201, w.admin, "POST", "/topics", topicBody).id(t)
	w.must(422, w.admin, "POST", "/topics", topicBody) // the code is taken
	w.must(200, w.admin, "PUT", "/topics/"+topic, strings.Replace(topicBody, "Hírek", "Friss hírek", 1), "If-Match", `"1"`)
	w.must(412, w.admin, "PUT", "/topics/"+topic, topicBody, "If-Match", `"1"`)
	w.must(200, w.admin, "POST", "/topics/"+topic+"/close", "", "If-Match", "*")
	w.must(200, w.admin, "POST", "/topics/"+topic+"/open", "", "If-Match", "*")

	enter := fmt.Sprintf(`{"address":"eva@example.hu","name":"Szabó Éva","language":"hu","topics":[%q],"ground":%s}`, topic, groundBody)
	made := w.must(201, w.admin, "POST", "/subscriptions", enter, "Idempotency-Key", "paper-7")
	if again := w.must(201, w.admin, "POST", "/subscriptions", enter, "Idempotency-Key", "paper-7"); string(again.body) != string(made.body) {
		t.Errorf("the same request gives %s and %s", made.body, again.body)
	}
	var one struct {
		Items []struct{ ID, PartyID, State string }
	}
	if err := json.Unmarshal(bytes.ReplaceAll(made.body, []byte("party_id"), []byte("PartyID")), &one); err != nil || one.Items[0].State != "active" {
		t.Fatalf("%+v, %v", one, err)
	}
	sub, who := "/subscriptions/"+one.Items[0].ID, "/parties/"+one.Items[0].PartyID
	if got := w.must(200, w.admin, "GET", who+"/consents", ""); !strings.Contains(string(got.body), "BNV 2026, papír") || strings.Contains(string(got.body), "eva@example.hu") {
		t.Errorf("the evidence is %s", got.body)
	}
	if got := w.must(200, w.admin, "GET", sub+"/links", ""); !regexp.MustCompile(`"preference":"https://erp.example.com/n/s/p/`).Match(got.body) {
		t.Errorf("the links are %s", got.body)
	}
	state := func(want string) {
		t.Helper()
		if got := w.must(200, w.admin, "GET", sub, ""); !strings.Contains(string(got.body), `"state":"`+want+`"`) {
			t.Errorf("want %s, got %s", want, got.body)
		}
	}
	for range 2 { // done twice it changes nothing
		w.must(200, w.admin, "POST", sub+"/unsubscribe", `{"note":"telefonon kérte"}`)
	}
	state("unsubscribed")
	w.must(200, w.admin, "POST", sub+"/resubscribe", groundBody)
	state("active")
	w.must(201, w.admin, "POST", "/suppressions", `{"channel":"email","address":"Eva@Example.hu","reason":"manual","source":"ügyvédi levél"}`)
	state("suppressed")
	w.must(409, w.admin, "POST", sub+"/resubscribe", groundBody)
	w.must(200, w.admin, "POST", "/suppressions/find", addressBody)
	w.must(422, w.admin, "POST", "/suppressions/lift", `{"channel":"email","address":"eva@example.hu","why":" "}`)
	w.must(204, w.admin, "POST", "/suppressions/lift", `{"channel":"email","address":"eva@example.hu","why":"írásban kérte"}`)
	w.must(404, w.admin, "POST", "/suppressions/find", addressBody)
	w.must(204, w.admin, "POST", "/subscriptions/requests", fmt.Sprintf(`{"address":"uj@example.hu","topics":[%q],"language":"hu","ip":"192.0.2.7"}`, topic))
	w.must(422, w.admin, "POST", "/subscriptions/requests", fmt.Sprintf(`{"address":"uj@example.hu","topics":[%q],"ip":"itt"}`, topic))
	if got := w.must(200, w.admin, "GET", "/topics/"+topic+"/subscribers?state=pending", ""); !strings.Contains(string(got.body), "uj@example.hu") {
		t.Errorf("who waits for confirmation: %s", got.body)
	}

	w.must(403, w.seller, "DELETE", who+"/newsletters", "")
	for range 2 {
		w.must(204, w.admin, "DELETE", who+"/newsletters", "")
	}
	w.must(404, w.admin, "GET", sub, "")
	if got := w.must(200, w.admin, "POST", "/suppressions/find", addressBody); !strings.Contains(string(got.body), `"reason":"erased"`) {
		t.Errorf("the erased address: %s", got.body)
	}
	if got := w.must(200, w.admin, "POST", "/consents/find", addressBody); strings.Count(string(got.body), `"act"`) < 5 || strings.Contains(string(got.body), "eva@example.hu") {
		t.Errorf("the evidence that stays: %s", got.body)
	}
	for name, count := range map[string]string{"/topics/counts": `"state":"pending"`, "/suppressions": `"reason":"erased"`} {
		if got := w.must(200, w.admin, "GET", name, ""); !strings.Contains(string(got.body), count) {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	book, err := excelize.OpenReader(bytes.NewReader(w.must(200, w.admin, "GET", "/topics/"+topic+"/report.xlsx", "", "Accept-Language", "hu").body))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(book.GetSheetList(), ", "); got != "Előlap, Növekedés, Jogalapok, Források, Nyelvek" {
		t.Errorf("the sheets are %s", got)
	}
}

func TestSegments(t *testing.T) {
	w := newWorld(t)
	l := w.capture(w.admin, person)
	if got := w.must(200, w.admin, "POST", "/segments/check", `{"condition":"party.name==\"Szabó Éva\""}`); !strings.Contains(string(got.body), `"tree":{"op"`) {
		t.Errorf("%s", got.body)
	}
	if p := w.must(422, w.admin, "POST", "/segments/check", `{"condition":"party.colour == 3"}`).problem(t); len(p.Faults) == 0 || p.Faults[0].Message == "" {
		t.Errorf("%+v", p)
	}
	count := w.ask(w.admin, "POST", "/segments/count", `{"condition":"party.email == \"eva@example.hu\""}`)
	if count.status != 200 || string(bytes.TrimSpace(count.body)) != `{"count":1}` {
		t.Errorf("%d %s", count.status, count.body)
	}
	if got := w.must(200, w.admin, "POST", "/segments/sample", `{"condition":"party.email == \"eva@example.hu\""}`); !strings.Contains(string(got.body), l.PartyID) {
		t.Errorf("%s", got.body)
	}
	id := w.must(201, w.admin, "POST", "/segments", `{"name":"Vendégek","kind":"static"}`).id(t)
	path := "/segments/" + id
	for i, want := range []string{`{"count":1}`, `{"count":0}`} {
		if got := w.must(200, w.admin, "POST", path+"/members", fmt.Sprintf(`{"parties":[%q]}`, l.PartyID)); string(bytes.TrimSpace(got.body)) != want {
			t.Errorf("the %d. time: %s", i+1, got.body)
		}
	}
	w.must(200, w.admin, "POST", path+"/members/remove", fmt.Sprintf(`{"parties":[%q]}`, l.PartyID))
	w.must(200, w.admin, "POST", path+"/members/fill", `{"condition":"party.email == \"eva@example.hu\""}`)
	w.must(422, w.admin, "POST", path+"/members/fill", `{}`)
	w.must(200, w.admin, "PUT", path, `{"name":"Vendégek 2026"}`, "If-Match", "*")
	w.must(200, w.admin, "GET", path+"/versions", "")
	w.must(200, w.admin, "POST", path+"/archive", "")
	if got := w.must(200, w.admin, "GET", "/segments", ""); strings.Contains(string(got.body), id) {
		t.Error("an archived segment is listed")
	}
	w.must(200, w.admin, "POST", path+"/restore", "")
	w.must(200, w.admin, "GET", "/segments/environment", "")
}

func TestCampaignFromTheDraftToTheReport(t *testing.T) {
	w := newWorld(t)
	topic := w.must(201, w.admin, "POST", "/topics", topicBody).id(t)
	for i := range 3 {
		w.must(201, w.admin, "POST", "/subscriptions", fmt.Sprintf(`{"address":"o%d@example.hu","name":"Olvasó %d","language":"hu","topics":[%q],"ground":%s}`, i, i, topic, groundBody))
	}
	made := w.must(201, w.admin, "POST", "/campaigns", campaignBody)
	path := "/campaigns/" + made.id(t)
	if made.header.Get("Location") != base+path {
		t.Errorf("Location %q", made.header.Get("Location"))
	}
	w.must(422, w.admin, "GET", path+"/reach", "") // nobody was chosen
	draft := strings.TrimSuffix(campaignBody, "}") + fmt.Sprintf(`,"audience":{"topics":[%q]},"cost_each":"2","currency":"HUF","unknown_policy":"again"}`, topic)
	w.must(200, w.admin, "PUT", path, draft, "If-Match", `"1"`)
	if got := w.must(200, w.admin, "GET", path+"/reach", ""); !strings.Contains(string(got.body), `{"readers":3,"languages":{"hu":3}}`) {
		t.Errorf("the reach is %s", got.body)
	}
	w.must(422, w.admin, "POST", path+"/start", "", "If-Match", "*") // it says nothing yet
	letter := func(design string) string {
		return `{"letters":[{"variant":"A","language":"hu","subject":"Őszi hírek","design":` + design + `}]}`
	}
	w.must(200, w.admin, "PUT", path+"/letters", letter(`{"blocks":[]}`), "If-Match", "*")
	if p := w.must(422, w.admin, "POST", path+"/start", "", "If-Match", "*").problem(t); len(p.Faults) == 0 || !strings.HasPrefix(p.Faults[0].Path, "letters[0].design") {
		t.Errorf("%+v", p)
	}
	w.must(200, w.admin, "PUT", path+"/letters", `{"letters":[{"variant":"B","language":"hu","subject":"Másik","design":{"blocks":[]}}]}`, "If-Match", "*")
	w.must(200, w.admin, "PUT", path+"/letters", letter(designBody), "If-Match", "*")
	trial := func(address string) string { return `{"language":"hu","to":["` + address + `"]}` }
	if p := w.must(422, w.admin, "POST", path+"/test", trial("someone@example.hu")).problem(t); len(p.Faults) != 1 || p.Faults[0].Path != "to[0]" {
		t.Errorf("%+v", p)
	}
	w.must(200, w.admin, "PUT", path, strings.TrimSuffix(draft, "}")+`,"seeds":["seed@example.hu"]}`, "If-Match", "*")
	for range 2 {
		w.must(204, w.admin, "POST", path+"/test", trial("seed@example.hu"), "Idempotency-Key", "one")
	}
	if n := w.taken.Load(); n != 1 {
		t.Errorf("%d tests went out for one key", n)
	}
	w.must(200, w.admin, "PUT", path, draft, "If-Match", "*")
	var editions struct {
		Items []struct{ ID, Subject string }
	}
	w.must(200, w.admin, "GET", path+"/editions", "").decode(t, &editions)
	if len(editions.Items) != 2 || editions.Items[0].Subject != "Másik" {
		t.Fatalf("its editions are %+v", editions)
	}
	w.must(200, w.admin, "GET", path+"/editions/"+editions.Items[0].ID, "").holds(t, `"design":{"blocks":[]}`)
	w.must(404, w.admin, "GET", path+"/editions/"+made.id(t), "")
	w.must(200, w.admin, "POST", path+"/restore-letter", `{"edition_id":"`+editions.Items[0].ID+`"}`, "If-Match", "*")
	w.must(200, w.admin, "GET", path+"/letters", "").holds(t, `"subject":"Másik"`, `"subject":"Őszi hírek"`)
	w.must(200, w.admin, "PUT", path+"/letters", letter(designBody), "If-Match", "*")
	if got := w.must(200, w.admin, "POST", "/letters/preview", `{"design":`+designBody+`,"reader":{"name":"Kovács Anna","family":"Kovács","given":"Anna","gender":"f"}}`); !strings.Contains(string(got.body), "Kovács") || !strings.Contains(string(got.body), `"links":["https://minta.example/akcio"]`) {
		t.Errorf("the preview is %s", got.body)
	}
	if got := w.must(200, w.admin, "POST", "/letters/check-template", `{"html":"<p>Szia <script>x()</script><a href=\"https://minta.example/\">itt</a></p>"}`); strings.Contains(string(got.body), "x()") || !strings.Contains(string(got.body), `"words":"itt"`) {
		t.Errorf("the template is %s", got.body)
	}
	w.must(201, w.admin, "POST", "/custom-fields", `{"kinds":["party"],"name":"fleet","type":"number","label":"Autók"}`)
	w.must(200, w.admin, "GET", "/letters/fields", "", "Accept-Language", "hu").holds(t, `{"name":"party.custom.fleet","label":"Autók (partner)","type":"words"}`, `"type":"locator"`)
	w.must(200, w.admin, "POST", "/letters/preview", `{"design":`+strings.Replace(designBody, "{{salutation}}", "{{party.custom.fleet}}", 1)+`}`).holds(t, `"missing":["party.custom.fleet"`)
	w.must(200, w.admin, "GET", path+"/gaps", "").holds(t, `"readers":3,"affected":0`)
	w.must(200, w.admin, "POST", path+"/schedule", `{"at":"2099-01-01T08:00:00Z"}`, "If-Match", "*")
	w.must(200, w.admin, "POST", path+"/unschedule", "")
	w.must(403, w.reader, "POST", path+"/start", "", "If-Match", "*")
	w.must(200, w.admin, "POST", path+"/start", "", "If-Match", "*")
	for range 20 {
		if n, err := w.module.RunOnce(t.Context()); err != nil || n == 0 {
			break
		}
	}
	if got := w.must(200, w.admin, "GET", path+"/progress", ""); !strings.Contains(string(got.body), `"state":"done"`) || !strings.Contains(string(got.body), `"cost":"6"`) {
		t.Errorf("the progress is %s", got.body)
	}
	w.must(422, w.admin, "POST", path+"/pause", "") // it is done
	seen, next := 0, path+"/recipients?state=sent&limit=2"
	for next != "" {
		var page struct {
			Items []struct{ Seq int }
			Next  string
		}
		w.must(200, w.admin, "GET", next, "").decode(t, &page)
		seen, next = seen+len(page.Items), strings.TrimPrefix(page.Next, base)
	}
	if seen != 3 {
		t.Errorf("%d recipients were listed", seen)
	}
	w.must(422, w.admin, "GET", path+"/recipients?after=x", "")
	for _, part := range []string{"/report", "/report/hours", "/report/readers", "/report/followed?model=linear&touch=sent", "/variants", "/letters"} {
		w.must(200, w.admin, "GET", path+part, "")
	}
	w.must(403, w.seller, "GET", path+"/report", "")
	for language, title := range map[string]string{"hu": "Előlap", "en": "Cover", "he": "שער", "ru": "Титул", "el": "Εξώφυλλο"} {
		book, err := excelize.OpenReader(bytes.NewReader(w.must(http.StatusOK, w.admin, "GET", path+"/report.xlsx", "", "Accept-Language", language).body))
		if err != nil {
			t.Fatal(err)
		}
		if got := book.GetSheetList()[0]; got != title {
			t.Errorf("in %s the first sheet is %q", language, got)
		}
	}
}

func TestSequenceFromTheDraftToItsEnd(t *testing.T) {
	w := newWorld(t)
	topic := w.must(201, w.admin, "POST", "/topics", topicBody).id(t)
	var entered struct {
		Items []struct {
			Party string `json:"party_id"`
		}
	}
	w.must(201, w.admin, "POST", "/subscriptions", fmt.Sprintf(`{"address":"eva@example.hu","name":"Szabó Éva","language":"hu","topics":[%q],"ground":%s}`, topic, groundBody)).decode(t, &entered)
	eva := entered.Items[0].Party
	stranger := w.capture(w.admin, hungarian("Tóth Béla"))
	campaign := "/campaigns/" + w.must(201, w.admin, "POST", "/campaigns", campaignBody).id(t)

	body := strings.ReplaceAll(sequenceBody, "ID", topic)
	w.must(422, w.admin, "POST", "/sequences", strings.Replace(body, `"task"`, `"dance"`, 1))
	w.must(403, w.reader, "POST", "/sequences", body)
	made := w.must(201, w.admin, "POST", "/sequences", body, "Idempotency-Key", "fair-1")
	made.holds(t, `"state":"draft"`, `"steps":[{"key":"1","kind":"task"`, `"live":0`)
	if again := w.must(201, w.admin, "POST", "/sequences", body, "Idempotency-Key", "fair-1"); again.id(t) != made.id(t) {
		t.Errorf("the same request made %s and %s", made.body, again.body)
	}
	path := "/sequences/" + made.id(t)
	if made.header.Get("Location") != base+path {
		t.Errorf("Location %q", made.header.Get("Location"))
	}
	letters := fmt.Sprintf(`{"name":"Vásár után","topic_id":%q,"entry":{"topic":true},"exit":{"replied":true},"steps":[
		{"key":"1","kind":"task","subject":"Felhívni","days":1},{"key":"2","kind":"wait","wait":{"count":2,"unit":"working_days","at":"09:30"}},
		{"key":"3","kind":"mail"%%s},{"kind":"condition","if":{"asks":"clicked","of":"3"}}],"end":{"do":"nurture","days":14}}`, topic)
	now := w.must(200, w.admin, "PUT", path, fmt.Sprintf(letters, ""), "If-Match", made.header.Get("ETag"))
	now.holds(t, `"key":"4","kind":"condition"`, `"entry":{"topic":true}`, `"exit":{"replied":true}`)
	w.must(412, w.admin, "PUT", path, body, "If-Match", made.header.Get("ETag"))
	w.must(428, w.admin, "PUT", path, body)
	w.must(428, w.admin, "POST", path+"/start", `{}`)
	if p := w.must(422, w.admin, "POST", path+"/start", `{}`, "If-Match", "*").problem(t); len(p.Faults) != 1 || p.Faults[0].Path != "steps[2].letter" {
		t.Errorf("what is missing: %+v", p.Faults)
	}
	w.must(200, w.admin, "PUT", campaign, strings.TrimSuffix(campaignBody, "}")+fmt.Sprintf(`,"audience":{"topics":[%q]}}`, topic), "If-Match", "*")
	w.must(200, w.admin, "PUT", campaign+"/letters", `{"letters":[{"variant":"A","language":"hu","subject":"Őszi hírek","design":`+designBody+`}]}`, "If-Match", "*")
	now = w.must(200, w.admin, "PUT", path, fmt.Sprintf(letters, fmt.Sprintf(`,"letter_id":%q`, strings.TrimPrefix(campaign, "/campaigns/"))), "If-Match", now.header.Get("ETag"))
	w.must(403, w.reader, "POST", path+"/start", `{}`, "If-Match", "*")
	w.must(200, w.admin, "POST", path+"/start", `{}`, "If-Match", now.header.Get("ETag")).holds(t, `"state":"running"`, `"live":1`)

	w.must(200, w.admin, "POST", path+"/readers", fmt.Sprintf(`{"parties":[%q],"leads":[%q]}`, eva, stranger.LeadID), "Idempotency-Key", "in-1").holds(t, `"in":1`, `"no_consent":1`)
	w.turn()
	reader := path + "/readers/" + eva
	w.must(200, w.admin, "GET", path+"/readers?state=active", "").holds(t, `"name":"Szabó Éva"`, `"step":"3"`, `"because":"wait"`)
	w.must(200, w.admin, "GET", reader, "").holds(t, `"kind":"task"`, `"result":"planned"`)
	w.must(200, w.admin, "POST", reader+"/pause", "").holds(t, `"state":"paused"`)
	w.must(200, w.admin, "POST", reader+"/resume", "").holds(t, `"state":"active"`)
	w.must(200, w.admin, "POST", reader+"/skip", "")
	w.turn()
	w.must(200, w.admin, "GET", path+"/figures", "").holds(t, `"states":{"left":1}`, `"reasons":{"condition":1}`, `"key":"3"`, `"mailed":1`, `"results":{"false":1}`)
	w.must(200, w.admin, "POST", path+"/readers", fmt.Sprintf(`{"parties":[%q]}`, eva)).holds(t, `"again":1`)
	w.must(200, w.admin, "DELETE", reader, "").holds(t, `"reason":"person"`)
	w.must(422, w.admin, "DELETE", reader, "") // he is out

	// Steps of the next version: what is gone gives its key to no other.
	w.must(200, w.admin, "PUT", path, fmt.Sprintf(`{"name":"Vásár után","topic_id":%q,"steps":[{"key":"1","kind":"task","subject":"Felhívni"},{"kind":"task","subject":"Még egyszer"}]}`, topic), "If-Match", "*").
		holds(t, `"key":"6"`, `"end":{"do":"stay"}`)
	w.must(200, w.admin, "POST", path+"/start", `{"underway":"move"}`, "If-Match", "*").holds(t, `"live":2`)
	w.must(200, w.admin, "GET", path+"/versions", "").holds(t, `{"number":2,`, `{"number":1,`)
	w.must(200, w.admin, "POST", path+"/pause", "").holds(t, `"state":"paused"`)
	w.must(200, w.admin, "POST", path+"/resume", "").holds(t, `"state":"running"`)

	w.must(200, w.admin, "PUT", "/sequence-rule", `{"gap_hours":48}`, "If-Match", `"0"`).holds(t, `"gap_hours":48`)
	w.must(412, w.admin, "PUT", "/sequence-rule", `{"gap_hours":72}`, "If-Match", `"0"`)
	w.must(200, w.admin, "GET", "/sequence-rule", "").holds(t, `{"version":1,"gap_hours":48}`)

	w.must(403, w.seller, "GET", path+"/report.xlsx", "")
	book, err := excelize.OpenReader(bytes.NewReader(w.must(200, w.admin, "GET", path+"/report.xlsx", "", "Accept-Language", "hu").body))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(book.GetSheetList(), ", "); got != "Előlap, Hol tartanak, Miért nincsenek már benne, Lépések, Olvasók" {
		t.Errorf("the sheets are %s", got)
	}
	rows, err := book.GetRows("Lépések")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rows); !strings.Contains(got, "Levél (korábbi változat lépése) Ősz") || !strings.Contains(got, "kattintott a levélben (3. lépés)") {
		t.Errorf("the steps are %s", got)
	}
	w.must(200, w.admin, "POST", path+"/archive", "").holds(t, `"state":"archived"`)
	w.must(422, w.admin, "PUT", path, body, "If-Match", "*")
}
