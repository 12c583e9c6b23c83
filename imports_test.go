package crmplus_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/crmplus/crmplus/"

// layers are the rooms from the bottom up: a package imports only from layers below its own, or, where
// the layer says so, from its own.
var layers = []struct {
	packages []string
	// level lets packages of one layer import each other in the order of the list.
	level bool
}{
	{packages: []string{"crm/fault", "crm/civil"}},
	{packages: []string{"crm/actor", "crm/money"}},
	{packages: []string{"crm/locale"}},
	{packages: []string{"crm/formula", "crm/store", "crm/tabular", "crm/vcard", "quote/pdf", "quote/pdf/fonts", "reports/workbook"}},
	{packages: []string{"crm/policy", "crm/event", "erpbridge", "crm/party", "crm/custom", "crm/mail", "crm/apikey", "crm/webhook", "crm/signon"}, level: true},
	{packages: []string{"crm/setting", "crm/live", "crm/activity", "crm/opportunity", "crm/lead", "quote", "crm/notice", "crm/readlog"}, level: true},
	{packages: []string{"crm/rule", "crm/calendar", "crm/leadrule", "crm/routing", "crm/clock", "crm/regulation", "crm/process", "crm/scoring", "crm/workflow", "newsletter/merge", "newsletter/message", "newsletter/content", "newsletter/bounce", "newsletter/sms", "newsletter/track", "newsletter/segment", "newsletter/subscription", "newsletter/campaign", "newsletter/sequence", "newsletter"}, level: true},
	{packages: []string{"erpbridge/catalog", "erpbridge/tablehost", "erpbridge/prochost", "erpbridge/apihost"}, level: true},
	{packages: []string{"reports/exchange", "reports/buying", "reports/sold", "reports/retention", "reports/cost", "reports/value", "reports/suggest", "reports/kpi", "reports/forecast", "reports/quantity", "reports/receipt", "reports/quota", "reports/commission", "reports/paper", "reports/schedule"}, level: true},
	{packages: []string{"erpbridge/convert", "reports", "crm/search"}},
	{packages: []string{"crm"}},
	{packages: []string{"adapters/sqlite", "adapters/mssql", "adapters/smtp", "adapters/sms", "adapters/imap", "adapters/api", "adapters/web"}},
	{packages: []string{"adapters/cli/crmplus"}},
	{packages: []string{"testutil", "testutil/erp/sample/generate", "testutil/erp", "testutil/embedded", "testutil/northwind", "testutil/regional", "testutil/erpapi", "testutil/tsql", "testutil/hosttest", "testutil/mailtest", "testutil/smstest"}, level: true},
	{packages: []string{"examples/quickstart", "examples/hosterp", "examples/hosttx", "examples/sidecar", "examples/campaign"}},
}

func place(pkg string) (layer, index int) {
	for i, l := range layers {
		for k, p := range l.packages {
			if p == pkg {
				return i, k
			}
		}
	}
	return -1, -1
}

// testOnly are modules that must never reach a package that a host compiles in.
var testOnly = []string{"pgregory.net/rapid", "github.com/google/go-cmp", "go.uber.org/goleak", "github.com/chromedp/chromedp", "github.com/emersion/go-smtp", "github.com/emersion/go-msgauth"}

func TestImportsPointOneWay(t *testing.T) {
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "doc.go" {
			return nil
		}
		pkg := path.Dir(filepath.ToSlash(name))
		from, fromIndex := place(pkg)
		if from < 0 {
			t.Errorf("%s: the package %s has no layer; give it one here and in ARCHITECTURE.md", name, pkg)
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			for _, m := range testOnly {
				if strings.HasPrefix(imported, m) && !strings.HasPrefix(pkg, "testutil") {
					t.Errorf("%s imports %s, which is for tests", name, imported)
				}
			}
			target, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			to, toIndex := place(target)
			if to < 0 {
				t.Errorf("%s imports %s, which has no layer", name, target)
				continue
			}
			if to > from || to == from && (!layers[from].level || toIndex >= fromIndex) {
				t.Errorf("%s: %s must not import %s", name, pkg, target)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
