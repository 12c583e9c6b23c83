package convert_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

// A payment request, an advance invoice, a completion act, and a credit note of a part: each once, each
// on the timeline, and none takes away from what can be delivered and invoiced.
func TestDocumentsOfTheTrade(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		customer := f.customer("Anna")
		q, ordered := f.order(customer)
		verbs := f.module.Convert
		for _, c := range []struct {
			name   string
			verb   func(context.Context, convert.DocumentInput) (convert.Result, error)
			letter string
		}{
			{"payment request", verbs.RequestPayment, "P"}, {"advance invoice", verbs.Advance, "A"}, {"completion act", verbs.Complete, "T"},
		} {
			t.Run(c.name, func(t *testing.T) {
				input := from(ordered)
				if c.name == "advance invoice" {
					input.Lines = []convert.LineChoice{{Line: ordered.Document.Lines[0].Key, Quantity: money.MustQuantity("3.6")}} // 30 %
				}
				made, err := c.verb(f.boss(), input)
				f.ok(err)
				again, err := c.verb(f.boss(), input)
				if err != nil || !again.Repeated || again.Document.Key != made.Document.Key || !strings.HasPrefix(made.Document.Key, c.letter) {
					t.Errorf("made %+v, again %+v, %v", made.Document, again, err)
				}
				if c.name == "payment request" {
					f.clerk(func(ctx context.Context, s erpbridge.Session) error {
						_, err := f.books.Receive(ctx, s, erp.Receipt{Document: made.Document.Ref, Amount: money.MustAmount("1000")})
						return err
					})
				}
			})
		}
		left, err := verbs.Remaining(f.boss(), ordered.ID)
		f.ok(err)
		if l := left.Lines[0]; !l.ToDeliver.Equal(l.Quantity) || !l.ToInvoice.Equal(l.Quantity) {
			t.Errorf("the papers took away from the order: %+v", l)
		}
		env.Clock.Advance(10 * time.Minute)
		f.background()
		f.shows(customer, q, opportunity.Paying) // money on account came in

		invoiced, err := verbs.Invoice(f.boss(), from(ordered))
		f.ok(err)
		f.clerk(func(ctx context.Context, s erpbridge.Session) error {
			_, err := f.books.PostInvoice(ctx, s, invoiced.Document.Number)
			return err
		})
		credit := from(invoiced)
		if _, err := verbs.Credit(f.boss(), credit); !errors.Is(err, fault.Invalid) {
			t.Errorf("a credit note without lines was made: %v", err)
		}
		credit.Lines = []convert.LineChoice{{Line: invoiced.Document.Lines[0].Key, Quantity: money.MustQuantity("2")}}
		note, err := verbs.Credit(f.boss(), credit)
		f.ok(err)
		if !note.Document.Gross.IsNegative() || note.Document.Source.Key != invoiced.Document.Key {
			t.Errorf("the credit note is %+v", note.Document)
		}
		settled, err := verbs.Settlement(f.boss(), convert.Subject{Kind: convert.Quote, ID: convert.SubjectID(q.ID)})
		f.ok(err)
		if !settled.Credited.Equal(money.NewAmount(note.Document.Gross.Abs())) || !settled.Invoiced.Equal(invoiced.Document.Gross) {
			t.Errorf("settled: %+v", settled)
		}
		f.background()
		var credited, whole money.Amount
		row := env.DB.SQL().QueryRow("SELECT credited, whole FROM crm_deal_credit")
		if env.DB.Dialect() == store.MSSQL {
			row = env.DB.SQL().QueryRow("SELECT credited, whole FROM crm_deal_credit WHERE company = @p1", f.company)
		}
		f.ok(row.Scan(&credited, &whole))
		if !credited.Equal(settled.Credited) || !whole.Equal(ordered.Document.Gross) {
			t.Errorf("%s of %s is credited, want %s of %s", credited, whole, settled.Credited, ordered.Document.Gross)
		}
	})
}
