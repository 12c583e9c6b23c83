package subscription_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

func TestEvidenceSaysWhatWhenWhereAndOnWhatText(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.ok(w.request("eva@minta.example"))
		sent := w.letters()[0]
		w.Clock.Advance(hour)
		link := token(t, sent, subscription.ConfirmPage)
		_, err := w.n.Confirm(w.out, link, visit)
		w.ok(err)
		list, err := w.n.EvidenceOf(w.privacy, must(w.n.LinkOf(link)).Party)
		w.ok(err)
		got := list[1]
		text, _ := w.news.In(locale.Hungarian)
		for what, row := range map[string][2]any{
			"act":     {got.Act, subscription.Confirmed},
			"purpose": {got.Purpose, "Fényforrás hírlevél"}, "text": {got.Text, text.Consent}, "version": {got.TextVersion, 1}, "language": {got.Language, "hu"},
			"basis": {got.Basis, subscription.Consent}, "source": {got.Source, "fenyforras.example/hirlevel"}, "time": {got.At, w.Clock.Now()},
			"network": {got.IP, "203.0.113.0/24"}, "letter": {got.MessageID, sent.MessageID}, "entered by": {got.EnteredBy, "public"}, "kind": {got.ActorKind, "public"},
		} {
			is(t, what, row[0], row[1])
		}
		if !strings.Contains(got.Text, "Fényforrás Zrt.") {
			t.Errorf("the text does not name the controller: %s", got.Text)
		}
	})
}

func TestNewTextLeavesWhatWasAgreedTo(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	who := w.subscribed("eva@minta.example")
	changed, err := w.n.ChangeTopic(w.anna, w.news.ID, w.news.Version, subscription.TopicDraft{
		Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Új hírlevél", Consent: "Mást kérek."}},
	})
	w.ok(err)
	is(t, "version", changed.TextVersion, 2)
	list, err := w.n.EvidenceOf(w.privacy, who)
	w.ok(err)
	if list[1].TextVersion != 1 || !strings.Contains(list[1].Text, "Fényforrás hírlevél") {
		t.Errorf("what was agreed to changed: %+v", list[1])
	}
	again, err := w.n.ChangeTopic(w.anna, w.news.ID, changed.Version, subscription.TopicDraft{Texts: changed.Texts, Position: 3})
	w.ok(err)
	is(t, "version of the same texts", again.TextVersion, 2)
}

func TestNetworkIsAllThatIsKeptOfAnAddress(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	for ip, want := range map[string]string{
		"203.0.113.77": "203.0.113.0/24", "::ffff:203.0.113.77": "203.0.113.0/24", "2001:db8:aa:bb::1": "2001:db8:aa::/48", "fe80::1%eth0": "fe80::/48", "": "",
	} {
		is(t, ip, subscription.Minimize(ip), want)
	}
	_ = w
}

func TestNothingChangesOrDeletesEvidence(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env)
		w.subscribed("eva@minta.example")
		for _, statement := range []string{
			"UPDATE crm_consent SET act = 'ended'", "DELETE FROM crm_consent", "UPDATE crm_consent SET note = 'x' WHERE act = 'confirmed'",
		} {
			if _, err := env.DB.SQL().Exec(statement); err == nil || !strings.Contains(err.Error(), "evidence") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		is(t, "pieces", w.count("crm_consent"), 2)
	})
}

// writing finds SQL that changes evidence, or the texts that were agreed to.
var writing = regexp.MustCompile(`(?i)(UPDATE|DELETE FROM|MERGE INTO|REPLACE INTO|TRUNCATE TABLE)\s+crm_consent(_text)?\b`)

func TestNoStatementOfTheProgramWritesEvidence(t *testing.T) {
	read := 0
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "../.." || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		ours := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".sql")
		if !ours {
			return nil
		}
		read++
		text, err := os.ReadFile(name)
		if bytes.Contains(text, []byte("crm_consent")) && writing.Match(text) {
			t.Errorf("%s: %s", name, writing.Find(text))
		}
		return err
	})
	if err != nil || read < 300 {
		t.Fatalf("%d files were read: %v", read, err)
	}
}

func TestExportIsOneDocumentAndIsNoted(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	who := w.subscribed("eva@minta.example")
	var out bytes.Buffer
	w.ok(w.n.ExportEvidence(w.privacy, who, &out))
	var file struct {
		Company  string
		Party    string
		Evidence []struct{ Act, Text, Purpose, At string }
	}
	w.ok(json.Unmarshal(out.Bytes(), &file))
	if file.Company != w.Company || file.Party != who.String() || len(file.Evidence) != 2 || file.Evidence[1].Act != "confirmed" || file.Evidence[1].Text == "" {
		t.Errorf("the file says %+v", file)
	}
	if strings.Contains(out.String(), "eva@") {
		t.Error("the file holds an address")
	}
	var noted int
	w.ok(w.DB.SQL().QueryRow("SELECT COUNT(*) FROM crm_audit WHERE action = 'export' AND record_kind = 'consent'").Scan(&noted))
	is(t, "notes in the audit log", noted, 1)
}
