package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// fieldsOf lists the names that ?fields= can hold for an output: those of its body, of a page those of
// its items.
func fieldsOf(out reflect.Type) map[string]bool {
	body, ok := out.FieldByName("Body")
	if !ok || body.Type.Kind() != reflect.Struct {
		return nil
	}
	t := body.Type
	if items, ok := t.FieldByName("Items"); ok && items.Tag.Get("json") == "items" {
		t = items.Type.Elem()
	}
	names := map[string]bool{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names[name] = true
		}
	}
	return names
}

// cut leaves of an answer the fields that were asked for, in the order in which they stand there.
func cut(v any, fields []string) (any, error) {
	var b bytes.Buffer
	if err := newEncoder(&b).Encode(v); err != nil {
		return nil, err
	}
	var page struct {
		Items []map[string]json.RawMessage `json:"items"`
		Next  string                       `json:"next,omitempty"`
		After string                       `json:"after,omitempty"`
	}
	if t := reflect.Indirect(reflect.ValueOf(v)); t.Kind() == reflect.Struct && t.FieldByName("Items").IsValid() {
		if err := json.Unmarshal(b.Bytes(), &page); err != nil {
			return nil, err
		}
		for i, item := range page.Items {
			page.Items[i] = only(item, fields)
		}
		return page, nil
	}
	var record map[string]json.RawMessage
	if err := json.Unmarshal(b.Bytes(), &record); err != nil {
		return nil, err
	}
	return only(record, fields), nil
}

func only(record map[string]json.RawMessage, fields []string) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(fields))
	for _, f := range fields {
		if v, ok := record[f]; ok {
			out[f] = v
		}
	}
	return out
}
