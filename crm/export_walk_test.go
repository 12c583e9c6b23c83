package crm_test

import (
	"bytes"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/regulation"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/reports"
	"github.com/crmplus/crmplus/reports/commission"
	"github.com/crmplus/crmplus/reports/forecast"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/quantity"
	"github.com/crmplus/crmplus/reports/quota"
	"github.com/crmplus/crmplus/reports/receipt"
	"github.com/crmplus/crmplus/testutil"
)

// writesFile says that an operation gives a file.
func writesFile(op reflect.Type) bool {
	for i := range op.NumIn() {
		if op.In(i) == reflect.TypeFor[io.Writer]() {
			return true
		}
	}
	return false
}

// exported are the entries of the log of changes about files, the newest first.
func (v *victim) exported(t *testing.T) []store.AuditEntry {
	t.Helper()
	log, err := v.module.Audit(v.boss(), crm.AuditQuery{Page: store.Page{Limit: store.MaxLimit}})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(log.Entries, func(e store.AuditEntry) bool { return e.Action != "export" })
}

// withFiles adds what files are made of, and how they are asked for.
func (v *victim) withFiles(t *testing.T) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, today := v.boss(), civil.Date{Year: 2026, Month: 7, Day: 13}
	topic, err := v.module.Newsletters.Subscriptions.AddTopic(ctx, subscription.TopicDraft{Code: "hirek", Channel: subscription.Email, Texts: map[locale.Language]subscription.TopicText{
		locale.Hungarian: {Name: "Hírek", Consent: "Kérem a hírlevelet."},
	}})
	must(err)
	letter, err := v.module.Newsletters.Campaigns.Create(ctx, campaign.Plan{Name: "Nyár", Language: locale.Hungarian, SenderAddress: "hirek@example.com"})
	must(err)
	row, err := v.module.Newsletters.Sequences.Create(ctx, sequence.Drafting{Name: "Bevezető", Topic: topic.ID})
	must(err)
	content := "Név;E-mail\nJó János;jo@example.com\nRossz Róza;nem cím\n"
	source := lead.Source{Name: "vásár.csv", File: strings.NewReader(content), Size: int64(len(content))}
	preview, err := v.module.Leads.Preview(ctx, source, lead.PreviewOptions{})
	must(err)
	done, err := v.module.Leads.Import(ctx, source, preview.Plan)
	must(err)
	month := kpi.Period{First: civil.Date{Year: 2026, Month: 7, Day: 1}, Last: civil.Date{Year: 2026, Month: 7, Day: 31}}
	v.know(v.module.Regulations, reports.CampaignQuery{ID: letter.ID}, reports.TopicQuery{ID: topic.ID}, reports.SequenceQuery{ID: row.ID}, done.ID, []kpi.Code{"revenue"}, kpi.Query{Period: month}, today,
		reports.BoardQuery{Query: kpi.Query{Period: month}}, forecast.Query{}, regulation.Filter{From: v.db.Now().AddDate(0, -1, 0), Until: v.db.Now()}, quota.PlanQuery{Year: 2026, Measure: quota.Revenue}, commission.Query{Month: month.First}, quantity.Query{}, receipt.Query{}, kpi.RetentionQuery{})
}

// TestEveryFileIsNoted: whatever takes data out as a file says so in the log of changes, before a byte of it leaves.
func TestEveryFileIsNoted(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		v := newVictim(t, env)
		v.withFiles(t)
		operations := v.operations()
		ctx, files := v.as("manager-hu", actor.Admin, actor.All), 0
		for _, name := range slices.Sorted(maps.Keys(operations)) {
			op := operations[name]
			if !writesFile(op.Type()) {
				continue
			}
			files++
			before := len(v.exported(t))
			text, err := v.call(ctx, op)
			after := v.exported(t)
			switch {
			case err != nil:
				t.Errorf("%s gives no file: %v; say in withFiles how it is asked for", name, err)
			case len(after) != before+1:
				t.Errorf("%s leaves %d entries, want one", name, len(after)-before)
			case after[0].UserID != "manager-hu" || after[0].RecordKind == "":
				t.Errorf("%s leaves the entry %+v", name, after[0])
			case len(text) == 0:
				t.Errorf("%s gives nothing", name)
			}
		}
		if files < 25 {
			t.Errorf("only %d operations give a file", files)
		}
		nobody := v.as("nobody", nil, actor.All)
		before := len(v.exported(t))
		for _, name := range []string{"Reports.Sales", "Reports.LeadsCSV", "Reports.Commissions", "Leads.Rejects"} {
			if _, err := v.call(nobody, operations[name]); err == nil {
				t.Errorf("%s gives somebody without rights a file", name)
			}
		}
		if n := len(v.exported(t)); n != before {
			t.Errorf("%d entries about files that nobody got", n-before)
		}
	})
}

// TestAFileThatCannotBeNotedIsNotGiven: without its entry nothing leaves.
func TestAFileThatCannotBeNotedIsNotGiven(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	if _, err := w.completeLead(w.boss(), "Réka"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.SQL().Exec("CREATE TRIGGER deaf BEFORE INSERT ON crm_audit WHEN NEW.action = 'export' BEGIN SELECT RAISE(ABORT, 'deaf'); END"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for name, err := range map[string]error{
		"the workbook": w.module.Reports.Leads(w.boss(), &out, reports.Query{}), "the CSV file": w.module.Reports.LeadsCSV(w.boss(), &out, reports.Query{}),
		"the PDF": w.module.Reports.Dashboard(w.boss(), &out, reports.BoardQuery{Query: kpi.Query{Period: kpi.Period{First: civil.Date{Year: 2026, Month: 7, Day: 1}, Last: civil.Date{Year: 2026, Month: 7, Day: 31}}}}),
	} {
		if err == nil || out.Len() > 0 {
			t.Errorf("%s: %d bytes left, %v", name, out.Len(), err)
		}
	}
}
