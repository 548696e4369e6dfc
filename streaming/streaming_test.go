package streaming_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"traycam/streaming"
	"traycam/streaming/camera"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a streaming server on a real port.
type rig struct {
	*streaming.Server
	t       *testing.T
	url     string
	changed chan struct{}
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, changed: make(chan struct{}, 1)}
	r.Server = streaming.New(streaming.Options{
		Version: "test", Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Changed: func() {
			select {
			case r.changed <- struct{}{}:
			default:
			}
		},
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.url = "http://" + ln.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() { defer close(served); r.Serve(ctx, ln) }()
	t.Cleanup(func() {
		r.Stop()
		cancel()
		<-served
		http.DefaultClient.CloseIdleConnections()
	})
	return r
}

func (r *rig) await(what string, ok func([]streaming.CameraStatus) bool) {
	r.t.Helper()
	deadline := time.After(20 * time.Second)
	for !ok(r.Status()) {
		select {
		case <-r.changed:
		case <-time.After(50 * time.Millisecond): // counters change without a word
		case <-deadline:
			r.t.Fatalf("waited for %s; %+v", what, r.Status())
		}
	}
}

func (r *rig) awaitState(id string, want camera.State) {
	r.t.Helper()
	r.await(id+" "+want.String(), func(all []streaming.CameraStatus) bool {
		for _, c := range all {
			if c.ID == id {
				return c.State == want
			}
		}
		return false
	})
}

// picture is a JPEG of w by 8 pixels.
func picture(t *testing.T, w int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, 8)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// part reads the next part of a stream for programs, by its Content-Length.
func part(t *testing.T, r io.Reader) []byte {
	t.Helper()
	var header []byte
	for !bytes.HasSuffix(header, []byte("\r\n\r\n")) {
		b := make([]byte, 1)
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatal(err)
		}
		header = append(header, b...)
	}
	var length int
	at := bytes.Index(header, []byte("Content-Length: "))
	if _, err := fmt.Sscanf(string(header[at:]), "Content-Length: %d", &length); err != nil {
		t.Fatalf("%q: %v", header, err)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		t.Fatal(err)
	}
	return body
}

// size is a picture's size, "640×360".
func size(t *testing.T, b []byte) string {
	t.Helper()
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d×%d", c.Width, c.Height)
}

func (r *rig) get(path string) *http.Response {
	r.t.Helper()
	response, err := http.Get(r.url + path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { response.Body.Close() })
	return response
}

// A camera that goes down shows the offline picture on the same connection, and
// its pictures again when it is back. A silent one's last picture is sent again.
func TestStreamOutlivesTheCamera(t *testing.T) {
	r := newRig(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	r.Configure([]streaming.Camera{{ID: "door", Name: "Door", URL: "tcp://" + ln.Addr().String(), Enabled: true}}, 0)
	r.Start()
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	stream := r.get("/cameras/door/stream.mjpg").Body
	if got := size(t, part(t, stream)); got != "640×360" {
		t.Errorf("before the first picture a viewer gets %s, not the offline picture", got)
	}
	if got := r.get("/cameras/door/snapshot.jpg").StatusCode; got != 503 {
		t.Errorf("a snapshot before the first picture: %d", got)
	}
	live := picture(t, 200)
	conn.Write(live)
	for !bytes.Equal(part(t, stream), live) {
	}
	if again := part(t, stream); !bytes.Equal(again, live) {
		t.Error("after a second of silence something else than the last picture came")
	}
	r.awaitState("door", camera.Live)
	if got := r.get("/cameras/door/snapshot.jpg").StatusCode; got != 200 {
		t.Errorf("a snapshot: %d", got)
	}

	conn.Close()
	for size(t, part(t, stream)) != "200×120" { // the camera's width; 120 is the least height
	}
	if got := r.get("/cameras/door/snapshot.jpg").StatusCode; got != 503 {
		t.Errorf("a snapshot of a camera that is down: %d", got)
	}
	if conn, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	back := picture(t, 208)
	conn.Write(back)
	for !bytes.Equal(part(t, stream), back) {
	}
	if s := r.Status()[0]; s.Frames != 2 || s.Viewers != 1 || s.Width != 208 {
		t.Errorf("%+v", s)
	}
}

func TestConfigureRestartsOnlyWhatChanged(t *testing.T) {
	r := newRig(t)
	one := streaming.Camera{ID: "one", Name: "One", URL: "test:?size=160x120&fps=60", Enabled: true}
	two := streaming.Camera{ID: "two", Name: "Two", URL: "test:?size=160x120&fps=60", Enabled: true}
	r.Configure([]streaming.Camera{one, two}, 0)
	r.Start()
	r.await("both", func(all []streaming.CameraStatus) bool { return all[0].Frames > 3 && all[1].Frames > 3 })

	two.URL = "test:?size=320x240&fps=60"
	three := streaming.Camera{ID: "three", Name: "Three", URL: "test:?size=160x120", Enabled: false}
	before := r.Status()[0].Frames
	states := watchState(t, r, "one")
	r.Configure([]streaming.Camera{three, two, one}, 0)
	r.await("the new size", func(all []streaming.CameraStatus) bool { return all[1].Width == 320 && all[2].Frames > before })
	if got := states(); got != "live" {
		t.Errorf("the camera that did not change was %s", got)
	}
	if all := r.Status(); all[0].ID != "three" || all[0].State != camera.Off || all[1].ID != "two" {
		t.Errorf("%+v", all)
	}
	r.Configure(nil, 0)
	if len(r.Status()) != 0 {
		t.Error("cameras are left")
	}
	if got := r.get("/cameras/one/stream.mjpg").StatusCode; got != 404 {
		t.Errorf("the stream of a removed camera: %d", got)
	}
}

// watchState notes the states that a camera goes through until it is asked for them.
func watchState(t *testing.T, r *rig, id string) func() string {
	stop, done := make(chan struct{}), make(chan struct{})
	var states []string
	go func() {
		defer close(done)
		for {
			for _, c := range r.Status() {
				if s := c.State.String(); c.ID == id && (len(states) == 0 || states[len(states)-1] != s) {
					states = append(states, s)
				}
			}
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() string { close(stop); <-done; return strings.Join(states, " ") }
}

func TestMaxFPS(t *testing.T) {
	r := newRig(t)
	r.Configure([]streaming.Camera{{ID: "one", Name: "One", URL: "test:?size=160x120&fps=60", Enabled: true, MaxFPS: 5}}, 0)
	r.Start()
	began := time.Now()
	r.await("10 frames", func(all []streaming.CameraStatus) bool { return all[0].Frames >= 10 })
	if took := time.Since(began); took < 1500*time.Millisecond {
		t.Errorf("10 frames at 5 a second took %v", took)
	}
}

// No address and no password is in what viewers may read.
func TestStateKeepsAddressesBack(t *testing.T) {
	r := newRig(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := ln.Addr().String()
	ln.Close()
	r.Configure([]streaming.Camera{{ID: "door", Name: "Door", URL: "tcp://" + address, Enabled: true}}, 0)
	r.Start()
	r.awaitState("door", camera.Retrying)
	if reason := r.Status()[0].Reason.String(); !strings.Contains(reason, address) {
		t.Errorf("the owner reads %q", reason)
	}
	body, _ := io.ReadAll(r.get("/state").Body)
	if bytes.Contains(body, []byte("127.0.0.1")) || !bytes.Contains(body, []byte("Nobody listens")) || !json.Valid(body) {
		t.Errorf("viewers read %s", body)
	}
}

func TestStopAndStartAgain(t *testing.T) {
	r := newRig(t)
	r.Configure([]streaming.Camera{{ID: "one", Name: "One", URL: "test:?size=160x120&fps=60", Enabled: true}}, 0)
	for range 3 {
		r.Start()
		r.awaitState("one", camera.Live)
		stream := r.get("/cameras/one/stream.mjpg")
		part(t, stream.Body)
		r.Stop()
		if _, err := io.Copy(io.Discard, stream.Body); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("the stream ended with %v", err)
		}
		if s := r.Status()[0]; s.State != camera.Off || s.Viewers != 0 || s.FPS != 0 {
			t.Errorf("stopped: %+v", s)
		}
		if got := r.get("/cameras/one/stream.mjpg").StatusCode; got != 503 {
			t.Errorf("a stream while stopped: %d", got)
		}
	}
}

func TestNewCameraWhileStopped(t *testing.T) {
	r := newRig(t)
	r.Configure([]streaming.Camera{{ID: "one", Name: "One", URL: "test:", Enabled: true}}, 0)
	if s := r.Status()[0]; s.State != camera.Off {
		t.Errorf("%+v", s)
	}
}
