package regional

// Name is a table, or a column of one, and what it means.
type Name struct{ Table, Column, Meaning string }

// The kinds of documents in BIZFEJ.BIZTIPUS.
const (
	Order          = "RE" // rendelés
	DeliveryNote   = "SL" // szállítólevél
	Invoice        = "SZ" // számla
	CreditNote     = "JO" // jóváíró számla
	PaymentRequest = "DB" // díjbekérő
	AdvanceInvoice = "EL" // előlegszámla
	CompletionAct  = "TI" // teljesítési igazolás
)

// Kinds lists the kinds of documents.
var Kinds = []string{Order, DeliveryNote, Invoice, CreditNote, PaymentRequest, AdvanceInvoice, CompletionAct}

// Customer is the counter of customer codes in SORSZAMOK, of the year 0.
const Customer = "VE"

// The states in BIZFEJ.ALLAPOT.
const (
	Open      = "N" // nyitott
	Partial   = "R" // részben teljesített
	Completed = "T" // teljesített
	Posted    = "K" // könyvelt
	Paid      = "F" // fizetett
	Cancelled = "S" // stornózott
	Credited  = "J" // jóváírt
)

// audit are the columns that say who wrote a row and when.
var audit = []Name{
	{"", "ROGZITO", "who wrote it"}, {"", "ROGZIDO", "when, local time"},
	{"", "MODOSITO", "who changed it last"}, {"", "MODIDO", "when, local time"},
}

// common are columns that mean the same in every table.
var common = append([]Name{
	{"", "CEGKOD", "company"}, {"", "VEVOKOD", "customer code, C and six digits"}, {"", "DEVIZANEM", "currency, ISO 4217"},
	{"", "ADOSZAM", "tax number"}, {"", "EUADOSZAM", "EU VAT number"}, {"", "IRSZAM", "postal code"}, {"", "VAROS", "city"}, {"", "UTCA", "street and number"},
	{"", "UTCA2", "second line of the address"}, {"", "MEGYE", "county, code page 1250"}, {"", "ORSZAG", "country, ISO 3166-1 alpha-2"},
	{"", "TELEFON", "phone"}, {"", "MOBIL", "mobile phone"}, {"", "EMAIL", "e-mail"}, {"", "WEBLAP", "website"}, {"", "NYELV", "language, ISO 639-1"},
	{"", "VEZETEKNEV", "family name"}, {"", "KERESZTNEV", "given name"}, {"", "BEOSZTAS", "job title"},
	{"", "AFAKOD", "VAT code, padded to four"}, {"", "AFAKULCS", "VAT rate in percent"}, {"", "ERVTOL", "first day in force"}, {"", "ERVIG", "last day in force"},
	{"", "FIZKOD", "terms of payment"}, {"", "MEKOD", "unit"}, {"", "RAKTARKOD", "warehouse"}, {"", "CSOPKOD", "product group"}, {"", "CIKKSZAM", "product code"},
	{"", "ARLKOD", "price list"}, {"", "ENGEDMENY", "discount in percent"}, {"", "EGYSEGAR", "net unit price"}, {"", "MENNYISEG", "quantity"},
	{"", "UZLKOTO", "salesperson"}, {"", "KULSOAZON", "identifier given by another system; unique where given"}, {"", "VERZIO", "row version, SQL Server only"},
	{"", "UZLETIEV", "fiscal year, named after the year it begins in"}, {"", "SOROZAT", "series of numbers"}, {"", "BIZTIPUS", "kind of document"}, {"", "BIZSZAM", "document number"},
	{"", "KELT", "date of the document, local"}, {"", "HATARIDO", "due date"}, {"", "OSSZEG", "amount"}, {"", "VEVNEV", "customer name"},
}, audit...)

var tables = []Name{
	{"CEGTORZS", "", "companies"}, {"DEVIZAK", "", "currencies"}, {"IDOSZAKOK", "", "accounting periods"}, {"SORSZAMOK", "", "last numbers"},
	{"AFATORZS", "", "VAT codes"}, {"FIZMODOK", "", "terms of payment"}, {"MERTEGYS", "", "units"}, {"RAKTARAK", "", "warehouses"},
	{"DOLGOZOK", "", "employees: users and salespeople"}, {"CIKKCSOP", "", "product groups"}, {"CIKKEK", "", "products"}, {"KESZLET", "", "stock on hand"},
	{"ARLISTAK", "", "price lists"}, {"ARSOROK", "", "prices"}, {"VEVO", "", "customers"}, {"KAPCSTART", "", "contact persons"},
	{"BIZFEJ", "", "document headers of all kinds"}, {"BIZSOR", "", "document lines"}, {"BIZAFA", "", "VAT summary by document and code"},
	{"NYITTETEL", "", "open items of customers"}, {"BEFIZETES", "", "payments of customers"},
	{"SORLISTA", "", "lines of a document, as a parameter of procedures (SQL Server)"}, {"KULCSLISTA", "", "keys of customers who are looked for, as a parameter (SQL Server)"}, {"VEVOKODLISTA", "", "customers whose payments are asked for, as a parameter (SQL Server)"},
}

// own are columns of one table.
var own = []Name{
	{"CEGTORZS", "CEGNEV", "name"}, {"CEGTORZS", "BANKSZAMLA", "bank account"}, {"CEGTORZS", "IBAN", "bank account, IBAN"}, {"CEGTORZS", "IDOZONA", "IANA time zone"},
	{"CEGTORZS", "EVKEZDET", "month in which the fiscal year begins"},
	{"DEVIZAK", "DEVNEV", "name"}, {"DEVIZAK", "TIZEDES", "decimals that totals are rounded to"},
	{"IDOSZAKOK", "IDOSZAK", "number of the period in its year"}, {"IDOSZAKOK", "KEZDET", "first day"}, {"IDOSZAKOK", "VEGE", "last day"}, {"IDOSZAKOK", "LEZART", "I: closed, no document may be dated in it"},
	{"SORSZAMOK", "UTOLSO", "last number taken; 0 for none"},
	{"AFATORZS", "AFANEV", "name"}, {"FIZMODOK", "FIZNEV", "name"}, {"FIZMODOK", "NAPOK", "days until payment; unique"}, {"MERTEGYS", "MENEV", "name"}, {"RAKTARAK", "RAKTARNEV", "name"},
	{"DOLGOZOK", "DOLGKOD", "employee code"}, {"DOLGOZOK", "DOLGNEV", "name"}, {"DOLGOZOK", "CSAPOK", "teams, with blanks between"}, {"DOLGOZOK", "FONOKKOD", "superior"},
	{"DOLGOZOK", "TAVOL", "I: away"}, {"DOLGOZOK", "UZLETKOTO", "I: sells"},
	{"CIKKCSOP", "CSOPNEV", "name"}, {"CIKKEK", "CIKKNEV", "name"}, {"CIKKEK", "LEIRAS", "description"}, {"CIKKEK", "BESZAR", "purchase price"},
	{"CIKKEK", "KESZLETES", "I: kept in stock; N: a service"}, {"CIKKEK", "KIFUTOTT", "I: not sold any more"},
	{"ARLISTAK", "ARLNEV", "name"}, {"ARLISTAK", "ALAPLISTA", "I: holds for everybody"}, {"ARSOROK", "MINMENNY", "smallest quantity the price is for"},
	{"VEVO", "MAGANSZEM", "I: a natural person"}, {"VEVO", "TILTOTT", "I: blocked, gets no documents"}, {"VEVO", "UTODKOD", "customer it was merged into"},
	{"VEVO", "ADOKULCS", "tax number with its country, for searching"}, {"VEVO", "NEVKULCS", "folded name, for searching; filled by whoever searches"}, {"VEVO", "KERESNEV", "name in capitals; computed"},
	{"KAPCSTART", "KAPCSAZON", "key; identity"}, {"KAPCSTART", "KAPCSNEV", "name"},
	{"BIZFEJ", "SORSZAM", "number in its series"}, {"BIZFEJ", "TELJDAT", "date of fulfilment"}, {"BIZFEJ", "ARFOLYAM", "units of the company's currency for one of the document's"},
	{"BIZFEJ", "HIVATKOZAS", "the customer's or the quote's reference"}, {"BIZFEJ", "MEGJEGYZES", "note"}, {"BIZFEJ", "ELOZTIPUS", "kind of the document it follows"}, {"BIZFEJ", "ELOZBIZ", "number of the document it follows"},
	{"BIZFEJ", "NETTO", "net total, by trigger"}, {"BIZFEJ", "AFA", "VAT, by trigger"}, {"BIZFEJ", "BRUTTO", "gross total, by trigger"}, {"BIZFEJ", "FIZETVE", "paid so far"}, {"BIZFEJ", "HATRALEK", "not paid yet; computed"},
	{"BIZFEJ", "ALLAPOT", "state: N open, R partial, T completed, K posted, F paid, S cancelled, J credited"}, {"BIZFEJ", "STORNOBIZ", "document that took it back"}, {"BIZFEJ", "STORNOOK", "why it was cancelled"},
	{"BIZSOR", "SORSZ", "row number: 10, 20, 30"}, {"BIZSOR", "ELOZSORSZ", "row of the document it follows"}, {"BIZSOR", "MEGNEVEZES", "text"}, {"BIZSOR", "NETTO", "net of the line, rounded to the currency"},
	{"BIZSOR", "SZALLITVA", "delivered so far"}, {"BIZSOR", "SZAMLAZVA", "invoiced so far"},
	{"BIZAFA", "NETTO", "net of the code"}, {"BIZAFA", "AFA", "VAT of the code"},
	{"SORLISTA", "SOR", "index of the line, from 0"}, {"SORLISTA", "ELOZSORSZ", "row of the document it follows"}, {"SORLISTA", "MEGNEVEZES", "text"},
	{"KULCSLISTA", "KULCS", "index of the key"}, {"KULCSLISTA", "ADOKULCS", "tax number with its country"}, {"KULCSLISTA", "NEVKULCS", "folded name"},
	{"NYITTETEL", "TETELAZON", "key; identity"}, {"NYITTETEL", "NYITOTT", "not paid yet"}, {"BEFIZETES", "BEFAZON", "key; identity"}, {"BEFIZETES", "DATUM", "day of payment"},
}

// Names gives every table with its meaning and, under "" for columns that mean the same everywhere, every
// column with its own.
func Names() []Name {
	var all []Name
	for _, list := range [][]Name{tables, common, own} {
		all = append(all, list...)
	}
	return all
}

// Meaning says what a table (column "") or a column of it is, "" where it is unknown.
func Meaning(table, column string) string {
	found := ""
	for _, n := range Names() {
		switch {
		case n.Column != column:
		case n.Table == table:
			return n.Meaning
		case n.Table == "" && column != "":
			found = n.Meaning
		}
	}
	return found
}
