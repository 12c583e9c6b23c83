package sms_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/newsletter/sms"
)

func TestMeasure(t *testing.T) {
	for _, row := range []struct {
		name, text         string
		encoding           sms.Encoding
		units, parts, left int
	}{
		{"nothing", "", sms.GSM7, 0, 1, 160},
		{"one full part", strings.Repeat("a", 160), sms.GSM7, 160, 1, 0},
		{"one more makes two of 153", strings.Repeat("a", 161), sms.GSM7, 161, 2, 145},
		{"two full parts", strings.Repeat("a", 306), sms.GSM7, 306, 2, 0},
		{"three", strings.Repeat("a", 307), sms.GSM7, 307, 3, 152},
		{"the euro takes two", "Ár helyett: 10€", sms.UCS2, 15, 1, 55},
		{"the euro among others", "10€ {x}", sms.GSM7, 10, 1, 150},
		{"an escape at the seam is not split", strings.Repeat("a", 152) + "€" + strings.Repeat("b", 10), sms.GSM7, 164, 2, 141},
		{"é ö ü are in the alphabet", "Köszönjük a vételt, üdv: Éva", sms.GSM7, 28, 1, 132},
		{"ő is not", "Jövő héten", sms.UCS2, 10, 1, 60},
		{"one full part of UCS-2", strings.Repeat("ő", 70), sms.UCS2, 70, 1, 0},
		{"one more makes two of 67", strings.Repeat("ő", 71), sms.UCS2, 71, 2, 63},
		{"Hebrew", "שלום", sms.UCS2, 4, 1, 66},
		{"Russian", "Здравствуйте", sms.UCS2, 12, 1, 58},
		{"Greek capitals of the alphabet", "ΔΦΓΛΩΠΨΣΘΞ", sms.GSM7, 10, 1, 150},
		{"Greek small letters", "Καλημέρα", sms.UCS2, 8, 1, 62},
		{"an emoji takes two", "👍", sms.UCS2, 2, 1, 68},
		{"a pair at the seam is not split", strings.Repeat("ő", 66) + "👍" + strings.Repeat("ő", 10), sms.UCS2, 78, 2, 55},
	} {
		got := sms.Measure(row.text)
		if want := (sms.Size{Encoding: row.encoding, Units: row.units, Parts: row.parts, Left: row.left}); got != want {
			t.Errorf("%s: %+v, want %+v", row.name, got, want)
		}
	}
}

func TestPartsFitAndAddUp(t *testing.T) {
	letters := []rune("aAé€^{őΔж שα👍\n\U0001F1ED\U0001F1FA")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom(letters[:rapid.IntRange(2, len(letters)).Draw(t, "letters")]), 0, 500, -1).Draw(t, "text")
		size, parts := sms.Measure(text), sms.Split(text)
		if strings.Join(parts, "") != text || len(parts) != size.Parts {
			t.Fatalf("%d parts make another text, measured as %+v", len(parts), size)
		}
		total := 0
		for i, p := range parts {
			units, room := len(utf16.Encode([]rune(p))), 70
			if size.Encoding == sms.GSM7 {
				codes, err := sms.Septets(p)
				if err != nil {
					t.Fatal(err)
				}
				if units, room = len(codes), 160; len(parts) > 1 {
					room = 153
				}
				packed := sms.Pack(codes, 6)
				if back := sms.FromSeptets(sms.Unpack(packed, 6, len(codes))); back != p {
					t.Fatalf("%q is %q after packing", p, back)
				}
			} else if len(parts) > 1 {
				room = 67
			}
			if units > room || !utf8.ValidString(p) || i < len(parts)-1 && units < room-1 {
				t.Fatalf("part %d has %d units of %d", i, units, room)
			}
			total += units
			if i == len(parts)-1 && size.Left != room-units {
				t.Fatalf("%d are left, not %d", room-units, size.Left)
			}
		}
		if total != size.Units {
			t.Fatalf("%d units, measured %d", total, size.Units)
		}
	})
}

func TestPacking(t *testing.T) {
	for _, row := range []struct {
		name, text string
		header     int
		want       string
	}{
		{"the well-known example", "hellohello", 0, "e8329bfd4697d9ec37"},
		{"eight fill seven octets", "aaaaaaaa", 0, "e170381c0e87c3"},
		{"behind a header of six there is one bit to fill", "a", 6, "c2"},
		{"the extension table", "€", 0, "9b32"},
		{"nothing", "", 0, ""},
	} {
		codes, err := sms.Septets(row.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(sms.Pack(codes, row.header)); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
	if _, err := sms.Septets("ő"); !errors.Is(err, fault.Invalid) {
		t.Errorf("ő has a septet: %v", err)
	}
	if h := sms.Concatenation(7, 3, 2); h != [5]byte{0, 3, 7, 3, 2} {
		t.Errorf("header %v", h)
	}
}

func TestPlain(t *testing.T) {
	for _, row := range []struct {
		name, text, want string
		ok               bool
	}{
		{"Hungarian", "Árvíztűrő tükörfúrógép – „jó”", `Arvizturo tükörfurogép - "jo"`, true},
		{"Greek", "Καλημέρα, κύριε Παπαδόπουλε! Ϊ ΐ ς", "KAΛHMEPA, KYPIE ΠAΠAΔOΠOYΛE! I I Σ", true},
		{"letters of the alphabet stay", "é à ñ ß € Δ", "é à ñ ß € Δ", true},
		{"accents that stand alone", "a\u0301 o\u030b", "a o", true},
		{"dots and blanks", "Akció… 10\u00a0%", "Akcio... 10 %", true},
		{"Russian cannot", "Привет, Éva", "Привет, Éva", false},
		{"Hebrew cannot", "שלום", "שלום", false},
		{"nor can emoji", "Ő 👍", "Ő 👍", false},
	} {
		got, ok := sms.Plain(row.text)
		if got != row.want || ok != row.ok {
			t.Errorf("%s: %q, %v; want %q, %v", row.name, got, ok, row.want, row.ok)
		}
	}
}

func TestWeigh(t *testing.T) {
	text := "Tisztelt Kovács Úr! Önt várjuk a bemutatóra hétfőn délelőtt tíz órakor a győri telephelyünkön."
	c := sms.Weigh(text, money.MustAmount("18.5"))
	if c.AsIs.Parts != 2 || c.PlainSize.Parts != 1 || c.Saves != 1 || !c.SavesMoney.Equal(money.MustAmount("18.5")) || c.Beyond != "áÚóőíú" && c.Beyond != "áÚóőí" {
		t.Errorf("weighed as %+v", c)
	}
	if c := sms.Weigh("Köszönjük!", money.MustAmount("1")); c.Plain != "" || c.Saves != 0 {
		t.Errorf("what is plain can be plainer: %+v", c)
	}
}

func TestEstimate(t *testing.T) {
	e := sms.Estimate{Tariff: sms.Tariff{Currency: "HUF", Prices: []sms.Price{{"+36", money.MustAmount("18")}, {"+3670", money.MustAmount("20.5")}, {"+972", money.MustAmount("30")}}}}
	if err := e.Tariff.Check(); err != nil {
		t.Fatal(err)
	}
	e.Add("+36301234567", "Szia")
	e.Add("+36701234567", strings.Repeat("ő", 71)) // 2 parts, 1 where it is plain
	e.Add("+972501234567", "שלום")
	e.Add("+15551234567", "Hi")
	if e.Messages != 4 || e.Parts != 5 || e.UCS2 != 2 || e.Unpriced != 1 || !e.Total.Equal(money.MustAmount("89")) || !e.PlainTotal.Equal(money.MustAmount("68.5")) || e.ByParts[2] != 1 {
		t.Errorf("estimated %+v", e)
	}
	bad := sms.Tariff{Currency: "EURO", Prices: []sms.Price{{"36", money.MustAmount("-1")}, {"+36", money.Amount{}}, {"+36", money.Amount{}}}}
	if n := len(fault.Of(bad.Check())); n != 4 {
		t.Errorf("%d faults: %v", n, bad.Check())
	}
}

func TestReadAnswer(t *testing.T) {
	for _, row := range []struct {
		text string
		want sms.Answer
	}{
		{"STOP", sms.Stop}, {" stop. ", sms.Stop}, {"Stop!!!", sms.Stop}, {"please stop", sms.Stop}, {"STOP hírek", sms.Stop}, {"unsubscribe", sms.Stop}, {"opt-out", sms.Stop},
		{"Leiratkozás", sms.Stop}, {"LEIRATKOZOM", sms.Stop}, {"leiratkozas", sms.Stop}, {"Nem kérem!", sms.Stop}, {"törlés", sms.Stop},
		{"הסר", sms.Stop}, {"הסירו אותי", sms.Stop}, {"הֲסֵר", sms.Stop}, {"стоп", sms.Stop}, {"Отписаться", sms.Stop}, {"СТОП.", sms.Stop},
		{"ΣΤΟΠ", sms.Stop}, {"στοπ", sms.Stop}, {"Διαγραφή", sms.Stop}, {"ΔIAΓPAΦH", sms.Stop},
		{"stop by tomorrow", sms.Other}, {"Mikor jön a futár?", sms.Other}, {"", sms.Other}, {"nonstop", sms.Other}, {"I cannot stop laughing", sms.Other},
		{"START", sms.Start}, {"Help", sms.Help}, {"помощь", sms.Help}, {strings.Repeat("stop ", 100), sms.Other},
	} {
		if got := sms.ReadAnswer(row.text); got != row.want {
			t.Errorf("%.30q is %q, want %q", row.text, got, row.want)
		}
	}
	for _, l := range locale.Languages {
		if sms.ReadAnswer(sms.StopWord(l)) != sms.Stop {
			t.Errorf("%s: the word that is named is not understood", l)
		}
	}
}

func TestRulesOfCountries(t *testing.T) {
	r := sms.DefaultRules()
	il, hu, us := r.Of("IL"), r.Of("hu"), r.Of("US")
	if got := il.Subject("מבצע אביב"); got != "פרסומת: מבצע אביב" || il.Subject(got) != got || hu.Subject("Akció") != "Akció" {
		t.Errorf("the subject in Israel is %q", got)
	}
	for _, row := range []struct {
		name   string
		rule   sms.Rule
		advert sms.Advert
		want   string
	}{
		{"Israel", il, sms.Advert{Body: "מבצע!", Sender: "אקמה", Language: locale.Hebrew}, "פרסומת אקמה: מבצע!\nלהסרה השיבו הסר"},
		{"Hungary", hu, sms.Advert{Body: "Akció! Nonstop nyitva. NONSTOP", Sender: "Acme", Language: locale.Hungarian}, "Acme: Akció! Nonstop nyitva. NONSTOP\nKilépés: STOP"},
		{"what is there already", hu, sms.Advert{Body: "Acme: nem kell? STOP!", Sender: "Acme", Language: locale.Hungarian}, "Acme: nem kell? STOP!"},
		{"a link", us, sms.Advert{Body: "Sale", Sender: "Acme", Language: locale.English, Link: "https://e.x/u"}, "Acme: Sale\nTo end: https://e.x/u"},
	} {
		if got, err := row.rule.Compose(row.advert); got != row.want || err != nil {
			t.Errorf("%s: %q (%v), want %q", row.name, got, err, row.want)
		}
	}
	if _, err := hu.Compose(sms.Advert{Body: " "}); len(fault.Of(err)) != 2 {
		t.Errorf("neither body nor sender: %v", err)
	}
	if m := sms.Texts.Missing(); len(m) > 0 {
		t.Errorf("missing: %v", m)
	}
	if len(r.Countries()) != 29 {
		t.Errorf("%d countries: %v", len(r.Countries()), r.Countries())
	}
}

func TestRulesAreChecked(t *testing.T) {
	_, err := sms.ParseRules([]byte(`{"x":{"countries":{"HUN":"Europe/Budapest","AT":"Mars"},"quiet":[{"days":"mo xx","from":"25:00","to":"8"}]},
		"y":{"countries":{},"quiet":[{"days":"mo tu we th fr sa su","from":"00:00","to":"24:00"}]}}`))
	for _, path := range []string{"default", "x.quiet[0]", "x.quiet[0].days", "x.countries.HUN", "x.countries.AT"} {
		found := false
		for _, f := range fault.Of(err) {
			found = found || f.Path == path
		}
		if !found {
			t.Errorf("%v names no %s", err, path)
		}
	}
	if _, err := sms.ParseRules([]byte(`{"default":{"quiet":[{"days":"mo tu we th fr sa su","from":"00:00","to":"24:00"}]}}`)); !errors.Is(err, fault.Invalid) {
		t.Errorf("always quiet: %v", err)
	}
}

func TestQuietHours(t *testing.T) {
	r := sms.DefaultRules()
	at := func(zone *time.Location, text string) time.Time {
		got, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, row := range []struct{ name, country, from, want string }{
		{"at noon", "HU", "2026-07-13 12:00", "2026-07-13 12:00"},
		{"at night", "HU", "2026-07-13 23:15", "2026-07-14 08:00"},
		{"after midnight", "HU", "2026-07-14 03:00", "2026-07-14 08:00"},
		{"at its end", "HU", "2026-07-14 08:00", "2026-07-14 08:00"},
		{"at its beginning", "HU", "2026-07-14 20:00", "2026-07-15 08:00"},
		{"over the change to summer time", "HU", "2026-03-28 22:00", "2026-03-29 08:00"},
		{"over the change to winter time", "HU", "2026-10-24 22:00", "2026-10-25 08:00"},
		{"from Friday afternoon to Sunday", "IL", "2026-07-17 14:30", "2026-07-19 08:00"},
		{"on the Sabbath", "IL", "2026-07-18 10:00", "2026-07-19 08:00"},
		{"on Sunday morning", "IL", "2026-07-19 09:00", "2026-07-19 09:00"},
	} {
		rule := r.Of(row.country)
		if got := rule.Quiet.Next(at(rule.Zone, row.from), rule.Zone); !got.Equal(at(rule.Zone, row.want)) {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
	noon := time.Date(2026, 7, 13, 12, 0, 0, 0, time.UTC)
	if got := (sms.Quiet)(nil).Next(noon, nil); !got.Equal(noon) {
		t.Errorf("without hours of quiet: %s", got)
	}
}

func FuzzSeptets(f *testing.F) {
	for _, seed := range []string{"hello€", "őŐ👍", "\x1b", "[]{}~^|\\\f", "שלום", string([]byte{0xff, 'a'})} {
		f.Add(seed, []byte(seed), uint8(6))
	}
	f.Fuzz(func(t *testing.T, text string, octets []byte, header uint8) {
		size := sms.Measure(text)
		if parts := sms.Split(text); strings.Join(parts, "") != text || len(parts) != size.Parts || size.Left < 0 {
			t.Fatalf("%q: %+v, %d parts", text, size, len(parts))
		}
		if plain, ok := sms.Plain(text); ok && sms.EncodingOf(plain) != sms.GSM7 {
			t.Fatalf("%q is not plain as %q", text, plain)
		}
		if codes, err := sms.Septets(text); err == nil {
			if back := sms.FromSeptets(sms.Unpack(sms.Pack(codes, int(header)), int(header), len(codes))); back != text {
				t.Fatalf("%q came back as %q", text, back)
			}
		}
		codes := sms.Unpack(octets, int(header), len(octets)*2)
		if again := sms.Unpack(sms.Pack(codes, int(header)), int(header), len(codes)); string(again) != string(codes) {
			t.Fatalf("%x came back as %x", codes, again)
		}
		if got := sms.FromSeptets(codes); !utf8.ValidString(got) {
			t.Fatalf("%x is %q", codes, got)
		}
		sms.ReadAnswer(text)
	})
}

func BenchmarkEstimate(b *testing.B) {
	e := sms.Estimate{Tariff: sms.Tariff{Currency: "HUF", Prices: []sms.Price{{"+36", money.MustAmount("18")}}}}
	for b.Loop() {
		e.Add("+36301234567", "Tisztelt Kovács Úr! Önt várjuk a bemutatóra hétfőn délelőtt tíz órakor a győri telephelyünkön.")
	}
}
