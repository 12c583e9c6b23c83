package track

// countKey names a running count of a campaign; link 0 stands for all of them, others are counted from 1.
type countKey struct {
	kind    Kind
	link    int
	verdict Verdict
}

type hourKey struct {
	hour    int64
	kind    Kind
	verdict Verdict
}

// moved is by how much a count changes.
type moved struct{ events, readers int64 }

// tally is by how much the counts of a campaign change.
type tally struct {
	counts map[countKey]moved
	hours  map[hourKey]moved
	// seen are the counts that the reader at work has been counted in.
	seen map[countKey]bool
}

func newTally() *tally {
	return &tally{counts: map[countKey]moved{}, hours: map[hourKey]moved{}, seen: map[countKey]bool{}}
}

// secondsOfHour cuts time into the hours that are counted.
const secondsOfHour = 3600

// add counts all events of one reader, in order of time, sign times: 1 for what is, -1 for what no longer is.
// A reader counts once in each count, in the hour of his first event.
func (t *tally) add(events []Event, sign int64) {
	clear(t.seen)
	for i := range events {
		e := &events[i]
		t.event(e, e.Verdict, sign)
		t.event(e, Any, sign)
		if genuine(e.Verdict) {
			t.event(e, Genuine, sign)
		}
	}
}

func genuine(v Verdict) bool { return v == Person || v == Proxy }

func (t *tally) event(e *Event, v Verdict, sign int64) {
	first := t.count(countKey{e.Kind, 0, v}, sign)
	hour := hourKey{e.At.Unix() / secondsOfHour, e.Kind, v}
	m := t.hours[hour]
	m.events += sign
	if first {
		m.readers += sign
	}
	t.hours[hour] = m
	if e.Kind == Click {
		t.count(countKey{e.Kind, int(e.Link) + 1, v}, sign)
	}
}

func (t *tally) count(key countKey, sign int64) (first bool) {
	m := t.counts[key]
	m.events += sign
	if first = !t.seen[key]; first {
		t.seen[key] = true
		m.readers += sign
	}
	t.counts[key] = m
	return first
}

// maskedLinks is how many links a reader's row can name.
const maskedLinks = 63

// summary is a reader's row, made of all he did.
func summary(campaign int64, seq uint32, events []Event) readerRow {
	r := readerRow{Campaign: campaign, Seq: int64(seq)}
	for i := range events {
		e := &events[i]
		if e.Kind == Open {
			r.AnyOpens++
		} else {
			r.AnyClick++
		}
		if !genuine(e.Verdict) {
			continue
		}
		at := e.At.UnixMilli()
		r.LastAt = max(r.LastAt, at)
		switch e.Kind {
		case Open:
			r.Opens++
			if r.OpenedAt == 0 {
				r.OpenedAt = at
			}
		default:
			r.Clicks++
			if r.ClickedAt == 0 {
				r.ClickedAt = at
			}
			if e.Link < maskedLinks {
				r.Links |= 1 << e.Link
			}
		}
	}
	return r
}
