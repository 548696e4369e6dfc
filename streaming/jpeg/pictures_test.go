package jpeg

import (
	"bytes"
	"encoding/binary"
	stdimage "image"
	"image/color"
	stdjpeg "image/jpeg"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// picture is a small colour image of noise, the same for the same seed.
func picture(seed uint64) []byte { return noise(48, 32, 75, seed) }

func noise(w, h, quality int, seed uint64) []byte {
	rnd := rand.New(rand.NewPCG(seed, 1))
	m := stdimage.NewRGBA(stdimage.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(x*4 + rnd.IntN(64)), uint8(y*4 + rnd.IntN(64)), uint8(rnd.IntN(256)), 255})
		}
	}
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, m, &stdjpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// file is a picture of testdata.
func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// segment is a marker segment with its length.
func segment(code byte, payload []byte) []byte {
	b := []byte{0xFF, code, 0, 0}
	binary.BigEndian.PutUint16(b[2:], uint16(len(payload)+2))
	return append(b, payload...)
}

// behindSOI puts b behind the first marker of an image.
func behindSOI(image, b []byte) []byte { return slices.Concat(image[:2], b, image[2:]) }

// exif is an image with an EXIF thumbnail, which is an image of its own.
func exif(image, thumbnail []byte) []byte {
	return behindSOI(image, segment(0xE1, slices.Concat([]byte("Exif\x00\x00MM\x00*"), thumbnail)))
}

// marker finds the first segment with this code in front of the scan.
func marker(image []byte, code byte) (at, end int) {
	for at = 2; image[at+1] != code; at = end {
		end = at + 2 + int(binary.BigEndian.Uint16(image[at+2:]))
	}
	return at, at + 2 + int(binary.BigEndian.Uint16(image[at+2:]))
}

// without is an image less its segments with this code in front of the scan.
func without(image []byte, code byte) []byte {
	out := slices.Clone(image[:2])
	for at := 2; ; {
		end := at + 2 + int(binary.BigEndian.Uint16(image[at+2:]))
		if image[at+1] == sos {
			return append(out, image[at:]...)
		}
		if image[at+1] != code {
			out = append(out, image[at:end]...)
		}
		at = end
	}
}

// withDNL is an image whose height stands behind its scan (T.81, B.2.5).
func withDNL(image []byte) []byte {
	out := slices.Clone(image)
	at, _ := marker(out, sof0)
	height := slices.Clone(out[at+5 : at+7])
	out[at+5], out[at+6] = 0, 0
	return slices.Concat(out[:len(out)-2], segment(dnl, height), out[len(out)-2:])
}

// withFill is an image with fill bytes before each of its markers but the first.
func withFill(image []byte) []byte {
	out := slices.Clone(image[:2])
	for at := 2; ; {
		end := at + 2 + int(binary.BigEndian.Uint16(image[at+2:]))
		out = append(out, 0xFF, 0xFF, 0xFF)
		if image[at+1] == sos {
			return slices.Concat(out, image[at:len(image)-2], []byte{0xFF, 0xFF, 0xFF, eoi})
		}
		out = append(out, image[at:end]...)
		at = end
	}
}

// join is slices.Concat of strings and slices of bytes.
func join(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			out = append(out, p...)
		case []byte:
			out = append(out, p...)
		case byte:
			out = append(out, p)
		}
	}
	return out
}
