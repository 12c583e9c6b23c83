package api_test

import "testing"

// TestCustomFieldsOfEveryRecord writes values of custom fields through each door, and finds the records by them.
func TestCustomFieldsOfEveryRecord(t *testing.T) {
	w := newWorld(t)
	w.must(201, w.admin, "POST", "/custom-fields", `{"kinds":["lead","party","quote","activity"],"name":"fleet","type":"number","label":"Autók","max":"500"}`)
	lead := w.capture(w.admin, `{"name":"Varga Ilona","emails":["ilona@example.hu"],"custom":{"fleet":"12"}}`)
	party := lead.PartyID
	w.must(200, w.admin, "GET", "/leads?custom=fleet:10..20", "").holds(t, lead.LeadID)
	w.must(200, w.admin, "GET", "/leads?custom=fleet:13..", "").holds(t, `"items":[]`)
	w.must(200, w.admin, "GET", "/leads/count?custom=fleet:12", "").holds(t, `"count":1`)
	w.must(422, w.admin, "GET", "/leads?custom=colour:red", "")

	w.must(422, w.admin, "PATCH", "/parties/"+party+"/custom", `{"custom":{"fleet":"501"}}`, "If-Match", "*")
	w.must(200, w.admin, "PATCH", "/parties/"+party+"/custom", `{"custom":{"fleet":"14"}}`, "If-Match", "*").holds(t, `"custom":{"fleet":"14"}`)
	w.must(200, w.admin, "GET", "/parties/"+party, "").holds(t, `"custom":{"fleet":"14"}`)
	w.must(200, w.admin, "GET", "/parties?custom=fleet:..14", "").holds(t, party)

	act := w.must(201, w.admin, "POST", "/activities/planned", `{"party_id":"`+party+`","kind":"call","subject":"Visszahívás","due_at":"2030-07-13T10:00:00Z","custom":{"fleet":"3"}}`).id(t)
	w.must(200, w.admin, "PATCH", "/activities/"+act, `{"custom":{"fleet":"4"}}`, "If-Match", "*")
	w.must(200, w.admin, "GET", "/activities/"+act, "").holds(t, `"custom":{"fleet":"4"}`)
	w.must(201, w.admin, "POST", "/activities", `{"party_id":"`+party+`","kind":"note","subject":"Bejárás","custom":{"fleet":"5"},"follow_up":{"kind":"task","subject":"Ajánlat","due_at":"2030-07-13T10:00:00Z","custom":{"fleet":"6"}}}`)

	var quote struct {
		Quote struct {
			ID string `json:"id"`
		} `json:"quote"`
	}
	w.must(201, w.admin, "POST", "/quotes", `{"party_id":"`+party+`","header":{"title":"Autók","custom":{"fleet":"7"}}}`).decode(t, &quote)
	path := "/quotes/" + quote.Quote.ID
	w.must(200, w.admin, "PUT", path+"/header", `{"title":"Autók","custom":{"fleet":"8"}}`, "If-Match", "*").holds(t, `"custom":{"fleet":"8"}`)
	w.must(200, w.admin, "GET", "/quotes?custom=fleet:8", "").holds(t, quote.Quote.ID)
	w.must(200, w.admin, "GET", "/quotes?custom=fleet:7", "").holds(t, `"items":[]`)
}
