package lead_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/tabular"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil"
)

func file(t testing.TB, path ...string) lead.Source {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return source(path[len(path)-1], string(b))
}

func source(name, text string) lead.Source {
	return lead.Source{Name: name, File: strings.NewReader(text), Size: int64(len(text))}
}

// importAs previews a file and imports it as proposed.
func (w world) importAs(t testing.TB, src lead.Source, known lead.Policy) lead.Import {
	t.Helper()
	ctx := w.As("vezeto", actor.Manager, actor.All)
	preview, err := w.leads.Preview(ctx, src, lead.PreviewOptions{})
	if err != nil {
		t.Fatal(err)
	}
	preview.Plan.Known = known
	out, err := w.leads.Import(ctx, src, preview.Plan)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w world) list(t testing.TB, f lead.Filter, order lead.Sort) []lead.Row {
	t.Helper()
	list, err := w.leads.List(w.System(), f, order, store.Page{Limit: store.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	return list.Rows
}

func TestImportFilesOfFiveLanguages(t *testing.T) {
	tests := []struct {
		name     string
		path     []string
		language locale.Language
		encoding tabular.Encoding
		names    []string
		email    string
	}{
		{"Hungarian", []string{"tabular", "testdata", "leads_hu_cp1250.csv"}, locale.Hungarian, tabular.Windows1250, []string{"Kovács János"}, "kovacs.janos@kovacstarsa.hu"},
		{"Russian", []string{"tabular", "testdata", "leads_ru_cp1251.csv"}, locale.Russian, tabular.Windows1251, []string{"Иванов"}, "ivanov@romashka.ru"},
		{"Greek", []string{"tabular", "testdata", "leads_el_cp1253.csv"}, locale.Greek, tabular.Windows1253, []string{"Παπαδόπουλος"}, "g.papadopoulos@example.gr"},
		{"Hebrew", []string{"tabular", "testdata", "leads_he_cp1255.csv"}, locale.Hebrew, tabular.Windows1255, []string{"כהן"}, "david@cohen.co.il"},
		{"Excel's Unicode text", []string{"tabular", "testdata", "excel_unicode_text.txt"}, "", tabular.UTF16LE, []string{"Nagy Éva"}, "ivan@vega.ru"},
		{"vCard 4.0", []string{"vcard", "testdata", "rfc6350_40.vcf"}, "", "", nil, ""},
	}
	each(t, func(t *testing.T, w world) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				src := file(t, tt.path...)
				preview, err := w.leads.Preview(w.As("vezeto", actor.Manager, actor.All), src, lead.PreviewOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if tt.language != "" {
					same(t, "language", preview.Plan.Language, tt.language)
				}
				same(t, "encoding", preview.Plan.Encoding, tt.encoding)
				out := w.importAs(t, src, lead.MergeKnown)
				same(t, "state", out.State, lead.Finished)
				same(t, "rows", out.RowsTaken+out.RowsMerged+out.RowsBad, out.RowsRead)
				rows := w.list(t, lead.Filter{Import: out.ID}, lead.ByName)
				same(t, "leads", int64(len(rows)), out.RowsTaken)
				var names, emails []string
				for _, r := range rows {
					names, emails = append(names, r.Name), append(emails, r.Email)
				}
				all := strings.Join(names, "|")
				for _, name := range tt.names {
					if !strings.Contains(all, name) {
						t.Errorf("names %q lack %q", all, name)
					}
				}
				if tt.email != "" && !strings.Contains(strings.Join(emails, "|"), tt.email) {
					t.Errorf("e-mails %q lack %q", emails, tt.email)
				}
				if out.RowsBad > 0 {
					for _, f := range preview.Faults {
						t.Logf("bad: %v", f.Error())
					}
				}
			})
		}
	})
}

func TestHungarianRowIsReadWhole(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), erpbridge.Host{})
	out := w.importAs(t, file(t, "tabular", "testdata", "leads_hu_cp1250.csv"), lead.MergeKnown)
	for _, row := range w.list(t, lead.Filter{Import: out.ID}, lead.ByArrival) {
		if row.Name != "Kovács János" {
			continue
		}
		card := w.get(t, row.ID)
		same(t, "value", card.Lead.ExpectedValue.String(), "1250000.5")
		same(t, "arrived", card.Lead.ArrivedAt.Format("2006-01-02 15:04"), "2026-06-30 22:00")
		same(t, "organization", card.Employer.DisplayName, "Kovács és Társa Kft.")
		same(t, "interest", card.Lead.Interest, "Ajánlatot kér;\nhétfőn visszahívni")
		same(t, "channel", card.First.Channel, lead.ByFile)
		return
	}
	t.Error("Kovács János is not among the leads")
}

// mixed is a file with good rows, bad ones, and one person twice.
const mixed = "Név;Cég;Adószám;E-mail;Telefon;Megjegyzés\n" +
	"Kiss Éva;Minta Kft.;;eva.kiss@minta.hu;06 30 111 2233;Targonca\n" +
	"Nagy Béla;Minta Kft;;bela@minta.hu;;Polc\n" +
	"Rossz Cím;;;nincs kukac;;\n" +
	"Szép Anna;Hibás Bt.;12345678-1-11;anna@hibas.hu;;\n" +
	"Éva Kiss;Minta Kft.;;EVA.KISS@minta.hu;06 1 222 3344;Raklap\n" +
	";Új Zrt.;;;06 20 555 6677;\n" +
	"Senki;;;;;\n"

func TestImportReportsBadRowsAndMergesTwins(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		out := w.importAs(t, source("mixed.csv", mixed), lead.MergeKnown)
		same(t, "taken", out.RowsTaken, 3)
		same(t, "merged", out.RowsMerged, 1)
		same(t, "bad", out.RowsBad, 3)
		rows := w.list(t, lead.Filter{}, lead.ByName)
		if len(rows) != 3 {
			t.Fatalf("%d leads, want 3", len(rows))
		}
		eva := w.get(t, rows[0].ID)
		same(t, "name", eva.Party.DisplayName, "Kiss Éva")
		same(t, "touches", len(eva.Touches), 2)
		same(t, "points", len(eva.Points), 1)
		if !strings.Contains(eva.Lead.Interest, "Targonca") || !strings.Contains(eva.Lead.Interest, "Raklap") {
			t.Errorf("the interest is %q, want both rows'", eva.Lead.Interest)
		}
		same(t, "one company", eva.Lead.OrganizationID, w.get(t, rows[1].ID).Lead.OrganizationID)
		sameList(t, "events", w.events(t, out.ID[:]), []string{lead.EventImported, lead.EventImportFinished})

		var rejects bytes.Buffer
		n, err := w.leads.Rejects(w.System(), out.ID, &rejects)
		if err != nil || n != 3 {
			t.Fatalf("Rejects gave %d, %v", n, err)
		}
		fixed := strings.NewReplacer("nincs kukac", "rossz@cim.hu", "12345678-1-11", "12345676-1-11").Replace(rejects.String())
		again := w.importAs(t, source("fixed.csv", fixed), lead.MergeKnown)
		same(t, "taken after correction", again.RowsTaken, 2)
		same(t, "bad after correction", again.RowsBad, 1)
	})
}

func TestKnownRows(t *testing.T) {
	const text = "Name,Company,Email,Phone\nJohn Smith,Smith Ltd,john@smith.co.uk,+44 20 7946 0958\nJane Doe,,jane@doe.co.uk,\n"
	tests := []struct {
		policy                 lead.Policy
		taken, merged, skipped int64
		leads, touches         int
	}{
		{lead.MergeKnown, 1, 1, 0, 2, 2},
		{lead.SkipKnown, 1, 0, 1, 2, 1},
		{lead.CreateAnyway, 2, 0, 0, 3, 1},
	}
	for _, tt := range tests {
		t.Run(string(tt.policy), func(t *testing.T) {
			each(t, func(t *testing.T, w world) {
				known := w.capture(t, w.System(), lead.Draft{Name: "John Smith", Language: locale.English, Emails: []string{"john@smith.co.uk"}})
				out := w.importAs(t, source("uk.csv", text), tt.policy)
				same(t, "taken", out.RowsTaken, tt.taken)
				same(t, "merged", out.RowsMerged, tt.merged)
				same(t, "skipped", out.RowsSkipped, tt.skipped)
				same(t, "leads", len(w.list(t, lead.Filter{}, lead.ByName)), tt.leads)
				card := w.get(t, known.Lead)
				same(t, "touches", len(card.Touches), tt.touches)
				if tt.policy == lead.MergeKnown {
					same(t, "phone", card.Party.Phone, "+442079460958")
				}
			})
		})
	}
}

func people(n int) string {
	var b strings.Builder
	b.WriteString("Név;Cég;E-mail;Telefon;Megjegyzés\n")
	for i := range n {
		fmt.Fprintf(&b, "Kovács %s%d;Cég %d Kft.;k%d@ceg%d.hu;+36 30 %03d %04d;Érdekli a %d. termék\n", given[i%len(given)], i, i/3, i, i/3, i/10000, i%10000, i)
	}
	return b.String()
}

var given = []string{"Anna", "Béla", "Csilla", "Dénes", "Éva", "Ferenc"}

// An import that was killed between two chunks goes on where it stopped; no row is lost, none twice.
func TestImportGoesOnWhereItBrokeOff(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const n = 1300
		src := source("people.csv", people(n))
		boss := w.As("vezeto", actor.Manager, actor.All)
		preview, err := w.leads.Preview(boss, src, lead.PreviewOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(boss)
		defer cancel()
		killed := 0
		dying := newWorld(t, w.Env, erpbridge.Host{Customers: matchFunc(func() {
			if killed++; killed == 2 {
				cancel() // in the middle of the second chunk
			}
		})})
		if _, err := dying.leads.Import(ctx, src, preview.Plan); err == nil {
			t.Fatal("the import was not stopped")
		}
		so := w.list(t, lead.Filter{}, lead.ByArrival)
		same(t, "leads after the first run", len(so), 250)
		out, err := w.leads.Import(boss, src, preview.Plan)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "rows", out.RowsRead, n)
		same(t, "taken", out.RowsTaken, n)
		count, err := w.leads.Count(w.System(), lead.Filter{Import: out.ID})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "leads counted, to the limit", count, lead.CountLimit+1)
		if _, err := w.leads.Import(boss, src, preview.Plan); !errors.Is(err, fault.Conflict) {
			t.Errorf("the same file once more gave %v, want Conflict", err)
		}
	})
}

// matchFunc is a host without customers that calls a function when it is asked.
type customersPort = erpbridge.Customers

type asking struct {
	customersPort
	f func()
}

func matchFunc(f func()) erpbridge.Customers { return asking{f: f} }

func (a asking) Match(context.Context, erpbridge.Session, []erpbridge.MatchKey) ([]erpbridge.CustomerMatch, error) {
	a.f()
	return nil, nil
}

func TestUndoImportKeepsWhatIsWorkedWith(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		before := w.capture(t, w.System(), lead.Draft{Name: "Régi Rózsa", Emails: []string{"rozsa@regi.hu"}})
		out := w.importAs(t, source("people.csv", people(150)+"Régi Rózsa;;rozsa@regi.hu;;\n"), lead.MergeKnown)
		rows := w.list(t, lead.Filter{Import: out.ID}, lead.ByArrival)
		if _, err := w.leads.SetStatus(w.System(), rows[0].ID, rows[0].Version, lead.Move{To: lead.StatusWorking}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.leads.Edit(w.System(), rows[1].ID, rows[1].Version, lead.Patch{Interest: point("más")}); err != nil {
			t.Fatal(err)
		}
		undone, err := w.leads.UndoImport(w.System(), out.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "removed", undone.Leads, 148)
		same(t, "kept", undone.KeptCount, 2)
		reasons := []string{undone.Kept[0].Reason, undone.Kept[1].Reason}
		slices.Sort(reasons)
		if !slices.Equal(reasons, []string{"changed", "status"}) {
			t.Errorf("reasons %v, want status and changed", reasons)
		}
		left := w.list(t, lead.Filter{}, lead.ByArrival)
		same(t, "left", len(left), 3)
		w.get(t, before.Lead)
		again := w.importAs(t, source("people.csv", people(150)), lead.MergeKnown)
		same(t, "taken again", again.RowsTaken, 148)
		same(t, "merged again", again.RowsMerged, 2)
	})
}

func TestMappingIsRemembered(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), erpbridge.Host{})
	boss := w.As("vezeto", actor.Manager, actor.All)
	const first, second = "A;B;C\nx1;eva@ceg.hu;Kiss Éva\n", "A;B;C\nx2;bela@ceg.hu;Nagy Béla\n"
	plan := lead.Plan{
		Format: lead.CSV, Delimiter: ';', Language: locale.Hungarian, Header: []string{"A", "B", "C"},
		Columns: []tabular.Field{tabular.ExternalID, tabular.Email, tabular.FullName}, Known: lead.SkipKnown,
	}
	if _, err := w.leads.Import(boss, source("a.csv", first), plan); err != nil {
		t.Fatal(err)
	}
	preview, err := w.leads.Preview(boss, source("b.csv", second), lead.PreviewOptions{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "remembered", preview.Remembered, true)
	same(t, "policy", preview.Plan.Known, lead.SkipKnown)
	sameList(t, "columns", preview.Plan.Columns, plan.Columns)
	same(t, "external id", preview.Rows[0].Lead.ExternalID, "x2")
}

func TestCustomFieldsAreImported(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		err := w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
			for name, kind := range map[string]store.FieldType{"colour": store.TextField, "size": store.NumberField} {
				if err := s.AddField(ctx, &store.CustomField{RecordKind: "lead", Name: name, Label: name, Type: kind}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		plan := lead.Plan{
			Format: lead.CSV, Delimiter: ';', Language: locale.Hungarian, Header: []string{"E-mail", "Szín", "Méret"},
			Columns: []tabular.Field{tabular.Email, "custom.colour", "custom.size"},
		}
		src := source("c.csv", "E-mail;Szín;Méret\na@example.hu;piros;1 234,5\nb@example.hu;kék;sok\n")
		out, err := w.leads.Import(w.System(), src, plan)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "bad", out.RowsBad, 1)
		card := w.get(t, w.list(t, lead.Filter{}, lead.ByArrival)[0].ID)
		if card.Sheet.Values["colour"] != "piros" || fmt.Sprint(card.Sheet.Values["size"]) != "1234.5" {
			t.Errorf("custom fields are %v", card.Sheet.Values)
		}
		plan.Columns[1] = "custom.none"
		if _, err := w.leads.Import(w.System(), source("d.csv", "E-mail;Szín;Méret\nx@example.hu;a;1\n"), plan); !errors.Is(err, fault.Invalid) {
			t.Errorf("an unknown custom field gave %v, want Invalid", err)
		}
		undone, err := w.leads.UndoImport(w.System(), out.ID)
		if err != nil || undone.Leads != 1 || undone.Parties != 1 {
			t.Errorf("undone %+v, %v", undone, err)
		}
	})
}
