package subscription_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil"
)

// walker does to some addresses whatever can be done, in any order, and knows what has to come of it.
type walker struct {
	*world
	random *rand.Rand
	// known are the parties of addresses that have one, pressed the unconfirmed links, on the readers, listed the suppressed.
	known  map[string]party.ID
	links  map[string]string
	on     map[string]bool
	listed map[string]subscription.Reason
	// left are those who ended the newsletter, wait those who were asked to confirm: an import leaves both alone.
	left, wait map[string]bool
}

// steps are what can be done to an address; the word says what was.
var steps = map[string]func(w *walker, address string) error{
	"request": func(w *walker, a string) error {
		w.Clock.Advance(hour)
		w.ok(w.request(a))
		for _, m := range w.letters() {
			if strings.Contains(m.Text, "/s/"+subscription.ConfirmPage) {
				w.links[a] = token(w.t, m, subscription.ConfirmPage)
				w.known[a] = must(w.n.LinkOf(w.links[a])).Party
				w.left[a], w.wait[a] = false, true
			}
		}
		return nil
	},
	"confirm": func(w *walker, a string) error {
		if w.links[a] == "" {
			return nil
		}
		_, err := w.n.Confirm(w.out, w.links[a], visit)
		if r := w.listed[a]; r == subscription.Manual || r == subscription.Complaint {
			return want(err, fault.Conflict)
		}
		delete(w.listed, a)
		delete(w.links, a)
		w.on[a], w.left[a], w.wait[a] = true, false, false
		return err
	},
	"unsubscribe": func(w *walker, a string) error {
		if w.known[a].IsZero() {
			return nil
		}
		_, link := w.world.links(w.known[a], w.news.ID, a)
		_, err := w.n.Unsubscribe(w.out, link, visit)
		w.on[a], w.left[a], w.wait[a] = false, true, false
		return err
	},
	"leave all": func(w *walker, a string) error {
		if w.known[a].IsZero() {
			return nil
		}
		link, _ := w.world.links(w.known[a], w.news.ID, a)
		_, err := w.n.UnsubscribeAll(w.out, link, visit)
		if w.listed[a] == "" {
			w.listed[a] = subscription.OptedOut
		}
		w.on[a], w.left[a], w.wait[a] = false, true, false
		return err
	},
	"suppress": func(w *walker, a string) error {
		reason := subscription.Reasons[w.random.IntN(3)] // up to a complaint
		err := w.n.Suppress(w.system, subscription.Block{Channel: subscription.Email, Address: a, Reason: reason})
		if slices.Index(subscription.Reasons, reason) >= slices.Index(subscription.Reasons, w.listed[a]) {
			w.listed[a] = reason
		}
		w.on[a] = false
		return err
	},
	"lift": func(w *walker, a string) error {
		err := w.n.Lift(w.anna, subscription.Email, a, "kérte")
		if w.listed[a] == "" {
			return want(err, fault.NotFound)
		}
		delete(w.listed, a)
		if !w.known[a].IsZero() && !w.on[a] {
			w.left[a], w.wait[a] = true, false
		}
		return err
	},
	"enter": func(w *walker, a string) error {
		rows, err := w.n.Enter(w.anna, subscription.Entry{Address: a, Topics: []subscription.TopicID{w.news.ID}, Ground: fair})
		if w.listed[a] != "" {
			return want(err, fault.Conflict)
		}
		if err == nil {
			w.known[a], w.on[a], w.left[a], w.wait[a] = rows[0].PartyID, true, false, false
		}
		return err
	},
	"import": func(w *walker, a string) error {
		got, err := w.n.Import(w.anna, subscription.ImportPlan{Topics: []subscription.TopicID{w.news.ID}, Ground: fair}, strings.NewReader("e-mail\n"+a+"\n"))
		subscribes := w.listed[a] == "" && !w.on[a] && !w.left[a] && !w.wait[a]
		if subscribes != (got.Subscribed == 1) {
			return fmt.Errorf("the import says %+v, want subscribed %v", got, subscribes)
		}
		if subscribes {
			w.on[a] = true
			l, err := w.n.List(w.anna, subscription.Filter{Topic: w.news.ID})
			w.ok(err)
			for _, r := range l.Rows {
				w.known[r.Address] = r.PartyID
			}
		}
		return err
	},
}

func want(err error, code fault.Code) error {
	if errors.Is(err, code) {
		return nil
	}
	return fmt.Errorf("%w, want %s", err, code)
}

func TestWhateverHappensTheAudienceIsRight(t *testing.T) {
	addresses := []string{"anna@egy.example", "info@ketto.example", "iosif@harom.example", "nikos@tessera.example"}
	for seed := range uint64(3) {
		t.Run(fmt.Sprintf("walk %d", seed), func(t *testing.T) {
			w := &walker{
				world: newWorld(t, testutil.SQLite(t)), random: rand.New(rand.NewPCG(seed, 7)), known: map[string]party.ID{}, links: map[string]string{},
				on: map[string]bool{}, listed: map[string]subscription.Reason{}, left: map[string]bool{}, wait: map[string]bool{},
			}
			names := make([]string, 0, len(steps))
			for name := range steps {
				names = append(names, name)
			}
			slices.Sort(names)
			var done []string
			for range 60 {
				a, name := addresses[w.random.IntN(len(addresses))], names[w.random.IntN(len(names))]
				done = append(done, name+" "+a)
				proved := w.count("crm_consent")
				if err := steps[name](w, a); err != nil {
					t.Fatalf("%v after: %s", err, strings.Join(done, ", "))
				}
				var wanted []string
				for a, on := range w.on {
					if on {
						wanted = append(wanted, a+"/hu")
					}
				}
				slices.Sort(wanted)
				if got := w.audience(w.news.ID); got != strings.Join(wanted, " ") {
					t.Fatalf("the audience is %q, want %q, after: %s", got, wanted, strings.Join(done, ", "))
				}
				if w.count("crm_consent") < proved {
					t.Fatalf("evidence is gone after: %s", strings.Join(done, ", "))
				}
			}
		})
	}
}
