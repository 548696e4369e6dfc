package jpeg

import (
	"bytes"
	"encoding/binary"
	stdimage "image"
	stdjpeg "image/jpeg"
	"io"
	"testing"
)

// endless repeats a pattern behind a beginning until left bytes were read.
type endless struct {
	begin, pattern []byte
	left, at       int
}

func (e *endless) Read(p []byte) (n int, err error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n = copy(p, e.begin)
	e.begin = e.begin[n:]
	for n < len(p) {
		c := copy(p[n:], e.pattern[e.at:])
		e.at = (e.at + c) % len(e.pattern)
		n += c
	}
	e.left -= n
	return n, nil
}

// No stream makes a Reader hold more than the largest image and slack.
func TestMemory(t *testing.T) {
	const maxBytes = 1 << 20
	a := picture(1)
	head := a[:len(a)-400] // into the scan
	page := func(b ...byte) []byte { return bytes.Repeat(b, 4096) }
	tests := []struct {
		name           string
		begin, pattern []byte
		want           Stats
	}{
		{"endless scan", head, page(0xAA), Stats{TooLarge: 1, Shape: Bare}},
		{"endless scan of FF 00", head, page(0xFF, 0x00), Stats{TooLarge: 1, Shape: Bare}},
		{"endless restart markers", head, page(0xFF, rst0), Stats{TooLarge: 1, Shape: Bare}},
		{"endless fill bytes", a[:2], page(0xFF), Stats{TooLarge: 1, Shape: Bare}},
		{"endless segments", a[:2], segment(0xE2, page(0xAA)), Stats{TooLarge: 1, Shape: Bare}},
		{"endless large segments", a[:2], segment(0xFE, make([]byte, 65533)), Stats{TooLarge: 1, Shape: Bare}},
		{"endless tables", a[:2], segment(0xDB, make([]byte, 65533)), Stats{TooLarge: 1, Shape: Bare}},
		{"endless junk", nil, page(0xAA), Stats{}},
		{"endless FF", nil, page(0xFF), Stats{}},
		{"endless text", nil, page('x'), Stats{}},
		{"endless header", []byte("--frame\r\nX: "), page('x'), Stats{}},
		{"endless lines", nil, page('x', '\n'), Stats{}},
		{"endless lines of junk", nil, page(0, '\n'), Stats{}},
		{"endless pieces of text", nil, page('x', 0xFF), Stats{}},
		{"endless pieces of junk", nil, page(0, 0xFF), Stats{}},
		{"endless small images without a picture", nil, page(0xFF, soi, 0xFF, eoi), Stats{Shape: Bare}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			size := 64 << 20
			if test.begin == nil { // more steps, and nothing to hold
				size = 2 << 20
			}
			r := NewReader(&endless{begin: test.begin, pattern: test.pattern, left: size}, maxBytes)
			largest := 0
			for r.err == nil {
				if _, whole := r.walk(); whole {
					t.Fatal("found an image")
				}
				if err := r.fill(); err != nil {
					break
				}
				largest = max(largest, len(r.buf))
			}
			if largest > maxBytes+slack {
				t.Errorf("held %d bytes", largest)
			}
			if _, err := r.Next(); err != io.EOF {
				t.Error(err)
			}
			got := r.Stats()
			got.Bytes, got.JunkBytes, got.NotJPEG = 0, 0, 0
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// A too large image is not held, and the ones behind it are found.
func TestTooLarge(t *testing.T) {
	const maxBytes = 100_000
	a := picture(1)
	head, tail := a[:len(a)-400], a[len(a)-400:]
	stream := io.MultiReader(
		bytes.NewReader(a),
		io.LimitReader(&endless{begin: head, pattern: []byte{0xAA}, left: 1 << 30}, 8<<20),
		bytes.NewReader(join(tail, a, head)),
		io.LimitReader(&endless{pattern: []byte{0xAA}, left: 1 << 30}, 8<<20), // cut short
		bytes.NewReader(a),
	)
	got := readAll(stream, maxBytes)
	if len(got.images) != 3 || got.stats.TooLarge != 2 || got.stats.CutShort != 0 || got.stats.JunkBytes != 0 {
		t.Errorf("%d images, %+v", len(got.images), got.stats)
	}
}

// No stream is looked at again and again: however images are nested in segments
// that break off, the steps grow as the stream does.
func TestWork(t *testing.T) {
	small := without(without(noise(8, 8, 50, 1), dht), 0xDB)
	patterns := map[string][]byte{
		"comments":                   []byte("\xFF\xD8\xFF\xFE\xFF\xF0"),
		"EXIF":                       []byte("\xFF\xD8\xFF\xE1\xFF\xF0Exif"),
		"comments and images":        join("\xFF\xD8\xFF\xFE\xFF\xF0", small),
		"tables":                     []byte("\xFF\xD8\xFF\xDB\xFF\xF0"),
		"tables behind fill":         []byte("\xFF\xD8\xFF\xFF\xDB\xFF\xF0"),
		"tables and images":          join("\xFF\xD8\xFF\xFF\xDB\xFF\xF0", small),
		"scans":                      []byte("\xFF\xD8\xFF\xDA\x00\x08\x01\x00\x00\x00\x3F\x00"),
		"scans in comments":          []byte("\xFF\xD8\xFF\xFE\xFF\xF0\xFF\xD8\xFF\xFF\xDA\x00\x02"),
		"fill":                       []byte("\xFF\xD8\xFF\xFE\x00\x40\xFF\xFF"),
		"long segments inside short": join("\xFF\xD8\xFF\xE1\x00\x20\xFF\xD8\xFF\xE1\xFF\xF0", make([]byte, 10)),
	}
	for name, pattern := range patterns {
		for _, end := range [][]byte{nil, bytes.Repeat([]byte{0xFF}, 1<<20), bytes.Repeat([]byte{0xAA}, 1<<20)} {
			stream := join(bytes.Repeat(pattern, (1<<19)/len(pattern)), end, make([]byte, 0x10000), small)
			r := NewReader(bytes.NewReader(stream), 0)
			if got := work(r); got > 8*len(stream) {
				t.Errorf("%s: looked at %d bytes of %d", name, got, len(stream))
			}
			if images := r.Stats().Images; images == 0 {
				t.Errorf("%s: lost the last image", name)
			}
		}
	}
}

// work is Next until the stream's end. It counts the bytes that are looked at,
// which are all but the APPn and COM segments that are skipped.
func work(r *Reader) (looked int) {
	for {
		for more := true; more; {
			state, pos := r.state, r.pos
			switch state {
			case between:
				more = r.walkGap()
			case atMarker:
				_, _, more = r.walkMarker()
			case inScan:
				more = r.walkScan()
			}
			switch {
			case r.pos < pos: // went back
				looked += 10
			case state == atMarker && r.image.after == r.pos:
				looked += 10
			default:
				looked += r.pos - pos
			}
		}
		if err := r.fill(); err != nil {
			if r.state == between {
				return looked
			}
			r.broken()
		}
	}
}

// What says that it is larger than it can be, or than anybody should be made to
// decode, is no image; what is as large as it says is one.
func TestBombs(t *testing.T) {
	sized := func(w, h uint16, scan int) []byte {
		b := noise(8, 8, 50, 1)
		at := bytes.Index(b, []byte{0xFF, sof0})
		binary.BigEndian.PutUint16(b[at+5:], h)
		binary.BigEndian.PutUint16(b[at+7:], w)
		return join(b[:len(b)-2], make([]byte, scan), b[len(b)-2:])
	}
	for _, test := range []struct {
		name  string
		image []byte
		whole bool
	}{
		{"65,535 pixels a side in a few bytes", sized(65535, 65535, 0), false},
		{"65,535 pixels a side in 12 MiB", sized(65535, 65535, 12<<20), false},
		{"16,384 pixels a side in 300 KB", sized(16384, 16384, 300_000), true},
		{"16,384 pixels a side in 200 KB", sized(16384, 16384, 200_000), false},
		{"800 pixels a side in a few bytes", sized(800, 800, 0), true},
	} {
		got := readAll(bytes.NewReader(join(test.image, picture(1))), 0)
		want := Stats{Images: 2, Shape: Bare, Bytes: got.stats.Bytes}
		if !test.whole {
			want.Images, want.TooLarge = 1, 1
		}
		if got.stats != want {
			t.Errorf("%s: %+v", test.name, got.stats)
		}
	}
}

// A picture of one colour has the most pixels for a byte of all that encoders make.
func TestPlainPicturesAreNoBombs(t *testing.T) {
	for _, side := range []int{64, 1000, 5000} {
		for _, ratio := range []stdimage.YCbCrSubsampleRatio{stdimage.YCbCrSubsampleRatio444, stdimage.YCbCrSubsampleRatio420} {
			var b bytes.Buffer
			if err := stdjpeg.Encode(&b, stdimage.NewYCbCr(stdimage.Rect(0, 0, side, side), ratio), &stdjpeg.Options{Quality: 1}); err != nil {
				t.Fatal(err)
			}
			if got := readAll(&b, 0); got.stats.Images != 1 {
				t.Errorf("%d pixels a side: %+v", side, got.stats)
			}
		}
	}
}
