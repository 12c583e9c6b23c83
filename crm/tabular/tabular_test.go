package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crmplus/crmplus/crm/fault"
)

// open opens a text for a test and closes it at its end.
func open(t testing.TB, content []byte, o Options) *Table {
	t.Helper()
	table, err := Open(bytes.NewReader(content), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	return table
}

func rest(t testing.TB, table *Table) []Row {
	t.Helper()
	var rows []Row
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

// show writes rows briefly: "3 a|b" and "4! quote.open@2 a|b".
func show(rows []Row) []string {
	var out []string
	for _, r := range rows {
		s := fmt.Sprint(r.Line)
		if r.Err != nil {
			s += fmt.Sprintf("! %s@%d", r.Err.Code, r.Err.Column)
		}
		out = append(out, s+" "+strings.Join(r.Cells, "|"))
	}
	return out
}

func TestFiles(t *testing.T) {
	tests := []struct {
		file       string
		encoding   Encoding
		delimiter  rune
		headerLine int
		header     string
		rows       []string
	}{
		{"leads_hu_cp1250.csv", Windows1250, ';', 3,
			"Név|Cégnév|Adószám|E-mail cím|Telefonszám|Irányítószám|Város|Utca, házszám|Várható érték|Létrehozva|Megjegyzés",
			[]string{
				"4 Kovács János|Kovács és Társa Kft.|12345676-2-41|kovacs.janos@kovacstarsa.hu|+36 30 123 4567|1051|Budapest|Nádor utca 5.|1 250 000,50|2026. 07. 01.|Ajánlatot kér;\nhétfőn visszahívni",
				"6 Szűcs Ágnes|Őszibarack Bt.||szucs.agnes@oszibarack.hu|06 20 987 6543|6720|Szeged|Kárász u. 12.|340 000|2026. 07. 02.|",
				"7 dr. Gyöngyösi Ödön|Tűzvédelem Zrt.||odon@tuzvedelem.hu|(1) 234-5678|4024|Debrecen|Piac utca 8.|89 900,00|2026. 07. 03.|a kijelző 24\" legyen",
				"8 Tóth-Nagy Györgyi|||gyorgyi@freemail.hu|06/70 555-1234|9021|Győr|Baross Gábor út 3.||2026. 07. 03.|Hírlevélről érkezett",
				"9 Bíró Zsófia|Fűszerkert Kft.|||+36 1 555 0101|7621|Pécs|Király utca 21.|75 000|2026. 07. 06.|sürgős",
			}},
		{"leads_ru_cp1251.csv", Windows1251, ';', 1,
			"Фамилия|Имя|Отчество|Организация|ИНН|Электронная почта|Мобильный телефон|Город|Адрес|Источник|Комментарий",
			[]string{
				"2 Иванов|Сергей|Петрович|ООО «Ромашка»|7707083893|ivanov@romashka.ru|+7 916 123-45-67|Москва|ул. Тверская, д. 7|Выставка|Просит коммерческое предложение",
				"3 Щербакова|Юлия|Андреевна|АО \"Северсталь\"|3528000597|j.shcherbakova@example.ru|8 (812) 555-12-12|Санкт-Петербург|Невский проспект, 28|Сайт|",
				"4 Кузнецов|Фёдор|Ильич|ИП Кузнецов||fedor@example.ru|+7 903 765 43 21|Казань|ул. Баумана, 15|Звонок|перезвонить после 15:00",
			}},
		{"leads_el_cp1253.csv", Windows1253, ';', 1,
			"Επώνυμο|Όνομα|Επωνυμία εταιρείας|ΑΦΜ|Email|Τηλέφωνο|Κινητό|Διεύθυνση|Πόλη|Τ.Κ.|Σχόλια",
			[]string{
				"2 Παπαδόπουλος|Γιώργος|Παπαδόπουλος ΑΕ|094019245|g.papadopoulos@example.gr|210 3214567|+30 694 123 4567|Ερμού 15|Αθήνα|10563|Θέλει προσφορά",
				"3 Νικολάου|Ελένη|Ήλιος ΕΠΕ||eleni@ilios.gr|2310 555123||Τσιμισκή 22|Θεσσαλονίκη|54624|να καλέσουμε τη Δευτέρα",
				"4 Οικονόμου|Κώστας|||kostas@example.gr||6971234567|Κορίνθου 8|Πάτρα|26221|",
			}},
		{"leads_he_cp1255.csv", Windows1255, ',', 1,
			"שם פרטי|שם משפחה|חברה|ח.פ.|דוא\"ל|טלפון|נייד|כתובת|עיר|מיקוד|הערות",
			[]string{
				"2 דוד|כהן|כהן ובניו בע\"מ|514756428|david@cohen.co.il|03-5551234|050-1234567|רחוב הרצל 10, קומה 2|תל אביב|6578901|מבקש הצעת מחיר",
				"3 שרה|לוי|||sara.levi@example.co.il|02-6234567|052-7654321|יפו 97|ירושלים|9434001|לחזור ביום ראשון",
				"4 משה|פרץ|פרץ ייבוא||moshe@peretz.co.il||+972 54 111 2222|שדרות בן גוריון 4|חיפה|3541701|",
			}},
		{"excel_unicode_text.txt", UTF16LE, '\t', 1, "Név|Cég|E-mail|Telefon|Megjegyzés",
			[]string{
				"2 Nagy Éva|Nagy Bt.|eva@nagy.hu|+36 30 111 2222|két\nsoros",
				"4 Иван Петров|ООО Вега|ivan@vega.ru|+7 495 111 22 33|срочно",
				"5 Μαρία Παππά||maria@pappa.gr|+30 210 111 2222|",
				"6 רות לוי||ruth@levi.co.il|+972 3 111 2222|",
			}},
		{"bad_rows.csv", Windows1250, ';', 1, "Név|E-mail|Város|Megjegyzés",
			[]string{
				"2 Kiss Péter|kiss@example.hu|Vác|rendben",
				"3! quote.open@2 Nagy Ilona|\"nagy@example.hu|Eger|nyitott idézőjel",
				"4 Varga Béla|varga@example.hu|Gyöngyös|rendben",
				"5! row.wide@5 Molnár Géza|molnar@example.hu|Ózd|két| elválasztó",
				"6! row.single@1 folytatás cella nélkül|||",
				"7 Fehér Anna|feher@example.hu|Győr|rendben",
			}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			table := open(t, content, Options{})
			if table.Kind != Text || table.Encoding != tt.encoding || table.Delimiter != tt.delimiter || table.HeaderLine != tt.headerLine {
				t.Errorf("kind %s, encoding %s, delimiter %q, header line %d", table.Kind, table.Encoding, table.Delimiter, table.HeaderLine)
			}
			if diff := cmp.Diff(tt.header, strings.Join(table.Header, "|")); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.rows, show(rest(t, table))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestShapes(t *testing.T) {
	limits := Limits{MaxField: 100, MaxRow: 300, MaxColumns: 6}
	long := strings.Repeat("x", 150)
	tests := []struct {
		name, file, header string
		rows               []string
	}{
		{"lone line ends of old Macs", "Név;Email\rA;a@b.hu\rB;b@b.hu", "Név|Email", []string{"2 A|a@b.hu", "3 B|b@b.hu"}},
		{"a declared delimiter", "sep=|\r\nName|City\r\nA;B|C\r\n", "Name|City", []string{"3 A;B|C"}},
		{"decimal commas beside semicolons", "a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n", "a|b|c", []string{"2 1,5|2,5|3,5", "3 1,5|2,5|3,5"}},
		{"commas within quotes", "name,city\n\"a;b;c\",\"d;e;f\"\n", "name|city", []string{"2 a;b;c|d;e;f"}},
		{"one column", "Email\na@b.hu\nc@d.hu\n", "Email", []string{"2 a@b.hu", "3 c@d.hu"}},
		{"no header", "Kis Éva;eva@kis.hu;Pécs\nNagy Pál;pal@nagy.hu;Győr\n", "column 1|column 2|column 3", []string{"1 Kis Éva|eva@kis.hu|Pécs", "2 Nagy Pál|pal@nagy.hu|Győr"}},
		{"double and empty names", "Name;Phone;Phone;;Phone (2)\na;1;2;3;4\n", "Name|Phone|Phone (3)|column 4|Phone (2)", []string{"2 a|1|2|3|4"}},
		{"short rows are filled", "Name;City;Note\na;b\n", "Name|City|Note", []string{"2 a|b|"}},
		{"empty cells beyond the header go", "Name;City\na;b;;;\n", "Name|City", []string{"2 a|b"}},
		{"rows of delimiters are blank", "Name;City\n;\n \t;\na;b\n", "Name|City", []string{"4 a|b"}},
		{"a quote within a cell", "Name;Size;City\nTV;5\" or 6\";x\n", "Name|Size|City", []string{"2 TV|5\" or 6\"|x"}},
		{"quotes not doubled", "Name;City;Note\n\"Kovács \"Pista\" Kft\";x;y\n", "Name|City|Note", []string{"2 Kovács \"Pista\" Kft|x|y"}},
		{"spaces after the quote", "Name;City\n\"a\"  ;b\n", "Name|City", []string{"2 a|b"}},
		{"an open quote at the end", "Name;City\na;b\nc;\"d\ne;f\n", "Name|City", []string{"2 a|b", "3! quote.open@2 c|\"d", "4 e|f"}},
		{"an open quote eats no quoted row", "Name;City;Note\na;\"b;c\n\"d\";\"e\";\"f\"\n", "Name|City|Note", []string{"2! quote.open@2 a|\"b|c", "3 d|e|f"}},
		{"a cell beyond the limit", "Name;City\n" + long + ";b\nc;d\n", "Name|City", []string{"2! field.long@1 " + long + "|b", "3 c|d"}},
		{"a row beyond the limit", "Name;City\n" + long + long + long + ";b\nc;d\n", "Name|City", []string{"2! row.long@0 ", "3 c|d"}},
		{"columns beyond the limit", "Name;City\na;b;c;d;e;f;g;h\nc;d\n", "Name|City", []string{"2! row.columns@0 a|b|c|d|e|f", "3 c|d"}},
		{"a bad letter in UTF-8", "Név;Város\nőszi;Győr\nti\xe1ni;Vác\ntőkés;Őr\nŐzike;Űrlap\nűű;őő\nűűőőű;őőőőőőőő\n", "Név|Város",
			[]string{"2 őszi|Győr", "3! text.encoding@1 ti\uFFFDni|Vác", "4 tőkés|Őr", "5 Őzike|Űrlap", "6 űű|őő", "7 űűőőű|őőőőőőőő"}},
		{"a mark and quotes at once", "\xef\xbb\xbf\"Név\";\"Város\"\n\"Őr\";\"Győr\"\n", "Név|Város", []string{"2 Őr|Győr"}},
		{"a title above", "Report 2026\n\nCreated by: Anna\nName;Email;City\na;a@b.hu;c\n", "Name|Email|City", []string{"5 a|a@b.hu|c"}},
		{"only a header", "Name;Email\n", "Name|Email", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := open(t, []byte(tt.file), Options{Limits: limits})
			if diff := cmp.Diff(tt.header, strings.Join(table.Header, "|")); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.rows, show(rest(t, table))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLateLetters(t *testing.T) {
	var file bytes.Buffer
	file.WriteString("Name;City\n")
	for range 10000 {
		file.WriteString("John Smith;London\n")
	}
	file.Write(encode(t, Windows1250, "Szűcs Ágnes;Kőszeg\nÖrdög Győző;Hódmezővásárhely\n"))
	table := open(t, file.Bytes(), Options{})
	if table.Encoding != UTF8 {
		t.Errorf("at first %s", table.Encoding)
	}
	rows := rest(t, table)
	if got := strings.Join(rows[10000].Cells, "|"); got != "Szűcs Ágnes|Kőszeg" || rows[10000].Err != nil {
		t.Errorf("got %s, %v", got, rows[10000].Err)
	}
	if table.Encoding != Windows1250 {
		t.Errorf("at last %s", table.Encoding)
	}
}

func TestOpenFails(t *testing.T) {
	tests := []struct {
		name, file string
		options    Options
		want       error
		says       string
	}{
		{"nothing", "", Options{}, fault.Invalid, "empty"},
		{"blank lines", "\n\n  \n", Options{}, fault.Invalid, "empty"},
		{"delimiters only", ";;;\n;;;\n", Options{}, fault.Invalid, "no row"},
		{"old Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", Options{}, fault.Invalid, ".xlsx"},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x01\x02\x03\x04", Options{}, fault.Invalid, "binary"},
		{"a cut zip", "PK\x03\x04cut", Options{}, fault.Invalid, "damaged"},
		{"an unknown encoding", "a;b", Options{Encoding: "klingon"}, fault.Invalid, "klingon"},
		{"a quote as delimiter", "a;b", Options{Delimiter: '"'}, fault.Invalid, "cannot separate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(strings.NewReader(tt.file), tt.options)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("the line dropped")
	content := strings.Repeat("Name;City\n", 20000)
	table, err := Open(io.MultiReader(strings.NewReader(content), failing{broken}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = table.Next()
	}
	if !errors.Is(err, broken) || !errors.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestWideExport(t *testing.T) {
	var file strings.Builder
	for c := range 300 {
		fmt.Fprintf(&file, "Property %d,", c)
	}
	file.WriteString("Email\n")
	for r := range 50 {
		for c := range 300 {
			fmt.Fprintf(&file, "\"v %d, %d\",", r, c)
		}
		fmt.Fprintf(&file, "user%d@example.com\n", r)
	}
	table := open(t, []byte(file.String()), Options{})
	rows := rest(t, table)
	if len(table.Header) != 301 || len(rows) != 50 || rows[49].Cells[300] != "user49@example.com" || rows[49].Cells[299] != "v 49, 299" {
		t.Errorf("%d columns, %d rows", len(table.Header), len(rows))
	}
	if g := GuessMapping(table.Header, rows, "en")[300]; g.Field != Email {
		t.Errorf("got %+v", g)
	}
}

// A file made of open quotes must not cost quadratic time: it is read in vain only in proportion.
func TestOpenQuotesCostLinearTime(t *testing.T) {
	file := "Name;City\n" + strings.Repeat("a;\"\"x\n", 400000)
	table, err := Open(strings.NewReader(file), Options{Limits: Limits{MaxRow: 64 << 10}})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if row.Err != nil {
			rows++
		}
	}
	s := table.source.(*splitter)
	if rows == 0 || s.wasted > 9*s.used+9*s.limits.MaxRow {
		t.Errorf("%d bad rows, %d bytes read in vain for %d", rows, s.wasted, s.used)
	}
}

func TestPeekLeavesRows(t *testing.T) {
	table := open(t, []byte("Name;City\n"+strings.Repeat("a;b\n", 100)), Options{})
	sample, err := table.Peek(50)
	if err != nil || len(sample) != 50 {
		t.Fatal(len(sample), err)
	}
	if rows := rest(t, table); len(rows) != 100 {
		t.Errorf("%d rows", len(rows))
	}
}
