package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// written is the one type of answer that huma is given: it writes itself. What a verb gives has a type of its own, with
// a Body and headers as huma has them, of which an [answerType] says how it is described and written.
type written struct{ Body func(huma.Context) }

// answerType is a type of answers.
type answerType struct {
	of      reflect.Type
	body    reflect.StructField
	hasBody bool
	headers []answerHeader
}

// answerHeader is a field that becomes a header, of a kind of string.
type answerHeader struct {
	reflect.StructField
	name string
}

func answerTypeOf(t reflect.Type) answerType {
	out := answerType{of: t}
	out.body, out.hasBody = t.FieldByName("Body")
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("header"); name != "" {
			if f.Type.Kind() != reflect.String {
				panic("api: the header " + name + " of " + t.String() + " is no text")
			}
			out.headers = append(out.headers, answerHeader{f, name})
		}
	}
	return out
}

// describe says in the document how a request that went well is answered.
func (t answerType) describe(op *huma.Operation, schemas huma.Registry) {
	if op.DefaultStatus == 0 {
		op.DefaultStatus = http.StatusNoContent
		if t.hasBody {
			op.DefaultStatus = http.StatusOK
		}
	}
	status := strconv.Itoa(op.DefaultStatus)
	response := op.Responses[status]
	if response == nil {
		response = &huma.Response{Description: http.StatusText(op.DefaultStatus)}
		op.Responses[status] = response
	}
	if t.hasBody && response.Content == nil {
		schema := huma.SchemaFromField(schemas, t.body, t.hint(t.body, op.OperationID+"Response"))
		response.Content = map[string]*huma.MediaType{"application/json": {Schema: schema}}
	}
	response.Headers = map[string]*huma.Header{}
	for _, h := range t.headers {
		response.Headers[h.name] = &huma.Header{Schema: huma.SchemaFromField(schemas, h.StructField, t.hint(h.StructField, op.OperationID+status+h.name))}
	}
}

// hint is what a schema without a name of its own is called.
func (t answerType) hint(f reflect.StructField, other string) string {
	if t.of.Name() == "" {
		return other
	}
	return t.of.Name() + f.Name
}

// write is an answer that writes itself.
func (t answerType) write(api huma.API, status int, out any) *written {
	return &written{func(ctx huma.Context) {
		v, media := reflect.ValueOf(out).Elem(), ""
		for _, h := range t.headers {
			text := v.FieldByIndex(h.Index).String()
			if text == "" {
				continue
			}
			ctx.SetHeader(h.name, text)
			if h.name == "Content-Type" {
				media = text
			}
		}
		if !t.hasBody {
			ctx.SetStatus(status)
			return
		}
		body := v.FieldByIndex(t.body.Index).Interface()
		switch raw := body.(type) {
		case []byte:
			ctx.SetStatus(status)
			_, _ = ctx.BodyWriter().Write(raw) // the caller has gone away
			return
		case spool:
			ctx.SetStatus(status)
			raw.send(ctx.BodyWriter())
			return
		}
		if err := writeBody(api, ctx, media, status, body); err != nil {
			panic(err) // a type of ours that cannot be written
		}
	}}
}

// writeBody writes a body in the form that the caller takes.
func writeBody(api huma.API, ctx huma.Context, media string, status int, body any) error {
	if media == "" {
		var err error
		if media, err = api.Negotiate(ctx.Header("Accept")); err != nil {
			return huma.WriteErr(api, ctx, http.StatusNotAcceptable, "unable to marshal response", err)
		}
		ctx.SetHeader("Content-Type", media)
	}
	body, err := api.Transform(ctx, strconv.Itoa(status), body)
	if err != nil {
		return err
	}
	ctx.SetStatus(status)
	if status == http.StatusNoContent {
		return nil
	}
	err = api.Marshal(ctx.BodyWriter(), media, body)
	if errors.Is(ctx.Context().Err(), context.Canceled) {
		return nil
	}
	return err
}
