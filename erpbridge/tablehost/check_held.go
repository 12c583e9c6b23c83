package tablehost

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge/catalog"
)

// heldRows is how many rows of a table are looked at: enough to see how its columns are kept, few enough for
// a table of millions.
const heldRows = 200

// mostListed is how many of the values that are no code a sentence names.
const mostListed = 30

// holding is a field with what rows hold in its column.
type holding struct {
	field *field
	// told: a problem of the field was named already.
	told bool
	// unlisted are texts that are no code of ours, each once.
	unlisted []string
	// below and above count discounts of at most one, and more.
	below, above int
	// largest is the largest discount that was met.
	largest decimal.Decimal
}

// held compares the mapping with rows that are there already. The catalogue does not tell whether 1250 is
// 12.50, 10 is 10 % or 1000 %, and Germany is DE; the first rows do, before a conversion writes others beside them.
func (k *checker) held() {
	for _, e := range k.h.entitiesRead() {
		if e.constant || !e.CanSelect || k.err != nil {
			continue
		}
		list := make([]*holding, 0, len(e.list))
		names := make([]string, 0, len(e.list))
		for _, f := range e.list {
			if f.column != nil && f.column.alias == "t" {
				list = append(list, &holding{field: f})
				names = append(names, f.column.name)
			}
		}
		if len(list) > 0 {
			k.heldIn(e, list, strings.Join(names, ", "))
		}
	}
}

func (k *checker) heldIn(e *entity, list []*holding, columns string) {
	query := fmt.Sprintf("SELECT %s FROM %s LIMIT %d", columns, e.name, heldRows)
	if k.cat.Dialect == catalog.MSSQL {
		query = fmt.Sprintf("SELECT TOP (%d) %s FROM %s", heldRows, columns, e.name)
	}
	rows, err := k.q.QueryContext(k.ctx, query)
	if err != nil {
		k.err = fmt.Errorf("tablehost: checking: %w", err)
		return
	}
	defer rows.Close()
	raw, targets := make([]any, len(list)), make([]any, len(list))
	for i := range raw {
		targets[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			k.err = fmt.Errorf("tablehost: checking: %w", err)
			return
		}
		for i, h := range list {
			if !h.told {
				k.heldValue(h, raw[i])
			}
		}
	}
	if err := rows.Err(); err != nil {
		k.err = fmt.Errorf("tablehost: checking: %w", err)
	}
	for _, h := range list {
		k.heldCodes(h)
		k.heldDiscounts(h)
	}
}

// heldValue judges one value.
func (k *checker) heldValue(h *holding, raw any) {
	f := h.field
	v, err := f.column.Value(k.cat.Dialect, raw, f.column.storage)
	if err != nil {
		h.told = true
		if _, fraction := raw.(float64); fraction && (f.column.storage.Scale > 0 || f.column.storage.Text) {
			kind := map[holds]string{ofMoney: "money", ofQuantity: "quantity", ofPercent: "percent"}[f.holds]
			k.add(Error, f.path, "column.storage", "%s: a row holds %v, which is not what the mapping's storage says; say storage: {%s: float}, or storage: float in this field, where the host keeps binary fractions", f.column.Column, raw, kind)
			return
		}
		for _, p := range fault.Of(err) {
			k.add(Error, f.path, p.Code, "%s", p.Message)
		}
		return
	}
	if f.formula() != nil {
		return // what a formula makes of it is not known here
	}
	if f.name == "discount" && numeric(f.column) && !isEmpty(v) {
		share := numberOf(v).Abs()
		if h.largest = decimal.Max(h.largest, share); share.GreaterThan(decimal.NewFromInt(1)) {
			h.above++
		} else {
			h.below++
		}
	}
	if v, err = f.ofHost(v); err == nil {
		h.code(textOf(v))
	}
}

// codesOf are the international codes that CRM+ keeps, with an example of what a host may hold instead.
var codesOf = map[string]struct {
	form          *regexp.Regexp
	what, example string
}{
	"country":  {regexp.MustCompile(`^[A-Z]{2}$`), "countries by their ISO code of two letters", "{DE: Germany}"},
	"currency": {regexp.MustCompile(`^[A-Z]{3}$`), "currencies by their ISO code of three letters", "{HUF: Ft}"},
}

func (h *holding) code(text string) {
	code, one := codesOf[h.field.name]
	if text = strings.TrimSpace(text); one && text != "" && !code.form.MatchString(text) && !slices.Contains(h.unlisted, text) {
		h.unlisted = append(h.unlisted, text)
	}
}

// heldCodes names what stands in a column of codes and is none.
func (k *checker) heldCodes(h *holding) {
	n := len(h.unlisted)
	if n == 0 {
		return
	}
	slices.Sort(h.unlisted)
	list := strings.Join(h.unlisted[:min(n, mostListed)], ", ")
	if n > mostListed {
		list += fmt.Sprintf(" and %d more", n-mostListed)
	}
	code := codesOf[h.field.name]
	k.add(Warning, h.field.path, "code.unlisted", "%s: rows hold %s, and CRM+ knows %s; list what the host writes for each: values: %s", h.field.column.Column, list, code.what, code.example)
}

// heldDiscounts compares discounts with the form that the mapping gives them.
func (k *checker) heldDiscounts(h *holding) {
	f := h.field
	switch {
	case f.name != "discount" || h.told:
	case f.as == asFraction && h.above > 0:
		k.add(Warning, f.path, "discount.form", "%s: a row holds %s, which as a fraction is %s %%; if it is a percentage say as: percent", f.column.Column, h.largest, h.largest.Shift(2))
	case (f.as == "" || f.as == asPercent) && h.above == 0 && h.below >= 3:
		k.add(Warning, f.path, "discount.form", "%s: rows hold discounts of at most %s, and none above 1 %%; if they are fractions say as: fraction", f.column.Column, h.largest)
	}
}
