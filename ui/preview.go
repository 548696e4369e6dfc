package ui

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	_ "image/jpeg" // cameras send JPEG
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/image/draw"

	"traycam/streaming/frame"
)

// previewEvery is how often the small pictures are looked at: at most two a second.
const previewEvery = 500 * time.Millisecond

// Pictures that are decoded for a preview: of a progressive one every coefficient
// is kept, in 4 bytes, and each scan goes through all of them.
const (
	previewMaxPixels            = 64 << 20
	previewMaxProgressivePixels = 16 << 20
	previewMaxScans             = 32 // encoders make about 10
)

// previews decodes and scales the newest picture of each camera that is in
// sight, on one goroutine, so that it never takes more than one processor.
type previews struct {
	log    *slog.Logger
	newest func(id string) *frame.Frame
	// show hands a picture to the UI thread and calls done once it is taken.
	show func(id string, picture image.Image, done func())

	// Guarded by mu.
	mu      sync.Mutex
	wanted  []string           // cameras in sight, set by the UI thread; nil while the window is hidden
	size    image.Point        // of the space for a picture, in pixels of the screen
	pending map[string]bool    // handed over and not yet taken
	last    map[string]shownAs // what each camera showed last
}

// shownAs tells one picture from another, and one size from another, without
// keeping the picture alive.
type shownAs struct {
	seq  uint64
	at   time.Time
	turn frame.Turn
	size image.Point
}

func newPreviews(log *slog.Logger, newest func(string) *frame.Frame, show func(string, image.Image, func())) *previews {
	return &previews{log: log, newest: newest, show: show, pending: map[string]bool{}, last: map[string]shownAs{}}
}

// want says which cameras are in sight and how large. No cameras: rest.
func (p *previews) want(ids []string, size image.Point) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted, p.size = ids, size
	if len(p.last) > len(ids) {
		keep := map[string]shownAs{}
		for _, id := range ids {
			if was, ok := p.last[id]; ok {
				keep[id] = was
			}
		}
		p.last = keep
	}
}

// run works until ctx is done.
func (p *previews) run(ctx context.Context) {
	tick := time.NewTicker(previewEvery)
	defer tick.Stop()
	for {
		p.once(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// once looks at every camera in sight.
func (p *previews) once(ctx context.Context) {
	p.mu.Lock()
	ids, size := p.wanted, p.size
	p.mu.Unlock()
	for _, id := range ids {
		if ctx.Err() != nil {
			return
		}
		f := p.newest(id)
		if f == nil || f.Offline {
			continue
		}
		now := shownAs{f.Seq, f.At, f.Turn(), size}
		p.mu.Lock()
		skip := p.pending[id] || p.last[id] == now
		p.mu.Unlock()
		if skip {
			continue
		}
		picture := decodeGuarded(p.log, id, f.JPEG, size)
		p.mu.Lock()
		p.last[id] = now // one that cannot be read is not tried again
		p.pending[id] = picture != nil
		p.mu.Unlock()
		if picture != nil {
			p.show(id, picture, func() {
				p.mu.Lock()
				delete(p.pending, id)
				p.mu.Unlock()
			})
		}
	}
}

// decodeGuarded is decodeSmall for pictures of strangers: a panic ends this one only.
func decodeGuarded(log *slog.Logger, camera string, jpeg []byte, size image.Point) (small image.Image) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("a picture cannot be shown, by a mistake in Traycam", "camera", camera, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	return decodeSmall(jpeg, size)
}

// decodeSmall is the picture as it is shown, scaled to fit into size; nil where it cannot be read.
func decodeSmall(jpeg []byte, size image.Point) image.Image {
	if size.X <= 0 || size.Y <= 0 {
		return nil
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(jpeg))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels(jpeg)/c.Height {
		return nil
	}
	src, _, err := image.Decode(bytes.NewReader(jpeg))
	if err != nil {
		return nil
	}
	turn := frame.TurnOf(jpeg)
	if turn.Sideways() {
		size.X, size.Y = size.Y, size.X
	}
	scale := min(float64(size.X)/float64(c.Width), float64(size.Y)/float64(c.Height), 1)
	dst := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(c.Width)*scale+0.5)), max(1, int(float64(c.Height)*scale+0.5))))
	draw.ApproxBiLinear.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Src, nil)
	return turned(dst, turn)
}

// maxPixels is how many pixels the picture may have to be decoded.
func maxPixels(jpeg []byte) int {
	progressive := isProgressive(jpeg)
	switch {
	case progressive && bytes.Count(jpeg, []byte{0xFF, 0xDA}) > previewMaxScans: // a few more are those of thumbnails
		return 0
	case progressive:
		return previewMaxProgressivePixels
	}
	return previewMaxPixels
}

// isProgressive looks for the frame header among the segments (T.81, B.1.1.4).
func isProgressive(jpeg []byte) bool {
	for at := 2; at+4 <= len(jpeg); {
		switch {
		case jpeg[at+1] == 0xFF: // fill
			at++
			continue
		case jpeg[at+1] == 0xC2:
			return true
		case jpeg[at+1] == 0xDA:
			return false
		case jpeg[at+1] >= 0xD0 && jpeg[at+1] <= 0xD8, jpeg[at+1] == 0x01: // they have no length
			at += 2
			continue
		}
		at += 2 + int(binary.BigEndian.Uint16(jpeg[at+2:]))
	}
	return false
}

// turned is m turned, m itself where there is nothing to turn.
func turned(m *image.RGBA, turn frame.Turn) *image.RGBA {
	for range turn.Quarters {
		m = rearranged(m, m.Rect.Dy(), m.Rect.Dx(), func(x, y int) (int, int) { return m.Rect.Dy() - 1 - y, x })
	}
	if turn.Mirror {
		m = rearranged(m, m.Rect.Dx(), m.Rect.Dy(), func(x, y int) (int, int) { return m.Rect.Dx() - 1 - x, y })
	}
	return m
}

// rearranged is m with each pixel where to puts it, w by h pixels.
func rearranged(m *image.RGBA, w, h int, to func(x, y int) (int, int)) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			toX, toY := to(x, y)
			out.SetRGBA(toX, toY, m.RGBAAt(x, y))
		}
	}
	return out
}
