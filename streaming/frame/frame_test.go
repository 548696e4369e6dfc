package frame_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"testing"
	"time"

	"traycam/streaming/frame"
)

func TestPartsAreReadByAMultipartReader(t *testing.T) {
	at := time.Unix(1795365008, 192977123)
	for _, size := range []int{1, 9, 10, 41000, 250000} {
		image := bytes.Repeat([]byte{0xFF}, size)
		f := frame.New(image, 640, 480, at)
		if !bytes.Equal(f.JPEG, image) {
			t.Fatalf("%d bytes: the JPEG is not the image", size)
		}

		var programs, browsers bytes.Buffer
		programs.WriteString(frame.Start)
		browsers.WriteString(frame.StartAhead)
		for range 3 {
			programs.Write(f.Part())
			browsers.Write(f.PartAhead())
		}
		for form, stream := range map[string]*bytes.Buffer{"Part": &programs, "PartAhead": &browsers} {
			r := multipart.NewReader(stream, frame.Boundary)
			for n := range 3 {
				part, err := r.NextRawPart()
				if err != nil {
					t.Fatalf("%s %d: %v", form, n, err)
				}
				got, err := io.ReadAll(part)
				if err != nil || !bytes.Equal(got, image) {
					t.Fatalf("%s %d: %d bytes, %v", form, n, len(got), err)
				}
				if part.Header.Get("Content-Type") != "image/jpeg" {
					t.Errorf("%s %d: headers %v", form, n, part.Header)
				}
				if form == "Part" && (part.Header.Get("Content-Length") != fmt.Sprint(size) || part.Header.Get("X-Timestamp") != "1795365008.192977") {
					t.Errorf("%s %d: headers %v", form, n, part.Header)
				}
			}
		}
	}
}

// A write of one form must not reach into what the other form sends.
func TestPartsCannotGrowIntoEachOther(t *testing.T) {
	f := frame.New([]byte("picture"), 1, 1, time.Now())
	ahead := bytes.Clone(f.PartAhead())
	_ = append(f.JPEG, "overwritten"...)
	if !bytes.Equal(f.PartAhead(), ahead) {
		t.Error("appending to JPEG changed the part")
	}
}

func TestPace(t *testing.T) {
	for _, c := range []struct{ camera, cap, want int }{
		{30, 0, 300}, {30, 30, 300}, {30, 15, 150}, {30, 20, 200}, {30, 1, 10}, {5, 30, 50}, {25, 10, 100},
	} {
		pace := frame.Pace{FPS: c.cap}
		passed := 0
		begin := time.Unix(0, 0)
		for i := range c.camera * 10 {
			if pace.Pass(begin.Add(time.Duration(i) * time.Second / time.Duration(c.camera))) {
				passed++
			}
		}
		if passed < c.want-1 || passed > c.want+1 {
			t.Errorf("%d fps capped at %d: %d frames passed in 10 s, want %d", c.camera, c.cap, passed, c.want)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for _, size := range []int{30_000, 100_000, 250_000} {
		b.Run(fmt.Sprint(size/1000, "KB"), func(b *testing.B) {
			image := make([]byte, size)
			at := time.Now()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				frame.New(image, 640, 480, at)
			}
		})
	}
}
