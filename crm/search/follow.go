package search

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Register adds the handler that keeps the index true. An event may come twice, and late: what is written is
// what the records say when it comes.
func (x *Searches) Register(r *event.Registry) {
	r.On(event.Handler{
		Name:   "search.index",
		Kinds:  []string{"lead.", "opportunity.", "quote.", "party.", "customer.changed", "conversion.undone"},
		Wanted: func(_ context.Context, _ *store.Session, e event.Event) (bool, error) { return !silent[e.Kind], nil },
		Do: func(ctx context.Context, s *store.Session, e event.Event) error {
			changed, err := refsOf(e)
			if err != nil {
				return err
			}
			if changed, err = changed.spread(ctx, s); err != nil {
				return err
			}
			return x.refresh(ctx, s, changed)
		},
	})
}

// silent are events that change no word and no owner, or whose change the audit log tells of (see follow).
var silent = map[string]bool{party.EventChanged: true, lead.EventResponded: true, lead.EventImportFinished: true, "opportunity.commented": true}

// told is what payloads of events say that the index has to know.
type told struct {
	Loser       key      `json:"loser"`
	Leads       []key    `json:"leads"`
	Returned    []key    `json:"returned"`
	Party       party.ID `json:"party"`
	Opportunity key      `json:"opportunity"`
}

// refsOf says which records an event is about.
func refsOf(e event.Event) (refs, error) {
	var r refs
	var id key
	if err := id.Scan(e.RecordID); err != nil {
		return r, err
	}
	noun, _, _ := strings.Cut(e.Kind, ".")
	switch e.Kind {
	case lead.EventImported, lead.EventMerged, "lead.converted", "conversion.undone", "customer.changed":
		var t told
		if err := e.Decode(&t); err != nil {
			return r, err
		}
		r.leads = append(append(t.Leads, t.Returned...), t.Loser)
		r.parties, r.opportunities = []party.ID{t.Party}, []key{t.Opportunity}
		if e.Kind == lead.EventMerged {
			r.leads = append(r.leads, id)
		}
	default:
		switch noun {
		case "lead":
			r.leads = []key{id}
		case "opportunity":
			r.opportunities = []key{id}
		case "quote":
			r.quotes = []key{id}
		case "party":
			r.parties = []party.ID{party.ID(id)}
		}
	}
	r.leads, r.parties, r.opportunities = distinct(r.leads), distinct(r.parties), distinct(r.opportunities)
	return r, nil
}

// trail is how far the audit log of a company was read. Entries are stamped when their transaction begins
// and seen when it ends, so that the last minutes are read again; done has those that were dealt with.
type trail struct {
	at   time.Time
	done map[store.Key[store.AuditTag]]bool
}

const (
	// overlap is how long a transaction may last without the daily check having to find what it did.
	overlap = 2 * time.Minute
	// auditPage is how many entries are read at once.
	auditPage = 500
)

// follow reads in the audit log what changed without an event: people and companies that were edited or
// touched for the first time, imports that were undone.
func (x *Searches) follow(ctx context.Context, since time.Time) error {
	for {
		var rows []store.AuditEntry
		var company string
		var t *trail
		err := x.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
			company = s.Actor.Company
			t = x.shared.trailOf(company, since)
			x.shared.mu.Lock()
			from := t.at
			x.shared.mu.Unlock()
			err := s.Query(ctx, &rows, store.From[store.AuditEntry]("a"),
				"SELECT a.id, a.at, a.record_kind, a.record_id FROM crm_audit AS a WHERE {scope} AND a.at >= ? AND a.record_kind IN ('party', 'import') ORDER BY a.at, a.id"+s.Limit(auditPage), from)
			if err != nil {
				return fmt.Errorf("reading the audit log: %w", err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		var fresh []store.AuditEntry
		x.shared.mu.Lock()
		for _, row := range rows {
			if !t.done[row.ID] {
				fresh = append(fresh, row)
			}
		}
		x.shared.mu.Unlock()
		if len(fresh) > 0 {
			if err := x.db.Write(ctx, func(ctx context.Context, s *store.Session) error { return x.audited(ctx, s, fresh) }); err != nil {
				return err
			}
		}
		x.shared.mu.Lock()
		for _, row := range fresh {
			t.done[row.ID] = true
		}
		full := len(rows) == auditPage && rows[len(rows)-1].At.After(t.at)
		if full {
			t.at = rows[len(rows)-1].At
		} else if now := x.db.Now().Add(-overlap); now.After(t.at) {
			t.at = now
		}
		if len(t.done) > 20*auditPage { // refreshing again changes nothing
			t.done = map[store.Key[store.AuditTag]]bool{}
		}
		x.shared.mu.Unlock()
		if !full {
			return nil
		}
	}
}

func (sh *shared) trailOf(company string, since time.Time) *trail {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := sh.followed[company]
	if t == nil {
		t = &trail{at: since.Add(-overlap), done: map[store.Key[store.AuditTag]]bool{}}
		sh.followed[company] = t
	}
	return t
}

// audited deals with entries of the audit log.
func (x *Searches) audited(ctx context.Context, s *store.Session, rows []store.AuditEntry) error {
	var r refs
	last := rows[len(rows)-1].At
	undone := false
	for _, row := range rows {
		if len(row.RecordID) == 0 { // a list of them was taken out
			continue
		}
		var id key
		if err := id.Scan(row.RecordID); err != nil {
			return err
		}
		if row.RecordKind == "party" {
			r.parties = append(r.parties, party.ID(id))
			continue
		}
		var n int
		if err := s.Query(ctx, &n, store.From[lead.Import]("i"), "SELECT COUNT(*) FROM crm_import AS i WHERE {scope} AND i.id = ? AND i.undone_at IS NOT NULL", id); err != nil {
			return err
		}
		undone = undone || n > 0
	}
	r.parties = distinct(r.parties)
	r, err := r.spread(ctx, s)
	if err != nil {
		return err
	}
	if err := x.refresh(ctx, s, r); err != nil {
		return err
	}
	st, err := lockState(ctx, s)
	if err != nil {
		return err
	}
	// Taking an import back goes on for a while after it is noted. Its leads are not found any more; their
	// entries go with a check of the index.
	if soon := s.Now.Add(settle); undone && soon.Before(st.CheckAt) {
		st.CheckAt = soon
	}
	if last.After(st.FollowedAt) {
		st.FollowedAt = last
	}
	return st.save(ctx, s)
}

// settle is how long after an import was undone the index is checked.
const settle = 10 * time.Minute
