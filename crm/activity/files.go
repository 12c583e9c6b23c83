package activity

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// FileSort is the order of a list of files.
type FileSort string

// The orders.
const (
	// ByNewest: what was attached last comes first.
	ByNewest FileSort = ""
	// ByFileName: in the order of names, without regard to case.
	ByFileName FileSort = "name"
)

// FileFilter says which files a list holds; zero fields do not narrow it.
type FileFilter struct {
	// Party takes in the people of a company and parties that were merged into it.
	Party       party.ID
	Opportunity OpportunityID
	// Name is the beginning of the files' names, without regard to case.
	Name string
	Sort FileSort
	Page store.Page
}

// FileRow is a file with what it is attached to.
type FileRow struct {
	bun.BaseModel `bun:"table:crm_attachment,alias:f" json:"-"`
	Attachment
	// At, Kind and Subject are those of its activity.
	At              time.Time     `bun:"at" json:"at"`
	Kind            Kind          `bun:"kind" json:"kind"`
	Subject         string        `bun:"subject" json:"subject"`
	AddedBy         string        `bun:"created_by" json:"added_by"`
	PartyID         party.ID      `bun:"party_id" json:"party_id"`
	PartyName       string        `bun:"party_name" json:"party_name"`
	OpportunityID   OpportunityID `bun:"opportunity_id" json:"opportunity_id"`
	OpportunityName string        `bun:"opportunity_name" json:"opportunity_name"`
}

// FileList is one page of files.
type FileList struct {
	Files []FileRow `json:"files"`
	// Next is the store.Page.After of the next page, "" after the last one.
	Next string `json:"next"`
}

// Files lists files of all records that the actor may see. It needs actor.ActivityRead.
func (a *Activities) Files(ctx context.Context, f FileFilter) (FileList, error) {
	return store.Read(ctx, a.db, actor.ActivityRead, func(ctx context.Context, s *store.Session) (FileList, error) {
		var family []party.ID
		var err error
		if !f.Party.IsZero() {
			if family, err = a.parties.In(s).Family(ctx, f.Party); err != nil {
				return FileList{}, err
			}
		}
		query, args, err := f.statement(s, family)
		if err != nil {
			return FileList{}, err
		}
		var out FileList
		if err := s.Query(ctx, &out.Files, store.From[Attachment]("f"), query, args...); err != nil {
			return FileList{}, err
		}
		if len(out.Files) == f.Page.Size() {
			last := out.Files[len(out.Files)-1]
			out.Next = last.ID.String()
			if f.Sort == ByFileName {
				out.Next = store.Cursor(last.NameKey, last.ID)
			}
		}
		return out, nil
	})
}

const fileColumns = "f.id, f.company, f.activity_id, f.name, f.name_key, f.mime, f.size, f.hash, a.at, a.kind, a.subject, a.created_by, a.party_id, a.opportunity_id," +
	" COALESCE(p.name, '') AS party_name, COALESCE(o.name, '') AS opportunity_name"

// statement reads the files in their order, or, of one party or opportunity, its activities first.
func (f FileFilter) statement(s *store.Session, family []party.ID) (string, []any, error) {
	from := "crm_attachment AS f CROSS JOIN crm_activity AS a"
	var where strings.Builder
	var args []any
	and := func(text string, values ...any) {
		where.WriteString(" AND " + text)
		args = append(args, values...)
	}
	if len(family) > familySize {
		family = family[:familySize]
	}
	if len(family) > 0 {
		from = "crm_activity AS a CROSS JOIN crm_attachment AS f"
		ids := make([]any, len(family))
		for i, id := range family {
			ids[i] = id
		}
		and("a.party_id IN ("+store.In(len(family))+")", ids...)
	}
	if !f.Opportunity.IsZero() {
		from = "crm_activity AS a CROSS JOIN crm_attachment AS f"
		and("a.company = f.company AND a.opportunity_id = ?", f.Opportunity)
	}
	if key := nameKey(strings.TrimSpace(f.Name)); key != "" {
		and("f.name_key >= ? AND f.name_key < ?", key, key+lastRune[s.Dialect()])
	}
	switch f.Sort {
	case ByNewest:
		if f.Page.After != "" {
			after, err := store.ParseKey[AttachmentTag](f.Page.After)
			if err != nil {
				return "", nil, fault.New(fault.Invalid, "the page link is damaged; start again at the first page")
			}
			and("f.id < ?", after)
		}
		where.WriteString(" ORDER BY f.id DESC" + s.Limit(f.Page.Size()))
	case ByFileName:
		tail, err := s.PagedSQL(store.Order{Column: "f.name_key", ID: "f.id"}, f.Page)
		if err != nil {
			return "", nil, err
		}
		where.WriteString(tail.SQL)
		args = append(args, tail.Args...)
	default:
		return "", nil, fault.List{{Path: "sort", Code: "choice", Message: "is no order; leave it empty for the newest first, or choose name"}}.Err("the files cannot be listed")
	}
	query := "SELECT " + fileColumns + " FROM " + from + partyJoin + " LEFT JOIN crm_opportunity AS o ON o.id = a.opportunity_id" +
		" WHERE {scope} AND a.id = f.activity_id" + where.String()
	return query, args, nil
}

// lastRune stands behind every letter in the order of each database: SQLite compares the bytes of UTF-8, SQL
// Server the units of UTF-16.
var lastRune = map[store.Dialect]string{store.SQLite: "\U0010ffff", store.MSSQL: "\uffff"}

// nameKey is what file names are sorted and found by.
func nameKey(name string) string { return shorten(strings.ToLower(name), MaxFileName) }

// withFiles adds the files of activities that have been checked.
func withFiles(ctx context.Context, s *store.Session, items []Item) error {
	at := make(map[ID]*Item, len(items))
	for i := range items {
		at[items[i].ID] = &items[i]
	}
	for part := range slices.Chunk(items, filesPerRead) {
		ids := make([]any, len(part))
		for i := range part {
			ids[i] = part[i].ID
		}
		var files []Attachment
		err := s.Query(ctx, &files, store.From[attachmentRow]("f"),
			"SELECT f.* FROM crm_attachment AS f WHERE {scope} AND f.activity_id IN ("+store.In(len(ids))+") ORDER BY f.activity_id, f.id", ids...)
		if err != nil {
			return err
		}
		for _, f := range files {
			at[f.ActivityID].Files = append(at[f.ActivityID].Files, f)
		}
	}
	return nil
}

// filesPerRead is of how many activities the files are read at a time.
const filesPerRead = 500
