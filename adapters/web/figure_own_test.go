package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/schedule"
)

// TestFiguresAreNarrowedByFieldsOfLeadsAndActivities: on their page, on each one's own, on the dashboard, in the workbook, in
// the records behind and by the link of a scheduled report; what knows no such field is left out and named.
func TestFiguresAreNarrowedByFieldsOfLeadsAndActivities(t *testing.T) {
	w := newScreensWorld(t)
	for _, d := range []custom.Draft{
		{Kinds: []string{"lead"}, Name: "fair", Label: "Vásár", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: "Hannover"}, {Value: "Brno"}}}},
		{Kinds: []string{"lead"}, Name: "vip", Label: "Kiemelt", Type: store.YesNoField},
		{Kinds: []string{"lead"}, Name: "size", Label: "Méret", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: "small", Texts: map[locale.Language]string{"hu": "Kicsi"}}}}},
		{Kinds: []string{"activity"}, Name: "room", Label: "Terem", Type: store.ChoiceField, Rules: store.FieldRules{Choices: []store.FieldChoice{{Value: "blue"}, {Value: "green"}}}},
	} {
		_, err := w.module.Fields.Add(w.as("kati"), d)
		w.must(err)
	}
	for name, fair := range map[string]string{"Kiss Ilona": "Hannover", "Nagy Béla": "Brno", "Tóth Edit": "Brno"} {
		got, err := w.module.Leads.Capture(w.as("anna"), lead.Draft{Name: name, Emails: []string{strings.ReplaceAll(name, " ", ".") + "@example.com"}, Origin: lead.Origin{Channel: lead.ByHand, Source: "web"}, Custom: map[string]any{"fair": fair}})
		w.must(err)
		card, err := w.module.Leads.Get(w.as("anna"), got.Lead)
		w.must(err)
		_, err = w.module.Activities.Record(w.as("anna"), activity.Deed{Party: card.Party.ID, Kind: activity.Meeting, Subject: "Stand", Custom: map[string]any{"room": map[string]string{"Hannover": "blue", "Brno": "green"}[fair]}})
		w.must(err)
	}
	reports := schedule.New(w.DB, schedule.Config{
		Locales: w.module.Parties.Locale, Sender: func(string) mail.Address { return mail.Address{Email: "erp@example.com"} },
		Link: func(_ string, id schedule.ID) string {
			return "https://erp.example.com/crm/reports/open/" + id.String()
		},
	})
	kati := w.browser("kati")
	const unfit = "Így nem szűkíthető, ezért kimaradt: "
	for _, row := range []struct {
		asked, field, count string
		code, stranger      kpi.Code
		behind, other       []string
	}{
		{"custom.fair=Brno", "Vásár (érdeklődő)", "2", kpi.Leads, kpi.Meetings, []string{"Nagy Béla", "Tóth Edit"}, []string{"Kiss Ilona"}},
		{"custom.room=blue", "Terem (tevékenység)", "1", kpi.Meetings, kpi.Leads, []string{"Kiss Ilona"}, []string{"Nagy Béla", "Tóth Edit"}},
	} {
		d, _ := kpi.Defined(row.code)
		stranger, _ := kpi.Defined(row.stranger)
		name, left := d.Name("hu"), stranger.Name("hu")
		page := kati.get("/figures?" + row.asked).ok(http.StatusOK)
		page.has(row.field, unfit)
		note, _, _ := strings.Cut(page.text()[strings.Index(page.text(), unfit):], "\n")
		if !strings.Contains(note, left) || !strings.Contains(page.Body, "/figures/"+string(row.code)+"?") || strings.Contains(page.Body, "/figures/"+string(row.stranger)+"?") {
			t.Errorf("by %s the figures are %s", row.asked, page.text())
		}
		one := kati.get("/figures/" + string(row.code) + "?" + row.asked).ok(http.StatusOK)
		if !strings.Contains(one.Body, `<b class="num">`+row.count+`</b>`) || strings.Contains(one.Body, unfit) {
			t.Errorf("%s by %s: %s", row.code, row.asked, one.text())
		}
		kati.get("/figures/"+string(row.stranger)+"?"+row.asked).ok(http.StatusOK).has(unfit+left, row.field)
		if body := kati.get("/figures/" + string(row.stranger)).ok(http.StatusOK).Body; strings.Contains(body, row.field) {
			t.Errorf("%s offers %s, which it knows nothing of", row.stranger, row.field)
		}
		list := kati.get("/figures/" + string(row.code) + "/rows?" + row.asked).ok(http.StatusOK).has(row.behind...)
		board := kati.get("/dashboard?tiles=leads,meetings&" + row.asked).ok(http.StatusOK).has(unfit + left)
		for _, other := range row.other {
			if strings.Contains(list.text(), other) {
				t.Errorf("behind %s by %s stands %s", row.code, row.asked, other)
			}
		}
		if !strings.Contains(board.Body, `<b class="num">`+row.count+`</b>`) || strings.Count(board.Body, `<section class="panel tile">`) != 1 {
			t.Errorf("the dashboard by %s: %s", row.asked, board.text())
		}
		kati.get("/dashboard.pdf?tiles=leads,meetings&" + row.asked).ok(http.StatusOK)
		book := unzipped(t, kati.get("/reports/figures.xlsx?"+row.asked).ok(http.StatusOK).Body)
		if !strings.Contains(book, name) || strings.Contains(book, ">"+left+"<") || !strings.Contains(book, row.field+": ") {
			t.Errorf("the workbook by %s has the wrong figures or does not say its filter", row.asked)
		}
		if cover := "Így nem szűkíthető, kimaradt"; !strings.Contains(book, cover) || !strings.Contains(book, left) {
			t.Errorf("the workbook by %s does not say that %s was left out", row.asked, left)
		}
		kati.get("/dashboard.pdf?tiles=" + string(row.stranger) + "&" + row.asked).ok(http.StatusOK) // nothing but the note
		sent, err := reports.Add(w.as("kati"), schedule.Draft{Report: schedule.KPIs, Name: row.asked, Question: "span=quarter&" + row.asked, Rhythm: schedule.Daily, Recipient: "boss@example.com"})
		w.must(err)
		kati.get("/reports/open/"+sent.ID.String()).ok(http.StatusOK).has(row.field, unfit+strings.TrimPrefix(note, unfit))
		book = unzipped(t, kati.get("/reports/open/"+sent.ID.String()+"?as=workbook").ok(http.StatusOK).Body)
		if !strings.Contains(book, name) || strings.Contains(book, ">"+left+"<") || !strings.Contains(book, left) {
			t.Errorf("the workbook of the report that is sent by %s has the wrong figures", row.asked)
		}
	}
	for asked, said := range map[string]string{"custom.vip=1": "Igen", "custom.vip=igen": "Igen", "custom.vip=0": "Nem", "custom.size=Kicsi": "Kicsi"} {
		book := unzipped(t, kati.get("/reports/figures.xlsx?"+asked).ok(http.StatusOK).Body)
		if !strings.Contains(book, ": "+said) {
			t.Errorf("the workbook by %s does not say %q", asked, said)
		}
	}
	if book := unzipped(t, kati.get("/reports/figures.xlsx?custom.vip=maybe").ok(http.StatusOK).Body); strings.Contains(book, "Kiemelt") {
		t.Error("a workbook names a filter that narrows nothing")
	}
	if body := kati.get("/forecast").ok(http.StatusOK).Body; strings.Contains(body, "custom.") {
		t.Error("a forecast, which is of opportunities, offers fields of others")
	}
	if body := kati.get("/figures").ok(http.StatusOK).Body; strings.Contains(body, unfit) {
		t.Error("without a filter figures are left out")
	}
}
