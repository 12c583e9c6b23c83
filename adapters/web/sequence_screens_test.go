package web

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/sequence"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

// TestLeadsComeIntoSequence marks leads on the list, puts them into a sequence, and finds it on the card of one.
func TestLeadsComeIntoSequence(t *testing.T) {
	w, _ := newLettersWorld(t)
	topic := w.topic("hirek", "Havi hírek", nil)
	ada, bela := w.lead("kati", "Szűcs Ágnes", "Minta Bt.", "agnes@pelda.test"), w.lead("kati", "Kiss Béla", "Minta Bt.", "bela@pelda.test")
	_, err := w.module.Newsletters.Subscriptions.Enter(w.system(), subscription.Entry{Party: w.partyOf(ada), Topics: []subscription.TopicID{topic.ID},
		Ground: subscription.Ground{Basis: subscription.Consent, Source: "BNV 2026", Statement: "Kérem a hírlevelet.", Language: locale.Hungarian}})
	w.must(err)
	row, err := w.module.Newsletters.Sequences.Create(w.system(), sequence.Drafting{Name: "Vásár után", Topic: topic.ID, Plan: sequence.Plan{Steps: []sequence.Step{{Key: "1", Kind: sequence.Task, Subject: "Felhívni", Days: 1}}}})
	w.must(err)
	row, err = w.module.Newsletters.Sequences.Start(w.system(), row.ID, row.Version, sequence.Finish)
	w.must(err)

	b := w.browser("kati")
	b.get(w.leadPath(ada)).ok(http.StatusOK).has("Egy sorozatban sincs")
	list := b.get("/leads").ok(http.StatusOK).has("Sorozatba")
	_, marked := list.form("/leads/bulk")
	marked["id"] = []string{ada.String() + ".1", bela.String() + ".1"}
	dialog := b.send("/sequences/enter", marked).ok(http.StatusOK).has("2 érdeklődő kerül bele", "Vásár után")
	dialog.submit("/sequences/enter", "sequence", row.ID.String()).ok(http.StatusOK).has("Bekerült: 1.", "Hozzájárulás nélkül: 1.")
	card := b.get(w.leadPath(ada)).ok(http.StatusOK).has("Vásár után", "1. lépés: Teendő", "Úton").lacks("Egy sorozatban sincs")
	card.follow("/sequences/" + row.ID.String() + "/readers/" + w.partyOf(ada).String()).ok(http.StatusOK).has("Kivétel a sorozatból")

	everything := url.Values{"csrf": marked["csrf"], "everything": {"all=1&status=new"}, "next": marked["next"]}
	b.send("/sequences/enter", everything).ok(http.StatusOK).has("2 érdeklődő kerül bele").
		submit("/sequences/enter", "sequence", row.ID.String()).ok(http.StatusOK).has("Már benne volt: 1.", "Hozzájárulás nélkül: 1.")

	b.get("/sequences/" + row.ID.String()).submit("/sequences/" + row.ID.String() + "/do/pause").ok(http.StatusOK)
	b.send("/sequences/"+row.ID.String()+"/do/pause", url.Values{"csrf": marked["csrf"]}).ok(http.StatusOK).has("közben más lett az állapota")
}
