package api

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/reports/receipt"
)

// Receipts are what money will come in, by week or month.
type Receipts struct {
	Currency  string        `json:"currency" doc:"The company's own; every sum is in it."`
	Periods   []Period      `json:"periods" doc:"The columns."`
	Cells     []ReceiptCell `json:"cells" doc:"One for each column."`
	Sum       ReceiptCell   `json:"sum" doc:"Of all cells."`
	Overdue   ReceiptCell   `json:"overdue" doc:"What should have come in, by due date and the customer's usual delay; in no sum."`
	Undated   ReceiptCell   `json:"undated" doc:"Without a date, or opportunities whose expected close is past; in no sum."`
	Later     ReceiptCell   `json:"later" doc:"Expected behind the last column; in no sum."`
	Ages      []ReceiptAge  `json:"ages" doc:"All that is owed, by how long it is past its due date."`
	OwedKnown bool          `json:"owed_known" doc:"Whether what is owed is told: by the ERP, to who sees everything and the ERP's money."`
	MoreOwed  bool          `json:"more_owed,omitempty" doc:"There is more owed than was read."`
	Habits    int           `json:"habits" doc:"Of how many customers it is known how late they pay."`
	Missing   []string      `json:"missing,omitempty" doc:"Currencies without a rate: what is in them is in no sum."`
	Items     []ReceiptItem `json:"items,omitempty" doc:"What stands at the place that was asked for, in the order it comes in; at most 1,000, where not all are asked for."`
}

// ReceiptCell is what comes in in one column.
type ReceiptCell struct {
	Owed          Decimal `json:"owed" doc:"By customers; each of the others has it in it."`
	Commit        Decimal `json:"commit" doc:"And what is as good as sure."`
	Best          Decimal `json:"best" doc:"And what may come."`
	Weighted      Decimal `json:"weighted" doc:"And all opportunities times their chance."`
	OpenItems     int64   `json:"open_items"`
	Opportunities int64   `json:"opportunities"`
}

// ReceiptAge is what is owed for so long.
type ReceiptAge struct {
	Days      int     `json:"days" doc:"From how many days past the due date on; 0 is what is not due."`
	Owed      Decimal `json:"owed"`
	OpenItems int64   `json:"open_items"`
}

// ReceiptItem is one document or opportunity.
type ReceiptItem struct {
	Place          string  `json:"place" doc:"The first day of its column, overdue, undated or later."`
	DocumentKind   string  `json:"document_kind,omitempty"`
	DocumentKey    string  `json:"document_key,omitempty"`
	DocumentNumber string  `json:"document_number,omitempty"`
	OpportunityID  ID      `json:"opportunity_id,omitempty"`
	Name           string  `json:"name"`
	Customer       string  `json:"customer,omitempty" doc:"The ERP's key."`
	CustomerName   string  `json:"customer_name,omitempty" doc:"Of an opportunity."`
	OwnerUser      string  `json:"owner_user,omitempty"`
	Due            Date    `json:"due,omitempty" doc:"The due date, or the closing of an opportunity."`
	Expected       Date    `json:"expected,omitempty"`
	Late           int     `json:"late" doc:"How many days the customer usually pays later than he should."`
	Chance         Decimal `json:"chance" doc:"In percent; 100 of what is owed or won."`
	Amount         Decimal `json:"amount"`
	Weighted       Decimal `json:"weighted"`
	WithoutVAT     bool    `json:"without_vat,omitempty"`
}

func receiptCellOf(c receipt.Cell) ReceiptCell {
	return ReceiptCell{decimalOf(c.Owed), decimalOf(c.Commit), decimalOf(c.Best), decimalOf(c.Weighted), c.Items, c.Deals}
}

func receiptItemOf(i receipt.Item) ReceiptItem {
	out := ReceiptItem{
		Place: string(i.Place), DocumentKind: string(i.Document.Kind), DocumentKey: i.Document.Key, DocumentNumber: i.Document.Number, Name: i.Name, Customer: i.Customer, CustomerName: i.CustomerName,
		OwnerUser: i.Owner, Due: dateOf(i.Due), Expected: dateOf(i.Expected), Late: i.Late, Chance: decimalOf(i.Chance), Amount: decimalOf(i.Amount), Weighted: decimalOf(i.Weighted), WithoutVAT: i.Net,
	}
	if !i.Opportunity.IsZero() {
		out.OpportunityID = idOf(i.Opportunity)
	}
	return out
}

// ReceiptQuestion asks what money will come in.
type ReceiptQuestion struct {
	Step     string `query:"step" enum:"week,month" default:"month"`
	Columns  int    `query:"columns" minimum:"1" maximum:"26" doc:"How many; 8 weeks or 6 months where it is left out."`
	FirstDay string `query:"first_day" enum:"monday,saturday,sunday" default:"monday" doc:"Of a week."`
}

func (q ReceiptQuestion) query() receipt.Query {
	first := map[string]time.Weekday{"monday": time.Monday, "saturday": time.Saturday, "sunday": time.Sunday}[q.FirstDay]
	return receipt.Query{Step: receipt.Step(q.Step), Columns: q.Columns, FirstDay: first}
}

func (a *server) receipts() {
	r := get("list-receipts", "/receipts", figureTag, "Read what money will come in, by week or month")
	r.Rights = rights(actor.OpportunityRead)
	r.Doc = "What customers owe counts on its due date and as many days later as the customer usually pays; opportunities count after closing, the invoice and the term of payment."
	add(a, r, func(ctx context.Context, m *crm.Module, in *struct {
		Fields
		ReceiptQuestion
		Items string `query:"items" doc:"The place whose items are listed: the first day of a column, overdue, undated, later or all; none where it is left out." maxLength:"10"`
	}) (*Out[Receipts], error) {
		q := in.query()
		q.Behind = receipt.Place(in.Items)
		t, err := m.Receipts.Table(ctx, q)
		return &Out[Receipts]{Receipts{
			t.Currency, each(t.Periods, periodOf), each(t.Cells, receiptCellOf), receiptCellOf(t.Sum), receiptCellOf(t.Overdue), receiptCellOf(t.Undated), receiptCellOf(t.Later),
			each(t.Ages, func(a receipt.Age) ReceiptAge { return ReceiptAge{a.Days, decimalOf(a.Owed), a.Items} }), t.Known, t.More, t.Habits, t.Missing, each(t.Listed, receiptItemOf),
		}}, err
	})
}
