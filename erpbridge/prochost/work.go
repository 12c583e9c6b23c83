package prochost

import (
	"context"
	"maps"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/erpbridge"
)

// work is one call of a port: the session, and the variables that formulas see.
type work struct {
	*host
	erpbridge.Session
	vars map[string]any
}

// begin makes the variables that every formula sees. The company's zone is read once.
func (h *host) begin(ctx context.Context, s erpbridge.Session) (*work, error) {
	switch {
	case s.Tx == nil:
		return nil, fault.New(fault.Invalid, "the session has no transaction; stored procedures are called in the caller's")
	case s.Company == "":
		return nil, fault.New(fault.Invalid, "the session names no company")
	}
	w := &work{host: h, Session: s, vars: map[string]any{
		"company": s.Company, "user": s.UserID, "token": s.Token, "now": civil.Wall(s.Now), "today": s.Today, "out": map[string]any{},
	}}
	zone, known := h.zones.Load(s.Company)
	if !known {
		c, err := w.company(ctx)
		if err != nil {
			return nil, err
		}
		zone = c.Locale.Location()
		h.zones.Store(s.Company, zone)
	}
	w.vars["now"] = civil.WallIn(s.Now, zone.(*time.Location))
	return w, nil
}

// with gives the work with more variables.
func (w *work) with(more map[string]any) *work {
	next := *w
	next.vars = maps.Clone(w.vars)
	maps.Copy(next.vars, more)
	return &next
}
