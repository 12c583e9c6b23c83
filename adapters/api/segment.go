package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/newsletter"
	"github.com/crmplus/crmplus/newsletter/segment"
)

// Object is a JSON object whose form another package keeps: a condition as a tree, the design of a letter.
type Object []byte

// Schema describes an object.
func (Object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// MarshalJSON writes it as it is.
func (o Object) MarshalJSON() ([]byte, error) {
	if len(o) == 0 {
		return []byte("{}"), nil
	}
	return o, nil
}

// UnmarshalJSON keeps it as it is.
func (o *Object) UnmarshalJSON(text []byte) error {
	*o = append((*o)[:0], text...)
	return nil
}

// Segment says which parties are meant: by a condition, or as a static list.
type Segment struct {
	ID          ID        `json:"id"`
	Version     int64     `json:"version"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Kind        string    `json:"kind" enum:"dynamic,static"`
	Condition   string    `json:"condition,omitempty" example:"party.country == \"HU\" and any(leads, .status == \"qualified\")"`
	Exclude     []ID      `json:"exclude" doc:"Segments whose members are left out."`
	EvaluatedAt time.Time `json:"evaluated_at,omitzero"`
	ArchivedAt  time.Time `json:"archived_at,omitzero"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

// SegmentDraft is a segment as people write it.
type SegmentDraft struct {
	Name        string `json:"name" maxLength:"120"`
	Description string `json:"description,omitempty" maxLength:"1000"`
	Kind        string `json:"kind,omitempty" enum:"dynamic,static" doc:"dynamic where it is left out; it stays."`
	Condition   string `json:"condition,omitempty" maxLength:"4000" doc:"None for a static one. GET /segments/environment says what it can speak of."`
	Exclude     []ID   `json:"exclude,omitempty" maxItems:"20"`
}

// SegmentSelection is what is asked about: a saved segment, or a condition that is being written.
type SegmentSelection struct {
	SegmentID ID     `json:"segment_id,omitempty"`
	Condition string `json:"condition,omitempty" maxLength:"4000"`
	Exclude   []ID   `json:"exclude,omitempty" maxItems:"20"`
}

// Condition is an expression.
type Condition struct {
	Condition string `json:"condition" maxLength:"4000"`
}

// CheckedCondition is an expression in its one form, and as a tree.
type CheckedCondition struct {
	Condition string `json:"condition"`
	Tree      Object `json:"tree" doc:"The same as a form builds it."`
}

// SegmentRow is a party of a sample.
type SegmentRow struct {
	PartyID  ID     `json:"party_id"`
	Name     string `json:"name"`
	Email    string `json:"email,omitempty"`
	Mobile   string `json:"mobile,omitempty"`
	Country  string `json:"country,omitempty"`
	City     string `json:"city,omitempty"`
	Language string `json:"language,omitempty"`
}

// SegmentVersion is one state that a segment had.
type SegmentVersion struct {
	Version   int64     `json:"version"`
	Name      string    `json:"name"`
	Condition string    `json:"condition,omitempty"`
	SavedAt   time.Time `json:"saved_at"`
	SavedBy   string    `json:"saved_by"`
}

// Members are parties of a static list.
type Members struct {
	Parties []ID `json:"parties" minItems:"1" maxItems:"5000"`
}

func segmentOf(s segment.Segment) Segment {
	return Segment{
		ID: idOf(s.ID), Version: s.Version, Name: s.Name, Description: s.Description, Kind: string(s.Kind), Condition: s.Condition, Exclude: idsOf(s.Exclusions()),
		EvaluatedAt: s.EvaluatedAt, ArchivedAt: s.ArchivedAt, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
	}
}

func segmentID(id ID) segment.ID { return keyOf[segment.Tag](id) }

func (d SegmentDraft) draft(now segment.Segment) segment.Draft {
	if d.Kind == "" {
		d.Kind = string(now.Kind)
	}
	return segment.Draft{
		ID: now.ID, Version: now.Version, Name: d.Name, Description: d.Description, Kind: segment.Kind(d.Kind), Condition: d.Condition, Exclude: keysOf[segment.Tag](d.Exclude),
	}
}

func (s SegmentSelection) selection() segment.Selection {
	return segment.Selection{Segment: segmentID(s.SegmentID), Condition: s.Condition, Exclude: keysOf[segment.Tag](s.Exclude)}
}

var segmentNoun = noun[segment.Segment, Segment]{segmentOf, func(s segment.Segment) (string, int64) { return s.ID.String(), s.Version }}

func (a *server) segments() {
	read, write := rights(segment.Read), rights(segment.Write)
	r := post("create-segment", "/segments", newsletterTag, "Save a new segment or static list")
	r.Rights, r.Status = write, http.StatusCreated
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body SegmentDraft }) (*Made[Segment], error) {
		s, err := n.Segments.Save(ctx, in.Body.draft(segment.Segment{}))
		return segmentNoun.made(ctx, s, err)
	}))
	r = get("list-segments", "/segments", newsletterTag, "List the segments by name")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		Fields
		Paging
		Archived bool `query:"archived" doc:"With those that were put away."`
	}) (*Listed[Segment], error) {
		list, err := n.Segments.List(ctx, segment.Filter{Archived: in.Archived, Page: in.page()})
		return listed(callOf(ctx), each(list.Rows, segmentOf), list.Next), err
	}))
	r = get("get-segment-environment", "/segments/environment", newsletterTag, "Tell what conditions can speak of: fields, lists and functions with their types")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, _ *struct{}) (*Out[Object], error) {
		e, err := n.Segments.Environment(ctx)
		if err != nil {
			return nil, err
		}
		text, err := e.MarshalJSON()
		return &Out[Object]{text}, err
	}))
	r = get("get-segment", "/segments/{id}", newsletterTag, "Read a segment")
	r.Rights = read
	add(a, r, segmentNoun.reads(func(ctx context.Context, n *newsletter.Newsletters, id ID) (segment.Segment, error) {
		return n.Segments.Get(ctx, segmentID(id))
	}))
	add(a, route{ID: "edit-segment", Method: http.MethodPut, Path: "/segments/{id}", Tag: newsletterTag, Rights: write, Summary: "Save a new version of a segment"},
		changes(segmentNoun, func(ctx context.Context, n *newsletter.Newsletters, now segment.Segment, b SegmentDraft) (segment.Segment, error) {
			return n.Segments.Save(ctx, b.draft(now))
		}))
	for _, step := range []struct {
		name, summary string
		do            func(*segment.Segments) func(context.Context, segment.ID) error
	}{
		{"archive", "Put a segment away: it still works where it is used", func(g *segment.Segments) func(context.Context, segment.ID) error { return g.Archive }},
		{"restore", "Take a segment out again", func(g *segment.Segments) func(context.Context, segment.ID) error { return g.Restore }},
	} {
		r := post(step.name+"-segment", "/segments/{id}/"+step.name, newsletterTag, step.summary)
		r.Rights = write
		add(a, r, segmentNoun.moves(func(ctx context.Context, n *newsletter.Newsletters, id ID) (segment.Segment, error) {
			if err := step.do(n.Segments)(ctx, segmentID(id)); err != nil {
				return segment.Segment{}, err
			}
			return n.Segments.Get(ctx, segmentID(id))
		}))
	}
	r = get("list-segment-versions", "/segments/{id}/versions", newsletterTag, "List the states that a segment had, the newest first")
	r.Rights = read
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *one) (*Listed[SegmentVersion], error) {
		if _, err := n.Segments.Get(ctx, segmentID(in.ID)); err != nil {
			return nil, err
		}
		all, err := n.Segments.Versions(ctx, segmentID(in.ID))
		return listed(callOf(ctx), each(all, func(v segment.Version) SegmentVersion {
			return SegmentVersion{v.Number, v.Name, v.Condition, v.SavedAt, v.SavedBy}
		}), ""), err
	}))
	a.asking(read)
}

// asking adds what tells about conditions without saving them.
func (a *server) asking(read []actor.Right) {
	const nothing = "Writes nothing."
	r := post("check-condition", "/segments/check", newsletterTag, "Check a condition, and give it in its one form")
	r.Rights, r.Doc = read, nothing
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body Condition }) (*Out[CheckedCondition], error) {
		e, err := n.Segments.Environment(ctx)
		if err != nil {
			return nil, err
		}
		c, err := e.Parse(in.Body.Condition)
		if err != nil {
			return nil, err
		}
		tree, err := json.Marshal(c.Node())
		return &Out[CheckedCondition]{CheckedCondition{c.String(), tree}}, err
	}))
	r = post("count-segment", "/segments/count", newsletterTag, "Count the parties of a segment, or of a condition that is being written")
	r.Rights, r.Doc = read, nothing
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body SegmentSelection }) (*Out[Affected], error) {
		count, err := n.Segments.Count(ctx, in.Body.selection())
		return &Out[Affected]{Affected{count}}, err
	}))
	r = post("sample-segment", "/segments/sample", newsletterTag, "Give up to 20 parties of a segment, or of a condition that is being written")
	r.Rights, r.Doc = read, nothing
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct{ Body SegmentSelection }) (*Listed[SegmentRow], error) {
		rows, err := n.Segments.Sample(ctx, in.Body.selection())
		return listed(callOf(ctx), each(rows, func(r segment.Row) SegmentRow {
			return SegmentRow{idOf(r.ID), r.Name, r.Email, r.Mobile, r.Country, r.City, r.Language}
		}), ""), err
	}))
}

// members adds what changes static lists.
func (a *server) members() {
	write := rights(segment.Write)
	for _, step := range []struct {
		name, path, summary string
		do                  func(*segment.Segments) func(context.Context, segment.ID, []party.ID) (int, error)
	}{
		{"add-members", "/segments/{id}/members", "Put parties into a static list; gives how many were new", func(g *segment.Segments) func(context.Context, segment.ID, []party.ID) (int, error) { return g.Add }},
		{"remove-members", "/segments/{id}/members/remove", "Take parties out of a static list; gives how many were in", func(g *segment.Segments) func(context.Context, segment.ID, []party.ID) (int, error) {
			return g.Remove
		}},
	} {
		r := post(step.name, step.path, newsletterTag, step.summary)
		r.Rights = write
		add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
			ByID
			Body Members
		}) (*Out[Affected], error) {
			count, err := step.do(n.Segments)(ctx, segmentID(in.ID), keysOf[party.Tag](in.Body.Parties))
			return &Out[Affected]{Affected{count}}, err
		}))
	}
	r := post("fill-members", "/segments/{id}/members/fill", newsletterTag, "Put everybody of a selection into a static list; gives how many were new")
	r.Rights, r.Apart, r.Doc = write, true, "It works in pieces; called again it goes on."
	add(a, r, news(func(ctx context.Context, n *newsletter.Newsletters, in *struct {
		ByID
		Body SegmentSelection
	}) (*Out[Affected], error) {
		if in.Body.SegmentID == "" && in.Body.Condition == "" {
			return nil, invalid("condition", "required", "is missing; say whom, by a condition or a segment")
		}
		count, err := n.Segments.Fill(ctx, segmentID(in.ID), in.Body.selection())
		return &Out[Affected]{Affected{count}}, err
	}))
}
