package bounce_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/testutil"
)

const (
	returnPath = "b-2n9c-lfls-abcdefgh@bounce.minta.hu"
	messageID  = "2n9c.lfls@news.minta.hu"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// told is a report in one line.
func told(r bounce.Report) string {
	var b strings.Builder
	b.WriteString(string(r.Kind))
	for _, to := range r.Recipients {
		fmt.Fprintf(&b, " | %s %s %s %d %s", to.Address, to.Action, to.Status, to.Reply, to.Class)
	}
	return b.String()
}

func TestReports(t *testing.T) {
	tests := []struct{ name, want string }{
		{"postfix_unknown", "delivery | anna.kovacs@pelda.hu failed 5.1.1 550 hard"},
		{"postfix_delayed", "delivery | anna.kovacs@pelda.hu delayed 4.4.1 0 temporary"},
		{"postfix_expired", "delivery | anna.kovacs@pelda.hu failed 4.4.1 0 soft"},
		{"full_mailru_ru", "delivery | ivan.petrov@primer.ru failed 5.2.2 552 soft"},
		{"gmail_policy", "delivery | anna.kovacs@gmail.com failed 5.7.1 550 own"},
		{"gmail_unknown", "delivery | anna.kovacs@gmail.com failed 5.1.1 550 hard"},
		{"exchange_notfound_hu", "delivery | anna.kovacs@pelda.hu failed 5.1.10 550 hard"},
		{"exchange_toolarge_el", "delivery | n.papadopoulos@paradeigma.gr failed 5.2.3 550 own"},
		{"exim_report", "delivery | ivan.petrov@primer.ru failed 5.0.0 550 hard"},
		{"utf8_address", "delivery | דוד@דוגמה.il failed 5.1.1 550 hard"},
		{"delivered", "delivery | anna.kovacs@pelda.hu delivered 2.0.0 250 none"},
		{"several", "delivery | a@pelda.hu failed 5.1.1 0 hard | b@pelda.hu failed 5.2.2 552 soft | c@pelda.hu relayed 2.0.0 0 none"},
		{"exim_old", "delivery | n.papadopoulos@paradeigma.gr failed  552 soft"},
		{"qmail", "delivery | david.levi@example.co.il failed 5.1.1 550 hard | dana@example.co.il failed  0 soft"},
		{"gmail_old", "delivery | anna.kovacs@gmail.com failed 5.1.1 550 hard"},
		{"exchange_old_ru", "delivery | ivan.petrov@primer.ru failed 5.1.1 0 hard"},
		{"domino_he", "delivery | david.levi@example.co.il failed  550 hard"},
		{"warning_hu", "delivery | anna.kovacs@pelda.hu delayed  0 temporary"},
		{"arf_abuse", "complaint | anna.kovacs@provider.example   0 none"},
		{"outlook_complaint", "complaint | anna.kovacs@outlook.com   0 none"},
		{"away_exchange_hu", "out_of_office"},
		{"away_vacation_ru", "out_of_office"},
		{"away_he", "out_of_office"},
		{"away_el", "out_of_office"},
		{"away_en", "out_of_office"},
		{"receipt", "auto_reply"},
		{"letter", "other"},
		{"broken", "delivery | anna.kovacs@pelda.hu failed 5.1.1 0 hard"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := bounce.Parse(sample(t, test.name))
			if got := told(r); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if !slices.Contains(r.Reference.Addresses, returnPath) {
				t.Errorf("the return path is not among %v", r.Reference.Addresses)
			}
			quotes := !slices.Contains([]string{"exchange_old_ru", "domino_he", "warning_hu", "broken"}, test.name)
			if quotes != (len(r.Reference.MessageIDs) > 0 && r.Reference.MessageIDs[0] == messageID) {
				t.Errorf("the ids are %v", r.Reference.MessageIDs)
			}
			text, err := json.MarshalIndent(r, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			testutil.Golden(t, test.name+".json", append(text, '\n'))
			unix := bounce.Parse(bytes.ReplaceAll(sample(t, test.name), []byte("\r\n"), []byte("\n")))
			if told(unix) != test.want {
				t.Errorf("with line feeds only: %s", told(unix))
			}
		})
	}
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) != len(tests) {
		t.Errorf("%d samples, %d tests, %v", len(files), len(tests), err)
	}
}

func TestReferenceIsFound(t *testing.T) {
	r := bounce.Parse(sample(t, "arf_abuse"))
	campaign, seq, ok := r.Reference.Find(func(address string) (int64, uint32, bool) { return 1, 2, address == returnPath })
	if !ok || campaign != 1 || seq != 2 {
		t.Errorf("found %d, %d, %v", campaign, seq, ok)
	}
	if _, _, ok := r.Reference.Find(func(string) (int64, uint32, bool) { return 0, 0, false }); ok {
		t.Error("found something nobody knows")
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte("Content-Type: multipart/report; boundary=\"\"\n\n--\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := bounce.Parse(raw)
		if r.Kind == "" || r.Kind == bounce.Delivery && len(r.Recipients) == 0 {
			t.Errorf("the report is %+v", r)
		}
		for _, to := range r.Recipients {
			if to.Class == "" || len(to.Text) > 500 {
				t.Errorf("the recipient is %+v", to)
			}
			if to.Class == bounce.Hard && (to.Action != bounce.Failed || to.Status.Subject == 7) {
				t.Errorf("somebody would be suppressed by %+v", to)
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
		if len(r.Reference.Addresses) > 20 || len(r.Reference.MessageIDs) > 20 || len(r.Recipients) > 100 {
			t.Error("more is kept than the limits allow")
		}
	})
}
