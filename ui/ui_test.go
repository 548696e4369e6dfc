package ui

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"traycam/app"
	"traycam/streaming/frame"
)

// fakeTray remembers what it was last set to.
type fakeTray struct {
	isShown bool
	menu    atomic.Pointer[trayMenu]
	sets    atomic.Int32
}

func (t *fakeTray) set(m trayMenu) { t.menu.Store(&m); t.sets.Add(1) }
func (t *fakeTray) shown() bool    { return t.isShown }
func (t *fakeTray) quit()          {}

func TestBridgeKeepsTheNewestAndOnePending(t *testing.T) {
	d := newDesk(t, 0)
	var queue []func()
	var mu sync.Mutex
	do := func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		queue = append(queue, f)
	}
	leaks := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	tr := &fakeTray{}
	var work sync.WaitGroup
	work.Go(func() { bridge(ctx, d.fake, tr, do, d.window) })
	for viewers := range 100 {
		s := house()
		s.Viewers = viewers
		d.fake.snapshots <- s
	}
	cancel()
	work.Wait()
	if len(queue) != 1 {
		t.Fatalf("%d redraws pending, want 1", len(queue))
	}
	queue[0]()
	if d.snapshot.Viewers != 99 {
		t.Errorf("drew the snapshot with %d viewers, want the newest, 99", d.snapshot.Viewers)
	}
	if got := tr.menu.Load().Status; got != "Streaming · 4 cameras · 99 viewers" || tr.sets.Load() != 100 {
		t.Errorf("the tray says %q after %d calls", got, tr.sets.Load())
	}
	goleak.VerifyNone(t, leaks)
}

func TestPreviews(t *testing.T) {
	pictures := map[string]*frame.Frame{"a": testFrame(1, 640, 480), "b": testFrame(1, 100, 50), "bad": {Seq: 1, JPEG: []byte("no picture")}}
	offline := *testFrame(1, 10, 10)
	offline.Offline = true
	pictures["off"] = &offline
	shown := map[string]image.Image{}
	var takes []func()
	p := newPreviews(slog.New(slog.DiscardHandler), func(id string) *frame.Frame { return pictures[id] },
		func(id string, picture image.Image, done func()) {
			shown[id] = picture
			takes = append(takes, done)
		})
	round := func() {
		clear(shown)
		p.once(t.Context())
	}

	round()
	if len(shown) != 0 {
		t.Fatal("pictures while nobody looks")
	}
	p.want([]string{"a", "b", "bad", "off", "none"}, image.Pt(128, 72))
	round()
	if len(shown) != 2 {
		t.Fatalf("%d pictures, want 2", len(shown))
	}
	if got := shown["a"].Bounds().Size(); got != image.Pt(96, 72) {
		t.Errorf("640×480 became %v", got)
	}
	if got := shown["b"].Bounds().Size(); got != image.Pt(100, 50) {
		t.Errorf("a small picture became %v", got)
	}
	round()
	if len(shown) != 0 {
		t.Error("the same pictures again")
	}
	pictures["a"] = testFrame(2, 640, 480)
	round()
	if len(shown) != 0 {
		t.Error("a second picture while the first waits to be drawn")
	}
	for _, taken := range takes {
		taken()
	}
	round()
	if len(shown) != 1 || shown["a"] == nil {
		t.Errorf("%d pictures, want the new one of a", len(shown))
	}
	pictures["b"] = pictures["b"].Turned(frame.TurnBy(90, false))
	round()
	if len(shown) != 1 || shown["b"] == nil || shown["b"].Bounds().Dx() >= shown["b"].Bounds().Dy() {
		t.Errorf("%d pictures, want the one of b that was turned", len(shown))
	}
	p.want(nil, image.Point{})
	pictures["b"] = testFrame(2, 100, 50)
	round()
	if len(shown) != 0 {
		t.Error("pictures while the window is hidden")
	}
}

func TestWaitForTray(t *testing.T) {
	if !waitForTray(t.Context(), &fakeTray{isShown: true}) {
		t.Error("the tray was not seen")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if waitForTray(ctx, &fakeTray{}) {
		t.Error("a tray was seen")
	}
}

func BenchmarkRender64Cameras(b *testing.B) {
	d := newDesk(&testing.T{}, 0)
	var s [2]app.Snapshot
	for i := range s {
		s[i] = house()
		for n := len(s[i].Cameras); n < 64; n++ {
			c := s[i].Cameras[0]
			c.ID += string(rune('A' + n))
			c.FPS = float64(20 + i)
			s[i].Cameras = append(s[i].Cameras, c)
		}
	}
	d.render(s[0], at)
	for i := 0; b.Loop(); i++ {
		d.render(s[i%2], at)
	}
}

// A picture is shown in the window as its JPEG says that it is to be turned.
func TestSmallPicturesAreTurned(t *testing.T) {
	colours := map[string]color.RGBA{"R": {200, 0, 0, 255}, "G": {0, 200, 0, 255}, "B": {0, 0, 200, 255}, "W": {230, 230, 230, 255}}
	m := image.NewRGBA(image.Rect(0, 0, 320, 160))
	for i, name := range []string{"R", "G", "B", "W"} {
		at := image.Pt(i%2*160, i/2*80)
		draw.Draw(m, image.Rectangle{at, at.Add(image.Pt(160, 80))}, image.NewUniform(colours[name]), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		degrees int
		mirror  bool
		want    string
		size    image.Point
	}{
		{0, false, "RGBW", image.Pt(128, 64)},
		{90, false, "BRWG", image.Pt(36, 72)},
		{180, false, "WBGR", image.Pt(128, 64)},
		{270, false, "GWRB", image.Pt(36, 72)},
		{0, true, "GRWB", image.Pt(128, 64)},
		{90, true, "RBGW", image.Pt(36, 72)},
		{180, true, "BWRG", image.Pt(128, 64)},
		{270, true, "WGBR", image.Pt(36, 72)},
	} {
		f := frame.NewTurned(b.Bytes(), 320, 160, at, frame.TurnBy(c.degrees, c.mirror))
		small := decodeSmall(f.JPEG, image.Pt(128, 72))
		if got := small.Bounds().Size(); got != c.size {
			t.Errorf("%d°, mirrored %v: %v, want %v", c.degrees, c.mirror, got, c.size)
		}
		seen := ""
		for i := range 4 {
			r, g, b, _ := small.At(c.size.X*(1+2*(i%2))/4, c.size.Y*(1+2*(i/2))/4).RGBA()
			for name, want := range colours {
				wr, wg, wb, _ := want.RGBA()
				if near(r, wr) && near(g, wg) && near(b, wb) {
					seen += name
				}
			}
		}
		if seen != c.want {
			t.Errorf("%d°, mirrored %v: seen %s, want %s", c.degrees, c.mirror, seen, c.want)
		}
	}
}

func near(a, b uint32) bool { return max(a, b)-min(a, b) < 40<<8 }
