package web

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/clock"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/notice"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/process"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/routing"
	"github.com/crmplus/crmplus/crm/scoring"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/reports/schedule"
	"github.com/crmplus/crmplus/reports/suggest"
	"github.com/crmplus/crmplus/testutil/erp"
)

// hostile is what somebody types into every name, to see whether it comes out as a script.
const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`

// stock makes one record of each kind that has an address, and gives their ids by noun. Each has a script in
// its name.
func (w *walk) stock(session string) map[string]string {
	w.t.Helper()
	admin := actor.User{Company: w.Company, ID: w.admin(), Name: "Szabó Katalin", Teams: []string{"iroda"}, Rights: actor.Admin, See: actor.All}
	ctx := actor.With(context.Background(), admin.Actor())
	out := map[string]string{}
	country := w.country()
	capture := func(noun, email string) lead.Result {
		got, err := w.module.Leads.Capture(ctx, lead.Draft{
			Name: noun + hostile, Organization: hostile + noun, Emails: []string{email}, Address: party.Address{Line1: hostile, PostalCode: "7621", City: hostile, Country: country},
			Interest: hostile, ExpectedValue: money.MustAmount("450000"), Origin: lead.Origin{Channel: lead.ByHand, Source: "web"}, Owner: party.Owner{User: admin.ID, Team: "iroda"},
		})
		w.must(err)
		out[noun] = got.Lead.String()
		return got
	}
	w.stockSuggestion(ctx, out) // customers are counted once a day: before anybody else does
	first := capture("lead", "elso@example.com")
	capture("other", "masik@example.com")
	capture("fresh", "friss@example.com")
	merged, loser := capture("survivor", "marad@example.com"), capture("loser", "beolvad@example.com")
	merge, err := w.module.Leads.Merge(ctx, merged.Lead, loser.Lead)
	w.must(err)
	out["merge"], out["person"] = merge.String(), first.Party.String()
	w.stockWork(ctx, first.Party, out)
	w.stockSales(ctx, first, out)
	w.stockSettings(ctx, session, out)
	w.stockLetters(ctx, out)
	w.stockWorkflows(ctx, out)
	return out
}

// stockWork makes activities, a file and an import.
func (w *walk) stockWork(ctx context.Context, who party.ID, out map[string]string) {
	w.t.Helper()
	done, err := w.module.Activities.Record(ctx, activity.Deed{
		Party: who, Kind: activity.Call, Direction: activity.Out, Subject: hostile, Body: hostile, Outcome: hostile,
		Files: []activity.File{{Name: "<b>onload=alert(3)<b>.txt", Content: []byte("<script>alert(4)</script>")}},
	})
	w.must(err)
	out["activity"], out["file"] = done.Activity.ID.String(), done.Files[0].ID.String()
	planned, err := w.module.Activities.Plan(ctx, activity.Plan{Party: who, Kind: activity.Task, Subject: hostile, Due: w.Clock.Now().Add(24 * time.Hour)})
	w.must(err)
	out["planned"] = planned.ID.String()
	content := []byte("Név;E-mail\r\n" + w.Company + " Béla;bela@example.com\r\n=1+1;nem-cim\r\n")
	source := lead.Source{Name: "<b>lista<b>.csv", File: bytes.NewReader(content), Size: int64(len(content))}
	preview, err := w.module.Leads.Preview(ctx, source, lead.PreviewOptions{})
	w.must(err)
	taken, err := w.module.Leads.Import(ctx, source, preview.Plan)
	w.must(err)
	out["import"] = taken.ID.String()
}

// stockSales makes an opportunity, quotes in three states, a sending, a conversion, a call to the host, and a
// notice.
func (w *walk) stockSales(ctx context.Context, of lead.Result, out map[string]string) {
	w.t.Helper()
	line := opportunity.Line{Name: hostile, Quantity: money.MustQuantity("2"), UnitPrice: money.MustAmount("1000"), Unit: "db"}
	deal, err := w.module.Opportunities.Create(ctx, opportunity.Draft{
		PartyID: of.Party, Name: hostile, Goal: hostile, Lines: []opportunity.Line{line}, LeadID: opportunity.LeadID(of.Lead),
		Competitors: []opportunity.Competitor{{Name: hostile, Strengths: hostile, Weaknesses: hostile}},
	})
	w.must(err)
	out["opportunity"] = deal.ID.String()
	colleague := actor.With(ctx, actor.User{Company: w.Company, ID: "nagy", Name: hostile, Rights: actor.Admin, See: actor.All}.Actor())
	_, err = w.module.Opportunities.Comment(colleague, deal.ID, "@"+w.admin()+" "+hostile)
	w.must(err)
	price := money.MustAmount("12500")
	products, err := w.module.Products(ctx, "", 1)
	w.must(err)
	draft := func(noun string) quote.ID {
		card, err := w.module.Quotes.Draft(ctx, quote.DraftInput{
			Party: of.Party, Header: quote.Header{Opportunity: quote.OpportunityID(deal.ID), Title: hostile, Cover: hostile, Closing: hostile, Terms: hostile, DeliveryTerms: hostile},
			Lines: []quote.DraftLine{{Product: products[0].Key, Name: hostile, Description: hostile, Quantity: money.MustQuantity("4"), UnitPrice: &price}},
		})
		w.must(err)
		out[noun] = card.Quote.ID.String()
		return card.Quote.ID
	}
	draft("quote")
	issued := draft("issued")
	_, err = w.module.Quotes.Issue(ctx, issued)
	w.must(err)
	proposal, err := w.module.Quotes.SendPreview(ctx, issued, "hu")
	w.must(err)
	proposal.To = []mail.Address{{Name: hostile, Email: "elso@example.com"}}
	sending, err := w.module.Quotes.Send(ctx, issued, proposal.SendInput)
	w.must(err)
	out["sending"], out["mail"] = sending.ID.String(), sending.MailID.String()
	accepted := draft("accepted")
	_, err = w.module.Quotes.Issue(ctx, accepted)
	w.must(err)
	_, err = w.module.Quotes.Accept(ctx, accepted, quote.Answer{By: hostile})
	w.must(err)
	buyer := erpbridge.Customer{TaxID: taxIDs[w.country()]}
	became, err := w.module.Convert.Lead(ctx, of.Lead, convert.LeadChoice{Customer: convert.CustomerChoice{Completed: buyer}})
	w.must(err)
	out["customer"] = became.Customer.Key
	order, err := w.module.Convert.Order(ctx, convert.DocumentInput{From: convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(accepted)}})
	w.must(err)
	out["conversion"] = order.ID.String()
	w.must(w.DB.Write(ctx, func(ctx context.Context, s *store.Session) error {
		call := convert.Call{
			ID: store.NewKey[convert.CallTag](s), ConversionID: order.ID, PartyID: of.Party, LaneID: of.Party, Operation: convert.LeadCall, State: convert.CallUnknown,
			ReasonCode: "no_answer", Reason: hostile, Progress: "{}",
		}
		out["call"] = call.ID.String()
		return s.Insert(ctx, &call)
	}))
	_, err = w.module.RunOnce(context.Background())
	w.must(err)
	told, err := w.module.Notices.List(ctx, notice.Filter{})
	w.must(err)
	if len(told.Notices) == 0 {
		w.t.Fatal("nobody was told of anything")
	}
	out["notice"] = told.Notices[0].ID.String()
}

// country is that of the company: HU of HU01.
func (w *walk) country() string { return w.Company[len(w.Company)-4:][:2] }

// admin is the company's.
func (w *walk) admin() string { return "admin-" + strings.ToLower(w.country()) }

// taxIDs are valid ones of the example's countries.
var taxIDs = map[string]string{"HU": "47110018-2-41", "GR": "094014201"}

// stockRules makes who gets leads, in a draft, and somebody who is away.
func (w *walk) stockRules(ctx context.Context, out map[string]string) {
	w.t.Helper()
	out["rule"] = "rule-of-" + w.Company[len(w.Company)-4:]
	_, err := w.module.Routing.SaveDraft(ctx, 0, routing.Plan{Rules: []routing.Rule{{Key: out["rule"], Name: hostile, When: `lead.source == "<script>"`, To: routing.Target{Method: routing.InTurn, Members: []routing.Member{{User: "<b>", Cap: 3}}}}}})
	w.must(err)
	_, err = w.module.Commissions.SaveDraft(ctx, 0, commission.Plan{Starts: civil.Date{Year: 2026, Month: 7, Day: 1}, Earned: commission.Won, Rules: []commission.Rule{{
		Name: hostile, When: `opportunity.owner != "<b>"`, Where: `.group != "<b>"`, Base: commission.Margin, Rate: money.MustPercent("5"), Steps: []commission.Step{{From: money.MustPercent("90"), Rate: money.MustPercent("7")}},
	}}})
	w.must(err)
	_, err = w.module.Scores.SaveDraft(ctx, 0, scoring.Model{
		Groups: []scoring.Group{{Key: "g", Name: hostile}}, Bands: []scoring.Band{{From: 10, Name: "<b>", Action: hostile}},
		Rules: []scoring.Rule{{Name: hostile, Group: "g", List: "touches", Where: `.channel == "<b>"`, Points: 5, HalfLife: 3}},
	})
	w.must(err)
	times := clock.Default()
	times.Responses = []clock.Response{{Name: hostile, When: `lead.source == "<b>"`, Minutes: 30}}
	_, err = w.module.Clocks.Publish(ctx, 0, times)
	w.must(err)
	_, err = w.module.Regulations.Publish(ctx, 0, regulation.Plan{Regulations: []regulation.Regulation{{Name: hostile, From: regulation.Moment{Step: regulation.Captured}, To: regulation.Moment{Step: regulation.Quoted}, Days: 1}}})
	w.must(err)
	templates, err := w.module.Processes.Publish(ctx, 0, process.Plan{Templates: []process.Template{{Name: hostile, Steps: []process.StepPlan{{Name: hostile, Who: process.Owner, Skippable: true}}}}})
	w.must(err)
	own, err := w.module.Parties.Add(ctx, party.Draft{Kind: party.Company, FullName: hostile, Owner: party.Owner{User: "<b>"}})
	w.must(err)
	running, err := w.module.Processes.Start(ctx, templates.Plan.Templates[0].ID, process.Party, process.RecordID(own.ID))
	w.must(err)
	begun, err := w.module.Processes.Get(ctx, running.ID)
	w.must(err)
	out["process"], out["process_step"] = running.ID.String(), begun.Line[0].ID.String()
	today := civil.In(w.Clock.Now(), time.UTC)
	away, err := w.module.Routing.AddAbsence(ctx, routing.Absence{User: "<b>", From: today, Until: today.AddDays(3), Deputy: hostile[:20]})
	w.must(err)
	out["absence"] = away.ID.String()
}

// stockSettings makes what administrators and users keep.
func (w *walk) stockSettings(ctx context.Context, session string, out map[string]string) {
	w.t.Helper()
	view, err := w.module.Settings.SaveView(ctx, setting.ViewDraft{Page: "leads", Name: hostile, Query: "owner=me", Shared: setting.Private})
	w.must(err)
	out["view"] = view.ID.String()
	line, err := w.module.Opportunities.Pipelines().Add(ctx, opportunity.PipelineDraft{Name: hostile, Stages: []opportunity.StageDraft{{Name: hostile, Kind: opportunity.Open}, {Name: "Megnyert", Kind: opportunity.Won}, {Name: "Elveszett", Kind: opportunity.Lost}}})
	w.must(err)
	out["pipeline"], out["stage"] = line.ID.String(), line.Stages[0].ID.String()
	out["user"] = "user-of-" + hex.EncodeToString([]byte(w.Company[len(w.Company)-4:]))
	_, err = w.module.Settings.SetUser(ctx, setting.UserDraft{UserID: out["user"], Name: hostile, Role: setting.SellerRole, See: actor.Own, Teams: []string{"<b>"}})
	w.must(err)
	fields, err := w.module.Fields.Add(ctx, custom.Draft{Kinds: store.CustomKinds, Name: "flotta", Label: hostile, Type: store.TextField})
	w.must(err)
	out["field"] = fields[0].ID.String()
	key, err := w.module.Keys.Create(ctx, apikey.Draft{Name: hostile, User: w.admin(), UserName: hostile, Rights: actor.Rights{actor.LeadRead}, See: actor.All})
	w.must(err)
	out["key"] = key.Key.ID.String()
	hook, err := w.module.Webhooks.Create(ctx, webhook.Draft{Name: hostile, URL: "https://hooks.example.com/crm?a=%3Cscript%3E", Kinds: []string{"*"}, Owner: w.admin()})
	w.must(err)
	out["webhook"] = hook.Webhook.ID.String()
	goal, err := w.module.Quotas.Set(ctx, quota.Draft{Kind: quota.Team, Subject: "<b>", Measure: quota.Revenue, StartsOn: civil.Date{Year: 2026, Month: 7, Day: 1}, Months: 1, Target: money.MustAmount("1000")})
	w.must(err)
	plan, err := w.module.Schedules.Add(ctx, schedule.Draft{Report: schedule.KPIs, Name: hostile, Rhythm: schedule.Daily, Recipient: "boss@example.com"})
	w.must(err)
	out["quota"], out["schedule"] = goal.ID.String(), plan.ID.String()
	w.stockRules(ctx, out)
	kept, err := w.module.Leads.KeepUpload(ctx, "<b>onload=1<b>.csv", []byte(fmt.Sprintf("Név;E-mail\r\n%s;bela@example.com\r\n", hostile)))
	w.must(err)
	out["upload"] = kept.ID.String()
}

// stockSuggestion has a customer of the host fall silent.
func (w *walk) stockSuggestion(ctx context.Context, out map[string]string) {
	w.t.Helper()
	company, err := w.module.Company(ctx)
	w.must(err)
	codes, err := w.module.VATCodes(ctx)
	w.must(err)
	products, err := w.module.Products(ctx, "", 1)
	w.must(err)
	w.must(w.books.Work(context.Background(), erp.Clerk{Company: w.Company, User: w.admin()}, func(ctx context.Context, s erpbridge.Session) error {
		today := s.Today
		for i := range 4 {
			s.Token, s.Today = fmt.Sprintf("%s silent %d", w.Company, i), today.AddDays(30*i-200)
			_, err := w.books.Host().Documents.Create(ctx, s, erpbridge.Document{
				Ref: erpbridge.Ref{Kind: erpbridge.Order}, Customer: "C000001", Date: s.Today, Due: s.Today, Currency: company.Locale.Currency,
				Lines: []erpbridge.DocumentLine{{Product: products[0].Key, Name: hostile, Quantity: money.MustQuantity("3"), UnitPrice: money.MustAmount("1000"), VATCode: codes[0].Code}},
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	_, err = w.module.Values.Work(actor.With(context.Background(), actor.System(w.Company, "background")))
	w.must(err)
	found, err := w.module.Suggestions.List(ctx, suggest.Filter{})
	w.must(err)
	if len(found.Rows) == 0 {
		w.t.Fatal("nothing is suggested")
	}
	out["suggestion"] = found.Rows[0].ID.String()
}
