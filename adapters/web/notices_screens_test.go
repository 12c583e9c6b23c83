package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/notice"
	"github.com/crmplus/crmplus/crm/party"
)

// settle has the background do all that waits.
func (w *screensWorld) settle() {
	w.t.Helper()
	for {
		done, err := w.module.RunOnce(context.Background())
		w.must(err)
		if done == 0 {
			return
		}
	}
}

func TestManyNoticesOfOneKindAreFolded(t *testing.T) {
	w := newScreensWorld(t)
	hand := func(from, to int) {
		for i := from; i < to; i++ {
			w.Clock.Advance(time.Second) // notices stand in the order of time
			id := w.lead("gabor", fmt.Sprintf("Érdeklődő %03d", i), "", fmt.Sprintf("e%d@example.hu", i))
			got, err := w.module.Leads.Get(w.as("gabor"), id)
			w.must(err)
			_, err = w.module.Leads.Assign(w.as("gabor"), id, got.Lead.Version, party.Owner{User: "kovacs", Team: "budapest"})
			w.must(err)
		}
		w.settle()
	}
	anna := w.browser("anna")
	hand(0, 4)
	if page := anna.get("/notices").ok(http.StatusOK).has("Érdeklődő 000", "Érdeklődő 003"); strings.Contains(page.Body, "<details><summary>További") {
		t.Error("four are folded")
	}
	hand(4, 5)
	anna.get("/notices").ok(http.StatusOK).has("További 3 ilyen értesítés", "Érdeklődő 000", "Érdeklődő 004")
	hand(5, 210) // more than a list has at once
	list, err := w.module.Notices.List(w.as("anna"), notice.Filter{})
	w.must(err)
	for list.Next != "" {
		f := notice.Filter{}
		f.Page.After = list.Next
		list, err = w.module.Notices.List(w.as("anna"), f)
		w.must(err)
	}
	oldest := list.Notices[len(list.Notices)-1]
	anna.get("/notices/" + oldest.ID.String()).ok(http.StatusOK).has("Érdeklődő 000")
	read, err := w.module.Notices.Get(w.as("anna"), oldest.ID)
	w.must(err)
	if read.ReadAt.IsZero() || lead.ID(read.RecordID) != lead.ID(oldest.RecordID) {
		t.Errorf("the opened notice is %+v", read)
	}
	w.browser("gabor").get("/notices/" + oldest.ID.String()).ok(http.StatusOK).has("Nincs értesítés") // another's
}
