package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/subscription"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// postVariable makes the process of a test the ERP itself: its database, address and mail server, how many readers
// its newsletter has, and how far its clock is ahead.
const postVariable = "CRMPLUS_HOSTERP_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(postVariable); what != "" {
		if err := postOffice(strings.Split(what, "|")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// postOffice serves the ERP whose letters leave over SMTP, until it is killed.
func postOffice(what []string) error {
	ctx, address := context.Background(), what[1]
	host, port, err := net.SplitHostPort(what[2])
	if err != nil {
		return err
	}
	at, _ := strconv.Atoi(port)
	readers, _ := strconv.Atoi(what[3])
	ahead, err := time.ParseDuration(what[4])
	if err != nil {
		return err
	}
	sh, err := openShopAt(ctx, what[0], "http://"+address)
	if err != nil {
		return err
	}
	bulk, err := smtp.NewBulk(smtp.BulkConfig{Config: smtp.Config{Host: host, Port: at, TLS: smtp.None}})
	if err != nil {
		return err
	}
	sh.config.Now = func() time.Time { return time.Now().Add(ahead) }
	sh.config.Newsletter.Transports = map[string]campaign.Transport{"": {Transport: bulk, Connections: 2}}
	if sh.module, err = crm.New(sh.db, sh.config); err != nil {
		return err
	}
	if sh.recorder, err = sh.module.Newsletters.Recorder(); err != nil {
		return err
	}
	if readers > 0 {
		if err := postReaders(ctx, sh, readers); err != nil {
			return err
		}
	}
	pages, err := newServer(sh)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages.handler())
	mux.HandleFunc("POST /returned", func(w http.ResponseWriter, r *http.Request) { // where a mail server hands over what came back
		raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err == nil {
			_, err = sh.module.Newsletters.Returned(ctx, raw)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	failed := make(chan error, 2)
	go func() { failed <- sh.module.Run(ctx) }()
	go func() {
		web := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: time.Minute}
		failed <- web.ListenAndServe()
	}()
	return <-failed
}

// postReaders are those of one topic.
func postReaders(ctx context.Context, sh *shop, readers int) error {
	ctx = actor.With(ctx, actor.System("HU01", "readers of the test"))
	topic, err := sh.module.Newsletters.Subscriptions.AddTopic(ctx, subscription.TopicDraft{
		Channel: subscription.Email, Code: "akciok", Offer: subscription.Public, Texts: map[locale.Language]subscription.TopicText{locale.Hungarian: {Name: "Akciók"}},
	})
	if err != nil {
		return err
	}
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	_ = w.Write([]string{"name", "email"}) // a buffer takes everything
	for i := range readers {
		_ = w.Write([]string{"Szabó Ilona " + strconv.Itoa(i), fmt.Sprintf("olvaso%06d@posta.test", i)})
	}
	w.Flush()
	_, err = sh.module.Newsletters.Subscriptions.Import(ctx, subscription.ImportPlan{Topics: []subscription.TopicID{topic.ID}, Ground: subscription.Ground{
		Basis: subscription.Consent, Source: "BNV 2026", Statement: "Kérem az akciókat e-mailben.", Language: locale.Hungarian,
	}}, &file)
	return err
}

// post is what the mail server of the test has taken.
type post struct {
	mu    sync.Mutex
	times map[string]int
	// mails are those of the first readers, whose links the test follows.
	mails map[string]mailtest.Delivery
	// kill is pressed when so many were taken.
	at   int
	kill chan struct{}
}

func (p *post) take(d mailtest.Delivery) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.times[d.To[0]]++
	if len(p.mails) < 40 {
		d.Data = bytes.Clone(d.Data)
		p.mails[d.To[0]] = d
	}
	if len(p.times) == p.at {
		close(p.kill)
	}
}

// TestBrowserCampaign: a newsletter is written in the editor and sent over SMTP by a process that is killed in the
// middle; another goes on. Nobody is lost and nobody gets it twice; readers click, leave and bounce, and the report
// says so.
func TestBrowserCampaign(t *testing.T) {
	browser := startBrowser(t)
	readers := 600
	if n, err := strconv.Atoi(os.Getenv("CRMPLUS_CAMPAIGN_READERS")); err == nil && n >= 100 {
		readers = n
	}
	const refused = "olvaso000007@posta.test"
	taken := &post{times: map[string]int{}, mails: map[string]mailtest.Delivery{}, at: readers / 3, kill: make(chan struct{})}
	sink := mailtest.StartSink(t, mailtest.SinkOptions{Taken: taken.take, Misbehave: func(s mailtest.Step, address string) mailtest.Reply {
		if s == mailtest.AtRecipient && address == refused {
			return mailtest.Reply{Code: 550, Text: "5.1.1 no such mailbox"}
		}
		return mailtest.Reply{}
	}})
	var lc net.ListenConfig
	listener, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	db := filepath.Join(t.TempDir(), "erp.db")
	start := func(readers int, ahead string) *exec.Cmd {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%s|%d|%s", postVariable, db, address, net.JoinHostPort(sink.Host, strconv.Itoa(sink.Port)), readers, ahead))
		child.Stderr = t.Output()
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = child.Process.Kill(); _, _ = child.Process.Wait() })
		waitFor(t, "http://"+address+"/login")
		return child
	}
	first := start(readers, "0s")

	there := &office{web: &httptest.Server{URL: "http://" + address}}
	gabor := there.seat(t, browser, manner{})
	gabor.signIn(manner{who: "HU01/manager-hu"})
	card := writeCampaign(gabor)
	gabor.open(card + "/schedule")
	gabor.sees(locale.Hungarian.Quantity(decimal.NewFromInt(int64(readers))))
	gabor.press("button.primary", "")
	gabor.at(card + "$")
	select {
	case <-taken.kill:
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing is sent")
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_, _ = first.Process.Wait()
	gabor.open("about:blank") // else the page itself goes to the login as soon as the new process answers
	start(0, "10m")           // what the dead one claimed is free by then
	gabor.faults = nil
	gabor.signIn(manner{who: "HU01/manager-hu"})
	gabor.open(card)
	gabor.sees("Befejezve")
	gabor.resolveUnknown(taken, card)

	got := taken.follow(t, "http://"+address)
	gabor.shows(card, map[string]int{"Kattintott": got.clicked, "Visszapattant": got.bounced})
	gabor.open("/crm/readers?state=unsubscribed")
	gabor.until(fmt.Sprintf(`document.querySelectorAll("table.readers tbody tr").length === %d`, got.left))
	taken.mu.Lock()
	defer taken.mu.Unlock()
	if len(taken.times) != readers-1 {
		t.Errorf("%d readers got the letter, want %d", len(taken.times), readers-1)
	}
	for who, times := range taken.times {
		if times != 1 {
			t.Errorf("%s got it %d times", who, times)
		}
	}
}

// writeCampaign writes a newsletter as a person does, and gives the path of its card.
func writeCampaign(s *seat) string {
	s.t.Helper()
	s.open("/crm/campaigns/new")
	s.fill("[name=name]", "Téli akció")
	s.fill("[name=return_domain]", "vissza.minta.test")
	s.script(`document.querySelector("input[name^='topic.']").checked = true`)
	s.press("button.primary", "")
	s.at("/content$")
	card := strings.TrimSuffix(s.path(), "/content")
	s.fill("[name=subject]", "{{first_name|Kedves Olvasónk}}, itt a téli akció")
	s.leaving(func() { s.click(`button[value="add:button"]`) })
	s.fill("[name='b.1.label']", "Megnézem")
	s.fill("[name='b.1.url']", "https://minta-butor.example/teli")
	s.leaving(func() { s.click(`button.primary[value=save]`) })
	s.sees("Hibátlan")
	return card
}

// resolveUnknown decides about those of whom nobody knows, by what the mail server has: there are no more of them
// than were in flight when the process was killed.
func (s *seat) resolveUnknown(p *post, card string) {
	s.t.Helper()
	const inFlight = 400
	for _, round := range []struct {
		decision string
		there    bool
	}{{"arrived", true}, {"repeat", false}} {
		for {
			s.open(card + "/recipients?state=unknown")
			s.until(`document.readyState === "complete"`)
			list := ask[[]string](s, `[...document.querySelectorAll("input[name=seq]")].map(e => e.getAttribute("aria-label"))`)
			if len(list) > inFlight {
				s.t.Fatalf("%d are unknown", len(list))
			}
			var some []string
			p.mu.Lock()
			for _, one := range list {
				if (p.times[one] > 0) == round.there {
					some = append(some, strconv.Quote(one))
				}
			}
			p.mu.Unlock()
			if len(some) == 0 {
				break
			}
			s.script(fmt.Sprintf(`document.querySelectorAll("input[name=seq]").forEach(e => { e.checked = [%s].includes(e.getAttribute("aria-label")) })`, strings.Join(some, ",")))
			s.leaving(func() { s.click("button[value=" + round.decision + "]") })
		}
	}
	s.open(card)
	s.sees("Befejezve")
}

// shows opens a report again until it has the figures: clicks are written down in batches.
func (s *seat) shows(card string, figures map[string]int) {
	s.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		s.open(card)
		s.until(`document.readyState === "complete" && document.querySelector(".figures")`)
		good := true
		for label, n := range figures {
			good = good && ask[bool](s, fmt.Sprintf(`[...document.querySelectorAll(".figures > *")].some(e => e.innerText.includes(%q) && e.querySelector("b").innerText.trim().split(" ")[0] === %q)`, label, strconv.Itoa(n)))
		}
		if good {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the report has not %v: %s", figures, ask[string](s, `document.querySelector(".figures").innerText`))
		}
	}
}

// followed is what readers did.
type followed struct{ clicked, left, bounced int }

var linkInMail = regexp.MustCompile(`https?://[^\s"<>]+/n/(c|o)/[A-Za-z0-9_-]+`)

// follow presses links of letters that came, as their readers do: nine click, three leave by one press of their mail
// program; of one letter the other server says later that there is nobody.
func (p *post) follow(t *testing.T, base string) followed {
	t.Helper()
	out := followed{bounced: 1} // the one who was refused at once
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	p.mu.Lock()
	mails := make([]mailtest.Delivery, 0, len(p.mails))
	for _, d := range p.mails {
		mails = append(mails, d)
	}
	p.mu.Unlock()
	send := func(method, address, kind string, body io.Reader) {
		r, err := http.NewRequestWithContext(t.Context(), method, address, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36")
		r.Header.Set("Content-Type", kind)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode >= 400 {
			t.Errorf("%s %s gives %d", method, address, answer.StatusCode)
		}
	}
	for i, d := range mails[:13] {
		m, err := netmail.ReadMessage(bytes.NewReader(d.Data))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(quotedprintable.NewReader(m.Body))
		switch {
		case i < 9:
			for _, link := range linkInMail.FindAllStringSubmatch(string(body), -1) {
				if link[1] == "c" {
					send(http.MethodGet, link[0], "", nil)
					out.clicked++
					break
				}
			}
		case i < 12:
			way := strings.Trim(strings.Split(m.Header.Get("List-Unsubscribe"), ",")[0], " <>")
			send(http.MethodPost, way, "application/x-www-form-urlencoded", strings.NewReader(url.Values{"List-Unsubscribe": {"One-Click"}}.Encode()))
			out.left++
		default:
			report := "From: MAILER-DAEMON@posta.test\r\nTo: " + d.From + "\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n" +
				"--b\r\nContent-Type: text/plain\r\n\r\nNobody here.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; posta.test\r\n\r\nFinal-Recipient: rfc822; " + d.To[0] + "\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
			send(http.MethodPost, base+"/returned", "message/rfc822", strings.NewReader(report))
			out.bounced++
		}
	}
	return out
}

// waitFor waits until somebody answers.
func waitFor(t *testing.T, address string) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := http.DefaultClient.Do(r); err == nil {
			_ = answer.Body.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nobody answers at %s", address)
}
