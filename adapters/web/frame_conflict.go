package web

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// conflict is what a form says whose record somebody else changed since it was opened.
//
// A form with {{template "conflict" .D.Form}} carries what stood in it when it was opened. A handler whose
// verb gives fault.Conflict reads the record once more, fills a form with it as for a fresh page, and calls
// [visit.clash]: fields that the person had not touched take the new value, the version becomes the new one,
// and for fields that both changed the page shows both values and asks. The answers come with the next
// POST; [visit.posted] has them settled already.
type conflict struct {
	// By is the name of who changed the record last, At when.
	By   string
	At   time.Time
	Rows []conflictRow
}

// conflictRow is a field that both have changed.
type conflictRow struct {
	Name, Label  string
	Mine, Theirs string
	// Value is theirs as the field holds it.
	Value string
}

// shared is a field of a form that others may change too: its name, the key of its label, and how a value
// is shown where it is not shown as it stands.
type shared struct {
	Name, Label string
	Show        func(value string) string
}

// clash brings a form together with what the record holds now: now is filled as for a fresh page, its
// versions among it, and r is the record's own head. It reports whether a field was changed by both and the
// person has to choose; where none was, the form can be sent once more as it is.
func (v *visit) clash(f, now *input, r store.Record, fields []shared) (bool, error) {
	names, err := v.names()
	if err != nil {
		return false, err
	}
	var was map[string]string
	_ = json.Unmarshal([]byte(f.Get("was")), &was) // whoever has tampered with it is asked more, or less, himself
	out := &conflict{By: names[r.UpdatedBy], At: r.UpdatedAt}
	if out.By == "" {
		out.By = r.UpdatedBy
	}
	for name := range now.Values {
		mine, theirs, before := f.text(name), now.text(name), was[name]
		at := slices.IndexFunc(fields, func(s shared) bool { return s.Name == name })
		_, knew := was[name]
		switch {
		case mine == theirs:
		case at < 0, knew && mine == before: // versions, and what the person did not touch
			f.Values.Set(name, now.Get(name))
		case knew && theirs == before: // only the person did
		default:
			show := fields[at].Show
			if show == nil {
				show = func(value string) string { return value }
			}
			out.Rows = append(out.Rows, conflictRow{Name: name, Label: v.t(fields[at].Label), Mine: show(mine), Theirs: show(theirs), Value: theirs})
		}
	}
	slices.SortFunc(out.Rows, func(a, b conflictRow) int {
		at := func(r conflictRow) int {
			return slices.IndexFunc(fields, func(s shared) bool { return s.Name == r.Name })
		}
		return at(a) - at(b)
	})
	f.Values.Set("was", now.Was())
	if len(out.Rows) == 0 {
		return false, nil
	}
	f.Conflict = out
	return true, nil
}

// Was is what stood in the form when it was opened.
func (f *input) Was() string {
	if f.Values.Has("was") {
		return f.Get("was")
	}
	plain := map[string]string{}
	for name := range f.Values {
		if name != "csrf" && name != "next" {
			plain[name] = f.text(name)
		}
	}
	raw, _ := json.Marshal(plain)
	return string(raw)
}

// settle takes the others' values of the fields where the person chose them.
func (f *input) settle() {
	for name := range f.Values {
		if f.Get("pick."+name) == "theirs" {
			f.Values.Set(name, f.Get("theirs."+name))
		}
	}
}

var conflictTexts = locale.Texts{
	"conflict.title":  locale.Row("Ön előtt %s módosította (%s)", "Changed by %s at %s", "שונה בידי %s בשעה %s", "Изменено: %s, %s", "Άλλαξε από %s στις %s"),
	"conflict.why":    locale.Row("Az alábbi mezőket mindketten átírták. Válassza ki, melyik érték maradjon, és mentse újra.", "Both of you changed these fields. Choose which value stays, and save again.", "שניכם שיניתם את השדות האלה. בחרו איזה ערך יישאר ושמרו שוב.", "Эти поля изменили вы оба. Выберите, что оставить, и сохраните ещё раз.", "Αλλάξατε και οι δύο αυτά τα πεδία. Επιλέξτε ποια τιμή μένει και αποθηκεύστε ξανά."),
	"conflict.field":  locale.Row("Mező", "Field", "שדה", "Поле", "Πεδίο"),
	"conflict.mine":   locale.Row("Az Öné", "Yours", "שלך", "Ваше", "Δικό σας"),
	"conflict.theirs": locale.Row("Az övé", "Theirs", "שלו", "Другого", "Του άλλου"),
	"conflict.empty":  locale.Row("üres", "empty", "ריק", "пусто", "κενό"),
}
