package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// contract is the OpenAPI document as a client reads it; every answer of the tests is held against it.
type contract struct {
	compiler   *jsonschema.Compiler
	operations []*operation
	compiled   map[string]*jsonschema.Schema
}

// operation is one method on one path.
type operation struct {
	ID           string
	Method, Path string
	// Tag is the noun it stands under.
	Tag    string
	Rights []string
	// Media is the type of the body, "" for none.
	Media string
	// Match says that it takes If-Match.
	Match     bool
	Responses map[string]bool
	// Query are the names of its parameters in the query.
	Query   map[string]bool
	pointer string
}

const documentURL = "https://api.test/openapi.json"

func readContract(t testing.TB, text []byte) *contract {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	if err := c.compiler.AddResource(documentURL, parsed); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string   `json:"operationId"`
			Tags        []string `json:"tags"`
			Rights      []string `json:"x-rights"`
			Parameters  []struct{ Name, In string }
			RequestBody struct{ Content map[string]any } `json:"requestBody"`
			Responses   map[string]any
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			op := &operation{ID: o.OperationID, Method: strings.ToUpper(method), Path: path, Rights: o.Rights, Responses: map[string]bool{}, Query: map[string]bool{}}
			op.Tag = strings.Join(o.Tags, ",")
			op.pointer = "/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(path) + "/" + method
			for media := range o.RequestBody.Content {
				op.Media = media
			}
			for _, p := range o.Parameters {
				op.Match = op.Match || p.Name == "If-Match"
				if p.In == "query" {
					op.Query[p.Name] = true
				}
			}
			for status := range o.Responses {
				op.Responses[status] = true
			}
			c.operations = append(c.operations, op)
		}
	}
	slices.SortFunc(c.operations, func(a, b *operation) int { return strings.Compare(a.ID, b.ID) })
	return c
}

// find gives the operation of a request.
func (c *contract) find(method, path string) *operation {
	path, _, _ = strings.Cut(path, "?")
	var best *operation
	for _, op := range c.operations {
		if op.Method == method && fits(op.Path, path) && (best == nil || strings.Count(op.Path, "{") < strings.Count(best.Path, "{")) {
			best = op
		}
	}
	return best
}

func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

// judge says what an answer has that the document does not promise.
func (c *contract) judge(method, path string, a answer) error {
	op := c.find(method, path)
	if op == nil {
		return nil // no operation of the document
	}
	status := strconv.Itoa(a.status)
	if !op.Responses[status] {
		status = "default"
		if a.status < 400 && a.status != http.StatusNotModified {
			return fmt.Errorf("%s answers %d, which the document does not name", op.ID, a.status)
		}
	}
	if len(a.body) == 0 {
		return nil
	}
	media, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("%s: %w", op.ID, err)
	}
	if !strings.HasSuffix(media, "json") {
		return nil
	}
	if query, err := url.Parse(path); err == nil && query.Query().Has("fields") && a.status < 400 {
		return nil // cut on request
	}
	pointer := op.pointer + "/responses/" + status + "/content/" + strings.ReplaceAll(media, "/", "~1") + "/schema"
	schema := c.compiled[pointer]
	if schema == nil {
		if schema, err = c.compiler.Compile(documentURL + "#" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer)); err != nil {
			return fmt.Errorf("%s: %w", op.ID, err)
		}
		c.compiled[pointer] = schema
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	if err != nil {
		return fmt.Errorf("%s: %w", op.ID, err)
	}
	if err := schema.Validate(instance); err != nil {
		return fmt.Errorf("%s answers %d with %s\n%w", op.ID, a.status, a.body, err)
	}
	return nil
}
