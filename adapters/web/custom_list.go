package web

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
)

// ownList are the company's custom fields in a list of records: what narrows it, and which columns the visitor wants.
type ownList struct {
	Fields []store.CustomField
	// Filter and Show are what the list is read by.
	Filter []store.CustomFilter
	Show   []string
	Chips  []filterChip
	// Typed are the filters whose values are typed.
	Typed ownTyped
	// Kept are the filters by custom fields that the page's own form carries along.
	Kept map[string]string
	// Columns are those that can be chosen, behind the page's own; Save is where the choice goes.
	Columns []leadColumn
	// Here is the list's address, Clear the one without its filters by custom fields.
	Here, Clear, Save, CSRF string
	// Swap says that the bar goes out beside a part of the page, and takes the place of the one there.
	Swap bool
	pen  *cellPen
}

// ownTyped is a form of filters by custom fields that have no few values.
type ownTyped struct {
	Asks []ownAsk
	// Hidden are the other values of the address, which the form carries along to Path.
	Hidden map[string]string
	Path   string
}

// ownAsk is a field whose values are typed to narrow a list: one input, or two for bounds.
type ownAsk struct {
	Label  string
	Inputs []ownInput
}

// ownInput is one input of an [ownAsk].
type ownInput struct{ Name, Label, Type, Value string }

// ownLists says of which kind the records of the lists are that custom fields are shown in.
var ownLists = map[string]string{"opportunities": "opportunity", "quotes": "quote", "contacts": "party"}

func (s *screens) ownColumnRoutes() []route {
	return []route{
		{Pattern: "POST /opportunities/columns", Right: actor.OpportunityRead, Do: s.chooseOwnColumns("opportunities")},
		{Pattern: "POST /quotes/columns", Right: actor.QuoteRead, Do: s.chooseOwnColumns("quotes")},
		{Pattern: "POST /contacts/columns", Right: actor.LeadRead, Do: s.chooseOwnColumns("contacts")},
	}
}

// ownList reads from the address what a list asks of the custom fields.
func (v *visit) ownList(list string) (ownList, error) {
	values, path := v.r.URL.Query(), v.link("/"+list)
	out := ownList{
		Here: v.r.URL.String(), Save: v.link("/"+list, "columns"), CSRF: v.csrf(), Kept: map[string]string{}, pen: v.cellPen(),
	}
	var err error
	if out.Fields, err = v.customFields(ownLists[list]); err != nil || len(out.Fields) == 0 {
		return out, err
	}
	out.Filter = v.customFilters(values, out.Fields)
	prefers, err := v.module().Settings.Preferences(v.ctx())
	if err != nil {
		return out, err
	}
	for i, f := range out.Fields {
		name := customPrefix + f.Name
		on := slices.Contains(prefers.Columns[list], name)
		out.Columns = append(out.Columns, leadColumn{Name: name, Title: f.Text(v.Locale.Language), Own: &out.Fields[i], On: on, Aside: true})
		if on {
			out.Show = append(out.Show, f.Name)
		}
	}
	out.Chips, out.Typed = v.ownChips(out.Here, values, out.Fields), v.ownTyped(path, values, out.Fields)
	rest := url.Values{}
	for name := range values {
		switch {
		case strings.HasPrefix(name, customPrefix):
			out.Kept[name] = values.Get(name)
		case name != "after":
			rest.Set(name, values.Get(name))
		}
	}
	if len(out.Kept) > 0 {
		out.Clear = withValues(path, rest)
	}
	return out, nil
}

// Narrowed reports whether a custom field narrows the list.
func (l ownList) Narrowed() bool { return len(l.Filter) > 0 }

// Shown are the columns that the visitor chose.
func (l ownList) Shown() []leadColumn {
	return slices.DeleteFunc(slices.Clone(l.Columns), func(c leadColumn) bool { return !c.On })
}

// Cells draws a record's values under the chosen columns.
func (l ownList) Cells(values map[string]any) []leadCell {
	var out []leadCell
	for _, c := range l.Shown() {
		out = append(out, leadCell{Class: c.Class() + " phone-hide", Value: l.pen.own(values[c.Own.Name], *c.Own)})
	}
	return out
}

// chooseOwnColumns keeps which custom fields the visitor wants to see in a list.
func (s *screens) chooseOwnColumns(list string) func(*visit) error {
	return func(v *visit) error {
		f := v.posted()
		fields, err := v.customFields(ownLists[list])
		if err != nil {
			return err
		}
		var chosen []string
		for _, one := range fields {
			if name := customPrefix + one.Name; slices.Contains(f.Values["column"], name) {
				chosen = append(chosen, name)
			}
		}
		if _, err := v.module().Settings.SetPreferences(v.ctx(), setting.Patch{Columns: map[string][]string{list: chosen}}); err != nil {
			return err
		}
		return v.redirect(v.back(v.link("/" + list)))
	}
}

// ownChips puts custom fields with few values, and those that narrow a list, into words.
func (v *visit) ownChips(here string, values url.Values, fields []store.CustomField) []filterChip {
	var out []filterChip
	add := func(c filterChip, options []option) { out = append(out, c.filled(here, values, options)) }
	for _, f := range fields {
		name, label := customPrefix+f.Name, f.Text(v.Locale.Language)
		switch {
		case f.Type == store.ChoiceField || f.Type == store.YesNoField:
			options := v.customOptions(f, values.Get(name))
			options[0].Label = v.t("leads.source.any")
			chip := filterChip{Name: name, Is: label, Label: label}
			out = append(out, chip.filled(here, url.Values{name: {v.chosenValue(f, values.Get(name))}}, options))
		case values.Get(name) != "":
			add(filterChip{Name: name, Is: label}, []option{{Value: values.Get(name), Label: v.filterText(f, values.Get(name))}})
		}
		for _, end := range []struct{ name, sign string }{{".from", "≥"}, {".until", "≤"}} {
			if text := values.Get(name + end.name); text != "" {
				add(filterChip{Name: name + end.name, Is: label}, []option{{Value: text, Label: end.sign + " " + v.filterText(f, text)}})
			}
		}
	}
	return out
}

// chosenValue is what an address narrows a field with few values by, as the choices name it: a choice by its words too, yes and
// no in many ways; what is none of them narrows nothing.
func (v *visit) chosenValue(f store.CustomField, text string) string {
	if text == "" {
		return ""
	}
	value, err := custom.Parse(f, text, v.Locale)
	if err != nil {
		return ""
	}
	switch is := value.(type) {
	case bool:
		if is {
			return "1"
		}
		return "0"
	case string:
		return is
	}
	return text
}

// filterText is a value of the address as people read it. One that cannot be read narrows nothing, and says so.
func (v *visit) filterText(f store.CustomField, text string) string {
	value, err := custom.Parse(f, text, v.Locale)
	if value != nil && err == nil {
		return custom.Text(f, value, v.Locale)
	}
	_, faults := custom.Read([]store.CustomField{f}, map[string]string{f.Name: text}, v.Locale)
	for _, one := range faults {
		return text + " – " + v.customFault(f, one)
	}
	return text
}

// ownTyped are the inputs for fields that have no few values.
func (v *visit) ownTyped(path string, values url.Values, fields []store.CustomField) ownTyped {
	out := ownTyped{Path: path, Hidden: map[string]string{}}
	for name := range values {
		if name != "after" && name != "view" {
			out.Hidden[name] = values.Get(name)
		}
	}
	for _, f := range fields {
		name, label := customPrefix+f.Name, f.Text(v.Locale.Language)
		kind := "text"
		switch f.Type {
		case store.ChoiceField, store.YesNoField:
			continue
		case store.DateField:
			kind = "date"
		case store.TimeField:
			kind = "datetime-local"
		case store.TextField, store.NumberField, store.MoneyField, store.LinkField, store.EmailField:
		}
		ask := ownAsk{Label: label}
		if f.Column() == "text_value" {
			ask.Inputs = []ownInput{{name, label + ", " + v.t("custom.begins"), kind, values.Get(name)}}
		} else {
			ask.Inputs = []ownInput{
				{name + ".from", label + ", " + v.t("custom.from"), kind, values.Get(name + ".from")},
				{name + ".until", label + ", " + v.t("custom.until"), kind, values.Get(name + ".until")},
			}
		}
		for _, one := range ask.Inputs {
			delete(out.Hidden, one.Name)
		}
		out.Asks = append(out.Asks, ask)
	}
	return out
}

// own draws the value of a custom field.
func (p *cellPen) own(value any, f store.CustomField) template.HTML {
	text := custom.Text(f, value, p.v.Locale)
	if address := webAddress(text); f.Type == store.LinkField && text != "" && address != "" {
		return template.HTML(`<a href="` + escape(address) + `" dir="ltr">` + escape(text) + `</a>`) //nolint:gosec // escaped
	}
	return template.HTML(`<bdi title="` + escape(text) + `">` + escape(text) + `</bdi>`) //nolint:gosec // escaped
}
