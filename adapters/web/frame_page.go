package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/crmplus/crmplus/crm/locale"
)

//go:embed pages
var pageFiles embed.FS

// pages are the templates, once for each language, zone and currency that somebody reads in. Files whose
// names begin with "part" hold templates for all pages; each other file is one page, whose template
// "content" stands in the frame.
type pages struct {
	s     *screens
	base  map[string]*template.Template
	mu    sync.Mutex
	bound map[locale.Locale]map[string]*template.Template
}

func newPages(s *screens) (*pages, error) {
	base, err := parsedPages()
	return &pages{s: s, base: base, bound: map[locale.Locale]map[string]*template.Template{}}, err
}

// parsedPages are the pages by name, for all handlers of the process; they are cloned before they are used.
var parsedPages = sync.OnceValues(func() (map[string]*template.Template, error) {
	base := map[string]*template.Template{}
	names, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	shared := template.New("frame").Funcs((&screens{}).words(locale.Locale{}))
	if _, err := shared.ParseFS(pageFiles, "pages/part*.html", "pages/frame.html"); err != nil {
		return nil, err
	}
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "frame" || strings.HasPrefix(name, "part") {
			continue
		}
		t, err := shared.Clone()
		if err == nil {
			_, err = t.ParseFS(pageFiles, file)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		base[name] = t
	}
	return base, nil
})

// in gives a page whose words and numbers are those of a reader.
func (p *pages) in(l locale.Locale, name string) (*template.Template, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.bound[l][name]; t != nil {
		return t, nil
	}
	base := p.base[name]
	if base == nil {
		return nil, fmt.Errorf("there is no page %s", name)
	}
	t, err := base.Clone()
	if err != nil {
		return nil, err
	}
	if p.bound[l] == nil {
		if len(p.bound) > 64 { // zones are the hosts' own to say, but not without end
			clear(p.bound)
		}
		p.bound[l] = map[string]*template.Template{}
	}
	p.bound[l][name] = t.Funcs(p.s.words(l))
	return t, nil
}

// head is what the frame says about a page.
type head struct {
	// Title is text in the reader's language.
	Title string
	// Section is the entry of the menu that is open.
	Section string
	// Crumbs are the pages above this one.
	Crumbs []crumb
	// Wide takes the room of the standing panel.
	Wide bool
	// Scripts are further files that the page needs: "sortable.js".
	Scripts []string
}

type crumb struct{ Label, Path string }

// view is what templates are executed with: the page's own D, and what every page can ask. Inside range and
// with it is $.
type view struct {
	D any
	head
	v *visit
}

// CSRF is the token of forms.
func (w view) CSRF() string { return w.v.csrf() }

// May reports whether the visitor has a right.
func (w view) May(right string) bool { return w.v.may(rightOf(right)) }

// Me is the visitor.
func (w view) Me() Visitor { return w.v.Visitor }

// Here is the address of the page.
func (w view) Here() string { return w.v.here() }

// Now is the instant that ages are counted to.
func (w view) Now() any { return w.v.s.now() }

// show draws a page in the frame, and that in the host's shell.
func (v *visit) show(status int, name string, h head, data any) error {
	t, err := v.s.pages.in(v.Locale, name)
	if err != nil {
		return err
	}
	f, err := v.frame(h)
	if err != nil {
		return err
	}
	f.view = view{D: data, head: h, v: v}
	var body bytes.Buffer // a page that fails half-way is not sent
	if err := t.ExecuteTemplate(&body, "body", f); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	shown := Page{
		Title: h.Title, Language: v.Locale.Language, Direction: f.Direction, Visitor: v.Visitor, Section: h.Section, Path: v.here(),
		Body: template.HTML(body.String()), //nolint:gosec // our own template escaped it
	}
	var headOut, out bytes.Buffer
	if err := t.ExecuteTemplate(&headOut, "head", f); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	shown.Head = template.HTML(headOut.String()) //nolint:gosec // our own template escaped it
	if v.s.config.Shell != nil {
		err = v.s.config.Shell(&out, v.r, shown)
	} else {
		err = t.ExecuteTemplate(&out, "shell", shown)
	}
	if err != nil {
		return fmt.Errorf("the shell of page %s: %w", name, err)
	}
	return v.write(status, &out)
}

// fill draws one template of a page, for htmx to put into it.
func (v *visit) fill(status int, name, part string, data any) error {
	t, err := v.s.pages.in(v.Locale, name)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, part, view{D: data, v: v}); err != nil {
		return fmt.Errorf("page %s, part %s: %w", name, part, err)
	}
	v.carryToasts()
	return v.write(status, &out)
}

func (v *visit) write(status int, out *bytes.Buffer) error {
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Hx-Request, Accept-Encoding")
	if out.Len() > wholePacket && h.Get("Content-Encoding") == "" && acceptsGzip(v.r) {
		out = packed(out)
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(out.Len()))
	v.w.WriteHeader(status)
	if v.r.Method == http.MethodHead {
		return nil
	}
	_, _ = out.WriteTo(v.w) // where this fails, the reader has gone on
	return nil
}

// wholePacket is what one packet carries anyway; less is not worth compressing.
const wholePacket = 1400

var gzips = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is one there is
	return w
}}

// packed is a page compressed. Its length says nothing exact about what is in it: the header has a comment of
// a random length.
func packed(page *bytes.Buffer) *bytes.Buffer {
	out := new(bytes.Buffer)
	w := gzips.Get().(*gzip.Writer)
	defer gzips.Put(w)
	w.Reset(out)
	w.Comment = strings.Repeat("x", 1+rand.N(64))
	_, _ = page.WriteTo(w) // a buffer takes everything
	_ = w.Close()
	return out
}

// acceptsGzip reports whether the browser takes gzip, which all do that say nothing against it.
func acceptsGzip(r *http.Request) bool {
	for _, one := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.TrimSpace(name) == "gzip" {
			return !strings.HasPrefix(strings.ReplaceAll(quality, " ", ""), "q=0") || strings.ContainsAny(quality, "123456789")
		}
	}
	return false
}
