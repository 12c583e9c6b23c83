package campaign_test

import (
	"testing"

	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/testutil"
)

func TestEverybodyGetsExactlyOne(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		w.readers(250)
		p := plan()
		p.Seeds = []string{"Vera@fenyforras.example", "fonok@fenyforras.example"}
		row := w.scheduled(p, oneContent)
		w.work()
		is(t, "state", w.get(row.ID).State, campaign.Done)
		is(t, "sent", w.consistent(row.ID).Sent, int64(252))
		is(t, "arrived", w.sink.messages(t), 252)
		is(t, "a Greek reader's mail", w.sink.got[address(5)][0], "7-A-el")
		is(t, "an English reader's mail is recorded with the reader's language", w.sink.got[address(2)][0], "4-A-en")
	})
}
