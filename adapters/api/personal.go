package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/setting"
)

// Preferences are what the key's user chose for himself; what is left out is up to the company.
type Preferences struct {
	Language      string              `json:"language,omitempty" enum:"hu,en,he,ru,el"`
	Zone          string              `json:"zone,omitempty" doc:"A name of the IANA time zone database." example:"Europe/Budapest"`
	Theme         string              `json:"theme,omitempty" enum:"auto,light,dark"`
	Density       string              `json:"density,omitempty" enum:"comfortable,compact"`
	Columns       map[string][]string `json:"columns" doc:"The columns of each list."`
	MenuCollapsed bool                `json:"menu_collapsed"`
	PanelShut     bool                `json:"panel_shut" doc:"The panel of open opportunities is not wanted."`
	PageSize      int                 `json:"page_size,omitempty" doc:"How many rows a list shows, 10 to 500."`
	Pipeline      ID                  `json:"pipeline,omitempty" doc:"The one looked at last."`
	Muted         []string            `json:"muted" doc:"The kinds of notices that are not wanted; GET /notices/kinds lists them."`
}

func preferencesOf(p setting.Preferences) Preferences {
	columns := map[string][]string{}
	for list, names := range p.Columns {
		columns[list] = some(names)
	}
	return Preferences{
		string(p.Language), p.Zone, string(p.Theme), string(p.Density), columns, p.MenuCollapsed, p.PanelShut, p.PageSize, ID(p.Pipeline), some(p.Muted),
	}
}

// PreferencesPatch changes preferences; what is left out stays, and an empty text leaves it to the company
// again.
type PreferencesPatch struct {
	Language      *string             `json:"language,omitempty" maxLength:"5" doc:"hu, en, he, ru or el."`
	Zone          *string             `json:"zone,omitempty" maxLength:"60"`
	Theme         *string             `json:"theme,omitempty" maxLength:"20" doc:"auto, light or dark."`
	Density       *string             `json:"density,omitempty" maxLength:"20" doc:"comfortable or compact."`
	Columns       map[string][]string `json:"columns,omitempty" doc:"Sets the columns of the lists it names; none for a list forgets them."`
	MenuCollapsed *bool               `json:"menu_collapsed,omitempty"`
	PanelShut     *bool               `json:"panel_shut,omitempty"`
	PageSize      *int                `json:"page_size,omitempty" minimum:"0" maximum:"500"`
	Pipeline      *ID                 `json:"pipeline,omitempty"`
	Muted         *[]string           `json:"muted,omitempty" maxItems:"100"`
}

// typed is a text of a request as a type of the module, nil where it was left out.
func typed[T ~string](s *string) *T {
	if s == nil {
		return nil
	}
	t := T(*s)
	return &t
}

func (p PreferencesPatch) patch() setting.Patch {
	out := setting.Patch{
		Language: typed[locale.Language](p.Language), Zone: p.Zone, Theme: typed[setting.Theme](p.Theme), Density: typed[setting.Density](p.Density),
		Columns: p.Columns, MenuCollapsed: p.MenuCollapsed, PanelShut: p.PanelShut, PageSize: p.PageSize, Muted: p.Muted,
	}
	if p.Pipeline != nil {
		text := string(*p.Pipeline)
		out.Pipeline = &text
	}
	return out
}

// View is a list as somebody wants to see it again.
type View struct {
	ID        ID        `json:"id"`
	Version   int64     `json:"version"`
	Page      string    `json:"page" doc:"The list it belongs to." example:"leads"`
	Name      string    `json:"name"`
	Query     string    `json:"query" doc:"The query of the page's address." example:"status=new"`
	Columns   []string  `json:"columns"`
	Sort      string    `json:"sort,omitempty"`
	Shared    string    `json:"shared" enum:"private,team,company"`
	Position  int       `json:"position"`
	OwnerUser string    `json:"owner_user"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func viewOf(v setting.View) View {
	return View{
		idOf(v.ID), v.Version, v.Page, v.Name, v.Query, some([]string(v.Columns)), v.Sort, string(v.Shared), v.Position, v.OwnerUser, v.CreatedAt, v.UpdatedAt,
	}
}

// ViewDraft is a view to be saved.
type ViewDraft struct {
	Page    string   `json:"page" maxLength:"30" example:"leads"`
	Name    string   `json:"name" maxLength:"120"`
	Query   string   `json:"query,omitempty" maxLength:"2048" example:"status=new"`
	Columns []string `json:"columns,omitempty" maxItems:"40" maxLength:"60"`
	Sort    string   `json:"sort,omitempty" maxLength:"60"`
	Shared  string   `json:"shared,omitempty" enum:"private,team,company" doc:"private where it is left out."`
}

func (d ViewDraft) draft() setting.ViewDraft {
	return setting.ViewDraft{Page: d.Page, Name: d.Name, Query: d.Query, Columns: d.Columns, Sort: d.Sort, Shared: setting.Sharing(d.Shared)}
}

// ViewOrder puts the views of a list into an order.
type ViewOrder struct {
	Page string `json:"page" maxLength:"30"`
	IDs  []ID   `json:"ids" maxItems:"100" doc:"Views that are not named follow in the order they had."`
}

func viewID(id ID) setting.ViewID { return keyOf[setting.ViewTag](id) }

func tagView(v setting.View, err error) (*Tagged[View], error) {
	return &Tagged[View]{etag(v.Version), viewOf(v)}, err
}

func (a *server) personal() {
	const tag = "Personal"
	add(a, route{ID: "get-preferences", Method: http.MethodGet, Path: "/preferences", Tag: tag, Summary: "Read the preferences of the key's user"},
		func(ctx context.Context, m *crm.Module, _ *struct{}) (*Out[Preferences], error) {
			p, err := m.Settings.Preferences(ctx)
			return &Out[Preferences]{preferencesOf(p)}, err
		})
	add(a, route{ID: "edit-preferences", Method: http.MethodPatch, Path: "/preferences", Tag: tag, Summary: "Change the preferences of the key's user"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body PreferencesPatch }) (*Out[Preferences], error) {
			p, err := m.Settings.SetPreferences(ctx, in.Body.patch())
			return &Out[Preferences]{preferencesOf(p)}, err
		})
	add(a, route{ID: "list-views", Method: http.MethodGet, Path: "/views", Tag: tag, Summary: "List the saved views of a list: the user's own in their order, then those shared with him"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Page string `query:"page" required:"true" maxLength:"30" example:"leads"`
		}) (*Listed[View], error) {
			all, err := m.Settings.Views(ctx, in.Page)
			return listed(callOf(ctx), each(all, viewOf), ""), err
		})
	add(a, route{ID: "save-view", Method: http.MethodPost, Path: "/views", Tag: tag, Status: http.StatusCreated, Summary: "Save a view of a list"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body ViewDraft }) (*Made[View], error) {
			v, err := m.Settings.SaveView(ctx, in.Body.draft())
			return &Made[View]{etag(v.Version), callOf(ctx).r.URL.Path + "/" + v.ID.String(), viewOf(v)}, err
		})
	add(a, route{ID: "arrange-views", Method: http.MethodPut, Path: "/views/order", Tag: tag, Summary: "Put the user's own views of a list into a new order"},
		func(ctx context.Context, m *crm.Module, in *struct{ Body ViewOrder }) (*Empty, error) {
			return nil, m.Settings.ArrangeViews(ctx, in.Body.Page, keysOf[setting.ViewTag](in.Body.IDs))
		})
	add(a, route{ID: "get-view", Method: http.MethodGet, Path: "/views/{id}", Tag: tag, Summary: "Read a saved view"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[View], error) {
			return tagView(m.Settings.View(ctx, viewID(in.ID)))
		})
	add(a, route{ID: "change-view", Method: http.MethodPut, Path: "/views/{id}", Tag: tag, Summary: "Replace a saved view: one's own, or with the right settings a shared one"},
		func(ctx context.Context, m *crm.Module, in *changing[ViewDraft]) (*Tagged[View], error) {
			v, err := m.Settings.View(ctx, viewID(in.ID))
			if err != nil {
				return nil, err
			}
			if err := in.holds(v.Version); err != nil {
				return nil, err
			}
			d := in.Body.draft()
			d.ID, d.Version = v.ID, v.Version
			return tagView(m.Settings.SaveView(ctx, d))
		})
	add(a, route{ID: "delete-view", Method: http.MethodDelete, Path: "/views/{id}", Tag: tag, Summary: "Remove a saved view"},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Empty, error) {
			return nil, m.Settings.DeleteView(ctx, viewID(in.ID))
		})
}
