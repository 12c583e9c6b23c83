package smtp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net/textproto"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/crmplus/crmplus/crm/mail"
)

// line is a connection to the server, logged in, with what the server offers.
type line struct {
	*session
	pipelining, utf8, eightBit, sized bool
	// most is how large a message may be; 0 for any size.
	most int
	// used counts the messages that were answered on it.
	used int
	// reset says that the server still thinks of a message that it has refused.
	reset   bool
	unwatch func() bool
	// out collects what goes out in one piece.
	out []byte
	// ahead are the commands of the next message, which follow the content of this one.
	ahead []byte
}

// piece is how much is written at once, with a time of its own.
const piece = 64 << 10

func (b *Bulk) open(ctx context.Context) (*line, error) {
	s, err := b.config.open(ctx)
	if err != nil {
		return nil, err
	}
	l := &line{session: s}
	offers := func(name string) bool { ok, _ := s.client.Extension(name); return ok }
	l.pipelining = offers("PIPELINING") && !b.config.StepByStep && !b.wary.Load()
	l.utf8, l.eightBit, l.sized = offers("SMTPUTF8"), offers("8BITMIME"), offers("SIZE")
	if _, limit := s.client.Extension("SIZE"); limit != "" {
		if n, err := strconv.Atoi(limit); err == nil && n > 0 {
			l.most = n
		}
	}
	return l, nil
}

// unfit says why the server cannot be given a message, before it is asked.
func (l *line) unfit(j *job) error {
	refuse := func(format string, args ...any) error { return mail.NewFailure(mail.Permanent, nil, format, args...) }
	for _, a := range []string{j.From, j.To} {
		if len(a) > 320 || strings.ContainsFunc(a, func(r rune) bool {
			return r <= ' ' || r == 0x7f || r == '<' || r == '>' || r == unicode.ReplacementChar
		}) {
			return refuse("%.320q cannot be written in an envelope; correct the address", a)
		}
	}
	switch {
	case j.To == "":
		return refuse("the message has no recipient; give one")
	case !j.whole:
		return refuse("the message to %s has lines that do not end with CR LF; compose it again", j.To)
	case l.most > 0 && len(j.Data) > l.most:
		return refuse("the message has %d MB with its files, and %s takes at most %d MB; leave some out", len(j.Data)>>20, l.config.Host, l.most>>20)
	case wide(j) && !l.utf8:
		return refuse("%s takes only addresses in Latin letters, which %s is not; use another address of the recipient", l.config.Host, j.To)
	case j.eightBit && !l.eightBit:
		return refuse("%s takes only messages in ASCII; encode the message to %s", l.config.Host, j.To)
	}
	return nil
}

// wide reports a message that needs SMTPUTF8.
func wide(j *job) bool { return j.UTF8 || !ascii(j.From) || !ascii(j.To) }

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// form reports whether each line ends with CR LF, and neither stands elsewhere, which some servers would
// take for the end of the message; and whether there are bytes beyond ASCII.
func form(data []byte) (eightBit, ok bool) {
	breaks, rest := 0, data
	for len(rest) > 0 {
		n := bytes.IndexByte(rest, '\n')
		if n < 1 || rest[n-1] != '\r' {
			return false, false
		}
		rest = rest[n+1:]
		breaks++
	}
	if breaks == 0 || bytes.Count(data, []byte{'\r'}) != breaks {
		return false, false
	}
	seen := uint64(0)
	for ; len(data) >= 8; data = data[8:] {
		seen |= binary.LittleEndian.Uint64(data)
	}
	for _, c := range data {
		seen |= uint64(c)
	}
	return seen&0x8080808080808080 != 0, true
}

// command collects one of the commands before the content; they may go out together.
func (l *line) command(step stage, j *job) {
	switch step {
	case atReset:
		l.out = append(l.out, "RSET\r\n"...)
	case atSender:
		l.out = append(append(append(l.out, "MAIL FROM:<"...), j.From...), '>')
		if l.sized {
			l.out = strconv.AppendInt(append(l.out, " SIZE="...), int64(len(j.Data)), 10)
		}
		if j.eightBit {
			l.out = append(l.out, " BODY=8BITMIME"...)
		}
		if wide(j) {
			l.out = append(l.out, " SMTPUTF8"...)
		}
		l.out = append(l.out, '\r', '\n')
	case atRecipient:
		l.out = append(append(append(l.out, "RCPT TO:<"...), j.To...), ">\r\n"...)
	case atWish:
		l.out = append(l.out, "DATA\r\n"...)
	}
}

// content sends a message with its last line, and what goes ahead of the next behind it. Whole says that
// the server may have the last line, whatever the error.
func (l *line) content(ctx context.Context, data []byte) (whole bool, err error) {
	l.out = l.out[:0]
	put := func(b []byte) error {
		for len(b) > 0 {
			n := min(len(b), piece-len(l.out))
			l.out = append(l.out, b[:n]...)
			if b = b[n:]; len(l.out) == piece {
				if _, err := l.flush(ctx); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for len(data) > 0 {
		if data[0] == '.' { // a line that begins with a dot gets another (RFC 5321, section 4.5.2)
			if err := put([]byte{'.'}); err != nil {
				return false, err
			}
		}
		n := len(data)
		if k := bytes.Index(data, []byte("\n.")); k >= 0 {
			n = k + 1
		}
		if err := put(data[:n]); err != nil {
			return false, err
		}
		data = data[n:]
	}
	end := len(l.out) + len(".\r\n")
	l.out = append(append(l.out, ".\r\n"...), l.ahead...)
	written, err := l.flush(ctx)
	return written >= end, err
}

// flush writes what was collected, and tells how much of it has left this machine's hands.
func (l *line) flush(ctx context.Context) (int, error) {
	defer func() { l.out = l.out[:0] }()
	if err := l.step(ctx, l.config.Timeout); err != nil {
		return 0, err
	}
	w := l.client.Text.W
	n, err := w.Write(l.out)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		n -= w.Buffered()
	}
	return n, err
}

// reply is what the server answers; words are kept of refusals only.
type reply struct {
	code  int
	words string
}

func (r reply) err() error { return &textproto.Error{Code: r.code, Msg: r.words} }

// answer waits for the next reply, so many times as long as other steps may take.
func (l *line) answer(ctx context.Context, patience int) (reply, error) {
	if err := l.step(ctx, time.Duration(patience)*l.config.Timeout); err != nil {
		return reply{}, err
	}
	return readReply(l.client.Text.R)
}

// The bounds of a reply. RFC 5321 (section 4.5.3.1.5) has 512 bytes a line; a line of more than the reader
// holds is none.
const (
	replyLines = 100
	replyWords = 600
)

var errReply = errors.New("the server's answer is none")

// readReply reads a reply (RFC 5321, section 4.2), of one line or several.
func readReply(r *bufio.Reader) (reply, error) {
	out := reply{}
	for range replyLines {
		text, err := r.ReadSlice('\n')
		if err != nil {
			if errors.Is(err, bufio.ErrBufferFull) {
				err = errReply
			}
			return reply{}, err
		}
		text = bytes.TrimRight(text, "\r\n")
		if len(text) < 3 || text[0] < '2' || text[0] > '5' || !digit(text[1]) || !digit(text[2]) || len(text) > 3 && text[3] != ' ' && text[3] != '-' {
			return reply{}, errReply
		}
		code := int(text[0]-'0')*100 + int(text[1]-'0')*10 + int(text[2]-'0')
		if out.code != 0 && out.code != code {
			return reply{}, errReply
		}
		out.code = code
		last := len(text) == 3 || text[3] == ' '
		if code >= 400 && len(text) > 4 && len(out.words) < replyWords {
			if out.words != "" {
				out.words += "\n"
			}
			out.words += words(text[4:min(len(text), 4+replyWords)])
		}
		if last {
			return out, nil
		}
	}
	return reply{}, errReply
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// words makes what a server says fit for people and logs.
func words(text []byte) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(string(text), ""))
}
