package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// MaxCustomText is the longest text in a custom field, in UTF-16 code units.
const MaxCustomText = 1000

// MaxFieldChoices is how many choices a field has at most, archived ones included.
const MaxFieldChoices = 200

// FieldRules are a field's labels and what its values must be. Zero rules hold nothing back. They are checked
// when a value is written: old values stay as they are when the rules become stricter.
type FieldRules struct {
	// Labels are by language; see [CustomField.Text].
	Labels map[locale.Language]string `json:"labels,omitempty"`
	// Required fields must be filled in on forms and cannot be cleared. Leads from outside that do not name
	// them are taken all the same, so that none is lost.
	Required bool `json:"required,omitempty"`
	// MinLength and MaxLength bound a text, in characters; 0 does not.
	MinLength int `json:"min_length,omitempty"`
	MaxLength int `json:"max_length,omitempty"`
	// Pattern is a regular expression (RE2) that the whole text must match, and Example a text that does.
	Pattern string `json:"pattern,omitempty"`
	Example string `json:"example,omitempty"`
	// Min and Max bound numbers and money, both included.
	Min *money.Quantity `json:"min,omitempty"`
	Max *money.Quantity `json:"max,omitempty"`
	// Earliest and Latest bound dates, and times by their day in UTC.
	Earliest civil.Date `json:"earliest,omitzero"`
	Latest   civil.Date `json:"latest,omitzero"`
	// Currency of money, an ISO 4217 code; the company's own where it is empty.
	Currency string `json:"currency,omitempty"`
	// Choices are offered in their order.
	Choices []FieldChoice `json:"choices,omitempty"`
}

// FieldChoice is one choice of a field. Records hold Value, in every language; readers see the text.
type FieldChoice struct {
	Value string                     `json:"value"`
	Texts map[locale.Language]string `json:"texts,omitempty"`
	// Archived choices are no longer offered or taken, but still have their text.
	Archived bool `json:"archived,omitempty"`
}

// Text is the choice as a reader of a language sees it.
func (c FieldChoice) Text(l locale.Language) string {
	if text := c.Texts[l]; text != "" {
		return text
	}
	return c.Value
}

// ChoiceText is what a reader sees of a value; the value itself where it is none of the choices.
func (r FieldRules) ChoiceText(l locale.Language, value string) string {
	for _, c := range r.Choices {
		if c.Value == value {
			return c.Text(l)
		}
	}
	return value
}

// String is the rules as JSON, as the audit log shows them.
func (r FieldRules) String() string {
	b, err := json.Marshal(r)
	if err != nil {
		return ""
	}
	return string(b)
}

// Value writes the rules.
func (r FieldRules) Value() (driver.Value, error) {
	b, err := json.Marshal(r)
	return string(b), err
}

// Scan reads the rules.
func (r *FieldRules) Scan(src any) error {
	*r = FieldRules{}
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), r)
	case []byte:
		return json.Unmarshal(v, r)
	}
	return fmt.Errorf("store: cannot read the rules of a field from %T", src)
}

// Equal compares what is written.
func (r FieldRules) Equal(o FieldRules) bool { return r.String() == o.String() }

// CheckRules finds all that is wrong with a field's label and rules.
func (f *CustomField) CheckRules() []fault.Fault {
	var faults fault.List
	faults.Required("label", f.Label)
	r := f.Rules
	for l, text := range r.Labels {
		if !slices.Contains(locale.Languages, l) {
			faults.Add("labels", "choice", "%.10q is no language of the screens; there are %v", string(l), locale.Languages)
		}
		if utf16Length(text) > 120 {
			faults.Add("labels."+string(l), "text.length", "is longer than 120 characters; shorten it")
		}
	}
	switch {
	case r.MinLength < 0 || r.MinLength > MaxCustomText:
		faults.Add("min_length", "range", "is %d; give 0 to %d characters", r.MinLength, MaxCustomText)
	case r.MaxLength < 0 || r.MaxLength > MaxCustomText:
		faults.Add("max_length", "range", "is %d; give 0 to %d characters", r.MaxLength, MaxCustomText)
	case r.MaxLength > 0 && r.MinLength > r.MaxLength:
		faults.Add("max_length", "order", "is %d, below the least length %d; give more", r.MaxLength, r.MinLength)
	}
	if r.Min != nil && r.Max != nil && r.Min.GreaterThan(r.Max.Decimal) {
		faults.Add("max", "order", "is %s, below the least value %s; give more", r.Max, r.Min)
	}
	if !r.Earliest.IsZero() && !r.Latest.IsZero() && r.Latest.Before(r.Earliest) {
		faults.Add("latest", "order", "is %s, before the earliest day %s; give a later one", r.Latest, r.Earliest)
	}
	if r.Currency != "" && !money.ValidCurrency(r.Currency) {
		faults.Add("currency", "currency.form", "%.10q is no currency; give a code such as EUR", r.Currency)
	}
	f.checkPattern(&faults)
	f.checkChoices(&faults)
	return faults
}

func (f *CustomField) checkPattern(faults *fault.List) {
	r := f.Rules
	if r.Pattern == "" {
		return
	}
	if len(r.Pattern) > 500 {
		faults.Add("pattern", "text.length", "is longer than 500 characters; shorten it")
		return
	}
	expression, err := compiled(r.Pattern)
	switch {
	case err != nil:
		faults.Add("pattern", "pattern.form", "is no regular expression: %s; write one such as [A-Z]{2}-[0-9]{4}", err)
	case r.Example == "":
		faults.Add("example", "required", "is missing; give a text that fits the pattern, which people read when theirs does not")
	case !expression.MatchString(r.Example):
		faults.Add("example", "pattern", "%.60q does not fit the pattern; give a text that does", r.Example)
	}
}

func (f *CustomField) checkChoices(faults *fault.List) {
	choices := f.Rules.Choices
	if f.Type != ChoiceField {
		if len(choices) > 0 {
			faults.Add("choices", "field.choices", "belong to a choice field only; take them away or choose that type")
		}
		return
	}
	if len(choices) > MaxFieldChoices {
		faults.Add("choices", "list.length", "are %d, at most %d are kept; leave some out", len(choices), MaxFieldChoices)
		return
	}
	seen := map[string]bool{}
	offered := 0
	for i, c := range choices {
		at := fmt.Sprintf("choices[%d]", i)
		faults.Required(at+".value", c.Value)
		switch {
		case utf16Length(c.Value) > 60:
			faults.Add(at+".value", "text.length", "is longer than 60 characters; shorten it")
		case seen[c.Value]:
			faults.Add(at+".value", "duplicate", "%q comes twice; leave one out", c.Value)
		}
		seen[c.Value] = true
		if !c.Archived {
			offered++
		}
		for l, text := range c.Texts {
			if utf16Length(text) > 120 {
				faults.Add(at+".texts."+string(l), "text.length", "is longer than 120 characters; shorten it")
			}
		}
	}
	if offered == 0 {
		faults.Add("choices", "required", "are missing; give at least one")
	}
}

// compiled is a pattern that holds for a whole text.
func compiled(pattern string) (*regexp.Regexp, error) { return regexp.Compile(`^(?:` + pattern + `)$`) }

// Check holds a value against a field: nil, or a value of the type that [FieldType] names. What it gives is the
// value as it is kept, nil for none; the faults name the field as custom.<name>.
func (f *CustomField) Check(value any) (any, []fault.Fault) {
	var faults fault.List
	path := "custom." + f.Name
	value, fits := f.settled(value)
	if !fits {
		faults.Add(path, "type", "is a field of the type %s and takes a %s, not %T", f.Type, f.goType(), value)
		return nil, faults
	}
	if value == nil {
		if f.Rules.Required {
			faults.Add(path, "required", "is missing; fill it in")
		}
		return nil, faults
	}
	switch x := value.(type) {
	case string:
		f.checkText(&faults, path, x)
	case money.Quantity:
		f.checkNumber(&faults, path, x)
	case money.Amount:
		f.checkNumber(&faults, path, money.NewQuantity(x.Decimal))
	case civil.Date:
		f.checkDay(&faults, path, x)
	case time.Time:
		f.checkDay(&faults, path, civil.In(x, time.UTC))
	}
	return value, faults
}

// settled gives a value in the type of the field, nil for none.
func (f *CustomField) settled(value any) (settled any, fits bool) {
	switch x := value.(type) {
	case nil:
		return nil, true
	case string:
		if x = strings.TrimSpace(x); x == "" {
			return nil, true
		}
		return x, f.Column() == "text_value"
	case int:
		return f.settled(money.NewQuantity(decimal.NewFromInt(int64(x))))
	case int64:
		return f.settled(money.NewQuantity(decimal.NewFromInt(x)))
	case money.Quantity:
		if f.Type == MoneyField {
			return money.NewAmount(x.Decimal), true
		}
		return x, f.Type == NumberField
	case money.Amount:
		if f.Type == NumberField {
			return money.NewQuantity(x.Decimal), true
		}
		return x, f.Type == MoneyField
	case civil.Date:
		if x.IsZero() {
			return nil, true
		}
		return x, f.Type == DateField
	case time.Time:
		if x.IsZero() {
			return nil, true
		}
		return UTC(x), f.Type == TimeField
	case bool:
		return x, f.Type == YesNoField
	}
	return value, false
}

// goType is the type of Go that holds a value of the field, for programmers.
func (f *CustomField) goType() string {
	switch f.Type {
	case NumberField:
		return "money.Quantity or int"
	case MoneyField:
		return "money.Amount"
	case DateField:
		return "civil.Date"
	case TimeField:
		return "time.Time"
	case YesNoField:
		return "bool"
	}
	return "string"
}

func (f *CustomField) checkText(faults *fault.List, path, text string) {
	r := f.Rules
	n := utf16Length(text)
	most := MaxCustomText
	if r.MaxLength > 0 {
		most = r.MaxLength
	}
	switch {
	case n > most:
		faults.Add(path, "text.length", "is %d characters long, at most %d fit; shorten it", n, most)
		return
	case n < r.MinLength:
		faults.Add(path, "text.short", "is %d characters long; give at least %d", n, r.MinLength)
		return
	}
	switch f.Type {
	case ChoiceField:
		if !slices.ContainsFunc(r.Choices, func(c FieldChoice) bool { return c.Value == text && !c.Archived }) {
			faults.Add(path, "choice", "%.60q is none of its choices; choose one of %s", text, r.offered())
		}
	case LinkField:
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			faults.Add(path, "link.form", "%.60q is no link; write it like https://example.com", text)
		}
	case EmailField:
		a, err := mail.ParseAddress(text)
		if err != nil || a.Address != text {
			faults.Add(path, "email.form", "%.60q is no e-mail address; write it like name@example.com", text)
		}
	case TextField, NumberField, MoneyField, DateField, TimeField, YesNoField:
	}
	if r.Pattern == "" {
		return
	}
	if expression, err := compiled(r.Pattern); err == nil && !expression.MatchString(text) {
		faults.Add(path, "pattern", "%.60q has another form; write it like %s", text, r.Example)
	}
}

// offered are the choices that are taken, as a sentence lists them.
func (r FieldRules) offered() string {
	var out []string
	for _, c := range r.Choices {
		if !c.Archived && len(out) < 20 {
			out = append(out, c.Value)
		}
	}
	return strings.Join(out, ", ")
}

func (f *CustomField) checkNumber(faults *fault.List, path string, q money.Quantity) {
	if _, err := q.Scaled(); err != nil {
		faults.Add(path, "number.large", "%s", err)
		return
	}
	if least := f.Rules.Min; least != nil && q.LessThan(least.Decimal) {
		faults.Add(path, "range.low", "is %s; give at least %s", q, least)
	}
	if most := f.Rules.Max; most != nil && q.GreaterThan(most.Decimal) {
		faults.Add(path, "range.high", "is %s; give at most %s", q, most)
	}
}

func (f *CustomField) checkDay(faults *fault.List, path string, d civil.Date) {
	if first := f.Rules.Earliest; !first.IsZero() && d.Before(first) {
		faults.Add(path, "range.low", "is %s; give %s or later", d, first)
	}
	if last := f.Rules.Latest; !last.IsZero() && last.Before(d) {
		faults.Add(path, "range.high", "is %s; give %s or earlier", d, last)
	}
}
