package erp

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

type documents struct{ e *ERP }

// family is where documents of one kind are kept.
type family struct {
	kind         erpbridge.Kind
	table, lines string
	// where tells the kinds that share a table apart.
	where string
	// letter begins the numbers: O2026-00012.
	letter string
	// paid and creditedBy are the columns of the header, or what stands for them.
	paid, creditedBy string
	// delivered and invoiced are the columns of the lines that count what followed.
	delivered, invoiced string
}

var families = []family{
	{erpbridge.Order, "erp_order", "erp_order_line", "", "O", "0", "''", "delivered", "invoiced"},
	{erpbridge.DeliveryNote, "erp_delivery", "erp_delivery_line", "", "D", "0", "''", "0", "invoiced"},
	{erpbridge.Invoice, "erp_invoice", "erp_invoice_line", " AND storno_of = ''", "I", "paid", "credited_by", "0", "0"},
	{erpbridge.CreditNote, "erp_invoice", "erp_invoice_line", " AND storno_of <> ''", "S", "paid", "''", "0", "0"},
	{erpbridge.PaymentRequest, "erp_paper", "erp_paper_line", " AND kind = 'payment_request'", "P", "paid", "''", "0", "0"},
	{erpbridge.AdvanceInvoice, "erp_paper", "erp_paper_line", " AND kind = 'advance_invoice'", "A", "paid", "''", "0", "0"},
	{erpbridge.CompletionAct, "erp_paper", "erp_paper_line", " AND kind = 'completion_act'", "T", "0", "''", "0", "0"},
}

func familyOf(kind erpbridge.Kind) (family, bool) {
	i := slices.IndexFunc(families, func(f family) bool { return f.kind == kind })
	if i < 0 {
		return family{}, false
	}
	return families[i], true
}

// Kinds implements erpbridge.Documents. Credit notes are written by cancelling a posted invoice.
func (p documents) Kinds() []erpbridge.Kind {
	var kinds []erpbridge.Kind
	for _, f := range families {
		kinds = append(kinds, f.kind)
	}
	return kinds
}

// Document implements erpbridge.Documents. The key of a document is its number.
func (p documents) Document(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref) (erpbridge.Document, error) {
	w, err := p.e.work(s)
	if err != nil {
		return erpbridge.Document{}, err
	}
	return w.document(ctx, ref)
}

func (w work) document(ctx context.Context, ref erpbridge.Ref) (erpbridge.Document, error) {
	f, known := familyOf(ref.Kind)
	if !known {
		return erpbridge.Document{}, fault.New(fault.NotFound, "this ERP has no documents of the kind %q", ref.Kind)
	}
	list, err := w.headers(ctx, f, "AND number = ?", ref.Key)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "there is no %s %q", ref.Kind, ref.Key)
	}
	if err != nil {
		return erpbridge.Document{}, err
	}
	d := list[0]
	d.Lines, err = w.lines(ctx, f, d.Number)
	return d, err
}

// columns are what scanHeader reads.
func (f family) columns() string {
	return "number, customer, doc_date, due_date, currency, reference, note, source_kind, source_number, net, vat, gross, state, " +
		f.paid + " AS paid, " + f.creditedBy + " AS credited_by"
}

func scanHeader(r *sql.Rows, d *erpbridge.Document, before ...any) error {
	var source erpbridge.Ref
	var by string
	err := r.Scan(append(before, &d.Number, &d.Customer, &d.Date, &d.Due, &d.Currency, &d.Reference, &d.Note, &source.Kind, &source.Number,
		price(&d.Net), price(&d.VAT), price(&d.Gross), &d.State, price(&d.Paid), &by)...)
	d.Key = d.Number
	if source.Number != "" {
		source.Key = source.Number
		d.Source = &source
	}
	if by != "" {
		d.CancelledBy = &erpbridge.Ref{Kind: erpbridge.CreditNote, Key: by, Number: by}
	}
	return err
}

// headers reads documents without their lines.
func (w work) headers(ctx context.Context, f family, tail string, args ...any) ([]erpbridge.Document, error) {
	var list []erpbridge.Document
	err := w.rows(ctx, func(r *sql.Rows) error {
		d := erpbridge.Document{Ref: erpbridge.Ref{Kind: f.kind}}
		err := scanHeader(r, &d)
		list = append(list, d)
		return err
	}, "SELECT "+f.columns()+" FROM "+f.table+" WHERE company = ?"+f.where+" "+tail, append([]any{w.Company}, args...)...)
	return list, err
}

func (w work) lines(ctx context.Context, f family, number string) ([]erpbridge.DocumentLine, error) {
	var list []erpbridge.DocumentLine
	err := w.rows(ctx, func(r *sql.Rows) error {
		var l erpbridge.DocumentLine
		var row, source int
		err := r.Scan(&row, &source, &l.Product, &l.Name, units(&l.Quantity), &l.Unit, price(&l.UnitPrice), percent(&l.Discount), &l.VATCode,
			percent(&l.VATRate), price(&l.Net), units(&l.Delivered), units(&l.Invoiced))
		l.Key = strconv.Itoa(row)
		if source > 0 {
			l.SourceLine = strconv.Itoa(source)
		}
		list = append(list, l)
		return err
	}, "SELECT row_no, source_row, product, name, quantity, unit, unit_price, discount, vat_code, vat_rate, net, "+f.delivered+", "+f.invoiced+
		" FROM "+f.lines+" WHERE company = ? AND number = ? ORDER BY row_no", w.Company, number)
	return list, err
}

// lockDocument locks the header of a document until the transaction ends; one that does not exist is
// found missing later.
func (w work) lockDocument(ctx context.Context, ref erpbridge.Ref) error {
	f, known := familyOf(ref.Kind)
	if !known {
		return nil
	}
	return w.exec(ctx, "UPDATE "+f.table+" SET number = number WHERE company = ? AND number = ?", w.Company, ref.Key)
}

// DocumentPage asks for a page of documents, newest first.
type DocumentPage struct {
	Kind erpbridge.Kind
	// Customer is the key of the customer, "" for all.
	Customer string
	// After is the number of the last document of the page before, "" for the first page.
	After string
	Limit int
}

// ListDocuments gives a page of orders, delivery notes, invoices or credit notes, without their
// lines.
func (e *ERP) ListDocuments(ctx context.Context, s erpbridge.Session, page DocumentPage) ([]erpbridge.Document, error) {
	w, err := e.work(s)
	if err != nil {
		return nil, err
	}
	f, known := familyOf(page.Kind)
	if !known {
		return nil, fault.New(fault.Invalid, "this ERP has no documents of the kind %q", page.Kind)
	}
	var tail strings.Builder
	var args []any
	if page.Customer != "" {
		tail.WriteString("AND customer = ? ")
		args = append(args, page.Customer)
	}
	if page.After != "" {
		last, err := w.document(ctx, erpbridge.Ref{Kind: page.Kind, Key: page.After})
		if err != nil {
			return nil, err
		}
		tail.WriteString("AND (doc_date < ? OR doc_date = ? AND number < ?) ")
		args = append(args, last.Date, last.Date, last.Number)
	}
	tail.WriteString("ORDER BY doc_date DESC, number DESC" + w.limit(max(page.Limit, 1)))
	return w.headers(ctx, f, tail.String(), args...)
}
