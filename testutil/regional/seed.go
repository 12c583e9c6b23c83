package regional

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
)

// What [Books.Seed] puts into both companies, by the names tests use.
const (
	// Buyer is a customer who may get every document, Barred one who may get none.
	Buyer  = "C000001"
	Barred = "C000002"
	// Person is a natural person, Foreigner a company abroad that pays in euros.
	Person    = "C000003"
	Foreigner = "C000004"
	// Desk and Shelf are sold from stock, Assembly is a service, Chair is not sold any more.
	Desk, Shelf, Assembly, Chair = "ASZTAL-01", "POLC-02", "SZERELES-03", "SZEK-04"
	// VATCode is in force, ReducedVAT too, ExpiredVAT no longer; ExemptVAT is shorter than its CHAR(4) column.
	VATCode, ReducedVAT, ExpiredVAT, ExemptVAT = "AF27", "AF05", "AF25", "TAM"
	// Warehouse is the one that is sold from.
	Warehouse = "KP01"
	// StandardList and SpecialList are price lists; Buyer has the special one.
	StandardList, SpecialList = "ALAP", "KIEM"
	// Colleague sells too; Clerk is the superior.
	Colleague = "SZABOB"
)

// OpenFrom is the first day of the seeded periods that are open; those of the two years before are closed.
var OpenFrom = civil.Date{Year: 2026, Month: 1, Day: 1}

// columns is one table of the seed: what its rows have in common, and the rows.
type columns struct {
	table, names string
	rows         [][]any
}

type place struct{ postal, city, street, country string }

type firm struct {
	name, tax, currency, language, zone string
	fiscalMonth                         int
	at                                  place
	county                              any
	// units are a piece and an hour, prices what a desk and a shelf cost.
	units  [2]string
	prices [2]string
}

var firms = []firm{
	{"Délalföldi Bútor Kft.", "10773381-2-44", "HUF", "hu", "Europe/Budapest", 1, place{"6720", "Szeged", "Tisza Lajos körút 47.", "HU"}, "Csongrád", [2]string{"db", "óra"}, [2]string{"84900", "39900.5"}},
	{"Αθηναϊκά Γραφεία ΑΕ", "EL094259216", "EUR", "el", "Europe/Athens", 7, place{"10564", "Αθήνα", "Σταδίου 28", "GR"}, nil, [2]string{"τεμ", "ώρα"}, [2]string{"219.9", "99.95"}},
}

type client struct {
	code, name, family, given, tax, email, phone, currency, language string
	at                                                               place
	blocked                                                          string
}

var clients = []client{
	{Buyer, "Minta Kereskedelmi Kft.", "", "", "12345676-2-41", "iroda@minta-kereskedelmi.example", "+3614567890", "", "hu", place{"1011", "Budapest", "Fő utca 1.", "HU"}, "N"},
	{Barred, "Kátrány és Társa Bt.", "", "", "", "penzugy@katrany.example", "+3652123456", "", "hu", place{"4024", "Debrecen", "Piac utca 20.", "HU"}, "I"},
	{Person, "Őrsi Zsófia", "Őrsi", "Zsófia", "", "orsi.zsofia@example.com", "+36307654321", "", "hu", place{"9021", "Győr", "Baross Gábor út 3.", "HU"}, "N"},
	{Foreigner, "Northgate Timber Ltd", "", "", "GB980780684", "buying@northgate-timber.example", "+441904555010", "EUR", "en", place{"YO1 7HH", "York", "12 Stonegate", "GB"}, "N"},
	{"C000005", "רהיטי הגליל בע\"מ", "", "", "516179157", "office@galil.example", "+97246555123", "EUR", "he", place{"3303142", "חיפה", "שדרות המגינים 22", "IL"}, "N"},
	{"C000006", "ООО «Ромашка»", "", "", "7707083893", "zakupki@romashka.example", "+74955550123", "EUR", "ru", place{"101000", "Москва", "ул. Мясницкая, 11", "RU"}, "N"},
	{"C000007", "Ελληνικά Έπιπλα ΑΕ", "", "", "EL094259216", "promitheies@epipla.example", "+302105550199", "EUR", "el", place{"11742", "Αθήνα", "Λεωφ. Συγγρού 98", "GR"}, "N"},
}

// Seed fills the company and a second one ([Books.Second]) with employees, VAT codes, products, price
// lists, seven customers, open periods from 2026 to 2028 and closed ones before, and number tables that
// begin at nothing. A company that is there already is left as it is.
func (b Books) Seed(ctx context.Context) error {
	for i, company := range []Books{b, b.Second()} {
		err := company.in(ctx, func(l ledger) error {
			var n int
			if err := l.row(ctx, "companies", []any{&n}, "SELECT COUNT(*) FROM CEGTORZS WHERE CEGKOD = ?", l.Company); err != nil || n > 0 {
				return err
			}
			for _, c := range firms[i].tables() {
				if err := l.fill(ctx, c); err != nil {
					return fmt.Errorf("filling %s: %w", c.table, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fillRows is how many rows go into an INSERT, below the 2100 parameters that SQL Server takes.
const fillRows = 60

// fill writes the rows of a table, each with the company.
func (l ledger) fill(ctx context.Context, c columns) error {
	for rows := range slices.Chunk(c.rows, fillRows) {
		var values []string
		var args []any
		for _, row := range rows {
			marks := "(?"
			args = append(args, l.Company)
			for _, v := range row {
				if v == nil {
					marks += ", NULL"
					continue
				}
				marks += ", ?"
				args = append(args, v)
			}
			values = append(values, marks+")")
		}
		if err := l.exec(ctx, "INSERT INTO "+c.table+" (CEGKOD, "+c.names+") VALUES "+strings.Join(values, ", "), args...); err != nil {
			return err
		}
	}
	return nil
}

// seeded is when everything was written.
var seeded = time.Date(2025, 12, 31, 9, 0, 0, 0, time.UTC)

func euro(s string) number { return price(decimal.RequireFromString(s)) }

// tables are the rows of a company, in an order that foreign keys allow.
func (f firm) tables() []columns {
	always, never := civil.Date{Year: 2000, Month: 1, Day: 1}, civil.Date{Year: 2099, Month: 12, Day: 31}
	rate := func(n int64) number { return total(decimal.NewFromInt(n)) }
	stock := quantity(decimal.NewFromInt(1000))
	list := []columns{
		{"CEGTORZS", "CEGNEV, ADOSZAM, EUADOSZAM, IRSZAM, VAROS, UTCA, MEGYE, ORSZAG, TELEFON, EMAIL, WEBLAP, BANKSZAMLA, IBAN, NYELV, IDOZONA, DEVIZANEM, EVKEZDET, ROGZITO, ROGZIDO", [][]any{
			{f.name, f.tax, nil, f.at.postal, f.at.city, f.at.street, f.county, f.at.country, "+3662555100", "iroda@regional.example", "www.regional.example", "11735005-20512345", nil, f.language, f.zone, f.currency, f.fiscalMonth, Clerk, seeded},
		}},
		{"DEVIZAK", "DEVIZANEM, DEVNEV, TIZEDES", [][]any{{"HUF", "forint", 0}, {"EUR", "euró", 2}, {"ILS", "שקל", 2}}},
		{"AFATORZS", "AFAKOD, AFANEV, AFAKULCS, ERVTOL, ERVIG", [][]any{
			{VATCode, "27 %", rate(27), civil.Date{Year: 2012, Month: 1, Day: 1}, never}, {ReducedVAT, "5 %", rate(5), always, never},
			{ExpiredVAT, "25 %", rate(25), always, civil.Date{Year: 2011, Month: 12, Day: 31}}, {ExemptVAT, "tárgyi adómentes", rate(0), always, never},
		}},
		{"FIZMODOK", "FIZKOD, FIZNEV, NAPOK", [][]any{
			{"KP", "készpénz", 0}, {"U08", "átutalás 8 nap", 8}, {"U15", "átutalás 15 nap", 15}, {"U30", "átutalás 30 nap", 30}, {"U60", "átutalás 60 nap", 60},
		}},
		{"MERTEGYS", "MEKOD, MENEV", [][]any{{f.units[0], "darab"}, {f.units[1], "óra"}, {"kg", "kilogramm"}}},
		{"RAKTARAK", "RAKTARKOD, RAKTARNEV", [][]any{{Warehouse, "Központi raktár"}, {"BE01", "Bemutatóterem"}}},
		{"DOLGOZOK", "DOLGKOD, DOLGNEV, EMAIL, TELEFON, BEOSZTAS, CSAPOK, FONOKKOD, TAVOL, UZLETKOTO", [][]any{
			{Clerk, "Kovács Anna", "kovacs.anna@regional.example", "+3662555101", "értékesítési vezető", "szeged export", nil, "N", "I"},
			{Colleague, "Szabó Béla", "szabo.bela@regional.example", "+3662555102", "üzletkötő", "szeged", Clerk, "N", "I"},
			{"PAPPD", "Παπαδοπούλου Δήμητρα", "papp.d@regional.example", nil, "könyvelő", "iroda", Clerk, "I", "N"},
		}},
		{"CIKKCSOP", "CSOPKOD, CSOPNEV", [][]any{{"BUTOR", "Irodabútor"}, {"SZOLG", "Szolgáltatás"}}},
		{"CIKKEK", "CIKKSZAM, CIKKNEV, LEIRAS, CSOPKOD, MEKOD, AFAKOD, BESZAR, KESZLETES, KIFUTOTT", [][]any{
			{Desk, "Íróasztal tölgyből", "160 x 80 cm, tömör tölgy", "BUTOR", f.units[0], VATCode, euro("120.5"), "I", "N"},
			{Shelf, "Könyvespolc", nil, "BUTOR", f.units[0], ReducedVAT, euro("55.25"), "I", "N"},
			{Assembly, "Összeszerelés", "helyszínen", "SZOLG", f.units[1], VATCode, nil, "N", "N"},
			{Chair, "Forgószék, kifutott", nil, "BUTOR", f.units[0], VATCode, euro("40"), "I", "I"},
		}},
		{"KESZLET", "RAKTARKOD, CIKKSZAM, MENNYISEG", [][]any{{Warehouse, Desk, stock}, {Warehouse, Shelf, stock}, {"BE01", Desk, quantity(decimal.NewFromInt(2))}}},
		{"ARLISTAK", "ARLKOD, ARLNEV, ALAPLISTA", [][]any{{StandardList, "Alapárlista", "I"}, {SpecialList, "Kiemelt vevők", "N"}}},
		{"ARSOROK", "ARLKOD, CIKKSZAM, DEVIZANEM, MINMENNY, ERVTOL, ERVIG, EGYSEGAR, ENGEDMENY", [][]any{
			{StandardList, Desk, f.currency, quantity(decimal.Zero), always, never, euro(f.prices[0]), euro("0")},
			{StandardList, Desk, f.currency, quantity(decimal.NewFromInt(10)), always, never, euro(f.prices[0]), euro("5")},
			{StandardList, Shelf, f.currency, quantity(decimal.Zero), always, never, euro(f.prices[1]), euro("0")},
			{StandardList, Assembly, f.currency, quantity(decimal.Zero), always, never, euro("75"), euro("0")},
			{SpecialList, Desk, f.currency, quantity(decimal.Zero), always, never, euro(f.prices[0]), euro("12.5")},
		}},
	}
	return append(list, f.customers(), f.contacts(), f.periods(), f.counters())
}

func (f firm) customers() columns {
	c := columns{"VEVO", "VEVOKOD, VEVNEV, MAGANSZEM, VEZETEKNEV, KERESZTNEV, ADOSZAM, EMAIL, TELEFON, IRSZAM, VAROS, UTCA, ORSZAG, DEVIZANEM, ARLKOD, FIZKOD, NYELV, UZLKOTO, TILTOTT, ADOKULCS, NEVKULCS, ROGZITO, ROGZIDO", nil}
	for _, v := range clients {
		person, currency, list := "N", v.currency, any(nil)
		if v.family != "" {
			person = "I"
		}
		if currency == "" {
			currency = f.currency
		}
		if v.code == Buyer {
			list = SpecialList
		}
		key := any(nil)
		if id, err := party.NormalizeTaxID(v.tax, v.at.country); err == nil {
			key = id.Key
		}
		c.rows = append(c.rows, []any{
			v.code, v.name, person, orNull(v.family), orNull(v.given), orNull(v.tax), v.email, v.phone, v.at.postal, v.at.city, v.at.street, v.at.country,
			currency, list, "U08", v.language, Colleague, v.blocked, key, party.NameKey(v.name), Clerk, seeded,
		})
	}
	return c
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (f firm) contacts() columns {
	return columns{"KAPCSTART", "VEVOKOD, KAPCSNEV, VEZETEKNEV, KERESZTNEV, BEOSZTAS, EMAIL, TELEFON, NYELV, ROGZITO, ROGZIDO", [][]any{
		{Buyer, "Fekete Gábor", "Fekete", "Gábor", "beszerző", "fekete.gabor@minta-kereskedelmi.example", "+36201112233", string(locale.Hungarian), Clerk, seeded},
		{"C000005", "דנה לוי", "לוי", "דנה", "מנהלת רכש", "dana@galil.example", "+972525550123", string(locale.Hebrew), Clerk, seeded},
		{"C000006", "Смирнова Ольга", "Смирнова", "Ольга", "закупки", "smirnova@romashka.example", "+79165550123", string(locale.Russian), Clerk, seeded},
	}}
}

// firstYear and lastYear are the fiscal years with periods and counters.
const firstYear, lastYear = 2023, 2028

// periods are months; those before [OpenFrom] are closed.
func (f firm) periods() columns {
	c := columns{"IDOSZAKOK", "UZLETIEV, IDOSZAK, KEZDET, VEGE, LEZART", nil}
	for year := firstYear; year <= lastYear; year++ {
		for i := range 12 {
			begin := civil.Of(time.Date(year, time.Month(f.fiscalMonth+i), 1, 0, 0, 0, 0, time.UTC))
			end := civil.Of(time.Date(year, time.Month(f.fiscalMonth+i+1), 0, 0, 0, 0, 0, time.UTC))
			closed := "N"
			if begin.Before(OpenFrom) {
				closed = "I"
			}
			c.rows = append(c.rows, []any{year, i + 1, begin, end, closed})
		}
	}
	return c
}

func (f firm) counters() columns {
	c := columns{"SORSZAMOK", "UZLETIEV, SOROZAT, BIZTIPUS, UTOLSO", [][]any{{0, "A", Customer, len(clients)}}}
	for year := firstYear; year <= lastYear; year++ {
		for _, kind := range Kinds {
			c.rows = append(c.rows, []any{year, "A", kind, 0})
		}
	}
	return c
}
