package custom_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// must gives what a call gives; an error ends the test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func quantity(text string) *money.Quantity {
	q := money.MustQuantity(text)
	return &q
}

// usual has one field of each type, with rules.
func usual() []store.CustomField {
	field := func(name string, t store.FieldType, r store.FieldRules) store.CustomField {
		return store.CustomField{RecordKind: "lead", Name: name, Label: name, Type: t, Rules: r}
	}
	return []store.CustomField{
		field("contract", store.TextField, store.FieldRules{Pattern: `[A-Z]{2}-\d{4}`, Example: "HU-0042", Required: true}),
		field("fleet", store.NumberField, store.FieldRules{Min: quantity("1"), Max: quantity("500")}),
		field("budget", store.MoneyField, store.FieldRules{Currency: "HUF"}),
		field("expiry", store.DateField, store.FieldRules{Earliest: civil.Date{Year: 2026, Month: 1, Day: 1}}),
		field("demo", store.TimeField, store.FieldRules{}),
		field("forklift", store.YesNoField, store.FieldRules{}),
		field("branch", store.ChoiceField, store.FieldRules{Choices: []store.FieldChoice{
			{Value: "food", Texts: map[locale.Language]string{"hu": "Élelmiszer", "he": "מזון"}}, {Value: "metal"}, {Value: "old", Archived: true},
		}}),
		field("site", store.LinkField, store.FieldRules{}),
		field("buyer", store.EmailField, store.FieldRules{MaxLength: 30}),
	}
}

func TestValuesAreReadAsPeopleWriteThem(t *testing.T) {
	budapest := must(time.LoadLocation("Europe/Budapest"))
	hungarian := locale.Locale{Language: locale.Hungarian, Zone: budapest, Currency: "HUF"}
	english := locale.Locale{Language: locale.English, Zone: time.UTC, Currency: "EUR"}
	for _, c := range []struct {
		field, text string
		l           locale.Locale
		shown, code string
	}{
		{"contract", " HU-0042 ", hungarian, "HU-0042", ""},
		{"contract", "hu42", hungarian, "", "pattern"},
		{"contract", "", hungarian, "", "required"},
		{"fleet", "12,5", hungarian, "12,5", ""},
		{"fleet", "12.5", english, "12.5", ""},
		{"fleet", "0", english, "", "range.low"},
		{"fleet", "501", english, "", "range.high"},
		{"fleet", "sok", hungarian, "", "number"},
		{"budget", "1 250 000 Ft", hungarian, "1 250 000 Ft", ""},
		{"expiry", "2026. 07. 13.", hungarian, "2026. 07. 13.", ""},
		{"expiry", "31.12.2025", english, "", "range.low"},
		{"expiry", "holnap", hungarian, "", "date"},
		{"demo", "2026. 07. 13. 10:30", hungarian, hungarian.DateTime(time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC)), ""},
		{"forklift", "Igen", hungarian, "Igen", ""},
		{"forklift", "όχι", english, "No", ""},
		{"forklift", "talán", hungarian, "", "yesno"},
		{"branch", "élelmiszer", hungarian, "Élelmiszer", ""},
		{"branch", "מזון", english, "food", ""},
		{"branch", "old", english, "", "choice"},
		{"branch", "wood", english, "", "choice"},
		{"site", "https://example.com/a?b=1", english, "https://example.com/a?b=1", ""},
		{"site", "javascript:alert(1)", english, "", "link.form"},
		{"buyer", "bela@example.hu", english, "bela@example.hu", ""},
		{"buyer", "Béla <bela@example.hu>", english, "", "email.form"},
		{"buyer", strings.Repeat("a", 20) + "@example.hu", english, "", "text.length"},
	} {
		fields := usual()
		values, faults := custom.Read(fields, map[string]string{c.field: c.text}, c.l)
		code := ""
		if len(faults) > 0 {
			code = faults[0].Code
			if faults[0].Path != "custom."+c.field {
				t.Errorf("the fault of %s stands at %s", c.field, faults[0].Path)
			}
		}
		of := must(store.FieldNamed(fields, c.field))
		shown := strings.ReplaceAll(custom.Text(of, values[c.field], c.l), "\u00a0", " ")
		if code != c.code || code == "" && shown != strings.ReplaceAll(c.shown, "\u00a0", " ") {
			t.Errorf("%s %q: shown %q, fault %q; want %q, %q", c.field, c.text, shown, code, c.shown, c.code)
		}
	}
}

// TestWhatAFormShowsIsReadBack: a form that is saved untouched changes nothing.
func TestWhatAFormShowsIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := locale.Locale{Language: rapid.SampledFrom(locale.Languages).Draw(t, "language"), Zone: time.FixedZone("x", 3*3600), Currency: "EUR"}
		values := map[string]any{
			"fleet":    money.MustQuantity(fmt.Sprintf("%d.%03d", rapid.IntRange(1, 499).Draw(t, "whole"), rapid.IntRange(0, 999).Draw(t, "part"))),
			"budget":   money.MustAmount(fmt.Sprintf("%d.%02d", rapid.IntRange(0, 1e9).Draw(t, "amount"), rapid.IntRange(0, 99).Draw(t, "cents"))),
			"expiry":   civil.Of(time.Date(2026, 1, 1+rapid.IntRange(0, 3000).Draw(t, "day"), 0, 0, 0, 0, time.UTC)),
			"demo":     time.Date(2026, 1, 1, 0, rapid.IntRange(0, 5_000_000).Draw(t, "minute"), 0, 0, time.UTC),
			"forklift": rapid.Bool().Draw(t, "yes"),
			"branch":   rapid.SampledFrom([]string{"food", "metal"}).Draw(t, "choice"),
		}
		texts := map[string]string{}
		for name, value := range values {
			texts[name] = custom.Input(value, l)
		}
		read, faults := custom.Read(usual(), texts, l)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		for name, value := range values {
			if store.CustomShown(read[name]) != store.CustomShown(value) {
				t.Errorf("%s %s: %v became %v by %q", l.Language, name, value, read[name], texts[name])
			}
		}
	})
}

func TestAFieldLivesFromAddingToPurging(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		fields := custom.New(env.DB)
		admin := env.As("kati", actor.Admin, actor.All)
		_, err := fields.Add(admin, custom.Draft{Name: "Flotta mérete", Type: "colour", Rules: store.FieldRules{MinLength: 9, MaxLength: 3, Pattern: "("}})
		if got := len(fault.Of(err)); got < 4 {
			t.Errorf("%d faults are named at once: %v", got, err)
		}
		_, err = fields.Add(admin, custom.Draft{Kinds: []string{"leads"}, Name: "fleet", Label: "x", Type: "int"})
		if got := fault.Of(err); len(got) != 2 || got[0].Path != "kinds" || got[1].Path != "type" {
			t.Errorf("the faults are not named as the draft is: %v", err)
		}
		added := must(fields.Add(admin, custom.Draft{Kinds: []string{"lead", "party"}, Name: "fleet", Label: "Járművek", Type: store.NumberField}))
		other := must(fields.Add(admin, custom.Draft{Kinds: []string{"lead"}, Name: "branch", Label: "Ágazat", Type: store.TextField}))
		if len(added) != 2 || added[0].RecordKind != "lead" {
			t.Fatalf("added %+v", added)
		}
		id := added[0].ID
		if _, err := fields.Add(env.As("anna", actor.Seller, actor.All), custom.Draft{Kinds: []string{"lead"}, Name: "x", Label: "X", Type: store.TextField}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("a seller adding a field gave %v", err)
		}
		if err := fields.Arrange(admin, "lead", other[0].ID, id); err != nil {
			t.Fatal(err)
		}
		if listed := fieldNames(env.As("anna", actor.Seller, actor.Own), t, fields); listed != "branch fleet" {
			t.Errorf("the fields are %s", listed)
		}
		const records = 1203 // three steps of purging
		err = env.DB.Write(admin, func(ctx context.Context, s *store.Session) error {
			values := map[[16]byte]map[string]any{}
			for i := range records {
				values[s.NewID()] = map[string]any{"fleet": money.QuantityFromScaled(int64(i) * 1_000_000), "branch": "fém"}
			}
			all, err := s.Fields(ctx, "lead")
			if err != nil {
				return err
			}
			return s.AddCustom(ctx, all, values)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fields.Purge(admin, id); !errors.Is(err, fault.Invalid) {
			t.Errorf("purging a field in use gave %v", err)
		}
		must(fields.Remove(admin, id))
		if got := fieldNames(admin, t, fields); got != "branch" {
			t.Errorf("after removing, the fields are %s", got)
		}
		_, err = fields.Add(admin, custom.Draft{Kinds: []string{"lead"}, Name: "fleet", Label: "Járművek", Type: store.TextField})
		if found := fault.Of(err); len(found) != 1 || found[0].Code != "field.removed" {
			t.Errorf("adding the name of a removed field gave %v", err)
		}
		must(fields.Restore(admin, id))
		if n := must(fields.Count(admin, id)); n != records {
			t.Errorf("restored with %d of %d values", n, records)
		}
		must(fields.Remove(admin, id))
		if _, err := fields.Purge(env.As("anna", actor.Manager, actor.All), id); !errors.Is(err, fault.Forbidden) {
			t.Errorf("purging without the right gave %v", err)
		}
		if n := must(fields.Purge(admin, id)); n != records {
			t.Errorf("%d values were purged, want %d", n, records)
		}
		if _, err := fields.Get(admin, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("the purged field gave %v", err)
		}
		if n := must(fields.Count(admin, other[0].ID)); n != records {
			t.Errorf("another field lost values: %d are left", n)
		}
	})
}

func fieldNames(ctx context.Context, t *testing.T, fields *custom.Fields) string {
	t.Helper()
	all, err := fields.List(ctx, "lead")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}

func TestValuesOfPrograms(t *testing.T) {
	fleet := store.CustomField{Name: "fleet", Type: store.NumberField}
	for _, value := range []any{7, int64(7), money.MustQuantity("7"), money.MustAmount("7")} {
		if got, faults := fleet.Check(value); len(faults) > 0 || !got.(money.Quantity).Equal(money.MustQuantity("7")) {
			t.Errorf("%T gave %v, %v", value, got, faults)
		}
	}
	if _, faults := fleet.Check(7.5); len(faults) != 1 || !strings.Contains(faults[0].Message, "money.Quantity") {
		t.Errorf("a float is refused with %v; it has to say what is taken", faults)
	}
}
