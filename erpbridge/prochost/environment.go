package prochost

import (
	"maps"
	"slices"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/formula"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// part is the fields of one kind of record, with the kinds of their values.
type part map[string]formula.Kind

// The records that formulas see and result sets fill. Names are those of package erpbridge.
var (
	companyPart = texts("name", "tax_id", "eu_vat_id", "line1", "line2", "postal_code", "city", "region", "country", "phone", "email", "website", "bank_account", "iban",
		"language", "zone", "currency")
	userPart    = texts("key", "name", "email", "phone", "job_title", "teams", "manager").and(part{"absent": formula.Bool})
	groupPart   = texts("key", "name")
	productPart = texts("key", "code", "name", "description", "group", "unit", "vat_code").
			and(part{"vat_rate": formula.Number, "stock": formula.Number, "cost": formula.Number, "discontinued": formula.Bool})
	pricePart    = texts("list").and(part{"unit": formula.Number, "discount": formula.Number})
	customerPart = texts("key", "code", "name", "given", "family", "tax_id", "eu_vat_id", "email", "phone", "website", "line1", "line2", "postal_code", "city", "region", "country",
		"currency", "price_list", "language").and(part{"person": formula.Bool, "blocked": formula.Bool, "payment_days": formula.Whole})
	contactPart  = texts("key", "customer", "name", "given", "family", "job_title", "email", "phone", "mobile", "language")
	documentPart = texts("key", "number", "customer", "currency", "reference", "note", "source_kind", "source", "source_number", "state", "cancelled_by").
			and(part{"date": formula.Date, "due": formula.Date, "net": formula.Number, "vat": formula.Number, "gross": formula.Number, "paid": formula.Number})
	linePart = texts("key", "source_line", "product", "name", "unit", "vat_code").and(part{
		"quantity": formula.Number, "unit_price": formula.Number, "discount": formula.Number, "vat_rate": formula.Number, "net": formula.Number,
		"delivered": formula.Number, "invoiced": formula.Number,
	})
	kindPart     = texts("kind")
	openItemPart = texts("kind", "document", "number", "currency").and(part{"date": formula.Date, "due": formula.Date, "amount": formula.Number, "open": formula.Number})
	backlogPart  = texts("key", "number", "customer", "product", "name", "unit", "group").and(part{"date": formula.Date, "due": formula.Date, "left": formula.Number})
	owedPart     = openItemPart.and(texts("customer"))
	settledPart  = texts("customer", "document", "number").and(part{"due": formula.Date, "paid": formula.Date})
	payerPart    = texts("key")
	paymentPart  = texts("key", "kind", "document", "number", "currency").and(part{"date": formula.Date, "amount": formula.Number})
	faultPart    = texts("field", "code", "message")
	lineFault    = faultPart.and(part{"line": formula.Whole})
	matchPart    = texts("email", "phone", "tax_id", "name").and(part{"index": formula.Whole})
	matchField   = part{"match": formula.Whole}
	questionPart = texts("product", "customer", "currency").and(part{"quantity": formula.Number, "date": formula.Date})
)

func texts(names ...string) part {
	p := part{}
	for _, n := range names {
		p[n] = formula.Text
	}
	return p
}

func (p part) and(more part) part {
	all := maps.Clone(p)
	maps.Copy(all, more)
	return all
}

// record declares a part as a variable of formulas.
func (p part) record(name, doc string) formula.Field {
	f := formula.Field{Name: name, Kind: formula.Record, Doc: doc}
	for _, n := range slices.Sorted(maps.Keys(p)) {
		f.Fields = append(f.Fields, formula.Field{Name: n, Kind: p[n]})
	}
	return f
}

// The environments of formulas by place.
var (
	common = formula.NewEnv().Func(partyFunctions...).
		Var("company", formula.Text, "the key of the company").
		Var("user", formula.Text, "the id of the user who acts").
		Var("token", formula.Text, "the token of the conversion, the same when it is tried again").
		Var("now", formula.Moment, "the local date and time of the company").
		Var("today", formula.Date, "the business date").
		With(formula.Field{Name: "out", Kind: formula.Record, Open: true, Doc: "what came out of the call, by the names that Out gives"})
	keyed    = common.Var("key", formula.Text, "the host's key").Var("limit", formula.Whole, "how many rows are wanted at most")
	searched = keyed.Var("text", formula.Text, "what people look for").Var("after", formula.Text, "the key of the last row of the page before")
	rows     = keyed.With(formula.Field{Name: "row", Kind: formula.Record, Open: true, Doc: "the row, by column"}).Var("value", formula.Any, "the field's own column")
	backlogs = common.Var("limit", formula.Whole, "how many orders are wanted at most").Var("from", formula.Date, "the first day they were ordered on").
			Var("after_date", formula.Date, "the date of the last order of the page before").Var("after", formula.Text, "the key of the last order of the page before")
	debts     = common.Var("limit", formula.Whole, "how many rows are wanted at most").Var("after", formula.Text, "the key of the last customer of the page before")
	settled   = common.Var("since", formula.Date, "the first day of payment").With(payerPart.record("payer", "the customer whose invoices are asked for"))
	questions = common.With(questionPart.record("question", "the question for a price"))
	matches   = common.With(matchPart.record("match", "what a customer is looked for by"))
	customers = keyed.With(customerPart.record("customer", "the customer that is written")).
			With(customerPart.record("fill", "the fields that are to be filled; nothing else has a value")).
			Var("for_invoice", formula.Bool, "whether an invoice is to follow").
			Var("field", formula.Text, "the field that is restored").Var("from", formula.Text, "its value before it was filled").Var("to", formula.Text, "its value afterwards")
	contacts = keyed.With(contactPart.record("contact", "the contact person that is written")).
			With(contactPart.record("fill", "the fields that are to be filled; nothing else has a value"))
	documents = keyed.With(documentPart.and(kindPart).record("document", "the document that is written")).
			With(linePart.and(part{"index": formula.Whole}).record("line", "the line, in rows and each_line; index counts from 0")).
			Var("reason", formula.Text, "why a document is taken back")
)

func customerVars(c erpbridge.Customer) map[string]any {
	a := c.Address
	return map[string]any{
		"key": c.Key, "code": c.Code, "person": c.Person, "name": c.Name, "given": c.Given, "family": c.Family, "tax_id": c.TaxID, "eu_vat_id": c.EUVatID, "email": c.Email,
		"phone": c.Phone, "website": c.Website, "line1": a.Line1, "line2": a.Line2, "postal_code": a.PostalCode, "city": a.City, "region": a.Region, "country": a.Country,
		"currency": c.Currency, "price_list": c.PriceList, "payment_days": int64(c.PaymentDays), "language": string(c.Language), "blocked": c.Blocked,
	}
}

func contactVars(c erpbridge.Contact) map[string]any {
	return map[string]any{
		"key": c.Key, "customer": c.Customer, "name": c.Name, "given": c.Given, "family": c.Family, "job_title": c.JobTitle, "email": c.Email, "phone": c.Phone,
		"mobile": c.Mobile, "language": string(c.Language),
	}
}

func documentVars(d erpbridge.Document) map[string]any {
	v := map[string]any{
		"key": d.Key, "number": d.Number, "kind": string(d.Kind), "customer": d.Customer, "date": d.Date, "due": d.Due, "currency": d.Currency, "reference": d.Reference,
		"note": d.Note, "net": d.Net, "vat": d.VAT, "gross": d.Gross, "state": string(d.State), "paid": d.Paid,
	}
	if d.Source != nil {
		v["source_kind"], v["source"], v["source_number"] = string(d.Source.Kind), d.Source.Key, d.Source.Number
	}
	return v
}

func lineVars(i int, l erpbridge.DocumentLine) map[string]any {
	return map[string]any{
		"index": int64(i), "key": l.Key, "source_line": l.SourceLine, "product": l.Product, "name": l.Name, "quantity": l.Quantity, "unit": l.Unit, "unit_price": l.UnitPrice,
		"discount": l.Discount, "vat_code": l.VATCode, "vat_rate": l.VATRate, "net": l.Net,
	}
}

func questionVars(q erpbridge.PriceQuestion, today civil.Date) map[string]any {
	if q.Date.IsZero() {
		q.Date = today
	}
	return map[string]any{"product": q.Product, "customer": q.Customer, "currency": q.Currency, "quantity": q.Quantity, "date": q.Date}
}

// partyFunctions bring texts to the form in which CRM+ compares them.
var partyFunctions = []formula.Func{
	key("name_key", "a name without its legal form, folded, its words sorted", []string{"text"}, func(args []any) (string, error) { return party.NameKey(textOf(args[0])), nil }),
	key("email_key", "an e-mail address in small letters; empty where it is none", []string{"text"}, func(args []any) (string, error) { return party.NormalizeEmail(textOf(args[0])) }),
	key("phone_key", "a phone number as +3612345678 (E.164); country is where it is dialled without a prefix; empty where it is none", []string{"text", "country"},
		func(args []any) (string, error) { return party.NormalizePhone(textOf(args[0]), textOf(args[1])) }),
	key("tax_key", "a tax or VAT number with its country, HU12345676; empty where it is none", []string{"text", "country"}, func(args []any) (string, error) {
		id, err := party.NormalizeTaxID(textOf(args[0]), textOf(args[1]))
		return id.Key, err
	}),
}

// key is a function that normalises a text; what is not well formed becomes empty, so that nobody finds it.
func key(name, doc string, params []string, normalise func(args []any) (string, error)) formula.Func {
	f := formula.Func{Name: name, Doc: doc, Result: formula.Text}
	for _, p := range params {
		f.Params = append(f.Params, formula.Field{Name: p, Kind: formula.Text})
	}
	f.Call = func(args []any) (any, error) {
		text, err := normalise(args)
		if err != nil {
			return "", nil //nolint:nilerr // what is not well formed has no key
		}
		return text, nil
	}
	return f
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}
