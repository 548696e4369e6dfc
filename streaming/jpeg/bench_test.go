package jpeg

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

// cameraLike is an image of noise of about size bytes.
func cameraLike(size int) []byte {
	for h := 16; ; h += 16 {
		if image := noise(640, h, 75, 1); len(image) >= size {
			return image
		}
	}
}

// loop reads the same bytes for ever.
type loop struct {
	b  []byte
	at int
}

func (l *loop) Read(p []byte) (int, error) {
	n := copy(p, l.b[l.at:])
	if l.at += n; l.at == len(l.b) {
		l.at = 0
	}
	return n, nil
}

// BenchmarkReader reads whole frames, all from memory: the copying into the
// Reader's buffer is part of it.
func BenchmarkReader(b *testing.B) {
	for _, size := range []int{30, 100, 250} {
		image := cameraLike(size << 10)
		b.Run(fmt.Sprintf("bare/%dKB", size), func(b *testing.B) { benchmark(b, &loop{b: image}, len(image)) })
	}
	image := cameraLike(100 << 10)
	part := join("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 102400\r\n\r\n", image, "\r\n")
	b.Run("multipart/100KB", func(b *testing.B) { benchmark(b, &loop{b: part}, len(part)) })
	bare := without(image, dht)
	b.Run("repaired/100KB", func(b *testing.B) { benchmark(b, &loop{b: bare}, len(bare)) })
	b.Run("socket/100KB", func(b *testing.B) { benchmark(b, chunks{&loop{b: image}, 64 << 10}, len(image)) })
	b.Run("packets/100KB", func(b *testing.B) { benchmark(b, chunks{&loop{b: image}, 1448}, len(image)) })
}

func benchmark(b *testing.B, stream io.Reader, frame int) {
	r := NewReader(stream, 0)
	b.SetBytes(int64(frame))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJunk reads what holds no image.
func BenchmarkJunk(b *testing.B) {
	image := cameraLike(100 << 10)
	junk := bytes.ReplaceAll(image, start, []byte{0xFF, soi, 0})
	r := NewReader(&loop{b: junk}, 0)
	b.SetBytes(int64(len(junk)))
	b.ReportAllocs()
	for b.Loop() {
		for want := r.stats.Bytes + uint64(len(junk)); r.stats.Bytes < want; {
			if _, whole := r.walk(); whole {
				b.Fatal("found an image")
			}
			if err := r.fill(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
