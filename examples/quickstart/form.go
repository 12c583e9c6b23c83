package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// captureForm serves a form on this machine, opens it as a browser does and sends it.
func (s *story) captureForm(ctx context.Context) (err error) {
	forms, err := web.NewForms(s.module.Leads, web.FormsConfig{
		Forms: []web.Form{{
			Key: "ajanlat", Company: hungary, Language: locale.Hungarian, Source: "honlap",
			Fields: []web.FormField{
				{Name: web.FieldFullName, Required: true}, {Name: web.FieldOrganization},
				{Name: web.FieldEmail, Required: true}, {Name: web.FieldPhone}, {Name: web.FieldMessage},
			},
			Brand: web.FormBrand{Name: "Fehérló Irodabútor"},
		}},
		Secret:  []byte(rand.Text() + rand.Text()),
		MinFill: time.Nanosecond, // nobody types here
	})
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/f/", forms)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close below
	defer func() { err = errors.Join(err, server.Close()) }()

	address := "http://" + listener.Addr().String() + "/f/ajanlat?utm_source=google&utm_medium=cpc&utm_campaign=oszi-iroda"
	typed := url.Values{
		"name": {"Szabóné Kürti Ágnes"}, "company": {"Zöldág Magánklinika Bt."}, "email": {"kurti.agnes@zoldag.test"},
		"phone": {"06 30 888 4411"}, "message": {"Várótermi székekre kérek ajánlatot."},
	}
	if err := send(ctx, address, typed); err != nil {
		return err
	}
	return s.checkFormLead(ctx)
}

// hidden finds the fields that a form carries beside those that people see.
var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// send opens the form, fills it and posts it.
func send(ctx context.Context, address string, typed url.Values) error {
	page, err := fetch(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	for _, field := range hidden.FindAllStringSubmatch(page, -1) {
		typed.Set(field[1], field[2])
	}
	_, err = fetch(ctx, http.MethodPost, address, typed)
	return err
}

func fetch(ctx context.Context, method, address string, form url.Values) (string, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return "", err
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", "http://"+request.URL.Host)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("the form answers %s", answer.Status)
	}
	return string(page), err
}

// checkFormLead looks for the lead that the form brought.
func (s *story) checkFormLead(ctx context.Context) error {
	ctx, err := s.as(ctx, hungary, "manager-hu")
	if err != nil {
		return err
	}
	found, err := s.module.Leads.List(ctx, lead.Filter{Campaign: "oszi-iroda"}, lead.ByArrival, store.Page{})
	if err != nil {
		return err
	}
	if err := same("the number of leads from the form", len(found.Rows), 1); err != nil {
		return err
	}
	row := found.Rows[0]
	s.say("%s, %s, %s; source %s / %s / %s", row.Name, row.Organization, row.Email, row.Source, row.Medium, row.Campaign)
	return nil
}
