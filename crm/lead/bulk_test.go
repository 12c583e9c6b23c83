package lead_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
)

func codes(skipped []lead.Skipped) []fault.Code {
	var out []fault.Code
	for _, s := range skipped {
		out = append(out, s.Code)
	}
	slices.Sort(out)
	return out
}

// What the preview promises is done; what somebody else changed meanwhile is left alone.
func TestBulkDoesWhatThePreviewSaid(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		boss := w.As("boss", actor.Manager, actor.All)
		ids := make([]lead.ID, 6)
		for i := range ids {
			ids[i] = w.capture(t, boss, lead.Draft{Name: fmt.Sprintf("Teszt Elek %d", i), Emails: []string{fmt.Sprintf("b%d@example.hu", i)}, Owner: party.Owner{User: "anna"}}).Lead
		}
		move := func(id lead.ID, m lead.Move) {
			t.Helper()
			if _, err := w.leads.SetStatus(boss, id, 0, m); err != nil {
				t.Fatal(err)
			}
		}
		move(ids[0], lead.Move{To: lead.StatusWorking})
		move(ids[1], lead.Move{To: lead.StatusDisqualified, Reason: "x"})
		chosen := []lead.Chosen{{ID: lead.ID{9}}, {ID: ids[5], Version: 77}}
		for _, id := range ids[:5] {
			chosen = append(chosen, lead.Chosen{ID: id}, lead.Chosen{ID: id})
		}
		b := lead.Bulk{Leads: chosen, Move: &lead.Move{To: lead.StatusQualified}}
		preview, err := w.leads.BulkPreview(boss, b)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "would be changed", len(preview.Done), 4)
		sameList(t, "would be skipped", codes(preview.Skipped), []fault.Code{fault.Conflict, fault.Invalid, fault.NotFound})
		same(t, "nothing is changed by looking", w.get(t, ids[2]).Lead.Status, lead.StatusNew)

		move(ids[3], lead.Move{To: lead.StatusNurturing}) // somebody is faster
		b.Leads = preview.Done
		done, err := w.leads.Bulk(boss, b)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "changed", len(done.Done), 3)
		sameList(t, "skipped", codes(done.Skipped), []fault.Code{fault.Conflict})
		for i, want := range []lead.Status{lead.StatusQualified, lead.StatusDisqualified, lead.StatusQualified, lead.StatusNurturing, lead.StatusQualified, lead.StatusNew} {
			same(t, fmt.Sprint("status of ", i), w.get(t, ids[i]).Lead.Status, want)
		}
		again, err := w.leads.Bulk(boss, lead.Bulk{Leads: done.Done, Move: b.Move})
		if err != nil {
			t.Fatal(err)
		}
		sameList(t, "a second time", codes(again.Skipped), []fault.Code{lead.Unchanged, lead.Unchanged, lead.Unchanged})
	})
}

func TestBulkByFilterAndRights(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		boss := w.As("boss", actor.Manager, actor.All)
		for i := range 7 {
			w.capture(t, boss, lead.Draft{Emails: []string{fmt.Sprintf("f%d@example.hu", i)}, Owner: party.Owner{User: []string{"anna", "boris"}[i%2]}, Origin: lead.Origin{Source: "vásár"}})
		}
		to := party.Owner{User: "dana", Team: "north"}
		b := lead.Bulk{Filter: &lead.Filter{Source: "vásár"}, Assign: &to}
		anna := w.seller("anna") // sees and gives away her own
		got, err := w.leads.Bulk(anna, b)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "her own", len(got.Done), 4)
		colleague := w.As("anna", actor.Seller, actor.All)
		if got, err = w.leads.Bulk(colleague, b); err != nil {
			t.Fatal(err)
		}
		same(t, "of others'", len(got.Done), 0)
		same(t, "forbidden", slices.Contains(codes(got.Skipped), fault.Forbidden), true)
		if got, err = w.leads.Bulk(boss, b); err != nil {
			t.Fatal(err)
		}
		same(t, "the rest", len(got.Done), 3)
		if _, err := w.leads.Bulk(w.As("reader", actor.Reader, actor.All), b); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a reader changes leads: %v", err)
		}
		_, err = w.leads.Bulk(boss, lead.Bulk{Move: &lead.Move{To: lead.StatusDisqualified}, Assign: &to})
		var paths []string
		for _, f := range fault.Of(err) {
			paths = append(paths, f.Path)
		}
		sameList(t, "faults", paths, []string{"leads", "assign", "move.reason"})
	})
}

func TestThoseWhoWait(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		boss := w.As("boss", actor.Manager, actor.All)
		var ids []lead.ID
		for i := range 4 {
			ids = append(ids, w.capture(t, boss, lead.Draft{Emails: []string{fmt.Sprintf("w%d@example.hu", i)}}).Lead)
			w.Clock.Advance(10 * time.Minute)
		}
		if _, err := w.leads.Responded(boss, ids[1]); err != nil {
			t.Fatal(err)
		}
		if _, err := w.leads.SetStatus(boss, ids[2], 0, lead.Move{To: lead.StatusWorking}); err != nil {
			t.Fatal(err)
		}
		rows := w.list(t, lead.Filter{Waiting: true}, lead.ByWaiting)
		var got []lead.ID
		for _, r := range rows {
			got = append(got, r.ID)
		}
		sameList(t, "waiting", got, []lead.ID{ids[0], ids[3]})
		same(t, "how long", rows[0].Waited(w.Clock.Now()), 40*time.Minute)
		same(t, "how long it took", w.get(t, ids[1]).Lead.Waited(w.Clock.Now().Add(time.Hour)), 30*time.Minute)
	})
}
