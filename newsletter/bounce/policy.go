package bounce

import (
	"fmt"
	"time"
)

// Limits say when mail to an address stops. The zero value is [DefaultLimits].
type Limits struct {
	// Soft is how many soft bounces within Within become a hard one, if there are at least Over between the
	// first and the last of them: a mailbox that is full for a day while five mails come is not dead.
	Soft   int
	Within time.Duration
	Over   time.Duration
	// Hard is how many hard bounces it takes; some servers answer "unknown" while they are being moved.
	Hard int
}

// DefaultLimits stop at the first hard bounce, and at the fifth soft one within 30 days that lies at least 3
// days after the first.
func DefaultLimits() Limits {
	return Limits{Soft: 5, Within: 30 * 24 * time.Hour, Over: 3 * 24 * time.Hour, Hard: 1}
}

// Past is something that happened to an address.
type Past struct {
	At time.Time
	// Class is what the bounce was; None is a sign of life (a click, a delivery that was confirmed), which ends
	// the counting of what was before.
	Class Class
}

// Decision says what is to become of an address.
type Decision struct {
	// Stop is set when no more mail is to be sent to it.
	Stop bool
	// Reason says why, for people.
	Reason string
}

// Decide says whether mail to an address is to stop, from its history in order of time. It is a pure
// function: the same history under the same limits gives the same answer.
func (l Limits) Decide(history []Past) Decision {
	if l == (Limits{}) {
		l = DefaultLimits()
	}
	for i := len(history) - 1; i >= 0; i-- {
		if history[i].Class == None {
			history = history[i+1:]
			break
		}
	}
	var hard int
	var soft []time.Time
	for _, p := range history {
		switch p.Class {
		case Hard:
			hard++
		case Soft:
			soft = append(soft, p.At)
		}
	}
	if l.Hard > 0 && hard >= l.Hard {
		return Decision{Stop: true, Reason: "the address does not exist"}
	}
	if l.Soft <= 0 {
		return Decision{}
	}
	for last := l.Soft - 1; last < len(soft); last++ {
		for first := last - l.Soft + 1; first >= 0; first-- {
			span := soft[last].Sub(soft[first])
			if span > l.Within {
				break
			}
			if span >= l.Over {
				return Decision{Stop: true, Reason: fmt.Sprintf("%d mails in %d days could not be delivered", last-first+1, int(span.Hours()/24)+1)}
			}
		}
	}
	return Decision{}
}
