package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/quote"
)

// lineTable is a table of lines that is typed into as into a spreadsheet: of a quote or of an opportunity.
// Its fields repeat, one of each name for each row. What a product or price list gives stands in a field as
// its placeholder; what is typed there counts instead.
type lineTable struct {
	// Quote lines have kinds, alternatives and VAT.
	Quote    bool
	Write    bool
	Currency string
	Rows     []lineRow
	// Sums is where the totals are asked for, Products where products are searched.
	Sums, Products string
	Version        string
	// Rates are the VAT codes to choose from.
	Rates []option
	// General are the faults that belong to no row.
	General []string
	Totals  lineTotals
}

// lineTotals are what stands under the lines.
type lineTotals struct {
	Quote                     bool
	Currency                  string
	Net, VAT, Gross, Optional money.Amount
	ByRate                    []quote.VATRow
	// Partial says that rows with faults are not in it.
	Partial bool
}

type lineRow struct {
	Kind, Group, Code, Name, Description, Quantity, Unit, Price, Discount, VAT string
	// The hints are what holds where the field is empty.
	NameHint, UnitHint, PriceHint, DiscountHint, VATHint string
	// Was is what the row held when it was drawn, as JSON: another product brings its own name and price.
	Was string
	// Number is printed before the line, Net is its sum.
	Number, Net string
	Faults      map[string][]string
}

// filled reports whether something was typed into the row.
func (r lineRow) filled() bool {
	return r.Code != "" || r.Name != "" || r.Description != "" || r.Price != ""
}

// Spare reports whether the row waits empty at the end: on a phone it is folded.
func (r lineRow) Spare() bool { return !r.filled() && r.Wrong() == "" }

// Priced reports whether the row has quantity and price.
func (r lineRow) Priced() bool { return r.Kind == "" || quote.Kind(r.Kind).Priced() }

// Wrong is what is wrong with the row, in one line.
func (r lineRow) Wrong() string {
	var all []string
	for _, name := range []string{"kind", "group", "code", "name", "description", "quantity", "unit", "price", "discount", "vat"} {
		all = append(all, r.Faults[name]...)
	}
	return strings.Join(all, " ")
}

func (r lineRow) wrong(name, text string) {
	r.Faults[name] = append(r.Faults[name], text)
}

// remember keeps the row as it is drawn.
func (r *lineRow) remember() {
	raw, _ := json.Marshal([]string{r.Code, r.Name, r.Price, r.Discount, r.VAT, r.Unit, r.Description})
	r.Was = string(raw)
}

// renew empties what came from the product that the row had before, where another one was typed.
func (r *lineRow) renew() {
	var was []string
	if json.Unmarshal([]byte(r.Was), &was) != nil || len(was) != 7 || was[0] == "" || was[0] == r.Code {
		return
	}
	for i, field := range []*string{&r.Name, &r.Price, &r.Discount, &r.VAT, &r.Unit, &r.Description} {
		if *field == was[i+1] {
			*field = ""
		}
	}
}

// maxTyped bounds the rows that a form can bring.
const maxTyped = 1000

// typedRows reads the rows of a posted table.
func typedRows(f *input) []lineRow {
	out := make([]lineRow, min(len(f.Values["code"]), maxTyped))
	for i := range out {
		out[i] = lineRow{
			Kind: nth(f, "kind", i), Group: nth(f, "group", i), Code: nth(f, "code", i), Name: strings.Join(strings.Fields(nth(f, "name", i)), " "), Description: strings.TrimSpace(nth(f, "description", i)),
			Quantity: nth(f, "quantity", i), Unit: nth(f, "unit", i), Price: nth(f, "price", i), Discount: nth(f, "discount", i), VAT: nth(f, "vat", i),
			Was: nth(f, "before", i), Faults: map[string][]string{},
		}
		out[i].renew()
	}
	return out
}

// arrange does what a button without script asks of the rows: "up:2", "down:2", "drop:2", "more".
func arrange(rows []lineRow, what string) []lineRow {
	var verb string
	var at int
	if what == "more" {
		return append(rows, emptyRow(), emptyRow(), emptyRow())
	}
	if _, err := fmt.Sscanf(strings.Replace(what, ":", " ", 1), "%s %d", &verb, &at); err != nil || at < 0 || at >= len(rows) {
		return rows
	}
	switch {
	case verb == "drop":
		return slices.Delete(rows, at, at+1)
	case verb == "up" && at > 0:
		rows[at-1], rows[at] = rows[at], rows[at-1]
	case verb == "down" && at+1 < len(rows):
		rows[at+1], rows[at] = rows[at], rows[at+1]
	}
	return rows
}

func emptyRow() lineRow { return lineRow{Kind: string(quote.Item), Faults: map[string][]string{}} }

// spareRows are the empty rows at the end of a table.
const spareRows = 2

// spared has some empty rows at its end.
func spared(rows []lineRow) []lineRow {
	for len(rows) > 0 && !rows[len(rows)-1].filled() && rows[len(rows)-1].Wrong() == "" {
		rows = rows[:len(rows)-1]
	}
	for range spareRows {
		rows = append(rows, emptyRow())
	}
	return rows
}

// catalogue finds the products that were typed, each asked of the host once.
type catalogue struct {
	v     *visit
	known map[string]erpbridge.Product
	// codes are the host's VAT codes; nil until somebody asks.
	codes []erpbridge.VATCode
}

func (v *visit) catalogue() *catalogue {
	return &catalogue{v: v, known: map[string]erpbridge.Product{}}
}

// find gives the product with a code, or the only one that a text finds; otherwise it says what is wrong.
func (c *catalogue) find(text string) (erpbridge.Product, string, error) {
	folded := strings.ToLower(text)
	if p, ok := c.known[folded]; ok {
		return p, "", nil
	}
	found, err := c.v.module().Products(c.v.ctx(), text, 8)
	if err != nil {
		return erpbridge.Product{}, "", err
	}
	for _, p := range found {
		if strings.EqualFold(p.Code, text) || strings.EqualFold(p.Key, text) {
			c.known[folded] = p
			return p, "", nil
		}
	}
	if len(found) == 1 {
		c.known[folded] = found[0]
		return found[0], "", nil
	}
	if len(found) == 0 {
		return erpbridge.Product{}, c.v.t("line.product.none"), nil
	}
	var some []string
	for _, p := range found[:min(3, len(found))] {
		some = append(some, p.Code+" "+p.Name)
	}
	return erpbridge.Product{}, c.v.t("line.product.many", strings.Join(some, ", ")), nil
}

// vat reads the VAT of a row: a rate, or one of the host's codes, which tells why there is no VAT. A line of free
// text needs a code before the host takes it into a document; a rate has the first code that says the same.
func (c *catalogue) vat(r lineRow) (code string, rate *money.Percent, err error) {
	if r.VAT == "" {
		return "", nil, nil
	}
	if c.codes == nil {
		if c.codes, err = c.v.module().VATCodes(c.v.ctx()); err != nil {
			return "", nil, err
		}
	}
	for i := range c.codes {
		if strings.EqualFold(c.codes[i].Code, r.VAT) {
			return c.codes[i].Code, &c.codes[i].Rate, nil
		}
	}
	if rate = r.percent(c.v.Locale.Language, "vat", r.VAT); rate == nil || r.Code != "" {
		return "", rate, nil
	}
	for i := range c.codes {
		if c.codes[i].Rate.Equal(*rate) {
			return c.codes[i].Code, rate, nil
		}
	}
	return "", rate, nil
}

// nameRates gives the table the host's VAT codes to choose from: the everyday ones by their rates, and those of
// which several have one rate, as the reasons for no VAT, by their codes; saved lines have theirs.
func (t *lineTable) nameRates(v *visit, lines []quote.Line, codes []erpbridge.VATCode) {
	byCode := map[string]bool{}
	seen := map[string]bool{}
	for _, c := range codes {
		rate := v.Locale.Language.Quantity(c.Rate.Decimal)
		one := option{Value: rate, Label: strings.TrimSpace(c.Code + " " + c.Name)}
		if c.Rate.IsZero() || seen[rate] {
			one.Value, byCode[c.Code] = c.Code, true
			one.Label = strings.TrimSpace(c.Name + " " + rate + "%")
		}
		seen[rate] = true
		t.Rates = append(t.Rates, one)
	}
	for i, l := range lines {
		if i < len(t.Rows) && byCode[l.VATCode] && t.Rows[i].VAT == v.Locale.Language.Quantity(l.VATRate.Decimal) {
			t.Rows[i].VAT = l.VATCode
			t.Rows[i].remember()
		}
	}
}

// amount reads a price of a row; nil where the field is empty.
func (r lineRow) amount(l locale.Language, name, text string) *money.Amount {
	d, err := l.ParseNumber(text)
	if text == "" {
		return nil
	}
	if err != nil {
		r.wrong(name, texts.T(l, "fault.number"))
		return nil
	}
	a := money.NewAmount(d)
	return &a
}

func (r lineRow) percent(l locale.Language, name, text string) *money.Percent {
	if text = strings.TrimSpace(strings.TrimSuffix(text, "%")); text == "" {
		return nil
	}
	d, err := l.ParseNumber(text)
	if err != nil {
		r.wrong(name, texts.T(l, "fault.number"))
		return nil
	}
	p := money.NewPercent(d)
	return &p
}

func (r lineRow) quantity(l locale.Language) money.Quantity {
	if r.Quantity == "" {
		return money.MustQuantity("1")
	}
	d, err := l.ParseNumber(r.Quantity)
	if err != nil {
		r.wrong("quantity", texts.T(l, "fault.number"))
	}
	return money.NewQuantity(d)
}

// linePaths are the fields of a row by the names that faults of quotes and opportunities use.
var linePaths = map[string]string{
	"unit_price": "price", "vat_rate": "vat", "vat_code": "vat", "product": "code", "alternative_group": "group", "product_key": "code", "net": "price", "amount": "price",
}

// place puts the faults of an error at the rows; at[i] is the row that line i stands in. What belongs to
// no row is given back as an error, nil where nothing is left.
func (v *visit) place(err error, rows []lineRow, at []int) error {
	return takeFaults(err, func(one fault.Fault) bool {
		var n int
		var name string
		if _, scan := fmt.Sscanf(one.Path, "lines[%d].%s", &n, &name); scan != nil || n >= len(at) {
			return false
		}
		if known, ok := linePaths[name]; ok {
			name = known
		}
		rows[at[n]].wrong(name, v.faultText(one))
		return true
	})
}

// takeFaults gives an error without the faults that take puts somewhere; nil where none is left.
func takeFaults(err error, take func(fault.Fault) bool) error {
	var told *fault.Error
	if !errors.As(err, &told) || len(told.Faults) == 0 {
		return err
	}
	again := *told
	again.Faults = nil
	for _, one := range told.Faults {
		if !take(one) {
			again.Faults = append(again.Faults, one)
		}
	}
	if len(again.Faults) == 0 {
		return nil
	}
	return &again
}

func badRows(rows []lineRow) bool {
	return slices.ContainsFunc(rows, func(r lineRow) bool { return len(r.Faults) > 0 })
}

// draftLines turns rows into lines of a quote. at[i] is the row of line i. Rows with faults are left out
// where good is asked for, so that the rest can be summed up while somebody types.
func (v *visit) draftLines(rows []lineRow, products *catalogue, good bool) (drafts []quote.DraftLine, at []int, err error) {
	lang := v.Locale.Language
	for i, r := range rows {
		if !r.filled() || good && len(r.Faults) > 0 {
			continue
		}
		d := quote.DraftLine{Kind: quote.Kind(r.Kind), AlternativeGroup: r.Group, Name: r.Name, Description: r.Description}
		if !r.Priced() {
			if d.AlternativeGroup = ""; d.Kind == quote.Text && d.Description == "" {
				d.Name, d.Description = "", r.Name
			}
			drafts, at = append(drafts, d), append(at, i)
			continue
		}
		d.Quantity, d.Unit = r.quantity(lang), r.Unit
		d.UnitPrice, d.Discount = r.amount(lang, "price", r.Price), r.percent(lang, "discount", r.Discount)
		if d.VATCode, d.VATRate, err = products.vat(r); err != nil {
			return nil, nil, err
		}
		if r.Code != "" {
			p, wrong, err := products.find(r.Code)
			if err != nil {
				return nil, nil, err
			}
			if wrong != "" {
				r.wrong("code", wrong)
			}
			d.Product = p.Key
			if rows[i].Code = r.Code; p.Code != "" {
				rows[i].Code = p.Code
			}
		}
		if good && len(r.Faults) > 0 {
			continue
		}
		drafts, at = append(drafts, d), append(at, i)
	}
	return drafts, at, nil
}

// priced writes into the rows what lines came out of them.
func (v *visit) priced(rows []lineRow, at []int, lines []quote.Line, currency string) {
	lang := v.Locale.Language
	numbers := quote.Numbers(lines)
	for i, l := range lines {
		if i >= len(at) {
			return
		}
		r := &rows[at[i]]
		r.Number = numbers[i]
		if !l.Kind.Priced() {
			continue
		}
		r.NameHint, r.UnitHint = l.Name, l.Unit
		r.PriceHint, r.DiscountHint, r.VATHint = lang.Number(l.UnitPrice.Decimal, places(l.UnitPrice, currency)), lang.Quantity(l.Discount.Decimal), lang.Quantity(l.VATRate.Decimal)
		if l.ProductKey != "" && !l.ListPrice.IsZero() {
			r.PriceHint = lang.Number(l.ListPrice.Decimal, places(l.ListPrice, currency))
		}
		r.Net = lang.Money(l.Net, currency)
	}
}

// places are the decimals that a unit price is written with: the currency's, or more where it has more.
func places(a money.Amount, currency string) int32 {
	n := money.Digits(currency)
	for n < 4 && !a.Decimal.Equal(a.Decimal.Round(n)) {
		n++
	}
	return n
}

// quoteRow is a saved line as a row.
func (v *visit) quoteRow(l quote.Line, number, currency string) lineRow {
	lang := v.Locale.Language
	r := lineRow{Kind: string(l.Kind), Group: l.AlternativeGroup, Code: l.Code, Name: l.Name, Description: l.Description, Number: number, Faults: map[string][]string{}}
	if l.Kind == quote.Text && l.Name == "" {
		r.Name, r.Description = l.Description, ""
	}
	if !l.Kind.Priced() {
		r.remember()
		return r
	}
	if l.ProductKey == "" {
		r.Code = ""
	}
	r.Quantity, r.Unit, r.VAT = lang.Quantity(l.Quantity.Decimal), l.Unit, lang.Quantity(l.VATRate.Decimal)
	r.PriceHint, r.DiscountHint = lang.Number(l.ListPrice.Decimal, places(l.ListPrice, currency)), lang.Quantity(l.ListDiscount.Decimal)
	if l.PriceManual || l.ProductKey == "" {
		r.Price, r.DiscountHint = lang.Number(l.UnitPrice.Decimal, places(l.UnitPrice, currency)), "0"
		if !l.Discount.IsZero() {
			r.Discount = lang.Quantity(l.Discount.Decimal)
		}
	} else if !l.Discount.Equal(l.ListDiscount) {
		r.Discount = lang.Quantity(l.Discount.Decimal)
	}
	r.Net = lang.Money(l.Net, currency)
	r.remember()
	return r
}

// Blank is what a new row of the table is drawn as.
func (t lineTable) Blank() lineRow { return emptyRow() }

// More reports whether the second line of the row says something.
func (r lineRow) More() bool {
	return r.Description != "" || r.Group != "" || r.Kind != "" && r.Kind != string(quote.Item)
}
