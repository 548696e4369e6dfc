//go:build !windows

package assets

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"
)

// An icon that has at least this contrast is seen (WCAG 2.1, 1.4.11).
const enough = 3

// The tray icons stand on light panels and on dark ones, and nothing tells which.
func TestTrayIconsShow(t *testing.T) {
	for name, file := range map[string][]byte{"stopped": TrayStopped, "streaming": TrayStreaming, "attention": TrayAttention} {
		icon, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, panel := range []color.Color{color.White, color.Gray{0xF2}, color.Gray{0x24}, color.Black} {
			if got := shown(icon, panel); got < 0.15 {
				t.Errorf("%s: only %.0f %% of its area has a contrast of %d on %v", name, 100*got, enough, panel)
			}
		}
	}
}

// shown is the share of an icon's area that has enough contrast to the panel.
func shown(icon image.Image, panel color.Color) float64 {
	n := 0
	area := icon.Bounds()
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if _, _, _, alpha := icon.At(x, y).RGBA(); alpha == 0xFFFF && contrast(icon.At(x, y), panel) >= enough {
				n++
			}
		}
	}
	return float64(n) / float64(area.Dx()*area.Dy())
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a)+0.05, luminance(b)+0.05
	return max(la, lb) / min(la, lb)
}

// luminance is WCAG's relative one, 0 to 1.
func luminance(c color.Color) float64 {
	linear := func(v uint32) float64 {
		s := float64(v) / 0xFFFF
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// Every size that menus, panels and installers ask for is there.
func TestAppIconSizes(t *testing.T) {
	for _, size := range []int{16, 22, 24, 32, 48, 64, 128, 256, 512} {
		file, err := os.Open(fmt.Sprintf("icons/app-%d.png", size))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if c, err := png.DecodeConfig(file); err != nil || c.Width != size || c.Height != size {
			t.Errorf("app-%d.png is %d×%d, %v", size, c.Width, c.Height, err)
		}
	}
}
