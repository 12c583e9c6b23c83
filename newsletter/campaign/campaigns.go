package campaign

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/bounce"
	"github.com/crmplus/crmplus/newsletter/message"
)

// Audience is whom a campaign is for.
type Audience interface {
	// Select gives a SELECT of the company's readers with the columns party_id, address, language and name,
	// one row per reader and address, without an ORDER BY of its own: it is read in order of party_id, which
	// is NULL in no row, in pieces between two of them. Addresses are as party.NormalizeEmail gives them,
	// languages and names "" where unknown. Parameters are written as ?.
	Select(s *store.Session) (sql string, args []any, err error)
}

// Composer makes mails of a campaign's content.
type Composer interface {
	// Compose prepares what is the same for all readers of a content. An error pauses the campaign.
	Compose(ctx context.Context, s *store.Session, c Campaign, p Content) (Letter, error)
}

// Letter is a content that is ready to be sent to many. It is safe for many goroutines.
type Letter interface {
	// Load reads what differs from reader to reader, for all of a chunk at once, in their order. A reader
	// whose [Addressed.Err] is set fails by it.
	Load(ctx context.Context, s *store.Session, readers []Recipient) ([]Addressed, error)
	// Compose writes the whole message for one reader behind dst, and gives its envelope but for the return
	// path, as *message.Template does. An error fails that reader, except for a *mail.Failure that says
	// mail.Temporary.
	Compose(dst []byte, r message.Recipient) (message.Envelope, error)
}

// Addressed is a reader with what his mail is made of.
type Addressed struct {
	// ReturnPath is the sender of the envelope, to which bounces go.
	ReturnPath string
	Recipient  message.Recipient
	// Text is the whole message of a campaign on SMS, and ReturnPath then who it comes from.
	Text *Text
	// Err says why this reader cannot be written to: a field that his mail needs is missing.
	Err error
}

// Refusal is a recipient whose mailbox the receiving server refused, or whose number does not exist.
type Refusal struct {
	Campaign ID
	Channel  Channel
	Seq      int
	Party    party.ID
	Address  string
	// Answer is what the server said, and what that means for the address.
	Answer bounce.Answer
}

// Score is what is known about a variant when a winner is chosen.
type Score struct {
	Variant string
	// Sent counts its mails, Clicks the readers among them who clicked.
	Sent, Clicks int64
}

// Transport is a way out with its bounds.
type Transport struct {
	message.Transport
	// Connections is how many connections one process opens for a campaign; 4 where it is 0.
	Connections int
	// PerSecond is how many messages one process sends over it in a second; 0 for no limit.
	PerSecond float64
	// Domains are the messages in a second that one process sends to a receiving domain; "" is for those
	// that are not named. No limit where there is neither.
	Domains map[string]float64
}

// Config is what the package is told by its surroundings. Without transports and a composer campaigns wait, and
// without gateways and messages those on SMS.
type Config struct {
	// Audience makes an audience of a campaign's; it fails with fault.Invalid where there is none.
	Audience func(ctx context.Context, s *store.Session, c Campaign) (Audience, error)
	// Left gives the condition that somebody in the ledger is no reader of the campaign any more; party is the
	// column with his party's key. It is asked when a chunk is about to leave,
	// because readers leave between the freezing and the sending. nil where nobody leaves.
	Left func(s *store.Session, c Campaign, party string) (store.Predicate, error)
	// Sieve gives those of some addresses that must not be written to, with the reason. It is asked for each
	// chunk like Left, because lists of hashes cannot be asked in SQL. nil where there are none.
	Sieve    func(ctx context.Context, s *store.Session, ch Channel, addresses []string) (map[string]string, error)
	Composer Composer
	// Before is called outside of transactions before contents are composed for readers, as [Directory.Refresh] wants it;
	// nil where nothing is to be prepared.
	Before func(ctx context.Context) error
	// Messages writes the texts of campaigns on SMS; nil where there are none.
	Messages *Messages
	// Transports are the ways out of mails by name, Gateways those of text messages; "" is for campaigns that
	// name none.
	Transports map[string]Transport
	Gateways   map[string]Gateway
	// Refused hears of refused mailboxes, in the transaction that writes them down.
	Refused func(ctx context.Context, s *store.Session, list []Refusal) error
	// Clicks counts the readers who clicked, by variant. Without it winners are chosen by people.
	Clicks func(ctx context.Context, s *store.Session, c Campaign) (map[string]int64, error)
	// Zone is the time zone of a company; UTC where it is nil.
	Zone func(company string) *time.Location

	// Chunk is how many rows of the ledger a process claims at once; 1000 where it is 0.
	Chunk int
	// Window is how many messages of a campaign are under way at most in one process, which is how many can
	// become unknown by its death; 200 where it is 0.
	Window int
	// Lease is how long a claim outlives its process; 2 minutes where it is 0. It must be longer than a
	// transport waits for an answer.
	Lease time.Duration
	// Turn is how long one look works for one campaign; 10 seconds where it is 0.
	Turn time.Duration
	// Grace is how long messages under way are waited for when the process is to stop; 30 seconds where it is 0.
	Grace time.Duration
	// Pause is the first pause after "later"; it doubles each time up to four hours, and half of it is random.
	// 2 minutes where it is 0.
	Pause time.Duration
	// Attempts is how often a recipient is tried, GiveUp for how long; 12 and 48 hours where they are 0.
	Attempts int
	GiveUp   time.Duration
	// Rest is the first pause of a transport that cannot be reached; it doubles up to 5 minutes. 5 seconds
	// where it is 0.
	Rest time.Duration
	// Log gets warnings; slog.Default where it is nil.
	Log *slog.Logger
}

// Check names what is wrong with the values.
func (c Config) Check() []fault.Fault {
	var faults fault.List
	for _, v := range []struct {
		name string
		d    time.Duration
	}{{"lease", c.Lease}, {"turn", c.Turn}, {"grace", c.Grace}, {"pause", c.Pause}, {"give_up", c.GiveUp}, {"rest", c.Rest}} {
		if v.d < 0 {
			faults.Add(v.name, "negative", "is %s; give how long, or zero for the usual", v.d)
		}
	}
	for _, v := range []struct {
		name    string
		n, most int
	}{{"chunk", c.Chunk, 10_000}, {"window", c.Window, 1000}, {"attempts", c.Attempts, 100}} {
		if v.n < 0 || v.n > v.most {
			faults.Add(v.name, "range", "is %d; give at most %d, or zero for the usual", v.n, v.most)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Gateways)) {
		at, g := "gateways["+name+"]", c.Gateways[name]
		if g.Gateway == nil {
			faults.Add(at, "required", "has no way out; set Gateway")
		}
		if g.Connections < 0 || g.PerSecond < 0 {
			faults.Add(at, "negative", "has a negative bound; give how many, or zero for the usual")
		}
		checkSender(&faults, at+".sender", &g.Sender)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Transports)) {
		at := "transports[" + name + "]"
		t := c.Transports[name]
		if t.Transport == nil {
			faults.Add(at, "required", "has no way out; set Transport")
		}
		if t.Connections < 0 || t.PerSecond < 0 {
			faults.Add(at, "negative", "has a negative bound; give how many, or zero for the usual")
		}
		for domain, n := range t.Domains {
			if n <= 0 {
				faults.Add(at+".domains["+domain+"]", "range", "is %g; give how many a second, or leave the domain out", n)
			}
		}
	}
	return faults
}

func (c Config) withDefaults() Config {
	c.Chunk, c.Window, c.Attempts = cmp.Or(c.Chunk, 1000), cmp.Or(c.Window, 200), cmp.Or(c.Attempts, 12)
	c.Lease, c.Turn, c.Grace = cmp.Or(c.Lease, 2*time.Minute), cmp.Or(c.Turn, 10*time.Second), cmp.Or(c.Grace, 30*time.Second)
	c.Pause, c.GiveUp, c.Rest = cmp.Or(c.Pause, 2*time.Minute), cmp.Or(c.GiveUp, 48*time.Hour), cmp.Or(c.Rest, 5*time.Second)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Zone == nil {
		c.Zone = func(string) *time.Location { return time.UTC }
	}
	return c
}

// Campaigns is the package's door. It is safe for many goroutines.
type Campaigns struct {
	db     *store.DB
	config Config
	gates  *gates
}

// New makes a Campaigns on a database.
func New(db *store.DB, config Config) *Campaigns {
	return &Campaigns{db: db, config: config.withDefaults(), gates: newGates()}
}

// On gives the same campaigns on another view of the database.
func (c *Campaigns) On(db *store.DB) *Campaigns {
	view := *c
	view.db = db
	return &view
}

// In gives a view that works inside an open session.
func (c *Campaigns) In(s *store.Session) *Campaigns { return c.On(s.Inside()) }

// Ready reports whether campaigns can be sent by any channel.
func (c *Campaigns) Ready() bool { return c.Carries(Email) || c.Carries(SMS) }

// Carries reports whether campaigns can be sent by a channel.
func (c *Campaigns) Carries(ch Channel) bool {
	switch {
	case c.config.Audience == nil:
		return false
	case ch == SMS:
		return c.config.Messages != nil && len(c.config.Gateways) > 0
	}
	return c.config.Composer != nil && len(c.config.Transports) > 0
}

// Messages are what writes the texts of campaigns on SMS; nil where there are none.
func (c *Campaigns) Messages() *Messages { return c.config.Messages }

// languageOf picks the content for a reader: his own language, else the campaign's, else the first.
func languageOf(has []locale.Language, want, usual locale.Language) locale.Language {
	for _, l := range []locale.Language{want, usual} {
		if slices.Contains(has, l) {
			return l
		}
	}
	return has[0]
}
