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
	quotesPath  = "/q/"
	formsPath   = "/f/"
)

// mount puts the screens, the pages for the public and the API of CRM+ into the service.
func (s *service) mount(mux *http.ServeMux) error {
	if err := s.mountPublic(mux); err != nil {
		return err
	}
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

// mountPublic puts in what needs no sign-on: the pages where readers answer quotes, and the forms.
func (s *service) mountPublic(mux *http.ServeMux) error {
	if s.config.LinkKey != "" {
		key, err := derive(s.config.SignOn.Secrets[0], "crmplus sidecar quote pages")
		if err != nil {
			return err
		}
		h, err := web.QuotePages(s.module.Quotes, web.QuotePagesConfig{Secret: key, Log: s.log})
		if err != nil {
			return err
		}
		mux.Handle(quotesPath, h)
	}
	if err := s.mountLetters(mux); err != nil {
		return err
	}
	if len(s.config.Forms) == 0 {
		return nil
	}
	key, err := derive(s.config.SignOn.Secrets[0], "crmplus sidecar public forms")
	if err != nil {
		return err
	}
	h, err := web.NewForms(s.module.Leads, s.config.forms(key, s.log))
	if err != nil {
		return err
	}
	mux.Handle(formsPath, h)
	return nil
}

// visitor tells the screens who is there, by the session.
func (s *service) visitor(r *http.Request) (web.Visitor, error) {
	one, err := s.sessions.read(r)
	if err != nil {
		return web.Visitor{}, nil //nolint:nilerr // a stranger, whom the screens send to the sign-in
	}
	l := s.locales(one.Company)
	if one.Language != "" {
		l.Language = one.Language
	}
	return web.Visitor{Actor: one.actor(), Locale: l, Session: one.ID}, nil
}
