package viewer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"traycam/streaming/frame"
	"traycam/streaming/hub"
	"traycam/streaming/viewer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeCamera is what a pipeline is to viewers.
type fakeCamera struct {
	hub     hub.Hub[*frame.Frame]
	newest  atomic.Pointer[frame.Frame]
	viewers atomic.Int64
	stream  context.Context
	intake  viewer.Intake // nil: none
	joined  func(viewer.From)
}

func (c *fakeCamera) Intake() (viewer.Intake, bool) { return c.intake, c.intake != nil }

func (c *fakeCamera) show(image string) *frame.Frame {
	f := frame.New([]byte(image), 640, 480, time.Now())
	c.newest.Store(f)
	c.hub.Publish(f)
	return f
}

func (c *fakeCamera) Join(from viewer.From) (context.Context, func(), bool) {
	if c.stream.Err() != nil {
		return nil, nil, false
	}
	if c.joined != nil {
		c.joined(from)
	}
	c.viewers.Add(1)
	return c.stream, func() { c.viewers.Add(-1) }, true
}
func (c *fakeCamera) Watch(ctx context.Context) iter.Seq[*frame.Frame] { return c.hub.Watch(ctx) }
func (c *fakeCamera) Newest() *frame.Frame                             { return c.newest.Load() }

// rig is a handler on a real port, with two cameras: front and back.
type rig struct {
	t           *testing.T
	handler     *viewer.Handler
	url         string
	front, back *fakeCamera
	stop        context.CancelFunc // stops streaming
	stream      context.Context
	sent        atomic.Int64
}

func (r *rig) Camera(id string) (viewer.Camera, bool) {
	switch id {
	case "front":
		return r.front, true
	case "back":
		return r.back, true
	}
	return nil, false
}

func (r *rig) Nth(n int) (viewer.Camera, bool) {
	if n < 0 || n > 1 {
		return nil, false
	}
	return r.Camera([]string{"front", "back"}[n])
}
func (r *rig) Streaming() bool { return r.stream.Err() == nil }
func (r *rig) State() []viewer.CameraState {
	return []viewer.CameraState{
		{
			ID: "front", Name: "Front <door>", State: "live", Width: 640, Height: 480, FPS: 14.94, BitsPerSecond: 11812345,
			Frames: 18231, Dropped: 4, Viewers: int(r.front.viewers.Load()), LastFrame: time.Unix(1795365008, 192e6),
		},
		{ID: "back", Name: "Back", State: "waiting"},
	}
}

func newRig(t *testing.T) *rig { return newRigLogging(t, slog.New(slog.DiscardHandler)) }

func newRigLogging(t *testing.T, log *slog.Logger) *rig {
	r := &rig{t: t}
	r.stream, r.stop = context.WithCancel(context.Background())
	r.front, r.back = &fakeCamera{stream: r.stream}, &fakeCamera{stream: r.stream}
	r.handler = viewer.New(viewer.Options{
		Cameras: r, Version: "1.2.3", Log: log, Sent: &r.sent,
		Web: fstest.MapFS{
			"index.html": {Data: []byte(`<base href="{{.Base}}">{{range .Cameras}}<p>{{.ID}} {{.Name}}{{end}}`)},
			"viewer.js":  {Data: []byte("// script")},
			"sub/x.css":  {Data: []byte("/* style */")},
		},
	})
	server := httptest.NewServer(r.handler)
	r.url = server.URL
	t.Cleanup(func() {
		r.stop()
		r.handler.Wait()
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return r
}

func (r *rig) do(method, path string, headers ...string) *http.Response {
	r.t.Helper()
	return r.send(method, path, nil, headers...)
}

// send is do with a body.
func (r *rig) send(method, path string, body io.Reader, headers ...string) *http.Response {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { response.Body.Close() })
	return response
}

// parts reads a stream as Go's multipart reader does.
func (r *rig) parts(response *http.Response) *multipart.Reader {
	r.t.Helper()
	kind, params, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/x-mixed-replace" || params["boundary"] != "frame" {
		r.t.Fatalf("%s, Content-Type %q", response.Status, response.Header.Get("Content-Type"))
	}
	return multipart.NewReader(response.Body, params["boundary"])
}

func nextPart(t *testing.T, r *multipart.Reader) string {
	t.Helper()
	part, err := r.NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited for " + what)
		}
	}
}

func TestStream(t *testing.T) {
	r := newRig(t)
	r.front.show("one")
	response := r.do("GET", "/cameras/front/stream.mjpg")
	if got := response.Header.Get("Cache-Control"); got != "private, no-cache, no-store, max-age=0" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := response.Header.Get("Pragma"); got != "no-cache" || !response.Close || len(response.TransferEncoding) > 0 {
		t.Errorf("Pragma %q, close %v, transfer encoding %v", got, response.Close, response.TransferEncoding)
	}
	parts := r.parts(response)
	if got := nextPart(t, parts); got != "one" {
		t.Errorf("a new viewer gets %q, not the newest picture", got)
	}
	r.front.show("two")
	if got := nextPart(t, parts); got != "two" {
		t.Errorf("then %q", got)
	}
	if n := r.front.viewers.Load(); n != 1 {
		t.Errorf("%d viewers", n)
	}
	response.Body.Close()
	await(t, "the viewer to be gone", func() bool {
		r.front.show("three")
		return r.front.viewers.Load() == 0
	})
}

// A browser gets the next part's headers with each picture, a program does not.
func TestHeadersAhead(t *testing.T) {
	chromium := "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
	firefox := "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
	for _, c := range []struct {
		agent, accept, query string
		ahead                bool
	}{
		{chromium, "image/avif,image/webp,*/*;q=0.8", "", true},
		{chromium, "text/html,image/avif", "", true},
		{firefox, "text/html,application/xhtml+xml", "", true},
		{chromium, "*/*", "", false}, // fetch()
		{"curl/8", "*/*", "", false},
		{"Lavf/59", "*/*", "", false},
		{"", "", "", false},
		{chromium, "image/avif", "?advance_headers=0", false},
		{"curl/8", "*/*", "?advance_headers=1", true},
	} {
		r := newRig(t)
		r.front.show("picture")
		response := r.do("GET", "/mjpeg/"+c.query, "User-Agent", c.agent, "Accept", c.accept)
		want := "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 7\r\n"
		if c.ahead {
			want = "--frame\r\nContent-Type: image/jpeg\r\n\r\npicture\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n"
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(response.Body, got); err != nil || string(got) != want {
			t.Errorf("%s, %s, %s: %q, %v", c.agent, c.accept, c.query, got, err)
		}
	}
}

func TestPathsOfOtherServers(t *testing.T) {
	r := newRig(t)
	r.front.show("front picture")
	r.back.show("back picture")
	for path, want := range map[string]string{
		"/mjpeg/": "front", "/mjpeg": "front", "/stream.mjpg": "front", "/?action=stream": "front",
		"/?action=stream_0": "front", "/?action=stream_1": "back", "/mjpeg/?camera=back": "back",
		"/stream.mjpg?camera=back": "back", "/?action=stream&camera=back": "back",
		"/cameras/back/stream.mjpg": "back",
	} {
		if got := nextPart(t, r.parts(r.do("GET", path))); got != want+" picture" {
			t.Errorf("%s: %q", path, got)
		}
	}
	for path, want := range map[string]string{
		"/snapshot.jpg": "front", "/?action=snapshot": "front", "/?action=snapshot_1": "back",
		"/snapshot.jpg?camera=back": "back", "/cameras/back/snapshot.jpg": "back",
	} {
		response := r.do("GET", path)
		body, _ := io.ReadAll(response.Body)
		if string(body) != want+" picture" || response.ContentLength != int64(len(body)) || response.Header.Get("Content-Type") != "image/jpeg" ||
			response.Header.Get("Cache-Control") != "no-store" || !strings.Contains(response.Header.Get("X-Timestamp"), ".") {
			t.Errorf("%s: %q, %v", path, body, response.Header)
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		method, path string
		headers      []string
		want         int
	}{
		{"GET", "/", nil, 200},
		{"HEAD", "/", nil, 200},
		{"GET", "/cameras/front", nil, 200},
		{"GET", "/assets/viewer.js", nil, 200},
		{"GET", "/assets/sub/x.css", nil, 200},
		{"GET", "/state", nil, 200},
		{"GET", "/healthz", nil, 200},
		{"GET", "/metrics", nil, 200},
		{"HEAD", "/cameras/front/stream.mjpg", nil, 200},
		{"GET", "/cameras/nobody", nil, 404},
		{"GET", "/cameras/nobody/stream.mjpg", nil, 404},
		{"GET", "/cameras/nobody/snapshot.jpg", nil, 404},
		{"GET", "/cameras/front/nothing", nil, 404},
		{"GET", "/mjpeg/?camera=nobody", nil, 404},
		{"GET", "/?action=stream_2", nil, 404},
		{"GET", "/?action=stream_-1", nil, 404},
		{"GET", "/?action=stream_x", nil, 404},
		{"GET", "/?action=command", nil, 404},
		{"GET", "/nothing", nil, 404},
		{"GET", "/assets/", nil, 404},
		{"GET", "/assets/sub", nil, 404},
		{"GET", "/assets/index.html", nil, 404},
		{"GET", "/assets/../viewer.go", nil, 307},
		{"GET", "/cameras/back/snapshot.jpg", nil, 503},
		{"GET", "/cameras/front/stream.mjpg?fps=fast", nil, 400},
		{"POST", "/", nil, 405},
		{"PUT", "/cameras/front/stream.mjpg", nil, 405},
		{"DELETE", "/nothing", nil, 405},
		{"GET", "/", []string{"Host", "localhost:8090"}, 200},
		{"GET", "/", []string{"Host", "LOCALHOST."}, 200},
		{"GET", "/", []string{"Host", "traycam.localhost"}, 200},
		{"GET", "/", []string{"Host", "127.0.0.1:80"}, 200},
		{"GET", "/", []string{"Host", "[::1]:8090"}, 200},
		{"GET", "/", []string{"Host", "evil.example"}, 403},
		{"GET", "/state", []string{"Host", "localhost.evil.example:8090"}, 403},
		{"GET", "/mjpeg/", []string{"Host", "192.0.2.1"}, 403},
	} {
		r := newRig(t)
		r.front.show("picture")
		response := r.do(c.method, c.path, c.headers...)
		if response.StatusCode != c.want {
			t.Errorf("%s %s %v: %d, want %d", c.method, c.path, c.headers, response.StatusCode, c.want)
		}
		if c.want == 503 && response.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", c.path)
		}
		if c.want == 200 && response.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", c.path, response.Header)
		}
	}
}

func TestStopped(t *testing.T) {
	r := newRig(t)
	r.front.show("picture")
	stream := r.do("GET", "/cameras/front/stream.mjpg")
	nextPart(t, r.parts(stream))
	r.stop()
	r.handler.Wait()
	if _, err := io.ReadAll(stream.Body); err != nil && r.front.viewers.Load() != 0 {
		t.Errorf("after a stop: %v, %d viewers", err, r.front.viewers.Load())
	}
	for path, want := range map[string]int{"/mjpeg/": 503, "/snapshot.jpg": 503, "/healthz": 503, "/": 200, "/state": 200} {
		if response := r.do("HEAD", path); response.StatusCode != want {
			t.Errorf("HEAD %s: %d, want %d", path, response.StatusCode, want)
		}
		if response := r.do("GET", path); response.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
		}
	}
}

func TestLimit(t *testing.T) {
	r := newRig(t)
	r.front.show("picture")
	r.handler.Limit(2)
	first, second := r.do("GET", "/mjpeg/"), r.do("GET", "/mjpeg/")
	nextPart(t, r.parts(first))
	nextPart(t, r.parts(second))
	if third := r.do("GET", "/mjpeg/"); third.StatusCode != 503 {
		t.Errorf("the third viewer of two: %d", third.StatusCode)
	}
	first.Body.Close()
	await(t, "a free place", func() bool {
		r.front.show("picture")
		return r.do("GET", "/mjpeg/").StatusCode == 200
	})
}

func TestFPS(t *testing.T) {
	r := newRig(t)
	r.front.show("0")
	parts := r.parts(r.do("GET", "/mjpeg/?fps=5"))
	nextPart(t, parts)
	began := time.Now()
	defer r.play()()
	for range 5 {
		nextPart(t, parts)
	}
	if took := time.Since(began); took < 800*time.Millisecond {
		t.Errorf("5 pictures at fps=5 took %v", took)
	}
}

// play shows pictures 1, 2, 3 … of the first camera, 5 ms apart, until stop is called.
func (r *rig) play() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for i := 1; ; i++ {
			select {
			case <-time.After(5 * time.Millisecond):
				r.front.show(fmt.Sprint(i))
			case <-end:
				return
			}
		}
	}()
	return func() { close(end); <-ended }
}

func TestState(t *testing.T) {
	r := newRig(t)
	var got map[string]any
	response := r.do("GET", "/state")
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	cameras := got["cameras"].([]any)
	front := fmt.Sprint(cameras[0])
	want := "map[bits_per_second:1.18e+07 dropped:4 fps:14.9 frames:18231 height:480 id:front last_frame:2026-11-22T16:30:08.192Z " +
		"name:Front <door> reason: repaired:0 state:live viewers:0 width:640]"
	if front != want {
		t.Errorf("front is\n%s, want\n%s", front, want)
	}
	if back := cameras[1].(map[string]any); back["last_frame"] != nil || back["state"] != "waiting" {
		t.Errorf("back is %v", back)
	}
	if got["version"] != "1.2.3" || got["streaming"] != true || got["viewers"] != 0.0 {
		t.Errorf("state is %v", got)
	}
}

func TestPageEscapesNames(t *testing.T) {
	r := newRig(t)
	response := r.do("GET", "/cameras/front")
	page, _ := io.ReadAll(response.Body)
	if !bytes.Contains(page, []byte("Front &lt;door&gt;")) || bytes.Contains(page, []byte("<door>")) {
		t.Errorf("the page is %s", page)
	}
	if policy := response.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
}

// watchSlowly asks for the first camera's stream and leaves the reading to the
// test. readBuffer is how much the kernel takes in for it, in bytes; 0: its default.
func (r *rig) watchSlowly(readBuffer int) net.Conn {
	r.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	if readBuffer > 0 {
		conn.(*net.TCPConn).SetReadBuffer(readBuffer)
	}
	fmt.Fprint(conn, "GET /mjpeg/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
	return conn
}

// A viewer that does not read is dropped after 10 s without progress, and costs
// the others nothing meanwhile.
func TestViewerThatDoesNotRead(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the 10 s after which such a viewer is dropped")
	}
	t.Parallel()
	r := newRig(t)
	big := strings.Repeat("picture ", 1<<17) // 1 MiB
	r.front.show(big)
	r.watchSlowly(4096)
	await(t, "the viewer", func() bool { return r.front.viewers.Load() == 1 })

	healthy := r.parts(r.do("GET", "/mjpeg/"))
	began := time.Now()
	for r.front.viewers.Load() != 1 || time.Since(began) < time.Second {
		r.front.show(big)
		nextPart(t, healthy)
		if time.Since(began) > 20*time.Second {
			t.Fatal("it is still there after 20 s")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if after := time.Since(began); after < 9*time.Second {
		t.Errorf("it was dropped after %v", after)
	}
}

// A viewer that is slow but reads is not dropped.
func TestSlowViewerStays(t *testing.T) {
	if testing.Short() {
		t.Skip("takes longer than the 10 s after which a viewer that reads nothing is dropped")
	}
	t.Parallel()
	r := newRig(t)
	big := strings.Repeat("picture ", 1<<17) // 1 MiB: 20 s at 50 KB/s
	r.front.show(big)
	conn := r.watchSlowly(16 << 10)
	b := make([]byte, 2500)
	for began := time.Now(); time.Since(began) < 14*time.Second; time.Sleep(50 * time.Millisecond) {
		r.front.show(big)
		if _, err := conn.Read(b); err != nil {
			t.Fatalf("after %v: %v", time.Since(began), err)
		}
	}
	if n := r.front.viewers.Load(); n != 1 {
		t.Errorf("%d viewers", n)
	}
}

// A viewer at 50 KB/s does not watch the past: the kernel queues little for it,
// and what is written next is the newest. Without keepQueueShort the picture is
// as old as the stream after a while.
func TestSlowViewerWatchesThePresent(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 12 s, after which the past would show")
	}
	t.Parallel()
	r := newRig(t)
	padding := strings.Repeat(".", 30_000)
	show := func() { r.front.show(fmt.Sprintf("at=%019d%s", time.Now().UnixNano(), padding)) }
	show()
	conn := r.watchSlowly(0)
	var read []byte
	var age time.Duration
	b := make([]byte, 1650)
	for began := time.Now(); time.Since(began) < 12*time.Second; time.Sleep(33 * time.Millisecond) {
		show()
		n, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, b[:n]...)
		if i := bytes.LastIndex(read, []byte("at=")); i >= 0 && len(read) >= i+22 {
			at, err := strconv.ParseInt(string(read[i+3:i+22]), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			age = time.Since(time.Unix(0, at))
			read = read[i+22:]
		}
	}
	t.Logf("after 12 s the picture is %v old", age.Round(time.Millisecond))
	if age > 7*time.Second {
		t.Errorf("after 12 s the picture is %v old", age)
	}
}
