package party

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/crmplus/crmplus/crm/fault"
)

// phoneInputLimit is far above any number with its extension, far below what could cost time.
const phoneInputLimit = 120

// Phone is a number as it is stored.
type Phone struct {
	// E164 is the number in the form of ITU-T E.164: "+36301234567". It is what is compared.
	E164 string
	// Extension is what is dialled after the call is answered: "12". Mostly empty.
	Extension string
}

// NormalizePhone gives the E.164 form in which a number is stored and compared: "06 30 123 4567"
// in HU and "+36 (30) 123-4567" give "+36301234567". See [ParsePhone].
func NormalizePhone(text, country string) (string, error) {
	phone, err := ParsePhone(text, country)
	return phone.E164, err
}

// ParsePhone reads a number as people write it, in any country's habit and with an extension
// ("ext. 12", "x12", "доб. 12"). A number without a country code is read as dialled in country (ISO 3166-1
// alpha-2), which may be empty.
//
// A number passes when its length is possible in its country; whether it is in use is not asked,
// because numbering plans change faster than the tables of any library. It refuses, by a fault at
// "phone" that says what to do: text that is no number, a number without a country, and one that
// is too short (also one without its area code) or too long.
func ParsePhone(text, country string) (Phone, error) {
	country = regionOf(country)
	if e164, ok := plainPhone(text, country); ok {
		return Phone{E164: e164}, nil
	}
	return libraryPhone(text, country)
}

// regionOf gives a country code in the form that the library knows.
func regionOf(country string) string {
	if len(country) != 2 {
		return ""
	}
	if country = strings.ToUpper(country); country == "UK" {
		return "GB"
	}
	return country
}

func libraryPhone(text, country string) (Phone, error) {
	var faults fault.List
	refuse := func(code, format string, args ...any) (Phone, error) {
		faults.Add("phone", code, format, args...)
		return Phone{}, faults.Err("the phone number cannot be used")
	}
	shown := Clean(text, 60)
	if len(text) > phoneInputLimit {
		return refuse("phone.long", "is longer than a phone number can be: %q", shown)
	}
	if shown == "" {
		return refuse("required", "is missing; write it with the country code, as +36 30 123 4567")
	}
	number, err := phonenumbers.Parse(shown, country)
	if err != nil {
		return refuse("phone.form", "%q is not a phone number; write it with the country code, as +36 30 123 4567", shown)
	}
	if phonenumbers.IsPossibleNumberWithReason(number) != phonenumbers.IS_POSSIBLE {
		return refuse("phone.length", "%q has too few or too many digits for its country; write it with country and area code, as +36 30 123 4567", shown)
	}
	return Phone{E164: phonenumbers.Format(number, phonenumbers.E164), Extension: number.GetExtension()}, nil
}

// FormatPhone writes an E.164 number for people, as it is dialled from abroad: "+36 30 123 4567".
// What is no E.164 number is given back as it is, cleaned and cut to 60 runes.
func FormatPhone(e164 string) string {
	if len(e164) > 16 || !strings.HasPrefix(e164, "+") {
		return Clean(e164, 60)
	}
	number, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return Clean(e164, 60)
	}
	return phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
}

// plan is what of a country's numbering is so simple that the library need not be asked: numbers
// whose national part has one of these lengths and starts with one of these digits are the country
// code and that part, and nothing else. A test compares all of them by their first four digits with
// the library.
type plan struct {
	region, code string
	// trunk is dialled before the national part within the country.
	trunk string
	// lengths of the national part: bit n stands for n digits.
	lengths uint32
	// first are the digits a national part may start with.
	first string
}

var plans = []plan{
	{"HU", "36", "06", 1<<8 | 1<<9, "123456789"},
	{"RO", "40", "0", 1 << 9, "237"},
	{"SK", "421", "0", 1 << 9, "2345679"},
	{"AT", "43", "0", 1<<10 | 1<<11, "67"},
	{"DE", "49", "0", 1<<10 | 1<<11, "123456789"},
	{"GB", "44", "0", 1 << 10, "127"},
	{"FR", "33", "0", 1 << 9, "12345679"},
	{"PL", "48", "", 1 << 9, "123456789"},
	{"GR", "30", "", 1 << 10, "26"},
	{"IL", "972", "0", 1<<8 | 1<<9, "234589"},
	{"RU", "7", "8", 1 << 10, "349"},
	{"US", "1", "1", 1 << 10, "23456789"},
}

// plainPhone reads the plain forms that nearly all numbers come in, at a hundredth of the
// library's cost, or says that it cannot.
func plainPhone(text, country string) (string, bool) {
	if len(text) < 8 || len(text) > 30 {
		return "", false
	}
	var digits [16]byte
	n := 0
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			if n == len(digits) {
				return "", false
			}
			digits[n] = c
			n++
		case c == '+' && i == 0:
		case n > 0 && i < len(text)-1 && (c == ' ' || c == '-' || c == '/' || c == '.' || c == '(' || c == ')'):
		default:
			return "", false
		}
	}
	number := string(digits[:n])
	for i := range plans {
		p := &plans[i]
		lead := p.trunk
		if text[0] == '+' {
			lead = p.code
		} else if p.region != country || lead == "" {
			continue
		}
		if national, ok := strings.CutPrefix(number, lead); ok && p.holds(national) {
			return "+" + p.code + national, true
		}
	}
	return "", false
}

// holds reports whether the national part is one the plan vouches for.
func (p *plan) holds(national string) bool {
	return national != "" && len(national) < 32 && p.lengths&(1<<len(national)) != 0 && strings.IndexByte(p.first, national[0]) >= 0
}
