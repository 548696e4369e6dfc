package jpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// result is all that a stream gave.
type result struct {
	images []Image
	stats  Stats
	err    error
}

func readAll(r io.Reader, maxBytes int) (got result) {
	jr := NewReader(r, maxBytes)
	for {
		image, err := jr.Next()
		if err != nil {
			got.stats, got.err = jr.Stats(), err
			return got
		}
		image.Data = slices.Clone(image.Data)
		got.images = append(got.images, image)
	}
}

// chunks reads at most n bytes at a time.
type chunks struct {
	r io.Reader
	n int
}

func (c chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(c.n, len(p))]) }

// ways are the ways to feed a stream. The first is whole.
var ways = []struct {
	name string
	of   func(io.Reader) io.Reader
}{
	{"whole", func(r io.Reader) io.Reader { return r }},
	{"byte by byte", iotest.OneByteReader},
	{"in threes", func(r io.Reader) io.Reader { return chunks{r, 3} }},
	{"in sevens", func(r io.Reader) io.Reader { return chunks{r, 7} }},
	{"in thousands", func(r io.Reader) io.Reader { return chunks{r, 1000} }},
	{"error with the last bytes", iotest.DataErrReader},
	{"with empty reads", func(r io.Reader) io.Reader { return &hesitant{r: r} }},
}

// hesitant returns nothing before every read.
type hesitant struct {
	r     io.Reader
	ready bool
}

func (h *hesitant) Read(p []byte) (int, error) {
	h.ready = !h.ready
	if h.ready {
		return 0, nil
	}
	return h.r.Read(p[:min(len(p), 100)])
}

// check feeds a stream in all ways and wants the same from each. Stats.Bytes
// may be left out.
func check(t *testing.T, stream []byte, maxBytes int, images [][]byte, stats Stats, wantErr string) {
	t.Helper()
	stats.Images = uint64(len(images))
	for _, way := range ways {
		got := readAll(way.of(bytes.NewReader(stream)), maxBytes)
		if wantErr == io.EOF.Error() && got.stats.Bytes != uint64(len(stream)) {
			t.Errorf("%s: read %d bytes of %d", way.name, got.stats.Bytes, len(stream))
		}
		got.stats.Bytes = stats.Bytes
		if got.stats != stats {
			t.Errorf("%s:\n got %+v\nwant %+v", way.name, got.stats, stats)
		}
		if got.err.Error() != wantErr {
			t.Errorf("%s: error %q, want %q", way.name, got.err, wantErr)
		}
		if len(got.images) != len(images) {
			t.Errorf("%s: %d images, want %d", way.name, len(got.images), len(images))
			continue
		}
		for i, image := range got.images {
			if !bytes.Equal(image.Data, images[i]) {
				t.Errorf("%s: image %d is not the one that was sent (%d bytes, want %d)", way.name, i, len(image.Data), len(images[i]))
			}
		}
	}
}

func TestImages(t *testing.T) {
	small := picture(1)
	tests := []struct {
		name          string
		image         []byte
		width, height int
	}{
		{"baseline", small, 48, 32},
		{"exif thumbnail", exif(small, picture(2)), 48, 32},
		{"thumbnail with a thumbnail", exif(small, exif(picture(2), picture(3))), 48, 32},
		{"comment with the beginning of an image", behindSOI(small, segment(0xFE, []byte("\xFF\xD8\xFF\xE0 \xFF\xD9"))), 48, 32},
		{"empty comment", behindSOI(small, segment(0xFE, nil)), 48, 32},
		{"longest comment", behindSOI(small, segment(0xFE, bytes.Repeat([]byte{0xFF}, 65533))), 48, 32},
		{"fill bytes", withFill(small), 48, 32},
		{"height behind the scan", withDNL(small), 48, 32},
		{"TEM marker", behindSOI(small, []byte{0xFF, tem}), 48, 32},
		{"progressive", file(t, "progressive.jpg"), 64, 48},
		{"progressive with fill bytes", withFill(file(t, "progressive.jpg")), 64, 48},
		{"restart markers", file(t, "restart.jpg"), 64, 48},
		{"arithmetic", file(t, "arithmetic.jpg"), 64, 48},
		{"grey", file(t, "grey.jpg"), 64, 48},
		{"of ffmpeg", file(t, "ffmpeg.jpg"), 64, 48},
		{"larger than the first buffer", noise(640, 480, 95, 4), 640, 480},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			other := picture(9)
			check(t, join(test.image, test.image, other, test.image), 0,
				[][]byte{test.image, test.image, other, test.image}, Stats{Shape: Bare}, "EOF")
			image, err := Parse(test.image)
			if err != nil {
				t.Fatal(err)
			}
			if image.Width != test.width || image.Height != test.height || image.Repaired {
				t.Errorf("got %dx%d, repaired %t, want %dx%d", image.Width, image.Height, image.Repaired, test.width, test.height)
			}
			if !bytes.Equal(image.Data, test.image) {
				t.Error("Parse changed the image")
			}
			for _, more := range [][]byte{join(test.image, byte(0)), join("\n", test.image), join(other, test.image), test.image[:len(test.image)-1]} {
				if _, err := Parse(more); err == nil {
					t.Errorf("Parse took %d bytes of which %d are the image", len(more), len(test.image))
				}
			}
		})
	}
}

func TestBareStreams(t *testing.T) {
	a, b, c := picture(1), picture(2), picture(3)
	thumbnail := picture(4)
	withThumbnail := exif(a, thumbnail)
	large := noise(200, 200, 95, 5)
	_, endOfDQT := marker(a, 0xDB)
	startOfSOS, endOfSOS := marker(a, sos)
	half := len(a) - 300
	huge := behindSOI(a, segment(0xE1, make([]byte, 60000)))
	tests := []struct {
		name   string
		stream []byte
		max    int
		images [][]byte
		stats  Stats
	}{
		{"nothing", nil, 0, nil, Stats{}},
		{"one byte", []byte{0xFF}, 0, nil, Stats{JunkBytes: 1}},
		{"junk alone", bytes.Repeat([]byte{0}, 100_000), 0, nil, Stats{JunkBytes: 100_000}},
		{"zeros between", join(a, "\x00\x00\x00\x00\x00", b), 0, [][]byte{a, b}, Stats{JunkBytes: 5, Shape: Bare}},
		{"four zeros behind", join(a, "\x00\x00\x00\x00"), 0, [][]byte{a}, Stats{JunkBytes: 4, Shape: Bare}},
		{"long junk", join(bytes.Repeat([]byte{1}, 70_000), a, bytes.Repeat([]byte{2}, 70_000), b, bytes.Repeat([]byte{3}, 70_000)), 0, [][]byte{a, b}, Stats{JunkBytes: 210_000, Shape: Bare}},
		{"long text", join(strings.Repeat("text ", 10_000), a), 0, [][]byte{a}, Stats{JunkBytes: 50_000, Shape: Bare}},
		{"junk with FF", join("\x00\xFF\x00\xFF\xFF\x00", a), 0, [][]byte{a}, Stats{JunkBytes: 6, Shape: Bare}},
		{"junk with FF D8 and no FF", join("\x00\xFF\xD8\x00\x00", a, "\x00\xFF\xD8\x00\x00", b), 0, [][]byte{a, b}, Stats{JunkBytes: 10, Shape: Bare}},
		{"junk that ends with FF", join("\x00\xFF", a), 0, [][]byte{a}, Stats{JunkBytes: 2, Shape: Bare}},
		{"FF D8 at the end", join(a, "\xFF\xD8"), 0, [][]byte{a}, Stats{JunkBytes: 2, Shape: Bare}},
		{"junk with line breaks", join("\x00\n\n\x00\n", a), 0, [][]byte{a}, Stats{JunkBytes: 5, Shape: Bare}},
		{"junk like a header", join("\x00\nk:\x01\x02\n--\x03\n", a), 0, [][]byte{a}, Stats{JunkBytes: 11, Shape: Bare}},
		{"line breaks between", join(a, "\r\n", b, "\n", c, "\r\n"), 0, [][]byte{a, b, c}, Stats{Shape: Bare}},
		{"joined in the middle of a picture", join(a[len(a)-300:], b, c), 0, [][]byte{b, c}, Stats{JunkBytes: 300, Shape: Bare}},
		{"cut short by an image", join(a[:half], b, c), 0, [][]byte{b, c}, Stats{CutShort: 1, Shape: Bare}},
		{"cut short behind FF", join(a[:half], "\xFF", b), 0, [][]byte{b}, Stats{CutShort: 1, Shape: Bare}},
		{"SOI twice", join("\xFF\xD8", a), 0, [][]byte{a}, Stats{CutShort: 1, Shape: Bare}},
		{"cut short by the end", join(a, b[:len(b)-1]), 0, [][]byte{a}, Stats{CutShort: 1, Shape: Bare}},
		{"cut short by the end, in a segment", join(a, b[:endOfDQT-1]), 0, [][]byte{a}, Stats{CutShort: 1, Shape: Bare}},
		{"cut short by an image, in a segment", join(a[:endOfDQT-1], b, c), 0, [][]byte{b, c}, Stats{CutShort: 1, Shape: Bare}},
		{"cut short by an image, behind a length", join(a[:6], b, c), 0, [][]byte{b, c}, Stats{CutShort: 1, Shape: Bare}},
		{"cut short by an image, in SOS", join(a[:endOfSOS-3], b, c), 0, [][]byte{b, c}, Stats{CutShort: 1, Shape: Bare}},
		{"cut short by an image, at the end of SOS", join(a[:endOfSOS-1], b, c), 0, [][]byte{b, c}, Stats{CutShort: 1, Shape: Bare}},
		{"a long segment swallows whole images", join("\xFF\xD8\xFF\xE5\xFF\xFF", bytes.Repeat(a, 50)), 0, slices.Repeat([][]byte{a}, 50), Stats{CutShort: 1, Shape: Bare}},
		{"a long segment swallows the last images", join("\xFF\xD8\xFF\xE5\xFF\xFF", a, b), 0, [][]byte{a, b}, Stats{CutShort: 1, Shape: Bare}},
		{"many segments swallow images", join(bytes.Repeat([]byte("\xFF\xD8\xFF\xE5\x08\x00"), 20), bytes.Repeat(a, 3)), 0, slices.Repeat([][]byte{a}, 3), Stats{CutShort: 20, Shape: Bare}},
		{"a long segment behind other images", join(large, large, "\xFF\xD8\xFF\xE5\xFF\xFF", bytes.Repeat(a, 99)), 0, slices.Concat([][]byte{large, large}, slices.Repeat([][]byte{a}, 99)), Stats{CutShort: 1, Shape: Bare}},
		{"cut short behind a thumbnail", withThumbnail[:2+14+len(thumbnail)+1], 0, nil, Stats{CutShort: 1, Shape: Bare}},
		{"cut short by an image, behind a thumbnail", join(withThumbnail[:2+14+len(thumbnail)-1], withThumbnail), 0, [][]byte{withThumbnail}, Stats{CutShort: 2, Shape: Bare}},
		{"no end marker", join(a[:len(a)-2], b, c[:len(c)-2]), 0, [][]byte{b}, Stats{CutShort: 2, Shape: Bare}},
		{"no marker where one belongs", join(a[:endOfDQT], "\x00\x00", a[endOfDQT:], b), 0, [][]byte{b}, Stats{CutShort: 1, JunkBytes: uint64(len(a) - endOfDQT + 2), Shape: Bare}},
		{"reserved marker in the scan", join(a[:half], "\xFF\x3C\xFF\xF0", b), 0, [][]byte{b}, Stats{CutShort: 1, JunkBytes: 4, Shape: Bare}},
		{"two frame headers", join(a[:startOfSOS], without(b, 0xDB)[2:], c), 0, [][]byte{c}, Stats{CutShort: 1, JunkBytes: uint64(len(without(b, 0xDB)) - 2), Shape: Bare}},
		{"no picture", join("\xFF\xD8\xFF\xD9", a), 0, [][]byte{a}, Stats{NotJPEG: 1, Shape: Bare}},
		{"no frame header", join(without(a, sof0), b), 0, [][]byte{b}, Stats{NotJPEG: 1, Shape: Bare}},
		{"no height", join(bytes.Replace(a, []byte{0, 32, 0, 48}, []byte{0, 0, 0, 48}, 1), b), 0, [][]byte{b}, Stats{NotJPEG: 1, Shape: Bare}},
		{"too large", join(a, large, b), len(large) - 1, [][]byte{a, b}, Stats{TooLarge: 1, Shape: Bare}},
		{"just not too large", join(a, large, b), len(large), [][]byte{a, large, b}, Stats{Shape: Bare}},
		{"too large in a segment", join(a, huge, b), 10_000, [][]byte{a, b}, Stats{TooLarge: 1, Shape: Bare}},
		{"too large and cut short", join(a, large[:len(large)-100], b), 10_000, [][]byte{a, b}, Stats{TooLarge: 1, Shape: Bare}},
		{"too large at the end", join(a, large[:len(large)-100]), 10_000, [][]byte{a}, Stats{TooLarge: 1, Shape: Bare}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { check(t, test.stream, test.max, test.images, test.stats, "EOF") })
	}
}

// An image may be cut short anywhere: the next one is never lost, and no
// thumbnail is taken for an image. Where the segment that was cut happens to end
// on a marker of the next image, nothing tells the two from one image.
func TestCutShortAnywhere(t *testing.T) {
	small := noise(16, 16, 50, 1)
	for name, a := range map[string][]byte{
		"plain": small,
		"exif":  exif(small, noise(8, 8, 50, 2)),
		"dnl":   withDNL(small),
	} {
		b := exif(noise(16, 16, 50, 3), noise(8, 8, 50, 4))
		app1 := 2
		if name == "exif" {
			_, app1 = marker(a, 0xE1)
		}
		for n := 3; n < len(a); n++ {
			got := readAll(bytes.NewReader(a[:n]), 0)
			if n >= 6 && (len(got.images) != 0 || got.stats.CutShort == 0 || got.stats.JunkBytes != 0) {
				t.Errorf("%s cut at %d of %d: %d images, %+v", name, n, len(a), len(got.images), got.stats)
			}
			if at := app1 - n; at > 0 && b[at] == 0xFF && b[at+1] >= sof0 {
				continue
			}
			for _, way := range ways[:2] {
				got := readAll(way.of(bytes.NewReader(join(a[:n], b, b))), 0)
				if len(got.images) != 2 || !bytes.Equal(got.images[0].Data, b) || !bytes.Equal(got.images[1].Data, b) || got.stats.JunkBytes != 0 {
					t.Errorf("%s cut at %d of %d, %s: %d images, %+v", name, n, len(a), way.name, len(got.images), got.stats)
				}
			}
		}
	}
}

func TestJoinedAnywhere(t *testing.T) {
	a, b := picture(1), picture(2)
	for n := 2; n < len(a); n++ {
		got := readAll(bytes.NewReader(join(a[n:], b)), 0)
		lineBreaks := uint64(len(a)-n) - got.stats.JunkBytes // at the beginning they are no junk
		if len(got.images) != 1 || !bytes.Equal(got.images[0].Data, b) || got.stats.Dropped() != 0 || lineBreaks > 2 || got.stats.Shape != Bare {
			t.Errorf("joined at %d: %d images, %+v", n, len(got.images), got.stats)
		}
	}
}

func TestLengthPrefixed(t *testing.T) {
	pictures := make([][]byte, 4)
	for i := range pictures {
		pictures[i] = picture(uint64(i))
	}
	// Lengths in bytes that could be taken for something else.
	padded := func(length int) []byte {
		image := pictures[0]
		if length > 0x10000 {
			image = behindSOI(image, segment(0xFE, make([]byte, length-0x10000)))
		}
		return behindSOI(image, segment(0xFE, make([]byte, length-len(image)-4)))
	}
	orders := []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian}
	for _, order := range orders {
		for _, end := range []string{"", "\x00\x00\x00\x00"} {
			t.Run(fmt.Sprintf("%s, end %q", order, end), func(t *testing.T) {
				var stream []byte
				images := slices.Clone(pictures)
				for _, n := range []int{0x2020, 0x0D0A, 0xFFD8, 0xD8FF, 0xFF00, 0xFFFF, 0x10000, 0x10AFF} {
					images = append(images, padded(n))
				}
				for _, image := range images {
					stream = order.AppendUint32(stream, uint32(len(image)))
					stream = append(stream, image...)
				}
				check(t, join(stream, end), 0, images, Stats{Shape: LengthPrefixed}, "EOF")
			})
		}
		t.Run(fmt.Sprintf("%s, wrong lengths", order), func(t *testing.T) {
			var stream []byte
			var images [][]byte
			for _, n := range []uint32{1, 0x0A, 0xFF, 0xFFFF, 0xD8FF, 0xFFD8, 0x1000000, 16 << 20} {
				stream = order.AppendUint32(stream, n)
				stream = append(stream, pictures[0]...)
				images = append(images, pictures[0])
			}
			check(t, stream, 0, images, Stats{Shape: LengthPrefixed}, "EOF")
		})
	}
	a, b := pictures[0], pictures[1]
	tests := []struct {
		name   string
		stream []byte
		images [][]byte
		stats  Stats
	}{
		{"length like an image", join("\xFF\xD8\xFF\x00", a, "\xFF\xD8\x00\x00", b), [][]byte{a, b}, Stats{Shape: LengthPrefixed}},
		{"no length", join("\x00\x00\x00\x00", a), [][]byte{a}, Stats{JunkBytes: 4, Shape: Bare}},
		{"not a length", join("\xFE\xFE\xFE\xFE", a), [][]byte{a}, Stats{JunkBytes: 4, Shape: Bare}},
		{"joined in the middle", join("\x00\x00", a, "\x00\x10\x00\x00", b, "\x00\x00\x00\x00"), [][]byte{a, b}, Stats{JunkBytes: 2, Shape: LengthPrefixed}},
		{"cut short", join("\x00\x10\x00\x00", a[:len(a)-99], "\x00\x10\x00\x00", b), [][]byte{b}, Stats{CutShort: 1, Shape: LengthPrefixed}},
		{"junk behind", join("\x00\x10\x00\x00", a, "\x00\x00\x00\x00\x00"), [][]byte{a}, Stats{JunkBytes: 5, Shape: LengthPrefixed}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { check(t, test.stream, 0, test.images, test.stats, "EOF") })
	}
}

func TestErrors(t *testing.T) {
	a := picture(1)
	t.Run("reader that returns nothing", func(t *testing.T) {
		got := readAll(io.MultiReader(bytes.NewReader(a), nothing{}), 0)
		if len(got.images) != 1 || !errors.Is(got.err, io.ErrNoProgress) {
			t.Errorf("%d images, %v", len(got.images), got.err)
		}
	})
	t.Run("the reader's own error", func(t *testing.T) {
		r := NewReader(io.MultiReader(bytes.NewReader(a), iotest.ErrReader(os.ErrDeadlineExceeded)), 0)
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := r.Next(); err != os.ErrDeadlineExceeded {
				t.Fatal(err)
			}
		}
	})
	t.Run("an error told once, together with an image", func(t *testing.T) {
		r := NewReader(&once{join(a, a)}, 0)
		for range 2 {
			if image, err := r.Next(); err != nil || !bytes.Equal(image.Data, a) {
				t.Fatal(err)
			}
		}
		if _, err := r.Next(); err != os.ErrDeadlineExceeded {
			t.Fatal(err)
		}
	})
	t.Run("an error together with an image", func(t *testing.T) {
		r := NewReader(iotest.DataErrReader(bytes.NewReader(join(a, a))), 0)
		for range 2 {
			if image, err := r.Next(); err != nil || !bytes.Equal(image.Data, a) {
				t.Fatal(err)
			}
		}
		if _, err := r.Next(); err != io.EOF {
			t.Fatal(err)
		}
	})
}

// once returns all that it has together with an error, and nothing later.
type once struct{ b []byte }

func (o *once) Read(p []byte) (n int, err error) {
	if len(o.b) > 0 {
		n, err = copy(p, o.b), os.ErrDeadlineExceeded
		o.b = nil
	}
	return n, err
}

// nothing returns neither bytes nor an error.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

func TestSniff(t *testing.T) {
	ts := make([]byte, 400)
	ts[0], ts[188] = 'G', 'G'
	for begin, want := range map[string]string{
		"":                                    "",
		"hello":                               "",
		string(picture(1)):                    "",
		"\x89PNG\r\n\x1a\n":                   "PNG pictures",
		"GIF89a":                              "a GIF picture",
		"RIFF\x00\x00\x00\x00AVI ":            "an AVI or WebP file",
		"\x00\x00\x00\x01\x67":                "H.264 or H.265 video",
		"\x00\x00\x01\xB3":                    "H.264, H.265 or MPEG video",
		"\x00\x00\x00\x18ftypmp42":            "an MP4 file",
		"FLV\x01":                             "Flash video",
		"RTSP/1.0 400 Bad Request\r\n\r\n":    "an RTSP camera",
		"SSH-2.0-OpenSSH_9.2\r\n":             "an SSH server",
		"\x1aE\xdf\xa3":                       "Matroska or WebM video",
		"<?xml version=\"1.0\"?>":             "an XML file",
		`{"error": "no"}`:                     "JSON text",
		string(ts):                            "MPEG transport stream video",
		"\r\n <!DOCTYPE html>\n<html></html>": "a web page",
		"<HTML><body>":                        "a web page",
	} {
		for _, way := range ways {
			r := NewReader(way.of(strings.NewReader(begin)), 0)
			for {
				if _, err := r.Next(); err != nil {
					break
				}
			}
			if got := r.Sniff(); got != want {
				t.Errorf("%.20q %s: got %q, want %q", begin, way.name, got, want)
			}
		}
	}
}
