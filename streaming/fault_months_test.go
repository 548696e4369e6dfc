package streaming_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"traycam/faults"
	"traycam/faults/crowd"
	"traycam/streaming"
)

// Whatever cameras and viewers did, nothing of it goes on 5 s after Stop.
func TestFaultStopEndsEverything(t *testing.T) {
	r := newRig(t)
	leaks := goleak.IgnoreCurrent()
	c := crowd.New(t, 20)
	var cameras []streaming.Camera
	for _, camera := range c.Cameras {
		cameras = append(cameras, streaming.Camera{ID: camera.ID, Name: camera.ID, URL: camera.URL, Enabled: true})
	}
	r.Configure(cameras, 0)
	r.Start()
	c.Begin(r.url, 50)
	run := 3 * time.Second
	if faults.Long() {
		run = time.Minute
	}
	time.Sleep(run) // the load itself, not a wait for something
	began := time.Now()
	r.Stop()
	stopped := time.Since(began)
	c.End()
	r.Configure(nil, 0)
	left := goleak.Find(leaks)
	for ; left != nil && time.Since(began) < 5*time.Second; left = goleak.Find(leaks) { // net/http takes half a second to close
	}
	if left != nil {
		t.Error(left)
	}
	took := time.Since(began)
	faults.Held(t, "Stop, after all of that", "%d drops, %d visits; Stop took %v, all goroutines had ended after %v",
		c.Drops.Load(), c.Visits.Load(), stopped.Round(time.Millisecond), took.Round(time.Millisecond))
}
