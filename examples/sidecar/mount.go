package main

import (
	"net/http"

	"github.com/crmplus/crmplus/adapters/api"
	"github.com/crmplus/crmplus/adapters/web"
)

// Where the parts of CRM+ stand.
const (
	screensPath = "/crm"
	apiPath     = "/api"
)

// mount puts the screens and the API of CRM+ into the service.
func (s *service) mount(mux *http.ServeMux) error {
	if s.config.API.Enabled {
		h, err := api.Handler(s.module, api.Config{Path: apiPath, Title: s.config.Screens.Name, Log: s.log})
		if err != nil {
			return err
		}
		mux.Handle(apiPath+"/", h)
	}
	if !s.config.Screens.Enabled {
		return nil
	}
	key, err := derive(s.config.SignOn.Secrets[0], "crmplus sidecar forms")
	if err != nil {
		return err
	}
	h, err := web.Handler(s.module, web.Config{
		Path: screensPath, Visitor: s.visitor, SignIn: "/login", Leave: "/logout", Languages: "/language", Key: key,
		Brand: web.Brand{Name: s.config.Screens.Name, Accent: s.config.Screens.Accent}, FrameAncestors: s.config.SignOn.FrameAncestors, Log: s.log,
	})
	if err != nil {
		return err
	}
	mux.Handle(screensPath+"/", s.sessions.keep(h))
	mux.Handle("GET /{$}", http.RedirectHandler(home, http.StatusSeeOther))
	return nil
}

// visitor tells the screens who is there, by the session.
func (s *service) visitor(r *http.Request) (web.Visitor, error) {
	one, err := s.sessions.read(r)
	if err != nil {
		return web.Visitor{}, nil // a stranger, whom the screens send to the sign-in
	}
	l := s.locales(one.Company)
	if one.Language != "" {
		l.Language = one.Language
	}
	return web.Visitor{Actor: one.actor(), Locale: l, Session: one.ID}, nil
}
