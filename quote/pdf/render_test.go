package pdf

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

var update = flag.Bool("update", false, "write the golden files")

// composed renders with a trace of what was drawn.
func composed(t testing.TB, d Document) (file []byte, marks []mark) {
	t.Helper()
	file, err := compose(d, &marks)
	if err != nil {
		t.Fatal(err)
	}
	return file, marks
}

// TestGolden pins place, size and text of everything that is printed, in every language. Hebrew
// stands in these files as it is drawn, from left to right.
func TestGolden(t *testing.T) {
	for _, l := range locale.Languages {
		t.Run(string(l), func(t *testing.T) {
			_, marks := composed(t, quoteOf(l, 12))
			var b strings.Builder
			for _, m := range marks {
				switch m.kind {
				case markText:
					fmt.Fprintf(&b, "page %d  %6.1f %6.1f  %4.1f pt face %d  %s\n", m.page, m.x, m.y, m.style.size, m.style.face, m.text)
				case markLink:
					fmt.Fprintf(&b, "page %d  %6.1f %6.1f  link %s\n", m.page, m.x, m.y, m.text)
				}
			}
			name := filepath.Join("testdata", string(l)+".golden")
			if *update {
				if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatalf("%v; run with -update", err)
			}
			if got := b.String(); got != string(want) {
				t.Errorf("%s differs; look at the document and run with -update\n%s", name, firstDifference(got, string(want)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d\n got  %s\n want %s", i+1, g[i], strings.Join(w[min(i, len(w)-1):min(i+1, len(w))], ""))
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// TestExtracted reads the file back with another program: what a reader copies out of it is the text
// that went in, in logical order.
func TestExtracted(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("SKIPPED: pdftotext (Debian package poppler-utils) is not installed, so the files were not read back")
	}
	wants := map[locale.Language][]string{
		locale.Hungarian: {"Árajánlat AJ-2026/0042", "Őrségi Faipari Szövetkezet", "tűzihorganyzott oszlopokkal", "148 500", "9870,50", "Fizetendő", "11 197 935 Ft", "Oldal 1 / 2", "Átvitel", "Áthozat", "HU42 1177 3016"},
		locale.English:   {"Quote AJ-2026/0042", "כרמל תעשיות בע\"מ", "(Carmel Industries)", "Ball valve DN 50, AISI 316", "186.40", "4.855", "€37,357.30", "Page 1 of 2", "Carried forward", "Optional"},
		locale.Greek:     {"Προσφορά AJ-2026/0042", "Ξενοδοχεία Αιγαίου Μον. Ι.Κ.Ε.", "Φωτοβολταϊκό πλαίσιο 450 W", "40.358,90 €", "Σελίδα 1 από 2", "Πληρωτέο ποσό"},
		locale.Russian:   {"Коммерческое предложение AJ-2026/0042", "АО «Уральский подшипниковый завод»", "Объедкова Анна Сергеевна", "12 480 000,00", "Итого к оплате", "Страница 1 из 2"},
		locale.Hebrew:    {"הצעת מחיר", "AJ-2026/0042", "מלונות הכרמל", "Carmel Hotels", "יחידת עיבוי VRF 40 kW", "48,900.00", "269,809.60", "+972-54-555-0101", "13.07.2026", "סה\"כ לתשלום"},
	}
	for _, l := range locale.Languages {
		t.Run(string(l), func(t *testing.T) {
			file, _ := composed(t, quoteOf(l, 10))
			cmd := exec.Command(tool, "-layout", "-", "-")
			cmd.Stdin = bytes.NewReader(file)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Map(func(r rune) rune { // pdftotext adds marks of direction
				switch {
				case r == '\u00a0':
					return ' '
				case isMark(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069:
					return -1
				}
				return r
			}, string(out))
			for _, want := range wants[l] {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in the text of the file", want)
				}
			}
			if t.Failed() {
				t.Log(text)
			}
		})
	}
}

func TestSameBytes(t *testing.T) {
	for _, l := range locale.Languages {
		d := quoteOf(l, 30)
		d.Seller.Logo = logoPNG(t, 300, 100)
		first, _ := composed(t, d)
		var at sync.WaitGroup
		for range 3 {
			at.Go(func() { // beside each other, for the race detector
				var b bytes.Buffer
				if err := Render(&b, d); err != nil {
					t.Error(err)
				} else if !bytes.Equal(first, b.Bytes()) {
					t.Errorf("%s: the same document gives different bytes", l)
				}
			})
		}
		at.Wait()
	}
}

func TestRenderLeavesTheDocumentAlone(t *testing.T) {
	d := quoteOf(locale.Hungarian, 3)
	d.Lines[0].Name = "Polc 🙂\u202eáruház"
	d.Seller.AddressLines = []string{"Fő\tutca\n1."}
	if err := Render(io.Discard, d); err != nil {
		t.Fatal(err)
	}
	if d.Lines[0].Name != "Polc 🙂\u202eáruház" || d.Seller.AddressLines[0] != "Fő\tutca\n1." {
		t.Error("the caller's document was changed")
	}
}

func TestMetadata(t *testing.T) {
	d := quoteOf(locale.Hebrew, 2)
	d.CreatedAt = time.Date(2026, 7, 13, 23, 30, 0, 0, time.FixedZone("IDT", 3*3600))
	file, _ := composed(t, d)
	for _, want := range []string{"%PDF-1.4\n", "/Lang (he)", "/Direction /R2L", "/DisplayDocTitle true", "/CreationDate (D:20260713203000)", "/ModDate (D:20260713203000)", "/MediaBox [0 0 595.28 841.89]", "/FontFile2"} {
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("the file has no %q", want)
		}
	}
	at := bytes.LastIndex(file, []byte("startxref\n"))
	var table int
	if _, err := fmt.Sscanf(string(file[at:]), "startxref\n%d\n", &table); err != nil || !bytes.HasPrefix(file[table:], []byte("xref\n")) {
		t.Errorf("startxref does not lead to the table of objects (%v)", err)
	}

	d.CreatedAt = time.Time{}
	file, _ = composed(t, d)
	if !bytes.Contains(file, []byte("/CreationDate (D:20260713000000)")) {
		t.Error("without a time of creation the issue date is not taken")
	}
}

func pages(file []byte) int { return bytes.Count(file, []byte("<</Type /Page\n")) }

func TestPages(t *testing.T) {
	long := strings.Repeat("Horganyzott acélszerkezet, csavarozott kivitelben, a mellékelt rajzok szerint.\n", 160)
	tests := []struct {
		name  string
		doc   func() Document
		pages int
	}{
		{"no lines", func() Document { d := quoteOf(locale.Greek, 0); return d }, 1},
		{"ten lines", func() Document { return quoteOf(locale.Hungarian, 10) }, 2},
		{"a description of several pages", func() Document {
			d := quoteOf(locale.Hungarian, 3)
			d.Lines[1].Description = long
			return d
		}, 8},
		{"a cover text of several pages", func() Document {
			d := quoteOf(locale.Russian, 1)
			d.CoverText = long
			return d
		}, 5},
		{"terms of several pages", func() Document {
			d := quoteOf(locale.Hebrew, 1)
			d.Terms = append(d.Terms, Term{"תנאים", long})
			return d
		}, 4},
		{"many VAT rates", func() Document {
			d := quoteOf(locale.English, 2)
			for range 100 {
				d.VATSummary = append(d.VATSummary, d.VATSummary[0])
			}
			return d
		}, 4},
		{"a thousand lines", func() Document { return quoteOf(locale.English, 1000) }, 71},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := tt.doc()
			file, marks := composed(t, d)
			n := pages(file)
			if n != tt.pages {
				t.Errorf("%d pages, want %d", n, tt.pages)
			}
			checkSheet(t, marks)
			last := texts.T(d.Language, "page", n, n)
			if !d.Language.RightToLeft() && !drawn(marks, n, last) {
				t.Errorf("the last page does not say %q", last)
			}
		})
	}
}

func drawn(marks []mark, page int, text string) bool {
	for _, m := range marks {
		if m.kind == markText && (page == 0 || m.page == page) && m.text == text {
			return true
		}
	}
	return false
}

// checkSheet asserts what holds for every document: nothing leaves the margins, nothing of the
// content runs into the footer, no line is printed over another.
func checkSheet(t testing.TB, marks []mark) {
	t.Helper()
	type spot struct {
		page int
		y    int
	}
	lines := map[spot][]mark{}
	for _, m := range marks {
		if m.kind != markText || m.style.size > 40 { // the watermark lies below
			continue
		}
		if m.x < 19.9 || m.x+m.x2 > 190.1 {
			t.Errorf("page %d: %q goes from %.1f to %.1f mm", m.page, m.text, m.x, m.x+m.x2)
		}
		if m.y > foot+0.1 && m.y < 275 || m.y > 287 {
			t.Errorf("page %d: %q stands at %.1f mm", m.page, m.text, m.y)
		}
		at := spot{m.page, int(m.y * 10)}
		for _, o := range lines[at] {
			if m.x < o.x+o.x2-0.05 && o.x < m.x+m.x2-0.05 {
				t.Errorf("page %d: %q is printed over %q at %.1f mm", m.page, m.text, o.text, m.y)
			}
		}
		lines[at] = append(lines[at], m)
	}
}

// TestPagination: whatever the lines are, each is printed once, and the sums carried over are those
// of the lines before.
func TestPagination(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := rapid.SampledFrom(locale.Languages).Draw(rt, "language")
		d := quoteOf(l, 0)
		n := rapid.IntRange(1, 40).Draw(rt, "lines")
		words := rapid.IntRange(0, 120)
		rare := rapid.IntRange(0, 9)
		for i := range n {
			count := words.Draw(rt, "words")
			if rare.Draw(rt, "long") == 0 {
				count *= 20
			}
			line := Line{Position: fmt.Sprint(i + 1), Name: fmt.Sprintf("N%dN", i), Description: strings.Repeat("acél ", count), Unit: "db",
				Quantity: money.MustQuantity("1.5"), UnitPrice: money.MustAmount("10"), Net: money.MustAmount(fmt.Sprint(1 << (i % 30))),
				Comment: rare.Draw(rt, "comment") == 0, Optional: rare.Draw(rt, "optional") == 0}
			d.Lines = append(d.Lines, line)
		}
		var marks []mark
		if _, err := compose(d, &marks); err != nil {
			rt.Fatal(err)
		}
		checkSheet(t, marks)
		seen := map[string]int{}
		sum := money.Amount{}
		next := 0
		for _, m := range marks {
			if m.kind != markText {
				continue
			}
			if next < n && m.text == d.Lines[next].Name {
				if !d.Lines[next].Optional && !d.Lines[next].Comment {
					sum = sum.Add(d.Lines[next].Net)
				}
				next++
			}
			if m.style.face == bold && m.style.size == 8.4 && m.y > 30 && m.text != d.Number && !strings.Contains(m.text, "2026") {
				seen[m.text]++
				if want := l.Number(sum.Decimal, money.Digits(d.Currency)); m.text != want {
					rt.Fatalf("%s is carried after line %d, want %s", m.text, next, want)
				}
			}
		}
		if next != n {
			rt.Fatalf("%d of %d lines were printed in order", next, n)
		}
		for text, count := range seen {
			if count%2 == 1 {
				rt.Fatalf("%s is carried forward and not brought, or the reverse", text)
			}
		}
	})
}

func TestHugeNumbers(t *testing.T) {
	for _, l := range locale.Languages {
		t.Run(string(l), func(t *testing.T) {
			d := quoteOf(l, 4)
			huge := money.MustAmount("-922337203685477.5807")
			d.Net, d.VAT, d.Gross, d.OptionalTotal = huge, huge, huge, huge
			d.VATSummary[0].Net, d.VATSummary[0].VAT, d.VATSummary[0].Gross = huge, huge, huge
			for i := range d.Lines {
				if i == 1 {
					continue
				}
				line := &d.Lines[i]
				line.Quantity, line.UnitPrice, line.Net = money.MustQuantity("9223372036854.775807"), huge, huge
				line.DiscountPercent, line.Unit, line.VATLabel = money.MustPercent("99.9999"), "munkanap/fő/telephely", "fordított adózás"
			}
			_, marks := composed(t, d)
			checkSheet(t, marks)
		})
	}
}

func TestHostileTexts(t *testing.T) {
	for name, text := range map[string]string{
		"emoji":         "Polc 🙂 🇭🇺 👩‍👩‍👧 𐍈",
		"control":       "a\x00b\x01c\x7fd\u0085e\x1b[31m",
		"invalid":       "a\xff\xfe\xc3(\xed\xa0\x80b",
		"override":      "abc\u202edef\u2066ghi\u2069\u200fjkl\u061c",
		"one long word": strings.Repeat("Wéőא", 30),
		"combining":     strings.Repeat("e\u0301\u0323\u0331", 60),
		"pdf syntax":    `) Tj ET (\) \\ ( endstream endobj %%EOF`,
		"blank":         " \t\u00a0\u2003\u3000 ",
		"formula":       "=HYPERLINK(\"http://evil\")",
		"han":           "漢字かな交じり文",
		"brackets":      "))((][}{א(ב)ג[1]2",
		"alias":         "{nb} {nb}",
	} {
		t.Run(name, func(t *testing.T) {
			for _, l := range locale.Languages {
				d := quoteOf(l, 3)
				d.fields(func(f field) {
					if len(*f.text) < 40 || f.paragraphs {
						*f.text = (text + " " + text)[:min(maxOneLine, 2*len(text)+1)]
					}
				})
				d.Seller.Name, d.Addressee.Name = text+"x", text+"x"
				_, marks := composed(t, d)
				checkSheet(t, marks)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Document)
		paths  []string
	}{
		{"nothing given", func(d *Document) { *d = Document{} }, []string{"language", "currency", "seller.name", "addressee.name", "created_at"}},
		{"language and currency", func(d *Document) { d.Language, d.Currency = "de", "Ft" }, []string{"language", "currency"}},
		{"logo is text", func(d *Document) { d.Seller.Logo = []byte("GIF89a") }, []string{"seller.logo"}},
		{"logo is cut off", func(d *Document) { d.Seller.Logo = logoPNG(t, 50, 50)[:120] }, []string{"seller.logo"}},
		{"logo is a bomb", func(d *Document) { d.Seller.Logo = make([]byte, maxLogoBytes+1) }, []string{"seller.logo"}},
		{"link runs a program", func(d *Document) { d.AcceptLink = "javascript:alert(1)" }, []string{"accept_link"}},
		{"link without a host", func(d *Document) { d.AcceptLink = "https:///q" }, []string{"accept_link"}},
		{"link with a host outside ASCII", func(d *Document) { d.AcceptLink = "https://példa.hu/q" }, []string{"accept_link"}},
		{"texts too long", func(d *Document) {
			d.Lines[1].Name = strings.Repeat("x", maxOneLine+1)
			d.Terms[2].Text = strings.Repeat("x", maxParagraphs+1)
			d.Addressee.AddressLines[1] = strings.Repeat("x", maxOneLine+1)
		}, []string{"addressee.address_lines[1]", "lines[1].name", "terms[2].text"}},
		{"too many lines", func(d *Document) { d.Lines = make([]Line, maxLines+1) }, []string{"lines"}},
		{"too many address lines", func(d *Document) { d.Seller.AddressLines = make([]string, 9) }, []string{"seller.address_lines"}},
		{"numbers out of range", func(d *Document) {
			d.Lines[0].Net.Decimal = largest.Shift(2_000_000_000)
			d.Lines[1].DiscountPercent = money.MustPercent("1000.1")
			d.VATSummary[0].Gross.Decimal = largest.Shift(-2_000_000_000)
			d.Gross.Decimal = largest.Add(thousand)
		}, []string{"lines[0].net", "lines[1].discount_percent", "vat_summary[0].gross", "gross"}},
		{"dates out of range", func(d *Document) {
			d.IssueDate, d.ValidUntil = civil.Date{Year: 12026, Month: 1, Day: 1}, civil.Date{Year: 2026, Month: 2, Day: 30}
			d.CreatedAt = time.Date(-3, 1, 1, 0, 0, 0, 0, time.UTC)
		}, []string{"issue_date", "valid_until", "created_at"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := quoteOf(locale.Hungarian, 3)
			d.Terms = append([]Term(nil), d.Terms...)
			d.Addressee.AddressLines = append([]string(nil), d.Addressee.AddressLines...)
			tt.change(&d)
			var b bytes.Buffer
			err := Render(&b, d)
			if !errors.Is(err, fault.Invalid) {
				t.Fatalf("got %v, want an invalid document", err)
			}
			var paths []string
			for _, f := range fault.Of(err) {
				paths = append(paths, f.Path)
			}
			if fmt.Sprint(paths) != fmt.Sprint(tt.paths) {
				t.Errorf("faults at %v, want %v", paths, tt.paths)
			}
			if b.Len() > 0 {
				t.Error("something was written")
			}
		})
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteFails(t *testing.T) {
	if err := Render(broken{}, quoteOf(locale.English, 1)); !errors.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want %v", err, fault.Unavailable)
	}
}

func TestTextsComplete(t *testing.T) {
	if missing := texts.Missing(); len(missing) > 0 {
		t.Errorf("texts are missing: %v", missing)
	}
	for key, row := range texts {
		for l, text := range row {
			if cleanLine(text) != text {
				t.Errorf("%s (%s) has characters that the fonts lack", key, l)
			}
			if strings.Count(text, "%") != strings.Count(row[locale.English], "%") {
				t.Errorf("%s (%s) takes other values than the English text", key, l)
			}
		}
	}
}

func TestMarks(t *testing.T) {
	d := quoteOf(locale.Hungarian, 8)
	d.Draft, d.Number = true, ""
	d.Lines[2].Alternative, d.Lines[8].Alternative = "B", "C"
	_, marks := composed(t, d)
	for _, want := range []string{"TERVEZET", "Árajánlat", "Alternatíva: B", "Választható · Alternatíva: C", "Szállítás és telepítés"} {
		if !drawn(marks, 0, want) {
			t.Errorf("%q is not printed", want)
		}
	}
	links := 0
	for _, m := range marks {
		if m.kind == markLink && m.text == d.AcceptLink {
			links++
		}
	}
	if links != 2 {
		t.Errorf("%d links to accept the quote, want one on the button and one on its address", links)
	}
}
