package main

import (
	"context"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// branches are the choices of the field of the line of business.
var branches = []store.FieldChoice{
	{Value: "food", Texts: locale.Row("Élelmiszeripar", "Food industry", "תעשיית המזון", "Пищевая промышленность", "Βιομηχανία τροφίμων")},
	{Value: "metal", Texts: locale.Row("Fémipar", "Metal industry", "תעשיית המתכת", "Металлообработка", "Μεταλλουργία")},
	{Value: "trade", Texts: locale.Row("Kereskedelem", "Trade", "מסחר", "Торговля", "Εμπόριο")},
	{Value: "office", Texts: locale.Row("Iroda", "Office", "משרד", "Офис", "Γραφείο")},
}

// fields are what the company of the example wants to know besides.
func (sc *scene) fields(ctx context.Context) error {
	least := money.MustQuantity("0")
	name := func(texts map[locale.Language]string) (string, store.FieldRules) {
		return texts[sc.language], store.FieldRules{Labels: texts}
	}
	var drafts []custom.Draft
	add := func(kinds []string, key string, t store.FieldType, texts map[locale.Language]string, more func(r *store.FieldRules)) {
		label, rules := name(texts)
		if more != nil {
			more(&rules)
		}
		drafts = append(drafts, custom.Draft{Kinds: kinds, Name: key, Label: label, Type: t, Rules: rules})
	}
	both := []string{"lead", "opportunity"}
	add([]string{"lead", "party"}, "branch", store.ChoiceField, locale.Row("Ágazat", "Line of business", "ענף", "Отрасль", "Κλάδος"), func(r *store.FieldRules) { r.Choices = branches })
	add(both, "workplaces", store.NumberField, locale.Row("Munkahelyek száma", "Workplaces", "מספר עמדות עבודה", "Рабочих мест", "Θέσεις εργασίας"), func(r *store.FieldRules) { r.Min = &least })
	add(both, "lease_ends", store.DateField, locale.Row("Bérlet vége", "Lease ends", "סיום השכירות", "Аренда до", "Λήξη μίσθωσης"), nil)
	add([]string{"opportunity"}, "tender", store.TextField, locale.Row("Közbeszerzési szám", "Tender number", "מספר מכרז", "Номер тендера", "Αριθμός διαγωνισμού"), func(r *store.FieldRules) {
		r.Pattern, r.Example = `[A-Z]{2,4}-\d{4}/\d{1,5}`, "EKR-2026/118"
	})
	add([]string{"opportunity", "quote"}, "site_visit", store.YesNoField, locale.Row("Helyszíni felmérés kell", "Site visit needed", "נדרש סיור באתר", "Нужен выезд", "Χρειάζεται αυτοψία"), nil)
	add([]string{"activity"}, "kilometres", store.NumberField, locale.Row("Megtett út (km)", "Kilometres driven", "קילומטרים שנסעו", "Пройдено, км", "Χιλιόμετρα"), func(r *store.FieldRules) { r.Min = &least })
	for _, d := range drafts {
		if _, err := sc.module.Fields.Add(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// fill gives values to the n-th lead or opportunity of the example.
func (sc *scene) fill(n int) map[string]any {
	ends := civil.Of(sc.today).AddDays(30 + n*37%900)
	return map[string]any{"workplaces": money.QuantityFromScaled(int64(3+n*7%140) * 1_000_000), "lease_ends": ends}
}

// fillFields writes values of custom fields into leads and opportunities.
func (sc *scene) fillFields(ctx context.Context, leads []lead.Row) error {
	for n, row := range leads {
		values := sc.fill(n)
		values["branch"] = branches[n%len(branches)].Value
		card, err := sc.module.Leads.Get(ctx, row.ID)
		if err != nil {
			return err
		}
		if _, err := sc.module.Leads.Edit(ctx, card.Lead.ID, card.Lead.Version, lead.Patch{Custom: values}); err != nil {
			return err
		}
	}
	people, err := sc.module.Parties.List(ctx, party.ListFilter{Page: store.Page{Limit: 200}})
	if err != nil {
		return err
	}
	for n, row := range people.Rows {
		if _, err := sc.module.Parties.SetCustom(ctx, row.ID, row.Version, map[string]any{"branch": branches[n%len(branches)].Value}); err != nil {
			return err
		}
	}
	deals, err := sc.module.Opportunities.List(ctx, opportunity.Filter{States: []opportunity.State{opportunity.Open}, Page: store.Page{Limit: 60}})
	if err != nil {
		return err
	}
	for n, row := range deals.Rows {
		values := sc.fill(n)
		values["site_visit"] = n%3 == 0
		if _, err := sc.module.Opportunities.Edit(ctx, row.ID, opportunity.Edit{Version: row.Version, Custom: values}); err != nil {
			return err
		}
	}
	return nil
}
