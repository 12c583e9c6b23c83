package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/campaign"
)

// pressRestore presses the last of the buttons by which an earlier version is put back.
func (p *shown) pressRestore() *shown {
	p.b.w.t.Helper()
	for form := range p.root.Descendants() {
		if form.Data != "form" {
			continue
		}
		step := ""
		for n := range form.Descendants() {
			if value, _ := attribute(n, "value"); n.Data == "button" && strings.HasPrefix(value, "restore:") {
				step = value
			}
		}
		if step != "" {
			to, _ := attribute(form, "action")
			values := fieldsIn(form)
			values.Set("do", step)
			return p.b.send(strings.TrimPrefix(to, p.b.w.screens.path), values)
		}
	}
	p.b.w.t.Fatalf("%s offers no earlier version: %s", p.Path, p.text())
	return nil
}

// TestLetterIsPutBack: what a letter was stands beside it, is looked at and put back, and what a colleague saved
// meanwhile is not written over unseen.
func TestLetterIsPutBack(t *testing.T) {
	w, _ := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes"})
	b := w.browser("kati")
	editor := b.get("/campaigns/new").submit("/campaigns/new", "name", "Őszi akció", "sender_address", "hirlevel@minta.test", "topic."+topic.ID.String(), "on").ok(http.StatusOK)
	card := strings.TrimSuffix(strings.TrimPrefix(strings.SplitN(editor.Path, "?", 2)[0], w.screens.path), "/content")
	editor = editor.pressInEditor("save", "subject", "Őszi árak").ok(http.StatusOK).lacks("Korábbi változatok")
	w.Clock.Advance(time.Hour)
	editor = editor.pressInEditor("save", "subject", "Téli árak", "b.0.text", "<p>Jön a tél</p>").ok(http.StatusOK).has("Korábbi változatok (2)", "Őszi árak", "mostani")
	look := ""
	for n := range editor.root.Descendants() {
		if to, _ := attribute(n, "href"); strings.Contains(to, "edition=") {
			look = strings.TrimPrefix(to, w.screens.path)
		}
	}
	if page := b.get(look).ok(http.StatusOK); strings.Contains(page.Body, "Jön a tél") || !strings.Contains(page.Body, "Tisztelt Partnerünk") || page.Header.Get("Content-Security-Policy") != previewPolicy {
		t.Errorf("the earlier version is shown as %.3000s", page.Body)
	}
	b.get(card + "/preview?variant=A&language=hu&edition=nonsense").ok(http.StatusNotFound)
	stale := editor
	w.Clock.Advance(time.Hour)
	editor = editor.pressRestore().ok(http.StatusOK).has("A korábbi változat visszaállítva", "Korábbi változatok (3)")
	if _, values := editor.form(card + "/content"); values.Get("subject") != "Őszi árak" || strings.Contains(values.Get("b.0.text"), "tél") {
		t.Errorf("it is %q: %s", values.Get("subject"), values.Get("b.0.text"))
	}
	stale.pressRestore().ok(http.StatusOK).has("Közben valaki mentette")
	editor = editor.pressInEditor("drop").ok(http.StatusOK).has("Korábbi változatok (3)").lacks("mostani")
	editor.pressRestore().ok(http.StatusOK).has("A korábbi változat visszaállítva")
}

// TestTextIsPutBack is the same for a text message.
func TestTextIsPutBack(t *testing.T) {
	w, _ := newTextsWorld(t)
	n := w.module.Newsletters
	row, err := n.Campaigns.Create(w.system(), campaign.Plan{Name: "SMS", Channel: campaign.SMS, SenderName: "Minta", SenderAddress: "+36201112233", Language: locale.Hungarian, Audience: "{}"})
	w.must(err)
	for _, text := range []string{"Jön az ősz", "Jön a tél"} {
		row, err = n.Campaigns.SetContents(w.system(), row.ID, row.Version, []campaign.Content{{Language: locale.Hungarian, Design: campaign.TextDesign{Text: text}.JSON()}})
		w.must(err)
		w.Clock.Advance(time.Hour)
	}
	page := w.browser("kati").get("/campaigns/" + row.ID.String() + "/content").ok(http.StatusOK).has("Korábbi változatok (2)")
	if _, values := page.pressRestore().ok(http.StatusOK).form("/campaigns/" + row.ID.String() + "/content"); values.Get("text") != "Jön az ősz" {
		t.Errorf("the text is %q", values.Get("text"))
	}
}
