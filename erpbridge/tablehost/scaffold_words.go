package tablehost

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// meaningsOf are the words of names of tables and columns in English, Hungarian, German and Polish, with the
// abbreviations that their ERPs are fond of; ł is written l, ß ss. A word may mean two things.
var meaningsOf = dictionary(map[string]string{
	// things
	"customer":  "customer customers cust client clients debtor debitor vevo vevok vev ugyfel partner kunde kunden kd kdn klient klienci kontrahent kontrahenci knt odbiorca nabywca customerid custno kdnr",
	"company":   "company companies firm firms ceg cegek cegtorzs firma firmy mandant spolka unternehmen vallalat",
	"contact":   "contact contacts kapcs kapcsolat kapcsolattarto kapcstart ansprechpartner kontakt kontakty osoba",
	"product":   "product products item items article articles artikel artikl cikk cikkek cikktorzs termek termekek aru towar towary produkt produkty prd prod art sku material",
	"group":     "group groups category categories csoport csoportok csop kategoria kategorie gruppe gruppen grupa grupy warengruppe grp cat",
	"price":     "price prices ar arak preis preise cena ceny prc",
	"master":    "torzs master stamm kartoteka stammdaten",
	"least":     "min minimum mindest ab",
	"serial":    "sorszam serial lfdnr",
	"course":    "arfolyam exchangerate kurs wechselkurs",
	"fulfil":    "teljdat teljesites leistungsdatum datasprzedazy",
	"pricelist": "arl prl arlk",
	"list":      "list lists lista listak liste listen cennik",
	"vat":       "vat tax taxes afa mwst ust mehrwertsteuer umsatzsteuer steuer podatek gst",
	"user":      "employee employees user users staff salesperson salesman seller salesrep dolgozo dolgozok felhasznalo uzletkoto uzlkoto ertekesito mitarbeiter benutzer verkaufer vertreter pracownik pracownicy uzytkownik handlowiec emp dolg",
	"order":     "order orders ord salesorder rendeles rendelesek megrendeles rend auftrag auftraege auftrage bestellung auf zamowienie zamowienia zam",
	"invoice":   "invoice invoices inv szamla szamlak rechnung rechnungen rech faktura faktury fakt",
	"delivery":  "delivery deliveries shipment shipments shipped szallitolevel szallitas szall lieferschein lieferung lief wydanie dostawa dostawy ship shipping",
	"quote":     "quote quotes quotation quotations offer offers ajanlat arajanlat angebot angebote oferta oferty",
	"credit":    "credit credits jovairas storno gutschrift korekta",
	"document":  "document documents doc docs bizonylat bizonylatok biz beleg belege dokument dokumenty",
	"payment":   "payment payments befizetes fizetes fizmod fizmodok fiz zahlung zahlungen platnosc platnosci wplata pay",
	"counter":   "counter counters numbers sequence sorszamok szamlalo nummernkreis nummernkreise zahler zaehler numeracja licznik nextno",
	"stock":     "stock stocks inventory keszlet bestand instock onhand stan zapas",
	"store":     "warehouse warehouses wh whouse raktar raktarak lager magazyn magazyny",
	"supplier":  "supplier suppliers vendor vendors szallito beszallito lieferant lieferanten dostawca dostawcy",
	"history":   "history archive log logs elozmeny naplo protokoll historia archiwum backup old",
	// parts of a document
	"header": "header headers head hdr fej fejlec kopf naglowek nag hd",
	"line":   "line lines lin detail details dtl row rows position positionen positions pos sor sorok sorsz tetel tetelek zeile zeilen pozycja pozycje poz ln",
	// what columns say
	"name":     "name names nev neve megnevezes bezeichnung bez nazwa nm",
	"code":     "code codes kod kodja nr no num number numbers id key azon azonosito szam szama nummer numer nro symbol kennung sorszam",
	"given":    "givenname given firstname forename keresztnev utonev vorname imie",
	"family":   "family familyname lastname surname vezeteknev csaladnev nachname nazwisko",
	"taxid":    "taxid taxno taxnumber taxnr adoszam adosz steuernummer steuernr stnr nip vatnumber",
	"euvat":    "euvat euvatid vatid vatno euadoszam ustid ustidnr ustidnummer nipue vatue",
	"street":   "street address addr utca cim strasse str adresse anschrift ulica adres line1 ul line2 address2 addr2 street2 utca2 cim2 strasse2 ulica2",
	"second":   "2 ii line2 address2 addr2 street2 utca2 cim2 strasse2 ulica2",
	"postal":   "zip zipcode postal postalcode postcode irsz irszam iranyitoszam plz postleitzahl kodpocztowy kodpoczt",
	"city":     "city town varos telepules helyseg ort stadt miasto miejscowosc",
	"region":   "region province county megye bundesland wojewodztwo",
	"country":  "country orszag land kraj panstwo staat countrycode",
	"phone":    "phone tel telefon telephone telefonszam telefonnummer",
	"mobile":   "mobile mobil handy komorka cell",
	"fax":      "fax telefax",
	"email":    "email mail emailaddress",
	"web":      "web website homepage url weblap honlap www strona hp",
	"bank":     "bank bankaccount bankszamla bankszamlaszam konto rachunek",
	"iban":     "iban",
	"job":      "jobtitle job title beosztas stanowisko stellung",
	"language": "language lang nyelv sprache jezyk",
	"zone":     "timezone idozona zeitzone strefa",
	"currency": "currency curr deviza devizanem penznem waehrung wahrung waluta cur",
	"days":     "days napok nap tage dni",
	"blocked":  "blocked tiltott letiltott letiltva gesperrt zablokowany inactive locked",
	"ended":    "discontinued kifutott megszunt auslauf wycofany obsolete",
	"person":   "person maganszem maganszemely privatperson isperson osobafizyczna",
	"away":     "absent tavol tavollet abwesend nieobecny",
	"manager":  "manager reportsto fonok fonokkod vorgesetzter przelozony superior",
	"team":     "team teams csapat csapok csapatok zespol",
	"quantity": "quantity qty menge mennyiseg menny ilosc anz anzahl",
	"unit":     "unit units uom me mekod mertekegyseg me1 einheit jm jednostka quantityperunit",
	"unitary":  "unitprice egysegar eladasiar einzelpreis cenajedn stuckpreis",
	"discount": "discount disc engedmeny kedvezmeny rabatt rabat nachlass upust",
	"rate":     "rate kulcs kulcsa satz stawka afakulcs percent szazalek prozent procent",
	"net":      "net netto nettosumme",
	"gross":    "gross brutto bruttosumme",
	"total":    "total amount osszesen osszeg summe gesamt suma kwota wartosc ertek betrag",
	"paid":     "paid fizetve bezahlt zaplacono",
	"date":     "date datum kelt data datetime dat odate",
	"due":      "due duedate required requireddate hatarido esedekesseg fallig faelligkeit termin terminplatnosci lieferdatum",
	"done":     "shippeddate shipdate deliverydate szallitva geliefert",
	"from":     "from valid ervenyes ervtol gueltigab gultigab",
	"until":    "to until ervig gueltigbis gultigbis",
	"state":    "status state allapot statusz zustand",
	"kind":     "type kind tipus art2 typ rodzaj fajta",
	"series":   "series sorozat serie seria nummernserie",
	"year":     "year ev uzletiev jahr rok fiscalyear geschaftsjahr",
	"last":     "last utolso letzte letzter ostatni lastnumber lastno",
	"note":     "note notes remark remarks comment comments megjegyzes megj bemerkung bem uwagi uwaga",
	"describe": "description leiras beschreibung opis",
	"refer":    "reference ref hivatkozas hivatkozasi referenz yourref referencja customerref",
	"cost":     "cost beszar bekerulesi einkaufspreis koszt",
	"vatrate":  "vatrate taxrate mwstsatz ustsatz stawkavat",
	"token":    "token externalid extid kulsoazon externeid idzewn guid",
	"cancel":   "cancelled canceled stornobiz",
	"given2":   "delivered",
	"billed":   "invoiced szamlazva berechnet fakturiert zafakturowano",
	"creator":  "createdby creator rogzito erfasser angelegtvon utworzyl enteredby createuser",
	"created":  "createdat created createdon creationdate rogzido rogzitve erfasst angelegtam utworzono createdate",
	"changer":  "modifiedby updatedby modosito geandertvon zmienil",
	"changed":  "modifiedat updatedat modified updated modido modositva geandertam zmieniono",
	"sort":     "sort sorted rendezes",
	"lp":       "lp lfd",
	"search":   "search keres kereses suche szukaj normalised normalized kulcsszo",
})

func dictionary(words map[string]string) map[string][]string {
	d := map[string][]string{}
	for _, meaning := range sorted(words) {
		for _, w := range strings.Fields(words[meaning]) {
			d[w] = append(d[w], meaning)
		}
	}
	return d
}

// plainLetters writes a name in small letters without accents.
func plainLetters(name string) string {
	name = strings.NewReplacer("ß", "ss", "ł", "l", "Ł", "L", "ő", "o", "ű", "u").Replace(name)
	out, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), name)
	if err != nil {
		out = name
	}
	return out
}

// wordsOf splits a name at blanks, points, underscores and digits, and where small letters are followed by
// capitals.
func wordsOf(name string) []string {
	var list []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			list = append(list, strings.ToLower(b.String()))
			b.Reset()
		}
	}
	letters := []rune(plainLetters(name))
	for i, r := range letters {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case i == 0:
		case unicode.IsUpper(r) && unicode.IsLower(letters[i-1]),
			unicode.IsUpper(r) && i+1 < len(letters) && unicode.IsLower(letters[i+1]) && unicode.IsUpper(letters[i-1]),
			unicode.IsDigit(r) != unicode.IsDigit(letters[i-1]):
			flush()
		}
		b.WriteRune(r)
	}
	flush()
	return list
}

// understood is what a name means: the meanings of its words, in their order, "" for a word that nobody knows.
type understood [][]string

// understand reads a name. Words that belong together (first name, zip code) are looked up together, and a
// word that is several written as one (VEVOKOD, ORDHDR) is cut where all parts are known.
func understand(name string) understood {
	var u understood
	words := wordsOf(name)
	for i := 0; i < len(words); {
		n := min(3, len(words)-i)
		for ; n > 1; n-- {
			if m := meaningsOf[strings.Join(words[i:i+n], "")]; m != nil {
				u = append(u, m)
				break
			}
		}
		if n > 1 {
			i += n
			continue
		}
		if m := meaningsOf[words[i]]; m != nil {
			u = append(u, m)
		} else if parts := compound(words[i]); parts != nil {
			u = append(u, parts...)
		} else {
			u = append(u, nil)
		}
		i++
	}
	return u
}

// shortest is the length of the shortest word that others are cut into.
const shortest = 2

// compound splits a word into the fewest words that are all known; nil where it cannot be.
func compound(word string) understood {
	best := make([]understood, len(word)+1)
	best[0] = understood{}
	for end := shortest; end <= len(word); end++ {
		for start := 0; start+shortest <= end; start++ {
			m := meaningsOf[word[start:end]]
			if m == nil && word[end-1] == 's' {
				m = meaningsOf[word[start:end-1]] // Auftrag-s-kopf
			}
			if m == nil || best[start] == nil {
				continue
			}
			if best[end] == nil || len(best[start])+1 < len(best[end]) {
				best[end] = append(slices.Clone(best[start]), m)
			}
		}
	}
	return best[len(word)]
}

// has reports whether one of the words means it.
func (u understood) has(meaning string) bool {
	return slices.ContainsFunc(u, func(m []string) bool { return slices.Contains(m, meaning) })
}

// all reports whether the words mean all of it.
func (u understood) all(meanings []string) bool {
	return !slices.ContainsFunc(meanings, func(m string) bool { return !u.has(m) })
}

// any reports whether the words mean one of it.
func (u understood) any(meanings []string) bool { return slices.ContainsFunc(meanings, u.has) }
