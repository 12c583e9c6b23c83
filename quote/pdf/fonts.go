package pdf

import (
	"bytes"
	_ "embed" // the fonts
	"fmt"
	"sync"

	"github.com/jung-kurt/gofpdf"
)

//go:embed fonts/DejaVuSans.ttf
var regularTTF []byte

//go:embed fonts/DejaVuSans-Bold.ttf
var boldTTF []byte

// face is one of the two fonts.
type face uint8

const (
	regular face = iota
	bold
	faces
)

const family = "dejavu"

// ttf is the file of a face and its style in gofpdf.
func (f face) ttf() (file []byte, style string) {
	if f == bold {
		return boldTTF, "B"
	}
	return regularTTF, ""
}

// load registers the faces. gofpdf prints a font that it cannot read to standard output and goes on,
// so that selecting it is what tells. Each document has its own copy of the files: gofpdf pads tables
// to four bytes in place when it adds up their check sums, beyond their ends.
func load(f *gofpdf.Fpdf) error {
	for i := face(0); i < faces; i++ {
		file, style := i.ttf()
		f.AddUTF8FontFromBytes(family, style, bytes.Clone(file))
		f.SetFont(family, style, 10)
	}
	if err := f.Error(); err != nil {
		return fmt.Errorf("pdf: the embedded fonts cannot be read: %w", err)
	}
	return nil
}

// lastCovered bounds the tables of advances; the highest character of [coverage] is below it.
const lastCovered = 0x2800

// advances are the widths of all characters in thousandths of the size, read once from the fonts.
// Zero is a character that combines with the one before, notCovered one that the fonts lack.
var advances = sync.OnceValues(func() (*[faces][lastCovered]uint16, error) {
	f := gofpdf.New("P", "pt", "A4", "")
	if err := load(f); err != nil {
		return nil, err
	}
	var table [faces][lastCovered]uint16
	for i := range table {
		for r := range table[i] {
			table[i][r] = notCovered
		}
		_, style := face(i).ttf()
		f.SetFont(family, style, 10)
		for _, span := range coverage {
			for r := span[0]; r <= span[1]; r++ {
				table[i][r] = uint16(f.GetStringSymbolWidth(string(r)))
			}
		}
	}
	return &table, f.Error()
})

const notCovered = 0xFFFF

// covered reports whether both fonts have the character.
func covered(r rune) bool {
	low, high := 0, len(coverage)
	for low < high {
		mid := (low + high) / 2
		switch span := coverage[mid]; {
		case r < span[0]:
			high = mid
		case r > span[1]:
			low = mid + 1
		default:
			return true
		}
	}
	return false
}
