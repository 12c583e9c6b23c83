package web

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
)

//go:embed form.js
var formScript string

// Snippet is the HTML that a marketer pastes where the form is to stand. BaseURL is where the host mounted
// the forms, without the trailing /f: "https://erp.example.com/crm".
//
// The script shows the form in a shadow root, so that neither the page's style nor the form's touches the
// other, and only the font size and colours of the form count. It takes no other library, writes no cookie
// and nothing into the browser's storage. Where scripts do not run, the link to the form's own page stays.
//
// A page with a Content-Security-Policy needs script-src and connect-src to allow the origin of baseURL,
// nothing more. The page's origin has to stand in Form.Origins.
func Snippet(form Form, baseURL string) string {
	link := html.EscapeString(strings.TrimRight(baseURL, "/") + "/f/" + form.Key)
	key := html.EscapeString(form.Key)
	title := form.Title
	if title == "" {
		title = formTexts.T(form.Language, "title")
	}
	return fmt.Sprintf("<div data-crm-form=\"%s\"><a href=\"%s\">%s</a></div>\n<script src=\"%s.js\" async></script>\n", key, link, html.EscapeString(title), link)
}

// scriptView is what the script is called with.
type scriptView struct {
	formView
	Style string `json:"style"`
	// Wait is MinFill in milliseconds: the script holds a form back that is sent sooner.
	Wait        int64    `json:"wait"`
	Carried     []string `json:"carried"`
	Sending     string   `json:"sending"`
	Failed      string   `json:"failed"`
	Unavailable string   `json:"unavailable"`
}

// serveScript gives the script of a snippet: the form is part of it, so that one request shows it.
func (f *Forms) serveScript(w http.ResponseWriter, form *liveForm) {
	text := func(key string) string { return formTexts.T(form.Language, key) }
	view := scriptView{
		formView: form.view(), Style: snippetStyle(form.Brand), Wait: f.config.MinFill.Milliseconds(), Carried: carried,
		Sending: text("sending"), Failed: text("failed"), Unavailable: text("unavailable"),
	}
	view.Token = f.issue(form.Key, f.config.Now())
	definition, err := json.Marshal(view) // escapes < > & and the line separators of JavaScript
	if err != nil {
		f.config.Log.Error("form failed", "form", form.Key, "kind", kindOf(err))
		http.Error(w, "the form cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = fmt.Fprintf(w, "(%s)(%s);\n", strings.TrimSpace(formScript), definition) // the visitor is gone where it fails
}
