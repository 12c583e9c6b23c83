package custom

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/store"
)

// yesWords and noWords are what people write in a field of yes and no.
var (
	yesWords = []string{"1", "yes", "y", "true", "x", "igen", "i", "כן", "да", "ναι", "ναί"}
	noWords  = []string{"0", "no", "n", "false", "-", "nem", "לא", "нет", "όχι"}
)

// SaysNo reports whether a text says no in any of the languages.
func SaysNo(text string) bool { return slices.Contains(noWords, strings.ToLower(text)) }

// words are yes and no as readers see them.
var words = locale.Texts{
	"yes": locale.Row("Igen", "Yes", "כן", "Да", "Ναι"),
	"no":  locale.Row("Nem", "No", "לא", "Нет", "Όχι"),
}

// Parse reads a value as people of a language write it in a form or a file; nil where text is empty. Times are read
// in the locale's zone. It does not hold the value against the field's rules; store.CustomField.Check does.
func Parse(f store.CustomField, text string, l locale.Locale) (any, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	switch f.Type {
	case store.NumberField:
		d, err := l.Language.ParseNumber(text)
		return money.NewQuantity(d), err
	case store.MoneyField:
		currency := Currency(f, l)
		for _, sign := range []string{currency, locale.CurrencySign(currency)} {
			text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, sign), sign))
		}
		d, err := l.Language.ParseNumber(text)
		return money.NewAmount(d), err
	case store.DateField:
		return l.Language.ParseDate(text)
	case store.TimeField:
		return l.ParseMoment(text)
	case store.YesNoField:
		switch {
		case slices.Contains(yesWords, strings.ToLower(text)):
			return true, nil
		case SaysNo(text):
			return false, nil
		}
		return nil, fmt.Errorf("%.40q is neither yes nor no; write one of them", text)
	case store.ChoiceField:
		for _, c := range f.Rules.Choices {
			if strings.EqualFold(c.Value, text) {
				return c.Value, nil
			}
			for _, t := range c.Texts {
				if strings.EqualFold(t, text) {
					return c.Value, nil
				}
			}
		}
	case store.TextField, store.LinkField, store.EmailField:
	}
	return text, nil
}

// Currency is the currency of a field of money.
func Currency(f store.CustomField, l locale.Locale) string {
	if f.Rules.Currency != "" {
		return f.Rules.Currency
	}
	return l.Currency
}

// faultOf is the code of a text that cannot be read.
func faultOf(t store.FieldType) string {
	switch t {
	case store.NumberField, store.MoneyField:
		return "number"
	case store.DateField, store.TimeField:
		return "date"
	case store.YesNoField:
		return "yesno"
	case store.TextField, store.ChoiceField, store.LinkField, store.EmailField:
	}
	return "custom.form"
}

// Read reads many values, texts by the names of their fields, and holds them against the fields' rules. The values
// are as they are kept, nil for an empty one; the faults name each field as custom.<name>.
func Read(fields []store.CustomField, texts map[string]string, l locale.Locale) (map[string]any, []fault.Fault) {
	var faults fault.List
	values := make(map[string]any, len(texts))
	for _, f := range fields {
		text, ok := texts[f.Name]
		if !ok {
			continue
		}
		value, err := Parse(f, text, l)
		if err != nil {
			faults.Add("custom."+f.Name, faultOf(f.Type), "%s", err)
			continue
		}
		checked, found := f.Check(value)
		faults.Merge("", found)
		values[f.Name] = checked
	}
	return values, faults
}

// Text is a value as a reader sees it.
func Text(f store.CustomField, value any, l locale.Locale) string {
	switch x := value.(type) {
	case nil:
		return ""
	case string:
		return f.Rules.ChoiceText(l.Language, x)
	case money.Amount:
		return l.Language.Money(x, Currency(f, l))
	case civil.Date:
		return l.Language.Date(x)
	case time.Time:
		return l.DateTime(x)
	case bool:
		if x {
			return words.T(l.Language, "yes")
		}
		return words.T(l.Language, "no")
	}
	return Input(value, l)
}

// Input is a value as a field of a form holds it, which [Parse] reads back.
func Input(value any, l locale.Locale) string {
	switch x := value.(type) {
	case string:
		return x
	case money.Quantity:
		return l.Language.Quantity(x.Decimal)
	case money.Amount:
		return l.Language.Quantity(x.Decimal)
	case civil.Date:
		return x.String()
	case time.Time:
		return x.In(l.Location()).Format("2006-01-02T15:04")
	case bool:
		if x {
			return "1"
		}
		return "0"
	}
	return ""
}
