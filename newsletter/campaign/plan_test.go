package campaign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/testutil"
)

// TestEveryStatementSeeks goes through the whole life of a campaign and looks at the plan of each statement.
func TestEveryStatementSeeks(t *testing.T) {
	env, plans := testutil.Planned(t)
	w := newWorld(t, env, func(c *campaign.Config) { c.Clicks = nil })
	w.readers(60)
	w.sink.set(func(e message.Envelope) error {
		switch e.To {
		case address(1):
			return refused(451, "4.7.1 later")
		case address(2):
			return refused(550, "5.1.1 unknown user")
		case address(3):
			return mail.NewFailure(mail.Unknown, nil, "the connection broke")
		}
		return nil
	})
	p := plan()
	p.TestShare, p.PerHour = 50, 100_000
	row := w.scheduled(p, variants("AB"))
	w.work()
	_, err := w.campaigns.ChooseWinner(w.vera, row.ID, "A")
	w.ok(err)
	w.work()
	_, err = w.campaigns.Resolve(w.vera, row.ID, []int{3}, campaign.Repeat)
	w.ok(err)
	w.sink.set(nil)
	w.Clock.Advance(time.Hour)
	w.work()
	_, err = w.campaigns.Returned(w.system, row.ID, []campaign.Return{{Seq: 5, To: campaign.Complained}})
	w.ok(err)
	w.consistent(row.ID)
	_, err = w.campaigns.List(w.vera, campaign.Filter{State: campaign.Done})
	w.ok(err)
	_, err = w.campaigns.Numbered(w.system, row.Number)
	w.ok(err)
	is(t, "state", w.get(row.ID).State, campaign.Done)
	for _, scan := range plans.Scans() {
		if !strings.HasPrefix(scan, "PRAGMA") {
			t.Errorf("this statement reads a whole table:\n%s", scan)
		}
	}
}
