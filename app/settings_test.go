package app_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"traycam/app"
	"traycam/streaming/camera"
)

func ids(s app.Snapshot) (ids string) {
	for _, c := range s.Cameras {
		ids += c.ID
	}
	return ids
}

func TestMoveCamera(t *testing.T) {
	config := ""
	for _, id := range []string{"a", "b", "c"} {
		config += "# about " + id + "\n[[cameras]]\nid = \"" + id + "\"\nname = \"" + id + "\"\nurl = \"test:\"\nenabled = false\n\n"
	}
	r := run(t, config, app.CameraConfig{Name: "x", URL: "test:"}, app.CameraConfig{Name: "y", URL: "test:"})
	for _, test := range []struct {
		id   string
		to   int
		want string
	}{
		{"a", 2, "bcaxy"},
		{"c", 0, "cbaxy"},
		{"c", 1, "bcaxy"},
		{"b", 99, "cabxy"},
		{"a", -1, "acbxy"},
		{"x", 4, "acbyx"},
		{"x", 0, "acbxy"},
	} {
		if err := r.MoveCamera(test.id, test.to); err != nil {
			t.Fatal(err)
		}
		r.await(fmt.Sprintf("%s at %d: %s", test.id, test.to, test.want), func(s app.Snapshot) bool { return ids(s) == test.want })
	}
	text, err := os.ReadFile(r.file)
	if err != nil {
		t.Fatal(err)
	}
	a, c, b := strings.Index(string(text), "# about a\n[[cameras]]\nid = \"a\""), strings.Index(string(text), "# about c\n[[cameras]]"), strings.Index(string(text), "# about b\n[[cameras]]")
	if a < 0 || c < a || b < c {
		t.Errorf("the file's order, or its comments, are not the list's:\n%s", text)
	}
	if err := r.MoveCamera("gone", 0); err == nil {
		t.Error("a camera that is not there was moved")
	}
}

func TestConfigure(t *testing.T) {
	r := run(t, oneCamera)
	s := r.awaitLive("one").Settings
	if s.Port != 8090 || s.Theme != "system" || !s.NotifyProblems {
		t.Fatalf("%+v", s)
	}
	s.Theme, s.MaxViewers, s.NotifyProblems, s.StartHidden = "dark", 3, false, true
	s.FFmpeg = filepath.Join(t.TempDir(), "ffmpeg")
	if program, err := r.FFmpeg(); err == nil && program == s.FFmpeg {
		t.Error("an ffmpeg that nobody chose is taken")
	}
	if err := r.Configure(s); err != nil {
		t.Fatal(err)
	}
	r.await("the settings", func(now app.Snapshot) bool { return now.Settings == s })
	if program, err := r.FFmpeg(); err == nil {
		t.Errorf("an ffmpeg that is not there is found: %s", program)
	}
	if err := os.WriteFile(s.FFmpeg, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if program, err := r.FFmpeg(); runtime.GOOS != "windows" && (err != nil || program != s.FFmpeg) {
		t.Errorf("the ffmpeg that was chosen is not taken but %q, %v", program, err)
	}
	text, _ := os.ReadFile(r.file)
	for _, line := range []string{"theme = \"dark\"", "[window]", "max_viewers = 3", "[notify]", "problems = false", "start_hidden = true", fmt.Sprintf("ffmpeg = %q", s.FFmpeg)} {
		if !strings.Contains(string(text), line+"\n") {
			t.Errorf("no %q in the file:\n%s", line, text)
		}
	}
	if strings.Contains(string(text), "first_viewer") || strings.Contains(string(text), "log_folder") {
		t.Errorf("what nobody chose is in the file:\n%s", text)
	}

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	wrong := s
	wrong.Port = taken.Addr().(*net.TCPAddr).Port
	if err := r.CheckPort(wrong.Port); err == nil {
		t.Error("a port that is in use is called free")
	}
	if err := r.Configure(wrong); err == nil || !strings.Contains(err.Error(), "already used") {
		t.Errorf("a port that is in use: %v", err)
	}
	wrong = s
	wrong.Theme = "pink"
	if err := r.Configure(wrong); err == nil {
		t.Error("a pink theme")
	}
	if now, _ := os.ReadFile(r.file); string(now) != string(text) {
		t.Errorf("a refused change was saved:\n%s", now)
	}
}

func TestTryCamera(t *testing.T) {
	r := run(t, "stream_at_start = false\n")
	for trial := range r.TryCamera(t.Context(), app.CameraConfig{Name: "Try", URL: "test:?size=320x240"}) {
		if trial.Frame != nil {
			if trial.State != camera.Live || trial.Width != 320 {
				t.Errorf("%+v", trial.CameraStatus)
			}
			break
		}
	}
	for trial := range r.TryCamera(t.Context(), app.CameraConfig{URL: "gopher:"}) {
		if !strings.Contains(trial.Reason.String(), "gopher") {
			t.Errorf("%+v", trial.CameraStatus)
		}
		break
	}
}

func TestUndoBringsACameraBackToItsPlace(t *testing.T) {
	r := run(t, "", app.CameraConfig{Name: "x", URL: "test:"}, app.CameraConfig{Name: "y", URL: "test:"})
	for _, name := range []string{"a", "b", "c"} {
		if _, err := r.AddCamera(app.CameraConfig{Name: name, URL: "test:"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"b", "x", "a", "y"} {
		undo, err := r.RemoveCamera(id)
		if err != nil {
			t.Fatal(err)
		}
		r.await(id+" to be gone", func(s app.Snapshot) bool { return len(s.Cameras) == 4 })
		if err := undo(); err != nil {
			t.Fatal(err)
		}
		r.await(id+" to be back", func(s app.Snapshot) bool { return ids(s) == "abcxy" && find(s, id).Temporary == (id > "c") })
	}
}

func TestDemo(t *testing.T) {
	r := run(t, "stream_at_start = false\n")
	if err := r.AddDemo(); err != nil {
		t.Fatal(err)
	}
	r.awaitLive("demo-garden")
	if text, _ := os.ReadFile(r.file); strings.Contains(string(text), "cameras") {
		t.Errorf("the demo was saved:\n%s", text)
	}
}
