package campaign_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/testutil"
)

// TestEditionsOfAContent: each person's work of a few minutes is one edition, what was taken out can be put back, and
// putting back loses nothing.
func TestEditionsOfAContent(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		bela := env.As("nagy.bela", actor.Rights{campaign.Read, campaign.Write}, actor.All)
		row, err := w.campaigns.Create(w.vera, plan())
		w.ok(err)
		says := func(subjects ...string) (list []campaign.Content) {
			for i, subject := range subjects {
				list = append(list, campaign.Content{Variant: string(rune('A' + i)), Language: locale.Hungarian, Subject: subject, Design: `{"of":"` + subject + `"}`})
			}
			return list
		}
		save := func(ctx context.Context, subjects ...string) {
			t.Helper()
			row, err = w.campaigns.SetContents(ctx, row.ID, row.Version, says(subjects...))
			w.ok(err)
		}
		editions := func(want ...string) []campaign.Edition {
			t.Helper()
			list, err := w.campaigns.Editions(w.vera, row.ID)
			w.ok(err)
			var got []string
			for _, e := range list {
				if e.Design != "" {
					t.Errorf("the list carries the design of %s", e.Subject)
				}
				got = append(got, e.Variant+" "+e.Subject+" "+e.SavedBy)
			}
			if strings.Join(got, "; ") != strings.Join(want, "; ") {
				t.Fatalf("the editions are %q, want %q", got, want)
			}
			return list
		}
		save(w.vera, "egy")
		env.Clock.Advance(2 * time.Minute)
		save(w.vera, "kettő") // the same sitting
		save(w.vera, "kettő") // nothing new
		env.Clock.Advance(time.Minute)
		save(bela, "kettő", "más") // only B is his
		env.Clock.Advance(time.Minute)
		save(bela, "három", "más")
		editions("A három nagy.bela", "B más nagy.bela", "A kettő szabo.vera")
		env.Clock.Advance(time.Hour)
		save(bela, "három") // B is taken out
		list := editions("A három nagy.bela", "B más nagy.bela", "A kettő szabo.vera")
		row, err = w.campaigns.Restore(w.vera, row.ID, row.Version, list[1].ID)
		w.ok(err)
		env.Clock.Advance(time.Minute)
		row, err = w.campaigns.Restore(w.vera, row.ID, row.Version, list[2].ID)
		w.ok(err)
		env.Clock.Advance(time.Second)
		save(w.vera, "négy", "más") // goes into the edition that the restoring began
		contents, err := w.campaigns.Contents(w.vera, row.ID)
		w.ok(err)
		if len(contents) != 2 || contents[0].Subject != "négy" || contents[1].Design != `{"of":"más"}` {
			t.Errorf("the contents are %+v", contents)
		}
		list = editions("A négy szabo.vera", "B más szabo.vera", "A három nagy.bela", "B más nagy.bela", "A kettő szabo.vera")
		one, err := w.campaigns.Edition(w.vera, row.ID, list[2].ID)
		if err != nil || one.Design != `{"of":"három"}` {
			t.Errorf("the edition is %+v, %v", one, err)
		}

		other, err := w.campaigns.Create(w.vera, plan())
		w.ok(err)
		if _, err := w.campaigns.Restore(w.vera, other.ID, other.Version, list[0].ID); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("another campaign takes it: %v", err)
		}
		if _, err := w.campaigns.Restore(w.vera, row.ID, row.Version-1, list[0].ID); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("put over what was not read: %v", err)
		}
		if _, err := w.campaigns.Restore(env.As("kiss.eva", actor.Rights{campaign.Read}, actor.All), row.ID, row.Version, list[0].ID); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("who may not write puts it back: %v", err)
		}
	})
}

// TestEditionsAreBounded: the oldest give way, and what was written before there were editions is kept when it changes.
func TestEditionsAreBounded(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	row, err := w.campaigns.Create(w.vera, plan())
	w.ok(err)
	save := func(subject string) {
		row, err = w.campaigns.SetContents(w.vera, row.ID, row.Version, []campaign.Content{{Language: locale.Hungarian, Subject: subject, Design: "{}"}})
		w.ok(err)
	}
	save("before")
	_, err = w.DB.SQL().Exec("DELETE FROM crm_campaign_edition")
	w.ok(err)
	for i := range campaign.MostEditions - 1 {
		w.Clock.Advance(time.Hour)
		save(fmt.Sprint("after ", i))
	}
	list, err := w.campaigns.Editions(w.vera, row.ID)
	w.ok(err)
	if last := list[len(list)-1]; len(list) != campaign.MostEditions || last.Subject != "before" || last.SavedBy != "szabo.vera" || last.SavedAt.Equal(list[0].SavedAt) {
		t.Errorf("%d editions, the first is %+v", len(list), last)
	}
	for i := range 3 {
		w.Clock.Advance(time.Hour)
		save(fmt.Sprint("more ", i))
	}
	list, err = w.campaigns.Editions(w.vera, row.ID)
	w.ok(err)
	if last := list[len(list)-1].Subject; len(list) != campaign.MostEditions || last != "after 2" || list[0].Subject != "more 2" {
		t.Errorf("%d editions from %s to %s", len(list), last, list[0].Subject)
	}
}
