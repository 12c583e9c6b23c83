package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/crmplus/crmplus/adapters/web"
	"github.com/crmplus/crmplus/testutil"
)

// browser starts a headless Chromium, or skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	if os.Getenv("CRMPLUS_BROWSER") != "1" {
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
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%v in %s", err, script)
	}
	return v
}

// until repeats a script until it gives true.
func until(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if evaluate[bool](t, ctx, script) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("never became true: %s", script)
		case <-tick.C:
		}
	}
}

// TestFormInABrowser fills in the page and the snippet as a visitor does, in a real browser with the
// real Content-Security-Policy; the snippet stands on a page of another origin that allows scripts of
// the form's server only.
func TestFormInABrowser(t *testing.T) {
	ctx := browser(t)
	env := testutil.SQLite(t)
	var snippet string
	marketer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><title>Minta</title><h1>Lámpák</h1>%s", snippet)
	}))
	defer marketer.Close()
	var forms http.Handler
	erp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { forms.ServeHTTP(w, r) }))
	defer erp.Close()
	form := exampleForms(env.Company)[0]
	form.Origins = []string{web.OwnPage, marketer.URL}
	w := newWorld(t, env, func(c *web.FormsConfig) {
		c.Forms, c.Now, c.MinFill = []web.Form{form}, time.Now, 100*time.Millisecond
	})
	forms = w.forms
	snippet = web.Snippet(form, erp.URL)

	t.Run("page", func(t *testing.T) {
		if _, err := chromedp.Run(ctx, chromedp.Navigate(erp.URL+"/f/hu")); err != nil {
			t.Fatal(err)
		}
		fill(t, ctx, "document", "Kovács Anna", "anna@example.com")
		until(t, ctx, `document.querySelector('.done') !== null`)
	})
	t.Run("snippet", func(t *testing.T) {
		if _, err := chromedp.Run(ctx, chromedp.Navigate(marketer.URL+"/?utm_source=google")); err != nil {
			t.Fatal(err)
		}
		until(t, ctx, `[...document.querySelectorAll('*')].some(e => e.shadowRoot)`)
		fill(t, ctx, `[...document.querySelectorAll('*')].find(e => e.shadowRoot).shadowRoot`, "Szabó Béla", "bela@example.com")
		until(t, ctx, `[...document.querySelectorAll('*')].find(e => e.shadowRoot).shadowRoot.querySelector('form') === null`)
	})
	rows := w.rows()
	if len(rows.leads) != 2 {
		t.Fatalf("%d leads, want 2", len(rows.leads))
	}
}

// fill types into the form below root and presses the button, once a person could have typed it.
func fill(t *testing.T, ctx context.Context, root, name, email string) {
	t.Helper()
	evaluate[bool](t, ctx, fmt.Sprintf(`(() => {
		const root = %s;
		for (const [field, value] of Object.entries({name: %q, email: %q, message: "40 lámpatest"})) root.querySelector('[name=' + field + ']').value = value;
		root.querySelector('[name=consent]').checked = true;
		setTimeout(() => root.querySelector('button[type=submit]').click(), 300);
		return true;
	})()`, root, name, email))
}
