package rule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/rule"
)

// TestAConditionIsStopped: the longest condition over endless lists ends soon, with a clear word; over the lists of a busy record
// it gives its answer.
func TestAConditionIsStopped(t *testing.T) {
	env := sample(t)
	long := strings.Repeat(`.score == 1 or `, 60) + `.score == 2`
	leads := func(n int) rule.Values {
		rows := make([]rule.Values, n)
		for i := range rows {
			rows[i] = rule.Values{"score": decimal.NewFromInt(3), "status": "new", "value": decimal.Zero, "arrived_at": at.Now}
		}
		return rule.Values{"leads": rows}
	}
	for _, source := range []string{
		`any(leads, ` + long + `)`, `count(leads, ` + long + `) > 3`, `none(leads, .status in ["` + strings.Repeat(`working","`, 150) + `qualified"])`,
	} {
		c, err := env.Parse(source)
		if err != nil {
			t.Fatalf("%.80s: %v", source, err)
		}
		if _, err := c.Holds(at, leads(2000)); err != nil {
			t.Errorf("%.80s over 2000 rows: %v", source, err)
		}
		began := time.Now()
		holds, err := c.Holds(at, leads(300_000))
		if !errors.Is(err, fault.Limit) || holds || !strings.Contains(err.Error(), fmt.Sprint(rule.MaxSteps)) {
			t.Errorf("%.80s over 300,000 rows: %v, %v", source, holds, err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%.80s took %s", source, took)
		}
	}
}
