package setting

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
	"github.com/crmplus/crmplus/crm/store"
)

// Role is a usual set of rights, or that they are listed one by one.
type Role string

// The roles.
const (
	ReaderRole  Role = "reader"
	SellerRole  Role = "seller"
	ManagerRole Role = "manager"
	AdminRole   Role = "admin"
	// Listed: the rights of User.Rights.
	Listed Role = "listed"
)

// Roles are all roles.
var Roles = []Role{ReaderRole, SellerRole, ManagerRole, AdminRole, Listed}

// Rights are those of a role; nil for [Listed].
func (r Role) Rights() actor.Rights {
	switch r {
	case ReaderRole:
		return slices.Clone(actor.Reader)
	case SellerRole:
		return slices.Clone(actor.Seller)
	case ManagerRole:
		return slices.Clone(actor.Manager)
	case AdminRole:
		return slices.Clone(actor.Admin)
	case Listed:
	}
	return nil
}

// UserTag is the noun of the ids of users' rights.
type UserTag struct{}

// User is what CRM+ keeps about one of the host's users: what he may do and see.
type User struct {
	bun.BaseModel `bun:"table:crm_user_right,alias:user_right"`

	ID store.Key[UserTag] `bun:"id,pk" json:"-"`
	store.Record
	// UserID is the host's key of the user.
	UserID string `bun:"user_id,type:nvarchar(64)" json:"user_id"`
	Name   string `bun:"name,type:nvarchar(120)" json:"name"`
	Role   Role   `bun:"role,type:nvarchar(20)" json:"role"`
	// RightList are the rights of the role [Listed].
	RightList Words            `bun:"rights" json:"rights"`
	See       actor.Visibility `bun:"visibility,type:nvarchar(10)" json:"see"`
	// Teams are the host's keys of the user's teams, none with a comma; the first is stamped on new records.
	Teams Words `bun:"teams" json:"teams"`
	// DisabledAt is set on a user who may do nothing.
	DisabledAt time.Time `bun:"disabled_at,nullzero" json:"disabled_at"`
}

// Rights are what the user may do now.
func (u User) Rights() actor.Rights {
	switch {
	case !u.DisabledAt.IsZero():
		return nil
	case u.Role != Listed:
		return u.Role.Rights()
	}
	rights := make(actor.Rights, len(u.RightList))
	for i, r := range u.RightList {
		rights[i] = actor.Right(r)
	}
	return rights
}

// governs reports whether the user may change settings, the users' rights among them.
func (u User) governs() bool { return slices.Contains(u.Rights(), actor.Settings) }

// Actor is the user as the host hands him to CRM+.
func (u User) Actor() actor.User {
	return actor.User{Company: u.Company, ID: u.UserID, Name: cmp.Or(u.Name, u.UserID), Teams: u.Teams, Rights: u.Rights(), See: u.See}
}

// UserDraft sets what a user may do.
type UserDraft struct {
	// Version is the one that was read, 0 for a new user or whichever there is.
	Version int64            `json:"version"`
	UserID  string           `json:"user_id"`
	Name    string           `json:"name"`
	Role    Role             `json:"role"`
	Rights  []actor.Right    `json:"rights"`
	See     actor.Visibility `json:"see"`
	Teams   []string         `json:"teams"`
	// Disabled takes all rights and keeps the rest.
	Disabled bool `json:"disabled"`
}

// UserOf gives what CRM+ keeps about a user, for a host that leaves rights to it; no actor is needed, since
// this is how one is made. The error is fault.NotFound for whom nothing is kept and fault.Forbidden for a
// disabled one. A host that knows better overrides what it gets, or does not ask.
func (t *Settings) UserOf(ctx context.Context, company, id string) (actor.User, error) {
	var out actor.User
	err := t.db.Read(actor.With(ctx, actor.System(company, "rights")), func(ctx context.Context, s *store.Session) error {
		u, err := userOf(ctx, s, id)
		if err != nil {
			return err
		}
		if u.Version == 0 {
			return fault.New(fault.NotFound, "no rights are kept for user %.64q; an administrator can give some", id)
		}
		if !u.DisabledAt.IsZero() {
			return fault.New(fault.Forbidden, "user %.64q is disabled; ask an administrator", id)
		}
		out = u.Actor()
		return nil
	})
	return out, err
}

func userOf(ctx context.Context, s *store.Session, id string) (User, error) {
	var rows []User
	err := s.Select(&rows).Where("user_right.company = ?", s.Actor.Company).Where("user_right.user_id = ?", id).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return User{}, err
	}
	return rows[0], nil
}

// Users lists the company's users for whom rights are kept, by name. It needs actor.Settings.
func (t *Settings) Users(ctx context.Context) ([]User, error) {
	return store.Read(ctx, t.db, actor.Settings, users)
}

func users(ctx context.Context, s *store.Session) ([]User, error) {
	var all []User
	err := s.Select(&all).Where("user_right.company = ?", s.Actor.Company).Scan(ctx)
	slices.SortFunc(all, func(a, b User) int {
		return cmp.Or(strings.Compare(party.Fold(a.Name), party.Fold(b.Name)), strings.Compare(a.UserID, b.UserID))
	})
	return all, err
}

// SetUser keeps what a user may do and see. It needs actor.Settings. A change that would leave nobody who may
// change settings is refused, and so is one by which somebody takes that right from himself.
func (t *Settings) SetUser(ctx context.Context, d UserDraft) (User, error) {
	return store.Write(ctx, t.db, actor.Settings, func(ctx context.Context, s *store.Session) (User, error) {
		d, err := d.prepared()
		if err != nil {
			return User{}, err
		}
		all, err := lockUsers(ctx, s)
		if err != nil {
			return User{}, err
		}
		i := slices.IndexFunc(all, func(u User) bool { return u.UserID == d.UserID })
		if i < 0 {
			next := User{ID: store.NewKey[UserTag](s)}
			d.fill(&next, s.Now)
			return next, s.Insert(ctx, &next)
		}
		was := all[i]
		if d.Version != 0 {
			was.Version = d.Version
		}
		next := was
		d.fill(&next, s.Now)
		all[i] = next
		if err := keepGoverned(s, was, all); err != nil {
			return User{}, err
		}
		return next, s.Save(ctx, &was, &next)
	})
}

// RemoveUser forgets what a user may do; the host's own answer counts again. It needs actor.Settings.
func (t *Settings) RemoveUser(ctx context.Context, id string) error {
	_, err := store.Write(ctx, t.db, actor.Settings, func(ctx context.Context, s *store.Session) (struct{}, error) {
		all, err := lockUsers(ctx, s)
		if err != nil {
			return struct{}{}, err
		}
		i := slices.IndexFunc(all, func(u User) bool { return u.UserID == id })
		if i < 0 {
			return struct{}{}, fault.New(fault.NotFound, "no rights are kept for user %.64q", id)
		}
		was := all[i]
		if err := keepGoverned(s, was, slices.Delete(all, i, i+1)); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.Delete(ctx, &was)
	})
	return err
}

// lockUsers locks all users of the company, so that two administrators cannot take each other's rights at
// the same moment.
func lockUsers(ctx context.Context, s *store.Session) ([]User, error) {
	if _, err := s.Exec(ctx, store.From[User](""), "UPDATE crm_user_right SET version = version WHERE {scope}"); err != nil {
		return nil, err
	}
	return users(ctx, s)
}

// keepGoverned refuses a change after which nobody in after governs, where somebody did, and one by which the
// actor loses the right himself.
func keepGoverned(s *store.Session, was User, after []User) error {
	if !was.governs() {
		return nil
	}
	still := slices.ContainsFunc(after, func(u User) bool { return u.UserID == was.UserID && u.governs() })
	switch {
	case still:
		return nil
	case was.UserID == s.Actor.HostUser():
		return fault.New(fault.Invalid, "you would take the right %q from yourself; let another administrator do it", string(actor.Settings))
	case !slices.ContainsFunc(after, User.governs):
		return fault.New(fault.Invalid, "%s is the last one with the right %q; give it to somebody else first", cmp.Or(was.Name, was.UserID), string(actor.Settings))
	}
	return nil
}

func (d UserDraft) prepared() (UserDraft, error) {
	var faults fault.List
	d.UserID = strings.TrimSpace(d.UserID)
	faults.Required("user_id", d.UserID)
	checkText(&faults, "user_id", d.UserID, 64)
	d.Name = party.Clean(d.Name, 120)
	checkText(&faults, "name", d.Name, 120)
	if !slices.Contains(Roles, d.Role) {
		faults.Add("role", "choice", "%.20q is no role; choose one of %v", string(d.Role), Roles)
	}
	d.See = cmp.Or(d.See, actor.Own)
	if !slices.Contains([]actor.Visibility{actor.Own, actor.Team, actor.All}, d.See) {
		faults.Add("see", "choice", "%.10q is no visibility; choose own, team or all", string(d.See))
	}
	if d.Role == Listed {
		for i, r := range d.Rights {
			if !slices.Contains(AllRights, r) {
				faults.Add(fmt.Sprintf("rights[%d]", i), "choice", "%.40q is no right; choose among %v", string(r), AllRights)
			}
		}
	} else if len(d.Rights) > 0 {
		faults.Add("rights", "role", "belong to the role %q; choose it, or leave them out", string(Listed))
	}
	if len(d.Teams) > 30 {
		faults.Add("teams", "list.length", "are %d, at most 30 are kept", len(d.Teams))
	}
	for i, team := range d.Teams {
		at := fmt.Sprintf("teams[%d]", i)
		faults.Required(at, team)
		checkText(&faults, at, team, 64)
		if strings.Contains(team, ",") {
			faults.Add(at, "text.form", "%.64q holds a comma; a team's key cannot", team)
		}
	}
	return d, faults.Err("the user's rights cannot be saved")
}

func (d UserDraft) fill(u *User, now time.Time) {
	u.UserID, u.Name, u.Role, u.See, u.Teams = d.UserID, d.Name, d.Role, d.See, d.Teams
	u.RightList = nil
	for _, r := range d.Rights {
		if !slices.Contains(u.RightList, string(r)) {
			u.RightList = append(u.RightList, string(r))
		}
	}
	switch {
	case !d.Disabled:
		u.DisabledAt = time.Time{}
	case u.DisabledAt.IsZero():
		u.DisabledAt = now
	}
}

// AllRights are all rights that can be given: those of an administrator, who has all that a user can have.
var AllRights = slices.Clone(actor.Admin)
