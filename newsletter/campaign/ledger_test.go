package campaign_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/money"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/testutil"
)

func TestLedgerHasEachReaderOnce(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, nil)
		var two party.ID
		w.ok(w.DB.Write(w.system, func(_ context.Context, s *store.Session) error {
			two = store.NewKey[party.Tag](s)
			return nil
		}))
		for _, r := range []reader{
			{Address: "anna@pelda.example", Name: "Kovács Anna", Language: "hu"},
			{Address: "anna@pelda.example", Name: "Kovács Anna, a másik", Language: "hu"},
			{Address: "stop@pelda.example", Name: "Иван Петрович", Language: "ru", Stopped: 1},
			{PartyID: two, Address: "b@pelda.example", Name: "Γιώργος", Language: "el"},
			{PartyID: two, Address: "a@pelda.example", Name: "Γιώργος", Language: "el"},
			{Address: "vera@pelda.example", Name: "Szabó Vera", Language: "hu"}, // she is a seed, too
			{Address: "", Name: "cím nélkül"},
			{Address: "hosszu@pelda.example", Name: strings.Repeat("ő", 200)},
		} {
			if len(r.Name) > 120 && env.DB.Dialect() == store.MSSQL {
				continue // the column takes no more
			}
			if len(r.Name) > 120 {
				_, err := w.DB.SQL().Exec("INSERT INTO test_reader VALUES (x'ff00000000000000000000000000000f', ?, ?, '', ?, 0)", w.Company, r.Address, r.Name)
				w.ok(err)
				continue
			}
			w.reader(r)
		}
		p := plan()
		p.Seeds = []string{"vera@pelda.example"}
		row := w.scheduled(p, oneContent)
		w.work()
		var got []string
		for _, r := range w.rows(row.ID, "") {
			got = append(got, fmt.Sprint(r.Seq, " ", r.Address, " ", r.Language))
		}
		want := "1 vera@pelda.example hu, 2 a@pelda.example el, 3 anna@pelda.example hu"
		if env.DB.Dialect() == store.SQLite {
			want += ", 4 hosszu@pelda.example "
		}
		is(t, "ledger", strings.Join(got, ", "), want)
		is(t, "arrived", w.sink.messages(t), len(got))
	})
}

// TestFreezingGoesOnWhereItStopped stops after each piece and goes on in another process.
func TestFreezingGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(3000)
	row := w.scheduled(plan(), oneContent)
	pieces := 0
	for w.get(row.ID).State != campaign.Running {
		stopAfter, stop := context.WithCancel(w.system)
		config := w.config
		config.Audience = func(context.Context, *store.Session, campaign.Campaign) (campaign.Audience, error) {
			stop() // the piece at work is committed or not, and no other begins
			return list{}, nil
		}
		config.Transports = map[string]campaign.Transport{"elsewhere": config.Transports[""]}
		before := w.progress(row.ID).Total
		_, _ = campaign.New(w.DB, config).Work(stopAfter)
		if w.progress(row.ID).Total == before { // it was cut off in the middle: nothing of it is there
			other := config
			other.Audience = listed
			other.Turn = time.Nanosecond
			_, err := campaign.New(w.DB, other).Work(w.system)
			w.ok(err)
			other.Turn = 0
			_, err = campaign.New(w.DB, other).Work(w.system)
			w.ok(err)
		}
		if pieces++; pieces > 100 {
			t.Fatal("it never ends")
		}
	}
	is(t, "frozen", w.progress(row.ID).Total, int64(3000))
	w.consistent(row.ID)
}

func variants(letters string) (contents []campaign.Content) {
	for _, v := range letters {
		contents = append(contents, campaign.Content{Variant: string(v), Language: locale.Hungarian, Subject: "Tavasz " + string(v), Design: "{}"})
	}
	return contents
}

func TestVariantsAreTriedAndTheWinnerGoesToTheOthers(t *testing.T) {
	testutil.Databases(t, func(t *testing.T, env *testutil.Env) {
		w := newWorld(t, env, func(c *campaign.Config) {
			c.Clicks = func(context.Context, *store.Session, campaign.Campaign) (map[string]int64, error) {
				return map[string]int64{"A": 3, "B": 9}, nil
			}
		})
		w.readers(200)
		p := plan()
		p.TestShare, p.DecideAfter = 20, 60
		row := w.scheduled(p, variants("AB"))
		w.work()
		f := w.progress(row.ID).Variants
		is(t, "A was tried on", f["A"].Sent, int64(20))
		is(t, "B was tried on", f["B"].Sent, int64(20))
		is(t, "wait", f[""].Pending, int64(160))
		is(t, "state", w.get(row.ID).State, campaign.Running)
		w.consistent(row.ID)
		w.Clock.Advance(59 * time.Minute)
		w.work()
		is(t, "too early", w.get(row.ID).Winner, "")
		w.Clock.Advance(time.Minute)
		w.work()
		is(t, "winner", w.get(row.ID).Winner, "B")
		is(t, "state", w.get(row.ID).State, campaign.Done)
		f = w.progress(row.ID).Variants
		is(t, "got B", f["B"].Sent, int64(180))
		is(t, "got A", f["A"].Sent, int64(20))
		is(t, "wait", f[""].Pending, int64(0))
		is(t, "arrived", w.sink.messages(t), 200)
		w.consistent(row.ID)
	})
}

func TestPersonChoosesTheWinner(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(100)
	p := plan()
	p.TestShare = 30
	row := w.scheduled(p, variants("ABC"))
	w.work()
	is(t, "sent", w.consistent(row.ID).Sent, int64(30))
	_, err := w.campaigns.ChooseWinner(w.vera, row.ID, "D")
	wantCode(t, err, fault.Invalid)
	_, err = w.campaigns.ChooseWinner(w.vera, row.ID, "C")
	w.ok(err)
	w.work()
	_, err = w.campaigns.ChooseWinner(w.vera, row.ID, "A")
	wantCode(t, err, fault.Invalid)
	is(t, "got C", w.progress(row.ID).Variants["C"].Sent, int64(80))
}

func TestWholeAudienceIsSplit(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(90)
	p := plan()
	p.TestShare = 100
	row := w.scheduled(p, variants("ABC"))
	w.work()
	for _, v := range []string{"A", "B", "C"} {
		is(t, v, w.progress(row.ID).Variants[v].Sent, int64(30))
	}
	is(t, "state", w.get(row.ID).State, campaign.Done)
}

// lose sends to three readers, of whom nobody knows in the end.
func lose(t *testing.T, policy campaign.Policy) (*world, campaign.Campaign) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(5)
	w.sink.set(func(e message.Envelope) error {
		if e.To == address(1) || e.To == address(2) || e.To == address(3) {
			return mail.NewFailure(mail.Unknown, nil, "the connection broke before the answer")
		}
		return nil
	})
	p := plan()
	p.UnknownPolicy = policy
	row := w.scheduled(p, oneContent)
	w.work()
	is(t, "unknown", w.consistent(row.ID).Unknown, int64(3))
	w.sink.set(nil)
	return w, row
}

func TestUnknownAreSentAgainWherePolicySaysSo(t *testing.T) {
	w, row := lose(t, campaign.Again)
	is(t, "state", w.get(row.ID).State, campaign.Running)
	w.Clock.Advance(3 * time.Minute)
	w.work()
	is(t, "sent", w.consistent(row.ID).Sent, int64(5))
	is(t, "state", w.get(row.ID).State, campaign.Done)
}

func TestUnknownAreListedAndDecidedByAPerson(t *testing.T) {
	w, row := lose(t, campaign.Skip)
	is(t, "state", w.get(row.ID).State, campaign.Done)
	lost := w.rows(row.ID, campaign.Unknown)
	is(t, "by name", lost[0].Name+" "+lost[0].Address, "Olvasó Éva 1 "+address(1))
	for i, d := range []campaign.Decision{campaign.Arrived, campaign.Lost, campaign.Repeat} {
		n, err := w.campaigns.Resolve(w.vera, row.ID, []int{lost[i].Seq, 5}, d)
		w.ok(err)
		is(t, "decided", n, 1)
	}
	is(t, "state", w.get(row.ID).State, campaign.Running)
	w.work()
	f := w.consistent(row.ID)
	is(t, "sent", f.Sent, int64(4))
	is(t, "failed", f.Failed, int64(1))
	is(t, "got it", len(w.sink.got[address(3)]), 1)
	is(t, "state", w.get(row.ID).State, campaign.Done)
	_, err := w.campaigns.Resolve(w.vera, row.ID, []int{1}, "perhaps")
	wantCode(t, err, fault.Invalid)
}

func TestReportsThatComeBack(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(4)
	row := w.scheduled(plan(), oneContent)
	w.work()
	returned := func(list ...campaign.Return) int {
		n, err := w.campaigns.Returned(w.system, row.ID, list)
		w.ok(err)
		return n
	}
	is(t, "moved", returned(campaign.Return{Seq: 1, To: campaign.Bounced, Reason: "5.1.1"}, campaign.Return{Seq: 2, To: campaign.Complained}, campaign.Return{Seq: 9, To: campaign.Bounced}), 2)
	is(t, "a second report", returned(campaign.Return{Seq: 1, To: campaign.Bounced}, campaign.Return{Seq: 2, To: campaign.Bounced}), 0)
	is(t, "a complaint outweighs a bounce", returned(campaign.Return{Seq: 1, To: campaign.Complained}), 1)
	f := w.consistent(row.ID)
	is(t, "complained", f.Complained, int64(2))
	is(t, "sent", f.Sent, int64(2))
	_, err := w.campaigns.Returned(w.vera, row.ID, nil)
	wantCode(t, err, fault.Forbidden)
}

func TestWhoWithdrawsBeforeItLeavesGetsNothing(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), func(c *campaign.Config) { c.Transports = map[string]campaign.Transport{"elsewhere": c.Transports[""]} })
	w.readers(3)
	row := w.scheduled(plan(), oneContent)
	w.work()
	_, err := w.DB.SQL().Exec("UPDATE test_reader SET stopped = 1 WHERE address = ?", address(2))
	w.ok(err)
	w.config.Transports = map[string]campaign.Transport{"": {Transport: w.sink}}
	w.campaigns = campaign.New(w.DB, w.config)
	w.work()
	is(t, "code", w.rows(row.ID, campaign.Failed)[0].Code, "withdrawn")
	is(t, "arrived", w.sink.messages(t), 2)
	is(t, "state", w.get(row.ID).State, campaign.Done)
}

func TestBoundInAnHour(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(50)
	p := plan()
	p.PerHour = 600 // ten a minute
	row := w.scheduled(p, oneContent)
	w.work()
	for minute := 1; w.get(row.ID).State != campaign.Done; minute++ {
		f := w.consistent(row.ID)
		if most := int64(10*minute + 2); f.Sent > most || f.Sent < int64(10*(minute-1)) || f.Deferred > 0 {
			t.Fatalf("in minute %d: %+v", minute, f)
		}
		w.Clock.Advance(time.Minute)
		w.work()
	}
	is(t, "arrived", w.sink.messages(t), 50)
}

func TestReceivingDomainHasItsBound(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), func(c *campaign.Config) {
		c.Transports = map[string]campaign.Transport{"": {Transport: newSink(), Domains: map[string]float64{"d3.example": 1}}}
	})
	w.config.Transports = map[string]campaign.Transport{"": {Transport: w.sink, Domains: map[string]float64{"d3.example": 1}}}
	w.campaigns = campaign.New(w.DB, w.config)
	w.readers(70) // ten of each domain
	row := w.scheduled(plan(), oneContent)
	w.work()
	f := w.consistent(row.ID)
	if f.Sent < 60 || f.Sent > 63 || f.Sent+f.Deferred != 70 {
		t.Fatalf("at first: %+v", f)
	}
	for _, r := range w.rows(row.ID, campaign.Deferred) {
		if r.Code != "throttle" || !strings.HasSuffix(r.Address, "@d3.example") || r.Attempts != 0 {
			t.Errorf("%+v waits", r)
		}
	}
	for range 20 {
		before := w.consistent(row.ID).Sent
		w.Clock.Advance(time.Second)
		w.work()
		if n := w.consistent(row.ID).Sent - before; n > 3 {
			t.Errorf("%d went to the domain within a second", n)
		}
	}
	is(t, "arrived", w.sink.messages(t), 70)
}

func TestDomainThatSaysLaterIsLeftAlone(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(210)
	var asked atomic.Int32
	w.sink.set(func(e message.Envelope) error {
		if strings.HasSuffix(e.To, "@d3.example") {
			asked.Add(1)
			return refused(421, "4.7.0 too many from you")
		}
		return nil
	})
	row := w.scheduled(plan(), oneContent)
	w.work()
	if f := w.consistent(row.ID); f.Sent != 180 || f.Deferred != 30 {
		t.Errorf("%+v", f)
	}
	if n := asked.Load(); n > 12 {
		t.Errorf("the domain said later %d times and was asked on", n)
	}
}

func TestQuietHours(t *testing.T) {
	budapest, err := time.LoadLocation("Europe/Budapest")
	if err != nil {
		t.Skip("this machine has no database of time zones")
	}
	// The clock shows 8:30 UTC: 10:30 in Budapest, 11:30 in Athens and Jerusalem.
	for _, c := range []struct {
		name     string
		from, to int
		clock    campaign.Clock
		sent     int64
		wait     time.Duration
	}{
		{"by day", 22 * 60, 8 * 60, campaign.CompanyClock, 2, 0},
		{"the company sleeps late", 22 * 60, 11 * 60, campaign.CompanyClock, 0, 30 * time.Minute},
		{"until the minute", 9 * 60, 10*60 + 30, campaign.CompanyClock, 2, 0},
		{"only Greeks are up", 22 * 60, 11 * 60, campaign.ReaderClock, 1, 30 * time.Minute},
		{"the Greeks rest", 11 * 60, 13 * 60, campaign.ReaderClock, 1, 90 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, testutil.SQLite(t), func(config *campaign.Config) { config.Zone = func(string) *time.Location { return budapest } })
			for name, country := range map[string]string{"Kovács Anna": "HU", "Γιώργος Παππάς": "GR"} {
				found := w.party(country)
				w.reader(reader{PartyID: found, Address: strings.ToLower(country) + "@pelda.example", Name: name})
			}
			p := plan()
			p.QuietFrom, p.QuietTo, p.QuietZone = c.from, c.to, c.clock
			row := w.scheduled(p, oneContent)
			w.work()
			is(t, "sent", w.consistent(row.ID).Sent, c.sent)
			w.Clock.Advance(c.wait)
			w.work()
			is(t, "sent in the end", w.consistent(row.ID).Sent, int64(2))
			is(t, "state", w.get(row.ID).State, campaign.Done)
		})
	}
}

func TestBudget(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(100)
	p := plan()
	p.CostEach, p.CostFixed, p.Budget, p.Currency = money.MustAmount("0.35"), money.MustAmount("10"), money.MustAmount("44.99"), "EUR"
	row := w.scheduled(p, oneContent)
	w.work()
	row = w.get(row.ID)
	is(t, "state", string(row.State)+" "+row.ReasonCode, "paused budget")
	is(t, "arrived", w.sink.messages(t), 0)
	_, err := w.campaigns.Resume(w.vera, row.ID)
	wantCode(t, err, fault.Invalid)
	row, err = w.campaigns.SetBudget(w.vera, row.ID, row.Version, money.MustAmount("45"))
	w.ok(err)
	_, err = w.campaigns.Resume(w.vera, row.ID)
	w.ok(err)
	w.work()
	is(t, "arrived", w.sink.messages(t), 100)
	is(t, "cost", w.progress(row.ID).Cost.String(), "45")
}

func TestRightsAndCompanies(t *testing.T) {
	w := newWorld(t, testutil.SQLite(t), nil)
	w.readers(2)
	row := w.scheduled(plan(), oneContent)
	nobody := w.As("nagy.pal", actor.Rights{actor.LeadRead}, actor.All)
	stranger := actor.With(context.Background(), actor.User{Company: "elsewhere", ID: "x", Rights: marketing, See: actor.All}.Actor())
	own := w.As("kiss.bela", marketing, actor.Own)
	for name, do := range map[string]func(ctx context.Context) error{
		"get":      func(ctx context.Context) error { _, err := w.campaigns.Get(ctx, row.ID); return err },
		"contents": func(ctx context.Context) error { _, err := w.campaigns.Contents(ctx, row.ID); return err },
		"edit": func(ctx context.Context) error {
			_, err := w.campaigns.Edit(ctx, row.ID, row.Version, plan())
			return err
		},
		"say": func(ctx context.Context) error {
			_, err := w.campaigns.SetContents(ctx, row.ID, row.Version, oneContent)
			return err
		},
		"schedule": func(ctx context.Context) error {
			_, err := w.campaigns.Schedule(ctx, row.ID, row.Version, time.Time{})
			return err
		},
		"unschedule": func(ctx context.Context) error { _, err := w.campaigns.Unschedule(ctx, row.ID); return err },
		"pause":      func(ctx context.Context) error { _, err := w.campaigns.Pause(ctx, row.ID); return err },
		"resume":     func(ctx context.Context) error { _, err := w.campaigns.Resume(ctx, row.ID); return err },
		"cancel":     func(ctx context.Context) error { _, err := w.campaigns.Cancel(ctx, row.ID); return err },
		"budget": func(ctx context.Context) error {
			_, err := w.campaigns.SetBudget(ctx, row.ID, row.Version, money.Amount{})
			return err
		},
		"winner":   func(ctx context.Context) error { _, err := w.campaigns.ChooseWinner(ctx, row.ID, "A"); return err },
		"progress": func(ctx context.Context) error { _, err := w.campaigns.Progress(ctx, row.ID); return err },
		"scores":   func(ctx context.Context) error { _, err := w.campaigns.Scores(ctx, row.ID); return err },
		"recipients": func(ctx context.Context) error {
			_, err := w.campaigns.Recipients(ctx, row.ID, campaign.Choice{})
			return err
		},
		"resolve": func(ctx context.Context) error {
			_, err := w.campaigns.Resolve(ctx, row.ID, []int{1}, campaign.Lost)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			wantCode(t, do(nobody), fault.Forbidden)
			wantCode(t, do(stranger), fault.NotFound)
			wantCode(t, do(own), fault.NotFound)
			wantCode(t, do(context.Background()), fault.Forbidden)
		})
	}
	if _, err := w.campaigns.Work(w.vera); err == nil {
		t.Error("a person does the background's work")
	}
	if n, err := w.campaigns.Work(actor.With(context.Background(), actor.System("elsewhere", "test"))); err != nil || n != 0 {
		t.Errorf("another company's background does %d, %v", n, err)
	}
	is(t, "version", w.get(row.ID).Version, row.Version)
}
