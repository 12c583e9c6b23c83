package crm_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/quote"
	"github.com/crmplus/crmplus/testutil"
)

// The environment of a child process: the test binary starts itself and works the chain of one lead.
const (
	childFile    = "CRMPLUS_CHILD_FILE"
	childCompany = "CRMPLUS_CHILD_COMPANY"
	childLead    = "CRMPLUS_CHILD_LEAD"
	childImport  = "CRMPLUS_CHILD_IMPORT"
	childRemote  = "CRMPLUS_CHILD_REMOTE"
	childAPI     = "CRMPLUS_CHILD_API"
	childReach   = "CRMPLUS_CHILD_SETTINGS"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(childFile); file != "" {
		if err := child(file, os.Getenv(childCompany), os.Getenv(childLead)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(file, company, leadID string) error {
	if address := os.Getenv(childRemote); address != "" {
		return workElsewhere(file, address)
	}
	if port := os.Getenv(childPost); port != "" {
		return workPost(file, company, port)
	}
	if ahead := os.Getenv(childRules); ahead != "" {
		return workRules(file, company, ahead)
	}
	if name := os.Getenv(childAPI); name != "" {
		return workByAPI(file, name, os.Getenv(childReach))
	}
	w, err := reopen(file, company)
	if err != nil {
		return err
	}
	if path := os.Getenv(childImport); path != "" {
		fmt.Println("ready")
		_, err := w.importFile(path)
		return err
	}
	var id lead.ID
	if err := id.UnmarshalText([]byte(leadID)); err != nil {
		return err
	}
	fmt.Println("ready")
	return w.workLead(w.boss(), id)
}

// workLead takes a lead all the way to its invoice, from wherever an earlier process left it.
func (w *world) workLead(ctx context.Context, id lead.ID) error {
	converted, err := w.module.Convert.Lead(ctx, id, w.choice(nil))
	if err != nil {
		return err
	}
	q, err := w.quoteOf(ctx, converted)
	if err != nil {
		return err
	}
	ordered, err := w.module.Convert.Order(ctx, fromQuote(q))
	if err != nil {
		return err
	}
	part := following(ordered)
	part.Key = "first part"
	part.Lines = []convert.LineChoice{{Line: ordered.Document.Lines[0].Key, Quantity: money.MustQuantity("5")}}
	for _, step := range []func() (convert.Result, error){
		func() (convert.Result, error) { return w.module.Convert.Deliver(ctx, part) },
		func() (convert.Result, error) { return w.module.Convert.Deliver(ctx, following(ordered)) },
		func() (convert.Result, error) { return w.module.Convert.Invoice(ctx, following(ordered)) },
	} {
		if _, err := step(); err != nil {
			return err
		}
	}
	return nil
}

// quoteOf makes the accepted quote of a converted lead, or takes an earlier process's further.
func (w *world) quoteOf(ctx context.Context, converted convert.Result) (quote.Quote, error) {
	list, err := w.module.Quotes.List(ctx, quote.Filter{Party: converted.Party})
	if err != nil {
		return quote.Quote{}, err
	}
	if len(list.Rows) == 0 {
		return w.accepted(ctx, converted.Party, opportunity.ID(converted.Opportunity))
	}
	card, err := w.module.Quotes.Issue(ctx, list.Rows[0].ID)
	if err != nil {
		return quote.Quote{}, err
	}
	_, err = w.module.Quotes.Accept(ctx, card.Quote.ID, quote.Answer{By: "Őrsi Zsófia"})
	return card.Quote, err
}

func start(w *world, id lead.ID) (*exec.Cmd, *bufio.Reader, error) {
	return startWith(w, childLead+"="+id.String())
}

func startWith(w *world, task string) (*exec.Cmd, *bufio.Reader, error) {
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), childFile+"="+w.file, childCompany+"="+w.company, task)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, bufio.NewReader(out), cmd.Start()
}

// TestKillAtRandomPoints kills a real process with SIGKILL while it works a lead from conversion to
// invoice. What it leaves is all of a step or nothing of it, and another process completes the rest:
// one customer, one order, two delivery notes, one invoice. CRMPLUS_SOAK=1 kills 200 times.
func TestKillAtRandomPoints(t *testing.T) {
	runs := 8
	if os.Getenv("CRMPLUS_SOAK") != "" {
		runs = 200
	}
	w := newWorld(t, testutil.SQLite(t))
	ctx := w.boss()
	window := w.timeOfOneRun(t)
	killed := 0
	for i := range runs {
		id, err := w.completeLead(ctx, fmt.Sprintf("K%d", i))
		if err != nil {
			t.Fatal(err)
		}
		if w.runAndKill(t, id, rand.N(window)) {
			killed++
		}
		w.checkWhole(t)
		if err := w.workLead(ctx, id); err != nil {
			t.Fatalf("run %d: the next process cannot complete the work: %v", i, err)
		}
		for table, want := range map[string]int{"erp_order": 1, "erp_delivery": 2, "erp_invoice": 1} {
			if n := w.count(t, table, ""); n != want*(i+2) { // the timed run left one of each too
				t.Fatalf("run %d: %s has %d rows, want %d", i, table, n, want*(i+2))
			}
		}
	}
	w.checkWhole(t)
	t.Logf("%d of %d processes were killed at work, within %s of their start", killed, runs, window)
	if killed == 0 {
		t.Error("no process was killed at work; the window is too long")
	}
}

// timeOfOneRun measures how long a child works, so that kills fall into its work.
func (w *world) timeOfOneRun(t *testing.T) time.Duration {
	t.Helper()
	id, err := w.completeLead(w.boss(), "timed")
	if err != nil {
		t.Fatal(err)
	}
	cmd, out, err := start(w, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	from := time.Now()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("an undisturbed child failed: %v", err)
	}
	return max(time.Since(from), 5*time.Millisecond)
}

// runAndKill reports whether the child was still at work.
func (w *world) runAndKill(t *testing.T, id lead.ID, after time.Duration) bool {
	t.Helper()
	cmd, out, err := start(w, id)
	return killAfter(t, cmd, out, err, after)
}

func killAfter(t *testing.T, cmd *exec.Cmd, out *bufio.Reader, err error, after time.Duration) bool {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	return cmd.Wait() != nil
}

// checkFile looks for damage, on a connection of its own: FTS5 checks an index by what the connection last
// knew of its segments, which processes that wrote meanwhile have merged into others.
func (w *world) checkFile(t *testing.T) {
	t.Helper()
	db, err := sqlite.Open(w.file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.SQL().Close()
	var integrity string
	if err := db.SQL().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&integrity); err != nil || integrity != "ok" {
		t.Fatalf("the database file is damaged: %s %v", integrity, err)
	}
}

// checkWhole looks for halves: host records without our link, links without host records, numbers
// without documents.
func (w *world) checkWhole(t *testing.T) {
	t.Helper()
	w.checkFile(t)
	for kind, table := range map[string]string{"order": "erp_order", "delivery": "erp_delivery", "invoice": "erp_invoice"} {
		links, documents := w.count(t, "crm_link", "host_kind = ?", kind), w.count(t, table, "")
		conversions := w.count(t, "crm_conversion", "kind = ? AND state = 'done'", kind)
		if links != documents || conversions != documents {
			t.Fatalf("%d %s documents, %d links, %d conversions", documents, kind, links, conversions)
		}
	}
	customers := w.count(t, "crm_role", "role = 'customer'")
	if conversions := w.count(t, "crm_conversion", "kind = 'customer' AND state = 'done'"); conversions != customers {
		t.Fatalf("%d customers linked, %d conversions", customers, conversions)
	}
	if facts, done := w.count(t, "crm_event", "kind = 'document.made'"), w.count(t, "crm_conversion", "kind <> 'customer'"); facts != done {
		t.Fatalf("%d events, %d conversions", facts, done)
	}
}

// TestTwoProcessesConvertOneLead lets two real processes and this one work the same lead at once.
func TestTwoProcessesConvertOneLead(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t))
	id, err := w.completeLead(w.boss(), "Ketten")
	if err != nil {
		t.Fatal(err)
	}
	before := w.count(t, "erp_customer", "")
	var children []*exec.Cmd
	for range 2 {
		cmd, out, err := start(w, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
	}
	if _, err := w.module.Convert.Lead(w.boss(), id, w.choice(nil)); err != nil {
		t.Error(err)
	}
	for _, c := range children {
		_ = c.Wait() // both draft a quote of their own; only the conversion is one
	}
	if n := w.count(t, "erp_customer", "") - before; n != 1 {
		t.Errorf("%d customers", n)
	}
	if n := w.count(t, "crm_conversion", "kind = 'customer'"); n != 1 {
		t.Errorf("%d conversions", n)
	}
}

// importFile imports a file as the preview proposes; called again it goes on where it broke off.
func (w *world) importFile(path string) (lead.Import, error) {
	f, err := os.Open(path)
	if err != nil {
		return lead.Import{}, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return lead.Import{}, err
	}
	src := lead.Source{Name: "leads.csv", File: f, Size: st.Size()}
	preview, err := w.module.Leads.Preview(w.boss(), src, lead.PreviewOptions{})
	if err != nil {
		return lead.Import{}, err
	}
	return w.module.Leads.Import(w.boss(), src, preview.Plan)
}

// TestKillDuringImport kills a real process again and again while it imports a file. Each next process
// goes on behind the last chunk that was committed, so that in the end every row was taken once.
func TestKillDuringImport(t *testing.T) {
	rows, kills := 3_000, 6
	if os.Getenv("CRMPLUS_SOAK") != "" {
		rows, kills = 60_000, 60
	} else if testing.Short() {
		rows, kills = 600, 2
	}
	w := newWorld(t, testutil.SQLite(t))
	path := filepath.Join(t.TempDir(), "leads.csv")
	var text strings.Builder
	text.WriteString("Név;E-mail;Telefon;Város\n")
	for i := range rows {
		fmt.Fprintf(&text, "Próba %d;proba%d@example.com;06 30 %03d %04d;Győr\n", i, i, 100+i/10000, i%10000)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	killed, at := 0, 0
	for range kills {
		cmd, out, err := startWith(w, childImport+"="+path)
		if killAfter(t, cmd, out, err, 150*time.Millisecond+rand.N(500*time.Millisecond)) {
			killed++
		}
		n := w.count(t, "crm_lead", "")
		if n < at {
			t.Fatalf("leads were lost: %d, and %d before", n, at)
		}
		at = n
	}
	if _, err := w.importFile(path); err != nil && at < rows { // a fast machine was done before the last kill
		t.Fatal(err)
	}
	imports, err := w.module.Leads.Imports(w.boss(), store.Page{})
	if err != nil || len(imports) != 1 {
		t.Fatalf("%d imports, %v", len(imports), err)
	}
	done := imports[0]
	if n := w.count(t, "crm_lead", ""); n != rows || done.RowsTaken != int64(rows) || done.RowsRead != int64(rows) {
		t.Errorf("%d leads of %d rows; the import says %d read, %d taken, %d merged", n, rows, done.RowsRead, done.RowsTaken, done.RowsMerged)
	}
	if parties := w.count(t, "crm_party", ""); parties != rows {
		t.Errorf("%d parties of %d rows", parties, rows)
	}
	w.checkWhole(t)
	t.Logf("%d of %d processes were killed while they imported; %d leads were there after the last kill", killed, kills, at)
}
