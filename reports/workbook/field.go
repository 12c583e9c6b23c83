package workbook

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/locale"
)

// field is a column with everything decided that its cells share.
type field struct {
	Column
	letter string
	width  float64
	align  string
	places int32 // decimals shown, by the sample
	words  [2]string

	style, headStyle, quotedStyle, linkStyle int
	numberStyles                             map[numberLook]int
}

// numberLook tells the number styles of a column apart.
type numberLook struct {
	currency string
	places   int32
}

// The widths in characters that content alone may ask for.
const (
	minWidth = 7
	maxWidth = 60
	// filterWidth is what the filter's button takes from a heading.
	filterWidth = 3
)

// prepare decides on decimals, widths and styles by the sample.
func (s *Sheet) prepare() ([]*field, error) {
	language := s.book.options.Locale.Language
	fields := make([]*field, len(s.spec.Columns))
	for i, c := range s.spec.Columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		f := &field{
			Column: c, letter: letter, places: int32(c.Places), numberStyles: map[numberLook]int{},
			words: [2]string{texts.T(language, "no"), texts.T(language, "yes")},
		}
		if c.Kind == KindQuantity || c.Kind == KindPercent {
			for _, row := range s.sample {
				f.places = max(f.places, min(decimals(row[i].number), maxPlaces))
			}
		}
		f.width = s.widthOf(i, f.places)
		if err := f.prepareStyles(s.book); err != nil {
			return nil, err
		}
		fields[i] = f
	}
	return fields, nil
}

func (f *field) prepareStyles(b *Book) (err error) {
	language := b.options.Locale.Language
	plain := look{wrap: f.Wrap}
	if language.RightToLeft() { // Latin names begin at the right too
		plain.align = "right"
	}
	head := look{role: headRole}
	switch f.Kind {
	case KindDate:
		plain.format, plain.align = dateFormats[language], "center"
	case KindDateTime:
		plain.format, plain.align = dateFormats[language]+timeFormat, "center"
	case KindBool:
		plain.align = "center"
	case KindInteger:
		plain.format, plain.align, plain.indent = numberFormat(0), "right", 1
		head.indent = 2
	case KindQuantity, KindMoney, KindPercent:
		plain.align, plain.indent = "right", 1
		head.indent = 2 // clear of the filter's button
	case KindText, KindLink, kindEmpty:
	}
	f.align, head.align = plain.align, plain.align
	if f.style, err = b.style(plain); err != nil {
		return err
	}
	if f.headStyle, err = b.style(head); err != nil {
		return err
	}
	quoted := plain
	quoted.quoted = true
	if f.quotedStyle, err = b.style(quoted); err != nil || f.Kind != KindLink {
		return err
	}
	plain.link = true
	f.linkStyle, err = b.style(plain)
	return err
}

// numberStyle gives the style of a number that has so many decimals: those of the column, or more
// where the number has more.
func (f *field) numberStyle(b *Book, v Value, places int32) (int, error) {
	key := numberLook{places: f.places}
	if v.kind == KindMoney {
		key.currency = v.text
	} else {
		key.places = max(f.places, min(places, maxPlaces))
	}
	if id, ok := f.numberStyles[key]; ok {
		return id, nil
	}
	id, err := b.style(look{format: f.format(b.options.Locale.Language, key), align: "right", indent: 1})
	f.numberStyles[key] = id
	return id, err
}

// format is the format code of a number in this column.
func (f *field) format(l locale.Language, n numberLook) string {
	switch f.Kind {
	case KindMoney:
		return moneyFormat(l, n.currency, n.places)
	case KindPercent:
		return percentFormat(n.places)
	}
	return numberFormat(n.places)
}

// widthOf estimates the characters that a column needs, by its heading, the sample and its total.
func (s *Sheet) widthOf(i int, places int32) float64 {
	c := s.spec.Columns[i]
	if c.Width > 0 {
		return c.Width
	}
	longest := 0
	sums := map[string]decimal.Decimal{}
	for _, row := range s.sample {
		longest = max(longest, lineLength(row[i].shown(s.book.options.Locale, places)))
		if c.Total == Sum && !row[i].IsEmpty() {
			sums[row[i].text] = sums[row[i].text].Add(row[i].decimal())
		}
	}
	for currency, sum := range sums {
		if len(s.sample) == sampleRows { // more rows follow: room for a total of a full sheet
			sum = sum.Shift(4)
		}
		total := Value{kind: c.Kind, number: sum, text: currency}
		if c.Kind == KindInteger {
			total.kind = KindQuantity
		}
		longest = max(longest, lineLength(total.shown(s.book.options.Locale, places))+1) // bold
	}
	content := math.Ceil(float64(longest)*1.1) + 2
	if c.Kind == KindInteger || c.Kind == KindQuantity || c.Kind == KindMoney || c.Kind == KindPercent {
		content++ // indent
	}
	word := 0
	for w := range strings.FieldsSeq(c.Heading) {
		word = max(word, utf8.RuneCountInString(w))
	}
	heading := math.Ceil(float64(max(word, min(utf8.RuneCountInString(c.Heading), 16)))*1.15) + filterWidth
	return min(max(content, heading, minWidth), maxWidth)
}

// lineLength counts the characters of the longest line.
func lineLength(s string) int {
	longest := 0
	for line := range strings.SplitSeq(s, "\n") {
		longest = max(longest, utf8.RuneCountInString(line))
	}
	return longest
}

// headingLines guesses into how many lines the heading breaks.
func (f *field) headingLines() int {
	length := float64(utf8.RuneCountInString(f.Heading)) * 1.15
	return min(max(1, int(math.Ceil(length/(f.width-filterWidth+1)))), 3)
}

// maxLines is what a row grows to at most; Excel ends rows at 409 points.
const maxLines = 20

// lines guesses into how many lines a wrapped text breaks.
func (f *field) lines(text string) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n += max(1, int(math.Ceil(float64(utf8.RuneCountInString(line))*0.9/f.width)))
	}
	return min(n, maxLines)
}
