package content

import (
	"encoding/json"
	"regexp"

	"github.com/crmplus/crmplus/newsletter/merge"
)

// The beginnings of the names of a company's own fields, as conditions have them too: {{party.custom.fleet}} is of the
// reader himself, {{lead.custom.fleet}} of his newest lead.
const (
	PartyFields = "party.custom."
	LeadFields  = "lead.custom."
)

var ownName = regexp.MustCompile(`(?:party|lead)\.custom\.[a-z][a-z0-9_]*`)

// Named are the company's own fields that a text names, whether they are still there or not: a letter that was checked
// goes out also where a field was taken away meanwhile, with what it says for readers without a value.
func Named(text string) Fields {
	var out Fields
	seen := map[string]bool{}
	for _, name := range ownName.FindAllString(text, -1) {
		if !seen[name] {
			seen[name] = true
			out = append(out, Field{Name: name, Type: merge.Words})
		}
	}
	return out
}

// Own are the company's own fields that the design names; see [Named].
func (d Design) Own() Fields {
	text, err := json.Marshal(d)
	if err != nil {
		return nil
	}
	return Named(string(text))
}
