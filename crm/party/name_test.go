package party

import (
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
)

func TestParseName(t *testing.T) {
	hu, en, he, ru, el := locale.Hungarian, locale.English, locale.Hebrew, locale.Russian, locale.Greek
	for _, test := range []struct {
		name, in string
		lang     locale.Language
		want     Name
		display  string
	}{
		{"Hungarian with title", "dr. Kovács Anna Mária", hu, Name{Title: "dr.", Family: "Kovács", Given: "Anna", Middle: "Mária"}, "dr. Kovács Anna Mária"},
		{"Hungarian -né and birth name", "Dr. Nagyné Szabó Éva", hu, Name{Title: "Dr.", Family: "Nagyné Szabó", Given: "Éva"}, "Dr. Nagyné Szabó Éva"},
		{"Hungarian -né with inner title", "Kovácsné dr. Szabó Éva", hu, Name{Title: "dr.", Family: "Kovácsné Szabó", Given: "Éva"}, "dr. Kovácsné Szabó Éva"},
		{"Hungarian -né alone", "Nagyné Éva", hu, Name{Family: "Nagyné", Given: "Éva"}, "Nagyné Éva"},
		{"Hungarian husband's name", "Tóth Jánosné", hu, Name{Family: "Tóth", Given: "Jánosné"}, "Tóth Jánosné"},
		{"Hungarian junior", "ifj. Tóth Béla", hu, Name{Suffix: "ifj.", Family: "Tóth", Given: "Béla"}, "ifj. Tóth Béla"},
		{"Hungarian hyphen", "Kovács-Tóth Anna", hu, Name{Family: "Kovács-Tóth", Given: "Anna"}, "Kovács-Tóth Anna"},
		{"Hungarian address", "Kiss Péter úr", hu, Name{Title: "úr", Family: "Kiss", Given: "Péter"}, "Kiss Péter úr"},
		{"Hungarian one word", "Kovács", hu, Name{Family: "Kovács"}, "Kovács"},
		{"English full", "Dr. John van der Berg Jr.", en, Name{Title: "Dr.", Given: "John", Particle: "van der", Family: "Berg", Suffix: "Jr."}, "Dr. John van der Berg Jr."},
		{"English comma", "Berg, John", en, Name{Given: "John", Family: "Berg"}, "John Berg"},
		{"English comma and particle", "Berg, John van der", en, Name{Given: "John", Particle: "van der", Family: "Berg"}, "John van der Berg"},
		{"English degree after comma", "John Berg, PhD", en, Name{Given: "John", Family: "Berg", Suffix: "PhD"}, "John Berg PhD"},
		{"English middle", "Mary Jane Watson", en, Name{Given: "Mary", Middle: "Jane", Family: "Watson"}, "Mary Jane Watson"},
		{"English Ben is a name", "Ben Smith", en, Name{Given: "Ben", Family: "Smith"}, "Ben Smith"},
		{"English title and family", "Mr Smith", en, Name{Title: "Mr", Family: "Smith"}, "Mr Smith"},
		{"Russian family first", "Иванов Иван Петрович", ru, Name{Family: "Иванов", Given: "Иван", Patronymic: "Петрович"}, "Иван Петрович Иванов"},
		{"Russian given first", "Иван Петрович Иванов", ru, Name{Family: "Иванов", Given: "Иван", Patronymic: "Петрович"}, "Иван Петрович Иванов"},
		{"Russian woman", "Смирнова Анна Ильинична", ru, Name{Family: "Смирнова", Given: "Анна", Patronymic: "Ильинична"}, "Анна Ильинична Смирнова"},
		{"Russian without family", "Илья Кузьмич", ru, Name{Given: "Илья", Patronymic: "Кузьмич"}, "Илья Кузьмич"},
		{"Russian family in -ович", "Абрамович Роман Аркадьевич", ru, Name{Family: "Абрамович", Given: "Роман", Patronymic: "Аркадьевич"}, "Роман Аркадьевич Абрамович"},
		{"Russian family in -ович last", "Роман Аркадьевич Абрамович", ru, Name{Family: "Абрамович", Given: "Роман", Patronymic: "Аркадьевич"}, "Роман Аркадьевич Абрамович"},
		{"Russian woman with family in -ович", "Анна Рабинович", ru, Name{Given: "Анна", Family: "Рабинович"}, "Анна Рабинович"},
		{"Russian two words", "Петров Сергей", ru, Name{Given: "Сергей", Family: "Петров"}, "Сергей Петров"},
		{"Russian Marina is no family name", "Марина Шмидт", ru, Name{Given: "Марина", Family: "Шмидт"}, "Марина Шмидт"},
		{"Russian comma", "Иванов, Иван Петрович", ru, Name{Family: "Иванов", Given: "Иван", Patronymic: "Петрович"}, "Иван Петрович Иванов"},
		{"Greek", "Γεώργιος Παπαδόπουλος", el, Name{Given: "Γεώργιος", Family: "Παπαδόπουλος"}, "Γεώργιος Παπαδόπουλος"},
		{"Greek title", "κ. Παπαδόπουλος", el, Name{Title: "κ.", Family: "Παπαδόπουλος"}, "κ. Παπαδόπουλος"},
		{"Hebrew title", "ד\"ר יעל כהן", he, Name{Title: "ד\"ר", Given: "יעל", Family: "כהן"}, "ד\"ר יעל כהן"},
		{"Hebrew gershayim", "ד״ר יעל כהן", he, Name{Title: "ד״ר", Given: "יעל", Family: "כהן"}, "ד״ר יעל כהן"},
		{"Hebrew particle", "דוד בן גוריון", he, Name{Given: "דוד", Particle: "בן", Family: "גוריון"}, "דוד בן גוריון"},
		{"nothing", " \x00 ", hu, Name{}, ""},
		{"only a title", "dr.", hu, Name{Title: "dr."}, "dr."},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ParseName(test.in, test.lang)
			test.want.Full = Clean(test.in, nameLimit)
			if got != test.want {
				t.Errorf("ParseName(%q) =\n%+v, want\n%+v", test.in, got, test.want)
			}
			if d := got.Display(test.lang); d != test.display {
				t.Errorf("Display gives %q, want %q", d, test.display)
			}
		})
	}
}

func TestSalutation(t *testing.T) {
	hu, en, he, ru, el := locale.Hungarian, locale.English, locale.Hebrew, locale.Russian, locale.Greek
	for _, test := range []struct {
		name, in string
		lang     locale.Language
		gender   Gender
		style    Style
		want     string
	}{
		{"Hungarian man", "Kovács Péter", hu, Male, Formal, "Tisztelt Kovács Úr!"},
		{"Hungarian doctor", "dr. Kovács Péter", hu, Male, Formal, "Tisztelt dr. Kovács Úr!"},
		{"Hungarian woman", "Kovács Anna", hu, Female, Formal, "Tisztelt Kovács Anna!"},
		{"Hungarian unknown", "Kovács Andrea", hu, GenderUnknown, Formal, "Tisztelt Kovács Andrea!"},
		{"Hungarian -né", "Nagyné Szabó Éva", hu, GenderUnknown, Formal, "Tisztelt Nagyné Szabó Éva!"},
		{"Hungarian úr is written", "Kiss Péter úr", hu, GenderUnknown, Formal, "Tisztelt Kiss Úr!"},
		{"Hungarian nobody", "", hu, Male, Formal, "Tisztelt Partnerünk!"},
		{"Hungarian bare family", "Kovács", hu, GenderUnknown, Formal, "Tisztelt Partnerünk!"},
		{"Hungarian friend", "Kovács Anna", hu, GenderUnknown, Friendly, "Kedves Anna!"},
		{"Hungarian friendly nobody", "", hu, GenderUnknown, Friendly, "Kedves Partnerünk!"},
		{"Russian man by patronymic", "Иванов Иван Петрович", ru, GenderUnknown, Formal, "Уважаемый Иван Петрович!"},
		{"Russian woman by patronymic", "Анна Ивановна", ru, GenderUnknown, Formal, "Уважаемая Анна Ивановна!"},
		{"Russian woman with family in -ович", "Анна Рабинович", ru, GenderUnknown, Formal, "Здравствуйте, Анна!"},
		{"Russian title and family", "г-н Иванов", ru, GenderUnknown, Formal, "Уважаемый господин Иванов!"},
		{"Russian nobody", "", ru, GenderUnknown, Formal, "Здравствуйте!"},
		{"Greek man", "Γεώργιος Παπαδόπουλος", el, Male, Formal, "Αγαπητέ κύριε Παπαδόπουλε,"},
		{"Greek title", "κ. Ιωαννίδης", el, GenderUnknown, Formal, "Αγαπητέ κύριε Ιωαννίδη,"},
		{"Greek -ας", "Γιώργος Παππάς", el, Male, Formal, "Αγαπητέ κύριε Παππά,"},
		{"Greek indeclinable", "Νίκος Γεωργίου", el, Male, Formal, "Αγαπητέ κύριε Γεωργίου,"},
		{"Greek woman", "Ελένη Παπαδοπούλου", el, Female, Formal, "Αγαπητή κυρία Παπαδοπούλου,"},
		{"Greek lady by title", "κα Ελένη Παπαδοπούλου", el, GenderUnknown, Formal, "Αγαπητή κυρία Παπαδοπούλου,"},
		{"Greek friend", "Νίκος Γεωργίου", el, GenderUnknown, Friendly, "Γεια σας Νίκο,"},
		{"Greek friend, long name", "Αλέξανδρος Γεωργίου", el, GenderUnknown, Friendly, "Γεια σας Αλέξανδρε,"},
		{"Greek nobody", "", el, GenderUnknown, Formal, "Αγαπητέ συνεργάτη,"},
		{"Hebrew doctor", "ד\"ר יעל כהן", he, GenderUnknown, Formal, "שלום ד\"ר יעל כהן,"},
		{"Hebrew man", "מר כהן", he, GenderUnknown, Formal, "שלום מר כהן,"},
		{"Hebrew nobody", "", he, GenderUnknown, Formal, "שלום רב,"},
		{"Hebrew nameless man", "", he, Male, Formal, "נכבדי,"},
		{"Hebrew friend", "יעל כהן", he, GenderUnknown, Friendly, "שלום יעל,"},
		{"English doctor", "Dr. John Berg", en, GenderUnknown, Formal, "Dear Dr Berg,"},
		{"English particle", "Dr. John van der Berg Jr.", en, GenderUnknown, Formal, "Dear Dr van der Berg,"},
		{"English man", "John Smith", en, Male, Formal, "Dear Mr Smith,"},
		{"English woman", "Mary Smith", en, Female, Formal, "Dear Ms Smith,"},
		{"English Mrs is kept", "Mrs Mary Smith", en, GenderUnknown, Formal, "Dear Mrs Smith,"},
		{"English unknown", "Robin Smith", en, GenderUnknown, Formal, "Dear Robin Smith,"},
		{"English nobody", "", en, Male, Formal, "Dear Sir or Madam,"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ParseName(test.in, test.lang).Salutation(test.lang, test.gender, test.style); got != test.want {
				t.Errorf("Salutation(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
	t.Run("parts set by a host are cleaned", func(t *testing.T) {
		n := Name{Family: "Kovács\r\nBcc: x@y.hu", Given: "\x00Anna"}
		if got := n.Salutation(hu, Female, Formal); got != "Tisztelt Kovács Bcc: x@y.hu Anna!" {
			t.Errorf("got %q", got)
		}
	})
}

func FuzzParseName(f *testing.F) {
	for _, s := range []string{"dr. Kovács Anna Mária", "Kovácsné dr. Szabó Éva", "Dr. John van der Berg Jr.", "Berg, John", "Иванов Иван Петрович", "κ. Παπαδόπουλος", "ד\"ר יעל כהן", ",", "von von von", "dr. dr.", "né né né", "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range locale.Languages {
			n := ParseName(s, l)
			for _, style := range []Style{Formal, Friendly} {
				if got := n.Salutation(l, GenderUnknown, style); got == "" || !sound(got) {
					t.Fatalf("%q is greeted %q", s, got)
				}
			}
			if !sound(n.Display(l)) || n.Full != "" && n.Display(l) == "" && Fold(n.Full) != "" {
				t.Fatalf("%q is displayed %q", s, n.Display(l))
			}
		}
	})
}
