package setting_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/testutil"
)

func paths(err error) []string {
	var out []string
	for _, f := range fault.Of(err) {
		out = append(out, f.Path)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func names(views []setting.View) []string {
	out := []string{}
	for _, v := range views {
		out = append(out, v.Name)
	}
	return out
}

func TestTextsAreComplete(t *testing.T) {
	if missing := setting.Texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
	for _, r := range setting.AllRights {
		if _, ok := setting.Texts["right."+string(r)]; !ok {
			t.Errorf("the right %s has no name", r)
		}
	}
	for _, r := range setting.Roles {
		if setting.RoleText(r, locale.Greek) == "role."+string(r) {
			t.Errorf("the role %s has no name", r)
		}
	}
	for _, n := range setting.TextNames {
		if _, ok := setting.Texts[string(n)]; !ok {
			t.Errorf("the text %s does not exist", n)
		}
	}
}

func TestViewsAreSeenByWhomTheyAreSharedWith(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		settings := setting.New(env.DB, setting.Config{})
		anna := env.As("anna", actor.Seller, actor.Own, "north")
		boris := env.As("boris", actor.Seller, actor.All, "north", "east")
		chaim := env.As("chaim", actor.Reader, actor.Team, "south")
		save := func(ctx context.Context, name string, shared setting.Sharing) setting.View {
			t.Helper()
			v, err := settings.SaveView(ctx, setting.ViewDraft{
				Page: "leads", Name: name, Query: "?status=new&owner=me&q=%D7%90", Columns: []string{"name", "owner"}, Sort: "-arrived_at", Shared: shared,
			})
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		save(anna, "Új érdeklődők", setting.Private)
		save(anna, "Északi csapat", setting.WithTeam)
		save(anna, "Mindenkié", setting.WithCompany)
		save(boris, "Мои", "")
		for _, row := range []struct {
			who  string
			ctx  context.Context
			want []string
		}{
			{"the owner sees his in their order", anna, []string{"Új érdeklődők", "Északi csapat", "Mindenkié"}},
			{"one of the team", boris, []string{"Мои", "Északi csapat", "Mindenkié"}},
			{"one of another team", chaim, []string{"Mindenkié"}},
		} {
			got, err := settings.Views(row.ctx, "leads")
			if err != nil || !slices.Equal(names(got), row.want) {
				t.Errorf("%s: %v, %v; want %v", row.who, names(got), err, row.want)
			}
		}
		got, err := settings.Views(anna, "leads")
		if err != nil {
			t.Fatal(err)
		}
		v := got[0]
		if v.Query != "status=new&owner=me&q=%D7%90" || !slices.Equal(v.Columns, setting.Words{"name", "owner"}) || v.Sort != "-arrived_at" {
			t.Errorf("kept as %+v", v)
		}
		if other, err := settings.Views(anna, "quotes"); err != nil || len(other) != 0 {
			t.Errorf("views of another page: %v, %v", names(other), err)
		}
	})
}

func TestViewsAreChangedByTheirOwners(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		settings := setting.New(env.DB, setting.Config{})
		anna := env.As("anna", actor.Seller, actor.Own, "north")
		boris := env.As("boris", actor.Seller, actor.All, "north")
		admin := env.As("admin", actor.Admin, actor.All)
		draft := setting.ViewDraft{Page: "quotes", Name: "Nyitott", Query: "state=issued"}
		v, err := settings.SaveView(anna, draft)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := settings.RenameView(boris, v.ID, "Мои"); !errors.Is(err, fault.NotFound) {
			t.Errorf("another's private view was found: %v", err)
		}
		if _, err := settings.RenameView(admin, v.ID, "All"); !errors.Is(err, fault.NotFound) {
			t.Errorf("another's private view was found by the administrator: %v", err)
		}
		if _, err := settings.ShareView(anna, v.ID, setting.WithCompany); err != nil {
			t.Fatal(err)
		}
		if err := settings.DeleteView(boris, v.ID); !errors.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "anna") {
			t.Errorf("another's shared view was deleted: %v", err)
		}
		renamed, err := settings.RenameView(admin, v.ID, "  Kiadott   ajánlatok ")
		if err != nil || renamed.Name != "Kiadott ajánlatok" || renamed.OwnerUser != "anna" {
			t.Errorf("renamed to %+v, %v", renamed, err)
		}
		draft.ID, draft.Version = v.ID, v.Version
		if _, err := settings.SaveView(anna, draft); !errors.Is(err, fault.Conflict) {
			t.Errorf("a stale view was saved: %v", err)
		}
		draft.Version = 0
		draft.Columns = []string{"number", "net"}
		again, err := settings.SaveView(anna, draft)
		if err != nil || again.Shared != setting.Private || !slices.Equal(again.Columns, setting.Words{"number", "net"}) {
			t.Errorf("saved again: %+v, %v", again, err)
		}
		if err := settings.DeleteView(anna, v.ID); err != nil {
			t.Error(err)
		}
		if _, err := settings.View(anna, v.ID); !errors.Is(err, fault.NotFound) {
			t.Errorf("a deleted view is there: %v", err)
		}
	})
}

func TestViewsAreArranged(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		settings := setting.New(env.DB, setting.Config{})
		anna := env.As("anna", actor.Seller, actor.Own)
		ids := map[string]setting.ViewID{}
		for _, name := range []string{"A", "B", "C", "D"} {
			v, err := settings.SaveView(anna, setting.ViewDraft{Page: "leads", Name: name})
			if err != nil {
				t.Fatal(err)
			}
			ids[name] = v.ID
		}
		if err := settings.ArrangeViews(anna, "leads", []setting.ViewID{ids["C"], ids["A"]}); err != nil {
			t.Fatal(err)
		}
		got, err := settings.Views(anna, "leads")
		if want := []string{"C", "A", "B", "D"}; err != nil || !slices.Equal(names(got), want) {
			t.Errorf("got %v, %v; want %v", names(got), err, want)
		}
	})
}

func TestBadViewsAreRefused(t *testing.T) {
	env := testutil.SQLite(t)
	settings := setting.New(env.DB, setting.Config{})
	for _, row := range []struct {
		name  string
		draft setting.ViewDraft
		want  []string
	}{
		{"nothing given", setting.ViewDraft{}, []string{"name", "page"}},
		{"query too long", setting.ViewDraft{Page: "leads", Name: "x", Query: strings.Repeat("a", setting.MaxQuery+1)}, []string{"query"}},
		{"query that is none", setting.ViewDraft{Page: "leads", Name: "x", Query: "a=%zz"}, []string{"query"}},
		{"control characters", setting.ViewDraft{Page: "leads", Name: "x", Query: "a=b\r\nSet-Cookie: c"}, []string{"query"}},
		{"columns", setting.ViewDraft{Page: "leads", Name: "x", Columns: []string{"name", "a,b", "name"}}, []string{"columns[1]", "columns[2]"}},
		{"order", setting.ViewDraft{Page: "leads", Name: "x", Sort: "name; DROP"}, []string{"sort"}},
		{"team of one without", setting.ViewDraft{Page: "leads", Name: "x", Shared: setting.WithTeam}, []string{"shared"}},
		{"sharing", setting.ViewDraft{Page: "leads", Name: "x", Shared: "world"}, []string{"shared"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := settings.SaveView(env.As("anna", actor.Reader, actor.Own), row.draft)
			if !slices.Equal(paths(err), row.want) {
				t.Errorf("got %v, want faults at %v", err, row.want)
			}
		})
	}
	if _, err := settings.SaveView(env.System(), setting.ViewDraft{Page: "leads", Name: "x"}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("background work saved a view: %v", err)
	}
}

func to[T any](v T) *T { return &v }

func TestPreferencesAreChangedByPatches(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		settings := setting.New(env.DB, setting.Config{})
		anna, boris := env.As("anna", actor.Reader, actor.Own), env.As("boris", actor.Reader, actor.Own)
		if p, err := settings.Preferences(anna); err != nil || !cmp.Equal(p, setting.Preferences{}) {
			t.Errorf("before anything: %+v, %v", p, err)
		}
		patches := []setting.Patch{
			{Language: to(locale.Hebrew), Zone: to("Asia/Jerusalem"), Columns: map[string][]string{"leads": {"name", "owner"}, "quotes": {"number"}}},
			{Theme: to(setting.Dark), Density: to(setting.Compact), MenuCollapsed: to(true), PageSize: to(100), Muted: to([]string{"lead.assigned"})},
			{Columns: map[string][]string{"quotes": nil}},
		}
		for _, p := range patches {
			if _, err := settings.SetPreferences(anna, p); err != nil {
				t.Fatal(err)
			}
		}
		want := setting.Preferences{
			Language: locale.Hebrew, Zone: "Asia/Jerusalem", Theme: setting.Dark, Density: setting.Compact, MenuCollapsed: true, PageSize: 100,
			Columns: map[string][]string{"leads": {"name", "owner"}}, Muted: []string{"lead.assigned"},
		}
		got, err := settings.Preferences(anna)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%v\n%s", err, cmp.Diff(want, got))
		}
		if by, err := settings.PreferencesOf(env.System(), "anna"); err != nil || !cmp.Equal(by, want) {
			t.Errorf("read by the background: %+v, %v", by, err)
		}
		if p, err := settings.Preferences(boris); err != nil || !cmp.Equal(p, setting.Preferences{}) {
			t.Errorf("another user has %+v, %v", p, err)
		}
		_, err = settings.SetPreferences(anna, setting.Patch{Language: to(locale.Language("fr")), Zone: to("Mars/Base"), Theme: to(setting.Theme("pink")),
			Density: to(setting.Density("x")), PageSize: to(3), Columns: map[string][]string{"le ads": {"x"}, "leads": {"A"}}})
		if want := []string{"columns", "columns.leads[0]", "density", "language", "page_size", "theme", "zone"}; !slices.Equal(paths(err), want) {
			t.Errorf("got %v, want faults at %v", err, want)
		}
		if after, err := settings.Preferences(anna); err != nil || !cmp.Equal(after, want) {
			t.Errorf("a refused patch left %+v, %v", after, err)
		}
		l := got.Locale(locale.Locale{Language: locale.English, Currency: "ILS"})
		if l.Language != locale.Hebrew || l.Location().String() != "Asia/Jerusalem" || l.Currency != "ILS" {
			t.Errorf("the user's locale is %+v", l)
		}
	})
}

// Two tabs of one user change different things at the same moment.
func TestPatchesAtOnceAreAllKept(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		settings := setting.New(env.DB, setting.Config{})
		ctx := env.As("anna", actor.Reader, actor.Own)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if _, err := settings.SetPreferences(ctx, setting.Patch{Columns: map[string][]string{fmt.Sprintf("list%d", i): {"name"}}}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		p, err := settings.Preferences(ctx)
		if err != nil || len(p.Columns) != 8 {
			t.Errorf("kept %v, %v; want 8 lists", slices.Sorted(maps.Keys(p.Columns)), err)
		}
	})
}

func TestChoicesAreBuiltInUntilChanged(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		settings := setting.New(env.DB, setting.Config{})
		seller, admin := env.As("anna", actor.Seller, actor.Own), env.As("admin", actor.Admin, actor.All)
		for _, name := range setting.Lists {
			l, err := settings.Choices(seller, name)
			if err != nil || l.Version != 0 || len(l.Choices) < 5 {
				t.Fatalf("%s: %+v, %v", name, l, err)
			}
			for _, c := range l.Choices {
				for _, lang := range locale.Languages {
					if c.Texts[lang] == "" {
						t.Errorf("%s %s has no text in %s", name, c.Value, lang)
					}
				}
			}
		}
		l, err := settings.Choices(admin, setting.LostReasons)
		if err != nil {
			t.Fatal(err)
		}
		l.Choices[0].Archived = true
		l.Choices = append([]setting.Choice{{Value: " Kamat ", Texts: map[locale.Language]string{locale.Hungarian: "Magas kamat"}}}, l.Choices...)
		if _, err := settings.SetChoices(seller, l); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller changed the choices: %v", err)
		}
		saved, err := settings.SetChoices(admin, l)
		if err != nil || saved.Version != 1 {
			t.Fatal(saved, err)
		}
		got, err := settings.Choices(seller, setting.LostReasons)
		if err != nil || got.Choices[0].Value != "Kamat" || len(got.Offered()) != len(got.Choices)-1 {
			t.Errorf("got %+v, %v", got, err)
		}
		for _, row := range []struct{ value, want string }{
			{"Kamat", "Magas kamat"}, {"price", "Υψηλή τιμή"}, {"valami más", "valami más"},
		} {
			if text := got.Text(locale.Greek, row.value); text != row.want {
				t.Errorf("%s is shown as %q, want %q", row.value, text, row.want)
			}
		}
		if sources, err := settings.Choices(seller, setting.LeadSources); err != nil || sources.Text(locale.Greek, "hand") != "Καταχωρίστηκε" || sources.Text(locale.Greek, "web") != "Ιστοσελίδα" {
			t.Errorf("the way in that stands for a source is shown as %q, %v", sources.Text(locale.Greek, "hand"), err)
		}
		if _, err := settings.SetChoices(admin, l); !errors.Is(err, fault.Conflict) {
			t.Errorf("a list that was read before somebody changed it was saved: %v", err)
		}
		got.Choices = got.Choices[:1]
		if again, err := settings.SetChoices(admin, got); err != nil || again.Version != 2 {
			t.Errorf("saved again: %+v, %v", again, err)
		}
		_, err = settings.SetChoices(admin, setting.ChoiceList{Name: setting.Tags, Choices: []setting.Choice{
			{Value: "a", Texts: map[locale.Language]string{"fr": "x"}}, {Value: "a"}, {},
		}})
		want := []string{"choices[0].texts", "choices[1].texts", "choices[1].value", "choices[2].texts", "choices[2].value"}
		if !slices.Equal(paths(err), want) {
			t.Errorf("got %v, want faults at %v", err, want)
		}
		if _, err := settings.Choices(seller, "colour"); !errors.Is(err, fault.NotFound) {
			t.Errorf("an unknown list: %v", err)
		}
	})
}

func TestCompanyTexts(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		settings := setting.New(env.DB, setting.Config{})
		admin := env.As("admin", actor.Admin, actor.All)
		public := actor.With(context.Background(), actor.Public(env.Company))
		builtIn, err := settings.Text(public, setting.FormThanks, locale.Hungarian)
		if err != nil || builtIn == "" {
			t.Fatal(builtIn, err)
		}
		text := setting.CompanyText{Name: setting.FormThanks, Language: locale.Hungarian, Body: " Köszönjük!\r\nKovács Kft. "}
		own, err := settings.SetText(admin, text)
		if err != nil || !own.Own || own.Body != "Köszönjük!\nKovács Kft." {
			t.Fatal(own, err)
		}
		if got, err := settings.Text(public, setting.FormThanks, locale.Hungarian); err != nil || got != own.Body {
			t.Errorf("got %q, %v", got, err)
		}
		if _, err := settings.SetText(admin, text); !errors.Is(err, fault.Conflict) {
			t.Errorf("a stale text was saved: %v", err)
		}
		all, err := settings.CompanyTexts(admin)
		mine := slices.DeleteFunc(slices.Clone(all), func(c setting.CompanyText) bool { return !c.Own })
		if err != nil || len(all) != len(setting.TextNames)*len(locale.Languages) || len(mine) != 1 {
			t.Errorf("%d texts, %v own, %v", len(all), mine, err)
		}
		own.Body = ""
		if back, err := settings.SetText(admin, own); err != nil || back.Own || back.Body != builtIn {
			t.Errorf("back to %+v, %v", back, err)
		}
		_, err = settings.SetText(admin, setting.CompanyText{Name: setting.QuoteTerms, Language: locale.Greek, Body: strings.Repeat("α", 401)})
		if !slices.Equal(paths(err), []string{"body"}) {
			t.Errorf("too long: %v", err)
		}
		if _, err := settings.Text(admin, "other", "fr"); !slices.Equal(paths(err), []string{"language", "name"}) {
			t.Errorf("an unknown text: %v", err)
		}
	})
}

func TestUsersRights(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		settings := setting.New(env.DB, setting.Config{})
		ctx := context.Background()
		host := env.As("host-admin", actor.Admin, actor.All) // whom the host itself made an administrator
		set := func(ctx context.Context, d setting.UserDraft) error {
			_, err := settings.SetUser(ctx, d)
			return err
		}
		for _, d := range []setting.UserDraft{
			{UserID: "kovacs", Name: "Kovács Anna", Role: setting.AdminRole, See: actor.All},
			{UserID: "papadopoulos", Name: "Νίκος Παπαδόπουλος", Role: setting.SellerRole, See: actor.Team, Teams: []string{"north", "east"}},
			{UserID: "levi", Name: "דנה לוי", Role: setting.Listed, Rights: []actor.Right{actor.LeadRead, actor.Settings}},
		} {
			if err := set(host, d); err != nil {
				t.Fatal(err)
			}
		}
		u, err := settings.UserOf(ctx, env.Company, "papadopoulos")
		want := actor.User{Company: env.Company, ID: "papadopoulos", Name: "Νίκος Παπαδόπουλος", Teams: []string{"north", "east"}, Rights: actor.Seller, See: actor.Team}
		if err != nil || !cmp.Equal(u, want) {
			t.Errorf("%v\n%s", err, cmp.Diff(want, u))
		}
		if _, err := settings.UserOf(ctx, env.Company, "nobody"); !errors.Is(err, fault.NotFound) {
			t.Errorf("an unknown user: %v", err)
		}
		if _, err := settings.Users(env.As("papadopoulos", actor.Seller, actor.Team)); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller lists the users: %v", err)
		}
		kovacs := env.As("kovacs", actor.Admin, actor.All)
		if err := settings.RemoveUser(kovacs, "kovacs"); !errors.Is(err, fault.Invalid) {
			t.Errorf("took the right from herself: %v", err)
		}
		if err := set(kovacs, setting.UserDraft{UserID: "levi", Name: "דנה לוי", Role: setting.Listed, Disabled: true}); err != nil {
			t.Error(err)
		}
		if _, err := settings.UserOf(ctx, env.Company, "levi"); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a disabled user: %v", err)
		}
		for name, change := range map[string]func() error{
			"remove": func() error { return settings.RemoveUser(host, "kovacs") },
			"disable": func() error {
				return set(host, setting.UserDraft{UserID: "kovacs", Role: setting.AdminRole, Disabled: true})
			},
			"demote": func() error { return set(host, setting.UserDraft{UserID: "kovacs", Role: setting.ManagerRole}) },
		} {
			if err := change(); !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "last") {
				t.Errorf("%s the last administrator: %v", name, err)
			}
		}
		err = set(host, setting.UserDraft{Role: "king", See: "sky", Rights: []actor.Right{"x"}, Teams: []string{"a,b", ""}})
		if want := []string{"rights", "role", "see", "teams[0]", "teams[1]", "user_id"}; !slices.Equal(paths(err), want) {
			t.Errorf("got %v, want faults at %v", err, want)
		}
	})
}

// Two administrators take each other's rights at the same moment; one of them must stay.
func TestAdministratorsCannotRemoveEachOther(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		settings := setting.New(env.DB, setting.Config{})
		for _, id := range []string{"a", "b"} {
			if _, err := settings.SetUser(env.System(), setting.UserDraft{UserID: id, Role: setting.AdminRole}); err != nil {
				t.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		for _, pair := range [][2]string{{"a", "b"}, {"b", "a"}} {
			wg.Go(func() {
				err := settings.RemoveUser(env.As(pair[0], actor.Admin, actor.All), pair[1])
				if err != nil && !errors.Is(err, fault.Invalid) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if left, err := settings.Users(env.System()); err != nil || len(left) != 1 {
			t.Errorf("left are %v, %v", left, err)
		}
	})
}

func TestEveryStatementUsesAnIndex(t *testing.T) {
	env, plans := testutil.Planned(t)
	settings := setting.New(env.DB, setting.Config{})
	ctx := env.As("admin", actor.Admin, actor.All, "north")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	v, err := settings.SaveView(ctx, setting.ViewDraft{Page: "leads", Name: "A", Shared: setting.WithTeam})
	must(err)
	_, err = settings.Views(ctx, "leads")
	must(err)
	_, err = settings.RenameView(ctx, v.ID, "B")
	must(err)
	must(settings.ArrangeViews(ctx, "leads", []setting.ViewID{v.ID}))
	for range 2 {
		_, err = settings.SetPreferences(ctx, setting.Patch{PageSize: to(20)})
		must(err)
	}
	l, err := settings.Choices(ctx, setting.Tags)
	must(err)
	_, err = settings.SetChoices(ctx, l)
	must(err)
	_, err = settings.SetText(ctx, setting.CompanyText{Name: setting.QuoteCover, Language: locale.English, Body: "Dear reader"})
	must(err)
	_, err = settings.CompanyTexts(ctx)
	must(err)
	_, err = settings.SetUser(ctx, setting.UserDraft{UserID: "x", Role: setting.ReaderRole})
	must(err)
	_, err = settings.UserOf(ctx, env.Company, "x")
	must(err)
	must(settings.RemoveUser(ctx, "x"))
	must(settings.DeleteView(ctx, v.ID))
	for _, scan := range plans.Scans() {
		t.Errorf("reads a whole table:\n%s", scan)
	}
}
