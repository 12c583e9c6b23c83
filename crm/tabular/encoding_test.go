package tabular

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"github.com/crmplus/crmplus/crm/locale"
)

// encode writes a text in an encoding; a letter the code page lacks fails the test.
func encode(t testing.TB, e Encoding, text string) []byte {
	t.Helper()
	var out []byte
	var err error
	switch e {
	case UTF8:
		return []byte(text)
	case UTF16LE:
		out, err = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(text))
	case UTF16BE:
		out, err = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(text))
	default:
		out, err = codePages[e].NewEncoder().Bytes([]byte(text))
	}
	if err != nil {
		t.Fatalf("%q in %s: %v", text, e, err)
	}
	return out
}

// samples are tables as people have them, some of very few letters.
var samples = []struct {
	name string
	want Encoding
	text string
}{
	{"hu names", Windows1250, "Név;Város\nSzabó Gergő;Győr\nTóth Bálint;Nagykőrös\nVörös Zsuzsa;Pécs\nKocsis Ádám;Szombathely\nFülöp Ágota;Kőszeg\n"},
	{"hu header only", Windows1250, "Név;Cégnév;Telefonszám;E-mail cím;Megjegyzés\nKis Anna;;;;\n"},
	{"hu one accented name", Windows1250, "nev;email\nKovács Anna;a@b.hu\nNagy Pal;p@b.hu\n"},
	{"hu capitals", Windows1250, "NÉV;VÁROS\nKOVÁCS JÁNOS;GYŐR\nSZŰCS ÁGNES;KŐSZEG\nTÓTH ÖDÖN;DUNAÚJVÁROS\n"},
	{"hu companies", Windows1250, "Cég;Cím\nKőműves Építő Kft.;8900 Zalaegerszeg, Rákóczi út 3.\nÉgető Bt.;Fő tér 1.\nŰrtechnika Zrt.;Ősz utca 7.\n"},
	{"hu sentences", Windows1250, "Megjegyzés\nÁrajánlatot kér a jövő hétre, délután hívható\nNem érte el az ügyfelet, üzenetet hagyott\nKöszöni, később jelentkezik\n"},
	{"hu typographic quotes", Windows1250, "Név;Megjegyzés\nPap Éva;„sürgős” – ma\nÁcs Jenő;€ 500\n"},
	{"hu with Slovak names", Windows1250, "Név;Város\nKováč Ján;Komárom\nNovák Žofia;Dunaszerdahely\nŐri Tamás;Érsekújvár\n"},
	{"ru names", Windows1251, "Имя;Город\nИван Петров;Москва\nАнна Сидорова;Казань\nОльга Щукина;Уфа\nПётр Ильин;Тверь\nЮрий Жуков;Омск\n"},
	{"ru few letters", Windows1251, "name;city\nИван;Тверь\nOlga;Omsk\n"},
	{"ru capitals", Windows1251, "ФИО;ТЕЛЕФОН\nИВАНОВ СЕРГЕЙ;1\nПЕТРОВА АННА;2\nЖУКОВ ЮРИЙ;3\n"},
	{"ru companies", Windows1251, "Организация;ИНН\nООО «Вектор»;7707083893\nЗАО «Щит и меч»;7707083894\nИП Фёдоров А. Ю.;1\n"},
	{"ru sentences", Windows1251, "Комментарий\nпросит перезвонить после обеда\nинтересуется ценой на оборудование\nне отвечает, отправить письмо\n"},
	{"ru lower case", Windows1251, "имя;город\nиван;москва\nанна;тверь\n"},
	{"el names", Windows1253, "Όνομα;Πόλη\nΓιώργος Παππάς;Αθήνα\nΜαρία Νικολάου;Πάτρα\nΕλένη Ιωάννου;Βόλος\nΚώστας Δήμου;Χανιά\nΆννα Ρήγα;Λάρισα\n"},
	{"el few letters", Windows1253, "name;city\nΓιώργος;Αθήνα\nMaria;Volos\n"},
	{"el capitals", Windows1253, "ΟΝΟΜΑ;ΠΟΛΗ\nΓΕΩΡΓΙΟΣ ΠΑΠΠΑΣ;ΑΘΗΝΑ\nΜΑΡΙΑ ΝΙΚΟΛΑΟΥ;ΠΑΤΡΑ\n"},
	{"el companies", Windows1253, "Επωνυμία;ΑΦΜ\nΉλιος ΑΕ;094019245\nΑφοί Παπαδόπουλοι ΟΕ;1\nΘάλασσα ΕΠΕ;2\n"},
	{"el sentences", Windows1253, "Σχόλια\nζητάει προσφορά για την επόμενη εβδομάδα\nδεν απαντάει στο τηλέφωνο\nνα σταλεί κατάλογος\n"},
	{"he names", Windows1255, "שם;עיר\nדוד כהן;תל אביב\nשרה לוי;ירושלים\nמשה פרץ;חיפה\nרחל אזולאי;אשדוד\nיוסי מזרחי;נתניה\n"},
	{"he few letters", Windows1255, "name;city\nדוד כהן;חיפה\nSara;Eilat\n"},
	{"he companies", Windows1255, "חברה;ח.פ.\nכהן ובניו בע\"מ;514756428\nמזון טוב בע\"מ;2\nתעשיות הצפון;3\n"},
	{"he sentences", Windows1255, "הערות\nמבקש הצעת מחיר לשבוע הבא\nלא ענה לטלפון, לנסות שוב מחר\nמעוניין במוצר החדש\n"},
	{"he with shekels", Windows1255, "שם;סכום\nמשה;₪ 500\nשרה;₪ 120\n"},
	{"fr names", Windows1252, "Prénom;Ville\nHélène;Orléans\nFrançois;Besançon\nAgnès;Nîmes\nMichèle;Sète\nJérôme;Angoulême\n"},
	{"es names", Windows1252, "Nombre;Ciudad\nIñaki Muñoz;A Coruña\nBegoña Peña;Logroño\n"},
	{"no names", Windows1252, "Navn;By\nBjørn Sørensen;Tromsø\nÅse Ødegård;Ålesund\n"},
	{"utf-8 hu", UTF8, "Név;Város\nSzűcs Ágnes;Győr\n"},
	{"utf-8 ru one word", UTF8, "name;city\nИван;Omsk\n"},
	{"ascii", UTF8, "Name;City\nJohn Smith;London\n"},
	{"utf-16le hu", UTF16LE, "Név;Város\nSzűcs Ágnes;Győr\n"},
	{"utf-16le ru", UTF16LE, "Имя;Город\nИван Петров;Москва\n"},
	{"utf-16le he", UTF16LE, "שם;עיר\nדוד כהן;חיפה\n"},
	{"utf-16be el", UTF16BE, "Όνομα;Πόλη\nΓιώργος Παππάς;Αθήνα\n"},
	{"utf-16be en", UTF16BE, "Name;City\nJohn Smith;London\n"},
}

func TestDetect(t *testing.T) {
	for _, tt := range samples {
		t.Run(tt.name, func(t *testing.T) {
			if got := detect(encode(t, tt.want, tt.text), ""); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// Whatever single rows a sample is cut down to, the text must come out right.
func TestDetectOneRow(t *testing.T) {
	for _, tt := range samples {
		if codePages[tt.want] == nil || tt.want == Windows1252 {
			continue
		}
		for line := range strings.SplitSeq(strings.TrimSpace(tt.text), "\n") {
			raw := encode(t, tt.want, line)
			if highBytes(raw) < 7 {
				continue // a word or two may well be one in another language
			}
			got := detect(raw, "")
			if text := string(got.appendUTF8(nil, raw)); text != line {
				t.Errorf("%s: %q read as %s gives %q", tt.name, line, got, text)
			}
		}
	}
}

func highBytes(b []byte) int {
	n := 0
	for _, c := range b {
		if c >= 0x80 {
			n++
		}
	}
	return n
}

func TestDetectExpected(t *testing.T) {
	// One letter decides nothing; what is expected does.
	raw := []byte("name;city\nAn\xe1;Omsk\n")
	for language, want := range map[locale.Language]Encoding{locale.Hungarian: Windows1250, locale.Hebrew: Windows1255, locale.Greek: Windows1253} {
		if got := detect(raw, language); got != want {
			t.Errorf("expecting %s: got %s, want %s", language, got, want)
		}
	}
}

func TestDetectMarks(t *testing.T) {
	tests := []struct {
		mark string
		want Encoding
	}{{"\xef\xbb\xbf", UTF8}, {"\xff\xfe", UTF16LE}, {"\xfe\xff", UTF16BE}}
	for _, tt := range tests {
		raw := append([]byte(tt.mark), encode(t, tt.want, "Név;Város\nŐri Ágnes;Győr\n")...)
		table := open(t, raw, Options{})
		rows := rest(t, table)
		if table.Encoding != tt.want || table.Header[0] != "Név" || len(rows) != 1 || rows[0].Cells[0] != "Őri Ágnes" {
			t.Errorf("%s: %s %q %v", tt.want, table.Encoding, table.Header, rows)
		}
	}
}
