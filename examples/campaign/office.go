package main

import (
	"strings"
	"sync"

	"github.com/crmplus/crmplus/testutil/mailtest"
)

// office is the mail server of the story. It knows of each address how often it got a message.
type office struct {
	sink *mailtest.Sink
	stop func()

	mu    sync.Mutex
	got   map[string]int
	tried map[string]bool
	total int
	// third is closed when a third of the readers have got theirs.
	third   chan struct{}
	readers int
}

func openOffice(readers int) (*office, error) {
	o := &office{got: map[string]int{}, tried: map[string]bool{}, third: make(chan struct{}), readers: readers}
	var err error
	o.sink, o.stop, err = mailtest.ListenSink(mailtest.SinkOptions{Misbehave: o.misbehave, Taken: o.taken})
	return o, err
}

func (o *office) port() int { return o.sink.Port }
func (o *office) close()    { o.stop() }

// unknown are readers whose mailbox does not exist: one in a hundred.
func unknown(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	return strings.HasSuffix(local, "50")
}

// busy are readers whose server says "later" at first: one in ten.
func busy(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	return strings.HasSuffix(local, "7")
}

func (o *office) misbehave(at mailtest.Step, address string) mailtest.Reply {
	if at != mailtest.AtRecipient {
		return mailtest.Reply{}
	}
	if unknown(address) {
		return mailtest.Reply{Code: 550, Text: "5.1.1 no such user"}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if busy(address) && !o.tried[address] {
		o.tried[address] = true
		return mailtest.Reply{Code: 451, Text: "4.7.1 come back later"}
	}
	return mailtest.Reply{}
}

func (o *office) taken(d mailtest.Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.got[d.To[0]]++
	if o.total++; o.total == max(1, o.readers/3) {
		close(o.third)
	}
}
