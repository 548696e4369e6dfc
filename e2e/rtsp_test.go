//go:build unix

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"traycam/streaming/camera/rtsptest"
)

// filmH264 makes an H.264 camera of c with ffmpeg's own test picture.
func filmH264(t *testing.T, c *rtsptest.Camera) *exec.Cmd {
	t.Helper()
	return start(t, "ffmpeg", "-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=15", "-pix_fmt", "yuv420p",
		"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15",
		"-f", "rtsp", "-rtsp_transport", "tcp", "rtsp://"+c.Address+"/live")
}

func yard(c *rtsptest.Camera) string {
	return fmt.Sprintf("[[cameras]]\nid = \"yard\"\nname = \"Yard\"\nurl = \"rtsp://%s/live\"\n", c.Address)
}

// reader is the ffmpeg that a Traycam has started; 0: none.
func reader(traycam *exec.Cmd) int {
	out, _ := exec.Command("pgrep", "-P", fmt.Sprint(traycam.Process.Pid)).Output()
	pid, _ := strconv.Atoi(strings.TrimSpace(string(out)))
	return pid
}

// awaitReader waits for an ffmpeg that is not the one before.
func awaitReader(t *testing.T, traycam *exec.Cmd, before int) int {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if pid := reader(traycam); pid != 0 && pid != before {
			return pid
		}
	}
	t.Fatal("Traycam starts no ffmpeg")
	return 0
}

// H.264 over RTSP moves in the browser, and does so again, without anybody's
// help, after the ffmpeg that reads it was killed, and after the camera was away.
func TestChromiumShowsH264(t *testing.T) {
	c := rtsptest.New(t, nil)
	cam := filmH264(t, c)
	p := startHeadless(t, yard(c))
	p.awaitCamera("yard", "live")
	b := browser(t, 1280, 800)
	b.do(chromedp.Navigate(p.url))
	b.awaitMoving("yard")
	first := awaitReader(t, p.cmd, 0)

	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.await("a reason that names ffmpeg", func(s state) bool {
		return s.Cameras[0].State == "retrying" && s.Cameras[0].Reason == "The camera is read by ffmpeg, which crashed or was ended by somebody."
	})
	awaitReader(t, p.cmd, first)
	p.awaitCamera("yard", "live")
	b.awaitState("yard", "live")
	b.awaitMoving("yard")

	cam.Process.Kill()
	cam.Wait()
	p.await("a reason", func(s state) bool { return s.Cameras[0].State == "retrying" && s.Cameras[0].Reason != "" })
	b.await(`document.querySelector('[data-camera="yard"] .reason').checkVisibility()`)
	filmH264(t, c)
	p.awaitCamera("yard", "live")
	b.awaitState("yard", "live")
	b.awaitMoving("yard")
}

// No ffmpeg is left behind by a Traycam that was killed. A real one would end by
// itself when it has a picture that nobody takes; this one has none.
func TestFFmpegEndsWithTraycam(t *testing.T) {
	hangs := filepath.Join(t.TempDir(), "ffmpeg")
	if err := os.WriteFile(hangs, []byte("#!/bin/sh\nexec sleep 1000\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("ffmpeg = %q\n[[cameras]]\nid = \"yard\"\nname = \"Yard\"\nurl = \"ffmpeg:http://127.0.0.1:1/\"\n", hangs)
	traycam := start(t, needProgram(t, "TRAYCAM_HEADLESS_BIN"), "--port", "0", "--config", writeConfig(t, config))
	pid := awaitReader(t, traycam, 0)
	traycam.Process.Kill()
	traycam.Wait()
	for deadline := time.Now().Add(10 * time.Second); runs(pid); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			syscall.Kill(pid, syscall.SIGKILL)
			t.Fatal("its ffmpeg goes on without it")
		}
	}
}

// runs tells whether a process is there and has not ended.
func runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(stat), ") ")
	return err == nil && !strings.HasPrefix(state, "Z")
}

// The ffmpeg of the settings is taken, and another one as soon as the file says so.
func TestFFmpegOfTheSettings(t *testing.T) {
	c := rtsptest.New(t, nil)
	filmH264(t, c)
	p := startHeadless(t, "ffmpeg = \"/nowhere/ffmpeg\"\n"+yard(c))
	p.await("a reason that names the settings", func(s state) bool {
		return s.Cameras[0].State == "retrying" && strings.HasPrefix(s.Cameras[0].Reason, "The settings say that the program ffmpeg is in another place")
	})
	if err := os.WriteFile(p.config, []byte(fmt.Sprintf("ffmpeg = %q\n", need(t, "ffmpeg"))+yard(c)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.awaitCamera("yard", "live")
}
