// Package frame holds the one value that travels from a camera to its viewers.
package frame

import (
	"strconv"
	"time"
)

// Frame is one picture of one camera. It is never modified once it has been
// published, so any number of goroutines may read it.
type Frame struct {
	// Seq counts the frames that a camera delivered, from 1, across
	// reconnects: a gap means that frames were skipped.
	Seq uint64
	// At is when the last byte of the picture had been read.
	At time.Time
	// Width and Height are in pixels, as the JPEG's own header says; of a turned
	// picture as it is shown.
	Width, Height int
	// JPEG is one whole image, from its start marker to its end marker. How it is
	// turned stands in it (EXIF).
	JPEG []byte
	// Offline marks the picture that stands in while the camera sends none.
	Offline bool

	turn  Turn   // as it was asked for
	shown Turn   // turn, after what the camera says itself; only where turn says something
	part  []byte // partHeader + JPEG + boundary + aheadHeader; JPEG points into it
	head  int    // len of the part's own headers
}

// Boundary is the multipart boundary of every stream. Unquoted and without
// leading dashes: quotes froze Safari, dashes break Go's reader and strict ffmpeg.
const Boundary = "frame"

const (
	delimiter   = "\r\n--" + Boundary + "\r\n"
	aheadHeader = "Content-Type: image/jpeg\r\n\r\n"
)

// New makes a frame of a copy of image, which is the only copy that is made of
// it: the multipart part that all viewers share lies around that copy.
func New(image []byte, width, height int, at time.Time) *Frame {
	return NewTurned(image, width, height, at, Turn{})
}

// NewTurned is [New] of an image that is to be shown turned from how it would be
// without. It is not encoded again: the copy says how it is to be shown, in an
// Exif segment in place of its own.
func NewTurned(image []byte, width, height int, at time.Time, turn Turn) *Frame {
	length := len(image)
	var shown Turn
	if turn != (Turn{}) && length > 2 {
		own, exif := exifOf(image)
		if shown = turn.After(own); shown.Sideways() {
			width, height = height, width
		}
		if length -= exif; shown != (Turn{}) {
			length += exifLength
		}
	}

	var space [128]byte
	h := append(space[:0], "Content-Type: image/jpeg\r\nContent-Length: "...)
	h = strconv.AppendInt(h, int64(length), 10)
	h = append(h, "\r\nX-Timestamp: "...)
	h = AppendTimestamp(h, at)
	h = append(h, "\r\n\r\n"...)

	part := make([]byte, 0, len(h)+length+len(delimiter)+len(aheadHeader))
	part = append(part, h...)
	if turn == (Turn{}) || len(image) <= 2 {
		part = append(part, image...)
	} else {
		part = appendTurned(part, image, shown)
	}
	jpeg := part[len(h):len(part):len(part)]
	part = append(part, delimiter...)
	part = append(part, aheadHeader...)
	return &Frame{At: at, Width: width, Height: height, JPEG: jpeg, turn: turn, shown: shown, part: part, head: len(h)}
}

// Turn is how the picture is turned from how the camera means it.
func (f *Frame) Turn() Turn { return f.turn }

// Turned is the same picture turned otherwise; f itself where it is turned so.
func (f *Frame) Turned(turn Turn) *Frame {
	if f.turn == turn {
		return f
	}
	width, height := f.Width, f.Height
	if f.shown.Sideways() {
		width, height = height, width
	}
	// f says how it is turned already: what is said of it adds to that.
	t := NewTurned(f.JPEG, width, height, f.At, turn.After(f.turn.Inverse()))
	t.Seq, t.Offline, t.turn = f.Seq, f.Offline, turn
	return t
}

// Part is the frame for programs: its headers with Content-Length, the JPEG and
// the next boundary. It is what follows [Start]. Shared, not to be modified.
func (f *Frame) Part() []byte { return f.part[:len(f.part)-len(aheadHeader)] }

// PartAhead is the frame for browsers: the JPEG, the next boundary and the next
// part's headers, without which Chromium keeps the picture back (crbug 527446).
// It is what follows [StartAhead]. Shared, not to be modified.
func (f *Frame) PartAhead() []byte { return f.part[f.head:] }

// Start is what a stream of [Frame.Part] begins with, after the answer's headers.
const Start = "--" + Boundary + "\r\n"

// StartAhead is what a stream of [Frame.PartAhead] begins with.
const StartAhead = Start + aheadHeader

// AppendTimestamp appends t as seconds since 1970 with six decimals, the form
// of the X-Timestamp header that mjpg-streamer and ustreamer send.
func AppendTimestamp(b []byte, t time.Time) []byte {
	us := t.UnixMicro()
	b = strconv.AppendInt(b, us/1e6, 10)
	b = append(b, '.')
	var digits [8]byte
	frac := strconv.AppendInt(digits[:0], 1e6+us%1e6, 10)
	return append(b, frac[1:]...)
}
