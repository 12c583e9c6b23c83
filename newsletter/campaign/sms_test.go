package campaign_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/content"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/sms"
	"github.com/crmplus/crmplus/newsletter/track"
	"github.com/crmplus/crmplus/testutil"
)

// carrier is a gateway in memory that answers as it is told.
type carrier struct {
	mu sync.Mutex
	// answer says what becomes of a message at its nth try; nil takes everything.
	answer func(m sms.Message, try int) error
	// takes says that it takes a message also where it answers with an error.
	takes bool
	got   map[string][]sms.Message
	keys  map[string]int
	asked int
}

func newCarrier() *carrier { return &carrier{got: map[string][]sms.Message{}, keys: map[string]int{}} }

func (g *carrier) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.keys[m.ID]++
	g.asked++
	var err error
	if g.answer != nil {
		err = g.answer(m, g.keys[m.ID])
	}
	if err == nil || g.takes {
		g.got[m.To] = append(g.got[m.To], m)
	}
	return sms.Receipt{GatewayID: "gw-" + m.ID}, err
}

// only gives the message of a number, and fails where there is not exactly one.
func (g *carrier) only(t testing.TB, number string) sms.Message {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.got[number]); n != 1 {
		t.Fatalf("%s got %d messages", number, n)
	}
	return g.got[number][0]
}

// finder is a carrier that can be asked.
type finder struct{ *carrier }

func (f finder) Find(_ context.Context, id string) (sms.Report, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, list := range f.got {
		if slices.ContainsFunc(list, func(m sms.Message) bool { return m.ID == id }) {
			return sms.Report{ID: id, State: sms.Carried, GatewayID: "found-" + id}, nil
		}
	}
	return sms.Report{}, fault.New(fault.NotFound, "never heard of it")
}

var tariff = sms.Tariff{Currency: "HUF", Prices: []sms.Price{{Prefix: "+36", Part: money.MustAmount("18")}, {Prefix: "+972", Part: money.MustAmount("30")}, {Prefix: "+30", Part: money.MustAmount("25")}}}

// noon is an hour in which nobody wants quiet: a Tuesday, 12:00 in Budapest.
var noon = time.Date(2026, 9, 15, 10, 0, 0, 0, time.UTC)

// setClock moves the clock of a test to an instant.
func setClock(env *testutil.Env, at time.Time) { env.Clock.Advance(at.Sub(env.Clock.Now())) }

// newTextWorld is a world whose campaigns go by SMS.
func newTextWorld(t testing.TB, env *testutil.Env, g sms.Gateway, change func(*campaign.Config)) *world {
	setClock(env, noon)
	return newWorld(t, env, func(c *campaign.Config) {
		c.Messages = campaign.NewMessages(campaign.MessagesConfig{Tariff: func(string) sms.Tariff { return tariff }})
		c.Gateways = map[string]campaign.Gateway{"": {Gateway: g, Sender: "+36209998877", Connections: 2}}
		if change != nil {
			change(c)
		}
	})
}

// number is that of the nth reader: Hungarian, Israeli and Greek by turns.
func number(n int) string {
	return []string{"+3630", "+97250", "+30690"}[n%3] + fmt.Sprintf("%07d", n)
}

// textReaders adds n readers with numbers.
func (w *world) textReaders(n int) {
	w.t.Helper()
	w.ok(w.DB.Write(w.system, func(ctx context.Context, s *store.Session) error {
		rows := make([]reader, n)
		for i := range rows {
			rows[i] = reader{PartyID: store.NewKey[party.Tag](s), Address: number(i + 1), Language: []string{"hu", "he", "el"}[(i+1)%3], Name: "Olvasó " + strconv.Itoa(i+1)}
		}
		return s.InsertMany(ctx, &rows)
	}))
}

func textPlan() campaign.Plan {
	return campaign.Plan{Name: "Őszi akció SMS", Channel: campaign.SMS, Audience: `{"topic":"sms"}`, SenderName: "Minta Bútor", Language: locale.Hungarian, Currency: "HUF"}
}

func textContent(l locale.Language, text string) campaign.Content {
	return campaign.Content{Language: l, Design: campaign.TextDesign{Text: text}.JSON()}
}

var textContents = []campaign.Content{textContent("hu", "Ma 20% kedvezmény"), textContent("he", "20% הנחה היום"), textContent("el", "20% ΕΚΠΤΩΣΗ")}

func TestTextsReachEverybodyOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		g := newCarrier()
		w := newTextWorld(t, env, g, nil)
		w.textReaders(60)
		p := textPlan()
		p.Seeds = []string{"+36 20 123 4567"}
		row := w.scheduled(p, textContents)
		w.work()
		is(t, "state", w.get(row.ID).State, campaign.Done)
		f := w.consistent(row.ID)
		is(t, "sent", f.Sent, int64(61))
		for _, r := range w.rows(row.ID, "") {
			m := g.only(t, r.Address)
			if number, seq, ok := campaign.ReadTextKey(m.ID); !ok || number != row.Number || seq != r.Seq || m.From != "+36209998877" {
				t.Fatalf("%s got %+v", r.Address, m)
			}
		}
		for number, want := range map[string]string{
			number(3):      "Minta Bútor: Ma 20% kedvezmény\nKilépés: STOP",
			number(1):      "פרסומת Minta Bútor: 20% הנחה היום\nלהסרה השיבו הסר",
			number(2):      "Minta Bútor: 20% ΕΚΠΤΩΣΗ\nΔΙΑΚΟΠΗ: ΣΤΟΠ",
			"+36201234567": "Minta Bútor: Ma 20% kedvezmény\nKilépés: STOP",
		} {
			is(t, "text for "+number, g.only(t, number).Text, want)
		}
		report, err := w.campaigns.TextReport(w.vera, row.ID)
		w.ok(err)
		is(t, "messages priced", report.Estimate.Messages, 61)
		if !report.Spent.Equal(report.Expected) || !report.Spent.Equal(report.Estimate.Total) || report.Parts != int64(report.Estimate.Parts) || report.Spent.IsZero() || report.Currency != "HUF" {
			t.Errorf("report %+v", report)
		}
		if cost := w.progress(row.ID).Cost; !cost.Equal(report.Spent) {
			t.Errorf("the progress says %s was spent, the report %s", cost, report.Spent)
		}
	})
}

func TestGatewayTroubles(t *testing.T) {
	down := mail.NewFailure(mail.Temporary, nil, "the account is empty")
	down.Down = true
	for _, c := range []struct {
		name   string
		answer func(m sms.Message, try int) error
		want   campaign.Figures
		// spent is what was paid for, of 9 readers.
		spent int64
		again bool
	}{
		{"429, then taken", func(_ sms.Message, try int) error {
			if try == 1 {
				return mail.NewFailure(mail.Temporary, nil, "429 Too Many Requests")
			}
			return nil
		}, campaign.Figures{Sent: 9}, 9, true},
		{"502: it may have been taken", func(m sms.Message, _ int) error {
			if m.To == number(3) {
				return mail.NewFailure(mail.Unknown, nil, "502 Bad Gateway")
			}
			return nil
		}, campaign.Figures{Sent: 8, Unknown: 1}, 9, false},
		{"no answer at all", func(m sms.Message, _ int) error {
			if m.To == number(3) {
				return context.DeadlineExceeded
			}
			return nil
		}, campaign.Figures{Sent: 8, Unknown: 1}, 9, false},
		{"a number that does not exist", func(m sms.Message, _ int) error {
			if m.To == number(3) {
				return mail.NewFailure(mail.Permanent, sms.ErrNoNumber, "unknown subscriber")
			}
			return nil
		}, campaign.Figures{Sent: 8, Bounced: 1}, 8, false},
		{"refused for another reason", func(m sms.Message, _ int) error {
			if m.To == number(3) {
				return mail.NewFailure(mail.Permanent, nil, "sender not allowed")
			}
			return nil
		}, campaign.Figures{Sent: 8, Failed: 1}, 8, false},
		{"the account is empty for a while", func(m sms.Message, try int) error {
			if try == 1 && m.To == number(3) {
				return down
			}
			return nil
		}, campaign.Figures{Sent: 9}, 9, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			env, g := testutil.SQLite(t), newCarrier()
			g.answer = c.answer
			var refused []campaign.Refusal
			w := newTextWorld(t, env, g, func(cfg *campaign.Config) {
				cfg.Refused = func(_ context.Context, _ *store.Session, list []campaign.Refusal) error {
					refused = append(refused, list...)
					return nil
				}
			})
			w.textReaders(9)
			row := w.scheduled(textPlan(), []campaign.Content{textContent("hu", "Szia")})
			w.work()
			for range 6 {
				env.Clock.Advance(5 * time.Minute)
				w.work()
			}
			is(t, "state", w.get(row.ID).State, campaign.Done)
			is(t, "figures", w.consistent(row.ID), c.want)
			for to, list := range g.got {
				if len(list) > 1 {
					t.Errorf("%s got %d", to, len(list))
				}
			}
			report, err := w.campaigns.TextReport(w.vera, row.ID)
			w.ok(err)
			if report.Parts != c.spent {
				t.Errorf("%d parts paid, want %d", report.Parts, c.spent)
			}
			if c.want.Bounced > 0 && (len(refused) != 1 || refused[0].Channel != campaign.SMS || refused[0].Answer.Class != bounce.Hard || refused[0].Address != number(3)) {
				t.Errorf("refused %+v", refused)
			}
			if c.want.Bounced == 0 && len(refused) > 0 {
				t.Errorf("%+v was told to close numbers", refused)
			}
		})
	}
}

// TestUnknownTextsAreSettled lets the gateway break off its answers: one that can be asked, and one that knows
// keys again, leave nobody unknown and nobody with two.
func TestUnknownTextsAreSettled(t *testing.T) {
	for _, taken := range []bool{true, false} {
		t.Run(fmt.Sprintf("taken %v", taken), func(t *testing.T) {
			env, g := testutil.SQLite(t), newCarrier()
			g.takes = taken
			g.answer = func(_ sms.Message, try int) error {
				if try == 1 {
					return mail.NewFailure(mail.Unknown, nil, "the connection broke")
				}
				return nil
			}
			w := newTextWorld(t, env, finder{g}, nil)
			w.textReaders(12)
			row := w.scheduled(textPlan(), []campaign.Content{textContent("hu", "Szia")})
			w.work()
			is(t, "unknown at first", w.consistent(row.ID).Unknown, int64(12))
			is(t, "state", w.get(row.ID).State, campaign.Running)
			env.Clock.Advance(3 * time.Minute)
			w.work()
			is(t, "state", w.get(row.ID).State, campaign.Done)
			is(t, "sent", w.consistent(row.ID), campaign.Figures{Sent: 12})
			for _, r := range w.rows(row.ID, "") {
				g.only(t, r.Address)
			}
			report, err := w.campaigns.TextReport(w.vera, row.ID)
			w.ok(err)
			is(t, "parts", report.Parts, int64(12))
		})
	}
}

func TestQuietHoursOfReadersCountries(t *testing.T) {
	env, g := testutil.SQLite(t), newCarrier()
	w := newTextWorld(t, env, g, nil)
	setClock(env, time.Date(2026, 9, 18, 13, 0, 0, 0, time.UTC)) // Friday, 16:00 in Jerusalem
	w.textReaders(9)
	row := w.scheduled(textPlan(), textContents)
	w.work()
	f := w.consistent(row.ID)
	is(t, "sent on Friday", f.Sent, int64(6))
	is(t, "deferred over the Sabbath", f.Deferred, int64(3))
	for _, r := range w.rows(row.ID, campaign.Deferred) {
		if r.Code != "quiet" || !strings.HasPrefix(r.Address, "+972") || !r.DueAt.Equal(time.Date(2026, 9, 20, 5, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", r)
		}
	}
	setClock(env, time.Date(2026, 9, 20, 5, 1, 0, 0, time.UTC)) // Sunday, after 8:00 in Jerusalem
	w.work()
	is(t, "sent", w.consistent(row.ID).Sent, int64(9))
	is(t, "state", w.get(row.ID).State, campaign.Done)
}

func TestBudgetOfTexts(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		g := newCarrier()
		price := tariff
		w := newTextWorld(t, env, g, func(c *campaign.Config) {
			c.Messages = campaign.NewMessages(campaign.MessagesConfig{Tariff: func(string) sms.Tariff { return price }})
		})
		w.textReaders(30) // 10 of each: 10*(18+30+25) = 730
		p := textPlan()
		p.Budget = money.MustAmount("700")
		contents := []campaign.Content{textContent("hu", "Szia")}
		row := w.drafted(p, contents)
		_, err := w.campaigns.Schedule(w.vera, row.ID, row.Version, time.Time{})
		wantCode(t, err, fault.Invalid)
		is(t, "what is wrong", paths(err), "budget")

		// It fits when it is scheduled, and costs more by the time of its ledger.
		row, err = w.campaigns.SetBudget(w.vera, row.ID, row.Version, money.MustAmount("740"))
		w.ok(err)
		row, err = w.campaigns.Schedule(w.vera, row.ID, row.Version, time.Time{})
		w.ok(err)
		w.reader(reader{Address: "+36301112223", Language: "hu", Name: "Új"})
		w.work()
		row = w.get(row.ID)
		is(t, "state", row.State, campaign.Paused)
		is(t, "reason", row.ReasonCode, campaign.ByBudget)
		is(t, "sent", g.asked, 0)
		_, err = w.campaigns.Resume(w.vera, row.ID)
		wantCode(t, err, fault.Invalid)

		// It fits the ledger, and the gateway raises its prices: it stops before the budget is exceeded.
		row, err = w.campaigns.SetBudget(w.vera, row.ID, row.Version, money.MustAmount("750"))
		w.ok(err)
		_, err = w.campaigns.Resume(w.vera, row.ID)
		w.ok(err)
		price = sms.Tariff{Currency: "HUF", Prices: []sms.Price{{Prefix: "+", Part: money.MustAmount("100")}}}
		w.work()
		row = w.get(row.ID)
		is(t, "state", row.State, campaign.Paused)
		is(t, "reason", row.ReasonCode, campaign.ByBudget)
		is(t, "sent before the budget is exceeded", w.consistent(row.ID), campaign.Figures{Sent: 7, Pending: 24})
		_, err = w.campaigns.Resume(w.vera, row.ID)
		wantCode(t, err, fault.Invalid)
		row, err = w.campaigns.SetBudget(w.vera, row.ID, row.Version, money.Amount{})
		w.ok(err)
		_, err = w.campaigns.Resume(w.vera, row.ID)
		w.ok(err)
		w.work()
		is(t, "sent in the end", w.consistent(row.ID), campaign.Figures{Sent: 31})
		is(t, "state", w.get(row.ID).State, campaign.Done)
	})
}

func TestReportsOfGateways(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		g := newCarrier()
		g.answer = func(m sms.Message, _ int) error {
			if m.To == number(6) {
				return mail.NewFailure(mail.Unknown, nil, "the connection broke")
			}
			return nil
		}
		var refused []string
		w := newTextWorld(t, env, g, func(c *campaign.Config) {
			c.Refused = func(_ context.Context, _ *store.Session, list []campaign.Refusal) error {
				for _, r := range list {
					refused = append(refused, r.Address)
				}
				return nil
			}
		})
		w.textReaders(6)
		row := w.scheduled(textPlan(), []campaign.Content{textContent("hu", "Szia")})
		w.work()
		is(t, "before", w.consistent(row.ID), campaign.Figures{Sent: 5, Unknown: 1})
		seq := map[string]int{}
		for _, r := range w.rows(row.ID, "") {
			seq[r.Address] = r.Seq
		}
		key := func(n int) string { return campaign.TextKey(row.Number, seq[number(n)]) }
		for range 2 { // what is told twice changes nothing
			_, err := w.campaigns.MessagesReported(w.system, []sms.Report{
				{ID: key(1), State: sms.Delivered}, {GatewayID: "gw-" + key(2), State: sms.Undelivered, Reason: "phone off"},
				{GatewayID: "gw-" + key(3), State: sms.NoSuchNumber, Reason: "unknown subscriber"}, {ID: key(4), State: sms.Carried}, {ID: key(6), State: sms.Delivered},
				{GatewayID: "somebody else's", State: sms.Delivered}, {ID: "1-1", State: sms.Delivered}, {ID: campaign.TextKey(row.Number, 99), State: sms.Delivered},
			})
			w.ok(err)
		}
		is(t, "after", w.consistent(row.ID), campaign.Figures{Sent: 4, Bounced: 2})
		is(t, "numbers closed", strings.Join(refused, " "), number(3))
		report, err := w.campaigns.TextReport(w.vera, row.ID)
		w.ok(err)
		is(t, "delivered and not", [3]int64{report.Delivered, report.Undelivered, report.Lost}, [3]int64{2, 2, 0})
		n, err := w.campaigns.MessagesReported(w.system, []sms.Report{{ID: key(2), State: sms.Delivered}, {ID: key(1), State: sms.Lost}})
		w.ok(err)
		is(t, "delivered after all, and never undone", n, 1)
		_, err = w.campaigns.MessagesReported(w.vera, nil)
		wantCode(t, err, fault.Forbidden)
	})
}

func TestReportWhileAMessageIsHandedOver(t *testing.T) {
	env, g := testutil.SQLite(t), newCarrier()
	w := newTextWorld(t, env, g, nil)
	var early []error
	g.answer = func(m sms.Message, _ int) error {
		_, byOurs := w.campaigns.MessagesReported(w.system, []sms.Report{{ID: m.ID, State: sms.Delivered}})
		_, byTheirs := w.campaigns.MessagesReported(w.system, []sms.Report{{GatewayID: "gw-" + m.ID, State: sms.Delivered}})
		early = append(early, byOurs, byTheirs)
		return nil
	}
	w.textReaders(1)
	row := w.scheduled(textPlan(), []campaign.Content{textContent("hu", "Szia")})
	w.work()
	is(t, "reports", len(early), 2)
	for _, err := range early {
		wantCode(t, err, fault.Unavailable)
	}
	is(t, "sent", w.consistent(row.ID).Sent, int64(1))
}

func TestEstimate(t *testing.T) {
	env := testutil.SQLite(t)
	w := newTextWorld(t, env, newCarrier(), nil)
	w.textReaders(30)
	w.reader(reader{Address: number(1), Language: "hu", Name: "Kettős"})
	w.reader(reader{Address: "+36305550000", Language: "hu", Stopped: 1})
	p := textPlan()
	p.CostFixed, p.Budget = money.MustAmount("100"), money.MustAmount("800")
	row := w.drafted(p, []campaign.Content{textContent("hu", strings.Repeat("ő", 60)+"{{#if first_name}} {{first_name}}{{/if}}")})
	e, err := w.campaigns.Estimate(w.vera, row.ID)
	w.ok(err)
	var by []string
	for _, c := range e.Countries {
		by = append(by, fmt.Sprintf("%s %d/%d %s", c.Country, c.Messages, c.Parts, c.Total))
	}
	slices.Sort(by)
	// With sender and stop hint each has two parts; the one who is there twice counts once.
	if got := strings.Join(by, ", "); got != "GR 10/20 500, HU 10/20 360, IL 10/20 600" {
		t.Errorf("by country: %s", got)
	}
	if e.Parts-e.PlainParts != 20 || !e.Cost.Equal(money.MustAmount("1560")) || e.Over == "" || e.Sampled || e.UCS2 != 30 || e.Currency != "HUF" {
		t.Errorf("estimated %+v", e)
	}
	empty, err := w.campaigns.Create(w.vera, p)
	w.ok(err)
	for name, id := range map[string]campaign.ID{"a newsletter": w.drafted(plan(), oneContent).ID, "nothing written yet": empty.ID} {
		if _, err := w.campaigns.Estimate(w.vera, id); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s is priced: %v", name, err)
		}
	}
}

func TestTextPlansAreChecked(t *testing.T) {
	w := newTextWorld(t, testutil.SQLite(t), newCarrier(), nil)
	for _, c := range []struct {
		name   string
		change func(*campaign.Plan)
		want   string
	}{
		{"a sender with accents", func(p *campaign.Plan) { p.SenderAddress = "Őszi" }, "sender_address"},
		{"a sender that is too long", func(p *campaign.Plan) { p.SenderAddress = "MintaButorKft" }, "sender_address"},
		{"a name", func(p *campaign.Plan) { p.SenderAddress = "MintaButor" }, ""},
		{"a short number", func(p *campaign.Plan) { p.SenderAddress = "1799" }, ""},
		{"no name in words", func(p *campaign.Plan) { p.SenderName = "" }, "sender_name"},
		{"numbers without a country", func(p *campaign.Plan) { p.Seeds = []string{"06 30 123 4567", "+36301234567"} }, "seeds[0]"},
		{"a gateway that there is not", func(p *campaign.Plan) { p.Transport = "fast" }, "transport"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := textPlan()
			c.change(&p)
			_, err := w.campaigns.Create(w.vera, p)
			is(t, "faults", paths(err), c.want)
		})
	}
	for text, code := range map[string]string{"": "required", "{{nobody}}": "field.unknown", strings.Repeat("a", 153*10+1): "text.parts", "Szia {{first_name|Ön}}": "", "Szombaton: minta.example/akcio": "link.none", "Szombaton: https://minta.example/akcio": ""} {
		got := ""
		for _, f := range (campaign.TextDesign{Text: text, Counted: strings.HasPrefix(text, "Szombaton")}).Check(content.Catalogue()) {
			got = f.Code
		}
		is(t, "fault of "+strconv.Itoa(len(text)), got, code)
	}
}

// TestSenderThatCannotBeAnswered gives readers a link where a word would go nowhere.
func TestSenderThatCannotBeAnswered(t *testing.T) {
	m := campaign.NewMessages(campaign.MessagesConfig{Tariff: func(string) sms.Tariff { return tariff }})
	c := campaign.Campaign{SenderName: "Minta", SenderAddress: "MintaButor", Language: "hu"}
	got, err := m.Preview(c, textContent("hu", "Szia {{first_name|Ön}}"), "+36301234567", content.Reader{Unsubscribe: "https://m.example/u/x"})
	if err != nil || got.Text != "Minta: Szia Ön\nKilépés: https://m.example/u/x" || got.Country != "HU" || !got.Cost.Equal(money.MustAmount("18")) {
		t.Errorf("%+v %v", got, err)
	}
	plain := campaign.Content{Language: "hu", Design: campaign.TextDesign{Text: strings.Repeat("Őszi őrület ", 6), Plain: true}.JSON()}
	got, err = m.Preview(c, plain, "+36301234567", content.Reader{Unsubscribe: "https://m.example/u/x"})
	if err != nil || strings.Contains(got.Text, "ő") || got.Size.Parts != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := m.Preview(c, campaign.Content{Design: "{"}, "+36301234567", content.Reader{}); !errors.Is(err, fault.Invalid) {
		t.Errorf("a damaged text: %v", err)
	}
}

// TestLinksOfTextsAreCounted: where the author wants it, links go by short signed ones of the company's own, in the
// length that was priced; who follows one gets where it led, and is counted.
func TestLinksOfTextsAreCounted(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		keys, err := track.NewKeys(track.Key{ID: 1, Secret: []byte(strings.Repeat("k", 32))})
		if err != nil {
			t.Fatal(err)
		}
		g := newCarrier()
		w := newTextWorld(t, env, g, func(c *campaign.Config) {
			c.Messages = campaign.NewMessages(campaign.MessagesConfig{Tariff: func(string) sms.Tariff { return tariff }, Keys: keys, Base: "https://m.example/n/"})
		})
		w.textReaders(9)
		const doors, windows, greek = "https://minta.example/oszi-akcio/ajtok?forras=sms", "https://minta.example/oszi-akcio/ablakok-es-minden-mas?forras=sms", "https://minta.example/el"
		counted := func(l locale.Language, text string) campaign.Content {
			return campaign.Content{Language: l, Design: campaign.TextDesign{Text: text, Counted: true}.JSON()}
		}
		row := w.drafted(textPlan(), []campaign.Content{counted("hu", "Ajtok: "+doors+" Ablakok: "+windows), textContent("he", "20% "+doors), counted("el", "20% "+greek)})
		estimate, err := w.campaigns.Estimate(w.vera, row.ID)
		w.ok(err)
		row, err = w.campaigns.Schedule(w.vera, row.ID, row.Version, time.Time{})
		w.ok(err)
		w.work()
		report, err := w.campaigns.TextReport(w.vera, row.ID)
		w.ok(err)
		parts := 0
		tracked := campaign.Tracked{Campaigns: w.campaigns}
		recorder, err := track.NewRecorder(track.New(env.DB, tracked, track.DefaultRules()), track.RecorderConfig{Keys: keys, Log: quietLog})
		w.ok(err)
		for _, r := range w.rows(row.ID, "") {
			m := g.only(t, r.Address)
			parts += sms.Measure(m.Text).Parts
			want := map[locale.Language][]string{"hu": {doors, windows}, "el": {greek}}[r.Language]
			var led []string
			for _, word := range strings.Fields(m.Text) {
				token, ok := strings.CutPrefix(word, "https://m.example/n/c/")
				if !ok {
					continue
				}
				if _, err := keys.Read(track.Click, token); err == nil || len(word) > 50 {
					t.Errorf("%s has %d characters, or is taken for the link of a mail", word, len(word))
				}
				to, err := recorder.Click(t.Context(), token, track.Request{Agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"})
				w.ok(err)
				led = append(led, to)
				bad := token[:len(token)-4] + strings.Map(func(r rune) rune { return 'A' + (r+1)%26 }, token[len(token)-4:])
				if _, err := recorder.Click(t.Context(), bad, track.Request{}); !errors.Is(err, fault.NotFound) {
					t.Errorf("a forged token leads somewhere: %v", err)
				}
			}
			if !slices.Equal(led, want) {
				t.Errorf("%s was led to %v by %q", r.Address, led, m.Text)
			}
		}
		w.ok(recorder.Close(t.Context()))
		is(t, "parts that were sent", parts, int(report.Parts))
		is(t, "parts that were estimated", estimate.Parts, parts)
		figures, err := track.New(env.DB, tracked, track.DefaultRules()).Figures(env.As("szabo.vera", actor.Rights{actor.ReportRead}, actor.All), row.Number)
		w.ok(err)
		is(t, "readers who followed a link", figures.Of(track.Click, track.AllLinks, track.Any).Readers, int64(6))
		contents, err := w.campaigns.Contents(w.vera, row.ID)
		w.ok(err)
		links, err := tracked.Links(row, contents)
		w.ok(err)
		for i, url := range links {
			if n := figures.Of(track.Click, i, track.Any).Readers; n != 3 {
				t.Errorf("%s was followed by %d", url, n)
			}
		}
	})
}

func FuzzTextKey(f *testing.F) {
	f.Add(campaign.TextKey(1<<39, 17))
	f.Add("1-1")
	f.Add("-zik0zj-0")
	f.Fuzz(func(t *testing.T, key string) {
		number, seq, ok := campaign.ReadTextKey(key)
		if ok && (number <= 0 || seq <= 0 || !strings.EqualFold(campaign.TextKey(number, seq), key)) {
			t.Errorf("%q was read as %d, %d", key, number, seq)
		}
	})
}

// wireGateway is a gateway in another process.
type wireGateway struct{ wire }

func (g wireGateway) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	conn, err := g.Dial(ctx)
	if err != nil {
		return sms.Receipt{}, err
	}
	var end error
	_ = conn.Send(ctx, message.Envelope{To: m.To, Data: []byte(m.Text + "\r\n")}, func(err error) { end = err })
	_ = conn.Close(ctx)
	var f *mail.Failure
	if errors.As(end, &f) && f.Outcome == mail.Permanent {
		end = mail.NewFailure(mail.Permanent, sms.ErrNoNumber, "%s", f.Reason)
	}
	return sms.Receipt{GatewayID: m.ID}, end
}

// byText makes hasty campaigns go by SMS, at any hour.
func byText(c *campaign.Config, address string) {
	rules, err := sms.ParseRules([]byte(`{"default": {"zone": "UTC"}}`))
	if err != nil {
		panic(err)
	}
	c.Messages = campaign.NewMessages(campaign.MessagesConfig{Rules: func(string) sms.Rules { return rules }, Tariff: func(string) sms.Tariff { return tariff }})
	c.Gateways = map[string]campaign.Gateway{"": {Gateway: wireGateway{wire{address}}, Connections: 3}}
}

// TestKillWhileTexting ends workers while they hand messages to a gateway, as TestKillWhileSending does for mails.
func TestKillWhileTexting(t *testing.T) {
	const count, hits = 240, 2
	env := testutil.SQLite(t)
	env.DB = env.DB.WithClock(time.Now) // leases run in the children's time
	office := openOffice(t, func(to string, try int) byte {
		switch {
		case strings.HasSuffix(to, "31"):
			return '5'
		case strings.HasSuffix(to, "7") && try == 1:
			return '4'
		}
		return '2'
	})
	address := office.listener.Addr().String()
	w := newWorld(t, env, func(c *campaign.Config) { hasty(c, address); byText(c, address) })
	w.textReaders(count)
	row := w.scheduled(textPlan(), textContents)
	workers := &crew{t: t, what: env.File + "|" + env.Company + "|" + address + "|sms"}
	reached := make(chan bool, hits)
	arrived := endings(count, hits, func() { workers.hit(syscall.SIGKILL); reached <- true }, func() { reached <- false })
	office.mu.Lock()
	office.arrived = arrived
	office.mu.Unlock()
	workers.start()
	workers.start()
	for range hits {
		if !<-reached {
			workers.hit(os.Kill)
		}
		workers.start()
	}
	for range 60_000 {
		if w.get(row.ID).State == campaign.Done {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	workers.dismiss(true)
	is(t, "state", w.get(row.ID).State, campaign.Done)
	unknown := checkEnds(w, row.ID, office, count, hits, os.Kill)
	report, err := w.campaigns.TextReport(w.vera, row.ID)
	w.ok(err)
	f := w.progress(row.ID).All
	if report.Parts < f.Sent || report.Parts > f.Sent+int64(unknown) {
		t.Errorf("%d parts are paid, %d were sent and %d are unknown", report.Parts, f.Sent, unknown)
	}
}
