package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
)

// opportunityLines is the table of an opportunity's lines as they were saved.
func (v *visit) opportunityLines(card opportunity.Card) lineTable {
	t := v.lineTableOf(card)
	lang := v.Locale.Language
	t.Totals = lineTotals{Currency: card.Currency}
	for i, l := range card.Lines {
		r := lineRow{
			Kind: string(quote.Item), Code: l.ProductKey, Name: l.Name, Quantity: lang.Quantity(l.Quantity.Decimal), Unit: l.Unit, Number: strconv.Itoa(i + 1),
			Price: lang.Number(l.UnitPrice.Decimal, places(l.UnitPrice, card.Currency)), Net: lang.Money(l.Amount, card.Currency), Faults: map[string][]string{},
		}
		if !l.Discount.IsZero() {
			r.Discount = lang.Quantity(l.Discount.Decimal)
		}
		r.remember()
		t.Rows = append(t.Rows, r)
		t.Totals.Net = money.NewAmount(t.Totals.Net.Decimal.Add(l.Amount.Decimal))
	}
	if t.Write {
		t.Rows = spared(t.Rows)
	}
	return t
}

func (v *visit) lineTableOf(card opportunity.Card) lineTable {
	return lineTable{
		Write: v.may(actor.OpportunityWrite) && card.State == opportunity.Open, Currency: card.Currency, Version: strconv.FormatInt(card.Version, 10),
		Sums: v.link("/opportunities", card.ID.String(), "sums"), Products: withValues(v.link("/products"), map[string][]string{"currency": {card.Currency}, "party": {card.PartyID.String()}}),
	}
}

// typedOpportunityLines turns rows into lines; what is left empty comes from the product and the price list.
func (v *visit) typedOpportunityLines(card opportunity.Card, rows []lineRow) (lines []opportunity.Line, at []int, err error) { //nolint:gocognit // one case after the other
	lang, products := v.Locale.Language, v.catalogue()
	customer := ""
	for i, r := range rows {
		if !r.filled() {
			continue
		}
		l := opportunity.Line{Name: r.Name, Quantity: r.quantity(lang), Unit: r.Unit}
		price, discount := r.amount(lang, "price", r.Price), r.percent(lang, "discount", r.Discount)
		if r.Code != "" {
			p, wrong, err := products.find(r.Code)
			if err != nil {
				return nil, nil, err
			}
			if wrong != "" {
				r.wrong("code", wrong)
				lines, at = append(lines, l), append(at, i)
				continue
			}
			l.ProductKey, l.ProductGroup = p.Key, p.Group
			if l.Name == "" {
				l.Name = p.Name
			}
			if l.Unit == "" {
				l.Unit = p.Unit
			}
			if price == nil {
				if customer == "" {
					if customer, err = v.customerKey(card.PartyID); err != nil {
						return nil, nil, err
					}
				}
				listed, err := v.module().Price(v.ctx(), erpbridge.PriceQuestion{Product: p.Key, Customer: customer, Quantity: l.Quantity, Currency: card.Currency})
				if err != nil && fault.CodeOf(err) != fault.NotFound {
					return nil, nil, err
				}
				price = &listed.Unit
				if discount == nil {
					discount = &listed.Discount
				}
			}
		}
		if price != nil {
			l.UnitPrice = *price
		}
		if discount != nil {
			l.Discount = *discount
		}
		lines, at = append(lines, l), append(at, i)
	}
	return lines, at, nil
}

// customerKey is the host's key of the customer that a party is, "" for none.
func (v *visit) customerKey(id party.ID) (string, error) {
	if id.IsZero() {
		return "", nil
	}
	links, err := v.module().Parties.Links(v.ctx(), id)
	if errors.Is(err, fault.NotFound) {
		return "", nil // whoever sees the opportunity need not see the party
	}
	for _, l := range links {
		if l.Role == party.Customer {
			return l.HostKey, err
		}
	}
	return "", err
}

func (s *screens) saveOpportunityLines(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	f := v.posted()
	card, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	t := v.lineTableOf(card)
	t.Version = f.Get("version")
	rows := typedRows(f)
	if what := f.text("row"); what != "" {
		t.Rows = arrange(rows, what)
		return s.drawOpportunity(v, http.StatusOK, id, opportunityForms{Lines: &t})
	}
	lines, at, err := v.typedOpportunityLines(card, rows)
	if err != nil {
		return err
	}
	if !badRows(rows) {
		_, err = v.module().Opportunities.SetLines(v.ctx(), id, f.version("version"), lines)
		if err == nil {
			return s.saved(v, id)
		}
		rest := v.place(err, rows, at)
		if fault.CodeOf(err) == fault.Conflict { // the rows as a whole: whoever saves again takes his own
			t.Version = strconv.FormatInt(card.Version, 10)
			t.General = append(t.General, v.t("line.conflict"))
			rest = nil
		}
		if rest != nil {
			if err := v.refuse(f, rest); err != nil {
				return err
			}
			t.General = append(t.General, f.General()...)
		}
	}
	v.opportunitySums(&t, rows, lines, at)
	t.Rows = spared(rows)
	return s.drawOpportunity(v, http.StatusUnprocessableEntity, id, opportunityForms{Lines: &t})
}

// opportunitySums writes amounts and hints into the rows, and the sum.
func (v *visit) opportunitySums(t *lineTable, rows []lineRow, lines []opportunity.Line, at []int) {
	lang := v.Locale.Language
	t.Totals = lineTotals{Currency: t.Currency}
	for i, l := range lines {
		r := &rows[at[i]]
		r.Number = strconv.Itoa(i + 1)
		if len(r.Faults) > 0 {
			t.Totals.Partial = true
			continue
		}
		net, err := quote.LineNet(quote.Line{Kind: quote.Item, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Discount: l.Discount}, t.Currency)
		if err != nil {
			r.wrong("price", v.sentence(err.Error()))
			t.Totals.Partial = true
			continue
		}
		r.NameHint, r.UnitHint, r.PriceHint, r.DiscountHint = l.Name, l.Unit, lang.Number(l.UnitPrice.Decimal, places(l.UnitPrice, t.Currency)), lang.Quantity(l.Discount.Decimal)
		r.Net = lang.Money(net, t.Currency)
		t.Totals.Net = money.NewAmount(t.Totals.Net.Decimal.Add(net.Decimal))
	}
}

// sumOpportunityLines answers what is typed with amounts and the sum.
func (s *screens) sumOpportunityLines(v *visit) error {
	id, err := key[opportunity.Tag](v, "id")
	if err != nil {
		return err
	}
	card, err := v.module().Opportunities.Get(v.ctx(), id)
	if err != nil {
		return err
	}
	t, rows := v.lineTableOf(card), typedRows(v.posted())
	lines, at, err := v.typedOpportunityLines(card, rows)
	if err != nil {
		return err
	}
	v.opportunitySums(&t, rows, lines, at)
	return v.answerSums("opportunity_card", rows, t.Totals, nil)
}

// sumsAnswer is what a table of lines is told while somebody types.
type sumsAnswer struct {
	Rows   []sumsRow `json:"rows"`
	Totals string    `json:"totals"`
	// Drawn says that the page beside can be drawn anew.
	Drawn bool `json:"drawn"`
}

type sumsRow struct {
	Number   string   `json:"number"`
	Net      string   `json:"net"`
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	Price    string   `json:"price"`
	Discount string   `json:"discount"`
	VAT      string   `json:"vat"`
	Wrong    string   `json:"wrong"`
	Bad      []string `json:"bad"`
}

func (v *visit) answerSums(page string, rows []lineRow, totals lineTotals, general []string) error {
	t, err := v.s.pages.in(v.Locale, page)
	if err != nil {
		return err
	}
	var drawn strings.Builder
	if err := t.ExecuteTemplate(&drawn, "linetotals", map[string]any{"Totals": totals, "General": general}); err != nil {
		return err
	}
	answer := sumsAnswer{Totals: drawn.String(), Drawn: len(general) == 0}
	for _, r := range rows {
		one := sumsRow{Number: r.Number, Net: r.Net, Name: r.NameHint, Unit: r.UnitHint, Price: r.PriceHint, Discount: r.DiscountHint, VAT: r.VATHint, Wrong: r.Wrong(), Bad: []string{}}
		for name := range r.Faults {
			one.Bad = append(one.Bad, name)
		}
		answer.Rows = append(answer.Rows, one)
	}
	v.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(v.w).Encode(answer)
}
