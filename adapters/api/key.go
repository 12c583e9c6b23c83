package api

import (
	"context"
	"net/http"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/apikey"
)

// APIKey lets a program in.
type APIKey struct {
	ID         ID        `json:"id"`
	Name       string    `json:"name" example:"Webshop"`
	User       string    `json:"user" doc:"The host's user on whose behalf the program acts."`
	UserName   string    `json:"user_name"`
	Teams      []string  `json:"teams"`
	Rights     []string  `json:"rights"`
	See        string    `json:"see" enum:"own,team,all"`
	State      string    `json:"state" enum:"active,expired,revoked"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	LastUsedAt time.Time `json:"last_used_at,omitzero" doc:"To the hour."`
	RevokedAt  time.Time `json:"revoked_at,omitzero"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedBy  string    `json:"created_by"`
}

// NewAPIKey is a key with its secret.
type NewAPIKey struct {
	Key    APIKey `json:"key"`
	Secret string `json:"secret" doc:"What the program sends. It is told this once and cannot be read again."`
}

// APIKeyDraft describes a new key.
type APIKeyDraft struct {
	Name      string     `json:"name" maxLength:"80"`
	User      string     `json:"user,omitempty" maxLength:"64" doc:"The key's own user where it is left out."`
	UserName  string     `json:"user_name,omitempty" maxLength:"120"`
	Teams     []string   `json:"teams,omitempty" maxItems:"20" maxLength:"64"`
	Rights    []string   `json:"rights" maxItems:"50" doc:"None that the maker lacks." example:"[\"lead.read\",\"lead.capture\"]"`
	See       string     `json:"see,omitempty" enum:"own,team,all" doc:"own where it is left out."`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Never where it is left out."`
}

func apiKeyOf(now time.Time) func(apikey.Key) APIKey {
	return func(k apikey.Key) APIKey {
		return APIKey{
			idOf(k.ID), k.Name, k.UserID, k.UserName, some([]string(k.Teams)), some([]string(k.Rights)), string(k.See), string(k.StateAt(now)),
			k.ExpiresAt, k.LastUsedAt, k.RevokedAt, k.CreatedAt, k.CreatedBy,
		}
	}
}

func (a *server) keys() {
	const tag = "API keys"
	may := rights(actor.Settings)
	add(a, route{ID: "create-key", Method: http.MethodPost, Path: "/keys", Tag: tag, Rights: may, Status: http.StatusCreated, Secret: true, Summary: "Make an API key", Doc: "Its secret is told this once; therefore the request takes no Idempotency-Key."},
		func(ctx context.Context, m *crm.Module, in *struct{ Body APIKeyDraft }) (*Made[NewAPIKey], error) {
			b := in.Body
			issued, err := m.Keys.Create(ctx, apikey.Draft{
				Name: b.Name, User: b.User, UserName: b.UserName, Teams: b.Teams, Rights: words[actor.Right](b.Rights), See: actor.Visibility(b.See), Expires: timesOf(b.ExpiresAt),
			})
			k := apiKeyOf(m.DB().Now())(issued.Key)
			return &Made[NewAPIKey]{etag(issued.Key.Version), callOf(ctx).r.URL.Path + "/" + string(k.ID), NewAPIKey{k, issued.Secret}}, err
		})
	add(a, route{ID: "list-keys", Method: http.MethodGet, Path: "/keys", Tag: tag, Rights: may, Summary: "List the API keys, the newest first"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Fields
			Paging
		}) (*Listed[APIKey], error) {
			list, err := m.Keys.List(ctx, in.page())
			return listed(callOf(ctx), each(list.Keys, apiKeyOf(m.DB().Now())), list.Next), err
		})
	add(a, route{ID: "get-key", Method: http.MethodGet, Path: "/keys/{id}", Tag: tag, Rights: may, Summary: "Read an API key"},
		func(ctx context.Context, m *crm.Module, in *struct {
			ByID
			Fields
		}) (*Tagged[APIKey], error) {
			k, err := m.Keys.Get(ctx, keyOf[apikey.Tag](in.ID))
			return &Tagged[APIKey]{etag(k.Version), apiKeyOf(m.DB().Now())(k)}, err
		})
	add(a, route{ID: "revoke-key", Method: http.MethodDelete, Path: "/keys/{id}", Tag: tag, Rights: may, Summary: "End an API key for good", Doc: "It works no more within seconds. Done twice it changes nothing."},
		func(ctx context.Context, m *crm.Module, in *struct{ ByID }) (*Empty, error) {
			_, err := m.Keys.Revoke(ctx, keyOf[apikey.Tag](in.ID))
			return nil, err
		})
}
