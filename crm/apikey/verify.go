package apikey

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// CacheFor is how long a key that was read is taken as it is: a key that another process revoked works
// for this long.
const CacheFor = 3 * time.Second

// UsedEvery is how often the use of a key is noted.
const UsedEvery = time.Hour

// cached is the most keys that are remembered.
const cached = 10_000

// Holder is who shows a key.
type Holder struct {
	Key   ID
	Actor actor.Actor
}

// cache remembers keys by the hash of their secrets: a lookup takes no longer for a secret that is nearly
// right.
type cache struct {
	mu   sync.RWMutex
	keys map[string]entry
}

type entry struct {
	key    Key
	holder Holder
	read   time.Time
}

func newCache() *cache { return &cache{keys: map[string]entry{}} }

func (c *cache) get(hash string, now time.Time) (entry, bool) {
	c.mu.RLock()
	e, ok := c.keys[hash]
	c.mu.RUnlock()
	age := now.Sub(e.read)
	return e, ok && age >= 0 && age < CacheFor
}

func (c *cache) put(hash string, e entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.keys) >= cached {
		clear(c.keys)
	}
	c.keys[hash] = e
}

func (c *cache) forget(id ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for hash, e := range c.keys {
		if e.key.ID == id {
			delete(c.keys, hash)
		}
	}
}

// refused is the one answer to whatever is wrong with a secret, so that nobody learns which keys exist.
func refused() error {
	return fault.New(fault.Forbidden, "the API key is unknown, has expired or was revoked; use a valid one")
}

// Verify says who shows a secret; fault.Forbidden where it is not, or no more, that of a key. Nobody has
// to act yet.
func (k *Keys) Verify(ctx context.Context, secret string) (Holder, error) {
	id, ok := parse(secret)
	if !ok {
		return Holder{}, refused()
	}
	hash, now := hashOf(secret), k.db.Now()
	e, ok := k.cache.get(hash, now)
	if !ok {
		key, err := k.read(ctx, id)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return Holder{}, err
		}
		// A key that does not exist has an empty hash, which no secret has.
		if subtle.ConstantTimeCompare([]byte(key.Hash), []byte(hash)) != 1 {
			return Holder{}, refused()
		}
		e = entry{key: key, holder: Holder{Key: key.ID, Actor: key.Actor()}, read: now}
		if now.Sub(key.LastUsedAt) >= UsedEvery && key.StateAt(now) == Active {
			k.used(ctx, e.holder, now)
		}
		k.cache.put(hash, e)
	}
	if e.key.StateAt(now) != Active {
		return Holder{}, refused()
	}
	return e.holder, nil
}

// parse takes the id out of a secret.
func parse(secret string) (ID, bool) {
	var id ID
	rest, ok := strings.CutPrefix(secret, prefix)
	if !ok || len(rest) != 32+1+43 || rest[32] != '_' {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(rest[:32]))
	return id, err == nil
}

func (k *Keys) read(ctx context.Context, id ID) (Key, error) {
	var key Key
	company, err := k.db.CompanyOf(ctx, "crm_api_key", id[:])
	if err != nil {
		return key, err
	}
	ctx = actor.With(ctx, actor.System(company, "apikey"))
	err = k.db.Read(ctx, func(ctx context.Context, s *store.Session) error { return s.Get(ctx, &key, id) })
	return key, err
}

// used notes that a key is in use. It is a convenience for people who look for keys that nobody needs:
// where it cannot be noted the request is served all the same.
func (k *Keys) used(ctx context.Context, h Holder, now time.Time) {
	ctx = actor.With(ctx, actor.System(h.Actor.Company, "apikey"))
	_ = k.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		_, err := s.Exec(ctx, store.From[Key](""), "UPDATE crm_api_key SET last_used_at = ? WHERE {scope} AND id = ?", now, h.Key)
		return err
	})
}
