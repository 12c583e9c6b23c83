package content

import (
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/newsletter/merge"
)

// The fields that lead to the reader's own pages. They stand in links and are not counted.
const (
	UnsubscribeURL = "unsubscribe_url"
	PreferenceURL  = "preference_url"
	ViewURL        = "view_url"
)

// Field is a merge field.
type Field struct {
	// Name is what stands in the braces: small letters, digits, _ and dots.
	Name string `json:"name"`
	// Type says whether values are words or whole addresses.
	Type merge.Type `json:"type"`
	// Label names it for whoever writes.
	Label map[locale.Language]string `json:"label"`
}

// Fields are what a newsletter may name.
type Fields []Field

// Catalogue lists the fields that every reader may have, and more, those of the host and the company, behind
// them. One of more with the name of a built-in field takes its place.
func Catalogue(more ...Field) Fields {
	var out Fields
	own := map[string]bool{}
	for _, f := range more {
		own[f.Name] = true
	}
	for _, name := range builtIn {
		if own[name] {
			continue
		}
		f := Field{Name: name, Type: merge.Words, Label: Texts["field."+name]}
		if name == UnsubscribeURL || name == PreferenceURL || name == ViewURL {
			f.Type = merge.Locator
		}
		out = append(out, f)
	}
	return append(out, more...)
}

// builtIn are the fields that [Reader] knows, in the order in which an editor offers them.
var builtIn = []string{
	"salutation", "salutation_familiar", "first_name", "last_name", "full_name", "email", "company", "job_title", "city", "country",
	"customer_number", "owner_name", "owner_email", "owner_phone", "today", UnsubscribeURL, PreferenceURL, ViewURL,
}

// Known is the catalogue as package merge takes it.
func (f Fields) Known() merge.Known {
	known := merge.Known{}
	for _, field := range f {
		known[field.Name] = field.Type
	}
	return known
}
