package workbook

import (
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/money"
)

// role is what a cell is for.
type role uint8

const (
	bodyRole role = iota
	headRole
	totalRole
	nextTotalRole // a total below another one
	grandRole
	noteRole
	hiddenRole // feeds a chart and shows nothing
)

// look is everything that makes two cells look alike; a book has one style for each.
type look struct {
	role   role
	format string // "" is text or general
	align  string // "", "left", "center", "right"
	indent int    // from the aligned side, in steps of about three spaces
	quoted bool   // text that stays text when edited
	wrap   bool
	link   bool
}

// The colours: a dark head on white rows, hairlines between rows, totals under a strong line.
const (
	headColor  = "1F3A5F"
	hairColor  = "D9DEE5"
	lineColor  = "1F3A5F"
	totalColor = "EEF2F7"
	linkColor  = "0B57A4"
	noteColor  = "5F6B7A"
)

// style gives the id of the style for a look.
func (b *Book) style(l look) (int, error) {
	if id, ok := b.styles[l]; ok {
		return id, nil
	}
	s := &excelize.Style{Alignment: &excelize.Alignment{Horizontal: l.align, Indent: l.indent, Vertical: "top", WrapText: l.wrap}}
	// Text format "@" goes with the quote prefix, and keeps excelize from taking the style for one of
	// the same look without it.
	if l.quoted {
		s.NumFmt = 49
	} else if l.format != "" {
		s.CustomNumFmt = &l.format
	}
	hair := excelize.Border{Type: "bottom", Color: hairColor, Style: 1}
	switch l.role {
	case bodyRole:
		s.Border = []excelize.Border{hair}
	case headRole:
		s.Font = font(excelize.Font{Bold: true, Color: "FFFFFF"})
		s.Fill = solid(headColor)
		s.Alignment.Vertical, s.Alignment.WrapText = "center", true
	case totalRole:
		s.Font = font(excelize.Font{Bold: true})
		s.Fill = solid(totalColor)
		s.Border = []excelize.Border{{Type: "top", Color: lineColor, Style: 1}, hair}
	case nextTotalRole:
		s.Font = font(excelize.Font{Bold: true})
		s.Fill = solid(totalColor)
		s.Border = []excelize.Border{hair}
	case grandRole:
		s.Font = font(excelize.Font{Bold: true})
		s.Fill = solid(totalColor)
		s.Border = []excelize.Border{{Type: "top", Color: lineColor, Style: 1}, {Type: "bottom", Color: lineColor, Style: 6}}
	case noteRole:
		s.Font = font(excelize.Font{Italic: true, Color: noteColor})
	case hiddenRole:
		s.Font = font(excelize.Font{Color: "FFFFFF"})
	}
	if l.link {
		s.Font = font(excelize.Font{Color: linkColor, Underline: "single"})
	}
	id, err := b.file.NewStyle(s)
	if err != nil {
		return 0, err
	}
	if l.quoted {
		yes := true
		b.file.Styles.CellXfs.Xf[id].QuotePrefix = &yes
	}
	b.styles[l] = id
	return id, nil
}

// font is the book's font in a variant; excelize leaves name and size out unless they are given.
func font(f excelize.Font) *excelize.Font {
	f.Family, f.Size = "Calibri", 11
	return &f
}

func solid(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

// numberFormat is the format code of a number with so many decimals. The application shows the
// separators of its own settings, which are the reader's.
func numberFormat(places int32) string {
	if places <= 0 {
		return "#,##0"
	}
	return "#,##0." + strings.Repeat("0", int(places))
}

func percentFormat(places int32) string {
	if places <= 0 {
		return "0%"
	}
	return "0." + strings.Repeat("0", int(places)) + "%"
}

// currencyTags are signs with the Windows locale id that makes Excel offer the format as that currency.
var currencyTags = map[string]string{
	"HUF": "[$Ft-40E]", "EUR": "[$€-1]", "USD": "[$$-409]", "GBP": "[$£-809]", "ILS": "[$₪-40D]", "RUB": "[$₽-419]",
}

// moneyFormat puts the sign where the language has it ([locale.Language.Money]); negative amounts are red.
func moneyFormat(l locale.Language, currency string, places int32) string {
	tag, ok := currencyTags[currency]
	if !ok {
		tag = "[$" + currency + "]"
	}
	n := numberFormat(max(places, money.Digits(currency)))
	if l == locale.English && ok && currency != "HUF" {
		return tag + n + ";[Red]-" + tag + n
	}
	return n + `\ ` + tag + ";[Red]-" + n + `\ ` + tag
}

// dateFormats are [locale.Language.Date] as format codes. The slash is escaped, for a bare one
// becomes the application's own separator.
var dateFormats = map[locale.Language]string{
	locale.Hungarian: `yyyy\.\ mm\.\ dd\.`,
	locale.English:   `dd\/mm\/yyyy`,
	locale.Hebrew:    `dd\.mm\.yyyy`,
	locale.Russian:   `dd\.mm\.yyyy`,
	locale.Greek:     `dd\/mm\/yyyy`,
}

const timeFormat = `\ hh:mm`
