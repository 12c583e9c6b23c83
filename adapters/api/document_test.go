package api_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestDocument(t *testing.T) {
	w := newWorld(t)
	if n := len(w.contract().operations); n < 260 {
		t.Errorf("the document has %d operations", n)
	}
	for path, media := range map[string]string{"/openapi.json": "application/openapi+json", "/openapi.yaml": "application/openapi+yaml", "/docs": "text/html; charset=utf-8", "/docs/viewer.js": "text/javascript; charset=utf-8", "/docs/viewer.txt": "text/plain; charset=utf-8"} {
		a := w.must(http.StatusOK, "", "GET", path, "")
		if got := a.header.Get("Content-Type"); got != media {
			t.Errorf("%s comes as %q", path, got)
		}
		if !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'") {
			t.Errorf("%s: %q", path, a.header.Get("Content-Security-Policy"))
		}
	}
}

// TestDocumentInABrowser looks whether the viewer shows the operations under its strict policy, and asks
// nobody else for anything.
func TestDocumentInABrowser(t *testing.T) {
	if os.Getenv("CRMPLUS_BROWSER") != "1" {
		t.Skip("NOT RUN in a browser: set CRMPLUS_BROWSER=1")
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Navigate(w.server.URL+base+"/docs")); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	text := ""
	for !strings.Contains(text, "Take a lead in") {
		select {
		case <-ctx.Done():
			t.Fatalf("the operations never appeared: %.500s", text)
		case <-tick.C:
		}
		if text, err = chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("rapi-doc").shadowRoot?.textContent ?? ""`)); err != nil {
			t.Fatal(err)
		}
	}
	asked, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`performance.getEntriesByType("resource").map(e => e.name)`))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range asked {
		if !strings.HasPrefix(name, w.server.URL+base+"/") && !strings.HasPrefix(name, "data:") {
			t.Errorf("the page asks for %s", name)
		}
	}
	if file := os.Getenv("CRMPLUS_SCREENSHOT"); file != "" {
		shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err == nil {
			err = os.WriteFile(file, shot, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
	}
}
