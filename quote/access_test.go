package quote_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

// target is what an operation is tried on.
type target struct {
	draft, issued quote.Quote
	// sending is how the issued one was sent, token what its link says.
	sending quote.SendingID
	token   string
}

// target makes one.
func (w *world) target() target {
	w.t.Helper()
	out := target{draft: w.draft(nil).Quote, issued: w.issued(nil).Quote}
	sent, err := w.quotes.Send(w.anna, out.issued.ID, quote.SendInput{To: []mail.Address{{Email: "eva@minta.example"}}, Subject: "Ajánlat", Text: quote.LinkField})
	w.ok(err)
	row, err := w.mails.Get(w.anna, sent.MailID)
	w.ok(err)
	letter, err := row.Message()
	w.ok(err)
	out.sending, out.token = sent.ID, strings.TrimPrefix(letter.Text, pages)
	return out
}

// operations are all public operations with the right they need; they give what they let the actor see.
var operations = map[string]struct {
	right actor.Right
	do    func(ctx context.Context, w *world, t target) (any, error)
}{
	"Draft": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Draft(ctx, quote.DraftInput{Party: t.draft.PartyID})
	}},
	"Preview": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Preview(ctx, quote.DraftInput{Party: t.draft.PartyID})
	}},
	"PreviewPDF": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.PreviewPDF(ctx, quote.DraftInput{Party: t.draft.PartyID})
	}},
	"Get": {actor.QuoteRead, func(ctx context.Context, w *world, t target) (any, error) { return w.quotes.Get(ctx, t.issued.ID) }},
	"PDF": {actor.QuoteRead, func(ctx context.Context, w *world, t target) (any, error) { return w.quotes.PDF(ctx, t.issued.ID) }},
	"List": {actor.QuoteRead, func(ctx context.Context, w *world, t target) (any, error) {
		l, err := w.quotes.List(ctx, quote.Filter{})
		if err == nil && len(l.Rows) == 0 {
			err = fault.NotFound
		}
		return l, err
	}},
	"Edit": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Edit(ctx, t.draft.ID, 0, quote.Header{Title: "idegen"})
	}},
	"SetLines": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.SetLines(ctx, t.draft.ID, 0, nil)
	}},
	"Reprice": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Reprice(ctx, t.draft.ID, 0)
	}},
	"Delete": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return nil, w.quotes.Delete(ctx, t.draft.ID, 0)
	}},
	"Issue": {actor.QuoteIssue, func(ctx context.Context, w *world, t target) (any, error) { return w.quotes.Issue(ctx, t.draft.ID) }},
	"NewVersion": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.NewVersion(ctx, t.issued.ID)
	}},
	"Accept": {actor.QuoteAnswer, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Accept(ctx, t.issued.ID, quote.Answer{By: "X"})
	}},
	"Decline": {actor.QuoteAnswer, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Decline(ctx, t.issued.ID, quote.Answer{By: "X"})
	}},
	"Withdraw": {actor.QuoteIssue, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Withdraw(ctx, t.issued.ID, "X")
	}},
	"Reflect": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Reflect(ctx, t.issued.ID, opportunity.Ordered)
	}},
	"SendPreview": {actor.QuoteRead, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.SendPreview(ctx, t.issued.ID, "")
	}},
	"Send": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Send(ctx, t.issued.ID, quote.SendInput{To: []mail.Address{{Email: "eva@minta.example"}}, Subject: "X", Text: "X"})
	}},
	"Sendings": {actor.QuoteRead, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Sendings(ctx, t.issued.ID)
	}},
	"Revoke": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.Revoke(ctx, t.sending)
	}},
	"Open": {actor.QuoteAnswer, func(ctx context.Context, w *world, t target) (any, error) { return w.quotes.Open(ctx, t.token) }},
	"Look": {actor.QuoteAnswer, func(ctx context.Context, w *world, t target) (any, error) { return w.quotes.Look(ctx, t.token) }},
	"LinkedFile": {actor.QuoteAnswer, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.LinkedFile(ctx, t.token, 0)
	}},
	"AcceptByLink": {actor.QuoteAnswer, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.AcceptByLink(ctx, t.token, quote.LinkAnswer{By: "X"})
	}},
	"DeclineByLink": {actor.QuoteAnswer, func(ctx context.Context, w *world, t target) (any, error) {
		return w.quotes.DeclineByLink(ctx, t.token, quote.LinkAnswer{By: "X"})
	}},
	"AskByLink": {actor.QuoteAnswer, func(ctx context.Context, w *world, t target) (any, error) {
		return nil, w.quotes.AskByLink(ctx, t.token, quote.LinkAnswer{By: "X", Note: "X"})
	}},
	"ExpireDue": {actor.QuoteWrite, func(ctx context.Context, w *world, t target) (any, error) {
		n, err := w.quotes.ExpireDue(ctx)
		if err == nil && n == 0 {
			err = fault.NotFound
		}
		return n, err
	}},
}

// notOperations work on no rows of their own.
var notOperations = []string{"In", "Register", "Offer", "LinkCompany", "CheckWords", "TextFields"}

func TestEveryOperationIsWalked(t *testing.T) {
	typ := reflect.TypeFor[*quote.Quotes]()
	for i := range typ.NumMethod() {
		name := typ.Method(i).Name
		if _, ok := operations[name]; !ok && !slices.Contains(notOperations, name) {
			t.Errorf("%s is missing in the table of operations", name)
		}
	}
}

func TestNobodyReachesWhatIsNotHis(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		goal := w.target()
		env.Clock.Advance(60 * 24 * time.Hour) // so that there is something to expire
		elsewhere := actor.With(context.Background(), actor.User{Company: env.Company + "-2", ID: "kovacs.anna", Rights: append(slices.Clone(actor.Admin), actor.QuoteAnswer), See: actor.All}.Actor())
		everything := append(slices.Clone(actor.Admin), actor.QuoteAnswer)
		before := w.snapshot(goal)
		for name, op := range operations {
			without := slices.DeleteFunc(slices.Clone(everything), func(r actor.Right) bool {
				return r == op.right || op.right == actor.QuoteAnswer && r == actor.QuoteWrite
			})
			for _, row := range []struct {
				who  string
				ctx  context.Context
				want []fault.Code
			}{
				{"nobody", context.Background(), []fault.Code{fault.Forbidden}},
				{"a user without the right", env.As("kovacs.anna", without, actor.All), []fault.Code{fault.Forbidden}},
				{"a user who sees only his own", env.As("outsider", everything, actor.Own), []fault.Code{fault.NotFound, fault.Invalid}},
				{"a user of another team", env.As("outsider", everything, actor.Team, "vidék"), []fault.Code{fault.NotFound, fault.Invalid}},
				{"another company", elsewhere, []fault.Code{fault.NotFound, fault.Invalid}},
				{"the system of another company", actor.With(context.Background(), actor.System(env.Company+"-2", "job")), []fault.Code{fault.NotFound, fault.Invalid}},
				{"the public of another company", actor.With(context.Background(), actor.Public(env.Company+"-2")), []fault.Code{fault.Forbidden, fault.NotFound}},
			} {
				t.Run(name+"/"+row.who, func(t *testing.T) {
					seen, err := op.do(row.ctx, w, goal)
					if !slices.ContainsFunc(row.want, func(c fault.Code) bool { return errors.Is(err, c) }) {
						t.Fatalf("error %v, want one of %v", err, row.want)
					}
					if errors.Is(err, fault.Invalid) && strings.Join(paths(err), "") != "party" {
						t.Errorf("error %v says more than that there is no such party", err)
					}
					if v := reflect.ValueOf(seen); v.IsValid() && !v.IsZero() && name != "List" {
						t.Errorf("gave %v beside the error", seen)
					}
				})
			}
			if op.right != actor.QuoteAnswer {
				t.Run(name+"/the public", func(t *testing.T) {
					_, err := op.do(w.reader, w, goal)
					wantCode(t, err, fault.Forbidden)
				})
			}
		}
		is(t, "what others left behind", w.snapshot(goal), before)
	})
}

// snapshot is what a stranger could have changed.
func (w *world) snapshot(goal target) string {
	w.t.Helper()
	l, err := w.quotes.List(w.admin, quote.Filter{})
	w.ok(err)
	text := ""
	for _, r := range l.Rows {
		text += r.ID.String() + string(r.State) + r.Title + r.UpdatedAt.String() + r.Gross.String() + "\n"
	}
	return text + strings.Join(w.events(goal.draft.ID), ",") + strings.Join(w.events(goal.issued.ID), ",")
}

func TestGroupReadsButNeverWrites(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	goal := w.target()
	before := w.snapshot(goal)
	group := actor.With(context.Background(), actor.User{Company: "HOLDING", ID: "vezér", Rights: append(slices.Clone(actor.Admin), actor.QuoteAnswer), See: actor.All, Group: []string{w.Company}}.Actor())
	for name, op := range operations {
		t.Run(name, func(t *testing.T) {
			_, err := op.do(group, w, goal)
			switch name {
			case "Get", "List", "PDF", "Sendings", "SendPreview":
				if err != nil {
					t.Error(err)
				}
			default:
				if err == nil {
					t.Error("wrote in another company")
				}
			}
		})
	}
	is(t, "what was written", w.snapshot(goal), before)
}

func TestShareOpensTheQuotes(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		id := w.draft(nil).Quote.ID
		szabo := env.As("szabo", actor.Seller, actor.Own)
		_, err := w.quotes.Get(szabo, id)
		wantCode(t, err, fault.NotFound)
		w.ok(w.parties.Share(w.anna, w.minta.ID, "szabo"))
		_, err = w.quotes.Get(szabo, id)
		w.ok(err)
		l, err := w.quotes.List(szabo, quote.Filter{})
		w.ok(err)
		is(t, "listed", len(l.Rows), 1)
		_, err = w.quotes.Issue(szabo, id)
		w.ok(err)
	})
}

func TestList(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		opp := quote.OpportunityID{7}
		for range 3 {
			w.draft(nil)
			env.Clock.Advance(24 * time.Hour)
		}
		card, err := w.quotes.Issue(w.admin, w.draft(func(in *quote.DraftInput) { in.Party, in.Opportunity, in.Owner = w.kiss.ID, opp, "szabo" }).Quote.ID)
		w.ok(err)
		issued := card.Quote
		for _, row := range []struct {
			name   string
			filter quote.Filter
			want   int
		}{
			{"all", quote.Filter{}, 4},
			{"state", quote.Filter{States: []quote.State{quote.Issued, quote.Accepted}}, 1},
			{"party with its people", quote.Filter{Party: w.minta.ID}, 3},
			{"opportunity", quote.Filter{Opportunity: opp}, 1},
			{"owner", quote.Filter{Owner: "szabo"}, 1},
			{"from", quote.Filter{From: issued.IssuedOn}, 1},
			{"until", quote.Filter{To: issued.IssuedOn.AddDays(-2)}, 2},
		} {
			t.Run(row.name, func(t *testing.T) {
				l, err := w.quotes.List(w.admin, row.filter)
				if err != nil {
					t.Fatal(err)
				}
				is(t, "rows", len(l.Rows), row.want)
			})
		}
		var seen []quote.ID
		for page := (store.Page{Limit: 3}); ; {
			l, err := w.quotes.List(w.admin, quote.Filter{Page: page})
			w.ok(err)
			for _, r := range l.Rows {
				seen = append(seen, r.ID)
				if r.PartyName == "" {
					t.Error("a row has no party's name")
				}
			}
			if l.Next == "" {
				break
			}
			page.After = l.Next
		}
		is(t, "paged", len(seen), 4)
		is(t, "newest first", seen[0], issued.ID)
		_, err = w.quotes.List(w.admin, quote.Filter{States: []quote.State{"lost"}})
		wantCode(t, err, fault.Invalid)
	})
}

// What strangers fail at must succeed for those who may.
func TestWalkTargetsAreReal(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	for name, op := range operations {
		t.Run(name, func(t *testing.T) {
			goal := w.target()
			if name == "ExpireDue" {
				w.Clock.Advance(60 * 24 * time.Hour)
			}
			ctx := w.As("admin", append(slices.Clone(actor.Admin), actor.QuoteAnswer), actor.All)
			if _, err := op.do(ctx, w, goal); err != nil {
				t.Errorf("the owner's company cannot either: %v", err)
			}
		})
	}
}
