package tablehost

import (
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/erpbridge"
)

func day(month, d int) civil.Date {
	return civil.Date{Year: 2026, Month: 7, Day: d}.AddDays(31 * (month - 7))
}

// trading is a dossier of a small furniture shop: one customer, three products, VAT of 27 % and one that
// has ended.
func trading() dossier {
	return dossier{
		customer: &erpbridge.Customer{Key: "C000001", Name: "Tölgyfa Bt.", Currency: "HUF", PaymentDays: 8},
		products: map[string]erpbridge.Product{
			"P-100": {Key: "P-100", Code: "P-100", Name: "Íróasztal", Unit: "db", VATCode: "27"},
			"P-200": {Key: "P-200", Code: "P-200", Name: "Γραφείο", Unit: "τεμ", VATCode: "27"},
			"P-900": {Key: "P-900", Code: "P-900", Name: "Старый стул", Unit: "шт", VATCode: "27", Discontinued: true},
			"TEXT":  {Key: "TEXT", Code: "TEXT", Name: "Megjegyzés", VATCode: "27"},
		},
		textProduct: "TEXT",
		vat: map[string]vatRate{
			"27": {Rate: money.MustPercent("27")},
			"25": {Rate: money.MustPercent("25"), From: civil.Date{Year: 2009, Month: 7, Day: 1}, To: civil.Date{Year: 2011, Month: 12, Day: 31}},
			"30": {Rate: money.MustPercent("30"), From: civil.Date{Year: 2030, Month: 1, Day: 1}},
			"20": {Rate: money.MustPercent("20"), To: civil.Date{Year: 2009, Month: 6, Day: 30}},
		},
		due: func(d erpbridge.Document) (civil.Date, error) { return d.Date.AddDays(8), nil },
	}
}

func draftOf(kind erpbridge.Kind, lines ...erpbridge.DocumentLine) erpbridge.Document {
	return erpbridge.Document{Ref: erpbridge.Ref{Kind: kind}, Customer: "C000001", Date: day(7, 13), Currency: "HUF", Lines: lines}
}

func sold(product, quantity string) erpbridge.DocumentLine {
	return erpbridge.DocumentLine{Product: product, Quantity: money.MustQuantity(quantity), UnitPrice: money.MustAmount("1000")}
}

// found gives the faults as path=code.
func found(faults []fault.Fault) []string {
	var list []string
	for _, f := range faults {
		list = append(list, f.Path+"="+f.Code)
	}
	return list
}

func TestDraftsAreJudged(t *testing.T) {
	order := draftOf(erpbridge.Order, sold("P-100", "10"), sold("P-200", "4"))
	order.Key, order.Number, order.State = "O2026-00001", "O2026-00001", erpbridge.Partial
	for i := range order.Lines {
		l := &order.Lines[i]
		l.Key, l.Name, l.Unit, l.VATCode, l.Discount = string(rune('1'+i)), "Asztal", "db", "27", money.MustPercent("10")
	}
	order.Lines[0].Delivered, order.Lines[0].Invoiced = money.MustQuantity("4"), money.MustQuantity("3")
	note := draftOf(erpbridge.DeliveryNote, sold("P-100", "4"))
	note.Key, note.Number, note.Source = "D2026-00001", "D2026-00001", &order.Ref
	note.Lines[0].Key, note.Lines[0].SourceLine, note.Lines[0].VATCode = "1", "1", "27"
	following := func(kind erpbridge.Kind, source erpbridge.Document, lines ...erpbridge.DocumentLine) erpbridge.Document {
		d := draftOf(kind, lines...)
		d.Source = &source.Ref
		return d
	}
	part := func(line, quantity string) erpbridge.DocumentLine {
		return erpbridge.DocumentLine{SourceLine: line, Quantity: money.MustQuantity(quantity)}
	}
	no := false
	orderSpec, noteSpec := &Document{}, &Document{Source: &DocumentSource{From: []erpbridge.Kind{erpbridge.Order}}}
	invoiceSpec := &Document{Source: &DocumentSource{From: []erpbridge.Kind{erpbridge.Order, erpbridge.DeliveryNote}}}
	shipped := &Document{Of: erpbridge.Order}
	cases := []struct {
		name   string
		spec   *Document
		draft  erpbridge.Document
		change func(*dossier, *erpbridge.Document, *rules)
		want   []string
	}{
		{name: "a good order", spec: orderSpec, draft: draftOf(erpbridge.Order, sold("P-100", "1"))},
		{
			name: "everything wrong at once", spec: orderSpec,
			draft: draftOf(erpbridge.Order, sold("none", "1"), sold("P-100", "0"), sold("P-900", "1"), erpbridge.DocumentLine{Quantity: money.MustQuantity("1")}),
			change: func(d *dossier, draft *erpbridge.Document, _ *rules) {
				d.customer = nil
				draft.Date, draft.Currency, draft.Note = civil.Date{}, "Ft", "a\x00b"
				draft.Lines[1].UnitPrice, draft.Lines[1].Discount = money.MustAmount("-1"), money.MustPercent("101")
			},
			want: []string{
				"date=required", "customer=customer.unknown", "currency=currency.form", "lines[0].product=product.unknown", "lines[0].name=required",
				"lines[1].quantity=range", "lines[1].unit_price=range", "lines[1].discount=range", "lines[2].product=product.discontinued",
				"lines[3].vat_code=required", "lines[3].name=required", "note=text.characters",
			},
		},
		{name: "no customer and no lines", spec: orderSpec, draft: erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Order}, Date: day(7, 13)},
			want: []string{"customer=required", "currency=required", "lines=required"}},
		{name: "blocked", spec: orderSpec, draft: draftOf(erpbridge.Order, sold("P-100", "1")),
			change: func(d *dossier, _ *erpbridge.Document, _ *rules) { d.customer.Blocked = true }, want: []string{"customer=customer.blocked"}},
		{name: "due before the date", spec: orderSpec, draft: draftOf(erpbridge.Order, sold("P-100", "1")),
			change: func(_ *dossier, draft *erpbridge.Document, _ *rules) { draft.Due = day(7, 12) }, want: []string{"due=due.before"}},
		{name: "a currency the host does not keep", spec: orderSpec, draft: draftOf(erpbridge.Order, sold("P-100", "1")),
			change: func(_ *dossier, _ *erpbridge.Document, r *rules) { r.currency = "USD" }, want: []string{"currency=currency.only"}},
		{name: "VAT that ended, has not begun, is not known, has another rate", spec: orderSpec,
			draft: draftOf(erpbridge.Order, sold("P-100", "1"), sold("P-100", "1"), sold("P-100", "1"), sold("P-100", "1"), sold("P-100", "1")),
			change: func(_ *dossier, draft *erpbridge.Document, _ *rules) {
				for i, code := range []string{"25", "30", "??", "27", "20"} {
					draft.Lines[i].VATCode = code
				}
				draft.Lines[3].VATRate = money.MustPercent("5")
			},
			want: []string{"lines[0].vat_code=vat_code.date", "lines[1].vat_code=vat_code.date", "lines[2].vat_code=vat_code.unknown", "lines[3].vat_rate=vat_rate.differs", "lines[4].vat_code=vat_code.date"}},
		{name: "a host without taxes", spec: orderSpec, draft: draftOf(erpbridge.Order, erpbridge.DocumentLine{Name: "Freight", Quantity: money.MustQuantity("1")}),
			change: func(d *dossier, _ *erpbridge.Document, r *rules) { d.vat, r.taxed = nil, false }},
		{name: "free text where the host takes none", spec: &Document{Lines: &Lines{Text: textRefuse}},
			draft: draftOf(erpbridge.Order, erpbridge.DocumentLine{Name: "Freight", VATCode: "27", Quantity: money.MustQuantity("1")}), want: []string{"lines[0].product=required"}},
		{name: "free text with a product of its own", spec: &Document{Lines: &Lines{Text: textProduct}},
			draft: draftOf(erpbridge.Order, erpbridge.DocumentLine{Name: "Freight", Quantity: money.MustQuantity("1")})},
		{name: "a delivery of nothing", spec: noteSpec, draft: draftOf(erpbridge.DeliveryNote, sold("P-100", "1")),
			want: []string{"source=required", "lines[0].source_line=required"}},
		{name: "a kind that is not direct", spec: &Document{Direct: &no}, draft: draftOf(erpbridge.Invoice, sold("P-100", "1")),
			want: []string{"source=required", "lines[0].source_line=required"}},
		{name: "a delivery in part", spec: noteSpec, draft: following(erpbridge.DeliveryNote, order, part("1", "6"), part("2", "4"))},
		{name: "too much, twice, unknown", spec: noteSpec, draft: following(erpbridge.DeliveryNote, order, part("1", "5"), part("1", "2"), part("2", "4.5"), part("9", "1")),
			want: []string{"lines[1].quantity=quantity.remaining", "lines[2].quantity=quantity.remaining", "lines[3].source_line=source_line.unknown", "lines[3].vat_code=required", "lines[3].name=required"}},
		{name: "another customer, currency, product, price", spec: noteSpec, draft: following(erpbridge.DeliveryNote, order, part("1", "1")),
			change: func(d *dossier, draft *erpbridge.Document, _ *rules) {
				draft.Customer, draft.Currency = "C000002", "EUR"
				l := &draft.Lines[0]
				l.Product, l.VATCode, l.UnitPrice, l.Discount = "P-200", "25", money.MustAmount("1"), money.MustPercent("50")
			},
			want: []string{
				"customer=source.customer", "currency=source.currency", "lines[0].product=source_line.differs", "lines[0].vat_code=source_line.differs",
				"lines[0].unit_price=source_line.differs", "lines[0].discount=source_line.differs",
			}},
		{name: "a cancelled order", spec: noteSpec, draft: following(erpbridge.DeliveryNote, order, part("1", "1")),
			change: func(d *dossier, _ *erpbridge.Document, _ *rules) { d.source.State = erpbridge.Cancelled }, want: []string{"source=source.cancelled"}},
		{name: "an order that is gone", spec: noteSpec, draft: following(erpbridge.DeliveryNote, order, part("1", "1")),
			change: func(d *dossier, _ *erpbridge.Document, _ *rules) { d.source = nil },
			want:   []string{"source=source.unknown", "lines[0].vat_code=required", "lines[0].name=required"}},
		{name: "a kind that is not followed", spec: noteSpec, draft: following(erpbridge.DeliveryNote, note, part("1", "1")),
			change: func(d *dossier, _ *erpbridge.Document, _ *rules) { d.source = nil },
			want:   []string{"source=source.kind", "lines[0].vat_code=required", "lines[0].name=required"}},
		{name: "a line of nothing", spec: invoiceSpec, draft: draftOf(erpbridge.Invoice, sold("P-100", "1")),
			change: func(_ *dossier, draft *erpbridge.Document, _ *rules) { draft.Lines[0].SourceLine = "1" }, want: []string{"lines[0].source_line=source_line.unknown"}},
		{name: "what was invoiced from the order counts for its delivery note", spec: invoiceSpec, draft: following(erpbridge.Invoice, note, part("1", "4")),
			change: func(d *dossier, _ *erpbridge.Document, _ *rules) {
				d.order.Lines[0].Invoiced = money.MustQuantity("7")
			}, want: []string{"lines[0].quantity=quantity.remaining"}},
		{name: "an invoice lacks the customer's address", spec: invoiceSpec, draft: draftOf(erpbridge.Invoice, sold("P-100", "1")),
			change: func(d *dossier, _ *erpbridge.Document, _ *rules) {
				d.missing = []fault.Fault{{Path: "address.city", Code: "required", Message: "is missing"}}
			}, want: []string{"customer.address.city=required"}},
		{name: "an order does not need it", spec: orderSpec, draft: draftOf(erpbridge.Order, sold("P-100", "1")),
			change: func(d *dossier, _ *erpbridge.Document, _ *rules) {
				d.missing = []fault.Fault{{Path: "address.city", Code: "required", Message: "is missing"}}
			}},
		{name: "shipping in part where only the whole order is shipped", spec: shipped, draft: following(erpbridge.DeliveryNote, order, part("1", "6")),
			change: func(d *dossier, _ *erpbridge.Document, _ *rules) { d.source.Lines[0].Delivered = money.Quantity{} },
			want:   []string{"lines[0].quantity=document.whole", "lines=document.whole"}},
		{name: "shipping it all", spec: shipped, draft: following(erpbridge.DeliveryNote, order),
			change: func(d *dossier, _ *erpbridge.Document, _ *rules) { d.source.Lines[0].Delivered = money.Quantity{} }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := trading()
			if c.draft.Source != nil && c.draft.Source.Kind == erpbridge.Order {
				source := order
				source.Lines = slices.Clone(order.Lines)
				d.source = &source
			}
			if c.draft.Source != nil && c.draft.Source.Kind == erpbridge.DeliveryNote {
				source, behind := note, order
				behind.Lines = slices.Clone(order.Lines)
				d.source, d.order = &source, &behind
			}
			r := rulesOf(c.draft.Kind, c.spec)
			draft := c.draft
			draft.Lines = slices.Clone(draft.Lines)
			if c.change != nil {
				c.change(&d, &draft, &r)
			}
			e, err := examine(r, d, draft)
			if err != nil {
				t.Fatal(err)
			}
			if got := found(e.faults); !slices.Equal(got, c.want) {
				t.Errorf("the faults are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestDraftsAreCompleted(t *testing.T) {
	d := trading()
	draft := erpbridge.Document{Ref: erpbridge.Ref{Kind: erpbridge.Invoice}, Customer: "C000001", Date: day(7, 13), Lines: []erpbridge.DocumentLine{sold("P-200", "3")}}
	e, err := examine(rulesOf(erpbridge.Invoice, &Document{}), d, draft)
	if err != nil || len(e.faults) > 0 {
		t.Fatal(err, e.faults)
	}
	got, l := e.draft, e.draft.Lines[0]
	if got.Currency != "HUF" || got.Due != day(7, 21) || l.Name != "Γραφείο" || l.Unit != "τεμ" || l.VATCode != "27" || !l.VATRate.Equal(money.MustPercent("27")) {
		t.Errorf("the invoice is completed to %+v", got)
	}
	if !got.Gross.Equal(money.MustAmount("3810")) {
		t.Errorf("the gross total is %s, want 3810", got.Gross)
	}
	if draft.Lines[0].Name != "" {
		t.Error("the caller's draft was changed")
	}
}

func TestEachProductOnce(t *testing.T) {
	a, b, c := sold("P-100", "2"), sold("P-200", "1"), sold("P-100", "3")
	dear := sold("P-100", "1")
	dear.UnitPrice = money.MustAmount("1200")
	text := erpbridge.DocumentLine{Name: "Freight", Quantity: money.MustQuantity("1")}
	cases := []struct {
		name, how string
		lines     []erpbridge.DocumentLine
		want      int
		faults    []string
	}{
		{"kept", "", []erpbridge.DocumentLine{a, b, c}, 3, nil},
		{"merged", duplicatesMerge, []erpbridge.DocumentLine{a, b, c}, 2, nil},
		{"merged but for the price", duplicatesMerge, []erpbridge.DocumentLine{a, b, dear}, 2, []string{"lines[2].product=product.twice"}},
		{"refused", duplicatesRefuse, []erpbridge.DocumentLine{a, b, c, a}, 2, []string{"lines[2].product=product.twice", "lines[3].product=product.twice"}},
		{"text is no product", duplicatesRefuse, []erpbridge.DocumentLine{text, text}, 2, nil},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			m := merged(k.lines, k.how)
			if len(m.lines) != k.want || !slices.Equal(found(m.faults), k.faults) {
				t.Errorf("got %d lines and %v, want %d and %v", len(m.lines), found(m.faults), k.want, k.faults)
			}
			if k.how == duplicatesMerge && !m.lines[0].Quantity.Equal(money.MustQuantity("5")) && k.faults == nil {
				t.Errorf("the quantities add up to %s", m.lines[0].Quantity)
			}
		})
	}
}
