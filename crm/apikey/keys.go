package apikey

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// Config is what the package is told by its surroundings. The zero Config works.
type Config struct {
	// Users gives those of the ids that are users of the session's company; the user of a key is held
	// against it. nil takes every id as it comes.
	Users func(ctx context.Context, s *store.Session, ids []string) ([]string, error)
}

// Keys is the package's door. It is safe for many goroutines.
type Keys struct {
	db     *store.DB
	config Config
	cache  *cache
}

// New makes Keys on a database.
func New(db *store.DB, config Config) *Keys { return &Keys{db: db, config: config, cache: newCache()} }

// On gives a view that works on another view of the database and shares what is remembered of keys.
func (k *Keys) On(db *store.DB) *Keys { return &Keys{db: db, config: k.config, cache: k.cache} }

// In gives a view that works inside an open session.
func (k *Keys) In(s *store.Session) *Keys { return k.On(s.Inside()) }

// Draft describes a new key.
type Draft struct {
	// Name says what the key is for.
	Name string
	// User is the host's user on whose behalf the program acts, the one who makes the key where it is
	// empty; UserName is what he is called, Teams the teams he belongs to.
	User, UserName string
	Teams          []string
	// Rights must be among those of whoever makes the key, See not wider than his; See defaults to
	// actor.Own.
	Rights actor.Rights
	See    actor.Visibility
	// Expires is when the key stops working, zero for never.
	Expires time.Time
}

// Issued is a new key with its secret, which is told this once.
type Issued struct {
	Key    Key
	Secret string
}

// prefix begins each secret, so that scanners for leaked secrets know it.
const prefix = "crmp_"

// secretOf makes a secret: the id says which key it is, 256 random bits that it is the right one.
func secretOf(id ID) string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	return prefix + hex.EncodeToString(id[:]) + "_" + base64.RawURLEncoding.EncodeToString(random[:])
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Create makes a key. It needs the right actor.Settings; nobody can give a key more than he has.
func (k *Keys) Create(ctx context.Context, d Draft) (Issued, error) {
	return store.Write(ctx, k.db, actor.Settings, func(ctx context.Context, s *store.Session) (Issued, error) {
		key, err := k.prepare(ctx, s, d)
		if err != nil {
			return Issued{}, err
		}
		key.ID = store.NewKey[Tag](s)
		secret := secretOf(key.ID)
		key.Hash = hashOf(secret)
		return Issued{Key: key, Secret: secret}, s.Insert(ctx, &key)
	})
}

func (k *Keys) prepare(ctx context.Context, s *store.Session, d Draft) (Key, error) {
	key := Key{
		Name: strings.TrimSpace(d.Name), UserID: cmp.Or(strings.TrimSpace(d.User), s.Actor.HostUser()), UserName: strings.TrimSpace(d.UserName),
		Teams: d.Teams, See: cmp.Or(d.See, actor.Own), ExpiresAt: store.UTC(d.Expires),
	}
	if key.UserName == "" && key.UserID == s.Actor.UserID {
		key.UserName = s.Actor.Name
	}
	if d.Teams == nil && key.UserID == s.Actor.UserID {
		key.Teams = s.Actor.Teams
	}
	var faults fault.List
	faults.Required("name", key.Name)
	faults.Required("user", key.UserID)
	faults = append(faults, checkRights(s.Actor, d.Rights)...)
	for _, r := range d.Rights {
		if !slices.Contains(key.Rights, string(r)) {
			key.Rights = append(key.Rights, string(r))
		}
	}
	if faults = append(faults, checkSee(s.Actor, key.See)...); !key.ExpiresAt.IsZero() && !key.ExpiresAt.After(s.Now) {
		faults.Add("expires_at", "date.past", "is over; give a time to come, or none")
	}
	for i, team := range key.Teams {
		if team == "" || strings.Contains(team, ",") {
			faults.Add(fmt.Sprintf("teams[%d]", i), "text.form", "%.60q is no team's key; give it without commas", team)
		}
	}
	if k.config.Users != nil && key.UserID != "" {
		known, err := k.config.Users(ctx, s, []string{key.UserID})
		if err != nil {
			return key, err
		}
		if len(known) == 0 {
			faults.Add("user", "unknown", "%.64q is no user of the host; choose one of its users", key.UserID)
		}
	}
	return key, faults.Err("the API key cannot be made")
}

// Rights are all rights that a key can have.
func Rights() actor.Rights { return append(slices.Clone(actor.Admin), actor.QuoteAnswer) }

func checkRights(a actor.Actor, rights actor.Rights) []fault.Fault {
	var faults fault.List
	if len(rights) == 0 {
		faults.Add("rights", "required", "is missing; name what the key may do, such as %s", actor.LeadRead)
	}
	for i, r := range rights {
		path := fmt.Sprintf("rights[%d]", i)
		switch {
		case !slices.Contains(Rights(), r):
			faults.Add(path, "choice", "%.60q is no right; choose among %v", string(r), Rights())
		case !a.May(r):
			faults.Add(path, "exceeds", "you lack the right %q yourself; somebody who has it can give it", string(r))
		}
	}
	return faults
}

// widths orders the visibilities.
var widths = []actor.Visibility{actor.Own, actor.Team, actor.All}

func checkSee(a actor.Actor, see actor.Visibility) []fault.Fault {
	var faults fault.List
	switch wanted := slices.Index(widths, see); {
	case wanted < 0:
		faults.Add("see", "choice", "%.20q is no visibility; choose among %v", string(see), widths)
	case wanted > slices.Index(widths, a.See):
		faults.Add("see", "exceeds", "is wider than what you see yourself (%s)", a.See)
	}
	return faults
}

// List is one page of keys.
type List struct {
	Keys []Key
	// Next is the store.Page.After of the next page, "" where this is the last one.
	Next string
}

// List gives the company's keys, the newest first. It needs the right actor.Settings.
func (k *Keys) List(ctx context.Context, page store.Page) (List, error) {
	return store.Read(ctx, k.db, actor.Settings, func(ctx context.Context, s *store.Session) (List, error) {
		var out List
		order := store.Order{Column: "api_key.created_at", ID: "api_key.id", Desc: true}
		if err := s.Paged(s.Select(&out.Keys), order, page).Scan(ctx); err != nil {
			return out, err
		}
		if n := len(out.Keys); n == page.Size() {
			out.Next = store.Cursor(out.Keys[n-1].CreatedAt, out.Keys[n-1].ID)
		}
		return out, nil
	})
}

// Get reads one key. It needs the right actor.Settings.
func (k *Keys) Get(ctx context.Context, id ID) (Key, error) {
	return store.Read(ctx, k.db, actor.Settings, func(ctx context.Context, s *store.Session) (Key, error) {
		var key Key
		return key, s.Get(ctx, &key, id)
	})
}

// Revoke ends a key for good. It works no more in this process when Revoke returns, in other processes
// after [CacheFor]. Done twice it changes nothing. It needs the right actor.Settings.
func (k *Keys) Revoke(ctx context.Context, id ID) (Key, error) {
	return store.Write(ctx, k.db, actor.Settings, func(ctx context.Context, s *store.Session) (Key, error) {
		var was Key
		if err := s.Lock(ctx, &was, id); err != nil || !was.RevokedAt.IsZero() {
			return was, err
		}
		next := was
		next.RevokedAt = s.Now
		if err := s.Save(ctx, &was, &next); err != nil {
			return was, err
		}
		k.cache.forget(id)
		s.OnCommit(func() { k.cache.forget(id) }) // whoever asked between the two has read the old state
		return next, nil
	})
}
