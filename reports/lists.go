package reports

import (
	"context"
	"io"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/workbook"
)

// list is a list of records as its screen reads it, put into a workbook: narrowed by the same filter, seen by the same
// rights, and with the company's custom fields as the last columns.
type list[Row any] struct {
	// name is that of the sheet, kind the kind of record that custom fields are of.
	name, kind string
	columns    []workbook.Column
	read       func(ctx context.Context, s *store.Session, page store.Page) (rows []Row, next string, err error)
	id         func(Row) [16]byte
	cells      func(Row) []workbook.Value
	// count is told of each row, for the summary; nil for none.
	count func(Row)
}

func (t list[Row]) table(l locale.Locale) table {
	own := &own{kind: t.kind, locale: l}
	return table{own: own, name: texts.T(l.Language, "sheet."+t.name), columns: t.columns, rows: func(ctx context.Context, s *store.Session, each func(...workbook.Value) error) error {
		return through(ctx, s, walk[Row]{own, t.id, t.read}, func(r Row) error {
			if t.count != nil {
				t.count(r)
			}
			return each(own.behind(t.id(r), t.cells(r)...)...)
		})
	}}
}

// walk says how a list is read page by page.
type walk[Row any] struct {
	own  *own
	id   func(Row) [16]byte
	read func(ctx context.Context, s *store.Session, page store.Page) (rows []Row, next string, err error)
}

// through reads a list a page at a time, with the values of its custom fields, and hands each row to each.
func through[Row any](ctx context.Context, s *store.Session, w walk[Row], each func(Row) error) error {
	page := store.Page{Limit: chunk}
	for {
		rows, next, err := w.read(ctx, s, page)
		if err != nil {
			return err
		}
		ids := make([][16]byte, len(rows))
		for i, row := range rows {
			ids[i] = w.id(row)
		}
		if err := w.own.load(ctx, s, ids); err != nil {
			return err
		}
		for _, row := range rows {
			if err := each(row); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		page.After = next
	}
}

// listCover is the first sheet of a list: what it is narrowed by, and when it was made.
func (r *Reports) listCover(l locale.Locale, b FigureBook) table {
	return coverOf(l, [][2]string{{"filter", b.Filter}, {"made", moment(l, r.db.Now())}})
}

// quoteSum adds up the quotes of one state and one currency.
type quoteSum struct {
	state           quote.State
	currency        string
	count           int64
	net, vat, gross money.Amount
}

// quoteSums add up quotes in the order of their states and, within one, of their first appearance.
type quoteSums []quoteSum

func (sums *quoteSums) add(q quote.Row) {
	for i := range *sums {
		if s := &(*sums)[i]; s.state == q.State && s.currency == q.Currency {
			s.count++
			s.net, s.vat, s.gross = s.net.Add(q.Net), s.vat.Add(q.VAT), s.gross.Add(q.Gross)
			return
		}
	}
	*sums = append(*sums, quoteSum{q.State, q.Currency, 1, q.Net, q.VAT, q.Gross})
}

// QuoteList writes the list of quotes as a workbook, the newest first, and their sums by state and currency; versions
// that others took the place of are quotes too, so that only the sums of one state are those of offers. f narrows it as it
// does the screen; its page is not looked at. It needs actor.ReportRead and actor.QuoteRead.
func (r *Reports) QuoteList(ctx context.Context, w io.Writer, quotes *quote.Quotes, f quote.Filter, b FigureBook) error {
	return r.write(ctx, w, Query{Language: b.Language}, "report.quotes", func(l locale.Locale) []table {
		c, sums := columns{l.Language}, &quoteSums{}
		data := list[quote.Row]{
			name: "quotes", kind: "quote", count: sums.add,
			columns: []workbook.Column{
				c.text("quote_number"), c.of("revision", workbook.KindInteger), c.text("party"), c.text("subject"), c.text("status"), c.text("owner"), c.text("currency"),
				c.money("net_total"), c.money("vat"), c.money("gross_total"), c.time("created_at"), c.date("issued_on"), c.date("valid_until"), c.time("decided_at"), c.text("decided_by"),
			},
			id: func(q quote.Row) [16]byte { return q.ID },
			read: func(ctx context.Context, s *store.Session, page store.Page) ([]quote.Row, string, error) {
				f.Page, f.Show = page, nil
				found, err := quotes.In(s).List(ctx, f)
				return found.Rows, found.Next, err
			},
			cells: func(q quote.Row) []workbook.Value {
				return []workbook.Value{
					workbook.Text(q.Number), workbook.Integer(int64(q.Revision)), workbook.Text(q.PartyName), workbook.Text(q.Title), workbook.Text(q.State.In(l.Language)), b.Label.of(kpi.Seller, q.OwnerUser), workbook.Text(q.Currency),
					workbook.Money(q.Net, q.Currency), workbook.Money(q.VAT, q.Currency), workbook.Money(q.Gross, q.Currency), workbook.DateTime(q.CreatedAt), workbook.Date(q.IssuedOn), workbook.Date(q.ValidUntil), workbook.DateTime(q.DecidedAt), workbook.Text(q.DecidedBy),
				}
			},
		}
		return []table{r.listCover(l, b), data.table(l), quoteSummary(l, sums)}
	})
}

// quoteSummary is written when all rows were counted.
func quoteSummary(l locale.Locale, sums *quoteSums) table {
	c := columns{l.Language}
	return table{
		name:    texts.T(l.Language, "sheet.summary"),
		columns: []workbook.Column{c.text("status"), c.text("currency"), c.count("number"), c.money("net_total"), c.money("vat"), c.money("gross_total")},
		rows: func(_ context.Context, _ *store.Session, each func(...workbook.Value) error) error {
			for _, state := range quote.States {
				for _, s := range *sums {
					if s.state != state {
						continue
					}
					err := each(workbook.Text(s.state.In(l.Language)), workbook.Text(s.currency), workbook.Integer(s.count),
						workbook.Money(s.net, s.currency), workbook.Money(s.vat, s.currency), workbook.Money(s.gross, s.currency))
					if err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}

// ContactList writes the list of people, or of companies, as a workbook, in the order of their names. f narrows it as it
// does the screen; its page is not looked at. It needs actor.ReportRead and actor.LeadRead.
func (r *Reports) ContactList(ctx context.Context, w io.Writer, parties *party.Parties, f party.ListFilter, b FigureBook) error {
	return r.write(ctx, w, Query{Language: b.Language}, "report.contacts", func(l locale.Locale) []table {
		c := columns{l.Language}
		data := list[party.ListRow]{
			name: "contacts", kind: "party",
			columns: []workbook.Column{
				c.text("name"), c.text("organization"), c.text("job_title"), c.text("email"), c.text("phone"), c.text("mobile"), c.text("postal_code"), c.text("city"), c.text("address"), c.text("country"),
				c.text("tax_id"), c.text("customer_key"), c.text("owner"), c.time("created_at"),
			},
			id: func(p party.ListRow) [16]byte { return p.ID },
			read: func(ctx context.Context, s *store.Session, page store.Page) ([]party.ListRow, string, error) {
				if err := s.Actor.Require(actor.LeadRead); err != nil { // as the screen does; parties by themselves are for whoever works with them
					return nil, "", err
				}
				f.Page, f.Show = page, nil
				found, err := parties.In(s).List(ctx, f)
				return found.Rows, found.Next, err
			},
			cells: func(p party.ListRow) []workbook.Value {
				return []workbook.Value{
					workbook.Text(p.DisplayName), workbook.Text(p.Employer), workbook.Text(p.JobTitle), workbook.Text(p.Email), workbook.Text(p.Phone), workbook.Text(p.Mobile), workbook.Text(p.PostalCode), workbook.Text(p.City), workbook.Text(p.Line1), workbook.Text(p.Country),
					workbook.Text(p.TaxID), workbook.Text(p.HostKey), b.Label.of(kpi.Seller, p.OwnerUser), workbook.DateTime(p.CreatedAt),
				}
			},
		}
		return []table{r.listCover(l, b), data.table(l)}
	})
}

// listTexts are the words of the workbooks of lists.
var listTexts = locale.Texts{
	"report.quotes":       locale.Row("Árajánlatok", "Quotes", "הצעות מחיר", "Коммерческие предложения", "Προσφορές"),
	"sheet.quotes":        locale.Row("Árajánlatok", "Quotes", "הצעות מחיר", "Предложения", "Προσφορές"),
	"report.contacts":     locale.Row("Kapcsolattartók", "Contacts", "אנשי קשר", "Контакты", "Επαφές"),
	"sheet.contacts":      locale.Row("Kapcsolattartók", "Contacts", "אנשי קשר", "Контакты", "Επαφές"),
	"column.job_title":    locale.Row("Beosztás", "Job title", "תפקיד", "Должность", "Θέση"),
	"column.mobile":       locale.Row("Mobil", "Mobile", "נייד", "Мобильный", "Κινητό"),
	"column.postal_code":  locale.Row("Irányítószám", "Postcode", "מיקוד", "Индекс", "Τ.Κ."),
	"column.address":      locale.Row("Cím", "Address", "כתובת", "Адрес", "Διεύθυνση"),
	"column.tax_id":       locale.Row("Adószám", "Tax number", "מספר עוסק", "ИНН", "ΑΦΜ"),
	"sheet.summary":       locale.Row("Összesítés", "Summary", "סיכום", "Итоги", "Σύνοψη"),
	"column.quote_number": locale.Row("Szám", "Number", "מספר", "Номер", "Αριθμός"),
	"column.revision":     locale.Row("Változat", "Version", "גרסה", "Версия", "Έκδοση"),
	"column.subject":      locale.Row("Tárgy", "Subject", "נושא", "Тема", "Θέμα"),
	"column.net_total":    locale.Row("Nettó", "Net", "נטו", "Без НДС", "Καθαρή αξία"),
	"column.gross_total":  locale.Row("Bruttó", "Gross", "ברוטו", "С НДС", "Μικτή αξία"),
	"column.issued_on":    locale.Row("Kiadva", "Issued", "הונפקה", "Выставлено", "Εκδόθηκε"),
	"column.valid_until":  locale.Row("Érvényes", "Valid until", "בתוקף עד", "Действует до", "Ισχύει έως"),
	"column.decided_at":   locale.Row("Döntés ideje", "Decided", "מועד ההחלטה", "Решение принято", "Απόφαση"),
	"column.decided_by":   locale.Row("Ki döntött", "Decided by", "הוחלט בידי", "Кто решил", "Αποφάσισε"),
}
