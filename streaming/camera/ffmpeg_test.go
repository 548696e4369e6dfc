package camera_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"traycam/streaming/camera"
)

func needFFmpeg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("ffmpeg is not installed")
	}
}

// startFFmpeg runs ffmpeg until the test ends or stop is called.
func startFFmpeg(t *testing.T, args ...string) (stop func()) {
	t.Helper()
	cmd := exec.Command("ffmpeg", append([]string{"-nostdin", "-loglevel", "error"}, args...)...)
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cmd.Process.Kill()
			cmd.Wait()
		}
	}
	t.Cleanup(stop)
	return stop
}

// processes are the command lines that hold word.
func processes(t *testing.T, word string) (found []string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, name := range all {
		if line, err := os.ReadFile(name); err == nil && strings.Contains(string(line), word) {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

// awaitProcesses waits until processes with word in their command line are there, or gone.
func (r *rig) awaitProcesses(word string, there bool) {
	r.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for (len(processes(r.t, word)) > 0) != there {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited for %s; there: %q", word, processes(r.t, word))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestFilesThroughFFmpeg(t *testing.T) {
	needFFmpeg(t)
	film := filepath.Join(t.TempDir(), "a film 100%.mp4")
	make := exec.Command("ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=rate=10:size=160x120:duration=1", "-c:v", "mpeg4", film)
	if out, err := make.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r := supervise(t, "ffmpeg:"+film)
	r.awaitFrames(15) // it is played again and again
	r.awaitState(camera.Live, "")
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.frames[0]; f.Width != 160 || f.Height != 120 || !slices.Equal(r.formats, []string{"video through ffmpeg"}) {
		t.Errorf("%d×%d, %q", f.Width, f.Height, r.formats)
	}
}

func TestFFmpegSaysWhatIsWrong(t *testing.T) {
	needFFmpeg(t)
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("no film"), 0o600); err != nil {
		t.Fatal(err)
	}
	for address, words := range map[string]string{
		filepath.Join(dir, "none.mp4"):      "There is nothing at",
		text:                                "ffmpeg cannot read the camera at",
		"rtsp://me:secret@127.0.0.1:1/live": "Connection refused",
		"http://me:secret@" + answering(t, "HTTP/1.0 404 Not Found\r\n\r\n") + "/": "404",
	} {
		r := supervise(t, "ffmpeg:"+address)
		r.awaitState(camera.Retrying, words)
		r.mu.Lock()
		t.Log(r.status.Reason)
		public := r.status.Reason.Public()
		if strings.Contains(r.status.Reason.String()+strings.Join(r.logged, ""), "secret") || strings.Contains(public, "127.0.0.1") || strings.Contains(public, dir) {
			t.Errorf("the owner reads %q, others %q, the log has %q", r.status.Reason, public, r.logged)
		}
		r.mu.Unlock()
	}
}

// A film behind a password is shown, and the password is in no list of processes.
func TestWebAddressThroughFFmpeg(t *testing.T) {
	needFFmpeg(t)
	for _, kind := range []string{"avi", "mpjpeg", "mpegts"} {
		film := filepath.Join(t.TempDir(), "film")
		if out, err := exec.Command("ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=rate=10:size=160x120:duration=2", "-f", kind, film).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		content, err := os.ReadFile(film)
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user != "me" || password != "it's%se@cret" {
				w.Header().Set("WWW-Authenticate", "Basic realm=x")
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			if kind == "mpjpeg" {
				w.Header().Set("Content-Type", "multipart/x-mixed-replace;boundary=ffmpeg")
			}
			for range 100 { // a live picture
				w.Write(content)
				w.(http.Flusher).Flush()
				select {
				case <-time.After(100 * time.Millisecond):
				case <-r.Context().Done():
					return
				}
			}
		}))
		t.Cleanup(server.Close)
		t.Run(kind, func(t *testing.T) {
			r := supervise(t, "ffmpeg:http://me:it's%25se%40cret@"+strings.TrimPrefix(server.URL, "http://")+"/film")
			r.awaitFrames(5)
			if lines := processes(t, "cret@"); len(lines) > 0 {
				t.Errorf("everybody can see %v", lines)
			}
		})
	}
}

// A child that hangs is ended with all that it started.
func TestHangingFFmpegIsKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\n/bin/sleep 98765.4321 &\nwait\n"
	if err := os.WriteFile(filepath.Join(dir, "ffmpeg"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Run("running", func(t *testing.T) {
		r := supervise(t, "ffmpeg:http://127.0.0.1:1/")
		r.awaitProcesses("98765.4321", true)
	})
	(&rig{t: t}).awaitProcesses("98765.4321", false)
}

// What ffmpeg started and let go of, which holds its output, keeps nobody waiting.
func TestFFmpegLeavesAChild(t *testing.T) {
	setsid, err := exec.LookPath("setsid")
	if err != nil {
		t.Skip("needs setsid:", err)
	}
	dir := t.TempDir()
	left := filepath.Join(dir, "left")
	script := "#!/bin/sh\n" + setsid + " /bin/sh -c 'echo $$ > " + left + "; exec /bin/sleep 600'\n"
	if err := os.WriteFile(filepath.Join(dir, "ffmpeg"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Cleanup(func() {
		var pid int
		text, _ := os.ReadFile(left)
		if _, err := fmt.Sscan(string(text), &pid); err != nil {
			t.Fatal(err)
		}
		child, err := os.FindProcess(pid)
		if err == nil {
			err = child.Kill()
		}
		if err != nil {
			t.Error(err)
		}
	})
	var began time.Time
	t.Run("running", func(t *testing.T) {
		supervise(t, "ffmpeg:http://127.0.0.1:1/")
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			if text, _ := os.ReadFile(left); len(text) > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("it was not started")
			}
		}
		began = time.Now()
	})
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the camera was let go after %v", took)
	}
}

// A ffmpeg from before 5.1 does not know -fps_mode.
func TestOldFFmpeg(t *testing.T) {
	needFFmpeg(t)
	dir := t.TempDir()
	real, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\ncase \"$*\" in *-fps_mode*) echo \"Unrecognized option 'fps_mode'.\" >&2; echo 'Error splitting the argument list: Option not found' >&2; exit 1;; esac\nexec " + real + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "ffmpeg"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	r := supervise(t, "webcam:/dev/none")
	r.awaitState(camera.Retrying, "There is nothing at /dev/none")
	film := filepath.Join(dir, "film.avi")
	if out, err := exec.Command(real, "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=rate=10:size=160x120:duration=1", film).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r = supervise(t, "ffmpeg:"+film)
	r.awaitFrames(2)
}

// A webcam's own JPEGs are passed through where it has them, and its video is
// made into JPEGs where not.
func TestWebcam(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the names are Linux'")
	}
	for has, format := range map[string]string{
		"-input_format mjpeg -i /dev/video7 -an -c:v copy":            "Motion JPEG through ffmpeg",
		"-f v4l2 -i /dev/video7 -an -fps_mode passthrough -c:v mjpeg": "webcam through ffmpeg",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "picture.jpg"), picture(t, 16), 0o600); err != nil {
			t.Fatal(err)
		}
		script := "#!/bin/sh\ncase \"$*\" in *'" + has + "'*) cat " + dir + "/picture.jpg; exec sleep 600;; esac\necho 'no such format' >&2; exit 1\n"
		if err := os.WriteFile(filepath.Join(dir, "ffmpeg"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
		r := supervise(t, "webcam:/dev/video7")
		r.awaitFrames(1)
		r.awaitState(camera.Live, "")
		r.await(format, func() bool { return slices.Equal(r.formats, []string{format}) })
	}
}
