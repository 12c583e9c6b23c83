package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
	"github.com/crmplus/crmplus/reports/suggest"
	"github.com/crmplus/crmplus/reports/value"
)

// customerWorth is what a customer's card says of his orders, his class and what he may want.
type customerWorth struct {
	Value *valueRow
	Sales *salesView
	// Untold says that the host does not tell what was ordered.
	Untold  bool
	Wants   []suggestionRow
	Journey []milestone
}

// salesView is the orders of three years as a chart and tables.
type salesView struct {
	Chart          lines
	Years, Totals  []string
	Months, Groups []salesRow
	Rhythm, Others string
}

type salesRow struct {
	Name string
	Sums []string
}

// milestone is a step of the way from the first touch to the latest order.
type milestone struct {
	Text, What, Path, Day string

	on civil.Date
}

// mostWants is how many suggestions a card shows.
const mostWants = 6

// worthOf fills what the visitor may know of the customer's worth.
func (v *visit) worthOf(d *customerCard) error {
	row, err := v.module().Values.Of(v.ctx(), d.Customer.Key)
	switch {
	case err == nil:
		row.Name = d.Customer.Name // the host has just told it
		rows, err := v.valueRows([]value.Row{row})
		if err != nil {
			return err
		}
		d.Value = &rows[0]
	case fault.CodeOf(err) != fault.NotFound:
		return err
	}
	if v.may(actor.OpportunityRead) {
		list, err := v.module().Suggestions.List(v.ctx(), suggest.Filter{Customer: d.Customer.Key, Page: store.Page{Limit: mostWants}})
		if err != nil {
			return err
		}
		for i := range list.Rows {
			list.Rows[i].Name = d.Customer.Name
		}
		if d.Wants, err = v.suggestionRows(list.Rows); err != nil {
			return err
		}
	}
	if d.Party == nil { // what the host says of money is for those who see the party
		return nil
	}
	sales, err := v.salesWith(d)
	if err != nil {
		return err
	}
	return v.journey(d, sales)
}

// salesWith asks the host for the customer's orders.
func (v *visit) salesWith(d *customerCard) (crm.CustomerSales, error) {
	if !v.may(actor.Convert) {
		return crm.CustomerSales{}, nil
	}
	sales, err := v.module().CustomerSales(v.ctx(), d.Customer.Key)
	switch fault.CodeOf(err) {
	case "":
	case fault.NotFound:
		d.Untold = true
		return sales, nil
	case fault.Unavailable, fault.Unknown:
		d.Silent = true
		return sales, nil
	default:
		return sales, err
	}
	d.Sales = v.salesView(sales)
	return sales, nil
}

func (v *visit) salesView(sales crm.CustomerSales) *salesView {
	lang, currency := v.Locale.Language, sales.Currency
	out := &salesView{Rhythm: v.t("sold.chart", sales.Orders)}
	if len(sales.Others) > 0 {
		out.Others = v.t("sold.others", strings.Join(sales.Others, ", "))
	}
	data := make([]lineData, len(sales.Years))
	for i, year := range sales.Years {
		out.Years = append(out.Years, strconv.Itoa(year))
		out.Totals = append(out.Totals, lang.Money(sales.Totals[i], currency))
		data[i].Name = strconv.Itoa(year)
	}
	labels := make([]string, 12)
	for m := range labels {
		labels[m] = strconv.Itoa(m + 1)
		row := salesRow{Name: labels[m]}
		for i := range sales.Years {
			sum := sales.Months[i][m]
			text := lang.Money(sum, currency)
			row.Sums = append(row.Sums, text)
			if i == len(sales.Years)-1 && m >= int(civil.In(v.s.now(), v.zone()).Month) {
				continue // months to come are no zeros
			}
			data[i].Values, data[i].Texts = append(data[i].Values, sum.Decimal), append(data[i].Texts, text)
		}
		out.Months = append(out.Months, row)
	}
	for _, g := range sales.Groups {
		row := salesRow{Name: g.Name}
		if row.Name == "" {
			row.Name = v.t("sold.nogroup")
		}
		for _, sum := range g.Sums {
			row.Sums = append(row.Sums, lang.Money(sum, currency))
		}
		out.Groups = append(out.Groups, row)
	}
	data = slices.DeleteFunc(data, func(d lineData) bool { // a year without orders is in the table
		return !slices.ContainsFunc(d.Values, func(v decimal.Decimal) bool { return !v.IsZero() })
	})
	out.Chart = newLines(v.t("sold.title"), out.Rhythm, labels, data, kpi.AxisMoney(lang, currency))
	return out
}

// journey puts together how he came to be a customer, from what the visitor sees.
func (v *visit) journey(d *customerCard, sales crm.CustomerSales) error {
	zone := v.zone()
	step := func(key, what, path string, on civil.Date) {
		if !on.IsZero() {
			d.Journey = append(d.Journey, milestone{v.t("journey." + key), what, path, v.Locale.Language.Date(on), on})
		}
	}
	if v.may(actor.LeadRead) {
		leads, err := v.leadsOf(*d.Party)
		if err != nil {
			return err
		}
		if n := len(leads); n > 0 {
			first := leads[n-1]
			step("lead", first.Source, v.link("/leads", first.ID.String()), civil.In(first.ArrivedAt, zone))
		}
	}
	if n := len(d.Deals); n > 0 {
		first := d.Deals[n-1]
		step("opportunity", first.Name, v.link("/opportunities", first.ID.String()), civil.In(first.CreatedAt, zone))
	}
	if n := len(d.Quotes); n > 0 {
		first := d.Quotes[n-1]
		step("quote", first.Number, v.link("/quotes", first.ID.String()), civil.In(first.CreatedAt, zone))
	}
	step("order", "", "", sales.First)
	if sales.Last != sales.First {
		step("last", "", "", sales.Last)
	}
	slices.SortStableFunc(d.Journey, func(a, b milestone) int { return a.on.Compare(b.on) })
	return nil
}
