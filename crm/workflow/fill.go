package workflow

import (
	"context"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/crmplus/crmplus/crm/civil"
	"github.com/crmplus/crmplus/crm/custom"
	"github.com/crmplus/crmplus/crm/event"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/leadrule"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// found is the value of a place, with the field where it is one of the company's own.
type found struct {
	value any
	own   *store.CustomField
}

// text is the value as people read it.
func (f found) text(l locale.Locale) string {
	if f.own != nil {
		return custom.Text(*f.own, f.value, l)
	}
	return shown(f.value, l)
}

// plain is the value as programs write it.
func (f found) plain() string {
	switch v := f.value.(type) {
	case decimal.Decimal:
		return v.String()
	case civil.Date:
		return v.String()
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	}
	return store.CustomShown(f.value)
}

// ownField takes "party.custom.size" apart.
func ownField(path string) (kind, name string, is bool) { return strings.Cut(path, ".custom.") }

// read reads fields of a run's record. The company's own are read as their cards show them.
func (w *Workflows) read(ctx context.Context, s *store.Session, run Run, one *ready, about Record, paths []string) (map[string]found, error) {
	out := make(map[string]found, len(paths))
	sheets := map[string]store.CustomSheet{}
	var plain []string
	for _, path := range paths {
		kind, name, own := ownField(path)
		if !own {
			plain = append(plain, path)
			continue
		}
		if _, there := sheets[kind]; !there {
			id := run.RecordID.Bytes()
			if kind == string(leadrule.Party) {
				id = about.PartyID.Bytes()
			}
			var err error
			if sheets[kind], err = s.CustomSheet(ctx, kind, id); err != nil {
				return nil, err
			}
		}
		for i, f := range sheets[kind].Fields {
			if f.Name == name {
				out[path] = found{sheets[kind].Values[name], &sheets[kind].Fields[i]}
			}
		}
	}
	if len(plain) == 0 {
		return out, nil
	}
	c, err := one.env.Reading(plain...)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "a field that the texts name is gone; change the rule")
	}
	loaded, err := c.Load(ctx, s, w.config.Terms.At(s), [][16]byte{run.RecordID})
	for path, value := range loaded[run.RecordID] {
		out[path] = found{value: value}
	}
	return out, err
}

// given are the parameters of an action with the values of the record filled in: as people of the company read them, or
// where they are put into a field, as programs write them.
func (d *doing) given(step event.Step, a Action, values map[string]found) map[string]string {
	out := make(map[string]string, len(a.Given))
	l := d.w.config.Locales(d.s.Actor.Company)
	for _, p := range step.Parameters {
		if a.Given[p.Name] == "" {
			continue
		}
		out[p.Name] = place.ReplaceAllStringFunc(a.Given[p.Name], func(text string) string {
			value := values[text[1:len(text)-1]]
			if p.Kind == event.Value {
				return value.plain()
			}
			return value.text(l)
		})
	}
	return out
}

// places are the fields that the texts of the actions name.
func (p Plan) places() []string {
	var out []string
	for _, a := range p.Actions {
		for _, text := range a.Given {
			out = append(out, places(text)...)
		}
	}
	return out
}
