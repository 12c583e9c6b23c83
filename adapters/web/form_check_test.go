package web

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
)

func TestFormTexts(t *testing.T) {
	if missing := formTexts.Missing(); len(missing) > 0 {
		t.Error(missing)
	}
	for name := range fieldKinds {
		for _, key := range []string{string(name), "required." + string(name)} {
			if formTexts.T(locale.English, key) == key {
				t.Errorf("%s has no text", key)
			}
		}
	}
}

func TestFormsConfigFaults(t *testing.T) {
	good := func() FormsConfig {
		return FormsConfig{Secret: bytes.Repeat([]byte{1}, 32), RedirectOrigins: []string{"https://www.minta.hu"}, Forms: []Form{{Key: "a", Company: "HU01", Language: locale.Greek}}}
	}
	tests := []struct {
		name   string
		change func(*FormsConfig, *Form)
		want   []string
	}{
		{"good", func(*FormsConfig, *Form) {}, nil},
		{"short secret", func(c *FormsConfig, _ *Form) { c.Secret = c.Secret[:31] }, []string{"secret"}},
		{"everything missing", func(_ *FormsConfig, f *Form) { *f = Form{} }, []string{"forms[0].key", "forms[0].company", "forms[0].language"}},
		{"two of one key", func(c *FormsConfig, f *Form) { c.Forms = append(c.Forms, *f) }, []string{"forms[1].key"}},
		{"key that leaves the folder", func(_ *FormsConfig, f *Form) { f.Key = "../x" }, []string{"forms[0].key"}},
		{"origin with a path", func(_ *FormsConfig, f *Form) {
			f.Origins = []string{"https://a.hu/", "*", "https://*.a.hu", "https://a.hu:443", "https://A.hu"}
		},
			[]string{"forms[0].origins[0]", "forms[0].origins[1]", "forms[0].origins[2]", "forms[0].origins[3]", "forms[0].origins[4]"}},
		{"directive in an ancestor", func(_ *FormsConfig, f *Form) { f.FrameAncestors = []string{"https://a.hu; script-src *"} }, []string{"forms[0].frame_ancestors[0]"}},
		{"redirect elsewhere", func(_ *FormsConfig, f *Form) { f.RedirectURL = "https://evil.example/" }, []string{"forms[0].redirect_url"}},
		{"redirect with the allowed host as user", func(_ *FormsConfig, f *Form) { f.RedirectURL = "https://www.minta.hu@evil.example/" }, []string{"forms[0].redirect_url"}},
		{"redirect without a scheme", func(_ *FormsConfig, f *Form) { f.RedirectURL = "//www.minta.hu/x" }, []string{"forms[0].redirect_url"}},
		{"redirect with a header in it", func(_ *FormsConfig, f *Form) { f.RedirectURL = "https://www.minta.hu/\r\nSet-Cookie: a=b" }, []string{"forms[0].redirect_url"}},
		{"redirect to a script", func(_ *FormsConfig, f *Form) { f.RedirectURL = "javascript:alert(1)" }, []string{"forms[0].redirect_url"}},
		{"redirect allowed", func(_ *FormsConfig, f *Form) { f.RedirectURL = "https://www.minta.hu/koszonjuk" }, nil},
		{"nothing to reach by", func(_ *FormsConfig, f *Form) { f.Fields = []FormField{{Name: FieldFullName}} }, []string{"forms[0].fields"}},
		{"field twice and unknown", func(_ *FormsConfig, f *Form) {
			f.Fields = []FormField{{Name: FieldEmail}, {Name: FieldEmail}, {Name: "iban"}}
		}, []string{"forms[0].fields[1].name", "forms[0].fields[2].name"}},
		{"consent without a version", func(_ *FormsConfig, f *Form) { f.Consent.Text = "Συμφωνώ" }, []string{"forms[0].consent.version"}},
		{"consent without a text", func(_ *FormsConfig, f *Form) { f.Consent.Required = true }, []string{"forms[0].consent.text"}},
		{"policy as a script", func(_ *FormsConfig, f *Form) {
			f.Consent = FormConsent{Text: "a", Version: "1", PolicyURL: "javascript:alert(1)"}
		}, []string{"forms[0].consent.policy_url"}},
		{"style in the colour", func(_ *FormsConfig, f *Form) { f.Brand.Accent = "red}body{display:none" }, []string{"forms[0].brand.accent"}},
		{"logo with a script", func(_ *FormsConfig, f *Form) { f.Brand.Logo = []byte("<svg onload=alert(1)>") }, []string{"forms[0].brand.logo"}},
		{"long texts", func(_ *FormsConfig, f *Form) {
			f.Title, f.ThankYou = strings.Repeat("x", 121), strings.Repeat("x", 601)
		}, []string{"forms[0].title", "forms[0].thank_you"}},
		{"life shorter than filling", func(c *FormsConfig, _ *Form) { c.TokenLife = time.Second }, []string{"token_life"}},
		{"rate of nothing", func(c *FormsConfig, _ *Form) { c.FormRate = FormRate{Burst: 1} }, []string{"form_rate"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := good()
			test.change(&c, &c.Forms[0])
			var got []string
			for _, f := range c.withDefaults().check() {
				got = append(got, f.Path)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := NewForms(nil, good()); fault.CodeOf(err) != fault.Invalid || fault.Of(err)[0].Path != "leads" {
		t.Error(err)
	}
}

func TestClientLimitsForget(t *testing.T) {
	now := time.Date(2026, 7, 13, 8, 30, 0, 0, time.UTC)
	limits := newClientLimits(FormRate{Burst: 1, Every: time.Hour}, 3)
	client := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}) }
	for i := range 3 {
		if !limits.allow(client(i), now) {
			t.Error(i)
		}
	}
	if limits.allow(client(0), now) || limits.allow(netip.MustParseAddr("::ffff:192.0.2.0"), now) {
		t.Error("a second post was allowed")
	}
	if !limits.allow(client(3), now) || len(limits.clients) != 3 || limits.order.Len() != 3 {
		t.Error("a fourth client takes no place of another")
	}
	if limits.allow(client(0), now) || !limits.allow(client(1), now) {
		t.Error("not the one that was silent for longest was forgotten")
	}
}

// Text on any accent, and every colour of the page, can be read: WCAG 2.2, 1.4.3 and 1.4.11.
func TestFormContrast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accent := fmt.Sprintf("#%06x", rapid.IntRange(0, 0xffffff).Draw(t, "accent"))
		style := accentStyle(FormBrand{Accent: accent})
		_, ink, _ := strings.Cut(style, "--on-accent:")
		if ratio := contrast(accent, ink[:7]); ratio < 4.5 {
			t.Errorf("%s: %.2f", style, ratio)
		}
	})
	light, dark := colours(formCSS), colours(formPageCSS)
	for name, theme := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, pair := range []struct {
			on, colour string
			least      float64
		}{
			{"paper", "ink", 4.5}, {"paper", "soft", 4.5}, {"paper", "bad", 4.5}, {"bad-paper", "bad", 4.5}, {"watch-paper", "watch", 4.5}, {"watch-paper", "ink", 4.5},
			{"field", "ink", 4.5}, {"paper", "line", 3}, {"field", "line", 3}, {"paper", "focus", 3}, {"good-paper", "good", 3},
		} {
			if ratio := contrast(theme[pair.on], theme[pair.colour]); ratio < pair.least {
				t.Errorf("%s: %s on %s has %.2f, needs %.1f", name, pair.colour, pair.on, ratio, pair.least)
			}
		}
	}
}

// colours reads the tokens of a style.
func colours(css string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.FieldsFunc(css, func(r rune) bool { return strings.ContainsRune("{};\n", r) }) {
		if name, value, ok := strings.Cut(strings.TrimPrefix(line, "--"), ":"); ok && colourForm.MatchString(value) {
			out[name] = value
		}
	}
	return out
}
