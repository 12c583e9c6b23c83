package lead_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

func TestCaptureKeepsWhatCame(t *testing.T) {
	drafts := []struct {
		name  string
		draft lead.Draft
		want  func(t *testing.T, c lead.Card)
	}{
		{"Hungarian company with a person", lead.Draft{
			Name: "Dr. Kovács János", Organization: "Kovács és Társa Kft.", TaxID: "12345676-2-41", Emails: []string{"Kovacs.Janos@KovacsTarsa.hu"},
			Phones: []string{"06 30 123 4567"}, Interest: "Ajánlatot kér;\r\nhétfőn visszahívni", ExpectedValue: money.MustAmount("1250000.5"),
		}, func(t *testing.T, c lead.Card) {
			same(t, "family", c.Party.Family, "Kovács")
			same(t, "e-mail", c.Party.Email, "kovacs.janos@kovacstarsa.hu")
			same(t, "phone", c.Party.Phone, "+36301234567")
			same(t, "interest", c.Lead.Interest, "Ajánlatot kér;\nhétfőn visszahívni")
			same(t, "currency", c.Lead.Currency, "HUF")
			same(t, "employer", c.Employer.DisplayName, "Kovács és Társa Kft.")
			same(t, "tax id", c.Employer.TaxID, "HU12345676")
			same(t, "link", c.Party.EmployerID, c.Lead.OrganizationID)
		}},
		{"Russian person with patronymic", lead.Draft{Name: "Иванов Иван Петрович", Language: locale.Russian, Mobile: "8 916 123-45-67", Address: party.Address{Country: "RU"}},
			func(t *testing.T, c lead.Card) {
				same(t, "patronymic", c.Party.Patronymic, "Петрович")
				same(t, "mobile", c.Party.Mobile, "+79161234567")
			}},
		{"Hebrew company alone", lead.Draft{Organization: `כהן ובניו בע"מ`, Language: locale.Hebrew, Phones: []string{"+972 3-555-1234"}},
			func(t *testing.T, c lead.Card) {
				same(t, "kind", c.Party.Kind, party.Company)
				same(t, "organization", c.Lead.OrganizationID, c.Lead.PartyID)
			}},
		{"Greek person by address alone", lead.Draft{Name: "Γιώργος Παπαδόπουλος", Language: locale.Greek, Address: party.Address{Line1: "Σταδίου 15", City: "Αθήνα", Country: "GR"}},
			func(t *testing.T, c lead.Card) { same(t, "city", c.Party.City, "Αθήνα") }},
		{"English e-mail alone", lead.Draft{Emails: []string{"subscriber@example.co.uk"}}, func(t *testing.T, c lead.Card) {
			same(t, "name", c.Party.DisplayName, "")
			same(t, "status", c.Lead.Status, lead.StatusNew)
		}},
	}
	each(t, func(t *testing.T, w world) {
		for _, d := range drafts {
			t.Run(d.name, func(t *testing.T) {
				out := w.capture(t, w.seller("anna"), d.draft)
				card := w.get(t, out.Lead)
				d.want(t, card)
				same(t, "outcome", out.Outcome, lead.Created)
				same(t, "owner", card.Lead.OwnerUser, "anna")
				same(t, "channel", card.First.Channel, lead.ByHand)
				sameList(t, "events", w.events(t, out.Lead[:]), []string{lead.EventCaptured})
			})
		}
	})
}

// What a capture says it wrote is what a reader reads, and it says so only to who may read it.
func TestCaptureTellsWhatItWrote(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		anna := w.seller("anna")
		tests := []struct {
			name  string
			ctx   context.Context
			draft lead.Draft
			told  bool
		}{
			{"one's own", anna, lead.Draft{Name: "Dr. Szabó Éva", Emails: []string{"eva@szabo.hu"}, Phones: []string{"06 30 123 4567", "+36 1 234 5678"}, Interest: "a\r\nb", ExpectedValue: money.MustAmount("1250000.50"), Currency: "eur"}, true},
			{"with a company", anna, lead.Draft{
				Name: "Kovács János", Organization: "Kovács és Társa Kft.", TaxID: "12345676-2-41", Emails: []string{"janos@kovacstarsa.hu"}, ExternalID: "X-1",
				ArrivedAt: w.Clock.Now().Add(-time.Hour + 123456*time.Nanosecond), Origin: lead.Origin{Referrer: "https://www.facebook.com/x", Campaign: "Tavasz"}, Address: party.Address{City: "Győr", Country: "HU"},
			}, true},
			{"a company alone", anna, lead.Draft{Organization: "Duna Bt.", Emails: []string{"iroda@duna.hu"}}, true},
			{"the system's", w.System(), lead.Draft{Name: "Kiss Pál", Mobile: "+36 70 111 2222"}, true},
			{"who was there", anna, lead.Draft{Name: "Dr. Szabó Éva", Emails: []string{"eva@szabo.hu"}}, false},
			{"a team's, for somebody who sees his own", anna, lead.Draft{Name: "Tóth Imre", Emails: []string{"imre@toth.hu"}, Owner: party.Owner{Team: "somebody-elses"}}, false},
			{"the public's", actor.With(context.Background(), actor.Public(w.Company)), lead.Draft{Name: "Nagy Pál", Emails: []string{"pal@nagy.hu"}}, false},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				out := w.capture(t, tt.ctx, tt.draft)
				if out.Written == nil || !tt.told {
					same(t, "told", out.Written != nil, tt.told)
					return
				}
				read, err := w.leads.Row(tt.ctx, out.Lead)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "row", asJSON(t, *out.Written), asJSON(t, read))
				same(t, "company", out.Written.Company, read.Company)
				same(t, "sort key", string(out.Written.SortKey), string(read.SortKey))
			})
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCaptureReportsAllFaultsAtOnce(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), erpbridge.Host{})
	tomorrow := w.Clock.Now().AddDate(0, 0, 3)
	tests := []struct {
		name  string
		draft lead.Draft
		paths []string
	}{
		{"nothing at all", lead.Draft{}, []string{"email"}},
		{"a name without a way to reach it", lead.Draft{Name: "Szabó Béla"}, []string{"email"}},
		{"many", lead.Draft{
			Emails: []string{"not an address"}, TaxID: "12345678-2-41", Organization: "Hibás Kft.", Name: "Kiss Éva", Currency: "forint",
			ExpectedValue: money.MustAmount("-1"), ArrivedAt: tomorrow, Origin: lead.Origin{Channel: "pigeon"},
		}, []string{"arrived_at", "channel", "currency", "email", "expected_value", "tax_id"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.leads.Capture(w.System(), tt.draft)
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("got %v, want fault.Invalid", err)
			}
			var paths []string
			for _, f := range fault.Of(err) {
				paths = append(paths, f.Path)
			}
			slices.Sort(paths)
			sameList(t, "paths", paths, tt.paths)
		})
	}
	list, err := w.leads.List(w.System(), lead.Filter{}, lead.ByArrival, firstPage)
	if err != nil || len(list.Rows) != 0 {
		t.Errorf("%d leads were written for faulty drafts (%v)", len(list.Rows), err)
	}
}

func TestReturningLead(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		first := w.capture(t, w.seller("anna"), lead.Draft{
			Name: "Nagy Éva", Emails: []string{"eva@nagy.hu"}, Interest: "Targonca", Origin: lead.Origin{Source: "Google", Medium: "CPC", Campaign: "Tavasz"},
		})
		w.Clock.Advance(48 * time.Hour)
		public := actor.With(context.Background(), actor.Public(w.Company))
		again := w.capture(t, public, lead.Draft{
			Name: "Éva Nagy", Emails: []string{"EVA@nagy.hu"}, Phones: []string{"+36 1 234 5678"}, Interest: "Raktári polc", Consent: "Kérek hírlevelet",
			Origin: lead.Origin{Referrer: "https://www.facebook.com/x?y=1", Page: "https://host.hu/urlap"},
		})
		same(t, "outcome", again.Outcome, lead.Again)
		same(t, "lead", again.Lead, first.Lead)
		if again.Duplicates != nil {
			t.Errorf("the public learned of %v", again.Duplicates)
		}
		card := w.get(t, first.Lead)
		same(t, "phone", card.Party.Phone, "+3612345678")
		same(t, "interest", card.Lead.Interest, "Targonca\n\n2026. 07. 15.\nRaktári polc")
		same(t, "owner", card.Lead.OwnerUser, "anna")
		same(t, "first source", card.First.Source, "google")
		same(t, "lead source", card.Lead.Source, "google")
		same(t, "touches", len(card.Touches), 2)
		same(t, "last source", card.Touches[0].Source, "facebook.com")
		same(t, "last medium", card.Touches[0].Medium, "referral")
		same(t, "consent", card.Touches[0].Consent, "Kérek hírlevelet")
		sameList(t, "events", w.events(t, first.Lead[:]), []string{lead.EventCaptured, lead.EventReturned})
	})
}

func TestPossibleDuplicatesAreListedNotMerged(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		first := w.capture(t, w.seller("anna"), lead.Draft{Name: "Щербакова Юлия", Language: locale.Russian, Emails: []string{"j.shch@example.ru"}})
		second := w.capture(t, w.seller("anna"), lead.Draft{Name: "Юлия Щербакова", Language: locale.Russian, Phones: []string{"+7 812 555 12 12"}})
		same(t, "outcome", second.Outcome, lead.Created)
		if len(second.Duplicates) != 1 || second.Duplicates[0].Lead != first.Lead || second.Duplicates[0].Hidden || second.Duplicates[0].Name == "" {
			t.Fatalf("duplicates %+v, want the first lead, seen", second.Duplicates)
		}
		if m := second.Duplicates[0].Match; m.Score < party.Possible || len(m.Reasons) == 0 || m.Reasons[0].Code != "match.name" {
			t.Errorf("match %+v is not explained by the name", m)
		}
		other := w.capture(t, w.seller("boris"), lead.Draft{Name: "Юлия Щербакова", Language: locale.Russian, Phones: []string{"+7 495 111 22 33"}})
		for _, d := range other.Duplicates {
			if !d.Hidden || d.Name != "" || d.Owner.User != "anna" {
				t.Errorf("boris sees %+v of a lead of anna", d)
			}
		}
		same(t, "duplicates of boris", len(other.Duplicates), 2)
		got, err := w.leads.Duplicates(w.seller("anna"), first.Lead)
		if err != nil || len(got) != 2 {
			t.Errorf("Duplicates gave %v, %v; want two", got, err)
		}
	})
}

func TestTokenMakesCaptureRepeatable(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		d := lead.Draft{Name: "Papp Mária", Phones: []string{"+30 210 111 2222"}, Token: "form-7f3a"}
		first, again := w.capture(t, w.System(), d), w.capture(t, w.System(), d)
		same(t, "outcome", again.Outcome, lead.Repeated)
		same(t, "lead", again.Lead, first.Lead)
		same(t, "touches", len(w.get(t, first.Lead).Touches), 1)
	})
}

// Sixteen posts of one person at once: one lead, sixteen touches, whoever wins.
func TestCapturesOfOnePersonAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const n = 16
		ctx, cancel := context.WithTimeout(w.System(), 5*time.Minute)
		defer cancel()
		results, errs := make([]lead.Result, n), make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				results[i], errs[i] = w.leads.Capture(ctx, lead.Draft{
					Name: "Cohen David", Organization: "Cohen & Sons Ltd.", Emails: []string{"david@cohen.co.il"}, Phones: []string{"+972 3 555 1234"},
				})
			})
		}
		wg.Wait()
		created := 0
		for i := range n {
			if errs[i] != nil {
				t.Fatalf("capture %d: %v", i, errs[i])
			}
			same(t, "lead", results[i].Lead, results[0].Lead)
			if results[i].Outcome == lead.Created {
				created++
			}
		}
		same(t, "leads created", created, 1)
		same(t, "touches", len(w.get(t, results[0].Lead).Touches), n)
	})
}

func TestPublicReadsNothing(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), erpbridge.Host{})
	public := actor.With(context.Background(), actor.Public(w.Company))
	out := w.capture(t, public, lead.Draft{Emails: []string{"a@example.com"}, Owner: party.Owner{User: "boss"}})
	if _, err := w.leads.Get(public, out.Lead); !errors.Is(err, fault.Forbidden) {
		t.Errorf("Get gave %v, want Forbidden", err)
	}
	card := w.get(t, out.Lead)
	same(t, "owner", card.Lead.OwnerUser, "")
	same(t, "made by", card.Lead.CreatedBy, "public")
}

// hostCustomers is a host that has one customer.
type hostCustomers struct {
	erpbridge.Customers
	customer erpbridge.Customer
	err      error
}

func (h hostCustomers) Match(_ context.Context, _ erpbridge.Session, keys []erpbridge.MatchKey) ([]erpbridge.CustomerMatch, error) {
	for i, k := range keys {
		if k.TaxID == h.customer.TaxID || k.Email == h.customer.Email || k.Name == party.NameKey(h.customer.Name) {
			return []erpbridge.CustomerMatch{{Key: i, Customer: h.customer}}, h.err
		}
	}
	return nil, h.err
}

func TestHostsCustomerIsRecognised(t *testing.T) {
	customer := erpbridge.Customer{Key: "C000123", Name: "ООО Ромашка", TaxID: "RU7707083893", Email: "info@romashka.ru", Language: locale.Russian}
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, erpbridge.Host{Customers: hostCustomers{customer: customer}})
		firm := w.capture(t, w.System(), lead.Draft{Organization: "Ромашка, ООО", TaxID: "RU7707083893", Phones: []string{"+7 495 111 22 33"}})
		card := w.get(t, firm.Lead)
		if len(card.Links) != 1 || card.Links[0].HostKey != "C000123" {
			t.Errorf("the lead is linked to %v, want customer C000123", card.Links)
		}
		person := w.capture(t, w.System(), lead.Draft{Name: "Иванов Иван", Organization: "ООО «Ромашка»", Emails: []string{"ivanov@romashka.ru"}})
		same(t, "employer", w.get(t, person.Lead).Lead.OrganizationID, card.Lead.PartyID)
		vague := w.capture(t, w.System(), lead.Draft{Name: "Петров Пётр", Emails: []string{"info@romashka.ru"}})
		if len(vague.Duplicates) != 0 && vague.Duplicates[0].Match.Score >= party.Likely {
			t.Errorf("a shared mailbox gave %+v", vague.Duplicates)
		}
	})
}

func TestHostThatDoesNotAnswerCostsNoLead(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), erpbridge.Host{Place: erpbridge.Elsewhere, Customers: hostCustomers{err: errors.New("no route to host")}})
	out := w.capture(t, w.System(), lead.Draft{Emails: []string{"kis@example.hu"}})
	if out.Lead.IsZero() || !out.HostUnchecked {
		t.Errorf("got %+v, want a lead that says that the host was not asked", out)
	}
}

func FuzzPrepare(f *testing.F) {
	f.Add("Kovács János", "Minta Kft.", "a@b.hu", "+36 30 123 4567", "12345676-2-41", "igen\r\nnem", "https://a.hu/?x=1")
	f.Add("Иванов Иван Петрович", "ООО Ромашка", "", "8 916", "7707083893", "\x00\xff", "::")
	f.Add("\u202eabc", strings.Repeat("𝔘", 300), "a@", "ext", "ΑΦΜ", strings.Repeat("ő", 21000), "http://[::1")
	now := time.Date(2026, 7, 13, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, name, firm, email, phone, tax, interest, link string) {
		d := lead.Draft{
			Name: name, Organization: firm, Emails: []string{email, name}, Phones: []string{phone, email}, TaxID: tax, Interest: interest,
			Origin: lead.Origin{Source: link, Referrer: link, Page: name, Term: interest, ClickID: firm, Channel: lead.ByForm}, Consent: interest, ExternalID: link,
		}
		p, faults := lead.Prepare(d, budapest, now)
		if p == nil {
			t.Fatal("no result")
		}
		if err := p.Fits(); err != nil && len(faults) == 0 {
			t.Fatalf("prepared without faults, but %v", err)
		}
	})
}
