package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/live"
)

func (s *screens) liveRoutes() []route {
	return []route{{Pattern: "GET /live", Do: s.live}}
}

// liveBeat is how often a silent connection says that it lives, so that nothing between cuts it off.
const liveBeat = 20 * time.Second

// liveLife is how long a connection lasts; the browser opens another, with whatever rights its user then has.
const liveLife = 15 * time.Minute

// live tells the browser what changed, as server-sent events (HTML Living Standard, section 9.2), one JSON
// object each: {"kind":"lead","id":"…","version":7}; {"kind":"*"} says that everything has to be read again.
// It tells ids and no content; the page reads again with its reader's rights.
func (s *screens) live(v *visit) error {
	flush := http.NewResponseController(v.w)
	since := v.s.now()
	if last, err := time.Parse(time.RFC3339Nano, v.r.Header.Get("Last-Event-ID")); err == nil && last.Before(since) {
		since = last
	}
	sub, err := v.module().Live.Subscribe(v.ctx(), since)
	if err != nil {
		return err
	}
	defer sub.Close()
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	_ = flush.SetWriteDeadline(time.Time{})
	if _, err := fmt.Fprint(v.w, "retry: 3000\n\n"); err != nil {
		return nil // the reader is gone
	}
	_ = flush.Flush()
	batches := make(chan live.Batch)
	go func() {
		defer close(batches)
		for {
			b, err := sub.Next(v.r.Context())
			if err != nil {
				return
			}
			select {
			case batches <- b:
			case <-v.r.Context().Done():
				return
			}
		}
	}()
	beat, end := time.NewTicker(liveBeat), time.NewTimer(liveLife)
	defer beat.Stop()
	defer end.Stop()
	for {
		text := ": \n\n"
		select {
		case <-v.r.Context().Done():
			return nil
		case <-end.C:
			return nil
		case <-beat.C:
		case b, ok := <-batches:
			if !ok {
				return nil
			}
			text = eventText(b)
		}
		if _, err := v.w.Write([]byte(text)); err != nil {
			return nil // the reader is gone
		}
		if err := flush.Flush(); err != nil {
			return nil // the reader is gone
		}
	}
}

// liveChange is what the page's script is told.
type liveChange struct {
	Kind    string `json:"kind"`
	ID      string `json:"id,omitempty"`
	Version int64  `json:"version,omitempty"`
	By      string `json:"by,omitempty"`
}

func eventText(b live.Batch) string {
	var out strings.Builder
	write := func(id string, c liveChange) {
		raw, err := json.Marshal(c)
		if err != nil {
			return
		}
		if id != "" {
			out.WriteString("id: " + id + "\n")
		}
		out.WriteString("data: " + string(raw) + "\n\n")
	}
	if b.Reload {
		write("", liveChange{Kind: "*"})
	}
	for _, c := range b.Changes {
		write(c.At.UTC().Format(time.RFC3339Nano), liveChange{Kind: c.Noun, ID: c.Record.String(), Version: c.Version, By: c.By})
	}
	return out.String()
}
