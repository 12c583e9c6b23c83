package api

import (
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

const introduction = `Everything that people do with CRM+ on its screens, for programs.

**Keys.** Each request carries an API key: ` + "`Authorization: Bearer crmp_…`" + `. A key acts for a user of the ERP, with rights of its own; each operation names the rights of which it takes one.

**Forms.** Amounts, quantities and percentages are decimals as text beside their currency, ids are UUIDs, instants are RFC 3339 in UTC, days are 2026-07-13. What is not known is left out. Unknown fields are refused.

**Lists** come page by page: ` + "`limit`" + ` says how long a page is, ` + "`next`" + ` in the answer and the Link header hold the address of the next one. ` + "`fields=id,name`" + ` cuts an answer to what is needed; fields that were not asked for are then missing even where the schema requires them.

**Versions.** A record's ETag is its version. A change names the version that was read in If-Match: 428 without it, 412 and who changed what where somebody was faster. If-None-Match gives 304 where nothing changed.

**Repetition.** A change with an Idempotency-Key (1 to 120 characters of your own) is carried out once: the same request with the same key within 48 hours gives the first answer, with Idempotency-Replayed: true; another request with that key is refused with 422.

**Problems** are application/problem+json (RFC 9457) with a stable code and all faults at once. Accept-Language picks hu, en, he, ru or el.

**Limits.** RateLimit says how many more requests may come; 429 and 503 say in Retry-After when to come back.`

var tags = []*huma.Tag{
	{Name: "Leads", Description: "Possible customers before they are customers."},
	{Name: "Imports", Description: "Files of leads: CSV, Excel, vCard."},
	{Name: "Parties", Description: "People and companies, whatever they are to us."},
	{Name: "Opportunities", Description: "Possible sales."},
	{Name: "Pipelines", Description: "The stages that sales go through."},
	{Name: "Activities", Description: "What was done and what is to be done: timelines, tasks, files."},
	{Name: "Quotes", Description: "From the draft to the answer."},
	{Name: "Mails", Description: "Letters that people had sent, and what became of them."},
	{Name: "Conversion", Description: "Leads become customers of the ERP, quotes its orders, deliveries and invoices, exactly once."},
	{Name: "Host", Description: "What the ERP tells."},
	{Name: "Search", Description: "Over all records."},
	{Name: "Reports", Description: "Figures, workbooks and CSV files."},
	{Name: "Figures", Description: "Key figures, forecasts and quotas, as the screens show them."},
	{Name: "Customer values", Description: "What customers are worth, and what they may want next."},
	{Name: "Policies", Description: "How the company has decided to work: drafted, tried on the past, published."},
	{Name: "Clocks", Description: "How long things may take, and who kept his times."},
	{Name: "Workflow", Description: "The company's own rules, and what they did and why."},
	{Name: "Newsletters", Description: "Who wants what, with the evidence; who must not be written to; who is meant."},
	{Name: "Campaigns", Description: "One newsletter to many readers: from the draft to the report."},
	{Name: "Sequences", Description: "Letters and tasks one after the other, for each reader at his own pace."},
	{Name: "Notices", Description: "What the key's user should know."},
	{Name: "Personal", Description: "What the key's user chose: preferences and saved views."},
	{Name: "Settings", Description: "What the company chose: lists, texts, mail templates, rights."},
	{Name: "Webhooks", Description: "Other systems that are told what happens."},
	{Name: "Audit", Description: "Who did what."},
	{Name: "API keys", Description: "Who is let in."},
}

var repeatParam = &huma.Param{
	Name: "Idempotency-Key", In: "header", Description: "Makes the request repeatable: the same again gives the first answer.",
	Schema: &huma.Schema{Type: huma.TypeString, MaxLength: ptr(120)}, Example: "b9b8a5e2-order-1017",
}

func ptr[T any](v T) *T { return &v }

// describe adds to a route's words what all routes say.
func (r *route) describe() string {
	text := r.Doc
	if len(r.Rights) > 0 {
		names := make([]string, len(r.Rights))
		for i, right := range r.Rights {
			names[i] = "`" + string(right) + "`"
		}
		text += "\n\nTakes the right " + strings.Join(names, " or ") + "."
	}
	return strings.TrimSpace(text)
}

// responses are those that a route gives beside its success.
func (a *server) responses(r *route) map[string]*huma.Response {
	problem := func(text string) *huma.Response {
		return &huma.Response{Description: text, Content: map[string]*huma.MediaType{
			problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}},
		}}
	}
	all := map[string]*huma.Response{
		"default": problem("What went wrong"), "401": problem("There is no valid key"), "429": problem("Too many requests; see Retry-After"),
	}
	if len(r.Rights) > 0 {
		all["403"] = problem("The key lacks the right")
	}
	if strings.Contains(r.Path, "{") {
		all["404"] = problem("There is no such record, or the key may not see it")
	}
	if r.Writes {
		all["422"] = problem("Something in the request is wrong; all faults are listed")
		all["409"] = problem("The record's state, or another request, does not allow it now")
	}
	if r.Gives != "" {
		media, _, _ := mime.ParseMediaType(r.Gives)
		all["200"] = &huma.Response{Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{
			media: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}
	}
	return all
}
