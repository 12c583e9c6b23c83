package hosttest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// customerLookup finds by token what was made under it, and nothing else.
func (b *bench) customerLookup(t *testing.T) {
	lookup := b.Host.Customers.(erpbridge.CustomerLookup)
	find := func(company, token string) (c erpbridge.Customer, err error) {
		err = b.do(t.Context(), work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
			c, err = lookup.FindCustomer(ctx, s, token)
			return err
		})
		return c, err
	}
	token := b.unique("token-")
	made := b.create(t, work{token: token}, b.draft("Keresett"))
	got, err := find(b.Company, token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, got); diff != "" {
		t.Errorf("the token finds another customer (-created +found):\n%s", diff)
	}
	for name, unknown := range map[string]string{"a token that made nothing": b.unique("token-"), "the empty token": "", "a longer token": token + "0", "a pattern": "%" + token[1:]} {
		_, err = find(b.Company, unknown)
		notFound(t, name, err)
	}
	if !b.lacks(Companies) {
		_, err = find(b.OtherCompany, token)
		notFound(t, "the token of another company", err)
	}
	if b.lacks(Rollback) {
		return
	}
	token = b.unique("token-")
	b.must(t, work{token: token, rollback: true}, func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.Host.Customers.Create(ctx, s, b.draft("Visszagörgetett"))
		return err
	})
	_, err = find(b.Company, token)
	notFound(t, "the token of a customer who was rolled back", err)
}

// customerStates reads many customers at once: those that exist, each once.
func (b *bench) customerStates(t *testing.T) {
	states := b.Host.Customers.(erpbridge.CustomerStates)
	var want []erpbridge.Customer
	var keys []string
	for i := range 3 {
		c := b.create(t, work{}, b.draft(fmt.Sprintf("Sok %d", i)))
		want, keys = append(want, c), append(keys, c.Key, fmt.Sprintf("none %d %s", i, b.run))
	}
	for i := range 1200 { // more than one statement takes
		keys = append(keys, fmt.Sprintf("none %d %s", i, b.run))
	}
	read := func(company string, keys []string) (got []erpbridge.Customer) {
		b.must(t, work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
			got, err = states.Customers(ctx, s, keys)
			return err
		})
		slices.SortFunc(got, func(x, y erpbridge.Customer) int { return slices.Index(keys, x.Key) - slices.Index(keys, y.Key) })
		return got
	}
	if diff := cmp.Diff(want, read(b.Company, keys)); diff != "" {
		t.Errorf("many customers read other than each alone (-want +got):\n%s", diff)
	}
	if got := read(b.Company, nil); len(got) > 0 {
		t.Errorf("no keys give %d customers", len(got))
	}
	if b.lacks(Companies) {
		return
	}
	for _, c := range read(b.OtherCompany, keys[:6]) {
		if slices.ContainsFunc(want, func(w erpbridge.Customer) bool { return w.Name == c.Name }) {
			t.Errorf("company %s reads the customer %s of %s", b.OtherCompany, c.Key, b.Company)
		}
	}
}

// blocking closes an account and opens it again.
func (b *bench) blocking(t *testing.T) {
	if b.Clerk.Block == nil || b.Clerk.Unblock == nil {
		t.Skip("the subject has no Clerk.Block and Clerk.Unblock")
	}
	customer := b.create(t, work{}, b.draft("Tiltott"))
	sees := func(blocked bool) {
		t.Helper()
		got, err := b.read(t.Context(), b.Company, customer.Key)
		if err != nil {
			t.Fatal(err)
		}
		if got.Blocked != blocked {
			t.Errorf("the customer reads as blocked: %v, want %v", got.Blocked, blocked)
		}
		states, ok := b.Host.Customers.(erpbridge.CustomerStates)
		if !ok {
			return
		}
		b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error {
			many, err := states.Customers(ctx, s, []string{customer.Key})
			if err == nil && (len(many) != 1 || many[0].Blocked != blocked) {
				t.Errorf("among many the customer reads as %+v, want blocked: %v", many, blocked)
			}
			return err
		})
	}
	sees(false)
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error { return b.Clerk.Block(ctx, s, customer.Key) })
	sees(true)
	b.refused(t, b.order(t, customer.Key, "1"), "customer")
	b.must(t, work{}, func(ctx context.Context, s erpbridge.Session) error { return b.Clerk.Unblock(ctx, s, customer.Key) })
	sees(false)
	b.write(t, b.order(t, customer.Key, "1"))
}

// lengths asserts that what is too long is refused where it stands, and what just fits is kept.
func (b *bench) lengths(t *testing.T) {
	if len(b.Lengths) == 0 {
		t.Skip("the subject names no Lengths")
	}
	long := func(n int) string {
		text := []rune(b.unique("Ő"))
		for len(text) < n {
			text = append(text, 'ű')
		}
		return string(text[:n])
	}
	for path, limit := range b.Lengths {
		draft := b.draft("Hosszú")
		text, ok := customerTexts(&draft)[path]
		if !ok || path == "email" || path == "phone" || path == "tax_id" || path == "eu_vat_id" || path == "currency" || path == "address.country" {
			continue // what has a form of its own cannot be made of any letters
		}
		t.Run(path, func(t *testing.T) {
			*text = long(limit)
			if got, err := b.read(t.Context(), b.Company, b.create(t, work{}, draft).Key); err != nil || *customerTexts(&got)[path] != *text {
				t.Errorf("%d characters read as %q (%v)", limit, *customerTexts(&got)[path], err)
			}
			*text = long(limit + 1)
			err := b.do(t.Context(), work{}, func(ctx context.Context, s erpbridge.Session) error {
				_, err := b.Host.Customers.Create(ctx, s, draft)
				return err
			})
			at(t, err, path)
		})
	}
}

// documentLookup finds by token what was made under it, of that kind.
func (b *bench) documentLookup(t *testing.T) {
	lookup := b.Host.Documents.(erpbridge.DocumentLookup)
	find := func(company string, kind erpbridge.Kind, token string) (d erpbridge.Document, err error) {
		err = b.do(t.Context(), work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
			d, err = lookup.FindDocument(ctx, s, kind, token)
			return err
		})
		return d, err
	}
	token := b.unique("token-")
	made := b.writeAs(t, work{token: token}, b.order(t, b.Customer, "1", "2"))
	got, err := find(b.Company, erpbridge.Order, token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made, got); diff != "" {
		t.Errorf("the token finds another order (-created +found):\n%s", diff)
	}
	for name, unknown := range map[string]string{"a token that made nothing": b.unique("token-"), "the empty token": "", "a longer token": token + "0", "a pattern": "%" + token[1:]} {
		_, err = find(b.Company, erpbridge.Order, unknown)
		notFound(t, name, err)
	}
	for _, kind := range b.Host.Documents.Kinds() {
		if kind != erpbridge.Order {
			_, err = find(b.Company, kind, token)
			notFound(t, "a "+string(kind)+" under the token of an order", err)
		}
	}
	if !b.lacks(Companies) {
		_, err = find(b.OtherCompany, erpbridge.Order, token)
		notFound(t, "the token of another company", err)
	}
	b.mustCancel(t, made.Ref)
	if got, err = find(b.Company, erpbridge.Order, token); err != nil && fault.CodeOf(err) != fault.NotFound || err == nil && got.State != erpbridge.Cancelled {
		t.Errorf("the token of a cancelled order finds it as %s (%v)", got.State, err)
	}
	if b.lacks(Rollback) {
		return
	}
	token = b.unique("token-")
	b.must(t, work{token: token, rollback: true}, func(ctx context.Context, s erpbridge.Session) error {
		_, err := b.Host.Documents.Create(ctx, s, b.order(t, b.Customer, "1"))
		return err
	})
	_, err = find(b.Company, erpbridge.Order, token)
	notFound(t, "the token of an order that was rolled back", err)
}

// documentStates reads the headers of many documents at once.
func (b *bench) documentStates(t *testing.T) {
	states := b.Host.Documents.(erpbridge.DocumentStates)
	order := b.write(t, b.order(t, b.Customer, "2"))
	gone := b.write(t, b.order(t, b.Customer, "1"))
	b.mustCancel(t, gone.Ref)
	want := []erpbridge.Document{b.reread(t, order.Ref)}
	if !b.lacks(KeptCancelled) {
		want = append(want, b.reread(t, gone.Ref))
	}
	for _, f := range []struct {
		kind    erpbridge.Kind
		feature Feature
	}{{erpbridge.DeliveryNote, Deliveries}, {erpbridge.Invoice, Invoices}} {
		if !b.lacks(f.feature) {
			d := b.write(t, next(f.kind, order, b.delivered("1", "2")))
			want = append(want, b.reread(t, d.Ref))
			want[0] = b.reread(t, order.Ref)
		}
	}
	var refs []erpbridge.Ref
	refs = append(refs, order.Ref)
	if b.lacks(KeptCancelled) {
		refs = append(refs, gone.Ref)
	}
	for i, d := range want[1:] {
		refs = append(refs, d.Ref, erpbridge.Ref{Kind: d.Kind, Key: fmt.Sprintf("none%d%s", i, b.run)})
	}
	for i := range 1200 {
		refs = append(refs, erpbridge.Ref{Kind: erpbridge.Order, Key: fmt.Sprintf("none%d%s", i, b.run)})
	}
	refs = append(refs, erpbridge.Ref{Kind: "receipt", Key: order.Key}) // a kind that the host does not have
	read := func(company string, refs []erpbridge.Ref) (got []erpbridge.Document) {
		b.must(t, work{company: company}, func(ctx context.Context, s erpbridge.Session) (err error) {
			got, err = states.States(ctx, s, refs)
			return err
		})
		at := func(d erpbridge.Document) int {
			return slices.IndexFunc(refs, func(r erpbridge.Ref) bool { return r.Kind == d.Kind && r.Key == d.Key })
		}
		slices.SortFunc(got, func(x, y erpbridge.Document) int { return at(x) - at(y) })
		return got
	}
	headers := func(list []erpbridge.Document) []erpbridge.Document {
		out := slices.Clone(list)
		for i := range out {
			out[i].Lines = nil
		}
		return out
	}
	if diff := cmp.Diff(headers(want), headers(read(b.Company, refs))); diff != "" {
		t.Errorf("many documents read other than each alone (-want +got):\n%s", diff)
	}
	if got := read(b.Company, nil); len(got) > 0 {
		t.Errorf("no documents asked for give %d", len(got))
	}
	if b.lacks(Companies) {
		return
	}
	for _, d := range read(b.OtherCompany, refs[:4]) {
		if d.Reference == order.Reference {
			t.Errorf("company %s reads the %s %s of %s", b.OtherCompany, d.Kind, d.Number, b.Company)
		}
	}
}
