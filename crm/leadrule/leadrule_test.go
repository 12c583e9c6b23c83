package leadrule_test

import (
	"context"
	"testing"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
	"github.com/crmplus/crmplus/testutil"
)

func hungarian(string) locale.Locale {
	return locale.Locale{Language: locale.Hungarian, Currency: "HUF"}
}

// some is a condition that looks at a field, whatever it is.
func some(name string, f rule.Field) string {
	switch f.Kind {
	case rule.Text:
		if len(f.Choices) > 0 {
			return name + ` != "` + f.Choices[0] + `" or ` + name + ` == "` + f.Choices[0] + `"`
		}
		return name + ` != "no such"`
	case rule.Number:
		return name + " >= 0"
	case rule.YesNo:
		return name
	case rule.Date:
		return name + " > days_ago(30)"
	case rule.Moment:
		return name + " > hours_ago(24)"
	}
	return ""
}

func TestEveryFieldCanBeReadAndTranslated(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		far := rule.List{
			Name: "orders", Doc: "of a host elsewhere", Fields: []rule.Field{{Name: "sum", Kind: rule.Number, Doc: "the sum"}},
			Load: func(_ context.Context, _ *store.Session, parties [][16]byte) (map[[16]byte][]rule.Values, error) {
				return map[[16]byte][]rule.Values{parties[0]: {{"sum": 700}}}, nil
			},
		}
		terms := leadrule.New(hungarian, segment.Mails(), far)
		if err := terms.Check(); err != nil {
			t.Fatal(err)
		}
		leads := lead.New(env.DB, lead.Config{Parties: party.New(env.DB, hungarian)})
		out, err := leads.Capture(env.System(), lead.Draft{Name: "Παπαδόπουλος Νίκος", Emails: []string{"nikos@example.gr"}, Origin: lead.Origin{Source: "fair"}})
		if err != nil {
			t.Fatal(err)
		}
		err = env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			if err := s.AddField(ctx, &store.CustomField{RecordKind: "lead", Name: "size", Label: "Méret", Type: store.NumberField}); err != nil {
				return err
			}
			return s.SetCustom(ctx, "lead", out.Lead[:], map[string]any{"size": money.MustQuantity("12")})
		})
		if err != nil {
			t.Fatal(err)
		}
		err = env.DB.Read(env.System(), func(ctx context.Context, s *store.Session) error {
			rules, err := terms.Environment(ctx, s)
			if err != nil {
				return err
			}
			var all []*rule.Condition
			try := func(source string) {
				c, err := rules.Parse(source)
				if err != nil {
					t.Errorf("%s: %v", source, err)
					return
				}
				if _, err := c.Pick(ctx, s, terms.At(s), [][16]byte{out.Lead}); err != nil {
					t.Errorf("%s: %v", source, err)
				}
				where := c.SQL(rule.ScopeOf(s, terms.At(s)))
				var n int
				err = s.Query(ctx, &n, store.From[lead.Lead]("lead"), "SELECT COUNT(*) FROM crm_lead AS lead JOIN crm_party AS party ON party.id = lead.party_id WHERE {scope} AND "+where.SQL, where.Args...)
				if err != nil {
					t.Errorf("%s in SQL: %v", source, err)
				}
				all = append(all, c)
			}
			for _, r := range rules.Records() {
				for _, f := range r.Fields {
					try(some(r.Name+"."+f.Name, f))
				}
			}
			for _, l := range rules.Lists() {
				for _, f := range l.Fields {
					try("any(" + l.Name + ", " + some("."+f.Name, f) + ")")
				}
			}
			values, err := rules.All(all...).Load(ctx, s, terms.At(s), [][16]byte{out.Lead})
			if err != nil {
				return err
			}
			for source, want := range map[string]bool{
				`lead.source == "fair" and party.name == "Παπαδόπουλος Νίκος"`: true, `lead.custom.size == 12`: true, `any(orders, .sum > 600)`: true,
				`behaviour.touches == 1 and none(mails, true)`: true, `party.customer`: false,
			} {
				c, err := rules.Parse(source)
				if err != nil {
					return err
				}
				if got, err := c.Holds(terms.At(s), values[out.Lead]); err != nil || got != want {
					t.Errorf("%s is %v, %v", source, got, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
