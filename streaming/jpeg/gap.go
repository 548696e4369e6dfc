package jpeg

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// Shape is how the images of a stream follow one another.
type Shape int

const (
	Unknown        Shape = iota // no image yet
	Bare                        // one after the other
	Multipart                   // between boundaries, with headers
	LengthPrefixed              // each after its length in 4 bytes
)

func (s Shape) String() string {
	return [...]string{"unknown", "bare", "multipart", "length-prefixed"}[s]
}

// A StatusError is the answer of an HTTP server that does not send pictures.
type StatusError struct{ Status string } // such as "401 Unauthorized"

func (e *StatusError) Error() string { return fmt.Sprintf("camera answered %q", e.Status) }

// maxLine is how long a line between images may be.
const maxLine = 8 << 10

// gap is what was seen since the last image.
type gap struct {
	fresh   bool // nothing yet
	junk    bool // pos is inside junk, which goes on to the next FF or line break
	length  bool // a 4-byte length stood here
	framing bool // lines of multipart stood here
	headers bool // pos is among the headers of a part
	body    bool // the headers of a part ended: an image should stand at pos
	dirty   bool // junk stood here, behind the last boundary if there was one
}

// walkGap takes one thing between images: a length, a line, junk, or the
// beginning of an image. It returns false where bytes are lacking. What it
// decides depends on the bytes alone, not on how they were read.
func (r *Reader) walkGap() (more bool) {
	b := r.buf[min(r.pos, r.end):r.end]
	switch {
	case len(b) == 0:
		return false
	case r.gap.junk:
		r.skipJunk(b)
	case r.gap.fresh && len(b) < 6:
		return false
	case r.gap.fresh && isLength(b):
		r.gap = gap{length: true}
		r.pos += 4
	case b[0] == 0xFF:
		r.gap.fresh = false
		if len(b) < 3 {
			return false
		}
		if b[1] == soi && b[2] == 0xFF {
			r.settleShape()
			r.begin(r.pos)
		} else {
			r.countJunk(max(fill(b)-1, 1))
		}
	case isText(b[0]):
		r.gap.fresh = false
		return r.walkLine(b)
	default:
		r.gap.fresh = false
		r.gap.junk = true
	}
	return true
}

// settleShape takes note of what stood before an image.
func (r *Reader) settleShape() {
	switch {
	case r.gap.framing:
		r.stats.Shape = Multipart
	case r.gap.length:
		r.stats.Shape = LengthPrefixed
	case r.stats.Shape == Unknown:
		r.stats.Shape = Bare
	}
}

// isLength tells whether b is a 4-byte length, either end first, and the
// beginning of an image. Lengths above 32 MiB are none, so that the beginning
// of an image is not taken for one.
func isLength(b []byte) bool {
	if b[4] != 0xFF || b[5] != soi {
		return false
	}
	length := min(binary.LittleEndian.Uint32(b), binary.BigEndian.Uint32(b))
	return length > 0 && length <= 32<<20
}

// isText tells whether a line may begin with c.
func isText(c byte) bool { return c >= ' ' && c < 0x7F || c == '\n' || c == '\r' || c == '\t' }

// walkLine takes a line: to its line break, to where an image may begin, or to maxLine.
func (r *Reader) walkLine(b []byte) (more bool) {
	b = b[:min(len(b), maxLine)]
	end := stop(b)
	if end < 0 {
		if len(b) < maxLine {
			return false
		}
		end = len(b)
	}
	r.takeLine(b[:end])
	return true
}

// takeLine judges the line at pos: part of multipart, or junk.
func (r *Reader) takeLine(line []byte) {
	text := bytes.TrimSpace(line)
	switch {
	case len(text) == 0 && !r.gap.dirty:
		r.gap.body = r.gap.body || r.gap.headers
		r.gap.headers = false
	case len(text) == 0 || bytes.ContainsFunc(text, isControl):
		r.countJunk(len(line))
		return
	case bytes.HasPrefix(text, []byte("HTTP/")):
		_, status, _ := strings.Cut(string(text), " ")
		if !strings.HasPrefix(status, "2") {
			r.err = &StatusError{Status: status[:min(len(status), 100)]}
		}
		r.gap = gap{framing: true, headers: true}
	case bytes.HasPrefix(text, []byte("--")) && !bytes.HasPrefix(text, []byte("-->")): // that ends a comment of HTML
		r.gap = gap{framing: true, headers: true}
	case r.gap.headers: // any line: some cameras send a bare date
	case bytes.HasSuffix(line, []byte("\n")) && r.mayBeField(text): // headers without a boundary before them
		r.gap = gap{framing: true, headers: true}
	default:
		r.countJunk(len(line))
		return
	}
	r.pos += len(line)
}

// isControl tells whether c stands in no line of text.
func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7F }

// mayBeField tells whether headers without a boundary may begin with a line:
// after an image, or after an HTTP answer, but not inside of a part's text.
func (r *Reader) mayBeField(text []byte) bool {
	switch {
	case r.gap.body:
		content := []byte("Content-")
		return len(text) > len(content) && bytes.EqualFold(text[:len(content)], content)
	case r.gap.framing && r.gap.dirty:
		return false
	}
	return isField(text)
}

// isField tells whether a line is a header. Names of less than four letters are
// taken for chance.
func isField(text []byte) bool {
	name, _, found := bytes.Cut(text, []byte(":"))
	return found && len(name) >= 4 && !bytes.ContainsFunc(name, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
	})
}

// skipJunk goes on to where an image or a line may begin.
func (r *Reader) skipJunk(b []byte) {
	n := stop(b)
	r.gap.junk = n < 0
	if n < 0 {
		n = len(b)
	}
	r.countJunk(n)
}

// stop is where the next image or line may begin in b: at the first FF or behind
// the first line break, whichever comes first. -1: there is neither. It does not
// look far past its answer, since it is asked again from there.
func stop(b []byte) int {
	const window = 256
	for from := 0; from < len(b); from += window {
		w := b[from:min(from+window, len(b))]
		image, line := bytes.IndexByte(w, 0xFF), bytes.IndexByte(w, '\n')
		switch {
		case line >= 0 && (image < 0 || line < image):
			return from + line + 1
		case image >= 0:
			return from + image
		}
	}
	return -1
}

// countJunk passes over n bytes of junk. Junk where a part's headers or image
// should be makes that part no image.
func (r *Reader) countJunk(n int) {
	r.pos += n
	r.stats.JunkBytes += uint64(max(min(n, r.pos-r.lost.end), 0))
	if r.gap.headers || r.gap.body {
		r.stats.NotJPEG++
		r.gap.headers, r.gap.body = false, false
	}
	r.gap.dirty = true
}

// finishGap accounts for what stands between the last image and the stream's end.
func (r *Reader) finishGap() {
	rest := r.buf[min(r.pos, r.end):r.end]
	switch {
	case len(rest) == 0:
	case r.stats.Shape == LengthPrefixed && bytes.Equal(rest, make([]byte, 4)): // the length 0 says that nothing follows
	case !r.gap.junk && isText(rest[0]):
		r.takeLine(rest)
	default:
		r.countJunk(len(rest))
	}
	r.pos = r.end
}
