package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/apikey"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/store"
)

// route is one operation: a method on a path.
type route struct {
	// ID names the operation in generated clients: "capture-lead".
	ID           string
	Method, Path string
	Tag          string
	Summary, Doc string
	// Rights: any one of them lets in. Empty lets in whoever has a key.
	Rights []actor.Right
	// Status is that of success; 200, or 204 where nothing is given, where it is 0.
	Status int
	// Apart says that the verb opens transactions of its own, because it is long or asks somebody over a
	// network; all others run in one transaction with the note that makes them repeatable.
	Apart bool
	// Secret says that the answer must not be kept, so that the request cannot be made repeatable.
	Secret bool
	// Writes is set by [add]: the verb may change something.
	Writes bool
	// Body is the largest body in bytes, maxJSON where it is 0.
	Body int64
	// Media is the type of the body, application/json where it is empty; "*" takes any.
	Media string
	// Gives is the type of the answer where that is no JSON.
	Gives string
}

// maxJSON is the largest JSON body: a quote of a thousand lines has its place.
const maxJSON = 1 << 20

// allows holds the actor against the route.
func (r *route) allows(a actor.Actor) error {
	var missing error
	for _, right := range r.Rights {
		if missing = a.Require(right); missing == nil {
			return nil
		}
	}
	return missing
}

// takes holds size and type of the body against the route before a byte of it is read.
func (r *route) takes(w http.ResponseWriter, req *http.Request) error {
	limit := r.Body
	if limit == 0 {
		limit = maxJSON
	}
	if req.ContentLength > limit {
		return errTooLarge
	}
	if req.Body == nil || req.Body == http.NoBody {
		return nil
	}
	req.Body = http.MaxBytesReader(w, req.Body, limit)
	if r.Media == "*" || req.ContentLength == 0 {
		return nil
	}
	want := r.Media
	if want == "" {
		want = "application/json"
	}
	got := req.Header.Get("Content-Type")
	if got == want { // the usual case, without parsing
		return nil
	}
	if media, _, err := mime.ParseMediaType(got); err != nil || media != want {
		return errType
	}
	return nil
}

// verb is what a route does: one call of the module.
type verb[I, O any] func(ctx context.Context, m *crm.Module, in *I) (*O, error)

// matching is an input that names the version that was read.
type matching interface{ match() (string, *int64) }

// sparse is an input that names the fields that are wanted.
type sparse interface{ wanted() string }

// tagged is an answer with a version.
type tagged interface{ tag() string }

// add makes a route of a verb. What depends on the type of the answer is read by reflection, so that huma's code is
// compiled for each type of request and not for each pair.
func add[I, O any](a *server, r route, do verb[I, O]) {
	register(a, r, reflect.TypeFor[O](), func(ctx context.Context, m *crm.Module, in *I) (any, error) {
		out, err := do(ctx, m, in)
		if out == nil {
			return nil, err
		}
		return out, err
	})
}

func register[I any](a *server, r route, out reflect.Type, do func(ctx context.Context, m *crm.Module, in *I) (any, error)) {
	o := a.operation(&r, out)
	huma.Register(a.huma, o.op, func(ctx context.Context, in *I) (*written, error) {
		return a.carryOut(ctx, o, in, func(ctx context.Context, m *crm.Module) (any, error) { return do(ctx, m, in) })
	})
}

// operation is a route with what is known of it once for all requests.
type operation struct {
	*route
	op     huma.Operation
	answer answerType
	// known are the fields that ?fields= may name.
	known map[string]bool
}

func (a *server) operation(r *route, out reflect.Type) *operation {
	r.Writes = r.Method != http.MethodGet && !strings.HasPrefix(r.Doc, "Writes nothing.")
	op := huma.Operation{
		OperationID: r.ID, Method: r.Method, Path: r.Path, Summary: r.Summary, Description: r.describe(), Tags: []string{r.Tag},
		DefaultStatus: r.Status, MaxBodyBytes: r.Body, Extensions: map[string]any{"x-rights": r.Rights},
		Responses: a.responses(r),
	}
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = maxJSON
	}
	op.MaxBodyBytes++ // huma refuses a body of exactly the limit
	if r.Writes && !r.Secret {
		op.Parameters = append(op.Parameters, repeatParam)
	}
	answer := answerTypeOf(out)
	answer.describe(&op, a.huma.OpenAPI().Components.Schemas)
	a.routes[r.Method+" "+a.config.Path+r.Path] = r
	return &operation{route: r, op: op, answer: answer, known: fieldsOf(out)}
}

// deed is what is left of a verb when its request is known.
type deed func(ctx context.Context, m *crm.Module) (any, error)

// carryOut answers a request that huma has read.
func (a *server) carryOut(ctx context.Context, o *operation, in any, do deed) (*written, error) {
	c := callOf(ctx)
	if err := read(c, in, o.known); err != nil {
		return nil, a.told(ctx, err)
	}
	out, err := a.run(c, o, in, do)
	if err != nil {
		var again *replay
		if errors.As(err, &again) {
			return nil, again
		}
		return nil, a.told(ctx, err)
	}
	if unchanged(c, out) {
		return nil, &replay{status: http.StatusNotModified, headers: http.Header{"Etag": {out.(tagged).tag()}}}
	}
	if out == nil {
		return nil, nil //nolint:nilnil // huma answers with the status alone
	}
	return o.answer.write(a.huma, o.op.DefaultStatus, out), nil
}

// read takes what several inputs share.
func read(c *call, in any, known map[string]bool) error {
	if m, ok := in.(matching); ok {
		text, version := m.match()
		if err := readVersion(text, version); err != nil {
			return err
		}
	}
	if s, ok := in.(sparse); ok {
		if text := s.wanted(); text != "" {
			c.fields = strings.Split(text, ",")
			for _, f := range c.fields {
				if !known[f] {
					return invalid("fields", "unknown", "there is no field %.60q", f)
				}
			}
		}
	}
	return nil
}

// builtIn stands for the version of what the company has not changed yet: its ETag is "0".
const builtIn = -1

// readVersion reads If-Match: one strong ETag, or * for any version, which gives 0.
func readVersion(text string, into *int64) error {
	if text == "" {
		return errNoMatch
	}
	if text == "*" {
		*into = 0
		return nil
	}
	inner, ok := strings.CutPrefix(text, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	n, err := strconv.ParseInt(inner, 10, 64)
	if !ok || !closed || err != nil || n < 0 {
		return errBadMatch
	}
	if *into = n; n == 0 {
		*into = builtIn
	}
	return nil
}

// etag is a version as an ETag.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func unchanged(c *call, out any) bool {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return false
	}
	known := c.r.Header.Get("If-None-Match")
	if known == "" {
		return false
	}
	t, ok := out.(tagged)
	if !ok {
		return false
	}
	for part := range strings.SplitSeq(known, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == "*" || part == t.tag() {
			return true
		}
	}
	return false
}

// run carries a verb out: a read as it is, a change in one transaction, and where the caller gave it a
// token, together with its answer.
func (a *server) run(c *call, o *operation, in any, do deed) (any, error) {
	ctx := actor.With(c.r.Context(), c.holder.Actor)
	token := c.r.Header.Get("Idempotency-Key")
	if !o.Writes {
		return do(ctx, a.module)
	}
	if token != "" && o.Secret {
		return nil, invalid("Idempotency-Key", "unsupported", "this request cannot be made repeatable, because its answer holds a secret; leave the header out")
	}
	if token != "" {
		return nil, a.once(ctx, o, apikey.Request{Key: c.holder.Key, Token: token, Hash: c.hash(in)}, do)
	}
	if o.Apart {
		return do(ctx, a.module)
	}
	var out any
	err := a.module.DB().Write(ctx, func(ctx context.Context, s *store.Session) error {
		var err error
		out, err = do(ctx, a.module.In(s))
		return err
	})
	return out, err
}

// once is run for a request with a token. Its answer, which is given as an error, is written from what is kept, the first
// time too, so that a repetition cannot differ.
func (a *server) once(ctx context.Context, o *operation, request apikey.Request, do deed) error {
	var answer apikey.Answer
	var err error
	if o.Apart {
		answer, err = a.module.Keys.Apart(ctx, request, func(ctx context.Context) (apikey.Answer, error) {
			return o.kept(do(ctx, a.module))
		})
	} else {
		answer, err = a.module.Keys.Once(ctx, request, func(ctx context.Context, s *store.Session) (apikey.Answer, error) {
			return o.kept(do(ctx, a.module.In(s)))
		})
	}
	if err != nil {
		return err
	}
	again := &replay{status: answer.Status, body: answer.Body, headers: http.Header{}}
	if err := json.Unmarshal([]byte(answer.Headers), &again.headers); err != nil {
		return err
	}
	if answer.Repeated {
		again.headers["Idempotency-Replayed"] = []string{"true"}
	}
	return again
}

// kept makes an answer that can be kept of what a verb gives.
func (o *operation) kept(out any, err error) (apikey.Answer, error) {
	if err != nil {
		return apikey.Answer{}, err
	}
	answer, headers := apikey.Answer{Status: o.op.DefaultStatus}, http.Header{}
	v := reflect.New(o.answer.of).Elem()
	if out != nil {
		v = reflect.ValueOf(out).Elem()
	}
	for _, h := range o.answer.headers {
		if text := v.FieldByIndex(h.Index).String(); text != "" {
			headers.Set(h.name, text)
		}
	}
	if o.answer.hasBody {
		var b bytes.Buffer
		if err := newEncoder(&b).Encode(v.FieldByIndex(o.answer.body.Index).Interface()); err != nil {
			return answer, err
		}
		answer.Body = strings.TrimSuffix(b.String(), "\n")
	}
	text, err := json.Marshal(headers)
	answer.Headers = string(text)
	return answer, err
}

// hash tells requests with one token apart: whatever counts in them.
func (c *call) hash(in any) string {
	h := sha256.New()
	for _, text := range []string{c.r.Method, c.r.URL.Path, c.r.URL.RawQuery, c.r.Header.Get("If-Match")} {
		_, _ = io.WriteString(h, text+"\x00") // never fails
	}
	if raw, ok := in.(interface{ bytes() []byte }); ok {
		_, _ = h.Write(raw.bytes())
	} else if body := reflect.ValueOf(in).Elem().FieldByName("Body"); body.IsValid() {
		_ = json.NewEncoder(h).Encode(body.Interface()) // it came from JSON
	}
	return hex.EncodeToString(h.Sum(nil))
}

// replay is an answer that stands already. It is an error for huma, which then leaves its output alone.
type replay struct {
	status  int
	headers http.Header
	body    string
}

func (r *replay) Error() string { return "answered" }

// GetStatus is the status to answer with.
func (r *replay) GetStatus() int { return r.status }

// GetHeaders are the headers to answer with.
func (r *replay) GetHeaders() http.Header { return r.headers }

// MarshalJSON is the body to answer with.
func (r *replay) MarshalJSON() ([]byte, error) { return []byte(r.body), nil }

// locked opens a record for a change by a caller who read the given version, 0 for any.
func locked(ctx context.Context, m *crm.Module, record any, id any, version int64) error {
	return m.DB().Write(ctx, func(ctx context.Context, s *store.Session) error {
		if version == 0 {
			return s.Lock(ctx, record, id)
		}
		err := s.LockVersion(ctx, record, id, version)
		if errors.Is(err, fault.Conflict) {
			return changedError{err}
		}
		return err
	})
}

// changedError is a conflict with the version in If-Match.
type changedError struct{ error }

func (e changedError) Unwrap() []error { return []error{e.error, errChanged} }

// visible fails where the actor does not see the record whose parts he asks for.
func visible(ctx context.Context, m *crm.Module, record any, id any) error {
	return m.DB().Read(ctx, func(ctx context.Context, s *store.Session) error { return s.Get(ctx, record, id) })
}
