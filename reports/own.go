package reports

import (
	"context"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/workbook"
)

// own are the company's custom fields of a kind of record, as the last columns of a list.
type own struct {
	kind   string
	locale locale.Locale
	fields []store.CustomField
	values map[[16]byte]map[string]any
}

// columns reads the fields and puts them behind the columns that a list has.
func (o *own) columns(ctx context.Context, s *store.Session, all []workbook.Column) ([]workbook.Column, error) {
	if o == nil {
		return all, nil
	}
	var err error
	if o.fields, err = s.Fields(ctx, o.kind); err != nil {
		return nil, err
	}
	out := slices.Clone(all)
	for _, f := range o.fields {
		c := workbook.Column{Key: "custom." + f.Name, Heading: f.Text(o.locale.Language), Kind: workbook.KindText}
		if slices.ContainsFunc(out, func(other workbook.Column) bool { return other.Heading == c.Heading }) {
			c.Heading += " (" + f.Name + ")"
		}
		switch f.Type {
		case store.NumberField:
			c.Kind = workbook.KindQuantity
		case store.MoneyField:
			c.Kind, c.Currency, c.Total = workbook.KindMoney, custom.Currency(f, o.locale), workbook.Sum
		case store.DateField:
			c.Kind = workbook.KindDate
		case store.TimeField:
			c.Kind = workbook.KindDateTime
		case store.TextField, store.ChoiceField, store.LinkField, store.EmailField, store.YesNoField:
		}
		out = append(out, c)
	}
	return out, nil
}

// load reads the values of the records of a page.
func (o *own) load(ctx context.Context, s *store.Session, records [][16]byte) error {
	names := make([]string, len(o.fields))
	for i, f := range o.fields {
		names[i] = f.Name
	}
	var err error
	o.values, err = s.CustomOf(ctx, o.kind, names, records)
	return err
}

// behind puts a record's values behind its other cells.
func (o *own) behind(id [16]byte, cells ...workbook.Value) []workbook.Value {
	values := o.values[id]
	for _, f := range o.fields {
		cell := workbook.Empty()
		switch v := values[f.Name].(type) {
		case nil:
		case money.Quantity:
			cell = workbook.Quantity(v)
		case money.Amount:
			cell = workbook.Money(v, custom.Currency(f, o.locale))
		case civil.Date:
			cell = workbook.Date(v)
		case time.Time:
			cell = workbook.DateTime(v)
		default:
			cell = workbook.Text(custom.Text(f, v, o.locale))
		}
		cells = append(cells, cell)
	}
	return cells
}
