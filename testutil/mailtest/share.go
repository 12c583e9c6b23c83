package mailtest

import (
	"hash/fnv"
	"sync"
)

// Share has a server refuse some recipients and put others off, always the same ones:
//
//	share := &mailtest.Share{Refused: 100, Deferred: 10}
//	sink := mailtest.StartSink(t, mailtest.SinkOptions{Misbehave: share.Misbehave})
type Share struct {
	// Refused is one of how many it refuses for good (550), Deferred one of how many of the others it puts
	// off (451) the first time that it hears of them; 0 for nobody.
	Refused, Deferred uint32

	known sync.Map
}

// Refuses reports whether the address is refused.
func (s *Share) Refuses(address string) bool { return s.Refused > 0 && number(address)%s.Refused == 0 }

// Defers reports whether the address is put off the first time.
func (s *Share) Defers(address string) bool {
	return s.Deferred > 0 && !s.Refuses(address) && number(address)/7%s.Deferred == 0
}

// Misbehave is for SinkOptions and Options.
func (s *Share) Misbehave(step Step, address string) Reply {
	switch {
	case step != AtRecipient:
	case s.Refuses(address):
		return Reply{Code: 550, Text: "5.1.1 no such mailbox"}
	case s.Defers(address):
		if _, known := s.known.LoadOrStore(address, true); !known {
			return Reply{Code: 451, Text: "4.7.1 greylisted, try later"}
		}
	}
	return Reply{}
}

func number(address string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(address))
	return h.Sum32()
}
