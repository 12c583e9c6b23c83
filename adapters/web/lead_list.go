package web

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/newsletter/sequence"
)

func (s *screens) leadRoutes() []route {
	return slices.Concat([]route{
		{Pattern: "GET /leads", Right: actor.LeadRead, Do: s.listLeads},
		{Pattern: "POST /leads/columns", Right: actor.LeadRead, Do: s.chooseLeadColumns},
		{Pattern: "GET /leads/{id}/cell/{name}", Right: actor.LeadRead, Do: s.showLeadCell},
		{Pattern: "POST /leads/{id}/cell/{name}", Right: actor.LeadWrite, Do: s.changeLeadCell},
		{Pattern: "POST /leads/bulk", Right: actor.LeadWrite, Do: s.previewLeadBulk},
		{Pattern: "POST /leads/bulk/run", Right: actor.LeadWrite, Do: s.runLeadBulk},
		{Pattern: "POST /leads/bulk/undo", Right: actor.LeadWrite, Do: s.undoLeadBulk},
		{Pattern: "GET /leads/new", Right: actor.LeadCapture, Do: s.newLead},
		{Pattern: "POST /leads/new", Right: actor.LeadCapture, Do: s.createLead},
		{Pattern: "POST /leads/similar", Right: actor.LeadRead, Do: s.showSimilar},
		{Pattern: "GET /leads/capture", Right: actor.LeadCapture, Do: s.askCapture},
		{Pattern: "POST /leads/capture", Right: actor.LeadCapture, Do: s.readCapture},
		{Pattern: "GET /leads/{id}/edit", Right: actor.LeadWrite, Do: s.editLead},
		{Pattern: "POST /leads/{id}/edit", Right: actor.LeadWrite, Do: s.saveLead},
		{Pattern: "GET /leads/{id}/status", Right: actor.LeadWrite, Do: s.askLeadStatus},
		{Pattern: "POST /leads/{id}/status", Right: actor.LeadWrite, Do: s.moveLead},
		{Pattern: "GET /leads/{id}/assign", Right: actor.LeadWrite, Do: s.askLeadOwner},
		{Pattern: "POST /leads/{id}/assign", Right: actor.LeadWrite, Do: s.assignLead},
		{Pattern: "GET /leads/{id}/duplicates", Right: actor.LeadRead, Do: s.listDuplicates},
		{Pattern: "GET /leads/{id}/merge/{other}", Right: actor.LeadWrite, Do: s.compareLeads},
		{Pattern: "POST /leads/{id}/merge/{other}", Right: actor.LeadWrite, Do: s.mergeLeads},
		{Pattern: "POST /merges/{merge}/undo", Right: actor.LeadWrite, Do: s.unmergeLeads},
	}, s.importRoutes())
}

// usualPage is how many rows a list shows to whom prefers nothing.
const usualPage = 40

// leadList is the page of leads.
type leadList struct {
	leadQuery
	Rows    []leadRow
	Columns []leadColumn
	// Shown is "40 of 1,240", Total its second half.
	Shown, Total string
	First, Next  string
	Owners       []option
	Statuses     []option
	// Sequences says that the visitor may put leads into sequences.
	Sequences bool
	Tabs      []viewTab
	Book      bookLink
	// Unsaved is the query that could become a view, "" where the list is one already.
	Unsaved string
}

// leadRow is one line. What the template prints of it stands here by itself: it looks through what a record is
// made of for each field that it finds there.
type leadRow struct {
	lead.Row
	Key, Path, Name, Organization string
	Owner, From                   string
	Cells                         []leadCell
}

// leadCell is one field of a line. Edit says that the visitor may change it in place.
type leadCell struct {
	Class         string
	Edit          bool
	Value, Pencil template.HTML
}

// leadColumn is a column of the list; the name always comes first.
type leadColumn struct {
	Name, Title string
	// Own is the custom field that the column shows, nil for one of ours.
	Own *store.CustomField
	// Sort is the order that the column's head leads to, "" for none.
	Sort string
	On   bool
	// Aside columns are not shown on a phone, which has no room for them.
	Aside bool
}

var leadColumns = []leadColumn{
	{Name: "company"}, {Name: "status"}, {Name: "value"}, {Name: "owner", Aside: true}, {Name: "source", Aside: true}, {Name: "age"},
	{Name: "interest", Aside: true}, {Name: "email", Aside: true}, {Name: "phone", Aside: true}, {Name: "city", Aside: true}, {Name: "campaign", Aside: true}, {Name: "score", Aside: true},
}

var usualLeadColumns = []string{"company", "status", "value", "owner", "source", "age"}

// editableCells are changed in place.
var editableCells = []string{"status", "owner", "value"}

func (s *screens) listLeads(v *visit) error {
	d, err := v.leadList()
	if err != nil {
		return err
	}
	if v.part() {
		d.Book.Swap = true
		address := "Hx-Push-Url"
		if v.target() == "list" { // what is typed is one step of the history, not one for each letter
			address = "Hx-Replace-Url"
		}
		if d.Here() != v.here() {
			v.w.Header().Set(address, d.Here())
		}
		if v.target() == "list" {
			return v.fill(http.StatusOK, "lead_list", "listpart", d)
		}
		return v.fill(http.StatusOK, "lead_list", "leadspart", d)
	}
	return v.show(http.StatusOK, "lead_list", head{Title: v.t("menu.leads"), Section: "leads", Scripts: []string{"leads.js"}}, d)
}

func (v *visit) leadList() (leadList, error) {
	d := leadList{Book: v.bookLink("/reports/lead-list.xlsx")}
	prefers, err := v.module().Settings.Preferences(v.ctx())
	if err != nil {
		return d, err
	}
	if d.leadQuery, err = v.leadQuery(v.r.URL.Query()); err != nil {
		return d, err
	}
	chosen := prefers.Columns["leads"]
	if d.View != nil && len(d.View.Columns) > 0 {
		chosen = d.View.Columns
	}
	d.Columns = v.leadColumnsOf(chosen, d.Own)
	for _, c := range d.Columns {
		if c.On && c.Own != nil {
			d.Filter.Show = append(d.Filter.Show, c.Own.Name)
		}
	}
	size := prefers.PageSize
	if size == 0 {
		size = usualPage
	}
	found, total, err := v.findLeads(d.leadQuery, store.Page{After: d.Get("after"), Limit: size})
	if err != nil {
		return d, err
	}
	if d.Rows, err = v.leadRows(found.Rows, d.Columns); err != nil {
		return d, err
	}
	d.Total = v.totalOf(total)
	d.Shown = v.t("list.of", countText(v.Locale.Language, len(found.Rows)), d.Total)
	if found.Next != "" {
		d.Next = d.with("after", found.Next)
	}
	if d.Get("after") != "" {
		d.First = d.with("after", "")
	}
	d.Sequences = v.s.module.Newsletters != nil && v.may(sequence.Send)
	if d.Owners, err = v.owners(""); err != nil {
		return d, err
	}
	for _, status := range lead.Statuses {
		if status != lead.StatusConverted {
			d.Statuses = append(d.Statuses, option{Value: string(status), Label: v.t("lead.status." + string(status))})
		}
	}
	if d.Tabs, err = v.viewTabs("leads", d.plain(), v.leadTabs()); err != nil {
		return d, err
	}
	if !slices.ContainsFunc(d.Tabs, func(t viewTab) bool { return t.Here }) {
		d.Unsaved = d.plain()
	}
	return d, nil
}

// leadTabs are the views that everybody has.
func (v *visit) leadTabs() []viewTab {
	return []viewTab{
		{Name: v.t("leads.tab.open"), Query: ""}, {Name: v.t("leads.tab.mine"), Query: "owner=me"},
		{Name: v.t("leads.tab.waiting"), Query: "owner=none&status=new"}, {Name: v.t("leads.tab.all"), Query: "status=all"},
	}
}

// totalOf says how many there are; counting stops where it would cost.
func (v *visit) totalOf(total int) string {
	if total > lead.CountLimit {
		return v.t("list.more", countText(v.Locale.Language, lead.CountLimit))
	}
	return countText(v.Locale.Language, total)
}

// leadRows adds to rows what a reader needs beside the lead: names for keys.
func (v *visit) leadRows(rows []lead.Row, columns []leadColumn) ([]leadRow, error) {
	names, err := v.names()
	if err != nil {
		return nil, err
	}
	sources, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return nil, err
	}
	out, pen := make([]leadRow, len(rows)), v.cellPen()
	for i, r := range rows {
		one := &out[i]
		*one = leadRow{
			Row: r, Owner: names[r.OwnerUser], From: sources.Text(v.Locale.Language, r.Source),
			Key: r.ID.String(), Path: v.link("/leads", r.ID.String()), Name: r.Name, Organization: r.Organization,
		}
		if one.Owner == "" {
			one.Owner = r.OwnerUser
		}
		edit := v.may(actor.LeadWrite) && r.Status != lead.StatusConverted
		for _, c := range columns {
			if !c.On {
				continue
			}
			cell := leadCell{Class: c.Class(), Edit: edit && slices.Contains(editableCells, c.Name)}
			if c.Own != nil {
				cell.Value = pen.own(one.Custom[c.Own.Name], *c.Own)
			} else if cell.Value, err = pen.value(one, c.Name); err != nil {
				return nil, err
			}
			if cell.Edit {
				cell.Pencil = pen.pencil(one, c.Name)
			}
			one.Cells = append(one.Cells, cell)
		}
	}
	return out, nil
}

// Class is how a cell of the column looks; numbers stand at the end of theirs.
func (c leadColumn) Class() string {
	if c.Own != nil && c.Own.Column() == "number_value" && c.Own.Type != store.YesNoField {
		return "col-own n"
	}
	if c.Own != nil {
		return "col-own"
	}
	if c.Name == "value" || c.Name == "score" {
		return "col-" + c.Name + " n"
	}
	return "col-" + c.Name
}

// leadColumnsOf are all columns of the list, those of custom fields behind ours, with their words.
func (v *visit) leadColumnsOf(chosen []string, own []store.CustomField) []leadColumn {
	out := columnsOf(chosen)
	for i := range out {
		out[i].Title = v.t("leads.column." + out[i].Name)
	}
	for i, f := range own {
		name := customPrefix + f.Name
		out = append(out, leadColumn{Name: name, Title: f.Text(v.Locale.Language), Own: &own[i], On: slices.Contains(chosen, name), Aside: true})
	}
	return out
}

func columnsOf(chosen []string) []leadColumn {
	if len(chosen) == 0 {
		chosen = usualLeadColumns
	}
	out := slices.Clone(leadColumns)
	for i := range out {
		out[i].On = slices.Contains(chosen, out[i].Name)
		switch out[i].Name {
		case "age":
			out[i].Sort = string(lead.ByArrival)
		case "score":
			out[i].Sort = string(lead.ByScore)
		}
	}
	return out
}

// chooseLeadColumns keeps which columns the visitor wants, in the order of the list.
func (s *screens) chooseLeadColumns(v *visit) error {
	f := v.posted()
	var chosen []string
	own, err := v.customFields("lead")
	if err != nil {
		return err
	}
	for _, c := range v.leadColumnsOf(nil, own) {
		if slices.Contains(f.Values["column"], c.Name) {
			chosen = append(chosen, c.Name)
		}
	}
	if _, err := v.module().Settings.SetPreferences(v.ctx(), setting.Patch{Columns: map[string][]string{"leads": chosen}}); err != nil {
		return err
	}
	return v.redirect(v.back(v.link("/leads")))
}

// statusDot is how a status looks beside its word.
func statusDot(status lead.Status) string {
	switch status {
	case lead.StatusNew:
		return "busy"
	case lead.StatusWorking:
		return "watch"
	case lead.StatusQualified, lead.StatusConverted:
		return "good"
	case lead.StatusDisqualified:
		return "bad"
	}
	return "quiet"
}

// plainQuery is a query in the one order by which two are compared, without what only turns pages.
func plainQuery(query url.Values) string {
	plain := url.Values{}
	for name, values := range query {
		if name == "after" || name == "view" || len(values) == 0 || strings.TrimSpace(values[0]) == "" {
			continue
		}
		plain[name] = values[:1]
	}
	return plain.Encode()
}
