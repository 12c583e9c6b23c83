package party

import (
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// Names in five languages, the most frequent ones of each, for generated people.
var (
	familyNames = strings.Fields(`Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Takács Juhász Lakatos Mészáros Oláh Simon Rácz Fekete Szilágyi Török Fehér Balázs Gál Szűcs Kocsis Pintér Fodor Szalai Sipos Magyar Lukács Gulyás Biró Király Katona László Jakab Bogdán
Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Roberts Johnson Lewis Walker Robinson Wood Thompson White Watson Jackson Wright
Иванов Смирнова Кузнецов Попов Васильева Петров Соколов Михайлов Новикова Фёдоров Морозов Волкова Алексеев Лебедев Семёнов
Παπαδόπουλος Παπαδοπούλου Γεωργίου Ιωάννου Βασιλείου Δημητρίου Νικολάου Παππάς Οικονόμου Καραγιάννης
כהן לוי מזרחי פרץ ביטון דהן אברהם פרידמן אזולאי מלכה`)
	givenNames = strings.Fields(`Anna Mária Éva Katalin Ilona Erzsébet Zsuzsanna Judit Ágnes Andrea László István József János Zoltán Sándor Gábor Ferenc Attila Péter Tamás Zsolt Tibor András Csaba Imre Béla Réka Eszter Nóra
John Mary James Emily Oliver Amelia George Olivia Harry Jessica Thomas Sophie
Иван Анна Александр Екатерина Дмитрий Наталья Сергей Ольга Андрей Юлия
Γεώργιος Μαρία Δημήτριος Ελένη Κωνσταντίνος Αικατερίνη Ιωάννης Βασιλική
יעל דוד נועה משה תמר יוסף שרה אברהם`)
	companyWords = strings.Fields(`Minta Alfa Pannon Duna Tisza Zöld Kék Arany Ezüst Mester Profi Euro Hungaro Nova Prima Optima Delta Omega Global Smart Gépész Villamos Épker Agro Logisztika Informatika Kereskedelmi Szolgáltató Szállító Építő Consulting Trade Invest Media Print Design Stúdió Metál Faipari Nyomda`)
)

// somebody makes a person's name, somebodySwapped the same with the words swapped.
func somebody(r *rand.Rand) string {
	return familyNames[r.IntN(len(familyNames))] + " " + givenNames[r.IntN(len(givenNames))]
}

func someCompany(r *rand.Rand) string {
	name := companyWords[r.IntN(len(companyWords))] + " " + companyWords[r.IntN(len(companyWords))]
	if r.IntN(2) == 0 {
		name += " " + companyWords[r.IntN(len(companyWords))]
	}
	return name
}

// mistype makes one typing error in a word of the name: a letter left out, doubled, wrong, added,
// or two letters swapped.
func mistype(r *rand.Rand, name string) string {
	runes := []rune(strings.ToLower(name))
	for {
		i := r.IntN(len(runes))
		if runes[i] == ' ' {
			continue
		}
		other := []rune("abcdefghijklmnopqrstuvwxyz")[r.IntN(26)]
		if runes[i] >= 0x370 {
			other = runes[i] + 1
		}
		switch r.IntN(5) {
		case 0:
			return string(append(append([]rune(nil), runes[:i]...), runes[i+1:]...))
		case 1:
			return string(append(append([]rune(nil), runes[:i+1]...), runes[i:]...))
		case 2:
			runes[i] = other
			return string(runes)
		case 3:
			return string(runes[:i]) + string(other) + string(runes[i:])
		default:
			if i+1 == len(runes) || runes[i+1] == ' ' {
				continue
			}
			runes[i], runes[i+1] = runes[i+1], runes[i]
			return string(runes)
		}
	}
}

func swapWords(name string) string {
	words := strings.Fields(name)
	return strings.Join(append(words[len(words)-1:], words[:len(words)-1]...), " ")
}

// hostile are inputs that nobody types; each function has to bear them.
func hostile() map[string]string {
	const mega = 1 << 20
	return map[string]string{
		"empty":            "",
		"NUL":              "a\x00b",
		"broken UTF-8":     "\xff\xfe\xc3(",
		"a megabyte":       strings.Repeat("a", mega),
		"blanks":           strings.Repeat(" ", mega),
		"words":            strings.Repeat("a ", mega/2),
		"combining marks":  "e" + strings.Repeat("\u0301", mega/2),
		"ligatures":        strings.Repeat("ﷺ", mega/3),
		"brackets":         strings.Repeat("<", mega/2) + "a@b.hu" + strings.Repeat(">", mega/2),
		"at signs":         strings.Repeat("@", mega),
		"dots":             strings.Repeat("k.f.t.", mega/6),
		"digits":           strings.Repeat("1", mega),
		"plus signs":       strings.Repeat("+", mega),
		"direction":        "\u202eannA\u202c",
		"titles":           strings.Repeat("dr. ", mega/4),
		"commas":           strings.Repeat("a,", mega/2),
		"beyond the plane": strings.Repeat("😀", mega/4),
	}
}

func sound(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
