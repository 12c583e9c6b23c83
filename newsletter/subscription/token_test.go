package subscription_test

import (
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter/subscription"
)

var noon = time.Date(2026, 7, 13, 12, 0, 0, 0, time.UTC)

func link() subscription.Link {
	return subscription.Link{
		Kind: subscription.UnsubscribeLink, Company: "HU01 – Fényforrás", Party: party.ID{1, 2, 3}, Subject: [16]byte{9, 8, 7}, Expires: noon.Add(subscription.LinkLife),
	}
}

func TestLinkComesBackAsItWasMade(t *testing.T) {
	signer := must(subscription.NewSigner(subscription.Key{ID: 3, Secret: secret(0)}))
	for name, change := range map[string]func(*subscription.Link){
		"of a topic":        func(*subscription.Link) {},
		"of a whole":        func(l *subscription.Link) { l.Subject = subscription.Whole(subscription.SMS) },
		"to confirm":        func(l *subscription.Link) { l.Kind = subscription.ConfirmLink },
		"to preferences":    func(l *subscription.Link) { l.Kind = subscription.PreferenceLink },
		"of a long company": func(l *subscription.Link) { l.Company = strings.Repeat("ő", 40) },
		"after 2038":        func(l *subscription.Link) { l.Expires = time.Date(2140, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		want := link()
		change(&want)
		got, err := signer.Read(signer.Token(want), noon)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
}

func TestLinkOfAnotherKeyTimeOrFormIsRefused(t *testing.T) {
	signer := must(subscription.NewSigner(subscription.Key{ID: 3, Secret: secret(0)}))
	good := signer.Token(link())
	noKind := link()
	noKind.Kind = 0
	for name, row := range map[string]struct {
		token string
		at    time.Time
	}{
		"too old":              {good, noon.Add(subscription.LinkLife + time.Second)},
		"of another secret":    {must(subscription.NewSigner(subscription.Key{ID: 3, Secret: secret(4)})).Token(link()), noon},
		"of an unknown key":    {must(subscription.NewSigner(subscription.Key{ID: 4, Secret: secret(0)})).Token(link()), noon},
		"cut":                  {good[:len(good)-1], noon},
		"longer":               {good + "AAAA", noon},
		"empty":                {"", noon},
		"with a letter turned": {flip(good, 20), noon},
		"no base64":            {"!" + good[1:], noon},
		"endless":              {strings.Repeat("A", 1<<20), noon},
		"of no kind":           {signer.Token(noKind), noon},
	} {
		if _, err := signer.Read(row.token, row.at); err == nil {
			t.Errorf("a link %s is taken", name)
		} else {
			wantCode(t, err, fault.NotFound)
		}
	}
}

func flip(text string, at int) string {
	b := []byte(text)
	b[at] = map[bool]byte{true: 'B', false: 'A'}[b[at] == 'A']
	return string(b)
}

func TestOldLinksWorkAfterAChangeOfKeys(t *testing.T) {
	old := subscription.Key{ID: 1, Secret: secret(0)}
	token := must(subscription.NewSigner(old)).Token(link())
	both := must(subscription.NewSigner(subscription.Key{ID: 2, Secret: secret(5)}, old))
	if got, err := both.Read(token, noon); err != nil || got != link() {
		t.Errorf("%+v, %v", got, err)
	}
	if both.Token(link()) == token {
		t.Error("the old key still signs")
	}
}

func TestSignerNamesAllThatIsWrong(t *testing.T) {
	_, err := subscription.NewSigner(subscription.Key{ID: 1, Secret: secret(0)[:31]}, subscription.Key{ID: 1, Secret: secret(0)})
	is(t, "faults", paths(err), "keys:length keys:duplicate")
	_, err = subscription.NewSigner()
	is(t, "faults", paths(err), "keys:required")
}

func FuzzRead(f *testing.F) {
	signer := must(subscription.NewSigner(subscription.Key{ID: 3, Secret: secret(0)}))
	good := signer.Token(link())
	for _, seed := range []string{good, good[:40], flip(good, 5), "", "AQ", strings.Repeat("_", 200)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		l, err := signer.Read(token, noon)
		if err == nil && signer.Token(l) != token {
			t.Errorf("%q gives %+v, which is written %q", token, l, signer.Token(l))
		}
	})
}
