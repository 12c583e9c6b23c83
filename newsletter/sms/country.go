package sms

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Country is the ISO 3166-1 code of the country that a number in E.164 belongs to, "" where that cannot be
// said. Its rules hold for what is sent there.
func Country(number string) string {
	digits, ok := strings.CutPrefix(number, "+")
	if !ok {
		return ""
	}
	for _, p := range countryPrefixes { // nearly all of them, at a fraction of what the library costs
		if strings.HasPrefix(digits, p.prefix) {
			return p.country
		}
	}
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return ""
	}
	if region := phonenumbers.GetRegionCodeForNumber(n); len(region) == 2 && region != "ZZ" {
		return region
	}
	if region := phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode())); len(region) == 2 && region != "ZZ" {
		return region
	}
	return ""
}

// countryPrefixes are countries that share their code with nobody (ITU-T E.164).
var countryPrefixes = []struct{ prefix, country string }{
	{"36", "HU"}, {"972", "IL"}, {"30", "GR"}, {"40", "RO"}, {"421", "SK"}, {"43", "AT"}, {"49", "DE"}, {"48", "PL"}, {"385", "HR"}, {"386", "SI"},
	{"420", "CZ"}, {"357", "CY"}, {"380", "UA"}, {"33", "FR"}, {"34", "ES"}, {"31", "NL"}, {"32", "BE"},
}
