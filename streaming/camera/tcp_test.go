package camera_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"traycam/streaming/camera"
	"traycam/streaming/frame"
)

// rig supervises one camera and lets a test wait for what it does.
type rig struct {
	t       *testing.T
	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each event
	status  camera.Status
	frames  []*frame.Frame
	dropped uint64
	formats []string
	said    []string // what people and the log were told
	logged  []string
}

func supervise(t *testing.T, url string) *rig {
	t.Helper()
	return superviseWith(t, url, camera.Options{Name: "Test"})
}

func superviseWith(t *testing.T, url string, opt camera.Options) *rig {
	t.Helper()
	source, err := camera.Open(url, opt)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, changed: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		camera.Supervise(ctx, source, camera.Sink{
			Frame: func(f *frame.Frame) { r.event(func() { r.frames = append(r.frames, f) }) },
			Status: func(s camera.Status) {
				r.event(func() { r.status = s; r.said = append(r.said, s.Reason.String(), s.Reason.Public()) })
			},
			Lost:   func(dropped, _ uint64) { r.event(func() { r.dropped += dropped }) },
			Format: func(name string) { r.event(func() { r.formats = append(r.formats, name) }) },
			Log: func(err error) {
				t.Log(err)
				r.event(func() { r.said = append(r.said, err.Error()); r.logged = append(r.logged, err.Error()) })
			},
		})
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	return r
}

func (r *rig) event(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	close(r.changed)
	r.changed = make(chan struct{})
}

// await returns when ok is true, which is asked at each event.
func (r *rig) await(what string, ok func() bool) {
	r.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		done, changed := ok(), r.changed
		r.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			r.mu.Lock()
			defer r.mu.Unlock()
			r.t.Fatalf("waited for %s; it is %v, %q, after %d frames", what, r.status.State, r.status.Reason, len(r.frames))
		}
	}
}

func (r *rig) awaitState(want camera.State, words string) {
	r.t.Helper()
	r.await(fmt.Sprintf("%v, %q", want, words), func() bool {
		return r.status.State == want && strings.Contains(r.status.Reason.String(), words)
	})
}

func (r *rig) awaitFrames(n int) {
	r.t.Helper()
	r.await(fmt.Sprint(n, " frames"), func() bool { return len(r.frames) >= n })
}

// picture is a JPEG of w by 8 pixels.
func picture(t *testing.T, w int) []byte {
	t.Helper()
	return still(w)
}

// freePort is a port that was free a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

func dial(t *testing.T, port int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func send(t *testing.T, conn net.Conn, b []byte) {
	t.Helper()
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
}

// isClosed waits until the other end has closed conn.
func awaitClosed(t *testing.T, conn net.Conn) {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := conn.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Fatalf("the connection is still open: %v", err)
	}
}

func TestDialledCamera(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	r := supervise(t, "tcp://"+ln.Addr().String())
	for try := range 2 { // it is dialled again when it hangs up
		conn, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		send(t, conn, picture(t, 16+try))
		r.awaitFrames(try + 1)
		r.awaitState(camera.Live, "")
		conn.Close()
		r.awaitState(camera.Retrying, "ended the connection")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.frames[1]; f.Width != 17 || f.Height != 8 || !bytes.Equal(f.JPEG, picture(t, 17)) {
		t.Errorf("the second frame is %d×%d, %d bytes", f.Width, f.Height, len(f.JPEG))
	}
}

func TestDialledCameraThatIsNotThere(t *testing.T) {
	r := supervise(t, fmt.Sprintf("tcp://127.0.0.1:%d", freePort(t)))
	r.awaitState(camera.Retrying, "Nobody listens on 127.0.0.1:")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.status.NextTry.Before(time.Now().Add(-time.Second)) {
		t.Errorf("the next try is at %v", r.status.NextTry)
	}
}

func TestCameraThatSendsSomethingElse(t *testing.T) {
	for _, c := range []struct{ sends, words string }{
		{"\x00\x00\x00\x01\x67\x42\x00\x1f", "looks like H.264"},
		{"<!DOCTYPE html><title>Camera</title>", "looks like a web page"},
		{"HTTP/1.0 401 Unauthorized\r\nServer: cam\r\n\r\n", "401 Unauthorized"},
		{"", "hangs up at once"},
		{string(picture(t, 16)[:200]), "broken or cut short"},
	} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		r := supervise(t, "tcp://"+ln.Addr().String())
		conn, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		send(t, conn, []byte(c.sends))
		conn.Close()
		r.awaitState(camera.Retrying, c.words)
		ln.Close()
	}
}

func TestListeningCamera(t *testing.T) {
	port := freePort(t)
	r := supervise(t, fmt.Sprintf("tcp://127.0.0.1:%d?listen", port))
	r.awaitState(camera.Waiting, "")
	first := dial(t, port)
	r.awaitState(camera.Connecting, "")
	send(t, first, picture(t, 16))
	r.awaitFrames(1)

	// A second connection is refused while the first still sends, and people are told.
	second := dial(t, port)
	awaitClosed(t, second)
	r.awaitState(camera.Live, "a second connection, from 127.0.0.1, was refused")
	send(t, first, picture(t, 16))
	r.awaitFrames(2)

	first.Close()
	r.awaitState(camera.Waiting, "ended the connection.")
	third := dial(t, port)
	send(t, third, picture(t, 24))
	r.awaitFrames(3)
	r.awaitState(camera.Live, "")
}

func TestNewConnectionReplacesASilentOne(t *testing.T) {
	port := freePort(t)
	r := supervise(t, fmt.Sprintf("tcp://127.0.0.1:%d?listen", port))
	r.awaitState(camera.Waiting, "")
	first := dial(t, port)
	send(t, first, picture(t, 16))
	r.awaitFrames(1)

	// It falls silent; the camera started anew and tries until it is let in.
	for n := 1; n < 2; {
		second := dial(t, port)
		if _, err := second.Write(picture(t, 24)); err == nil {
			second.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
			if _, err := second.Read(make([]byte, 1)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				second.Close()                     // it was refused
				time.Sleep(100 * time.Millisecond) // as long as a hasty camera waits
			}
		}
		r.mu.Lock()
		n = len(r.frames)
		r.mu.Unlock()
	}
	r.awaitState(camera.Live, "took the place of one that had fallen silent")
	awaitClosed(t, first)
}

func TestListeningCameraAllows(t *testing.T) {
	port := freePort(t)
	r := supervise(t, fmt.Sprintf("tcp://127.0.0.1:%d?listen&allow=192.0.2.0/24", port))
	r.awaitState(camera.Waiting, "")
	stranger := dial(t, port)
	awaitClosed(t, stranger)
	r.awaitState(camera.Waiting, "a connection from 127.0.0.1 was refused")
}

func TestListeningOnATakenPort(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := supervise(t, fmt.Sprintf("tcp://%s?listen", ln.Addr()))
	r.awaitState(camera.Retrying, "already used by another camera or program")
	ln.Close()
	r.awaitState(camera.Waiting, "")
}

func TestSilentCameraIsStalled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the 10 s after which a camera is stalled")
	}
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	r := supervise(t, "tcp://"+ln.Addr().String())
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began := time.Now()
	send(t, conn, picture(t, 16)[:100]) // half a picture, and silence
	r.awaitState(camera.Stalled, "no whole picture")
	if after := time.Since(began); after < camera.StallAfter-100*time.Millisecond {
		t.Errorf("stalled after %v already", after)
	}
	again, err := ln.Accept() // it is dialled again
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestTestPictureIsLive(t *testing.T) {
	r := supervise(t, "test:?size=320x240&fps=60")
	r.awaitFrames(3)
	r.awaitState(camera.Live, "")
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.frames[0]; f.Width != 320 || f.Height != 240 {
		t.Errorf("%d×%d", f.Width, f.Height)
	}
}
