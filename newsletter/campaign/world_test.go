package campaign_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/campaign"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/testutil"
)

// reader is a row of a list that the host keeps: what segments and subscriptions give in earnest.
type reader struct {
	bun.BaseModel `bun:"table:test_reader,alias:reader"`

	PartyID  party.ID `bun:"party_id"`
	Company  string   `bun:"company,type:nvarchar(40)"`
	Address  string   `bun:"address,type:nvarchar(254)"`
	Language string   `bun:"language,type:nvarchar(5)"`
	Name     string   `bun:"name,type:nvarchar(120)"`
	Stopped  int      `bun:"stopped"`
}

const readerTable = `CREATE TABLE test_reader (party_id BLOB NOT NULL, company TEXT NOT NULL, address TEXT NOT NULL, language TEXT NOT NULL, name TEXT NOT NULL, stopped INTEGER NOT NULL)`

const readerTableMSSQL = `IF OBJECT_ID(N'test_reader', N'U') IS NULL
CREATE TABLE test_reader (party_id VARBINARY(16) NOT NULL, company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, address NVARCHAR(254) COLLATE Latin1_General_100_BIN2 NOT NULL,
language NVARCHAR(5) COLLATE Latin1_General_100_BIN2 NOT NULL, name NVARCHAR(120) NOT NULL, stopped INT NOT NULL)`

const readerIndex = `CREATE INDEX ix_test_reader ON test_reader (company, party_id);
CREATE INDEX ix_test_reader_address ON test_reader (company, address)`

// list is an Audience of test_reader.
type list struct{}

func (list) Select(s *store.Session) (string, []any, error) {
	return "SELECT t.party_id, t.address, t.language, t.name FROM test_reader AS t WHERE t.company = ? AND t.stopped = 0", []any{s.Actor.Company}, nil
}

func listed(context.Context, *store.Session, campaign.Campaign) (campaign.Audience, error) {
	return list{}, nil
}

// stopped are the readers of test_reader who withdrew.
func stopped(s *store.Session, _ campaign.Campaign, party string) (store.Predicate, error) {
	return store.Exists("SELECT 1 FROM test_reader AS stop WHERE stop.company = ? AND stop.party_id = "+party+" AND stop.stopped = 1", s.Actor.Company), nil
}

// letter is a small mail that says to whom it is.
type letter struct{ composer }

// composer makes letters; load is called before a chunk is loaded.
type composer struct{ load func() }

func (c composer) Compose(_ context.Context, _ *store.Session, _ campaign.Campaign, _ campaign.Content) (campaign.Letter, error) {
	return letter{c}, nil
}

func (l letter) Load(_ context.Context, _ *store.Session, readers []campaign.Recipient) ([]campaign.Addressed, error) {
	if l.load != nil {
		l.load()
	}
	list := make([]campaign.Addressed, len(readers))
	for i, r := range readers {
		list[i] = campaign.Addressed{ReturnPath: "b-" + strconv.Itoa(r.Seq) + "@bounce.example", Recipient: message.Recipient{
			Name: r.Name, Address: r.Address, MessageID: strconv.Itoa(r.Seq) + "-" + r.Variant + "-" + string(r.Language),
		}}
		if r.Name == "Névtelen" {
			list[i].Err = errors.New("the field company is missing")
		}
	}
	return list, nil
}

func (l letter) Compose(dst []byte, r message.Recipient) (message.Envelope, error) {
	if strings.HasPrefix(r.Address, "broken") {
		return message.Envelope{}, errors.New("the field {price} has no value")
	}
	dst = append(dst, "Message-ID: <"...)
	dst = append(dst, r.MessageID...)
	return message.Envelope{To: r.Address, Data: append(dst, "@example.com>\r\n\r\nTisztelt Olvasó!\r\n"...)}, nil
}

// sink is a mail server in memory that answers as it is told.
type sink struct {
	mu sync.Mutex
	// answer says what becomes of a message; nil takes everything.
	answer func(e message.Envelope) error
	// dial says what becomes of connecting.
	dial func() error
	// got are the Message-IDs of each address.
	got map[string][]string
	// asked counts the messages that were offered.
	asked int
}

func newSink() *sink { return &sink{got: map[string][]string{}} }

func (k *sink) Dial(context.Context) (message.Conn, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dial != nil {
		if err := k.dial(); err != nil {
			return nil, err
		}
	}
	return sinkConn{k}, nil
}

type sinkConn struct{ k *sink }

func (c sinkConn) Send(_ context.Context, e message.Envelope, end func(error)) error {
	c.k.mu.Lock()
	answer := c.k.answer
	c.k.asked++
	c.k.mu.Unlock()
	var err error
	if answer != nil {
		err = answer(e)
	}
	if err == nil {
		id, _, _ := strings.Cut(strings.TrimPrefix(string(e.Data), "Message-ID: <"), "@")
		c.k.mu.Lock()
		c.k.got[e.To] = append(c.k.got[e.To], id)
		c.k.mu.Unlock()
	}
	end(err)
	var f *mail.Failure
	if errors.As(err, &f) && f.Down {
		return err
	}
	return nil
}

func (sinkConn) Close(context.Context) error { return nil }

func (k *sink) set(answer func(e message.Envelope) error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answer = answer
}

// messages counts what has arrived, and fails where somebody got more than one.
func (k *sink) messages(t testing.TB) int {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for address, ids := range k.got {
		if n += len(ids); len(ids) > 1 {
			t.Errorf("%s got %d messages: %v", address, len(ids), ids)
		}
	}
	return n
}

var quietLog = slog.New(slog.NewTextHandler(io.Discard, nil))

// world is a company with readers and a mail server.
type world struct {
	*testutil.Env
	t         testing.TB
	sink      *sink
	config    campaign.Config
	campaigns *campaign.Campaigns
	// vera runs the newsletters, system is the background.
	vera, system context.Context
}

var marketing = actor.Rights{campaign.Read, campaign.Write, campaign.Send}

func newWorld(t testing.TB, env *testutil.Env, change func(*campaign.Config)) *world {
	w := &world{Env: env, t: t, sink: newSink(), vera: env.As("szabo.vera", marketing, actor.All), system: env.System()}
	w.config = campaign.Config{
		Audience: listed, Left: stopped, Composer: composer{}, Transports: map[string]campaign.Transport{"": {Transport: w.sink, Connections: 2}},
		Log: quietLog, Chunk: 40, Window: 10,
	}
	if change != nil {
		change(&w.config)
	}
	w.campaigns = campaign.New(env.DB, w.config)
	if env.DB.Dialect() == store.MSSQL {
		_, err := env.DB.SQL().Exec(readerTableMSSQL)
		w.ok(err)
		return w
	}
	_, err := env.DB.SQL().Exec(readerTable)
	w.ok(err)
	_, err = env.DB.SQL().Exec(readerIndex)
	w.ok(err)
	return w
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// address is that of the nth reader.
func address(n int) string { return fmt.Sprintf("olvaso%d@d%d.example", n, n%7) }

// readers adds n readers.
func (w *world) readers(n int) {
	w.t.Helper()
	languages := []string{"hu", "en", "he", "ru", "el", ""}
	for from := 0; from < n; from += 5000 {
		w.ok(w.DB.Write(w.system, func(ctx context.Context, s *store.Session) error {
			rows := make([]reader, 0, 5000)
			for i := from; i < min(from+5000, n); i++ {
				rows = append(rows, reader{PartyID: store.NewKey[party.Tag](s), Address: address(i + 1), Language: languages[i%len(languages)], Name: "Olvasó Éva " + strconv.Itoa(i+1)})
			}
			return s.InsertMany(ctx, &rows)
		}))
	}
}

// reader adds one.
func (w *world) reader(r reader) {
	w.t.Helper()
	w.ok(w.DB.Write(w.system, func(ctx context.Context, s *store.Session) error {
		if r.PartyID.IsZero() {
			r.PartyID = store.NewKey[party.Tag](s)
		}
		rows := []reader{r}
		return s.InsertMany(ctx, &rows)
	}))
}

func plan() campaign.Plan {
	return campaign.Plan{
		Name: "Tavaszi hírlevél", Audience: `{"topic":"news"}`, SenderName: "Fényforrás Kft.", SenderAddress: "hirlevel@fenyforras.example",
		ReturnDomain: "bounce.fenyforras.example", Language: locale.Hungarian,
	}
}

var oneContent = []campaign.Content{
	{Language: locale.Hungarian, Subject: "Tavasz", Design: `{"blocks":[]}`}, {Language: locale.Greek, Subject: "Άνοιξη", Design: `{"blocks":[]}`},
}

// drafted is a draft that says something.
func (w *world) drafted(p campaign.Plan, contents []campaign.Content) campaign.Campaign {
	w.t.Helper()
	row, err := w.campaigns.Create(w.vera, p)
	w.ok(err)
	row, err = w.campaigns.SetContents(w.vera, row.ID, row.Version, contents)
	w.ok(err)
	return row
}

// scheduled is a campaign that begins at once.
func (w *world) scheduled(p campaign.Plan, contents []campaign.Content) campaign.Campaign {
	w.t.Helper()
	row := w.drafted(p, contents)
	row, err := w.campaigns.Schedule(w.vera, row.ID, row.Version, time.Time{})
	w.ok(err)
	return row
}

// work lets the background work until nothing is to be done.
func (w *world) work() {
	w.t.Helper()
	for range 1000 {
		n, err := w.campaigns.Work(w.system)
		w.ok(err)
		if n == 0 {
			return
		}
	}
	w.t.Fatal("the background never comes to an end")
}

func (w *world) get(id campaign.ID) campaign.Campaign {
	w.t.Helper()
	row, err := w.campaigns.Get(w.vera, id)
	w.ok(err)
	return row
}

func (w *world) progress(id campaign.ID) campaign.Progress {
	w.t.Helper()
	p, err := w.campaigns.Progress(w.vera, id)
	w.ok(err)
	return p
}

// rows reads the ledger, of one standing or whole.
func (w *world) rows(id campaign.ID, state campaign.Standing) []campaign.Detail {
	w.t.Helper()
	var all []campaign.Detail
	choice := campaign.Choice{State: state, Limit: 500}
	for {
		page, err := w.campaigns.Recipients(w.vera, id, choice)
		w.ok(err)
		all = append(all, page.Rows...)
		if choice.After = page.Next; page.Next == 0 {
			return all
		}
	}
}

// consistent holds the kept counts against the ledger, and its numbers against being dense.
func (w *world) consistent(id campaign.ID) campaign.Figures {
	w.t.Helper()
	var counted campaign.Figures
	fields := map[campaign.Standing]*int64{
		campaign.Pending: &counted.Pending, campaign.Sending: &counted.Sending, campaign.Sent: &counted.Sent, campaign.Deferred: &counted.Deferred,
		campaign.Failed: &counted.Failed, campaign.Bounced: &counted.Bounced, campaign.Complained: &counted.Complained, campaign.Unknown: &counted.Unknown,
	}
	seen := map[string]bool{}
	all := w.rows(id, "")
	for i, r := range all {
		if r.Seq != i+1 {
			w.t.Fatalf("row %d has the number %d", i+1, r.Seq)
		}
		if seen[r.Address] {
			w.t.Errorf("%s is in the ledger twice", r.Address)
		}
		seen[r.Address] = true
		*fields[r.State]++
	}
	p := w.progress(id)
	if p.All != counted || p.Total != int64(len(all)) {
		w.t.Errorf("the kept counts are %+v of %d, the ledger has %+v of %d", p.All, p.Total, counted, len(all))
	}
	for _, s := range []campaign.Standing{campaign.Deferred, campaign.Failed, campaign.Bounced, campaign.Unknown} {
		if n := len(w.rows(id, s)); int64(n) != counted.Of(s) {
			w.t.Errorf("%d are listed as %s, the ledger has %d", n, s, counted.Of(s))
		}
	}
	return counted
}

func is(t testing.TB, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func wantCode(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Fatalf("error %v, want %s", err, code)
	}
}

func paths(err error) string {
	var out []string
	for _, f := range fault.Of(err) {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

// party is somebody of a country.
func (w *world) party(country string) party.ID {
	w.t.Helper()
	var row party.Party
	w.ok(w.DB.Write(w.system, func(ctx context.Context, s *store.Session) error {
		row = party.Party{ID: store.NewKey[party.Tag](s), Kind: "person", SortKey: []byte{1}}
		row.Country = country
		return s.InsertQuiet(ctx, &row)
	}))
	return row.ID
}
