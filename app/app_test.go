package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"traycam/app"
	"traycam/logbook"
	"traycam/sentence"
	"traycam/streaming/camera"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a running program without a window.
type rig struct {
	*app.App
	t      *testing.T
	file   string
	cancel context.CancelFunc
	ended  chan struct{}
}

func run(t *testing.T, config string, cameras ...app.CameraConfig) *rig {
	t.Helper()
	return runWith(t, config, logbook.New(""), cameras...)
}

// runWith is run with a log that can be read.
func runWith(t *testing.T, config string, book *logbook.Book, cameras ...app.CameraConfig) *rig {
	t.Helper()
	file := filepath.Join(t.TempDir(), "traycam", "config.toml")
	if config != "" {
		(&rig{t: t, file: file}).write(config)
	}
	return runAt(t, file, book, cameras...)
}

// runAt is run with a config that is, or will be, in a file.
func runAt(t *testing.T, file string, book *logbook.Book, cameras ...app.CameraConfig) *rig {
	t.Helper()
	r := &rig{t: t, file: file, ended: make(chan struct{})}
	any := 0
	a, err := app.New(app.Options{ConfigFile: r.file, Port: &any, Cameras: cameras, Version: "test", Web: os.DirFS("../assets/web"), Book: book, Keyring: os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "unix:path=/there-is-none", Log: slog.New(book.Handler(slog.NewTextHandler(t.Output(), nil)))})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	r.App = a
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() {
		defer close(r.ended)
		a.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-r.ended
		http.DefaultClient.CloseIdleConnections()
	})
	return r
}

func (r *rig) write(config string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(r.file), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(r.file, []byte(config), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) await(what string, ok func(app.Snapshot) bool) app.Snapshot {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer cancel()
	var last app.Snapshot
	for last = range r.Watch(ctx) {
		if ok(last) {
			return last
		}
	}
	r.t.Fatalf("waited for %s; the last snapshot is %+v", what, last)
	return last
}

func (r *rig) awaitLive(id string) app.Snapshot {
	r.t.Helper()
	return r.await(id+" to be live", func(s app.Snapshot) bool { return find(s, id).State == camera.Live })
}

func find(s app.Snapshot, id string) app.Camera {
	for _, c := range s.Cameras {
		if c.ID == id {
			return c
		}
	}
	return app.Camera{}
}

const oneCamera = "[[cameras]]\nid = \"one\"\nname = \"One\"\nurl = \"test:?size=160x120\"\n"

func TestStartAndStop(t *testing.T) {
	r := run(t, oneCamera)
	r.awaitLive("one")
	for range 3 {
		r.Stop()
		s := r.await("stopped", func(s app.Snapshot) bool { return s.Streaming == app.Stopped })
		if s.Cameras[0].State != camera.Off || s.ViewerURL == "" {
			t.Errorf("stopped: %+v", s)
		}
		r.Start()
		r.awaitLive("one")
	}
}

func TestStreamAtStartFalse(t *testing.T) {
	r := run(t, "stream_at_start = false\n"+oneCamera)
	r.await("stopped", func(s app.Snapshot) bool { return s.Streaming == app.Stopped && len(s.Cameras) == 1 })
	r.Start()
	r.awaitLive("one")
}

func TestAddChangeRemove(t *testing.T) {
	r := run(t, "")
	id, err := r.AddCamera(app.CameraConfig{Name: "Front door", URL: "test:?size=160x120", Enabled: true})
	if err != nil || id != "front-door" {
		t.Fatal(id, err)
	}
	r.awaitLive(id)
	if text, _ := os.ReadFile(r.file); !strings.Contains(string(text), `name = "Front door"`) {
		t.Errorf("the file is\n%s", text)
	}
	if err := r.UpdateCamera(app.CameraConfig{ID: id, Name: "Garage", URL: "test:?size=320x240", Enabled: true}); err != nil {
		t.Fatal(err)
	}
	r.await("the new size under the old id", func(s app.Snapshot) bool {
		c := find(s, id)
		return c.Name == "Garage" && c.Width == 320
	})
	if err := r.UpdateCamera(app.CameraConfig{ID: id, Name: "Garage", URL: "test:?size=320x240"}); err != nil {
		t.Fatal(err)
	}
	r.await("off", func(s app.Snapshot) bool { return find(s, id).State == camera.Off })
	if _, err := r.RemoveCamera(id); err != nil {
		t.Fatal(err)
	}
	r.await("no camera", func(s app.Snapshot) bool { return len(s.Cameras) == 0 })
	if text, _ := os.ReadFile(r.file); strings.Contains(string(text), "Garage") {
		t.Errorf("the file is\n%s", text)
	}
	// Undo brings it back under its id.
	if id, err := r.AddCamera(app.CameraConfig{ID: "front-door", Name: "Garage", URL: "test:", Enabled: true}); err != nil || id != "front-door" {
		t.Error(id, err)
	}
}

func TestRefusedChanges(t *testing.T) {
	r := run(t, oneCamera)
	before, _ := os.ReadFile(r.file)
	for _, err := range []error{
		second(r.AddCamera(app.CameraConfig{Name: "", URL: "test:"})),
		second(r.AddCamera(app.CameraConfig{Name: "x", URL: "nonsense"})),
		r.UpdateCamera(app.CameraConfig{ID: "one", Name: "One", URL: "tcp://:0"}),
		r.UpdateCamera(app.CameraConfig{ID: "nobody", Name: "x", URL: "test:"}),
		second(r.RemoveCamera("nobody")),
	} {
		if err == nil {
			t.Error("a change was taken that should be refused")
		}
	}
	if after, _ := os.ReadFile(r.file); string(after) != string(before) {
		t.Errorf("the file was changed to\n%s", after)
	}
}

func second[T any](_ T, err error) error { return err }

func TestTemporaryCamerasAreNotSaved(t *testing.T) {
	r := run(t, oneCamera, app.CameraConfig{Name: "One", URL: "test:?size=160x120", Enabled: true})
	if s := r.awaitLive("one-2"); !find(s, "one-2").Temporary || find(s, "one").Temporary {
		t.Errorf("%+v", s.Cameras)
	}
	if err := r.UpdateCamera(app.CameraConfig{ID: "one-2", Name: "Two", URL: "test:?size=160x120", Enabled: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.AddCamera(app.CameraConfig{Name: "Three", URL: "test:?size=160x120", Enabled: true}); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(r.file)
	if strings.Contains(string(text), "Two") || !strings.Contains(string(text), "Three") {
		t.Errorf("the file is\n%s", text)
	}
}

// Streams of a camera go on while another is changed, and while it is changed itself.
func TestStreamsOutliveChanges(t *testing.T) {
	r := run(t, oneCamera)
	r.awaitLive("one")
	response, err := http.Get(r.ViewerURL() + "cameras/one/stream.mjpg")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var read struct {
		sync.Mutex
		n   int64
		err error
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 4096)
		for {
			n, err := response.Body.Read(b)
			read.Lock()
			read.n, read.err = read.n+int64(n), err
			read.Unlock()
			if err != nil {
				return
			}
		}
	}()
	if err := r.UpdateCamera(app.CameraConfig{ID: "one", Name: "New name", URL: "test:?size=320x240", Enabled: true}); err != nil {
		t.Fatal(err)
	}
	s := r.await("the changed camera", func(s app.Snapshot) bool { return find(s, "one").Width == 320 })
	if find(s, "one").Viewers != 1 {
		t.Errorf("%d viewers after the change", find(s, "one").Viewers)
	}
	if _, err := r.AddCamera(app.CameraConfig{Name: "Other", URL: "test:?size=160x120", Enabled: true}); err != nil {
		t.Fatal(err)
	}
	r.awaitLive("other")
	read.Lock()
	if read.err != nil || read.n == 0 {
		t.Errorf("the stream: %d bytes, %v", read.n, read.err)
	}
	read.Unlock()
	r.Stop()
	<-done // a stop ends it
	r.await("no viewers", func(s app.Snapshot) bool { return s.Viewers == 0 })
}

func TestEditedFileTakesEffect(t *testing.T) {
	r := run(t, oneCamera)
	r.awaitLive("one")
	r.write(oneCamera + "[[cameras]]\nid = \"two\"\nname = \"Two\"\nurl = \"test:?size=160x120\"\n")
	r.awaitLive("two")

	// A mistake changes nothing and is told, with file and line.
	mistake := oneCamera + "[[cameras]]\nid = 7\n"
	r.write(mistake)
	s := r.await("a notice", func(s app.Snapshot) bool { return len(s.Notices) > 0 })
	if !strings.Contains(sentence.Of(s.Notices[0]), "line 6") || len(s.Cameras) != 2 {
		t.Errorf("%q, %d cameras", s.Notices, len(s.Cameras))
	}
	// Nor is it overwritten by the next save.
	if _, err := r.AddCamera(app.CameraConfig{Name: "Three", URL: "test:", Enabled: true}); err == nil {
		t.Error("a file that cannot be read was saved over")
	}
	if text, _ := os.ReadFile(r.file); string(text) != mistake {
		t.Errorf("the file is\n%s", text)
	}

	r.write(oneCamera)
	r.await("one camera and no notice", func(s app.Snapshot) bool { return len(s.Cameras) == 1 && len(s.Notices) == 0 })
}

// A mistake that is taken back is forgotten, though the file is as it was.
func TestMistakeTakenBack(t *testing.T) {
	r := run(t, oneCamera)
	r.awaitLive("one")
	r.write(oneCamera + "port = ")
	r.await("a notice", func(s app.Snapshot) bool { return len(s.Notices) == 1 })
	r.write(oneCamera)
	r.await("no notice", func(s app.Snapshot) bool { return len(s.Notices) == 0 })
}

// A camera of the command line makes way for one of the file with its id.
func TestFileTakesTheIDOfATemporaryCamera(t *testing.T) {
	r := run(t, "", app.CameraConfig{Name: "One", URL: "test:?size=160x120", Enabled: true})
	r.awaitLive("one")
	r.write(oneCamera)
	s := r.await("both", func(s app.Snapshot) bool {
		return find(s, "one").State == camera.Live && find(s, "one-2").State == camera.Live
	})
	if len(s.Cameras) != 2 || find(s, "one").Temporary || !find(s, "one-2").Temporary {
		t.Errorf("%+v", s.Cameras)
	}
}

func TestPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	file := filepath.Join(t.TempDir(), "config.toml")
	a, err := app.New(app.Options{ConfigFile: file, Port: &port, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Listen(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("port %d is already used", port)) || !strings.Contains(err.Error(), "choose another port") {
		t.Errorf("it says %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); a.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	r := &rig{App: a, t: t}
	r.await("failed", func(s app.Snapshot) bool { return s.Streaming == app.Failed && s.Reason != nil })
	ln.Close()
	a.Start() // tries again
	r.await("running", func(s app.Snapshot) bool { return s.Streaming == app.Running && s.ViewerURL != "" })
}

func TestPortMovesWithTheFile(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	first := ln.Addr().(*net.TCPAddr).Port
	ln.Close()
	file := filepath.Join(t.TempDir(), "config.toml")
	os.WriteFile(file, fmt.Appendf(nil, "port = %d\n", first), 0o600)
	a, err := app.New(app.Options{ConfigFile: file, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); a.Run(ctx) }()
	defer func() { cancel(); <-ended; http.DefaultClient.CloseIdleConnections() }()
	r := &rig{App: a, t: t, file: file}
	r.await("running", func(s app.Snapshot) bool { return s.Streaming == app.Running })
	// A port that cannot be had is said, and the old one stays; until that is taken back.
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	r.write(fmt.Sprintf("port = %d\n", other.Addr().(*net.TCPAddr).Port))
	r.await("a notice", func(s app.Snapshot) bool {
		return len(s.Notices) == 1 && strings.Contains(sentence.Of(s.Notices[0]), "The port stays as it is") && s.Streaming == app.Running
	})
	r.write(fmt.Sprintf("port = %d\n", first))
	r.await("no notice", func(s app.Snapshot) bool { return len(s.Notices) == 0 })

	r.write("port = 0\n")
	s := r.await("another port", func(s app.Snapshot) bool {
		return s.ViewerURL != "" && s.ViewerURL != fmt.Sprintf("http://localhost:%d/", first)
	})
	var state struct{ Streaming bool }
	response, err := http.Get(s.ViewerURL + "state")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if b, _ := io.ReadAll(response.Body); json.Unmarshal(b, &state) != nil || !state.Streaming {
		t.Errorf("/state is %s", b)
	}
}
