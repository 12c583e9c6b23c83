package party

// taxRule is how the tax ids of one country look.
type taxRule struct {
	// forms are what a number without its prefix can look like: d a digit, a a letter, x either,
	// other characters themselves.
	forms []string
	// check verifies the check digits of a number that has one of the forms; nil where they are
	// not known for sure.
	check func(string) bool
	// pad is the length to which leading zeros that were dropped are put back; at most two.
	pad     int
	example string
}

// matches reports whether the number has one of the forms.
func (r *taxRule) matches(number string) bool {
	for _, form := range r.forms {
		if hasForm(number, form) {
			return true
		}
	}
	return false
}

func hasForm(number, form string) bool {
	if len(number) != len(form) {
		return false
	}
	for i := range len(form) {
		c := number[i]
		digit, letter := c >= '0' && c <= '9', c >= 'A' && c <= 'Z'
		switch form[i] {
		case 'd':
			if !digit {
				return false
			}
		case 'a':
			if !letter {
				return false
			}
		case 'x':
			if !digit && !letter {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}

// taxRules holds the forms of the VAT numbers of the EU (VIES) and the tax ids of the countries
// whose languages CRM+ speaks.
var taxRules = map[string]*taxRule{
	"HU": {forms: []string{"dddddddd", "ddddddddddd", "8ddddddddd"}, check: checkHU, example: "12345676-2-41 or HU12345676"},
	"GR": {forms: []string{"ddddddddd"}, check: checkGR, pad: 9, example: "EL094259216"},
	"IL": {forms: []string{"ddddddddd"}, check: checkIL, pad: 9, example: "516179157"},
	"RU": {forms: []string{"dddddddddd", "dddddddddddd"}, check: checkRU, example: "7707083893"},
	"GB": {forms: []string{"ddddddddd", "dddddddddddd", "GDddd", "HAddd"}, check: checkGB, example: "GB980780684"},
	"AT": {forms: []string{"Udddddddd"}, check: checkAT, example: "ATU13585627"},
	"BE": {forms: []string{"0ddddddddd", "1ddddddddd"}, check: checkBE, pad: 10, example: "BE0428759497"},
	"BG": {forms: []string{"ddddddddd", "dddddddddd"}, example: "BG175074752"},
	"CY": {forms: []string{"dddddddda"}, example: "CY10259033P"},
	"CZ": {forms: []string{"dddddddd", "ddddddddd", "dddddddddd"}, example: "CZ25123891"},
	"DE": {forms: []string{"ddddddddd"}, check: checkMod11And10, example: "DE136695976"},
	"DK": {forms: []string{"dddddddd"}, check: weighted(11, 2, 7, 6, 5, 4, 3, 2, 1), example: "DK13585628"},
	"EE": {forms: []string{"ddddddddd"}, example: "EE100931558"},
	"ES": {forms: []string{"xdddddddx"}, example: "ESB58378431"},
	"FI": {forms: []string{"dddddddd"}, check: weighted(11, 7, 9, 10, 5, 8, 4, 2, 1), example: "FI20774740"},
	"FR": {forms: []string{"xxddddddddd"}, example: "FR40303265045"},
	"HR": {forms: []string{"ddddddddddd"}, check: checkMod11And10, example: "HR33392005961"},
	"IE": {forms: []string{"ddddddda", "dddddddaa", "dxddddda"}, example: "IE6433435F"},
	"IT": {forms: []string{"ddddddddddd"}, check: checkIT, pad: 11, example: "IT00743110157"},
	"LT": {forms: []string{"ddddddddd", "dddddddddddd"}, example: "LT119511515"},
	"LU": {forms: []string{"dddddddd"}, check: checkLU, example: "LU15027442"},
	"LV": {forms: []string{"ddddddddddd"}, example: "LV40003521600"},
	"MT": {forms: []string{"dddddddd"}, example: "MT11679112"},
	"NL": {forms: []string{"dddddddddBdd"}, example: "NL004495445B01"},
	"PL": {forms: []string{"dddddddddd"}, check: checkPL, example: "PL8567346215"},
	"PT": {forms: []string{"ddddddddd"}, check: checkPT, example: "PT501964843"},
	"RO": {forms: []string{"dd", "ddd", "dddd", "ddddd", "dddddd", "ddddddd", "dddddddd", "ddddddddd", "dddddddddd"}, check: checkRO, example: "RO18547290"},
	"SE": {forms: []string{"dddddddddd01"}, example: "SE123456789701"},
	"SI": {forms: []string{"dddddddd"}, check: checkSI, example: "SI50223054"},
	"SK": {forms: []string{"dddddddddd"}, check: func(s string) bool { return digitsMod(s, 11) == 0 }, example: "SK2022749619"},
}

// weightedSum adds the digits of s multiplied by the weights.
func weightedSum(s string, weights ...int) int {
	total := 0
	for i, w := range weights {
		total += int(s[i]-'0') * w
	}
	return total
}

// weighted verifies that the weighted sum of all digits is divisible by m.
func weighted(m int, weights ...int) func(string) bool {
	return func(s string) bool { return weightedSum(s, weights...)%m == 0 }
}

// digitsMod is the decimal number s modulo m.
func digitsMod(s string, m int) int {
	rest := 0
	for i := range len(s) {
		rest = (rest*10 + int(s[i]-'0')) % m
	}
	return rest
}

func checkDigit(s string) int { return int(s[len(s)-1] - '0') }

// allZero reports a number of zeros only, which fits most check digits and names nobody.
func allZero(s string) bool {
	for i := range len(s) {
		if s[i] != '0' {
			return false
		}
	}
	return true
}

// checkHU verifies the adószám (8 digits; then the VAT code 1 to 5 and the county 02 to 20, 22 to
// 44 or 51) and the adóazonosító jel of persons (10 digits, the act CXVI of 1996).
func checkHU(s string) bool {
	if len(s) == 10 {
		return weightedSum(s, 1, 2, 3, 4, 5, 6, 7, 8, 9)%11 == checkDigit(s)
	}
	if allZero(s[:8]) || weightedSum(s, 9, 7, 3, 1, 9, 7, 3, 1)%10 != 0 {
		return false
	}
	if len(s) == 8 {
		return true
	}
	county := digitsMod(s[9:], 100)
	return s[8] >= '1' && s[8] <= '5' && (county >= 2 && county <= 44 && county != 21 || county == 51)
}

// checkGR verifies the ΑΦΜ: the first eight digits by powers of two.
func checkGR(s string) bool {
	return !allZero(s) && weightedSum(s, 256, 128, 64, 32, 16, 8, 4, 2)%11%10 == checkDigit(s)
}

// checkIL verifies the nine digits of a company or person (Luhn, the first digit once).
func checkIL(s string) bool {
	return !allZero(s) && luhn(s, 1) == 0
}

// checkIT verifies the partita IVA (Luhn, the first digit once).
func checkIT(s string) bool {
	return !allZero(s) && luhn(s, 1) == 0
}

// luhn adds the digits, each second one doubled with its digits added, modulo 10; doubled is the
// index of the first doubled one.
func luhn(s string, doubled int) int {
	total := 0
	for i := range len(s) {
		d := int(s[i] - '0')
		if i%2 == doubled {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		total += d
	}
	return total % 10
}

// checkRU verifies the ИНН of companies (10 digits) and persons (12).
func checkRU(s string) bool {
	if allZero(s) {
		return false
	}
	if len(s) == 10 {
		return weightedSum(s, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == checkDigit(s)
	}
	return weightedSum(s, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == int(s[10]-'0') &&
		weightedSum(s, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == checkDigit(s)
}

// checkGB verifies a VAT registration number by either rule in use, modulo 97 and the one of 2010.
func checkGB(s string) bool {
	if len(s) < 9 {
		return true // government departments and health authorities
	}
	total := weightedSum(s, 8, 7, 6, 5, 4, 3, 2) + digitsMod(s[7:9], 100)
	return !allZero(s[:9]) && (total%97 == 0 || (total+55)%97 == 0)
}

// checkAT verifies the UID after its U.
func checkAT(s string) bool {
	total := 4
	for i := range 7 {
		d := int(s[i+1] - '0')
		if i%2 == 1 {
			d = d/5 + d*2%10
		}
		total += d
	}
	return (10-total%10)%10 == checkDigit(s)
}

// checkBE verifies the ondernemingsnummer: 97 less the first eight digits modulo 97.
func checkBE(s string) bool {
	return !allZero(s) && 97-digitsMod(s[:8], 97) == digitsMod(s[8:], 100)
}

// checkMod11And10 verifies ISO 7064 MOD 11,10, which Germany and Croatia use.
func checkMod11And10(s string) bool {
	product := 10
	for i := range len(s) - 1 {
		rest := (int(s[i]-'0') + product) % 10
		if rest == 0 {
			rest = 10
		}
		product = rest * 2 % 11
	}
	return !allZero(s) && (11-product)%10 == checkDigit(s)
}

func checkLU(s string) bool { return digitsMod(s[:6], 89) == digitsMod(s[6:], 100) }

// checkPL verifies the NIP.
func checkPL(s string) bool {
	return !allZero(s) && weightedSum(s, 6, 5, 7, 2, 3, 4, 5, 6, 7)%11 == checkDigit(s)
}

// checkPT verifies the NIPC.
func checkPT(s string) bool {
	check := 11 - weightedSum(s, 9, 8, 7, 6, 5, 4, 3, 2)%11
	if check > 9 {
		check = 0
	}
	return !allZero(s) && check == checkDigit(s)
}

// checkRO verifies the CUI, of two to ten digits.
func checkRO(s string) bool {
	padded := "0000000000"[len(s):] + s
	return s[0] != '0' && weightedSum(padded, 7, 5, 3, 2, 1, 7, 5, 3, 2)*10%11%10 == checkDigit(s)
}

// checkSI verifies the davčna številka.
func checkSI(s string) bool {
	check := 11 - weightedSum(s, 8, 7, 6, 5, 4, 3, 2)%11
	return s[0] != '0' && check != 11 && check%10 == checkDigit(s)
}
