package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/crmplus/crmplus/crm/locale"
)

// publicStyle is the whole style of a page for people without a login: the sheets, and the brand's colours where
// they are colours.
func publicStyle(accent, ink string, sheets ...string) template.CSS {
	if !colourForm.MatchString(accent) || !colourForm.MatchString(ink) {
		accent, ink = defaultAccent, "#ffffff"
	}
	return template.CSS(squeeze(strings.Join(sheets, "") + fmt.Sprintf(":root{--accent:%s;--on-accent:%s}", accent, ink))) //nolint:gosec // embedded text and checked colours
}

// publicPage is a page for people without a login as it goes out: its style is allowed by its hash, its forms go to
// us, and nothing else is.
type publicPage struct {
	Status   int
	Language locale.Language
	Style    template.CSS
	// Images says that it shows pictures of ours.
	Images bool
	Body   *bytes.Buffer
}

func (p publicPage) send(w http.ResponseWriter) {
	sum := sha256.Sum256([]byte(p.Style))
	images := ""
	if p.Images {
		images = " img-src 'self';"
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(p.Language))
	h.Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; style-src 'sha256-%s';%s form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		base64.StdEncoding.EncodeToString(sum[:]), images))
	w.WriteHeader(p.Status)
	_, _ = p.Body.WriteTo(w) // the reader is gone where it fails
}
