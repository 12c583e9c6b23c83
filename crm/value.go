package crm

import (
	"context"
	"errors"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/reports/suggest"
	"github.com/crmplus/crmplus/reports/value"
)

func (m *Module) assembleValues(db *store.DB) {
	c := m.config
	m.Suggestions = suggest.New(db, suggest.Config{Locales: c.Locale, Parties: m.Parties, Opportunities: m.Opportunities})
	m.Values = value.New(db, value.Config{
		Host: c.Host, Locales: c.Locale, Parties: m.Parties, Activities: m.Activities, Calendars: m.Calendars, Also: m.Suggestions.Keep,
	})
	if !m.Values.Known() {
		m.KPIs, m.Reports = m.KPIs.Untold(), m.Reports.Untold()
	}
}

// countValues looks what customers are worth, once a day.
func (m *Module) countValues(ctx context.Context) (int, error) {
	if !m.Values.Known() {
		return 0, nil
	}
	n, err := m.eachCompany(ctx, "crm_party", m.Values.Work)
	if n > 0 && err == nil {
		m.Wake() // tasks are told of by events
	}
	return n, err
}

// TakeSuggestion makes an opportunity of a suggestion, with the products at the prices that the host's lists give the
// customer today; taken already, it gives the opportunity that was made. A product that the host no longer sells is
// left out. It needs actor.OpportunityWrite.
func (m *Module) TakeSuggestion(ctx context.Context, id suggest.ID) (opportunity.ID, error) {
	one, err := m.Suggestions.Get(ctx, id)
	if err != nil || one.State == suggest.Taken {
		return one.Opportunity, err
	}
	deal := suggest.Deal{}
	deal.Customer, err = ask(ctx, m, "", func(ctx context.Context, hs erpbridge.Session) (erpbridge.Customer, error) {
		found, err := m.config.Host.Customers.Customer(ctx, hs, one.Customer)
		if err != nil {
			return found, err
		}
		deal.Lines = nil
		home := m.config.Locale(hs.Company)
		if deal.Currency = found.Currency; deal.Currency == "" {
			deal.Currency = home.Currency
		}
		deal.Name = party.Clean(Texts.T(home.Language, "suggestion."+string(one.Kind), found.Name), maxName)
		for _, item := range one.Items {
			line := opportunity.Line{ProductKey: item.Product, Name: item.Name, Quantity: item.Quantity}
			sold, err := m.priced(ctx, hs, &line, found)
			if err != nil {
				return found, err
			}
			if sold {
				deal.Lines = append(deal.Lines, line)
			}
		}
		return found, nil
	})
	if err != nil {
		return opportunity.ID{}, err
	}
	return m.Suggestions.Take(ctx, id, deal)
}

// maxName is the longest name of an opportunity made here.
const maxName = 200

// priced fills a line by the host's catalogue and prices; false where the product is not sold any more.
func (m *Module) priced(ctx context.Context, hs erpbridge.Session, line *opportunity.Line, customer erpbridge.Customer) (bool, error) {
	host := m.config.Host
	if host.Catalogue != nil {
		p, err := host.Catalogue.Product(ctx, hs, line.ProductKey)
		if errors.Is(err, fault.NotFound) || err == nil && p.Discontinued {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		line.Name, line.ProductGroup, line.Unit = p.Name, p.Group, p.Unit
	}
	if host.Prices == nil {
		return true, nil
	}
	price, err := host.Prices.Price(ctx, hs, erpbridge.PriceQuestion{Product: line.ProductKey, Customer: customer.Key, Quantity: line.Quantity, Currency: customer.Currency, Date: hs.Today})
	if err != nil && !errors.Is(err, fault.NotFound) {
		return false, err
	}
	line.UnitPrice, line.Discount = price.Unit, price.Discount
	return true, nil
}

// UndoSuggestion has a suggestion stand as before it was taken or dismissed. The opportunity that was made of it is gone
// then, or, where somebody already works on it, closed as lost.
func (m *Module) UndoSuggestion(ctx context.Context, id suggest.ID) error {
	company, err := m.Company(ctx)
	if err != nil {
		return err
	}
	why := Texts.T(company.Locale.Language, "suggestion.undone")
	return m.Suggestions.Undo(ctx, id, opportunity.Loss{Reason: "other", Competitor: opportunity.NoCompetitor, Lesson: why})
}

// Texts are the names of opportunities that suggestions become (the customer's name), in the company's language.
var Texts = locale.Texts{
	"suggestion.quiet":   locale.Row("Újrarendelés – %s", "Order again – %s", "הזמנה חוזרת – %s", "Повторный заказ – %s", "Νέα παραγγελία – %s"),
	"suggestion.less":    locale.Row("Visszaeső forgalom – %s", "Buys less – %s", "ירידה ברכישות – %s", "Снижение закупок – %s", "Μειωμένες αγορές – %s"),
	"suggestion.lapsed":  locale.Row("Elmaradt termék – %s", "Lapsed product – %s", "מוצר שנפסק – %s", "Ушедший товар – %s", "Προϊόν που σταμάτησε – %s"),
	"suggestion.renewal": locale.Row("Megújítás – %s", "Renewal – %s", "חידוש – %s", "Продление – %s", "Ανανέωση – %s"),
	"suggestion.similar": locale.Row("Kiegészítő ajánlat – %s", "Goes with what they buy – %s", "הצעה משלימה – %s", "Дополнительное предложение – %s", "Συμπληρωματική πρόταση – %s"),
	"suggestion.undone":  locale.Row("Javaslatból lett, és visszavonták.", "It was made of a suggestion and taken back.", "נוצרה מהצעה ובוטלה.", "Создана из предложения и отменена.", "Έγινε από πρόταση και αναιρέθηκε."),
}
