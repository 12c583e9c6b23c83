package workbook

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	paperA4 = 9
	// titleLimit keeps the page header below Excel's 255 characters.
	titleLimit  = 80
	onePageRows = 45
)

// setPrinting sets filter, paper, repeated header row, and what stands above and below each page.
func (s *Sheet) setPrinting() error {
	file := s.book.file
	last := s.fields[len(s.fields)-1].letter
	if err := file.AutoFilter(s.name, fmt.Sprintf("A1:%s%d", last, max(s.rows, 1)+1), nil); err != nil {
		return err
	}
	size, wide, tall, orientation := paperA4, 1, 0, "landscape"
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
	return file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: "'" + s.name + "'!$1:$1", Scope: s.name,
	})
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
