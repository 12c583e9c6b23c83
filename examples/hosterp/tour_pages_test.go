package main

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/erpbridge/convert"
)

// ruleSights are what there is to see of a company's rules and settings.
type ruleSights struct {
	workflow, process, route, field, pipeline, user string
	imported, upload, call, view                    string
}

// ruleSights finds them, and makes what nobody has left behind: a file that waits for its import, a view that was kept, a
// call to the ERP of which nobody knows how it ended.
func (o *office) ruleSights(t *testing.T, company string, s sights) ruleSights {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	as := func(by string) actor.Actor {
		_, id, _ := strings.Cut(guests[company][by], "/")
		who, err := o.user(t.Context(), company, id)
		ok(err)
		return actorOf(company, who)
	}
	seller, manager := as(bySeller), as(byManager)
	ctx, own, boss := actor.With(t.Context(), actor.System(company, "tour")), actor.With(t.Context(), seller), actor.With(t.Context(), manager)
	out := ruleSights{user: seller.UserID}
	rules, err := o.module.Workflows.List(ctx)
	ok(err)
	out.workflow = rules[slices.IndexFunc(rules, func(r workflow.Row) bool { return r.Plan.When != "" })].ID.String()
	running, err := o.module.Processes.List(own, process.Filter{State: process.Running})
	ok(err)
	out.process = running.Rows[0].ID.String()
	routes, err := o.module.Routing.Plan(ctx)
	ok(err)
	out.route = routes.Plan.Rules[1].Key
	fields, err := o.module.Fields.List(ctx, "lead")
	ok(err)
	out.field = fields[0].ID.String()
	pipelines, err := o.module.Opportunities.Pipelines().List(ctx)
	ok(err)
	out.pipeline = pipelines[0].ID.String()
	imports, err := o.module.Leads.Imports(boss, store.Page{Limit: 20})
	ok(err)
	out.imported = imports[slices.IndexFunc(imports, func(i lead.Import) bool { return i.State != lead.Running })].ID.String()
	content, err := leadFiles.ReadFile("data/" + map[string]string{"HU01": "leads-hu01-fair-en.csv", "IL01": "leads-il01-ru.csv"}[company])
	ok(err)
	kept, err := o.module.Leads.KeepUpload(boss, "fair.csv", content)
	ok(err)
	out.upload = kept.ID.String()
	view, err := o.module.Settings.SaveView(own, setting.ViewDraft{Page: "leads", Name: "VIP", Query: "owner=me", Shared: setting.Private})
	ok(err)
	out.view = view.ID.String()
	out.call = o.lostCall(t, company, s)
	return out
}

// lostCall is a customer's conversion of which the ERP did not say how it ended.
func (o *office) lostCall(t *testing.T, company string, s sights) string {
	t.Helper()
	ctx := actor.With(t.Context(), actor.System(company, "tour"))
	id, err := store.ParseKey[convert.Tag](s.conversion)
	if err != nil {
		t.Fatal(err)
	}
	made, err := o.module.Convert.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	card, err := o.module.Leads.Get(ctx, s.won)
	if err != nil {
		t.Fatal(err)
	}
	var call convert.CallID
	err = o.db.Write(ctx, func(ctx context.Context, st *store.Session) error {
		call = store.NewKey[convert.CallTag](st)
		return st.Insert(ctx, &convert.Call{
			ID: call, ConversionID: made.ID, PartyID: card.Lead.PartyID, LaneID: card.Lead.PartyID, Operation: convert.LeadCall, State: convert.CallUnknown, ReasonCode: "no_answer", Progress: "{}",
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return call.String()
}

// saleStops are the forms at sales that a person opens one at a time.
func saleStops(s sights) []stop {
	deal, sold := "/crm/opportunities/"+s.deal.String(), "/crm/opportunities/"+s.sold.String()
	draft, issued, doing := "/crm/quotes/"+s.draft.String(), "/crm/quotes/"+s.issued.String(), "/crm/activities/"+s.activity
	return []stop{
		{"contact-group", "/crm/contacts/" + s.party.String() + "/group/contact", bySeller}, {"opportunity-team", deal + "?edit=team", bySeller}, {"opportunity-competitors", deal + "?edit=competitors", bySeller}, {"opportunity-make", sold + "/make/order", bySeller},
		{"quote-decline", issued + "/decline", bySeller}, {"quote-withdraw", issued + "/withdraw", bySeller}, {"quote-delete", draft + "/delete", bySeller},
		{"activity-edit", doing + "/edit", bySeller}, {"activity-delegate", doing + "/delegate", bySeller}, {"activity-cancel", doing + "/cancel", bySeller},
		{"conversion-make", "/crm/conversions/" + s.order + "/make/delivery", byManager}, {"conversion-undo", "/crm/conversions/" + s.order + "/undo", byManager},
	}
}

// figureStops are the pages of figures, goals and what follows from them.
func figureStops(s sights) []stop {
	return []stop{
		{"dashboard", "/crm/dashboard", byManager}, {"dashboard-tiles", "/crm/dashboard/tiles", byManager}, {"figures", "/crm/figures", byManager}, {"figure", "/crm/figures/win_rate", byManager}, {"figure-rows", "/crm/figures/win_rate/rows", byManager},
		{"forecast", "/crm/forecast", byManager}, {"forecast-deals", "/crm/forecast/deals?step=month&show=open", byManager}, {"forecast-moves", "/crm/forecast/moves?reason=won", byManager}, {"forecast-tested", "/crm/forecast/tested?measure=won", byManager},
		{"quotas", "/crm/quotas", byManager}, {"schedules", "/crm/schedules", byManager}, {"plan", "/crm/plan", byManager}, {"retention", "/crm/retention", byManager}, {"retention-customers", "/crm/retention/customers?" + lastMonth(), byManager}, {"quantities", "/crm/quantities", byManager}, {"receipts", "/crm/receipts", byManager}, {"receipts-weekly", "/crm/receipts?step=week&behind=overdue", byManager}, {"quantities-behind", "/crm/quantities?product=" + s.product, byManager},
		{"commission", "/crm/commission", byManager}, {"commission-own", "/crm/commission", bySeller}, {"regulations", "/crm/regulations", byManager}, {"regulation-rows", "/crm/regulations/rows", byManager}, {"values", "/crm/values", byManager}, {"suggestions", "/crm/suggestions", bySeller},
	}
}

// lastMonth is the month before this one, as addresses have a period.
func lastMonth() string {
	now := time.Now().UTC()
	first := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, time.UTC)
	return "first=" + first.Format(time.DateOnly) + "&last=" + first.AddDate(0, 1, -1).Format(time.DateOnly)
}

// ruleStops are the pages of what is done by itself, and of settings.
func ruleStops(s ruleSights) []stop {
	settings := "/crm/settings/"
	return []stop{
		{"rules", "/crm/rules", byAdmin}, {"rule-new", "/crm/rules/new", byAdmin}, {"rule", "/crm/rules/" + s.workflow, byAdmin}, {"rule-runs", "/crm/rules/runs", byManager},
		{"processes", "/crm/processes", bySeller}, {"process", "/crm/processes/" + s.process, bySeller}, {"absences", settings + "absences", byManager}, {"view", "/crm/views/" + s.view, bySeller},
		{"lead-import-preview", "/crm/uploads/" + s.upload, byManager}, {"lead-imported", "/crm/imports/" + s.imported, byManager}, {"call-resolve", "/crm/calls/" + s.call + "/resolve", byManager},
		{"settings-calendar", settings + "calendar", byAdmin}, {"settings-routing", settings + "routing", byAdmin}, {"settings-routing-try", settings + "routing?try=1", byAdmin}, {"settings-route", settings + "routing/rules/" + s.route, byAdmin}, {"settings-scoring", settings + "scoring", byAdmin}, {"settings-scoring-try", settings + "scoring?try=1", byAdmin}, {"settings-score", settings + "scoring/rules/3", byAdmin},
		{"settings-rates", settings + "rates", byAdmin}, {"settings-clocks", settings + "clocks", byAdmin}, {"settings-answer", settings + "clocks/answers/0", byAdmin}, {"settings-commission", settings + "commission", byAdmin}, {"settings-commission-try", settings + "commission?try=1", byAdmin}, {"settings-commission-rule", settings + "commission/rules/1", byAdmin},
		{"settings-regulations", settings + "regulations", byAdmin}, {"settings-regulation", settings + "regulations/1", byAdmin}, {"settings-processes", settings + "processes", byAdmin}, {"settings-process", settings + "processes/0", byAdmin},
		{"settings-fields", settings + "fields", byAdmin}, {"settings-field-new", settings + "fields/new", byAdmin}, {"settings-field", settings + "fields/" + s.field, byAdmin}, {"settings-field-purge", settings + "fields/" + s.field + "/purge", byAdmin},
		{"settings-values", settings + "values", byAdmin}, {"settings-user", settings + "users/" + s.user, byAdmin}, {"settings-stage-new", settings + "pipelines/" + s.pipeline + "/stages/new", byAdmin},
	}
}

// untoured are the addresses that the tour leaves out, and why.
var untoured = map[string]string{
	"/activities/whom": "names below a field, while somebody types", "/products": "products below a field, while somebody types",
	"/campaigns/{id}/progress": "what moves on a campaign's page", "/campaigns/{id}/preview": "the letter in its frame on the editor's page",
	"/contacts/{id}/group/{name}/shown": "a group after its form was given up", "/leads/{id}/group/{name}/shown": "a group after its form was given up", "/leads/{id}/cell/{name}": "a cell of the list",
	"/opportunities/{id}/facts": "part of the card, shown on it", "/opportunities/{id}/team": "part of the card, shown on it", "/opportunities/{id}/competitors": "part of the card, shown on it", "/opportunities/{id}/feed": "part of the card, shown on it",
	"/opportunities/{id}/settlement": "part of the card, shown on it", "/quotes/{id}/settlement": "part of the quote, shown on it", "/timeline": "part of cards, shown on them",
	"/live": "a stream", "/notices/unread": "a number in the head", "/notices/{id}": "leads to what happened", "/parties/{id}": "leads to a card", "/reports/open/{id}": "leads to a report",
	"/files/{id}": "the file", "/quotes/{id}/pdf": "the file", "/dashboard.pdf": "the file", "/imports/{id}/rejects.csv": "the file", "/reports/{name}": "workbooks",
}

// pageAddresses are the addresses below the mount that the screens answer a GET at, as their source says them.
func pageAddresses(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../adapters/web/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			pair, is := n.(*ast.KeyValueExpr)
			if !is {
				return true
			}
			if name, is := pair.Key.(*ast.Ident); !is || name.Name != "Pattern" {
				return true
			}
			written, is := pair.Value.(*ast.BasicLit)
			if !is {
				t.Errorf("%s has an address that is put together: the tour cannot know it", file)
				return true
			}
			pattern, err := strconv.Unquote(written.Value)
			if err != nil {
				t.Fatal(err)
			}
			if path, is := strings.CutPrefix(pattern, "GET "); is && !strings.HasSuffix(path, ".xlsx") {
				out = append(out, path)
			}
			return true
		})
	}
	return out
}

// TestTourGoesEverywhere holds the tour against what the screens answer: a new page is shown there, or is named in
// untoured with a reason.
func TestTourGoesEverywhere(t *testing.T) {
	addresses, mux := pageAddresses(t), http.NewServeMux()
	if len(addresses) < 150 {
		t.Fatalf("the source says only %d addresses", len(addresses))
	}
	for _, path := range addresses {
		mux.Handle("GET /crm"+path, http.NotFoundHandler())
	}
	seen, names := map[string]bool{}, map[string]bool{}
	for _, one := range stops("HU01", sights{}, letterSights{}, ruleSights{}) {
		if names[one.name] {
			t.Errorf("two stops are called %s: one's picture would take the other's place", one.name)
		}
		names[one.name] = true
		path, _, _ := strings.Cut(one.path, "?")
		path = strings.ReplaceAll(path+"/", "//", "/x/") // where an id will stand
		_, pattern := mux.Handler(httptest.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(path, "/"), nil))
		if strings.HasPrefix(one.path, "/crm/") && pattern == "" {
			t.Errorf("%s goes to %s, which is nowhere", one.name, one.path)
		}
		seen[strings.TrimPrefix(pattern, "GET /crm")] = true
	}
	for _, path := range addresses {
		why := untoured[path]
		if seen[path] == (why != "") {
			t.Errorf("%s is shown: %t, and left out because %q", path, seen[path], why)
		}
	}
	for path := range untoured {
		if !slices.Contains(addresses, path) {
			t.Errorf("%s is left out of the tour and is no page any more", path)
		}
	}
}
