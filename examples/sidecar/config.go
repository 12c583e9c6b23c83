package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/signon"
)

// config is the configuration file; config.example.yaml describes each key.
type config struct {
	Listen         string         `yaml:"listen"`
	Admin          string         `yaml:"admin"`
	PublicURL      string         `yaml:"public_url"`
	TrustedProxies []string       `yaml:"trusted_proxies"`
	StopWithin     time.Duration  `yaml:"stop_within"`
	Log            logConfig      `yaml:"log"`
	Database       databaseConfig `yaml:"database"`
	Host           hostConfig     `yaml:"host"`
	SignOn         signOnConfig   `yaml:"sign_on"`
	Screens        screensConfig  `yaml:"screens"`
	API            apiConfig      `yaml:"api"`
	Worker         workerConfig   `yaml:"worker"`
	Webhooks       webhookConfig  `yaml:"webhooks"`
	Mail           mailConfig     `yaml:"mail"`
	LinkKey        string         `yaml:"link_key"`
	LinkURL        string         `yaml:"link_url"`
	Forms          []formConfig   `yaml:"forms"`

	Newsletter newsletterConfig `yaml:"newsletter"`

	// folder is where the file lies: names of files in it are relative to it.
	folder string
}

type logConfig struct {
	Level string `yaml:"level"`
}

type databaseConfig struct {
	DSN         string `yaml:"dsn"`
	Connections int    `yaml:"connections"`
	Migrate     bool   `yaml:"migrate"`
}

type hostConfig struct {
	Mapping        string            `yaml:"mapping"`
	Procedures     string            `yaml:"procedures"`
	API            string            `yaml:"api"`
	Settings       map[string]string `yaml:"settings"`
	Secrets        map[string]string `yaml:"secrets"`
	AllowUnsafeSQL bool              `yaml:"allow_unsafe_sql"`
	Companies      []string          `yaml:"companies"`
}

type signOnConfig struct {
	Secrets        []string      `yaml:"secrets"`
	Issuer         string        `yaml:"issuer"`
	Audience       string        `yaml:"audience"`
	Idle           time.Duration `yaml:"idle"`
	Longest        time.Duration `yaml:"longest"`
	FrameAncestors []string      `yaml:"frame_ancestors"`
	Return         string        `yaml:"return"`
}

type screensConfig struct {
	Enabled bool   `yaml:"enabled"`
	Name    string `yaml:"name"`
	Accent  string `yaml:"accent"`
}

type apiConfig struct {
	Enabled bool `yaml:"enabled"`
}

type workerConfig struct {
	Enabled bool          `yaml:"enabled"`
	Poll    time.Duration `yaml:"poll"`
}

type webhookConfig struct {
	Allow []string `yaml:"allow"`
	Plain bool     `yaml:"plain"`
}

func defaults() config {
	return config{
		Listen: "127.0.0.1:8480", Admin: "127.0.0.1:8481", StopWithin: 20 * time.Second,
		Log: logConfig{Level: "info"}, Database: databaseConfig{Connections: 16},
		SignOn:  signOnConfig{Issuer: "erp", Audience: "crmplus", Idle: 30 * time.Minute, Longest: 12 * time.Hour},
		Screens: screensConfig{Enabled: true, Name: "CRM+"}, API: apiConfig{Enabled: true},
		Worker: workerConfig{Enabled: true, Poll: 5 * time.Second},
	}
}

// mostConfig is how long a configuration file may be.
const mostConfig = 256 << 10

// load reads the configuration and names everything that is wrong with it at once.
func load(file string, env func(name string) (string, bool)) (config, error) {
	s, err := os.Stat(file)
	if err != nil {
		return config{}, fault.Wrap(err, fault.Invalid, "the configuration %s cannot be read", file)
	}
	if s.Size() > mostConfig {
		return config{}, fault.New(fault.Invalid, "the configuration %s is longer than %d bytes", file, mostConfig)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return config{}, fault.Wrap(err, fault.Invalid, "the configuration %s cannot be read", file)
	}
	c, faults := decode(text, env)
	c.folder = filepath.Dir(file)
	list := fault.List(faults)
	if len(list) == 0 || !unreadable(list) {
		c.check(&list)
	}
	return c, list.Err("the configuration %s cannot be used", file)
}

// unreadable reports that the file as a whole was not understood, so that every value would be missing.
func unreadable(list fault.List) bool { return list[0].Code == "yaml" }

// found reports whether a fault at the path, or inside it, is known already.
func found(list fault.List, path string) bool {
	for _, f := range list {
		if f.Path == path || strings.HasPrefix(f.Path, path+".") || strings.HasPrefix(f.Path, path+"[") {
			return true
		}
	}
	return false
}

func (c config) check(list *fault.List) {
	var own fault.List
	own.Required("database.dsn", c.Database.DSN)
	if c.Database.Connections < 1 || c.Database.Connections > 1000 {
		own.Add("database.connections", "range", "is %d; give 1 to 1000", c.Database.Connections)
	}
	c.checkHost(&own)
	c.checkAddresses(&own)
	own.Merge("sign_on", c.tokens().Check())
	for i, origin := range c.SignOn.FrameAncestors {
		if !originForm.MatchString(origin) {
			own.Add(fmt.Sprintf("sign_on.frame_ancestors[%d]", i), "form", "%q is no origin; write it as https://erp.example.com", origin)
		}
	}
	if c.SignOn.Return != "" && !absolute(c.SignOn.Return) {
		own.Add("sign_on.return", "form", "%q is no address; write it as https://erp.example.com/crm", c.SignOn.Return)
	}
	if c.SignOn.Idle <= 0 || c.SignOn.Longest < c.SignOn.Idle || c.SignOn.Longest > 7*24*time.Hour {
		own.Add("sign_on.idle", "range", "idle is %s and longest %s; idle must be above zero, longest at least as much and at most 168h", c.SignOn.Idle, c.SignOn.Longest)
	}
	if c.StopWithin < time.Second || c.StopWithin > 10*time.Minute {
		own.Add("stop_within", "range", "is %s; give 1s to 10m", c.StopWithin)
	}
	if c.Worker.Poll < 100*time.Millisecond {
		own.Add("worker.poll", "range", "is %s; give at least 100ms", c.Worker.Poll)
	}
	if err := new(slog.Level).UnmarshalText([]byte(c.Log.Level)); err != nil {
		own.Add("log.level", "choice", "%q is no level; give debug, info, warn or error", c.Log.Level)
	}
	known := *list
	for _, f := range own {
		if !found(known, f.Path) {
			*list = append(*list, f)
		}
	}
}

func (c config) checkHost(list *fault.List) {
	named := 0
	for key, name := range map[string]string{"mapping": c.Host.Mapping, "procedures": c.Host.Procedures, "api": c.Host.API} {
		if name == "" {
			continue
		}
		named++
		if s, err := os.Stat(c.path(name)); err != nil || s.IsDir() {
			list.Add("host."+key, "file", "there is no file %s", c.path(name))
		}
	}
	if named != 1 {
		list.Add("host", "choice", "%d of mapping, procedures and api are given; exactly one describes the ERP", named)
	}
	for i, key := range c.Host.Companies {
		if strings.TrimSpace(key) == "" {
			list.Add(fmt.Sprintf("host.companies[%d]", i), "required", "is empty; give the ERP's key of the company")
		}
	}
	if len(c.Host.Companies) == 0 {
		list.Add("host.companies", "required", "are missing; list the ERP's keys of the companies that use CRM+")
	}
}

var originForm = regexp.MustCompile(`^https?://[a-z0-9.-]+(:[0-9]+)?$`)

func absolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

func (c config) checkAddresses(list *fault.List) {
	for key, address := range map[string]string{"listen": c.Listen, "admin": c.Admin} {
		if key == "admin" && address == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(address); err != nil {
			list.Add(key, "form", "%q is no address; write it as 127.0.0.1:8480, or :8480 for every network", address)
		}
	}
	switch u, _ := url.Parse(c.PublicURL); {
	case c.PublicURL == "":
		list.Add("public_url", "required", "is missing; give the address that browsers see, as https://crm.example.com")
	case !originForm.MatchString(c.PublicURL):
		list.Add("public_url", "form", "%q is no origin; write it as https://crm.example.com, without a path", c.PublicURL)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		list.Add("public_url", "scheme", "%q has no TLS, so that anybody on the way could take sessions over; put a proxy with a certificate before it and write https", c.PublicURL)
	case u.Scheme == "http" && len(c.SignOn.FrameAncestors) > 0:
		list.Add("public_url", "scheme", "browsers keep no session in a frame without TLS; write https, or take frame_ancestors away")
	}
	_, faults := prefixes("trusted_proxies", c.TrustedProxies)
	*list = append(*list, faults...)
	_, faults = prefixes("webhooks.allow", c.Webhooks.Allow)
	*list = append(*list, faults...)
	c.checkMail(list)
	c.checkLinks(list)
	c.checkForms(list)
	c.checkNewsletter(list)
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// prefixes reads networks; one address is a network of its own.
func prefixes(path string, texts []string) ([]netip.Prefix, []fault.Fault) {
	var faults fault.List
	list := make([]netip.Prefix, 0, len(texts))
	for i, text := range texts {
		if ip, err := netip.ParseAddr(text); err == nil {
			text = netip.PrefixFrom(ip, ip.BitLen()).String()
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			faults.Add(fmt.Sprintf("%s[%d]", path, i), "form", "%q is no network; write it as 10.0.0.0/8 or 10.0.0.7", text)
		}
		list = append(list, p)
	}
	return list, faults
}

// path is the place of a file that the configuration names.
func (c config) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.folder, name)
}

func (c config) tokens() signon.Config {
	return signon.Config{Secrets: c.SignOn.Secrets, Issuer: c.SignOn.Issuer, Audience: c.SignOn.Audience}
}

func (c config) secure() bool { return strings.HasPrefix(c.PublicURL, "https://") }
func (c config) framed() bool { return len(c.SignOn.FrameAncestors) > 0 }

// secrets are the texts that must never appear in a message.
func (c config) secrets() []string {
	list := slices.Concat([]string{c.LinkKey, c.Mail.SMTP.Password}, c.SignOn.Secrets, c.Newsletter.secrets())
	for _, s := range c.Host.Secrets {
		list = append(list, s)
	}
	if u, err := url.Parse(c.Database.DSN); err == nil && u.User != nil {
		if p, ok := u.User.Password(); ok && p != "" {
			list = append(list, p, url.QueryEscape(p), url.PathEscape(p))
		}
	}
	return list
}
