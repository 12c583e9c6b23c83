package opportunity_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
)

// TestOutsidersReachNothing walks every public operation: a user of another company, a user of this
// one who is not involved, the public, and nobody at all may neither read, count nor change.
func TestOutsidersReachNothing(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		o := w.create(func(d *opportunity.Draft) {
			d.ExpectedRevenue = ptr(amount("1000"))
			d.Lines = []opportunity.Line{{Name: "x", Quantity: quantity("1")}}
		})
		_, err := w.opps.Comment(w.anna, o.ID, "titok")
		w.ok(err)
		closed := w.create(nil)
		closed, err = w.opps.CloseWon(w.anna, closed.ID, opportunity.Win{})
		w.ok(err)
		p := w.pipeline()
		before := []opportunity.Card{w.card(o.ID), w.card(closed.ID)}

		outsiders := map[string]context.Context{
			"another company": actor.With(context.Background(), actor.User{Company: env.Company + "x", ID: "kovacs.anna", Rights: actor.Admin, See: actor.All}.Actor()),
			"not involved":    env.As("outsider", actor.Admin, actor.Own),
			"another team":    env.As("outsider", actor.Admin, actor.Team, "buda"),
			"the public":      actor.With(context.Background(), actor.Public(env.Company)),
			"nobody":          context.Background(),
		}
		one := func(_ any, err error) (int, error) { return 1, err }
		operations := map[string]func(context.Context) (int, error){
			"Get":     func(ctx context.Context) (int, error) { return one(w.opps.Get(ctx, o.ID)) },
			"History": func(ctx context.Context) (int, error) { return one(w.opps.History(ctx, o.ID)) },
			"Comments": func(ctx context.Context) (int, error) {
				return one(w.opps.Comments(ctx, o.ID, store.Page{}))
			},
			"Discard": func(ctx context.Context) (int, error) { return one(w.opps.Discard(ctx, o.ID)) },
			"Comment": func(ctx context.Context) (int, error) { return one(w.opps.Comment(ctx, o.ID, "x")) },
			"Create": func(ctx context.Context) (int, error) {
				return one(w.opps.Create(ctx, opportunity.Draft{PartyID: w.minta.ID, Name: "x"}))
			},
			"Edit": func(ctx context.Context) (int, error) {
				return one(w.opps.Edit(ctx, o.ID, opportunity.Edit{Name: ptr("x")}))
			},
			"SetLines": func(ctx context.Context) (int, error) { return one(w.opps.SetLines(ctx, o.ID, 0, nil)) },
			"SetCompetitors": func(ctx context.Context) (int, error) {
				return one(w.opps.SetCompetitors(ctx, o.ID, 0, nil))
			},
			"SetTeam": func(ctx context.Context) (int, error) {
				return one(w.opps.SetTeam(ctx, o.ID, 0, opportunity.Team{Owner: "outsider"}))
			},
			"Move": func(ctx context.Context) (int, error) {
				return one(w.opps.Move(ctx, o.ID, opportunity.Step{Stage: p.Stages[1].ID}))
			},
			"CloseWon": func(ctx context.Context) (int, error) { return one(w.opps.CloseWon(ctx, o.ID, opportunity.Win{})) },
			"CloseLost": func(ctx context.Context) (int, error) {
				return one(w.opps.CloseLost(ctx, o.ID, opportunity.Loss{Reason: "x", Competitor: "x", Lesson: "x"}))
			},
			"Reopen": func(ctx context.Context) (int, error) {
				return one(w.opps.Reopen(ctx, closed.ID, opportunity.Reopening{}))
			},
			"Reflect": func(ctx context.Context) (int, error) {
				return one(w.opps.Reflect(ctx, closed.ID, opportunity.Ordered))
			},
			"ReflectCredit": func(ctx context.Context) (int, error) {
				return 1, w.opps.ReflectCredit(ctx, closed.ID, opportunity.Credit{Credited: money.MustAmount("1"), Whole: money.MustAmount("2")})
			},
			"List": func(ctx context.Context) (int, error) {
				n := 0
				for _, sort := range []opportunity.Sort{opportunity.ByClose, opportunity.ByCreated, opportunity.ByRevenue} {
					l, err := w.opps.List(ctx, opportunity.Filter{Sort: sort})
					if err != nil {
						return 0, err
					}
					n += len(l.Rows)
				}
				return n, nil
			},
			"Totals": func(ctx context.Context) (int, error) {
				found, err := w.opps.Totals(ctx, opportunity.Scope{})
				return len(found), err
			},
			"Board": func(ctx context.Context) (int, error) {
				b, err := w.opps.Board(ctx, opportunity.View{})
				n := 0
				for _, c := range b.Columns {
					n += len(c.Cards) + len(c.Totals)
				}
				return n, err
			},
			// In and Pipelines give views; what they reach is walked here and in TestOnlySettingsChangePipelines.
			"In": func(ctx context.Context) (n int, err error) {
				err = w.DB.Read(ctx, func(ctx context.Context, s *store.Session) error {
					n, err = one(w.opps.In(s).Get(ctx, o.ID))
					return err
				})
				return n, err
			},
			"Pipelines": func(context.Context) (int, error) { return 0, nil },
			"Offer":     func(context.Context) (int, error) { return 0, nil },
		}
		methods := reflect.TypeFor[*opportunity.Opportunities]()
		for i := range methods.NumMethod() {
			if name := methods.Method(i).Name; operations[name] == nil {
				t.Errorf("%s is not walked", name)
			}
		}
		for who, ctx := range outsiders {
			for name, call := range operations {
				n, err := call(ctx)
				switch fault.CodeOf(err) {
				case fault.NotFound, fault.Forbidden:
				case fault.Invalid:
					if name != "Create" { // the party is a field of the draft
						t.Errorf("%s by %s: %v", name, who, err)
					}
				default:
					if err != nil || n > 0 {
						t.Errorf("%s by %s gave %d, %v", name, who, n, err)
					}
				}
			}
		}
		same(t, "what the outsiders left", []opportunity.Card{w.card(o.ID), w.card(closed.ID)}, before)

		stranger := outsiders["another company"]
		for name, call := range map[string]func() error{
			"Get": func() error { _, err := w.opps.Pipelines().Get(stranger, p.ID); return err },
			"Edit": func() error {
				_, err := w.opps.Pipelines().Edit(stranger, p.ID, opportunity.PipelineEdit{})
				return err
			},
			"Archive": func() error { _, err := w.opps.Pipelines().Archive(stranger, p.ID); return err },
			"AddStage": func() error {
				_, err := w.opps.Pipelines().AddStage(stranger, p.ID, opportunity.StageDraft{})
				return err
			},
			"EditStage": func() error {
				_, err := w.opps.Pipelines().EditStage(stranger, p.Stages[0].ID, opportunity.StageEdit{})
				return err
			},
			"ArchiveStage": func() error { _, err := w.opps.Pipelines().ArchiveStage(stranger, p.Stages[0].ID); return err },
		} {
			if err := call(); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("Pipelines.%s by another company: %v", name, err)
			}
		}
	})
}
