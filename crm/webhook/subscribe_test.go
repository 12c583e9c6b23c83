package webhook_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/testutil"
)

func TestDraftsThatAreRefused(t *testing.T) {
	w := newWorld(testutil.SQLite(t), webhook.Config{Log: quiet})
	good := webhook.Draft{Name: "Raktár", URL: "https://erp.example.com/crm", Kinds: []string{"lead.*"}}
	for _, row := range []struct {
		name   string
		change func(d *webhook.Draft)
		codes  string
	}{
		{"everything", func(d *webhook.Draft) { *d = webhook.Draft{} }, "required required"},
		{"no kinds", func(d *webhook.Draft) { d.Kinds = nil }, "required"},
		{"unknown kinds", func(d *webhook.Draft) { d.Kinds = []string{"lead.dreamt", "dream.*", "lead", "*.*"} }, "choice choice choice choice"},
		{"plain", func(d *webhook.Draft) { d.URL = "http://erp.example.com" }, "url.scheme"},
		{"a file", func(d *webhook.Draft) { d.URL = "file:///etc/passwd" }, "url.form"},
		{"no host", func(d *webhook.Draft) { d.URL = "https:///crm" }, "url.form"},
		{"no URL", func(d *webhook.Draft) { d.URL = "erp.example.com" }, "url.form"},
		{"a password", func(d *webhook.Draft) { d.URL = "https://u:p@erp.example.com" }, "url.credentials"},
		{"a fragment", func(d *webhook.Draft) { d.URL = "https://erp.example.com/#x" }, "url.fragment"},
		{"this machine", func(d *webhook.Draft) { d.URL = "https://127.0.0.1/" }, "url.network"},
		{"this machine, IPv6", func(d *webhook.Draft) { d.URL = "https://[::ffff:127.0.0.1]/" }, "url.network"},
		{"the cloud's own address", func(d *webhook.Draft) { d.URL = "https://169.254.169.254/latest" }, "url.network"},
		{"a long name", func(d *webhook.Draft) { d.Name = strings.Repeat("ő", 121) }, "text.length"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := good
			row.change(&d)
			_, err := w.hooks.Create(w.admin(), d)
			var codes []string
			for _, f := range fault.Of(err) {
				codes = append(codes, f.Code)
			}
			if !errors.Is(err, fault.Invalid) || strings.Join(codes, " ") != row.codes {
				t.Errorf("got %v (%v)", err, codes)
			}
		})
	}
	if _, err := w.hooks.Create(w.admin(), good); err != nil {
		t.Error(err)
	}
	if _, err := w.hooks.Create(w.As("gombos", actor.Seller, actor.All), good); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a seller makes one: %v", err)
	}
}

func TestEditPauseRemoveAndOtherCompanies(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w, r := newWorld(env, local), newReceiver(t)
		hook := w.create(t, r.URL, "lead.*", " Lead.* ", "quote.issued").Webhook
		if got := strings.Join(hook.Kinds(), " "); got != "lead.* quote.issued" {
			t.Errorf("kinds %s", got)
		}
		draft := webhook.Draft{Name: "Webáruház", URL: r.URL + "/2", Kinds: []string{"*", "lead.*"}, Owner: "papp"}
		next, err := w.hooks.Edit(w.admin(), webhook.Change{ID: hook.ID, Version: hook.Version, Draft: draft})
		if err != nil || next.KindList != "*" || next.OwnerUser != "papp" {
			t.Errorf("%+v, %v", next, err)
		}
		draft.Name = "Másik"
		if _, err := w.hooks.Edit(w.admin(), webhook.Change{ID: hook.ID, Version: hook.Version, Draft: draft}); !errors.Is(err, fault.Conflict) {
			t.Errorf("an edit of what is old: %v", err)
		}
		other := actor.With(context.Background(), actor.User{Company: "other", ID: "x", Rights: actor.Admin, See: actor.All}.Actor())
		for name, try := range map[string]func(ctx context.Context) error{
			"get":    func(ctx context.Context) error { _, err := w.hooks.Get(ctx, hook.ID); return err },
			"pause":  func(ctx context.Context) error { _, err := w.hooks.Pause(ctx, hook.ID); return err },
			"rotate": func(ctx context.Context) error { _, err := w.hooks.Rotate(ctx, hook.ID); return err },
			"ping":   func(ctx context.Context) error { _, err := w.hooks.Ping(ctx, hook.ID); return err },
			"remove": func(ctx context.Context) error { return w.hooks.Remove(ctx, hook.ID) },
		} {
			if err := try(other); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s by another company: %v", name, err)
			}
			if err := try(w.As("gombos", actor.Manager, actor.All)); !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s without the right: %v", name, err)
			}
		}
		w.emit(t, 1, 1, "lead.status")
		w.work(t)
		if err := w.hooks.Remove(w.admin(), hook.ID); err != nil {
			t.Fatal(err)
		}
		if list, err := w.hooks.List(w.admin()); err != nil || len(list) != 0 || len(w.deliveries(t, hook.ID)) != 0 {
			t.Errorf("left %v, %v", list, err)
		}
	})
}

func TestForeignNetworksAreNotCalled(t *testing.T) {
	w, r := newWorld(testutil.SQLite(t), webhook.Config{Plain: true, Log: quiet}), newReceiver(t)
	address := strings.Replace(r.URL, "127.0.0.1", "localhost", 1) // a name, so that only the dial can tell
	id := w.create(t, address, "lead.*").Webhook.ID
	attempt, err := w.hooks.Ping(w.admin(), id)
	if err != nil || attempt.OK || !strings.Contains(attempt.Reason, "not on the public internet") || len(r.messages()) != 0 {
		t.Errorf("%+v, %v; %d messages", attempt, err, len(r.messages()))
	}
}

func TestWhichAddressesAreCalled(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true,
		"127.0.0.1": false, "127.8.8.8": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "0.0.0.0": false,
		"100.64.0.1": false, "192.0.0.8": false, "198.18.0.1": false, "203.0.113.5": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "ff02::1": false,
		"::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "2001:db8::1": false, "2001::1": false, "fec0::1": false,
		"10.9.0.7": true, "10.9.1.7": false, "::ffff:10.9.0.7": true,
	} {
		c := webhook.Config{Allow: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/24")}}
		if got := webhook.MayCall(c, netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

func TestTextsAreComplete(t *testing.T) {
	if missing := webhook.Texts.Missing(); len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
}

// kindInSource finds the constants and literals that name kinds of events where they are emitted.
var kindInSource = regexp.MustCompile(`(?:Event[A-Z]\w*\s*=\s*|Kind:\s*|kind := |kind = )"([a-z]+\.[a-z_]+)"`)

func TestCatalogueKnowsEveryEvent(t *testing.T) {
	known := map[string]bool{webhook.EventPing: true}
	for _, k := range webhook.New(testutil.SQLite(t).DB, webhook.Config{}).Kinds() {
		known[k.Name] = true
	}
	found := 0
	for _, pattern := range []string{"../*/*.go", "../../quote/*.go", "../../erpbridge/convert/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range kindInSource.FindAllStringSubmatch(string(text), -1) {
				found++
				if !known[m[1]] && !webhook.IsInternal(m[1]) {
					t.Errorf("%s: the event %s is not in the catalogue of kinds", file, m[1])
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d kinds were found in the sources", found)
	}
}
