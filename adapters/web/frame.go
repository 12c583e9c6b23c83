package web

import (
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/erpbridge"
)

// Config says how the screens stand in the host.
type Config struct {
	// Path is where the handler is mounted, "/crm" where it is empty. Whatever stands before it in the
	// address is left alone.
	Path string
	// Visitor recognises who is behind a request, by the host's own session. It must be given.
	Visitor func(r *http.Request) (Visitor, error)
	// SignIn is where strangers are sent; the address of the page they wanted is added as "next". Where it
	// is empty they are refused with 401.
	SignIn string
	// Key signs form tokens and what the browser carries from one page to the next; at least 32 bytes, the
	// same in all processes.
	Key []byte
	// Shell writes the host's own layout around a page: Head inside <head>, Body where the screens shall
	// stand. nil takes ours.
	Shell func(w io.Writer, r *http.Request, p Page) error
	// Brand are the colour and the name that our shell shows.
	Brand Brand
	// Links gives the address of the host's own page of a record, "" for none: "customer", "order",
	// "delivery", "invoice", "product".
	Links func(kind, key string) string
	// FrameAncestors are the origins whose pages may show the screens in a frame, as in Content-Security-Policy;
	// the host's own origin alone where it is empty. Name "'self'" beside others.
	FrameAncestors []string
	// Languages is where the shell's language switch posts to ("language", "next"); none where it is empty.
	Languages string
	// Leave is where signing out posts to; none where it is empty.
	Leave string
	// Log gets what went wrong; slog.Default where it is nil.
	Log *slog.Logger
}

// Brand is how the screens look where they stand in our own shell; colours also hold in the host's.
type Brand struct {
	// Name stands above the menu.
	Name string
	// Accent is the colour of links and marks, "#rrggbb"; a quiet blue where it is empty.
	Accent string
}

// Visitor is a person at the screens.
type Visitor struct {
	// Actor is who acts. Anything but a user of the host is sent to the sign-in.
	Actor actor.Actor
	// Locale is how he reads: his language and zone, and the company's currency.
	Locale locale.Locale
	// Session tells one signing-in from another; form tokens hold for it alone.
	Session string
}

// Page is what a host's shell shows.
type Page struct {
	// Title is text; Head are our style and script elements; Body is the page.
	Title      string
	Head, Body template.HTML
	Language   locale.Language
	// Direction is "ltr" or "rtl".
	Direction string
	Visitor   Visitor
	// Section is the entry of the menu that is open: "leads", "opportunities", ...
	Section string
	// Path is the address of the page with its query, for coming back to it.
	Path string
}

// screens is the handler behind all pages.
type screens struct {
	module *crm.Module
	config Config
	// path has no slash at its end.
	path   string
	pages  *pages
	files  *files
	tokens signer
	log    *slog.Logger
	people *people
	// icons are those that were drawn already, by name.
	icons sync.Map
	// uploads are the files of leads that are being looked at or taken in.
	uploads *uploads
}

// Handler serves the screens. Everything that is wrong with the configuration is named at once.
func Handler(module *crm.Module, c Config) (http.Handler, error) {
	s, err := newScreens(module, c)
	if err != nil {
		return nil, err
	}
	return s.handler(), nil
}

func newScreens(module *crm.Module, c Config) (*screens, error) {
	if c.Path == "" {
		c.Path = "/crm"
	}
	c.Path = strings.TrimSuffix(c.Path, "/")
	if err := c.check(module); err != nil {
		return nil, err
	}
	s := &screens{module: module, config: c, path: c.Path, tokens: signer{c.Key}, log: c.Log, people: newPeople(), uploads: newUploads()}
	if s.log == nil {
		s.log = slog.Default()
	}
	var err error
	if s.files, err = newFiles(s.path + "/static"); err != nil {
		return nil, err
	}
	if accent := c.Brand.Accent; accent != "" {
		if err := s.files.add("theme.css", themeStyle(accent)); err != nil {
			return nil, err
		}
	}
	if s.pages, err = newPages(s); err != nil {
		return nil, err
	}
	return s, nil
}

func (c Config) check(module *crm.Module) error {
	var faults fault.List
	if module == nil {
		faults.Add("module", "required", "is missing; make one with crm.New")
	}
	if c.Visitor == nil {
		faults.Add("visitor", "required", "is missing; say who is behind a request by the host's own session")
	}
	if len(c.Key) < 32 {
		faults.Add("key", "short", "has %d bytes; give at least 32 random ones, the same in all processes", len(c.Key))
	}
	if c.Path != "" && (!strings.HasPrefix(c.Path, "/") || strings.ContainsAny(c.Path, "{}?# \t\r\n\"'<>\\")) || strings.Contains(c.Path, "//") {
		faults.Add("path", "form", "%q is no path; write it as /crm", c.Path)
	}
	if c.Brand.Accent != "" && !colourForm.MatchString(c.Brand.Accent) {
		faults.Add("brand.accent", "form", "%q is no colour; write it as #1d4ed8", c.Brand.Accent)
	}
	for _, origin := range c.FrameAncestors {
		if u, err := url.Parse(origin); origin != "'self'" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Path != "" || strings.ContainsAny(origin, ";, '\"")) {
			faults.Add("frame_ancestors", "form", "%q is no origin; write it as https://erp.example.com", origin)
		}
	}
	return faults.Err("the screens cannot be served with this configuration")
}

// Documents of the host, as links of pages name them.
func hostLink(links func(kind, key string) string, kind, key string) string {
	if links == nil || key == "" {
		return ""
	}
	return links(kind, key)
}

// DocumentLink is the address of the host's own page of a document, "" where it has none.
func (s *screens) documentLink(ref erpbridge.Ref) string {
	return hostLink(s.config.Links, string(ref.Kind), ref.Key)
}

// themeStyle sets the accent: as it is where the ground is light, and lighter where it is dark.
func themeStyle(accent string) string {
	ink := "#ffffff"
	if contrast(accent, "#000000") > contrast(accent, ink) {
		ink = "#000000"
	}
	return ".crm{--crm-accent:" + accent + ";--crm-accent-ink:" + ink + ";--crm-accent-dark:color-mix(in srgb," + accent + " 45%,#fff)}\n"
}

// theming is the address of the style that the host sets, "" for none.
func (s *screens) theming() string {
	if s.config.Brand.Accent == "" {
		return ""
	}
	return s.files.address("theme.css")
}

func (s *screens) now() time.Time { return s.module.DB().Now() }
