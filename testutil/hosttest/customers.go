package hosttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
)

// draft is a person with everything an invoice needs. The name and the e-mail are unique.
func (b *bench) draft(name string) erpbridge.Customer {
	word := b.unique("x")
	return b.fitted(erpbridge.Customer{
		Person: true, Name: b.fit("name", name, " "+word), Given: "Anna", Family: "Kovács",
		Email: strings.ToLower(word) + "@example.com", Phone: fmt.Sprintf("+3615%06d", b.phones+b.counter.Load()),
		Address:  erpbridge.Address{Line1: "Fő utca 1.", PostalCode: "1011", City: "Budapest", Country: "HU"},
		Currency: b.Currency, PaymentDays: 15, Language: locale.Hungarian,
	})
}

func (b *bench) create(t *testing.T, w work, draft erpbridge.Customer) erpbridge.Customer {
	t.Helper()
	var c erpbridge.Customer
	b.must(t, w, func(ctx context.Context, s erpbridge.Session) (err error) {
		c, err = b.Host.Customers.Create(ctx, s, draft)
		return err
	})
	if c.Key == "" {
		t.Fatalf("the new customer has no key: %+v", c)
	}
	return c
}

// read gives a customer in a transaction of its own.
func (b *bench) read(ctx context.Context, company, key string) (erpbridge.Customer, error) {
	var c erpbridge.Customer
	err := b.do(ctx, work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
		c, err = b.Host.Customers.Customer(ctx, s, key)
		return err
	})
	return c, err
}

func (b *bench) match(t *testing.T, company string, keys ...erpbridge.MatchKey) []erpbridge.CustomerMatch {
	t.Helper()
	var hits []erpbridge.CustomerMatch
	b.must(t, work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
		hits, err = b.Host.Customers.Match(ctx, s, keys)
		return err
	})
	return hits
}

func (b *bench) customers(t *testing.T) {
	t.Run("create and read", b.customerRoundTrip)
	t.Run("match", b.customerMatch)
	t.Run("all faults at once and nothing written", b.customerFaults)
	t.Run("fill only what is empty", b.customerFill)
	t.Run("one name, many customers", b.customerNames)
	t.Run("same token, same customer", b.customerToken)
	t.Run("same token by eight at once", b.customerTokenConcurrent)
	t.Run("rollback leaves nothing", b.customerRollback)
	t.Run("cancelled context leaves nothing", b.customerCancelled)
	t.Run("companies do not see each other", b.customerCompanies)
	_, err := b.read(t.Context(), b.Company, "none "+b.run)
	notFound(t, "a customer who does not exist", err)
}

// hostile are texts that break what quotes or converts badly.
var hostile = []string{
	`O'Brien "& Sons" <b>`, `árvíztűrő tükörfúrógép ŐŰ`, `Ελληνική Εταιρεία ΑΕ`, `ישראל ישראלי בע"מ`, `Общество «Ромашка» Ёлкин`,
	"back\\\nslash \\\\ end\\", "'; DROP TABLE customer; --", "?? @p1 $1 :x %s {0}", "emoji 🎉👩‍👩‍👧", "tab\tinside", "e\u0301 not composed", "N'x'",
}

func (b *bench) customerRoundTrip(t *testing.T) {
	for _, text := range append([]string{"Kovács Anna"}, hostile...) {
		if text != "Kovács Anna" && slices.Contains(b.Lacks, Unicode) {
			continue
		}
		t.Run(text, func(t *testing.T) {
			draft := b.draft(text)
			draft.Address.Line2, draft.Address.City = b.fit("address.line2", text, ""), b.fit("address.city", text, "")
			made := b.create(t, work{}, draft)
			got, err := b.read(t.Context(), b.Company, made.Key)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(made, got); diff != "" {
				t.Errorf("the customer reads other than Create gave it (-created +read):\n%s", diff)
			}
			draft.Key, draft.Code = got.Key, got.Code
			draft.PriceList, draft.Blocked = got.PriceList, got.Blocked
			if diff := b.sameCustomer(draft, got); diff != "" {
				t.Errorf("the customer is other than the draft (-draft +read):\n%s", diff)
			}
		})
	}
}

func (b *bench) customerMatch(t *testing.T) {
	draft := b.draft("Szőke Áron")
	made := b.create(t, work{}, draft)
	questions := map[string]erpbridge.MatchKey{
		"e-mail":                             {Email: draft.Email},
		"phone":                              {Phone: draft.Phone},
		"name":                               {Name: party.NameKey(draft.Name)},
		"name in another order and spelling": {Name: party.NameKey(reversed(draft.Name))},
		"any of several keys":                {Email: "nobody@example.com", Phone: draft.Phone},
	}
	for path, names := range map[string][]string{"email": {"e-mail"}, "phone": {"phone", "any of several keys"}} {
		for _, name := range names {
			if b.drops(path) {
				delete(questions, name)
			}
		}
	}
	for name, key := range questions {
		t.Run(name, func(t *testing.T) {
			hits := b.match(t, b.Company, erpbridge.MatchKey{Email: "nobody-" + b.run + "@example.com"}, key)
			if len(hits) != 1 || hits[0].Key != 1 || hits[0].Customer.Key != made.Key {
				t.Errorf("got %+v, want customer %s for the key 1", hits, made.Key)
			}
		})
	}
	t.Run("many keys at once", func(t *testing.T) {
		keys := make([]erpbridge.MatchKey, 1200)
		for i := range keys {
			word := fmt.Sprintf("nobody%d-%s", i, b.run)
			keys[i] = erpbridge.MatchKey{Email: word + "@example.com", Phone: fmt.Sprintf("+99900%06d", i), TaxID: "HU" + word, Name: word}
		}
		keys[700].Email, keys[1199].Phone = draft.Email, draft.Phone
		if b.drops("email") {
			keys[700].Name = party.NameKey(draft.Name)
		}
		if b.drops("phone") {
			keys[1199].Name = party.NameKey(draft.Name)
		}
		hits := b.match(t, b.Company, keys...)
		slices.SortFunc(hits, func(x, y erpbridge.CustomerMatch) int { return x.Key - y.Key })
		if len(hits) != 2 || hits[0].Key != 700 || hits[1].Key != 1199 {
			t.Errorf("got %+v, want the keys 700 and 1199", hits)
		}
	})
	t.Run("tax id", func(t *testing.T) {
		if b.drops("tax_id") {
			t.Skip("the host keeps no tax id")
		}
		company := b.draft("Adószámos Kft.")
		company.Person, company.Given, company.Family = false, "", ""
		company.TaxID = "HU" + b.taxID()
		made := b.create(t, work{}, company)
		hits := b.match(t, b.Company, erpbridge.MatchKey{TaxID: company.TaxID})
		if len(hits) != 1 || hits[0].Customer.Key != made.Key {
			t.Errorf("the tax id %s finds %+v, want customer %s", company.TaxID, hits, made.Key)
		}
	})
	t.Run("nothing asked, nothing found", func(t *testing.T) {
		if hits := b.match(t, b.Company, erpbridge.MatchKey{}, erpbridge.MatchKey{}); len(hits) > 0 {
			t.Errorf("empty keys found %+v", hits)
		}
		if hits := b.match(t, b.Company); len(hits) > 0 {
			t.Errorf("no keys found %+v", hits)
		}
	})
}

// taxID is a Hungarian tax id of eight digits that no other call gives, with its check digit.
func (b *bench) taxID() string {
	digits := fmt.Sprintf("%07d", 1_000_000+(b.phones*13+b.counter.Add(1))%9_000_000)
	sum := 0
	for i, weight := range []int{9, 7, 3, 1, 9, 7, 3} {
		sum += weight * int(digits[i]-'0')
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// customerNames makes customers of one name: whatever the host makes its keys of, they must differ.
func (b *bench) customerNames(t *testing.T) {
	draft := b.draft("Kovács Kovács Kovács")
	keys := map[string]bool{}
	for i := range 12 {
		draft.Email, draft.Phone = fmt.Sprintf("%d%s", i, draft.Email), fmt.Sprintf("+3615%06d", b.phones+b.counter.Add(1))
		keys[b.create(t, work{}, b.fitted(draft)).Key] = true
	}
	if len(keys) != 12 {
		t.Errorf("12 customers of one name have %d keys: %v", len(keys), keys)
	}
}

func reversed(name string) string {
	words := strings.Fields(strings.ToUpper(name))
	slices.Reverse(words)
	return strings.Join(words, " ")
}

func (b *bench) customerFaults(t *testing.T) {
	draft := b.draft("Faulty")
	draft.Name = ""
	draft.Email = "no e-mail " + b.run
	var made erpbridge.Customer
	err := b.do(t.Context(), work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
		made, err = b.Host.Customers.Create(ctx, s, draft)
		at(t, err, b.paths("name", "email")...)
		return nil // a host that wrote something before it refused would have it committed here
	})
	if err != nil {
		t.Fatal(err)
	}
	if made.Key != "" {
		t.Errorf("a refused customer has the key %q", made.Key)
	}
	if hits := b.match(t, b.Company, erpbridge.MatchKey{Email: strings.ToLower(draft.Email), Phone: draft.Phone}); len(hits) > 0 {
		t.Errorf("the refused customer was written: %+v", hits)
	}
}

func (b *bench) customerFill(t *testing.T) {
	if b.drops("phone") {
		t.Skip("the host keeps no phone")
	}
	draft := b.draft("Üres Mező")
	draft.Phone, draft.Website, draft.Address.Line2 = "", "", ""
	made := b.create(t, work{}, draft)
	more := b.draft("Somebody Else")
	more.Website, more.Address.City = "https://example.com", b.fit("address.city", "Szeged", "")
	fill := func() (filled []erpbridge.FilledField) {
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
			filled, err = b.Host.Customers.FillEmpty(ctx, s, made.Key, more)
			return err
		})
		return filled
	}
	filled := fill()
	got, err := b.read(t.Context(), b.Company, made.Key)
	if err != nil {
		t.Fatal(err)
	}
	want := made
	want.Phone, want.Website = more.Phone, got.Website
	if got.Website != "" && got.Website != more.Website {
		t.Errorf("the website was filled with %q", got.Website)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("other fields than the empty ones changed (-want +got):\n%s", diff)
	}
	if !slices.ContainsFunc(filled, func(f erpbridge.FilledField) bool { return f.From == "" && f.To == more.Phone }) {
		t.Errorf("the phone is not among the filled fields: %+v", filled)
	}
	if again := fill(); len(again) > 0 {
		t.Errorf("asked again it filled %+v", again)
	}
	if removal, ok := b.Host.Customers.(erpbridge.CustomerRemoval); ok {
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error { return removal.Restore(ctx, s, made.Key, filled) })
		got, err := b.read(t.Context(), b.Company, made.Key)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(made, got); diff != "" {
			t.Errorf("Restore did not put back what was (-want +got):\n%s", diff)
		}
	}
}

func (b *bench) customerToken(t *testing.T) {
	token := b.unique("token-")
	draft := b.draft("Kétszer Kérve")
	first := b.create(t, work{token: token}, draft)
	second := b.create(t, b.again(token), draft)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the second call with one token gave another customer (-first +second):\n%s", diff)
	}
	if other := b.create(t, work{}, draft); other.Key == first.Key {
		t.Errorf("another token gave the same customer %s", other.Key)
	}
}

// atOnce runs the unit eight times at once, each in its own transaction, and gives what it gave.
func atOnce[T any](t *testing.T, call func() (T, error)) []T {
	t.Helper()
	const many = 8
	results, failed := make([]T, many), make([]error, many)
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() { results[i], failed[i] = call() })
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	return results
}

// again is the second call under a token. A host that is Elsewhere is told that it was asked before.
func (b *bench) again(token string) work {
	if b.Begin == nil {
		return work{token: token, attempt: 1}
	}
	return work{token: token}
}

func (b *bench) customerTokenConcurrent(t *testing.T) {
	b.need(t, Rollback) // who is Elsewhere is asked by one sender at a time
	token, draft := b.unique("token-"), b.draft("Egyszerre Többen")
	keys := atOnce(t, func() (string, error) {
		var c erpbridge.Customer
		err := b.persist(t.Context(), work{token: token}, func(ctx context.Context, s erpbridge.Session) (err error) {
			c, err = b.Host.Customers.Create(ctx, s, draft)
			return err
		})
		return c.Key, err
	})
	if slices.Sort(keys); len(slices.Compact(keys)) != 1 {
		t.Errorf("one token gave several customers: %v", keys)
	}
	if n := b.written(t, draft); n != 1 {
		t.Errorf("%d customers were written for one token", n)
	}
}

// written counts the customers of a draft's name.
func (b *bench) written(t *testing.T, draft erpbridge.Customer) int {
	t.Helper()
	n := 0
	for _, hit := range b.match(t, b.Company, erpbridge.MatchKey{Name: party.NameKey(draft.Name)}) {
		if hit.Customer.Name == draft.Name {
			n++
		}
	}
	return n
}

func (b *bench) customerRollback(t *testing.T) {
	b.need(t, Rollback)
	draft := b.draft("Visszagörgetett")
	var made erpbridge.Customer
	token := b.unique("token-")
	b.must(t, work{token: token, rollback: true}, func(ctx context.Context, s erpbridge.Session) (err error) {
		made, err = b.Host.Customers.Create(ctx, s, draft)
		return err
	})
	_, err := b.read(t.Context(), b.Company, made.Key)
	notFound(t, "a customer who was rolled back", err)
	if n := b.written(t, draft); n > 0 {
		t.Errorf("the customer who was rolled back is found %d times", n)
	}
	if again := b.create(t, work{token: token}, draft); again.Name != draft.Name {
		t.Errorf("the token of a rolled back call gave %+v", again)
	}
}

func (b *bench) customerCancelled(t *testing.T) {
	b.need(t, Rollback)
	draft := b.draft("Megszakított")
	ctx, cancel := context.WithCancel(t.Context())
	err := b.do(ctx, work{}, func(ctx context.Context, s erpbridge.Session) error {
		if _, err := b.Host.Customers.Create(ctx, s, draft); err != nil {
			return err
		}
		cancel()
		_, err := b.Host.Customers.Create(ctx, s, draft)
		if err == nil {
			t.Error("a call with a cancelled context succeeded")
		}
		return err
	})
	if err == nil {
		t.Error("the transaction of a cancelled context was committed")
	}
	if n := b.written(t, draft); n > 0 {
		t.Errorf("the cancelled work was written %d times", n)
	}
}

func (b *bench) customerCompanies(t *testing.T) {
	b.need(t, Companies)
	draft := b.draft("Csak Itt")
	made := b.create(t, work{}, draft)
	there, err := b.read(t.Context(), b.OtherCompany, made.Key)
	if err == nil && there.Name == made.Name {
		t.Errorf("company %s reads the customer of %s", b.OtherCompany, b.Company)
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	if hits := b.match(t, b.OtherCompany, erpbridge.MatchKey{Email: draft.Email, Phone: draft.Phone, Name: party.NameKey(draft.Name)}); len(hits) > 0 {
		t.Errorf("company %s finds the customer of %s: %+v", b.OtherCompany, b.Company, hits)
	}
	err = b.do(t.Context(), work{company: b.OtherCompany}, func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.Host.Customers.FillEmpty(ctx, s, made.Key, b.draft("Idegen"))
		return err
	})
	got, readErr := b.read(t.Context(), b.Company, made.Key)
	if readErr != nil {
		t.Fatal(readErr)
	}
	if diff := cmp.Diff(made, got); diff != "" {
		t.Errorf("company %s changed the customer of %s (%v):\n%s", b.OtherCompany, b.Company, err, diff)
	}
}

func (b *bench) customerCheck(t *testing.T) {
	check := b.Host.Customers.(erpbridge.CustomerCheck)
	ask := func(draft erpbridge.Customer) (faults []fault.Fault) {
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
			faults, err = check.Check(ctx, s, draft)
			return err
		})
		return faults
	}
	if faults := ask(b.draft("Hibátlan")); len(faults) > 0 {
		t.Errorf("a complete customer has faults: %v", faults)
	}
	named(t, ask(erpbridge.Customer{}), b.paths("name", "address.country", "address.city")...)
	wrong := b.draft("Rossz")
	wrong.Email, wrong.Address.City = "x@", ""
	named(t, ask(wrong), b.paths("email", "address.city")...)
}

func (b *bench) customerList(t *testing.T) {
	list := b.Host.Customers.(erpbridge.CustomerList)
	word := b.unique("lista")
	want := map[string]bool{}
	for i := range 7 {
		draft := b.draft(fmt.Sprintf("Őri %c %s", 'G'-i, word))
		want[b.create(t, work{}, draft).Key] = true
	}
	var names []string
	after := ""
	for range 10 {
		var page []erpbridge.Customer
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
			page, err = list.Search(ctx, s, word, after, 3)
			return err
		})
		if len(page) > 3 {
			t.Fatalf("a page limited to 3 has %d customers", len(page))
		}
		for _, c := range page {
			if !want[c.Key] {
				t.Errorf("%s (%s) is listed twice, or should not be", c.Name, c.Key)
			}
			delete(want, c.Key)
			names = append(names, c.Name)
			after = c.Key
		}
		if len(page) < 3 {
			break
		}
	}
	if len(want) > 0 {
		t.Errorf("paging left out %v", want)
	}
	if !slices.IsSorted(names) {
		t.Errorf("the customers are not in the order of their names: %q", names)
	}
	// Signs mean themselves: none of them may stand for other letters, or break the search.
	for _, text := range []string{"%", "_", "'", `\`, "[a-z]", "~", "?", "שלום", word[:3] + "%" + word[5:], word[:3] + "_" + word[4:]} {
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
			page, err := list.Search(ctx, s, text, "", 100)
			for _, c := range page {
				if strings.Contains(c.Name, word) {
					t.Errorf("a search for %q finds %q", text, c.Name)
				}
			}
			return err
		})
	}
}

func (b *bench) customerRemoval(t *testing.T) {
	removal := b.Host.Customers.(erpbridge.CustomerRemoval)
	draft := b.draft("Eltávolított")
	made := b.create(t, work{}, draft)
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error { return removal.Remove(ctx, s, made.Key) })
	c, err := b.read(t.Context(), b.Company, made.Key)
	if err == nil && !c.Blocked {
		t.Errorf("the removed customer is neither gone nor blocked: %+v", c)
	}
	if err != nil {
		notFound(t, "the removed customer", err)
	}
	if slices.Contains(b.Lacks, Documents) {
		return
	}
	buyer := b.create(t, work{}, b.draft("Vevő"))
	b.write(t, b.order(t, buyer.Key, "1"))
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		if err := removal.Remove(ctx, s, buyer.Key); err == nil {
			c, err := b.Host.Customers.Customer(ctx, s, buyer.Key)
			if err != nil || !c.Blocked {
				t.Errorf("a customer with an order was removed (%v)", err)
			}
		}
		return nil
	})
}

func (b *bench) contacts(t *testing.T) {
	customer := b.create(t, work{}, b.draft("Céges Vevő"))
	token := b.unique("token-")
	people := []erpbridge.Contact{
		{Customer: customer.Key, Name: "Nagy Péter", Given: "Péter", Family: "Nagy", Email: "peter." + b.run + "@example.com", JobTitle: "beszerző", Language: locale.Hungarian},
		{Customer: customer.Key, Name: "Иван Петров", Given: "Иван", Family: "Петров", Phone: "+74950000001", Language: locale.Russian},
	}
	if slices.Contains(b.Lacks, Unicode) {
		people = people[:1]
	}
	keys := map[string]bool{}
	for i := range 2 { // the second time under the same token
		w := work{token: token}
		if i > 0 {
			w = b.again(token)
		}
		for _, p := range people {
			b.must(t, w, func(ctx context.Context, s erpbridge.Session) error {
				made, err := b.Host.Contacts.CreateContact(ctx, s, p)
				keys[made.Key] = true
				return err
			})
		}
	}
	var list []erpbridge.Contact
	read := func() {
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) (err error) {
			list, err = b.Host.Contacts.ContactsOf(ctx, s, customer.Key)
			return err
		})
	}
	read()
	if len(list) != len(people) || len(keys) != len(people) {
		t.Fatalf("%d contacts under one token became %d keys and %d rows", len(people), len(keys), len(list))
	}
	for i, p := range people {
		p.Key = list[i].Key
		if diff := cmp.Diff(b.keptContact(p), b.keptContact(list[i])); diff != "" {
			t.Errorf("the contact reads other than its draft (-draft +read):\n%s", diff)
		}
	}
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		filled, err := b.Host.Contacts.FillEmptyContact(ctx, s, list[0].Key, erpbridge.Contact{Name: "Más", Email: "mas@example.com", Phone: "+3615550009"})
		if b.drops("contact.phone") {
			return err
		}
		if len(filled) != 1 || filled[0].To != "+3615550009" {
			t.Errorf("filled %+v, want the phone only", filled)
		}
		return err
	})
	err := b.do(t.Context(), work{}, func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.Host.Contacts.CreateContact(ctx, s, erpbridge.Contact{Customer: customer.Key, Email: "no e-mail"})
		return err
	})
	wrong := []string{"name"}
	if !b.drops("contact.email") {
		wrong = append(wrong, "email")
	}
	at(t, err, wrong...)
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
		return b.Host.Contacts.RemoveContact(ctx, s, list[0].Key)
	})
	before := len(list)
	read()
	if len(list) != before-1 {
		t.Errorf("after removing one of %d contacts %d are left", before, len(list))
	}
}
