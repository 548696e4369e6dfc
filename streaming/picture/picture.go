// Package picture draws the two pictures that come from no camera: the one that
// stands in while a camera is down, and the built-in test picture.
package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The fonts that are built in hold Latin, Greek and Cyrillic letters.
var (
	regular = sync.OnceValue(func() *opentype.Font { return mustParse(goregular.TTF) })
	bold    = sync.OnceValue(func() *opentype.Font { return mustParse(gobold.TTF) })
)

func mustParse(ttf []byte) *opentype.Font {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // the fonts are compiled in
	}
	return f
}

// face returns f at a height of size pixels. Not for use by several goroutines at once.
func face(f *opentype.Font, size int) font.Face {
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err) // only a size that is not a number can do that
	}
	return face
}

// write draws one line of text with its baseline's left end at x, y.
func write(dst draw.Image, f font.Face, c color.Color, x, y int, text string) {
	d := font.Drawer{Dst: dst, Src: image.NewUniform(c), Face: f, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// width is how many pixels text takes.
func width(f font.Face, text string) int { return font.MeasureString(f, text).Ceil() }

// shorten cuts text so that it takes no more than most pixels.
func shorten(f font.Face, text string, most int) string {
	if width(f, text) <= most {
		return text
	}
	letters := []rune(text)
	for len(letters) > 0 && width(f, string(letters)+"…") > most {
		letters = letters[:len(letters)-1]
	}
	return string(letters) + "…"
}

// wrap breaks text at spaces into at most lines lines, none wider than most pixels.
func wrap(f font.Face, text string, most, lines int) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line == "" || width(f, line+" "+word) <= most {
			line = strings.TrimSpace(line + " " + word)
			continue
		}
		if len(out) == lines-1 {
			line += " " + word // shorten ends it
			continue
		}
		out = append(out, line)
		line = word
	}
	if line != "" {
		out = append(out, line)
	}
	for i := range out {
		out[i] = shorten(f, out[i], most)
	}
	return out
}

// printable is text on one line, cut to what could ever fit on a picture.
func printable(text string) string {
	letters := []rune(strings.Join(strings.Fields(text), " "))
	return string(letters[:min(len(letters), 200)])
}

func fill(dst draw.Image, r image.Rectangle, c color.Color) {
	draw.Draw(dst, r, image.NewUniform(c), image.Point{}, draw.Src)
}

func encode(m image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // only a picture of more than 65,535 pixels a side can do that
	}
	return b.Bytes()
}
