package picture_test

import (
	"bytes"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"traycam/streaming/picture"
)

func TestOffline(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		w, h         int
		wantW, wantH int
	}{
		{"Front door", "Nobody listens at the camera's address. Is the camera on?", 1280, 720, 1280, 720},
		{"Garage", "Waiting for the camera to connect.", 0, 0, 640, 360},
		{"Huge", "", 65535, 65535, 1080, 1080},
		{"Tiny", "It is off.", 16, 8, 160, 120},
		{strings.Repeat("A very long name ", 1000), strings.Repeat("and a long reason ", 1000), 640, 480, 640, 480},
		{"\x00\xff\n<b>", "\t", 1920, 1080, 1920, 1080},
	} {
		b, size := picture.Offline(c.name, c.reason, c.w, c.h)
		m, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Errorf("%.20q: %v", c.name, err)
			continue
		}
		if size != m.Bounds().Size() || size.X != c.wantW || size.Y != c.wantH {
			t.Errorf("%.20q: %v, said to be %v, want %d×%d", c.name, m.Bounds().Size(), size, c.wantW, c.wantH)
		}
	}
}

func TestTestPictureMoves(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	p := picture.NewTest("Garden", 640, 360)
	first := p.JPEG(1, now)
	second := p.JPEG(2, now.Add(time.Second/15))
	if bytes.Equal(first, second) {
		t.Error("two frames are the same")
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(second)); err != nil || c.Width != 640 || c.Height != 360 {
		t.Errorf("%d×%d, %v", c.Width, c.Height, err)
	}
}

func BenchmarkTestPicture(b *testing.B) {
	p := picture.NewTest("Garden", 640, 360)
	n := uint64(0)
	for b.Loop() {
		n++
		p.JPEG(n, time.Unix(0, int64(n)*66e6))
	}
}
