package main

import (
	"net/http"
	"net/url"

	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/store"
)

// routeLeads are the pages of leads.
func (s *server) routeLeads(on func(pattern string, p page)) {
	on("GET /leads", s.listLeads)
	on("GET /leads/new", s.newLead)
	on("POST /leads/new", s.captureLead)
	on("GET /imports", s.newImport)
	on("POST /imports", s.previewImport)
	on("POST /imports/run", s.runImport)
	on("GET /imports/{id}", s.showImport)
	on("GET /imports/{id}/rejects.csv", s.importRejects)
	on("GET /leads/{id}", s.showLead)
	on("GET /leads/{id}/edit", s.editLead)
	on("POST /leads/{id}/edit", s.saveLead)
	on("POST /leads/{id}/status", s.moveLead)
	on("POST /leads/{id}/take", s.takeLead)
	on("POST /leads/{id}/activity", s.leadActivity)
	on("POST /leads/{id}/quote", s.quoteLead)
	on("GET /leads/{id}/convert", s.askConvert)
	on("POST /leads/{id}/convert", s.doConvert)
	on("POST /activities/{id}/done", s.completeActivity)
	on("GET /files/{id}", s.downloadFile)
}

// leadList is the page of leads.
type leadList struct {
	Rows             []lead.Row
	Users            map[string]string
	Count            int
	More             bool
	Next, First      string
	Chips            []chip
	Form             *form
	Owners           []option
	Sorts            []option
	Filtered, Import bool
}

// chip is a filter that is one press away.
type chip struct {
	Label, Path string
	On          bool
}

// option is one choice of a list.
type option struct {
	Value, Label string
	On           bool
}

// pageSize is how many rows a list shows.
const pageSize = 40

func (s *server) listLeads(v *visit) error {
	query := v.r.URL.Query()
	filter, order := leadFilter(v, query)
	view := leadList{Form: &form{Values: query, Faults: map[string][]string{}, language: v.locale.Language}, Import: v.may("lead.import")}
	found, err := s.module.Leads.List(v.ctx(), filter, order, store.Page{After: query.Get("after"), Limit: pageSize})
	if err != nil {
		return err
	}
	if view.Count, err = s.module.Leads.Count(v.ctx(), filter); err != nil {
		return err
	}
	if view.Users, err = v.users(); err != nil {
		return err
	}
	view.More = view.Count > lead.CountLimit
	view.Rows = found.Rows
	view.Next = pagePath(v.r.URL, found.Next)
	if query.Get("after") != "" {
		view.First = pagePath(v.r.URL, "-")
	}
	view.Chips = statusChips(v, query)
	view.Owners = []option{
		{"", v.t("filter.anyone"), query.Get("owner") == ""}, {"me", v.t("filter.mine"), query.Get("owner") == "me"},
		{"none", v.t("filter.unowned"), query.Get("owner") == "none"},
	}
	for _, sort := range []lead.Sort{lead.ByArrival, lead.ByName, lead.ByScore} {
		view.Sorts = append(view.Sorts, option{string(sort), v.t("sort." + string(sort)), sort == order})
	}
	view.Filtered = query.Get("name") != "" || query.Get("source") != "" || query.Get("owner") != ""
	return v.show(http.StatusOK, "leads.html", "menu.leads", view)
}

// leadFilter reads the filter from the address, so that a filtered list can be bookmarked.
func leadFilter(v *visit, query url.Values) (lead.Filter, lead.Sort) {
	f := lead.Filter{Name: query.Get("name"), Source: query.Get("source")}
	switch status := lead.Status(query.Get("status")); status {
	case "":
		f.Statuses = []lead.Status{lead.StatusNew, lead.StatusWorking, lead.StatusQualified, lead.StatusNurturing}
	case "all":
	default:
		f.Statuses = []lead.Status{status}
	}
	switch query.Get("owner") {
	case "me":
		f.OwnerUser = v.who.ID
	case "none":
		f.Unowned = true
	}
	order := lead.Sort(query.Get("sort"))
	if order != lead.ByName && order != lead.ByScore {
		order = lead.ByArrival
	}
	return f, order
}

func statusChips(v *visit, query url.Values) []chip {
	now := query.Get("status")
	chips := []chip{{v.t("filter.open"), withQuery(v.r.URL, "status", ""), now == ""}}
	for _, status := range lead.Statuses {
		chips = append(chips, chip{v.t("lead.status." + string(status)), withQuery(v.r.URL, "status", string(status)), now == string(status)})
	}
	return append(chips, chip{v.t("filter.all"), withQuery(v.r.URL, "status", "all"), now == "all"})
}

// withQuery is the address with one value changed, on its first page.
func withQuery(u *url.URL, name, value string) string {
	query := u.Query()
	query.Del("after")
	query.Del("done")
	if query.Set(name, value); value == "" {
		query.Del(name)
	}
	return (&url.URL{Path: u.Path, RawQuery: query.Encode()}).String()
}

// pagePath is the address of the next page, "" where there is none; "-" gives the first one.
func pagePath(u *url.URL, after string) string {
	switch after {
	case "":
		return ""
	case "-":
		after = ""
	}
	return withQuery(u, "after", after)
}

// t gives a text in the reader's language.
func (v *visit) t(key string, args ...any) string { return texts.T(v.locale.Language, key, args...) }

// users are the names of the company's users by their ids.
func (v *visit) users() (map[string]string, error) {
	all, err := v.colleagues()
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(all))
	for _, u := range all {
		names[u.ID] = u.Name
	}
	return names, nil
}
