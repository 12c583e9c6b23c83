package main

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/crmplus/crmplus/adapters/smtp"
	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/lead"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/mail"
	"github.com/crmplus/crmplus/quote"
)

// mailConfig says how mails go out: by a server, or for tries into a folder.
type mailConfig struct {
	SMTP   smtpConfig   `yaml:"smtp"`
	Folder string       `yaml:"folder"`
	From   senderConfig `yaml:"from"`
}

type senderConfig struct {
	Name  string `yaml:"name"`
	Email string `yaml:"email"`
}

type smtpConfig struct {
	Server         string     `yaml:"server"`
	Port           int        `yaml:"port"`
	TLS            string     `yaml:"tls"`
	Auth           string     `yaml:"auth"`
	Username       string     `yaml:"username"`
	Password       string     `yaml:"password"`
	HELO           string     `yaml:"helo"`
	AllowCleartext bool       `yaml:"allow_cleartext"`
	DKIM           dkimConfig `yaml:"dkim"`
}

type dkimConfig struct {
	Domain   string `yaml:"domain"`
	Selector string `yaml:"selector"`
	KeyFile  string `yaml:"key_file"`
}

// formConfig is one form that brings leads from web pages.
type formConfig struct {
	Key         string        `yaml:"key"`
	Company     string        `yaml:"company"`
	Language    string        `yaml:"language"`
	Origins     []string      `yaml:"origins"`
	Source      string        `yaml:"source"`
	Campaign    string        `yaml:"campaign"`
	Title       string        `yaml:"title"`
	Intro       string        `yaml:"intro"`
	RedirectURL string        `yaml:"redirect_url"`
	Consent     consentConfig `yaml:"consent"`
}

type consentConfig struct {
	Text      string `yaml:"text"`
	Version   string `yaml:"version"`
	PolicyURL string `yaml:"policy_url"`
	Required  bool   `yaml:"required"`
}

// server is a mail server; the key of the signatures is read from its file.
func (c config) server(s smtpConfig) (smtp.Config, error) {
	out := smtp.Config{
		Host: s.Server, Port: s.Port, TLS: smtp.Security(s.TLS), AllowCleartext: s.AllowCleartext, Auth: smtp.Auth(s.Auth),
		Username: s.Username, Password: s.Password, HELO: s.HELO,
	}
	if s.DKIM == (dkimConfig{}) {
		return out, nil
	}
	key, err := c.signature(s.DKIM)
	out.DKIM = &key
	return out, err
}

// signature reads the key of signatures from its file; that none is named is said by the mailer.
func (c config) signature(k dkimConfig) (d smtp.DKIM, err error) {
	d = smtp.DKIM{Domain: k.Domain, Selector: k.Selector}
	if k.KeyFile != "" {
		d.PEM, err = os.ReadFile(c.path(k.KeyFile))
	}
	return d, err
}

// mailer hands mails over; nil where nothing is said of mails, which then wait.
func (c config) mailer() (mail.Mailer, error) {
	switch {
	case c.Mail.Folder != "":
		return smtp.Folder{Path: c.path(c.Mail.Folder)}, nil
	case c.Mail.SMTP == (smtpConfig{}):
		return nil, nil
	}
	server, err := c.server(c.Mail.SMTP)
	if err != nil {
		return nil, err
	}
	return smtp.New(server)
}

// smtpKeys are the keys of this file for fields of [smtp.Config] that are called otherwise there.
var smtpKeys = map[string]string{"host": "server", "dkim.key": "dkim.key_file"}

func (c config) checkMail(list *fault.List) {
	if c.Mail.Folder != "" && c.Mail.SMTP != (smtpConfig{}) {
		list.Add("mail", "choice", "says smtp and folder; give one of them")
	}
	if c.Mail.SMTP != (smtpConfig{}) {
		c.checkServer("mail.smtp", c.Mail.SMTP, list)
	}
	c.Mail.From.check("mail.from", list)
}

// checkServer judges a mail server that stands under the path.
func (c config) checkServer(path string, s smtpConfig, list *fault.List) {
	server, err := c.server(s)
	if err != nil {
		list.Add(path+".dkim.key_file", "file", "the file %s cannot be read", c.path(s.DKIM.KeyFile))
		return
	}
	_, err = smtp.New(server)
	for _, f := range fault.Of(err) {
		if key, ok := smtpKeys[f.Path]; ok {
			f.Path = key
		}
		list.Add(path+"."+f.Path, f.Code, "%s", f.Message)
	}
}

// check judges a sender that stands under the path, where there is one.
func (s senderConfig) check(path string, list *fault.List) {
	at := strings.LastIndexByte(s.Email, '@')
	if s != (senderConfig{}) && (at < 1 || at == len(s.Email)-1 || strings.ContainsAny(s.Email, " \t\r\n<>,")) {
		list.Add(path+".email", "email.form", "%q is no e-mail address; write it as sales@example.com", s.Email)
	}
}

// linkKey signs the links in mails; nil where there is none.
func (c config) linkKey() []byte {
	key, _ := base64.StdEncoding.DecodeString(c.LinkKey) // judged with the configuration
	return key
}

// linkURL is the address below which readers reach the pages of quotes.
func (c config) linkURL() string {
	if c.LinkURL != "" {
		return c.LinkURL + quotesPath
	}
	return c.PublicURL + quotesPath
}

func (c config) checkLinks(list *fault.List) {
	key, err := base64.StdEncoding.DecodeString(c.LinkKey)
	if c.LinkKey != "" && (err != nil || len(key) < quote.LinkKeyLength) {
		list.Add("link_key", "form", "is not base64 of at least %d random bytes; make it with openssl rand -base64 32", quote.LinkKeyLength)
	}
	switch u, _ := url.Parse(c.LinkURL); {
	case c.LinkURL == "":
	case c.LinkKey == "":
		list.Add("link_key", "required", "is missing; the links below link_url are signed by it")
	case !originForm.MatchString(c.LinkURL):
		list.Add("link_url", "form", "%q is no origin; write it as https://offers.example.com, without a path", c.LinkURL)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		list.Add("link_url", "scheme", "%q has no TLS, so that anybody on the way could read quotes and answer them; write https", c.LinkURL)
	}
}

// quotes says from whom quotes come, and where they are answered.
func (c config) quotes() crm.QuoteConfig {
	var out crm.QuoteConfig
	if from := c.Mail.From; from.Email != "" {
		out.Sender = func(string) mail.Address { return mail.Address(from) }
	}
	if c.LinkKey != "" {
		out.PublicURL = func(string) string { return c.linkURL() }
	}
	return out
}

// figures says where mails of reports, clocks and rules lead, and from whom they come.
func (c config) figures() crm.FigureConfig {
	out := crm.FigureConfig{ScreensURL: func(string) string { return c.PublicURL + screensPath }}
	if from := c.Mail.From; from.Email != "" {
		out.Sender = func(string) mail.Address { return mail.Address(from) }
	}
	return out
}

// forms are the forms for web pages. Each may be sent from its own page too, also where a proxy changes the
// Host header.
func (c config) forms(secret []byte, log *slog.Logger) web.FormsConfig {
	out := web.FormsConfig{Secret: secret, Log: log}
	own := []string{web.OwnPage}
	if originForm.MatchString(c.PublicURL) { // else it is a fault of its own
		own = append(own, c.PublicURL)
	}
	for _, f := range c.Forms {
		out.Forms = append(out.Forms, web.Form{
			Key: f.Key, Company: f.Company, Language: locale.Language(f.Language), Origins: slices.Concat(f.Origins, own),
			Source: f.Source, Campaign: f.Campaign, Title: f.Title, Intro: f.Intro, RedirectURL: f.RedirectURL, Consent: web.FormConsent(f.Consent),
		})
		if u, err := url.Parse(f.RedirectURL); err == nil && u.Host != "" {
			out.RedirectOrigins = append(out.RedirectOrigins, u.Scheme+"://"+u.Host)
		}
	}
	return out
}

func (c config) checkForms(list *fault.List) {
	if len(c.Forms) == 0 {
		return
	}
	for i, f := range c.Forms {
		if f.Company != "" && !slices.Contains(c.Host.Companies, f.Company) {
			list.Add(fmt.Sprintf("forms[%d].company", i), "unknown", "%q is none of host.companies", f.Company)
		}
	}
	// No lead comes in here: the forms are only judged.
	_, err := web.NewForms((*lead.Leads)(nil), c.forms(make([]byte, 32), slog.New(slog.DiscardHandler)))
	*list = append(*list, fault.Of(err)...)
}
