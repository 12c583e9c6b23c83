package crm_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports"
)

func page(limit int) store.Page { return store.Page{Limit: limit} }

// TestLeadSQL is the life of a lead up to its qualification.
func TestLeadSQL(t *testing.T) {
	r := record(t, "lead")
	leads, ctx := r.module.Leads, r.boss()
	first, err := leads.Capture(ctx, r.draftLead(0))
	r.ok(err)
	again := r.draftLead(0) // the same person writes again
	again.Phones, again.Consent = []string{"+36 30 123 4567"}, "Kérek hírlevelet."
	back, err := leads.Capture(ctx, again)
	r.ok(err)
	if back.Lead != first.Lead || back.Outcome == lead.Created {
		t.Errorf("the second message gave %+v", back)
	}
	card, err := leads.Get(ctx, first.Lead)
	r.ok(err)
	l, err := leads.Edit(ctx, first.Lead, card.Lead.Version, lead.Patch{Interest: ptr("14 munkahely"), ExpectedValue: ptr(money.MustAmount("1200000"))})
	r.ok(err)
	l, err = leads.Assign(ctx, first.Lead, l.Version, party.Owner{User: "kovacs", Team: "budapest"})
	r.ok(err)
	r.clock.Advance(10 * time.Minute)
	l, err = leads.Responded(ctx, l.ID)
	r.ok(err)
	_, err = leads.SetStatus(ctx, l.ID, l.Version, lead.Move{To: lead.StatusQualified})
	r.ok(err)
	touches, err := leads.Touches(ctx, l.ID, page(10))
	r.ok(err)
	if len(touches) != 2 {
		t.Errorf("%d touches, want 2", len(touches))
	}
}

// TestLeadListSQL is the list in each order with its second page, with each filter, and as people see
// it who do not see everything.
func TestLeadListSQL(t *testing.T) {
	r := record(t, "lead_list", arrive)
	list := func(ctx context.Context, f lead.Filter, order lead.Sort, want int) {
		t.Helper()
		seen, next := 0, ""
		for {
			got, err := r.module.Leads.List(ctx, f, order, store.Page{Limit: 2, After: next})
			r.ok(err)
			seen += len(got.Rows)
			if next = got.Next; next == "" {
				break
			}
		}
		if seen != want {
			t.Errorf("in the order %s: %d leads, want %d", order, seen, want)
		}
	}
	for _, order := range []lead.Sort{lead.ByArrival, lead.ByScore, lead.ByName} {
		list(r.boss(), lead.Filter{}, order, 3)
	}
	list(r.seller(), lead.Filter{}, lead.ByArrival, 1)
	list(r.colleague(), lead.Filter{}, lead.ByName, 3)
	day := time.Date(2026, 7, 12, 0, 0, 0, 0, time.UTC)
	f := lead.Filter{
		Statuses: []lead.Status{lead.StatusNew, lead.StatusWorking}, OwnerUser: "kovacs", OwnerTeam: "budapest",
		Source: "web", Campaign: "tavasz", From: day, Until: day.AddDate(0, 0, 1),
	}
	list(r.boss(), f, lead.ByArrival, 0)
	list(r.boss(), lead.Filter{Unowned: true, Name: "Kov"}, lead.ByName, 1)
	n, err := r.module.Leads.Count(r.colleague(), lead.Filter{Source: "web"})
	r.ok(err)
	if n != 3 {
		t.Errorf("%d leads counted, want 3", n)
	}
}

// TestLeadMergeSQL finds a duplicate, merges it and takes the merge back.
func TestLeadMergeSQL(t *testing.T) {
	r := record(t, "lead_merge", arrive, func(w *world) error {
		d := w.draftLead(0)
		d.Emails, d.Phones, d.JobTitle = []string{"orsi.zsofia@example.com"}, []string{"+36 30 765 4321"}, "beszerző"
		_, err := w.module.Leads.Capture(w.boss(), d)
		return err
	})
	l := r.row("Őrsi").ID
	found, err := r.module.Leads.Duplicates(r.boss(), l)
	r.ok(err)
	if len(found) == 0 || found[0].Lead.IsZero() {
		t.Fatalf("duplicates %+v", found)
	}
	merged, err := r.module.Leads.Merge(r.boss(), l, found[0].Lead)
	r.ok(err)
	r.ok(r.module.Leads.Unmerge(r.boss(), merged))
}

// TestOpportunitySQL is the life of an opportunity: created, worked on, lost, reopened, won.
func TestOpportunitySQL(t *testing.T) {
	r := record(t, "opportunity", arrive)
	deals, ctx := r.module.Opportunities, r.boss()
	o, err := deals.Create(ctx, opportunity.Draft{PartyID: r.row("Őrsi").PartyID, Name: "12 munkahely", ExpectedClose: civil.Date{Year: 2026, Month: 9, Day: 30}})
	r.ok(err)
	o, err = deals.SetLines(ctx, o.ID, o.Version, []opportunity.Line{
		{ProductKey: "DSK-010", Name: "Íróasztal", Quantity: money.MustQuantity("12"), Unit: "db", UnitPrice: money.MustAmount("84900")},
		{Name: "Szerelés", Quantity: money.MustQuantity("1.5"), Unit: "óra", UnitPrice: money.MustAmount("9000"), Discount: money.MustPercent("10")},
	})
	r.ok(err)
	o, err = deals.SetTeam(ctx, o.ID, o.Version, opportunity.Team{Owner: "kovacs", Sellers: opportunity.Even("kovacs", "szabo")})
	r.ok(err)
	o, err = deals.SetCompetitors(ctx, o.ID, o.Version, []opportunity.Competitor{{Name: "Óriás Bútor", Strengths: "olcsó"}})
	r.ok(err)
	_, err = deals.Comment(ctx, o.ID, "@szabo nézd meg, kérlek")
	r.ok(err)
	_, err = deals.Edit(ctx, o.ID, opportunity.Edit{Version: o.Version, Goal: ptr("Ősszel költöznek"), NextStepAt: ptr(r.clock.Now().Add(24 * time.Hour))})
	r.ok(err)
	pipelines, err := deals.Pipelines().List(ctx)
	r.ok(err)
	r.clock.Advance(time.Hour)
	_, err = deals.Move(ctx, o.ID, opportunity.Step{Stage: pipelines[0].Stages[1].ID, From: o.StageID})
	r.ok(err)
	_, err = deals.CloseLost(ctx, o.ID, opportunity.Loss{Reason: "ár", Competitor: "Óriás Bútor", Lesson: "Hamarabb ajánlani."})
	r.ok(err)
	_, err = deals.Reopen(ctx, o.ID, opportunity.Reopening{})
	r.ok(err)
	o, err = deals.CloseWon(ctx, o.ID, opportunity.Win{Revenue: ptr(money.MustAmount("1000000"))})
	r.ok(err)
	if o.State != opportunity.Won {
		t.Errorf("the opportunity is %s", o.State)
	}
	card, err := deals.Get(ctx, o.ID)
	r.ok(err)
	if len(card.Lines) != 2 || len(card.Sellers) != 2 || len(card.Competitors) != 1 {
		t.Errorf("the card is %+v", card)
	}
	_, err = deals.History(ctx, o.ID)
	r.ok(err)
	_, err = deals.Comments(ctx, o.ID, page(10))
	r.ok(err)
}

// work makes three opportunities, of a seller, a colleague and the manager.
func work(w *world) error {
	for i, ctx := range []context.Context{w.seller(), w.colleague(), w.boss()} {
		l, err := w.named(people[i].name)
		if err != nil {
			return err
		}
		_, err = w.module.Opportunities.Create(ctx, opportunity.Draft{PartyID: l.PartyID, Name: l.City, ExpectedRevenue: ptr(money.MustAmount("500000"))})
		if err != nil {
			return err
		}
	}
	return nil
}

// TestOpportunityListSQL is the list in each order with its second page, with filters, the board and
// the totals.
func TestOpportunityListSQL(t *testing.T) {
	r := record(t, "opportunity_list", arrive, work)
	list := func(ctx context.Context, f opportunity.Filter, want int) {
		t.Helper()
		f.Page, f.Page.Limit = store.Page{}, 2
		for seen := 0; ; {
			got, err := r.module.Opportunities.List(ctx, f)
			r.ok(err)
			seen += len(got.Rows)
			if f.Page.After = got.Next; got.Next == "" {
				if seen != want {
					t.Errorf("order %s: %d opportunities, want %d", f.Sort, seen, want)
				}
				return
			}
		}
	}
	pipelines, err := r.module.Opportunities.Pipelines().List(r.boss())
	r.ok(err)
	first := pipelines[0].Stages[0].ID
	for _, order := range []opportunity.Sort{opportunity.ByClose, opportunity.ByCreated, opportunity.ByRevenue, opportunity.ByStageSince} {
		list(r.boss(), opportunity.Filter{Sort: order, Stage: first, States: []opportunity.State{opportunity.Open}}, 3)
	}
	list(r.seller(), opportunity.Filter{}, 1)
	list(r.colleague(), opportunity.Filter{}, 3)
	list(r.boss(), opportunity.Filter{
		Pipeline: pipelines[0].ID, Stage: first, Owner: "kovacs", Party: r.row("Kov").PartyID,
		CloseFrom: civil.Date{Year: 2026, Month: 1, Day: 1}, CloseTo: civil.Date{Year: 2026, Month: 12, Day: 31},
	}, 0)
	for _, ctx := range []context.Context{r.boss(), r.colleague()} {
		board, err := r.module.Opportunities.Board(ctx, opportunity.View{Cards: 2})
		r.ok(err)
		if len(board.Columns) == 0 || len(board.Columns[0].Cards) != 2 {
			t.Errorf("the board is %+v", board)
		}
		_, err = r.module.Opportunities.Totals(ctx, opportunity.Scope{})
		r.ok(err)
	}
}

// TestActivitySQL plans, delegates, rings, does and lists.
func TestActivitySQL(t *testing.T) {
	r := record(t, "activity", arrive)
	acts, ctx, now := r.module.Activities, r.boss(), r.clock.Now()
	who := r.row("Őrsi").PartyID
	call, err := acts.Plan(ctx, activity.Plan{Party: who, Kind: activity.Call, Subject: "Visszahívás", Due: now.Add(2 * time.Hour), Remind: now.Add(time.Hour)})
	r.ok(err)
	_, err = acts.Delegate(ctx, call.ID, activity.Delegation{To: "szabo"})
	r.ok(err)
	_, err = acts.Accept(r.colleague(), call.ID)
	r.ok(err)
	r.clock.Advance(90 * time.Minute)
	rung, err := acts.DueReminders(actor.With(context.Background(), actor.System(r.company, "background")))
	r.ok(err)
	if rung != 1 {
		t.Errorf("%d reminders rang, want 1", rung)
	}
	_, err = acts.Snooze(r.colleague(), call.ID, r.clock.Now().Add(10*time.Minute))
	r.ok(err)
	_, err = acts.Complete(r.colleague(), call.ID, activity.Completion{
		Outcome: "Ajánlatot kér", Minutes: 12, FollowUp: &activity.Plan{Kind: activity.Task, Subject: "Ajánlat", Due: now.AddDate(0, 0, 2)},
	})
	r.ok(err)
	_, err = acts.Record(r.colleague(), activity.Deed{
		Party: who, Kind: activity.Mail, Direction: activity.Out, Subject: "Ajánlat", Body: "Mellékelve.",
		Files: []activity.File{{Name: "ajanlat.txt", Content: []byte("12 munkahely")}},
	})
	r.ok(err)
	for _, ctx := range []context.Context{r.boss(), r.seller(), r.colleague()} {
		for _, w := range []activity.Window{activity.Overdue, activity.Today, activity.Week, activity.AllOpen} {
			_, err = acts.Tasks(ctx, "szabo", w, page(2))
			r.ok(err)
		}
		_, err = acts.Today(ctx)
		r.ok(err)
	}
	_, err = acts.Delegated(ctx, page(2))
	r.ok(err)
	_, err = acts.Tasks(ctx, activity.Everyone, activity.AllOpen, page(2))
	r.ok(err)
}

// TestTimelineSQL is the timeline of a person, page after page, as different people see it.
func TestTimelineSQL(t *testing.T) {
	r := record(t, "timeline", arrive, work, func(w *world) error {
		l, err := w.named("Őrsi")
		for _, s := range []string{"Első", "Második", "Harmadik"} {
			if err == nil {
				_, err = w.module.Activities.Record(w.seller(), activity.Deed{Party: l.PartyID, Kind: activity.Note, Subject: s})
			}
		}
		return err
	})
	who := r.row("Őrsi").PartyID
	for _, ctx := range []context.Context{r.boss(), r.colleague()} {
		seen, next := 0, ""
		for {
			got, err := r.module.Activities.Timeline(ctx, who, nil, store.Page{Limit: 2, After: next})
			r.ok(err)
			seen += len(got.Items)
			if next = got.Next; next == "" {
				break
			}
		}
		if seen < 3 {
			t.Errorf("%d entries, want at least 3", seen)
		}
	}
	_, err := r.module.Activities.Timeline(r.boss(), who, []activity.Kind{activity.Note, activity.Call}, page(2))
	r.ok(err)
	_, err = r.module.Activities.Upcoming(r.boss(), who, page(2))
	r.ok(err)
	deals, err := r.module.Opportunities.List(r.boss(), opportunity.Filter{Page: page(1)})
	r.ok(err)
	_, err = r.module.Activities.OpportunityTimeline(r.boss(), activity.OpportunityID(deals.Rows[0].ID), nil, page(2))
	r.ok(err)
}

// offer drafts and issues a quote.
func offer(w *world) error {
	l, err := w.named("Őrsi")
	if err != nil {
		return err
	}
	card, err := w.module.Quotes.Draft(w.boss(), quote.DraftInput{Party: l.PartyID, Header: quote.Header{Title: "12 munkahely"}, Lines: w.lines()})
	if err == nil {
		_, err = w.module.Quotes.Issue(w.boss(), card.Quote.ID)
	}
	return err
}

// TestQuoteSQL drafts quotes, has one answered, and lists them.
func TestQuoteSQL(t *testing.T) {
	r := record(t, "quote", arrive, offer)
	quotes, ctx := r.module.Quotes, r.boss()
	issued, err := quotes.List(ctx, quote.Filter{States: []quote.State{quote.Issued}, Page: page(1)})
	r.ok(err)
	card, err := quotes.Draft(ctx, quote.DraftInput{Party: r.row("Őrsi").PartyID, Header: quote.Header{Title: "14 munkahely"}, Lines: r.lines()})
	r.ok(err)
	card, err = quotes.SetLines(ctx, card.Quote.ID, card.Quote.Version, r.lines()[:1])
	r.ok(err)
	_, err = quotes.Reprice(ctx, card.Quote.ID, card.Quote.Version)
	r.ok(err)
	public := actor.With(context.Background(), actor.Public(r.company))
	_, err = quotes.Accept(public, issued.Rows[0].Quote.ID, quote.Answer{By: "Őrsi Zsófia", Note: "Rendben."})
	r.ok(err)
	for _, ctx := range []context.Context{r.boss(), r.seller(), r.colleague()} {
		f := quote.Filter{States: []quote.State{quote.Accepted, quote.Draft}, Page: page(1)}
		got, err := quotes.List(ctx, f)
		r.ok(err)
		if f.Page.After = got.Next; got.Next != "" {
			_, err = quotes.List(ctx, f)
			r.ok(err)
		}
	}
	_, err = quotes.ExpireDue(actor.With(context.Background(), actor.System(r.company, "background")))
	r.ok(err)
}

// TestIssueQuoteSQL issues a second version of a quote. The PDF's hash is in the file, which is to be
// recorded anew when the page changes.
func TestIssueQuoteSQL(t *testing.T) {
	r := record(t, "quote_issue", arrive, offer)
	found, err := r.module.Quotes.List(r.boss(), quote.Filter{Page: page(1)})
	r.ok(err)
	card, err := r.module.Quotes.NewVersion(r.boss(), found.Rows[0].Quote.ID)
	r.ok(err)
	card, err = r.module.Quotes.Issue(r.boss(), card.Quote.ID)
	r.ok(err)
	if card.Quote.State != quote.Issued || card.Quote.Revision != 2 {
		t.Errorf("version %d is %s", card.Quote.Revision, card.Quote.State)
	}
}

// TestConvertLeadSQL previews a conversion, makes it, and takes it back.
func TestConvertLeadSQL(t *testing.T) {
	r := record(t, "convert_lead", arrive)
	id := r.row("Őrsi").ID
	preview, err := r.module.Convert.PreviewLead(r.boss(), id, convert.CustomerChoice{})
	r.ok(err)
	if len(preview.Missing) == 0 {
		t.Error("nothing is missing, but the lead has no tax id")
	}
	result, err := r.module.Convert.Lead(r.boss(), id, r.choice(nil))
	r.ok(err)
	again, err := r.module.Convert.Lead(r.boss(), id, r.choice(nil))
	r.ok(err)
	if !again.Repeated {
		t.Errorf("again: %+v", again)
	}
	_, err = r.module.Convert.LinksOfParty(r.boss(), result.Party)
	r.ok(err)
	r.ok(r.module.Convert.Undo(r.boss(), result.ID, "tévedés"))
}

// agree converts a lead and has its quote accepted.
func agree(w *world) error {
	ctx := w.boss()
	l, err := w.named("Őrsi")
	if err != nil {
		return err
	}
	result, err := w.module.Convert.Lead(ctx, l.ID, w.choice(nil))
	if err != nil {
		return err
	}
	_, err = w.accepted(ctx, result.Party, opportunity.ID(result.Opportunity))
	return err
}

// TestDocumentSQL goes from the accepted quote to the invoice, and a step back.
func TestDocumentSQL(t *testing.T) {
	r := record(t, "document", arrive, agree)
	ctx := r.boss()
	found, err := r.module.Quotes.List(ctx, quote.Filter{Page: page(1)})
	r.ok(err)
	ordered, err := r.module.Convert.Order(ctx, fromQuote(found.Rows[0].Quote))
	r.ok(err)
	part := following(ordered)
	part.Lines = []convert.LineChoice{{Line: ordered.Document.Lines[0].Key, Quantity: money.MustQuantity("5")}}
	_, err = r.module.Convert.Deliver(ctx, part)
	r.ok(err)
	_, err = r.module.Convert.Deliver(ctx, following(ordered))
	r.ok(err)
	invoiced, err := r.module.Convert.Invoice(ctx, following(ordered))
	r.ok(err)
	if !invoiced.Document.Gross.Equal(ordered.Document.Gross) {
		t.Errorf("the invoice says %s, the order %s", invoiced.Document.Gross, ordered.Document.Gross)
	}
	r.ok(r.module.Convert.Undo(ctx, invoiced.ID, "tévedés"))
}

// TestOutboxSQL sends conversions to a host that is elsewhere, and decides what it refused.
func TestOutboxSQL(t *testing.T) {
	r := record(t, "outbox", arrive)
	ctx := r.boss()
	host := &remote{random: rand.New(rand.NewPCG(1, 2)), now: r.clock.Now, refused: map[string]string{"Tűzliliom Kft.": "the city is unknown"}, kinds: map[string]int{}}
	server := httptest.NewServer(host)
	defer server.Close()
	module, err := crm.New(r.db, crm.Config{Host: newPort(server.URL).host(), Log: quiet, Outbox: convert.Outbox{Senders: 1}})
	r.ok(err)
	send := func() {
		t.Helper()
		_, err := module.Convert.Send(actor.With(context.Background(), actor.System(r.company, "background")), 0)
		r.ok(err)
	}
	choice := r.choice(nil)
	choice.Contact.Skip, choice.Opportunity = convert.SkipContact, nil
	asked, err := module.Convert.Lead(ctx, r.row("Őrsi").ID, choice)
	r.ok(err)
	send()
	_, err = module.Convert.Calls(r.colleague(), convert.CallFilter{
		States: []convert.CallState{convert.CallFailed, convert.CallUnknown}, Party: asked.Party, Conversion: asked.ID, Waiting: convert.WaitingForPerson, Page: page(1),
	})
	r.ok(err)
	calls, err := module.Convert.Calls(ctx, convert.CallFilter{Page: page(1)})
	r.ok(err)
	made := host.act("/make", remoteRequest{Kind: "customer", Name: "Tűzliliom Kft."})
	_, err = module.Convert.Resolve(ctx, calls.Rows[0].ID, convert.Resolution{Outcome: convert.Made, Key: made.Key})
	r.ok(err)
	send()
	done, err := module.Convert.Get(ctx, asked.ID)
	r.ok(err)
	if done.State != convert.Done || done.Customer.Key != made.Key {
		t.Errorf("%+v", done)
	}
}

// TestReportSQL is what the workbooks ask for.
func TestReportSQL(t *testing.T) {
	r := record(t, "report", arrive, work)
	july := reports.Query{Period: reports.Period{From: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)}}
	r.ok(r.module.Reports.Sales(r.boss(), io.Discard, july))
	team := r.as("szabo", actor.Manager, actor.Team, "budapest")
	r.ok(r.module.Reports.Sales(team, io.Discard, reports.Query{}))
	r.ok(r.module.Reports.LeadsCSV(r.as("kovacs", actor.Manager, actor.Own), io.Discard, july))
}
