package ui

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"runtime"
	"slices"
	"testing"
	"time"

	"traycam/faults"
)

// progressive is a picture of one component whose first scan, and as many as are
// wanted behind it, say that every block is empty.
func progressive(w, h uint16, scans int) []byte {
	b := []byte{0xFF, 0xD8}
	segment := func(marker byte, payload ...byte) {
		b = append(b, 0xFF, marker)
		b = binary.BigEndian.AppendUint16(b, uint16(len(payload)+2))
		b = append(b, payload...)
	}
	segment(0xDB, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	frame := binary.BigEndian.AppendUint16([]byte{8}, h)
	frame = binary.BigEndian.AppendUint16(frame, w)
	segment(0xC2, append(frame, 1, 1, 0x11, 0)...)
	oneCode := append([]byte{1}, make([]byte, 15)...)                // the code 0, of one bit
	segment(0xC4, append(append([]byte{0x00}, oneCode...), 0)...)    // DC: no difference
	segment(0xC4, append(append([]byte{0x10}, oneCode...), 0xE0)...) // AC: 16,384 blocks and more are empty
	blocks := (int(w) + 7) / 8 * ((int(h) + 7) / 8)
	segment(0xDA, 1, 1, 0x00, 0, 0, 0)
	b = append(b, make([]byte, blocks/8+1)...)
	for range scans {
		segment(0xDA, 1, 1, 0x00, 1, 63, 0)
		b = append(b, make([]byte, 2*(blocks/(1<<14)+1))...)
	}
	return append(b, 0xFF, 0xD9)
}

// What is small and says that it is large takes neither memory nor time.
func TestFaultPreviewBombs(t *testing.T) {
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewYCbCr(image.Rect(0, 0, 8192, 8192), image.YCbCrSubsampleRatio420), nil); err != nil {
		t.Fatal(err)
	}
	size := image.Pt(160, 90)
	var most uint64
	var longest time.Duration
	for _, c := range []struct {
		name  string
		jpeg  []byte
		shown bool
	}{
		{"progressive, small", progressive(640, 480, 10), true},
		{"progressive, 16 million pixels", progressive(4096, 4096, 10), true},
		{"progressive, 64 million pixels", progressive(8192, 8192, 1), false},
		{"progressive, 4,000 scans", progressive(4096, 4096, 4000), false},
		{"progressive, behind a marker without length", slices.Insert(progressive(8192, 8192, 1), 2, 0xFF, 0xD0), false},
		{"progressive, 65,500 pixels a side", progressive(65500, 65500, 0), false},
		{"64 million pixels of one colour", plain.Bytes(), true},
	} {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		shown := decodeSmall(c.jpeg, size) != nil
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		memory := (after.TotalAlloc - before.TotalAlloc) >> 20
		t.Logf("%s: %d bytes took %v and %d MiB", c.name, len(c.jpeg), took, memory)
		if shown != c.shown {
			t.Errorf("%s: shown %v", c.name, shown)
		}
		if !c.shown && memory > 1 {
			t.Errorf("%s: took %d MiB", c.name, memory)
		}
		most, longest = max(most, memory), max(longest, took)
	}
	if most > 300 {
		t.Errorf("a preview took %d MiB", most)
	}
	faults.Held(t, "A progressive bomb for the preview", "none was decoded; what is decoded took at most %d MiB and %v", most, longest.Round(time.Millisecond))
}
