package camera

import (
	"testing"

	"github.com/pion/rtp"

	"traycam/streaming/fuzzed"
)

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
