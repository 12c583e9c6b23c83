// Package vcard reads business cards: vCard 2.1 as phones still export it, 3.0 (RFC 2426) and 4.0
// (RFC 6350).
//
// How a value flows: [NewDecoder] takes the file, [Decoder.Next] gives one [Card] after the other.
// Lines are unfolded, quoted-printable and the CHARSET of old cards are decoded, escapes resolved,
// groups (item1.EMAIL) and photos passed over. A card that cannot be read comes back as an [Error]
// with its line, and the next call gives the card after it:
//
//	cards := vcard.NewDecoder(file, vcard.Options{Language: locale.Hungarian})
//	for {
//		card, err := cards.Next()
//		if errors.Is(err, io.EOF) { break }
//		var bad *vcard.Error
//		if errors.As(err, &bad) { report(bad.Line, bad.Reason); continue }
//		...
//	}
//
// Memory is that of one card. Values are text as written: normalising names, phones and dates is
// left to who stores them.
package vcard

// Card is one person or company. All text is valid UTF-8 without spaces around it.
type Card struct {
	// Line is the line of BEGIN:VCARD, from 1.
	Line int
	// Version is "2.1", "3.0" or "4.0", or "" where the card does not say.
	Version string
	// FormattedName is FN, the name as it is shown.
	FormattedName string
	// Family, Given, Additional (middle names, patronymic), Prefixes ("Dr.") and Suffixes ("PhD")
	// are the parts of N; several names in one part are joined by a space.
	Family, Given, Additional, Prefixes, Suffixes string
	Nickname                                      string
	// Organization and Department are the first and the further parts of ORG.
	Organization, Department string
	// JobTitle is TITLE, or ROLE where there is no TITLE.
	JobTitle  string
	Emails    []Value
	Phones    []Value
	URLs      []Value
	Addresses []Address
	// Note joins several NOTEs by line breaks.
	Note string
	// Birthday is BDAY as 1980-07-13 where it is a whole date, else as written ("--0713").
	Birthday string
	// Language is LANG, the first by PREF: an RFC 5646 tag ("hu").
	Language string
	// Gender is the first part of GENDER: M, F, O, N or U.
	Gender string
	UID    string
	// Categories are CATEGORIES (tags).
	Categories []string
}

// Value is an e-mail address, phone number or web address with its types.
type Value struct {
	Value string
	// Types are in lower case ("work", "cell", "pref"), in the order written, each once.
	Types []string
}

// Address is ADR. A post office box and an extended address (floor, suite) stand in Street, after a
// comma.
type Address struct {
	Street, City, Region, PostalCode, Country string
	Types                                     []string
}

// Has reports whether the value has a type, in lower case.
func (v Value) Has(kind string) bool { return has(v.Types, kind) }

// Has reports whether the address has a type, in lower case.
func (a Address) Has(kind string) bool { return has(a.Types, kind) }

func has(types []string, kind string) bool {
	for _, t := range types {
		if t == kind {
			return true
		}
	}
	return false
}
