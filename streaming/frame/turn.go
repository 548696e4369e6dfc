package frame

import (
	"bytes"
	"encoding/binary"
)

// Turn is how a picture is to be shown otherwise than it lies in its JPEG: turned
// clockwise, and then mirrored, left for right. The zero value is: as it lies.
type Turn struct {
	Quarters uint8 // of a whole turn, 0 to 3
	Mirror   bool
}

// TurnBy is a turn by a multiple of 90 degrees, clockwise.
func TurnBy(degrees int, mirror bool) Turn {
	return Turn{uint8(((degrees/90)%4 + 4) % 4), mirror}
}

// Degrees is 0, 90, 180 or 270.
func (t Turn) Degrees() int { return int(t.Quarters) * 90 }

// Sideways tells whether width and height change places.
func (t Turn) Sideways() bool { return t.Quarters%2 == 1 }

// After is the one turn that does what first does and then t.
func (t Turn) After(first Turn) Turn {
	quarters := t.Quarters
	if first.Mirror { // a mirror turns the other way round
		quarters = 4 - quarters
	}
	return Turn{(first.Quarters + quarters) % 4, first.Mirror != t.Mirror}
}

// Inverse undoes t.
func (t Turn) Inverse() Turn {
	if t.Mirror {
		return t
	}
	return Turn{Quarters: (4 - t.Quarters) % 4}
}

// orientations are the values of EXIF's Orientation, from 1.
var orientations = [8]Turn{{0, false}, {0, true}, {2, false}, {2, true}, {1, true}, {1, false}, {3, true}, {3, false}}

// The Exif segment that marks a picture: EXIF 2.3, 4.5, with the one tag Orientation.
const (
	app1        = 0xE1
	exifMark    = "Exif\x00\x00"
	orientation = 0x0112

	exifBefore = "\xFF\xE1\x00\x22" + exifMark +
		"MM\x00\x2A\x00\x00\x00\x08" + // big-endian TIFF; its first directory comes at once
		"\x00\x01" + "\x01\x12\x00\x03\x00\x00\x00\x01\x00" // one entry: Orientation, SHORT, one of them
	exifAfter  = "\x00\x00" + "\x00\x00\x00\x00" // fills the entry; no further directory
	exifLength = len(exifBefore) + 1 + len(exifAfter)
)

// appendExif appends a segment that says t. Nothing says: as it lies.
func (t Turn) appendExif(b []byte) []byte {
	if t == (Turn{}) {
		return b
	}
	for value, turn := range orientations {
		if turn == t {
			b = append(b, exifBefore...)
			b = append(b, byte(value+1))
			b = append(b, exifAfter...)
		}
	}
	return b
}

// TurnOf is how a JPEG says itself that it is to be shown.
func TurnOf(jpeg []byte) Turn {
	t, _ := exifOf(jpeg)
	return t
}

// exifOf is what the first Exif segment of a JPEG says, and how long all are.
func exifOf(jpeg []byte) (t Turn, length int) {
	for at := range exifSegments(jpeg) {
		if length == 0 {
			t = parseExif(jpeg[at.from+4 : at.to])
		}
		length += at.to - at.from
	}
	return t, length
}

type span struct{ from, to int }

// exifSegments yields where Exif segments lie, their markers included, as far as
// the first scan (T.81, B.1.1).
func exifSegments(jpeg []byte) func(yield func(span) bool) {
	return func(yield func(span) bool) {
		at := 2 // behind SOI
		for at+4 <= len(jpeg) && jpeg[at] == 0xFF {
			code := jpeg[at+1]
			if code == 0xFF { // fill
				at++
				continue
			}
			end := at + 2 + int(binary.BigEndian.Uint16(jpeg[at+2:]))
			if code < 0xC0 || code >= 0xD0 && code <= 0xDA || end < at+4 || end > len(jpeg) {
				return // a scan, or no segment
			}
			if code == app1 && bytes.HasPrefix(jpeg[at+4:end], []byte(exifMark)) && !yield(span{at, end}) {
				return
			}
			at = end
		}
	}
}

// parseExif takes the orientation from what an Exif segment holds.
func parseExif(b []byte) Turn {
	b = b[len(exifMark):] // offsets count from here
	if len(b) < 8 {
		return Turn{}
	}
	var order binary.ByteOrder = binary.BigEndian
	if b[0] == 'I' {
		order = binary.LittleEndian
	}
	const count, entry = 2, 12 // bytes
	at := int(order.Uint32(b[4:]))
	if at < 0 || at > len(b)-count { // below 0 where int has 32 bits
		return Turn{}
	}
	entries := int(order.Uint16(b[at:]))
	for at += count; entries > 0 && at+entry <= len(b); at, entries = at+entry, entries-1 {
		if order.Uint16(b[at:]) != orientation {
			continue
		}
		if value := int(order.Uint16(b[at+8:])); value >= 1 && value <= len(orientations) {
			return orientations[value-1]
		}
		break
	}
	return Turn{}
}

// appendTurned appends a JPEG that is to be shown as t says, without what it said
// itself. All else stays as it is, to the bit.
func appendTurned(b, jpeg []byte, t Turn) []byte {
	const soi = 2
	b = t.appendExif(append(b, jpeg[:soi]...))
	kept := soi
	for at := range exifSegments(jpeg) {
		b = append(b, jpeg[kept:at.from]...)
		kept = at.to
	}
	return append(b, jpeg[kept:]...)
}
