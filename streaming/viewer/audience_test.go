package viewer_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"strings"
	"sync"
	"testing"
	"time"
)

// Quick and slow viewers of one camera, more than one row takes, coming and
// going: each sees whole pictures, none after a newer one, and the last one in the end.
func TestAudience(t *testing.T) {
	const viewers, pictures = 70, 150
	r := newRig(t)
	picture := func(n int) string {
		return fmt.Sprintf("%06d%s%06d", n, strings.Repeat("picture ", 4000), n)
	}
	r.front.show(picture(0))
	var watching sync.WaitGroup
	for i := range viewers {
		stream := r.parts(r.do("GET", "/mjpeg/"))
		watching.Go(func() { watchInOrder(t, stream, i, pictures) })
	}
	for range 15 { // who leaves at once is nobody's loss
		r.do("GET", "/mjpeg/").Body.Close()
	}
	for n := 1; n < pictures; n++ {
		r.front.show(picture(n))
		time.Sleep(time.Millisecond)
	}
	finished := make(chan struct{})
	go func() { defer close(finished); watching.Wait() }()
	await(t, "all viewers to see the last picture", func() bool {
		r.front.show(picture(pictures)) // as a pipeline does once a second
		select {
		case <-finished:
			return true
		default:
			return false
		}
	})
	await(t, "the guests that left to be gone", func() bool {
		r.front.show(picture(pictures))
		return r.front.viewers.Load() <= viewers
	})
}

// watchInOrder reads until picture number last has come. Every third viewer is slow.
func watchInOrder(t *testing.T, stream *multipart.Reader, i, last int) {
	for before := -1; before < last; {
		part, err := stream.NextRawPart()
		if err != nil {
			t.Errorf("viewer %d, after picture %d: %v", i, before, err)
			return
		}
		b, err := io.ReadAll(part)
		var n, end int
		if err == nil && len(b) > 12 {
			fmt.Sscanf(string(b[:6])+" "+string(b[len(b)-6:]), "%d %d", &n, &end)
		}
		if err != nil || n != end || n < before || len(b) != 12+8*4000 {
			t.Errorf("viewer %d: picture %d, ending as %d, of %d bytes, came after %d: %v", i, n, end, len(b), before, err)
			return
		}
		before = n
		if i%3 == 0 {
			time.Sleep(rand.N(20 * time.Millisecond))
		}
	}
}

// Streams end when streaming does, for those who wait for room too.
func TestAudienceGoesHome(t *testing.T) {
	r := newRig(t)
	r.front.show(strings.Repeat("picture ", 1<<17)) // 1 MiB
	reading := r.parts(r.do("GET", "/mjpeg/"))
	r.watchSlowly(4096)
	nextPart(t, reading)
	await(t, "both viewers", func() bool { return r.front.viewers.Load() == 2 })
	r.stop()
	if _, err := reading.NextRawPart(); err == nil {
		t.Error("the stream goes on after streaming was stopped")
	}
	r.handler.Wait()
	if n := r.front.viewers.Load(); n != 0 {
		t.Errorf("%d viewers after streaming was stopped", n)
	}
}

// A viewer that goes on talking is sent away.
func TestAudienceIsQuiet(t *testing.T) {
	r := newRig(t)
	r.front.show("picture")
	conn := r.watchSlowly(0)
	await(t, "the viewer", func() bool { return r.front.viewers.Load() == 1 })
	if _, err := conn.Write([]byte("a few words more")); err != nil {
		t.Fatal(err)
	}
	var talking sync.WaitGroup
	talking.Go(func() { io.Copy(io.Discard, conn) })
	talking.Go(func() { io.Copy(conn, strings.NewReader(strings.Repeat("noise ", 1<<20))) })
	await(t, "the noisy viewer to be gone", func() bool {
		r.front.show("picture")
		return r.front.viewers.Load() == 0
	})
	conn.Close()
	talking.Wait()
}
