package web

import (
	"net/url"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports/kpi"
)

// spans are the periods that people ask for by name.
var spans = []string{"month", "last_month", "quarter", "last_quarter", "year", "last_year", "days"}

// span is a period by its name, seen from a day.
func span(name string, today civil.Date) kpi.Period {
	month := func(y int, m time.Month) civil.Date { return civil.Of(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)) }
	months := func(first civil.Date, n int) kpi.Period {
		return kpi.Period{First: first, Last: month(first.Year, first.Month+time.Month(n)).AddDays(-1)}
	}
	quarter := today.Month - (today.Month-1)%3
	switch name {
	case "last_month":
		return months(month(today.Year, today.Month-1), 1)
	case "quarter":
		return months(month(today.Year, quarter), 3)
	case "last_quarter":
		return months(month(today.Year, quarter-3), 3)
	case "year":
		return months(month(today.Year, 1), 12)
	case "last_year":
		return months(month(today.Year-1, 1), 12)
	case "days":
		return kpi.Period{First: today.AddDays(-29), Last: today}
	}
	return months(month(today.Year, today.Month), 1)
}

// figureFilter is what the pages of figures are narrowed by, with its choices.
type figureFilter struct {
	Form                                              *input
	Query                                             kpi.Query
	Spans, Sellers, Teams, Sources, Pipelines, Groups []option
	// Own are the custom fields that have few values. Typed are those that narrow by an address, each a
	// box that is ticked until somebody takes it away.
	Own   []ownChoice
	Typed []ownTick
	// Dates are shown where the period has no name.
	Dates bool
	// Asked is the filter as the query of an address.
	Asked url.Values

	kinds []kpi.Kind
}

// ownChoice is a custom field as a list of what can be chosen.
type ownChoice struct {
	Name, Label string
	Options     []option
}

// ownTick is a custom field that narrows by what an address says.
type ownTick struct{ Name, Value, Label string }

// figureFilter reads the filter of the address, with the custom fields of all that figures are made of.
func (v *visit) figureFilter() (figureFilter, error) { return v.figureFilterOf(kpi.FieldKinds...) }

// figureFilterOf is figureFilter with the custom fields of some kinds of records.
func (v *visit) figureFilterOf(kinds ...kpi.Kind) (figureFilter, error) {
	f := v.asked()
	out := figureFilter{Form: f, Asked: url.Values{}, kinds: kinds}
	today, err := v.module().KPIs.Today(v.ctx())
	if err != nil {
		return out, err
	}
	name := f.text("span")
	if name == "" && f.text("first") == "" {
		name = "quarter"
	}
	if slices.Contains(spans, name) {
		out.Query.Period = span(name, today)
		out.Asked.Set("span", name)
	} else {
		name, out.Dates = "own", true
		out.Query.Period = kpi.Period{First: f.day("first"), Last: f.day("last")}
		if out.Query.Period.First.IsZero() || out.Query.Period.Last.IsZero() || f.bad() {
			out.Query.Period = span("quarter", today)
		}
		out.Asked.Set("first", out.Query.Period.First.String())
		out.Asked.Set("last", out.Query.Period.Last.String())
	}
	f.Values.Set("first", out.Query.Period.First.String())
	f.Values.Set("last", out.Query.Period.Last.String())
	of := &out.Query.Of
	of.Seller, of.Team, of.Source, of.ProductGroup = f.text("seller"), f.text("team"), f.text("source"), f.text("group")
	of.Pipeline, _ = store.ParseKey[opportunity.PipelineTag](f.text("pipeline"))
	for _, field := range []string{"seller", "team", "source", "group", "pipeline"} {
		if value := f.text(field); value != "" {
			out.Asked.Set(field, value)
		}
	}
	if err := v.figureOwn(&out, of); err != nil {
		return out, err
	}
	out.Spans = v.options("figures.span.", name, append(slices.Clone(spans), "own")...)
	return out, v.figureChoices(&out)
}

// ownField is a custom field of one or several kinds of records, which have it under one name.
type ownField struct {
	store.CustomField

	label string
}

// figureFields are the custom fields of kinds of records, each name once, with what can be chosen in any of them. Where
// kinds have fields of different types under one name, that of the first kind is meant.
func (v *visit) figureFields(kinds []kpi.Kind) ([]ownField, error) {
	var out []ownField
	for _, kind := range kinds {
		fields, err := v.customFields(string(kind))
		if err != nil {
			return nil, err
		}
		for _, one := range fields {
			at := slices.IndexFunc(out, func(o ownField) bool { return o.Name == one.Name })
			if at < 0 {
				label := one.Text(v.Locale.Language)
				if kind != kinds[0] {
					label = v.t("figures.own", label, v.t("figures.of."+string(kind)))
				}
				out = append(out, ownField{one, label})
				continue
			}
			if known := &out[at]; known.Type == one.Type {
				known.Rules.Choices = slices.Clone(known.Rules.Choices)
				for _, c := range one.Rules.Choices {
					if !slices.ContainsFunc(known.Rules.Choices, func(o store.FieldChoice) bool { return o.Value == c.Value }) {
						known.Rules.Choices = append(known.Rules.Choices, c)
					}
				}
			}
		}
	}
	return out, nil
}

// figureOwn reads what the address narrows by custom fields.
func (v *visit) figureOwn(out *figureFilter, of *kpi.Filter) error {
	f := out.Form
	offered, err := v.figureFields(out.kinds)
	if err != nil {
		return err
	}
	fields := make([]store.CustomField, len(offered))
	for i, one := range offered {
		fields[i] = one.CustomField
	}
	of.Custom = v.customFilters(f.Values, fields)
	for _, one := range offered {
		name, label := customPrefix+one.Name, one.label
		few := one.Type == store.ChoiceField || one.Type == store.YesNoField
		for _, end := range []struct{ name, sign string }{{"", ": "}, {".from", " ≥ "}, {".until", " ≤ "}} {
			value := f.text(name + end.name)
			if value == "" {
				continue
			}
			out.Asked.Set(name+end.name, value)
			if !few || end.name != "" {
				out.Typed = append(out.Typed, ownTick{name + end.name, value, label + end.sign + v.filterText(one.CustomField, value)})
			}
		}
		if few {
			options := v.customOptions(one.CustomField, f.text(name))
			options[0].Label = label + ": " + v.t("leads.source.any")
			chosen := v.chosenValue(one.CustomField, f.text(name))
			for i := range options {
				options[i].On = options[i].Value == chosen
			}
			out.Own = append(out.Own, ownChoice{name, label, options})
		}
	}
	return nil
}

// onlyOwn leaves of the custom fields that are offered those that a figure goes by, and those that narrow it already.
func (v *visit) onlyOwn(f *figureFilter, d kpi.Definition) error {
	var known []ownField
	if d.Goes(kpi.Custom) {
		var err error
		if known, err = v.figureFields([]kpi.Kind{d.Of}); err != nil {
			return err
		}
	}
	f.Own = slices.DeleteFunc(f.Own, func(one ownChoice) bool {
		return f.Asked.Get(one.Name) == "" && !slices.ContainsFunc(known, func(k ownField) bool { return customPrefix+k.Name == one.Name })
	})
	return nil
}

func (v *visit) figureChoices(out *figureFilter) error {
	all := func(key string, on bool) []option { return []option{{Label: v.t(key), On: on}} }
	of := out.Query.Of
	users, err := v.colleagues()
	if err != nil {
		return err
	}
	out.Sellers, out.Teams = all("figures.sellers", of.Seller == ""), all("figures.teams", of.Team == "")
	teams := map[string]bool{}
	for _, u := range users {
		out.Sellers = append(out.Sellers, option{Value: u.ID, Label: u.Name, On: u.ID == of.Seller})
		for _, t := range u.Teams {
			if !teams[t] {
				teams[t] = true
				out.Teams = append(out.Teams, option{Value: t, Label: t, On: t == of.Team})
			}
		}
	}
	sources, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return err
	}
	out.Sources = all("figures.sources", of.Source == "")
	for _, c := range sources.Offered() {
		out.Sources = append(out.Sources, option{Value: c.Value, Label: sources.Text(v.Locale.Language, c.Value), On: c.Value == of.Source})
	}
	pipelines, err := v.module().Opportunities.Pipelines().List(v.ctx())
	if err != nil {
		return err
	}
	out.Pipelines = all("figures.pipelines", of.Pipeline.IsZero())
	for _, p := range pipelines {
		out.Pipelines = append(out.Pipelines, option{Value: p.ID.String(), Label: p.Name, On: p.ID == of.Pipeline})
	}
	groups, err := v.module().ProductGroups(v.ctx())
	if err != nil {
		return err
	}
	out.Groups = all("figures.groups", of.ProductGroup == "")
	for _, g := range groups {
		out.Groups = append(out.Groups, option{Value: g.Key, Label: g.Name, On: g.Key == of.ProductGroup})
	}
	return nil
}

// with is the filter's query with a value more.
func (f figureFilter) with(pairs ...string) string {
	out := url.Values{}
	for k, v := range f.Asked {
		out[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out.Encode()
}
