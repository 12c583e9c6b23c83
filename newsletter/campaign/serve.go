package campaign

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/message"
	"github.com/crmplus/crmplus/newsletter/sms"
)

// words are a content that is ready to be sent.
type words struct {
	loader loader
	// letter composes mails; nil for text messages, which are whole when they are loaded.
	letter Letter
}

// loader reads what differs from reader to reader, as [Letter] says.
type loader interface {
	Load(ctx context.Context, s *store.Session, readers []Recipient) ([]Addressed, error)
}

// parcel is a recipient whom this process is to send to.
type parcel struct {
	Recipient
	Addressed

	words  *words
	claim  *claim
	domain string
	// home is the standing to which it goes back when it does not leave.
	home Standing
	// waited says that the row waited for a winner.
	waited bool
	// gone says that its address must not be written to any more.
	gone     bool
	attempts int
	giveUp   time.Time
	// returns is how often a connection broke under it in this turn.
	returns int
	// before is up to when it may leave: after that another process may have taken it for lost.
	before time.Time
}

// ending is what became of a parcel that was marked.
type ending struct {
	p *parcel
	// back says that it never left.
	back bool
	err  error
	// receipt is the gateway's key of a text message.
	receipt string
}

// server sends one campaign for one turn: one goroutine keeps the ledger, and one for each connection sends.
type server struct {
	c         *Campaigns
	row       Campaign
	parts     split
	waits     bool
	gate      *gate
	transport Transport
	// gateway carries the messages of a campaign on SMS; nil for mails. repeats says that one of which nobody
	// knows can be tried again without harm.
	gateway   sms.Gateway
	repeats   bool
	words     map[string]*words
	languages map[string][]locale.Language
	zone      *time.Location

	// queue are parcels that are loaded and not marked, claims what this process holds.
	queue  []*parcel
	claims []*claim
	// flying counts the parcels that are marked and have no end in the ledger; done those that got one.
	flying, done int
	out          chan *parcel
	buffers      sync.Pool

	mu     sync.Mutex
	ended  []ending
	enough int
	signal chan struct{}

	// halted says that nothing new may leave.
	halted atomic.Bool
	// careful is set after a commit of which nobody knows: rows are then moved one by one.
	careful bool
	sampled time.Time
}

// serve sends a campaign until nothing is to be done, its turn is over, or it must stop.
func (c *Campaigns) serve(ctx context.Context, id ID, until time.Time) (int, error) {
	v, err := c.prepare(ctx, id)
	if err != nil || v == nil {
		return 0, err
	}
	if v.gate.resting(c.db.Now()) {
		return 0, nil
	}
	always := context.WithoutCancel(ctx)
	flight, land := context.WithCancel(always)
	defer land()
	var senders sync.WaitGroup
	send := v.sender
	if v.gateway != nil {
		send = v.texter
	}
	for range max(1, v.transport.Connections) {
		senders.Go(func() { send(flight) })
	}
	err = v.keep(ctx, until, land)
	close(v.out)
	senders.Wait()
	return v.done, errors.Join(err, v.release(always))
}

// prepare reads a campaign and composes its contents; nil where it cannot be sent now.
func (c *Campaigns) prepare(ctx context.Context, id ID) (v *server, err error) {
	v = c.newServer()
	var unfit error
	err = c.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		unfit = nil
		if err := s.Get(ctx, &v.row, id); err != nil {
			return err
		}
		contents, err := contentsOf(ctx, s, id)
		if err != nil {
			return err
		}
		unfit = v.composeAll(ctx, s, contents)
		return nil
	})
	if err != nil || v.row.State != Running {
		return nil, err
	}
	if unfit != nil {
		return nil, c.unfit(ctx, id, unfit)
	}
	v.waits, v.zone = v.parts.waits(), c.config.Zone(v.row.Company)
	if !v.open() {
		c.config.Log.Warn("a campaign waits for its way out; set it up in Config.Transports or Config.Gateways", "campaign", v.row.ID.String(), "channel", v.row.Channel, "transport", v.row.Transport)
		return nil, nil
	}
	return v, nil
}

func (c *Campaigns) newServer() *server {
	return &server{
		c: c, words: map[string]*words{}, languages: map[string][]locale.Language{}, signal: make(chan struct{}, 1),
		out: make(chan *parcel, c.config.Window), buffers: sync.Pool{New: func() any { return new([]byte) }},
	}
}

// open finds the way out, and reports whether there is one.
func (v *server) open() bool {
	if v.row.Channel == SMS {
		g, row, known := v.c.gatewayFor(v.row)
		if v.row = row; known {
			v.overGateway(g)
		}
		return known
	}
	t, known := v.c.config.Transports[v.row.Transport]
	if t.Connections == 0 {
		t.Connections = usualConnections
	}
	v.transport, v.gate = t, v.c.gates.of(v.row.Company, v.row.Transport)
	return known
}

// unfit pauses a campaign whose content cannot be composed.
func (c *Campaigns) unfit(ctx context.Context, id ID, why error) error {
	if errors.Is(why, fault.Retryable) || errors.Is(why, fault.Unavailable) || ctx.Err() != nil {
		return why
	}
	return c.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		_, err := c.pause(ctx, s, id, ByContent, why.Error())
		return err
	})
}

const usualConnections = 4

// composeAll prepares what is the same for all readers.
func (v *server) composeAll(ctx context.Context, s *store.Session, contents []Content) error {
	v.parts = splitOf(variantsOf(contents), v.row.TestShare)
	if v.row.Channel == SMS {
		_, v.row, _ = v.c.gatewayFor(v.row)
		return v.composeTexts(s, contents)
	}
	if v.c.config.Composer == nil {
		return fault.New(fault.Unavailable, "no mails are composed here; set Config.Composer")
	}
	largest := 0
	for _, p := range contents {
		letter, err := v.c.config.Composer.Compose(ctx, s, v.row, p)
		if err != nil {
			return err
		}
		if sized, ok := letter.(interface{ Size() int }); ok {
			largest = max(largest, sized.Size())
		}
		v.languages[p.Variant] = append(v.languages[p.Variant], p.Language)
		v.words[p.Variant+"/"+string(p.Language)] = &words{letter, letter}
	}
	v.bounded(largest)
	return nil
}

func (v *server) wordsFor(variant string, want locale.Language) *words {
	return v.words[variant+"/"+string(languageOf(v.languages[variant], want, v.row.Language))]
}

// line is one connection with how many of its messages have no end yet.
type line struct {
	v    *server
	conn message.Conn
	open atomic.Int64
}

// idle is how long a connection waits for another message before it asks for the ends that are missing, by
// saying goodbye: nothing says that a connection tells them unasked.
const idle = 250 * time.Millisecond

// sender sends over one connection what the ledger has marked.
func (v *server) sender(ctx context.Context) {
	l := &line{v: v}
	t := time.NewTimer(idle)
	defer t.Stop()
	for {
		select {
		case p, more := <-v.out:
			if !more {
				l.close(ctx)
				return
			}
			l.carry(ctx, p)
		case <-t.C:
			if l.open.Load() > 0 {
				l.close(ctx)
			}
		}
		t.Reset(idle)
	}
}

// carry takes one parcel, or gives it back unsent.
func (l *line) carry(ctx context.Context, p *parcel) {
	v := l.v
	if v.halted.Load() || time.Now().After(p.before) {
		v.end(ending{p: p, back: true})
		return
	}
	if l.conn == nil {
		conn, err := v.transport.Dial(ctx)
		if err != nil {
			v.unreachable(err)
			v.end(ending{p: p, back: true})
			return
		}
		l.conn = conn
	}
	if l.send(ctx, p) != nil { // the ends have said why
		l.conn = nil
	}
}

func (l *line) close(ctx context.Context) {
	if l.conn == nil {
		return
	}
	if err := l.conn.Close(ctx); err != nil {
		l.v.c.config.Log.Debug("a connection was not closed as it should be", "campaign", l.v.row.ID.String(), "error", err)
	}
	l.conn = nil
}

func (l *line) send(ctx context.Context, p *parcel) error {
	v := l.v
	buffer := v.buffers.Get().(*[]byte)
	e, err := p.words.letter.Compose((*buffer)[:0], p.Addressed.Recipient)
	if err == nil && len(e.Data) == 0 {
		err = fault.New(fault.Invalid, "the message is empty")
	}
	if err != nil {
		v.buffers.Put(buffer)
		var f *mail.Failure
		if !errors.As(err, &f) || f.Outcome != mail.Temporary {
			err = &unfitError{err}
		}
		v.end(ending{p: p, err: err})
		return nil
	}
	*buffer = e.Data[:0]
	e.From, e.UTF8 = p.ReturnPath, e.UTF8 || !plain(p.ReturnPath)
	l.open.Add(1)
	return l.conn.Send(ctx, e, func(err error) {
		l.open.Add(-1)
		v.buffers.Put(buffer)
		v.end(ending{p: p, err: err})
	})
}

// unfitError says that a message could not be made.
type unfitError struct{ error }

func (e *unfitError) Unwrap() error { return e.error }

func plain(address string) bool {
	for i := range len(address) {
		if address[i] >= 0x80 {
			return false
		}
	}
	return true
}

// unreachable lets the transport rest.
func (v *server) unreachable(err error) {
	v.gate.unreachable(v.c.db.Now(), v.c.config.Rest)
	v.halted.Store(true)
	v.c.config.Log.Warn("the mail server cannot be reached; the campaign goes on later", "campaign", v.row.ID.String(), "transport", v.row.Transport, "error", err)
}

// end notes what became of a parcel, for the next commit.
func (v *server) end(e ending) {
	var f *mail.Failure
	switch {
	case e.back:
	case e.err == nil:
		v.gate.up(e.p.domain)
	case errors.As(e.err, &f) && f.Down:
		v.gate.down(v.c.db.Now(), v.c.config.Rest)
		if v.gate.resting(v.c.db.Now()) {
			v.halted.Store(true)
		}
	}
	v.mu.Lock()
	v.ended = append(v.ended, e)
	wake := len(v.ended) >= v.enough
	v.mu.Unlock()
	if wake {
		select {
		case v.signal <- struct{}{}:
		default:
		}
	}
}

// take gives the ends that came since the last time.
func (v *server) take() []ending {
	v.mu.Lock()
	defer v.mu.Unlock()
	list := v.ended
	v.ended = nil
	return list
}

// looking is how often the ledger's keeper looks for ends that are fewer than he waits for.
const looking = 250 * time.Millisecond

// wait waits until n parcels have ended, or for a moment.
func (v *server) wait(ctx context.Context, n int) {
	v.mu.Lock()
	v.enough = n
	ready := len(v.ended) >= n
	v.mu.Unlock()
	if ready {
		return
	}
	t := time.NewTimer(looking)
	defer t.Stop()
	stopped := ctx.Done()
	if v.halted.Load() {
		stopped = nil // it is known
	}
	select {
	case <-v.signal:
	case <-t.C:
	case <-stopped:
	}
}
