package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// day is a date some days from now, as a browser's date field sends it.
func (w *screensWorld) day(n int) string { return civil.In(w.DB.Now(), time.UTC).AddDays(n).String() }

func (w *screensWorld) leadPath(id lead.ID) string { return "/leads/" + id.String() }

func TestComposerWithoutScript(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Horváth József", "Napfény Építő Kft.", "jozsef@napfeny.test")
	b := w.browser("anna")

	card := b.get(w.leadPath(id)).ok(http.StatusOK).has("Horváth József", "Napfény Építő Kft.", "12 íróasztal", "Itt még nem történt semmi")
	card = card.submit("/activities", "kind", "note", "subject", "Első benyomás", "body", "Sürgős neki.").ok(http.StatusOK)
	card.has("Feljegyezve", "Első benyomás", "Sürgős neki.")
	if row, err := w.module.Leads.Row(w.as("anna"), id); err != nil || row.Status != lead.StatusWorking {
		t.Errorf("after the first note the lead is %s (%v), want working", row.Status, err)
	}

	// A call that happened, with what follows.
	card = card.submit("/activities", "kind", "call", "direction", "in", "subject", "Visszahívott", "outcome", "Ajánlatot kér", "minutes", "12",
		"follow_kind", "task", "follow_when", w.day(3), "follow_subject", "Ajánlat megírása").ok(http.StatusOK)
	card.has("Visszahívott", "Ajánlatot kér", "12 perc", "Következő lépések", "Ajánlat megírása")

	// A meeting in the future is planned.
	card = card.submit("/activities", "kind", "meeting", "subject", "Bemutató", "when", w.day(2), "when_time", "10:30", "remind", "60").ok(http.StatusOK)
	card.has("Betervezve", "Bemutató")
	planned, err := w.module.Activities.Tasks(w.as("anna"), "", activity.AllOpen, store.Page{})
	w.must(err)
	if len(planned.Items) != 2 {
		t.Fatalf("%d activities are planned, want the meeting and the task", len(planned.Items))
	}

	for _, tab := range []struct {
		name        string
		has, hasNot string
	}{{"calls", "Visszahívott", "Első benyomás"}, {"notes", "Első benyomás", "Visszahívott"}, {"meetings", "Bemutató", "Ajánlat megírása"}, {"nonsense", "Első benyomás", "\x00"}} {
		b.get(w.leadPath(id) + "?tab=" + tab.name).ok(http.StatusOK).has(tab.has).lacks(tab.hasNot)
	}
}

func TestComposerKeepsWhatWasTyped(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Kiss Éva", "", "eva@example.test")
	b := w.browser("anna")
	for _, row := range []struct {
		name  string
		typed []string
		has   []string
	}{
		{"a task without a day", []string{"kind", "task", "subject", "Visszahívni"}, []string{"Hiányzik"}},
		{"a note in the future", []string{"kind", "note", "subject", "Jóslat", "when", w.day(5)}, []string{"Jövőbeli"}},
		{"minutes that are no number", []string{"kind", "call", "subject", "Hívás volt", "minutes", "sok"}, []string{"Nem szám"}},
		{"too long", []string{"kind", "note", "subject", strings.Repeat("á", 241)}, []string{"Túl hosszú"}},
		{"nothing", []string{"kind", "note"}, []string{"Hiányzik"}},
		{"a kind that is logged", []string{"kind", "stage", "subject", "Csalás"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			again := b.get(w.leadPath(id)).submit("/activities", row.typed...).ok(http.StatusUnprocessableEntity).has(row.has...)
			_, values := again.form("/activities")
			for i := 2; i+1 < len(row.typed); i += 2 {
				if got := values.Get(row.typed[i]); got != row.typed[i+1] {
					t.Errorf("%s holds %q after the refusal, want %q", row.typed[i], got, row.typed[i+1])
				}
			}
		})
	}
	all, err := w.module.Activities.Timeline(w.as("anna"), w.partyOf(id), nil, store.Page{})
	w.must(err)
	if len(all.Items) != 0 {
		t.Errorf("%d entries were written by refused forms", len(all.Items))
	}
}

func (w *screensWorld) partyOf(id lead.ID) party.ID {
	w.t.Helper()
	row, err := w.module.Leads.Row(w.as("kati"), id)
	w.must(err)
	return row.PartyID
}

func (w *screensWorld) plan(clerk string, id lead.ID, subject string, due time.Duration) activity.ID {
	w.t.Helper()
	a, err := w.module.Activities.Plan(w.as(clerk), activity.Plan{Party: w.partyOf(id), Kind: activity.Call, Subject: subject, Due: w.DB.Now().Add(due)})
	w.must(err)
	return a.ID
}

func TestWhatIsDoneWithActivities(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Kovács Béla", "Kék Kft.", "bela@kek.test")
	b := w.browser("anna")
	late := w.plan("anna", id, "Visszahívás", -48*time.Hour)
	path := "/activities/" + late.String()
	b.get(w.leadPath(id)).ok(http.StatusOK).has("Visszahívás", "lejárt")

	b.get(path+"/snooze").ok(http.StatusOK).submit(path+"/snooze", "until", w.day(1), "next", w.screens.path+w.leadPath(id)).ok(http.StatusOK).has("Később emlékeztetjük")
	b.get(path+"/snooze").submit(path+"/snooze", "until", w.day(-9)).ok(http.StatusUnprocessableEntity).has("későbbi")
	b.get(path+"/edit").submit(path+"/edit", "subject", "Visszahívás délután", "next", w.screens.path+w.leadPath(id)).ok(http.StatusOK).has("Mentve", "Visszahívás délután")

	done := b.get(path+"/complete").submit(path+"/complete", "outcome", "Nem érte el", "next", w.screens.path+w.leadPath(id)).ok(http.StatusOK).has("Kész", "Nem érte el", "Visszavonás")
	done.submit(path+"/reopen").ok(http.StatusOK).has("Újra nyitva", "Következő lépések")
	b.get(path + "/cancel").submit(path + "/cancel").ok(http.StatusUnprocessableEntity).has("Hiányzik")
	b.get(path+"/cancel").submit(path+"/cancel", "reason", "Már nem kell").ok(http.StatusOK).has("Lemondva")
	b.post(path + "/accept").ok(http.StatusUnprocessableEntity)
	b.get(path + "/explode").ok(http.StatusNotFound)

	given := w.plan("gabor", id, "Szerződés átnézése", 24*time.Hour)
	path = "/activities/" + given.String()
	w.browser("gabor").get(path+"/delegate").submit(path+"/delegate", "to", "kovacs").ok(http.StatusOK).has("elfogadásra vár")
	b.get("/calendar?window=accept").ok(http.StatusOK).has("Szerződés átnézése", "Elfogadás", "Tóth Gábor")
	b.get(path+"/decline").submit(path+"/decline", "reason", "Szabadságon vagyok").ok(http.StatusOK).has("Visszaadva")
	w.browser("gabor").get("/activities/" + given.String()).ok(http.StatusOK).has("Szabadságon vagyok")
	w.browser("gabor").get(path+"/delegate").submit(path+"/delegate", "to", "kovacs")
	b.get("/calendar?window=accept").submit(path + "/accept").ok(http.StatusOK).has("Elfogadva")
}

func TestEditedByTwo(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Szabó Dóra", "", "dora@example.test")
	act := w.plan("anna", id, "Bemutató", 24*time.Hour)
	path := "/activities/" + act.String() + "/edit"
	mine := w.browser("anna").get(path)
	w.browser("gabor").get(path).submit(path, "subject", "Bemutató Pécsen").ok(http.StatusOK)
	asked := mine.submit(path, "subject", "Bemutató Győrben").ok(http.StatusConflict).has("Tóth Gábor", "Bemutató Győrben", "Bemutató Pécsen")
	asked.submit(path).ok(http.StatusOK)
	if item, err := w.module.Activities.Get(w.as("anna"), act); err != nil || item.Subject != "Bemutató Győrben" {
		t.Errorf("the subject is %q (%v), want mine", item.Subject, err)
	}
}

var onePixel = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82")

func TestFiles(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Nagy Piroska", "", "piroska@example.test")
	b := w.browser("anna")
	b.get("/files").ok(http.StatusOK).has("Még nincs fájl")
	card := b.get(w.leadPath(id))
	for _, row := range []struct {
		name    string
		content []byte
		status  int
	}{
		{"alaprajz.png", onePixel, http.StatusOK}, {"../../etc/levél.txt", []byte("Tisztelt Cím"), http.StatusOK},
		{"csel.html", []byte("<script>alert(1)</script>"), http.StatusOK},
		{"program.exe", append([]byte("MZ"), make([]byte, 200)...), http.StatusUnprocessableEntity}, {"üres.txt", nil, http.StatusUnprocessableEntity},
	} {
		if got := card.upload("/activities", "file", row.name, row.content); got.Status != row.status {
			t.Errorf("%s answered %d, want %d: %s", row.name, got.Status, row.status, got.text())
		}
	}
	list := b.get("/files").ok(http.StatusOK).has("alaprajz.png", "levél.txt", "Nagy Piroska", "Kovács Anna").lacks("program.exe", "etc")
	b.get("/files?find=alap").ok(http.StatusOK).has("alaprajz.png").lacks("levél.txt")
	b.get("/files?sort=name").ok(http.StatusOK).has("alaprajz.png")

	list.follow("/files/").ok(http.StatusOK)
	files, err := w.module.Activities.Files(w.as("anna"), activity.FileFilter{})
	w.must(err)
	for _, f := range files.Files {
		got := b.get("/files/" + f.ID.String()).ok(http.StatusOK)
		inline := strings.HasPrefix(got.Header.Get("Content-Disposition"), "inline")
		if want := f.Name != "csel.html"; inline != want {
			t.Errorf("%s is sent inline: %v, want %v", f.Name, inline, want)
		}
		if !inline && !strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s is sent without a sandbox", f.Name)
		}
		if got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("the type of %s may be guessed", f.Name)
		}
		b.get("/files/" + f.ID.String() + "/show").ok(http.StatusOK).has(f.Name)
		if save := b.get("/files/" + f.ID.String() + "?save=1"); !strings.HasPrefix(save.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s is not saved when asked for", f.Name)
		}
	}
	w.browser("peter").get("/files/" + files.Files[0].ID.String()).ok(http.StatusNotFound) // not his lead
	b.post("/attachments/" + files.Files[0].ID.String() + "/remove").ok(http.StatusOK).has("A fájl lekerült")
}

func TestTimelinePages(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Varga Ödön", "", "odon@example.test")
	for n := range timelineSize + 5 {
		_, err := w.module.Activities.Record(w.as("anna"), activity.Deed{Party: w.partyOf(id), Kind: activity.Note, Subject: "Jegyzet " + string(rune('A'+n)), At: w.DB.Now().Add(-time.Duration(n+1) * time.Hour)})
		w.must(err)
	}
	b := w.browser("anna")
	first := b.get(w.leadPath(id)).ok(http.StatusOK).has("Jegyzet A", "Korábbiak mutatása").lacks("Jegyzet " + string(rune('A'+timelineSize)))
	first.follow(w.leadPath(id)+"?after=").ok(http.StatusOK).has("Jegyzet "+string(rune('A'+timelineSize)), "Vissza a legfrissebbekhez").lacks("Jegyzet A")

	b.Header = http.Header{"Hx-Request": {"true"}}
	q := url.Values{"party": {w.partyOf(id).String()}, "card": {w.screens.path + w.leadPath(id)}}
	if part := b.get("/timeline?" + q.Encode()).ok(http.StatusOK); strings.Contains(part.Body, "<html") {
		t.Error("a part came with the whole page")
	}
	q.Set("card", "https://evil.example/steal")
	if part := b.get("/timeline?" + q.Encode()).ok(http.StatusOK); strings.Contains(part.Body, "evil.example") {
		t.Error("a foreign address came back")
	}
}

func TestCalendar(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Kovács Béla", "", "bela@example.test")
	w.plan("anna", id, "Tárgyalás", time.Hour)
	b := w.browser("anna")
	today := w.day(0)
	for _, path := range []string{"/calendar", "/calendar?view=day&date=" + today, "/calendar?view=month&date=" + today, "/calendar?view=list", "/calendar?window=all", "/calendar?view=week&who=team&date=" + today, "/calendar?who=all"} {
		b.get(path).ok(http.StatusOK).has("Tárgyalás")
	}
	for _, path := range []string{"/calendar?date=tegnap", "/calendar?date=0001-01-01", "/calendar?date=99999-01-01", "/calendar?view=year", "/calendar?window=never", "/calendar?view=month&date=2024-02-29", "/calendar?who=nobody-at-all"} {
		b.get(path).ok(http.StatusOK)
	}
	for _, l := range languages() {
		for _, view := range calendarViews {
			w.browser("anna", l).get("/calendar?view=" + view).ok(http.StatusOK)
		}
	}
	made := b.get("/activities/new?kind=meeting&when="+w.day(1)+"&when_time=09:00").ok(http.StatusOK).has("Kivel", "Kovács Béla")
	made = made.submit("/activities", "subject", "Új tárgyalás").ok(http.StatusUnprocessableEntity).has("Hiányzik")
	made.submit("/activities", "subject", "Új tárgyalás", "party", w.partyOf(id).String()).ok(http.StatusOK).has("Betervezve")
}

func TestWhoMayDoWhatWithActivities(t *testing.T) {
	w := newScreensWorld(t)
	id := w.lead("anna", "Titkos Ügyfél", "", "titkos@example.test")
	act := w.plan("anna", id, "Titkos hívás", time.Hour)
	path := "/activities/" + act.String()
	nothing := "01a2024a-c005-737a-bc30-028ef6bde24c"

	w.browser("olga").get(w.leadPath(id)).ok(http.StatusOK).has("Titkos hívás").lacks("Записать")
	w.browser("olga").post(path+"/complete", "outcome", "x").ok(http.StatusForbidden)
	w.browser("nobody").get("/calendar").ok(http.StatusForbidden)
	w.browser("nobody").get("/files").ok(http.StatusForbidden)
	w.browser("peter").get(path).ok(http.StatusNotFound)
	w.browser("peter").get(w.leadPath(id)).ok(http.StatusNotFound)
	w.browser("peter").post("/activities", "kind", "note", "subject", "Belelátok", "party", w.partyOf(id).String()).ok(http.StatusNotFound)
	for _, address := range []string{"/activities/" + nothing, "/activities/nonsense", "/leads/" + nothing, "/files/" + nothing, "/files/x", "/parties/" + nothing, "/contacts/" + nothing, "/conversions/" + nothing, "/timeline?party=x", "/leads/" + nothing + "/group/contact"} {
		w.browser("kati").get(address).ok(http.StatusNotFound)
	}
	if got := w.browser("anna").send(path+"/complete", url.Values{"outcome": {"x"}, "csrf": {"guessed"}}); got.Status != http.StatusForbidden {
		t.Errorf("a form without the session's token answered %d", got.Status)
	}
}
