package web

import (
	"compress/gzip"
	"context"
	"fmt"
	"html"
	"html/template"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crmplus/crmplus/testutil"
)

// BenchmarkScreens lets clerks click through the pages over HTTP, with the background at work beside them:
// one alone, which shows what a page costs; twenty who read for a second before the next click; and twenty
// without a pause, who wait for each other. It reports the median and the 99th of 100 in milliseconds for
// each kind of page and for all, and logs beside it the bare limit: a page of the same size from a template
// without a database. CRMPLUS_BENCH_ROWS sets the number of leads, CRMPLUS_BENCH_FILE a SQLite file that is
// filled once and used again.
func BenchmarkScreens(b *testing.B) {
	run := func(b *testing.B, w *loadWorld) {
		w.server = httptest.NewServer(w.screens.handler())
		b.Cleanup(w.server.Close)
		ctx, stop := context.WithCancel(context.Background())
		stopped := make(chan error)
		go func() { stopped <- w.module.Run(ctx) }()
		defer func() { stop(); <-stopped }()
		b.Run("first", w.first)
		b.Run("alone", func(b *testing.B) { w.click(b, 1, 300, 0) })
		b.Run("clicking", func(b *testing.B) { w.click(b, loadClerks, 20, time.Second) })
		b.Run("rushing", func(b *testing.B) { w.click(b, loadClerks, 50, 0) })
		b.Run("bare", w.bare)
	}
	b.Run("sqlite", func(b *testing.B) { run(b, openLoadWorld(b, testutil.SQLite(b), loadRows(b))) })
	b.Run("mssql", func(b *testing.B) { run(b, openLoadWorld(b, testutil.MSSQL(b), min(loadRows(b), 20_000))) })
}

// sitting is a clerk at his browser.
type sitting struct {
	w      *loadWorld
	n      int
	random *rand.Rand
	client *http.Client
	// What is on the screen: addresses and ids that were shown last.
	leads, deals, quotes []string
	next, party, lead    string
	took                 map[string][]float64
	bad                  map[string]string
}

// clickKinds are what clerks do, each as often as its weight says.
var clickKinds = []struct {
	name   string
	weight int
	do     func(c *sitting, kind string)
}{
	{"today", 8, func(c *sitting, kind string) { c.get(kind, "/today") }},
	{"leads", 12, func(c *sitting, kind string) { c.list(kind, "/leads") }},
	{"leads-filter", 10, func(c *sitting, kind string) {
		c.list(kind, "/leads?"+c.any("owner=me", "status=new", "source=vásár", "status=working&source=web", "since=month", "status=all", "owner=none&status=new", "owner=me&source=google&status=nurturing"))
	}},
	{"leads-sort", 6, func(c *sitting, kind string) {
		c.list(kind, "/leads?"+c.any("sort=name", "sort=score", "sort=score&owner=me", "status=new&sort=name"))
	}},
	{"leads-next", 8, func(c *sitting, kind string) {
		if c.next == "" {
			c.list("leads", "/leads")
		}
		if c.next != "" {
			c.list(kind, c.next)
		}
	}},
	{"leads-find", 5, func(c *sitting, kind string) { c.part("list", func() { c.list(kind, "/leads?find="+c.word()) }) }},
	{"search-box", 8, func(c *sitting, kind string) {
		c.part("crm-found", func() { c.get(kind, "/search?q="+c.word()) })
	}},
	{"lead-card", 14, func(c *sitting, kind string) {
		if id := c.shown(&c.leads, "/leads"); id != "" {
			body := c.get(kind, "/leads/"+id)
			if found := partyOnPage.FindStringSubmatch(body); found != nil {
				c.party, c.lead = found[1], id
			}
		}
	}},
	{"board", 6, func(c *sitting, kind string) {
		c.deals = idsIn(c.get(kind, c.any("/opportunities", "/opportunities?owner=clerk"+fmt.Sprint(c.n))), "opportunities")
	}},
	{"deal-list", 4, func(c *sitting, kind string) { c.deals = idsIn(c.get(kind, "/opportunities?as=list"), "opportunities") }},
	{"deal-card", 8, func(c *sitting, kind string) {
		if id := c.shown(&c.deals, "/opportunities?as=list"); id != "" {
			c.get(kind, "/opportunities/"+id)
		}
	}},
	{"quotes", 4, func(c *sitting, kind string) {
		c.quotes = idsIn(c.get(kind, c.any("/quotes", "/quotes?state=draft", "/quotes?owner=clerk"+fmt.Sprint(c.n))), "quotes")
	}},
	{"quote-card", 3, func(c *sitting, kind string) {
		if id := c.shown(&c.quotes, "/quotes"); id != "" {
			c.get(kind, "/quotes/"+id)
		}
	}},
	{"calendar", 5, func(c *sitting, kind string) {
		c.get(kind, c.any("/calendar", "/calendar?view=month", "/calendar?view=day"))
	}},
	{"contacts", 3, func(c *sitting, kind string) { c.get(kind, "/contacts") }},
	{"customers", 2, func(c *sitting, kind string) { c.get(kind, "/customers") }},
	{"notices", 3, func(c *sitting, kind string) { c.get(kind, "/notices") }},
	{"bell", 3, func(c *sitting, kind string) { c.part("", func() { c.get(kind, "/notices/unread") }) }},
	{"set-status", 4, (*sitting).status},
	{"write-note", 4, func(c *sitting, kind string) {
		if c.party != "" {
			c.post(kind, "/activities", "kind", "note", "party", c.party, "lead", c.lead, "body", "Holnap visszahívom.", "next", "/crm/leads/"+c.lead)
		}
	}},
	{"move-deal", 3, func(c *sitting, kind string) {
		if id := c.shown(&c.deals, "/opportunities"); id != "" {
			to := c.w.stages[c.random.IntN(2)]
			c.part("board", func() { c.post(kind, "/opportunities/"+id+"/move", "stage", to.ID.String()) })
		}
	}},
}

// status opens the status of a line of the list and sets another one.
func (c *sitting) status(kind string) {
	id := c.shown(&c.leads, "/leads")
	if id == "" {
		return
	}
	c.part("", func() {
		body := c.get("open-status", "/leads/"+id+"/cell/status")
		version := versionOnPage.FindStringSubmatch(body)
		to := "working"
		if strings.Contains(body, `value="working" selected`) {
			to = "nurturing"
		}
		if version != nil && strings.Contains(body, `value="`+to+`"`) {
			c.post(kind, "/leads/"+id+"/cell/status", "status", to, "version", version[1])
		}
	})
}

var (
	partyOnPage   = regexp.MustCompile(`name="party" value="([0-9a-f-]{36})"`)
	versionOnPage = regexp.MustCompile(`name="version" value="(\d+)"`)
	nextOnPage    = regexp.MustCompile(`href="/crm(/leads\?[^"]*after=[^"]*)"`)
	idOnPage      = map[string]*regexp.Regexp{}
)

func init() { //nolint:gochecknoinits // flags of the benchmark
	for _, noun := range []string{"leads", "opportunities", "quotes"} {
		idOnPage[noun] = regexp.MustCompile(`href="/crm/` + noun + `/([0-9a-f-]{36})"`)
	}
}

// idsIn gives the records that the main part of a page links to.
func idsIn(body, noun string) []string {
	if _, main, ok := strings.Cut(body, `id="main"`); ok {
		body, _, _ = strings.Cut(main, `class="dock`)
	}
	var out []string
	for _, found := range idOnPage[noun].FindAllStringSubmatch(body, 100) {
		out = append(out, found[1])
	}
	return out
}

func (c *sitting) any(of ...string) string { return of[c.random.IntN(len(of))] }

// word is what people type: the beginning of a name, two names, a number.
func (c *sitting) word() string {
	family, given := loadFamilies[c.random.IntN(len(loadFamilies))], loadGivens[c.random.IntN(len(loadGivens))]
	return url.QueryEscape(c.any(string([]rune(family)[:3]), family, family+" "+given, given+" "+string([]rune(family)[:2]), fmt.Sprintf("30 000 %04d", c.random.IntN(10_000)), fmt.Sprintf("ceg%d.hu", c.random.IntN(1000))))
}

// shown picks a record of those on the screen, opening their list where there is none.
func (c *sitting) shown(from *[]string, list string) string {
	if len(*from) == 0 {
		switch list {
		case "/leads":
			c.list("leads", list)
		case "/quotes":
			c.quotes = idsIn(c.get("quotes", list), "quotes")
		case "/opportunities":
			c.deals = idsIn(c.get("board", list), "opportunities")
		default:
			c.deals = idsIn(c.get("deal-list", list), "opportunities")
		}
	}
	if len(*from) == 0 {
		return ""
	}
	return c.any(*from...)
}

func (c *sitting) list(kind, path string) {
	body := c.get(kind, path)
	c.leads, c.next = idsIn(body, "leads"), ""
	if found := nextOnPage.FindStringSubmatch(body); found != nil {
		c.next = html.UnescapeString(found[1])
	}
}

// part does something as htmx does, for a target.
func (c *sitting) part(target string, do func()) {
	before := c.client.Transport
	defer func() { c.client.Transport = before }()
	c.client.Transport = htmx{before, target, c.w.server.URL + "/crm/opportunities"}
	do()
}

type htmx struct {
	http.RoundTripper
	target, current string
}

func (h htmx) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Hx-Request", "true")
	r.Header.Set("Hx-Current-Url", h.current)
	if h.target != "" {
		r.Header.Set("Hx-Target", h.target)
	}
	return h.RoundTripper.RoundTrip(r)
}

func (c *sitting) get(kind, path string) string {
	r, err := http.NewRequest(http.MethodGet, c.w.server.URL+"/crm"+path, nil)
	c.w.must(err)
	return c.do(kind, r)
}

func (c *sitting) post(kind, path string, pairs ...string) {
	values := url.Values{"csrf": {c.w.screens.tokens.masked("csrf", "session of "+loadUser(c.n).ID)}}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest(http.MethodPost, c.w.server.URL+"/crm"+path, strings.NewReader(values.Encode()))
	c.w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	c.do(kind, r)
}

// do sends a request, and notes how long the whole answer took.
func (c *sitting) do(kind string, r *http.Request) string {
	r.AddCookie(&http.Cookie{Name: "clerk", Value: fmt.Sprint(c.n)})
	start := time.Now()
	answer, err := c.client.Do(r)
	if err != nil {
		c.bad[kind] = err.Error()
		return ""
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	c.took[kind] = append(c.took[kind], float64(time.Since(start).Microseconds())/1000)
	if err != nil || answer.StatusCode >= 400 && answer.StatusCode != http.StatusConflict {
		c.bad[kind] = fmt.Sprintf("%s %s: %d %v %.2000s", r.Method, r.URL, answer.StatusCode, err, body)
	}
	return string(body)
}

// click lets so many clerks click so often, with a pause between clicks, and reports what they waited for.
func (w *loadWorld) click(b *testing.B, people, clicks int, pause time.Duration) {
	total := 0
	for _, k := range clickKinds {
		total += k.weight
	}
	took := map[string][]float64{}
	start, number := time.Now(), 0
	for b.Loop() {
		var all sync.WaitGroup
		sittings := make([]*sitting, people)
		for n := range sittings {
			c := &sitting{
				w: w, n: n, random: rand.New(rand.NewPCG(uint64(n), 7)), took: map[string][]float64{}, bad: map[string]string{},
				client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
			}
			sittings[n] = c
			if people == 1 {
				c.n = 8 // sees everything
			}
			all.Go(func() {
				for range clicks {
					if pause > 0 {
						time.Sleep(time.Duration(c.random.Int64N(2 * int64(pause))))
					}
					at := c.random.IntN(total)
					for _, k := range clickKinds {
						if at -= k.weight; at < 0 {
							k.do(c, k.name)
							break
						}
					}
				}
			})
		}
		all.Wait()
		for _, c := range sittings {
			c.client.CloseIdleConnections()
			for kind, times := range c.took {
				took[kind] = append(took[kind], times...)
				took["all"] = append(took["all"], times...)
				number += len(times)
			}
			for kind, text := range c.bad {
				b.Errorf("%s failed: %s", kind, text)
			}
		}
	}
	b.ReportMetric(float64(number)/time.Since(start).Seconds(), "pages/s")
	b.ReportMetric(0, "ns/op")
	for _, kind := range slices.Sorted(maps.Keys(took)) {
		times := took[kind]
		slices.Sort(times)
		b.ReportMetric(times[len(times)/2], kind+"-p50-ms")
		b.ReportMetric(times[len(times)*99/100], kind+"-p99-ms")
	}
}

var fileOnPage = regexp.MustCompile(`(?:src|href|data-worker|data-icons)="(/crm/static/[^"#]+)`)

// first reports how much comes over the wire when the first page is opened: itself, and what it loads.
func (w *loadWorld) first(b *testing.B) {
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	load := func(path string) (int, string) {
		r, err := http.NewRequest(http.MethodGet, w.server.URL+path, nil)
		w.must(err)
		r.AddCookie(&http.Cookie{Name: "clerk", Value: "0"})
		r.Header.Set("Accept-Encoding", "gzip")
		answer, err := client.Do(r)
		w.must(err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		w.must(err)
		if answer.StatusCode != http.StatusOK {
			b.Fatalf("%s: %d", path, answer.StatusCode)
		}
		text := string(body)
		if answer.Header.Get("Content-Encoding") == "gzip" {
			packed, err := gzip.NewReader(strings.NewReader(text))
			w.must(err)
			plain, err := io.ReadAll(packed)
			w.must(err)
			text = string(plain)
		}
		return len(body), text
	}
	for b.Loop() {
		for _, page := range []string{"today", "leads"} {
			size, text := load("/crm/" + page)
			files := map[string]bool{}
			for _, found := range fileOnPage.FindAllStringSubmatch(text, -1) {
				files[found[1]] = true
			}
			sum := size
			for file := range files {
				n, _ := load(file)
				b.Logf("%s: %d bytes", file, n)
				sum += n
			}
			b.ReportMetric(float64(size)/1000, page+"-html-kB")
			b.ReportMetric(float64(sum)/1000, page+"-all-kB")
		}
	}
}

// bare is the limit: as many clerks get a page of the size of a list from a template, without a database.
func (w *loadWorld) bare(b *testing.B) {
	page := template.Must(template.New("bare").Parse(`<!doctype html><title>Bare</title><table>{{range .}}<tr>{{range .}}<td class="cell"><a href="/leads/{{.}}">{{.}}</a></td>{{end}}</tr>{{end}}</table>`))
	rows := make([][]string, 50)
	for i := range rows {
		rows[i] = slices.Repeat([]string{"Kovács Anna & Társa"}, 12)
	}
	var size int
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		var body strings.Builder
		_ = page.Execute(&body, rows)
		_, _ = io.WriteString(out, body.String())
	}))
	defer server.Close()
	var took []float64
	for b.Loop() {
		var all sync.WaitGroup
		var mu sync.Mutex
		for range loadClerks {
			all.Go(func() {
				client := &http.Client{Transport: &http.Transport{}}
				defer client.CloseIdleConnections()
				for range 100 {
					start := time.Now()
					answer, err := client.Get(server.URL)
					if err != nil {
						b.Error(err)
						return
					}
					n, _ := io.Copy(io.Discard, answer.Body)
					_ = answer.Body.Close()
					mu.Lock()
					took, size = append(took, float64(time.Since(start).Microseconds())/1000), int(n)
					mu.Unlock()
				}
			})
		}
		all.Wait()
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "all-p50-ms")
	b.ReportMetric(took[len(took)*99/100], "all-p99-ms")
	b.ReportMetric(float64(size)/1000, "page-kB")
	b.ReportMetric(0, "ns/op")
}
