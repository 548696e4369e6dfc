//go:build linux

package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"traycam/app"
	"traycam/faults"
	"traycam/logbook"
	"traycam/sentence"
)

// smallDisk mounts a file system of its own over the folder, for what is there by then.
func smallDisk(t *testing.T, folder string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// fill leaves no room on folder's disk, until the function that it gives is called.
func fill(t *testing.T, folder string) (empty func()) {
	t.Helper()
	name := filepath.Join(folder, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	return func() { os.Remove(name) }
}

func names(t *testing.T, folder string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func anyCamera(name string) app.CameraConfig {
	return app.CameraConfig{Name: name, URL: "tcp://127.0.0.1:1"}
}

func (r *rig) text() string {
	r.t.Helper()
	b, err := os.ReadFile(r.file)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// runOnDisk is a program whose config is on a small disk.
func runOnDisk(t *testing.T) (r *rig, folder string) {
	folder = filepath.Join(t.TempDir(), "traycam")
	smallDisk(t, folder)
	r = runAt(t, filepath.Join(folder, "config.toml"), logbook.New(""))
	if _, err := r.AddCamera(anyCamera("First")); err != nil {
		t.Fatal(err)
	}
	return r, folder
}

func TestFaultDiskIsFull(t *testing.T) {
	r, folder := runOnDisk(t)
	old := r.text()
	empty := fill(t, folder)
	_, err := r.AddCamera(anyCamera(strings.Repeat("x", 60)))
	if err == nil || !strings.Contains(err.Error(), r.file) {
		t.Fatalf("a full disk: %v", err)
	}
	if r.text() != old || len(names(t, folder)) != 2 {
		t.Errorf("the config changed, or something was left over: %q", names(t, folder))
	}
	empty()
	if _, err := r.AddCamera(anyCamera("Second")); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if text := r.text(); !strings.Contains(text, "Second") || !strings.Contains(text, "First") || strings.Contains(text, "xxx") {
		t.Errorf("the config is\n%s", text)
	}
	faults.Held(t, "the disk is full as settings are saved", "people read: %s", strings.ReplaceAll(sentence.Of(err), folder, "…"))
}

func TestFaultFolderIsReadOnly(t *testing.T) {
	r, folder := runOnDisk(t)
	old := r.text()
	if err := syscall.Mount("", folder, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	_, err := r.AddCamera(anyCamera("Second"))
	if err == nil || !strings.Contains(err.Error(), r.file) || r.text() != old {
		t.Errorf("read-only: %v", err)
	}
	if err := syscall.Mount("", folder, "", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := r.AddCamera(anyCamera("Third")); err != nil {
		t.Errorf("writable again: %v", err)
	}
	faults.Held(t, "the config folder is read-only", "people read: %s", strings.ReplaceAll(sentence.Of(err), folder, "…"))
}

func TestFaultFolderIsGone(t *testing.T) {
	r := run(t, "# mine\n[[cameras]]\nid = \"a\"\nname = \"First\"\nurl = \"tcp://127.0.0.1:1\"\n")
	folder := filepath.Dir(r.file)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := r.AddCamera(anyCamera("Second")); err != nil {
		t.Fatal(err)
	}
	if text := r.text(); !strings.Contains(text, "# mine") || !strings.Contains(text, "First") || !strings.Contains(text, "Second") {
		t.Errorf("made anew as\n%s", text)
	}
	began := time.Now()
	// The first edit may be noticed because the folder went; those after it are not.
	was := "First"
	for _, name := range []string{"By hand", "Again", "Once more"} {
		r.write(strings.Replace(r.text(), was, name, 1))
		r.await("the edit to be noticed", func(s app.Snapshot) bool { return s.Cameras[0].Name == name })
		was = name
	}
	faults.Held(t, "the config folder is gone", "made anew with comments and all; 3 edits by hand after it were noticed within %v", time.Since(began).Round(100*time.Millisecond))
}

// A folder that is not there when the program starts, as on a disk that comes later, is watched once it is.
func TestFolderComesLater(t *testing.T) {
	home := t.TempDir()
	folder, disk := filepath.Join(home, "traycam"), filepath.Join(home, "disk")
	if err := os.Symlink(disk, folder); err != nil {
		t.Skip(err)
	}
	book := logbook.New("")
	r := runAt(t, filepath.Join(folder, "config.toml"), book)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for range book.Watch(ctx) {
		if slices.ContainsFunc(book.Lines(), func(l logbook.Line) bool { return strings.Contains(l.Text, "not watched yet") }) {
			break
		}
	}
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"First", "Second"} {
		r.write(fmt.Sprintf("[[cameras]]\nid = \"a\"\nname = %q\nurl = \"push:\"\n", name))
		r.await("the file to be noticed", func(s app.Snapshot) bool { return len(s.Cameras) == 1 && s.Cameras[0].Name == name })
	}
}

func TestFaultPortIsKept(t *testing.T) {
	r := run(t, "")
	r.await("streaming", func(s app.Snapshot) bool { return s.Streaming == app.Running })
	u, err := url.Parse(r.ViewerURL())
	if err != nil {
		t.Fatal(err)
	}
	tries := 20
	for range tries {
		r.Stop()
		r.await("the stop", func(s app.Snapshot) bool { return s.Streaming == app.Stopped })
		if ln, err := net.Listen("tcp", "127.0.0.1:"+u.Port()); err == nil {
			ln.Close()
			t.Fatal("another program can take the port")
		}
		r.Start()
		r.await("the start", func(s app.Snapshot) bool { return s.Streaming == app.Running })
	}
	response, err := http.Get(u.String() + "state")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	faults.Held(t, "somebody wants the port while streaming is stopped", "%d stops: the port could not be taken once", tries)
}

// While Traycam runs, half of a config changes nothing and is not written over.
func TestFaultHalfOfAConfig(t *testing.T) {
	whole := "port = 9000\n\n[share]\nmode = \"off\"\n\n[[cameras]]\nid = \"garden\"\nname = \"Garten\"\nurl = \"tcp://127.0.0.1:1\"\n"
	refused, read := 0, 0
	for n := range len(whole) {
		file := filepath.Join(t.TempDir(), "config.toml")
		half := whole[:n]
		if err := os.WriteFile(file, []byte(half), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := app.New(app.Options{ConfigFile: file, Version: "test", Web: os.DirFS("../assets/web"), Log: slog.New(slog.DiscardHandler)})
		switch {
		case err == nil:
			read++
		case strings.Contains(err.Error(), file) && strings.Contains(err.Error(), "line "):
			refused++
		default:
			t.Errorf("cut after %d bytes: %v", n, err)
		}
		if now, err := os.ReadFile(file); err != nil || string(now) != half {
			t.Errorf("cut after %d bytes it was written over: %q, %v", n, now, err)
		}
	}
	r := run(t, whole)
	written := 0
	for n := len(whole) - 1; n > len(whole)-30; n-- {
		r.write(whole[:n])
		if _, err := r.AddCamera(anyCamera(fmt.Sprint(n))); err == nil {
			t.Errorf("cut after %d bytes while it runs: saved over it", n)
			break
		}
		if r.text() != whole[:n] {
			t.Errorf("cut after %d bytes while it runs it was written over", n)
		}
		written++
	}
	faults.Held(t, "half of a config", "%d lengths: %d told of with the line, %d are whole configs; while it runs %d saves over one were refused", len(whole), refused, read, written)
}

// The crash of the last run stands in Snapshots until it is dismissed, and its report can be read.
func TestCrashIsToldUntilDismissed(t *testing.T) {
	folder := t.TempDir()
	left := filepath.Join(folder, "running-1-1")
	text := "Traycam 1.2.3\npanic: http://eva:geheim@10.0.0.7/\n\n\tgarden.go:12\n"
	if err := os.WriteFile(left+".txt", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log := "2026-01-02T15:04:05Z INFO the last line\n"
	if err := os.WriteFile(filepath.Join(folder, "traycam.log"), []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	crashes, err := app.CatchCrashes(folder, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer crashes.Close()
	a, err := app.New(app.Options{
		ConfigFile: filepath.Join(folder, "config.toml"), Version: "test", Web: os.DirFS("../assets/web"),
		Log: slog.New(slog.DiscardHandler), LogFolder: folder, Crashes: crashes,
	})
	if err != nil {
		t.Fatal(err)
	}
	report, err := a.CrashReport()
	if err != nil || !strings.HasPrefix(report, "Traycam 1.2.3\npanic: http://eva:…@") || !strings.Contains(report, "the last line") || strings.Contains(report, "geheim") {
		t.Errorf("%v, the report is\n%s", err, report)
	}
	if _, err := os.Stat(left + ".txt"); err == nil {
		t.Error("it would be told of again")
	}
	a.DismissCrash()
	if report, err := a.CrashReport(); report != "" || err != nil {
		t.Errorf("dismissed, and still %q, %v", report, err)
	}
}

// A report that finds no room is there for the start after.
func TestCrashReportWaitsForRoom(t *testing.T) {
	folder := t.TempDir()
	smallDisk(t, folder)
	if err := os.WriteFile(filepath.Join(folder, "running-1-1.txt"), []byte("Traycam 1.2.3\npanic: "+strings.Repeat("x", 9000)), 0o600); err != nil {
		t.Fatal(err)
	}
	starts := func() string {
		crashes, err := app.CatchCrashes(folder, "test")
		if err != nil {
			t.Fatal(err)
		}
		defer crashes.Close()
		a, err := app.New(app.Options{
			ConfigFile: filepath.Join(t.TempDir(), "config.toml"), Version: "test", Web: os.DirFS("../assets/web"),
			Log: slog.New(slog.DiscardHandler), Crashes: crashes,
		})
		if err != nil {
			t.Fatal(err)
		}
		report, _ := a.CrashReport()
		return report
	}
	empty := fill(t, folder)
	if report := starts(); report != "" {
		t.Errorf("kept without room: %.100s", report)
	}
	empty()
	if report := starts(); !strings.Contains(report, "xxx") {
		t.Errorf("with room: %.100q", report)
	}
}
