package smtp

import (
	"errors"
	"os"
	"slices"

	"github.com/crmplus/crmplus/crm/mail"
)

// stage is a command before the content.
type stage int

const (
	atReset stage = iota
	atSender
	atRecipient
	// atWish is DATA.
	atWish
)

// deliver gives a message to the server, and tells its end, or holds it for a second line.
func (l *lane) deliver(j *job) {
	if !j.ahead {
		if err := l.ready(); err != nil {
			l.err = err
			j.end(err)
			return
		}
		if err := l.line.unfit(j); err != nil {
			j.end(err)
			return
		}
	}
	refusal, err := l.propose(j)
	switch {
	case err != nil:
		l.lost(j, err)
	case refusal == nil:
		l.transfer(j)
	default:
		if l.line != nil {
			l.line.used++
		}
		if refusal.Down {
			l.err = refusal
		}
		j.end(refusal)
	}
}

// ready sees that there is a line that can take one more message.
func (l *lane) ready() error {
	if l.line != nil && l.line.client.Text.R.Buffered() > 0 { // it has said something unasked, goodbye most likely
		l.drop()
	}
	if l.line != nil && l.line.used >= l.bulk.config.PerConnection {
		l.hangUp()
	}
	if l.line != nil {
		return nil
	}
	line, err := l.bulk.open(l.life)
	if err == nil {
		l.take(line)
	}
	return err
}

// propose names sender and recipient, and asks to send the content. Without an error and a refusal the
// server waits for the content; with an error it has certainly not got the message.
func (l *lane) propose(j *job) (refusal *mail.Failure, err error) {
	s := l.line
	stages := []stage{atReset, atSender, atRecipient, atWish}
	if !s.reset {
		stages = stages[1:]
	}
	if s.pipelining && !j.ahead {
		for _, at := range stages {
			s.command(at, j)
		}
		if _, err := s.flush(l.life); err != nil {
			return nil, err
		}
	}
	begun := false // a transaction, which a refusal leaves open
	for _, at := range stages {
		if !s.pipelining {
			s.command(at, j)
			if _, err := s.flush(l.life); err != nil {
				return nil, err
			}
		}
		r, err := s.answer(l.life, 1)
		switch {
		case refusal != nil && (err != nil || r.code == 421): // what was refused stays refused
			l.drop()
			return refusal, nil
		case err != nil:
			return nil, err
		case refusal != nil && at == atWish && r.code/100 <= 3:
			// It waits for the content of what it has refused. A lone dot might become an empty mail; without
			// one there is no mail (RFC 5321, section 4.1.1.4), and the next line is more careful.
			l.bulk.wary.Store(true)
			l.drop()
			return refusal, nil
		case at == atSender && r.code/100 == 2:
			begun = true
		case refusal != nil, at < atWish && r.code/100 == 2, at == atWish && r.code == 354:
		case r.code < 400, r.code == 421, at == atReset: // it answers something else, or leaves
			return nil, r.err()
		default:
			refusal = s.refused(at, j, r)
		}
		if refusal != nil && !s.pipelining {
			break
		}
	}
	s.reset = begun && refusal != nil
	return refusal, nil
}

// refused says what the answer to a command means for the message.
func (l *line) refused(at stage, j *job, r reply) *mail.Failure {
	what := map[stage]string{atSender: "the sender " + j.From, atRecipient: "the recipient " + j.To, atWish: "the message to " + j.To}[at]
	f := mail.NewFailure(mail.Permanent, r.err(), "the mail server %s refused %s%s", l.config.Host, what, said(r.err()))
	f.Down = r.code == 421 || r.code == 530 || at == atSender && slices.Contains(notOurs, r.code)
	if f.Down || r.code < 500 {
		f.Outcome = mail.Temporary
	}
	return f
}

// transfer sends the content, and with it what the next message begins with if there is one already. From
// the last line on only the server's answer tells what became of it.
func (l *lane) transfer(j *job) {
	s := l.line
	if s.client.Text.R.Buffered() > 0 { // an answer to what has not been said
		l.lost(j, errReply)
		return
	}
	s.ahead = s.ahead[:0]
	if s.pipelining && s.used+1 < l.bulk.config.PerConnection && len(l.held) == 0 {
		if next := l.peek(); next != nil {
			l.held = append(l.held, next)
			if s.unfit(next) == nil {
				for _, at := range []stage{atSender, atRecipient, atWish} {
					s.command(at, next)
				}
				s.ahead, s.out, next.ahead = append(s.ahead, s.out...), s.out[:0], true
			}
		}
	}
	if whole, err := s.content(l.life, j.Data); err != nil && !whole {
		l.lost(j, err)
		return
	}
	r, err := s.answer(l.life, 4)
	switch {
	case err != nil || r.code/100 == 3:
		if err == nil {
			err = r.err()
		}
		_ = l.gone(err, j)
		j.end(mail.NewFailure(mail.Unknown, l.bulk.config.veil(err), "the connection to %s broke before it said whether it took the message to %s", l.bulk.config.Host, j.To))
	case r.code == 421:
		j.end(l.gone(r.err(), j))
	case r.code >= 400:
		s.used++
		j.end(s.refused(atWish, j, r))
	default:
		s.used++
		j.end(nil)
	}
}

// lost decides about a message that the server certainly does not have, whose line has ended.
func (l *lane) lost(j *job, err error) {
	if failure := l.gone(err, j); l.err != nil {
		j.end(failure)
	} else {
		j.ahead = false
		l.held = slices.Insert(l.held, 0, j)
	}
}

// gone gives up a line that has ended. One that has worked before was ended by the server's choice, and
// gets a successor; otherwise other messages would fare no better, and the lane ends too.
func (l *lane) gone(err error, j *job) error {
	failure := down(l.bulk.config.veil(err), "the connection to the mail server %s broke at the message to %s", l.bulk.config.Host, j.To)
	if l.line.used == 0 || errors.Is(err, os.ErrDeadlineExceeded) || l.life.Err() != nil {
		l.err = failure
	}
	l.drop()
	return failure
}
