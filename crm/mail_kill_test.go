package crm_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	netmail "net/mail"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/adapters/sqlite"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/testutil"
	"github.com/crmplus/crmplus/testutil/mailtest"
)

// childPost is the address of a mail server: a child process sends what is in the outbox to it.
const childPost = "CRMPLUS_CHILD_POST"

// hastyPost is an outbox for a mail server that never thinks longer than 20 ms.
var hastyPost = mail.Config{Patience: 300 * time.Millisecond, Pause: 20 * time.Millisecond, Log: quiet}

// postbox is an outbox that sends to a server on this machine.
func postbox(db *store.DB, port int) (*mail.Mails, *smtp.Mailer, error) {
	mailer, err := smtp.New(smtp.Config{Host: "127.0.0.1", Port: port, TLS: smtp.None, Timeout: time.Second})
	if err != nil {
		return nil, nil, err
	}
	config := hastyPost
	config.Mailer = mailer
	return mail.New(db, config), mailer, nil
}

// workPost is a child process: it sends mails until it is killed.
func workPost(file, company, port string) error {
	db, err := sqlite.Open(file)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	mails, _, err := postbox(db, n)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	ctx := actor.With(context.Background(), actor.System(company, "background"))
	for {
		if _, err := mails.Send(ctx, 0); err != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// moody is a server that fails at random: refuses, puts off, hangs up at each step.
type moody struct {
	mu     sync.Mutex
	random *rand.Rand
}

func (m *moody) misbehave(s mailtest.Step, _ string) mailtest.Reply {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch dice := m.random.IntN(100); {
	case dice < 3:
		return mailtest.Reply{Code: 451, Text: "later"}
	case dice < 5:
		return mailtest.Reply{Drop: true}
	case dice < 6 && s == mailtest.AtRecipient:
		return mailtest.Reply{Code: 550, Text: "no such mailbox"}
	}
	return mailtest.Reply{}
}

// TestKillWhileMailing kills real processes with SIGKILL while they give mails to a server that fails at
// random. Each mail reaches the server at most once, and none is lost: what is sent is there, what was
// refused is not, and what nobody can know is listed as unknown. CRMPLUS_SOAK=1 sends 10,000.
func TestKillWhileMailing(t *testing.T) {
	count := 300
	if os.Getenv("CRMPLUS_SOAK") != "" {
		count = 10_000
	} else if testing.Short() {
		count = 60
	}
	env := testutil.SQLite(t)
	env.DB = env.DB.WithClock(time.Now) // leases run in the children's time
	server := mailtest.Start(t, mailtest.Options{Misbehave: (&moody{random: rand.New(rand.NewPCG(7, 8))}).misbehave})
	mails, mailer, err := postbox(env.DB, server.Port)
	if err != nil {
		t.Fatal(err)
	}
	defer mailer.Close()
	left, kills := 0, 0
	window := 300 * time.Millisecond
	for deadline := time.Now().Add(time.Hour); left > 0 || kills < 3; {
		if time.Now().After(deadline) {
			t.Fatalf("%d mails are left after an hour", left)
		}
		if left == 0 { // at first, and when a fast machine sends all before the third kill
			queueMails(t, env, mails, count)
			left = count
		}
		cmd := startPost(t, env, server.Port)
		time.Sleep(rand.N(window)) // the moment of the kill is the point of the test
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		kills++
		now := openMails(t, env, mails)
		if left-now < 4 { // a busy machine
			window = min(2*window, 3*time.Second)
		}
		left = now
	}
	checkMails(t, env, mails, server, kills)
}

func queueMails(t *testing.T, env *testutil.Env, mails *mail.Mails, count int) {
	t.Helper()
	for i := range count {
		err := env.DB.Write(env.System(), func(ctx context.Context, s *store.Session) error {
			_, err := mails.In(s).Queue(ctx, mail.Message{
				From: mail.Address{Email: "erp@example.com"}, To: []mail.Address{{Email: fmt.Sprintf("reader%d@example.com", i)}},
				Subject: fmt.Sprint("Ajánlat ", i), Text: "Tisztelt Olvasó!", Language: locale.Hungarian,
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func startPost(t *testing.T, env *testutil.Env, port int) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^$")
	cmd.Env = append(os.Environ(), childFile+"="+env.File, childCompany+"="+env.Company, childPost+"="+strconv.Itoa(port))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		_, err = bufio.NewReader(out).ReadString('\n')
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

// openMails counts the mails with which something still happens by itself.
func openMails(t *testing.T, env *testutil.Env, mails *mail.Mails) int {
	t.Helper()
	n := 0
	for _, rows := range pagesOf(t, env, mails, mail.Queued, mail.Deferred, mail.Sending) {
		n += len(rows)
	}
	return n
}

func pagesOf(t *testing.T, env *testutil.Env, mails *mail.Mails, states ...mail.State) [][]mail.Mail {
	t.Helper()
	var all [][]mail.Mail
	f := mail.Filter{States: states, Page: store.Page{Limit: 500}}
	for {
		l, err := mails.List(env.System(), f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, l.Rows)
		if f.Page.After = l.Next; l.Next == "" {
			return all
		}
	}
}

// checkMails holds what the outbox says against what the server has.
func checkMails(t *testing.T, env *testutil.Env, mails *mail.Mails, server *mailtest.Server, kills int) {
	t.Helper()
	has := map[string]int{}
	for _, d := range server.Deliveries() {
		msg, err := netmail.ReadMessage(bytes.NewReader(d.Data))
		if err != nil {
			t.Fatal(err)
		}
		id, _, _ := strings.Cut(strings.TrimPrefix(msg.Header.Get("Message-Id"), "<"), "@")
		has[id]++
	}
	counts, arrived := map[mail.State]int{}, 0
	for _, rows := range pagesOf(t, env, mails) {
		for _, m := range rows {
			n := has[m.ID.String()]
			delete(has, m.ID.String())
			counts[m.State]++
			switch {
			case n > 1:
				t.Errorf("mail %s reached the server %d times", m.ID, n)
			case m.State == mail.Sent && n != 1:
				t.Errorf("mail %s is said to be sent and was lost", m.ID)
			case m.State == mail.Failed && n != 0:
				t.Errorf("mail %s is said to have failed and was sent", m.ID)
			case m.State == mail.NoAnswer:
				arrived += n
			}
		}
	}
	if len(has) > 0 {
		t.Errorf("the server has %d messages that nobody asked for", len(has))
	}
	if counts[mail.Sent] == 0 {
		t.Error("no mail was sent")
	}
	t.Logf("%d processes killed: %v; of the unknown ones %d had arrived", kills, counts, arrived)
}
