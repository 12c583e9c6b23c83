package party_test

import (
	"context"
	"slices"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

func TestListOfPeopleIsNarrowedByCustomFields(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		parties := party.New(env.DB, hungarian)
		if err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			return s.AddField(ctx, &store.CustomField{RecordKind: "party", Name: "vip", Label: "Kiemelt", Type: store.YesNoField})
		}); err != nil {
			t.Fatal(err)
		}
		for name, vip := range map[string]bool{"Ács Ödön": true, "Kiss Béla": false, "Nagy Éva": true} {
			p := add(t, env, party.Draft{FullName: name, Owner: party.Owner{User: "anna", Team: "north"}})
			if _, err := parties.SetCustom(env.System(), p.ID, 0, map[string]any{"vip": vip}); err != nil {
				t.Fatal(err)
			}
		}
		add(t, env, party.Draft{FullName: "Иван Петров", Owner: party.Owner{User: "anna", Team: "north"}})
		for _, row := range []struct {
			who    string
			filter party.ListFilter
			want   []string
		}{
			{"anna", party.ListFilter{Custom: []store.CustomFilter{{Field: "vip", Is: true}}}, []string{"Ács Ödön", "Nagy Éva"}},
			{"anna", party.ListFilter{Custom: []store.CustomFilter{{Field: "vip", Is: true}}, Name: "nagy"}, []string{"Nagy Éva"}},
			{"anna", party.ListFilter{Custom: []store.CustomFilter{{Field: "vip", Is: false}}}, []string{"Kiss Béla"}},
			{"boris", party.ListFilter{Custom: []store.CustomFilter{{Field: "vip", Is: true}}}, nil},
		} {
			row.filter.Show = []string{"vip"}
			got, err := parties.List(env.As(row.who, actor.Reader, actor.Own), row.filter)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, r := range got.Rows {
				names = append(names, r.DisplayName)
				if r.Custom["vip"] != row.filter.Custom[0].Is {
					t.Errorf("%s is shown %v", r.DisplayName, r.Custom)
				}
			}
			if !slices.Equal(names, row.want) {
				t.Errorf("%s sees %q, want %q", row.who, names, row.want)
			}
		}
	})
}
