package apihost

import (
	"slices"
	"unicode/utf8"

	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/party"
)

// fieldFaults applies the rules of a description to a draft: what is missing, what is too long. E-mail
// addresses are looked at too.
func fieldFaults[T any](columns []column[T], required []string, lengths map[string]int, draft *T) []fault.Fault {
	var faults fault.List
	for _, c := range columns {
		field, ok := c.at(draft).(*string)
		if !ok {
			if slices.Contains(required, c.name) && text(values([]column[T]{c}, *draft)[c.name]) == "" {
				faults.Add(c.path, "required", "is missing; it has to be given")
			}
			continue
		}
		if slices.Contains(required, c.name) {
			faults.Required(c.path, *field)
		}
		if most := lengths[c.name]; most > 0 {
			if n := utf8.RuneCountInString(*field); n > most {
				faults.Add(c.path, "length", "has %d characters; the host takes at most %d", n, most)
			}
		}
		if c.name == "email" && *field != "" {
			if _, err := party.NormalizeEmail(*field); err != nil {
				faults.Add(c.path, "email.form", "%q is not an e-mail address; write it as name@example.com", *field)
			}
		}
	}
	return faults
}
