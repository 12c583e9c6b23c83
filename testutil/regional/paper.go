package regional

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
)

// Paper is a document that somebody in the office writes.
type Paper struct {
	Kind     string
	Customer string
	Day      civil.Date
	Currency string
	// Source is the number of the document it follows, "" for none.
	Source string
	Lines  []PaperLine
	// state is the state it begins with; "" is [Open].
	state string
}

// PaperLine is a line of a [Paper]. One that follows a line of the source needs Row and Quantity only.
type PaperLine struct {
	// Row is the row of the source it follows, 0 for none.
	Row                       int
	Product, Name, Unit       string
	Quantity, Price, Discount decimal.Decimal
	VATCode                   string
}

// Write writes a document and gives its number. It checks nothing that the database does not.
func (b Books) Write(ctx context.Context, p Paper) (number string, err error) {
	err = b.in(ctx, func(l ledger) error {
		number, err = l.write(ctx, p)
		return err
	})
	return number, err
}

// header is what a document is written with.
type header struct {
	number               string
	sourceKind, source   any
	customerName, terms  string
	currencyDigits       int32
	days, year, sequence int
}

func (l ledger) write(ctx context.Context, p Paper) (string, error) {
	var h header
	var err error
	if h.year, err = l.fiscalYear(ctx, p.Day); err != nil {
		return "", err
	}
	if h.sequence, err = l.take(ctx, Series{Kind: p.Kind, Year: h.year}); err != nil {
		return "", err
	}
	h.number = fmt.Sprintf("%s%02d/%05d", p.Kind, h.year%100, h.sequence)
	if p.Source != "" {
		var kind string
		if err := l.row(ctx, "document "+p.Source, []any{&kind}, "SELECT BIZTIPUS FROM BIZFEJ WHERE CEGKOD = ? AND BIZSZAM = ?", l.Company, p.Source); err != nil {
			return "", err
		}
		h.sourceKind, h.source = kind, p.Source
	}
	err = l.row(ctx, "customer "+p.Customer+" in "+p.Currency, []any{&h.customerName, &h.terms, &h.days, &h.currencyDigits},
		`SELECT V.VEVNEV, V.FIZKOD, F.NAPOK, D.TIZEDES FROM VEVO AS V JOIN FIZMODOK AS F ON F.CEGKOD = V.CEGKOD AND F.FIZKOD = V.FIZKOD
			JOIN DEVIZAK AS D ON D.CEGKOD = V.CEGKOD WHERE V.CEGKOD = ? AND V.VEVOKOD = ? AND D.DEVIZANEM = ?`, l.Company, p.Customer, p.Currency)
	if err != nil {
		return "", err
	}
	if p.state == "" {
		p.state = Open
	}
	due := p.Day.AddDays(h.days)
	err = l.exec(ctx, `INSERT INTO BIZFEJ (CEGKOD, BIZSZAM, BIZTIPUS, UZLETIEV, SOROZAT, SORSZAM, VEVOKOD, VEVNEV, KELT, TELJDAT, HATARIDO, DEVIZANEM, ARFOLYAM,
		FIZKOD, RAKTARKOD, ELOZTIPUS, ELOZBIZ, ALLAPOT, ROGZITO, ROGZIDO) VALUES (?, ?, ?, ?, 'A', ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)`,
		l.Company, h.number, p.Kind, h.year, h.sequence, p.Customer, h.customerName, midnight(p.Day), midnight(p.Day), midnight(due), p.Currency,
		h.terms, Warehouse, h.sourceKind, h.source, Open, Clerk, midnight(p.Day).Add(10*time.Hour))
	if err != nil {
		return "", err
	}
	for i, line := range p.Lines {
		if err := l.writeLine(ctx, p, h, (i+1)*10, line); err != nil {
			return "", err
		}
	}
	if err := l.summarise(ctx, h); err != nil {
		return "", err
	}
	if p.state != Open {
		if err := l.exec(ctx, "UPDATE BIZFEJ SET ALLAPOT = ? WHERE CEGKOD = ? AND BIZSZAM = ?", p.state, l.Company, h.number); err != nil {
			return "", err
		}
	}
	return h.number, nil
}

func (l ledger) writeLine(ctx context.Context, p Paper, h header, row int, line PaperLine) error {
	var source, product, unit any
	var rate decimal.Decimal
	if line.Row > 0 {
		source = line.Row
		var from struct{ product, unit sql.NullString }
		err := l.row(ctx, fmt.Sprintf("row %d of %s", line.Row, p.Source), []any{&from.product, &line.Name, &from.unit, exact{&line.Price, 4}, exact{&line.Discount, 4}, &line.VATCode},
			"SELECT CIKKSZAM, MEGNEVEZES, MEKOD, EGYSEGAR, ENGEDMENY, AFAKOD FROM BIZSOR WHERE CEGKOD = ? AND BIZSZAM = ? AND SORSZ = ?", l.Company, p.Source, line.Row)
		if err != nil {
			return err
		}
		line.Product, line.Unit = from.product.String, from.unit.String
	}
	if line.Product != "" {
		product = line.Product
	}
	if line.Unit != "" {
		unit = line.Unit
	}
	if err := l.row(ctx, "VAT code "+line.VATCode, []any{exact{&rate, 2}}, "SELECT AFAKULCS FROM AFATORZS WHERE CEGKOD = ? AND AFAKOD = ?", l.Company, line.VATCode); err != nil {
		return err
	}
	full := line.Price.Mul(line.Quantity)
	net := full.Sub(full.Mul(line.Discount).Shift(-2)).Round(h.currencyDigits)
	err := l.exec(ctx, `INSERT INTO BIZSOR (CEGKOD, BIZSZAM, SORSZ, ELOZSORSZ, CIKKSZAM, MEGNEVEZES, MENNYISEG, MEKOD, EGYSEGAR, ENGEDMENY, AFAKOD, AFAKULCS, NETTO, ROGZITO, ROGZIDO)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, l.Company, h.number, row, source, product, line.Name, quantity(line.Quantity), unit,
		price(line.Price), price(line.Discount), line.VATCode, total(rate), total(net), Clerk, midnight(p.Day).Add(10*time.Hour))
	if err != nil || line.Row == 0 {
		return err
	}
	return l.follow(ctx, p, line)
}

// follow counts a line on the line it follows and on those behind it, and on the stock.
func (l ledger) follow(ctx context.Context, p Paper, line PaperLine) error {
	column := "SZAMLAZVA"
	switch p.Kind {
	case DeliveryNote:
		column = "SZALLITVA"
		err := l.exec(ctx, "UPDATE KESZLET SET MENNYISEG = MENNYISEG - ? WHERE CEGKOD = ? AND RAKTARKOD = ? AND CIKKSZAM = ?", quantity(line.Quantity), l.Company, Warehouse, line.Product)
		if err != nil {
			return err
		}
	case Invoice:
	default:
		return nil
	}
	number, row := p.Source, line.Row
	for range 2 { // a delivery note, and the order behind it
		err := l.exec(ctx, "UPDATE BIZSOR SET "+column+" = "+column+" + ? WHERE CEGKOD = ? AND BIZSZAM = ? AND SORSZ = ?", quantity(line.Quantity), l.Company, number, row)
		if err != nil {
			return err
		}
		if err := l.advance(ctx, number); err != nil {
			return err
		}
		var source sql.NullString
		var sourceRow sql.NullInt64
		err = l.row(ctx, "row "+number, []any{&source, &sourceRow}, `SELECT F.ELOZBIZ, S.ELOZSORSZ FROM BIZSOR AS S JOIN BIZFEJ AS F ON F.CEGKOD = S.CEGKOD AND F.BIZSZAM = S.BIZSZAM
			WHERE S.CEGKOD = ? AND S.BIZSZAM = ? AND S.SORSZ = ?`, l.Company, number, row)
		if err != nil || !source.Valid || !sourceRow.Valid {
			return err
		}
		number, row = source.String, int(sourceRow.Int64)
	}
	return nil
}

// advance sets the state of an order or a delivery note by how much of it followed.
func (l ledger) advance(ctx context.Context, number string) error {
	return l.exec(ctx, `UPDATE BIZFEJ SET ALLAPOT = CASE
			WHEN NOT EXISTS (SELECT 1 FROM BIZSOR AS S WHERE S.CEGKOD = BIZFEJ.CEGKOD AND S.BIZSZAM = BIZFEJ.BIZSZAM AND S.SZAMLAZVA < S.MENNYISEG) THEN 'T'
			WHEN EXISTS (SELECT 1 FROM BIZSOR AS S WHERE S.CEGKOD = BIZFEJ.CEGKOD AND S.BIZSZAM = BIZFEJ.BIZSZAM AND (S.SZALLITVA > 0 OR S.SZAMLAZVA > 0)) THEN 'R'
			ELSE 'N' END
		WHERE CEGKOD = ? AND BIZSZAM = ? AND ALLAPOT IN ('N', 'R', 'T')`, l.Company, number)
}

// summarise writes the VAT summary of a document from its lines.
func (l ledger) summarise(ctx context.Context, h header) error {
	type code struct {
		code      string
		rate, net decimal.Decimal
	}
	var codes []code
	err := l.rows(ctx, func(r *sql.Rows) error {
		var c code
		err := r.Scan(&c.code, exact{&c.rate, 2}, exact{&c.net, 2})
		codes = append(codes, c)
		return err
	}, "SELECT AFAKOD, AFAKULCS, SUM(NETTO) FROM BIZSOR WHERE CEGKOD = ? AND BIZSZAM = ? GROUP BY AFAKOD, AFAKULCS ORDER BY AFAKOD", l.Company, h.number)
	if err != nil {
		return err
	}
	for _, c := range codes {
		vat := c.net.Mul(c.rate).Shift(-2).Round(h.currencyDigits)
		err := l.exec(ctx, "INSERT INTO BIZAFA (CEGKOD, BIZSZAM, AFAKOD, AFAKULCS, NETTO, AFA) VALUES (?, ?, ?, ?, ?, ?)",
			l.Company, h.number, c.code, total(c.rate), total(c.net), total(vat))
		if err != nil {
			return err
		}
	}
	return nil
}
