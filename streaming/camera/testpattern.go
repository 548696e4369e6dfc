package camera

import (
	"context"
	"time"

	"traycam/streaming/jpeg"
	"traycam/streaming/picture"
)

// testPattern is test: — a camera that is always there.
type testPattern struct {
	name          string
	width, height int // pixels
	fps           int
}

func (t *testPattern) Run(ctx context.Context, out *Output) error {
	test := picture.NewTest(t.name, t.width, t.height)
	tick := time.NewTicker(time.Second / time.Duration(t.fps))
	defer tick.Stop()
	for n := uint64(1); ; n++ {
		now := time.Now()
		out.Frame(jpeg.Image{Data: test.JPEG(n, now), Width: t.width, Height: t.height}, now)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
