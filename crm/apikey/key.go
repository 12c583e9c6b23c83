package apikey

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

// Tag is the noun of the ids of API keys.
type Tag struct{}

// ID identifies an API key; it is part of the secret and no secret itself.
type ID = store.Key[Tag]

// Key is what a program shows to be let in.
type Key struct {
	bun.BaseModel `bun:"table:crm_api_key,alias:api_key"`

	ID ID `bun:"id,pk"`
	store.Record
	// Name says what the key is for: "Webshop".
	Name string `bun:"name,type:nvarchar(80)"`
	// UserID is the host's user on whose behalf the program acts, UserName what he is called.
	UserID   string `bun:"user_id,type:nvarchar(64)"`
	UserName string `bun:"user_name,type:nvarchar(120)"`
	// Teams are that user's teams; the first one is stamped on new records.
	Teams  Words            `bun:"teams,type:nvarchar(400)"`
	Rights Words            `bun:"rights,type:nvarchar(800)"`
	See    actor.Visibility `bun:"see,type:nvarchar(8)"`
	// Hash is the SHA-256 of the whole secret in hexadecimal.
	Hash string `bun:"hash,type:nvarchar(64)"`
	// ExpiresAt is when the key stops working, zero for never.
	ExpiresAt time.Time `bun:"expires_at,nullzero"`
	// LastUsedAt is noted at most once in [UsedEvery].
	LastUsedAt time.Time `bun:"last_used_at,nullzero"`
	RevokedAt  time.Time `bun:"revoked_at,nullzero"`
}

// State says whether a key works.
type State string

// The states of a key.
const (
	Active  State = "active"
	Expired State = "expired"
	Revoked State = "revoked"
)

// StateAt is the key's state at an instant.
func (k Key) StateAt(now time.Time) State {
	switch {
	case !k.RevokedAt.IsZero():
		return Revoked
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return Expired
	}
	return Active
}

// Actor is who acts with the key.
func (k Key) Actor() actor.Actor {
	rights := make(actor.Rights, len(k.Rights))
	for i, r := range k.Rights {
		rights[i] = actor.Right(r)
	}
	name := k.UserName
	if name == "" {
		name = k.UserID
	}
	return actor.User{
		Company: k.Company, ID: k.UserID, Name: fit(name+" ("+k.Name+")", 120), Teams: k.Teams, Rights: rights, See: k.See,
	}.Actor()
}

// fit cuts a text to at most n UTF-16 code units, at a rune.
func fit(text string, n int) string {
	for i, r := range text {
		size := 1
		if r > 0xFFFF {
			size = 2
		}
		if n -= size; n < 0 {
			return text[:i]
		}
	}
	return text
}
