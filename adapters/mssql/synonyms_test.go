package mssql_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/adapters/mssql"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

func TestSynonymsCoverEveryTable(t *testing.T) {
	script, err := mssql.SynonymSQL(mssql.Beside{Database: "Crm Plus"})
	if err != nil {
		t.Fatal(err)
	}
	names := store.Objects(store.MSSQL)
	for _, name := range append([]string{"crm_lead", "crm_conversion", "crm_v_lead"}, names...) {
		want := "IF NOT EXISTS (SELECT 1 FROM sys.synonyms WHERE name = N'" + name + "')\nCREATE SYNONYM [" + name + "] FOR [Crm Plus].[dbo].[" + name + "];\nGO\n"
		if !strings.Contains(script, want) {
			t.Errorf("the script has no synonym %s; looked for:\n%s", name, want)
		}
	}
	if got := strings.Count(script, "CREATE SYNONYM"); got != len(names) {
		t.Errorf("the script makes %d synonyms for %d tables", got, len(names))
	}
}

func TestHostileNamesAreRefused(t *testing.T) {
	for _, at := range []mssql.Beside{
		{Database: ""}, {Database: "x]; DROP DATABASE erp; --"}, {Database: "crm", Schema: "dbo]"}, {Database: "a'b"}, {Database: strings.Repeat("x", 200)},
	} {
		if _, err := mssql.SynonymSQL(at); !errors.Is(err, fault.Invalid) {
			t.Errorf("%+v gave %v, want fault.Invalid", at, err)
		}
	}
}
