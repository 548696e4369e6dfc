package jpeg

import (
	"bytes"
	"encoding/binary"
)

// Marker codes (T.81, table B.1).
const (
	tem  = 0x01
	sof0 = 0xC0
	sof1 = 0xC1
	dht  = 0xC4
	jpg  = 0xC8
	dac  = 0xCC
	rst0 = 0xD0
	rst7 = 0xD7
	soi  = 0xD8
	eoi  = 0xD9
	sos  = 0xDA
	dnl  = 0xDC
	app0 = 0xE0

	app15 = 0xEF
	com   = 0xFE
)

// start is what an image starts with: SOI, and the FF of the next marker.
var start = []byte{0xFF, soi, 0xFF}

// image is the image that is being walked.
type image struct {
	start   int // of what is held of it, in Reader.buf
	gone    int // above the limit once it is too large: bytes before start are held no longer
	skipped int // the length and the payload of the last APPn or COM segment
	after   int // that segment; 0: none yet

	width, height int
	frame         byte // its SOFn marker; 0: none yet
	tables        bool // Huffman tables came before the first scan
	scan          int  // distance of the first SOS from start; 0: none yet
}

// length is how long the image is up to pos.
func (i *image) length(pos int) int { return i.gone + pos - i.start }

// begin starts an image at pos.
func (r *Reader) begin(pos int) {
	r.image = image{start: pos}
	r.pos = pos + 2
	r.state = atMarker
}

// walkMarker takes the marker at pos and skips its segment. more is false where
// bytes are lacking.
func (r *Reader) walkMarker() (img Image, whole, more bool) {
	b := r.buf[:r.end]
	if r.pos+2 > r.end {
		if r.pos < r.end && b[r.pos] != 0xFF {
			r.broken()
			return img, false, true
		}
		return img, false, false
	}
	if b[r.pos] != 0xFF {
		r.broken()
		return img, false, true
	}
	switch code := b[r.pos+1]; {
	case code == 0xFF: // fill (B.1.1.2)
		r.pos += fill(b[r.pos:]) - 1
		return img, false, true
	case code < sof0 && code != tem, code > app15 && code < com: // none, reserved, or of extensions
		r.broken()
		return img, false, true
	case code == soi:
		if r.pos+3 > r.end {
			return img, false, false
		}
		if b[r.pos+2] != 0xFF {
			r.broken()
			return img, false, true
		}
		r.countLost() // cut short by the next image
		r.begin(r.pos)
		return img, false, true
	case code == eoi:
		r.pos += 2
		img, whole = r.complete()
		return img, whole, true
	case code == tem, code >= rst0 && code <= rst7: // no segment
		r.pos += 2
		if r.image.scan > 0 {
			r.state = inScan
		}
		return img, false, true
	default:
		return img, false, r.walkSegment(code)
	}
}

// fill is how many bytes FF b begins with.
func fill(b []byte) int {
	n := 0
	for n < len(b) && b[n] == 0xFF {
		n++
	}
	return n
}

// swallowed finds the beginning of an image where none may be, so that what
// stands in front of it was cut short: in tables, and in what follows them at
// once. -1: there is none. In tables no image stands by chance: FF D8 FF could be
// three steps of a coarse quantization, but then FF goes on, as the largest step.
func swallowed(b []byte) int {
	for from := 0; ; {
		i := bytes.Index(b[from:], start)
		if i < 0 {
			return -1
		}
		from += i
		if end := from + len(start); end == len(b) || b[end] >= sof0 && b[end] != 0xFF {
			return from
		}
		from++
	}
}

// walkSegment skips the segment at pos and takes from it what is needed.
func (r *Reader) walkSegment(code byte) (more bool) {
	b := r.buf[r.pos:r.end]
	need := 4
	isFrame := code >= sof0 && code <= 0xCF && code != dht && code != jpg && code != dac
	if isFrame {
		need = 9
	} else if code == dnl {
		need = 6
	}
	if len(b) < 4 {
		return false
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	if length < need-2 || isFrame && r.image.frame != 0 { // too short, or of the next image
		r.broken()
		return true
	}
	isTable := code < app0
	if isTable {
		need = 2 + length + 2
	}
	if len(b) < need {
		return false
	}
	if isTable {
		if i := swallowed(b[2:need]); i >= 0 {
			r.countLost()
			r.begin(r.pos + 2 + i)
			return true
		}
	}
	switch {
	case isFrame:
		r.image.frame = code
		r.image.height = int(binary.BigEndian.Uint16(b[5:]))
		r.image.width = int(binary.BigEndian.Uint16(b[7:]))
	case code == dnl && r.image.height == 0: // the height comes after the first scan (B.2.5)
		r.image.height = int(binary.BigEndian.Uint16(b[4:]))
	case code == dht && r.image.scan == 0:
		r.image.tables = true
	case code == sos:
		if r.image.scan == 0 {
			r.image.scan = r.image.length(r.pos)
		}
		r.state = inScan
	}
	if !isTable {
		r.image.skipped, r.image.after = r.pos+2, r.pos+2+length
	}
	r.pos += 2 + length
	return true
}

// walkScan goes through entropy-coded data to the marker that ends it.
func (r *Reader) walkScan() (more bool) {
	if r.pos >= r.end {
		return false
	}
	b := r.buf[:r.end]
	pos := r.pos
	for {
		i := bytes.IndexByte(b[pos:], 0xFF)
		if i < 0 {
			r.pos = len(b)
			return false
		}
		pos += i
		if pos+1 == len(b) {
			r.pos = pos
			return false
		}
		switch code := b[pos+1]; {
		case code == 0x00, code >= rst0 && code <= rst7:
			pos += 2
		case code == 0xFF: // fill
			pos++
		default:
			r.pos = pos
			r.state = atMarker
			return true
		}
	}
}

// complete ends the image at pos, behind its end marker.
func (r *Reader) complete() (Image, bool) {
	r.leave(r.pos)
	r.gap.fresh = true
	i := &r.image
	switch {
	case i.length(r.pos) > r.max:
		r.stats.TooLarge++
		return Image{}, false
	case i.scan == 0 || i.width == 0 || i.height == 0:
		r.stats.NotJPEG++
		return Image{}, false
	case i.isBomb(r.pos):
		r.stats.TooLarge++
		return Image{}, false
	case r.pos <= r.lost.exif: // the thumbnail of an image that broke off
		return Image{}, false
	}
	r.stats.Images++
	img := Image{Data: r.buf[i.start:r.pos:r.pos], Width: i.width, Height: i.height}
	if !i.tables && (i.frame == sof0 || i.frame == sof1) {
		r.stats.Repaired++
		img.Data, img.Repaired = withTables(img.Data, i.scan), true
	}
	return img, true
}

// isBomb tells whether the image, which ends at pos, says that it has more pixels
// than anybody should be made to decode, or than so few bytes can hold: each block of
// 64 takes a bit, and a component may have half of the blocks of the image (A.1.1).
// Arithmetic coding has no such least size.
func (i *image) isBomb(pos int) bool {
	const mostForAByte = 8 * 64 * 2
	pixels := i.width * i.height
	huffman := i.frame < jpg
	return pixels > MaxPixels || huffman && pixels > mostForAByte*i.length(pos)
}

// countLost counts an image that is given up at pos.
func (r *Reader) countLost() {
	if r.image.length(r.pos) > r.max {
		r.stats.TooLarge++
	} else {
		r.stats.CutShort++
	}
}

// lost is what was skipped as the last segment of an image that broke off there.
// It is searched for the next image, but is no junk.
type lost struct {
	end  int // in Reader.buf; 0: none
	exif int // end of an EXIF segment, in which whole images are thumbnails; 0: none
}

// broken gives the image up where no marker stands at pos, or where the stream
// ended. If it was cut short inside an APPn or COM segment, then what was skipped
// as that segment's payload holds the beginning of the next image: the search
// goes on there. Nothing but what was skipped unseen is searched, so that no
// input makes it look at the same bytes again and again.
func (r *Reader) broken() {
	r.countLost()
	at := r.pos
	if r.image.after == r.pos && r.image.length(r.pos) <= r.max {
		at = r.image.skipped
		r.lost.end = max(r.lost.end, r.pos)
		if bytes.HasPrefix(r.buf[at+2:r.end], []byte("Exif")) {
			r.lost.exif = r.pos
		}
	}
	r.leave(at)
}

// leave makes pos the beginning of what stands between images.
func (r *Reader) leave(pos int) {
	r.pos = pos
	r.state = between
	r.gap = gap{}
}
