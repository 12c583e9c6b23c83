package sms

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
)

// Price is what one part to numbers with a prefix costs.
type Price struct {
	// Prefix is the beginning of a number in E.164: "+36", "+3670".
	Prefix string       `json:"prefix"`
	Part   money.Amount `json:"part"`
}

// Tariff is what a gateway asks; the longest prefix counts, and "+" stands for all numbers.
type Tariff struct {
	// Currency is an ISO 4217 code.
	Currency string  `json:"currency"`
	Prices   []Price `json:"prices"`
}

// Check names what is wrong with a tariff.
func (t Tariff) Check() error {
	var faults fault.List
	if !money.ValidCurrency(t.Currency) {
		faults.Add("currency", "choice", "%.10q is no currency; write its code, as EUR", t.Currency)
	}
	seen := map[string]bool{}
	for i, p := range t.Prices {
		at := "prices[" + decimal.NewFromInt(int64(i)).String() + "]"
		if digits := strings.TrimPrefix(p.Prefix, "+"); digits == p.Prefix || strings.Trim(digits, "0123456789") != "" {
			faults.Add(at+".prefix", "form", "%.20q is not the beginning of a number; write it as +36", p.Prefix)
		}
		if seen[p.Prefix] {
			faults.Add(at+".prefix", "duplicate", "%.20q is there twice", p.Prefix)
		}
		seen[p.Prefix] = true
		if p.Part.IsNegative() {
			faults.Add(at+".part", "negative", "is below zero")
		}
	}
	return faults.Err("the tariff cannot be used")
}

// Of gives the price of a part to a number; false where the tariff has none.
func (t Tariff) Of(number string) (money.Amount, bool) {
	best, found := Price{}, false
	for _, p := range t.Prices {
		if strings.HasPrefix(number, p.Prefix) && len(p.Prefix) > len(best.Prefix) {
			best, found = p, true
		}
	}
	return best.Part, found
}

// Cost is what so many parts to a number cost; false where the tariff has no price for it.
func (t Tariff) Cost(number string, parts int) (money.Amount, bool) {
	price, ok := t.Of(number)
	return times(price, parts), ok
}

func times(part money.Amount, parts int) money.Amount {
	return money.NewAmount(part.Mul(decimal.NewFromInt(int64(parts))))
}

// Estimate adds up what messages will cost, before they are sent. It takes them one by one, so that it needs
// no more memory for more of them.
type Estimate struct {
	Tariff   Tariff `json:"-"`
	Messages int    `json:"messages"`
	Parts    int    `json:"parts"`
	// UCS2 is how many of the messages go beyond the default alphabet, and ByParts how many have so many parts;
	// the last one counts all longer ones.
	UCS2    int     `json:"ucs2"`
	ByParts [11]int `json:"by_parts"`
	// Total is in the tariff's currency; messages to numbers that have no price are in Unpriced alone.
	Total    money.Amount `json:"total"`
	Unpriced int          `json:"unpriced"`
	// Plain are the parts that the messages would have, and PlainTotal what they would cost, with [Plain].
	PlainParts int          `json:"plain_parts"`
	PlainTotal money.Amount `json:"plain_total"`
	// Countries are the same by country, in the order in which they were first met.
	Countries []CountryTotal `json:"countries"`
}

// CountryTotal is what messages to one country come to.
type CountryTotal struct {
	// Country is the ISO 3166-1 code, "" where a number tells none.
	Country  string       `json:"country"`
	Messages int          `json:"messages"`
	Parts    int          `json:"parts"`
	UCS2     int          `json:"ucs2"`
	Unpriced int          `json:"unpriced"`
	Total    money.Amount `json:"total"`
}

// country gives the place of a country, which is added where it is not there yet.
func (e *Estimate) country(code string) *CountryTotal {
	for i := range e.Countries {
		if e.Countries[i].Country == code {
			return &e.Countries[i]
		}
	}
	e.Countries = append(e.Countries, CountryTotal{Country: code})
	return &e.Countries[len(e.Countries)-1]
}

// Add counts one message as it stands after personalising.
func (e *Estimate) Add(number, text string) {
	price, priced := e.Tariff.Of(number)
	c := Weigh(text, price)
	e.Messages++
	e.Parts += c.AsIs.Parts
	e.PlainParts += c.AsIs.Parts - c.Saves
	e.ByParts[min(c.AsIs.Parts, len(e.ByParts)-1)]++
	there := e.country(Country(number))
	there.Messages++
	there.Parts += c.AsIs.Parts
	if c.AsIs.Encoding == UCS2 {
		e.UCS2++
		there.UCS2++
	}
	if !priced {
		e.Unpriced++
		there.Unpriced++
		return
	}
	e.Total, there.Total = e.Total.Add(times(price, c.AsIs.Parts)), there.Total.Add(times(price, c.AsIs.Parts))
	e.PlainTotal = e.PlainTotal.Add(times(price, c.AsIs.Parts-c.Saves))
}
