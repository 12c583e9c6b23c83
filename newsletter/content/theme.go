package content

import (
	"fmt"
	"math"
	"regexp"
	"strconv"

	"github.com/crmplus/crmplus/crm/fault"
)

// Theme is how newsletters of a company or brand look. The colours are #rrggbb; what is "" has a default.
// The colours for dark screens follow from them.
type Theme struct {
	// Accent is the colour of buttons and links.
	Accent string `json:"accent,omitempty"`
	// Page is the ground, Sheet that of the letter on it, Ink the words.
	Page  string `json:"page,omitempty"`
	Sheet string `json:"sheet,omitempty"`
	Ink   string `json:"ink,omitempty"`
	// Serif sets headings and text in a face with serifs.
	Serif bool `json:"serif,omitempty"`
}

// readable is the least contrast of words to their ground (WCAG 2.2, criterion 1.4.3).
const readable = 4.5

// palette are the colours of one kind of screen.
type palette struct {
	page, sheet, ink, muted, line, link, button, label string
}

var (
	colorForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	dark      = palette{page: "#14161a", sheet: "#1e2127", ink: "#e7e9ee", muted: "#a7afbc", line: "#3a404b"}
)

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// light are the colours as they were chosen.
func (t Theme) light() palette {
	p := palette{page: or(t.Page, "#f2f4f7"), sheet: or(t.Sheet, "#ffffff"), ink: or(t.Ink, "#1f2430"), button: or(t.Accent, "#1d4ed8")}
	p.muted = legible(mix(p.ink, p.page, 0.3), p.page, p.ink)
	p.line = mix(p.ink, p.sheet, 0.86)
	p.link, p.label = legible(p.button, p.sheet, p.ink), onColor(p.button)
	return p
}

// dark are those for dark screens: the accent is brightened until it can be read.
func (t Theme) dark() palette {
	p := dark
	p.link = legible(or(t.Accent, "#1d4ed8"), p.sheet, "#ffffff")
	p.button, p.label = p.link, onColor(p.link)
	return p
}

func (t Theme) check() fault.List {
	var faults fault.List
	for _, c := range []struct{ path, value string }{{"accent", t.Accent}, {"page", t.Page}, {"sheet", t.Sheet}, {"ink", t.Ink}} {
		if c.value != "" && !colorForm.MatchString(c.value) {
			faults.Add(c.path, "color.form", "%.20q is no colour; write it as #1d4ed8", c.value)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	p := t.light()
	for _, ground := range []struct{ path, value string }{{"sheet", p.sheet}, {"page", p.page}} {
		if c := contrast(p.ink, ground.value); c < readable {
			faults.Add(ground.path, "color.contrast", "%s can hardly be read on %s: the contrast is %.1f, take colours with at least %.1f", p.ink, ground.value, c, readable)
		}
	}
	return faults
}

// channels gives red, green and blue of a colour whose form was checked.
func channels(color string) (c [3]float64) {
	for i := range c {
		n, _ := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
		c[i] = float64(n)
	}
	return c
}

// mix goes from a colour towards another, 0 to 1.
func mix(from, to string, way float64) string {
	a, b := channels(from), channels(to)
	out := "#"
	for i := range a {
		out += fmt.Sprintf("%02x", int(math.Round(a[i]+(b[i]-a[i])*way)))
	}
	return out
}

// luminance is the relative one of WCAG 2.2.
func luminance(color string) float64 {
	c := channels(color)
	for i, v := range c {
		if v /= 255; v <= 0.04045 {
			c[i] = v / 12.92
		} else {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}

// contrast is the ratio of WCAG 2.2, 1 to 21.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// onColor is what words on a ground are written in, white or nearly black.
func onColor(ground string) string {
	if white, black := contrast("#ffffff", ground), contrast("#14161a", ground); white >= readable || white > black {
		return "#ffffff"
	}
	return "#14161a"
}

// legible takes a colour towards another until it can be read on the ground.
func legible(color, ground, towards string) string {
	for step := range 10 {
		if c := mix(color, towards, float64(step)/10); contrast(c, ground) >= readable {
			return c
		}
	}
	return towards
}
