package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/search"
	"github.com/crmplus/crmplus/crm/setting"
	"github.com/crmplus/crmplus/crm/store"
	"github.com/crmplus/crmplus/reports"
)

// leadQuery is what the address asks the list of leads for, so that a filtered list can be kept, sent and
// saved as a view.
type leadQuery struct {
	values url.Values
	path   string
	Filter lead.Filter
	// Own are the company's custom fields of leads.
	Own   []store.CustomField
	Order lead.Sort
	Find  string
	Chips []filterChip
	// Typed are the filters by custom fields whose values are typed.
	Typed ownTyped
	Sorts []choice
	// Filtered is set where a filter beyond the usual one holds.
	Filtered bool
	// View is the saved view that is open.
	View *setting.View
}

// filterChip is one filter as a piece of a sentence: "Status is New", with its choices.
type filterChip struct {
	Name, Is, Value string
	// Label stands alone where the filter holds nothing back.
	Label string
	// On is set where the filter holds back anything.
	On      bool
	Choices []choice
	// Clear is the address without it.
	Clear string
}

// choice is a link that changes one value of the address.
type choice struct {
	Label, Path string
	On          bool
}

// Get gives a value of the address.
func (q leadQuery) Get(name string) string { return q.values.Get(name) }

// Here is the address of the list as it is.
func (q leadQuery) Here() string {
	return (&url.URL{Path: q.path, RawQuery: q.values.Encode()}).String()
}

// Hidden are the values that the search form carries along.
func (q leadQuery) Hidden() map[string]string {
	out := map[string]string{}
	for name := range q.values {
		if name != "find" && name != "after" && name != "view" {
			out[name] = q.values.Get(name)
		}
	}
	return out
}

// Everything is the filter as a bulk change carries it; never "", which would mean none.
func (q leadQuery) Everything() string { return "all=1&" + q.plain() }

func (q leadQuery) plain() string { return plainQuery(q.values) }

// with is the address with one value changed, on its first page; "" takes the value away.
func (q leadQuery) with(name, value string) string { return queryWith(q.Here(), name, value) }

// openStatuses are those that somebody works, or should work, on.
var openStatuses = []lead.Status{lead.StatusNew, lead.StatusWorking, lead.StatusQualified, lead.StatusNurturing}

func (v *visit) leadQuery(values url.Values) (leadQuery, error) {
	q := leadQuery{values: values, path: v.link("/leads"), Find: values.Get("find")}
	if values.Has("view") {
		id, err := store.ParseKey[setting.ViewTag](values.Get("view"))
		if err != nil {
			return q, errNoPage
		}
		saved, err := v.module().Settings.View(v.ctx(), id)
		if err != nil {
			return q, err
		}
		q.View = &saved
	}
	own, err := v.customFields("lead")
	if err != nil {
		return q, err
	}
	q.Own = own
	q.Filter = v.leadFilter(values, own)
	q.Order = lead.Sort(values.Get("sort"))
	if q.Order != lead.ByName && q.Order != lead.ByScore {
		q.Order = lead.ByArrival
	}
	for _, order := range []lead.Sort{lead.ByArrival, lead.ByName, lead.ByScore} {
		value := string(order)
		if order == lead.ByArrival {
			value = ""
		}
		q.Sorts = append(q.Sorts, choice{v.t("leads.sort." + string(order)), q.with("sort", value), order == q.Order})
	}
	return q, v.leadChips(&q)
}

func (v *visit) leadFilter(values url.Values, own []store.CustomField) lead.Filter {
	f := lead.Filter{Source: values.Get("source"), Campaign: values.Get("campaign")}
	switch status := lead.Status(values.Get("status")); {
	case slices.Contains(lead.Statuses, status):
		f.Statuses = []lead.Status{status}
	case status != "all":
		f.Statuses = openStatuses
	}
	switch owner := values.Get("owner"); owner {
	case "me":
		f.OwnerUser = v.Actor.UserID
	case "none":
		f.Unowned = true
	default:
		f.OwnerUser = owner
	}
	f.From = v.since(values.Get("since"))
	f.Custom = v.customFilters(values, own)
	if id, err := store.ParseKey[lead.ImportTag](values.Get("import")); err == nil {
		f.Import = id
	}
	return f
}

// sinces are the spans of arrival that can be asked for.
var sinces = []string{"today", "week", "month", "quarter"}

// since is the instant at which a span began, in the visitor's zone; zero for no span.
func (v *visit) since(name string) time.Time {
	now := v.s.now().In(v.zone())
	day := civil.In(now, v.zone()).Time(v.zone())
	midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, v.zone())
	switch name {
	case "today":
		return midnight
	case "week":
		return midnight.AddDate(0, 0, -(int(midnight.Weekday())+6)%7)
	case "month":
		return time.Date(midnight.Year(), midnight.Month(), 1, 0, 0, 0, 0, v.zone())
	case "quarter":
		return midnight.AddDate(0, 0, -90)
	}
	return time.Time{}
}

// leadChips puts the filters into words.
func (v *visit) leadChips(q *leadQuery) error {
	statuses := []option{{Value: "", Label: v.t("leads.status.open")}}
	for _, status := range lead.Statuses {
		statuses = append(statuses, option{Value: string(status), Label: v.t("lead.status." + string(status))})
	}
	q.chip(filterChip{Name: "status", Is: v.t("leads.is.status")}, append(statuses, option{Value: "all", Label: v.t("leads.status.all")}))

	owners := []option{{Label: v.t("leads.owner.anyone")}, {Value: "me", Label: v.t("leads.owner.me")}, {Value: "none", Label: v.t("owner.none")}}
	colleagues, err := v.owners("")
	if err != nil {
		return err
	}
	for _, o := range colleagues {
		if o.Value != v.Actor.UserID {
			owners = append(owners, o)
		}
	}
	q.chip(filterChip{Name: "owner", Is: v.t("leads.is.owner"), Label: v.t("leads.column.owner")}, owners)

	list, err := v.module().Settings.Choices(v.ctx(), setting.LeadSources)
	if err != nil {
		return err
	}
	sources := []option{{Label: v.t("leads.source.any")}}
	for _, c := range list.Offered() {
		sources = append(sources, option{Value: c.Value, Label: c.Text(v.Locale.Language)})
	}
	q.chip(filterChip{Name: "source", Is: v.t("leads.is.source"), Label: v.t("leads.column.source")}, sources)

	spans := []option{{Label: v.t("leads.since.any")}}
	for _, name := range sinces {
		spans = append(spans, option{Value: name, Label: v.t("leads.since." + name)})
	}
	q.chip(filterChip{Name: "since", Is: v.t("leads.is.since"), Label: v.t("leads.column.age")}, spans)
	q.Chips = append(q.Chips, v.ownChips(q.Here(), q.values, q.Own)...)
	q.Typed = v.ownTyped(q.path, q.values, q.Own)
	for _, name := range []string{"campaign", "import"} {
		if q.Get(name) == "" {
			continue
		}
		shown := q.Get(name)
		if name == "import" {
			shown = v.importName(q.Filter.Import)
		}
		q.chip(filterChip{Name: name, Is: v.t("leads.is." + name)}, []option{{Value: q.Get(name), Label: shown}})
	}
	q.Filtered = q.Find != "" || slices.ContainsFunc(q.Chips, func(c filterChip) bool { return c.On })
	return nil
}

// chip adds a filter; its first choice is the one that holds where the address says nothing.
func (q *leadQuery) chip(c filterChip, options []option) {
	q.Chips = append(q.Chips, c.filled(q.Here(), q.values, options))
}

// filled is a chip with its choices, as addresses beside the one that the list has.
func (c filterChip) filled(here string, values url.Values, options []option) filterChip {
	value := values.Get(c.Name)
	c.Value, c.On, c.Clear = value, value != "", queryWith(here, c.Name, "")
	for _, o := range options {
		on := o.Value == value
		if on {
			c.Value = o.Label
		}
		c.Choices = append(c.Choices, choice{o.Label, queryWith(here, c.Name, o.Value), on})
	}
	return c
}

// findLeads gives a page of leads and how many there are, counted no further than lists show. Words are looked
// for wherever they stand in a lead; where the search knows none, those whose name begins so are given.
func (v *visit) findLeads(q leadQuery, page store.Page) (lead.List, int, error) {
	if q.Find != "" && page.After == "" {
		found, more, err := v.searchLeads(q)
		if err != nil || len(found) > 0 {
			total := len(found)
			if more {
				total = lead.CountLimit + 1
			}
			return lead.List{Rows: found}, total, err
		}
	}
	filter := q.Filter
	filter.Name = q.Find
	found, err := v.module().Leads.List(v.ctx(), filter, q.Order, page)
	if err != nil {
		return found, 0, err
	}
	if found.Next == "" && page.After == "" {
		return found, len(found.Rows), nil
	}
	total, err := v.module().Leads.Count(v.ctx(), filter)
	return found, total, err
}

// searchLeads gives the best hits that the filter lets through, the best first, and whether there may be more.
func (v *visit) searchLeads(q leadQuery) ([]lead.Row, bool, error) {
	result, err := v.module().Search.Find(v.ctx(), search.Query{Text: q.Find, Kinds: []search.Kind{search.Lead}, Limit: search.MaxLimit})
	if err != nil {
		if fault.CodeOf(err) == fault.Invalid { // nothing in it is a word
			return nil, false, nil
		}
		return nil, false, err
	}
	filter, rank, more := q.Filter, map[lead.ID]int{}, false
	for _, group := range result.Groups {
		more = group.More
		for i, hit := range group.Hits {
			filter.Among, rank[lead.ID(hit.ID)] = append(filter.Among, lead.ID(hit.ID)), i
		}
	}
	if len(filter.Among) == 0 {
		return nil, false, nil
	}
	list, err := v.module().Leads.List(v.ctx(), filter, lead.ByArrival, store.Page{Limit: search.MaxLimit})
	slices.SortFunc(list.Rows, func(a, b lead.Row) int { return rank[a.ID] - rank[b.ID] })
	return list.Rows, more, err
}

// soughtLeads are the leads with all that is looked for, of which [visit.findLeads] shows the first, and the words of that.
func (v *visit) soughtLeads(q leadQuery) (reports.LeadQuery, []string, error) {
	out := reports.LeadQuery{Filter: q.Filter, Order: q.Order}
	if q.Find == "" {
		return out, nil, nil
	}
	words := []string{v.t("compose.search") + ": " + q.Find}
	result, err := v.module().Search.All(v.ctx(), search.Query{Text: q.Find, Kinds: []search.Kind{search.Lead}})
	if err != nil && fault.CodeOf(err) != fault.Invalid { // where nothing in it is a word, names may begin so
		return out, nil, err
	}
	for _, group := range result.Groups {
		for _, hit := range group.Hits {
			out.Found = append(out.Found, lead.ID(hit.ID))
		}
		if group.More {
			words = append(words, v.t("leads.best", len(group.Hits)))
		}
	}
	if len(out.Found) == 0 {
		out.Filter.Name = q.Find
	}
	return out, words, nil
}

// words are those of what narrows the list; which statuses it has is always said.
func (q leadQuery) words() []string {
	var out []string
	for _, chip := range q.Chips {
		switch {
		case chip.On && strings.HasPrefix(chip.Name, customPrefix):
			out = append(out, chip.Is+": "+chip.Value)
		case chip.On:
			out = append(out, chip.Is+" "+chip.Value)
		case chip.Name == "status":
			out = append(out, chip.Is+" "+chip.Choices[0].Label)
		}
	}
	return out
}
