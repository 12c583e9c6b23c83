package mail_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/testutil"
)

func values(name string) map[string]mail.Value {
	return map[string]mail.Value{
		"reader.name": mail.TextValue(name), "total": mail.MoneyValue(money.MustAmount("1234.5"), "EUR"),
		"link": mail.TextValue("https://erp.example.com/q/abc"),
	}
}

// narrow takes out the blanks that numbers have.
var narrow = strings.NewReplacer("\u00a0", "", "\u202f", "")

func TestTextsAreComplete(t *testing.T) {
	if missing := mail.Texts.Missing(); len(missing) > 0 {
		t.Error(missing)
	}
}

func TestMerge(t *testing.T) {
	for _, c := range []struct {
		name, subject, body, want string
		who                       string
		lang                      locale.Language
	}{
		{"all of it", "{reader.name}: {total}", "{link}", "Szabó Éva: €1,234.50|https://erp.example.com/q/abc", "Szabó Éva", locale.English},
		{"in Hungarian", "{total}", "{link}", "1234,50 €|https://erp.example.com/q/abc", "Éva", locale.Hungarian},
		{"blanks in braces", "{ reader.name }", "{link}", "Éva|https://erp.example.com/q/abc", "Éva", locale.English},
		{"a brace of its own", "{{x} {reader.name}", "{link}", "{x} Éva|https://erp.example.com/q/abc", "Éva", locale.English},
		{"a value with a field in it", "{reader.name}", "{link}", "{total} {x|https://erp.example.com/q/abc", "{total} {x", locale.English},
		{"a value with a header in it", "{reader.name}", "{link}", "Éva Bcc: all@example.com|https://erp.example.com/q/abc", "Éva\r\nBcc: all@example.com", locale.English},
		{"a line whose field is empty", "a", "a\nPhone: {phone}\nb {link}", "a|a\nb https://erp.example.com/q/abc", "", locale.English},
		{"with what announces it", "a", "{link}\n\nCall me:\n{phone}\n\nb", "a|https://erp.example.com/q/abc\n\nb", "", locale.English},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := offer.Merge(mail.Words{Subject: c.subject, Body: c.body}, c.lang, values(c.who))
			if err != nil {
				t.Fatal(err)
			}
			is(t, "words", narrow.Replace(got.Subject+"|"+got.Body), c.want)
		})
	}
	day := mail.DateValue(civil.Date{Year: 2026, Month: 8, Day: 12})
	is(t, "date", day(locale.Russian), "12.08.2026")
}

func TestTemplateFaults(t *testing.T) {
	got := offer.Check(mail.Words{Subject: "{reader.nme}\nx", Body: "{total"})
	var all []string
	for _, f := range got {
		all = append(all, f.Path+" "+f.Code)
	}
	is(t, "faults", strings.Join(all, ", "), "subject text.line, subject field.unknown, body field.open, body field.missing")
	if !strings.Contains(got[1].Message, "{reader.name}") {
		t.Errorf("%q does not name the fields there are", got[1].Message)
	}
}

func TestTemplatesOfACompany(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		built, err := w.mails.Template(w.anna, offer.Key, locale.Hungarian)
		w.ok(err)
		is(t, "own", built.Own(), false)
		next := built
		next.Subject = "Új: {reader.name}"
		_, err = w.mails.SetTemplate(w.anna, next)
		wantCode(t, err, fault.Forbidden)
		own, err := w.mails.SetTemplate(w.admin, next)
		w.ok(err)
		_, err = w.mails.SetTemplate(w.admin, next)
		wantCode(t, err, fault.Conflict)
		own.Body = "{oops}"
		_, err = w.mails.SetTemplate(w.admin, own)
		is(t, "faults", paths(err), "body body")
		own.Body = "Szia {reader.name}!\n{link}"
		own, err = w.mails.SetTemplate(w.admin, own)
		w.ok(err)
		got, err := w.mails.Template(w.anna, offer.Key, locale.Hungarian)
		w.ok(err)
		is(t, "subject", got.Subject+got.Body, "Új: {reader.name}Szia {reader.name}!\n{link}")
		all, err := w.mails.Templates(w.anna, offer.Key)
		w.ok(err)
		is(t, "languages", len(all), 5)
		wantCode(t, w.mails.ResetTemplate(w.admin, own.ID, own.Version-1), fault.Conflict)
		w.ok(w.mails.ResetTemplate(w.admin, own.ID, own.Version))
		got, err = w.mails.Template(w.anna, offer.Key, locale.Hungarian)
		w.ok(err)
		is(t, "after the reset", got.Subject, built.Subject)
		_, err = w.mails.Template(w.anna, "no.purpose", locale.English)
		wantCode(t, err, fault.Invalid)
	})
}

func TestHTML(t *testing.T) {
	url := "https://erp.example.com/q/abc?a=1&b=2"
	look := mail.Look{Language: locale.Hebrew, Accent: "#1f3a5f", OnAccent: "#ffffff", Links: []mail.Link{{URL: url, Label: "פתיחה"}}}
	got := mail.HTML("שלום <script>alert(1)</script>\nhttps://evil.example\n\n"+url+"\n\nor "+url+" here", look)
	for _, want := range []string{`dir="rtl"`, "&lt;script&gt;", ">פתיחה</a>", `<br>https://evil.example</p>`, `or <a href="https://erp.example.com/q/abc?a=1&amp;b=2" dir="ltr">`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
	if strings.Count(got, "<a ") != 2 {
		t.Errorf("what somebody typed became a link: %s", got)
	}
}

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"Dear {reader.name},\n\n{link}", "{{", "{", "}", "{ total }{link}", "{a}{b}{", "\r\n{phone}\r\n", "ő{link}\u2028"} {
		f.Add(seed, "Éva\r\nBcc: x@example.com")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		words := mail.Words{Subject: text, Body: text}
		got, err := offer.Merge(words, locale.Hebrew, values(value))
		if err != nil {
			return
		}
		if strings.ContainsAny(got.Subject, "\r\n") {
			t.Errorf("the subject %q has several lines", got.Subject)
		}
		if strings.Count(got.Body, "\n") > strings.Count(text, "\n")+strings.Count(text, "\r") {
			t.Errorf("the value %q made lines in %q", value, got.Body)
		}
		if utf8.ValidString(text) && utf8.ValidString(value) && !utf8.ValidString(got.Subject) {
			t.Errorf("the subject %q is no text", got.Subject)
		}
	})
}
