package smtp

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/message"
)

// perBulk is how many messages one connection of a Bulk takes where nothing else is said.
const perBulk = 500

// BulkConfig says which server, and how. Its DKIM is not used: message.Template signs.
type BulkConfig struct {
	Config
	// PerConnection is how many messages one connection takes before it makes way for a new one; 500 where
	// it is 0. Servers have limits of their own, often 100; what they refuse because of it is sent over the
	// next connection.
	PerConnection int
	// StepByStep waits for each answer even where the server takes several commands at once (PIPELINING,
	// RFC 2920). A message then takes four times the way to the server and back instead of once.
	StepByStep bool
}

// Bulk gives many messages to one server, over connections that stay open. Where the server offers
// PIPELINING, sender, recipient and the wish to send go out in one piece together with the content of the
// message before, so that a message takes about the time of one answer.
//
// What an attempt came to is a mail.Failure, or nil for the final 2xx. An answer of 4xx is mail.Temporary,
// one of 5xx mail.Permanent, except where it says that the server has no time or no trust for anybody: 421
// and 530 anywhere, and 454, 500, 502, 503 and 535 to the sender, are Temporary and Down. A connection that
// breaks before the whole content was handed over is Temporary and Down, after it mail.Unknown. Where the
// answer was a refusal, its code and words are in the failure's cause as a *textproto.Error.
type Bulk struct {
	config BulkConfig
	// wary is set once the server has wished for the content of a message that it had refused: from then on
	// it is asked for one thing at a time.
	wary atomic.Bool
}

var _ message.Transport = (*Bulk)(nil)

// NewBulk makes a Bulk; it does not connect yet. The error has a fault for everything that is wrong with
// the configuration, and no secret.
func NewBulk(c BulkConfig) (*Bulk, error) {
	c.DKIM = nil
	c.Config = c.withDefaults()
	faults := c.check()
	if c.PerConnection < 0 {
		faults.Add("per_connection", "negative", "is %d; give how many messages one connection takes", c.PerConnection)
	}
	if err := faults.Err("mails cannot be sent with this configuration"); err != nil {
		return nil, err
	}
	if c.PerConnection == 0 {
		c.PerConnection = perBulk
	}
	return &Bulk{config: c}, nil
}

// Dial connects and logs in. The connection it gives replaces itself where the server ends it between two
// messages, which many do after some number of them.
func (b *Bulk) Dial(ctx context.Context) (message.Conn, error) {
	line, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	l := &lane{bulk: b, jobs: make(chan *job), leave: make(chan struct{}), done: make(chan struct{}), life: life, breakOff: end}
	l.take(line)
	go l.run()
	return l, nil
}

// lane is a message.Conn: one goroutine that owns a line to the server, and gets another when it ends.
type lane struct {
	bulk *Bulk
	jobs chan *job
	// leave is closed when nothing more is to be begun, done when all ends have been told. Life ends when
	// what is under way is to be broken off.
	leave, done chan struct{}
	leaving     sync.Once
	life        context.Context
	breakOff    context.CancelFunc

	line *line
	// held are messages whose turn has come, but whose line has ended, or is still busy with the one before.
	held []*job
	// err is why the lane is of no more use; it may be read after done.
	err error
}

// job is one message on its way.
type job struct {
	message.Envelope
	end func(error)
	// whole says that its lines are in order, eightBit that it has bytes beyond ASCII.
	whole, eightBit bool
	// ahead says that its commands went out with the content before it.
	ahead bool
}

// Send implements message.Conn. It returns as soon as the message's turn has come.
func (l *lane) Send(ctx context.Context, e message.Envelope, end func(error)) error {
	err := ctx.Err()
	if err == nil {
		j := &job{Envelope: e, end: end}
		j.eightBit, j.whole = form(e.Data)
		select {
		case l.jobs <- j:
			return nil
		case <-l.done:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	l.leaving.Do(func() { close(l.leave) })
	<-l.done
	failure := l.closed(l.err, e.To)
	if err != nil {
		failure = mail.NewFailure(mail.Temporary, err, "there was no time left to send to %s", e.To)
	}
	end(failure)
	return failure
}

func (l *lane) closed(cause error, to string) *mail.Failure {
	f := mail.NewFailure(mail.Temporary, cause, "the connection to the mail server %s ended before the message to %s", l.bulk.config.Host, to)
	f.Down = true
	return f
}

// Close implements message.Conn.
func (l *lane) Close(ctx context.Context) error {
	l.leaving.Do(func() { close(l.leave) })
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		l.breakOff()
		<-l.done
		return mail.NewFailure(mail.Temporary, ctx.Err(), "the connection to the mail server %s was broken off", l.bulk.config.Host)
	}
}

func (l *lane) run() {
	defer close(l.done)
	defer l.breakOff()
	for l.err == nil {
		j := l.next()
		if j == nil {
			break
		}
		l.deliver(j)
	}
	for _, j := range l.held {
		j.end(l.closed(l.err, j.To))
	}
	l.hangUp()
}

// next gives the message whose turn it is, or nil when there will be none.
func (l *lane) next() *job {
	if len(l.held) == 0 {
		return l.wait()
	}
	j := l.held[0]
	l.held = slices.Delete(l.held, 0, 1)
	return j
}

// wait waits for a message. A line that is not used for long is given back.
func (l *lane) wait() *job {
	idle := time.NewTimer(l.bulk.config.Idle)
	defer idle.Stop()
	for {
		select {
		case j := <-l.jobs:
			return j
		case <-l.leave:
			return nil
		case <-l.life.Done():
			return nil
		case <-idle.C:
			l.hangUp()
		}
	}
}

// peek gives the next message if it is there already.
func (l *lane) peek() *job {
	select {
	case j := <-l.jobs:
		return j
	default:
		return nil
	}
}

func (l *lane) take(line *line) {
	l.line = line
	line.unwatch = line.watch(l.life)
}

// hangUp says goodbye on the line, drop leaves without a word.
func (l *lane) hangUp() {
	if l.line != nil {
		if l.line.unwatch(); l.life.Err() == nil {
			l.line.quit()
		}
		l.drop()
	}
}

func (l *lane) drop() {
	if l.line != nil {
		l.line.unwatch()
		l.line.drop()
		l.line = nil
	}
	for _, j := range l.held {
		j.ahead = false
	}
}
