package lead

import (
	"context"
	"errors"
	"slices"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// The bounds of a bulk change.
const (
	// MaxChosen is how many leads may be chosen one by one.
	MaxChosen = 1000
	// MaxFiltered is how many leads a filter may choose.
	MaxFiltered = 10000
	// bulkChunk is how many leads one transaction changes: fewer than a clerk would wait for.
	bulkChunk = 250
)

// Chosen is a lead in the version in which it was read.
type Chosen struct {
	ID ID `json:"id"`
	// Version is 0 for whichever there is.
	Version int64 `json:"version"`
}

// Bulk is one change to many leads.
type Bulk struct {
	// Leads are chosen one by one, at most [MaxChosen]; or Filter chooses them, at most [MaxFiltered].
	Leads  []Chosen `json:"leads"`
	Filter *Filter  `json:"filter"`
	// Assign gives them to somebody, or Move changes their status.
	Assign *party.Owner `json:"assign"`
	Move   *Move        `json:"move"`
}

// Skipped is a lead that a bulk change leaves as it is.
type Skipped struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
	// Code is not_found, conflict, forbidden, invalid or unchanged.
	Code fault.Code `json:"code"`
	// Reason says why, in English.
	Reason string `json:"reason"`
}

// Unchanged is the code of a lead that already is as it should become.
const Unchanged fault.Code = "unchanged"

// BulkResult is what a bulk change did, or would do.
type BulkResult struct {
	// Done are the leads that were changed, in the version after it; in a preview those that would be, in the
	// version that was read: they can be given to [Leads.Bulk] as they are.
	Done    []Chosen  `json:"done"`
	Skipped []Skipped `json:"skipped"`
}

// BulkPreview says what a bulk change would do now, and changes nothing.
func (l *Leads) BulkPreview(ctx context.Context, b Bulk) (BulkResult, error) {
	var out BulkResult
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		rows, skipped, err := l.In(s).chosen(ctx, s, b)
		if err != nil {
			return err
		}
		out = BulkResult{Skipped: skipped}
		for _, row := range rows {
			if skip := b.judge(s.Actor, row); skip != nil {
				out.Skipped = append(out.Skipped, *skip)
				continue
			}
			out.Done = append(out.Done, Chosen{row.ID, row.Version})
		}
		return nil
	})
	return out, err
}

// Bulk changes many leads in transactions of 250. Each lead is changed as if alone: one that somebody else has
// changed since, that the actor may not change, or whose status does not allow it is skipped with its reason.
// Where the error is not nil the result tells what was done before it.
func (l *Leads) Bulk(ctx context.Context, b Bulk) (BulkResult, error) {
	var rows []Row
	var out BulkResult
	err := l.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		if err := s.Actor.Require(actor.LeadWrite); err != nil {
			return err
		}
		rows, out.Skipped, err = l.In(s).chosen(ctx, s, b)
		return err
	})
	if err != nil {
		return BulkResult{}, err
	}
	for chunk := range slices.Chunk(rows, bulkChunk) {
		part, err := l.bulkChunk(ctx, b, chunk)
		if err != nil && !l.db.Bound() && ctx.Err() == nil && len(chunk) > 1 { // one of them spoils it: each by itself
			part = BulkResult{}
			for one := range slices.Chunk(chunk, 1) {
				alone, failed := l.bulkChunk(ctx, b, one)
				if failed != nil {
					if ctx.Err() != nil {
						return out.and(part), failed
					}
					alone.Skipped = []Skipped{{one[0].ID, one[0].Name, fault.CodeOf(failed), failed.Error()}}
				}
				part = part.and(alone)
			}
			err = nil
		}
		if err != nil {
			return out, err
		}
		out = out.and(part)
	}
	return out, nil
}

func (r BulkResult) and(o BulkResult) BulkResult {
	return BulkResult{append(r.Done, o.Done...), append(r.Skipped, o.Skipped...)}
}

// bulkChunk changes some leads in one transaction.
func (l *Leads) bulkChunk(ctx context.Context, b Bulk, rows []Row) (BulkResult, error) {
	return store.Write(ctx, l.db, actor.LeadWrite, func(ctx context.Context, s *store.Session) (BulkResult, error) {
		in := l.In(s)
		var out BulkResult
		for _, row := range rows {
			now := row
			err := s.Lock(ctx, &now.Lead, row.ID)
			switch {
			case errors.Is(err, fault.NotFound):
				out.Skipped = append(out.Skipped, row.gone())
				continue
			case err != nil:
				return BulkResult{}, err
			case now.Version != row.Version:
				out.Skipped = append(out.Skipped, now.changed())
				continue
			}
			if skip := b.judge(s.Actor, now); skip != nil {
				out.Skipped = append(out.Skipped, *skip)
				continue
			}
			var next Lead
			if b.Assign != nil {
				next, err = in.Assign(ctx, row.ID, row.Version, *b.Assign)
			} else {
				next, err = in.SetStatus(ctx, row.ID, row.Version, *b.Move)
			}
			if err != nil {
				return BulkResult{}, err
			}
			out.Done = append(out.Done, Chosen{next.ID, next.Version})
		}
		return out, nil
	})
}

func (r Row) gone() Skipped {
	return Skipped{r.ID, r.Name, fault.NotFound, "the lead does not exist, or you may not see it"}
}

func (r Row) changed() Skipped {
	return Skipped{r.ID, r.Name, fault.Conflict, r.UpdatedBy + " changed the lead since it was read; look at it again"}
}

// judge says why a lead would be left as it is, nil where it would be changed.
func (b Bulk) judge(a actor.Actor, r Row) *Skipped {
	var err error
	same := false
	next := r.Lead
	switch {
	case !r.MergedInto.IsZero():
		err = fault.New(fault.Invalid, "the lead was merged into lead %s; change that one", r.MergedInto)
	case b.Assign != nil:
		err, same = mayAssign(a, r.Lead, *b.Assign), r.Owner() == *b.Assign
	default:
		next.Status, next.StatusReason = b.Move.To, party.Clean(b.Move.Reason, 400)
		err, same = checkMove(r.Lead, next), r.Status == next.Status
	}
	switch {
	case err != nil:
		return &Skipped{r.ID, r.Name, fault.CodeOf(err), err.Error()}
	case same:
		return &Skipped{r.ID, r.Name, Unchanged, "it is so already"}
	}
	return nil
}

func (b Bulk) check() error {
	var faults fault.List
	if (b.Filter == nil) == (len(b.Leads) == 0) {
		faults.Add("leads", "required", "or a filter has to choose the leads, and not both")
	}
	if len(b.Leads) > MaxChosen {
		faults.Add("leads", "list.length", "are %d, at most %d are chosen one by one; choose them by a filter", len(b.Leads), MaxChosen)
	}
	if (b.Assign == nil) == (b.Move == nil) {
		faults.Add("assign", "required", "or a status has to be given, and not both")
	}
	if b.Move != nil && !slices.Contains(Statuses, b.Move.To) {
		faults.Add("move.to", "choice", "%.20q is no status; choose one of %v", string(b.Move.To), Statuses)
	}
	if b.Move != nil && b.Move.To == StatusDisqualified {
		faults.Required("move.reason", party.Clean(b.Move.Reason, 400))
	}
	return faults.Err("the leads cannot be changed")
}

// chosen reads the leads of a bulk change; those of them that are not there, or no longer as they were read,
// are skipped.
func (l *Leads) chosen(ctx context.Context, s *store.Session, b Bulk) ([]Row, []Skipped, error) {
	if err := s.Actor.Require(actor.LeadRead); err != nil {
		return nil, nil, err
	}
	if err := b.check(); err != nil {
		return nil, nil, err
	}
	if b.Filter != nil {
		rows, err := l.filtered(ctx, *b.Filter)
		return rows, nil, err
	}
	found := make(map[ID]Row, len(b.Leads))
	for chunk := range slices.Chunk(b.Leads, bulkChunk) {
		ids := make([]any, len(chunk))
		for i, c := range chunk {
			ids[i] = c.ID
		}
		var rows []Row
		err := s.Query(ctx, &rows, store.From[Lead]("lead"), "SELECT "+rowColumns(s)+" FROM crm_lead AS lead CROSS JOIN crm_party AS p WHERE {scope} AND p.id = lead.party_id AND lead.id IN ("+
			store.In(len(ids))+")", ids...)
		if err != nil {
			return nil, nil, err
		}
		for _, row := range rows {
			if row.Company == s.Actor.Company {
				found[row.ID] = row
			}
		}
	}
	var rows []Row
	var skipped []Skipped
	named := map[ID]bool{}
	for _, c := range b.Leads {
		if named[c.ID] {
			continue
		}
		named[c.ID] = true
		row, ok := found[c.ID]
		switch {
		case !ok:
			row.ID = c.ID
			skipped = append(skipped, row.gone())
		case c.Version != anyVersion && c.Version != row.Version:
			skipped = append(skipped, row.changed())
		default:
			rows = append(rows, row)
		}
	}
	return rows, skipped, nil
}

func (l *Leads) filtered(ctx context.Context, f Filter) ([]Row, error) {
	var rows []Row
	seen := map[ID]bool{}
	page := store.Page{Limit: store.MaxLimit}
	for {
		list, err := l.List(ctx, f, ByArrival, page)
		if err != nil {
			return nil, err
		}
		for _, row := range list.Rows {
			if !seen[row.ID] {
				seen[row.ID] = true
				rows = append(rows, row)
			}
		}
		if len(rows) > MaxFiltered {
			return nil, fault.New(fault.Limit, "the filter lets more than %d leads through; narrow it", MaxFiltered)
		}
		if page.After = list.Next; page.After == "" {
			return rows, nil
		}
	}
}
