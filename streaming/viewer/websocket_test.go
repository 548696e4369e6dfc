package viewer_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"traycam/streaming/frame"
	"traycam/streaming/viewer"
)

// page is the other end of a WebSocket.
type page struct {
	t    *testing.T
	conn *websocket.Conn
}

// shown is a picture that came.
type shown struct {
	number, serial, seq, age, sent int
	offline                        bool
	jpeg                           string
	messages                       int
}

// told is a message that is no picture.
type told struct {
	State *struct {
		Streaming bool
		Cameras   []struct{ ID, State string }
	}
	Now     int64
	Refused *int
	Camera  string
	Why     string
}

func (r *rig) dial(path string, headers http.Header) (*websocket.Conn, *http.Response, error) {
	host := headers.Get("Host")
	headers.Del("Host")
	conn, response, err := websocket.Dial(r.t.Context(), r.url+path, &websocket.DialOptions{Host: host, HTTPHeader: headers})
	if err == nil {
		r.t.Cleanup(func() { conn.CloseNow() })
		conn.SetReadLimit(1 << 20)
	}
	return conn, response, err
}

func (r *rig) page() *page {
	r.t.Helper()
	conn, _, err := r.dial("/ws", http.Header{})
	if err != nil {
		r.t.Fatal(err)
	}
	return &page{r.t, conn}
}

func (p *page) say(format string, args ...any) {
	p.t.Helper()
	if err := p.conn.Write(p.t.Context(), websocket.MessageText, fmt.Appendf(nil, format, args...)); err != nil {
		p.t.Fatal(err)
	}
}

// painted says that pictures are painted: camera, serial, camera, serial, …
func (p *page) painted(pairs ...uint32) {
	p.t.Helper()
	var b []byte
	for i := 0; i < len(pairs); i += 2 {
		b = binary.BigEndian.AppendUint16(b, uint16(pairs[i]))
		b = binary.BigEndian.AppendUint32(b, pairs[i+1])
	}
	if err := p.conn.Write(p.t.Context(), websocket.MessageBinary, b); err != nil {
		p.t.Fatal(err)
	}
}

// read gives the next message: a picture's piece, or what was told.
func (p *page) read() (*shown, *told, bool, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 20*time.Second)
	defer cancel()
	kind, b, err := p.conn.Read(ctx)
	if err != nil {
		return nil, nil, false, err
	}
	if kind == websocket.MessageText {
		var t told
		return nil, &t, false, json.Unmarshal(b, &t)
	}
	flags := binary.BigEndian.Uint16(b[2:])
	word := func(at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	s := &shown{
		number: int(binary.BigEndian.Uint16(b)), serial: word(4), seq: word(8), age: word(12), sent: word(16),
		offline: flags&1 != 0, jpeg: string(b[20:]), messages: 1,
	}
	return s, nil, flags&2 != 0, nil
}

// next gives the next picture.
func (p *page) next() shown {
	p.t.Helper()
	var whole shown
	for {
		s, _, more, err := p.read()
		if err != nil {
			p.t.Fatal(err)
		}
		if s == nil {
			continue
		}
		if whole.messages > 0 {
			if s.number != whole.number || s.serial != whole.serial {
				p.t.Fatalf("%+v goes on as %+v", whole, s)
			}
			s.jpeg, s.messages = whole.jpeg+s.jpeg, whole.messages+1
		}
		if whole = *s; !more {
			return whole
		}
	}
}

// hear gives the next message that is no picture and that is as wanted.
func (p *page) hear(what string, ok func(told) bool) told {
	p.t.Helper()
	for {
		_, t, _, err := p.read()
		if err != nil {
			p.t.Fatalf("waited for %s: %v", what, err)
		}
		if t != nil && ok(*t) {
			return *t
		}
	}
}

func (p *page) hearRefused() told {
	p.t.Helper()
	return p.hear("a refusal", func(t told) bool { return t.Refused != nil })
}

// nothing fails where a picture comes before the next state.
func (p *page) nothing(why string) {
	p.t.Helper()
	for {
		s, t, _, err := p.read()
		if err != nil {
			p.t.Fatal(err)
		}
		if s != nil {
			p.t.Fatalf("%s: %+v came", why, *s)
		}
		if t.State != nil {
			return
		}
	}
}

// mustEnd reads until the connection ends.
func (p *page) mustEnd() error {
	p.t.Helper()
	for {
		if _, _, _, err := p.read(); err != nil {
			if p.t.Context().Err() != nil || strings.Contains(err.Error(), "deadline") {
				p.t.Fatalf("the connection goes on: %v", err)
			}
			return err
		}
	}
}

func TestWebSocketShowsCameras(t *testing.T) {
	r := newRig(t)
	f := frame.New([]byte("front one"), 640, 480, time.Now().Add(-time.Minute))
	f.Seq = 7
	r.front.hub.Publish(f)
	p := r.page()
	p.say(`{"watch":[{"camera":"front","number":3},{"camera":"back","number":9}]}`)
	got := p.next()
	if got.number != 3 || got.serial != 1 || got.seq != 7 || got.jpeg != "front one" || got.offline || got.age < 60_000 || got.age > 70_000 {
		t.Errorf("the first picture is %+v", got)
	}
	off := frame.New([]byte("offline"), 640, 480, time.Now())
	off.Offline = true
	r.back.hub.Publish(off)
	if got := p.next(); got.number != 9 || got.jpeg != "offline" || !got.offline {
		t.Errorf("then %+v", got)
	}
	// Coming back is told at once, with the state.
	r.back.show("back again")
	p.hear("the state", func(told told) bool {
		return told.State != nil && told.State.Streaming && len(told.State.Cameras) == 2 && told.Now > 0
	})
	if got := p.next(); got.jpeg != "back again" || got.serial != 2 {
		t.Errorf("then %+v", got)
	}
	if a, b := r.front.viewers.Load(), r.back.viewers.Load(); a != 1 || b != 1 {
		t.Errorf("%d and %d viewers", a, b)
	}
	if r.sent.Load() == 0 {
		t.Error("no bytes were counted")
	}

	p.say(`{"watch":[{"camera":"back","number":9}]}`)
	await(t, "one viewer", func() bool { return r.front.viewers.Load() == 0 && r.back.viewers.Load() == 1 })
	r.front.show("front two")
	p.nothing("a camera that is not watched any more")
	p.painted(9, 2)
	r.back.show("back third")
	if got := p.next(); got.number != 9 || got.serial != 3 { // it goes on as it was
		t.Errorf("then %+v", got)
	}
	p.conn.CloseNow()
	await(t, "nobody to watch", func() bool { return r.back.viewers.Load() == 0 })
}

// Two pictures are under way at most, and after them comes the newest.
func TestWebSocketWindow(t *testing.T) {
	r := newRig(t)
	r.front.show("0")
	p := r.page()
	p.say(`{"watch":[{"camera":"front","number":1},{"camera":"back","number":2}]}`)
	p.next()
	r.front.show("1")
	if got := p.next(); got.jpeg != "1" || got.serial != 2 {
		t.Fatalf("%+v", got)
	}
	for i := range 1000 {
		r.front.show(fmt.Sprint(i + 2))
	}
	p.nothing("two are not painted yet")
	r.back.show("other") // waits for no other camera
	if got := p.next(); got.number != 2 {
		t.Errorf("%+v", got)
	}
	p.painted(1, 9, 7, 1) // not sent yet, and no such camera
	p.nothing("a serial that was not sent")
	p.painted(1, 1)
	if got := p.next(); got.jpeg != "1001" || got.serial != 3 {
		t.Errorf("after the acknowledgement comes %+v", got)
	}
	p.painted(1, 3) // all before it too
	r.front.show("a")
	p.next()
	r.front.show("b")
	if got := p.next(); got.jpeg != "b" || got.serial != 5 {
		t.Errorf("then %+v", got)
	}
}

func TestWebSocketLargePicture(t *testing.T) {
	r := newRig(t)
	large := strings.Repeat("0123456789", 20_000)
	r.front.show(large)
	p := r.page()
	p.say(`{"watch":[{"camera":"front","number":1}]}`)
	if got := p.next(); got.jpeg != large || got.messages != 4 {
		t.Errorf("%d bytes in %d messages", len(got.jpeg), got.messages)
	}
}

func TestWebSocketRate(t *testing.T) {
	r := newRig(t)
	r.front.show("0")
	p := r.page()
	p.say(`{"watch":[{"camera":"front","number":1,"fps":5}]}`)
	began := time.Now()
	defer r.play()()
	for range 6 {
		p.painted(1, uint32(p.next().serial))
	}
	if took := time.Since(began); took < 800*time.Millisecond {
		t.Errorf("6 pictures at 5 a second took %v", took)
	}
}

// A camera that is silent is sent again for players; a page has it.
func TestWebSocketSendsNothingTwice(t *testing.T) {
	r := newRig(t)
	f := r.front.show("picture")
	p := r.page()
	p.say(`{"watch":[{"camera":"front","number":1}]}`)
	p.next()
	r.front.hub.Publish(f)
	p.nothing("the same picture again")
}

func TestWebSocketRefusesCameras(t *testing.T) {
	r := newRig(t)
	r.front.show("picture")
	p := r.page()
	p.say(`{"watch":[{"camera":"nobody","number":4},{"camera":"front","number":5}]}`)
	if got := p.hearRefused(); *got.Refused != 4 || got.Camera != "nobody" || got.Why != "There is no such camera." {
		t.Errorf("%+v", got)
	}
	p.next()

	r.handler.Limit(1)
	other := r.page()
	other.say(`{"watch":[{"camera":"back","number":1}]}`)
	if got := other.hearRefused(); !strings.Contains(got.Why, "places for viewers are taken") {
		t.Errorf("%+v", got)
	}
	if status := r.do("GET", "/mjpeg/").StatusCode; status != 503 {
		t.Errorf("a stream beside the one viewer that may be: %d", status)
	}
	r.back.show("back")
	p.say(`{"watch":[{"camera":"back","number":1}]}`) // one place, given up and taken
	if got := p.next(); got.jpeg != "back" {
		t.Errorf("%+v", got)
	}
	p.say(`{"watch":[]}`)
	await(t, "a free place", func() bool { return r.back.viewers.Load() == 0 })
	other.say(`{"watch":[{"camera":"back","number":2}]}`)
	if got := other.next(); got.number != 2 || got.jpeg != "back" {
		t.Errorf("%+v", got)
	}
}

func TestWebSocketBadMessages(t *testing.T) {
	many := strings.Repeat(`{"camera":"front","number":1},`, 1100)
	for _, message := range []string{
		`watch`, `[]`, `{"watch":7}`, `{"watch":[{"camera":"front","number":70000}]}`, `{"watch":[{"camera":"front","number":-1}]}`,
		`{"watch":[[1]`, `{"watch":[{"camera":"front","number":1},{"camera":"back","number":1}]}`,
		`{"watch":[{"camera":"front","number":1,"fps":-1}]}`, `{"watch":[` + strings.TrimSuffix(many, ",") + `]}`,
		strings.Repeat(" ", 300<<10),
	} {
		r := newRig(t)
		p := r.page()
		p.conn.Write(t.Context(), websocket.MessageText, []byte(message))
		if code := websocket.CloseStatus(p.mustEnd()); code == -1 && len(message) < 1<<16 {
			t.Errorf("%.40s: the end gives no reason", message)
		}
	}
	r := newRig(t)
	p := r.page()
	p.conn.Write(t.Context(), websocket.MessageBinary, []byte(`{"watch":[]}`))
	p.mustEnd()
}

func TestWebSocketOrigin(t *testing.T) {
	r := newRig(t)
	host := strings.TrimPrefix(r.url, "http://")
	for _, c := range []struct {
		headers http.Header
		want    int
	}{
		{http.Header{}, 101},
		{http.Header{"Origin": {"http://" + host}}, 101},
		{http.Header{"Origin": {"http://" + host}, "Sec-Fetch-Site": {"same-origin"}}, 101},
		{http.Header{"Origin": {"http://evil.example"}}, 403},
		{http.Header{"Origin": {"null"}}, 403},
		{http.Header{"Origin": {"http://localhost:1"}}, 403},
		{http.Header{"Origin": {"http://" + host, "http://evil.example"}}, 403},
		{http.Header{"Origin": {"http://" + host}, "Sec-Fetch-Site": {"cross-site"}}, 403},
		{http.Header{"Host": {"evil.example"}, "Origin": {"http://evil.example"}}, 403}, // a name that was pointed here
	} {
		_, response, err := r.dial("/ws", c.headers.Clone())
		if response == nil || response.StatusCode != c.want {
			t.Errorf("%v: %v, %v, want %d", c.headers, response, err, c.want)
		}
	}
	if response := r.do("GET", "/ws"); response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("without an upgrade: %s", response.Status)
	}
}

// A stop ends the connections, even of those that watch nothing or read nothing.
func TestWebSocketStop(t *testing.T) {
	r := newRig(t)
	r.front.show("picture")
	watching, idle, deaf := r.page(), r.page(), r.page()
	watching.say(`{"watch":[{"camera":"front","number":1}]}`)
	watching.next()
	deaf.say(`{"watch":[{"camera":"front","number":1}]}`)
	await(t, "two viewers", func() bool { return r.front.viewers.Load() == 2 })
	r.front.show(strings.Repeat("large", 2<<20)) // more than the kernel takes for it
	r.stop()
	r.handler.Wait()
	watching.mustEnd()
	idle.mustEnd()
	if _, response, err := r.dial("/ws", http.Header{}); err == nil || response.StatusCode != 503 {
		t.Errorf("while stopped: %v", err)
	}
}

// A page that says nothing is let go of, though its connection is there.
func TestWebSocketSilentPage(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 10 s")
	}
	t.Parallel()
	r := newRig(t)
	r.front.show("picture")
	p := r.page()
	p.say(`{"watch":[{"camera":"front","number":1}]}`)
	began := time.Now()
	p.mustEnd()
	if took := time.Since(began); took < 9*time.Second {
		t.Errorf("let go of after %v", took)
	}
	await(t, "nobody to watch", func() bool { return r.front.viewers.Load() == 0 })
}

// A page that vanishes without a word, as one does that is killed.
func TestWebSocketVanishedPage(t *testing.T) {
	r := newRig(t)
	r.front.show("picture")
	var raw net.Conn
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		var err error
		raw, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return raw, err
	}}}
	conn, _, err := websocket.Dial(t.Context(), r.url+"/ws", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	p := &page{t, conn}
	p.say(`{"watch":[{"camera":"front","number":1}]}`)
	p.next()
	raw.Close()
	began := time.Now()
	await(t, "nobody to watch", func() bool { return r.front.viewers.Load() == 0 })
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("gone after %v", took)
	}
}

func TestWebSocketUnderALink(t *testing.T) {
	r, name := newNetworkRig(t, viewer.Access{Token: token})
	r.handler.Share(viewer.Access{Token: token})
	for path, want := range map[string]int{"/ws": 404, "/v/" + token + "x/ws": 404, "/v/" + token + "/ws": 101} {
		conn, response, err := r.dial(path, http.Header{"Host": {name}})
		if response == nil || response.StatusCode != want {
			t.Errorf("%s: %v, %v", path, response, err)
		}
		if err == nil {
			p := &page{t, conn}
			p.say(`{"watch":[{"camera":"front","number":1}]}`)
			if got := p.next(); got.jpeg != "picture" {
				t.Errorf("%+v", got)
			}
		}
	}
}

// A link for some cameras shows and tells of no others here, either.
func TestWebSocketUnderALinkForSomeCameras(t *testing.T) {
	const some = "link-for-the-back-one"
	r, name := newNetworkRig(t, viewer.Access{Token: token, Links: []viewer.Link{{Token: some, Name: "Some", Cameras: []string{"back"}}}})
	r.back.show("behind")
	conn, _, err := r.dial("/v/"+some+"/ws", http.Header{"Host": {name}})
	if err != nil {
		t.Fatal(err)
	}
	p := &page{t, conn}
	p.say(`{"watch":[{"camera":"front","number":1}]}`)
	if refused := p.hearRefused(); refused.Camera != "front" {
		t.Errorf("%+v", refused)
	}
	p.say(`{"watch":[{"camera":"back","number":2}]}`)
	if got := p.next(); got.number != 2 || got.jpeg != "behind" {
		t.Errorf("%+v", got)
	}
	state := p.hear("the state", func(t told) bool { return t.State != nil }).State
	if text := fmt.Sprintf("%+v", state); strings.Contains(text, "front") || !strings.Contains(text, "back") {
		t.Errorf("told of %s", text)
	}
}
