package activity_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

func inOrder(items []activity.Item) []string {
	out := []string{}
	for _, i := range items {
		out = append(out, i.Subject)
	}
	return out
}

func TestCalendar(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		ann, bor := w.person("Kiss Éva", "anna"), w.person("Иван Петров", "boris")
		day := w.now().Truncate(24 * time.Hour)
		at := func(days, hours int) time.Time {
			return day.Add(time.Duration(24*days+hours) * time.Hour)
		}
		w.plan(w.anna, activity.Plan{Party: ann, Kind: activity.Meeting, Subject: "holnap", Due: at(1, 9)})
		w.plan(w.anna, activity.Plan{Party: ann, Kind: activity.Call, Subject: "jövő hét", Due: at(6, 9)})
		w.plan(w.boris, activity.Plan{Party: bor, Kind: activity.Call, Subject: "завтра", Due: at(1, 8)})
		w.record(w.anna, activity.Deed{Party: ann, Kind: activity.Call, Direction: activity.Out, Subject: "tegnap", At: at(-1, 10), Files: []activity.File{{Name: "terv.txt", Content: []byte("terv")}}})
		w.plan(w.anna, activity.Plan{Party: ann, Subject: "túl késő", Due: at(8, 0)})
		week := func(f activity.CalendarFilter) activity.CalendarFilter {
			f.From, f.Until = at(-1, 0), at(8, 0)
			return f
		}
		for _, row := range []struct {
			name   string
			ctx    context.Context
			filter activity.CalendarFilter
			want   []string
		}{
			{"mine", w.anna, week(activity.CalendarFilter{}), []string{"tegnap", "holnap", "jövő hét"}},
			{"mine to do", w.anna, week(activity.CalendarFilter{Show: activity.ShowPlanned}), []string{"holnap", "jövő hét"}},
			{"mine done", w.anna, week(activity.CalendarFilter{Show: activity.ShowDone}), []string{"tegnap"}},
			{"calls", w.anna, week(activity.CalendarFilter{Kinds: []activity.Kind{activity.Call}}), []string{"tegnap", "jövő hét"}},
			{"everyone I see", w.anna, week(activity.CalendarFilter{Owner: activity.Everyone}), []string{"tegnap", "holnap", "jövő hét"}},
			{"everyone", w.clara, week(activity.CalendarFilter{Owner: activity.Everyone}), []string{"tegnap", "завтра", "holnap", "jövő hét"}},
			{"everyone's done", w.clara, week(activity.CalendarFilter{Owner: activity.Everyone, Show: activity.ShowDone}), []string{"tegnap"}},
			{"another's", w.clara, week(activity.CalendarFilter{Owner: "boris"}), []string{"завтра"}},
			{"another's that I do not see", w.anna, week(activity.CalendarFilter{Owner: "boris"}), []string{}},
			{"a team's", w.clara, week(activity.CalendarFilter{Team: "north"}), []string{"tegnap", "holnap", "jövő hét"}},
			{"one day", w.clara, activity.CalendarFilter{From: at(1, 0), Until: at(2, 0), Owner: activity.Everyone}, []string{"завтра", "holnap"}},
		} {
			got, err := w.acts.Calendar(row.ctx, row.filter)
			if err != nil || got.More || !slices.Equal(inOrder(got.Items), row.want) {
				t.Errorf("%s: %v, %v; want %v", row.name, inOrder(got.Items), err, row.want)
			}
			if len(got.Items) > 0 && got.Items[0].Subject == "tegnap" && (len(got.Items[0].Files) != 1 || got.Items[0].PartyName != "Kiss Éva") {
				t.Errorf("%s: %+v", row.name, got.Items[0])
			}
		}
		_, err := w.acts.Calendar(w.anna, activity.CalendarFilter{From: day, Until: day.AddDate(0, 3, 0), Show: "x", Kinds: []activity.Kind{"x"}})
		var paths []string
		for _, f := range fault.Of(err) {
			paths = append(paths, f.Path)
		}
		if want := []string{"until", "show", "kinds[0]"}; !slices.Equal(paths, want) {
			t.Errorf("got %v, want faults at %v", err, want)
		}
	})
}

func TestFilesOfAllRecords(t *testing.T) {
	inWorlds(t, func(t *testing.T, w *world) {
		firm := w.add(party.Draft{Kind: party.Company, FullName: "Minta Kft.", Owner: party.Owner{User: "anna"}})
		eva := w.person("Kiss Éva", "anna")
		if err := w.parties.Employ(w.System(), eva, firm); err != nil {
			t.Fatal(err)
		}
		bor := w.person("Иван Петров", "boris")
		attach := func(ctx context.Context, id party.ID, names ...string) {
			var files []activity.File
			for _, n := range names {
				files = append(files, activity.File{Name: n, Content: []byte(n)})
			}
			w.record(ctx, activity.Deed{Party: id, Subject: "Iratok", Files: files})
		}
		attach(w.anna, firm, "Szerződés.txt", "árlista.txt")
		attach(w.anna, eva, "SZERZŐDÉS 2.txt")
		attach(w.boris, bor, "договор.txt", "חוזה.txt")
		names := func(ctx context.Context, f activity.FileFilter) []string {
			t.Helper()
			out := []string{}
			for {
				got, err := w.acts.Files(ctx, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range got.Files {
					if row.Subject != "Iratok" || row.PartyName == "" || row.AddedBy == "" || row.At.IsZero() {
						t.Errorf("a row lacks something: %+v", row)
					}
					out = append(out, row.Name)
				}
				if f.Page.After = got.Next; f.Page.After == "" {
					return out
				}
			}
		}
		for _, row := range []struct {
			name   string
			ctx    context.Context
			filter activity.FileFilter
			want   []string
		}{
			{"newest first, in pages", w.clara, activity.FileFilter{Page: store.Page{Limit: 2}}, []string{"חוזה.txt", "договор.txt", "SZERZŐDÉS 2.txt", "árlista.txt", "Szerződés.txt"}},
			{"by name, in pages", w.clara, activity.FileFilter{Sort: activity.ByFileName, Page: store.Page{Limit: 2}}, []string{"SZERZŐDÉS 2.txt", "Szerződés.txt", "árlista.txt", "договор.txt", "חוזה.txt"}},
			{"by the beginning of the name", w.clara, activity.FileFilter{Sort: activity.ByFileName, Name: "szerződés"}, []string{"SZERZŐDÉS 2.txt", "Szerződés.txt"}},
			{"newest by the beginning of the name", w.clara, activity.FileFilter{Name: "ДОГ"}, []string{"договор.txt"}},
			{"of a company and its people", w.clara, activity.FileFilter{Party: firm}, []string{"SZERZŐDÉS 2.txt", "árlista.txt", "Szerződés.txt"}},
			{"those I see", w.boris, activity.FileFilter{}, []string{"חוזה.txt", "договор.txt"}},
		} {
			if got := names(row.ctx, row.filter); !slices.Equal(got, row.want) {
				t.Errorf("%s: %v, want %v", row.name, got, row.want)
			}
		}
		if _, err := w.acts.Files(w.As("x", actor.Reader, actor.All), activity.FileFilter{Sort: "size", Page: store.Page{After: "x"}}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("a bad order: %v", err)
		}
	})
}
