package tablehost

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// The samples that columns are tried with: ordinary values, no longer than those that every host meets.
var (
	sampleDay   = civil.Date{Year: 2026, Month: 12, Day: 31}
	sampleTexts = map[string]string{
		"name": "Northern Timber Furniture Ltd", "given": "Alexandra", "family": "Papadopoulos", "tax_id": "12345676-2-41", "eu_vat_id": "HU12345676",
		"email": "anna.kovacs@example.com", "phone": "+36 1 456 7890", "mobile": "+36 30 456 7890", "website": "https://example.com", "line1": "12 Stonegate, 3rd floor",
		"line2": "Building B", "postal_code": "SW1A 1AA", "city": "Hodmezovasarh", "region": "Yorkshire", "country": "HU", "currency": "EUR", "language": "hu",
		"job_title": "Purchasing manager", "reference": "Q-2026-00042", "note": "Please call before the delivery.",
	}
	sampleNumbers = map[holds]string{ofMoney: "1234.56", ofQuantity: "2.5", ofPercent: "12.5"}
)

// sampleToken is as long as the longest token that a conversion uses for one call.
const sampleToken = "01890a5d-ac96-774b-bcce-b302099a8057:undo" //nolint:gosec // it opens nothing

// keyFields hold keys and codes of the host's own, of which no sample can be made up.
var keyFields = []string{
	"customer", "product", "group", "price_list", "list", "manager", "document", "cancelled_by", "vat_code", "code", "number", "unit", "search", "teams", "kind",
	"bank_account", "iban", "zone", "description",
}

// samples gives values of ours that a field may have to write.
func (k *checker) samples(f *field) []any {
	switch f.holds {
	case ofText:
		switch {
		case f.name == "state":
			return k.states(f)
		case f.name == "kind", slices.Contains(keyFields, f.name) && !strings.HasSuffix(f.name, "description"):
			return k.wrongKind(f)
		}
		if text, ok := sampleTexts[f.name]; ok {
			return []any{text}
		}
	case ofMoney, ofQuantity, ofPercent:
		if f.as == asCascade {
			return nil
		}
		return []any{decimal.RequireFromString(sampleNumbers[f.holds])}
	case ofWhole:
		return []any{int64(30)}
	case ofFlag:
		return []any{true, false}
	case ofDay:
		return []any{sampleDay}
	}
	return nil
}

// wrongKind refuses a key in a column that no key fits.
func (k *checker) wrongKind(f *field) []any {
	switch f.column.Type.Family {
	case catalog.Date, catalog.DateTime, catalog.Time, catalog.Bool, catalog.Binary:
		return []any{"C000123"}
	}
	return nil
}

// states are those in which a document can be written.
func (k *checker) states(f *field) []any {
	for _, kind := range k.h.kinds() {
		p := k.h.papers[kind]
		if f.path != p.path+".fields.state" || p.spec.ReadOnly {
			continue
		}
		if p.spec.Initial != "" {
			return []any{string(p.spec.Initial)}
		}
		return []any{"open"}
	}
	return nil
}

// known are the names that formulas can be rehearsed with: what comes from drafts and clocks, not what only
// the host's rows can tell.
var known = []string{"today", "now", "token", "date", "year", "n", "try", "value", "reason", "series", "kind"}

// rehearsable reports whether a formula reads only what a sample can give.
func rehearsable(p *formula.Program) bool {
	names := p.Names()
	for i, name := range names {
		record, field, _ := strings.Cut(name, ".")
		if i+1 < len(names) && strings.HasPrefix(names[i+1], name+".") {
			continue // the record itself stands before its fields
		}
		switch record {
		case "customer", "contact":
			if field == "" || slices.Contains(keyFields, field) || field == "key" || strings.HasPrefix(field, "extra") {
				return false
			}
		case "document":
			if !slices.Contains([]string{"date", "due", "net", "vat", "gross", "year", "currency", "note", "reference", "paid"}, field) {
				return false
			}
		case "line":
			if !slices.Contains([]string{"name", "quantity", "unit_price", "discount", "net", "vat", "gross", "row", "vat_rate", "note"}, field) {
				return false
			}
		case "tax":
			if field != "rate" && field != "net" && field != "vat" && field != "gross" {
				return false
			}
		default:
			if !slices.Contains(known, name) {
				return false
			}
		}
	}
	return true
}

// rehearsal is a call without a transaction, for formulas only.
func (k *checker) rehearsal() work {
	w := work{h: k.h, memo: &memo{company: map[string]any{"key": k.mapping.Company.Key}, locale: k.h.locale, looked: map[string]any{}}}
	w.Company, w.Token = k.mapping.Company.Key, sampleToken
	w.Now, w.Today = sampleDay.Time(nil), sampleDay
	return w
}

// rehearsed are sample variables.
func (k *checker) rehearsed() vars {
	person := map[string]any{"key": "", "extra": map[string]any{}, "person": false, "blocked": false, "payment_days": int64(30), "price_list": "", "code": "", "customer": ""}
	for name, text := range sampleTexts {
		person[name] = text
	}
	amounts := map[string]any{"extra": map[string]any{}, "row": int64(10), "name": sampleTexts["name"], "note": sampleTexts["note"], "key": "", "product": "", "unit": "", "vat_code": "", "code": ""}
	for _, name := range []string{"net", "vat", "gross", "paid", "unit_price"} {
		amounts[name] = decimal.RequireFromString(sampleNumbers[ofMoney])
	}
	for name, n := range map[string]holds{"quantity": ofQuantity, "delivered": ofQuantity, "invoiced": ofQuantity, "discount": ofPercent, "rate": ofPercent, "vat_rate": ofPercent} {
		amounts[name] = decimal.RequireFromString(sampleNumbers[n])
	}
	document := map[string]any{
		"date": sampleDay, "due": sampleDay, "year": int64(sampleDay.Year), "currency": "EUR", "note": sampleTexts["note"], "reference": sampleTexts["reference"], "extra": map[string]any{},
		"kind": "order", "key": "", "number": "", "series": "", "serial": int64(1), "customer": "", "state": "open", "cancelled_by": "",
	}
	for _, name := range []string{"net", "vat", "gross", "paid"} {
		document[name] = amounts[name]
	}
	return k.work.vars(vars{
		"customer": person, "contact": person, "document": document, "line": amounts, "tax": amounts, "date": sampleDay, "year": int64(sampleDay.Year), "n": int64(99999), "try": int64(0),
		"reason": "ordered twice", "kind": "order", "series": "A", "steps": map[string]any{}, "source": nil, "sourceline": nil, "product": nil, "credit": nil, "value": nil, "row": nil,
	})
}
