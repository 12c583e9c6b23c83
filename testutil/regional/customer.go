package regional

import (
	"context"
	"strings"
)

// keepers are the tables whose rows belong to a customer.
var keepers = []string{"KAPCSTART", "BIZFEJ", "NYITTETEL", "BEFIZETES"}

// lockCustomer locks a customer and fails where there is none.
func (l ledger) lockCustomer(ctx context.Context, code string) error {
	if err := l.exec(ctx, "UPDATE VEVO SET VEVOKOD = VEVOKOD WHERE CEGKOD = ? AND VEVOKOD = ?", l.Company, code); err != nil {
		return err
	}
	var name string
	return l.row(ctx, "customer "+code, []any{&name}, "SELECT VEVNEV FROM VEVO WHERE CEGKOD = ? AND VEVOKOD = ?", l.Company, code)
}

// move gives a customer's rows to another.
func (l ledger) move(ctx context.Context, from, to string) error {
	for _, table := range keepers {
		if err := l.exec(ctx, "UPDATE "+table+" SET VEVOKOD = ? WHERE CEGKOD = ? AND VEVOKOD = ?", to, l.Company, from); err != nil {
			return err
		}
	}
	return nil
}

// Merge gives everything a customer has to another; the first stays, blocked, and names its successor.
func (b Books) Merge(ctx context.Context, from, into string) error {
	return b.in(ctx, func(l ledger) error {
		for _, code := range []string{from, into} {
			if err := l.lockCustomer(ctx, code); err != nil {
				return err
			}
		}
		if err := l.move(ctx, from, into); err != nil {
			return err
		}
		return l.exec(ctx, "UPDATE VEVO SET TILTOTT = 'I', UTODKOD = ? WHERE CEGKOD = ? AND VEVOKOD = ?", into, l.Company, from)
	})
}

// renumbered are the columns of VEVO that a new code takes along.
var renumbered = strings.Join([]string{
	"VEVNEV", "MAGANSZEM", "VEZETEKNEV", "KERESZTNEV", "ADOSZAM", "EUADOSZAM", "EMAIL", "TELEFON", "WEBLAP", "IRSZAM", "VAROS", "UTCA", "UTCA2", "MEGYE", "ORSZAG",
	"DEVIZANEM", "ARLKOD", "FIZKOD", "NYELV", "UZLKOTO", "TILTOTT", "UTODKOD", "ADOKULCS", "NEVKULCS", "ROGZITO", "ROGZIDO", "MODOSITO", "MODIDO",
}, ", ")

// Renumber gives a customer another code; nothing points from the old one to the new, but KULSOAZON goes
// along.
func (b Books) Renumber(ctx context.Context, from, to string) error {
	return b.in(ctx, func(l ledger) error {
		if err := l.lockCustomer(ctx, from); err != nil {
			return err
		}
		var token any
		if err := l.row(ctx, "customer "+from, []any{&token}, "SELECT KULSOAZON FROM VEVO WHERE CEGKOD = ? AND VEVOKOD = ?", l.Company, from); err != nil {
			return err
		}
		// A token is unique, so the old row lets go of it first.
		if err := l.exec(ctx, "UPDATE VEVO SET KULSOAZON = NULL WHERE CEGKOD = ? AND VEVOKOD = ?", l.Company, from); err != nil {
			return err
		}
		err := l.exec(ctx, "INSERT INTO VEVO (CEGKOD, VEVOKOD, KULSOAZON, "+renumbered+") SELECT CEGKOD, ?, ?, "+renumbered+" FROM VEVO WHERE CEGKOD = ? AND VEVOKOD = ?",
			to, token, l.Company, from)
		if err != nil {
			return err
		}
		if err := l.move(ctx, from, to); err != nil {
			return err
		}
		return l.exec(ctx, "DELETE FROM VEVO WHERE CEGKOD = ? AND VEVOKOD = ?", l.Company, from)
	})
}

// Block stops a customer from getting documents.
func (b Books) Block(ctx context.Context, code string) error { return b.bar(ctx, code, "I") }

// Unblock lets a customer get documents again.
func (b Books) Unblock(ctx context.Context, code string) error { return b.bar(ctx, code, "N") }

func (b Books) bar(ctx context.Context, code, barred string) error {
	return b.in(ctx, func(l ledger) error {
		if err := l.lockCustomer(ctx, code); err != nil {
			return err
		}
		return l.exec(ctx, "UPDATE VEVO SET TILTOTT = ? WHERE CEGKOD = ? AND VEVOKOD = ?", barred, l.Company, code)
	})
}

// Delete deletes a customer with its contacts; one that has documents, items or payments the database keeps.
func (b Books) Delete(ctx context.Context, code string) error {
	return b.in(ctx, func(l ledger) error {
		if err := l.lockCustomer(ctx, code); err != nil {
			return err
		}
		if err := l.exec(ctx, "DELETE FROM KAPCSTART WHERE CEGKOD = ? AND VEVOKOD = ?", l.Company, code); err != nil {
			return err
		}
		return l.exec(ctx, "DELETE FROM VEVO WHERE CEGKOD = ? AND VEVOKOD = ?", l.Company, code)
	})
}
