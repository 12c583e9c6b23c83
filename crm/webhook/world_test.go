package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/crm/webhook"
	"github.com/crmplus/crmplus/testutil"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// local lets tests call receivers on this machine, without TLS.
var local = webhook.Config{Plain: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Log: quiet, Timeout: 5 * time.Second}

// world is a company with webhooks and an outbox of events.
type world struct {
	*testutil.Env
	hooks    *webhook.Webhooks
	registry *event.Registry
}

func newWorld(env *testutil.Env, c webhook.Config) *world {
	w := &world{Env: env, hooks: webhook.New(env.DB, c), registry: event.NewRegistry()}
	w.hooks.Register(w.registry)
	return w
}

func (w *world) admin() context.Context { return w.As("kovacs", actor.Admin, actor.All) }

func (w *world) create(t *testing.T, url string, kinds ...string) webhook.Created {
	t.Helper()
	created, err := w.hooks.Create(w.admin(), webhook.Draft{Name: "Raktár", URL: url, Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

// record is the id of the nth record of the test's company.
func (w *world) record(n byte) []byte {
	id := make([]byte, 16)
	copy(id[1:], w.Company[max(0, len(w.Company)-15):])
	id[0] = n
	return id
}

func (w *world) emit(t *testing.T, record byte, version int64, kind string) {
	t.Helper()
	err := w.DB.Write(w.System(), func(ctx context.Context, s *store.Session) error {
		return event.Emit(ctx, s, event.Fact{Kind: kind, Record: w.record(record), Version: version, Payload: map[string]any{
			"party": "p1", "from": "new", "to": "working", "reason": "Szabó Ágnes visszahívást kért", "email": "agnes@example.hu",
		}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// work hands out the events and sends what is due.
func (w *world) work(t *testing.T) (sent int) {
	t.Helper()
	worker := &event.Worker{DB: w.DB, Registry: w.registry, Log: quiet}
	if _, err := worker.RunOnce(context.Background()); err != nil {
		t.Fatal(err)
	}
	for {
		n, err := w.hooks.Send(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if sent += n; n == 0 {
			return sent
		}
	}
}

func (w *world) deliveries(t *testing.T, id webhook.ID) []webhook.Delivery {
	t.Helper()
	list, err := w.hooks.Deliveries(w.admin(), webhook.Filter{Webhook: id, Page: store.Page{Limit: 500}})
	if err != nil {
		t.Fatal(err)
	}
	return list.Rows
}

func (w *world) hook(t *testing.T, id webhook.ID) webhook.Webhook {
	t.Helper()
	hook, err := w.hooks.Get(w.admin(), id)
	if err != nil {
		t.Fatal(err)
	}
	return hook
}

// message is what a receiver got.
type message struct {
	ID, Type, At, Company, Record string
	Version                       int64
	Data                          map[string]any
	header                        http.Header
	raw                           []byte
}

// receiver is another system. answer decides what it says; nil is 204 for all.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []message
	answer func(m message, w http.ResponseWriter, r *http.Request)
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, rq *http.Request) {
		m := message{header: rq.Header}
		m.raw, _ = io.ReadAll(rq.Body)
		if err := json.Unmarshal(m.raw, &m); err != nil {
			t.Errorf("the body is no JSON: %v: %s", err, m.raw)
		}
		r.mu.Lock()
		r.got = append(r.got, m)
		answer := r.answer
		r.mu.Unlock()
		if answer == nil {
			rw.WriteHeader(http.StatusNoContent)
			return
		}
		answer(m, rw, rq)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) says(answer func(m message, w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *receiver) status(code int) {
	r.says(func(_ message, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}

func (r *receiver) messages() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]message(nil), r.got...)
}
