package camera_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"traycam/faults"
	"traycam/streaming/camera"
	"traycam/streaming/frame"
	"traycam/streaming/jpeg"
)

func openPush(t *testing.T, url string) *camera.Push {
	t.Helper()
	source, err := camera.Open(url, camera.Options{Name: "Door"})
	if err != nil {
		t.Fatal(err)
	}
	return source.(*camera.Push)
}

func body(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }

// running is a push camera that is being taken in until the test ends.
func running(t *testing.T) (*camera.Push, *seen) {
	p, s := openPush(t, "push:"), new(seen)
	ctx, cancel := context.WithCancel(context.Background())
	var supervised sync.WaitGroup
	supervised.Go(func() { camera.Supervise(ctx, p, s.sink()) })
	t.Cleanup(func() { cancel(); supervised.Wait() })
	synctest.Wait()
	return p, s
}

func TestPushedPictures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := running(t)
		if err := p.Take(body(picture(t, 16)), false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(camera.StallAfter - time.Second)
		if err := p.Take(body(append(picture(t, 16), picture(t, 24)...)), true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(camera.StallAfter + time.Second)
		synctest.Wait()
		if got := strings.Join(s.states, " "); got != "connecting waiting live waiting" || s.frames != 3 {
			t.Errorf("%s, %d frames", got, s.frames)
		}
		if got := s.last.Reason.String(); got != "No picture has been posted for 10 seconds." {
			t.Errorf("people read %q", got)
		}
		if err := p.Take(body(picture(t, 16)), false); err != nil || s.last.State != camera.Live {
			t.Errorf("%v, %+v", err, s.last)
		}
	})
}

// A panic ends the post that it was for. What comes next is taken, and the camera can be let go.
func TestFaultPostMakesAMistake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := openPush(t, "push:"), new(seen)
		sink := s.sink()
		mistakes := 0
		sink.Frame = func(*frame.Frame) {
			if s.frames++; s.frames == 1 {
				panic("a bug")
			}
		}
		sink.Log = func(err error) {
			if strings.Contains(err.Error(), "a bug") && strings.Contains(err.Error(), "push_test.go") {
				mistakes++
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		var supervised sync.WaitGroup
		supervised.Go(func() { camera.Supervise(ctx, p, sink) })
		synctest.Wait()
		if err := p.Take(body(picture(t, 16)), false); err == nil || mistakes != 1 {
			t.Errorf("%v, %d mistakes in the log", err, mistakes)
		}
		if s.last.Reason != camera.Mistake {
			t.Errorf("people read %q", s.last.Reason)
		}
		if err := p.Take(body(picture(t, 16)), false); err != nil || s.last.State != camera.Live {
			t.Errorf("the next one: %v, %+v", err, s.last)
		}
		cancel()
		supervised.Wait()
		faults.Held(t, "a mistake with a posted picture", "1 post of 2 ended; the camera is live with the next")
	})
}

func TestPushRefusesWhatIsNoPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := running(t)
		large := append([]byte{0xFF, 0xD8, 0xFF, 0xDA, 0, 2}, make([]byte, jpeg.DefaultMaxBytes)...)
		for _, c := range []struct {
			name string
			body []byte
			want error
		}{
			{"nothing", nil, camera.ErrNoPicture},
			{"text", []byte("hello"), camera.ErrNoPicture},
			{"half a picture", picture(t, 16)[:200], camera.ErrNoPicture},
			{"an HTTP answer", []byte("HTTP/1.1 404 Not Found\r\n\r\n"), camera.ErrNoPicture},
			{"a page", []byte("<!DOCTYPE html><title>x</title>"), camera.ErrNoPicture},
			{"a large picture", append(large, 0xFF, 0xD9), camera.ErrTooLarge},
			{"a picture without an end", append(large, make([]byte, 8<<20)...), camera.ErrTooLarge},
			{"junk without an end", make([]byte, 40<<20), camera.ErrNoPicture},
		} {
			if err := p.Take(body(c.body), false); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
		}
		if s.frames != 0 {
			t.Errorf("%d frames", s.frames)
		}
	})
}

func TestPushRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := running(t)
		one := picture(t, 16)
		for second := range 2 {
			taken := 0
			for range 150 {
				switch err := p.Take(body(one), false); {
				case err == nil:
					taken++
				case !errors.Is(err, camera.ErrTooMany):
					t.Fatal(err)
				}
			}
			if taken != 120 {
				t.Errorf("second %d: %d were taken", second, taken)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestPushTakesOneEndlessBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := running(t)
		in, out := io.Pipe()
		var first error
		var taking sync.WaitGroup
		taking.Go(func() { first = p.Take(in, true) })
		out.Write(picture(t, 16))
		synctest.Wait()
		if err := p.Take(body(picture(t, 16)), true); !errors.Is(err, camera.ErrSecondBody) {
			t.Errorf("a second body: %v", err)
		}
		if err := p.Take(body(picture(t, 16)), false); err != nil {
			t.Errorf("a single picture beside it: %v", err)
		}
		out.Close()
		taking.Wait()
		if first != nil || s.frames != 2 {
			t.Errorf("%v, %d frames", first, s.frames)
		}
		if err := p.Take(body(picture(t, 16)), true); err != nil {
			t.Errorf("a body after the first: %v", err)
		}
	})
}

// A body that trickles gives its place to others.
func TestFaultTricklingPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := running(t)
		in, out := io.Pipe()
		var taking sync.WaitGroup
		taking.Go(func() {
			for _, c := range bytes.Repeat([]byte{0xAA}, 3600) {
				if _, err := out.Write([]byte{c}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		})
		began := time.Now()
		err := p.Take(in, true)
		in.Close()
		took := time.Since(began)
		if !errors.Is(err, camera.ErrTooSlow) || took > 65*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		if err := p.Take(body(picture(t, 16)), true); err != nil {
			t.Errorf("a body after it: %v", err)
		}
		taking.Wait()
		faults.Held(t, "A post of one byte a second", "the place was free after %v", took)
	})
}

func TestPushStopsBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, s := openPush(t, "push:"), new(seen)
		for range 2 { // and it may run again
			if err := p.Take(body(picture(t, 16)), false); !errors.Is(err, camera.ErrPushStopped) {
				t.Errorf("while it does not run: %v", err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var all sync.WaitGroup
			all.Go(func() { camera.Supervise(ctx, p, s.sink()) })
			synctest.Wait()
			in, out := io.Pipe()
			all.Go(func() {
				if err := p.Take(in, true); !errors.Is(err, camera.ErrPushStopped) {
					t.Errorf("a body that was stopped: %v", err)
				}
			})
			out.Write(picture(t, 16)[:100])
			cancel()
			all.Wait()
		}
	})
}

func TestPushKey(t *testing.T) {
	if p := openPush(t, "push:"); p.Opens("") || p.Opens("anything") {
		t.Error("a camera without a key is opened by one")
	}
	p := openPush(t, "push:?key=abcd-EFGH_9")
	if p.Opens("") || p.Opens("abcd-EFGH_8") || p.Opens("abcd-EFGH_9x") || !p.Opens("abcd-EFGH_9") {
		t.Error("the key does not open it, or another does")
	}
}
