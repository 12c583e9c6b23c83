package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/setting"
)

// viewRoutes keep lists as somebody wants to see them again. Every list has them: its page links to
// /views/new?page=leads&query=..., and shows [visit.viewTabs].
func (s *screens) viewRoutes() []route {
	return []route{
		{Pattern: "GET /views/new", Do: s.newView},
		{Pattern: "POST /views", Do: s.saveView},
		{Pattern: "GET /views/{id}", Do: s.editView},
		{Pattern: "POST /views/{id}", Do: s.saveView},
		{Pattern: "POST /views/{id}/delete", Do: s.deleteView},
	}
}

// viewPages are the lists that have views: the same as their paths.
var viewPages = []string{"leads", "opportunities", "quotes", "customers", "contacts", "calendar", "files"}

// viewTab is one view above its list.
type viewTab struct {
	Name, Query, Path string
	Here              bool
	// ID is "" for the views that everybody has.
	ID     string
	Shared bool
	// Mine views may be changed.
	Mine bool
}

// viewTabs are the views of a page: those that everybody has, then the visitor's own and those shared with
// him. query is what the list shows now, in the form of plainQuery.
func (v *visit) viewTabs(page, query string, fixed []viewTab) ([]viewTab, error) {
	saved, err := v.module().Settings.Views(v.ctx(), page)
	if err != nil {
		return nil, err
	}
	tabs := fixed
	for _, one := range saved {
		tabs = append(tabs, viewTab{
			Name: one.Name, Query: one.Query, ID: one.ID.String(), Shared: one.Shared != setting.Private, Mine: one.OwnerUser == v.Actor.UserID || v.may(actor.Settings),
		})
	}
	open := v.r.URL.Query().Get("view")
	known := slices.ContainsFunc(tabs, func(t viewTab) bool { return t.ID != "" && t.ID == open && t.Query == query })
	for i := range tabs {
		t := &tabs[i]
		t.Path = v.link("/" + page)
		if t.Query != "" || t.ID != "" {
			t.Path += "?" + t.Query
		}
		if t.ID != "" {
			t.Path = strings.TrimSuffix(t.Path, "?") + "?view=" + t.ID
			if t.Query != "" {
				t.Path = v.link("/"+page) + "?" + t.Query + "&view=" + t.ID
			}
		}
		t.Here = t.Query == query && (!known && !slices.ContainsFunc(tabs[:i], func(o viewTab) bool { return o.Here }) || t.ID != "" && t.ID == open)
	}
	return tabs, nil
}

// viewForm is the dialog in which a view is named.
type viewForm struct {
	Form *input
	// ID is "" for a new view.
	ID       string
	Sharings []option
}

func (s *screens) newView(v *visit) error {
	page, query := v.r.URL.Query().Get("page"), v.r.URL.Query().Get("query")
	if !slices.Contains(viewPages, page) {
		return errNoPage
	}
	return v.drawView(v.blank("page", page, "query", query, "shared", string(setting.Private), "name", ""), "")
}

func (s *screens) editView(v *visit) error {
	id, err := key[setting.ViewTag](v, "id")
	if err != nil {
		return err
	}
	saved, err := v.module().Settings.View(v.ctx(), id)
	if err != nil {
		return err
	}
	return v.drawView(v.blank("page", saved.Page, "query", saved.Query, "shared", string(saved.Shared), "name", saved.Name), id.String())
}

func (v *visit) drawView(f *input, id string) error {
	d := viewForm{Form: f, ID: id, Sharings: v.options("view.shared.", f.text("shared"), string(setting.Private), string(setting.WithTeam), string(setting.WithCompany))}
	title := v.t("view.new")
	if id != "" {
		title = v.t("view.edit")
	}
	return v.dialog("view_form", f.statusOf(), head{Title: title, Section: f.text("page")}, d)
}

// dialog shows a page that opens as a dialog where the browser has JavaScript. Its template has "dialog".
func (v *visit) dialog(name string, status int, h head, data any) error {
	if v.part() && v.target() == "crm-dialog-body" {
		return v.fill(status, name, "dialog", data)
	}
	return v.show(status, name, h, data)
}

// saveView writes a new view, or changes one.
func (s *screens) saveView(v *visit) error {
	f := v.posted()
	page, query := f.text("page"), f.text("query")
	if !slices.Contains(viewPages, page) {
		return errNoPage
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return errNoPage
	}
	d := setting.ViewDraft{Page: page, Name: f.text("name"), Query: plainQuery(values), Shared: setting.Sharing(f.text("shared"))}
	if v.r.PathValue("id") != "" {
		if d.ID, err = key[setting.ViewTag](v, "id"); err != nil {
			return err
		}
		saved, err := v.module().Settings.View(v.ctx(), d.ID)
		if err != nil {
			return err
		}
		d.Columns, d.Sort = saved.Columns, saved.Sort
	} else {
		prefers, err := v.module().Settings.Preferences(v.ctx())
		if err != nil {
			return err
		}
		d.Columns, d.Sort = prefers.Columns[page], values.Get("sort")
	}
	saved, err := v.module().Settings.SaveView(v.ctx(), d)
	if err != nil {
		if err := v.refuse(f, err); err != nil {
			return err
		}
		return v.drawView(f, v.r.PathValue("id"))
	}
	v.done("view.saved", saved.Name)
	return v.redirect(v.viewPath(saved))
}

func (v *visit) viewPath(saved setting.View) string {
	path := v.link("/"+saved.Page) + "?"
	if saved.Query != "" {
		path += saved.Query + "&"
	}
	return path + "view=" + saved.ID.String()
}

func (s *screens) deleteView(v *visit) error {
	id, err := key[setting.ViewTag](v, "id")
	if err != nil {
		return err
	}
	saved, err := v.module().Settings.View(v.ctx(), id)
	if err != nil {
		return err
	}
	if err := v.module().Settings.DeleteView(v.ctx(), id); err != nil {
		return err
	}
	done := toast{Text: v.t("view.deleted", saved.Name)}
	if saved.OwnerUser == v.Actor.UserID {
		done.Undo, done.Fields = v.link("/views"), map[string]string{"page": saved.Page, "query": saved.Query, "name": saved.Name, "shared": string(saved.Shared)}
	}
	v.toast(done)
	return v.redirect(v.link("/" + saved.Page))
}
