package erpapi

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/shopspring/decimal"
)

// linesOf gives a document's lines in the order of their sequence.
func linesOf(s *Server, company, set, id string) []row {
	var out []row
	for _, l := range s.world.Tables[company+"/"+sets[set]] {
		if l.text("documentId") == id {
			out = append(out, l)
		}
	}
	order(out, "sequence")
	return out
}

var dates = map[string]string{"salesQuotes": "documentDate", "salesOrders": "orderDate", "salesInvoices": "invoiceDate"}

var series = map[string]string{"salesQuotes": "S-QUO", "salesOrders": "S-ORD", "salesInvoices": "S-INV"}

// header makes the head of a document.
func (central) header(s *Server, p place, made, body row) *problem {
	c := s.world.find(p.company+"/customers", "id", body.text("customerId"))
	switch {
	case c == nil && body.text("customerId") == "":
		return dialog("A customerNumber or a customerID must be provided.")
	case c == nil:
		return dialog("The field Customer Id contains a value (%s) that cannot be found in the related table (Customer).", body.text("customerId"))
	case c.text("blocked") == "All":
		return dialog("You cannot create this type of document when Customer %s is blocked with type All", c.text("number"))
	}
	for k, v := range body {
		made[k] = v
	}
	date := made.text(dates[p.set])
	if date == "" {
		date = s.now().UTC().Format("2006-01-02")
		made[dates[p.set]] = date
	}
	made["customerNumber"], made["customerName"] = c["number"], c["displayName"]
	if made.text("currencyCode") == "" {
		made["currencyCode"] = s.Currency
	}
	made["number"] = fmt.Sprintf("%s%06d", series[p.set], s.world.next(p.company+p.set))
	switch p.set {
	case "salesQuotes":
		made["status"] = "Draft"
	case "salesOrders":
		made["status"], made["fullyShipped"] = "Draft", false
	default:
		made["status"], made["orderNumber"], made["orderId"] = "Draft", "", "00000000-0000-0000-0000-000000000000"
		if made.text("dueDate") == "" {
			made["dueDate"] = date
		}
	}
	total(made, nil)
	return nil
}

// total adds the lines up.
func total(head row, lines []row) {
	net, vat := decimal.Zero, decimal.Zero
	rates := map[string]decimal.Decimal{}
	sums := map[string]decimal.Decimal{}
	for _, l := range lines {
		net = net.Add(l.number("netAmount"))
		code := l.text("taxCode")
		sums[code], rates[code] = sums[code].Add(l.number("netAmount")), l.number("taxPercent")
	}
	for code, sum := range sums {
		vat = vat.Add(sum.Mul(rates[code]).Div(hundred).Round(2))
	}
	head["totalAmountExcludingTax"], head["totalTaxAmount"], head["totalAmountIncludingTax"] = num(net), num(vat), num(net.Add(vat))
}

// line serves the lines of a document.
func (c central) line(s *Server, w http.ResponseWriter, r *http.Request, head row, p place) *problem {
	table := p.company + "/" + p.lines
	if p.line == "" && r.Method == http.MethodGet {
		value := []row{}
		for _, l := range linesOf(s, p.company, p.set, p.id) {
			value = append(value, c.show(s, l, place{}, ""))
		}
		reply(w, http.StatusOK, map[string]any{"value": value})
		return nil
	}
	if p.set == "salesInvoices" && head.text("status") != "Draft" {
		return dialog("The record is posted and cannot be changed.")
	}
	body, err := readBody(r)
	if err != nil {
		return &problem{http.StatusBadRequest, "BadRequest", "Invalid Request Body"}
	}
	if bad := accept(body); bad != nil {
		return bad
	}
	var l row
	status := http.StatusOK
	if p.line == "" {
		l, status = row{"id": s.world.id(), "documentId": p.id, "shippedQuantity": whole(0), "invoicedQuantity": whole(0)}, http.StatusCreated
	} else if l = s.world.find(table, "id", p.line); l == nil || l.text("documentId") != p.id {
		return &problem{http.StatusNotFound, "Internal_RecordNotFound", "The entity does not exist."}
	} else if bad := matched(r, l); bad != nil {
		return bad
	}
	if bad := c.fillLine(s, p, l, body); bad != nil {
		return bad
	}
	if p.line == "" {
		s.world.add(table, l)
	}
	l["#version"], head["#version"] = whole(s.world.next("version")), whole(s.world.next("version"))
	total(head, linesOf(s, p.company, p.set, p.id))
	reply(w, status, c.show(s, l, place{}, ""))
	return nil
}

// fillLine checks what a line is given and computes the rest.
func (central) fillLine(s *Server, p place, kept, body row) *problem {
	l := kept.copy()
	if body["quantity"] != nil { // a new quantity starts what is to be shipped anew
		delete(l, "shipQuantity")
		delete(l, "invoiceQuantity")
	}
	for k, v := range body {
		l[k] = v
	}
	lines := linesOf(s, p.company, p.set, p.id)
	if kept.text("sequence") == "" {
		if l.text("sequence") == "" {
			last := int64(0)
			if len(lines) > 0 {
				last, _ = strconv.ParseInt(lines[len(lines)-1].text("sequence"), 10, 64)
			}
			l["sequence"] = whole(last/10000*10000 + 10000)
		}
		for _, other := range lines {
			if other.text("sequence") == l.text("sequence") {
				return &problem{http.StatusBadRequest, "Internal_EntityWithSameKeyExists", "The Sales Line already exists. Identification fields and values: Line No.='" + l.text("sequence") + "'"}
			}
		}
	}
	if l.text("lineType") == "Item" {
		if bad := priceLine(s, p, l); bad != nil {
			return bad
		}
	}
	for k, v := range l {
		kept[k] = v
	}
	return nil
}

func priceLine(s *Server, p place, l row) *problem {
	item := s.world.find(p.company+"/items", "id", l.text("itemId"))
	switch {
	case item == nil:
		return dialog("The field Item Id contains a value (%s) that cannot be found in the related table (Item).", l.text("itemId"))
	case item["blocked"] == true:
		return dialog("Blocked must be equal to 'No' in Item: No.=%s. Current value is 'Yes'.", item.text("number"))
	}
	for field, from := range map[string]string{"description": "displayName", "unitPrice": "unitPrice", "taxCode": "taxGroupCode", "unitOfMeasureCode": "baseUnitOfMeasureCode"} {
		if l.text(field) == "" {
			l[field] = item[from]
		}
	}
	l["lineObjectNumber"] = item["number"]
	vat := s.world.find(p.company+"/taxGroups", "code", l.text("taxCode"))
	if vat == nil {
		return dialog("The field Tax Code contains a value (%s) that cannot be found in the related table (VAT Product Posting Group).", l.text("taxCode"))
	}
	quantity, left := l.number("quantity"), l.number("quantity").Sub(l.number("shippedQuantity"))
	if quantity.IsNegative() {
		return dialog("The quantity must be positive.")
	}
	for _, f := range []string{"shipQuantity", "invoiceQuantity"} {
		if l.text(f) == "" {
			l[f] = num(left)
		}
		if l.number(f).GreaterThan(left) {
			return dialog("You cannot ship or invoice more than %s units: the quantity is too high.", left)
		}
	}
	gross := quantity.Mul(l.number("unitPrice"))
	net := gross.Sub(gross.Mul(l.number("discountPercent")).Div(hundred)).Round(2)
	l["taxPercent"] = num(vat.number("#rate"))
	l["netAmount"], l["amountExcludingTax"] = num(net), num(net)
	return nil
}

func shipped(s *Server, company string, head row) bool {
	for _, l := range linesOf(s, company, "salesOrders", head.text("id")) {
		if l.number("shippedQuantity").IsPositive() {
			return true
		}
	}
	return false
}

// act carries a bound action out.
func (c central) act(s *Server, w http.ResponseWriter, head row, p place) *problem {
	var bad *problem
	switch p.set + "." + p.action {
	case "salesQuotes.makeOrder":
		c.makeOrder(s, head, p)
	case "salesOrders.shipAndInvoice":
		bad = c.shipAndInvoice(s, head, p)
	case "salesInvoices.post":
		bad = c.post(s, head, p)
	case "salesInvoices.cancel":
		if head.text("status") != "Open" {
			return dialog("You cannot cancel this posted sales invoice because it is %s.", head.text("status"))
		}
		head["status"], head["remainingAmount"] = "Canceled", whole(0)
	default:
		return &problem{http.StatusNotImplemented, "BadRequest_MethodNotImplemented", "Entity does not support bound actions"}
	}
	if bad != nil {
		return bad
	}
	head["#version"] = whole(s.world.next("version"))
	reply(w, http.StatusNoContent, nil)
	return nil
}

// makeOrder turns a quote into an order, which gets the quote's external document number; the quote goes.
func (central) makeOrder(s *Server, quote row, p place) {
	made := quote.copy()
	made["id"], made["number"], made["status"], made["fullyShipped"] = s.world.id(), fmt.Sprintf("S-ORD%06d", s.world.next(p.company+"salesOrders")), "Draft", false
	made["orderDate"], made["requestedDeliveryDate"] = quote["documentDate"], "0001-01-01"
	delete(made, "documentDate")
	delete(made, "validUntilDate")
	for _, l := range linesOf(s, p.company, "salesQuotes", quote.text("id")) {
		line := l.copy()
		line["id"], line["documentId"] = s.world.id(), made["id"]
		s.world.add(p.company+"/salesOrderLines", line)
	}
	s.world.add(p.company+"/salesOrders", made)
	s.world.remove(p.company+"/salesQuotes", "id", quote.text("id"))
	s.world.remove(p.company+"/salesQuoteLines", "documentId", quote.text("id"))
}

// shipAndInvoice posts what is set to be shipped; an order with nothing left goes.
func (c central) shipAndInvoice(s *Server, head row, p place) *problem {
	customer := s.world.find(p.company+"/customers", "id", head.text("customerId"))
	if customer != nil && customer.text("blocked") != " " {
		return dialog("You cannot post this document when Customer %s is blocked with type %s", customer.text("number"), customer.text("blocked"))
	}
	invoice := row{"id": s.world.id(), "#version": whole(s.world.next("version")), "number": fmt.Sprintf("S-INV%06d", s.world.next(p.company+"salesInvoices")), "status": "Open",
		"invoiceDate": head["orderDate"], "dueDate": head["orderDate"], "customerId": head["customerId"], "customerNumber": head["customerNumber"], "customerName": head["customerName"], "currencyCode": head["currencyCode"], "externalDocumentNumber": head["externalDocumentNumber"], "orderNumber": head["number"], "orderId": head["id"], "customerPurchaseOrderReference": ""}
	var lines []row
	open := false
	order := linesOf(s, p.company, "salesOrders", head.text("id"))
	for _, l := range order {
		quantity := l.number("shipQuantity")
		if l.text("lineType") != "Item" || !quantity.IsPositive() {
			continue
		}
		line := l.copy()
		line["id"], line["documentId"], line["quantity"] = s.world.id(), invoice["id"], num(quantity)
		gross := quantity.Mul(l.number("unitPrice"))
		line["netAmount"] = num(gross.Sub(gross.Mul(l.number("discountPercent")).Div(hundred)).Round(2))
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return dialog("There is nothing to post.")
	}
	for _, l := range order {
		done := l.number("shippedQuantity").Add(l.number("shipQuantity"))
		if l.text("lineType") != "Item" {
			continue
		}
		left := l.number("quantity").Sub(done)
		l["shippedQuantity"], l["invoicedQuantity"], l["shipQuantity"], l["invoiceQuantity"] = num(done), num(done), num(left), num(left)
		l["#version"] = whole(s.world.next("version"))
		open = open || left.IsPositive()
	}
	total(invoice, lines)
	invoice["remainingAmount"] = invoice["totalAmountIncludingTax"]
	s.world.add(p.company+"/salesInvoices", invoice)
	for _, l := range lines {
		s.world.add(p.company+"/salesInvoiceLines", l)
	}
	if !open {
		s.world.remove(p.company+"/salesOrders", "id", head.text("id"))
		s.world.remove(p.company+"/salesOrderLines", "documentId", head.text("id"))
	}
	return nil
}

// post posts a draft invoice.
func (central) post(s *Server, head row, p place) *problem {
	if head.text("status") != "Draft" {
		return dialog("The invoice is posted already.")
	}
	if len(linesOf(s, p.company, p.set, p.id)) == 0 {
		return dialog("There is nothing to post.")
	}
	head["status"], head["remainingAmount"] = "Open", head["totalAmountIncludingTax"]
	return nil
}

func (central) pay(s *Server, invoice string, amount decimal.Decimal) bool {
	r := s.world.find(s.Company+"/salesInvoices", "id", invoice)
	if r == nil || r.text("status") != "Open" {
		return false
	}
	left := r.number("remainingAmount").Sub(amount)
	r["remainingAmount"], r["#version"] = num(left), whole(s.world.next("version"))
	if !left.IsPositive() {
		r["status"] = "Paid"
	}
	return true
}
