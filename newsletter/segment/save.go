package segment

import (
	"context"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/rule"
	"github.com/crmplus/crmplus/crm/store"
)

// Draft is a segment to be saved.
type Draft struct {
	// ID is zero for a new one; Version is the one that was read, 0 for whichever there is.
	ID          ID     `json:"id"`
	Version     int64  `json:"version"`
	Name        string `json:"name"`
	Description string `json:"description"`
	// Kind cannot be changed later; "" is Dynamic.
	Kind Kind `json:"kind"`
	// Condition is an expression, or Tree the same as a form builds it; neither for a static segment.
	Condition string     `json:"condition"`
	Tree      *rule.Node `json:"tree"`
	Exclude   []ID       `json:"exclude"`
}

// Save writes a new segment, or a new version of one.
func (g *Segments) Save(ctx context.Context, d Draft) (Segment, error) {
	return store.Write(ctx, g.db, Write, func(ctx context.Context, s *store.Session) (Segment, error) {
		if d.Kind == "" {
			d.Kind = Dynamic
		}
		var before Segment
		if !d.ID.IsZero() {
			if err := s.Lock(ctx, &before, d.ID); err != nil {
				return Segment{}, err
			}
			if d.Version != 0 && before.Version != d.Version {
				return Segment{}, s.LockVersion(ctx, &before, d.ID, d.Version)
			}
		}
		next, err := g.checked(ctx, s, d, before)
		if err != nil {
			return Segment{}, err
		}
		if before.ID.IsZero() {
			next.ID = store.NewKey[Tag](s)
			err = s.Insert(ctx, &next)
		} else {
			err = s.Save(ctx, &before, &next)
		}
		if err != nil || next.Version == before.Version {
			return next, err
		}
		return next, s.Insert(ctx, &Version{
			SegmentID: next.ID, Number: next.Version, SavedAt: s.Now, SavedBy: s.Actor.UserID,
			Name: next.Name, Condition: next.Condition, Excluded: next.Excluded,
		})
	})
}

// checked makes the segment that a draft asks for, or names everything that is wrong with it.
func (g *Segments) checked(ctx context.Context, s *store.Session, d Draft, before Segment) (Segment, error) {
	next := before
	next.Name, next.Description, next.Excluded = strings.TrimSpace(d.Name), strings.TrimSpace(d.Description), joinIDs(d.Exclude)
	next.NameKey = g.config.Locales(s.Actor.Company).Language.SortKey(next.Name)
	next.Kind, next.Condition = d.Kind, ""
	var faults fault.List
	faults.Required("name", next.Name)
	switch {
	case d.Kind != Dynamic && d.Kind != Static:
		faults.Add("kind", "choice", "%.20q is none; choose dynamic or static", string(d.Kind))
	case !before.ID.IsZero() && before.Kind != d.Kind:
		faults.Add("kind", "fixed", "cannot be changed; make a new segment")
	case d.Kind == Static && (strings.TrimSpace(d.Condition) != "" || d.Tree != nil):
		faults.Add("condition", "static", "is given for a static segment; its members are put in by hand, or with Fill")
	}
	p, err := g.planned(ctx, s, d)
	if found := fault.Of(err); len(found) > 0 {
		faults = append(faults, found...)
	} else if err != nil {
		return next, err
	}
	if p != nil && p.condition != nil && d.Kind == Dynamic {
		next.Condition = p.condition.String()
	}
	if next.Condition != before.Condition || next.Excluded != before.Excluded {
		next.EvaluatedAt = time.Time{}
	}
	return next, faults.Err("the segment cannot be saved")
}

func (g *Segments) planned(ctx context.Context, s *store.Session, d Draft) (*plan, error) {
	r, err := g.resolver(ctx, s)
	if err != nil {
		return nil, err
	}
	if !d.ID.IsZero() {
		r.path = []ID{d.ID} // so that no exclusion leads back to it
	}
	if d.Kind == Static {
		d.Condition, d.Tree = "true", nil
	}
	return r.selection(Selection{Condition: d.Condition, Tree: d.Tree, Exclude: d.Exclude})
}

// Get reads one segment.
func (g *Segments) Get(ctx context.Context, id ID) (Segment, error) {
	return store.Read(ctx, g.db, Read, func(ctx context.Context, s *store.Session) (out Segment, err error) {
		return out, s.Get(ctx, &out, id)
	})
}

// Tree gives the condition of a segment as a form shows it; nil for a static one.
func (g *Segments) Tree(ctx context.Context, id ID) (*rule.Node, error) {
	return store.Read(ctx, g.db, Read, func(ctx context.Context, s *store.Session) (*rule.Node, error) {
		var row Segment
		if err := s.Get(ctx, &row, id); err != nil || row.Kind == Static {
			return nil, err
		}
		env, err := g.environment(ctx, s)
		if err != nil {
			return nil, err
		}
		c, err := env.Parse(row.Condition)
		if err != nil {
			return nil, err
		}
		n := c.Node()
		return &n, nil
	})
}

// Filter chooses segments.
type Filter struct {
	// Archived lists those that were put away too.
	Archived bool
	Page     store.Page
}

// List is a page of segments in the order of their names.
type List struct {
	Rows []Segment `json:"rows"`
	// Next is the store.Page.After of the next page, "" after the last one.
	Next string `json:"next"`
}

// List gives one page of the company's segments.
func (g *Segments) List(ctx context.Context, f Filter) (List, error) {
	return store.Read(ctx, g.db, Read, func(ctx context.Context, s *store.Session) (List, error) {
		var out List
		q := s.Select(&out.Rows)
		if !f.Archived {
			q = q.Where("segment.archived_at IS NULL")
		}
		err := s.Paged(q, store.Order{Column: "segment.name_key", ID: "segment.id"}, f.Page).Scan(ctx)
		if n := len(out.Rows); err == nil && n == f.Page.Size() {
			out.Next = store.Cursor(out.Rows[n-1].NameKey, out.Rows[n-1].ID)
		}
		return out, err
	})
}

// Versions gives all states that a segment had, the newest first, at most the last hundred.
func (g *Segments) Versions(ctx context.Context, id ID) ([]Version, error) {
	return store.Read(ctx, g.db, Read, func(ctx context.Context, s *store.Session) (out []Version, err error) {
		err = s.Query(ctx, &out, store.From[Version]("segment_version"),
			"SELECT segment_version.* FROM crm_segment_version AS segment_version WHERE {scope} AND segment_version.segment_id = ? ORDER BY segment_version.number DESC"+s.Limit(100), id)
		return out, err
	})
}

// Archive puts a segment away: it is not listed any more, and still works where it is used.
func (g *Segments) Archive(ctx context.Context, id ID) error { return g.shelve(ctx, id, true) }

// Restore takes a segment out again.
func (g *Segments) Restore(ctx context.Context, id ID) error { return g.shelve(ctx, id, false) }

func (g *Segments) shelve(ctx context.Context, id ID, away bool) error {
	_, err := store.Write(ctx, g.db, Write, func(ctx context.Context, s *store.Session) (none struct{}, err error) {
		var before Segment
		if err := s.Lock(ctx, &before, id); err != nil {
			return none, err
		}
		if before.ArchivedAt.IsZero() != away {
			return none, nil
		}
		next := before
		next.ArchivedAt = time.Time{}
		if away {
			next.ArchivedAt = s.Now
		}
		return none, s.Save(ctx, &before, &next)
	})
	return err
}
