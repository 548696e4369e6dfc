package camera

import (
	"testing"

	"github.com/pion/rtp"

	"traycam/streaming/fuzzed"
)

// Pieces of a picture that never ends are not kept for ever, and the next picture is taken.
func TestRTPPieces(t *testing.T) {
	var pictures rtpPictures
	piece := func(offset byte, marker bool) *rtp.Packet {
		return &rtp.Packet{Header: rtp.Header{Marker: marker}, Payload: append([]byte{0, 0, 0, offset, 1, 50, 8, 4}, make([]byte, 4-offset)...)}
	}
	pictures.add(piece(0, false))
	losses := 0
	for range 3 * mostPieces {
		if _, lost := pictures.add(piece(4, false)); lost {
			losses++
		}
	}
	if losses != 1 {
		t.Errorf("it was lost %d times", losses)
	}
	if picture, _ := pictures.add(piece(4, true)); picture != nil {
		t.Error("it came in the end")
	}
	if picture, _ := pictures.add(piece(0, true)); picture == nil {
		t.Error("the next one is lost too")
	}
}

// Packets of strangers make pictures or nothing, and no panic.
func FuzzRTPPictures(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x41\xff\x08\x04\x00\x01\xff\xff\x00\x00\x00\x00scan"), uint8(30))
	f.Add([]byte("\x00\x00\x00\x00\x01\x32\x08\x04scan\x00\x00\x00\x04\x01\x32\x08\x04scan"), uint8(12))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		fuzzed.Within(t)
		var pictures rtpPictures
		for n := int(size) + 1; len(data) > 0; {
			p := &rtp.Packet{Payload: data[:min(n, len(data))]}
			data = data[len(p.Payload):]
			p.Marker = len(data)%3 == 0
			picture, lost := pictures.add(p)
			if lost && picture != nil {
				t.Error("a picture came and was lost")
			}
		}
	})
}
