package workbook

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"
)

const (
	paperA4 = 9
	// titleLimit keeps the page header below Excel's 255 characters.
	titleLimit  = 80
	onePageRows = 45
	// pageCharacters stand on the width of one page, in six tenths of the full size.
	pageCharacters = 240
)

// setPrinting sets filter, paper, repeated header row, and what stands above and below each page.
func (s *Sheet) setPrinting() error {
	file := s.book.file
	last := s.fields[len(s.fields)-1].letter
	within := fmt.Sprintf("A1:%s%d", last, max(s.rows, 1)+1)
	if s.tabular() { // a table has a filter of its own
		s.book.tables++
		err := s.stream.AddTable(&excelize.Table{Range: within, Name: fmt.Sprintf("Data_%d", s.book.tables), StyleName: "TableStyleLight1"})
		if err != nil {
			return err
		}
	} else if err := file.AutoFilter(s.name, within, nil); err != nil {
		return err
	}
	size, wide, tall, orientation := paperA4, s.pagesWide(), 0, "landscape"
	if len(s.spec.Charts) > 0 && s.depth <= onePageRows { // a short table with its charts on one page
		tall, orientation = 1, "portrait"
	}
	err := file.SetPageLayout(s.name, &excelize.PageLayoutOptions{
		Size: &size, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &tall,
	})
	if err != nil {
		return err
	}
	side, top, edge := 0.4, 0.75, 0.3
	err = file.SetPageMargins(s.name, &excelize.PageLayoutMarginsOptions{
		Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge,
	})
	if err != nil {
		return err
	}
	if err := file.SetHeaderFooter(s.name, s.pageLines()); err != nil {
		return err
	}
	repeated := "'" + s.name + "'!$1:$1"
	if wide > 1 {
		repeated = "'" + s.name + "'!$A:$A," + repeated
	}
	return file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: repeated, Scope: s.name})
}

// pagesWide is on how many pages beside each other the columns are printed, so that they can still be read: a lying A4 page has
// about 145 characters in full size.
func (s *Sheet) pagesWide() int {
	width := 0.0
	for _, f := range s.fields {
		width += f.width
	}
	return max(1, int(math.Ceil(width/pageCharacters)))
}

// tabular reports whether the rows can be a table of the spreadsheet: there are some, and each column has a heading of its
// own, for Excel repairs files in which that is not so.
func (s *Sheet) tabular() bool {
	seen := map[string]bool{}
	for _, f := range s.fields {
		heading := clean(f.Heading)
		name := strings.ToLower(heading)
		if name == "" || seen[name] || strings.TrimSpace(heading) != heading || strings.ContainsFunc(heading, unicode.IsControl) {
			return false
		}
		seen[name] = true
	}
	return s.rows > 0
}

// pageLines are the title and date above each page, the sheet and page number below, each at the
// side where the reader's lines begin and end.
func (s *Sheet) pageLines() *excelize.HeaderFooterOptions {
	locale := s.book.options.Locale
	begin, end := "&L", "&R"
	if locale.Language.RightToLeft() {
		begin, end = end, begin
	}
	title := strings.Join(strings.Fields(clean(s.book.options.Title)), " ")
	header := ""
	if title != "" {
		header = begin + `&"-,Bold"` + strings.ReplaceAll(cut(title, titleLimit), "&", "&&")
	}
	if !s.book.options.CreatedAt.IsZero() {
		header += end + locale.DateTime(s.book.options.CreatedAt)
	}
	return &excelize.HeaderFooterOptions{
		OddHeader: header,
		OddFooter: begin + "&A" + end + texts.T(locale.Language, "page"),
	}
}
