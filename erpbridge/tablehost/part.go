package tablehost

// part is what the language says of one kind of entity: which fields it has and what they hold.
type part map[string]holds

// The parts of a mapping, as the comments of [Mapping] list them.
var (
	companyPart = part{
		"name": ofText, "tax_id": ofText, "eu_vat_id": ofText, "line1": ofText, "line2": ofText, "postal_code": ofText, "city": ofText, "region": ofText,
		"country": ofText, "phone": ofText, "email": ofText, "website": ofText, "bank_account": ofText, "iban": ofText, "language": ofText,
		"zone": ofText, "currency": ofText, "logo": ofBytes,
	}
	userPart  = part{"name": ofText, "email": ofText, "phone": ofText, "job_title": ofText, "teams": ofText, "manager": ofText, "absent": ofFlag}
	groupPart = part{"name": ofText}

	productPart = part{
		"code": ofText, "name": ofText, "description": ofText, "group": ofText, "unit": ofText, "vat_code": ofText, "vat_rate": ofPercent,
		"stock": ofQuantity, "cost": ofMoney, "discontinued": ofFlag, "price": ofMoney, "search": ofText,
	}
	pricePart = part{
		"product": ofText, "list": ofText, "currency": ofText, "min_quantity": ofQuantity, "from": ofDay, "to": ofDay, "unit": ofMoney, "discount": ofPercent,
	}
	priceListPart = part{"name": ofText, "standard": ofFlag}
	vatPart       = part{"rate": ofPercent, "name": ofText, "from": ofDay, "to": ofDay}

	customerPart = part{
		"code": ofText, "person": ofFlag, "name": ofText, "given": ofText, "family": ofText, "tax_id": ofText, "eu_vat_id": ofText, "email": ofText,
		"phone": ofText, "website": ofText, "line1": ofText, "line2": ofText, "postal_code": ofText, "city": ofText, "region": ofText, "country": ofText,
		"currency": ofText, "price_list": ofText, "payment_days": ofWhole, "language": ofText, "blocked": ofFlag,
	}
	contactPart = part{
		"name": ofText, "given": ofText, "family": ofText, "job_title": ofText, "email": ofText, "phone": ofText, "mobile": ofText, "language": ofText,
		"customer": ofText,
	}
	documentPart = part{
		"customer": ofText, "date": ofDay, "due": ofDay, "currency": ofText, "reference": ofText, "note": ofText, "net": ofMoney, "vat": ofMoney,
		"gross": ofMoney, "state": ofText, "paid": ofMoney, "number": ofText, "cancelled_by": ofText,
	}
	linePart = part{
		"product": ofText, "name": ofText, "quantity": ofQuantity, "unit": ofText, "unit_price": ofMoney, "discount": ofPercent, "vat_code": ofText,
		"vat_rate": ofPercent, "net": ofMoney, "vat": ofMoney, "gross": ofMoney, "delivered": ofQuantity, "invoiced": ofQuantity, "note": ofText,
	}
	taxPart      = part{"code": ofText, "rate": ofPercent, "net": ofMoney, "vat": ofMoney, "gross": ofMoney}
	openItemPart = part{
		"customer": ofText, "kind": ofText, "document": ofText, "number": ofText, "date": ofDay, "due": ofDay, "currency": ofText, "amount": ofMoney,
		"open": ofMoney,
	}
	paymentPart = part{
		"customer": ofText, "date": ofDay, "currency": ofText, "amount": ofMoney, "kind": ofText, "document": ofText, "number": ofText,
	}
)

// placeOf is where faults about a field of a draft belong: the parts of an address stand below it.
func placeOf(name string) string {
	switch name {
	case "line1", "line2", "postal_code", "city", "region", "country":
		return "address." + name
	}
	return name
}
