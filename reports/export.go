package reports

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/crmplus/crmplus/crm/store"
)

// export says what a file is in the log of changes.
type export struct {
	// title is that of the file, behind "report." among the texts.
	title string
	// kind is what its rows are, and record the one it is about; a file of several kinds is a "report", whose name stands beside.
	kind   string
	record []byte
	report string
	// filter says what it was narrowed by, in the reader's words.
	filter string
	// asked is the question of a file that is narrowed by a period.
	asked Query
}

// about is the file of a report. The words say what it was narrowed by; empty ones are left out.
func about(title, report string, words ...string) export {
	return export{title: title, kind: "report", report: report, filter: said(words...)}
}

func said(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), ", ")
}

// hand gives a file to who asked for it and closes it. Every file of this package goes through it or through
// [Reports.noteExport] itself: who had it made is noted before anything of it leaves, as it may hold the data of many people.
func (r *Reports) hand(ctx context.Context, w io.Writer, of export, made *filled) (err error) {
	defer func() { err = errors.Join(err, made.Close()) }()
	if err := r.noteExport(ctx, of, made.rows); err != nil {
		return err
	}
	_, err = made.WriteTo(w)
	return err
}

// noteExport writes into the log of changes who took how many rows out, and which.
func (r *Reports) noteExport(ctx context.Context, of export, rows int) error {
	return r.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		changes := []store.Change{{Field: "rows", To: strconv.Itoa(rows)}}
		if of.report != "" {
			changes = append([]store.Change{{Field: "report", To: of.report}}, changes...)
		}
		if filter := said(of.asked.Period.in(r.localeOf(s.Actor, of.asked.Language)), of.filter); filter != "" {
			changes = append(changes, store.Change{Field: "filter", To: filter})
		}
		return s.Audit(ctx, store.Entry{Action: "export", Kind: of.kind, Record: of.record, Changes: changes})
	})
}
