package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/store"
)

// readiness says whether requests can be served: the database answers, its tables are those of this version,
// the background work is alive, and the description of the ERP still fits the ERP's tables.
type readiness struct {
	config config
	db     *store.DB
	module *crm.Module
	// file is the SQLite file as it was opened.
	file os.FileInfo
	// stopping is set when the service is to end, so that a balancer sends nobody any more.
	stopping atomic.Bool
	mapping  atomic.Pointer[string]

	mu    sync.Mutex
	last  map[string]string
	until time.Time
}

const (
	// freshFor is how long an answer holds, so that many who ask do not weigh on the database.
	freshFor = time.Second
	// checkWithin is how long one look takes at most.
	checkWithin = 3 * time.Second
	// judgeEvery is how often the description is compared with the ERP's tables.
	judgeEvery = 5 * time.Minute
)

const fine = "ok"

func newReadiness(c config, o opened) (*readiness, error) {
	r := &readiness{config: c, db: o.db, module: o.module}
	if file := c.sqliteFile(); file != "" {
		var err error
		if r.file, err = os.Stat(file); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// watch judges the description from time to time, until the context ends.
func (r *readiness) watch(ctx context.Context) {
	for tick := time.NewTicker(judgeEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			r.judge(ctx)
		}
	}
}

func (r *readiness) judge(ctx context.Context) {
	errs, _, err := judgeHost(ctx, r.config, r.db)
	text := fine
	switch {
	case err != nil:
		text = err.Error()
	case len(errs) > 0:
		text = errs[0]
	}
	r.mapping.Store(&text)
}

// look asks everything, or gives the last answer where it is fresh.
func (r *readiness) look(ctx context.Context) map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Now().Before(r.until) {
		return r.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkWithin)
	defer cancel()
	checks := map[string]string{"database": word(r.database(ctx)), "mapping": fine}
	if checks["database"] == fine {
		checks["schema"] = word(r.db.Check(ctx))
	}
	if text := r.mapping.Load(); text != nil {
		checks["mapping"] = *text
	}
	if r.config.Worker.Enabled {
		checks["worker"] = word(r.worker())
	}
	r.last, r.until = checks, time.Now().Add(freshFor)
	return checks
}

func word(err error) string {
	if err != nil {
		return err.Error()
	}
	return fine
}

func (r *readiness) database(ctx context.Context) error {
	if r.file != nil { // a file that was moved away still answers whoever has it open, and loses what is written
		now, err := os.Stat(r.config.sqliteFile())
		if err != nil || !os.SameFile(r.file, now) {
			return errors.New("the database file was moved or replaced; put it back, and start again")
		}
	}
	var one int
	return r.db.SQL().QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

func (r *readiness) worker() error {
	beats := r.module.Beats()
	if len(beats) == 0 {
		return errors.New("the background work has not begun")
	}
	for _, b := range beats {
		if !b.Alive(time.Now()) {
			return errors.New("the background work " + b.Name + " stands still")
		}
	}
	return nil
}

func (r *readiness) state(ctx context.Context) (status int, checks map[string]string) {
	checks = r.look(ctx)
	status = http.StatusOK
	for _, text := range checks {
		if text != fine {
			status = http.StatusServiceUnavailable
		}
	}
	if r.stopping.Load() {
		status = http.StatusServiceUnavailable
	}
	return status, checks
}

// brief tells the world which of the checks failed, and no more.
func (r *readiness) brief(w http.ResponseWriter, q *http.Request) {
	status, checks := r.state(q.Context())
	short := map[string]string{}
	for name, text := range checks {
		if text != fine {
			text = "failed"
		}
		short[name] = text
	}
	r.answer(w, status, short)
}

// full tells those who watch over the service why.
func (r *readiness) full(w http.ResponseWriter, q *http.Request) {
	status, checks := r.state(q.Context())
	hide := r.config.hide()
	long := map[string]string{}
	for name, text := range checks {
		long[name] = hide.Replace(text)
	}
	r.answer(w, status, long)
}

func (r *readiness) answer(w http.ResponseWriter, status int, checks map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": status == http.StatusOK, "stopping": r.stopping.Load(), "checks": checks})
}
