package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) fieldRoutes() []route {
	return []route{
		{Pattern: "GET /settings/fields", Right: actor.Settings, Do: s.showFields},
		{Pattern: "GET /settings/fields/new", Right: actor.Settings, Do: s.newField},
		{Pattern: "POST /settings/fields/new", Right: actor.Settings, Do: s.addField},
		{Pattern: "GET /settings/fields/{id}", Right: actor.Settings, Do: s.editField},
		{Pattern: "POST /settings/fields/{id}", Right: actor.Settings, Do: s.saveField},
		{Pattern: "POST /settings/fields/{id}/move", Right: actor.Settings, Do: s.moveField},
		{Pattern: "POST /settings/fields/{id}/remove", Right: actor.Settings, Do: s.removeField},
		{Pattern: "POST /settings/fields/{id}/restore", Right: actor.Settings, Do: s.restoreField},
		{Pattern: "GET /settings/fields/{id}/purge", Right: actor.FieldPurge, Do: s.askPurge},
		{Pattern: "POST /settings/fields/{id}/purge", Right: actor.FieldPurge, Do: s.purgeField},
	}
}

const fieldPage = "/settings/fields"

// customGroup are the fields of one kind of record.
type customGroup struct {
	Kind, Title string
	Rows        []fieldRow
	Removed     []fieldRow
}

type fieldRow struct {
	ID                      string
	Label, Name, Type, Rule string
	Required, Personal      bool
	First, Last             bool
	// Purging says that its values are being deleted.
	Purging bool
}

func (s *screens) showFields(v *visit) error {
	all, err := v.module().Fields.All(v.ctx())
	if err != nil {
		return err
	}
	var groups []customGroup
	for _, kind := range store.CustomKinds {
		g := customGroup{Kind: kind, Title: v.t("fields.of." + kind)}
		for _, f := range all {
			if f.RecordKind != kind {
				continue
			}
			row := fieldRow{
				ID: f.ID.String(), Label: f.Text(v.Locale.Language), Name: f.Name, Type: v.t("fields.type." + string(f.Type)), Rule: v.fieldRule(f),
				Required: f.Rules.Required, Personal: f.Personal, Purging: !f.PurgedAt.IsZero(),
			}
			if f.RemovedAt.IsZero() {
				g.Rows = append(g.Rows, row)
			} else {
				g.Removed = append(g.Removed, row)
			}
		}
		if n := len(g.Rows); n > 0 {
			g.Rows[0].First, g.Rows[n-1].Last = true, true
		}
		groups = append(groups, g)
	}
	return v.showSetting(http.StatusOK, "settings_fields", fieldPage, nil, groups)
}

// fieldRule says in a few words what a field's values must be.
func (v *visit) fieldRule(f store.CustomField) string {
	r := f.Rules
	switch f.Type {
	case store.ChoiceField:
		var out []string
		for _, c := range r.Choices {
			if !c.Archived {
				out = append(out, c.Text(v.Locale.Language))
			}
		}
		return strings.Join(out, ", ")
	case store.NumberField, store.MoneyField:
		return v.between(numberText(v.Locale.Language, r.Min), numberText(v.Locale.Language, r.Max), "fields.min", "fields.max")
	case store.DateField, store.TimeField:
		var first, last string
		if !r.Earliest.IsZero() {
			first = v.Locale.Language.Date(r.Earliest)
		}
		if !r.Latest.IsZero() {
			last = v.Locale.Language.Date(r.Latest)
		}
		return v.between(first, last, "fields.earliest", "fields.latest")
	case store.TextField, store.LinkField, store.EmailField:
		if r.Example != "" {
			return v.t("fields.such", r.Example)
		}
	case store.YesNoField:
	}
	return ""
}

// between writes a span, or the one end that it has with the word for it.
func (v *visit) between(first, last, least, most string) string {
	switch {
	case first == "" && last == "":
		return ""
	case last == "":
		return v.t(least) + " " + first
	case first == "":
		return v.t(most) + " " + last
	}
	return first + " – " + last
}

func numberText(l locale.Language, q *money.Quantity) string {
	if q == nil {
		return ""
	}
	return l.Quantity(q.Decimal)
}

// customForm is the page of one field.
type customForm struct {
	Form   *input
	Action string
	// Field is nil for a new one.
	Field      *store.CustomField
	TypeText   string
	Kinds      []option
	Types      []option
	Languages  []locale.Language
	Choices    []choiceInput
	Currencies []string
}

// choiceInput is one line of the table of choices.
type choiceInput struct {
	Value    string
	Texts    map[locale.Language]string
	Archived bool
}

// emptyChoices is how many empty lines the table of choices offers.
const emptyChoices = 3

func (s *screens) newField(v *visit) error {
	kind := v.r.URL.Query().Get("kind")
	if !slices.Contains(store.CustomKinds, kind) {
		kind = store.CustomKinds[0]
	}
	return v.drawField(v.blank("kind", kind, "type", string(store.TextField)), nil)
}

func (v *visit) drawField(f *input, field *store.CustomField) error {
	d := customForm{Form: f, Action: v.link(fieldPage, "new"), Field: field, Languages: v.languagesFirst(), Currencies: []string{v.Locale.Currency, "EUR", "USD", "HUF", "ILS", "RUB"}}
	title := v.t("fields.new")
	if field != nil {
		d.Action, title = v.link(fieldPage, field.ID.String()), field.Text(v.Locale.Language)
		d.TypeText = v.t("fields.type." + string(field.Type))
	}
	for _, kind := range store.CustomKinds {
		d.Kinds = append(d.Kinds, option{Value: kind, Label: v.t("fields.of." + kind), On: slices.Contains(f.Values["kind"], kind)})
	}
	for _, t := range store.FieldTypes {
		d.Types = append(d.Types, option{Value: string(t), Label: v.t("fields.type." + string(t)), On: f.Get("type") == string(t)})
	}
	for _, c := range f.choices() {
		d.Choices = append(d.Choices, choiceInput{c.Value, c.Texts, c.Archived})
	}
	for range emptyChoices {
		d.Choices = append(d.Choices, choiceInput{})
	}
	return v.show(f.statusOf(), "settings_field", head{Title: title, Section: "settings", Crumbs: []crumb{{v.t("settings.fields"), v.link(fieldPage)}}}, d)
}

// languagesFirst are all languages, the visitor's first.
func (v *visit) languagesFirst() []locale.Language {
	own := v.Locale.Language
	return append([]locale.Language{own}, slices.DeleteFunc(slices.Clone(locale.Languages), func(l locale.Language) bool { return l == own })...)
}

// choices reads the table of choices; a line whose texts are all empty is left out.
func (f *input) choices() []store.FieldChoice {
	var out []store.FieldChoice
	values, archived := f.Values["value"], f.Values["archived"]
	for i, value := range values {
		c := store.FieldChoice{Value: strings.TrimSpace(value), Texts: map[locale.Language]string{}, Archived: value != "" && slices.Contains(archived, value)}
		for _, l := range locale.Languages {
			if all := f.Values["text_"+string(l)]; i < len(all) && strings.TrimSpace(all[i]) != "" {
				c.Texts[l] = strings.TrimSpace(all[i])
			}
		}
		if len(c.Texts) == 0 {
			continue
		}
		if c.Value == "" {
			c.Value = valueOf(c.Texts[f.language], c.Texts)
		}
		out = append(out, c)
	}
	return out
}

// fieldRules reads the rules that the form of a field of a type holds.
func (f *input) fieldRules(t store.FieldType) (label string, r store.FieldRules) {
	r = store.FieldRules{Labels: map[locale.Language]string{}, Required: f.on("required")}
	for _, l := range locale.Languages {
		if text := f.text("label_" + string(l)); text != "" {
			r.Labels[l] = text
			label = cmp.Or(label, text)
		}
	}
	label = cmp.Or(r.Labels[f.language], label)
	limit := func(name string) *money.Quantity {
		d, ok := f.number(name)
		if !ok {
			return nil
		}
		q := money.NewQuantity(d)
		return &q
	}
	switch t {
	case store.NumberField, store.MoneyField:
		r.Min, r.Max = limit("min"), limit("max")
		if t == store.MoneyField {
			r.Currency = strings.ToUpper(f.text("currency"))
		}
	case store.DateField, store.TimeField:
		r.Earliest, r.Latest = f.day("earliest"), f.day("latest")
	case store.ChoiceField:
		r.Choices = f.choices()
	case store.TextField, store.LinkField, store.EmailField:
		r.MinLength, r.MaxLength = f.count("min_length"), f.count("max_length")
		if t == store.TextField {
			r.Pattern, r.Example = f.text("pattern"), f.text("example")
		}
	case store.YesNoField:
	}
	return label, r
}

// refuseField puts faults of a field onto its form; those of choices have no field of their own.
func (v *visit) refuseField(f *input, err error) error {
	f.Values.Set("labels", "") // what the form has under other names
	own := "label_" + string(v.Locale.Language)
	if err := v.refuse(f, err); err != nil {
		return err
	}
	f.Faults[own] = append(f.Faults[own], f.Faults["label"]...)
	delete(f.Faults, "label")
	if len(f.Faults[own]) == 0 {
		delete(f.Faults, own)
	}
	return nil
}

func (s *screens) addField(v *visit) error {
	f := v.posted()
	f.Values.Set("label", "")
	t := store.FieldType(f.Get("type"))
	label, rules := f.fieldRules(t)
	d := custom.Draft{Kinds: f.Values["kind"], Name: f.text("name"), Label: label, Type: t, Personal: f.on("personal"), Rules: rules}
	if d.Name == "" {
		d.Name = cmp.Or(custom.NameOf(cmp.Or(rules.Labels[locale.English], label)), "field_"+strconv.FormatInt(s.now().Unix()%1_000_000, 10))
	}
	if !f.bad() {
		added, err := v.module().Fields.Add(v.ctx(), d)
		if err == nil {
			v.done("fields.added", added[0].Text(v.Locale.Language))
			return v.redirect(v.link(fieldPage))
		}
		if err := v.refuseField(f, err); err != nil {
			return err
		}
	}
	return v.drawField(f, nil)
}

// fieldInput is the form of a field as it stands.
func (v *visit) fieldInput(c store.CustomField) *input {
	r, l := c.Rules, v.Locale.Language
	f := v.blank("name", c.Name, "type", string(c.Type), "version", formatVersion(c.Version), "label", "",
		"min", numberText(l, r.Min), "max", numberText(l, r.Max), "earliest", r.Earliest.String(), "latest", r.Latest.String(),
		"currency", r.Currency, "pattern", r.Pattern, "example", r.Example)
	for name, n := range map[string]int{"min_length": r.MinLength, "max_length": r.MaxLength} {
		if n > 0 {
			f.Values.Set(name, strconv.Itoa(n))
		}
	}
	for name, on := range map[string]bool{"required": r.Required, "personal": c.Personal} {
		if on {
			f.Values.Set(name, "on")
		}
	}
	for lang, text := range r.Labels {
		f.Values.Set("label_"+string(lang), text)
	}
	if len(r.Labels) == 0 {
		f.Values.Set("label_"+string(l), c.Label)
	}
	for _, c := range r.Choices {
		f.Values.Add("value", c.Value)
		if c.Archived {
			f.Values.Add("archived", c.Value)
		}
		for _, lang := range locale.Languages {
			text := c.Texts[lang]
			if len(c.Texts) == 0 && lang == l {
				text = c.Value
			}
			f.Values.Add("text_"+string(lang), text)
		}
	}
	return f
}

// fieldOf is the field that the address names.
func (v *visit) fieldOf() (store.CustomField, error) {
	id, err := key[store.FieldTag](v, "id")
	if err != nil {
		return store.CustomField{}, err
	}
	return v.module().Fields.Get(v.ctx(), id)
}

func (s *screens) editField(v *visit) error {
	c, err := v.fieldOf()
	if err != nil {
		return err
	}
	return v.drawField(v.fieldInput(c), &c)
}

func (s *screens) saveField(v *visit) error {
	c, err := v.fieldOf()
	if err != nil {
		return err
	}
	f := v.posted()
	f.Values.Set("label", "")
	label, rules := f.fieldRules(c.Type)
	personal := f.on("personal")
	if !f.bad() {
		saved, err := v.module().Fields.Edit(v.ctx(), c.ID, custom.Edit{Version: f.version("version"), Label: &label, Personal: &personal, Rules: &rules})
		if err == nil {
			v.done("fields.saved", saved.Text(v.Locale.Language))
			return v.redirect(v.link(fieldPage))
		}
		if err := v.refuseField(f, err); err != nil {
			return err
		}
	}
	return v.drawField(f, &c)
}

// moveField moves a field one place up or down.
func (s *screens) moveField(v *visit) error {
	c, err := v.fieldOf()
	if err != nil {
		return err
	}
	all, err := v.module().Fields.List(v.ctx(), c.RecordKind)
	if err != nil {
		return err
	}
	ids := make([]custom.ID, len(all))
	at := -1
	for i, one := range all {
		ids[i] = one.ID
		if one.ID == c.ID {
			at = i
		}
	}
	to := at + 1
	if v.r.PostFormValue("to") == "up" {
		to = at - 1
	}
	if at >= 0 && to >= 0 && to < len(ids) {
		ids[at], ids[to] = ids[to], ids[at]
		if err := v.module().Fields.Arrange(v.ctx(), c.RecordKind, ids...); err != nil {
			return err
		}
	}
	v.done("settings.saved")
	return v.redirect(v.link(fieldPage))
}

func (s *screens) removeField(v *visit) error {
	c, err := v.fieldOf()
	if err != nil {
		return err
	}
	if _, err := v.module().Fields.Remove(v.ctx(), c.ID); err != nil {
		return err
	}
	v.toast(toast{Text: v.t("fields.removed", c.Text(v.Locale.Language)), Undo: v.link(fieldPage, c.ID.String(), "restore")})
	return v.redirect(v.link(fieldPage))
}

func (s *screens) restoreField(v *visit) error {
	c, err := v.fieldOf()
	if err != nil {
		return err
	}
	if _, err := v.module().Fields.Restore(v.ctx(), c.ID); err != nil {
		return err
	}
	v.done("settings.saved")
	return v.redirect(v.link(fieldPage))
}

// fieldPurge is the dialog that asks before values are deleted for good.
type fieldPurge struct {
	Action, Label, Count string
}

func (s *screens) askPurge(v *visit) error {
	c, err := v.fieldOf()
	if err != nil {
		return err
	}
	n, err := v.module().Fields.Count(v.ctx(), c.ID)
	if err != nil {
		return err
	}
	d := fieldPurge{Action: v.link(fieldPage, c.ID.String(), "purge"), Label: c.Text(v.Locale.Language), Count: countText(v.Locale.Language, n)}
	return v.dialog("settings_field_purge", http.StatusOK, head{Title: v.t("fields.purge"), Section: "settings", Crumbs: []crumb{{v.t("settings.fields"), v.link(fieldPage)}}}, d)
}

func (s *screens) purgeField(v *visit) error {
	c, err := v.fieldOf()
	if err != nil {
		return err
	}
	n, err := v.module().Fields.Purge(v.ctx(), c.ID)
	if err != nil {
		return err
	}
	v.done("fields.purged", c.Text(v.Locale.Language), countText(v.Locale.Language, n))
	return v.redirect(v.link(fieldPage))
}
