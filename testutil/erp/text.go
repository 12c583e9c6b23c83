package erp

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// bounded is a text and the length of its column.
type bounded struct {
	text string
	max  int
}

// texts names the texts that cannot be stored: too long for NVARCHAR, which counts UTF-16 units, or
// with what no column keeps. It goes through them in the order of their paths.
func texts(faults *fault.List, fields map[string]bounded) {
	for _, path := range slices.Sorted(maps.Keys(fields)) {
		f := fields[path]
		switch n := len(utf16.Encode([]rune(f.text))); {
		case strings.ContainsRune(f.text, 0), !utf8.ValidString(f.text):
			faults.Add(path, "text.characters", "contains broken text; type it again")
		case n > f.max:
			faults.Add(path, "text.long", "is %d characters long; at most %d fit", n, f.max)
		}
	}
}

// checkCurrency accepts currencies whose totals fit the two decimals that the ERP keeps.
func checkCurrency(faults *fault.List, currency string) {
	switch {
	case currency == "":
		faults.Required("currency", currency)
	case !money.ValidCurrency(currency):
		faults.Add("currency", "currency.form", "%q is not a currency; write its code of three letters, as EUR", currency)
	case money.Digits(currency) > 2:
		faults.Add("currency", "currency.digits", "%s has %d decimals; this ERP keeps two", currency, money.Digits(currency))
	}
}

// tokenOr gives the session's token; what the ERP's own pages create without one is its own.
func (w work) tokenOr(key string) string {
	if w.Token == "" {
		return "-" + key
	}
	return w.Token
}

// localNow is the company's wall clock: the ERP keeps times as people read them off it.
func (w work) localNow() time.Time {
	if w.Today.IsZero() {
		return w.Now
	}
	// The session says which day it is for the company; the hours are good enough in UTC.
	h, m, s := w.Now.Clock()
	return time.Date(w.Today.Year, w.Today.Month, w.Today.Day, h, m, s, 0, time.UTC)
}
