package web

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/segment"
)

// segmentRoutes are whom newsletters go to, by condition or by name.
func (s *screens) segmentRoutes() []route {
	read, write := segment.Read, segment.Write
	return []route{
		{Pattern: "GET /segments", Right: read, Do: s.listSegments},
		{Pattern: "GET /segments/new", Right: write, Do: s.newSegment},
		{Pattern: "POST /segments/new", Right: write, Do: s.saveSegment},
		{Pattern: "GET /segments/{id}", Right: read, Do: s.editSegment},
		{Pattern: "POST /segments/{id}", Right: write, Do: s.saveSegment},
		{Pattern: "POST /segments/{id}/archive", Right: write, Do: s.archiveSegment},
		{Pattern: "POST /segments/{id}/restore", Right: write, Do: s.restoreSegment},
		{Pattern: "POST /segments/{id}/members", Right: write, Do: s.changeMembers, Body: uploadBytes + 1<<20},
	}
}

// segmentList is the page of segments.
type segmentList struct {
	Form        *input
	Tabs        []menuItem
	Rows        []segmentRow
	Archived    bool
	First, Next string
}

type segmentRow struct {
	segment.Segment
	KindText, By, Words string
}

const segmentPage = 50

func (s *screens) listSegments(v *visit) error {
	f := v.asked()
	l := segmentList{Form: f, Tabs: v.newsletterTabs("/segments"), Archived: f.on("archived")}
	found, err := s.module.Newsletters.Segments.List(v.ctx(), segment.Filter{Archived: l.Archived, Page: store.Page{After: f.text("after"), Limit: segmentPage}})
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	env, err := s.module.Newsletters.Segments.Environment(v.ctx())
	if err != nil {
		return err
	}
	words, err := v.wordsOf(env)
	if err != nil {
		return err
	}
	for _, g := range found.Rows {
		l.Rows = append(l.Rows, segmentRow{Segment: g, KindText: v.t("segment.kind." + string(g.Kind)), By: firstText(nameIn(names, g.UpdatedBy), g.UpdatedBy), Words: words(g.Condition, "")})
	}
	if found.Next != "" {
		l.Next = addressWith(v.r.URL, "after", found.Next)
	}
	if f.text("after") != "" {
		l.First = addressWith(v.r.URL, "after", "")
	}
	return v.show(http.StatusOK, "segment_list", head{Title: v.t("segment.list"), Section: "campaigns", Crumbs: v.campaignCrumbs()}, l)
}

func (s *screens) archiveSegment(v *visit) error {
	g, err := v.segmentOf()
	if err != nil {
		return err
	}
	if err := s.module.Newsletters.Segments.Archive(v.ctx(), g.ID); err != nil {
		return err
	}
	v.toast(toast{Text: v.t("segment.archived", g.Name), Undo: v.link("/segments", g.ID.String(), "restore")})
	return v.redirect(v.link("/segments"))
}

func (s *screens) restoreSegment(v *visit) error {
	g, err := v.segmentOf()
	if err != nil {
		return err
	}
	if err := s.module.Newsletters.Segments.Restore(v.ctx(), g.ID); err != nil {
		return err
	}
	v.done("segment.restored", g.Name)
	return v.redirect(v.link("/segments"))
}

// segmentMembers is the page of a segment whose members are put in by hand.
type segmentMembers struct {
	segmentEditor

	Count       int
	Rows        []segment.Row
	First, Next string
	Sources     []option
	// Matched says what became of addresses that were put in, Missing which of them nobody is behind.
	Matched *segment.Matched
	Missing string
}

func (s *screens) drawMembers(v *visit, e segmentEditor, h head, status int) error {
	d := segmentMembers{segmentEditor: e}
	return s.showMembers(v, d, h, status)
}

func (s *screens) showMembers(v *visit, d segmentMembers, h head, status int) error {
	n, g := s.module.Newsletters.Segments, d.Segment
	var after party.ID
	if text := v.asked().text("after"); text != "" {
		id, err := store.ParseKey[party.Tag](text)
		if err != nil {
			return errNoPage
		}
		after, d.First = id, d.Action
	}
	page, err := n.Members(v.ctx(), g.ID, after)
	if err != nil {
		return err
	}
	if d.Rows = page.Rows; !page.Next.IsZero() {
		d.Next = d.Action + "?after=" + page.Next.String()
	}
	if d.Count, err = n.Count(v.ctx(), segment.Selection{Segment: g.ID}); err != nil {
		return err
	}
	found, err := n.List(v.ctx(), segment.Filter{Page: store.Page{Limit: 200}})
	if err != nil {
		return err
	}
	for _, one := range found.Rows {
		if one.ID != g.ID {
			d.Sources = append(d.Sources, option{Value: one.ID.String(), Label: one.Name})
		}
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "segment_static", "members", d)
	}
	return v.show(status, "segment_static", h, d)
}

// changeMembers puts people into a static segment, by their addresses or from another segment, and takes them out.
func (s *screens) changeMembers(v *visit) error {
	g, err := v.segmentOf()
	if err != nil {
		return err
	}
	f, n := v.posted(), s.module.Newsletters.Segments
	here := v.link("/segments", g.ID.String())
	switch f.text("do") {
	case "remove":
		var out []party.ID
		for _, text := range f.Values["party"] {
			if id, err := store.ParseKey[party.Tag](text); err == nil {
				out = append(out, id)
			}
		}
		removed, err := n.Remove(v.ctx(), g.ID, out)
		if err != nil {
			return err
		}
		v.done("segment.removed", removed)
		return v.redirect(here)
	case "fill":
		id, err := store.ParseKey[segment.Tag](f.text("from"))
		if err != nil {
			return errNoPage
		}
		added, err := n.Fill(v.ctx(), g.ID, segment.Selection{Segment: id})
		if err != nil {
			return err
		}
		v.done("segment.added", added)
		return v.redirect(here)
	}
	return s.addAddresses(v, f, g)
}

// addAddresses takes addresses that were typed or stand in a file.
func (s *screens) addAddresses(v *visit, f *input, g segment.Segment) error {
	text := f.Get("addresses")
	if v.r.MultipartForm != nil && len(v.r.MultipartForm.File["file"]) > 0 && v.r.MultipartForm.File["file"][0].Size > 0 {
		file, err := readUpload(v.r.MultipartForm.File["file"][0])
		if err != nil {
			return err
		}
		text += "\n" + string(bytes.ToValidUTF8(file, []byte("?")))
	}
	list := addressesIn(text)
	fresh := v.blank("name", g.Name, "description", g.Description, "kind", string(g.Kind), "addresses", "")
	e := segmentEditor{conditionForm: conditionForm{Form: fresh}, Segment: &g, Action: v.link("/segments", g.ID.String()), Write: true}
	d := segmentMembers{segmentEditor: e}
	if len(list) == 0 {
		fresh.Values.Set("addresses", f.Get("addresses"))
		fresh.wrong("addresses", "segment.addresses.none")
	}
	total := segment.Matched{}
	for len(list) > 0 {
		part := list[:min(len(list), segment.MaxMembers)]
		list = list[len(part):]
		m, err := s.module.Newsletters.Segments.AddAddresses(v.ctx(), g.ID, part)
		if err != nil {
			if fault.CodeOf(err) == fault.Invalid {
				if err := v.refuse(fresh, err); err != nil {
					return err
				}
				break
			}
			return err
		}
		total.Added, total.Known = total.Added+m.Added, total.Known+m.Known
		total.Unknown, total.Bad = append(total.Unknown, m.Unknown...), append(total.Bad, m.Bad...)
	}
	if !fresh.bad() {
		d.Matched, d.Missing = &total, clip(strings.Join(append(total.Bad, total.Unknown...), "\n"), shownRejects)
	}
	if err := v.segmentSurroundings(&d.segmentEditor); err != nil {
		return err
	}
	return s.showMembers(v, d, head{Title: g.Name, Section: "campaigns", Wide: true, Crumbs: v.campaignCrumbs(crumb{v.t("segment.list"), v.link("/segments")})}, fresh.statusOf())
}

// addressesIn finds what looks like an address in a text or file, whatever stands between: each part with an @,
// and lines that have none, so that they are named as faults, unless they are the head of a table.
func addressesIn(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		for _, part := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(",;\t\r\n \"<>", r) }) {
			if strings.Contains(part, "@") {
				out = append(out, part)
			}
		}
	}
	return out
}
