package pdf

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/crmplus/crmplus/crm/locale"
)

// TestFontsAreCutAgain makes the embedded fonts from those of Debian and compares.
func TestFontsAreCutAgain(t *testing.T) {
	const from = "/usr/share/fonts/truetype/dejavu"
	if _, err := os.Stat(filepath.Join(from, "DejaVuSans.ttf")); err != nil {
		t.Skip("SKIPPED: the fonts of Debian's fonts-dejavu-core are not installed, so the embedded ones were not compared")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "fonts"), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "run", "./fonts/cut.go", "-from", from, "-to", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"fonts/DejaVuSans.ttf", "fonts/DejaVuSans-Bold.ttf", "coverage.go"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what fonts/cut.go makes; run go generate", name)
		}
	}
}

func logoJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLogos(t *testing.T) {
	tests := []struct {
		name string
		logo []byte
		kind string
	}{
		{"PNG with transparency", logoPNG(t, 300, 80), "png"},
		{"tall PNG", logoPNG(t, 40, 400), "png"},
		{"colour JPEG", logoJPEG(t, image.NewYCbCr(image.Rect(0, 0, 120, 40), image.YCbCrSubsampleRatio420)), "jpg"},
		{"grey JPEG", logoJPEG(t, image.NewGray(image.Rect(0, 0, 120, 40))), "jpg"},
		{"PNG with a palette", encoded(t, image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.White, color.Transparent})), "png"},
		{"PNG with 16 bits", encoded(t, image.NewNRGBA64(image.Rect(0, 0, 9, 9))), "png"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := quoteOf(locale.Hebrew, 1)
			d.Seller.Logo = tt.logo
			_, marks := composed(t, d)
			for _, m := range marks {
				if m.kind != markImage {
					continue
				}
				if m.x2-m.x > 60.01 || m.y2-m.y > 20.01 || m.x2 > 185.01 {
					t.Errorf("the logo goes from %.1f, %.1f to %.1f, %.1f mm", m.x, m.y, m.x2, m.y2)
				}
				p, err := prepare(tt.logo)
				if err != nil || p.kind != tt.kind {
					t.Errorf("the logo is taken as %v (%v), want %s", p, err, tt.kind)
				}
				return
			}
			t.Error("no logo is drawn")
		})
	}
}

// FuzzLogo: what passes the check is drawn.
func FuzzLogo(f *testing.F) {
	f.Add(logoPNG(f, 30, 8))
	f.Add(encoded(f, image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.White, color.Transparent})))
	f.Add(encoded(f, image.NewGray16(image.Rect(0, 0, 3, 3))))
	f.Add(logoJPEG(f, image.NewGray(image.Rect(0, 0, 12, 4))))
	f.Fuzz(func(t *testing.T, logo []byte) {
		if _, err := prepare(logo); err != nil || len(logo) == 0 {
			return
		}
		d := quoteOf(locale.English, 1)
		d.Seller.Logo = logo
		if err := Render(io.Discard, d); err != nil {
			t.Error(err)
		}
	})
}
