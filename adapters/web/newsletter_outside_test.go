package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestNewsletterFromOutside takes a template from a file, mends it, sends a test of it, and goes back to the blocks.
func TestNewsletterFromOutside(t *testing.T) {
	w, box := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes"})
	b := w.browser("kati")
	form := b.get("/campaigns/new").ok(http.StatusOK)
	editor := form.submit("/campaigns/new", "name", "Sablonos", "sender_address", "hirlevel@minta.test", "seeds", "proba@minta.test", "topic."+topic.ID.String(), "on").ok(http.StatusOK)
	card := strings.TrimSuffix(strings.TrimPrefix(strings.SplitN(editor.Path, "?", 2)[0], w.screens.path), "/content")
	editor.pressInEditor("outside").ok(http.StatusOK).has("Válasszon fájlt")
	editor = editor.pressInEditor("outside", "paste", `<html><head><title>Tavasz</title></head><body><p>Kedves {{first_name|Olvasónk}}!</p><script>alert(1)</script><a href="https://minta.test/akcio">Megnézem</a><img src="http://minta.test/a.png"></body></html>`).ok(http.StatusOK)
	editor.has("Kimaradt, ami levélben nem lehet: <script>", "Nincs leiratkozási link", "https://minta.test/akcio", "http://minta.test/a.png").lacks("alert(1)")
	b.post(card+"/test", "variant", "A", "language", "hu", "to", "proba@minta.test").has("A próba nem ment el")
	editor = editor.pressInEditor("footer").ok(http.StatusOK).lacks("Nincs leiratkozási link")
	b.post(card+"/test", "variant", "A", "language", "hu", "to", "idegen@masutt.test").has("Jelölje be, hova menjen a próba")
	b.post(card+"/test", "variant", "A", "language", "hu", "to", "proba@minta.test").has("A próba elment: proba@minta.test")
	sent := box.sent["proba@minta.test"]
	for _, want := range []string{"Subject: [Test] Tavasz", "https://minta.test/akcio"} {
		if !strings.Contains(sent, want) {
			t.Errorf("the test has no %q", want)
		}
	}
	for _, traced := range []string{"/n/c/", "/n/o/", "List-Unsubscribe"} {
		if strings.Contains(sent, traced) {
			t.Errorf("the test has %q", traced)
		}
	}
	preview := b.get(card + "/preview?variant=A&language=hu").ok(http.StatusOK)
	if !strings.Contains(preview.Body, "Kedves Olvasónk!") {
		t.Errorf("the preview is %s", preview.Body)
	}
	editor.pressInEditor("blocks").ok(http.StatusOK).has("Lábléc", "Új blokk")
}

// TestNewsletterWithFiles attaches a file, keeps it over another step, refuses a program with what was typed kept, and
// takes the file away.
func TestNewsletterWithFiles(t *testing.T) {
	w, box := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", map[string]string{"agnes@pelda.test": "Szűcs Ágnes"})
	b := w.browser("kati")
	editor := b.get("/campaigns/new").ok(http.StatusOK).submit("/campaigns/new", "name", "Árlistás", "sender_address", "hirlevel@minta.test", "seeds", "proba@minta.test", "topic."+topic.ID.String(), "on").ok(http.StatusOK)
	card := strings.TrimSuffix(strings.TrimPrefix(strings.SplitN(editor.Path, "?", 2)[0], w.screens.path), "/content")
	editor = editor.pressInEditor("save", "subject", "Tavaszi árlista").ok(http.StatusOK)
	editor = editor.upload(card+"/content", "attach", "Tavaszi árlista.pdf", []byte("%PDF-1.4\nárak")).ok(http.StatusOK).has("Tavaszi árlista.pdf")
	editor.upload(card+"/content", "attach", "ajánlat.exe", []byte("MZ\x90\x00")).ok(http.StatusOK).has("Ilyen fájl nem csatolható").has("Tavaszi árlista.pdf")
	editor = editor.pressInEditor("add:divider").ok(http.StatusOK).has("Tavaszi árlista.pdf")
	b.post(card+"/test", "variant", "A", "language", "hu", "to", "proba@minta.test").has("A próba elment")
	if sent := box.sent["proba@minta.test"]; !strings.Contains(sent, "filename*=UTF-8''Tavaszi%20%C3%A1rlista.pdf") {
		t.Errorf("the test has no file: %.2000s", sent)
	}
	editor.pressInEditor("unfile:0").ok(http.StatusOK).lacks("Tavaszi árlista.pdf")
}
