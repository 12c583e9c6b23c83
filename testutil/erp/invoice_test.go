package erp_test

import (
	"context"
	"errors"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

func line(product, quantity, price, discount string) erpbridge.DocumentLine {
	return erpbridge.DocumentLine{
		Product: product, Quantity: money.MustQuantity(quantity), UnitPrice: money.MustAmount(price), Discount: money.MustPercent(discount),
	}
}

func (s shop) invoice(lines ...erpbridge.DocumentLine) erpbridge.Document {
	return erpbridge.Document{
		Ref: erpbridge.Ref{Kind: erpbridge.Invoice}, Customer: s.customer, Date: civil.Date{Year: 2026, Month: 7, Day: 13}, Currency: "HUF", Lines: lines,
	}
}

func (s shop) write(t *testing.T, draft erpbridge.Document) (d erpbridge.Document) {
	t.Helper()
	s.work(t, func(ctx context.Context, session erpbridge.Session) (err error) {
		d, err = s.Host().Documents.Create(ctx, session, draft)
		return err
	})
	return d
}

// refused gives the codes of the faults by path.
func (s shop) refused(t *testing.T, draft erpbridge.Document) map[string]string {
	t.Helper()
	codes := map[string]string{}
	err := s.Work(t.Context(), erp.Clerk{Company: s.company, User: "kovacs"}, func(ctx context.Context, session erpbridge.Session) error {
		_, err := s.Host().Documents.Create(ctx, session, draft)
		return err
	})
	if !errors.Is(err, fault.Invalid) {
		t.Fatalf("got %v, want fault.Invalid", err)
	}
	for _, f := range fault.Of(err) {
		codes[f.Path] = f.Code
	}
	return codes
}

// VAT is counted once per code from the sum of the lines, which are rounded to whole forints:
// 3 x 333.33 = 1000; 1 x 99.5 less 0.5 % = 99; 27 % of 1099 = 296.73 = 297; 5 % of 250.5 = 251 is 12.55 = 13.
func TestTotalsByVATCode(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		s := open(t, env)
		d := s.write(t, s.invoice(line("P-100", "3", "333.33", "0"), line("P-100", "1", "99.5", "0.5"), line("P-200", "1", "250.5", "0")))
		if d.Net.String() != "1350" || d.VAT.String() != "310" || d.Gross.String() != "1660" {
			t.Errorf("got %s + %s = %s, want 1350 + 310 = 1660", d.Net, d.VAT, d.Gross)
		}
		if want := (civil.Date{Year: 2026, Month: 7, Day: 21}); d.Due != want {
			t.Errorf("due on %s, want %s: eight days after the invoice", d.Due, want)
		}
		s.work(t, func(ctx context.Context, session erpbridge.Session) error {
			summary, err := s.VATSummary(ctx, session, d.Number)
			if len(summary) != 2 || summary[0].Code != "27" || summary[0].Net.String() != "1099" || summary[0].VAT.String() != "297" || summary[1].VAT.String() != "13" {
				t.Errorf("the VAT summary is %+v", summary)
			}
			return err
		})
	})
}

func TestPostedInvoiceIsOnlyTakenBack(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		s := open(t, env)
		draft := s.write(t, s.invoice(line("P-100", "2", "1000", "0")))
		void := s.write(t, s.invoice(line("P-100", "1", "1000", "0")))
		paid := s.write(t, s.invoice(line("P-100", "1", "1000", "0")))
		s.work(t, func(ctx context.Context, session erpbridge.Session) error {
			documents := s.Host().Documents
			if _, err := s.PayInvoice(ctx, session, draft.Number, session.Today); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("an invoice that is not posted was paid (%v)", err)
			}
			for _, number := range []string{draft.Number, draft.Number, paid.Number} { // posting twice is posting once
				if d, err := s.PostInvoice(ctx, session, number); err != nil || d.State != erpbridge.Posted {
					return errors.Join(err, errors.New("the invoice is not posted"))
				}
			}
			if _, err := s.PayInvoice(ctx, session, paid.Number, session.Today); err != nil {
				return err
			}
			if _, err := documents.Cancel(ctx, session, paid.Ref, "mistake"); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("a paid invoice was cancelled (%v)", err)
			}
			if _, err := documents.Cancel(ctx, session, draft.Ref, ""); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("an invoice was cancelled without a reason (%v)", err)
			}
			for range 2 { // cancelling twice writes one storno
				if d, err := documents.Cancel(ctx, session, draft.Ref, "wrong price"); err != nil || d.State != erpbridge.Credited {
					t.Errorf("the posted invoice is %s (%v)", d.State, err)
				}
			}
			if d, err := documents.Cancel(ctx, session, void.Ref, "wrong price"); err != nil || d.State != erpbridge.Cancelled || d.Number != void.Number {
				t.Errorf("the invoice that was not posted is %s %s (%v)", d.Number, d.State, err)
			}
			stornos, err := s.ListDocuments(ctx, session, erp.DocumentPage{Kind: erpbridge.CreditNote, Limit: 10})
			if err != nil {
				return err
			}
			if len(stornos) != 1 || !stornos[0].Gross.Equal(money.NewAmount(draft.Gross.Neg())) || stornos[0].Source.Key != draft.Key || stornos[0].Number != "S2026-00001" {
				t.Errorf("the stornos are %+v, want one of %s against %s", stornos, draft.Gross.Neg(), draft.Number)
			}
			return nil
		})
	})
}

func TestDraftsRefused(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		s := open(t, env)
		for _, c := range []struct {
			name       string
			draft      func(*erpbridge.Document)
			path, code string
		}{
			{"VAT code of another time", func(d *erpbridge.Document) { d.Lines[0].VATCode = "25" }, "lines[0].vat_code", "vat_code.date"},
			{"rate that is not the code's", func(d *erpbridge.Document) { d.Lines[0].VATRate = money.MustPercent("25") }, "lines[0].vat_rate", "vat_rate.differs"},
			{"free text without VAT code", func(d *erpbridge.Document) { d.Lines[0].Product = "" }, "lines[0].vat_code", "required"},
			{"discontinued product", func(d *erpbridge.Document) { d.Kind, d.Lines[0].Product = erpbridge.Order, "P-300" }, "lines[0].product", "product.discontinued"},
			{"currency with three decimals", func(d *erpbridge.Document) { d.Currency = "KWD" }, "currency", "currency.digits"},
			{"price with five decimals", func(d *erpbridge.Document) { d.Lines[0].UnitPrice = money.NewAmount(money.MustRate("1.00001").Decimal) }, "lines[0].unit_price", "digits"},
			{"price beyond all bounds", func(d *erpbridge.Document) { d.Lines[0].UnitPrice = money.MustAmount("99999999999999") }, "lines[0].unit_price", "range"},
			{"NUL in the note", func(d *erpbridge.Document) { d.Note = "a\x00b" }, "note", "text.characters"},
			{"reference too long in UTF-16", func(d *erpbridge.Document) {
				d.Reference = "🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉"
			}, "reference", "text.long"},
			{"due before its date", func(d *erpbridge.Document) { d.Due = d.Date.AddDays(-1) }, "due", "due.before"},
			{"delivery note without an order", func(d *erpbridge.Document) { d.Kind = erpbridge.DeliveryNote }, "source", "required"},
			{"credit note without an invoice", func(d *erpbridge.Document) { d.Kind = erpbridge.CreditNote }, "source", "required"},
			{"unknown kind", func(d *erpbridge.Document) { d.Kind = "receipt" }, "kind", "document.kind"},
		} {
			t.Run(c.name, func(t *testing.T) {
				d := s.invoice(line("P-100", "1", "1000", "0"))
				c.draft(&d)
				if codes := s.refused(t, d); codes[c.path] != c.code {
					t.Errorf("got %v, want %s at %s", codes, c.code, c.path)
				}
			})
		}
	})
}

// Each fiscal year has a series of its own, in the order in which its documents are written.
func TestNumbersByFiscalYear(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		s := open(t, env)
		var got []string
		for _, date := range []string{"2025-12-31", "2026-01-01", "2025-12-30", "2026-01-02"} {
			d := s.invoice(line("P-100", "1", "1000", "0"))
			d.Date, _ = civil.Parse(date)
			got = append(got, s.write(t, d).Number)
		}
		want := []string{"I2025-00001", "I2026-00001", "I2025-00002", "I2026-00002"}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("got %v, want %v", got, want)
			}
		}
	})
}
