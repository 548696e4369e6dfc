package streaming_test

import (
	"bytes"
	"encoding/json"
	"net"
	"testing"

	"traycam/streaming"
	"traycam/streaming/camera"
	"traycam/streaming/frame"
)

// door is a camera that is played by the test, and a stream of it.
func door(t *testing.T, c streaming.Camera) (*rig, streaming.Camera, net.Listener, net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	r := newRig(t)
	c.ID, c.Name, c.URL, c.Enabled = "door", "Door", "tcp://"+ln.Addr().String(), true
	r.Configure([]streaming.Camera{c}, 0)
	r.Start()
	return r, c, ln, accept(t, ln)
}

func accept(t *testing.T, ln net.Listener) net.Conn {
	t.Helper()
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// public is what a viewer reads of the camera.
func (r *rig) public() (c struct {
	State         string
	Width, Height int
	Rotate        *int
	Mirror, Kept  *bool
},
) {
	r.t.Helper()
	var s struct{ Cameras []json.RawMessage }
	if err := json.NewDecoder(r.get("/state").Body).Decode(&s); err != nil {
		r.t.Fatal(err)
	}
	if err := json.Unmarshal(s.Cameras[0], &c); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// A camera that sends one picture and no more is turned at once, on the same
// connections, its own and the viewer's.
func TestTurnTakesEffectAtOnce(t *testing.T) {
	r, c, _, conn := door(t, streaming.Camera{})
	stream := r.get("/cameras/door/stream.mjpg").Body
	live := picture(t, 200)
	conn.Write(live)
	for !bytes.Equal(part(t, stream), live) {
	}
	r.awaitState("door", camera.Live)
	if s := r.public(); s.Width != 200 || s.Height != 8 || s.Rotate != nil || s.Mirror != nil || s.Kept != nil {
		t.Errorf("not turned: %+v", s)
	}
	for _, turn := range []frame.Turn{frame.TurnBy(90, false), frame.TurnBy(0, true), {}} {
		states := watchState(t, r, "door")
		c.Turn = turn
		r.Configure([]streaming.Camera{c}, 0)
		want := frame.NewTurned(live, 200, 8, r.Newest("door").At, turn).JPEG
		if got := r.Newest("door").JPEG; !bytes.Equal(got, want) {
			t.Errorf("%+v: the newest picture is not turned", turn)
		}
		next := part(t, stream)
		for bytes.Equal(next, live) && turn != (frame.Turn{}) { // sent again before
			next = part(t, stream)
		}
		if !bytes.Equal(next, want) {
			t.Errorf("%+v: the stream goes on with something else", turn)
		}
		if got := states(); got != "live" {
			t.Errorf("the camera was %s", got)
		}
		if s := r.public(); turn.Sideways() && (s.Width != 8 || s.Height != 200 || s.Rotate == nil || *s.Rotate != 90) ||
			turn.Mirror && (s.Width != 200 || s.Mirror == nil || !*s.Mirror) || turn == (frame.Turn{}) && (s.Rotate != nil || s.Mirror != nil) {
			t.Errorf("%+v: %+v", turn, s)
		}
		if s := r.Status()[0]; s.Frames != 1 {
			t.Errorf("%d pictures", s.Frames)
		}
	}

	// What comes from now on is turned, too, and the offline picture is not, but has the size.
	c.Turn = frame.TurnBy(270, true)
	r.Configure([]streaming.Camera{c}, 0)
	next := picture(t, 208)
	conn.Write(next)
	turned := frame.NewTurned(next, 208, 8, r.Newest("door").At, c.Turn).JPEG
	for !bytes.Equal(part(t, stream), turned) {
	}
	conn.Close()
	offline := part(t, stream)
	for bytes.Equal(offline, turned) {
		offline = part(t, stream)
	}
	if got := size(t, offline); got != "160×208" || frame.TurnOf(offline) != (frame.Turn{}) { // 160 is the least width
		t.Errorf("the offline picture is %s, to be turned by %+v", got, frame.TurnOf(offline))
	}
}

func TestKeepLast(t *testing.T) {
	r, c, ln, conn := door(t, streaming.Camera{KeepLast: true})
	stream := r.get("/cameras/door/stream.mjpg").Body
	if got := size(t, part(t, stream)); got != "640×360" {
		t.Errorf("before the first picture a viewer gets %s, not the offline picture", got)
	}
	if s := r.public(); s.Kept != nil {
		t.Error("a picture is said to be kept before the first")
	}
	live := picture(t, 200)
	conn.Write(live)
	for !bytes.Equal(part(t, stream), live) {
	}
	conn.Close()
	conn = accept(t, ln)
	r.awaitState("door", camera.Connecting)
	for range 2 { // in silence once a second
		if !bytes.Equal(part(t, stream), live) {
			t.Error("the last picture is not kept")
		}
	}
	if s := r.public(); s.Kept == nil || !*s.Kept || s.State != "connecting" || s.Width != 200 {
		t.Errorf("%+v", s)
	}
	if got := r.get("/cameras/door/snapshot.jpg").StatusCode; got != 503 {
		t.Errorf("a snapshot of a camera that is down: %d", got)
	}
	fresh := r.get("/cameras/door/stream.mjpg").Body
	if !bytes.Equal(part(t, fresh), live) {
		t.Error("a viewer that comes now gets something else")
	}

	// Turned while it is down, and changed to the offline picture and back.
	c.Turn = frame.TurnBy(90, false)
	r.Configure([]streaming.Camera{c}, 0)
	turned := frame.NewTurned(live, 200, 8, r.Status()[0].LastFrame, c.Turn).JPEG
	for !bytes.Equal(part(t, stream), turned) {
	}
	c.KeepLast = false
	r.Configure([]streaming.Camera{c}, 0)
	for size(t, part(t, stream)) != "160×200" {
	}
	c.KeepLast = true
	r.Configure([]streaming.Camera{c}, 0)
	for !bytes.Equal(part(t, stream), turned) {
	}

	back := picture(t, 208)
	conn.Write(back)
	for !bytes.Equal(part(t, stream), frame.NewTurned(back, 208, 8, r.Status()[0].LastFrame, c.Turn).JPEG) {
	}

	// One that is switched off shows nothing.
	c.Enabled = false
	r.Configure([]streaming.Camera{c}, 0)
	for size(t, part(t, stream)) != "160×208" {
	}
	if s := r.public(); s.Kept != nil {
		t.Error("a picture is said to be kept of a camera that is switched off")
	}

	c.Enabled = true
	r.Configure([]streaming.Camera{c}, 0)
	r.Stop()
	if s := r.public(); s.Kept != nil {
		t.Error("a picture is said to be kept while streaming is stopped")
	}
	r.Start()
	if got := size(t, part(t, r.get("/cameras/door/stream.mjpg").Body)); got != "640×360" {
		t.Errorf("after a stop viewers get %s", got)
	}
}

// A camera that is looked at while it goes on is shown as it is being tried.
func TestTryTurns(t *testing.T) {
	r := newRig(t)
	c := streaming.Camera{ID: "one", Name: "One", URL: "test:?size=320x160", Enabled: true}
	r.Configure([]streaming.Camera{c}, 0)
	r.Start()
	r.awaitState("one", camera.Live)
	c.Turn = frame.TurnBy(90, false)
	for trial := range r.Try(t.Context(), c) {
		if trial.Frame == nil {
			continue
		}
		if trial.Width != 160 || trial.Height != 320 || frame.TurnOf(trial.Frame.JPEG) != c.Turn {
			t.Errorf("tried as %d×%d, turned by %+v", trial.Width, trial.Height, frame.TurnOf(trial.Frame.JPEG))
		}
		break
	}
	if now := r.Newest("one"); now.Turn() != (frame.Turn{}) {
		t.Error("the camera itself was turned")
	}
}
