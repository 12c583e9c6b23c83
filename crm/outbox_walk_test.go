package crm_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/opportunity"
	"github.com/crmplus/crmplus/erpbridge/convert"
	"github.com/crmplus/crmplus/testutil"
)

// TestFaultElsewhereWithPeople lets people ask, repeat, look, decide, give up and take back in any order,
// while the network and the ERP fail in every way. Whatever they do, as long as what they say is true,
// the ERP has in the end exactly what CRM+ says it has. CRMPLUS_SOAK=1 makes it long.
func TestFaultElsewhereWithPeople(t *testing.T) {
	seeds := uint64(8)
	if os.Getenv("CRMPLUS_SOAK") != "" {
		seeds = 1000
	}
	seen := map[string]int{}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			f := newFar(t, testutil.SQLite(t), rates{Before: 10, After: 12, Late: 10, Busy: 5, Broken: 8, Refuse: 12, Blind: 12})
			f.erp.random = rand.New(rand.NewPCG(seed, 1))
			o := office{far: f, t: t, random: rand.New(rand.NewPCG(seed, 2)), seen: seen}
			for range 60 {
				o.step()
			}
			o.close()
		})
	}
	for _, deed := range []string{"retry", "made", "not made", "abandon", "undo", "order"} {
		if seen[deed] == 0 {
			t.Errorf("nobody ever did: %s", deed)
		}
	}
	t.Logf("%v", seen)
}

// office is people at work.
type office struct {
	*far
	t      *testing.T
	random *rand.Rand
	leads  int
	asked  []convert.ID
	seen   map[string]int
}

func (o *office) step() {
	switch o.random.IntN(8) {
	case 0:
		o.leads++
		id := o.lead(o.t, fmt.Sprintf("P%d", o.leads))
		o.keep(o.module.Convert.Lead(o.boss(), id, o.choice(sold("asztal"))))
	case 1:
		o.eachDone(func(r convert.Result) {
			if r.Kind == convert.ToCustomer && o.random.IntN(3) == 0 {
				deal, err := o.module.Opportunities.Create(o.boss(), opportunity.Draft{PartyID: r.Party, Name: "szék", Lines: sold("szék")})
				if err != nil {
					o.t.Fatal(err)
				}
				o.keep(o.module.Convert.Order(o.boss(), fromDeal(deal.ID)))
				o.seen["order"]++
			}
		})
	case 2:
		o.eachDone(func(r convert.Result) {
			if r.Kind == convert.ToOrder && o.random.IntN(3) == 0 {
				if err := o.module.Convert.Undo(o.boss(), r.ID, "tévedés"); err != nil {
					o.t.Fatal(err)
				}
				o.seen["undo"]++
			}
		})
	case 3:
		o.decide()
	default:
		o.background(o.t)
	}
}

func (o *office) keep(r convert.Result, err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	o.asked = append(o.asked, r.ID)
}

func (o *office) eachDone(do func(r convert.Result)) {
	o.t.Helper()
	for _, id := range o.asked {
		r, err := o.module.Convert.Get(o.boss(), id)
		if err != nil {
			o.t.Fatal(err)
		}
		if r.State == convert.Done {
			do(r)
		}
	}
}

// decide lets a person deal with a call that failed or has no answer. He looks at the ERP when nothing
// is under way there any more, and tells the truth.
func (o *office) decide() {
	o.t.Helper()
	calls := o.calls(o.t, convert.CallFilter{States: []convert.CallState{convert.CallFailed, convert.CallUnknown}})
	if len(calls) == 0 {
		return
	}
	call := calls[o.random.IntN(len(calls))]
	if o.random.IntN(2) == 0 {
		o.must(o.module.Convert.Retry(o.boss(), call.ID))
		o.seen["retry"]++
		return
	}
	o.clock.Advance(3 * time.Minute)
	o.erp.catchUp()
	made, part := o.truth(call)
	switch {
	case made != nil:
		o.must(o.module.Convert.Resolve(o.boss(), call.ID, convert.Resolution{Outcome: convert.Made, Key: made.Key, Number: made.Document.Number}))
		o.seen["made"]++
	case o.random.IntN(2) == 0 && !part:
		o.must(o.module.Convert.Abandon(o.boss(), call.ID, convert.Abandonment{Checked: true}))
		o.seen["abandon"]++
	default:
		o.must(o.module.Convert.Resolve(o.boss(), call.ID, convert.Resolution{Outcome: convert.NotMade}))
		o.seen["not made"]++
	}
}

func (o *office) must(_ convert.Call, err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// truth is what the ERP made in the step of a call whose outcome is open, and whether it did an earlier
// step of it.
func (o *office) truth(call convert.Call) (made *entry, part bool) {
	o.t.Helper()
	var p struct {
		Answers []any
		Open    *struct{ Number int }
	}
	if err := json.Unmarshal([]byte(call.Progress), &p); err != nil {
		o.t.Fatal(err)
	}
	part = len(p.Answers) > 0
	if p.Open == nil {
		return nil, part
	}
	if call.Operation == convert.UndoCall {
		r, err := o.module.Convert.Get(o.boss(), call.ConversionID)
		if err != nil {
			o.t.Fatal(err)
		}
		all := o.erp.made("order")
		i := slices.IndexFunc(all, func(e entry) bool { return e.Key == r.Document.Key && e.Gone })
		if i >= 0 {
			return &all[i], part
		}
		return nil, part
	}
	token := fmt.Sprintf("%s:%d", call.ConversionID, p.Open.Number)
	for _, kind := range []string{"customer", "contact", "order"} {
		all := o.erp.made(kind)
		if i := slices.IndexFunc(all, func(e entry) bool { return e.Token == token }); i >= 0 {
			return &all[i], part
		}
	}
	return nil, part
}

// close finishes everything and holds both sides against each other.
func (o *office) close() {
	o.t.Helper()
	o.erp.rates = rates{}
	for range 500 {
		o.background(o.t)
		waiting := o.calls(o.t, convert.CallFilter{Waiting: convert.WaitingForPerson})
		for _, c := range waiting {
			o.must(o.module.Convert.Retry(o.boss(), c.ID))
		}
		if o.count(o.t, "crm_host_call", "state NOT IN ('done', 'abandoned')") == 0 {
			break
		}
	}
	want := map[string]bool{}
	for _, id := range o.asked {
		r, err := o.module.Convert.Get(o.boss(), id)
		if err != nil {
			o.t.Fatal(err)
		}
		switch {
		case r.State == convert.Abandoned:
			if n := o.count(o.t, "crm_link", "conversion_id = ?", id.Bytes()); n != 0 {
				o.t.Errorf("an abandoned conversion has %d links", n)
			}
		case r.State == convert.Undone:
			want[r.Document.Key] = false
		case r.State != convert.Done:
			o.t.Fatalf("not done: %+v", r)
		case r.Document != nil:
			want[r.Document.Key] = true
		default:
			want[r.Customer.Key], want[r.Contacts[0].Key] = true, true
			if card, err := o.module.Leads.Get(o.boss(), lead.ID(r.Leads[0])); err != nil || card.Lead.Status != lead.StatusConverted {
				o.t.Errorf("the lead is %s, %v", card.Lead.Status, err)
			}
		}
	}
	has := map[string]bool{}
	for _, kind := range []string{"customer", "contact", "order"} {
		for _, e := range o.erp.made(kind) {
			has[e.Key] = !e.Gone
		}
	}
	for key, there := range has {
		if wanted, known := want[key]; !known || wanted != there {
			o.t.Errorf("the ERP has %s: %v; we know it: %v and want it: %v", key, there, known, wanted)
		}
	}
	for key := range want {
		if _, ok := has[key]; !ok {
			o.t.Errorf("the ERP lacks %s", key)
		}
	}
}
