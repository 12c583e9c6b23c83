package setting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// Theme is the colours of the screens.
type Theme string

// The themes; "" is [AutoTheme].
const (
	AutoTheme Theme = "auto"
	Light     Theme = "light"
	Dark      Theme = "dark"
)

// Density is how much stands on a screen.
type Density string

// The densities; "" is [Comfortable].
const (
	Comfortable Density = "comfortable"
	Compact     Density = "compact"
)

// Preferences are what one user chose for himself in one company; zero fields leave it to the company.
type Preferences struct {
	Language locale.Language `json:"language,omitempty"`
	// Zone is a name of the IANA time zone database: "Europe/Budapest".
	Zone    string  `json:"zone,omitempty"`
	Theme   Theme   `json:"theme,omitempty"`
	Density Density `json:"density,omitempty"`
	// Columns are the columns of each list.
	Columns       map[string][]string `json:"columns,omitempty"`
	MenuCollapsed bool                `json:"menu_collapsed,omitempty"`
	// PanelShut is set where the panel of open opportunities is not wanted.
	PanelShut bool `json:"panel_shut,omitempty"`
	// PageSize is how many rows a list shows, 10 to 500.
	PageSize int `json:"page_size,omitempty"`
	// Pipeline is the id of the one looked at last.
	Pipeline string `json:"pipeline,omitempty"`
	// Muted are the kinds of notices that the user does not want.
	Muted []string `json:"muted,omitempty"`
}

// Patch changes preferences; nil leaves a field as it is.
type Patch struct {
	Language *locale.Language `json:"language"`
	Zone     *string          `json:"zone"`
	Theme    *Theme           `json:"theme"`
	Density  *Density         `json:"density"`
	// Columns sets the columns of the lists it names; none for a list forgets them.
	Columns       map[string][]string `json:"columns"`
	MenuCollapsed *bool               `json:"menu_collapsed"`
	PanelShut     *bool               `json:"panel_shut"`
	PageSize      *int                `json:"page_size"`
	Pipeline      *string             `json:"pipeline"`
	Muted         *[]string           `json:"muted"`
}

// MaxPreferences is the most that one user's preferences take, in bytes of JSON.
const MaxPreferences = 16 << 10

// preference is a row: one user in one company.
type preference struct {
	bun.BaseModel `bun:"table:crm_preference,alias:preference"`

	Company   string    `bun:"company,pk,type:nvarchar(40)"`
	UserID    string    `bun:"user_id,pk,type:nvarchar(64)"`
	Settings  string    `bun:"settings"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// Preferences gives those of the user who acts, by one seek.
func (t *Settings) Preferences(ctx context.Context) (Preferences, error) {
	var out Preferences
	err := t.db.Read(ctx, func(ctx context.Context, s *store.Session) error {
		user, err := person(s)
		if err != nil {
			return err
		}
		out, _, err = preferencesOf(ctx, s, user)
		return err
	})
	return out, err
}

// PreferencesOf gives those of any user of the company, for background work that writes to him.
func (t *Settings) PreferencesOf(ctx context.Context, user string) (Preferences, error) {
	var out Preferences
	err := t.db.Read(ctx, func(ctx context.Context, s *store.Session) (err error) {
		out, _, err = preferencesOf(ctx, s, user)
		return err
	})
	return out, err
}

func preferencesOf(ctx context.Context, s *store.Session, user string) (p Preferences, stored bool, err error) {
	var rows []preference
	err = s.Query(ctx, &rows, store.From[preference]("p"), "SELECT p.settings FROM crm_preference AS p WHERE {scope} AND p.company = ? AND p.user_id = ?", s.Actor.Company, user)
	if err != nil || len(rows) == 0 {
		return p, false, err
	}
	if err := json.Unmarshal([]byte(rows[0].Settings), &p); err != nil {
		return Preferences{}, true, fmt.Errorf("preferences of %s: %w", user, err)
	}
	return p, true, nil
}

// SetPreferences changes those of the user who acts and gives them as they are now.
func (t *Settings) SetPreferences(ctx context.Context, p Patch) (Preferences, error) {
	var out Preferences
	err := t.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		user, err := person(s)
		if err != nil {
			return err
		}
		locked, err := s.Exec(ctx, store.From[preference](""), "UPDATE crm_preference SET updated_at = ? WHERE {scope} AND user_id = ?", s.Now, user)
		if err != nil {
			return err
		}
		was, _, err := preferencesOf(ctx, s, user)
		if err != nil {
			return err
		}
		out = p.apply(was)
		if err := out.check(); err != nil {
			return err
		}
		text, err := json.Marshal(out)
		if err != nil {
			return err
		}
		if len(text) > MaxPreferences {
			return fault.New(fault.Limit, "these preferences take %d bytes, at most %d are kept; forget the columns of some lists", len(text), MaxPreferences)
		}
		if locked == 0 {
			return s.InsertQuiet(ctx, &preference{UserID: user, Settings: string(text), UpdatedAt: s.Now})
		}
		_, err = s.Exec(ctx, store.From[preference](""), "UPDATE crm_preference SET settings = ? WHERE {scope} AND user_id = ?", string(text), user)
		return err
	})
	if err != nil {
		return Preferences{}, err
	}
	return out, nil
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (p Patch) apply(to Preferences) Preferences {
	set(&to.Language, p.Language)
	set(&to.Zone, p.Zone)
	set(&to.Theme, p.Theme)
	set(&to.Density, p.Density)
	set(&to.MenuCollapsed, p.MenuCollapsed)
	set(&to.PanelShut, p.PanelShut)
	set(&to.PageSize, p.PageSize)
	set(&to.Pipeline, p.Pipeline)
	set(&to.Muted, p.Muted)
	for list, columns := range p.Columns {
		if to.Columns == nil {
			to.Columns = map[string][]string{}
		}
		to.Columns[list] = columns
		if len(columns) == 0 {
			delete(to.Columns, list)
		}
	}
	return to
}

// maxLists is how many lists keep columns.
const maxLists = 40

func (p Preferences) check() error {
	var faults fault.List
	if p.Language != "" && !slices.Contains(locale.Languages, p.Language) {
		faults.Add("language", "choice", "%.20q is no language of the screens; choose one of %v", string(p.Language), locale.Languages)
	}
	if _, err := ZoneOf(p.Zone); err != nil {
		faults.Add("zone", "choice", "%.60q is no time zone; give a name such as Europe/Budapest", p.Zone)
	}
	if !slices.Contains([]Theme{"", AutoTheme, Light, Dark}, p.Theme) {
		faults.Add("theme", "choice", "%.20q is no theme; choose auto, light or dark", string(p.Theme))
	}
	if !slices.Contains([]Density{"", Comfortable, Compact}, p.Density) {
		faults.Add("density", "choice", "%.20q is no density; choose comfortable or compact", string(p.Density))
	}
	if p.PageSize != 0 && (p.PageSize < 10 || p.PageSize > store.MaxLimit) {
		faults.Add("page_size", "range", "is %d; give 10 to %d rows", p.PageSize, store.MaxLimit)
	}
	checkText(&faults, "pipeline", p.Pipeline, 64)
	checkWords(&faults, "muted", p.Muted, 60)
	if len(p.Columns) > maxLists {
		faults.Add("columns", "list.length", "of %d lists are set, of at most %d they are kept; forget some", len(p.Columns), maxLists)
	}
	for _, list := range slices.Sorted(maps.Keys(p.Columns)) {
		if !slug(list, 30) {
			faults.Add("columns", "text.form", "%.30q is no list; name it as its page is named, such as leads", list)
			continue
		}
		checkWords(&faults, "columns."+list, p.Columns[list], MaxColumns)
	}
	return faults.Err("the preferences cannot be saved")
}

var errZone = errors.New("no such zone")

// ZoneOf gives the zone of a name, nil for "". "Local" is refused: it would be the server's.
func ZoneOf(name string) (*time.Location, error) {
	switch {
	case name == "":
		return nil, nil
	case name == "Local" || len(name) > 60:
		return nil, errZone
	}
	return time.LoadLocation(name)
}

// Locale is how the user sees things: the company's locale with what he chose for himself.
func (p Preferences) Locale(company locale.Locale) locale.Locale {
	if p.Language != "" {
		company.Language = p.Language
	}
	if zone, err := ZoneOf(p.Zone); err == nil && zone != nil {
		company.Zone = zone
	}
	return company
}
