package workflow_test

import (
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/workflow"
	"github.com/crmplus/crmplus/testutil"
)

// BenchmarkEvents has rules look at leads as they come: "seen" are events whose condition does not hold, "acted" such
// that plan a task each. Events are delivered and runs are worked as the background does it.
func BenchmarkEvents(b *testing.B) {
	for name, value := range map[string]int{"seen": 1000, "acted": 2_500_000} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, testutil.SQLite(b))
			w.live("Nagy érdeklődő", leadrule.Lead, workflow.Plan{
				Trigger: on(lead.EventCaptured), When: `lead.value >= 1000000 and lead.source == "fair"`,
				Actions: []workflow.Action{{Step: activity.StepPlan, Given: map[string]string{"subject": "Hívja fel: {party.name}", "days": "2", "to": "owner"}}},
			})
			const events = 2000
			var took time.Duration
			for b.Loop() {
				b.StopTimer()
				for range events {
					w.capture("Kovács Anna", value)
				}
				b.StartTimer()
				start := time.Now()
				w.run()
				took += time.Since(start)
			}
			b.ReportMetric(float64(events*b.N)/took.Seconds(), "events/s")
		})
	}
}
