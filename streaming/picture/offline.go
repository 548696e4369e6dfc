package picture

import (
	"image"
	"image/color"

	"golang.org/x/image/vector"
)

// Offline draws the picture that viewers get while a camera sends none: its
// name, and why. It has the camera's own size, so that players which cannot
// bear a change of size play on, within 160×120 and 1920×1080; 640×360 where
// the size is not known.
func Offline(name, reason string, w, h int) (jpeg []byte, size image.Point) {
	if w <= 0 || h <= 0 {
		w, h = 640, 360
	}
	if w > 1920 || h > 1080 {
		scale := min(1920/float64(w), 1080/float64(h))
		w, h = int(float64(w)*scale), int(float64(h)*scale)
	}
	w, h = max(w, 160), max(h, 120)

	m := image.NewRGBA(image.Rect(0, 0, w, h))
	fill(m, m.Bounds(), color.RGBA{0x1b, 0x1f, 0x24, 0xff})
	unit := min(w/16, h/9) // all sizes follow from this
	letter := max(12, unit*3/4)
	title, text := face(bold(), letter), face(regular(), max(10, letter*2/3))
	most := w - 2*unit
	lines := wrap(text, printable(reason), most, 3)

	top := h/2 - unit*3/2
	drawCamera(m, w/2, top, unit)
	y := top + unit*3/2 + letter*3/2
	line := shorten(title, printable(name), most)
	write(m, title, color.RGBA{0xe6, 0xea, 0xef, 0xff}, (w-width(title, line))/2, y, line)
	for _, line := range lines {
		y += letter
		write(m, text, color.RGBA{0x9a, 0xa4, 0xb1, 0xff}, (w-width(text, line))/2, y, line)
	}
	return encode(m, 85), m.Bounds().Size()
}

// drawCamera draws a crossed-out camera, three units wide, around cx, cy.
func drawCamera(m *image.RGBA, cx, cy, unit int) {
	grey := color.RGBA{0x4a, 0x53, 0x5f, 0xff}
	amber := color.RGBA{0xf2, 0xa9, 0x3b, 0xff}
	x, y, u := float32(cx), float32(cy), float32(unit)
	polygon(m, grey, x-1.4*u, y-0.8*u, x+0.6*u, y-0.8*u, x+0.6*u, y+0.8*u, x-1.4*u, y+0.8*u)
	polygon(m, grey, x+0.75*u, y-0.25*u, x+1.4*u, y-0.7*u, x+1.4*u, y+0.7*u, x+0.75*u, y+0.25*u)
	polygon(m, amber, x-1.5*u, y+0.95*u, x-1.3*u, y+1.15*u, x+1.5*u, y-0.95*u, x+1.3*u, y-1.15*u)
}

func polygon(m *image.RGBA, c color.Color, points ...float32) {
	r := vector.NewRasterizer(m.Bounds().Dx(), m.Bounds().Dy())
	r.MoveTo(points[0], points[1])
	for i := 2; i < len(points); i += 2 {
		r.LineTo(points[i], points[i+1]) // #nosec G602 -- points are pairs
	}
	r.ClosePath()
	r.Draw(m, m.Bounds(), image.NewUniform(c), image.Point{})
}
