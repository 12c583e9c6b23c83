package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// viewerScript is RapiDoc 9.3.8 (MIT, see viewer/LICENSE): one file, no request to the outside.
//
//go:embed viewer/rapidoc-min.js
var viewerScript []byte

// viewerLicence is sent beside it.
//
//go:embed viewer/LICENSE
var viewerLicence []byte

//go:embed viewer/page.html
var viewerText string

var viewerPage = template.Must(template.New("docs").Parse(viewerText))

// viewerPolicy lets the viewer run its own script and read the document, and nothing else. Its styles are
// part of the script; they are why style-src needs unsafe-inline.
const viewerPolicy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// document finishes the OpenAPI document and serves it with its viewer.
func (a *server) document() error {
	doc := a.huma.OpenAPI()
	schemas := doc.Components.Schemas
	schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	delete(schemas.Map(), "ErrorModel") // what huma would answer with; ours is Problem
	delete(schemas.Map(), "ErrorDetail")
	for _, s := range schemas.Map() {
		notNull(s)
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				finish(op)
			}
		}
	}
	var page strings.Builder
	if err := viewerPage.Execute(&page, map[string]string{"Title": doc.Info.Title, "Base": a.config.Path}); err != nil {
		return fmt.Errorf("writing the page of the document: %w", err)
	}
	for _, f := range []struct {
		path, media string
		body        func() ([]byte, error)
	}{
		// Written when first asked for: most processes that serve the API never are.
		{"/openapi.json", "application/openapi+json", sync.OnceValues(func() ([]byte, error) { return json.Marshal(doc) })},
		{"/openapi.yaml", "application/openapi+yaml", sync.OnceValues(doc.YAML)},
		{"/docs", "text/html; charset=utf-8", fixed([]byte(page.String()))},
		{"/docs/viewer.js", "text/javascript; charset=utf-8", fixed(viewerScript)},
		{"/docs/viewer.txt", "text/plain; charset=utf-8", fixed(viewerLicence)},
	} {
		a.mux.HandleFunc("GET "+a.config.Path+f.path, func(w http.ResponseWriter, _ *http.Request) {
			body, err := f.body()
			if err != nil { // a type of ours that cannot be written
				a.config.Log.Error("the API's document cannot be written", "path", f.path, "error", err)
				http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
				return
			}
			h := w.Header()
			h.Set("Content-Type", f.media)
			h.Set("Content-Security-Policy", viewerPolicy)
			h.Set("X-Frame-Options", "DENY")
			h.Set("Cache-Control", "no-cache")
			_, _ = w.Write(body) // the reader has gone away
		})
	}
	return nil
}

func fixed(body []byte) func() ([]byte, error) {
	return func() ([]byte, error) { return body, nil }
}

// notNull says that a list is never null: an empty one is [].
func notNull(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	notNull(s.Items)
	for _, p := range s.Properties {
		notNull(p)
	}
}

// finish mends what huma leaves open in an operation.
func finish(op *huma.Operation) {
	for _, p := range op.Parameters {
		notNull(p.Schema)
	}
	if op.RequestBody == nil {
		return
	}
	if form := op.RequestBody.Content["multipart/form-data"]; form != nil {
		form.Schema = uploadSchema(op.OperationID == "import-leads")
	}
}

// uploadSchema describes a form with files.
func uploadSchema(plan bool) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
		"file": {Type: huma.TypeString, Format: "binary"},
	}}
	if plan {
		s.Properties["plan"] = &huma.Schema{Type: huma.TypeString, Description: "The plan of the preview, as JSON."}
		s.Required = append(s.Required, "plan")
	}
	return s
}
