package smtp

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/netip"
	"net/textproto"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/newsletter/message"
)

func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		"250 ok\r\n", "250\r\n", "250-a\r\n250-b\r\n250 c\r\n", "550-5.1.1 no\r\n550 5.1.1 such\r\n", "354 go\n", "25", "250 ok", "250-a\r\n550 b\r\n", "250xok\r\n", "999 x\r\n", "\r\n", "250 a\r\n250 b\r\n",
		"550 \xff\x00\u202e\x1b[31m\r\n", "550 " + strings.Repeat("x", 5000) + "\r\n", strings.Repeat("250-x\r\n", 200) + "250 x\r\n", "-50 x\r\n", "2 0 x\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := readReply(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			if r != (reply{}) {
				t.Fatalf("%+v with %v", r, err)
			}
			return
		}
		if r.code < 200 || r.code > 599 || len(r.words) > 2*replyWords+1 || strings.ContainsAny(r.words, "\r\x00\x1b\u202e") || (r.code < 400 && r.words != "") {
			t.Fatalf("%+v", r)
		}
		code, _, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw))).ReadResponse(r.code)
		short := regexp.MustCompile(`(?m)^\d{3}\r?$`).Match(raw) // which RFC 5321 has taken, and they do not
		if !short && (code != r.code || err != nil) {
			t.Fatalf("%+v, where others read %d, %v", r, code, err)
		}
	})
}

// FuzzConversation has a server say anything, in pieces, after it has introduced itself properly.
func FuzzConversation(f *testing.F) {
	for _, seed := range []string{
		"250 ok\r\n250 ok\r\n354 go\r\n|250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n|250 ok\r\n", "250 ok\r\n550 no\r\n354 go\r\n|250 ok\r\n", "250 ok\r\n550 no\r\n554 no\r\n|250 ok\r\n250 ok\r\n250 ok\r\n354 x\r\n|250 x\r\n",
		"421 bye\r\n", "250 ok\r\n250 ok\r\n354 go\r\n|", "250 ok\r\n250 ok\r\n354 go\r\n|250", "250 ok\r\n250 ok\r\n250 ok\r\n|", "354 go\r\n354 go\r\n354 go\r\n|250 x\r\n", "\x00\xff\r\n|",
		"250 a\r\n250 b\r\n354 c\r\n250 early\r\n|", "550 a\r\n503 b\r\n503 c\r\n|550 a\r\n|", "250 ok\r\n250 ok\r\n354 go\r\n|421 x\r\n|", "250 ok\r\n250 ok\r\n354 go\r\n|354 x\r\n|",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, script []byte, pipelining bool) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Skip(err)
		}
		got := make(chan []byte, 1)
		go func() { got <- play(l, script, pipelining) }()
		at := netip.MustParseAddrPort(l.Addr().String())
		b, err := NewBulk(BulkConfig{Config: Config{Host: at.Addr().String(), Port: int(at.Port()), TLS: None, Timeout: 20 * time.Second}})
		if err != nil {
			t.Fatal(err)
		}
		conn, err := b.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var ends []string
		for _, to := range []string{"first@example.com", "second@example.com"} {
			err = conn.Send(t.Context(), message.Envelope{From: "f@example.com", To: to, Data: []byte("content of " + to + "\r\n")}, func(err error) {
				var failure *mail.Failure
				if err != nil && !errors.As(err, &failure) {
					t.Errorf("%v is no failure", err)
				}
				if err == nil {
					to += " taken"
				} else {
					to += " " + string(failure.Outcome)
				}
				ends = append(ends, to)
			})
			if err != nil {
				break
			}
		}
		_ = conn.Close(t.Context())
		_ = l.Close()
		said := <-got
		for i, e := range ends {
			to, outcome, _ := strings.Cut(e, " ")
			whole := bytes.Contains(said, []byte("content of "+to+"\r\n.\r\n"))
			switch {
			case i == 0 && to != "first@example.com" || i == 1 && to != "second@example.com" || i > 1:
				t.Fatalf("ends %v", ends)
			case outcome == "taken" && (!whole || !bytes.Contains(script, []byte("354"))):
				t.Fatalf("%s, but the server has %q", e, said)
			}
		}
		if len(ends) == 0 || bytes.Contains(said, []byte("DATA\r\n.\r\n")) {
			t.Fatalf("ends %v, the server has %q", ends, said)
		}
	})
}

// play is a server of one connection: it says a piece of the script each time that it hears something, or
// that nobody says anything for a moment, and leaves at the end. It gives what it has heard.
func play(l net.Listener, script []byte, pipelining bool) []byte {
	conn, err := l.Accept()
	if err != nil {
		return nil
	}
	_ = l.Close()
	defer func() { _ = conn.Close() }()
	hello := "250 fuzz.test\r\n"
	if pipelining {
		hello = "250-fuzz.test\r\n250 PIPELINING\r\n"
	}
	var heard []byte
	buffer := make([]byte, 4096)
	_, _ = conn.Write([]byte("220 fuzz.test\r\n"))
	for _, say := range append([][]byte{[]byte(hello)}, bytes.SplitN(script, []byte("|"), 20)...) {
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		n, err := conn.Read(buffer)
		heard = append(heard, buffer[:n]...)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return heard
		}
		if _, err := conn.Write(say); err != nil {
			break
		}
	}
	_ = conn.SetReadDeadline(time.Time{})
	if half, ok := conn.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	for {
		n, err := conn.Read(buffer)
		heard = append(heard, buffer[:n]...)
		if err != nil {
			return heard
		}
	}
}
