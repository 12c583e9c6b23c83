package erp

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// mark is the logo of an example company: a shape in a square of 240 by 240 points.
type mark struct {
	ground, figure color.NRGBA
	// inside says whether a point of the unit square belongs to the figure.
	inside func(x, y float64) bool
}

var logos = map[string]mark{
	"HU01": {color.NRGBA{0x1f, 0x4e, 0x79, 255}, color.NRGBA{255, 255, 255, 255}, bars},
	"GR01": {color.NRGBA{0x00, 0x6d, 0x77, 255}, color.NRGBA{0xed, 0xf6, 0xf9, 255}, waves},
	"IL01": {color.NRGBA{0x2d, 0x6a, 0x4f, 255}, color.NRGBA{0xd8, 0xf3, 0xdc, 255}, cedar},
}

// bars are three columns of growing height.
func bars(x, y float64) bool {
	column := int((x - 0.2) / 0.2)
	within := x - 0.2 - float64(column)*0.2
	return x > 0.2 && column < 3 && within < 0.15 && y > 0.6-float64(column)*0.17 && y < 0.8
}

// waves are three crests.
func waves(x, y float64) bool {
	for _, middle := range []float64{0.32, 0.5, 0.68} {
		t := x*3 - float64(int(x*3)) - 0.5
		crest := middle + 0.35*(t*t) - 0.04
		if x > 0.15 && x < 0.85 && y > crest && y < crest+0.08 {
			return true
		}
	}
	return false
}

// cedar is a tree of three triangles.
func cedar(x, y float64) bool {
	for _, top := range []float64{0.15, 0.32, 0.49} {
		if d := y - top; d > 0 && d < 0.24 && x > 0.5-d*1.1 && x < 0.5+d*1.1 {
			return true
		}
	}
	return x > 0.46 && x < 0.54 && y > 0.7 && y < 0.86
}

// logo draws the PNG of an example company. Each point is the mean of 16, so that edges are smooth.
func logo(company string) ([]byte, error) {
	m, ok := logos[company]
	if !ok {
		return nil, fmt.Errorf("erp: the company %s has no logo", company)
	}
	const size, fine = 240, 4
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for py := range size {
		for px := range size {
			hits := 0
			for k := range fine * fine {
				x := (float64(px) + (float64(k%fine)+0.5)/fine) / size
				y := (float64(py) + (float64(k/fine)+0.5)/fine) / size
				if m.inside(x, y) {
					hits++
				}
			}
			img.SetNRGBA(px, py, blend(m.ground, m.figure, hits, fine*fine))
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("erp: drawing the logo: %w", err)
	}
	return out.Bytes(), nil
}

func blend(a, b color.NRGBA, part, whole int) color.NRGBA {
	mix := func(x, y uint8) uint8 { return uint8((int(x)*(whole-part) + int(y)*part) / whole) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255}
}
