package tabular

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/locale"
)

func TestGuessMapping(t *testing.T) {
	tests := []struct {
		name, header, values, want string
		lang                       locale.Language
	}{
		{"Hungarian", "Név|Cégnév|Adószám|E-mail cím|Telefonszám|Irányítószám|Város|Utca, házszám|Várható érték|Létrehozva|Megjegyzés", "",
			"full_name|company|tax_id|email|phone|postal_code|city|street|expected_value|created_at|interest", locale.Hungarian},
		{"Hungarian without accents, capitals", "VEZETEKNEV|KERESZTNEV|CEG|EMAIL|MOBIL|IRSZ.|VAROS|FORRAS|HOZZAJARULAS", "",
			"family_name|given_name|company|email|mobile|postal_code|city|source|consent", locale.Hungarian},
		{"Hungarian head nouns", "Kapcsolattartó e-mail címe|Céges telefon|Számlázási cím|Születési idő", "", "|phone|street|birth_date", locale.Hungarian},
		{"Russian", "Фамилия|Имя|Отчество|Организация|ИНН|Электронная почта|Мобильный телефон|Город|Адрес|Источник|Комментарий", "",
			"family_name|given_name|patronymic|company|tax_id|email|mobile|city|street|source|interest", locale.Russian},
		{"Russian head nouns", "ФИО клиента|Телефон рабочий|Должность|Дата рождения|Ответственный менеджер|Сумма сделки", "",
			"full_name|phone|job_title|birth_date|owner|expected_value", locale.Russian},
		{"Greek", "Επώνυμο|Όνομα|Επωνυμία εταιρείας|ΑΦΜ|Email|Τηλέφωνο|Κινητό|Διεύθυνση|Πόλη|Τ.Κ.|Σχόλια|Χώρα", "",
			"family_name|given_name|company|tax_id|email|phone|mobile|street|city|postal_code|interest|country", locale.Greek},
		{"Hebrew", `שם פרטי|שם משפחה|חברה|ח.פ.|דוא"ל|טלפון|נייד|כתובת|עיר|מיקוד|הערות|תפקיד`, "",
			"given_name|family_name|company|tax_id|email|phone|mobile|street|city|postal_code|interest|job_title", locale.Hebrew},
		{"Salesforce", "First Name|Last Name|Title|Company / Account|Email|Phone|Mobile|Street|City|State/Province|Zip/Postal Code|Country|Lead Source|Lead Status|Lead Owner|Create Date|Lead ID", "",
			"given_name|family_name|job_title|company|email|phone|mobile|street|city|region|postal_code|country|source|status|owner|created_at|external_id", locale.English},
		{"HubSpot", "Record ID - Contact|First Name|Last Name|Email|Phone Number|Mobile Phone Number|Contact owner|Lead Status|Lifecycle Stage|Create Date|Associated Company|Website URL|Job Title", "",
			"external_id|given_name|family_name|email|phone|mobile|owner|status||created_at|company|website|job_title", locale.English},
		{"Outlook", "Title|First Name|Middle Name|Last Name|Company|Job Title|Business Street|Business City|Business State|Business Postal Code|Business Country/Region|Business Phone|Mobile Phone|E-mail Address|E-mail 2 Address|Birthday|Web Page|Notes", "",
			"title|given_name|patronymic|family_name|company|job_title|street|city|region|postal_code|country|phone|mobile|email|email2|birth_date|website|interest", locale.English},
		{"Google", "Name Prefix|First Name|Middle Name|Last Name|Organization Name|Organization Title|Birthday|Notes|E-mail 1 - Label|E-mail 1 - Value|E-mail 2 - Value|Phone 1 - Label|Phone 1 - Value|Phone 2 - Value|Address 1 - Street|Address 1 - City|Address 1 - Region|Address 1 - Postal Code|Address 1 - Country|Website 1 - Value", "",
			"title|given_name|patronymic|family_name|company|job_title|birth_date|interest||email|email2||phone|phone2|street|city|region|postal_code|country|website", locale.English},
		{"UTM", "email|utm_source|utm_medium|utm_campaign|UTM Source", "", "email|utm_source|utm_medium|utm_campaign|", locale.English},
		{"a required field and a remark", "Email*|Phone (office)", "", "email|phone", locale.English},
		{"values without names", "column 1|column 2|column 3|column 4", "Kovács és Társa Kft.|kovacs@example.hu|+36 30 123 4567|12345676-2-41", "company|email|phone|tax_id", locale.Hungarian},
		{"values against the name", "Email|X", "nincs|anna@example.hu", "|email", locale.Hungarian},
		{"two of a kind", "Telefon|Telefon (2)|Mobil", "+36 1 234 5678|+36 1 234 5679|+36 30 123 4567", "phone|phone2|mobile", locale.Hungarian},
		{"only a second phone", "Phone 2", "+36 1 234 5678", "phone", locale.English},
		{"nothing to guess from", "foo|bar", "x|y", "|", locale.English},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var sample []Row
			if tt.values != "" {
				sample = []Row{{Line: 2, Cells: strings.Split(tt.values, "|")}}
			}
			var got []string
			for i, g := range GuessMapping(strings.Split(tt.header, "|"), sample, tt.lang) {
				if g.Column != i || g.Confidence < 0 || g.Confidence > 1 {
					t.Errorf("guess %d: %+v", i, g)
				}
				got = append(got, string(g.Field))
			}
			if diff := cmp.Diff(strings.Split(tt.want, "|"), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGuessLanguage(t *testing.T) {
	tests := []struct {
		name, header, values string
		want                 locale.Language
	}{
		{"English export of a Hungarian firm", "First Name|Last Name|Email|City", "Ágnes|Szűcs|agnes@example.hu|Győr", locale.English},
		{"no names, Hungarian values", "a|b|c", "Szűcs Ágnes|agnes@example.hu|2026. 07. 13.", locale.Hungarian},
		{"no names, Greek phone", "a|b", "Maria|+30 210 1234567", locale.Greek},
		{"Hungarian without accents", "Nev|Varos|Telefonszam", "Kis Anna|Vac|06 30 123 4567", locale.Hungarian},
		{"Russian", "Имя|Телефон|Email", "Anna|1|a@b.com", locale.Russian},
		{"Hebrew", "שם|Email", "Anna|a@b.com", locale.Hebrew},
		{"nothing speaks", "x|y", "1|2", locale.English},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sample := []Row{{Cells: strings.Split(tt.values, "|")}}
			if got := GuessLanguage(strings.Split(tt.header, "|"), sample); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// The files of testdata are understood without any help.
func TestGuessFiles(t *testing.T) {
	for file, want := range map[string]locale.Language{
		"leads_hu_cp1250.csv": locale.Hungarian, "leads_ru_cp1251.csv": locale.Russian,
		"leads_el_cp1253.csv": locale.Greek, "leads_he_cp1255.csv": locale.Hebrew,
	} {
		t.Run(file, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			table := open(t, content, Options{})
			sample, err := table.Peek(50)
			if err != nil {
				t.Fatal(err)
			}
			lang := GuessLanguage(table.Header, sample)
			if lang != want {
				t.Errorf("language %s, want %s", lang, want)
			}
			for _, g := range GuessMapping(table.Header, sample, lang) {
				if g.Field == "" || g.Confidence < 0.7 {
					t.Errorf("%s: %+v", table.Header[g.Column], g)
				}
			}
		})
	}
}

func TestEveryFieldHasNames(t *testing.T) {
	seconds := []Field{Email2, Phone2}
	for _, f := range Fields {
		if _, ok := names[f]; !ok && !slices.Contains(seconds, f) {
			t.Errorf("%s has no names", f)
		}
	}
}
