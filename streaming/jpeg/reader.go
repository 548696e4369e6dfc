// Package jpeg cuts a byte stream into whole JPEG images.
//
// An image is found by walking its segments (ITU-T T.81, B.1): it begins at
// FF D8 FF and ends where its segments end, never at the first FF D9, which may
// be that of a thumbnail inside, and never where a read ends. What stands
// between images — nothing, multipart headers, 4-byte lengths, junk — is told
// apart on the way, and is only a hint: the image itself is the truth.
package jpeg

import (
	"errors"
	"fmt"
	"io"
)

// DefaultMaxBytes is the largest image that is taken where nothing else is said.
const DefaultMaxBytes = 16 << 20

// MaxPixels is how many an image may have: 16,384 by 16,384. Whoever shows it needs 4 bytes for each.
const MaxPixels = 1 << 28

const (
	firstBuffer = 64 << 10
	slack       = 128 << 10 // what a buffer may hold beyond the largest image
)

// Image is one whole image.
type Image struct {
	// Data is valid until the next call of Next. It is what came, to the bit,
	// unless Repaired.
	Data          []byte
	Width, Height int // pixels, both above 0
	// Repaired tells that Data got the Huffman tables that it lacked.
	Repaired bool
}

// Stats are a Reader's counters.
type Stats struct {
	Bytes     uint64 // read so far
	Images    uint64 // returned whole
	Repaired  uint64 // of Images: got Huffman tables
	CutShort  uint64 // images that ended early or broke off inside
	TooLarge  uint64 // images over a limit
	NotJPEG   uint64 // multipart parts that are no image, and images without a picture
	JunkBytes uint64 // between images, multipart headers and lengths not counted
	Shape     Shape
}

// Dropped counts what was thrown away on the way in.
func (s Stats) Dropped() uint64 { return s.CutShort + s.TooLarge + s.NotJPEG }

// Reader reads images from a stream. It holds at most the largest image and
// 128 KiB. Not for use by several goroutines at once.
type Reader struct {
	r     io.Reader
	max   int
	err   error // sticky
	stats Stats
	first [256]byte // of the stream

	buf []byte
	end int // buf[:end] was read
	pos int // buf[:pos] is understood; beyond end while a segment is being skipped

	state state
	image image
	gap   gap
	lost  lost
}

// state is what stands at Reader.pos.
type state int

const (
	between  state = iota // images
	atMarker              // of an image
	inScan                // entropy-coded data of an image
)

// NewReader reads images of at most maxBytes from r; 0 means DefaultMaxBytes.
func NewReader(r io.Reader, maxBytes int) *Reader {
	if maxBytes <= 0 {
		maxBytes = DefaultMaxBytes
	}
	return &Reader{r: r, max: maxBytes, gap: gap{fresh: true}}
}

// Stats returns the counters so far.
func (r *Reader) Stats() Stats { return r.stats }

// Next returns the next whole image. Its error is the stream's own, io.EOF at
// its end, or a *StatusError.
func (r *Reader) Next() (Image, error) {
	for r.err == nil {
		if image, whole := r.walk(); whole {
			return image, nil
		}
		if r.err != nil {
			break
		}
		err := r.fill()
		switch {
		case err == nil:
		case r.state != between: // what it broke off in may hold an image
			r.broken()
			r.lost.end = max(r.lost.end, r.end) // what is left of the image is no junk
		default:
			r.finishGap()
			r.err = err
		}
	}
	return Image{}, r.err
}

// walk goes as far as what was read reaches, or to the end of a whole image.
func (r *Reader) walk() (Image, bool) {
	for more := true; more && r.err == nil; {
		switch r.state {
		case between:
			more = r.walkGap()
		case atMarker:
			var image Image
			var whole bool
			if image, whole, more = r.walkMarker(); whole {
				return image, true
			}
		case inScan:
			more = r.walkScan()
		}
	}
	return Image{}, false
}

// fill reads more, behind what must be kept of what was read.
func (r *Reader) fill() error {
	r.makeRoom()
	for range 100 {
		n, err := r.r.Read(r.buf[r.end:])
		if r.stats.Bytes < uint64(len(r.first)) {
			copy(r.first[r.stats.Bytes:], r.buf[r.end:r.end+n])
		}
		r.stats.Bytes += uint64(n)
		r.end += n
		if err != nil {
			r.r = ended{err} // told once what came with it is walked
		}
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	r.r = ended{io.ErrNoProgress}
	return io.ErrNoProgress
}

// ended is a stream after its error.
type ended struct{ err error }

func (e ended) Read([]byte) (int, error) { return 0, e.err }

// makeRoom moves what must be kept to the front where the room behind it gets
// small, and takes a larger buffer where that is not enough.
func (r *Reader) makeRoom() {
	keep := min(r.pos, r.end)
	if r.state != between {
		if r.image.length(r.pos) > r.max { // too large: hold it no longer
			r.image.gone = r.max + 1
			r.image.start = keep
		}
		keep = r.image.start
	}
	if r.buf == nil {
		r.buf = make([]byte, firstBuffer)
	}
	if keep > 0 && (keep == r.end || len(r.buf)-r.end < len(r.buf)/4) {
		copy(r.buf, r.buf[keep:r.end])
		r.shift(keep)
	}
	if most := r.max + slack; len(r.buf)-r.end < len(r.buf)/4 && len(r.buf) < most {
		larger := make([]byte, min(2*len(r.buf), most))
		copy(larger, r.buf[:r.end])
		r.buf = larger
	}
}

// shift corrects all places for n bytes less in front of them.
func (r *Reader) shift(n int) {
	r.end -= n
	r.pos -= n
	r.image.start -= n
	r.image.skipped -= n
	r.image.after -= n
	r.lost = lost{max(r.lost.end-n, 0), max(r.lost.exif-n, 0)}
}

// Parse takes exactly one whole image.
func Parse(data []byte) (Image, error) {
	r := NewReader(nil, max(len(data), 1))
	r.buf, r.end = data, len(data)
	image, ok := r.walk()
	switch {
	case !ok:
		return Image{}, errors.New("not a whole JPEG image")
	case r.image.start != 0:
		return Image{}, errors.New("something stands before the JPEG image")
	case r.pos != len(data):
		return Image{}, fmt.Errorf("%d bytes stand behind the JPEG image", len(data)-r.pos)
	}
	return image, nil
}
