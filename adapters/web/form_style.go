package web

import (
	"encoding/hex"
	"fmt"
	"html/template"
	"math"
	"strings"
)

// defaultAccent is the colour of buttons where the brand has none.
const defaultAccent = "#1f2937"

// pageStyle is the whole style of a form's page.
func pageStyle(b FormBrand) template.CSS {
	return template.CSS(squeeze(formCSS + formPageCSS + accentStyle(b))) //nolint:gosec // embedded text and a checked colour
}

// snippetStyle is the style inside the snippet's shadow root.
func snippetStyle(b FormBrand) string { return squeeze(formCSS + accentStyle(b)) }

func accentStyle(b FormBrand) string {
	accent := b.Accent
	if !colourForm.MatchString(accent) {
		accent = defaultAccent
	}
	ink := "#ffffff"
	if contrast(accent, "#000000") > contrast(accent, ink) {
		ink = "#000000"
	}
	return fmt.Sprintf(":root,:host{--accent:%s;--on-accent:%s}", accent, ink)
}

// contrast is the ratio of WCAG 2.2 between two colours of the form #rrggbb, 1 to 21. Of black and white
// one always has more than the 4.5 that text needs.
func contrast(a, b string) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(colour string) float64 {
	rgb, err := hex.DecodeString(strings.TrimPrefix(colour, "#"))
	if err != nil || len(rgb) != 3 {
		return 0
	}
	linear := func(v byte) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(rgb[0]) + 0.7152*linear(rgb[1]) + 0.0722*linear(rgb[2])
}

// squeeze takes the line breaks and indents off a style.
func squeeze(css string) string {
	lines := strings.Split(css, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "")
}
