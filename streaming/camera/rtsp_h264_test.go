package camera_test

import (
	"strings"
	"testing"

	"github.com/bluenviron/gortsplib/v5"

	"traycam/streaming/camera"
)

// filmH264 makes an H.264 camera of c, of w by 120 pixels.
func filmH264(t *testing.T, c *rtspCamera, w string) (stop func()) {
	return startFFmpeg(t, "-re", "-f", "lavfi", "-i", "testsrc2=rate=15:size="+w+"x120", "-pix_fmt", "yuv420p",
		"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15",
		"-f", "rtsp", "-rtsp_transport", "tcp", "rtsp://"+c.address+"/live")
}

// An H.264 camera with a password is shown through ffmpeg, comes back after it
// was away, and its password is in no list of processes.
func TestH264OverRTSP(t *testing.T) {
	needFFmpeg(t)
	c := newRTSPCamera(t, func(c *rtspCamera) { c.user, c.password = "me", "it's%se@cret" })
	stop := filmH264(t, c, "160")
	r := supervise(t, "rtsp://me:it's%25se%40cret@"+c.address+"/live")
	r.awaitFrames(10)
	r.awaitState(camera.Live, "")
	r.mu.Lock()
	if f := r.frames[9]; f.Width != 160 || f.Height != 120 {
		t.Errorf("%d×%d", f.Width, f.Height)
	}
	r.mu.Unlock()
	if lines := processes(t, "pipe:1"); len(lines) == 0 {
		t.Error("no ffmpeg is running")
	}
	if lines := processes(t, "cret@"+c.address); len(lines) > 0 {
		t.Errorf("everybody can see %v", lines)
	}

	stop()
	r.awaitState(camera.Retrying, "")
	filmH264(t, c, "240")
	r.await("the new size", func() bool { return r.frames[len(r.frames)-1].Width == 240 })
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, line := range r.logged {
		if strings.Contains(line, "cret") {
			t.Errorf("the log has %q", line)
		}
	}
}

func TestH264WithoutFFmpeg(t *testing.T) {
	needFFmpeg(t)
	c := newRTSPCamera(t, nil)
	filmH264(t, c, "160")
	t.Setenv("PATH", t.TempDir())
	r := supervise(t, "rtsp://"+c.address+"/live")
	r.awaitState(camera.Retrying, "sends H264, which needs the program ffmpeg. Install")
}

func TestH264OverUDP(t *testing.T) {
	needFFmpeg(t)
	for _, login := range []string{"", "me:secret@"} {
		c := newRTSPCamera(t, func(c *rtspCamera) { c.onlyUDP = true })
		filmH264(t, c, "160")
		r := supervise(t, "rtsp://"+login+c.address+"/live")
		r.awaitFrames(3)
		c.mu.Lock()
		if c.protocols[gortsplib.ProtocolTCP] == 0 || c.protocols[gortsplib.ProtocolUDP] == 0 {
			t.Errorf("%q: asked for %v", login, c.protocols)
		}
		c.mu.Unlock()
	}
}
