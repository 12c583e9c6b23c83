package crm_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/testutil"
)

// secret stands in everything that belongs to the victim; an outsider must never get to read it.
const secret = "TITKOSSZÓ"

// victim is a company with one of everything, owned by one user.
type victim struct {
	*world
	// elsewhere has a host that is elsewhere, and cannot be reached.
	elsewhere *crm.Module
	ids       map[reflect.Type]reflect.Value
}

func newVictim(t *testing.T, env *testutil.Env) *victim {
	t.Helper()
	v := &victim{world: newWorld(t, env), ids: map[reflect.Type]reflect.Value{}}
	v.withLetters = true
	if err := v.assemble(); err != nil {
		t.Fatal(err)
	}
	ctx := v.as("kovacs", actor.Admin, actor.Own, "budapest")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	captured, err := v.module.Leads.Capture(ctx, lead.Draft{
		Name: "Titkos " + secret, Organization: secret + " Kft.", Emails: []string{"titok@example.com"}, Phones: []string{"+36301234567"}, Interest: secret,
		Address: party.Address{Line1: "Fő utca 1.", PostalCode: "1011", City: "Budapest", Country: "HU"},
	})
	must(err)
	converted, err := v.module.Convert.Lead(ctx, captured.Lead, v.choice([]opportunity.Line{{Name: secret, ProductKey: "DSK-010", Quantity: v.lines()[0].Quantity}}))
	must(err)
	other, err := v.module.Leads.Capture(ctx, lead.Draft{Name: "Másik " + secret, Emails: []string{"masik@example.com"}, Phones: []string{"+36301234567"}})
	must(err)
	task, err := v.module.Activities.Plan(ctx, activity.Plan{Party: converted.Party, Kind: activity.Task, Subject: secret, Due: v.db.Now().Add(time.Hour), Owner: "kovacs"})
	must(err)
	attached, err := v.module.Activities.Attach(ctx, task.ID, activity.File{Name: "titok.txt", Content: []byte(secret)})
	must(err)
	q, err := v.module.Quotes.Draft(ctx, quote.DraftInput{Party: converted.Party, Header: quote.Header{Title: secret, Opportunity: quote.OpportunityID(converted.Opportunity)}, Lines: v.lines()})
	must(err)
	v.know(converted.Party, other.Lead, opportunity.ID(converted.Opportunity), activity.OpportunityID(converted.Opportunity), task.ID, attached[0].ID, q.Quote.ID, converted.ID,
		convert.SubjectID(q.Quote.ID))
	card, err := v.module.Opportunities.Get(ctx, opportunity.ID(converted.Opportunity))
	must(err)
	v.know(card.PipelineID, card.StageID)
	for name, trigger := range map[string]workflow.Trigger{
		"új": {Kind: workflow.OnEvent, Events: []string{lead.EventStatus, lead.EventCaptured}}, "tétlen": {Kind: workflow.Idle, Count: 5},
		"vár": {Kind: workflow.After, Events: []string{lead.EventCaptured}, Count: 2, Unit: workflow.WorkingHours, Unless: workflow.Contact},
	} {
		rule, err := v.module.Workflows.Save(v.boss(), workflow.Drafting{Name: name, Noun: leadrule.Lead, Plan: workflow.Plan{
			Trigger: trigger, When: `lead.status != "converted"`, Actions: []workflow.Action{{Step: activity.StepPlan, Given: map[string]string{"subject": "Hívás"}}},
		}})
		must(err)
		rule, err = v.module.Workflows.Publish(v.boss(), rule.ID, rule.Version)
		must(err)
		v.know(rule.ID)
	}
	v.elsewhere, err = crm.New(v.db, crm.Config{Host: newPort("http://127.0.0.1:1").host(), Log: quiet})
	must(err)
	pending, err := v.module.Leads.Capture(ctx, lead.Draft{Name: "Úton " + secret, Emails: []string{"uton@example.com"}})
	must(err)
	_, err = v.elsewhere.Convert.Lead(ctx, pending.Lead, v.choice(nil))
	must(err)
	calls, err := v.module.Convert.Calls(ctx, convert.CallFilter{})
	must(err)
	v.know(calls.Rows[0].ID)
	v.know(v.module.KPIs, v.module.Forecasts, v.module.Quotas, v.module.Commissions, v.module.Quantities, v.module.Receipts, v.module.Newsletters, v.module.Quotes, v.module.Parties,
		v.module.Leads, v.module.Opportunities, v.module.Activities, v.module.CustomerPages("")) // workbooks are made of them
	return v
}

func (v *victim) know(ids ...any) {
	for _, id := range ids {
		v.ids[reflect.TypeOf(id)] = reflect.ValueOf(id)
	}
}

// argument makes a value of a parameter's type that points at the victim wherever it can.
func (v *victim) argument(typ reflect.Type, depth int) reflect.Value {
	if id, ok := v.ids[typ]; ok {
		return id
	}
	out := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.String:
		if typ == reflect.TypeFor[string]() { // named ones are choices, whose zero is the usual one
			out.SetString("C000001")
		}
	case reflect.Pointer:
		switch typ { // workbooks read them as who asks
		case reflect.TypeOf(v.module.Values):
			return reflect.ValueOf(v.module.Values)
		case reflect.TypeOf(v.module.Suggestions):
			return reflect.ValueOf(v.module.Suggestions)
		}
		if typ.Elem().Kind() == reflect.Struct {
			return reflect.New(typ.Elem())
		}
	case reflect.Struct:
		switch typ {
		case reflect.TypeFor[time.Time]():
			if depth == 0 {
				return reflect.ValueOf(v.db.Now().Add(time.Hour))
			}
			return out
		case reflect.TypeFor[reports.Query](), reflect.TypeFor[store.Page]():
			return out // everything, from the first page
		}
		for i := range typ.NumField() {
			f := typ.Field(i)
			_, isID := v.ids[f.Type]
			if typ == reflect.TypeFor[lead.Filter]() && f.Name == "Party" {
				continue // it would have to be the same as the company
			}
			if f.IsExported() && depth < 3 && (isID || f.Type.Kind() == reflect.Struct) {
				out.Field(i).Set(v.argument(f.Type, depth+1))
			}
		}
	case reflect.Slice:
		if id, ok := v.ids[typ.Elem()]; ok {
			out = reflect.Append(out, id)
		}
	case reflect.Interface:
		if typ == reflect.TypeFor[io.Writer]() {
			return reflect.ValueOf(&bytes.Buffer{})
		}
	}
	return out
}

// skipped are methods that are no operations, and those that only packages below the module call, inside
// a session that has already decided what the actor may do.
var skipped = []string{"In", "Register", "Locale", "LocaleOf", "Pipelines", "LinkCompany", "On", "Ready", "Purposes"}

// operations are all public operations of the module.
func (v *victim) operations() map[string]reflect.Value {
	m := v.module
	all := map[string]reflect.Value{}
	for _, service := range []any{m.Parties, m.Leads, m.Opportunities, m.Opportunities.Pipelines(), m.Activities, m.Quotes, m.Mails, m.Convert, m.Reports,
		m.KPIs, m.Forecasts, m.Quotas, m.Commissions, m.Quantities, m.Receipts, m.Rates, m.Schedules, m.Calendars, m.Routing, m.Clocks, m.Regulations, m.Processes, m.Scores, m.Workflows, m.Values, m.Suggestions, m.Newsletters.Subscriptions, m.Newsletters.Segments,
		m.Newsletters.Campaigns, m.Newsletters.Sequences, m.Newsletters.Tracking} {
		s := reflect.ValueOf(service)
		for i := range s.NumMethod() {
			if name := s.Type().Method(i).Name; !slices.Contains(skipped, name) && isOperation(s.Method(i).Type()) {
				all[s.Type().Elem().Name()+"."+name] = s.Method(i)
			}
		}
	}
	return all
}

// isOperation tells methods that somebody calls in his own name from those that compute, and from those that
// work inside a session of another package.
func isOperation(method reflect.Type) bool {
	for i := range method.NumIn() {
		if method.In(i) == reflect.TypeFor[*store.Session]() {
			return false
		}
	}
	return method.NumIn() > 0 && method.In(0) == reflect.TypeFor[context.Context]()
}

// call runs an operation against the victim and gives everything that came back as text.
func (v *victim) call(ctx context.Context, op reflect.Value) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			text, err = "", fmt.Errorf("panic: %v", p)
		}
	}()
	typ := op.Type()
	args := []reflect.Value{reflect.ValueOf(ctx)}
	var files []*bytes.Buffer
	for i := 1; i < typ.NumIn(); i++ {
		if typ.IsVariadic() && i == typ.NumIn()-1 {
			args = append(args, v.argument(typ.In(i).Elem(), 0))
			continue
		}
		arg := v.argument(typ.In(i), 0)
		if b, ok := arg.Interface().(*bytes.Buffer); ok {
			files = append(files, b)
		}
		args = append(args, arg)
	}
	var all strings.Builder
	for _, result := range op.Call(args) {
		if e, ok := result.Interface().(error); ok {
			err = e
		}
		fmt.Fprintf(&all, "%+v\n", result.Interface())
		if b, e := json.Marshal(result.Interface()); e == nil {
			all.Write(b)
		}
	}
	for _, f := range files {
		all.WriteString(unpacked(f.Bytes()))
	}
	return all.String(), err
}

// unpacked is the text of a file, or of the parts of a workbook.
func unpacked(b []byte) string {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return string(b)
	}
	var all strings.Builder
	for _, f := range z.File {
		if r, err := f.Open(); err == nil {
			_, _ = io.Copy(&all, r)
		}
	}
	return all.String()
}

// rows dumps every row of every table of CRM+ and the ERP.
func (v *victim) rows(t *testing.T) []string {
	t.Helper()
	names, err := v.db.SQL().Query("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %' AND (name LIKE 'crm\\_%' ESCAPE '\\' OR name LIKE 'erp\\_%' ESCAPE '\\')")
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for names.Next() {
		var n string
		if err := names.Scan(&n); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, n)
	}
	names.Close()
	var all []string
	for _, table := range tables {
		rows, err := v.db.SQL().Query("SELECT * FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new(any)
			}
			if err := rows.Scan(cells...); err != nil {
				t.Fatal(err)
			}
			text := table
			for _, c := range cells {
				text += fmt.Sprintf("|%v", *c.(*any))
			}
			all = append(all, text)
		}
		rows.Close()
	}
	slices.Sort(all)
	return all
}

// TestOutsidersReachNothing walks every public operation as people who have nothing to do with the
// victim's records: they read none of it, count none of it and change none of it.
func TestOutsidersReachNothing(t *testing.T) {
	v := newVictim(t, testutil.SQLite(t))
	other := v.company + "x"
	outsiders := map[string]actor.Actor{
		"administrator of another company": actor.User{Company: other, ID: "root", Name: "root", Rights: actor.Admin, See: actor.All}.Actor(),
		"system of another company":        actor.System(other, "job"),
		"colleague who sees his own":       actor.User{Company: v.company, ID: "manager-hu", Name: "x", Rights: actor.Seller, See: actor.Own}.Actor(),
		"colleague of another team":        actor.User{Company: v.company, ID: "manager-hu", Name: "x", Rights: append(actor.Rights{actor.ReportRead}, actor.Seller...), See: actor.Team, Teams: []string{"szeged"}}.Actor(),
		"reader without rights":            actor.User{Company: v.company, ID: "nobody", Name: "x", See: actor.All}.Actor(),
		"the public":                       actor.Public(v.company),
	}
	before := v.rows(t)
	for who, a := range outsiders {
		t.Run(who, func(t *testing.T) {
			ctx := actor.With(context.Background(), a)
			for name, op := range v.operations() {
				text, err := v.call(ctx, op)
				if name == "Reports.CustomerList" && who == "colleague of another team" && err == nil {
					continue // the ERP's customers are open to every colleague who may read leads, as the page of them is
				}
				if strings.Contains(text, secret) || strings.Contains(text, "titok@") {
					t.Errorf("%s gave away: %.300s", name, text)
				}
				if err != nil && strings.Contains(err.Error(), "panic") {
					t.Errorf("%s: %v", name, err)
				}
			}
			after := v.rows(t)
			for _, row := range before {
				if _, ok := slices.BinarySearch(after, row); !ok {
					t.Fatalf("changed or gone: %.300s", row)
				}
			}
		})
	}
}

// TestTheOwnerReachesEverything shows that the walk would notice: the owner reads the secret.
func TestTheOwnerReachesEverything(t *testing.T) {
	v := newVictim(t, testutil.SQLite(t))
	ctx := v.as("kovacs", actor.Admin, actor.Own, "budapest")
	for _, name := range []string{"Parties.Get", "Leads.Get", "Leads.List", "Opportunities.Get", "Opportunities.List", "Activities.Get", "Activities.Timeline",
		"Activities.Download", "Quotes.Get", "Quotes.List", "Conversions.Links", "Conversions.Get", "Reports.LeadsCSV", "Reports.Sales"} {
		text, err := v.call(ctx, v.operations()[name])
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name != "Conversions.Links" && name != "Activities.Download" && !strings.Contains(text, secret) {
			t.Errorf("%s does not show the secret to its owner: %.200s", name, text)
		}
	}
}

// narrowByCustomFields reads the lists that have custom fields by one, as people who see much and little.
func (v *victim) narrowByCustomFields() error {
	if _, err := v.module.Fields.Add(v.boss(), custom.Draft{Kinds: []string{"lead", "opportunity", "quote", "party"}, Name: "fleet", Label: "Járművek", Type: store.NumberField}); err != nil {
		return err
	}
	own, show := []store.CustomFilter{{Field: "fleet", From: money.MustQuantity("10")}}, []string{"fleet"}
	for _, ctx := range []context.Context{v.as("kovacs", actor.Admin, actor.Own, "budapest"), v.boss()} {
		_, leads := v.module.Leads.List(ctx, lead.Filter{Custom: own, Show: show}, lead.ByArrival, page(2))
		_, quotes := v.module.Quotes.List(ctx, quote.Filter{Custom: own, Show: show, Page: page(2)})
		_, parties := v.module.Parties.List(ctx, party.ListFilter{Custom: own, Show: show, Page: page(2)})
		_, deals := v.module.Opportunities.List(ctx, opportunity.Filter{Custom: own, Show: show, Sort: opportunity.ByRevenue, Page: page(2)})
		if err := errors.Join(leads, quotes, parties, deals); err != nil {
			return err
		}
	}
	return nil
}

// TestNoOperationScans calls every operation as people who see much and little, takes a lead to its
// invoice and back, runs the background, and reads the plan of each statement that was sent: no table
// of CRM+ is read from end to end. (What the ERP does with its own is the ERP's.)
func TestNoOperationScans(t *testing.T) {
	env, plans := testutil.Planned(t)
	v := newVictim(t, env)
	for _, ctx := range []context.Context{
		v.as("kovacs", actor.Admin, actor.Own, "budapest"), v.as("kovacs", actor.Admin, actor.Team, "budapest", "videk"), v.boss(),
	} {
		operations := v.operations()
		for _, name := range slices.Sorted(maps.Keys(operations)) {
			_, _ = v.call(ctx, operations[name]) // many are refused; their statements count all the same
		}
	}
	if err := v.narrowByCustomFields(); err != nil {
		t.Fatal(err)
	}
	id, err := v.completeLead(v.boss(), "Index")
	if err != nil {
		t.Fatal(err)
	}
	if err := v.workLead(v.boss(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := v.elsewhere.Convert.Send(actor.With(context.Background(), actor.System(v.company, "background")), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := v.module.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for range plans.Each {
		seen++
	}
	if seen < 150 {
		t.Errorf("only %d statements were seen", seen)
	}
	for _, scan := range plans.Scans() {
		if strings.Contains(scan, "crm_") {
			t.Errorf("a scan: %.1200s", scan)
		}
	}
}
