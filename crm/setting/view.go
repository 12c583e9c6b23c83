package setting

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// ViewTag is the noun of view ids.
type ViewTag struct{}

// ViewID identifies a saved view.
type ViewID = store.Key[ViewTag]

// Sharing says who sees a saved view besides its owner.
type Sharing string

// The sharings.
const (
	Private     Sharing = "private"
	WithTeam    Sharing = "team"
	WithCompany Sharing = "company"
)

// The bounds of saved views.
const (
	// MaxViews is how many views one user keeps.
	MaxViews = 100
	// MaxQuery is the longest query in bytes.
	MaxQuery = 2048
	// MaxColumns is how many columns a list shows.
	MaxColumns = 40
)

// View is a list as somebody wants to see it again: what it filters, which columns, in which order.
type View struct {
	bun.BaseModel `bun:"table:crm_saved_view,alias:saved"`

	ID ViewID `bun:"id,pk" json:"id"`
	store.Record
	// Page is the list it belongs to: "leads", "opportunities".
	Page string `bun:"page,type:nvarchar(30)" json:"page"`
	Name string `bun:"name,type:nvarchar(120)" json:"name"`
	// Query is the query of the page's address; only the page understands it.
	Query   string  `bun:"query,type:nvarchar(2048)" json:"query"`
	Columns Words   `bun:"columns" json:"columns"`
	Sort    string  `bun:"sort,type:nvarchar(60)" json:"sort"`
	Shared  Sharing `bun:"shared,type:nvarchar(10)" json:"shared"`
	// Position orders the views of one owner.
	Position  int    `bun:"position" json:"position"`
	OwnerUser string `bun:"owner_user,type:nvarchar(64)" json:"owner_user"`
	// OwnerTeam is the team that sees a view shared [WithTeam].
	OwnerTeam string `bun:"owner_team,type:nvarchar(64)" json:"owner_team"`
}

// ViewDraft is a view to be saved.
type ViewDraft struct {
	// ID is zero for a new view.
	ID ViewID `json:"id"`
	// Version is the one that was read, 0 for whichever there is.
	Version int64    `json:"version"`
	Page    string   `json:"page"`
	Name    string   `json:"name"`
	Query   string   `json:"query"`
	Columns []string `json:"columns"`
	Sort    string   `json:"sort"`
	// Shared defaults to Private.
	Shared Sharing `json:"shared"`
}

// Views gives the views of a page that the user sees: his own in their order, then those shared with him.
func (t *Settings) Views(ctx context.Context, page string) ([]View, error) {
	var out []View
	err := t.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		user, err := person(s)
		if err != nil {
			return err
		}
		var own, shared []View
		err = s.Select(&own).Where("saved.company = ?", s.Actor.Company).Where("saved.page = ?", page).Where("saved.owner_user = ?", user).Scan(ctx)
		if err != nil {
			return err
		}
		err = s.Select(&shared).Where("saved.company = ?", s.Actor.Company).Where("saved.page = ?", page).
			Where("saved.shared IN (?)", bun.List([]Sharing{WithTeam, WithCompany})).Scan(ctx)
		if err != nil {
			return err
		}
		shared = slices.DeleteFunc(shared, func(v View) bool { return v.OwnerUser == user || !v.visible(s.Actor) })
		for _, views := range [][]View{own, shared} {
			slices.SortFunc(views, func(a, b View) int {
				return cmp.Or(cmp.Compare(a.Position, b.Position), strings.Compare(a.Name, b.Name), slices.Compare(a.ID[:], b.ID[:]))
			})
		}
		out = append(own, shared...)
		return nil
	})
	return out, err
}

func (v View) visible(a actor.Actor) bool {
	switch v.Shared {
	case WithCompany:
		return true
	case WithTeam:
		return v.OwnerUser == a.HostUser() || slices.Contains(a.Teams, v.OwnerTeam)
	case Private:
	}
	return v.OwnerUser == a.HostUser()
}

// View reads one view that the user sees.
func (t *Settings) View(ctx context.Context, id ViewID) (View, error) {
	var v View
	err := t.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		if err := s.Get(ctx, &v, id); err != nil {
			return err
		}
		if v.Company != s.Actor.Company || !v.visible(s.Actor) {
			return noView(id)
		}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return v, nil
}

func noView(id ViewID) error {
	return fault.New(fault.NotFound, "there is no saved view %s, or you may not see it", id)
}

// SaveView writes a new view of the user, or changes one: his own, or a shared one with the right
// actor.Settings.
func (t *Settings) SaveView(ctx context.Context, d ViewDraft) (View, error) {
	var out View
	err := t.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		user, err := person(s)
		if err != nil {
			return err
		}
		d, err := d.prepared(s.Actor)
		if err != nil {
			return err
		}
		if !d.ID.IsZero() {
			out, err = t.changeView(ctx, s, d.ID, func(v *View) error {
				if d.Version != 0 {
					v.Version = d.Version
				}
				d.fill(v, s.Actor)
				return nil
			})
			return err
		}
		var mine []View
		if err := s.Select(&mine).Column("id", "page", "position").Where("saved.company = ?", s.Actor.Company).Where("saved.owner_user = ?", user).Scan(ctx); err != nil {
			return err
		}
		if len(mine) >= MaxViews {
			return fault.New(fault.Limit, "you have %d saved views, more are not kept; delete one that you no longer need", len(mine))
		}
		out = View{ID: store.NewKey[ViewTag](s), OwnerUser: user}
		for _, v := range mine {
			if v.Page == d.Page {
				out.Position = max(out.Position, v.Position+1)
			}
		}
		d.fill(&out, s.Actor)
		return s.Insert(ctx, &out)
	})
	if err != nil {
		return View{}, err
	}
	return out, nil
}

func (d ViewDraft) prepared(a actor.Actor) (ViewDraft, error) {
	var faults fault.List
	d.Name = party.Clean(d.Name, 120)
	faults.Required("name", d.Name)
	checkText(&faults, "name", d.Name, 120)
	if !slug(d.Page, 30) {
		faults.Add("page", "text.form", "%.30q is no page; name the list, such as leads", d.Page)
	}
	d.Query = strings.TrimPrefix(d.Query, "?")
	if _, err := url.ParseQuery(d.Query); err != nil || len(d.Query) > MaxQuery || strings.IndexFunc(d.Query, func(r rune) bool { return r < ' ' || r == 0xFFFD }) >= 0 {
		faults.Add("query", "query.form", "is no query of an address of at most %d bytes; save the list as it is shown, with fewer filters", MaxQuery)
	}
	checkWords(&faults, "columns", d.Columns, MaxColumns)
	if d.Sort != "" && !slug(strings.TrimPrefix(d.Sort, "-"), 59) {
		faults.Add("sort", "text.form", "%.60q is no order; name a column, with a minus in front for descending", d.Sort)
	}
	d.Shared = cmp.Or(d.Shared, Private)
	checkSharing(&faults, d.Shared, a)
	return d, faults.Err("the view cannot be saved")
}

func checkSharing(faults *fault.List, shared Sharing, a actor.Actor) {
	switch shared {
	case Private, WithCompany:
	case WithTeam:
		if a.Team() == "" {
			faults.Add("shared", "team", "you belong to no team; share the view with the company or keep it private")
		}
	default:
		faults.Add("shared", "choice", "%.20q is no way to share; choose private, team or company", string(shared))
	}
}

func (d ViewDraft) fill(v *View, a actor.Actor) {
	v.Page, v.Name, v.Query, v.Columns, v.Sort = d.Page, d.Name, d.Query, d.Columns, d.Sort
	v.share(d.Shared, a)
}

func (v *View) share(shared Sharing, a actor.Actor) {
	if shared == WithTeam && (v.Shared != WithTeam || v.OwnerTeam == "") {
		v.OwnerTeam = a.Team()
	}
	v.Shared = shared
}

// changeView changes a view that is the user's own, or a shared one with the right to settings.
func (t *Settings) changeView(ctx context.Context, s *store.Session, id ViewID, change func(*View) error) (View, error) {
	was, err := lockView(ctx, s, id)
	if err != nil {
		return View{}, err
	}
	next := was
	if err := change(&next); err != nil {
		return View{}, err
	}
	was.Version = next.Version
	return next, s.Save(ctx, &was, &next)
}

func lockView(ctx context.Context, s *store.Session, id ViewID) (View, error) {
	user, err := person(s)
	if err != nil {
		return View{}, err
	}
	var v View
	if err := s.Lock(ctx, &v, id); err != nil {
		return View{}, err
	}
	switch {
	case v.OwnerUser == user:
	case v.Shared == Private:
		return View{}, noView(id)
	case !s.Actor.May(actor.Settings):
		return View{}, fault.New(fault.Forbidden, "the view %q is %s's; save a copy of your own, or ask for the right %q", v.Name, v.OwnerUser, string(actor.Settings))
	}
	return v, nil
}

// RenameView gives a view another name.
func (t *Settings) RenameView(ctx context.Context, id ViewID, name string) (View, error) {
	return t.oneView(ctx, id, func(s *store.Session, v *View) error {
		var faults fault.List
		name = party.Clean(name, 120)
		faults.Required("name", name)
		checkText(&faults, "name", name, 120)
		v.Name = name
		return faults.Err("the view cannot be renamed")
	})
}

// ShareView shares a view with the owner's team or the company, or makes it private again.
func (t *Settings) ShareView(ctx context.Context, id ViewID, with Sharing) (View, error) {
	return t.oneView(ctx, id, func(s *store.Session, v *View) error {
		var faults fault.List
		checkSharing(&faults, with, s.Actor)
		v.share(with, s.Actor)
		return faults.Err("the view cannot be shared")
	})
}

func (t *Settings) oneView(ctx context.Context, id ViewID, change func(s *store.Session, v *View) error) (View, error) {
	var out View
	err := t.db.Write(ctx, func(ctx context.Context, s *store.Session) (err error) {
		out, err = t.changeView(ctx, s, id, func(v *View) error { return change(s, v) })
		return err
	})
	if err != nil {
		return View{}, err
	}
	return out, nil
}

// DeleteView removes a view.
func (t *Settings) DeleteView(ctx context.Context, id ViewID) error {
	return t.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		v, err := lockView(ctx, s, id)
		if err != nil {
			return err
		}
		return s.Delete(ctx, &v)
	})
}

// ArrangeViews puts the user's own views of a page into the order of ids; those that are not named follow
// in the order they had. Views of others keep their owner's order.
func (t *Settings) ArrangeViews(ctx context.Context, page string, ids []ViewID) error {
	return t.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		user, err := person(s)
		if err != nil {
			return err
		}
		var own []View
		err = s.Select(&own).Where("saved.company = ?", s.Actor.Company).Where("saved.page = ?", page).Where("saved.owner_user = ?", user).Scan(ctx)
		if err != nil {
			return err
		}
		rank := func(v View) int {
			if i := slices.Index(ids, v.ID); i >= 0 {
				return i
			}
			return len(ids) + v.Position
		}
		slices.SortStableFunc(own, func(a, b View) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), slices.Compare(a.ID[:], b.ID[:])) })
		for i, was := range own {
			next := was
			next.Position = i
			if err := s.Save(ctx, &was, &next); err != nil {
				return err
			}
		}
		return nil
	})
}
