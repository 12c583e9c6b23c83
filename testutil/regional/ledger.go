package regional

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
)

// status is what stands in a header about money.
type status struct {
	Kind, State, Customer, Currency string
	Day                             civil.Date
	Net, VAT, Gross, Paid           decimal.Decimal
}

func (l ledger) status(ctx context.Context, number string) (s status, err error) {
	// Writing the row first locks it on every database.
	if err := l.exec(ctx, "UPDATE BIZFEJ SET ALLAPOT = ALLAPOT WHERE CEGKOD = ? AND BIZSZAM = ?", l.Company, number); err != nil {
		return s, err
	}
	err = l.row(ctx, "document "+number, []any{&s.Kind, &s.State, &s.Customer, &s.Currency, day{&s.Day}, exact{&s.Net, 2}, exact{&s.VAT, 2}, exact{&s.Gross, 2}, exact{&s.Paid, 2}},
		"SELECT BIZTIPUS, ALLAPOT, VEVOKOD, DEVIZANEM, KELT, NETTO, AFA, BRUTTO, FIZETVE FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?", l.Company, number)
	return s, err
}

// Post posts an open invoice, advance invoice or credit note: it becomes an open item, and nothing of it can
// be changed any more. The VAT summary has to agree with the totals.
func (b Books) Post(ctx context.Context, number string) error {
	return b.in(ctx, func(l ledger) error { return l.post(ctx, number) })
}

func (l ledger) post(ctx context.Context, number string) error {
	s, err := l.status(ctx, number)
	if err != nil {
		return err
	}
	if s.State != Open || s.Kind != Invoice && s.Kind != AdvanceInvoice && s.Kind != CreditNote {
		return fmt.Errorf("%s of the kind %s in the state %s cannot be posted", number, s.Kind, s.State)
	}
	var net, vat decimal.Decimal
	if err := l.row(ctx, "VAT summary", []any{exact{&net, 2}, exact{&vat, 2}}, "SELECT SUM(NETTO), SUM(AFA) FROM BIZAFA WHERE CEGKOD = ? AND BIZSZAM = ?", l.Company, number); err != nil {
		return err
	}
	if !net.Equal(s.Net) || !vat.Equal(s.VAT) {
		return fmt.Errorf("%s: the VAT summary says %s + %s, the header %s + %s", number, net, vat, s.Net, s.VAT)
	}
	err = l.exec(ctx, `INSERT INTO NYITTETEL (CEGKOD, VEVOKOD, BIZSZAM, KELT, HATARIDO, DEVIZANEM, OSSZEG, NYITOTT)
		SELECT CEGKOD, VEVOKOD, BIZSZAM, KELT, HATARIDO, DEVIZANEM, BRUTTO, BRUTTO - FIZETVE FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?`, l.Company, number)
	if err != nil {
		return err
	}
	return l.exec(ctx, "UPDATE BIZFEJ SET ALLAPOT = 'K' WHERE CEGKOD = ? AND BIZSZAM = ?", l.Company, number)
}

// Payment is money that came in for a document.
type Payment struct {
	Document string
	Day      civil.Date
	// Amount is in the document's currency; zero pays what is still open.
	Amount decimal.Decimal
}

// Pay takes a payment for a posted invoice or a payment request. One that is paid in full becomes [Paid].
func (b Books) Pay(ctx context.Context, p Payment) error {
	return b.in(ctx, func(l ledger) error {
		s, err := l.status(ctx, p.Document)
		if err != nil {
			return err
		}
		if s.State != Posted && (s.Kind != PaymentRequest || s.State != Open) {
			return fmt.Errorf("%s in the state %s takes no payment", p.Document, s.State)
		}
		open := s.Gross.Sub(s.Paid)
		if p.Amount.IsZero() {
			p.Amount = open
		}
		after := s.State
		if p.Amount.Equal(open) {
			after = Paid
		}
		err = l.exec(ctx, "INSERT INTO BEFIZETES (CEGKOD, VEVOKOD, BIZSZAM, DATUM, DEVIZANEM, OSSZEG, ROGZITO, ROGZIDO) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			l.Company, s.Customer, p.Document, midnight(p.Day), s.Currency, total(p.Amount), Clerk, midnight(p.Day))
		if err != nil {
			return err
		}
		if err := l.exec(ctx, "UPDATE NYITTETEL SET NYITOTT = NYITOTT - ? WHERE CEGKOD = ? AND BIZSZAM = ?", total(p.Amount), l.Company, p.Document); err != nil {
			return err
		}
		return l.exec(ctx, "UPDATE BIZFEJ SET FIZETVE = FIZETVE + ?, ALLAPOT = ? WHERE CEGKOD = ? AND BIZSZAM = ?", total(p.Amount), after, l.Company, p.Document)
	})
}

// Credit writes and posts the credit note that takes back a posted invoice, and gives its number. What was
// invoiced can be invoiced again.
func (b Books) Credit(ctx context.Context, number string, on civil.Date) (credit string, err error) {
	err = b.in(ctx, func(l ledger) error {
		s, err := l.status(ctx, number)
		if err != nil {
			return err
		}
		if s.State != Posted && s.State != Paid {
			return fmt.Errorf("%s in the state %s cannot be credited", number, s.State)
		}
		p := Paper{Kind: CreditNote, Customer: s.Customer, Day: on, Currency: s.Currency, Source: number}
		err = l.rows(ctx, func(r *sql.Rows) error {
			var line PaperLine
			err := r.Scan(&line.Row, exact{&line.Quantity, 3})
			line.Quantity = line.Quantity.Neg()
			p.Lines = append(p.Lines, line)
			return err
		}, "SELECT SORSZ, MENNYISEG FROM BIZSOR WHERE CEGKOD = ? AND BIZSZAM = ? ORDER BY SORSZ", l.Company, number)
		if err != nil {
			return err
		}
		if credit, err = l.write(ctx, p); err != nil {
			return err
		}
		if err := l.uninvoice(ctx, number); err != nil {
			return err
		}
		if err := l.post(ctx, credit); err != nil {
			return err
		}
		return l.exec(ctx, "UPDATE BIZFEJ SET ALLAPOT = 'J', STORNOBIZ = ? WHERE CEGKOD = ? AND BIZSZAM = ?", credit, l.Company, number)
	})
	return credit, err
}

// uninvoice takes the quantities of an invoice back from what it followed.
func (l ledger) uninvoice(ctx context.Context, number string) error {
	type followed struct {
		line PaperLine
		from Paper
	}
	var lines []followed
	err := l.rows(ctx, func(r *sql.Rows) error {
		f := followed{from: Paper{Kind: Invoice}}
		err := r.Scan(&f.from.Source, &f.line.Row, exact{&f.line.Quantity, 3})
		f.line.Quantity = f.line.Quantity.Neg()
		lines = append(lines, f)
		return err
	}, `SELECT F.ELOZBIZ, S.ELOZSORSZ, S.MENNYISEG FROM BIZSOR AS S JOIN BIZFEJ AS F ON F.CEGKOD = S.CEGKOD AND F.BIZSZAM = S.BIZSZAM
		WHERE S.CEGKOD = ? AND S.BIZSZAM = ? AND F.ELOZBIZ IS NOT NULL AND S.ELOZSORSZ IS NOT NULL ORDER BY S.SORSZ`, l.Company, number)
	if err != nil {
		return err
	}
	for _, f := range lines {
		if err := l.follow(ctx, f.from, f.line); err != nil {
			return err
		}
	}
	return nil
}

// ClosePeriod closes the accounting period that holds the day: no document may be dated in it any more.
func (b Books) ClosePeriod(ctx context.Context, on civil.Date) error {
	return b.in(ctx, func(l ledger) error {
		return l.exec(ctx, "UPDATE IDOSZAKOK SET LEZART = 'I' WHERE CEGKOD = ? AND KEZDET <= ? AND VEGE >= ?", l.Company, on, on)
	})
}
