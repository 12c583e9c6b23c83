package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	chromepage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// startBrowser starts one headless Chromium for all seats of a test. Without CRMPLUS_BROWSER=1 the long tests
// in it are skipped; with it a missing Chromium is a failure.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	if os.Getenv("CRMPLUS_BROWSER") != "1" && os.Getenv("CRMPLUS_SCREENSHOTS") == "" {
		t.Skip("NOT RUN in a browser: set CRMPLUS_BROWSER=1")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Fatal("there is no chromium; install it, or do without CRMPLUS_BROWSER=1")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1440, 900))
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if _, err := chromedp.Run(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// manner is how somebody sits at his browser.
type manner struct {
	// who signs in: "HU01/kovacs"; nobody where it is "".
	who string
	// language is switched to after the sign-in, where it is not the user's own.
	language         string
	phone, dark, raw bool
}

// seat is a browser of somebody's own: cookies, storage, one page. raw in its manner is one without JavaScript.
type seat struct {
	t    *testing.T
	ctx  context.Context
	base string
	mu   sync.Mutex
	// faults are what the console said.
	faults []string
}

const (
	wide, high           = 1440, 900
	phoneWide, phoneHigh = 390, 844
)

// seat opens a browser for somebody, at the page he comes to after signing in.
func (o *office) seat(t *testing.T, browser context.Context, m manner) *seat {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 20*time.Minute) // the tour opens a hundred pages, in four browsers at once
	t.Cleanup(cancel)
	s := &seat{t: t, ctx: ctx, base: o.web.URL}
	s.must(chromedp.Listen(ctx, s.hear))
	s.size(m)
	if m.raw {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		s.must(err)
	}
	t.Cleanup(s.checkConsole)
	if m.who == "" {
		return s
	}
	s.signIn(m)
	return s
}

// signIn chooses who sits there and in which language, whoever sat there before.
func (s *seat) signIn(m manner) {
	s.t.Helper()
	s.open("/login")
	s.click(fmt.Sprintf("button[value=%q]", m.who))
	s.at("^/crm/today$")
	if m.language != "" {
		s.language(m.language)
	}
}

// language switches by the ERP's own menu.
func (s *seat) language(code string) {
	s.t.Helper()
	s.script(fmt.Sprintf(`(() => { const f = document.querySelector('form[action="/language"]'); f.querySelector("select").value = %q; f.submit() })()`, code))
	s.until(fmt.Sprintf(`document.documentElement.lang === %q && document.readyState === "complete"`, code))
}

// size makes the window a desk's or a phone's, light or dark.
func (s *seat) size(m manner) {
	s.t.Helper()
	w, h := int64(wide), int64(high)
	if m.phone {
		w, h = phoneWide, phoneHigh
	}
	_, err := chromedp.Call(s.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: w, Height: h, DeviceScaleFactor: 1, Mobile: m.phone})
	s.must(err)
	scheme := "light"
	if m.dark {
		scheme = "dark"
	}
	_, err = chromedp.Call(s.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	s.must(err)
}

func (s *seat) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// hear notes what the console says: exceptions, refusals of the Content-Security-Policy, files that do not
// come. Answers that refuse a form are no fault, nor is the icon that public pages leave to the host. Questions whether to leave the page are answered with yes.
func (s *seat) hear(event any) {
	said := ""
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			said = e.Entry.Text + " " + e.Entry.URL
		}
	case *runtime.EventExceptionThrown:
		said = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			said += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, a := range e.Args {
				said += string(a.Value) + a.Description + " "
			}
		}
	case *chromepage.EventJavascriptDialogOpening:
		go func() {
			_, _ = chromedp.Call(s.ctx, chromepage.HandleJavaScriptDialog, chromepage.HandleJavaScriptDialogParams{Accept: true})
		}()
	}
	if said == "" || strings.Contains(said, "status of 422") || strings.Contains(said, "status of 409") || strings.Contains(said, "/favicon.ico") {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, said)
}

// checkConsole fails the test where the console said anything.
func (s *seat) checkConsole() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, said := range s.faults {
		s.t.Errorf("the console says: %s", said)
	}
	s.faults = nil
}

// open goes to a page, of this server unless the address is a whole one.
func (s *seat) open(address string) {
	s.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = s.base + address
	}
	if _, err := chromedp.Run(s.ctx, chromedp.Navigate(address)); err != nil {
		s.t.Fatalf("%s: %v", address, err)
	}
}

// script runs one in the page and forgets what it gives.
func (s *seat) script(text string) {
	s.t.Helper()
	if _, err := chromedp.Run(s.ctx, chromedp.Evaluate[any](text, chromedp.EvalAwaitPromise)); err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
}

// ask gives what a script says.
func ask[T any](s *seat, text string) T {
	s.t.Helper()
	v, err := chromedp.Run(s.ctx, chromedp.Evaluate[T](text, chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatalf("%v in %s", err, text)
	}
	return v
}

// until waits for a script to say true. While the browser goes from page to page there is nobody to ask.
func (s *seat) until(text string) {
	s.t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := chromedp.Run(s.ctx, chromedp.Evaluate[bool]("!!("+text+")")); err == nil && ok {
			return
		}
		select {
		case <-deadline.C:
			s.t.Fatalf("never became true: %s\nat %s: %.700s", text, ask[string](s, "location.href"), ask[string](s, `(document.querySelector("dialog[open]") || document.querySelector("main") || document.body).innerText.replace(/\s+/g, " ")`))
		case <-s.ctx.Done():
			s.t.Fatalf("%v while waiting for %s", s.ctx.Err(), text)
		case <-tick.C:
		}
	}
}

// sees waits until all texts stand on the page.
func (s *seat) sees(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		s.until(fmt.Sprintf(`document.body.innerText.replace(/\s/g, " ").includes(%s)`, quoted(strings.Join(strings.Fields(text), " "))))
	}
}

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// visible is a function of scripts: the first element of a selector that is shown, with a text where one is
// given; an open dialog hides what is behind it.
const visible = `((selector, text) => { const open = document.querySelector("dialog[open]"); return [...(open || document).querySelectorAll(selector)].find(e => e.checkVisibility({ visibilityProperty: true }) && (!text || e.textContent.trim().replace(/\s+/g, " ").includes(text))) })`

func found(selector, text string) string {
	return fmt.Sprintf("%s(%s, %s)", visible, quoted(selector), quoted(text))
}

// click presses what a selector finds.
func (s *seat) click(selector string) {
	s.t.Helper()
	s.press(selector, "")
}

// press presses what a selector finds and a text stands on.
func (s *seat) press(selector, text string) {
	s.t.Helper()
	s.until(fmt.Sprintf(`document.readyState === "complete" && (e => e && (e.click(), true))(%s)`, found(selector, text)))
}

// fill types into a field as a person does: what stood there is replaced.
func (s *seat) fill(selector, text string) {
	s.t.Helper()
	s.until(found(selector, ""))
	s.script(fmt.Sprintf(`(e => { e.focus(); e.select && e.select() })(%s)`, found(selector, "")))
	s.write(text)
	s.script(fmt.Sprintf(`(e => { if (e.value !== undefined) e.dispatchEvent(new Event("change", { bubbles: true })) })(%s)`, found(selector, "")))
}

// write types where the focus is.
func (s *seat) write(text string) {
	s.t.Helper()
	_, err := chromedp.Call(s.ctx, input.InsertText, input.InsertTextParams{Text: text})
	s.must(err)
}

// keys presses keys, one after another; modifiers hold for all of them.
func (s *seat) keys(keys string, modifiers ...chromedp.Modifier) {
	s.t.Helper()
	_, err := chromedp.Run(s.ctx, chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
	s.must(err)
}

// leaving does something after which another page comes, or this one anew, and waits for it.
func (s *seat) leaving(do func()) {
	s.t.Helper()
	s.script("window.left = false")
	do()
	s.until(`window.left === undefined && document.readyState === "complete"`)
}

// at waits for a page by its path, a regular expression of JavaScript, and for its scripts.
func (s *seat) at(path string) {
	s.t.Helper()
	s.until(fmt.Sprintf(`new RegExp(%s).test(location.pathname) && document.readyState === "complete"`, quoted(path)))
}

// path is where the browser is.
func (s *seat) path() string {
	s.t.Helper()
	return ask[string](s, "location.pathname")
}
