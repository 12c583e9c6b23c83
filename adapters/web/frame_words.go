package web

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/reports/kpi"
)

var errNoPage = fault.New(fault.NotFound, "there is no such page")

// words are the functions of the templates: texts, numbers, dates as the reader writes them.
func (s *screens) words(l locale.Locale) template.FuncMap {
	lang := l.Language
	return template.FuncMap{
		"t":        func(key string, args ...any) string { return texts.T(lang, key, args...) },
		"lang":     func() string { return string(lang) },
		"money":    func(a money.Amount, currency string) string { return lang.Money(a, currency) },
		"price":    func(a money.Amount, currency string) string { return lang.UnitPrice(a, currency) },
		"short":    func(a money.Amount, currency string) string { return shortMoney(lang, a, currency) },
		"qty":      func(q money.Quantity) string { return locale.Minus(lang.Quantity(q.Decimal)) },
		"percent":  func(p money.Percent) string { return lang.Percent(p) },
		"count":    func(n any) string { return countText(lang, n) },
		"date":     func(d civil.Date) string { return lang.Date(d) },
		"isodate":  func(d civil.Date) string { return d.String() },
		"when":     func(t time.Time) string { return whenText(l, t) },
		"clock":    func(t time.Time) string { return t.In(l.Location()).Format("15:04") },
		"day":      func(t time.Time) string { return lang.Date(civil.In(t, l.Location())) },
		"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"ago":      func(t time.Time) template.HTML { return s.agoTag(l, t) },
		"phone":    party.FormatPhone,
		"country":  func(code string) string { return party.CountryName(code, lang) },
		"size":     sizeText,
		"link":     s.link,
		"file":     func(name string) string { return s.files.address(name) },
		"icon":     s.icon,
		"initials": initials,
		"hue":      hue,
		"str":      func(v any) string { return fmt.Sprint(v) },
		"lines":    func(text string) []string { return strings.Split(text, "\n") },
		"add":      func(a, b int) int { return a + b },
		"list":     func(items ...any) []any { return items },
		"dict":     dict,
		"json":     jsonText,
		"field":    newField,
		"query":    func(u, name, value string) string { return queryWith(u, name, value) },
		"split":    strings.Split,
		"join":     func(items []string, glue string) string { return strings.Join(items, glue) },
		"rtl":      func() bool { return lang.RightToLeft() },
		"language": func(code locale.Language) string { return code.Name() },
	}
}

func whenText(l locale.Locale, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.DateTime(t)
}

// countText writes a whole number with the language's groups.
func countText(lang locale.Language, n any) string {
	d, err := strconv.ParseInt(fmt.Sprint(n), 10, 64)
	if err != nil {
		return fmt.Sprint(n)
	}
	return lang.Quantity(decimal.NewFromInt(d))
}

// dict hands several values to a part of a page.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes pairs, not %d values", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m, nil
}

// jsonText is a value for a data attribute; html/template escapes it there.
func jsonText(v any) (string, error) {
	raw, err := json.Marshal(v)
	return string(raw), err
}

// asciiJSON writes what stands between a JSON string's quotes with escapes for all that is not ASCII.
func asciiJSON(quoted string) string {
	var out strings.Builder
	for _, r := range strings.Trim(quoted, `"`) {
		switch {
		case r < 128:
			out.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		}
	}
	return out.String()
}

// agoTag says how long ago something was, or in how long it will be, in one unit; the exact time is its title.
func (s *screens) agoTag(l locale.Locale, t time.Time) template.HTML {
	if t.IsZero() {
		return ""
	}
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `" title="` + template.HTMLEscapeString(whenText(l, t)) + `">` + //nolint:gosec // escaped
		template.HTMLEscapeString(agoText(l.Language, s.now().Sub(t))) + `</time>`)
}

func agoText(lang locale.Language, d time.Duration) string {
	prefix := "ago."
	if d < 0 {
		prefix, d = "in.", -d
	}
	for _, unit := range []struct {
		key  string
		from time.Duration
		size time.Duration
	}{
		{"months", 60 * 24 * time.Hour, 30 * 24 * time.Hour}, {"days", 24 * time.Hour, 24 * time.Hour},
		{"hours", time.Hour, time.Hour}, {"minutes", time.Minute, time.Minute},
	} {
		if d >= unit.from {
			return texts.T(lang, prefix+unit.key, int(d/unit.size))
		}
	}
	return texts.T(lang, "ago.now")
}

// initials are one or two letters that stand for a person in a narrow column.
func initials(name string) string {
	var out []rune
	for _, word := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(word)
		if out = append(out, r); len(out) == 2 {
			break
		}
	}
	return string(out)
}

// hue is one of twelve quiet colours for a name, always the same for it.
func hue(name string) int {
	sum := 0
	for _, r := range name {
		sum = (sum*31 + int(r)) % 9973
	}
	return sum % 12
}

// shortMoney writes an amount as boards do, with at most four digits: "1.2 M Ft".
func shortMoney(lang locale.Language, a money.Amount, currency string) string {
	return kpi.ShortMoney(lang, a, currency)
}

// icon is one of our icons, for decoration; what it means stands beside it in words.
func (s *screens) icon(name string) template.HTML {
	if known, ok := s.icons.Load(name); ok {
		return known.(template.HTML)
	}
	drawn := template.HTML(`<svg class="icon icon-` + template.HTMLEscapeString(name) + `" aria-hidden="true"><use href="` + //nolint:gosec // escaped
		template.HTMLEscapeString(s.files.address("icons.svg")) + `#` + template.HTMLEscapeString(name) + `"/></svg>`)
	s.icons.Store(name, drawn) // the names are those that stand in our pages
	return drawn
}

// queryWith is an address with one value changed, on its first page; "" takes the value away.
func queryWith(address, name, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	query := u.Query()
	query.Del("after")
	if query.Set(name, value); value == "" {
		query.Del(name)
	}
	return (&url.URL{Path: u.Path, RawQuery: query.Encode()}).String()
}

func rightOf(name string) actor.Right { return actor.Right(name) }
