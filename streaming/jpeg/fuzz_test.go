package jpeg

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"traycam/streaming/fuzzed"
)

// FuzzReader: what a stream gives does not depend on how it is read, and each
// image is one.
func FuzzReader(f *testing.F) {
	a, b := noise(16, 16, 50, 1), noise(8, 8, 50, 2)
	for i, stream := range [][]byte{
		join(a, b),
		join(exif(a, b), withFill(b), withDNL(b)),
		join(without(a, dht), "\x00\x00\x00", file(f, "progressive.jpg")),
		file(f, "restart.jpg"),
		file(f, "arithmetic.jpg"),
		join("\x00\x02\x00\x00", a, "\x00\x02\x00\x00", b, "\x00\x00\x00\x00"),
		join("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n--x\r\nContent-Type: image/jpeg\r\n\r\n", a, "\r\n--x\r\n\r\n<html>\r\n--x\r\n\r\n", b, "\r\n--x--\r\n"),
		join("HTTP/1.1 401 Unauthorized\r\n\r\n", a),
		join(a[:300], b, a[:20], b, b[:len(b)-1]),
		join("\xFF\xD8\xFF\xE1\x10\x00Exif", a, b, make([]byte, 4096), b),
	} {
		f.Add(stream, uint64(i))
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		fuzzed.Within(t)
		maxBytes := 0
		if seed%4 == 0 {
			maxBytes = 500
		}
		whole := readAll(bytes.NewReader(stream), maxBytes)
		pieces := readAll(&shredder{bytes.NewReader(stream), rand.New(rand.NewPCG(seed, 0))}, maxBytes)

		if _, refused := whole.err.(*StatusError); refused { // the rest is not read
			pieces.stats.Bytes = whole.stats.Bytes
		} else if whole.stats.Bytes != uint64(len(stream)) {
			t.Errorf("read %d of %d bytes", whole.stats.Bytes, len(stream))
		}
		if whole.stats != pieces.stats {
			t.Errorf("stats differ:\n whole %+v\npieces %+v", whole.stats, pieces.stats)
		}
		if whole.err.Error() != pieces.err.Error() {
			t.Errorf("errors differ: whole %q, in pieces %q", whole.err, pieces.err)
		}
		if len(whole.images) != len(pieces.images) || uint64(len(whole.images)) != whole.stats.Images {
			t.Fatalf("%d images whole, %d in pieces, %d counted", len(whole.images), len(pieces.images), whole.stats.Images)
		}
		if whole.stats.JunkBytes > uint64(len(stream)) {
			t.Errorf("%d bytes of junk in %d", whole.stats.JunkBytes, len(stream))
		}
		repaired := uint64(0)
		for i, image := range whole.images {
			other := pieces.images[i]
			if !bytes.Equal(image.Data, other.Data) || image.Width != other.Width || image.Height != other.Height || image.Repaired != other.Repaired {
				t.Errorf("image %d differs", i)
			}
			if image.Width <= 0 || image.Height <= 0 {
				t.Errorf("image %d is %dx%d", i, image.Width, image.Height)
			}
			if !bytes.HasPrefix(image.Data, start) || !bytes.HasSuffix(image.Data, []byte{0xFF, eoi}) {
				t.Errorf("image %d has no beginning or no end", i)
			}
			again, err := Parse(image.Data)
			if err != nil || again.Repaired || !bytes.Equal(again.Data, image.Data) || again.Width != image.Width || again.Height != image.Height {
				t.Errorf("image %d is another one on its own: %v", i, err)
			}
			if image.Repaired {
				repaired++
			} else if !bytes.Contains(stream, image.Data) || maxBytes > 0 && len(image.Data) > maxBytes {
				t.Errorf("image %d is not what came", i)
			}
		}
		if repaired != whole.stats.Repaired {
			t.Errorf("%d images are repaired, %d counted", repaired, whole.stats.Repaired)
		}
	})
}

// shredder reads pieces of 1 to 40 bytes, and more now and then.
type shredder struct {
	r   io.Reader
	rnd *rand.Rand
}

func (s *shredder) Read(p []byte) (int, error) {
	n := 1 + s.rnd.IntN(40)
	if s.rnd.IntN(8) == 0 {
		n = 1 + s.rnd.IntN(4000)
	}
	return s.r.Read(p[:min(n, len(p))])
}
