package picture

import (
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"time"

	"golang.org/x/image/font"
)

// Test is the test picture of one camera: its name, a frame number, a clock
// with milliseconds so that lag is visible, and something that moves. Not for
// use by several goroutines at once.
type Test struct {
	still  *image.RGBA // what all frames share
	canvas *image.RGBA
	number font.Face
	unit   int // a ninth of the height or a sixteenth of the width, in pixels
	accent color.RGBA
}

// NewTest prepares the test picture of the camera with that name, w by h pixels.
func NewTest(name string, w, h int) *Test {
	bounds := image.Rect(0, 0, w, h)
	t := &Test{
		still:  image.NewRGBA(bounds),
		canvas: image.NewRGBA(bounds),
		unit:   max(8, min(w/16, h/9)),
		accent: accent(name),
	}
	t.number = face(bold(), t.unit)
	t.drawStill(printable(name))
	return t
}

// accents are told apart at a glance, and stay so for people who see few colours.
var accents = []color.RGBA{
	{0x3b, 0x82, 0xf6, 0xff},
	{0xf5, 0x9e, 0x0b, 0xff},
	{0x10, 0xb9, 0x81, 0xff},
	{0xec, 0x48, 0x99, 0xff},
	{0x8b, 0x5c, 0xf6, 0xff},
	{0x06, 0xb6, 0xd4, 0xff},
}

func accent(name string) color.RGBA {
	h := fnv.New32a()
	h.Write([]byte(name))
	return accents[h.Sum32()%uint32(len(accents))]
}

// bars are the colour bars of SMPTE EG 1 at 75 %, by which colours are judged.
var bars = []color.RGBA{
	{191, 191, 191, 255},
	{191, 191, 0, 255},
	{0, 191, 191, 255},
	{0, 191, 0, 255},
	{191, 0, 191, 255},
	{191, 0, 0, 255},
	{0, 0, 191, 255},
}

func (t *Test) drawStill(name string) {
	b := t.still.Bounds()
	for y := range b.Dy() {
		shade := uint8(0x14 + 0x1c*y/b.Dy())
		fill(t.still, image.Rect(0, y, b.Dx(), y+1), color.RGBA{shade, shade + 4, shade + 10, 255})
	}
	foot := b.Dy() - t.unit
	for i, c := range bars {
		fill(t.still, image.Rect(b.Dx()*i/len(bars), foot, b.Dx()*(i+1)/len(bars), b.Dy()), c)
	}
	title := face(bold(), t.unit)
	write(t.still, title, color.White, t.unit, t.unit*2, shorten(title, name, b.Dx()-2*t.unit))
	label := face(regular(), max(9, t.unit*9/20))
	grey := color.RGBA{0x9a, 0xa4, 0xb1, 0xff}
	write(t.still, label, grey, t.unit, t.unit*7/2, "Clock")
	write(t.still, label, grey, b.Dx()-t.unit*6, t.unit*7/2, "Frame")
}

// JPEG draws the n-th frame with the clock at now.
func (t *Test) JPEG(n uint64, now time.Time) []byte {
	copy(t.canvas.Pix, t.still.Pix)
	b := t.canvas.Bounds()
	write(t.canvas, t.number, color.White, t.unit, t.unit*9/2, now.Format("15:04:05.000"))
	write(t.canvas, t.number, color.White, b.Dx()-t.unit*6, t.unit*9/2, fmt.Sprintf("%06d", n%1e6))

	// A ball that crosses the picture in four seconds, there and back.
	const period = 4000
	ms := int(now.UnixMilli() % (2 * period))
	if ms > period {
		ms = 2*period - ms
	}
	r := t.unit * 2 / 3
	x := t.unit + r + (b.Dx()-2*t.unit-2*r)*ms/period
	y := t.unit * 13 / 2
	fill(t.canvas, image.Rect(t.unit, y-1, b.Dx()-t.unit, y+1), color.RGBA{0x3a, 0x44, 0x50, 0xff})
	t.disc(x, y, r)
	return encode(t.canvas, 80)
}

// disc fills a circle, row by row.
func (t *Test) disc(cx, cy, r int) {
	for dy := -r; dy <= r; dy++ {
		half := isqrt(r*r - dy*dy)
		fill(t.canvas, image.Rect(cx-half, cy+dy, cx+half, cy+dy+1), t.accent)
	}
}

func isqrt(n int) int {
	root := 0
	for (root+1)*(root+1) <= n {
		root++
	}
	return root
}
