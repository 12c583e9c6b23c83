package search

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// scheme is the way in which words are made of records. An index made in another one is built anew in the
// background; raise it with every change of the words.
const scheme = 1

// The phases of building: each table is read through in the order of its keys, then the index itself, which
// finds entries of records that are gone. The daily check is the last phase alone.
const (
	readLeads         = "lead"
	readParties       = "party"
	readOpportunities = "opportunity"
	readQuotes        = "quote"
	readIndex         = "index"
	readNothing       = ""
)

// after says which phase follows another.
var after = map[string]string{
	readLeads: readParties, readParties: readOpportunities, readOpportunities: readQuotes, readQuotes: readIndex, readIndex: readNothing,
}

var phaseTables = map[string]string{
	readLeads: "crm_lead", readParties: "crm_party", readOpportunities: "crm_opportunity", readQuotes: "crm_quote",
}

const (
	// buildChunk is how many records one transaction reads, so that no clerk waits for it.
	buildChunk = 250
	// buildSlice is how long one call of Index builds at most: other work waits.
	buildSlice = time.Second
	// checkEvery is the pause between two checks of the whole index.
	checkEvery = 24 * time.Hour
)

// Rebuild reads all records of the actor's company anew and writes what the index lacks or says differently;
// searches go on meanwhile. It is done in small transactions and begins where an earlier one broke off. It
// needs the right actor.Settings and gives how many records were read.
func (x *Searches) Rebuild(ctx context.Context) (int64, error) {
	a, err := actor.From(ctx)
	if err == nil {
		err = a.Require(actor.Settings)
	}
	if err != nil {
		return 0, err
	}
	if x.db.Bound() {
		return 0, fault.New(fault.Invalid, "the index is built piece by piece and cannot be inside another transaction; call it outside")
	}
	var st stateRow
	err = x.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if st, err = lockState(ctx, s); err != nil || st.Phase != readNothing && st.Phase != readIndex {
			return err
		}
		return st.begin(ctx, s, readLeads)
	})
	for err == nil && st.Phase != readNothing {
		st, err = x.step(ctx)
	}
	return st.Indexed, err
}

// Index does what is due for the index of the actor's company: it builds one that is missing or made in an
// older way, reads what changed without an event, and once a day holds the index against the records. It
// works for about a second at most and says whether there is more to do. Only the system may.
func (x *Searches) Index(ctx context.Context) (more bool, err error) {
	a, err := actor.From(ctx)
	if err != nil {
		return false, err
	}
	if a.Kind != actor.KindSystem {
		return false, fault.New(fault.Forbidden, "only the background looks after the index; Rebuild builds it anew")
	}
	var states []stateRow
	err = x.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		return s.Query(ctx, &states, store.From[stateRow]("state"), "SELECT state.* FROM crm_search_state AS state WHERE {scope}")
	})
	if err != nil {
		return false, err
	}
	var st stateRow
	if len(states) > 0 {
		st = states[0]
	}
	now := x.db.Now()
	phase := readNothing
	switch {
	case st.Phase != readNothing:
	case st.Scheme < scheme:
		phase = readLeads
	case !st.CheckAt.After(now):
		phase = readIndex
	}
	if phase != readNothing {
		err = x.db.Write(store.Alone(ctx), func(ctx context.Context, s *store.Session) error {
			if st, err = lockState(ctx, s); err != nil || st.Phase != readNothing {
				return err
			}
			return st.begin(ctx, s, phase)
		})
	}
	for until := time.Now().Add(buildSlice); err == nil && st.Phase != readNothing && time.Now().Before(until); {
		st, err = x.step(ctx)
	}
	return st.Phase != readNothing, errors.Join(err, x.follow(ctx, st.FollowedAt))
}

// lockState locks the state of the session's company, so that one process at a time writes its index.
func lockState(ctx context.Context, s *store.Session) (stateRow, error) {
	n, err := s.Exec(ctx, store.From[stateRow](""), "UPDATE crm_search_state SET indexed = indexed WHERE {scope} AND company = ?", s.Actor.Company)
	if err != nil {
		return stateRow{}, fmt.Errorf("locking the index: %w", err)
	}
	if n == 0 {
		st := stateRow{FollowedAt: s.Now, CheckAt: s.Now.Add(checkEvery)}
		err := s.InsertQuiet(ctx, &st)
		return st, err
	}
	var rows []stateRow
	err = s.Query(ctx, &rows, store.From[stateRow]("state"), "SELECT state.* FROM crm_search_state AS state WHERE {scope} AND state.company = ?", s.Actor.Company)
	if err != nil || len(rows) == 0 {
		return stateRow{}, fmt.Errorf("reading the state of the index: %w", err)
	}
	return rows[0], nil
}

// begin starts reading; the row is locked.
func (st *stateRow) begin(ctx context.Context, s *store.Session, phase string) error {
	st.Phase, st.AfterID, st.AfterNo, st.Indexed = phase, key{}, 0, 0
	return st.save(ctx, s)
}

func (st *stateRow) save(ctx context.Context, s *store.Session) error {
	_, err := s.Exec(ctx, store.From[stateRow](""),
		"UPDATE crm_search_state SET scheme = ?, phase = ?, after_id = ?, after_no = ?, indexed = ?, followed_at = ?, check_at = ? WHERE {scope} AND company = ?",
		st.Scheme, st.Phase, st.AfterID, st.AfterNo, st.Indexed, st.FollowedAt, st.CheckAt, s.Actor.Company)
	if err != nil {
		return fmt.Errorf("noting how far the index is: %w", err)
	}
	return nil
}

// step reads the next records in a transaction of its own.
func (x *Searches) step(ctx context.Context) (stateRow, error) {
	var st stateRow
	err := x.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		var err error
		if st, err = lockState(ctx, s); err != nil || st.Phase == readNothing {
			return err
		}
		defer widen(s)()
		var read int
		if st.Phase == readIndex {
			read, err = x.stepIndex(ctx, s, &st)
		} else {
			read, err = x.stepTable(ctx, s, &st)
		}
		if err != nil {
			return err
		}
		if st.Indexed += int64(read); read < buildChunk {
			st.advance(s.Now)
		}
		return st.save(ctx, s)
	})
	return st, err
}

// advance goes on to the next phase. An index that never was has nothing that could be gone.
func (st *stateRow) advance(now time.Time) {
	st.Phase, st.AfterID, st.AfterNo = after[st.Phase], key{}, 0
	if st.Phase == readIndex {
		fresh := st.Scheme == 0
		if st.Scheme = scheme; fresh {
			st.Phase = readNothing
		}
	}
	if st.Phase == readNothing {
		st.CheckAt = now.Add(checkEvery)
	}
}

func (x *Searches) stepTable(ctx context.Context, s *store.Session, st *stateRow) (int, error) {
	var rows []idRow
	table := phaseTables[st.Phase]
	err := s.Query(ctx, &rows, store.From[idRow]("x"), "SELECT x.id FROM "+table+" AS k CROSS JOIN "+table+" AS x WHERE {scope} AND x.id = k.id AND k.id > ? ORDER BY k.id"+s.Limit(buildChunk), st.AfterID.Bytes())
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	var r refs
	for _, row := range rows {
		switch st.AfterID = row.ID; st.Phase {
		case readLeads:
			r.leads = append(r.leads, row.ID)
		case readParties:
			r.parties = append(r.parties, party.ID(row.ID))
		case readOpportunities:
			r.opportunities = append(r.opportunities, row.ID)
		case readQuotes:
			r.quotes = append(r.quotes, row.ID)
		}
	}
	return len(rows), x.refresh(ctx, s, r)
}

func (x *Searches) stepIndex(ctx context.Context, s *store.Session, st *stateRow) (int, error) {
	var rows []entry
	err := s.Query(ctx, &rows, store.From[entry]("search"), "SELECT search.no, search.kind, search.record_id FROM crm_search AS search WHERE {scope} AND search.no > ? ORDER BY search.no"+s.Limit(buildChunk), st.AfterNo)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	var r refs
	for _, row := range rows {
		st.AfterNo = row.No
		switch row.Kind {
		case Lead:
			r.leads = append(r.leads, row.Record)
		case Contact, Customer:
			r.parties = append(r.parties, party.ID(row.Record))
		case Opportunity:
			r.opportunities = append(r.opportunities, row.Record)
		case Quote:
			r.quotes = append(r.quotes, row.Record)
		}
	}
	return len(rows), x.refresh(ctx, s, r)
}
