package web

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// input is what stands in the fields of a page, and what is wrong with it.
type input struct {
	Values url.Values
	// Faults are by the name of the field; those at "" belong to the form as a whole.
	Faults map[string][]string
	// Conflict is set where somebody else changed the record meanwhile; see [visit.clash].
	Conflict *conflict
	language locale.Language
	zone     *time.Location
}

func (v *visit) input(values url.Values) *input {
	return &input{Values: values, Faults: map[string][]string{}, language: v.Locale.Language, zone: v.zone()}
}

// blank is a form with values that the page proposes.
func (v *visit) blank(pairs ...string) *input {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return v.input(values)
}

// posted is the form that was sent.
func (v *visit) posted() *input {
	f := v.input(v.r.PostForm)
	f.settle()
	return f
}

// asked is what the address asks for.
func (v *visit) asked() *input { return v.input(v.r.URL.Query()) }

// Get gives what stands in a field.
func (f *input) Get(name string) string { return f.Values.Get(name) }

func (f *input) text(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// has reports whether the form has the field at all.
func (f *input) has(name string) bool { return f.Values.Has(name) }

// on reports whether a box is ticked.
func (f *input) on(name string) bool { return f.Values.Get(name) != "" }

// wrong puts a fault at a field.
func (f *input) wrong(name, key string, args ...any) {
	f.Faults[name] = append(f.Faults[name], texts.T(f.language, key, args...))
}

// bad reports whether anything was found wrong so far.
func (f *input) bad() bool { return len(f.Faults) > 0 }

// General are the faults that belong to no field of the page.
func (f *input) General() []string { return f.Faults[""] }

// fieldNames are the fields of forms that faults of CRM+ and the host call otherwise.
var fieldNames = map[string]string{
	"emails": "email", "emails[0]": "email", "phones": "phone", "phones[0]": "phone",
	"address.line1": "line1", "address.line2": "line2", "address.postal_code": "postal_code", "address.city": "city", "address.country": "country",
	"expected_revenue": "expected_value", "full_name": "name", "arrived_at": "",
}

// refuse puts the faults of an error at their fields. Errors without faults that a person can put right are
// given back.
func (v *visit) refuse(f *input, err error) error {
	var told *fault.Error
	if !errors.As(err, &told) || told.Code != fault.Invalid && told.Code != fault.Conflict && told.Code != fault.Limit {
		return err
	}
	if len(told.Faults) == 0 {
		f.Faults[""] = append(f.Faults[""], v.sentence(told.Message))
	}
	for _, one := range told.Faults {
		name := one.Path
		for _, prefix := range []string{"customer.", "party.", "contact.", "opportunity."} {
			name = strings.TrimPrefix(name, prefix)
		}
		if known, ok := fieldNames[name]; ok && !f.has(name) {
			name = known
		}
		if !f.has(name) {
			name = ""
		}
		text := v.faultText(one)
		if key := placedFaultKey(one); texts[key] != nil {
			text = v.t(key)
		} else if name == "" && one.Path != "" && one.Path != text {
			text = one.Path + ": " + text
		}
		f.Faults[name] = append(f.Faults[name], text)
	}
	return nil
}

// placedFaultKey is the key of the words for a fault in a field of its own, as "fault.range.until"; lists have no places
// there.
func placedFaultKey(f fault.Fault) string {
	return "fault." + f.Code + "." + listPlace.ReplaceAllString(f.Path, "")
}

var listPlace = regexp.MustCompile(`\[\d+\]`)

// bracedName is a field as a text names it, {quote.number} or {{first_name}}.
var bracedName = regexp.MustCompile(`\{+[^{}]+\}+`)

// faultText says a fault in the reader's language, in English where it is a rare one.
func (v *visit) faultText(f fault.Fault) string {
	if key := "fault." + f.Code; texts[key] != nil {
		if f.Code == "field.unknown" || f.Code == "field.missing" { // a text has many fields: say which
			if name := bracedName.FindString(f.Message); name != "" {
				return "\u2066" + name + "\u2069: " + v.t(key)
			}
		}
		return v.t(key)
	}
	if f.Message == "" {
		return f.Code
	}
	return v.sentence(f.Message)
}

// statusOf is 422 for a form with faults, 409 for one in conflict, and otherwise 200.
func (f *input) statusOf() int {
	if f.Conflict != nil {
		return http.StatusConflict
	}
	if f.bad() {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// amount reads money that a person typed; nil where nothing was.
func (f *input) amount(name string) *money.Amount {
	d, ok := f.number(name)
	if !ok {
		return nil
	}
	a := money.NewAmount(d)
	return &a
}

func (f *input) percent(name string) *money.Percent {
	d, ok := f.number(name)
	if !ok {
		return nil
	}
	p := money.NewPercent(d)
	return &p
}

func (f *input) quantity(name string) money.Quantity {
	d, _ := f.number(name)
	return money.NewQuantity(d)
}

func (f *input) number(name string) (decimal.Decimal, bool) {
	text := strings.TrimSpace(strings.TrimSuffix(f.text(name), "%"))
	if text == "" {
		return decimal.Decimal{}, false
	}
	d, err := f.language.ParseNumber(text)
	if err != nil {
		f.wrong(name, "fault.number")
		return decimal.Decimal{}, false
	}
	return d, true
}

// day reads a date, as a browser's date field or a person writes it.
func (f *input) day(name string) civil.Date {
	text := f.text(name)
	if text == "" {
		return civil.Date{}
	}
	d, err := f.language.ParseDate(text)
	if err != nil {
		f.wrong(name, "fault.date")
	}
	return d
}

// moment reads a date and, from the field name_time, a time of the visitor's zone, nine in the morning where
// it is empty; zero where no day was given.
func (f *input) moment(name string) time.Time {
	d := f.day(name)
	if d.IsZero() {
		return time.Time{}
	}
	clock := 9 * time.Hour
	if text := f.text(name + "_time"); text != "" {
		t, err := time.Parse("15:04", text)
		if err != nil {
			f.wrong(name+"_time", "fault.time")
		}
		clock = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	}
	noon := d.Time(f.zone)
	return time.Date(noon.Year(), noon.Month(), noon.Day(), int(clock.Hours()), int(clock.Minutes())%60, 0, 0, f.zone)
}

func (f *input) count(name string) int {
	n, _ := strconv.Atoi(f.text(name))
	return n
}

// version is the one of the record that the page showed.
func (f *input) version(name string) int64 {
	n, _ := strconv.ParseInt(f.Values.Get(name), 10, 64)
	return n
}

// field is one field as a page draws it.
type field struct {
	ID, Name, Label, Value string
	Type                   string
	Rows                   string
	Required, Wide, Focus  bool
	Direction              string
	Hint                   string
	Options                []option
	List                   string
	// Redraw is the part of the page that is drawn anew when another value is chosen, as "#id".
	Redraw string
	Faults []string
}

// newField is the template function "field": a form, the name of a field, the key of its label, and what
// else there is to say: "type=email", "rows=3", "required", "wide", "ltr", "dir=rtl", "focus", "hint=key",
// "list=id" (of a datalist), "id=x", "redraw=#part", or a []option for a select.
func newField(f *input, name, label string, more ...any) field {
	out := field{ID: "f-" + name, Name: name, Label: texts.T(f.language, label), Value: f.Values.Get(name), Type: "text", Faults: f.Faults[name]}
	for _, m := range more {
		if options, ok := m.([]option); ok {
			out.Options, out.Type = options, "select"
			for i := range options {
				options[i].On = options[i].Value == out.Value || out.Value == "" && options[i].On
			}
			continue
		}
		text, _ := m.(string)
		switch key, value, _ := strings.Cut(text, "="); key {
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
		case "dir":
			out.Direction = value
		case "focus":
			out.Focus = true
		case "hint":
			out.Hint = texts.T(f.language, value)
		case "list":
			out.List = value
		case "id":
			out.ID = value
		case "redraw":
			out.Redraw = value
		}
	}
	return out
}
