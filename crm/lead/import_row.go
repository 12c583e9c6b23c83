package lead

import (
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/tabular"
	"github.com/crmplus/crmplus/erpbridge"
)

// importRow is one row on its way through an import.
type importRow struct {
	line int
	// cells are kept for rows that are bad.
	cells []string
	p     *Prepared
	bad   []tabular.RowError
}

// rowReader turns rows into drafts by a plan. It is only read once it is made, by several goroutines.
type rowReader struct {
	plan    Plan
	locale  locale.Locale
	now     time.Time
	columns map[tabular.Field]int
	custom  []store.CustomField
	// owner gives the host's key of a user by what a file may call him; nil takes the text itself.
	owner func(text string) (string, bool)
}

func newRowReader(plan Plan, l locale.Locale, now time.Time) *rowReader {
	l.Language = plan.Language
	r := &rowReader{plan: plan, locale: l, now: now, columns: map[tabular.Field]int{}}
	for i, field := range plan.Columns {
		if field != "" {
			r.columns[field] = i
		}
	}
	return r
}

// read prepares one raw row.
func (r *rowReader) read(raw rawRow) importRow {
	out := importRow{line: raw.line, cells: raw.cells}
	if raw.err != nil {
		out.bad = []tabular.RowError{*raw.err}
		return out
	}
	var d Draft
	var faults fault.List
	if raw.card != nil {
		d = cardDraft(*raw.card, r.plan.Language)
	} else {
		d = r.draft(raw.cells, &faults)
	}
	r.defaults(&d)
	p, more := Prepare(d, r.locale, r.now)
	for _, f := range append(faults, more...) {
		out.bad = append(out.bad, r.rowError(raw.line, f))
	}
	if len(out.bad) == 0 {
		out.p, out.cells = p, nil
		if d.Owner != (party.Owner{}) {
			p.lead.AssignedAt = r.now
		}
	}
	return out
}

// rowError says at which column a fault lies.
func (r *rowReader) rowError(line int, f fault.Fault) tabular.RowError {
	e := tabular.RowError{Line: line, Code: f.Code, Reason: f.Message}
	field := tabular.Field(f.Path)
	switch f.Path {
	case "arrived_at":
		field = tabular.CreatedAt
	case "organization":
		field = tabular.Company
	case "name":
		field = tabular.FullName
	}
	if i, ok := r.columns[field]; ok {
		e.Column, e.ColumnName = i+1, r.plan.Header[i]
	} else if f.Path != "" && f.Code != "reach" {
		e.Reason = f.Path + " " + e.Reason
	}
	return e
}

func (r *rowReader) defaults(d *Draft) {
	o := &d.Origin
	if o.Channel == "" {
		o.Channel = ByFile
	}
	for _, f := range []struct {
		to   *string
		plan string
	}{{&o.Source, r.plan.Source}, {&o.Medium, r.plan.Medium}, {&o.Campaign, r.plan.Campaign}} {
		if *f.to == "" {
			*f.to = f.plan
		}
	}
	if d.Owner == (party.Owner{}) {
		d.Owner = r.plan.Owner
	}
}

// draft reads the cells by the mapping; what cannot be read is a fault under the name of its field.
func (r *rowReader) draft(cells []string, faults *fault.List) Draft {
	get := func(f tabular.Field) string {
		if i, ok := r.columns[f]; ok && i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	first := func(fields ...tabular.Field) string {
		for _, f := range fields {
			if text := get(f); text != "" {
				return text
			}
		}
		return ""
	}
	d := Draft{
		Name: get(tabular.FullName), Title: get(tabular.Title), Given: get(tabular.GivenName), Patronymic: get(tabular.Patronymic), Family: get(tabular.FamilyName),
		JobTitle: get(tabular.JobTitle), Organization: get(tabular.Company), TaxID: get(tabular.TaxID), Website: get(tabular.Website),
		Emails: []string{get(tabular.Email), get(tabular.Email2)}, Phones: []string{get(tabular.Phone), get(tabular.Phone2)}, Mobile: get(tabular.Mobile),
		Address: party.Address{
			Line1: get(tabular.Street), PostalCode: get(tabular.PostalCode), City: get(tabular.City), Region: get(tabular.Region), Country: get(tabular.Country),
		},
		Interest: get(tabular.Interest), ExternalID: get(tabular.ExternalID), Gender: genderOf(get(tabular.Gender)),
		Origin: Origin{Source: first(tabular.UTMSource, tabular.Source), Medium: get(tabular.UTMMedium), Campaign: first(tabular.UTMCampaign, tabular.Campaign)},
	}
	if text := get(tabular.Language); text != "" {
		if language, ok := locale.ParseLanguage(text); ok {
			d.Language = language
		}
	}
	r.readValues(&d, get, faults)
	r.readCustom(&d, cells, faults)
	return d
}

// readValues reads what is more than text.
func (r *rowReader) readValues(d *Draft, get func(tabular.Field) string, faults *fault.List) {
	l := r.plan.Language
	if text := get(tabular.BirthDate); text != "" {
		var err error
		if d.BirthDate, err = l.ParseDate(text); err != nil {
			faults.Add("birth_date", "date.form", "%s", err)
		}
	}
	if text := get(tabular.CreatedAt); text != "" {
		var err error
		if d.ArrivedAt, err = r.habits().ParseMoment(text); err != nil {
			faults.Add("arrived_at", "date.form", "%s", err)
		}
	}
	d.Currency = currencyOf(get(tabular.Currency))
	if text := get(tabular.ExpectedValue); text != "" {
		amount, currency := splitCurrency(text)
		value, err := l.ParseNumber(amount)
		if err != nil {
			faults.Add("expected_value", "number.form", "%s", err)
		}
		d.ExpectedValue = money.NewAmount(value)
		if d.Currency == "" {
			d.Currency = currency
		}
	}
	if text := get(tabular.Consent); text != "" && !custom.SaysNo(text) {
		d.Consent = r.plan.Header[r.columns[tabular.Consent]] + ": " + text
	}
	if text := get(tabular.Owner); text != "" {
		if r.owner == nil {
			d.Owner = party.Owner{User: text}
		} else if user, ok := r.owner(text); ok {
			d.Owner = party.Owner{User: user}
		} else {
			faults.Add("owner", "owner.unknown", "%q is no user of the host; give a user's key, name or e-mail address", party.Clean(text, 60))
		}
	}
}

// habits are the company's locale with the language in which the file writes.
func (r *rowReader) habits() locale.Locale {
	l := r.locale
	l.Language = r.plan.Language
	return l
}

func (r *rowReader) readCustom(d *Draft, cells []string, faults *fault.List) {
	var texts map[string]string
	for _, f := range r.custom {
		i, ok := r.columns[tabular.Field(customField+f.Name)]
		if !ok || i >= len(cells) || strings.TrimSpace(cells[i]) == "" {
			continue
		}
		if texts == nil {
			texts = map[string]string{}
		}
		texts[f.Name] = party.Clean(cells[i], store.MaxCustomText+1)
	}
	if texts == nil {
		return
	}
	values, found := custom.Read(r.custom, texts, r.habits())
	d.Custom = values
	faults.Merge("", found)
}

// currencyWords are what people write for a currency.
var currencyWords = map[string]string{
	"ft": "HUF", "forint": "HUF", "€": "EUR", "euro": "EUR", "eur.": "EUR", "ευρώ": "EUR", "$": "USD", "£": "GBP", "₪": "ILS", "שח": "ILS", "₽": "RUB", "руб": "RUB", "руб.": "RUB", "р.": "RUB",
}

func currencyOf(text string) string {
	if code, ok := currencyWords[strings.ToLower(strings.TrimSpace(text))]; ok {
		return code
	}
	return text
}

// splitCurrency takes the currency off an amount: "1 250 000 Ft", "€ 12.50".
func splitCurrency(text string) (amount, currency string) {
	amount = strings.TrimFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789.,-+()", r) })
	if amount == "" {
		return text, ""
	}
	at := strings.Index(text, amount)
	rest := strings.TrimSpace(text[:at] + text[at+len(amount):])
	currency = currencyOf(rest)
	switch {
	case rest == "" || money.ValidCurrency(currency):
		return amount, currency
	case money.ValidCurrency(strings.ToUpper(rest)):
		return amount, strings.ToUpper(rest)
	}
	return text, ""
}

var (
	maleWords   = []string{"m", "male", "man", "férfi", "ffi", "м", "муж", "муж.", "мужской", "α", "άνδρας", "άρρεν", "ז", "זכר"}
	femaleWords = []string{"f", "female", "woman", "w", "nő", "no", "ж", "жен", "жен.", "женский", "θ", "γ", "γυναίκα", "θήλυ", "נ", "נקבה"}
)

func genderOf(text string) party.Gender {
	text = strings.ToLower(text)
	switch {
	case slices.Contains(maleWords, text):
		return party.Male
	case slices.Contains(femaleWords, text):
		return party.Female
	}
	return party.GenderUnknown
}

// ownersOf finds users by key, name or e-mail address, whatever their case.
func ownersOf(users []erpbridge.User) func(string) (string, bool) {
	byText := make(map[string]string, 3*len(users))
	for _, u := range users {
		for _, text := range []string{u.Email, u.Name, u.ID} {
			if text != "" {
				byText[party.Fold(text)] = u.ID
			}
		}
	}
	return func(text string) (string, bool) {
		id, ok := byText[party.Fold(text)]
		return id, ok
	}
}
