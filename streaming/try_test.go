package streaming_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"traycam/streaming"
	"traycam/streaming/camera"
)

// A camera that is there is let go while its new settings are tried, and taken
// in again afterwards, on the same port.
func TestTryBorrowsTheCamera(t *testing.T) {
	r := newRig(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	ln.Close()
	c := streaming.Camera{ID: "door", Name: "Door", URL: fmt.Sprintf("tcp://127.0.0.1:%d?listen", port), Enabled: true}
	r.Configure([]streaming.Camera{c}, 0)
	r.Start()
	r.awaitState("door", camera.Waiting)

	other := c
	other.URL += "&allow=127.0.0.1"
	tried := false
	for trial := range r.Try(t.Context(), other) {
		if trial.State == camera.Waiting {
			tried = true
			if now := r.Status()[0]; now.State != camera.Connecting || !strings.Contains(now.Reason.String(), "being tested") {
				t.Errorf("while it is tried the camera itself is %v, %v", now.State, now.Reason)
			}
			break
		}
		if trial.State == camera.Retrying {
			t.Fatalf("%v", trial.Reason)
		}
	}
	if !tried {
		t.Fatal("the loop ended by itself")
	}
	r.awaitState("door", camera.Waiting)

	// The very same address: the camera itself is looked at, and goes on.
	for trial := range r.Try(t.Context(), c) {
		if trial.State != camera.Waiting || r.Status()[0].State != camera.Waiting {
			t.Errorf("the camera was let go: %v", trial.State)
		}
		break
	}
}

// A camera may be removed while it is being tried.
func TestTryOutlivesItsCamera(t *testing.T) {
	r := newRig(t)
	c := streaming.Camera{ID: "door", Name: "Door", URL: "test:", Enabled: true}
	r.Configure([]streaming.Camera{c}, 0)
	r.Start()
	r.awaitState("door", camera.Live)
	c.URL = "test:?size=320x240"
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for trial := range r.Try(ctx, c) {
		if trial.Frame != nil {
			r.Configure(nil, 0)
			break
		}
	}
	if ctx.Err() != nil || len(r.Status()) != 0 {
		t.Errorf("%v, %d cameras", ctx.Err(), len(r.Status()))
	}
}
