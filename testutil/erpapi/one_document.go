package erpapi

import (
	"net/http"

	"github.com/shopspring/decimal"
)

// bases are the types of documents by which a line names the document it follows.
var bases = map[string]string{"Orders": "17", "DeliveryNotes": "15", "Invoices": "13", "CreditNotes": "14"}

// follows are the documents that another may follow.
var follows = map[string]map[string]string{
	"DeliveryNotes": {"17": "Orders"},
	"Invoices":      {"17": "Orders", "15": "DeliveryNotes"},
	"CreditNotes":   {"13": "Invoices"},
}

// document makes a document whole, or not at all.
func (o one) document(s *Server, w http.ResponseWriter, r *http.Request, db, set string) *problem {
	body, err := readBody(r)
	if err != nil {
		return refusal("-1", "Invalid request body.")
	}
	if bad := tooLong("Document", body); bad != nil {
		return bad
	}
	partner := s.world.find(db+"/BusinessPartners", "CardCode", body.text("CardCode"))
	switch {
	case partner == nil:
		return refusal("-2028", "No matching records found (ODBC -2028) [ORDR.CardCode]")
	case partner.text("Frozen") == "tYES":
		return refusal("-5002", "10001071 - Customer %s is inactive", partner.text("CardCode"))
	case body.text("DocDueDate") == "":
		return refusal("-5002", "Enter due date [ORDR.DocDueDate]")
	case len(body.list("DocumentLines")) == 0:
		return refusal("-5002", "No item lines entered")
	}
	made := row{"CardName": partner["CardName"], "DocCurrency": s.Currency, "DocumentStatus": "bost_Open", "Cancelled": "tNO", "PaidToDate": whole(0), "NumAtCard": "", "Comments": ""}
	for k, v := range body {
		made[k] = v
	}
	var lines []row
	for i, l := range body.list("DocumentLines") {
		line, bad := o.line(s, db, set, l, i)
		if bad != nil {
			return bad
		}
		lines = append(lines, line)
	}
	if bad := o.take(s, db, set, lines); bad != nil {
		return bad
	}
	s.world.next("version")
	entry := s.world.next(db + set)
	made["DocEntry"], made["DocNum"], made["#version"] = whole(entry), whole(entry+100_000), whole(s.world.Counters["version"])
	made["DocumentLines"] = lines
	oneTotal(made, lines)
	s.world.add(db+"/"+set, made)
	reply(w, http.StatusCreated, o.show(made, ""))
	return nil
}

// line makes one line, from its item or from the line it follows.
func (one) line(s *Server, db, set string, given row, i int) (row, *problem) {
	l := row{"LineNum": whole(int64(i)), "BaseType": whole(-1), "BaseEntry": nil, "BaseLine": nil, "DiscountPercent": whole(0)}
	if base := follows[set][given.text("BaseType")]; base != "" {
		source := baseLine(s, db, base, given)
		if source == nil {
			return nil, refusal("-2028", "No matching records found (ODBC -2028) [%s.BaseEntry][line: %d]", set, i+1)
		}
		for _, k := range []string{"ItemCode", "ItemDescription", "UnitPrice", "DiscountPercent", "VatGroup", "MeasureUnit"} {
			l[k] = source[k]
		}
	}
	for k, v := range given {
		l[k] = v
	}
	item := s.world.find(db+"/Items", "ItemCode", l.text("ItemCode"))
	if item == nil || item.text("Frozen") == "tYES" {
		return nil, refusal("-5002", "No matching records found or the item is inactive [%s.ItemCode][line: %d]", set, i+1)
	}
	for field, from := range map[string]string{"ItemDescription": "ItemName", "UnitPrice": "#price", "VatGroup": "SalesVATGroup", "MeasureUnit": "SalesUnit"} {
		if l.text(field) == "" {
			l[field] = item[from]
		}
	}
	vat := s.world.find(db+"/VatGroups", "Code", l.text("VatGroup"))
	if vat == nil {
		return nil, refusal("-5002", "10000180 - Specify valid tax code [%s.VatGroup][line: %d]", set, i+1)
	}
	quantity := l.number("Quantity")
	if !quantity.IsPositive() {
		return nil, refusal("-5002", "Enter a positive quantity [%s.Quantity][line: %d]", set, i+1)
	}
	gross := quantity.Mul(l.number("UnitPrice"))
	l["LineTotal"] = num(gross.Sub(gross.Mul(l.number("DiscountPercent")).Div(hundred)).Round(2))
	l["TaxPercentagePerRow"] = vat.list("VatGroups_Lines")[0]["Rate"]
	l["RemainingOpenQuantity"], l["LineStatus"] = num(quantity), "bost_Open"
	return l, nil
}

func baseLine(s *Server, db, set string, l row) row {
	document := s.world.find(db+"/"+set, "DocEntry", l.text("BaseEntry"))
	if document == nil || document.text("Cancelled") == "tYES" {
		return nil
	}
	for _, source := range document.list("DocumentLines") {
		if source.text("LineNum") == l.text("BaseLine") {
			return source
		}
	}
	return nil
}

// take closes what the lines follow; nothing is taken where one of them asks too much.
func (one) take(s *Server, db, set string, lines []row) *problem {
	left := map[string]decimal.Decimal{}
	for i, l := range lines {
		base := follows[set][l.text("BaseType")]
		if base == "" {
			continue
		}
		key := base + l.text("BaseEntry") + "/" + l.text("BaseLine")
		if _, ok := left[key]; !ok {
			left[key] = baseLine(s, db, base, l).number("RemainingOpenQuantity")
		}
		if left[key] = left[key].Sub(l.number("Quantity")); left[key].IsNegative() {
			return refusal("-10", "The quantity exceeds the open quantity of the base document [%s.Quantity][line: %d]", set, i+1)
		}
	}
	move(s, db, set, lines, decimal.NewFromInt(-1))
	return nil
}

// move changes the open quantities of what the lines follow, and the states of those documents.
func move(s *Server, db, set string, lines []row, by decimal.Decimal) {
	for _, l := range lines {
		base := follows[set][l.text("BaseType")]
		document := s.world.find(db+"/"+base, "DocEntry", l.text("BaseEntry"))
		if base == "" || document == nil {
			continue
		}
		open := false
		for _, source := range document.list("DocumentLines") {
			if source.text("LineNum") == l.text("BaseLine") {
				source["RemainingOpenQuantity"] = num(source.number("RemainingOpenQuantity").Add(by.Mul(l.number("Quantity"))))
			}
			open = open || source.number("RemainingOpenQuantity").IsPositive()
		}
		document["DocumentStatus"] = map[bool]string{true: "bost_Open", false: "bost_Close"}[open]
		document["#version"] = whole(s.world.next("version"))
	}
}

func oneTotal(head row, lines []row) {
	net, vat := decimal.Zero, decimal.Zero
	sums, rates := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	for _, l := range lines {
		net = net.Add(l.number("LineTotal"))
		code := l.text("VatGroup")
		sums[code], rates[code] = sums[code].Add(l.number("LineTotal")), l.number("TaxPercentagePerRow")
	}
	for code, sum := range sums {
		vat = vat.Add(sum.Mul(rates[code]).Div(hundred).Round(2))
	}
	head["VatSum"], head["DocTotal"] = num(vat), num(net.Add(vat))
}

// cancel takes a document back and opens what it followed.
func (o one) cancel(s *Server, w http.ResponseWriter, db, set string, record row) *problem {
	if record.text("Cancelled") == "tYES" {
		return refusal("-5006", "The requested action is not supported for this object: document %s is cancelled", record.text("DocNum"))
	}
	lines := record.list("DocumentLines")
	for _, l := range lines {
		if !l.number("RemainingOpenQuantity").Equal(l.number("Quantity")) {
			return refusal("-5006", "Document %s is closed or was copied to another document, wholly or in part", record.text("DocNum"))
		}
	}
	if record.number("PaidToDate").IsPositive() {
		return refusal("-5006", "Document %s is paid", record.text("DocNum"))
	}
	move(s, db, set, lines, decimal.NewFromInt(1))
	record["Cancelled"], record["DocumentStatus"], record["#version"] = "tYES", "bost_Close", whole(s.world.next("version"))
	reply(w, http.StatusNoContent, nil)
	return nil
}

// pay writes an incoming payment that names the invoice.
func (one) pay(s *Server, invoice string, amount decimal.Decimal) bool {
	r := s.world.find(s.Company+"/Invoices", "DocEntry", invoice)
	if r == nil || r.text("DocumentStatus") != "bost_Open" {
		return false
	}
	paid := r.number("PaidToDate").Add(amount)
	r["PaidToDate"], r["#version"] = num(paid), whole(s.world.next("version"))
	if paid.GreaterThanOrEqual(r.number("DocTotal")) {
		r["DocumentStatus"] = "bost_Close"
	}
	s.world.add(s.Company+"/IncomingPayments", row{
		"DocEntry": whole(s.world.next(s.Company + "IncomingPayments")), "CardCode": r["CardCode"], "DocDate": s.now().UTC().Format("2006-01-02"), "Cancelled": "tNO",
		"PaymentInvoices": []row{{"LineNum": whole(0), "DocEntry": r["DocEntry"], "SumApplied": num(amount), "InvoiceType": "it_Invoice"}},
	})
	return true
}
