// Command generate writes the example files of testutil/erp, the same ones in every run:
//
//	go run ./testutil/erp/sample/generate testutil/erp/sample
//
// The people and companies do not exist. Addresses of e-mail end in example.com or .test, phone
// numbers lie in ranges that nobody is given, tax ids and IBANs have right check digits.
package main

import (
	"encoding/csv"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: generate DIRECTORY")
	}
	g := &generator{rand: rand.New(rand.NewPCG(2026, 7)), files: map[string][][]string{}}
	for _, h := range houses {
		g.house(h)
	}
	for name, rows := range g.files {
		if err := write(filepath.Join(os.Args[1], name+".csv"), rows); err != nil {
			log.Fatal(err)
		}
	}
}

func write(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return f.Close()
}

// headings are the first lines of the files.
var headings = map[string]string{
	"companies":   "code,name,tax_id,eu_vat_id,line1,line2,postal_code,city,region,country,phone,email,website,bank_account,iban,language,zone,currency,payment_days",
	"users":       "company,id,name,email,phone,job_title,role,teams,manager,language",
	"vat":         "company,code,name,rate,from,to",
	"groups":      "company,code,name",
	"products":    "company,code,name,description,group,unit,vat_code,cost,stock,discontinued",
	"price_lists": "company,code,name,standard",
	"prices":      "company,list,product,currency,min_quantity,from,to,price,discount",
	"customers":   "company,code,person,name,given,family,tax_id,eu_vat_id,email,phone,website,line1,postal_code,city,region,country,currency,price_list,payment_days,language,blocked",
	"contacts":    "company,customer,name,given,family,job_title,email,phone,language",
	"orders":      "company,order,date,customer,currency,reference,progress",
	"order_lines": "company,order,product,quantity,unit_price,discount",
}

type generator struct {
	rand  *rand.Rand
	files map[string][][]string
	// mails counts the addresses and domains that the company's customers have.
	mails map[string]int
	// count makes the phone numbers different.
	count int
}

func (g *generator) add(file string, values ...any) {
	if g.files[file] == nil {
		g.files[file] = [][]string{strings.Split(headings[file], ",")}
	}
	row := make([]string, len(values))
	for i, v := range values {
		row[i] = fmt.Sprint(v)
	}
	if len(row) != len(g.files[file][0]) {
		log.Fatalf("%s: %d values for %d columns: %v", file, len(row), len(g.files[file][0]), row)
	}
	g.files[file] = append(g.files[file], row)
}

func pick[T any](g *generator, list []T) T { return list[g.rand.IntN(len(list))] }

// house writes one company with everything in it.
func (g *generator) house(h house) {
	g.add("companies", h.code, h.name, h.taxID, h.euVAT, h.line1, "", h.postal, h.city, "", h.country, h.phone, h.email, h.website, h.bank, h.iban,
		h.language, h.zone, h.currency, h.days)
	for _, u := range h.users {
		manager := "manager-" + strings.ToLower(h.country)
		if u.role != "seller" {
			manager = ""
		}
		g.add("users", h.code, u.id, u.name, u.id+"@"+h.domain, h.phone, u.title, u.role, u.teams, manager, u.language)
	}
	for _, v := range h.vat {
		g.add("vat", h.code, v[0], v[1], v[2], v[3], v[4])
	}
	g.products(h)
	g.customers(h)
	g.orders(h)
}

type product struct {
	code    string
	service bool
	price   int // in hundredths, in force until the end of 2025
}

func (g *generator) products(h house) {
	for i, name := range h.lists {
		g.add("price_lists", h.code, listCodes[i], name, i == 0)
	}
	for gi, group := range goods {
		code := fmt.Sprintf("%02d", gi+1)
		g.add("groups", h.code, code, group.name[h.language])
		n := 0
		for _, noun := range group.nouns {
			for i, model := range noun.models {
				n++
				noun.price = noun.price * (100 + 9*min(i, 1)) / 100 // each model a little dearer than the one before
				g.product(h, group, noun, model, fmt.Sprintf("%s-%03d", group.prefix, n*10))
			}
		}
	}
}

func (g *generator) product(h house, group goodsGroup, noun goodsNoun, model string, code string) {
	euro := noun.price
	list := h.price(euro)
	next := h.price(euro * 106 / 100)
	stock, vat := any(200+(euro%7)*50), h.vat[0][0]
	if group.service {
		stock = ""
	}
	if noun.reduced {
		vat = h.vat[h.reduced][0]
	}
	discontinued := strings.HasSuffix(model, " '19")
	name := noun.name[h.language] + " " + model
	g.add("products", h.code, code, name, noun.text[h.language], fmt.Sprintf("%02d", slices.IndexFunc(goods, func(x goodsGroup) bool { return x.prefix == group.prefix })+1),
		group.unit[h.language], vat, hundredths(list*58/100/100*100), stock, discontinued)
	g.add("prices", h.code, "STD", code, h.currency, 0, "2023-01-01", "2025-12-31", hundredths(list), 0)
	g.add("prices", h.code, "STD", code, h.currency, 0, "2026-01-01", "", hundredths(next), 0)
	if !group.service {
		g.add("prices", h.code, "STD", code, h.currency, 10, "2026-01-01", "", hundredths(next), 5)
	}
	g.add("prices", h.code, "VIP", code, h.currency, 0, "2023-01-01", "", hundredths(next), 10)
	if h.currency != "EUR" {
		g.add("prices", h.code, "STD", code, "EUR", 0, "2023-01-01", "", hundredths(euro*100), 0)
	}
	g.add("prices", h.code, "EXP", code, "EUR", 0, "2023-01-01", "", hundredths(euro*96), 0)
	if !discontinued {
		h.sold[code] = product{code, group.service, list}
	}
}

func hundredths(n int) string {
	if n%100 == 0 {
		return strconv.Itoa(n / 100)
	}
	return fmt.Sprintf("%d.%02d", n/100, n%100)
}

func (g *generator) customers(h house) {
	g.mails = map[string]int{}
	for i := range h.customers {
		g.count++
		language := h.language
		if i%6 == 5 {
			language = pick(g, []string{"en", "ru", "hu", "el", "he"})
		}
		p := people[language]
		place := pick(g, p.places)
		person := i%5 == 3
		code := fmt.Sprintf("C%06d", i+1)
		given, family := pick(g, p.given), pick(g, p.family)
		who := p.full(given, family)
		mailName := ascii(p.latin(given), p.latin(family))
		name, taxID, domain := who, "", "example.com"
		if !person {
			word, firm := pick(g, p.words), pick(g, p.firms)
			name = strings.NewReplacer("{name}", word, "{trade}", pick(g, p.trades), "{family}", family).Replace(firm)
			taxID = p.taxID(g)
			if strings.Contains(firm, "{family}") {
				word = family
			}
			domain = g.domain(ascii(p.latin(word), ""))
			given, family = "", ""
		}
		mail := g.mail(mailName, domain)
		website := ""
		if !person {
			website = "https://www." + domain
		}
		list, days := "", h.days
		switch {
		case language != h.language && h.currency != "EUR":
			list = "EXP"
		case i%9 == 4:
			list, days = "VIP", 30
		}
		currency := h.currency
		if list == "EXP" {
			currency = "EUR"
		}
		g.add("customers", h.code, code, person, name, given, family, taxID, "", mail, p.phone(g.count), website,
			pick(g, p.streets)+" "+strconv.Itoa(1+g.rand.IntN(90))+p.dot, place[0], place[1], "", p.country, currency, list, days, language, i == h.customers-1)
		if person {
			continue
		}
		for n := range 1 + g.rand.IntN(2) {
			given, family := pick(g, p.given), pick(g, p.family)
			g.count++
			g.add("contacts", h.code, code, p.full(given, family), given, family, pick(g, p.titles),
				g.mail(ascii(p.latin(given), p.latin(family)), domain), p.phone(g.count+n), language)
		}
	}
}

// domain gives a domain that no other customer of the company has.
func (g *generator) domain(name string) string {
	g.mails[name]++
	if n := g.mails[name]; n > 1 {
		return fmt.Sprintf("%s%d.test", name, n)
	}
	return name + ".test"
}

// mail gives an address that nobody else of the company has.
func (g *generator) mail(name, domain string) string {
	address := name + "@" + domain
	g.mails[address]++
	if n := g.mails[address]; n > 1 {
		address = fmt.Sprintf("%s%d@%s", name, n, domain)
	}
	return address
}

// orders writes the history: orders by date, more of them every year, in different progress.
func (g *generator) orders(h house) {
	begin := time.Date(2023, 7, 3, 0, 0, 0, 0, time.UTC)
	const days = 1100
	dates := make([]int, h.orders)
	for i := range dates {
		dates[i] = g.rand.IntN(days)
		if i%2 == 0 {
			dates[i] = max(dates[i], g.rand.IntN(days))
		}
	}
	slices.Sort(dates)
	counters := map[int]int{}
	codes := make([]string, 0, len(h.sold))
	for code := range h.sold {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for i, day := range dates {
		date := begin.AddDate(0, 0, day)
		if date.Weekday() == time.Sunday {
			date = date.AddDate(0, 0, -2) // Friday: on Sundays nobody orders
		}
		if date.Weekday() == time.Saturday {
			date = date.AddDate(0, 0, -1)
		}
		counters[date.Year()]++
		number := fmt.Sprintf("O%d-%05d", date.Year(), counters[date.Year()])
		// A few customers order often; the last one is blocked and never did.
		customer := 1 + min(g.rand.IntN(h.customers-1), g.rand.IntN(h.customers-1))
		progress := "paid"
		switch {
		case i >= len(dates)-4:
			progress = "open"
		case i >= len(dates)-8:
			progress = "partial"
		case i >= len(dates)-14:
			progress = "delivered"
		case i >= len(dates)-18:
			progress = "invoiced"
		case i >= len(dates)-30:
			progress = "posted"
		case i%37 == 20:
			progress = "cancelled"
		case i%41 == 30:
			progress = "credited"
		}
		row := g.files["customers"][len(g.files["customers"])-h.customers+customer-1]
		currency := row[16]
		g.add("orders", h.code, number, date.Format(time.DateOnly), row[1], currency, fmt.Sprintf("PO-%d", 1000+g.rand.IntN(9000)), progress)
		for range 1 + g.rand.IntN(4) {
			p := h.sold[pick(g, codes)]
			price := p.price
			if currency != h.currency {
				price = h.inEuro(price)
			}
			discount := pick(g, []string{"0", "0", "0", "5", "10", "12.5"})
			g.add("order_lines", h.code, number, p.code, 1+g.rand.IntN(8), hundredths(price), discount)
		}
	}
}
