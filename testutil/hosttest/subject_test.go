package hosttest

import (
	"strings"
	"testing"

	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/testutil/erp"
)

// TestWhatASubjectLacksIsToldWithItsRemedy: a vendor who begins reads these sentences first.
func TestWhatASubjectLacksIsToldWithItsRemedy(t *testing.T) {
	err := Subject{Host: erpbridge.Host{Name: "x", Customers: erp.New(nil, erp.SQLite).Host().Customers}}.check()
	for _, want := range []string{"OtherCompany: is missing", `name "contacts" in Lacks`, `name "company data" in Lacks`, "Begin: is missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	err = Subject{Host: erpbridge.Host{Name: "x", Customers: erp.New(nil, erp.SQLite).Host().Customers}, OtherCompany: "B", Lacks: []Feature{Companies}}.check()
	if err == nil || !strings.Contains(err.Error(), "Lacks: names companies, but the host has it") {
		t.Errorf("a second company and none: %v", err)
	}
}
