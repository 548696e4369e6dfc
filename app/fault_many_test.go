package app_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"traycam/app"
	"traycam/faults"
)

// Timings are bounds that a person would notice, ten times over.
func TestFaultManyCameras(t *testing.T) {
	var config strings.Builder
	for n := range 500 {
		fmt.Fprintf(&config, "\n# The %d. camera.\n[[cameras]]\nid = \"c-%d\"\nname = \"Camera %d\"\nurl = \"push:\"\n", n, n, n)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	r := run(t, config.String())
	running := func(s app.Snapshot) bool { return s.Streaming == app.Running && len(s.Cameras) == 500 }
	s := r.await("500 cameras", running)
	started := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)

	began = time.Now()
	if err := r.SwitchCamera("c-499", false); err != nil {
		t.Fatal(err)
	}
	saved := time.Since(began)
	began = time.Now()
	response, err := http.Get(s.ViewerURL + "state")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	answered := time.Since(began)
	if err != nil || bytes.Count(text, []byte(`"id"`)) < 500 {
		t.Errorf("/state: %v, %d bytes", err, len(text))
	}
	if _, err := r.AddCamera(app.CameraConfig{Name: "One more", URL: "push:"}); err == nil {
		t.Error("there are 501 cameras")
	}
	for what, took := range map[string]time.Duration{"start": started, "save": saved, "/state": answered} {
		if took > 10*time.Second {
			t.Errorf("%s took %v", what, took)
		}
	}
	memory := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) >> 10
	faults.Held(t, "500 cameras", "start %v, a save %v, /state %v for %d KB, %d KB of heap", started.Round(time.Millisecond), saved.Round(time.Millisecond), answered.Round(time.Millisecond), len(text)>>10, memory)
}
