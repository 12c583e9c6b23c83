package tablehost

import (
	"fmt"
	"slices"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// The values of Lines.Duplicates and Lines.Text that do something.
const (
	duplicatesMerge  = "merge"
	duplicatesRefuse = "refuse"
	textRefuse       = "refuse"
	textProduct      = "product"
)

// mergedLines are the lines of a document as the host takes them.
type mergedLines struct {
	lines []erpbridge.DocumentLine
	// from are the places of the draft's lines that each is made of first.
	from   []int
	faults fault.List
}

// merged puts lines together where the host allows each product once: the quantities of two lines add up.
// The faults name the draft's own lines.
func merged(lines []erpbridge.DocumentLine, duplicates string) mergedLines {
	var m mergedLines
	for i, l := range lines {
		k := -1
		if duplicates == duplicatesMerge || duplicates == duplicatesRefuse {
			k = slices.IndexFunc(m.lines, func(o erpbridge.DocumentLine) bool { return o.Product == l.Product && l.Product != "" })
		}
		if k < 0 {
			m.lines, m.from = append(m.lines, l), append(m.from, i)
			continue
		}
		path, other := fmt.Sprintf("lines[%d].product", i), m.from[k]+1
		switch {
		case duplicates == duplicatesRefuse:
			m.faults.Add(path, "product.twice", "%s is on line %d already; this ERP takes each product once, put the quantities together", l.Name, other)
		case !alike(m.lines[k], l):
			m.faults.Add(path, "product.twice", "%s is on line %d already with another price, discount or VAT code; this ERP takes each product once, make them the same",
				l.Name, other)
		default:
			m.lines[k].Quantity = m.lines[k].Quantity.Add(l.Quantity)
		}
	}
	return m
}

// alike says whether two lines with one product can be one line.
func alike(a, b erpbridge.DocumentLine) bool {
	return a.UnitPrice.Equal(b.UnitPrice) && a.Discount.Equal(b.Discount) && a.VATCode == b.VATCode && a.SourceLine == b.SourceLine
}
