package convert_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/erp"
)

// A deal goes its way at the host, whose clerks know nothing of us: part deliveries, an invoice of one
// of them, its posting, a payment on account, the rest.
func TestClerksOfTheHostAreFollowed(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		customer := f.customer("Anna")
		q, ordered := f.order(customer)
		f.background()
		f.shows(customer, q, opportunity.Ordered)

		documents := f.books.Host().Documents
		create := func(kind erpbridge.Kind, source erpbridge.Document, quantities ...string) (made erpbridge.Document) {
			f.clerk(func(ctx context.Context, s erpbridge.Session) (err error) {
				draft := erpbridge.Document{Ref: erpbridge.Ref{Kind: kind}, Source: &source.Ref}
				for i, quantity := range quantities {
					draft.Lines = append(draft.Lines, erpbridge.DocumentLine{SourceLine: source.Lines[i].Key, Product: source.Lines[i].Product, Quantity: money.MustQuantity(quantity)})
				}
				made, err = documents.Create(ctx, s, draft)
				return err
			})
			return made
		}
		env.Clock.Advance(time.Hour)
		note := create(erpbridge.DeliveryNote, *ordered.Document, "7")
		first := create(erpbridge.Invoice, note, "7")
		f.background()
		f.shows(customer, q, opportunity.Invoicing)

		left, err := f.module.Convert.Remaining(f.boss(), ordered.ID)
		f.ok(err)
		if l := left.Lines[0]; !l.ToDeliver.Equal(money.MustQuantity("5")) || !l.ToInvoice.Equal(money.MustQuantity("5")) {
			t.Errorf("of 12 desks %s are to deliver and %s to invoice, want 5 and 5", l.ToDeliver, l.ToInvoice)
		}

		env.Clock.Advance(24 * time.Hour)
		f.clerk(func(ctx context.Context, s erpbridge.Session) error {
			if _, err := f.books.PostInvoice(ctx, s, first.Number); err != nil {
				return err
			}
			_, err := f.books.Receive(ctx, s, erp.Receipt{Document: first.Ref, Amount: money.MustAmount("10000")})
			return err
		})
		f.background()
		f.shows(customer, q, opportunity.Paying)

		env.Clock.Advance(24 * time.Hour)
		second := create(erpbridge.Invoice, *ordered.Document, "5", "5")
		f.clerk(func(ctx context.Context, s erpbridge.Session) error {
			if _, err := f.books.PostInvoice(ctx, s, second.Number); err != nil {
				return err
			}
			for _, d := range []erpbridge.Document{first, second} {
				if _, err := f.books.PayInvoice(ctx, s, d.Number, s.Today); err != nil {
					return err
				}
			}
			return nil
		})
		f.background()
		card := f.shows(customer, q, opportunity.Paid)
		if card.State != opportunity.Won {
			t.Errorf("the opportunity is %s", card.State)
		}
		subjects := strings.Join(f.timeline(customer), "\n")
		for _, want := range []string{"Számla " + first.Number + ": az ügyviteli rendszerben készült", "Szállítólevél " + note.Number, "Számla " + first.Number + ": könyvelve", "Számla " + second.Number + ": az ügyviteli rendszerben készült, kifizetve"} {
			if !strings.Contains(subjects, want) {
				t.Errorf("the timeline does not say %q:\n%s", want, subjects)
			}
		}
		links, err := f.module.Convert.LinksOfParty(f.boss(), customer.Party)
		f.ok(err)
		if len(links) != 6 { // customer, contact, order, note, two invoices
			t.Errorf("the party has %d links: %+v", len(links), links)
		}
	})
}

// Everything of a won deal is taken back at the host: the opportunity stays won, its seller is told.
func TestWonDealThatFellThrough(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		for _, c := range []struct {
			name string
			tell func(f *followed, d erpbridge.Document)
		}{
			{"seen by looking", func(f *followed, _ erpbridge.Document) {}},
			{"told by a call", func(f *followed, d erpbridge.Document) {
				f.ok(f.module.Convert.DocumentChanged(f.boss(), d.Ref, d.State))
				f.ok(f.module.Convert.DocumentChanged(f.boss(), d.Ref, d.State)) // twice is once
			}},
		} {
			t.Run(c.name, func(t *testing.T) {
				f := follow(t, testutilEnv(t, env))
				customer := f.customer("Béla")
				q, ordered := f.order(customer)
				f.background()
				f.env.Clock.Advance(time.Hour)
				var d erpbridge.Document
				f.clerk(func(ctx context.Context, s erpbridge.Session) (err error) {
					d, err = f.books.Host().Documents.Cancel(ctx, s, ordered.Document.Ref, "a vevő elállt")
					return err
				})
				c.tell(f, d)
				f.background()
				card := f.shows(customer, q, opportunity.Void)
				if card.State != opportunity.Won {
					t.Errorf("the opportunity became %s by itself", card.State)
				}
				told := 0
				for _, subject := range f.timeline(customer) {
					if subject == "Rendelés "+d.Number+": visszavonva" || strings.HasPrefix(subject, "12 munkahely: minden") {
						told++
					}
				}
				if told != 2 {
					t.Errorf("the timeline tells of it %d times:\n%s", told, strings.Join(f.timeline(customer), "\n"))
				}
				tasks, err := f.module.Activities.Upcoming(f.boss(), customer.Party, store.Page{})
				f.ok(err)
				if len(tasks.Items) != 1 || tasks.Items[0].OwnerUser != "kovacs" || tasks.Items[0].Kind != activity.Task {
					t.Errorf("the seller's tasks are %+v", tasks.Items)
				}
				// He may order anew: the old order is not his to take back any more.
				f.ok(f.module.Convert.Undo(f.boss(), ordered.ID, "a vevő elállt"))
				_, err = f.module.RunOnce(context.Background())
				f.ok(err)
				f.shows(customer, q, opportunity.NotOrdered)
			})
		}
	})
}

// testutilEnv gives each row of a table a company of its own.
func testutilEnv(t *testing.T, env *testutil.Env) *testutil.Env {
	t.Helper()
	if env.File != "" {
		return testutil.SQLite(t)
	}
	return testutil.MSSQL(t)
}

// A posted invoice is credited by the clerk: its credit note is found and linked.
func TestCreditedInvoice(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		customer := f.customer("Csilla")
		q, ordered := f.order(customer)
		invoiced, err := f.module.Convert.Invoice(f.boss(), from(ordered))
		f.ok(err)
		f.background()
		f.shows(customer, q, opportunity.Invoiced)
		env.Clock.Advance(time.Hour)
		f.clerk(func(ctx context.Context, s erpbridge.Session) error {
			if _, err := f.books.PostInvoice(ctx, s, invoiced.Document.Number); err != nil {
				return err
			}
			_, err := f.books.Host().Documents.Cancel(ctx, s, invoiced.Document.Ref, "rossz ár")
			return err
		})
		f.background()
		f.shows(customer, q, opportunity.Ordered) // the order still stands
		links, err := f.module.Convert.Links(f.boss(), convert.Subject{Kind: convert.Conversion, ID: convert.SubjectID(invoiced.ID)})
		f.ok(err)
		if len(links) != 1 || links[0].HostKind != string(erpbridge.CreditNote) || !links[0].Total.IsNegative() {
			t.Errorf("the invoice's credit note is %+v", links)
		}
	})
}

// The host blocks, opens, and deletes customers, and deletes contacts; looking finds it, once.
func TestCustomersOfTheHostAreFollowed(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		customer := f.customer("Dóra")
		stays := f.customer("Emese")
		f.background()
		key := customer.Customer.Key
		step := func(want string, do func(ctx context.Context, s erpbridge.Session) error) {
			t.Helper()
			f.env.Clock.Advance(48 * time.Hour)
			f.clerk(do)
			f.background()
			f.env.Clock.Advance(48 * time.Hour)
			f.background() // and nothing more
			n := 0
			for _, subject := range f.timeline(customer) {
				if strings.Contains(subject, key) && strings.Contains(subject, want) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("the timeline says %d times that the customer was %s:\n%s", n, want, strings.Join(f.timeline(customer), "\n"))
			}
		}
		step("letiltották", func(ctx context.Context, s erpbridge.Session) error { return f.books.BlockCustomer(ctx, s, key) })
		step("feloldották", func(ctx context.Context, s erpbridge.Session) error { return f.books.UnblockCustomer(ctx, s, key) })
		step("törölték", func(ctx context.Context, s erpbridge.Session) error {
			return f.books.Host().Customers.(erpbridge.CustomerRemoval).Remove(ctx, s, key)
		})
		links, err := f.module.Parties.Links(f.boss(), customer.Party)
		f.ok(err)
		if len(links) != 0 {
			t.Errorf("the party of the deleted customer has the roles %v", links)
		}
		other, err := f.module.Parties.Links(f.boss(), stays.Party)
		f.ok(err)
		if !slices.Contains(other, party.Link{Role: party.Customer, HostKey: stays.Customer.Key}) {
			t.Errorf("the other customer lost his role: %v", other)
		}
	})
}

// What is not final is looked at less and less often; what is final never again.
func TestLookingGetsRarer(t *testing.T) {
	env := testutil.SQLite(t)
	f := follow(t, env)
	_, ordered := f.order(f.customer("Flóra"))
	looks := 0
	for range 24 * 12 { // a day in steps of five minutes
		env.Clock.Advance(5 * time.Minute)
		n, err := f.module.Convert.Follow(f.system(), 10)
		f.ok(err)
		looks += n
	}
	if looks < 3*6 || looks > 3*12 {
		t.Errorf("three links were looked at %d times in a day", looks)
	}
	f.clerk(func(ctx context.Context, s erpbridge.Session) error {
		_, err := f.books.Host().Documents.Cancel(ctx, s, ordered.Document.Ref, "tévedés")
		return err
	})
	env.Clock.Advance(48 * time.Hour)
	f.background()
	var next string
	f.ok(env.DB.SQL().QueryRow("SELECT look_at FROM crm_link WHERE host_key = ?", ordered.Document.Key).Scan(&next))
	if !strings.HasPrefix(next, "9999") {
		t.Errorf("the cancelled order is looked at again on %s", next)
	}
}

// A host that is elsewhere is asked after our transaction; where it reads one by one, that is done.
func TestHostElsewhereIsFollowed(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		f := follow(t, env)
		customer := f.customer("Hajnal")
		q, ordered := f.order(customer)
		f.background()
		away := &remote{books: f.books, host: f.host}
		f.embed(erpbridge.Host{Name: "Távoli", Place: erpbridge.Elsewhere, Companies: f.host.Companies, Customers: remoteCustomers{f.host.Customers, away}, Documents: away})
		env.Clock.Advance(48 * time.Hour)
		f.clerk(func(ctx context.Context, s erpbridge.Session) error {
			if err := f.books.BlockCustomer(ctx, s, customer.Customer.Key); err != nil {
				return err
			}
			_, err := f.books.Host().Documents.Cancel(ctx, s, ordered.Document.Ref, "elállt")
			return err
		})
		f.background()
		f.shows(customer, q, opportunity.Void)
		if away.asked == 0 {
			t.Error("the host was not asked")
		}
		if subjects := strings.Join(f.timeline(customer), "\n"); !strings.Contains(subjects, "letiltották") {
			t.Errorf("the timeline does not say that the customer is blocked:\n%s", subjects)
		}
	})
}

// remote is the ERP behind a wire: it reads one document at a time, and gets no transaction.
type remote struct {
	erpbridge.Documents
	books *erp.ERP
	host  erpbridge.Host
	asked int
}

func (r *remote) read(ctx context.Context, s erpbridge.Session, do func(ctx context.Context, s erpbridge.Session) error) error {
	r.asked++
	if s.Tx != nil {
		return errors.New("a host that is elsewhere got a transaction")
	}
	return r.books.Work(ctx, erp.Clerk{Company: s.Company, User: s.UserID}, do)
}

func (r *remote) Kinds() []erpbridge.Kind { return r.host.Documents.Kinds() }

func (r *remote) Document(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref) (d erpbridge.Document, err error) {
	err = r.read(ctx, s, func(ctx context.Context, s erpbridge.Session) (err error) {
		d, err = r.host.Documents.Document(ctx, s, ref)
		return err
	})
	return d, err
}

type remoteCustomers struct {
	erpbridge.Customers
	r *remote
}

func (p remoteCustomers) Customer(ctx context.Context, s erpbridge.Session, key string) (c erpbridge.Customer, err error) {
	err = p.r.read(ctx, s, func(ctx context.Context, s erpbridge.Session) (err error) {
		c, err = p.r.host.Customers.Customer(ctx, s, key)
		return err
	})
	return c, err
}

// A document that cannot be read does not hold up the others, and is tried again later.
func TestUnreadableDocumentHoldsUpNobody(t *testing.T) {
	env := testutil.SQLite(t)
	f := follow(t, env)
	customer := f.customer("Ilka")
	q, ordered := f.order(customer)
	_, bad := f.order(f.customer("Janka"))
	f.background()
	env.Clock.Advance(48 * time.Hour)
	f.clerk(func(ctx context.Context, s erpbridge.Session) error {
		_, err := f.books.Host().Documents.Cancel(ctx, s, ordered.Document.Ref, "elállt")
		return err
	})
	host := f.books.Host()
	host.Documents = unreadable{host.Documents, bad.Document.Key}
	f.embed(host)
	n, err := f.module.Convert.Follow(f.system(), 100)
	if n == 0 || err == nil || !strings.Contains(err.Error(), bad.Document.Key) || strings.Contains(err.Error(), ordered.Document.Key) {
		t.Errorf("followed %d: %v", n, err)
	}
	if n, err := f.module.Convert.Follow(f.system(), 100); n != 0 || err != nil {
		t.Errorf("the next look takes %d: %v", n, err)
	}
	_, err = f.module.RunOnce(context.Background())
	f.ok(err)
	f.shows(customer, q, opportunity.Void)
}

type unreadable struct {
	erpbridge.Documents
	key string
}

func (u unreadable) Document(ctx context.Context, s erpbridge.Session, ref erpbridge.Ref) (erpbridge.Document, error) {
	if ref.Key == u.key {
		return erpbridge.Document{}, errors.New("the row is damaged")
	}
	return u.Documents.Document(ctx, s, ref)
}

// A host that answers for another company, or is being restored, must not unlink everybody.
func TestEmptyHostChangesNothing(t *testing.T) {
	env := testutil.SQLite(t)
	f := follow(t, env)
	customer := f.customer("Gáspár")
	f.order(customer)
	if _, err := env.DB.SQL().Exec("CREATE TABLE erp_gone AS SELECT * FROM erp_customer WHERE code = ?", customer.Customer.Key); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"erp_customer", "erp_contact", "erp_order"} {
		if _, err := env.DB.SQL().Exec("DELETE FROM " + table); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.module.Convert.Follow(f.system(), 10); err == nil || !strings.Contains(err.Error(), "none of the") {
		t.Errorf("an empty host gave %v", err)
	}
	links, err := f.module.Parties.Links(f.boss(), customer.Party)
	f.ok(err)
	if len(links) == 0 {
		t.Error("the customer was unlinked")
	}
}
