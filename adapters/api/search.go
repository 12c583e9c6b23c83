package api

import (
	"context"
	"net/http"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/search"
)

// SearchHit is one record that was found.
type SearchHit struct {
	Kind     string   `json:"kind" example:"lead"`
	ID       ID       `json:"id,omitempty" doc:"The record's; of a contact or customer the party's. Left out for a customer of the host that CRM+ never had to do with."`
	PartyID  ID       `json:"party_id,omitempty"`
	HostKey  string   `json:"host_key,omitempty" doc:"The host's key of a customer."`
	Title    string   `json:"title"`
	Subtitle string   `json:"subtitle,omitempty"`
	State    string   `json:"state,omitempty"`
	Where    []string `json:"where" doc:"The fields it was found in."`
}

func hitOf(h search.Hit) SearchHit {
	return SearchHit{
		string(h.Kind), idOf(h.ID), idOf(h.PartyID), h.HostKey, h.Title, h.Subtitle, h.State,
		each(h.Where, func(f search.Field) string { return string(f) }),
	}
}

func (a *server) search() {
	add(a, route{ID: "search", Method: http.MethodGet, Path: "/search", Tag: "Search", Rights: readers, Summary: "Search all records by words in any order", Doc: "Accents and case do not matter; each word begins a word of the record."},
		func(ctx context.Context, m *crm.Module, in *struct {
			Text  string   `query:"q" required:"true" maxLength:"200"`
			Kind  []string `query:"kind" maxLength:"20" doc:"Any of them, by comma; all where it is left out."`
			Limit int      `query:"limit" minimum:"1" maximum:"50" default:"8" doc:"How many hits of each kind."`
		}) (*Listed[SearchHit], error) {
			r, err := m.Search.Find(ctx, search.Query{Text: in.Text, Kinds: words[search.Kind](in.Kind), Limit: in.Limit})
			var hits []SearchHit
			for _, g := range r.Groups {
				hits = append(hits, each(g.Hits, hitOf)...)
			}
			return listed(callOf(ctx), hits, ""), err
		})
}
