package tabular

import (
	"fmt"

	"github.com/crmplus/crmplus/crm/locale"
)

// RowError says why a row cannot be trusted and what to do about it. It is no Go error that ends the
// reading: the next row may be fine.
type RowError struct {
	// Line is the line of the file or the row of the sheet, from 1.
	Line int
	// Column counts from 1; 0 means the whole row.
	Column int
	// ColumnName is the header of that column, "" where it has none.
	ColumnName string
	// Code is stable: "quote.open", "field.long", "row.long", "row.columns", "row.wide",
	// "row.single", "text.encoding". Importers add codes of their own.
	Code string
	// Reason is the English text; In gives it in other languages.
	Reason string

	args []any
}

// Error joins place and reason.
func (e *RowError) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
	}
	return fmt.Sprintf("line %d, column %d %q: %s", e.Line, e.Column, e.ColumnName, e.Reason)
}

// In gives the reason in a reader's language, the English one for codes of other packages.
func (e *RowError) In(l locale.Language) string {
	if _, ok := texts[e.Code]; !ok {
		return e.Reason
	}
	return texts.T(l, e.Code, e.args...)
}

func rowError(line, column int, code string, args ...any) *RowError {
	return &RowError{Line: line, Column: column, Code: code, Reason: texts.T(locale.English, code, args...), args: args}
}

var texts = locale.Texts{
	"quote.open": locale.Row(
		"az idézőjel nincs lezárva; zárja le, vagy vegye ki",
		"the quote is not closed; close it or take it out",
		"המירכאות לא נסגרו; יש לסגור או להסיר אותן",
		"кавычка не закрыта; закройте её или уберите",
		"τα εισαγωγικά δεν κλείνουν· κλείστε τα ή αφαιρέστε τα"),
	"field.long": locale.Row(
		"a cella %d bájt hosszú, legfeljebb %d lehet; rövidítse",
		"the cell is %d bytes long, at most %d are read; shorten it",
		"התא באורך %d בתים, המותר הוא עד %d; יש לקצר אותו",
		"ячейка занимает %d байт, допускается не более %d; сократите её",
		"το κελί έχει %d byte, επιτρέπονται έως %d· συντομεύστε το"),
	"row.long": locale.Row(
		"a sor hosszabb %d bájtnál; rövidítse vagy bontsa szét",
		"the row is longer than %d bytes; shorten or divide it",
		"השורה ארוכה מ-%d בתים; יש לקצר או לפצל אותה",
		"строка длиннее %d байт; сократите или разделите её",
		"η γραμμή ξεπερνά τα %d byte· συντομεύστε ή χωρίστε την"),
	"row.columns": locale.Row(
		"a sorban több mint %d oszlop van; törölje a fölöslegeseket",
		"the row has more than %d columns; delete those not needed",
		"בשורה יותר מ-%d עמודות; יש למחוק את המיותרות",
		"в строке больше %d столбцов; удалите лишние",
		"η γραμμή έχει πάνω από %d στήλες· διαγράψτε τις περιττές"),
	"row.wide": locale.Row(
		"a sorban %d cella van, a fejlécben %d; tegye idézőjelbe az elválasztót tartalmazó értéket",
		"the row has %d cells, the header %d; put quotes around the value that holds a delimiter",
		"בשורה %d תאים, בכותרת %d; יש להקיף במירכאות ערך שמכיל מפריד",
		"в строке %d ячеек, в заголовке %d; возьмите в кавычки значение с разделителем",
		"η γραμμή έχει %d κελιά, η κεφαλίδα %d· βάλτε εισαγωγικά στην τιμή με διαχωριστικό"),
	"row.single": locale.Row(
		"a sorban %d cella van %d helyett; ha az előző sor folytatása, tegye idézőjelbe a sortörést tartalmazó értéket",
		"the row has %d cell instead of %d; if it continues the row above, put quotes around the value with the line break",
		"בשורה תא %d במקום %d; אם היא המשך השורה הקודמת, יש להקיף במירכאות את הערך עם שבירת השורה",
		"в строке %d ячейка вместо %d; если это продолжение строки выше, возьмите в кавычки значение с переносом",
		"η γραμμή έχει %d κελί αντί για %d· αν συνεχίζει την προηγούμενη, βάλτε εισαγωγικά στην τιμή με αλλαγή γραμμής"),
	"text.encoding": locale.Row(
		"a szöveg nem olvasható %s kódolással; mentse a fájlt UTF-8-ban",
		"the text is not readable as %s; save the file as UTF-8",
		"לא ניתן לקרוא את הטקסט בקידוד %s; יש לשמור את הקובץ ב-UTF-8",
		"текст не читается в кодировке %s; сохраните файл в UTF-8",
		"το κείμενο δεν διαβάζεται ως %s· αποθηκεύστε το αρχείο σε UTF-8"),
}
