package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // a logo may be a JPEG
	"image/png"
	"sync"
)

// Limits of a logo; 4 million pixels are 600 dpi on 60 mm x 20 mm many times over.
const (
	maxLogoBytes  = 2 << 20
	maxLogoPixels = 4_000_000
)

// picture is a logo in a form that gofpdf takes without fail.
type picture struct {
	data          []byte
	kind          string // "png" or "jpg"
	width, height int    // pixels
}

// logos remembers the last prepared pictures: a seller has one logo and many quotes, and decoding it
// costs as much as the rest of a document.
var logos = struct {
	sync.Mutex
	known map[[sha256.Size]byte]*picture
}{known: map[[sha256.Size]byte]*picture{}}

const maxLogos = 16

// prepare decodes the whole picture, as a header that reads well says nothing about the rest. PNG
// comes out with 8 bits, not interlaced and without a palette, whatever it was.
func prepare(logo []byte) (*picture, error) {
	if len(logo) > maxLogoBytes {
		return nil, fmt.Errorf("has %d bytes; at most %d (2 MiB) can be used", len(logo), maxLogoBytes)
	}
	key := sha256.Sum256(logo)
	logos.Lock()
	known := logos.known[key]
	logos.Unlock()
	if known != nil {
		return known, nil
	}
	p, err := decode(logo)
	if err != nil {
		return nil, err
	}
	logos.Lock()
	defer logos.Unlock()
	if len(logos.known) >= maxLogos {
		clear(logos.known)
	}
	logos.known[key] = p
	return p, nil
}

func decode(logo []byte) (*picture, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(logo))
	if err != nil || format != "png" && format != "jpeg" {
		return nil, fmt.Errorf("is no PNG or JPEG picture; save it as one of them")
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxLogoPixels/config.Height {
		return nil, fmt.Errorf("has %d x %d pixels; at most 4 million in all can be used, make it smaller", config.Width, config.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(logo))
	if err != nil {
		return nil, fmt.Errorf("is damaged (%w); save it again as PNG or JPEG", err)
	}
	p := &picture{width: config.Width, height: config.Height}
	switch config.ColorModel {
	case color.GrayModel, color.YCbCrModel, color.CMYKModel:
		if format == "jpeg" {
			p.kind, p.data = "jpg", bytes.Clone(logo)
			return p, nil
		}
	}
	flat := image.NewNRGBA(image.Rect(0, 0, config.Width, config.Height))
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, flat); err != nil {
		return nil, fmt.Errorf("cannot be written as PNG (%w); save it again", err)
	}
	p.kind, p.data = "png", b.Bytes()
	return p, nil
}
