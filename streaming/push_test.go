package streaming_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"traycam/streaming"
	"traycam/streaming/camera"
)

// pushRig is a server with the camera "door", whose pictures are posted, and "test".
func pushRig(t *testing.T) *rig {
	r := newRig(t)
	r.Configure([]streaming.Camera{
		{ID: "door", Name: "Door", URL: "push:?key=abcdefgh", Enabled: true},
		{ID: "test", Name: "Test", URL: "test:", Enabled: true},
		{ID: "off", Name: "Off", URL: "push:"},
	}, 0)
	r.Start()
	r.awaitState("door", camera.Waiting)
	return r
}

func (r *rig) post(path, kind string, body io.Reader) int {
	r.t.Helper()
	response, err := http.Post(r.url+path, kind, body)
	if err != nil {
		r.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func (r *rig) awaitFrames(n uint64) {
	r.t.Helper()
	r.await(fmt.Sprint(n, " frames"), func(all []streaming.CameraStatus) bool { return all[0].Frames == n })
}

func TestPosts(t *testing.T) {
	r := pushRig(t)
	one := picture(t, 200)
	for n := range uint64(3) {
		if got := r.post("/cameras/door/frames", "image/jpeg", bytes.NewReader(one)); got != 204 {
			t.Fatalf("a picture: %d", got)
		}
		r.awaitFrames(n + 1)
	}
	r.awaitState("door", camera.Live)
	if format := r.Status()[0].Format; format != "posted pictures" {
		t.Errorf("they come as %q", format)
	}
	snapshot, _ := io.ReadAll(r.get("/cameras/door/snapshot.jpg").Body)
	if !bytes.Equal(snapshot, one) {
		t.Error("the snapshot is not what was posted")
	}
	for path, want := range map[string]int{"/cameras/test/frames": 409, "/cameras/off/frames": 503, "/cameras/nobody/frames": 404} {
		if got := r.post(path, "image/jpeg", bytes.NewReader(one)); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got := r.post("/cameras/door/frames", "image/jpeg", strings.NewReader("no picture")); got != 415 {
		t.Errorf("no picture: %d", got)
	}
	large := append(append([]byte{}, one[:len(one)-2]...), make([]byte, 17<<20)...)
	if got := r.post("/cameras/door/frames", "image/jpeg", bytes.NewReader(append(large, 0xFF, 0xD9))); got != 413 {
		t.Errorf("a picture of 17 MiB: %d", got)
	}
}

// sender posts a body without a length, piece by piece.
type sender struct {
	*io.PipeWriter
	status chan int // of the answer; 0: none
}

func (r *rig) begin(kind string) sender {
	in, out := io.Pipe()
	s := sender{out, make(chan int, 1)}
	go func() {
		status := 0
		if response, err := http.Post(r.url+"/cameras/door/frames", kind, in); err == nil {
			response.Body.Close()
			status = response.StatusCode
		}
		s.status <- status
		in.Close()
	}()
	return s
}

func TestEndlessPosts(t *testing.T) {
	part := func(b []byte) []byte {
		return append(fmt.Appendf(nil, "--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", len(b)), append(b, "\r\n"...)...)
	}
	bare := func(b []byte) []byte { return b }
	for kind, wrap := range map[string]func([]byte) []byte{
		"multipart/x-mixed-replace;boundary=x": part,
		"image/jpeg":                           bare,
		"application/octet-stream":             bare,
		"video/x-motion-jpeg":                  bare,
	} {
		r := pushRig(t)
		s := r.begin(kind)
		for n := range uint64(5) {
			s.Write(wrap(picture(t, 200+int(n))))
			r.awaitFrames(n + 1)
		}
		if got := r.post("/cameras/door/frames", "multipart/x-mixed-replace;boundary=x", bytes.NewReader(part(picture(t, 16)))); got != 429 {
			t.Errorf("%s: a second body beside it: %d", kind, got)
		}
		s.Close()
		if got := <-s.status; got != 204 {
			t.Errorf("%s: %d", kind, got)
		}
	}
}

func TestStopEndsAnEndlessPost(t *testing.T) {
	r := pushRig(t)
	s := r.begin("image/jpeg")
	s.Write(picture(t, 200))
	r.awaitFrames(1)
	s.Write(picture(t, 200)[:50])
	began := time.Now()
	r.Stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("Stop took %v", took)
	}
	if got := <-s.status; got != 503 {
		t.Errorf("the sender reads %d", got)
	}
	if got := r.post("/cameras/door/frames", "image/jpeg", bytes.NewReader(picture(t, 200))); got != 503 {
		t.Errorf("while stopped: %d", got)
	}
	r.Start()
	r.awaitState("door", camera.Waiting)
	if got := r.post("/cameras/door/frames", "image/jpeg", bytes.NewReader(picture(t, 200))); got != 204 {
		t.Errorf("started again: %d", got)
	}
}

// A sender without the key reads so at once, though its body has no end.
func TestEndlessPostIsRefusedAtOnce(t *testing.T) {
	r := pushRig(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /cameras/door/frames?key=wrongwrong HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 401 ") {
		t.Errorf("%v: %s", err, answer)
	}
}

// A body lasts longer than a request may that is no stream.
func TestPostOutlivesTheReadTimeout(t *testing.T) {
	if testing.Short() {
		t.Skip("takes longer than the 20 s that other requests get")
	}
	t.Parallel()
	r := pushRig(t)
	s := r.begin("image/jpeg")
	n := uint64(0)
	for began := time.Now(); time.Since(began) < 22*time.Second; {
		n++
		s.Write(picture(t, 200))
		r.awaitFrames(n)
		time.Sleep(500 * time.Millisecond)
	}
	s.Close()
	if got := <-s.status; got != 204 {
		t.Errorf("%d after %d pictures", got, n)
	}
}

// A sender that falls silent makes room for the next one.
func TestSilentPostIsGivenUp(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the 10 s after which a body is given up")
	}
	t.Parallel()
	r := pushRig(t)
	s := r.begin("image/jpeg")
	s.Write(picture(t, 200))
	r.awaitFrames(1)
	s.Write(picture(t, 200)[:50])
	if got := <-s.status; got != 408 {
		t.Errorf("a silent sender reads %d", got)
	}
	r.awaitState("door", camera.Waiting)
	if got := r.post("/cameras/door/frames", "multipart/x-mixed-replace;boundary=x", bytes.NewReader(picture(t, 200))); got != 204 {
		t.Errorf("the next one: %d", got)
	}
}
