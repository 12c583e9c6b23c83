package api

import (
	"context"
	"net/http"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/erpbridge"
)

// User is a user of the host.
type User struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Product is a product of the host.
type Product struct {
	Key   string `json:"key"`
	Code  string `json:"code"`
	Name  string `json:"name"`
	Unit  string `json:"unit,omitempty"`
	Group string `json:"group,omitempty"`
}

// Myself is who a key stands for.
type Myself struct {
	Company string   `json:"company"`
	User    string   `json:"user"`
	Name    string   `json:"name"`
	Teams   []string `json:"teams"`
	Rights  []string `json:"rights"`
	See     string   `json:"see" enum:"own,team,all"`
}

func (a *server) host() {
	const tag = "Host"
	add(a, route{ID: "get-myself", Method: http.MethodGet, Path: "/me", Tag: tag, Summary: "Read who the key stands for"},
		func(ctx context.Context, _ *crm.Module, _ *struct{}) (*Out[Myself], error) {
			who := callOf(ctx).holder.Actor
			return &Out[Myself]{Myself{who.Company, who.UserID, who.Name, some(who.Teams), each(who.Rights, func(r actor.Right) string { return string(r) }), string(who.See)}}, nil
		})
	add(a, route{ID: "list-users", Method: http.MethodGet, Path: "/users", Tag: tag, Rights: readers, Summary: "List the host's users"},
		func(ctx context.Context, m *crm.Module, _ *struct{}) (*Listed[User], error) {
			all, err := m.Colleagues(ctx)
			return listed(callOf(ctx), each(all, func(u erpbridge.User) User { return User{u.ID, u.Name} }), ""), err
		})
	add(a, route{ID: "list-products", Method: http.MethodGet, Path: "/products", Tag: tag, Rights: rights(actor.QuoteRead, actor.OpportunityRead), Summary: "Search the host's products by code or name"},
		func(ctx context.Context, m *crm.Module, in *struct {
			Text  string `query:"q" maxLength:"100"`
			Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
		}) (*Listed[Product], error) {
			all, err := m.Products(ctx, in.Text, in.Limit)
			return listed(callOf(ctx), each(all, func(p erpbridge.Product) Product { return Product{p.Key, p.Code, p.Name, p.Unit, p.Group} }), ""), err
		})
}
