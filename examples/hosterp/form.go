package main

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// form is what stands in the fields of a page, and what is wrong with it.
type form struct {
	Values url.Values
	// Faults are by the name of the field; those at "" belong to the form as a whole.
	Faults   map[string][]string
	language locale.Language
}

// blank is a form with values that the page proposes.
func (v *visit) blank(pairs ...string) *form {
	f := &form{Values: url.Values{}, Faults: map[string][]string{}, language: v.locale.Language}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Values.Set(pairs[i], pairs[i+1])
	}
	return f
}

// posted is the form that was sent.
func (v *visit) posted() *form {
	return &form{Values: v.r.PostForm, Faults: map[string][]string{}, language: v.locale.Language}
}

func (f *form) text(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// fieldNames are the fields of forms that faults of CRM+ and the host call otherwise.
var fieldNames = map[string]string{
	"emails": "email", "emails[0]": "email", "phones": "phone", "phones[0]": "phone", "organization": "organization",
	"address.line1": "line1", "address.line2": "line2", "address.postal_code": "postal_code", "address.city": "city", "address.country": "country",
	"expected_revenue": "expected_value", "full_name": "name", "arrived_at": "",
}

// refuse puts the faults of an error at their fields. Errors without faults that a person can put
// right are given back.
func (v *visit) refuse(f *form, err error) error {
	var told *fault.Error
	if !errors.As(err, &told) || told.Code != fault.Invalid && told.Code != fault.Conflict {
		return err
	}
	if len(told.Faults) == 0 {
		f.Faults[""] = append(f.Faults[""], told.Message)
	}
	for _, one := range told.Faults {
		name := one.Path
		for _, prefix := range []string{"customer.", "party.", "contact.", "opportunity."} {
			name = strings.TrimPrefix(name, prefix)
		}
		if known, ok := fieldNames[name]; ok {
			name = known
		}
		if _, onPage := f.Values[name]; !onPage {
			name = ""
		}
		f.Faults[name] = append(f.Faults[name], v.faultText(one))
	}
	return nil
}

// faultText says a fault in the reader's language, in English where it is a rare one.
func (v *visit) faultText(f fault.Fault) string {
	if key := "fault." + f.Code; texts[key] != nil {
		return texts.T(v.locale.Language, key)
	}
	if f.Message == "" {
		return f.Code
	}
	return strings.ToUpper(f.Message[:1]) + f.Message[1:]
}

// amount reads money that a person typed; nil where nothing was.
func (f *form) amount(name string) *money.Amount {
	d, ok := f.number(name)
	if !ok {
		return nil
	}
	a := money.NewAmount(d)
	return &a
}

func (f *form) percent(name string) *money.Percent {
	d, ok := f.number(name)
	if !ok {
		return nil
	}
	p := money.NewPercent(d)
	return &p
}

func (f *form) quantity(name string) money.Quantity {
	d, _ := f.number(name)
	return money.NewQuantity(d)
}

func (f *form) number(name string) (decimal.Decimal, bool) {
	text := strings.TrimSuffix(f.text(name), "%")
	if text == "" {
		return decimal.Decimal{}, false
	}
	d, err := f.language.ParseNumber(text)
	if err != nil {
		f.Faults[name] = append(f.Faults[name], texts.T(f.language, "fault.number"))
		return decimal.Decimal{}, false
	}
	return d, true
}

// day reads a date, as a browser's date field or a person writes it.
func (f *form) day(name string) civil.Date {
	text := f.text(name)
	if text == "" {
		return civil.Date{}
	}
	d, err := f.language.ParseDate(text)
	if err != nil {
		f.Faults[name] = append(f.Faults[name], texts.T(f.language, "fault.date"))
	}
	return d
}

// moment is nine in the morning of a day, in the company's zone; zero where no day was given.
func (f *form) moment(name string, zone *time.Location) time.Time {
	d := f.day(name)
	if d.IsZero() {
		return time.Time{}
	}
	return d.Time(zone).Add(9 * time.Hour)
}

func (f *form) count(name string) int {
	n, _ := strconv.Atoi(f.text(name))
	return n
}

// version is the one of the record that the page showed.
func (f *form) version(name string) int64 {
	n, _ := strconv.ParseInt(f.Values.Get(name), 10, 64)
	return n
}

// wrong reports whether anything was found wrong so far.
func (f *form) wrong() bool { return len(f.Faults) > 0 }

// General are the faults that belong to no field of the page.
func (f *form) General() []string { return f.Faults[""] }

// field is one field as a page draws it.
type field struct {
	Name, Label, Value string
	Type               string
	Rows               string
	Required, Wide     bool
	Direction          string
	Hint               string
	Faults             []string
}

// newField is the template function "field": a form, the name of a field, the key of its label, and
// what else there is to say: "type=email", "rows=3", "required", "wide", "ltr", "hint=key".
func newField(f *form, name, label string, more ...string) field {
	out := field{Name: name, Label: texts.T(f.language, label), Value: f.Values.Get(name), Type: "text", Faults: f.Faults[name]}
	for _, m := range more {
		key, value, _ := strings.Cut(m, "=")
		switch key {
		case "type":
			out.Type = value
		case "rows":
			out.Rows = value
		case "required":
			out.Required = true
		case "wide":
			out.Wide = true
		case "ltr":
			out.Direction = "ltr"
		case "hint":
			out.Hint = texts.T(f.language, value)
		}
	}
	return out
}
