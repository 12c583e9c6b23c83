package crm_test

import (
	"context"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
)

// busyCustomers refuses for the moment and says when to come back.
type busyCustomers struct {
	remoteCustomers
	code  fault.Code
	at    time.Time
	asked *int
}

type comeBackAt struct{ at time.Time }

func (c comeBackAt) Error() string      { return "come back later" }
func (c comeBackAt) RetryAt() time.Time { return c.at }

func (b busyCustomers) Create(context.Context, erpbridge.Session, erpbridge.Customer) (erpbridge.Customer, error) {
	*b.asked++
	return erpbridge.Customer{}, fault.Wrap(comeBackAt{b.at}, b.code, "the host is busy")
}

// TestElsewhereSaysWhenToComeBack: a host that names the time is left alone until then, also by the calls
// that come after, and nothing is lost.
func TestElsewhereSaysWhenToComeBack(t *testing.T) {
	for name, c := range map[string]struct {
		code     fault.Code
		in       time.Duration
		min, max time.Duration
		later    int // how often the host is asked when another conversion is due
	}{
		"in ten minutes":            {fault.Unavailable, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute, 1},
		"in three days":             {fault.Unavailable, 72 * time.Hour, time.Hour, time.Hour, 1},
		"sooner than we would come": {fault.Unavailable, time.Second, 5 * time.Second, 10 * time.Second, 1},
		"a minute ago":              {fault.Retryable, -time.Minute, 5 * time.Second, 10 * time.Second, 2},
		"before it has settled":     {fault.Unknown, 30 * time.Second, 2 * time.Minute, 2 * time.Minute, 1},
		"after it has settled":      {fault.Unknown, 30 * time.Minute, 30 * time.Minute, 30 * time.Minute, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFar(t, testutil.SQLite(t), rates{})
			asked, now := 0, f.clock.Now()
			host := f.port.host()
			host.Customers = busyCustomers{remoteCustomers{f.port}, c.code, now.Add(c.in), &asked}
			busy, err := crm.New(f.db, crm.Config{Host: host, Log: quiet, Outbox: convert.Outbox{Senders: 1}})
			if err != nil {
				t.Fatal(err)
			}
			well := f.module
			f.module = busy
			var wanted []convert.Result
			for _, lead := range []string{"Első", "Második"} {
				r, err := busy.Convert.Lead(f.boss(), f.lead(t, lead), f.choice(nil))
				if err != nil {
					t.Fatal(err)
				}
				wanted = append(wanted, r)
			}
			f.background(t) // and a minute passes
			if asked != c.later {
				t.Errorf("the host was asked %d times, want %d", asked, c.later)
			}
			calls := f.calls(t, convert.CallFilter{States: []convert.CallState{convert.CallPending, convert.CallUnknown}})
			latest := time.Time{}
			for _, call := range calls {
				if call.DueAt.After(latest) {
					latest = call.DueAt
				}
			}
			if wait := latest.Sub(now); len(calls) != 2 || wait < c.min || wait > c.max {
				t.Errorf("of %d calls the last is due in %s, want %s to %s", len(calls), wait, c.min, c.max)
			}
			if c.in > time.Minute {
				f.background(t)
				if asked != c.later {
					t.Errorf("before its time the host was asked %d times, want %d", asked, c.later)
				}
			}
			f.module = well
			for _, r := range wanted {
				if r = f.finish(t, r.ID); r.State != convert.Done {
					t.Errorf("%+v", r)
				}
			}
			f.check(t, 2, 0)
		})
	}
}
