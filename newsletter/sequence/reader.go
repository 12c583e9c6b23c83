package sequence

import (
	"context"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Row is a reader as lists show him.
type Row struct {
	Reader

	// Name is his, Sequence the name of the sequence.
	Name     string `bun:"name" json:"name"`
	Sequence string `bun:"sequence" json:"sequence"`
	// Halted says that the sequence is paused.
	Halted bool `bun:"halted" json:"halted,omitempty"`
}

// Choice picks readers; zero fields do not narrow it.
type Choice struct {
	State Standing
	// Step is the key of the step that comes next for them; it goes with a State.
	Step string
	// After is Next of the page before.
	After party.ID
	Limit int
}

// Page is one page of readers.
type Page struct {
	Rows []Row `json:"rows"`
	// Next is After for the page behind this one; zero where there is none.
	Next party.ID `json:"next,omitzero"`
}

const rowColumns = "r.sequence_id, r.party_id, r.number, r.step, r.lap, r.lap_at, r.state, r.lead_id, r.source, r.entered_at, r.entered_by, r.because, r.because_of, r.wait_until, r.reason, r.note, r.left_at," +
	" p.name, q.name AS sequence, CASE WHEN q.state = 'paused' THEN 1 ELSE 0 END AS halted FROM crm_sequence_reader AS r JOIN crm_party AS p ON p.id = r.party_id JOIN crm_sequence AS q ON q.id = r.sequence_id"

// Readers reads one page of a sequence's readers, as far as the actor sees them. It needs [Read].
func (q *Sequences) Readers(ctx context.Context, id ID, c Choice) (Page, error) {
	return store.Read(ctx, q.db, Read, func(ctx context.Context, s *store.Session) (Page, error) {
		var out Page
		limit := store.Page{Limit: c.Limit}.Size()
		text, args := "SELECT "+rowColumns+" WHERE {scope} AND r.sequence_id = ? AND r.party_id > ?", []any{id, c.After[:]}
		if c.State != "" {
			text, args = text+" AND r.state = ?", append(args, string(c.State))
		}
		if c.Step != "" {
			text, args = text+" AND r.step = ?", append(args, c.Step)
		}
		err := s.Query(ctx, &out.Rows, store.From[Reader]("r"), text+" ORDER BY r.party_id"+s.Limit(limit), args...)
		if n := len(out.Rows); err == nil && n == limit {
			out.Next = out.Rows[n-1].PartyID
		}
		return out, err
	})
}

// Of reads where a party stands in all sequences, the latest first. It needs [Read].
func (q *Sequences) Of(ctx context.Context, who party.ID) ([]Row, error) {
	return store.Read(ctx, q.db, Read, func(ctx context.Context, s *store.Session) ([]Row, error) {
		var rows []Row
		err := s.Query(ctx, &rows, store.From[Reader]("r"), "SELECT "+rowColumns+" WHERE {scope} AND r.party_id = ? ORDER BY r.entered_at DESC, r.sequence_id", who)
		return rows, err
	})
}

// History reads what was done for a reader, the latest first. It needs [Read].
func (q *Sequences) History(ctx context.Context, id ID, who party.ID) ([]Deed, error) {
	return store.Read(ctx, q.db, Read, func(ctx context.Context, s *store.Session) ([]Deed, error) {
		if _, err := visible(ctx, s, id, who); err != nil {
			return nil, err
		}
		var rows []Deed
		err := s.Select(&rows).Where("sequence_deed.sequence_id = ?", id).Where("sequence_deed.party_id = ?", who).
			OrderExpr("sequence_deed.at DESC, sequence_deed.lap DESC, sequence_deed.step DESC").Scan(ctx)
		return rows, err
	})
}

// visible reads a reader whom the actor sees.
func visible(ctx context.Context, s *store.Session, id ID, who party.ID) (Reader, error) {
	var rows []Reader
	err := s.Select(&rows).Where("sequence_reader.sequence_id = ?", id).Where("sequence_reader.party_id = ?", who).Scan(ctx)
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.NotFound, "sequence %s has no reader %s", id, who)
	}
	if err != nil {
		return Reader{}, err
	}
	return rows[0], nil
}

// change moves a reader from some standings by one statement, and gives him as he is then.
func (q *Sequences) change(ctx context.Context, id ID, who party.ID, do func(ctx context.Context, s *store.Session, r Reader) (bool, error)) (Reader, error) {
	return store.Write(ctx, q.db, Send, func(ctx context.Context, s *store.Session) (Reader, error) {
		r, err := visible(ctx, s, id, who)
		if err != nil {
			return r, err
		}
		done, err := do(ctx, s, r)
		if err != nil {
			return r, err
		}
		now, err := visible(ctx, s, id, who)
		if err == nil && !done {
			var faults fault.List
			faults.Add("state", "reader.state", "the reader is %s", now.State)
			err = faults.Err("the reader stays as he is")
		}
		s.Wake()
		return now, err
	})
}

func set(ctx context.Context, s *store.Session, r Reader, from Standing, text string, args ...any) (bool, error) {
	n, err := s.Exec(ctx, store.From[sealed](""), "UPDATE crm_sequence_reader SET lease_owner = '', "+text+" WHERE {scope} AND sequence_id = ? AND party_id = ? AND state = ?",
		append(args, r.SequenceID, r.PartyID, string(from))...)
	return n > 0, err
}

// Rest has a reader stay where he is until [Sequences.GoOn]. It needs [Send].
func (q *Sequences) Rest(ctx context.Context, id ID, who party.ID) (Reader, error) {
	return q.change(ctx, id, who, func(ctx context.Context, s *store.Session, r Reader) (bool, error) {
		return set(ctx, s, r, Active, "state = ?, due_at = ?", string(Resting), time.Time{})
	})
}

// GoOn lets a reader who was stopped go on: what came due meanwhile is done at once. It needs [Send].
func (q *Sequences) GoOn(ctx context.Context, id ID, who party.ID) (Reader, error) {
	return q.change(ctx, id, who, func(ctx context.Context, s *store.Session, r Reader) (bool, error) {
		due := r.WaitUntil
		if due.IsZero() {
			due = s.Now
		}
		return set(ctx, s, r, Resting, "state = ?, due_at = ?", string(Active), due)
	})
}

// Remove takes a reader out. It needs [Send].
func (q *Sequences) Remove(ctx context.Context, id ID, who party.ID) (Reader, error) {
	return q.change(ctx, id, who, func(ctx context.Context, s *store.Session, _ Reader) (bool, error) {
		return leave(ctx, s, id, who, Left, ByPerson, s.Actor.UserID)
	})
}

// Skip has a reader go on at once: a wait that he is in ends now; where he is in none, the step that is due is left
// out. It needs [Send].
func (q *Sequences) Skip(ctx context.Context, id ID, who party.ID) (Reader, error) {
	return q.change(ctx, id, who, func(ctx context.Context, s *store.Session, r Reader) (bool, error) {
		if r.Because == ForStep || r.Because == ForAnswer {
			return set(ctx, s, r, Active, "due_at = ?, wait_until = ?, because = CASE WHEN because = 'answer' THEN because ELSE 'turn' END, because_of = ''", s.Now, time.Time{})
		}
		var row Sequence
		if err := s.Get(ctx, &row, id); err != nil {
			return false, err
		}
		p, err := row.versionPlan(ctx, s, r.Number)
		if err != nil {
			return false, err
		}
		i := p.place(r.Step)
		if i == len(p.Steps) {
			return false, nil
		}
		moved, err := set(ctx, s, r, Active, "step = ?, due_at = ?, wait_until = ?, because = 'turn', because_of = ''", p.key(i+1), s.Now, time.Time{})
		if err != nil || !moved || p.Steps[i].Kind == Wait {
			return moved, err
		}
		d := Deed{SequenceID: id, PartyID: who, Lap: r.Lap, Step: r.Step, Number: r.Number, Kind: p.Steps[i].Kind, Result: Skipped, At: s.Now}
		return true, s.InsertQuiet(ctx, &d)
	})
}
