package party

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/locale"
)

func TestSimilarity(t *testing.T) {
	for _, test := range []struct {
		name, a, b  string
		least, most float64
	}{
		{"the same", "Kovács Anna", "kovacs anna", 1, 1},
		{"swapped", "Kovács Anna", "Anna Kovács", 1, 1},
		{"legal form", "Minta Kft.", "MINTA Korlátolt Felelősségű Társaság", 1, 1},
		{"Cyrillic and Latin", "Иванов Иван", "Ivan Ivanov", 1, 1},
		{"Greek and Latin", "Γεώργιος Παπαδόπουλος", "Georgios Papadopoulos", 0.95, 1},
		{"joined", "Kovács-Tóth", "Kovácstóth", 0.97, 1},
		{"one letter", "Kovács Anna", "Kováts Anna", 0.93, 0.999},
		{"letters swapped", "Szabó Katalin", "Szabó Katlain", 0.95, 0.999},
		{"initial", "J. Smith", "John Smith", 0.9, 0.999},
		{"middle name left out", "Kovács Anna Mária", "Kovács Anna", 0.8, 0.95},
		{"Hebrew", "יעל כהן", "כהן יעל", 1, 1},
		{"another given name", "Kovács Anna", "Kovács Béla", 0, 0.8},
		{"nothing in common", "Kovács Anna", "Nagy Béla", 0, 0.3},
		{"empty", "", "Kovács", 0, 0},
		{"both empty", "", " ", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Similarity(test.a, test.b); got < test.least || got > test.most {
				t.Errorf("Similarity(%q, %q) = %.3f, want %.3f to %.3f", test.a, test.b, got, test.least, test.most)
			}
		})
	}
}

func TestSimilarityIsSymmetric(t *testing.T) {
	words := rapid.SampledFrom(slices.Concat(familyNames, givenNames, companyWords, []string{"a", "-", "Kft.", "dr."}))
	name := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string { return joinWords(rapid.SliceOfN(words, 0, 12).Draw(t, "words")...) }))
	rapid.Check(t, func(t *rapid.T) {
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		ab, ba := Similarity(a, b), Similarity(b, a)
		if math.Abs(ab-ba) > 1e-9 || ab < 0 || ab > 1 {
			t.Fatalf("Similarity(%q, %q) = %v, reversed %v", a, b, ab, ba)
		}
		if self := Similarity(a, a); self != 1 && Fold(a) != "" {
			t.Fatalf("Similarity(%q, itself) = %v", a, self)
		}
	})
}

// What BlockKeys finds after a typing error has to be taken for similar, too.
func TestMistypedNamesAreSimilar(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const tries = 5000
	similar, strangers := 0, 0
	for range tries {
		n := somebody(r)
		if Similarity(n, mistype(r, n)) >= similarEnough {
			similar++
		}
		if Similarity(n, somebody(r)) >= similarEnough {
			strangers++
		}
	}
	t.Logf("%.1f %% of mistyped names are similar enough, %.2f %% of strangers", 100*float64(similar)/tries, 100*float64(strangers)/tries)
	if similar < tries*97/100 || strangers > tries*2/100 {
		t.Errorf("%d of %d mistyped names are similar enough, and %d strangers", similar, tries, strangers)
	}
}

func TestCompare(t *testing.T) {
	born, other := civil.Date{Year: 1980, Month: time.May, Day: 3}, civil.Date{Year: 1981, Month: time.May, Day: 3}
	anna := Identity{Name: "Kovács Anna", Company: "Minta Kft.", Emails: []string{"anna@minta.hu"}, Phones: []string{"+36301234567"}, TaxID: "HU12345676", City: "Budapest", PostalCode: "1055", Birth: born}
	for _, test := range []struct {
		name        string
		a, b        Identity
		least, most int
		codes       []string
	}{
		{"itself", anna, anna, 100, 100, []string{"match.email", "match.phone", "match.tax_id", "match.company", "match.name", "match.city", "match.postal_code", "match.birth"}},
		{"nothing known", Identity{}, Identity{}, 0, 0, nil},
		{"e-mail and name", anna, Identity{Name: "Anna Kovacs", Emails: []string{"x@y.hu", "anna@minta.hu"}}, Certain, 100, []string{"match.email", "match.name"}},
		{"e-mail alone", anna, Identity{Emails: []string{"anna@minta.hu"}}, Likely, Certain - 1, []string{"match.email"}},
		{"shared mailbox", Identity{Emails: []string{"info@minta.hu"}}, Identity{Emails: []string{"info@minta.hu"}}, 1, Possible - 1, []string{"match.email.shared"}},
		{"e-mail, another person", anna, Identity{Name: "Nagy Béla", Emails: []string{"anna@minta.hu"}}, Possible, Likely - 1, []string{"match.email", "match.name.other"}},
		{"phone and mistyped name", anna, Identity{Name: "Kováts Anna", Phones: []string{"+36301234567"}}, Likely, Certain - 1, []string{"match.phone", "match.name.similar"}},
		{"name alone", anna, Identity{Name: "ANNA KOVÁCS"}, Possible, Likely - 1, []string{"match.name"}},
		{"name and company", anna, Identity{Name: "Kovács Anna", Company: "MINTA"}, Likely, Certain - 1, []string{"match.company", "match.name"}},
		{"name and birth date", Identity{Name: "Kovács Anna", Birth: born}, Identity{Name: "Kovács Anna", Birth: born}, Likely, Certain - 1, []string{"match.name", "match.birth"}},
		{"name, another birth date", Identity{Name: "Kovács Anna", Birth: born}, Identity{Name: "Kovács Anna", Birth: other}, 0, 0, []string{"match.name", "match.birth.other"}},
		{"colleagues", anna, Identity{Name: "Nagy Béla", Company: "Minta Kft.", TaxID: "HU12345676"}, Possible, Likely - 1, []string{"match.tax_id", "match.company", "match.name.other"}},
		{"firm by tax id and name", Identity{Company: "Minta Kft.", TaxID: "HU12345676"}, Identity{Company: "MINTA Zrt", TaxID: "HU12345676"}, Certain, 100, []string{"match.tax_id", "match.company"}},
		{"two firms of one name", Identity{Company: "Minta Kft.", TaxID: "HU12345676"}, Identity{Company: "Minta Kft.", TaxID: "HU10773381"}, 0, Possible - 1, []string{"match.tax_id.other", "match.company"}},
		{"one firm in two countries", Identity{Company: "Minta", TaxID: "HU12345676"}, Identity{Company: "Minta", TaxID: "DE136695976"}, Possible, Likely - 1, []string{"match.company"}},
		{"neighbours", Identity{City: "Budapest", PostalCode: "1055"}, Identity{City: "BUDAPEST", PostalCode: "1055"}, 1, Possible - 1, []string{"match.city", "match.postal_code"}},
		{"Russian and Latin name with phone", Identity{Name: "Иванов Иван", Phones: []string{"+79161234567"}}, Identity{Name: "Ivan Ivanov", Phones: []string{"+79161234567"}}, Likely, Certain - 1, []string{"match.phone", "match.name"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, m := range []Match{Compare(test.a, test.b), Compare(test.b, test.a)} {
				var codes []string
				for _, r := range m.Reasons {
					codes = append(codes, r.Code)
				}
				if m.Score < test.least || m.Score > test.most || !slices.Equal(codes, test.codes) {
					t.Errorf("score %d by %+v, want %d to %d by %v", m.Score, m.Reasons, test.least, test.most, test.codes)
				}
			}
		})
	}
}

func TestReasonTexts(t *testing.T) {
	if missing := ReasonTexts.Missing(); len(missing) > 0 {
		t.Errorf("no text for %v", missing)
	}
	if got := (Reason{Code: "match.email", Detail: "a@b.hu"}).Text(locale.Hungarian); got != "Azonos e-mail-cím: a@b.hu" {
		t.Errorf("got %q", got)
	}
}

// Hostile input is bounded: all of it together takes far less than the time of one test run.
func TestHostileInput(t *testing.T) {
	for name, s := range hostile() {
		t.Run(name, func(t *testing.T) {
			checkFolded(t, s)
			for _, l := range locale.Languages {
				n := ParseName(s, l)
				a := Address{Line1: s, City: s, PostalCode: s, Country: s}
				for _, out := range append(a.Lines(l), n.Display(l), n.Salutation(l, Male, Formal), Name{Title: s, Given: s, Family: s}.Salutation(l, GenderUnknown, Formal)) {
					if !sound(out) || len(out) > 20*nameLimit {
						t.Errorf("unsound output of %d bytes: %.80q", len(out), out)
					}
				}
			}
			id := Identity{Name: s, Company: s, City: s, PostalCode: s, TaxID: s, Emails: []string{s}, Phones: []string{s}}
			for _, r := range Compare(id, id).Reasons {
				if !sound(r.Detail) || len(r.Detail) > 20*nameLimit {
					t.Errorf("unsound detail of %d bytes: %.80q", len(r.Detail), r.Detail)
				}
			}
			for _, refuse := range []func() error{
				func() error { _, err := NormalizeEmail(s); return err },
				func() error { _, err := NormalizePhone(s, "HU"); return err },
				func() error { _, err := NormalizeTaxID(s, "HU"); return err },
			} {
				if err := refuse(); err == nil || !sound(err.Error()) || len(err.Error()) > 2000 {
					t.Errorf("hostile input gives %.200v", err)
				}
			}
			if !sound(FormatPhone(s)) || CountryOf(s) != "" {
				t.Errorf("FormatPhone or CountryOf took it")
			}
		})
	}
}

func BenchmarkSimilarity(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Similarity("Kovács Anna Mária", "Anna Kovats")
	}
}

func BenchmarkCompare(b *testing.B) {
	x := Identity{Name: "Kovács Anna", Company: "Minta Kft.", Emails: []string{"anna@minta.hu"}, Phones: []string{"+36301234567"}, City: "Budapest"}
	y := Identity{Name: "Kováts Anna", Company: "MINTA", Emails: []string{"a.kovacs@minta.hu"}, Phones: []string{"+36301234567"}, City: "budapest"}
	b.ReportAllocs()
	for b.Loop() {
		Compare(x, y)
	}
}
